//! Alternatives as files and as sheets: lists of edits in JSON, and what became of each as tables, JSON and CSV.
//!
//! [`read`] takes a file with several named alternatives or a bare list of edits; [`text`] writes one. [`Sheet`] sets assessments side
//! by side in the reader's language, base first, with differences, uncertainty and the best marked: the command line prints it,
//! the page to print draws it. Not here: simulating, drawing.

mod figure;
mod file;
mod forms;
mod sheet;

pub use figure::{difference_text, figure_text, label, unit};
pub use file::{parse, read, text};
pub use forms::{assessment_json, csv, json};
pub use sheet::{AXES, Comparison, PRINTED, Sheet, breach_lines, sheet};
