//! What several tests share.

pub mod networks;
pub mod plc;
pub mod workbook;
