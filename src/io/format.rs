//! Which format a file has, told from its name and its first bytes, before anything large is read.
//!
//! Sizes are capped by format: a gigabyte of anything under a network's name is refused from its length alone.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{IoError, Problem};

/// What a file or folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `*.hypocaust.json`
    Native,
    /// A folder of CSV tables.
    Tables,
    /// A workbook with one sheet a table (`*.xlsx`).
    Workbook,
    /// EPANET's input file.
    Inp,
    GeoJson,
}

impl Format {
    /// Greatest size that can be a network: several times the file of 100 000 pipes, and still read without hurting.
    pub const fn largest_bytes(self) -> u64 {
        match self {
            Format::Native | Format::GeoJson => 256 << 20,
            Format::Tables | Format::Inp | Format::Workbook => 64 << 20,
        }
    }

    /// What people call it.
    pub const fn word(self) -> &'static str {
        match self {
            Format::Native => "hypocaust",
            Format::Tables => "tables",
            Format::Workbook => "xlsx",
            Format::Inp => "inp",
            Format::GeoJson => "geojson",
        }
    }
}

/// Bytes looked at before a file is read.
const HEAD_BYTES: u64 = 64 << 10;

/// Tells the format, or why the file cannot be a network.
pub fn detect(path: &Path) -> Result<Format, IoError> {
    let metadata = std::fs::metadata(path).map_err(|error| IoError::system(path, &error))?;
    if metadata.is_dir() {
        return Ok(Format::Tables);
    }
    if !metadata.is_file() {
        return Err(Problem::new(path, "io-not-a-file").into());
    }
    if metadata.len() == 0 {
        return Err(Problem::new(path, "io-empty-file").into());
    }
    let mut head = Vec::new();
    File::open(path)
        .and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head))
        .map_err(|error| IoError::system(path, &error))?;
    let format = of_head(path, &head)?;
    check_size(path, metadata.len(), format)?;
    Ok(format)
}

/// Refuses a file too large for its format.
pub(crate) fn check_size(path: &Path, bytes: u64, format: Format) -> Result<(), IoError> {
    if bytes <= format.largest_bytes() {
        return Ok(());
    }
    let mebibytes = |bytes: u64| format!("{} MiB", bytes >> 20);
    Err(Problem::new(path, "io-too-large")
        .with("size", mebibytes(bytes))
        .with("limit", mebibytes(format.largest_bytes()))
        .with("format", format.word())
        .into())
}

fn of_head(path: &Path, head: &[u8]) -> Result<Format, IoError> {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let refuse = |key: &'static str| Err(Problem::new(path, key).with("extension", extension).into());
    let zip = head.starts_with(b"PK\x03\x04");
    if zip || matches!(extension, "xlsx" | "xlsm") {
        return if zip { Ok(Format::Workbook) } else { refuse("io-not-a-workbook") };
    }
    if head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) || extension == "xls" {
        return refuse("io-old-workbook");
    }
    let utf16 = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    if !utf16 && head.contains(&0) {
        return refuse("io-binary");
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let has = |needle: &str| text.windows(needle.len()).any(|window| window == needle.as_bytes());
    match extension {
        "inp" => Ok(Format::Inp),
        "csv" | "tsv" => refuse("io-single-table"),
        // An object in a text, or nothing worth reading to its end.
        "geojson" | "json" if utf16 => refuse("io-not-utf8"),
        "geojson" | "json" if !text.is_empty() && !text.starts_with(b"{") => refuse("io-not-an-object"),
        "geojson" => Ok(Format::GeoJson),
        _ if name.ends_with(".hypocaust.json") => Ok(Format::Native),
        _ if text.starts_with(b"{") => {
            // The version stands first in every native file; a GeoJSON file says its type somewhere near the start.
            let native = text[1..].trim_ascii_start().starts_with(b"\"hypocaust\"");
            let geo = has("\"FeatureCollection\"") || has("\"features\"") || has("\"Feature\"");
            Ok(if geo && !native { Format::GeoJson } else { Format::Native })
        }
        _ if text.starts_with(b"[") && ["[TITLE]", "[JUNCTIONS]", "[OPTIONS]"].iter().any(|s| has(s)) => {
            Ok(Format::Inp)
        }
        "json" => Ok(Format::Native),
        _ => refuse("io-unknown-format"),
    }
}
