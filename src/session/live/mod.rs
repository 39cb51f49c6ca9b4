//! The field in a session: what is known of it now, whether the picture shows it, and what people do about it.
//!
//! An engine on threads of its own ([`engine`]) polls devices, screens what they say, keeps alarms and history, and
//! estimates the state; it hands over one immutable [`Picture`] after another. The session keeps the newest. The picture
//! is that of the network that stands in the field: [`Session::shows_live`] holds only while the document is in that
//! state, so that a what-if is never painted with measurements of something else. Signing in and commands to the field go
//! through the [`guard`] on the engine's thread; the session only hands them on.

mod board;
mod books;
mod command;
mod connection;
mod control;
mod desk;
pub mod engine;
mod estimating;
mod guard;
mod intake;
mod journal;
mod keeping;
mod orders;
mod picture;
mod predict;
mod trend;
mod wire;

use std::path::PathBuf;
use std::sync::Arc;

pub use board::{AlarmBoard, AlarmLine, Frequent, event_text};
pub use books::Books;
pub use command::LiveCommand;
pub use control::ControlCommand;
pub use desk::{ControlDesk, Door, End, Seat, Told};
pub use engine::{Connect, LiveNews, LiveOrder, LiveSource};
pub use intake::Intake;
pub use orders::{
    BookLine, DispatchPlanner, EVERY_MS, Executing, Issue, OrderCommand, OrderDesk, OrderLine, PlanFrom, PlanNetwork,
    Planned, Planner, Planning, Proposal, StepLine, Which,
};
pub use picture::{Concern, DeviceLine, EstimateShown, Latest, Picture, Points};
pub use trend::{TrendPoint, Trends};

use super::effects::Effects;
use super::message::Message;
use super::state::Session;
use crate::live::access::Right;
use crate::network::Severity;
use crate::solver::Solution;

/// Set in [`Session::shown_version`] while the field is shown, so that it never equals a version of a timeline.
const LIVE_VERSIONS: u64 = 1 << 63;

/// A field that is connected, or is being connected.
#[derive(Clone, Debug)]
pub struct Live {
    /// The newest picture; `None` until the first.
    picture: Option<Arc<Picture>>,
    /// Whether the picture of the network follows the field.
    following: bool,
    /// State of the document that stands in the field.
    field_state: u64,
    /// Why the field is not read.
    fault: Option<Message>,
}

impl Live {
    fn new(field_state: u64) -> Live {
        Live { picture: None, following: true, field_state, fault: None }
    }

    /// What is known of the field; `None` until something is.
    pub fn picture(&self) -> Option<&Arc<Picture>> {
        self.picture.as_ref()
    }

    /// Whether people want to see the field rather than the calculation.
    pub fn is_following(&self) -> bool {
        self.following
    }

    /// Why the field is not read, where it is not.
    pub fn fault(&self) -> Option<&Message> {
        self.fault.as_ref()
    }
}

impl Session {
    /// The field, where one is connected.
    pub fn live(&self) -> Option<&Live> {
        self.live.as_ref()
    }

    /// The newest picture of the field.
    pub fn live_picture(&self) -> Option<&Arc<Picture>> {
        self.live.as_ref().and_then(Live::picture)
    }

    /// Whether the network shown is the one that stands in the field.
    pub fn is_field_state(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.field_state == self.document.state())
    }

    /// The estimated state of the field, while that is what the picture shows.
    pub(super) fn live_solution(&self) -> Option<&Arc<Solution>> {
        let live = self.live.as_ref().filter(|live| live.following && self.is_field_state())?;
        let estimate = live.picture.as_ref()?.estimate.as_ref()?;
        (estimate.state == live.field_state).then_some(&estimate.solution)
    }

    /// Whether the picture shows the field as estimated from its measurements.
    pub fn shows_live(&self) -> bool {
        !self.shows_time() && self.live_solution().is_some()
    }

    pub(super) fn live_version(&self) -> u64 {
        let number = self.live_picture().and_then(|picture| picture.estimate.as_ref()).map_or(0, |e| e.number);
        LIVE_VERSIONS | number
    }

    /// Begins to follow a field; the jobs connect to it at their next poll.
    pub fn connect(&mut self, source: LiveSource) {
        self.live = Some(Live::new(self.document.state()));
        self.connecting = Some(source);
    }

    /// Lets the demo city, wherever it is opened from now on, bring its simulated field with it.
    pub fn bring_demo_field(&mut self) {
        self.demo_field = true;
    }

    /// Where people and what they do are kept, for every field connected from now on.
    pub fn keep_books(&mut self, books: Books) {
        self.books = Some(books);
    }

    /// Where dispatch orders are kept, for every field connected from now on.
    pub fn keep_orders(&mut self, log: PathBuf) {
        self.order_log = Some(log);
    }

    /// Who plans anew from the estimated state every quarter of an hour, for every field connected from now on.
    pub fn plan_with(&mut self, planner: Arc<dyn Planner>) {
        self.planner = Some(planner);
    }

    /// Dispatch orders as they stand; `None` where no field is connected yet.
    pub fn order_desk(&self) -> Option<&Arc<OrderDesk>> {
        self.live_picture().map(|picture| &picture.orders)
    }

    /// Who sits here and what stands of commands; `None` where no field is connected yet.
    pub fn control_desk(&self) -> Option<&ControlDesk> {
        self.live_picture().map(|picture| &*picture.control)
    }

    /// Whether who sits here may do this now.
    pub fn may(&self, right: Right) -> bool {
        self.control_desk().is_some_and(|desk| desk.may(right))
    }

    /// What is to be connected and is not yet, with the network that stands in the field.
    pub(super) fn take_connecting(&mut self) -> Option<Connect> {
        let source = self.connecting.take()?;
        let (network, state) = (self.document.snapshot(), self.document.state());
        let (books, orders) = (self.books.clone(), self.order_log.clone());
        let planner = self.planner.clone();
        Some(Connect { source, network, state, books, orders, planner, language: self.language })
    }

    /// Takes in what the engine tells; whether anything shown changed.
    pub fn take_live(&mut self, news: LiveNews) -> bool {
        let Some(live) = &mut self.live else { return false };
        match news {
            LiveNews::Picture(picture) => {
                live.fault = None;
                live.picture = Some(picture);
            }
            LiveNews::Adopted(state) => {
                live.field_state = state;
                live.following = true;
            }
            LiveNews::Fault(message) => {
                live.fault = Some(message.clone());
                self.notify(Severity::Error, message);
            }
            LiveNews::Trouble(message) => self.notify(Severity::Warning, message),
        }
        true
    }

    pub(super) fn leave_live(&mut self) {
        self.live = None;
        self.connecting = None;
    }
}

/// Does what a command about the field asks.
pub(super) fn apply(session: &mut Session, command: LiveCommand, effects: &mut Effects) {
    if command == LiveCommand::Simulate {
        session.connect(LiveSource::Simulated);
        return;
    }
    let Some(live) = &mut session.live else {
        session.notify(Severity::Info, Message::new("live-none"));
        return;
    };
    let order = match command {
        LiveCommand::ToggleFollow => {
            live.following = !live.following;
            return;
        }
        // It is in force when the engine says so: it must be recorded first.
        LiveCommand::Adopt => {
            LiveOrder::Adopt { network: session.document.snapshot(), state: session.document.state() }
        }
        LiveCommand::Control(command) => LiveOrder::Control(command),
        LiveCommand::Orders(OrderCommand::IssueDrawn { plan }) => {
            let network = PlanNetwork(session.document.snapshot());
            LiveOrder::Orders(OrderCommand::IssueNetwork { plan, network })
        }
        LiveCommand::Orders(command) => LiveOrder::Orders(command),
        LiveCommand::Acknowledge(alarm) => LiveOrder::Acknowledge(Some(alarm)),
        LiveCommand::AcknowledgeAll => LiveOrder::Acknowledge(None),
        LiveCommand::Shelve { alarm, minutes } => LiveOrder::Shelve { alarm, minutes },
        LiveCommand::Unshelve(alarm) => LiveOrder::Unshelve(alarm),
        LiveCommand::Disconnect => {
            session.leave_live();
            return;
        }
        // Done above: it needs no field.
        LiveCommand::Simulate => return,
    };
    effects.live = Some(order);
}
