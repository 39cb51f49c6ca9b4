//! A building's model from its element.

use super::ThermalFault;
use crate::network::{Building, BuildingUsage, EmitterKind, Heating, Priority};
use crate::physics::building as model;

/// Storey height where only storeys are known, m.
const STOREY_M: f64 = 3.0;
/// Thermostatic valves close over this, K (EN 215).
const THERMOSTAT_BAND_K: f64 = 2.0;
/// A controller at the entrance: integral time, s, and smallest opening.
const ENTRANCE_INTEGRAL_S: f64 = 3600.0;
const ENTRANCE_BAND_K: f64 = 20.0;
const ENTRANCE_SMALLEST_SHARE: f64 = 0.1;
/// Coupling of the structure to the room over the building's loss: inner surfaces are many times the envelope's U·A.
const STRUCTURE_COUPLING: f64 = 8.0;
/// Of the loss, what goes through windows and air exchange, straight from the room.
const ROOM_LOSS_SHARE: f64 = 0.6;

/// As given, else what the priority suggests.
fn usage(building: &Building, heating: &Heating) -> BuildingUsage {
    heating.usage.unwrap_or(match building.priority {
        Priority::Hospital | Priority::Care => BuildingUsage::HospitalNursery,
        Priority::School | Priority::Public => BuildingUsage::SchoolOffice,
        Priority::Commercial => BuildingUsage::Shop,
        Priority::Residential | Priority::Industrial => BuildingUsage::Residential,
    })
}

/// Heated floor area: as given, else outline × storeys.
pub fn area_m2(building: &Building) -> f64 {
    building.heated_area_m2.unwrap_or_else(|| {
        let points = &building.footprint_m;
        let twice: f64 = points.iter().zip(points.iter().cycle().skip(1)).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum();
        let storeys = building.storeys.map_or((building.height_m / STOREY_M).round().max(1.0), f64::from);
        0.5 * twice.abs() * storeys
    })
}

/// The model of a building for a design outdoor temperature and the heat capacity of its water.
pub fn building(
    building: &Building,
    design_outdoor_c: f64,
    heat_capacity_j_kgk: f64,
) -> Result<model::Building, ThermalFault> {
    let default = Heating::default();
    let heating = building.heating.as_deref().unwrap_or(&default);
    let area_m2 = area_m2(building);
    if !(area_m2 > 0.0 && area_m2.is_finite()) {
        return Err(ThermalFault::new("heated_area_m2", "neither area nor outline gives a heated area above zero"));
    }
    if heating.room_temperature_c <= design_outdoor_c {
        return Err(ThermalFault::new(
            "heating.room_temperature_c",
            format!(
                "{} °C is not above the design outdoor temperature of {design_outdoor_c} °C",
                heating.room_temperature_c
            ),
        ));
    }
    let mut class = model::class_of(usage(building, heating), building.year_built);
    if let Some(index) = heating.heat_index_w_m2 {
        class.heat_index_w_m2 = (index, index);
    }
    if let Some(seconds) = building.time_constant_s {
        class.time_constant_h = seconds / 3600.0;
    }
    let height_m = if building.height_m > 0.0 {
        building.height_m
    } else {
        building.storeys.map_or(0.0, |n| STOREY_M * f64::from(n))
    };
    let mut out = class
        .building(area_m2, height_m, heating.emitter, heating.room_temperature_c, design_outdoor_c, heat_capacity_j_kgk)
        .ok_or_else(|| {
            ThermalFault::new("heating.heat_index_w_m2", "the heat index or the time constant is not above zero")
        })?;
    let loss_w_k = out.mass.loss_w_k;
    let capacity_j_k = out.mass.capacity_j_k;
    out.mass.wind_loss_w_k_per_m_s = heating.wind_share_s_m * loss_w_k;
    if let Some(share) = heating.room_capacity_share.filter(|share| *share < 1.0) {
        // The structure's own way out in series with its coupling makes up the rest of the loss.
        let coupling_w_k = STRUCTURE_COUPLING * loss_w_k;
        let through_w_k = (1.0 - ROOM_LOSS_SHARE) * loss_w_k;
        out.mass.loss_w_k = ROOM_LOSS_SHARE * loss_w_k;
        out.mass.capacity_j_k = share * capacity_j_k;
        out.mass.structure = Some(model::StructureMass {
            capacity_j_k: (1.0 - share) * capacity_j_k,
            coupling_w_k,
            loss_w_k: coupling_w_k * through_w_k / (coupling_w_k - through_w_k),
        });
        out.emitter_structure_share = if heating.emitter == EmitterKind::Floor { 1.0 } else { 0.0 };
    }
    out.solar_aperture_m2 = heating.solar_aperture_m2;
    out.control = match (heating.entrance, heating.thermostat_temperature_c) {
        (Some(quantity), _) => model::BuildingControl::Entrance(model::EntranceControl {
            quantity,
            band_k: ENTRANCE_BAND_K,
            integral_time_s: ENTRANCE_INTEGRAL_S,
            smallest_share: ENTRANCE_SMALLEST_SHARE,
        }),
        (None, Some(set_c)) => {
            model::BuildingControl::Thermostat(model::Thermostat { set_c, band_k: THERMOSTAT_BAND_K })
        }
        (None, None) => model::BuildingControl::None,
    };
    if out.is_valid() {
        Ok(out)
    } else {
        Err(ThermalFault::new(
            "heating.room_capacity_share",
            "it leaves the room or the structure without heat capacity",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house() -> Building {
        Building {
            footprint_m: vec![[0.0, 0.0], [50.0, 0.0], [50.0, 12.0], [0.0, 12.0]],
            height_m: 18.0,
            storeys: Some(6),
            year_built: Some(1985),
            ..Building::default()
        }
    }

    #[test]
    fn class_area_and_index_make_the_loss() {
        let found = building(&house(), -21.1, 4187.0).unwrap();
        // 600 m² × 6; 18 m lies 9/21 of the way from 64 down to 58 W/m²; 5 % of it is the network's.
        let index = 64.0 - 9.0 / 21.0 * 6.0;
        assert!((found.mass.loss_w_k - index * 3600.0 / 1.05 / 39.1).abs() < 1e-9);
        assert!((found.mass.time_constant_s() / 3600.0 - 100.0).abs() < 1e-9);
    }

    #[test]
    fn a_structure_of_its_own_keeps_the_loss_in_the_long_run() {
        let one = building(&house(), -21.1, 4187.0).unwrap();
        let mut heavy = house();
        heavy.heating = Some(Box::new(Heating { room_capacity_share: Some(0.1), ..Heating::default() }));
        let two = building(&heavy, -21.1, 4187.0).unwrap();
        assert!((two.mass.steady_loss_w_k() / one.mass.loss_w_k - 1.0).abs() < 1e-12);
        let stored = two.mass.capacity_j_k + two.mass.structure.unwrap().capacity_j_k;
        assert!((stored / one.mass.capacity_j_k - 1.0).abs() < 1e-12);
    }

    #[test]
    fn own_values_win_and_contradictions_are_named() {
        let mut own = house();
        own.time_constant_s = Some(180_000.0);
        own.heated_area_m2 = Some(1000.0);
        own.heating = Some(Box::new(Heating {
            heat_index_w_m2: Some(50.0),
            thermostat_temperature_c: Some(20.0),
            ..Heating::default()
        }));
        let found = building(&own, -21.1, 4187.0).unwrap();
        assert!((found.mass.loss_w_k - 50_000.0 / 1.05 / 39.1).abs() < 1e-9);
        assert!((found.mass.time_constant_s() - 180_000.0).abs() < 1e-6);
        assert!(matches!(found.control, model::BuildingControl::Thermostat(valve) if valve.set_c == 20.0));
        assert_eq!(building(&Building::default(), -9.0, 4187.0).unwrap_err().field, "heated_area_m2");
        assert_eq!(building(&house(), 25.0, 4187.0).unwrap_err().field, "heating.room_temperature_c");
    }
}
