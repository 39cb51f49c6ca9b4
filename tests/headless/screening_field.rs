//! Screening of a whole field: what the devices of a city say in a day without faults raises no doubt, and a fault does.

use std::collections::BTreeMap;

use hypocaust::io::field::map::{MapOptions, device_map};
use hypocaust::io::field::world::{World, WorldOptions};
use hypocaust::io::modbus::map::{DeviceMap, Point};
use hypocaust::io::modbus::value::DataType;
use hypocaust::live::alarm::{AlarmSystem, Kind, Order, definitions};
use hypocaust::live::screening::Screen;
use hypocaust::live::{Quality, Sample, TagId, TagTable, Timestamp};
use hypocaust::network::generate;
use hypocaust::solver::{Options, Solver};

/// Random numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn noise(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// What a register of this point can hold nearest to a value.
fn shown(point: &Point, value: f64) -> f64 {
    let step = (point.scale / point.unit.scale).abs();
    if matches!(point.kind, DataType::F32 | DataType::F64) || step == 0.0 || !step.is_finite() {
        value
    } else {
        (value / step).round() * step
    }
}

/// By tag: second and reason.
type Doubts = BTreeMap<String, Vec<(i64, String)>>;

/// The field of a city of twelve stations, second by second, `spoil` changing what is sent.
fn run(seconds: i64, spoil: impl Fn(&DeviceMap, usize, i64, f64) -> f64) -> (TagTable, Doubts, Vec<(String, Kind)>) {
    let network = generate::city(&generate::Parameters { stations: 12, seed: 3, ..Default::default() });
    let steady = Solver::new().solve(&network, &Options::default());
    let mut map = device_map(&network, &steady, &MapOptions { port_base: 1, ..MapOptions::default() });
    let mut world = World::new(network.clone(), &mut map, WorldOptions::default());
    let table = map.tags().unwrap();
    let mut screen = Screen::new(&table, Some(&network));
    let (list, rules) = definitions(&table);
    let mut alarms = AlarmSystem::new(&table, list, rules);
    let mut dice = Dice(11);
    let mut doubts: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
    for second in 0..seconds {
        if second % 5 == 0 {
            world.step(5.0, &[]);
        }
        let now = Timestamp::from_ms(second * 1000);
        let mut samples: Vec<Sample> = map
            .points
            .iter()
            .enumerate()
            .filter(|(_, point)| second % (i64::from(point.period_ms) / 1000).max(1) == 0)
            .map(|(row, point)| {
                let noise = point.deviation_si.filter(|_| point.write.is_none()).unwrap_or(0.0) * dice.noise();
                let value = world.value(row) + noise;
                // No instrument shows what is beyond its range.
                let value = point.range.map_or(value, |range| value.clamp(range.least, range.most));
                let value = spoil(&map, row, second, shown(point, value));
                Sample { tag: TagId(row as u32), source_time: now, arrival_time: now, value, quality: Quality::Good }
            })
            .collect();
        for remark in screen.screen(now, &mut samples) {
            if !remark.quality.is_good() {
                let name = table.get(remark.tag).unwrap().name.to_string();
                doubts.entry(name).or_default().push((second, format!("{:?} {:?}", remark.quality, remark.cause)));
            }
        }
        screen.tick(now);
        alarms.step(now, &samples, &[]);
    }
    let rows = alarms.rows(Order::Priority).into_iter().map(|row| (row.name.to_string(), row.kind)).collect();
    (table, doubts, rows)
}

#[test]
fn a_field_without_faults_raises_no_doubt_and_no_alarm() {
    let (table, doubts, alarms) = run(900, |_, _, _, value| value);
    assert!(table.len() > 300, "{}", table.len());
    assert!(doubts.is_empty(), "{} of {}: {doubts:#?}", doubts.len(), table.len());
    assert!(alarms.is_empty(), "{alarms:?}");
}

#[test]
fn the_stuck_thermometer_of_a_field_is_the_only_one_named() {
    let name = "T1";
    let held = std::cell::Cell::new(f64::NAN);
    let victim = |map: &DeviceMap| {
        map.points
            .iter()
            .position(|point| point.tag.starts_with("ST") && point.tag.ends_with(&format!(".{name}")))
            .unwrap()
    };
    let (_, doubts, alarms) = run(300, |map, row, second, value| {
        if row != victim(map) {
            return value;
        }
        // From the first moment: it is never seen to move.
        if held.get().is_nan() {
            held.set(value);
        }
        assert!(second < 400);
        held.get()
    });
    let named: Vec<_> = doubts.keys().collect();
    assert_eq!(named.len(), 1, "{doubts:#?}");
    assert!(named[0].ends_with(".T1") && doubts[named[0]][0].1.contains("Stuck"), "{doubts:#?}");
    assert_eq!(alarms.iter().map(|(_, kind)| *kind).collect::<Vec<_>>(), [Kind::Quality]);
}
