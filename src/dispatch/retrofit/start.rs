//! The states a city is in before a retrofit, made by edits of the network as it is.
//!
//! A technology that brings order saves nothing where order is. What a city without it looks like is an assumption; it is made of
//! few numbers that are told ([`Start::parameters`]) and of edits everybody can read. Not here: the technologies.

use std::collections::BTreeMap;

use super::{Numbers, Parameter, RetrofitError, Values, Where, kit};
use crate::dispatch::balance::{Wishes, balance};
use crate::network::edit::Edit;
use crate::network::{LinkId, Network, Secondary};
use crate::physics::station::HeldTemperature;

/// A state before a retrofit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Start {
    /// The network as it is.
    AsItIs,
    /// As it is, its source pressures being what the worst loop needs: what is saved beyond is not due to too much pressure before.
    FittedPumps,
    /// Nobody regulates: station valves stand by hand. The station with the most available pressure draws `near_share` of its flow,
    /// the one with the least just its flow, others in between in proportion to their pressure; pumps give what the last one needs.
    SetByHand,
    /// Secondary networks run at low temperatures, as deep cooling of the return asks for, with plate exchangers.
    LowTemperatures,
    /// The primary network lacks flow: station valves pass `flow_share` of the flow of design.
    ShortOfFlow,
}

const SET_BY_HAND: &[Parameter] = &[Parameter {
    name: "near_share",
    default: 1.5,
    range: (1.0, 3.0),
    source: "assumption; JGJ/T 132 accepts 0.9 to 1.2",
}];

const LOW: &[Parameter] = &[
    Parameter {
        name: "secondary_supply_c",
        default: 60.0,
        range: (40.0, 90.0),
        source: "usual design of secondary networks behind absorption exchangers",
    },
    Parameter {
        name: "secondary_return_c",
        default: 45.0,
        range: (30.0, 70.0),
        source: "usual design of secondary networks behind absorption exchangers",
    },
    Parameter {
        name: "approach_k",
        default: 5.0,
        range: (1.0, 20.0),
        source: "so that the primary return is the usual 50 °C of the guide, 二（三）1",
    },
];

const SHORT: &[Parameter] = &[Parameter {
    name: "flow_share",
    default: 0.75,
    range: (0.3, 1.0),
    source: "assumption; the guide speaks of stations short of primary flow (一次网欠流量) without a figure",
}];

impl Start {
    /// Stable word, also the end of its name's key.
    pub const fn word(self) -> &'static str {
        match self {
            Start::AsItIs => "as-it-is",
            Start::FittedPumps => "fitted-pumps",
            Start::SetByHand => "set-by-hand",
            Start::LowTemperatures => "low-temperatures",
            Start::ShortOfFlow => "short-of-flow",
        }
    }

    /// Whether the sources keep at least 100 °C in all weather, as the machines need it (in the state before as well).
    pub const fn least_supply_c(self) -> Option<f64> {
        match self {
            Start::LowTemperatures => Some(100.0),
            _ => None,
        }
    }

    pub const fn parameters(self) -> &'static [Parameter] {
        match self {
            Start::AsItIs | Start::FittedPumps => &[],
            Start::SetByHand => SET_BY_HAND,
            Start::LowTemperatures => LOW,
            Start::ShortOfFlow => SHORT,
        }
    }
}

/// The edits that make a state out of a network.
pub fn edits(start: Start, network: &Network, values: &Values) -> Result<Vec<Edit>, RetrofitError> {
    let numbers = Numbers { parameters: start.parameters(), values };
    match start {
        Start::AsItIs => Ok(Vec::new()),
        Start::FittedPumps => kit::fitted_pressures(network),
        Start::SetByHand => set_by_hand(network, numbers.of("near_share"), HeldTemperature::Nothing),
        Start::LowTemperatures => low_temperatures(network, &numbers),
        Start::ShortOfFlow => {
            let share = numbers.of("flow_share");
            by_hand(network, |_, _| share, HeldTemperature::Supply)
        }
    }
}

fn set_by_hand(network: &Network, near_share: f64, held: HeldTemperature) -> Result<Vec<Edit>, RetrofitError> {
    let solution = kit::solved(network)?;
    let available = |link: LinkId| {
        let pressure = |node| solution.node(node).map_or(f64::NAN, |state| state.pressure_pa);
        network.ends(link).map_or(f64::NAN, |(from, to)| pressure(from) - pressure(to))
    };
    let all: Vec<f64> =
        network.links().filter(|view| view.consumer().is_some()).map(|view| available(view.handle)).collect();
    let least = all.iter().copied().fold(f64::INFINITY, f64::min);
    let most = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let share = |link: LinkId, _: f64| {
        let near = (available(link) - least) / (most - least);
        1.0 + (near_share - 1.0) * if near.is_finite() { near } else { 0.0 }
    };
    by_hand(network, share, held)
}

/// All stations with a known valve are set by hand so that each draws a share of its flow, at the pressures that takes.
fn by_hand(
    network: &Network,
    share: impl Fn(LinkId, f64) -> f64,
    held: HeldTemperature,
) -> Result<Vec<Edit>, RetrofitError> {
    let stations = kit::stations(network, &Where::All, &mut Vec::new());
    let set = || stations.iter().filter(|station| station.consumer.kv_open_m3_h.is_some());
    let flows_kg_s: BTreeMap<LinkId, f64> = set()
        .map(|station| {
            let flow_kg_s = station.flow_kg_s(network);
            (station.view.handle, flow_kg_s * share(station.view.handle, flow_kg_s))
        })
        .collect();
    let wishes = Wishes { flows_kg_s, by_hand: true, more_power: true, ..Wishes::default() };
    let mut edits = balance(network, &wishes)?.edits;
    edits.extend(set().map(|station| station.set_side(&Secondary { held, ..station.side.clone() })));
    Ok(edits)
}

fn low_temperatures(network: &Network, numbers: &Numbers<'_>) -> Result<Vec<Edit>, RetrofitError> {
    let (supply_c, return_c) = (numbers.of("secondary_supply_c"), numbers.of("secondary_return_c"));
    let approach_k = numbers.of("approach_k");
    let mut edits = Vec::new();
    for station in kit::stations(network, &Where::All, &mut Vec::new()) {
        let side = Secondary {
            secondary_supply_temperature_c: supply_c,
            secondary_return_temperature_c: return_c,
            approach_k,
            ..station.side.clone()
        };
        edits.push(station.set_side(&side));
        edits.push(station.set("return_temperature_c", return_c + approach_k));
    }
    let pressures = kit::fitted_pressures(&kit::edited(network, &edits)?)?;
    edits.extend(pressures);
    Ok(edits)
}
