//! Store and forward: another historian gets every row, in order and once, however long the way to it is cut.
//!
//! Nothing is stored twice for it. A link knows the last record of the log that the other side has, and the hours whose
//! records left the log unsent; what is to be sent is read from log and segments ([`outbox`]). A parcel counts as sent when
//! the other side has committed it; after a crash in between it is sent again, and the other side drops what it has (its
//! key is tag and instant). Hours come before records, so a backlog catches up in order of time.

mod outbox;
pub mod postgres;
mod sender;

pub use outbox::{Backlog, Outgoing, Parcel, Start};
pub(super) use outbox::{Link, load, release};
pub use sender::{Forwarder, ForwarderStatus};

/// Where a link leads to.
pub trait Target: Send {
    /// Stores rows for good: when it returns they outlast a crash of the other side. Rows that are there already stay as
    /// they are. On an error nothing, a part or all may have been stored; the same rows come again.
    fn store(&mut self, rows: &[Outgoing]) -> Result<(), TargetError>;
}

/// The other side did not take the rows; they will be sent again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TargetError(pub String);
