//! Which registers are asked for together.
//!
//! Fewest requests: neighbours are merged up to what a device gives in one read, small gaps are read along. Two things
//! are never merged: points read at different periods, and a point to be read alone (some registers clear themselves
//! when they are read) with anything, even as part of a gap. Where a device refuses a merged read, [`split`] takes it
//! apart: first at its gaps, then in halves.

use std::collections::BTreeMap;

use super::map::{Device, Point, Table};

/// One read request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    pub table: Table,
    pub start: u16,
    /// Registers or bits, at least one.
    pub count: u16,
    /// What it brings: rows of the device map.
    pub points: Vec<usize>,
}

/// What a device gives in one read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimits {
    pub most_registers: u16,
    pub most_bits: u16,
    /// Registers without a point that may be read along; of bits sixteen times as many.
    pub bridged_registers: u16,
}

impl From<&Device> for ReadLimits {
    fn from(device: &Device) -> ReadLimits {
        let &Device { most_registers, most_bits, bridged_registers, .. } = device;
        ReadLimits { most_registers, most_bits, bridged_registers }
    }
}

impl ReadLimits {
    fn most(&self, table: Table) -> u32 {
        u32::from(if table.is_bits() { self.most_bits } else { self.most_registers })
    }

    fn gap(&self, table: Table) -> u32 {
        u32::from(self.bridged_registers) * if table.is_bits() { 16 } else { 1 }
    }
}

/// Registers from the first to before the last. 32 bits, because the last register ends at 65 536.
type Span = (u32, u32);

fn span(point: &Point) -> Span {
    let start = u32::from(point.register);
    (start, start + u32::from(point.width()))
}

impl Read {
    fn new(table: Table, (start, end): Span, points: Vec<usize>) -> Read {
        // Points end at 65 536 at the latest and are at least one wide: the start and the least possible count of a
        // read fit 16 bits; a longer one than any device gives is refused by the device.
        let count = u16::try_from(end - start).unwrap_or(u16::MAX);
        Read { table, start: start as u16, count, points }
    }
}

/// The reads of one device by period (ms). `points` are rows of the device map with their points.
pub fn plan(points: &[(usize, &Point)], limits: &ReadLimits) -> BTreeMap<u32, Vec<Read>> {
    let mut alone: BTreeMap<Table, Vec<Span>> = BTreeMap::new();
    let mut groups: BTreeMap<(u32, Table), Vec<(usize, &Point)>> = BTreeMap::new();
    let mut out: BTreeMap<u32, Vec<Read>> = BTreeMap::new();
    for &(row, point) in points {
        if point.alone {
            alone.entry(point.table).or_default().push(span(point));
            out.entry(point.period_ms).or_default().push(Read::new(point.table, span(point), vec![row]));
        } else {
            groups.entry((point.period_ms, point.table)).or_default().push((row, point));
        }
    }
    for ((period_ms, table), group) in groups {
        let apart = alone.get(&table).map_or(&[][..], Vec::as_slice);
        out.entry(period_ms).or_default().extend(merge(table, group, apart, limits.most(table), limits.gap(table)));
    }
    for reads in out.values_mut() {
        reads.sort_by_key(|read| (read.table, read.start, read.points.first().copied()));
    }
    out
}

fn merge(table: Table, mut group: Vec<(usize, &Point)>, apart: &[Span], most: u32, gap: u32) -> Vec<Read> {
    group.sort_by_key(|(row, point)| (point.register, *row));
    let crosses = |whole: Span| apart.iter().any(|alone| alone.0 < whole.1 && whole.0 < alone.1);
    let mut out = Vec::new();
    let mut open: Option<(Span, Vec<usize>)> = None;
    for (row, point) in group {
        let own = span(point);
        if let Some((whole, rows)) = &mut open {
            let merged = (whole.0, whole.1.max(own.1));
            if own.0 <= whole.1 + gap && merged.1 - merged.0 <= most && !crosses(merged) {
                *whole = merged;
                rows.push(row);
                continue;
            }
        }
        out.extend(open.replace((own, vec![row])).map(|(whole, rows)| Read::new(table, whole, rows)));
    }
    out.extend(open.map(|(whole, rows)| Read::new(table, whole, rows)));
    out
}

/// A refused read taken apart: without its gaps where it has any, else in two halves. `None` where it is one point.
pub fn split(read: &Read, points: &[Point], limits: &ReadLimits) -> Option<Vec<Read>> {
    let mut rows: Vec<(usize, &Point)> = read.points.iter().filter_map(|&row| Some((row, points.get(row)?))).collect();
    if rows.len() < 2 {
        return None;
    }
    let most = limits.most(read.table);
    let parts = merge(read.table, rows.clone(), &[], most, 0);
    if parts.len() > 1 {
        return Some(parts);
    }
    rows.sort_by_key(|(row, point)| (point.register, *row));
    let upper = rows.split_off(rows.len() / 2);
    Some([rows, upper].into_iter().flat_map(|half| merge(read.table, half, &[], most, 0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::modbus::value::DataType;

    fn at(register: u16, kind: DataType) -> Point {
        Point::new(format!("{register}"), "d", register, kind)
    }

    fn reads(points: &[Point], limits: &ReadLimits) -> Vec<(u16, u16)> {
        let rows: Vec<(usize, &Point)> = points.iter().enumerate().collect();
        plan(&rows, limits).into_values().flatten().map(|read| (read.start, read.count)).collect()
    }

    const LIMITS: ReadLimits = ReadLimits { most_registers: 10, most_bits: 100, bridged_registers: 2 };

    #[test]
    fn neighbours_merge_and_gaps_are_bridged_up_to_the_limit() {
        let points = [at(0, DataType::F32), at(4, DataType::U16), at(8, DataType::F32), at(20, DataType::U16)];
        assert_eq!(reads(&points, &LIMITS), [(0, 5), (8, 2), (20, 1)]);
        let limits = ReadLimits { bridged_registers: 3, ..LIMITS };
        assert_eq!(reads(&points, &limits), [(0, 10), (20, 1)]);
        assert_eq!(reads(&points, &ReadLimits { most_registers: 9, ..limits }), [(0, 5), (8, 2), (20, 1)]);
        assert_eq!(reads(&[at(65_534, DataType::F32)], &LIMITS), [(65_534, 2)]);
    }

    #[test]
    fn nothing_is_read_along_with_a_point_to_be_read_alone() {
        let mut points = [at(0, DataType::U16), at(1, DataType::U16), at(2, DataType::U16)];
        points[1].alone = true;
        points[1].period_ms = 60_000;
        assert_eq!(reads(&points, &LIMITS), [(0, 1), (2, 1), (1, 1)]);
    }

    #[test]
    fn a_refused_read_comes_apart_in_two_steps() {
        let points = [at(0, DataType::U16), at(1, DataType::U16), at(4, DataType::U16)];
        let rows: Vec<(usize, &Point)> = points.iter().enumerate().collect();
        let whole = plan(&rows, &LIMITS).into_values().flatten().next().unwrap();
        let parts = split(&whole, &points, &LIMITS).unwrap();
        assert_eq!(parts.iter().map(|read| (read.start, read.count)).collect::<Vec<_>>(), [(0, 2), (4, 1)]);
        let parts = split(&parts[0], &points, &LIMITS).unwrap();
        assert_eq!(parts.iter().map(|read| read.points.clone()).collect::<Vec<_>>(), [[0], [1]]);
        assert_eq!(split(&parts[0], &points, &LIMITS), None);
    }
}
