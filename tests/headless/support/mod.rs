//! What several tests share.

pub mod networks;
pub mod workbook;
