//! Ids that must name something: chambers, pairs, buildings' consumers, sensors' elements, sensing nodes, watched
//! consumers, scenarios' parents and the elements their edits change.

use std::collections::BTreeSet;

use crate::network::edit::Edit;
use crate::network::{
    Code, ElementKind, ElementRef, Finding, LinkKind, Name, Network, PumpControl, Scenario, Severity, Source,
    SourceControl,
};

/// Checks every reference of the network.
pub(super) fn check(network: &Network, findings: &mut Vec<Finding>) {
    for (_, id, node) in network.nodes() {
        if let Some(chamber) = &node.chamber {
            let owner = || ElementRef::new(ElementKind::Node, id.clone());
            expect(network, owner, "chamber", ElementKind::Chamber, chamber, findings);
        }
    }
    for view in network.links() {
        let owner = || view.element();
        if let Some(chamber) = view.link.notes.as_ref().and_then(|notes| notes.chamber.as_ref()) {
            expect(network, owner, "chamber", ElementKind::Chamber, chamber, findings);
        }
        match &view.link.kind {
            LinkKind::Pipe(pipe) => {
                if let Some(pair) = &pipe.details.pair {
                    expect(network, owner, "details.pair", ElementKind::Pipe, pair, findings);
                }
            }
            LinkKind::Valve(valve) => {
                // A controller that senses nowhere cannot control: not to be solved as something else.
                for node in valve.sensing_nodes.iter().flatten().filter(|node| network.node_id(node).is_none()) {
                    let target = ElementRef::new(ElementKind::Node, node.clone());
                    findings.push(dangling(owner(), "sensing_nodes", &target).severe(Severity::Error));
                }
            }
            LinkKind::Source(source) => check_source(network, source, owner, findings),
            LinkKind::Pump(pump) => {
                if let PumpControl::DifferentialPressure { sensing_nodes, .. } = &pump.control {
                    for node in sensing_nodes.iter().filter(|node| network.node_id(node).is_none()) {
                        let target = ElementRef::new(ElementKind::Node, node.clone());
                        findings.push(dangling(owner(), "control.sensing_nodes", &target).severe(Severity::Error));
                    }
                }
            }
            LinkKind::Consumer(_) => {}
        }
    }
    for (id, building) in network.buildings() {
        if let Some(consumer) = &building.consumer {
            let owner = || ElementRef::new(ElementKind::Building, id.clone());
            expect(network, owner, "consumer", ElementKind::Consumer, consumer, findings);
        }
    }
    for (id, sensor) in network.sensors() {
        if !network.contains(&sensor.element) {
            let owner = ElementRef::new(ElementKind::Sensor, id.clone());
            findings.push(dangling(owner, "element", &sensor.element));
        }
    }
    for (id, scenario) in network.scenarios() {
        check_scenario(network, id, scenario, findings);
    }
}

fn dangling(owner: ElementRef, field: impl Into<String>, target: &ElementRef) -> Finding {
    Finding::new(Code::DanglingReference, owner)
        .text("field", field)
        .with("target", crate::network::finding::FindingValue::Element(target.clone()))
}

fn expect(
    network: &Network,
    owner: impl Fn() -> ElementRef,
    field: &'static str,
    kind: ElementKind,
    id: &Name,
    findings: &mut Vec<Finding>,
) {
    let target = ElementRef::new(kind, id.clone());
    if !network.contains(&target) {
        findings.push(dangling(owner(), field, &target));
    }
}

fn check_source(network: &Network, source: &Source, owner: impl Fn() -> ElementRef, findings: &mut Vec<Finding>) {
    if let Some(exchanger) = &source.exchanger {
        let target = ElementRef::new(ElementKind::Consumer, exchanger.primary.clone());
        if !network.contains(&target) {
            findings.push(dangling(owner(), "exchanger.primary", &target).severe(Severity::Error));
        }
    }
    if let SourceControl::WorstPoint { consumer: Some(consumer), .. } = &source.control {
        let target = ElementRef::new(ElementKind::Consumer, consumer.clone());
        if !network.contains(&target) {
            findings.push(dangling(owner(), "control.worst-point.consumer", &target).severe(Severity::Error));
        }
    }
}

/// Elements there are beyond (or no longer in) the network while a scenario's edits run.
#[derive(Default)]
struct Changed {
    added: BTreeSet<ElementRef>,
    removed: BTreeSet<ElementRef>,
}

impl Changed {
    fn has(&self, network: &Network, element: &ElementRef) -> bool {
        self.added.contains(element) || (network.contains(element) && !self.removed.contains(element))
    }

    fn add(&mut self, element: ElementRef) {
        self.removed.remove(&element);
        self.added.insert(element);
    }

    fn remove(&mut self, element: ElementRef) {
        self.added.remove(&element);
        self.removed.insert(element);
    }
}

fn check_scenario(network: &Network, id: &Name, scenario: &Scenario, findings: &mut Vec<Finding>) {
    // A scenario is no element of its own; the finding names it in the field.
    let field = |what: &str| format!("scenarios.{id}.{what}");
    let mut line = vec![scenario];
    let mut seen = BTreeSet::from([id.clone()]);
    let mut next = scenario.parent.as_ref();
    while let Some(parent) = next {
        if !seen.insert(parent.clone()) {
            findings.push(
                Finding::new(Code::ScenarioCycle, ElementRef::network())
                    .text("scenario", &**id)
                    .text("parent", &**parent),
            );
            return;
        }
        let Some(found) = network.scenarios().get(parent) else {
            // The ancestor's own check reports a parent missing further up.
            if scenario.parent.as_ref() == Some(parent) {
                findings.push(
                    Finding::new(Code::DanglingReference, ElementRef::network())
                        .text("field", field("parent"))
                        .text("target", &**parent),
                );
            }
            return;
        };
        line.push(found);
        next = found.parent.as_ref();
    }
    let mut changed = Changed::default();
    let mut ignored = Vec::new();
    let ancestors = line.len() - 1;
    for (place, scenario) in line.into_iter().rev().enumerate() {
        for (row, edit) in scenario.edits.iter().enumerate() {
            let out = if place == ancestors { &mut *findings } else { &mut ignored };
            check_edit(network, edit, &mut changed, &|| field(&format!("edits[{row}]")), out);
        }
    }
}

fn check_edit(
    network: &Network,
    edit: &Edit,
    changed: &mut Changed,
    field: &dyn Fn() -> String,
    findings: &mut Vec<Finding>,
) {
    let mut need = |element: &ElementRef, changed: &Changed| {
        let there = changed.has(network, element);
        if !there {
            findings.push(dangling(ElementRef::network(), field(), element));
        }
        there
    };
    match edit {
        Edit::Set { element, .. } => {
            need(element, changed);
        }
        Edit::Remove { element } => {
            if need(element, changed) {
                changed.remove(element.clone());
            }
        }
        Edit::AddNode { id, .. } => changed.add(ElementRef::new(ElementKind::Node, id.clone())),
        Edit::AddLink { id, from, to, link } => {
            for end in [from, to] {
                need(&ElementRef::new(ElementKind::Node, end.clone()), changed);
            }
            let kind = match (&link.pipe, &link.valve, &link.pump, &link.source) {
                (Some(_), ..) => ElementKind::Pipe,
                (_, Some(_), ..) => ElementKind::Valve,
                (_, _, Some(_), _) => ElementKind::Pump,
                (_, _, _, Some(_)) => ElementKind::Source,
                _ => ElementKind::Consumer,
            };
            changed.add(ElementRef::new(kind, id.clone()));
        }
        Edit::AddChamber { id, .. } => changed.add(ElementRef::new(ElementKind::Chamber, id.clone())),
        Edit::AddBuilding { id, .. } => changed.add(ElementRef::new(ElementKind::Building, id.clone())),
        Edit::AddSensor { id, .. } => changed.add(ElementRef::new(ElementKind::Sensor, id.clone())),
        Edit::SetSettings { .. } | Edit::SetEmergencyBase { .. } => {}
        Edit::Batch { edits, .. } => {
            for edit in edits {
                check_edit(network, edit, changed, field, findings);
            }
        }
    }
}
