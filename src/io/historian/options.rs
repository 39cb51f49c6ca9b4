//! How a historian works; the defaults suit one city.

use std::sync::Arc;

use super::disk::{Disk, RealDisk};

/// How a historian works.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long after its end an hour stays open for rows that are a little late, ms.
    pub grace_ms: i64,
    /// Rows kept in memory at most; when there are more, they are sealed before their hour is over. 24 bytes each.
    pub most_hot_rows: usize,
    /// Rows packed in one step of sealing. A step follows each batch, so this bounds how long a batch can take.
    pub rows_per_step: usize,
    /// Days and months of aggregates begin at local midnight: offset from UTC, ms.
    pub offset_ms: i64,
    /// Days for which rows are kept; after that hourly means, extremes and totals stay. `None`: for ever. Rows that a link
    /// has not sent yet are kept longer, and so many days that have rows stay whatever the clock says.
    pub keep_days: Option<u32>,
    /// Where files are changed.
    pub disk: Arc<dyn Disk>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            grace_ms: 5 * 60_000,
            most_hot_rows: 4_000_000,
            rows_per_step: 1 << 15,
            offset_ms: 8 * 3_600_000,
            keep_days: None,
            disk: Arc::new(RealDisk),
        }
    }
}
