//! Cities out of balance by the hundred, balanced and judged: `hypocaust verify --balance N`.
//!
//! A case is a seed. Its city is drawn (`network::generate::unbalanced`) and balanced; the edits are applied to a copy, which a new
//! solver solves as it solves any network. Judged is that solution alone, by what can be read off it: flows against
//! what the demands ask for at the temperatures of design, pump power against that of the city as drawn, solved the same way. Nothing that the
//! balance says of itself is believed but which stations cannot have their flow; of those it is asked that everything on
//! their side stands open.

mod judge;
mod report;

pub use judge::{BalanceCase, BalanceRun, balance_case, balance_cases};
pub use report::{balance_json, balance_text};
