//! A substation's model from its consumer element.
//!
//! What its `secondary` says is taken. Without one the secondary side follows from what the consumer itself says, see
//! [`secondary_side`].

use super::ThermalFault;
use crate::network::{Connection, Consumer, Demand, Secondary, SecondaryZone};
use crate::physics::exchanger::{PlateExchanger, ua_from_design_w_k};
use crate::physics::heating_curve::HeatingCurve;
use crate::physics::station::{
    AbsorptionDesign, Actuator, BoosterHeatPump, Circuit, CircuitPump, Conversion, ElectricBooster, MixedVolume,
    MixingPump, SecondarySystem, SetPoint, Station,
};

/// Secondary water where it is not given: 15 L per kW of design heat, networks and radiators together.
const WATER_KG_W: f64 = 0.015;
/// Full primary flow over that of design.
const FULL_FLOW: f64 = 1.5;
const DENSITY_KG_M3: f64 = 985.0;
const MAKE_UP_C: f64 = 10.0;
/// Smallest change a valve motor answers to, share of its travel.
const DEAD_BAND: f64 = 0.005;
/// Evaporator over generator heat of a one-stage absorption unit.
const EVAPORATOR_SHARE: f64 = 0.7;
const LORENZ_SHARE: f64 = 0.5;
const BOILER_EFFICIENCY: f64 = 0.97;
/// Emitter exponent of floors.
const FLOOR_EXPONENT: f64 = 0.1;

/// Secondary sides that stand in where none is given: supply and return of radiators, of floors, and of the low
/// temperatures an absorption exchanger or a heat pump needs, °C.
const RADIATORS_C: (f64, f64) = (75.0, 50.0);
const FLOORS_C: (f64, f64) = (45.0, 35.0);
const DEEP_COOLING_C: (f64, f64) = (60.0, 45.0);
/// The exchanger's least approach at either end.
const LEAST_APPROACH_K: f64 = 3.0;

/// The secondary side of a consumer: as given; else what its connection, its return temperature, its mixing ratio and the
/// primary supply temperature of the network make of it.
///
/// - plate exchangers: 75/50 °C (floors 45/35 °C), no closer than 3 K to the primary supply and to the consumer's return
///   temperature, which is the exchanger's design;
/// - absorption exchanger and booster heat pump: 60/45 °C, the consumer's return temperature being their design;
/// - mixing: the consumer's return temperature; the supply by the station's mixing ratio, else 75 °C at most;
/// - direct: the primary temperatures themselves.
pub fn secondary_side(consumer: &Consumer, primary_supply_c: f64, floors: bool, room_c: f64) -> Secondary {
    if let Some(given) = consumer.secondary.as_deref() {
        return given.clone();
    }
    let back_c = consumer.return_temperature_c;
    let (warm_c, cool_c) = if floors { FLOORS_C } else { RADIATORS_C };
    let mut side = Secondary {
        primary_supply_temperature_c: primary_supply_c,
        room_temperature_c: room_c,
        emitter_exponent: if floors { FLOOR_EXPONENT } else { Secondary::default().emitter_exponent },
        ..Secondary::default()
    };
    let (supply_c, return_c) = match consumer.connection {
        Connection::Indirect | Connection::BuildingExchanger => {
            (warm_c.min(primary_supply_c - LEAST_APPROACH_K), cool_c.min(back_c - LEAST_APPROACH_K))
        }
        Connection::AbsorptionExchanger | Connection::BoosterHeatPump => {
            side.primary_return_temperature_c = Some(back_c);
            let (warm_c, cool_c) = if floors { FLOORS_C } else { DEEP_COOLING_C };
            (warm_c.min(primary_supply_c - LEAST_APPROACH_K), cool_c)
        }
        Connection::MixingBypassPump
        | Connection::MixingSupplyPump
        | Connection::MixingReturnPump
        | Connection::JetPump => {
            let ratio = consumer.station.as_deref().map_or(0.0, |station| station.mixing_ratio);
            let mixed_c = (primary_supply_c + ratio * back_c) / (1.0 + ratio);
            // Floors cannot send back water warmer than they get.
            let warm_c = if warm_c > back_c { warm_c } else { RADIATORS_C.0 };
            (if ratio > 0.0 { mixed_c } else { warm_c.min(primary_supply_c) }, back_c)
        }
        Connection::Direct => (primary_supply_c, back_c),
    };
    (side.secondary_supply_temperature_c, side.secondary_return_temperature_c) = (supply_c, return_c);
    if matches!(consumer.connection, Connection::Indirect | Connection::BuildingExchanger) {
        side.approach_k = back_c - return_c;
    }
    side
}

/// The model of a consumer as a station with a secondary side ([`secondary_side`]) for a design outdoor temperature and the
/// heat capacity of the water. Its design heat is its demand; a consumer that asks for a flow has the heat of that flow at
/// its design temperatures.
pub fn station(
    consumer: &Consumer,
    side: &Secondary,
    design_outdoor_c: f64,
    heat_capacity_j_kgk: f64,
) -> Result<Station, ThermalFault> {
    let heat_w = match consumer.demand {
        Demand::Heat { heat_w } => heat_w,
        Demand::MassFlow { mass_flow_kg_s } => {
            let spread_k = side.primary_supply_temperature_c - side.secondary_return_temperature_c - side.approach_k;
            mass_flow_kg_s * heat_capacity_j_kgk * spread_k
        }
    };
    if !(heat_w > 0.0 && heat_w.is_finite()) {
        return Err(ThermalFault::new("demand", "the station has no design heat above zero"));
    }
    let curve = HeatingCurve {
        room_c: side.room_temperature_c,
        design_outdoor_c,
        design_supply_c: side.secondary_supply_temperature_c,
        design_return_c: side.secondary_return_temperature_c,
        emitter_exponent: side.emitter_exponent,
    };
    if !curve.is_valid() {
        return Err(ThermalFault::new(
            "secondary.secondary_supply_temperature_c",
            format!(
                "supply {} °C, return {} °C and room {} °C must fall in this order, and the room be warmer than {design_outdoor_c} °C",
                side.secondary_supply_temperature_c, side.secondary_return_temperature_c, side.room_temperature_c
            ),
        ));
    }
    let whole = [SecondaryZone { name: String::new(), heat_share: 1.0, shift_k: 0.0 }];
    let zones = if side.zones.is_empty() { &whole[..] } else { &side.zones[..] };
    let sum: f64 = zones.iter().map(|zone| zone.heat_share).sum();
    if (sum - 1.0).abs() > 0.01 || zones.iter().any(|zone| zone.heat_share <= 0.0) {
        return Err(ThermalFault::new("secondary.zones", format!("the shares of heat sum to {sum}, not to 1")));
    }
    let systems = zones
        .iter()
        .map(|zone| system(consumer, side, zone, heat_w * zone.heat_share, curve, heat_capacity_j_kgk))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Station { systems })
}

fn shifts<const N: usize>(given: &[f64], more_k: f64, field: &'static str) -> Result<[f64; N], ThermalFault> {
    let mut out = [more_k; N];
    if !given.is_empty() && given.len() != N {
        return Err(ThermalFault::new(field, format!("{} values are given; it needs {N} or none", given.len())));
    }
    for (place, value) in out.iter_mut().zip(given) {
        *place += value;
    }
    Ok(out)
}

fn system(
    consumer: &Consumer,
    side: &Secondary,
    zone: &SecondaryZone,
    heat_w: f64,
    curve: HeatingCurve,
    cp: f64,
) -> Result<SecondarySystem, ThermalFault> {
    let secondary_kg_s = heat_w / (cp * (side.secondary_supply_temperature_c - side.secondary_return_temperature_c));
    let (conversion, primary_kg_s) = conversion(consumer, side, heat_w, secondary_kg_s, cp)?;
    let set_point = SetPoint {
        held: side.held,
        hour_shift_k: shifts(&side.hour_shift_k, zone.shift_k, "secondary.hour_shift_k")?,
        weekday_shift_k: shifts(&side.weekday_shift_k, 0.0, "secondary.weekday_shift_k")?,
        outdoor_filter_s: side.outdoor_filter_s,
        ..SetPoint::plain(curve)
    };
    let half = MixedVolume {
        water_kg: 0.5 * side.water_kg.map_or(WATER_KG_W * heat_w, |kg| kg * zone.heat_share),
        loss_w_k: 0.0,
    };
    Ok(SecondarySystem {
        conversion,
        set_point,
        actuator: Actuator { travel_time_s: side.travel_time_s, dead_band: DEAD_BAND },
        circuit: Circuit {
            design_flow_kg_s: secondary_kg_s,
            heat_capacity_j_kgk: cp,
            supply: half,
            back: half,
            pump: CircuitPump {
                pressure_rise_pa: side.pump_rise_pa,
                efficiency: side.pump_efficiency,
                density_kg_m3: DENSITY_KG_M3,
            },
            make_up_share: side.make_up_share,
            make_up_c: MAKE_UP_C,
        },
        full_primary_kg_s: FULL_FLOW * primary_kg_s,
        primary_heat_capacity_j_kgk: cp,
    })
}

/// What passes the heat, and the primary flow of design.
fn conversion(
    consumer: &Consumer,
    side: &Secondary,
    heat_w: f64,
    secondary_kg_s: f64,
    cp: f64,
) -> Result<(Conversion, f64), ThermalFault> {
    let supply_c = side.primary_supply_temperature_c;
    let plate = |return_c: f64, heat_w: f64| {
        let ua_w_k = ua_from_design_w_k(
            heat_w,
            supply_c - side.secondary_supply_temperature_c,
            return_c - side.secondary_return_temperature_c,
        )
        .ok_or_else(|| {
            ThermalFault::new(
                "secondary.primary_supply_temperature_c",
                format!(
                    "primary {supply_c}/{return_c} °C is not above secondary {}/{} °C at both ends",
                    side.secondary_supply_temperature_c, side.secondary_return_temperature_c
                ),
            )
        })?;
        let primary_kg_s = heat_w / (cp * (supply_c - return_c));
        let exchanger = PlateExchanger {
            design_ua_w_k: ua_w_k,
            design_primary_kg_s: primary_kg_s,
            design_secondary_kg_s: secondary_kg_s,
            wall_share: 0.1,
            film_exponent: 0.7,
            fouling_k_w: side.fouling_k_w,
        };
        Ok((exchanger, primary_kg_s))
    };
    let return_c = side.secondary_return_temperature_c + side.approach_k;
    let mixing = |pump: MixingPump| {
        let share = (side.secondary_supply_temperature_c - side.secondary_return_temperature_c)
            / (supply_c - side.secondary_return_temperature_c);
        if (0.0..=1.0).contains(&share) {
            Ok((Conversion::Mixing(pump), share * secondary_kg_s))
        } else {
            Err(ThermalFault::new(
                "secondary.primary_supply_temperature_c",
                format!("{supply_c} °C cannot be mixed down to {} °C", side.secondary_supply_temperature_c),
            ))
        }
    };
    let booster_w = side.booster_heat_w;
    match consumer.connection {
        Connection::Indirect | Connection::BuildingExchanger => {
            let (exchanger, primary_kg_s) = plate(return_c, heat_w)?;
            if booster_w > 0.0 {
                let booster = ElectricBooster { exchanger, capacity_w: booster_w, efficiency: BOILER_EFFICIENCY };
                return Ok((Conversion::ElectricBooster(booster), primary_kg_s));
            }
            Ok((Conversion::Plate(exchanger), primary_kg_s))
        }
        Connection::AbsorptionExchanger => {
            let primary_return_c = side.primary_return_temperature_c.unwrap_or(25.0);
            let design = AbsorptionDesign {
                heat_w,
                primary_supply_c: supply_c,
                primary_return_c,
                secondary_supply_c: side.secondary_supply_temperature_c,
                secondary_return_c: side.secondary_return_temperature_c,
                evaporator_share: EVAPORATOR_SHARE,
                approach_k: side.approach_k,
                heat_capacity_j_kgk: cp,
            };
            let unit = design.build().ok_or_else(|| {
                ThermalFault::new(
                    "secondary.primary_return_temperature_c",
                    format!(
                        "no absorption exchanger cools {supply_c} °C to {primary_return_c} °C against {}/{} °C",
                        side.secondary_supply_temperature_c, side.secondary_return_temperature_c
                    ),
                )
            })?;
            Ok((Conversion::Absorption(unit.fouled(side.fouling_k_w)), heat_w / (cp * (supply_c - primary_return_c))))
        }
        Connection::BoosterHeatPump => {
            let (exchanger, primary_kg_s) = plate(return_c, heat_w)?;
            let booster = BoosterHeatPump {
                exchanger,
                capacity_w: if booster_w > 0.0 { booster_w } else { 0.2 * heat_w },
                lorenz_share: LORENZ_SHARE,
                lowest_return_c: side.primary_return_temperature_c.unwrap_or(20.0),
                first: true,
            };
            Ok((Conversion::BoosterHeatPump(booster), primary_kg_s))
        }
        // A jet pump mixes like a pump in the bypass, at the network's expense.
        Connection::MixingBypassPump | Connection::JetPump => mixing(MixingPump::Bypass),
        Connection::MixingSupplyPump => mixing(MixingPump::Supply),
        Connection::MixingReturnPump => mixing(MixingPump::Return),
        Connection::Direct => Ok((Conversion::Direct, secondary_kg_s)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::exchanger::Stream;

    fn consumer(connection: Connection) -> Consumer {
        Consumer { demand: Demand::Heat { heat_w: 3e6 }, connection, ..Consumer::default() }
    }

    #[test]
    fn every_connection_has_a_model_that_meets_its_design() {
        for connection in [
            Connection::Indirect,
            Connection::BuildingExchanger,
            Connection::AbsorptionExchanger,
            Connection::BoosterHeatPump,
            Connection::MixingBypassPump,
            Connection::MixingSupplyPump,
            Connection::MixingReturnPump,
            Connection::JetPump,
            Connection::Direct,
        ] {
            let mut consumer = consumer(connection);
            consumer.secondary = Some(Box::new(Secondary {
                secondary_supply_temperature_c: 60.0,
                secondary_return_temperature_c: 45.0,
                ..Secondary::default()
            }));
            let side = secondary_side(&consumer, 110.0, false, 18.0);
            let found =
                station(&consumer, &side, -21.1, 4187.0).unwrap_or_else(|fault| panic!("{connection:?}: {fault}"));
            let system = found.systems[0];
            let stream = |flow, inlet_c| Stream { mass_flow_kg_s: flow, inlet_c, heat_capacity_j_kgk: 4187.0 };
            let supply_c = if connection == Connection::Direct { 60.0 } else { 110.0 };
            let secondary = stream(system.circuit.design_flow_kg_s, 45.0);
            let flow =
                system.conversion.primary_flow_kg_s(system.full_primary_kg_s, stream(0.0, supply_c), secondary, 60.0);
            let out = system.conversion.convert(stream(flow, supply_c), secondary, 60.0);
            assert!((out.secondary_outlet_c - 60.0).abs() < 1e-3, "{connection:?}: {out:?}");
        }
    }

    #[test]
    fn without_data_every_connection_still_makes_a_station() {
        for (connection, return_c, supply_c) in [
            (Connection::Indirect, 50.0, 110.0),
            (Connection::Indirect, 40.0, 70.0),
            (Connection::BuildingExchanger, 45.0, 90.0),
            (Connection::AbsorptionExchanger, 25.0, 110.0),
            (Connection::BoosterHeatPump, 25.0, 100.0),
            (Connection::MixingBypassPump, 50.0, 110.0),
            (Connection::JetPump, 50.0, 110.0),
            (Connection::Direct, 45.0, 70.0),
        ] {
            let plain = Consumer { return_temperature_c: return_c, ..consumer(connection) };
            for floors in [false, true] {
                let side = secondary_side(&plain, supply_c, floors, 18.0);
                let found = station(&plain, &side, -20.0, 4187.0);
                assert!(found.is_ok(), "{connection:?} {floors}: {:?} {side:?}", found.err());
            }
        }
        // A mixing ratio that is given sets the supply: (110 + 2·50)/3 = 70 °C.
        let mut mixing = Consumer { return_temperature_c: 50.0, ..consumer(Connection::MixingBypassPump) };
        mixing.station = Some(Box::new(crate::network::Station { mixing_ratio: 2.0, ..Default::default() }));
        assert!((secondary_side(&mixing, 110.0, false, 18.0).secondary_supply_temperature_c - 70.0).abs() < 1e-12);
    }

    #[test]
    fn zones_share_the_heat_and_shift_their_set_points() {
        let mut high_rise = consumer(Connection::Indirect);
        let zone = |name: &str, heat_share, shift_k| SecondaryZone { name: name.to_owned(), heat_share, shift_k };
        let zones = vec![zone("low", 0.4, 0.0), zone("middle", 0.35, 1.0), zone("high", 0.25, 2.0)];
        high_rise.secondary = Some(Box::new(Secondary { zones, ..Secondary::default() }));
        let side = secondary_side(&high_rise, 130.0, false, 20.0);
        let found = station(&high_rise, &side, -21.1, 4187.0).unwrap();
        assert_eq!(found.systems.len(), 3);
        assert!((found.systems[2].set_point.hour_shift_k[5] - 2.0).abs() < 1e-12);
        let flow: f64 = found.systems.iter().map(|system| system.circuit.design_flow_kg_s).sum();
        assert!((flow - 3e6 / (25.0 * 4187.0)).abs() < 1e-9);
    }

    #[test]
    fn contradictions_are_named_by_their_field() {
        let with = |change: fn(&mut Secondary)| {
            let mut side = Secondary::default();
            change(&mut side);
            station(&consumer(Connection::Indirect), &side, -21.1, 4187.0).unwrap_err().field
        };
        assert_eq!(with(|side| side.secondary_return_temperature_c = 80.0), "secondary.secondary_supply_temperature_c");
        assert_eq!(with(|side| side.primary_supply_temperature_c = 70.0), "secondary.primary_supply_temperature_c");
        assert_eq!(with(|side| side.hour_shift_k = vec![1.0; 5]), "secondary.hour_shift_k");
        assert_eq!(
            with(|side| side.zones = vec![SecondaryZone { heat_share: 0.5, ..SecondaryZone::default() }]),
            "secondary.zones"
        );
    }
}
