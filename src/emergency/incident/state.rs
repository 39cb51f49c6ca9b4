//! How an incident stands: folded from its entries, never kept beside them.
//!
//! The fold takes any entries in any order without failing, because a log may have been written by hand, cut short or put
//! together by two programs; what the rules of [`Incident::refusal`](super::Incident::refusal) forbid simply has its plain
//! effect here.

use std::collections::BTreeMap;

use super::{BreakRecord, Entry, Event, Moment, Opening, OrderState, PlanRecord};
use crate::network::Name;

/// What is known of a valve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValveStage {
    /// In the plan, nobody sent yet.
    Planned,
    Ordered,
    Confirmed,
    /// Does not move, or cannot be reached.
    Stuck,
    Reopened,
}

/// A valve of the incident.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValveStatus {
    pub stage: ValveStage,
    /// Since when.
    pub since: Moment,
    /// Counted from 1.
    pub crew: Option<u32>,
}

/// A work order as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderStatus {
    pub state: OrderState,
    pub crew: String,
    pub element: Option<Name>,
    pub text: String,
    pub issued: Moment,
    pub since: Moment,
}

/// How an incident stands after some of its entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State<'a> {
    pub opening: Option<&'a Opening>,
    pub opened: Option<Moment>,
    /// Every place reported, first report first; a place reported again as it was then.
    pub breaks: Vec<BreakRecord>,
    pub plan: Option<&'a PlanRecord>,
    pub planned: Option<Moment>,
    /// Plans made so far.
    pub plans: usize,
    /// Every valve that the plan in force or an entry names, by id.
    pub valves: BTreeMap<Name, ValveStatus>,
    /// Valves found stuck and not found in order since.
    pub stuck: Vec<Name>,
    pub usable: Vec<Name>,
    /// Something was found since the plan that it does not know of: a break, or that a valve is stuck.
    pub replan: bool,
    /// Entries (by number) of switching actions taken, complaints, frozen snapshots.
    pub resupplied: Vec<usize>,
    pub complaints: Vec<usize>,
    pub snapshots: Vec<usize>,
    pub orders: BTreeMap<&'a str, OrderStatus>,
    pub repair_begun: Option<Moment>,
    pub repair_ended: Option<Moment>,
    pub restored: Option<Moment>,
}

fn without(list: &mut Vec<Name>, name: &Name) {
    list.retain(|other| other != name);
}

impl<'a> State<'a> {
    /// Folds entries.
    pub fn of(entries: &'a [Entry]) -> State<'a> {
        let mut state = State::default();
        for (number, entry) in entries.iter().enumerate() {
            state.take(number, entry);
        }
        state
    }

    fn take(&mut self, number: usize, entry: &'a Entry) {
        let time = entry.time;
        match &entry.event {
            Event::Opened(opening) => {
                self.opening = self.opening.or(Some(opening));
                self.opened = self.opened.or(Some(time));
            }
            Event::Reported { breaks } => {
                for broken in breaks {
                    if let Some(known) = self.breaks.iter_mut().find(|known| known.element == broken.element) {
                        self.replan |= known != broken;
                        known.clone_from(broken);
                    } else {
                        self.breaks.push(broken.clone());
                        self.replan = true;
                    }
                }
                self.restored = None;
            }
            Event::Planned(plan) => self.plan(plan, time),
            Event::ValveOrdered { valve, crew } => self.valve(valve, ValveStage::Ordered, time, *crew),
            Event::ValveConfirmed { valve } => self.valve(valve, ValveStage::Confirmed, time, None),
            Event::ValveStuck { valve, .. } => {
                without(&mut self.usable, valve);
                if !self.stuck.contains(valve) {
                    self.stuck.push(valve.clone());
                    self.replan |= self.plan.is_none_or(|plan| !plan.request.stuck.contains(valve));
                }
                self.valve(valve, ValveStage::Stuck, time, None);
            }
            Event::ValveUsable { valve } => {
                without(&mut self.stuck, valve);
                if !self.usable.contains(valve) {
                    self.usable.push(valve.clone());
                }
                if self.valves.get(valve).is_some_and(|status| status.stage == ValveStage::Stuck) {
                    self.valve(valve, ValveStage::Planned, time, None);
                }
            }
            Event::ValveReopened { valve } => self.valve(valve, ValveStage::Reopened, time, None),
            Event::Resupplied { .. } => self.resupplied.push(number),
            Event::RepairBegun => self.repair_begun = Some(time),
            Event::RepairEnded => self.repair_ended = Some(time),
            Event::Restored => self.restored = Some(time),
            Event::Note => {}
            Event::Complaint { .. } => self.complaints.push(number),
            Event::WorkOrder { order, crew, state, element } => {
                let status = self.orders.entry(order).or_insert_with(|| OrderStatus {
                    state: *state,
                    crew: String::new(),
                    element: None,
                    text: String::new(),
                    issued: time,
                    since: time,
                });
                status.state = *state;
                status.since = time;
                if !crew.is_empty() {
                    status.crew.clone_from(crew);
                }
                if !entry.text.is_empty() {
                    status.text.clone_from(&entry.text);
                }
                if element.is_some() {
                    status.element.clone_from(element);
                }
            }
            Event::Frozen(_) => self.snapshots.push(number),
        }
    }

    fn plan(&mut self, plan: &'a PlanRecord, time: Moment) {
        self.plan = Some(plan);
        self.planned = Some(time);
        self.plans += 1;
        // Valves of an earlier plan that nobody was sent to yet are not asked for any more.
        self.valves.retain(|_, status| status.stage != ValveStage::Planned);
        for planned in &plan.valves {
            let fresh = ValveStatus { stage: ValveStage::Planned, since: time, crew: planned.crew };
            self.valves.entry(planned.valve.clone()).or_insert(fresh);
        }
        let knows = |broken: &BreakRecord| plan.request.breaks.contains(broken);
        self.replan =
            !self.breaks.iter().all(knows) || self.stuck.iter().any(|valve| !plan.request.stuck.contains(valve));
    }

    fn valve(&mut self, valve: &Name, stage: ValveStage, since: Moment, crew: Option<u32>) {
        let crew = crew.or_else(|| self.valves.get(valve).and_then(|known| known.crew));
        self.valves.insert(valve.clone(), ValveStatus { stage, since, crew });
    }

    /// Necessary valves of the plan that are confirmed, and how many it has.
    pub fn progress(&self) -> (usize, usize) {
        let Some(plan) = self.plan else { return (0, 0) };
        let necessary = plan.valves.iter().filter(|planned| !planned.optional);
        let shut = |planned: &&super::PlannedValve| {
            self.valves.get(&planned.valve).is_some_and(|status| status.stage == ValveStage::Confirmed)
        };
        (necessary.clone().filter(shut).count(), necessary.count())
    }

    /// Whether every necessary valve of a plan that knows everything is confirmed shut.
    pub fn is_isolated(&self) -> bool {
        let (shut, necessary) = self.progress();
        self.plan.is_some() && !self.replan && shut == necessary
    }

    /// Seconds from opening to its end, or to `now` while it lasts; `None` before it was opened.
    pub fn open_s(&self, now: Moment) -> Option<i64> {
        let opened = self.opened?;
        Some(self.restored.unwrap_or(now).seconds_since(opened).max(0))
    }

    /// Whether this is a rehearsal.
    pub fn is_drill(&self) -> bool {
        self.opening.is_some_and(|opening| opening.drill)
    }
}
