//! Random networks of the rarer elements: every one converges, balances, and obeys the laws of its machines.

use hypocaust::network::{
    Boundary, Connection, Consumer, Demand, Leak, Leaks, Network, Node, Pipe, Pump, PumpControl, PumpPoint, Side,
    Source, SourceControl, Station, Valve, ValveKind,
};
use proptest::prelude::*;

use crate::hydraulic_reference::solve;
use crate::hydraulic_zoo::{DENSITY_KG_M3, nodes, settings};

/// What stands at a place of the row and between it and the one before.
#[derive(Clone, Debug)]
struct Place {
    connection: usize,
    flow_kg_s: f64,
    kv_m3_h: Option<f64>,
    mixing_ratio: f64,
    circuit_drop_pa: f64,
    pump: Option<(f64, f64)>,
    /// Kind of the machine in the supply before it, and its size.
    machine: Option<(u8, f64)>,
    hole: Option<(f64, f64)>,
    height_m: f64,
}

const CONNECTIONS: [Connection; 6] = [
    Connection::Indirect,
    Connection::Direct,
    Connection::MixingBypassPump,
    Connection::MixingSupplyPump,
    Connection::MixingReturnPump,
    Connection::JetPump,
];

fn place() -> impl Strategy<Value = Place> {
    let pump = prop::option::of((5.0..150.0_f64, 5.0..50.0_f64));
    let machine = prop::option::weighted(0.4, (0..5u8, 0.0..1.0_f64));
    let hole = prop::option::weighted(0.3, (0.0..=1.0_f64, -3.5..-1.3_f64));
    let demand = (0..6usize, -2.0..1.3_f64, prop::option::of(2.0..80.0_f64), 0.0..3.0_f64, 0.0..80e3_f64);
    (demand, pump, machine, hole, 0.0..30.0_f64).prop_map(
        |((connection, flow, kv_m3_h, mixing_ratio, circuit_drop_pa), pump, machine, hole, height_m)| Place {
            connection,
            flow_kg_s: 10f64.powf(flow),
            kv_m3_h,
            mixing_ratio,
            circuit_drop_pa,
            pump,
            machine,
            hole: hole.map(|(at, diameter)| (at, 10f64.powf(diameter))),
            height_m,
        },
    )
}

fn pump(flow_m3_h: f64, head_m: f64) -> Pump {
    Pump { curve: vec![PumpPoint { flow_m3_h, head_m, efficiency: Some(0.7) }], ..Pump::default() }
}

fn build(places: &[Place], capacity_kg_s: Option<f64>, speed: bool) -> Network {
    let mut network = Network::new();
    network.set_settings(settings());
    let make_up = Boundary::MakeUp { pressure_pa: 400e3, capacity_kg_s, temperature_c: 10.0 };
    network
        .insert_node("R0", Node { side: Side::Return, boundary: Some(Box::new(make_up)), ..Node::default() })
        .unwrap();
    nodes(&mut network, &["S0"]);
    let control = if speed {
        SourceControl::Speed { return_pressure_pa: None }
    } else {
        SourceControl::PressureRise { pressure_rise_pa: 350e3 }
    };
    let source = Source { control, pumps: Some(Box::new(pump(150.0, 40.0))), ..Source::default() };
    network.insert_link_between("H", "R0", "S0", source).unwrap();
    for (at, place) in places.iter().enumerate() {
        let at = at + 1;
        let [s, r, m, s0, r0] =
            [("S", at), ("R", at), ("M", at), ("S", at - 1), ("R", at - 1)].map(|(letter, i)| format!("{letter}{i}"));
        let node = |side| Node { side, z_m: place.height_m, ..Node::default() };
        network.insert_node(s.as_str(), node(Side::Supply)).unwrap();
        network.insert_node(r.as_str(), node(Side::Return)).unwrap();
        network.insert_node(m.as_str(), node(Side::Supply)).unwrap();
        let leaks = place.hole.map(|(position, hole_diameter_m)| {
            Box::new(Leaks(vec![Leak {
                position,
                hole_area_m2: None,
                hole_diameter_m: Some(hole_diameter_m),
                discharge_coefficient: 0.6,
                outside_pressure_pa: 0.0,
            }]))
        });
        let pipe = Pipe { length_m: 150.0, inner_diameter_m: 0.12, ..Pipe::default() };
        network.insert_link_between(format!("P{s}"), &s0, &m, Pipe { leaks, ..pipe.clone() }).unwrap();
        network.insert_link_between(format!("P{r}"), &r, &r0, pipe).unwrap();
        let id = format!("X{at}");
        match place.machine {
            None => {
                network.insert_link_between(id, &m, &s, Pipe { length_m: 1.0, ..Pipe::default() }).unwrap();
            }
            Some((4, size)) => {
                let valve = Valve { kind: ValveKind::Turbine, kv_m3_h: Some(10.0 + 90.0 * size), ..Valve::default() };
                network.insert_link_between(id, &m, &s, valve).unwrap();
            }
            Some((kind, size)) => {
                let control = match kind {
                    0 => PumpControl::Speed,
                    1 => PumpControl::MassFlow { mass_flow_kg_s: 20.0 * size },
                    2 => PumpControl::PressureRise { pressure_rise_pa: 200e3 * size },
                    _ => PumpControl::DifferentialPressure {
                        set_pressure_pa: 20e3 + 150e3 * size,
                        sensing_nodes: [s.as_str().into(), r.as_str().into()],
                    },
                };
                let machine = Pump { control, ..pump(20.0 + 80.0 * size, 15.0) };
                network.insert_link_between(id, &m, &s, machine).unwrap();
            }
        }
        let consumer = Consumer {
            demand: Demand::MassFlow { mass_flow_kg_s: place.flow_kg_s },
            connection: CONNECTIONS[place.connection],
            kv_open_m3_h: place.kv_m3_h,
            station: Some(Box::new(Station {
                mixing_ratio: place.mixing_ratio,
                circuit_drop_pa: place.circuit_drop_pa,
                circuit_flow_kg_s: place.flow_kg_s,
                pump: place.pump.map(|(flow_m3_h, head_m)| pump(flow_m3_h, head_m)),
            })),
            ..Consumer::default()
        };
        network.insert_link_between(format!("C{at}"), &s, &r, consumer).unwrap();
    }
    network
}

/// 192 networks; more by the environment variable `HYPOCAUST_CASES`.
fn cases() -> ProptestConfig {
    let cases = std::env::var("HYPOCAUST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(192);
    // The same networks every run.
    let rng_seed = proptest::test_runner::RngSeed::Fixed(20_261_122);
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_network_of_machines_and_holes_converges(
        places in prop::collection::vec(place(), 1..9),
        capacity_kg_s in prop::option::of(0.5..40.0_f64),
        speed in any::<bool>(),
    ) {
        let network = build(&places, capacity_kg_s, speed);
        let solution = solve(&network);
        prop_assert!(solution.report.iterations <= 60, "{:?}", solution.report);
        prop_assert!(solution.converged, "{:?} {:?}", solution.report, solution.findings);
        let largest = solution.links.iter().map(|link| link.mass_flow_kg_s.abs()).fold(1e-3, f64::max);
        prop_assert!(solution.report.max_mass_imbalance_kg_s <= 1e-9 * largest, "{:?}", solution.report);
        prop_assert!(solution.report.max_momentum_residual_pa <= 1e-2, "{:?}", solution.report);
        for leak in &solution.leaks {
            let place = &places[network.link_name(leak.link)[2..].parse::<usize>().unwrap() - 1];
            let (_, diameter_m) = place.hole.unwrap();
            let area = 0.6 * 0.25 * std::f64::consts::PI * diameter_m * diameter_m;
            let law = area * (2.0 * DENSITY_KG_M3 * leak.pressure_pa.max(0.0)).sqrt();
            prop_assert!((leak.mass_flow_kg_s - law).abs() <= 1e-6 * (1.0 + law), "{:?} {}", leak, law);
        }
        for (at, place) in places.iter().enumerate() {
            let link = network.link_id(&format!("C{}", at + 1)).unwrap();
            let flow = solution.link(link).unwrap().mass_flow_kg_s;
            prop_assert!(flow >= -1e-9 && flow <= place.flow_kg_s * (1.0 + 1e-9), "C{} {}", at + 1, flow);
        }
        for pump in &solution.pumps {
            prop_assert!(pump.speed >= 0.0 && pump.speed <= 1.0 + 1e-9, "{:?}", pump);
        }
    }
}
