//! What a place used in a period, per area and degree-day.
//!
//! A period is accounted for where at least a share of its hours is known. Missing hours of heat count as the known ones
//! do per degree-day (per hour where the weather is not known), all else as the known ones do per hour; how much that is is told.
//! A sum is only as good as its members: one that is missing refuses it.

use super::degree_days::{DegreeDays, DegreeSum};
use super::history::{EnergyHistory, Metered, Place, PlaceKind, Resource};
use super::hourly::Hourly;
use super::period::Period;
use super::{Refused, quotient};

/// An amount over a period, J or m³.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Total {
    pub amount: f64,
    /// Share of the hours that were measured, and of those within gaps of a counter that went on; of a sum the least
    /// measured share of a member, and the greatest bridged one.
    pub measured_share: f64,
    pub bridged_share: f64,
    /// What of the amount stands for hours that are not known.
    pub filled: f64,
}

impl Total {
    fn plus(self, other: Total) -> Total {
        Total {
            amount: self.amount + other.amount,
            measured_share: self.measured_share.min(other.measured_share),
            bridged_share: self.bridged_share.max(other.bridged_share),
            filled: self.filled + other.filled,
        }
    }
}

/// Of a series over a period. `weights` says how much an hour counts against others, for the missing ones.
pub(super) fn total(
    series: Option<&Hourly>,
    period: Period,
    weights: Option<&DegreeDays>,
    least_share: f64,
) -> Result<Total, Refused> {
    let series = series.ok_or(Refused::NotMeasured)?;
    let (mut amount, mut measured, mut bridged) = (0.0, 0_u32, 0_u32);
    // Weight of known hours and of the others; hours without weather have none.
    let (mut of_known, mut of_missing, mut unweighted) = (0.0, 0.0, false);
    for hour in period.hours() {
        let weight = weights.and_then(|weights| weights.at(hour));
        unweighted |= weight.is_none();
        match series.at(hour) {
            Some(known) => {
                amount += known.amount;
                if known.bridged {
                    bridged += 1
                } else {
                    measured += 1
                }
                of_known += weight.unwrap_or(0.0);
            }
            None => of_missing += weight.unwrap_or(0.0),
        }
    }
    let hours = period.len() as f64;
    let (measured_share, bridged_share) = (f64::from(measured) / hours, f64::from(bridged) / hours);
    let known_share = measured_share + bridged_share;
    if known_share <= 0.0 || known_share < least_share {
        return Err(Refused::TooLittle { known_share });
    }
    let by_weight = !unweighted && of_known > 0.0;
    let missing = if by_weight { of_missing / of_known } else { 1.0 / known_share - 1.0 };
    let filled = if measured + bridged == period.len() as u32 { 0.0 } else { amount * missing };
    Ok(Total { amount: amount + filled, measured_share, bridged_share, filled })
}

/// Sum over members, all of which must be there.
fn sum<'a>(members: impl Iterator<Item = &'a Account>, resource: Resource) -> Result<Total, Refused> {
    let (mut sum, mut count, mut refused, mut first) = (None::<Total>, 0, 0, None);
    for member in members {
        count += 1;
        match member.total(resource) {
            Ok(own) => sum = Some(sum.map_or(own, |sum| sum.plus(own))),
            Err(_) => {
                refused += 1;
                first.get_or_insert_with(|| member.place.id.clone());
            }
        }
    }
    match (sum, first) {
        (Some(sum), None) => Ok(sum),
        (Some(_), Some(first)) => Err(Refused::Members { refused, of: count, first }),
        (None, _) => Err(Refused::NotMeasured),
    }
}

/// A place in a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub place: Place,
    pub area_m2: Option<f64>,
    pub period: Period,
    pub degree_days: Result<DegreeSum, Refused>,
    totals: [Result<Total, Refused>; 5],
}

impl Account {
    pub fn total(&self, resource: Resource) -> Result<Total, Refused> {
        self.totals[resource as usize].clone()
    }

    /// J, m³.
    pub fn amount(&self, resource: Resource) -> Result<f64, Refused> {
        self.total(resource).map(|total| total.amount)
    }

    /// Per heated area (单位面积耗热量, DB22/T 4.2.9), J/m², m³/m².
    pub fn per_area(&self, resource: Resource) -> Result<f64, Refused> {
        let amount = self.amount(resource)?;
        quotient(amount, self.area_m2.ok_or(Refused::NoArea)?)
    }

    /// Heat per area and degree-day, J/(m²·K·d).
    pub fn heat_per_area_and_degree_day(&self) -> Result<f64, Refused> {
        let per_area = self.per_area(Resource::Heat)?;
        quotient(per_area, self.degree_days.clone()?.degree_days)
    }

    /// What was used for a unit of heat (单耗, DB22/T 4.2.8): J/J, m³/J.
    pub fn per_heat(&self, resource: Resource) -> Result<f64, Refused> {
        let amount = self.amount(resource)?;
        quotient(amount, self.amount(Resource::Heat)?)
    }

    /// Make-up over circulated water (失水率, DB22/T 4.2.8). JGJ/T 132-2009 chapter 12 divides by the circulation of the
    /// design; here both are measured.
    pub fn water_loss_share(&self) -> Result<f64, Refused> {
        let amount = self.amount(Resource::MakeUp)?;
        quotient(amount, self.amount(Resource::Circulated)?)
    }

    /// Heat over energy of the fuel.
    pub fn fuel_efficiency(&self) -> Result<f64, Refused> {
        let heat = self.amount(Resource::Heat)?;
        quotient(heat, self.amount(Resource::Fuel)?)
    }
}

/// How accounts are made.
pub(super) struct Books<'a> {
    pub history: &'a EnergyHistory,
    pub degree_days: Option<DegreeDays>,
    pub least_share: f64,
}

impl<'a> Books<'a> {
    pub fn new(history: &'a EnergyHistory, base_c: f64, least_share: f64) -> Books<'a> {
        let degree_days = history.outdoor.as_ref().map(|outdoor| DegreeDays::of(outdoor, base_c));
        Books { history, degree_days, least_share }
    }

    pub fn degree_sum(&self, period: Period) -> Result<DegreeSum, Refused> {
        match (&self.degree_days, &self.history.outdoor) {
            (Some(days), Some(outdoor)) => days.sum(outdoor, period, self.least_share),
            _ => Err(Refused::NoWeather),
        }
    }

    pub fn heat(&self, series: Option<&Hourly>, period: Period) -> Result<Total, Refused> {
        total(series, period, self.degree_days.as_ref(), self.least_share)
    }

    fn one(&self, metered: &Metered, period: Period, degree_days: &Result<DegreeSum, Refused>) -> Account {
        let totals = Resource::ALL.map(|resource| {
            let series = metered.series(resource);
            match resource {
                Resource::Heat | Resource::Fuel => self.heat(series, period),
                _ => total(series, period, None, self.least_share),
            }
        });
        let (place, area_m2) = (metered.place.clone(), metered.area_m2);
        Account { place, area_m2, period, degree_days: degree_days.clone(), totals }
    }

    /// City, all sources, all substations, then every place.
    pub fn accounts(&self, period: Period) -> Vec<Account> {
        let degree_days = self.degree_sum(period);
        let own: Vec<Account> =
            self.history.metered.iter().map(|metered| self.one(metered, period, &degree_days)).collect();
        let of = |kind| own.iter().filter(move |account| account.place.kind == kind);
        let stations_m2 =
            of(PlaceKind::Station).map(|account| account.area_m2).reduce(|sum, area| Some(sum? + area?)).flatten();
        let group = |kind: PlaceKind, member: PlaceKind, heat: Option<&Hourly>| {
            let mut totals = Resource::ALL.map(|resource| sum(of(member), resource));
            if let Ok(metered) = self.heat(heat, period) {
                totals[Resource::Heat as usize] = Ok(metered);
            }
            let area_m2 = stations_m2.filter(|_| kind == PlaceKind::AllStations);
            Account { place: Place::whole(kind), area_m2, period, degree_days: degree_days.clone(), totals }
        };
        let sources = group(PlaceKind::AllSources, PlaceKind::Source, self.history.supplied.as_ref());
        let stations = group(PlaceKind::AllStations, PlaceKind::Station, self.history.received.as_ref());
        let totals = Resource::ALL.map(|resource| match resource {
            // What the sources gave is what the city used, losses and all; without it what arrived.
            Resource::Heat => sources.total(resource).or_else(|_| stations.total(resource)),
            Resource::Fuel | Resource::Circulated => sources.total(resource),
            Resource::Electricity | Resource::MakeUp => {
                sum(of(PlaceKind::Source).chain(of(PlaceKind::Station)), resource)
            }
        });
        let place = Place::whole(PlaceKind::City);
        let city = Account { place, area_m2: stations_m2, period, degree_days: degree_days.clone(), totals };
        let mut out = vec![city, sources, stations];
        out.extend(own);
        out
    }
}
