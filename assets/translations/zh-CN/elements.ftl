# 元件种类
element-node = 节点
element-pipe = 管道
element-valve = 阀门
element-pump = 水泵
element-source = 热源
element-consumer = 热用户
element-chamber = 井室
element-building = 建筑
element-sensor = 传感器
element-network = 管网

# 管沟中的哪一根
side-supply = 供水
side-return = 回水
side-single = 单管
