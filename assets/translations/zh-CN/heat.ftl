# 动态供热：室温的成因。温度 °C，流量 t/h，压力 kPa，热量 kW。
cause-as-designed = { $room } °C，符合设计室温（{ $design-room } °C）。
cause-shut = { $room } °C：热力站已停运。
cause-no-flow = { $room } °C：热力站需要 { $wanted } t/h，但没有流量，已与热源断开。
cause-flow-short = { $room } °C：需要 { $wanted } t/h，只得到 { $flow } t/h；资用压头 { $available } kPa 不足。
cause-supply-too-cold = { $room } °C：调节阀已开到 { $opening } %，一次网供水 { $primary } °C 只能加热到 { $supply } °C，低于设定的 { $set } °C。
cause-on-the-way = { $room } °C：二次供水 { $supply } °C，正在升向 { $set } °C，调节阀开度 { $opening } %。
cause-colder-than-design = { $room } °C：室外 { $outdoor } °C，低于供暖室外计算温度（{ $design-outdoor } °C）。
cause-curve-asks-less = { $room } °C：供热曲线的分时修正只要求 { $set } °C。
cause-building-throttles = { $room } °C：楼内阀门或楼栋控制器减小了流量。
cause-warming = { $room } °C，正在升温：供热 { $heat } kW，散热 { $loss } kW。
cause-loses-more = { $room } °C：供水达到设定的 { $set } °C，但散热 { $loss } kW 大于供热 { $heat } kW。
cause-warmed-by-gains = { $room } °C：除供热 { $heat } kW 外，太阳和室内得热 { $gain } kW。
cause-overheated = { $room } °C：供热 { $heat } kW 超过需要（散热 { $loss } kW，设计室温 { $design-room } °C）。
