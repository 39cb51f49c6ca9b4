//! Writes a device map as a person would: fields that are as usual are left out.

use std::fmt::Write as _;
use std::path::Path;

use super::points::{COLUMNS, word_of};
use super::units::to_si;
use super::{Device, DeviceMap, Parity, Point, Transport, WriteInterlock};
use crate::io::{IoError, Problem, save};
use crate::units::Unit;

pub(super) fn write(map: &DeviceMap, file: &Path) -> Result<(), IoError> {
    let stem = file.file_stem().map_or_else(|| "points".into(), |stem| stem.to_string_lossy().into_owned());
    let table = format!("{stem}.points.csv");
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut text = format!("device_map = 1\npoints = [{}]\n", quoted(&table));
    for each in &map.devices {
        device(each, &mut text);
    }
    let points = points(map).map_err(|reason| Problem::new(file, "io-system").with("reason", reason))?;
    // The table first: a map never names a table that is not there yet.
    save::atomic(&folder.join(&table), &points)?;
    save::atomic(file, text.as_bytes())
}

fn device(device: &Device, out: &mut String) {
    let usual = Device::new("", Transport::Tcp { host: String::new(), port: 0 }, 1);
    let mut field = |name: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{name} = {value}");
    };
    field("\n[[device]]\nname", quoted(&device.name));
    match &device.transport {
        Transport::Tcp { host, port } | Transport::RtuOverTcp { host, port } | Transport::Tls { host, port, .. } => {
            field("transport", quoted(device.transport.word()));
            let address = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
            field("address", quoted(&address));
        }
        Transport::Serial { path, baud, parity, stop_bits } => {
            field("transport", quoted("serial"));
            field("path", quoted(&path.to_string_lossy()));
            field("baud", baud.to_string());
            let parity = match parity {
                Parity::None => "none",
                Parity::Odd => "odd",
                Parity::Even => "even",
            };
            field("parity", quoted(parity));
            field("stop_bits", stop_bits.to_string());
        }
    }
    if let Transport::Tls { files, .. } = &device.transport {
        field("authority", quoted(&files.authority.to_string_lossy()));
        field("certificate", quoted(&files.certificate.to_string_lossy()));
        field("key", quoted(&files.key.to_string_lossy()));
        if let Some(name) = &files.server_name {
            field("server_name", quoted(name));
        }
    }
    field("unit", device.unit_id.to_string());
    for (name, value, usual) in [
        ("pause_ms", device.pause_ms, usual.pause_ms),
        ("connect_timeout_ms", device.connect_timeout_ms, usual.connect_timeout_ms),
        ("request_timeout_ms", device.request_timeout_ms, usual.request_timeout_ms),
        ("most_registers", device.most_registers.into(), usual.most_registers.into()),
        ("most_bits", device.most_bits.into(), usual.most_bits.into()),
        ("bridged_registers", device.bridged_registers.into(), usual.bridged_registers.into()),
        ("first_register", device.counts_from_one.into(), 0),
        ("busy_retries", device.busy_retries.into(), usual.busy_retries.into()),
    ] {
        if value != usual {
            field(name, value.to_string());
        }
    }
    if device.ignores_transaction_id {
        field("ignore_transaction_id", "true".to_owned());
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn points(map: &DeviceMap) -> Result<Vec<u8>, csv::Error> {
    let rows: Vec<Vec<String>> = map.points.iter().map(|point| row(point, map)).collect();
    // Columns that no point fills are left out, but for those that must stand.
    let used: Vec<usize> = (0..COLUMNS.len())
        .filter(|&column| column < 5 || rows.iter().any(|row| row.get(column).is_some_and(|cell| !cell.is_empty())))
        .collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(used.iter().map(|&column| COLUMNS[column].0))?;
    for row in &rows {
        writer.write_record(used.iter().map(|&column| row.get(column).map_or("", String::as_str)))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// The cells of a point in the order of the columns.
fn row(point: &Point, map: &DeviceMap) -> Vec<String> {
    let first = u32::from(map.device(&point.device).is_some_and(|device| device.counts_from_one));
    let unit = point.unit;
    let si = |value: Option<f64>| value.map_or_else(String::new, |value| shown(unit, value));
    // Differences know no offset.
    let step = Unit { offset: 0.0, ..unit };
    let difference = |value: Option<f64>| value.map_or_else(String::new, |value| shown(step, value));
    let unless = |usual: bool, text: String| if usual { String::new() } else { text };
    let write = point.write.as_ref();
    vec![
        point.tag.to_string(),
        point.device.to_string(),
        point.table.word().to_owned(),
        (u32::from(point.register) + first).to_string(),
        point.kind.to_string(),
        unless(point.order == Default::default(), point.order.word().to_owned()),
        unless(point.scale == 1.0, point.scale.to_string()),
        unless(point.offset == 0.0, point.offset.to_string()),
        unit.symbol.to_owned(),
        word_of(point.observed),
        point.element.as_ref().map_or_else(String::new, |element| format!("{}:{}", element.kind.word(), element.id)),
        si(point.limits.high_high),
        si(point.limits.high),
        si(point.limits.low),
        si(point.limits.low_low),
        si(point.range.map(|range| range.least)),
        si(point.range.map(|range| range.most)),
        difference(point.deviation_si),
        (f64::from(point.period_ms) / 1e3).to_string(),
        si(write.map(|write| write.least)),
        si(write.map(|write| write.most)),
        difference(write.and_then(|write| write.most_step)),
        write.map_or_else(String::new, |write| write.least_interval_s.to_string()),
        point.interlocks.iter().map(|interlock| while_text(interlock, map)).collect::<Vec<_>>().join(" & "),
        unless(!point.alone, "yes".to_owned()),
        String::new(),
    ]
}

/// An interlock in the unit of the tag it looks at.
fn while_text(interlock: &WriteInterlock, map: &DeviceMap) -> String {
    let plain = Unit { symbol: "", scale: 1.0, offset: 0.0, digits: 0 };
    let unit = map.points.iter().find(|point| point.tag == interlock.tag).map_or(plain, |point| point.unit);
    format!("{} {}..{}", interlock.tag, shown(unit, interlock.least), shown(unit, interlock.most))
}

/// The shortest number in a unit that is read back as the same SI value, else as near as a number comes.
fn shown(unit: Unit, si: f64) -> String {
    let exact = unit.to_shown(si);
    let back = |text: &String| text.parse::<f64>().is_ok_and(|shown| to_si(unit, shown) == si);
    let rounded = |digits: usize| {
        let text = format!("{exact:.digits$e}");
        text.parse::<f64>().map_or(text, |number| number.to_string())
    };
    (0..17).map(rounded).find(back).unwrap_or_else(|| exact.to_string())
}
