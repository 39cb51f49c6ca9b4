//! What the emergency layer found, as JSON for programs, as a sheet for people, and as GeoJSON for maps.
//!
//! [`json`] and [`criticality_json`] are the answers of `burst` and `criticality`; [`sheet`] is the same as sections of
//! sentences and tables in the reader's language, which the command line prints and the report draws; [`zone_geojson`] is
//! the impact zone. No searching and no solving here.

mod base;
mod criticality;
mod fault;
mod geojson;
mod incident;
mod json_form;
mod parts;
mod provenance;
mod sections;
mod sheet;
mod summary;

pub use base::base_sections;
pub use criticality::{criticality_csv, criticality_json, criticality_sheet};
pub use fault::fault_text;
pub use geojson::{Rings, zone_areas, zone_geojson};
pub use incident::{
    entry_line, frozen_sheet, incident_json, incident_sections, incident_sheet, incident_standing, plan_events, short,
};
pub use json_form::json;
pub use parts::{Part, action_text, part_sentences, priority_text};
pub use sections::{report_sheet, sheet};
pub use sheet::{Section, Sheet, SheetTable};
