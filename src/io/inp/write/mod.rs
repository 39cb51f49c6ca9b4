//! Any network as an EPANET input file in litres a second, metres and millimetres.
//!
//! What EPANET knows is written so that reading it back gives the same network. A closed heating network is more than
//! EPANET knows: sources that fix pressures become fixed heads, given flows become demands at both ends of the link,
//! and everything without counterpart is named in the findings. Temperatures are lost: EPANET has one liquid.

mod fluid;
mod links;
mod names;

use std::fmt::Write as _;

use super::units::{FlowUnit, Units};
use crate::network::{
    Boundary, Code, Demand, ElementRef, Finding, FrictionModel, LinkKind, Network, NodeId, Severity, SourceControl,
};
use names::Names;

/// The text of the file and what it could not hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    pub text: String,
    pub findings: Vec<Finding>,
}

/// Writes a network.
pub fn write(network: &Network) -> Written {
    let fluid = fluid::of(network);
    let mut writer = Writer {
        network,
        units: Units { flow: FlowUnit::Lps, pressure: None, specific_gravity: fluid.density_kg_m3 / 1000.0 },
        node_names: Names::new(network.nodes().map(|(_, id, _)| id.as_ref())),
        link_names: Names::new(network.links().map(|view| view.id.as_ref())),
        node_demand_kg_s: vec![0.0; network.node_bound()],
        node_head_m: vec![None; network.node_bound()],
        sections: Sections::default(),
        curves: 0,
        lost: Vec::new(),
        findings: Vec::new(),
    };
    for (node, _, data) in network.nodes() {
        writer.node_demand_kg_s[node.index()] = data.demand_kg_s;
    }
    writer.report_names();
    writer.consumers(&fluid);
    writer.sources();
    writer.nodes();
    writer.links();
    writer.losses();
    let text = writer.text(&fluid);
    if let Some(temperature_c) = fluid.temperature_c {
        let arguments = [
            ("density", format!("{:.1}", fluid.density_kg_m3)),
            ("viscosity", format!("{:.3e}", fluid.viscosity_m2_s)),
            ("temperature", format!("{temperature_c:.0}")),
        ];
        writer.note(Severity::Warning, ElementRef::network(), "inp-export-water", &arguments);
    }
    Written { text, findings: writer.findings }
}

/// Lines of each section.
#[derive(Default)]
struct Sections {
    junctions: String,
    reservoirs: String,
    tanks: String,
    pipes: String,
    pumps: String,
    valves: String,
    status: String,
    curves: String,
    coordinates: String,
    vertices: String,
    tags: String,
}

struct Writer<'n> {
    network: &'n Network,
    units: Units,
    node_names: Names,
    link_names: Names,
    /// By node slot: own demand and the flows of consumers and sources.
    node_demand_kg_s: Vec<f64>,
    /// By node slot: heads fixed by sources.
    node_head_m: Vec<Option<f64>>,
    sections: Sections,
    /// Curves written so far; they are named by number.
    curves: usize,
    /// Kinds of things EPANET has no place for.
    lost: Vec<String>,
    findings: Vec<Finding>,
}

impl Writer<'_> {
    fn note(
        &mut self,
        severity: Severity,
        element: ElementRef,
        key: &'static str,
        arguments: &[(&'static str, String)],
    ) {
        let finding = Finding::new(Code::ExportChanged, element).severe(severity);
        self.findings.push(finding.phrase("text", key, arguments));
    }

    fn report_names(&mut self) {
        let nodes: Vec<_> =
            self.network.nodes().map(|(node, id, _)| (self.network.node_ref(node), id.clone())).collect();
        let links: Vec<_> = self.network.links().map(|view| (view.element(), view.id.clone())).collect();
        for (elements, of_nodes) in [(nodes, true), (links, false)] {
            for (element, id) in elements {
                let names = if of_nodes { &self.node_names } else { &self.link_names };
                let name = names.get(&id).to_owned();
                if *name != *id {
                    self.note(Severity::Warning, element, "inp-export-renamed", &[("name", name)]);
                }
            }
        }
    }

    fn flow_through(&mut self, from: NodeId, to: NodeId, mass_flow_kg_s: f64) {
        self.node_demand_kg_s[from.index()] += mass_flow_kg_s;
        self.node_demand_kg_s[to.index()] -= mass_flow_kg_s;
    }

    fn consumers(&mut self, fluid: &fluid::Fluid) {
        let (mut all, mut by_heat) = (0_usize, 0_usize);
        for view in self.network.links() {
            let Some(consumer) = view.consumer() else { continue };
            all += 1;
            if consumer.shut {
                continue;
            }
            let mass_flow_kg_s = match consumer.demand {
                Demand::MassFlow { mass_flow_kg_s } => mass_flow_kg_s,
                Demand::Heat { heat_w } => {
                    by_heat += 1;
                    let cooling_k = fluid.supply_temperature_c - consumer.return_temperature_c;
                    if cooling_k > 0.0 { heat_w / (fluid.heat_capacity_j_kgk * cooling_k) } else { 0.0 }
                }
            };
            self.flow_through(view.from, view.to, mass_flow_kg_s);
        }
        if all > 0 {
            self.note(Severity::Warning, ElementRef::network(), "inp-export-consumers", &[("count", all.to_string())]);
        }
        if by_heat > 0 {
            let supply = format!("{:.1}", fluid.supply_temperature_c);
            let arguments = [("count", by_heat.to_string()), ("supply", supply)];
            self.note(Severity::Warning, ElementRef::network(), "inp-export-heat", &arguments);
        }
    }

    /// Sources that fix pressures or flows; the others are links.
    fn sources(&mut self) {
        let weight_pa_m = self.units.weight_pa_m();
        for view in self.network.links() {
            let Some(source) = view.source() else { continue };
            let head = |node: NodeId, pressure_pa: f64| {
                self.network.node(node).map(|data| data.z_m + pressure_pa / weight_pa_m)
            };
            match source.control {
                _ if !source.running => {}
                SourceControl::Reference { return_pressure_pa, pressure_rise_pa } => {
                    self.node_head_m[view.from.index()] = head(view.from, return_pressure_pa);
                    self.node_head_m[view.to.index()] = head(view.to, return_pressure_pa + pressure_rise_pa);
                    let arguments = [("count", "2".to_owned())];
                    self.note(Severity::Warning, view.element(), "inp-export-source-fixed", &arguments);
                }
                SourceControl::MassFlow { mass_flow_kg_s } => {
                    self.flow_through(view.from, view.to, mass_flow_kg_s);
                    self.note(Severity::Warning, view.element(), "inp-export-source-flow", &[]);
                }
                SourceControl::PressureRise { .. } => {
                    self.note(Severity::Warning, view.element(), "inp-export-source-rise", &[]);
                }
                SourceControl::SupplyPressure { .. }
                | SourceControl::WorstPoint { .. }
                | SourceControl::Speed { .. } => {
                    self.note(Severity::Error, view.element(), "inp-export-source-lost", &[]);
                }
            }
        }
    }

    fn nodes(&mut self) {
        for (node, id, data) in self.network.nodes() {
            let name = self.node_names.get(id).to_owned();
            let demand = self.units.flow_of_kg_s(self.node_demand_kg_s[node.index()]);
            let fixed = self.node_head_m[node.index()];
            let out = &mut self.sections;
            let _ = match (data.boundary.as_deref(), fixed) {
                (_, Some(head_m)) => writeln!(out.reservoirs, " {name}\t{head_m}"),
                (None, None) => writeln!(out.junctions, " {name}\t{}\t{demand}", data.z_m),
                (Some(Boundary::Reservoir { head_m, .. }), None) => writeln!(out.reservoirs, " {name}\t{head_m}"),
                (Some(Boundary::MakeUp { pressure_pa, .. }), None) => {
                    writeln!(out.reservoirs, " {name}\t{}", data.z_m + pressure_pa / self.units.weight_pa_m())
                }
                (Some(Boundary::Tank { level_m, minimum_level_m, maximum_level_m, diameter_m, .. }), None) => {
                    writeln!(
                        out.tanks,
                        " {name}\t{}\t{level_m}\t{minimum_level_m}\t{maximum_level_m}\t{diameter_m}",
                        data.z_m
                    )
                }
            };
            let _ = writeln!(out.coordinates, " {name}\t{}\t{}", data.x_m, data.y_m);
            if let Some(tag) = names::tag(&data.attributes) {
                let _ = writeln!(out.tags, " NODE\t{name}\t{tag}");
            }
            if matches!(data.boundary(), Some(Boundary::MakeUp { .. })) {
                self.note(
                    Severity::Warning,
                    ElementRef::new(crate::network::ElementKind::Node, id.clone()),
                    "inp-export-make-up",
                    &[],
                );
            }
        }
    }

    /// Names what a network holds beyond nodes and links.
    fn losses(&mut self) {
        let network = self.network;
        let counts = [
            (network.buildings().len(), "buildings"),
            (network.chambers().len(), "chambers"),
            (network.sensors().len(), "sensors"),
            (network.scenarios().len(), "scenarios"),
            (usize::from(network.backdrop().terrain.is_some()), "terrain"),
            (network.backdrop().streets.len(), "streets"),
        ];
        self.lost.extend(counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
        if !self.lost.is_empty() {
            let list = self.lost.join(", ");
            self.note(Severity::Info, ElementRef::network(), "inp-export-lost", &[("list", list)]);
        }
        let friction = network.settings().friction;
        let written_as_is =
            [FrictionModel::SwameeJain, FrictionModel::HazenWilliams, FrictionModel::ChezyManning].contains(&friction);
        if !written_as_is && network.links().any(|view| matches!(view.link.kind, LinkKind::Pipe(_))) {
            self.note(Severity::Warning, ElementRef::network(), "inp-export-friction", &[]);
        }
    }

    fn text(&self, fluid: &fluid::Fluid) -> String {
        let settings = self.network.settings();
        let headloss = match settings.friction {
            FrictionModel::HazenWilliams => "H-W",
            FrictionModel::ChezyManning => "C-M",
            _ => "D-W",
        };
        let title = settings.title.replace(['\n', '\r', '[', ';'], " ");
        let s = &self.sections;
        let blocks = [
            ("TITLE", format!("{title}\n")),
            ("JUNCTIONS", format!(";id\televation\tdemand\n{}", s.junctions)),
            ("RESERVOIRS", format!(";id\thead\n{}", s.reservoirs)),
            ("TANKS", format!(";id\televation\tlevel\tminimum\tmaximum\tdiameter\n{}", s.tanks)),
            ("PIPES", format!(";id\tnode1\tnode2\tlength\tdiameter\troughness\tminor-loss\tstatus\n{}", s.pipes)),
            ("PUMPS", format!(";id\tnode1\tnode2\tparameters\n{}", s.pumps)),
            ("VALVES", format!(";id\tnode1\tnode2\tdiameter\ttype\tsetting\tminor-loss\n{}", s.valves)),
            ("STATUS", s.status.clone()),
            ("CURVES", format!(";id\tx\ty\n{}", s.curves)),
            (
                "OPTIONS",
                format!(
                    " UNITS\tLPS\n HEADLOSS\t{headloss}\n SPECIFIC GRAVITY\t{}\n VISCOSITY\t{}\n ACCURACY\t0.00001\n TRIALS\t200\n",
                    self.units.specific_gravity, fluid.viscosity_m2_s
                ),
            ),
            ("TIMES", " DURATION\t0\n".to_owned()),
            ("COORDINATES", format!(";node\tx\ty\n{}", s.coordinates)),
            ("VERTICES", format!(";link\tx\ty\n{}", s.vertices)),
            ("TAGS", s.tags.clone()),
            ("BACKDROP", " UNITS\tMETERS\n".to_owned()),
        ];
        let mut text = String::new();
        for (name, lines) in blocks {
            let _ = writeln!(text, "[{name}]\n{lines}");
        }
        text.push_str("[END]\n");
        text
    }
}
