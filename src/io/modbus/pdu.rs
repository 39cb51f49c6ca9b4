//! Requests in bytes, and replies held against them.
//!
//! Pure and total. A reply is accepted only where function, length and echo are those of the request: anything else is a
//! fault of the line, never a value. Function codes and layouts are those of the Modbus application protocol V1.1b3,
//! chapter 6.

use super::map::Table;

/// What a device is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    Read { table: Table, start: u16, count: u16 },
    WriteCoil { at: u16, on: bool },
    WriteRegister { at: u16, word: u16 },
    WriteRegisters { at: u16, words: Vec<u16> },
}

/// What it answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// As many as were asked for.
    Words(Vec<u16>),
    /// As many as were asked for.
    Bits(Vec<bool>),
    /// The device echoed what was written.
    Written,
    /// It heard and refuses.
    Exception(Exception),
}

/// The reason of a refusal, as the device gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exception(pub u8);

impl Exception {
    pub const ILLEGAL_FUNCTION: Exception = Exception(1);
    pub const ILLEGAL_ADDRESS: Exception = Exception(2);
    pub const ILLEGAL_VALUE: Exception = Exception(3);

    /// The device will do it later, if asked again: acknowledge (05) and busy (06).
    pub const fn is_busy(self) -> bool {
        matches!(self.0, 5 | 6)
    }

    /// A gateway says that the device behind it does not answer (0A, 0B).
    pub const fn is_from_gateway(self) -> bool {
        matches!(self.0, 0x0A | 0x0B)
    }

    /// Key of its name in the translation files.
    pub const fn key(self) -> &'static str {
        match self.0 {
            1 => "modbus-exception-function",
            2 => "modbus-exception-address",
            3 => "modbus-exception-value",
            4 => "modbus-exception-failure",
            5 => "modbus-exception-acknowledge",
            6 => "modbus-exception-busy",
            8 => "modbus-exception-memory",
            0x0A => "modbus-exception-path",
            0x0B => "modbus-exception-target",
            _ => "modbus-exception-unknown",
        }
    }
}

/// Why a reply is none to this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadReply {
    Empty,
    Function {
        wanted: u8,
        got: u8,
    },
    Length {
        wanted: usize,
        got: usize,
    },
    /// The count inside the reply is not that of the request.
    Count {
        wanted: usize,
        got: usize,
    },
    /// What it says was written is not what we wrote.
    Echo,
}

impl Request {
    /// The function code.
    pub const fn function(&self) -> u8 {
        match self {
            Request::Read { table: Table::Coil, .. } => 0x01,
            Request::Read { table: Table::Discrete, .. } => 0x02,
            Request::Read { table: Table::Holding, .. } => 0x03,
            Request::Read { table: Table::Input, .. } => 0x04,
            Request::WriteCoil { .. } => 0x05,
            Request::WriteRegister { .. } => 0x06,
            Request::WriteRegisters { .. } => 0x10,
        }
    }

    /// The bytes from the function code on.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![self.function()];
        let mut word = |word: u16| out.extend(word.to_be_bytes());
        match self {
            Request::Read { start, count, .. } => [*start, *count].map(word),
            Request::WriteCoil { at, on } => [*at, if *on { 0xFF00 } else { 0 }].map(word),
            Request::WriteRegister { at, word: value } => [*at, *value].map(word),
            Request::WriteRegisters { at, words } => {
                // At most 123 registers go into a frame; values have four.
                let count = words.len() as u16;
                word(*at);
                word(count);
                out.push((2 * count) as u8);
                words.iter().for_each(|word| out.extend(word.to_be_bytes()));
                return out;
            }
        };
        out
    }

    /// Bytes of a reply that is no exception, from the function code on.
    pub fn reply_length(&self) -> usize {
        match self {
            Request::Read { table, count, .. } if table.is_bits() => 2 + usize::from(*count).div_ceil(8),
            Request::Read { count, .. } => 2 + 2 * usize::from(*count),
            _ => 5,
        }
    }

    /// The reply in these bytes (from the function code on), if it is one to this request.
    pub fn decode(&self, reply: &[u8]) -> Result<Reply, BadReply> {
        let (&got, rest) = reply.split_first().ok_or(BadReply::Empty)?;
        let wanted = self.function();
        if got == wanted | 0x80 {
            return match rest {
                [code] => Ok(Reply::Exception(Exception(*code))),
                _ => Err(BadReply::Length { wanted: 2, got: reply.len() }),
            };
        }
        if got != wanted {
            return Err(BadReply::Function { wanted, got });
        }
        let length = self.reply_length();
        if reply.len() != length {
            return Err(BadReply::Length { wanted: length, got: reply.len() });
        }
        match self {
            Request::Read { table, count, .. } => {
                // The length was checked: there is a count and data behind it.
                let (said, data) = rest.split_first().ok_or(BadReply::Empty)?;
                if usize::from(*said) != data.len() {
                    return Err(BadReply::Count { wanted: data.len(), got: usize::from(*said) });
                }
                if table.is_bits() {
                    let bit = |at: usize| data.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1);
                    return Ok(Reply::Bits((0..usize::from(*count)).map(bit).collect()));
                }
                let words = data.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
                Ok(Reply::Words(words.collect()))
            }
            // Single writes come back whole, of several registers address and count.
            _ if self.encode().get(..5) == Some(reply) => Ok(Reply::Written),
            _ => Err(BadReply::Echo),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: Request = Request::Read { table: Table::Holding, start: 0x6B, count: 3 };

    /// The examples of the specification, 6.1, 6.3, 6.5, 6.6 and 6.12.
    #[test]
    fn the_examples_of_the_specification() {
        assert_eq!(READ.encode(), [3, 0, 0x6B, 0, 3]);
        assert_eq!(READ.decode(&[3, 6, 2, 0x2B, 0, 0, 0, 0x64]), Ok(Reply::Words(vec![0x022B, 0, 0x64])));
        let coils = Request::Read { table: Table::Coil, start: 0x13, count: 19 };
        let Ok(Reply::Bits(bits)) = coils.decode(&[1, 3, 0xCD, 0x6B, 0x05]) else { panic!() };
        assert_eq!(bits.iter().map(|bit| u8::from(*bit)).collect::<Vec<_>>()[..9], [1, 0, 1, 1, 0, 0, 1, 1, 1]);
        assert_eq!(bits.len(), 19);
        let coil = Request::WriteCoil { at: 0xAC, on: true };
        assert_eq!(coil.encode(), [5, 0, 0xAC, 0xFF, 0]);
        assert_eq!(coil.decode(&[5, 0, 0xAC, 0xFF, 0]), Ok(Reply::Written));
        let words = Request::WriteRegisters { at: 1, words: vec![0x000A, 0x0102] };
        assert_eq!(words.encode(), [0x10, 0, 1, 0, 2, 4, 0, 0x0A, 1, 2]);
        assert_eq!(words.decode(&[0x10, 0, 1, 0, 2]), Ok(Reply::Written));
        assert_eq!(READ.decode(&[0x83, 2]), Ok(Reply::Exception(Exception::ILLEGAL_ADDRESS)));
    }

    #[test]
    fn replies_to_something_else_are_refused() {
        for reply in [
            &[][..],
            &[3],
            &[0x83],
            &[0x83, 2, 0],
            &[4, 6, 0, 0, 0, 0, 0, 0],
            &[0x84, 2],
            &[3, 4, 0, 0, 0, 0],
            &[3, 8, 0, 0, 0, 0, 0, 0, 0, 0],
            &[3, 5, 0, 0, 0, 0, 0, 0],
            &[3, 6, 0, 0, 0, 0, 0],
        ] {
            assert!(READ.decode(reply).is_err(), "{reply:?}");
        }
        let write = Request::WriteRegister { at: 7, word: 300 };
        assert_eq!(write.decode(&[6, 0, 7, 1, 0x2D]), Err(BadReply::Echo));
        assert_eq!(write.decode(&[6, 0, 8, 1, 0x2C]), Err(BadReply::Echo));
        assert_eq!(write.decode(&[6, 0, 7, 1, 0x2C]), Ok(Reply::Written));
    }
}
