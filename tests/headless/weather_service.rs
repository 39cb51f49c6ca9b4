//! Replies of weather services: what they say, in local hours and SI units, and what is refused.

use std::path::{Path, PathBuf};
use std::process::Command;

use hypocaust::io::IoError;
use hypocaust::io::weather::{CHINA_OFFSET_S, read, reply};
use hypocaust::physics::calendar::days_from_civil;
use hypocaust::physics::weather::WeatherSeries;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/weather").join(name)
}

/// Local time of an hour of 15 January 2026, s.
fn at(hour: f64) -> f64 {
    days_from_civil(2026, 1, 15).unwrap() as f64 * 86_400.0 + hour * 3600.0
}

fn parsed(text: &str) -> Result<WeatherSeries, IoError> {
    reply(Path::new("reply.json"), text, CHINA_OFFSET_S)
}

#[test]
fn open_meteo_is_read_in_its_own_zone_and_units() {
    let series = read(&file("open-meteo.json")).unwrap();
    // The last hour's temperature is not known.
    assert_eq!(series.span_s(), (at(0.0), at(28.0)));
    assert_eq!(series.len(), 29);
    let noon = series.at(at(14.0));
    assert_eq!(noon.temperature_c, -2.0);
    // 7.2 + 4 · 1.8 km/h.
    assert!((noon.wind_m_s - 14.4 / 3.6).abs() < 1e-12);
    // The mean of the hour before and of the hour after: 400 sin(6/9 π) and 400 sin(7/9 π), whole watts.
    assert!((noon.solar_w_m2 - 0.5 * (346.0 + 257.0)).abs() < 1.0, "{}", noon.solar_w_m2);
    assert_eq!(series.at(at(2.0)).solar_w_m2, 0.0);
}

#[test]
fn utc_becomes_local_time_and_fahrenheit_becomes_celsius() {
    let text = |zone: i32, times: &str| {
        format!(
            r#"{{"utc_offset_seconds": {zone}, "hourly_units": {{"temperature_2m": "°F", "windspeed_10m": "kn"}},
            "hourly": {{"time": {times}, "temperature_2m": [32.0, 14.0], "windspeed_10m": [10, 10]}}}}"#
        )
    };
    let series = parsed(&text(0, r#"["2026-01-14T16:00", "2026-01-14T17:00"]"#)).unwrap();
    assert_eq!(series.span_s(), (at(0.0), at(1.0)));
    assert!(series.at(at(0.0)).temperature_c.abs() < 1e-9 && (series.at(at(1.0)).temperature_c + 10.0).abs() < 1e-9);
    assert!((series.at(at(0.0)).wind_m_s - 5.144).abs() < 1e-3);
    // Numbers are UTC whatever the zone: 1 768 406 400 is 16:00 UTC.
    for zone in [0, 28_800] {
        let series = parsed(&text(zone, "[1768406400, 1768410000]")).unwrap();
        assert_eq!(series.span_s(), (at(0.0), at(1.0)), "{zone}");
    }
}

#[test]
fn met_norway_gets_its_radiation_from_sun_and_clouds_also_between_its_six_hours() {
    let series = read(&file("met-norway.json")).unwrap();
    assert_eq!(series.span_s(), (at(0.0), at(18.0)));
    assert_eq!(series.len(), 19, "an entry an hour");
    assert_eq!((series.at(at(2.0)).temperature_c, series.at(at(2.0)).wind_m_s), (-8.0, 2.5));
    assert!((series.at(at(9.0)).temperature_c + 4.5).abs() < 1e-9);
    // Beijing in January: dark at night, 26 to 29° high and no cloud at noon.
    assert_eq!(series.at(at(3.0)).solar_w_m2, 0.0);
    let noon_w_m2 = series.at(at(12.0)).solar_w_m2;
    assert!((370.0..430.0).contains(&noon_w_m2), "{noon_w_m2}");
    assert_eq!(series.at(at(18.0)).solar_w_m2, 0.0);
}

#[test]
fn what_is_no_weather_is_refused_by_name() {
    let refused = |text: &str, expected: &str| {
        let told = parsed(text).unwrap_err().to_string();
        assert!(told.contains("reply.json") && told.contains(expected), "{told}");
    };
    refused("{\n\"hourly\": {", "reply.json:2");
    refused(r#"{"error": true, "reason": "Latitude must be in range"}"#, "Latitude must be in range");
    refused(r#"{"hourly": {"time": ["2026-01-15T00:00"]}}"#, "temperature_2m");
    let with = |unit: &str, time: &str, value: &str| {
        format!(
            r#"{{"hourly_units": {{"temperature_2m": "{unit}"}}, "hourly": {{"time": [{time}], "temperature_2m": [{value}]}}}}"#
        )
    };
    refused(&with("K", r#""2026-01-15T00:00""#, "1"), "K");
    refused(&with("°C", r#""today""#, "1"), "today");
    refused(&with("°C", r#""2026-01-15T00:00""#, r#""cold""#), "cold");
    refused(&with("°C", r#""2026-01-15T00:00""#, "null"), "no weather");
    refused(&with("°C", r#""2026-01-15T00:00", "2026-01-15T00:00""#, "1, 2"), "does not come after");
    refused(r#"{"properties": {"timeseries": []}}"#, "geometry.coordinates");
}

#[test]
fn a_command_goes_on_with_the_reply_where_the_table_ends() {
    let folder = tempfile::tempdir().unwrap();
    let measured = folder.path().join("measured.csv");
    let rows: String = (0..24).map(|hour| format!("2026-01-14 {hour:02}:00,-7.5\n")).collect();
    std::fs::write(&measured, format!("time,temperature_c\n{rows}")).unwrap();
    let history = folder.path().join("heat.csv");
    let rows: String = (0..24).map(|hour| format!("2026-01-14 {hour:02}:00,50\n")).collect();
    std::fs::write(&history, format!("time,city_mw\n{rows}")).unwrap();
    let told = |weather: &[&Path]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hypocaust"));
        command.args(["forecast", "--format", "json", "--history"]).arg(&history).env("LC_ALL", "C");
        weather.iter().for_each(|one| {
            command.arg("--weather").arg(one);
        });
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        told["forecasts"][0]["notes"].clone()
    };
    let known = |notes: &serde_json::Value| {
        let ends = notes.as_array().unwrap().iter().find(|note| note["note"] == "weather-ends");
        ends.map(|note| note["known_hours"].as_u64().unwrap())
    };
    assert_eq!(known(&told(&[&measured])), Some(0));
    assert_eq!(known(&told(&[&measured, &file("open-meteo.json")])), Some(29));
}
