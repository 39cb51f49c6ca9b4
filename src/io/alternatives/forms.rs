//! Assessments as JSON and CSV, for programs: SI units, stable words.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::sheet::Comparison;
use crate::dispatch::alternative::{Assessment, Figure, Figures, MoneyKind};
use crate::io::dispatch::time_text;

fn figures_json(figures: &Figures) -> Value {
    let all: Map<String, Value> =
        Figure::ALL.iter().map(|figure| (figure.word().to_owned(), json!(figure.of(figures)))).collect();
    let money = figures.money.map(|money| {
        let kinds: Map<String, Value> =
            MoneyKind::ALL.into_iter().map(|kind| (kind.word().to_owned(), json!(money.of(kind)))).collect();
        json!({ "total": money.total(), "kinds": kinds })
    });
    let by_code: Map<String, Value> = figures
        .breaches_by_code()
        .into_iter()
        .map(|(code, count, seconds)| (code.word().to_owned(), json!({ "elements": count, "duration_s": seconds })))
        .collect();
    let breaches: Vec<Value> = figures
        .breaches
        .iter()
        .map(|breach| {
            json!({
                "code": breach.code.word(), "element": breach.element.to_string(),
                "first": time_text(breach.first_calendar_s), "duration_s": breach.duration_s,
            })
        })
        .collect();
    let cold = &figures.cold;
    json!({
        "figures": all,
        "duration_s": figures.duration_s,
        "outdoor_mean_c": figures.outdoor_mean_c,
        "heat": figures.heat,
        "sources": figures.sources,
        "electricity": figures.electricity,
        "money": money,
        "buildings": cold.buildings,
        "coldest_building": cold.worst.as_ref().map(|(element, unmet_kh)| json!({
            "element": element.to_string(), "unmet_kh": unmet_kh,
        })),
        "coldest_room": cold.coldest.as_ref().map(|(element, room_c, at_s)| json!({
            "element": element.to_string(), "room_c": room_c, "time": time_text(*at_s),
        })),
        "worst_loop": figures.worst_loop.as_ref().map(|worst| json!({
            "consumer": &*worst.consumer, "margin_pa": worst.margin_pa, "time": time_text(worst.calendar_s),
        })),
        "rules_broken": by_code,
        "breaches": breaches,
        "hydraulic_solves": figures.hydraulic_solves,
    })
}

/// One alternative.
pub fn assessment_json(row: &Assessment) -> Value {
    let mut value = json!({
        "name": row.name, "note": row.note, "running": row.running.word(), "deviation_k": row.deviation_k,
        "expected": figures_json(&row.figures),
        "unmodelled": row.unmodelled.iter().map(|(element, why)| format!("{element}: {why}")).collect::<Vec<_>>(),
    });
    for (name, figures) in [("colder", &row.colder), ("warmer", &row.warmer)] {
        if let Some(figures) = figures {
            value[name] = figures_json(figures);
        }
    }
    value
}

/// All, the base first, each with its difference to the base and whether it is among the best.
pub fn json(comparison: &Comparison<'_>) -> Value {
    let rows = comparison.rows;
    let best = comparison.best();
    let all: Vec<Value> = rows
        .iter()
        .zip(&best)
        .map(|(row, best)| {
            let mut value = assessment_json(row);
            let less_base = |figure: Figure| {
                let [own, base] = [row, &rows[0]].map(|row| figure.of(&row.figures));
                own.zip(base).map(|(own, base)| own - base)
            };
            let difference: Map<String, Value> =
                Figure::ALL.iter().map(|figure| (figure.word().to_owned(), json!(less_base(*figure)))).collect();
            value["difference"] = Value::Object(difference);
            value["pareto"] = (*best).into();
            value
        })
        .collect();
    let axes: Vec<&str> = comparison.axes().into_iter().map(Figure::word).collect();
    json!({ "currency": comparison.currency, "axes": axes, "alternatives": all })
}

/// A row an alternative and run, a column a figure.
pub fn csv(comparison: &Comparison<'_>) -> String {
    let mut out = "alternative,running,weather,pareto".to_owned();
    for figure in Figure::ALL {
        let _ = write!(out, ",{}", figure.word());
    }
    out.push('\n');
    for (row, best) in comparison.rows.iter().zip(comparison.best()) {
        let runs = [("expected", Some(&row.figures)), ("colder", row.colder.as_ref()), ("warmer", row.warmer.as_ref())];
        for (weather, figures) in runs {
            let Some(figures) = figures else { continue };
            let name = row.name.replace('"', "\"\"");
            let _ = write!(out, "\"{name}\",{},{weather},{}", row.running.word(), u8::from(best));
            for figure in Figure::ALL {
                let _ = match figure.of(figures) {
                    Some(value) => write!(out, ",{value}"),
                    None => write!(out, ","),
                };
            }
            out.push('\n');
        }
    }
    out
}
