# Field devices: their map, their lines, their answers.

# The device map
io-modbus-toml = this is not valid TOML ({ $reason })
    .help = correct the text here; texts need quotes, tables their square brackets
io-modbus-no-version = the version is missing, so this is no device map
    .help = begin the file with device_map = 1
io-modbus-version = the device map has version { $version }; this program knows { $known }
    .help = set device_map = { $known }, or update the program
io-modbus-device-twice = the device name "{ $device }" is empty or taken
    .help = give every device a name of its own
io-modbus-address = "{ $address }" is no address
    .help = write host or host:port, such as 10.1.0.17:502 or [fe80::1]:502
io-modbus-serial-differs = the serial port is also that of { $other }, with another speed, parity or number of stop bits
    .help = one line has one setting; give both devices the same
io-modbus-no-device = there is no device "{ $device }"
    .help = add it to the device map, or correct the name
io-modbus-no-device-meant = there is no device "{ $device }"
    .help = did you mean "{ $meant }"?
io-modbus-tag-twice = the tag "{ $tag }" stands already in { $file }, line { $line }
    .help = give one of the two another name
io-modbus-type-of-bit = the table { $table } holds single bits, not { $type }
    .help = write bit as type, or correct the table
io-modbus-bit-of-register = the table { $table } holds registers; { $type } alone does not say which of their bits
    .help = write bit 0 … bit 15, or correct the table
io-modbus-register = "{ $register }" is no register of this device
    .help = write a number between { $low } and { $high }, decimal or 0x…, without the leading digit of the table (40001 is register 1 of holding)
io-modbus-past-end = { $type } from register { $register } on goes past the last register, 65535
    .help = correct the register or the type
io-modbus-too-wide = { $type } takes { $registers } registers; the device gives { $most } in one read
    .help = correct the type, or most_registers of the device
io-modbus-alone = { $tag } shares a register with { $other }, one of which is to be read alone
    .help = correct the register, or the column alone
io-modbus-scale = the scale is 0, so every value would be the same
    .help = leave it empty for 1, or give the factor of the manual
io-modbus-unit = { $observed } is not measured in "{ $unit }"
    .help = use one of { $known }, and scale where the device counts in steps
io-modbus-element = "{ $element }" names no element
    .help = write kind:id, such as consumer:CS0012; kinds are { $known }
io-modbus-range = { $low } and { $high } do not make a range
    .help = give both, the first not above the second
io-modbus-read-only = the table { $table } cannot be written
    .help = leave the columns write_… empty, or correct the table
io-modbus-interlock = “{ $text }” is no interlock of a point that may be written
    .help = write TAG LEAST..MOST, several joined by &, and give write_least and write_most too
io-modbus-interlock-unknown = the interlock looks at { $tag }, which is no tag of this map
    .help = use the name of a tag of the map
io-modbus-not-writable = { $type } cannot be written by itself
    .help = leave the columns write_… empty; devices offer coils for single bits
io-modbus-thread = the system gives no thread or timer for reading devices ({ $reason })
    .help = close other programs and try again

# Modbus/TCP Security
io-modbus-certificate = no certificate or key can be read from this file ({ $reason })
    .help = give PEM files: the authority of the device, our certificate with its chain, our private key
io-modbus-server-name = "{ $name }" can be no name in a certificate
    .help = give server_name, as it stands in the certificate of the device

# What happens on a line
modbus-fault-connect-time-out = no connection in time
modbus-fault-connect = no connection ({ $reason })
modbus-fault-tls = no secure connection ({ $reason })
modbus-fault-time-out = no answer in time
modbus-fault-closed = the device closed the connection
modbus-fault-broken = the connection broke ({ $reason })
modbus-fault-protocol = what answers is not Modbus: protocol { $got } instead of { $wanted }
modbus-fault-length = an answer of the wrong length: { $got } instead of { $wanted } bytes
modbus-fault-unit = an answer of unit { $got } instead of { $wanted }
modbus-fault-transaction = an answer to another question: number { $got } instead of { $wanted }
modbus-fault-function = an answer to another question: function { $got } instead of { $wanted }
modbus-fault-echo = the device says that it wrote something else
modbus-fault-noise = noise without any answer in it
modbus-exception-function = exception { $code }: the device does not know this function
modbus-exception-address = exception { $code }: the device has no such register
modbus-exception-value = exception { $code }: the device refuses the number of registers or the value
modbus-exception-failure = exception { $code }: the device failed
modbus-exception-acknowledge = exception { $code }: the device needs longer
modbus-exception-busy = exception { $code }: the device is busy
modbus-exception-memory = exception { $code }: the memory of the device is damaged
modbus-exception-path = exception { $code }: the gateway has no way to the device
modbus-exception-target = exception { $code }: the device behind the gateway does not answer
modbus-exception-unknown = exception { $code }, which no standard knows
modbus-state-waiting = not asked yet
modbus-state-answering = answering
modbus-state-refusing = refusing
modbus-state-silent = no answer
modbus-state-unreachable = no connection

# hypocaust probe
probe-summary = { $device }, unit { $unit }, { $table }: { $requests } requests, the slowest answered in { $milliseconds } ms
probe-failed = { $device }, unit { $unit }: { $reason }
    Check the address, that the device allows this machine, and its unit (--unit); behind a serial gateway try --rtu-over-tcp.
probe-address = "{ $address }" is no address; write host or host:port, or add --serial for a serial port
probe-address-head = address

# A value that was not written, or of which nobody knows.
modbus-not-written-unknown = the device map has no such point
modbus-not-written-no-permit = the device map gives no permit to write it
modbus-not-written-outside = the value is outside what the device map permits
modbus-not-written-coding = the register cannot hold the value
modbus-not-written-out-of-reach = the device is out of reach; it was not tried
modbus-not-written-expired = the line was busy for too long; it was not tried
modbus-not-written-refused = the device refuses: { $reason }
modbus-not-written-unknown-whether = { $reason }; nobody knows whether the device took it
modbus-not-written-not-held = the device took the value and holds another one
modbus-not-written-ended = the devices are no longer read
