//! Figures as people read them: label, unit, number, difference.

use crate::dispatch::alternative::Figure;
use crate::text::Language;

/// Shown over SI, digits, and the unit; money has the currency of its prices.
fn shown(figure: Figure) -> (f64, usize, &'static str) {
    const MWH: f64 = 1.0 / 3.6e9;
    match figure {
        Figure::HeatSupplied | Figure::HeatConsumed | Figure::NetworkLosses | Figure::Fuel => (MWH, 1, "MWh"),
        Figure::PlantPumps
        | Figure::NetworkPumps
        | Figure::SubstationPumps
        | Figure::SecondaryPumps
        | Figure::Boosters
        | Figure::ElectricityBought => (MWH, 2, "MWh"),
        Figure::PeakHeat => (1e-6, 1, "MW"),
        Figure::Water => (1e-3, 1, "t"),
        Figure::Carbon => (1e-3, 1, "t"),
        Figure::Money => (1.0, 0, ""),
        Figure::Supply | Figure::Return | Figure::ColdestRoom | Figure::MeanRoom => (1.0, 1, "°C"),
        Figure::Unmet => (1.0, 1, "K·h"),
        Figure::Served => (100.0, 1, "%"),
        Figure::WorstLoop => (1e-3, 1, "kPa"),
        Figure::BreachHours => (1.0, 1, "h"),
        Figure::Breaches | Figure::Unsolved => (1.0, 0, ""),
    }
}

/// Unit of a figure, empty where it has none.
pub fn unit(figure: Figure, currency: &str) -> String {
    if figure == Figure::Money { currency.to_owned() } else { shown(figure).2.to_owned() }
}

/// Name of a figure with its unit.
pub fn label(figure: Figure, language: Language, currency: &str) -> String {
    let name = language.texts().get(&format!("compare-figure-{}", figure.word())).into_owned();
    let unit = unit(figure, currency);
    if unit.is_empty() { name } else { format!("{name}, {unit}") }
}

fn written(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    // A minus before nothing looks like a change that is not there.
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|sign| sign == b'0' || sign == b'.') => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// The number alone; a dash where it is not known.
pub fn figure_text(figure: Figure, value: Option<f64>) -> String {
    let (scale, digits, _) = shown(figure);
    value.map_or_else(|| "–".to_owned(), |value| written(scale * value, digits))
}

/// `+1.2`: in the unit of the figure; empty where one of both is not known or nothing differs at the digits shown.
pub fn difference_text(figure: Figure, base: Option<f64>, other: Option<f64>) -> String {
    let (scale, digits, _) = shown(figure);
    let (Some(base), Some(other)) = (base, other) else { return String::new() };
    let text = written(scale * (other - base), digits);
    match text.chars().next() {
        _ if text.bytes().all(|sign| sign == b'0' || sign == b'.') => String::new(),
        Some('−') => text,
        _ => format!("+{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_differences_and_what_is_unknown() {
        assert_eq!(figure_text(Figure::HeatSupplied, Some(3.6e9)), "1.0");
        assert_eq!(figure_text(Figure::Money, None), "–");
        assert_eq!(figure_text(Figure::Unmet, Some(-1e-9)), "0.0");
        assert_eq!(difference_text(Figure::WorstLoop, Some(20_000.0), Some(18_500.0)), "−1.5");
        assert_eq!(difference_text(Figure::PeakHeat, Some(1e6), Some(1.2e6)), "+0.2");
        assert_eq!(difference_text(Figure::PeakHeat, Some(1e6), Some(1.001e6)), "");
        assert_eq!(difference_text(Figure::Money, None, Some(1.0)), "");
    }

    #[test]
    fn every_figure_has_a_name_in_every_language() {
        for language in Language::ALL {
            for figure in Figure::ALL {
                let name = label(*figure, language, "CNY");
                assert!(!name.contains("compare-figure") && !name.is_empty(), "{name}");
            }
        }
    }
}
