//! How much less pressure the sources of a zone need to give.
//!
//! With the flows given, a rise that is lowered alike at all sources of a zone lowers the available pressure of every station by
//! as much and changes no flow: so the least margin of all stations is what can be saved, as long as no water comes near to boiling. Where stations have pumps of their
//! own, less at the source means more at those: between nothing and the most that they can take over, the place with the least
//! power of all is looked for (power is convex in it but for the efficiencies, so it is sampled).

use crate::network::{Demand, LinkId, LinkKind, Network, NodeId, Side, SourceControl};
use crate::physics::water::{ATMOSPHERE_PA, saturation_pressure_pa};
use crate::solver::Solution;

use super::power::USUAL_EFFICIENCY;
use super::prescribed::{Prescribed, Station};
use super::reach::Reach;
use super::{Bound, MET_SHARE, WorstLoop, Zone};

/// Distance of every point of the running network from vapour pressure: GB 55010.
const ABOVE_VAPOUR_PA: f64 = 30_000.0;
/// Share of its demand with which one that regulates itself counts as served.
const SERVED_SHARE: f64 = 1.0 - 1e-4;
/// Places looked at between nothing and the most.
const SAMPLES: usize = 64;

/// A station in the prescribed state.
#[derive(Clone, Copy, Debug)]
pub struct Spare {
    pub flow_kg_s: f64,
    /// Pressure over what it needs without its pump, and with its pump at full speed, Pa.
    pub alone_pa: f64,
    pub pumped_pa: f64,
    /// It draws what it can and would draw more.
    pub short: bool,
}

/// What the stations have to spare.
pub fn spares(prescribed: &Prescribed, solution: &Solution) -> Vec<Spare> {
    prescribed
        .stations
        .iter()
        .map(|station| {
            let state = solution.link(station.link);
            let flow_kg_s = state.map_or(0.0, |state| state.mass_flow_kg_s);
            let available_pa = state.map_or(f64::NAN, |state| state.pressure_drop_pa);
            let wanted = if station.by_hand { station.wanted_kg_s } else { 0.0 };
            let short = if station.by_hand {
                flow_kg_s < (1.0 - 1e-6) * wanted
            } else {
                !is_served(prescribed, station, solution)
            };
            let open_pa = station.open_pa(flow_kg_s);
            let density = prescribed.density_kg_m3(station.link, solution);
            let rise_pa = station.greatest_rise_pa(flow_kg_s, density, prescribed.gravity_m_s2());
            let alone_pa = available_pa - open_pa.max(station.required_pa);
            let pumped_pa = if rise_pa > 0.0 { available_pa + rise_pa - open_pa } else { alone_pa };
            Spare { flow_kg_s, alone_pa, pumped_pa, short }
        })
        .collect()
}

/// Whether one that regulates itself has its demand, whatever pressure it would like.
fn is_served(prescribed: &Prescribed, station: &Station, solution: &Solution) -> bool {
    let consumer = prescribed.network.link_view(station.link).and_then(|view| view.consumer());
    let (Some(consumer), Some(state)) = (consumer, solution.consumer(station.link)) else { return false };
    match consumer.demand {
        Demand::Heat { heat_w } => state.heat_w >= SERVED_SHARE * heat_w,
        Demand::MassFlow { mass_flow_kg_s } => state.mass_flow_kg_s >= SERVED_SHARE * mass_flow_kg_s,
    }
}

/// Sources whose pressure can be lowered.
fn can_be_lowered(network: &Network, link: LinkId) -> bool {
    let source = network.link_view(link).and_then(|view| view.source());
    source.is_some_and(|source| source.running && !matches!(source.control, SourceControl::MassFlow { .. }))
}

/// The zones with what their sources can give less.
pub fn zones(prescribed: &Prescribed, reach: &Reach, solution: &Solution, spares: &[Spare]) -> Vec<Zone> {
    let network = &prescribed.network;
    let mut parts: Vec<u32> = prescribed.stations.iter().map(|station| reach.zone(station.ends[0])).collect();
    parts.sort_unstable();
    parts.dedup();
    parts.into_iter().map(|part| zone(prescribed, network, reach, solution, spares, part)).collect()
}

fn zone(
    prescribed: &Prescribed,
    network: &Network,
    reach: &Reach,
    solution: &Solution,
    spares: &[Spare],
    part: u32,
) -> Zone {
    let running = |kind: &LinkKind| matches!(kind, LinkKind::Source(source) if source.running);
    let sources: Vec<LinkId> = network
        .links()
        .filter(|view| running(&view.link.kind) && reach.zone(view.from) == part)
        .map(|view| view.handle)
        .collect();
    let members: Vec<(&Station, &Spare)> = prescribed
        .stations
        .iter()
        .zip(spares)
        .filter(|(station, _)| reach.zone(station.ends[0]) == part && station.wanted_kg_s > 0.0)
        .collect();
    let flows = members.iter().filter(|(_, spare)| spare.flow_kg_s > 0.0);
    // Stations with pumps take what is missing from there: they end the worst loop only where all have pumps.
    let alone = flows.clone().filter(|(station, _)| station.pump.is_none());
    let least = |list: &mut dyn Iterator<Item = &(&Station, &Spare)>| {
        list.map(|(station, spare)| (station.link, spare.alone_pa)).min_by(|a, b| a.1.total_cmp(&b.1))
    };
    let worst = least(&mut alone.clone()).or_else(|| least(&mut flows.clone()));
    let mut out = Zone { sources, stations: members.len(), lowered_pa: 0.0, bound: Bound::NoSource, worst: None };
    let (lowered_pa, bound) = lowered(prescribed, solution, &members, &out.sources, part, reach);
    (out.lowered_pa, out.bound) = (lowered_pa, bound);
    out.worst = worst.map(|(consumer, margin_before_pa)| WorstLoop {
        consumer,
        margin_before_pa,
        margin_after_pa: margin_before_pa - lowered_pa,
    });
    out
}

fn lowered(
    prescribed: &Prescribed,
    solution: &Solution,
    members: &[(&Station, &Spare)],
    sources: &[LinkId],
    part: u32,
    reach: &Reach,
) -> (f64, Bound) {
    let network = &prescribed.network;
    if !sources.iter().any(|&link| can_be_lowered(network, link)) {
        return (0.0, Bound::NoSource);
    }
    if let Some((station, _)) = members.iter().find(|(_, spare)| spare.short) {
        let ratio = |spare: &Spare| spare.flow_kg_s / station.wanted_kg_s;
        let far = members.iter().find(|(_, spare)| spare.short && ratio(spare) < 1.0 - MET_SHARE);
        let link = far.map_or(station.link, |(station, _)| station.link);
        return (0.0, Bound::Unmet(link));
    }
    let spare = members.iter().map(|(station, spare)| (spare.pumped_pa, Bound::Loop(station.link)));
    let vapour = above_vapour(network, reach, part, solution).map(|(pa, node)| (pa, Bound::Vapour(node)));
    // A source gives no less than nothing.
    let rises = sources.iter().filter_map(|&link| {
        let state = solution.source(link)?;
        let rise_pa = state.supply_pressure_pa - state.return_pressure_pa;
        can_be_lowered(network, link).then_some((rise_pa, Bound::Power))
    });
    let most = spare.chain(vapour).chain(rises).filter(|(pa, _)| pa.is_finite()).min_by(|a, b| a.0.total_cmp(&b.0));
    let Some((most_pa, bound)) = most.filter(|(pa, _)| *pa > 0.0) else {
        return (0.0, most.map_or(Bound::Power, |(_, bound)| bound));
    };
    // Without pumps at stations every pascal less is power saved.
    let power_w = |lowered_pa: f64| -> f64 {
        let given = sources.iter().filter_map(|&link| {
            let state = solution.source(link)?;
            let rise_pa = state.supply_pressure_pa - state.return_pressure_pa;
            let efficiency = solution.pump(link).map(|pump| pump.efficiency).filter(|eta| *eta > 0.0);
            Some((rise_pa - lowered_pa) * state.mass_flow_kg_s / efficiency.unwrap_or(USUAL_EFFICIENCY))
        });
        let taken = members
            .iter()
            .filter(|(station, _)| station.pump.is_some())
            .map(|(_, spare)| (lowered_pa - spare.alone_pa).max(0.0) * spare.flow_kg_s / USUAL_EFFICIENCY);
        given.sum::<f64>() + taken.sum::<f64>()
    };
    let places = (0..=SAMPLES).map(|i| most_pa * (SAMPLES - i) as f64 / SAMPLES as f64);
    let best = places.map(|pa| (power_w(pa), pa)).min_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((_, pa)) if pa < most_pa => (pa, Bound::Power),
        _ => (most_pa, bound),
    }
}

/// What the supply side of a zone can lose before water comes too near to boiling; `None` where temperatures are not known.
fn above_vapour(network: &Network, reach: &Reach, part: u32, solution: &Solution) -> Option<(f64, NodeId)> {
    let supply = network.nodes().filter(|(handle, _, node)| node.side == Side::Supply && reach.zone(*handle) == part);
    let hottest_c = network
        .links()
        .filter_map(|view| view.source().filter(|source| source.running && reach.zone(view.from) == part))
        .map(|source| source.supply_temperature_c)
        .fold(f64::NAN, f64::max);
    supply
        .filter_map(|(handle, ..)| {
            let state = solution.node(handle)?;
            let temperature_c = if state.temperature_c.is_finite() { state.temperature_c } else { hottest_c };
            let margin_pa = state.pressure_pa + ATMOSPHERE_PA - saturation_pressure_pa(temperature_c) - ABOVE_VAPOUR_PA;
            margin_pa.is_finite().then_some((margin_pa, handle))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0))
}
