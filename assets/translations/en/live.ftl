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

# Alarms (ISA-18.2, IEC 62682).
alarms-state-normal = normal
alarms-state-unacknowledged = unacknowledged
alarms-state-acknowledged = acknowledged
alarms-state-returned = returned, unacknowledged
alarms-state-shelved = shelved
alarms-state-suppressed = suppressed by design
alarms-state-out-of-service = out of service
alarms-priority-low = low
alarms-priority-medium = medium
alarms-priority-high = high
alarms-kind-high-high = far too high
    .help = Act at once: see what feeds the place and bring it down before a protection trips.
alarms-kind-high = too high
    .help = Find what has risen: a set-point, a valve, the load; correct it.
alarms-kind-low = too low
    .help = Find what has fallen: a pump, a valve, the supply; correct it.
alarms-kind-low-low = far too low
    .help = Act at once: look for a burst, a pump that stands, an empty system.
alarms-kind-rate = changes too fast
    .help = Compare with the neighbours: if they move too, look for a burst or a valve; if not, the instrument.
alarms-kind-deviation = differs from the model
    .help = Check the instrument, then the valves and stations nearby.
alarms-kind-quality = instrument in question
    .help = Have the instrument looked at; until then use the estimated value.
alarms-kind-communication = no communication
    .help = Check power and line of the device; its values are old until it answers.
alarms-kind-contact = reports an alarm
    .help = Send somebody to the place.
alarms-kind-command = command not confirmed
    .help = Look at what the device really does, by its reading or on the spot, before commanding again.
alarms-event-raised = raised
alarms-event-cleared = cleared
alarms-event-acknowledged = acknowledged
alarms-event-shelved = shelved
alarms-event-unshelved = taken off the shelf
alarms-event-shelf-ended = shelf time over
alarms-event-suppressed = suppressed by design
alarms-event-unsuppressed = no longer suppressed
alarms-event-removed-from-service = taken out of service
alarms-event-returned-to-service = put back into service
alarms-bad-line = this line is no event of an alarm and was left out ({ $reason })
    .help = correct the line, or leave it: the other lines were read
alarms-refused-unknown = There is no such alarm.
alarms-refused-nothing-to-acknowledge = There is nothing to acknowledge.
alarms-refused-no-reason = Say why.
alarms-refused-no-user = Sign in first.
alarms-refused-shelf-time = An alarm can be shelved for 15 minutes to 8 hours.
alarms-refused-already-aside = The alarm is shelved or out of service already.
alarms-refused-not-aside = The alarm is neither shelved nor out of service.

# Users.
role-viewer = viewer
role-dispatcher = dispatcher
role-engineer = engineer
role-administrator = administrator

users-wrong = Name or password is wrong.
users-locked-out = Too many wrong passwords; try again in a quarter of an hour or ask an administrator.
users-unreadable = this is no file of users ({ $reason })
    .help = put back the last copy of it, or take it away and add the users again
users-version = this file of users is of version { $version }, which this program does not know
    .help = use the program that wrote it, or a later one
users-not-private = others than its owner may read the file of users
    .help = take their rights away: chmod 600
users-file-empty = there is no user in this file, so nobody could sign in
    .help = add one: `hypocaust user add NAME --role administrator`
users-unknown = there is no user “{ $name }”
    .help = see who there is with `hypocaust user list`
users-bad-name = “{ $name }” cannot be the name of a user
    .help = use 1 to 64 characters without blanks and slashes
users-taken = there is a user “{ $name }” already
    .help = choose another name, or change that user
users-first = the first user must be an administrator
    .help = add an administrator first, then “{ $name }”
users-last-administrator = “{ $name }” is the last administrator
    .help = make somebody else an administrator first
users-password-needed = “{ $name }” needs a new password to become an administrator
    .help = give it on standard input
users-weak = the password of “{ $name }” is too short
    .help = use at least { $least } characters; several words are easy to remember
users-password-is-name = the password contains the name “{ $name }”
    .help = choose one that nobody guesses

# The audit log.
audit-form = record { $record } is no record
    .help = keep the file as evidence and begin another log; up to the record before, nothing was changed
audit-chain = record { $record } does not follow from the one before: something was changed, taken out, put in or moved here
    .help = keep the file as evidence and begin another log; up to the record before, nothing was changed
audit-torn = the file ends in the middle of record { $record }
    .help = a program was stopped while writing it, or the end was cut off; compare with the heads kept elsewhere
audit-short = the log has { $records } records, a head that was kept says { $head }
    .help = its end was cut off; look for a copy and find out who could write the file
audit-other-past = record { $record } is not the one a kept head tells of
    .help = the log was written anew from some earlier record on; look for a copy and find out who could write the file
audit-bad-head = this line is no head of a log ({ $reason })
    .help = heads are written by `hypocaust audit head` and beside the log every day

# Commands to the field.
control-refused-off = Writing to the field is switched off.
control-refused-not-allowed = Your role may not write, or the screen has locked itself: sign in again.
control-refused-not-armed = Arm first; arming lasts five minutes.
control-refused-no-permit = There is no permit to write this tag.
control-refused-not-good = The present value is not good, or too old: nothing is written on it.
control-refused-out-of-range = The value is outside what is permitted.
control-refused-step = The step is greater than permitted; go in several steps.
control-refused-nothing-to-change = It has this value already.
control-refused-too-soon = Too soon after the last command to this tag.
control-refused-too-many = Too many commands within a minute.
control-refused-interlocked = { $tag } stands against it: it must be good and within the bounds of the interlock.
control-refused-selected-by-other = Somebody else has selected this device.
control-refused-under-way = A command to this device is under way.
control-refused-not-selected = Select first; a selection lasts 30 seconds and holds for the one who made it.
control-refused-changed = The value has changed since it was selected; look and select again.
control-refused-not-recorded = The audit record could not be written, so nothing was done: { $reason }
control-unconfirmed-failed = The command was not carried out, or nobody knows: { $reason }
control-unconfirmed-no-echo = The device did not answer; nobody knows whether it took the command.
control-unconfirmed-other-echo = The device answered with another value.
control-unconfirmed-not-read-back = The new value was not read back within two scans.
audit-whole = whole: { $records } records, held against { $heads } heads
audit-empty = There is no record in this log yet.
users-no-home = There is no folder for settings on this system; name the file of users with --users.
users-none = There are no users yet; the first must be an administrator.
users-done = { $name }: done
users-type-password = Password (it is shown as you type; to hide it, pipe it in):
write-no-permit = { $tag } may not be written: the device map has no such tag, or no write_least and write_most for it
write-no-value = no good value has come from the device; see `hypocaust live` what is wrong
write-no-answer = the step was not answered in time; see the audit log how far it went
write-ask = Write it? Type yes:
write-taken-back = taken back; nothing was written
write-confirmed = { $tag } = { $value }: written and read back
live-no-csv = This answer has no CSV form. Choose --format text or json, or add --regulator.
