//! The simulated field over raw Modbus/TCP: every register against the model, every fault as told, writes that act.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use hypocaust::io::field::{Fault, Field, FieldError, FieldOptions, MapOptions, Pace, demo_faults};
use hypocaust::io::modbus::map::{Device, DeviceMap, Point, Table, Transport};
use hypocaust::io::modbus::value::{DataType, decode, encode};
use hypocaust::live::reading;
use hypocaust::network::generate::{GridLoops, GridParameters, demo_city, grid};

fn by_hand(noise: f64, faults: &[&str]) -> FieldOptions {
    let faults = faults.iter().map(|text| text.parse().unwrap()).collect();
    FieldOptions { pace: Pace::ByHand, noise, faults, ..FieldOptions::default() }
}

fn demo(noise: f64, faults: &[&str]) -> Field {
    Field::start(demo_city(), by_hand(noise, faults)).unwrap()
}

/// A client of one device that knows nothing but frames.
struct Client {
    stream: TcpStream,
    unit_id: u8,
    transaction: u16,
}

fn address(device: &Device) -> (String, u16) {
    let Transport::Tcp { host, port } = &device.transport else { panic!("{:?}", device.transport) };
    (host.clone(), *port)
}

impl Client {
    fn connect(device: &Device) -> std::io::Result<Client> {
        let stream = TcpStream::connect(address(device))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        Ok(Client { stream, unit_id: device.unit_id, transaction: 0 })
    }

    /// Sends a request and gives transaction identifier, unit and PDU of the answer.
    fn ask(&mut self, request: &[u8]) -> std::io::Result<(u16, u8, Vec<u8>)> {
        self.transaction += 1;
        let mut frame = self.transaction.to_be_bytes().to_vec();
        frame.extend([0, 0]);
        frame.extend((request.len() as u16 + 1).to_be_bytes());
        frame.push(self.unit_id);
        frame.extend(request);
        self.stream.write_all(&frame)?;
        let mut header = [0; 7];
        self.stream.read_exact(&mut header)?;
        let mut pdu = vec![0; usize::from(u16::from_be_bytes([header[4], header[5]])) - 1];
        self.stream.read_exact(&mut pdu)?;
        Ok((u16::from_be_bytes([header[0], header[1]]), header[6], pdu))
    }

    fn words(&mut self, point: &Point) -> Vec<u16> {
        let function = match point.table {
            Table::Coil => 1,
            Table::Discrete => 2,
            Table::Holding => 3,
            Table::Input => 4,
        };
        let [high, low] = point.register.to_be_bytes();
        let (transaction, unit, answer) = self.ask(&[function, high, low, 0, point.width() as u8]).unwrap();
        assert_eq!(
            (transaction, unit, answer[0]),
            (self.transaction, self.unit_id, function),
            "{}: {answer:?}",
            point.tag
        );
        if point.table.is_bits() {
            vec![u16::from(answer[2] & 1)]
        } else {
            answer[2..].chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
        }
    }

    /// Value of a point in SI.
    fn read(&mut self, point: &Point) -> f64 {
        let words = self.words(point);
        point.si_of_raw(decode(&words, point.kind, point.order).unwrap_or(f64::NAN))
    }

    /// Writes a point; gives the exception code where it is refused.
    fn write(&mut self, point: &Point, value_si: f64) -> Option<u8> {
        let words = encode(point.raw_of_si(value_si), point.kind, point.order).unwrap();
        let [high, low] = point.register.to_be_bytes();
        let request = if point.table == Table::Coil {
            vec![5, high, low, if words[0] == 0 { 0 } else { 0xFF }, 0]
        } else {
            let mut request = vec![16, high, low, 0, words.len() as u8, 2 * words.len() as u8];
            request.extend(words.iter().flat_map(|word| word.to_be_bytes()));
            request
        };
        let answer = self.ask(&request).unwrap().2;
        (answer[0] & 0x80 != 0).then(|| answer[1])
    }
}

fn point<'a>(map: &'a DeviceMap, tag: &str) -> &'a Point {
    map.points.iter().find(|point| *point.tag == *tag).unwrap_or_else(|| panic!("no point {tag}"))
}

fn client(map: &DeviceMap, tag: &str) -> Client {
    Client::connect(map.device(&point(map, tag).device).unwrap()).unwrap()
}

/// Value of one tag over a connection of its own.
fn now(field: &Field, tag: &str) -> f64 {
    let map = field.device_map();
    client(map, tag).read(point(map, tag))
}

/// All values, device by device.
fn all(field: &Field) -> BTreeMap<String, f64> {
    let map = field.device_map();
    let mut out = BTreeMap::new();
    for device in &map.devices {
        let mut client = Client::connect(device).unwrap();
        for point in map.points.iter().filter(|point| point.device == device.name) {
            out.insert(point.tag.to_string(), client.read(point));
        }
    }
    out
}

/// What the register's coding can tell apart.
fn resolution_si(point: &Point) -> f64 {
    match point.kind {
        DataType::F32 => 0.0,
        DataType::F64 => 0.0,
        _ => 0.5001 * (point.scale / point.unit.scale).abs(),
    }
}

#[test]
fn every_register_of_the_demo_city_reads_what_the_model_says() {
    let field = demo(1.0, &[]);
    field.step(600.0);
    let (network, truth) = (field.network().unwrap(), field.truth());
    let values = all(&field);
    let map = field.device_map();
    let mut counts = BTreeMap::new();
    let (mut known, mut off) = (0, 0.0);
    let tags = map.tags().unwrap();
    for (row, (_, tag)) in tags.iter().enumerate() {
        let (point, value) = (&map.points[row], values[&*tag.name]);
        *counts.entry((point.table, point.order, point.kind)).or_insert(0) += 1;
        assert!(value.is_finite(), "{}: {point:?}", tag.name);
        assert!(
            point.range.is_none_or(|range| range.contains(value) || point.write.is_some()),
            "{}: {value}",
            tag.name
        );
        let Some(wanted) = reading(&network, &truth, tag) else { continue };
        let noise = if point.write.is_some() { 0.0 } else { point.deviation_si.unwrap_or(0.0) };
        let allowed = 4.0 * noise + resolution_si(point) + 1e-6 * wanted.abs();
        let error = (value - wanted).abs();
        // An instrument cannot show what lies beyond its range.
        let range = point.range.is_some_and(|range| !range.contains(wanted));
        assert!(error <= allowed || range, "{}: {value} instead of {wanted}, {point:?}", tag.name);
        known += 1;
        if noise > 0.0 {
            off += error / noise;
        }
    }
    // Supply, return, flow, heat, opening, states of 60 stations, two plants and the chambers.
    assert!(known > 500, "{known}");
    assert!(off > 100.0, "there is no noise");
    // Every make of controller is there: three tables and a coil, four orders, floats, whole and decimal numbers, bits.
    assert!(counts.len() >= 12, "{counts:?}");
    assert_eq!(map.check(&network), []);
}

/// The thermometers outside tell the weather that the network is solved in, as it goes.
#[test]
fn the_outdoor_temperature_is_that_of_the_network() {
    let field = demo(0.0, &[]);
    let mut seen = Vec::new();
    for _ in 0..3 {
        // 15, 21 and 3 o'clock.
        field.step(6.0 * 3600.0);
        let outdoor_c = now(&field, "HS01.TA");
        let network_c = field.network().unwrap().settings().outdoor_temperature_c;
        assert!((outdoor_c - network_c).abs() < 0.06, "{outdoor_c} {network_c}");
        seen.push(outdoor_c);
    }
    assert!(seen[0] > seen[1] + 1.0 && seen[1] > seen[2] + 1.0, "no evening: {seen:?}");
}

/// One building of each substation has a meter at its entrance and a thermometer in a room; where the heat stays away the
/// room cools as the building says.
#[test]
fn buildings_are_measured_and_their_rooms_follow_the_heat() {
    let mut options = by_hand(0.0, &[]);
    options.map.users = 1;
    let field = Field::start(demo_city(), options).unwrap();
    let map = field.device_map();
    let rooms: Vec<&Point> = map.points.iter().filter(|point| point.tag.ends_with(".TR")).collect();
    assert_eq!(rooms.len(), 60);
    assert_eq!(map.check(&field.network().unwrap()), []);
    // Less than half an hour, and less often than plants.
    assert!(rooms.iter().all(|room| room.period_ms > 5000 && room.period_ms < 1_800_000));
    field.step(3600.0);
    let before: Vec<f64> = rooms.iter().map(|room| now(&field, &room.tag)).collect();
    assert!(before.iter().all(|room_c| (16.9..19.1).contains(room_c)), "{before:?}");
    let differ = before.iter().copied().fold(f64::NEG_INFINITY, f64::max) - before[0];
    assert!(differ.abs() > 0.1, "{before:?}");
    let building = rooms[0].tag.strip_suffix(".ROOM.TR").unwrap();
    let of = |suffix: &str| now(&field, &format!("{building}.{suffix}"));
    let (supply_c, return_c, flow_m3_h, heat_w) = (of("T1"), of("T2"), of("F"), of("Q"));
    let carried = flow_m3_h / 3600.0 * 985.0 * 4187.0 * (supply_c - return_c);
    assert!((heat_w - carried).abs() < 0.06 * carried + 1e3, "{heat_w} {carried}");
    assert!((of("P1") - of("P2") - of("DP")).abs() < 3e3 && of("DP") > 0.0);
    let energy = of("E");
    field.step(1800.0);
    assert!(of("E") > energy);
    // Its substation is shut: after ten hours a house of 100 h is a tenth of the way to the outdoor air.
    let station = field.network().unwrap().buildings()[building].consumer.clone().unwrap();
    let valve = format!("{station}.CV");
    assert_eq!(client(map, &valve).write(point(map, &valve), 0.0), None);
    for _ in 0..10 {
        field.step(3600.0);
    }
    let after = now(&field, &rooms[0].tag);
    assert!(after < before[0] - 1.0 && after > before[0] - 8.0, "{} {after}", before[0]);
    let others = rooms[1..].iter().map(|room| now(&field, &room.tag));
    assert!(others.zip(&before[1..]).all(|(after, before)| (after - before).abs() < 1.0));
}

#[test]
fn totals_grow_with_their_rates() {
    let field = demo(0.0, &[]);
    let before = all(&field);
    field.step(1800.0);
    let after = all(&field);
    let of = |tag: &str| after[tag] - before[tag];
    let heat = after["ST014.Q"];
    assert!((of("ST014.E") - 1800.0 * heat).abs() < 0.02 * 1800.0 * heat + 1e7, "{} {heat}", of("ST014.E"));
    let flow = after["HS01.F"];
    assert!((of("HS01.V") - 0.5 * flow).abs() < 0.02 * 0.5 * flow + 1.0, "{} {flow}", of("HS01.V"));
    assert!(of("ST020.EE") > 0.0 && before["ST020.EE"] > 0.0);
}

#[test]
fn the_field_and_its_map_survive_a_file() {
    let field = demo(0.0, &[]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("devices.toml");
    field.device_map().write(&path).unwrap();
    let read = DeviceMap::read(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read.devices, field.device_map().devices);
    // The file has decimal digits of the register's unit: SI numbers may differ in the last bit.
    let digits = |point: &Point| {
        let number = |si: f64| format!("{si:.9e}");
        let limits = point.limits;
        let si = [limits.high_high, limits.high, limits.low, limits.low_low, point.deviation_si];
        let range = point.range.map(|range| [number(range.least), number(range.most)]);
        let permit = point.write.map(|write| [number(write.least), number(write.most)]);
        (si.map(|si| si.map(number)), range, permit)
    };
    for (read, own) in read.points.iter().zip(&field.device_map().points) {
        assert_eq!(digits(read), digits(own), "{}", own.tag);
        let (limits, range, deviation_si, write) = (own.limits, own.range, own.deviation_si, own.write);
        assert_eq!(&Point { limits, range, deviation_si, write, ..read.clone() }, own);
    }
    assert_eq!(read.points.len(), field.device_map().points.len());
}

#[test]
fn instruments_go_wrong_as_told() {
    let field = demo(
        0.0,
        &[
            "stuck:ST012.T1@100s",
            "bias:ST013.P1:-0.05@100s",
            "drift:ST014.T2:3.6@100s",
            "nan:ST015.Q@100s",
            "contact:ST016.AL.WATER@100s..300s",
            "swapped:ST017@100s",
            "order:ST018.F:DCBA@100s",
        ],
    );
    field.step(50.0);
    let before = all(&field);
    field.step(50.0);
    field.step(100.0);
    let (map, after) = (field.device_map(), all(&field));
    let true_value = |tag: &str| reading(&field.network().unwrap(), &field.truth(), &point(map, tag).as_tag()).unwrap();
    let near = |tag: &str, wanted: f64, by: f64| {
        assert!(
            (after[tag] - wanted).abs() <= by + resolution_si(point(map, tag)),
            "{tag}: {} for {wanted}",
            after[tag]
        );
    };
    assert_eq!(after["ST012.T1"], before["ST012.T1"]);
    near("ST013.P1", true_value("ST013.P1") - 50_000.0, 1.0);
    // 3.6 K an hour for 100 s.
    near("ST014.T2", true_value("ST014.T2") + 0.1, 1e-3);
    assert!(after["ST015.Q"].is_nan() || after["ST015.Q"] > 5.0 * before["ST015.Q"], "{}", after["ST015.Q"]);
    assert_eq!((before["ST016.AL.WATER"], after["ST016.AL.WATER"]), (0.0, 1.0));
    near("ST017.T1", true_value("ST017.T2"), 1e-3);
    near("ST017.P2", true_value("ST017.P1"), 1.0);
    let wrong = after["ST018.F"];
    assert!(wrong.is_nan() || (wrong - true_value("ST018.F")).abs() > 1.0, "{wrong}");
    field.step(100.0);
    assert_eq!(now(&field, "ST016.AL.WATER"), 0.0);
    field.heal();
    for tag in ["ST013.P1", "ST014.T2", "ST015.Q", "ST017.T1", "ST018.F"] {
        let (shown, wanted) = (now(&field, tag), true_value(tag));
        assert!(
            (shown - wanted).abs() <= resolution_si(point(map, tag)) + 1e-6 * wanted.abs(),
            "{tag}: {shown} {wanted}"
        );
    }
}

#[test]
fn noise_and_spikes_are_as_strong_as_told() {
    let field = demo(1.0, &["noise:ST020.T1:0", "spikes:ST021.T1:40"]);
    let (mut quiet, mut loud, mut spikes): (Vec<f64>, Vec<f64>, u32) = (Vec::new(), Vec::new(), 0);
    let map = field.device_map();
    let tags = ["ST020.T1", "ST022.T1", "ST021.T1"];
    let mut clients = tags.map(|tag| client(map, tag));
    let expected = |tag: &str| reading(&field.network().unwrap(), &field.truth(), &point(map, tag).as_tag()).unwrap();
    for _ in 0..120 {
        // No time passes: the truth stays, the instruments do not.
        field.step(0.0);
        let shown: Vec<f64> = tags.iter().zip(&mut clients).map(|(tag, client)| client.read(point(map, tag))).collect();
        quiet.push(shown[0]);
        loud.push(shown[1] - expected(tags[1]));
        spikes += u32::from((shown[2] - expected(tags[2])).abs() > 20.0);
    }
    assert!(quiet.iter().all(|value| (value - quiet[0]).abs() < 1e-9));
    let deviation = (loud.iter().map(|error| error * error).sum::<f64>() / loud.len() as f64).sqrt();
    assert!((0.22..0.40).contains(&deviation), "{deviation}");
    assert!((1..=20).contains(&spikes), "{spikes}");
}

#[test]
fn devices_misbehave_as_told() {
    let field = demo(
        0.0,
        &[
            "dead:ST007@10s..100s",
            "silent:ST008@10s",
            "drops:ST009@10s",
            "exception:ST010:4@10s",
            "zero-transaction:ST011@10s",
            "short:ST012@10s",
            "slow:ST013:300@10s",
            "busy:ST014@10s",
            "dead:CH01@10s",
        ],
    );
    let map = field.device_map();
    let mut old = client(map, "ST007.T1");
    old.read(point(map, "ST007.T1"));
    let register = |tag: &str| {
        let point = point(map, tag);
        let function = if point.table == Table::Input { 4 } else { 3 };
        let [high, low] = point.register.to_be_bytes();
        [function, high, low, 0, 2]
    };
    let mut every: BTreeMap<&str, Client> = BTreeMap::new();
    for device in ["ST008", "ST009", "ST010", "ST011", "ST012", "ST013", "ST014"] {
        every.insert(device, Client::connect(map.device(device).unwrap()).unwrap());
    }
    field.step(20.0);
    let mut ask = |device: &str| every.get_mut(device).unwrap().ask(&register(&format!("{device}.T1")));
    // Nobody at home: the old connection is gone and a new one is refused, once the server has noticed.
    let refused = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        Client::connect(map.device("ST007").unwrap()).is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
    });
    assert!(refused);
    assert!(old.ask(&register("ST007.T1")).is_err());
    assert_eq!(ask("ST009").unwrap_err().kind(), ErrorKind::UnexpectedEof);
    let function = register("ST010.T1")[0];
    assert_eq!(ask("ST010").unwrap().2, [function | 0x80, 4]);
    assert_eq!(ask("ST011").unwrap().0, 0);
    assert_eq!(ask("ST012").unwrap().2.len(), 4);
    let function = register("ST014.T1")[0];
    assert_eq!(ask("ST014").unwrap().2, [function | 0x80, 6]);
    // The gateway says that the unit behind it does not answer; its neighbours do.
    let gateway = map.device("CH01").unwrap();
    let answer = Client::connect(gateway).unwrap().ask(&register("CH01.P1")).unwrap();
    assert_eq!(answer.2[1], 11);
    assert_eq!(address(gateway), address(map.device("CH02").unwrap()));
    assert!(now(&field, "CH02.P1") > 1e5);
    // One that answers late, and one that never does, delay nobody.
    let silent = every.get_mut("ST008").unwrap();
    silent.stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    assert!(matches!(
        silent.ask(&register("ST008.T1")).unwrap_err().kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut
    ));
    let slow = every.get_mut("ST013").unwrap();
    slow.stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    assert!(slow.ask(&register("ST013.T1")).is_err());
    // Alive again at the same address.
    field.step(100.0);
    let back = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        Client::connect(map.device("ST007").unwrap()).is_ok()
    });
    assert!(back);
    assert!(now(&field, "ST007.T1") > 50.0);
}

#[test]
fn a_write_acts_on_the_network_and_shows_in_the_readings() {
    let field = demo(0.0, &[]);
    let map = field.device_map();
    field.step(5.0);
    let before = all(&field);
    let write = |tag: &str, value: f64| client(map, tag).write(point(map, tag), value);
    // The valve of a station to a tenth: less flow there, more pressure; then back to its controller.
    assert_eq!(write("ST030.CV", 0.1), None);
    // What was written can be read at once, before the model has taken it.
    assert!((now(&field, "ST030.CV") - 0.1).abs() < 1e-3);
    field.step(5.0);
    let after = all(&field);
    assert!(after["ST030.F"] < 0.5 * before["ST030.F"], "{} {}", after["ST030.F"], before["ST030.F"]);
    assert!(after["ST030.P1"] - after["ST030.P2"] > before["ST030.P1"] - before["ST030.P2"]);
    assert!((after["ST030.CV"] - 0.1).abs() < 1e-3 && after["ST030.CV.AUTO"] == 0.0 && before["ST030.CV.AUTO"] == 1.0);
    assert_eq!(write("ST030.CV.AUTO", 1.0), None);
    field.step(5.0);
    let again = now(&field, "ST030.F");
    assert!((again - before["ST030.F"]).abs() < 0.05 * before["ST030.F"], "{again} {}", before["ST030.F"]);
    // Set-points of a plant.
    assert_eq!(write("HS01.T1.SET", 104.0), None);
    assert_eq!(write("HS01.PM.SET", 350_000.0), None);
    field.step(5.0);
    assert!((now(&field, "HS01.T1") - 104.0).abs() < 0.1);
    assert!((now(&field, "HS01.P2") - 350_000.0).abs() < 1100.0);
    let head = |values: (f64, f64)| values.0 - values.1;
    let lifted = head((now(&field, "HS01.P1"), now(&field, "HS01.P2")));
    assert_eq!(write("HS01.CP.HZ", 0.8), None);
    field.step(5.0);
    let less = head((now(&field, "HS01.P1"), now(&field, "HS01.P2")));
    assert!((less / lifted - (0.8_f64 / 0.9).powi(2)).abs() < 0.01, "{less} {lifted}");
    // The secondary side of a station.
    assert_eq!(write("ST031.T3.SET", 40.0), None);
    assert_eq!(write("ST031.CP.HZ", 0.7), None);
    field.step(5.0);
    assert!((now(&field, "ST031.T3") - 40.0).abs() < 2.0, "{}", now(&field, "ST031.T3"));
    assert!(now(&field, "ST031.F2") < 0.9 * before["ST031.F2"]);
    // What may not be: beyond its range, and where nothing is to be written.
    assert_eq!(write("HS01.T1.SET", 300.0), Some(3));
    assert_eq!(write("ST032.T1", 50.0), Some(2));
    assert!((now(&field, "HS01.T1.SET") - 104.0).abs() < 0.1);
}

#[test]
fn a_leak_is_a_loss_of_water_and_no_trick_of_instruments() {
    let field = demo(0.0, &["leak:PS0057@0.5:2%@100s", "shut:VS0001@1000s..2000s"]);
    field.step(50.0);
    let circulating = now(&field, "HS01.F") + now(&field, "HS02.F");
    let before = field.truth();
    assert!(before.leaks.is_empty() && now(&field, "HS01.FM") < 0.5);
    field.step(100.0);
    field.step(1.0);
    let truth = field.truth();
    let lost = 3600.0 * truth.leaks[0].mass_flow_kg_s / 985.0;
    assert!((lost / circulating - 0.02).abs() < 0.003, "{lost} of {circulating}");
    let made_up = now(&field, "HS01.FM");
    assert!((made_up - lost).abs() < 0.05 * lost, "{made_up} for {lost}");
    let opening = |field: &Field| {
        let network = field.network().unwrap();
        let valve = network.link_view(network.link_id("VS0001").unwrap()).unwrap();
        valve.valve().unwrap().opening
    };
    field.step(900.0);
    assert_eq!(opening(&field), 0.0);
    field.step(1000.0);
    assert_eq!(opening(&field), 1.0);
    assert_eq!(field.truth().leaks.len(), 1);
    field.heal();
    assert!(field.truth().leaks.is_empty());
}

#[test]
fn a_seed_is_a_day_and_another_seed_another() {
    let run = |seed: u64| {
        let mut options = by_hand(1.0, &["spikes:ST001.P1:0.2"]);
        options.world.seed = seed;
        let field = Field::start(demo_city(), options).unwrap();
        for _ in 0..3 {
            field.step(300.0);
        }
        all(&field).into_values().map(f64::to_bits).collect::<Vec<_>>()
    };
    let one = run(7);
    assert_eq!(one, run(7));
    let other = run(8);
    let differing = one.iter().zip(&other).filter(|(a, b)| a != b).count();
    assert!(differing > one.len() / 3, "{differing} of {}", one.len());
}

#[test]
fn a_hundred_devices_answer_at_once_each_at_its_own_address() {
    let mut parameters = GridParameters::new(500, GridLoops::Meshed, 3);
    parameters.sources = 2;
    let field = Field::start(grid(&parameters), by_hand(1.0, &[])).unwrap();
    let map = field.device_map();
    let mut addresses: Vec<_> = map.devices.iter().map(address).collect();
    assert!(addresses.len() >= 100, "{}", addresses.len());
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), map.devices.len());
    // All connected together, one slow client that sends half a frame among them.
    let mut idle = TcpStream::connect(address(&map.devices[0])).unwrap();
    idle.write_all(&[0, 1, 0]).unwrap();
    let mut clients: Vec<Client> = map.devices.iter().map(|device| Client::connect(device).unwrap()).collect();
    for _ in 0..3 {
        for (client, device) in clients.iter_mut().zip(&map.devices) {
            let own = map.points.iter().find(|point| point.device == device.name && point.tag.ends_with(".P1"));
            let value = client.read(own.unwrap());
            assert!((1e4..3e6).contains(&value), "{}: {value}", device.name);
        }
    }
}

#[test]
fn real_time_moves_by_itself_and_everything_ends_with_the_field() {
    let mut options = FieldOptions {
        pace: Pace::RealTime { speed: 60.0, refresh: Duration::from_millis(20), refreshes_each_solve: 2 },
        ..FieldOptions::default()
    };
    options.faults = Vec::new();
    let field = Field::start(demo_city(), options).unwrap();
    let first = now(&field, "ST001.T1");
    let moved = (0..300).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        now(&field, "ST001.T1") != first && field.time_s() > 0.0
    });
    assert!(moved);
    let map = field.device_map().clone();
    assert_eq!(demo_faults(&map).len(), 2);
    drop(field);
    let gone = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        map.devices.iter().all(|device| Client::connect(device).is_err())
    });
    assert!(gone);
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let refuse = |options: FieldOptions| Field::start(demo_city(), options).unwrap_err();
    for (fault, target) in [("stuck:ST999.T1", "ST999.T1"), ("dead:ST001.T1", "ST001.T1"), ("leak:VS0001:1%", "VS0001")]
    {
        let error = refuse(by_hand(1.0, &[fault]));
        assert!(matches!(&error, FieldError::NoTarget(_)) && error.to_string().contains(target), "{error}");
    }
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    let map = MapOptions { port_base: port, ..MapOptions::default() };
    let error = refuse(FieldOptions { map, ..by_hand(1.0, &[]) });
    assert!(matches!(&error, FieldError::Port { .. }) && error.to_string().contains(&port.to_string()), "{error}");
    let mut network = demo_city();
    hypocaust::network::edit::Edit::set(
        hypocaust::network::ElementRef::new(hypocaust::network::ElementKind::Source, "HS01"),
        "running",
        false,
    )
    .apply(&mut network)
    .unwrap();
    let _ = Field::start(network, by_hand(1.0, &[]));
    let field = demo(1.0, &[]);
    assert!(field.inject("dead:NOBODY".parse::<Fault>().unwrap()).is_err());
    assert!(field.inject("dead:ST001".parse::<Fault>().unwrap()).is_ok());
}
