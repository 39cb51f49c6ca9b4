//! Everything at once, ready to be drawn: accounts, comparisons, rankings, the whole system, plan and targets.

use super::Refused;
use super::account::{Account, Books};
use super::compare::{Comparison, Other};
use super::degree_days::{BASE_C, DegreeSum};
use super::history::{EnergyHistory, PlaceKind, Resource};
use super::period::{Period, Step};
use super::plan::{Plan, Planned, Target, TargetKept};
use super::ranking::Ranking;
use super::system::System;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    pub period: Period,
    /// Degree-days count from here, °C.
    pub base_c: f64,
    /// Share of the hours that must be known.
    pub least_share: f64,
    /// Cut into these as well.
    pub step: Option<Step>,
    /// Another period beside the usual two.
    pub other: Option<Period>,
}

impl Setting {
    pub fn new(period: Period) -> Setting {
        Setting { period, base_c: BASE_C, least_share: 0.9, step: None, other: None }
    }
}

/// A piece of the period.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    pub period: Period,
    pub accounts: Vec<Account>,
}

/// The analysis.
#[derive(Clone, Debug, PartialEq)]
pub struct EnergyView {
    pub setting: Setting,
    pub degree_days: Result<DegreeSum, Refused>,
    /// City, all sources, all substations; then sources, substations and buildings by id.
    pub accounts: Vec<Account>,
    pub pieces: Vec<Piece>,
    /// Where anything is known of the other period.
    pub comparisons: Vec<Comparison>,
    /// Substations and buildings by heat, electricity and water per area, where known.
    pub rankings: Vec<Ranking>,
    pub system: Option<System>,
    pub planned: Vec<Planned>,
    pub targets: Vec<TargetKept>,
}

impl EnergyView {
    pub fn account(&self, kind: PlaceKind, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.place.kind == kind && *account.place.id == *id)
    }

    /// All of the city.
    pub fn city(&self) -> Option<&Account> {
        self.accounts.first()
    }
}

/// The whole analysis of a period.
pub fn analyse(history: &EnergyHistory, setting: &Setting, plan: Option<&Plan>, targets: &[Target]) -> EnergyView {
    let books = Books::new(history, setting.base_c, setting.least_share);
    let period = setting.period;
    let accounts = books.accounts(period);
    let others = [
        (Other::YearBefore, Some(period.year_before())),
        (Other::Before, Some(period.before())),
        (Other::Given, setting.other),
    ];
    let comparisons = others
        .into_iter()
        .filter_map(|(other, then)| Comparison::of(other, &accounts, &books.accounts(then?)))
        .collect();
    let ranked = [Resource::Heat, Resource::Electricity, Resource::MakeUp];
    let rankings = [PlaceKind::Station, PlaceKind::Building]
        .into_iter()
        .flat_map(|kind| ranked.map(|resource| (kind, resource)))
        .filter_map(|(kind, resource)| Ranking::of(&accounts, kind, resource))
        .collect();
    let pieces = setting.step.map(|step| period.cut(step)).unwrap_or_default();
    EnergyView {
        setting: setting.clone(),
        degree_days: books.degree_sum(period),
        pieces: pieces.into_iter().map(|period| Piece { period, accounts: books.accounts(period) }).collect(),
        comparisons,
        rankings,
        system: System::of(&accounts),
        planned: plan.map(|plan| plan.against(history, period)).unwrap_or_default(),
        targets: TargetKept::of(targets, &accounts),
        accounts,
    }
}
