//! Measured pipes: outlet temperatures computed step by step and laid beside the sensors.
//!
//! Every case is built from the published data of its pipe (geometry, materials, insulation) and driven by the measured
//! inlet; no figure is fitted to the outlet. The judgement is the root mean square of the error, which must not exceed that
//! of the best published plug-flow result. Where that was given on its own moments, ours is taken on the same ones too.

use std::f64::consts::{PI, TAU};

use super::picture::{Curve, Picture};
use super::run::Job;
use super::{Case, Comparison, Library, Quantity, Tolerance};
use crate::network::{Boundary, Network, Node, Pipe, PipeDetails, Settings};
use crate::physics::heat_loss::{FITTINGS_FACTOR, layer_resistance_m_k_w, surface_resistance_m_k_w};
use crate::simulation::pipe::Pipe as PipeInTime;
use crate::simulation::{Front, Ledger, Start, Transport};
use crate::solver::fluid::Fluid;
use crate::solver::problem::Problem;
use crate::solver::thermal::HeatProblem;

/// Everything here that the library has data for.
pub(super) fn all(library: &Library) -> Vec<Job<'_>> {
    let mut jobs: Vec<Job<'_>> = Vec::new();
    if library.get("measured/liege/151202.csv").is_none() {
        return jobs;
    }
    for run in LIEGE {
        jobs.push(Box::new(move || liege(library, run)));
    }
    jobs.push(Box::new(|| schweiger(library, 1)));
    jobs.push(Box::new(|| schweiger(library, 2)));
    jobs.push(Box::new(|| pongau(library)));
    jobs
}

/// Columns of a table of numbers by name.
pub(super) struct Table {
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
}

impl Table {
    pub fn read(library: &Library, path: &str) -> Result<Table, String> {
        let mut lines = library.need(path)?.lines();
        let names: Vec<String> = lines.next().unwrap_or_default().split(',').map(str::to_owned).collect();
        let mut columns = vec![Vec::new(); names.len()];
        for (at, line) in lines.enumerate() {
            let mut cells = line.split(',');
            for column in &mut columns {
                let cell = cells.next().and_then(|cell| cell.trim().parse::<f64>().ok());
                column.push(cell.ok_or_else(|| format!("{path}: line {} has no number where one is due", at + 2))?);
            }
        }
        Ok(Table { names, columns })
    }

    pub fn column(&self, name: &str) -> Result<&[f64], String> {
        let at = self.names.iter().position(|known| known == name);
        at.map(|at| self.columns[at].as_slice()).ok_or_else(|| format!("a table has no column '{name}'"))
    }
}

/// Linear between points, end values beyond.
pub(super) fn between(times: &[f64], values: &[f64], time: f64) -> f64 {
    let after = times.partition_point(|&t| t <= time);
    match after {
        0 => values.first().copied().unwrap_or(f64::NAN),
        _ if after == times.len() => values[after - 1],
        _ => {
            let share = (time - times[after - 1]) / (times[after] - times[after - 1]);
            values[after - 1] + share * (values[after] - values[after - 1])
        }
    }
}

/// Root of the mean square of computed − measured at the moments given.
pub(super) fn rms_k(times: &[f64], measured: &[f64], curve: &[(f64, f64)]) -> f64 {
    let (at, values): (Vec<f64>, Vec<f64>) = curve.iter().copied().unzip();
    let sum: f64 = times.iter().zip(measured).map(|(&time, m)| (between(&at, &values, time) - m).powi(2)).sum();
    (sum / times.len() as f64).sqrt()
}

/// One comparison of an error with what it may be.
fn error_at_most(rows: &[(&str, f64)], limit_k: f64, reason: &str) -> Comparison {
    let rows = rows.iter().map(|(name, error)| ((*name).to_owned(), 0.0, *error)).collect();
    Comparison::new(Quantity::ErrorRms, Tolerance::absolute(limit_k), rows).because(reason)
}

/// A pipe of the bench.
struct Piece {
    id: &'static str,
    from: &'static str,
    to: &'static str,
    length_m: f64,
    inner_m: f64,
    outer_m: f64,
    /// Between water and surroundings, K·m/W.
    resistance_m_k_w: f64,
    material: &'static str,
}

/// Pipes with flows and feed temperatures given from outside.
struct Bench {
    problem: Problem,
    heat: HeatProblem,
    transport: Transport,
    total: Ledger,
}

impl Bench {
    fn new(pieces: &[Piece], ambient_c: f64, start_c: f64) -> Result<Bench, String> {
        let mut network = Network::new();
        network.set_settings(Settings { ambient_temperature_c: ambient_c, ..Settings::default() });
        for piece in pieces {
            for id in [piece.from, piece.to] {
                if network.node_id(id).is_none() {
                    // Open everywhere: what a node takes in or gives off follows from the flows that are given.
                    let boundary = Some(Box::new(Boundary::Reservoir { head_m: 0.0, temperature_c: start_c }));
                    network
                        .insert_node(id, Node { boundary, ..Node::default() })
                        .map_err(|error| format!("{error:?}"))?;
                }
            }
            let pipe = Pipe {
                length_m: piece.length_m,
                inner_diameter_m: piece.inner_m,
                outer_diameter_m: piece.outer_m,
                u_w_m2k: Some(1.0 / (piece.resistance_m_k_w * PI * piece.outer_m)),
                details: PipeDetails { material: piece.material.to_owned(), ..PipeDetails::default() }.into(),
                ..Pipe::default()
            };
            network.insert_link_between(piece.id, piece.from, piece.to, pipe).map_err(|error| format!("{error:?}"))?;
        }
        let problem = Problem::new(&network).map_err(|findings| format!("{findings:?}"))?;
        let heat = HeatProblem::new(&network, &problem);
        let start = Start::Uniform { temperature_c: start_c };
        let transport = Transport::start(&network, &problem, &heat, start, None);
        Ok(Bench { problem, heat, transport, total: Ledger::default() })
    }

    /// Fills the first pipe with a straight line between two temperatures.
    fn start_between(&mut self, from_c: f64, to_c: f64) {
        const PARTS: usize = 20;
        let enthalpy = &self.transport.enthalpy;
        let part = |at: usize| from_c + (to_c - from_c) * (at as f64 + 0.5) / PARTS as f64;
        let content: Vec<(f64, f64)> = (0..PARTS).map(|at| (1.0 / PARTS as f64, enthalpy.of(part(at)))).collect();
        let known = &self.transport.pipes[0];
        let pipe = PipeInTime::new(known.data, known.surroundings_c(), &content, enthalpy);
        self.transport.pipes[0] = pipe;
    }

    fn step(&mut self, flows: &[f64], inlet_c: f64, step_s: f64) {
        self.heat.feed_temperature_c.fill(inlet_c);
        self.transport.set_flows(&self.problem, &self.heat, flows, step_s, Front::Film);
        let ledger = self.transport.step(&self.problem, step_s, &[], |_, inlet_c, _| inlet_c);
        self.total.add(&ledger);
    }

    /// Temperature at the end of a pipe.
    fn outlet_c(&self, pipe: usize) -> f64 {
        self.transport.ends_c(&self.problem, pipe).1
    }
}

/// Drives a single pipe by its measured inlet; the outlet over time.
fn single_pipe(
    piece: Piece,
    ambient_c: f64,
    [times, inlet, outlet]: [&[f64]; 3],
    flow_kg_s: impl Fn(f64) -> f64,
    step_s: f64,
) -> Result<Vec<(f64, f64)>, String> {
    let mut bench = Bench::new(&[piece], ambient_c, outlet[0])?;
    bench.start_between(inlet[0], outlet[0]);
    let end_s = times.last().copied().unwrap_or(0.0);
    let mut curve = vec![(times[0], outlet[0])];
    let mut time_s = times[0];
    while time_s < end_s {
        let middle_s = time_s + 0.5 * step_s;
        bench.step(&[flow_kg_s(middle_s)], between(times, inlet, middle_s), step_s);
        curve.push((middle_s, bench.outlet_c(0)));
        time_s += step_s;
    }
    if bench.total.imbalance_share() > 1e-9 {
        return Err(format!("the heat balance is open by {:e}", bench.total.imbalance_share()));
    }
    Ok(curve)
}

/// Runs of the Liège bench with the error each may have.
const LIEGE: [LiegeRun; 4] = [
    LiegeRun { name: "151202", limit_k: 0.51, reason: "published: IBPSA plug-flow pipe 0.51 K" },
    LiegeRun { name: "151204_1", limit_k: 0.51, reason: NO_OTHER },
    LiegeRun { name: "151204_2", limit_k: 0.51, reason: NO_OTHER },
    LiegeRun { name: "160104_2", limit_k: 0.51, reason: NO_OTHER },
];
const NO_OTHER: &str = "no published result of this run; held to that of run 151202";

#[derive(Clone, Copy)]
struct LiegeRun {
    name: &'static str,
    limit_k: f64,
    reason: &'static str,
}

/// Steps of the single pipes: shorter than any sensor's interval.
const STEP_S: f64 = 1.0;

fn liege(library: &Library, run: LiegeRun) -> Case {
    let source = "University of Liège, pipe test bench (Modelica IBPSA library)";
    let name = format!("liege/{}", run.name);
    let mut picture = None;
    let mut compare = || -> Result<Vec<Comparison>, String> {
        let table = Table::read(library, &format!("measured/{name}.csv"))?;
        let (times, inlet, outlet) = (table.column("time_s")?, table.column("inlet_c")?, table.column("outlet_c")?);
        let flow = table.column("mass_flow_kg_s")?;
        // As published: 13 mm of insulation, 0.04 W/(m K) aged, 5 W/(m² K) outside, 18 °C around.
        let (steel_m, casing_m) = (0.0603, 0.0603 + 2.0 * 0.013);
        let piece = Piece {
            id: "pipe",
            from: "in",
            to: "out",
            length_m: 39.0,
            inner_m: 0.05248,
            outer_m: steel_m,
            resistance_m_k_w: layer_resistance_m_k_w(steel_m, casing_m, 0.04) + surface_resistance_m_k_w(casing_m, 5.0),
            material: "steel",
        };
        let curve = single_pipe(piece, 18.0, [times, inlet, outlet], |time| between(times, flow, time), STEP_S)?;
        let all = rms_k(times, outlet, &curve);
        let mut rows = vec![("all readings", all)];
        let mut curves = vec![
            Curve::new("inlet, measured", times, inlet).thin(),
            Curve::new("outlet, measured", times, outlet),
            Curve::of("outlet, computed", &curve),
        ];
        let published = library.get("measured/liege/151202_published.csv");
        if run.name == "151202" && published.is_some() {
            let published = Table::read(library, "measured/liege/151202_published.csv")?;
            let (at, theirs) = (published.column("time_s")?, published.column("outlet_c")?);
            let end_s = times.last().copied().unwrap_or(0.0);
            let count = at.partition_point(|&time| time <= end_s);
            let measured: Vec<f64> = at[..count].iter().map(|&time| between(times, outlet, time)).collect();
            rows.push(("moments of the published result", rms_k(&at[..count], &measured, &curve)));
            curves.push(Curve::new("outlet, IBPSA plug flow", &at[..count], &theirs[..count]).thin());
        }
        picture = Some(Picture::new(&name, "Liège test bench, run ", "time, s", "°C", curves).named(run.name));
        Ok(vec![error_at_most(&rows, run.limit_k, run.reason)])
    };
    let outcome = compare();
    Case::new(name.clone(), source, outcome).titled("verify-measured-liege").pictured(picture)
}

fn schweiger(library: &Library, number: usize) -> Case {
    let source = "Schweiger et al., Energy 164 (2018), test pipe";
    let name = format!("schweiger/case{number}");
    let (limit_k, reason) = match number {
        1 => (0.233, "published: IBPSA plug-flow pipe 0.233 K, the best of eight programs"),
        _ => (0.161, "published: IBPSA plug-flow pipe 0.161 K, the best of eight programs"),
    };
    let mut picture = None;
    let mut compare = || -> Result<Vec<Comparison>, String> {
        let table = Table::read(library, &format!("measured/{name}.csv"))?;
        let (times, inlet, outlet) = (table.column("time_s")?, table.column("inlet_c")?, table.column("outlet_c")?);
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        // Ambient of the second run: mean of the first 1800 s of its sheet, after which columns are shifted there.
        let ambient_c = if number == 1 { mean(table.column("ambient_c")?) } else { 21.09 };
        // Conductivity at the mean temperature of the insulation, from the two values that are published.
        let middle_c = 0.5 * (mean(inlet) + ambient_c);
        let conductivity = 0.0389 + (0.0442 - 0.0389) * (middle_c - 14.4) / (54.4 - 14.4);
        let (copper_m, casing_m) = (0.022, 0.022 + 2.0 * 0.013);
        let piece = Piece {
            id: "pipe",
            from: "in",
            to: "out",
            length_m: 60.33,
            inner_m: 0.020,
            outer_m: copper_m,
            resistance_m_k_w: layer_resistance_m_k_w(copper_m, casing_m, conductivity)
                + surface_resistance_m_k_w(casing_m, 10.0),
            material: "copper",
        };
        let water = Fluid::new(&crate::network::WaterModel::Iapws).map_err(|error| format!("{error:?}"))?;
        let litres_h = if number == 1 { table.column("flow_l_h")?.to_vec() } else { vec![270.0; times.len()] };
        // The meter stands in the return of the bench, behind the pipe.
        let flow =
            |time: f64| between(times, &litres_h, time) / 3.6e6 * water.density_kg_m3(between(times, outlet, time));
        let curve = single_pipe(piece, ambient_c, [times, inlet, outlet], flow, STEP_S)?;
        let curves = vec![
            Curve::new("inlet, measured", times, inlet).thin(),
            Curve::new("outlet, measured", times, outlet),
            Curve::of("outlet, computed", &curve),
            Curve::new("outlet, IBPSA plug flow", times, table.column("published_c")?).thin(),
        ];
        let short = number.to_string();
        picture = Some(Picture::new(&name, "Schweiger test pipe, case ", "time, s", "°C", curves).named(&short));
        Ok(vec![error_at_most(&[("all readings", rms_k(times, outlet, &curve))], limit_k, reason)])
    };
    let outcome = compare();
    Case::new(name.clone(), source, outcome).titled("verify-measured-schweiger").pictured(picture)
}

/// A branch of a network: main from the inlet over two junctions, three substations, of which two are judged (the sensor of
/// the third stands in still water most of the time and reads 10 to 26 °C when it begins to flow). The 20 m before the
/// branch carry 16 to 45 kg/s: five seconds, without loss to speak of.
fn pongau(library: &Library) -> Case {
    let source = "AIT, district heating network in Pongau (Modelica IBPSA library)";
    let mut picture = None;
    let mut note = String::new();
    let mut compare = || -> Result<Vec<Comparison>, String> {
        let table = Table::read(library, "measured/pongau/week.csv")?;
        let published = Table::read(library, "measured/pongau/published.csv")?;
        let times = table.column("time_s")?;
        let curves = pongau_curves(&table, FITTINGS_FACTOR)?;
        let bare = pongau_curves(&table, 1.0)?;
        // As in the published comparison: the state at the start is unknown.
        let known = times.partition_point(|&time| time <= 10_000.0);
        let at = published.column("time_s")?;
        let from = at.partition_point(|&time| time <= 10_000.0);
        let mut comparisons = Vec::new();
        let mut drawn = Vec::new();
        let mut without = Vec::new();
        for (at_curve, (station, limit_k)) in [(2, 1.78), (3, 1.46)].into_iter().enumerate() {
            let measured = table.column(&format!("station{station}_c"))?;
            let there: Vec<f64> = at[from..].iter().map(|&time| between(times, measured, time)).collect();
            let curve = &curves[at_curve];
            let rows = [
                (format!("substation {station}, all readings"), rms_k(&times[known..], &measured[known..], curve)),
                (format!("substation {station}, moments of the published result"), rms_k(&at[from..], &there, curve)),
            ];
            let rows: Vec<(&str, f64)> = rows.iter().map(|(name, error)| (name.as_str(), *error)).collect();
            let reason = format!("published: IBPSA plug-flow pipe {limit_k} K");
            comparisons.push(error_at_most(&rows, limit_k, &reason));
            without.push(rms_k(&times[known..], &measured[known..], &bare[at_curve]));
            drawn.push(Curve::new(&format!("substation {station}, measured"), times, measured).thin());
            drawn.push(Curve::of(&format!("substation {station}, computed"), curve));
        }
        note = format!(
            "losses of the published pipe layers times {FITTINGS_FACTOR}, the norm's allowance for fittings and supports; \
             without it {:.2} K at substation 2 and {:.2} K at substation 3 (the published result has no allowance)",
            without[0], without[1]
        );
        picture = Some(Picture::new("pongau", "Pongau, a week in December", "time, s", "°C", drawn));
        Ok(comparisons)
    };
    let outcome = compare();
    let mut case = Case::new("pongau", source, outcome).titled("verify-measured-pongau").pictured(picture);
    case.notes.push(note);
    case
}

/// Temperatures at substations 2 and 3 over the week, losses multiplied by `allowance`.
fn pongau_curves(table: &Table, allowance: f64) -> Result<[Vec<(f64, f64)>; 2], String> {
    const PONGAU_STEP_S: f64 = 60.0;
    let column = |name: &str| table.column(name);
    let (times, inlet, outdoor) = (column("time_s")?, column("inlet_c")?, column("outdoor_c")?);
    let flows = [column("flow2_kg_s")?, column("flow3_kg_s")?, column("flow4_kg_s")?];
    // Layers as published: insulation 0.024, soil 2.4 W/(m K) out to 2 m across.
    let layers = |steel_m: f64, casing_m: f64| {
        let resistance = (casing_m / steel_m).ln() / (TAU * 0.024) + (2.0 / casing_m).ln() / (TAU * 2.4);
        resistance / allowance
    };
    let piece = |id, from, to, length_m, [inner_m, outer_m, insulated_m, casing_m]: [f64; 4]| Piece {
        id,
        from,
        to,
        length_m,
        inner_m,
        outer_m,
        resistance_m_k_w: layers(insulated_m, casing_m),
        material: "steel",
    };
    let (main, service) = ([0.0825, 0.0889, 0.0899, 0.18], [0.0273, 0.0337, 0.0337, 0.07]);
    let pieces = [
        piece("main 1", "branch", "junction 4", 115.0, main),
        piece("main 5", "junction 4", "junction 3", 20.0, main),
        piece("service 4", "junction 4", "station 4", 29.0, service),
        piece("service 2", "junction 3", "station 2", 76.0, service),
        piece("service 3", "junction 3", "station 3", 38.0, service),
    ];
    let mut bench = Bench::new(&pieces, outdoor[0], inlet[0])?;
    let mut curves = [Vec::new(), Vec::new()];
    let end_s = times.last().copied().unwrap_or(0.0);
    let mut time_s = 0.0;
    while time_s < end_s {
        let middle_s = time_s + 0.5 * PONGAU_STEP_S;
        let [m2, m3, m4] = flows.map(|flow| between(times, flow, middle_s));
        let around_c = between(times, outdoor, middle_s);
        for pipe in &mut bench.transport.pipes {
            pipe.set_surroundings(around_c);
        }
        bench.step(&[m2 + m3 + m4, m2 + m3, m4, m2, m3], between(times, inlet, middle_s), PONGAU_STEP_S);
        for (curve, pipe) in curves.iter_mut().zip([3, 4]) {
            curve.push((middle_s, bench.outlet_c(pipe)));
        }
        time_s += PONGAU_STEP_S;
    }
    if bench.total.imbalance_share() > 1e-9 {
        return Err(format!("the heat balance is open by {:e}", bench.total.imbalance_share()));
    }
    Ok(curves)
}
