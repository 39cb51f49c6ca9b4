//! The headline of an emergency: the few figures that count, as data.

use crate::emergency::response::Response;
use crate::network::{LinkKind, Network, Side};

/// What somebody reads from five metres.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Headline {
    /// Nominal diameters of what burst (m where none is named), with their sides.
    pub breaks: Vec<(Size, Option<Side>)>,
    /// Valves that have to be closed, and plants or feeds that have to stop.
    pub valves: usize,
    pub stops: usize,
    /// When it is shut off, from the alarm.
    pub shut_s: f64,
    /// Consumers without heat, and others that get less; `None` where the network cannot be solved.
    pub users: Option<(usize, usize)>,
    pub people: u64,
    pub lost_w: f64,
    pub hospitals: usize,
    pub schools: usize,
    pub care_homes: usize,
    /// When the first rooms fall below 12 °C, and how many buildings do before the repair ends.
    pub first_below_s: Option<f64>,
    pub too_cold: usize,
    pub repair_s: f64,
}

/// How a pipe is named by its size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Size {
    Nominal(u16),
    /// Inner diameter, m.
    Inner(f64),
    /// Not a pipe.
    None,
}

/// The figures of an answer.
pub fn headline(network: &Network, response: &Response) -> Headline {
    let breaks = response
        .breaks
        .iter()
        .filter_map(|broken| {
            let view = network.link_view(broken.link)?;
            let size = match &view.link.kind {
                LinkKind::Pipe(pipe) => pipe.details.dn.map_or(Size::Inner(pipe.inner_diameter_m), Size::Nominal),
                _ => Size::None,
            };
            Some((size, network.node(view.from).map(|node| node.side).filter(|side| *side != Side::Single)))
        })
        .collect();
    let totals = response.impact.as_ref().map(|impact| impact.totals);
    let crossing = |clock: &crate::emergency::cooldown::BuildingClock| clock.crosses_s[2];
    let first_below_s = response.clocks.iter().filter_map(crossing).reduce(f64::min);
    let of_totals = totals.unwrap_or_default();
    Headline {
        breaks,
        valves: response.plan.valves.len(),
        stops: response.plan.stopped_sources.len() + response.plan.stopped_feeds.len(),
        shut_s: response.shut_s,
        users: totals.map(|totals| (totals.cut_off, totals.consumers - totals.cut_off)),
        people: of_totals.people,
        lost_w: of_totals.lost_w,
        hospitals: of_totals.hospitals,
        schools: of_totals.schools,
        care_homes: of_totals.care_homes,
        first_below_s,
        too_cold: response.too_cold().count(),
        repair_s: response.repair_s,
    }
}
