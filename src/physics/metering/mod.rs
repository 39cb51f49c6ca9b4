//! Heat metering: the meter's equation, sharing a building's heat among its households, the bill, and the comparison of
//! an estate charged by heat with the same charged by area.

mod allocation;
mod estate;
mod heat_meter;
mod price;

pub use allocation::{
    Allocated, Allocation, AllocationError, BuildingDoubt, Household, HouseholdDoubt, Measured, Method, allocate,
};
pub use estate::{Estate, EstateComparison};
pub use heat_meter::{
    FlowSensor, Integrated, Reading, ReadingFault, SMALLEST_DIFFERENCE_K, STANDARD_PRESSURE_PA, heat_coefficient_j_m3k,
    heat_j, integrate,
};
pub use price::{Bill, TwoPartPrice};
