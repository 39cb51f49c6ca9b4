//! Heat by other ways while the repair lasts: tie valves to open, plants and pumps in reserve to start.
//!
//! Candidates are shut valves that a crew can move and that join a part without heat to one with heat (supply and return
//! of one place together), plants and pumps that stand still outside the drained zone, and a greater pressure rise of the
//! plants that run. Each candidate is solved; the best
//! one is taken, then the rest are solved on top of it, until none brings back more than half a per cent of what is
//! lost. A step that breaks a pressure limit (an error among the findings the plan alone does not have) is not taken.
//! Greedy, so two valves in a row that only help together are found only where they share a chamber.

use serde_json::{Value, json};

use super::closing::place_m;
use super::impact::{EXACT_ENOUGH, Impact, at_least_lost_w, impact, with_hand_overs};
use super::isolation::{Broken, Isolation, fed_before};
use super::ways::{Reliance, Ways, can_be_moved};
use crate::network::edit::Edit;
use crate::network::{LinkId, LinkKind, Network, NodeId, PumpRole, Severity, Side, SourceControl, ValveKind};
use crate::solver::batch::Copies;
use crate::solver::{Mode, Options, Solution, Solver};

/// Valves that belong together stand within this distance where no chamber says so, m.
const TOGETHER_M: f64 = 30.0;
/// A step has to bring back at least this share of the heat that is missing.
const WORTH_SHARE: f64 = 0.005;
/// Steps at most.
const MOST_STEPS: usize = 8;

/// Something that can be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Open these valves (supply and return of one tie).
    OpenValves(Vec<LinkId>),
    StartSource(LinkId),
    StartPump(LinkId),
    /// Let a running source hold a greater pressure rise.
    RaiseSource {
        source: LinkId,
        pressure_rise_pa: f64,
    },
}

/// Rises that are tried, over the rise now.
const RAISES: [f64; 4] = [1.15, 1.3, 1.6, 2.0];

impl Action {
    /// Whether parts of the network that were apart may hang together after it.
    const fn joins(&self) -> bool {
        !matches!(self, Action::RaiseSource { .. })
    }

    fn edits(&self, network: &Network) -> Vec<Edit> {
        let set = |link: LinkId, field: &str, value: Value| Edit::set(network.link_ref(link), field, value);
        match self {
            Action::OpenValves(valves) => valves.iter().map(|&link| set(link, "opening", json!(1.0))).collect(),
            Action::StartSource(link) | Action::StartPump(link) => vec![set(*link, "running", json!(true))],
            Action::RaiseSource { source, pressure_rise_pa } => {
                vec![set(*source, "control", json!(raised(network, *source, *pressure_rise_pa)))]
            }
        }
    }
}

/// The control of a source with another pressure rise.
fn raised(network: &Network, source: LinkId, rise_pa: f64) -> SourceControl {
    let control = network.link_view(source).and_then(|view| view.source()).map(|source| &source.control);
    let raised = control.and_then(|control| control.with_pressure_rise(rise_pa));
    raised.unwrap_or(SourceControl::PressureRise { pressure_rise_pa: rise_pa })
}

/// One step of re-supply with the state after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub action: Action,
    /// Heat it brings back on top of the steps before it.
    pub regained_w: f64,
    pub after: Impact,
}

/// What could be done and is not in [`Step`]s because it breaks a limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejected {
    pub action: Action,
    /// Heat it would bring back.
    pub regained_w: f64,
    /// What it breaks, first of all.
    pub breaks: Option<crate::network::Finding>,
}

/// The steps that help, best first, and those that would but for a limit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resupply {
    pub steps: Vec<Step>,
    pub rejected: Vec<Rejected>,
    /// How many states were solved to find them.
    pub solves: usize,
}

/// Everything that might bring heat back.
fn candidates(network: &Network, broken: &Broken, plan: &Isolation, reliance: &Reliance) -> Vec<Action> {
    let zone =
        |link: LinkId| network.ends(link).is_none_or(|(from, to)| plan.zone[from.index()] || plan.zone[to.index()]);
    let mut ties: Vec<(LinkId, Side)> = Vec::new();
    let mut actions = Vec::new();
    for view in network.links() {
        if zone(view.handle) || broken.links.contains(&view.handle) {
            continue;
        }
        match &view.link.kind {
            LinkKind::Valve(valve) if valve.opening <= 0.0 => {
                let sides = [view.from, view.to].map(|end| network.node(end).map(|node| node.side));
                let joins = plan.unfed[view.from.index()] || plan.unfed[view.to.index()];
                let bypass = valve.kind == ValveKind::Bypass || sides[0] != sides[1];
                if joins && !bypass && can_be_moved(network, view.handle, valve, reliance) {
                    ties.push((view.handle, sides[0].unwrap_or_default()));
                }
            }
            LinkKind::Source(source) if !source.running => actions.push(Action::StartSource(view.handle)),
            // What it holds where nobody took the reference over from another.
            LinkKind::Source(source) => {
                if let Some(rise_pa) = source.control.pressure_rise_pa() {
                    let raise = |times| Action::RaiseSource { source: view.handle, pressure_rise_pa: times * rise_pa };
                    actions.extend(RAISES.map(raise));
                }
            }
            LinkKind::Pump(pump) if !pump.running && pump.role != PumpRole::MakeUp => {
                actions.push(Action::StartPump(view.handle));
            }
            _ => {}
        }
    }
    let chamber = |link: LinkId| network.link(link).and_then(|link| link.notes.as_ref()?.chamber.clone());
    let near = |a: LinkId, b: LinkId| {
        if let (Some(a), Some(b)) = (chamber(a), chamber(b)) {
            return a == b;
        }
        let places = place_m(network, a).zip(place_m(network, b));
        places.is_some_and(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1]) <= TOGETHER_M)
    };
    let mut taken = vec![false; ties.len()];
    for i in 0..ties.len() {
        if taken[i] {
            continue;
        }
        let mut group = vec![ties[i].0];
        for j in i + 1..ties.len() {
            if !taken[j] && ties[j].1 != ties[i].1 && near(ties[i].0, ties[j].0) {
                taken[j] = true;
                group.push(ties[j].0);
                break;
            }
        }
        actions.push(Action::OpenValves(group));
    }
    actions
}

/// Drops the ties that reach no consumer that has lost its heat, by tracing. A plant or pump helps where pressure or heat is
/// short, too; a tie only where something is dark.
fn retain_helpful(network: &mut Network, edits: &[Edit], lost: &[LinkId], open: &mut Vec<Action>) {
    // Edits that were solved already are not refused; if they were, nothing would be dropped.
    let _ = network.what_if(edits, |network| {
        let ways = Ways::new(network, &Reliance::default());
        let fed = fed_before(network, &ways);
        let consumers = |link: LinkId| network.link_view(link).is_some_and(|view| view.consumer().is_some());
        open.retain(|action| {
            let Action::OpenValves(valves) = action else { return true };
            let reached = ways.beyond(&fed, valves, consumers);
            let is_fed = |node: NodeId| fed[node.index()] || reached.contains(&node.index());
            !reached.is_empty()
                && lost.iter().any(|&link| network.ends(link).is_some_and(|(from, to)| is_fed(from) && is_fed(to)))
        });
    });
}

/// What the search is about.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    pub broken: &'a Broken,
    pub plan: &'a Isolation,
    pub reliance: &'a Reliance,
    pub before: &'a Solution,
}

/// Searches for steps on top of a plan whose effect is `after`. The candidates of a round are solved beside each other, on
/// `threads` threads (0: one for each processor); every one starts from what `solver` knows, so that the answer does not
/// depend on their number. `progress` is called before every round.
pub fn resupply(
    network: &mut Network,
    search: &Search<'_>,
    after: &Impact,
    solver: &Solver,
    threads: usize,
    progress: &mut dyn FnMut(),
) -> Resupply {
    let Search { broken, plan, reliance, before } = *search;
    let mut found = Resupply::default();
    let outside: Vec<LinkId> = after
        .consumers
        .iter()
        .map(|impact| impact.consumer)
        .filter(|&link| network.ends(link).is_some_and(|(from, to)| !plan.zone[from.index()] && !plan.zone[to.index()]))
        .collect();
    if outside.is_empty() {
        return found;
    }
    let mut edits = after.edits.clone();
    let mut lost_w = after.totals.lost_w;
    let worth_w = WORTH_SHARE * after.totals.lost_w;
    let mut news = after.news.clone();
    let mut open: Vec<Action> = candidates(network, broken, plan, reliance);
    retain_helpful(network, &edits, &outside, &mut open);
    // Every candidate starts from the state it would change.
    let mut base = solver.clone();
    let settle = |network: &mut Network, edits: &[Edit], base: &mut Solver| {
        let hydraulic = Options { mode: Mode::Hydraulic, judge: false, ..Options::default() };
        // Edits that were solved already are not refused; if they were, the start would only be farther away.
        let _ = network.what_if(edits, |network| base.solve(network, &hydraulic).converged);
    };
    if !open.is_empty() {
        settle(network, &edits, &mut base);
    }
    // The caller's own copy is needed to settle; `trial` never changes.
    let trial = network.clone();
    let mut copies = Copies::new(&trial, threads);
    while found.steps.len() < MOST_STEPS && !open.is_empty() {
        progress();
        let mut best: Option<(usize, Impact)> = None;
        let mut barred = Vec::new();
        let states = copies.each(&base, &open, |action, network, lent| {
            let all: Vec<Edit> = edits.iter().cloned().chain(action.edits(network)).collect();
            let hydraulic = Options { mode: Mode::Hydraulic, judge: false, ..EXACT_ENOUGH };
            let tried = if action.joins() { with_hand_overs(network, all.clone(), before)?.0 } else { all.clone() };
            let worth = network.what_if(&tried, |network| {
                lent.solver.solve_into(network, &hydraulic, &mut lent.solution);
                lent.solution.converged && at_least_lost_w(network, before, &lent.solution) <= lost_w - worth_w
            });
            // Looked at more closely, and held against the rules, only where it might be taken.
            worth.ok().filter(|&worth| worth)?;
            let state = impact(network, all, before, Options { judge: true, ..hydraulic }, &mut lent.solver)?;
            (state.solution.converged && lost_w - state.totals.lost_w >= worth_w).then_some(state)
        });
        for (i, (action, state)) in open.iter().zip(states).enumerate() {
            found.solves += 1;
            let Some(state) = state else { continue };
            let breaks = state
                .news
                .iter()
                .find(|finding| {
                    finding.severity == Severity::Error
                        && !news.iter().any(|old| old.code == finding.code && old.element == finding.element)
                })
                .cloned();
            if breaks.is_some() {
                let regained_w = lost_w - state.totals.lost_w;
                barred.push(Rejected { action: action.clone(), regained_w, breaks });
            } else if best.as_ref().is_none_or(|(_, known)| state.totals.lost_w < known.totals.lost_w) {
                best = Some((i, state));
            }
        }
        let Some((i, state)) = best else {
            found.rejected = barred;
            return found;
        };
        let action = open.remove(i);
        if let Action::RaiseSource { source, pressure_rise_pa } = &action {
            // Smaller raises of the same plant are behind us.
            open.retain(|other| !matches!(other, Action::RaiseSource { source: same, pressure_rise_pa: rise_pa } if same == source && rise_pa <= pressure_rise_pa));
        }
        edits.extend(action.edits(network));
        found.steps.push(Step { action, regained_w: lost_w - state.totals.lost_w, after: state.clone() });
        lost_w = state.totals.lost_w;
        news = state.news;
        settle(network, &edits, &mut base);
    }
    found
}
