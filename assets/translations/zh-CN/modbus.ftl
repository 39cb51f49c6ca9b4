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
io-modbus-not-writable = { $type } 不能单独写入
    .help = 请将 write_… 各列留空；单个位请用设备的线圈
