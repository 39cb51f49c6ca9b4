//! Polling whole device maps: values, outages, refusals, gateways, writing. Nothing here depends on how fast the machine
//! is: tests wait for what must come, up to a time after which it never will.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hypocaust::io::modbus::map::{Device, DeviceMap, Point, Table, WritePermit, unit_named};
use hypocaust::io::modbus::value::{DataType, WordOrder, encode};
use hypocaust::io::modbus::{DeviceState, NotWritten, Polling};
use hypocaust::live::{Fault, Observed, Quality, Sample, TagId};

use crate::support::plc::{Act, Asked, Plc, on_registers};

const NEVER: Duration = Duration::from_secs(40);

fn device(name: &str, address: SocketAddr, unit: u8) -> Device {
    Device { request_timeout_ms: 400, ..Device::tcp(name, address.ip().to_string(), address.port(), unit) }
}

fn point(tag: &str, device: &str, register: u16, kind: DataType) -> Point {
    Point { period_ms: 100, ..Point::new(tag, device, register, kind) }
}

struct Listener {
    samples: Receiver<Vec<Sample>>,
    /// Everything that came, by tag.
    last: BTreeMap<u32, Sample>,
}

impl Listener {
    fn start(map: &DeviceMap) -> (Polling, Listener) {
        let (sink, samples) = sync_channel(1000);
        (Polling::start(map, sink).unwrap(), Listener { samples, last: BTreeMap::new() })
    }

    /// Listens until this holds of the last samples by tag.
    fn until(&mut self, what: &str, holds: impl Fn(&BTreeMap<u32, Sample>) -> bool) {
        let end = Instant::now() + NEVER;
        while !holds(&self.last) {
            let left = end.saturating_duration_since(Instant::now());
            let batch = self.samples.recv_timeout(left).unwrap_or_else(|e| panic!("{what}: {e}: {:?}", self.last));
            for sample in batch {
                assert!(sample.source_time <= sample.arrival_time, "{sample:?}");
                assert_eq!(sample.value.is_nan(), !sample.quality.is_usable(), "{sample:?}");
                self.last.insert(sample.tag.0, sample);
            }
        }
    }

    fn until_quality(&mut self, tag: u32, quality: Quality) {
        self.until(&format!("{tag} {quality:?}"), |last| {
            last.get(&tag).is_some_and(|sample| sample.quality == quality)
        });
    }

    /// Only what comes from now on counts.
    fn forget(&mut self) {
        while self.samples.try_recv().is_ok() {}
        self.last.clear();
    }
}

const LOST: Quality = Quality::Bad(Fault::Communication);

fn registers(words: impl IntoIterator<Item = (u16, u16)>) -> Arc<Mutex<BTreeMap<u16, u16>>> {
    Arc::new(Mutex::new(words.into_iter().collect()))
}

#[test]
fn every_type_arrives_in_si() {
    let raw = 1234.0;
    let mut map = DeviceMap::default();
    let mut words = BTreeMap::new();
    let mut register = 10;
    for kind in DataType::NUMBERS {
        for order in WordOrder::ALL {
            let mut point = point(&format!("{kind} {order:?}"), "plc", register, kind);
            point.order = order;
            (point.scale, point.observed) = (0.1, Observed::SupplyTemperature);
            (point.quantity, point.unit) = unit_named(point.observed, "°F").unwrap();
            for (at, word) in encode(raw, kind, order).unwrap().into_iter().enumerate() {
                words.insert(register + at as u16, word);
            }
            register += kind.registers() + 1;
            map.points.push(point);
        }
    }
    words.insert(1000, 0b1000);
    words.extend([(1001, 0x4879), (1002, 0x706F), (1003, 0x7FC0), (1004, 0), (1005, 0x12AB)]);
    map.points.push(point("bit", "plc", 1000, DataType::BitOfWord(3)));
    map.points.push(point("text", "plc", 1001, DataType::Text(4)));
    map.points.push(point("nan", "plc", 1003, DataType::F32));
    map.points.push(point("bcd", "plc", 1005, DataType::Bcd16));
    let numbers = 4 * DataType::NUMBERS.len() as u32;
    // Gaps of one register are read along, so they must exist.
    (10..register).for_each(|gap| {
        words.entry(gap).or_insert(0xDEAD);
    });
    let plc = Plc::with_registers(registers(words));
    map.devices.push(device("plc", plc.address, 1));
    let (polling, mut listener) = Listener::start(&map);
    listener.until("all values", |last| last.len() == numbers as usize + 3 && last.contains_key(&(numbers + 3)));
    for tag in 0..numbers {
        let sample = &listener.last[&tag];
        assert_eq!(sample.quality, Quality::Good, "{}", map.points[tag as usize].tag);
        assert!((sample.value - (123.4 - 32.0) / 1.8).abs() < 1e-4, "{}: {sample:?}", map.points[tag as usize].tag);
    }
    assert_eq!(listener.last[&numbers].value, 1.0);
    for bad in [numbers + 2, numbers + 3] {
        assert_eq!(listener.last[&bad].quality, Quality::Bad(Fault::NotANumber));
    }
    assert_eq!(polling.texts()[&TagId(numbers + 1)].1, "Hypo");
    let health = &polling.health().devices[0];
    assert_eq!(health.state, DeviceState::Answering);
    assert!(health.latency_p99_s.unwrap() >= health.latency_p50_s.unwrap() && health.last_answer.is_some());
}

#[test]
fn a_device_that_goes_away_is_bad_and_comes_back() {
    let plc = Plc::start(|asked| vec![Act::Send(asked.honest())]);
    let address = plc.address;
    let map = DeviceMap { devices: vec![device("plc", address, 1)], points: vec![point("a", "plc", 5, DataType::U16)] };
    let (polling, mut listener) = Listener::start(&map);
    listener.until_quality(0, Quality::Good);
    assert_eq!(listener.last[&0].value, 5.0);
    drop(plc);
    listener.forget();
    listener.until_quality(0, LOST);
    assert!(polling.health().devices[0].last_fault.is_some());
    let plc = Plc::start_at(address, |asked| vec![Act::Send(asked.honest())]);
    listener.until_quality(0, Quality::Good);
    let health = polling.health();
    assert!(health.devices[0].reconnects >= 1 && health.devices[0].line_faults >= 1, "{health:?}");
    drop(plc);
}

/// Nobody ever listened at the address.
#[test]
fn a_device_that_never_was_is_bad_at_once() {
    let address = Plc::start(|_| Vec::new()).address;
    let map = DeviceMap { devices: vec![device("plc", address, 1)], points: vec![point("a", "plc", 5, DataType::U16)] };
    let (polling, mut listener) = Listener::start(&map);
    listener.until_quality(0, LOST);
    assert_eq!(polling.health().devices[0].state, DeviceState::Unreachable);
}

/// One unit behind a gateway is dead: its neighbours go on, and the dead one does not take the line from them.
#[test]
fn a_dead_unit_does_not_stop_its_neighbours() {
    let asked_dead = Arc::new(AtomicUsize::new(0));
    let counted = asked_dead.clone();
    let plc = Plc::start(move |asked| match asked.unit {
        2 => {
            counted.fetch_add(1, Ordering::SeqCst);
            Vec::new()
        }
        3 => vec![Act::Send(asked.exception(0x0B))],
        _ => vec![Act::Send(asked.honest())],
    });
    let map = DeviceMap {
        devices: vec![device("one", plc.address, 1), device("dead", plc.address, 2), device("told", plc.address, 3)],
        points: vec![
            point("a", "one", 5, DataType::U16),
            point("b", "dead", 5, DataType::U16),
            point("c", "told", 5, DataType::U16),
        ],
    };
    let (polling, mut listener) = Listener::start(&map);
    listener.until_quality(1, LOST);
    listener.until_quality(2, LOST);
    // Many readings of the living one for a few tries of the dead one.
    let before = polling.health().devices[0].answers;
    listener.until("many answers", |_| polling.health().devices[0].answers >= before + 20);
    assert_eq!(listener.last[&0].quality, Quality::Good);
    let health = polling.health();
    assert!(asked_dead.load(Ordering::SeqCst) <= 12, "{health:?}");
    assert_eq!(health.devices[1].state, DeviceState::Silent);
    assert!(health.devices[1].time_outs >= 1 && health.devices[0].time_outs == 0);
}

#[test]
fn busy_devices_are_asked_again_and_refusals_keep_the_connection() {
    let plc = Plc::start(|asked| match asked.address() {
        // Busy twice in three.
        0 if asked.nth % 3 != 2 => vec![Act::Send(asked.exception(6))],
        1 => vec![Act::Send(asked.exception(4))],
        _ => vec![Act::Send(asked.honest())],
    });
    let mut map = DeviceMap { devices: vec![device("plc", plc.address, 1)], points: Vec::new() };
    map.points = vec![
        Point { period_ms: 300, alone: true, ..point("busy", "plc", 0, DataType::U16) },
        Point { period_ms: 300, alone: true, ..point("broken", "plc", 1, DataType::U16) },
    ];
    let (polling, mut listener) = Listener::start(&map);
    listener.until_quality(0, Quality::Good);
    listener.until_quality(1, Quality::Bad(Fault::DeviceException));
    assert_eq!(plc.connections(), 1);
    let health = polling.health();
    assert!(health.devices[0].exceptions >= 1 && health.devices[0].line_faults == 0, "{health:?}");
}

/// Registers 3 and 4 do not exist, 3 being a gap and 4 a mistake of the map: every other value arrives.
#[test]
fn one_wrong_register_costs_only_its_own_point() {
    let plc = Plc::with_registers(registers([(0, 10), (1, 11), (2, 12), (5, 15), (6, 16)]));
    let points = [0, 1, 2, 4, 5, 6].map(|register| point(&format!("r{register}"), "plc", register, DataType::U16));
    let map = DeviceMap { devices: vec![device("plc", plc.address, 1)], points: points.to_vec() };
    let (_polling, mut listener) = Listener::start(&map);
    let quality = |last: &BTreeMap<u32, Sample>, tag| last.get(&tag).map(|sample| sample.quality);
    listener.until("five good, one bad", |last| {
        [0, 1, 2, 4, 5].iter().all(|&tag| quality(last, tag) == Some(Quality::Good))
            && quality(last, 3) == Some(Quality::Bad(Fault::DeviceException))
    });
    assert_eq!([0, 1, 2, 4, 5].map(|tag| listener.last[&tag].value), [10.0, 11.0, 12.0, 15.0, 16.0]);
}

/// Wrong lengths never become values, and a line that lied is not used again.
#[test]
fn lies_are_bad_and_cost_the_connection() {
    let lying = Arc::new(AtomicBool::new(true));
    let told = lying.clone();
    let plc = Plc::start(move |asked: &Asked| {
        let lie = told.load(Ordering::SeqCst);
        vec![Act::Send(if lie { asked.words([1, 2, 3]) } else { asked.honest() })]
    });
    let map =
        DeviceMap { devices: vec![device("plc", plc.address, 1)], points: vec![point("a", "plc", 5, DataType::U16)] };
    let (_polling, mut listener) = Listener::start(&map);
    listener.until_quality(0, LOST);
    lying.store(false, Ordering::SeqCst);
    listener.until_quality(0, Quality::Good);
    assert!(plc.connections() >= 2);
}

/// The receiver sleeps: nothing waits, the losses are counted, and dropping the polling ends it all the same.
#[test]
fn a_full_receiver_holds_nobody_up() {
    let plc = Plc::start(|asked| vec![Act::Send(asked.honest())]);
    let map =
        DeviceMap { devices: vec![device("plc", plc.address, 1)], points: vec![point("a", "plc", 5, DataType::U16)] };
    let (sink, samples) = sync_channel(1);
    let polling = Polling::start(&map, sink).unwrap();
    let end = Instant::now() + NEVER;
    while polling.health().dropped_batches < 3 {
        assert!(Instant::now() < end, "{:?}", polling.health());
        std::thread::yield_now();
    }
    assert_eq!(polling.health().dropped_samples, polling.health().dropped_batches);
    drop(polling);
    assert_eq!(samples.iter().count(), 1);
}

#[test]
fn writing_is_permitted_compared_and_read_back() {
    let held = registers([(0, 1), (1, 0), (2, 0), (3, 7), (4, 0)]);
    let stubborn = held.clone();
    // Register 4 takes every value and keeps its own; 5 is refused; 6 echoes a lie.
    let plc = Plc::start(move |asked| {
        let mut registers = stubborn.lock().unwrap();
        let write = asked.pdu[0] == 6;
        vec![Act::Send(match asked.address() {
            4 if write => asked.frame(&asked.pdu),
            5 if write => asked.exception(3),
            6 if write => asked.frame(&[6, 0, 6, 0, 0]),
            _ => on_registers(asked, &mut registers),
        })]
    });
    let permit = |least, most| Some(WritePermit { least, most, most_step: None, least_interval_s: 0.0 });
    let mut map = DeviceMap { devices: vec![device("plc", plc.address, 1)], points: Vec::new() };
    map.points.push(Point { write: permit(0.0, 100.0), scale: 0.5, ..point("word", "plc", 0, DataType::U16) });
    map.points.push(Point { write: permit(-1e6, 1e6), ..point("float", "plc", 1, DataType::F32) });
    map.points.push(point("readonly", "plc", 3, DataType::U16));
    for register in 4..7 {
        map.points
            .push(Point { write: permit(0.0, 9.0), ..point(&format!("w{register}"), "plc", register, DataType::U16) });
    }
    // Written only, never polled for longer than the test lasts.
    map.points.iter_mut().for_each(|point| point.period_ms = 86_400_000);
    let (mut polling, mut listener) = Listener::start(&map);
    let writer = polling.take_writer().unwrap();
    assert!(polling.take_writer().is_none());
    assert_eq!(writer.write(TagId(0), 33.2).unwrap().value, 33.0);
    assert_eq!(writer.write(TagId(1), -123.25).unwrap().value, -123.25);
    assert_eq!(held.lock().unwrap().values().copied().collect::<Vec<_>>()[..4], [66, 0xC2F6, 0x8000, 7]);
    listener.until("the read-back as samples", |last| last.get(&1).is_some_and(|sample| sample.value == -123.25));
    assert_eq!(writer.write(TagId(2), 1.0), Err(NotWritten::NotPermitted));
    assert_eq!(writer.write(TagId(99), 1.0), Err(NotWritten::UnknownTag));
    let outside = NotWritten::OutsidePermit { value: 100.5, least: 0.0, most: 100.0 };
    assert_eq!(writer.write(TagId(0), 100.5), Err(outside));
    assert!(matches!(writer.write(TagId(0), f64::NAN), Err(NotWritten::OutsidePermit { .. })));
    assert_eq!(writer.write(TagId(3), 5.0), Err(NotWritten::NotHeld { value: 0.0 }));
    assert!(matches!(writer.write(TagId(4), 5.0), Err(NotWritten::Refused(exception)) if exception.0 == 3));
    assert!(matches!(writer.write(TagId(5), 5.0), Err(NotWritten::Fault { sent: true, .. })));
    drop(polling);
    assert_eq!(writer.write(TagId(0), 5.0), Err(NotWritten::Ended));
}

#[test]
fn coils_and_discrete_inputs() {
    let coils = Arc::new(Mutex::new(vec![false; 32]));
    let held = coils.clone();
    let plc = Plc::start(move |asked| {
        let mut coils = held.lock().unwrap();
        let at = usize::from(asked.address());
        vec![Act::Send(match asked.pdu[0] {
            5 => {
                coils[at] = asked.count() == 0xFF00;
                asked.frame(&asked.pdu)
            }
            _ => {
                let mut bytes = vec![0; usize::from(asked.count()).div_ceil(8)];
                for bit in 0..usize::from(asked.count()) {
                    bytes[bit / 8] |= u8::from(coils[at + bit]) << (bit % 8);
                }
                asked.frame(&[&[asked.pdu[0], bytes.len() as u8][..], &bytes].concat())
            }
        })]
    });
    let mut map = DeviceMap { devices: vec![device("plc", plc.address, 1)], points: Vec::new() };
    let permit = Some(WritePermit { least: 0.0, most: 1.0, most_step: None, least_interval_s: 0.0 });
    map.points.push(Point { table: Table::Coil, write: permit, ..point("on", "plc", 11, DataType::Bit) });
    map.points.push(Point { table: Table::Discrete, ..point("seen", "plc", 11, DataType::Bit) });
    map.points.push(Point { table: Table::Discrete, ..point("other", "plc", 3, DataType::Bit) });
    let (mut polling, mut listener) = Listener::start(&map);
    listener.until("all off", |last| (0..3).all(|tag| last.get(&tag).is_some_and(|sample| sample.value == 0.0)));
    assert_eq!(polling.take_writer().unwrap().write(TagId(0), 1.0).unwrap().value, 1.0);
    listener.until("the coil is seen", |last| last[&1].value == 1.0 && last[&2].value == 0.0);
}
