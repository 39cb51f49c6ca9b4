# 实时数据：质量、数值来源、存疑原因。
quality-good = 良好
quality-rate-of-change = 变化过快
quality-spike = 尖峰
quality-stuck = 卡滞不变
quality-drift = 漂移
quality-inconsistent = 与其他仪表矛盾
quality-deviates-from-model = 偏离模型
quality-stale = 数据陈旧
quality-substituted = 人工置数
quality-clock = 时标错误
quality-never-read = 从未读到
quality-communication = 通讯中断
quality-device-exception = 设备拒绝
quality-out-of-range = 超量程
quality-not-a-number = 非数值
quality-device-fault = 仪表故障
quality-too-old = 数据过期
quality-out-of-service = 停用
quality-class-good = 良好
quality-class-uncertain = 存疑
quality-class-bad = 坏值

origin-measured = 实测
origin-stale = 实测（陈旧）
origin-estimated = 估计
origin-assumed = 假定

# 多块仪表应当一致的关系。
check-same = 同一测点的两块仪表
check-difference = 资用压头 = 供水压力 − 回水压力
check-spread = 供回水温差 = 供水温度 − 回水温度
check-density = 质量流量 = 密度 × 体积流量
check-heat = 热量 = 流量 × 供回水温差
check-hotter = 供水温度高于回水温度
check-above = 供水压力高于回水压力
check-supply-falls = 供水压力沿程下降
check-return-falls = 回水压力沿程下降
check-along = 压力沿管段下降
check-node = 节点流入 = 流出
check-network = 热源总流量 = 热力站总流量

reason-given = { $tag }：{ $quality }。
reason-not-a-number = { $tag } 送来的不是数值。
reason-out-of-range = { $tag } 显示 { $value }，超出量程 { $least } 至 { $most }。
reason-clock-ahead = { $tag } 的时标比时钟超前 { $time }；请校准设备时钟。
reason-clock-behind = { $tag } 的时标比先前的数据落后 { $time }。
reason-rate = { $tag } 每秒变化 { $rate }；最大可能为 { $most }。
reason-spike = { $tag } 与前后值相差 { $off }，允许 { $allowed }。
reason-stuck = { $tag } 连续 { $samples } 次显示 { $value }，{ $time } 未变；请检查仪表。
reason-drift = { $tag } 逐渐偏离其他仪表（{ $check }，{ $deviations } 倍标准差）；请校准。
reason-inconsistent = { $tag } 与其他仪表矛盾（{ $check }，{ $deviations } 倍标准差）；请检查仪表及接线。
reason-one-of-several = { $tag } 或其相关仪表之一有误（{ $check }，{ $deviations } 倍标准差）。
reason-stale = { $tag } 已 { $time } 无数据；显示的是旧值。
reason-too-old = { $tag } 已 { $time } 无数据；数值已失效。
reason-never = { $tag } 尚无数据。

# 报警（ISA-18.2、IEC 62682）。
alarms-state-normal = 正常
alarms-state-unacknowledged = 未确认
alarms-state-acknowledged = 已确认
alarms-state-returned = 已恢复未确认
alarms-state-shelved = 已搁置
alarms-state-suppressed = 逻辑抑制
alarms-state-out-of-service = 停用
alarms-priority-low = 低
alarms-priority-medium = 中
alarms-priority-high = 高
alarms-kind-high-high = 高高限报警
    .help = 立即处理：查明来源，在保护动作前降下来。
alarms-kind-high = 高限报警
    .help = 查明升高原因（设定值、阀门、负荷）并纠正。
alarms-kind-low = 低限报警
    .help = 查明降低原因（水泵、阀门、供水）并纠正。
alarms-kind-low-low = 低低限报警
    .help = 立即处理：检查是否爆管、停泵或失水。
alarms-kind-rate = 变化率报警
    .help = 与相邻测点比较：若同时变化，检查爆管或阀门；否则检查仪表。
alarms-kind-deviation = 偏离模型报警
    .help = 先检查仪表，再检查附近阀门和热力站。
alarms-kind-quality = 仪表存疑
    .help = 安排检查仪表；在此之前采用估计值。
alarms-kind-communication = 通讯中断报警
    .help = 检查设备供电和线路；恢复前数值为旧值。
alarms-kind-contact = 开关量报警
    .help = 派人到现场查看。
alarms-kind-command = 命令未确认
    .help = 再次下发命令前，请通过回读值或到现场查明设备的实际状态。
alarms-event-raised = 发生
alarms-event-cleared = 恢复
alarms-event-acknowledged = 确认
alarms-event-shelved = 搁置
alarms-event-unshelved = 取消搁置
alarms-event-shelf-ended = 搁置到期
alarms-event-suppressed = 被逻辑抑制
alarms-event-unsuppressed = 解除抑制
alarms-event-removed-from-service = 退出运行
alarms-event-returned-to-service = 恢复运行
alarms-bad-line = 此行不是报警事件，未予采用（{ $reason }）
    .help = 请改正此行，也可不理会：其余各行均已读入
alarms-refused-unknown = 没有此报警。
alarms-refused-nothing-to-acknowledge = 没有可确认的内容。
alarms-refused-no-reason = 请填写原因。
alarms-refused-no-user = 请先登录。
alarms-refused-shelf-time = 搁置时间须为 15 分钟至 8 小时。
alarms-refused-already-aside = 该报警已搁置或停用。
alarms-refused-not-aside = 该报警未搁置也未停用。

# 用户。
role-viewer = 查看员
role-dispatcher = 调度员
role-engineer = 工程师
role-administrator = 管理员

users-wrong = 用户名或密码错误。
users-locked-out = 密码错误次数过多；请一刻钟后再试或联系管理员。
users-unreadable = 这不是用户文件（{ $reason }）
    .help = 恢复最近的备份，或移走后重新添加用户
users-version = 用户文件为版本 { $version }，本程序不认识
    .help = 请用写入它的程序或更新的版本
users-not-private = 用户文件可被其他人读取
    .help = 取消其权限：chmod 600
users-file-empty = 此文件中没有用户，无人可以登录
    .help = 请添加用户：`hypocaust user add NAME --role administrator`
users-unknown = 没有用户“{ $name }”
    .help = 用 `hypocaust user list` 查看现有用户
users-bad-name = “{ $name }”不能用作用户名
    .help = 使用 1 至 64 个字符，不含空格和斜杠
users-taken = 用户“{ $name }”已存在
    .help = 换一个名称，或修改该用户
users-first = 第一个用户必须是管理员
    .help = 先添加管理员，再添加“{ $name }”
users-last-administrator = “{ $name }”是最后一名管理员
    .help = 先设另一名管理员
users-password-needed = “{ $name }”改为管理员需要新密码
    .help = 从标准输入给出
users-weak = “{ $name }”的密码太短
    .help = 至少 { $least } 个字符；几个词连在一起便于记忆
users-password-is-name = 密码中含有用户名“{ $name }”
    .help = 请换一个不易猜到的密码

# 审计日志。
audit-form = 第 { $record } 条不是审计记录
    .help = 保留此文件作为证据并另起日志；此前的记录未被改动
audit-chain = 第 { $record } 条与前一条不相接：此处有记录被修改、删除、插入或移动
    .help = 保留此文件作为证据并另起日志；此前的记录未被改动
audit-torn = 文件在第 { $record } 条中间结束
    .help = 写入时程序被中止，或末尾被截断；请与另存的日志头比对
audit-short = 日志有 { $records } 条，另存的日志头记为 { $head } 条
    .help = 末尾被截断；请查找副本并查明谁能写入该文件
audit-other-past = 第 { $record } 条与另存的日志头不符
    .help = 日志自此前某条起被重写；请查找副本并查明谁能写入该文件
audit-bad-head = 此行不是日志头（{ $reason }）
    .help = 日志头由 `hypocaust audit head` 写出，每天也写在日志旁

# 现场控制命令。
control-refused-off = 现场写操作已关闭。
control-refused-not-allowed = 当前角色无写权限，或屏幕已锁定：请重新登录。
control-refused-not-armed = 请先解锁控制；有效期五分钟。
control-refused-no-permit = 该测点未授权写入。
control-refused-not-good = 当前值质量非良好或已陈旧：不予写入。
control-refused-out-of-range = 数值超出允许范围。
control-refused-step = 步长超过允许值；请分步进行。
control-refused-nothing-to-change = 已是该值。
control-refused-too-soon = 距该测点上一条命令时间过短。
control-refused-too-many = 一分钟内命令过多。
control-refused-interlocked = 联锁条件不满足：{ $tag } 须质量良好且在联锁范围内。
control-refused-selected-by-other = 该设备已被他人选择。
control-refused-under-way = 该设备有命令正在执行。
control-refused-not-selected = 请先选择；选择有效期 30 秒，且仅限本人执行。
control-refused-changed = 选择后当前值已变化；请查看后重新选择。
control-refused-not-recorded = 审计记录无法写入，未执行任何操作：{ $reason }
control-unconfirmed-failed = 命令未执行或结果不明：{ $reason }
control-unconfirmed-no-echo = 设备未应答；不知命令是否生效。
control-unconfirmed-other-echo = 设备返回了不同的数值。
control-unconfirmed-not-read-back = 两个扫描周期内未回读到新值。
audit-whole = 完整：{ $records } 条记录，已与 { $heads } 个日志头比对
audit-empty = 此日志尚无记录。
users-no-home = 本系统没有设置文件夹；请用 --users 指定用户文件。
users-none = 尚无用户；第一个用户必须是管理员。
users-done = { $name }：完成
users-type-password = 密码（输入时可见；如需隐藏请用管道传入）：
write-no-permit = 不能写入 { $tag }：设备点表中没有该测点，或未给出写下限和写上限
write-no-value = 设备未送来良好数值；请用 `hypocaust live` 查明原因
write-no-answer = 该步骤未及时得到答复；进行到哪一步请查审计日志
write-ask = 是否写入？请输入“是”或 yes：
write-taken-back = 已撤销；未写入任何内容
write-confirmed = { $tag } = { $value }：已写入并回读确认
live-no-csv = 此结果没有 CSV 格式。请选择 --format text 或 json，或加 --regulator。
