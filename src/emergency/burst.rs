//! The network right after a main has broken, before anyone acts.
//!
//! The broken pipe gets a hole ([`Leak`]) and the network is solved twice. **At once** every plant still holds its
//! pressures, as if its make-up could give any amount: the greatest outflow. **Make-up exhausted**: the pressure reference
//! can give no more than its make-up pumps do, its pressure falls until what is lost is what is made up. Where the data name
//! no make-up capacity, 4 % of the circulation is taken (emergency make-up of CJJ 34, 7.5.3), and the state says so. Between
//! the two lies the time in which the water of the network and of its make-up tank runs out; it is not followed here.

use serde_json::json;

use crate::network::edit::Edit;
use crate::network::{Boundary, Leak, LinkId, Network, NodeId, SourceControl};
use crate::physics::water::{ATMOSPHERE_PA, saturation_pressure_pa};
use crate::solver::{Mode, Options, Solution, Solver};

/// Emergency make-up over circulation where no capacity is known.
pub const EMERGENCY_MAKE_UP_SHARE: f64 = 0.04;
/// Discharge coefficient of a torn pipe end.
const TORN_END: f64 = 0.6;

/// Size of a break.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Hole {
    /// The pipe is torn off: both ends spill over their whole section.
    #[default]
    FullBore,
    /// A hole of this area.
    Area { area_m2: f64 },
}

/// A place where the network has burst.
#[derive(Clone, Debug, PartialEq)]
pub struct Break {
    /// Pipe, valve or pump.
    pub link: LinkId,
    /// Along a pipe: 0 at its start, 1 at its end.
    pub position: f64,
    pub hole: Hole,
}

/// What is lost at one break.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outflow {
    pub link: LinkId,
    pub mass_flow_kg_s: f64,
    pub pressure_pa: f64,
}

/// One solved state with a break in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spill {
    pub outflows: Vec<Outflow>,
    /// Nodes where the water boils (absolute pressure below vapour pressure), lowest margin first.
    pub boiling: Vec<NodeId>,
    /// Nodes under less than the atmosphere's pressure: air is drawn in and the pipe runs empty.
    pub drained: Vec<NodeId>,
    /// Consumers that get less than nine tenths of what they ask for.
    pub short: Vec<LinkId>,
    /// The whole state, for colours and diagrams.
    pub solution: Solution,
}

impl Spill {
    /// Water lost in all, kg/s.
    pub fn mass_flow_kg_s(&self) -> f64 {
        self.outflows.iter().map(|outflow| outflow.mass_flow_kg_s).sum()
    }
}

/// The network with the break in it.
#[derive(Clone, Debug, PartialEq)]
pub struct BurstState {
    /// With every pressure still held.
    pub at_once: Option<Spill>,
    /// With the make-up at its limit.
    pub exhausted: Option<Spill>,
    /// What the make-up of all plants can give.
    pub make_up_capacity_kg_s: f64,
    /// The capacity was not in the data.
    pub make_up_assumed: bool,
    /// Sources whose pumps would run beyond their greatest flow: protections are likely to trip them.
    pub tripping: Vec<LinkId>,
}

/// Edits that put the breaks into the network. A broken valve or pump spills from the end of a pipe beside it; where there is
/// none, it is not spilt (only traced).
pub fn leak_edits(network: &Network, breaks: &[Break]) -> Vec<Edit> {
    let mut leaks: Vec<(LinkId, Leak)> = Vec::new();
    for broken in breaks {
        let Some(view) = network.link_view(broken.link) else { continue };
        let (pipe, position) = if view.pipe().is_some() {
            (Some(view), broken.position.clamp(0.0, 1.0))
        } else {
            let beside = [view.to, view.from].into_iter().find_map(|node| {
                let pipe = network
                    .links_at(node)
                    .into_iter()
                    .find_map(|link| network.link_view(link).filter(|beside| beside.pipe().is_some()))?;
                let position = if pipe.from == node { 0.0 } else { 1.0 };
                Some((pipe, position))
            });
            (beside.map(|(pipe, _)| pipe), beside.map_or(0.0, |(_, position)| position))
        };
        let Some((view, pipe)) = pipe.and_then(|view| Some((view, view.pipe()?))) else { continue };
        let bore_m2 = 0.25 * std::f64::consts::PI * pipe.inner_diameter_m * pipe.inner_diameter_m;
        let area_m2 = match broken.hole {
            Hole::FullBore => 2.0 * bore_m2,
            Hole::Area { area_m2 } => area_m2,
        };
        let leak = Leak {
            position,
            hole_area_m2: Some(area_m2),
            hole_diameter_m: None,
            discharge_coefficient: TORN_END,
            outside_pressure_pa: 0.0,
        };
        leaks.push((view.handle, leak));
    }
    leaks.sort_by_key(|(link, _)| *link);
    leaks
        .chunk_by(|a, b| a.0 == b.0)
        .map(|group| {
            let link = group[0].0;
            let known = network.link_view(link).and_then(|view| view.pipe()?.leaks.clone()).unwrap_or_default();
            let all: Vec<&Leak> = known.0.iter().chain(group.iter().map(|(_, leak)| leak)).collect();
            Edit::set(network.link_ref(link), "leaks", json!(all))
        })
        .collect()
}

/// What the make-up of the network can give, and the edits after which the references give no more.
fn make_up(network: &Network, before: &Solution) -> (f64, bool, Vec<Edit>) {
    let circulation_kg_s: f64 = before.sources.iter().map(|source| source.mass_flow_kg_s.max(0.0)).sum();
    let (mut capacity_kg_s, mut assumed, mut edits) = (0.0, false, Vec::new());
    for (handle, _, node) in network.nodes() {
        match node.boundary.as_deref() {
            Some(Boundary::MakeUp { capacity_kg_s: Some(given_kg_s), .. }) => capacity_kg_s += given_kg_s,
            Some(Boundary::MakeUp { pressure_pa, capacity_kg_s: None, temperature_c }) => {
                let share_kg_s = EMERGENCY_MAKE_UP_SHARE * circulation_kg_s;
                capacity_kg_s += share_kg_s;
                assumed = true;
                edits.push(boundary(network, handle, *pressure_pa, share_kg_s, *temperature_c));
            }
            _ => {}
        }
    }
    // A source that holds the return pressure has its make-up there.
    for state in &before.sources {
        let Some(view) = network.link_view(state.link) else { continue };
        let Some(source) = view.source() else { continue };
        if network.node(view.from).is_some_and(|node| node.boundary.is_some()) {
            continue;
        }
        let (held_pa, control) = match &source.control {
            SourceControl::Reference { return_pressure_pa, pressure_rise_pa } => {
                (*return_pressure_pa, json!({ "pressure-rise": { "pressure_rise_pa": pressure_rise_pa } }))
            }
            SourceControl::Speed { return_pressure_pa: Some(held_pa) } => (*held_pa, json!({ "speed": {} })),
            SourceControl::WorstPoint { available_pressure_pa, consumer, return_pressure_pa: Some(held_pa) } => (
                *held_pa,
                json!({ "worst-point": { "available_pressure_pa": available_pressure_pa, "consumer": consumer } }),
            ),
            _ => continue,
        };
        let share_kg_s = EMERGENCY_MAKE_UP_SHARE * state.mass_flow_kg_s.max(0.0);
        capacity_kg_s += share_kg_s;
        assumed = true;
        edits.push(Edit::set(network.link_ref(state.link), "control", control));
        edits.push(boundary(network, view.from, held_pa, share_kg_s, 10.0));
    }
    (capacity_kg_s, assumed, edits)
}

fn boundary(network: &Network, node: NodeId, pressure_pa: f64, capacity_kg_s: f64, temperature_c: f64) -> Edit {
    let made_up = json!({ "make-up": { "pressure_pa": pressure_pa, "capacity_kg_s": capacity_kg_s, "temperature_c": temperature_c } });
    Edit::set(network.node_ref(node), "boundary", made_up)
}

/// The state after the breaks, from the state `before` them. The solver goes on from what it knows; hydraulics only, the
/// temperatures are those from before (seconds after a burst the heat is where it was).
pub fn burst(network: &mut Network, breaks: &[Break], before: &Solution, solver: &mut Solver) -> BurstState {
    let leaks = leak_edits(network, breaks);
    let (make_up_capacity_kg_s, make_up_assumed, limits) = make_up(network, before);
    let at_once = spill(network, &leaks, breaks, before, solver);
    let more_than_made_up = at_once.as_ref().is_none_or(|spill| spill.mass_flow_kg_s() > make_up_capacity_kg_s);
    let exhausted = if more_than_made_up {
        let edits: Vec<Edit> = leaks.iter().chain(&limits).cloned().collect();
        spill(network, &edits, breaks, before, solver)
    } else {
        None
    };
    let tripping = at_once.as_ref().map_or_else(Vec::new, |spill| {
        let over = |link: LinkId, flow_kg_s: f64| {
            let source = network.link_view(link).and_then(|view| view.source());
            source.and_then(|source| source.maximum_flow_kg_s).is_some_and(|most_kg_s| flow_kg_s > most_kg_s)
        };
        spill.solution.sources.iter().filter(|s| over(s.link, s.mass_flow_kg_s)).map(|s| s.link).collect()
    });
    BurstState { at_once, exhausted, make_up_capacity_kg_s, make_up_assumed, tripping }
}

fn spill(
    network: &mut Network,
    edits: &[Edit],
    breaks: &[Break],
    before: &Solution,
    solver: &mut Solver,
) -> Option<Spill> {
    let options = Options { mode: Mode::Hydraulic, judge: false, ..Options::default() };
    let spilt = network.what_if(edits, |network| {
        let solution = solver.solve(network, &options);
        solution.converged.then(|| look(network, breaks, before, solution))
    });
    spilt.ok().flatten()
}

fn look(network: &Network, breaks: &[Break], before: &Solution, solution: Solution) -> Spill {
    let mut outflows: Vec<Outflow> = solution
        .leaks
        .iter()
        .map(|leak| Outflow { link: leak.link, mass_flow_kg_s: leak.mass_flow_kg_s, pressure_pa: leak.pressure_pa })
        .collect();
    outflows.sort_by_key(|outflow| !breaks.iter().any(|broken| broken.link == outflow.link));
    let (mut boiling, mut drained) = (Vec::new(), Vec::new());
    for (handle, ..) in network.nodes() {
        let Some(state) = solution.node(handle).filter(|state| state.pressure_pa.is_finite()) else { continue };
        let temperature_c = before.node(handle).map_or(f64::NAN, |state| state.temperature_c);
        if temperature_c.is_finite() {
            let margin_pa = state.pressure_pa + ATMOSPHERE_PA - saturation_pressure_pa(temperature_c);
            if margin_pa < 0.0 {
                boiling.push((margin_pa, handle));
            }
        }
        if state.pressure_pa < 0.0 {
            drained.push((state.pressure_pa, handle));
        }
    }
    let order = |mut list: Vec<(f64, NodeId)>| -> Vec<NodeId> {
        list.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        list.into_iter().map(|(_, node)| node).collect()
    };
    let (boiling, drained) = (order(boiling), order(drained));
    let short = before
        .consumers
        .iter()
        .filter(|was| {
            let now_kg_s = solution.consumer(was.link).map_or(0.0, |now| now.mass_flow_kg_s);
            was.mass_flow_kg_s > 0.0 && (now_kg_s.is_nan() || now_kg_s < 0.9 * was.mass_flow_kg_s)
        })
        .map(|was| was.link)
        .collect();
    Spill { outflows, boiling, drained, short, solution }
}

/// The pipe in the same trench, for a break that takes both.
pub fn other_pipe(network: &Network, link: LinkId) -> Option<LinkId> {
    let pair = network.link_view(link)?.pipe()?.details.pair.clone()?;
    network.link_id(&pair)
}
