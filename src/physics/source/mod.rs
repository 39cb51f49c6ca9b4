//! Sources of heat in time: what they can give now, what they burn for it, what it emits and costs.
//!
//! [`Plant`] joins a unit ([`Unit`]: combined heat and power, boiler, heat pump, solar field, well, waste heat,
//! electric boiler with store) with its [`Operation`] (start, ramps, minimum load) and [`Prices`]; one state,
//! `step(inputs, seconds) -> outputs`. Not here: which of several plants runs (dispatch) and the pumps.

mod boiler;
mod chp;
mod flue_gas;
mod fuel;
mod heat_pump;
mod operation;
mod plant;
mod renewable;
mod store;

pub use boiler::{Boiler, BoilerHeat};
pub use chp::{CombinedHeatPower, Extraction, SteamHeater};
pub use flue_gas::{Combustion, FuelComposition};
pub use fuel::{
    BITUMINOUS_COAL, Consumption, Fuel, GRID_CO2_KG_J, NATURAL_GAS, Prices, STANDARD_COAL_J_KG, standard_coal_kg,
};
pub use heat_pump::{HeatPump, HeatPumpHeat, HeatPumpSource, log_mean_kelvin, lorenz_cop};
pub use operation::{Operation, OperationState, OperationStep};
pub use plant::{Plant, PlantInputs, PlantOutputs, PlantState, Unit};
pub use renewable::{GeothermalWell, SolarField, WasteHeat};
pub use store::{Layer, StoreFlows, StoreStep, StratifiedStore};
