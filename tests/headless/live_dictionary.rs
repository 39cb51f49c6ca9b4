//! The data dictionary against the tables of the standard, counted by hand, and its templates against each other.

use std::collections::{BTreeMap, BTreeSet};

use hypocaust::live::Observed;
use hypocaust::live::dictionary::{AlarmCondition, Content, DeviceKind, Form, RowKind, dictionary};
use hypocaust::text::Language;

/// Lines of each group of each table as printed.
const PRINTED: [(&str, &[usize]); 20] = [
    ("A.0.1", &[6]),
    ("A.0.2", &[6]),
    ("A.0.3", &[10, 8, 11, 11, 11, 11, 4, 4, 4, 4, 4]),
    ("A.0.4", &[9, 10, 4, 3, 2, 2, 5, 5, 2, 1, 2, 2, 6, 4, 4]),
    ("A.0.5", &[9, 3]),
    ("B.0.1", &[8]),
    ("B.0.2", &[11]),
    ("B.0.3", &[5, 5, 6]),
    ("B.0.4", &[16]),
    ("B.0.5", &[6]),
    ("C.0.1", &[8]),
    ("C.0.2", &[6]),
    ("C.0.3", &[10, 11, 11, 4, 4, 4, 4, 4]),
    ("C.0.4", &[8, 9, 3, 2, 2, 5, 5, 2, 1, 1]),
    ("C.0.5", &[7, 3]),
    ("D.0.1", &[11]),
    ("D.0.2", &[10, 4]),
    ("D.0.3", &[9, 2]),
    ("D.0.4", &[3, 3]),
    ("E", &[8, 4, 1]),
];

#[test]
fn every_line_of_the_standard_stands_once() {
    let dictionary = dictionary();
    let mut total = 0;
    for (clause, groups) in PRINTED {
        let rows: Vec<&str> = dictionary.table(clause).map(|row| row.row.as_str()).collect();
        let wanted: Vec<String> = match groups {
            [lines] => (1..=*lines).map(|line| line.to_string()).collect(),
            _ => groups
                .iter()
                .enumerate()
                .flat_map(|(group, lines)| (1..=*lines).map(move |line| format!("{}.{line}", group + 1)))
                .collect(),
        };
        assert_eq!(rows, wanted, "{clause}");
        total += rows.len();
    }
    assert_eq!(dictionary.rows().len(), total);
}

/// A few lines from the start, middle and end of the tables, word for word, with their units.
#[test]
fn words_and_units_are_the_printed_ones() {
    for (clause, row, part, name, unit, observed) in [
        ("A.0.4", "2.6", "热网循环系统运行参数", "回水温度", "°C", Some(Observed::ReturnTemperature)),
        ("A.0.4", "3.3", "系统能耗参数", "累计生产用电量", "kWh", Some(Observed::Electricity)),
        ("A.0.4", "15.4", "气象参数", "太阳辐射值", "W/m²", Some(Observed::Other)),
        ("A.0.5", "1.9", "设备报警", "DCS断电报警", "", None),
        ("B.0.4", "16", "", "终点回水压力", "MPa", Some(Observed::ReturnPressure)),
        ("C.0.4", "3.1", "系统能耗参数", "瞬时补水量", "m³/h", Some(Observed::MakeUpFlow)),
        ("C.0.4", "7.2", "补水泵运行参数", "功率", "kW", Some(Observed::Other)),
        ("C.0.5", "1.5", "设备报警", "定压点压力限值报警", "", None),
        ("D.0.3", "1.5", "热力入口", "供回水压差", "kPa", Some(Observed::PressureDifference)),
        ("D.0.4", "2.2", "室温采集装置", "剩余电量报警", "", None),
        ("E", "1.8", "热源、一次网", "累计热量", "GJ", Some(Observed::Energy)),
    ] {
        let found = dictionary().row(clause, row).unwrap();
        assert_eq!(
            (found.part(Language::Chinese), found.name(Language::Chinese), found.unit.as_str(), found.observed),
            (part, name, unit, observed),
            "{clause} {row}"
        );
    }
}

#[test]
fn both_languages_name_every_line_and_its_kind_fits_its_table() {
    for row in dictionary().rows() {
        let at = format!("{} {}", row.clause, row.row);
        let english = row.name(Language::English);
        assert!(english.is_ascii() || english.contains(['₂', 'ₓ']), "{at}: {english}");
        assert!(!english.is_empty() && !row.name(Language::Chinese).is_ascii() || row.name(Language::Chinese) == "O₂");
        assert_eq!(row.part(Language::English).is_empty(), row.part(Language::Chinese).is_empty(), "{at}");
        let kind = match row.clause.as_str() {
            "A.0.4" | "B.0.4" | "C.0.4" | "D.0.3" => RowKind::Run,
            "A.0.5" | "B.0.5" | "C.0.5" | "D.0.4" => RowKind::Alarm,
            "E" => RowKind::Report,
            _ => RowKind::Information,
        };
        assert_eq!(row.kind, kind, "{at}");
        assert_eq!(row.observed.is_some(), matches!(kind, RowKind::Run | RowKind::Report), "{at}");
        assert_eq!(
            row.content == Content::Total,
            row.name(Language::Chinese).starts_with("累计") || at == "A.0.4 13.2"
        );
    }
}

/// Every operating line is offered by some device, but means, which are reckoned; every alarm line is watched exactly once.
#[test]
fn templates_cover_the_operating_data_and_the_alarm_lists() {
    let dictionary = dictionary();
    let mut offered = BTreeSet::new();
    let mut names = BTreeSet::new();
    for device in DeviceKind::ALL {
        for tag in dictionary.offered(device) {
            assert!(names.insert((device, tag.tag.clone())), "{device:?} {} twice", tag.tag);
            let row = dictionary.row(&tag.clause, &tag.row).unwrap_or_else(|| panic!("{tag:?}"));
            offered.insert((tag.clause.clone(), tag.row.clone()));
            assert_eq!(tag.form == Form::Total, row.content == Content::Total && tag.tag != "FM", "{tag:?}");
            assert_eq!(tag.least.is_some(), tag.most.is_some(), "{tag:?}");
            assert!(tag.least.zip(tag.most).is_none_or(|(least, most)| least < most), "{tag:?}");
            let noisy = tag.form == Form::Measure;
            assert!(!noisy || tag.deviation.is_some() != tag.deviation_share.is_some(), "{tag:?}");
            for language in Language::ALL {
                assert!(tag.name(language).chars().count() > 1);
            }
        }
    }
    let mut alarms: BTreeMap<(String, String), usize> = BTreeMap::new();
    for device in DeviceKind::ALL {
        for alarm in dictionary.alarms(device) {
            *alarms.entry((alarm.clause.clone(), alarm.row.clone())).or_default() += 1;
            assert!(dictionary.row(&alarm.clause, &alarm.row).is_some_and(|row| row.kind == RowKind::Alarm));
            let form = dictionary.offered_tag(device, &alarm.tag).map(|tag| tag.form);
            match alarm.condition {
                AlarmCondition::Limit => assert_eq!(form, Some(Form::Measure), "{alarm:?}"),
                AlarmCondition::Contact => assert_eq!(form, Some(Form::State), "{alarm:?}"),
                AlarmCondition::Communication => assert_eq!(alarm.tag, "", "{alarm:?}"),
            }
        }
    }
    for row in dictionary.rows() {
        let key = (row.clause.clone(), row.row.clone());
        match row.kind {
            RowKind::Run => assert_eq!(offered.contains(&key), row.content != Content::Mean, "{key:?}"),
            RowKind::Alarm => assert_eq!(alarms.get(&key), Some(&1), "{key:?}"),
            RowKind::Information | RowKind::Report => {}
        }
    }
}

/// Clause 6.1.1.
#[test]
fn periods_are_those_of_the_standard() {
    let of = |device: DeviceKind| (device.period().collected_s, device.period().uploaded_s);
    assert_eq!(of(DeviceKind::Source), (60, 600));
    assert_eq!(of(DeviceKind::Station), (60, 600));
    assert_eq!(of(DeviceKind::Network), (3600, 7200));
    assert_eq!(of(DeviceKind::User), (1800, 3600));
}
