//! A city through a heating season: heat, electricity, fuel, water and rooms, summed up for the sheet.
//!
//! Stations with their buildings, plants of the sources, supply temperatures by a curve over the outdoor temperature, ordered anew every
//! four hours; three days run before anything is counted. The curve is the same before and after a retrofit, and follows the weather
//! as far as it goes, since stations that nobody regulates have no other control. Not here: prices, plans, rules (`alternative`).

use crate::dispatch::balance::pump_powers;
use crate::network::{Connection, ElementRef, Finding, Network};
use crate::physics::source::GRID_CO2_KG_J;
use crate::physics::weather::WeatherSeries;
use crate::simulation::{Options, PlantTotals, RegulatedSupply, Simulation, equip};

/// Time before the count begins, s.
const BEFORE_S: f64 = 3.0 * 86_400.0;
const HOUR_S: f64 = 3600.0;
/// The coldest so many hours are the coldest day.
const DAY_H: usize = 24;
/// Supply temperature that the curve may fall to where nothing regulates the stations and no machine needs more, °C: then it has to
/// follow the weather all the way.
const LEAST_SUPPLY_C: f64 = 30.0;

/// What a season is.
#[derive(Clone, Debug)]
pub struct Climate {
    pub weather: WeatherSeries,
    /// As `physics::calendar` counts.
    pub start_calendar_s: f64,
    pub hours: usize,
    pub step_s: f64,
    /// Return temperature the curve of the sources is drawn through, °C, and the least supply temperature.
    pub curve_return_c: f64,
    pub least_supply_c: f64,
}

impl Climate {
    /// The season for a city before a retrofit, and after it. `least_supply_c`: none, as far as the curve goes.
    pub fn new(
        network: &Network,
        weather: WeatherSeries,
        start_calendar_s: f64,
        hours: usize,
        least_supply_c: Option<f64>,
    ) -> Climate {
        let returns: Vec<f64> =
            network.links().filter_map(|view| view.consumer().map(|one| one.return_temperature_c)).collect();
        Climate {
            weather,
            start_calendar_s,
            hours,
            step_s: 900.0,
            curve_return_c: returns.iter().sum::<f64>() / returns.len() as f64,
            least_supply_c: least_supply_c.unwrap_or(LEAST_SUPPLY_C),
        }
    }
}

/// What a season came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Season {
    pub hours: usize,
    /// Given by the sources, taken by the consumers, lost by the pipes.
    pub supplied_j: f64,
    pub consumed_j: f64,
    pub lost_j: f64,
    /// By source: id and heat.
    pub sources: Vec<(String, f64)>,
    pub fuel_j: f64,
    /// Heat over fuel of the plants named when it was run.
    pub efficiency: f64,
    /// Electricity of pumps that move primary water (sources, distributed ones), and of stations (circulation, heat pumps).
    pub pumps_j: f64,
    pub stations_j: f64,
    /// Of that, heat pumps and electric boilers.
    pub boosters_j: f64,
    /// Of the plants as their models have it, and of all this electricity.
    pub co2_kg: f64,
    /// Primary water through the sources.
    pub pumped_kg: f64,
    /// Means over that water, °C.
    pub supply_c: f64,
    pub return_c: f64,
    /// Make-up water of the secondary networks.
    pub make_up_kg: f64,
    /// Mean of all rooms (by heat loss), the coldest building at any hour, °C.
    pub room_c: f64,
    pub coldest_room_c: f64,
    /// Coldest building of each station below its design, K h in the mean of the stations.
    pub unmet_k_h: f64,
    /// Heat of the stations named when it was run, mean of the coldest day, W.
    pub coldest_day_w: f64,
    pub outdoor_c: f64,
    pub steps_without_solution: usize,
}

impl Season {
    /// Heat from the sources and electricity, both as energy.
    pub fn energy_j(&self) -> f64 {
        self.supplied_j + self.pumps_j + self.stations_j
    }
}

/// Runs a season. `meant`: the elements whose capacity and efficiency are told; none of a kind: all of it.
pub fn run(
    network: &Network,
    climate: &Climate,
    meant: &[ElementRef],
    mut hour_done: impl FnMut(),
) -> Result<Season, Vec<Finding>> {
    let start_s = climate.start_calendar_s - BEFORE_S;
    let options = Options { step_s: climate.step_s, start_calendar_s: start_s, ..Options::default() };
    let mut simulation = Simulation::new(network, options)?;
    equip_with(network, &mut simulation, climate);
    let mut count = Count::new(network, &simulation, meant);
    let steps = |seconds: f64| (seconds / climate.step_s).round() as usize;
    let (before, each) = (steps(BEFORE_S), steps(HOUR_S).max(1));
    let weather_at =
        |simulation: &Simulation| climate.weather.mean(options.start_calendar_s + simulation.time_s(), climate.step_s);
    for _ in 0..before {
        let now = weather_at(&simulation);
        simulation.step(network, now);
    }
    count.begin(&simulation);
    for _ in 0..climate.hours {
        for _ in 0..each {
            let now = weather_at(&simulation);
            let report = simulation.step(network, now);
            count.out.outdoor_c += now.temperature_c / (climate.hours * each) as f64;
            count.out.steps_without_solution += usize::from(!report.converged);
            count.water(&simulation, climate.step_s);
        }
        count.hour(network, &simulation, weather_at(&simulation).temperature_c);
        hour_done();
    }
    Ok(count.end(&simulation, climate.hours))
}

/// Puts in stations, supply curves and plants.
fn equip_with(network: &Network, simulation: &mut Simulation, climate: &Climate) {
    let outdoor_c = climate.weather.mean(simulation.options.start_calendar_s, climate.step_s).temperature_c;
    equip::consumers(network, simulation, true, outdoor_c);
    let design_c = network.settings().design_or_present_outdoor_c();
    for view in network.links().filter(|view| view.source().is_some()) {
        let Some(source) = view.source().filter(|source| source.exchanger.is_none()) else { continue };
        let capacity_w = source.capacity_w.unwrap_or(f64::INFINITY);
        let supply_c = source.supply_temperature_c;
        let curve = RegulatedSupply::from_design(supply_c, climate.curve_return_c, design_c, outdoor_c, capacity_w);
        if let Some(curve) = curve {
            // A source that does not run has no place.
            let _ = simulation.set_source(view.handle, Box::new(curve.at_least(climate.least_supply_c, outdoor_c)));
        }
    }
    equip::plants(network, simulation);
}

/// Sums under way.
struct Count {
    out: Season,
    /// Rows of the consumers and sources that are meant.
    stations: Vec<bool>,
    plants: Vec<bool>,
    supply_kg_k: f64,
    return_kg_k: f64,
    rooms: (f64, f64),
    /// Outdoor temperature and heat of the stations meant, by hour.
    hours: Vec<(f64, f64)>,
    start: Option<Totals>,
}

/// Readings of meters that count from the start of the simulation.
struct Totals {
    supplied_j: f64,
    consumed_j: f64,
    lost_j: f64,
    stations_j: f64,
    boosters_j: f64,
    make_up_kg: f64,
    plants: Vec<Option<PlantTotals>>,
}

impl Totals {
    fn of(simulation: &Simulation) -> Totals {
        let total = simulation.total();
        let stations = || simulation.consumers().filter_map(|(model, _)| model.station());
        Totals {
            supplied_j: total.supplied_j,
            consumed_j: total.consumed_j,
            lost_j: total.lost_j,
            stations_j: simulation.consumers().map(|(model, _)| model.electricity_j()).sum(),
            boosters_j: stations().map(|station| station.booster_electricity_j()).sum(),
            make_up_kg: stations().map(|station| station.make_up_kg()).sum(),
            plants: simulation.sources().map(|(model, _)| model.plant().copied()).collect(),
        }
    }
}

impl Count {
    fn new(network: &Network, simulation: &Simulation, meant: &[ElementRef]) -> Count {
        let handles: Vec<_> = meant.iter().filter_map(|element| network.find_link(element)).collect();
        let mut stations = vec![false; simulation.consumers().count()];
        let mut plants = vec![false; simulation.sources().count()];
        for link in handles {
            if let Some(row) = simulation.consumer_row(link) {
                stations[row] = true;
            }
            if let Some(row) = simulation.source_row(link) {
                plants[row] = true;
            }
        }
        for rows in [&mut stations, &mut plants] {
            if rows.iter().all(|row| !row) {
                rows.fill(true);
            }
        }
        let mut sources = vec![(String::new(), 0.0); plants.len()];
        for view in network.links() {
            if let Some(row) = simulation.source_row(view.handle) {
                sources[row].0 = view.id.to_string();
            }
        }
        Count {
            out: Season { sources, coldest_room_c: f64::INFINITY, ..Season::default() },
            stations,
            plants,
            supply_kg_k: 0.0,
            return_kg_k: 0.0,
            rooms: (0.0, 0.0),
            hours: Vec::new(),
            start: None,
        }
    }

    fn begin(&mut self, simulation: &Simulation) {
        self.start = Some(Totals::of(simulation));
    }

    /// Water and heat of the sources in a step.
    fn water(&mut self, simulation: &Simulation, step_s: f64) {
        for (row, (_, passed)) in simulation.sources().enumerate() {
            self.out.sources[row].1 += passed.heat_w * step_s;
            if simulation.problem().passes_on(row) || passed.mass_flow_kg_s <= 0.0 {
                continue;
            }
            let mass_kg = passed.mass_flow_kg_s * step_s;
            self.out.pumped_kg += mass_kg;
            self.supply_kg_k += mass_kg * passed.outlet_c;
            self.return_kg_k += mass_kg * passed.inlet_c;
        }
    }

    /// Pumps and rooms at the end of an hour.
    fn hour(&mut self, network: &Network, simulation: &Simulation, outdoor_c: f64) {
        let solution = simulation.solution_with_machines(network);
        // The pump of a mixing station drives the users' circuit, which its station counts.
        let own = |link| network.link_view(link).and_then(|view| view.consumer().map(|one| one.connection));
        let moves_primary = |link| !own(link).is_some_and(Connection::mixes);
        let powers = pump_powers(network, &solution);
        let pumps_w: f64 = powers.iter().filter(|power| moves_primary(power.link)).map(|power| power.power_w).sum();
        self.out.pumps_j += pumps_w * HOUR_S;
        let (mut unmet_k, mut count, mut meant_w) = (0.0, 0.0_f64, 0.0);
        for (row, (model, _)) in simulation.consumers().enumerate() {
            let Some(station) = model.station() else { continue };
            let at = station.instant();
            for building in station.buildings() {
                self.rooms.0 += building.loss_w * building.room_c;
                self.rooms.1 += building.loss_w;
            }
            self.out.coldest_room_c = self.out.coldest_room_c.min(at.room_c);
            unmet_k += (at.design_room_c - at.room_c).max(0.0);
            count += 1.0;
            if self.stations[row] {
                meant_w += at.heat_w;
            }
        }
        self.out.unmet_k_h += unmet_k / count.max(1.0);
        self.hours.push((outdoor_c, meant_w));
    }

    fn end(self, simulation: &Simulation, hours: usize) -> Season {
        let Count { mut out, plants, hours: by_hour, .. } = self;
        let now = Totals::of(simulation);
        let Some(start) = self.start else { return out };
        out.hours = hours;
        out.supplied_j = now.supplied_j - start.supplied_j;
        out.consumed_j = now.consumed_j - start.consumed_j;
        out.lost_j = now.lost_j - start.lost_j;
        out.stations_j = now.stations_j - start.stations_j;
        out.boosters_j = now.boosters_j - start.boosters_j;
        out.make_up_kg = now.make_up_kg - start.make_up_kg;
        let (mut heat_j, mut fuel_j) = (0.0, 0.0);
        for (row, (now, start)) in now.plants.iter().zip(&start.plants).enumerate() {
            let (Some(now), Some(start)) = (now, start) else { continue };
            out.fuel_j += now.fuel_j - start.fuel_j;
            out.co2_kg += now.co2_kg - start.co2_kg;
            if plants[row] {
                heat_j += now.heat_j - start.heat_j;
                fuel_j += now.fuel_j - start.fuel_j;
            }
        }
        out.efficiency = heat_j / fuel_j;
        out.co2_kg += GRID_CO2_KG_J * (out.pumps_j + out.stations_j);
        out.supply_c = self.supply_kg_k / out.pumped_kg;
        out.return_c = self.return_kg_k / out.pumped_kg;
        out.room_c = self.rooms.0 / self.rooms.1;
        let day = |hours: &[(f64, f64)]| {
            let count = hours.len() as f64;
            (hours.iter().map(|hour| hour.0).sum::<f64>() / count, hours.iter().map(|hour| hour.1).sum::<f64>() / count)
        };
        let coldest = by_hour.windows(DAY_H.min(by_hour.len()).max(1)).map(day).min_by(|a, b| a.0.total_cmp(&b.0));
        out.coldest_day_w = coldest.map_or(f64::NAN, |(_, heat_w)| heat_w);
        out
    }
}
