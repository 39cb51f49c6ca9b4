//! The sheet of alternatives as rows of text: figures, differences to the network as it is, and which way is better.

use crate::dispatch::alternative::{Assessment, Better, Figure};
use crate::session::alternatives::Sheet;
use crate::units::{DisplayUnits, NumberStyle, Quantity};

/// How a difference is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Better,
    Worse,
    Neutral,
}

/// A figure of one column.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetCell {
    /// In the unit of the row; a dash where the run does not tell it.
    pub value: String,
    /// Half of the distance between the runs in colder and in warmer weather: `±12`. Empty where it rounds to nothing.
    pub spread: String,
    /// Against the first column: per cent where that means something, else in the unit of the row. Empty in the first column.
    pub change: String,
    pub tone: Tone,
}

/// A figure over all columns.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetRow {
    pub figure: Figure,
    /// Symbol of the unit; may be empty.
    pub unit: String,
    pub cells: Vec<SheetCell>,
}

/// How a figure is shown.
enum Shown {
    As(Quantity),
    /// Divided by this, with so many digits and this symbol.
    Plain(f64, usize, &'static str),
}

fn shown(figure: Figure) -> Shown {
    match figure {
        Figure::HeatSupplied | Figure::HeatConsumed | Figure::NetworkLosses | Figure::Fuel => {
            Shown::As(Quantity::Energy)
        }
        Figure::PeakHeat => Shown::As(Quantity::Heat),
        Figure::PlantPumps
        | Figure::NetworkPumps
        | Figure::SubstationPumps
        | Figure::SecondaryPumps
        | Figure::Boosters
        | Figure::ElectricityBought => Shown::Plain(crate::units::KILOWATT_HOUR_J, 0, "kWh"),
        Figure::Water | Figure::Carbon => Shown::Plain(1000.0, 1, "t"),
        Figure::Money => Shown::Plain(1.0, 0, ""),
        Figure::Supply | Figure::Return | Figure::ColdestRoom | Figure::MeanRoom => Shown::As(Quantity::Temperature),
        Figure::Unmet => Shown::Plain(1.0, 1, "K·h"),
        Figure::Served => Shown::As(Quantity::Share),
        Figure::WorstLoop => Shown::As(Quantity::PressureDifference),
        Figure::Breaches | Figure::Unsolved => Shown::Plain(1.0, 0, ""),
        Figure::BreachHours => Shown::Plain(1.0, 1, "h"),
    }
}

/// Whether a difference is told in per cent.
const fn relative(figure: Figure) -> bool {
    !matches!(
        figure,
        Figure::Supply
            | Figure::Return
            | Figure::ColdestRoom
            | Figure::MeanRoom
            | Figure::Served
            | Figure::WorstLoop
            | Figure::Breaches
            | Figure::BreachHours
            | Figure::Unsolved
            | Figure::Unmet
    )
}

impl Shown {
    fn unit(&self, units: &DisplayUnits) -> String {
        match self {
            Shown::As(quantity) => units.unit(*quantity).symbol.to_owned(),
            Shown::Plain(_, _, symbol) => (*symbol).to_owned(),
        }
    }

    fn number(&self, units: &DisplayUnits, si: f64) -> String {
        match self {
            Shown::As(quantity) => {
                let shown = units.number(*quantity, si);
                // Decimals of large figures say nothing where the weather alone moves them by per cents.
                let shown_si = units.unit(*quantity).to_shown(si);
                if shown_si.abs() >= 1000.0 { decimal(units, shown_si, 0) } else { shown }
            }
            Shown::Plain(scale, digits, _) => decimal(units, si / scale, *digits),
        }
    }

    /// The same of a difference: temperatures without their zero point.
    fn difference(&self, units: &DisplayUnits, si: f64) -> String {
        match self {
            Shown::As(Quantity::Temperature) => units.number(Quantity::TemperatureDifference, si),
            shown => shown.number(units, si),
        }
    }

    /// A difference with no more decimals than a value has.
    fn spread(&self, units: &DisplayUnits, si: f64, value: &str) -> String {
        let spread = self.difference(units, si);
        match spread.parse::<f64>() {
            Ok(number) if !value.contains('.') => decimal(units, number, 0),
            _ => spread,
        }
    }
}

/// A number with so many digits in the style of the units.
fn decimal(units: &DisplayUnits, value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let grouped = units.style == NumberStyle::Grouped && value.abs() >= 1e4;
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|b| b == b'0' || b == b'.') => rest.to_owned(),
        _ if grouped => crate::units::grouped(&text),
        _ => text,
    }
}

/// Whether any digit of a number is not a nought.
fn is_something(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit() && byte != b'0')
}

fn signed(text: String) -> String {
    if text.starts_with('-') || !is_something(&text) { text.replace('-', "\u{2212}") } else { format!("+{text}") }
}

fn cell(figure: Figure, units: &DisplayUnits, base: Option<f64>, assessment: Option<&Assessment>) -> SheetCell {
    let shown = shown(figure);
    let Some([low, value, high]) = assessment.and_then(|assessment| assessment.range(figure)) else {
        return SheetCell {
            value: "–".to_owned(), spread: String::new(), change: String::new(), tone: Tone::Neutral
        };
    };
    let text = shown.number(units, value);
    let spread = shown.spread(units, 0.5 * (high - low), &text);
    let spread = if is_something(&spread) { format!("±{spread}") } else { String::new() };
    let mut out = SheetCell { value: text, spread, change: String::new(), tone: Tone::Neutral };
    let Some(base) = base else { return out };
    let difference = shown.difference(units, value - base);
    out.change = if !is_something(&difference) {
        "=".to_owned()
    } else if relative(figure) && base.abs() > 0.0 {
        signed(format!("{:.1}", 100.0 * (value - base) / base.abs())) + " %"
    } else {
        signed(difference)
    };
    if !is_something(&out.change) {
        "=".clone_into(&mut out.change);
    }
    if out.change != "=" {
        out.tone = match figure.better() {
            Better::Neither => Tone::Neutral,
            Better::Less if value < base => Tone::Better,
            Better::More if value > base => Tone::Better,
            _ => Tone::Worse,
        };
    }
    out
}

/// The rows of a sheet; figures that are nothing in every column are left out.
pub fn sheet_rows(sheet: &Sheet, units: &DisplayUnits) -> Vec<SheetRow> {
    let columns: Vec<Option<&Assessment>> = sheet.rows.iter().map(|row| row.as_ref().ok()).collect();
    let value = |figure: Figure, column: &Option<&Assessment>| column.and_then(|one| figure.of(&one.figures));
    let tells =
        |figure: &&Figure| columns.iter().any(|column| value(**figure, column).is_some_and(|value| value != 0.0));
    let always = [Figure::Unmet, Figure::Breaches];
    let row = |figure: &Figure| {
        let base = columns.first().and_then(|column| value(*figure, column));
        let cells = columns.iter().enumerate();
        SheetRow {
            figure: *figure,
            unit: shown(*figure).unit(units),
            cells: cells.map(|(at, column)| cell(*figure, units, base.filter(|_| at > 0), *column)).collect(),
        }
    };
    Figure::ALL.iter().filter(|figure| tells(figure) || always.contains(figure)).map(row).collect()
}

/// A figure with its unit.
pub fn figure_text(figure: Figure, units: &DisplayUnits, si: f64) -> String {
    let shown = shown(figure);
    let unit = shown.unit(units);
    let number = shown.number(units, si);
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}

/// Key of the name of a figure.
pub fn figure_key(figure: Figure) -> String {
    format!("compare-figure-{}", figure.word())
}
