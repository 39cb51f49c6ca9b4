//! `live`: follows a field without a window for some time and prints what is known of it then.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{field_of, line, load};
use crate::cli::args::{Live, TableFormat};
use crate::cli::{Failure, Printer};
use crate::live::regulator::regulator_table;
use crate::live::{Origin, TagId};
use crate::session::live::engine::Engine;
use crate::session::live::{Connect, LiveNews, LiveSource, Picture};

/// Time between two looks at what has come.
const LOOK: Duration = Duration::from_millis(100);

pub fn run(given: &Live, printer: &Printer) -> Result<(), Failure> {
    let network = match &given.file {
        Some(path) => load(path, printer)?,
        None => crate::network::generate::demo_city(),
    };
    let source = match &given.map {
        Some(map) => field_of(map, given.history.as_ref(), printer)?,
        None => LiveSource::Simulated,
    };
    let mut engine = Engine::default();
    let nobody: crate::session::jobs::Waker = Arc::new(|| {});
    let asked = Connect {
        source,
        network: Arc::new(network),
        state: 0,
        books: None,
        orders: None,
        planner: None,
        language: printer.language,
    };
    engine.connect(asked, &nobody);
    let until = Instant::now() + Duration::from_secs_f64(given.seconds);
    let mut newest: Option<Arc<Picture>> = None;
    while Instant::now() < until {
        std::thread::sleep(LOOK);
        for news in engine.news() {
            match news {
                LiveNews::Picture(picture) => newest = Some(picture),
                LiveNews::Adopted(_) => {}
                LiveNews::Trouble(message) => printer.say(&message.text(printer.language)),
                LiveNews::Fault(message) => return Err(Failure::input(message.text(printer.language))),
            }
        }
    }
    engine.leave();
    let Some(picture) = newest else {
        return Err(Failure::input(printer.language.texts().get("live-nothing-came").into_owned()));
    };
    let data = match given.format {
        format if given.regulator => {
            let tags = &picture.points.tags;
            let lines = regulator_table(tags, |id| picture.sample(id));
            super::regulator::shown(&lines, tags, format, printer)
        }
        TableFormat::Text => text(&picture, printer),
        TableFormat::Json => format!("{:#}\n", answer(&picture, printer)),
        TableFormat::Csv => return Err(Failure::input(printer.language.texts().get("live-no-csv").into_owned())),
    };
    printer.data(given.output.as_deref(), data.as_bytes())
}

/// Devices, alarms, suspects, then every tag with value, age and quality.
fn text(picture: &Picture, printer: &Printer) -> String {
    let texts = printer.language.texts();
    let mut out = String::new();
    let (answering, all) = picture.devices_answering();
    let arguments = [
        ("time", picture.time_of_day().into()),
        ("answering", answering.to_string().into()),
        ("all", all.to_string().into()),
        ("alarms", picture.alarms.active().to_string().into()),
    ];
    line(&mut out, format_args!("{}", texts.with("live-state", &arguments)));
    for device in picture.devices.iter().filter(|device| !device.answers) {
        let never = texts.get("live-device-never");
        line(&mut out, format_args!("  ■ {}  {}  {never}", device.name, device.address));
    }
    for alarm in &picture.alarms.lines {
        let said = alarm.text(printer.language, &printer.units);
        line(&mut out, format_args!("  {} {}: {said}", alarm.priority(), alarm.subject()));
    }
    let silent: Vec<&str> =
        picture.devices.iter().filter(|device| !device.answers).map(|device| &*device.name).collect();
    for (id, tag) in picture.points.tags.iter() {
        let Some((_, latest)) = picture.tag(id) else { continue };
        // Of a device that does not answer it has been said once.
        if !latest.quality.is_good() && !silent.contains(&&*tag.device) {
            let said =
                picture.remark(id).map(|remark| remark.text(&picture.points.tags, printer.language, &printer.units));
            line(&mut out, format_args!("  ▲ {}", said.unwrap_or_default()));
        }
    }
    for suspect in picture.estimate.iter().flat_map(|shown| &shown.estimate.suspects) {
        let said = picture.suspicion(suspect, printer.language, &printer.units);
        line(&mut out, format_args!("  ▲ {said}"));
    }
    out
}

/// Everything, by name.
fn answer(picture: &Picture, printer: &Printer) -> Value {
    let devices: Vec<Value> = picture
        .devices
        .iter()
        .map(|device| {
            json!({
                "name": *device.name, "address": device.address, "answers": device.answers,
                "last_answer": device.last_answer.map(|at| at.to_string()), "latency_ms": device.latency_ms,
                "tags": device.tags, "good_share": device.good_share,
            })
        })
        .collect();
    let tag = |id: TagId| {
        let (tag, latest) = picture.tag(id)?;
        let origin = picture.origin(tag, latest);
        let estimated = picture.estimate.as_ref().and_then(|estimate| estimate.of_tag(id));
        Some(json!({
            "name": *tag.name, "device": *tag.device,
            "element": tag.element.as_ref().map(|element| format!("{}:{}", element.kind.word(), element.id)),
            "observed": tag.observed, "value_si": latest.value, "time": latest.source_time.to_string(),
            "quality": latest.quality.key().trim_start_matches("quality-"),
            "measured": origin == Origin::Measured, "estimated_si": estimated.map(|[value, _]| value),
            "deviation_si": estimated.map(|[_, deviation]| deviation),
        }))
    };
    let alarms: Vec<Value> = picture
        .alarms
        .lines
        .iter()
        .map(|alarm| {
            json!({
                "name": *alarm.row.name, "priority": alarm.priority(),
                "text": alarm.text(printer.language, &printer.units), "state": alarm.row.state,
                "active": alarm.row.active, "raised": alarm.row.raised.map(|at| at.to_string()),
            })
        })
        .collect();
    let suspects = picture.estimate.as_ref().map(|shown| {
        let name = |id: TagId| picture.points.tags.get(id).map(|tag| tag.name.to_string());
        let one = |suspect: &crate::live::estimate::Suspect| {
            let text = picture.suspicion(suspect, printer.language, &printer.units);
            json!({ "tag": name(suspect.tag), "text": text, "normalised": suspect.normalised })
        };
        shown.estimate.suspects.iter().map(one).collect::<Vec<_>>()
    });
    json!({
        "time": picture.now.to_string(), "samples": picture.samples, "dropped": picture.dropped, "devices": devices,
        "alarms": alarms, "suspects": suspects,
        "tags": picture.points.tags.iter().filter_map(|(id, _)| tag(id)).collect::<Vec<_>>(),
    })
}
