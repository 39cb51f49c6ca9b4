//! Who closes which valve when, how long it takes, and whether the water hammer stays within the pipe's strength.
//!
//! Order: valves with a drive, which the control room shuts at once; then the valve through which most water runs to the
//! break, then the rest by falling flow; optional valves last. To the others crews travel from their bases (straight line
//! times a detour factor), open and ventilate the chamber, and turn; a second valve in the same chamber needs no travel.
//! Surge: each valve stops the flow it carries right after the burst; Joukowsky's or Michaud's rise over the way to the next
//! feed ([`physics::surge`](crate::physics::surge)) is added to the pressure that stood before the valve in normal service and
//! taken from that behind it after the burst. Where this passes the nominal pressure, or brings water to boil that did not
//! boil already, the shortest closing time that does not is proposed. That is a bound: reflections at branches only lower
//! it. Where it passes a limit on a long main, the waves themselves are calculated ([`super::waves`]).

use std::collections::BTreeMap;

use super::isolation::Isolation;
use super::waves::{Limits, MainWaves, main_waves};
use super::ways::{Passage, Ways};
use crate::network::{Drive, LinkId, LinkView, Name, Network, NodeId, Valve};
use crate::physics::surge::{
    BULK_MODULUS_WATER_PA, ELASTICITY_STEEL_PA, Restraint, closure_pa, reflection_time_s, wave_speed_m_s,
};
use crate::physics::water::{ATMOSPHERE_PA, density_kg_m3, saturation_pressure_pa};
use crate::solver::Solution;

/// Crews and what is assumed of their work.
#[derive(Clone, Debug, PartialEq)]
pub struct Crews {
    /// Where they start, x and y in m. Empty: the sources.
    pub bases_m: Vec<[f64; 2]>,
    pub count: usize,
    pub speed_m_s: f64,
    /// Way driven over straight line.
    pub detour: f64,
    /// From the alarm to the departure.
    pub start_s: f64,
    /// Opening, airing and testing a chamber.
    pub access_s: f64,
    pub field: Field,
}

/// How far the work has come when a plan is made anew; nothing of it for the first one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Field {
    /// Now, from the alarm: nobody new leaves and nothing is shut from the control room before.
    pub now_s: f64,
    /// Valves reported shut: when, from the alarm, and by which crew (counted from 0).
    pub shut: BTreeMap<LinkId, (f64, Option<usize>)>,
}

impl Field {
    /// The valve a crew shut last and when: there it stands.
    fn last(&self, crew: usize) -> Option<(LinkId, f64)> {
        let own = self.shut.iter().filter(|(_, (_, by))| *by == Some(crew)).map(|(&link, &(at_s, _))| (link, at_s));
        own.max_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
    }
}

impl Default for Crews {
    /// Two crews at 25 km/h on winter streets; five minutes to leave, eight to open and air a chamber. Assumptions.
    fn default() -> Self {
        Crews {
            bases_m: Vec::new(),
            count: 2,
            speed_m_s: 25.0 / 3.6,
            detour: 1.35,
            start_s: 300.0,
            access_s: 480.0,
            field: Field::default(),
        }
    }
}

/// Seconds a valve takes from open to shut where nobody has written it down: worm gear by hand, or electric drive, per
/// metre of diameter. Assumptions.
const BY_HAND_S_M: f64 = 900.0;
const DRIVEN_S_M: f64 = 240.0;
/// Last part of the stroke, in which a gate or butterfly does nearly all of its throttling on a long main: the flow stops
/// within this share of the closing time (Wylie & Streeter, Fluid Transients, on effective closure time).
const EFFECTIVE_SHARE: f64 = 0.25;

/// Work on one valve.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosingTask {
    pub valve: LinkId,
    pub optional: bool,
    /// Flow towards the break before it is closed.
    pub flow_kg_s: f64,
    pub chamber: Option<Name>,
    /// Shut from the control room.
    pub remote: bool,
    /// The crew that goes there, counted from 0.
    pub crew: Option<usize>,
    pub travel_s: f64,
    pub closing_s: f64,
    /// The closing time was not in the data.
    pub closing_assumed: bool,
    /// From the alarm: turning begins, valve is shut.
    pub begins_s: f64,
    pub shut_s: f64,
    pub surge: Option<Surge>,
}

/// Water hammer of closing one valve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surge {
    /// Rise before the valve (and fall behind it).
    pub rise_pa: f64,
    /// Greatest pressure before it, and what the pipe there may bear.
    pub highest_pa: f64,
    pub nominal_pa: Option<f64>,
    /// Lowest pressure behind it and vapour pressure there (gauge).
    pub lowest_pa: f64,
    pub vapour_pa: f64,
    /// It boils there before the valve is touched.
    pub boils_already: bool,
    /// Time in which the wave returns from the next feed.
    pub reflection_s: f64,
    /// Shortest closing time that keeps both limits; `None`: it is kept as it is, or no time helps.
    pub slower_s: Option<f64>,
    /// The waves themselves, where the bound passes a limit on a long main: they decide then.
    pub waves: Option<MainWaves>,
}

impl Surge {
    /// Whether both limits are kept: by the waves where they were calculated, else by the bound.
    pub fn is_safe(&self) -> bool {
        self.waves.map_or_else(|| self.is_bounded(), |waves| waves.safe)
    }

    /// Whether the bound alone keeps both limits.
    pub fn is_bounded(&self) -> bool {
        self.nominal_pa.is_none_or(|limit_pa| self.highest_pa <= limit_pa)
            && (self.boils_already || self.lowest_pa >= self.vapour_pa)
    }
}

/// Place of a link on the map: the chamber's, else the middle of its ends.
pub fn place_m(network: &Network, link: LinkId) -> Option<[f64; 2]> {
    let view = network.link_view(link)?;
    let chamber = view.link.notes.as_ref().and_then(|notes| network.chambers().get(notes.chamber.as_ref()?));
    if let Some(chamber) = chamber {
        return Some([chamber.x_m, chamber.y_m]);
    }
    let (from, to) = (network.node(view.from)?, network.node(view.to)?);
    Some([0.5 * (from.x_m + to.x_m), 0.5 * (from.y_m + to.y_m)])
}

/// The chamber a link stands in.
fn chamber(network: &Network, link: LinkId) -> Option<Name> {
    network.link(link)?.notes.as_ref()?.chamber.clone()
}

/// Time from open to shut and whether it is assumed.
pub fn closing_time_s(valve: &Valve) -> (f64, bool) {
    if let Some(seconds) = valve.closing_time_s.filter(|seconds| *seconds > 0.0) {
        return (seconds * valve.opening.clamp(0.0, 1.0), false);
    }
    let per_metre = if is_remote(valve) { DRIVEN_S_M } else { BY_HAND_S_M };
    (per_metre * valve.diameter_m.unwrap_or(0.3) * valve.opening.clamp(0.0, 1.0), true)
}

/// Whether the control room can move it.
pub fn is_remote(valve: &Valve) -> bool {
    matches!(valve.drive, Drive::Electric | Drive::Hydraulic | Drive::Pneumatic)
}

/// Soonest time at which one valve alone could be shut: for choosing between plans.
pub fn alone_s(network: &Network, crews: &Crews, link: LinkId) -> f64 {
    let Some(valve) = network.link_view(link).and_then(|view| view.valve()) else { return f64::INFINITY };
    let (closing_s, _) = closing_time_s(valve);
    if is_remote(valve) {
        return closing_s;
    }
    let Some(place) = place_m(network, link) else { return f64::INFINITY };
    let way_s = bases(network, crews).iter().map(|base| travel_s(*base, place, crews)).fold(f64::INFINITY, f64::min);
    crews.start_s + if way_s.is_finite() { way_s } else { 0.0 } + crews.access_s + closing_s
}

/// Where crews start; crew n from place n, counted round.
pub fn bases(network: &Network, crews: &Crews) -> Vec<[f64; 2]> {
    if !crews.bases_m.is_empty() {
        return crews.bases_m.clone();
    }
    network.links().filter(|view| view.source().is_some()).filter_map(|view| place_m(network, view.handle)).collect()
}

/// Time on the road.
pub fn travel_s(from: [f64; 2], to: [f64; 2], crews: &Crews) -> f64 {
    (to[0] - from[0]).hypot(to[1] - from[1]) * crews.detour / crews.speed_m_s
}

/// States of the network before the break and right after it (the same where that one could not be solved).
#[derive(Clone, Copy, Debug)]
pub struct States<'a> {
    pub before: &'a Solution,
    pub burst: &'a Solution,
    /// Node slots at the breaks.
    pub breaks: &'a [usize],
}

/// Order and times of closing the valves of a plan.
pub fn schedule(
    network: &Network,
    ways: &Ways,
    plan: &Isolation,
    states: States<'_>,
    crews: &Crews,
) -> Vec<ClosingTask> {
    let mut tasks: Vec<ClosingTask> = Vec::new();
    let required = plan.valves.iter().map(|&link| (link, false));
    for (link, optional) in required.chain(plan.optional.iter().map(|&link| (link, true))) {
        let Some(view) = network.link_view(link) else { continue };
        let Some(valve) = view.valve() else { continue };
        let along_kg_s = states.burst.link(link).map_or(0.0, |state| state.mass_flow_kg_s);
        let along_kg_s = if along_kg_s.is_finite() { along_kg_s } else { 0.0 };
        let (closing_s, closing_assumed) = closing_time_s(valve);
        tasks.push(ClosingTask {
            valve: link,
            optional,
            flow_kg_s: if plan.zone[view.to.index()] { along_kg_s } else { -along_kg_s },
            chamber: chamber(network, link),
            remote: is_remote(valve),
            crew: None,
            travel_s: 0.0,
            closing_s,
            closing_assumed,
            begins_s: crews.field.now_s,
            shut_s: crews.field.now_s + closing_s,
            surge: surge(network, ways, &view, along_kg_s, closing_s, states),
        });
    }
    tasks.sort_by(|a, b| {
        let last = |task: &ClosingTask| (task.optional, !task.remote);
        last(a).cmp(&last(b)).then(b.flow_kg_s.total_cmp(&a.flow_kg_s)).then(a.valve.cmp(&b.valve))
    });
    send_crews(network, crews, &mut tasks);
    tasks
}

/// Gives each valve that must be turned by hand to the crew that is there first. Crews that have shut a valve already start
/// from there, the others from their bases.
fn send_crews(network: &Network, crews: &Crews, tasks: &mut [ClosingTask]) {
    let bases = bases(network, crews);
    // (free from, place, chamber it stands in)
    let field = &crews.field;
    let mut at: Vec<(f64, Option<[f64; 2]>, Option<Name>)> = (0..crews.count.max(1))
        .map(|crew| match field.last(crew) {
            Some((valve, at_s)) => (at_s.max(field.now_s), place_m(network, valve), chamber(network, valve)),
            None => (crews.start_s.max(field.now_s), bases.get(crew % bases.len().max(1)).copied(), None),
        })
        .collect();
    for task in tasks.iter_mut() {
        if let Some(&(at_s, crew)) = field.shut.get(&task.valve) {
            (task.begins_s, task.shut_s, task.crew) = (at_s, at_s, crew.filter(|_| !task.remote));
            continue;
        }
        if task.remote {
            continue;
        }
        let place = place_m(network, task.valve);
        let arrival = |crew: &(f64, Option<[f64; 2]>, Option<Name>)| {
            if crew.2.is_some() && crew.2 == task.chamber {
                return (crew.0, 0.0);
            }
            let way_s = crew.1.zip(place).map_or(0.0, |(from, to)| travel_s(from, to, crews));
            (crew.0 + way_s + crews.access_s, way_s)
        };
        let first = (0..at.len()).min_by(|&a, &b| arrival(&at[a]).0.total_cmp(&arrival(&at[b]).0));
        let Some(crew) = first else { continue };
        let (begins_s, travel_s) = arrival(&at[crew]);
        task.crew = Some(crew);
        task.travel_s = travel_s;
        task.begins_s = begins_s;
        task.shut_s = begins_s + task.closing_s;
        at[crew] = (task.shut_s, place, task.chamber.clone());
    }
}

fn surge(
    network: &Network,
    ways: &Ways,
    valve: &LinkView<'_>,
    flow_kg_s: f64,
    closing_s: f64,
    states: States<'_>,
) -> Option<Surge> {
    let (before, behind) = if flow_kg_s >= 0.0 { (valve.from, valve.to) } else { (valve.to, valve.from) };
    let pipe = [before, behind]
        .into_iter()
        .find_map(|node| network.links_at(node).into_iter().find_map(|link| network.link_view(link)?.pipe()))?;
    let temperature_c =
        states.before.node(before).map(|node| node.temperature_c).filter(|t| t.is_finite()).unwrap_or(100.0);
    let density = density_kg_m3(temperature_c, 1.0e6);
    let wall_m = 0.5 * (pipe.outer_diameter_m - pipe.inner_diameter_m);
    if !(wall_m > 0.0 && pipe.inner_diameter_m > 0.0) {
        return None;
    }
    let area_m2 = 0.25 * std::f64::consts::PI * pipe.inner_diameter_m * pipe.inner_diameter_m;
    let velocity_m_s = flow_kg_s.abs() / density / area_m2;
    let speed_m_s = wave_speed_m_s(
        density,
        BULK_MODULUS_WATER_PA,
        pipe.inner_diameter_m,
        wall_m,
        ELASTICITY_STEEL_PA,
        Restraint::Anchored,
    );
    let length_m = way_to_feed_m(network, ways, before.index(), valve.handle);
    let rise = |closing_s: f64| closure_pa(density, speed_m_s, velocity_m_s, length_m, EFFECTIVE_SHARE * closing_s);
    let pressure = |state: &Solution, node: NodeId| state.node(node).map_or(f64::NAN, |node| node.pressure_pa);
    let high_pa = pressure(states.before, before).max(pressure(states.burst, before));
    let low_pa = pressure(states.burst, behind);
    if !high_pa.is_finite() || !low_pa.is_finite() {
        return None;
    }
    let rise_pa = rise(closing_s);
    let vapour_pa = saturation_pressure_pa(temperature_c) - ATMOSPHERE_PA;
    let nominal_pa = pipe.details.nominal_pressure_pa;
    let mut found = Surge {
        rise_pa,
        highest_pa: high_pa + rise_pa,
        nominal_pa,
        lowest_pa: low_pa - rise_pa,
        vapour_pa,
        boils_already: low_pa <= vapour_pa,
        reflection_s: reflection_time_s(length_m, speed_m_s),
        slower_s: None,
        waves: None,
    };
    let above_pa = nominal_pa.map_or(f64::INFINITY, |limit| limit - high_pa);
    let below_pa = if found.boils_already { f64::INFINITY } else { low_pa - vapour_pa };
    let room_pa = above_pa.min(below_pa);
    if !found.is_safe() && room_pa > 0.0 {
        let sudden_pa = density * speed_m_s * velocity_m_s;
        found.slower_s = Some(sudden_pa * found.reflection_s / room_pa / EFFECTIVE_SHARE);
        let limits = Limits { nominal_pa, temperature_c, boils_already: found.boils_already };
        found.waves = main_waves(network, ways, valve, states.burst, states.breaks, closing_s, limits);
    }
    Some(found)
}

/// Length of pipe to the nearest feed on the side where the water comes from; that of the longest way found where there is none.
fn way_to_feed_m(network: &Network, ways: &Ways, start: usize, but: LinkId) -> f64 {
    let mut best = vec![f64::INFINITY; ways.node_bound()];
    let mut open = std::collections::BinaryHeap::new();
    best[start] = 0.0;
    open.push((std::cmp::Reverse(0u64), start));
    let mut farthest_m = 0.0f64;
    while let Some((std::cmp::Reverse(millimetres), node)) = open.pop() {
        let here_m = millimetres as f64 / 1000.0;
        if here_m > best[node] + 0.001 {
            continue;
        }
        farthest_m = farthest_m.max(here_m);
        if ways.is_fed(node) {
            return here_m;
        }
        for &link in ways.links_at(node) {
            if link == but || matches!(ways.passage(link), Passage::Shut | Passage::Source) {
                continue;
            }
            let next = ways.across(link, node);
            let view = network.link_view(link);
            if view.is_some_and(|view| view.consumer().is_some()) {
                continue;
            }
            let length_m = view.and_then(|view| view.pipe()).map_or(0.0, |pipe| pipe.length_m);
            if here_m + length_m < best[next] {
                best[next] = here_m + length_m;
                open.push((std::cmp::Reverse(((here_m + length_m) * 1000.0) as u64), next));
            }
        }
    }
    farthest_m
}
