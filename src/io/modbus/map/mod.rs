//! The device map: which devices there are, and which of their registers mean what.
//!
//! One TOML file for the devices ([`devices`]) that names CSV tables of points ([`points`]); `docs/device-map.md`
//! describes both. In memory every number is SI and every address counts from 0 as on the wire; the file speaks the
//! words of the device's manual. [`DeviceMap::check`] holds a map against a network. Nothing here opens a connection.

mod check;
mod devices;
mod permits;
mod points;
mod units;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::value::{DataType, WordOrder};
use crate::io::IoError;
use crate::live::{Limits, Observed, Range, Tag, TagTable, TwiceNamed};
use crate::network::ElementRef;
use crate::units::{Quantity, Unit};

pub use devices::host_and_port;
pub use units::unit_named;

/// Registers of one read at most (Modbus application protocol V1.1b3, 6.3).
pub const MOST_REGISTERS: u16 = 125;
/// Coils or discrete inputs of one read at most (6.1).
pub const MOST_BITS: u16 = 2000;

/// All devices and points. The tag of a point is the handle of its row: `TagId(7)` is `points[7]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeviceMap {
    pub devices: Vec<Device>,
    pub points: Vec<Point>,
}

/// One Modbus unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Unique.
    pub name: Arc<str>,
    /// Devices of equal transport share one connection: they stand behind one gateway or on one bus.
    pub transport: Transport,
    /// Unit identifier, 0…255; 1…247 on a serial line.
    pub unit_id: u8,
    /// Rest of the line after each answer of this device, ms.
    pub pause_ms: u32,
    pub connect_timeout_ms: u32,
    pub request_timeout_ms: u32,
    /// Registers the device gives in one read, 1…[`MOST_REGISTERS`].
    pub most_registers: u16,
    /// Coils or discrete inputs it gives in one read, 1…[`MOST_BITS`].
    pub most_bits: u16,
    /// Registers without a point that may be read along to save a request.
    pub bridged_registers: u16,
    /// The manual counts registers from 1. In memory and on the wire they count from 0 all the same.
    pub counts_from_one: bool,
    /// Answers need not carry the transaction identifier of the request (some gateways always answer 0).
    pub ignores_transaction_id: bool,
    /// Further tries when the device says that it is busy (exceptions 05 and 06).
    pub busy_retries: u8,
}

/// How a device is reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// Modbus/TCP.
    Tcp { host: String, port: u16 },
    /// Modbus/TCP Security: the same inside TLS with certificates on both sides.
    Tls { host: String, port: u16, files: TlsFiles },
    /// Serial frames with their checksum through a transparent gateway.
    RtuOverTcp { host: String, port: u16 },
    /// A serial port of this machine, 8 data bits.
    Serial { path: PathBuf, baud: u32, parity: Parity, stop_bits: u8 },
}

/// Where the certificates of a TLS connection lie (PEM).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TlsFiles {
    /// Authority that signed the device's certificate.
    pub authority: PathBuf,
    /// Our certificate with its chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// Name in the device's certificate, where it is not the host.
    pub server_name: Option<String>,
}

/// Parity of a serial line; the standard asks for even.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Parity {
    None,
    Odd,
    #[default]
    Even,
}

/// The four tables of a Modbus device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    Coil,
    Discrete,
    Input,
    Holding,
}

/// One value of one device.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Unique over the whole map.
    pub tag: Arc<str>,
    /// Name of its device.
    pub device: Arc<str>,
    pub table: Table,
    /// Address of its first register or bit, counted from 0 as on the wire.
    pub register: u16,
    pub kind: DataType,
    pub order: WordOrder,
    /// Value in `unit` = raw · scale + offset.
    pub scale: f64,
    pub offset: f64,
    /// The unit the device counts in.
    pub unit: Unit,
    pub quantity: Quantity,
    pub observed: Observed,
    pub element: Option<ElementRef>,
    /// SI, like the three below.
    pub limits: Limits,
    pub range: Option<Range>,
    /// Standard deviation of its noise; `None`: by the class of instrument.
    pub deviation_si: Option<f64>,
    pub write: Option<WritePermit>,
    /// It is written only while all of these hold.
    pub interlocks: Vec<WriteInterlock>,
    /// Wanted time between two readings, ms.
    pub period_ms: u32,
    /// Is read in a request of its own, and no other request touches it.
    pub alone: bool,
}

/// What may be written to a point, in SI units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WritePermit {
    pub least: f64,
    pub most: f64,
    /// From one writing to the next.
    pub most_step: Option<f64>,
    pub least_interval_s: f64,
}

/// Another point that must be good and within bounds while a point is written.
#[derive(Clone, Debug, PartialEq)]
pub struct WriteInterlock {
    pub tag: Arc<str>,
    /// SI, of that tag.
    pub least: f64,
    pub most: f64,
}

impl Device {
    /// A device at an address with everything else as usual: time-outs of 3 s and 1 s, whole reads, gaps of 8 registers
    /// bridged.
    pub fn tcp(name: impl Into<Arc<str>>, host: impl Into<String>, port: u16, unit_id: u8) -> Device {
        Device::new(name, Transport::Tcp { host: host.into(), port }, unit_id)
    }

    /// As [`Device::tcp`], by any transport.
    pub fn new(name: impl Into<Arc<str>>, transport: Transport, unit_id: u8) -> Device {
        Device {
            name: name.into(),
            transport,
            unit_id,
            pause_ms: 0,
            connect_timeout_ms: 3000,
            request_timeout_ms: 1000,
            most_registers: MOST_REGISTERS,
            most_bits: MOST_BITS,
            bridged_registers: 8,
            counts_from_one: false,
            ignores_transaction_id: false,
            busy_retries: 5,
        }
    }
}

impl Transport {
    /// The word of the file.
    pub const fn word(&self) -> &'static str {
        match self {
            Transport::Tcp { .. } => "tcp",
            Transport::Tls { .. } => "tls",
            Transport::RtuOverTcp { .. } => "rtu-over-tcp",
            Transport::Serial { .. } => "serial",
        }
    }
}

impl std::fmt::Display for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Transport::Tcp { host, port }
            | Transport::Tls { host, port, .. }
            | Transport::RtuOverTcp { host, port } => {
                write!(f, "{} ", self.word())?;
                if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
            }
            Transport::Serial { path, baud, .. } => write!(f, "serial {} {baud}", path.display()),
        }
    }
}

impl Table {
    pub const ALL: [Table; 4] = [Table::Coil, Table::Discrete, Table::Input, Table::Holding];

    /// The word of the file.
    pub const fn word(self) -> &'static str {
        match self {
            Table::Coil => "coil",
            Table::Discrete => "discrete",
            Table::Input => "input",
            Table::Holding => "holding",
        }
    }

    /// The table of a word.
    pub fn named(word: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|table| table.word() == word)
    }

    /// Whether it holds single bits instead of words of 16.
    pub const fn is_bits(self) -> bool {
        matches!(self, Table::Coil | Table::Discrete)
    }
}

impl Point {
    /// A reading of everyday: unscaled holding register in SI units every 10 s, at no element.
    pub fn new(tag: impl Into<Arc<str>>, device: impl Into<Arc<str>>, register: u16, kind: DataType) -> Point {
        Point {
            tag: tag.into(),
            device: device.into(),
            table: Table::Holding,
            register,
            kind,
            order: WordOrder::Abcd,
            scale: 1.0,
            offset: 0.0,
            unit: Unit { symbol: "", scale: 1.0, offset: 0.0, digits: 3 },
            quantity: Quantity::Number,
            observed: Observed::Other,
            element: None,
            limits: Limits::default(),
            range: None,
            deviation_si: None,
            write: None,
            interlocks: Vec::new(),
            period_ms: 10_000,
            alone: false,
        }
    }

    /// Registers (or bits) it takes.
    pub const fn width(&self) -> u16 {
        self.kind.registers()
    }

    /// The SI value of a raw number of the device.
    pub fn si_of_raw(&self, raw: f64) -> f64 {
        self.unit.to_si(raw * self.scale + self.offset)
    }

    /// The raw number of an SI value, not rounded.
    pub fn raw_of_si(&self, si: f64) -> f64 {
        (self.unit.to_shown(si) - self.offset) / self.scale
    }

    /// The tag of this point.
    pub fn as_tag(&self) -> Tag {
        Tag {
            name: self.tag.clone(),
            device: self.device.clone(),
            element: self.element.clone(),
            observed: self.observed,
            quantity: self.quantity,
            period_ms: self.period_ms,
            range: self.range,
            limits: self.limits,
            deviation_si: self.deviation_si,
        }
    }
}

impl DeviceMap {
    /// Reads a map. Errors name file, line, device, register and remedy; all that can be found at once is listed.
    pub fn read(path: &Path) -> Result<DeviceMap, IoError> {
        devices::read(path)
    }

    /// Writes the devices to `path` and the points beside it, as `NAME.points.csv`. What is read back is the same, numbers to
    /// 13 digits.
    pub fn write(&self, path: &Path) -> Result<(), IoError> {
        write::write(self, path)
    }

    /// The device of a name.
    pub fn device(&self, name: &str) -> Option<&Device> {
        self.devices.iter().find(|device| &*device.name == name)
    }

    /// The tags in the order of the points. Fails only for maps made by hand: a map that was read has no name twice.
    pub fn tags(&self) -> Result<TagTable, TwiceNamed> {
        let mut table = TagTable::default();
        for point in &self.points {
            table.add(point.as_tag())?;
        }
        Ok(table)
    }
}
