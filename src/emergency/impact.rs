//! Who loses heat once the valves are shut, and how much of it is left: solved, not only traced.
//!
//! The network is solved with the valves closed, the broken element out and the stopped plants off. A consumer's share is
//! the heat it still draws over the heat it drew before. Where the plants that are left cannot give the heat their part
//! ([`super::parts`]) asks for, all consumers of that part lose the same fraction. A part that loses its pressure reference but keeps a plant is solved
//! with that plant holding the reference, and the hand-over is named as an action. The least share an accident may leave
//! is 40, 55 or 65 % ([`super::repair::accident_share`]).

use rustc_hash::FxHashSet;
use serde_json::{Value, json};

use super::isolation::{Broken, Isolation, fed_before};
use super::parts::{Balance, Parts};
use super::ways::{Reliance, Ways};
use crate::network::edit::Edit;
use crate::network::{Demand, Finding, LinkId, LinkKind, Name, Network, Priority, SourceControl};
use crate::solver::{AtRest, ConsumerState, Mode, Options, Solution, Solver};

/// How exactly the state after an accident is solved, with heat: a hundredth of a kelvin is a thousandth of the heat at most. Where
/// much is short, weak flows take ten times as many passes to settle to a millionth, and what has not settled after so many
/// is asked for by its flows alone. Where plants stand still, pockets of water that hardly moves are many.
pub const EXACT_ENOUGH: Options = Options {
    mode: Mode::Thermal,
    tolerance: 1e-7,
    max_iterations: 100,
    temperature_tolerance_k: 0.01,
    max_coupling_passes: 90,
    // Two kilograms a second in a large city. Against waiting for all of it no consumer's heat changes by more than 2 kW there.
    at_rest: Some(AtRest { share: 1e-3, after_passes: 8 }),
    judge: true,
};

/// Less than this is named.
const WHOLE_SHARE: f64 = 0.999;

/// Why a consumer gets less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// No source reaches it.
    CutOff,
    /// Connected, but the pressure left does not drive its flow.
    PressureShort,
    /// Connected and flowing, but too cold.
    TooCold,
    /// The plants left cannot give the heat.
    HeatShort,
}

/// A consumer that gets less.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerImpact {
    pub consumer: LinkId,
    pub loss: Loss,
    /// Heat it still gets over heat before, 0…1.
    pub share: f64,
    pub before_w: f64,
    pub priority: Priority,
}

/// Sums over the consumers that get less.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    pub consumers: usize,
    pub cut_off: usize,
    /// Below the accident share.
    pub below_accident_share: usize,
    pub buildings: usize,
    pub households: u64,
    pub people: u64,
    pub heated_area_m2: f64,
    /// Heat that is missing.
    pub lost_w: f64,
    pub hospitals: usize,
    pub schools: usize,
    pub care_homes: usize,
}

/// A plant that must hold the pressure reference because the one that did is cut off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HandOver {
    pub source: LinkId,
    pub return_pressure_pa: f64,
    pub pressure_rise_pa: f64,
}

/// What a plan does to the users.
#[derive(Clone, Debug, PartialEq)]
pub struct Impact {
    /// What the plan changes in the network, as edits.
    pub edits: Vec<Edit>,
    pub hand_overs: Vec<HandOver>,
    /// Hospitals, schools and care homes first, then the greatest loss.
    pub consumers: Vec<ConsumerImpact>,
    pub totals: Totals,
    pub solution: Solution,
    /// Findings that the state before did not have.
    pub news: Vec<Finding>,
}

/// By link slot, the share of its heat that a consumer still gets; 1 where nothing is lost.
pub fn shares(network: &Network, consumers: &[ConsumerImpact]) -> Vec<f64> {
    let mut share = vec![1.0; network.link_bound()];
    for consumer in consumers {
        share[consumer.consumer.index()] = consumer.share;
    }
    share
}

/// The edits of a plan: valves shut, plants and feeds off, what broke out of the way.
pub fn plan_edits(network: &Network, broken: &Broken, plan: &Isolation) -> Vec<Edit> {
    let set = |link: LinkId, field: &str, value: Value| Edit::set(network.link_ref(link), field, value);
    let mut edits: Vec<Edit> = plan.all_valves().map(|link| set(link, "opening", json!(0.0))).collect();
    for &link in &broken.links {
        match network.link(link).map(|link| &link.kind) {
            Some(LinkKind::Pipe(_)) => edits.push(set(link, "state", json!("closed"))),
            Some(LinkKind::Valve(_)) => edits.push(set(link, "opening", json!(0.0))),
            Some(LinkKind::Pump(_)) => edits.push(set(link, "running", json!(false))),
            _ => {}
        }
    }
    edits.extend(plan.stopped_sources.iter().map(|&link| set(link, "running", json!(false))));
    edits.extend(plan.stopped_feeds.iter().map(|&node| Edit::set(network.node_ref(node), "boundary", Value::Null)));
    // Water and heat asked for where nothing arrives is no question for the solver.
    for view in network.links() {
        let cut = [view.from, view.to].iter().any(|end| plan.zone[end.index()]);
        if cut && view.consumer().is_some_and(|consumer| !consumer.shut) {
            edits.push(set(view.handle, "shut", json!(true)));
        }
    }
    edits
}

/// Whether a source holds the pressure level of its part.
fn holds_level(control: &SourceControl) -> bool {
    matches!(
        control,
        SourceControl::Reference { .. }
            | SourceControl::Speed { return_pressure_pa: Some(_) }
            | SourceControl::WorstPoint { return_pressure_pa: Some(_), .. }
    )
}

/// Plants that have to take over the reference in the network as it stands now.
fn hand_overs(network: &Network, parts: &Parts, before: &Solution) -> Vec<HandOver> {
    let mut held = std::collections::BTreeSet::new();
    for (handle, _, node) in network.nodes() {
        if node.boundary.is_some() {
            held.insert(parts.by_pressure(handle));
        }
    }
    let mut candidates: Vec<(u32, f64, HandOver)> = Vec::new();
    for view in network.links() {
        let Some(source) = view.source().filter(|source| source.running) else { continue };
        let own = parts.by_pressure(view.from);
        if holds_level(&source.control) {
            held.insert(own);
        } else if let Some(state) = before.source(view.handle) {
            let rise_pa = state.supply_pressure_pa - state.return_pressure_pa;
            let hand_over = HandOver {
                source: view.handle,
                return_pressure_pa: state.return_pressure_pa,
                pressure_rise_pa: rise_pa,
            };
            if rise_pa.is_finite() && state.return_pressure_pa.is_finite() {
                candidates.push((own, source.capacity_w.unwrap_or(state.heat_w), hand_over));
            }
        }
    }
    candidates.retain(|(part, ..)| !held.contains(part));
    candidates.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then(a.2.source.cmp(&b.2.source)));
    candidates.dedup_by_key(|(part, ..)| *part);
    candidates.into_iter().map(|(_, _, hand_over)| hand_over).collect()
}

/// The edits of a plan with the hand-overs they make necessary.
pub fn with_hand_overs(
    network: &mut Network,
    edits: Vec<Edit>,
    before: &Solution,
) -> Option<(Vec<Edit>, Vec<HandOver>)> {
    let mut all = edits;
    let taken_over = network.what_if(&all, |network| hand_overs(network, &Parts::new(network), before)).ok()?;
    all.extend(taken_over.iter().map(|hand_over| {
        let HandOver { source, return_pressure_pa, pressure_rise_pa } = *hand_over;
        let control = SourceControl::Reference { return_pressure_pa, pressure_rise_pa };
        Edit::set(network.link_ref(source), "control", json!(control))
    }));
    Some((all, taken_over))
}

/// Solves the network under `edits` (a plan's, and what else is done) and says who loses what against `before`; `None` where
/// an edit is refused.
pub fn impact(
    network: &mut Network,
    edits: Vec<Edit>,
    before: &Solution,
    options: Options,
    solver: &mut Solver,
) -> Option<Impact> {
    let (edits, hand_overs) = with_hand_overs(network, edits, before)?;
    let (consumers, totals, solution) = network
        .what_if(&edits, |network| {
            let solution = solver.solve(network, &options);
            let consumers = losses(network, before, &solution);
            let totals = totals(network, &consumers);
            (consumers, totals, solution)
        })
        .ok()?;
    let news = solution.news_since(before);
    Some(Impact { edits, hand_overs, consumers, totals, solution, news })
}

/// The consumers that get less in `solution` (of the network as it stands) than they did `before`: hospitals, schools and
/// care homes first, then the greatest loss.
pub fn losses(network: &Network, before: &Solution, solution: &Solution) -> Vec<ConsumerImpact> {
    let ways = Ways::new(network, &Reliance::default());
    let parts = Parts::of_ways(network, &ways);
    let balances = parts.balance(network, solution);
    let fed = fed_before(network, &ways);
    let mut consumers = Vec::new();
    for was in before.consumers.iter().filter(|was| was.mass_flow_kg_s > 0.0) {
        let Some(view) = network.link_view(was.link) else { continue };
        let Some(consumer) = view.consumer() else { continue };
        let before_w = wanted_w(&consumer.demand, was.heat_w);
        let [flow_share, served] = served_shares(was, before_w, solution);
        let heat_share = balances.get(&parts.by_heat(view.from)).map_or(1.0, Balance::share);
        let connected = !consumer.shut && fed[view.from.index()] && fed[view.to.index()];
        let (loss, share) = if !connected {
            (Loss::CutOff, 0.0)
        } else if served >= WHOLE_SHARE {
            (Loss::HeatShort, heat_share)
        } else if is_turned_down(&consumer.demand, was) {
            (Loss::HeatShort, served * heat_share)
        } else if flow_share < WHOLE_SHARE {
            (Loss::PressureShort, served * heat_share)
        } else {
            (Loss::TooCold, served * heat_share)
        };
        if share < WHOLE_SHARE {
            consumers.push(ConsumerImpact { consumer: was.link, loss, share, before_w, priority: consumer.priority });
        }
    }
    consumers.sort_by(|a, b| {
        let lost = |impact: &ConsumerImpact| (1.0 - impact.share) * impact.before_w;
        let first = |impact: &ConsumerImpact| impact.priority.min(Priority::Residential);
        first(a).cmp(&first(b)).then(lost(b).total_cmp(&lost(a))).then(a.consumer.cmp(&b.consumer))
    });
    consumers
}

/// Share of its flow and of its heat that a consumer draws in `solution`.
fn served_shares(was: &ConsumerState, before_w: f64, solution: &Solution) -> [f64; 2] {
    let now = solution.consumer(was.link);
    let flow_share = now.map_or(0.0, |now| finite_share(now.mass_flow_kg_s, was.mass_flow_kg_s));
    let drawn = now.filter(|now| before_w > 0.0 && now.heat_w.is_finite());
    [flow_share, drawn.map_or(flow_share, |now| finite_share(now.heat_w, before_w))]
}

/// Heat that is missing in `solution` at least, W: what consumers draw less, whether or not the plants can give what the others
/// draw. A bound to the sum of [`losses`] from below that traces nothing.
pub fn at_least_lost_w(network: &Network, before: &Solution, solution: &Solution) -> f64 {
    let drew = before.consumers.iter().filter(|was| was.mass_flow_kg_s > 0.0);
    drew.filter_map(|was| {
        let before_w = wanted_w(&network.link_view(was.link)?.consumer()?.demand, was.heat_w);
        let [_, served] = served_shares(was, before_w, solution);
        (served < WHOLE_SHARE).then_some((1.0 - served) * before_w)
    })
    .sum()
}

/// Whether a consumer asks for less than it drew.
fn is_turned_down(demand: &Demand, was: &ConsumerState) -> bool {
    match demand {
        Demand::Heat { heat_w } => *heat_w < WHOLE_SHARE * was.heat_w,
        Demand::MassFlow { mass_flow_kg_s } => *mass_flow_kg_s < WHOLE_SHARE * was.mass_flow_kg_s,
    }
}

/// Heat a consumer had: what it asks for, or what its given flow carried.
fn wanted_w(demand: &Demand, drawn_w: f64) -> f64 {
    let drawn_w = if drawn_w.is_finite() { drawn_w.max(0.0) } else { 0.0 };
    match demand {
        Demand::Heat { heat_w } => heat_w.max(drawn_w),
        Demand::MassFlow { .. } => drawn_w,
    }
}

fn finite_share(now: f64, before: f64) -> f64 {
    let share = now / before;
    if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
}

/// Sums over consumers: buildings by the map, people, households and areas as the consumers state them.
pub fn totals(network: &Network, consumers: &[ConsumerImpact]) -> Totals {
    let least = super::repair::accident_share(network.settings().design_outdoor_c());
    let mut totals = Totals { consumers: consumers.len(), ..Totals::default() };
    // By name, because that is how buildings know their consumers.
    let lost: FxHashSet<Name> = consumers.iter().map(|impact| network.link_name(impact.consumer)).collect();
    let heated = network.buildings().values().filter_map(|building| building.consumer.as_ref());
    totals.buildings = heated.filter(|&id| lost.contains(id)).count();
    for impact in consumers {
        totals.cut_off += usize::from(impact.loss == Loss::CutOff);
        totals.below_accident_share += usize::from(impact.share < least);
        totals.lost_w += (1.0 - impact.share) * impact.before_w;
        match impact.priority {
            Priority::Hospital => totals.hospitals += 1,
            Priority::School => totals.schools += 1,
            Priority::Care => totals.care_homes += 1,
            _ => {}
        }
        let Some(consumer) = network.link_view(impact.consumer).and_then(|view| view.consumer()) else { continue };
        totals.households += u64::from(consumer.households.unwrap_or(0));
        totals.people += u64::from(consumer.people.unwrap_or(0));
        totals.heated_area_m2 += consumer.heated_area_m2.unwrap_or(0.0);
    }
    totals
}
