//! Dispatch orders on the thread that follows the field: issued, told, carried out, compared.
//!
//! `command` is what can be asked, `desk` what is shown, `keeper` holds the book and watches the field for it, `places` knows
//! where an order's value is read, `batch` takes confirmed orders one after the other through the guard.

mod batch;
mod command;
mod desk;
pub(super) mod keeper;
mod places;

pub use command::{Issue, OrderCommand, PlanNetwork, Which};
pub use desk::{BookLine, Executing, OrderDesk, OrderLine, Planning, Proposal, StepLine};
