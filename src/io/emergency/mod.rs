//! What the emergency layer found, as JSON for programs, as a sheet for people, and as GeoJSON for maps.
//!
//! [`json`] and [`criticality_json`] are the answers of `burst` and `criticality`; [`sheet`] is the same as sections of
//! sentences and tables in the reader's language, which the command line prints and the report draws; [`zone_geojson`] is
//! the impact zone. No searching and no solving here.

mod criticality;
mod geojson;
mod json_form;
mod sections;
mod sheet;

pub use criticality::{criticality_csv, criticality_json, criticality_sheet};
pub use geojson::zone_geojson;
pub use json_form::json;
pub use sections::sheet;
pub use sheet::{Section, Sheet, SheetTable};
