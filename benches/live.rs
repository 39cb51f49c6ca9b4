//! Field devices under load: many devices read each second, an outage, random replies.
//!
//! Run with `cargo bench --no-default-features --bench live -- load|outage|replies …`:
//!
//! - `load [DEVICES [SECONDS [SERVER]]]`: 500 devices of 30 floats each, once a second for 20 s; processor and memory are
//!   those of the client alone. SERVER is a program that says its port, `tokio-modbus` (this one, built in) or such as
//!   `'target/servers/libmodbus_server 0.0.0.0'`. Every device has an address of its own in 127.0.0.0/8.
//! - `outage [DEVICES]`: the server is killed for 30 s.
//! - `replies [COUNT]`: random structured replies, 10⁷ unless told otherwise.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement that fails has nothing to report"
)]

#[path = "../tests/headless/support/random_replies.rs"]
mod random_replies;

use std::future;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use hypocaust::io::modbus::map::{Device, DeviceMap, Point};
use hypocaust::io::modbus::value::DataType;
use hypocaust::io::modbus::{Health, Polling};
use tokio_modbus::server::Service;
use tokio_modbus::server::tcp::{Server, accept_tcp_connection};
use tokio_modbus::{ExceptionCode, Request, Response};

const POINTS: u16 = 30;

fn main() {
    // `cargo bench` adds its own flag.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let number = |at: usize, usual: u64| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(usual);
    match arguments.first().map(String::as_str) {
        Some("serve") => serve(number(1, 0) as u16),
        Some("outage") => outage(number(1, 500) as usize),
        Some("replies") => replies(number(1, 10_000_000)),
        _ => {
            let server = arguments.get(3).map_or("tokio-modbus", String::as_str);
            load(number(1, 500) as usize, Duration::from_secs(number(2, 20)), server);
        }
    }
}

/// Registers that hold their own address.
struct Registers;

impl Service for Registers {
    type Request = Request<'static>;
    type Response = Response;
    type Exception = ExceptionCode;
    type Future = future::Ready<Result<Response, ExceptionCode>>;

    fn call(&self, request: Request<'static>) -> Self::Future {
        future::ready(match request {
            Request::ReadHoldingRegisters(start, count) => {
                Ok(Response::ReadHoldingRegisters((start..start + count).collect()))
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
        let connected =
            |stream, address| async move { accept_tcp_connection(stream, address, |_| Ok(Some(Registers))) };
        Server::new(listener).serve(&connected, |_| ()).await.expect("a server that serves");
    });
}

fn start_server(command: &str, port: u16) -> (Child, u16) {
    let mut words = command.split_whitespace();
    let mut program = match words.next() {
        None | Some("tokio-modbus") => {
            let mut program = Command::new(std::env::current_exe().expect("a program has a name"));
            program.args(["serve", &port.to_string()]);
            program
        }
        Some(name) => Command::new(name),
    };
    let mut child =
        program.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the server starts");
    let mut said = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut said).expect("the server says its port");
    (child, said.trim().parse().expect("a port"))
}

fn map(devices: usize, port: u16) -> DeviceMap {
    let mut map = DeviceMap::default();
    for at in 0..devices {
        let name = format!("D{at:04}");
        // An address of its own, or all devices would share one connection.
        map.devices.push(Device::tcp(name.as_str(), format!("127.0.{}.{}", 1 + at / 250, 1 + at % 250), port, 1));
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

fn load(devices: usize, time: Duration, server: &str) {
    let (mut child, port) = start_server(server, 0);
    let (sink, samples) = sync_channel(4096);
    let polling = Polling::start(&map(devices, port), sink).expect("polling starts");
    let receiver = std::thread::spawn(move || samples.iter().map(|batch| batch.len() as u64).sum::<u64>());
    std::thread::sleep(Duration::from_secs(5));
    let (before, processor, began) = (polling.health(), processor_s(), Instant::now());
    std::thread::sleep(time);
    let (after, elapsed) = (polling.health(), began.elapsed().as_secs_f64());
    let processor = processor_s() - processor;
    let answers = total(&after, |device| device.answers) - total(&before, |device| device.answers);
    println!("{devices} devices x {} registers each second, {server}, {elapsed:.1} s", 2 * POINTS);
    println!("  polls/s             {:>10.1}", answers as f64 / elapsed);
    println!("  missed polls        {:>10}", total(&after, |device| device.missed));
    println!(
        "  time-outs, faults   {:>10}",
        total(&after, |device| device.time_outs + device.line_faults + device.exceptions)
    );
    println!("  dropped batches     {:>10}", after.dropped_batches);
    for (name, of) in [("p50", 0), ("p99", 1)] {
        let pick = |device: &hypocaust::io::modbus::DeviceHealth| [device.latency_p50_s, device.latency_p99_s][of];
        let mut all: Vec<f64> = after.devices.iter().filter_map(pick).map(|seconds| seconds * 1e3).collect();
        all.sort_by(f64::total_cmp);
        let (middle, worst) =
            (all.get(all.len() / 2).copied().unwrap_or(f64::NAN), all.last().copied().unwrap_or(f64::NAN));
        println!("  latency {name}         {middle:>10.2} ms (median device), {worst:.2} ms (worst device)");
    }
    println!("  processor           {:>10.1} % of a core", processor / elapsed * 100.0);
    println!(
        "  memory              {:>10.1} MB, at most {:.1} MB",
        memory_kb("VmRSS:") as f64 / 1e3,
        memory_kb("VmHWM:") as f64 / 1e3
    );
    drop(polling);
    println!("  samples received    {:>10}", receiver.join().expect("the receiver counts"));
    let _ = child.kill();
    let _ = child.wait();
}

fn outage(devices: usize) {
    let (mut child, port) = start_server("tokio-modbus", 0);
    let (sink, samples) = sync_channel(4096);
    let polling = Polling::start(&map(devices, port), sink).expect("polling starts");
    let mut good = vec![false; devices];
    let mut count = 0;
    // Listens until so many devices are good (or bad), and says how long it took.
    let mut until = |what: &str, wanted: &dyn Fn(usize) -> bool, most: Duration| -> Option<f64> {
        let began = Instant::now();
        while !wanted(count) {
            let left = most.checked_sub(began.elapsed())?;
            let Ok(batch) = samples.recv_timeout(left) else { break };
            let Some(sample) = batch.first() else { continue };
            let at = sample.tag.index() / usize::from(POINTS);
            let now = sample.quality.is_good();
            count = count + usize::from(now && !good[at]) - usize::from(!now && good[at]);
            good[at] = now;
        }
        let took = began.elapsed().as_secs_f64();
        println!("  {what:<20}{took:>8.1} s ({count} of {devices} good)");
        Some(took)
    };
    println!("outage of 30 s, {devices} devices each second");
    until("all good", &|good| good == devices, Duration::from_secs(20));
    let _ = child.kill();
    let _ = child.wait();
    let (killed, before) = (Instant::now(), polling.health());
    until("all bad", &|good| good == 0, Duration::from_secs(20));
    until("waiting", &|_| false, Duration::from_secs(30).saturating_sub(killed.elapsed()));
    let down = polling.health();
    let attempts =
        total(&down, |device| device.line_faults + device.time_outs) - total(&before, |d| d.line_faults + d.time_outs);
    println!("  connect attempts    {:>8.1} /s while down", attempts as f64 / killed.elapsed().as_secs_f64());
    let (mut child, _) = start_server("tokio-modbus", port);
    let back = Instant::now();
    let half = until("half back", &|good| 2 * good >= devices, Duration::from_secs(60)).unwrap_or(f64::NAN);
    until("99 % back after", &|good| 100 * good >= 99 * devices, Duration::from_secs(60));
    println!("  50 % after {half:.1} s, 99 % after {:.1} s in all", back.elapsed().as_secs_f64());
    drop(polling);
    let _ = child.kill();
    let _ = child.wait();
}

fn replies(count: u64) {
    let began = Instant::now();
    let tally = random_replies::run(count, 20_261_122);
    println!("{count} random replies in {:.1} s: {tally:?}, no panic, no wrong value", began.elapsed().as_secs_f64());
}
