//! One way through time: a network with its models, its series and what it could not solve.

use std::sync::Arc;

use serde_json::Value;

use super::losses;
use super::series::{Place, Series};
use super::summary;
use super::tally::Tally;
use crate::cli::args::Simulate;
use crate::cli::{Failure, Printer};
use crate::network::{Finding, LinkId, Network};
use crate::physics::weather::{Weather, WeatherSeries};
use crate::simulation::equip::{self, Unmodelled};
use crate::simulation::{Ground, Options, Simulation};

/// What was asked for, the same for every way.
pub struct Setting<'a> {
    given: &'a Simulate,
    options: Options,
    weather: Option<WeatherSeries>,
    outdoor_c: f64,
    every: u64,
}

impl<'a> Setting<'a> {
    pub fn new(given: &'a Simulate, network: &Network, weather: Option<WeatherSeries>) -> Setting<'a> {
        let mut options = Options { step_s: given.step, ..Options::default() };
        if let Some(start_s) = given.start.or(weather.as_ref().map(|series| series.span_s().0)) {
            options.start_calendar_s = start_s;
        }
        if let Some(climate) = given.ground {
            options.ground = Ground::Seasonal(climate);
        }
        let outdoor_c = network.settings().outdoor_temperature_c;
        Setting { given, options, weather, outdoor_c, every: (given.every / given.step).round().max(1.0) as u64 }
    }

    fn weather_at(&self, time_s: f64) -> Weather {
        match &self.weather {
            Some(series) => series.mean(self.options.start_calendar_s + time_s, self.given.step),
            None => Weather { temperature_c: self.outdoor_c, wind_m_s: 0.0, solar_w_m2: 0.0 },
        }
    }
}

/// A run.
pub struct Way<'a> {
    pub network: &'a Network,
    pub simulation: Simulation,
    pub series: Series,
    /// Outdoor temperature of the last step, °C.
    pub outdoor_c: f64,
    steps: u64,
    unsolved: u64,
    tally: Tally,
}

fn refused(findings: &[Finding], printer: &Printer) -> Failure {
    printer.findings(findings);
    Failure::Input(None)
}

impl<'a> Way<'a> {
    /// From the start.
    pub fn new(network: &'a Network, setting: &Setting<'_>, printer: &Printer) -> Result<Way<'a>, Failure> {
        let mut simulation =
            Simulation::new(network, setting.options).map_err(|findings| refused(&findings, printer))?;
        put_in(network, &mut simulation, setting, printer, |_| true);
        Ok(Way::of(network, simulation, setting))
    }

    fn of(network: &'a Network, simulation: Simulation, setting: &Setting<'_>) -> Way<'a> {
        let ids = setting.given.elements.iter();
        let places = ids.filter_map(|id| Some((id.clone(), Place::of(network, id)?))).collect();
        let series = Series::new(places, &simulation);
        Way {
            network,
            simulation,
            series,
            outdoor_c: setting.outdoor_c,
            steps: 0,
            unsolved: 0,
            tally: Tally::default(),
        }
    }

    /// On from this instant in a changed network; models of what changed are put in anew.
    pub fn branch<'b>(
        &self,
        network: &'b Network,
        setting: &Setting<'_>,
        printer: &Printer,
    ) -> Result<Way<'b>, Failure> {
        let continued = self.simulation.onto(self.network, network).map_err(|findings| refused(&findings, printer))?;
        let mut simulation = continued.simulation;
        put_in(network, &mut simulation, setting, printer, |link| continued.fresh.contains(&link));
        Ok(Way { steps: self.steps, tally: self.tally, ..Way::of(network, simulation, setting) })
    }

    /// A step, and a row of the series where one is due.
    pub fn step(&mut self, setting: &Setting<'_>, last: bool) {
        let now = setting.weather_at(self.simulation.time_s());
        let report = self.simulation.step(self.network, now);
        self.outdoor_c = now.temperature_c;
        self.unsolved += u64::from(!report.converged);
        self.tally.add(&self.simulation);
        self.steps += 1;
        if self.steps.is_multiple_of(setting.every) || last {
            self.series.add(&self.simulation, now);
        }
    }

    pub fn summary(&self, printer: &Printer) -> Value {
        let mut value = summary::json(self.network, &self.simulation, printer);
        value["steps_without_solution"] = self.unsolved.into();
        self.tally.write(&self.simulation, &mut value);
        value["lost_by_zone_j"] = losses::json(self);
        value
    }

    /// Whether all steps were solved; says so where not.
    pub fn tell_unsolved(&self, printer: &Printer) -> bool {
        if self.unsolved > 0 {
            let arguments = [("steps", self.unsolved.to_string().into())];
            printer.say(&printer.language.texts().with("cli-simulate-unsolved", &arguments));
        }
        self.unsolved == 0
    }
}

/// The models asked for, at the elements wanted.
fn put_in(
    network: &Network,
    simulation: &mut Simulation,
    setting: &Setting<'_>,
    printer: &Printer,
    wanted: impl Fn(LinkId) -> bool,
) {
    let given = setting.given;
    let outdoor_c = setting.weather_at(simulation.time_s()).temperature_c;
    let mut left: Vec<Unmodelled> = Vec::new();
    if given.buildings || setting.weather.is_some() {
        left.extend(equip::consumers_where(network, simulation, given.buildings, outdoor_c, &wanted));
    }
    if given.supply_curve {
        equip::sources_where(network, simulation, outdoor_c, &Arc::default(), &wanted);
    }
    if given.plants {
        left.extend(equip::plants_where(network, simulation, &wanted));
    }
    for Unmodelled { element, fault } in left {
        let arguments = [("element", element.to_string().into()), ("reason", fault.to_string().into())];
        printer.say(&printer.language.texts().with("cli-simulate-no-model", &arguments));
    }
}
