//! A station with the buildings behind it: one lumped building a secondary system.
//!
//! The buildings that name the consumer are added up: losses, heat capacities, windows, gains. The sum is scaled to the
//! system's design heat, so that station and buildings agree although the map may not show every house; its time
//! constant and its shares stay those of the buildings. Emitters are sized for the secondary design temperatures of the
//! station. Where no building names the consumer, its class follows from its priority. Not here: single rooms.

use std::collections::BTreeMap;

use super::{ThermalFault, building, station};
use crate::network::{Building, Consumer, Heating, Network, Secondary};
use crate::physics::building as model;
use crate::physics::station::SecondarySystem;

/// Buildings by the consumer that heats them.
#[derive(Debug)]
pub struct Served<'a> {
    buildings: BTreeMap<&'a str, Vec<&'a Building>>,
}

/// One secondary system and what it heats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServedSystem {
    pub system: SecondarySystem,
    pub building: model::Building,
    /// Internal gains of the buildings, W.
    pub internal_gain_w: f64,
}

impl<'a> Served<'a> {
    /// Sorts the buildings of a network by their consumers.
    pub fn new(network: &'a Network) -> Served<'a> {
        let mut buildings: BTreeMap<&str, Vec<&Building>> = BTreeMap::new();
        for building in network.buildings().values() {
            if let Some(consumer) = &building.consumer {
                buildings.entry(consumer).or_default().push(building);
            }
        }
        Served { buildings }
    }

    /// The systems of a consumer with their buildings, for a design outdoor temperature and the heat capacity of water.
    pub fn systems(
        &self,
        id: &str,
        consumer: &Consumer,
        design_outdoor_c: f64,
        heat_capacity_j_kgk: f64,
    ) -> Result<Vec<ServedSystem>, ThermalFault> {
        let default = Secondary::default();
        let side = consumer.secondary.as_deref().unwrap_or(&default);
        let station = station(consumer, design_outdoor_c, heat_capacity_j_kgk)?;
        let named = self.buildings.get(id).map(Vec::as_slice).unwrap_or_default();
        // Somewhere to live: the class of the consumer, of any area, since the sum is scaled anyway.
        let stand_in = Building { heated_area_m2: Some(1000.0), priority: consumer.priority, ..Building::default() };
        let stand_ins = [&stand_in];
        let named = if named.is_empty() { &stand_ins[..] } else { named };
        let lumped = Lumped::of(named, design_outdoor_c, heat_capacity_j_kgk)?;
        station
            .systems
            .into_iter()
            .map(|system| {
                let spread_k = side.secondary_supply_temperature_c - side.secondary_return_temperature_c;
                let heat_w = system.circuit.design_flow_kg_s * heat_capacity_j_kgk * spread_k;
                let (building, internal_gain_w) = lumped.scaled(heat_w, side, design_outdoor_c, heat_capacity_j_kgk)?;
                Ok(ServedSystem { system, building, internal_gain_w })
            })
            .collect()
    }
}

/// Buildings added up.
struct Lumped {
    mass: model::ThermalMass,
    solar_aperture_m2: f64,
    internal_gain_w: f64,
    emitter_structure_share: f64,
    control: model::BuildingControl,
}

impl Lumped {
    fn of(buildings: &[&Building], design_outdoor_c: f64, heat_capacity_j_kgk: f64) -> Result<Lumped, ThermalFault> {
        let mut sum: Option<Lumped> = None;
        for element in buildings {
            let one = building(element, design_outdoor_c, heat_capacity_j_kgk)?;
            let heating = element.heating.as_deref().cloned().unwrap_or_else(Heating::default);
            let gain_w = heating.internal_gain_w_m2 * element.heated_area_m2.unwrap_or(0.0);
            sum = Some(match sum {
                None => Lumped {
                    mass: one.mass,
                    solar_aperture_m2: one.solar_aperture_m2,
                    internal_gain_w: gain_w,
                    emitter_structure_share: one.emitter_structure_share,
                    control: one.control,
                },
                Some(before) => before.and(&one, gain_w),
            });
        }
        sum.ok_or_else(|| ThermalFault::new("consumer", "there is nothing to heat"))
    }

    fn and(self, other: &model::Building, gain_w: f64) -> Lumped {
        let (a, b) = (self.mass, other.mass);
        let structure = match (a.structure, b.structure) {
            (Some(x), Some(y)) => Some(model::StructureMass {
                capacity_j_k: x.capacity_j_k + y.capacity_j_k,
                coupling_w_k: x.coupling_w_k + y.coupling_w_k,
                loss_w_k: x.loss_w_k + y.loss_w_k,
            }),
            // One that keeps its structure apart and one that does not make one mass together.
            _ => None,
        };
        let whole = |mass: model::ThermalMass| {
            let apart = if structure.is_some() { None } else { mass.structure };
            let capacity_j_k = mass.capacity_j_k + apart.map_or(0.0, |structure| structure.capacity_j_k);
            (capacity_j_k, if apart.is_some() { mass.steady_loss_w_k() } else { mass.loss_w_k })
        };
        let ((capacity_a, loss_a), (capacity_b, loss_b)) = (whole(a), whole(b));
        Lumped {
            mass: model::ThermalMass {
                capacity_j_k: capacity_a + capacity_b,
                loss_w_k: loss_a + loss_b,
                wind_loss_w_k_per_m_s: a.wind_loss_w_k_per_m_s + b.wind_loss_w_k_per_m_s,
                structure,
            },
            solar_aperture_m2: self.solar_aperture_m2 + other.solar_aperture_m2,
            internal_gain_w: self.internal_gain_w + gain_w,
            emitter_structure_share: if structure.is_some() { self.emitter_structure_share } else { 0.0 },
            control: self.control,
        }
    }

    /// The lumped building with the design heat of a system, and its gains.
    fn scaled(
        &self,
        heat_w: f64,
        side: &Secondary,
        design_outdoor_c: f64,
        heat_capacity_j_kgk: f64,
    ) -> Result<(model::Building, f64), ThermalFault> {
        let room_c = side.room_temperature_c;
        let scale = heat_w / (room_c - design_outdoor_c) / self.mass.steady_loss_w_k();
        let mut mass = self.mass;
        mass.capacity_j_k *= scale;
        mass.loss_w_k *= scale;
        mass.wind_loss_w_k_per_m_s *= scale;
        if let Some(structure) = &mut mass.structure {
            structure.capacity_j_k *= scale;
            structure.coupling_w_k *= scale;
            structure.loss_w_k *= scale;
        }
        let (supply_c, return_c) = (side.secondary_supply_temperature_c, side.secondary_return_temperature_c);
        let emitter = model::Emitter::from_design(heat_w, supply_c, return_c, room_c, side.emitter_exponent)
            .ok_or_else(|| {
                ThermalFault::new("secondary.secondary_supply_temperature_c", "no emitter has these temperatures")
            })?;
        let building = model::Building {
            mass,
            emitter,
            emitter_structure_share: self.emitter_structure_share,
            design_flow_kg_s: heat_w / (heat_capacity_j_kgk * (supply_c - return_c)),
            heat_capacity_j_kgk,
            solar_aperture_m2: self.solar_aperture_m2 * scale,
            control: self.control,
        };
        Ok((building, self.internal_gain_w * scale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Demand, SecondaryZone};

    fn network(houses: &[(f64, u16, f64)]) -> Network {
        let mut network = Network::new();
        for (i, (area_m2, year, hours)) in houses.iter().enumerate() {
            let building = Building {
                consumer: Some("C1".into()),
                heated_area_m2: Some(*area_m2),
                height_m: 18.0,
                year_built: Some(*year),
                time_constant_s: Some(hours * 3600.0),
                ..Building::default()
            };
            network.insert_building(format!("B{i}"), building).unwrap();
        }
        network
    }

    fn consumer(zones: Vec<SecondaryZone>) -> Consumer {
        Consumer {
            demand: Demand::Heat { heat_w: 1e6 },
            secondary: Some(Box::new(Secondary { zones, ..Secondary::default() })),
            ..Consumer::default()
        }
    }

    #[test]
    fn buildings_are_added_and_scaled_to_the_station() {
        let network = network(&[(5000.0, 1985, 80.0), (5000.0, 1985, 120.0)]);
        let found = Served::new(&network).systems("C1", &consumer(Vec::new()), -21.1, 4187.0).unwrap();
        assert_eq!(found.len(), 1);
        let mass = found[0].building.mass;
        assert!((mass.loss_w_k - 1e6 / 39.1).abs() < 1e-6);
        assert!((mass.time_constant_s() / 3600.0 - 100.0).abs() < 1e-9);
        assert!((found[0].building.design_flow_kg_s - found[0].system.circuit.design_flow_kg_s).abs() < 1e-9);
    }

    #[test]
    fn zones_get_their_share_and_strangers_a_class() {
        let zone = |heat_share| SecondaryZone { heat_share, ..SecondaryZone::default() };
        let network = network(&[(5000.0, 1985, 80.0)]);
        let served = Served::new(&network);
        let two = served.systems("C1", &consumer(vec![zone(0.7), zone(0.3)]), -21.1, 4187.0).unwrap();
        assert!((two[0].building.mass.loss_w_k / two[1].building.mass.loss_w_k - 7.0 / 3.0).abs() < 1e-9);
        let stranger = served.systems("C9", &consumer(Vec::new()), -21.1, 4187.0).unwrap();
        assert!((stranger[0].building.mass.time_constant_s() / 3600.0 - 100.0).abs() < 1e-9);
    }
}
