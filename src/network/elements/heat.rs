//! What heat in time needs to know of consumers, buildings and sources. All of it is rare and optional; what is not
//! given follows from class, kind and design heat (`network::thermal`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{is_default, is_zero};
pub use crate::physics::building::{BuildingUsage, EmitterKind, EntranceQuantity};
pub use crate::physics::source::HeatPumpSource;
pub use crate::physics::station::HeldTemperature;

/// Secondary side of a substation: its design, set-point and control.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Secondary {
    /// At the design outdoor temperature.
    pub secondary_supply_temperature_c: f64,
    pub secondary_return_temperature_c: f64,
    /// Room temperature the heating curve is drawn for.
    pub room_temperature_c: f64,
    /// Exponent b of the emitters: 0.3 radiators, 0.1 floors.
    pub emitter_exponent: f64,
    pub held: HeldTemperature,
    /// Correction by hour of the day, K: 24 values or none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hour_shift_k: Vec<f64>,
    /// Correction by weekday from Monday on, K: 7 values or none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weekday_shift_k: Vec<f64>,
    /// Time constant of the outdoor temperature the controller goes by.
    #[serde(skip_serializing_if = "is_zero")]
    pub outdoor_filter_s: f64,
    /// Primary supply temperature the exchanger is designed for.
    pub primary_supply_temperature_c: f64,
    /// Primary above secondary return at design, K. With an absorption exchanger: behind its plate.
    pub approach_k: f64,
    /// Primary return an absorption exchanger or a booster heat pump is designed for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_return_temperature_c: Option<f64>,
    /// Thermal resistance of deposits on the plates, K/W.
    #[serde(skip_serializing_if = "is_zero")]
    pub fouling_k_w: f64,
    /// Control valve from closed to open.
    pub travel_time_s: f64,
    /// Water in the secondary network; else by its heat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub water_kg: Option<f64>,
    /// Rise of the circulation pump at design flow.
    pub pump_rise_pa: f64,
    pub pump_efficiency: f64,
    /// Water lost and made up, share of the circulation.
    #[serde(skip_serializing_if = "is_zero")]
    pub make_up_share: f64,
    /// Heat of a booster heat pump, or of an electric boiler behind a plate exchanger.
    #[serde(skip_serializing_if = "is_zero")]
    pub booster_heat_w: f64,
    /// Systems of their own on this station (低区, 中区, 高区); none: one for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<SecondaryZone>,
}

/// One of several secondary systems.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SecondaryZone {
    pub name: String,
    /// Share of the station's heat; all zones together 1.
    pub heat_share: f64,
    /// Added to the set-point, K.
    #[serde(skip_serializing_if = "is_zero")]
    pub shift_k: f64,
}

impl Default for Secondary {
    fn default() -> Self {
        Secondary {
            secondary_supply_temperature_c: 75.0,
            secondary_return_temperature_c: 50.0,
            room_temperature_c: 18.0,
            emitter_exponent: 0.3,
            held: HeldTemperature::Supply,
            hour_shift_k: Vec::new(),
            weekday_shift_k: Vec::new(),
            outdoor_filter_s: 0.0,
            primary_supply_temperature_c: 110.0,
            approach_k: 5.0,
            primary_return_temperature_c: None,
            fouling_k_w: 0.0,
            travel_time_s: 120.0,
            water_kg: None,
            pump_rise_pa: 200_000.0,
            pump_efficiency: 0.65,
            make_up_share: 0.0,
            booster_heat_w: 0.0,
            zones: Vec::new(),
        }
    }
}

/// How a building takes heat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Heating {
    /// `None`: by its priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<BuildingUsage>,
    pub emitter: EmitterKind,
    /// Heat index (热指标) at the design outdoor temperature; else by class, year and height.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heat_index_w_m2: Option<f64>,
    pub room_temperature_c: f64,
    /// Share of the heat capacity that follows the room at once; the rest is the structure, a mass of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_capacity_share: Option<f64>,
    /// Window area times transmittance for radiation on the horizontal.
    #[serde(skip_serializing_if = "is_zero")]
    pub solar_aperture_m2: f64,
    /// People and appliances beyond what the heat index contains.
    #[serde(skip_serializing_if = "is_zero")]
    pub internal_gain_w_m2: f64,
    /// Loss more for each m/s of wind, share of the loss.
    #[serde(skip_serializing_if = "is_zero")]
    pub wind_share_s_m: f64,
    /// Thermostatic valves: the room temperature they are set to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thermostat_temperature_c: Option<f64>,
    /// Controller at the entrance: what it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrance: Option<EntranceQuantity>,
}

impl Default for Heating {
    fn default() -> Self {
        Heating {
            usage: None,
            emitter: EmitterKind::Radiator,
            heat_index_w_m2: None,
            room_temperature_c: 18.0,
            room_capacity_share: None,
            solar_aperture_m2: 0.0,
            internal_gain_w_m2: 0.0,
            wind_share_s_m: 0.0,
            thermostat_temperature_c: None,
            entrance: None,
        }
    }
}

/// How a plant runs, what it burns and costs. Money in any one currency.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Plant {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ramp_up_w_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ramp_down_w_s: Option<f64>,
    #[serde(skip_serializing_if = "is_zero")]
    pub start_time_s: f64,
    /// Electric boilers: heat over power. Turbines: heat and power over fuel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub efficiency: Option<f64>,
    /// Back-pressure turbine: power over heat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_to_heat: Option<f64>,
    /// Extraction turbine: fuel it runs on; makes it one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turbine_fuel_w: Option<f64>,
    /// Steam in the heater of the first station (首站).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steam_temperature_c: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heater_ua_w_k: Option<f64>,
    /// Flue gas is cooled to this above the return, K.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flue_recovery_approach_k: Option<f64>,
    #[serde(skip_serializing_if = "is_default")]
    pub heat_source: HeatPumpSource,
    /// Of a well, waste heat, or a heat pump that does not take air.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_temperature_c: Option<f64>,
    /// Of a well or waste heat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_flow_kg_s: Option<f64>,
    /// Source water is not cooled below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lowest_source_temperature_c: Option<f64>,
    /// COP over that of Lorenz's cycle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lorenz_share: Option<f64>,
    #[serde(skip_serializing_if = "is_zero")]
    pub collector_area_m2: f64,
    /// An electric boiler with store charges to this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge_temperature_c: Option<f64>,
    /// Per GJ of lower heating value.
    #[serde(skip_serializing_if = "is_zero")]
    pub fuel_price_1_gj: f64,
    /// Per kWh bought: 24 values by hour, one for all, or none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub electricity_price_1_kwh: Vec<f64>,
    #[serde(skip_serializing_if = "is_zero")]
    pub sold_electricity_price_1_kwh: f64,
    /// Per GJ of heat bought.
    #[serde(skip_serializing_if = "is_zero")]
    pub heat_price_1_gj: f64,
    #[serde(skip_serializing_if = "is_zero")]
    pub start_cost: f64,
}
