//! A period beside another: the same dates of the year before (同比), or what lay just before it (环比).
//!
//! Raw, and for heat and fuel also corrected: what the other period would have used under this one's weather, in proportion to
//! degree-days. Hot water, losses of pipes and windows open do not follow the weather in that way: the correction is
//! right for heating of rooms alone, which is why both are told.

use super::account::Account;
use super::history::{Place, Resource};
use super::period::Period;
use super::{Refused, quotient};

/// Which other period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Other {
    YearBefore,
    Before,
    /// One that was asked for.
    Given,
}

impl Other {
    /// The word in tables and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Other::YearBefore => "year_before",
            Other::Before => "before",
            Other::Given => "given",
        }
    }

    /// Key of its name in the translation files.
    pub const fn key(self) -> &'static str {
        match self {
            Other::YearBefore => "energy-year-before",
            Other::Before => "energy-before",
            Other::Given => "energy-given",
        }
    }
}

/// A resource of a place then and now.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub place: Place,
    pub resource: Resource,
    pub now: f64,
    pub then: f64,
    /// now / then − 1.
    pub raw_share: Result<f64, Refused>,
    /// What it would have been then under the weather of now; `None` for what does not follow the weather.
    pub corrected_then: Option<Result<f64, Refused>>,
}

impl Change {
    /// now / corrected then − 1.
    pub fn corrected_share(&self) -> Option<Result<f64, Refused>> {
        let corrected = self.corrected_then.clone()?;
        Some(corrected.and_then(|then| quotient(self.now, then)).map(|ratio| ratio - 1.0))
    }
}

/// Everything that is known of both periods.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    pub other: Other,
    pub period: Period,
    /// Of the other period, K·d.
    pub degree_days: Result<f64, Refused>,
    pub changes: Vec<Change>,
    /// Figures of now that the other period lacks.
    pub without: usize,
}

impl Comparison {
    /// Both in the same order of places. `None` where nothing is known of both.
    pub(super) fn of(other: Other, now: &[Account], then: &[Account]) -> Option<Comparison> {
        let (mut changes, mut without) = (Vec::new(), 0);
        for (now, then) in now.iter().zip(then) {
            for resource in Resource::ALL {
                let Ok(new) = now.amount(resource) else { continue };
                let Ok(old) = then.amount(resource) else {
                    without += 1;
                    continue;
                };
                let follows = matches!(resource, Resource::Heat | Resource::Fuel);
                let corrected = || -> Result<f64, Refused> {
                    let [now, then] = [now, then].map(|account| account.degree_days.clone());
                    Ok(old * quotient(now?.degree_days, then?.degree_days)?)
                };
                changes.push(Change {
                    place: now.place.clone(),
                    resource,
                    now: new,
                    then: old,
                    raw_share: quotient(new, old).map(|ratio| ratio - 1.0),
                    corrected_then: follows.then(corrected),
                });
            }
        }
        let first = then.first()?;
        let degree_days = first.degree_days.clone().map(|sum| sum.degree_days);
        (!changes.is_empty()).then_some(Comparison { other, period: first.period, degree_days, changes, without })
    }

    pub fn change(&self, place: &Place, resource: Resource) -> Option<&Change> {
        self.changes.iter().find(|change| change.place == *place && change.resource == resource)
    }
}
