//! What panels show, as plain data in SI units: no widgets, no languages beyond translation keys.

mod alternatives;
pub mod diagram;
mod emergency;
pub mod inspector;
mod live;
mod moment;
mod place;
mod shapes;
mod summary;

pub use alternatives::{SheetCell, SheetRow, Tone, figure_key, figure_text, sheet_rows};
pub use diagram::{PressureDiagram, pressure_diagram};
pub use emergency::{Headline, Size, headline};
pub use inspector::{Group, Inspector, Row, RowValue, choice_value, inspector, quantity_of};
pub use live::{Reading, curve as live_curve, readings};
pub use moment::{Curve, CurveKind, Moment, moment};
pub use place::{Place, line, place};
pub use shapes::{all_choices, is_optional, number_value, suggestion};
pub use summary::{Summary, summary};
