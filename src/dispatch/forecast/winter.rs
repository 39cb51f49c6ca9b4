//! A winter's heat meters, made with the simulator: something to try forecasts on whose equations are not the forecast's own.
//!
//! The network runs through the weather step by step with every building, exchanger, valve motor and pipe of its own (water takes its
//! time, temperatures follow flows). Dispatchers order supply temperatures every four hours by a weather forecast that is wrong;
//! controllers see the outdoor temperature late, lower it at night or at weekends, or follow a timetable of their own; some
//! buildings have thermostatic valves, all have windows, people and draughts. On top come tap water by the habits of
//! households, and new buildings joined to some substations. Meters round, err and fail. All chance comes from a seed. Not here:
//! what forecasts learn of it.

use std::sync::Arc;

use super::calendar::{DayKind, Holidays};
use super::history::{HourlyLoad, LoadHistory, Subject};
use crate::dispatch::weather::{HourlyWeather, Wander, WeatherUncertainty};
use crate::network::thermal::{Served, ServedSystem};
use crate::network::{Demand, Finding, LinkId, Name, Network, Priority};
use crate::physics::building::{BuildingControl, Thermostat};
use crate::physics::calendar::HOUR_S;
use crate::physics::weather::WeatherSeries;
use crate::simulation::equip::HEAT_CAPACITY_J_KGK;
use crate::simulation::{HeatedStation, Options, Simulation, equip};

/// What to make.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Winter {
    pub days: usize,
    pub step_s: f64,
    pub seed: u64,
}

impl Default for Winter {
    fn default() -> Self {
        Winter { days: 120, step_s: 300.0, seed: 1 }
    }
}

const ORDER_HOURS: i64 = 4;

/// How a substation is run and used.
struct Habits {
    /// Tap water: mean heat, W, and its chance.
    tap_w: f64,
    tap: Wander,
    early_riser: f64,
    /// From this hour on so many times the load.
    joined: Option<(i64, f64)>,
    meter: Meter,
}

/// A heat meter that is read by the hour.
struct Meter {
    chance: Wander,
    /// What it shows is a multiple of this, J.
    resolution_j: f64,
    shown_j: f64,
    true_j: f64,
    silent_hours: i64,
}

impl Meter {
    fn new(seed: u64, purpose: u64, design_w: f64) -> Meter {
        // Ten kilowatt hours, or a thousandth of an hour at design for large ones.
        let resolution_j = (0.001 * design_w * HOUR_S).max(36e6_f64.min(0.01 * design_w * HOUR_S));
        Meter { chance: Wander::new(seed, purpose), resolution_j, shown_j: 0.0, true_j: 0.0, silent_hours: 0 }
    }

    /// What the hour looks like from outside, W.
    fn read(&mut self, heat_w: f64) -> Option<f64> {
        self.true_j += heat_w * HOUR_S * (1.0 + 0.01 * self.chance.normal());
        let shown_j = (self.true_j / self.resolution_j).floor() * self.resolution_j;
        let passed_j = shown_j - self.shown_j;
        self.shown_j = shown_j;
        // Connections fail once in twelve days, for hours, sometimes for days.
        if self.silent_hours > 0 {
            self.silent_hours -= 1;
            return None;
        }
        if self.chance.share() < 1.0 / 300.0 {
            let long = self.chance.share();
            self.silent_hours = (1.0 + 40.0 * long * long * long) as i64;
            return None;
        }
        // A digit wrong, once in two months.
        let wrong = if self.chance.share() < 1.0 / 1500.0 { 5.0 } else { 1.0 };
        Some(wrong * passed_j / HOUR_S)
    }
}

/// Tap water over its mean, by hour of the day: nights, mornings, evenings; later and flatter on days off.
fn tap_share(hour: i64, kind: DayKind, early_h: f64) -> f64 {
    let time_h = hour.rem_euclid(24) as f64 + 0.5;
    let (morning_h, height) = if kind == DayKind::Work { (7.0 - early_h, 2.2) } else { (9.0, 1.5) };
    let bump = |at_h: f64, width_h: f64| (-((time_h - at_h) / width_h).powi(2)).exp();
    let people = if kind == DayKind::Festival { 0.65 } else { 1.0 };
    people * (0.35 + height * bump(morning_h, 1.3) + 0.7 * bump(12.5, 1.5) + 1.9 * bump(20.5 - early_h, 2.2))
}

/// Makes station systems live: late controllers, timetables, windows, people, draughts, valves.
fn live(systems: &mut [ServedSystem], priority: Priority, chance: &mut Wander) {
    let offices = matches!(priority, Priority::School) || chance.share() < 0.12;
    let timetable = chance.share() < 0.5;
    let (valves, filter_s) = (chance.share() < 0.3, HOUR_S * (1.0 + 7.0 * chance.share()));
    let (night_k, boost_k) = (-4.0 - 5.0 * chance.share(), 2.0 + 3.0 * chance.share());
    let (sun, gain, wind) = (0.02 + 0.05 * chance.share(), 1.5 * chance.share(), 0.006 + 0.014 * chance.share());
    let own_k: [f64; 24] = std::array::from_fn(|_| 1.2 * chance.normal());
    for system in systems {
        let point = &mut system.system.set_point;
        point.outdoor_filter_s = filter_s;
        for (hour, shift_k) in point.hour_shift_k.iter_mut().enumerate() {
            if offices && !(5..20).contains(&hour) {
                *shift_k += night_k;
            } else if offices && hour < 8 {
                *shift_k += boost_k;
            } else if timetable {
                *shift_k += own_k[hour];
            }
        }
        if offices {
            point.weekday_shift_k[5] += night_k;
            point.weekday_shift_k[6] += night_k;
        }
        for served in &mut system.buildings {
            let building = &mut served.building;
            let loss_w_k = building.mass.steady_loss_w_k();
            building.solar_aperture_m2 += sun * loss_w_k;
            building.mass.wind_loss_w_k_per_m_s += wind * loss_w_k;
            served.internal_gain_w += gain * loss_w_k;
            if valves && building.control == BuildingControl::None {
                building.control = BuildingControl::Thermostat(Thermostat { set_c: 20.0, band_k: 2.0 });
            }
        }
    }
}

/// The loads of all sources and substations by the hour, from the first hour of the weather on; `told` hears of every day done.
pub fn make(
    network: &Network,
    weather: &WeatherSeries,
    hourly: &HourlyWeather,
    holidays: &Holidays,
    winter: &Winter,
    mut told: impl FnMut(usize),
) -> Result<LoadHistory, Vec<Finding>> {
    let first_hour = hourly.first_hour();
    let hours = ((winter.days * 24) as i64).min(hourly.end_hour() - first_hour);
    let steps_an_hour = (HOUR_S / winter.step_s).round().max(1.0);
    let options =
        Options { step_s: HOUR_S / steps_an_hour, start_calendar_s: first_hour as f64 * HOUR_S, ..Options::default() };
    let mut simulation = Simulation::new(network, options)?;
    let outdoor_c = weather.at(options.start_calendar_s).temperature_c;
    equip::consumers(network, &mut simulation, false, outdoor_c);
    equip::sources_where(network, &mut simulation, outdoor_c, &orders(hourly, winter), |_| true);
    let mut stations = put_in(network, &mut simulation, outdoor_c, hours + first_hour, winter);
    let mut sources: Vec<(LinkId, Name, Meter)> = network
        .links()
        .filter(|view| simulation.source_row(view.handle).is_some())
        .filter_map(|view| Some((view, view.source().filter(|source| source.exchanger.is_none())?)))
        .enumerate()
        .map(|(at, (view, source))| {
            let design_w = source.capacity_w.unwrap_or(1e8);
            (view.handle, view.id.clone(), Meter::new(winter.seed, 5_000_000 + at as u64, design_w))
        })
        .collect();
    let mut shown: Vec<Vec<Option<f64>>> = vec![Vec::new(); stations.len() + sources.len()];
    for hour in first_hour..first_hour + hours {
        let mut means = vec![0.0; stations.len() + sources.len()];
        for _ in 0..steps_an_hour as usize {
            let now = weather.mean(options.start_calendar_s + simulation.time_s(), options.step_s);
            simulation.step(network, now);
            let passed = stations
                .iter()
                .map(|(link, ..)| simulation.at_consumer(*link))
                .chain(sources.iter().map(|(link, ..)| simulation.at_source(*link)));
            for (mean, passed) in means.iter_mut().zip(passed) {
                *mean += passed.map_or(0.0, |passed| passed.heat_w) / steps_an_hour;
            }
        }
        let kind = holidays.kind(hour);
        let mut further_w = 0.0;
        for (at, (_, _, habits)) in stations.iter_mut().enumerate() {
            let before_w = means[at];
            if let Some((_, times)) = habits.joined.filter(|(from, _)| hour >= *from) {
                means[at] *= times;
            }
            let chance = (1.0 + 0.25 * habits.tap.next(0.5)).max(0.2);
            means[at] += habits.tap_w * chance * tap_share(hour, kind, habits.early_riser);
            // A twentieth is lost on the way.
            further_w += 1.05 * (means[at] - before_w);
            shown[at].push(habits.meter.read(means[at]));
        }
        let given_w: f64 = means[stations.len()..].iter().map(|heat_w| heat_w.max(0.0)).sum();
        for (at, (_, _, meter)) in sources.iter_mut().enumerate() {
            let own_w = means[stations.len() + at];
            let share = if given_w > 0.0 { own_w.max(0.0) / given_w } else { 0.0 };
            shown[stations.len() + at].push(meter.read(own_w + share * further_w));
        }
        if (hour + 1 - first_hour) % 24 == 0 {
            told(((hour + 1 - first_hour) / 24) as usize);
        }
    }
    let subjects = stations
        .iter()
        .map(|(_, name, _)| Subject::station(name))
        .chain(sources.iter().map(|(_, name, _)| Subject::source(name)));
    Ok(LoadHistory::new(
        subjects.zip(shown).map(|(subject, values)| (subject, HourlyLoad::new(first_hour, values))).collect(),
    ))
}

/// Supply temperatures are ordered for the mean of the next hours, as forecast.
fn orders(hourly: &HourlyWeather, winter: &Winter) -> Arc<[(f64, f64)]> {
    let mut chance = Wander::new(winter.seed, 1);
    let deviation_k = WeatherUncertainty::USUAL.temperature_deviation_k(ORDER_HOURS as usize);
    (hourly.first_hour()..hourly.end_hour())
        .step_by(ORDER_HOURS as usize)
        .map(|hour| {
            let ahead: Vec<f64> = (hour..hour + ORDER_HOURS)
                .filter_map(|hour| hourly.at(hour))
                .map(|weather| weather.temperature_c)
                .collect();
            let mean_c = ahead.iter().sum::<f64>() / ahead.len() as f64;
            (hour as f64 * HOUR_S, mean_c + deviation_k * chance.next(0.6))
        })
        .collect()
}

fn put_in(
    network: &Network,
    simulation: &mut Simulation,
    outdoor_c: f64,
    end_hour: i64,
    winter: &Winter,
) -> Vec<(LinkId, Name, Habits)> {
    let settings = network.settings();
    let design_outdoor_c = settings.design_or_present_outdoor_c();
    let supply_c = simulation.problem().supply_temperature_c;
    let served = Served::new(network);
    let mut out = Vec::new();
    for (at, view) in network.links().enumerate() {
        let Some(consumer) = view.consumer().filter(|consumer| !consumer.shut && !simulation.isolates(view.handle))
        else {
            continue;
        };
        let Demand::Heat { heat_w } = consumer.demand else { continue };
        let mut chance = Wander::new(winter.seed, 1000 + at as u64);
        if let Ok(mut systems) = served.systems(view.id, consumer, supply_c, design_outdoor_c, HEAT_CAPACITY_J_KGK) {
            live(&mut systems, consumer.priority, &mut chance);
            let primary_c = simulation.at_consumer(view.handle).map_or(supply_c, |passed| passed.inlet_c);
            let station = HeatedStation::new(systems, primary_c, outdoor_c, false);
            // Every consumer of the network is one of the simulation.
            let _ = simulation.set_consumer(view.handle, Box::new(station));
        }
        let days_before_end = 24 * (5 + (60.0 * chance.share()) as i64);
        let joined = (chance.share() < 0.15).then(|| (end_hour - days_before_end, 1.03 + 0.06 * chance.share()));
        let tap_w =
            if matches!(consumer.priority, Priority::School) { 0.0 } else { (0.02 + 0.04 * chance.share()) * heat_w };
        let habits = Habits {
            tap_w,
            tap: Wander::new(winter.seed, 1_000_000 + at as u64),
            early_riser: chance.share(),
            joined,
            meter: Meter::new(winter.seed, 2_000_000 + at as u64, heat_w),
        };
        out.push((view.handle, view.id.clone(), habits));
    }
    out
}
