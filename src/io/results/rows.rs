//! Results as rows: one for each node, link, consumer and source, with ids instead of handles.
//!
//! The rows serve the JSON and the CSV form alike, so that both always carry the same fields. A state that is not known
//! (NaN in the solution) is `None`: `null` in JSON, an empty cell in CSV.

use serde::Serialize;

use crate::network::{Boundary, ElementKind, Name, Network, Node, Side, WaterModel};
use crate::physics::water;
use crate::solver::{NodeState, Solution};

/// A row with the id it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Named<T> {
    pub id: Name,
    pub row: T,
}

/// State of a node.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NodeRow {
    pub pressure_pa: Option<f64>,
    pub temperature_c: Option<f64>,
    /// Height the water would rise to above the datum; only in water networks, where people think in heads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_m: Option<f64>,
}

/// State of a pipe, valve or pump.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LinkRow {
    pub mass_flow_kg_s: Option<f64>,
    pub velocity_m_s: Option<f64>,
    pub pressure_drop_pa: Option<f64>,
    pub inlet_temperature_c: Option<f64>,
    pub outlet_temperature_c: Option<f64>,
    pub heat_loss_w: Option<f64>,
}

/// State of a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ConsumerRow {
    pub mass_flow_kg_s: Option<f64>,
    pub available_pressure_pa: Option<f64>,
    pub heat_w: Option<f64>,
    pub satisfied: bool,
}

/// State of a source.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SourceRow {
    pub mass_flow_kg_s: Option<f64>,
    pub heat_w: Option<f64>,
    pub supply_pressure_pa: Option<f64>,
    pub return_pressure_pa: Option<f64>,
}

/// State of a pump that is switched on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PumpRow {
    pub flow_m3_h: Option<f64>,
    pub head_m: Option<f64>,
    pub greatest_head_m: Option<f64>,
    pub speed: Option<f64>,
    pub efficiency: Option<f64>,
    pub hydraulic_power_w: Option<f64>,
    pub shaft_power_w: Option<f64>,
    pub electric_power_w: Option<f64>,
    pub suction_above_vapour_pa: Option<f64>,
    pub npsh_available_head_m: Option<f64>,
    pub npsh_required_head_m: Option<f64>,
}

/// State of a station that mixes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StationRow {
    pub mixed_flow_kg_s: Option<f64>,
    pub mixed_temperature_c: Option<f64>,
    pub circuit_drop_pa: Option<f64>,
}

/// State of a turbine.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TurbineRow {
    pub flow_m3_h: Option<f64>,
    pub head_m: Option<f64>,
    pub efficiency: Option<f64>,
    pub recovered_power_w: Option<f64>,
}

/// State of a hole in a pipe.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LeakRow {
    pub position: Option<f64>,
    pub mass_flow_kg_s: Option<f64>,
    pub pressure_pa: Option<f64>,
    pub temperature_c: Option<f64>,
}

/// `None` for NaN.
fn known(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// All nodes in slot order.
pub fn nodes<'a>(network: &'a Network, solution: &'a Solution) -> impl Iterator<Item = Named<NodeRow>> + 'a {
    let water_network = is_water_network(network);
    network.nodes().filter_map(move |(handle, id, node)| {
        let state = solution.node(handle)?;
        let head_m = if water_network { known(head_m(network, node, state)) } else { None };
        let row = NodeRow { pressure_pa: known(state.pressure_pa), temperature_c: known(state.temperature_c), head_m };
        Some(Named { id: id.clone(), row })
    })
}

/// All pipes, valves and pumps in slot order. Consumers and sources have rows of their own.
pub fn links<'a>(network: &'a Network, solution: &'a Solution) -> impl Iterator<Item = Named<LinkRow>> + 'a {
    network
        .links()
        .filter(|view| !matches!(view.element().kind, ElementKind::Consumer | ElementKind::Source))
        .filter_map(|view| {
            let state = solution.link(view.handle)?;
            let row = LinkRow {
                mass_flow_kg_s: known(state.mass_flow_kg_s),
                velocity_m_s: known(state.velocity_m_s),
                pressure_drop_pa: known(state.pressure_drop_pa),
                inlet_temperature_c: known(state.inlet_temperature_c),
                outlet_temperature_c: known(state.outlet_temperature_c),
                heat_loss_w: known(state.heat_loss_w),
            };
            Some(Named { id: view.id.clone(), row })
        })
}

/// All consumers in slot order.
pub fn consumers<'a>(network: &'a Network, solution: &'a Solution) -> impl Iterator<Item = Named<ConsumerRow>> + 'a {
    solution.consumers.iter().map(|state| Named {
        id: network.link_name(state.link),
        row: ConsumerRow {
            mass_flow_kg_s: known(state.mass_flow_kg_s),
            available_pressure_pa: known(state.available_pressure_pa),
            heat_w: known(state.heat_w),
            satisfied: state.satisfied,
        },
    })
}

/// All sources in slot order.
pub fn sources<'a>(network: &'a Network, solution: &'a Solution) -> impl Iterator<Item = Named<SourceRow>> + 'a {
    solution.sources.iter().map(|state| Named {
        id: network.link_name(state.link),
        row: SourceRow {
            mass_flow_kg_s: known(state.mass_flow_kg_s),
            heat_w: known(state.heat_w),
            supply_pressure_pa: known(state.supply_pressure_pa),
            return_pressure_pa: known(state.return_pressure_pa),
        },
    })
}

/// All pumps that are switched on, in slot order.
pub fn pumps<'a>(network: &'a Network, solution: &'a Solution) -> impl Iterator<Item = Named<PumpRow>> + 'a {
    solution.pumps.iter().map(|state| Named {
        id: network.link_name(state.link),
        row: PumpRow {
            flow_m3_h: known(state.flow_m3_h),
            head_m: known(state.head_m),
            greatest_head_m: known(state.greatest_head_m),
            speed: known(state.speed),
            efficiency: known(state.efficiency),
            hydraulic_power_w: known(state.hydraulic_power_w),
            shaft_power_w: known(state.shaft_power_w),
            electric_power_w: known(state.electric_power_w),
            suction_above_vapour_pa: known(state.suction_above_vapour_pa),
            npsh_available_head_m: known(state.npsh_available_head_m),
            npsh_required_head_m: known(state.npsh_required_head_m),
        },
    })
}

/// All stations that mix, by the id of their consumer.
pub fn stations<'a>(network: &'a Network, solution: &'a Solution) -> impl Iterator<Item = Named<StationRow>> + 'a {
    solution.stations.iter().map(|state| Named {
        id: network.link_name(state.link),
        row: StationRow {
            mixed_flow_kg_s: known(state.mixed_flow_kg_s),
            mixed_temperature_c: known(state.mixed_temperature_c),
            circuit_drop_pa: known(state.circuit_drop_pa),
        },
    })
}

/// All turbines.
pub fn turbines<'a>(network: &'a Network, solution: &'a Solution) -> impl Iterator<Item = Named<TurbineRow>> + 'a {
    solution.turbines.iter().map(|state| Named {
        id: network.link_name(state.link),
        row: TurbineRow {
            flow_m3_h: known(state.flow_m3_h),
            head_m: known(state.head_m),
            efficiency: known(state.efficiency),
            recovered_power_w: known(state.recovered_power_w),
        },
    })
}

/// All holes in pipes, each with the id of its pipe.
pub fn leaks<'a>(network: &'a Network, solution: &'a Solution) -> impl Iterator<Item = Named<LeakRow>> + 'a {
    solution.leaks.iter().map(|state| Named {
        id: network.link_name(state.link),
        row: LeakRow {
            position: known(state.position),
            mass_flow_kg_s: known(state.mass_flow_kg_s),
            pressure_pa: known(state.pressure_pa),
            temperature_c: known(state.temperature_c),
        },
    })
}

/// Whether people read this network in heads: it has a reservoir, a tank, or one pipe only in every trench.
fn is_water_network(network: &Network) -> bool {
    let open = |node: &Node| matches!(node.boundary(), Some(Boundary::Reservoir { .. } | Boundary::Tank { .. }));
    network.nodes().any(|(_, _, node)| open(node)) || network.nodes().all(|(_, _, node)| node.side == Side::Single)
}

/// z + p/(ρ g), with the density the network was solved with.
fn head_m(network: &Network, node: &Node, state: &NodeState) -> f64 {
    let settings = network.settings();
    let temperature_c = if state.temperature_c.is_finite() { state.temperature_c } else { COLD_C };
    let density_kg_m3 = match &settings.water {
        WaterModel::Constant { density_kg_m3, .. } => *density_kg_m3,
        WaterModel::Table { density_kg_m3, .. } => {
            let rows: Vec<(f64, f64)> = density_kg_m3.iter().map(|row| (row.temperature_c, row.value)).collect();
            match crate::physics::property_table::PropertyTable::new(&rows) {
                Ok(table) => table.value(temperature_c),
                Err(_) => f64::NAN,
            }
        }
        WaterModel::Iapws => water::density_kg_m3(temperature_c, 1e6),
    };
    node.z_m + state.pressure_pa / (density_kg_m3 * settings.gravity_m_s2)
}

/// Temperature of drinking water where none was computed.
const COLD_C: f64 = 10.0;
