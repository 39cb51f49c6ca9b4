//! The truth behind the registers: a network whose weather, demands and valves change, solved again at every step.
//!
//! The state is quasi-steady: at each step the coupled steady solution of the demands of that moment. Demands follow the
//! outdoor temperature and a daily profile with a small random walk for each consumer; plants hold what the network says they
//! hold. What is written to a controller and what goes wrong in the plant are edits of the network, so that they show where
//! the laws say they show; the weather is its outdoor temperature. What the network does not know is made up by [`secondary`]
//! and, for buildings, [`user`]. Instruments and sockets do not live here, nor a clock.

mod act;
pub mod secondary;
mod user;
pub mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::fault::Fault;
use super::map::{DEVIATION_STEP, is_room, tidy};
use crate::io::modbus::map::{DeviceMap, Point};
use crate::live::dictionary::{DeviceKind, Form, dictionary};
use crate::live::{Observed, Readings, Tag, reading, reading_of};
use crate::network::edit::Edit;
use crate::network::{
    Building, Consumer, Demand, ElementKind, ElementRef, LinkId, LinkKind, Network, Settings, thermal,
};
use crate::simulation::chance::{Chance, Walk};
use crate::solver::{Options, Solution, Solver};
use crate::units::Quantity;

use act::Knob;
use secondary::{SourceKnown, SourceNow, Station, StationNow, Weather, source_now};
use user::{User, UserNow};
use values::Meaning;

/// Length of a day.
const DAY_S: f64 = 86_400.0;
/// Warmest hour of the day.
const WARMEST_HOUR: f64 = 15.0;
/// Heat wanted more at the morning peak than on average, and its hour.
const MORNING_SHARE: f64 = 0.04;
const MORNING_HOUR: f64 = 6.5;
/// Random walk of the outdoor temperature, K, and of each demand, and how soon they forget.
const OUTDOOR_WALK_K: f64 = 0.6;
const OUTDOOR_MEMORY_S: f64 = 7200.0;
const DEMAND_WALK_SHARE: f64 = 0.015;
const DEMAND_MEMORY_S: f64 = 1800.0;
/// Running totals start as if the season had been going on for so long.
const SEASON_SO_FAR_S: f64 = 45.0 * DAY_S;
/// Period of what is of no consequence, s.
const WAVE_S: f64 = 5400.0;
/// Heat that a consumer which asks for a flow is taken to have at design, J/kg.
const USUAL_HEAT_J_KG: f64 = 4187.0 * 55.0;

/// How the world goes.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldOptions {
    pub seed: u64,
    /// Mean of the day, °C.
    pub outdoor_c: f64,
    /// Highest less lowest of the day over two.
    pub outdoor_swing_k: f64,
    /// Hour of the day at which it starts, 0…24.
    pub start_hour: f64,
}

impl Default for WorldOptions {
    fn default() -> Self {
        WorldOptions { seed: 1, outdoor_c: -12.0, outdoor_swing_k: 4.0, start_hour: 9.0 }
    }
}

/// A consumer and what its station makes of it.
#[derive(Clone, Debug)]
struct StationRow {
    element: ElementRef,
    /// As the network file has it.
    consumer: Consumer,
    side: Station,
    walk: Walk,
    now: StationNow,
}

#[derive(Clone, Debug)]
struct SourceRow {
    link: LinkId,
    element: ElementRef,
    /// Of the pumps the network does not know.
    speed: f64,
    /// Pressure rise they give at their usual speed.
    rise_pa: Option<f64>,
    now: SourceNow,
}

#[derive(Clone, Debug)]
struct UserRow {
    element: ElementRef,
    /// Row of the station that heats it.
    station: usize,
    user: User,
    now: UserNow,
}

/// What one point of the device map shows.
#[derive(Clone, Debug)]
struct Channel {
    meaning: Meaning,
    /// A running total: SI of the total for each second and SI of the number.
    total: Option<f64>,
    knob: Option<Knob>,
    value: f64,
}

/// The world at a moment.
#[derive(Debug)]
pub struct World {
    options: WorldOptions,
    network: Network,
    solver: Solver,
    solution: Arc<Solution>,
    readings: Readings,
    stations: Vec<StationRow>,
    sources: Vec<SourceRow>,
    users: Vec<UserRow>,
    channels: Vec<Channel>,
    weather: Weather,
    outdoor_walk: Walk,
    chance: Chance,
    time_s: f64,
    /// Faults of the plant that hold, with what takes them back.
    wrong: Vec<(Fault, Edit)>,
    /// Steps whose demands had no solution; the state before them stayed.
    unsolved_steps: u64,
}

impl World {
    /// The network in the weather of the first moment. The points' noise that depends on the size of a plant is filled in.
    pub fn new(network: Network, map: &mut DeviceMap, options: WorldOptions) -> World {
        let settings = network.settings();
        let design_outdoor_c = settings.design_or_present_outdoor_c();
        let supply_c = network
            .links()
            .filter_map(|view| view.source().map(|source| source.supply_temperature_c))
            .fold(f64::NEG_INFINITY, f64::max);
        let (mut stations, mut sources) = (Vec::new(), Vec::new());
        for view in network.links() {
            match &view.link.kind {
                LinkKind::Consumer(consumer) => stations.push(StationRow {
                    element: view.element(),
                    consumer: (**consumer).clone(),
                    side: Station::new(consumer, design_heat_w(consumer), supply_c, design_outdoor_c),
                    walk: Walk::default(),
                    now: StationNow::default(),
                }),
                LinkKind::Source(source) => sources.push(SourceRow {
                    link: view.handle,
                    element: view.element(),
                    speed: secondary::SOURCE_PUMP_SPEED,
                    rise_pa: act::rise_pa(&source.control),
                    now: SourceNow::default(),
                }),
                LinkKind::Pipe(_) | LinkKind::Valve(_) | LinkKind::Pump(_) => {}
            }
        }
        let users = users(&network, map, &stations, design_outdoor_c);
        let rates: Vec<Tag> = map.points.iter().map(rate_of).collect();
        let mut world = World {
            readings: Readings::new(&network, &rates),
            chance: Chance::new(options.seed, 1),
            options,
            solver: Solver::new(),
            solution: Arc::new(Solution::unsolved(&network, Vec::new())),
            network,
            stations,
            sources,
            users,
            channels: Vec::new(),
            weather: Weather::default(),
            outdoor_walk: Walk::default(),
            time_s: 0.0,
            wrong: Vec::new(),
            unsolved_steps: 0,
        };
        world.settle(0.0);
        world.channels =
            map.points.iter().enumerate().map(|(row, point)| world.channel(row, point, &rates[row])).collect();
        world.show(0.0);
        for (point, channel) in map.points.iter_mut().zip(&mut world.channels) {
            if channel.total.is_none() && point.deviation_si.is_none() {
                let offered = offered(point).and_then(|offered| offered.deviation_share);
                point.deviation_si =
                    offered.map(|share| tidy(&point.unit, share * channel.value.abs(), 0.0, DEVIATION_STEP));
            }
        }
        world
    }

    /// Goes on by so many seconds, at whose end these faults of the plant hold as far as their times say so.
    pub fn step(&mut self, seconds: f64, faults: &[Fault]) {
        self.time_s += seconds;
        self.go_wrong(faults);
        self.settle(seconds);
        self.show(seconds);
    }

    /// Seconds since the start.
    pub fn time_s(&self) -> f64 {
        self.time_s
    }

    /// The network as it is now, leaks and written set-points and all.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Its state.
    pub fn solution(&self) -> &Arc<Solution> {
        &self.solution
    }

    /// Steps whose demands had no solution.
    pub fn unsolved_steps(&self) -> u64 {
        self.unsolved_steps
    }

    /// True value of a point, SI; NaN where nothing makes one.
    pub fn value(&self, point: usize) -> f64 {
        self.channels.get(point).map_or(f64::NAN, |channel| channel.value)
    }

    /// Weather, demands, and the state that follows.
    fn settle(&mut self, seconds: f64) {
        let hour = (self.options.start_hour + self.time_s / 3600.0).rem_euclid(24.0);
        let daily = |peak: f64| (std::f64::consts::TAU * (hour - peak) / 24.0).cos();
        self.outdoor_walk.step(&mut self.chance, OUTDOOR_WALK_K, OUTDOOR_MEMORY_S, seconds);
        self.weather = Weather {
            outdoor_c: self.options.outdoor_c
                + self.options.outdoor_swing_k * daily(WARMEST_HOUR)
                + self.outdoor_walk.value,
            humidity_share: 0.6 - 0.1 * daily(WARMEST_HOUR),
            wind_m_s: 3.0 + self.outdoor_walk.value.abs(),
            sun_w_m2: (350.0 * daily(12.0)).max(0.0),
        };
        let settings = Settings { outdoor_temperature_c: self.weather.outdoor_c, ..self.network.settings().clone() };
        // Settings can always be set.
        let _ = Edit::SetSettings { settings: Box::new(settings) }.apply(&mut self.network);
        let profile = 1.0 + MORNING_SHARE * daily(MORNING_HOUR);
        for row in 0..self.stations.len() {
            self.stations[row].walk.step(&mut self.chance, DEMAND_WALK_SHARE, DEMAND_MEMORY_S, seconds);
            self.demand(row, profile);
        }
        let asked = Options { judge: false, ..Options::default() };
        let solution = self.solver.solve(&self.network, &asked);
        if solution.converged {
            self.solution = Arc::new(solution);
        } else {
            self.unsolved_steps += 1;
        }
        self.moments(seconds);
    }

    /// Lets a consumer ask for what it wants at this moment.
    fn demand(&mut self, row: usize, profile: f64) {
        let station = &self.stations[row];
        // By hand the valve decides, not the demand.
        if station.side.opening.is_some() {
            return;
        }
        let share = (profile * (1.0 + station.walk.value)).max(0.0);
        let demand = match station.consumer.demand {
            Demand::Heat { heat_w } => {
                Demand::Heat { heat_w: heat_w * share * station.side.wanted_share(self.weather.outdoor_c) }
            }
            Demand::MassFlow { mass_flow_kg_s } => Demand::MassFlow { mass_flow_kg_s: mass_flow_kg_s * share },
        };
        if let Ok(value) = serde_json::to_value(demand) {
            // The element exists and the number is finite: the edit cannot be refused.
            let _ = Edit::set(station.element.clone(), "demand", value).apply(&mut self.network);
        }
    }

    /// What stations, buildings and plants show beside the network, after so many seconds.
    fn moments(&mut self, seconds: f64) {
        let (network, solution) = (&self.network, &self.solution);
        let number =
            |element: &ElementRef, observed, quantity| reading_of(network, solution, element, observed, quantity);
        for (place, station) in self.stations.iter_mut().enumerate() {
            let heat_w = number(&station.element, Observed::Heat, Quantity::Heat).unwrap_or(0.0).max(0.0);
            let opening = number(&station.element, Observed::Opening, Quantity::Share).unwrap_or(1.0);
            let wave = wave(self.time_s, place);
            station.now = station.side.now(heat_w, self.weather.outdoor_c, opening, wave);
        }
        for row in &mut self.users {
            let Some(station) = self.stations.get(row.station) else { continue };
            let outdoor_c = self.weather.outdoor_c;
            row.user.step(seconds, station.now.heat_w, station.side.weather_heat_w(outdoor_c), outdoor_c);
            row.now = row.user.now(&station.now);
        }
        for (place, row) in self.sources.iter_mut().enumerate() {
            let get = |observed, quantity| number(&row.element, observed, quantity).unwrap_or(0.0);
            let known = SourceKnown {
                flow_m3_h: get(Observed::VolumeFlow, Quantity::VolumeFlow),
                heat_w: get(Observed::Heat, Quantity::Heat),
                supply_pa: get(Observed::SupplyPressure, Quantity::Pressure),
                return_pa: get(Observed::ReturnPressure, Quantity::Pressure),
                make_up_m3_h: get(Observed::MakeUpFlow, Quantity::VolumeFlow),
                speed: number(&row.element, Observed::Speed, Quantity::Share),
                electric_w: number(&row.element, Observed::Power, Quantity::Heat),
            };
            let Some(source) = network.link_view(row.link).and_then(|view| view.source()) else { continue };
            row.now = source_now(source, &known, &self.weather, row.speed, wave(self.time_s, place));
        }
    }

    /// Brings every channel to the moment.
    fn show(&mut self, seconds: f64) {
        for row in 0..self.channels.len() {
            let number = self.number(row, self.channels[row].meaning);
            let channel = &mut self.channels[row];
            match channel.total {
                // A total holds still while nothing is known of its rate, and never falls.
                Some(factor) => {
                    let rate = factor * number.max(0.0);
                    if rate.is_finite() {
                        channel.value += rate * seconds;
                    }
                }
                None => channel.value = number,
            }
        }
    }

    fn number(&self, row: usize, meaning: Meaning) -> f64 {
        match meaning {
            Meaning::Reading => self.readings.get(&self.network, &self.solution, row).unwrap_or(f64::NAN),
            Meaning::Station(station, of) => self.stations.get(station).map_or(f64::NAN, |row| of(&row.now)),
            Meaning::Source(source, of) => self.sources.get(source).map_or(f64::NAN, |row| of(&row.now)),
            Meaning::User(user, of) => self.users.get(user).map_or(f64::NAN, |row| of(&row.now)),
            Meaning::Constant(value) => value,
        }
    }

    fn channel(&self, row: usize, point: &Point, rate: &Tag) -> Channel {
        let suffix = suffix(point);
        let (kind, place) = self.owner(point);
        let known = reading(&self.network, &self.solution, rate).is_some();
        let own = kind.and_then(|kind| values::meaning(kind, place, suffix));
        let meaning = match own {
            Some(own) if !known || values::has_own_meaning(suffix) => own,
            _ if known => Meaning::Reading,
            // Contacts and states nobody knows anything of are quiet.
            _ if matches!(point.observed, Observed::Contact | Observed::Fault) => Meaning::Constant(0.0),
            _ => Meaning::Reading,
        };
        let total = offered(point).filter(|offered| offered.form == Form::Total).map(|offered| {
            // From m³/h, W or t/s to m³, J or t.
            if offered.unit == "m³" { 1.0 / 3600.0 } else { 1.0 }
        });
        let value = total.map_or(f64::NAN, |factor| {
            let rate = factor * self.number(row, meaning);
            if rate.is_finite() { (rate * SEASON_SO_FAR_S).max(0.0) } else { 0.0 }
        });
        let knob = point.write.and(kind).and_then(|kind| act::knob(kind, place, suffix));
        Channel { meaning, total, knob, value }
    }

    /// Kind and row of the station, source or building a point belongs to.
    fn owner(&self, point: &Point) -> (Option<DeviceKind>, usize) {
        let Some(element) = &point.element else { return (None, 0) };
        let found = match element.kind {
            ElementKind::Consumer => {
                self.stations.iter().position(|row| row.element == *element).map(|at| (DeviceKind::Station, at))
            }
            ElementKind::Source => {
                self.sources.iter().position(|row| row.element == *element).map(|at| (DeviceKind::Source, at))
            }
            ElementKind::Building => {
                let kind = if is_room(&point.device) { DeviceKind::Room } else { DeviceKind::User };
                self.users.iter().position(|row| row.element == *element).map(|at| (kind, at))
            }
            _ => None,
        };
        found.map_or((None, 0), |(kind, at)| (Some(kind), at))
    }
}

/// What stands behind the name of the device: `T1` of `ST012.T1`.
pub fn suffix(point: &Point) -> &str {
    point.tag.strip_prefix(&*point.device).and_then(|rest| rest.strip_prefix('.')).unwrap_or(&point.tag)
}

/// The template a point of a station, source or building was made from.
fn offered(point: &Point) -> Option<&'static crate::live::dictionary::OfferedTag> {
    let kind = match point.element.as_ref()?.kind {
        ElementKind::Consumer => DeviceKind::Station,
        ElementKind::Source => DeviceKind::Source,
        ElementKind::Building if is_room(&point.device) => DeviceKind::Room,
        ElementKind::Building => DeviceKind::User,
        _ => return None,
    };
    dictionary().offered_tag(kind, suffix(point))
}

/// The buildings the map has devices at.
fn users(network: &Network, map: &DeviceMap, stations: &[StationRow], design_outdoor_c: f64) -> Vec<UserRow> {
    let row_of: BTreeMap<&str, usize> = stations.iter().enumerate().map(|(at, row)| (&*row.element.id, at)).collect();
    let station_of = |building: &Building| building.consumer.as_deref().and_then(|id| row_of.get(id).copied());
    let mut areas_m2 = vec![0.0; stations.len()];
    for building in network.buildings().values() {
        if let Some(station) = station_of(building) {
            areas_m2[station] += thermal::area_m2(building);
        }
    }
    let measured: BTreeSet<&ElementRef> = map.points.iter().filter_map(|point| point.element.as_ref()).collect();
    let one = |(place, element): (usize, &ElementRef)| {
        let building = network.buildings().get(&element.id)?;
        let station = station_of(building)?;
        let share = thermal::area_m2(building) / areas_m2[station];
        let user = User::new(building, share, design_outdoor_c, wave(0.0, place))?;
        let now = UserNow::default();
        Some(UserRow { element: element.clone(), station, user, now })
    };
    let buildings = measured.into_iter().filter(|element| element.kind == ElementKind::Building);
    buildings.enumerate().filter_map(one).collect()
}

/// The tag of a point; of a running total, that of its rate.
fn rate_of(point: &Point) -> Tag {
    let mut tag = point.as_tag();
    (tag.observed, tag.quantity) = match tag.observed {
        Observed::Volume => (Observed::VolumeFlow, Quantity::VolumeFlow),
        Observed::Energy => (Observed::Heat, Quantity::Heat),
        Observed::MakeUpVolume => (Observed::MakeUpFlow, Quantity::VolumeFlow),
        observed => (observed, tag.quantity),
    };
    tag
}

/// Between −1 and 1, another phase at every place.
fn wave(time_s: f64, place: usize) -> f64 {
    (std::f64::consts::TAU * (time_s / WAVE_S + 0.137 * place as f64)).sin()
}

fn design_heat_w(consumer: &Consumer) -> f64 {
    match consumer.demand {
        Demand::Heat { heat_w } => heat_w,
        Demand::MassFlow { mass_flow_kg_s } => mass_flow_kg_s * USUAL_HEAT_J_KG,
    }
}
