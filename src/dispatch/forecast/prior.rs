//! What physics says of a load before anything is measured: buildings on a heating curve, losses, and the water in the mains.
//!
//! The buildings of a substation are taken as one mass C with loss K on emitters whose water follows the outdoor temperature
//! T_f that its controller sees. Their heat is Q = K (t_n − T_f) − K_e x, where the room's deviation x from t_n follows
//! C dx/dt = K (T − T_f) − w + s + g − (K + K_e) x with wind w, sun s, gains g; K_e is the slope of emitters (and
//! thermostatic valves) against the room. The step of an hour is solved exactly. Sources add the losses of the network, and the heat that
//! its supply water takes when the supply temperature follows the weather: C_w dT_s/dt, which is flow times heat capacity times delay times
//! the change of temperature. Constants come from the network's own elements; without a network a common building
//! stands in, whose size history must tell. Not here: learning.

use std::collections::BTreeMap;

use super::history::Subject;
use crate::network::thermal::{Served, ServedSystem};
use crate::network::{Demand, Name, Network, Side};
use crate::physics::building::BuildingControl;
use crate::physics::calendar::HOUR_S;
use crate::physics::heating_curve::HeatingCurve;
use crate::physics::weather::Weather;
use crate::simulation::equip::HEAT_CAPACITY_J_KGK;
use crate::solver::{Mode, Options, Solver};

const WATER_KG_M3: f64 = 960.0;
/// Where nothing is known: room and time constant.
const ROOM_C: f64 = 18.0;
const TIME_CONSTANT_S: f64 = 100.0 * HOUR_S;
/// Slope of radiators over the loss they make up: (1 + 0.3)·39.1 K over the 44.5 K that a 75/50 °C radiator is above the room.
const EMITTER_OVER_LOSS: f64 = 1.14;
/// Time over which dispatchers let the supply temperature follow the weather: half of the four hours between two orders.
const ORDERS_S: f64 = 2.0 * HOUR_S;
/// Losses of a network that has no solution to tell them.
const LOST_SHARE: f64 = 0.07;

/// A load as physics sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoadPrior {
    /// K, W/K; K_e, W/K; C, J/K.
    pub loss_w_k: f64,
    pub emitter_w_k: f64,
    pub capacity_j_k: f64,
    /// Further loss by wind, W/K per m/s.
    pub wind_loss_w_k_per_m_s: f64,
    pub solar_aperture_m2: f64,
    pub internal_gain_w: f64,
    pub room_c: f64,
    /// Time constant of the controllers' outdoor temperature, s.
    pub outdoor_filter_s: f64,
    /// Lost on the way, W.
    pub lost_w: f64,
    /// Heat capacity of the supply water, J/K, and the curve that its temperature follows.
    pub water_j_k: f64,
    pub supply: Option<HeatingCurve>,
    /// What of all this is its own: 1, for a source its share.
    pub share: f64,
}

/// Where the model is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriorState {
    deviation_k: f64,
    outdoor_c: f64,
    ordered_c: f64,
}

impl LoadPrior {
    /// Of a common building with this loss.
    pub fn common(loss_w_k: f64) -> LoadPrior {
        LoadPrior {
            loss_w_k,
            emitter_w_k: EMITTER_OVER_LOSS * loss_w_k,
            capacity_j_k: loss_w_k * TIME_CONSTANT_S,
            wind_loss_w_k_per_m_s: 0.0,
            solar_aperture_m2: 0.0,
            internal_gain_w: 0.0,
            room_c: ROOM_C,
            outdoor_filter_s: ORDERS_S,
            lost_w: 0.0,
            water_j_k: 0.0,
            supply: None,
            share: 1.0,
        }
    }

    /// Of a substation with these systems.
    fn of_station(systems: &[ServedSystem]) -> LoadPrior {
        let of_system = |system: &ServedSystem| {
            let point = &system.system.set_point;
            let mut sum = LoadPrior {
                emitter_w_k: 0.0,
                capacity_j_k: 0.0,
                room_c: point.curve.room_c,
                outdoor_filter_s: point.outdoor_filter_s,
                ..LoadPrior::common(0.0)
            };
            for served in &system.buildings {
                let building = &served.building;
                let loss_w_k = building.mass.steady_loss_w_k();
                let flow_w_k = building.design_flow_kg_s * building.heat_capacity_j_kgk;
                let design = building.emitter.heat(point.curve.design_supply_c, flow_w_k, point.curve.room_c);
                sum.emitter_w_k -= design.slope_w_k;
                if let BuildingControl::Thermostat(valve) = building.control {
                    // Half the heat over half the band, where valves are on average.
                    sum.emitter_w_k += 0.5 * design.heat_w / valve.band_k.max(0.5);
                }
                sum.loss_w_k += loss_w_k;
                sum.capacity_j_k += loss_w_k * building.mass.time_constant_s();
                sum.wind_loss_w_k_per_m_s += building.mass.wind_loss_w_k_per_m_s;
                sum.solar_aperture_m2 += building.solar_aperture_m2;
                sum.internal_gain_w += served.internal_gain_w;
            }
            sum
        };
        LoadPrior::of_all(&systems.iter().map(of_system).collect::<Vec<_>>())
    }

    /// Several together.
    fn of_all<'a>(parts: impl IntoIterator<Item = &'a LoadPrior>) -> LoadPrior {
        let mut sum =
            LoadPrior { emitter_w_k: 0.0, capacity_j_k: 0.0, outdoor_filter_s: 0.0, ..LoadPrior::common(0.0) };
        let (mut room, mut filter) = (0.0, 0.0);
        for part in parts {
            sum.loss_w_k += part.loss_w_k;
            sum.emitter_w_k += part.emitter_w_k;
            sum.capacity_j_k += part.capacity_j_k;
            sum.wind_loss_w_k_per_m_s += part.wind_loss_w_k_per_m_s;
            sum.solar_aperture_m2 += part.solar_aperture_m2;
            sum.internal_gain_w += part.internal_gain_w;
            room += part.loss_w_k * part.room_c;
            filter += part.loss_w_k * part.outdoor_filter_s;
        }
        if sum.loss_w_k > 0.0 {
            sum.room_c = room / sum.loss_w_k;
            sum.outdoor_filter_s = filter / sum.loss_w_k;
        }
        sum
    }

    /// At rest in this weather.
    pub fn start(&self, weather: &Weather) -> PriorState {
        PriorState { deviation_k: 0.0, outdoor_c: weather.temperature_c, ordered_c: weather.temperature_c }
    }

    fn supply_c(&self, outdoor_c: f64) -> f64 {
        // Not above the design, as plants are.
        self.supply.map_or(0.0, |curve| curve.at_outdoor(outdoor_c.max(curve.design_outdoor_c), 1.0).supply_c)
    }

    /// Heat of the coming hour with this mean weather, W ≥ 0.
    pub fn step(&self, state: &mut PriorState, weather: &Weather) -> f64 {
        let follow = |time_constant_s: f64| {
            if time_constant_s > 0.0 { -(-HOUR_S / time_constant_s).exp_m1() } else { 1.0 }
        };
        state.outdoor_c += follow(self.outdoor_filter_s) * (weather.temperature_c - state.outdoor_c);
        let before_c = self.supply_c(state.ordered_c);
        state.ordered_c += follow(ORDERS_S) * (weather.temperature_c - state.ordered_c);
        let warming_w = self.water_j_k * (self.supply_c(state.ordered_c) - before_c) / HOUR_S;
        let rate_w_k = self.loss_w_k + self.emitter_w_k;
        let mut mean_k = 0.0;
        if rate_w_k > 0.0 && self.capacity_j_k > 0.0 {
            let blown_w =
                self.wind_loss_w_k_per_m_s * weather.wind_m_s * (self.room_c - weather.temperature_c).max(0.0);
            let pushed_w = self.loss_w_k * (weather.temperature_c - state.outdoor_c) - blown_w
                + self.solar_aperture_m2 * weather.solar_w_m2
                + self.internal_gain_w;
            let rest_k = pushed_w / rate_w_k;
            let passed = HOUR_S * rate_w_k / self.capacity_j_k;
            let left = (-passed).exp();
            let excess_k = state.deviation_k - rest_k;
            mean_k = rest_k + excess_k * (1.0 - left) / passed;
            state.deviation_k = rest_k + excess_k * left;
        }
        let given_w = self.loss_w_k * (self.room_c - state.outdoor_c) - self.emitter_w_k * mean_k;
        self.share * (given_w.max(0.0) + self.lost_w + warming_w).max(0.0)
    }
}

/// Priors of everything in a network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Priors {
    by_subject: BTreeMap<Subject, LoadPrior>,
}

impl Priors {
    /// From the data of a network. Substations whose data make no model get a common building of their design heat.
    pub fn of_network(network: &Network) -> Priors {
        let settings = network.settings();
        let design_outdoor_c = settings.design_or_present_outdoor_c();
        let solution =
            Solver::new().solve(network, &Options { mode: Mode::Thermal, judge: false, ..Options::default() });
        let sources: Vec<_> = network
            .links()
            .filter_map(|view| Some((view, view.source()?)))
            .filter(|(_, source)| source.running && source.exchanger.is_none() && source.store.is_none())
            .collect();
        let supply_c = sources.iter().map(|(_, source)| source.supply_temperature_c).fold(f64::NEG_INFINITY, f64::max);
        let between: Vec<&Name> =
            network.links().filter_map(|view| Some(&view.source()?.exchanger.as_ref()?.primary)).collect();
        let served = Served::new(network);
        let (mut stations, mut returns_c) = (BTreeMap::new(), Vec::new());
        for view in network.links() {
            let Some(consumer) = view.consumer().filter(|consumer| !consumer.shut) else { continue };
            if between.contains(&view.id) {
                continue;
            }
            returns_c.push(consumer.return_temperature_c);
            let modelled = served.systems(view.id, consumer, supply_c, design_outdoor_c, HEAT_CAPACITY_J_KGK);
            let heat_w = match consumer.demand {
                Demand::Heat { heat_w } => heat_w,
                Demand::MassFlow { .. } => 0.0,
            };
            let prior = match modelled {
                Ok(systems) if heat_w > 0.0 => LoadPrior::of_station(&systems),
                _ => {
                    let solved = solution.consumers.iter().find(|state| state.link == view.handle);
                    let heat_w = if heat_w > 0.0 { heat_w } else { solved.map_or(0.0, |state| state.heat_w) };
                    LoadPrior::common(heat_w.max(0.0) / (ROOM_C - design_outdoor_c).max(1.0))
                }
            };
            stations.insert(Subject::station(view.id), prior);
        }
        let mut city = LoadPrior::of_all(stations.values());
        let asked_w = city.loss_w_k * (city.room_c - design_outdoor_c);
        let given: Vec<f64> = sources
            .iter()
            .map(|(view, source)| {
                let solved = solution.sources.iter().find(|state| state.link == view.handle);
                let heat_w = if solution.converged { solved.map(|state| state.heat_w) } else { source.capacity_w };
                heat_w.filter(|heat_w| heat_w.is_finite()).unwrap_or(1.0).max(0.0)
            })
            .collect();
        let whole_w: f64 = given.iter().sum();
        let used_w: f64 = solution.consumers.iter().map(|state| state.heat_w).filter(|heat_w| heat_w.is_finite()).sum();
        let told = solution.converged && whole_w > used_w && used_w > 0.0;
        city.lost_w = if told { whole_w - used_w } else { LOST_SHARE * asked_w };
        city.water_j_k = network
            .links()
            .filter(|view| network.node(view.from).is_some_and(|node| node.side != Side::Return))
            .filter_map(|view| view.pipe())
            .map(|pipe| std::f64::consts::FRAC_PI_4 * pipe.inner_diameter_m * pipe.inner_diameter_m * pipe.length_m)
            .sum::<f64>()
            * WATER_KG_M3
            * HEAT_CAPACITY_J_KGK;
        let return_c = returns_c.iter().sum::<f64>() / returns_c.len().max(1) as f64;
        let curve = HeatingCurve {
            room_c: ROOM_C,
            design_outdoor_c,
            design_supply_c: supply_c,
            design_return_c: return_c,
            emitter_exponent: 0.3,
        };
        city.supply = curve.is_valid().then_some(curve);
        let mut by_subject = stations;
        for ((view, _), heat_w) in sources.iter().zip(&given) {
            let share = if whole_w > 0.0 { heat_w / whole_w } else { 1.0 / given.len() as f64 };
            by_subject.insert(Subject::source(view.id), LoadPrior { share, ..city });
        }
        by_subject.insert(Subject::city(), city);
        Priors { by_subject }
    }

    pub fn get(&self, subject: &Subject) -> Option<&LoadPrior> {
        self.by_subject.get(subject)
    }

    /// City, sources, substations.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.by_subject.keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weather(temperature_c: f64) -> Weather {
        Weather { temperature_c, wind_m_s: 0.0, solar_w_m2: 0.0 }
    }

    #[test]
    fn at_rest_it_makes_up_the_losses_and_the_sun_comes_slowly() {
        let prior = LoadPrior { lost_w: 500.0, ..LoadPrior::common(1000.0) };
        let mut state = prior.start(&weather(-10.0));
        for _ in 0..50 {
            let heat_w = prior.step(&mut state, &weather(-10.0));
            assert!((heat_w - 28_500.0).abs() < 1e-6, "{heat_w}");
        }
        let sunny = LoadPrior { solar_aperture_m2: 10.0, ..prior };
        let bright = Weather { solar_w_m2: 300.0, ..weather(-10.0) };
        let heats: Vec<f64> = (0..2000).map(|_| sunny.step(&mut state, &bright)).collect();
        assert!(heats[0] > 28_400.0 && heats.windows(2).all(|pair| pair[1] <= pair[0] + 1e-6));
        // In the end emitters save their share of the sun: K_e / (K + K_e).
        let saved_w = 28_500.0 - heats[1999];
        assert!((saved_w - 3000.0 * 1.14 / 2.14).abs() < 1.0, "{saved_w}");
    }

    #[test]
    fn colder_supply_water_gives_its_heat_back() {
        let curve = HeatingCurve {
            room_c: 18.0,
            design_outdoor_c: -20.0,
            design_supply_c: 110.0,
            design_return_c: 50.0,
            emitter_exponent: 0.3,
        };
        let prior = LoadPrior { water_j_k: 4e9, supply: Some(curve), outdoor_filter_s: 0.0, ..LoadPrior::common(1e6) };
        let (plain, mut state) = (LoadPrior { water_j_k: 0.0, ..prior }, prior.start(&weather(-10.0)));
        let mut other = state;
        let extra_j: f64 = (0..72)
            .map(|_| (prior.step(&mut state, &weather(-5.0)) - plain.step(&mut other, &weather(-5.0))) * HOUR_S)
            .sum();
        let expected_j = 4e9 * (curve.at_outdoor(-5.0, 1.0).supply_c - curve.at_outdoor(-10.0, 1.0).supply_c);
        assert!((extra_j / expected_j - 1.0).abs() < 1e-6, "{extra_j} {expected_j}");
    }

    #[test]
    fn the_demo_city_asks_for_its_design_heat_on_its_design_day() {
        let network = crate::network::generate::demo_city();
        let priors = Priors::of_network(&network);
        let city = priors.get(&Subject::city()).unwrap();
        let design = weather(network.settings().outdoor_temperature_c);
        let mut state = city.start(&design);
        let heat_w = city.step(&mut state, &design);
        let solution = Solver::new().solve(&network, &Options { mode: Mode::Thermal, ..Options::default() });
        let given_w: f64 = solution.sources.iter().map(|state| state.heat_w).sum();
        assert!((heat_w / given_w - 1.0).abs() < 0.03, "{heat_w} {given_w}");
        assert_eq!(priors.subjects().count(), 1 + 2 + 60);
        let shares: f64 = ["HS01", "HS02"].map(|id| priors.get(&Subject::source(id)).unwrap().share).iter().sum();
        assert!((shares - 1.0).abs() < 1e-12);
    }
}
