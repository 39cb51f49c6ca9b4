//! The figures of one alternative over some hours, with names and words for tables.

use serde::Serialize;

use crate::network::{Code, ElementRef, Finding, Name};
use crate::simulation::Ledger;

/// Everything counted in one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    pub duration_s: f64,
    pub outdoor_mean_c: f64,
    pub heat: HeatFigures,
    pub sources: Vec<SourceFigures>,
    pub electricity: Electricity,
    /// Lost by holes and made up on the secondary side, kg.
    pub leaked_kg: f64,
    pub secondary_make_up_kg: f64,
    pub carbon_kg: f64,
    /// `None`: no prices were given.
    pub money: Option<Money>,
    /// Weighted by flow, at all sources of heat.
    pub supply_c: f64,
    pub return_c: f64,
    /// Greatest mean of a step, all sources.
    pub peak_heat_w: f64,
    pub cold: Cold,
    /// Flow that consumers got of what they asked for, 0…1.
    pub served_share: f64,
    /// `None`: no consumer without a pump of its own had flow.
    pub worst_loop: Option<WorstLoop>,
    /// Rules broken, by code and element.
    pub breaches: Vec<Breach>,
    /// Steps without a converged solve of the hydraulics.
    pub unsolved_steps: u64,
    pub hydraulic_solves: u32,
}

impl Figures {
    /// Made up in the network and behind it, kg.
    pub fn water_kg(&self) -> f64 {
        self.leaked_kg + self.secondary_make_up_kg
    }

    pub fn fuel_j(&self) -> f64 {
        self.sources.iter().map(|source| source.fuel_j).sum()
    }

    /// Elements that break a rule, and for how long each, added up, s.
    pub fn broken_s(&self) -> f64 {
        self.breaches.iter().map(|breach| breach.duration_s).sum::<f64>() + 0.0
    }

    /// Elements by code, in the order of codes.
    pub fn breaches_by_code(&self) -> Vec<(Code, usize, f64)> {
        let mut out: Vec<(Code, usize, f64)> = Vec::new();
        for breach in &self.breaches {
            match out.iter_mut().find(|(code, ..)| *code == breach.code) {
                Some((_, count, seconds)) => (*count, *seconds) = (*count + 1, *seconds + breach.duration_s),
                None => out.push((breach.code, 1, breach.duration_s)),
            }
        }
        out
    }
}

/// Where the heat came from and went, J. Supplied and fed in equal consumed, drawn off, lost and stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct HeatFigures {
    pub supplied_j: f64,
    pub consumed_j: f64,
    pub lost_j: f64,
    /// In water and walls.
    pub stored_j: f64,
    /// By water from outside, and by water drawn off or leaked.
    pub fed_j: f64,
    pub drawn_j: f64,
    /// What is missing in that sum: rounding.
    pub imbalance_j: f64,
}

impl From<&Ledger> for HeatFigures {
    fn from(ledger: &Ledger) -> HeatFigures {
        HeatFigures {
            supplied_j: ledger.supplied_j,
            consumed_j: ledger.consumed_j,
            lost_j: ledger.lost_j,
            stored_j: ledger.stored_j,
            fed_j: ledger.fed_j,
            drawn_j: ledger.drawn_j,
            imbalance_j: ledger.imbalance_j(),
        }
    }
}

/// A source.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SourceFigures {
    pub id: Name,
    /// Given to the network; with a tank beside it in a plan, made differs from given.
    pub heat_j: f64,
    pub made_j: f64,
    pub peak_heat_w: f64,
    /// Lower heating value; electricity for heat, and sold.
    pub fuel_j: f64,
    pub electricity_j: f64,
    pub sold_electricity_j: f64,
    pub pumps_j: f64,
    /// Weighted by flow; NaN where it never ran.
    #[serde(serialize_with = "finite")]
    pub supply_c: f64,
    #[serde(serialize_with = "finite")]
    pub return_c: f64,
    pub running_s: f64,
    pub starts: u32,
    /// Time in which it gave all it can, to within a hundredth.
    pub at_capacity_s: f64,
}

fn finite<S: serde::Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    value.is_finite().then_some(*value).serialize(serializer)
}

/// Electricity by place, J.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Electricity {
    /// Circulation pumps of plants.
    pub plants_j: f64,
    /// Boosters on the network, pumps of stations between zones.
    pub network_j: f64,
    /// Distributed pumps at substations, on the primary side, and those that mix.
    pub substations_j: f64,
    /// Circulation pumps behind the substations.
    pub secondary_j: f64,
    /// Heat pumps and electric boilers at substations.
    pub boosters_j: f64,
    /// Electricity that makes heat in plants.
    pub heat_j: f64,
    pub sold_j: f64,
}

impl Electricity {
    /// Of all pumps.
    pub fn pumps_j(&self) -> f64 {
        self.plants_j + self.network_j + self.substations_j + self.secondary_j
    }

    /// Pumps that move the network's own water.
    pub fn network_pumps_j(&self) -> f64 {
        self.plants_j + self.network_j + self.substations_j
    }

    /// Everything bought.
    pub fn bought_j(&self) -> f64 {
        self.pumps_j() + self.boosters_j + self.heat_j
    }
}

/// What money goes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MoneyKind {
    Fuel,
    HeatBought,
    /// Electricity that makes heat in plants.
    Power,
    /// What is earned counts below zero.
    PowerSold,
    /// Of plants while they run, whatever they give.
    Standing,
    Starts,
    /// Pumps of plants, network, substations.
    Pumps,
    /// Pumps and boosters behind the substations.
    Substations,
    Carbon,
}

impl MoneyKind {
    pub const ALL: [MoneyKind; 9] = [
        MoneyKind::Fuel,
        MoneyKind::HeatBought,
        MoneyKind::Power,
        MoneyKind::PowerSold,
        MoneyKind::Standing,
        MoneyKind::Starts,
        MoneyKind::Pumps,
        MoneyKind::Substations,
        MoneyKind::Carbon,
    ];

    /// Word in files and keys of translations.
    pub const fn word(self) -> &'static str {
        match self {
            MoneyKind::Fuel => "fuel",
            MoneyKind::HeatBought => "heat-bought",
            MoneyKind::Power => "power",
            MoneyKind::PowerSold => "power-sold",
            MoneyKind::Standing => "standing",
            MoneyKind::Starts => "starts",
            MoneyKind::Pumps => "pumps",
            MoneyKind::Substations => "substations",
            MoneyKind::Carbon => "carbon",
        }
    }
}

/// Money by kind, in the order of [`MoneyKind::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Money(pub [f64; MoneyKind::ALL.len()]);

impl Money {
    pub fn of(&self, kind: MoneyKind) -> f64 {
        self.0[kind as usize]
    }

    pub(super) fn add(&mut self, kind: MoneyKind, money: f64) {
        self.0[kind as usize] += money;
    }

    pub fn total(&self) -> f64 {
        self.0.iter().sum()
    }
}

/// Rooms colder than they should be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cold {
    /// Over all buildings: (target less room, where positive) times hours, K h.
    pub unmet_kh: f64,
    pub buildings: usize,
    /// The building that has most of it; a substation where no building is drawn.
    pub worst: Option<(ElementRef, f64)>,
    /// The coldest room of all and when, °C, s of the calendar.
    pub coldest: Option<(ElementRef, f64, f64)>,
    /// Mean over buildings at the end, °C; NaN without any.
    pub mean_room_c: f64,
}

/// The consumer with least pressure over what it requires (最不利环路).
#[derive(Clone, Debug, PartialEq)]
pub struct WorstLoop {
    pub consumer: Name,
    pub margin_pa: f64,
    pub calendar_s: f64,
}

/// A rule that an element breaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Breach {
    pub code: Code,
    pub element: ElementRef,
    /// When first, s of the calendar, and how long in all.
    pub first_calendar_s: f64,
    pub duration_s: f64,
    /// As it was first found.
    pub finding: Finding,
}

macro_rules! figures {
    ($( $(#[$doc:meta])* $name:ident $word:literal $better:ident |$f:ident| $of:expr; )*) => {
        /// A figure of the sheet.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Figure { $( $(#[$doc])* $name, )* }

        impl Figure {
            pub const ALL: &'static [Figure] = &[$(Figure::$name),*];
            /// Word in files and keys of translations.
            pub const fn word(self) -> &'static str { match self { $(Figure::$name => $word),* } }
            /// Which is better.
            pub const fn better(self) -> Better { match self { $(Figure::$name => Better::$better),* } }
            /// `None` where the run does not tell it.
            pub fn of(self, figures: &Figures) -> Option<f64> {
                let value: Option<f64> = match self { $(Figure::$name => { let $f = figures; $of }),* };
                value.filter(|value| value.is_finite())
            }
        }
    };
}

/// Which of two values of a figure is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    Less,
    More,
    /// Neither by itself.
    Neither,
}

figures! {
    /// J.
    HeatSupplied "heat-supplied-j" Less |f| Some(f.heat.supplied_j);
    HeatConsumed "heat-consumed-j" Neither |f| Some(f.heat.consumed_j);
    NetworkLosses "network-losses-j" Less |f| Some(f.heat.lost_j);
    PeakHeat "peak-heat-w" Less |f| Some(f.peak_heat_w);
    PlantPumps "plant-pumps-j" Less |f| Some(f.electricity.plants_j);
    NetworkPumps "network-pumps-j" Less |f| Some(f.electricity.network_j);
    SubstationPumps "substation-pumps-j" Less |f| Some(f.electricity.substations_j);
    SecondaryPumps "secondary-pumps-j" Less |f| Some(f.electricity.secondary_j);
    Boosters "boosters-j" Less |f| Some(f.electricity.boosters_j);
    ElectricityBought "electricity-bought-j" Less |f| Some(f.electricity.bought_j());
    Water "water-kg" Less |f| Some(f.water_kg());
    Fuel "fuel-j" Less |f| Some(f.fuel_j());
    Money "money" Less |f| f.money.map(|money| money.total());
    Carbon "carbon-kg" Less |f| Some(f.carbon_kg);
    Supply "supply-c" Neither |f| Some(f.supply_c);
    Return "return-c" Less |f| Some(f.return_c);
    Unmet "unmet-kh" Less |f| (f.cold.buildings > 0).then_some(f.cold.unmet_kh);
    ColdestRoom "coldest-room-c" More |f| f.cold.coldest.as_ref().map(|(_, room_c, _)| *room_c);
    MeanRoom "mean-room-c" Neither |f| Some(f.cold.mean_room_c);
    Served "served-share" More |f| Some(f.served_share);
    WorstLoop "worst-loop-pa" More |f| f.worst_loop.as_ref().map(|worst| worst.margin_pa);
    /// Elements that break a rule, and the sum of their times, h.
    Breaches "breaches" Less |f| Some(f.breaches.len() as f64);
    BreachHours "breach-hours" Less |f| Some(f.broken_s() / 3600.0);
    Unsolved "unsolved-steps" Less |f| Some(f.unsolved_steps as f64);
}
