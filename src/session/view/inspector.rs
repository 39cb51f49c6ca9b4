//! Everything about one element as rows: attributes from the element types, results from the solution.

use serde_json::{Map, Value, json};

use super::shapes::{Shape, choices, group, offered};
use crate::network::{ElementKind, ElementRef, Network, fields};
use crate::session::Session;
use crate::session::colouring::available_pressure_pa;
use crate::solver::Solution;
use crate::units::Quantity;

/// Groups of rows, in the order shown. Translation key: `group-WORD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    Results,
    Operation,
    Identity,
    Geometry,
    Hydraulics,
    Heat,
    Attributes,
}

impl Group {
    pub const fn key(self) -> &'static str {
        match self {
            Group::Results => "group-results",
            Group::Operation => "group-operation",
            Group::Identity => "group-identity",
            Group::Geometry => "group-geometry",
            Group::Hydraulics => "group-hydraulics",
            Group::Heat => "group-heat",
            Group::Attributes => "group-attributes",
        }
    }
}

/// What a row holds.
#[derive(Clone, Debug, PartialEq)]
pub enum RowValue {
    /// SI.
    Number {
        quantity: Quantity,
        si: f64,
    },
    /// A number that is not set.
    Unset {
        quantity: Quantity,
    },
    Flag(bool),
    Text(String),
    /// One of several words; its text is under `choice-FIELD-WORD`.
    Choice {
        word: String,
        choices: &'static [&'static str],
    },
    /// Another element, to jump to.
    Element(ElementRef),
    /// A list too long for a row: its length.
    Count(usize),
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub group: Group,
    /// Translation key of the label, or for free attributes the key they are recorded under.
    pub label: String,
    /// Field to set, where the row can be edited.
    pub field: Option<String>,
    pub value: RowValue,
    /// Sensible range of an editable number, SI.
    pub range: (f64, f64),
    /// Whether the whole range is worth a slider.
    pub slider: bool,
}

/// All rows of one element, grouped.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspector {
    pub element: ElementRef,
    /// What people call it; empty where only the id is known.
    pub name: String,
    pub rows: Vec<Row>,
}

/// The rows of an element; `None` where it does not exist.
pub fn inspector(session: &Session, element: &ElementRef) -> Option<Inspector> {
    let network = session.network();
    let form = fields::object(network, element)?;
    let mut rows = Vec::new();
    if let Some(solution) = session.solution() {
        results(session, solution, element, &mut rows);
    }
    ends(network, element, &mut rows);
    let mut found = Vec::new();
    flatten(element.kind, "", &form, &mut found);
    for (field, shape) in offered(element.kind) {
        if !found.iter().any(|row| row.field.as_deref() == Some(*field)) && wanted(element.kind, field, &form) {
            found.push(unset(element.kind, field, *shape));
        }
    }
    found.sort_by_cached_key(|row| group(row.field.as_deref().unwrap_or(&row.label)));
    rows.extend(found);
    rows.sort_by_key(|row| row.group);
    let name = form.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Inspector { element: element.clone(), name, rows })
}

/// The JSON value to set when a word is chosen. Where the words carry numbers (demand, control, characteristic), those
/// of the present value are kept as far as they fit.
pub fn choice_value(network: &Network, element: &ElementRef, field: &str, word: &str) -> Value {
    let now = fields::get(network, element, field).unwrap_or(Value::Null);
    let number = |name: &str, otherwise: f64| {
        now.as_object()
            .and_then(|map| map.values().next())
            .and_then(|inner| inner.get(name))
            .and_then(Value::as_f64)
            .unwrap_or(otherwise)
    };
    match (element.kind, field, word) {
        (ElementKind::Consumer, "demand", "heat") => json!({ "heat": { "heat_w": number("heat_w", 1e6) } }),
        (ElementKind::Consumer, "demand", "mass-flow") => {
            json!({ "mass-flow": { "mass_flow_kg_s": number("mass_flow_kg_s", 5.0) } })
        }
        (ElementKind::Source, "control", "reference") => json!({ "reference": {
            "return_pressure_pa": number("return_pressure_pa", 400e3), "pressure_rise_pa": number("pressure_rise_pa", 400e3) } }),
        (ElementKind::Source, "control", "pressure-rise") => {
            json!({ "pressure-rise": { "pressure_rise_pa": number("pressure_rise_pa", 400e3) } })
        }
        (ElementKind::Source, "control", "mass-flow") => {
            json!({ "mass-flow": { "mass_flow_kg_s": number("mass_flow_kg_s", 50.0) } })
        }
        (ElementKind::Source, "control", "supply-pressure") => {
            json!({ "supply-pressure": { "supply_pressure_pa": number("supply_pressure_pa", 800e3) } })
        }
        (ElementKind::Source, "control", "worst-point") => {
            let mut inner = Map::new();
            inner.insert("available_pressure_pa".into(), number("available_pressure_pa", 100e3).into());
            let back = number("return_pressure_pa", f64::NAN);
            if back.is_finite() {
                inner.insert("return_pressure_pa".into(), back.into());
            }
            json!({ "worst-point": inner })
        }
        (ElementKind::Source, "control", "speed") => {
            let back = number("return_pressure_pa", f64::NAN);
            if back.is_finite() { json!({ "speed": { "return_pressure_pa": back } }) } else { json!({ "speed": {} }) }
        }
        (ElementKind::Pump | ElementKind::Consumer, "control" | "station.pump.control", "mass-flow")
        | (ElementKind::Source, "pumps.control", "mass-flow") => {
            json!({ "mass-flow": { "mass_flow_kg_s": number("mass_flow_kg_s", 50.0) } })
        }
        (ElementKind::Pump | ElementKind::Consumer, "control" | "station.pump.control", "pressure-rise")
        | (ElementKind::Source, "pumps.control", "pressure-rise") => {
            json!({ "pressure-rise": { "pressure_rise_pa": number("pressure_rise_pa", 100e3) } })
        }
        (ElementKind::Pump | ElementKind::Consumer, "control" | "station.pump.control", "differential-pressure")
        | (ElementKind::Source, "pumps.control", "differential-pressure") => {
            // Until other nodes are named it senses across itself.
            let view = network.find_link(element).and_then(|link| network.link_view(link));
            let nodes = view.map(|view| [view.to, view.from].map(|node| network.node_name(node).to_string()));
            json!({ "differential-pressure": { "set_pressure_pa": number("set_pressure_pa", 100e3),
                "sensing_nodes": nodes.unwrap_or_default() } })
        }
        (ElementKind::Valve, "characteristic", "equal-percentage") => {
            json!({ "equal-percentage": { "rangeability": number("rangeability", 50.0) } })
        }
        // Water at about 80 °C, the mean of a usual primary network.
        (ElementKind::Network, "water", "constant") => json!({ "constant": {
            "density_kg_m3": number("density_kg_m3", 972.0), "viscosity_pa_s": number("viscosity_pa_s", 0.000_354),
            "heat_capacity_j_kgk": number("heat_capacity_j_kgk", 4198.0) } }),
        _ => Value::from(word),
    }
}

/// Set values are offered only to the controllers that read them.
fn wanted(kind: ElementKind, field: &str, form: &Map<String, Value>) -> bool {
    if kind != ElementKind::Valve {
        return true;
    }
    let valve = form.get("kind").and_then(Value::as_str).unwrap_or_default();
    match field {
        "set_pressure_pa" => {
            matches!(
                valve,
                "differential-pressure" | "pressure-reducing" | "pressure-sustaining" | "pressure-breaking" | "turbine"
            )
        }
        "efficiency" => valve == "turbine",
        "set_flow_kg_s" => valve == "flow",
        _ => true,
    }
}

fn label_of(field: &str) -> String {
    match field.strip_prefix("attributes.") {
        Some(key) => key.to_owned(),
        None => format!("field-{}", field.rsplit('.').next().unwrap_or(field)),
    }
}

/// What a field holds, for its unit.
pub fn quantity_of(field: &str) -> Quantity {
    let leaf = field.rsplit('.').next().unwrap_or(field);
    match leaf {
        // The greatest difference between two pressures, not a gauge pressure.
        "required_pressure_pa" | "available_pressure_pa" | "circuit_drop_pa" => Quantity::PressureDifference,
        // Nominal diameters, years and counts are read as they stand.
        "dn" | "year_laid" | "year_built" | "parallel" | "households" | "people" | "storeys" => Quantity::Number,
        _ => Quantity::of_key(leaf).unwrap_or(Quantity::Number),
    }
}

fn editable(field: &str, value: RowValue) -> Row {
    let leaf = field.rsplit('.').next().unwrap_or(field);
    Row {
        group: group(field).0,
        label: label_of(field),
        field: Some(field.to_owned()),
        value,
        range: fields::range(field),
        slider: matches!(leaf, "opening" | "hand_opening" | "speed"),
    }
}

fn fixed(group: Group, label: &str, value: RowValue) -> Row {
    Row { group, label: label.to_owned(), field: None, value, range: (f64::MIN, f64::MAX), slider: false }
}

fn unset(kind: ElementKind, field: &str, shape: Shape) -> Row {
    editable(
        field,
        match shape {
            Shape::Number => RowValue::Unset { quantity: quantity_of(field) },
            Shape::Flag => RowValue::Flag(false),
            Shape::Text => RowValue::Text(String::new()),
            Shape::Choice(word) => RowValue::Choice { word: word.to_owned(), choices: choices(kind, field) },
        },
    )
}

/// Rows of an object's fields, inner objects with dotted names.
fn flatten(kind: ElementKind, prefix: &str, map: &Map<String, Value>, rows: &mut Vec<Row>) {
    for (key, value) in map {
        let field = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        let words = choices(kind, &field);
        match value {
            Value::Null => {}
            Value::Bool(flag) => rows.push(editable(&field, RowValue::Flag(*flag))),
            Value::Number(number) => {
                let si = number.as_f64().unwrap_or(f64::NAN);
                rows.push(editable(&field, RowValue::Number { quantity: quantity_of(&field), si }));
            }
            Value::String(word) if !words.is_empty() => {
                rows.push(editable(&field, RowValue::Choice { word: word.clone(), choices: words }));
            }
            Value::String(word) if key == "quantity" => {
                let value = RowValue::Choice { word: word.clone(), choices: &[] };
                rows.push(fixed(Group::Identity, &label_of(&field), value));
            }
            Value::String(text) => rows.push(match reference(&field, text) {
                Some(element) => fixed(group(&field).0, &label_of(&field), RowValue::Element(element)),
                None => editable(&field, RowValue::Text(text.clone())),
            }),
            Value::Array(items) => {
                rows.push(fixed(group(&field).0, &label_of(&field), RowValue::Count(items.len())));
            }
            Value::Object(inner) => {
                // An enum with numbers: the word is a choice of its own, the numbers follow.
                if !words.is_empty()
                    && let Some(word) = inner.keys().next()
                {
                    rows.push(editable(&field, RowValue::Choice { word: word.clone(), choices: words }));
                }
                if key == "element"
                    && let Ok(element) = serde_json::from_value::<ElementRef>(value.clone())
                {
                    rows.push(fixed(Group::Identity, &label_of(&field), RowValue::Element(element)));
                } else {
                    flatten(kind, &field, inner, rows);
                }
            }
        }
    }
}

/// Fields that name another element.
fn reference(field: &str, id: &str) -> Option<ElementRef> {
    let kind = match field.rsplit('.').next().unwrap_or(field) {
        "pair" => ElementKind::Pipe,
        "consumer" | "primary" => ElementKind::Consumer,
        "chamber" => ElementKind::Chamber,
        _ => return None,
    };
    Some(ElementRef::new(kind, id))
}

fn ends(network: &Network, element: &ElementRef, rows: &mut Vec<Row>) {
    let Some(view) = network.find_link(element).and_then(|link| network.link_view(link)) else { return };
    for (label, node) in [("field-from", view.from), ("field-to", view.to)] {
        rows.push(fixed(Group::Identity, label, RowValue::Element(network.node_ref(node))));
    }
}

fn results(session: &Session, solution: &Solution, element: &ElementRef, rows: &mut Vec<Row>) {
    let network = session.network();
    let mut push = |label: &str, quantity: Quantity, si: f64| {
        rows.push(fixed(Group::Results, label, RowValue::Number { quantity, si }));
    };
    if element.kind == ElementKind::Node {
        let Some(node) = network.node_id(&element.id) else { return };
        let (Some(state), Some(data)) = (solution.node(node), network.node(node)) else { return };
        push("result-pressure", Quantity::Pressure, state.pressure_pa);
        push("result-head", Quantity::Head, data.z_m + state.pressure_pa / super::diagram::METRE_OF_WATER_PA);
        push("result-temperature", Quantity::Temperature, state.temperature_c);
        if let Some(available) = available_pressure_pa(solution, &session.pairing(), node) {
            push("result-available-head", Quantity::PressureDifference, available);
        }
        return;
    }
    let Some(link) = network.find_link(element) else { return };
    let (Some(state), Some(view)) = (solution.link(link), network.link_view(link)) else { return };
    push("result-mass-flow", Quantity::MassFlow, state.mass_flow_kg_s);
    if let Some(consumer) = solution.consumer(link) {
        push("result-available-head", Quantity::PressureDifference, consumer.available_pressure_pa);
        push("result-heat", Quantity::Heat, consumer.heat_w);
    } else if let Some(source) = solution.source(link) {
        push("result-heat", Quantity::Heat, source.heat_w);
        push("result-supply-pressure", Quantity::Pressure, source.supply_pressure_pa);
        push("result-return-pressure", Quantity::Pressure, source.return_pressure_pa);
    } else {
        if state.velocity_m_s.is_finite() {
            push("result-velocity", Quantity::Velocity, state.velocity_m_s);
        }
        push("result-pressure-drop", Quantity::PressureDifference, state.pressure_drop_pa);
        if let Some(pipe) = view.pipe().filter(|pipe| pipe.length_m > 0.0) {
            push("result-specific-loss", Quantity::SpecificLoss, state.pressure_drop_pa.abs() / pipe.length_m);
        }
        let lost: f64 = solution.leaks_of(link).map(|leak| leak.mass_flow_kg_s).sum();
        if lost > 0.0 {
            push("result-leak", Quantity::MassFlow, lost);
        }
    }
    if let Some(pump) = solution.pump(link) {
        push("result-pump-head", Quantity::Head, pump.head_m);
        push("result-speed", Quantity::Share, pump.speed);
        for (label, quantity, si) in [
            ("result-efficiency", Quantity::Share, pump.efficiency),
            ("result-shaft-power", Quantity::Heat, pump.shaft_power_w),
            ("result-electric-power", Quantity::Heat, pump.electric_power_w),
            ("result-npsh-available", Quantity::Head, pump.npsh_available_head_m),
        ] {
            if si.is_finite() {
                push(label, quantity, si);
            }
        }
    }
    if let Some(station) = solution.station(link) {
        push("result-mixed-flow", Quantity::MassFlow, station.mixed_flow_kg_s);
        push("result-mixed-temperature", Quantity::Temperature, station.mixed_temperature_c);
    }
    if let Some(turbine) = solution.turbine(link) {
        push("result-recovered-power", Quantity::Heat, turbine.recovered_power_w);
    }
    push("result-inlet-temperature", Quantity::Temperature, state.inlet_temperature_c);
    push("result-outlet-temperature", Quantity::Temperature, state.outlet_temperature_c);
    if view.pipe().is_some() {
        push("result-heat-loss", Quantity::Heat, state.heat_loss_w);
    }
    if let Some(consumer) = solution.consumer(link) {
        rows.push(fixed(Group::Results, "result-satisfied", RowValue::Flag(consumer.satisfied)));
    }
}
