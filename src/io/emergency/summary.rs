//! The sentences at the top of a sheet: what broke, what to do, whom it hits, and what is out of the ordinary.

use super::sections::links;
use super::sheet::Writer;
use crate::emergency::Response;
use crate::emergency::burst::Hole;
use crate::network::{LinkId, Network, NodeId};
use crate::units::{Quantity, hours_minutes};

/// The sentences somebody reads who reads nothing else.
pub(super) fn summary(writer: &Writer<'_>, response: &Response) -> Vec<String> {
    let mut lines = Vec::new();
    for broken in &response.breaks {
        let pipe = writer.network.link_view(broken.link).and_then(|view| view.pipe());
        let hole = match broken.hole {
            Hole::FullBore => writer.word("emergency-full-bore"),
            Hole::Area { area_m2 } => {
                writer.sentence("emergency-hole", &[("area", format!("{:.0} cm²", area_m2 * 1e4).into())])
            }
        };
        let diameter = pipe.map_or_else(String::new, |pipe| match pipe.details.dn {
            Some(dn) => format!("DN{dn}"),
            None => writer.value(Quantity::Diameter, pipe.inner_diameter_m),
        });
        let position = writer.units.text(Quantity::Share, broken.position);
        let arguments = [
            ("element", writer.link(broken.link).into()),
            ("side", writer.side(broken.link).into()),
            ("diameter", diameter.into()),
            ("position", position.into()),
            ("hole", hole.into()),
        ];
        let key = if pipe.is_some() { "emergency-break" } else { "emergency-break-fitting" };
        lines.push(writer.sentence(key, &arguments));
    }
    lines.extend(special_places(writer, response));
    let plan = &response.plan;
    if plan.valves.is_empty() && !plan.needs_stops() {
        lines.push(writer.word("emergency-nothing-feeds"));
    } else {
        lines.push(writer.sentence(
            "emergency-close",
            &[("count", plan.valves.len().into()), ("time", hours_minutes(response.shut_s).into())],
        ));
    }
    if !plan.stopped_sources.is_empty() {
        let sources = links(writer, &plan.stopped_sources);
        lines.push(writer.sentence("emergency-no-valve", &[("sources", sources.into())]));
    }
    if response.impact.as_ref().is_some_and(|impact| impact.consumers.is_empty()) {
        lines.push(writer.word("emergency-nobody"));
    } else if let Some(impact) = &response.impact {
        let totals = impact.totals;
        lines.push(writer.sentence(
            "emergency-affected",
            &[
                ("consumers", totals.consumers.into()),
                ("cutoff", totals.cut_off.into()),
                ("people", totals.people.into()),
                ("households", totals.households.into()),
                ("heat", writer.value(Quantity::Heat, totals.lost_w).into()),
            ],
        ));
        let first = totals.hospitals + totals.schools + totals.care_homes;
        if first > 0 {
            lines.push(writer.sentence(
                "emergency-first",
                &[
                    ("hospitals", totals.hospitals.into()),
                    ("schools", totals.schools.into()),
                    ("care", totals.care_homes.into()),
                ],
            ));
        }
        lines.push(writer.sentence(
            "emergency-too-cold",
            &[
                ("count", response.too_cold().count().into()),
                ("repair", hours_minutes(response.repair_s).into()),
                ("outdoor", writer.value(Quantity::Temperature, response.outdoor_c).into()),
            ],
        ));
    } else {
        lines.push(writer.word("emergency-not-solved"));
    }
    let cut_off = response.impact.as_ref().map_or(0, |impact| impact.totals.cut_off);
    if cut_off > 0 && response.resupply_searched && response.resupply.steps.is_empty() {
        lines.push(match only_source(writer.network, response) {
            Some(source) => writer.sentence(
                "emergency-only-source",
                &[("source", writer.link(source).into()), ("count", cut_off.into())],
            ),
            None => writer.word("emergency-no-other-way"),
        });
    }
    if let Some(last) = response.resupply.steps.last() {
        let regained_w: f64 = response.resupply.steps.iter().map(|step| step.regained_w).sum();
        lines.push(writer.sentence(
            "emergency-regain",
            &[
                ("steps", response.resupply.steps.len().into()),
                ("heat", writer.value(Quantity::Heat, regained_w).into()),
                ("left", last.after.totals.cut_off.into()),
            ],
        ));
    }
    lines
}

/// The plant of a network that has no other and no feed from outside, where the plan leaves nobody any heat.
fn only_source(network: &Network, response: &Response) -> Option<LinkId> {
    let mut sources = network.links().filter(|view| view.source().is_some());
    let (source, other) = (sources.next()?, sources.next());
    let fed_otherwise = other.is_some() || network.nodes().any(|(.., node)| node.boundary.is_some());
    let drew = response.before.consumers.iter().filter(|consumer| consumer.mass_flow_kg_s > 0.0).count();
    let cut_off = response.impact.as_ref().map_or(0, |impact| impact.totals.cut_off);
    (!fed_otherwise && cut_off == drew).then_some(source.handle)
}

/// What is out of the ordinary about the places of the breaks.
fn special_places(writer: &Writer<'_>, response: &Response) -> Vec<String> {
    let network = writer.network;
    let mut lines = Vec::new();
    if response.breaks.len() > 1 {
        lines.push(writer.sentence("emergency-several", &[("count", response.breaks.len().into())]));
    }
    for broken in &response.breaks {
        let Some(view) = network.link_view(broken.link) else { continue };
        if view.valve().is_some() {
            lines.push(writer.sentence("emergency-broken-valve", &[("element", writer.link(broken.link).into())]));
            continue;
        }
        // The end of the pipe at which it broke, where that is an end at all.
        let end = match broken.position {
            position if position <= 0.0 => Some(view.from),
            position if position >= 1.0 => Some(view.to),
            _ => None,
        };
        let at_end = end.map(|node| network.links_at(node)).unwrap_or_default();
        let beside: Vec<LinkId> = response.plan.valves.iter().copied().filter(|link| at_end.contains(link)).collect();
        if !beside.is_empty() {
            let valves = links(writer, &beside);
            lines.push(writer.sentence("emergency-broken-beside-valve", &[("valves", valves.into())]));
        }
        let blind = |node: NodeId| {
            network.links_at(node).len() == 1 && network.node(node).is_some_and(|node| node.boundary.is_none())
        };
        if blind(view.from) != blind(view.to) {
            lines.push(writer.sentence("emergency-blind", &[("element", writer.link(broken.link).into())]));
        }
    }
    lines
}
