//! `calibrate`: roughnesses, openings and pump curves from a history, judged by days held out.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::table::Table;
use super::{line, load, load_for_json};
use crate::cli::args::{Calibrate, PipeGroup, TextOrJson};
use crate::cli::{Failure, Printer};
use crate::io;
use crate::io::historian::{Historian, Options as HistorianOptions};
use crate::io::modbus::map::DeviceMap;
use crate::live::estimate::calibrate::{Calibration, Parameter, Spread, calibrate};
use crate::live::estimate::moments::Moments;
use crate::live::estimate::{Options, tags_of_sensors};
use crate::live::{TagTable, Timestamp};
use crate::network::edit::Edit;
use crate::network::{ElementKind, ElementRef, LinkId, Network, Side};
use crate::units::Quantity;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;
/// Probability of a false name an estimate while the model may still be wrong: only what is grossly off is left out.
const FALSE_ALARM: f64 = 1e-9;

pub fn run(given: &Calibrate, printer: &Printer) -> Result<(), Failure> {
    let texts = printer.language.texts();
    let mut network = match given.format {
        TextOrJson::Json => load_for_json(&given.file, printer)?,
        TextOrJson::Text => load(&given.file, printer)?,
    };
    let tags = Arc::new(match &given.map {
        Some(map) => {
            let map = DeviceMap::read(map).map_err(|error| printer.refusal(&error))?;
            map.tags().map_err(|twice| Failure::input(twice.to_string()))?
        }
        None => tags_of_sensors(&network),
    });
    let parameters = parameters(given, &network, printer)?;
    let mut moments = Moments::new(i64::from(given.every) * MINUTE_MS);
    read(given, &tags, &mut moments, printer)?;
    let [history, held_out] = moments.split(i64::from(given.hold_out) * DAY_MS);
    if history.is_empty() || held_out.is_empty() {
        let days = given.hold_out.to_string();
        return Err(Failure::input(texts.with("calibrate-too-short", &[("days", days.into())])));
    }
    let options = Options { false_alarm: FALSE_ALARM, ..Options::default() };
    let own = Arc::new(network.clone());
    let spinner = printer.spinner(&texts.get("calibrate-at-work"));
    let found = calibrate(&own, &tags, &parameters, [&history, &held_out], &options, given.assumed);
    spinner.finish_and_clear();
    let found = found.map_err(|found| {
        let texts: Vec<String> = found.iter().map(|finding| printer.finding_text(finding)).collect();
        Failure::input(texts.join("\n"))
    })?;
    let moments = [history.len(), held_out.len()];
    let told = Told { network: &own, parameters: &parameters, found: &found, moments, printer };
    let data = match given.format {
        TextOrJson::Text => told.text(),
        TextOrJson::Json => told.json(),
    };
    printer.data(None, data.as_bytes())?;
    // What does not predict better what it has not seen is no calibration (NaN counts as that).
    let better = found.settled && found.after.root_mean_square_pa < found.before.root_mean_square_pa;
    if !better {
        return Err(Failure::input(texts.get("calibrate-not-better").into_owned()));
    }
    let label = texts.get("calibrate-edit").into_owned();
    let edit = Edit::Batch { label, edits: found.edits };
    edit.apply(&mut network).map_err(|error| Failure::Ours(error.to_string()))?;
    io::file::write(&given.output, &network).map_err(|error| printer.refusal(&error))?;
    printer.say(&texts.with("calibrate-written", &[("path", given.output.display().to_string().into())]));
    Ok(())
}

/// Takes the history in, tag by tag.
fn read(given: &Calibrate, tags: &TagTable, moments: &mut Moments, printer: &Printer) -> Result<(), Failure> {
    if let Some(samples) = &given.samples {
        for sample in io::samples::read(samples, tags).map_err(|error| printer.refusal(&error))? {
            moments.take(sample.tag, sample.source_time, sample.value, sample.quality);
        }
    }
    let Some(folder) = &given.history else { return Ok(()) };
    let historian = Historian::read(folder, HistorianOptions::default()).map_err(|error| printer.refusal(&error))?;
    let damage = historian.damage();
    if !damage.is_empty() {
        printer.error(&damage.text(printer.language));
    }
    let bar = printer.progress(tags.len() as u64, &printer.language.texts().get("calibrate-reading"));
    for (id, tag) in tags.iter() {
        bar.inc(1);
        let Some(key) = historian.key(&tag.name) else { continue };
        let (from, to) = (Timestamp::from_ms(i64::MIN), Timestamp::from_ms(i64::MAX));
        for reading in historian.range(key, from, to).map_err(|error| printer.refusal(&error))? {
            moments.take(id, reading.source_time, reading.value, reading.quality);
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// What is to be found: groups of pipes by name, valves and pumps by id.
fn parameters(given: &Calibrate, network: &Network, printer: &Printer) -> Result<Vec<Parameter>, Failure> {
    let mut groups: BTreeMap<String, Vec<LinkId>> = BTreeMap::new();
    for view in network.links() {
        let Some(pipe) = view.pipe() else { continue };
        let name = match given.group {
            PipeGroup::None => continue,
            PipeGroup::All => "*".to_owned(),
            PipeGroup::Diameter => match pipe.inner_diameter_m {
                bore_m if bore_m <= 0.15 => "≤ 150 mm",
                bore_m if bore_m <= 0.3 => "≤ 300 mm",
                _ => "> 300 mm",
            }
            .to_owned(),
            PipeGroup::Year => pipe
                .details
                .year_laid
                .map_or_else(|| "–".to_owned(), |year| format!("{}–{}", year / 10 * 10, year / 10 * 10 + 9)),
            PipeGroup::Side => {
                let key = match network.node(view.from).map(|node| node.side) {
                    Some(Side::Supply) => "side-supply",
                    Some(Side::Return) => "side-return",
                    Some(Side::Single) | None => "side-single",
                };
                printer.language.texts().get(key).into_owned()
            }
        };
        groups.entry(name).or_default().push(view.handle);
    }
    let mut out: Vec<Parameter> =
        groups.into_iter().map(|(name, pipes)| Parameter::Roughness { name, pipes }).collect();
    let find = |kind: ElementKind, id: &String| {
        let element = ElementRef::new(kind, id.as_str());
        network.find_link(&element).ok_or_else(|| {
            let texts = printer.language.texts();
            Failure::input(texts.with("message-no-such-element", &[("element", element.to_string().into())]))
        })
    };
    for id in &given.valves {
        out.push(Parameter::Opening(find(ElementKind::Valve, id)?));
    }
    for id in &given.pumps {
        out.push(Parameter::Head(find(ElementKind::Pump, id)?));
    }
    Ok(out)
}

struct Told<'a> {
    network: &'a Network,
    parameters: &'a [Parameter],
    found: &'a Calibration,
    /// Moments fitted to, and held out.
    moments: [usize; 2],
    printer: &'a Printer,
}

impl Told<'_> {
    /// Kind and name of a parameter, as words of JSON.
    fn words(&self, parameter: &Parameter) -> (&'static str, String) {
        match parameter {
            Parameter::Roughness { name, .. } => ("roughness", name.clone()),
            Parameter::Opening(valve) => ("opening", self.network.link_name(*valve).to_string()),
            Parameter::Head(pump) => ("head", self.network.link_name(*pump).to_string()),
        }
    }

    fn title(&self, parameter: &Parameter) -> String {
        let (kind, name) = self.words(parameter);
        let key = match kind {
            "roughness" => "calibrate-roughness",
            "opening" => "calibrate-opening-of",
            _ => "calibrate-head-of",
        };
        self.printer.language.texts().with(key, &[("name", name.into())])
    }

    fn text(&self) -> String {
        let texts = self.printer.language.texts();
        let mut out = String::new();
        let head = [("history", self.moments[0].to_string().into()), ("held", self.moments[1].to_string().into())];
        let key = if self.found.settled { "calibrate-head" } else { "calibrate-head-unsettled" };
        line(&mut out, format_args!("{}", texts.with(key, &head)));
        let mut table =
            Table::new(&[("calibrate-what", None), ("calibrate-factor", None), ("calibrate-deviation", None)]);
        for (parameter, found) in self.parameters.iter().zip(&self.found.found) {
            let deviation = format!("{:.0} %", 100.0 * found.deviation);
            table.row(vec![self.title(parameter), format!("{:.3}", found.factor), deviation]);
        }
        out.push_str(&table.text(self.printer));
        out.push('\n');
        let pressure = Some(Quantity::PressureDifference);
        let mut table = Table::new(&[
            ("calibrate-part", None),
            ("calibrate-count", None),
            ("calibrate-median", pressure),
            ("calibrate-ninety", pressure),
            ("calibrate-mean-square", pressure),
        ]);
        let [before, after] = &self.found.history;
        for (key, spread) in [
            ("calibrate-history-before", before),
            ("calibrate-history-after", after),
            ("calibrate-held-before", &self.found.before),
            ("calibrate-held-after", &self.found.after),
        ] {
            let number = |value: f64| self.printer.units.number(Quantity::PressureDifference, value);
            table.row(vec![
                texts.get(key).into_owned(),
                spread.count.to_string(),
                number(spread.median_pa),
                number(spread.ninety_pa),
                number(spread.root_mean_square_pa),
            ]);
        }
        out.push_str(&table.text(self.printer));
        out
    }

    fn json(&self) -> String {
        let spread = |spread: &Spread| {
            json!({
                "values": spread.count, "median_pa": spread.median_pa, "90_pa": spread.ninety_pa,
                "root_mean_square_pa": spread.root_mean_square_pa,
            })
        };
        let parameters: Vec<Value> = self
            .parameters
            .iter()
            .zip(&self.found.found)
            .map(|(parameter, found)| {
                let (kind, name) = self.words(parameter);
                json!({ "kind": kind, "name": name, "factor": found.factor, "deviation": found.deviation })
            })
            .collect();
        let [before, after] = &self.found.history;
        let whole = json!({
            "settled": self.found.settled, "rounds": self.found.rounds,
            "moments": { "history": self.moments[0], "held_out": self.moments[1] },
            "parameters": parameters,
            "history": { "before": spread(before), "after": spread(after) },
            "held_out": { "before": spread(&self.found.before), "after": spread(&self.found.after) },
        });
        format!("{whole:#}\n")
    }
}
