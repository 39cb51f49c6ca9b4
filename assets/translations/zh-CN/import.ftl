# 读取其他程序的文件：错误（每句附处理办法），以及修补、推测或舍弃的内容。

# EPANET 输入文件：错误
inp-no-sections = 文件中没有 [JUNCTIONS] 或 [PIPES] 之类的段
    .help = 请确认这是 EPANET 输入文件
inp-too-short = [{ $section }] 本行只有 { $count } 个字段；应为：{ $wanted }
    .help = 请补全本行
inp-bad-word = [{ $section }] { $field } 为“{ $got }”；应为：{ $wanted }
    .help = 请改正该字段
inp-unknown-name = [{ $section }] { $field } 引用了“{ $got }”，但 { $sections } 中没有它
    .help = 请改正名称，或在该段中定义它
inp-duplicate = [{ $section }] 编号“{ $id }”已在第 { $first } 行使用
    .help = 请改名或删除其中之一
inp-same-ends = [{ $section }] “{ $id }”的起点与终点是同一节点
    .help = 请改正其中一端

# EPANET 输入文件：提示
inp-note-unknown-section = 段 [{ $name }]（第 { $line } 行）不是 EPANET 的段，已舍弃
inp-note-unknown-option = 选项 { $name }（第 { $line } 行）不是 EPANET 的选项，已舍弃
inp-note-pressure-driven = 文件中的用水量随压力降低（PDA）；此处按全额计算
inp-note-emitters = 舍弃了 { $count } 个喷嘴（{ $list }）：稳态中没有随压力变化的出流
inp-note-leakage = 舍弃了 { $count } 根管道的漏损（{ $list }）
inp-note-fixed-open = 该 { $type } 固定全开；按带局部阻力系数的开启阀门处理，设定值已舍弃
inp-note-metric-power = 其功率 { $power } kW 按 EPANET 2.3 的方式换算，即两次除以 0.7457 得到马力
inp-note-volume-curve = 水箱的容积曲线已换成平均直径
inp-note-controls-applied = 有 { $count } 条控制在 0 时起作用，已设定：{ $list }
inp-note-controls-later = 有 { $count } 条控制在 0 时不起作用，已舍弃（第 { $lines } 行）
inp-note-controls-pressure = 有 { $count } 条按节点压力的控制已舍弃（第 { $lines } 行）
inp-note-rules = 有 { $count } 条规则在 0 时之后才起作用，已舍弃
inp-note-patterns = 用水量、转速和水头取 0 时的值（模式第 { $period } 时段）；时间模式已舍弃
inp-note-unused-sections = 舍弃了与流量和压力无关的段：{ $list }
inp-note-scale = 坐标已乘以 { $scale }，使距离与管长相符
inp-note-placed = 有 { $count } 个节点没有坐标，已放在相邻节点之间（{ $list }）

# 写 EPANET 输入文件：提示
inp-export-renamed = 在文件中名为 { $name }：EPANET 的名称不能有空格，且最多 31 个字符
inp-export-consumers = { $count } 个用户变为其两端节点上的固定流量
inp-export-heat = { $count } 个用户给定的是热量；其流量按供水 { $supply } °C 计算
inp-export-source-fixed = 热源变为其节点上的 { $count } 个固定水头
inp-export-source-rise = 热源变为扬程恒定的水泵
inp-export-source-flow = 热源变为其两端节点上的固定流量
inp-export-source-lost = 其控制方式在 EPANET 中没有对应，热源已舍弃
inp-export-make-up = 补水变为不限流量的固定水头
inp-export-check-valve = 止回阀变为带止回阀的短管
inp-export-differential = EPANET 没有压差控制阀；变为全开的节流阀
inp-export-pump = 水泵既无曲线也无功率，已舍弃
inp-export-friction = 文件采用达西–魏斯巴赫公式，EPANET 按 Swamee–Jain 计算
inp-export-roughness = { $count } 根管道没有该水头损失公式的系数；写入 { $value }
inp-export-water = 水变为恒定密度 { $density } kg/m³、恒定黏度 { $viscosity } m²/s 的液体（{ $temperature } °C 时）
inp-export-lost = EPANET 中没有位置存放：{ $list }
inp-export-leaks = 泄漏孔未写入；文件中管道完好
inp-export-pump-control = EPANET 没有定流量或定压力的变频泵；文件中按最高转速运行
inp-export-station = 站内水泵与混水未写入
inp-export-exchanger = 隔压换热器两侧在文件中为互不相连的管网
inp-export-refused = 该元件已舍弃：{ $reason }

# 地图（GeoJSON）：错误
gis-not-a-collection = 文件是 JSON，但不是 GeoJSON 要素集合
    .help = 请将图层导出为 GeoJSON（RFC 7946）
gis-not-on-earth = 坐标不是 { $system } 的经纬度
    .help = 请指定地图的坐标系，或以 WGS 84 导出
gis-no-pipes = 地图中没有可作为管道的线
    .help = 请导入管线图层；只有点和面不能成为管网

# 地图（GeoJSON）：提示
gis-note-not-a-feature = { $feature }不是 GeoJSON 要素，已舍弃
gis-note-bad-feature = { $feature }不是 GeoJSON 要素（{ $reason }），已舍弃
gis-note-no-geometry = { $feature }没有几何图形，已舍弃
gis-note-bad-geometry = { $feature }坐标不完整或不是数字，已舍弃
gis-note-bad-table = { $feature }无法读取属性表：{ $reason }
gis-note-joined = { $feature }属性表已按编号关联：{ $rows } 行找到要素，{ $unmatched } 行未找到
gis-note-contradiction = { $feature }{ $table } 中 { $column } = { $value }，与地图不一致；以地图为准
gis-note-projected = 坐标不可能是经纬度，已按米处理
gis-note-abandoned = { $feature }已废弃或仅为规划，已舍弃
gis-note-role = { $feature }没有说明该点是什么，按 { $role } 处理
gis-note-no-side = { $feature }没有说明供水或回水，按供水处理
gis-note-divided = { $feature }在与其他管道相接处分为 { $pieces } 段
gis-note-vanished = { $feature }短于容差，两端合为一个节点
gis-note-duplicate = { $feature }与 { $kept } 重复绘制，已舍弃
gis-note-snapped = { $feature }相差 { $gap } m 的端点已相接：{ $list }
gis-note-reached = { $feature }距管道 { $distance } m，已接到最近的节点
gis-note-lost = { $feature }{ $reach } m 内没有管道，已舍弃
gis-note-no-pipes-near = { $feature }{ $reach } m 内没有供水和回水管端，已舍弃
gis-note-length = { $feature }属性长度 { $given } m，图上长度 { $drawn } m；以属性为准
gis-note-no-diameter = { $feature }没有管径；按相邻管道取 { $size }
gis-note-bad-diameter = { $feature }管径“{ $got }”无法识别；按相邻管道取 { $size }
gis-note-no-elevations = 地图没有标高；全部 { $all } 个节点取 0 m
gis-note-elevations = { $all } 个节点中有 { $count } 个没有标高，取相邻节点的标高
gis-note-valve-kind = { $feature }没有说明阀门种类，按分段阀处理
gis-note-valve-branch = { $feature }位于多根管道相交处，已装在 { $pipe } 上
gis-note-valve-end = { $feature }位于管道末端，其后没有任何设备
gis-note-direction = { $feature }其方向按最近的热源确定
gis-note-pump-curve = { $feature }没有给出水泵的流量和扬程；取 100 m³/h 和 20 m
gis-note-heat-unit = { $feature }热负荷没有单位，按 { $heat } kW 处理
gis-note-heat-of-area = { $feature }热负荷由面积 { $area } m² 按 { $index } W/m² 计算
gis-note-no-heat = { $feature }既无热负荷也无面积，取 1 MW
gis-note-source-pressure = { $feature }没有给出回水压力或供回压差，取 0.4 MPa
gis-note-mirrored = 地图以一条线表示供回两管；已在旁边补出回水管（编号以 -R 结尾）
gis-note-one-valve = { $feature }该调节阀装在供水管上；回水管上为开启的关断阀
gis-note-pump-supply = { $feature }水泵装在供水管上
gis-note-no-source = 地图中没有热源，暂无压力基准
gis-note-single = { $feature }在单管管网中成为其节点的压力或用水量
gis-note-more = ……同类提示还有 { $count } 条
