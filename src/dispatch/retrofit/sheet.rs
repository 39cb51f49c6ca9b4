//! The sheet: each technology simulated before and after, beside what the guide says.
//!
//! Runs are independent and take all cores; the order of the rows is that
//! asked for. Not here: the sentences.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::guide::{Claim, Quantity, Verdict, claims};
use super::season::{self, Climate, Season};
use super::{Retrofit, RetrofitError, Technology, Values, Where, before, check_values, kit, propose};
use crate::network::edit::Edit;
use crate::network::thermal::area_m2;
use crate::network::{ElementKind, ElementRef, Network};
use crate::physics::weather::WeatherSeries;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    pub meant: Where,
    pub values: Values,
    pub weather: WeatherSeries,
    pub start_calendar_s: f64,
    pub hours: usize,
}

/// A figure of the guide and the simulated one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    pub claim: &'static Claim,
    pub value: f64,
    pub verdict: Verdict,
}

/// One technology.
#[derive(Clone, Debug)]
pub struct Row {
    pub technology: Technology,
    /// The edits that make the state before.
    pub start_edits: Vec<Edit>,
    pub retrofit: Retrofit,
    pub before: Season,
    pub after: Season,
    /// Share of the city's design heat that stands behind what was changed: savings of energy and heat count for this part.
    pub share: f64,
    pub findings: Vec<Finding>,
}

/// Share of the design heat of all stations that stands behind elements: stations whole, buildings by their floor area, anything else
/// for the whole city.
fn heat_share(network: &Network, changed: &[ElementRef]) -> f64 {
    let mut stations = BTreeMap::new();
    let (mut whole_w, mut part_w) = (0.0, 0.0);
    for station in kit::stations(network, &Where::All, &mut Vec::new()) {
        whole_w += station.heat_w;
        stations.insert(station.element().id, (station.heat_w, 0.0));
    }
    let on_station = || network.buildings().values().filter_map(|one| Some((one.consumer.clone()?, area_m2(one))));
    for (station, area_m2) in on_station() {
        if let Some((_, sum_m2)) = stations.get_mut(&station) {
            *sum_m2 += area_m2;
        }
    }
    let by_station: BTreeSet<_> =
        changed.iter().filter(|one| one.kind == ElementKind::Consumer).map(|one| &one.id).collect();
    for element in changed {
        part_w += match element.kind {
            ElementKind::Consumer => stations.get(&element.id).map_or(0.0, |(heat_w, _)| *heat_w),
            ElementKind::Building => network.buildings().get(&element.id).map_or(0.0, |one| {
                let station = one.consumer.as_ref().filter(|station| !by_station.contains(station));
                let behind = station.and_then(|station| stations.get(station));
                behind.map_or(0.0, |(heat_w, sum_m2)| heat_w * area_m2(one) / sum_m2)
            }),
            _ => return 1.0,
        };
    }
    if part_w > 0.0 && whole_w > 0.0 { (part_w / whole_w).min(1.0) } else { 1.0 }
}

/// Per cent less than before.
fn saved(before: f64, after: f64) -> f64 {
    100.0 * (1.0 - after / before)
}

impl Row {
    /// A quantity of the guide as simulated, in its unit.
    pub fn value(&self, quantity: Quantity) -> f64 {
        let (before, after) = (&self.before, &self.after);
        match quantity {
            Quantity::Energy => saved(before.energy_j(), after.energy_j()) / self.share,
            Quantity::Heat => saved(before.consumed_j, after.consumed_j) / self.share,
            Quantity::Pumping => saved(before.pumps_j, after.pumps_j),
            Quantity::Flow => saved(before.pumped_kg, after.pumped_kg),
            Quantity::Efficiency => -saved(before.efficiency, after.efficiency),
            Quantity::Capacity => -saved(before.coldest_day_w, after.coldest_day_w),
            Quantity::ReturnTemperature => after.return_c,
            Quantity::Spread => after.supply_c - after.return_c,
        }
    }
}

/// A row of the sheet, or why there is none.
pub type Answer = (Technology, Result<Row, RetrofitError>);

/// Simulates technologies before and after. `hour_done` hears of every simulated hour; there are twice `hours` of them for each row.
pub fn sheet(
    network: &Network,
    technologies: &[Technology],
    request: &Request,
    hour_done: impl Fn() + Sync,
) -> Vec<Answer> {
    technologies.par_iter().map(|&technology| (technology, row(network, technology, request, &hour_done))).collect()
}

fn row(
    network: &Network,
    technology: Technology,
    request: &Request,
    hour_done: &(impl Fn() + Sync),
) -> Result<Row, RetrofitError> {
    check_values(technology, &request.values)?;
    let start_edits = before(technology, network, &request.values)?;
    let from = kit::edited(network, &start_edits)?;
    let retrofit = propose(technology, &from, &request.meant, &request.values)?;
    let to = kit::edited(&from, &retrofit.edits)?;
    let climate = Climate::new(
        &from,
        request.weather.clone(),
        request.start_calendar_s,
        request.hours,
        technology.start().least_supply_c(),
    );
    let run =
        |city: &Network| season::run(city, &climate, &retrofit.changed, hour_done).map_err(RetrofitError::Unsolved);
    let (before, after) = rayon::join(|| run(&from), || run(&to));
    let (before, after) = (before?, after?);
    let share = heat_share(&from, &retrofit.changed);
    let mut row = Row { technology, start_edits, retrofit, before, after, share, findings: Vec::new() };
    row.findings = claims(technology)
        .map(|claim| {
            let value = row.value(claim.quantity);
            Finding { claim, value, verdict: claim.verdict(value) }
        })
        .collect();
    Ok(row)
}
