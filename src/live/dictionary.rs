//! The data dictionary: what the provincial standard for smart heating (DB22/T, 城镇智慧供热技术标准, appendices A–E) says is
//! to be recorded of heat sources, networks, substations and users, and what is made of it here.
//!
//! Three things, all read from tables in `assets/dictionary/` that are part of the program: the standard's own [`Row`]s, each
//! once; [`OfferedTag`]s, what a device of each kind has registers for, each with the row it answers; and
//! [`AlarmTemplate`]s, the standard's alarm lists with starting values for dead-band and delay. The standard names what is to
//! be alarmed but gives neither: those are ours, to be tuned by the history of each tag. Limits come from a network, not from
//! here, and no register has an address here.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::Observed;
use crate::text::Language;

/// What a device stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceKind {
    /// Heat source: appendix A.
    Source,
    /// Measuring point of the network, a chamber: appendix B.
    Network,
    /// Substation: appendix C.
    Station,
    /// Heat entrance of a building: appendix D.
    User,
    /// Room temperature device: appendix D.
    Room,
}

/// What a row of the standard is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowKind {
    /// Basic data, capacities, equipment: filled in once. Kept as attributes of elements.
    Information,
    /// Operating data (运行数据).
    Run,
    /// Alarm data (报警数据).
    Alarm,
    /// What a regulator receives (appendix E).
    Report,
}

/// What stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    Text,
    /// Written YYYYMMDD.
    Date,
    Count,
    Number,
    /// A running total: never falls but when the meter is changed.
    Total,
    /// A mean over an hour, day or month: reckoned from the number, not collected.
    Mean,
    /// Yes or no.
    State,
}

/// One row of a table of the standard.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Row {
    /// `A.0.4`; appendix E, which has one table, is `E`.
    pub clause: String,
    /// Number of the row, and within it the number of the line: `2.6`. Tables without groups have the first only.
    pub row: String,
    pub kind: RowKind,
    #[serde(rename = "data")]
    pub content: Content,
    /// The group or device the row belongs to; empty where the table has none.
    part: String,
    name: String,
    part_en: String,
    name_en: String,
    /// As printed; empty where it has none.
    pub unit: String,
    /// The word of the model, for operating data.
    pub observed: Option<Observed>,
    /// Where this differs from the print, and why.
    pub note: String,
}

/// How a device keeps a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A measured number.
    Measure,
    /// A running total.
    Total,
    /// Yes or no.
    State,
    /// A number that may be written: a set-point or a position.
    Setting,
}

/// When a device has a tag at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Plants that burn something.
    Combustion,
    /// Plants that recover waste heat.
    Recovery,
}

/// A tag that devices of a kind offer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct OfferedTag {
    pub device: DeviceKind,
    /// What stands behind the name of the place: `T1` makes `ST012.T1`.
    pub tag: String,
    /// The row of the standard it answers.
    pub clause: String,
    pub row: String,
    pub observed: Observed,
    /// Unit of the three below and usually of the register; empty for states.
    pub unit: String,
    pub form: Form,
    /// What the instrument can show, or what may be set.
    pub least: Option<f64>,
    pub most: Option<f64>,
    /// Standard deviation of its noise, where that does not depend on the size of the plant.
    pub deviation: Option<f64>,
    /// The same as a share of the value at design.
    pub deviation_share: Option<f64>,
    /// `None`: always.
    pub when: Option<When>,
}

/// What makes an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmCondition {
    /// Past a limit of the tag (HH, H, L, LL).
    Limit,
    /// A contact or fault bit is 1.
    Contact,
    /// The device does not answer.
    Communication,
}

/// How soon somebody must act. About one in twenty alarms should be high, three in twenty medium (ISA-18.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    Low,
    Medium,
    High,
}

/// An alarm of the standard's lists as it is to be set up at each device of a kind.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct AlarmTemplate {
    pub device: DeviceKind,
    /// The row of the standard that asks for it.
    pub clause: String,
    pub row: String,
    pub condition: AlarmCondition,
    /// The [`OfferedTag`] it watches; empty for the communication of the device as a whole.
    #[serde(rename = "tags")]
    pub tag: String,
    #[serde(rename = "priority")]
    pub urgency: Urgency,
    /// In the SI unit of the tag.
    pub dead_band_si: f64,
    pub on_delay_s: f64,
    pub off_delay_s: f64,
}

/// Wanted times between two values (clause 6.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// From one collection to the next, less than this.
    pub collected_s: u32,
    /// From one upload to the next, less than this.
    pub uploaded_s: u32,
}

/// A device must keep its values this long where it cannot send them (clause 6.2.3).
pub const KEPT_LOCALLY_S: u32 = 7 * 86_400;

/// All tables.
#[derive(Clone, Debug)]
pub struct Dictionary {
    rows: Vec<Row>,
    offered: Vec<OfferedTag>,
    alarms: Vec<AlarmTemplate>,
}

/// The dictionary that is part of the program.
pub fn dictionary() -> &'static Dictionary {
    static DICTIONARY: LazyLock<Dictionary> = LazyLock::new(|| Dictionary {
        rows: APPENDICES.iter().flat_map(|text| table(text)).collect(),
        offered: table(OFFERED),
        alarms: table(ALARMS),
    });
    &DICTIONARY
}

const APPENDICES: [&str; 5] = [
    include_str!("../../assets/dictionary/heat-source.csv"),
    include_str!("../../assets/dictionary/network.csv"),
    include_str!("../../assets/dictionary/substation.csv"),
    include_str!("../../assets/dictionary/user.csv"),
    include_str!("../../assets/dictionary/regulator.csv"),
];
const OFFERED: &str = include_str!("../../assets/dictionary/templates.csv");
const ALARMS: &str = include_str!("../../assets/dictionary/alarms.csv");

/// The lines of a table. They are constants of the program; a test reads every one of them.
fn table<T: serde::de::DeserializeOwned>(text: &str) -> Vec<T> {
    csv::Reader::from_reader(text.as_bytes()).into_deserialize().filter_map(Result::ok).collect()
}

impl DeviceKind {
    pub const ALL: [DeviceKind; 5] =
        [DeviceKind::Source, DeviceKind::Network, DeviceKind::Station, DeviceKind::User, DeviceKind::Room];

    /// How often clause 6.1.1 wants its values.
    pub const fn period(self) -> Period {
        match self {
            DeviceKind::Source | DeviceKind::Station => Period { collected_s: 60, uploaded_s: 600 },
            DeviceKind::Network => Period { collected_s: 3600, uploaded_s: 7200 },
            DeviceKind::User | DeviceKind::Room => Period { collected_s: 1800, uploaded_s: 3600 },
        }
    }
}

impl Row {
    /// Its name in a language.
    pub fn name(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.name,
            Language::English => &self.name_en,
        }
    }

    /// The group or device it belongs to, empty where the table has none.
    pub fn part(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.part,
            Language::English => &self.part_en,
        }
    }
}

impl Dictionary {
    /// Every row of the standard in its order.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The rows of a table: `A.0.4`.
    pub fn table<'a>(&'a self, clause: &'a str) -> impl Iterator<Item = &'a Row> {
        self.rows.iter().filter(move |row| row.clause == clause)
    }

    /// One row.
    pub fn row(&self, clause: &str, row: &str) -> Option<&Row> {
        self.rows.iter().find(|known| known.clause == clause && known.row == row)
    }

    /// What devices of a kind offer, in the order of the standard.
    pub fn offered(&self, device: DeviceKind) -> impl Iterator<Item = &OfferedTag> {
        self.offered.iter().filter(move |tag| tag.device == device)
    }

    /// The tag of a device, by what stands behind the name of the place.
    pub fn offered_tag(&self, device: DeviceKind, tag: &str) -> Option<&OfferedTag> {
        self.offered(device).find(|offered| offered.tag == tag)
    }

    /// The alarms of a kind of device, in the order of the standard.
    pub fn alarms(&self, device: DeviceKind) -> impl Iterator<Item = &AlarmTemplate> {
        self.alarms.iter().filter(move |alarm| alarm.device == device)
    }
}

impl OfferedTag {
    /// What it is called, with its group: "一次网运行参数 进水温度", "Operation of the primary side: Inlet water temperature".
    pub fn name(&self, language: Language) -> String {
        let Some(row) = dictionary().row(&self.clause, &self.row) else { return self.tag.clone() };
        match (row.part(language), language) {
            ("", _) => row.name(language).to_owned(),
            (part, Language::Chinese) => format!("{part} {}", row.name(language)),
            (part, Language::English) => format!("{part}: {}", row.name(language)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No line of a table is lost on the way: what cannot be read is not dropped in silence.
    #[test]
    fn every_line_of_every_table_is_read() {
        for text in APPENDICES {
            assert_eq!(table::<Row>(text).len(), text.lines().count() - 1);
        }
        assert_eq!(table::<OfferedTag>(OFFERED).len(), OFFERED.lines().count() - 1);
        assert_eq!(table::<AlarmTemplate>(ALARMS).len(), ALARMS.lines().count() - 1);
    }
}
