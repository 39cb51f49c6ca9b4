//! What an instrument reads in terms of the unknowns: value and gradient. The words are those of
//! [`reading`](crate::live::reading); a test holds both against each other.

use crate::live::reading::{Place, measured_at, place};
use crate::live::{Observed, Tag, TagId, instrument_deviation};
use crate::network::{Network, NodeId};
use crate::solver::problem::NONE;
use crate::units::Quantity;

use super::model::{FLOW, InputKind, Model, OUTLET, PRESSURE, Part, TEMPERATURE};
use super::state::State;

/// What a share of next to nothing is not less than: share of all circulation.
const LEAST_FLOW_SHARE: f64 = 1e-5;
const LEAST_PRESSURE_PA: f64 = 1.0;
const LEAST_TEMPERATURE_K: f64 = 1e-3;
/// Heat of a kilogram between supply and return, about.
const LEAST_HEAT_J_KG: f64 = 2e5;

/// A temperature among the unknowns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warmth {
    Node(u32),
    Outlet(u32),
}

/// A flow among the unknowns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    Input(u32),
    Link(u32),
}

/// What an instrument reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    Pressure(u32),
    /// p(high) − p(low); without low against the atmosphere.
    Difference {
        high: u32,
        low: u32,
    },
    Temperature(Warmth),
    TemperatureDifference {
        hot: Warmth,
        cold: Warmth,
    },
    /// In kg/s, or in m³/h of water of a temperature.
    Flow {
        flow: Flow,
        at: Option<Warmth>,
    },
    Heat {
        input: u32,
        hot: Warmth,
        cold: Warmth,
    },
}

/// An instrument that the model can explain.
#[derive(Clone, Debug)]
pub struct Instrument {
    pub tag: TagId,
    pub reads: Reads,
    /// What is known of the instrument itself.
    plate: Tag,
}

/// Sparse gradient: scalars and factors.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gradient {
    entries: [(usize, f64); 4],
    count: usize,
}

impl Gradient {
    fn push(&mut self, scalar: usize, value: f64) {
        if self.count < self.entries.len() {
            self.entries[self.count] = (scalar, value);
            self.count += 1;
        }
    }

    pub fn of(entries: &[(usize, f64)]) -> Gradient {
        let mut out = Gradient::default();
        entries.iter().for_each(|&(scalar, value)| out.push(scalar, value));
        out
    }

    pub fn entries(&self) -> &[(usize, f64)] {
        &self.entries[..self.count]
    }

    /// Product with a vector over all scalars.
    pub fn times(&self, values: &[f64]) -> f64 {
        self.entries().iter().map(|&(scalar, factor)| factor * values[scalar]).sum()
    }
}

impl Instrument {
    /// `None` where the tag observes nothing that the estimation knows.
    pub fn new(network: &Network, model: &Model, id: TagId, tag: &Tag) -> Option<Instrument> {
        let place = place(network, measured_at(network, tag.element.as_ref()?)?)?;
        let site = Site { model, place };
        let reads = match tag.observed {
            Observed::Pressure => Reads::Pressure(site.node(site.place.start()?)?),
            Observed::SupplyPressure => Reads::Pressure(site.node(site.place.supply()?)?),
            Observed::ReturnPressure => Reads::Pressure(site.node(site.place.back()?)?),
            Observed::PressureDifference => {
                let (high, low) = match place {
                    Place::Line { from, to, .. } => (from, to),
                    _ => (site.place.supply()?, site.place.back()?),
                };
                Reads::Difference { high: site.node(high)?, low: site.node(low)? }
            }
            Observed::Temperature => Reads::Temperature(Warmth::Node(site.node(site.place.start()?)?)),
            Observed::SupplyTemperature => Reads::Temperature(site.hot()?),
            Observed::ReturnTemperature => Reads::Temperature(site.cold()?),
            Observed::TemperatureDifference => Reads::TemperatureDifference { hot: site.hot()?, cold: site.cold()? },
            Observed::MassFlow => Reads::Flow { flow: site.flow()?, at: None },
            Observed::VolumeFlow => {
                let at = match place {
                    Place::Line { from, .. } => Warmth::Node(site.node(from)?),
                    _ => site.cold()?,
                };
                Reads::Flow { flow: site.flow()?, at: Some(at) }
            }
            Observed::Heat => {
                let (hot, cold) = (site.hot()?, site.cold()?);
                match site.flow()? {
                    Flow::Input(input) => Reads::Heat { input, hot, cold },
                    Flow::Link(_) => return None,
                }
            }
            Observed::MakeUpFlow => {
                let node = match place {
                    Place::Source { back, .. } => back,
                    Place::Node { node, .. } => node,
                    _ => return None,
                };
                let input = model.make_up_at(node)?;
                let at = (tag.quantity != Quantity::MassFlow).then_some(Warmth::Outlet(input));
                Reads::Flow { flow: Flow::Input(input), at }
            }
            _ => return None,
        };
        Some(Instrument { tag: id, reads, plate: tag.clone() })
    }

    /// Pairs of nodes that it sees together.
    pub fn pair(&self) -> Option<[u32; 2]> {
        match self.reads {
            Reads::Difference { high, low } => Some([high, low]),
            Reads::TemperatureDifference { hot: Warmth::Node(hot), cold: Warmth::Node(cold) } => Some([hot, cold]),
            _ => None,
        }
    }

    /// What it should read in this state.
    pub fn value(&self, model: &Model, state: &State) -> f64 {
        let warmth = |warmth| match warmth {
            Warmth::Node(node) => state.temperature_c[node as usize],
            Warmth::Outlet(input) => state.input_outlet_c[input as usize],
        };
        match self.reads {
            Reads::Pressure(node) => state.pressure_pa[node as usize],
            Reads::Difference { high, low } => state.pressure_pa[high as usize] - state.pressure_pa[low as usize],
            Reads::Temperature(place) => warmth(place),
            Reads::TemperatureDifference { hot, cold } => warmth(hot) - warmth(cold),
            Reads::Flow { flow, at } => flow_kg_s(state, flow) * volume_factor(model, at.map(warmth)),
            Reads::Heat { input, hot, cold } => {
                state.input_flow_kg_s[input as usize] * model.fluid.heat_between_j_kg(warmth(hot), warmth(cold))
            }
        }
    }

    /// How its reading answers to the unknowns.
    pub fn gradient(&self, model: &Model, state: &State, conductance: &[f64]) -> Gradient {
        let place = |warmth| match warmth {
            Warmth::Node(node) => model.of_node(node, TEMPERATURE),
            Warmth::Outlet(input) => model.of_input(input, OUTLET),
        };
        let warmth = |warmth| match warmth {
            Warmth::Node(node) => state.temperature_c[node as usize],
            Warmth::Outlet(input) => state.input_outlet_c[input as usize],
        };
        match self.reads {
            Reads::Pressure(node) => Gradient::of(&[(model.of_node(node, PRESSURE), 1.0)]),
            Reads::Difference { high, low } => {
                Gradient::of(&[(model.of_node(high, PRESSURE), 1.0), (model.of_node(low, PRESSURE), -1.0)])
            }
            Reads::Temperature(at) => Gradient::of(&[(place(at), 1.0)]),
            Reads::TemperatureDifference { hot, cold } => Gradient::of(&[(place(hot), 1.0), (place(cold), -1.0)]),
            Reads::Flow { flow, at } => {
                let factor = volume_factor(model, at.map(warmth));
                match flow {
                    Flow::Input(input) => Gradient::of(&[(model.of_input(input, FLOW), factor)]),
                    Flow::Link(link) => {
                        let (from, to) = (model.problem.from[link as usize], model.problem.to[link as usize]);
                        let slope = factor * conductance[link as usize];
                        Gradient::of(&[(model.of_node(from, PRESSURE), slope), (model.of_node(to, PRESSURE), -slope)])
                    }
                }
            }
            Reads::Heat { input, hot, cold } => {
                let flow = state.input_flow_kg_s[input as usize];
                let each = model.fluid.heat_between_j_kg(warmth(hot), warmth(cold));
                let capacity = flow * model.fluid.mean_heat_capacity_j_kgk(warmth(hot), warmth(cold));
                Gradient::of(&[(model.of_input(input, FLOW), each), (place(hot), capacity), (place(cold), -capacity)])
            }
        }
    }

    /// Standard deviation of one reading where it should read `value`: that of its class, but never so little that a
    /// reading would count as exact.
    pub fn deviation_at(&self, model: &Model, state: &State, value: f64) -> f64 {
        let least_kg_s = LEAST_FLOW_SHARE * model.circulation_kg_s;
        let least = match self.reads {
            Reads::Pressure(_) | Reads::Difference { .. } => LEAST_PRESSURE_PA,
            Reads::Temperature(_) | Reads::TemperatureDifference { .. } => LEAST_TEMPERATURE_K,
            Reads::Flow { at, .. } => least_kg_s * if at.is_some() { 3.6 } else { 1.0 },
            Reads::Heat { input, .. } => {
                LEAST_HEAT_J_KG * least_kg_s.max(1e-3 * state.input_flow_kg_s[input as usize].abs())
            }
        };
        instrument_deviation(&self.plate, value).max(least)
    }
}

fn flow_kg_s(state: &State, flow: Flow) -> f64 {
    match flow {
        Flow::Input(input) => state.input_flow_kg_s[input as usize],
        Flow::Link(link) => state.law_flow_kg_s[link as usize],
    }
}

/// From kg/s to what the meter shows.
fn volume_factor(model: &Model, at_c: Option<f64>) -> f64 {
    at_c.map_or(1.0, |at_c| 3600.0 / model.fluid.density_kg_m3(at_c))
}

/// Nodes and links of a place, by dense index.
struct Site<'a> {
    model: &'a Model,
    place: Place,
}

impl Site<'_> {
    fn node(&self, node: NodeId) -> Option<u32> {
        self.model.problem.node(node).map(|dense| dense as u32)
    }

    fn flow(&self) -> Option<Flow> {
        let dense = self.model.problem.link(self.place.link()?)?;
        match self.model.parts[dense] {
            Part::Law => Some(Flow::Link(dense as u32)),
            Part::Input(input) => Some(Flow::Input(input)),
            Part::Shut => None,
        }
    }

    /// The input here that gives its own temperature to what leaves it.
    fn outlet(&self, kind: InputKind) -> Option<u32> {
        let input = self.model.input_of(self.place.link()?)?;
        (self.model.inputs[input as usize].kind == kind).then_some(input)
    }

    fn hot(&self) -> Option<Warmth> {
        match self.place {
            Place::Source { supply, .. } => match self.outlet(InputKind::Source) {
                Some(input) => Some(Warmth::Outlet(input)),
                None => Some(Warmth::Node(self.node(supply)?)),
            },
            _ => Some(Warmth::Node(self.node(self.place.supply()?)?)),
        }
    }

    fn cold(&self) -> Option<Warmth> {
        match self.place {
            Place::Consumer { back, .. } => match self.outlet(InputKind::Substation) {
                Some(input) => Some(Warmth::Outlet(input)),
                None => Some(Warmth::Node(self.node(back)?)),
            },
            _ => Some(Warmth::Node(self.node(self.place.back()?)?)),
        }
    }
}

/// Whether two instruments are the supply and the return one of a pair that is easily connected the wrong way round.
pub fn are_pair(model: &Model, one: &Instrument, other: &Instrument) -> bool {
    let ends = |input: u32| (model.inputs[input as usize].from, model.inputs[input as usize].to);
    let joined = |a: u32, b: u32| {
        model
            .inputs
            .iter()
            .any(|input| input.link != NONE && ((input.from, input.to) == (a, b) || (input.from, input.to) == (b, a)))
    };
    match (one.reads, other.reads) {
        (Reads::Pressure(a), Reads::Pressure(b)) => a != b && joined(a, b),
        (Reads::Temperature(Warmth::Outlet(input)), Reads::Temperature(Warmth::Node(node)))
        | (Reads::Temperature(Warmth::Node(node)), Reads::Temperature(Warmth::Outlet(input))) => {
            let (from, to) = ends(input);
            node == from || node == to
        }
        (Reads::Temperature(Warmth::Node(a)), Reads::Temperature(Warmth::Node(b))) => a != b && joined(a, b),
        _ => false,
    }
}
