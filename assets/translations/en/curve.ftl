# Heating curves: the command `curve` and its answers.
curve-nobody = No consumer has a design from which a heating curve follows.
curve-no-station = “{ $station }” is no station with a heating curve. See what `hypocaust check` says of it.
curve-outdoor = outdoor
curve-load = load
curve-secondary-supply = secondary supply
curve-secondary-return = return
curve-secondary-flow = flow
curve-primary-supply = primary supply
curve-primary-return = return
curve-primary-flow = flow
curve-rise = source rise
curve-hour = hour
curve-highest = for the neediest station
curve-orders = { $source }: supply temperature to send out, { $minutes } min ahead of the stations in the mean (at the flow of now)
curve-without = { $station } has no curve: { $reason }
