//! Folders of tables and workbooks: what utilities have in their spreadsheets.
//!
//! A folder holds one CSV file a table, a workbook one sheet a table; both become the same rows and then elements. The
//! columns are a contract with programs outside. Columns may be in any order, carry other units or Chinese names (see
//! `header`), and be missing:
//!
//! | table | column | when missing or empty |
//! |---|---|---|
//! | settings | `friction` | colebrook |
//! | | `water` | table where there is a water table, constant where one of its values is given, else iapws |
//! | | `density_kg_m3`, `viscosity_pa_s`, `heat_capacity_j_kgk` | 977.77, 0.000404, 4190.2 (water at 70 °C) |
//! | | `ambient_temperature_c`, `outdoor_temperature_c` | 5, −10 |
//! | | `gravity_m_s2` | 9.81 |
//! | nodes | `side` | single |
//! | | `x_m`, `y_m`, `z_m` | 0 |
//! | pipes | `length_m` | straight distance of its nodes, reported; refused where that is zero |
//! | | `inner_diameter_m` | of the catalogue pipe of that `dn`; refused without `dn` |
//! | | `outer_diameter_m` | of the catalogue pipe of that `dn`, else inner diameter plus the catalogue's wall |
//! | | `roughness_m`, `zeta`, `u_w_m2k` | 0.0005, 0, from insulation and soil |
//! | consumers | `mode` | heat where `heat_w` is given, else mass_flow |
//! | | `return_temperature_c` | 50 |
//! | sources | `mode` | the first of reference, pressure_rise, mass_flow whose value is given |
//! | | `supply_temperature_c` | 110 |
//! | valves | `kind`, `opening`, `characteristic`, `state` | sectioning, 1, linear, open |
//! | | `kv_m3_h`, `diameter_m`, `set_value` | not set |
//! | pumps | `speed`, `parallel` | 1, 1 |
//!
//! `id`, `from`, `to`, and the value a mode asks for must be there. Further fields and unknown columns are kept as
//! attributes. Tables hold no buildings, chambers, sensors, scenarios, emergency base, bends or insulation: the native file does.

mod build;
mod elements;
mod folder;
mod header;
mod row;
mod settings;
mod table;
mod words;
mod workbook;
mod write;

pub use folder::{read_folder, read_texts};
pub(super) use row::number;
pub use workbook::read_xlsx;
pub use write::write_folder;
