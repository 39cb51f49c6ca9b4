# State estimation: the command `estimate` and its answers.
estimate-head = Estimated from { $instruments } instruments; sum of squares { $sum } with { $checks } independent checks; pressures of { $nodes } of { $all } nodes follow from measurements alone.
estimate-head-unsettled = The estimate has NOT settled; do not rely on it. { $instruments } instruments, sum of squares { $sum } with { $checks } checks; { $nodes } of { $all } nodes observed.
estimate-residuals = Residuals in standard deviations: median { $median }, 90 % below { $most }, largest { $largest }.
estimate-suspect = Wrong: { $error }{ $others ->
    [0] .
   *[other]  (or else: { $names }).
  }
estimate-no-suspect = No instrument contradicts the others.
estimate-leak = Water is leaving the network: about { $size }. Search first near:
estimate-candidate =   { $pipe }: { $probability } %
estimate-place = Place
estimate-origin = Flow is
estimate-trials = trials
estimate-trial-head = { $count } trials of each kind, seeded; named: all wrong instruments named at last (leak: called within 5 minutes).
estimate-case = Case
estimate-named = Named
estimate-false = False alarms
estimate-minutes = Minutes (95 %)
estimate-median = Δp error median
estimate-most = 90 %
estimate-within = within 2σ
estimate-nothing = nothing wrong
estimate-gross = instrument 10 % off
estimate-held = instrument stuck
estimate-pair = pair swapped
estimate-leaking = leak 2 %
estimate-located = Leak within 500 m of one of three candidates: { $located }; median distance of the first { $first } m, of the nearest { $nearest } m.
io-unknown-tag = “{ $tag }” is no tag of this network
    .help = use the tags of the network's sensors, or add the sensor to the network

# What stands otherwise in the field than it is drawn.
standing-valve = Valve { $element } stands { $field }, drawn { $drawn }
standing-pump = Pump { $element } is { $field }, drawn { $drawn }
standing-source = Heat source { $element } is { $field }, drawn { $drawn }
standing-substation = Substation { $element } is { $field }, drawn { $drawn }
position-open = open
position-shut = shut
position-part = at { $share }
position-turning = turning at { $share }
position-stopped = stopped
position-in-operation = in operation
position-out-of-operation = out of operation
standing-waits = { $line }; the estimate does not reckon with it yet
standing-against = { $line }; { $tag } says otherwise, so the estimate does not reckon with it
standing-impossible = { $line }; the network cannot be calculated like that, so the estimate does not reckon with it
