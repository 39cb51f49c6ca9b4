//! Small published or computed answers: ladders of users, a textbook main, formulas.

mod destest;
mod formulas;
mod ladder;
mod mains;
mod pressure_diagram;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::run::Job;
use super::{Case, Comparison, Library};
use crate::network::InsertError;

const PATH: &str = "oracles.json";

/// An oracle's own computation from its entry in the file.
type Compute = fn(&Value, &Library) -> Result<Vec<Comparison>, String>;

/// (name, key in the file, key of the title, computation)
const ORACLES: [(&str, &str, &str, Compute); 9] = [
    ("O1", "O1_ladder_leak", "verify-oracle-ladder-leak", |entry, _| ladder::leak(entry)),
    ("O3", "O3_pressure_diagram", "verify-oracle-pressure-diagram", |entry, _| pressure_diagram::compare(entry)),
    ("O4", "O4_heping_9_1", "verify-oracle-mains", |entry, _| mains::compare(entry)),
    ("O5", "O5_five_user_ladder", "verify-oracle-five-users", |entry, _| ladder::five_users(entry)),
    ("O6", "O6_heating_curve", "verify-oracle-heating-curve", |entry, _| formulas::heating_curve(entry)),
    ("O7", "O7_heat_loss", "verify-oracle-heat-loss", |entry, _| formulas::heat_loss(entry)),
    ("O8", "O8_destest_CE_0", "verify-oracle-destest", destest::compare),
    ("O9", "O9_joukowsky", "verify-oracle-surge", |entry, _| formulas::surge(entry)),
    ("O10", "O10_cooldown", "verify-oracle-cooling", |entry, _| formulas::cooling(entry)),
];

pub(super) fn all(library: &Library) -> Vec<Job<'_>> {
    let Some(text) = library.get(PATH) else { return Vec::new() };
    let file: Result<Value, String> = serde_json::from_str(text).map_err(|error| format!("{PATH}: {error}"));
    ORACLES
        .iter()
        .map(|&(name, key, title, compute)| {
            let entry = file
                .clone()
                .and_then(|file| file.get(key).cloned().ok_or_else(|| format!("{PATH}: it has no entry '{key}'")));
            Box::new(move || {
                let source = entry.as_ref().map(source).unwrap_or_default();
                Case::new(name, source, entry.and_then(|entry| compute(&entry, library))).titled(title)
            }) as Job<'_>
        })
        .collect()
}

/// Where the figures come from, as the entry says it.
fn source(entry: &Value) -> String {
    let word = |key: &str| entry.get(key).and_then(Value::as_str);
    match (word("source"), word("status")) {
        (Some(source), Some(status)) => format!("{source} ({status})"),
        (one, other) => one.or(other).unwrap_or_default().to_owned(),
    }
}

/// An entry, or a part of it, in the form a computation reads.
fn parse<T: DeserializeOwned>(entry: &Value) -> Result<T, String> {
    serde_json::from_value(entry.clone()).map_err(|error| format!("{PATH}: {error}"))
}

fn refused(error: InsertError) -> String {
    error.to_string()
}
