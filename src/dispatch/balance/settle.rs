//! From the pressure to spare to openings and speeds.
//!
//! Valves and pumps of whole branches first, the larger group before the smaller: a pump gives as much less as every station
//! behind it can spare, a valve takes that much. What is left is each station's own. The law of a valve is quadratic in the flow, so the share of Kv that takes a further pressure t beside the d it
//! loses open is √(d/(d + t)), whatever the water.

use serde_json::json;

use crate::network::edit::Edit;
use crate::network::{LinkId, LinkKind, Network, SourceControl, Valve, ValveKind};
use crate::physics::pump::{PumpGroup, SMALLEST_SPEED};
use crate::physics::valve::{OpeningCharacteristic, ValveBuild, kv_of_zeta_m3_h};
use crate::solver::Solution;
use crate::solver::problem::{Problem, characteristic};

use super::lower::Spare;
use super::prescribed::{Prescribed, Station};
use super::reach::Reach;
use super::{Setting, SettingKind, Zone};

/// No valve is set nearer to shut than this share of its Kv: smaller ones block and whistle; the rest is for the next valve.
const LEAST_SHARE: f64 = 0.02;

/// A valve or pump with the stations behind it.
struct Device {
    link: LinkId,
    members: Vec<usize>,
}

/// The valves and pumps that have stations behind them, largest groups first.
fn devices(prescribed: &Prescribed, reach: &Reach) -> Vec<Device> {
    let consumers: Vec<_> =
        prescribed.stations.iter().map(|station| (station.link, station.ends[0], station.ends[1])).collect();
    // Pumps before valves where both serve the same: what they need not give, no valve has to take.
    let links = prescribed.pumps.iter().chain(&prescribed.valves).copied();
    let mut devices: Vec<Device> =
        links.map(|link| Device { link, members: reach.behind(link, &consumers).collect() }).collect();
    devices.retain(|device| !device.members.is_empty());
    devices.sort_by_key(|device| std::cmp::Reverse(device.members.len()));
    devices
}

/// The valves and pumps that can be set because all that passes them is the water of some stations.
pub fn settable(prescribed: &Prescribed, reach: &Reach) -> Vec<LinkId> {
    devices(prescribed, reach).into_iter().map(|device| device.link).collect()
}

/// Settings of the network's own valves and pumps; lowers what the stations have to spare.
pub fn branches(
    original: &Network,
    prescribed: &Prescribed,
    reach: &Reach,
    solution: &Solution,
    spares: &mut [Spare],
) -> Vec<Setting> {
    let mut settings = Vec::new();
    for Device { link, members } in devices(prescribed, reach) {
        let least_pa = members
            .iter()
            // What a station's own pump would have to make up for is nothing to spare.
            .map(|&at| if spares[at].short { 0.0 } else { spares[at].alone_pa })
            .fold(f64::INFINITY, f64::min)
            .max(0.0);
        let (Some(state), Some(view)) = (solution.link(link), original.link_view(link)) else { continue };
        let flow_kg_s = state.mass_flow_kg_s;
        let set = match &view.link.kind {
            LinkKind::Valve(valve) => valve_setting(valve, state.pressure_drop_pa, least_pa),
            LinkKind::Pump(_) => pump_setting(prescribed, link, solution, least_pa),
            _ => None,
        };
        let Some(Turned { after, kv_m3_h, taken_pa }) = set else { continue };
        for &at in &members {
            spares[at].alone_pa -= taken_pa;
            spares[at].pumped_pa -= taken_pa;
        }
        let (kind, field, before) = match &view.link.kind {
            LinkKind::Valve(valve) => (SettingKind::Valve, "opening", valve.opening),
            LinkKind::Pump(pump) => (SettingKind::Pump, "speed", pump.speed),
            _ => continue,
        };
        settings.push(Setting {
            link,
            kind,
            before,
            after,
            kv_m3_h,
            flow_kg_s,
            drop_pa: state.pressure_drop_pa + taken_pa,
            stations: members.len(),
            edits: vec![Edit::set(view.element(), field, json!(after))],
        });
    }
    settings
}

struct Turned {
    after: f64,
    kv_m3_h: f64,
    /// Pressure it takes (or gives less) beside what it did.
    taken_pa: f64,
}

fn full_kv_m3_h(valve: &Valve) -> f64 {
    let positive = |value: &f64| *value > 0.0;
    valve.kv_m3_h.filter(positive).unwrap_or_else(|| {
        let usual = match valve.kind {
            ValveKind::Sectioning | ValveKind::Isolating => ValveBuild::Butterfly,
            _ => ValveBuild::Globe,
        };
        let zeta = valve.zeta.filter(positive).unwrap_or_else(|| usual.open_zeta());
        valve.diameter_m.filter(positive).map_or(f64::NAN, |diameter_m| kv_of_zeta_m3_h(zeta, diameter_m))
    })
}

fn valve_setting(valve: &Valve, open_pa: f64, wanted_pa: f64) -> Option<Turned> {
    let open_pa = open_pa.abs();
    let law: OpeningCharacteristic = characteristic(&valve.characteristic)?;
    // Shut or without flow there is nothing to set.
    if !(open_pa > 0.0 && wanted_pa.is_finite()) {
        return None;
    }
    let share = (open_pa / (open_pa + wanted_pa)).sqrt().max(LEAST_SHARE);
    let taken_pa = open_pa / (share * share) - open_pa;
    Some(Turned { after: law.opening(share), kv_m3_h: full_kv_m3_h(valve) * share, taken_pa })
}

fn pump_setting(prescribed: &Prescribed, link: LinkId, solution: &Solution, wanted_pa: f64) -> Option<Turned> {
    let problem = &prescribed.problem;
    let row = problem.pumps.iter().find(|row| Some(row.link as usize) == problem.link(link))?;
    let state = solution.link(link)?;
    let rise_pa = -state.pressure_drop_pa;
    let density = prescribed.density_kg_m3(link, solution);
    let weight = density * prescribed.gravity_m_s2();
    if !(state.mass_flow_kg_s > 0.0 && rise_pa > 0.0) {
        return None;
    }
    // At least as fast as to be no hindrance.
    let after_pa = (rise_pa - wanted_pa).max(0.0);
    let flow_m3_s = state.mass_flow_kg_s / density;
    let after = row.group.speed_at(&row.curve, flow_m3_s, after_pa / weight, row.group.speed)?;
    Some(Turned { after, kv_m3_h: f64::NAN, taken_pa: rise_pa - after_pa })
}

/// Lowers the sources of a zone.
pub fn sources(original: &Network, prescribed: &Prescribed, solution: &Solution, zone: &Zone) -> Vec<Setting> {
    let mut settings = Vec::new();
    for &link in &zone.sources {
        let (Some(view), Some(state)) = (original.link_view(link), solution.source(link)) else { continue };
        let Some(source) = view.source() else { continue };
        let element = view.element();
        let rise_pa = state.supply_pressure_pa - state.return_pressure_pa;
        let after_pa = rise_pa - zone.lowered_pa;
        let (kind, before, after, edit) = match &source.control {
            held @ (SourceControl::Reference { pressure_rise_pa, .. }
            | SourceControl::PressureRise { pressure_rise_pa }) => {
                let after = pressure_rise_pa - zone.lowered_pa;
                let edit = Edit::set(element, "control", json!(held.with_pressure_rise(after)));
                (SettingKind::SourcePressure, *pressure_rise_pa, after, edit)
            }
            SourceControl::SupplyPressure { supply_pressure_pa } => {
                let after = supply_pressure_pa - zone.lowered_pa;
                let control = json!(SourceControl::SupplyPressure { supply_pressure_pa: after });
                (SettingKind::SourcePressure, *supply_pressure_pa, after, Edit::set(element, "control", control))
            }
            SourceControl::Speed { .. } => {
                let Some(after) = source_speed(&prescribed.problem, prescribed, link, solution, after_pa) else {
                    continue;
                };
                let before = source.pumps.as_ref().map_or(f64::NAN, |pumps| pumps.speed);
                (SettingKind::SourceSpeed, before, after, Edit::set(element, "pumps.speed", json!(after)))
            }
            // What it holds is known when all else is set.
            SourceControl::WorstPoint { .. } | SourceControl::MassFlow { .. } => continue,
        };
        settings.push(Setting {
            link,
            kind,
            before,
            after,
            kv_m3_h: f64::NAN,
            flow_kg_s: state.mass_flow_kg_s,
            drop_pa: -after_pa,
            stations: zone.stations,
            edits: vec![edit],
        });
    }
    settings
}

fn source_speed(
    problem: &Problem,
    prescribed: &Prescribed,
    link: LinkId,
    solution: &Solution,
    rise_pa: f64,
) -> Option<f64> {
    let row = problem.pumps.iter().find(|row| Some(row.link as usize) == problem.link(link))?;
    let density = prescribed.density_kg_m3(link, solution);
    let head_m = rise_pa / (density * prescribed.gravity_m_s2());
    let flow_m3_s = solution.link(link)?.mass_flow_kg_s / density;
    row.group.speed_at(&row.curve, flow_m3_s, head_m, row.group.speed)
}

/// What the sources that hold the pressure of the worst loop hold now that all else is set.
pub fn followers(original: &Network, prescribed: &Prescribed, solution: &Solution, zone: &Zone) -> Vec<Setting> {
    let mut settings = Vec::new();
    for &link in &zone.sources {
        let Some(view) = original.link_view(link) else { continue };
        let Some(source) = view.source() else { continue };
        let SourceControl::WorstPoint { available_pressure_pa, consumer, return_pressure_pa } = &source.control else {
            continue;
        };
        let watched = consumer.as_ref().and_then(|name| original.link_id(name));
        let available = prescribed
            .stations
            .iter()
            .filter(|station| match watched {
                Some(link) => station.link == link,
                // One with a pump of its own is no end of a worst loop, unless that pump is to rest.
                None => station.pump.is_none() || rests(station, solution),
            })
            .filter_map(|station| solution.consumer(station.link))
            .map(|state| state.available_pressure_pa)
            .filter(|pressure| pressure.is_finite())
            .min_by(f64::total_cmp);
        let (Some(after), Some(state)) = (available, solution.source(link)) else { continue };
        let control = json!(SourceControl::WorstPoint {
            available_pressure_pa: after,
            consumer: consumer.clone(),
            return_pressure_pa: *return_pressure_pa,
        });
        settings.push(Setting {
            link,
            kind: SettingKind::SourcePressure,
            before: *available_pressure_pa,
            after,
            kv_m3_h: f64::NAN,
            flow_kg_s: state.mass_flow_kg_s,
            drop_pa: state.return_pressure_pa - state.supply_pressure_pa,
            stations: zone.stations,
            edits: vec![Edit::set(view.element(), "control", control)],
        });
    }
    settings
}

/// Whether the pump of a station set by hand is not needed.
fn rests(station: &Station, solution: &Solution) -> bool {
    let Some(state) = solution.link(station.link).filter(|_| station.by_hand) else { return false };
    let flow_kg_s = state.mass_flow_kg_s;
    station.least_rise_pa(flow_kg_s) <= 0.0 && station.open_pa(flow_kg_s) <= state.pressure_drop_pa
}

/// Settings of the stations that are set by hand, from the state in which everything else is set.
pub fn stations(original: &Network, prescribed: &Prescribed, solution: &Solution, short: &[bool]) -> Vec<Setting> {
    let mut settings = Vec::new();
    for (station, &short) in prescribed.stations.iter().zip(short) {
        let (Some(view), Some(state)) = (original.link_view(station.link), solution.link(station.link)) else {
            continue;
        };
        if station.by_hand {
            settings.extend(one_station(
                &view,
                prescribed,
                station,
                state.mass_flow_kg_s,
                state.pressure_drop_pa,
                short,
                solution,
            ));
        }
    }
    settings
}

fn one_station(
    view: &crate::network::LinkView<'_>,
    prescribed: &Prescribed,
    station: &Station,
    flow_kg_s: f64,
    available_pa: f64,
    short: bool,
    solution: &Solution,
) -> Vec<Setting> {
    let setting = |kind, before, after, kv_m3_h, drop_pa, edits| Setting {
        link: station.link,
        kind,
        before,
        after,
        kv_m3_h,
        flow_kg_s,
        drop_pa,
        stations: 1,
        edits,
    };
    let kv_open = station.kv_open_m3_h.unwrap_or(f64::NAN);
    let lacking_pa = station.open_pa(flow_kg_s) - available_pa;
    let mut rise_pa: f64 = 0.0;
    let mut out = Vec::new();
    if let Some(pump) = &station.pump {
        let density = prescribed.density_kg_m3(station.link, solution);
        let greatest_pa = station.greatest_rise_pa(flow_kg_s, density, prescribed.gravity_m_s2());
        rise_pa = if short { greatest_pa } else { lacking_pa.max(station.least_rise_pa(flow_kg_s)).max(0.0) };
        let (flow_m3_s, head_m) =
            (pump.flow_ratio * flow_kg_s / density, rise_pa / (density * prescribed.gravity_m_s2()));
        let speed = if rise_pa > 0.0 {
            let full: PumpGroup = pump.group;
            full.speed_at(&pump.curve, flow_m3_s, head_m, full.speed).unwrap_or(full.speed)
        } else {
            0.0
        };
        let element = view.element();
        // A pump at rest is passed by; the pressure suffices without it.
        let edits = if speed > SMALLEST_SPEED {
            vec![Edit::set(element, "station.pump.speed", json!(speed))]
        } else {
            vec![Edit::set(element, "station.pump.running", json!(false))]
        };
        out.push(setting(SettingKind::StationPump, station.speed, speed, f64::NAN, -rise_pa, edits));
    }
    let open_valve_pa = station.valve_pa_s2_kg2 * flow_kg_s * flow_kg_s;
    let taken_pa = available_pa + rise_pa - station.behind_valve_pa(flow_kg_s);
    let share =
        if short || taken_pa.is_nan() || taken_pa <= open_valve_pa { 1.0 } else { (open_valve_pa / taken_pa).sqrt() };
    let edits = vec![Edit::set(view.element(), "hand_opening", json!(share))];
    let kind = SettingKind::Station;
    out.push(setting(kind, station.opening, share, kv_open * share, open_valve_pa / (share * share), edits));
    out
}
