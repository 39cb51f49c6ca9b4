//! Histories for other programs: CSV and Parquet, by tag and in order of time.
//!
//! Columns of both: `tag`, `source_time` (UTC), `value` (SI unit of the tag's quantity), `quality` (the last part of its
//! key: `good`, `stuck`, `communication` …). Numbers have every digit. Rows are read and written tag by tag, so that a long
//! history needs little memory.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::query::Reading;
use super::store::{Historian, TagKey};
use crate::io::{IoError, Problem, save};
use crate::live::{Quality, Timestamp};

/// Rows of one row group of a Parquet file.
const GROUP_ROWS: usize = 1 << 20;

const SCHEMA: &str = "message history {
    required binary tag (UTF8);
    required int64 source_time (TIMESTAMP(MILLIS,true));
    required double value;
    required binary quality (UTF8);
}";

/// Which rows to export.
#[derive(Clone, Debug)]
pub struct Selection {
    /// In the order of the file.
    pub tags: Vec<TagKey>,
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
}

/// Word of a quality in files.
pub fn quality_word(quality: Quality) -> &'static str {
    quality.key().strip_prefix("quality-").unwrap_or(quality.key())
}

impl Historian {
    /// Writes rows as CSV; their number.
    pub fn export_csv(&self, selection: &Selection, path: &Path) -> Result<u64, IoError> {
        to_file(path, |output| {
            let failed = |error: csv::Error| IoError::system(path, &error.into());
            let mut writer = csv::Writer::from_writer(output);
            writer.write_record(["tag", "source_time", "value", "quality"]).map_err(failed)?;
            let rows = self.each(selection, |name, reading| {
                writer
                    .write_record([
                        name,
                        &reading.source_time.to_string(),
                        &reading.value.to_string(),
                        quality_word(reading.quality),
                    ])
                    .map_err(failed)
            })?;
            writer.flush().map_err(|error| IoError::system(path, &error))?;
            Ok(rows)
        })
    }

    /// Writes rows as Parquet, packed with zstd; their number.
    pub fn export_parquet(&self, selection: &Selection, path: &Path) -> Result<u64, IoError> {
        to_file(path, |output| {
            let failed = |error: ParquetError| match error {
                ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
                    Ok(error) => IoError::system(path, &error),
                    Err(other) => Problem::new(path, "io-system").with("reason", other).into(),
                },
                other => Problem::new(path, "io-system").with("reason", other).into(),
            };
            let schema = Arc::new(parse_message_type(SCHEMA).map_err(failed)?);
            let properties = WriterProperties::builder()
                .set_compression(Compression::ZSTD(ZstdLevel::default()))
                .set_created_by("hypocaust".to_owned())
                .build();
            let mut writer = SerializedFileWriter::new(output, schema, Arc::new(properties)).map_err(failed)?;
            let mut group = Group::default();
            let rows = self.each(selection, |name, reading| {
                group.push(name, reading);
                if group.times.len() >= GROUP_ROWS { group.write(&mut writer).map_err(failed) } else { Ok(()) }
            })?;
            group.write(&mut writer).map_err(failed)?;
            writer.close().map_err(failed)?;
            Ok(rows)
        })
    }

    /// Gives every row of a selection to `each`; their number. Fails at the first damaged file.
    fn each(
        &self,
        selection: &Selection,
        mut each: impl FnMut(&str, &Reading) -> Result<(), IoError>,
    ) -> Result<u64, IoError> {
        let mut rows = 0;
        for &key in &selection.tags {
            let Some(tag) = self.tag(key) else { continue };
            for reading in self.range(key, selection.from, selection.to)? {
                each(&tag.name, &reading)?;
                rows += 1;
            }
        }
        Ok(rows)
    }
}

/// Columns of a row group.
#[derive(Default)]
struct Group {
    tags: Vec<ByteArray>,
    times: Vec<i64>,
    values: Vec<f64>,
    qualities: Vec<ByteArray>,
}

impl Group {
    fn push(&mut self, name: &str, reading: &Reading) {
        // Rows of one tag share their name.
        let tag = match self.tags.last() {
            Some(last) if last.data() == name.as_bytes() => last.clone(),
            _ => ByteArray::from(name),
        };
        self.tags.push(tag);
        self.times.push(reading.source_time.ms());
        self.values.push(reading.value);
        self.qualities.push(ByteArray::from(quality_word(reading.quality)));
    }

    fn write<W: Write + Send>(&mut self, writer: &mut SerializedFileWriter<W>) -> Result<(), ParquetError> {
        if self.times.is_empty() {
            return Ok(());
        }
        let mut group = writer.next_row_group()?;
        let mut number = 0;
        while let Some(mut column) = group.next_column()? {
            match number {
                0 => column.typed::<ByteArrayType>().write_batch(&self.tags, None, None)?,
                1 => column.typed::<Int64Type>().write_batch(&self.times, None, None)?,
                2 => column.typed::<DoubleType>().write_batch(&self.values, None, None)?,
                _ => column.typed::<ByteArrayType>().write_batch(&self.qualities, None, None)?,
            };
            column.close()?;
            number += 1;
        }
        group.close()?;
        *self = Group::default();
        Ok(())
    }
}

/// Writes a file under another name first, so that a half-written one is never taken for whole.
fn to_file<T>(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> Result<T, IoError>) -> Result<T, IoError> {
    let failed = |error| IoError::system(path, &error);
    let part = path.with_added_extension("part");
    let mut output = BufWriter::new(File::create(&part).map_err(failed)?);
    let outcome = write(&mut output).and_then(|done| {
        let file = output.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        std::fs::rename(&part, path).map_err(failed)?;
        save::sync_folder_of(path).map_err(failed)?;
        Ok(done)
    });
    if outcome.is_err() {
        // What is left of it is of no use; where it cannot be removed it says `.part`.
        let _ = std::fs::remove_file(&part);
    }
    outcome
}
