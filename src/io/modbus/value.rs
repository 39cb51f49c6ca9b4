//! What the words of a device mean: numbers, bits, decimal digits and text in any order of words and bytes.
//!
//! Pure and total: any words give a value or a reason, any number gives words or a reason. The mapping of scale and
//! unit is the point's, not ours.

use std::fmt;
use std::str::FromStr;

/// Coding of one value. Values wider than a register begin at its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataType {
    /// A coil or discrete input.
    Bit,
    /// One bit of a register, 0 the lowest.
    BitOfWord(u8),
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F32,
    F64,
    /// Four decimal digits, one in each half byte.
    Bcd16,
    /// Eight decimal digits.
    Bcd32,
    /// So many characters, two in a register, ended by a zero or the length.
    Text(u8),
}

/// Order of the bytes of a value of two registers, A the highest. Longer values follow the same two rules: which word
/// comes first, and which byte of a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WordOrder {
    /// High word first, high byte first: the standard's.
    #[default]
    Abcd,
    /// Low word first.
    Cdab,
    /// High word first, bytes swapped.
    Badc,
    /// Low word first, bytes swapped.
    Dcba,
}

/// Why words have no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDecoded {
    #[error("the value takes {wanted} registers and {got} came")]
    Length { wanted: u16, got: usize },
    #[error("not a number, or infinite")]
    NotANumber,
    #[error("no decimal digits: {0:04X} hexadecimal")]
    NotDecimal(u32),
    #[error("text has no number")]
    IsText,
}

/// Why a number has no words.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum NotEncoded {
    #[error("not a number, or infinite")]
    NotANumber,
    #[error("{value} is outside {least} … {most}")]
    OutOfRange { value: f64, least: f64, most: f64 },
    #[error("a single bit of a register and a text cannot be written")]
    NotWritable,
}

impl DataType {
    /// Every numeric coding, for tables of interpretations.
    pub const NUMBERS: [DataType; 10] = [
        DataType::U16,
        DataType::I16,
        DataType::U32,
        DataType::I32,
        DataType::U64,
        DataType::I64,
        DataType::F32,
        DataType::F64,
        DataType::Bcd16,
        DataType::Bcd32,
    ];

    /// Registers (or bits) it takes.
    pub const fn registers(self) -> u16 {
        match self {
            DataType::Bit | DataType::BitOfWord(_) | DataType::U16 | DataType::I16 | DataType::Bcd16 => 1,
            DataType::U32 | DataType::I32 | DataType::F32 | DataType::Bcd32 => 2,
            DataType::U64 | DataType::I64 | DataType::F64 => 4,
            DataType::Text(characters) => (characters as u16).div_ceil(2),
        }
    }

    /// Least and greatest whole number it holds; `None` for floating point and text.
    pub const fn bounds(self) -> Option<(f64, f64)> {
        Some(match self {
            DataType::Bit | DataType::BitOfWord(_) => (0.0, 1.0),
            DataType::U16 => (0.0, u16::MAX as f64),
            DataType::I16 => (i16::MIN as f64, i16::MAX as f64),
            DataType::U32 => (0.0, u32::MAX as f64),
            DataType::I32 => (i32::MIN as f64, i32::MAX as f64),
            // The greatest f64 below 2⁶⁴ and 2⁶³: the bounds themselves are no f64.
            DataType::U64 => (0.0, 18_446_744_073_709_549_568.0),
            DataType::I64 => (i64::MIN as f64, 9_223_372_036_854_774_784.0),
            DataType::Bcd16 => (0.0, 9999.0),
            DataType::Bcd32 => (0.0, 99_999_999.0),
            DataType::F32 | DataType::F64 | DataType::Text(_) => return None,
        })
    }
}

impl WordOrder {
    pub const ALL: [WordOrder; 4] = [WordOrder::Abcd, WordOrder::Cdab, WordOrder::Badc, WordOrder::Dcba];

    /// The word of the file.
    pub const fn word(self) -> &'static str {
        match self {
            WordOrder::Abcd => "ABCD",
            WordOrder::Cdab => "CDAB",
            WordOrder::Badc => "BADC",
            WordOrder::Dcba => "DCBA",
        }
    }

    /// The order of a word.
    pub fn named(word: &str) -> Option<WordOrder> {
        WordOrder::ALL.into_iter().find(|order| order.word().eq_ignore_ascii_case(word))
    }

    /// Whether the lowest word comes first.
    pub const fn low_word_first(self) -> bool {
        matches!(self, WordOrder::Cdab | WordOrder::Dcba)
    }

    /// Whether the bytes of a word are swapped.
    pub const fn swaps_bytes(self) -> bool {
        matches!(self, WordOrder::Badc | WordOrder::Dcba)
    }
}

/// The raw number that words mean. Whole numbers beyond 2⁵³ are rounded to the nearest f64.
pub fn decode(words: &[u16], kind: DataType, order: WordOrder) -> Result<f64, NotDecoded> {
    if let DataType::Text(_) = kind {
        return Err(NotDecoded::IsText);
    }
    let bits = joined(words, kind.registers(), order)?;
    let finite = |value: f64| if value.is_finite() { Ok(value) } else { Err(NotDecoded::NotANumber) };
    Ok(match kind {
        DataType::Bit => f64::from(u8::from(bits != 0)),
        DataType::BitOfWord(bit) => f64::from(u8::from(bits >> (bit & 15) & 1 == 1)),
        DataType::U16 | DataType::U32 | DataType::U64 => bits as f64,
        // The casts cut off zeros above the value and give its sign back.
        DataType::I16 => f64::from(bits as u16 as i16),
        DataType::I32 => f64::from(bits as u32 as i32),
        DataType::I64 => bits as i64 as f64,
        DataType::F32 => finite(f64::from(f32::from_bits(bits as u32)))?,
        DataType::F64 => finite(f64::from_bits(bits))?,
        DataType::Bcd16 => decimal(bits as u32, 4)?,
        DataType::Bcd32 => decimal(bits as u32, 8)?,
        DataType::Text(_) => return Err(NotDecoded::IsText),
    })
}

/// The text in words: up to the first zero, what is no printable ASCII shown as `·`, blanks at the end cut off.
pub fn decode_text(words: &[u16], characters: u8, order: WordOrder) -> String {
    let bytes =
        words.iter().flat_map(|&word| if order.swaps_bytes() { word.to_le_bytes() } else { word.to_be_bytes() });
    let shown = |byte: u8| if (0x20..0x7f).contains(&byte) { char::from(byte) } else { '·' };
    let text: String = bytes.take(usize::from(characters)).take_while(|byte| *byte != 0).map(shown).collect();
    text.trim_end().to_owned()
}

/// The words of a raw number; whole numbers are rounded to the nearest.
pub fn encode(raw: f64, kind: DataType, order: WordOrder) -> Result<Vec<u16>, NotEncoded> {
    if !raw.is_finite() {
        return Err(NotEncoded::NotANumber);
    }
    let bits = match kind {
        DataType::BitOfWord(_) | DataType::Text(_) => return Err(NotEncoded::NotWritable),
        DataType::F64 => raw.to_bits(),
        DataType::F32 => {
            let (value, most) = (raw as f32, f64::from(f32::MAX));
            if value.is_infinite() {
                return Err(NotEncoded::OutOfRange { value: raw, least: -most, most });
            }
            u64::from(value.to_bits())
        }
        _ => {
            let (least, most) = kind.bounds().unwrap_or((0.0, 0.0));
            let whole = raw.round();
            if !(least..=most).contains(&whole) {
                return Err(NotEncoded::OutOfRange { value: raw, least, most });
            }
            match kind {
                DataType::Bcd16 | DataType::Bcd32 => u64::from(digits(whole as u32)),
                // Negative numbers as their complement; the words above the value's width are cut off below.
                _ if whole < 0.0 => whole as i64 as u64,
                _ => whole as u64,
            }
        }
    };
    Ok(split(bits, kind.registers(), order))
}

/// The words of a value as one number, the first of the standard's order highest.
fn joined(words: &[u16], wanted: u16, order: WordOrder) -> Result<u64, NotDecoded> {
    if words.len() != usize::from(wanted) || words.len() > 4 {
        return Err(NotDecoded::Length { wanted, got: words.len() });
    }
    let join = |bits: u64, &word: &u16| {
        let word = if order.swaps_bytes() { word.swap_bytes() } else { word };
        bits << 16 | u64::from(word)
    };
    Ok(if order.low_word_first() { words.iter().rev().fold(0, join) } else { words.iter().fold(0, join) })
}

/// The contrary of [`joined`].
fn split(bits: u64, words: u16, order: WordOrder) -> Vec<u16> {
    let word = |at: u16| {
        let word = (bits >> (16 * at)) as u16;
        if order.swaps_bytes() { word.swap_bytes() } else { word }
    };
    if order.low_word_first() { (0..words).map(word).collect() } else { (0..words).rev().map(word).collect() }
}

/// The number of decimal digits, one in each half byte.
fn decimal(bits: u32, digits: u32) -> Result<f64, NotDecoded> {
    let mut value = 0;
    for at in (0..digits).rev() {
        let digit = bits >> (4 * at) & 15;
        if digit > 9 {
            return Err(NotDecoded::NotDecimal(bits));
        }
        value = value * 10 + digit;
    }
    Ok(f64::from(value))
}

/// The contrary of [`decimal`]; nine digits and more are never asked for.
fn digits(mut value: u32) -> u32 {
    let mut bits = 0;
    for at in 0..8 {
        bits |= (value % 10) << (4 * at);
        value /= 10;
    }
    bits
}

/// The word of the file: `u16`, `bit`, `bit 3`, `string 8` …
impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DataType::Bit => f.write_str("bit"),
            DataType::BitOfWord(bit) => write!(f, "bit {bit}"),
            DataType::U16 => f.write_str("u16"),
            DataType::I16 => f.write_str("i16"),
            DataType::U32 => f.write_str("u32"),
            DataType::I32 => f.write_str("i32"),
            DataType::U64 => f.write_str("u64"),
            DataType::I64 => f.write_str("i64"),
            DataType::F32 => f.write_str("f32"),
            DataType::F64 => f.write_str("f64"),
            DataType::Bcd16 => f.write_str("bcd16"),
            DataType::Bcd32 => f.write_str("bcd32"),
            DataType::Text(characters) => write!(f, "string {characters}"),
        }
    }
}

/// A text that names no coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no data type; use one of {KNOWN_TYPES}")]
pub struct NotADataType;

/// What may stand in the file.
pub const KNOWN_TYPES: &str =
    "bit, bit 0 … bit 15, u16, i16, u32, i32, u64, i64, f32, f64, bcd16, bcd32, string 1 … string 250";

impl FromStr for DataType {
    type Err = NotADataType;

    fn from_str(text: &str) -> Result<DataType, NotADataType> {
        let text = text.trim().to_ascii_lowercase();
        let (word, number) =
            text.split_once(' ').map_or((text.as_str(), None), |(word, rest)| (word, Some(rest.trim())));
        let parsed = number.map(|number| number.parse::<u8>().map_err(|_| NotADataType)).transpose()?;
        match (word, parsed) {
            ("bit", None) => Ok(DataType::Bit),
            ("bit", Some(bit @ 0..16)) => Ok(DataType::BitOfWord(bit)),
            ("string", Some(characters @ 1..=250)) => Ok(DataType::Text(characters)),
            (_, None) => DataType::NUMBERS.into_iter().find(|kind| kind.to_string() == word).ok_or(NotADataType),
            _ => Err(NotADataType),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 123456.0 is 47F12000 hexadecimal, in the four orders of manuals.
    #[test]
    fn the_four_orders_of_a_float() {
        let orders = [[0x47F1, 0x2000], [0x2000, 0x47F1], [0xF147, 0x0020], [0x0020, 0xF147]];
        for (order, words) in WordOrder::ALL.into_iter().zip(orders) {
            assert_eq!(decode(&words, DataType::F32, order), Ok(123_456.0), "{order:?}");
            assert_eq!(encode(123_456.0, DataType::F32, order), Ok(words.to_vec()), "{order:?}");
        }
        let eight = [0x0102, 0x0304, 0x0506, 0x0708];
        assert_eq!(decode(&eight, DataType::U64, WordOrder::Abcd), Ok(0x0102_0304_0506_0708_u64 as f64));
        assert_eq!(decode(&eight, DataType::U64, WordOrder::Dcba), Ok(0x0807_0605_0403_0201_u64 as f64));
    }

    #[test]
    fn numbers_that_are_none() {
        assert_eq!(decode(&[0x7FC0, 0], DataType::F32, WordOrder::Abcd), Err(NotDecoded::NotANumber));
        assert_eq!(decode(&[0xFF80, 0], DataType::F32, WordOrder::Abcd), Err(NotDecoded::NotANumber));
        assert_eq!(decode(&[0x12A4], DataType::Bcd16, WordOrder::Abcd), Err(NotDecoded::NotDecimal(0x12A4)));
        assert_eq!(decode(&[1], DataType::F32, WordOrder::Abcd), Err(NotDecoded::Length { wanted: 2, got: 1 }));
        assert_eq!(decode(&[0x1234], DataType::Bcd16, WordOrder::Abcd), Ok(1234.0));
        assert_eq!(decode(&[0xFFFE], DataType::I16, WordOrder::Abcd), Ok(-2.0));
        assert_eq!(decode(&[0x0008], DataType::BitOfWord(3), WordOrder::Abcd), Ok(1.0));
        assert_eq!(decode(&[0x0008], DataType::BitOfWord(11), WordOrder::Badc), Ok(1.0));
        assert!(matches!(encode(65_536.0, DataType::U16, WordOrder::Abcd), Err(NotEncoded::OutOfRange { .. })));
        assert!(matches!(encode(-1.0, DataType::Bcd32, WordOrder::Abcd), Err(NotEncoded::OutOfRange { .. })));
        assert_eq!(encode(f64::NAN, DataType::F64, WordOrder::Abcd), Err(NotEncoded::NotANumber));
    }

    #[test]
    fn texts_end_at_zero_or_length() {
        let words = [0x4879, 0x706F, 0x2000, 0x5858];
        assert_eq!(decode_text(&words, 8, WordOrder::Abcd), "Hypo");
        assert_eq!(decode_text(&words, 3, WordOrder::Abcd), "Hyp");
        assert_eq!(decode_text(&[0x7948, 0x6F70], 4, WordOrder::Badc), "Hypo");
        assert_eq!(decode_text(&[0x01FF], 2, WordOrder::Abcd), "··");
    }

    #[test]
    fn words_of_the_file_come_back() {
        let mut all = DataType::NUMBERS.to_vec();
        all.extend([DataType::Bit, DataType::BitOfWord(15), DataType::Text(7)]);
        for kind in all {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        for text in ["bit 16", "string 0", "string", "u8", "f32 1", ""] {
            assert_eq!(text.parse::<DataType>(), Err(NotADataType), "{text}");
        }
    }
}
