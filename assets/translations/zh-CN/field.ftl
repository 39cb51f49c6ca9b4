# 用于试验的现场：hypocaust field。
field-unsolved = 管网没有可作为起点的稳态：{$reason}。请先求解（hypocaust solve）并修正其指出的问题。
field-port = 无法使用 {$host} 的端口 {$port}：{$reason}。请换一个 --port-base，或用 0 取空闲端口。
field-system = 系统拒绝创建线程或套接字：{$reason}。请关闭其他程序，或提高可打开文件数的上限。
field-no-target = “{$fault}”所指的 {$target} 不存在。点号如 ST012.T1，设备如 ST012，管段、阀门和热源用管网中的编号。
field-ended = 现场已停止。
field-no-fault = “{$fault}”不是故障。请写成 KIND:TARGET[:VALUE][@STARTs[..ENDs]]，如 stuck:ST012.T1@60s，其中 KIND 为 {$known} 之一。
field-map-written = 设备点表已写入 {$path}。
field-certificates = 证书在 {$folder}：设备证书、operator.pem（可读写）、viewer.pem（只读）。
field-serving = {$devices} 台设备、{$points} 个测点在 {$host} 应答（{$protocol}）。
field-wrong = 将发生故障：{$fault}
field-until-interrupted = 现场持续运行，直到被中断（Ctrl-C）。
field-done = 现场已停止，其自身时间过去 {$seconds} s。
