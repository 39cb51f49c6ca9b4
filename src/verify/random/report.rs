//! A run of random networks as a table for people and as JSON for scripts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{CaseResult, RandomRun, Verdict};
use crate::network::generate::Shape;
use crate::text::Language;

/// Failures listed.
const MOST_FAILURES: usize = 40;
/// Upper ends of the columns of the histogram of iterations.
const COLUMNS: [u32; 8] = [0, 5, 10, 15, 20, 30, 45, 60];

#[derive(Default)]
struct Count {
    cases: usize,
    solved: usize,
    not_held: usize,
    refused: usize,
    failed: usize,
    accepted_wrongly: usize,
    most_iterations: u32,
    most_passes: u32,
    most_in_a_pass: u32,
    most_in_all: u32,
    mass: f64,
    law: f64,
}

impl Count {
    fn add(&mut self, case: &CaseResult) {
        self.cases += 1;
        match case.verdict {
            Verdict::Solved => self.solved += 1,
            Verdict::NotHeld => self.not_held += 1,
            Verdict::Refused(_) => self.refused += 1,
            Verdict::Failed(_) => self.failed += 1,
        }
        self.accepted_wrongly += usize::from(case.accepted_wrongly);
        if !case.heat {
            self.most_iterations = self.most_iterations.max(case.iterations);
        }
        self.most_passes = self.most_passes.max(case.passes);
        self.most_in_a_pass = self.most_in_a_pass.max(case.hardest_pass);
        self.most_in_all = self.most_in_all.max(case.iterations);
        self.mass = self.mass.max(case.mass);
        self.law = self.law.max(case.law);
    }

    fn json(&self) -> Value {
        json!({
            "cases": self.cases, "solved": self.solved, "not_held": self.not_held, "refused": self.refused,
            "failed": self.failed, "accepted_wrongly": self.accepted_wrongly, "most_iterations": self.most_iterations, "most_passes": self.most_passes,
            "most_iterations_of_a_pass": self.most_in_a_pass, "most_iterations_of_all_passes": self.most_in_all,
            "worst_mass_residual": self.mass, "worst_law_residual": self.law,
        })
    }
}

struct Summary {
    kinds: Vec<(&'static str, Count)>,
    all: Count,
    histogram: Vec<(u32, usize)>,
    refusals: BTreeMap<&'static str, usize>,
    planted: BTreeMap<&'static str, usize>,
}

fn summary(run: &RandomRun) -> Summary {
    let mut kinds: Vec<(&'static str, Count)> =
        Shape::ALL.iter().map(|shape| (shape.word(), Count::default())).collect();
    kinds.push(("heated", Count::default()));
    let mut out = Summary {
        kinds,
        all: Count::default(),
        histogram: COLUMNS.iter().map(|&most| (most, 0)).chain([(u32::MAX, 0)]).collect(),
        refusals: BTreeMap::new(),
        planted: BTreeMap::new(),
    };
    for case in &run.cases {
        out.all.add(case);
        let word = if case.heat { "heated" } else { case.shape.word() };
        if let Some((_, count)) = out.kinds.iter_mut().find(|(kind, _)| *kind == word) {
            count.add(case);
        }
        if !case.heat
            && let Some(column) = out.histogram.iter_mut().find(|(most, _)| case.iterations <= *most)
        {
            column.1 += 1;
        }
        if let Verdict::Refused(code) = case.verdict {
            *out.refusals.entry(code.word()).or_default() += 1;
        }
        if let Some(word) = case.planted {
            *out.planted.entry(word).or_default() += 1;
        }
    }
    out
}

/// The answer of `verify --random N --format json`.
pub fn random_json(run: &RandomRun) -> Value {
    let summary = summary(run);
    let kinds: serde_json::Map<String, Value> =
        summary.kinds.iter().map(|(word, count)| ((*word).to_owned(), count.json())).collect();
    let histogram: Vec<Value> = summary
        .histogram
        .iter()
        .map(|&(most, count)| json!({ "iterations_up_to": (most != u32::MAX).then_some(most), "cases": count }))
        .collect();
    let failures: Vec<Value> = run
        .failures()
        .map(|case| {
            let Verdict::Failed(reasons) = &case.verdict else { return Value::Null };
            // As text: not every reader of JSON keeps 64 bits.
            json!({ "case": case.seed.to_string(), "shape": case.shape.word(), "heated": case.heat,
                    "features": case.features, "nodes": case.nodes, "links": case.links, "iterations": case.iterations, "reasons": reasons })
        })
        .collect();
    json!({
        "passed": run.passed(),
        "seed": run.seed,
        "all": summary.all.json(),
        "kinds": kinds,
        "iterations": histogram,
        "refusals": summary.refusals,
        "planted": summary.planted,
        "failures": failures,
    })
}

/// The table people read.
pub fn random_text(run: &RandomRun, language: Language) -> String {
    let texts = language.texts();
    let summary = summary(run);
    let mut out = String::new();
    let mut row = |cells: [String; 9]| {
        let [kind, cells @ ..] = cells;
        let numbers: String = cells.iter().map(|cell| padded(cell, 11)).collect();
        let fill = " ".repeat(12usize.saturating_sub(super::super::report::width(&kind)));
        out.push_str(&format!("{kind}{fill}{numbers}\n"));
    };
    row(["kind", "cases", "solved", "not-held", "refused", "failed", "iterations", "mass", "law"]
        .map(|word| texts.get(&format!("verify-random-{word}")).into_owned()));
    for (word, count) in summary.kinds.iter().map(|(word, count)| (*word, count)).chain([("all", &summary.all)]) {
        let figures = [count.cases, count.solved, count.not_held, count.refused, count.failed].map(|n| n.to_string());
        let [cases, solved, not_held, refused, failed] = figures;
        let name = texts.get(&format!("verify-random-kind-{word}")).into_owned();
        let iterations = if word == "heated" { String::new() } else { count.most_iterations.to_string() };
        let (mass, law) = (format!("{:.1e}", count.mass), format!("{:.1e}", count.law));
        row([name, cases, solved, not_held, refused, failed, iterations, mass, law]);
    }
    let list = |title: &str, entries: Vec<String>| {
        if entries.is_empty() { String::new() } else { format!("{}: {}\n", texts.get(title), entries.join(", ")) }
    };
    out.push('\n');
    out.push_str(&list("verify-random-histogram", histogram(&summary)));
    if let Some((_, heated)) = summary.kinds.iter().find(|(word, count)| *word == "heated" && count.cases > 0) {
        let figures = [
            ("passes", heated.most_passes.into()),
            ("one", heated.most_in_a_pass.into()),
            ("all", heated.most_in_all.into()),
        ];
        out.push_str(&format!("{}\n", texts.with("verify-random-passes", &figures)));
    }
    let counted = |map: &BTreeMap<&'static str, usize>| map.iter().map(|(word, n)| format!("{word} {n}")).collect();
    out.push_str(&list("verify-random-refusals", counted(&summary.refusals)));
    out.push_str(&list("verify-random-planted", counted(&summary.planted)));
    for case in run.failures().take(MOST_FAILURES) {
        let Verdict::Failed(reasons) = &case.verdict else { continue };
        let kind = if case.heat { "heated" } else { case.shape.word() };
        out.push_str(&format!("--case {} ({kind}, {} links): {}\n", case.seed, case.links, reasons.join("; ")));
    }
    if summary.all.accepted_wrongly > 0 {
        let count = [("count", summary.all.accepted_wrongly.into())];
        out.push_str(&format!("{}\n", texts.with("verify-random-accepted-wrongly", &count)));
    }
    let count = run.failures().count();
    let key = if count == 0 { "verify-random-summary-passed" } else { "verify-random-summary-failed" };
    let figures = [("cases", run.cases.len().into()), ("failed", count.into()), ("seed", run.seed.to_string().into())];
    out.push_str(&format!("{}\n", texts.with(key, &figures)));
    out
}

fn histogram(summary: &Summary) -> Vec<String> {
    let name = |most: u32| if most == u32::MAX { format!("> {}", COLUMNS[7]) } else { format!("≤ {most}") };
    summary.histogram.iter().map(|&(most, count)| format!("{} {count}", name(most))).collect()
}

/// To the right of a column this wide.
fn padded(text: &str, columns: usize) -> String {
    " ".repeat(columns.saturating_sub(super::super::report::width(text))) + text
}
