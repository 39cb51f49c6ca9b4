//! What an order can set: the words shared by plans, the network, the tags of the device map and the order book.

use serde::{Deserialize, Serialize};

use crate::live::{Observed, Timestamp};
use crate::network::{ElementKind, ElementRef};
use crate::units::Quantity;

/// What of an element is set. Values are SI like everywhere (°C for temperatures); yes and no are 1 and 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// In operation: source, pump, station not shut off.
    Running,
    /// Equal pumps running in parallel.
    PumpsRunning,
    /// Pump over its rated speed.
    Speed,
    /// Valve, or a station's control valve put by hand, 0…1.
    Opening,
    /// 1: the station's own controller has its valve.
    Automatic,
    /// Of a source, towards the network.
    SupplyTemperature,
    /// Of a station, towards its houses.
    SecondarySupplyTemperature,
    /// The same at the design outdoor temperature: shifts the station's heating curve.
    CurveSupplyTemperature,
    /// Rooms of a building, at its heat entrance.
    RoomTemperature,
    /// Held at the pressure reference point (定压值).
    MakeUpPressure,
    SupplyPressure,
    /// Held across a source or pump.
    PressureRise,
    /// Held at the worst consumer, or between two points.
    AvailablePressure,
    /// Of a self-acting pressure or differential-pressure controller.
    HeldPressure,
    MassFlow,
    /// Given by a source.
    Heat,
    /// Return water into each part of primary water.
    MixingRatio,
}

impl Setting {
    pub const ALL: [Setting; 17] = [
        Setting::Running,
        Setting::PumpsRunning,
        Setting::Speed,
        Setting::Opening,
        Setting::Automatic,
        Setting::SupplyTemperature,
        Setting::SecondarySupplyTemperature,
        Setting::CurveSupplyTemperature,
        Setting::RoomTemperature,
        Setting::MakeUpPressure,
        Setting::SupplyPressure,
        Setting::PressureRise,
        Setting::AvailablePressure,
        Setting::HeldPressure,
        Setting::MassFlow,
        Setting::Heat,
        Setting::MixingRatio,
    ];

    /// Key of its name in the translation files.
    pub const fn key(self) -> &'static str {
        match self {
            Setting::Running => "setting-running",
            Setting::PumpsRunning => "setting-pumps-running",
            Setting::Speed => "setting-speed",
            Setting::Opening => "setting-opening",
            Setting::Automatic => "setting-automatic",
            Setting::SupplyTemperature => "setting-supply-temperature",
            Setting::SecondarySupplyTemperature => "setting-secondary-supply-temperature",
            Setting::CurveSupplyTemperature => "setting-curve-supply-temperature",
            Setting::RoomTemperature => "setting-room-temperature",
            Setting::MakeUpPressure => "setting-make-up-pressure",
            Setting::SupplyPressure => "setting-supply-pressure",
            Setting::PressureRise => "setting-pressure-rise",
            Setting::AvailablePressure => "setting-available-pressure",
            Setting::HeldPressure => "setting-held-pressure",
            Setting::MassFlow => "setting-mass-flow",
            Setting::Heat => "setting-heat",
            Setting::MixingRatio => "setting-mixing-ratio",
        }
    }

    pub const fn quantity(self) -> Quantity {
        match self {
            Setting::Speed | Setting::Opening => Quantity::Share,
            Setting::SupplyTemperature
            | Setting::SecondarySupplyTemperature
            | Setting::CurveSupplyTemperature
            | Setting::RoomTemperature => Quantity::Temperature,
            Setting::MakeUpPressure | Setting::SupplyPressure => Quantity::Pressure,
            Setting::PressureRise | Setting::AvailablePressure | Setting::HeldPressure => Quantity::PressureDifference,
            Setting::MassFlow => Quantity::MassFlow,
            Setting::Heat => Quantity::Heat,
            Setting::Running | Setting::PumpsRunning | Setting::Automatic | Setting::MixingRatio => Quantity::Number,
        }
    }

    /// Whether it is yes or no.
    pub const fn is_state(self) -> bool {
        matches!(self, Setting::Running | Setting::Automatic)
    }

    /// How near a value must come to count as set: what people and transmitters tell apart.
    pub fn tolerance(self, value: f64) -> f64 {
        match self {
            Setting::Running | Setting::PumpsRunning | Setting::Automatic => 0.5,
            Setting::Opening => 0.02,
            Setting::Speed => 0.01,
            Setting::SupplyTemperature
            | Setting::SecondarySupplyTemperature
            | Setting::CurveSupplyTemperature
            | Setting::RoomTemperature => 0.5,
            Setting::MakeUpPressure
            | Setting::SupplyPressure
            | Setting::PressureRise
            | Setting::AvailablePressure
            | Setting::HeldPressure => (0.02 * value.abs()).max(5_000.0),
            Setting::MassFlow => (0.05 * value.abs()).max(0.1),
            Setting::Heat => (0.05 * value.abs()).max(10_000.0),
            Setting::MixingRatio => 0.05,
        }
    }

    /// The word of a tag that shows this setting at an element of this kind, and can be written where the device map
    /// permits it. Speed and running state of a station are those of its secondary pump in the data dictionary, which is
    /// not the one meant here: `None`.
    pub const fn tag(self, kind: ElementKind) -> Option<Observed> {
        match (self, kind) {
            (Setting::Speed | Setting::Running, ElementKind::Consumer) => None,
            (Setting::Running, _) => Some(Observed::Running),
            (Setting::Speed, _) => Some(Observed::Speed),
            (Setting::Opening, _) => Some(Observed::Opening),
            (Setting::Automatic, _) => Some(Observed::Automatic),
            (Setting::SupplyTemperature, _) => Some(Observed::SupplyTemperatureSetting),
            (Setting::SecondarySupplyTemperature, _) => Some(Observed::SecondarySupplyTemperatureSetting),
            (Setting::MakeUpPressure, _) => Some(Observed::MakeUpPressure),
            _ => None,
        }
    }

    /// What is measured where it acts, for settings that no tag shows: by it a change made by hand is noticed.
    pub const fn effect(self) -> Option<Observed> {
        match self {
            Setting::SupplyPressure => Some(Observed::SupplyPressure),
            Setting::PressureRise => Some(Observed::PressureDifference),
            Setting::MassFlow => Some(Observed::MassFlow),
            Setting::Heat => Some(Observed::Heat),
            Setting::SupplyTemperature => Some(Observed::SupplyTemperature),
            Setting::SecondarySupplyTemperature => Some(Observed::SecondarySupplyTemperature),
            Setting::RoomTemperature => Some(Observed::RoomTemperature),
            _ => None,
        }
    }
}

/// One thing to be set to one value at one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetPoint {
    pub element: ElementRef,
    pub setting: Setting,
    /// SI.
    pub value: f64,
    /// What it is so far, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// When it is to be done. Set-points of one time are one step of the plan.
    pub at: Timestamp,
    /// For people: what it is good for. May be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

impl SetPoint {
    /// To be done at this time, without reason or known present value.
    pub const fn new(element: ElementRef, setting: Setting, value: f64, at: Timestamp) -> SetPoint {
        SetPoint { element, setting, value, from: None, at, why: String::new() }
    }

    /// Whether a value counts as this set-point carried out.
    pub fn is_met_by(&self, value: f64) -> bool {
        (value - self.value).abs() <= self.setting.tolerance(self.value)
    }
}

/// A quantity that is watched for what the orders of one time bring about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watched {
    pub element: ElementRef,
    pub observed: Observed,
    /// By the model, SI of [`Watched::quantity`]: before the orders and after them.
    pub before: f64,
    pub predicted: f64,
    /// How near to the prediction counts as reached.
    pub tolerance: f64,
    /// It is what the set-points of this time bring about.
    pub at: Timestamp,
}

impl Watched {
    /// What kind of number it is.
    pub fn quantity(&self) -> Quantity {
        self.observed.quantities().first().copied().unwrap_or(Quantity::Number)
    }

    /// Share of the way from before to predicted that a value has gone; `None` where the model predicts no change that
    /// could be told from noise.
    pub fn share(&self, value: f64) -> Option<f64> {
        let way = self.predicted - self.before;
        (way.abs() > self.tolerance).then(|| (value - self.before) / way).filter(|share| share.is_finite())
    }

    pub fn is_reached_by(&self, value: f64) -> bool {
        (value - self.predicted).abs() <= self.tolerance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_and_their_tags_are_the_same_kind_of_number() {
        for setting in Setting::ALL {
            for kind in ElementKind::ALL {
                for observed in setting.tag(kind).into_iter().chain(setting.effect()) {
                    assert!(observed.quantities().contains(&setting.quantity()), "{setting:?} {observed:?}");
                }
            }
            assert!(setting.tolerance(0.0) > 0.0);
        }
    }

    #[test]
    fn the_way_gone_is_told_where_there_is_one() {
        let element = ElementRef::new(ElementKind::Source, "HS01");
        let at = Timestamp::from_ms(0);
        let mut watched =
            Watched { element, observed: Observed::Heat, before: 10e6, predicted: 20e6, tolerance: 1e6, at };
        assert_eq!(watched.share(12.5e6), Some(0.25));
        assert!(watched.is_reached_by(19.5e6) && !watched.is_reached_by(f64::NAN) && !watched.is_reached_by(18e6));
        watched.predicted = 10.5e6;
        assert_eq!(watched.share(12e6), None);
    }
}
