//! A plant: a unit that makes heat, its operation, its prices, in time.

use super::boiler::Boiler;
use super::chp::{CombinedHeatPower, SteamHeater};
use super::fuel::{Consumption, Fuel, Prices};
use super::heat_pump::HeatPump;
use super::operation::{Operation, OperationState};
use super::renewable::{GeothermalWell, SolarField, WasteHeat};
use super::store::{StoreFlows, StratifiedStore};
use crate::physics::calendar;

/// What makes the heat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    /// 热电联产
    CombinedHeatPower {
        turbine: CombinedHeatPower,
        heater: SteamHeater,
        capacity_w: f64,
    },
    Boiler {
        boiler: Boiler,
        capacity_w: f64,
    },
    HeatPump(HeatPump),
    Solar(SolarField),
    Geothermal(GeothermalWell),
    WasteHeat(WasteHeat),
    /// 电锅炉 + 蓄热: the state holds the store.
    ElectricStore {
        efficiency: f64,
        /// Of the boiler, W of heat.
        capacity_w: f64,
        /// It charges to this, °C.
        charge_c: f64,
        /// Greatest flow of discharge, kg/s.
        greatest_flow_kg_s: f64,
        heat_capacity_j_kgk: f64,
    },
}

/// A plant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plant {
    pub unit: Unit,
    pub operation: Operation,
    pub prices: Prices,
}

/// What a plant remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlantState {
    pub operation: OperationState,
    /// Of an electric boiler with store.
    pub store: Option<StratifiedStore>,
}

/// What acts on a plant during a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlantInputs {
    /// Heat the network wants, W.
    pub wanted_w: f64,
    /// Boiler heat wanted for a store, W; only an electric boiler with store looks at it.
    pub charge_w: f64,
    /// Network water: return temperature and heat capacity flow, W/K.
    pub return_c: f64,
    pub flow_w_k: f64,
    pub outdoor_c: f64,
    pub solar_w_m2: f64,
    /// Of ground, sewage or waste for a heat pump, °C; its design value where not known.
    pub source_c: Option<f64>,
    /// Seconds as in `calendar`.
    pub time_s: f64,
}

/// What a step gave; means, and sums over the step where the name has no rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlantOutputs {
    pub heat_w: f64,
    pub supply_c: f64,
    /// What it could have given.
    pub capacity_w: f64,
    pub consumption: Consumption,
    /// Of the plant with its electricity, kg.
    pub co2_kg: f64,
    pub cost: f64,
    pub started: bool,
    /// Heat of a heat pump over its power; 0 for other units.
    pub cop: f64,
}

impl Plant {
    /// Heat it can give now, W (of a store: what its boiler and content can over the step).
    pub fn capacity_w(&self, state: &PlantState, at: &PlantInputs, seconds: f64) -> f64 {
        let mean_c = at.return_c + if at.flow_w_k > 0.0 { 0.5 * at.wanted_w / at.flow_w_k } else { 0.0 };
        match &self.unit {
            Unit::CombinedHeatPower { turbine, heater, capacity_w } => {
                let by_turbine = match turbine {
                    CombinedHeatPower::Extraction(extraction) => extraction.greatest_heat_w.min(*capacity_w),
                    CombinedHeatPower::BackPressure { .. } => *capacity_w,
                };
                by_turbine.min(heater.greatest_heat_w(at.return_c, at.flow_w_k))
            }
            Unit::Boiler { capacity_w, .. } => *capacity_w,
            Unit::HeatPump(pump) => pump.at(self.heat_source_c(pump, at), self.sink_c(at)).capacity_w,
            Unit::Solar(field) => field.heat_w(mean_c, at.outdoor_c, at.solar_w_m2),
            Unit::Geothermal(well) => well.greatest_heat_w(at.return_c, mean_c),
            Unit::WasteHeat(waste) => waste.greatest_heat_w(at.return_c),
            Unit::ElectricStore { greatest_flow_kg_s, heat_capacity_j_kgk, charge_c, .. } => {
                let Some(store) = &state.store else { return 0.0 };
                let hottest_c = if at.charge_w > 0.0 { store.top_c().max(*charge_c) } else { store.top_c() };
                let by_flow = greatest_flow_kg_s * heat_capacity_j_kgk * (hottest_c - at.return_c).max(0.0);
                let content = store.stored_j(at.return_c).max(0.0) / seconds.max(1.0) + at.charge_w.max(0.0);
                by_flow.min(content)
            }
        }
    }

    /// Water it heats gets no warmer than this at any flow, °C: the temperature of its source, or what its machine stands.
    pub fn hottest_supply_c(&self) -> f64 {
        match &self.unit {
            Unit::HeatPump(pump) => pump.highest_sink_c,
            Unit::Geothermal(GeothermalWell::Doublet { wellhead_c, approach_k, .. }) => wellhead_c - approach_k,
            Unit::Geothermal(GeothermalWell::ClosedProbe { rock_c, .. }) => *rock_c,
            Unit::WasteHeat(waste) => waste.temperature_c - waste.approach_k,
            Unit::CombinedHeatPower { heater, .. } => heater.steam_c,
            Unit::ElectricStore { charge_c, .. } => *charge_c,
            Unit::Boiler { .. } | Unit::Solar(_) => f64::INFINITY,
        }
    }

    fn heat_source_c(&self, pump: &HeatPump, at: &PlantInputs) -> f64 {
        match pump.source {
            super::HeatPumpSource::Air => at.outdoor_c,
            _ => at.source_c.unwrap_or(pump.design_source_c),
        }
    }

    /// Water through a heat pump: in and wanted out, °C.
    fn sink_c(&self, at: &PlantInputs) -> (f64, f64) {
        let rise_k = if at.flow_w_k > 0.0 { at.wanted_w.max(0.0) / at.flow_w_k } else { 0.0 };
        (at.return_c, at.return_c + rise_k)
    }

    fn fuel(&self) -> Option<&Fuel> {
        match &self.unit {
            Unit::CombinedHeatPower { turbine, .. } => Some(turbine.fuel()),
            Unit::Boiler { boiler, .. } => boiler.fuel(),
            _ => None,
        }
    }

    /// One step. A solar field, a well or waste heat follow the wish too: what they do not give is not lost, not taken.
    pub fn step(&self, state: &mut PlantState, at: &PlantInputs, seconds: f64) -> PlantOutputs {
        let capacity_w = self.capacity_w(state, at, seconds);
        let run = self.operation.step(&mut state.operation, at.wanted_w, capacity_w, seconds);
        let mut heat_w = run.mean_heat_w;
        let mut cop = 0.0;
        let mut used = Consumption::default();
        match &self.unit {
            Unit::CombinedHeatPower { turbine, heater, .. } => {
                // While it stands it burns nothing.
                let full = turbine
                    .heat(if run.running_share > 0.0 { heat_w / run.running_share } else { 0.0 }, heater.steam_c);
                used.fuel_w = full.fuel_w * run.running_share;
                used.sold_electricity_w = full.sold_electricity_w * run.running_share;
            }
            Unit::Boiler { boiler, capacity_w } => {
                let burnt = boiler.heat(heat_w, heat_w / capacity_w.max(1.0), at.return_c);
                (used.fuel_w, used.electricity_w) = (burnt.fuel_w, burnt.electricity_w);
            }
            Unit::HeatPump(pump) => {
                cop = pump.at(self.heat_source_c(pump, at), self.sink_c(&PlantInputs { wanted_w: heat_w, ..*at })).cop;
                used.electricity_w = heat_w / cop;
            }
            Unit::WasteHeat(_) => used.bought_heat_w = heat_w,
            Unit::Solar(_) | Unit::Geothermal(_) => {}
            Unit::ElectricStore {
                efficiency,
                capacity_w: boiler_w,
                charge_c,
                greatest_flow_kg_s,
                heat_capacity_j_kgk,
            } => {
                heat_w = 0.0;
                if let Some(store) = &mut state.store {
                    let cp = *heat_capacity_j_kgk;
                    // Charging: as much water as reaches the charge temperature; none where the bottom is hot already.
                    let rise_k = charge_c - store.bottom_c();
                    let charge_w = if rise_k > 1.0 { at.charge_w.clamp(0.0, *boiler_w) } else { 0.0 };
                    let charge_kg = if charge_w > 0.0 { charge_w * seconds / (cp * rise_k) } else { 0.0 };
                    let charge_kg = charge_kg.min(store.mass_kg());
                    let charge_j = (charge_w * seconds).min(charge_kg * cp * rise_k);
                    let top_c = if charge_kg > 0.0 { store.top_c().max(*charge_c) } else { store.top_c() };
                    let fall_k = top_c - at.return_c;
                    let wanted_kg = if fall_k > 0.1 { run.mean_heat_w * seconds / (cp * fall_k) } else { 0.0 };
                    let discharge_kg = wanted_kg.min(greatest_flow_kg_s * seconds).min(store.mass_kg());
                    let flows = StoreFlows {
                        charge_kg,
                        charge_j,
                        discharge_kg,
                        return_c: at.return_c,
                        ambient_c: at.outdoor_c,
                    };
                    let out = store.step(&flows, seconds);
                    if seconds > 0.0 {
                        heat_w = out.discharged_j / seconds;
                        used.electricity_w = charge_j / seconds / efficiency.max(1e-3);
                    }
                }
            }
        }
        let hour = calendar::hour_of_day(at.time_s);
        PlantOutputs {
            heat_w,
            supply_c: at.return_c + if at.flow_w_k > 0.0 { heat_w / at.flow_w_k } else { 0.0 },
            capacity_w,
            consumption: used,
            co2_kg: used.co2_kg_s(self.fuel(), &self.prices) * seconds,
            cost: used.cost_1_s(&self.prices, hour) * seconds + if run.started { self.prices.start } else { 0.0 },
            started: run.started,
            cop,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::source::{
        BITUMINOUS_COAL, Combustion, Extraction, FuelComposition, HeatPumpSource, NATURAL_GAS,
    };

    fn inputs(wanted_w: f64) -> PlantInputs {
        PlantInputs {
            wanted_w,
            charge_w: 0.0,
            return_c: 45.0,
            flow_w_k: 1e6,
            outdoor_c: -10.0,
            solar_w_m2: 0.0,
            source_c: None,
            time_s: 22.5 * 3600.0,
        }
    }

    fn plant(unit: Unit) -> Plant {
        Plant { unit, operation: Operation::FREE, prices: Prices::default() }
    }

    #[test]
    fn gas_boiler_with_price_and_emission() {
        let boiler = Boiler::Fired {
            fuel: NATURAL_GAS,
            combustion: Combustion::new(&FuelComposition::METHANE, 1.15),
            flue_approach_k: (80.0, 30.0),
            unburnt_share: 0.0,
            standing_loss_w: 0.0,
            recovery_approach_k: None,
        };
        let mut plant = plant(Unit::Boiler { boiler, capacity_w: 14e6 });
        plant.prices.fuel_1_j = 3.0 / 35.6e6;
        plant.prices.start = 500.0;
        let mut state = PlantState::default();
        let out = plant.step(&mut state, &inputs(10e6), 3600.0);
        assert!((out.heat_w - 10e6).abs() < 1e-6 && (out.supply_c - 55.0).abs() < 1e-9 && out.started);
        let fuel_j = out.consumption.fuel_w * 3600.0;
        assert!((out.cost - 500.0 - fuel_j / 35.6e6 * 3.0).abs() < 1e-6);
        assert!((out.co2_kg - fuel_j * 56.1e-9).abs() < 1e-6);
        assert_eq!(plant.step(&mut state, &inputs(20e6), 60.0).heat_w, 14e6);
    }

    #[test]
    fn extraction_turbine_is_limited_by_its_heater() {
        let turbine = CombinedHeatPower::Extraction(Extraction {
            fuel: BITUMINOUS_COAL,
            condensing_efficiency: 0.38,
            fuel_w: 800e6,
            condenser_c: 33.0,
            quality: 0.85,
            greatest_heat_w: 350e6,
        });
        let heater = SteamHeater { steam_c: 133.0, ua_w_k: 2e6 };
        let plant = plant(Unit::CombinedHeatPower { turbine, heater, capacity_w: 400e6 });
        let out = plant.step(&mut PlantState::default(), &inputs(1e9), 3600.0);
        // 1 MW/K from 45 °C, ε = 1 − e^(−2).
        assert!((out.heat_w - 1e6 * 88.0 * (1.0 - (-2.0_f64).exp())).abs() < 1.0, "{out:?}");
        assert!(out.consumption.sold_electricity_w < 0.38 * 800e6 && out.consumption.fuel_w == 800e6);
    }

    #[test]
    fn air_heat_pump_uses_the_weather() {
        let plant = plant(Unit::HeatPump(HeatPump::usual(HeatPumpSource::Air, 1e6)));
        let warm = plant.step(&mut PlantState::default(), &PlantInputs { flow_w_k: 1e5, ..inputs(8e5) }, 600.0);
        let cold = plant.step(
            &mut PlantState::default(),
            &PlantInputs { outdoor_c: -22.0, flow_w_k: 1e5, ..inputs(8e5) },
            600.0,
        );
        assert!(warm.cop > cold.cop && cold.cop > 1.3, "{warm:?} {cold:?}");
        assert!((warm.consumption.electricity_w * warm.cop - 8e5).abs() < 1e-6);
    }

    #[test]
    fn night_charge_feeds_the_day_and_the_energy_closes() {
        let cp = 4190.0;
        let plant = plant(Unit::ElectricStore {
            efficiency: 0.98,
            capacity_w: 6e6,
            charge_c: 90.0,
            greatest_flow_kg_s: 60.0,
            heat_capacity_j_kgk: cp,
        });
        let mut store = StratifiedStore::new(800_000.0, 45.0, cp, 30).unwrap();
        store.loss_w_k = 500.0;
        let mut state = PlantState { store: Some(store), ..PlantState::default() };
        let before = state.store.as_ref().unwrap().stored_j(-10.0);
        let (mut electricity_j, mut heat_j) = (0.0, 0.0);
        for hour in 0..24 {
            let night = hour < 8;
            let at = PlantInputs { charge_w: if night { 6e6 } else { 0.0 }, ..inputs(if night { 0.0 } else { 2e6 }) };
            let out = plant.step(&mut state, &at, 3600.0);
            electricity_j += out.consumption.electricity_w * 3600.0;
            heat_j += out.heat_w * 3600.0;
        }
        assert!((electricity_j * 0.98 / (8.0 * 3600.0 * 6e6) - 1.0).abs() < 0.15, "{electricity_j}");
        assert!((heat_j / (16.0 * 3600.0 * 2e6) - 1.0).abs() < 0.02, "{heat_j}");
        let after = state.store.as_ref().unwrap().stored_j(-10.0);
        let lost = electricity_j * 0.98 - heat_j - (after - before);
        // A day of about 100 K above outdoors at 500 W/K.
        assert!((0.3..1.5).contains(&(lost / (500.0 * 75.0 * 86_400.0))), "{lost}");
    }

    #[test]
    fn a_full_store_takes_no_more() {
        let plant = plant(Unit::ElectricStore {
            efficiency: 0.98,
            capacity_w: 6e6,
            charge_c: 90.0,
            greatest_flow_kg_s: 60.0,
            heat_capacity_j_kgk: 4190.0,
        });
        let mut state = PlantState { store: StratifiedStore::new(1e5, 89.5, 4190.0, 10), ..PlantState::default() };
        let out = plant.step(&mut state, &PlantInputs { charge_w: 6e6, ..inputs(0.0) }, 3600.0);
        assert_eq!(out.consumption.electricity_w, 0.0);
    }

    #[test]
    fn what_nature_offers_is_the_limit() {
        let well = GeothermalWell::Doublet {
            mass_flow_kg_s: 30.0,
            wellhead_c: 75.0,
            approach_k: 3.0,
            lowest_reinjection_c: 20.0,
            heat_capacity_j_kgk: 4190.0,
        };
        let out = plant(Unit::Geothermal(well)).step(&mut PlantState::default(), &inputs(1e9), 60.0);
        assert!((out.heat_w - 30.0 * 4190.0 * 27.0).abs() < 1e-6);
        let waste = WasteHeat { flow_w_k: 1e5, temperature_c: 80.0, approach_k: 3.0, lowest_c: 20.0 };
        let mut bought = plant(Unit::WasteHeat(waste));
        bought.prices.heat_1_j = 2e-8;
        let out = bought.step(&mut PlantState::default(), &inputs(1e6), 1000.0);
        assert!((out.cost - 20.0).abs() < 1e-9);
    }
}
