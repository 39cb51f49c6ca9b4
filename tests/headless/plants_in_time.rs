//! Plants in a network: what they burn belongs to what the water took, limits show at the supply, stores fill and empty.

use hypocaust::network::{HeatPumpSource, HeatStore, Network, Plant, Source, SourceControl, SourceKind};
use hypocaust::physics::weather::Weather;
use hypocaust::simulation::{Options, PlantTotals, Simulation, equip};

use super::stations_in_time::{megawatt, network, network_of};

const MEGAWATT: f64 = 1e6;

/// The network of one megawatt with this source.
fn with_source(source: Source) -> Network {
    network_of(source, megawatt(), &[])
}

fn source(kind: SourceKind, plant: Plant) -> Source {
    Source { kind, capacity_w: Some(2.0 * MEGAWATT), plant: Some(Box::new(plant)), ..Source::default() }
}

struct Run {
    simulation: Simulation,
    plant: PlantTotals,
    /// By step: supply temperature, and what the plant recorded.
    rows: Vec<(f64, Vec<f32>)>,
}

fn run(network: &Network, hours: f64, weather: impl Fn(f64) -> Weather) -> Run {
    let mut simulation = Simulation::new(network, Options { step_s: 300.0, ..Options::default() }).unwrap();
    assert_eq!(equip::plants(network, &mut simulation), []);
    let mut rows = Vec::new();
    for _ in 0..(hours * 12.0) as usize {
        let now = weather(simulation.time_s());
        assert!(simulation.step(network, now).converged);
        let (model, passed) = simulation.sources().next().unwrap();
        rows.push((passed.outlet_c, model.recorded().to_vec()));
    }
    let plant = *simulation.sources().next().unwrap().0.plant().unwrap();
    let total = simulation.total();
    assert!(total.imbalance_j().abs() <= 1e-6 * total.supplied_j.abs().max(total.consumed_j), "{total:?}");
    assert!((plant.heat_j / total.supplied_j - 1.0).abs() < 1e-9);
    Run { simulation, plant, rows }
}

fn cold(_: f64) -> Weather {
    Weather { temperature_c: -10.0, wind_m_s: 0.0, solar_w_m2: 0.0 }
}

#[test]
fn every_kind_heats_the_network_and_tells_what_it_took() {
    let warm_source = Plant {
        source_flow_kg_s: Some(20.0),
        source_temperature_c: Some(125.0),
        fuel_price_1_gj: 30.0,
        electricity_price_1_kwh: vec![0.5],
        heat_price_1_gj: 20.0,
        ..Plant::default()
    };
    // Fuel or electricity bought per heat, from efficiencies that the models' own tests know.
    for (kind, fuel, electricity) in [
        (SourceKind::CombinedHeatAndPower, 1.4 / 0.85, 0.0),
        (SourceKind::CoalBoiler, 1.2, 0.0),
        (SourceKind::GasBoiler, 1.07, 0.0),
        (SourceKind::BiomassBoiler, 1.2, 0.0),
        (SourceKind::ElectricBoiler, 0.0, 1.0 / 0.98),
        (SourceKind::WasteHeat, 0.0, 0.0),
        (SourceKind::Geothermal, 0.0, 0.0),
    ] {
        let network = with_source(source(kind, warm_source.clone()));
        let Run { plant, simulation, .. } = run(&network, 24.0, cold);
        assert_eq!(plant.short_s, 0.0, "{kind:?}");
        assert!(
            (plant.fuel_j / plant.heat_j / f64::max(fuel, 1e-9) - 1.0).abs() < 0.08 || fuel == 0.0,
            "{kind:?} {plant:?}"
        );
        assert!((plant.electricity_j / plant.heat_j - electricity).abs() < 0.01, "{kind:?} {plant:?}");
        assert_eq!(plant.fuel_j > 0.0, fuel > 0.0, "{kind:?}");
        let bought = plant.bought_heat_j / plant.heat_j;
        assert!(if kind == SourceKind::WasteHeat { (bought - 1.0).abs() < 1e-3 } else { bought == 0.0 }, "{kind:?}");
        assert_eq!(plant.sold_electricity_j > 0.0, kind == SourceKind::CombinedHeatAndPower);
        let paid = 30e-9 * plant.fuel_j + 0.5 / 3.6e6 * plant.electricity_j + 20e-9 * plant.bought_heat_j;
        assert!((plant.cost - paid).abs() <= 1e-6 * paid.max(1.0), "{kind:?} {plant:?}");
        // Emission, but for what is sold, is positive where something is burnt or bought.
        assert_eq!(
            plant.co2_kg > 0.0,
            matches!(kind, SourceKind::CoalBoiler | SourceKind::GasBoiler | SourceKind::ElectricBoiler)
                || kind == SourceKind::CombinedHeatAndPower && plant.co2_kg > 0.0,
            "{kind:?} {plant:?}"
        );
        assert!(simulation.total().consumed_j > 0.9 * 86_400.0 * MEGAWATT);
    }
}

#[test]
fn a_plant_that_cannot_reach_its_set_temperature_gives_what_it_can_and_says_so() {
    // Too small: 600 kW of a megawatt.
    let small = Source { capacity_w: Some(0.6 * MEGAWATT), ..source(SourceKind::GasBoiler, Plant::default()) };
    let Run { plant, rows, .. } = run(&with_source(small), 12.0, cold);
    assert!((plant.heat_j / (12.0 * 3600.0 * 0.6 * MEGAWATT) - 1.0).abs() < 0.02, "{plant:?}");
    assert!(plant.short_s > 11.0 * 3600.0 && plant.coldest_supply_c < 100.0, "{plant:?}");
    assert!(rows.last().unwrap().0 < 108.0);
    // Too cool: an air machine stands 85 °C, the network wants 110 °C.
    let data = Plant { heat_source: HeatPumpSource::Air, ..Plant::default() };
    let pump = Source { capacity_w: Some(3.0 * MEGAWATT), ..source(SourceKind::HeatPump, data) };
    let Run { plant, rows, .. } = run(&with_source(pump), 12.0, cold);
    assert!((rows.last().unwrap().0 - 85.0).abs() < 0.6, "{:?}", rows.last());
    assert!(plant.short_s > 11.0 * 3600.0 && (1.3..3.0).contains(&(plant.heat_j / plant.electricity_j)), "{plant:?}");
    // A collector gives by day only.
    let field = Plant { collector_area_m2: 8000.0, ..Plant::default() };
    let sun = |time_s: f64| Weather {
        solar_w_m2: (800.0 * (std::f64::consts::TAU * (time_s / 86_400.0 - 0.25)).sin()).max(0.0),
        ..cold(time_s)
    };
    let Run { rows, .. } = run(&with_source(source(SourceKind::Solar, field)), 48.0, sun);
    let heat = |hour: usize| rows[hour * 12 + 24 * 12].1[0];
    assert!(heat(2).abs() < 5e3 && heat(12) > 1e5, "{} {}", heat(2), heat(12));
}

#[test]
fn ramps_and_start_times_hold_in_the_network() {
    // From standstill, an hour to start, then 0.2 MW an hour: it is off because the source is cold at first.
    let data = Plant { ramp_up_w_s: Some(0.2 * MEGAWATT / 3600.0), start_time_s: 3600.0, ..Plant::default() };
    let boiler = Source { minimum_heat_w: Some(0.1 * MEGAWATT), ..source(SourceKind::GasBoiler, data) };
    let network = with_source(boiler);
    let options = Options {
        step_s: 300.0,
        start: hypocaust::simulation::Start::Uniform { temperature_c: 45.0 },
        ..Options::default()
    };
    let mut simulation = Simulation::new(&network, options).unwrap();
    assert_eq!(equip::plants(&network, &mut simulation), []);
    let mut heat = Vec::new();
    for _ in 0..60 {
        simulation.step(&network, cold(0.0));
        heat.push(simulation.sources().next().unwrap().1.heat_w);
    }
    // While it stands it gives only what the return of the last step differs from that of this one.
    assert!(heat[..11].iter().all(|watts| watts.abs() < 5e3), "{heat:?}");
    // Between the second and the third hour it rises by 0.2 MW.
    assert!((heat[35] - heat[23] - 0.2 * MEGAWATT).abs() < 0.03 * MEGAWATT, "{heat:?}");
    assert_eq!(simulation.sources().next().unwrap().0.plant().unwrap().starts, 1);
}

#[test]
fn below_its_least_load_a_boiler_runs_and_rests_and_the_supply_stays() {
    let boiler = Source { minimum_heat_w: Some(1.8 * MEGAWATT), ..source(SourceKind::GasBoiler, Plant::default()) };
    let Run { plant, rows, .. } = run(&with_source(boiler), 48.0, cold);
    assert!(plant.starts >= 5 && plant.starts < 60, "{plant:?}");
    assert_eq!(plant.short_s, 0.0, "{plant:?}");
    assert!(rows.iter().any(|(_, row)| row[3] == 0.0) && rows.iter().any(|(_, row)| row[3] > 1.8e6));
    // Fuel is for the heat given, not for the hours at least load.
    assert!((plant.fuel_j / plant.heat_j - 1.07).abs() < 0.1, "{plant:?}");
}

#[test]
fn an_electric_boiler_charges_its_store_by_night_and_feeds_the_day() {
    let mut prices = vec![1.0; 24];
    prices[..8].fill(0.3);
    let data = Plant { charge_temperature_c: Some(130.0), electricity_price_1_kwh: prices, ..Plant::default() };
    let boiler = Source {
        capacity_w: Some(3.5 * MEGAWATT),
        maximum_flow_kg_s: Some(50.0),
        store: Some(Box::new(HeatStore { volume_m3: 400.0, lower_temperature_c: 55.0, charge_share: 0.5 })),
        ..source(SourceKind::ElectricBoiler, data)
    };
    let Run { plant, rows, .. } = run(&with_source(boiler), 72.0, cold);
    let power = |hour: usize| (0..12).map(|i| f64::from(rows[hour * 12 + i].1[4])).sum::<f64>() / 12.0;
    // The third day: all of it bought by night.
    let night: f64 = (48..56).map(power).sum();
    let day: f64 = (56..72).map(power).sum();
    assert!(night > 20e6 && day < 0.05 * night, "{night} {day}");
    assert!(plant.short_s < 3600.0, "{plant:?}");
    let stored = |hour: usize| f64::from(rows[hour * 12].1[10]);
    assert!(stored(56) > stored(48) + 10.0 * 3600.0 * MEGAWATT, "{} {}", stored(48), stored(56));
    // Bought × 0.98 is given, stored or lost.
    let end = f64::from(rows.last().unwrap().1[10]);
    let start = f64::from(rows[0].1[10]);
    let lost = 0.98 * plant.electricity_j - plant.heat_j - (end - start);
    assert!(lost > 0.0 && lost < 0.05 * plant.heat_j, "{lost} of {}", plant.heat_j);
}

#[test]
fn a_tank_beside_the_network_charges_backwards_and_gives_it_back() {
    let tank = |flow_kg_s: f64, share: f64| Source {
        kind: SourceKind::HeatStore,
        control: SourceControl::MassFlow { mass_flow_kg_s: flow_kg_s },
        supply_temperature_c: 110.0,
        store: Some(Box::new(HeatStore { volume_m3: 200.0, lower_temperature_c: 50.0, charge_share: share })),
        ..Source::default()
    };
    let charge = |flow_kg_s: f64, hours: usize| {
        let mut network = network(megawatt(), &[]);
        network.insert_link_between("T", "R1", "S1", tank(flow_kg_s, 0.2)).unwrap();
        let network = &network;
        let mut simulation = Simulation::new(network, Options { step_s: 300.0, ..Options::default() }).unwrap();
        let link = network.link_id("T").unwrap();
        let row = simulation.source_row(link).unwrap();
        let mut heat_j = 0.0;
        let mut stored = Vec::new();
        for _ in 0..hours * 12 {
            assert!(simulation.step(network, cold(0.0)).converged);
            let (model, passed) = simulation.sources().nth(row).unwrap();
            heat_j += 300.0 * passed.heat_w;
            stored.push((f64::from(model.recorded()[3]), *passed));
        }
        let total = simulation.total();
        assert!(total.imbalance_j().abs() <= 1e-6 * total.consumed_j, "{total:?}");
        (heat_j, stored)
    };
    let (heat_j, stored) = charge(-3.0, 6);
    let (first, last) = (stored[0].0, stored.last().unwrap().0);
    // Takes from the network what it stores, but for its wall; what it gives to the return is its cold bottom.
    assert!(heat_j < -3.0 * 4190.0 * 50.0 * 5.0 * 3600.0, "{heat_j}");
    assert!(((last - first) / -(heat_j * 71.0 / 72.0) - 1.0).abs() < 0.03, "{} {heat_j}", last - first);
    assert!(stored.iter().all(|(_, passed)| (passed.outlet_c - 50.0).abs() < 1.0));
    // 40 t of hot water at 3 kg/s: 3.6 h, then it is empty and gives what comes back.
    let (_, stored) = charge(3.0, 8);
    assert!((stored[12].1.outlet_c - 110.0).abs() < 1.0 && stored.last().unwrap().1.outlet_c < 60.0);
}
