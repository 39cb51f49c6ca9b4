//! The threads that follow a field, and how they are spoken to.
//!
//! Mechanism: one thread `live` owns everything that belongs to a connection (polling, screening, alarms, history) and ends
//! when its [`Engine`] lets go of it. Orders go in through a bounded channel; pictures come back through a slot that holds
//! only the newest, so that a window asleep or slow never makes the field wait, and never works through old pictures.
//! A second thread estimates ([`super::estimating`]).

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::books::Books;
use super::connection;
use super::control::ControlCommand;
use super::orders::{OrderCommand, Planner};
use super::picture::Picture;
use crate::io::modbus::map::DeviceMap;
use crate::live::alarm::AlarmId;
use crate::network::Network;
use crate::session::jobs::Waker;
use crate::session::message::Message;
use crate::text::Language;

/// Least time between two pictures that show no more than new values; an alarm waits for none.
const PICTURES: Duration = Duration::from_millis(200);
/// The same where drawing them takes the processors from everything else.
const SPARING: Duration = Duration::from_millis(500);
/// Orders that may wait at a time: more than a person gives while the engine looks away.
const WAITING_ORDERS: usize = 64;

/// Where a field is found.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveSource {
    /// Simulated devices on this machine, driven by the network itself.
    Simulated,
    /// The devices of a device map; what they say is kept in a folder, where one is given.
    Map { map: Arc<DeviceMap>, history: Option<PathBuf> },
}

/// A field to be followed.
#[derive(Clone, Debug)]
pub struct Connect {
    pub source: LiveSource,
    /// What stands in the field.
    pub network: Arc<Network>,
    /// State of the document the network is.
    pub state: u64,
    /// Where people and what they do are kept; without it nothing is written to the field.
    pub books: Option<Books>,
    /// Where dispatch orders are kept; without it they are gone with the connection.
    pub orders: Option<PathBuf>,
    /// Who plans anew from the estimated state; `None`: nobody.
    pub planner: Option<Arc<dyn Planner>>,
    /// What goes wrong is told in it.
    pub language: Language,
}

/// What is asked of the engine.
#[derive(Clone, Debug)]
pub enum LiveOrder {
    /// This network stands in the field now.
    Adopt {
        network: Arc<Network>,
        state: u64,
    },
    /// One alarm or all of them.
    Acknowledge(Option<AlarmId>),
    Shelve {
        alarm: AlarmId,
        minutes: u32,
    },
    Unshelve(AlarmId),
    /// Signing in, and commands to the field.
    Control(ControlCommand),
    /// Dispatch orders.
    Orders(OrderCommand),
}

/// What the engine tells.
#[derive(Clone, Debug)]
pub enum LiveNews {
    Picture(Arc<Picture>),
    /// The network of this state of the document stands in the field now.
    Adopted(u64),
    /// The field is not read.
    Fault(Message),
    /// It is read, but something of it goes wrong.
    Trouble(Message),
}

/// Where the engine leaves its news.
#[derive(Debug, Default)]
pub(super) struct Slot {
    picture: Option<Arc<Picture>>,
    news: VecDeque<LiveNews>,
}

/// The engine's side of the slot.
#[derive(Clone)]
pub(super) struct Outbox {
    slot: Arc<Mutex<Slot>>,
    waker: Waker,
}

/// Faults and troubles kept for a window that does not look.
const MOST_NEWS: usize = 16;

impl Outbox {
    fn with(&self, put: impl FnOnce(&mut Slot)) {
        put(&mut self.slot.lock().unwrap_or_else(PoisonError::into_inner));
        (self.waker)();
    }

    pub fn picture(&self, picture: Arc<Picture>) {
        self.with(|slot| slot.picture = Some(picture));
    }

    pub fn fault(&self, message: Message) {
        self.say(LiveNews::Fault(message));
    }

    pub fn trouble(&self, message: Message) {
        self.say(LiveNews::Trouble(message));
    }

    pub fn adopted(&self, state: u64) {
        self.say(LiveNews::Adopted(state));
    }

    fn say(&self, news: LiveNews) {
        self.with(|slot| {
            slot.news.push_back(news);
            if slot.news.len() > MOST_NEWS {
                slot.news.pop_front();
            }
        });
    }
}

/// A connection as its owner sees it; the field is left when it is dropped.
struct Desk {
    orders: SyncSender<LiveOrder>,
    /// Somebody has done something at the screen since the engine last looked.
    acted: Arc<AtomicBool>,
    slot: Arc<Mutex<Slot>>,
}

/// What follows the field, if anything does.
#[derive(Default)]
pub struct Engine {
    desk: Option<Desk>,
    /// Pictures cost who computes.
    sparing: bool,
    /// Orders for which there was no room.
    waiting: VecDeque<LiveOrder>,
}

impl Engine {
    /// Follows this field from now on, and no other. Never waits.
    pub fn connect(&mut self, asked: Connect, waker: &Waker) {
        self.leave();
        let (orders, incoming) = sync_channel(WAITING_ORDERS);
        let slot = Arc::new(Mutex::new(Slot::default()));
        let outbox = Outbox { slot: slot.clone(), waker: waker.clone() };
        let failed = outbox.clone();
        let acted = Arc::new(AtomicBool::new(false));
        let seen = acted.clone();
        let every = if self.sparing { SPARING } else { PICTURES };
        let work = move || connection::run(asked, every, &incoming, &seen, &outbox);
        if let Err(error) = std::thread::Builder::new().name("live".to_owned()).spawn(work) {
            failed.fault(Message::new("live-no-thread").with("reason", error.to_string()));
        }
        self.desk = Some(Desk { orders, acted, slot });
    }

    /// Fewer pictures from the next connection on.
    pub fn spare_the_processor(&mut self) {
        self.sparing = true;
    }

    /// Hands an order over. Never waits.
    pub fn order(&mut self, order: LiveOrder) {
        self.waiting.push_back(order);
        self.pass_on();
    }

    /// Somebody has done something at the screen: it does not lock itself yet.
    pub fn acted(&self) {
        if let Some(desk) = &self.desk {
            desk.acted.store(true, Ordering::Relaxed);
        }
    }

    /// Lets go of the field.
    pub fn leave(&mut self) {
        self.desk = None;
        self.waiting.clear();
    }

    /// What has come since the last call. Never waits: while the engine is writing at this very moment, the next call has
    /// it.
    pub fn news(&mut self) -> Vec<LiveNews> {
        self.pass_on();
        let Some(desk) = &self.desk else { return Vec::new() };
        let Ok(mut slot) = desk.slot.try_lock() else { return Vec::new() };
        let picture = slot.picture.take().map(LiveNews::Picture);
        picture.into_iter().chain(slot.news.drain(..)).collect()
    }

    fn pass_on(&mut self) {
        let Some(desk) = &self.desk else { return };
        while let Some(order) = self.waiting.pop_front() {
            match desk.orders.try_send(order) {
                Ok(()) => {}
                Err(TrySendError::Full(order)) => {
                    self.waiting.push_front(order);
                    return;
                }
                // The engine has ended and said why.
                Err(TrySendError::Disconnected(_)) => return,
            }
        }
    }
}
