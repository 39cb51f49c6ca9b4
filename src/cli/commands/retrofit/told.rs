//! The sheet of `retrofit` for people and for programs, and the list of technologies.

use serde_json::{Map, Value, json};

use super::{error_text, left_text, say};
use crate::cli::Printer;
use crate::cli::commands::table::columns;
use crate::dispatch::retrofit::guide::{CLAIMS, Claim, NOT_SIMULATED, Verdict, claims};
use crate::dispatch::retrofit::season::Season;
use crate::dispatch::retrofit::sheet::{Answer, Request, Row};
use crate::dispatch::retrofit::{Parameter, Start, Technology};
use crate::network::Network;

const MWH_J: f64 = 3.6e9;
const TONNE_KG: f64 = 1000.0;
/// Elements left out that are named; the rest are counted.
const MOST_LEFT: usize = 5;

pub struct Told<'a> {
    pub network: &'a Network,
    pub request: &'a Request,
    pub answers: &'a [Answer],
    pub printer: &'a Printer,
}

/// One figure of a season: key of its name, unit, how to read it.
type Figure = (&'static str, &'static str, fn(&Season) -> f64);

const FIGURES: &[Figure] = &[
    ("supplied", "MWh", |season| season.supplied_j / MWH_J),
    ("consumed", "MWh", |season| season.consumed_j / MWH_J),
    ("lost", "MWh", |season| season.lost_j / MWH_J),
    ("fuel", "MWh", |season| season.fuel_j / MWH_J),
    ("pumps", "MWh", |season| season.pumps_j / MWH_J),
    ("stations", "MWh", |season| season.stations_j / MWH_J),
    ("boosters", "MWh", |season| season.boosters_j / MWH_J),
    ("energy", "MWh", |season| season.energy_j() / MWH_J),
    ("co2", "t", |season| season.co2_kg / TONNE_KG),
    ("pumped", "kt", |season| season.pumped_kg / 1e6),
    ("supply-temperature", "°C", |season| season.supply_c),
    ("return-temperature", "°C", |season| season.return_c),
    ("coldest-day", "MW", |season| season.coldest_day_w / 1e6),
    ("room", "°C", |season| season.room_c),
    ("coldest-room", "°C", |season| season.coldest_room_c),
    ("unmet", "K h", |season| season.unmet_k_h),
];

fn number(value: f64) -> String {
    match value.abs() {
        _ if value.is_nan() => "–".to_owned(),
        1000.0.. => format!("{value:.0}"),
        _ => format!("{value:.1}"),
    }
}

fn percent(before: f64, after: f64) -> String {
    let change = 100.0 * (after / before - 1.0);
    if change.is_finite() { format!("{change:+.1} %") } else { "–".to_owned() }
}

/// Why a simulated value lies outside, key of the sentence.
fn because(claim: &Claim, verdict: Verdict) -> Option<String> {
    let words = [claim.technology.word(), claim.quantity.word(), verdict.word()];
    (verdict != Verdict::Inside).then(|| format!("retrofit-because-{}", words.join("-")))
}

fn name(technology: Technology, printer: &Printer) -> String {
    printer.language.texts().get(&format!("retrofit-name-{}", technology.word())).into_owned()
}

fn parameters(technology: Technology) -> impl Iterator<Item = &'static Parameter> {
    technology.parameters().iter().chain(technology.start().parameters())
}

impl Told<'_> {
    fn with(&self, key: &str, arguments: &[(&str, String)]) -> String {
        let arguments: Vec<_> = arguments.iter().map(|(name, value)| (*name, value.clone().into())).collect();
        self.printer.language.texts().with(key, &arguments)
    }

    fn get(&self, key: &str) -> String {
        self.printer.language.texts().get(key).into_owned()
    }

    pub fn text(&self) -> String {
        let mut out = String::new();
        let heads =
            ["technology", "changed", "heat", "heat-change", "pumps", "pumps-change", "return", "rooms", "unmet"];
        let heads: Vec<String> = heads.iter().map(|head| self.get(&format!("retrofit-head-{head}"))).collect();
        let rows: Vec<Vec<String>> = self
            .answers
            .iter()
            .filter_map(|(technology, row)| {
                let row = row.as_ref().ok()?;
                let (before, after) = (&row.before, &row.after);
                let two = |before: f64, after: f64| format!("{} → {}", number(before), number(after));
                Some(vec![
                    name(*technology, self.printer),
                    row.retrofit.changed.len().to_string(),
                    two(before.supplied_j / MWH_J, after.supplied_j / MWH_J),
                    percent(before.supplied_j, after.supplied_j),
                    two(before.pumps_j / MWH_J, after.pumps_j / MWH_J),
                    percent(before.pumps_j, after.pumps_j),
                    two(before.return_c, after.return_c),
                    two(before.room_c, after.room_c),
                    two(before.unmet_k_h, after.unmet_k_h),
                ])
            })
            .collect();
        if !rows.is_empty() {
            let right: Vec<bool> = (0..heads.len()).map(|column| column > 0).collect();
            out.push_str(&columns(&heads, &rows, &right));
        }
        for (technology, row) in self.answers {
            say(&mut out, "");
            let title = [("technology", name(*technology, self.printer)), ("clause", technology.clause().to_owned())];
            say(&mut out, &self.with("retrofit-title", &title));
            match row {
                Ok(row) => self.one(&mut out, row),
                Err(error) => say(&mut out, &format!("  {}", error_text(error, self.printer))),
            }
        }
        out
    }

    fn one(&self, out: &mut String, row: &Row) {
        let start = row.technology.start();
        let edits = [("edits", row.start_edits.len().to_string())];
        say(out, &format!("  {}", self.with(&format!("retrofit-start-{}", start.word()), &edits)));
        for parameter in parameters(row.technology) {
            let value = self.request.values.get(parameter.name).copied().unwrap_or(parameter.default);
            say(out, &format!("  {} = {value} ({})", parameter.name, parameter.source));
        }
        for left in row.retrofit.left.iter().take(MOST_LEFT) {
            say(out, &format!("  {}", left_text(left, self.printer)));
        }
        if row.retrofit.left.len() > MOST_LEFT {
            let more = (row.retrofit.left.len() - MOST_LEFT).to_string();
            say(out, &format!("  {}", self.with("retrofit-left-more", &[("count", more)])));
        }
        let unsolved = row.before.steps_without_solution + row.after.steps_without_solution;
        if unsolved > 0 {
            say(out, &format!("  {}", self.with("retrofit-steps-unsolved", &[("steps", unsolved.to_string())])));
        }
        if row.share < 0.995 {
            let share = [("share", format!("{:.0} %", 100.0 * row.share))];
            say(out, &format!("  {}", self.with("retrofit-share", &share)));
        }
        if row.findings.is_empty() {
            say(out, &format!("  {}", self.get("retrofit-no-figure")));
        }
        for found in &row.findings {
            let arguments = [
                ("clause", found.claim.clause.to_owned()),
                ("quantity", self.get(&format!("retrofit-quantity-{}", found.claim.quantity.word()))),
                ("range", found.claim.range_text()),
                ("value", format!("{:.1} {}", found.value, found.claim.quantity.unit())),
                ("verdict", self.get(&format!("retrofit-verdict-{}", found.verdict.word()))),
            ];
            let key = if found.claim.nearby { "retrofit-finding-nearby" } else { "retrofit-finding" };
            say(out, &format!("  {}", self.with(key, &arguments)));
            if let Some(key) = because(found.claim, found.verdict) {
                say(out, &format!("    {}", self.get(&key)));
            }
        }
    }

    pub fn json(&self) -> Value {
        let rows: Vec<Value> = self
            .answers
            .iter()
            .map(|(technology, row)| match row {
                Ok(row) => self.row_json(row),
                Err(error) => json!({ "technology": technology.word(), "error": error_text(error, self.printer) }),
            })
            .collect();
        json!({ "title": self.network.settings().title, "hours": self.request.hours, "technologies": rows })
    }

    fn row_json(&self, row: &Row) -> Value {
        let season = |season: &Season| {
            let figures: Map<String, Value> = FIGURES
                .iter()
                .map(|(key, unit, read)| (format!("{} [{unit}]", key.replace('-', " ")), json!(read(season))))
                .collect();
            let sources: Map<String, Value> =
                season.sources.iter().map(|(id, heat_j)| (id.clone(), json!(heat_j / MWH_J))).collect();
            json!({ "figures": figures, "heat by source [MWh]": sources,
                "steps without solution": season.steps_without_solution })
        };
        let values: Map<String, Value> = parameters(row.technology)
            .map(|one| {
                let value = self.request.values.get(one.name).copied().unwrap_or(one.default);
                (one.name.to_owned(), json!(value))
            })
            .collect();
        let findings: Vec<Value> = row
            .findings
            .iter()
            .map(|found| {
                let mut value = claim_json(found.claim);
                value["simulated"] = json!(found.value);
                value["verdict"] = found.verdict.word().into();
                value["because"] = because(found.claim, found.verdict).map(|key| self.get(&key)).into();
                value
            })
            .collect();
        let left: Vec<String> = row.retrofit.left.iter().map(|left| left_text(left, self.printer)).collect();
        let changed: Vec<String> = row.retrofit.changed.iter().map(ToString::to_string).collect();
        json!({
            "technology": row.technology.word(), "name": name(row.technology, self.printer),
            "clause": row.technology.clause(), "start": row.technology.start().word(), "parameters": values,
            "changed": changed, "heat_share": row.share, "left": left, "before": season(&row.before), "after": season(&row.after),
            "guide": findings, "start_edits": row.start_edits, "edits": row.retrofit.edits,
        })
    }

    /// A row a technology and figure; then a row a technology and figure of the guide.
    pub fn csv(&self) -> String {
        let mut out = "technology,figure,unit,before,after,guide_clause,guide_range,verdict\n".to_owned();
        for (technology, row) in self.answers {
            let Ok(row) = row else { continue };
            let word = technology.word();
            for (key, unit, read) in FIGURES {
                say(&mut out, &format!("{word},{key},{unit},{:.4},{:.4},,,", read(&row.before), read(&row.after)));
            }
            for found in &row.findings {
                let claim = found.claim;
                let (clause, range) = (claim.clause, claim.range_text());
                let (quantity, unit, verdict) = (claim.quantity.word(), claim.quantity.unit(), found.verdict.word());
                say(
                    &mut out,
                    &format!("{word},guide:{quantity},{unit},,{:.4},{clause},{range},{verdict}", found.value),
                );
            }
        }
        out
    }
}

fn claim_json(claim: &Claim) -> Value {
    json!({
        "clause": claim.clause, "words": claim.words, "translation": claim.translation,
        "quantity": claim.quantity.word(), "unit": claim.quantity.unit(), "low": claim.low, "high": claim.high,
        "nearby": claim.nearby,
    })
}

/// Names of the technologies, what they start from, their parameters, and what the guide says.
pub fn list(technologies: &[Technology], printer: &Printer) -> String {
    let texts = printer.language.texts();
    let mut out = String::new();
    for &technology in technologies {
        let clause = technology.clause();
        say(&mut out, &format!("{}  {} [{clause}]", technology.word(), name(technology, printer)));
        for parameter in parameters(technology) {
            say(&mut out, &format!("    {} = {} ({})", parameter.name, parameter.default, parameter.source));
        }
        for claim in claims(technology) {
            say(&mut out, &format!("    {}: {}", claim.clause, claim.words));
            say(&mut out, &format!("      {}", claim.translation));
        }
    }
    say(&mut out, "");
    say(&mut out, &texts.get("retrofit-not-simulated"));
    for (word, clause) in NOT_SIMULATED {
        say(&mut out, &format!("  {clause} {}", texts.get(&format!("retrofit-missing-{word}"))));
    }
    out
}

pub fn list_json(technologies: &[Technology], printer: &Printer) -> Value {
    let texts = printer.language.texts();
    let start = |start: Start| start.word();
    let known: Vec<Value> = technologies
        .iter()
        .map(|&technology| {
            let parameters: Vec<Value> = parameters(technology)
                .map(|one| {
                    json!({ "name": one.name, "default": one.default, "range": [one.range.0, one.range.1],
                        "source": one.source })
                })
                .collect();
            json!({ "technology": technology.word(), "name": name(technology, printer), "clause": technology.clause(),
                "start": start(technology.start()), "parameters": parameters })
        })
        .collect();
    let missing: Vec<Value> = NOT_SIMULATED
        .iter()
        .map(|(word, clause)| {
            json!({ "technology": word, "clause": clause, "reason": texts.get(&format!("retrofit-missing-{word}")) })
        })
        .collect();
    json!({ "technologies": known, "guide": CLAIMS.iter().map(claim_json).collect::<Vec<_>>(), "not_simulated": missing })
}
