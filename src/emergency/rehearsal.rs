//! Rehearsal: valves closed by somebody's own choice, and how that compares with the plan.
//!
//! Orders are given one after the other; crews drive, open chambers and turn as in a plan ([`super::closing`]), only that
//! nobody knows beforehand which order comes next: the crew that can be there first goes. A valve that cannot be moved is
//! found so on the spot. [`compare`] then judges both ways by the same measure: shut off or not and when, water lost until
//! then (solved after every valve, with the make-up at its limit), users without heat and their rooms (solved with all of it
//! carried out). No clock here: whoever rehearses says what time it is.

use super::burst::{Break, burst};
use super::closing::{Crews, bases, closing_time_s, is_remote, place_m, travel_s};
use super::cooldown::{Conditions, room_clocks};
use super::impact::plan_edits;
use super::isolation::{Broken, Isolation, Isolator};
use super::response::{Response, effect};
use super::restore::WATER_KG_M3;
use super::ways::{Reliance, Ways, can_be_moved};
use crate::network::edit::Edit;
use crate::network::{LinkId, Name, Network};
use crate::solver::Solver;

/// An order to close a valve.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    pub valve: LinkId,
    /// From the alarm.
    pub ordered_s: f64,
    /// `None`: shut from the control room.
    pub crew: Option<usize>,
    pub begins_s: f64,
    pub shut_s: f64,
    /// Whether it can be moved at all.
    pub moves: bool,
}

/// The orders of one rehearsal and where they leave the crews.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rehearsal {
    pub breaks: Vec<Break>,
    pub crews: Crews,
    /// In the order given.
    pub orders: Vec<Order>,
}

impl Rehearsal {
    /// Orders a valve shut; whether that is an order at all (a valve that is open and has none yet).
    pub fn order(&mut self, network: &Network, valve: LinkId, now_s: f64) -> bool {
        let open = network.link_view(valve).is_some_and(|view| view.valve().is_some_and(|valve| valve.opening > 0.0));
        if !open || self.orders.iter().any(|order| order.valve == valve) {
            return false;
        }
        let order = Order { valve, ordered_s: now_s, crew: None, begins_s: now_s, shut_s: now_s, moves: true };
        self.orders.push(order);
        self.send(network);
        true
    }

    /// Takes an order back while nobody has begun to turn; whether that was so.
    pub fn take_back(&mut self, network: &Network, valve: LinkId, now_s: f64) -> bool {
        let before = self.orders.len();
        self.orders.retain(|order| order.valve != valve || order.begins_s <= now_s);
        let taken = self.orders.len() != before;
        if taken {
            self.send(network);
        }
        taken
    }

    /// Valves shut by then, with the time at which they were.
    pub fn closings(&self, now_s: f64) -> Vec<(LinkId, f64)> {
        let shut = self.orders.iter().filter(|order| order.moves && order.shut_s <= now_s);
        shut.map(|order| (order.valve, order.shut_s)).collect()
    }

    /// Gives every order a crew and its times, first come, first served.
    fn send(&mut self, network: &Network) {
        let bases = bases(network, &self.crews);
        // Free from, place, chamber it stands in.
        let mut at: Vec<(f64, Option<[f64; 2]>, Option<Name>)> = (0..self.crews.count.max(1))
            .map(|crew| (self.crews.start_s, bases.get(crew % bases.len().max(1)).copied(), None))
            .collect();
        for order in &mut self.orders {
            let Some(view) = network.link_view(order.valve) else { continue };
            let Some(valve) = view.valve() else { continue };
            let (closing_s, _) = closing_time_s(valve);
            order.moves = can_be_moved(network, order.valve, valve, &Reliance::default());
            if is_remote(valve) {
                order.begins_s = order.ordered_s;
                order.shut_s = order.ordered_s + closing_s;
                continue;
            }
            let chamber = view.link.notes.as_ref().and_then(|notes| notes.chamber.clone());
            let place = place_m(network, order.valve);
            let arrival = |crew: &(f64, Option<[f64; 2]>, Option<Name>)| {
                let free_s = crew.0.max(order.ordered_s);
                if crew.2.is_some() && crew.2 == chamber {
                    return free_s;
                }
                let way_s = crew.1.zip(place).map_or(0.0, |(from, to)| travel_s(from, to, &self.crews));
                free_s + way_s + self.crews.access_s
            };
            let first = (0..at.len()).min_by(|&a, &b| arrival(&at[a]).total_cmp(&arrival(&at[b])));
            let Some(crew) = first else { continue };
            order.crew = Some(crew);
            order.begins_s = arrival(&at[crew]);
            order.shut_s = order.begins_s + closing_s;
            at[crew] = (order.shut_s, place, chamber);
        }
    }
}

/// What closing some valves came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    pub valves: usize,
    /// When no water reached the break any more; `None`: it still does.
    pub shut_s: Option<f64>,
    /// Water lost until then (or until the end).
    pub lost_m3: f64,
    /// Plants that have to stop because no closed valve stands before them.
    pub stopped_sources: usize,
    /// Consumers without heat, and all that get less.
    pub cut_off: usize,
    pub consumers: usize,
    pub lost_w: f64,
    /// Coldest rooms when the repair ends, and buildings below 12 °C before.
    pub coldest_c: Option<f64>,
    pub too_cold: usize,
}

/// Own way and plan side by side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    pub own: Outcome,
    pub best: Outcome,
    /// Closed, not in the plan, and not needed.
    pub unnecessary: Vec<LinkId>,
    /// In the plan, not closed, and water still flows.
    pub missing: Vec<LinkId>,
}

/// Judges `closings` (valves and when each was shut) against the plan of `best`, which answered the same breaks in this network.
pub fn compare(
    network: &mut Network,
    best: &Response,
    closings: &[(LinkId, f64)],
    ended_s: f64,
    solver: &mut Solver,
) -> Comparison {
    let links: Vec<LinkId> = best.breaks.iter().map(|broken| broken.link).collect();
    let Ok(broken) = Broken::new(network, &links) else { return Comparison::default() };
    let mut closings = closings.to_vec();
    closings.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let planned: Vec<(LinkId, f64)> = best.tasks.iter().map(|task| (task.valve, task.shut_s)).collect();
    let ways = Ways::new(network, &Reliance::default());
    let judge = Judge { best, broken: &broken, ways: &ways };
    let own = judge.outcome(network, &closings, ended_s, solver);
    let mut sorted = planned;
    sorted.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let plan = judge.outcome(network, &sorted, ended_s.max(best.shut_s), solver);
    let closed: Vec<LinkId> = closings.iter().map(|closing| closing.0).collect();
    let spared = |valve: LinkId| {
        let rest: Vec<LinkId> = closed.iter().copied().filter(|&other| other != valve).collect();
        own.shut_s.is_none() || judge.holds(&judge.with(network, &rest))
    };
    let unnecessary = closed
        .iter()
        .copied()
        .filter(|&valve| !best.plan.all_valves().any(|planned| planned == valve) && spared(valve))
        .collect();
    let missing = if own.shut_s.is_some() {
        Vec::new()
    } else {
        best.plan.valves.iter().copied().filter(|valve| !closed.contains(valve)).collect()
    };
    Comparison { own, best: plan, unnecessary, missing }
}

struct Judge<'a> {
    best: &'a Response,
    broken: &'a Broken,
    /// Of the network as it was before anything was closed.
    ways: &'a Ways,
}

impl Judge<'_> {
    fn with(&self, network: &Network, closed: &[LinkId]) -> Isolation {
        let mut sorted = closed.to_vec();
        sorted.sort_unstable();
        Isolator::new(network, self.ways, self.broken).with(sorted)
    }

    /// Whether nothing feeds the break that would not feed it with the plan carried out.
    fn holds(&self, closed: &Isolation) -> bool {
        closed.stopped_sources.iter().all(|source| self.best.plan.stopped_sources.contains(source))
            && closed.stopped_feeds.iter().all(|feed| self.best.plan.stopped_feeds.contains(feed))
    }

    fn outcome(&self, network: &mut Network, closings: &[(LinkId, f64)], ended_s: f64, solver: &mut Solver) -> Outcome {
        let closed: Vec<LinkId> = closings.iter().map(|closing| closing.0).collect();
        let shut = (0..=closed.len()).find(|&count| self.holds(&self.with(network, &closed[..count])));
        let shut_s = shut.map(|count| count.checked_sub(1).map_or(0.0, |last| closings[last].1));
        let plan = self.with(network, &closed);
        let mut outcome = Outcome {
            valves: closed.len(),
            shut_s,
            lost_m3: self.lost_m3(network, &closings[..shut.unwrap_or(closings.len())], shut_s.unwrap_or(ended_s)),
            stopped_sources: plan.stopped_sources.len(),
            ..Outcome::default()
        };
        let edits = plan_edits(network, self.broken, &plan);
        // As the plan's own effect was found, so that the same way has the same figures.
        let solved = effect(network, edits, &self.best.before, solver);
        if let Some(effect) = solved.filter(|_| self.best.before.converged) {
            let conditions = Conditions { outdoor_c: self.best.outdoor_c, repair_s: self.best.repair_s };
            let rooms = room_clocks(network, &effect.consumers, conditions);
            outcome.cut_off = effect.totals.cut_off;
            outcome.consumers = effect.totals.consumers;
            outcome.lost_w = effect.totals.lost_w;
            outcome.coldest_c = rooms.first().map(|clock| clock.at_repair_c);
            outcome.too_cold = rooms.iter().filter(|clock| clock.too_cold(self.best.repair_s)).count();
        }
        outcome
    }

    /// Water lost until `until_s`, solved anew after every valve.
    fn lost_m3(&self, network: &Network, closings: &[(LinkId, f64)], until_s: f64) -> f64 {
        let mut sandbox = network.clone();
        let mut solver = Solver::new();
        let (mut mass_kg, mut since_s, mut flow_kg_s) = (0.0, 0.0, 0.0);
        for step in 0..=closings.len() {
            if let Some(&(valve, shut_s)) = step.checked_sub(1).and_then(|last| closings.get(last)) {
                mass_kg += flow_kg_s * (shut_s.min(until_s) - since_s).max(0.0);
                since_s = shut_s.min(until_s);
                // Refused only for a valve that is no more; then nothing changes.
                let _ = Edit::set(sandbox.link_ref(valve), "opening", 0.0).apply(&mut sandbox);
            }
            let state = burst(&mut sandbox, &self.best.breaks, &self.best.before, &mut solver);
            if let Some(spill) = state.exhausted.or(state.at_once) {
                flow_kg_s = spill.mass_flow_kg_s();
            }
        }
        (mass_kg + flow_kg_s * (until_s - since_s).max(0.0)) / WATER_KG_M3
    }
}
