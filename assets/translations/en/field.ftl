# The field to try things on: `hypocaust field`.
field-unsolved = The network has no steady state to start from: {$reason}. Solve it first ("hypocaust solve") and mend what it names.
field-port = {$host}, port {$port} cannot be had: {$reason}. Choose another --port-base, or 0 for free ports.
field-system = The system refused a thread or socket: {$reason}. Close other programs, or raise the limit of open files.
field-no-target = There is no {$target} for "{$fault}". Tags are like ST012.T1, devices like ST012, pipes, valves and sources as in the network.
field-ended = The field has ended.
