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
