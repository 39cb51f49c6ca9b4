//! How well loads were forecast on days held out, as tables and as JSON.

use serde_json::{Map, Value, json};

use super::super::table::columns;
use super::line;
use super::told::percent;
use crate::cli::Printer;
use crate::cli::args::Forecast as Given;
use crate::dispatch::forecast::evaluate::{Judged, Score, TOLD};
use crate::dispatch::forecast::{Evaluation, SubjectKind};

/// What the day ahead is asked to keep to: the city, and everything else.
const LIMITS: [(SubjectKind, &str, f64); 3] = [
    (SubjectKind::City, "forecast-kind-city", 0.05),
    (SubjectKind::Source, "forecast-kind-source", 0.10),
    (SubjectKind::Station, "forecast-kind-station", 0.10),
];

/// Loads shown lead by lead where none is asked for by name: the worst of the others only by their day ahead.
fn shown<'a>(found: &'a [Evaluation], given: &Given) -> Vec<&'a Evaluation> {
    let by_name = !given.elements.is_empty() || found.len() == 1;
    found.iter().filter(|one| by_name || one.subject.kind == SubjectKind::City).collect()
}

pub fn text(found: &[Evaluation], given: &Given, printer: &Printer) -> String {
    let texts = printer.language.texts();
    let mut out = String::new();
    for one in shown(found, given) {
        let mut arguments = vec![
            ("days", given.rolling.unwrap_or(given.hold_out).to_string().into()),
            ("origins", one.origins.to_string().into()),
            ("learned", one.learned.to_string().into()),
        ];
        let method = texts.get(super::told::method_key(one.method));
        let key = if given.rolling.is_some() { "forecast-evaluated-rolling" } else { "forecast-evaluated" };
        line(&mut out, format_args!("{} ({method})\n{}", one.subject.name, texts.with(key, &arguments)));
        if one.too_small > 0 {
            arguments.push(("hours", one.too_small.to_string().into()));
            line(&mut out, format_args!("{}", texts.with("forecast-too-small", &arguments)));
        }
        let heads = ["forecast-lead"].into_iter().chain(HEADS).chain(["forecast-inside-80", "forecast-inside-95"]);
        let heads: Vec<String> = heads.map(|key| texts.get(key).into_owned()).collect();
        let row = |(at, (first, last)): (usize, &(usize, usize))| {
            let mut row = vec![format!("{first}–{last}")];
            row.extend(Judged::ALL.map(|judged| percent(one.score(judged, at).mape())));
            row.extend([0, 1].map(|level| percent(one.inside(level, at))));
            row
        };
        let rows: Vec<Vec<String>> = TOLD.iter().enumerate().map(row).collect();
        let right: Vec<bool> = (0..heads.len()).map(|at| at > 0).collect();
        out.push_str(&columns(&heads, &rows, &right));
        out.push('\n');
        let heads = ["forecast-month"].into_iter().chain(HEADS);
        let heads: Vec<String> = heads.map(|key| texts.get(key).into_owned()).collect();
        let row = |((year, month), scores): (&(i32, u32), &[Score; Judged::ALL.len()])| {
            let mut row = vec![format!("{year}-{month:02}")];
            row.extend(scores.iter().map(|score| percent(score.mape())));
            row
        };
        let rows: Vec<Vec<String>> = one.months.iter().map(row).collect();
        out.push_str(&columns(&heads, &rows, &right[..heads.len()]));
        out.push('\n');
    }
    if found.len() > 1 {
        line(&mut out, format_args!("{}", texts.get("forecast-of-all")));
        for (kind, key, limit) in LIMITS {
            if let Some(summary) = Summary::of(found, kind, limit) {
                let arguments = [
                    ("kind", texts.get(key).into_owned().into()),
                    ("within", summary.within.to_string().into()),
                    ("count", summary.count.to_string().into()),
                    ("limit", percent(limit).into()),
                    ("median", percent(summary.median).into()),
                    ("worst", percent(summary.worst).into()),
                    ("id", summary.worst_id.into()),
                    ("energy", summary.within_by_energy.to_string().into()),
                    ("better", summary.better.to_string().into()),
                ];
                line(&mut out, format_args!("{}", texts.with("forecast-count-within", &arguments)));
            }
        }
    }
    out
}

/// Of what is judged, in the order of [`Judged::ALL`].
const HEADS: [&str; Judged::ALL.len()] = [
    "forecast-judged-forecast",
    "forecast-judged-uncorrected",
    "forecast-judged-forecast-known",
    "forecast-judged-weather",
    "forecast-judged-regression",
    "forecast-judged-regression-known",
    "forecast-judged-yesterday",
    "forecast-judged-week",
];

/// The day ahead of all loads of a kind.
struct Summary {
    count: usize,
    within: usize,
    /// By absolute errors over the sum of loads, and better than regression and persistence.
    within_by_energy: usize,
    better: usize,
    median: f64,
    worst: f64,
    worst_id: String,
}

impl Summary {
    fn of(found: &[Evaluation], kind: SubjectKind, limit: f64) -> Option<Summary> {
        let of_kind = || found.iter().filter(|one| one.subject.kind == kind);
        let mut errors: Vec<(f64, &str)> =
            of_kind().map(|one| (one.score(Judged::Forecast, 0).mape(), &*one.subject.name)).collect();
        errors.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (worst, worst_id) = *errors.last()?;
        Some(Summary {
            count: errors.len(),
            within: errors.iter().filter(|(error, _)| *error <= limit).count(),
            within_by_energy: of_kind().filter(|one| one.score(Judged::Forecast, 0).weighted() <= limit).count(),
            better: of_kind().filter(|one| one.beats_the_plain()).count(),
            median: errors[errors.len() / 2].0,
            worst,
            worst_id: worst_id.to_owned(),
        })
    }
}

pub fn json(found: &[Evaluation], given: &Given) -> String {
    let one = |one: &Evaluation| {
        let lead = |(at, (first, last)): (usize, &(usize, usize))| {
            let mut mape = Map::new();
            let mut weighted = Map::new();
            for judged in Judged::ALL {
                let score = one.score(judged, at);
                mape.insert(judged.word().to_owned(), json!(score.mape()));
                weighted.insert(judged.word().to_owned(), json!(score.weighted()));
            }
            json!({
                "hours_ahead": [first, last], "hours": one.score(Judged::Forecast, at).count(), "mape": mape,
                "absolute_error_share": weighted, "inside_80": one.inside(0, at), "inside_95": one.inside(1, at),
            })
        };
        let month = |((year, month), scores): (&(i32, u32), &[Score; Judged::ALL.len()])| {
            let mape =
                Judged::ALL.iter().zip(scores).map(|(judged, score)| (judged.word().to_owned(), json!(score.mape())));
            json!({
                "month": format!("{year}-{month:02}"), "hours": scores[0].count(), "mape": mape.collect::<Map<String, Value>>(),
            })
        };
        json!({
            "kind": one.subject.kind.word(), "id": &*one.subject.name, "method": one.method.word(),
            "forecasts": one.origins, "hours_learned": one.learned, "hours_too_small": one.too_small,
            "months": one.months.iter().map(month).collect::<Vec<Value>>(),
            "leads": TOLD.iter().enumerate().map(lead).collect::<Vec<Value>>(),
        })
    };
    let whole = json!({
        "held_out_days": if given.rolling.is_none() { Some(given.hold_out) } else { None },
        "learned_anew_after_days": given.rolling, "weather_error": given.weather_error,
        "loads": found.iter().map(one).collect::<Vec<_>>(),
    });
    format!("{whole:#}\n")
}
