//! Models of heat in time against what is published of them: heat pumps, flue gas, cool-down by steps.

use serde::Deserialize;

use super::run::Job;
use super::{Case, Comparison, Library, Quantity, Tolerance};
use crate::physics::building::{MassState, ThermalMass};
use crate::physics::source::{Combustion, FuelComposition, HeatPump, HeatPumpSource};

/// Its place in the library; no network, so not a case file of the usual form.
pub(super) const PATH: &str = "heat.json";

#[derive(Deserialize)]
struct File {
    heat_pumps: HeatPumps,
    flue_gas: FlueGas,
    cooling: Cooling,
}

#[derive(Deserialize)]
struct HeatPumps {
    source: String,
    rows: Vec<HeatPumpRow>,
}

#[derive(Deserialize)]
struct HeatPumpRow {
    kind: Kind,
    source_c: f64,
    sink_c: (f64, f64),
    /// Published range.
    cop: (f64, f64),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Air,
    Ground,
    Sewage,
}

#[derive(Deserialize)]
struct FlueGas {
    source: String,
    upper_kj_mol: f64,
    lower_kj_mol: f64,
    dew_point_c: f64,
    siegert: Siegert,
}

#[derive(Deserialize)]
struct Siegert {
    a2: f64,
    b: f64,
    oxygen_percent: f64,
    air_factor: f64,
    air_c: f64,
    flue_c: Vec<f64>,
}

#[derive(Deserialize)]
struct Cooling {
    source: String,
    outdoor_c: f64,
    start_c: f64,
    time_constant_h: Vec<f64>,
    to_c: Vec<f64>,
    /// By time constant and temperature.
    hours: Vec<Vec<f64>>,
}

pub(super) fn all(library: &Library) -> Vec<Job<'_>> {
    let Some(text) = library.get(PATH) else { return Vec::new() };
    let case = move |name: &'static str, title: &'static str, compute: fn(&File) -> (String, Vec<Comparison>)| {
        Box::new(move || match serde_json::from_str::<File>(text) {
            Ok(file) => {
                let (source, comparisons) = compute(&file);
                Case::new(name, source, Ok(comparisons)).titled(title)
            }
            Err(error) => Case::new(name, PATH, Err(format!("{PATH}: {error}"))),
        }) as Job<'_>
    };
    vec![
        case("M3", "verify-oracle-heat-pumps", |file| (file.heat_pumps.source.clone(), heat_pumps(&file.heat_pumps))),
        case("M4", "verify-oracle-flue-gas", |file| (file.flue_gas.source.clone(), flue_gas(&file.flue_gas))),
        case("M5", "verify-oracle-cooling-steps", |file| (file.cooling.source.clone(), cooling(&file.cooling))),
    ]
}

/// One comparison a row: each has its own range.
fn heat_pumps(given: &HeatPumps) -> Vec<Comparison> {
    let compare = |row: &HeatPumpRow| {
        let source = match row.kind {
            Kind::Air => HeatPumpSource::Air,
            Kind::Ground => HeatPumpSource::Ground,
            Kind::Sewage => HeatPumpSource::Sewage,
        };
        let cop = HeatPump::usual(source, 1e6).at(row.source_c, row.sink_c).cop;
        let name = format!("{:?} {} °C to {} °C", row.kind, row.source_c, row.sink_c.1).to_lowercase();
        let (middle, half) = (0.5 * (row.cop.0 + row.cop.1), 0.5 * (row.cop.1 - row.cop.0));
        Comparison::new(Quantity::Share, Tolerance::absolute(half), vec![(name, middle, cop)])
    };
    given.rows.iter().map(compare).collect()
}

fn flue_gas(given: &FlueGas) -> Vec<Comparison> {
    let dry = Combustion::new(&FuelComposition::METHANE, 1.0);
    // At 25 °C, the reference, nothing but condensed water counts.
    let whole = 1.0 - dry.loss_share(25.0);
    let siegert = &given.siegert;
    let gas = Combustion::new(&FuelComposition::METHANE, siegert.air_factor);
    let losses = siegert.flue_c.iter().map(|flue_c| {
        let formula = (siegert.a2 / (21.0 - siegert.oxygen_percent) + siegert.b) * (flue_c - siegert.air_c);
        (format!("chimney loss at {flue_c} °C"), formula, 100.0 * gas.loss_share(*flue_c))
    });
    let upper = given.upper_kj_mol / given.lower_kj_mol;
    vec![
        Comparison::new(
            Quantity::Share,
            Tolerance::absolute(0.02),
            vec![("upper over lower heating value".to_owned(), upper, whole)],
        )
        .because("at 25 °C a seventh of the water is still vapour"),
        Comparison::new(
            Quantity::Temperature,
            Tolerance::absolute(0.5),
            vec![("dew point".to_owned(), given.dew_point_c, dry.dew_point_c())],
        ),
        Comparison::new(Quantity::Share, Tolerance::absolute(0.5), losses.collect())
            .because("percent; Siegert's constants are rounded to two digits"),
    ]
}

/// Hours until a temperature, stepping by so many seconds; between two steps by a straight line.
fn hours_by_steps(mass: &ThermalMass, start_c: f64, outdoor_c: f64, to_c: f64, step_s: f64) -> f64 {
    let mut state = MassState { room_c: start_c, structure_c: start_c };
    for step in 0..1_000_000 {
        let before_c = state.room_c;
        state = mass.step(state, 0.0, 0.0, outdoor_c, 0.0, step_s).end;
        if state.room_c <= to_c {
            let share = (before_c - to_c) / (before_c - state.room_c);
            return (f64::from(step) + share) * step_s / 3600.0;
        }
    }
    f64::NAN
}

fn cooling(given: &Cooling) -> Vec<Comparison> {
    let (mut hours, mut at_once) = (Vec::new(), Vec::new());
    for (constant_h, row) in given.time_constant_h.iter().zip(&given.hours) {
        let mass = ThermalMass::single(1000.0, constant_h * 3600.0);
        for (to_c, expected) in given.to_c.iter().zip(row) {
            for (name, step_s) in [("minutes", 60.0), ("quarters of an hour", 900.0)] {
                let computed = hours_by_steps(&mass, given.start_c, given.outdoor_c, *to_c, step_s);
                hours.push((format!("τ {constant_h} h to {to_c} °C by {name}"), *expected, computed));
            }
            let start = MassState { room_c: given.start_c, structure_c: given.start_c };
            let exact_h = constant_h * ((given.start_c - given.outdoor_c) / (to_c - given.outdoor_c)).ln();
            let end_c = mass.step(start, 0.0, 0.0, given.outdoor_c, 0.0, exact_h * 3600.0).end.room_c;
            at_once.push((format!("τ {constant_h} h in one step of {exact_h:.2} h"), *to_c, end_c));
        }
    }
    vec![
        Comparison::new(Quantity::Hours, Tolerance::absolute(0.0501), hours).because("one digit is printed"),
        Comparison::new(Quantity::Temperature, Tolerance::absolute(1e-9), at_once),
    ]
}
