//! Who uses most per area (能耗排行, note on DB22/T 4.2.8), the worst first, and how far from the middle.

use super::Refused;
use super::account::Account;
use super::history::{Place, PlaceKind, Resource};

/// A place in its order.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// From 1; equal values share the better one.
    pub rank: usize,
    pub place: Place,
    /// J/m², m³/m².
    pub per_area: f64,
    /// From the median, as a share of it; `None` where that is nought.
    pub deviation_share: Option<f64>,
}

/// All places of a kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    pub kind: PlaceKind,
    pub resource: Resource,
    pub median: f64,
    /// The greatest first, of equal ones by id.
    pub ranked: Vec<Ranked>,
    /// Those of which it is not known.
    pub without: Vec<(Place, Refused)>,
}

/// The value in the middle, of two the mean.
pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.len() % 2, values.get(middle)) {
        (_, None) => None,
        (1, value) => value.copied(),
        (_, Some(upper)) => Some(0.5 * (values[middle - 1] + upper)),
    }
}

impl Ranking {
    /// `None` where it is known of nobody.
    pub(super) fn of(accounts: &[Account], kind: PlaceKind, resource: Resource) -> Option<Ranking> {
        let mut known: Vec<(f64, &Place)> = Vec::new();
        let mut without = Vec::new();
        for account in accounts.iter().filter(|account| account.place.kind == kind) {
            match account.per_area(resource) {
                Ok(value) => known.push((value, &account.place)),
                Err(refused) => without.push((account.place.clone(), refused)),
            }
        }
        let mut values: Vec<f64> = known.iter().map(|(value, _)| *value).collect();
        let median = median(&mut values)?;
        known.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let mut ranked: Vec<Ranked> = Vec::with_capacity(known.len());
        for (at, (per_area, place)) in known.into_iter().enumerate() {
            let rank = ranked.last().filter(|last| last.per_area == per_area).map_or(at + 1, |last| last.rank);
            let deviation_share = (median > 0.0).then(|| per_area / median - 1.0);
            ranked.push(Ranked { rank, place: place.clone(), per_area, deviation_share });
        }
        Some(Ranking { kind, resource, median, ranked, without })
    }
}
