//! When a forecast exceeds what a source can give, or the heat it may give in a day.
//!
//! The value itself above a limit is a warning; only the upper end of the inner interval above it (one in ten) is worth knowing. Not
//! here: who is told.

use super::forecaster::Forecast;
use crate::network::{Code, ElementKind, ElementRef, Finding, Severity};
use crate::physics::calendar::{CivilTime, HOUR_S};
use crate::units::Quantity;

/// Limits of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Greatest heat, W.
    pub capacity_w: Option<f64>,
    /// Greatest heat of a day (midnight to midnight), J.
    pub quota_j: Option<f64>,
}

/// `2026-01-15 07:00` of an hour.
pub fn hour_text(hour: i64) -> String {
    format!("{} {:02}:00", CivilTime::of(hour as f64 * HOUR_S).date_text(), hour.rem_euclid(24))
}

/// What a forecast exceeds: at most one finding for each limit, of the first and worst hour or day.
pub fn exceeded(forecast: &Forecast, limits: &Limits, element: &ElementRef) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Level of the value itself, and of the upper end of the inner interval.
    let levels = [Severity::Warning, Severity::Info];
    let values: Vec<(i64, [f64; 2])> =
        forecast.hours.iter().map(|hour| (hour.hour, [hour.heat_w, hour.quantiles_w[2]])).collect();
    if let Some(capacity_w) = limits.capacity_w
        && let Some((severity, first, worst_w, count)) = worst(&values, capacity_w, &levels)
    {
        let finding = Finding::new(Code::ForecastAboveCapacity, element.clone())
            .physical("heat", Quantity::Heat, worst_w)
            .physical("limit", Quantity::Heat, capacity_w)
            .text("time", hour_text(first))
            .count("count", count);
        findings.push(finding.severe(severity));
    }
    if let Some(quota_j) = limits.quota_j {
        let days = values.chunk_by(|a, b| a.0.div_euclid(24) == b.0.div_euclid(24));
        // Whole days only: of a part of a day the rest has been given already or is not known.
        let days: Vec<(i64, [f64; 2])> = days
            .filter(|day| day.len() == 24)
            .map(|day| (day[0].0, [0, 1].map(|level| day.iter().map(|(_, heats)| heats[level] * 3600.0).sum())))
            .collect();
        if let Some((severity, first, worst_j, count)) = worst(&days, quota_j, &levels) {
            let finding = Finding::new(Code::ForecastAboveQuota, element.clone())
                .physical("heat", Quantity::Energy, worst_j)
                .physical("limit", Quantity::Energy, quota_j)
                .text("time", hour_text(first))
                .count("count", count);
            findings.push(finding.severe(severity));
        }
    }
    findings
}

/// The first level that is exceeded at all: how bad, first span, largest value, number of spans.
fn worst(spans: &[(i64, [f64; 2])], limit: f64, levels: &[Severity; 2]) -> Option<(Severity, i64, f64, usize)> {
    levels.iter().enumerate().find_map(|(level, severity)| {
        let above: Vec<(i64, f64)> =
            spans.iter().map(|(at, values)| (*at, values[level])).filter(|(_, value)| *value > limit).collect();
        let largest = above.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max);
        above.first().map(|(first, _)| (*severity, *first, largest, above.len()))
    })
}

/// The element of a source.
pub fn source_element(name: &str) -> ElementRef {
    ElementRef::new(ElementKind::Source, name)
}

#[cfg(test)]
mod tests {
    use super::super::{ForecastHour, Method, Subject};
    use super::*;

    fn forecast(heats: impl Iterator<Item = f64>) -> Forecast {
        // From midnight on.
        let hours = (240..)
            .zip(heats)
            .map(|(hour, heat_w)| ForecastHour {
                hour,
                heat_w,
                quantiles_w: [0.8, 0.9, 1.1, 1.2].map(|share| share * heat_w),
            })
            .collect();
        Forecast {
            subject: Subject::source("HS01"),
            origin: 239,
            method: Method::Prior,
            notes: Vec::new(),
            hours,
            errors: Vec::new(),
        }
    }

    #[test]
    fn capacity_by_the_hour_and_quota_by_the_day() {
        let element = source_element("HS01");
        let flat = forecast((0..120).map(|lead| if lead == 30 { 130e6 } else { 100e6 }));
        let of = |capacity_w, quota_j| exceeded(&flat, &Limits { capacity_w, quota_j }, &element);
        let found = of(Some(120e6), None);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].code, found[0].severity), (Code::ForecastAboveCapacity, Severity::Warning));
        let text = found[0].message(crate::text::Language::English, &crate::units::DisplayUnits::default());
        assert!(text.contains("HS01") && text.contains("1970-01-12 06:00") && text.contains("130"), "{text}");
        // 130 MW with an upper end of 143 MW.
        assert_eq!(of(Some(140e6), None)[0].severity, Severity::Info);
        assert!(of(Some(150e6), None).is_empty());
        // Four days of 8640 GJ, one of 8748 GJ.
        let quota = |gigajoules: f64| of(None, Some(gigajoules * 1e9));
        assert_eq!((quota(8700.0)[0].code, quota(8700.0)[0].severity), (Code::ForecastAboveQuota, Severity::Warning));
        assert_eq!(quota(9000.0)[0].severity, Severity::Info);
        assert!(quota(9700.0).is_empty());
        assert!(exceeded(&flat, &Limits::default(), &element).is_empty());
    }
}
