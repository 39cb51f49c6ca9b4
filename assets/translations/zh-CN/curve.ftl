# 运行调节曲线：命令 curve 及其结果。
curve-nobody = 没有用户的设计数据可用于调节曲线。
curve-no-station = “{ $station }” 不是具有调节曲线的热力站，请查看 `hypocaust check` 的说明。
curve-outdoor = 室外
curve-load = 相对负荷
curve-secondary-supply = 二次供水
curve-secondary-return = 回水
curve-secondary-flow = 流量
curve-primary-supply = 一次供水
curve-primary-return = 回水
curve-primary-flow = 流量
curve-rise = 热源扬程
curve-hour = 小时
curve-highest = 最不利站所需
curve-orders = { $source }：应送出的供水温度，平均提前 { $minutes } 分钟（按现流量）
curve-without = { $station } 没有调节曲线：{ $reason }
