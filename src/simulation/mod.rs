//! L4: the network in time: temperatures travel with the water, pipes and walls store heat, consumers and sources live.
//!
//! [`Simulation`] steps a whole network; [`transport`] moves the water of one step, [`pipe`] is one pipe in it, [`store`] the
//! parcels inside. What stands at the ends, substations, buildings and plants, is plugged in through [`terminal`]:
//! implement [`Consumer`] or [`Source`] and hand it over. Heat is kept exactly: the [`Ledger`] of any span of time closes to
//! rounding. [`HeatedStation`] is a substation with its buildings, [`PlantSource`] what makes the heat, [`TankSource`] a heat
//! store, [`RegulatedSupply`] a supply temperature that follows the weather; [`equip`] puts them where the network's data want
//! them. [`Recorder`] keeps every past instant. No files, no clock, no threads.

pub mod chance;
pub mod enthalpy;
pub mod equip;
pub mod film;
mod heated;
mod instant;
mod isolation;
mod layout;
mod ledger;
pub mod pipe;
mod plant;
pub mod profile;
mod record;
mod regulated;
mod run;
pub mod store;
mod tank;
pub mod terminal;
pub mod transport;

pub use heated::HeatedStation;
pub use instant::{BuildingInstant, Cause, StationInstant};
pub use layout::{Ground, Start};
pub use ledger::Ledger;
pub use plant::{PlantSource, PlantTotals};
pub use record::{Frame, Recorder, model_starts};
pub use regulated::{ORDER_INTERVAL_S, RegulatedSupply};
pub use run::{Continued, Options, Simulation, StepReport};
pub use tank::TankSource;
pub use terminal::{Consumer, FixedDemand, FixedReturn, FixedSupply, Moment, Passed, Source, Weather};
pub use transport::{Front, Transport};
