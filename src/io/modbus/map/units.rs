//! The unit a device counts in, from the text of its manual.

use crate::live::Observed;
use crate::units::{Quantity, Unit};

const fn unit(symbol: &'static str, scale: f64, digits: usize) -> Unit {
    Unit { symbol, scale, offset: 0.0, digits }
}

/// Units of field devices that nobody reads on a screen: `shown = si · scale`.
fn further(quantity: Quantity, observed: Observed) -> &'static [Unit] {
    match (quantity, observed) {
        // A technical atmosphere, still on many gauges.
        (Quantity::Pressure | Quantity::PressureDifference, _) => {
            const { &[unit("kgf/cm²", 1.0 / 98_066.5, 2), unit("mbar", 1e-2, 1), unit("mmH₂O", 1e3 / 9806.65, 0)] }
        }
        (Quantity::VolumeFlow, _) => const { &[unit("L/h", 1e3, 0), unit("L/min", 1e3 / 60.0, 1)] },
        (Quantity::Energy, _) => {
            const { &[unit("J", 1.0, 0), unit("kJ", 1e-3, 0), unit("MJ", 1e-6, 1), unit("Gcal", 1e-9 / 4.1868, 3)] }
        }
        (Quantity::Heat, _) => const { &[unit("MJ/h", 3.6e-3, 1)] },
        (Quantity::Length, _) => const { &[unit("mm", 1e3, 0), unit("cm", 1e2, 1)] },
        // Converters count the mains' frequency: the rated speed of a pump belongs to 50 Hz.
        (Quantity::Share, Observed::Speed) => const { &[unit("Hz", 50.0, 1)] },
        (Quantity::Number, Observed::Volume | Observed::MakeUpVolume) => {
            const { &[unit("m³", 1.0, 2), unit("L", 1e3, 0), unit("t", 1.0, 2)] }
        }
        (Quantity::Number, Observed::Current) => const { &[unit("A", 1.0, 1), unit("mA", 1e3, 0)] },
        (Quantity::Number, Observed::Other) => {
            const {
                &[
                    unit("m³", 1.0, 2),
                    unit("L", 1e3, 0),
                    unit("A", 1.0, 1),
                    unit("V", 1.0, 1),
                    unit("Hz", 1.0, 1),
                    unit("pH", 1.0, 2),
                    unit("t", 1.0, 2),
                    unit("mg/m³", 1.0, 1),
                    unit("W/m²", 1.0, 0),
                ]
            }
        }
        _ => &[],
    }
}

/// The text without what keyboards lack: `m3/h` and `m³/h` are one.
fn plain(text: &str) -> String {
    let text = text.trim().replace('³', "3").replace(['²', '₂'], "2").replace(['·', '*'], "");
    match text.as_str() {
        "℃" | "degC" | "C" => "°C".to_owned(),
        "degF" | "F" => "°F".to_owned(),
        "l/s" | "l/h" | "l/min" | "l" => text.replace('l', "L"),
        _ => text,
    }
}

/// What an observed thing can be measured in: every kind of number with its units, the usual first.
fn choices(observed: Observed) -> Vec<(Quantity, Unit)> {
    let quantities = if observed.quantities().is_empty() { &Quantity::ALL[..] } else { observed.quantities() };
    // A pure number may be anything, so it comes last where everything is allowed: `K` there is a difference.
    let units = |quantity: Quantity| quantity.units().iter().chain(further(quantity, observed)).copied();
    quantities.iter().flat_map(|&quantity| units(quantity).map(move |unit| (quantity, unit))).collect()
}

/// The kind of number and the unit that a text names for an observed thing; without text a pure number or share.
///
/// The error lists what may stand there.
pub fn unit_named(observed: Observed, text: &str) -> Result<(Quantity, Unit), String> {
    let choices = choices(observed);
    let wanted = plain(text);
    if wanted.is_empty() && observed == Observed::Other {
        return Ok((Quantity::Number, Quantity::Number.units()[0]));
    }
    choices.iter().find(|(_, unit)| plain(unit.symbol) == wanted).copied().ok_or_else(|| {
        let mut known: Vec<&str> = choices.iter().map(|(_, unit)| unit.symbol).filter(|s| !s.is_empty()).collect();
        known.dedup();
        known.join(", ")
    })
}

/// The SI value of a number of a file. Rounded to 13 digits, more than any instrument has: so
/// 0.2 MPa is 200 000 Pa, not 200 000.000 000 000 03.
pub(super) fn to_si(unit: Unit, shown: f64) -> f64 {
    let exact = unit.to_si(shown);
    format!("{exact:.12e}").parse().unwrap_or(exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_as_manuals_write_them() {
        let si = |observed, text, shown: f64| {
            let (quantity, unit) = unit_named(observed, text).unwrap();
            (quantity, unit.to_si(shown))
        };
        assert_eq!(si(Observed::SupplyPressure, "MPa", 0.5), (Quantity::Pressure, 5e5));
        assert_eq!(si(Observed::VolumeFlow, "m3/h", 7.0), (Quantity::VolumeFlow, 7.0));
        assert_eq!(si(Observed::ReturnTemperature, "℃", 45.0), (Quantity::Temperature, 45.0));
        assert_eq!(si(Observed::MakeUpFlow, "t/h", 3.6), (Quantity::MassFlow, 1.0));
        assert_eq!(si(Observed::Speed, "Hz", 25.0), (Quantity::Share, 0.5));
        assert_eq!(si(Observed::Opening, "%", 40.0), (Quantity::Share, 0.4));
        assert_eq!(si(Observed::Opening, "", 0.4), (Quantity::Share, 0.4));
        assert_eq!(si(Observed::Running, "", 1.0), (Quantity::Number, 1.0));
        assert_eq!(si(Observed::Volume, "m³", 12.0), (Quantity::Number, 12.0));
        assert_eq!(si(Observed::Other, "bar", 2.0).0, Quantity::Pressure);
        assert_eq!(si(Observed::Other, "", 2.0), (Quantity::Number, 2.0));
        let known = unit_named(Observed::SupplyPressure, "mpa").unwrap_err();
        assert!(known.contains("MPa"), "{known}");
    }
}
