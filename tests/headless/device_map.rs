//! The device map: read, written, and wrong in every way a hand can make it wrong.

use std::fs;
use std::path::PathBuf;

use hypocaust::io::modbus::map::{
    Device, DeviceMap, Parity, Point, Table, TlsFiles, Transport, WritePermit, unit_named,
};
use hypocaust::io::modbus::value::{DataType, WordOrder};
use hypocaust::live::{Limits, Observed, Range, TagId};
use hypocaust::network::{Code, ElementKind, ElementRef, generate};
use hypocaust::text::Language;
use proptest::prelude::*;

const DEVICES: &str = r#"device_map = 1
points = "a.points.csv"

[defaults]
request_timeout_ms = 800

[[device]]
name = "CS1"
address = "10.1.0.17"
first_register = 1

[[device]]
name = "HS1"
transport = "tls"
address = "plant.example:8020"
authority = "certificates/ca.pem"
certificate = "/etc/hypocaust/us.pem"
key = "us.key"
request_timeout_ms = 1500

[[device]]
name = "M3"
transport = "serial"
path = "/dev/ttyUSB0"
baud = 2400
parity = "none"
unit = 17
pause_ms = 30
"#;

const POINTS: &str = "\
tag,device,table,register,type,order,scale,offset,unit,observed,element,high_high,low,least,most,period_s,write_least,write_most,write_step,write_interval_s,write_while,alone
# supply
CS1.P,CS1,holding,1,f32,CDAB,,,MPa,supply-pressure,consumer:CS0001,1.2,0.2,0,1.6,,,,,,,
CS1.T,CS1,input,0x10,i16,,0.1,,℃,supply-temperature,consumer:CS0001,,,-20,150,1,,,,,,
CS1.V,CS1,,40,u16,,0.1,,%,opening,consumer:CS0001,,,,,,10,90,5,30,CS1.P 0.3..1.2 & M3.ON 1..1,yes
M3.ON,M3,discrete,3,bit,,,,,running,,,,,,,,,,,,
";

fn folder(devices: &str, points: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.toml"), devices).unwrap();
    fs::write(folder.path().join("a.points.csv"), points).unwrap();
    let file = folder.path().join("a.toml");
    (folder, file)
}

fn refused(devices: &str, points: &str) -> String {
    let (_folder, file) = folder(devices, points);
    let error = DeviceMap::read(&file).unwrap_err();
    assert!(!error.text(Language::Chinese).contains("io-"), "a sentence is missing: {}", error.text(Language::Chinese));
    error.to_string()
}

#[test]
fn words_of_a_manual_become_si_and_wire_addresses() {
    let (folder, file) = folder(DEVICES, POINTS);
    let map = DeviceMap::read(&file).unwrap();
    assert_eq!(map.devices.len(), 3);
    assert_eq!(map.devices[0].transport, Transport::Tcp { host: "10.1.0.17".to_owned(), port: 502 });
    assert_eq!(map.devices.iter().map(|d| d.request_timeout_ms).collect::<Vec<_>>(), [800, 1500, 800]);
    let Transport::Tls { port: 8020, files, .. } = &map.devices[1].transport else { panic!("{:?}", map.devices[1]) };
    assert_eq!(files.authority, folder.path().join("certificates/ca.pem"));
    assert_eq!(files.certificate, PathBuf::from("/etc/hypocaust/us.pem"));

    let pressure = &map.points[0];
    assert_eq!((pressure.register, pressure.kind, pressure.order), (0, DataType::F32, WordOrder::Cdab));
    assert_eq!(pressure.limits, Limits { high_high: Some(1.2e6), low: Some(2e5), ..Limits::default() });
    assert_eq!(pressure.range, Some(Range { least: 0.0, most: 1.6e6 }));
    assert_eq!(pressure.period_ms, 10_000);
    assert_eq!(map.points[1].register, 15);
    assert_eq!(map.points[1].si_of_raw(853.0), 853.0 * 0.1);
    let valve = &map.points[2];
    let permit = WritePermit { least: 0.1, most: 0.9, most_step: Some(0.05), least_interval_s: 30.0 };
    assert_eq!(valve.write, Some(permit));
    // In the units of the tags they look at.
    let locks: Vec<(&str, f64, f64)> = valve.interlocks.iter().map(|it| (&*it.tag, it.least, it.most)).collect();
    assert_eq!(locks, [("CS1.P", 3e5, 1.2e6), ("M3.ON", 1.0, 1.0)]);
    assert_eq!(map.permits()[0].interlocks.len(), 2);
    let again = folder.path().join("again.toml");
    map.write(&again).unwrap();
    assert_eq!(DeviceMap::read(&again).unwrap().points[2].interlocks, valve.interlocks);
    assert!(valve.alone);
    assert_eq!(valve.raw_of_si(0.5).round(), 500.0);
    assert_eq!((map.points[3].table, map.points[3].register), (Table::Discrete, 3));

    let tags = map.tags().unwrap();
    assert_eq!(tags.id("CS1.V"), Some(TagId(2)));
    assert_eq!(tags.get(TagId(0)).unwrap().element, Some(ElementRef::new(ElementKind::Consumer, "CS0001")));
}

/// Every mistake is told at once, with file, line, device and register.
#[test]
fn every_mistake_is_named_with_its_place() {
    let devices = r#"device_map = 1
points = "a.points.csv"
[[device]]
name = "A"
adress = "10.0.0.1"
unit = 300
[[device]]
name = "A"
address = "10.0.0.2"
[[device]]
name = "B"
transport = "tls"
address = "http://x"
[[device]]
name = "C"
transport = "modem"
pause_ms = "30"
"#;
    let text = refused(devices, POINTS);
    for wanted in [
        "a.toml:3:1: A: the field \"address\" is missing",
        "a.toml:5:1: A: there is no field \"adress\"; did you mean \"address\"?",
        "a.toml:6:8: A: unit is 300; it must lie between 0 and 255",
        "a.toml:8:8: A: the device name \"A\" is empty or taken",
        "a.toml:13:11: B: \"http://x\" is no address",
        "B: the field \"key\" is missing",
        "a.toml:16:13: C: transport cannot be \"modem\"; use one of tcp, tls, rtu-over-tcp, serial",
        "a.toml:17:12: C: pause_ms is “30”, not a whole number",
    ] {
        assert!(text.contains(wanted), "{wanted}\n--\n{text}");
    }

    let head = "tag,device,table,register,type,order,scale,unit,observed,element,high,low,write_least,write_most,alone";
    let rows = [
        ("a,CS2,holding,1,u16,,,,,,,,,,", "there is no device \"CS2\"; did you mean \"CS1\"?"),
        (
            "b,CS1,holding,0,u16,,,,,,,,,,",
            "CS1 holding 0: \"0\" is no register of this device; write a number between 1",
        ),
        (
            "c,CS1,holding,65536,f32,,,,,,,,,,",
            "CS1 holding 65536: f32 from register 65535 on goes past the last register",
        ),
        ("d,CS1,coil,5,u16,,,,,,,,,,", "CS1 coil 5: the table coil holds single bits, not u16"),
        ("e,CS1,holding,6,bit,,,,,,,,,,", "does not say which"),
        ("f,CS1,holding,7,real,,,,,,,,,,", "type cannot be \"real\"; use one of bit, bit 0"),
        ("g,CS1,holding,8,f32,ACBD,,,,,,,,,", "order cannot be \"ACBD\"; use one of ABCD, CDAB, BADC, DCBA"),
        ("h,CS1,holding,9,u16,,0,,,,,,,,", "the scale is 0"),
        (
            "i,CS1,holding,10,u16,,,kPA,supply-pressure,,,,,,",
            "supply-pressure is not measured in \"kPA\"; use one of kPa",
        ),
        ("j,CS1,holding,11,u16,,,,suply-pressure,,,,,,", "did you mean \"supply-pressure\"?"),
        ("k,CS1,holding,12,u16,,,,,CS0001,,,,,", "\"CS0001\" names no element; write kind:id"),
        ("l,CS1,holding,13,u16,,,,,,1,2,,,", "low and high do not make a range"),
        ("m,CS1,input,14,u16,,,,,,,,0,1,", "the table input cannot be written"),
        ("n,CS1,holding,15,bit 3,,,,,,,,0,1,", "bit 3 cannot be written by itself"),
        ("o,CS1,holding,16,u32,,,,,,,,,,yes", ""),
        ("p,CS1,holding,17,u16,,,,,,,,,,", "p shares a register with o"),
        ("o,CS1,holding,30,u16,,,,,,,,,,", "the tag \"o\" stands already in"),
        ("q,CS1,holding,31,u16,,1.5.2,,,,,,,,", "scale is 1.5.2, not a number"),
    ];
    let table: String = rows.iter().map(|(row, _)| format!("{row}\n")).collect();
    let text = refused(DEVICES, &format!("{head}\n{table}"));
    for (at, (row, wanted)) in rows.iter().enumerate() {
        let place = format!("a.points.csv:{}:", at + 2);
        let found = text.lines().find(|line| line.contains(&place));
        assert_eq!(found.is_some(), !wanted.is_empty(), "{row}\n{text}");
        assert!(found.is_none_or(|line| line.contains(wanted)), "{row}: {wanted}\n{}", found.unwrap_or_default());
    }
    let text = refused(DEVICES, &POINTS.replace("tag,device", "tag,divice"));
    assert!(text.contains("the column device is missing"), "{text}");
    let text = refused(DEVICES, &POINTS.replace(",scale,", ",skale,"));
    assert!(text.contains("there is no field \"skale\"; did you mean \"scale\"?"), "{text}");
    let text = refused(DEVICES, &POINTS.replace("M3.ON 1..1", "M3.OFF 1..1"));
    assert!(text.contains("a.points.csv:5: ") && text.contains("looks at M3.OFF"), "{text}");
    let text = refused(DEVICES, &POINTS.replace("CS1.P 0.3..1.2", "CS1.P 1.2..0.3"));
    assert!(text.contains("is no interlock"), "{text}");
}

#[test]
fn files_that_are_no_map() {
    assert!(refused("devices = 1\n", "").contains("the version is missing"));
    assert!(refused("device_map = 9\n", "").contains("the device map has version 9"));
    assert!(refused("device_map = \n", "").contains("a.toml:1:"));
    assert!(refused("device_map = 1\npoints = [1]\n", "").contains("points is 1, not text"));
    assert!(refused("device_map = 1\npoints = \"b.csv\"\n", "").contains("b.csv: there is no such file"));
}

/// A map as code makes one, with every transport, type and order.
fn every_kind() -> DeviceMap {
    let files = TlsFiles {
        authority: "/a/ca.pem".into(),
        certificate: "/a/\"us\".pem".into(),
        key: "/a/us.key".into(),
        server_name: Some("plant".to_owned()),
    };
    let serial = Transport::Serial { path: "/dev/ttyS1".into(), baud: 19_200, parity: Parity::Odd, stop_bits: 2 };
    let mut map = DeviceMap {
        devices: vec![
            Device::tcp("one", "::1", 1502, 255),
            Device::new("two", Transport::Tls { host: "h".to_owned(), port: 802, files }, 0),
            Device::new("three", Transport::RtuOverTcp { host: "gate".to_owned(), port: 4001 }, 12),
            Device::new("four", serial, 247),
        ],
        points: Vec::new(),
    };
    map.devices[2] = Device {
        counts_from_one: true,
        ignores_transaction_id: true,
        bridged_registers: 0,
        most_registers: 20,
        pause_ms: 15,
        ..map.devices[2].clone()
    };
    let mut register = 0;
    let kinds = DataType::NUMBERS.into_iter().chain([DataType::BitOfWord(15), DataType::Text(21)]);
    for (at, kind) in kinds.enumerate() {
        let device = ["one", "two", "three", "four"][at % 4];
        let mut point = Point::new(format!("点,{at}"), device, register, kind);
        point.order = WordOrder::ALL[if kind == DataType::Text(21) { 2 } else { at % 4 }];
        (point.scale, point.offset) = ([1.0, 0.1, -1e-7][at % 3], [0.0, 40.3][at % 2]);
        point.observed = [Observed::MakeUpFlow, Observed::ReturnTemperature, Observed::Energy, Observed::Other][at % 4];
        let unit = ["t/h", "°F", "MWh", "mH₂O"][at % 4];
        (point.quantity, point.unit) = unit_named(point.observed, unit).unwrap();
        point.element = (at % 2 == 0).then(|| ElementRef::new(ElementKind::Consumer, format!("C:{at}")));
        point.limits.high = Some(33_333.25);
        point.range = (at % 3 == 0).then_some(Range { least: 0.1, most: 142_857_142.857 });
        point.deviation_si = (at % 3 == 1).then_some(0.003);
        point.period_ms = [100, 1000, 60_000][at % 3];
        point.table = if at % 2 == 0 { Table::Holding } else { Table::Input };
        if point.table == Table::Holding && kind != DataType::Text(21) && kind != DataType::BitOfWord(15) {
            point.write =
                Some(WritePermit { least: 0.0, most: 0.666_666_666, most_step: Some(0.1), least_interval_s: 2.5 });
        }
        point.alone = at == 5;
        register += kind.registers();
        map.points.push(point);
    }
    map.points.push(Point { table: Table::Coil, ..Point::new("coil", "one", 65_535, DataType::Bit) });
    map
}

#[test]
fn a_map_written_is_read_back_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("城市 map.toml");
    let map = every_kind();
    map.write(&file).unwrap();
    let back = DeviceMap::read(&file).unwrap();
    assert_eq!(back.devices, map.devices);
    for (back, point) in back.points.iter().zip(&map.points) {
        assert_eq!(back, point);
    }
    assert_eq!(back, map);
    let (_folder, file) = self::folder(DEVICES, POINTS);
    let read = DeviceMap::read(&file).unwrap();
    let again = file.with_file_name("again.toml");
    read.write(&again).unwrap();
    assert_eq!(DeviceMap::read(&again).unwrap(), read);
    let table = fs::read_to_string(again.with_file_name("again.points.csv")).unwrap();
    assert!(table.contains("CS1.P,CS1,holding,1,f32,CDAB,,MPa,") && table.contains("1.2,0.2,0,1.6"), "{table}");
}

#[test]
fn a_map_is_held_against_the_network() {
    let network = generate::demo_city();
    let consumer = network.links().find(|link| link.consumer().is_some()).unwrap().element();
    let mut map = DeviceMap { devices: vec![Device::tcp("d", "h", 502, 1)], points: Vec::new() };
    for (tag, element, observed) in [
        ("good", consumer.clone(), Observed::SupplyPressure),
        ("odd", consumer, Observed::Pressure),
        ("gone", ElementRef::new(ElementKind::Pipe, "NOWHERE"), Observed::MassFlow),
    ] {
        let mut point = Point::new(tag, "d", 0, DataType::U16);
        (point.element, point.observed) = (Some(element), observed);
        map.points.push(point);
    }
    let codes: Vec<Code> = map.check(&network).iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::MeasuredOddly, Code::MeasuredNowhere]);
}

/// One thing a slip of the hand does to a text.
#[derive(Clone, Debug)]
enum Slip {
    Cut(usize, usize),
    Put(usize, &'static str),
    Twice(usize),
}

fn slips() -> impl Strategy<Value = Vec<Slip>> {
    const PIECES: &[&str] = &[
        "\"",
        ",",
        "\n",
        "[",
        "]",
        "=",
        "0",
        "-",
        "1e400",
        "NaN",
        "界",
        "\u{0}",
        "\"\"\"",
        "[[device]]\n",
        "#",
        "9999999999999999999999",
    ];
    let place = 0..2000_usize;
    let slip = prop_oneof![
        (place.clone(), 0..40_usize).prop_map(|(at, length)| Slip::Cut(at, length)),
        (place.clone(), proptest::sample::select(PIECES)).prop_map(|(at, piece)| Slip::Put(at, piece)),
        place.prop_map(Slip::Twice),
    ];
    proptest::collection::vec(slip, 0..5)
}

fn slipped(text: &str, slips: &[Slip]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for slip in slips {
        let place = |at: usize| at % (text.len() + 1);
        match slip {
            Slip::Cut(at, length) => {
                let at = place(*at);
                text.drain(at..(at + length).min(text.len()));
            }
            Slip::Put(at, piece) => {
                let at = place(*at);
                text.splice(at..at, piece.chars());
            }
            Slip::Twice(at) => {
                let at = place(*at);
                let line: Vec<char> = text[at..].iter().copied().take(60).collect();
                text.splice(at..at, line);
            }
        }
    }
    text.into_iter().collect()
}

proptest! {
    /// A mistaken file is refused with sentences or read as a map that can be written and read again.
    #[test]
    fn no_slip_of_the_hand_ends_the_program(in_devices in slips(), in_points in slips()) {
        let (_folder, file) = folder(&slipped(DEVICES, &in_devices), &slipped(POINTS, &in_points));
        match DeviceMap::read(&file) {
            Ok(map) => {
                let again = file.with_file_name("again.toml");
                map.write(&again).unwrap();
                prop_assert_eq!(DeviceMap::read(&again).unwrap(), map);
            }
            Err(error) => {
                prop_assert!(!error.is_empty());
                for language in Language::ALL {
                    prop_assert!(!error.text(language).contains("io-"), "{}", error.text(language));
                }
            }
        }
    }
}
