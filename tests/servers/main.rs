//! Against servers and clients nobody here wrote: pymodbus (TCP, TLS, serial line, serial frames over TCP), libmodbus,
//! mbpoll, PostgreSQL. `tests/setup` installs them; where they are missing these tests fail, they never pass unseen. Not run by a
//! plain `cargo test`: `tests/run`, or `. tests/setup; set_up servers` and then `cargo test --test servers`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic in a test is its report")]

mod line;
mod postgres;

#[path = "../headless/support/pki.rs"]
mod pki;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use hypocaust::io::field::{Field, FieldOptions, Pace};
use hypocaust::io::modbus::map::{Device, DeviceMap, Parity, Point, Table, Transport, WritePermit};
use hypocaust::io::modbus::probe::{Target, probe};
use hypocaust::io::modbus::value::{DataType, WordOrder};
use hypocaust::io::modbus::{DeviceState, Polling};
use hypocaust::live::{Sample, TagId};
use hypocaust::network::generate::demo_city;

use pki::Pki;

const NEVER: Duration = Duration::from_secs(60);

/// Where `tests/setup` puts its tools.
fn tools() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("servers")
}

/// A server of other hands; ends with its input.
struct Server {
    child: Child,
    /// Port or serial port.
    said: String,
}

impl Server {
    fn start(program: &Path, arguments: &[&str]) -> Server {
        let child = Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|e| panic!("{}: {e}; run tests/setup servers", program.display()));
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert!(!said.trim().is_empty(), "{} {arguments:?} did not start", program.display());
        Server { child, said: said.trim().to_owned() }
    }

    fn pymodbus(arguments: &[&str]) -> Server {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/pymodbus_server.py");
        Server::start(&tools().join("venv/bin/python"), &[&[script.to_str().unwrap()], arguments].concat())
    }

    fn libmodbus() -> Server {
        Server::start(&tools().join("libmodbus_server"), &[])
    }

    fn port(&self) -> u16 {
        self.said.parse().unwrap()
    }

    fn tcp(&self) -> Transport {
        Transport::Tcp { host: "127.0.0.1".to_owned(), port: self.port() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads with mbpoll: register (counted from 1 there) and text behind it.
fn mbpoll(arguments: &[&str]) -> BTreeMap<u16, String> {
    let Output { stdout, stderr, .. } = Command::new("mbpoll")
        .args(["-1"])
        .args(arguments)
        .output()
        .unwrap_or_else(|e| panic!("mbpoll: {e}; run tests/setup servers"));
    let text = String::from_utf8_lossy(&stdout).into_owned();
    let line = |line: &str| {
        let (register, value) = line.strip_prefix('[')?.split_once("]:")?;
        Some((register.parse().ok()?, value.trim().to_owned()))
    };
    let values: BTreeMap<u16, String> = text.lines().filter_map(line).collect();
    assert!(!values.is_empty(), "{text}{}", String::from_utf8_lossy(&stderr));
    values
}

fn point(tag: &str, register: u16, kind: DataType, order: WordOrder) -> Point {
    Point { order, period_ms: 200, ..Point::new(tag, "plc", register, kind) }
}

fn until(samples: &Receiver<Vec<Sample>>, holds: impl Fn(&BTreeMap<u32, Sample>) -> bool) -> BTreeMap<u32, Sample> {
    let end = Instant::now() + NEVER;
    let mut last = BTreeMap::new();
    while !holds(&last) {
        let left = end.saturating_duration_since(Instant::now());
        let batch = samples.recv_timeout(left).unwrap_or_else(|e| panic!("{e}: {last:?}"));
        last.extend(batch.into_iter().map(|sample| (sample.tag.0, sample)));
    }
    last
}

/// The numbers of the pymodbus server in the order of its registers, high word first and low word first.
fn pymodbus_points() -> (Vec<Point>, Vec<f64>) {
    let numbers = [
        (DataType::I16, -1234.0),
        (DataType::U16, 54_321.0),
        (DataType::I32, -123_456_789.0),
        (DataType::U32, 3_123_456_789.0),
        (DataType::I64, -1_234_567_890_123_456_789.0),
        (DataType::U64, 12_345_678_901_234_567_890.0),
        (DataType::F32, f64::from(123.456_f32)),
        (DataType::F64, -123_456.789_012_345),
    ];
    let (mut points, mut values, mut register) = (Vec::new(), Vec::new(), 0);
    for (kind, value) in numbers {
        for order in [WordOrder::Abcd, WordOrder::Cdab] {
            points.push(point(&format!("{kind} {order:?}"), register, kind, order));
            values.push(value);
            register += kind.registers();
        }
    }
    points.push(point("name", register, DataType::Text(14), WordOrder::Abcd));
    (points, values)
}

/// Every type, the text, and a value written and read back, over any transport.
fn reads_and_writes_pymodbus(transport: Transport) {
    let (mut points, values) = pymodbus_points();
    let text = TagId(points.len() as u32 - 1);
    let permit = Some(WritePermit { least: -1e6, most: 1e6, most_step: None, least_interval_s: 0.0 });
    let float = TagId(points.len() as u32);
    points.push(Point { write: permit, ..point("set", 100, DataType::F32, WordOrder::Cdab) });
    points.push(Point { table: Table::Input, ..point("input", 11, DataType::U16, WordOrder::Abcd) });
    let map = DeviceMap { devices: vec![Device::new("plc", transport, 1)], points };
    let (sink, samples) = sync_channel(1000);
    let mut polling = Polling::start(&map, sink).unwrap();
    // The text alone gives no sample.
    let last = until(&samples, |last| last.len() + 1 == map.points.len() && last.values().all(|s| s.quality.is_good()));
    for (tag, value) in values.iter().enumerate() {
        assert_eq!(last[&(tag as u32)].value, *value, "{}", map.points[tag].tag);
    }
    assert_eq!(last[&(float.0 + 1)].value, 77.0);
    assert_eq!(polling.texts()[&text].1, "Heat station 7");
    let written = polling.take_writer().unwrap().write(float, -273.15).unwrap();
    assert_eq!(written.value, f64::from(-273.15_f32));
    until(&samples, |last| last.get(&float.0).is_some_and(|sample| sample.value == f64::from(-273.15_f32)));
    let health = &polling.health().devices[0];
    assert_eq!((health.state, health.line_faults, health.exceptions), (DeviceState::Answering, 0, 0), "{health:?}");
}

#[test]
fn pymodbus_over_tcp() {
    let server = Server::pymodbus(&["tcp"]);
    reads_and_writes_pymodbus(server.tcp());
}

#[test]
fn pymodbus_with_serial_frames_over_tcp() {
    let server = Server::pymodbus(&["rtu-over-tcp"]);
    reads_and_writes_pymodbus(Transport::RtuOverTcp { host: "127.0.0.1".to_owned(), port: server.port() });
}

#[test]
fn pymodbus_on_a_serial_line() {
    let server = Server::pymodbus(&["serial"]);
    let path = PathBuf::from(&server.said);
    reads_and_writes_pymodbus(Transport::Serial { path, baud: 19_200, parity: Parity::None, stop_bits: 1 });
}

/// What `stty` says of a serial port: what the last who opened it has set.
fn serial_settings(path: &Path) -> Vec<String> {
    let output = Command::new("stty").arg("-a").arg("-F").arg(path).output().unwrap();
    String::from_utf8_lossy(&output.stdout).split_whitespace().map(|word| word.trim_matches(';').to_owned()).collect()
}

/// Stop bits and parity arrive at the port as the map has them. A pseudo terminal has no parity bit: asked for one it is
/// refused, and never read without it.
#[test]
fn serial_lines_are_set_as_the_map_says_or_not_read_at_all() {
    let server = Server::pymodbus(&["serial"]);
    let path = PathBuf::from(&server.said);
    for (baud, parity, stop_bits) in
        [(9600, Parity::None, 2), (19_200, Parity::None, 1), (2400, Parity::Even, 1), (4800, Parity::Odd, 2)]
    {
        let transport = Transport::Serial { path: path.clone(), baud, parity, stop_bits };
        let map = DeviceMap {
            devices: vec![Device::new("plc", transport, 1)],
            points: vec![point("a", 1, DataType::U16, WordOrder::Abcd)],
        };
        let (sink, samples) = sync_channel(100);
        let polling = Polling::start(&map, sink).unwrap();
        let readable = parity == Parity::None;
        until(&samples, |last| last.get(&0).is_some_and(|sample| sample.quality.is_good() == readable));
        let words = serial_settings(&path);
        let has = |word: &str| words.iter().any(|known| known == word);
        assert!(has("cs8"), "{words:?}");
        assert_eq!(has("cstopb"), stop_bits == 2, "{words:?}");
        assert_eq!(has("parodd"), parity == Parity::Odd, "{words:?}");
        let health = &polling.health().devices[0];
        assert_eq!(health.answers > 0, readable, "{health:?}");
        if !readable {
            assert_eq!(health.state, DeviceState::Unreachable, "{health:?}");
        }
    }
}

/// Whatever every second answer of it is, no value is believed but the right ones, and those come again each time.
#[test]
fn pymodbus_that_lies_is_believed_only_where_it_is_right() {
    for how in ["late", "short", "miscounted", "another's", "half", "none"] {
        let server = Server::pymodbus(&["lying", how]);
        let points: Vec<Point> = (0..10)
            .map(|at| Point { table: Table::Input, ..point(&format!("{at}"), 3 * at, DataType::U16, WordOrder::Abcd) })
            .collect();
        let device = Device { request_timeout_ms: 300, ..Device::new("plc", server.tcp(), 1) };
        let map = DeviceMap { devices: vec![device], points };
        let (sink, samples) = sync_channel(10_000);
        let polling = Polling::start(&map, sink).unwrap();
        let (mut good, mut bad, end) = (0, 0, Instant::now() + NEVER);
        while good < 50 || bad < 20 {
            for sample in samples.recv_timeout(end.saturating_duration_since(Instant::now())).unwrap() {
                match sample.quality.is_usable() {
                    true => {
                        assert_eq!(sample.value, f64::from(21 * sample.tag.0), "{how}: {sample:?}");
                        good += 1;
                    }
                    false => bad += 1,
                }
            }
        }
        let health = &polling.health().devices[0];
        assert!(health.line_faults + health.time_outs > 0 && health.reconnects > 0, "{how}: {health:?}");
    }
}

/// A server that goes away with its connections, and comes back at its port: bad while it is gone, good again after.
#[test]
fn a_server_that_goes_away_is_bad_and_comes_back() {
    let server = Server::pymodbus(&["tcp"]);
    let port = server.said.clone();
    let map = DeviceMap {
        devices: vec![Device::new("plc", server.tcp(), 1)],
        points: vec![Point { table: Table::Input, ..point("a", 11, DataType::U16, WordOrder::Abcd) }],
    };
    let (sink, samples) = sync_channel(1000);
    let polling = Polling::start(&map, sink).unwrap();
    let is = |good: bool| move |last: &BTreeMap<u32, Sample>| last.get(&0).is_some_and(|s| s.quality.is_good() == good);
    assert_eq!(until(&samples, is(true))[&0].value, 77.0);
    drop(server);
    until(&samples, is(false));
    let _server = Server::pymodbus(&["tcp", "127.0.0.1", &port]);
    assert_eq!(until(&samples, is(true))[&0].value, 77.0);
    assert!(polling.health().devices[0].reconnects > 0);
}

#[test]
fn pymodbus_over_tls() {
    let pki = Pki::new();
    let (certificate, key) = pki.signed("device", None);
    let authority = pki.authority();
    let server =
        Server::pymodbus(&["tls", authority.to_str().unwrap(), certificate.to_str().unwrap(), key.to_str().unwrap()]);
    let tls = |files| Transport::Tls { host: "127.0.0.1".to_owned(), port: server.port(), files };
    reads_and_writes_pymodbus(tls(pki.files("operator", Some("Operator"))));
    // A certificate of somebody else's authority opens nothing.
    let mut files = pki.files("spy", Some("Operator"));
    let other = Pki::new();
    (files.certificate, files.key) = other.signed("spy", Some("Operator"));
    let map = DeviceMap {
        devices: vec![Device::new("plc", tls(files), 1)],
        points: vec![point("a", 0, DataType::U16, WordOrder::Abcd)],
    };
    let (sink, samples) = sync_channel(10);
    let _polling = Polling::start(&map, sink).unwrap();
    let last = until(&samples, |last| !last.is_empty());
    assert!(!last[&0].quality.is_usable());
}

/// libmodbus keeps the float in all four orders (which of its functions writes which differs between its versions).
#[test]
fn libmodbus_floats_in_all_orders_coils_and_exceptions() {
    let server = Server::libmodbus();
    let mut points = Vec::new();
    for register in [0, 2, 4, 6] {
        points.extend(
            WordOrder::ALL.map(|order| point(&format!("{register} {order:?}"), register, DataType::F32, order)),
        );
    }
    points.push(point("i32", 8, DataType::I32, WordOrder::Abcd));
    points.push(point("i64", 10, DataType::I64, WordOrder::Abcd));
    points.push(Point { table: Table::Coil, ..point("coil", 99, DataType::Bit, WordOrder::Abcd) });
    points.push(Point { table: Table::Discrete, ..point("discrete", 95, DataType::Bit, WordOrder::Abcd) });
    // Beyond its 200 registers.
    points.push(point("nowhere", 200, DataType::U16, WordOrder::Abcd));
    let map = DeviceMap { devices: vec![Device::new("plc", server.tcp(), 1)], points };
    let (sink, samples) = sync_channel(1000);
    let polling = Polling::start(&map, sink).unwrap();
    let last = until(&samples, |last| last.len() == map.points.len());
    for register in 0..4 {
        let right = (0..4).filter(|order| last[&(4 * register + order)].value == f64::from(123.456_f32)).count();
        assert_eq!(right, 1, "{last:?}");
    }
    for order in 0..4 {
        assert!((0..4).any(|register| last[&(4 * register + order)].value == f64::from(123.456_f32)), "{last:?}");
    }
    assert_eq!([16, 17, 18, 19].map(|tag| last[&tag].value), [-123_456_789.0, -1_234_567_890_123_456_789.0, 1.0, 1.0]);
    assert!(!last[&20].quality.is_usable());
    assert_eq!(polling.health().devices[0].line_faults, 0);
}

/// What our writer wrote, read by a client that shares nothing with us.
#[test]
fn mbpoll_reads_what_was_written() {
    let server = Server::pymodbus(&["tcp"]);
    let permit = Some(WritePermit { least: -1e6, most: 1e6, most_step: None, least_interval_s: 0.0 });
    let set = |tag: &str, register, kind, order| Point { write: permit, ..point(tag, register, kind, order) };
    let map = DeviceMap {
        devices: vec![Device::new("plc", server.tcp(), 1)],
        points: vec![
            set("word", 120, DataType::I16, WordOrder::Abcd),
            set("high first", 122, DataType::F32, WordOrder::Abcd),
            set("low first", 124, DataType::F32, WordOrder::Cdab),
            Point { table: Table::Coil, ..set("coil", 7, DataType::Bit, WordOrder::Abcd) },
        ],
    };
    let (sink, _samples) = sync_channel(1000);
    let mut polling = Polling::start(&map, sink).unwrap();
    let writer = polling.take_writer().unwrap();
    for (tag, value) in [(0, -77.0), (1, 123.5), (2, -0.625), (3, 1.0)] {
        assert_eq!(writer.write(TagId(tag), value).unwrap().value, value);
    }
    let port = server.port().to_string();
    let read = |arguments: &[&str]| mbpoll(&[&["-a", "1", "-p", &port][..], arguments, &["127.0.0.1"]].concat());
    assert_eq!(read(&["-t", "4", "-r", "121"])[&121], "65459 (-77)");
    assert_eq!(read(&["-t", "4:float", "-B", "-r", "123"])[&123], "123.5");
    assert_eq!(read(&["-t", "4:float", "-r", "125"])[&125], "-0.625");
    assert_eq!(read(&["-t", "0", "-r", "8"])[&8], "1");
}

/// The simulated field, read by a client that shares nothing with us, word by word as our own probe reads it.
#[test]
fn mbpoll_reads_the_simulated_field() {
    let options = FieldOptions { pace: Pace::ByHand, noise: 0.0, ..FieldOptions::default() };
    let field = Field::start(demo_city(), options).unwrap();
    let map = field.device_map();
    let mut words = 0;
    for device in map.devices.iter().take(3) {
        let Transport::Tcp { host, port } = &device.transport else { panic!("{:?}", device.transport) };
        let own = |point: &&Point| point.device == device.name && !point.table.is_bits();
        for point in map.points.iter().filter(own).take(8) {
            let target = Target {
                transport: device.transport.clone(),
                unit: device.unit_id,
                table: point.table,
                from: point.register,
                count: point.width(),
                connect_timeout: NEVER,
                request_timeout: NEVER,
                ignores_transaction_id: false,
            };
            let ours = probe(&target).unwrap();
            let (port, unit) = (port.to_string(), device.unit_id.to_string());
            let table = if point.table == Table::Input { "3:hex" } else { "4:hex" };
            let (first, count) = ((point.register + 1).to_string(), point.width().to_string());
            let theirs = mbpoll(&["-a", &unit, "-p", &port, "-t", table, "-r", &first, "-c", &count, host]);
            let ours: Vec<String> = ours.words.iter().map(|word| format!("0x{:04X}", word.unwrap())).collect();
            assert_eq!(theirs.into_values().collect::<Vec<_>>(), ours, "{}", point.tag);
            words += ours.len();
        }
    }
    assert!(words >= 20, "{words}");
}
