//! Which number of the model each offered tag shows.
//!
//! What the network's steady state knows is read by `live::reading`; what it does not know has a line here.

use super::secondary::{SourceNow, StationNow, current_a, voltage_v};
use super::user::UserNow;
use crate::live::dictionary::DeviceKind;

/// Pressure before make-up pumps (a tank stands above them), and what they lift above what they hold.
const MAKE_UP_TANK_PA: f64 = 20_000.0;
const MAKE_UP_EXCESS_PA: f64 = 30_000.0;
const STATION_MAKE_UP_W: f64 = 1_100.0;
const SOURCE_MAKE_UP_W: f64 = 15_000.0;

/// Where a number comes from.
#[derive(Clone, Copy, Debug)]
pub enum Meaning {
    /// What the model says the tag reads.
    Reading,
    /// Of the station of this row.
    Station(usize, fn(&StationNow) -> f64),
    /// Of the source of this row.
    Source(usize, fn(&SourceNow) -> f64),
    /// Of the building of this row.
    User(usize, fn(&UserNow) -> f64),
    /// Always the same.
    Constant(f64),
}

/// What a tag of a station, source or building shows that the steady state does not know; `None`: it is no such tag.
pub fn meaning(kind: DeviceKind, row: usize, tag: &str) -> Option<Meaning> {
    let station: Option<fn(&StationNow) -> f64> = match tag {
        "F2" | "V2" => Some(|now| now.flow_m3_h),
        "Q2" | "E2" => Some(|now| now.heat_w),
        "T3" => Some(|now| now.supply_c),
        "T4" => Some(|now| now.return_c),
        "T3.SET" => Some(|now| now.set_supply_c),
        "P3" => Some(|now| now.supply_pa),
        "P4" | "DF.P1" => Some(|now| now.return_pa),
        "PM.SET" => Some(|now| now.reference_pa),
        "DF.P2" | "CP.P1" => Some(|now| now.filtered_pa),
        "CP.P2" => Some(|now| now.pump_outlet_pa),
        "FM" | "VM" => Some(|now| now.make_up_m3_h),
        "EE" => Some(|now| now.pump_w + STATION_MAKE_UP_W),
        "CP.I" => Some(|now| current_a(now.pump_w)),
        "CP.HZ" => Some(|now| now.pump_speed),
        "MP.I" => Some(|_| current_a(STATION_MAKE_UP_W)),
        "MP.P1" => Some(|_| MAKE_UP_TANK_PA),
        "MP.P2" => Some(|now| now.reference_pa + MAKE_UP_EXCESS_PA),
        "LT" => Some(|now| now.level_m),
        "CV" => Some(|now| now.opening),
        "CV.AUTO" => Some(|now| now.automatic),
        _ => None,
    };
    let source: Option<fn(&SourceNow) -> f64> = match tag {
        "FUEL" => Some(|now| now.fuel_kg_s / 1000.0),
        "EE" => Some(|now| now.pump_w + SOURCE_MAKE_UP_W),
        "EL" => Some(|_| 20_000.0),
        "FM" | "VM" => Some(|now| now.make_up_m3_h),
        "CP.I" => Some(|now| current_a(now.pump_w)),
        "CP.KW" => Some(|now| now.pump_w),
        "CP.HZ" => Some(|now| now.pump_speed),
        "CP.P1" => Some(|now| now.supply_pa),
        "CP.P2" | "DF.P2" => Some(|now| now.filtered_pa),
        "DF.P1" => Some(|now| now.return_pa),
        "MP.I" => Some(|_| current_a(SOURCE_MAKE_UP_W)),
        "MP.P2" => Some(|_| MAKE_UP_TANK_PA),
        "MP.P1" => Some(|now| now.return_pa + MAKE_UP_EXCESS_PA),
        "CV" => Some(|now| now.running),
        "FD.HZ" | "ID.HZ" => Some(|now| 50.0 * (0.4 + 0.5 * now.load) * now.running),
        "FD.I" => Some(|now| 90.0 * now.load),
        "ID.I" => Some(|now| 150.0 * now.load),
        "WH.Q" | "WH.E" => Some(|now| 0.03 * now.heat_w),
        "WH.T3" => Some(|_| 45.0),
        "WH.T4" => Some(|now| 45.0 + 12.0 * now.load),
        "WH.T1" => Some(|now| 90.0 + 40.0 * now.load),
        "WH.T2" => Some(|_| 55.0),
        "FG.DUST" => Some(|now| 3.0 + 3.0 * now.load),
        "FG.SO2" => Some(|now| 12.0 + 10.0 * now.load),
        "FG.NOX" => Some(|now| 25.0 + 15.0 * now.load),
        // Per cent as a share.
        "FG.O2" => Some(|now| 0.08 - 0.03 * now.load),
        "TA" => Some(|now| now.outdoor_c),
        "HA" => Some(|now| now.humidity_share),
        "WIND" => Some(|now| now.wind_m_s),
        "SUN" => Some(|now| now.sun_w_m2),
        "LT" => Some(|now| now.level_m),
        _ => None,
    };
    let user: Option<fn(&UserNow) -> f64> = match tag {
        "T1" => Some(|now| now.supply_c),
        "T2" => Some(|now| now.return_c),
        "P1" => Some(|now| now.supply_pa),
        "P2" => Some(|now| now.return_pa),
        "DP" => Some(|now| now.supply_pa - now.return_pa),
        "F" | "V" => Some(|now| now.flow_m3_h),
        "Q" | "E" => Some(|now| now.heat_w),
        "TR" => Some(|now| now.room_c),
        "BAT" => Some(|now| now.battery_share),
        _ => None,
    };
    match (kind, tag) {
        (_, "MP.RUN" | "MP.AUTO" | "CP.AUTO" | "B1.AUTO") => Some(Meaning::Constant(1.0)),
        (DeviceKind::Station, "CP.U") => Some(Meaning::Constant(voltage_v())),
        (DeviceKind::Station, "MP.KW") => Some(Meaning::Constant(STATION_MAKE_UP_W)),
        (DeviceKind::Source, "MP.KW") => Some(Meaning::Constant(SOURCE_MAKE_UP_W)),
        (_, "MP.HZ") => Some(Meaning::Constant(35.0)),
        (_, tag) if tag.ends_with("FAULT") || tag.starts_with("AL.") => Some(Meaning::Constant(0.0)),
        (DeviceKind::Station, _) => station.map(|of| Meaning::Station(row, of)),
        (DeviceKind::Source, _) => source.map(|of| Meaning::Source(row, of)),
        (DeviceKind::User | DeviceKind::Room, _) => user.map(|of| Meaning::User(row, of)),
        (DeviceKind::Network, _) => None,
    }
}

/// Tags whose own line counts even where the steady state would have an answer: what the field has that the steady state of
/// the network file has not.
pub fn has_own_meaning(tag: &str) -> bool {
    matches!(tag, "TA" | "CV" | "FM" | "VM" | "EE")
}
