//! All alarms together: samples in, events out; what operators do; rules.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::definition::{AlarmId, Condition, Definition, Rule};
use super::state::{Event, Happening, Refusal, State};
use super::statistics::Statistics;
use super::watch::{Turn, Watch};
use crate::live::{Sample, TagId, TagTable, Timestamp};

/// Shortest and longest time on the shelf.
pub const SHELF_MS: (i64, i64) = (15 * 60_000, 8 * 3_600_000);
/// Events kept for the sequence of events; the journal on disk keeps all.
const EVENTS_KEPT: usize = 10_000;

/// What the model says about a tag now, in the unit of its samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelReading {
    pub tag: TagId,
    pub value: f64,
}

/// An alarm as it stands.
#[derive(Clone, Debug)]
pub(super) struct Alarm {
    pub watch: Watch,
    /// Whether the condition holds, in the order of the field: within a batch the watch is ahead.
    pub standing: bool,
    /// What the operator sees when nothing hides it.
    pub shown: State,
    pub shelved: Option<Shelf>,
    pub suppressed: Option<AlarmId>,
    pub out_of_service: Option<(String, String)>,
    /// When the condition came last, and with what value.
    pub raised: Option<(Timestamp, f64)>,
    pub acknowledged_by: Option<(String, Timestamp)>,
}

/// Put aside by a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Shelf {
    pub user: String,
    pub reason: String,
    pub until: Timestamp,
}

impl Alarm {
    pub fn state(&self) -> State {
        if self.out_of_service.is_some() {
            State::OutOfService
        } else if self.shelved.is_some() {
            State::Shelved
        } else if self.suppressed.is_some() {
            State::SuppressedByDesign
        } else {
            self.shown
        }
    }
}

/// The alarms of a network.
#[derive(Clone, Debug)]
pub struct AlarmSystem {
    pub(super) definitions: Arc<[Definition]>,
    pub(super) alarms: Vec<Alarm>,
    by_tag: BTreeMap<TagId, Vec<AlarmId>>,
    by_device: BTreeMap<Arc<str>, AlarmId>,
    device_of: Vec<Arc<str>>,
    rules: Vec<Rule>,
    /// Rules in which an alarm is a cause or an effect.
    rules_of: Vec<Vec<usize>>,
    last: BTreeMap<TagId, Sample>,
    pub(super) events: VecDeque<Event>,
    /// Of the last event.
    pub(super) number: u64,
    pub(super) statistics: Statistics,
}

impl AlarmSystem {
    /// With these definitions and rules; all normal. Rules that name no alarm of the list are left out of account.
    pub fn new(tags: &TagTable, definitions: Vec<Definition>, rules: Vec<Rule>) -> AlarmSystem {
        let mut by_tag: BTreeMap<TagId, Vec<AlarmId>> = BTreeMap::new();
        let mut by_device = BTreeMap::new();
        for (number, definition) in definitions.iter().enumerate() {
            let id = AlarmId(number as u32);
            match (definition.condition, definition.tag) {
                (Condition::Communication, _) => {
                    by_device.insert(definition.device.clone(), id);
                }
                (Condition::Program, _) | (_, None) => {}
                (_, Some(tag)) => by_tag.entry(tag).or_default().push(id),
            }
        }
        let mut rules_of = vec![Vec::new(); definitions.len()];
        for (number, rule) in rules.iter().enumerate() {
            for alarm in rule.causes.iter().chain(&rule.effects) {
                if let Some(of) = rules_of.get_mut(alarm.index()).filter(|of: &&mut Vec<usize>| !of.contains(&number)) {
                    of.push(number);
                }
            }
        }
        let alarm = Alarm {
            watch: Watch::new(),
            standing: false,
            shown: State::Normal,
            shelved: None,
            suppressed: None,
            out_of_service: None,
            raised: None,
            acknowledged_by: None,
        };
        AlarmSystem {
            alarms: vec![alarm; definitions.len()],
            definitions: definitions.into(),
            by_tag,
            by_device,
            device_of: tags.iter().map(|(_, tag)| tag.device.clone()).collect(),
            rules,
            rules_of,
            last: BTreeMap::new(),
            events: VecDeque::new(),
            number: 0,
            statistics: Statistics::default(),
        }
    }

    /// What may be alarmed, in the order of the handles.
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    pub fn definition(&self, alarm: AlarmId) -> Option<&Definition> {
        self.definitions.get(alarm.index())
    }

    /// The alarm of a name.
    pub fn find(&self, name: &str) -> Option<AlarmId> {
        self.definitions.iter().position(|definition| &*definition.name == name).map(|at| AlarmId(at as u32))
    }

    /// State of an alarm.
    pub fn state(&self, alarm: AlarmId) -> Option<State> {
        self.alarms.get(alarm.index()).map(Alarm::state)
    }

    /// Whether its condition holds (after dead-band and delays), shown or not.
    pub fn is_active(&self, alarm: AlarmId) -> bool {
        self.alarms.get(alarm.index()).is_some_and(|alarm| alarm.watch.active)
    }

    /// Takes in screened samples and what the model says, lets time pass up to `now`, and answers with what happened, in
    /// the order it happened in the field. To be called with every batch and at least every second.
    pub fn step(&mut self, now: Timestamp, samples: &[Sample], model: &[ModelReading]) -> Vec<Event> {
        let mut turns: Vec<(AlarmId, Turn)> = Vec::new();
        let mut devices: BTreeMap<Arc<str>, (bool, Timestamp)> = BTreeMap::new();
        for sample in samples {
            self.last.insert(sample.tag, *sample);
            if let Some(device) = self.device_of.get(sample.tag.index()).filter(|device| !device.is_empty()) {
                let entry = devices.entry(device.clone()).or_insert((false, sample.source_time));
                entry.0 |= !sample.quality.is_silence();
                entry.1 = entry.1.max(sample.source_time);
            }
            for &id in self.by_tag.get(&sample.tag).into_iter().flatten() {
                let definition = &self.definitions[id.index()];
                let watch = &mut self.alarms[id.index()].watch;
                if let Some(raw) = watch.judge(&definition.condition, sample) {
                    let (arrived, source) = (sample.arrival_time.min(now), sample.source_time);
                    turns.extend(
                        watch.put(definition, arrived, source, raw, sample.value).into_iter().map(|it| (id, it)),
                    );
                }
            }
        }
        for (device, (answered, at)) in devices {
            if let Some(&id) = self.by_device.get(&device) {
                let definition = &self.definitions[id.index()];
                let watch = &mut self.alarms[id.index()].watch;
                turns.extend(watch.put(definition, now, at, !answered, f64::NAN).into_iter().map(|it| (id, it)));
            }
        }
        for reading in model {
            let Some(sample) = self.last.get(&reading.tag).filter(|sample| sample.quality.is_usable()) else {
                continue;
            };
            for &id in self.by_tag.get(&reading.tag).into_iter().flatten() {
                let definition = &self.definitions[id.index()];
                let Condition::Deviation { most, dead_band } = definition.condition else { continue };
                let watch = &mut self.alarms[id.index()].watch;
                if let Some(raw) = watch.judge_deviation(most, dead_band, sample.value, reading.value) {
                    turns.extend(watch.put(definition, now, now, raw, sample.value).into_iter().map(|it| (id, it)));
                }
            }
        }
        for (number, (alarm, definition)) in self.alarms.iter_mut().zip(self.definitions.iter()).enumerate() {
            turns.extend(alarm.watch.advance(definition, now).map(|turn| (AlarmId(number as u32), turn)));
        }
        self.apply(now, turns)
    }

    /// Sets a condition that the program itself watches.
    pub fn set(&mut self, alarm: AlarmId, active: bool, at: Timestamp, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        let definition = self.definitions.get(alarm.index()).ok_or(Refusal::Unknown)?;
        if definition.condition != Condition::Program {
            return Err(Refusal::Unknown);
        }
        let watch = &mut self.alarms[alarm.index()].watch;
        let turns = watch.put(definition, now, at, active, f64::NAN).into_iter().map(|turn| (alarm, turn)).collect();
        Ok(self.apply(now, turns))
    }

    /// Turns of conditions in the order of the field; shelves that end; suppressed alarms whose cause has gone.
    fn apply(&mut self, now: Timestamp, mut turns: Vec<(AlarmId, Turn)>) -> Vec<Event> {
        turns.sort_by_key(|(alarm, turn)| (turn.at, *alarm));
        let mut out = Vec::new();
        for (alarm, turn) in turns {
            self.turn(alarm, turn, now, &mut out);
        }
        for number in 0..self.alarms.len() {
            let ended =
                self.alarms[number].shelved.as_ref().filter(|shelf| shelf.until <= now).map(|shelf| shelf.until);
            if let Some(until) = ended {
                let id = AlarmId(number as u32);
                let from = self.alarms[number].state();
                self.alarms[number].shelved = None;
                self.uncover(id, from, until, now, Happening::ShelfEnded, &mut out);
            }
        }
        self.release(now, &mut out);
        out
    }

    fn turn(&mut self, id: AlarmId, turn: Turn, now: Timestamp, out: &mut Vec<Event>) {
        let suppressor = if turn.active { self.suppressor(id) } else { None };
        let alarm = &mut self.alarms[id.index()];
        alarm.standing = turn.active;
        let from = alarm.state();
        let value = turn.value.is_finite().then_some(turn.value);
        let what = if turn.active { Happening::Raised } else { Happening::Cleared };
        if turn.active {
            alarm.raised = Some((turn.at, turn.value));
        }
        match (turn.active, from) {
            (_, State::Shelved | State::OutOfService) => {}
            (true, State::Normal) => match suppressor {
                Some(by) => {
                    alarm.suppressed = Some(by);
                    self.note(id, from, turn.at, now, Happening::Suppressed { by }, value, out);
                    return;
                }
                None => alarm.shown = State::Unacknowledged,
            },
            (true, _) => {
                alarm.shown = State::Unacknowledged;
                alarm.acknowledged_by = None;
            }
            (false, State::SuppressedByDesign) => alarm.suppressed = None,
            (false, State::Unacknowledged) => alarm.shown = State::ReturnedUnacknowledged,
            (false, State::Acknowledged) => alarm.shown = State::Normal,
            (false, _) => {}
        }
        if alarm.shown == State::Unacknowledged && alarm.state() == State::Unacknowledged && turn.active {
            self.statistics.raised(turn.at.max(now), id);
        }
        self.note(id, from, turn.at, now, what, value, out);
    }

    /// The alarm that makes this one no news, if any.
    fn suppressor(&self, id: AlarmId) -> Option<AlarmId> {
        for &rule in self.rules_of.get(id.index())? {
            let rule = &self.rules[rule];
            let is_cause = rule.causes.contains(&id);
            let stands = |cause: AlarmId| {
                let Some(alarm) = self.alarms.get(cause.index()) else { return false };
                cause != id
                    && alarm.standing
                    && alarm.out_of_service.is_none()
                    // Among causes only the first out silences the others, lest two silence each other.
                    && (!is_cause || alarm.suppressed.is_none())
            };
            if let Some(&cause) = rule.causes.iter().find(|&&cause| stands(cause)) {
                return Some(cause);
            }
        }
        None
    }

    /// Announces suppressed alarms whose cause has gone, in the order they came.
    fn release(&mut self, now: Timestamp, out: &mut Vec<Event>) {
        let mut suppressed: Vec<(Timestamp, AlarmId)> = self
            .alarms
            .iter()
            .enumerate()
            .filter(|(_, alarm)| alarm.state() == State::SuppressedByDesign)
            .map(|(number, alarm)| (alarm.raised.map_or(now, |(at, _)| at), AlarmId(number as u32)))
            .collect();
        suppressed.sort_unstable();
        for (_, id) in suppressed {
            if self.suppressor(id).is_none() {
                let from = self.alarms[id.index()].state();
                self.alarms[id.index()].suppressed = None;
                self.uncover(id, from, now, now, Happening::Unsuppressed, out);
            }
        }
    }

    /// What was aside is shown again: in alarm, held by a rule, or normal.
    fn uncover(
        &mut self,
        id: AlarmId,
        from: State,
        at: Timestamp,
        now: Timestamp,
        what: Happening,
        out: &mut Vec<Event>,
    ) {
        let suppressor = self.suppressor(id);
        let alarm = &mut self.alarms[id.index()];
        alarm.acknowledged_by = None;
        alarm.suppressed = None;
        alarm.shown = State::Normal;
        if alarm.standing {
            match suppressor {
                Some(by) => alarm.suppressed = Some(by),
                None => {
                    alarm.shown = State::Unacknowledged;
                    self.statistics.raised(at.max(now), id);
                }
            }
        }
        self.note(id, from, at, now, what, None, out);
    }

    fn note(
        &mut self,
        alarm: AlarmId,
        from: State,
        at: Timestamp,
        seen: Timestamp,
        what: Happening,
        value: Option<f64>,
        out: &mut Vec<Event>,
    ) {
        self.number += 1;
        let to = self.alarms[alarm.index()].state();
        let event = Event { number: self.number, alarm, at, seen, what, from, to, value };
        // Nearly always at the end: a batch that arrives late is sorted in.
        let place = self.events.partition_point(|other| (other.at, other.number) <= (at, event.number));
        self.events.insert(place, event.clone());
        if self.events.len() > EVENTS_KEPT {
            self.events.pop_front();
        }
        out.push(event);
    }

    // ---- what operators do -----------------------------------------------------------------------------------------

    /// Somebody has taken note. The comment may be empty.
    pub fn acknowledge(&mut self, id: AlarmId, user: &str, comment: &str, now: Timestamp) -> Result<Event, Refusal> {
        let alarm = self.alarms.get_mut(id.index()).ok_or(Refusal::Unknown)?;
        named(user)?;
        let from = alarm.state();
        alarm.shown = match from {
            State::Unacknowledged => State::Acknowledged,
            State::ReturnedUnacknowledged => State::Normal,
            _ => return Err(Refusal::NothingToAcknowledge),
        };
        alarm.acknowledged_by = Some((user.to_owned(), now));
        let what = Happening::Acknowledged { user: user.to_owned(), comment: comment.to_owned() };
        Ok(self.noted(id, from, now, what))
    }

    /// Puts an alarm aside for 15 minutes to 8 hours.
    pub fn shelve(&mut self, id: AlarmId, user: &str, ms: i64, reason: &str, now: Timestamp) -> Result<Event, Refusal> {
        let alarm = self.alarms.get_mut(id.index()).ok_or(Refusal::Unknown)?;
        named(user)?;
        if reason.trim().is_empty() {
            return Err(Refusal::NoReason);
        }
        if !(SHELF_MS.0..=SHELF_MS.1).contains(&ms) {
            return Err(Refusal::ShelfTime);
        }
        let from = alarm.state();
        if matches!(from, State::Shelved | State::OutOfService) {
            return Err(Refusal::AlreadyAside);
        }
        let until = now.plus_ms(ms);
        alarm.suppressed = None;
        alarm.shown = State::Normal;
        alarm.shelved = Some(Shelf { user: user.to_owned(), reason: reason.to_owned(), until });
        Ok(self.noted(id, from, now, Happening::Shelved { user: user.to_owned(), until, reason: reason.to_owned() }))
    }

    /// Takes an alarm off the shelf before its time.
    pub fn unshelve(&mut self, id: AlarmId, user: &str, now: Timestamp) -> Result<Event, Refusal> {
        let alarm = self.alarms.get_mut(id.index()).ok_or(Refusal::Unknown)?;
        named(user)?;
        let from = alarm.state();
        if from != State::Shelved {
            return Err(Refusal::NotAside);
        }
        alarm.shelved = None;
        let mut out = Vec::new();
        self.uncover(id, from, now, now, Happening::Unshelved { user: user.to_owned() }, &mut out);
        out.pop().ok_or(Refusal::NotAside)
    }

    /// Takes an alarm out of service for maintenance, until [`AlarmSystem::return_to_service`].
    pub fn out_of_service(&mut self, id: AlarmId, user: &str, reason: &str, now: Timestamp) -> Result<Event, Refusal> {
        let alarm = self.alarms.get_mut(id.index()).ok_or(Refusal::Unknown)?;
        named(user)?;
        if reason.trim().is_empty() {
            return Err(Refusal::NoReason);
        }
        let from = alarm.state();
        if from == State::OutOfService {
            return Err(Refusal::AlreadyAside);
        }
        alarm.shelved = None;
        alarm.suppressed = None;
        alarm.shown = State::Normal;
        alarm.out_of_service = Some((user.to_owned(), reason.to_owned()));
        let what = Happening::RemovedFromService { user: user.to_owned(), reason: reason.to_owned() };
        let event = self.noted(id, from, now, what);
        // It may have been the cause that kept others silent; those come with the next step.
        Ok(event)
    }

    /// Puts an alarm back into service; where its condition holds it is announced.
    pub fn return_to_service(&mut self, id: AlarmId, user: &str, now: Timestamp) -> Result<Event, Refusal> {
        let alarm = self.alarms.get_mut(id.index()).ok_or(Refusal::Unknown)?;
        named(user)?;
        let from = alarm.state();
        if from != State::OutOfService {
            return Err(Refusal::NotAside);
        }
        alarm.out_of_service = None;
        let mut out = Vec::new();
        self.uncover(id, from, now, now, Happening::ReturnedToService { user: user.to_owned() }, &mut out);
        out.pop().ok_or(Refusal::NotAside)
    }

    fn noted(&mut self, id: AlarmId, from: State, now: Timestamp, what: Happening) -> Event {
        let mut out = Vec::new();
        self.note(id, from, now, now, what, None, &mut out);
        // One was just pushed.
        out.swap_remove(0)
    }
}

fn named(user: &str) -> Result<(), Refusal> {
    if user.trim().is_empty() { Err(Refusal::NoUser) } else { Ok(()) }
}
