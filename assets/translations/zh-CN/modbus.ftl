# 现场设备：设备表、线路、应答。

# 设备表
io-modbus-toml = 不是有效的 TOML（{ $reason }）
    .help = 请改正此处；文本要加引号，表要有方括号
io-modbus-no-version = 缺少版本号，因此不是设备表
    .help = 文件开头请写 device_map = 1
io-modbus-version = 设备表的版本为 { $version }；本程序支持 { $known }
    .help = 请写 device_map = { $known }，或更新程序
io-modbus-device-twice = 设备名“{ $device }”为空或重复
    .help = 请给每台设备一个唯一的名称
io-modbus-address = “{ $address }”不是地址
    .help = 请写 主机 或 主机:端口，例如 10.1.0.17:502 或 [fe80::1]:502
io-modbus-serial-differs = { $other } 也用此串口，但波特率、校验或停止位不同
    .help = 同一条线路只能有一种设置，请使两台设备一致
io-modbus-no-device = 没有设备“{ $device }”
    .help = 请在设备表中添加，或改正名称
io-modbus-no-device-meant = 没有设备“{ $device }”
    .help = 是否指“{ $meant }”？
io-modbus-tag-twice = 测点“{ $tag }”已在 { $file } 第 { $line } 行出现
    .help = 请给其中一个改名
io-modbus-type-of-bit = { $table } 区存放单个位，不是 { $type }
    .help = 类型请写 bit，或改正寄存器区
io-modbus-bit-of-register = { $table } 区存放寄存器；只写 { $type } 不知道是哪一位
    .help = 请写 bit 0 … bit 15，或改正寄存器区
io-modbus-register = “{ $register }”不是此设备的寄存器
    .help = 请写 { $low } 到 { $high } 之间的数，十进制或 0x…，不带表示区的首位数字（40001 即 holding 区的 1 号寄存器）
io-modbus-past-end = 从寄存器 { $register } 开始的 { $type } 超出了最后一个寄存器 65535
    .help = 请改正寄存器或类型
io-modbus-too-wide = { $type } 占 { $registers } 个寄存器；此设备一次最多给 { $most } 个
    .help = 请改正类型，或设备的 most_registers
io-modbus-alone = { $tag } 与 { $other } 共用寄存器，而其中之一要求单独读
    .help = 请改正寄存器，或 alone 列
io-modbus-scale = 系数为 0，所有值都会相同
    .help = 留空表示 1，或填写手册中的系数
io-modbus-unit = { $observed } 不用“{ $unit }”计量
    .help = 请用 { $known } 之一；设备按步长计数时用系数 scale
io-modbus-element = “{ $element }”不是元件
    .help = 请写 种类:编号，例如 consumer:CS0012；种类有 { $known }
io-modbus-range = { $low } 与 { $high } 不构成范围
    .help = 请两个都填，且前者不大于后者
io-modbus-read-only = { $table } 区不能写入
    .help = 请将 write_… 各列留空，或改正寄存器区
io-modbus-interlock = “{ $text }”不是可写点的联锁条件
    .help = 请写成 标签 下限..上限，多个条件用 & 连接，并填写 write_least 和 write_most
io-modbus-interlock-unknown = 联锁引用的 { $tag } 不是本点表中的标签
    .help = 请使用点表中的标签名
io-modbus-not-writable = { $type } 不能单独写入
    .help = 请将 write_… 各列留空；单个位请用设备的线圈
io-modbus-thread = 系统无法提供读取设备所需的线程或定时器（{ $reason }）
    .help = 请关闭其他程序后重试

# Modbus/TCP Security
io-modbus-certificate = 无法从此文件读取证书或密钥（{ $reason }）
    .help = 请提供 PEM 文件：设备的签发机构、本机证书及其证书链、本机私钥
io-modbus-server-name = “{ $name }”不能作为证书中的名称
    .help = 请按设备证书中的写法填写 server_name

# 线路上发生的事
modbus-fault-connect-time-out = 连接超时
modbus-fault-connect = 无法连接（{ $reason }）
modbus-fault-tls = 无法建立安全连接（{ $reason }）
modbus-fault-time-out = 应答超时
modbus-fault-closed = 设备关闭了连接
modbus-fault-broken = 连接中断（{ $reason }）
modbus-fault-protocol = 对方不是 Modbus：协议号为 { $got }，应为 { $wanted }
modbus-fault-length = 应答长度错误：{ $got } 字节，应为 { $wanted }
modbus-fault-unit = 应答来自单元 { $got }，应为 { $wanted }
modbus-fault-transaction = 应答不对应此请求：事务号 { $got }，应为 { $wanted }
modbus-fault-function = 应答不对应此请求：功能码 { $got }，应为 { $wanted }
modbus-fault-echo = 设备回显的写入内容不符
modbus-fault-noise = 只有噪声，没有应答
modbus-exception-function = 异常 { $code }：设备不支持此功能码
modbus-exception-address = 异常 { $code }：设备没有此寄存器
modbus-exception-value = 异常 { $code }：设备拒绝此寄存器数量或数值
modbus-exception-failure = 异常 { $code }：设备故障
modbus-exception-acknowledge = 异常 { $code }：设备需要更长时间
modbus-exception-busy = 异常 { $code }：设备忙
modbus-exception-memory = 异常 { $code }：设备存储器损坏
modbus-exception-path = 异常 { $code }：网关没有通往设备的路径
modbus-exception-target = 异常 { $code }：网关后的设备没有应答
modbus-exception-unknown = 异常 { $code }，任何标准都没有定义
modbus-state-waiting = 尚未询问
modbus-state-answering = 应答正常
modbus-state-refusing = 拒绝
modbus-state-silent = 无应答
modbus-state-unreachable = 无连接

# hypocaust probe
probe-summary = { $device }，单元 { $unit }，{ $table }：{ $requests } 次请求，最慢应答 { $milliseconds } ms
probe-failed = { $device }，单元 { $unit }：{ $reason }
    请检查地址、设备是否允许本机访问以及单元号（--unit）；串口网关可尝试 --rtu-over-tcp。
probe-address = “{ $address }”不是地址；请写 主机 或 主机:端口，串口请加 --serial
probe-address-head = 地址

# 未写入或结果不明的数值。
modbus-not-written-unknown = 设备点表中没有该点
modbus-not-written-no-permit = 设备点表未授权写入该点
modbus-not-written-outside = 数值超出设备点表允许的范围
modbus-not-written-coding = 寄存器无法表示该数值
modbus-not-written-out-of-reach = 设备无法联络，未尝试写入
modbus-not-written-expired = 线路长时间占用，未尝试写入
modbus-not-written-refused = 设备拒绝：{ $reason }
modbus-not-written-unknown-whether = { $reason }；不知设备是否已接受
modbus-not-written-not-held = 设备接受后保持的是另一数值
modbus-not-written-ended = 已不再读取设备
