//! What the provincial guide says of each technology: chapter, the words themselves, and the figures in them.
//!
//! The guide is the technical guide of the province of Jilin for retrofitting urban district heating, drawn up under the
//! 《吉林省城镇供热持续提质增效行动方案》. Its text has chapters and sections, no numbered clauses; they are cited as it numbers
//! them. Words are quoted, with the conditions that belong to the figures; the translation is ours. Figures are data: nothing here
//! is tuned to a simulation. Not here: what the simulation says.

use super::Technology;

/// What a figure of the guide is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// Share of heat and electricity together that is saved (综合节能), per cent. Both count as energy (当量值).
    Energy,
    /// Share of the heat that consumers take which is saved, per cent.
    Heat,
    /// Share of the electricity of pumps that is saved, per cent.
    Pumping,
    /// Share of the circulated water that is saved, per cent.
    Flow,
    /// Heat over fuel (lower heating value) more than before, per cent of it.
    Efficiency,
    /// Heat a station gives on the coldest day more than before, per cent.
    Capacity,
    /// Return temperature of the primary network, mean over the flow, °C.
    ReturnTemperature,
    /// Supply less return temperature of the primary network, mean over the flow, K.
    Spread,
}

impl Quantity {
    /// Stable word, also the end of its name's key.
    pub const fn word(self) -> &'static str {
        match self {
            Quantity::Energy => "energy",
            Quantity::Heat => "heat",
            Quantity::Pumping => "pumping",
            Quantity::Flow => "flow",
            Quantity::Efficiency => "efficiency",
            Quantity::Capacity => "capacity",
            Quantity::ReturnTemperature => "return-temperature",
            Quantity::Spread => "spread",
        }
    }

    pub const fn unit(self) -> &'static str {
        match self {
            Quantity::ReturnTemperature => "°C",
            Quantity::Spread => "K",
            _ => "%",
        }
    }
}

/// One figure of the guide.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Claim {
    pub technology: Technology,
    /// Chapter and section as the guide numbers them.
    pub clause: &'static str,
    /// As printed, with the condition.
    pub words: &'static str,
    pub translation: &'static str,
    pub quantity: Quantity,
    /// None: open at that end.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// Said of something near, not of the very same: of secondary networks, for instance.
    pub nearby: bool,
}

const fn claim(
    technology: Technology,
    clause: &'static str,
    quantity: Quantity,
    low: Option<f64>,
    high: Option<f64>,
    words: &'static str,
    translation: &'static str,
) -> Claim {
    Claim { technology, clause, words, translation, quantity, low, high, nearby: false }
}

/// All figures that can be set beside a simulation, in the order of the guide.
pub const CLAIMS: &[Claim] = &[
    claim(
        Technology::FlueGasRecovery,
        "一（一）4",
        Quantity::Efficiency,
        Some(10.0),
        None,
        "在烟气余热资源稳定、系统防腐防堵措施完善、热网回水温度具备吸热空间的条件下……可按约10%及以上的热效率提升潜力进行初步分析。",
        "Where flue-gas heat is steady, corrosion and clogging are prevented and the return water is cold enough to take up heat: a gain of efficiency of about 10 % and more may be taken for a first analysis.",
    ),
    claim(
        Technology::ControlValves,
        "二（一）5",
        Quantity::Energy,
        Some(15.0),
        Some(25.0),
        "在老旧小区或支路失衡较明显的系统中，若与热力站控制、循环泵变频和调试整定协同实施……可按约15%～25%的区间进行初步估算。",
        "In old quarters or systems whose branches are clearly out of balance, together with station control, variable-speed pumps and commissioning: about 15 to 25 % may be taken for a first estimate.",
    ),
    Claim {
        nearby: true,
        ..claim(
            Technology::DistributedPumps,
            "四（二）2",
            Quantity::Pumping,
            Some(40.0),
            Some(60.0),
            "在二次网水力失调明显、原系统节流损耗较大且控制策略调试到位的项目中……工程测算可参考输配电耗降低40%～60%、热耗节约约5%～8%的区间",
            "Of secondary networks clearly out of balance, with large throttling losses before and a well commissioned control: electricity for transport 40 to 60 % lower, heat about 5 to 8 % less.",
        )
    },
    claim(
        Technology::LargeTemperatureDifference,
        "二（三）1",
        Quantity::Spread,
        Some(80.0),
        None,
        "传统供热系统供回水温差约50℃，而大温差系统将温差提升至80℃以上。",
        "The usual difference of supply and return is about 50 K; large-difference systems raise it to 80 K and more.",
    ),
    claim(
        Technology::LargeTemperatureDifference,
        "二（三）2",
        Quantity::ReturnTemperature,
        Some(20.0),
        Some(25.0),
        "一次网热水依次流经发生器、板式换热器、蒸发器，温度从100℃降至20-25℃",
        "The primary water passes generator, plate exchanger and evaporator and is cooled from 100 °C to 20 to 25 °C.",
    ),
    claim(
        Technology::LargeTemperatureDifference,
        "二（三）3",
        Quantity::Flow,
        Some(50.0),
        Some(50.0),
        "泵耗与水量成正比，大温差系统水量减少50%，泵耗随之大幅度降低。",
        "Pumping goes with the water; a large-difference system needs 50 % less water, and pumping falls greatly with it.",
    ),
    claim(
        Technology::BoosterHeatPump,
        "三（二）4",
        Quantity::Capacity,
        Some(15.0),
        Some(35.0),
        "可精准匹配需要扩容改造的热力站、需要提升供热能力的热力站，本装置可提升热力站15%～35%的供热能力。",
        "For stations that have to be enlarged or need more capacity: the unit raises the capacity of a station by 15 to 35 %.",
    ),
    claim(
        Technology::Mixing,
        "三（四）5",
        Quantity::Energy,
        Some(15.0),
        Some(25.0),
        "在一次网水温、压力边界和用户侧安全防护条件满足要求时，工程分析中可按约15%～25%的综合节能潜力进行初步测算。",
        "Where the temperature and pressures of the primary network and the protection of the users allow it: about 15 to 25 % of all energy may be taken for a first calculation.",
    ),
    claim(
        Technology::ThermostaticValves,
        "四（三）5",
        Quantity::Energy,
        Some(15.0),
        Some(25.0),
        "在老旧小区户间失衡较明显、阀门覆盖率和控制策略满足要求的条件下，综合节能潜力可按约15%～25%进行初步分析",
        "In old quarters whose flats are clearly out of balance, with enough valves and a proper control: about 15 to 25 % of all energy may be taken for a first analysis.",
    ),
    claim(
        Technology::WindowSeals,
        "五（三）4",
        Quantity::Heat,
        Some(3.0),
        Some(8.0),
        "住宅外窗加装合格密封条后，单户冷风渗透热损失可降低30%～50%，按整栋建筑供暖能耗折算，综合节能率约3%～8%",
        "With proper seals in the windows of housing the loss of a flat by infiltration falls by 30 to 50 %; of the heat of the whole building that is about 3 to 8 %.",
    ),
    claim(
        Technology::SmartHeating,
        "六（五）",
        Quantity::Energy,
        Some(10.0),
        Some(20.0),
        "在现场自动化设备、室温采集、热力站控制和平台算法较完善的条件下……综合节能潜力通常可按10%—20%进行技术分析",
        "With automatic devices, room sensors, station control and algorithms well in place: 10 to 20 % of all energy are usually taken for a technical analysis.",
    ),
];

/// The figures for a technology.
pub fn claims(technology: Technology) -> impl Iterator<Item = &'static Claim> {
    CLAIMS.iter().filter(move |claim| claim.technology == technology)
}

/// Technologies of the guide that no element of a network stands for yet, with the section: word, also the end of the key of
/// the reason.
pub const NOT_SIMULATED: &[(&str, &str)] = &[
    ("boiler-repair", "一（二）"),
    ("electric-boiler-store", "一（三）"),
    ("deep-geothermal", "一（五）"),
    ("station-heat-pumps", "三（一）"),
    ("building-exchangers", "三（三）"),
    ("secondary-distributed-pumps", "四（二）"),
    ("electric-room-heating", "五（一）（二）"),
];

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Below,
    Inside,
    Above,
}

impl Verdict {
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Below => "below",
            Verdict::Inside => "inside",
            Verdict::Above => "above",
        }
    }
}

impl Claim {
    /// Where a simulated value lies; half of the last printed digit of the guide counts as inside.
    pub fn verdict(&self, value: f64) -> Verdict {
        if self.low.is_some_and(|low| value < low - 0.5) {
            Verdict::Below
        } else if self.high.is_some_and(|high| value > high + 0.5) {
            Verdict::Above
        } else {
            Verdict::Inside
        }
    }

    /// The range as text: `15–25 %`, `≥ 80 K`.
    pub fn range_text(&self) -> String {
        let unit = self.quantity.unit();
        match (self.low, self.high) {
            (Some(low), Some(high)) if low == high => format!("{low} {unit}"),
            (Some(low), Some(high)) => format!("{low}–{high} {unit}"),
            (Some(low), None) => format!("≥ {low} {unit}"),
            (None, Some(high)) => format!("≤ {high} {unit}"),
            (None, None) => "–".to_owned(),
        }
    }
}
