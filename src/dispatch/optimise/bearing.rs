//! What the pipes between the sources carry: which splits of heat a network bears at rest, written as linear limits.
//!
//! At rest a split says everything: what the sources give sets all flows, and with them every velocity and pressure. From a
//! split that the network bears towards one that it does not bear, the last one borne is found, and the limit that is met there is
//! laid as a plane against the set of all that are borne (supporting planes, Veinott 1967, Operations Research 15). Velocities
//! are as good as linear in the heats and pressures convex, so that such a plane takes nothing away that is borne; that the network's own
//! ways of running lie on the right side is made sure of. The load follows from the sum of the heats, so that one plane
//! holds at every load. Not here: temperatures on their way (`trial` runs a plan in time).

use super::model::Cut;
use super::trial::{Setting, Start};
use crate::network::{Code, ElementRef, Network, Side};
use crate::physics::water::saturation_pressure_pa;
use crate::solver::hydraulic::Hydraulics;
use crate::solver::problem::{Hold, Problem};
use crate::solver::rules::Rules;
use crate::solver::{self, Mode};

/// Room kept below every limit, share of it: water on its way between two steps.
const ROOM: f64 = 0.025;
/// Beyond that room by less than this share counts as within it.
const SLACK: f64 = 0.01;
/// Pressure that counts as a whole where a least pressure is the limit, Pa.
const PRESSURE_SCALE_PA: f64 = 500_000.0;
const ATMOSPHERE_PA: f64 = 101_325.0;
/// Change of a flow for a derivative, share of all.
const NUDGE: f64 = 0.005;
/// Solves on the way to the last split that is borne, at most.
const HALVINGS: usize = 9;
/// Planes laid at one split at most, and how much alike (cosine) two of them may be.
const PLANES: usize = 3;
const ALIKE: f64 = 0.995;
/// Flow of the pumps of a source is used up to this share.
const FLOW_SHARE: f64 = 0.985;

/// Where a limit holds, by dense number.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Velocity in it, m/s.
    Fast(usize),
    /// Pressure at its ends, Pa.
    Nominal(usize),
    /// Least pressure, Pa.
    Low(usize),
}

#[derive(Clone, Debug)]
struct Limit {
    place: Place,
    code: Code,
    value: f64,
    /// Share of the limit beyond it that is let pass: less than nothing, or what the network's own way takes.
    allowed: f64,
}

/// A network at rest, ready to be asked about splits.
#[derive(Clone, Debug)]
pub struct Bearing {
    problem: Problem,
    hydraulics: Hydraulics,
    /// Row of each unit's source, and heat of a kilogram of its water.
    rows: Vec<usize>,
    each_j_kg: Vec<f64>,
    /// Flow of consumers now, and whether it follows the load.
    consumers_kg_s: Vec<(f64, bool)>,
    available_pa: f64,
    limits: Vec<Limit>,
    /// Greatest heat by flow of its pumps, W.
    most_w: Vec<f64>,
    /// Tanks beside each unit.
    tanks: Vec<Vec<usize>>,
    stores: usize,
}

impl Bearing {
    /// At the state before the first step; `known` need not be kept.
    pub(super) fn new(network: &Network, setting: &Setting, start: &Start) -> Option<Bearing> {
        let simulation = start.simulation();
        let problem = simulation.problem().clone();
        let rows: Vec<usize> =
            setting.sources.iter().map(|link| simulation.source_row(*link)).collect::<Option<Vec<usize>>>()?;
        let each = |(unit, link): (usize, &crate::network::LinkId)| {
            let back_c = simulation.at_source(*link).map_or(f64::NAN, |passed| passed.inlet_c);
            let back_c = if back_c.is_finite() { back_c } else { problem.return_temperature_c };
            problem.fluid.heat_between_j_kg(setting.supply_c[unit], back_c).max(1000.0)
        };
        let each_j_kg: Vec<f64> = setting.sources.iter().enumerate().map(each).collect();
        let flows = &simulation.hydraulics().state().mass_flow_kg_s;
        let consumers_kg_s = problem
            .consumers
            .iter()
            .map(|row| (flows[row.link as usize].max(0.0), start.follows_load(problem.link_handles[row.link as usize])))
            .collect();
        let mut limits = limits(network, &problem, |node| simulation.transport().node_c(node));
        limits.retain(|(element, limit)| !start.is_known(limit.code, element));
        let limits = limits.into_iter().map(|(_, limit)| limit).collect();
        let most_w = setting
            .sources
            .iter()
            .zip(&each_j_kg)
            .map(|(link, each)| {
                let source = network.link_view(*link).and_then(|view| view.source().cloned());
                source
                    .and_then(|source| source.maximum_flow_kg_s)
                    .map_or(f64::INFINITY, |flow| FLOW_SHARE * flow * each)
            })
            .collect();
        let tanks = (0..rows.len()).map(|unit| setting.tanks_at(unit).collect()).collect();
        let available_pa = start.available_pa();
        let hydraulics = simulation.hydraulics().clone();
        let stores = setting.beside.len();
        Some(Bearing {
            problem,
            hydraulics,
            rows,
            each_j_kg,
            consumers_kg_s,
            available_pa,
            limits,
            most_w,
            tanks,
            stores,
        })
    }

    /// Ways of running that the network takes by itself (heats by source) are borne, whatever limit they come near.
    pub fn bears(&mut self, network: &Network, own_w: &[f64]) {
        let Some(beyond) = self.beyond(network, own_w) else { return };
        for (limit, beyond) in self.limits.iter_mut().zip(beyond) {
            limit.allowed = limit.allowed.max(limit.allowed + beyond + SLACK);
        }
    }

    /// Greatest heat that the flow of a source's pumps allows, W.
    pub fn most_w(&self, unit: usize) -> f64 {
        self.most_w[unit]
    }

    /// Share of each limit by which a split is beyond it; `None`: it has no state at all.
    fn beyond(&mut self, network: &Network, heat_w: &[f64]) -> Option<Vec<f64>> {
        let flows: Vec<f64> = heat_w.iter().zip(&self.each_j_kg).map(|(w, each)| w.max(0.0) / each).collect();
        let all: f64 = flows.iter().sum();
        let sum = |follows: bool| -> f64 {
            self.consumers_kg_s.iter().filter(|(_, own)| *own == follows).map(|(flow, _)| flow).sum()
        };
        let share = ((all - sum(false)) / sum(true).max(1e-9)).max(0.0);
        for (row, (flow, follows)) in self.problem.consumers.iter_mut().zip(&self.consumers_kg_s) {
            row.set_flow_kg_s = if *follows { share * flow } else { *flow };
        }
        let largest = (0..flows.len()).max_by(|a, b| flows[*a].total_cmp(&flows[*b]).then(b.cmp(a)))?;
        for (unit, row) in self.rows.iter().enumerate() {
            self.problem.sources[*row].hold = if unit == largest {
                Hold::WorstPoint { available_pa: self.available_pa, consumer: None }
            } else {
                Hold::MassFlow(flows[unit])
            };
        }
        let options =
            solver::Options { mode: Mode::Hydraulic, tolerance: 1e-7, judge: false, ..solver::Options::default() };
        let state = self.hydraulics.solve(network, &self.problem, &options);
        if !state.converged {
            return None;
        }
        let problem = &self.problem;
        let beyond = |limit: &Limit| {
            let share = match limit.place {
                Place::Fast(link) => {
                    let area = problem.density_kg_m3[link] * problem.figures.bore_area_m2[link];
                    state.mass_flow_kg_s[link].abs() / area / limit.value - 1.0
                }
                Place::Nominal(link) => {
                    let ends = [problem.from[link], problem.to[link]].map(|node| state.pressure_pa[node as usize]);
                    ends[0].max(ends[1]) / limit.value - 1.0
                }
                Place::Low(node) => (limit.value - state.pressure_pa[node]) / PRESSURE_SCALE_PA,
            };
            if share.is_finite() { share - limit.allowed } else { f64::NEG_INFINITY }
        };
        Some(self.limits.iter().map(beyond).collect())
    }

    /// By how much a split is beyond what is borne, share of a limit; infinite where it has no state.
    pub fn excess(&mut self, network: &Network, heat_w: &[f64]) -> f64 {
        let worst = |beyond: Vec<f64>| beyond.into_iter().fold(f64::NEG_INFINITY, f64::max);
        self.beyond(network, heat_w).map_or(f64::INFINITY, worst)
    }

    /// Whether an excess counts.
    pub fn is_beyond(excess: f64) -> bool {
        excess > SLACK
    }

    /// Planes between splits that are borne and one that is not; none where it is borne. `own_w` is borne and gives as much.
    pub fn planes(&mut self, network: &Network, own_w: &[f64], heat_w: &[f64], steps: usize) -> Vec<Cut> {
        let between = |share: f64| -> Vec<f64> {
            own_w.iter().zip(heat_w).map(|(own, other)| own + share * (other - own)).collect()
        };
        let (mut low, mut high) = ((0.0, self.excess(network, own_w)), (1.0, self.excess(network, heat_w)));
        if !Self::is_beyond(high.1) || low.1 > SLACK {
            return Vec::new();
        }
        // Beyond the edge by a little: there the limit that is met has its slope.
        for _ in 0..HALVINGS {
            if high.1 <= SLACK {
                break;
            }
            let secant = low.0 + (high.0 - low.0) * (0.5 * SLACK - low.1) / (high.1 - low.1);
            let width = high.0 - low.0;
            let next = if high.1.is_finite() {
                secant.clamp(low.0 + 0.1 * width, high.0 - 0.1 * width)
            } else {
                low.0 + 0.5 * width
            };
            let excess = self.excess(network, &between(next));
            if excess >= 0.0 {
                high = (next, excess);
            } else {
                low = (next, excess);
            }
        }
        let at_w = between(high.0);
        let Some(here) = self.beyond(network, &at_w) else { return Vec::new() };
        let all_w: f64 = at_w.iter().sum();
        let mut slopes: Vec<Vec<f64>> = Vec::with_capacity(at_w.len());
        for unit in 0..at_w.len() {
            let mut beside_w = at_w.clone();
            beside_w[unit] += NUDGE * all_w;
            let Some(there) = self.beyond(network, &beside_w) else { return Vec::new() };
            slopes.push(there.iter().zip(&here).map(|(there, here)| (there - here) / (NUDGE * all_w)).collect());
        }
        let mut order: Vec<usize> = (0..here.len()).filter(|limit| here[*limit] > -SLACK).collect();
        order.sort_by(|a, b| here[*b].total_cmp(&here[*a]).then(a.cmp(b)));
        let mut out: Vec<Cut> = Vec::new();
        for limit in order {
            let slope: Vec<f64> = slopes.iter().map(|of_unit| of_unit[limit]).collect();
            let greatest = slope.iter().copied().fold(0.0, |most: f64, slope| most.max(slope.abs()));
            if greatest.is_nan() || greatest * all_w < 1e-3 {
                continue;
            }
            let units: Vec<f64> = slope.iter().map(|slope| slope / greatest).collect();
            let here_w: f64 = units.iter().zip(&at_w).map(|(share, w)| share * w).sum();
            let most_w = here_w - here[limit] / greatest;
            let beyond_w: f64 = units.iter().zip(heat_w).map(|(share, w)| share * w).sum::<f64>() - most_w;
            // One that does not take the split away is of no use; here the limit is not convex.
            if beyond_w <= 0.0 || out.iter().any(|other| alike(&other.units, &units) > ALIKE) {
                continue;
            }
            let mut stores = vec![0.0; self.stores];
            for (share, tanks) in units.iter().zip(&self.tanks) {
                tanks.iter().for_each(|tank| stores[*tank] = *share);
            }
            out.push(Cut { id: self.name(network, limit), units, stores, most_w: vec![most_w; steps] });
            if out.len() >= PLANES {
                break;
            }
        }
        out
    }

    fn name(&self, network: &Network, limit: usize) -> String {
        let limit = &self.limits[limit];
        let element = match limit.place {
            Place::Fast(link) | Place::Nominal(link) => network.link_ref(self.problem.link_handles[link]),
            Place::Low(node) => network.node_ref(self.problem.node_handles[node]),
        };
        format!("{} {}", limit.code.word(), element.id)
    }
}

/// Cosine between two planes.
pub(super) fn alike(a: &[f64], b: &[f64]) -> f64 {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    product(a, b) / (product(a, a) * product(b, b)).sqrt().max(1e-300)
}

/// Velocity and pressure of all pipes, pressure of all nodes.
fn limits(network: &Network, problem: &Problem, node_c: impl Fn(usize) -> f64) -> Vec<(ElementRef, Limit)> {
    let rules = Rules::default();
    let mut out = Vec::new();
    let limit = |place: Place, code: Code, value: f64| Limit { place, code, value, allowed: -ROOM };
    for view in network.links() {
        let (Some(pipe), Some(link)) = (view.pipe(), problem.link(view.handle)) else { continue };
        out.push((view.element(), limit(Place::Fast(link), Code::VelocityHigh, rules.velocity_m_s.value)));
        if let Some(nominal_pa) = pipe.details.nominal_pressure_pa {
            out.push((view.element(), limit(Place::Nominal(link), Code::PressureAboveNominal, nominal_pa)));
        }
    }
    for (handle, _, node) in network.nodes() {
        let Some(dense) = problem.node(handle) else { continue };
        let boiling_pa = saturation_pressure_pa(node_c(dense)) - ATMOSPHERE_PA + rules.vapour_margin_pa.value;
        let least_pa = if node.side == Side::Return { rules.return_pressure_pa.value } else { f64::NEG_INFINITY };
        for (code, value) in [(Code::PressureBelowVapour, boiling_pa), (Code::ReturnPressureLow, least_pa)] {
            if value.is_finite() {
                out.push((network.node_ref(handle), limit(Place::Low(dense), code, value)));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::generate::{Parameters, city};

    /// Splits between three plants of a generated city, by shares that sum to one.
    #[test]
    fn planes_take_away_what_is_not_borne_and_nothing_else() {
        let network = city(&Parameters { stations: 30, sources: 3, seed: 2, ..Parameters::default() });
        let sources: Vec<_> = network.links().filter(|view| view.source().is_some()).map(|view| view.handle).collect();
        let setting = Setting {
            supply_c: vec![110.0; sources.len()],
            sources,
            beside: Vec::new(),
            load_w: vec![80e6],
            outdoor_c: vec![-12.0],
            step_s: 900.0,
            start_calendar_s: 0.0,
            pump_efficiency: 0.7,
        };
        let start = Start::new(&network, &setting).unwrap();
        let mut bearing = Bearing::new(&network, &setting, &start).unwrap();
        let heat = |link| start.simulation().at_source(link).map_or(0.0, |passed| passed.heat_w.max(0.0));
        let own_w: Vec<f64> = setting.sources.iter().map(|link| heat(*link)).collect();
        let all_w: f64 = own_w.iter().sum();
        bearing.bears(&network, &own_w);
        assert!(!Bearing::is_beyond(bearing.excess(&network, &own_w)));
        let mut splits = Vec::new();
        for a in 0..=6 {
            splits.extend((0..=6 - a).map(|b| [a, b, 6 - a - b].map(|part| f64::from(part) / 6.0 * all_w).to_vec()));
        }
        let mut planes: Vec<Cut> = Vec::new();
        for split in &splits {
            planes.extend(bearing.planes(&network, &own_w, split, 1));
        }
        assert!(!planes.is_empty(), "the pipes between the plants carry everything");
        let sum = |plane: &Cut, split: &[f64]| plane.units.iter().zip(split).map(|(a, w)| a * w).sum::<f64>();
        let (mut inside, mut outside) = (0, 0);
        for split in &splits {
            let taken = planes.iter().any(|plane| sum(plane, split) > plane.most_w[0] + 0.005 * all_w);
            let beyond = bearing.excess(&network, split);
            if taken {
                outside += 1;
                assert!(beyond > -0.01, "{split:?} is borne ({beyond}) and was taken away");
            } else if !planes.iter().any(|plane| sum(plane, split) > plane.most_w[0] - 0.005 * all_w) {
                inside += 1;
                assert!(beyond < 0.02, "{split:?} is not borne ({beyond}) and was left");
            }
        }
        assert!(outside > 0 && inside > 0, "{inside} inside, {outside} outside");
        assert!(planes.iter().all(|plane| sum(plane, &own_w) <= plane.most_w[0] + 0.005 * all_w));
    }
}
