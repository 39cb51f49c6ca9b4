//! Why a station cannot have its flow, and what would help.
//!
//! The state is solved once more with all flows forced and the sources higher by a lot: what every pipe and valve on the way then
//! loses is what the wanted flows ask for, and what is missing at a station is a number. The part of its way that loses the most
//! beyond what is usual is named where that explains at least half of it; otherwise it is the pumps.

use serde_json::{Value, json};

use super::BalanceError;
use super::prescribed::Prescribed;
use super::reach::Reach;
use crate::network::catalogue;
use crate::network::edit::Edit;
use crate::network::{LinkId, LinkKind, Network, NodeId, SourceControl};
use crate::solver::{Solution, Solver};

/// Rise added while flows are forced: beyond what any network lacks, Pa.
const FORCED_PA: f64 = 2e7;
/// Usual losses: pipes of a branch (CJJ/T 34: at most 300 Pa/m), fittings and valves, a station's own valve.
const USUAL_PIPE_PA_M: f64 = 100.0;
const USUAL_VALVE_PA: f64 = 10_000.0;
const USUAL_STATION_PA: f64 = 50_000.0;
/// Share of what is missing that a single part must explain to be named.
const EXPLAINS: f64 = 0.5;
/// Exponent of the diameter in the loss of a rough pipe.
const DIAMETER_EXPONENT: f64 = 5.25;

/// What stands in the way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Obstacle {
    /// No way from a source at all.
    CutOff,
    /// Its own valve is too small: this Kv would do.
    OwnValve { kv_m3_h: f64 },
    /// A pipe too narrow: what it loses, and the nominal diameter that would do.
    Pipe { link: LinkId, loss_pa_m: f64, dn: u16 },
    /// A valve that takes this pressure and may not be set (or is too small).
    Valve { link: LinkId, loss_pa: f64 },
    /// The pumps give too little: nothing on the way is out of the ordinary.
    Pumps,
}

impl Obstacle {
    /// Stable word, also the end of its sentence's key.
    pub const fn word(&self) -> &'static str {
        match self {
            Obstacle::CutOff => "cut-off",
            Obstacle::OwnValve { .. } => "own-valve",
            Obstacle::Pipe { .. } => "pipe",
            Obstacle::Valve { .. } => "valve",
            Obstacle::Pumps => "pumps",
        }
    }
}

/// A station without its flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unmet {
    pub consumer: LinkId,
    /// Pressure that is missing at it for its wanted flow, Pa; NaN where no state tells.
    pub missing_pa: f64,
    pub obstacle: Obstacle,
}

/// Which way the water of a state comes and goes.
pub struct Way {
    /// By node slot: the link most of its water comes by and where from; the link most of it leaves by and where to.
    inward: Vec<Option<(LinkId, NodeId, f64)>>,
    outward: Vec<Option<(LinkId, NodeId, f64)>>,
}

impl Way {
    pub fn new(network: &Network, solution: &Solution) -> Way {
        let mut way = Way { inward: vec![None; network.node_bound()], outward: vec![None; network.node_bound()] };
        for view in network.links() {
            if matches!(view.link.kind, LinkKind::Consumer(_) | LinkKind::Source(_)) {
                continue;
            }
            let Some(state) = solution.link(view.handle) else { continue };
            let flow = state.mass_flow_kg_s;
            let (from, to) = if flow >= 0.0 { (view.from, view.to) } else { (view.to, view.from) };
            let more =
                |known: &Option<(LinkId, NodeId, f64)>| flow != 0.0 && known.is_none_or(|(.., most)| flow.abs() > most);
            if more(&way.inward[to.index()]) {
                way.inward[to.index()] = Some((view.handle, from, flow.abs()));
            }
            if more(&way.outward[from.index()]) {
                way.outward[from.index()] = Some((view.handle, to, flow.abs()));
            }
        }
        way
    }

    fn follow(steps: &[Option<(LinkId, NodeId, f64)>], mut at: NodeId) -> Vec<LinkId> {
        let mut links = Vec::new();
        while let Some((link, next, _)) = steps[at.index()] {
            if links.len() > steps.len() {
                break;
            }
            links.push(link);
            at = next;
        }
        links
    }

    /// Links between a source and a node on the supply side, from the node on.
    pub fn supply(&self, node: NodeId) -> Vec<LinkId> {
        Self::follow(&self.inward, node)
    }

    /// Links between a node on the return side and a source, from the node on.
    pub fn back(&self, node: NodeId) -> Vec<LinkId> {
        Self::follow(&self.outward, node)
    }

    /// Length of the pipes between a source and a link along the way of its water: the shorter one of supply and return.
    pub fn distance_m(&self, network: &Network, link: LinkId) -> f64 {
        let Some(view) = network.link_view(link) else { return f64::INFINITY };
        if view.source().is_some() {
            return 0.0;
        }
        let length = |links: Vec<LinkId>| -> f64 {
            links.into_iter().filter_map(|link| network.link_view(link)?.pipe().map(|pipe| pipe.length_m)).sum()
        };
        // A valve in the return is as far away as its way back is long.
        match network.node(view.from).map(|node| node.side) {
            Some(crate::network::Side::Return) => length(self.back(view.to)),
            _ => length(self.supply(view.from)),
        }
    }
}

/// The reasons of consumers that miss their flow in the prescribed state `first`.
pub fn unmet(
    prescribed: &Prescribed,
    wished: &Network,
    reach: &Reach,
    missed: &[LinkId],
    first: &Solution,
) -> Result<Vec<Unmet>, BalanceError> {
    let mut forced = prescribed.clone();
    let mut edits = Vec::new();
    for station in &prescribed.stations {
        let Some(view) = wished.link_view(station.link).filter(|_| missed.contains(&station.link)) else { continue };
        let element = view.element();
        edits.push(Edit::set(element.clone(), "kv_open_m3_h", Value::Null));
        edits.push(Edit::set(element.clone(), "hand_opening", Value::Null));
        edits.push(Edit::set(element, "station", Value::Null));
    }
    for view in prescribed.network.links() {
        let Some(source) = view.source().filter(|source| source.running) else { continue };
        let control = match &source.control {
            SourceControl::Reference { return_pressure_pa, pressure_rise_pa } => json!({ "reference": {
                "return_pressure_pa": return_pressure_pa, "pressure_rise_pa": pressure_rise_pa + FORCED_PA } }),
            SourceControl::PressureRise { pressure_rise_pa } => {
                json!({ "pressure-rise": { "pressure_rise_pa": pressure_rise_pa + FORCED_PA } })
            }
            SourceControl::SupplyPressure { supply_pressure_pa } => {
                json!({ "supply-pressure": { "supply_pressure_pa": supply_pressure_pa + FORCED_PA } })
            }
            SourceControl::Speed { .. } | SourceControl::MassFlow { .. } | SourceControl::WorstPoint { .. } => continue,
        };
        edits.push(Edit::set(view.element(), "control", control));
    }
    for edit in &edits {
        edit.apply(&mut forced.network)?;
    }
    // Where even that has no state, the flows that there are have to do.
    let solved = forced.solve(&mut Solver::new()).ok();
    let solution = solved.as_ref().unwrap_or(first);
    let way = Way::new(wished, solution);
    let reached = |link: LinkId| first.consumer(link).is_some_and(|state| state.available_pressure_pa.is_finite());
    let out = prescribed.stations.iter().filter(|station| missed.contains(&station.link)).map(|station| {
        let link = station.link;
        let flow_kg_s = station.wanted_kg_s;
        let need_pa = station.open_pa(flow_kg_s);
        let is_raised = |link: LinkId| {
            let control = wished.link_view(link).and_then(|view| view.source()).map(|source| &source.control);
            !matches!(control, Some(SourceControl::Speed { .. } | SourceControl::MassFlow { .. }) | None)
        };
        let part = reach.zone(station.ends[0]);
        let raised = solution.sources.iter().any(|source| {
            wished.ends(source.link).is_some_and(|(from, _)| reach.zone(from) == part) && is_raised(source.link)
        });
        let left_pa = solution.link(link).map_or(f64::NAN, |state| state.pressure_drop_pa);
        let density = prescribed.density_kg_m3(link, first);
        let pump_pa = station.greatest_rise_pa(flow_kg_s, density, prescribed.gravity_m_s2());
        let missing_pa = if raised && solved.is_some() {
            need_pa.max(station.required_pa) - pump_pa - (left_pa - FORCED_PA)
        } else {
            f64::NAN
        };
        if !reached(link) {
            return Unmet { consumer: link, missing_pa: f64::NAN, obstacle: Obstacle::CutOff };
        }
        let mut worst: (f64, Obstacle) = (f64::NEG_INFINITY, Obstacle::Pumps);
        let mut meet = |excess_pa: f64, obstacle: Obstacle| {
            if excess_pa > worst.0 {
                worst = (excess_pa, obstacle);
            }
        };
        let own_pa = station.valve_pa_s2_kg2 * flow_kg_s * flow_kg_s;
        if let Some(kv) = station.kv_open_m3_h {
            // What the rest of the way leaves, or a tenth where it leaves nothing.
            let may_pa = (own_pa - missing_pa.max(0.0)).max(0.1 * own_pa).min(own_pa);
            meet(own_pa - USUAL_STATION_PA, Obstacle::OwnValve { kv_m3_h: kv * (own_pa / may_pa).sqrt() });
        }
        let [from, to] = station.ends;
        for part in way.supply(from).into_iter().chain(way.back(to)) {
            let (Some(view), Some(state)) = (wished.link_view(part), solution.link(part)) else { continue };
            let loss_pa = state.pressure_drop_pa.abs();
            match &view.link.kind {
                LinkKind::Pipe(pipe) => {
                    let less_pa = (loss_pa - missing_pa.max(0.0)).max(0.05 * loss_pa);
                    let wider = (loss_pa / less_pa).powf(1.0 / DIAMETER_EXPONENT);
                    let dn = catalogue::at_least(pipe.inner_diameter_m * wider).dn;
                    let loss_pa_m = loss_pa / pipe.length_m.max(1e-3);
                    meet(loss_pa - USUAL_PIPE_PA_M * pipe.length_m, Obstacle::Pipe { link: part, loss_pa_m, dn });
                }
                LinkKind::Valve(_) => meet(loss_pa - USUAL_VALVE_PA, Obstacle::Valve { link: part, loss_pa }),
                _ => {}
            }
        }
        let explained = worst.0 > 0.0 && (missing_pa.is_nan() || worst.0 >= EXPLAINS * missing_pa);
        let obstacle = if explained { worst.1 } else { Obstacle::Pumps };
        Unmet { consumer: link, missing_pa, obstacle }
    });
    Ok(out.collect())
}
