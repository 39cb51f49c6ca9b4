"""A server on pymodbus: numbers as its own client codes them. Says its port, serves until its input closes.

pymodbus_server.py tcp [ADDRESS [PORT]]
pymodbus_server.py lying HOW                  tcp; every second answer is late, short, miscounted, another's, half or none
pymodbus_server.py rtu-over-tcp
pymodbus_server.py serial                     on a pair of pseudo terminals; says the name of our end
pymodbus_server.py tls CA CERTIFICATE KEY     Modbus/TCP Security; demands a client certificate
"""

import asyncio
import itertools
import os
import pty
import select
import ssl
import sys
import threading
import time
import tty

from pymodbus.client import ModbusTcpClient
from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer, ModbusTlsServer
from pymodbus.simulator import DataType, SimData, SimDevice

TYPES = ModbusTcpClient.DATATYPE
code = ModbusTcpClient.convert_to_registers
holding = []
for value, kind in (
    (-1234, TYPES.INT16), (54321, TYPES.UINT16), (-123456789, TYPES.INT32), (3123456789, TYPES.UINT32),
    (-1234567890123456789, TYPES.INT64), (12345678901234567890, TYPES.UINT64), (123.456, TYPES.FLOAT32),
    (-123456.789012345, TYPES.FLOAT64),
):
    for order in ("big", "little"):
        holding += code(value, kind, word_order=order)
holding += code("Heat station 7", TYPES.STRING)
holding += [0] * (200 - len(holding))


def wire():
    """Two pseudo terminals joined like a cable: the names of their ends."""
    ends = [pty.openpty() for _ in range(2)]
    for _, end in ends:
        tty.setraw(end)
    inner = [inner for inner, _ in ends]

    def carry():
        while True:
            for ready in select.select(inner, [], [])[0]:
                os.write(inner[1 - inner.index(ready)], os.read(ready, 512))

    threading.Thread(target=carry, daemon=True).start()
    return [os.ttyname(end) for _, end in ends]


def lies(how):
    """What becomes of the answers."""
    answers = itertools.count(1)

    def spoil(sending, frame):
        if not sending or next(answers) % 2:
            return frame
        if how == "late":
            time.sleep(0.6)
        elif how == "short":  # a register less, and every count in keeping with that
            head = (len(frame) - 6 - 2).to_bytes(2, "big")
            return frame[:4] + head + frame[6:8] + bytes([frame[8] - 2]) + frame[9:-2]
        elif how == "miscounted":
            return frame[:8] + bytes([frame[8] + 2]) + frame[9:]
        elif how == "another's":
            return (int.from_bytes(frame[:2], "big") + 7 & 0xFFFF).to_bytes(2, "big") + frame[2:]
        elif how == "half":
            return frame[: len(frame) // 2]
        elif how == "none":
            return b""
        return frame

    return spoil


async def main():
    bits = [at % 3 == 0 for at in range(160)]
    simdata = (
        [SimData(0, values=bits, datatype=DataType.BITS)],
        [SimData(0, values=bits, datatype=DataType.BITS)],
        [SimData(0, values=holding, datatype=DataType.REGISTERS)],
        [SimData(0, values=[7 * at for at in range(200)], datatype=DataType.REGISTERS)],
    )
    device = SimDevice(1, simdata=simdata)
    mode, arguments = sys.argv[1], sys.argv[2:]
    tcp = arguments if mode == "tcp" else []
    address = (tcp[0] if tcp else "127.0.0.1", int(tcp[1]) if len(tcp) > 1 else 0)
    said = None
    if mode == "tls":
        authority, certificate, key = arguments
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.load_verify_locations(authority)
        context.verify_mode = ssl.CERT_REQUIRED
        server = ModbusTlsServer(device, framer=FramerType.SOCKET, address=address, sslctx=context)
    elif mode == "serial":
        theirs, said = wire()
        server = ModbusSerialServer(device, framer=FramerType.RTU, port=theirs, baudrate=19200, parity="N")
    else:
        framer = FramerType.RTU if mode == "rtu-over-tcp" else FramerType.SOCKET
        spoil = lies(arguments[0]) if mode == "lying" else None
        server = ModbusTcpServer(device, framer=framer, address=address, trace_packet=spoil)
    await server.serve_forever(background=True)
    print(said or server.transport.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
