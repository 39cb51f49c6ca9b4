//! Records in a file that is written from front to back: the log, the names, the state of a link.
//!
//! Each record is a head (magic word, kind, length of the body, sequence number, CRC-32C of these) and a body with its own
//! CRC-32C, so that a reader tells a record from damage at every byte, finds the records behind a damaged one, and never
//! takes a length from a damaged head. Both sums begin with a seed that tells histories apart
//! ([`Identity`](super::identity::Identity)).

use std::ops::Range;

const MAGIC: u32 = u32::from_le_bytes(*b"HyR1");
const HEAD: usize = 24;
/// A larger body was never written.
const MOST_BODY: usize = 1 << 30;

/// Kinds of record. A number means the same for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Rows that arrived together.
    Rows = 1,
    /// Names of stored tags.
    Names = 2,
    /// How far a link has come.
    Link = 3,
}

impl Kind {
    const fn of(number: u32) -> Option<Kind> {
        match number {
            1 => Some(Kind::Rows),
            2 => Some(Kind::Names),
            3 => Some(Kind::Link),
            _ => None,
        }
    }
}

fn write_head(seed: u32, kind: Kind, sequence: u64, length: usize) -> ([u8; HEAD], u32) {
    let mut head = [0; HEAD];
    head[..4].copy_from_slice(&MAGIC.to_le_bytes());
    head[4..8].copy_from_slice(&(kind as u32).to_le_bytes());
    head[8..12].copy_from_slice(&(length as u32).to_le_bytes());
    head[12..20].copy_from_slice(&sequence.to_le_bytes());
    let sum = crc32c::crc32c_append(seed, &head[..20]);
    head[20..].copy_from_slice(&sum.to_le_bytes());
    (head, sum)
}

/// The check sum that stands behind a body.
pub fn body_sum(seed: u32, kind: Kind, sequence: u64, body: &[u8]) -> u32 {
    crc32c::crc32c_append(write_head(seed, kind, sequence, body.len()).1, body)
}

/// Appends a record.
pub fn write(out: &mut Vec<u8>, seed: u32, kind: Kind, sequence: u64, body: &[u8]) {
    let (head, sum) = write_head(seed, kind, sequence, body.len());
    out.extend_from_slice(&head);
    out.extend_from_slice(body);
    // The sequence number in the sum of the body: no body passes for another's.
    out.extend_from_slice(&crc32c::crc32c_append(sum, body).to_le_bytes());
}

/// What stands in a stretch of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Record {
        kind: Kind,
        sequence: u64,
        /// Bytes of the body.
        body: Range<usize>,
    },
    /// Bytes that are no record, with records behind them or more than a record cut short.
    Damaged(Range<usize>),
    /// The beginning of a record at the end of the file, as an interrupted write leaves it.
    Unfinished(Range<usize>),
}

struct Head {
    kind: Kind,
    sequence: u64,
    body: Range<usize>,
    sum: u32,
}

fn field<const LENGTH: usize>(bytes: &[u8], at: usize) -> Option<[u8; LENGTH]> {
    bytes.get(at..at.checked_add(LENGTH)?)?.try_into().ok()
}

fn head(seed: u32, bytes: &[u8], at: usize) -> Option<Head> {
    let word = |offset: usize| field(bytes, at + offset).map(u32::from_le_bytes);
    if word(0)? != MAGIC {
        return None;
    }
    let sum = word(20)?;
    if crc32c::crc32c_append(seed, &bytes[at..at + 20]) != sum {
        return None;
    }
    let length = word(8)? as usize;
    if length > MOST_BODY {
        return None;
    }
    let sequence = u64::from_le_bytes(field(bytes, at + 12)?);
    Some(Head { kind: Kind::of(word(4)?)?, sequence, body: at + HEAD..at + HEAD + length, sum })
}

fn body_is_whole(bytes: &[u8], head: &Head) -> Option<bool> {
    let sum = u32::from_le_bytes(field(bytes, head.body.end)?);
    Some(crc32c::crc32c_append(head.sum, &bytes[head.body.clone()]) == sum)
}

/// Records and damage of a file, from front to back; records of another seed are damage.
pub fn scan(seed: u32, bytes: &[u8]) -> Vec<Item> {
    let mut items = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let Some(found) = head(seed, bytes, at) else {
            // The next head that holds, wherever it is: what lies between is lost.
            let next = (at + 1..bytes.len()).find(|&next| bytes[next] == b'H' && head(seed, bytes, next).is_some());
            let end = next.unwrap_or(bytes.len());
            let unfinished = next.is_none() && (end - at < HEAD || bytes[at..].iter().all(|&byte| byte == 0));
            items.push(if unfinished { Item::Unfinished(at..end) } else { Item::Damaged(at..end) });
            at = end;
            continue;
        };
        let end = found.body.end + 4;
        match body_is_whole(bytes, &found) {
            Some(true) => items.push(Item::Record { kind: found.kind, sequence: found.sequence, body: found.body }),
            Some(false) => items.push(Item::Damaged(at..end)),
            None => items.push(Item::Unfinished(at..bytes.len())),
        }
        at = end;
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> (Vec<u8>, Vec<Item>) {
        let mut bytes = Vec::new();
        for (sequence, body) in [&b"first"[..], b"", b"HyR1 the third"].into_iter().enumerate() {
            write(&mut bytes, 7, Kind::Rows, sequence as u64, body);
        }
        let items = scan(7, &bytes);
        (bytes, items)
    }

    #[test]
    fn every_flip_of_a_bit_is_seen_and_costs_one_record_only() {
        let (bytes, whole) = file();
        assert_eq!(whole.len(), 3);
        for bit in 0..bytes.len() * 8 {
            let mut rotten = bytes.clone();
            rotten[bit / 8] ^= 1 << (bit % 8);
            let items = scan(7, &rotten);
            let left = items.iter().filter(|item| whole.contains(item)).count();
            assert_eq!(left, 2, "bit {bit}: {items:?}");
            assert!(items.iter().all(|item| whole.contains(item) || !matches!(item, Item::Record { .. })), "bit {bit}");
            assert!(items.len() == 3, "bit {bit}: {items:?}");
        }
    }

    #[test]
    fn records_of_another_history_are_damage() {
        let (bytes, _) = file();
        assert_eq!(scan(8, &bytes), [Item::Damaged(0..bytes.len())]);
    }

    #[test]
    fn a_file_cut_anywhere_keeps_the_records_before() {
        let (bytes, whole) = file();
        for length in 0..bytes.len() {
            let items = scan(7, &bytes[..length]);
            let kept = items.iter().filter(|item| whole.contains(item)).count();
            let behind = items.len() - kept;
            assert!(items[..kept] == whole[..kept] && behind <= 1, "{length}: {items:?}");
            assert!(items[kept..].iter().all(|item| matches!(item, Item::Unfinished(_))), "{length}: {items:?}");
        }
    }
}
