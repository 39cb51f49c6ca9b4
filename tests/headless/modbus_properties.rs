//! Values, plans and replies under random input.

use std::collections::BTreeMap;

use hypocaust::io::modbus::map::{Point, Table};
use hypocaust::io::modbus::plan::{ReadLimits, plan, split};
use hypocaust::io::modbus::value::{DataType, WordOrder, decode, decode_text, encode};
use proptest::prelude::*;

use crate::support::random_replies;

fn kinds() -> impl Strategy<Value = DataType> {
    prop_oneof![
        proptest::sample::select(DataType::NUMBERS.to_vec()),
        (0..16_u8).prop_map(DataType::BitOfWord),
        Just(DataType::Bit),
        (1..=250_u8).prop_map(DataType::Text),
    ]
}

fn orders() -> impl Strategy<Value = WordOrder> {
    proptest::sample::select(WordOrder::ALL.to_vec())
}

proptest! {
    /// Whatever words come, there is a value or a reason; a value has words, and they mean the same.
    #[test]
    fn any_words_mean_a_value_or_nothing(words in proptest::collection::vec(any::<u16>(), 0..6), kind in kinds(), order in orders()) {
        let _ = decode_text(&words, 250, order);
        let Ok(value) = decode(&words, kind, order) else { return Ok(()) };
        prop_assert!(value.is_finite());
        prop_assert_eq!(words.len(), usize::from(kind.registers()));
        let Ok(back) = encode(value, kind, order) else {
            // Single bits of a register cannot be written; whole numbers beyond 2⁵³ were rounded, perhaps out of range.
            let rounded = matches!(kind, DataType::U64 | DataType::I64) && value.abs() > 9e15;
            prop_assert!(matches!(kind, DataType::BitOfWord(_)) || rounded);
            return Ok(());
        };
        prop_assert_eq!(decode(&back, kind, order), Ok(value));
    }

    /// What can be written is read back: exactly whole numbers and f64, to its digits f32.
    #[test]
    fn any_value_comes_back(value in prop_oneof![any::<f64>(), -1e5..1e5, (-70_000..70_000_i64).prop_map(|v| v as f64)], kind in kinds(), order in orders()) {
        let Ok(words) = encode(value, kind, order) else { return Ok(()) };
        prop_assert_eq!(words.len(), usize::from(kind.registers()));
        let back = decode(&words, kind, order).unwrap();
        match kind {
            DataType::F64 => prop_assert_eq!(back, value),
            DataType::F32 => prop_assert_eq!(back, f64::from(value as f32)),
            // Of a bit only zero or not is left.
            DataType::Bit => prop_assert_eq!(back, f64::from(u8::from(value.round() != 0.0))),
            _ => prop_assert_eq!(back, value.round()),
        }
    }

    #[test]
    fn every_point_is_read_exactly_once_within_the_limits(
        drawn in proptest::collection::vec((0..400_u16, kinds(), 0..4_usize, 0..3_u32, proptest::bool::weighted(0.1)), 1..60),
        most in 4..=125_u16,
        bits in 1..=2000_u16,
        gap in 0..40_u16,
    ) {
        let points: Vec<Point> = drawn
            .into_iter()
            .enumerate()
            .map(|(at, (register, kind, table, period, alone))| {
                let table = Table::ALL[table];
                let kind = if table.is_bits() { DataType::Bit } else if kind == DataType::Bit { DataType::U16 } else { kind };
                Point { table, period_ms: 1000 * (period + 1), alone, ..Point::new(format!("{at}"), "d", register, kind) }
            })
            // What is wider than the device gives is refused when a map is read.
            .filter(|point| point.table.is_bits() || point.width() <= most)
            .collect();
        let limits = ReadLimits { most_registers: most, most_bits: bits, bridged_registers: gap };
        let rows: Vec<(usize, &Point)> = points.iter().enumerate().collect();
        let planned = plan(&rows, &limits);
        let mut times: BTreeMap<usize, u32> = BTreeMap::new();
        for (period, reads) in &planned {
            for read in reads {
                let (start, end) = (u32::from(read.start), u32::from(read.start) + u32::from(read.count));
                let given = if read.table.is_bits() { bits } else { most };
                prop_assert!(read.count <= given);
                for row in &read.points {
                    *times.entry(*row).or_default() += 1;
                    let point = &points[*row];
                    prop_assert_eq!((point.period_ms, point.table), (*period, read.table));
                    prop_assert!(u32::from(point.register) >= start);
                    prop_assert!(u32::from(point.register) + u32::from(point.width()) <= end);
                    prop_assert!(!point.alone || read.points.len() == 1);
                }
                if read.points.len() > 1 {
                    let touched = points.iter().any(|alone| {
                        let first = u32::from(alone.register);
                        alone.alone && alone.table == read.table && first < end && start < first + u32::from(alone.width())
                    });
                    prop_assert!(!touched, "{:?} touches a point to be read alone", read);
                }
                // Taken apart again and again, nothing is lost and it ends.
                let mut pieces = vec![read.clone()];
                let mut ends = Vec::new();
                while let Some(piece) = pieces.pop() {
                    match split(&piece, &points, &limits) {
                        Some(parts) => {
                            prop_assert!(parts.iter().all(|part| part.points.len() < piece.points.len()));
                            pieces.extend(parts);
                        }
                        None => ends.push(piece),
                    }
                }
                let mut left: Vec<usize> = ends.iter().flat_map(|piece| piece.points.clone()).collect();
                left.sort_unstable();
                let mut all = read.points.clone();
                all.sort_unstable();
                prop_assert_eq!(left, all);
            }
        }
        prop_assert!(times.len() == points.len() && times.values().all(|times| *times == 1));
    }
}

/// `HYPOCAUST_RANDOM_REPLIES` asks for more.
#[test]
fn random_replies_give_right_values_or_none() {
    let wanted = std::env::var("HYPOCAUST_RANDOM_REPLIES").ok().and_then(|text| text.parse().ok());
    let replies = wanted.unwrap_or(100_000);
    let tally = random_replies::run(replies, 20_261_122);
    assert_eq!(tally.believed + tally.refusals + tally.faults, replies);
    // The draw is broad: every class is met often.
    assert!(tally.believed > replies / 5 && tally.faults > replies / 3 && tally.refusals > replies / 50, "{tally:?}");
}
