//! Stations rebuilt: absorption exchangers for a large temperature difference (大温差), booster heat pumps (高温热泵补热), mixing in
//! place of exchangers (混水直供), a lower curve at night for public buildings.

use serde_json::json;

use super::{Left, Numbers, Parameter, Retrofit, RetrofitError, Where, Why, kit};
use crate::network::thermal::station as model;
use crate::network::{Connection, Consumer, Network, Priority, Pump, PumpPoint, PumpRole, Secondary, Station};
use crate::simulation::equip::HEAT_CAPACITY_J_KGK;

const GRAVITY_M_S2: f64 = 9.80665;
const DENSITY_KG_M3: f64 = 975.0;
const HOUR_S: f64 = 3600.0;

pub const LARGE_DIFFERENCE: &[Parameter] = &[
    Parameter {
        name: "primary_return_c",
        default: 25.0,
        range: (10.0, 45.0),
        source: "the guide, 二（三）2: 20 to 25 °C",
    },
    Parameter {
        name: "plate_approach_k",
        default: 3.0,
        range: (1.0, 15.0),
        source: "nameplate of absorption exchangers: behind the plate",
    },
];

pub const BOOSTER: &[Parameter] = &[
    Parameter {
        name: "heat_share",
        default: 0.25,
        range: (0.05, 1.0),
        source: "the guide, 三（二）4: capacity 15 to 35 % greater, its middle",
    },
    Parameter {
        name: "lowest_return_c",
        default: 20.0,
        range: (5.0, 45.0),
        source: "the primary return is not cooled below; as large-difference exchangers of the guide",
    },
];

pub const MIXING: &[Parameter] = &[
    Parameter {
        name: "top_margin_pa",
        default: 50_000.0,
        range: (0.0, 200_000.0),
        source: "CJJ/T 34: 30 to 50 kPa above what fills the highest point",
    },
    Parameter {
        name: "most_pressure_pa",
        default: 600_000.0,
        range: (200_000.0, 1_600_000.0),
        source: "usual working pressure of cast-iron radiators",
    },
];

pub const NIGHT: &[Parameter] = &[
    Parameter {
        name: "shift_k",
        default: -10.0,
        range: (-40.0, 0.0),
        source: "assumption: secondary supply lower at night; the guide names no figure",
    },
    Parameter { name: "from_hour", default: 19.0, range: (0.0, 23.0), source: "assumption" },
    Parameter { name: "to_hour", default: 4.0, range: (0.0, 23.0), source: "assumption: warm again when work begins" },
];

/// Whether a station so changed makes a model.
fn makes_model(network: &Network, consumer: &Consumer, side: &Secondary) -> bool {
    model(consumer, side, network.settings().design_or_present_outdoor_c(), HEAT_CAPACITY_J_KGK).is_ok()
}

/// Plate exchangers give way to absorption exchangers; the sources go down to what the smaller flow needs.
pub fn large_difference(network: &Network, meant: &Where, numbers: &Numbers<'_>) -> Result<Retrofit, RetrofitError> {
    let mut out = Retrofit::default();
    let primary_return_c = numbers.of("primary_return_c");
    for station in kit::stations(network, meant, &mut out.left) {
        let element = station.element();
        if station.consumer.connection != Connection::Indirect {
            out.left.push(Left { element, why: Why::Connection });
            continue;
        }
        let side = Secondary {
            primary_return_temperature_c: Some(primary_return_c),
            approach_k: numbers.of("plate_approach_k"),
            ..station.side.clone()
        };
        let connection = Connection::AbsorptionExchanger;
        let after = Consumer { connection, return_temperature_c: primary_return_c, ..station.consumer.clone() };
        if !makes_model(network, &after, &side) {
            out.left.push(Left { element, why: Why::NoModel });
            continue;
        }
        out.edits.push(station.set("connection", json!(connection)));
        out.edits.push(station.set("return_temperature_c", primary_return_c));
        out.edits.push(station.set_side(&side));
        out.changed.push(element);
    }
    kit::with_fitted_pressures(network, out)
}

/// An electric heat pump between primary return and secondary supply, behind the plate exchanger.
pub fn booster(network: &Network, meant: &Where, numbers: &Numbers<'_>) -> Retrofit {
    let mut out = Retrofit::default();
    for station in kit::stations(network, meant, &mut out.left) {
        let element = station.element();
        if station.consumer.connection != Connection::Indirect {
            out.left.push(Left { element, why: Why::Connection });
            continue;
        }
        let side = Secondary {
            booster_heat_w: numbers.of("heat_share") * station.heat_w,
            primary_return_temperature_c: Some(numbers.of("lowest_return_c")),
            ..station.side.clone()
        };
        let connection = Connection::BoosterHeatPump;
        if !makes_model(network, &Consumer { connection, ..station.consumer.clone() }, &side) {
            out.left.push(Left { element, why: Why::NoModel });
            continue;
        }
        out.edits.push(station.set("connection", json!(connection)));
        out.edits.push(station.set_side(&side));
        out.changed.push(element);
    }
    out
}

/// Primary water mixed with the users' return takes the place of the exchanger, where the network's return pressure fills the
/// buildings and does not burst radiators.
pub fn mixing(network: &Network, meant: &Where, numbers: &Numbers<'_>) -> Result<Retrofit, RetrofitError> {
    let mut out = Retrofit::default();
    let solution = kit::solved(network)?;
    for station in kit::stations(network, meant, &mut out.left) {
        let element = station.element();
        if !matches!(station.consumer.connection, Connection::Indirect | Connection::BuildingExchanger) {
            out.left.push(Left { element, why: Why::Connection });
            continue;
        }
        let node = network.node(station.view.to);
        let level_m = node.map_or(0.0, |node| node.z_m);
        let pressure_pa = solution.node(station.view.to).map_or(f64::NAN, |state| state.pressure_pa);
        let own = || network.buildings().values().filter(|one| one.consumer.as_deref() == Some(station.view.id));
        let column = |height_m: f64| DENSITY_KG_M3 * GRAVITY_M_S2 * height_m;
        let top_m = own().map(|one| one.z_m + one.height_m).fold(level_m, f64::max);
        let foot_m = own().map(|one| one.z_m).fold(level_m, f64::min);
        let missing_pa = column(top_m - level_m) + numbers.of("top_margin_pa") - pressure_pa;
        let beyond_pa = pressure_pa + column(level_m - foot_m) - numbers.of("most_pressure_pa");
        // A pressure nobody knows is refused as missing.
        if missing_pa > 0.0 || missing_pa.is_nan() {
            out.left.push(Left { element, why: Why::TooTall { missing_pa } });
            continue;
        }
        if beyond_pa > 0.0 {
            out.left.push(Left { element, why: Why::TooMuchPressure { beyond_pa } });
            continue;
        }
        let side = &station.side;
        let (supply_c, return_c) = (side.secondary_supply_temperature_c, side.secondary_return_temperature_c);
        let connection = Connection::MixingReturnPump;
        let after = Consumer { connection, return_temperature_c: return_c, ..station.consumer.clone() };
        if !makes_model(network, &after, side) {
            out.left.push(Left { element, why: Why::NoModel });
            continue;
        }
        let circuit_kg_s = station.heat_w / (HEAT_CAPACITY_J_KGK * (supply_c - return_c));
        let point = PumpPoint {
            flow_m3_h: circuit_kg_s / DENSITY_KG_M3 * HOUR_S,
            head_m: side.pump_rise_pa / (DENSITY_KG_M3 * GRAVITY_M_S2),
            efficiency: Some(side.pump_efficiency),
        };
        let rebuilt = Station {
            mixing_ratio: (side.primary_supply_temperature_c - supply_c) / (supply_c - return_c),
            circuit_drop_pa: side.pump_rise_pa,
            circuit_flow_kg_s: circuit_kg_s,
            pump: Some(Pump { curve: vec![point], role: PumpRole::Mixing, ..Pump::default() }),
        };
        out.edits.push(station.set("connection", json!(connection)));
        out.edits.push(station.set("return_temperature_c", return_c));
        out.edits.push(station.set("station", json!(rebuilt)));
        out.edits.push(station.set_side(side));
        out.changed.push(element);
    }
    Ok(out)
}

/// Stations of public buildings heat less at night.
pub fn night(network: &Network, meant: &Where, numbers: &Numbers<'_>) -> Retrofit {
    let mut out = Retrofit::default();
    let (shift_k, from, to) = (numbers.of("shift_k"), numbers.of("from_hour"), numbers.of("to_hour"));
    let at_night = |hour: f64| if from <= to { (from..to).contains(&hour) } else { hour >= from || hour < to };
    for station in kit::stations(network, meant, &mut out.left) {
        let public = matches!(station.consumer.priority, Priority::School | Priority::Public | Priority::Commercial);
        if !public {
            out.left.push(Left { element: station.element(), why: Why::NotMeant });
            continue;
        }
        let given = &station.side.hour_shift_k;
        let hour = |hour: usize| {
            let own = given.get(hour).copied().unwrap_or(0.0);
            if at_night(hour as f64) { own.min(shift_k) } else { own }
        };
        let side = Secondary { hour_shift_k: (0..24).map(hour).collect(), ..station.side.clone() };
        out.edits.push(station.set_side(&side));
        out.changed.push(station.element());
    }
    out
}
