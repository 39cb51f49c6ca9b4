//! `energy`: what was used of heat, power, water and fuel, per area and degree-day, beside other periods and a plan.

use std::path::Path;

use super::table::sheet_text;
use super::{load, load_for_json};
use crate::cli::args::{Energy, Piece, TableFormat};
use crate::cli::{Failure, Printer};
use crate::dispatch::energy::{EnergyHistory, Outdoor, Period, Setting, Step, analyse};
use crate::dispatch::weather::HourlyWeather;
use crate::emergency::incident::Moment;
use crate::io::energy::{self, Reading, Tagged, appendix};
use crate::io::historian::{Historian, Options};
use crate::io::modbus::map::DeviceMap;
use crate::io::report::{PlainReport, print_sheet};
use crate::live::TagTable;
use crate::live::estimate::tags_of_sensors;
use crate::network::Network;
use crate::physics::calendar::HOUR_S;
use crate::physics::weather::WeatherSeries;

/// A historian that is open, with its tags.
struct Folder {
    historian: Historian,
    tags: TagTable,
    map: Option<DeviceMap>,
    offset_ms: i64,
}

impl Folder {
    fn open(given: &Energy, network: &Network, printer: &Printer) -> Result<Folder, Failure> {
        let map = given.map.as_deref().map(DeviceMap::read).transpose().map_err(|error| printer.refusal(&error))?;
        let tags = match &map {
            Some(map) => map.tags().map_err(|twice| Failure::input(twice.to_string()))?,
            None => tags_of_sensors(network),
        };
        let offset_ms = i64::from(given.offset) * 60_000;
        let options = Options { offset_ms, ..Options::default() };
        let historian = Historian::read(&given.history, options).map_err(|error| printer.refusal(&error))?;
        // What a damaged file held is missing from every figure.
        let damage = historian.damage();
        if !damage.is_empty() {
            printer.error(&damage.text(printer.language));
        }
        Ok(Folder { historian, tags, map, offset_ms })
    }

    fn tagged(&self) -> Tagged<'_> {
        Tagged { historian: &self.historian, tags: &self.tags, map: self.map.as_ref(), offset_ms: self.offset_ms }
    }
}

pub fn run(given: &Energy, printer: &Printer) -> Result<(), Failure> {
    let texts = printer.language.texts();
    let network = match given.format {
        TableFormat::Json => load_for_json(&given.file, printer)?,
        _ => load(&given.file, printer)?,
    };
    let weather = super::weather::read(given.weather.as_deref(), printer)?;
    let folder = given.history.is_dir().then(|| Folder::open(given, &network, printer)).transpose()?;
    let history = measured(given, &network, folder.as_ref(), weather.as_ref(), printer)?;
    let hour = |time_s: f64| (time_s / HOUR_S).floor() as i64;
    let Some(span) = history.span() else { return Err(Failure::input(texts.get("energy-nothing-known"))) };
    let (from, to) = (given.from.map_or(span.0, hour), given.to.map_or(span.1, hour));
    if from >= to || to <= span.0 || from >= span.1 {
        let arguments =
            [("from", period_edge(span.0)), ("to", period_edge(span.1))].map(|(name, text)| (name, text.into()));
        return Err(Failure::input(texts.with("energy-not-in-history", &arguments)));
    }
    let setting = Setting {
        base_c: given.base,
        least_share: given.least_known / 100.0,
        step: given.every.map(|every| match every {
            Piece::Day => Step::Day,
            Piece::Month => Step::Month,
            Piece::Season => Step::Season,
        }),
        other: given.with.map(|(from, to)| Period::new(hour(from), hour(to))),
        ..Setting::new(Period::new(from, to))
    };
    let read = |path: &Path| energy::read_plan(path, &history);
    let plan = given.plan.as_deref().map(read).transpose().map_err(|error| printer.refusal(&error))?;
    let read = |path: &Path| energy::read_targets(path, &history);
    let targets = given.targets.as_deref().map(read).transpose().map_err(|error| printer.refusal(&error))?;
    let view = analyse(&history, &setting, plan.as_ref(), &targets.unwrap_or_default());
    if let Some(path) = &given.regulator {
        let Some(folder) = &folder else { return Err(Failure::input(texts.get("energy-regulator-needs-folder"))) };
        let lines = appendix::appendix(&folder.tagged(), &network, setting.period);
        let lines = lines.map_err(|error| printer.refusal(&error))?;
        printer.data(Some(path), appendix::to_csv(&lines).as_bytes())?;
    }
    let sheet = || energy::sheet(&view, &history, printer.language, given.rows as usize);
    if let Some(path) = &given.report {
        let made = Moment::now(given.offset);
        let get = |key: &str| texts.get(key).into_owned();
        let mut facts = vec![
            (get("report-network"), network.settings().title.clone()),
            (get("energy-head-period"), energy::period_text(setting.period)),
            (get("energy-history"), given.history.display().to_string()),
            (get("report-made"), made.to_string()),
        ];
        if !given.who.is_empty() {
            facts.push((get("report-who"), given.who.clone()));
        }
        let report = PlainReport { sheet: &sheet(), facts: &facts, language: printer.language, made, who: &given.who };
        printer.data(Some(path), &print_sheet(&report).bytes)?;
    }
    let data = match given.format {
        TableFormat::Text => sheet_text(&sheet()),
        TableFormat::Json => format!("{:#}\n", energy::json(&view)),
        TableFormat::Csv => energy::csv(&view),
    };
    printer.data(given.output.as_deref(), data.as_bytes())
}

fn period_edge(hour: i64) -> String {
    crate::io::dispatch::time_text(hour as f64 * HOUR_S)
}

/// Meters, from whatever was given.
fn measured(
    given: &Energy,
    network: &Network,
    folder: Option<&Folder>,
    weather: Option<&WeatherSeries>,
    printer: &Printer,
) -> Result<EnergyHistory, Failure> {
    let heat_of_fuel_j_t: Vec<(String, f64)> =
        given.fuels.iter().map(|(id, gigajoules)| (id.clone(), 1e9 * gigajoules)).collect();
    let found = match folder {
        Some(folder) => energy::of_historian(&folder.tagged(), network, &heat_of_fuel_j_t),
        None => {
            let start_s = given.start.or(weather.map(|series| series.span_s().0)).unwrap_or(0.0);
            let reading = Reading { start_s, span: given.roll_over, heat_of_fuel_j_t };
            energy::read(&given.history, network, &reading)
        }
    };
    let mut history = found.map_err(|error| printer.refusal(&error))?;
    for (id, _) in &given.fuels {
        if history.find(crate::dispatch::energy::PlaceKind::Source, id).is_none() {
            let text = printer.language.texts().with("energy-no-source", &[("id", id.clone().into())]);
            return Err(Failure::input(text));
        }
    }
    if let Some(hourly) = weather.and_then(HourlyWeather::of) {
        let hours = hourly.first_hour()..hourly.end_hour();
        let celsius = hours.map(|hour| hourly.at(hour).map(|weather| weather.temperature_c)).collect();
        history.outdoor = Some(Outdoor::new(hourly.first_hour(), celsius));
    }
    Ok(history)
}
