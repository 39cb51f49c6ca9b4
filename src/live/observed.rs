//! What observed things are called, and in which kinds of number they can be told.

use super::Observed;
use crate::units::Quantity;

impl Observed {
    /// Everything that can be observed.
    pub const ALL: [Observed; 36] = [
        Observed::TemperatureDifference,
        Observed::Pressure,
        Observed::Temperature,
        Observed::MassFlow,
        Observed::VolumeFlow,
        Observed::SupplyPressure,
        Observed::ReturnPressure,
        Observed::SupplyTemperature,
        Observed::ReturnTemperature,
        Observed::PressureDifference,
        Observed::Heat,
        Observed::Energy,
        Observed::Volume,
        Observed::SecondarySupplyTemperature,
        Observed::SecondaryReturnTemperature,
        Observed::SecondarySupplyPressure,
        Observed::SecondaryReturnPressure,
        Observed::SecondaryVolumeFlow,
        Observed::MakeUpFlow,
        Observed::MakeUpVolume,
        Observed::MakeUpPressure,
        Observed::Opening,
        Observed::Speed,
        Observed::Power,
        Observed::Electricity,
        Observed::Current,
        Observed::Level,
        Observed::Running,
        Observed::Fault,
        Observed::Automatic,
        Observed::SupplyTemperatureSetting,
        Observed::SecondarySupplyTemperatureSetting,
        Observed::OutdoorTemperature,
        Observed::RoomTemperature,
        Observed::Contact,
        Observed::Other,
    ];

    /// Key of its name in the translation files.
    pub const fn key(self) -> &'static str {
        match self {
            Observed::Pressure => "observed-pressure",
            Observed::Temperature => "observed-temperature",
            Observed::MassFlow => "observed-mass-flow",
            Observed::VolumeFlow => "observed-volume-flow",
            Observed::SupplyPressure => "observed-supply-pressure",
            Observed::ReturnPressure => "observed-return-pressure",
            Observed::SupplyTemperature => "observed-supply-temperature",
            Observed::ReturnTemperature => "observed-return-temperature",
            Observed::PressureDifference => "observed-pressure-difference",
            Observed::Heat => "observed-heat",
            Observed::Energy => "observed-energy",
            Observed::Volume => "observed-volume",
            Observed::SecondarySupplyTemperature => "observed-secondary-supply-temperature",
            Observed::SecondaryReturnTemperature => "observed-secondary-return-temperature",
            Observed::SecondarySupplyPressure => "observed-secondary-supply-pressure",
            Observed::SecondaryReturnPressure => "observed-secondary-return-pressure",
            Observed::SecondaryVolumeFlow => "observed-secondary-volume-flow",
            Observed::MakeUpFlow => "observed-make-up-flow",
            Observed::MakeUpVolume => "observed-make-up-volume",
            Observed::MakeUpPressure => "observed-make-up-pressure",
            Observed::Opening => "observed-opening",
            Observed::Speed => "observed-speed",
            Observed::Power => "observed-power",
            Observed::Electricity => "observed-electricity",
            Observed::Current => "observed-current",
            Observed::Level => "observed-level",
            Observed::Running => "observed-running",
            Observed::Fault => "observed-fault",
            Observed::Automatic => "observed-automatic",
            Observed::SupplyTemperatureSetting => "observed-supply-temperature-setting",
            Observed::SecondarySupplyTemperatureSetting => "observed-secondary-supply-temperature-setting",
            Observed::OutdoorTemperature => "observed-outdoor-temperature",
            Observed::RoomTemperature => "observed-room-temperature",
            Observed::Contact => "observed-contact",
            Observed::TemperatureDifference => "observed-temperature-difference",
            Observed::Other => "observed-other",
        }
    }

    /// The kinds of number it may come as, the usual one first; empty for [`Observed::Other`], which may be anything.
    /// Volumes and electric currents have no quantity of their own: pure numbers in m³ and A.
    pub const fn quantities(self) -> &'static [Quantity] {
        match self {
            Observed::Pressure
            | Observed::SupplyPressure
            | Observed::ReturnPressure
            | Observed::SecondarySupplyPressure
            | Observed::SecondaryReturnPressure
            | Observed::MakeUpPressure => &[Quantity::Pressure],
            Observed::PressureDifference => &[Quantity::PressureDifference],
            Observed::TemperatureDifference => &[Quantity::TemperatureDifference],
            Observed::Temperature
            | Observed::SupplyTemperature
            | Observed::ReturnTemperature
            | Observed::SecondarySupplyTemperature
            | Observed::SecondaryReturnTemperature
            | Observed::SupplyTemperatureSetting
            | Observed::SecondarySupplyTemperatureSetting
            | Observed::OutdoorTemperature
            | Observed::RoomTemperature => &[Quantity::Temperature],
            Observed::MassFlow => &[Quantity::MassFlow],
            Observed::VolumeFlow | Observed::SecondaryVolumeFlow => &[Quantity::VolumeFlow],
            Observed::MakeUpFlow => &[Quantity::VolumeFlow, Quantity::MassFlow],
            Observed::Heat | Observed::Power => &[Quantity::Heat],
            Observed::Energy | Observed::Electricity => &[Quantity::Energy],
            Observed::Opening | Observed::Speed => &[Quantity::Share],
            Observed::Level => &[Quantity::Length],
            Observed::Volume
            | Observed::MakeUpVolume
            | Observed::Current
            | Observed::Running
            | Observed::Fault
            | Observed::Automatic
            | Observed::Contact => &[Quantity::Number],
            Observed::Other => &[],
        }
    }
}
