//! What heat, electricity and CO₂ of a run cost, by the file of prices.
//!
//! Each source burns, buys and sells in proportion to the heat it makes, as the prices say ([`SourceTerms`]); pumps and boosters
//! take electricity at the hour's price. Not here: how much heat and electricity it was.

use super::Refusal;
use super::figures::{Money, MoneyKind};
use crate::dispatch::optimise::terms::{Clock, SourceTerms, Terms, TermsError};
use crate::network::{Name, Network, Source, SourceKind};
use crate::units::KILOWATT_HOUR_J;

const MEGAWATT_HOUR_J: f64 = 1e3 * KILOWATT_HOUR_J;
const TONNE_KG: f64 = 1000.0;

/// Whether a source makes heat that has to be paid for: no tank, no station between zones.
pub(super) fn makes_heat(source: &Source) -> bool {
    source.running && source.exchanger.is_none() && source.kind != SourceKind::HeatStore
}

fn source_of<'a>(network: &'a Network, id: &str) -> Option<&'a Source> {
    network.link_view(network.link_id(id)?)?.source()
}

/// The terms as far as they concern a changed network: sources that stand still there, or are gone, are left out with what
/// stands beside them. Buildings are no store here: they live in the simulation, and nobody commands them.
pub(super) fn fitting(
    terms: &Terms,
    base: &Network,
    network: &Network,
    alternative: &str,
    planned: bool,
) -> Result<Terms, Refusal> {
    let refused = |errors| Refusal::Prices { alternative: alternative.to_owned(), errors };
    let strangers: Vec<TermsError> = terms
        .source
        .iter()
        .filter(|own| source_of(base, &own.id).is_none() && source_of(network, &own.id).is_none())
        .map(|own| {
            let known = base.links().filter(|view| view.source().is_some()).map(|view| view.id.to_string());
            TermsError::NoSource(own.id.clone(), known.collect::<Vec<_>>().join(", "))
        })
        .collect();
    if !strangers.is_empty() {
        return Err(refused(strangers));
    }
    let mut out = terms.clone();
    out.source.retain(|own| source_of(network, &own.id).is_some_and(|source| source.running));
    let runs = |id: &String| out.source.iter().any(|own| own.id == *id);
    out.store.retain(|store| runs(&store.at));
    for area in &mut out.area {
        area.sources.retain(runs);
    }
    out.area.retain(|area| !area.sources.is_empty());
    out.buildings = None;
    let mut errors = out.check(network);
    if !planned {
        // Prices alone need no capacity, and what makes no heat needs no price.
        errors.retain(|error| match error {
            TermsError::NoCapacity(_) => false,
            TermsError::NotGiven(id) => source_of(network, id).is_none_or(makes_heat),
            _ => true,
        });
    }
    if errors.is_empty() { Ok(out) } else { Err(refused(errors)) }
}

/// Prices of one alternative, by step of its run.
#[derive(Clone, Debug)]
pub(super) struct Prices {
    terms: Terms,
    power_1_j: Vec<f64>,
    /// By source of the terms.
    sold_1_j: Vec<Vec<f64>>,
}

/// What a source took in a step, J.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken {
    pub fuel_j: f64,
    pub electricity_j: f64,
    pub sold_j: f64,
    pub carbon_kg: f64,
}

impl Prices {
    pub fn new(terms: Terms, clock: &Clock) -> Result<Prices, Vec<TermsError>> {
        let power_1_j = terms.power_1_j(clock).map_err(|error| vec![error])?;
        let sold = terms.source.iter().map(|own| terms.sold_1_j(own, clock)).collect::<Result<_, _>>();
        let sold_1_j = sold.map_err(|error| vec![error])?;
        Ok(Prices { terms, power_1_j, sold_1_j })
    }

    pub fn pump_efficiency(&self) -> f64 {
        self.terms.pump_efficiency
    }

    fn number(&self, id: &Name) -> Option<usize> {
        self.terms.source.iter().position(|own| own.id == **id)
    }

    fn source(&self, id: &Name) -> Option<(&SourceTerms, usize)> {
        self.number(id).map(|number| (&self.terms.source[number], number))
    }

    /// Whether a source ran before the first step.
    pub fn was_on(&self, id: &Name) -> Option<bool> {
        self.source(id).map(|(own, _)| own.was_mw > 0.0)
    }

    /// Heat made in a step: what it took, and its money.
    pub fn made(&self, money: &mut Money, id: &Name, step: usize, made_j: f64) -> Taken {
        let Some((own, number)) = self.source(id) else { return Taken::default() };
        let (fuel_j, electricity_j) = (own.fuel_per_heat() * made_j, own.electricity_per_heat() * made_j);
        let sold_j = own.power_to_heat * made_j;
        money.add(MoneyKind::Fuel, fuel_j * own.fuel_price_1_mwh.unwrap_or(0.0) / MEGAWATT_HOUR_J);
        money.add(MoneyKind::HeatBought, made_j * own.heat_price_1_mwh.unwrap_or(0.0) / MEGAWATT_HOUR_J);
        money.add(MoneyKind::Power, electricity_j * self.power_1_j[step]);
        money.add(MoneyKind::PowerSold, -sold_j * self.sold_1_j[number][step]);
        let of_power = self.terms.power_carbon_kg_kwh / KILOWATT_HOUR_J;
        let carbon_kg = fuel_j * own.fuel_carbon_kg_mwh / MEGAWATT_HOUR_J + (electricity_j - sold_j) * of_power;
        self.carbon(money, carbon_kg);
        Taken { fuel_j, electricity_j, sold_j, carbon_kg }
    }

    /// Seconds that a source ran, and a start.
    pub fn ran(&self, money: &mut Money, id: &Name, seconds: f64, started: bool) {
        let Some((own, _)) = self.source(id) else { return };
        money.add(MoneyKind::Standing, own.standing_cost_1_h / 3600.0 * seconds);
        if started {
            money.add(MoneyKind::Starts, own.start_cost);
        }
    }

    /// Electricity of pumps and boosters; gives its CO₂.
    pub fn electricity(&self, money: &mut Money, kind: MoneyKind, step: usize, electricity_j: f64) -> f64 {
        money.add(kind, electricity_j * self.power_1_j[step]);
        let carbon_kg = electricity_j * self.terms.power_carbon_kg_kwh / KILOWATT_HOUR_J;
        self.carbon(money, carbon_kg);
        carbon_kg
    }

    fn carbon(&self, money: &mut Money, carbon_kg: f64) {
        money.add(MoneyKind::Carbon, carbon_kg * self.terms.carbon_price_1_t / TONNE_KG);
    }
}
