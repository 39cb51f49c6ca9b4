//! Plan against actual: the heat a dispatch planned for each source, and what was measured; and figures per area that
//! were set as a target (计划指标对比, DB22/T 4.2.8).

use super::Refused;
use super::account::Account;
use super::history::{EnergyHistory, Place, PlaceKind, Resource};
use super::hourly::Hourly;
use super::period::Period;

/// Heat planned for each source by the hour, J, and of all together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// By id of the source.
    pub sources: Vec<(String, Hourly)>,
    /// What all consumers were thought to take.
    pub demand: Option<Hourly>,
}

/// One source, or all.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    pub place: Place,
    /// Hours of the plan within the period, and those of them that were measured: only these count below.
    pub hours: usize,
    pub measured_hours: usize,
    pub planned_j: f64,
    pub actual_j: f64,
    /// Mean size of the difference of an hour over the mean of the plan; `None` where nothing was planned.
    pub hourly_share: Option<f64>,
    /// Hour with the greatest difference, and that one (actual − planned), J.
    pub worst: Option<(i64, f64)>,
}

impl Planned {
    /// actual / planned − 1.
    pub fn deviation_share(&self) -> Option<f64> {
        (self.planned_j > 0.0).then(|| self.actual_j / self.planned_j - 1.0)
    }

    fn of(place: Place, period: Period, planned: &Hourly, actual: impl Fn(i64) -> Option<f64>) -> Planned {
        let mut out = Planned {
            place,
            hours: 0,
            measured_hours: 0,
            planned_j: 0.0,
            actual_j: 0.0,
            hourly_share: None,
            worst: None,
        };
        let mut sizes = 0.0;
        for hour in period.hours() {
            let Some(plan) = planned.at(hour) else { continue };
            out.hours += 1;
            let Some(own) = actual(hour) else { continue };
            out.measured_hours += 1;
            out.planned_j += plan.amount;
            out.actual_j += own;
            let difference = own - plan.amount;
            sizes += difference.abs();
            if out.worst.is_none_or(|(_, worst)| difference.abs() > worst.abs()) {
                out.worst = Some((hour, difference));
            }
        }
        out.hourly_share = (out.planned_j > 0.0).then(|| sizes / out.planned_j);
        out
    }
}

impl Plan {
    /// Sources in the order of the plan, then the sum of all of them.
    pub(super) fn against(&self, history: &EnergyHistory, period: Period) -> Vec<Planned> {
        let series = |id: &str| history.find(PlaceKind::Source, id).and_then(|own| own.series(Resource::Heat));
        let at = |id: &str, hour: i64| series(id).and_then(|series| series.at(hour)).map(|hour| hour.amount);
        let mut out: Vec<Planned> = self
            .sources
            .iter()
            .map(|(id, planned)| {
                let place = history
                    .find(PlaceKind::Source, id)
                    .map_or_else(|| Place::new(PlaceKind::Source, id, ""), |own| own.place.clone());
                Planned::of(place, period, planned, |hour| at(id, hour))
            })
            .collect();
        if let (Some(first), Some(end)) = (
            self.sources.iter().map(|(_, planned)| planned.first_hour()).min(),
            self.sources.iter().map(|(_, planned)| planned.end_hour()).max(),
        ) {
            let all = |hour: i64| -> Option<f64> {
                self.sources.iter().try_fold(0.0, |sum, (_, planned)| Some(sum + planned.at(hour)?.amount))
            };
            let planned = Hourly::new(first, (first..end).map(all).collect());
            let actual = |hour: i64| -> Option<f64> {
                let metered = history.supplied.as_ref().and_then(|series| series.at(hour)).map(|hour| hour.amount);
                metered.or_else(|| self.sources.iter().try_fold(0.0, |sum, (id, _)| Some(sum + at(id, hour)?)))
            };
            out.push(Planned::of(Place::whole(PlaceKind::AllSources), period, &planned, actual));
        }
        out
    }
}

/// A figure that a place is to keep in the period, per heated area.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub id: String,
    pub resource: Resource,
    /// J/m², m³/m².
    pub per_area: f64,
}

/// A target beside what came.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetKept {
    pub place: Place,
    pub resource: Resource,
    pub target: f64,
    pub actual: Result<f64, Refused>,
}

impl TargetKept {
    /// actual / target − 1.
    pub fn deviation_share(&self) -> Option<f64> {
        self.actual.as_ref().ok().filter(|_| self.target > 0.0).map(|actual| actual / self.target - 1.0)
    }

    /// Targets of places that are not among the accounts are passed over: readers refuse them.
    pub(super) fn of(targets: &[Target], accounts: &[Account]) -> Vec<TargetKept> {
        let one = |target: &Target| {
            let account = accounts.iter().find(|account| *account.place.id == *target.id)?;
            let actual = account.per_area(target.resource);
            Some(TargetKept {
                place: account.place.clone(),
                resource: target.resource,
                target: target.per_area,
                actual,
            })
        };
        targets.iter().filter_map(one).collect()
    }
}
