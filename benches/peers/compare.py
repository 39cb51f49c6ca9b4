#!/usr/bin/env python3
"""The same networks solved by Hypocaust, EPANET and pandapipes in one run: time beside accuracy.

    cargo build --release --no-default-features
    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install -r benches/peers/requirements.txt
    /tmp/peers/bin/python benches/peers/compare.py [--sizes 100,1000,...] [--skip-pandapipes-above N]

Networks: `hypocaust generate --plan grid|meshed --pipes N`: two-pipe street grids. All three programs get
the same problem: hydraulics only, fixed flows at the consumers (in EPANET, which has no such element, drawn from the supply
side and given back to the return side), fixed pressures at both sides of the sources, Swamee-Jain, the same density and
viscosity. Reading files and building the network is not timed.

  Hypocaust   `hypocaust bench`: cold (topology analysis, ordering, iteration to 1e-8, results by id), one core, best of 5
  EPANET      openH + initH + runH at ACCURACY 1e-5 (the tightest it takes), best of 5
  pandapipes  pipeflow(mode="hydraulics", friction_model="swamee-jain", numba), best of 3 after one run to compile

pandapipes gets the network as a heating network is built in it: heat consumers with a given flow between supply and
return, a circulation pump with given pressures for every source, as Hypocaust has them. "As sinks" is the same with what
EPANET gets: a sink and a source in place of each consumer, an external grid at both sides of each plant. That is another
and easier problem (no consumer, no plant, two networks that know nothing of each other), and pandapipes is faster at it,
so its time stands beside.

A star marks runs that did not converge at pandapipes' own tolerances (flow and pressure 1e-5, residual 1e-3) and were given
coarser ones (1e-3, 1e-3, 1e-1); the time is that of a converged run alone. "Not solved": it did not converge with those either.

Accuracy: largest flow difference to EPANET's solution, relative to the largest flow.
"""

import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("NUMBA_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

DENSITY = 977.77
VISCOSITY_PA_S = 0.000404
GRAVITY = 9.81456


def run(*command):
    return subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def tables(folder, name):
    with open(folder / f"{name}.csv", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def same_water(native):
    """Friction law, water and gravity that all three programs have in common."""
    document = json.loads(native.read_text(encoding="utf-8"))
    document["settings"].update(
        friction="swamee-jain",
        gravity_m_s2=GRAVITY,
        water={"constant": {"density_kg_m3": DENSITY, "viscosity_pa_s": VISCOSITY_PA_S, "heat_capacity_j_kgk": 4190.2}},
    )
    # Every source holds both its pressures: what a pair of reservoirs is in EPANET.
    control = next(s["control"] for s in document["sources"] if "reference" in s["control"])
    for source in document["sources"]:
        source["control"] = control
    native.write_text(json.dumps(document), encoding="utf-8")


class Case:
    """A bench network as tables."""

    def __init__(self, folder):
        self.nodes = tables(folder, "nodes")
        self.pipes = tables(folder, "pipes")
        self.consumers = tables(folder, "consumers")
        self.sources = tables(folder, "sources")
        assert all(s["mode"] == "reference" for s in self.sources)
        assert all(c["mode"] == "mass_flow" for c in self.consumers)

    def fixed(self):
        """(node, gauge Pa) of both sides of all sources"""
        out = []
        for s in self.sources:
            p = float(s["return_pressure_pa"])
            out += [(s["from"], p), (s["to"], p + float(s["pressure_rise_pa"]))]
        return out

    def demands(self):
        """kg/s drawn off by node; negative: given back."""
        out = {}
        for c in self.consumers:
            m = float(c["mass_flow_kg_s"])
            out[c["from"]] = out.get(c["from"], 0.0) + m
            out[c["to"]] = out.get(c["to"], 0.0) - m
        return out


def write_inp(case, path):
    demand = case.demands()
    fixed = dict(case.fixed())
    with open(path, "w", encoding="utf-8") as out:
        out.write("[JUNCTIONS]\n")
        for n in case.nodes:
            if n["id"] not in fixed:
                flow = demand.get(n["id"], 0.0) / DENSITY * 1000.0
                out.write(f"{n['id']} {n['z_m']} {flow!r}\n")
        out.write("[RESERVOIRS]\n")
        z = {n["id"]: float(n["z_m"]) for n in case.nodes}
        for node, pressure in fixed.items():
            out.write(f"{node} {z[node] + pressure / (DENSITY * GRAVITY)!r}\n")
        out.write("[PIPES]\n")
        for p in case.pipes:
            out.write(
                f"{p['id']} {p['from']} {p['to']} {p['length_m']} {float(p['inner_diameter_m']) * 1000!r} "
                f"{float(p['roughness_m']) * 1000!r} {p['zeta'] or 0}\n"
            )
        # A viscosity above 1e-3 counts in units of 1.1e-5 ft2/s (input1.c of EPANET 2.3).
        out.write(
            f"[OPTIONS]\nUNITS LPS\nHEADLOSS D-W\nVISCOSITY {VISCOSITY_PA_S / DENSITY / 1.0219e-6!r}\n"
            f"ACCURACY 1e-5\nTRIALS 200\n[TIMES]\nDURATION 0\n[REPORT]\nSTATUS NO\nSUMMARY NO\n[END]\n"
        )


def epanet(case, folder, repeat):
    from epanet import toolkit as en

    inp = folder / "net.inp"
    write_inp(case, inp)
    best = float("inf")
    project = en.createproject()
    en.open(project, str(inp), str(folder / "r.rpt"), "")
    for _ in range(repeat):
        start = time.perf_counter()
        en.openH(project)
        en.initH(project, en.NOSAVE)
        en.runH(project)
        best = min(best, time.perf_counter() - start)
        trials = en.getstatistic(project, en.ITERATIONS)
        flows = {p["id"]: en.getlinkvalue(project, i + 1, en.FLOW) for i, p in enumerate(case.pipes)} if _ == repeat - 1 else None
        en.closeH(project)
    en.close(project)
    return best, trials, {k: v / 1000.0 * DENSITY for k, v in flows.items()}


def pandapipes(case, repeat, as_sinks):
    import logging

    import numpy as np
    import pandapipes as pp
    from pandapipes.pf.pipeflow_setup import PipeflowNotConverged

    logging.disable(logging.WARNING)

    fluid = pp.create_constant_fluid("water", "liquid", density=DENSITY, viscosity=VISCOSITY_PA_S, heat_capacity=4190.2, molar_mass=18.0)
    net = pp.create_empty_network(fluid=fluid)
    index = {n["id"]: i for i, n in enumerate(case.nodes)}
    pp.create_junctions(net, len(case.nodes), pn_bar=5.0, tfluid_k=343.15, height_m=[float(n["z_m"]) for n in case.nodes])
    pp.create_pipes_from_parameters(
        net,
        [index[p["from"]] for p in case.pipes],
        [index[p["to"]] for p in case.pipes],
        length_km=[float(p["length_m"]) / 1000 for p in case.pipes],
        inner_diameter_mm=[float(p["inner_diameter_m"]) * 1000 for p in case.pipes],
        k_mm=[float(p["roughness_m"]) * 1000 for p in case.pipes],
        loss_coefficient=[float(p["zeta"] or 0) for p in case.pipes],
    )
    if as_sinks:
        demand = case.demands()
        drawn = [(index[k], v) for k, v in demand.items() if v > 0]
        given = [(index[k], -v) for k, v in demand.items() if v < 0]
        pp.create_sinks(net, [j for j, _ in drawn], [m for _, m in drawn])
        pp.create_sources(net, [j for j, _ in given], [m for _, m in given])
        for node, pressure in case.fixed():
            pp.create_ext_grid(net, index[node], p_bar=pressure / 1e5, t_k=343.15)
    else:
        pp.create_heat_consumers(
            net,
            [index[c["from"]] for c in case.consumers],
            [index[c["to"]] for c in case.consumers],
            controlled_mdot_kg_per_s=[float(c["mass_flow_kg_s"]) for c in case.consumers],
            # Asked for, and not looked at by hydraulics alone.
            qext_w=[1000.0] * len(case.consumers),
        )
        for s in case.sources:
            back, rise = float(s["return_pressure_pa"]), float(s["pressure_rise_pa"])
            pp.create_circ_pump_const_pressure(
                net, index[s["from"]], index[s["to"]], p_flow_bar=(back + rise) / 1e5, plift_bar=rise / 1e5, t_flow_k=363.15
            )
    best = float("inf")
    tolerances = {}
    for turn in range(repeat + 1):
        start = time.perf_counter()
        options = dict(mode="hydraulics", friction_model="swamee-jain", max_iter_hyd=100, use_numba=True)
        with np.errstate(all="ignore"):
            try:
                pp.pipeflow(net, **options, **tolerances)
            except PipeflowNotConverged:
                # Its own accuracy is out of its reach in large networks: it gets a coarser one.
                if tolerances:
                    return None
                tolerances = LOOSENED
                start = time.perf_counter()
                try:
                    pp.pipeflow(net, **options, **tolerances)
                except PipeflowNotConverged:
                    return None
        if turn > 0:
            best = min(best, time.perf_counter() - start)
    flows = dict(zip([p["id"] for p in case.pipes], np.asarray(net.res_pipe.mdot_from_kg_per_s)))
    return best, flows, bool(tolerances)


# In the order kg/s, bar, residual.
LOOSENED = {"tol_m": 1e-3, "tol_p": 1e-3, "tol_res": 1e-1}


def deviation(flows, reference):
    largest = max(abs(v) for v in reference.values())
    return max(abs(flows[k] - v) for k, v in reference.items()) / largest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=None, help="default: the release build of this checkout")
    parser.add_argument("--sizes", default="100,1000,5000,10000,50000,100000")
    parser.add_argument("--meshed", default="10000", help="sizes of the meshed variant")
    parser.add_argument("--loops", default="0.12", help="share of street nodes closed to loops")
    parser.add_argument("--skip-pandapipes-above", type=int, default=100000)
    given = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parents[2]
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", root / "target"))
    binary = pathlib.Path(given.binary) if given.binary else target / "release" / "hypocaust"
    if not binary.exists():
        sys.exit(f"{binary} is missing: cargo build --release --no-default-features")
    print("| pipes | plan | Hypocaust cold | one valve, warm | it. | memory | EPANET 1e-5 | trials | × | pandapipes | × | as sinks | × | deviation from EPANET: ours | pandapipes |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    cases = [(int(n), "grid") for n in given.sizes.split(",") if n] + [(int(n), "meshed") for n in given.meshed.split(",") if n]
    for pipes, plan in cases:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            native = folder / "net.hypocaust.json"
            run(binary, "--quiet", "generate", "--plan", plan, "--pipes", pipes, "--loops", given.loops, "--seed", 7, "--output", native)
            same_water(native)
            run(binary, "--quiet", "export", native, "--format", "csv", "--no-results", "--output", folder / "tables")
            case = Case(folder / "tables")
            bench = json.loads(run(binary, "--quiet", "bench", native, "--format", "json"))
            ours = json.loads(run(binary, "--quiet", "solve", native, "--mode", "hydraulic", "--format", "json"))
            flows = {p["id"]: ours["links"][p["id"]]["mass_flow_kg_s"] for p in case.pipes}
            seconds, trials, reference = epanet(case, folder, 5)
            row = [
                f"{len(case.pipes):,}".replace(",", " "), plan, f"{bench['cold_s'] * 1e3:.2f} ms", f"{bench['valve_s'] * 1e3:.2f} ms", str(bench["iterations"]),
                f"{bench['peak_bytes'] / 1e6:.1f} MB", f"{seconds * 1e3:.2f} ms", f"{trials:.0f}", f"{seconds / bench['cold_s']:.1f}",
            ]
            if pipes <= given.skip_pandapipes_above:
                answers = [pandapipes(case, 3, as_sinks) for as_sinks in (False, True)]
                for answer in answers:
                    if answer is None:
                        row += ["not solved", "–"]
                    else:
                        row += [f"{answer[0] * 1e3:.0f} ms{'*' if answer[2] else ''}", f"{answer[0] / bench['cold_s']:.0f}"]
                # Of the form it is built for, if it solves that.
                solved = next((answer for answer in answers if answer), None)
                last = f"{deviation(solved[1], reference):.0e}" if solved else "–"
            else:
                row += ["–"] * 4
                last = "–"
            row += [f"{deviation(flows, reference):.0e}", last]
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
