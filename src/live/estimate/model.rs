//! The network as the estimation sees it: links that follow a law, and inputs that follow nobody (substations, sources,
//! make-ups, self-acting controllers), with the linear pattern that goes with them.

use crate::network::{Finding, LinkId, Network, NodeId};
use crate::physics::friction::PressureDrop;
use crate::solver::LinkLaw;
use crate::solver::fluid::Fluid;
use crate::solver::problem::{Element, NONE, Problem};
use crate::solver::sparse::BlockSystem;
use crate::solver::thermal::HeatProblem;

/// Components of a block: of a node its pressure, the multiplier of its water balance, its temperature, the multiplier
/// of its heat balance; of an input its flow and outlet temperature.
pub const COMPONENTS: usize = 4;
pub const PRESSURE: usize = 0;
pub const WATER: usize = 1;
pub const TEMPERATURE: usize = 2;
pub const HEAT: usize = 3;
pub const FLOW: usize = 0;
pub const OUTLET: usize = 1;

pub type System = BlockSystem<COMPONENTS>;

/// What feeds or draws by no law of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    Substation,
    Source,
    /// A self-acting controller or a pump that holds something: its opening or speed is not known.
    Controller,
    /// Water from outside at a node.
    MakeUp,
}

/// An unknown flow from one node to another, with the temperature it comes out with.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    pub kind: InputKind,
    /// Dense link; [`NONE`] for a make-up.
    pub link: u32,
    /// [`NONE`]: from outside.
    pub from: u32,
    pub to: u32,
    /// By the network's data, with one standard deviation.
    pub flow_kg_s: f64,
    pub flow_deviation: f64,
    pub outlet_c: f64,
    pub outlet_deviation: f64,
}

/// A link as the estimation sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Law,
    Input(u32),
    Shut,
}

/// A pressure that the data say a control holds: p(high) − p(low) (of nothing: against the atmosphere).
#[derive(Clone, Copy, Debug)]
pub struct Held {
    pub high: u32,
    pub low: u32,
    pub pressure_pa: f64,
}

/// The network prepared for estimation.
#[derive(Clone, Debug)]
pub struct Model {
    pub problem: Problem,
    pub heat: HeatProblem,
    pub fluid: Fluid,
    pub parts: Vec<Part>,
    pub laws: Vec<Option<LinkLaw>>,
    /// Calibrated resistance of each link over that of its law.
    pub factor: Vec<f64>,
    pub inputs: Vec<Input>,
    /// Input by dense link of the make-ups by node: (node, input), rising.
    pub make_ups: Vec<(u32, u32)>,
    pub held: Vec<Held>,
    /// Share of all pipe volume by node: ordinary losses of water are spread by it.
    pub volume_share: Vec<f64>,
    /// All circulation: flow of the sources by the network's data.
    pub circulation_kg_s: f64,
}

impl Model {
    /// Prepares a network whose state by its own data is `start` (flows and pressures by dense index come from there).
    pub fn new(
        network: &Network,
        start: &crate::solver::Solution,
        options: &super::Options,
    ) -> Result<Model, Vec<Finding>> {
        let problem = Problem::new(network)?;
        let heat = HeatProblem::new(network, &problem);
        let links = problem.link_count();
        let flow = |link: usize| known(start.link(problem.link_handles[link]).map(|state| state.mass_flow_kg_s));
        let circulation_kg_s: f64 =
            problem.sources.iter().map(|source| flow(source.link as usize).abs()).sum::<f64>().max(1e-3);
        let mut model = Model {
            fluid: problem.fluid.clone(),
            parts: vec![Part::Shut; links],
            laws: vec![None; links],
            factor: vec![1.0; links],
            inputs: Vec::new(),
            make_ups: Vec::new(),
            held: Vec::new(),
            volume_share: vec![0.0; problem.node_count()],
            circulation_kg_s,
            heat,
            problem,
        };
        model.add_links(start, options);
        model.add_make_ups(options);
        model.add_held();
        model.share_volume();
        Ok(model)
    }

    fn add_links(&mut self, start: &crate::solver::Solution, options: &super::Options) {
        for link in 0..self.problem.drawn_links {
            let handle = self.problem.link_handles[link];
            let flow_kg_s = known(start.link(handle).map(|state| state.mass_flow_kg_s));
            let least = 1e-4 * self.circulation_kg_s;
            let (kind, deviation, outlet_c) = match self.problem.elements[link] {
                Element::Closed => continue,
                Element::Consumer(row) => {
                    let consumer = self.problem.consumers[row as usize];
                    let served = consumer.set_flow_kg_s > 0.0;
                    let deviation = if served { (options.demand_share * flow_kg_s).max(least) } else { 1e-3 * least };
                    (InputKind::Substation, deviation, consumer.return_temperature_c)
                }
                Element::Source(row) => {
                    let source = self.problem.sources[row as usize];
                    (InputKind::Source, options.source_share * self.circulation_kg_s, source.supply_temperature_c)
                }
                _ => match LinkLaw::new(&self.problem, link) {
                    Some(_) => {
                        self.parts[link] = Part::Law;
                        continue;
                    }
                    None => (InputKind::Controller, (options.demand_share * flow_kg_s.abs()).max(least), 0.0),
                },
            };
            self.parts[link] = Part::Input(self.inputs.len() as u32);
            self.inputs.push(Input {
                kind,
                link: link as u32,
                from: self.problem.from[link],
                to: self.problem.to[link],
                flow_kg_s,
                flow_deviation: deviation,
                outlet_c,
                outlet_deviation: options.outlet_k,
            });
        }
    }

    fn add_make_ups(&mut self, options: &super::Options) {
        let mut nodes: Vec<u32> = self.problem.boundaries.iter().map(|boundary| boundary.node).collect();
        let references = self.problem.sources.iter().filter(|source| source.return_pressure_pa.is_some());
        nodes.extend(references.map(|source| self.problem.from[source.link as usize]));
        nodes.sort_unstable();
        nodes.dedup();
        for node in nodes {
            let open = self.problem.boundaries.iter().any(|boundary| boundary.node == node && !boundary.make_up);
            let share = if open { 1.0 } else { options.make_up_share };
            self.make_ups.push((node, self.inputs.len() as u32));
            self.inputs.push(Input {
                kind: InputKind::MakeUp,
                link: NONE,
                from: NONE,
                to: node,
                flow_kg_s: 0.0,
                flow_deviation: share * self.circulation_kg_s,
                outlet_c: self.heat.feed_temperature_c[node as usize],
                outlet_deviation: 1.0,
            });
        }
    }

    /// Set pressures: what is assumed where nothing is measured.
    fn add_held(&mut self) {
        use crate::solver::problem::Hold;
        let problem = &self.problem;
        for boundary in &problem.boundaries {
            self.held.push(Held { high: boundary.node, low: NONE, pressure_pa: boundary.pressure_pa });
        }
        for source in &problem.sources {
            let (from, to) = (problem.from[source.link as usize], problem.to[source.link as usize]);
            if let Some(pressure_pa) = source.return_pressure_pa {
                self.held.push(Held { high: from, low: NONE, pressure_pa });
            }
            match source.hold {
                Hold::Rise(pressure_pa) => self.held.push(Held { high: to, low: from, pressure_pa }),
                Hold::SupplyPressure(pressure_pa) => self.held.push(Held { high: to, low: NONE, pressure_pa }),
                Hold::MassFlow(_) | Hold::WorstPoint { .. } | Hold::Speed(_) => {}
            }
        }
    }

    fn share_volume(&mut self) {
        let problem = &self.problem;
        let mut total = 0.0;
        for link in 0..problem.link_count() {
            if let Some(row) = problem.pipe_row(link) {
                let pipe = problem.pipes[row as usize];
                let half = 0.5 * pipe.length_m * pipe.inner_diameter_m * pipe.inner_diameter_m;
                self.volume_share[problem.from[link] as usize] += half;
                self.volume_share[problem.to[link] as usize] += half;
                total += 2.0 * half;
            }
        }
        if total > 0.0 {
            self.volume_share.iter_mut().for_each(|share| *share /= total);
        }
    }

    pub fn nodes(&self) -> usize {
        self.problem.node_count()
    }

    pub fn links(&self) -> usize {
        self.parts.len()
    }

    /// Number of a node's scalar.
    pub fn of_node(&self, node: u32, component: usize) -> usize {
        node as usize * COMPONENTS + component
    }

    /// Number of an input's scalar.
    pub fn of_input(&self, input: u32, component: usize) -> usize {
        (self.nodes() + input as usize) * COMPONENTS + component
    }

    /// The system with the pattern of the network; `more` are further pairs of nodes with a measurement in common.
    pub fn system(&self, more: &[[u32; 2]]) -> System {
        let mut pairs = more.to_vec();
        for (link, part) in self.parts.iter().enumerate() {
            if *part == Part::Law {
                pairs.push([self.problem.from[link], self.problem.to[link]]);
            }
        }
        for (number, input) in self.inputs.iter().enumerate() {
            let block = (self.nodes() + number) as u32;
            pairs.push([block, input.to]);
            if input.from != NONE {
                pairs.push([block, input.from]);
                pairs.push([input.from, input.to]);
            }
        }
        System::new(self.nodes() + self.inputs.len(), &pairs)
    }

    /// Input of a link.
    pub fn input_of(&self, link: LinkId) -> Option<u32> {
        match self.parts.get(self.problem.link(link)?)? {
            Part::Input(input) => Some(*input),
            Part::Law | Part::Shut => None,
        }
    }

    /// Make-up input at a node.
    pub fn make_up_at(&self, node: NodeId) -> Option<u32> {
        let dense = self.problem.node(node)? as u32;
        let at = self.make_ups.binary_search_by_key(&dense, |&(node, _)| node).ok()?;
        Some(self.make_ups[at].1)
    }

    /// Pressure lost and its slope in a link that follows a law.
    pub fn drop(&self, link: usize, mass_flow_kg_s: f64) -> Option<PressureDrop> {
        let drop = self.laws[link].as_ref()?.drop(&self.problem, mass_flow_kg_s);
        let factor = self.factor[link];
        Some(PressureDrop { drop_pa: factor * drop.drop_pa, slope_pa_s_kg: factor * drop.slope_pa_s_kg })
    }

    /// Laws of all links in the water they have now.
    pub fn refresh_laws(&mut self) {
        for link in 0..self.parts.len() {
            self.laws[link] = if self.parts[link] == Part::Law { LinkLaw::new(&self.problem, link) } else { None };
        }
    }
}

/// A number, 0 where there is none.
fn known(value: Option<f64>) -> f64 {
    value.filter(|value| value.is_finite()).unwrap_or(0.0)
}
