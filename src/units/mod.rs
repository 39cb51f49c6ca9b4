//! L0: quantities and the units people read them in.
//!
//! Inside the program every number is SI (Pa, kg/s, m, W, J, s) and °C, and says so in its name (`length_m`,
//! `pressure_pa`). This module knows, for each [`Quantity`], which units a person may choose, how to convert, and how
//! many digits to show: it is the only place that rounds. It does not know elements, files or widgets.

mod display;
mod quantity;

pub use display::{DisplayUnits, NumberStyle, grouped, hours_minutes};
pub use quantity::{KILOWATT_HOUR_J, Quantity, Unit};
