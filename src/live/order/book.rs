//! The order book: what was ordered, by whom, and how it stands.
//!
//! [`Orders`] is folded from [`Entry`]s and nothing else: the same entries always give the same book. Before an entry
//! counts, [`Orders::refusal`] says whether it may follow; one that may not changes nothing. An order goes one way only:
//!
//! issued → received → confirmed → (being written →) executed → compared
//!
//! and leaves it as withdrawn, refused (by who received it) or failed. Nothing skips a state, nothing leaves an end.
//! Overdue is no state: a late order is carried out late. Elements are named by id. The file is `io::orders`, who may do
//! what is judged by who adds entries.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{SetPoint, Watched};
use crate::live::Timestamp;

/// How an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Told to crew, station or plant.
    Issued,
    /// They have it.
    Received,
    /// They will do it.
    Confirmed,
    /// A command to the device is under way.
    Writing,
    /// Done by hand, or written and read back.
    Executed,
    /// Held against what was wanted and predicted: the end of an order that was carried out.
    Compared,
    /// They will not do it.
    Refused,
    Withdrawn,
    /// Tried and not done, or not kept.
    Failed,
}

impl State {
    pub const ALL: [State; 9] = [
        State::Issued,
        State::Received,
        State::Confirmed,
        State::Writing,
        State::Executed,
        State::Compared,
        State::Refused,
        State::Withdrawn,
        State::Failed,
    ];

    /// Nothing follows any more.
    pub const fn is_end(self) -> bool {
        matches!(self, State::Compared | State::Refused | State::Withdrawn | State::Failed)
    }

    /// It is still to be carried out.
    pub const fn is_open(self) -> bool {
        matches!(self, State::Issued | State::Received | State::Confirmed | State::Writing)
    }

    /// Key of its name in the translation files.
    pub const fn key(self) -> &'static str {
        match self {
            State::Issued => "order-state-issued",
            State::Received => "order-state-received",
            State::Confirmed => "order-state-confirmed",
            State::Writing => "order-state-writing",
            State::Executed => "order-state-executed",
            State::Compared => "order-state-compared",
            State::Refused => "order-state-refused",
            State::Withdrawn => "order-state-withdrawn",
            State::Failed => "order-state-failed",
        }
    }
}

/// How an order was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Written to the device and read back.
    Written,
    /// The value showed it.
    Noticed,
    /// Somebody says so; no instrument tells.
    Reported,
}

/// What the comparison came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The set-point holds and what was watched came as predicted.
    AsPredicted,
    /// The set-point holds; what was watched did not come as predicted in time.
    Otherwise,
    /// The set-point holds; nothing was predicted, or not all orders of its time were carried out.
    NotPredicted,
}

impl Verdict {
    /// Key of its sentence in the translation files.
    pub const fn key(self) -> &'static str {
        match self {
            Verdict::AsPredicted => "order-verdict-as-predicted",
            Verdict::Otherwise => "order-verdict-otherwise",
            Verdict::NotPredicted => "order-verdict-not-predicted",
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// A book of orders from a plan: numbered from `first` on, in their order.
    Issue {
        book: u64,
        first: u64,
        plan: String,
        set_points: Vec<SetPoint>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        watched: Vec<Watched>,
        /// What is watched may take so long after the last order of its time.
        patience_ms: i64,
    },
    Receive {
        order: u64,
    },
    Confirm {
        order: u64,
    },
    Refuse {
        order: u64,
        why: String,
    },
    /// It was to be written and the guard refused: nothing was written, it stays confirmed.
    Hinder {
        order: u64,
        why: String,
    },
    /// Command of this number is under way to the device.
    Write {
        order: u64,
        command: u64,
    },
    Execute {
        order: u64,
        how: How,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<f64>,
    },
    Fail {
        order: u64,
        why: String,
    },
    Compare {
        order: u64,
        verdict: Verdict,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<f64>,
    },
    Withdraw {
        order: u64,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        why: String,
    },
    /// Its time has passed without it being carried out.
    Overdue {
        order: u64,
    },
}

impl Event {
    /// The order it is about; `None` of an issue.
    pub const fn order(&self) -> Option<u64> {
        match self {
            Event::Issue { .. } => None,
            Event::Receive { order }
            | Event::Confirm { order }
            | Event::Refuse { order, .. }
            | Event::Hinder { order, .. }
            | Event::Write { order, .. }
            | Event::Execute { order, .. }
            | Event::Fail { order, .. }
            | Event::Compare { order, .. }
            | Event::Withdraw { order, .. }
            | Event::Overdue { order } => Some(*order),
        }
    }

    /// The word in the audit log and for people who read the file.
    pub const fn word(&self) -> &'static str {
        match self {
            Event::Issue { .. } => "issue",
            Event::Receive { .. } => "receive",
            Event::Confirm { .. } => "confirm",
            Event::Refuse { .. } => "refuse",
            Event::Hinder { .. } => "hinder",
            Event::Write { .. } => "write",
            Event::Execute { .. } => "execute",
            Event::Fail { .. } => "fail",
            Event::Compare { .. } => "compare",
            Event::Withdraw { .. } => "withdraw",
            Event::Overdue { .. } => "overdue",
        }
    }

    /// Where it leads from a state; `None` where it may not follow.
    pub const fn next(&self, state: State) -> Option<State> {
        match (self, state) {
            (Event::Receive { .. }, State::Issued) => Some(State::Received),
            (Event::Confirm { .. }, State::Received) => Some(State::Confirmed),
            (Event::Refuse { .. }, State::Received) => Some(State::Refused),
            (Event::Hinder { .. }, State::Confirmed | State::Writing) => Some(State::Confirmed),
            (Event::Write { .. }, State::Confirmed) => Some(State::Writing),
            (Event::Execute { how: How::Noticed | How::Reported, .. }, State::Confirmed)
            | (Event::Execute { how: How::Written | How::Noticed, .. }, State::Writing) => Some(State::Executed),
            (Event::Fail { .. }, State::Confirmed | State::Writing | State::Executed) => Some(State::Failed),
            (Event::Compare { .. }, State::Executed) => Some(State::Compared),
            (Event::Withdraw { .. }, State::Issued | State::Received | State::Confirmed) => Some(State::Withdrawn),
            (Event::Overdue { .. }, state) if state.is_open() => Some(state),
            _ => None,
        }
    }

    fn why(&self) -> &str {
        match self {
            Event::Refuse { why, .. }
            | Event::Hinder { why, .. }
            | Event::Fail { why, .. }
            | Event::Withdraw { why, .. } => why,
            _ => "",
        }
    }
}

/// An event with its time and who caused it; `program` where nobody did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub at: Timestamp,
    pub who: String,
    pub event: Event,
}

/// Why an entry may not follow.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no order {0}")]
    NoOrder(u64),
    #[error("order {order} is {state:?}: “{event}” may not follow")]
    NotNow { order: u64, state: State, event: &'static str },
    #[error("order {0} is overdue already")]
    OverdueAlready(u64),
    #[error("order {0} is not due yet")]
    NotDue(u64),
    #[error("number {0} is taken")]
    Taken(u64),
    #[error("there is nothing to order")]
    Empty,
    #[error("{0} is no number that can be ordered")]
    NoNumber(f64),
    #[error("a reason is needed")]
    NoReason,
}

impl Refusal {
    /// Key of its sentence in the translation files; its remedy stands under `.help`.
    pub const fn key(&self) -> &'static str {
        match self {
            Refusal::NoOrder(_) => "orders-no-order",
            Refusal::NotNow { .. } => "orders-not-now",
            Refusal::OverdueAlready(_) => "orders-overdue-already",
            Refusal::NotDue(_) => "orders-not-due",
            Refusal::Taken(_) => "orders-taken",
            Refusal::Empty => "orders-empty",
            Refusal::NoNumber(_) => "orders-no-number",
            Refusal::NoReason => "orders-no-reason",
        }
    }

    /// The order or book it is about.
    pub const fn number(&self) -> Option<u64> {
        match self {
            Refusal::NoOrder(number)
            | Refusal::NotNow { order: number, .. }
            | Refusal::OverdueAlready(number)
            | Refusal::NotDue(number)
            | Refusal::Taken(number) => Some(*number),
            Refusal::Empty | Refusal::NoNumber(_) | Refusal::NoReason => None,
        }
    }
}

/// What was done to an order.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderDeed {
    pub at: Timestamp,
    pub who: String,
    /// `issue`, `receive` … ([`Event::word`]).
    pub word: &'static str,
    /// The state it led to.
    pub state: State,
    /// The reason given; may be empty.
    pub why: String,
}

/// One order.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    pub number: u64,
    /// Number of its book.
    pub book: u64,
    pub set_point: SetPoint,
    pub state: State,
    pub overdue: bool,
    /// How it was carried out.
    pub how: Option<How>,
    /// What was read when it was carried out or compared, SI.
    pub value: Option<f64>,
    pub verdict: Option<Verdict>,
    /// First to last; the issue is the first.
    pub deeds: Vec<OrderDeed>,
}

/// The orders of one plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    pub number: u64,
    pub plan: String,
    pub issued_by: String,
    pub issued_at: Timestamp,
    /// First and last number of its orders.
    pub orders: (u64, u64),
    pub watched: Vec<Watched>,
    pub patience_ms: i64,
}

/// All orders ever issued.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Orders {
    books: BTreeMap<u64, Book>,
    orders: BTreeMap<u64, Order>,
}

impl Orders {
    /// Books in the order they were issued.
    pub fn books(&self) -> impl DoubleEndedIterator<Item = &Book> {
        self.books.values()
    }

    pub fn book(&self, number: u64) -> Option<&Book> {
        self.books.get(&number)
    }

    /// Every order by number.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Order> {
        self.orders.values()
    }

    pub fn get(&self, number: u64) -> Option<&Order> {
        self.orders.get(&number)
    }

    /// The orders of a book, by number.
    pub fn of_book(&self, book: &Book) -> impl DoubleEndedIterator<Item = &Order> {
        self.orders.range(book.orders.0..=book.orders.1).map(|(_, order)| order)
    }

    /// An issue that may follow: the next numbers.
    pub fn issue(&self, plan: &str, set_points: Vec<SetPoint>, watched: Vec<Watched>, patience_ms: i64) -> Event {
        let after = |last: Option<u64>| last.map_or(1, |last| last.saturating_add(1));
        Event::Issue {
            book: after(self.books.keys().next_back().copied()),
            first: after(self.orders.keys().next_back().copied()),
            plan: plan.to_owned(),
            set_points,
            watched,
            patience_ms,
        }
    }

    /// Why an entry may not follow; `None` where it may.
    pub fn refusal(&self, entry: &Entry) -> Option<Refusal> {
        let Some(number) = entry.event.order() else { return self.issue_refusal(&entry.event) };
        let Some(order) = self.orders.get(&number) else { return Some(Refusal::NoOrder(number)) };
        if entry.event.next(order.state).is_none() {
            return Some(Refusal::NotNow { order: number, state: order.state, event: entry.event.word() });
        }
        match &entry.event {
            Event::Overdue { .. } if order.overdue => Some(Refusal::OverdueAlready(number)),
            Event::Overdue { .. } if entry.at <= order.set_point.at => Some(Refusal::NotDue(number)),
            Event::Refuse { why, .. } if why.trim().is_empty() => Some(Refusal::NoReason),
            Event::Execute { value: Some(value), .. } | Event::Compare { value: Some(value), .. } => {
                (!value.is_finite()).then_some(Refusal::NoNumber(*value))
            }
            _ => None,
        }
    }

    fn issue_refusal(&self, event: &Event) -> Option<Refusal> {
        let Event::Issue { book, first, set_points, watched, .. } = event else { return None };
        // Numbers rise, so that a book cannot be put in between.
        if self.books.keys().next_back().is_some_and(|last| book <= last) {
            return Some(Refusal::Taken(*book));
        }
        let too_many = first.checked_add(set_points.len() as u64).is_none();
        if too_many || self.orders.keys().next_back().is_some_and(|last| first <= last) {
            return Some(Refusal::Taken(*first));
        }
        if set_points.is_empty() {
            return Some(Refusal::Empty);
        }
        let wanted = set_points.iter().flat_map(|point| [Some(point.value), point.from]).flatten();
        let seen = watched.iter().flat_map(|watched| [watched.before, watched.predicted, watched.tolerance]);
        wanted.chain(seen).find(|value| !value.is_finite()).map(Refusal::NoNumber)
    }

    /// Takes an entry in.
    ///
    /// # Errors
    /// Why it may not follow; nothing has changed then.
    pub fn take(&mut self, entry: &Entry) -> Result<(), Refusal> {
        if let Some(refusal) = self.refusal(entry) {
            return Err(refusal);
        }
        let Entry { at, who, event } = entry;
        let deed = |state: State| OrderDeed {
            at: *at,
            who: who.clone(),
            word: event.word(),
            state,
            why: event.why().to_owned(),
        };
        if let Event::Issue { book, first, plan, set_points, watched, patience_ms } = event {
            let mut last = *first;
            for (number, set_point) in (*first..).zip(set_points) {
                last = number;
                let order = Order {
                    number,
                    book: *book,
                    set_point: set_point.clone(),
                    state: State::Issued,
                    overdue: false,
                    how: None,
                    value: None,
                    verdict: None,
                    deeds: vec![deed(State::Issued)],
                };
                self.orders.insert(number, order);
            }
            let book = Book {
                number: *book,
                plan: plan.clone(),
                issued_by: who.clone(),
                issued_at: *at,
                orders: (*first, last),
                watched: watched.clone(),
                patience_ms: *patience_ms,
            };
            self.books.insert(book.number, book);
            return Ok(());
        }
        let order = event.order().and_then(|number| self.orders.get_mut(&number));
        // Both are there: it was not refused.
        let Some((order, state)) = order.and_then(|order| event.next(order.state).map(|state| (order, state))) else {
            return Ok(());
        };
        order.state = state;
        order.deeds.push(deed(state));
        match event {
            Event::Overdue { .. } => order.overdue = true,
            Event::Execute { how, value, .. } => (order.how, order.value) = (Some(*how), *value),
            Event::Compare { verdict, value, .. } => {
                order.verdict = Some(*verdict);
                order.value = value.or(order.value);
            }
            _ => {}
        }
        Ok(())
    }
}
