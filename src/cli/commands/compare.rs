//! `compare`: alternatives simulated in time and set side by side.

mod chosen;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::table::columns;
use super::{line, load, load_for_json};
use crate::cli::args::{Compare, TableFormat};
use crate::cli::{Failure, Printer};
use crate::dispatch::alternative::{
    Alternative, Assessment, Conditions, Figure, MoneyKind, Refusal, Watch, assess_all,
};
use crate::dispatch::weather::WeatherUncertainty;
use crate::emergency::incident::{CHINA_OFFSET_MIN, Moment};
use crate::io::alternatives::{Comparison, breach_lines, csv, figure_text, json, sheet, text as book};
use crate::io::dispatch::{read_terms, time_text};
use crate::io::report::{AlternativesPage, print_alternatives};
use crate::network::Network;

/// Sentences about broken rules for each alternative at most.
const MOST_RULES: usize = 6;
const THOUSAND: u64 = 1000;

pub fn run(given: &Compare, printer: &Printer) -> Result<(), Failure> {
    let texts = printer.language.texts();
    let network = match given.format {
        TableFormat::Json => load_for_json(&given.file, printer)?,
        TableFormat::Text | TableFormat::Csv => load(&given.file, printer)?,
    };
    let conditions = conditions(given, &network, printer)?;
    let alternatives = chosen::all(given, &network, conditions.prices.is_some(), printer)?;
    if let Some(path) = &given.write {
        printer.data(Some(path), book(&alternatives[1..]).as_bytes())?;
    }
    let bar = printer.progress(THOUSAND, &texts.get("compare-at-work"));
    let stop = AtomicBool::new(false);
    let progress = |share: f64| bar.set_position((share * THOUSAND as f64) as u64);
    let watch = Watch { cancel: &stop, progress: &progress };
    let done = assess_all(&network, &alternatives, &conditions, &watch);
    bar.finish_and_clear();
    let mut refused = 0;
    let mut assessed: Vec<&Assessment> = Vec::new();
    for (at, one) in done.iter().enumerate() {
        match one {
            Ok(assessment) => assessed.push(assessment),
            Err(refusal) => {
                refused += 1;
                printer.error(&refusal.to_string());
                if let Refusal::Network { findings, .. } = refusal {
                    printer.findings(findings);
                }
                if at == 0 {
                    // Without the base there is nothing to compare with.
                    return Err(Failure::Input(None));
                }
            }
        }
    }
    let currency = conditions.prices.as_ref().map_or("", |prices| prices.currency.as_str());
    let comparison = Comparison { rows: &assessed, currency };
    let data = match given.format {
        TableFormat::Json => {
            let mut value = json(&comparison);
            value["start"] = time_text(conditions.start_calendar_s).into();
            value["hours"] = conditions.hours.into();
            value["step_s"] = conditions.step_s.into();
            value["deviation_k"] = conditions.deviation_k().into();
            value["note"] = conditions.prices.as_ref().map_or("", |prices| prices.note.as_str()).into();
            format!("{value:#}\n")
        }
        TableFormat::Csv => csv(&comparison),
        TableFormat::Text => text(&comparison, &network, &conditions, printer),
    };
    printer.data(given.output.as_deref(), data.as_bytes())?;
    if let Some(path) = &given.page {
        let page = AlternativesPage {
            comparison: &comparison,
            map: given.map.as_deref(),
            conditions: &conditions,
            language: printer.language,
            units: &printer.units,
            made: Moment::now(CHINA_OFFSET_MIN),
        };
        printer.data(Some(path), &print_alternatives(&page).bytes)?;
    }
    if refused > 0 {
        return Err(Failure::input(texts.with("compare-refused", &[("count", refused.into())])));
    }
    Ok(())
}

fn conditions(given: &Compare, network: &Network, printer: &Printer) -> Result<Conditions, Failure> {
    let texts = printer.language.texts();
    let prices = given.prices.as_deref().map(read_terms).transpose().map_err(|error| printer.refusal(&error))?;
    let weather = super::weather::read(given.weather.as_deref(), printer)?;
    let mut conditions = match weather {
        Some(series) => {
            let (first_s, last_s) = series.span_s();
            let start_s = given.start.unwrap_or(first_s);
            let end_s = start_s + 3600.0 * given.hours;
            // The last entry of an hourly table stands for its hour.
            if start_s < first_s || end_s > last_s + 3600.0 {
                let times = [("first", first_s), ("last", last_s), ("start", start_s), ("end", end_s)];
                let times = times.map(|(name, time_s)| (name, time_text(time_s).into()));
                return Err(Failure::input(texts.with("compare-not-covered", &times)));
            }
            Conditions::new(Arc::new(series), start_s, given.hours)
        }
        None => {
            let outdoor_c = network.settings().outdoor_temperature_c;
            let steady = Conditions::steady(outdoor_c, given.hours);
            let mut steady = steady.ok_or_else(|| Failure::input(texts.get("compare-certain").into_owned()))?;
            steady.start_calendar_s = given.start.unwrap_or(steady.start_calendar_s);
            steady
        }
    };
    conditions.step_s = given.step;
    conditions.prices = prices.map(Arc::new);
    // The network's own temperature is no forecast.
    let uncertain = given.weather.is_some() && given.weather_error > 0.0;
    conditions.uncertainty = uncertain.then(|| WeatherUncertainty::USUAL.times(given.weather_error));
    Ok(conditions)
}

fn text(comparison: &Comparison<'_>, network: &Network, conditions: &Conditions, printer: &Printer) -> String {
    let texts = printer.language.texts();
    let rows = comparison.rows;
    let mut out = String::new();
    let mut say = |text: String| line(&mut out, format_args!("{text}"));
    let mean_c = rows[0].figures.outdoor_mean_c;
    say(texts.with(
        "compare-conditions",
        &[
            ("start", time_text(conditions.start_calendar_s).into()),
            ("hours", conditions.hours.to_string().into()),
            ("step", conditions.step_s.to_string().into()),
            ("mean", format!("{mean_c:.1}").into()),
            ("network", network.settings().title.clone().into()),
        ],
    ));
    let deviation_k = conditions.deviation_k();
    say(if deviation_k > 0.0 {
        texts.with("compare-uncertainty", &[("deviation", format!("{deviation_k:.1}").into())])
    } else {
        texts.get("compare-certain").into_owned()
    });
    say(match &conditions.prices {
        Some(prices) => texts.with("compare-note", &[("note", prices.note.clone().into())]),
        None => texts.get("compare-no-prices").into_owned(),
    });
    let sheet = sheet(comparison, printer.language);
    let right: Vec<bool> = (0..sheet.heads.len()).map(|column| column > 0).collect();
    say(format!("\n{}", columns(&sheet.heads, &sheet.rows, &right)));
    if rows.iter().all(|row| row.figures.money.is_some()) {
        let mut heads = vec![texts.with("compare-money", &[("currency", comparison.currency.into())])];
        heads.extend(rows.iter().map(|row| row.name.clone()));
        let money = |row: &Assessment, kind: MoneyKind| row.figures.money.map_or(0.0, |money| money.of(kind));
        let kinds = MoneyKind::ALL.into_iter().filter(|kind| rows.iter().any(|row| money(row, *kind) != 0.0));
        let lines: Vec<Vec<String>> = kinds
            .map(|kind| {
                let mut cells = vec![texts.get(&format!("compare-money-{}", kind.word())).into_owned()];
                cells.extend(rows.iter().map(|row| format!("{:.0}", money(row, kind) + 0.0)));
                cells
            })
            .collect();
        say(columns(&heads, &lines, &right));
    }
    if !sheet.uncertain.is_empty() {
        let mut heads = sheet.heads.clone();
        heads[0] = texts.get("compare-ranges").into_owned();
        say(columns(&heads, &sheet.uncertain, &right));
    }
    say(sheet.best);
    for row in rows {
        say(worst(row, printer));
    }
    for row in rows {
        let broken = breach_lines(row, printer.language, &printer.units, MOST_RULES);
        if !broken.is_empty() {
            say(texts.with("compare-rules", &[("name", row.name.clone().into())]));
            broken.into_iter().for_each(|sentence| say(format!("  {sentence}")));
        }
    }
    for (element, why) in &rows[0].unmodelled {
        let arguments = [("element", element.to_string().into()), ("reason", why.clone().into())];
        say(texts.with("compare-unmodelled", &arguments));
    }
    out
}

/// Where the worst loop and the coldest room are.
fn worst(row: &Assessment, printer: &Printer) -> String {
    let texts = printer.language.texts();
    let figures = &row.figures;
    let (Some(worst), Some((building, room_c, at_s))) = (&figures.worst_loop, &figures.cold.coldest) else {
        return texts.with("compare-worst-open", &[("name", row.name.clone().into())]);
    };
    let arguments = [
        ("name", row.name.clone().into()),
        ("consumer", worst.consumer.to_string().into()),
        ("margin", figure_text(Figure::WorstLoop, Some(worst.margin_pa)).into()),
        ("time", time_text(worst.calendar_s).into()),
        ("room", figure_text(Figure::ColdestRoom, Some(*room_c)).into()),
        ("building", building.id.to_string().into()),
        ("when", time_text(*at_s).into()),
    ];
    texts.with("compare-worst", &arguments)
}

/// The network as it stands, first.
fn base(printer: &Printer) -> Alternative {
    Alternative::base(printer.language.texts().get("compare-base"))
}
