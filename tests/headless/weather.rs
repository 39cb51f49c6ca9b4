//! Weather from files and the example winters.

use std::path::Path;

use hypocaust::io::weather::{self, EXAMPLE_WINTERS, ExampleWinter};

#[test]
fn example_winters_are_hourly_synthetic_and_cold_in_their_order() {
    let mut means = Vec::new();
    for winter in EXAMPLE_WINTERS {
        assert!(winter.text().starts_with("# Synthetic"), "{}", winter.name);
        let series = winter.series().unwrap();
        assert_eq!(series.len(), 121 * 24 + 1);
        let (first_s, last_s) = series.span_s();
        assert_eq!(last_s - first_s, 121.0 * 86_400.0);
        let mean = series.mean(first_s, last_s - first_s);
        assert!((1.0..4.0).contains(&mean.wind_m_s) && (40.0..160.0).contains(&mean.solar_w_m2), "{mean:?}");
        // No sun at midnight.
        assert_eq!(series.at(first_s + 30.0 * 86_400.0).solar_w_m2, 0.0);
        means.push((winter.name, mean.temperature_c, series.temperature_range_c().0));
    }
    let beijing = means[0];
    let harbin = means[1];
    let urumqi = means[2];
    assert!(beijing.1 > -3.0 && harbin.1 < -9.0 && urumqi.1 < -5.0 && harbin.1 < urumqi.1, "{means:?}");
    assert!(beijing.2 < -8.0 && harbin.2 < -26.0, "{means:?}");
    assert!(ExampleWinter::by_name("harbin-like").is_some() && ExampleWinter::by_name("paris").is_none());
}

#[test]
fn a_file_with_gaps_and_chinese_headers_is_read() {
    let text = "时间;室外温度\n2024/1/15 0:00;-10\n2024/1/15 3:00;-4\n";
    let series = weather::parse(Path::new("w.csv"), text).unwrap();
    let start = series.span_s().0;
    assert!((series.at(start + 3600.0).temperature_c + 8.0).abs() < 1e-12);
    assert_eq!(series.at(start).wind_m_s, 0.0);
}

#[test]
fn every_mistake_is_named_by_its_line() {
    let text = "time,temperature_c,solar_w_m2\n2024-01-15 00:00,-10,0\n2024-01-15 01:00,cold,0\n2024-01-15 02:00,-10,9000\nyesterday,-5,0\n2024-01-15 03:00,,\n";
    let error = weather::parse(Path::new("w.csv"), text).unwrap_err().to_string();
    for wanted in ["w.csv:3", "w.csv:4", "w.csv:5", "w.csv:6", "yesterday", "cold"] {
        assert!(error.contains(wanted), "{wanted}: {error}");
    }
    let twice = "time,temperature_c\n2024-01-15 01:00,-10\n\n2024-01-15 01:00,-9\n";
    let error = weather::parse(Path::new("w.csv"), twice).unwrap_err().to_string();
    assert!(error.contains("w.csv:4"), "{error}");
    let no_column = weather::parse(Path::new("w.csv"), "time,wind_m_s\n2024-01-15,3\n").unwrap_err().to_string();
    assert!(no_column.contains("w.csv:1") && no_column.contains("temperature_c"), "{no_column}");
}
