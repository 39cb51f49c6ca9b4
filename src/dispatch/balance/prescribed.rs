//! The state in which every station has its wanted flow: what pressure is left at each, and what each needs itself.
//!
//! A copy of the network in which stations set by hand follow a demand for their wanted flow, with everything that may be set at its
//! widest: valves open, pumps of network and stations at full speed. Stations that cannot have their flow even so draw what
//! they can, by the solver's own law.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{BalanceError, Wishes};
use crate::network::edit::Edit;
use crate::network::{
    Connection, LinkId, LinkKind, Network, NodeId, Pump, PumpControl, PumpRole, SourceControl, ValveCondition,
    ValveKind,
};
use crate::physics::pump::PumpGroup;
use crate::physics::pump_curve::HeadCurve;
use crate::physics::station::jet_pump_drop_pa;
use crate::solver::fluid::Fluid;
use crate::solver::problem::{NONE, Problem};
use crate::solver::{Mode, Options, Solution, Solver};

/// Speed a pump can always have.
const RATED_SPEED: f64 = 1.0;

/// A consumer that takes part.
#[derive(Clone, Debug)]
pub struct Station {
    pub link: LinkId,
    pub ends: [NodeId; 2],
    /// Whether it is set by hand, and so to be set here.
    pub by_hand: bool,
    /// Opening before.
    pub opening: f64,
    pub wanted_kg_s: f64,
    pub kv_open_m3_h: Option<f64>,
    pub required_pa: f64,
    pub connection: Connection,
    /// Pressure its open valve and its circuit lose at 1 kg/s, Pa s²/kg², and what is known of its pump.
    pub valve_pa_s2_kg2: f64,
    pub circuit_pa_s2_kg2: f64,
    pub mixing_ratio: f64,
    pub pump: Option<StationPump>,
    /// Speed its pump is set to now.
    pub speed: f64,
}

/// The pump of a station that helps the primary pressure.
#[derive(Clone, Debug)]
pub struct StationPump {
    pub curve: HeadCurve,
    pub group: PumpGroup,
    pub flow_ratio: f64,
}

impl Station {
    /// Pressure its own parts lose at a flow with the valve open, Pa.
    pub fn open_pa(&self, flow_kg_s: f64) -> f64 {
        (self.valve_pa_s2_kg2 + self.driven_pa_s2_kg2()) * flow_kg_s * flow_kg_s
    }

    fn driven_pa_s2_kg2(&self) -> f64 {
        match self.connection {
            Connection::JetPump => jet_pump_drop_pa(self.circuit_pa_s2_kg2, self.mixing_ratio),
            _ => self.circuit_pa_s2_kg2,
        }
    }

    /// Pressure everything but its valve loses, Pa.
    pub fn behind_valve_pa(&self, flow_kg_s: f64) -> f64 {
        self.driven_pa_s2_kg2() * flow_kg_s * flow_kg_s
    }

    /// Least rise its pump gives in any case: one that mixes drives the whole circuit.
    pub fn least_rise_pa(&self, flow_kg_s: f64) -> f64 {
        match self.connection {
            Connection::MixingSupplyPump | Connection::MixingReturnPump => self.behind_valve_pa(flow_kg_s),
            _ => 0.0,
        }
    }

    /// Greatest rise of its pump at a flow, Pa; 0 without one.
    pub fn greatest_rise_pa(&self, flow_kg_s: f64, density_kg_m3: f64, gravity_m_s2: f64) -> f64 {
        self.pump.as_ref().map_or(0.0, |pump| {
            let (rise_pa, _) =
                pump.group.pressure_rise(&pump.curve, pump.flow_ratio * flow_kg_s, density_kg_m3, gravity_m_s2);
            rise_pa.max(0.0)
        })
    }
}

/// The network made ready, before any of it is solved.
#[derive(Clone, Debug)]
pub struct Prescribed {
    pub network: Network,
    pub stations: Vec<Station>,
    /// Valves and pumps that may be set.
    pub valves: Vec<LinkId>,
    pub pumps: Vec<LinkId>,
    /// Of the solved state: rows by dense link.
    pub problem: Problem,
    mode: Mode,
    fluid: Fluid,
}

/// The network as its wishes see it before: stations with a controller set by hand where that is asked for. Gives the edits too.
pub fn as_wished(network: &Network, wishes: &Wishes) -> Result<(Network, Vec<Edit>), BalanceError> {
    let mut changed = network.clone();
    let mut edits = Vec::new();
    if wishes.by_hand {
        for view in network.links() {
            let Some(consumer) = view.consumer() else { continue };
            if consumer.hand_opening.is_none()
                && consumer.kv_open_m3_h.is_some()
                && !feeds_another(network, view.handle)
            {
                edits.push(Edit::set(view.element(), "hand_opening", json!(1.0)));
            }
        }
    }
    for edit in &edits {
        edit.apply(&mut changed)?;
    }
    Ok((changed, edits))
}

/// Whether a consumer heats another zone, whose plant decides on its flow.
fn feeds_another(network: &Network, link: LinkId) -> bool {
    let name = network.link_name(link);
    network.links().any(|view| {
        view.source().and_then(|source| source.exchanger.as_ref()).is_some_and(|exchanger| exchanger.primary == name)
    })
}

/// Whether a valve of the network is there to be set.
fn can_be_set(kind: &LinkKind) -> bool {
    let LinkKind::Valve(valve) = kind else { return false };
    let sized = valve.kv_m3_h.is_some_and(|kv| kv > 0.0)
        || valve.diameter_m.is_some_and(|d| d > 0.0) && valve.zeta.is_none_or(|zeta| zeta > 0.0);
    matches!(valve.kind, ValveKind::Balancing | ValveKind::Control)
        && valve.opening > 0.0
        && !matches!(valve.condition, ValveCondition::Stuck | ValveCondition::Unreachable)
        && sized
}

fn fastest(pump: &Pump) -> f64 {
    pump.speed.max(RATED_SPEED)
}

impl Prescribed {
    /// From the network as wished, the stations getting this share of their wanted flows.
    pub fn new(network: &Network, wishes: &Wishes, level: f64) -> Result<Prescribed, BalanceError> {
        let problem = Problem::new(network).map_err(BalanceError::Unsolved)?;
        let fluid = Fluid::new(&network.settings().water).map_err(|_| BalanceError::Unsolved(Vec::new()))?;
        let mut changed = network.clone();
        let mut edits = Vec::new();
        let (mut stations, mut valves, mut pumps) = (Vec::new(), Vec::new(), Vec::new());
        let before = before_rises(network);
        for view in network.links() {
            let element = view.element();
            match &view.link.kind {
                LinkKind::Consumer(consumer) if !consumer.shut && !feeds_another(network, view.handle) => {
                    let Some(dense) = problem.link(view.handle) else { continue };
                    let row = problem.consumers.iter().find(|row| row.link as usize == dense);
                    let Some(asked_kg_s) = row.map(|row| row.asked_kg_s) else { continue };
                    let wanted_kg_s = wishes.flows_kg_s.get(&view.handle).copied().unwrap_or(asked_kg_s);
                    if wanted_kg_s.is_nan() || wanted_kg_s <= 0.0 {
                        continue;
                    }
                    let by_hand = consumer.hand_opening.is_some();
                    let wanted_kg_s = if by_hand { level * wanted_kg_s } else { wanted_kg_s };
                    // One that regulates itself keeps its demand, unless another flow is wanted of it.
                    if by_hand || wishes.flows_kg_s.contains_key(&view.handle) {
                        let demand = json!({ "mass-flow": { "mass_flow_kg_s": wanted_kg_s } });
                        edits.push(Edit::set(element.clone(), "demand", demand));
                    }
                    if by_hand {
                        edits.push(Edit::set(element.clone(), "hand_opening", Value::Null));
                        if let Some(pump) = consumer.station.as_ref().and_then(|station| station.pump.as_ref()) {
                            edits.push(Edit::set(element, "station.pump.speed", json!(fastest(pump))));
                        }
                    }
                    let own = consumer.station.as_ref().and_then(|station| station.pump.as_ref());
                    stations.push(Station {
                        link: view.handle,
                        ends: [view.from, view.to],
                        by_hand,
                        opening: consumer.hand_opening.unwrap_or(f64::NAN),
                        wanted_kg_s,
                        kv_open_m3_h: consumer.kv_open_m3_h,
                        required_pa: consumer.required_pressure_pa.filter(|_| wishes.keep_required).unwrap_or(0.0),
                        connection: consumer.connection,
                        valve_pa_s2_kg2: 0.0,
                        circuit_pa_s2_kg2: 0.0,
                        mixing_ratio: 0.0,
                        pump: None,
                        speed: own.filter(|pump| pump.running).map_or(0.0, |pump| pump.speed),
                    });
                }
                kind @ LinkKind::Valve(_) if can_be_set(kind) => valves.push(view.handle),
                LinkKind::Pump(pump)
                    if pump.running && pump.control == PumpControl::Speed && pump.role != PumpRole::MakeUp =>
                {
                    pumps.push(view.handle);
                }
                LinkKind::Source(source) if source.running => {
                    // Its rise is looked for here; one that follows the worst loop stands still meanwhile.
                    if let SourceControl::WorstPoint { return_pressure_pa, .. } = &source.control
                        && let Some(rise_pa) = before.get(&view.handle)
                    {
                        let pressure_rise_pa = *rise_pa;
                        let control = match *return_pressure_pa {
                            Some(return_pressure_pa) => {
                                SourceControl::Reference { return_pressure_pa, pressure_rise_pa }
                            }
                            None => SourceControl::PressureRise { pressure_rise_pa },
                        };
                        edits.push(Edit::set(element, "control", json!(control)));
                    }
                }
                _ => {}
            }
        }
        for edit in &edits {
            edit.apply(&mut changed)?;
        }
        if stations.is_empty() {
            return Err(BalanceError::Nobody);
        }
        Ok(Prescribed { network: changed, stations, valves, pumps, problem, mode: wishes.mode, fluid })
    }

    /// Opens the valves and runs the pumps that are to be set.
    pub fn widen(&mut self, links: &[LinkId]) -> Result<(), BalanceError> {
        for &link in links {
            let Some(view) = self.network.link_view(link) else { continue };
            let edit = match &view.link.kind {
                LinkKind::Valve(_) => Edit::set(view.element(), "opening", json!(1.0)),
                LinkKind::Pump(pump) => Edit::set(view.element(), "speed", json!(fastest(pump))),
                _ => continue,
            };
            edit.apply(&mut self.network)?;
        }
        Ok(())
    }

    /// Solves it, and reads off what the stations' own parts lose in water as warm as it is there.
    pub fn solve(&mut self, solver: &mut Solver) -> Result<Solution, BalanceError> {
        let options = Options { mode: self.mode, judge: false, ..Options::default() };
        let solution = solver.solve(&self.network, &options);
        if !solution.converged {
            return Err(BalanceError::NoState(solution.findings));
        }
        self.problem = Problem::new(&self.network).map_err(BalanceError::NoState)?;
        for at in 0..self.stations.len() {
            let link = self.stations[at].link;
            let Some(dense) = self.problem.link(link) else { continue };
            let density_kg_m3 = self.density_kg_m3(link, &solution);
            let Ok(row) = self.problem.consumers.binary_search_by_key(&(dense as u32), |row| row.link) else {
                continue;
            };
            let row = &self.problem.consumers[row];
            let station = &mut self.stations[at];
            let resistance = |kv: f64| crate::physics::valve::resistance_of_kv_pa_s2_kg2(kv, density_kg_m3);
            station.valve_pa_s2_kg2 = station.kv_open_m3_h.filter(|&kv| kv > 0.0).map_or(0.0, resistance);
            if row.station != NONE {
                let more = &self.problem.stations[row.station as usize];
                station.circuit_pa_s2_kg2 = more.circuit_pa_s2_kg2;
                station.mixing_ratio = more.mixing_ratio;
                station.pump = more.pump.as_ref().filter(|pump| pump.boosts).map(|pump| StationPump {
                    curve: pump.curve.clone(),
                    group: pump.group,
                    flow_ratio: pump.flow_ratio,
                });
            }
        }
        Ok(solution)
    }

    /// Density of the water in a link.
    pub fn density_kg_m3(&self, link: LinkId, solution: &Solution) -> f64 {
        let known = solution.link(link).map(|state| [state.inlet_temperature_c, state.outlet_temperature_c]);
        match known {
            Some([inlet, outlet]) if inlet.is_finite() && outlet.is_finite() => {
                0.5 * (self.fluid.density_kg_m3(inlet) + self.fluid.density_kg_m3(outlet))
            }
            _ => self.problem.link(link).map_or(1000.0, |dense| self.problem.density_kg_m3[dense]),
        }
    }

    pub fn gravity_m_s2(&self) -> f64 {
        self.network.settings().gravity_m_s2
    }
}

/// Rises of the sources that hold the pressure of the worst loop, as they are.
fn before_rises(network: &Network) -> BTreeMap<LinkId, f64> {
    let holds = |control: &SourceControl| matches!(control, SourceControl::WorstPoint { .. });
    let followers: Vec<LinkId> = network
        .links()
        .filter(|view| view.source().is_some_and(|source| source.running && holds(&source.control)))
        .map(|view| view.handle)
        .collect();
    if followers.is_empty() {
        return BTreeMap::new();
    }
    let options = Options { mode: Mode::Hydraulic, judge: false, ..Options::default() };
    let solution = Solver::new().solve(network, &options);
    let rise = |link: LinkId| {
        let source = solution.source(link)?;
        Some((link, source.supply_pressure_pa - source.return_pressure_pa))
    };
    followers.into_iter().filter_map(rise).filter(|(_, rise)| rise.is_finite()).collect()
}
