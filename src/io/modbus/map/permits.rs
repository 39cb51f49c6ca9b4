//! What a device map lets be written, as the permits of guarded commands.

use std::collections::BTreeMap;

use super::{DeviceMap, Point};
use crate::io::modbus::value::{decode, encode};
use crate::live::control::{Interlock, Permit};
use crate::live::{Range, TagId};

/// A value read back from a register of floating-point numbers may differ by this share of the permitted range's size
/// (single precision carries seven digits).
const FLOAT_SHARE: f64 = 1e-6;
/// And one read back from a whole number by this share of its step.
const STEP_SHARE: f64 = 0.51;

impl Point {
    /// The value nearest to this one (SI) that the register can hold; itself where none is, or where that would step over
    /// the edge of what is permitted.
    pub fn nearest(&self, si: f64) -> f64 {
        let words = encode(self.raw_of_si(si), self.kind, self.order);
        let held = words.ok().and_then(|words| decode(&words, self.kind, self.order).ok());
        let permitted = |held: &f64| self.write.is_none_or(|write| *held >= write.least && *held <= write.most);
        held.map(|raw| self.si_of_raw(raw)).filter(permitted).unwrap_or(si)
    }

    /// Nothing where an interlock looks at a tag that is not there: what cannot be checked is not written.
    fn permit(&self, tag: TagId, known: &BTreeMap<&str, TagId>) -> Option<Permit> {
        let write = self.write?;
        let interlocks = self.interlocks.iter().map(|interlock| {
            let within = Range { least: interlock.least, most: interlock.most };
            Some(Interlock { tag: *known.get(&*interlock.tag)?, within })
        });
        let size = write.least.abs().max(write.most.abs());
        let step = if self.kind.bounds().is_some() { (self.scale / self.unit.scale).abs() } else { 0.0 };
        Some(Permit {
            tag,
            range: Range { least: write.least, most: write.most },
            most_step: write.most_step.unwrap_or(write.most - write.least),
            // Days at most: exact.
            least_interval_ms: (write.least_interval_s * 1e3).ceil() as i64,
            tolerance: (STEP_SHARE * step).max(FLOAT_SHARE * size),
            interlocks: interlocks.collect::<Option<Vec<Interlock>>>()?,
        })
    }
}

impl DeviceMap {
    /// A permit for every point that names what may be written to it. Without a step of its own a point may go through
    /// its whole range at once.
    pub fn permits(&self) -> Vec<Permit> {
        // A map of four thousand million points does not fit into memory: the cast is exact.
        let rows = || self.points.iter().enumerate().map(|(row, point)| (TagId(row as u32), point));
        let known: BTreeMap<&str, TagId> = rows().map(|(tag, point)| (&*point.tag, tag)).collect();
        rows().filter_map(|(tag, point)| point.permit(tag, &known)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{WriteInterlock, WritePermit};
    use super::*;
    use crate::io::modbus::value::DataType;

    #[test]
    fn a_permit_tolerates_what_the_register_cannot_tell_apart() {
        let write = Some(WritePermit { least: 20.0, most: 130.0, most_step: None, least_interval_s: 1.5 });
        let tenths = Point { scale: 0.1, write, ..Point::new("a", "d", 0, DataType::U16) };
        let float = Point { write, ..Point::new("b", "d", 2, DataType::F32) };
        let only_read = Point::new("c", "d", 4, DataType::F32);
        let map = DeviceMap { devices: Vec::new(), points: vec![tenths.clone(), float.clone(), only_read] };
        let permits = map.permits();
        assert_eq!(permits.iter().map(|permit| permit.tag).collect::<Vec<_>>(), [TagId(0), TagId(1)]);
        assert_eq!((permits[0].most_step, permits[0].least_interval_ms), (110.0, 1500));
        for (point, permit) in [(&tenths, &permits[0]), (&float, &permits[1])] {
            for value in [20.0, 64.06, 99.949_999, 130.0] {
                assert!((point.nearest(value) - value).abs() <= permit.tolerance, "{value}");
            }
        }
        assert!((tenths.nearest(64.06) - 64.1).abs() < 1e-12);
        assert!(permits[1].tolerance < 1e-3 && tenths.nearest(f64::NAN).is_nan());
        let lock = |tag: &str| vec![WriteInterlock { tag: tag.into(), least: 1.0, most: 2.0 }];
        let locked = Point { interlocks: lock("b"), ..tenths.clone() };
        let lost = Point { interlocks: lock("c"), ..float.clone() };
        let permits = DeviceMap { devices: Vec::new(), points: vec![locked, lost] }.permits();
        assert_eq!(permits.len(), 1, "what cannot be checked is not written");
        let within = Range { least: 1.0, most: 2.0 };
        assert_eq!(permits[0].interlocks, [Interlock { tag: TagId(1), within }]);
    }
}
