//! A plant's model from its source element.

use std::f64::consts::PI;

use super::ThermalFault;
use crate::network::{HeatPumpSource, Plant, Source, SourceKind};
use crate::physics::source::{
    BITUMINOUS_COAL, Boiler, CombinedHeatPower, Combustion, Extraction, Fuel, FuelComposition, GRID_CO2_KG_J,
    GeothermalWell, HeatPump, NATURAL_GAS, Operation, Plant as PlantModel, Prices, SolarField, SteamHeater, StoreFlows,
    StratifiedStore, Unit, WasteHeat,
};
use crate::units::KILOWATT_HOUR_J;

const GIGAJOULE_J: f64 = 1e9;
const STORE_DENSITY_KG_M3: f64 = 975.0;
const STORE_LAYERS: usize = 40;
const STORE_U_W_M2K: f64 = 0.2;
/// Wood chips: IPCC counts no CO₂ of fuel that grows again.
const BIOMASS: Fuel = Fuel { lower_heating_value_j: 12.0e6, co2_kg_j: 0.0 };

/// The model of a source; `None` where its kind makes no heat of its own (an interconnection, a bare store, unknown).
pub fn plant(source: &Source, heat_capacity_j_kgk: f64) -> Result<Option<PlantModel>, ThermalFault> {
    let default = Plant::default();
    let data = source.plant.as_deref().unwrap_or(&default);
    let capacity = || {
        let given = source.capacity_w.filter(|capacity_w| *capacity_w > 0.0);
        given.ok_or_else(|| ThermalFault::new("capacity_w", "the model needs the greatest heat output"))
    };
    let unit = match source.kind {
        SourceKind::CombinedHeatAndPower => turbine(source, data, capacity()?),
        SourceKind::CoalBoiler => Unit::Boiler {
            boiler: fired(BITUMINOUS_COAL, &FuelComposition::STEAM_COAL, 1.5, (90.0, 40.0), 0.07, capacity()?, data),
            capacity_w: capacity()?,
        },
        SourceKind::BiomassBoiler => Unit::Boiler {
            boiler: fired(BIOMASS, &FuelComposition::STEAM_COAL, 1.5, (90.0, 40.0), 0.04, capacity()?, data),
            capacity_w: capacity()?,
        },
        SourceKind::GasBoiler => Unit::Boiler {
            boiler: fired(NATURAL_GAS, &FuelComposition::METHANE, 1.15, (80.0, 30.0), 0.0, capacity()?, data),
            capacity_w: capacity()?,
        },
        SourceKind::ElectricBoiler if source.store.is_some() => Unit::ElectricStore {
            efficiency: data.efficiency.unwrap_or(0.98),
            capacity_w: capacity()?,
            charge_c: data.charge_temperature_c.unwrap_or(90.0),
            greatest_flow_kg_s: source.maximum_flow_kg_s.unwrap_or(1e6),
            heat_capacity_j_kgk,
        },
        SourceKind::ElectricBoiler => Unit::Boiler {
            boiler: Boiler::Electric { efficiency: data.efficiency.unwrap_or(0.98) },
            capacity_w: capacity()?,
        },
        SourceKind::HeatPump => {
            let mut pump = HeatPump::usual(data.heat_source, capacity()?);
            pump.lorenz_share = data.lorenz_share.unwrap_or(pump.lorenz_share);
            // Air is as cold as the weather; other sources stay as they are.
            if data.heat_source != HeatPumpSource::Air {
                pump.design_source_c = data.source_temperature_c.unwrap_or(pump.design_source_c);
            }
            pump.lowest_source_c = data.lowest_source_temperature_c.unwrap_or(pump.lowest_source_c);
            Unit::HeatPump(pump)
        }
        SourceKind::WasteHeat => Unit::WasteHeat(WasteHeat {
            flow_w_k: needed(data.source_flow_kg_s, "plant.source_flow_kg_s")? * heat_capacity_j_kgk,
            temperature_c: needed(data.source_temperature_c, "plant.source_temperature_c")?,
            approach_k: 3.0,
            lowest_c: data.lowest_source_temperature_c.unwrap_or(0.0),
        }),
        SourceKind::Geothermal => Unit::Geothermal(GeothermalWell::Doublet {
            mass_flow_kg_s: needed(data.source_flow_kg_s, "plant.source_flow_kg_s")?,
            wellhead_c: needed(data.source_temperature_c, "plant.source_temperature_c")?,
            approach_k: 3.0,
            lowest_reinjection_c: data.lowest_source_temperature_c.unwrap_or(15.0),
            heat_capacity_j_kgk,
        }),
        SourceKind::Solar => Unit::Solar(SolarField {
            area_m2: needed(Some(data.collector_area_m2).filter(|area| *area > 0.0), "plant.collector_area_m2")?,
            optical_efficiency: 0.8,
            loss_w_m2k: 3.0,
            loss_w_m2k2: 0.012,
            tilt_factor: 1.5,
        }),
        SourceKind::Interconnection | SourceKind::HeatStore | SourceKind::Other => return Ok(None),
    };
    Ok(Some(PlantModel { unit, operation: operation(source, data), prices: prices(data)? }))
}

/// The layers of a source's heat store as the file says it is now: hot from the top at what it charges to (`plant`'s charge
/// temperature, else the supply temperature), the rest at its lower temperature. It loses heat like an upright tank twice as
/// high as wide behind 0.2 W/(m² K). `None` where it has none.
pub fn store(source: &Source, heat_capacity_j_kgk: f64) -> Option<StratifiedStore> {
    let given = source.store.as_deref()?;
    let mass_kg = STORE_DENSITY_KG_M3 * given.volume_m3;
    let mut store = StratifiedStore::new(mass_kg, given.lower_temperature_c, heat_capacity_j_kgk, STORE_LAYERS)?;
    let charge_c = source.plant.as_deref().and_then(|plant| plant.charge_temperature_c);
    let rise_k = charge_c.unwrap_or(source.supply_temperature_c) - given.lower_temperature_c;
    let charge_kg = mass_kg * given.charge_share.clamp(0.0, 1.0);
    let charge_j = charge_kg * heat_capacity_j_kgk * rise_k;
    store.step(&StoreFlows { charge_kg, charge_j, ..StoreFlows::default() }, 0.0);
    // V = π/4·d²·2d; lid, bottom and wall are 5/2·π·d².
    let diameter_m = (2.0 * given.volume_m3 / PI).cbrt();
    store.loss_w_k = STORE_U_W_M2K * 2.5 * PI * diameter_m * diameter_m;
    Some(store)
}

fn needed(value: Option<f64>, field: &'static str) -> Result<f64, ThermalFault> {
    value.ok_or_else(|| ThermalFault::new(field, "the model of this kind of source needs it"))
}

fn fired(
    fuel: Fuel,
    composition: &FuelComposition,
    air_factor: f64,
    flue_approach_k: (f64, f64),
    unburnt_share: f64,
    capacity_w: f64,
    data: &Plant,
) -> Boiler {
    Boiler::Fired {
        fuel,
        combustion: Combustion::new(composition, air_factor),
        flue_approach_k,
        unburnt_share,
        standing_loss_w: 0.005 * capacity_w,
        recovery_approach_k: data.flue_recovery_approach_k,
    }
}

fn turbine(source: &Source, data: &Plant, capacity_w: f64) -> Unit {
    // Steam some way above the supply where it is not given.
    let steam_c = data.steam_temperature_c.unwrap_or(source.supply_temperature_c + 10.0);
    let turbine = match data.turbine_fuel_w {
        Some(fuel_w) => CombinedHeatPower::Extraction(Extraction {
            fuel: BITUMINOUS_COAL,
            condensing_efficiency: data.efficiency.unwrap_or(0.38),
            fuel_w,
            condenser_c: 33.0,
            quality: 0.85,
            greatest_heat_w: capacity_w,
        }),
        None => CombinedHeatPower::BackPressure {
            fuel: BITUMINOUS_COAL,
            power_to_heat: data.power_to_heat.unwrap_or(0.4),
            total_efficiency: data.efficiency.unwrap_or(0.85),
        },
    };
    // A heater that is not given is large enough for the capacity at any flow.
    let heater = SteamHeater { steam_c, ua_w_k: data.heater_ua_w_k.unwrap_or(f64::MAX) };
    Unit::CombinedHeatPower { turbine, heater, capacity_w }
}

fn operation(source: &Source, data: &Plant) -> Operation {
    Operation {
        minimum_w: source.minimum_heat_w.unwrap_or(0.0),
        ramp_up_w_s: data.ramp_up_w_s.unwrap_or(f64::INFINITY),
        ramp_down_w_s: data.ramp_down_w_s.unwrap_or(f64::INFINITY),
        start_time_s: data.start_time_s,
    }
}

fn prices(data: &Plant) -> Result<Prices, ThermalFault> {
    let mut electricity_1_j = [0.0; 24];
    match data.electricity_price_1_kwh[..] {
        [] => {}
        [one] => electricity_1_j = [one / KILOWATT_HOUR_J; 24],
        ref all if all.len() == 24 => {
            for (place, price) in electricity_1_j.iter_mut().zip(all) {
                *place = price / KILOWATT_HOUR_J;
            }
        }
        ref all => {
            let reason = format!("{} values are given; it needs 24, one or none", all.len());
            return Err(ThermalFault::new("plant.electricity_price_1_kwh", reason));
        }
    }
    Ok(Prices {
        fuel_1_j: data.fuel_price_1_gj / GIGAJOULE_J,
        electricity_1_j,
        sold_electricity_1_j: data.sold_electricity_price_1_kwh / KILOWATT_HOUR_J,
        heat_1_j: data.heat_price_1_gj / GIGAJOULE_J,
        start: data.start_cost,
        electricity_co2_kg_j: GRID_CO2_KG_J,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::source::{PlantInputs, PlantState};

    fn source(kind: SourceKind, data: Plant) -> Source {
        Source { kind, capacity_w: Some(50e6), plant: Some(Box::new(data)), ..Source::default() }
    }

    #[test]
    fn every_kind_that_makes_heat_gives_some() {
        let data = Plant {
            source_flow_kg_s: Some(100.0),
            source_temperature_c: Some(70.0),
            collector_area_m2: 1e4,
            ..Plant::default()
        };
        for kind in [
            SourceKind::CombinedHeatAndPower,
            SourceKind::CoalBoiler,
            SourceKind::GasBoiler,
            SourceKind::BiomassBoiler,
            SourceKind::ElectricBoiler,
            SourceKind::HeatPump,
            SourceKind::WasteHeat,
            SourceKind::Geothermal,
            SourceKind::Solar,
        ] {
            let model = plant(&source(kind, data.clone()), 4187.0).unwrap().unwrap();
            let at = PlantInputs {
                wanted_w: 1e6,
                charge_w: 0.0,
                return_c: 45.0,
                flow_w_k: 1e6,
                outdoor_c: -5.0,
                solar_w_m2: 600.0,
                source_c: None,
                time_s: 0.0,
            };
            let out = model.step(&mut PlantState::default(), &at, 600.0);
            assert!((out.heat_w - 1e6).abs() < 1.0, "{kind:?}: {out:?}");
        }
        assert_eq!(plant(&source(SourceKind::Interconnection, data), 4187.0), Ok(None));
    }

    #[test]
    fn what_is_missing_is_named() {
        let bare = Source { kind: SourceKind::GasBoiler, ..Source::default() };
        assert_eq!(plant(&bare, 4187.0).unwrap_err().field, "capacity_w");
        let field = |kind, data| plant(&source(kind, data), 4187.0).unwrap_err().field;
        assert_eq!(field(SourceKind::Solar, Plant::default()), "plant.collector_area_m2");
        assert_eq!(field(SourceKind::WasteHeat, Plant::default()), "plant.source_flow_kg_s");
        let prices = Plant { electricity_price_1_kwh: vec![0.5; 3], ..Plant::default() };
        assert_eq!(field(SourceKind::GasBoiler, prices), "plant.electricity_price_1_kwh");
    }
}
