//! Which kinds of number an observed thing can be told in.

use super::Observed;
use crate::units::Quantity;

impl Observed {
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
