"""The reference day of benches/historian.rs in DuckDB: one Arrow batch per transaction, then the same questions.

    pip install -r benches/peers/requirements.txt
    python3 benches/peers/historian_duckdb.py [HOURS]
"""

import os
import subprocess
import sys
import tempfile
import time

import duckdb
import numpy
import pyarrow

TAGS = 15_000
START_MS = 1_768_348_800_000
BATCH = 10_000
HOURS = int(sys.argv[1]) if len(sys.argv) > 1 else 24


def scatter(seed):
    """Even bits of a number (SplitMix64), as the Rust bench has them."""
    with numpy.errstate(over="ignore"):
        z = seed * numpy.uint64(0x9E3779B97F4A7C15) + numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        return z ^ (z >> numpy.uint64(31))


TAG = numpy.arange(TAGS, dtype=numpy.uint64)
OWN = scatter(TAG).astype(numpy.float64) / float(2**64 - 1)


def values(minute):
    """Values of all tags in a minute."""
    swing = numpy.sin((minute / 1440.0 + OWN) * 2.0 * numpy.pi)
    bits = scatter((TAG << numpy.uint64(32)) | numpy.uint64(minute))
    parts = sum(((bits >> numpy.uint64(16 * part)) & numpy.uint64(0xFFFF)).astype(numpy.float64) for part in range(4))
    noise = (parts / 65_535.0 - 2.0) * 3.0**0.5
    tenths = numpy.round((40.0 + 50.0 * OWN + 4.0 * swing + 0.2 * noise) * 10.0) / 10.0
    single = numpy.float32
    flows = (10.0 + 90.0 * OWN).astype(single)
    flows = flows * (single(1.0) + single(0.1) * swing.astype(single)) * (single(1.0) + single(0.02) * noise.astype(single))
    return numpy.where(TAG % numpy.uint64(5) == 4, flows.astype(numpy.float64), tenths)


def empty_cache():
    """Empties the system's page cache where that is permitted."""
    try:
        subprocess.run(["sync"], check=True)
        with open("/proc/sys/vm/drop_caches", "w") as file:
            file.write("3")
        return "cold"
    except OSError:
        return "page cache NOT emptied"


def main():
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "history.duckdb")
    connection = duckdb.connect(path)
    connection.execute("CREATE TABLE history (ts BIGINT, tag UINTEGER, value DOUBLE, quality UTINYINT)")
    rows, spent, longest = 0, 0.0, 0.0
    tags = TAG.astype(numpy.uint32)
    good = numpy.zeros(TAGS, dtype=numpy.uint8)
    waiting = None
    for minute in range(HOURS * 60):
        table = pyarrow.table(
            {"ts": numpy.full(TAGS, START_MS + minute * 60_000), "tag": tags, "value": values(minute), "quality": good}
        )
        waiting = table if waiting is None else pyarrow.concat_tables([waiting, table])
        while waiting.num_rows >= BATCH or (minute == HOURS * 60 - 1 and waiting.num_rows > 0):
            batch = waiting.slice(0, BATCH)
            waiting = waiting.slice(batch.num_rows)
            start = time.perf_counter()
            connection.execute("INSERT INTO history SELECT * FROM batch")
            taken = time.perf_counter() - start
            rows, spent, longest = rows + batch.num_rows, spent + taken, max(longest, taken)
    connection.execute("CHECKPOINT")
    connection.close()
    size = sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder))
    print(f"DuckDB {duckdb.__version__}: {rows} rows in {spent:.1f} s = {rows / spent:.0f} rows/s; longest {longest * 1e3:.1f} ms")
    print(f"  {size / 1e6:.1f} MB on disk = {size / rows:.2f} bytes/row")
    cache = empty_cache()
    connection = duckdb.connect(path)
    start = time.perf_counter()
    found = connection.execute("SELECT ts, value FROM history WHERE tag = 7503 ORDER BY ts").fetchnumpy()
    print(f"  one tag, {HOURS} h: {(time.perf_counter() - start) * 1e3:.1f} ms ({cache})")
    wanted = numpy.array([values(minute)[7503] for minute in range(HOURS * 60)])
    assert (found["value"] == wanted).all()
    middle = HOURS * 30 + 17
    start = time.perf_counter()
    found = connection.execute(f"SELECT tag, value FROM history WHERE ts = {START_MS + middle * 60_000}").fetchnumpy()
    print(f"  all tags at an instant: {(time.perf_counter() - start) * 1e3:.1f} ms (warm)")
    assert len(found["tag"]) == TAGS


main()
