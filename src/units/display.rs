//! The user's choice of units, and numbers made into text and back: the only rounding in the program.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Quantity, Unit};

/// How numbers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NumberStyle {
    /// 12345.6
    #[default]
    Plain,
    /// 12 345.6 with a thin space between thousands.
    Grouped,
}

/// The units one user reads: a choice per quantity, defaults for the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DisplayUnits {
    /// Index into [`Quantity::units`]; out of range means the default.
    choice: BTreeMap<Quantity, usize>,
    /// How numbers are written.
    pub style: NumberStyle,
}

impl DisplayUnits {
    /// The unit this user reads `quantity` in.
    pub fn unit(&self, quantity: Quantity) -> Unit {
        let units = quantity.units();
        self.choice.get(&quantity).and_then(|i| units.get(*i)).copied().unwrap_or(units[0])
    }

    /// Chooses the unit with this symbol; false where the quantity has no such unit.
    pub fn choose(&mut self, quantity: Quantity, symbol: &str) -> bool {
        match quantity.units().iter().position(|unit| unit.symbol == symbol) {
            Some(index) => {
                self.choice.insert(quantity, index);
                true
            }
            None => false,
        }
    }

    /// The number in the user's unit, not rounded.
    pub fn to_shown(&self, quantity: Quantity, si: f64) -> f64 {
        self.unit(quantity).to_shown(si)
    }

    /// The SI value of a number typed in the user's unit.
    pub fn to_si(&self, quantity: Quantity, shown: f64) -> f64 {
        self.unit(quantity).to_si(shown)
    }

    /// Number and unit, rounded for reading: `412.3 kPa`. A value that is not finite reads `–`.
    pub fn text(&self, quantity: Quantity, si: f64) -> String {
        let unit = self.unit(quantity);
        let number = self.number(quantity, si);
        if unit.symbol.is_empty() || !si.is_finite() { number } else { format!("{number} {}", unit.symbol) }
    }

    /// Head of a table column: its label, and behind it the unit of the numbers below, if they have one.
    pub fn head(&self, label: &str, quantity: Option<Quantity>) -> String {
        match quantity.map(|quantity| self.unit(quantity).symbol) {
            Some(symbol) if !symbol.is_empty() => format!("{label} {symbol}"),
            _ => label.to_owned(),
        }
    }

    /// The rounded number alone, for table columns whose head carries the unit.
    pub fn number(&self, quantity: Quantity, si: f64) -> String {
        if !si.is_finite() {
            return "–".to_owned();
        }
        let unit = self.unit(quantity);
        let text = format!("{:.*}", unit.digits, unit.to_shown(si));
        // "-0.0" is a rounding artefact that makes people look for a reversal that is not there.
        let text = match text.strip_prefix('-') {
            Some(rest) if rest.bytes().all(|b| b == b'0' || b == b'.') => rest.to_owned(),
            _ => text,
        };
        match self.style {
            NumberStyle::Plain => text,
            NumberStyle::Grouped => grouped(&text),
        }
    }
}

/// A number as text with its digits in groups of three, thin spaces between.
pub fn grouped(text: &str) -> String {
    let (whole, rest) = text.split_once('.').map_or((text, None), |(w, r)| (w, Some(r)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |d| ("-", d));
    let mut out = String::from(sign);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{2009}');
        }
        out.push(c);
    }
    if let Some(rest) = rest {
        out.push('.');
        out.push_str(rest);
    }
    out
}

/// Hours and minutes of a duration: `0:45`, `20:00`; a dash where it never ends.
pub fn hours_minutes(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "–".to_owned();
    }
    let minutes = (seconds / 60.0).round().max(0.0) as u64;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_units_are_those_of_chinese_district_heating() {
        let units = DisplayUnits::default();
        assert_eq!(units.text(Quantity::Pressure, 412_345.0), "412.3 kPa");
        assert_eq!(units.text(Quantity::MassFlow, 10.0), "36.00 t/h");
        assert_eq!(units.text(Quantity::Diameter, 0.5), "500.0 mm");
        assert_eq!(units.text(Quantity::Share, 0.25), "25.0 %");
        assert_eq!(units.text(Quantity::Temperature, f64::NAN), "–");
        assert_eq!(units.text(Quantity::Pressure, -0.4), "0.0 kPa");
    }

    #[test]
    fn chosen_units_convert_there_and_back() {
        let mut units = DisplayUnits::default();
        for quantity in Quantity::ALL {
            for unit in quantity.units() {
                assert!(units.choose(quantity, unit.symbol));
                let back = units.to_si(quantity, units.to_shown(quantity, 123.456));
                assert!((back - 123.456).abs() < 1e-9, "{quantity:?} {}", unit.symbol);
            }
        }
        assert!(!units.choose(Quantity::Pressure, "furlong"));
    }

    #[test]
    fn thousands_are_grouped_on_request() {
        let units = DisplayUnits { style: NumberStyle::Grouped, ..Default::default() };
        assert_eq!(units.number(Quantity::Area, 1_234_567.0), "1\u{2009}234\u{2009}567");
        assert_eq!(units.number(Quantity::Area, -123.0), "-123");
    }

    #[test]
    fn quantities_are_read_off_field_names() {
        assert_eq!(Quantity::of_key("inner_diameter_m"), Some(Quantity::Diameter));
        assert_eq!(Quantity::of_key("length_m"), Some(Quantity::Length));
        assert_eq!(Quantity::of_key("u_w_m2k"), Some(Quantity::HeatTransfer));
        assert_eq!(Quantity::of_key("kv_m3_h"), Some(Quantity::VolumeFlow));
        assert_eq!(Quantity::of_key("heat_w"), Some(Quantity::Heat));
        assert_eq!(Quantity::of_key("head_m"), Some(Quantity::Head));
        assert_eq!(Quantity::of_key("pressure_rise_pa"), Some(Quantity::PressureDifference));
        assert_eq!(Quantity::of_key("zeta"), None);
    }
}
