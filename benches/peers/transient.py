#!/usr/bin/env python3
"""Temperatures over 24 h in steps of a minute: Hypocaust beside pandapipes' transient mode, time, memory and temperatures.

    cargo build --release --no-default-features
    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install -r benches/peers/requirements.txt
    /tmp/peers/bin/python benches/peers/transient.py [--sizes 100,1000,10000] [--seconds 300]

Networks: `hypocaust generate --plan grid --sources 1 --pipes N`, constant water, fixed flows and return temperatures at the
consumers, every pipe with the same U and without wall (pandapipes has none). Both start in the steady state of 90 °C; then
the source gives 110 °C. pandapipes runs as its `run_timeseries` does (`pipeflow(transient=True, mode="sequential", numba)`), one
section a pipe, and is stopped after `--seconds`: what it would need for the day is scaled from the steps it did. Times are
those of the steps alone, memory is the largest resident set of the process (pandapipes with its libraries).

Accuracy, on the smallest size: node temperatures of both against our own run in steps of 6 s; for pandapipes with one section a
pipe and with sections of 10 m. Root mean square over consumers' inlets and the hours in which the front passes.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("NUMBA_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

DENSITY = 970.0
VISCOSITY_PA_S = 3.5e-4
HEAT_CAPACITY = 4190.0
GROUND_C = 5.0
U_W_M2K = 1.0
BEFORE_C, AFTER_C = 90.0, 110.0
RETURN_C = 50.0
HOURS = 24
STEP_S = 60
# The hours compared: until the front has passed everywhere and both stand still again.
FRONT_HOURS = 3


def command(*words):
    return subprocess.run([str(w) for w in words], check=True, stdout=subprocess.PIPE, text=True).stdout


def prepare(binary, folder, pipes):
    """The native file, and the ids of the nodes consumers draw from."""
    native = folder / "net.hypocaust.json"
    command(binary, "generate", "--plan", "grid", "--sources", 1, "--pipes", pipes, "-o", native)
    document = json.loads(native.read_text(encoding="utf-8"))
    document["settings"].update(
        friction="swamee-jain",
        ambient_temperature_c=GROUND_C,
        water={"constant": {"density_kg_m3": DENSITY, "viscosity_pa_s": VISCOSITY_PA_S, "heat_capacity_j_kgk": HEAT_CAPACITY}},
    )
    for pipe in document["pipes"]:
        pipe["outer_diameter_m"] = pipe["inner_diameter_m"]
        pipe["u_w_m2k"] = U_W_M2K
        pipe.get("details", {}).pop("pair", None)
    for consumer in document["consumers"]:
        consumer["return_temperature_c"] = RETURN_C
    (source,) = document["sources"]
    source["supply_temperature_c"] = BEFORE_C
    document["scenarios"] = [
        {"id": "hotter", "edits": [{"set": {"element": {"kind": "source", "id": source["id"]}, "field": "supply_temperature_c", "value": AFTER_C}}]}
    ]
    native.write_text(json.dumps(document), encoding="utf-8")
    return document, native


def ours(binary, native, step_s=STEP_S, hours=HOURS, every=600, nodes=()):
    """(seconds, bytes, series by node of the run that leaves at once with the hotter source)"""
    words = [binary, "simulate", native, "--hours", hours, "--step", step_s, "--every", every, "--branch", "hotter", "--branch-at", 0]
    for node in nodes:
        words += ["--element", node]
    words += ["--format", "json"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    answer = json.loads(command(*words))
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    series = {node: answer["series"][f"hotter/{node}:temperature_c"] for node in nodes}
    return answer["wall_s"], max(before, after) * 1024, series


def ours_alone(binary, native):
    """One run of a day from the steady state, as a user starts it."""
    answer = json.loads(command(binary, "simulate", native, "--hours", HOURS, "--step", STEP_S, "--every", 3600, "--format", "json"))
    return answer["wall_s"]


def build(document, section_m):
    import pandapipes as pp

    fluid = pp.create_constant_fluid("water", "liquid", density=DENSITY, viscosity=VISCOSITY_PA_S, heat_capacity=HEAT_CAPACITY, molar_mass=18.0)
    net = pp.create_empty_network(fluid=fluid)
    index = {n["id"]: i for i, n in enumerate(document["nodes"])}
    pp.create_junctions(net, len(index), pn_bar=5.0, tfluid_k=BEFORE_C + 273.15, height_m=[n.get("z_m", 0.0) for n in document["nodes"]])
    pipes = document["pipes"]
    pp.create_pipes_from_parameters(
        net,
        [index[p["from"]] for p in pipes],
        [index[p["to"]] for p in pipes],
        length_km=[p["length_m"] / 1000 for p in pipes],
        inner_diameter_mm=[p["inner_diameter_m"] * 1000 for p in pipes],
        k_mm=[p["roughness_m"] * 1000 for p in pipes],
        loss_coefficient=[p.get("zeta", 0.0) for p in pipes],
        sections=[max(1, round(p["length_m"] / section_m)) if section_m else 1 for p in pipes],
        u_w_per_m2k=U_W_M2K,
        text_k=GROUND_C + 273.15,
    )
    for c in document["consumers"]:
        flow = c["demand"]["mass-flow"]["mass_flow_kg_s"]
        pp.create_heat_consumer(net, index[c["from"]], index[c["to"]], controlled_mdot_kg_per_s=flow, treturn_k=RETURN_C + 273.15)
    (s,) = document["sources"]
    control = s["control"]["reference"]
    p_return = control["return_pressure_pa"] / 1e5
    lift = control["pressure_rise_pa"] / 1e5
    pp.create_circ_pump_const_pressure(net, index[s["from"]], index[s["to"]], p_return + lift, lift, t_flow_k=BEFORE_C + 273.15)
    return net, index


def pandapipes(document, seconds, hours, section_m, nodes):
    """(steps done, seconds, series by node every ten minutes)"""
    import logging

    import numpy as np
    import pandapipes as pp

    logging.disable(logging.WARNING)
    net, index = build(document, section_m)
    asked = dict(mode="sequential", friction_model="swamee-jain", max_iter_hyd=100, max_iter_therm=100, use_numba=True)
    series = {node: [] for node in nodes}
    with np.errstate(all="ignore"):
        pp.pipeflow(net, **asked)
        # The first step of a transient run starts from the junctions' own temperatures. Only before it a circulation pump
        # takes a new flow temperature in (0.16.0), so the change comes with it; two steps are run before to compile.
        net.junction["tfluid_k"] = net.res_junction.t_k.to_numpy()
        for step in range(2):
            pp.pipeflow(net, transient=True, dt=STEP_S, simulation_time_step=step, **asked)
        net.circ_pump_pressure["t_flow_k"] = AFTER_C + 273.15

        def go(count, limit_s):
            start = time.perf_counter()
            for at in range(count):
                pp.pipeflow(net, transient=True, dt=STEP_S, simulation_time_step=at, **asked)
                if (at + 1) % 10 == 0:
                    for node in nodes:
                        series[node].append(float(net.res_junction.t_k.at[index[node]]) - 273.15)
                if time.perf_counter() - start > limit_s:
                    break
            return at + 1, time.perf_counter() - start

        done, wall = go(hours * 3600 // STEP_S, seconds)
    return done, wall, series


def child(arguments):
    """pandapipes in a process of its own, for its memory."""
    document = json.loads(pathlib.Path(arguments["native"]).read_text(encoding="utf-8"))
    done, wall, series = pandapipes(document, arguments["seconds"], arguments["hours"], arguments["section_m"], arguments["nodes"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"done": done, "wall": wall, "peak": peak, "series": series}))


def in_child(**arguments):
    out = subprocess.run([sys.executable, __file__, "--child", json.dumps(arguments)], stdout=subprocess.PIPE, text=True, check=True).stdout
    return json.loads(out.splitlines()[-1])


def deviation(series, reference):
    """Root mean square and largest difference over all nodes and rows, K."""
    differences = [a - b for node in reference for a, b in zip(series[node], reference[node])]
    return (sum(d * d for d in differences) / len(differences)) ** 0.5, max(abs(d) for d in differences)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=None, help="default: the release build of this checkout")
    parser.add_argument("--sizes", default="100,1000,10000")
    parser.add_argument("--seconds", type=float, default=300.0, help="pandapipes is stopped after so many a size")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        return child(json.loads(given.child))
    root = pathlib.Path(__file__).resolve().parents[2]
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", root / "target"))
    binary = pathlib.Path(given.binary) if given.binary else target / "release" / "hypocaust"
    if not binary.exists():
        sys.exit(f"{binary} is missing: cargo build --release --no-default-features")
    sizes = [int(n) for n in given.sizes.split(",")]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        document, native = prepare(binary, folder, sizes[0])
        nodes = sorted({c["from"] for c in document["consumers"]})
        hours = FRONT_HOURS
        reference = ours(binary, native, step_s=6, hours=hours, nodes=nodes)[2]
        own = ours(binary, native, hours=hours, nodes=nodes)[2]
        print("| temperatures at the consumers while the front passes | root mean square | largest |\n|---|---|---|")
        rows = [("Hypocaust, steps of 60 s", own)]
        for title, section_m in [("pandapipes, one section a pipe", 0), ("pandapipes, sections of 10 m", 10)]:
            rows.append((title, in_child(native=str(native), seconds=1e9, hours=hours, section_m=section_m, nodes=nodes)["series"]))
        for title, series in rows:
            rms, most = deviation(series, reference)
            print(f"| {title} | {rms:.2f} K | {most:.1f} K |", flush=True)
        print("\n| pipes | Hypocaust, 24 h | memory | pandapipes: steps done | 24 h | memory | × |\n|---|---|---|---|---|---|---|")
        for pipes in sizes:
            document, native = prepare(binary, folder, pipes)
            wall = ours_alone(binary, native)
            memory = json.loads(command(binary, "simulate", native, "--hours", HOURS, "--step", STEP_S, "--every", 3600, "--format", "json"))["peak_bytes"]
            theirs = in_child(native=str(native), seconds=given.seconds, hours=HOURS, section_m=0, nodes=[])
            day = theirs["wall"] / theirs["done"] * HOURS * 3600 / STEP_S
            print(
                f"| {len(document['pipes'])} | {wall:.2f} s | {memory / 1e6:.0f} MB | {theirs['done']} in {theirs['wall']:.0f} s "
                f"| {day:.0f} s | {theirs['peak'] / 1e6:.0f} MB | {day / wall:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
