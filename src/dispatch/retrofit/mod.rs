//! Retrofit technologies (改造技术) as ready actions: each makes ordinary edits of a network, so that undo, scenarios and comparison
//! come with it.
//!
//! A [`Technology`] says which chapter of the guide it comes from, which parameters it has and the state of a network it mends
//! ([`Start`]): a city that is regulated already gains nothing from regulation, so the state before is made by edits as well, and
//! said. [`propose`] gives the edits, with every element that was left out and why. [`sheet`] simulates before and after over a
//! season and sets the outcome beside the figures of [`guide`]. Only what elements of a network really simulate is offered;
//! [`guide::NOT_SIMULATED`] names the rest. Not here: costs of building.

mod buildings;
pub mod guide;
mod kit;
mod pipes;
mod plants;
mod pumps;
pub mod season;
pub mod sheet;
mod start;
mod stations;
mod valves;

use std::collections::{BTreeMap, BTreeSet};

pub use start::Start;

use crate::dispatch::balance::BalanceError;
use crate::network::edit::{Edit, EditError};
use crate::network::{ElementRef, Finding, Name, Network};

/// A technology.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Technology {
    /// 锅炉烟气余热回收
    FlueGasRecovery,
    /// 一次网保温更新
    PipeInsulation,
    /// 电动调节阀
    ControlValves,
    /// 分布式变频循环水泵
    DistributedPumps,
    /// 循环泵变频
    VariableSpeed,
    /// 大温差
    LargeTemperatureDifference,
    /// 高温热泵补热
    BoosterHeatPump,
    /// 楼宇混水
    Mixing,
    /// 平衡阀
    BalancingValves,
    /// 户用温控阀
    ThermostaticValves,
    /// 公共建筑分时供热
    NightSetback,
    /// 外窗密封
    WindowSeals,
    /// 节能外窗
    Windows,
    /// 智慧供热
    SmartHeating,
}

/// A number of a technology.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// With its unit, as all names: `primary_return_c`.
    pub name: &'static str,
    pub default: f64,
    /// Least and greatest it may be.
    pub range: (f64, f64),
    /// Where the default comes from.
    pub source: &'static str,
}

/// Values given in place of defaults, by name.
pub type Values = BTreeMap<String, f64>;

/// What of a network is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Where {
    #[default]
    All,
    /// Elements by id; stations stand for what belongs to them.
    Ids(BTreeSet<String>),
}

impl Where {
    /// Whether an element is meant, alone or by its station.
    fn holds(&self, id: &str, station: Option<&str>) -> bool {
        match self {
            Where::All => true,
            Where::Ids(ids) => ids.contains(id) || station.is_some_and(|station| ids.contains(station)),
        }
    }
}

/// Why an element is left as it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Why {
    /// Not an element this technology is about.
    NotMeant,
    /// It has no heat demand of its own.
    NoHeat,
    /// Kv of the open valve is not known.
    NoKv,
    /// It is regulated already.
    Regulated,
    /// Its connection is none of plate exchangers.
    Connection,
    /// Its data make no model of that kind: field and reason are told beside it.
    NoModel,
    /// The network's pressure does not fill its tallest building, Pa missing.
    TooTall { missing_pa: f64 },
    /// The network's pressure is more than its radiators bear, Pa too much.
    TooMuchPressure { beyond_pa: f64 },
    /// It has no insulation that could be renewed, or it is young.
    Insulation,
    /// Another source of the same part holds a pressure as well.
    SecondSource,
    /// It is no boiler with a flue.
    NoFlue,
    /// Heated area not known.
    NoArea,
}

impl Why {
    /// Stable word, also the end of the reason's key.
    pub const fn word(self) -> &'static str {
        match self {
            Why::NotMeant => "not-meant",
            Why::NoHeat => "no-heat",
            Why::NoKv => "no-kv",
            Why::Regulated => "regulated",
            Why::Connection => "connection",
            Why::NoModel => "no-model",
            Why::TooTall { .. } => "too-tall",
            Why::TooMuchPressure { .. } => "too-much-pressure",
            Why::Insulation => "insulation",
            Why::SecondSource => "second-source",
            Why::NoFlue => "no-flue",
            Why::NoArea => "no-area",
        }
    }

    /// The pressure that goes with it.
    pub const fn pressure_pa(self) -> Option<f64> {
        match self {
            Why::TooTall { missing_pa } => Some(missing_pa),
            Why::TooMuchPressure { beyond_pa } => Some(beyond_pa),
            _ => None,
        }
    }
}

/// An element left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    pub element: ElementRef,
    pub why: Why,
}

/// What to change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Retrofit {
    pub edits: Vec<Edit>,
    /// Elements that are retrofitted (pressures of sources set anew not counted).
    pub changed: Vec<ElementRef>,
    pub left: Vec<Left>,
}

/// Why there is no retrofit.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RetrofitError {
    /// Nothing of what is meant can be retrofitted.
    #[error("nothing can be retrofitted")]
    Nothing(Vec<Left>),
    /// An id that is no element of the network.
    #[error("there is no element '{0}'")]
    NoElement(String),
    /// A parameter this technology does not have.
    #[error("{technology} has no parameter '{name}'; it has {known}")]
    NoParameter { technology: &'static str, name: String, known: String },
    #[error("{name} has to lie between {low} and {high}, not at {value}")]
    BadParameter { name: String, low: f64, high: f64, value: f64 },
    /// Pressures for the new flows could not be found.
    #[error(transparent)]
    Balance(#[from] BalanceError),
    /// A state cannot be solved.
    #[error("the network cannot be solved")]
    Unsolved(Vec<Finding>),
    #[error(transparent)]
    Refused(#[from] EditError),
}

impl Technology {
    /// In the order of the guide: source, primary network, station, secondary network, user, platform.
    pub const ALL: &'static [Technology] = &[
        Technology::FlueGasRecovery,
        Technology::PipeInsulation,
        Technology::ControlValves,
        Technology::DistributedPumps,
        Technology::VariableSpeed,
        Technology::LargeTemperatureDifference,
        Technology::BoosterHeatPump,
        Technology::Mixing,
        Technology::BalancingValves,
        Technology::ThermostaticValves,
        Technology::NightSetback,
        Technology::WindowSeals,
        Technology::Windows,
        Technology::SmartHeating,
    ];

    /// Stable word, also the end of its name's key (`retrofit-name-…`).
    pub const fn word(self) -> &'static str {
        match self {
            Technology::FlueGasRecovery => "flue-gas-recovery",
            Technology::PipeInsulation => "pipe-insulation",
            Technology::ControlValves => "control-valves",
            Technology::DistributedPumps => "distributed-pumps",
            Technology::VariableSpeed => "variable-speed",
            Technology::LargeTemperatureDifference => "large-temperature-difference",
            Technology::BoosterHeatPump => "booster-heat-pump",
            Technology::Mixing => "mixing",
            Technology::BalancingValves => "balancing-valves",
            Technology::ThermostaticValves => "thermostatic-valves",
            Technology::NightSetback => "night-setback",
            Technology::WindowSeals => "window-seals",
            Technology::Windows => "windows",
            Technology::SmartHeating => "smart-heating",
        }
    }

    pub fn of_word(word: &str) -> Option<Technology> {
        Technology::ALL.iter().copied().find(|technology| technology.word() == word)
    }

    /// Section of the guide it comes from.
    pub const fn clause(self) -> &'static str {
        match self {
            Technology::FlueGasRecovery => "一（一）",
            Technology::PipeInsulation => "二",
            Technology::ControlValves => "二（一）",
            Technology::DistributedPumps => "二（二）",
            Technology::VariableSpeed => "二（一）、六（五）",
            Technology::LargeTemperatureDifference => "二（三）",
            Technology::BoosterHeatPump => "三（二）",
            Technology::Mixing => "三（四）",
            Technology::BalancingValves => "四（一）",
            Technology::ThermostaticValves => "四（三）",
            Technology::NightSetback => "二（二）4（5）",
            Technology::WindowSeals => "五（三）",
            Technology::Windows => "五（四）",
            Technology::SmartHeating => "六",
        }
    }

    /// The state of the city it is for.
    pub const fn start(self) -> Start {
        match self {
            Technology::ControlValves
            | Technology::BalancingValves
            | Technology::ThermostaticValves
            | Technology::SmartHeating => Start::SetByHand,
            Technology::LargeTemperatureDifference => Start::LowTemperatures,
            Technology::BoosterHeatPump => Start::ShortOfFlow,
            Technology::DistributedPumps | Technology::Mixing => Start::FittedPumps,
            _ => Start::AsItIs,
        }
    }

    /// Its parameters; those of its start stand at [`Start::parameters`].
    pub const fn parameters(self) -> &'static [Parameter] {
        match self {
            Technology::FlueGasRecovery => plants::PARAMETERS,
            Technology::PipeInsulation => pipes::PARAMETERS,
            Technology::ControlValves | Technology::BalancingValves => &[],
            Technology::DistributedPumps => pumps::DISTRIBUTED,
            Technology::VariableSpeed => pumps::VARIABLE_SPEED,
            Technology::LargeTemperatureDifference => stations::LARGE_DIFFERENCE,
            Technology::BoosterHeatPump => stations::BOOSTER,
            Technology::Mixing => stations::MIXING,
            Technology::ThermostaticValves => buildings::THERMOSTATS,
            Technology::NightSetback => stations::NIGHT,
            Technology::WindowSeals => buildings::SEALS,
            Technology::Windows => buildings::WINDOWS,
            Technology::SmartHeating => &[],
        }
    }
}

/// Numbers asked for by a technology or a start.
pub(in crate::dispatch::retrofit) struct Numbers<'a> {
    parameters: &'static [Parameter],
    values: &'a Values,
}

impl Numbers<'_> {
    /// As given, else the default; 0 for a name that is none (a mistake of the program that tests find).
    fn of(&self, name: &str) -> f64 {
        let default = self.parameters.iter().find(|one| one.name == name).map(|one| one.default);
        debug_assert!(default.is_some(), "no parameter {name}");
        self.values.get(name).copied().or(default).unwrap_or(0.0)
    }
}

/// Holds given values against the parameters of a technology and its start.
pub fn check_values(technology: Technology, values: &Values) -> Result<(), RetrofitError> {
    let known = || technology.parameters().iter().chain(technology.start().parameters());
    for (name, &value) in values {
        let Some(parameter) = known().find(|one| one.name == name) else {
            let names: Vec<&str> = known().map(|one| one.name).collect();
            let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            return Err(RetrofitError::NoParameter { technology: technology.word(), name: name.clone(), known });
        };
        let (low, high) = parameter.range;
        if !(low..=high).contains(&value) {
            return Err(RetrofitError::BadParameter { name: name.clone(), low, high, value });
        }
    }
    Ok(())
}

/// The edits that make the state a technology is for out of the network.
pub fn before(technology: Technology, network: &Network, values: &Values) -> Result<Vec<Edit>, RetrofitError> {
    start::edits(technology.start(), network, values)
}

/// The edits of a technology on a network that is in the state it is for.
///
/// Errors: [`RetrofitError::NoElement`] for ids that are none, [`RetrofitError::Nothing`] with the reasons where nothing of what is
/// meant can be retrofitted, others where pressures for the new flows cannot be found.
pub fn propose(
    technology: Technology,
    network: &Network,
    meant: &Where,
    values: &Values,
) -> Result<Retrofit, RetrofitError> {
    check_values(technology, values)?;
    if let Where::Ids(ids) = meant {
        let missing = ids
            .iter()
            .find(|id| network.link_id(id).is_none() && !network.buildings().contains_key(&Name::from(id.as_str())));
        if let Some(id) = missing {
            return Err(RetrofitError::NoElement(id.clone()));
        }
    }
    let numbers = Numbers { parameters: technology.parameters(), values };
    let out = match technology {
        Technology::FlueGasRecovery => plants::flue_gas(network, meant, &numbers),
        Technology::PipeInsulation => pipes::insulation(network, meant, &numbers),
        Technology::ControlValves => valves::control(network, meant)?,
        Technology::BalancingValves => valves::balancing(network, meant)?,
        Technology::DistributedPumps => pumps::distributed(network, meant, &numbers)?,
        Technology::VariableSpeed => pumps::variable_speed(network, meant, &numbers),
        Technology::LargeTemperatureDifference => stations::large_difference(network, meant, &numbers)?,
        Technology::BoosterHeatPump => stations::booster(network, meant, &numbers),
        Technology::Mixing => stations::mixing(network, meant, &numbers)?,
        Technology::ThermostaticValves => buildings::thermostats(network, meant, &numbers),
        Technology::NightSetback => stations::night(network, meant, &numbers),
        Technology::WindowSeals => buildings::seals(network, meant, &numbers),
        Technology::Windows => buildings::windows(network, meant, &numbers),
        Technology::SmartHeating => {
            let mut out = valves::control(network, meant)?;
            let rooms = buildings::room_control(network, meant);
            out.edits.extend(rooms.edits);
            out.changed.extend(rooms.changed);
            out.left.extend(rooms.left);
            out
        }
    };
    if out.changed.is_empty() { Err(RetrofitError::Nothing(out.left)) } else { Ok(out) }
}
