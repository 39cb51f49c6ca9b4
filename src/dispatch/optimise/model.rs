//! What is to be decided: sources that can be switched, stores, areas, the demand of every step, and what things cost.
//!
//! A model knows no network: watts, joules, money. Stores are anything that keeps heat, a tank as well as the thermal mass of
//! buildings and water. Costs are kept apart by [`Share`], so that a bill can be written. [`Model::faults`] says what
//! contradicts itself. Not here: where the numbers come from (`terms`), how they are decided on.

use super::plan::Plan;

/// What a cost is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    Fuel,
    /// Heat bought.
    Heat,
    /// Electricity bought by the plant, less what it sells.
    Power,
    /// Electricity of the network's pumps.
    Pumps,
    /// CO₂ at its price.
    Carbon,
    /// No money: what makes a preferred source (renewables first) go before others.
    Preference,
}

impl Share {
    pub const ALL: [Share; 6] =
        [Share::Fuel, Share::Heat, Share::Power, Share::Pumps, Share::Carbon, Share::Preference];

    /// Word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Share::Fuel => "fuel",
            Share::Heat => "heat_bought",
            Share::Power => "power",
            Share::Pumps => "pumps",
            Share::Carbon => "carbon",
            Share::Preference => "preference",
        }
    }
}

/// A rate of cost by share.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates(pub [f64; Share::ALL.len()]);

impl Rates {
    /// Of one share alone.
    pub fn of(share: Share, rate: f64) -> Rates {
        Rates::default().with(share, rate)
    }

    /// With a rate added to a share.
    #[must_use]
    pub fn with(mut self, share: Share, rate: f64) -> Rates {
        self.0[share as usize] += rate;
        self
    }

    pub fn total(&self) -> f64 {
        self.0.iter().sum()
    }

    /// Adds `times` another.
    pub fn add(&mut self, other: &Rates, times: f64) {
        for (own, rate) in self.0.iter_mut().zip(other.0) {
            *own += times * rate;
        }
    }
}

/// A source.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    pub id: String,
    /// Heat while it runs, by step, W. A least load above the greatest one of a step counts as that.
    pub least_w: Vec<f64>,
    pub most_w: Vec<f64>,
    /// Cost of a joule of heat, by step.
    pub running_1_j: Vec<Rates>,
    /// Cost of a second in which it runs, by step.
    pub standing_1_s: Vec<Rates>,
    /// Cost of a start.
    pub start: f64,
    /// Greatest rise and fall between the means of two steps, W; infinite: no limit.
    pub rise_w: f64,
    pub fall_w: f64,
    /// Steps it runs, or rests, at least.
    pub least_on: usize,
    pub least_off: usize,
    /// It must not be switched off.
    pub must_run: bool,
    /// Greatest heat over the whole time, J; infinite: no quota.
    pub quota_j: f64,
    /// CO₂ of a joule of heat and of a second in which it runs, kg.
    pub carbon_kg_j: Vec<f64>,
    pub standing_carbon_kg_s: f64,
    /// Before the first step: whether it ran, for how many steps it had been so, and its heat.
    pub was_on: bool,
    pub was_for: usize,
    pub was_w: f64,
}

impl Unit {
    /// A source without limits but its capacity, at one price.
    pub fn simple(id: &str, steps: usize, capacity_w: f64, running: Rates) -> Unit {
        Unit {
            id: id.to_owned(),
            least_w: vec![0.0; steps],
            most_w: vec![capacity_w; steps],
            running_1_j: vec![running; steps],
            standing_1_s: vec![Rates::default(); steps],
            start: 0.0,
            rise_w: f64::INFINITY,
            fall_w: f64::INFINITY,
            least_on: 1,
            least_off: 1,
            must_run: false,
            quota_j: f64::INFINITY,
            carbon_kg_j: vec![0.0; steps],
            standing_carbon_kg_s: 0.0,
            was_on: false,
            was_for: 1_000,
            was_w: 0.0,
        }
    }

    /// Least heat of a step if it runs.
    pub fn floor_w(&self, step: usize) -> f64 {
        self.least_w[step].min(self.most_w[step])
    }

    /// Heat up to which it can come in its first step and from which it can go out: ramps count from the least load.
    pub fn enter_w(&self) -> f64 {
        self.least_w.iter().copied().fold(self.rise_w, f64::max)
    }

    pub fn leave_w(&self) -> f64 {
        self.least_w.iter().copied().fold(self.fall_w, f64::max)
    }
}

/// Something that keeps heat from step to step.
#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    pub id: String,
    /// Bounds of its content, J. The content of a thermal mass counts from its usual state and may be negative.
    pub least_j: f64,
    pub most_j: f64,
    pub start_j: f64,
    /// At the end of the time at least.
    pub end_j: f64,
    /// Greatest heat into it and out of it, by step, W.
    pub charge_w: Vec<f64>,
    pub discharge_w: Vec<f64>,
    /// Share of its content that is left after a step.
    pub kept: f64,
}

/// An area: sources whose heat together has to stay between bounds, which are what the area takes less what can come in, and
/// what it takes plus what can go out. No source is in two areas.
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    pub id: String,
    pub units: Vec<usize>,
    /// Stores that stand in it.
    pub stores: Vec<usize>,
    pub least_w: Vec<f64>,
    pub most_w: Vec<f64>,
}

/// A limit on the heat of several sources together, each with its share: what the pipes between them carry.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// What it comes from, such as the pipe that is full.
    pub id: String,
    /// Share of each source, by number; where it is short, the rest count nothing.
    pub units: Vec<f64>,
    /// Share of what comes out of each store.
    pub stores: Vec<f64>,
    /// The weighted sum at most, by step, W; infinite: no limit.
    pub most_w: Vec<f64>,
}

impl Cut {
    /// The weighted sum in a step of a plan, W.
    pub fn of(&self, plan: &Plan, step: usize) -> f64 {
        let sum = |shares: &[f64], watts: &[Vec<f64>]| -> f64 {
            shares.iter().zip(watts).filter(|(share, _)| **share != 0.0).map(|(share, w)| share * w[step]).sum()
        };
        sum(&self.units, &plan.heat_w) + sum(&self.stores, &plan.store_w)
    }

    /// What a plan has beyond it in a step, W.
    pub fn beyond_w(&self, plan: &Plan, step: usize) -> f64 {
        if self.most_w[step].is_finite() { (self.of(plan, step) - self.most_w[step]).max(0.0) } else { 0.0 }
    }
}

/// A way of running that is not allowed in a step: of the sources in `of`, exactly those in `on` run (bit masks by number of
/// the source).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forbidden {
    pub step: usize,
    pub of: u32,
    pub on: u32,
}

impl Forbidden {
    pub const fn applies(&self, step: usize, running: u32) -> bool {
        self.step == step && running & self.of == self.on
    }
}

/// The whole question.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub step_s: f64,
    /// Heat to be given, by step, W: consumers and losses of the network.
    pub demand_w: Vec<f64>,
    pub units: Vec<Unit>,
    pub stores: Vec<Store>,
    pub areas: Vec<Area>,
    pub cuts: Vec<Cut>,
    pub forbidden: Vec<Forbidden>,
    /// What a joule costs that is missing, and one that nobody wants: far more than any source asks.
    pub missing_1_j: f64,
}

/// Sources at most: their ways of running together are counted one by one.
pub const MOST_UNITS: usize = 10;

/// Something in a model that contradicts itself.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    #[error("no steps: the demand is empty")]
    Empty,
    #[error("{0} sources: at most 10 can be planned together; join those that always run alike")]
    TooMany(usize),
    #[error("source {0}: {1} has {2} values, the demand has {3}")]
    Length(String, &'static str, usize, usize),
    #[error("source {0}: {1} is {2}; it must be a number that is not negative")]
    Number(String, &'static str, f64),
    #[error("source {0} is in two areas")]
    TwoAreas(String),
    #[error("store {0}: its content {1} is {2} J, outside {3} … {4} J")]
    Content(String, &'static str, f64, f64, f64),
}

impl Model {
    pub fn steps(&self) -> usize {
        self.demand_w.len()
    }

    /// A price of missing heat far above every source: ten times the dearest joule.
    pub fn usual_missing_1_j(units: &[Unit]) -> f64 {
        let dearest = units.iter().flat_map(|unit| &unit.running_1_j).map(|rates| rates.total().abs());
        10.0 * dearest.fold(1e-12, f64::max)
    }

    /// Everything that contradicts itself.
    pub fn faults(&self) -> Vec<Fault> {
        let mut out = Vec::new();
        let steps = self.steps();
        if steps == 0 {
            out.push(Fault::Empty);
        }
        if self.units.len() > MOST_UNITS {
            out.push(Fault::TooMany(self.units.len()));
        }
        let mut seen = vec![false; self.units.len()];
        for unit in &self.units {
            let lengths = [
                ("least_w", unit.least_w.len()),
                ("most_w", unit.most_w.len()),
                ("running_1_j", unit.running_1_j.len()),
                ("standing_1_s", unit.standing_1_s.len()),
                ("carbon_kg_j", unit.carbon_kg_j.len()),
            ];
            for (name, length) in lengths.into_iter().filter(|(_, length)| *length != steps) {
                out.push(Fault::Length(unit.id.clone(), name, length, steps));
            }
            let single = [("start", unit.start), ("rise_w", unit.rise_w), ("fall_w", unit.fall_w)];
            let lists = unit.least_w.iter().map(|w| ("least_w", *w)).chain(unit.most_w.iter().map(|w| ("most_w", *w)));
            let wrong = single.into_iter().chain(lists).find(|(_, value)| value.is_nan() || *value < 0.0);
            out.extend(wrong.map(|(name, value)| Fault::Number(unit.id.clone(), name, value)));
        }
        for (area, unit) in self.areas.iter().flat_map(|area| area.units.iter().map(move |unit| (area, *unit))) {
            match seen.get_mut(unit) {
                Some(seen) if !*seen => *seen = true,
                Some(_) => out.push(Fault::TwoAreas(self.units[unit].id.clone())),
                None => out.push(Fault::Number(area.id.clone(), "units", unit as f64)),
            }
        }
        for store in &self.stores {
            let wrong = [("start", store.start_j), ("end", store.end_j)]
                .into_iter()
                .find(|(_, at)| !(store.least_j - 1.0..=store.most_j + 1.0).contains(at));
            out.extend(wrong.map(|(name, at)| Fault::Content(store.id.clone(), name, at, store.least_j, store.most_j)));
        }
        for cut in self.cuts.iter().filter(|cut| cut.most_w.len() != steps) {
            out.push(Fault::Length(cut.id.clone(), "most_w", cut.most_w.len(), steps));
        }
        for demand in self.demand_w.iter().filter(|w| !w.is_finite()).take(1) {
            out.push(Fault::Number("demand".to_owned(), "demand_w", *demand));
        }
        out
    }
}
