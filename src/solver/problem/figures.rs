//! What results and rules need of every element besides its law, in columns: bores, lengths, nominal pressures, what
//! consumers ask for.
//!
//! Filled in the same walk as the laws, so that neither building a solution nor judging one walks over the network
//! again. The two columns of the screen are rounded to half the digits: they only tell which few elements deserve an
//! exact look (see `rules::screen`), and are compared with a margin wider than the rounding.

use crate::network::{Boundary, Consumer, Demand, LinkKind, Node, PipeState, Side, Valve};

/// Columns over dense nodes and links, rows over consumers, and short lists.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub side: Vec<Side>,
    /// Inner cross-section; NaN where a link has no diameter.
    pub bore_area_m2: Vec<f64>,
    /// Infinite where none is given.
    pub nominal_pressure_pa: Vec<f32>,
    /// Negative for pipes that are shut, NaN for what is no pipe.
    pub length_m: Vec<f32>,
    /// By consumer row.
    pub consumers: Vec<ConsumerFigures>,
    /// Links that are pumps, standing ones too.
    pub pumps: Vec<u32>,
    /// Nodes with a make-up of limited capacity.
    pub limited_make_ups: Vec<u32>,
    /// Hottest water of running sources and hottest return of consumers in service.
    pub hottest_supply_c: Option<f64>,
    pub hottest_return_c: Option<f64>,
}

/// What a consumer asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConsumerFigures {
    /// Heat or flow, in the unit of the demand; 0 where it is shut.
    pub asked: f64,
    pub asks_heat: bool,
    /// NaN where none is required.
    pub required_pressure_pa: f64,
    pub return_temperature_c: f64,
}

impl Figures {
    pub(super) fn clear(&mut self) {
        let Figures { side, bore_area_m2, nominal_pressure_pa, length_m, consumers, pumps, limited_make_ups, .. } =
            self;
        side.clear();
        bore_area_m2.clear();
        nominal_pressure_pa.clear();
        length_m.clear();
        consumers.clear();
        pumps.clear();
        limited_make_ups.clear();
        (self.hottest_supply_c, self.hottest_return_c) = (None, None);
    }

    pub(super) fn reserve(&mut self, nodes: usize, links: usize) {
        self.side.reserve(nodes);
        self.bore_area_m2.reserve(links);
        self.nominal_pressure_pa.reserve(links);
        self.length_m.reserve(links);
    }

    pub(super) fn add_node(&mut self, dense: u32, node: &Node) {
        self.side.push(node.side);
        if is_limited(node) {
            self.limited_make_ups.push(dense);
        }
    }

    /// Takes over a node's new data. `false`: a list would change.
    pub(super) fn set_node(&mut self, dense: u32, node: &Node) -> bool {
        self.side[dense as usize] = node.side;
        self.limited_make_ups.binary_search(&dense).is_ok() == is_limited(node)
    }

    /// `rated`: nominal pressures are looked for; they lie apart from all else that is read of a pipe.
    pub(super) fn add_link(&mut self, dense: u32, kind: &LinkKind, rated: bool) {
        if matches!(kind, LinkKind::Pump(_)) {
            self.pumps.push(dense);
        }
        self.bore_area_m2.push(f64::NAN);
        self.nominal_pressure_pa.push(f32::INFINITY);
        self.length_m.push(f32::NAN);
        self.set_link(dense, kind, rated);
    }

    pub(super) fn set_link(&mut self, dense: u32, kind: &LinkKind, rated: bool) {
        let link = dense as usize;
        match kind {
            LinkKind::Pipe(pipe) => {
                self.bore_area_m2[link] = area_m2(pipe.inner_diameter_m);
                if rated {
                    let nominal_pa = pipe.details.nominal_pressure_pa;
                    self.nominal_pressure_pa[link] = nominal_pa.map_or(f32::INFINITY, |pressure| pressure as f32);
                }
                let length_m = pipe.length_m as f32;
                self.length_m[link] = if pipe.state == PipeState::Closed { -length_m } else { length_m };
            }
            LinkKind::Valve(valve) => self.bore_area_m2[link] = valve_area_m2(valve),
            LinkKind::Pump(_) | LinkKind::Source(_) | LinkKind::Consumer(_) => {}
        }
    }

    /// A running source or a consumer in service has this temperature.
    pub(super) fn meet_supply_c(&mut self, temperature_c: f64) {
        self.hottest_supply_c = Some(self.hottest_supply_c.map_or(temperature_c, |known| known.max(temperature_c)));
    }

    pub(super) fn meet_return_c(&mut self, temperature_c: f64) {
        self.hottest_return_c = Some(self.hottest_return_c.map_or(temperature_c, |known| known.max(temperature_c)));
    }
}

impl ConsumerFigures {
    pub(super) fn new(consumer: &Consumer) -> ConsumerFigures {
        let (asked, asks_heat) = match consumer.demand {
            Demand::MassFlow { mass_flow_kg_s } => (mass_flow_kg_s, false),
            Demand::Heat { heat_w } => (heat_w, true),
        };
        ConsumerFigures {
            asked: if consumer.shut { 0.0 } else { asked },
            asks_heat,
            required_pressure_pa: consumer.required_pressure_pa.unwrap_or(f64::NAN),
            return_temperature_c: consumer.return_temperature_c,
        }
    }
}

fn is_limited(node: &Node) -> bool {
    matches!(node.boundary(), Some(Boundary::MakeUp { capacity_kg_s: Some(_), .. }))
}

fn area_m2(diameter_m: f64) -> f64 {
    0.25 * std::f64::consts::PI * diameter_m * diameter_m
}

fn valve_area_m2(valve: &Valve) -> f64 {
    valve.diameter_m.map_or(f64::NAN, area_m2)
}
