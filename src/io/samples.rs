//! Measured values from a file, for an estimate without a live connection.
//!
//! A table with `tag`, `value` (in the SI unit of the tag; °C, m³/h for volume flow) and, where there is more than one
//! minute, `time` (RFC 3339). Rows without a time belong together.

use std::path::Path;

use super::sheet::{Column, Sheet, SheetRow};
use super::{IoError, Problem};
use crate::live::{Quality, Sample, TagTable, Timestamp};

const COLUMNS: &[Column] = &[("tag", &["标签", "测点"]), ("value", &["值", "数值"]), ("time", &["时间"])];

/// Samples of a file in the order of their times, and within one as they stand. Tags that the table does not know are
/// refused by name.
pub fn read(file: &Path, tags: &TagTable) -> Result<Vec<Sample>, IoError> {
    let sheet = Sheet::read(file, COLUMNS, &["tag", "value"])?;
    let (mut samples, mut error) = (Vec::new(), IoError::default());
    for row in sheet.rows() {
        match sample(&row, tags) {
            Ok(sample) => samples.push(sample),
            Err(problem) => error.push(*problem),
        }
    }
    if !error.is_empty() {
        return Err(error);
    }
    samples.sort_by_key(|sample: &Sample| sample.source_time);
    Ok(samples)
}

fn sample(row: &SheetRow<'_>, tags: &TagTable) -> Result<Sample, Box<Problem>> {
    let name = row.required("tag")?;
    let tag = tags.id(name).ok_or_else(|| Box::new(row.problem("io-unknown-tag").with("tag", name)))?;
    let value = row.required_number("value", -1e15, 1e15)?;
    let time = match row.text("time") {
        Some(text) => Timestamp::parse(text)
            .map_err(|_| Box::new(row.problem("io-bad-time").with("field", "time").with("got", text)))?,
        None => Timestamp::from_ms(0),
    };
    Ok(Sample { tag, source_time: time, arrival_time: time, value, quality: Quality::Good })
}
