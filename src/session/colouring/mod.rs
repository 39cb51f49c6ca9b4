//! What the picture is coloured by: a value for every link and node, the range of the legend, and colour ramps as data.
//!
//! Legend, 3D view and offscreen pictures all take their colours from here, so that they cannot disagree. Values are SI;
//! NaN means "no value" and is drawn in the neutral colour. No drawing here.

mod change;
mod pairing;
mod ramp;
mod range;

pub use change::{Shown, change};
pub use pairing::Pairing;
pub use ramp::{NEUTRAL, RETURN, Ramp, SINGLE, SUPPLY};
pub use range::{Range, histogram};

use std::collections::BTreeMap;

use super::timeline::instant::Place;
use crate::network::{LinkKind, Network, NodeId, Side};
use crate::solver::Solution;
use crate::units::Quantity;

/// The quantity the picture is coloured by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ColourBy {
    #[default]
    Pressure,
    /// Supply minus return pressure at a place (资用压头).
    AvailableHead,
    Temperature,
    Velocity,
    /// Friction loss per metre (比摩阻).
    SpecificLoss,
    Flow,
    Diameter,
    /// Supply or return.
    Side,
    /// Of the rooms behind the substations; there are values only while hours are shown.
    Room,
}

impl ColourBy {
    pub const ALL: [ColourBy; 9] = [
        ColourBy::Pressure,
        ColourBy::AvailableHead,
        ColourBy::Temperature,
        ColourBy::Velocity,
        ColourBy::SpecificLoss,
        ColourBy::Flow,
        ColourBy::Diameter,
        ColourBy::Side,
        ColourBy::Room,
    ];

    /// The word on command lines and in translation keys (`colour-by-WORD`).
    pub const fn word(self) -> &'static str {
        match self {
            ColourBy::Pressure => "pressure",
            ColourBy::AvailableHead => "available-head",
            ColourBy::Temperature => "temperature",
            ColourBy::Velocity => "velocity",
            ColourBy::SpecificLoss => "specific-loss",
            ColourBy::Flow => "flow",
            ColourBy::Diameter => "diameter",
            ColourBy::Side => "side",
            ColourBy::Room => "room",
        }
    }

    /// The quantity named by a word; `None` for any other word.
    pub fn from_word(word: &str) -> Option<ColourBy> {
        ColourBy::ALL.into_iter().find(|by| by.word() == word)
    }

    pub(super) const fn command_id(self) -> &'static str {
        match self {
            ColourBy::Pressure => "colour-by-pressure",
            ColourBy::AvailableHead => "colour-by-available-head",
            ColourBy::Temperature => "colour-by-temperature",
            ColourBy::Velocity => "colour-by-velocity",
            ColourBy::SpecificLoss => "colour-by-specific-loss",
            ColourBy::Flow => "colour-by-flow",
            ColourBy::Diameter => "colour-by-diameter",
            ColourBy::Side => "colour-by-side",
            ColourBy::Room => "colour-by-room",
        }
    }

    /// What its values are, for their unit.
    pub const fn quantity(self) -> Quantity {
        match self {
            ColourBy::Pressure => Quantity::Pressure,
            ColourBy::AvailableHead => Quantity::PressureDifference,
            ColourBy::Temperature | ColourBy::Room => Quantity::Temperature,
            ColourBy::Velocity => Quantity::Velocity,
            ColourBy::SpecificLoss => Quantity::SpecificLoss,
            ColourBy::Flow => Quantity::MassFlow,
            ColourBy::Diameter => Quantity::Diameter,
            ColourBy::Side => Quantity::Number,
        }
    }

    /// The ramp its values are drawn with; sides have their own two colours and no ramp is read for them.
    pub const fn ramp(self) -> Ramp {
        match self {
            ColourBy::Temperature => Ramp::Warmth,
            // As it should be is grey; cold and warm stand out.
            ColourBy::Room => Ramp::Diverging,
            _ => Ramp::Sequential,
        }
    }

    /// The range of a legend for values that lie in this one: differences too small to be worth a colour get none, and rooms
    /// are shown against what they should have.
    pub fn legend_range(self, values: Range) -> Range {
        match self {
            ColourBy::Room => values.about(ROOM_C, 2.0),
            ColourBy::Temperature => values.at_least(2.0),
            _ => values,
        }
    }

    /// Whether values run over a range; supply and return do not.
    pub const fn is_continuous(self) -> bool {
        !matches!(self, ColourBy::Side)
    }
}

/// Values of one quantity over a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Coloured {
    pub by: ColourBy,
    /// Whether the values are what an alternative would change, and not the quantity itself.
    pub is_change: bool,
    /// By [`NodeId::index`]; NaN where there is none. For sides: 0 supply, 1 return, 0.5 single.
    pub nodes: Vec<f64>,
    /// By link index: value at the `from` and at the `to` end.
    pub links: Vec<[f64; 2]>,
    /// By place in [`Network::buildings`]; NaN where there is none.
    pub buildings: Vec<f64>,
    /// Temperatures along the pipes, where they are known; by link index.
    pub along: Option<Along>,
    /// 2nd to 98th percentile of the values: a single outlier does not grey out the rest.
    pub automatic: Range,
    /// Smallest and greatest value.
    pub full: Range,
    /// The values range and histogram are of, rising.
    sorted: Vec<f64>,
    /// Share of the links in each of equal steps of `automatic`, for the legend; the ends take what lies beyond.
    pub histogram: Vec<f32>,
}

/// Which sides of the network are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sides {
    pub supply: bool,
    pub return_side: bool,
}

impl Sides {
    pub const BOTH: Sides = Sides { supply: true, return_side: true };

    fn shows(self, side: Side) -> bool {
        match side {
            Side::Supply => self.supply,
            Side::Return => self.return_side,
            Side::Single => true,
        }
    }
}

/// Values at equal distances along links, both ends included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Along {
    /// First value by link index, and the number of all.
    starts: Vec<u32>,
    values: Vec<f32>,
}

impl Along {
    /// The values of a link from its `from` end on; empty where there are none.
    pub fn of(&self, link: usize) -> &[f32] {
        match self.starts.get(link..link + 2) {
            Some(&[start, end]) => self.values.get(start as usize..end as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    fn read(network: &Network, place: &Place<'_>) -> Along {
        let mut by_link: Vec<Vec<f64>> = vec![Vec::new(); network.link_bound()];
        for view in network.links().filter(|view| view.pipe().is_some()) {
            by_link[view.handle.index()] = place.along(view.handle);
        }
        let mut along = Along::default();
        for values in by_link {
            along.starts.push(along.values.len() as u32);
            along.values.extend(values.into_iter().map(|value| value as f32));
        }
        along.starts.push(along.values.len() as u32);
        along
    }
}

/// Room temperature rooms are shown against, °C (GB/T 33833).
const ROOM_C: f64 = 18.0;
/// Number of steps of the legend's histogram.
const HISTOGRAM_STEPS: usize = 32;

/// The values of a quantity. Without solution only diameter and side have values; rooms and temperatures along pipes come
/// from the instant shown.
pub fn colour(
    network: &Network,
    solution: Option<&Solution>,
    pairing: Option<&Pairing>,
    place: Option<&Place<'_>>,
    sides: Sides,
    by: ColourBy,
) -> Coloured {
    let (rooms, buildings) = match (by, place) {
        (ColourBy::Room, Some(place)) => place.rooms_c(),
        _ => (BTreeMap::new(), Vec::new()),
    };
    let mut nodes = vec![f64::NAN; network.node_bound()];
    let mut links = vec![[f64::NAN; 2]; network.link_bound()];
    for (node, _, data) in network.nodes() {
        nodes[node.index()] = match by {
            ColourBy::Pressure => solution.and_then(|s| s.node(node)).map_or(f64::NAN, |s| s.pressure_pa),
            ColourBy::Temperature => solution.and_then(|s| s.node(node)).map_or(f64::NAN, |s| s.temperature_c),
            ColourBy::AvailableHead => solution
                .zip(pairing)
                .and_then(|(s, pairing)| available_pressure_pa(s, pairing, node))
                .unwrap_or(f64::NAN),
            ColourBy::Side => side_value(data.side),
            _ => f64::NAN,
        };
    }
    for view in network.links() {
        let state = solution.and_then(|s| s.link(view.handle));
        let ends = [nodes[view.from.index()], nodes[view.to.index()]];
        let both = |value: f64| [value, value];
        links[view.handle.index()] = match by {
            ColourBy::Pressure => ends,
            ColourBy::AvailableHead => match &view.link.kind {
                // Between supply and return the available head of the place is one value, whichever end has it.
                LinkKind::Consumer(_) | LinkKind::Source(_) => both(if ends[0].is_nan() { ends[1] } else { ends[0] }),
                _ => ends,
            },
            ColourBy::Temperature => state.map_or([f64::NAN; 2], |s| {
                let along = [s.inlet_temperature_c, s.outlet_temperature_c];
                if s.mass_flow_kg_s < 0.0 { [along[1], along[0]] } else { along }
            }),
            ColourBy::Velocity => both(state.map_or(f64::NAN, |s| s.velocity_m_s.abs())),
            ColourBy::Flow => both(state.map_or(f64::NAN, |s| s.mass_flow_kg_s.abs())),
            ColourBy::SpecificLoss => both(match (view.pipe(), state) {
                (Some(pipe), Some(s)) if pipe.length_m > 0.0 => s.pressure_drop_pa.abs() / pipe.length_m,
                _ => f64::NAN,
            }),
            ColourBy::Diameter => both(match &view.link.kind {
                LinkKind::Pipe(pipe) => pipe.inner_diameter_m,
                LinkKind::Valve(valve) => valve.diameter_m.unwrap_or(f64::NAN),
                _ => f64::NAN,
            }),
            ColourBy::Side => ends,
            ColourBy::Room => both(rooms.get(&view.handle).copied().unwrap_or(f64::NAN)),
        };
    }
    let along = place.filter(|_| by == ColourBy::Temperature).map(|place| Along::read(network, place));
    Coloured { nodes, links, buildings, along, ..Coloured::blank(by) }.counted(network, sides)
}

impl Coloured {
    /// Without any value.
    fn blank(by: ColourBy) -> Coloured {
        let nothing = Range { low: f64::NAN, high: f64::NAN };
        Coloured {
            by,
            is_change: false,
            nodes: Vec::new(),
            links: Vec::new(),
            buildings: Vec::new(),
            along: None,
            automatic: nothing,
            full: nothing,
            sorted: Vec::new(),
            histogram: Vec::new(),
        }
    }

    /// With ranges and histogram of what is shown.
    fn counted(mut self, network: &Network, sides: Sides) -> Coloured {
        // What is hidden has no say in the range.
        let counts = |node: NodeId| network.node(node).is_none_or(|node| sides.shows(node.side));
        let mut values: Vec<f64> = self.buildings.clone();
        for view in network.links() {
            let ends = self.links[view.handle.index()];
            let seen = [(view.from, ends[0]), (view.to, ends[1])].into_iter().filter(|(node, _)| counts(*node));
            values.extend(seen.map(|(_, value)| value));
        }
        values.retain(|value| value.is_finite());
        values.sort_unstable_by(f64::total_cmp);
        (self.automatic, self.full) = if self.by.is_continuous() {
            let usual = Range::percentiles(&values, 0.02, 0.98);
            let usual = if self.is_change { usual.about(0.0, 0.0) } else { self.by.legend_range(usual) };
            (usual, Range::percentiles(&values, 0.0, 1.0))
        } else {
            (Range { low: 0.0, high: 1.0 }, Range { low: 0.0, high: 1.0 })
        };
        self.histogram = histogram(&values, self.automatic, HISTOGRAM_STEPS);
        self.sorted = values;
        self
    }
}

/// Supply minus return pressure at the place of a node; `None` where it has no partner or no pressure.
pub fn available_pressure_pa(solution: &Solution, pairing: &Pairing, node: NodeId) -> Option<f64> {
    let (supply, back) = pairing.pair(node)?;
    let difference = solution.node(supply)?.pressure_pa - solution.node(back)?.pressure_pa;
    difference.is_finite().then_some(difference)
}

const fn side_value(side: Side) -> f64 {
    match side {
        Side::Supply => 0.0,
        Side::Return => 1.0,
        Side::Single => 0.5,
    }
}

impl Coloured {
    /// The same values against another automatic range.
    pub fn over(mut self, automatic: Range) -> Coloured {
        self.automatic = automatic;
        self.histogram = histogram(&self.sorted, automatic, HISTOGRAM_STEPS);
        self
    }

    /// What the values are, for their unit: of a change a difference.
    pub const fn quantity(&self) -> Quantity {
        match (self.by.quantity(), self.is_change) {
            (Quantity::Pressure, true) => Quantity::PressureDifference,
            (Quantity::Temperature, true) => Quantity::TemperatureDifference,
            (quantity, _) => quantity,
        }
    }

    /// The ramp the values are drawn with: of a change none is grey.
    pub const fn ramp(&self) -> Ramp {
        if self.is_change { Ramp::Diverging } else { self.by.ramp() }
    }

    /// The values of what is shown, rising.
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// The range the legend shows: the locked one, else the automatic one.
    pub fn range(&self, lock: Option<Range>) -> Range {
        lock.unwrap_or(self.automatic)
    }

    /// sRGB colour of a value within a range; the neutral colour for NaN.
    pub fn colour(&self, value: f64, range: Range) -> [u8; 3] {
        if !value.is_finite() {
            return NEUTRAL;
        }
        if self.by == ColourBy::Side {
            return if value < 0.25 {
                SUPPLY
            } else if value > 0.75 {
                RETURN
            } else {
                SINGLE
            };
        }
        self.ramp().at(range.share(value))
    }
}
