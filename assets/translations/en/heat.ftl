# Heat in time: why rooms are as warm as they are. Temperatures in °C, flows in t/h, pressures in kPa, heats in kW.
cause-as-designed = { $room } °C, as designed ({ $design-room } °C).
cause-shut = { $room } °C: the substation is out of service.
cause-no-flow = { $room } °C: the substation asks for { $wanted } t/h and gets none; it is cut off.
cause-flow-short = { $room } °C: it gets { $flow } of { $wanted } t/h; an available pressure of { $available } kPa drives no more.
cause-supply-too-cold = { $room } °C: the valve is open ({ $opening } %), but primary water of { $primary } °C makes { $supply } °C of the { $set } °C wanted.
cause-on-the-way = { $room } °C: the supply is at { $supply } °C on its way to { $set } °C, the valve at { $opening } %.
cause-colder-than-design = { $room } °C: at { $outdoor } °C outdoors it is colder than the design ({ $design-outdoor } °C).
cause-curve-asks-less = { $room } °C: the corrections of the heating curve ask for only { $set } °C.
cause-building-throttles = { $room } °C: valves or controller of the building throttle its flow.
cause-warming = { $room } °C and warming: { $heat } kW come, { $loss } kW are lost.
cause-loses-more = { $room } °C: it gets the { $set } °C wanted, but loses { $loss } kW and gets { $heat } kW.
cause-warmed-by-gains = { $room } °C: { $gain } kW of sun and inner gains come on top of { $heat } kW.
cause-overheated = { $room } °C: { $heat } kW are more than the rooms lose ({ $loss } kW at { $design-room } °C or above).
