//! What several tests share.

pub mod networks;
pub mod pki;
pub mod plc;
pub mod program;
pub mod random_replies;
pub mod rows;
pub mod workbook;
