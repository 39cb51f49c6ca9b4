//! A plan tried on the network: the simulator runs it step by step, and what it finds is set beside what the plan says.
//!
//! In each step one source holds the pressure at the worst consumer and so gives whatever is wanted (the reference plant where it
//! has room for that, else the one with most); all others hold the flow that carries their planned heat at the return temperature
//! they last saw. Consumers ask for their share of the load, less what the plan lets the buildings give. Every step's state is held
//! against the rules of the network; what breaks one is a [`Found`] with its step. The same for the network as it runs by
//! itself ([`Start::own_way`]). Not here: what follows from it (`propose`), and which consumers are short (`served`).

use super::model::Model;
use super::plan::Plan;
use super::served::Served;
use crate::network::{Code, Demand, ElementRef, Finding, LinkId, Network, Severity, SourceControl};
use crate::physics::weather::Weather;
use crate::simulation::equip::HEAT_CAPACITY_J_KGK;
use crate::simulation::{FixedDemand, FixedReturn, FixedSupply, Front, Options, Simulation};
use crate::solver::problem::Hold;
use crate::solver::rules::{Rules, judge};
use crate::units::Quantity;

/// Available pressure at the worst consumer above the most that any requires, Pa.
const MARGIN_PA: f64 = 20_000.0;
/// Where no consumer says what it requires.
const USUAL_REQUIRED_PA: f64 = 80_000.0;
/// Time that the network is run at the first step's state before the plan begins, s.
const BEFORE_S: f64 = 4.0 * 3600.0;
/// Steps of the simulation at most, s.
const STEP_S: f64 = 300.0;
/// A consumer draws at most this many times the flow of its design.
const MOST_FLOW: f64 = 10.0;
/// Room a source must have to hold the pressure: what is wanted and what is planned differ by less, share of the load.
const HOLDING_ROOM: f64 = 0.03;

/// What is asked of the network, whatever the plan.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Sources in the order of the model's units, and the temperature each gives.
    pub sources: Vec<LinkId>,
    pub supply_c: Vec<f64>,
    /// Unit beside which each store of the model stands; none: the buildings.
    pub beside: Vec<Option<usize>>,
    /// Heat all consumers ask for, by step, W.
    pub load_w: Vec<f64>,
    pub outdoor_c: Vec<f64>,
    pub step_s: f64,
    pub start_calendar_s: f64,
    pub pump_efficiency: f64,
}

impl Setting {
    /// Stores that stand beside a unit.
    pub fn tanks_at(&self, unit: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.beside.len()).filter(move |store| self.beside[*store] == Some(unit))
    }

    /// Heat the buildings give in a step of a plan instead of the sources, W.
    pub fn from_buildings_w(&self, plan: &Plan, step: usize) -> f64 {
        let buildings = self.beside.iter().enumerate().filter(|(_, beside)| beside.is_none());
        buildings.map(|(store, _)| plan.store_w[store][step]).sum()
    }
}

/// What breaks a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub step: usize,
    pub finding: Finding,
    /// Source whose pumps or water are meant, where it is one.
    pub unit: Option<usize>,
}

/// What the simulator made of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tried {
    /// Means by source (tank beside it included) and step.
    pub heat_w: Vec<Vec<f64>>,
    pub flow_kg_s: Vec<Vec<f64>>,
    pub supply_c: Vec<Vec<f64>>,
    pub return_c: Vec<Vec<f64>>,
    /// Pressure rise of its pumps at the end of the step, Pa, and their electricity, W.
    pub rise_pa: Vec<Vec<f64>>,
    pub pumps_w: Vec<Vec<f64>>,
    /// By step: what all consumers got, what all sources gave, W; the coldest water at a consumer, °C.
    pub consumed_w: Vec<f64>,
    pub supplied_w: Vec<f64>,
    pub coldest_c: Vec<f64>,
    /// Which source held the pressure.
    pub holding: Vec<usize>,
    pub found: Vec<Found>,
    pub hydraulic_solves: u32,
}

/// The network as it stands before the first step.
#[derive(Clone, Debug)]
pub struct Start {
    simulation: Simulation,
    /// Design heat by consumer link.
    consumers: Vec<(LinkId, f64, f64)>,
    available_pa: f64,
    /// What the network breaks at its own design state.
    known: Vec<(Code, ElementRef)>,
    reference: Option<usize>,
}

impl Start {
    /// Runs the network for some hours at the load of the first step, as its own data have it run.
    pub fn new(network: &Network, setting: &Setting) -> Result<Start, Vec<Finding>> {
        let step_s = sub_step_s(setting.step_s);
        let options = Options {
            step_s,
            front: Front::Plug,
            start_calendar_s: setting.start_calendar_s - BEFORE_S,
            ..Options::default()
        };
        let simulation = Simulation::new(network, options)?;
        let mut consumers = Vec::new();
        let (mut required_pa, mut any) = (0.0_f64, false);
        for view in network.links() {
            let Some(consumer) = view.consumer().filter(|consumer| !consumer.shut) else { continue };
            if let Some(pa) = consumer.required_pressure_pa {
                (required_pa, any) = (required_pa.max(pa), true);
            }
            if let Demand::Heat { heat_w } = consumer.demand {
                consumers.push((view.handle, heat_w, consumer.return_temperature_c));
            }
        }
        let is_reference = |link: &LinkId| {
            let control = network.link_view(*link).and_then(|view| view.source().map(|source| source.control.clone()));
            matches!(control, Some(SourceControl::Reference { .. }))
                || matches!(control, Some(SourceControl::WorstPoint { return_pressure_pa: Some(_), .. }))
        };
        let design = simulation.solution();
        let known = rules_broken(network, &design).into_iter().map(|finding| (finding.code, finding.element)).collect();
        let mut start = Start {
            simulation,
            consumers,
            available_pa: MARGIN_PA + if any { required_pa } else { USUAL_REQUIRED_PA },
            known,
            reference: setting.sources.iter().position(is_reference),
        };
        let before = (BEFORE_S / step_s).round() as usize;
        let mut simulation = start.simulation.clone();
        start.consumers_of(&mut simulation, setting, |step| setting.load_w[step], 0);
        for (link, supply_c) in setting.sources.iter().zip(&setting.supply_c) {
            let _ =
                simulation.set_source(*link, Box::new(FixedSupply { supply_c: *supply_c, capacity_w: f64::INFINITY }));
        }
        for _ in 0..before {
            simulation.step(network, weather(setting.outdoor_c[0]));
        }
        start.simulation = simulation;
        Ok(start)
    }

    /// The network before the first step.
    pub fn simulation(&self) -> &Simulation {
        &self.simulation
    }

    /// Pressure held at the worst consumer, Pa.
    pub fn available_pa(&self) -> f64 {
        self.available_pa
    }

    /// Whether a consumer asks for its share of the load; others ask for a flow.
    pub fn follows_load(&self, link: LinkId) -> bool {
        self.consumers.iter().any(|(own, _, _)| *own == link)
    }

    /// Whether the network breaks a rule there at its own design state.
    pub fn is_known(&self, code: Code, element: &ElementRef) -> bool {
        self.known.iter().any(|(known, at)| *known == code && at == element)
    }

    /// Consumers that ask for their share of a load by step.
    fn consumers_of(
        &self,
        simulation: &mut Simulation,
        setting: &Setting,
        load_w: impl Fn(usize) -> f64,
        ahead: usize,
    ) {
        let design_w: f64 = self.consumers.iter().map(|(_, heat_w, _)| heat_w).sum();
        let share = |step: usize| if design_w > 0.0 { load_w(step) / design_w } else { 0.0 };
        let factors: Vec<f64> =
            std::iter::repeat_n(share(0), ahead).chain((0..setting.load_w.len()).map(share)).collect();
        let supply_c = setting.supply_c.iter().copied().fold(f64::INFINITY, f64::min);
        for (link, heat_w, return_c) in &self.consumers {
            let model = FixedReturn {
                demand: FixedDemand::Heat { heat_w: *heat_w },
                return_c: *return_c,
                most_kg_s: MOST_FLOW * heat_w / (HEAT_CAPACITY_J_KGK * (supply_c - return_c).max(1.0)),
                factors: factors.clone(),
                interval_s: setting.step_s,
            };
            // Isolation stations refuse: what they take follows from the zone behind them.
            let _ = simulation.set_consumer(*link, Box::new(model));
        }
    }

    /// Tells the sources what to hold in a step; returns which one holds the pressure.
    fn steer(
        &self,
        simulation: &mut Simulation,
        setting: &Setting,
        model: &Model,
        plan: &Plan,
        step: usize,
        returns_c: &mut [f64],
    ) -> usize {
        let heat = |unit: usize| network_heat_w(setting, plan, unit, step);
        let room =
            |unit: usize| if heat(unit) > 0.0 { room_w(setting, model, plan, unit, step) } else { f64::NEG_INFINITY };
        let wanted_w = HOLDING_ROOM * setting.load_w[step];
        let widest =
            || (0..setting.sources.len()).max_by(|a, b| room(*a).total_cmp(&room(*b)).then(b.cmp(a))).unwrap_or(0);
        let holding = self.reference.filter(|unit| room(*unit) >= wanted_w).unwrap_or_else(widest);
        for (unit, link) in setting.sources.iter().enumerate() {
            let supply_c = setting.supply_c[unit];
            let _ = simulation.set_source(*link, Box::new(FixedSupply { supply_c, capacity_w: f64::INFINITY }));
            if let Some(passed) = simulation.at_source(*link)
                && passed.inlet_c.is_finite()
            {
                returns_c[unit] = passed.inlet_c;
            }
            let hold = if unit == holding {
                Hold::WorstPoint { available_pa: self.available_pa, consumer: None }
            } else {
                let fluid = &simulation.problem().fluid;
                let each_j_kg = fluid.heat_between_j_kg(supply_c, returns_c[unit]).max(1000.0);
                Hold::MassFlow(if each_j_kg.is_finite() { heat(unit) / each_j_kg } else { 0.0 })
            };
            simulation.hold(*link, hold);
        }
        holding
    }

    /// Runs a plan.
    pub fn run(&self, network: &Network, setting: &Setting, model: &Model, plan: &Plan) -> Tried {
        self.in_time(network, setting, model, Some(plan))
    }

    /// Runs the network over the same time as its own data have it run.
    pub fn own_way(&self, network: &Network, setting: &Setting, model: &Model) -> Tried {
        self.in_time(network, setting, model, None)
    }

    fn in_time(&self, network: &Network, setting: &Setting, model: &Model, plan: Option<&Plan>) -> Tried {
        let (steps, count) = (setting.load_w.len(), setting.sources.len());
        let mut simulation = self.simulation.clone();
        let ahead = (simulation.time_s() / setting.step_s).round() as usize;
        let from_buildings_w = |step: usize| plan.map_or(0.0, |plan| setting.from_buildings_w(plan, step));
        let load_w = |step: usize| (setting.load_w[step] - from_buildings_w(step)).max(0.0);
        self.consumers_of(&mut simulation, setting, load_w, ahead);
        let empty = || vec![vec![0.0; steps]; count];
        let mut out = Tried {
            heat_w: empty(),
            flow_kg_s: empty(),
            supply_c: empty(),
            return_c: empty(),
            rise_pa: empty(),
            pumps_w: empty(),
            ..Tried::default()
        };
        let parts = (setting.step_s / simulation.options.step_s).round().max(1.0) as usize;
        let mut returns = vec![f64::NAN; count];
        let mut served = Served::new(&self.consumers, setting.step_s);
        for step in 0..steps {
            let steer = |plan| self.steer(&mut simulation, setting, model, plan, step, &mut returns);
            out.holding.push(plan.map_or(self.reference.unwrap_or(0), steer));
            let (mut consumed_w, mut supplied_w, mut settled) = (0.0, 0.0, true);
            for _ in 0..parts {
                let report = simulation.step(network, weather(setting.outdoor_c[step]));
                settled &= report.converged;
                consumed_w += report.ledger.consumed_j / simulation.options.step_s / parts as f64;
                supplied_w += report.ledger.supplied_j / simulation.options.step_s / parts as f64;
                served.add(&simulation, 1.0 / parts as f64);
                for (unit, link) in setting.sources.iter().enumerate() {
                    let Some(passed) = simulation.at_source(*link) else { continue };
                    let share = 1.0 / parts as f64;
                    out.heat_w[unit][step] += share * passed.heat_w;
                    out.flow_kg_s[unit][step] += share * passed.mass_flow_kg_s;
                    out.supply_c[unit][step] += share * passed.outlet_c;
                    out.return_c[unit][step] += share * passed.inlet_c;
                }
            }
            out.consumed_w.push(consumed_w);
            out.supplied_w.push(supplied_w);
            let short = served.judge(network, &simulation, load_w(step));
            self.end_of_step(network, setting, model, &simulation, step, settled, short, &mut out);
        }
        out.hydraulic_solves = simulation.solves();
        out
    }

    /// Pumps, and what breaks a rule, at the end of a step.
    fn end_of_step(
        &self,
        network: &Network,
        setting: &Setting,
        model: &Model,
        simulation: &Simulation,
        step: usize,
        settled: bool,
        short: Vec<Finding>,
        out: &mut Tried,
    ) {
        let solution = simulation.solution();
        let unit_of = |element: &ElementRef| {
            setting
                .sources
                .iter()
                .position(|link| network.link_view(*link).is_some_and(|view| view.element() == *element))
        };
        let mut found: Vec<Finding> = if settled {
            rules_broken(network, &solution)
                .into_iter()
                .filter(|finding| !self.is_known(finding.code, &finding.element))
                .collect()
        } else {
            let told = simulation.hydraulics().state().findings.iter();
            told.filter(|finding| finding.severity == Severity::Error).cloned().collect()
        };
        for (unit, link) in setting.sources.iter().enumerate() {
            let Some(state) = solution.source(*link) else { continue };
            let rise_pa = state.supply_pressure_pa - state.return_pressure_pa;
            out.rise_pa[unit][step] = rise_pa;
            let density = simulation.problem().fluid.density_kg_m3(out.return_c[unit][step]);
            let hydraulic_w = (out.flow_kg_s[unit][step] * rise_pa / density).max(0.0);
            out.pumps_w[unit][step] = hydraulic_w / setting.pump_efficiency;
            // What the tank beside it takes or gives is not made by the source.
            let most_w = model.units[unit].most_w[step] + beside_w(setting, model, unit, step);
            if out.heat_w[unit][step] > most_w * 1.01 + 1e4
                && let Some(view) = network.link_view(*link)
            {
                let over = Finding::new(Code::SourceOverCapacity, view.element()).severe(Severity::Warning);
                let over = over.physical("heat", Quantity::Heat, out.heat_w[unit][step]);
                found.push(over.physical("capacity", Quantity::Heat, most_w));
            }
        }
        let asking = self.consumers.iter().filter(|(_, heat_w, _)| *heat_w > 0.0);
        let inlets = asking.filter_map(|(link, _, _)| simulation.at_consumer(*link).map(|passed| passed.inlet_c));
        let coldest_c = inlets.fold(f64::INFINITY, f64::min);
        found.extend(short);
        out.coldest_c.push(coldest_c);
        out.found.extend(found.into_iter().map(|finding| {
            let unit = unit_of(&finding.element);
            Found { step, finding, unit }
        }));
    }
}

/// Heat a source's site gives to the network, its tank included, W.
pub fn network_heat_w(setting: &Setting, plan: &Plan, unit: usize, step: usize) -> f64 {
    plan.heat_w[unit][step] + setting.tanks_at(unit).map(|store| plan.store_w[store][step]).sum::<f64>()
}

/// What a source can give or take beside its plan before its capacity or a transport limit is met, W.
fn room_w(setting: &Setting, model: &Model, plan: &Plan, unit: usize, step: usize) -> f64 {
    let most_w = model.units[unit].most_w[step] + beside_w(setting, model, unit, step);
    let of_cuts = model.cuts.iter().filter_map(|cut| {
        let share = cut.units.get(unit).copied().unwrap_or(0.0).abs();
        (share > 1e-3).then(|| (cut.most_w[step] - cut.of(plan, step)) / share)
    });
    of_cuts.fold(most_w - network_heat_w(setting, plan, unit, step), f64::min)
}

/// Greatest heat the tanks beside a source can give, W.
pub fn beside_w(setting: &Setting, model: &Model, unit: usize, step: usize) -> f64 {
    setting.tanks_at(unit).map(|store| model.stores[store].discharge_w[step]).sum()
}

/// A whole part of the plan's step, at most five minutes.
fn sub_step_s(step_s: f64) -> f64 {
    step_s / (step_s / STEP_S).ceil().max(1.0)
}

fn weather(temperature_c: f64) -> Weather {
    Weather { temperature_c, wind_m_s: 0.0, solar_w_m2: 0.0 }
}

/// Limits of pressure, velocity and flow that a state breaks.
fn rules_broken(network: &Network, solution: &crate::solver::Solution) -> Vec<Finding> {
    let meant = |code: Code| {
        matches!(
            code,
            Code::PressureBelowVapour
                | Code::ReturnPressureLow
                | Code::PressureAboveNominal
                | Code::VelocityHigh
                | Code::SourceReversed
                | Code::SourceFlowHigh
        )
    };
    let mut found = judge(network, solution, &Rules::default());
    found.retain(|finding| meant(finding.code));
    found
}
