# The field to try things on: `hypocaust field`.
field-unsolved = The network has no steady state to start from: {$reason}. Solve it first ("hypocaust solve") and mend what it names.
field-port = {$host}, port {$port} cannot be had: {$reason}. Choose another --port-base, or 0 for free ports.
field-system = The system refused a thread or socket: {$reason}. Close other programs, or raise the limit of open files.
field-no-target = There is no {$target} for "{$fault}". Tags are like ST012.T1, devices like ST012, pipes, valves and sources as in the network.
field-ended = The field has ended.
field-no-fault = "{$fault}" is no fault. Write KIND:TARGET[:VALUE][@STARTs[..ENDs]], like stuck:ST012.T1@60s, with KIND one of {$known}.
field-map-written = Device map written to {$path}.
field-certificates = Certificates are in {$folder}: the devices', operator.pem (reads and writes), viewer.pem (reads).
field-serving = {$devices} devices with {$points} points answer at {$host} ({$protocol}).
field-wrong = Goes wrong: {$fault}
field-until-interrupted = The field runs until it is interrupted (Ctrl-C).
field-done = The field ended after {$seconds} s of its own time.
