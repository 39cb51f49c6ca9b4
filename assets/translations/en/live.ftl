# Live data: qualities, where a value comes from, what speaks against it.
quality-good = good
quality-rate-of-change = changes too fast
quality-spike = spike
quality-stuck = stuck
quality-drift = drifts
quality-inconsistent = contradicts others
quality-deviates-from-model = deviates from the model
quality-stale = stale
quality-substituted = substituted
quality-clock = wrong time stamp
quality-never-read = never read
quality-communication = no communication
quality-device-exception = refused by the device
quality-out-of-range = out of range
quality-not-a-number = not a number
quality-device-fault = instrument fault
quality-too-old = too old
quality-out-of-service = out of service
quality-class-good = Good
quality-class-uncertain = Uncertain
quality-class-bad = Bad

origin-measured = measured
origin-stale = measured, stale
origin-estimated = estimated
origin-assumed = assumed

# What several instruments should tell alike.
check-same = two instruments at one place
check-difference = available pressure = supply − return
check-spread = temperature difference = supply − return
check-density = mass flow = density × volume flow
check-heat = heat = flow × (supply − return temperature)
check-hotter = supply hotter than return
check-above = supply pressure above return pressure
check-supply-falls = pressure falls along the supply
check-return-falls = pressure falls along the return
check-along = pressure falls along the pipe
check-node = flow into the node = flow out of it
check-network = flow of the sources = flow of the substations

reason-given = { $tag }: { $quality }.
reason-not-a-number = { $tag } sends no number.
reason-out-of-range = { $tag } shows { $value }, outside its { $least } to { $most }.
reason-clock-ahead = The time stamp of { $tag } lies { $time } ahead of the clock; set the device's clock.
reason-clock-behind = The time stamp of { $tag } lies { $time } behind a later one.
reason-rate = { $tag } changes by { $rate } a second; at most { $most } is possible.
reason-spike = { $tag } is { $off } off its neighbours in time, where { $allowed } would pass.
reason-stuck = { $tag } has shown { $value } without change { $samples } times, for { $time }; look at the instrument.
reason-drift = { $tag } has slowly left what the others say ({ $check }, { $deviations } deviations); calibrate it.
reason-inconsistent = { $tag } contradicts the others ({ $check }, { $deviations } deviations); check the instrument and how it is connected.
reason-one-of-several = { $tag } or one of its neighbours is wrong ({ $check }, { $deviations } deviations).
reason-stale = { $tag } has sent nothing for { $time }; the value shown is old.
reason-too-old = { $tag } has sent nothing for { $time }; its value is worth nothing any more.
reason-never = { $tag } has not sent anything yet.
