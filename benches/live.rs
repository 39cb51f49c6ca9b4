//! Field devices under load: many devices read each second, an outage, a value until it is an alarm, random replies.
//!
//! Run with `cargo bench --no-default-features --bench live -- load|outage|alarm|replies …`:
//!
//! - `load [DEVICES [SECONDS [SERVERS]]]`: 500 devices of 30 floats each, once a second for 20 s; processor and memory are
//!   those of the client alone, which this process is: servers are others. Every device has an address of its own in
//!   127.0.0.0/8.
//! - `outage [DEVICES [SERVERS]]`: every server is killed for 30 s, with its listening socket and all connections.
//! - `alarm [DEVICES [PERIOD_MS]]`: the same load through the engine of the live twin; registers are changed, and the time
//!   until a new value stands in the picture, and one past its limit in the alarm list, is taken.
//! - `replies [COUNT]`: random structured replies, 10⁷ unless told otherwise.
//!
//! SERVERS are one or several of `tokio-modbus` (built in), `pymodbus`, `libmodbus` (from `. tests/setup; set_up servers`) with
//! commas between, or `all`, the usual; devices go to them in turn.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement that fails has nothing to report"
)]

#[path = "../tests/headless/support/random_replies.rs"]
mod random_replies;

use std::collections::BTreeMap;
use std::future;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hypocaust::io::modbus::map::{Device, DeviceMap, Point};
use hypocaust::io::modbus::value::{DataType, WordOrder, encode};
use hypocaust::io::modbus::{Health, Polling};
use hypocaust::live::TagId;
use hypocaust::network::generate::demo_city;
use hypocaust::session::live::engine::Engine;
use hypocaust::session::live::{Connect, LiveNews, LiveSource, Picture};
use hypocaust::text::Language;
use tokio_modbus::server::Service;
use tokio_modbus::server::tcp::{Server, accept_tcp_connection};
use tokio_modbus::{ExceptionCode, Request, Response};

const POINTS: u16 = 30;
/// Servers of three hands.
const ALL: &str = "tokio-modbus,pymodbus,libmodbus";

fn main() {
    // `cargo bench` adds its own flag.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let number = |at: usize, usual: u64| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let servers = |at: usize| match arguments.get(at).map_or("all", String::as_str) {
        "all" => ALL.to_owned(),
        some => some.to_owned(),
    };
    match arguments.first().map(String::as_str) {
        Some("serve") => serve(number(1, 0) as u16),
        Some("outage") => outage(number(1, 500) as usize, &servers(2)),
        Some("alarm") => alarm(number(1, 500) as usize, number(2, 750) as u32),
        Some("replies") => replies(number(1, 10_000_000)),
        _ => load(number(1, 500) as usize, Duration::from_secs(number(2, 20)), &servers(3)),
    }
}

/// Registers that hold their own address until they are written.
#[derive(Clone, Default)]
struct Registers(Arc<Mutex<BTreeMap<u16, u16>>>);

impl Service for Registers {
    type Request = Request<'static>;
    type Response = Response;
    type Exception = ExceptionCode;
    type Future = future::Ready<Result<Response, ExceptionCode>>;

    fn call(&self, request: Request<'static>) -> Self::Future {
        let mut written = self.0.lock().expect("nobody panics with it");
        future::ready(match request {
            Request::ReadHoldingRegisters(start, count) => {
                let word = |at: u16| written.get(&at).copied().unwrap_or(at);
                Ok(Response::ReadHoldingRegisters((start..start + count).map(word).collect()))
            }
            Request::WriteMultipleRegisters(start, words) => {
                written.extend((start..).zip(words.iter().copied()));
                Ok(Response::WriteMultipleRegisters(start, words.len() as u16))
            }
            _ => Err(ExceptionCode::IllegalFunction),
        })
    }
}

/// A server on tokio-modbus, until its input ends.
fn serve(port: u16) {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        // The only way to end a server that waits for connections from another thread.
        std::process::abort();
    });
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
        let listener = tokio::net::TcpListener::bind(("0.0.0.0", port)).await.expect("a free port");
        println!("{}", listener.local_addr().expect("a port").port());
        let registers = Registers::default();
        let connected = |stream, address| {
            let registers = registers.clone();
            async move { accept_tcp_connection(stream, address, |_| Ok(Some(registers.clone()))) }
        };
        Server::new(listener).serve(&connected, |_| ()).await.expect("a server that serves");
    });
}

/// A server in a process group of its own, so that it goes with all its connections.
struct Running {
    name: String,
    child: Child,
    /// Servers end with their input.
    _input: ChildStdin,
    port: u16,
}

impl Running {
    /// `port` 0: a free one.
    fn start(name: &str, port: u16) -> Running {
        let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("servers");
        let port = port.to_string();
        let mut program = match name {
            "pymodbus" => {
                let mut program = Command::new(tools.join("venv/bin/python"));
                let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/pymodbus_server.py");
                program.arg(script).args(["tcp", "0.0.0.0", &port]);
                program
            }
            "libmodbus" => {
                let mut program = Command::new(tools.join("libmodbus_server"));
                program.args(["0.0.0.0", &port]);
                program
            }
            "tokio-modbus" => {
                let mut program = Command::new(std::env::current_exe().expect("a program has a name"));
                program.args(["serve", &port]);
                program
            }
            _ => panic!("{name} is none of {ALL}"),
        };
        let child = program.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|e| panic!("{name}: {e}; run tests/setup servers"));
        let mut said = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut said).expect("the server says its port");
        let port = said.trim().parse().unwrap_or_else(|e| panic!("{name} did not start: {said}{e}"));
        let input = child.stdin.take().expect("piped");
        Running { name: name.to_owned(), child, _input: input, port }
    }
}

impl Drop for Running {
    /// With every process that holds a connection of it.
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-9", "--", &group]).status();
        let _ = self.child.wait();
    }
}

fn start(servers: &str) -> Vec<Running> {
    servers.split(',').map(|name| Running::start(name, 0)).collect()
}

/// Devices in turn at these servers, each at an address of its own, or all would share one connection.
fn map(devices: usize, servers: &[Running]) -> DeviceMap {
    let mut map = DeviceMap::default();
    for at in 0..devices {
        let name = format!("D{at:04}");
        let host = format!("127.0.{}.{}", 1 + at / 250, 1 + at % 250);
        map.devices.push(Device::tcp(name.as_str(), host, servers[at % servers.len()].port, 1));
        for point in 0..POINTS {
            let point = Point::new(format!("{name}.{point}"), name.as_str(), 2 * point, DataType::F32);
            map.points.push(Point { period_ms: 1000, ..point });
        }
    }
    map
}

fn total(health: &Health, of: impl Fn(&hypocaust::io::modbus::DeviceHealth) -> u64) -> u64 {
    health.devices.iter().map(of).sum()
}

/// Processor time of this process so far, s: fields 14 and 15 of `stat`, in hundredths.
fn processor_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or("").split(' ');
    fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn memory_kb(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or("");
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0)
}

fn load(devices: usize, time: Duration, servers: &str) {
    let running = start(servers);
    let (sink, samples) = sync_channel(4096);
    let polling = Polling::start(&map(devices, &running), sink).expect("polling starts");
    let receiver = std::thread::spawn(move || samples.iter().map(|batch| batch.len() as u64).sum::<u64>());
    std::thread::sleep(Duration::from_secs(5));
    let (before, processor, began) = (polling.health(), processor_s(), Instant::now());
    std::thread::sleep(time);
    let (after, elapsed) = (polling.health(), began.elapsed().as_secs_f64());
    let processor = processor_s() - processor;
    let answers = total(&after, |device| device.answers) - total(&before, |device| device.answers);
    println!("{devices} devices x {} registers each second, {servers}, {elapsed:.1} s", 2 * POINTS);
    println!("  polls               {answers:>10}, {:.1} /s", answers as f64 / elapsed);
    println!("  missed polls        {:>10}", total(&after, |device| device.missed));
    println!(
        "  time-outs, faults   {:>10}",
        total(&after, |device| device.time_outs + device.line_faults + device.exceptions)
    );
    println!("  dropped batches     {:>10}", after.dropped_batches);
    let ms = |seconds: Option<f64>| seconds.map_or(f64::NAN, |seconds| seconds * 1e3);
    for (name, all, of) in [("p50", after.latency_p50_s, 0), ("p99", after.latency_p99_s, 1)] {
        let pick = |device: &hypocaust::io::modbus::DeviceHealth| [device.latency_p50_s, device.latency_p99_s][of];
        let worst = |server: usize| {
            let own = after.devices.iter().skip(server).step_by(running.len()).filter_map(pick);
            format!("{} {:.2}", running[server].name, ms(own.max_by(f64::total_cmp)))
        };
        let worst: Vec<String> = (0..running.len()).map(worst).collect();
        println!(
            "  latency {name}         {:>10.2} ms of all polls; of the worst device of {}",
            ms(all),
            worst.join(", ")
        );
    }
    println!("  processor           {:>10.1} % of a core", processor / elapsed * 100.0);
    println!(
        "  memory              {:>10.1} MB, at most {:.1} MB",
        memory_kb("VmRSS:") as f64 / 1e3,
        memory_kb("VmHWM:") as f64 / 1e3
    );
    drop(polling);
    println!("  samples received    {:>10}", receiver.join().expect("the receiver counts"));
}

/// What an outage looks like from outside: how many devices are good, and how often connections are tried.
struct Watch<'a> {
    polling: &'a Polling,
    samples: std::sync::mpsc::Receiver<Vec<hypocaust::live::Sample>>,
    /// By tag.
    good: Vec<bool>,
    count: usize,
    /// Tries so far, and at each second that went by.
    tries: u64,
    each_second: Vec<u64>,
    second: Instant,
}

impl Watch<'_> {
    /// Looks until so many tags are good, and says how long it took; `None` after the longest time.
    fn until(&mut self, wanted: impl Fn(usize) -> bool, most: Duration) -> Option<f64> {
        let began = Instant::now();
        while !wanted(self.count) {
            if began.elapsed() > most {
                return None;
            }
            if self.second.elapsed() >= Duration::from_secs(1) {
                self.second += Duration::from_secs(1);
                let health = self.polling.health();
                // Each try fails with a fault or is a connection made anew.
                let tries = total(&health, |device| device.line_faults + device.time_outs + device.reconnects);
                self.each_second.push(tries - self.tries);
                self.tries = tries;
            }
            let Ok(batch) = self.samples.recv_timeout(Duration::from_millis(20)) else { continue };
            for sample in batch {
                let now = sample.quality.is_good();
                let before = std::mem::replace(&mut self.good[sample.tag.index()], now);
                self.count = self.count + usize::from(now && !before) - usize::from(!now && before);
            }
        }
        Some(began.elapsed().as_secs_f64())
    }

    fn tell_tries(&mut self, when: &str) {
        let each = std::mem::take(&mut self.each_second);
        let (sum, most) = (each.iter().sum::<u64>(), each.iter().max().copied().unwrap_or(0));
        println!(
            "  connections tried {when:<12} {:>6.1} /s, at most {most} in a second",
            sum as f64 / each.len().max(1) as f64
        );
    }
}

fn outage(devices: usize, servers: &str) {
    let mut running = start(servers);
    let (sink, samples) = sync_channel(65_536);
    let polling = Polling::start(&map(devices, &running), sink).expect("polling starts");
    let tags = devices * usize::from(POINTS);
    let mut watch = Watch {
        polling: &polling,
        samples,
        good: vec![false; tags],
        count: 0,
        tries: 0,
        each_second: Vec::new(),
        second: Instant::now(),
    };
    let shown = |took: Option<f64>| took.map_or_else(|| "never".to_owned(), |seconds| format!("{seconds:.1} s"));
    println!("outage of 30 s, {devices} devices each second, {servers}");
    let good = watch.until(|good| good == tags, Duration::from_secs(30));
    println!("  every tag good after          {:>8}", shown(good));
    let ports: Vec<(String, u16)> = running.iter().map(|server| (server.name.clone(), server.port)).collect();
    let down = Instant::now();
    running.clear();
    watch.each_second.clear();
    let bad = watch.until(|good| good == 0, Duration::from_secs(20));
    println!("  every tag bad after           {:>8}", shown(bad));
    let _ = watch.until(|_| false, Duration::from_secs(30).saturating_sub(down.elapsed()));
    watch.tell_tries("while down");
    running.extend(ports.iter().map(|(name, port)| Running::start(name, *port)));
    let back = Instant::now();
    for share in [50, 99, 100] {
        let _ = watch.until(|good| 100 * good >= share * tags, Duration::from_secs(60).saturating_sub(back.elapsed()));
        let reached = 100 * watch.count >= share * tags;
        println!("  {share:>3} % good again after        {:>8}", shown(reached.then(|| back.elapsed().as_secs_f64())));
    }
    watch.tell_tries("on return");
}

/// Values whose limit is passed, one after the other, each of another device; as many that have none.
const ALARMS: usize = 15;
const LIMIT: f64 = 1000.0;

fn alarm(devices: usize, period_ms: u32) {
    let running = start("tokio-modbus");
    let mut map = map(devices, &running);
    for point in &mut map.points {
        point.period_ms = period_ms;
    }
    // The servers' devices share their registers, so every one is written once: the first half has limits.
    let places: Vec<usize> = (0..ALARMS.min(devices)).map(|at| at * usize::from(POINTS) + at).collect();
    for &place in &places {
        map.points[place].limits.high_high = Some(LIMIT);
    }
    let mut engine = Engine::default();
    let asked = Connect {
        source: LiveSource::Map { map: Arc::new(map), history: None },
        network: Arc::new(demo_city()),
        state: 0,
        books: None,
        orders: None,
        planner: None,
        language: Language::English,
    };
    engine.connect(asked, &(Arc::new(|| {}) as Arc<dyn Fn() + Send + Sync>));
    let mut newest: Option<Arc<Picture>> = None;
    let mut look = |holds: &dyn Fn(&Picture) -> bool| -> Option<f64> {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(30) {
            for news in engine.news() {
                match news {
                    LiveNews::Picture(picture) => newest = Some(picture),
                    LiveNews::Adopted(_) => {}
                    LiveNews::Fault(message) | LiveNews::Trouble(message) => {
                        panic!("{}", message.text(Language::English))
                    }
                }
            }
            if newest.as_ref().is_some_and(|picture| holds(picture)) {
                return Some(began.elapsed().as_secs_f64());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        None
    };
    look(&|picture| picture.devices_answering().0 == devices).expect("all devices answer");
    let mut stream = TcpStream::connect(("127.0.0.1", running[0].port)).expect("the server takes connections");
    stream.set_nodelay(true).expect("a socket");
    let mut write = |value: usize| {
        let words = encode(2.0 * LIMIT, DataType::F32, WordOrder::Abcd).expect("a number");
        let mut frame = vec![0, value as u8, 0, 0, 0, 11, 1, 16, 0, 2 * value as u8, 0, 2, 4];
        frame.extend(words.iter().flat_map(|word| word.to_be_bytes()));
        stream.write_all(&frame).expect("written");
        stream.read_exact(&mut [0; 12]).expect("echoed");
    };
    let (mut seen, mut listed) = (Vec::new(), Vec::new());
    let (processor, began) = (processor_s(), Instant::now());
    for (at, &place) in places.iter().enumerate() {
        // At another moment of the second each time.
        std::thread::sleep(Duration::from_millis(700 + 37 * at as u64));
        let tag = TagId((place + ALARMS) as u32);
        write(at + ALARMS);
        let is_seen = |picture: &Picture| picture.tag(tag).is_some_and(|(_, latest)| latest.value > LIMIT);
        seen.push(look(&is_seen).expect("the value is seen"));
        std::thread::sleep(Duration::from_millis(700 + 37 * at as u64));
        let tag = TagId(place as u32);
        write(at);
        let is_listed = |picture: &Picture| {
            picture
                .alarms
                .lines
                .iter()
                .any(|line| line.row.active && line.row.tag == Some(tag) && line.row.limit.is_some())
        };
        listed.push(look(&is_listed).expect("the alarm is listed"));
    }
    println!("{} of {devices} devices changed, read every {period_ms} ms", listed.len());
    for (what, mut times) in [("in the picture", seen), ("in the alarm list", listed)] {
        times.sort_by(f64::total_cmp);
        println!(
            "  {what:<20} after {:>6.2} s (median), {:.2} s (slowest)",
            times[times.len() / 2],
            times[times.len() - 1]
        );
    }
    println!("  processor {:>19.1} %", 100.0 * (processor_s() - processor) / began.elapsed().as_secs_f64());
}

fn replies(count: u64) {
    let began = Instant::now();
    let tally = random_replies::run(count, 20_261_122);
    println!("{count} random replies in {:.1} s: {tally:?}, no panic, no wrong value", began.elapsed().as_secs_f64());
}
