//! The whole answer to a break, put together from its parts.
//!
//! One call does what a dispatcher needs in the first minute; nothing is shown before it is solved. The network is lent and
//! given back as it was: carrying a plan out is a matter of applying its edits through the edit log.

use super::burst::{Break, BurstState, Spill, burst};
use super::choices::{alternatives, fallbacks, outer_ring};
use super::closing::{ClosingTask, Crews, States, alone_s, schedule};
use super::cooldown::{BuildingClock, Conditions, room_clocks};
use super::impact::{EXACT_ENOUGH, Impact, Loss, impact, plan_edits};
use super::isolation::{Broken, Isolation, IsolationFault, Isolator, cut_off};
use super::repair::RepairNorm;
use super::restore::{Restore, WATER_KG_M3, drained_m3, restore};
use super::resupply::{Resupply, Search, resupply};
use super::shedding::{Shedding, TemporaryBoiler, shed, temporary_boilers};
use super::ways::{Reliance, Ways, is_flooded};
use crate::network::edit::Edit;
use crate::network::{Drive, LinkId, Network, ValveCondition};
use crate::solver::batch::each;
use crate::solver::{Mode, Options, Solution, Solver};

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    pub breaks: Vec<Break>,
    pub reliance: Reliance,
    pub crews: Crews,
    pub repair_norm: RepairNorm,
    /// Repair time, if somebody on the spot knows better than the norm.
    pub repair_s: Option<f64>,
    /// `None`: that of the network's settings.
    pub outdoor_c: Option<f64>,
    /// Leave out the search for re-supply (it solves many states).
    pub without_resupply: bool,
    /// Which of the plans is worked out; the others are among the alternatives.
    pub merit: Merit,
    /// Threads to solve on; 0: as many as there are processors. The answer does not depend on it.
    pub threads: usize,
}

impl Request {
    /// What is relied upon for the plan asked for.
    fn relied_on(&self) -> Reliance {
        let trust_unknown = self.reliance.trust_unknown || self.merit == Merit::IfUnknownHold;
        Reliance { trust_unknown, ..self.reliance.clone() }
    }
}

/// Why a plan is among the alternatives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Merit {
    /// Loses the fewest users.
    #[default]
    FewestUsers,
    FewestValves,
    /// Shut soonest.
    Soonest,
    /// Smaller still, if valves of unknown condition hold.
    IfUnknownHold,
}

/// Another way of shutting the break off.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative {
    pub merits: Vec<Merit>,
    pub plan: Isolation,
    /// Shut when the last necessary valve is, if each had a crew of its own.
    pub shut_s: f64,
    /// Consumers that tracing shows without a source, and the heat they draw.
    pub cut_off: usize,
    pub cut_off_w: f64,
    /// Water in the pipes that drain.
    pub drained_m3: f64,
}

/// What to do if one valve of the plan does not move.
#[derive(Clone, Debug, PartialEq)]
pub struct Fallback {
    pub valve: LinkId,
    /// Valves to close instead.
    pub instead: Vec<LinkId>,
    /// Consumers cut off beyond those of the plan, and their heat.
    pub more_cut_off: usize,
    pub more_cut_off_w: f64,
    /// A plant has to stop because no other valve stands in its way.
    pub stops_sources: bool,
}

/// The next ring of valves further out.
#[derive(Clone, Debug, PartialEq)]
pub struct Ring {
    pub plan: Isolation,
    /// Consumers cut off beyond those of the plan, and their heat.
    pub more_cut_off: usize,
    pub more_cut_off_w: f64,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    pub breaks: Vec<Break>,
    /// State before the break; `None` where the network cannot be solved (then only tracing speaks).
    pub before: Solution,
    pub burst: Option<BurstState>,
    pub plan: Isolation,
    pub tasks: Vec<ClosingTask>,
    /// When the break is shut off, from the alarm.
    pub shut_s: f64,
    pub alternatives: Vec<Alternative>,
    pub fallbacks: Vec<Fallback>,
    /// What to close if none of the plan's valves holds; `None` where the plan has no valve.
    pub outer_ring: Option<Ring>,
    /// Valves of unknown condition that the plan goes around.
    pub unknown_valves: Vec<LinkId>,
    /// Valves inside the zone that stand in a flooded chamber.
    pub flooded_valves: Vec<LinkId>,
    pub impact: Option<Impact>,
    pub repair_s: f64,
    pub outdoor_c: f64,
    pub clocks: Vec<BuildingClock>,
    pub resupply: Resupply,
    /// Whether re-supply was searched for at all.
    pub resupply_searched: bool,
    /// Who is turned down, where the plants left cannot give all the heat (once everything of `resupply` is done).
    pub shedding: Option<Shedding>,
    /// Boilers worth bringing to those who stay without any heat then.
    pub temporary_boilers: Vec<TemporaryBoiler>,
    /// Clocks once everything of `resupply` is done; the same where it has no steps.
    pub clocks_resupplied: Vec<BuildingClock>,
    pub restore: Restore,
    /// Water spilt until the break is shut off, m³: with the make-up at its limit all the time, and with every pressure held
    /// all the time (but no more than the network and its make-up hold).
    pub spilt_m3: [f64; 2],
    /// Water in the shut-off pipes, m³.
    pub drained_m3: f64,
}

impl Response {
    /// Buildings that fall below 12 °C before the repair ends.
    pub fn too_cold(&self) -> impl Iterator<Item = &BuildingClock> {
        self.clocks.iter().filter(|clock| clock.too_cold(self.repair_s))
    }
}

/// Everything about these breaks. `solver` may know the network already; then this starts warm.
pub fn respond(network: &mut Network, request: &Request, solver: &mut Solver) -> Result<Response, IsolationFault> {
    let mut response = first_response(network, request, None, solver)?;
    if !request.without_resupply {
        add_resupply(network, request, solver, &mut response, &mut || ());
    }
    Ok(response)
}

/// What is found out beside each other once the state before the break is known.
enum Question {
    /// The burst, and the order of closing: its waves start from the flows into the hole.
    Burst,
    Effect,
    Choices,
}

enum Answer {
    Burst(Box<BurstState>, Vec<ClosingTask>),
    Effect(Option<Box<Impact>>),
    Choices { alternatives: Vec<Alternative>, fallbacks: Vec<Fallback>, ring: Option<Ring> },
}

/// Everything but [`Response::resupply`], which takes longest and is added by [`add_resupply`]: so a plan can be read
/// while the search goes on. `before` is the solved state of this network, with heat, where somebody has it.
pub fn first_response(
    network: &mut Network,
    request: &Request,
    before: Option<Solution>,
    solver: &mut Solver,
) -> Result<Response, IsolationFault> {
    let links: Vec<LinkId> = request.breaks.iter().map(|broken| broken.link).collect();
    let broken = Broken::new(network, &links)?;
    let before = before
        .unwrap_or_else(|| solver.solve(network, &Options { mode: Mode::Thermal, judge: true, ..Options::default() }));
    let reliance = request.relied_on();
    let ways = Ways::new(network, &reliance);
    let isolator = Isolator::new(network, &ways, &broken);
    let plan = match request.merit {
        Merit::FewestUsers | Merit::IfUnknownHold => isolator.nearest(&|_| true),
        Merit::FewestValves => isolator.fewest(&|_| true),
        Merit::Soonest => isolator.soonest(&|_| true, &|link| alone_s(network, &request.crews, link)),
    };
    let edits = plan_edits(network, &broken, &plan);
    // The longest first.
    let mut questions = vec![Question::Effect, Question::Burst, Question::Choices];
    if !before.converged {
        questions.retain(|question| matches!(question, Question::Choices));
    }
    let closings = |network: &Network, burst: Option<&Solution>| {
        let states = States { before: &before, burst: burst.unwrap_or(&before), breaks: &broken.ends };
        schedule(network, &ways, &plan, states, &request.crews)
    };
    let found = each(network, solver, &questions, request.threads, |question, lent_network, lent| match question {
        Question::Burst => {
            let state = burst(lent_network, &request.breaks, &before, &mut lent.solver);
            let tasks = closings(lent_network, state.at_once.as_ref().map(|spill| &spill.solution));
            Answer::Burst(Box::new(state), tasks)
        }
        Question::Effect => {
            Answer::Effect(effect(lent_network, edits.clone(), &before, &mut lent.solver).map(Box::new))
        }
        Question::Choices => {
            let lost = |plan: &Isolation| cut_off(network, plan, &before);
            // The usual plan is among them, whichever is worked out.
            let ways = Ways::new(network, &request.reliance);
            let usual = Isolator::new(network, &ways, &broken);
            let nearest = usual.nearest(&|_| true);
            let alternatives = alternatives(network, request, &broken, &usual, &nearest, &lost);
            let fallbacks = fallbacks(&isolator, &plan, &lost);
            Answer::Choices { alternatives, fallbacks, ring: outer_ring(&isolator, &plan, &lost) }
        }
    });
    let (mut burst_state, mut tasks, mut effect) = (None, None, None);
    let (mut alternatives, mut fallbacks, mut outer_ring) = (Vec::new(), Vec::new(), None);
    for answer in found {
        match answer {
            Answer::Burst(state, order) => (burst_state, tasks) = (Some(*state), Some(order)),
            Answer::Effect(found) => effect = found.map(|found| *found),
            Answer::Choices { alternatives: others, fallbacks: instead, ring } => {
                (alternatives, fallbacks, outer_ring) = (others, instead, ring);
            }
        }
    }
    let spilling = burst_state.as_ref().and_then(|state| state.exhausted.as_ref().or(state.at_once.as_ref()));
    let at_once = burst_state.as_ref().and_then(|state| state.at_once.as_ref());
    let tasks = tasks.unwrap_or_else(|| closings(network, None));
    let shut_s = tasks.iter().filter(|task| !task.optional).map(|task| task.shut_s).fold(0.0, f64::max);
    let unknown_valves = unknown_valves(network, &reliance, &plan);
    let flooded_valves = network
        .links()
        .filter(|view| plan.zone[view.from.index()] || plan.zone[view.to.index()])
        .filter(|view| view.valve().is_some_and(|valve| valve.opening > 0.0 && valve.drive == Drive::Manual))
        .filter(|view| !request.reliance.usable.contains(&view.handle) && is_flooded(network, view.handle))
        .map(|view| view.handle)
        .collect();
    let outdoor_c = request.outdoor_c.unwrap_or(network.settings().outdoor_temperature_c);
    let repair_s = request.repair_s.unwrap_or_else(|| {
        let diameters = broken.links.iter().filter_map(|&link| Some(network.link_view(link)?.pipe()?.outer_diameter_m));
        request.repair_norm.total_s(diameters.fold(0.0, f64::max))
    });
    let conditions = Conditions { outdoor_c, repair_s };
    let clocks = effect.as_ref().map(|effect| room_clocks(network, &effect.consumers, conditions)).unwrap_or_default();
    let make_up_kg_s = burst_state.as_ref().map_or(0.0, |state| state.make_up_capacity_kg_s);
    let restore = restore(network, &broken.links, &plan, &before, make_up_kg_s, &clocks, outdoor_c);
    let volume_m3 = |spill: Option<&Spill>| spill.map_or(0.0, Spill::mass_flow_kg_s) * shut_s / WATER_KG_M3;
    let everywhere = vec![true; network.node_bound()];
    let (all_supply_m3, all_return_m3) = drained_m3(network, &everywhere, &[]);
    let most_m3 = all_supply_m3 + all_return_m3 + make_up_kg_s * shut_s / WATER_KG_M3;
    let spilt_m3 = [volume_m3(spilling), volume_m3(at_once).min(most_m3)];
    let drained_m3 = restore.supply_volume_m3 + restore.return_volume_m3;
    Ok(Response {
        breaks: request.breaks.clone(),
        before,
        burst: burst_state,
        plan,
        tasks,
        shut_s,
        alternatives,
        fallbacks,
        outer_ring,
        unknown_valves,
        flooded_valves,
        impact: effect,
        repair_s,
        outdoor_c,
        clocks_resupplied: clocks.clone(),
        clocks,
        resupply: Resupply::default(),
        resupply_searched: false,
        shedding: None,
        temporary_boilers: Vec::new(),
        restore,
        spilt_m3,
        drained_m3,
    })
}

/// Searches for what brings heat back and adds it to a response, with the rooms' clocks once it is done. `progress` is called
/// now and then.
pub fn add_resupply(
    network: &mut Network,
    request: &Request,
    solver: &mut Solver,
    response: &mut Response,
    progress: &mut dyn FnMut(),
) {
    let links: Vec<LinkId> = request.breaks.iter().map(|broken| broken.link).collect();
    let (Some(effect), Ok(broken)) = (&response.impact, Broken::new(network, &links)) else { return };
    let reliance = request.relied_on();
    let search = Search { broken: &broken, plan: &response.plan, reliance: &reliance, before: &response.before };
    response.resupply = resupply(network, &search, effect, solver, request.threads, progress);
    response.resupply_searched = true;
    if let Some(step) = response.resupply.steps.last() {
        let conditions = Conditions { outdoor_c: response.outdoor_c, repair_s: response.repair_s };
        response.clocks_resupplied = room_clocks(network, &step.after.consumers, conditions);
    }
    let left = response.resupply.steps.last().map_or(effect, |step| &step.after);
    if left.consumers.iter().any(|consumer| consumer.loss == Loss::HeatShort) {
        response.shedding = shed(network, left, &response.before, solver);
    }
    response.temporary_boilers = temporary_boilers(network, left, &response.plan.zone);
}

/// What the plan does: with heat where flows and temperatures settle together, else by the flows alone.
pub(super) fn effect(
    network: &mut Network,
    edits: Vec<Edit>,
    before: &Solution,
    solver: &mut Solver,
) -> Option<Impact> {
    let with_heat = impact(network, edits.clone(), before, EXACT_ENOUGH, solver)?;
    if with_heat.solution.converged {
        return Some(with_heat);
    }
    impact(network, edits, before, Options { mode: Mode::Hydraulic, ..EXACT_ENOUGH }, solver)
}

/// Valves of unknown condition inside the zone: one of them might make it smaller.
fn unknown_valves(network: &Network, reliance: &Reliance, plan: &Isolation) -> Vec<LinkId> {
    if reliance.trust_unknown {
        return Vec::new();
    }
    network
        .links()
        .filter(|view| {
            view.valve().is_some_and(|valve| valve.condition == ValveCondition::Unknown && valve.opening > 0.0)
                && !reliance.usable.contains(&view.handle)
                && (plan.zone[view.from.index()] || plan.zone[view.to.index()])
        })
        .map(|view| view.handle)
        .collect()
}
