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

# Which pipe of the trench.
side-supply = supply
side-return = return
side-single = single pipe
