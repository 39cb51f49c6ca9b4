//! Numbers in as few bits as they need: variable-length bytes, and Rice codes for small differences.
//!
//! Reading never panics: past the end of the bytes it answers `None`.

/// Longest run of ones before a Rice code gives up and writes the number plainly.
const LONGEST_UNARY: u32 = 20;

/// Appends a number, seven bits a byte, low ones first.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A signed number so that small ones of either sign are small.
pub const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The number of a [`zigzag`].
pub const fn unzigzag(code: u64) -> i64 {
    (code >> 1) as i64 ^ -((code & 1) as i64)
}

/// Reads bytes from front to back.
#[derive(Clone, Debug)]
pub struct Bytes<'a> {
    rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    pub const fn new(bytes: &'a [u8]) -> Bytes<'a> {
        Bytes { rest: bytes }
    }

    /// What has not been read.
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    pub fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|taken| taken[0])
    }

    pub fn array<const LENGTH: usize>(&mut self) -> Option<[u8; LENGTH]> {
        self.take(LENGTH)?.try_into().ok()
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    pub fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    pub fn signed(&mut self) -> Option<i64> {
        self.varint().map(unzigzag)
    }

    /// A length that follows as a varint, and so many bytes.
    pub fn counted(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.varint()?).ok()?;
        self.take(length)
    }
}

/// Appends bits, low ones first.
#[derive(Debug)]
pub struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    waiting: u64,
    count: u32,
}

impl<'a> BitWriter<'a> {
    pub fn new(out: &'a mut Vec<u8>) -> BitWriter<'a> {
        BitWriter { out, waiting: 0, count: 0 }
    }

    /// The low `bits` (at most 32) of a number.
    fn put(&mut self, value: u64, bits: u32) {
        self.waiting |= (value & ((1 << bits) - 1)) << self.count;
        self.count += bits;
        if self.count >= 32 {
            self.out.extend_from_slice(&(self.waiting as u32).to_le_bytes());
            self.waiting >>= 32;
            self.count -= 32;
        }
    }

    fn put_long(&mut self, value: u64, bits: u32) {
        self.put(value, bits.min(32));
        if bits > 32 {
            self.put(value >> 32, bits - 32);
        }
    }

    /// A number in the Rice code of parameter `low` (at most 63): its high part in ones and a zero, its low bits plainly.
    pub fn rice(&mut self, value: u64, low: u32) {
        let high = value >> low;
        if high < u64::from(LONGEST_UNARY) {
            let high = high as u32;
            self.put((1 << high) - 1, high + 1);
            self.put_long(value, low);
        } else {
            self.put((1 << LONGEST_UNARY) - 1, LONGEST_UNARY);
            let width = 64 - value.leading_zeros();
            self.put(u64::from(width), 7);
            self.put_long(value, width);
        }
    }

    /// Fills the last byte with zeros.
    pub fn finish(self) {
        let bytes = self.waiting.to_le_bytes();
        self.out.extend_from_slice(&bytes[..self.count.div_ceil(8) as usize]);
    }
}

/// Bits that a number takes in the Rice code of parameter `low`.
pub const fn rice_bits(value: u64, low: u32) -> u64 {
    let high = value >> low;
    if high < LONGEST_UNARY as u64 {
        high + 1 + low as u64
    } else {
        (LONGEST_UNARY + 7) as u64 + 64 - value.leading_zeros() as u64
    }
}

/// The parameter of the Rice code that suits these numbers, and the bits they take in it.
pub fn best_rice(values: &[u64]) -> (u32, u64) {
    let count = values.len().max(1) as u128;
    let mean = (values.iter().map(|&value| u128::from(value)).sum::<u128>() / count) as u64;
    let guess = 64 - (mean / 2).leading_zeros().min(64);
    let cost = |low: u32| values.iter().map(|&value| rice_bits(value, low)).sum::<u64>();
    let from = guess.saturating_sub(2).min(60);
    (from..=(guess + 1).min(63)).map(|low| (low, cost(low))).min_by_key(|&(_, bits)| bits).unwrap_or((0, 0))
}

/// Reads what a [`BitWriter`] wrote.
#[derive(Debug)]
pub struct BitReader<'a> {
    bytes: &'a [u8],
    waiting: u64,
    count: u32,
}

impl<'a> BitReader<'a> {
    pub const fn new(bytes: &'a [u8]) -> BitReader<'a> {
        BitReader { bytes, waiting: 0, count: 0 }
    }

    /// At least 32 bits, or all that are left.
    fn refill(&mut self) {
        if self.count > 32 {
            return;
        }
        if let Some((four, rest)) = self.bytes.split_first_chunk::<4>() {
            self.waiting |= u64::from(u32::from_le_bytes(*four)) << self.count;
            self.count += 32;
            self.bytes = rest;
        } else {
            for &byte in self.bytes {
                self.waiting |= u64::from(byte) << self.count;
                self.count += 8;
            }
            self.bytes = &[];
        }
    }

    fn take(&mut self, bits: u32) -> Option<u64> {
        self.refill();
        if self.count < bits {
            return None;
        }
        let value = self.waiting & ((1 << bits) - 1);
        self.waiting >>= bits;
        self.count -= bits;
        Some(value)
    }

    fn take_long(&mut self, bits: u32) -> Option<u64> {
        let low = self.take(bits.min(32))?;
        if bits > 32 { Some(low | self.take(bits - 32)? << 32) } else { Some(low) }
    }

    /// A number in the Rice code of parameter `low`.
    pub fn rice(&mut self, low: u32) -> Option<u64> {
        self.refill();
        let high = self.waiting.trailing_ones().min(LONGEST_UNARY);
        if high < LONGEST_UNARY {
            self.take(high + 1)?;
            let value = self.take_long(low)?;
            Some((u64::from(high) << low) | value)
        } else {
            self.take(LONGEST_UNARY)?;
            let width = self.take(7)? as u32;
            if width > 64 { None } else { self.take_long(width) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_comes_back() {
        let values: Vec<u64> = (0..64).flat_map(|bit| [1u64 << bit, (1u64 << bit) - 1, u64::MAX >> bit]).collect();
        for low in 0..=63 {
            let mut bytes = Vec::new();
            let mut writer = BitWriter::new(&mut bytes);
            values.iter().for_each(|&value| writer.rice(value, low));
            writer.finish();
            let bits: u64 = values.iter().map(|&value| rice_bits(value, low)).sum();
            assert_eq!(bytes.len() as u64, bits.div_ceil(8));
            let mut reader = BitReader::new(&bytes);
            for &value in &values {
                assert_eq!(reader.rice(low), Some(value), "parameter {low}");
            }
        }
        let mut bytes = Vec::new();
        values.iter().for_each(|&value| put_varint(&mut bytes, value));
        let mut reader = Bytes::new(&bytes);
        assert!(values.iter().all(|&value| reader.varint() == Some(value)));
        assert_eq!(reader.varint(), None);
        assert!([0, -1, 1, i64::MIN, i64::MAX].into_iter().all(|value| unzigzag(zigzag(value)) == value));
    }

    #[test]
    fn the_end_is_seen() {
        assert_eq!(BitReader::new(&[0xff]).rice(3), None);
        assert_eq!(BitReader::new(&[]).rice(0), None);
        assert_eq!(Bytes::new(&[0x80; 11]).varint(), None);
    }
}
