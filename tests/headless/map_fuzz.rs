//! Device maps that nobody meant: thousands of spoilt files, none of which may end the program, and none of which, where it
//! is taken, may give a tag the value of another one or of the wrong registers.
//!
//! What is taken is held against a reading of the same rows by this test's own hand: place, type, order and scale; a part of
//! them is read from a server whose registers are known. Three thousand files here; HYPOCAUST_FUZZ_SECONDS=600 for so long,
//! each time with other numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use hypocaust::io::modbus::map::{Device, DeviceMap, MOST_BITS, MOST_REGISTERS, Point, Transport};
use hypocaust::io::modbus::plan::{ReadLimits, plan};
use hypocaust::io::modbus::{DeviceState, Polling};
use hypocaust::text::Language;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::support::plc::{Act, Plc};

const CASES: u64 = 3000;
/// One map in so many of those taken is read from a server.
const POLLED: u64 = 60;

const DEVICES: &str = r#"device_map = 1
points = ["a.points.csv"]

[defaults]
request_timeout_ms = 800
bridged_registers = 4

[[device]]
name = "CS1"
address = "10.1.0.17"
first_register = 1
most_registers = 20

[[device]]
name = "热源1"
transport = "tls"
address = "[fe80::1%eth0]:8020"
authority = "ca.pem"
certificate = "us.pem"
key = "us.key"
unit = 0xFF

[[device]]
name = "M3"
transport = "serial"
path = "/dev/ttyUSB0"
baud = 2400
parity = "none"
stop_bits = 2
unit = 17

[[device]]
name = "GW"
transport = "rtu-over-tcp"
address = "gateway.example"
note = "behind the boiler"
"#;

const HEADER: &str = "tag,device,table,register,type,order,scale,offset,unit,observed,element,low,high,least,most,period_s,write_least,write_most,alone";

const POINTS: &str = "\
# supply
CS1.P,CS1,holding,1,f32,CDAB,,,MPa,supply-pressure,consumer:CS0001,0.2,1.2,0,1.6,,,,
CS1.T,CS1,input,0x10,i16,,0.1,,℃,supply-temperature,consumer:CS0001,,,-20,150,1,,,
CS1.V,CS1,,40,u16,,0.1,,%,opening,consumer:CS0001,,,,,,10,90,yes
CS1.E,CS1,holding,43,bcd32,BADC,0.01,,GJ,energy,consumer:CS0001,,,,,,,,
CS1.F,CS1,holding,46,f64,DCBA,,,m3/h,volume-flow,,,,,,,,,
CS1.N,CS1,holding,60,string 12,BADC,,,,,,,,,,,,,
热源1.Q,热源1,holding,100,i64,,1e-3,5,MW,heat,source:HS1,,,,,,,,
热源1.A,热源1,holding,104,bit 3,,,,,contact,,,,,,,,,
M3.ON,M3,discrete,3,bit,,,,,running,,,,,,,,,
M3.U,M3,input,65534,u32,DCBA,,,,other,,,,,,2.5,,,
GW.X,GW,coil,7,bit,,,,,running,,,,,,,0,1,
";

/// What cells and values are replaced by: right in another place, and wrong everywhere.
const WORDS: [&str; 62] = [
    "",
    "0",
    "1",
    "-1",
    "2",
    "7",
    "16",
    "17",
    "65535",
    "65536",
    "4294967296",
    "99999999999999999999",
    "0x",
    "0xFFFF",
    "0x10",
    "1e3",
    "1e308",
    "1e-320",
    "NaN",
    "inf",
    "-0.0",
    "0.1",
    "3,14",
    "bit",
    "bit 0",
    "bit 15",
    "bit 16",
    "u16",
    "i16",
    "u32",
    "i32",
    "u64",
    "i64",
    "f32",
    "f64",
    "bcd16",
    "bcd32",
    "string 1",
    "string 250",
    "string 251",
    "ABCD",
    "CDAB",
    "BADC",
    "DCBA",
    "abcd",
    "coil",
    "discrete",
    "input",
    "holding",
    "tcp",
    "serial",
    "CS1",
    "热源1",
    "M3",
    "CS1.P",
    "yes",
    "是",
    "\"",
    "\"a,b\"",
    "#x",
    "consumer:CS0001",
    "MPa",
];

fn pick<'a, T: ?Sized>(rng: &mut impl Rng, from: &[&'a T]) -> &'a T {
    from[rng.random_range(0..from.len())]
}

/// Spoils a text in one of many ways: cells and values, lines, pieces, bytes.
fn spoil(text: &mut Vec<u8>, separators: &[u8], rng: &mut impl Rng) {
    let place = |rng: &mut dyn FnMut(usize) -> usize, text: &[u8]| rng(text.len() + 1);
    let mut below = |most: usize| rng.random_range(0..most.max(1));
    match below(12) {
        // A cell or value.
        0..=5 => {
            let edges: Vec<usize> = (0..text.len()).filter(|&at| separators.contains(&text[at])).collect();
            if edges.len() < 2 {
                return;
            }
            let at = below(edges.len() - 1);
            let word = WORDS[below(WORDS.len())].as_bytes();
            let quoted = separators.contains(&b'=') && below(2) == 0;
            let word = if quoted { [b" \"", word, b"\""].concat() } else { word.to_vec() };
            text.splice(edges[at] + 1..edges[at + 1], word);
        }
        // Lines: gone, twice, two changed places.
        step @ 6..=8 => {
            let mut lines: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            let (one, other) = (below(lines.len()), below(lines.len()));
            match step {
                6 => drop(lines.remove(one)),
                7 => lines.insert(other, lines[one].clone()),
                _ => lines.swap(one, other),
            }
            *text = lines.join(&b'\n');
        }
        // A byte, a few bytes, a piece.
        9 => {
            let at = place(&mut below, text);
            let byte = [b'"', b'\'', b',', b';', b'\t', b'\n', b'\r', 0, 0xFF, 0xC3, b'[', b']', b'=', b'#'][below(14)];
            text.insert(at, byte);
        }
        10 => {
            let at = place(&mut below, text);
            if at < text.len() {
                text[at] = below(256) as u8;
            }
        }
        _ => {
            let (one, other) = (place(&mut below, text), place(&mut below, text));
            text.drain(one.min(other)..one.max(other).min(one.min(other) + 40));
        }
    }
}

/// Both files of a case.
fn files(rng: &mut ChaCha8Rng) -> (Vec<u8>, Vec<u8>) {
    let mut devices = DEVICES.as_bytes().to_vec();
    let mut points = format!("{HEADER}\n{POINTS}").into_bytes();
    match rng.random_range(0..20) {
        // Anything at all.
        0 => devices = (0..rng.random_range(0..400)).map(|_| rng.random()).collect(),
        1 => points = (0..rng.random_range(0..400)).map(|_| rng.random()).collect(),
        2 => {
            let separator = pick(rng, &[";", "\t", "|"]);
            points = String::from_utf8_lossy(&points).replace(',', separator).into_bytes();
        }
        3 => points = [b"\xEF\xBB\xBF", &points[..]].concat(),
        _ => {}
    }
    for _ in 0..rng.random_range(0..4) {
        spoil(&mut points, b",\n", rng);
    }
    // Most maps keep their devices, or few would ever be taken.
    if rng.random_range(0..3) == 0 {
        for _ in 0..rng.random_range(1..4) {
            spoil(&mut devices, b"=\n", rng);
        }
    }
    (devices, points)
}

/// A row of the table as this test reads it, by column.
type Row = BTreeMap<String, String>;

/// The rows by tag, where the header is as it was: what stands under another header is another file.
fn rows(points: &[u8]) -> Option<BTreeMap<String, Row>> {
    let text = std::str::from_utf8(points).ok()?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'))?;
    if first != HEADER {
        return None;
    }
    let mut reader =
        csv::ReaderBuilder::new().comment(Some(b'#')).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().ok()?.clone();
    let mut out = BTreeMap::new();
    for record in reader.records() {
        let record = record.ok()?;
        let row: Row = header.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect();
        out.insert(row.get("tag")?.clone(), row);
    }
    Some(out)
}

/// What a register holds: never the same for two neighbours, and decimal digits in a good part of them.
fn word(table: u8, address: u16) -> u16 {
    let mixed = (u32::from(address) + 1).wrapping_mul(40_503).wrapping_add(u32::from(table) * 7919);
    if address.is_multiple_of(3) { mixed as u16 } else { mixed as u16 & 0x7777 }
}

fn bit(table: u8, address: u16) -> bool {
    word(table, address).count_ones() % 2 == 1
}

/// The raw number of a row, by the words of its cells; `None`: it has none.
fn raw(row: &Row, first_register: u16) -> Option<f64> {
    let cell = |name: &str| row.get(name).map_or("", String::as_str);
    let text = cell("register");
    let register = match text.get(..2) {
        Some("0x" | "0X") => u32::from_str_radix(&text[2..], 16).ok()?,
        _ => text.parse().ok()?,
    };
    let at = u16::try_from(register.checked_sub(u32::from(first_register))?).ok()?;
    let kind = cell("type").to_lowercase();
    let table = match cell("table") {
        "coil" => 1,
        "discrete" => 2,
        "input" => 4,
        "holding" => 3,
        _ if kind == "bit" => 1,
        _ => 3,
    };
    if table < 3 {
        return Some(f64::from(u8::from(bit(table, at))));
    }
    let width = match kind.trim_end_matches(char::is_numeric) {
        "bcd" | "u" | "i" | "f" => kind.trim_start_matches(char::is_alphabetic).parse::<u16>().ok()? / 16,
        "bit " => 1,
        _ => return None,
    };
    let mut words: Vec<u16> = (0..width).map(|step| word(table, at + step)).collect();
    let order = cell("order").to_uppercase();
    if matches!(order.as_str(), "CDAB" | "DCBA") {
        words.reverse();
    }
    if matches!(order.as_str(), "BADC" | "DCBA") {
        words.iter_mut().for_each(|word| *word = word.swap_bytes());
    }
    let whole = words.iter().fold(0_u64, |sum, word| sum << 16 | u64::from(*word));
    Some(match kind.as_str() {
        "u16" | "u32" | "u64" => whole as f64,
        "i16" => f64::from(whole as u16 as i16),
        "i32" => f64::from(whole as u32 as i32),
        "i64" => whole as i64 as f64,
        "f32" => f64::from(f32::from_bits(whole as u32)),
        "f64" => f64::from_bits(whole),
        "bcd16" | "bcd32" => format!("{whole:0digits$X}", digits = 4 * usize::from(width)).parse().ok()?,
        _ => f64::from((whole >> kind.strip_prefix("bit ")?.parse::<u32>().ok()? & 1) as u8),
    })
}

/// What holds of every map that is taken.
fn check(map: &DeviceMap, rows: Option<&BTreeMap<String, Row>>) {
    let names: BTreeSet<&str> = map.devices.iter().map(|device| &*device.name).collect();
    assert_eq!(names.len(), map.devices.len(), "a device twice");
    assert_eq!(map.tags().unwrap().len(), map.points.len());
    for device in &map.devices {
        assert!((1..=MOST_REGISTERS).contains(&device.most_registers) && (1..=MOST_BITS).contains(&device.most_bits));
        let own: Vec<(usize, &Point)> =
            map.points.iter().enumerate().filter(|(_, point)| point.device == device.name).collect();
        let mut seen = BTreeSet::new();
        for (period_ms, reads) in plan(&own, &ReadLimits::from(device)) {
            for read in reads {
                let most = if read.table.is_bits() { device.most_bits } else { device.most_registers };
                assert!((1..=most).contains(&read.count), "{read:?}");
                for row in read.points {
                    let point = &map.points[row];
                    assert!(seen.insert(row) && point.period_ms == period_ms && point.table == read.table);
                    let (from, to) = (u32::from(point.register), u32::from(point.register) + u32::from(point.width()));
                    let end = u32::from(read.start) + u32::from(read.count);
                    assert!(from >= u32::from(read.start) && to <= end && end <= 65_536, "{point:?}");
                }
            }
        }
        assert_eq!(seen.len(), own.len(), "{}: points that nobody reads", device.name);
    }
    for point in &map.points {
        assert!(names.contains(&*point.device), "{point:?}");
        assert!(point.scale != 0.0 && point.scale.is_finite() && point.offset.is_finite(), "{point:?}");
        assert!((100..=86_400_000).contains(&point.period_ms), "{point:?}");
        assert!(point.write.is_none_or(|permit| permit.least <= permit.most), "{point:?}");
        let Some(row) = rows.map(|rows| rows.get(&*point.tag).unwrap_or_else(|| panic!("no row {}", point.tag))) else {
            continue;
        };
        let first = u32::from(map.device(&point.device).unwrap().counts_from_one);
        let text = row["register"].to_lowercase();
        let register = match text.strip_prefix("0x") {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).unwrap(),
            None => text.parse().unwrap(),
        };
        assert_eq!(u32::from(point.register), register - first, "{point:?}");
        assert_eq!(
            (&*point.device, point.kind.to_string()),
            (&*row["device"], row["type"].to_lowercase()),
            "{point:?}"
        );
        let number =
            |name: &str, usual: f64| row.get(name).filter(|t| !t.is_empty()).map_or(usual, |t| t.parse().unwrap());
        assert_eq!((point.scale, point.offset), (number("scale", 1.0), number("offset", 0.0)), "{point:?}");
    }
}

/// What is written is read back as the same devices and places.
fn survives_its_file(map: &DeviceMap, folder: &Path) {
    let path = folder.join("again.toml");
    map.write(&path).unwrap();
    let again = DeviceMap::read(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again.devices, map.devices);
    let places = |map: &DeviceMap| -> Vec<_> {
        let one =
            |p: &Point| (p.tag.clone(), p.device.clone(), p.table, p.register, p.kind, p.order, p.period_ms, p.alone);
        map.points.iter().map(one).collect()
    };
    assert_eq!(places(&again), places(map));
}

/// Reads a map from a server whose registers are known.
fn reads_right(mut map: DeviceMap, rows: &BTreeMap<String, Row>) {
    let plc = Plc::start(|asked| {
        let (table, start, count) = (asked.pdu[0], asked.address(), asked.count());
        let answer = match table {
            1 | 2 => {
                let mut bytes = vec![0_u8; usize::from(count.div_ceil(8))];
                for step in 0..count {
                    bytes[usize::from(step / 8)] |= u8::from(bit(table, start.wrapping_add(step))) << (step % 8);
                }
                asked.frame(&[&[table, bytes.len() as u8][..], &bytes].concat())
            }
            _ => asked.words((0..count).map(|step| word(table, start.wrapping_add(step)))),
        };
        vec![Act::Send(answer)]
    });
    let first: BTreeMap<String, u16> =
        map.devices.iter().map(|device| (device.name.to_string(), u16::from(device.counts_from_one))).collect();
    for device in &mut map.devices {
        // What differs is the unit; the transport is another test's.
        let transport = Transport::Tcp { host: plc.address.ip().to_string(), port: plc.address.port() };
        *device = Device { transport, pause_ms: 0, request_timeout_ms: 20_000, ..device.clone() };
    }
    map.points.iter_mut().for_each(|point| point.period_ms = 100);
    let (sink, samples) = sync_channel(10_000);
    let polling = Polling::start(&map, sink).unwrap();
    let numbers = map.points.iter().filter(|point| !point.kind.to_string().starts_with("string")).count();
    let (mut seen, end) = (BTreeSet::new(), Instant::now() + Duration::from_secs(60));
    while seen.len() < numbers {
        let batch = samples.recv_timeout(end.saturating_duration_since(Instant::now())).unwrap();
        for sample in batch {
            let point = &map.points[sample.tag.index()];
            let raw = raw(&rows[&*point.tag], first[&*point.device]);
            let wanted = raw.map(|raw| point.si_of_raw(raw)).filter(|value| value.is_finite());
            match wanted {
                Some(wanted) => assert_eq!(sample.value, wanted, "{point:?} {:?}", sample.quality),
                None => assert!(!sample.quality.is_usable(), "{point:?}: {sample:?}"),
            }
            seen.insert(sample.tag);
        }
    }
    let health = polling.health();
    assert!(health.devices.iter().all(|device| device.line_faults == 0 && device.state != DeviceState::Refusing));
}

#[test]
fn no_spoilt_map_ends_the_program_or_gives_a_tag_what_is_not_its_own() {
    let seconds: Option<u64> =
        std::env::var("HYPOCAUST_FUZZ_SECONDS").ok().map(|text| text.parse().expect("a number of seconds"));
    let (start, first) = (Instant::now(), if seconds.is_some() { rand::random::<u64>() >> 1 } else { 0 });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.toml");
    let (mut cases, mut taken, mut held, mut polled) = (0_u64, 0_u64, 0_u64, 0_u64);
    while seconds.map_or(cases < CASES, |seconds| start.elapsed() < Duration::from_secs(seconds)) {
        let seed = first + cases;
        cases += 1;
        let (devices, points) = files(&mut ChaCha8Rng::seed_from_u64(seed));
        fs::write(&file, &devices).unwrap();
        fs::write(folder.path().join("a.points.csv"), &points).unwrap();
        let one = || match DeviceMap::read(&file) {
            Err(error) => {
                for language in Language::ALL {
                    let text = error.text(language);
                    assert!(!text.is_empty() && !text.contains("io-modbus-"), "a sentence is missing: {text}");
                }
                (0, 0, 0)
            }
            Ok(map) => {
                let rows = rows(&points);
                check(&map, rows.as_ref());
                survives_its_file(&map, folder.path());
                let known = u64::from(rows.is_some());
                match rows {
                    Some(rows) if seed % POLLED == 0 && !map.points.is_empty() => {
                        reads_right(map, &rows);
                        (1, known, 1)
                    }
                    _ => (1, known, 0),
                }
            }
        };
        // The case stands in front of whatever went wrong in it.
        let (one_taken, one_held, one_polled) = catch_unwind(one).unwrap_or_else(|_| {
            let (devices, points) = (String::from_utf8_lossy(&devices), String::from_utf8_lossy(&points));
            panic!("seed {seed}\n--- a.toml\n{devices}\n--- a.points.csv\n{points}")
        });
        taken += one_taken;
        held += one_held;
        polled += one_polled;
    }
    println!("{cases} maps, {taken} taken, {held} held against their rows, {polled} read from a server");
    assert!(taken > cases / 20 && held > taken / 2 && polled > 5, "{cases} {taken} {held} {polled}");
}
