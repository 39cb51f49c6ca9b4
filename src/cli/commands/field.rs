//! `field`: the devices of a network as Modbus/TCP servers, to try things on.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::cli::args::{self, TextOrJson};
use crate::cli::{Failure, Printer};
use crate::io::field::{
    Certificates, Fault, Field, FieldError, FieldOptions, MapOptions, Pace, WorldOptions, demo_faults,
};
use crate::io::modbus::map::{DeviceMap, Transport};
use crate::network::generate;

/// How long the program sleeps at a time while the field goes on by itself.
const NAP: Duration = Duration::from_millis(100);

pub fn run(given: &args::Field, printer: &Printer) -> Result<(), Failure> {
    let network = match &given.file {
        Some(file) => super::load(file, printer)?,
        None => generate::demo_city(),
    };
    let refusal = |error: FieldError| Failure::input(error.text(printer.language));
    let texts = printer.language.texts();
    let faults: Result<Vec<Fault>, Failure> = given
        .faults
        .iter()
        .map(|text| {
            text.parse::<Fault>().map_err(|error| {
                let known = crate::io::field::KINDS;
                let arguments = [("fault", error.text.into()), ("known", known.into())];
                Failure::input(texts.with("field-no-fault", &arguments))
            })
        })
        .collect();
    let certificates = given.tls.as_deref().map(|folder| Certificates::of_folder(folder, &given.host));
    let options = FieldOptions {
        map: MapOptions {
            host: given.host.clone(),
            port_base: given.port_base,
            period_ms: 1000 * given.period,
            users: given.users.into(),
        },
        world: WorldOptions { seed: given.seed, outdoor_c: given.outdoor, ..WorldOptions::default() },
        pace: match FieldOptions::default().pace {
            Pace::RealTime { refresh, refreshes_each_solve, .. } => {
                Pace::RealTime { speed: given.speed, refresh, refreshes_each_solve }
            }
            Pace::ByHand => Pace::ByHand,
        },
        noise: given.noise,
        faults: faults?,
        certificates: certificates.transpose().map_err(|error| printer.refusal(&error))?,
    };
    let mut wrong = options.faults.clone();
    let field = Field::start(network, options).map_err(refusal)?;
    if given.demo_faults {
        for fault in demo_faults(field.device_map()) {
            wrong.push(fault.clone());
            field.inject(fault).map_err(refusal)?;
        }
    }
    if let Some(path) = &given.write_map {
        field.device_map().write(path).map_err(|error| printer.refusal(&error))?;
        printer.say(&texts.with("field-map-written", &[("path", path.display().to_string().into())]));
    }
    let list = match given.format {
        TextOrJson::Text => text(field.device_map()),
        TextOrJson::Json => json(field.device_map()),
    };
    printer.data(None, list.as_bytes())?;
    let map = field.device_map();
    if let Some(folder) = &given.tls {
        printer.say(&texts.with("field-certificates", &[("folder", folder.display().to_string().into())]));
    }
    let protocol = if given.tls.is_some() { "Modbus/TCP Security" } else { "Modbus/TCP" };
    printer.say(&texts.with(
        "field-serving",
        &[
            ("protocol", protocol.into()),
            ("devices", map.devices.len().into()),
            ("points", map.points.len().into()),
            ("host", (&*given.host).into()),
        ],
    ));
    for fault in &wrong {
        printer.say(&texts.with("field-wrong", &[("fault", fault.to_string().into())]));
    }
    let end = given.seconds.map(|seconds| Instant::now() + Duration::from_secs_f64(seconds.min(1e9)));
    if end.is_none() {
        printer.say(&texts.get("field-until-interrupted"));
    }
    while end.is_none_or(|end| Instant::now() < end) {
        std::thread::sleep(NAP);
    }
    let passed = format!("{:.0}", field.time_s());
    printer.say(&texts.with("field-done", &[("seconds", passed.into())]));
    Ok(())
}

fn points_of(map: &DeviceMap, device: &str) -> usize {
    map.points.iter().filter(|point| *point.device == *device).count()
}

fn text(map: &DeviceMap) -> String {
    let mut out = String::new();
    for device in &map.devices {
        let points = points_of(map, &device.name);
        super::line(
            &mut out,
            format_args!("{:<12} {}  unit {:<3}  {points} points", device.name, device.transport, device.unit_id),
        );
    }
    out
}

fn json(map: &DeviceMap) -> String {
    let devices: Vec<_> = map
        .devices
        .iter()
        .map(|device| {
            let (host, port) = match &device.transport {
                Transport::Tcp { host, port } | Transport::Tls { host, port, .. } => (host.as_str(), *port),
                _ => ("", 0),
            };
            let points = points_of(map, &device.name);
            json!({
                "device": *device.name,
                "host": host,
                "port": port,
                "unit_id": device.unit_id,
                "points": points,
            })
        })
        .collect();
    format!("{:#}\n", json!({ "devices": devices }))
}
