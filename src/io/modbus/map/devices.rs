//! The TOML file of a device map: devices, and the names of the tables of points.
//!
//! Walked value by value instead of deserialised, so that every problem of a file is told at once, with its line, in the
//! reader's language.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::{Device, DeviceMap, MOST_BITS, MOST_REGISTERS, Parity, TlsFiles, Transport, points};
use crate::io::file::place;
use crate::io::{IoError, Problem, encoding};

/// Version of the file's form.
const VERSION: u64 = 1;
/// Ports of Modbus/TCP and of Modbus/TCP Security.
const PORT: u16 = 502;
const SECURE_PORT: u16 = 802;

/// Every field a device may have; `[defaults]` may have all but the name.
const DEVICE_FIELDS: [&str; 23] = [
    "name",
    "transport",
    "address",
    "port",
    "unit",
    "pause_ms",
    "connect_timeout_ms",
    "request_timeout_ms",
    "most_registers",
    "most_bits",
    "bridged_registers",
    "first_register",
    "ignore_transaction_id",
    "busy_retries",
    "authority",
    "certificate",
    "key",
    "server_name",
    "path",
    "baud",
    "parity",
    "stop_bits",
    "note",
];
const FILE_FIELDS: [&str; 5] = ["device_map", "points", "defaults", "device", "note"];
const TRANSPORTS: [&str; 4] = ["tcp", "tls", "rtu-over-tcp", "serial"];

/// A text, and its parts borrowed while it is walked.
struct Source<'a> {
    file: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn problem(&self, key: &'static str, span: Range<usize>) -> Problem {
        let (line, column) = place::line_and_column(self.text, span.start);
        Problem::new(self.file, key).at(line, column)
    }
}

/// Reads the file and the tables it names.
pub(super) fn read(file: &Path) -> Result<DeviceMap, IoError> {
    let text = encoding::read(file)?;
    let source = Source { file, text: &text };
    let document = DeTable::parse(&text).map_err(|error| {
        let problem = source.problem("io-modbus-toml", error.span().unwrap_or(0..0));
        problem.with("reason", error.message())
    })?;
    let mut error = IoError::default();
    let fields = Fields { source: &source, table: document.get_ref(), fallback: None, span: 0..0, subject: None };
    fields.refuse_unknown(&FILE_FIELDS, &mut error);
    match fields.whole("device_map", 0..=u64::from(u32::MAX), &mut error) {
        Some((VERSION, _)) => {}
        Some((version, span)) => {
            let problem = source.problem("io-modbus-version", span);
            error.push(problem.with("version", version).with("known", VERSION));
        }
        None if fields.get("device_map").is_none() => error.push(source.problem("io-modbus-no-version", 0..0)),
        None => {}
    }
    let defaults = fields.tables("defaults", &mut error).into_iter().next();
    if let Some((table, span)) = &defaults {
        let known: Vec<&str> = DEVICE_FIELDS.into_iter().filter(|field| *field != "name").collect();
        let fields =
            Fields { source: &source, table, fallback: None, span: span.clone(), subject: Some("defaults".into()) };
        fields.refuse_unknown(&known, &mut error);
    }
    let mut map = DeviceMap::default();
    let mut names = BTreeSet::new();
    for (table, span) in fields.tables("device", &mut error) {
        let fallback = defaults.as_ref().map(|(table, _)| *table);
        let mut fields = Fields { source: &source, table, fallback, span: span.clone(), subject: None };
        let Some((name, at)) = fields.required("name", &mut error) else { continue };
        fields.subject = Some(name.to_owned());
        fields.refuse_unknown(&DEVICE_FIELDS, &mut error);
        if name.trim().is_empty() || !names.insert(name) {
            error.push(fields.problem("io-modbus-device-twice", at).with("device", name));
            continue;
        }
        if let Some(device) = device(name, &fields, &mut error) {
            if let Some(other) = map.devices.iter().find(|other| same_port(&other.transport, &device.transport)) {
                error.push(fields.problem("io-modbus-serial-differs", span).with("other", &other.name));
            }
            map.devices.push(device);
        }
    }
    let tables = fields.texts("points", &mut error);
    // Points of a device with a mistake would all be called orphans.
    error.into_result()?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut error = IoError::default();
    let mut rows = points::Rows::default();
    for (table, _) in tables {
        rows.read(&folder.join(table), &map.devices, &mut error);
    }
    rows.resolve_interlocks(&mut error);
    rows.check_alone(&mut error);
    error.into_result()?;
    map.points = rows.into_points();
    Ok(map)
}

fn device(name: &str, fields: &Fields<'_>, error: &mut IoError) -> Option<Device> {
    let transport = transport(fields, error);
    let serial = matches!(transport, Some(Transport::Serial { .. } | Transport::RtuOverTcp { .. }));
    let units = if serial { 1..=247 } else { 0..=255 };
    let mut device = Device::new(name, Transport::Tcp { host: String::new(), port: 0 }, 1);
    let mut number = |key: &'static str, range, fallback: u32| {
        // Every range below fits 32 bits.
        fields.whole(key, range, error).map_or(fallback, |(value, _)| value as u32)
    };
    device.unit_id = number("unit", units, 1) as u8;
    device.pause_ms = number("pause_ms", 0..=60_000, device.pause_ms);
    device.connect_timeout_ms = number("connect_timeout_ms", 10..=120_000, device.connect_timeout_ms);
    device.request_timeout_ms = number("request_timeout_ms", 10..=120_000, device.request_timeout_ms);
    device.most_registers = number("most_registers", 1..=u64::from(MOST_REGISTERS), 125) as u16;
    device.most_bits = number("most_bits", 1..=u64::from(MOST_BITS), 2000) as u16;
    device.bridged_registers = number("bridged_registers", 0..=124, 8) as u16;
    device.counts_from_one = number("first_register", 0..=1, 0) == 1;
    device.busy_retries = number("busy_retries", 0..=100, 5) as u8;
    device.ignores_transaction_id = fields.flag("ignore_transaction_id", error).unwrap_or(false);
    device.transport = transport?;
    Some(device)
}

fn transport(fields: &Fields<'_>, error: &mut IoError) -> Option<Transport> {
    let (word, at) = fields.text("transport", error).unwrap_or(("tcp", 0..0));
    let usual_port = if word == "tls" { SECURE_PORT } else { PORT };
    let address = |error: &mut IoError| -> Option<(String, u16)> {
        let (text, at) = fields.required("address", error)?;
        let parsed = host_and_port(text, usual_port);
        if parsed.is_none() {
            error.push(fields.problem("io-modbus-address", at).with("address", text));
        }
        parsed
    };
    match word {
        "tcp" => address(error).map(|(host, port)| Transport::Tcp { host, port }),
        "rtu-over-tcp" => address(error).map(|(host, port)| Transport::RtuOverTcp { host, port }),
        "tls" => {
            let end = address(error);
            let folder = fields.source.file.parent().unwrap_or(Path::new("")).to_owned();
            let mut file = |key| fields.required(key, error).map(|(text, _)| folder.join(text));
            let (authority, certificate, key) = (file("authority"), file("certificate"), file("key"));
            let server_name = fields.text("server_name", error).map(|(name, _)| name.to_owned());
            let (host, port) = end?;
            let files = TlsFiles { authority: authority?, certificate: certificate?, key: key?, server_name };
            Some(Transport::Tls { host, port, files })
        }
        "serial" => {
            let path = fields.required("path", error).map(|(path, _)| PathBuf::from(path));
            let baud = fields.whole("baud", 300..=4_000_000, error).map_or(9600, |(baud, _)| baud as u32);
            let stop_bits = fields.whole("stop_bits", 1..=2, error).map_or(1, |(bits, _)| bits as u8);
            let parity = match fields.text("parity", error) {
                None | Some(("even", _)) => Some(Parity::Even),
                Some(("odd", _)) => Some(Parity::Odd),
                Some(("none", _)) => Some(Parity::None),
                Some((word, at)) => {
                    let problem = fields.problem("io-unknown-word", at).with("field", "parity");
                    error.push(problem.with("word", word).with("known", "even, odd, none"));
                    None
                }
            };
            Some(Transport::Serial { path: path?, baud, parity: parity?, stop_bits })
        }
        _ => {
            let problem = fields.problem("io-unknown-word", at).with("field", "transport");
            error.push(problem.with("word", word).with("known", TRANSPORTS.join(", ")));
            None
        }
    }
}

/// `host`, `host:port`, `[::1]:port`; a bare IPv6 address needs its brackets only in front of a port.
pub fn host_and_port(text: &str, usual_port: u16) -> Option<(String, u16)> {
    let text = text.trim();
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
    } else if text.matches(':').count() > 1 {
        (text, None)
    } else {
        text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)))
    };
    let port = port.map_or(Some(usual_port), |port| port.parse().ok().filter(|port| *port != 0))?;
    let known = !host.is_empty() && host.chars().all(|c| c.is_alphanumeric() || ".:-_%".contains(c));
    known.then(|| (host.to_owned(), port))
}

/// Whether two devices stand on one serial port but want it set differently.
fn same_port(a: &Transport, b: &Transport) -> bool {
    match (a, b) {
        (Transport::Serial { path: one, .. }, Transport::Serial { path: two, .. }) => one == two && a != b,
        _ => false,
    }
}

/// The fields of one table of the file, with those of `[defaults]` behind them.
struct Fields<'a> {
    source: &'a Source<'a>,
    table: &'a DeTable<'a>,
    fallback: Option<&'a DeTable<'a>>,
    span: Range<usize>,
    subject: Option<String>,
}

type Found<'a> = (&'a DeValue<'a>, Range<usize>);

impl<'a> Fields<'a> {
    fn problem(&self, key: &'static str, span: Range<usize>) -> Problem {
        let problem = self.source.problem(key, span);
        match &self.subject {
            Some(subject) => problem.subject(subject.clone()),
            None => problem,
        }
    }

    fn get(&self, key: &str) -> Option<Found<'a>> {
        let found = |table: &'a DeTable<'a>| table.get(key).map(|value| (value.get_ref(), value.span()));
        found(self.table).or_else(|| self.fallback.and_then(found))
    }

    fn refuse_unknown(&self, known: &[&str], error: &mut IoError) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let problem = match place::nearest(name, known.iter().copied()) {
                Some(meant) => self.problem("io-unknown-field-meant", key.span()).with("meant", meant),
                None => self.problem("io-unknown-field", key.span()).with("known", known.join(", ")),
            };
            error.push(problem.with("field", name));
        }
    }

    fn want(&self, key: &'static str, field: &str, found: Found<'_>, error: &mut IoError) {
        error.push(self.problem(key, found.1).with("field", field).with("got", shown(found.0)));
    }

    fn text(&self, field: &'static str, error: &mut IoError) -> Option<(&'a str, Range<usize>)> {
        let (value, span) = self.get(field)?;
        match value {
            DeValue::String(text) => Some((text, span)),
            _ => {
                self.want("io-want-text", field, (value, span), error);
                None
            }
        }
    }

    fn required(&self, field: &'static str, error: &mut IoError) -> Option<(&'a str, Range<usize>)> {
        if self.get(field).is_none() {
            error.push(self.problem("io-missing-field", self.span.clone()).with("field", field));
        }
        self.text(field, error)
    }

    fn whole(
        &self,
        field: &'static str,
        range: std::ops::RangeInclusive<u64>,
        error: &mut IoError,
    ) -> Option<(u64, Range<usize>)> {
        let (value, span) = self.get(field)?;
        let DeValue::Integer(integer) = value else {
            self.want("io-want-whole", field, (value, span), error);
            return None;
        };
        match u64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(value) if range.contains(&value) => Some((value, span)),
            _ => {
                let problem = self.problem("io-out-of-range", span).with("field", field).with("value", integer);
                error.push(problem.with("low", range.start()).with("high", range.end()));
                None
            }
        }
    }

    fn flag(&self, field: &'static str, error: &mut IoError) -> Option<bool> {
        let (value, span) = self.get(field)?;
        match value {
            DeValue::Boolean(flag) => Some(*flag),
            _ => {
                self.want("io-want-flag", field, (value, span), error);
                None
            }
        }
    }

    /// The tables of a field: a table alone, or a list of them.
    fn tables(&self, field: &'static str, error: &mut IoError) -> Vec<(&'a DeTable<'a>, Range<usize>)> {
        let Some((value, span)) = self.get(field) else { return Vec::new() };
        let mut out = Vec::new();
        let mut add = |value: &'a DeValue<'a>, span: Range<usize>| match value {
            DeValue::Table(table) => out.push((table, span)),
            _ => self.want("io-want-group", field, (value, span), error),
        };
        match value {
            DeValue::Array(list) => list.iter().for_each(|item| add(item.get_ref(), item.span())),
            _ => add(value, span),
        }
        out
    }

    /// The texts of a field: one alone, or a list.
    fn texts(&self, field: &'static str, error: &mut IoError) -> Vec<(&'a str, Range<usize>)> {
        let Some((value, span)) = self.get(field) else { return Vec::new() };
        let mut out = Vec::new();
        let mut add = |value: &'a DeValue<'a>, span: Range<usize>| match value {
            DeValue::String(text) => out.push((text.as_ref(), span)),
            _ => self.want("io-want-text", field, (value, span), error),
        };
        match value {
            DeValue::Array(list) => list.iter().for_each(|item| add(item.get_ref(), item.span())),
            _ => add(value, span),
        }
        out
    }
}

/// A value as messages quote it.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("“{text}”"),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Array(_) => "[…]".to_owned(),
        DeValue::Table(_) => "{…}".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_and_without_port() {
        let at = |text| host_and_port(text, 502);
        assert_eq!(at("10.0.0.7"), Some(("10.0.0.7".to_owned(), 502)));
        assert_eq!(at("plc-3.heat.example:5020"), Some(("plc-3.heat.example".to_owned(), 5020)));
        assert_eq!(at("[fe80::1%eth0]:503"), Some(("fe80::1%eth0".to_owned(), 503)));
        assert_eq!(at("::1"), Some(("::1".to_owned(), 502)));
        for text in ["", ":502", "host:", "host:0", "host:70000", "two words", "[::1", "http://x"] {
            assert_eq!(at(text), None, "{text}");
        }
    }
}
