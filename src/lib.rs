//! Hypocaust: hydraulic and thermal solver and 3D digital twin for city district heating.

pub mod physics;
