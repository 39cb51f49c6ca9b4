//! The network in time: energy kept, reversal, standstill, splitting, halving the step, the steady state as the limit.

use std::f64::consts::{PI, TAU};

use hypocaust::network::generate::{Parameters, city};
use hypocaust::network::{Boundary, Demand, Network, Node, Pipe, Settings, WaterModel};
use hypocaust::physics::ground::GroundClimate;
use hypocaust::simulation::{
    FixedDemand, FixedReturn, FixedSupply, Front, Ground, Ledger, Options, Recorder, Simulation, Start, Transport,
    Weather, equip,
};
use hypocaust::solver::problem::Problem;
use hypocaust::solver::thermal::HeatProblem;
use hypocaust::solver::{self, Solver};
use proptest::prelude::*;

const WINTER: Weather = Weather { temperature_c: -10.0, wind_m_s: 2.0, solar_w_m2: 0.0 };

/// A line of pipes between two open ends, driven by hand.
struct Line {
    problem: Problem,
    heat: HeatProblem,
    transport: Transport,
    pipes: usize,
    total: Ledger,
    outlet_c: f64,
}

impl Line {
    /// `length_m` in `pieces` equal pipes, water at `start_c`; constant water, so that figures can be checked by hand.
    fn new(length_m: f64, pieces: usize, start_c: f64, u_w_m2k: f64) -> Line {
        let water = WaterModel::Constant { density_kg_m3: 980.0, viscosity_pa_s: 4e-4, heat_capacity_j_kgk: 4180.0 };
        let mut network = Network::new();
        network.set_settings(Settings { water, ambient_temperature_c: 8.0, ..Settings::default() });
        let open = || Some(Boundary::Reservoir { head_m: 10.0, temperature_c: start_c });
        for node in 0..=pieces {
            let boundary = if node == 0 || node == pieces { open() } else { None };
            network
                .insert_node(format!("N{node}"), Node { boundary: boundary.map(Box::new), ..Node::default() })
                .unwrap();
        }
        for piece in 0..pieces {
            let pipe = Pipe {
                length_m: length_m / pieces as f64,
                inner_diameter_m: 0.1,
                outer_diameter_m: 0.108,
                u_w_m2k: Some(u_w_m2k),
                ..Pipe::default()
            };
            let (from, to) = (format!("N{piece}"), format!("N{}", piece + 1));
            network.insert_link_between(format!("P{piece}"), &from, &to, pipe).unwrap();
        }
        let problem = Problem::new(&network).unwrap();
        let heat = HeatProblem::new(&network, &problem);
        let start = Start::Uniform { temperature_c: start_c };
        let transport = Transport::start(&network, &problem, &heat, start, None);
        Line { problem, heat, transport, pipes: pieces, total: Ledger::default(), outlet_c: f64::NAN }
    }

    /// One step with this flow and this temperature at whichever end it enters; the temperature that leaves.
    fn step(&mut self, flow_kg_s: f64, inlet_c: f64, step_s: f64, front: Front) -> f64 {
        let ends = [self.problem.from[0] as usize, self.problem.to[self.pipes - 1] as usize];
        for end in ends {
            self.heat.feed_temperature_c[end] = inlet_c;
        }
        let flows = vec![flow_kg_s; self.pipes];
        self.transport.set_flows(&self.problem, &self.heat, &flows, step_s, front);
        let ledger = self.transport.step(&self.problem, step_s, &[], |_, inlet_c, _| inlet_c);
        self.total.add(&ledger);
        let out = if flow_kg_s >= 0.0 { ends[1] } else { ends[0] };
        self.outlet_c = self.transport.node_c(out);
        self.outlet_c
    }
}

/// Mass of water in a metre of the line's pipe, with the wall as water.
fn effective_kg_m() -> f64 {
    PI / 4.0 * 0.01 * 980.0 + PI / 4.0 * (0.108f64.powi(2) - 0.01) * 7850.0 * 480.0 / 4180.0
}

#[test]
fn a_front_arrives_when_water_and_wall_are_filled_and_has_lost_what_the_steady_pipe_loses() {
    let mut line = Line::new(1000.0, 1, 20.0, 1.0);
    let mut arrived_s = f64::NAN;
    for step in 0..800 {
        let out = line.step(5.0, 80.0, 5.0, Front::Plug);
        if arrived_s.is_nan() && out > 45.0 {
            arrived_s = 5.0 * f64::from(step);
        }
    }
    let expected_s = effective_kg_m() * 1000.0 / 5.0;
    assert!((arrived_s - expected_s).abs() <= 5.0, "{arrived_s} s against {expected_s} s");
    let steady_c = 8.0 + 72.0 * (-(PI * 0.108 * 1000.0) / (5.0 * 4180.0)).exp();
    assert!((line.outlet_c - steady_c).abs() < 1e-3, "{} against {steady_c}", line.outlet_c);
    assert!(line.total.imbalance_share() < 1e-12, "{:?}", line.total);
}

#[test]
fn water_at_rest_cools_by_its_time_constant_and_starts_again_where_it_was() {
    let mut line = Line::new(300.0, 1, 70.0, 1.5);
    let mut step = |flow: f64| line.step(flow, 70.0, 60.0, Front::Plug);
    for _ in 0..600 {
        step(0.0);
    }
    let decay = 1.5 * PI * 0.108 / (effective_kg_m() * 4180.0);
    let expected_c = 8.0 + 62.0 * (-decay * 36_000.0).exp();
    // The cold plug leaves as a whole before the warm water comes.
    let steps = (effective_kg_m() * 300.0 / (2.0 * 60.0)) as usize;
    for _ in 0..steps {
        let out = step(2.0);
        assert!((out - expected_c).abs() < 0.9, "{out} against {expected_c}");
    }
    step(2.0);
    assert!(step(2.0) > 68.5);
    assert!(line.total.imbalance_share() < 1e-12);
}

#[test]
fn a_long_step_ends_where_short_ones_do() {
    let run = |step_s: f64| {
        let mut line = Line::new(2000.0, 1, 40.0, 2.0);
        for _ in 0..(14_400.0 / step_s) as usize {
            line.step(3.0, 90.0, step_s, Front::Plug);
        }
        (line.outlet_c, line.transport.heat_j(), line.total.imbalance_share())
    };
    let (fine_c, fine_j, _) = run(10.0);
    for step_s in [60.0, 900.0, 3600.0, 14_400.0] {
        let (out_c, heat_j, open) = run(step_s);
        assert!(open < 1e-11, "{step_s}: {open:e}");
        assert!((heat_j / fine_j - 1.0).abs() < 2e-4, "{step_s} s: {heat_j} J against {fine_j}");
        // The longest step is half over when the front arrives: its mean is of both.
        if step_s < 14_000.0 {
            assert!((out_c - fine_c).abs() < 0.01, "{step_s} s: {out_c} against {fine_c}");
        }
    }
}

#[test]
fn splitting_a_pipe_in_ten_changes_little() {
    // The inlet swings by ±15 K in two hours: mixing at nine more nodes may take 0.1 K off the crests.
    let mut whole = Line::new(1200.0, 1, 70.0, 1.0);
    let mut split = Line::new(1200.0, 10, 70.0, 1.0);
    let mut worst: f64 = 0.0;
    for step in 0..600 {
        let inlet = 70.0 + 15.0 * (TAU * f64::from(step) / 120.0).sin();
        let out = (whole.step(4.0, inlet, 60.0, Front::Plug), split.step(4.0, inlet, 60.0, Front::Plug));
        // The corner at the start is rounded more than the swing.
        if step > 120 {
            worst = worst.max((out.0 - out.1).abs());
        }
    }
    println!("split in ten: {worst} K");
    assert!(worst < 0.1, "{worst} K");
    assert!((whole.total.lost_j / split.total.lost_j - 1.0).abs() < 1e-4);
}

#[test]
fn halving_the_step_halves_the_difference() {
    let run = |step_s: f64| {
        let mut line = Line::new(900.0, 3, 60.0, 1.0);
        let per_minute = (60.0 / step_s) as usize;
        let mut means = Vec::new();
        for minute in 0..300 {
            let mut sum = 0.0;
            for part in 0..per_minute {
                let time = f64::from(minute) * 60.0 + (part as f64 + 0.5) * step_s;
                sum += line.step(3.0, 70.0 + 15.0 * (TAU * time / 5400.0).sin(), step_s, Front::Plug);
            }
            means.push(sum / per_minute as f64);
        }
        means
    };
    let (coarse, middle, fine) = (run(60.0), run(30.0), run(7.5));
    // After the first front has passed.
    let worst = |a: &[f64]| a.iter().zip(&fine).skip(120).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    println!("step 60 s {} K, 30 s {} K from 7.5 s", worst(&coarse), worst(&middle));
    assert!(worst(&coarse) < 0.1, "{}", worst(&coarse));
    assert!(worst(&middle) < 0.6 * worst(&coarse), "{} {}", worst(&middle), worst(&coarse));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any flows, reversals, standstills and steps: heat is neither made nor lost.
    #[test]
    fn heat_is_kept_whatever_flows(
        pieces in 1usize..6,
        film in any::<bool>(),
        steps in prop::collection::vec((-6.0..6.0_f64, 10.0..110.0_f64, 1.0..900.0_f64, 0u8..4), 1..120),
    ) {
        let mut line = Line::new(400.0, pieces, 50.0, 1.2);
        let front = if film { Front::Film } else { Front::Plug };
        let start_j = line.transport.heat_j();
        for (flow, inlet, step, rest) in steps {
            let flow = if rest == 0 { 0.0 } else { flow };
            let out = line.step(flow, inlet, step, front);
            prop_assert!(out.is_finite() && out > 7.9 && out < 110.1, "{}", out);
        }
        let turned = line.total.fed_j.abs() + line.total.drawn_j.abs() + line.total.lost_j.abs() + start_j;
        prop_assert!(line.total.imbalance_j().abs() < 1e-10 * turned, "{:?}", line.total);
    }

    /// The same run from the other side gives the mirror image, to the bit.
    #[test]
    fn a_mirrored_run_is_the_mirror_image(
        steps in prop::collection::vec((-6.0..6.0_f64, 20.0..110.0_f64, 10.0..300.0_f64), 1..80),
    ) {
        let mut line = Line::new(500.0, 1, 50.0, 1.2);
        let mut mirror = Line::new(500.0, 1, 50.0, 1.2);
        for (flow, inlet, step) in steps {
            let out = (line.step(flow, inlet, step, Front::Plug), mirror.step(-flow, inlet, step, Front::Plug));
            prop_assert_eq!(out.0, out.1);
        }
        let mut profile = mirror.transport.pipes[0].profile();
        profile.reverse();
        prop_assert_eq!(line.transport.pipes[0].profile(), profile);
    }
}

fn small_city(relief_m: f64) -> Network {
    city(&Parameters { stations: 40, seed: 3, loops: 0.3, sources: 2, relief_m, ..Parameters::default() })
}

/// Nodes that water passes, against the steady solution.
fn assert_near_steady(network: &Network, simulation: &Simulation, tolerance_k: f64) {
    let steady = Solver::new().solve(network, &solver::Options::default());
    assert!(steady.converged);
    let (mut worst, mut place) = (0.0f64, String::new());
    let problem = simulation.problem();
    for (handle, name, _) in network.nodes() {
        let flows = |&link: &_| steady.link(link).is_some_and(|state| state.mass_flow_kg_s.abs() > 1e-3);
        let expected = steady.node(handle).unwrap().temperature_c;
        let found = simulation.transport().node_c(problem.node(handle).unwrap());
        if network.links_at(handle).iter().any(flows) && (found - expected).abs() > worst {
            (worst, place) = ((found - expected).abs(), format!("{name}: {found} against {expected}"));
        }
    }
    println!("from the steady state: {worst} K at {place}");
    assert!(worst <= tolerance_k, "{worst} K at {place}");
}

#[test]
fn a_run_from_the_steady_state_stays_there() {
    let network = small_city(60.0);
    let mut simulation = Simulation::new(&network, Options::default()).unwrap();
    for _ in 0..240 {
        assert!(simulation.step(&network, WINTER).converged);
    }
    assert_near_steady(&network, &simulation, 0.01);
}

#[test]
fn a_cold_start_ends_in_the_steady_state() {
    // On a hill a weak loop can run either way, driven by its own cold: two steady states. On the plain there is one.
    let network = small_city(0.0);
    let start = Start::Uniform { temperature_c: 20.0 };
    let options = Options { start, step_s: 300.0, flow_tolerance: 1e-4, ..Options::default() };
    let mut simulation = Simulation::new(&network, options).unwrap();
    for _ in 0..12 * 40 {
        simulation.step(&network, WINTER);
    }
    assert_near_steady(&network, &simulation, 0.01);
    let total = simulation.total();
    assert!(total.imbalance_j().abs() < 1e-6 * total.consumed_j, "{total:?}");
}

#[test]
fn a_day_with_swinging_loads_and_reversals_keeps_its_heat() {
    let network = small_city(60.0);
    let mut simulation = Simulation::new(&network, Options::default()).unwrap();
    for (at, view) in network.links().filter(|view| view.consumer().is_some()).enumerate() {
        let consumer = view.consumer().unwrap();
        let Demand::Heat { heat_w } = consumer.demand else { continue };
        // Every other station swings against its neighbours, so that loops change their direction.
        let phase = if at % 2 == 0 { 0.0 } else { PI };
        let swing = |part: u32| 0.55 + 0.45 * (TAU * f64::from(part) / 96.0 + phase).sin();
        let model = FixedReturn {
            demand: FixedDemand::Heat { heat_w },
            return_c: consumer.return_temperature_c,
            most_kg_s: 100.0,
            factors: (0..288).map(swing).collect(),
            interval_s: 300.0,
        };
        simulation.set_consumer(view.handle, Box::new(model)).unwrap();
    }
    let mut before: Vec<f64> = Vec::new();
    let mut reversals = 0;
    for _ in 0..1440 {
        assert!(simulation.step(&network, WINTER).converged);
        let flows = simulation.transport().flow_kg_s();
        reversals += flows.iter().zip(&before).filter(|(now, before)| *now * **before < 0.0).count();
        before = flows.to_vec();
    }
    let total = simulation.total();
    println!("{reversals} reversals, {} solves, {total:?}, open {:e}", simulation.solves(), total.imbalance_share());
    assert!(reversals > 10, "{reversals}");
    assert!(total.imbalance_j().abs() <= 1e-6 * total.consumed_j, "{:e}", total.imbalance_share());
    // Losses are those of U·(T − T_s), found from the state, not what the balance leaves over.
    assert!(total.lost_j > 0.005 * total.consumed_j && total.lost_j < 0.4 * total.consumed_j);
}

/// The city with a substation and a building behind every consumer.
fn with_buildings(network: &Network, outdoor_c: f64) -> Simulation {
    let mut simulation = Simulation::new(network, Options::default()).unwrap();
    assert!(equip::consumers(network, &mut simulation, true, outdoor_c).is_empty());
    simulation
}

#[test]
fn buildings_stay_warm_cool_without_heat_and_warm_again() {
    let network = small_city(60.0);
    let mut simulation = with_buildings(&network, -21.0);
    let design = Weather { temperature_c: -21.0, wind_m_s: 0.0, solar_w_m2: 0.0 };
    let rooms = |simulation: &Simulation| -> (f64, f64) {
        let all: Vec<f64> = simulation.consumers().filter_map(|(model, _)| Some(model.station()?.room_c())).collect();
        (all.iter().copied().fold(f64::INFINITY, f64::min), all.iter().copied().fold(f64::NEG_INFINITY, f64::max))
    };
    for _ in 0..12 * 60 {
        assert!(simulation.step(&network, design).converged);
    }
    let (coldest, warmest) = rooms(&simulation);
    assert!(coldest > 17.0 && warmest < 18.6, "{coldest} {warmest}");
    // Sources go cold: water at 40 °C only.
    let links: Vec<_> = network.links().filter(|view| view.source().is_some()).map(|view| view.handle).collect();
    for &link in &links {
        simulation.set_source(link, Box::new(FixedSupply { supply_c: 40.0, capacity_w: f64::INFINITY })).unwrap();
    }
    for _ in 0..10 * 60 {
        simulation.step(&network, design);
    }
    let (cold, _) = rooms(&simulation);
    assert!(cold < coldest - 0.8 && cold > 10.0, "{cold} after {coldest}");
    for &link in &links {
        simulation.set_source(link, Box::new(FixedSupply { supply_c: 110.0, capacity_w: f64::INFINITY })).unwrap();
    }
    for _ in 0..20 * 60 {
        simulation.step(&network, design);
    }
    let (warm, _) = rooms(&simulation);
    assert!(warm > cold + 0.2, "{warm} after {cold}");
    let total = simulation.total();
    assert!(total.imbalance_j().abs() <= 1e-6 * total.consumed_j, "{:e}", total.imbalance_share());
}

/// Weather that falls by 12 K in a day: motors move all the time, and hydraulics are solved for two moves at once.
#[test]
fn stations_get_their_flow_to_a_move_of_their_motors() {
    let network = small_city(60.0);
    let mut simulation = with_buildings(&network, 0.0);
    for step in 0..720 {
        let now = Weather { temperature_c: -f64::from(step) / 120.0, ..WINTER };
        let before: Vec<f64> = simulation.consumers().map(|(model, _)| model.slack_kg_s()).collect();
        assert!(simulation.step(&network, now).converged);
        for ((model, passed), slack_kg_s) in simulation.consumers().zip(before) {
            let wanted = model.station().unwrap().instant().wanted_flow_kg_s;
            let most = slack_kg_s.max(0.005 * passed.mass_flow_kg_s) + 1e-9;
            assert!(slack_kg_s > 0.0 && (passed.mass_flow_kg_s - wanted).abs() <= most, "{wanted} {passed:?}");
        }
    }
    println!("{} solves in 720 steps", simulation.solves());
    assert!(simulation.solves() < 360, "{}", simulation.solves());
}

#[test]
fn every_past_instant_is_there_and_leads_back_to_the_same_bits() {
    let network = small_city(60.0);
    let weather = |time_s: f64| Weather {
        temperature_c: -15.0 + 5.0 * (TAU * time_s / 86_400.0).sin(),
        wind_m_s: 1.0,
        solar_w_m2: 0.0,
    };
    let mut simulation = with_buildings(&network, -15.0);
    let mut recorder = Recorder::new(300.0, 3600.0, 1 << 30);
    recorder.observe(&simulation);
    let mut seen = Vec::new();
    for _ in 0..300 {
        simulation.step(&network, weather(simulation.time_s()));
        recorder.observe(&simulation);
        seen.push(simulation.transport().node_c(7));
    }
    assert_eq!(recorder.frames().len(), 61);
    // Frames hold what was, to the digits of 32 bits.
    for frame in recorder.frames().skip(1) {
        let step = (frame.time_s / 60.0).round() as usize;
        assert!((f64::from(frame.node_c[7]) - seen[step - 1]).abs() < 1e-5);
    }
    assert!((recorder.node_c(7, 450.0).unwrap() - 0.5 * (seen[4] + seen[9]) as f32).abs() < 1e-4);
    assert_eq!(recorder.at(12_345.0).unwrap().time_s, 12_300.0);
    // Back to minute 100, and on.
    let mut branch = recorder.branch(6000.0).unwrap();
    assert_eq!(branch.time_s(), 3600.0);
    while branch.time_s() < simulation.time_s() {
        branch.step(&network, weather(branch.time_s()));
        let step = (branch.time_s() / 60.0).round() as usize;
        assert_eq!(branch.transport().node_c(7), seen[step - 1], "step {step}");
    }
    assert_eq!(branch.total(), simulation.total());
    // A small memory keeps the latest.
    let bytes = recorder.bytes() / 61;
    let mut small = Recorder::new(60.0, f64::INFINITY, 10 * bytes);
    for _ in 0..100 {
        simulation.step(&network, weather(simulation.time_s()));
        small.observe(&simulation);
    }
    assert!(small.bytes() <= 10 * bytes && small.frames().len() >= 3, "{}", small.frames().len());
    assert_eq!(small.frames().last().unwrap().time_s, simulation.time_s());
}

#[test]
fn ground_follows_the_season_and_losses_add_up_by_zone() {
    let network = small_city(60.0);
    let climate = GroundClimate { mean_c: 8.0, amplitude_k: 14.0, coldest_day: 20.0, diffusivity_m2_s: 0.6e-6 };
    let run = |start_calendar_s: f64| {
        let ground = Ground::Seasonal(climate);
        let options = Options { ground, start_calendar_s, step_s: 600.0, ..Options::default() };
        let mut simulation = Simulation::new(&network, options).unwrap();
        for _ in 0..6 * 12 {
            simulation.step(&network, WINTER);
        }
        simulation
    };
    // 1 March and 1 September 2026.
    let (spring, autumn) = (run(20_513.0 * 86_400.0), run(20_697.0 * 86_400.0));
    let (cold, warm) = (spring.total().lost_j, autumn.total().lost_j);
    assert!(cold > 1.08 * warm, "{cold} {warm}");
    let handles: Vec<_> = network.links().map(|view| view.handle).collect();
    let half = |link| handles.iter().position(|known| *known == link).map(|at| at % 2);
    let zones = spring.losses_by_zone_j(2, half);
    assert!(((zones[0] + zones[1]) / cold - 1.0).abs() < 1e-9 && zones.iter().all(|zone| *zone > 0.0));
    let now: f64 = spring.losses_w().map(|(_, watts)| watts).sum();
    assert!((now * 600.0 / spring.last().lost_j - 1.0).abs() < 1e-9);
}
