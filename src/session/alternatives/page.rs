//! The sheet on one page, as a file.

use std::path::PathBuf;
use std::sync::Arc;

use super::Sheet;
use crate::dispatch::alternative::Assessment;
use crate::emergency::incident::{CHINA_OFFSET_MIN, Moment};
use crate::io::alternatives::Comparison;
use crate::io::report::{AlternativesPage, print_alternatives};
use crate::io::{IoError, save};
use crate::text::Language;
use crate::units::DisplayUnits;

/// A page to be written.
#[derive(Clone, Debug)]
pub struct PageRequest {
    pub path: PathBuf,
    pub sheet: Arc<Sheet>,
    /// The alternative on the maps; `None`: the first.
    pub map: Option<String>,
    pub language: Language,
    pub units: DisplayUnits,
}

/// Where a page is written if nobody says: in this folder, with the time in its name.
pub fn page_path(folder: PathBuf) -> PathBuf {
    let now = Moment::now(CHINA_OFFSET_MIN);
    folder.join(format!("alternatives-{}-{}.pdf", now.date(), now.time_of_day().replace(':', "")))
}

/// Writes the page whole or not at all.
///
/// # Errors
/// The file cannot be written.
pub fn write_page(request: &PageRequest) -> Result<(), IoError> {
    let sheet = &request.sheet;
    let rows: Vec<&Assessment> = sheet.rows.iter().filter_map(|row| row.as_ref().ok()).collect();
    let currency = sheet.conditions.prices.as_ref().map_or("", |prices| prices.currency.as_str());
    let page = AlternativesPage {
        comparison: &Comparison { rows: &rows, currency },
        map: request.map.as_deref(),
        conditions: &sheet.conditions,
        language: request.language,
        units: &request.units,
        made: Moment::now(CHINA_OFFSET_MIN),
    };
    save::atomic(&request.path, &print_alternatives(&page).bytes)
}
