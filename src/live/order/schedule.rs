//! Orders from a plan in time: a new number is told only where it differs enough from the one told last.
//!
//! A plan says something for every quarter of an hour; a crew that was told a new temperature each time would soon stop
//! listening. So each quantity has a dead band, and is told again when the plan has left it.

use super::{SetPoint, Setting};
use crate::live::Timestamp;
use crate::network::ElementRef;

/// What a plan wants of one setting over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub element: ElementRef,
    pub setting: Setting,
    /// What it is now, where that is known.
    pub present: Option<f64>,
    /// From each time on, SI. Times rise.
    pub values: Vec<(Timestamp, f64)>,
    /// Greatest difference from what was told last that is not told.
    pub dead_band: f64,
}

/// The orders of a plan, by time; those of one time in the order of the series.
pub fn schedule(series: &[Series]) -> Vec<SetPoint> {
    let mut out = Vec::new();
    for one in series {
        let mut told = one.present;
        for &(at, value) in one.values.iter().filter(|(_, value)| value.is_finite()) {
            if told.is_none_or(|told| (value - told).abs() > one.dead_band) {
                out.push(SetPoint { from: told, ..SetPoint::new(one.element.clone(), one.setting, value, at) });
                told = Some(value);
            }
        }
    }
    // Stable: within a time the order of the series stays.
    out.sort_by_key(|point| point.at);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::ElementKind;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// What was told last is never further from the plan than the dead band, and nothing within it is told.
        #[test]
        fn what_was_told_last_is_near_the_plan(
            values in prop::collection::vec(60.0..120.0f64, 1..40),
            present in prop::option::of(60.0..120.0f64),
            dead_band in 0.0..20.0f64,
        ) {
            let element = ElementRef::new(ElementKind::Source, "HS01");
            let values: Vec<_> =
                values.iter().enumerate().map(|(step, value)| (Timestamp::from_ms(900_000 * step as i64), *value)).collect();
            let setting = Setting::SupplyTemperature;
            let orders = schedule(&[Series { element, setting, present, values: values.clone(), dead_band }]);
            let mut told = present;
            for (at, value) in values {
                if let Some(order) = orders.iter().find(|order| order.at == at) {
                    prop_assert!(told.is_none_or(|told| (order.value - told).abs() > dead_band));
                    prop_assert_eq!((order.value, order.from), (value, told));
                    told = Some(order.value);
                }
                prop_assert!(told.is_some_and(|told| (told - value).abs() <= dead_band));
            }
        }
    }
}
