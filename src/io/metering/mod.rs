//! Heat metering of one building from a folder of tables, and its report as text, CSV or JSON.
//!
//! | table | columns |
//! |---|---|
//! | `settlement.csv` | `key,value`: `method`, `heat_gj`, `period_h`, `reference_temperature_c`, `basic_price_1_m2`, `metered_price_1_gj`, `area_price_1_m2`, `flow_sensor`, `pressure_mpa` |
//! | `readings.csv` | `time,volume_m3,supply_c,return_c` of the building's meter; asked for where no `heat_gj` is given |
//! | `households.csv` | `id,area_m2,position_factor,open_h,allocator_units,heat_gj,room_temperature_c` |
//! | `radiators.csv` | `household,riser,reading,factor,temperature_difference_k` |
//! | `risers.csv` | `id,flow_m3_h,temperature_difference_k` |
//!
//! Which columns matter depends on the method. Not here: the sharing itself (`physics::metering`).

mod read;
mod report;

pub use read::{BuildingHeat, RiserDoubt, Settlement, method_named, read_folder};
pub use report::{csv, json, text};
