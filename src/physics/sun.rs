//! Global radiation from the height of the sun and the clouds: where a weather service tells clouds alone.
//!
//! The height of the sun follows declination and hour angle (J. W. Spencer's series for declination and equation of time, Search 2,
//! 1971). Clear-sky radiation 910 sin γ − 30 W/m² and its reduction 1 − 0.75 (N/8)^3.4 by N eighths of cloud are those of F. Kasten
//! and G. Czeplak, Solar Energy 24 (1980), from ten years in Hamburg; hours scatter about them by some ten per cent of clear sky and more. Not
//! here: slopes, shadows, diffuse light.

use super::calendar::{CivilTime, DAY_S, HOUR_S, days_from_civil};

/// Sine of the sun's height over the horizon, at a time in s since 1970-01-01 00:00 UTC.
pub fn sine_of_height(utc_s: f64, latitude_deg: f64, longitude_deg: f64) -> f64 {
    let civil = CivilTime::of(utc_s);
    // 1 January of a year that exists does exist.
    let new_year = days_from_civil(civil.year, 1, 1).unwrap_or(0) as f64 * DAY_S;
    let angle = std::f64::consts::TAU * (utc_s - new_year) / (365.0 * DAY_S);
    let wave = |order: f64| (order * angle).sin_cos();
    let [(s1, c1), (s2, c2), (s3, c3)] = [wave(1.0), wave(2.0), wave(3.0)];
    let declination =
        0.006918 - 0.399912 * c1 + 0.070257 * s1 - 0.006758 * c2 + 0.000907 * s2 - 0.002697 * c3 + 0.00148 * s3;
    // Minutes that the sundial is ahead of the clock.
    let equation_min = 229.18 * (0.000075 + 0.001868 * c1 - 0.032077 * s1 - 0.014615 * c2 - 0.040849 * s2);
    let solar_h = civil.second_of_day / HOUR_S + longitude_deg / 15.0 + equation_min / 60.0;
    let hour_angle = std::f64::consts::TAU * (solar_h - 12.0) / 24.0;
    let latitude = latitude_deg.to_radians();
    latitude.sin() * declination.sin() + latitude.cos() * declination.cos() * hour_angle.cos()
}

/// Global radiation on the horizontal, W/m², under a share of the sky covered by clouds (0…1).
pub fn global_w_m2(sine_of_height: f64, clouds: f64) -> f64 {
    let clear_w_m2 = (910.0 * sine_of_height - 30.0).max(0.0);
    clear_w_m2 * (1.0 - 0.75 * clouds.clamp(0.0, 1.0).powf(3.4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noon_is_when_and_as_high_as_it_is() {
        let day = |month, day| days_from_civil(2026, month, day).unwrap() as f64 * DAY_S;
        // Beijing, 39.9° north, 116.4° east: at the solstices 90° − 39.9° ∓ 23.44°.
        for (start_s, height_deg) in [(day(12, 21), 26.66_f64), (day(6, 21), 73.54), (day(3, 20), 50.0)] {
            let heights = (0..1440).map(|minute| sine_of_height(start_s + 60.0 * f64::from(minute), 39.9, 116.4));
            let (noon, highest) =
                heights.enumerate().fold((0, -1.0), |best, (at, sine)| if sine > best.1 { (at, sine) } else { best });
            assert!((highest.asin().to_degrees() - height_deg).abs() < 0.6, "{}", highest.asin().to_degrees());
            // 12:00 of local mean time is 4:14 UTC; the equation of time moves it by a quarter of an hour at most.
            assert!((noon as f64 - 254.0).abs() < 17.0, "{noon}");
        }
        assert!(sine_of_height(day(12, 21) + 16.0 * HOUR_S, 39.9, 116.4) < -0.9, "midnight in Beijing");
    }

    #[test]
    fn clouds_take_three_quarters_at_most() {
        assert_eq!(global_w_m2(0.5, 0.0), 425.0);
        assert_eq!(global_w_m2(0.5, 1.0), 0.25 * 425.0);
        assert_eq!(global_w_m2(0.02, 0.0), 0.0);
        assert!(global_w_m2(0.5, 0.5) > 0.9 * 425.0);
    }
}
