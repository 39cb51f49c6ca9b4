//! Meters from a historian: its tags by what the device map says they measure.
//!
//! Heat, power and water come from running totals where a place has one (an outage then loses nothing), else from means of
//! hours that are known to at least half. A total of a register of so many bits or digits rolls over at the register's end. Fuel is the
//! source's tag of the name that the data dictionary gives it (A.0.4, row 3.1), in tonnes. Of several tags of one kind at one place the
//! first counts. Not here: the historian's own aggregates.

use std::collections::BTreeMap;

use crate::dispatch::energy::{EnergyHistory, Hourly, Outdoor, Period, PlaceKind, Resource};
use crate::dispatch::forecast::HourlyLoad;
use crate::io::IoError;
use crate::io::historian::{Aggregate, Historian, Interval, TagKey};
use crate::io::modbus::map::DeviceMap;
use crate::live::dictionary::{DeviceKind, dictionary};
use crate::live::{Observed, Tag, TagTable, Timestamp};
use crate::network::{ElementKind, ElementRef, Network};
use crate::physics::calendar::HOUR_S;
use crate::units::Quantity;

/// A historian and what its tags measure.
#[derive(Clone, Copy)]
pub struct Tagged<'a> {
    pub historian: &'a Historian,
    pub tags: &'a TagTable,
    /// Where the tags come from one: it knows where counters end.
    pub map: Option<&'a DeviceMap>,
    /// Local time ahead of UTC, ms.
    pub offset_ms: i64,
}

/// What tells a resource of a kind of place, the better first; the flag: a running total.
const fn told_by(kind: PlaceKind, resource: Resource) -> &'static [(Observed, bool)] {
    match (resource, kind) {
        (Resource::Heat, _) => &[(Observed::Energy, true), (Observed::Heat, false)],
        // The power of a place's circulation pump is not all that it takes.
        (Resource::Electricity, _) => &[(Observed::Electricity, true)],
        (Resource::MakeUp, _) => &[(Observed::MakeUpVolume, true), (Observed::MakeUpFlow, false)],
        (Resource::Circulated, PlaceKind::Source) => &[(Observed::Volume, true), (Observed::VolumeFlow, false)],
        (Resource::Circulated, PlaceKind::Station) => &[(Observed::SecondaryVolumeFlow, false)],
        _ => &[],
    }
}

impl Tagged<'_> {
    /// The element a tag stands at; that of a sensor is the one it measures.
    pub(super) fn element<'b>(&self, tag: &'b Tag, network: &'b Network) -> Option<&'b ElementRef> {
        let element = tag.element.as_ref()?;
        match element.kind {
            ElementKind::Sensor => network.sensors().get(&*element.id).map(|sensor| &sensor.element),
            _ => Some(element),
        }
    }

    pub(super) fn hours(&self, key: TagKey) -> Result<Vec<Aggregate>, IoError> {
        let (from, to) = self.historian.span(Timestamp::from_ms(i64::MIN), Timestamp::from_ms(i64::MAX))?;
        if from >= to { Ok(Vec::new()) } else { self.historian.aggregate(key, from, to, Interval::Hour) }
    }

    pub(super) fn local_hour(&self, time: Timestamp) -> i64 {
        (time.ms() + self.offset_ms).div_euclid(3_600_000)
    }

    /// Value at which the counter behind a tag begins again.
    fn span(&self, tag: &Tag) -> Option<f64> {
        let point = self.map?.points.iter().find(|point| point.tag == tag.name)?;
        let (_, most) = point.kind.bounds()?;
        let span = point.si_of_raw(most + 1.0) - point.si_of_raw(0.0);
        (span > 0.0).then_some(span)
    }

    /// Amounts of a running total, in its SI unit.
    fn counted(&self, tag: &Tag, key: TagKey) -> Result<Hourly, IoError> {
        let hours = self.hours(key)?;
        let mut readings: Vec<(f64, f64)> = Vec::new();
        for hour in &hours {
            let Some(last) = hour.last else { continue };
            let start_s = self.local_hour(hour.from) as f64 * HOUR_S;
            // Where it fell, the highest value before belongs to it as well.
            let before = readings.last().map(|(_, value)| *value);
            // The very first reading: it stands where the known part of its hour begins.
            if let (None, 0, Some(first)) = (before, hour.resets, hour.least) {
                readings.push((start_s + (1.0 - hour.coverage) * HOUR_S, first));
            }
            if let (true, Some(most)) = (hour.resets > 0, hour.most)
                && before.is_some_and(|before| last < before && most > before)
            {
                readings.push((start_s + 0.5 * HOUR_S, most));
            }
            // The last reading of an hour stands at its end; where devices are read seldom that is early by less than it.
            readings.push((start_s + HOUR_S, last));
        }
        Ok(Hourly::of_counter(&readings, self.span(tag)))
    }

    /// What a running total rose by in the known hours of a period, roll-overs and exchanges seen to; `None` where no hour of it
    /// is known.
    pub(super) fn rise(&self, tag: &Tag, period: Period) -> Result<Option<f64>, IoError> {
        let Some(key) = self.historian.key(&tag.name) else { return Ok(None) };
        let series = self.counted(tag, key)?;
        let known: Vec<f64> = period.hours().filter_map(|hour| series.at(hour)).map(|hour| hour.amount).collect();
        Ok((!known.is_empty()).then(|| known.iter().sum()))
    }

    /// Mean of every hour known to at least half.
    fn means(&self, key: TagKey) -> Result<HourlyLoad, IoError> {
        let hours = self.hours(key)?;
        let Some(first) = hours.first() else { return Ok(HourlyLoad::default()) };
        let values = hours.iter().map(|hour| hour.mean.filter(|_| hour.coverage >= 0.5));
        Ok(HourlyLoad::new(self.local_hour(first.from), values.collect()))
    }
}

/// To J or m³ a second.
fn rate_factor(tag: &Tag) -> f64 {
    match tag.quantity {
        Quantity::VolumeFlow => 1.0 / HOUR_S,
        // Make-up is cold: a tonne is a cubic metre.
        Quantity::MassFlow => 1e-3,
        _ => 1.0,
    }
}

/// All meters of a network that a historian has; `heat_of_fuel_j_t` says what a tonne of a source's fuel holds, J/t.
pub fn of_historian(
    tagged: &Tagged<'_>,
    network: &Network,
    heat_of_fuel_j_t: &[(String, f64)],
) -> Result<EnergyHistory, IoError> {
    let mut history = super::places(network);
    let mut found: BTreeMap<(PlaceKind, &str, Observed), &Tag> = BTreeMap::new();
    let mut outdoor = Vec::new();
    let mut fuels: Vec<(&str, &Tag)> = Vec::new();
    let fuel_tag = dictionary().offered(DeviceKind::Source).find(|tag| tag.clause == "A.0.4" && tag.row == "3.1");
    for (_, tag) in tagged.tags.iter() {
        if tag.observed == Observed::OutdoorTemperature {
            outdoor.push(tag);
            continue;
        }
        let Some(element) = tagged.element(tag, network) else { continue };
        let kind = match element.kind {
            ElementKind::Source => PlaceKind::Source,
            ElementKind::Consumer => PlaceKind::Station,
            ElementKind::Building => PlaceKind::Building,
            _ => continue,
        };
        let ending = fuel_tag.map(|fuel| format!(".{}", fuel.tag));
        if kind == PlaceKind::Source && ending.is_some_and(|ending| tag.name.ends_with(&ending)) {
            fuels.push((&element.id, tag));
        } else {
            found.entry((kind, &element.id, tag.observed)).or_insert(tag);
        }
    }
    for metered in &mut history.metered {
        let (kind, id) = (metered.place.kind, metered.place.id.clone());
        for resource in Resource::ALL {
            let mut known: Option<Hourly> = None;
            for &(observed, counts) in told_by(kind, resource) {
                let Some(tag) = found.get(&(kind, &*id, observed)) else { continue };
                let Some(key) = tagged.historian.key(&tag.name) else { continue };
                let series = if counts {
                    tagged.counted(tag, key)?
                } else {
                    Hourly::of_load(&tagged.means(key)?).times(rate_factor(tag))
                };
                known = Some(known.map_or_else(|| series.clone(), |better| better.or(series.clone())));
                if known.as_ref().is_some_and(|own| own.known_span().is_some()) {
                    break;
                }
            }
            if let Some(series) = known {
                metered.set(resource, series);
            }
        }
    }
    for (id, tag) in fuels {
        let heat = heat_of_fuel_j_t.iter().find(|(own, _)| own == id);
        if let (Some((_, heat_j_t)), Some(key)) = (heat, tagged.historian.key(&tag.name)) {
            let series = tagged.counted(tag, key)?.times(*heat_j_t);
            if let Some(own) = history.find_mut(PlaceKind::Source, id) {
                own.set(Resource::Fuel, series);
            }
        }
    }
    let mut airs = Vec::new();
    for tag in outdoor {
        let Some(key) = tagged.historian.key(&tag.name) else { continue };
        let means = tagged.means(key)?;
        let celsius = (means.first_hour()..means.end_hour()).map(|hour| means.at(hour)).collect();
        airs.push(Outdoor::new(means.first_hour(), celsius));
    }
    history.outdoor = Outdoor::median_of(&airs);
    Ok(super::settle(history, network))
}
