//! The result of a solve: plain data by handle, SI units, no references into the network.

use crate::network::{Finding, LinkId, Network, NodeId, Severity};

/// State of a node. NaN where the node takes no part (no way to a pressure reference).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NodeState {
    /// Gauge pressure against one common atmosphere.
    pub pressure_pa: f64,
    /// Mixed temperature; NaN after a hydraulic solve.
    pub temperature_c: f64,
}

impl NodeState {
    /// A node that takes no part.
    pub const UNKNOWN: NodeState = NodeState { pressure_pa: f64::NAN, temperature_c: f64::NAN };
}

/// State of a link. Flow is positive from → to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkState {
    pub mass_flow_kg_s: f64,
    /// In the pipe's inner diameter; signed like the flow. NaN for links without diameter.
    pub velocity_m_s: f64,
    /// Pressure lost to friction and fittings in the direction from → to (negative against it; a pump's is −rise).
    pub pressure_drop_pa: f64,
    /// Temperature at the upstream end.
    pub inlet_temperature_c: f64,
    /// Temperature at the downstream end, before mixing.
    pub outlet_temperature_c: f64,
    /// Heat lost to the surroundings, W.
    pub heat_loss_w: f64,
}

impl LinkState {
    /// A link of which nothing is known.
    pub const UNKNOWN: LinkState = LinkState {
        mass_flow_kg_s: f64::NAN,
        velocity_m_s: f64::NAN,
        pressure_drop_pa: f64::NAN,
        inlet_temperature_c: f64::NAN,
        outlet_temperature_c: f64::NAN,
        heat_loss_w: f64::NAN,
    };
}

/// State of a consumer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConsumerState {
    pub link: LinkId,
    pub mass_flow_kg_s: f64,
    /// Supply minus return pressure at its nodes (资用压头).
    pub available_pressure_pa: f64,
    /// Heat it draws.
    pub heat_w: f64,
    /// Whether it gets what it asks for and the available pressure is enough.
    pub satisfied: bool,
}

/// State of a source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SourceState {
    pub link: LinkId,
    pub mass_flow_kg_s: f64,
    pub heat_w: f64,
    pub supply_pressure_pa: f64,
    pub return_pressure_pa: f64,
}

/// State of a hole in a pipe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakState {
    /// The pipe.
    pub link: LinkId,
    /// Place along the pipe, 0 at its start.
    pub position: f64,
    /// Water lost. The pipe's own flow is that at its start.
    pub mass_flow_kg_s: f64,
    /// Gauge pressure in the pipe at the hole.
    pub pressure_pa: f64,
    /// Of the water lost; NaN after a hydraulic solve.
    pub temperature_c: f64,
}

/// State of a pump group that is switched on. NaN where its curves do not tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PumpState {
    pub link: LinkId,
    /// Flow of the whole group.
    pub flow_m3_h: f64,
    /// Head it gives; negative where it brakes.
    pub head_m: f64,
    /// Head it would give at this flow and its greatest speed.
    pub greatest_head_m: f64,
    /// Speed over rated speed: as set, or as its control asks.
    pub speed: f64,
    /// Of the pump, 0…1.
    pub efficiency: f64,
    /// ρ g Q H.
    pub hydraulic_power_w: f64,
    /// Hydraulic power over efficiency.
    pub shaft_power_w: f64,
    /// Shaft power over the efficiency of motor and converter.
    pub electric_power_w: f64,
    /// Absolute pressure at the suction above the vapour pressure there.
    pub suction_above_vapour_pa: f64,
    pub npsh_available_head_m: f64,
    pub npsh_required_head_m: f64,
}

/// State of a station that mixes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StationState {
    /// The consumer.
    pub link: LinkId,
    /// Flow behind the mixing point.
    pub mixed_flow_kg_s: f64,
    /// Temperature behind the mixing point.
    pub mixed_temperature_c: f64,
    /// Pressure lost in the circuit behind the mixing point.
    pub circuit_drop_pa: f64,
}

/// State of a turbine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TurbineState {
    pub link: LinkId,
    pub flow_m3_h: f64,
    /// Head taken out of the water.
    pub head_m: f64,
    /// Of turbine and generator, 0…1.
    pub efficiency: f64,
    pub recovered_power_w: f64,
}

/// How the solve went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Report {
    /// Newton steps, all coupled passes together.
    pub iterations: u32,
    /// Newton steps of the coupled pass that took most; the same where there is but one.
    pub hardest_pass_iterations: u32,
    /// Coupled passes of hydraulics and heat.
    pub coupling_passes: u32,
    /// Largest |inflow − outflow − demand| over all nodes.
    pub max_mass_imbalance_kg_s: f64,
    /// Largest |pressure difference − law| over all links.
    pub max_momentum_residual_pa: f64,
    /// |heat of sources − heat of consumers − losses − heat carried by make-up and demands|.
    pub energy_imbalance_w: f64,
}

/// Steady state of a network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Solution {
    pub converged: bool,
    pub report: Report,
    /// By [`NodeId::index`].
    pub nodes: Vec<NodeState>,
    /// By [`LinkId::index`].
    pub links: Vec<LinkState>,
    /// In slot order.
    pub consumers: Vec<ConsumerState>,
    /// In slot order.
    pub sources: Vec<SourceState>,
    /// Pumps that are switched on, those of sources and stations among them, in slot order.
    pub pumps: Vec<PumpState>,
    /// Stations that mix, in slot order.
    pub stations: Vec<StationState>,
    /// In slot order.
    pub turbines: Vec<TurbineState>,
    /// Holes in pipes, pipes in slot order, along each pipe from its start.
    pub leaks: Vec<LeakState>,
    /// What is wrong or noteworthy, errors first.
    pub findings: Vec<Finding>,
}

impl Solution {
    /// The answer to a network that cannot be solved: everything NaN, with the reasons.
    pub fn unsolved(network: &Network, findings: Vec<Finding>) -> Solution {
        Solution {
            nodes: vec![NodeState::UNKNOWN; network.node_bound()],
            links: vec![LinkState::UNKNOWN; network.link_bound()],
            findings,
            ..Solution::default()
        }
    }

    /// Whether temperatures were found, not only flows and pressures.
    pub fn has_heat(&self) -> bool {
        self.links.iter().any(|link| link.inlet_temperature_c.is_finite())
    }

    /// Warnings and errors that another solution of the network does not have.
    pub fn news_since(&self, before: &Solution) -> Vec<Finding> {
        let known = |finding: &Finding| {
            before.findings.iter().any(|old| old.code == finding.code && old.element == finding.element)
        };
        self.findings.iter().filter(|f| f.severity != Severity::Info && !known(f)).cloned().collect()
    }

    /// State of a node; `None` for a handle this solution does not know.
    pub fn node(&self, node: NodeId) -> Option<&NodeState> {
        self.nodes.get(node.index())
    }

    /// State of a link; `None` for a handle this solution does not know.
    pub fn link(&self, link: LinkId) -> Option<&LinkState> {
        self.links.get(link.index())
    }

    pub fn consumer(&self, link: LinkId) -> Option<&ConsumerState> {
        self.consumers.binary_search_by_key(&link, |consumer| consumer.link).ok().map(|i| &self.consumers[i])
    }

    pub fn source(&self, link: LinkId) -> Option<&SourceState> {
        self.sources.binary_search_by_key(&link, |source| source.link).ok().map(|i| &self.sources[i])
    }

    pub fn pump(&self, link: LinkId) -> Option<&PumpState> {
        self.pumps.binary_search_by_key(&link, |pump| pump.link).ok().map(|i| &self.pumps[i])
    }

    pub fn station(&self, link: LinkId) -> Option<&StationState> {
        self.stations.binary_search_by_key(&link, |station| station.link).ok().map(|i| &self.stations[i])
    }

    pub fn turbine(&self, link: LinkId) -> Option<&TurbineState> {
        self.turbines.binary_search_by_key(&link, |turbine| turbine.link).ok().map(|i| &self.turbines[i])
    }

    /// Holes of a pipe.
    pub fn leaks_of(&self, link: LinkId) -> impl Iterator<Item = &LeakState> {
        let start = self.leaks.partition_point(|leak| leak.link < link);
        self.leaks[start..].iter().take_while(move |leak| leak.link == link)
    }

    /// Flow at the end (`to`) of a link: what enters at its start less what its holes lose.
    pub fn flow_at_end_kg_s(&self, link: LinkId) -> f64 {
        let at_start = self.link(link).map_or(f64::NAN, |state| state.mass_flow_kg_s);
        at_start - self.leaks_of(link).map(|leak| leak.mass_flow_kg_s).sum::<f64>()
    }

    /// The consumer with the least available pressure above what it requires: the end of the worst loop (最不利环路).
    /// One with a pump of its own does not count: it takes what the network lacks from there. Ties go to the earlier slot.
    pub fn worst_consumer(&self, network: &Network) -> Option<&ConsumerState> {
        self.consumers
            .iter()
            .filter(|state| state.available_pressure_pa.is_finite() && state.mass_flow_kg_s != 0.0)
            .filter(|state| {
                let consumer = network.link_view(state.link).and_then(|view| view.consumer());
                !consumer.is_some_and(|consumer| consumer.has_pump())
            })
            .min_by(|a, b| margin_pa(network, a).total_cmp(&margin_pa(network, b)))
    }
}

/// Available pressure above what the consumer requires.
fn margin_pa(network: &Network, state: &ConsumerState) -> f64 {
    let required = network.link_view(state.link).and_then(|view| view.consumer()?.required_pressure_pa).unwrap_or(0.0);
    state.available_pressure_pa - required
}
