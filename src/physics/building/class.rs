//! What is assumed of a building of which only use, year, height and area are known.
//!
//! Heat indices (采暖热指标, W/m² of floor area at the design outdoor temperature, without / with energy-saving
//! measures) are the recommended ranges of CJJ 34 table 3.1.2; a low building takes the upper end, a high one the
//! lower, because it has less roof and ground per floor. The indices include about 5 % network loss, which is taken off
//! for the building's own loss. Time constants are those of measured cool-downs (50 h light, 100 h brick, 190 h heavy).
//! From the general literature, to be checked against the printed standard before somebody relies on a single figure;
//! a city's own values replace them. Internal gains are already off the indices.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::emitter::Emitter;
use super::model::{Building, BuildingControl};
use super::thermal_mass::ThermalMass;

/// What a building is used for, as heat indices tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BuildingUsage {
    // 住宅
    Residential,
    // 居住区综合
    ResidentialMixed,
    // 学校、办公
    SchoolOffice,
    // 医院、托幼
    HospitalNursery,
    // 旅馆
    Hotel,
    // 商店
    Shop,
    // 食堂、餐厅
    Canteen,
    // 影剧院、展览馆
    TheatreExhibition,
    // 大礼堂、体育馆
    HallGymnasium,
}

/// What gives off the heat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EmitterKind {
    #[default]
    Radiator,
    Floor,
}

impl EmitterKind {
    /// (supply, return) of design, °C, and exponent b.
    pub const fn design(self) -> (f64, f64, f64) {
        match self {
            EmitterKind::Radiator => (75.0, 50.0, 0.3),
            EmitterKind::Floor => (45.0, 35.0, 0.1),
        }
    }
}

/// One class of buildings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BuildingClass {
    pub usage: BuildingUsage,
    /// Built with energy-saving measures (from 1996 on in the first standard's regions).
    pub energy_saving: bool,
    /// Least and greatest heat index, W/m².
    pub heat_index_w_m2: (f64, f64),
    pub time_constant_h: f64,
}

/// First year taken to be built with energy-saving measures: JGJ 26-95 came into force in July 1996.
pub const ENERGY_SAVING_FROM: u16 = 1996;
/// Share of a heat index that is lost on the way.
pub const INDEX_NETWORK_SHARE: f64 = 0.05;
/// Heights between which the index goes from the upper to the lower end of its range, m: three and ten storeys.
const LOW_M: f64 = 9.0;
const HIGH_M: f64 = 30.0;

const fn class(
    usage: BuildingUsage,
    energy_saving: bool,
    heat_index_w_m2: (f64, f64),
    time_constant_h: f64,
) -> BuildingClass {
    BuildingClass { usage, energy_saving, heat_index_w_m2, time_constant_h }
}

/// All classes, use by use, without and with energy-saving measures.
pub const CLASSES: [BuildingClass; 18] = {
    use BuildingUsage::*;
    [
        class(Residential, false, (58.0, 64.0), 100.0),
        class(Residential, true, (40.0, 45.0), 145.0),
        class(ResidentialMixed, false, (60.0, 67.0), 100.0),
        class(ResidentialMixed, true, (45.0, 55.0), 130.0),
        class(SchoolOffice, false, (60.0, 80.0), 80.0),
        class(SchoolOffice, true, (50.0, 70.0), 95.0),
        class(HospitalNursery, false, (65.0, 80.0), 100.0),
        class(HospitalNursery, true, (55.0, 70.0), 115.0),
        class(Hotel, false, (60.0, 70.0), 90.0),
        class(Hotel, true, (50.0, 60.0), 105.0),
        class(Shop, false, (65.0, 80.0), 60.0),
        class(Shop, true, (55.0, 70.0), 70.0),
        class(Canteen, false, (115.0, 140.0), 50.0),
        class(Canteen, true, (100.0, 130.0), 55.0),
        class(TheatreExhibition, false, (95.0, 115.0), 50.0),
        class(TheatreExhibition, true, (80.0, 105.0), 55.0),
        class(HallGymnasium, false, (115.0, 165.0), 50.0),
        class(HallGymnasium, true, (100.0, 150.0), 55.0),
    ]
};

/// The class of a building; without a year the older, worse one.
pub fn class_of(usage: BuildingUsage, year_built: Option<u16>) -> BuildingClass {
    let energy_saving = year_built.is_some_and(|year| year >= ENERGY_SAVING_FROM);
    let found = CLASSES.iter().find(|class| class.usage == usage && class.energy_saving == energy_saving);
    // Every use stands in the table twice; a test counts them.
    found.copied().unwrap_or(CLASSES[0])
}

impl BuildingClass {
    /// Heat index for a height, W/m²; the middle of the range where the height is not known (≤ 0).
    pub fn heat_index_at_w_m2(&self, height_m: f64) -> f64 {
        let (low, high) = self.heat_index_w_m2;
        let share = if height_m > 0.0 { ((height_m - LOW_M) / (HIGH_M - LOW_M)).clamp(0.0, 1.0) } else { 0.5 };
        high - share * (high - low)
    }

    /// Design heat load as the network sees it, W.
    pub fn design_heat_w(&self, area_m2: f64, height_m: f64) -> f64 {
        self.heat_index_at_w_m2(height_m) * area_m2
    }

    /// A building of this class with emitters sized for it. `None` where area or temperatures make no sense.
    pub fn building(
        &self,
        area_m2: f64,
        height_m: f64,
        emitter: EmitterKind,
        room_c: f64,
        design_outdoor_c: f64,
        heat_capacity_j_kgk: f64,
    ) -> Option<Building> {
        let heat_w = self.design_heat_w(area_m2, height_m) / (1.0 + INDEX_NETWORK_SHARE);
        let difference_k = room_c - design_outdoor_c;
        let (supply_c, return_c, exponent) = emitter.design();
        let building = Building {
            mass: ThermalMass::single(heat_w / difference_k, self.time_constant_h * 3600.0),
            emitter: Emitter::from_design(heat_w, supply_c, return_c, room_c, exponent)?,
            emitter_structure_share: 0.0,
            design_flow_kg_s: heat_w / ((supply_c - return_c) * heat_capacity_j_kgk),
            heat_capacity_j_kgk,
            solar_aperture_m2: 0.0,
            control: BuildingControl::None,
        };
        building.is_valid().then_some(building)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::building::{BuildingInputs, BuildingState};

    #[test]
    fn every_use_has_both_classes_and_saving_saves() {
        for pair in CLASSES.chunks(2) {
            assert_eq!(pair[0].usage, pair[1].usage);
            assert!(!pair[0].energy_saving && pair[1].energy_saving);
            assert!(pair[1].heat_index_w_m2.0 < pair[0].heat_index_w_m2.0);
            assert!(pair[1].time_constant_h > pair[0].time_constant_h);
            assert!(pair.iter().all(|class| class.heat_index_w_m2.0 < class.heat_index_w_m2.1));
            assert_eq!(class_of(pair[0].usage, Some(1990)), pair[0]);
            assert_eq!(class_of(pair[0].usage, Some(2010)), pair[1]);
            assert_eq!(class_of(pair[0].usage, None), pair[0]);
        }
    }

    #[test]
    fn high_buildings_take_the_lower_end() {
        let housing = class_of(BuildingUsage::Residential, Some(2005));
        for (height, index) in [(6.0, 45.0), (9.0, 45.0), (19.5, 42.5), (30.0, 40.0), (99.0, 40.0), (0.0, 42.5)] {
            assert!((housing.heat_index_at_w_m2(height) - index).abs() < 1e-12, "{height}");
        }
        assert!((housing.design_heat_w(10_000.0, 40.0) - 400_000.0).abs() < 1e-9);
    }

    #[test]
    fn a_class_building_is_warm_on_its_design_day() {
        for kind in [EmitterKind::Radiator, EmitterKind::Floor] {
            let class = class_of(BuildingUsage::Residential, Some(1985));
            let building = class.building(5000.0, 18.0, kind, 18.0, -21.1, 4187.0).unwrap();
            assert!((building.mass.time_constant_s() / 3600.0 - 100.0).abs() < 1e-9);
            let inputs = BuildingInputs {
                supply_c: kind.design().0,
                offered_flow_kg_s: building.design_flow_kg_s,
                outdoor_c: -21.1,
                wind_m_s: 0.0,
                solar_w_m2: 0.0,
                internal_gain_w: 0.0,
                set_point_c: 0.0,
            };
            let mut state = BuildingState::at(18.0);
            let out = building.step(&mut state, &inputs, 86_400.0);
            assert!((out.room_c - 18.0).abs() < 1e-9 && (out.return_c - kind.design().1).abs() < 1e-8);
        }
        assert!(CLASSES[0].building(0.0, 9.0, EmitterKind::Radiator, 18.0, -21.1, 4187.0).is_none());
        assert!(CLASSES[0].building(100.0, 9.0, EmitterKind::Radiator, 18.0, 18.0, 4187.0).is_none());
    }
}
