//! What a network does not say of its sources: what they burn and cost, how they may be switched, which stores stand beside them.
//!
//! [`Terms`] is the form of a file of prices and limits; [`Terms::units`] and [`Terms::stores`] make the parts of a model of it
//! and of the network's data. Power in MW, energy in MWh, time in hours, as such files are written by people. Where a source
//! has neither price nor word that it costs nothing, that is an error which names it. Not here: reading files.

use serde::{Deserialize, Serialize};

use super::model::{Rates, Share, Store, Unit};
use crate::network::{LinkId, Network, SourceKind};
use crate::units::KILOWATT_HOUR_J;

const MEGAWATT_W: f64 = 1e6;
const MEGAWATT_HOUR_J: f64 = 1e3 * KILOWATT_HOUR_J;
const TONNE_KG: f64 = 1000.0;

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Where the numbers come from; shown with every result.
    pub note: String,
    pub currency: String,
    /// Electricity bought: 24 prices by hour of the day, or one.
    pub power_price_1_kwh: Vec<f64>,
    /// CO₂ of electricity, kg/kWh.
    #[serde(default)]
    pub power_carbon_kg_kwh: f64,
    #[serde(default)]
    pub carbon_price_1_t: f64,
    /// Hydraulic over electric power of the circulation pumps.
    #[serde(default = "usual_pump_efficiency")]
    pub pump_efficiency: f64,
    #[serde(default)]
    pub source: Vec<SourceTerms>,
    #[serde(default)]
    pub store: Vec<StoreTerms>,
    pub buildings: Option<BuildingTerms>,
    #[serde(default)]
    pub area: Vec<AreaTerms>,
}

const fn usual_pump_efficiency() -> f64 {
    0.7
}

/// A source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SourceTerms {
    pub id: String,
    /// Of the fuel's lower heating value.
    pub fuel_price_1_mwh: Option<f64>,
    /// Heat (and power of a turbine) over fuel.
    pub efficiency: Option<f64>,
    pub fuel_carbon_kg_mwh: f64,
    /// Heat bought from somebody else.
    pub heat_price_1_mwh: Option<f64>,
    /// Heat over electricity: a heat pump, or an electric boiler with less than one.
    pub cop: Option<f64>,
    /// Back-pressure turbine: power over heat, and what the power sells for: 24 prices or one.
    pub power_to_heat: f64,
    pub sold_power_price_1_kwh: Vec<f64>,
    /// It costs nothing to run: sun, waste heat that is given away.
    pub free: bool,
    /// Goes before all others.
    pub renewable: bool,
    /// Of an hour in which it runs, whatever it gives.
    pub standing_cost_1_h: f64,
    pub start_cost: f64,
    /// Else those of the network.
    pub least_mw: Option<f64>,
    pub most_mw: Option<f64>,
    pub ramp_mw_h: Option<f64>,
    pub least_on_h: f64,
    pub least_off_h: f64,
    pub must_run: bool,
    pub quota_mwh: Option<f64>,
    /// How it ran before: heat (0: it stood still), for how many hours.
    pub was_mw: f64,
    /// It ran before as the network runs by itself, in place of `was_mw`; where no network is simulated, at half its capacity.
    pub was_as_network: bool,
    pub was_h: Option<f64>,
    /// Else that of the network.
    pub supply_temperature_c: Option<f64>,
}

impl SourceTerms {
    /// Fuel burnt for a joule of heat, J; 0 where no fuel is bought.
    pub fn fuel_per_heat(&self) -> f64 {
        let efficiency = self.efficiency.unwrap_or(1.0);
        if self.fuel_price_1_mwh.is_some() { (1.0 + self.power_to_heat) / efficiency } else { 0.0 }
    }

    /// Electricity bought for a joule of heat, J.
    pub fn electricity_per_heat(&self) -> f64 {
        self.cop.map_or(0.0, |cop| 1.0 / cop)
    }
}

/// A tank of hot water beside a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreTerms {
    pub id: String,
    /// The source at whose site it stands.
    pub at: String,
    pub capacity_mwh: f64,
    pub charge_mw: f64,
    pub discharge_mw: f64,
    #[serde(default)]
    pub loss_share_day: f64,
    #[serde(default)]
    pub start_share: f64,
    /// At the end at least; as at the start where it is not given.
    pub end_share: Option<f64>,
}

/// Buildings as a store: rooms may be warmer or colder than they should, by this much.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildingTerms {
    pub swing_k: f64,
    /// Heat loss over heat capacity, usually 40 to 120 h.
    pub time_constant_h: f64,
    /// Share of the load that may be given more or less.
    #[serde(default = "usual_power_share")]
    pub power_share: f64,
}

const fn usual_power_share() -> f64 {
    0.15
}

/// Sources of a part of the city: what can come into it and go out of it, and its share of the load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaTerms {
    pub id: String,
    pub sources: Vec<String>,
    pub load_share: f64,
    pub import_mw: f64,
    pub export_mw: f64,
}

/// What is wrong with terms for this network.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TermsError {
    #[error("{0} prices of {1}: give 24 by hour, or one")]
    Prices(usize, String),
    #[error("no source of the network is called {0:?}; it has {1}")]
    NoSource(String, String),
    #[error(
        "source {0} runs in the network and has no [[source]] in the prices: add one with its fuel_price_1_mwh, heat_price_1_mwh, cop, or free = true"
    )]
    NotGiven(String),
    #[error("source {0} has no cost: give fuel_price_1_mwh, heat_price_1_mwh or cop, or say free = true")]
    NoCost(String),
    #[error("source {0} has no greatest heat: give most_mw, or capacity_w in the network")]
    NoCapacity(String),
    #[error(
        "source {0} of the network is a heat store or stands between zones, which cannot be planned: give a tank as [[store]] with at = SOURCE"
    )]
    NoPlant(String),
    #[error("{0} {1}: {2} is {3}; it must lie between {4} and {5}")]
    Range(&'static str, String, &'static str, f64, f64, f64),
    #[error("{0} is given twice")]
    Twice(String),
}

/// Steps of a plan in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    pub steps: usize,
    pub step_s: f64,
    /// Start, seconds of the day.
    pub start_s: f64,
}

impl Clock {
    /// Hour of the day of a step's middle.
    pub fn hour(&self, step: usize) -> usize {
        let seconds = self.start_s + (step as f64 + 0.5) * self.step_s;
        ((seconds / 3600.0).rem_euclid(24.0)) as usize % 24
    }
}

fn by_hour(prices: &[f64], of: &str) -> Result<[f64; 24], TermsError> {
    match prices {
        [one] => Ok([*one; 24]),
        all => <[f64; 24]>::try_from(all).map_err(|_| TermsError::Prices(all.len(), of.to_owned())),
    }
}

impl Terms {
    /// Price of electricity by step, per joule.
    pub fn power_1_j(&self, clock: &Clock) -> Result<Vec<f64>, TermsError> {
        let prices = by_hour(&self.power_price_1_kwh, "power_price_1_kwh")?;
        Ok((0..clock.steps).map(|step| prices[clock.hour(step)] / KILOWATT_HOUR_J).collect())
    }

    /// What a source's electricity sells for by step, per joule; nothing where it makes none.
    pub fn sold_1_j(&self, own: &SourceTerms, clock: &Clock) -> Result<Vec<f64>, TermsError> {
        let sold = if own.power_to_heat > 0.0 { by_hour(&own.sold_power_price_1_kwh, &own.id)? } else { [0.0; 24] };
        Ok((0..clock.steps).map(|step| sold[clock.hour(step)] / KILOWATT_HOUR_J).collect())
    }

    /// Everything out of its range, or named twice.
    pub fn check(&self, network: &Network) -> Vec<TermsError> {
        let mut out = Vec::new();
        let running: Vec<&str> = network
            .links()
            .filter(|view| view.source().is_some_and(|source| source.running))
            .map(|view| &**view.id)
            .collect();
        let known = || running.join(", ");
        for id in running.iter().filter(|id| self.source.iter().all(|source| source.id != **id)) {
            out.push(TermsError::NotGiven((*id).to_owned()));
        }
        for (number, source) in self.source.iter().enumerate() {
            let view = network.link_id(&source.id).and_then(|link| network.link_view(link));
            match view.as_ref().and_then(|view| view.source()) {
                None => out.push(TermsError::NoSource(source.id.clone(), known())),
                Some(given) if !given.running => out.push(TermsError::NoSource(source.id.clone(), known())),
                Some(given) if given.exchanger.is_some() || given.kind == SourceKind::HeatStore => {
                    out.push(TermsError::NoPlant(source.id.clone()));
                }
                Some(given) if given.capacity_w.is_none() && source.most_mw.is_none() => {
                    out.push(TermsError::NoCapacity(source.id.clone()));
                }
                Some(_) => {}
            }
            if self.source[..number].iter().any(|other| other.id == source.id) {
                out.push(TermsError::Twice(source.id.clone()));
            }
            let priced = source.fuel_price_1_mwh.is_some() || source.heat_price_1_mwh.is_some() || source.cop.is_some();
            if !priced && !source.free {
                out.push(TermsError::NoCost(source.id.clone()));
            }
            let most = f64::INFINITY;
            for (field, value, low, high) in [
                ("efficiency", source.efficiency.unwrap_or(1.0), 0.05, 1.3),
                ("cop", source.cop.unwrap_or(1.0), 0.5, 30.0),
                ("start_cost", source.start_cost, 0.0, most),
                ("least_mw", source.least_mw.unwrap_or(0.0), 0.0, most),
                ("most_mw", source.most_mw.unwrap_or(0.0), 0.0, most),
                ("ramp_mw_h", source.ramp_mw_h.unwrap_or(1.0), 1e-6, most),
                ("least_on_h", source.least_on_h, 0.0, 168.0),
                ("least_off_h", source.least_off_h, 0.0, 168.0),
                ("was_mw", source.was_mw, 0.0, most),
                ("quota_mwh", source.quota_mwh.unwrap_or(0.0), 0.0, most),
            ] {
                if !(low..=high).contains(&value) {
                    out.push(TermsError::Range("source", source.id.clone(), field, value, low, high));
                }
            }
            if source.power_to_heat > 0.0 {
                out.extend(
                    by_hour(&source.sold_power_price_1_kwh, &format!("sold power of source {}", source.id)).err(),
                );
            }
        }
        out.extend(by_hour(&self.power_price_1_kwh, "power_price_1_kwh").err());
        for store in &self.store {
            if self.source.iter().all(|source| source.id != store.at) {
                out.push(TermsError::NoSource(store.at.clone(), known()));
            }
            for (field, value, high) in [
                ("capacity_mwh", store.capacity_mwh, f64::INFINITY),
                ("charge_mw", store.charge_mw, f64::INFINITY),
                ("discharge_mw", store.discharge_mw, f64::INFINITY),
                ("loss_share_day", store.loss_share_day, 0.9),
                ("start_share", store.start_share, 1.0),
                ("end_share", store.end_share.unwrap_or(0.0), 1.0),
            ] {
                if !(0.0..=high).contains(&value) {
                    out.push(TermsError::Range("store", store.id.clone(), field, value, 0.0, high));
                }
            }
        }
        for area in &self.area {
            for id in area.sources.iter().filter(|id| self.source.iter().all(|source| source.id != **id)) {
                out.push(TermsError::NoSource(id.clone(), known()));
            }
            if !(0.0..=1.0).contains(&area.load_share) {
                out.push(TermsError::Range("area", area.id.clone(), "load_share", area.load_share, 0.0, 1.0));
            }
        }
        if let Some(buildings) = self.buildings {
            for (field, value, high) in [
                ("swing_k", buildings.swing_k, 5.0),
                ("time_constant_h", buildings.time_constant_h, 1000.0),
                ("power_share", buildings.power_share, 1.0),
            ] {
                if !(0.0..=high).contains(&value) {
                    out.push(TermsError::Range("buildings", String::new(), field, value, 0.0, high));
                }
            }
        }
        out
    }

    /// Sources as units, with their links; `pumps` is the electricity of the pumps per joule of heat.
    pub fn units(
        &self,
        network: &Network,
        clock: &Clock,
        pumps: f64,
    ) -> Result<(Vec<Unit>, Vec<LinkId>), Vec<TermsError>> {
        let errors = self.check(network);
        if !errors.is_empty() {
            return Err(errors);
        }
        let power_1_j = self.power_1_j(clock).map_err(|error| vec![error])?;
        let (mut units, mut links) = (Vec::new(), Vec::new());
        for own in &self.source {
            // Checked above.
            let Some(link) = network.link_id(&own.id) else { continue };
            let Some(given) = network.link_view(link).and_then(|view| view.source().cloned()) else { continue };
            let most_w = own.most_mw.map_or(given.capacity_w.unwrap_or(0.0), |mw| mw * MEGAWATT_W);
            let least_w = own.least_mw.map_or(given.minimum_heat_w.unwrap_or(0.0), |mw| mw * MEGAWATT_W);
            units.push(self.unit(own, clock, &power_1_j, pumps, [least_w, most_w]).map_err(|error| vec![error])?);
            links.push(link);
        }
        if self.source.iter().any(|source| source.renewable) {
            prefer(&self.source, &mut units);
        }
        Ok((units, links))
    }

    fn unit(
        &self,
        own: &SourceTerms,
        clock: &Clock,
        power_1_j: &[f64],
        pumps: f64,
        [least_w, most_w]: [f64; 2],
    ) -> Result<Unit, TermsError> {
        let sold_1_j = self.sold_1_j(own, clock)?;
        let (fuel, electric) = (own.fuel_per_heat(), own.electricity_per_heat());
        let carbon_kg_j = fuel * own.fuel_carbon_kg_mwh / MEGAWATT_HOUR_J
            + (electric + pumps - own.power_to_heat) * self.power_carbon_kg_kwh / KILOWATT_HOUR_J;
        let mut unit = Unit::simple(&own.id, clock.steps, most_w, Rates::default());
        for (step, rates) in unit.running_1_j.iter_mut().enumerate() {
            *rates = Rates::of(Share::Fuel, fuel * own.fuel_price_1_mwh.unwrap_or(0.0) / MEGAWATT_HOUR_J)
                .with(Share::Heat, own.heat_price_1_mwh.unwrap_or(0.0) / MEGAWATT_HOUR_J)
                .with(Share::Power, electric * power_1_j[step])
                .with(Share::Power, -own.power_to_heat * sold_1_j[step])
                .with(Share::Pumps, pumps * power_1_j[step])
                .with(Share::Carbon, carbon_kg_j * self.carbon_price_1_t / TONNE_KG);
        }
        let count = |hours: f64| ((hours * 3600.0 / clock.step_s) - 1e-9).ceil().max(1.0) as usize;
        let ramp_w = own.ramp_mw_h.map_or(f64::INFINITY, |mw| mw * MEGAWATT_W * clock.step_s / 3600.0);
        unit.least_w = vec![least_w; clock.steps];
        unit.standing_1_s = vec![Rates::of(Share::Fuel, own.standing_cost_1_h / 3600.0); clock.steps];
        unit.start = own.start_cost;
        (unit.rise_w, unit.fall_w) = (ramp_w, ramp_w);
        (unit.least_on, unit.least_off) = (count(own.least_on_h), count(own.least_off_h));
        unit.must_run = own.must_run;
        unit.quota_j = own.quota_mwh.map_or(f64::INFINITY, |mwh| mwh * MEGAWATT_HOUR_J);
        unit.carbon_kg_j = vec![carbon_kg_j; clock.steps];
        (unit.was_on, unit.was_w) = (own.was_mw > 0.0, own.was_mw * MEGAWATT_W);
        if own.was_as_network {
            (unit.was_on, unit.was_w) = (true, 0.5 * most_w);
        }
        unit.was_for = own.was_h.map_or(1_000, count);
        Ok(unit)
    }

    /// Tanks, and the buildings, as stores; for each the number of the source beside it.
    pub fn stores(&self, clock: &Clock, load_w: &[f64], outdoor_c: &[f64]) -> (Vec<Store>, Vec<Option<usize>>) {
        let (mut stores, mut beside) = (Vec::new(), Vec::new());
        let days = clock.step_s / 86_400.0;
        for own in &self.store {
            let most_j = own.capacity_mwh * MEGAWATT_HOUR_J;
            stores.push(Store {
                id: own.id.clone(),
                least_j: 0.0,
                most_j,
                start_j: own.start_share * most_j,
                end_j: own.end_share.unwrap_or(own.start_share) * most_j,
                charge_w: vec![own.charge_mw * MEGAWATT_W; clock.steps],
                discharge_w: vec![own.discharge_mw * MEGAWATT_W; clock.steps],
                kept: (1.0 - own.loss_share_day).powf(days),
            });
            beside.push(self.source.iter().position(|source| source.id == own.at));
        }
        if let Some(own) = self.buildings.filter(|own| own.swing_k > 0.0 && own.time_constant_h > 0.0) {
            // Heat loss per kelvin from the load itself; C = U·A·τ.
            let loss_w_k = load_w.iter().zip(outdoor_c).map(|(w, c)| w / (18.0 - c).max(5.0)).sum::<f64>()
                / load_w.len().max(1) as f64;
            let swing_j = loss_w_k * own.time_constant_h * 3600.0 * own.swing_k;
            let power_w: Vec<f64> = load_w.iter().map(|w| own.power_share * w).collect();
            stores.push(Store {
                id: "buildings".to_owned(),
                least_j: -swing_j,
                most_j: swing_j,
                start_j: 0.0,
                end_j: 0.0,
                charge_w: power_w.clone(),
                discharge_w: power_w,
                kept: (-clock.step_s / (own.time_constant_h * 3600.0)).exp(),
            });
            beside.push(None);
        }
        (stores, beside)
    }
}

/// Renewable sources are cheaper than all others by more than any difference of price.
fn prefer(terms: &[SourceTerms], units: &mut [Unit]) {
    let all = || units.iter().flat_map(|unit| &unit.running_1_j).map(Rates::total);
    let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    let bonus = 2.0 * (high - low) + 0.1 * high.abs();
    for unit in units.iter_mut() {
        if terms.iter().any(|own| own.id == unit.id && own.renewable) {
            for rates in &mut unit.running_1_j {
                *rates = rates.with(Share::Preference, -bonus);
            }
        }
    }
}
