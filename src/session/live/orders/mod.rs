//! Dispatch orders on the thread that follows the field: issued, told, carried out, compared.
//!
//! `command` is what can be asked, `desk` what is shown, `keeper` holds the book and watches the field for it, `places` knows
//! where an order's value is read, `batch` takes confirmed orders one after the other through the guard, `planning` plans anew
//! every quarter of an hour, `prepare` makes orders of a network, `seen` compares,
//! `shelf` keeps the book on the disk.

mod batch;
mod command;
mod desk;
pub(super) mod keeper;
mod places;
mod planning;
mod prepare;
mod seen;
mod shelf;

pub use command::{Issue, OrderCommand, PlanNetwork, Which};
pub use desk::{BookLine, Executing, OrderDesk, OrderLine, Planning, Proposal, StepLine};
pub use planning::{DispatchPlanner, EVERY_MS, PlanFrom, Planned, Planner};
