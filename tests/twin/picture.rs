//! Pictures as bytes, and questions about them.

use std::collections::BTreeSet;
use std::path::Path;

use crate::desktop::decode;

#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    bytes: Vec<u8>,
}

impl Picture {
    pub fn read(path: &Path) -> Picture {
        let (width, height, bytes) = decode(path);
        assert_eq!(bytes.len(), width * height * 3, "{}", path.display());
        Picture { width, height, bytes }
    }

    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let i = 3 * (y * self.width + x);
        [self.bytes[i], self.bytes[i + 1], self.bytes[i + 2]]
    }

    /// Pixels of a rectangle (x, y, width, height), cut to the picture.
    fn pixels(&self, [x, y, width, height]: [i64; 4]) -> impl Iterator<Item = (usize, usize)> + use<> {
        let clip = |from: i64, size: i64, limit: usize| {
            (from.max(0) as usize).min(limit)..((from + size).max(0) as usize).min(limit)
        };
        let (columns, rows) = (clip(x, width, self.width), clip(y, height, self.height));
        rows.flat_map(move |y| columns.clone().map(move |x| (x, y)))
    }

    pub fn distinct_colours(&self, area: [i64; 4]) -> usize {
        self.pixels(area).map(|(x, y)| self.at(x, y)).collect::<BTreeSet<_>>().len()
    }

    /// Number of pixels of a rectangle that differ by more than `tolerance` in any channel.
    pub fn differing(&self, other: &Picture, area: [i64; 4], tolerance: u8) -> usize {
        self.pixels(area)
            .filter(|(x, y)| self.at(*x, *y).iter().zip(other.at(*x, *y)).any(|(a, b)| a.abs_diff(b) > tolerance))
            .count()
    }

    pub fn whole(&self) -> [i64; 4] {
        [0, 0, self.width as i64, self.height as i64]
    }
}
