//! Confirmed orders taken one after the other through the guarded way: select, operate, read back, next.
//!
//! The batch does what the user who ordered it could do by hand at the inspector, by the same commands to the same
//! [`Guard`], at the same rate. It holds nothing back and adds no right: whoever disarms, locks, signs out, takes the
//! selection back or selects something else stops it, and so does any refusal and any command that is not confirmed. A step
//! greater than one command may take is gone in several. The order log has each step before it is done.

use std::collections::VecDeque;

use super::desk::Executing;
use crate::live::control::Refused;
use crate::live::order::{Event, How};
use crate::live::{TagId, Timestamp};
use crate::session::live::control::ControlCommand;
use crate::session::live::desk::End;
use crate::session::live::guard::{Ended, Guard};
use crate::session::message::Message;

/// A selection that is neither there nor asked for any more after this time was taken back.
const SELECTED_WITHIN_MS: i64 = 1_000;
/// Time before something that was too soon is tried again.
const AGAIN_MS: i64 = 5_000;

/// An order with the tag it is written to.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub order: u64,
    pub tag: TagId,
    pub value: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// Waits until the guard is free.
    Waiting {
        until: Timestamp,
    },
    Selecting {
        since: Timestamp,
    },
    Operating {
        since: Timestamp,
    },
}

#[derive(Debug)]
struct Current {
    item: Item,
    /// What is still to be written, the wanted value last.
    steps: VecDeque<f64>,
    phase: Phase,
    /// The log has it that it is being written.
    logged: bool,
    /// A step of several has been written: the value is not what it was.
    moved: bool,
}

/// The orders that are being written.
#[derive(Debug)]
pub(super) struct Batch {
    user: String,
    queue: VecDeque<Item>,
    current: Option<Current>,
    done: usize,
    of: usize,
    /// It stops as soon as nothing is under way any more, for this reason.
    stopping: Option<Message>,
}

/// What a look at the batch brought.
#[derive(Default)]
pub(super) struct Step {
    pub ended: Vec<Ended>,
    /// To be told of the order under way.
    pub event: Option<Event>,
    /// It is over; why, where that was before its end.
    pub over: Option<Option<Message>>,
}

impl Step {
    fn of(ended: Vec<Ended>) -> Step {
        Step { ended, ..Step::default() }
    }

    fn told(event: Option<Event>) -> Step {
        Step { event, ..Step::default() }
    }
}

impl Batch {
    pub fn new(user: String, items: Vec<Item>) -> Batch {
        let of = items.len();
        Batch { user, queue: items.into(), current: None, done: 0, of, stopping: None }
    }

    /// Whether an order is under way or waits for its turn.
    pub fn has(&self, order: u64) -> bool {
        self.current.as_ref().is_some_and(|current| current.item.order == order)
            || self.queue.iter().any(|item| item.order == order)
    }

    pub fn shown(&self) -> Executing {
        let order = self.current.as_ref().map(|current| current.item.order);
        Executing { user: self.user.clone(), done: self.done, of: self.of, order }
    }

    /// No further order; what is written is followed to its end.
    pub fn stop(&mut self, why: Message) {
        self.queue.clear();
        self.stopping.get_or_insert(why);
    }

    /// An order that is not to be done any more.
    pub fn drop_order(&mut self, order: u64) {
        self.queue.retain(|item| item.order != order);
    }

    /// Goes on as far as it can without waiting. `record` writes down what is about to be done; where it cannot, nothing
    /// is done.
    pub fn step(
        &mut self,
        now: Timestamp,
        guard: &mut Guard,
        record: &mut dyn FnMut(Event) -> Result<(), Message>,
    ) -> Step {
        if !guard.is_armed(&self.user, now) {
            self.stop(Message::new("orders-stopped-disarmed"));
        }
        match self.current.as_ref().map(|current| current.phase) {
            None => {
                let Some(item) = self.queue.pop_front() else {
                    return Step { over: Some(self.stopping.take()), ..Step::default() };
                };
                let phase = Phase::Waiting { until: now };
                self.current = Some(Current { item, steps: VecDeque::new(), phase, logged: false, moved: false });
                Step::default()
            }
            Some(Phase::Waiting { until }) => self.begin(until, now, guard),
            Some(Phase::Selecting { since }) => self.operate(since, now, guard, record),
            Some(Phase::Operating { since }) => self.follow(since, now, guard),
        }
    }

    /// Selects the next value as soon as the guard is free.
    fn begin(&mut self, until: Timestamp, now: Timestamp, guard: &mut Guard) -> Step {
        if let Some(why) = self.stopping.clone() {
            return self.given_up(&why, guard);
        }
        let Some(current) = &mut self.current else { return Step::default() };
        let Item { order, tag, value } = current.item;
        if now < until || !guard.is_free(tag, now) {
            return Step::default();
        }
        if current.steps.is_empty() {
            if guard.has_already(tag, value, now) {
                return self.carried_out(How::Noticed, value);
            }
            current.steps = guard.steps(tag, value, now).into();
        }
        let value = current.steps.front().copied().unwrap_or(value);
        current.phase = Phase::Selecting { since: now };
        Step::of(guard.obey_for(order, ControlCommand::Select { tag, value }, now))
    }

    /// Operates what has been selected, once that stands in the log.
    fn operate(
        &mut self,
        since: Timestamp,
        now: Timestamp,
        guard: &mut Guard,
        record: &mut dyn FnMut(Event) -> Result<(), Message>,
    ) -> Step {
        let Some(current) = &mut self.current else { return Step::default() };
        let Item { order, tag, value } = current.item;
        let next = current.steps.front().copied().unwrap_or(value);
        if let Some(told) = guard.told(tag).filter(|told| told.at >= since && told.end == End::Refused) {
            let why = told.why.clone().unwrap_or_else(|| Message::new("orders-stopped-refused"));
            let soon = [Refused::TooMany.key(), Refused::TooSoon.key(), Refused::UnderWay.key()];
            if soon.contains(&why.key) && self.stopping.is_none() {
                current.phase = Phase::Waiting { until: now.plus_ms(AGAIN_MS) };
                return Step::default();
            }
            return self.hindered(why, guard);
        }
        let Some(command) = guard.selection_of(tag, next, now) else {
            if guard.is_selecting(tag) || now.ms_since(since) <= SELECTED_WITHIN_MS {
                return Step::default();
            }
            return self.hindered(Message::new("orders-stopped-taken-back"), guard);
        };
        if let Some(why) = self.stopping.clone() {
            let ended = guard.obey_for(order, ControlCommand::Cancel, now);
            return Step { ended, ..self.given_up(&why, guard) };
        }
        if !current.logged {
            if let Err(why) = record(Event::Write { order, command }) {
                let ended = guard.obey_for(order, ControlCommand::Cancel, now);
                self.stop(why);
                self.current = None;
                return Step::of(ended);
            }
            current.logged = true;
        }
        current.phase = Phase::Operating { since: now };
        Step::of(guard.obey_for(order, ControlCommand::Operate { number: command }, now))
    }

    /// Waits for the reading back.
    fn follow(&mut self, since: Timestamp, now: Timestamp, guard: &mut Guard) -> Step {
        let Some(current) = &mut self.current else { return Step::default() };
        let Item { order, tag, .. } = current.item;
        let Some(told) = guard.told(tag).filter(|told| told.at >= since).cloned() else {
            // Neither under way nor told of: it was refused before there was anything to tell.
            if guard.is_under_way(tag) || now.ms_since(since) <= SELECTED_WITHIN_MS {
                return Step::default();
            }
            return self.hindered(Message::new("orders-stopped-taken-back"), guard);
        };
        match told.end {
            End::Refused => self.hindered(told.why.unwrap_or_else(|| Message::new("orders-stopped-refused")), guard),
            End::NotConfirmed => {
                let why = told.why.unwrap_or_else(|| Message::new("orders-stopped-not-confirmed"));
                let event = Event::Fail { order, why: why.text(guard.language()) };
                self.stop(why);
                self.current = None;
                Step::told(Some(event))
            }
            End::Confirmed => {
                current.steps.pop_front();
                current.moved = true;
                current.phase = Phase::Waiting { until: now };
                if current.steps.is_empty() { self.carried_out(How::Written, told.value) } else { Step::default() }
            }
        }
    }

    fn carried_out(&mut self, how: How, value: f64) -> Step {
        let Some(current) = self.current.take() else { return Step::default() };
        self.done += 1;
        Step::told(Some(Event::Execute { order: current.item.order, how, value: Some(value) }))
    }

    /// The guard has refused, or somebody has taken the selection back: the whole batch stops.
    fn hindered(&mut self, why: Message, guard: &Guard) -> Step {
        let Some(current) = self.current.take() else { return Step::default() };
        let (order, text) = (current.item.order, why.text(guard.language()));
        self.stop(why);
        // Between two steps of one order the value stands in the middle: that is not what was ordered.
        let event = if current.moved { Event::Fail { order, why: text } } else { Event::Hinder { order, why: text } };
        Step::told(Some(event))
    }

    /// Its turn does not come any more.
    fn given_up(&mut self, why: &Message, guard: &Guard) -> Step {
        if self.current.as_ref().is_some_and(|current| current.logged) {
            return self.hindered(why.clone(), guard);
        }
        self.current = None;
        Step::default()
    }
}
