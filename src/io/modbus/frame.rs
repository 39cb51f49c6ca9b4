//! Frames around requests and replies: the header of Modbus/TCP, the checksum of serial lines.
//!
//! Pure and total. A TCP stream whose header is wrong once is lost for good. A serial line is noisy by nature: there the
//! reply is sought between noise by its address, function, length and checksum.

use std::ops::Range;

use super::pdu::Request;

/// Longest frame body: unit and 253 bytes (Modbus messaging on TCP/IP V1.0b, 3.1.2).
const LONGEST: usize = 254;
/// Bytes before the unit.
const HEADER: usize = 6;

/// Why bytes are no Modbus/TCP frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadFrame {
    /// Only 0 means Modbus.
    Protocol(u16),
    Length(u16),
}

/// A frame found at the start of a buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub transaction: u16,
    pub unit: u8,
    /// From the function code on.
    pub pdu: Range<usize>,
}

/// A request or reply for Modbus/TCP.
pub fn tcp(transaction: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + 1 + pdu.len());
    out.extend(transaction.to_be_bytes());
    out.extend([0, 0]);
    // Requests have at most 14 bytes; test servers' replies at most 253.
    out.extend((pdu.len() as u16 + 1).to_be_bytes());
    out.push(unit);
    out.extend(pdu);
    out
}

/// The frame at the start of the buffer; `None` while bytes are missing. Wrong bytes are told as early as they are seen.
pub fn find_tcp(buffer: &[u8]) -> Result<Option<Found>, BadFrame> {
    let word = |at: usize| Some(u16::from_be_bytes([*buffer.get(at)?, *buffer.get(at + 1)?]));
    if let Some(protocol) = word(2)
        && protocol != 0
    {
        return Err(BadFrame::Protocol(protocol));
    }
    let Some(length) = word(4) else { return Ok(None) };
    let body = usize::from(length);
    if !(2..=LONGEST).contains(&body) {
        return Err(BadFrame::Length(length));
    }
    let (Some(transaction), Some(&unit)) = (word(0), buffer.get(HEADER)) else { return Ok(None) };
    let end = HEADER + body;
    Ok((buffer.len() >= end).then_some(Found { transaction, unit, pdu: HEADER + 1..end }))
}

/// A request or reply for a serial line.
pub fn serial(unit: u8, pdu: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(pdu.len() + 3);
    out.push(unit);
    out.extend(pdu);
    out.extend(checksum(&out).to_le_bytes());
    out
}

/// Where in the buffer the reply to this request lies (unit to checksum left out): its exception or a reply of the right
/// length with a right checksum, whatever stands before or behind.
pub fn find_serial(buffer: &[u8], unit: u8, request: &Request) -> Option<Range<usize>> {
    let function = request.function();
    (0..buffer.len()).find_map(|start| {
        let length = match buffer.get(start..start + 2)? {
            [address, code] if *address == unit && *code == function => request.reply_length(),
            [address, code] if *address == unit && *code == function | 0x80 => 2,
            _ => return None,
        };
        let end = start + 1 + length;
        let frame = buffer.get(start..end + 2)?;
        let (body, sum) = frame.split_at(frame.len() - 2);
        (checksum(body).to_le_bytes() == sum).then_some(start + 1..end)
    })
}

/// CRC-16 of serial lines: polynomial A001 hexadecimal, reflected, from FFFF (Modbus over serial line V1.02, 6.2.2).
pub fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xA001 } else { sum >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::modbus::map::Table;

    /// Modbus over serial line V1.02, 6.2.2: the sum of 02 07 is 1241 hexadecimal, low byte first on the line.
    #[test]
    fn the_checksum_of_the_specification() {
        assert_eq!(checksum(&[2, 7]), 0x1241);
        assert_eq!(serial(2, &[7]), [2, 7, 0x41, 0x12]);
    }

    #[test]
    fn tcp_frames_whole_cut_and_wrong() {
        let frame = tcp(0x1234, 17, &[3, 2, 0, 5]);
        assert_eq!(frame, [0x12, 0x34, 0, 0, 0, 5, 17, 3, 2, 0, 5]);
        assert_eq!(find_tcp(&frame), Ok(Some(Found { transaction: 0x1234, unit: 17, pdu: 7..11 })));
        for cut in 0..frame.len() {
            assert_eq!(find_tcp(&frame[..cut]), Ok(None), "{cut}");
        }
        assert_eq!(find_tcp(&[0, 1, 0, 1]), Err(BadFrame::Protocol(1)));
        for length in [0, 1, 255, 65_535_u16] {
            let [high, low] = length.to_be_bytes();
            assert_eq!(find_tcp(&[0, 1, 0, 0, high, low]), Err(BadFrame::Length(length)));
        }
    }

    #[test]
    fn a_reply_is_found_between_noise() {
        let request = Request::Read { table: Table::Holding, start: 0, count: 2 };
        let reply = serial(9, &[3, 4, 1, 2, 3, 4]);
        // Noise, a frame of another unit, and one whose checksum is wrong stand before it.
        let mut broken = reply.clone();
        broken[4] ^= 0x10;
        let noise = [&[0, 0xFF, 9][..], &serial(8, &[3, 4, 9, 9, 9, 9]), &broken].concat();
        let buffer = [&noise[..], &reply, &[9, 3]].concat();
        let found = find_serial(&buffer, 9, &request).unwrap();
        assert_eq!(&buffer[found.clone()], [3, 4, 1, 2, 3, 4]);
        for cut in 0..found.end + 2 {
            assert_eq!(find_serial(&buffer[..cut], 9, &request), None);
        }
        assert_eq!(find_serial(&serial(9, &[0x83, 2]), 9, &request), Some(1..3));
    }
}
