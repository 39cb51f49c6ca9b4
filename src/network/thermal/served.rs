//! A station with the buildings behind it, system by system.
//!
//! The buildings that name the consumer are scaled together to the system's design heat, so that station and buildings
//! agree although the map may not show every house; each keeps its own share, time constant, gains and control. Emitters
//! are sized for the secondary design temperatures of the station. With several systems (低区, 中区, 高区) every building
//! takes its share of each. Where no building names the consumer, one of the class of its priority stands in. Not here:
//! single flats.

use std::collections::BTreeMap;

use super::building::area_m2;
use super::{ThermalFault, building, secondary_side, station};
use crate::network::{Building, Consumer, EmitterKind, Heating, Name, Network, Secondary};
use crate::physics::building as model;
use crate::physics::station::SecondarySystem;

/// Room temperature of the design where no building says another (GB/T 33833), °C.
const ROOM_C: f64 = 18.0;

/// Buildings by the consumer that heats them.
#[derive(Debug)]
pub struct Served<'a> {
    buildings: BTreeMap<&'a str, Vec<(&'a Name, &'a Building)>>,
}

/// One secondary system and what it heats.
#[derive(Clone, Debug, PartialEq)]
pub struct ServedSystem {
    pub system: SecondarySystem,
    pub buildings: Vec<ServedBuilding>,
}

/// A building on a system, with the share of it that the system heats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServedBuilding {
    pub building: model::Building,
    /// People and appliances beyond what the heat index contains, W.
    pub internal_gain_w: f64,
}

impl<'a> Served<'a> {
    /// Sorts the buildings of a network by their consumers.
    pub fn new(network: &'a Network) -> Served<'a> {
        let mut buildings: BTreeMap<&str, Vec<(&Name, &Building)>> = BTreeMap::new();
        for (id, building) in network.buildings() {
            if let Some(consumer) = &building.consumer {
                buildings.entry(consumer).or_default().push((id, building));
            }
        }
        Served { buildings }
    }

    /// The buildings of a consumer, in the order of [`ServedSystem::buildings`]; none where one stands in.
    pub fn building_ids(&self, consumer: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let named: Vec<(&'a Name, &'a Building)> = self.buildings.get(consumer).cloned().unwrap_or_default();
        named.into_iter().map(|(id, _)| id.as_ref())
    }

    /// The secondary side of a consumer as [`Served::systems`] takes it: given, or what stands in for it.
    pub fn side(
        &self,
        id: &str,
        consumer: &Consumer,
        primary_supply_c: f64,
        design_outdoor_c: f64,
        heat_capacity_j_kgk: f64,
    ) -> Result<Secondary, ThermalFault> {
        let houses = self.houses(id, consumer, design_outdoor_c, heat_capacity_j_kgk)?;
        Ok(Served::side_of(&houses, consumer, primary_supply_c))
    }

    fn side_of(houses: &[House], consumer: &Consumer, primary_supply_c: f64) -> Secondary {
        let floors = houses.iter().all(|house| house.floor);
        let room_c = houses.iter().map(|house| house.room_c).fold(f64::NEG_INFINITY, f64::max);
        secondary_side(consumer, primary_supply_c, floors, room_c)
    }

    fn houses(
        &self,
        id: &str,
        consumer: &Consumer,
        design_outdoor_c: f64,
        heat_capacity_j_kgk: f64,
    ) -> Result<Vec<House>, ThermalFault> {
        // Somewhere to live: the class of the consumer, of any area, since the sum is scaled anyway.
        let stand_in = Building { heated_area_m2: Some(1000.0), priority: consumer.priority, ..Building::default() };
        let named: Vec<&Building> =
            self.buildings.get(id).into_iter().flatten().map(|(_, building)| *building).collect();
        let named = if named.is_empty() { vec![&stand_in] } else { named };
        named.iter().map(|element| House::of(element, design_outdoor_c, heat_capacity_j_kgk)).collect()
    }

    /// The systems of a consumer with their buildings, for the network's primary supply temperature, a design outdoor
    /// temperature and the heat capacity of water.
    pub fn systems(
        &self,
        id: &str,
        consumer: &Consumer,
        primary_supply_c: f64,
        design_outdoor_c: f64,
        heat_capacity_j_kgk: f64,
    ) -> Result<Vec<ServedSystem>, ThermalFault> {
        let houses = self.houses(id, consumer, design_outdoor_c, heat_capacity_j_kgk)?;
        let side = Served::side_of(&houses, consumer, primary_supply_c);
        let station = station(consumer, &side, design_outdoor_c, heat_capacity_j_kgk)?;
        let whole_w_k: f64 = houses.iter().map(|house| house.model.mass.steady_loss_w_k()).sum();
        let spread_k = side.secondary_supply_temperature_c - side.secondary_return_temperature_c;
        let system = |system: SecondarySystem| {
            let heat_w = system.circuit.design_flow_kg_s * heat_capacity_j_kgk * spread_k;
            let scale = heat_w / (side.room_temperature_c - design_outdoor_c) / whole_w_k;
            let buildings = houses
                .iter()
                .map(|house| house.scaled(scale, &side, design_outdoor_c, heat_capacity_j_kgk))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(ServedSystem { system, buildings })
        };
        station.systems.into_iter().map(system).collect()
    }
}

/// A building before it is scaled to its station.
struct House {
    model: model::Building,
    internal_gain_w: f64,
    room_c: f64,
    floor: bool,
}

impl House {
    fn of(element: &Building, design_outdoor_c: f64, heat_capacity_j_kgk: f64) -> Result<House, ThermalFault> {
        let model = building(element, design_outdoor_c, heat_capacity_j_kgk)?;
        let default = Heating { room_temperature_c: ROOM_C, ..Heating::default() };
        let heating = element.heating.as_deref().unwrap_or(&default);
        Ok(House {
            model,
            internal_gain_w: heating.internal_gain_w_m2 * area_m2(element),
            room_c: heating.room_temperature_c,
            floor: heating.emitter == EmitterKind::Floor,
        })
    }

    fn scaled(
        &self,
        scale: f64,
        side: &Secondary,
        design_outdoor_c: f64,
        heat_capacity_j_kgk: f64,
    ) -> Result<ServedBuilding, ThermalFault> {
        let mut building = self.model.times(scale);
        let room_c = side.room_temperature_c;
        let heat_w = building.mass.steady_loss_w_k() * (room_c - design_outdoor_c);
        let (supply_c, return_c) = (side.secondary_supply_temperature_c, side.secondary_return_temperature_c);
        building.emitter = model::Emitter::from_design(heat_w, supply_c, return_c, room_c, side.emitter_exponent)
            .ok_or_else(|| {
                ThermalFault::new("secondary.secondary_supply_temperature_c", "no emitter has these temperatures")
            })?;
        building.design_flow_kg_s = heat_w / (heat_capacity_j_kgk * (supply_c - return_c));
        Ok(ServedBuilding { building, internal_gain_w: self.internal_gain_w * scale })
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
        let found = Served::new(&network).systems("C1", &consumer(Vec::new()), 110.0, -21.1, 4187.0).unwrap();
        assert_eq!(found.len(), 1);
        let (one, two) = (found[0].buildings[0].building, found[0].buildings[1].building);
        assert!((one.mass.loss_w_k + two.mass.loss_w_k - 1e6 / 39.1).abs() < 1e-6);
        assert!((one.mass.time_constant_s() / 3600.0 - 80.0).abs() < 1e-9);
        assert!((two.mass.time_constant_s() / 3600.0 - 120.0).abs() < 1e-9);
        let flow = one.design_flow_kg_s + two.design_flow_kg_s;
        assert!((flow - found[0].system.circuit.design_flow_kg_s).abs() < 1e-9);
        assert_eq!(Served::new(&network).building_ids("C1").collect::<Vec<_>>(), ["B0", "B1"]);
    }

    #[test]
    fn zones_get_their_share_and_strangers_a_class() {
        let zone = |heat_share| SecondaryZone { heat_share, ..SecondaryZone::default() };
        let network = network(&[(5000.0, 1985, 80.0)]);
        let served = Served::new(&network);
        let two = served.systems("C1", &consumer(vec![zone(0.7), zone(0.3)]), 110.0, -21.1, 4187.0).unwrap();
        assert!(
            (two[0].buildings[0].building.mass.loss_w_k / two[1].buildings[0].building.mass.loss_w_k - 7.0 / 3.0).abs()
                < 1e-9
        );
        let stranger = served.systems("C9", &consumer(Vec::new()), 110.0, -21.1, 4187.0).unwrap();
        assert!((stranger[0].buildings[0].building.mass.time_constant_s() / 3600.0 - 100.0).abs() < 1e-9);
    }
}
