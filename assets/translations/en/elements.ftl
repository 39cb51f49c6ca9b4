# Kinds of element.
element-node = node
element-pipe = pipe
element-valve = valve
element-pump = pump
element-source = source
element-consumer = consumer
element-chamber = chamber
element-building = building
element-sensor = sensor
element-network = network
