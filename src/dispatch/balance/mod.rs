//! Balancing (水力平衡): valve openings and pump speeds with which every station gets its wanted flow, at the least pumping power.
//!
//! With the flows of all stations given, the pressure that is left at each of them follows from one solve. What is left over
//! at the worst loop (最不利环路) the source pumps need not give; what is left over elsewhere is taken by valves: first by those of whole branches (as
//! much as every station behind them can spare, so that the station valves stay open), then at each station. Pumps on the way and
//! in stations turn only as fast as that asks. The laws of valves and pumps are inverted exactly, so that no search is needed; loops need none
//! either, because the flow in them follows from the given ones. The answer is a list of edits, and a solve of the network so edited,
//! by the same laws as any other, says how good it is.
//!
//! A station whose valve is set by hand (`hand_opening`) is balanced; one with a controller takes its demand by itself and only
//! needs the pressure left to it. Stations that cannot have their flow are named with the reason ([`Obstacle`]). Not here: changes of pipes, drives that move valves, the sentences.

mod commission;
mod find;
mod imbalance;
mod lower;
mod obstacle;
mod power;
mod prescribed;
mod reach;
mod settle;

pub use commission::{Step, commissioning};
pub use find::balance;
pub use imbalance::{Imbalance, StationFlow};
pub(in crate::dispatch) use obstacle::Way;
pub use obstacle::{Obstacle, Unmet};
pub use power::{PumpPower, USUAL_EFFICIENCY, pump_powers, pump_powers_at, total_w};

use std::collections::BTreeMap;

use crate::network::edit::{Edit, EditError};
use crate::network::{Finding, LinkId};
use crate::solver::{Mode, Solution};

/// A flow counts as met within this share of it.
pub const MET_SHARE: f64 = 0.02;

/// What is wanted of a balance.
#[derive(Clone, Debug, PartialEq)]
pub struct Wishes {
    pub mode: Mode,
    /// Wanted flow by consumer, kg/s; others: the flow of their demand at the temperatures of design.
    pub flows_kg_s: BTreeMap<LinkId, f64>,
    /// Every station counts as set by hand, those with a controller as fully open to begin with.
    pub by_hand: bool,
    /// Whether stations keep the available pressure they require (`required_pressure_pa`).
    pub keep_required: bool,
    /// Whether pumps may draw more power than before, where the wanted flows ask for it. Otherwise all stations get the same
    /// share of their flows, as great as the power of before allows.
    pub more_power: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Wishes {
            mode: Mode::Thermal,
            flows_kg_s: BTreeMap::new(),
            by_hand: false,
            keep_required: true,
            more_power: false,
        }
    }
}

/// A valve, pump, station or source and what it is set to.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    pub link: LinkId,
    pub kind: SettingKind,
    /// Before and after: opening 0…1, speed over rated speed, Pa of rise or pressure, by kind.
    pub before: f64,
    pub after: f64,
    /// Kv at the new position, m³/h; NaN where it has none.
    pub kv_m3_h: f64,
    /// Flow through it when all is set, kg/s, and the pressure it then takes (negative: gives), Pa.
    pub flow_kg_s: f64,
    pub drop_pa: f64,
    /// Stations behind it.
    pub stations: usize,
    pub edits: Vec<Edit>,
}

/// What a setting turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SettingKind {
    /// A valve of the network: opening.
    Valve,
    /// The valve of a station: opening.
    Station,
    /// The pump of a station: speed.
    StationPump,
    /// A pump of the network: speed.
    Pump,
    /// The pressure rise, supply pressure or held pressure of a source.
    SourcePressure,
    /// The speed of a source's pumps.
    SourceSpeed,
}

impl SettingKind {
    /// Stable word, also the end of its name's key.
    pub const fn word(self) -> &'static str {
        match self {
            SettingKind::Valve => "valve",
            SettingKind::Station => "station",
            SettingKind::StationPump => "station-pump",
            SettingKind::Pump => "pump",
            SettingKind::SourcePressure => "source-pressure",
            SettingKind::SourceSpeed => "source-speed",
        }
    }
}

/// The loop with the least pressure to spare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorstLoop {
    pub consumer: LinkId,
    /// What was to spare there at the pressures of before and the wanted flows, and what is now, Pa.
    pub margin_before_pa: f64,
    pub margin_after_pa: f64,
}

/// What keeps the pumps of a source from going lower.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// The worst loop.
    Loop(LinkId),
    /// A consumer that cannot have its flow takes all there is.
    Unmet(LinkId),
    /// Water would come too near to boiling at this node (30 kPa above vapour pressure, GB 55010).
    Vapour(crate::network::NodeId),
    /// Less from the source would cost more at the pumps of the stations.
    Power,
    /// No source with a pressure that could be lowered.
    NoSource,
}

/// One hydraulically connected part.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    pub sources: Vec<LinkId>,
    pub stations: usize,
    /// What the sources give less, Pa.
    pub lowered_pa: f64,
    pub bound: Bound,
    pub worst: Option<WorstLoop>,
}

/// A balance.
#[derive(Clone, Debug)]
pub struct Balance {
    pub zones: Vec<Zone>,
    /// By consumer, rising.
    pub before: Imbalance,
    pub after: Imbalance,
    pub settings: Vec<Setting>,
    pub unmet: Vec<Unmet>,
    /// Pump power, W, before and after.
    pub power_before: Vec<PumpPower>,
    pub power_after: Vec<PumpPower>,
    /// Share of the wanted flows that the power of before allows; 1: all.
    pub level: f64,
    /// Largest difference between the flows computed here and those of the solve that checks them, as share of the flow.
    pub gap: f64,
    /// Findings of the state after that the state before does not have.
    pub news: Vec<Finding>,
    /// All of it, in the order of commissioning: what [`Edit::apply`] takes and gives back for undoing.
    pub edits: Vec<Edit>,
    pub solution_before: Solution,
    pub solution_after: Solution,
}

/// Why there is no balance.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BalanceError {
    /// The network as it is cannot be solved, for these reasons.
    #[error("the network cannot be solved")]
    Unsolved(Vec<Finding>),
    /// The state with the wanted flows cannot be solved, for these reasons.
    #[error("the wanted flows cannot be solved")]
    NoState(Vec<Finding>),
    /// No share of the wanted flows can be had with the power of before.
    #[error("no share of the wanted flows can be had with the pump power of before")]
    NoLevel,
    /// Nobody takes water.
    #[error("there is no consumer with a demand")]
    Nobody,
    #[error(transparent)]
    Refused(#[from] EditError),
}
