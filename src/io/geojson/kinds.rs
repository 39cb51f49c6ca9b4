//! What a feature is: pipe, valve, source …, told from its type column, and from what it carries where that is empty.

use super::fields::{Field, Fields, says};
use crate::network::{Side, ValveKind};

/// What a feature stands for that is no pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Node,
    Valve,
    Pump,
    Source,
    Consumer,
    Chamber,
    Building,
    Street,
}

/// Words of each role; a longer thing's name may hold a shorter one's (阀门井), so the order matters.
const ROLES: [(Role, &[&str]); 7] = [
    (Role::Chamber, &["chamber", "manhole", "井", "小室"]),
    (Role::Source, &["source", "plant", "boiler", "chp", "热源", "首站", "电厂", "锅炉"]),
    (
        Role::Consumer,
        &["consumer", "substation", "station", "user", "customer", "热力站", "换热站", "用户", "热力入口"],
    ),
    (Role::Valve, &["valve", "阀"]),
    (Role::Pump, &["pump", "泵"]),
    (Role::Building, &["building", "house", "建筑", "楼"]),
    (
        Role::Node,
        &[
            "node", "junction", "tee", "bend", "elbow", "reducer", "fitting", "节点", "三通", "弯头", "变径", "补偿",
            "端点", "管点",
        ],
    ),
];

/// The role of a point, and whether it had to be guessed.
pub(super) fn role(fields: &Fields) -> (Role, bool) {
    for field in [Field::Kind, Field::Subtype, Field::Name] {
        if let Some(text) = fields.text(field)
            && let Some((role, _)) = ROLES.iter().find(|(_, words)| says(&text, words))
        {
            return (*role, field == Field::Name);
        }
    }
    if fields.has(Field::Heat) || fields.has(Field::Area) {
        return (Role::Consumer, true);
    }
    if fields.has(Field::Kv) || fields.has(Field::Opening) {
        return (Role::Valve, true);
    }
    (Role::Node, fields.has(Field::Kind))
}

/// What a line stands for that is no pipe: streets, and the valves, pumps, sources and consumers of the program's own
/// maps, which draw every link as a line.
pub(super) fn line_role(fields: &Fields) -> Option<Role> {
    match fields.text(Field::Kind)?.to_lowercase().as_str() {
        "valve" => Some(Role::Valve),
        "pump" => Some(Role::Pump),
        "source" => Some(Role::Source),
        "consumer" => Some(Role::Consumer),
        "street" | "road" | "道路" | "街道" => Some(Role::Street),
        _ => None,
    }
}

/// Supply or return; `None` where the map does not say, or draws one line for both.
pub(super) fn side(fields: &Fields) -> Option<Side> {
    let text =
        [Field::Side, Field::Kind].into_iter().filter_map(|field| fields.text(field)).collect::<Vec<_>>().join(" ");
    let lower = text.trim().to_lowercase();
    let supply = says(&lower, &["supply", "供", "forward"]) || lower == "s" || lower == "g";
    let returns = says(&lower, &["return", "回", "back"]) || lower == "r" || lower == "h";
    match (supply, returns) {
        (true, false) => Some(Side::Supply),
        (false, true) => Some(Side::Return),
        _ => None,
    }
}

/// Kind of a valve; sectioning valves where nothing says otherwise.
pub(super) fn valve_kind(fields: &Fields) -> Option<ValveKind> {
    let text = [Field::Subtype, Field::Kind, Field::Name]
        .into_iter()
        .filter_map(|field| fields.text(field))
        .collect::<String>();
    let kinds: [(ValveKind, &[&str]); 9] = [
        (ValveKind::DifferentialPressure, &["differential", "压差"]),
        (ValveKind::Flow, &["flow control", "flow-control", "流量控制", "流量阀"]),
        (ValveKind::PressureReducing, &["reducing", "减压"]),
        (ValveKind::Check, &["check", "止回", "逆止", "单向"]),
        (ValveKind::Balancing, &["balanc", "平衡"]),
        (ValveKind::Control, &["control", "调节", "电动调"]),
        (ValveKind::Bypass, &["bypass", "旁通"]),
        (ValveKind::Isolating, &["isolat", "shut", "关断", "截断", "截止", "入户", "支线阀"]),
        (ValveKind::Sectioning, &["section", "分段"]),
    ];
    kinds.into_iter().find(|(_, words)| says(&text, words)).map(|(kind, _)| kind)
}

/// Whether the columns say that it is shut or out of service (`Some(true)`), or no longer there (`None`).
pub(super) fn shut(fields: &Fields) -> Option<bool> {
    let Some(text) = fields.text(Field::State) else { return Some(false) };
    if says(&text, &["废弃", "报废", "拆除", "abandon", "removed", "planned", "规划"]) {
        return None;
    }
    Some(says(&text, &["关", "停", "closed", "shut", "out of service"]) && !says(&text, &["常开"]))
}
