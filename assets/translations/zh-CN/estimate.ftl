# 状态估计：命令 `estimate` 及其结果。
estimate-head = 由 { $instruments } 个测点估计；残差平方和 { $sum }，独立校核 { $checks } 个；{ $all } 个节点中有 { $nodes } 个的压力仅由测量即可确定。
estimate-head-unsettled = 估计未收敛，结果不可采信。{ $instruments } 个测点，残差平方和 { $sum }，校核 { $checks } 个；{ $all } 个节点中 { $nodes } 个可观测。
estimate-residuals = 残差（以标准差计）：中位数 { $median }，90 % 低于 { $most }，最大 { $largest }。
estimate-suspect = 错误测点：{ $error }{ $others ->
    [0] 。
   *[other] （也可能是：{ $names }）。
  }
estimate-no-suspect = 没有测点与其他测点矛盾。
estimate-leak = 管网正在失水：约 { $size }。优先排查以下管段附近：
estimate-candidate =   { $pipe }：{ $probability } %
estimate-place = 位置
estimate-origin = 流量来源
estimate-trials = 试验
estimate-trial-head = 每类 { $count } 次试验（随机种子固定）；“识别”：所有错误测点最终均被指出（泄漏：5 分钟内报警）。
estimate-case = 情形
estimate-named = 识别率
estimate-false = 误报率
estimate-minutes = 分钟（95 %）
estimate-median = 资用压头误差中位数
estimate-most = 90 %
estimate-within = 2σ 以内
estimate-nothing = 一切正常
estimate-gross = 仪表偏差 10 %
estimate-held = 仪表卡死
estimate-pair = 供回接反
estimate-leaking = 泄漏 2 %
estimate-located = 泄漏点在三个候选位置之一 500 m 以内：{ $located }；第一候选距离中位数 { $first } m，最近候选 { $nearest } m。
io-unknown-tag = “{ $tag }”不是该管网的测点
    .help = 请使用管网中传感器的标签，或先把该传感器加入管网

# 现场状态与图上不一致之处
standing-valve = 阀门 { $element } 现场{ $field }，图上{ $drawn }
standing-pump = 水泵 { $element } 现场{ $field }，图上{ $drawn }
standing-source = 热源 { $element } 现场{ $field }，图上{ $drawn }
standing-substation = 热力站 { $element } 现场{ $field }，图上{ $drawn }
position-open = 全开
position-shut = 关闭
position-part = 开度 { $share }
position-turning = 运行，转速 { $share }
position-stopped = 停转
position-in-operation = 投运
position-out-of-operation = 停运
standing-waits = { $line }；估计尚未采用
standing-against = { $line }；但 { $tag } 与之矛盾，估计不予采用
standing-impossible = { $line }；按此状态管网无法计算，估计不予采用
