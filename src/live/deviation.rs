//! How much an instrument deviates, where its tag does not say.

use super::{Observed, Tag};

/// Standard deviation of an instrument's noise at a value, in the unit of its samples. That of the tag, else by the
/// class of instrument usual in heating:
///
/// - temperature 0.3 K (platinum resistance of class B after IEC 60751: 0.3 K + 0.005·|t|, of which a pocket and a
///   transmitter leave this much as noise), outdoors and in rooms 0.5 K;
/// - pressure 0.5 % of the span (transmitter of class 0.5), 5 kPa where no span is known;
/// - flow 2 % of the reading, not less than 0.2 % of the span (heat meter of class 2 after EN 1434-1);
/// - heat 3 % of the reading (flow and temperature difference together);
/// - opening and speed 1 %, level 2 cm, current and power 1 %;
/// - totals and states count exactly: 0.
pub fn instrument_deviation(tag: &Tag, value: f64) -> f64 {
    if let Some(deviation) = tag.deviation_si.filter(|deviation| deviation.is_finite() && *deviation >= 0.0) {
        return deviation;
    }
    let span = tag.range.map(|range| (range.most - range.least).abs()).filter(|span| span.is_finite());
    let size = if value.is_finite() { value.abs() } else { 0.0 };
    match tag.observed {
        Observed::Temperature
        | Observed::SupplyTemperature
        | Observed::ReturnTemperature
        | Observed::SecondarySupplyTemperature
        | Observed::SecondaryReturnTemperature => 0.3,
        // Paired thermometers of a heat meter; two single ones differ by √2 of one.
        Observed::TemperatureDifference => 0.42,
        Observed::OutdoorTemperature | Observed::RoomTemperature => 0.5,
        Observed::Pressure
        | Observed::SupplyPressure
        | Observed::ReturnPressure
        | Observed::PressureDifference
        | Observed::SecondarySupplyPressure
        | Observed::SecondaryReturnPressure
        | Observed::MakeUpPressure => span.map_or(5e3, |span| 0.005 * span),
        Observed::MassFlow | Observed::VolumeFlow | Observed::SecondaryVolumeFlow | Observed::MakeUpFlow => {
            (0.02 * size).max(span.map_or(0.0, |span| 0.002 * span)).max(0.01)
        }
        Observed::Heat => (0.03 * size).max(span.map_or(0.0, |span| 0.002 * span)).max(500.0),
        Observed::Opening | Observed::Speed => 0.01,
        Observed::Level => 0.02,
        Observed::Current | Observed::Power => (0.01 * size).max(span.map_or(0.0, |span| 0.002 * span)),
        Observed::Energy
        | Observed::Volume
        | Observed::MakeUpVolume
        | Observed::Electricity
        | Observed::Running
        | Observed::Fault
        | Observed::Automatic
        | Observed::SupplyTemperatureSetting
        | Observed::SecondarySupplyTemperatureSetting
        | Observed::Contact
        | Observed::Other => 0.0,
    }
}
