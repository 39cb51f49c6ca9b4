//! Published and independently computed results, computed anew and laid beside ours: `hypocaust verify`.
//!
//! The data (small networks, oracles) is part of the binary, so that anybody can see it on any machine without network;
//! a folder with further networks can be named. Each [`Case`] says where its figures come from and how far ours may
//! lie from them ([`Tolerance`]); a case that cannot be run says why and is never dropped. What does not live here:
//! printing (the command line) and the methods themselves.

pub mod balancing;
mod case;
mod comparison;
mod district;
mod embedded;
mod epanet;
mod heat;
mod library;
mod measured;
mod metering;
mod oracles;
mod picture;
mod published;
pub mod random;
mod report;
mod run;
mod tables;

pub use case::{Case, Outcome};
pub use comparison::{Comparison, Deviation, Quantity, Tolerance};
pub use library::Library;
pub use picture::Picture;
pub use report::{json, text};
pub use run::{Verification, verify};
