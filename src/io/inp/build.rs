//! EPANET's objects as a network in SI, and the report of what was left out or decided.

use super::links::{LinkData, LinkType, Status, ValveType};
use super::model::Model;
use super::nodes::NodeKind;
use super::options::Headloss;
use super::place::{self, Places};
use super::scan::{Scanned, Section};
use super::units::GRAVITY_M_S2;
use crate::network::attributes::{Attribute, Attributes};
use crate::network::{
    Boundary, Characteristic, Code, Drive, ElementKind, ElementRef, Finding, FrictionModel, InsertError, Link,
    LinkKind, Network, Node, NodeId, Notes, Pipe, PipeDetails, PipeState, Pump, PumpPoint, Settings, Severity, Side,
    Valve, ValveKind, WaterModel,
};

/// Heat capacity of water at 20 °C; hydraulics do not read it.
const HEAT_CAPACITY_J_KGK: f64 = 4182.0;
/// Temperature at which EPANET's default viscosity holds.
const WATER_TEMPERATURE_C: f64 = 20.0;
/// Roughness of a pipe whose formula has none, should somebody change the friction law later.
const OTHER_ROUGHNESS_M: f64 = 0.0005;

pub(super) fn build(model: &Model<'_>, scanned: &Scanned<'_>) -> Result<(Network, Vec<Finding>), InsertError> {
    let places = place::place(model, scanned);
    let mut network = Network::new();
    network.set_settings(settings(model));
    let mut handles: Vec<NodeId> = Vec::with_capacity(model.nodes.len());
    for at in 0..model.nodes.len() {
        handles.push(network.insert_node(model.nodes[at].id, node(model, &places, at))?);
    }
    for data in &model.links {
        let kind = match data.kind {
            LinkType::Pipe { check_valve } => LinkKind::Pipe(pipe(model, &places, data, check_valve)),
            LinkType::Pump { curve, power, .. } => LinkKind::Pump(Box::new(pump(model, data, curve, power))),
            LinkType::Valve { kind, curve } => LinkKind::Valve(Box::new(valve(model, data, kind, curve))),
        };
        let notes = data.tag.map(|tag| Box::new(Notes { attributes: attributes(Some(tag)), ..Notes::default() }));
        network.insert_link(data.id, handles[data.from], handles[data.to], Link { kind, notes })?;
    }
    Ok((network, findings(model, scanned, &places)))
}

fn settings(model: &Model<'_>) -> Settings {
    let density_kg_m3 = model.options.units.density_kg_m3();
    Settings {
        title: model.title.iter().find(|line| !line.is_empty()).map(|line| (*line).to_owned()).unwrap_or_default(),
        friction: match model.options.headloss {
            Headloss::HazenWilliams => FrictionModel::HazenWilliams,
            Headloss::DarcyWeisbach => FrictionModel::SwameeJain,
            Headloss::ChezyManning => FrictionModel::ChezyManning,
        },
        water: WaterModel::Constant {
            density_kg_m3,
            viscosity_pa_s: model.options.viscosity_m2_s() * density_kg_m3,
            heat_capacity_j_kgk: HEAT_CAPACITY_J_KGK,
        },
        gravity_m_s2: GRAVITY_M_S2,
        ..Settings::default()
    }
}

fn attributes(tag: Option<&str>) -> Attributes {
    tag.map(|tag| ("tag".to_owned(), Attribute::Text(tag.to_owned()))).into_iter().collect()
}

fn node(model: &Model<'_>, places: &Places, at: usize) -> Node {
    let data = &model.nodes[at];
    let units = &model.options.units;
    let [x_m, y_m] = places.nodes_m[at];
    let boundary = match data.kind {
        NodeKind::Junction => None,
        NodeKind::Reservoir { head } => {
            Some(Boundary::Reservoir { head_m: units.length_m(head), temperature_c: WATER_TEMPERATURE_C })
        }
        NodeKind::Tank { level, minimum, maximum, diameter, .. } => Some(Boundary::Tank {
            level_m: units.length_m(level),
            minimum_level_m: units.length_m(minimum),
            maximum_level_m: units.length_m(maximum),
            diameter_m: units.length_m(diameter),
            temperature_c: WATER_TEMPERATURE_C,
        }),
    };
    Node {
        side: Side::Single,
        x_m,
        y_m,
        z_m: units.length_m(data.elevation),
        demand_kg_s: units.mass_flow_kg_s(data.demand),
        boundary: boundary.map(Box::new),
        attributes: attributes(data.tag),
        ..Node::default()
    }
}

fn pipe(model: &Model<'_>, places: &Places, data: &LinkData<'_>, check_valve: bool) -> Pipe {
    let units = &model.options.units;
    let inner_diameter_m = units.diameter_m(data.diameter);
    let (from_z, to_z) = (model.nodes[data.from].elevation, model.nodes[data.to].elevation);
    let count = data.vertices.len() as f64 + 1.0;
    let route_m = data
        .vertices
        .iter()
        .enumerate()
        .map(|(order, [x, y])| {
            let share = (order as f64 + 1.0) / count;
            let z = units.length_m(from_z + (to_z - from_z) * share);
            [x * places.scale, y * places.scale, z]
        })
        .collect();
    let headloss = model.options.headloss;
    let details = PipeDetails {
        route_m,
        hazen_williams_c: (headloss == Headloss::HazenWilliams).then_some(data.roughness),
        manning_n: (headloss == Headloss::ChezyManning).then_some(data.roughness),
        ..PipeDetails::default()
    };
    Pipe {
        length_m: units.length_m(data.length),
        inner_diameter_m,
        outer_diameter_m: inner_diameter_m,
        roughness_m: match headloss {
            Headloss::DarcyWeisbach => units.roughness_m(data.roughness),
            _ => OTHER_ROUGHNESS_M,
        },
        zeta: data.minor_loss,
        state: match data.status {
            Status::Closed => PipeState::Closed,
            _ if check_valve => PipeState::OneWay,
            _ => PipeState::Open,
        },
        details: details.into(),
        ..Pipe::default()
    }
}

fn pump(model: &Model<'_>, data: &LinkData<'_>, curve: Option<&str>, power: Option<f64>) -> Pump {
    let units = &model.options.units;
    let points = curve.and_then(|id| model.curves.get(id));
    Pump {
        curve: points
            .into_iter()
            .flatten()
            .map(|[flow, head]| PumpPoint {
                flow_m3_h: units.flow_m3_s(*flow) * 3600.0,
                head_m: units.length_m(*head),
                efficiency: None,
            })
            .collect(),
        // A pump with both follows its curve, as in EPANET.
        power_w: power.filter(|_| points.is_none()).map(|power| units.power_w(power)),
        // A pump shut by its speed keeps a speed to start again with.
        speed: if data.setting > 0.0 { data.setting } else { 1.0 },
        running: data.status != Status::Closed,
        check_valve: true,
        ..Pump::default()
    }
}

fn valve(model: &Model<'_>, data: &LinkData<'_>, kind: ValveType, curve: Option<&str>) -> Valve {
    let units = &model.options.units;
    let active = data.status == Status::Active;
    let points = || curve.and_then(|id| model.curves.get(id)).into_iter().flatten();
    let mut valve = Valve {
        kind: ValveKind::Control,
        zeta: Some(data.minor_loss),
        opening: if data.status == Status::Closed { 0.0 } else { 1.0 },
        diameter_m: Some(units.diameter_m(data.diameter)),
        ..Valve::default()
    };
    let pressure_pa = || Some(units.pressure_pa(data.setting));
    match kind {
        ValveType::Gpv => {
            valve.kind = ValveKind::GeneralPurpose;
            valve.loss_curve =
                points().map(|[flow, head]| [units.flow_m3_s(*flow) * 3600.0, units.length_m(*head)]).collect();
        }
        ValveType::Tcv if data.status != Status::Open => valve.zeta = Some(data.setting),
        ValveType::Pcv if active => {
            valve.opening = (data.setting / 100.0).clamp(0.0, 1.0);
            let points: Vec<[f64; 2]> = points().map(|[open, share]| [open / 100.0, share / 100.0]).collect();
            if !points.is_empty() {
                valve.characteristic = Characteristic::Table { points };
            }
        }
        // Fixed open, a controller is a fitting with its loss.
        _ if data.status == Status::Open => {}
        ValveType::Prv => (valve.kind, valve.set_pressure_pa) = (ValveKind::PressureReducing, pressure_pa()),
        ValveType::Psv => (valve.kind, valve.set_pressure_pa) = (ValveKind::PressureSustaining, pressure_pa()),
        // Without a difference to hold it is a fitting too.
        ValveType::Pbv if data.setting == 0.0 => {}
        ValveType::Pbv => (valve.kind, valve.set_pressure_pa) = (ValveKind::PressureBreaking, pressure_pa()),
        ValveType::Fcv => {
            (valve.kind, valve.set_flow_kg_s) = (ValveKind::Flow, Some(units.mass_flow_kg_s(data.setting)));
        }
        ValveType::Tcv | ValveType::Pcv => {}
    }
    if matches!(kind, ValveType::Prv | ValveType::Psv | ValveType::Pbv | ValveType::Fcv) {
        valve.drive = Drive::SelfActing;
    }
    valve
}

// ---- report ----------------------------------------------------------------------------------------------------------

/// Ids or lines named in one finding; the rest is counted.
const NAMED: usize = 8;

fn list(items: impl IntoIterator<Item = impl ToString>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    let more = if items.len() > NAMED { ", …" } else { "" };
    items[..items.len().min(NAMED)].join(", ") + more
}

fn findings(model: &Model<'_>, scanned: &Scanned<'_>, places: &Places) -> Vec<Finding> {
    let mut out = Vec::new();
    let network = ElementRef::network;
    let mut add = |code: Code, severity: Severity, element: ElementRef, key, arguments: &[(&'static str, String)]| {
        out.push(Finding::new(code, element).severe(severity).phrase("text", key, arguments));
    };
    use Code::{ImportGuessed as Guessed, ImportLeftOut as LeftOut, ImportMended as Mended};
    use Severity::{Info, Warning};

    for unknown in &scanned.unknown {
        let arguments = [("name", unknown.name.to_owned()), ("line", unknown.line.to_string())];
        add(LeftOut, Warning, network(), "inp-note-unknown-section", &arguments);
    }
    for (line, name) in &model.options.unknown {
        let arguments = [("name", (*name).to_owned()), ("line", line.to_string())];
        add(LeftOut, Warning, network(), "inp-note-unknown-option", &arguments);
    }
    if model.options.pressure_driven {
        add(LeftOut, Warning, network(), "inp-note-pressure-driven", &[]);
    }
    let node_ref = |id: &str| ElementRef::new(ElementKind::Node, id);
    let emitters: Vec<&str> = model.nodes.iter().filter(|node| node.has_emitter).map(|node| node.id).collect();
    if let Some(first) = emitters.first() {
        let arguments = [("count", emitters.len().to_string()), ("list", list(&emitters))];
        add(LeftOut, Warning, node_ref(first), "inp-note-emitters", &arguments);
    }
    let leaking: Vec<&str> = model.links.iter().filter(|link| link.has_leakage).map(|link| link.id).collect();
    if let Some(first) = leaking.first() {
        let arguments = [("count", leaking.len().to_string()), ("list", list(&leaking))];
        add(LeftOut, Warning, ElementRef::new(ElementKind::Pipe, *first), "inp-note-leakage", &arguments);
    }
    for link in &model.links {
        match link.kind {
            LinkType::Valve { kind, .. } if link.status == Status::Open && kind != ValveType::Gpv => {
                let element = ElementRef::new(ElementKind::Valve, link.id);
                add(Mended, Info, element, "inp-note-fixed-open", &[("type", kind.word().to_owned())]);
            }
            LinkType::Pump { curve: None, power: Some(power), .. } if model.options.units.metric() => {
                let element = ElementRef::new(ElementKind::Pump, link.id);
                add(Guessed, Warning, element, "inp-note-metric-power", &[("power", power.to_string())]);
            }
            _ => {}
        }
    }
    for node in &model.nodes {
        if matches!(node.kind, NodeKind::Tank { has_volume_curve: true, .. }) {
            add(Guessed, Info, node_ref(node.id), "inp-note-volume-curve", &[]);
        }
    }
    let controls = &model.controls;
    if !controls.applied.is_empty() {
        let arguments = [("count", controls.applied.len().to_string()), ("list", list(&controls.applied))];
        add(Mended, Info, network(), "inp-note-controls-applied", &arguments);
    }
    if !controls.later.is_empty() {
        let arguments = [("count", controls.later.len().to_string()), ("lines", list(&controls.later))];
        add(LeftOut, Info, network(), "inp-note-controls-later", &arguments);
    }
    if !controls.on_pressure.is_empty() {
        let arguments = [("count", controls.on_pressure.len().to_string()), ("lines", list(&controls.on_pressure))];
        add(LeftOut, Warning, network(), "inp-note-controls-pressure", &arguments);
    }
    if controls.rules > 0 {
        add(LeftOut, Info, network(), "inp-note-rules", &[("count", controls.rules.to_string())]);
    }
    if !model.patterns.is_empty() {
        let arguments = [("period", (model.options.pattern_period() + 1).to_string())];
        add(LeftOut, Info, network(), "inp-note-patterns", &arguments);
    }
    let unused = [
        Section::Sources,
        Section::Quality,
        Section::Energy,
        Section::Reactions,
        Section::Mixing,
        Section::Roughness,
        Section::Labels,
    ];
    let unused: Vec<&str> =
        unused.into_iter().filter(|section| !scanned.lines(*section).is_empty()).map(Section::word).collect();
    if !unused.is_empty() {
        add(LeftOut, Info, network(), "inp-note-unused-sections", &[("list", unused.join(", "))]);
    }
    if places.scale != 1.0 && places.guessed.len() < model.nodes.len() {
        add(Guessed, Info, network(), "inp-note-scale", &[("scale", format!("{:.4}", places.scale))]);
    }
    if let Some(first) = places.guessed.first() {
        let ids: Vec<&str> = places.guessed.iter().map(|at| model.nodes[*at].id).collect();
        let arguments = [("count", ids.len().to_string()), ("list", list(&ids))];
        add(Guessed, Info, node_ref(model.nodes[*first].id), "inp-note-placed", &arguments);
    }
    out
}
