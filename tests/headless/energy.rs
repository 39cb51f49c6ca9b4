//! Energy analysis: figures by hand, sums, weather, counters, gaps, rankings, plans, tables and paper.

use std::path::Path;
use std::process::Command;

use hypocaust::dispatch::energy::{
    EnergyHistory, EnergyView, Hourly, Metered, Other, Outdoor, Period, Place, PlaceKind, Plan, Refused, Resource,
    Setting, Step, Target, analyse,
};
use hypocaust::io::energy::{Reading, Tagged, appendix, json, of_historian, read, read_plan, sheet};
use hypocaust::io::field::MapOptions;
use hypocaust::io::field::map::device_map;
use hypocaust::io::historian::{Historian, Options};
use hypocaust::io::modbus::DeviceMap;
use hypocaust::io::modbus::value::DataType;
use hypocaust::io::report::{PlainReport, print_sheet};
use hypocaust::live::{Fault, Quality, Sample, Timestamp};
use hypocaust::network::generate::demo_city;
use hypocaust::solver::Solver;
use hypocaust::text::Language;
use proptest::prelude::*;

const DAY: i64 = 24;
/// 2026-01-01, in hours.
const START: i64 = 20_454 * DAY;

/// A meter that counts the same every hour of so many days.
fn steady(from: i64, days: i64, amount: f64) -> Hourly {
    Hourly::new(from, vec![Some(amount); (days * DAY) as usize])
}

fn air(from: i64, days: i64, celsius: f64) -> Outdoor {
    Outdoor::new(from, vec![Some(celsius); (days * DAY) as usize])
}

/// A place with heat (GJ an hour).
fn metered(kind: PlaceKind, id: &str, area_m2: Option<f64>, heat: Hourly) -> Metered {
    let mut out = Metered::new(Place::new(kind, id, ""), area_m2);
    out.set(Resource::Heat, heat.times(1e9));
    out
}

fn history(metered: Vec<Metered>, outdoor: Option<Outdoor>) -> EnergyHistory {
    let mut out = EnergyHistory { metered, outdoor, ..EnergyHistory::default() };
    out.sort();
    out
}

fn view_of(history: &EnergyHistory, from: i64, days: i64) -> EnergyView {
    analyse(history, &Setting::new(Period::new(from, from + days * DAY)), None, &[])
}

fn close(found: Result<f64, Refused>, wanted: f64) {
    let found = found.unwrap();
    assert!((found - wanted).abs() <= 1e-9 * wanted.abs(), "{found} instead of {wanted}");
}

/// Ten days at −7 °C: 250 K·d. A plant gives 10 GJ/h, two substations take 6 and 3.
fn small_city() -> EnergyHistory {
    let mut plant = metered(PlaceKind::Source, "HS", None, steady(START, 10, 10.0));
    plant.set(Resource::Fuel, steady(START, 10, 12.5e9));
    plant.set(Resource::Electricity, steady(START, 10, 20.0 * 3.6e6));
    plant.set(Resource::MakeUp, steady(START, 10, 2.0));
    plant.set(Resource::Circulated, steady(START, 10, 400.0));
    let mut large = metered(PlaceKind::Station, "A", Some(40_000.0), steady(START, 10, 6.0));
    large.set(Resource::Electricity, steady(START, 10, 10.0 * 3.6e6));
    large.set(Resource::MakeUp, steady(START, 10, 0.1));
    let mut small = metered(PlaceKind::Station, "B", Some(10_000.0), steady(START, 10, 3.0));
    small.set(Resource::Electricity, steady(START, 10, 2.0 * 3.6e6));
    small.set(Resource::MakeUp, steady(START, 10, 0.3));
    history(vec![large, plant, small], Some(air(START, 10, -7.0)))
}

#[test]
fn the_figures_of_a_small_city_are_those_reckoned_by_hand() {
    let view = view_of(&small_city(), START, 10);
    assert!((view.degree_days.clone().unwrap().degree_days - 250.0).abs() < 1e-9);
    let a = view.account(PlaceKind::Station, "A").unwrap();
    close(a.amount(Resource::Heat), 1440.0e9);
    close(a.per_area(Resource::Heat), 0.036e9);
    // 0.036 GJ/m² over 250 K·d.
    close(a.heat_per_area_and_degree_day(), 144e3);
    // 10 kWh an hour over 240 h and 40 000 m²; 0.1 m³ an hour.
    close(a.per_area(Resource::Electricity), 0.06 * 3.6e6);
    close(a.per_area(Resource::MakeUp), 0.6e-3);
    close(a.per_heat(Resource::Electricity), 10.0 * 3.6e6 / 6e9);
    assert_eq!(a.water_loss_share(), Err(Refused::NotMeasured));
    let plant = view.account(PlaceKind::Source, "HS").unwrap();
    close(plant.fuel_efficiency(), 0.8);
    close(plant.water_loss_share(), 0.005);
    assert_eq!(plant.per_area(Resource::Heat), Err(Refused::NoArea));
    let system = view.system.as_ref().unwrap();
    close(system.transport_share.clone(), 0.9);
    close(system.whole_share.clone(), 0.72);
    close(system.primary_loss_share.clone(), 0.005);
    close(system.electricity_per_heat.clone(), 32.0 * 3.6e6 / 10e9);
    // 2.4 m³ an hour over 50 000 m².
    close(system.make_up_per_area.clone(), 2.4 * 240.0 / 50_000.0);
    close(view.city().unwrap().per_area(Resource::Heat), 2400e9 / 50_000.0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Substations add up to what arrives, days add up to the period, and no order of the meters changes a bit.
    #[test]
    fn parts_add_up(heats in prop::collection::vec((0.0f64..50.0, 100.0f64..1e5), 1..12), missing in 0usize..24) {
        let station = |(at, (heat, area)): (usize, &(f64, f64))| {
            let mut hours: Vec<Option<f64>> = (0..240).map(|hour| Some(heat * (1.0 + 0.01 * f64::from(hour % 24)))).collect();
            hours[100..100 + missing].fill(None);
            metered(PlaceKind::Station, &format!("S{at:02}"), Some(*area), Hourly::new(START, hours))
        };
        let stations: Vec<Metered> = heats.iter().enumerate().map(station).collect();
        let own = history(stations.clone(), Some(air(START, 10, -3.0)));
        let view = analyse(&own, &Setting { step: Some(Step::Day), ..Setting::new(Period::new(START, START + 240)) }, None, &[]);
        let sum: f64 = heats.iter().enumerate().map(|(at, _)| {
            view.account(PlaceKind::Station, &format!("S{at:02}")).unwrap().amount(Resource::Heat).unwrap()
        }).sum();
        for kind in [PlaceKind::AllStations, PlaceKind::City] {
            let whole = view.account(kind, kind.word()).unwrap();
            prop_assert!((whole.amount(Resource::Heat).unwrap() - sum).abs() <= 1e-12 * sum);
            prop_assert_eq!(whole.area_m2.unwrap(), heats.iter().map(|(_, area)| area).sum::<f64>());
        }
        if missing == 0 {
            let days: f64 = view.pieces.iter().map(|piece| piece.accounts[0].amount(Resource::Heat).unwrap()).sum();
            prop_assert_eq!(view.pieces.len(), 10);
            prop_assert!((days - sum).abs() <= 1e-9 * sum);
        }
        let turned = history(stations.into_iter().rev().collect(), Some(air(START, 10, -3.0)));
        prop_assert_eq!(format!("{}", json(&view_of(&turned, START, 10))), format!("{}", json(&view_of(&own, START, 10))));
    }
}

/// A building that takes in proportion to the cold: a mild winter after a hard one, and the correction makes them equal.
#[test]
fn the_weather_corrected_winters_of_one_building_are_equal() {
    let year = 365 * DAY;
    let (hard, mild) = (START - year, START);
    let day_c = |from: i64, day: i64| if from == hard { -12.0 - (day % 7) as f64 } else { -1.0 + (day % 5) as f64 };
    let (mut heat, mut celsius) = (Vec::new(), Vec::new());
    let hours = (year + 60 * DAY) as usize;
    for hour in 0..hours as i64 {
        let from = if hour < 60 * DAY { hard } else { mild };
        let within = if from == hard { hour } else { hour - year };
        let known = (0..60 * DAY).contains(&within);
        let mean = day_c(from, within.div_euclid(DAY));
        // Within a day warmer and colder; only the mean of the day counts.
        let swing = if within % DAY < 12 { -4.0 } else { 4.0 };
        celsius.push(known.then_some(mean + swing));
        heat.push(known.then_some(0.02 * (18.0 - mean)));
    }
    let house = metered(PlaceKind::Building, "H", Some(5000.0), Hourly::new(hard, heat));
    let own = history(vec![house], Some(Outdoor::new(hard, celsius)));
    let view = view_of(&own, mild, 60);
    let comparison = view.comparisons.iter().find(|own| own.other == Other::YearBefore).unwrap();
    let change = &comparison.changes[0];
    assert_eq!(&*change.place.id, "H");
    assert!(change.raw_share.clone().unwrap() < -0.4, "{change:?}");
    assert!(change.corrected_share().unwrap().unwrap().abs() < 1e-9, "{change:?}");
    // With another base the same building is not in proportion any more.
    let setting = Setting { base_c: 12.0, ..view.setting.clone() };
    let view = analyse(&own, &setting, None, &[]);
    let other = view.comparisons[0].changes[0].corrected_share().unwrap().unwrap();
    assert!(other.abs() > 0.02, "{other}");
}

#[test]
fn gaps_are_filled_by_the_weather_told_and_refused_where_too_many() {
    let mut hours = vec![Some(5.0); 240];
    let mut celsius = vec![Some(-7.0); 240];
    // A day twice as cold, of which nothing was measured.
    hours[48..72].fill(None);
    celsius[48..72].fill(Some(-32.0));
    let station = metered(PlaceKind::Station, "A", Some(1000.0), Hourly::new(START, hours.clone()));
    let own = history(vec![station], Some(Outdoor::new(START, celsius)));
    let heat = view_of(&own, START, 10).account(PlaceKind::Station, "A").unwrap().total(Resource::Heat).unwrap();
    assert_eq!(heat.measured_share, 0.9);
    assert!((heat.filled - 2.0 * 24.0 * 5e9).abs() < 1.0, "{heat:?}");
    assert!((heat.amount - (216.0 + 48.0) * 5e9).abs() < 1.0);
    // Without weather as many as the others.
    let station = metered(PlaceKind::Station, "A", Some(1000.0), Hourly::new(START, hours));
    let blind = history(vec![station], None);
    let view = view_of(&blind, START, 10);
    let account = view.account(PlaceKind::Station, "A").unwrap();
    assert!((account.total(Resource::Heat).unwrap().filled - 24.0 * 5e9).abs() < 1.0);
    assert_eq!(account.heat_per_area_and_degree_day(), Err(Refused::NoWeather));
    // Nine tenths known is just enough, less is refused, and with it every sum.
    let strict = Setting { least_share: 0.95, ..Setting::new(Period::new(START, START + 240)) };
    let view = analyse(&blind, &strict, None, &[]);
    let refused = view.account(PlaceKind::Station, "A").unwrap().amount(Resource::Heat);
    assert_eq!(refused, Err(Refused::TooLittle { known_share: 0.9 }));
    assert_eq!(view.city().unwrap().amount(Resource::Heat), Err(Refused::NotMeasured));
    let mut city = small_city();
    city.metered.push(Metered::new(Place::new(PlaceKind::Station, "C", ""), Some(5000.0)));
    let view = view_of(&city, START, 10);
    let missing = Refused::Members { refused: 1, of: 3, first: "C".into() };
    assert_eq!(view.system.unwrap().transport_share, Err(missing));
}

#[test]
fn the_ranking_is_by_area_the_worst_first_and_stable() {
    let station = |id: &str, heat: f64| metered(PlaceKind::Station, id, Some(1000.0), steady(START, 2, heat));
    let mut stations =
        vec![station("D", 4.0), station("B", 2.0), station("A", 2.0), station("C", 1.0), station("E", 1.5)];
    stations.push(Metered::new(Place::new(PlaceKind::Station, "F", ""), Some(1000.0)));
    let orders = [stations.clone(), stations.into_iter().rev().collect()];
    for order in orders {
        let view = view_of(&history(order, None), START, 2);
        let [ranking] = &view.rankings[..] else { panic!("{:?}", view.rankings) };
        let found: Vec<(usize, &str)> = ranking.ranked.iter().map(|one| (one.rank, &*one.place.id)).collect();
        assert_eq!(found, [(1, "D"), (2, "A"), (2, "B"), (4, "E"), (5, "C")]);
        assert!((ranking.median - 2.0e9 * 48.0 / 1000.0).abs() < 1e-3);
        assert_eq!(
            ranking.ranked.iter().map(|one| one.deviation_share.unwrap()).collect::<Vec<_>>(),
            [1.0, 0.0, 0.0, -0.25, -0.5]
        );
        assert_eq!(&*ranking.without[0].0.id, "F");
    }
}

#[test]
fn a_plan_is_held_against_the_hours_that_were_measured() {
    let mut hours = vec![Some(10.0); 48];
    hours[5] = Some(16.0);
    hours[24..].fill(None);
    let own = history(vec![metered(PlaceKind::Source, "HS", None, Hourly::new(START, hours))], None);
    let plan = Plan { sources: vec![("HS".to_owned(), steady(START, 2, 8.0e9))], demand: None };
    let setting = Setting::new(Period::new(START, START + 48));
    let targets = [Target { id: "city".to_owned(), resource: Resource::Heat, per_area: 1e9 }];
    let view = analyse(&own, &setting, Some(&plan), &targets);
    for planned in &view.planned {
        assert_eq!((planned.hours, planned.measured_hours), (48, 24));
        assert!((planned.planned_j - 192e9).abs() < 1.0 && (planned.actual_j - 246e9).abs() < 1.0);
        assert!((planned.deviation_share().unwrap() - 54.0 / 192.0).abs() < 1e-12);
        assert!((planned.hourly_share.unwrap() - 54.0 / 192.0).abs() < 1e-12);
        assert_eq!(planned.worst, Some((START + 5, 8e9)));
    }
    assert_eq!(view.planned.len(), 2);
    assert!(view.targets[0].deviation_share().is_none());
}

fn demo_map() -> DeviceMap {
    let network = demo_city();
    let steady = Solver::new().solve(&network, &hypocaust::solver::Options::default());
    let mut map = device_map(&network, &steady, &MapOptions { port_base: 1000, users: 1, ..MapOptions::default() });
    // A meter of four digits, whole gigajoules.
    let point = map.points.iter_mut().find(|point| &*point.tag == "ST001.E").unwrap();
    (point.kind, point.scale) = (DataType::Bcd16, 1.0);
    map
}

/// Two days of a few tags in a folder: at the half of every hour, from midnight in China.
fn folder_of(map: &DeviceMap, folder: &Path) {
    let tags = map.tags().unwrap();
    let historian = Historian::open(folder, Options::default()).unwrap();
    historian.register(&tags).unwrap();
    let mut samples = Vec::new();
    let mut put = |name: &str, minute: i64, value: f64, quality: Quality| {
        let time = Timestamp::from_ms(((START - 8) * 60 + minute) * 60_000);
        samples.push(Sample { tag: tags.id(name).unwrap(), source_time: time, arrival_time: time, value, quality });
    };
    for minute in (0..=2880).step_by(10) {
        let hours = minute as f64 / 60.0;
        // Through the end of four digits after 20 h, at 4 GJ an hour.
        put("ST001.E", minute, 1e9 * ((9920.0 + 4.0 * hours) % 10_000.0), Quality::Good);
        // Exchanged after 30 h; not read from the 10th to the 20th hour; once a value that cannot be.
        if !(600..1200).contains(&minute) {
            let energy = if minute < 1800 { 500.0 + 2.0 * hours } else { 2.0 * (hours - 30.0) };
            let spoilt = if minute == 300 { 0.0 } else { energy };
            put("ST002.E", minute, 1e9 * spoilt, Quality::Good);
        }
        put("HS01.Q", minute, 10e6, if minute == 500 { Quality::Bad(Fault::Communication) } else { Quality::Good });
        put("HS01.TA", minute, -7.0, Quality::Good);
        put("HS01.T1", minute, 110.0, Quality::Good);
        put("HS01.T2", minute, 50.0 + hours / 48.0, Quality::Good);
        put("HS01.FM", minute, 3.0, Quality::Good);
        put("HS01.F", minute, 1500.0, Quality::Good);
        put("HS01.FUEL", minute, 3.0 * hours, Quality::Good);
    }
    historian.append(&samples).unwrap();
}

#[test]
fn a_history_gives_totals_through_roll_overs_exchanges_and_outages() {
    let network = demo_city();
    let (map, folder) = (demo_map(), tempfile::tempdir().unwrap());
    folder_of(&map, folder.path());
    let offset_ms = 8 * 3_600_000;
    let historian = Historian::read(folder.path(), Options { offset_ms, ..Options::default() }).unwrap();
    let tags = map.tags().unwrap();
    let tagged = Tagged { historian: &historian, tags: &tags, map: Some(&map), offset_ms };
    let history = of_historian(&tagged, &network, &[("HS01".to_owned(), 20e9)]).unwrap();
    let view = view_of(&history, START, 2);
    let heat = |kind, id| view.account(kind, id).unwrap().total(Resource::Heat).unwrap();
    let rolled = heat(PlaceKind::Station, "ST001");
    assert!((rolled.amount / 1e9 - 4.0 * 48.0).abs() < 0.2 * 4.0, "{rolled:?}");
    let series = history.find(PlaceKind::Station, "ST001").unwrap().series(Resource::Heat).unwrap();
    assert_eq!((series.counter.roll_overs, series.counter.resets), (1, 0));
    // What an exchange loses is at most what was counted since the reading before.
    let exchanged = heat(PlaceKind::Station, "ST002");
    assert!((exchanged.amount / 1e9 - 2.0 * 48.0).abs() < 1.5 * 2.0, "{exchanged:?}");
    assert!(exchanged.bridged_share > 0.15 && exchanged.measured_share < 0.85);
    let series = history.find(PlaceKind::Station, "ST002").unwrap().series(Resource::Heat).unwrap();
    assert_eq!((series.counter.roll_overs, series.counter.resets), (0, 1));
    let plant = view.account(PlaceKind::Source, "HS01").unwrap();
    close(plant.amount(Resource::Heat), 10e6 * 48.0 * 3600.0);
    close(plant.water_loss_share(), 3.0 / 1500.0);
    let efficiency = plant.fuel_efficiency().unwrap();
    assert!((efficiency - 10e6 * 3600.0 / 60e9).abs() < 0.02, "{efficiency}");
    assert!((view.degree_days.as_ref().unwrap().degree_days - 50.0).abs() < 1e-9);
    // The other plant has no value: nothing is told of all.
    let missing = Refused::Members { refused: 1, of: 2, first: "HS02".into() };
    assert_eq!(view.city().unwrap().amount(Resource::Fuel), Err(missing));
}

fn hypocaust(arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_hypocaust")).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/networks/demo-city/demo-city.hypocaust.json");
const BUNDLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/networks/demo-city/heat-history.csv");

#[test]
fn appendix_e_of_a_period_has_every_row_and_comes_back_as_it_was_written() {
    let (map, folder) = (demo_map(), tempfile::tempdir().unwrap());
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    map.write(Path::new(&at("devices.toml"))).unwrap();
    folder_of(&map, Path::new(&at("history")));
    let (done, _, error) = hypocaust(&[
        "energy",
        DEMO,
        "--history",
        &at("history"),
        "--map",
        &at("devices.toml"),
        "--regulator",
        &at("e.csv"),
        "--from",
        "2026-01-01",
        "--to",
        "2026-01-03",
        "--format",
        "json",
        "--output",
        &at("out.json"),
    ]);
    assert!(done, "{error}");
    let text = std::fs::read_to_string(at("e.csv")).unwrap();
    let lines = appendix::parse(Path::new("e.csv"), &text).unwrap();
    assert_eq!(appendix::to_csv(&lines), text);
    assert_eq!(lines.len(), 2 * 8 + 60 * 12 + 60);
    let find = |id: &str, row: &str| lines.iter().find(|line| &*line.element.id == id && line.row == row).unwrap();
    let supply = find("HS01", "1.1");
    assert_eq!((supply.mean, supply.most, supply.known_share), (Some(110.0), Some(110.0), 1.0));
    // A difference without a value of its own, and a total in GJ.
    let difference = find("HS01", "1.3");
    assert!((difference.mean.unwrap() - 59.5).abs() < 0.02, "{difference:?}");
    assert_eq!(difference.tags, ["HS01.T1", "HS01.T2"]);
    let total = find("ST001", "1.8");
    assert!((total.last.unwrap() - (9920.0 + 4.0 * (47.0 + 5.0 / 6.0) - 10_000.0)).abs() < 1e-9, "{total:?}");
    assert!((total.rise.unwrap() - 192.0).abs() < 0.8 && total.mean.is_none(), "{total:?}");
    // Not measured: the row stands, and has no number.
    let empty = find("HS02", "1.4");
    assert_eq!((empty.mean, empty.last, empty.known_share), (None, None, 0.0));
    assert!(text.contains("供回水温差") && text.contains("累计热量"));
    let broken = text.replace("source:HS01,1.1", "source:HS01,2.1");
    let refused = appendix::parse(Path::new("e.csv"), &broken).unwrap_err().to_string();
    assert!(refused.contains("e.csv:2") && refused.contains("2.1"), "{refused}");
}

#[test]
fn the_bundled_winter_is_analysed_and_printed_with_its_figures() {
    let network = demo_city();
    let own = read(Path::new(BUNDLED), &network, &Reading::default()).unwrap();
    let (from, to) = own.span().unwrap();
    let winter = hypocaust::io::weather::ExampleWinter::by_name("harbin-like").unwrap().series().unwrap();
    let hourly = hypocaust::dispatch::weather::HourlyWeather::of(&winter).unwrap();
    let celsius = (hourly.first_hour()..hourly.end_hour()).map(|hour| hourly.at(hour).map(|own| own.temperature_c));
    let own = EnergyHistory { outdoor: Some(Outdoor::new(hourly.first_hour(), celsius.collect())), ..own };
    let setting = Setting { step: Some(Step::Month), least_share: 0.8, ..Setting::new(Period::new(from, to)) };
    let view = analyse(&own, &setting, None, &[]);
    let station = view.account(PlaceKind::Station, "ST001").unwrap();
    let heat = station.per_area(Resource::Heat).unwrap() / 1e9;
    assert!((0.1..0.8).contains(&heat), "{heat}");
    for language in Language::ALL {
        let sheet = sheet(&view, &own, language, 250);
        let facts = [("a".to_owned(), "b".to_owned())];
        let made = "2026-11-22T23:30:00+08:00".parse().unwrap();
        let report = PlainReport { sheet: &sheet, facts: &facts, language, made, who: "Wang 王" };
        let printed = print_sheet(&report);
        super::report::check(&printed);
        let text = super::report::whole(&printed);
        let table = sheet.sections.iter().flat_map(|section| &section.table);
        for row in table.flat_map(|table| &table.rows) {
            let figure = row.iter().find(|cell| cell.starts_with(|sign: char| sign.is_ascii_digit()));
            assert!(figure.is_none_or(|figure| text.contains(figure.as_str())), "{row:?}");
        }
        assert!(text.contains("ST001") && text.contains("HS02"));
        assert_eq!(print_sheet(&report).bytes, printed.bytes);
    }
}

#[test]
fn the_command_answers_in_three_forms_and_names_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(at("plan.csv"), "time,demand_mw,HS01:on,HS01:heat_mw\n2002-01-10T00:00,200,1,150\n2002-01-10T00:30,200,1,160\n2002-01-10T01:00,200,1,150\n").unwrap();
    std::fs::write(at("targets.csv"), "编号,单位面积热耗\nST001,0.35\n").unwrap();
    let common = ["energy", DEMO, "--history", BUNDLED, "--weather", "harbin-like", "--least-known", "80"];
    let with = |more: &[&str]| hypocaust(&[&common[..], more].concat());
    let (done, out, error) = with(&[
        "--format",
        "json",
        "--every",
        "month",
        "--plan",
        &at("plan.csv"),
        "--targets",
        &at("targets.csv"),
        "--from",
        "2002-01-01",
        "--to",
        "2002-02-01",
        "--report",
        &at("report.pdf"),
    ]);
    assert!(done, "{error}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&found["period"]["hours"], &found["pieces"][0]["period"]["hours"]), (&744.into(), &744.into()));
    assert_eq!(found["plan"][0]["measured_hours"], 2);
    assert!((found["plan"][0]["planned_j"].as_f64().unwrap() - 305e6 * 3600.0).abs() < 1.0);
    assert!(found["targets"][0]["deviation_share"].is_number());
    assert_eq!(found["system"]["refused"]["received_j"]["of"], 60);
    let before = found["comparisons"].as_array().unwrap().iter().find(|own| own["with"] == "before").unwrap();
    assert_eq!(before["period"]["from"], "2001-12-01 00:00");
    assert!(std::fs::read(at("report.pdf")).unwrap().starts_with(b"%PDF"));

    let (done, csv, error) = with(&["--format", "csv"]);
    assert!(done, "{error}");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let place = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3 + 2 + 60);
    let ranks = rows.iter().filter(|row| !row[place("heat_rank")].is_empty()).count();
    assert_eq!(ranks, 6);
    let (done, text, _) = hypocaust(&[&["--language", "zh-CN"][..], &common].concat());
    assert!(done && text.contains("单位面积耗热量") && text.contains("没有计量"), "{text}");

    std::fs::write(at("wrong.csv"), "time,ST001_m3,XX_kw,HS01:fuel_t\n2002-01-10 00:00,1,1,1\n").unwrap();
    let (done, _, error) = hypocaust(&["energy", DEMO, "--history", &at("wrong.csv")]);
    assert!(!done && error.contains("wrong.csv:1"), "{error}");
    for word in ["ST001_m3", "XX_kw", "HS01:fuel_t"] {
        assert!(error.contains(word), "{error}");
    }
    let (done, _, error) = with(&["--from", "2010-01-01"]);
    assert!(!done && error.contains("2001-11-15T00:00"), "{error}");
    let (done, _, error) = with(&["--regulator", &at("e.csv")]);
    assert!(!done && error.contains("folder"), "{error}");
    std::fs::write(at("plan.csv"), "time,demand_mw,HS99:heat_mw\n2002-01-10T00:00,200,1\n").unwrap();
    let refused = read_plan(Path::new(&at("plan.csv")), &EnergyHistory::default()).unwrap_err().to_string();
    assert!(refused.contains("HS99:heat_mw") && refused.contains(":1"), "{refused}");
}
