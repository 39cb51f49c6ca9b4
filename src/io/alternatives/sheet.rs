//! Assessments side by side, in the reader's language.

use crate::dispatch::alternative::{Assessment, Figure, pareto_of};
use crate::text::Language;
use crate::units::DisplayUnits;

use super::figure::{difference_text, figure_text, label};

/// What is weighed against each other: money (without prices: heat supplied), rooms too cold, CO₂.
pub const AXES: [Figure; 3] = [Figure::Money, Figure::Unmet, Figure::Carbon];
/// Figures on the sheet, in order.
pub const PRINTED: [Figure; 22] = [
    Figure::Money,
    Figure::Carbon,
    Figure::HeatSupplied,
    Figure::HeatConsumed,
    Figure::NetworkLosses,
    Figure::PeakHeat,
    Figure::Fuel,
    Figure::PlantPumps,
    Figure::NetworkPumps,
    Figure::SubstationPumps,
    Figure::SecondaryPumps,
    Figure::Boosters,
    Figure::Water,
    Figure::Supply,
    Figure::Return,
    Figure::Unmet,
    Figure::ColdestRoom,
    Figure::Served,
    Figure::WorstLoop,
    Figure::Breaches,
    Figure::BreachHours,
    Figure::Unsolved,
];
/// Figures shown with their uncertainty.
const UNCERTAIN: [Figure; 8] = [
    Figure::Money,
    Figure::Carbon,
    Figure::HeatSupplied,
    Figure::PeakHeat,
    Figure::Unmet,
    Figure::ColdestRoom,
    Figure::WorstLoop,
    Figure::BreachHours,
];

/// What is compared: the base first.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    pub rows: &'a [&'a Assessment],
    pub currency: &'a str,
}

impl Comparison<'_> {
    /// Axes that every row tells.
    pub fn axes(&self) -> Vec<Figure> {
        let known = |figure: &Figure| self.rows.iter().all(|row| figure.of(&row.figures).is_some());
        let mut axes: Vec<Figure> = AXES.into_iter().filter(known).collect();
        if !axes.contains(&Figure::Money) {
            axes.insert(0, Figure::HeatSupplied);
        }
        axes
    }

    /// Which rows no other beats in all axes.
    pub fn best(&self) -> Vec<bool> {
        pareto_of(self.rows, &self.axes())
    }
}

/// Tables of text: heads and rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    pub heads: Vec<String>,
    /// Name of a figure, then for each alternative its value, with the difference to the base behind it.
    pub rows: Vec<Vec<String>>,
    /// The same figures from the least to the greatest of the runs; empty where the weather is taken as known.
    pub uncertain: Vec<Vec<String>>,
    /// Which are best, and by what, in a sentence.
    pub best: String,
}

/// Sets them side by side.
pub fn sheet(comparison: &Comparison<'_>, language: Language) -> Sheet {
    let texts = language.texts();
    let Comparison { rows, currency } = comparison;
    let best = comparison.best();
    let mark = |at: usize| if best[at] { " ★" } else { "" };
    let mut heads = vec![texts.get("compare-figure").into_owned()];
    heads.extend(rows.iter().enumerate().map(|(at, row)| format!("{}{}", row.name, mark(at))));
    let value = |row: &Assessment, figure: Figure| figure.of(&row.figures);
    let told = |figure: &Figure| rows.iter().any(|row| value(row, *figure).is_some());
    let line = |figure: Figure| {
        let mut cells = vec![label(figure, language, currency)];
        for (at, row) in rows.iter().enumerate() {
            let own = value(row, figure);
            let text = figure_text(figure, own);
            let more = if at == 0 { String::new() } else { difference_text(figure, value(rows[0], figure), own) };
            cells.push(if more.is_empty() { text } else { format!("{text} ({more})") });
        }
        cells
    };
    let spread = |figure: Figure| {
        let mut cells = vec![label(figure, language, currency)];
        cells.extend(rows.iter().map(|row| match row.range(figure) {
            Some([low, _, high]) => {
                format!("{} … {}", figure_text(figure, Some(low)), figure_text(figure, Some(high)))
            }
            None => "–".to_owned(),
        }));
        cells
    };
    let uncertain = rows.iter().any(|row| row.colder.is_some());
    let names: Vec<&str> =
        rows.iter().zip(&best).filter(|(_, best)| **best).map(|(row, _)| row.name.as_str()).collect();
    let axes: Vec<String> = comparison.axes().into_iter().map(|axis| label(axis, language, currency)).collect();
    let arguments = [("names", names.join(", ").into()), ("axes", axes.join("; ").into())];
    Sheet {
        heads,
        rows: PRINTED.into_iter().filter(told).map(line).collect(),
        uncertain: if uncertain { UNCERTAIN.into_iter().filter(told).map(spread).collect() } else { Vec::new() },
        best: texts.with("compare-best", &arguments),
    }
}

/// Who breaks which rule: a sentence for each code, with the first element and when; at most so many.
pub fn breach_lines(row: &Assessment, language: Language, units: &DisplayUnits, most: usize) -> Vec<String> {
    let texts = language.texts();
    let figures = &row.figures;
    let mut out = Vec::new();
    for (code, count, seconds) in figures.breaches_by_code().into_iter().take(most) {
        let of_code = figures.breaches.iter().filter(|breach| breach.code == code);
        let first = of_code.min_by(|a, b| a.first_calendar_s.total_cmp(&b.first_calendar_s));
        let Some(first) = first else { continue };
        let arguments = [
            ("count", count.into()),
            ("hours", format!("{:.1}", seconds / 3600.0).into()),
            ("time", crate::io::dispatch::time_text(first.first_calendar_s).into()),
            ("message", first.finding.message(language, units).into()),
        ];
        out.push(texts.with("compare-breach", &arguments));
    }
    out
}
