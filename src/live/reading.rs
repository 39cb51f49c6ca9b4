//! What the model says a tag should read: the bridge from a solution of the network to the numbers of the field.
//!
//! [`reading`] answers for one tag, [`Readings`] for many: elements are looked up once, then every solution is read into a
//! slice. What is answered is what the steady solution or the network's own data know; running totals, contacts, rooms,
//! and the secondary side behind an exchanger are not among that and have no reading. Noise and faults of instruments do
//! not live here.

use crate::network::{Boundary, Connection, ElementKind, ElementRef, LinkId, LinkKind, Network, NodeId, Side};
use crate::network::{Pump, SourceControl};
use crate::physics::valve::resistance_of_kv_pa_s2_kg2;
use crate::solver::fluid::Fluid;
use crate::solver::{LinkState, PumpState, Solution};
use crate::units::Quantity;

use super::{Observed, Tag};

/// Temperature of make-up water where its boundary does not say: the mains.
const COLD_WATER_C: f64 = 10.0;

/// What the model says this tag reads, in the SI unit of the tag's quantity. `None` where neither solution nor network know.
///
/// - Supply and return of a source or consumer are those at its own connections, before its water mixes with other water.
/// - Volume flow is at the meter's own temperature; meters of sources and consumers stand in the return, where heat meters
///   stand (EN 1434-6), those of other links at their upstream end.
/// - Pressure and temperature of a pipe, valve or pump are those at its start, its pressure difference is start less end.
/// - A chamber has supply and return: those of the first node of that side in it.
/// - Make-up flow is what enters the network at the node (of a source: its return), as the balance of the flows there has it.
/// - The opening of a consumer is the share of its Kv that its flow takes of the available pressure.
pub fn reading(network: &Network, solution: &Solution, tag: &Tag) -> Option<f64> {
    let fluid = Fluid::new(&network.settings().water).ok();
    Probe::of(network, tag.element.as_ref(), tag.observed, tag.quantity)?.read(network, solution, fluid.as_ref())
}

/// As [`reading`], of what no tag collects.
pub fn reading_of(
    network: &Network,
    solution: &Solution,
    element: &ElementRef,
    observed: Observed,
    quantity: Quantity,
) -> Option<f64> {
    let fluid = Fluid::new(&network.settings().water).ok();
    Probe::of(network, Some(element), observed, quantity)?.read(network, solution, fluid.as_ref())
}

/// Many tags, looked up once. Good for every solution of the network as long as its nodes, links and settings stay those it
/// was made from; their data may change.
#[derive(Clone, Debug)]
pub struct Readings {
    probes: Vec<Option<Probe>>,
    fluid: Option<Fluid>,
    topology: u64,
}

impl Readings {
    /// Looks up the elements of these tags.
    pub fn new<'a>(network: &Network, tags: impl IntoIterator<Item = &'a Tag>) -> Readings {
        Readings {
            probes: tags
                .into_iter()
                .map(|tag| Probe::of(network, tag.element.as_ref(), tag.observed, tag.quantity))
                .collect(),
            fluid: Fluid::new(&network.settings().water).ok(),
            topology: network.topology(),
        }
    }

    /// Number of tags.
    pub fn len(&self) -> usize {
        self.probes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.probes.is_empty()
    }

    /// Whether nodes or links were added or removed since: then make new ones.
    pub fn is_outdated(&self, network: &Network) -> bool {
        self.topology != network.topology()
    }

    /// What the tag of this place, in the order given, reads.
    pub fn get(&self, network: &Network, solution: &Solution, place: usize) -> Option<f64> {
        self.probes.get(place)?.as_ref()?.read(network, solution, self.fluid.as_ref())
    }

    /// Readings of all tags in the order given; NaN where nothing is known. What lies beyond the shorter of both is left.
    pub fn read_into(&self, network: &Network, solution: &Solution, out: &mut [f64]) {
        for (place, value) in out.iter_mut().enumerate().take(self.len()) {
            *value = self.get(network, solution, place).unwrap_or(f64::NAN);
        }
    }
}

/// Where something is measured.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Node {
        node: NodeId,
        side: Side,
    },
    /// Chambers.
    Pair {
        supply: Option<NodeId>,
        back: Option<NodeId>,
    },
    /// Pipes, valves, pumps.
    Line {
        link: LinkId,
        from: NodeId,
        to: NodeId,
    },
    /// Sources, and consumers: the link, where hot water is and where cold.
    Source {
        link: LinkId,
        supply: NodeId,
        back: NodeId,
    },
    Consumer {
        link: LinkId,
        supply: NodeId,
        back: NodeId,
    },
    /// No place in particular.
    Everywhere,
}

#[derive(Clone, Copy, Debug)]
struct Probe {
    place: Place,
    observed: Observed,
    quantity: Quantity,
}

impl Place {
    pub(super) fn link(&self) -> Option<LinkId> {
        match *self {
            Place::Line { link, .. } | Place::Source { link, .. } | Place::Consumer { link, .. } => Some(link),
            Place::Node { .. } | Place::Pair { .. } | Place::Everywhere => None,
        }
    }

    /// Where the pressure or temperature of something that has but one is measured.
    pub(super) fn start(&self) -> Option<NodeId> {
        match *self {
            Place::Node { node, .. } => Some(node),
            Place::Line { from, .. } => Some(from),
            _ => None,
        }
    }

    pub(super) fn supply(&self) -> Option<NodeId> {
        match *self {
            Place::Node { node, side } => (side != Side::Return).then_some(node),
            Place::Pair { supply, .. } => supply,
            Place::Source { supply, .. } | Place::Consumer { supply, .. } => Some(supply),
            Place::Line { .. } | Place::Everywhere => None,
        }
    }

    pub(super) fn back(&self) -> Option<NodeId> {
        match *self {
            Place::Node { node, side } => (side == Side::Return).then_some(node),
            Place::Pair { back, .. } => back,
            Place::Source { back, .. } | Place::Consumer { back, .. } => Some(back),
            Place::Line { .. } | Place::Everywhere => None,
        }
    }
}

impl Probe {
    fn of(network: &Network, element: Option<&ElementRef>, observed: Observed, quantity: Quantity) -> Option<Probe> {
        let place = match element {
            _ if observed == Observed::OutdoorTemperature => Place::Everywhere,
            Some(element) => place(network, measured_at(network, element)?)?,
            None => return None,
        };
        Some(Probe { place, observed, quantity })
    }

    fn read(&self, network: &Network, solution: &Solution, fluid: Option<&Fluid>) -> Option<f64> {
        let pressure = |node: Option<NodeId>| Some(solution.node(node?)?.pressure_pa);
        let supply_c = || self.supply_c(solution);
        let return_c = || self.return_c(solution);
        let volume = |mass_flow_kg_s: f64, temperature_c: f64| {
            Some(3600.0 * mass_flow_kg_s / fluid?.density_kg_m3(temperature_c))
        };
        let value = match self.observed {
            Observed::Pressure => pressure(self.place.start()),
            Observed::SupplyPressure => pressure(self.place.supply()),
            Observed::ReturnPressure => pressure(self.place.back()),
            Observed::PressureDifference => match self.place {
                Place::Line { from, to, .. } => Some(pressure(Some(from))? - pressure(Some(to))?),
                _ => Some(pressure(self.place.supply())? - pressure(self.place.back())?),
            },
            Observed::Temperature => match self.place {
                Place::Line { link, .. } => {
                    let state = solution.link(link)?;
                    let forward = state.mass_flow_kg_s >= 0.0;
                    Some(if forward { state.inlet_temperature_c } else { state.outlet_temperature_c })
                }
                _ => Some(solution.node(self.place.start()?)?.temperature_c),
            },
            Observed::SupplyTemperature => supply_c(),
            Observed::ReturnTemperature => return_c(),
            Observed::TemperatureDifference => Some(supply_c()? - return_c()?),
            Observed::MassFlow => Some(solution.link(self.place.link()?)?.mass_flow_kg_s),
            Observed::VolumeFlow => {
                let state = solution.link(self.place.link()?)?;
                let at_c = match self.place {
                    Place::Line { .. } => state.inlet_temperature_c,
                    _ => return_c()?,
                };
                volume(state.mass_flow_kg_s, at_c)
            }
            Observed::Heat => match self.place {
                Place::Source { link, .. } => Some(solution.source(link)?.heat_w),
                Place::Consumer { link, .. } => Some(solution.consumer(link)?.heat_w),
                _ => None,
            },
            Observed::MakeUpFlow => {
                let node = match self.place {
                    Place::Source { back, .. } => back,
                    Place::Node { node, .. } => node,
                    _ => return None,
                };
                let mass_flow_kg_s = fed_in_kg_s(network, solution, node)?;
                if self.quantity == Quantity::MassFlow {
                    Some(mass_flow_kg_s)
                } else {
                    volume(mass_flow_kg_s, make_up_c(network, node))
                }
            }
            Observed::MakeUpPressure => self.make_up_pressure_pa(network),
            Observed::SecondarySupplyTemperature => match self.connection(network)? {
                Connection::Direct => supply_c(),
                connection if connection.mixes() => Some(solution.station(self.place.link()?)?.mixed_temperature_c),
                _ => None,
            },
            // Where water is mixed or passes through, the secondary return is what comes back.
            Observed::SecondaryReturnTemperature => match self.connection(network)? {
                connection if connection.mixes() || connection == Connection::Direct => return_c(),
                _ => None,
            },
            Observed::SecondaryVolumeFlow => match self.connection(network)? {
                connection if connection.mixes() => {
                    volume(solution.station(self.place.link()?)?.mixed_flow_kg_s, return_c()?)
                }
                Connection::Direct => volume(solution.link(self.place.link()?)?.mass_flow_kg_s, return_c()?),
                _ => None,
            },
            Observed::Opening => self.opening(network, solution, fluid),
            Observed::Speed => self.of_pump(network, solution, |pump| pump.speed),
            Observed::Power => self.of_pump(network, solution, |pump| pump.electric_power_w),
            Observed::Running => match &network.link(self.place.link()?)?.kind {
                LinkKind::Pump(pump) => Some(turns(pump)),
                LinkKind::Source(source) => Some(f64::from(u8::from(source.running))),
                LinkKind::Consumer(consumer) => Some(f64::from(u8::from(!consumer.shut))),
                LinkKind::Pipe(_) | LinkKind::Valve(_) => None,
            },
            Observed::Level => match self.boundary(network)? {
                Boundary::Tank { level_m, .. } => Some(level_m),
                Boundary::MakeUp { .. } | Boundary::Reservoir { .. } => None,
            },
            Observed::SupplyTemperatureSetting => match &network.link(self.place.link()?)?.kind {
                LinkKind::Source(source) => Some(source.supply_temperature_c),
                _ => None,
            },
            Observed::OutdoorTemperature => Some(network.settings().outdoor_temperature_c),
            Observed::Energy
            | Observed::Volume
            | Observed::SecondarySupplyTemperatureSetting
            | Observed::SecondarySupplyPressure
            | Observed::SecondaryReturnPressure
            | Observed::MakeUpVolume
            | Observed::Electricity
            | Observed::Current
            | Observed::Fault
            | Observed::Automatic
            | Observed::RoomTemperature
            | Observed::Contact
            | Observed::Other => None,
        };
        value.filter(|value| value.is_finite())
    }

    /// Of the water itself while it flows, else of the node.
    fn supply_c(&self, solution: &Solution) -> Option<f64> {
        let own = match self.place {
            Place::Source { link, .. } => flowing(solution, link).map(|state| state.outlet_temperature_c),
            Place::Consumer { link, .. } => flowing(solution, link).map(|state| state.inlet_temperature_c),
            _ => None,
        };
        own.or_else(|| Some(solution.node(self.place.supply()?)?.temperature_c))
    }

    fn return_c(&self, solution: &Solution) -> Option<f64> {
        let own = match self.place {
            Place::Source { link, .. } => flowing(solution, link).map(|state| state.inlet_temperature_c),
            Place::Consumer { link, .. } => flowing(solution, link).map(|state| state.outlet_temperature_c),
            _ => None,
        };
        own.or_else(|| Some(solution.node(self.place.back()?)?.temperature_c))
    }

    fn connection(&self, network: &Network) -> Option<Connection> {
        Some(network.link_view(self.place.link()?)?.consumer()?.connection)
    }

    fn boundary(&self, network: &Network) -> Option<Boundary> {
        match self.place {
            Place::Node { node, .. } => network.node(node)?.boundary(),
            Place::Source { back, .. } => network.node(back)?.boundary(),
            _ => None,
        }
    }

    fn make_up_pressure_pa(&self, network: &Network) -> Option<f64> {
        if let Some(Boundary::MakeUp { pressure_pa, .. }) = self.boundary(network) {
            return Some(pressure_pa);
        }
        match network.link_view(self.place.link()?)?.source()?.control {
            SourceControl::Reference { return_pressure_pa, .. } => Some(return_pressure_pa),
            SourceControl::Speed { return_pressure_pa } | SourceControl::WorstPoint { return_pressure_pa, .. } => {
                return_pressure_pa
            }
            SourceControl::PressureRise { .. }
            | SourceControl::MassFlow { .. }
            | SourceControl::SupplyPressure { .. } => None,
        }
    }

    fn opening(&self, network: &Network, solution: &Solution, fluid: Option<&Fluid>) -> Option<f64> {
        let link = self.place.link()?;
        match &network.link(link)?.kind {
            LinkKind::Valve(valve) => Some(valve.opening),
            // With a pump or a mixed circuit the valve has another pressure than that of the network.
            LinkKind::Consumer(consumer) if consumer.station.is_none() => {
                if consumer.shut {
                    return Some(0.0);
                }
                let state = solution.consumer(link)?;
                let mean_c = 0.5 * (self.supply_c(solution)? + self.return_c(solution)?);
                let resistance = resistance_of_kv_pa_s2_kg2(consumer.kv_open_m3_h?, fluid?.density_kg_m3(mean_c));
                let open_pa = resistance * state.mass_flow_kg_s * state.mass_flow_kg_s;
                let share = (open_pa / state.available_pressure_pa).sqrt();
                Some(if open_pa == 0.0 { 0.0 } else { share.min(1.0) })
            }
            _ => None,
        }
    }

    /// A number of its pump: 0 where the pump stands.
    fn of_pump(&self, network: &Network, solution: &Solution, number: impl Fn(&PumpState) -> f64) -> Option<f64> {
        let link = self.place.link()?;
        let pump = match &network.link(link)?.kind {
            LinkKind::Pump(pump) => pump,
            LinkKind::Source(source) => source.pumps.as_deref()?,
            LinkKind::Consumer(consumer) => consumer.station.as_ref()?.pump.as_ref()?,
            LinkKind::Pipe(_) | LinkKind::Valve(_) => return None,
        };
        if turns(pump) == 0.0 { Some(0.0) } else { solution.pump(link).map(number) }
    }
}

/// A link through which water flows forward, so that its own temperatures mean something.
fn flowing(solution: &Solution, link: LinkId) -> Option<&LinkState> {
    solution.link(link).filter(|state| state.mass_flow_kg_s > 0.0)
}

/// 1 where it turns.
fn turns(pump: &Pump) -> f64 {
    f64::from(u8::from(pump.running && pump.parallel > 0))
}

/// The element a tag speaks of: of a sensor that which it sits at.
pub(super) fn measured_at<'a>(network: &'a Network, element: &'a ElementRef) -> Option<&'a ElementRef> {
    match element.kind {
        ElementKind::Sensor => network.sensors().get(&element.id).map(|sensor| &sensor.element),
        _ => Some(element),
    }
}

/// What place an element is for its instruments.
pub(super) fn place(network: &Network, element: &ElementRef) -> Option<Place> {
    match element.kind {
        ElementKind::Node => {
            let node = network.node_id(&element.id)?;
            Some(Place::Node { node, side: network.node(node)?.side })
        }
        ElementKind::Chamber => Some(chamber(network, &element.id)),
        kind if kind.is_link() => {
            let view = network.link_view(network.find_link(element)?)?;
            let (link, from, to) = (view.handle, view.from, view.to);
            Some(match kind {
                ElementKind::Source => Place::Source { link, supply: to, back: from },
                ElementKind::Consumer => Place::Consumer { link, supply: from, back: to },
                _ => Place::Line { link, from, to },
            })
        }
        _ => None,
    }
}

/// The first node of each side that lies in a chamber, itself or by a link in it.
fn chamber(network: &Network, id: &str) -> Place {
    let (mut supply, mut back) = (None, None);
    let mut meet = |node: NodeId| {
        match network.node(node).map(|node| node.side) {
            Some(Side::Supply) => supply = supply.or(Some(node)),
            Some(Side::Return) => back = back.or(Some(node)),
            Some(Side::Single) | None => {}
        };
    };
    for (handle, _, node) in network.nodes() {
        if node.chamber.as_deref() == Some(id) {
            meet(handle);
        }
    }
    for view in network.links() {
        if view.link.notes.as_ref().and_then(|notes| notes.chamber.as_deref()) == Some(id) {
            meet(view.from);
            meet(view.to);
        }
    }
    Place::Pair { supply, back }
}

/// Water that enters the network at a node from outside, beside what its demand takes.
fn fed_in_kg_s(network: &Network, solution: &Solution, node: NodeId) -> Option<f64> {
    let mut fed_in = network.node(node)?.demand_kg_s;
    for link in network.links_at(node) {
        let (from, to) = network.ends(link)?;
        if from == node {
            fed_in += solution.link(link)?.mass_flow_kg_s;
        }
        if to == node {
            fed_in -= solution.flow_at_end_kg_s(link);
        }
    }
    Some(fed_in)
}

fn make_up_c(network: &Network, node: NodeId) -> f64 {
    match network.node(node).and_then(|node| node.boundary()) {
        Some(
            Boundary::MakeUp { temperature_c, .. }
            | Boundary::Reservoir { temperature_c, .. }
            | Boundary::Tank { temperature_c, .. },
        ) => temperature_c,
        None => COLD_WATER_C,
    }
}
