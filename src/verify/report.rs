//! The verification as a text table for people and as JSON for scripts.

use serde_json::{Value, json};

use super::{Case, Comparison, Outcome, Tolerance, Verification};
use crate::text::{Language, Texts};

/// Columns of a comparison's line after its indentation: quantity, values, tolerance, deviation, share, where, verdict.
const COLUMNS: usize = 7;

/// The answer of `verify --format json`. Numbers that are none (no solution) become null.
pub fn json(verification: &Verification) -> Value {
    let (passed, failed, not_run) = verification.counts();
    let cases: Vec<Value> = verification.cases.iter().map(case_json).collect();
    let worst = verification.worst().map(|(case, comparison)| {
        let mut value = comparison_json(comparison);
        value["case"] = json!(case.name);
        value
    });
    json!({
        "passed": verification.passed(),
        "cases_passed": passed,
        "cases_failed": failed,
        "cases_not_run": not_run,
        "cases": cases,
        "worst": worst,
    })
}

fn case_json(case: &Case) -> Value {
    let (status, reason) = match (&case.outcome, case.passed()) {
        (Outcome::Failed(reason), _) => ("failed", Some(reason)),
        (Outcome::NotRun(reason), _) => ("not-run", Some(reason)),
        (Outcome::Compared(_), Some(true)) => ("passed", None),
        (Outcome::Compared(_), _) => ("failed", None),
    };
    let comparisons: Vec<Value> = case.comparisons().iter().map(comparison_json).collect();
    json!({
        "name": case.name,
        "source": case.source,
        "status": status,
        "reason": reason,
        "notes": case.notes,
        "comparisons": comparisons,
    })
}

fn comparison_json(comparison: &Comparison) -> Value {
    let worst = comparison.worst.as_ref();
    json!({
        "quantity": comparison.quantity.word(),
        "unit": comparison.quantity.unit(),
        "values": comparison.values,
        "tolerance": comparison.tolerance,
        "tolerance_reason": comparison.reason,
        "element": worst.map(|worst| worst.element.as_str()),
        "expected": worst.map(|worst| worst.expected),
        "computed": worst.map(|worst| worst.computed),
        "largest_deviation": worst.map(super::Deviation::size),
        "allowed": worst.map(|worst| worst.allowed),
        "share_of_tolerance": comparison.share(),
        "passed": comparison.passed(),
    })
}

/// The table people read: each case with its source, a line for each quantity below it, and the worst of all at the end.
pub fn text(verification: &Verification, language: Language) -> String {
    let texts = language.texts();
    let header = ["quantity", "values", "tolerance", "deviation", "used", "where", "verdict"]
        .map(|word| texts.get(&format!("verify-column-{word}")).into_owned());
    let mut rows = vec![header.clone()];
    for comparison in verification.cases.iter().flat_map(Case::comparisons) {
        rows.push(row(comparison, texts));
    }
    let mut widths = [0; COLUMNS];
    for row in &rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(cell));
        }
    }
    let mut out = String::new();
    line(&mut out, &header, &widths);
    let mut rows = rows.into_iter().skip(1);
    for case in &verification.cases {
        let title = if case.title.is_empty() { String::new() } else { format!(" {}", texts.get(case.title)) };
        out.push_str(&format!("{}{title}   [{}]\n", case.name, case.source));
        match &case.outcome {
            Outcome::Compared(comparisons) => {
                for row in rows.by_ref().take(comparisons.len()) {
                    line(&mut out, &row, &widths);
                }
            }
            Outcome::Failed(reason) => out.push_str(&format!("  {}: {reason}\n", texts.get("verify-failed"))),
            Outcome::NotRun(reason) => out.push_str(&format!("  {}: {reason}\n", texts.get("verify-not-run"))),
        }
        for note in &case.notes {
            out.push_str(&format!("  ({note})\n"));
        }
    }
    let (passed, failed, not_run) = verification.counts();
    let counts = [("passed", passed.into()), ("failed", failed.into()), ("skipped", not_run.into())];
    out.push_str(&format!("\n{}\n", texts.with("verify-summary", &counts)));
    if let Some((case, comparison)) = verification.worst()
        && let Some(worst) = &comparison.worst
    {
        let quantity = texts.get(&format!("verify-quantity-{}", comparison.quantity.word())).into_owned();
        let arguments = [
            ("case", case.name.as_str().into()),
            ("quantity", quantity.into()),
            ("element", worst.element.as_str().into()),
            ("expected", number(worst.expected).into()),
            ("computed", number(worst.computed).into()),
            ("unit", comparison.quantity.unit().into()),
            ("percent", percent(comparison.share()).into()),
        ];
        out.push_str(&format!("{}\n", texts.with("verify-worst", &arguments)));
    }
    out
}

fn row(comparison: &Comparison, texts: &Texts) -> [String; COLUMNS] {
    let quantity = texts.get(&format!("verify-quantity-{}", comparison.quantity.word())).into_owned();
    let worst = comparison.worst.as_ref();
    let verdict = if comparison.passed() { "verify-passed" } else { "verify-failed" };
    [
        quantity,
        comparison.values.to_string(),
        tolerance(comparison, texts),
        worst.map_or_else(String::new, |worst| {
            format!("{} {}", number(worst.size()), comparison.quantity.difference_unit())
        }),
        percent(comparison.share()),
        worst.map_or_else(String::new, |worst| worst.element.clone()),
        texts.get(verdict).into_owned(),
    ]
}

/// `20 Pa`, `0.1 % of the largest`, `1 Pa + 1 %`.
fn tolerance(comparison: &Comparison, texts: &Texts) -> String {
    let Tolerance { absolute, relative, of_largest } = comparison.tolerance;
    let mut parts = Vec::new();
    if absolute > 0.0 {
        parts.push(format!("{} {}", number(absolute), comparison.quantity.difference_unit()));
    }
    if relative > 0.0 {
        parts.push(format!("{} %", number(relative * 100.0)));
    }
    if of_largest > 0.0 {
        parts.push(texts.with("verify-of-largest", &[("percent", number(of_largest * 100.0).into())]));
    }
    parts.join(" + ")
}

fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.0} %", share * 100.0) } else { "–".to_owned() }
}

/// Three significant digits, without exponent where people would not write one.
fn number(value: f64) -> String {
    if value == 0.0 {
        "0".to_owned()
    } else if !value.is_finite() {
        "–".to_owned()
    } else if (1e-4..1e7).contains(&value.abs()) {
        let digits = (2 - value.abs().log10().floor() as i32).max(0) as usize;
        let text = format!("{value:.digits$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    } else {
        let text = format!("{value:.2e}");
        text.replace(".00e", "e").replace("0e", "e")
    }
}

fn line(out: &mut String, cells: &[String; COLUMNS], widths: &[usize; COLUMNS]) {
    let mut text = String::from(" ");
    for (column, (cell, &widest)) in cells.iter().zip(widths).enumerate() {
        let pad = " ".repeat(widest.saturating_sub(width(cell)));
        // Numbers to the right, words to the left.
        if (1..=4).contains(&column) {
            text.push_str(&format!(" {pad}{cell} "));
        } else {
            text.push_str(&format!(" {cell}{pad} "));
        }
    }
    out.push_str(text.trim_end());
    out.push('\n');
}

/// Columns a text takes in a terminal: Chinese signs and full-width punctuation take two.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| if matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{FF00}'..='\u{FF60}') { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_as_people_write_them() {
        let pairs =
            [(20.0, "20"), (0.001, "0.001"), (404.876, "405"), (1e-5, "1e-5"), (1.25e-7, "1.25e-7"), (0.05, "0.05")];
        for (value, text) in pairs {
            assert_eq!(number(value), text);
        }
        assert_eq!(number(1200.0), "1200");
    }
}
