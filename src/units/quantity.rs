//! The kinds of number the program shows, and the units each can be read in.

use serde::{Deserialize, Serialize};

/// A kind of physical number. The SI unit of each is the first entry of [`Quantity::units`] unless noted there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Lengths, heights and depths, m.
    Length,
    /// Diameters, wall and insulation thickness, roughness, m.
    Diameter,
    /// Gauge pressure, Pa.
    Pressure,
    /// Pressure difference: available head, pressure drop, Pa.
    PressureDifference,
    /// Specific friction loss, Pa/m.
    SpecificLoss,
    /// Temperature, °C.
    Temperature,
    /// Temperature difference, K.
    TemperatureDifference,
    /// Mass flow, kg/s.
    MassFlow,
    /// Volume flow, m³/h (the unit of every pump curve and Kv).
    VolumeFlow,
    /// Velocity, m/s.
    Velocity,
    /// Heat flow, W.
    Heat,
    /// Energy, J.
    Energy,
    /// Area, m².
    Area,
    /// Heat transfer coefficient, W/(m²·K).
    HeatTransfer,
    /// Head, m of water.
    Head,
    /// Share of a whole: opening, speed, efficiency; 1 = 100 %.
    Share,
    /// Duration, s.
    Duration,
    /// Density, kg/m³.
    Density,
    /// A pure number.
    Number,
}

/// Joules of a kilowatt hour.
pub const KILOWATT_HOUR_J: f64 = 3.6e6;

/// One unit a quantity can be read in: `shown = si * scale + offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// Symbol as printed behind the number.
    pub symbol: &'static str,
    /// Factor from SI.
    pub scale: f64,
    /// Offset after scaling (only temperatures use it).
    pub offset: f64,
    /// Digits after the decimal point that carry meaning on a screen.
    pub digits: usize,
}

impl Unit {
    /// The number in this unit of a value in SI units.
    pub fn to_shown(self, si: f64) -> f64 {
        si * self.scale + self.offset
    }

    /// The value in SI units of a number in this unit.
    pub fn to_si(self, shown: f64) -> f64 {
        (shown - self.offset) / self.scale
    }
}

const fn unit(symbol: &'static str, scale: f64, digits: usize) -> Unit {
    Unit { symbol, scale, offset: 0.0, digits }
}

/// Standard gravity times the density of cold water: 1 m of water column in Pa (conventional, 4 °C).
const METRE_OF_WATER_PA: f64 = 9806.65;

impl Quantity {
    /// Every quantity, in the order settings list them.
    pub const ALL: [Quantity; 19] = [
        Quantity::Length,
        Quantity::Diameter,
        Quantity::Pressure,
        Quantity::PressureDifference,
        Quantity::SpecificLoss,
        Quantity::Temperature,
        Quantity::TemperatureDifference,
        Quantity::MassFlow,
        Quantity::VolumeFlow,
        Quantity::Velocity,
        Quantity::Heat,
        Quantity::Energy,
        Quantity::Area,
        Quantity::HeatTransfer,
        Quantity::Head,
        Quantity::Share,
        Quantity::Duration,
        Quantity::Density,
        Quantity::Number,
    ];

    /// The kind a difference of two such numbers is: a temperature difference has no offset.
    pub const fn of_difference(self) -> Quantity {
        match self {
            Quantity::Temperature => Quantity::TemperatureDifference,
            Quantity::Pressure => Quantity::PressureDifference,
            other => other,
        }
    }

    /// The units a person may choose; the first is the default of the program.
    pub const fn units(self) -> &'static [Unit] {
        const PRESSURE: &[Unit] = &[
            unit("kPa", 1e-3, 1),
            unit("MPa", 1e-6, 3),
            unit("bar", 1e-5, 2),
            unit("mH₂O", 1.0 / METRE_OF_WATER_PA, 1),
            unit("Pa", 1.0, 0),
        ];
        const TEMPERATURE: &[Unit] = &[
            unit("°C", 1.0, 1),
            Unit { symbol: "K", scale: 1.0, offset: 273.15, digits: 1 },
            Unit { symbol: "°F", scale: 1.8, offset: 32.0, digits: 1 },
        ];
        match self {
            Quantity::Length => const { &[unit("m", 1.0, 1), unit("km", 1e-3, 3)] },
            Quantity::Diameter => const { &[unit("mm", 1e3, 1), unit("m", 1.0, 4)] },
            Quantity::Pressure | Quantity::PressureDifference => PRESSURE,
            Quantity::SpecificLoss => const { &[unit("Pa/m", 1.0, 1), unit("kPa/km", 1.0, 1)] },
            Quantity::Temperature => TEMPERATURE,
            Quantity::TemperatureDifference => const { &[unit("K", 1.0, 1)] },
            Quantity::MassFlow => const { &[unit("t/h", 3.6, 2), unit("kg/s", 1.0, 3), unit("kg/h", 3600.0, 0)] },
            Quantity::VolumeFlow => const { &[unit("m³/h", 1.0, 2), unit("L/s", 1.0 / 3.6, 2)] },
            Quantity::Velocity => const { &[unit("m/s", 1.0, 2)] },
            Quantity::Heat => {
                const {
                    &[
                        unit("kW", 1e-3, 1),
                        unit("MW", 1e-6, 3),
                        unit("GJ/h", 3.6e-6, 3),
                        unit("Gcal/h", 3.6e-6 / 4.1868, 3),
                        unit("W", 1.0, 0),
                    ]
                }
            }
            Quantity::Energy => {
                const { &[unit("GJ", 1e-9, 2), unit("MWh", 1.0 / 3.6e9, 3), unit("kWh", 1.0 / 3.6e6, 1)] }
            }
            Quantity::Area => const { &[unit("m²", 1.0, 0), unit("10⁴ m²", 1e-4, 2)] },
            Quantity::HeatTransfer => const { &[unit("W/(m²·K)", 1.0, 3)] },
            Quantity::Head => const { &[unit("m", 1.0, 2)] },
            Quantity::Share => const { &[unit("%", 100.0, 1), unit("", 1.0, 3)] },
            Quantity::Duration => {
                const { &[unit("s", 1.0, 0), unit("min", 1.0 / 60.0, 1), unit("h", 1.0 / 3600.0, 2)] }
            }
            Quantity::Density => const { &[unit("kg/m³", 1.0, 2)] },
            Quantity::Number => const { &[unit("", 1.0, 3)] },
        }
    }

    /// The quantity a field holds, read off the unit in its name (`length_m`, `kv_m3_h` …); `None` where the name
    /// carries no unit. Diameters are recognised by name because people read them in millimetres.
    pub fn of_key(key: &str) -> Option<Quantity> {
        const BY_SUFFIX: [(&str, Quantity); 19] = [
            ("_w_m2k", Quantity::HeatTransfer),
            ("_m3_h", Quantity::VolumeFlow),
            ("_kg_s", Quantity::MassFlow),
            ("_kg_m3", Quantity::Density),
            ("_m_s", Quantity::Velocity),
            ("_pa_m", Quantity::SpecificLoss),
            ("_m2", Quantity::Area),
            ("_pa", Quantity::Pressure),
            ("_c", Quantity::Temperature),
            ("_k", Quantity::TemperatureDifference),
            ("_w", Quantity::Heat),
            ("_j", Quantity::Energy),
            ("_s", Quantity::Duration),
            ("head_m", Quantity::Head),
            ("diameter_m", Quantity::Diameter),
            ("roughness_m", Quantity::Diameter),
            ("thickness_m", Quantity::Diameter),
            ("_m", Quantity::Length),
            ("_share", Quantity::Share),
        ];
        const BY_NAME: [(&str, Quantity); 7] = [
            ("opening", Quantity::Share),
            ("hand_opening", Quantity::Share),
            ("speed", Quantity::Share),
            ("efficiency", Quantity::Share),
            ("motor_efficiency", Quantity::Share),
            ("pressure_rise_pa", Quantity::PressureDifference),
            ("available_pressure_pa", Quantity::PressureDifference),
        ];
        BY_NAME
            .iter()
            .find(|(name, _)| *name == key)
            .or_else(|| BY_SUFFIX.iter().find(|(suffix, _)| key.ends_with(suffix)))
            .map(|(_, quantity)| *quantity)
    }
}
