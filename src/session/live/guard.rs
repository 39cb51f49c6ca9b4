//! The guarded way from a click to a register: who sits here, what he may, what is recorded, what is written.
//!
//! Lives on the thread that follows the field and holds everything an act needs: the [`Sitting`], the audit log, the
//! [`Control`] and the one writer of the devices. Each act is recorded before it takes effect, on this thread: a record is one
//! line forced to the disk, and people act seldom. What takes long has a thread of its own and answers through a channel:
//! checking a password, calculating what a set-point would change, and the exchange with the device.
//!
//! What locks, ends or takes back is done even where it cannot be recorded; everything else is not.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::books::{Books, Log};
use super::control::ControlCommand;
use super::desk::{ControlDesk, Door, End, Seat, Told};
use super::predict::predict;
use super::wire::Wire;
use crate::io::IoError;
use crate::io::modbus::Writer;
use crate::io::modbus::map::DeviceMap;
use crate::io::users::{Denied, Users};
use crate::live::access::{Right, Secret, Sitting};
use crate::live::audit::{Deed, Ledger};
use crate::live::control::{Control, Order, Outcome, Permit, Predicted, Refused, Selection, Unconfirmed, ramp};
use crate::live::{Sample, TagId, TagTable, Timestamp};
use crate::network::Network;
use crate::session::message::Message;
use crate::text::Language;

/// Who answers alarms where nobody is told apart.
const AT_THE_DESK: &str = "desk";
/// Who did what nobody asked for.
const PROGRAM: &str = "program";
/// A selection waits no longer for the model than this; then it is shown without what the model says.
const PREDICTED_WITHIN_MS: i64 = 5_000;
/// Answers that may wait; the threads that give them wait for room.
const WAITING_ANSWERS: usize = 16;

/// What a thread beside this one has found out.
pub(super) enum Answer {
    SignedIn { name: String, known: bool, result: Result<Result<Sitting, Denied>, IoError> },
    Predicted { number: u64, predicted: Vec<Predicted> },
    Written { number: u64, echo: Result<f64, String> },
}

/// A selection that waits for the model.
struct Wanted {
    number: u64,
    tag: TagId,
    value: f64,
    since: Timestamp,
    /// The dispatch order it is for.
    order: Option<u64>,
}

/// What a command that has come to its end is to the alarms: its tag, and whether it was confirmed.
pub type Ended = (TagId, bool);

/// Everything about people and commands.
pub struct Guard {
    language: Language,
    map: Arc<DeviceMap>,
    tags: Arc<TagTable>,
    network: Arc<Network>,
    /// People and their records, where they are kept.
    users: Option<PathBuf>,
    log: Option<Log>,
    sitting: Option<Sitting>,
    lock_noted: bool,
    signing_in: bool,
    denied: Option<Message>,
    control: Control,
    permits: Arc<BTreeMap<TagId, Permit>>,
    writer: Option<Arc<Writer>>,
    wanted: Option<Wanted>,
    asked: u64,
    told: BTreeMap<TagId, Told>,
    answers: (SyncSender<Answer>, Receiver<Answer>),
    /// To be said to whoever sits here.
    news: Vec<Message>,
}

impl Guard {
    /// Nobody signed in, writing off. Without `books` nobody can be told apart and nothing is ever written.
    pub fn new(
        books: Option<Books>,
        map: Arc<DeviceMap>,
        tags: Arc<TagTable>,
        network: Arc<Network>,
        writer: Option<Writer>,
        language: Language,
    ) -> Guard {
        let (users, log) = match books {
            Some(Books { users, audit }) => (Some(users), Some(Log::new(audit, language))),
            None => (None, None),
        };
        let permits = map.permits();
        Guard {
            language,
            control: Control::new(&tags, permits.iter().cloned()),
            permits: Arc::new(permits.into_iter().map(|permit| (permit.tag, permit)).collect()),
            map,
            tags,
            network,
            users,
            log,
            sitting: None,
            lock_noted: false,
            signing_in: false,
            denied: None,
            writer: writer.map(Arc::new),
            wanted: None,
            asked: 0,
            told: BTreeMap::new(),
            answers: sync_channel(WAITING_ANSWERS),
            news: Vec::new(),
        }
    }

    /// Tags that may be written.
    pub fn writable(&self) -> impl Iterator<Item = TagId> + '_ {
        self.permits.keys().copied()
    }

    /// The network that stands in the field is this one now.
    pub fn adopt(&mut self, network: Arc<Network>) {
        self.network = network;
    }

    /// Texts for people are in this language.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Whether this user sits here and is armed.
    pub fn is_armed(&self, user: &str, now: Timestamp) -> bool {
        let here = self.sitting.as_ref().is_some_and(|sitting| sitting.user == user && !sitting.is_locked(now));
        here && self.control.is_on() && self.control.armed_until(user, now).is_some()
    }

    /// Does what is asked for an order: its records bear the order's number.
    pub fn obey_for(&mut self, order: u64, command: ControlCommand, now: Timestamp) -> Vec<Ended> {
        if let Some(log) = &mut self.log {
            log.for_order(Some(order));
        }
        let select = matches!(command, ControlCommand::Select { .. });
        let ended = self.obey(command, now);
        if select && let Some(wanted) = &mut self.wanted {
            // The selection itself comes when the model has answered.
            wanted.order = Some(order);
        }
        if let Some(log) = &mut self.log {
            log.for_order(None);
        }
        ended
    }

    /// Whether nothing but the present value stands in the way of a command to this tag: pace, device, reading.
    pub fn is_free(&self, tag: TagId, now: Timestamp) -> bool {
        self.control.is_free(tag, now)
    }

    /// Whether a tag has a value already, within what a command can tell.
    pub fn has_already(&self, tag: TagId, value: f64, now: Timestamp) -> bool {
        let nearest = self.nearest(tag, value);
        let tolerance = self.permits.get(&tag).map_or(0.0, |permit| permit.tolerance);
        self.control.present(tag, now).is_some_and(|present| (present - nearest).abs() <= tolerance)
    }

    /// What is to be written one after the other to come to a value: one, or several where that is more than one command
    /// may change.
    pub fn steps(&self, tag: TagId, value: f64, now: Timestamp) -> Vec<f64> {
        let present = self.control.present(tag, now);
        let most = self.permits.get(&tag).map(|permit| permit.most_step).filter(|step| *step > 0.0);
        let steps = present.zip(most).map(|(present, most)| ramp(present, value, most)).unwrap_or_default();
        if steps.is_empty() { vec![value] } else { steps }
    }

    /// The last command to a tag, and what came of it.
    pub fn told(&self, tag: TagId) -> Option<&Told> {
        self.told.get(&tag)
    }

    /// Number of the selection of this value that stands.
    pub fn selection_of(&self, tag: TagId, value: f64, now: Timestamp) -> Option<u64> {
        let value = self.nearest(tag, value);
        let user = &self.sitting.as_ref()?.user;
        let own = |it: &&Selection| it.tag == tag && it.new == value && it.user == *user;
        self.control.selections(now).find(own).map(|selection| selection.number)
    }

    /// Whether the model is being asked about a command to this tag.
    pub fn is_selecting(&self, tag: TagId) -> bool {
        self.wanted.as_ref().is_some_and(|wanted| wanted.tag == tag)
    }

    /// Whether a command to this tag is written and not read back yet.
    pub fn is_under_way(&self, tag: TagId) -> bool {
        self.control.under_way().any(|order| order.tag == tag)
    }

    /// The value the register can hold.
    fn nearest(&self, tag: TagId, value: f64) -> f64 {
        self.map.points.get(tag.index()).map_or(value, |point| point.nearest(value))
    }

    /// What is to be said to whoever sits here.
    pub fn news(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.news)
    }

    /// Somebody has done something at the screen: it does not lock itself yet.
    pub fn touch(&mut self, now: Timestamp) {
        if let Some(sitting) = &mut self.sitting {
            // One that has locked itself stays locked.
            let _ = sitting.touch(now);
        }
    }

    /// Records an act that is not a command to the field and needs a right; who does it, or why it may not be.
    pub fn enter(
        &mut self,
        right: Right,
        action: &str,
        subject: &str,
        details: &[(&str, String)],
        now: Timestamp,
    ) -> Result<String, Message> {
        let Some(log) = &mut self.log else { return Ok(AT_THE_DESK.to_owned()) };
        let Some(sitting) = &self.sitting else { return Err(Message::new("alarms-refused-no-user")) };
        let mut deed = Deed::new(now, sitting.user.clone(), action, subject).by(sitting.role);
        for (name, value) in details {
            deed = deed.with(name, value);
        }
        if !sitting.may(right, now) {
            deed.action = format!("{action}-refused");
            // A refusal needs no record to stay a refusal.
            let _ = log.record(&deed);
            return Err(Message::new("control-not-your-right"));
        }
        match log.record(&deed) {
            Ok(()) => Ok(sitting.user.clone()),
            Err(reason) => Err(refused_message(&Refused::NotRecorded(reason), &self.tags)),
        }
    }

    /// Does what is asked at the screen.
    pub fn obey(&mut self, command: ControlCommand, now: Timestamp) -> Vec<Ended> {
        let opens =
            matches!(command, ControlCommand::Switch(true) | ControlCommand::Arm | ControlCommand::Operate { .. });
        if opens && !self.is_still_known(now) {
            return Vec::new();
        }
        match command {
            ControlCommand::SignIn { name, password } => self.sign_in(name, password),
            ControlCommand::SignOut => self.sign_out(now),
            ControlCommand::Lock => {
                if let Some(sitting) = &mut self.sitting {
                    sitting.lock();
                }
                self.note_lock("lock", now);
            }
            ControlCommand::Switch(on) => self.with_sitting(|control, who, log| control.switch(who, on, now, log)),
            ControlCommand::Arm => self.with_sitting(|control, who, log| control.arm(who, now, log).map(|_| ())),
            ControlCommand::Disarm => {
                self.wanted = None;
                self.with_sitting(|control, who, log| control.disarm(who, now, log));
            }
            ControlCommand::Cancel => {
                self.wanted = None;
                self.with_sitting(|control, who, log| control.cancel(who, now, log));
            }
            ControlCommand::Select { tag, value } => self.select(tag, value, now),
            ControlCommand::Operate { number } => return self.operate(number, now),
        }
        Vec::new()
    }

    /// Whether who sits here is a user of this role still; else he is signed out.
    fn is_still_known(&mut self, now: Timestamp) -> bool {
        let (Some(path), Some(sitting)) = (&self.users, &self.sitting) else { return true };
        let same = |users: Users| users.get(&sitting.user).is_some_and(|user| user.role == sitting.role);
        if Users::open(path).is_ok_and(same) {
            return true;
        }
        self.news.push(Message::new("control-no-longer-user").with("user", sitting.user.clone()));
        self.sign_out(now);
        false
    }

    fn with_sitting(&mut self, act: impl FnOnce(&mut Control, &Sitting, &mut Log) -> Result<(), Refused>) {
        let done = match (&self.sitting, &mut self.log) {
            (Some(sitting), Some(log)) => act(&mut self.control, sitting, log),
            _ => {
                self.news.push(Message::new("alarms-refused-no-user"));
                return;
            }
        };
        if let Err(refused) = done {
            self.news.push(refused_message(&refused, &self.tags));
        }
    }

    fn sign_in(&mut self, name: String, password: Secret) {
        let Some(users) = self.users.clone().filter(|_| !self.signing_in) else { return };
        self.denied = None;
        let answers = self.answers.0.clone();
        let work = move || {
            let now = super::connection::now();
            let opened = Users::open(&users);
            let known = opened.as_ref().is_ok_and(|users| users.get(&name).is_some());
            let result = opened.and_then(|mut users| users.sign_in(&name, password.reveal(), now));
            let _ = answers.send(Answer::SignedIn { name, known, result });
        };
        match std::thread::Builder::new().name("password".to_owned()).spawn(work) {
            Ok(_) => self.signing_in = true,
            Err(error) => self.denied = Some(Message::new("live-no-thread").with("reason", error.to_string())),
        }
    }

    fn signed_in(&mut self, name: &str, known: bool, result: Result<Result<Sitting, Denied>, IoError>, now: Timestamp) {
        self.signing_in = false;
        let Some(log) = &mut self.log else { return };
        let sitting = match result {
            Ok(Ok(sitting)) => sitting,
            Ok(Err(denied)) => {
                // What was typed as a name may be a password: only names that are known are written down.
                let user = if known { name } else { "unknown" };
                let why = if denied == Denied::Wrong { "wrong" } else { "locked-out" };
                // Nothing has taken effect.
                let _ = log.record(&Deed::new(now, user, "sign-in-failed", "").with("why", why));
                self.denied = Some(Message::new(denied.key()));
                return;
            }
            Err(error) => {
                self.denied = Some(Message::new("control-users-unreadable").with("reason", error.text(self.language)));
                return;
            }
        };
        let same = self.sitting.as_ref().is_some_and(|before| before.user == sitting.user);
        if !same {
            self.sign_out(now);
        }
        let deed = Deed::new(now, sitting.user.clone(), if same { "unlock" } else { "sign-in" }, "").by(sitting.role);
        if let Err(reason) = self.log.as_mut().map_or(Ok(()), |log| log.record(&deed)) {
            self.denied = Some(refused_message(&Refused::NotRecorded(reason), &self.tags));
            return;
        }
        self.lock_noted = false;
        self.sitting = Some(sitting);
    }

    fn sign_out(&mut self, now: Timestamp) {
        self.end_armed(now);
        let (Some(sitting), Some(log)) = (self.sitting.take(), &mut self.log) else { return };
        // He goes, recorded or not; the desk says that the log cannot be written.
        let _ = log.record(&Deed::new(now, sitting.user, "sign-out", "").by(sitting.role));
    }

    /// A locked screen keeps nothing armed and nothing selected.
    fn note_lock(&mut self, action: &str, now: Timestamp) {
        self.lock_noted = true;
        self.end_armed(now);
        if let (Some(sitting), Some(log)) = (&self.sitting, &mut self.log) {
            let _ = log.record(&Deed::new(now, sitting.user.clone(), action, "").by(sitting.role));
        }
    }

    fn end_armed(&mut self, now: Timestamp) {
        self.wanted = None;
        let (Some(sitting), Some(log)) = (&self.sitting, &mut self.log) else { return };
        let selected = self.control.selections(now).any(|selection| selection.user == sitting.user);
        if selected || self.control.armed_until(&sitting.user, now).is_some() {
            // Done even where it cannot be recorded.
            let _ = self.control.disarm(sitting, now, log);
        }
    }

    /// Asks the model what the value would change; the selection follows when it has answered.
    fn select(&mut self, tag: TagId, value: f64, now: Timestamp) {
        let value = self.nearest(tag, value);
        self.asked += 1;
        let number = self.asked;
        self.wanted = Some(Wanted { number, tag, value, since: now, order: None });
        let (answers, network, language) = (self.answers.0.clone(), self.network.clone(), self.language);
        let known = self.tags.get(tag).cloned().zip(self.control.present(tag, now));
        let work = move || {
            let of = |(tag, old)| predict(&network, &tag, [old, value], language);
            let predicted = known.map_or_else(Vec::new, of);
            let _ = answers.send(Answer::Predicted { number, predicted });
        };
        if std::thread::Builder::new().name("prediction".to_owned()).spawn(work).is_err() {
            self.selected(number, Vec::new(), now);
        }
    }

    fn selected(&mut self, number: u64, predicted: Vec<Predicted>, now: Timestamp) {
        let Some(wanted) = self.wanted.take_if(|wanted| wanted.number == number) else { return };
        let Wanted { tag, value, order, .. } = wanted;
        if let Some(log) = &mut self.log {
            log.for_order(order);
        }
        let result = match (&self.sitting, &mut self.log) {
            (Some(sitting), Some(log)) => self.control.select(sitting, tag, value, predicted, now, log).map(|_| ()),
            _ => Err(Refused::NotAllowed),
        };
        if let Some(log) = &mut self.log {
            log.for_order(None);
        }
        match result {
            Ok(()) => {
                self.told.remove(&tag);
            }
            Err(refused) => self.tell(tag, value, End::Refused, Some(refused_message(&refused, &self.tags)), now),
        }
    }

    fn operate(&mut self, number: u64, now: Timestamp) -> Vec<Ended> {
        let (Some(sitting), Some(log)) = (&self.sitting, &mut self.log) else {
            self.news.push(Message::new("alarms-refused-no-user"));
            return Vec::new();
        };
        let selection = self.control.selections(now).find(|selection| selection.number == number).cloned();
        let mut wire = Wire { writer: self.writer.as_ref(), answers: &self.answers.0, language: self.language };
        match self.control.operate(sitting, number, now, log, &mut wire) {
            Ok(outcome) => self.ended(outcome, now),
            Err(refused) => {
                let why = refused_message(&refused, &self.tags);
                match selection {
                    Some(selection) => self.tell(selection.tag, selection.new, End::Refused, Some(why), now),
                    None => self.news.push(why),
                }
                Vec::new()
            }
        }
    }

    /// Takes in screened samples.
    pub fn take(&mut self, samples: &[Sample], now: Timestamp) -> Vec<Ended> {
        let Some(log) = &mut self.log else { return Vec::new() };
        let outcomes = self.control.take(now, samples, log);
        self.ended(outcomes, now)
    }

    /// Lets time pass and takes in what was found out beside. To be called a few times a second. What has ended, and
    /// whether there is anything new to be shown.
    pub fn tick(&mut self, now: Timestamp) -> (Vec<Ended>, bool) {
        let mut ended = Vec::new();
        let mut anew = false;
        while let Ok(answer) = self.answers.1.try_recv() {
            anew = true;
            match answer {
                Answer::SignedIn { name, known, result } => self.signed_in(&name, known, result, now),
                Answer::Predicted { number, predicted } => self.selected(number, predicted, now),
                Answer::Written { number, echo } => {
                    if let Some(log) = &mut self.log {
                        let outcome = self.control.echoed(number, echo, now, log);
                        ended.extend(self.ended(outcome, now));
                    }
                }
            }
        }
        if let Some(late) = self.wanted.as_ref().filter(|it| now.ms_since(it.since) > PREDICTED_WITHIN_MS) {
            self.selected(late.number, Vec::new(), now);
        }
        if !self.lock_noted && self.sitting.as_ref().is_some_and(|sitting| sitting.is_locked(now)) {
            self.note_lock("lock-idle", now);
        }
        if let Some(log) = &mut self.log {
            let outcomes = self.control.tick(now, log);
            ended.extend(self.ended(outcomes, now));
        }
        anew |= !ended.is_empty();
        (ended, anew)
    }

    /// The field is left: what is under way will not be followed to its end, and the log says so.
    pub fn leave(&mut self, now: Timestamp) {
        let left: Vec<Order> = self.control.under_way().cloned().collect();
        if let Some(log) = &mut self.log {
            for order in left {
                let name = self.tags.get(order.tag).map_or_else(String::new, |tag| tag.name.to_string());
                let _ = log.record(&Deed::new(now, PROGRAM, "left-under-way", name).with("number", order.number));
            }
        }
        self.sign_out(now);
    }

    fn ended(&mut self, outcomes: impl IntoIterator<Item = Outcome>, now: Timestamp) -> Vec<Ended> {
        let mut ended = Vec::new();
        for outcome in outcomes {
            let (order, user, why) = match outcome {
                Outcome::Confirmed { order, user } => (order, user, None),
                Outcome::NotConfirmed { order, user, why } => {
                    let mut message = Message::new(why.key());
                    if let Unconfirmed::Failed(reason) = &why {
                        message = message.with("reason", reason.clone());
                    }
                    (order, user, Some(message))
                }
            };
            ended.push((order.tag, why.is_none()));
            let end = if why.is_none() { End::Confirmed } else { End::NotConfirmed };
            self.told.insert(order.tag, Told { at: now, user, value: order.value, end, why });
        }
        ended
    }

    fn tell(&mut self, tag: TagId, value: f64, end: End, why: Option<Message>, now: Timestamp) {
        let user = self.sitting.as_ref().map_or_else(String::new, |sitting| sitting.user.clone());
        self.told.insert(tag, Told { at: now, user, value, end, why });
    }

    /// As it is shown.
    pub fn desk(&self, now: Timestamp) -> ControlDesk {
        let seat = self.sitting.as_ref().map(|sitting| Seat {
            user: sitting.user.clone(),
            role: sitting.role,
            locked: sitting.is_locked(now),
            armed_until: self.control.armed_until(&sitting.user, now),
        });
        let off = match &self.log {
            None => Some(Message::new("control-off-no-users")),
            Some(_) if self.permits.is_empty() => Some(Message::new("control-off-no-permits")),
            Some(Log { wrong: Some(reason), .. }) => {
                Some(Message::new("control-off-no-audit").with("reason", reason.clone()))
            }
            Some(_) => None,
        };
        let own = |user: &str| seat.as_ref().is_some_and(|seat| seat.user == user);
        ControlDesk {
            door: if self.log.is_some() { Door::Guarded } else { Door::Open },
            signing_in: self.signing_in,
            denied: self.denied.clone(),
            off,
            on: self.control.is_on(),
            permits: self.permits.clone(),
            selection: self.control.selections(now).find(|selection| own(&selection.user)).cloned(),
            selecting: self.wanted.as_ref().map(|wanted| wanted.tag),
            under_way: self.control.under_way().map(|order| order.tag).collect(),
            told: self.told.clone(),
            seat,
        }
    }
}

/// Why nothing was done, as a sentence.
fn refused_message(refused: &Refused, tags: &TagTable) -> Message {
    let (tag, reason) = refused.details();
    let mut message = Message::new(refused.key());
    if let Some(tag) = tag.and_then(|tag| tags.get(tag)) {
        message = message.with("tag", tag.name.to_string());
    }
    if !reason.is_empty() {
        message = message.with("reason", reason);
    }
    message
}
