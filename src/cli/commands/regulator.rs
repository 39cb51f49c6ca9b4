//! The table for a regulator in the three forms of the command line; what stands in it is [`crate::live::regulator`]'s.

use serde_json::{Value, json};

use super::line;
use super::table::columns;
use crate::cli::Printer;
use crate::cli::args::TableFormat;
use crate::io::historian::quality_word;
use crate::live::TagTable;
use crate::live::regulator::RegulatorLine;
use crate::text::Language;

/// Digits behind the point: of the smallest of the appendix's units, MPa, they are kilopascals.
const DIGITS: usize = 3;

/// The table as data. CSV and JSON name rows by clause and number, so that no language stands in them but the names'.
pub fn shown(lines: &[RegulatorLine], tags: &TagTable, format: TableFormat, printer: &Printer) -> String {
    match format {
        TableFormat::Text => text(lines, tags, printer),
        TableFormat::Json => {
            let list: Vec<Value> = lines.iter().map(|line| entry(line, tags)).collect();
            format!("{:#}\n", json!({ "clause": "E", "lines": list }))
        }
        TableFormat::Csv => csv(lines, tags),
    }
}

fn tag<'a>(found: &RegulatorLine, tags: &'a TagTable) -> &'a str {
    tags.get(found.tag).map_or("", |tag| &tag.name)
}

fn element(found: &RegulatorLine) -> String {
    format!("{}:{}", found.element.kind.word(), found.element.id)
}

fn text(lines: &[RegulatorLine], tags: &TagTable, printer: &Printer) -> String {
    let texts = printer.language.texts();
    let heads = ["regulator-place", "regulator-row", "history-value", "history-unit", "history-quality", "history-tag"];
    let row = |found: &RegulatorLine| {
        let part = found.row.part(printer.language);
        let name = found.row.name(printer.language);
        let value = found.value.map_or_else(|| "–".to_owned(), |value| format!("{value:.DIGITS$}"));
        let quality = texts.get(found.quality.key()).into_owned();
        let row = format!("{} {part} {name}", found.row.row);
        vec![found.element.id.to_string(), row, value, found.row.unit.clone(), quality, tag(found, tags).to_owned()]
    };
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    let heads: Vec<String> = heads.iter().map(|key| texts.get(key).into_owned()).collect();
    columns(&heads, &rows, &[false, false, true, false, false, false])
}

fn entry(found: &RegulatorLine, tags: &TagTable) -> Value {
    json!({
        "element": element(found),
        "row": found.row.row,
        "name": found.row.name(Language::English),
        "name_zh": found.row.name(Language::Chinese),
        "value": found.value,
        "unit": found.row.unit,
        "quality": quality_word(found.quality),
        "time": found.source_time.map(|time| time.to_string()),
        "tag": tag(found, tags),
    })
}

fn csv(lines: &[RegulatorLine], tags: &TagTable) -> String {
    let mut out = "element,row,name,name_zh,value,unit,quality,time,tag\n".to_owned();
    for found in lines {
        let value = found.value.map(|value| value.to_string()).unwrap_or_default();
        let time = found.source_time.map(|time| time.to_string()).unwrap_or_default();
        let cells = [
            &*element(found),
            &*found.row.row,
            found.row.name(Language::English),
            found.row.name(Language::Chinese),
            &*value,
            &*found.row.unit,
            quality_word(found.quality),
            &*time,
            tag(found, tags),
        ];
        line(&mut out, format_args!("{}", cells.map(quoted).join(",")));
    }
    out
}

/// A cell of CSV (RFC 4180).
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}
