//! Alternatives side by side: each lives through the same weather in the simulation, and what is counted adds up.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use hypocaust::dispatch::alternative::{
    Alternative, Assessment, Conditions, Figure, Refusal, SourceRunning, Watch, assess, assess_all,
};
use hypocaust::io::weather::ExampleWinter;
use hypocaust::network::Network;
use hypocaust::network::edit::Edit;
use hypocaust::network::{ElementKind, ElementRef};

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
