//! A run as a table for people and as JSON for scripts.

use serde_json::{Value, json};

use super::{BalanceCase, BalanceRun};
use crate::text::Language;

/// Failures listed.
const MOST_FAILURES: usize = 40;

struct Figures {
    stations: usize,
    regulated: usize,
    unmet: usize,
    cities_unmet: usize,
    spoilt: usize,
    named: usize,
    before: (f64, f64),
    after: (f64, f64),
    worst: f64,
    gap: f64,
    reduced: usize,
    least_level: f64,
    failed: usize,
    saved: Vec<f64>,
    most_power: f64,
    power: (f64, f64),
}

fn figures(run: &BalanceRun) -> Figures {
    let cases = &run.cases;
    let sum = |of: &dyn Fn(&BalanceCase) -> usize| cases.iter().map(of).sum::<usize>();
    let most = |of: &dyn Fn(&BalanceCase) -> f64| cases.iter().map(of).fold(f64::NAN, f64::max);
    let least = |of: &dyn Fn(&BalanceCase) -> f64| cases.iter().map(of).fold(f64::NAN, f64::min);
    let ratio = |case: &BalanceCase| case.power_after_w / case.power_before_w;
    let mut saved: Vec<f64> = cases.iter().map(|case| 1.0 - ratio(case)).filter(|share| share.is_finite()).collect();
    saved.sort_by(f64::total_cmp);
    Figures {
        stations: sum(&|case| case.stations),
        regulated: sum(&|case| case.regulated),
        unmet: sum(&|case| case.unmet),
        cities_unmet: sum(&|case| usize::from(case.unmet > 0)),
        spoilt: sum(&|case| case.spoilt_stations),
        named: sum(&|case| case.named),
        before: (least(&|case| case.before.0), most(&|case| case.before.1)),
        after: (least(&|case| case.after.0), most(&|case| case.after.1)),
        worst: most(&|case| case.worst),
        gap: most(&|case| case.gap),
        reduced: sum(&|case| usize::from(case.level < 1.0)),
        least_level: least(&|case| case.level),
        failed: sum(&|case| usize::from(!case.failures.is_empty())),
        most_power: most(&ratio),
        power: (cases.iter().map(|case| case.power_before_w).sum(), cases.iter().map(|case| case.power_after_w).sum()),
        saved,
    }
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// For people.
pub fn balance_text(run: &BalanceRun, language: Language) -> String {
    let texts = language.texts();
    let found = figures(run);
    let mut out = String::new();
    let mut say = |key: &str, arguments: &[(&str, crate::text::Argument)]| {
        out.push_str(&texts.with(key, arguments));
        out.push('\n');
    };
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    let count = |number: usize| number.to_string();
    say(
        "verify-balance-cities",
        &[
            ("cities", count(run.cases.len()).into()),
            ("stations", count(found.stations).into()),
            ("regulated", count(found.regulated).into()),
            ("seed", run.seed.to_string().into()),
        ],
    );
    say(
        "verify-balance-before",
        &[("least", format!("{:.2}", found.before.0).into()), ("most", format!("{:.2}", found.before.1).into())],
    );
    say(
        "verify-balance-after",
        &[
            ("least", format!("{:.4}", found.after.0).into()),
            ("most", format!("{:.4}", found.after.1).into()),
            ("worst", format!("{:.1e}", found.worst).into()),
            ("gap", format!("{:.1e}", found.gap).into()),
        ],
    );
    say(
        "verify-balance-unmet",
        &[
            ("unmet", count(found.unmet).into()),
            ("cities", count(found.cities_unmet).into()),
            ("spoilt", count(found.spoilt).into()),
            ("named", count(found.named).into()),
        ],
    );
    say(
        "verify-balance-power",
        &[
            ("before", format!("{:.0} kW", 1e-3 * found.power.0).into()),
            ("after", format!("{:.0} kW", 1e-3 * found.power.1).into()),
            ("median", percent(median(&found.saved)).into()),
            ("most", format!("{:.4}", found.most_power).into()),
        ],
    );
    say(
        "verify-balance-level",
        &[("cities", count(found.reduced).into()), ("least", percent(found.least_level).into())],
    );
    let failures = run.cases.iter().flat_map(|case| case.failures.iter().map(move |text| (case.seed, text)));
    for (seed, text) in failures.take(MOST_FAILURES) {
        out.push_str(&format!("{seed}: {text}\n"));
    }
    let key = if found.failed == 0 { "verify-balance-passed" } else { "verify-balance-failed" };
    out.push_str(
        &texts.with(key, &[("cities", count(run.cases.len()).into()), ("failed", count(found.failed).into())]),
    );
    out.push('\n');
    out
}

/// For scripts: every case.
pub fn balance_json(run: &BalanceRun) -> Value {
    let cases: Vec<Value> = run
        .cases
        .iter()
        .map(|case| {
            json!({
                "seed": case.seed, "stations": case.stations, "regulated": case.regulated, "unmet": case.unmet,
                "sources": case.sources, "station_pumps": case.station_pumps,
                "spoilt": case.spoilt.iter().map(|what| what.word()).collect::<Vec<_>>(),
                "spoilt_stations": case.spoilt_stations, "spoilt_named": case.named,
                "imbalance_before": [case.before.0, case.before.1], "imbalance_after": [case.after.0, case.after.1],
                "worst_deviation": case.worst, "level": case.level, "gap": case.gap,
                "power_before_w": case.power_before_w, "power_after_w": case.power_after_w, "failures": case.failures,
            })
        })
        .collect();
    let found = figures(run);
    json!({
        "seed": run.seed, "passed": run.passed(), "cities": run.cases.len(), "stations": found.stations,
        "worst_deviation": found.worst, "unmet": found.unmet, "level_below_one": found.reduced,
        "greatest_power_ratio": found.most_power, "cases": cases,
    })
}
