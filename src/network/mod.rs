//! L2: the network as data: what is built where, how it is connected, and how it may be changed.
//!
//! [`Network`] holds nodes and links in a petgraph graph (private to this folder), and beside it chambers, buildings,
//! sensors and the backdrop. Outside, elements are reached by typed handles ([`NodeId`], [`LinkId`]) or by the id in the
//! file ([`ElementRef`]). The only way to change a network that people see is an [`edit::Edit`], which knows its
//! inverse; the `insert_*` functions are for building one. No solving, no files, no units of display here.

pub mod attributes;
pub mod catalogue;
pub mod edit;
pub mod elements;
pub mod fields;
pub mod finding;
pub mod generate;
mod graph;
mod history;
mod ids;
mod names;
pub mod scenario;
pub mod sets;
pub mod settings;
pub mod thermal;
pub mod validate;
mod what_if;

pub use elements::*;
pub use finding::{Code, Finding, Severity};
pub use graph::{InsertError, LinkView, Network};
pub use history::Change;
pub(crate) use history::fresh;
pub use ids::{ElementKind, ElementRef, LinkId, Name, NodeId};
pub use settings::{FrictionModel, PropertyPoint, Settings, WaterModel};
