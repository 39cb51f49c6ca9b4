//! Temperatures at given flows.
//!
//! [`HeatProblem`] holds what the flows do not change: how much heat each pipe loses per kelvin, what surrounds it, how
//! warm the water is that enters from outside. [`Temperatures::solve`] orders the nodes by the direction of flow and
//! finds every temperature in one pass; where water runs in a circle (a pump in a loop), the circle's equations are
//! solved together. Steady state only; delay and heat capacity of steel belong to a dynamic simulation.

mod balance;
mod circle;
mod problem;
mod steady;

pub use balance::HeatBalance;
pub use problem::{HeatProblem, Pair};
pub use steady::Temperatures;
