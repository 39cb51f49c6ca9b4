//! A forecast as tables and as JSON.

use serde_json::{Value, json};

use super::super::table::Table;
use super::line;
use crate::cli::Printer;
use crate::cli::args::Forecast as Given;
use crate::dispatch::forecast::journal::Tracked;
use crate::dispatch::forecast::limits::hour_text;
use crate::dispatch::forecast::{Forecast, HORIZON, LEADS, Method, Note, SubjectKind};
use crate::network::Finding;
use crate::text::Argument;
use crate::units::Quantity;

pub struct Told<'a> {
    pub forecasts: &'a [Forecast],
    pub findings: &'a [Finding],
    pub tracked: &'a [Tracked],
    pub given: &'a Given,
    pub printer: &'a Printer,
}

/// Share as `12.3 %`.
pub fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.1} %", 100.0 * share) } else { "–".to_owned() }
}

/// Mean of the first day's errors by group of leads, each weighted by its hours.
fn day_error(forecast: &Forecast) -> f64 {
    let groups: Vec<(f64, f64)> = LEADS
        .iter()
        .zip(&forecast.errors)
        .filter(|((_, last), error)| *last <= 24 && error.is_finite())
        .map(|((first, last), error)| ((last - first + 1) as f64, *error))
        .collect();
    let hours: f64 = groups.iter().map(|(hours, _)| hours).sum();
    groups.iter().map(|(hours, error)| hours * error).sum::<f64>() / hours
}

fn mean_w(forecast: &Forecast, day: usize) -> f64 {
    let hours = forecast.hours.iter().skip(24 * day).take(24);
    hours.clone().map(|hour| hour.heat_w).sum::<f64>() / hours.count().max(1) as f64
}

fn note_word(note: &Note) -> Value {
    match note {
        Note::ThinHistory { known, needed } => {
            json!({ "note": "thin-history", "known_hours": known, "needed_hours": needed })
        }
        Note::Old { hours } => json!({ "note": "old", "hours": hours }),
        Note::Gaps { share } => json!({ "note": "gaps", "share": share }),
        Note::WeatherEnds { hours } => json!({ "note": "weather-ends", "known_hours": hours }),
        Note::NoWeather => json!({ "note": "no-weather" }),
        Note::LeftOut { hours } => json!({ "note": "left-out", "hours": hours }),
        Note::AssumedIntervals => json!({ "note": "assumed-intervals" }),
    }
}

impl Told<'_> {
    fn note(&self, id: &str, note: &Note) -> String {
        let texts = self.printer.language.texts();
        let mut arguments: Vec<(&str, Argument<'_>)> = vec![("id", id.into())];
        let key = match note {
            Note::ThinHistory { known, needed } => {
                arguments.extend([("known", known.to_string().into()), ("needed", needed.to_string().into())]);
                "forecast-note-thin"
            }
            Note::Old { hours } => {
                arguments.push(("hours", hours.to_string().into()));
                "forecast-note-old"
            }
            Note::Gaps { share } => {
                arguments.push(("share", percent(*share).into()));
                "forecast-note-gaps"
            }
            Note::WeatherEnds { hours } => {
                arguments.push(("hours", hours.to_string().into()));
                "forecast-note-weather-ends"
            }
            Note::NoWeather => "forecast-note-no-weather",
            Note::LeftOut { hours } => {
                arguments.push(("hours", hours.to_string().into()));
                "forecast-note-left-out"
            }
            Note::AssumedIntervals => "forecast-note-assumed",
        };
        texts.with(key, &arguments)
    }

    pub fn text(&self) -> String {
        let texts = self.printer.language.texts();
        let heat = |heat_w: f64| self.printer.units.number(Quantity::Heat, heat_w);
        let mut out = String::new();
        let Some(first) = self.forecasts.first() else { return out };
        let arguments = [
            ("time", hour_text(first.origin + 1).into()),
            ("hours", HORIZON.to_string().into()),
            ("factor", self.given.weather_error.to_string().into()),
        ];
        line(&mut out, format_args!("{}\n", texts.with("forecast-head", &arguments)));
        let unit = Some(Quantity::Heat);
        let days: Vec<String> = (1..=HORIZON / 24)
            .map(|day| self.printer.units.head(&texts.with("forecast-day", &[("day", day.to_string().into())]), unit))
            .collect();
        let mut heads = ["forecast-load", "forecast-method", "forecast-peak", "forecast-peak-time", "forecast-error"]
            .map(|key| texts.get(key).into_owned())
            .to_vec();
        heads[2] = self.printer.units.head(&heads[2], unit);
        heads.splice(2..2, days);
        let row = |forecast: &Forecast| {
            let peak = forecast.hours.iter().take(24).max_by(|a, b| a.heat_w.total_cmp(&b.heat_w));
            let mut row = vec![forecast.subject.name.to_string(), texts.get(method_key(forecast.method)).into_owned()];
            row.extend((0..HORIZON / 24).map(|day| heat(mean_w(forecast, day))));
            row.push(peak.map_or_else(String::new, |peak| heat(peak.heat_w)));
            row.push(peak.map_or_else(String::new, |peak| hour_text(peak.hour)[11..].to_owned()));
            row.push(percent(day_error(forecast)));
            row
        };
        let rows: Vec<Vec<String>> = self.forecasts.iter().map(row).collect();
        let right: Vec<bool> = (0..heads.len()).map(|at| at > 1).collect();
        out.push_str(&super::super::table::columns(&heads, &rows, &right));
        // Hour by hour: what was asked for by name, else the city.
        let shown = |forecast: &&Forecast| {
            !self.given.elements.is_empty() || forecast.subject.kind == SubjectKind::City || self.forecasts.len() == 1
        };
        for forecast in self.forecasts.iter().filter(shown) {
            let id = forecast.subject.name.to_string();
            line(&mut out, format_args!("\n{}", texts.with("forecast-hours-of", &[("id", id.into())])));
            let mut table = Table::new(&[
                ("forecast-time", None),
                ("forecast-value", unit),
                ("forecast-low", unit),
                ("forecast-high", unit),
            ]);
            for hour in forecast.hours.iter().take(24) {
                let [_, low_w, high_w, _] = hour.quantiles_w;
                table.row(vec![hour_text(hour.hour), heat(hour.heat_w), heat(low_w), heat(high_w)]);
            }
            out.push_str(&table.text(self.printer));
        }
        let mut notes: Vec<String> = Vec::new();
        for forecast in self.forecasts {
            notes.extend(forecast.notes.iter().map(|note| self.note(&forecast.subject.name, note)));
        }
        // What holds for all is said once.
        let mut seen = std::collections::BTreeSet::new();
        notes.retain(|note| seen.insert(note.clone()));
        if !notes.is_empty() {
            out.push('\n');
            notes.iter().for_each(|note| line(&mut out, format_args!("{note}")));
        }
        for tracked in self.tracked {
            let day = tracked.leads[0];
            let arguments = [
                ("id", tracked.subject.name.to_string().into()),
                ("mape", percent(day.mape()).into()),
                ("count", day.count.to_string().into()),
                ("inside", percent(day.inside()).into()),
            ];
            line(&mut out, format_args!("{}", texts.with("forecast-tracked", &arguments)));
        }
        out
    }

    pub fn json(&self) -> String {
        let forecast = |forecast: &Forecast| {
            let hours: Vec<Value> = forecast
                .hours
                .iter()
                .map(|hour| {
                    let [q025, q10, q90, q975] = hour.quantiles_w;
                    json!({
                        "time": hour_text(hour.hour), "heat_w": hour.heat_w, "low_95_w": q025, "low_80_w": q10,
                        "high_80_w": q90, "high_95_w": q975,
                    })
                })
                .collect();
            let errors: Vec<Value> = LEADS
                .iter()
                .zip(&forecast.errors)
                .map(|((first, last), error)| json!({ "hours_ahead": [first, last], "mape": error }))
                .collect();
            json!({
                "kind": forecast.subject.kind.word(), "id": &*forecast.subject.name, "method": forecast.method.word(),
                "notes": forecast.notes.iter().map(note_word).collect::<Vec<_>>(),
                "days_mean_w": (0..HORIZON / 24).map(|day| mean_w(forecast, day)).collect::<Vec<_>>(),
                "usual_error": errors, "hours": hours,
            })
        };
        let finding = |finding: &Finding| {
            json!({
                "severity": finding.severity.word(), "code": finding.code.word(), "element": finding.element.to_string(),
                "message": finding.message(self.printer.language, &self.printer.units),
            })
        };
        let tracked = |tracked: &Tracked| {
            let lead = |((first, last), lead): ((usize, usize), &crate::dispatch::forecast::journal::TrackedLead)| json!({ "hours_ahead": [first, last], "hours": lead.count, "mape": lead.mape(), "inside_80": lead.inside() });
            let leads = crate::dispatch::forecast::evaluate::TOLD.into_iter().zip(&tracked.leads).map(lead);
            json!({ "kind": tracked.subject.kind.word(), "id": &*tracked.subject.name, "leads": leads.collect::<Vec<_>>() })
        };
        let first = self.forecasts.first().map(|forecast| hour_text(forecast.origin + 1));
        let whole = json!({
            "first_hour": first, "weather_error": self.given.weather_error,
            "forecasts": self.forecasts.iter().map(forecast).collect::<Vec<_>>(),
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
            "tracked": self.tracked.iter().map(tracked).collect::<Vec<_>>(),
        });
        format!("{whole:#}\n")
    }
}

pub fn method_key(method: Method) -> &'static str {
    match method {
        Method::Learned => "forecast-method-learned",
        Method::ScaledPrior => "forecast-method-scaled-prior",
        Method::Prior => "forecast-method-prior",
        Method::Persistence => "forecast-method-persistence",
    }
}
