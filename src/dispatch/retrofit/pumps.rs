//! Pumps: distributed ones at the stations in place of central pressure (分布式变频循环水泵), central ones that follow the worst point.

use serde_json::json;

use super::{Left, Numbers, Parameter, Retrofit, RetrofitError, Where, Why, kit};
use crate::network::edit::Edit;
use crate::network::{Connection, Network, Pump, PumpPoint, PumpRole, SourceControl, Station};

/// Design point of a distributed pump over what it has to give: flow and head.
const FLOW_RESERVE: f64 = 1.1;
const HEAD_RESERVE: f64 = 1.15;
const GRAVITY_M_S2: f64 = 9.80665;
/// Pascal to bar, m³/h to m³/s: Kv of a valve.
const BAR_PA: f64 = 1e5;
const HOUR_S: f64 = 3600.0;

pub const DISTRIBUTED: &[Parameter] = &[
    Parameter {
        name: "source_share",
        default: 0.3,
        range: (0.0, 1.0),
        source: "assumption: rise the sources keep for base pressure and flow (基础稳压), of what the weakest has",
    },
    Parameter {
        name: "efficiency",
        default: 0.7,
        range: (0.2, 0.95),
        source: "pump, motor and converter together, as those of the sources are counted",
    },
];

pub const VARIABLE_SPEED: &[Parameter] = &[Parameter {
    name: "margin_pa",
    default: 20_000.0,
    range: (0.0, 200_000.0),
    source: "assumption: held at the worst station above what it requires",
}];

/// Stations get pumps for what the sources no longer give; the sources go down by that.
pub fn distributed(network: &Network, meant: &Where, numbers: &Numbers<'_>) -> Result<Retrofit, RetrofitError> {
    let mut out = Retrofit::default();
    let solution = kit::solved(network)?;
    let rises = || {
        network.links().filter_map(|view| {
            let source = view.source().filter(|source| source.running)?;
            Some((view.element(), source.control.clone(), source.control.pressure_rise_pa()?))
        })
    };
    let least_pa = rises().map(|(_, _, rise_pa)| rise_pa).fold(f64::INFINITY, f64::min);
    let lowered_pa = least_pa * (1.0 - numbers.of("source_share"));
    if !(lowered_pa > 0.0 && lowered_pa.is_finite()) {
        let held = network.links().filter(|view| view.source().is_some());
        out.left.extend(held.map(|view| Left { element: view.element(), why: Why::NotMeant }));
        return Ok(out);
    }
    let every = *meant == Where::All;
    for station in kit::stations(network, meant, &mut out.left) {
        let element = station.element();
        let consumer = station.consumer;
        if consumer.connection.mixes() || consumer.connection == Connection::Direct || consumer.has_pump() {
            out.left.push(Left { element, why: Why::Connection });
            continue;
        }
        let Some(kv_m3_h) = consumer.kv_open_m3_h.filter(|kv| *kv > 0.0) else {
            out.left.push(Left { element, why: Why::NoKv });
            continue;
        };
        let Some(state) = solution.link(station.view.handle) else { continue };
        let pressure = |node| solution.node(node).map_or(f64::NAN, |state| state.pressure_pa);
        let available_pa = pressure(station.view.from) - pressure(station.view.to);
        let flow_kg_s = state.mass_flow_kg_s;
        let density_kg_m3 = 960.0;
        let flow_m3_h = flow_kg_s / density_kg_m3 * HOUR_S;
        let needed_pa = (flow_m3_h / kv_m3_h).powi(2) * density_kg_m3 / 1000.0 * BAR_PA;
        let head_m = (needed_pa - (available_pa - lowered_pa)) / (density_kg_m3 * GRAVITY_M_S2);
        // The pump takes over what the valve had to throttle.
        out.edits.push(station.set("required_pressure_pa", kit::none()));
        if head_m > 0.0 {
            let point = PumpPoint {
                flow_m3_h: FLOW_RESERVE * flow_m3_h,
                head_m: HEAD_RESERVE * head_m,
                efficiency: Some(numbers.of("efficiency")),
            };
            let pump = Pump { curve: vec![point], role: PumpRole::Distributed, ..Pump::default() };
            let given = consumer.station.as_deref().cloned().unwrap_or_default();
            let with = Station { pump: Some(pump), ..given };
            out.edits.push(station.set("station", json!(with)));
        }
        out.changed.push(element);
    }
    if every && !out.changed.is_empty() {
        for (element, control, rise_pa) in rises() {
            if let Some(control) = control.with_pressure_rise(rise_pa - lowered_pa) {
                out.edits.push(Edit::set(element, "control", json!(control)));
            }
        }
    }
    Ok(out)
}

/// The pressure reference follows the worst station in place of holding one rise.
pub fn variable_speed(network: &Network, meant: &Where, numbers: &Numbers<'_>) -> Retrofit {
    let mut out = Retrofit::default();
    let required_pa = network
        .links()
        .filter_map(|view| view.consumer().filter(|consumer| !consumer.shut)?.required_pressure_pa)
        .fold(0.0, f64::max);
    let available_pressure_pa = required_pa + numbers.of("margin_pa");
    let holding = network.links().filter(|view| view.source().is_some_and(|source| source.running)).count();
    for view in network.links() {
        let Some(source) = view.source().filter(|source| source.running && meant.holds(view.id, None)) else {
            continue;
        };
        let SourceControl::Reference { return_pressure_pa, .. } = source.control else {
            out.left.push(Left { element: view.element(), why: Why::NotMeant });
            continue;
        };
        // Two that follow one another would swing, one that follows another that does not leaves it all the flow.
        if holding > 1 {
            out.left.push(Left { element: view.element(), why: Why::SecondSource });
            continue;
        }
        let control = SourceControl::WorstPoint {
            available_pressure_pa,
            consumer: None,
            return_pressure_pa: Some(return_pressure_pa),
        };
        out.edits.push(Edit::set(view.element(), "control", json!(control)));
        out.changed.push(view.element());
    }
    out
}
