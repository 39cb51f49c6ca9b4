//! The analysis as a table: a row for each place in the period, and in each piece of it; units as the standards have them.
//!
//! A figure that cannot be had is an empty cell; the reason stands in JSON.

use super::sheet::hour_text;
use crate::dispatch::energy::{Account, EnergyView, Other, Refused, Resource};

const HEADS: &str = "from,to,kind,id,name,area_m2,degree_days,heat_gj,heat_measured_share,heat_bridged_share,heat_filled_gj,\
electricity_kwh,make_up_m3,circulated_m3,fuel_gj,heat_gj_m2,heat_kj_m2_degree_day,electricity_kwh_m2,water_l_m2,\
electricity_kwh_gj,water_loss_share,fuel_efficiency,heat_rank,heat_deviation_share,\
heat_year_before_gj,heat_year_change_share,heat_year_corrected_change_share,\
heat_before_gj,heat_before_change_share,heat_before_corrected_change_share";

const GJ: f64 = 1e9;
const KWH: f64 = 3.6e6;

/// `None` and what is refused are empty.
fn cell(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn own(value: Result<f64, Refused>, unit: f64) -> String {
    cell(value.ok().map(|value| value / unit))
}

/// A cell of CSV (RFC 4180).
pub(super) fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

fn figures(account: &Account) -> Vec<String> {
    let heat = account.total(Resource::Heat).ok();
    vec![
        hour_text(account.period.from),
        hour_text(account.period.to),
        account.place.kind.word().to_owned(),
        quoted(&account.place.id),
        quoted(&account.place.name),
        cell(account.area_m2),
        own(account.degree_days.clone().map(|sum| sum.degree_days), 1.0),
        cell(heat.map(|heat| heat.amount / GJ)),
        cell(heat.map(|heat| heat.measured_share)),
        cell(heat.map(|heat| heat.bridged_share)),
        cell(heat.map(|heat| heat.filled / GJ)),
        own(account.amount(Resource::Electricity), KWH),
        own(account.amount(Resource::MakeUp), 1.0),
        own(account.amount(Resource::Circulated), 1.0),
        own(account.amount(Resource::Fuel), GJ),
        own(account.per_area(Resource::Heat), GJ),
        own(account.heat_per_area_and_degree_day(), 1e3),
        own(account.per_area(Resource::Electricity), KWH),
        own(account.per_area(Resource::MakeUp), 1e-3),
        own(account.per_heat(Resource::Electricity), KWH / GJ),
        own(account.water_loss_share(), 1.0),
        own(account.fuel_efficiency(), 1.0),
    ]
}

/// The table.
pub fn csv(view: &EnergyView) -> String {
    let mut out = format!("{HEADS}\n");
    let mut row = |cells: Vec<String>| {
        out.push_str(&cells.join(","));
        out.push('\n');
    };
    for account in &view.accounts {
        let mut cells = figures(account);
        let ranked = view
            .rankings
            .iter()
            .filter(|ranking| ranking.resource == Resource::Heat)
            .find_map(|ranking| ranking.ranked.iter().find(|one| one.place == account.place));
        cells.push(ranked.map(|one| one.rank.to_string()).unwrap_or_default());
        cells.push(cell(ranked.and_then(|one| one.deviation_share)));
        for other in [Other::YearBefore, Other::Before] {
            let comparison = view.comparisons.iter().find(|own| own.other == other);
            let change = comparison.and_then(|own| own.change(&account.place, Resource::Heat));
            cells.push(cell(change.map(|change| change.then / GJ)));
            cells.push(cell(change.and_then(|change| change.raw_share.clone().ok())));
            cells.push(cell(change.and_then(|change| change.corrected_share()?.ok())));
        }
        row(cells);
    }
    for account in view.pieces.iter().flat_map(|piece| &piece.accounts) {
        let mut cells = figures(account);
        cells.resize(HEADS.split(',').count(), String::new());
        row(cells);
    }
    out
}
