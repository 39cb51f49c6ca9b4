//! A field to try things on: the devices of a network as real Modbus/TCP servers whose registers follow the model.
//!
//! [`Field::start`] lays out the devices ([`map`]), binds their addresses and keeps two threads: one lets the world go on
//! ([`world`]), shows it through noisy instruments ([`instrument`]) and puts it into registers ([`image`]); the other serves
//! them ([`server`]). Written registers act on the world, and [`Fault`]s can be made to happen. Everything ends when the
//! [`Field`] is dropped. What reads the devices knows nothing of this: it has the device map and the network.

mod certificates;
mod driver;
mod error;
mod fault;
pub mod image;
mod instrument;
mod layout;
pub mod map;
mod server;
pub mod world;

use std::collections::BTreeMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

pub use certificates::{Certificates, OPERATOR, VIEWER};
pub use error::FieldError;
pub use fault::{Fault, FaultKind, KINDS, NotAFault};
pub use map::MapOptions;
pub use world::WorldOptions;

use crate::io::modbus::map::{DeviceMap, TlsFiles, Transport};
use crate::io::modbus::tls;
use crate::network::Network;
use crate::solver::{Options, Solution, Solver};
use driver::{Driver, Order};
use image::{Image, Written};
use server::{Endpoint, Unit};
use world::World;

/// Writes that wait to be taken by the model; a device whose write finds no room answers that it is busy.
const WRITES_WAITING: usize = 1024;
/// Orders to the driver that wait.
const ORDERS_WAITING: usize = 64;

/// How time passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Registers change every `refresh`; the network is solved anew after so many of them.
    RealTime {
        /// Seconds of the field in one of the clock.
        speed: f64,
        refresh: Duration,
        refreshes_each_solve: u32,
    },
    /// Only when [`Field::step`] is called.
    ByHand,
}

/// How the field is.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldOptions {
    pub map: MapOptions,
    pub world: WorldOptions,
    pub pace: Pace,
    /// Multiplies the noise of every instrument; 0: they show the truth.
    pub noise: f64,
    /// There from the start, each with its own times.
    pub faults: Vec<Fault>,
    /// The devices speak Modbus/TCP Security with these.
    pub certificates: Option<Certificates>,
}

impl Default for FieldOptions {
    fn default() -> Self {
        FieldOptions {
            map: MapOptions::default(),
            world: WorldOptions::default(),
            pace: Pace::RealTime { speed: 1.0, refresh: Duration::from_secs(1), refreshes_each_solve: 5 },
            noise: 1.0,
            faults: Vec::new(),
            certificates: None,
        }
    }
}

/// A field that runs until it is dropped.
#[derive(Debug)]
pub struct Field {
    map: DeviceMap,
    truth: Arc<Mutex<Arc<Solution>>>,
    orders: SyncSender<Order>,
    driver: Option<JoinHandle<()>>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Field {
    /// Starts the devices of a network. When this returns, all of them answer.
    pub fn start(network: Network, options: FieldOptions) -> Result<Field, FieldError> {
        let asked = Options { judge: false, ..Options::default() };
        let steady = Solver::new().solve(&network, &asked);
        if !steady.converged {
            return Err(FieldError::Unsolved(steady.findings));
        }
        // Ports to be given now stand in the map as numbers from 1 on, so that units of one gateway share one.
        let placeholders = options.map.port_base == 0;
        let laid_out = MapOptions { port_base: options.map.port_base.max(1), ..options.map.clone() };
        let mut map = map::device_map(&network, &steady, &laid_out);
        let world = World::new(network, &mut map, options.world.clone());
        for fault in &options.faults {
            check(&map, &world, fault)?;
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("field-devices")
            .enable_all()
            .build()
            .map_err(FieldError::System)?;
        let (written_sender, written) = sync_channel(WRITES_WAITING);
        let (moved_sender, moved) = watch::channel(0);
        let units = units(&map);
        let certificates = options.certificates.as_ref();
        let secure = certificates.map(|own| tls::server(&own.authority, &own.certificate, &own.key));
        let secure = secure.transpose().map_err(FieldError::Certificates)?;
        let addresses = Addresses { placeholders, secure, client: certificates.map(|own| own.client.clone()) };
        serve(&mut map, &units, &addresses, &written_sender, &runtime, &moved)?;
        let truth = Arc::new(Mutex::new(world.solution().clone()));
        let (orders, received) = sync_channel(ORDERS_WAITING);
        let mut driver = Driver::new(world, map.clone(), units, written, moved_sender, truth.clone(), &options);
        driver.refresh(0.0);
        let thread = std::thread::Builder::new()
            .name("field-world".to_owned())
            .spawn(move || driver.run(&received))
            .map_err(FieldError::System)?;
        Ok(Field { map, truth, orders, driver: Some(thread), runtime: Some(runtime) })
    }

    /// The devices, at the ports they answer at.
    pub fn device_map(&self) -> &DeviceMap {
        &self.map
    }

    /// The true state behind the registers.
    pub fn truth(&self) -> Arc<Solution> {
        self.truth.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The true network: leaks, valves and set-points as they are. `None` after the driver has ended.
    pub fn network(&self) -> Option<Network> {
        self.ask(Order::Network)
    }

    /// Makes something go wrong, at its time.
    pub fn inject(&self, fault: Fault) -> Result<(), FieldError> {
        self.ask(|reply| Order::Inject(fault, reply)).unwrap_or(Err(FieldError::Ended))
    }

    /// Mends everything that is wrong, or is going to be.
    pub fn heal(&self) {
        let _ = self.ask(Order::Heal);
    }

    /// Lets so many seconds pass at once and returns when the registers show it.
    pub fn step(&self, seconds: f64) {
        let _ = self.ask(|reply| Order::Step(seconds, reply));
    }

    /// Seconds of the field since its start.
    pub fn time_s(&self) -> f64 {
        self.ask(Order::Time).unwrap_or(f64::NAN)
    }

    fn ask<T>(&self, order: impl FnOnce(SyncSender<T>) -> Order) -> Option<T> {
        let (reply, answer) = sync_channel(1);
        self.orders.send(order(reply)).ok()?;
        answer.recv().ok()
    }
}

impl Drop for Field {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::Stop);
        if let Some(thread) = self.driver.take() {
            let _ = thread.join();
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

/// What goes wrong in a demonstration: one substation is dead, and one temperature sensor of another is stuck.
pub fn demo_faults(map: &DeviceMap) -> Vec<Fault> {
    let stations: Vec<&str> = map
        .devices
        .iter()
        .map(|device| &*device.name)
        .filter(|name| map.points.iter().any(|point| *point.device == **name && point.tag.ends_with(".T3")))
        .collect();
    let dead = stations.get(stations.len() / 8).map(|device| Fault::new(FaultKind::Dead, *device));
    let stuck =
        stations.get(stations.len() / 5).map(|device| Fault::new(FaultKind::Stuck, format!("{device}.T1")).since(20.0));
    match stations.len() {
        0..4 => Vec::new(),
        _ => dead.into_iter().chain(stuck).collect(),
    }
}

/// Whether there is what a fault is about.
fn check(map: &DeviceMap, world: &World, fault: &Fault) -> Result<(), FieldError> {
    let device = map.device(&fault.target).is_some();
    let tag = map.points.iter().any(|point| *point.tag == *fault.target);
    let known = match fault.kind {
        kind if kind.is_of_plant() => world.knows(fault),
        kind if kind.is_of_device() => device,
        FaultKind::Swapped => device,
        FaultKind::Order(_) => device || tag,
        _ => tag,
    };
    if known { Ok(()) } else { Err(FieldError::NoTarget(fault.clone())) }
}

/// The units of all devices, in their order.
fn units(map: &DeviceMap) -> Vec<Arc<Unit>> {
    let mut points: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, point) in map.points.iter().enumerate() {
        points.entry(&point.device).or_default().push(row);
    }
    let unit = |device: &crate::io::modbus::map::Device| {
        let own = points.get(&*device.name).map_or(&[][..], Vec::as_slice);
        Arc::new(Unit::new(Image::new(device, own.iter().map(|&row| (row, &map.points[row])))))
    };
    map.devices.iter().map(unit).collect()
}

/// How addresses are served.
struct Addresses {
    /// The ports of the map only tell addresses apart; free ones are taken.
    placeholders: bool,
    secure: Option<TlsAcceptor>,
    /// What the map tells its reader then.
    client: Option<TlsFiles>,
}

/// Binds every address, writes its port into the map, and lets it be served.
fn serve(
    map: &mut DeviceMap,
    units: &[Arc<Unit>],
    how: &Addresses,
    written: &SyncSender<Written>,
    runtime: &tokio::runtime::Runtime,
    moved: &watch::Receiver<u64>,
) -> Result<(), FieldError> {
    let mut addresses: BTreeMap<(String, u16), Vec<usize>> = BTreeMap::new();
    for (row, device) in map.devices.iter().enumerate() {
        if let Transport::Tcp { host, port } = &device.transport {
            addresses.entry((host.clone(), *port)).or_default().push(row);
        }
    }
    for ((host, port), rows) in addresses {
        let wanted = if how.placeholders { 0 } else { port };
        let refused = |error| FieldError::Port { host: host.clone(), port: wanted, error };
        let address = (host.as_str(), wanted).to_socket_addrs().map_err(refused)?.next();
        let address: SocketAddr = address.ok_or_else(|| refused(std::io::ErrorKind::AddrNotAvailable.into()))?;
        let socket = server::bind(address).map_err(refused)?;
        let bound = socket.local_addr().map_err(refused)?;
        let by_id = rows.iter().map(|&row| (map.devices[row].unit_id, units[row].clone())).collect();
        let endpoint = Arc::new(Endpoint::new(by_id, written.clone(), how.secure.clone()));
        // Listening from here on: whoever gets the map can connect.
        let listener = {
            let _runtime = runtime.enter();
            socket.listen(server::BACKLOG).map_err(refused)?
        };
        runtime.spawn(server::serve(endpoint, listener, bound, moved.clone()));
        for row in rows {
            let (host, port) = (host.clone(), bound.port());
            map.devices[row].transport = match how.client.clone() {
                Some(files) => Transport::Tls { host, port, files },
                None => Transport::Tcp { host, port },
            };
        }
    }
    Ok(())
}
