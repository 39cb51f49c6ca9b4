//! Keeps the order book while a field is followed: enters what people do, notices what the field shows, compares.
//!
//! Lives on the thread that follows the field. An order is carried out by people, and noticed by its value; or through the
//! [`Guard`], by whoever is armed ([`super::batch`]). Either way its value must hold two scans; one that lets go of it
//! again before the comparison has failed. What was predicted counts once every order of its time has been carried out.
//! Several programs may write the same log: it is read again every second. What a plan as a network means in orders, and
//! what the model predicts of it, is found on a thread of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::batch::{Batch, Item};
use super::command::{Issue, OrderCommand, PlanNetwork, Which};
use super::desk::{BookLine, OrderDesk, OrderLine, Proposal, StepLine};
use super::places::Places;
use super::planning::{Planner, Rolling};
use super::prepare::orders_of;
use super::seen::{Seen, Step, carried_out, compared, executed_at};
use super::shelf::Shelf;
use crate::live::access::Right;
use crate::live::order::{Beyond, Book, Event, How, Order, Orders, SCANS, State};
use crate::live::{TagTable, Timestamp};
use crate::network::{ElementRef, Network};
use crate::session::live::guard::{Ended, Guard};
use crate::session::live::intake::Intake;
use crate::session::message::Message;
use crate::solver::Solution;
use crate::text::Language;

/// Who did what nobody asked for.
const PROGRAM: &str = "program";
/// Time after which an order that is due and not carried out is overdue.
const OVERDUE_MS: i64 = 15 * 60_000;
/// What is predicted may take so long: the water of a large network needs hours from its source to its last station.
const PATIENCE_MS: i64 = 3 * 3_600_000;
/// Orders due within this time are due now.
const SOON_MS: i64 = 60_000;
/// Time between two looks at what other programs have entered.
const REFRESH_MS: i64 = 1_000;
/// An order that was being written when a program ended, and whose value does not show this long after, has failed.
const LEFT_MS: i64 = 60_000;
/// Plans that may wait to be taken in.
const WAITING_PLANS: usize = 4;

/// A plan made into orders.
struct Prepared {
    plan: String,
    user: String,
    result: Result<(Issue, Vec<(ElementRef, Beyond)>), Message>,
}

/// What a look at the orders brought.
#[derive(Default)]
pub(in crate::session::live) struct Look {
    /// Commands that have come to their end.
    pub ended: Vec<Ended>,
    /// Something is to be shown at once.
    pub anew: bool,
    /// To be said to whoever sits here.
    pub news: Vec<Message>,
}

/// The order book of a followed field.
pub(in crate::session::live) struct Keeper {
    shelf: Shelf,
    language: Language,
    network: Arc<Network>,
    places: Places,
    began: Timestamp,
    refreshed: Timestamp,
    seen: BTreeMap<u64, Seen>,
    steps: BTreeMap<(u64, Timestamp), Step>,
    batch: Option<Batch>,
    stopped: Option<Message>,
    prepared: (SyncSender<Prepared>, Receiver<Prepared>),
    issuing: usize,
    not_orders: Vec<(ElementRef, Beyond)>,
    rolling: Rolling,
    /// The book of the planning issued last.
    planned: Option<u64>,
}

impl Keeper {
    /// The orders of a file, or none that are kept longer than the program runs.
    pub fn new(
        file: Option<PathBuf>,
        table: &TagTable,
        guard: &Guard,
        network: Arc<Network>,
        planner: Option<Arc<dyn Planner>>,
        now: Timestamp,
    ) -> Keeper {
        Keeper {
            shelf: Shelf::new(file, guard.language()),
            language: guard.language(),
            network,
            places: Places::new(table, guard.writable()),
            began: now,
            refreshed: now,
            seen: BTreeMap::new(),
            steps: BTreeMap::new(),
            batch: None,
            stopped: None,
            prepared: sync_channel(WAITING_PLANS),
            issuing: 0,
            not_orders: Vec::new(),
            rolling: Rolling::new(planner, now),
            planned: None,
        }
    }

    /// The network that stands in the field is this one now.
    pub fn adopt(&mut self, network: Arc<Network>) {
        self.network = network;
    }

    fn orders(&self) -> Option<&Orders> {
        self.shelf.orders()
    }

    fn enter(&mut self, who: &str, events: Vec<Event>, now: Timestamp) -> Result<(), Message> {
        self.shelf.enter(who, events, now)
    }

    /// Does what is asked at the screen, once it is recorded; why not, where it is refused.
    pub fn obey(
        &mut self,
        command: OrderCommand,
        guard: &mut Guard,
        intake: &Intake,
        now: Timestamp,
    ) -> Result<(), Message> {
        match command {
            OrderCommand::Issue(issue) => {
                let user = self.recorded(guard, "issue", &issue.plan, "", now)?;
                self.not_orders.clear();
                self.issue(&user, *issue, now)
            }
            OrderCommand::IssueNetwork { plan, network: PlanNetwork(network) } => {
                let user = self.recorded(guard, "issue", &plan, "", now)?;
                let estimate = intake.estimate().map(|(estimate, _)| estimate.solution.clone());
                self.prepare(user, plan, network, estimate, now)
            }
            // The session has put the drawn network in its place.
            OrderCommand::IssueDrawn { .. } => Ok(()),
            OrderCommand::Receive(which) => {
                self.each(guard, "receive", which, "", now, |order| Event::Receive { order })
            }
            OrderCommand::Confirm(which) => {
                self.each(guard, "confirm", which, "", now, |order| Event::Confirm { order })
            }
            OrderCommand::Refuse { order, why } => {
                let event = |order| Event::Refuse { order, why: why.clone() };
                self.each(guard, "refuse", Which::Order(order), &why, now, event)
            }
            OrderCommand::Report(which) => {
                let event = |order| Event::Execute { order, how: How::Reported, value: None };
                self.each(guard, "report", which, "", now, event)
            }
            OrderCommand::Fail { order, why } => {
                let event = |order| Event::Fail { order, why: why.clone() };
                self.each(guard, "fail", Which::Order(order), &why, now, event)
            }
            OrderCommand::Withdraw { which, why } => {
                let event = |order| Event::Withdraw { order, why: why.clone() };
                self.each(guard, "withdraw", which, &why, now, event)
            }
            OrderCommand::Execute(which) => self.execute(guard, which, now),
            OrderCommand::Stop => {
                self.recorded(guard, "stop", "", "", now)?;
                if let Some(batch) = &mut self.batch {
                    batch.stop(Message::new("orders-stopped-by-hand"));
                }
                Ok(())
            }
            OrderCommand::Replan => {
                self.recorded(guard, "replan", "", "", now)?;
                self.rolling.ask(now)
            }
            OrderCommand::IssueProposal => {
                let proposal = self.rolling.proposal().ok_or_else(|| Message::new("orders-no-proposal"))?;
                let user = self.recorded(guard, "issue", &proposal.plan, "", now)?;
                self.not_orders.clear();
                let Proposal { plan, set_points, watched, .. } = (*proposal).clone();
                self.supersede(&user, now)?;
                self.issue(&user, Issue { plan, set_points, watched }, now)?;
                self.planned = self.orders().and_then(|orders| orders.books().next_back()).map(|book| book.number);
                self.rolling.issued();
                Ok(())
            }
        }
    }

    /// Records an act of a person about orders in the audit log; who it is.
    fn recorded(
        &self,
        guard: &mut Guard,
        word: &str,
        subject: &str,
        why: &str,
        now: Timestamp,
    ) -> Result<String, Message> {
        let details: Vec<(&str, String)> = if why.is_empty() { Vec::new() } else { vec![("why", why.to_owned())] };
        let right = if word == "execute" { Right::Write } else { Right::Orders };
        guard.enter(right, &format!("order-{word}"), subject, &details, now)
    }

    /// Enters the same for every order it can be entered for.
    fn each(
        &mut self,
        guard: &mut Guard,
        word: &str,
        which: Which,
        why: &str,
        now: Timestamp,
        event: impl Fn(u64) -> Event,
    ) -> Result<(), Message> {
        let orders = self.orders().map_or_else(Vec::new, |orders| chosen(orders, which));
        let may = |order: &&Order| {
            // Of one order the reason why not is told; of a book those are taken that can be.
            let writing =
                self.batch.as_ref().is_some_and(|batch| batch.has(order.number)) && order.state == State::Writing;
            matches!(which, Which::Order(_)) || (event(order.number).next(order.state).is_some() && !writing)
        };
        let numbers: Vec<u64> = orders.iter().filter(may).map(|order| order.number).collect();
        if numbers.is_empty() {
            return Err(Message::new("orders-none"));
        }
        let user = self.recorded(guard, word, &list(&numbers), why, now)?;
        let events = numbers.iter().map(|number| event(*number)).collect();
        self.enter(&user, events, now)?;
        if let Some(batch) = self.batch.as_mut().filter(|_| word != "receive" && word != "confirm") {
            numbers.iter().for_each(|number| batch.drop_order(*number));
        }
        Ok(())
    }

    fn issue(&mut self, user: &str, issue: Issue, now: Timestamp) -> Result<(), Message> {
        let Issue { plan, set_points, watched } = issue;
        let event = self.orders().map(|orders| orders.issue(&plan, set_points, watched, PATIENCE_MS));
        match event {
            Some(event) => self.enter(user, vec![event], now),
            None => Err(self.shelf.closed()),
        }
    }

    /// Takes back what is still open of the planning before: two plans must not be in force at once.
    fn supersede(&mut self, user: &str, now: Timestamp) -> Result<(), Message> {
        let Some(planned) = self.planned else { return Ok(()) };
        let why = self.language.texts().get("orders-superseded").into_owned();
        let event = |order: &Order| Event::Withdraw { order: order.number, why: why.clone() };
        let orders = self.orders().map_or_else(Vec::new, |orders| chosen(orders, Which::Book(planned)));
        let open: Vec<Event> = orders
            .iter()
            .map(|order| (event(order), order))
            .filter(|(event, order)| event.next(order.state).is_some())
            .map(|(event, _)| event)
            .collect();
        if let Some(batch) = &mut self.batch {
            open.iter().filter_map(Event::order).for_each(|order| batch.drop_order(order));
        }
        self.enter(user, open, now)
    }

    /// Asks a thread what a plan means in orders.
    fn prepare(
        &mut self,
        user: String,
        plan: String,
        network: Arc<Network>,
        estimate: Option<Arc<Solution>>,
        now: Timestamp,
    ) -> Result<(), Message> {
        let (sender, base) = (self.prepared.0.clone(), self.network.clone());
        let work = move || {
            let result = orders_of(&base, &network, estimate.as_deref(), &plan, now);
            // The field may have been left meanwhile.
            let _ = sender.send(Prepared { plan, user, result });
        };
        match std::thread::Builder::new().name("orders".to_owned()).spawn(work) {
            Ok(_) => {
                self.issuing += 1;
                Ok(())
            }
            Err(error) => Err(Message::new("live-no-thread").with("reason", error.to_string())),
        }
    }

    /// Takes what is confirmed, due and can be written to the devices, through the guard.
    fn execute(&mut self, guard: &mut Guard, which: Which, now: Timestamp) -> Result<(), Message> {
        if self.batch.is_some() {
            return Err(Message::new("orders-at-work"));
        }
        let due = |order: &Order| matches!(which, Which::Order(_)) || now.plus_ms(SOON_MS) >= order.set_point.at;
        let orders = self.orders().map_or_else(Vec::new, |orders| chosen(orders, which));
        let items: Vec<Item> = orders
            .iter()
            .filter(|order| order.state == State::Confirmed && due(order))
            .filter_map(|order| {
                let (tag, writable) = self.places.of(&order.set_point)?;
                writable.then_some(Item { order: order.number, tag, value: order.set_point.value })
            })
            .collect();
        if items.is_empty() {
            return Err(Message::new("orders-none-to-write"));
        }
        let numbers: Vec<u64> = items.iter().map(|item| item.order).collect();
        let user = self.recorded(guard, "execute", &list(&numbers), "", now)?;
        if !guard.is_armed(&user, now) {
            return Err(Message::new("control-refused-not-armed"));
        }
        self.stopped = None;
        self.batch = Some(Batch::new(user, items));
        Ok(())
    }

    /// Lets time pass. To be called a few times a second.
    pub fn tick(&mut self, guard: &mut Guard, intake: &Intake, now: Timestamp) -> Look {
        let mut look = Look::default();
        while let Ok(Prepared { plan, user, result }) = self.prepared.1.try_recv() {
            look.anew = true;
            self.issuing = self.issuing.saturating_sub(1);
            let done = result.and_then(|(issue, not_orders)| {
                self.not_orders = not_orders;
                self.issue(&user, issue, now)
            });
            if let Err(why) = done {
                look.news.push(why.with("plan", plan));
            }
        }
        if now.ms_since(self.refreshed) >= REFRESH_MS {
            self.refreshed = now;
            self.shelf.refresh();
        }
        let estimate = intake.estimate().map(|(estimate, _)| &estimate.solution);
        look.anew |= self.rolling.tick(&self.network, estimate, now);
        self.write(guard, &mut look, now);
        let events = self.watch(intake, now);
        look.anew |= !events.is_empty();
        for event in events {
            // A value that does not hold is an alarm of its command; who watches alarms must hear of it.
            let lost = match (&event, event.order().and_then(|number| self.orders()?.get(number))) {
                (Event::Fail { .. }, Some(order)) if order.state == State::Executed => {
                    self.places.of(&order.set_point).filter(|(_, writable)| *writable).map(|(tag, _)| tag)
                }
                _ => None,
            };
            match self.enter(PROGRAM, vec![event], now) {
                Ok(()) => look.ended.extend(lost.map(|tag| (tag, false))),
                Err(why) => self.shelf.complain(&why),
            }
        }
        look
    }

    /// The batch goes on.
    fn write(&mut self, guard: &mut Guard, look: &mut Look, now: Timestamp) {
        let Some(mut batch) = self.batch.take() else { return };
        let user = batch.shown().user;
        let step = batch.step(now, guard, &mut |event| self.enter(&user, vec![event], now));
        look.ended.extend(step.ended);
        if let Some(event) = step.event {
            look.anew = true;
            if let Err(why) = self.enter(&user, vec![event], now) {
                batch.stop(why.clone());
                look.news.push(why);
            }
        }
        match step.over {
            Some(why) => {
                look.anew = true;
                look.news.extend(why.clone());
                self.stopped = why;
            }
            None => self.batch = Some(batch),
        }
    }

    /// Reads what the field shows of every order, and what follows from it.
    fn watch(&mut self, intake: &Intake, now: Timestamp) -> Vec<Event> {
        let mut events = Vec::new();
        // Both are put back below; the book is not changed meanwhile.
        let (mut seen, mut steps) = (std::mem::take(&mut self.seen), std::mem::take(&mut self.steps));
        if let Some(orders) = self.orders() {
            for book in orders.books() {
                let own: Vec<&Order> = orders.of_book(book).collect();
                if own.iter().all(|order| order.state.is_end()) {
                    continue;
                }
                for order in own.iter().filter(|order| !order.state.is_end()) {
                    let read = self.places.read(&order.set_point, intake, &self.network, now);
                    let seen = seen.entry(order.number).or_default();
                    seen.look(order, read);
                    events.extend(self.noticed(order, seen, now));
                }
                let mut times: Vec<Timestamp> = own.iter().map(|order| order.set_point.at).collect();
                times.sort_unstable();
                times.dedup();
                for at in times {
                    let of_step: Vec<&Order> = own.iter().filter(|o| o.set_point.at == at).copied().collect();
                    let step = steps.entry((book.number, at)).or_insert_with(|| Step::new(book, at));
                    self.follow(step, &of_step, intake, now);
                    events.extend(compared(book, step, &of_step, &seen, now));
                }
            }
        }
        (self.seen, self.steps) = (seen, steps);
        events
    }

    /// What an order's value tells.
    fn noticed(&self, order: &Order, seen: &Seen, now: Timestamp) -> Option<Event> {
        let (number, value) = (order.number, seen.read.map(|(value, ..)| value));
        let in_batch = self.batch.as_ref().is_some_and(|batch| batch.has(number));
        match order.state {
            State::Confirmed if seen.met >= SCANS && !in_batch => {
                return Some(Event::Execute { order: number, how: How::Noticed, value });
            }
            // Another run of the program was stopped before it was known what came of it.
            State::Writing if !in_batch => {
                if seen.met >= SCANS {
                    return Some(Event::Execute { order: number, how: How::Noticed, value });
                }
                let since = order.deeds.last().map_or(self.began, |deed| deed.at.max(self.began));
                if now.ms_since(since) > LEFT_MS {
                    let why = self.language.texts().get("orders-left-under-way").into_owned();
                    return Some(Event::Fail { order: number, why });
                }
            }
            State::Executed if seen.lost >= SCANS => {
                let why = self.language.texts().get("orders-not-kept").into_owned();
                return Some(Event::Fail { order: number, why });
            }
            _ => {}
        }
        let late = order.state.is_open() && !order.overdue && now.ms_since(order.set_point.at) > OVERDUE_MS;
        late.then_some(Event::Overdue { order: number })
    }

    /// What is watched of a step.
    fn follow(&self, step: &mut Step, own: &[&Order], intake: &Intake, now: Timestamp) {
        let counts = carried_out(own);
        let watched: Vec<_> = step.track.progress().iter().map(|progress| progress.watched.clone()).collect();
        for (place, watched) in watched.iter().enumerate() {
            if let Some((value, at, origin)) = self.places.watch(watched, intake, &self.network, now) {
                // What was true before the last order was carried out tells nothing of it.
                let since = own.iter().filter_map(|order| executed_at(order)).max();
                let counts = counts && since.is_some_and(|since| at > since);
                step.track.take(place, value, at, counts);
                step.origins[place] = Some(origin);
            }
        }
        if step.track.is_reached() {
            step.reached.get_or_insert(now);
        } else {
            step.reached = None;
        }
    }

    /// As it is shown.
    pub fn desk(&self) -> OrderDesk {
        let line = |order: &Order| {
            let tag = self.places.of(&order.set_point);
            OrderLine {
                order: order.clone(),
                tag: tag.map(|(tag, _)| tag),
                writable: tag.is_some_and(|(_, writable)| writable),
                present: self.seen.get(&order.number).and_then(|seen| seen.read),
                in_batch: self.batch.as_ref().is_some_and(|batch| batch.has(order.number)),
            }
        };
        let book = |orders: &Orders, book: &Book| {
            let steps = self
                .steps
                .range((book.number, Timestamp::from_ms(i64::MIN))..=(book.number, Timestamp::from_ms(i64::MAX)));
            BookLine {
                book: book.clone(),
                orders: orders.of_book(book).map(line).collect(),
                steps: steps
                    .map(|((_, at), step)| StepLine {
                        at: *at,
                        counts: carried_out(
                            &orders.of_book(book).filter(|o| o.set_point.at == *at).collect::<Vec<_>>(),
                        ),
                        watched: step.track.progress().iter().cloned().zip(step.origins.iter().copied()).collect(),
                        reached: step.reached,
                    })
                    .collect(),
            }
        };
        OrderDesk {
            file: self.shelf.file(),
            wrong: self.shelf.wrong(),
            books: self
                .orders()
                .map_or_else(Vec::new, |orders| orders.books().rev().map(|it| book(orders, it)).collect()),
            issuing: self.issuing > 0,
            not_orders: self.not_orders.clone(),
            executing: self.batch.as_ref().map(Batch::shown),
            stopped: self.stopped.clone(),
            planning: self.rolling.shown(),
        }
    }
}

fn chosen(orders: &Orders, which: Which) -> Vec<Order> {
    match which {
        Which::Order(number) => orders.get(number).cloned().into_iter().collect(),
        Which::Book(number) => {
            orders.book(number).map_or_else(Vec::new, |book| orders.of_book(book).cloned().collect())
        }
    }
}

/// `3-5, 8`.
fn list(numbers: &[u64]) -> String {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let run = |(first, last): &(u64, u64)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    runs.iter().map(run).collect::<Vec<_>>().join(", ")
}
