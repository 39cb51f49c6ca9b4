//! L4: running tomorrow: weather and load to come, set-points, and which source gives how much.

pub mod balance;
pub mod optimise;
