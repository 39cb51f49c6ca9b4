//! Alternatives side by side: each lives through the same weather in the simulation, and what is counted adds up.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use hypocaust::dispatch::alternative::ready::{
    District, ReadyError, new_district, night_setback, source_out, supply_shift, usual, written_sides,
};
use hypocaust::dispatch::alternative::{
    Alternative, Assessment, Conditions, Figure, Refusal, SourceRunning, Watch, assess, assess_all, pareto,
};
use hypocaust::dispatch::weather::WeatherUncertainty;
use hypocaust::emergency::incident::Moment;
use hypocaust::io::alternatives::{self, Comparison, sheet};
use hypocaust::io::report::{AlternativesPage, print_alternatives};
use hypocaust::io::weather::ExampleWinter;
use hypocaust::network::edit::Edit;
use hypocaust::network::{ElementKind, ElementRef, Network};
use hypocaust::text::Language;
use hypocaust::units::DisplayUnits;
use proptest::prelude::*;

use super::report::{check, whole};
use super::support::program::hypocaust;

const PRICES: &str = include_str!("../../networks/demo-city/prices.toml");

fn city() -> Network {
    hypocaust::network::generate::demo_city()
}

/// Some hours of the example winter.
fn hours(hours: f64) -> Conditions {
    let series = Arc::new(ExampleWinter::by_name("harbin-like").unwrap().series().unwrap());
    let start_s = series.span_s().0 + 40.0 * 86_400.0;
    let prices = hypocaust::io::dispatch::terms(Path::new("prices.toml"), PRICES).unwrap();
    Conditions { uncertainty: None, prices: Some(Arc::new(prices)), ..Conditions::new(series, start_s, hours) }
}

fn watched<T>(look: impl FnOnce(&Watch<'_>) -> T) -> T {
    look(&Watch { cancel: &AtomicBool::new(false), progress: &|_| {} })
}

fn all(base: &Network, alternatives: &[Alternative], conditions: &Conditions) -> Vec<Assessment> {
    let done = watched(|watch| assess_all(base, alternatives, conditions, watch));
    done.into_iter().map(|one| one.unwrap_or_else(|refusal| panic!("{refusal}"))).collect()
}

/// A source stands still.
fn out(source: &str) -> Alternative {
    let stop = Edit::set(ElementRef::new(ElementKind::Source, source), "running", false);
    Alternative::of_edits(format!("without {source}"), vec![stop])
}

#[test]
fn heat_given_is_heat_consumed_lost_and_stored_in_every_way_of_running() {
    let base = city();
    let mut alternatives: Vec<Alternative> =
        SourceRunning::ALL.into_iter().map(|running| Alternative::base(running.word()).running(running)).collect();
    alternatives.push(out("HS02"));
    for one in all(&base, &alternatives, &hours(6.0)) {
        let heat = &one.figures.heat;
        let spent_j = heat.consumed_j + heat.drawn_j + heat.lost_j + heat.stored_j;
        assert!((heat.supplied_j + heat.fed_j - spent_j).abs() < 1e-9 * heat.supplied_j, "{}: {heat:?}", one.name);
        let of_sources: f64 = one.figures.sources.iter().map(|source| source.heat_j).sum();
        assert!((of_sources / heat.supplied_j - 1.0).abs() < 1e-9, "{}", one.name);
        assert_eq!(one.figures.unsolved_steps, 0, "{}", one.name);
        if one.running == SourceRunning::Optimised {
            assert!(one.figures.breaches.is_empty(), "{:?}", one.figures.breaches_by_code());
        }
        let money = one.figures.money.unwrap();
        let kinds: f64 = hypocaust::dispatch::alternative::MoneyKind::ALL.into_iter().map(|kind| money.of(kind)).sum();
        assert!((kinds - money.total()).abs() < 1e-6 && kinds > 0.0, "{}", one.name);
        for figure in Figure::ALL {
            assert!(figure.of(&one.figures).is_some(), "{}: {}", one.name, figure.word());
        }
    }
}

#[test]
fn an_edit_that_cannot_be_applied_is_named() {
    let base = city();
    let mut alternative = out("HS02");
    alternative.edits.push(Edit::set(ElementRef::new(ElementKind::Source, "HS99"), "running", false));
    let refusal = watched(|watch| assess(&base, &alternative, &hours(1.0), watch)).unwrap_err();
    assert!(matches!(&refusal, Refusal::Edit { number: 2, .. }), "{refusal:?}");
    let said = refusal.to_string();
    for part in ["without HS02", "edit 2", "HS99"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn the_base_against_itself_differs_in_nothing() {
    let base = city();
    let found = all(&base, &[Alternative::base("a"), Alternative::base("b")], &hours(2.0));
    assert_eq!(found[0].figures, found[1].figures);
    let differences = found[1].differences_from(&found[0]);
    assert_eq!((differences.nodes.len(), differences.links.len()), (base.node_count(), base.link_count()));
    let nothing = |value: f64| value == 0.0 || value.is_nan();
    assert!(differences.nodes.iter().all(|one| nothing(one.pressure_pa) && nothing(one.temperature_k)));
    assert!(differences.links.iter().all(|one| nothing(one.mass_flow_kg_s) && nothing(one.velocity_m_s)));
    assert!(differences.only_in_base.is_empty() && differences.only_in_alternative.is_empty());
    // Equals stand together among the best.
    let rows: Vec<&Assessment> = found.iter().collect();
    assert_eq!(Comparison { rows: &rows, currency: "CNY" }.best(), [true, true]);
}

#[test]
fn a_source_out_raises_the_others_and_lets_rooms_cool() {
    let base = city();
    let alternatives =
        [Alternative::base("base"), source_out(&base, "HS01").unwrap(), source_out(&base, "HS02").unwrap()];
    let found = all(&base, &alternatives, &hours(12.0));
    let heat = |row: usize, id: &str| {
        found[row].figures.sources.iter().find(|source| *source.id == *id).map_or(0.0, |source| source.heat_j)
    };
    assert!(heat(2, "HS01") > 1.02 * heat(0, "HS01"), "{} {}", heat(2, "HS01"), heat(0, "HS01"));
    assert!(heat(1, "HS02") > heat(0, "HS02"));
    assert_eq!((heat(1, "HS01"), heat(2, "HS02")), (0.0, 0.0));
    // The small plant alone cannot: it gives its capacity, and rooms cool.
    let short = &found[1].figures;
    assert!(short.peak_heat_w < 1.06 * 110e6, "{}", short.peak_heat_w);
    assert!(short.cold.unmet_kh > 10.0 * found[0].figures.cold.unmet_kh, "{:?}", short.cold);
    assert_eq!(short.unsolved_steps, 0);
    assert!(found[2].figures.sources[0].at_capacity_s < found[2].figures.duration_s);
    // What runs alone pumps more.
    assert!(found[2].figures.sources[0].pumps_j > found[0].figures.sources[0].pumps_j);
    assert!(found[2].figures.sources.iter().all(|source| *source.id == *"HS01"));
}

#[test]
fn colder_weather_takes_more_heat_and_says_how_certain_a_figure_is() {
    let base = city();
    let conditions = Conditions { uncertainty: Some(WeatherUncertainty::USUAL), ..hours(6.0) };
    let found = all(&base, &[Alternative::base("base")], &conditions).remove(0);
    assert!((0.4..1.2).contains(&found.deviation_k), "{}", found.deviation_k);
    let heat = |figures: &hypocaust::dispatch::alternative::Figures| figures.heat.consumed_j;
    let (colder, warmer) = (found.colder.as_ref().unwrap(), found.warmer.as_ref().unwrap());
    assert!(heat(colder) > heat(&found.figures) && heat(&found.figures) > heat(warmer));
    let shift_k = found.figures.outdoor_mean_c - colder.outdoor_mean_c;
    assert!((shift_k - found.deviation_k).abs() < 1e-9);
    let [low, value, high] = found.range(Figure::HeatSupplied).unwrap();
    assert!(low < value && value < high);
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let base = city();
    let alternatives = [Alternative::base("own"), Alternative::base("equal").running(SourceRunning::EqualShares)];
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| all(&base, &alternatives, &hours(1.0)))
    };
    let (one, three) = (on(1), on(3));
    for (a, b) in one.iter().zip(&three) {
        assert_eq!(a.figures, b.figures);
        assert_eq!(a.extremes.greatest_velocity_m_s.len(), b.extremes.greatest_velocity_m_s.len());
        assert_eq!(format!("{:?}", a.instant.solution.links), format!("{:?}", b.instant.solution.links));
    }
}

#[test]
fn it_stops_when_asked_and_tells_how_far_it_is() {
    let stop = AtomicBool::new(true);
    let watch = Watch { cancel: &stop, progress: &|_| {} };
    let refusal = assess(&city(), &Alternative::base("base"), &hours(1.0), &watch).unwrap_err();
    assert_eq!(refusal, Refusal::Cancelled);
    let last = std::sync::Mutex::new(0.0);
    let heard = |share: f64| *last.lock().unwrap() = share;
    let watch = Watch { cancel: &AtomicBool::new(false), progress: &heard };
    assess(&city(), &Alternative::base("base"), &hours(1.0), &watch).unwrap();
    assert_eq!(*last.lock().unwrap(), 1.0);
}

#[test]
fn what_cannot_be_compared_is_refused_by_name() {
    let base = city();
    let refused = |alternative: &Alternative, conditions: &Conditions| {
        watched(|watch| assess(&base, alternative, conditions, watch)).unwrap_err()
    };
    let optimised = Alternative::base("cheap").running(SourceRunning::Optimised);
    let without = Conditions { prices: None, ..hours(1.0) };
    assert_eq!(refused(&optimised, &without), Refusal::NeedsPrices { alternative: "cheap".to_owned() });
    // Without the source that holds the pressure nothing can be solved.
    let Refusal::Network { alternative, findings } = refused(&out("HS01"), &hours(1.0)) else { panic!() };
    assert!(alternative == "without HS01" && !findings.is_empty());
    let mut wrong = (*hours(1.0).prices.unwrap()).clone();
    wrong.source[1].id = "HS07".to_owned();
    let conditions = Conditions { prices: Some(Arc::new(wrong)), ..hours(1.0) };
    let said = refused(&Alternative::base("base"), &conditions).to_string();
    assert!(said.contains("HS07") && said.contains("base"), "{said}");
    assert!(matches!(refused(&optimised, &Conditions { step_s: 0.0, ..hours(1.0) }), Refusal::Conditions(_)));
    assert!(matches!(source_out(&base, "HS09"), Err(ReadyError::NoSource(..))));
    assert!(matches!(supply_shift(&base, f64::NAN), Err(ReadyError::Range(..))));
    let nowhere = District { node: "nowhere".into(), stations: 1, heat_each_w: 1e6, distance_m: 10.0 };
    assert!(matches!(new_district(&base, &nowhere), Err(ReadyError::NoNode(_))));
}

#[test]
fn ready_alternatives_change_what_they_say_and_nothing_else() {
    let base = city();
    // Sides written down are those that are taken in any case.
    let written = Alternative::of_edits("written", written_sides(&base).unwrap());
    assert_eq!(written.edits.len(), 60);
    let district = new_district(&base, &District::usual(&base).unwrap()).unwrap();
    let alternatives = [
        Alternative::base("base"),
        written,
        supply_shift(&base, -10.0).unwrap(),
        night_setback(&base, 22, 5, 3.0).unwrap(),
        district,
    ];
    let found = all(&base, &alternatives, &hours(8.0));
    assert_eq!(found[1].figures, found[0].figures);
    let [_, _, cooler, night, district] = &found[..] else { panic!() };
    let base = &found[0].figures;
    // Colder water, the same substations: more flow, more pumping, smaller losses.
    assert!(cooler.figures.supply_c < base.supply_c - 5.0);
    assert!(cooler.figures.heat.lost_j < 0.97 * base.heat.lost_j);
    assert!(cooler.figures.served_share > 0.9);
    // Midnight to eight: five hours of setback take less heat, and rooms cool.
    assert!(night.figures.heat.supplied_j < 0.99 * base.heat.supplied_j);
    assert!(night.figures.cold.unmet_kh > base.cold.unmet_kh);
    let more = district.figures.heat.consumed_j / base.heat.consumed_j - 1.0;
    assert!((0.03..0.07).contains(&more), "{more}");
    let differences = district.differences_from(&found[0]);
    assert_eq!(differences.only_in_alternative.len(), 5 * (2 + 2 + 1));
    assert_eq!(usual(&city(), true).len(), 7);
}

proptest! {
    #[test]
    fn the_best_are_those_that_brute_force_finds(
        rows in prop::collection::vec(prop::collection::vec((0..6).prop_map(f64::from), 3), 0..12)
    ) {
        let beats = |a: &[f64], b: &[f64]| {
            let (mut as_good, mut better) = (true, false);
            for axis in 0..3 {
                as_good &= a[axis] <= b[axis];
                better |= a[axis] < b[axis];
            }
            as_good && better
        };
        let found = pareto(&rows);
        for (at, row) in rows.iter().enumerate() {
            let mut beaten = false;
            for other in &rows {
                beaten |= beats(other, row);
            }
            prop_assert_eq!(found[at], !beaten);
        }
        prop_assert!(rows.is_empty() || found.contains(&true));
    }
}

#[test]
fn files_of_alternatives_come_back_and_mistakes_have_their_line() {
    let base = city();
    let mut written = usual(&base, true);
    written[0].note = "the cheapest".to_owned();
    let path = Path::new("variants.json");
    assert_eq!(alternatives::parse(path, &alternatives::text(&written)).unwrap(), written);
    let bare = "[{\"set\": {\"element\": {\"kind\": \"source\", \"id\": \"HS02\"}, \"field\": \"running\", \"value\": false}}]";
    let one = alternatives::parse(path, bare).unwrap().remove(0);
    assert_eq!((one.name.as_str(), one.edits.len()), ("variants", 1));
    let wrong = "{\"alternatives\": [\n  {\"name\": \"a\", \"edit\": []}\n]}";
    let said = alternatives::parse(path, wrong).unwrap_err();
    let said = said.problems[0].text(Language::English);
    assert!(said.starts_with("variants.json:2:") && said.contains("edit"), "{said}");
    let wrong = "{\"alternatives\": [{\"name\": \"a\", \"running\": \"fast\"}]}";
    let said = alternatives::parse(path, wrong).unwrap_err().problems[0].text(Language::English);
    assert!(said.contains("fast") && said.contains("optimised"), "{said}");
}

#[test]
fn the_shipped_alternatives_fit_the_demo_city() {
    let text = include_str!("../../docs/examples/alternatives-demo-city.json");
    let shipped = alternatives::parse(Path::new("alternatives.json"), text).unwrap();
    assert_eq!(shipped.len(), 3);
    assert_eq!(shipped[0].running, SourceRunning::Optimised);
    let base = city();
    for one in &shipped {
        one.network(&base).unwrap_or_else(|refusal| panic!("{refusal}"));
    }
}

#[test]
fn the_page_is_one_page_and_has_the_figures_of_the_sheet() {
    let base = city();
    let chosen =
        [Alternative::base("base"), source_out(&base, "HS01").unwrap(), night_setback(&base, 22, 5, 3.0).unwrap()];
    let conditions = Conditions { uncertainty: Some(WeatherUncertainty::USUAL), ..hours(2.0) };
    let found = all(&base, &chosen, &conditions);
    let rows: Vec<&Assessment> = found.iter().collect();
    let comparison = Comparison { rows: &rows, currency: "CNY" };
    let made: Moment = "2026-11-22T23:30:00+08:00".parse().unwrap();
    for language in Language::ALL {
        let units = DisplayUnits::default();
        let page = AlternativesPage {
            comparison: &comparison,
            map: None,
            conditions: &conditions,
            language,
            units: &units,
            made,
        };
        let printed = print_alternatives(&page);
        assert_eq!(printed.pages, 1);
        check(&printed);
        let text = whole(&printed);
        let sheet = sheet(&comparison, language);
        for name in ["without HS01", "HS02"] {
            assert!(text.contains(name), "{name}");
        }
        // Money, CO₂ and heat of every alternative, as on the sheet.
        for cell in sheet.rows[..3].iter().flat_map(|row| &row[1..]) {
            let number = cell.split(' ').next().unwrap();
            assert!(text.contains(number), "{number} of {cell}");
        }
        assert_eq!(printed.bytes, print_alternatives(&page).bytes);
    }
}

#[test]
fn the_command_compares_and_names_what_it_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let city_file = concat!(env!("CARGO_MANIFEST_DIR"), "/networks/demo-city/demo-city.hypocaust.json");
    let variants = folder.path().join("variants.json");
    std::fs::write(&variants, alternatives::text(&[out("HS02"), out("HS77")])).unwrap();
    let page = folder.path().join("page.pdf");
    let (code, data, said) = hypocaust(
        &[
            "compare",
            city_file,
            "--hours",
            "1",
            "--format",
            "json",
            "--quiet",
            "--ready",
            "supply=-5",
            "--running",
            "without HS02=priority",
            "--alternative",
            variants.to_str().unwrap(),
            "--page",
            page.to_str().unwrap(),
        ],
        "",
    );
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("without HS77") && said.contains("edit 1"), "{said}");
    let value: serde_json::Value = serde_json::from_str(&data).unwrap();
    let names: Vec<&str> =
        value["alternatives"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["base", "without HS02", "supply -5 K"]);
    assert_eq!(value["alternatives"][1]["running"], "priority");
    assert!(value["alternatives"][0]["expected"]["money"].is_null());
    assert!(std::fs::read(&page).unwrap().starts_with(b"%PDF"));
    let (code, data, _) = hypocaust(&["compare", city_file, "--hours", "1", "--format", "csv"], "");
    assert_eq!((code, data.lines().count()), (0, 2));
    let (code, _, said) = hypocaust(&["compare", city_file, "--ready", "night=22"], "");
    assert!(code == 1 && said.contains("night=22-5:3"), "{said}");
}
