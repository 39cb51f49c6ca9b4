//! Names of tables and columns: those of this program, those people use instead, and the units they may carry.
//!
//! A header is compared without case, blanks and brackets, so that `Length (m)` is `length_m`. A unit other than the
//! documented one is accepted where it stands in the header (`内径_mm`) and converted.

/// A name with the other names people give the same thing.
pub type Alias = (&'static str, &'static [&'static str]);

/// Tables with the other names a file or sheet may have.
pub const TABLES: [Alias; 9] = [
    ("settings", &["设置", "参数"]),
    ("water", &["水物性", "水"]),
    ("nodes", &["node", "节点", "节点表"]),
    ("pipes", &["pipe", "管道", "管段", "管道表"]),
    ("valves", &["valve", "阀门", "阀门表"]),
    ("pumps", &["pump", "水泵", "水泵表"]),
    ("pump_curves", &["水泵曲线", "水泵特性"]),
    ("sources", &["source", "热源", "热源表"]),
    ("consumers", &["consumer", "热用户", "热力站", "用户", "热用户表"]),
];

/// Columns of each table in the order they are written, with the other names people give them.
pub const COLUMNS: [(&str, &[Alias]); 9] = [
    ("settings", &[("key", &["参数", "项目", "名称"]), ("value", &["值", "数值"])]),
    ("water", &[("property", &["物性", "性质"]), ("temperature_c", &["温度_c"]), ("value", &["值", "数值"])]),
    (
        "nodes",
        &[
            ID,
            ("side", &["供回水", "侧", "类型"]),
            ("x_m", &["x"]),
            ("y_m", &["y"]),
            ("z_m", &["z", "elevation_m", "elevation", "高程_m", "标高_m"]),
        ],
    ),
    (
        "pipes",
        &[
            ID,
            FROM,
            TO,
            ("length_m", &["length", "长度_m", "管长_m"]),
            ("dn", &["公称直径", "公称直径_mm", "管径"]),
            ("inner_diameter_m", &["内径_m"]),
            ("outer_diameter_m", &["外径_m"]),
            ("roughness_m", &["粗糙度_m", "当量粗糙度_m"]),
            ("zeta", &["局部阻力系数", "局部阻力系数之和"]),
            ("u_w_m2k", &["传热系数_w_m2k", "传热系数"]),
        ],
    ),
    (
        "valves",
        &[
            ID,
            FROM,
            TO,
            ("kind", &["类型", "阀门类型"]),
            ("kv_m3_h", &["kv", "流量系数"]),
            ("opening", &["开度"]),
            ("characteristic", &["流量特性", "特性"]),
            ("diameter_m", &["直径_m", "口径_m"]),
            ("state", &["状态", "开关"]),
            ("set_value", &["设定值"]),
        ],
    ),
    ("pumps", &[ID, FROM, TO, ("speed", &["转速比"]), ("parallel", &["并联台数", "台数"])]),
    (
        "pump_curves",
        &[
            ("pump", &["水泵", "水泵编号"]),
            ("flow_m3_h", &["流量_m3_h"]),
            ("head_m", &["扬程_m"]),
            ("efficiency", &["效率"]),
        ],
    ),
    (
        "sources",
        &[
            ID,
            FROM,
            TO,
            ("mode", &["控制方式", "模式"]),
            ("return_pressure_pa", &["回水压力_pa"]),
            ("pressure_rise_pa", &["扬程_pa", "升压_pa"]),
            ("mass_flow_kg_s", &["流量_kg_s"]),
            ("supply_temperature_c", &["供水温度_c", "供水温度"]),
        ],
    ),
    (
        "consumers",
        &[
            ID,
            FROM,
            TO,
            ("mode", &["控制方式", "模式"]),
            ("mass_flow_kg_s", &["流量_kg_s"]),
            ("heat_w", &["热负荷_w", "热量_w"]),
            ("return_temperature_c", &["回水温度_c", "回水温度"]),
        ],
    ),
];

const ID: Alias = ("id", &["编号", "标识", "代码"]);
const FROM: Alias = ("from", &["起点", "起始节点", "上游节点", "from_node"]);
const TO: Alias = ("to", &["终点", "终止节点", "下游节点", "to_node"]);

/// Further fields a table may carry: header, and path in the element. Written only where some element has one.
pub const FURTHER: [(&str, &[(&str, &str)]); 6] = [
    ("nodes", &[("name", "name"), ("chamber", "chamber"), ("demand_kg_s", "demand_kg_s")]),
    (
        "pipes",
        &[
            ("state", "state"),
            ("nominal_pressure_pa", "details.nominal_pressure_pa"),
            ("depth_m", "details.depth_m"),
            ("laying", "details.laying"),
            ("material", "details.material"),
            ("year_laid", "details.year_laid"),
            ("pair", "details.pair"),
            ("hazen_williams_c", "details.hazen_williams_c"),
            ("manning_n", "details.manning_n"),
            ("leaks", "leaks"),
        ],
    ),
    (
        "valves",
        &[
            ("zeta", "zeta"),
            ("loss_curve", "loss_curve"),
            ("efficiency", "efficiency"),
            ("drive", "drive"),
            ("closing_time_s", "closing_time_s"),
            ("condition", "condition"),
        ],
    ),
    (
        "pumps",
        &[
            ("running", "running"),
            ("check_valve", "check_valve"),
            ("power_w", "power_w"),
            ("rated_speed_rpm", "rated_speed_rpm"),
            ("npsh_required_head_m", "npsh_required_head_m"),
            ("npsh_curve", "npsh_curve"),
            ("motor_efficiency", "motor_efficiency"),
            ("control", "control"),
            ("role", "role"),
        ],
    ),
    (
        "sources",
        &[
            ("supply_pressure_pa", ""),
            ("available_pressure_pa", ""),
            ("consumer", ""),
            ("kind", "kind"),
            ("capacity_w", "capacity_w"),
            ("minimum_heat_w", "minimum_heat_w"),
            ("maximum_flow_kg_s", "maximum_flow_kg_s"),
            ("running", "running"),
            ("pumps", "pumps"),
            ("store", "store"),
            ("exchanger", "exchanger"),
        ],
    ),
    (
        "consumers",
        &[
            ("connection", "connection"),
            ("kv_open_m3_h", "kv_open_m3_h"),
            ("hand_opening", "hand_opening"),
            ("mixing_ratio", "station.mixing_ratio"),
            ("circuit_drop_pa", "station.circuit_drop_pa"),
            ("circuit_flow_kg_s", "station.circuit_flow_kg_s"),
            ("pump", "station.pump"),
            ("required_pressure_pa", "required_pressure_pa"),
            ("priority", "priority"),
            ("heated_area_m2", "heated_area_m2"),
            ("households", "households"),
            ("people", "people"),
            ("address", "address"),
            ("shut", "shut"),
        ],
    ),
];

/// Names of links in tables other than pipes carry these too.
pub const LINK_NOTES: [&str; 2] = ["name", "chamber"];

/// Chinese names of further fields.
const FURTHER_ALIASES: [Alias; 12] = [
    ("name", &["名称"]),
    ("chamber", &["井室"]),
    ("state", &["状态"]),
    ("depth_m", &["埋深_m"]),
    ("laying", &["敷设方式"]),
    ("material", &["材质", "管材"]),
    ("year_laid", &["敷设年份", "投运年份"]),
    ("heated_area_m2", &["供热面积_m2"]),
    ("households", &["户数"]),
    ("address", &["地址"]),
    ("capacity_w", &["额定功率_w", "供热能力_w"]),
    ("power_w", &["轴功率_w"]),
];

/// Units a header may carry instead of the documented one: (documented, other, how many of the other make one).
const UNITS: [(&str, &str, f64); 14] = [
    ("_m", "_mm", 1000.0),
    ("_m", "_cm", 100.0),
    ("_m", "_km", 0.001),
    ("_pa", "_kpa", 0.001),
    ("_pa", "_mpa", 0.000_001),
    ("_pa", "_bar", 0.000_01),
    ("_w", "_kw", 0.001),
    ("_w", "_mw", 0.000_001),
    ("_kg_s", "_t_h", 3.6),
    ("_kg_s", "_kg_h", 3600.0),
    ("_c", "_℃", 1.0),
    ("_c", "_°c", 1.0),
    ("_m3_h", "_m³_h", 1.0),
    ("_m2", "_㎡", 1.0),
];

/// A column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// As it stands in the file.
    pub header: String,
    /// Its name in this program, if it is known.
    pub known: Option<&'static str>,
    /// How many of the column's unit make one documented unit.
    pub per_unit: f64,
}

impl Column {
    /// Recognises a header of a table.
    pub fn new(header: &str, table: &str) -> Column {
        let header = header.trim().trim_start_matches('\u{feff}').trim();
        let plain = normalised(header);
        if let Some(known) = known(&plain, table) {
            return Column { header: header.to_owned(), known: Some(known), per_unit: 1.0 };
        }
        for (unit, other, per_unit) in UNITS {
            let Some(stem) = plain.strip_suffix(other) else { continue };
            if let Some(known) = known(&format!("{stem}{unit}"), table).filter(|known| known.ends_with(unit)) {
                return Column { header: header.to_owned(), known: Some(known), per_unit };
            }
        }
        Column { header: header.to_owned(), known: None, per_unit: 1.0 }
    }
}

/// All column names of a table.
pub fn names(table: &str) -> Vec<&'static str> {
    let own = COLUMNS.iter().find(|(name, _)| *name == table).map_or(&[][..], |(_, columns)| *columns);
    let further = further(table);
    let mut out: Vec<&'static str> = own.iter().map(|(name, _)| *name).collect();
    out.extend(further.iter().map(|(name, _)| *name));
    if further_is_link(table) {
        out.extend(LINK_NOTES);
    }
    out
}

/// Further fields of a table.
pub fn further(table: &str) -> &'static [(&'static str, &'static str)] {
    FURTHER.iter().find(|(name, _)| *name == table).map_or(&[], |(_, fields)| fields)
}

fn further_is_link(table: &str) -> bool {
    matches!(table, "pipes" | "valves" | "pumps" | "sources" | "consumers")
}

fn known(plain: &str, table: &str) -> Option<&'static str> {
    let (_, columns) = COLUMNS.iter().find(|(name, _)| *name == table)?;
    if let Some((name, _)) = columns.iter().find(|(name, aliases)| *name == plain || aliases.contains(&plain)) {
        return Some(name);
    }
    let aliased = FURTHER_ALIASES.iter().find(|(_, aliases)| aliases.contains(&plain)).map_or(plain, |(name, _)| *name);
    names(table).into_iter().find(|name| *name == aliased)
}

/// Lower case; brackets, blanks, slashes and dashes as one underscore.
fn normalised(header: &str) -> String {
    let mut out = String::new();
    for c in header.chars() {
        match c {
            '(' | '（' | '[' | ' ' | '_' | '/' | '-' | '·' | ':' | '：' | '\u{3000}' => {
                if !out.is_empty() && !out.ends_with('_') {
                    out.push('_');
                }
            }
            ')' | '）' | ']' => {}
            c => out.extend(c.to_lowercase()),
        }
    }
    while out.ends_with('_') {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_known_under_the_names_people_use() {
        let known = |header: &str, table: &str| Column::new(header, table).known;
        assert_eq!(known("长度(m)", "pipes"), Some("length_m"));
        assert_eq!(known("长度（m）", "pipes"), Some("length_m"));
        assert_eq!(known("Length [m]", "pipes"), Some("length_m"));
        assert_eq!(known("编号", "consumers"), Some("id"));
        assert_eq!(known("敷设年份", "pipes"), Some("year_laid"));
        assert_eq!(known("名称", "pipes"), Some("name"));
        assert_eq!(known("名称", "settings"), Some("key"));
        assert_eq!(known("owner", "pipes"), None);
        let diameter = Column::new("内径_mm", "pipes");
        assert_eq!((diameter.known, diameter.per_unit), (Some("inner_diameter_m"), 1000.0));
        assert_eq!(Column::new("热负荷（kW）", "consumers").known, Some("heat_w"));
        assert_eq!(Column::new("flow t/h", "consumers").known, None);
        assert_eq!(Column::new("mass flow t/h", "consumers").known, Some("mass_flow_kg_s"));
    }
}
