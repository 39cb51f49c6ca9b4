//! Hypocaust: hydraulic and thermal solver and 3D digital twin for city district heating.
//!
//! Modules in layer order, each knowing only those above it in this list (a test walks the sources and holds the
//! arrows): `units` and `text`, `physics`, `network`, `solver`, `simulation`, `dispatch`, `emergency` and `live`, `io`, `session` and `verify`, then `cli`, `panels` and `twin`.

pub mod text;
pub mod units;

pub mod physics;

pub mod network;

pub mod solver;

pub mod simulation;

pub mod dispatch;

pub mod emergency;

pub mod live;

pub mod io;

pub mod session;

pub mod verify;

pub mod cli;

#[cfg(feature = "panels")]
pub mod panels;

#[cfg(feature = "desktop")]
pub mod twin;
