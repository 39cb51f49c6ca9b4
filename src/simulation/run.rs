//! The network in time: demands, flows, temperatures, one step after the other.
//!
//! The hydraulics are solved again, starting from their last state, only when some consumer wants a flow that
//! differs from the one it was last solved for by more than a tolerance, or than its own control cares for; in between flows stay. Densities and
//! viscosities follow the temperatures at longer intervals. A simulation has no clock: who holds it decides how fast it
//! runs.

mod onto;
mod steer;

pub use onto::Continued;

use super::enthalpy::Enthalpy;
use super::isolation::{Isolation, Sides};
use super::layout::{self, Around, Ground, PairRows, Start};
use super::ledger::Ledger;
use super::pipe::Pipe;
use super::tank::TankSource;
use super::terminal::{Consumer, FixedDemand, FixedReturn, FixedSupply, Moment, Passed, Source, Weather};
use super::transport::{Front, Transport};
use crate::network::{Code, Demand, ElementRef, Finding, LinkId, LinkKind, Network, SourceKind, thermal};
use crate::physics::calendar;
use crate::solver::hydraulic::Hydraulics;
use crate::solver::problem::{Element, NONE, Problem};
use crate::solver::thermal::HeatProblem;
use crate::solver::{self, Mode, Solution, Solver};

/// A consumer cannot draw more than this many times the flow its heat takes at the sources' temperature.
const MOST_FLOW: f64 = 10.0;
/// Wanted flows are compared to at least this share of the consumer's first flow.
const LEAST_FLOW_SHARE: f64 = 0.02;

/// Change of density worth a hydraulic solve: 0.3 K of hot water.
const DENSITY_MOVED_KG_M3: f64 = 0.2;

/// How to simulate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    pub step_s: f64,
    pub front: Front,
    pub start: Start,
    pub ground: Ground,
    /// Start as `physics::calendar` counts: seconds since 1970-01-01 in local standard time.
    pub start_calendar_s: f64,
    /// Change of a consumer's flow, as a share, after which the hydraulics are solved again.
    pub flow_tolerance: f64,
    /// Time after which densities and viscosities follow the temperatures, s.
    pub property_interval_s: f64,
    /// Flow error of the hydraulics, relative to the largest flow.
    pub hydraulic_tolerance: f64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            step_s: 60.0,
            front: Front::Plug,
            start: Start::Steady,
            ground: Ground::Settings,
            // 15 January 2026, a Thursday in the middle of the season.
            start_calendar_s: 20_468.0 * calendar::DAY_S,
            flow_tolerance: 0.005,
            property_interval_s: 900.0,
            hydraulic_tolerance: 1e-8,
        }
    }
}

/// What a step did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepReport {
    pub ledger: Ledger,
    /// Whether the hydraulics were solved.
    pub solved: bool,
    /// Whether flows are those of a converged solve.
    pub converged: bool,
}

/// A network in time. Cloning it keeps an instant to come back to.
#[derive(Clone, Debug)]
pub struct Simulation {
    pub options: Options,
    problem: Problem,
    heat: HeatProblem,
    hydraulics: Hydraulics,
    transport: Transport,
    around: Vec<Around>,
    pairs: Vec<PairRows>,
    consumers: Vec<Box<dyn Consumer>>,
    sources: Vec<Box<dyn Source>>,
    /// Stations between zones: they stand in for the model of their consumer and take that of their source for a wish.
    isolations: Vec<Isolation>,
    isolation_of_consumer: Vec<u32>,
    /// Consumers shut off from the network: they get no flow, whatever stands there lives on.
    shut: Vec<bool>,
    at_consumers: Vec<Passed>,
    at_sources: Vec<Passed>,
    /// Flow each consumer had in the last hydraulic solve, and at the start.
    solved_kg_s: Vec<f64>,
    nominal_kg_s: Vec<f64>,
    properties_at_s: f64,
    converged: bool,
    /// Sources hold something else than at the last solve.
    steered: bool,
    solves: u32,
    time_s: f64,
    step_set_s: f64,
    ground_set: Option<(f64, f64)>,
    ground_c: Vec<f64>,
    total: Ledger,
    last: Ledger,
    supply_c: Vec<f64>,
}

impl Simulation {
    /// A simulation of the network; every consumer and source does what the network's data says ([`FixedReturn`],
    /// [`FixedSupply`]) until a model takes its place. Ill-posed networks give the findings that say why.
    pub fn new(network: &Network, options: Options) -> Result<Simulation, Vec<Finding>> {
        if network.link_count() == 0 {
            return Err(vec![Finding::new(Code::EmptyNetwork, ElementRef::network())]);
        }
        let problem = Problem::new(network)?;
        let steady = match options.start {
            Start::Steady => {
                let asked = solver::Options { mode: Mode::Thermal, judge: false, ..solver::Options::default() };
                let solution = Solver::new().solve(network, &asked);
                if !solution.converged {
                    return Err(solution.findings);
                }
                Some(solution)
            }
            Start::Uniform { .. } => None,
        };
        Ok(Self::build(network, options, problem, steady.as_ref()))
    }

    fn build(network: &Network, options: Options, problem: Problem, steady: Option<&Solution>) -> Simulation {
        let heat = HeatProblem::new(network, &problem);
        let transport = Transport::start(network, &problem, &heat, options.start, steady);
        let pairs = layout::pairs(&heat, &transport.pipe_of_link);
        let around = layout::around(network, &problem, &transport.pipes);
        let ground_c = transport.pipes.iter().map(Pipe::surroundings_c).collect();
        let consumers = problem.consumers.iter().map(|row| consumer_of(network, &problem, row.link as usize)).collect();
        let shut = problem.consumers.iter().map(|row| is_shut(network, &problem, row.link as usize)).collect();
        let sources = problem.sources.iter().map(|row| source_of(network, &problem, row.link as usize)).collect();
        let mut simulation = Simulation {
            options,
            hydraulics: Hydraulics::default(),
            around,
            pairs,
            consumers,
            sources,
            isolations: Isolation::all(&problem),
            isolation_of_consumer: layout::isolation_of_consumer(&problem),
            shut,
            at_consumers: vec![Passed::default(); problem.consumers.len()],
            at_sources: vec![Passed::default(); problem.sources.len()],
            solved_kg_s: vec![f64::NAN; problem.consumers.len()],
            nominal_kg_s: problem.consumers.iter().map(|row| row.asked_kg_s).collect(),
            properties_at_s: f64::NEG_INFINITY,
            converged: false,
            steered: false,
            solves: 0,
            time_s: 0.0,
            step_set_s: f64::NAN,
            ground_set: None,
            ground_c,
            total: Ledger::default(),
            last: Ledger::default(),
            supply_c: vec![0.0; problem.sources.len()],
            problem,
            heat,
            transport,
        };
        simulation.before_the_first_step(steady);
        simulation
    }

    /// What passed the consumers and sources "before": the steady state, or nothing.
    fn before_the_first_step(&mut self, steady: Option<&Solution>) {
        let passed = |simulation: &Simulation, link: usize| {
            let problem = &simulation.problem;
            let at_rest = simulation.transport.ends_c(problem, link);
            let state = steady.map(|solution| solution.links[problem.link_handles[link].index()]);
            let number = |value: Option<f64>, otherwise: f64| value.filter(|v| v.is_finite()).unwrap_or(otherwise);
            let mass_flow_kg_s = number(state.map(|state| state.mass_flow_kg_s), 0.0);
            let inlet_c = number(state.map(|state| state.inlet_temperature_c), at_rest.0);
            let outlet_c = number(state.map(|state| state.outlet_temperature_c), at_rest.1);
            passed(&simulation.transport.enthalpy, mass_flow_kg_s, inlet_c, outlet_c, f64::NAN)
        };
        for row in 0..self.problem.consumers.len() {
            self.at_consumers[row] = passed(self, self.problem.consumers[row].link as usize);
        }
        for row in 0..self.problem.sources.len() {
            let before = passed(self, self.problem.sources[row].link as usize);
            self.at_sources[row] = Passed { heat_w: -before.heat_w, ..before };
        }
    }

    /// Replaces what stands at a consumer; gives the model back if the link is no consumer that is solved.
    pub fn set_consumer(&mut self, link: LinkId, model: Box<dyn Consumer>) -> Result<(), Box<dyn Consumer>> {
        match self.consumer_row(link) {
            Some(row) => {
                self.consumers[row] = model;
                Ok(())
            }
            None => Err(model),
        }
    }

    /// Replaces what stands at a source; gives the model back if the link is no running source.
    pub fn set_source(&mut self, link: LinkId, model: Box<dyn Source>) -> Result<(), Box<dyn Source>> {
        match self.source_row(link) {
            Some(row) => {
                self.sources[row] = model;
                Ok(())
            }
            None => Err(model),
        }
    }

    /// The step that would be taken now.
    pub fn moment(&self, weather: Weather) -> Moment {
        let calendar_s = self.options.start_calendar_s + self.time_s;
        Moment { time_s: self.time_s, step_s: self.options.step_s, calendar_s, weather }
    }

    /// One step of [`Options::step_s`]. The network is the one it was made from; it is asked for names only.
    pub fn step(&mut self, network: &Network, weather: Weather) -> StepReport {
        let now = self.moment(weather);
        let solved = self.flows(network, &now);
        self.surroundings(&now);
        for (row, source) in self.sources.iter().enumerate() {
            let flow_kg_s = self.transport.flow_kg_s()[self.problem.sources[row].link as usize];
            self.supply_c[row] = source.supply_c(&now, flow_kg_s, &self.at_sources[row]);
        }
        let between: Vec<(Sides, f64)> =
            self.isolations.iter().map(|isolation| (self.sides(isolation), self.secondary_kg_s(isolation))).collect();
        for (isolation, (sides, secondary_kg_s)) in self.isolations.iter().zip(&between) {
            let primary = self.problem.consumers[isolation.row.consumer as usize].link as usize;
            let primary_kg_s = self.transport.flow_kg_s()[primary];
            self.supply_c[isolation.row.source as usize] =
                isolation.supply_c(sides, primary_kg_s, *secondary_kg_s, now.step_s);
        }
        let (consumers, isolations, of_consumer) = (&self.consumers, &self.isolations, &self.isolation_of_consumer);
        let mut ledger = self.transport.step(&self.problem, now.step_s, &self.supply_c, |row, inlet_c, flow_kg_s| {
            match between.get(of_consumer[row] as usize) {
                Some((sides, secondary_kg_s)) => {
                    isolations[of_consumer[row] as usize].return_c(sides, inlet_c, flow_kg_s, *secondary_kg_s)
                }
                None => consumers[row].return_c(&now, inlet_c, flow_kg_s),
            }
        });
        self.settle(&now);
        self.pass_between_zones(now.step_s, &mut ledger);
        self.time_s += now.step_s;
        self.total.add(&ledger);
        self.last = ledger;
        StepReport { ledger, solved, converged: self.converged }
    }

    /// Asks the consumers and solves the hydraulics where that changes anything.
    fn flows(&mut self, network: &Network, now: &Moment) -> bool {
        let mut changed = self.solves == 0 || std::mem::take(&mut self.steered);
        for row in 0..self.consumers.len() {
            let wanted = match self.isolations.get(self.isolation_of_consumer[row] as usize) {
                Some(isolation) => isolation.wanted_kg_s(&self.sides(isolation), self.set_c(isolation, now)),
                None => self.consumers[row].wanted_flow_kg_s(now, &self.at_consumers[row]),
            };
            let wanted = if wanted.is_finite() && !self.shut[row] { wanted } else { 0.0 };
            self.problem.consumers[row].set_flow_kg_s = wanted;
            let known = self.solved_kg_s[row];
            let scale = known.abs().max(LEAST_FLOW_SHARE * self.nominal_kg_s[row].abs());
            let let_be = (self.options.flow_tolerance * scale).max(self.consumers[row].slack_kg_s());
            // Shutting and opening always count.
            let moved = (wanted - known).abs() > let_be || (wanted == 0.0) != (known == 0.0);
            changed |= moved;
            // A run taken over from another network goes on as it would have gone on there.
            if self.solves == 0 && known.is_finite() && !moved {
                self.problem.consumers[row].set_flow_kg_s = known;
            }
        }
        if changed || now.time_s - self.properties_at_s >= self.options.property_interval_s {
            self.properties_at_s = now.time_s;
            changed |= self.update_properties();
        }
        if changed {
            let options = solver::Options {
                mode: Mode::Hydraulic,
                tolerance: self.options.hydraulic_tolerance,
                judge: false,
                ..solver::Options::default()
            };
            self.converged = self.hydraulics.solve(network, &self.problem, &options).converged;
            self.solves += 1;
            for (known, row) in self.solved_kg_s.iter_mut().zip(&self.problem.consumers) {
                *known = row.set_flow_kg_s;
            }
        }
        if changed || now.step_s != self.step_set_s {
            self.step_set_s = now.step_s;
            let flows = &self.hydraulics.state().mass_flow_kg_s;
            self.transport.set_flows(&self.problem, &self.heat, flows, now.step_s, self.options.front);
        }
        changed
    }

    /// What passed both sides of a station between zones.
    fn sides(&self, isolation: &Isolation) -> Sides {
        Sides {
            primary: self.at_consumers[isolation.row.consumer as usize],
            secondary: self.at_sources[isolation.row.source as usize],
        }
    }

    fn secondary_kg_s(&self, isolation: &Isolation) -> f64 {
        self.transport.flow_kg_s()[self.problem.sources[isolation.row.source as usize].link as usize]
    }

    /// Supply temperature the zone behind a station wants.
    fn set_c(&self, isolation: &Isolation, now: &Moment) -> f64 {
        let row = isolation.row.source as usize;
        self.sources[row].supply_c(now, self.secondary_kg_s(isolation), &self.at_sources[row])
    }

    /// Heat between zones is neither supplied nor consumed.
    fn pass_between_zones(&mut self, step_s: f64, ledger: &mut Ledger) {
        for isolation in &mut self.isolations {
            let given_j = step_s * self.at_consumers[isolation.row.consumer as usize].heat_w;
            let taken_j = step_s * self.at_sources[isolation.row.source as usize].heat_w;
            isolation.held_j += given_j - taken_j;
            ledger.consumed_j -= given_j;
            ledger.supplied_j -= taken_j;
            ledger.stored_j += given_j - taken_j;
        }
    }

    /// Whether a consumer is the primary side of a station between zones, whatever its own data ask for.
    pub fn isolates(&self, link: LinkId) -> bool {
        self.consumer_row(link).is_some_and(|row| self.isolation_of_consumer[row] != NONE)
    }

    /// Density and viscosity at the present temperatures; whether that may move water (weak loops run on differences of
    /// density).
    fn update_properties(&mut self) -> bool {
        let mut moves = false;
        for link in 0..self.problem.link_count() {
            let row = self.transport.pipe_of_link[link];
            let mean_c = match self.transport.pipes.get(row as usize) {
                Some(pipe) => pipe.mean_c(),
                None => self.transport.node_c(self.problem.from[link] as usize),
            };
            let density_kg_m3 = self.problem.fluid.density_kg_m3(mean_c);
            if (density_kg_m3 - self.problem.density_kg_m3[link]).abs() > DENSITY_MOVED_KG_M3 {
                moves = true;
                self.problem.density_kg_m3[link] = density_kg_m3;
                self.problem.viscosity_pa_s[link] = self.problem.fluid.viscosity_pa_s(mean_c);
            }
        }
        moves
    }

    /// Ground by season, air by weather, and the warmth of the neighbour in the trench.
    fn surroundings(&mut self, now: &Moment) {
        let hour = (now.calendar_s / 3600.0).floor();
        if self.ground_set != Some((hour, now.weather.temperature_c)) {
            self.ground_set = Some((hour, now.weather.temperature_c));
            for (row, around) in self.around.iter().enumerate() {
                let around_c = match (around, &self.options.ground) {
                    (Around::Air, _) => now.weather.temperature_c,
                    (Around::Ground { depth_m }, Ground::Seasonal(climate)) => {
                        climate.temperature_c(*depth_m, now.day_of_year())
                    }
                    (Around::Ground { .. }, Ground::Settings) => continue,
                };
                self.ground_c[row] = around_c;
                self.transport.pipes[row].set_surroundings(around_c);
            }
        }
        for pair in &self.pairs {
            let [a, b] = pair.rows.map(|row| row as usize);
            let mean_c = [self.transport.pipes[a].mean_c(), self.transport.pipes[b].mean_c()];
            for (own, row, other) in [(0, a, 1), (1, b, 0)] {
                let ground_c = self.ground_c[row];
                self.transport.pipes[row].set_surroundings(ground_c + pair.share[own] * (mean_c[other] - ground_c));
            }
        }
    }

    /// Tells everybody what passed.
    fn settle(&mut self, now: &Moment) {
        let pressure = &self.hydraulics.state().drop_pa;
        for row in 0..self.consumers.len() {
            let link = self.problem.consumers[row].link as usize;
            self.at_consumers[row] = passed_at(&self.transport, &self.problem, link, pressure[link]);
            self.consumers[row].settle(now, &self.at_consumers[row]);
        }
        for row in 0..self.sources.len() {
            let link = self.problem.sources[row].link as usize;
            let passed = passed_at(&self.transport, &self.problem, link, pressure[link]);
            self.at_sources[row] = Passed { heat_w: -passed.heat_w, ..passed };
            self.sources[row].settle(now, &self.at_sources[row]);
        }
    }

    /// Time since the start.
    pub fn time_s(&self) -> f64 {
        self.time_s
    }

    /// Hydraulic solves so far.
    pub fn solves(&self) -> u32 {
        self.solves
    }

    /// Heat since the start, and in the last step.
    pub fn total(&self) -> &Ledger {
        &self.total
    }

    pub fn last(&self) -> &Ledger {
        &self.last
    }

    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    pub fn hydraulics(&self) -> &Hydraulics {
        &self.hydraulics
    }

    /// Row of a consumer in [`Simulation::consumers`], and in what a recorder keeps.
    pub fn consumer_row(&self, link: LinkId) -> Option<usize> {
        match self.problem.elements[self.problem.link(link)?] {
            Element::Consumer(row) => Some(row as usize),
            _ => None,
        }
    }

    /// Row of a source in [`Simulation::sources`].
    pub fn source_row(&self, link: LinkId) -> Option<usize> {
        match self.problem.elements[self.problem.link(link)?] {
            Element::Source(row) => Some(row as usize),
            _ => None,
        }
    }

    /// What passed a consumer in the last step.
    pub fn at_consumer(&self, link: LinkId) -> Option<&Passed> {
        self.at_consumers.get(self.consumer_row(link)?)
    }

    /// What passed a source in the last step.
    pub fn at_source(&self, link: LinkId) -> Option<&Passed> {
        self.at_sources.get(self.source_row(link)?)
    }

    /// All consumers and sources in the order of the problem's rows, with what passed them.
    pub fn consumers(&self) -> impl Iterator<Item = (&dyn Consumer, &Passed)> {
        self.consumers.iter().map(|model| &**model).zip(&self.at_consumers)
    }

    pub fn sources(&self) -> impl Iterator<Item = (&dyn Source, &Passed)> {
        self.sources.iter().map(|model| &**model).zip(&self.at_sources)
    }

    /// Hydraulic power of running sources and pumps at the last solve, W.
    pub fn pumping_w(&self) -> f64 {
        let links =
            self.problem.sources.iter().map(|row| row.link).chain(self.problem.pumps.iter().map(|row| row.link));
        let state = self.hydraulics.state();
        let power_w = |link: u32| {
            let link = link as usize;
            let (Some(flow), Some(drop_pa)) = (state.mass_flow_kg_s.get(link), state.drop_pa.get(link)) else {
                return 0.0;
            };
            (-flow * drop_pa / self.problem.density_kg_m3[link]).max(0.0)
        };
        links.map(power_w).sum()
    }

    /// Heat lost by each pipe in the last step, W.
    pub fn losses_w(&self) -> impl Iterator<Item = (LinkId, f64)> + '_ {
        let step_s = self.step_set_s;
        self.transport
            .pipes
            .iter()
            .map(move |pipe| (self.problem.link_handles[pipe.data.link as usize], pipe.loss_j / step_s))
    }

    /// Heat lost since the start by zone, J: `zone` names the zone of a pipe (`None`: no zone), `count` how many there
    /// are.
    pub fn losses_by_zone_j(&self, count: usize, zone: impl Fn(LinkId) -> Option<usize>) -> Vec<f64> {
        let mut sums = vec![0.0; count];
        for pipe in &self.transport.pipes {
            if let Some(sum) =
                zone(self.problem.link_handles[pipe.data.link as usize]).and_then(|zone| sums.get_mut(zone))
            {
                *sum += pipe.lost_j;
            }
        }
        sums
    }
}

fn passed(
    enthalpy: &Enthalpy,
    mass_flow_kg_s: f64,
    inlet_c: f64,
    outlet_c: f64,
    pressure_difference_pa: f64,
) -> Passed {
    let each_j_kg = enthalpy.of(inlet_c) - enthalpy.of(outlet_c);
    let difference_k = inlet_c - outlet_c;
    Passed {
        mass_flow_kg_s,
        inlet_c,
        outlet_c,
        heat_w: mass_flow_kg_s.abs() * each_j_kg,
        heat_capacity_j_kgk: if difference_k.abs() > 1.0 {
            each_j_kg / difference_k
        } else {
            enthalpy.heat_capacity_j_kgk(inlet_c)
        },
        pressure_difference_pa,
    }
}

fn passed_at(transport: &Transport, problem: &Problem, link: usize, pressure_difference_pa: f64) -> Passed {
    let (inlet_c, outlet_c) = transport.ends_c(problem, link);
    passed(&transport.enthalpy, transport.flow_kg_s()[link], inlet_c, outlet_c, pressure_difference_pa)
}

fn is_shut(network: &Network, problem: &Problem, link: usize) -> bool {
    let view = network.link_view(problem.link_handles[link]);
    view.and_then(|view| view.consumer()).is_some_and(|consumer| consumer.shut)
}

/// A consumer as the network's data describes it.
fn consumer_of(network: &Network, problem: &Problem, link: usize) -> Box<dyn Consumer> {
    let row = match problem.elements[link] {
        Element::Consumer(row) => Some(&problem.consumers[row as usize]),
        _ => None,
    };
    let set_kg_s = row.map_or(0.0, |row| row.asked_kg_s);
    let given = network.link(problem.link_handles[link]).and_then(|link| match &link.kind {
        LinkKind::Consumer(consumer) if !consumer.shut => Some(consumer),
        _ => None,
    });
    let demand = match given.map(|consumer| consumer.demand) {
        Some(Demand::Heat { heat_w }) => FixedDemand::Heat { heat_w },
        Some(Demand::MassFlow { mass_flow_kg_s }) => FixedDemand::Flow { mass_flow_kg_s },
        None => FixedDemand::Flow { mass_flow_kg_s: 0.0 },
    };
    Box::new(FixedReturn {
        demand,
        return_c: row.map_or(0.0, |row| row.return_temperature_c),
        most_kg_s: MOST_FLOW * set_kg_s.abs(),
        factors: Vec::new(),
        interval_s: 0.0,
    })
}

/// A source as the network's data describes it; a heat store with what it holds. The capacity of others is not applied, as
/// the steady solver does not; a model may.
fn source_of(network: &Network, problem: &Problem, link: usize) -> Box<dyn Source> {
    let supply_c = match problem.elements[link] {
        Element::Source(row) => problem.sources[row as usize].supply_temperature_c,
        _ => problem.supply_temperature_c,
    };
    let element = network.link(problem.link_handles[link]).and_then(|link| match &link.kind {
        LinkKind::Source(source) if source.kind == SourceKind::HeatStore => Some(source),
        _ => None,
    });
    let heat_capacity_j_kgk = problem.fluid.heat_capacity_j_kgk(supply_c);
    match element.and_then(|source| thermal::store(source, heat_capacity_j_kgk)) {
        Some(store) => Box::new(TankSource::new(store, heat_capacity_j_kgk)),
        None => Box::new(FixedSupply { supply_c, capacity_w: f64::INFINITY }),
    }
}
