//! A network as the solver sees it: flat SI arrays over dense indices, with index maps both ways.
//!
//! Nodes and links are numbered densely in slot order ([`Problem::node_handles`], [`Problem::node_of_slot`] and the
//! same for links), so arrays have no holes and no hash order. What a link does to water is its [`Element`]; numbers
//! that depend on the state of the water stand beside it: [`Problem::density_kg_m3`] and [`Problem::viscosity_pa_s`]
//! per link, and [`ConsumerRow::set_flow_kg_s`] per consumer. A coupled thermal solve overwrites exactly these three
//! and calls the hydraulics again; everything else stays. Building never fails half way: [`Problem::new`] gives the
//! problem or all findings that make the numbers unusable. Not here: what is connected to what (`hydraulic`),
//! temperatures along pipes (`thermal`).

mod build;
mod build_link;
pub mod figures;
mod patch;
mod split;
mod stations;
mod zone_temperatures;

use crate::network::{LinkId, NodeId};
use crate::physics::exchanger::PlateExchanger;
use crate::physics::friction::FrictionLaw;
use crate::physics::pump::PumpGroup;
use crate::physics::pump_curve::HeadCurve;

use super::fluid::Fluid;
pub use build_link::characteristic;
use figures::Figures;

/// "No such index".
pub const NONE: u32 = u32::MAX;

/// A network in flat arrays. All arrays over nodes have length [`Problem::node_count`], all over links
/// [`Problem::link_count`].
#[derive(Clone, Debug)]
pub struct Problem {
    pub changes: Changes,
    /// Number of [`Network::topology`](crate::network::Network::topology) this was made from.
    pub topology: u64,
    pub node_handles: Vec<NodeId>,
    /// Dense node index by [`NodeId::index`]; [`NONE`] for holes.
    pub node_of_slot: Vec<u32>,
    pub link_handles: Vec<LinkId>,
    /// Dense link index by [`LinkId::index`]; [`NONE`] for holes.
    pub link_of_slot: Vec<u32>,

    pub elevation_m: Vec<f64>,
    /// Water drawn off at the node; negative: fed in.
    pub demand_kg_s: Vec<f64>,

    /// Dense node index at the start of each link.
    pub from: Vec<u32>,
    pub to: Vec<u32>,
    pub elements: Vec<Element>,
    /// Mean density of the water in each link.
    pub density_kg_m3: Vec<f64>,
    /// Dynamic viscosity at the mean temperature of each link.
    pub viscosity_pa_s: Vec<f64>,

    /// Geometry of pipes by row ([`Resistance::Pipe`]), of shut ones too.
    pub pipes: Vec<PipeRow>,
    pub head_losses: Vec<HeadLossRow>,
    pub valves: Vec<ValveRow>,
    pub consumers: Vec<ConsumerRow>,
    pub sources: Vec<SourceRow>,
    /// Pipes that are shut, by link: what they are when they open, so that opening and shutting moves no rows.
    pub shut_pipes: Vec<ShutPipeRow>,
    /// Links of sources that do not run, rising.
    pub standing_sources: Vec<u32>,
    /// Pumps that are switched on, those of sources among them, in link order.
    pub pumps: Vec<PumpRow>,
    /// Pumps and mixing of consumers, in link order.
    pub stations: Vec<StationRow>,
    /// Plate exchangers between two zones of the network.
    pub exchangers: Vec<ExchangerRow>,
    /// Links of turbines, rising.
    pub turbines: Vec<u32>,
    /// Loss curves of general-purpose valves by row ([`Resistance::Curve`]): (m³/s, m), rising, starting at (0, 0).
    pub loss_curves: Vec<Vec<[f64; 2]>>,
    /// Pressures given from outside, in node order.
    pub boundaries: Vec<BoundaryRow>,
    /// What results and rules need besides.
    pub figures: Figures,

    /// Holes in pipes, by pipe in link order.
    pub leaks: Vec<LeakRow>,
    /// Pieces of the pipes with holes, by link.
    pub pieces: Vec<PieceRow>,
    /// Nodes and links of the network; those beyond are the places of holes and the further pieces of their pipes.
    pub drawn_nodes: usize,
    pub drawn_links: usize,

    /// Law of pipes that have no head-loss coefficient of their own.
    pub friction: FrictionLaw,
    pub gravity_m_s2: f64,
    pub fluid: Fluid,
    /// Temperatures the first density, viscosity and set flows were taken at, °C: supply and return side.
    pub supply_temperature_c: f64,
    pub return_temperature_c: f64,
    /// The same by dense node, where zones heat each other; empty: one zone.
    pub zone_temperatures_c: Vec<[f64; 2]>,
}

/// What the numbers of a problem are, next to those of an earlier one: lets a workspace keep what it made of rows that
/// did not change.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Stands for exactly these numbers, in this problem and its clones alone. 0: they are being changed by a coupled
    /// solve and stand for nothing.
    pub version: u64,
    /// The version from which this one differs in nothing but `nodes` and `links`; 0: in everything.
    pub since: u64,
    /// Dense indices, rising: demand, elevation or boundary may have changed.
    pub nodes: Vec<u32>,
    /// Dense indices, rising: element (or its row), density or viscosity may have changed, or the elevation of an end.
    pub links: Vec<u32>,
}

impl Changes {
    /// Numbers that have nothing to do with any before.
    pub fn everything() -> Changes {
        Changes { version: crate::network::fresh(), ..Changes::default() }
    }
}

/// What a link does to water. There is one for every link and every sweep reads them all, so they are kept small: what
/// few links need lies in rows beside them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Element {
    /// Nothing passes: shut valves and pipes, standing pumps and sources.
    Closed,
    /// Passes both ways by a strictly rising law.
    Plain(Resistance),
    /// A valve or pipe that does more than resist: row in [`Problem::valves`].
    Valve(u32),
    /// Row in [`Problem::pumps`].
    Pump(u32),
    /// Row in [`Problem::sources`]; running.
    Source(u32),
    /// Row in [`Problem::consumers`]; shut consumers too (their set flow is 0).
    Consumer(u32),
}

/// Law m ↦ Δp of a resistance, odd and strictly rising.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Resistance {
    /// Round pipe by [`Problem::friction`]: row in [`Problem::pipes`].
    Pipe(u32),
    /// Kv in m³/h (of the opening it has).
    Kv(f64),
    /// Hazen–Williams or Chézy–Manning: row in [`Problem::head_losses`].
    Head(u32),
    /// Δp = R·m, Pa s/kg.
    Linear(f64),
    /// Row in [`Problem::loss_curves`].
    Curve(u32),
}

/// What a valve does besides resisting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Control {
    /// from → to only.
    Check,
    /// At most this flow from → to.
    FlowLimit { set_flow_kg_s: f64 },
    /// At most this pressure at `to`, no flow back.
    PressureReducing { set_pa: f64 },
    /// At least this pressure at `from`, no flow back.
    PressureSustaining { set_pa: f64 },
    /// Takes at least this pressure from water that flows from → to; no flow back.
    PressureBreaking { set_pa: f64 },
    /// Opens where the difference across it reaches the set value (differential-pressure controller without sensing
    /// nodes); no flow back.
    Overflow { set_pa: f64 },
    /// Throttles so that the pressure at dense node `high` exceeds that at `low` by at most the set value.
    DifferentialPressure { set_pa: f64, high: u32, low: u32 },
}

/// Head loss K·|Q|^(n−1)·Q in m, Q in m³/s (Hazen–Williams, Chézy–Manning), plus fittings as a Kv (infinite: none).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadLossRow {
    pub coefficient: f64,
    pub exponent: f64,
    pub fittings_kv_m3_h: f64,
}

/// A valve or pipe that does more than resist.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValveRow {
    pub resistance: Resistance,
    pub control: Control,
}

/// A shut pipe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShutPipeRow {
    pub link: u32,
    pub resistance: Resistance,
}

/// What the friction of a pipe depends on besides its water.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PipeRow {
    pub length_m: f64,
    pub inner_diameter_m: f64,
    pub roughness_m: f64,
    pub zeta: f64,
}

/// A plate exchanger between two zones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExchangerRow {
    /// Row of the source on its warmed side.
    pub source: u32,
    /// Row of the consumer on its warming side.
    pub consumer: u32,
    pub plate: PlateExchanger,
}

/// A consumer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConsumerRow {
    /// Dense link index.
    pub link: u32,
    /// Flow it asks for; ≥ 0. Negative demands of a file are kept as they are and never saturate.
    pub set_flow_kg_s: f64,
    /// Heat it asks for, where its demand is heat.
    pub heat_w: Option<f64>,
    pub return_temperature_c: f64,
    /// Kv with its control valve fully open, whatever else of its station the primary pressure has to drive included;
    /// infinite: needs no pressure.
    pub kv_open_m3_h: f64,
    /// Row in [`Problem::stations`]; [`NONE`]: it has neither pump nor mixing.
    pub station: u32,
    /// Nothing regulates it: it takes what it is given. [`Self::set_flow_kg_s`] is then beyond anything a network gives.
    pub by_hand: bool,
    /// Flow its demand asks for at the supply temperature of the sources, regulated or not.
    pub asked_kg_s: f64,
}

/// Pump and mixing of a consumer.
#[derive(Clone, Debug, PartialEq)]
pub struct StationRow {
    /// Row in [`Problem::consumers`].
    pub consumer: u32,
    /// Pressure lost in the open control valve over the square of the primary flow, Pa s²/kg².
    pub valve_pa_s2_kg2: f64,
    /// Pressure lost in the circuit behind the mixing point over the square of the primary flow, Pa s²/kg².
    pub circuit_pa_s2_kg2: f64,
    /// Return water mixed into a kilogram of primary water.
    pub mixing_ratio: f64,
    pub pump: Option<StationPump>,
}

/// Pump of a station that is switched on.
#[derive(Clone, Debug, PartialEq)]
pub struct StationPump {
    pub curve: HeadCurve,
    pub group: PumpGroup,
    /// Its flow over the primary flow.
    pub flow_ratio: f64,
    /// Whether its head helps the primary pressure; the pump of a bypass drives its own circuit only.
    pub boosts: bool,
}

/// A running source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SourceRow {
    /// Dense link index.
    pub link: u32,
    pub hold: Hold,
    /// Pressure its return node is held at, where it is the pressure reference.
    pub return_pressure_pa: Option<f64>,
    pub supply_temperature_c: f64,
    /// Temperature of the water given to the return while it charges; NaN: it is no store.
    pub store_return_c: f64,
}

/// What a source holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hold {
    /// p(to) − p(from), Pa.
    Rise(f64),
    MassFlow(f64),
    /// p(to), Pa.
    SupplyPressure(f64),
    /// Available pressure at a consumer (row), or at the worst one.
    WorstPoint {
        available_pa: f64,
        consumer: Option<u32>,
    },
    /// The speed of its pumps: row in [`Problem::pumps`].
    Speed(u32),
}

/// A pump group that is switched on.
#[derive(Clone, Debug, PartialEq)]
pub struct PumpRow {
    /// Dense link index.
    pub link: u32,
    pub curve: HeadCurve,
    pub group: PumpGroup,
    pub check_valve: bool,
    pub hold: PumpHold,
}

/// What the frequency converter of a pump holds; the group has the greatest speed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PumpHold {
    /// Its speed.
    Speed,
    /// At most this flow, kg/s.
    MassFlow(f64),
    /// At most this rise, Pa.
    Rise(f64),
    /// The pressure at dense node `high` above that at `low`.
    DifferentialPressure { set_pa: f64, high: u32, low: u32 },
    /// What the control of its source asks for.
    Source,
}

/// A node whose pressure is given from outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundaryRow {
    /// Dense node index.
    pub node: u32,
    pub pressure_pa: f64,
    /// Greatest flow into the network at this pressure; infinite: no limit.
    pub capacity_kg_s: f64,
    /// Whether it is a make-up of a closed network (two of them in one part fight) or open water.
    pub make_up: bool,
}

/// A hole in a pipe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakRow {
    /// Dense link of the pipe's first piece: the pipe as drawn.
    pub link: u32,
    /// Dense node the water leaves at.
    pub node: u32,
    pub position: f64,
    /// Cd·A, m².
    pub effective_area_m2: f64,
    /// Gauge pressure outside.
    pub outside_pa: f64,
}

/// Part of a pipe between two holes, or a hole and an end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PieceRow {
    pub link: u32,
    /// Dense link of the first piece.
    pub first: u32,
    /// Share of the pipe's length.
    pub share: f64,
}

impl Problem {
    /// Whether a source is the warmed side of a station between two zones: what it gives has been given by a plant.
    pub fn passes_on(&self, source: usize) -> bool {
        self.exchangers.iter().any(|exchanger| exchanger.source as usize == source)
    }

    /// Row in [`Problem::pipes`] of a link that is a pipe with wall friction by [`Problem::friction`], with or without
    /// check valve.
    pub fn pipe_row(&self, link: usize) -> Option<u32> {
        match self.elements[link] {
            Element::Plain(Resistance::Pipe(row)) => Some(row),
            Element::Valve(valve) => match self.valves[valve as usize].resistance {
                Resistance::Pipe(row) => Some(row),
                _ => None,
            },
            _ => None,
        }
    }

    /// First supply temperature at a node.
    pub fn supply_c(&self, node: u32) -> f64 {
        self.zone_temperatures_c.get(node as usize).map_or(self.supply_temperature_c, |zone| zone[0])
    }

    /// First return temperature at a node.
    pub fn return_c(&self, node: u32) -> f64 {
        self.zone_temperatures_c.get(node as usize).map_or(self.return_temperature_c, |zone| zone[1])
    }

    /// Share of its pipe's length that a link is: 1 for all that is not split by a hole.
    pub fn length_share(&self, link: usize) -> f64 {
        self.pieces.binary_search_by_key(&(link as u32), |piece| piece.link).map_or(1.0, |row| self.pieces[row].share)
    }

    pub fn node_count(&self) -> usize {
        self.node_handles.len()
    }

    pub fn link_count(&self) -> usize {
        self.link_handles.len()
    }

    /// Dense index of a node; `None` if it is not part of the problem.
    pub fn node(&self, node: NodeId) -> Option<usize> {
        self.node_of_slot.get(node.index()).filter(|&&index| index != NONE).map(|&index| index as usize)
    }

    /// Dense index of a link; `None` if it is not part of the problem.
    pub fn link(&self, link: LinkId) -> Option<usize> {
        self.link_of_slot.get(link.index()).filter(|&&index| index != NONE).map(|&index| index as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_sweep_reads_is_small() {
        assert_eq!(size_of::<Element>(), 16);
    }
}
