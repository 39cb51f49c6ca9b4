//! Orders from two states of a network: every operating set-point that differs, and what no order can bring about.
//!
//! Mechanism: one table says which field of which element is which [`Setting`]. Elements that differ are compared field by
//! field in the form they have in the file; a field in the table becomes a set-point, any other is named as no order (a new
//! pipe, another return temperature, more heat asked for). The same table turns a set-point back into an edit, so that the
//! model can be asked what it would change.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{SetPoint, Setting};
use crate::live::Timestamp;
use crate::network::edit::Edit;
use crate::network::{ElementKind, ElementRef, Network, fields};

/// Fields that are set-points, by kind of element.
const FIELDS: &[(ElementKind, &str, Setting)] = &[
    (ElementKind::Source, "running", Setting::Running),
    (ElementKind::Source, "supply_temperature_c", Setting::SupplyTemperature),
    (ElementKind::Source, "control.reference.return_pressure_pa", Setting::MakeUpPressure),
    (ElementKind::Source, "control.speed.return_pressure_pa", Setting::MakeUpPressure),
    (ElementKind::Source, "control.worst-point.return_pressure_pa", Setting::MakeUpPressure),
    (ElementKind::Source, "control.reference.pressure_rise_pa", Setting::PressureRise),
    (ElementKind::Source, "control.pressure-rise.pressure_rise_pa", Setting::PressureRise),
    (ElementKind::Source, "control.mass-flow.mass_flow_kg_s", Setting::MassFlow),
    (ElementKind::Source, "control.supply-pressure.supply_pressure_pa", Setting::SupplyPressure),
    (ElementKind::Source, "control.worst-point.available_pressure_pa", Setting::AvailablePressure),
    (ElementKind::Source, "pumps.speed", Setting::Speed),
    (ElementKind::Source, "pumps.parallel", Setting::PumpsRunning),
    (ElementKind::Consumer, "shut", Setting::Running),
    (ElementKind::Consumer, "hand_opening", Setting::Opening),
    (ElementKind::Consumer, "demand.mass-flow.mass_flow_kg_s", Setting::MassFlow),
    (ElementKind::Consumer, "station.pump.speed", Setting::Speed),
    (ElementKind::Consumer, "station.pump.parallel", Setting::PumpsRunning),
    (ElementKind::Consumer, "station.mixing_ratio", Setting::MixingRatio),
    (ElementKind::Consumer, "secondary.secondary_supply_temperature_c", Setting::CurveSupplyTemperature),
    (ElementKind::Valve, "opening", Setting::Opening),
    (ElementKind::Valve, "set_pressure_pa", Setting::HeldPressure),
    (ElementKind::Valve, "set_flow_kg_s", Setting::MassFlow),
    (ElementKind::Pump, "running", Setting::Running),
    (ElementKind::Pump, "speed", Setting::Speed),
    (ElementKind::Pump, "parallel", Setting::PumpsRunning),
    (ElementKind::Pump, "control.mass-flow.mass_flow_kg_s", Setting::MassFlow),
    (ElementKind::Pump, "control.pressure-rise.pressure_rise_pa", Setting::PressureRise),
    (ElementKind::Pump, "control.differential-pressure.set_pressure_pa", Setting::AvailablePressure),
    (ElementKind::Node, "boundary.make-up.pressure_pa", Setting::MakeUpPressure),
    (ElementKind::Building, "heating.room_temperature_c", Setting::RoomTemperature),
];

/// What a change is that no order can carry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Beyond {
    Added,
    Removed,
    /// This field differs.
    Field(String),
}

/// What leads from one network to the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Differences {
    /// Sources first, then stations, valves, pumps, nodes and buildings, each in the order of the network.
    pub set_points: Vec<SetPoint>,
    /// What no order can carry: it has to be built, or is not in anybody's hand.
    pub not_orders: Vec<(ElementRef, Beyond)>,
}

/// Everything that differs, to be done at `at`.
pub fn differences(base: &Network, alternative: &Network, at: Timestamp) -> Differences {
    let mut out = Differences::default();
    for view in alternative.links() {
        let element = view.element();
        match base.find_link(&element).and_then(|link| base.link_view(link)) {
            Some(before) if before.link.kind == view.link.kind => {
                let ends = |network: &Network, ends: [_; 2]| ends.map(|node| network.node_ref(node));
                if ends(base, [before.from, before.to]) != ends(alternative, [view.from, view.to]) {
                    out.not_orders.push((element, Beyond::Field("from, to".to_owned())));
                }
            }
            Some(_) => out.compare(base, alternative, element, at),
            None => out.not_orders.push((element, Beyond::Added)),
        }
    }
    for (handle, id, node) in alternative.nodes() {
        match base.node_id(id).and_then(|known| base.node(known)) {
            Some(before) if before == node => {}
            Some(_) => out.compare(base, alternative, alternative.node_ref(handle), at),
            None => out.not_orders.push((alternative.node_ref(handle), Beyond::Added)),
        }
    }
    for (id, building) in alternative.buildings() {
        let element = ElementRef::new(ElementKind::Building, id.clone());
        match base.buildings().get(id) {
            Some(before) if before == building => {}
            Some(_) => out.compare(base, alternative, element, at),
            None => out.not_orders.push((element, Beyond::Added)),
        }
    }
    if base.settings() != alternative.settings() {
        out.compare(base, alternative, ElementRef::network(), at);
    }
    let links = base.links().map(|view| view.element());
    let nodes = base.nodes().map(|(handle, ..)| base.node_ref(handle));
    let buildings = base.buildings().keys().map(|id| ElementRef::new(ElementKind::Building, id.clone()));
    let gone = links.chain(nodes).chain(buildings).filter(|element| !alternative.contains(element));
    out.not_orders.extend(gone.map(|element| (element, Beyond::Removed)));
    let rank = |kind: ElementKind| ElementKind::ALL.iter().position(|other| *other == kind);
    // Stable: within a kind the order of the network stays.
    out.set_points.sort_by_key(|point| rank(point.element.kind));
    out
}

impl Differences {
    /// Field by field.
    fn compare(&mut self, base: &Network, alternative: &Network, element: ElementRef, at: Timestamp) {
        let [before, after] = [base, alternative].map(|network| flat(network, &element));
        let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
        paths.sort_unstable();
        paths.dedup();
        let changed_control = variant(&before) != variant(&after);
        let mut told = false;
        for path in paths.into_iter().filter(|path| before.get(*path) != after.get(*path)) {
            let Some(setting) = setting_of(element.kind, path) else {
                // Of a change of control the numbers it holds now are told, not the words around them.
                if !(changed_control && is_control(path)) {
                    self.not_orders.push((element.clone(), Beyond::Field(path.clone())));
                }
                continue;
            };
            let from = before.get(path).and_then(|value| number(value, path));
            let value = after.get(path).map_or_else(|| absent(path), |value| number(value, path));
            let point = match value {
                Some(value) => SetPoint { from, ..SetPoint::new(element.clone(), setting, value, at) },
                None if path == "hand_opening" => SetPoint::new(element.clone(), Setting::Automatic, 1.0, at),
                None if changed_control && is_control(path) => continue,
                None => {
                    self.not_orders.push((element.clone(), Beyond::Field(path.clone())));
                    continue;
                }
            };
            told |= is_control(path);
            let from = from.or_else(|| if before.contains_key(path) { None } else { absent(path) });
            self.set_points.push(SetPoint { from, ..point });
        }
        if changed_control && !told {
            // What holds nothing any more turns at its speed.
            let speed = after.get("pumps.speed").or(after.get("speed")).and_then(Value::as_f64);
            match speed {
                Some(speed) => {
                    let point = SetPoint::new(element.clone(), Setting::Speed, speed, at);
                    if !self.set_points.iter().any(|other| other.element == element && other.setting == point.setting) {
                        self.set_points.push(point);
                    }
                }
                None => self.not_orders.push((element, Beyond::Field("control".to_owned()))),
            }
        }
    }
}

/// What carries a set-point out in a network; `None` where the network has no field for it.
pub fn edit(network: &Network, point: &SetPoint) -> Option<Edit> {
    let element = &point.element;
    if point.setting == Setting::Automatic && element.kind == ElementKind::Consumer {
        return (point.value >= 0.5).then(|| Edit::set(element.clone(), "hand_opening", Value::Null));
    }
    let known = flat(network, element);
    let fits = |path: &str| known.contains_key(path) || is_optional(path) && !known.is_empty();
    let of = |(kind, path, setting): &(ElementKind, &'static str, Setting)| {
        (*kind == element.kind && *setting == point.setting && fits(path)).then_some(*path)
    };
    let path = FIELDS.iter().find_map(of)?;
    let value = match path {
        "shut" => Value::from(point.value < 0.5),
        "running" => Value::from(point.value >= 0.5),
        path if path.ends_with("parallel") => Value::from(point.value.round().clamp(0.0, 1000.0) as u16),
        _ => Value::from(point.value),
    };
    Some(Edit::set(element.clone(), path, value))
}

/// What an element has so far of a setting; `None` where the network does not say.
pub fn value_of(network: &Network, element: &ElementRef, setting: Setting) -> Option<f64> {
    let known = flat(network, element);
    let of = |(kind, path, other): &(ElementKind, &'static str, Setting)| {
        (*kind == element.kind && *other == setting && !known.is_empty())
            .then(|| known.get(*path).map_or_else(|| absent(path), |value| number(value, path)))
            .flatten()
    };
    FIELDS.iter().find_map(of)
}

fn setting_of(kind: ElementKind, path: &str) -> Option<Setting> {
    FIELDS.iter().find(|(known, field, _)| *known == kind && *field == path).map(|(.., setting)| *setting)
}

fn is_control(path: &str) -> bool {
    path == "control" || path.starts_with("control.")
}

/// Which control an element has.
fn variant(fields: &BTreeMap<String, Value>) -> Option<&str> {
    let path = fields.keys().find(|path| is_control(path))?;
    path.split('.').nth(1).or(fields.get(path).and_then(Value::as_str))
}

/// Fields that the file leaves out where they have this value.
fn absent(path: &str) -> Option<f64> {
    match path {
        // Not shut: in operation.
        "shut" => Some(1.0),
        "station.mixing_ratio" => Some(0.0),
        _ => None,
    }
}

fn is_optional(path: &str) -> bool {
    matches!(path, "shut" | "hand_opening" | "set_pressure_pa" | "set_flow_kg_s")
}

fn number(value: &Value, path: &str) -> Option<f64> {
    match value {
        Value::Bool(yes) => Some(f64::from(u8::from(*yes != (path == "shut")))),
        other => other.as_f64(),
    }
}

/// All fields of an element with their paths; empty where it does not exist.
fn flat(network: &Network, element: &ElementRef) -> BTreeMap<String, Value> {
    fn walk(path: &str, value: Value, out: &mut BTreeMap<String, Value>) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                for (name, value) in map {
                    let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                    walk(&path, value, out);
                }
            }
            other => {
                out.insert(path.to_owned(), other);
            }
        }
    }
    let mut out = BTreeMap::new();
    if let Some(map) = fields::object(network, element) {
        for (name, value) in map {
            // What people call it makes no difference.
            if name != "name" && name != "attributes" {
                walk(&name, value, &mut out);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::generate::demo_city;

    fn element(network: &Network, kind: ElementKind) -> ElementRef {
        network.links().map(|view| view.element()).find(|element| element.kind == kind).unwrap()
    }

    #[test]
    fn every_field_of_the_table_is_one_of_its_element_and_can_be_set() {
        let network = demo_city();
        for (kind, path, setting) in FIELDS.iter().filter(|(kind, path, _)| {
            matches!(kind, ElementKind::Source | ElementKind::Valve)
                && !path.contains("control.")
                && !path.contains("pumps")
        }) {
            let element = element(&network, *kind);
            let point = SetPoint::new(element, *setting, 0.0, Timestamp::from_ms(0));
            let edit = edit(&network, &point).unwrap_or_else(|| panic!("{kind:?} {path}"));
            assert!(edit.apply(&mut network.clone()).is_ok(), "{kind:?} {path} {edit:?}");
        }
    }

    #[test]
    fn what_differs_is_told_and_leads_back() {
        let at = Timestamp::from_ms(1000);
        let base = demo_city();
        assert_eq!(differences(&base, &base.clone(), at), Differences::default());
        let mut other = base.clone();
        let source = element(&base, ElementKind::Source);
        let valve = element(&base, ElementKind::Valve);
        let station = element(&base, ElementKind::Consumer);
        let pipe = element(&base, ElementKind::Pipe);
        let edits = [
            Edit::set(valve.clone(), "opening", 0.25),
            Edit::set(station.clone(), "shut", true),
            Edit::set(source.clone(), "supply_temperature_c", 103.0),
            Edit::set(pipe.clone(), "length_m", 12.0),
            Edit::set(station.clone(), "return_temperature_c", 41.0),
        ];
        for edit in &edits {
            edit.apply(&mut other).unwrap();
        }
        let found = differences(&base, &other, at);
        let told: Vec<_> = found.set_points.iter().map(|p| (p.element.clone(), p.setting, p.value)).collect();
        let wanted = [
            (source.clone(), Setting::SupplyTemperature, 103.0),
            (station.clone(), Setting::Running, 0.0),
            (valve, Setting::Opening, 0.25),
        ];
        assert_eq!(told, wanted);
        assert_eq!(found.set_points[1].from, Some(1.0));
        assert_eq!(
            found.not_orders,
            [(pipe, Beyond::Field("length_m".into())), (station, Beyond::Field("return_temperature_c".into()))]
        );
        // Carried out, only what is no order is left.
        let mut carried_out = base.clone();
        for point in &found.set_points {
            edit(&base, point).unwrap().apply(&mut carried_out).unwrap();
            assert_eq!(value_of(&carried_out, &point.element, point.setting), Some(point.value));
        }
        let left = differences(&carried_out, &other, at);
        assert_eq!((left.set_points, left.not_orders), (Vec::new(), found.not_orders));
        Edit::Remove { element: source.clone() }.apply(&mut other).unwrap();
        assert!(differences(&base, &other, at).not_orders.contains(&(source, Beyond::Removed)));
    }

    #[test]
    fn another_control_is_told_by_what_it_holds_now() {
        let base = demo_city();
        let mut other = base.clone();
        let source = element(&base, ElementKind::Source);
        let control = serde_json::json!({"mass-flow": {"mass_flow_kg_s": 120.0}});
        Edit::set(source.clone(), "control", control).apply(&mut other).unwrap();
        let found = differences(&base, &other, Timestamp::from_ms(0));
        assert_eq!(found.not_orders, []);
        let told: Vec<_> = found.set_points.iter().map(|p| (&p.element, p.setting, p.value)).collect();
        assert_eq!(told, [(&source, Setting::MassFlow, 120.0)]);
    }
}
