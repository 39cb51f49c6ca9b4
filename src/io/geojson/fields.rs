//! What the columns of a utility's map mean: aliases in English and Chinese, units in names, kinds of things.
//!
//! Every column name is reduced to letters and digits and looked up in one table; a unit may stand in brackets or as the
//! last part of the name. Columns nobody knows stay with the element as attributes. Nothing here knows geometry.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::network::attributes::{Attribute, Attributes};

macro_rules! fields {
    ($($name:ident $($alias:literal)+;)*) => {
        /// A column with a meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Field { $($name),* }

        /// (field, reduced column names; earlier ones win).
        const ALIASES: &[(Field, &[&str])] = &[$((Field::$name, &[$($alias),+])),*];
    };
}

fields! {
    Id "id" "编号" "编码" "code" "gid" "fid" "objectid" "管线编号" "管段编号" "设备编号" "点号";
    Name "name" "名称" "label" "站名" "管线名称";
    Kind "kind" "type" "类型" "类别" "layer" "图层" "要素类型" "设备类型" "category" "class" "feature";
    Subtype "subtype" "valvetype" "valvekind" "阀门类型" "子类型" "种类";
    Side "side" "供回" "供回水" "管线性质" "介质方向" "系统" "flowtype" "line" "供水回水";
    Diameter "dn" "管径" "diameter" "公称直径" "公称管径" "规格" "口径" "size";
    InnerDiameter "innerdiameter" "内径" "di";
    OuterDiameter "outerdiameter" "外径" "od";
    Wall "wall" "壁厚" "wallthickness";
    Length "length" "长度" "管长" "管线长度";
    Roughness "roughness" "粗糙度" "当量粗糙度" "k";
    Zeta "zeta" "局部阻力系数" "minorloss";
    Material "material" "材质" "管材" "材料";
    Year "year" "yearlaid" "敷设年代" "建设年代" "敷设年份" "建成年份" "投运年份" "投用年份" "建设时间" "敷设时间";
    Depth "depth" "埋深" "管顶埋深" "覆土";
    Laying "laying" "敷设方式" "埋设方式";
    Insulation "insulation" "保温厚度" "insulationthickness";
    NominalPressure "pn" "公称压力" "压力等级" "nominalpressure";
    Elevation "elevation" "标高" "高程" "z" "管中心标高" "地面高程" "地面标高";
    State "state" "status" "状态" "运行状态" "使用状态";
    Opening "opening" "开度";
    Kv "kv" "kvs" "流量系数";
    SetPressure "setpressure" "设定压力" "设定压差";
    SetFlow "setflow" "设定流量";
    Heat "heat" "热负荷" "heatload" "负荷" "设计热负荷" "供热负荷" "heatdemand" "load";
    MassFlow "massflow" "流量" "设计流量" "flow";
    Area "area" "面积" "供热面积" "heatedarea" "建筑面积" "采暖面积";
    SupplyTemperature "supplytemperature" "供水温度" "tsupply";
    ReturnTemperature "returntemperature" "回水温度" "treturn";
    ReturnPressure "returnpressure" "回水压力" "定压";
    PressureRise "pressurerise" "供回压差" "资用压力" "资用压头";
    Capacity "capacity" "供热能力" "装机容量" "额定热功率";
    Households "households" "户数";
    People "people" "人数";
    Address "address" "地址";
    Priority "priority" "usertype" "用户类型" "用户性质" "重要程度";
    Storeys "storeys" "floors" "levels" "层数" "楼层";
    Height "height" "高度" "建筑高度";
    YearBuilt "yearbuilt" "建成年代" "建筑年代";
    Width "width" "宽度" "路宽";
    Consumer "consumer" "substation" "热力站" "所属热力站" "换热站";
    Chamber "chamber" "井室" "所属井室" "小室" "井号";
    Pipe "pipe" "所属管段" "所属管线" "onpipe";
}

/// A number with the unit its column name gave, lower case; empty where it gave none.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    value: Value,
    unit: String,
    rank: usize,
}

/// The columns of one feature.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fields {
    known: BTreeMap<Field, Known>,
    pub(super) other: Attributes,
}

const UNITS: [&str; 22] = [
    "mm", "cm", "km", "m2", "m", "kw", "mw", "gw", "w", "pa", "kpa", "mpa", "bar", "c", "℃", "kgs", "th", "m3h", "gjh",
    "万m2", "%", "米",
];

/// Letters and digits alone, lower case.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || matches!(c, '℃' | '%')).flat_map(char::to_lowercase).collect()
}

/// A column name reduced to letters and digits, and the unit in it.
fn reduce(name: &str) -> (String, String) {
    let as_unit = |text: &str| {
        let unit: String = plain(&text.replace(['²', '㎡'], "2").replace('³', "3"));
        UNITS.contains(&unit.as_str()).then_some(unit)
    };
    let name = name.replace('㎡', "m2");
    if let Some(at) = name.find(['(', '（', '[', '［', '/'])
        && let Some(unit) = as_unit(&name[at..])
    {
        return (plain(&name[..at]), unit);
    }
    // `heat_kw`, `mass_flow_kg_s`: the unit is the last one or two parts.
    let cuts: Vec<usize> = name.match_indices(['_', ' ']).map(|(at, _)| at).collect();
    for at in cuts.iter().rev().take(2).rev() {
        if let Some(unit) = as_unit(&name[*at..]) {
            return (plain(&name[..*at]), unit);
        }
    }
    (plain(&name), String::new())
}

/// Empty values are no values.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => matches!(text.trim(), "" | "-" | "/" | "无" | "null" | "NULL" | "None" | "nan" | "NaN"),
        _ => false,
    }
}

impl Fields {
    /// Sorts a column in. What is already there stays; `false` where the new value differs from it.
    pub(super) fn add(&mut self, column: &str, value: &Value) -> bool {
        if is_empty(value) {
            return true;
        }
        let (base, unit) = reduce(column);
        let found = ALIASES
            .iter()
            .find_map(|(field, names)| names.iter().position(|name| *name == base).map(|rank| (*field, rank)));
        if let Some((field, rank)) = found {
            match self.known.get(&field) {
                Some(old) if old.rank == rank => return text_of(&old.value) == text_of(value),
                Some(old) if old.rank < rank => {}
                other => {
                    // A better name takes the place; the old column is kept under its meaning's alias.
                    if let Some(old) = other {
                        let attribute = attribute(&old.value);
                        let name = ALIASES.iter().find(|(f, _)| *f == field).map_or("", |(_, names)| names[old.rank]);
                        self.other.insert(name.to_owned(), attribute);
                    }
                    self.known.insert(field, Known { value: value.clone(), unit, rank });
                    return true;
                }
            }
        }
        let attribute = attribute(value);
        let same = self.other.get(column).is_none_or(|old| *old == attribute);
        self.other.entry(column.to_owned()).or_insert(attribute);
        same
    }

    /// Number of columns with a known meaning.
    pub(super) fn count(&self) -> usize {
        self.known.len()
    }

    pub(super) fn has(&self, field: Field) -> bool {
        self.known.contains_key(&field)
    }

    /// A text; numbers as they are written.
    pub(super) fn text(&self, field: Field) -> Option<String> {
        self.known.get(&field).map(|known| text_of(&known.value).trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A finite number with the unit of its column (or of the text behind it), lower case.
    pub(super) fn number(&self, field: Field) -> Option<(f64, String)> {
        let known = self.known.get(&field)?;
        let (value, behind) = match &known.value {
            Value::Number(number) => (number.as_f64()?, String::new()),
            Value::String(text) => leading_number(text)?,
            _ => return None,
        };
        let unit = if behind.is_empty() { known.unit.clone() } else { behind };
        value.is_finite().then_some((value, unit))
    }

    /// A number that is a count or a year.
    pub(super) fn whole(&self, field: Field) -> Option<u32> {
        let (value, _) = self.number(field)?;
        (value >= 0.0 && value < f64::from(u32::MAX)).then_some(value as u32)
    }

    /// Metres, from m unless the unit says mm, cm or km.
    pub(super) fn metres(&self, field: Field) -> Option<f64> {
        let (value, unit) = self.number(field)?;
        Some(match unit.as_str() {
            "mm" => value * 1e-3,
            "cm" => value * 1e-2,
            "km" => value * 1e3,
            _ => value,
        })
    }

    /// Pascals; without unit: below 30 MPa, below 100 000 kPa, else Pa.
    pub(super) fn pascals(&self, field: Field) -> Option<f64> {
        let (value, unit) = self.number(field)?;
        Some(match unit.as_str() {
            "mpa" => value * 1e6,
            "kpa" => value * 1e3,
            "bar" => value * 1e5,
            "pa" => value,
            _ if value.abs() < 30.0 => value * 1e6,
            _ if value.abs() < 1e5 => value * 1e3,
            _ => value,
        })
    }

    /// Watts, and whether the unit had to be guessed (kW).
    pub(super) fn watts(&self, field: Field) -> Option<(f64, bool)> {
        let (value, unit) = self.number(field)?;
        Some(match unit.as_str() {
            "w" => (value, false),
            "kw" => (value * 1e3, false),
            "mw" => (value * 1e6, false),
            "gjh" => (value * 1e9 / 3600.0, false),
            _ => (value * 1e3, true),
        })
    }

    /// kg/s; from t/h or m³/h (taken as t/h) unless the unit says kg/s.
    pub(super) fn mass_flow_kg_s(&self) -> Option<f64> {
        let (value, unit) = self.number(Field::MassFlow)?;
        Some(if unit == "kgs" { value } else { value / 3.6 })
    }

    /// Square metres.
    pub(super) fn square_metres(&self, field: Field) -> Option<f64> {
        let (value, unit) = self.number(field)?;
        Some(if unit == "万m2" { value * 1e4 } else { value })
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn attribute(value: &Value) -> Attribute {
    match value {
        Value::Bool(flag) => Attribute::Flag(*flag),
        Value::Number(number) => number.as_f64().map_or_else(|| Attribute::Text(number.to_string()), Attribute::Number),
        Value::String(text) => Attribute::Text(text.clone()),
        other => Attribute::Text(other.to_string()),
    }
}

/// The number a text begins with and the unit behind it.
fn leading_number(text: &str) -> Option<(f64, String)> {
    let text = text.trim();
    let end = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || *c == '.' || (*at == 0 && matches!(c, '-' | '+'))))
        .map_or(text.len(), |(at, _)| at);
    let value = text[..end].parse().ok()?;
    Some((value, reduce(&format!("_{}", text[end..].trim())).1))
}

/// What a size column says about a pipe, m.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Size {
    /// Nominal diameter, mm.
    Nominal(u16),
    Steel {
        outer_m: f64,
        wall_m: f64,
    },
    Inner(f64),
}

/// `DN300`, `300`, `D325x8`, `Φ325×8`, `0.3` (m): what utilities write as the size of a pipe.
pub(super) fn size(text: &str) -> Option<Size> {
    let lower = text.trim().to_lowercase().replace(['×', '*', 'х'], "x");
    let nominal = lower.starts_with("dn");
    let number = lower.trim_start_matches(|c: char| !c.is_ascii_digit());
    let mut parts = number.split('x').map(|part| leading_number(part).map(|(value, _)| value));
    let first = parts.next().flatten().filter(|value| *value > 0.0)?;
    if let Some(Some(wall)) = parts.next()
        && wall > 0.0
        && 2.0 * wall < first
    {
        return Some(Size::Steel { outer_m: first * 1e-3, wall_m: wall * 1e-3 });
    }
    if !nominal && first < 5.0 {
        return Some(Size::Inner(first));
    }
    let whole = first.round();
    if (nominal || crate::network::catalogue::by_dn(whole as u16).is_some()) && (first - whole).abs() < 1e-9 {
        return (whole <= 3000.0).then_some(Size::Nominal(whole as u16));
    }
    (first <= 3000.0).then_some(Size::Inner(first * 1e-3))
}

/// Whether a text contains one of these words, in either case.
pub(super) fn says(text: &str, words: &[&str]) -> bool {
    let lower = text.to_lowercase();
    words.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(columns: &[(&str, Value)]) -> Fields {
        let mut fields = Fields::default();
        columns.iter().for_each(|(name, value)| assert!(fields.add(name, value)));
        fields
    }

    #[test]
    fn columns_are_known_by_alias_and_unit() {
        let f = fields(&[
            ("管径(mm)", json!("DN300")),
            ("LENGTH_M", json!(12.5)),
            ("保温厚度（mm）", json!("40")),
            ("heat_load_MW", json!(1.5)),
            ("mass_flow_kg_s", json!(3)),
            ("公称压力", json!("1.6MPa")),
            ("备注", json!("老旧")),
            ("敷设年代", json!("1998年")),
            ("供热面积(万㎡)", json!(2.5)),
        ]);
        assert_eq!(f.text(Field::Diameter).as_deref(), Some("DN300"));
        assert_eq!(f.metres(Field::Length), Some(12.5));
        assert_eq!(f.metres(Field::Insulation), Some(0.04));
        assert_eq!(f.watts(Field::Heat), Some((1.5e6, false)));
        assert_eq!(f.mass_flow_kg_s(), Some(3.0));
        assert_eq!(f.pascals(Field::NominalPressure), Some(1.6e6));
        assert_eq!(f.whole(Field::Year), Some(1998));
        assert_eq!(f.square_metres(Field::Area), Some(25_000.0));
        assert_eq!(f.other.get("备注"), Some(&Attribute::Text("老旧".to_owned())));
    }

    #[test]
    fn a_second_value_is_noticed_and_the_better_name_wins() {
        let mut f = fields(&[("code", json!("A")), ("id", json!(7))]);
        assert_eq!(f.text(Field::Id).as_deref(), Some("7"));
        assert_eq!(f.other.get("code"), Some(&Attribute::Text("A".to_owned())), "the lesser name is kept beside");
        assert!(!f.add("id", &json!("8")), "a contradiction");
        assert!(f.add("id", &json!(7)) && f.add("材质", &json!("")));
        assert!(!f.has(Field::Material));
    }

    #[test]
    fn sizes_in_every_spelling() {
        assert_eq!(size("DN300"), Some(Size::Nominal(300)));
        assert_eq!(size("dn 150 "), Some(Size::Nominal(150)));
        assert_eq!(size("300"), Some(Size::Nominal(300)));
        assert_eq!(size("D325x8"), Some(Size::Steel { outer_m: 0.325, wall_m: 0.008 }));
        assert_eq!(size("Φ325×8"), Some(Size::Steel { outer_m: 0.325, wall_m: 0.008 }));
        assert_eq!(size("0.25"), Some(Size::Inner(0.25)));
        assert_eq!(size("263.2"), Some(Size::Inner(0.2632)));
        assert_eq!(size("thick"), None);
        assert!(size("-5").is_some(), "a dash before a size is a dash");
    }
}
