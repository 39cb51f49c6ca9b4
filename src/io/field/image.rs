//! The registers of one device, and how it answers a request for them: pure, bytes in, bytes out.
//!
//! Functions 01–06, 15 and 16 of the Modbus application protocol V1.1b3. Registers between known ones read as 0, beyond them
//! is an illegal address. Only points with a write permit can be written, whole and within their range; what is written
//! goes to the model as a [`Written`] and stands in the registers until the model has taken it.

use std::collections::BTreeMap;

use crate::io::modbus::map::{Device, Point, Table};
use crate::io::modbus::value::{DataType, WordOrder, decode, encode};

/// Exception codes.
pub const ILLEGAL_FUNCTION: u8 = 1;
pub const ILLEGAL_ADDRESS: u8 = 2;
pub const ILLEGAL_VALUE: u8 = 3;
pub const BUSY: u8 = 6;

/// A value that came by a write request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Written {
    /// Row of the point in the device map.
    pub point: usize,
    pub value_si: f64,
}

/// One of the four tables of a device, from its first to its last known address.
#[derive(Clone, Debug, Default)]
struct Bank {
    start: u16,
    words: Vec<u16>,
}

impl Bank {
    fn cover(&mut self, first: u16, count: u16) {
        let end = usize::from(first) + usize::from(count);
        if self.words.is_empty() {
            self.start = first;
        } else if first < self.start {
            let before = usize::from(self.start - first);
            self.words.splice(0..0, std::iter::repeat_n(0, before));
            self.start = first;
        }
        self.words.resize(self.words.len().max(end - usize::from(self.start)), 0);
    }

    fn slice(&mut self, first: u16, count: u16) -> Option<&mut [u16]> {
        let at = usize::from(first.checked_sub(self.start)?);
        self.words.get_mut(at..at + usize::from(count))
    }
}

/// A point that may be written.
#[derive(Clone, Debug)]
struct Writable {
    point: usize,
    table: Table,
    register: u16,
    kind: DataType,
    order: WordOrder,
    row: Point,
    /// Written, and not yet taken by the model.
    pending: bool,
}

/// Registers of one device.
#[derive(Clone, Debug)]
pub struct Image {
    banks: BTreeMap<Table, Bank>,
    writable: Vec<Writable>,
    most_registers: u16,
    most_bits: u16,
}

impl Image {
    /// All zero. Points come with their rows in the device map.
    pub fn new<'a>(device: &Device, points: impl Iterator<Item = (usize, &'a Point)>) -> Image {
        let mut image = Image {
            banks: BTreeMap::new(),
            writable: Vec::new(),
            most_registers: device.most_registers,
            most_bits: device.most_bits,
        };
        for (row, point) in points {
            image.banks.entry(point.table).or_default().cover(point.register, point.width());
            if point.write.is_some() {
                image.writable.push(Writable {
                    point: row,
                    table: point.table,
                    register: point.register,
                    kind: point.kind,
                    order: point.order,
                    row: point.clone(),
                    pending: false,
                });
            }
        }
        image
    }

    /// Puts a raw number where a point lies; what its coding cannot hold becomes the nearest it can.
    pub fn put(&mut self, point: &Point, order: WordOrder, raw: f64) {
        if let DataType::BitOfWord(bit) = point.kind {
            if let Some([word]) = self.words(point.table, point.register, 1) {
                let mask = 1 << (bit & 15);
                *word = if raw == 0.0 { *word & !mask } else { *word | mask };
            }
            return;
        }
        let held = match point.kind.bounds() {
            Some((least, most)) => raw.clamp(least, most),
            None => raw,
        };
        let words = match encode(held, point.kind, order) {
            Ok(words) => words,
            // No number: a floating-point register says so in its own way, all others show all they can.
            Err(_) => match point.kind.bounds() {
                Some((_, most)) => encode(most, point.kind, order).unwrap_or_default(),
                None => vec![if order.swaps_bytes() { 0xFF7F } else { 0x7FFF }; usize::from(point.width())],
            },
        };
        if let Some(place) = self.words(point.table, point.register, point.width())
            && place.len() == words.len()
        {
            place.copy_from_slice(&words);
        }
    }

    /// Whether a point was written and the model has not taken it yet: then it keeps what was written.
    pub fn is_pending(&self, point: usize) -> bool {
        self.writable.iter().any(|writable| writable.point == point && writable.pending)
    }

    /// The model has taken what was written.
    pub fn taken(&mut self, point: usize) {
        for writable in self.writable.iter_mut().filter(|writable| writable.point == point) {
            writable.pending = false;
        }
    }

    fn words(&mut self, table: Table, first: u16, count: u16) -> Option<&mut [u16]> {
        self.banks.get_mut(&table)?.slice(first, count)
    }

    /// Answers a request (function code and data, without header). What was written is handed to `accept`, which may refuse
    /// because nobody is there to take it.
    pub fn answer(&mut self, request: &[u8], accept: &mut dyn FnMut(Written) -> bool) -> Vec<u8> {
        let Some((&function, data)) = request.split_first() else { return vec![0x80, ILLEGAL_FUNCTION] };
        self.carry_out(function, data, accept).unwrap_or_else(|code| vec![function | 0x80, code])
    }

    fn carry_out(&mut self, function: u8, data: &[u8], accept: &mut dyn FnMut(Written) -> bool) -> Result<Vec<u8>, u8> {
        let word = |at: usize| data.get(at..at + 2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        let (first, second) = word(0).zip(word(2)).ok_or(ILLEGAL_VALUE)?;
        let table = match function {
            1 | 5 | 15 => Table::Coil,
            2 => Table::Discrete,
            3 | 6 | 16 => Table::Holding,
            4 => Table::Input,
            _ => return Err(ILLEGAL_FUNCTION),
        };
        match function {
            1..=4 => {
                let most = if table.is_bits() { self.most_bits } else { self.most_registers };
                if second == 0 || second > most {
                    return Err(ILLEGAL_VALUE);
                }
                let words = self.words(table, first, second).ok_or(ILLEGAL_ADDRESS)?;
                let bytes = if table.is_bits() {
                    packed(words)
                } else {
                    words.iter().flat_map(|word| word.to_be_bytes()).collect()
                };
                // At most 250 bytes of 125 registers or 2000 bits.
                Ok([&[function, bytes.len() as u8], &bytes[..]].concat())
            }
            5 => {
                let on = match second {
                    0xFF00 => 1,
                    0 => 0,
                    _ => return Err(ILLEGAL_VALUE),
                };
                self.write(table, first, &[on], accept)?;
                Ok([&[function], &data[..4]].concat())
            }
            6 => {
                self.write(table, first, &[second], accept)?;
                Ok([&[function], &data[..4]].concat())
            }
            _ => {
                let values = data.get(5..).unwrap_or_default();
                let count = usize::from(second);
                let wanted = if table.is_bits() { count.div_ceil(8) } else { 2 * count };
                let whole =
                    count > 0 && wanted <= 246 && values.len() == wanted && data.get(4) == Some(&(wanted as u8));
                if !whole {
                    return Err(ILLEGAL_VALUE);
                }
                let words: Vec<u16> = if table.is_bits() {
                    (0..count).map(|at| u16::from(values[at / 8] >> (at % 8) & 1)).collect()
                } else {
                    values.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
                };
                self.write(table, first, &words, accept)?;
                Ok([&[function], &data[..4]].concat())
            }
        }
    }

    /// Writes whole points or nothing.
    fn write(
        &mut self,
        table: Table,
        first: u16,
        words: &[u16],
        accept: &mut dyn FnMut(Written) -> bool,
    ) -> Result<(), u8> {
        let mut covered = 0;
        let mut written = Vec::new();
        while covered < words.len() {
            // No more than 65536 addresses: an overflow is beyond the table.
            let register = u16::try_from(usize::from(first) + covered).map_err(|_| ILLEGAL_ADDRESS)?;
            let at = self.writable.iter().position(|known| known.table == table && known.register == register);
            let at = at.ok_or(ILLEGAL_ADDRESS)?;
            let writable = &self.writable[at];
            let width = usize::from(writable.kind.registers());
            let own = words.get(covered..covered + width).ok_or(ILLEGAL_ADDRESS)?;
            let raw = decode(own, writable.kind, writable.order).map_err(|_| ILLEGAL_VALUE)?;
            let value_si = writable.row.si_of_raw(raw);
            let permit = writable.row.write.ok_or(ILLEGAL_ADDRESS)?;
            // Rounding of the register may lie a hair beyond the range.
            let slack = 1e-6 * (permit.most - permit.least).abs();
            if !(permit.least - slack..=permit.most + slack).contains(&value_si) {
                return Err(ILLEGAL_VALUE);
            }
            written.push((at, Written { point: writable.point, value_si }));
            covered += width;
        }
        for &(_, value) in &written {
            if !accept(value) {
                return Err(BUSY);
            }
        }
        for (at, _) in written {
            self.writable[at].pending = true;
        }
        self.words(table, first, words.len() as u16).ok_or(ILLEGAL_ADDRESS)?.copy_from_slice(words);
        Ok(())
    }
}

/// Bits as bytes, the first the lowest.
fn packed(words: &[u16]) -> Vec<u8> {
    let mut bytes = vec![0_u8; words.len().div_ceil(8)];
    for (at, word) in words.iter().enumerate() {
        bytes[at / 8] |= u8::from(*word != 0) << (at % 8);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::modbus::map::WritePermit;

    fn image() -> (Image, Vec<Point>) {
        let permit = WritePermit { least: 0.0, most: 1.0, most_step: None, least_interval_s: 0.0 };
        let float = Point { order: WordOrder::Cdab, ..Point::new("a", "d", 10, DataType::F32) };
        let state = Point::new("b", "d", 14, DataType::BitOfWord(3));
        let set = Point { write: Some(permit), ..Point::new("c", "d", 20, DataType::F32) };
        let coil = Point { table: Table::Coil, write: Some(permit), ..Point::new("e", "d", 0, DataType::Bit) };
        let points = vec![float, state, set, coil];
        (Image::new(&Device::tcp("d", "h", 1, 1), points.iter().enumerate()), points)
    }

    fn ask(image: &mut Image, request: &[u8]) -> (Vec<u8>, Vec<Written>) {
        let mut written = Vec::new();
        let answer = image.answer(request, &mut |value| {
            written.push(value);
            true
        });
        (answer, written)
    }

    #[test]
    fn values_are_read_in_their_order_and_gaps_are_nought() {
        let (mut image, points) = image();
        image.put(&points[0], points[0].order, 1.5);
        image.put(&points[1], WordOrder::Abcd, 1.0);
        // 1.5 is 3FC00000: the low word first.
        assert_eq!(ask(&mut image, &[3, 0, 10, 0, 5]).0, [3, 10, 0, 0, 0x3F, 0xC0, 0, 0, 0, 0, 0, 8]);
        image.put(&points[1], WordOrder::Abcd, 0.0);
        assert_eq!(ask(&mut image, &[3, 0, 14, 0, 1]).0, [3, 2, 0, 0]);
        image.put(&points[0], points[0].order, f64::NAN);
        assert_eq!(ask(&mut image, &[3, 0, 10, 0, 2]).0, [3, 4, 0x7F, 0xFF, 0x7F, 0xFF]);
    }

    #[test]
    fn what_is_not_there_is_refused_with_its_exception() {
        let (mut image, _) = image();
        for (request, code) in [
            (&[3, 0, 9, 0, 1][..], ILLEGAL_ADDRESS),
            (&[3, 0, 21, 0, 2], ILLEGAL_ADDRESS),
            (&[4, 0, 10, 0, 1], ILLEGAL_ADDRESS),
            (&[3, 0, 10, 0, 0], ILLEGAL_VALUE),
            (&[3, 0, 10, 0, 126], ILLEGAL_VALUE),
            (&[3, 0, 10], ILLEGAL_VALUE),
            (&[43, 14, 1, 0, 0], ILLEGAL_FUNCTION),
            // A float by halves, a point that is not for writing, a value beyond the permit, a byte count that lies.
            (&[6, 0, 20, 0, 1], ILLEGAL_ADDRESS),
            (&[16, 0, 10, 0, 2, 4, 0, 0, 0, 0], ILLEGAL_ADDRESS),
            (&[16, 0, 20, 0, 2, 4, 0x40, 0, 0, 0], ILLEGAL_VALUE),
            (&[16, 0, 20, 0, 2, 3, 0, 0, 0], ILLEGAL_VALUE),
            (&[5, 0, 0, 0, 1], ILLEGAL_VALUE),
        ] {
            let (answer, written) = ask(&mut image, request);
            assert_eq!((answer, written.len()), (vec![request[0] | 0x80, code], 0), "{request:?}");
        }
        assert_eq!(ask(&mut image, &[]).0, [0x80, ILLEGAL_FUNCTION]);
    }

    #[test]
    fn what_is_written_stands_until_it_is_taken() {
        let (mut image, points) = image();
        let (answer, written) = ask(&mut image, &[16, 0, 20, 0, 2, 4, 0x3F, 0, 0, 0]);
        assert_eq!(answer, [16, 0, 20, 0, 2]);
        assert_eq!(written, [Written { point: 2, value_si: 0.5 }]);
        assert!(image.is_pending(2) && !image.is_pending(3));
        assert_eq!(ask(&mut image, &[3, 0, 20, 0, 2]).0, [3, 4, 0x3F, 0, 0, 0]);
        image.taken(2);
        assert!(!image.is_pending(2));
        assert_eq!(ask(&mut image, &[5, 0, 0, 0xFF, 0]).1, [Written { point: 3, value_si: 1.0 }]);
        assert_eq!(ask(&mut image, &[1, 0, 0, 0, 1]).0, [1, 1, 1]);
        assert_eq!(ask(&mut image, &[15, 0, 0, 0, 1, 1, 0]).1, [Written { point: 3, value_si: 0.0 }]);
        // Nobody there to take it: busy, and nothing is written.
        let answer = image.answer(&[16, 0, 20, 0, 2, 4, 0x3F, 0x80, 0, 0], &mut |_| false);
        assert_eq!(answer, [0x90, BUSY]);
        assert_eq!(ask(&mut image, &[3, 0, 20, 0, 2]).0, [3, 4, 0x3F, 0, 0, 0]);
        let _ = points;
    }
}
