//! The allocation of a building's heat as text for people, CSV for spreadsheets, JSON for programs.

use serde_json::{Value, json};

use super::read::Settlement;
use crate::physics::metering::{
    Allocation, Bill, BuildingDoubt, HouseholdDoubt, Integrated, Measured, Method, ReadingFault,
};
use crate::text::{Argument, Language};

const GIGAJOULE_J: f64 = 1e9;

/// A sentence with numbers already written.
fn sentence(language: Language, key: &str, arguments: &[(&str, String)]) -> String {
    let arguments: Vec<(&str, Argument<'_>)> =
        arguments.iter().map(|(name, value)| (*name, Argument::from(value.as_str()))).collect();
    language.texts().with(key, &arguments)
}

/// The stable word and the sentence of a doubt about a household.
fn household_doubt(doubt: &HouseholdDoubt, language: Language) -> (&'static str, String) {
    let percent = |value: f64| format!("{value:.2}");
    let (word, arguments) = match doubt {
        HouseholdDoubt::Missing => ("missing", vec![]),
        HouseholdDoubt::NotPlausible { value } => ("not-plausible", vec![("value", value.to_string())]),
        HouseholdDoubt::BeyondPeriod { hours, period_h } => {
            ("beyond-period", vec![("hours", hours.to_string()), ("period", period_h.to_string())])
        }
        HouseholdDoubt::RoomTemperature { temperature_c } => {
            ("room-temperature", vec![("value", temperature_c.to_string())])
        }
        HouseholdDoubt::Nothing => ("nothing", vec![]),
        HouseholdDoubt::Unusual { times } => ("unusual", vec![("times", percent(*times))]),
    };
    (word, sentence(language, &format!("meter-doubt-{word}"), &arguments))
}

/// The same about the building, its risers and its meter.
fn building_doubts(
    settlement: &Settlement,
    allocation: &Allocation,
    language: Language,
) -> Vec<(&'static str, String)> {
    let percent = |share: f64| format!("{:.1}", share * 100.0);
    let mut out = Vec::new();
    let mut add = |word: &'static str, arguments: &[(&str, String)]| {
        out.push((word, sentence(language, &format!("meter-doubt-{word}"), arguments)));
    };
    for doubt in &allocation.building_doubts {
        match doubt {
            BuildingDoubt::MeterSum { share } => add("meter-sum", &[("percent", percent(*share))]),
            BuildingDoubt::ManyEstimated { share_of_area } => {
                add("many-estimated", &[("percent", percent(*share_of_area))]);
            }
        }
    }
    for doubt in &settlement.riser_doubts {
        add("riser-sum", &[("riser", doubt.riser.clone()), ("percent", percent(doubt.share))]);
    }
    if let Some(readings) = &settlement.heat.readings {
        let share = readings.heat_j / settlement.heat.heat_j;
        if (share - 1.0).abs() > 0.02 {
            add("readings-differ", &[("percent", percent(share))]);
        }
        for (at, fault) in &readings.faults {
            let line = settlement.heat.lines.get(*at).copied().unwrap_or(0).to_string();
            let word = match fault {
                ReadingFault::TimeNotRising => "reading-time",
                ReadingFault::CounterBack { .. } => "reading-counter",
                ReadingFault::Reversed { .. } => "reading-reversed",
                ReadingFault::SmallDifference { .. } => "reading-small",
                ReadingFault::NotPlausible => "reading-not-plausible",
            };
            add(word, &[("line", line)]);
        }
    }
    out
}

fn bill(settlement: &Settlement, allocation: &Allocation, at: usize) -> Option<Bill> {
    let price = settlement.price?;
    Some(price.bill(settlement.households[at].area_m2, allocation.households[at].heat_j))
}

/// The value that was read, in the unit of its column.
fn read_value(measured: &Measured) -> Option<f64> {
    match *measured {
        Measured::Heat(heat_j) => Some(heat_j / GIGAJOULE_J),
        Measured::OpenHours(value)
        | Measured::AllocatorUnits(value)
        | Measured::FlowKelvin(value)
        | Measured::RoomTemperature(value) => Some(value),
        Measured::Missing => None,
    }
}

/// Everything, for programs. Money is in the prices' currency.
pub fn json(settlement: &Settlement, allocation: &Allocation, language: Language) -> Value {
    let doubts = |list: Vec<(&'static str, String)>| -> Vec<Value> {
        list.into_iter().map(|(code, message)| json!({ "code": code, "message": message })).collect()
    };
    let households: Vec<Value> = settlement
        .ids
        .iter()
        .enumerate()
        .map(|(at, id)| {
            let (household, own) = (&settlement.households[at], &allocation.households[at]);
            let about = allocation.household_doubts.iter().filter(|doubt| doubt.0 == at);
            let mut entry = json!({
                "id": id,
                "area_m2": household.area_m2,
                "position_factor": household.position_factor,
                "read": read_value(&household.measured),
                "heat_gj": own.heat_j / GIGAJOULE_J,
                "share": own.share,
                "heat_gj_m2": own.heat_j_m2 / GIGAJOULE_J,
                "estimated": own.estimated,
                "doubts": doubts(about.map(|doubt| household_doubt(&doubt.1, language)).collect()),
            });
            if let Some(bill) = bill(settlement, allocation, at) {
                entry["bill"] = json!({
                    "basic": bill.basic, "metered": bill.metered, "total": bill.total, "by_area": bill.by_area,
                });
            }
            entry
        })
        .collect();
    json!({
        "method": settlement.method.word(),
        "heat_gj": settlement.heat.heat_j / GIGAJOULE_J,
        "unmetered_gj": allocation.unmetered_j.map(|value| value / GIGAJOULE_J),
        "readings": settlement.heat.readings.as_ref().map(|readings: &Integrated| json!({
            "heat_gj": readings.heat_j / GIGAJOULE_J,
            "volume_m3": readings.volume_m3,
            "hours": readings.seconds / 3600.0,
            "faults": readings.faults.len(),
        })),
        "households": households,
        "doubts": doubts(building_doubts(settlement, allocation, language)),
    })
}

/// One row a household, for spreadsheets.
pub fn csv(settlement: &Settlement, allocation: &Allocation) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header =
        "id,area_m2,position_factor,read,heat_gj,share,heat_gj_m2,estimated,basic,metered,total,by_area,doubts";
    writer.write_record(header.split(','))?;
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    for (at, id) in settlement.ids.iter().enumerate() {
        let (household, own) = (&settlement.households[at], &allocation.households[at]);
        let bill = bill(settlement, allocation, at);
        let about = allocation.household_doubts.iter().filter(|doubt| doubt.0 == at);
        let words: Vec<&str> = about.map(|doubt| household_doubt(&doubt.1, Language::English).0).collect();
        writer.write_record([
            id.clone(),
            household.area_m2.to_string(),
            household.position_factor.to_string(),
            number(read_value(&household.measured)),
            (own.heat_j / GIGAJOULE_J).to_string(),
            own.share.to_string(),
            (own.heat_j_m2 / GIGAJOULE_J).to_string(),
            own.estimated.to_string(),
            number(bill.map(|bill| bill.basic)),
            number(bill.map(|bill| bill.metered)),
            number(bill.map(|bill| bill.total)),
            number(bill.and_then(|bill| bill.by_area)),
            words.join(" "),
        ])?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// Columns as wide as their widest cell; Chinese characters take two places.
fn width(text: &str) -> usize {
    text.chars().map(|c| if (c as u32) >= 0x2e80 { 2 } else { 1 }).sum()
}

fn layout(rows: &[Vec<String>], out: &mut String) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|i| rows.iter().filter_map(|row| row.get(i)).map(|cell| width(cell)).max().unwrap_or(0))
        .collect();
    for row in rows {
        let mut line = String::new();
        for (i, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[i] - width(cell));
            // Names to the left, numbers to the right.
            let cell = if i == 0 || i + 1 == columns { format!("{cell}{pad}") } else { format!("{pad}{cell}") };
            line.push_str(&cell);
            line.push_str("  ");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// For people.
pub fn text(settlement: &Settlement, allocation: &Allocation, language: Language) -> String {
    let texts = language.texts();
    let word = |key: &str| texts.get(&format!("meter-{key}")).into_owned();
    let mut out = String::new();
    let method = word(&format!("method-{}", settlement.method.word()));
    let total = format!("{:.3}", settlement.heat.heat_j / GIGAJOULE_J);
    out.push_str(&sentence(
        language,
        "meter-summary",
        &[("method", method), ("heat", total), ("households", settlement.ids.len().to_string())],
    ));
    out.push('\n');
    if let Some(readings) = &settlement.heat.readings {
        let arguments = [
            ("heat", format!("{:.3}", readings.heat_j / GIGAJOULE_J)),
            ("volume", format!("{:.1}", readings.volume_m3)),
            ("hours", format!("{:.1}", readings.seconds / 3600.0)),
        ];
        out.push_str(&sentence(language, "meter-readings", &arguments));
        out.push('\n');
    }
    if let Some(unmetered_j) = allocation.unmetered_j {
        let arguments = [
            ("heat", format!("{:.3}", unmetered_j / GIGAJOULE_J)),
            ("percent", format!("{:.1}", 100.0 * unmetered_j / settlement.heat.heat_j)),
        ];
        out.push_str(&sentence(language, "meter-unmetered", &arguments));
        out.push('\n');
    }
    out.push('\n');
    let priced = settlement.price.is_some();
    let compared = settlement.price.is_some_and(|price| price.area_1_m2.is_some());
    let mut header = vec![word("household"), word("area"), word(read_column(settlement.method)), word("heat")];
    header.extend([word("share"), word("specific")]);
    if priced {
        header.extend([word("basic"), word("metered"), word("total")]);
    }
    if compared {
        header.push(word("by-area"));
    }
    header.push(word("remarks"));
    let mut rows = vec![header];
    let mut sums = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (at, id) in settlement.ids.iter().enumerate() {
        let (household, own) = (&settlement.households[at], &allocation.households[at]);
        let read = read_value(&household.measured).map_or("–".to_owned(), |value| format!("{value:.3}"));
        let heat_gj = own.heat_j / GIGAJOULE_J;
        let mut row = vec![id.clone(), format!("{:.2}", household.area_m2), read, format!("{heat_gj:.3}")];
        row.extend([format!("{:.2} %", own.share * 100.0), format!("{:.4}", own.heat_j_m2 / GIGAJOULE_J)]);
        sums.0 += household.area_m2;
        if let Some(bill) = bill(settlement, allocation, at) {
            row.extend([bill.basic, bill.metered, bill.total].map(|money| format!("{money:.2}")));
            sums.1 += bill.basic;
            sums.2 += bill.metered;
            sums.3 += bill.total;
            if compared {
                row.push(bill.by_area.map_or("–".to_owned(), |money| format!("{money:.2}")));
                sums.4 += bill.by_area.unwrap_or(0.0);
            }
        }
        let about = allocation.household_doubts.iter().filter(|doubt| doubt.0 == at);
        row.push(about.map(|doubt| household_doubt(&doubt.1, language).1).collect::<Vec<_>>().join("; "));
        rows.push(row);
    }
    let heat_gj = settlement.heat.heat_j / GIGAJOULE_J;
    let mut row = vec![word("sum"), format!("{:.2}", sums.0), String::new(), format!("{heat_gj:.3}")];
    row.extend(["100.00 %".to_owned(), format!("{:.4}", heat_gj / sums.0)]);
    if priced {
        row.extend([sums.1, sums.2, sums.3].map(|money| format!("{money:.2}")));
    }
    if compared {
        row.push(format!("{:.2}", sums.4));
    }
    row.push(String::new());
    rows.push(row);
    layout(&rows, &mut out);
    let doubts = building_doubts(settlement, allocation, language);
    if !doubts.is_empty() {
        out.push('\n');
        for (_, message) in doubts {
            out.push_str(&format!("{}: {message}\n", texts.get("cli-warning")));
        }
    }
    out
}

/// The heading of what was read.
const fn read_column(method: Method) -> &'static str {
    match method {
        Method::OnOffTimeArea => "read-hours",
        Method::HeatCostAllocator => "read-units",
        Method::HouseholdMeter => "read-heat",
        Method::FlowTemperature => "read-flow-kelvin",
        Method::TemperatureArea => "read-temperature",
    }
}
