//! The rows of one tag in a stretch of time, packed: what went in comes out bit for bit.
//!
//! Times are a constant step where the device keeps one, else differences of differences. Values are whole numbers
//! (tenths, hundredths … where every value is one, also of a value that was a single float in the device; else the bits
//! of the float in the order of its size) of which the differences are kept in Rice codes (Rice and Plaunt, 1971).
//! Values that fit no such scheme (NaN, infinite, −0) are kept apart as runs. Qualities are runs.
//!
//! A block does not know its tag, its first instant and its number of rows: they stand in the directory, and the check
//! sum of the block covers them too ([`checksum`]), as does the history that it belongs to.

use super::bits::{BitReader, BitWriter, Bytes, best_rice, put_varint, rice_bits, unzigzag, zigzag};

/// Rows of one block at most; a reader refuses more.
pub const MOST_ROWS: usize = 512;

/// One stored value of a tag. Equal when every bit is.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Source time, ms since 1970.
    pub ms: i64,
    pub value: f64,
    /// [`Quality::code`](crate::live::Quality::code).
    pub quality: u8,
}

impl PartialEq for Row {
    fn eq(&self, other: &Row) -> bool {
        self.ms == other.ms && self.value.to_bits() == other.value.to_bits() && self.quality == other.quality
    }
}

const IRREGULAR: u8 = 1;
const QUALITIES: u8 = 2;
const EXCEPTIONS: u8 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    /// One value throughout.
    Constant,
    /// Whole numbers over a power of ten.
    Decimal(u8),
    /// The same, rounded to a single float: what a device of single floats makes of tenths.
    DecimalOfSingle(u8),
    /// Bits of a single float.
    Single,
    /// Bits of a double float.
    Double,
}

const POWERS: [f64; 7] = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6];

impl Scheme {
    fn code(self) -> u8 {
        match self {
            Scheme::Constant => 0,
            Scheme::Single => 1,
            Scheme::Double => 2,
            Scheme::Decimal(digits) => 4 + digits,
            Scheme::DecimalOfSingle(digits) => 12 + digits,
        }
    }

    fn of_code(code: u8) -> Option<Scheme> {
        match code {
            0 => Some(Scheme::Constant),
            1 => Some(Scheme::Single),
            2 => Some(Scheme::Double),
            4..=10 => Some(Scheme::Decimal(code - 4)),
            12..=18 => Some(Scheme::DecimalOfSingle(code - 12)),
            _ => None,
        }
    }

    /// The whole number of a value, where the scheme holds it exactly.
    fn number(self, value: f64) -> Option<i64> {
        let number = match self {
            Scheme::Constant => return None,
            Scheme::Decimal(digits) | Scheme::DecimalOfSingle(digits) => {
                let scaled = (value * POWERS[usize::from(digits)]).round();
                if scaled.abs() >= 4.5e15 {
                    return None;
                }
                scaled as i64
            }
            Scheme::Single => {
                let bits = (value as f32).to_bits() as i32;
                i64::from(bits ^ (((bits >> 31) as u32) >> 1) as i32)
            }
            Scheme::Double => {
                let bits = value.to_bits() as i64;
                bits ^ (((bits >> 63) as u64) >> 1) as i64
            }
        };
        (self.value(number)?.to_bits() == value.to_bits()).then_some(number)
    }

    /// The value of a whole number; `None` for one that the scheme never writes.
    fn value(self, number: i64) -> Option<f64> {
        match self {
            Scheme::Constant => None,
            Scheme::Decimal(digits) => Some(number as f64 / POWERS[usize::from(digits)]),
            Scheme::DecimalOfSingle(digits) => Some(f64::from((number as f64 / POWERS[usize::from(digits)]) as f32)),
            Scheme::Single => {
                let bits = i32::try_from(number).ok()?;
                Some(f64::from(f32::from_bits((bits ^ (((bits >> 31) as u32) >> 1) as i32) as u32)))
            }
            Scheme::Double => Some(f64::from_bits((number ^ (((number >> 63) as u64) >> 1) as i64) as u64)),
        }
    }
}

/// Whether a value takes part in the differences.
fn ordinary(value: f64) -> bool {
    value.is_finite() && !(value == 0.0 && value.is_sign_negative())
}

/// Packs rows; keeps its scratch space from block to block.
#[derive(Debug, Default)]
pub struct Encoder {
    filled: Vec<f64>,
    differences: Vec<u64>,
    best: Vec<u64>,
}

impl Encoder {
    /// Appends the block of rows in rising order of time: 1 to [`MOST_ROWS`] of them.
    pub fn encode(&mut self, rows: &[Row], out: &mut Vec<u8>) {
        let flags_at = out.len();
        out.extend_from_slice(&[0, 0]);
        let mut flags = 0;
        if self.times(rows, out) {
            flags |= IRREGULAR;
        }
        if rows.iter().any(|row| row.quality != 0) {
            flags |= QUALITIES;
            runs(
                rows,
                |row| u64::from(row.quality),
                |_, quality, run| {
                    out.push(quality as u8);
                    put_varint(out, run as u64);
                },
            );
        }
        let (scheme, exceptions) = self.values(rows, out);
        if exceptions {
            flags |= EXCEPTIONS;
        }
        out[flags_at] = flags;
        out[flags_at + 1] = scheme.code();
    }

    /// Writes the steps between instants; whether they differ.
    fn times(&mut self, rows: &[Row], out: &mut Vec<u8>) -> bool {
        if rows.len() < 2 {
            return false;
        }
        let step = |pair: &[Row]| pair[1].ms.wrapping_sub(pair[0].ms);
        let first = step(&rows[..2]);
        put_varint(out, first as u64);
        if rows.windows(2).all(|pair| step(pair) == first) {
            return false;
        }
        let mut before = first;
        self.differences.clear();
        self.differences.extend(rows.windows(2).skip(1).map(|pair| {
            let now = step(pair);
            zigzag(now.wrapping_sub(std::mem::replace(&mut before, now)))
        }));
        write_rice(&self.differences, out);
        true
    }

    fn values(&mut self, rows: &[Row], out: &mut Vec<u8>) -> (Scheme, bool) {
        let Some(first) = rows.first() else { return (Scheme::Constant, false) };
        if rows.iter().all(|row| row.value.to_bits() == first.value.to_bits()) {
            out.extend_from_slice(&first.value.to_bits().to_le_bytes());
            return (Scheme::Constant, false);
        }
        let exceptions = rows.iter().any(|row| !ordinary(row.value));
        if exceptions {
            write_exceptions(rows, out);
        }
        let mut hold = rows.iter().map(|row| row.value).find(|&value| ordinary(value)).unwrap_or(0.0);
        self.filled.clear();
        self.filled.extend(rows.iter().map(|row| {
            if ordinary(row.value) {
                hold = row.value;
            }
            hold
        }));
        let (scheme, start) = self.choose();
        put_varint(out, zigzag(start));
        write_rice(&self.best, out);
        (scheme, exceptions)
    }

    /// The cheapest scheme; its differences are left in `best`.
    fn choose(&mut self) -> (Scheme, i64) {
        let single = self.filled.iter().all(|&value| f64::from(value as f32).to_bits() == value.to_bits());
        let bits_of_float = if single { Scheme::Single } else { Scheme::Double };
        let mut chosen = (bits_of_float, 0, u64::MAX);
        let decimal =
            (0..=6).map(Scheme::Decimal).find_map(|scheme| self.differences(scheme).map(|start| (scheme, start)));
        let mut consider = |found: Option<(Scheme, i64)>, differences: &mut Vec<u64>, best: &mut Vec<u64>| {
            if let Some((scheme, start)) = found {
                let bits = best_rice(differences).1;
                if bits < chosen.2 {
                    chosen = (scheme, start, bits);
                    std::mem::swap(differences, best);
                }
            }
        };
        consider(decimal, &mut self.differences, &mut self.best);
        if single {
            let of_single = (1..=4)
                .map(Scheme::DecimalOfSingle)
                .find_map(|scheme| self.differences(scheme).map(|start| (scheme, start)));
            consider(of_single, &mut self.differences, &mut self.best);
        }
        // A decimal fraction is nearly always the shortest where there is one.
        if decimal.is_none() {
            let found = self.differences(bits_of_float).map(|start| (bits_of_float, start));
            consider(found, &mut self.differences, &mut self.best);
        }
        (chosen.0, chosen.1)
    }

    /// The first number and, in `differences`, the steps from each to the next; `None` where the scheme does not hold
    /// every value.
    fn differences(&mut self, scheme: Scheme) -> Option<i64> {
        let (&first, rest) = self.filled.split_first()?;
        let start = scheme.number(first)?;
        self.differences.clear();
        let mut before = start;
        for &value in rest {
            let number = scheme.number(value)?;
            self.differences.push(zigzag(number.wrapping_sub(before)));
            before = number;
        }
        Some(start)
    }
}

fn write_rice(values: &[u64], out: &mut Vec<u8>) {
    let (low, bits) = best_rice(values);
    debug_assert_eq!(bits, values.iter().map(|&value| rice_bits(value, low)).sum::<u64>());
    out.push(low as u8);
    put_varint(out, bits.div_ceil(8));
    let mut writer = BitWriter::new(out);
    values.iter().for_each(|&value| writer.rice(value, low));
    writer.finish();
}

/// Numbers in Rice codes, read one after the other.
struct Rice<'a> {
    low: u32,
    reader: BitReader<'a>,
}

impl<'a> Rice<'a> {
    fn open(bytes: &mut Bytes<'a>) -> Option<Rice<'a>> {
        let low = u32::from(bytes.byte()?);
        let reader = BitReader::new(bytes.counted()?);
        (low <= 63).then_some(Rice { low, reader })
    }

    fn next(&mut self) -> Option<u64> {
        self.reader.rice(self.low)
    }
}

/// Calls `each(from, key, length)` for every run of rows with the same key.
fn runs(rows: &[Row], key: impl Fn(&Row) -> u64, mut each: impl FnMut(usize, u64, usize)) {
    let mut from = 0;
    while from < rows.len() {
        let now = key(&rows[from]);
        let length = rows[from..].iter().take_while(|row| key(row) == now).count();
        each(from, now, length);
        from += length;
    }
}

fn write_exceptions(rows: &[Row], out: &mut Vec<u8>) {
    let mut found = Vec::new();
    runs(
        rows,
        |row| row.value.to_bits(),
        |from, bits, length| {
            if !ordinary(f64::from_bits(bits)) {
                found.push((from, bits, length));
            }
        },
    );
    put_varint(out, found.len() as u64);
    let mut end = 0;
    for (from, bits, length) in found {
        put_varint(out, (from - end) as u64);
        put_varint(out, length as u64);
        out.extend_from_slice(&bits.to_le_bytes());
        end = from + length;
    }
}

/// Appends the rows of a block up to an instant (inclusive), its first row in any case; `None` where the bytes are no block
/// of `count` rows (and rows may have been appended).
pub fn decode(bytes: &[u8], first_ms: i64, count: usize, until_ms: i64, out: &mut Vec<Row>) -> Option<()> {
    if count == 0 || count > MOST_ROWS {
        return None;
    }
    let mut bytes = Bytes::new(bytes);
    let flags = bytes.byte()?;
    let scheme = Scheme::of_code(bytes.byte()?)?;
    if flags > (IRREGULAR | QUALITIES | EXCEPTIONS) {
        return None;
    }
    let start = out.len();
    out.reserve(count);
    out.push(Row { ms: first_ms, value: 0.0, quality: 0 });
    if count > 1 {
        let mut step = bytes.varint()? as i64;
        let mut ms = first_ms.wrapping_add(step);
        // Whether the row at `ms` is still wanted; the first that is not ends it.
        let mut push = |ms: i64| {
            let wanted = ms <= until_ms;
            if wanted {
                out.push(Row { ms, value: 0.0, quality: 0 });
            }
            wanted
        };
        let mut wanted = push(ms);
        if flags & IRREGULAR == 0 {
            for _ in 2..count {
                ms = ms.wrapping_add(step);
                wanted = wanted && push(ms);
                if !wanted {
                    break;
                }
            }
        } else {
            let mut codes = Rice::open(&mut bytes)?;
            for _ in 2..count {
                if !wanted {
                    break;
                }
                step = step.wrapping_add(unzigzag(codes.next()?));
                ms = ms.wrapping_add(step);
                wanted = push(ms);
            }
        }
    }
    let rows = out.get_mut(start..)?;
    if flags & QUALITIES != 0 {
        let mut at = 0;
        while at < count {
            let quality = bytes.byte()?;
            let run = usize::try_from(bytes.varint()?).ok().filter(|&run| run > 0)?;
            let end = at.checked_add(run).filter(|&end| end <= count)?;
            rows.iter_mut().take(end).skip(at).for_each(|row| row.quality = quality);
            at = end;
        }
    }
    read_values(&mut bytes, scheme, flags & EXCEPTIONS != 0, count, rows)?;
    bytes.rest().is_empty().then_some(())
}

/// Reads the values of the first rows of a block of `count`.
fn read_values(
    bytes: &mut Bytes<'_>,
    scheme: Scheme,
    has_exceptions: bool,
    count: usize,
    rows: &mut [Row],
) -> Option<()> {
    if scheme == Scheme::Constant {
        let value = f64::from_bits(bytes.u64()?);
        rows.iter_mut().for_each(|row| row.value = value);
        return Some(());
    }
    let mut exceptions = Vec::new();
    if has_exceptions {
        let found = usize::try_from(bytes.varint()?).ok().filter(|&found| found <= count)?;
        let mut end = 0usize;
        for _ in 0..found {
            let from = end.checked_add(usize::try_from(bytes.varint()?).ok()?)?;
            end = from.checked_add(usize::try_from(bytes.varint()?).ok()?).filter(|&end| end <= count)?;
            exceptions.push((from, end, bytes.u64()?));
        }
    }
    let mut number = bytes.signed()?;
    let (first, rest) = rows.split_first_mut()?;
    first.value = scheme.value(number)?;
    let mut codes = Rice::open(bytes)?;
    for row in rest {
        number = number.wrapping_add(unzigzag(codes.next()?));
        row.value = scheme.value(number)?;
    }
    for (from, end, bits) in exceptions {
        rows.iter_mut().take(end).skip(from).for_each(|row| row.value = f64::from_bits(bits));
    }
    Some(())
}

/// CRC-32C of a block's bytes and of what the directory says of it, so that no block passes for another; `seed` is that of the
/// history.
pub fn checksum(seed: u32, bytes: &[u8], tag: u32, first_ms: i64, last_ms: i64, count: usize) -> u32 {
    let mut head = [0; 24];
    head[..4].copy_from_slice(&tag.to_le_bytes());
    head[4..12].copy_from_slice(&first_ms.to_le_bytes());
    head[12..20].copy_from_slice(&last_ms.to_le_bytes());
    head[20..].copy_from_slice(&(count as u32).to_le_bytes());
    crc32c::crc32c_append(crc32c::crc32c_append(seed, &head), bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn there_and_back(rows: &[Row]) -> usize {
        let mut bytes = vec![7];
        Encoder::default().encode(rows, &mut bytes);
        let mut out = Vec::new();
        decode(&bytes[1..], rows[0].ms, rows.len(), i64::MAX, &mut out).expect("what was encoded can be decoded");
        assert_eq!(out, rows);
        // Up to any row.
        for until in [0, rows.len() / 3, rows.len() - 1] {
            out.clear();
            decode(&bytes[1..], rows[0].ms, rows.len(), rows[until].ms, &mut out).expect("a part can be decoded");
            assert_eq!(out, rows[..=until]);
        }
        bytes.len() - 1
    }

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            4 => (-2000i32..2000).prop_map(|tenths| f64::from(tenths) / 10.0),
            2 => any::<f32>().prop_map(f64::from),
            2 => (-2000i32..2000).prop_map(|tenths| f64::from((f64::from(tenths) / 10.0) as f32)),
            1 => any::<u64>().prop_map(f64::from_bits),
            1 => prop::sample::select(vec![f64::NAN, -0.0, 0.0, f64::INFINITY, -1e300, 5e-324, 4.5e15, 1e16]),
        ]
    }

    proptest! {
        #[test]
        fn any_rows_come_back(
            start in prop_oneof![any::<i64>(), 1_700_000_000_000i64..1_800_000_000_000],
            steps in prop::collection::vec(prop_oneof![3 => Just(60_000u64), 1 => 1..100_000u64, 1 => any::<u64>()], 0..MOST_ROWS),
            one_kind in any::<bool>(),
            kind in value(),
            values in prop::collection::vec((value(), prop_oneof![5 => Just(0u8), 1 => any::<u8>()]), MOST_ROWS),
        ) {
            let mut ms = start;
            let mut rows = vec![Row { ms, value: kind, quality: 0 }];
            for (step, (value, quality)) in steps.into_iter().zip(values) {
                let Some(next) = ms.checked_add_unsigned(step.max(1)) else { break };
                ms = next;
                rows.push(Row { ms, value: if one_kind { kind } else { value }, quality });
            }
            there_and_back(&rows);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), count in 0usize..600) {
            let mut out = Vec::new();
            let _ = decode(&bytes, 0, count, i64::MAX, &mut out);
            let _ = decode(&bytes, 0, count, 5, &mut out);
        }
    }

    #[test]
    fn an_hour_of_minutes_is_small() {
        let row = |minute: i64, value| Row { ms: minute * 60_000, value, quality: 0 };
        let still: Vec<Row> = (0..60).map(|minute| row(minute, 65.3)).collect();
        assert_eq!(there_and_back(&still), 2 + 3 + 8);
        // Up and down by a tenth or two, first as doubles, then as a device of single floats says it.
        let tenths = |minute: i64| (653.0 + (minute * 7 % 5) as f64 - 2.0) / 10.0;
        let moving: Vec<Row> = (0..60).map(|minute| row(minute, tenths(minute))).collect();
        assert!(there_and_back(&moving) < 45);
        let single: Vec<Row> = (0..60).map(|minute| row(minute, f64::from(tenths(minute) as f32))).collect();
        assert!(there_and_back(&single) < 45);
        // A link that was down for a quarter of an hour costs little.
        let mut down = moving.clone();
        down[20..35].iter_mut().for_each(|row| (row.value, row.quality) = (f64::NAN, 129));
        assert!(there_and_back(&down) < 70);
    }
}
