//! Retrofit technologies: their edits apply and are undone, what they may never do, and the figures of the guide.

use std::collections::BTreeSet;

use serde_json::Value;

use hypocaust::dispatch::balance::{pump_powers, total_w};
use hypocaust::dispatch::retrofit::guide::{CLAIMS, NOT_SIMULATED, Verdict, claims};
use hypocaust::dispatch::retrofit::sheet::{Request, Row, sheet};
use hypocaust::dispatch::retrofit::{RetrofitError, Start, Technology, Values, Where, Why, before, propose};
use hypocaust::io::weather::ExampleWinter;
use hypocaust::network::edit::Edit;
use hypocaust::network::generate::{Parameters, city, demo_city};
use hypocaust::network::{Connection, Network, Severity, validate};
use hypocaust::simulation::{Options, Simulation, Weather, equip};
use hypocaust::solver;
use hypocaust::text::Language;

use crate::support::program::hypocaust;

fn small(seed: u64, sources: usize) -> Network {
    city(&Parameters { stations: 8, seed, sources, most_buildings: 60, ..Parameters::default() })
}

fn applied(network: &Network, edits: &[Edit]) -> Network {
    let mut out = network.clone();
    for edit in edits {
        edit.apply(&mut out).unwrap_or_else(|error| panic!("{error}"));
    }
    out
}

/// Applies edits one by one, undoes them, and holds the network against what it was, in memory and as a file.
fn undone(network: &Network, edits: &[Edit], what: &str) {
    let mut changed = network.clone();
    let inverse: Vec<Edit> = edits.iter().map(|edit| edit.apply(&mut changed).unwrap()).collect();
    assert!(!changed.same_as(network), "{what} changes nothing");
    for back in inverse.iter().rev() {
        back.apply(&mut changed).unwrap();
    }
    assert!(changed.same_as(network), "{what} is not undone");
}

fn request(days: f64, hours: usize) -> Request {
    let weather = ExampleWinter::by_name("harbin-like").unwrap().series().unwrap();
    let start_calendar_s = weather.span_s().0 + days * 86_400.0;
    Request { meant: Where::All, values: Values::new(), weather, start_calendar_s, hours }
}

fn rows(network: &Network, technologies: &[Technology], request: &Request) -> Vec<Row> {
    let answers = sheet(network, technologies, request, || ());
    let row = |(technology, row): (Technology, Result<Row, RetrofitError>)| {
        row.unwrap_or_else(|error| panic!("{}: {error} {error:?}", technology.word()))
    };
    let rows: Vec<Row> = answers.into_iter().map(row).collect();
    for row in &rows {
        let unsolved = row.before.steps_without_solution + row.after.steps_without_solution;
        assert_eq!(unsolved, 0, "{}", row.technology.word());
    }
    rows
}

#[test]
fn every_technology_applies_to_the_demo_city_and_is_undone() {
    let network = demo_city();
    for &technology in Technology::ALL {
        let word = technology.word();
        let start = before(technology, &network, &Values::new()).unwrap_or_else(|error| panic!("{word}: {error}"));
        if technology.start() != Start::AsItIs {
            undone(&network, &start, &format!("the start of {word}"));
        }
        let from = applied(&network, &start);
        match propose(technology, &from, &Where::All, &Values::new()) {
            Ok(retrofit) => {
                undone(&from, &retrofit.edits, word);
                let to = applied(&from, &retrofit.edits);
                let errors: Vec<_> =
                    validate::validate(&to).into_iter().filter(|one| one.severity == Severity::Error).collect();
                assert!(errors.is_empty(), "{word}: {errors:?}");
                assert!(solver::Solver::new().solve(&to, &solver::Options::default()).converged, "{word}");
                assert_ne!(technology, Technology::VariableSpeed, "two sources hold a pressure in the demo city");
            }
            Err(RetrofitError::Nothing(left)) => {
                assert_eq!(technology, Technology::VariableSpeed, "{word}: {left:?}");
                assert!(left.iter().any(|one| one.why == Why::SecondSource && &*one.element.id == "HS01"), "{left:?}");
            }
            Err(error) => panic!("{word}: {error}"),
        }
    }
}

#[test]
fn on_made_cities_every_technology_applies_or_says_why_not() {
    let mut applied_on = BTreeSet::new();
    for (seed, sources) in [(1, 1), (2, 2), (3, 1)] {
        let network = small(seed, sources);
        for &technology in Technology::ALL {
            let word = technology.word();
            let start = before(technology, &network, &Values::new())
                .unwrap_or_else(|error| panic!("{word}, city {seed}: {error:?}"));
            let from = applied(&network, &start);
            match propose(technology, &from, &Where::All, &Values::new()) {
                Ok(retrofit) => {
                    undone(&from, &retrofit.edits, word);
                    applied_on.insert(technology);
                }
                Err(RetrofitError::Nothing(left)) => {
                    assert!(left.iter().all(|one| from.find_link(&one.element).is_some()), "{word}: {left:?}");
                }
                Err(error) => panic!("{word}, city {seed}: {error:?}"),
            }
        }
    }
    let never: Vec<_> = Technology::ALL.iter().filter(|one| !applied_on.contains(one)).collect();
    assert!(never.iter().all(|one| matches!(one, Technology::FlueGasRecovery | Technology::Mixing)), "{never:?}");
}

#[test]
fn less_loss_never_takes_more_heat_and_leaves_rooms_as_warm() {
    let technologies = [Technology::WindowSeals, Technology::Windows, Technology::PipeInsulation];
    for row in rows(&small(1, 1), &technologies, &request(60.0, 48)) {
        let (word, before, after) = (row.technology.word(), &row.before, &row.after);
        assert!(after.supplied_j < before.supplied_j, "{word}: {} → {}", before.supplied_j, after.supplied_j);
        assert!(after.consumed_j <= before.consumed_j * (1.0 + 1e-3), "{word}");
        assert!((after.room_c - before.room_c).abs() < 0.15, "{word}: {} → {}", before.room_c, after.room_c);
        if row.technology == Technology::PipeInsulation {
            assert!(after.lost_j < before.lost_j && (after.consumed_j / before.consumed_j - 1.0).abs() < 1e-3);
        }
    }
}

#[test]
fn order_saves_heat_and_pumping_and_cools_nobody() {
    let technologies = [Technology::ControlValves, Technology::BalancingValves, Technology::SmartHeating];
    for row in rows(&small(2, 2), &technologies, &request(75.0, 48)) {
        let (word, before, after) = (row.technology.word(), &row.before, &row.after);
        assert!(before.room_c > 18.3, "{word}: nobody is too warm before, {}", before.room_c);
        assert!(after.supplied_j < before.supplied_j && after.pumps_j < before.pumps_j, "{word}");
        assert!(after.room_c < before.room_c && (17.3..18.6).contains(&after.room_c), "{word}: {}", after.room_c);
        assert!(after.coldest_room_c > 16.5, "{word}: {}", after.coldest_room_c);
    }
}

#[test]
fn balancing_never_raises_pump_power_of_the_state_it_finds() {
    for seed in [1, 2, 3] {
        let network = small(seed, 1);
        let from = applied(&network, &before(Technology::BalancingValves, &network, &Values::new()).unwrap());
        let to =
            applied(&from, &propose(Technology::BalancingValves, &from, &Where::All, &Values::new()).unwrap().edits);
        let power = |network: &Network| {
            let solution = solver::Solver::new().solve(network, &solver::Options::default());
            assert!(solution.converged);
            total_w(&pump_powers(network, &solution))
        };
        assert!(power(&to) <= power(&from) * (1.0 + 1e-9), "city {seed}");
    }
}

#[test]
fn a_large_difference_needs_less_water_and_mixing_a_little() {
    let technologies = [Technology::LargeTemperatureDifference, Technology::DistributedPumps];
    let mut all = rows(&small(1, 1), &technologies, &request(75.0, 24));
    // The houses of small cities are too tall for it.
    all.extend(rows(&demo_city(), &[Technology::Mixing], &request(75.0, 6)));
    for row in &all {
        let (word, before, after) = (row.technology.word(), &row.before, &row.after);
        // Rooms have what they had.
        assert!((after.consumed_j / before.consumed_j - 1.0).abs() < 0.01, "{word}");
        match row.technology {
            Technology::LargeTemperatureDifference => {
                assert!(after.pumped_kg < 0.8 * before.pumped_kg && after.return_c < before.return_c - 10.0, "{word}");
                assert!(after.pumps_j < before.pumps_j, "{word}");
            }
            Technology::Mixing => assert!(after.return_c < before.return_c, "{word}"),
            _ => assert!(after.pumps_j < before.pumps_j, "{word}: {} → {}", before.pumps_j, after.pumps_j),
        }
    }
}

#[test]
fn a_heat_pump_gives_more_from_the_same_water() {
    let row = rows(&small(1, 1), &[Technology::BoosterHeatPump], &request(60.0, 24)).remove(0);
    assert!(row.before.unmet_k_h > row.after.unmet_k_h && row.before.unmet_k_h > 1.0);
    assert!(row.after.coldest_day_w > 1.05 * row.before.coldest_day_w);
    assert!(row.after.boosters_j > 0.0 && row.before.boosters_j == 0.0);
}

#[test]
fn a_station_nobody_regulates_draws_what_its_valve_passes_in_any_weather() {
    let network = small(1, 1);
    let from = applied(&network, &before(Technology::ControlValves, &network, &Values::new()).unwrap());
    let wanted = |outdoor_c: f64, held_free: bool| {
        let network = if held_free { &from } else { &network };
        let mut simulation = Simulation::new(network, Options { step_s: 600.0, ..Options::default() }).unwrap();
        equip::consumers(network, &mut simulation, true, outdoor_c);
        for _ in 0..12 {
            simulation.step(network, Weather { temperature_c: outdoor_c, wind_m_s: 0.0, solar_w_m2: 0.0 });
        }
        simulation.consumers().map(|(_, passed)| passed.mass_flow_kg_s).sum::<f64>()
    };
    // Supply stays at 110 °C here: who regulates takes less when it is mild, who does not takes the same.
    assert!((wanted(0.0, true) / wanted(-20.0, true) - 1.0).abs() < 0.02);
    assert!(wanted(0.0, false) < 0.7 * wanted(-20.0, false));
}

#[test]
fn figures_of_the_guide_stand_in_its_words() {
    for claim in CLAIMS {
        let word = claim.technology.word();
        for number in [claim.low, claim.high].into_iter().flatten() {
            for text in [claim.words, claim.translation] {
                assert!(text.contains(&number.to_string()), "{word}: {number} is not in '{text}'");
            }
        }
        assert!(claim.low <= claim.high || claim.high.is_none(), "{word}");
        assert!(
            !claim.clause.is_empty() && (claim.nearby || claim.clause.starts_with(claim.technology.clause())),
            "{word}"
        );
        let (low, high) = (claim.low.unwrap_or(-1e3), claim.high.unwrap_or(1e3));
        assert_eq!(claim.verdict(0.5 * (low + high)), Verdict::Inside);
        assert_eq!(claim.verdict(low - 1.0) == Verdict::Below, claim.low.is_some());
        assert_eq!(claim.verdict(high + 1.0) == Verdict::Above, claim.high.is_some());
    }
    let with_figures = Technology::ALL.iter().filter(|one| claims(**one).next().is_some()).count();
    assert!(with_figures >= 5, "{with_figures}");
}

#[test]
fn everything_that_can_be_said_can_be_said_in_both_languages() {
    for language in [Language::English, Language::Chinese] {
        let has = |key: String| {
            assert_ne!(language.texts().get(&key), key, "{language:?}");
        };
        for technology in Technology::ALL {
            has(format!("retrofit-name-{}", technology.word()));
            has(format!("retrofit-start-{}", technology.start().word()));
        }
        for (word, _) in NOT_SIMULATED {
            has(format!("retrofit-missing-{word}"));
        }
        for claim in CLAIMS {
            has(format!("retrofit-quantity-{}", claim.quantity.word()));
            let ends = [(claim.low, Verdict::Below), (claim.high, Verdict::Above)];
            for (_, verdict) in ends.into_iter().filter(|(end, _)| end.is_some()) {
                let words = [claim.technology.word(), claim.quantity.word(), verdict.word()];
                has(format!("retrofit-because-{}", words.join("-")));
            }
        }
    }
}

#[test]
fn refusals_name_what_is_wrong() {
    let network = small(1, 1);
    let ids = |ids: &[&str]| Where::Ids(ids.iter().map(|id| (*id).to_owned()).collect());
    let refused = |technology, meant: &Where, values: &[(&str, f64)]| {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        propose(technology, &network, meant, &values).unwrap_err()
    };
    let stranger = refused(Technology::Mixing, &ids(&["ST999"]), &[]);
    assert!(matches!(&stranger, RetrofitError::NoElement(id) if id == "ST999"), "{stranger:?}");
    let unknown = refused(Technology::ThermostaticValves, &Where::All, &[("opening", 1.0)]);
    assert!(unknown.to_string().contains("room_c") && unknown.to_string().contains("opening"), "{unknown}");
    let wild = refused(Technology::ThermostaticValves, &Where::All, &[("room_c", 90.0)]);
    assert!(matches!(wild, RetrofitError::BadParameter { .. }) && wild.to_string().contains("90"), "{wild}");
    // Regulated already: nothing to do, station by station.
    let RetrofitError::Nothing(left) = refused(Technology::ControlValves, &Where::All, &[]) else { panic!() };
    assert!(left.len() == 8 && left.iter().all(|one| one.why == Why::Regulated), "{left:?}");
    // Only what is meant.
    let one = propose(Technology::NightSetback, &network, &ids(&["ST001"]), &Values::new());
    let touched = match one {
        Ok(retrofit) => retrofit.changed,
        Err(RetrofitError::Nothing(left)) => left.into_iter().map(|left| left.element).collect(),
        Err(error) => panic!("{error}"),
    };
    assert!(touched.len() == 1 && &*touched[0].id == "ST001", "{touched:?}");
    let mut mixed = network.clone();
    let station = mixed.links().find(|view| view.consumer().is_some()).map(|view| view.element()).unwrap();
    Edit::set(station.clone(), "connection", serde_json::json!(Connection::Direct)).apply(&mut mixed).unwrap();
    let large = propose(Technology::LargeTemperatureDifference, &mixed, &ids(&[&station.id]), &Values::new());
    let Err(RetrofitError::Nothing(left)) = large else { panic!("{large:?}") };
    assert_eq!((left[0].why, &left[0].element), (Why::Connection, &station));
}

#[test]
fn the_verb_prints_the_sheet_and_keeps_scenarios() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    hypocaust::io::file::write(path("city.hypocaust.json").as_ref(), &small(1, 1)).unwrap();
    let file = path("city.hypocaust.json");
    let (code, out, said) = hypocaust(
        &[
            "retrofit",
            &file,
            "--technology",
            "control-valves,window-seals",
            "--start",
            "2002-01-10",
            "--hours",
            "24",
            "--set",
            "near_share=1.3",
            "--format",
            "json",
            "--keep",
            &path("kept.hypocaust.json"),
        ],
        "",
    );
    // `near_share` is none of the seals' parameters: they are refused by name, and the command fails.
    assert_eq!(code, 1, "{said}");
    let sheet: Value = serde_json::from_str(&out).unwrap();
    let [valves, seals] = &sheet["technologies"].as_array().unwrap()[..] else { panic!("{out}") };
    assert!(seals["error"].as_str().unwrap().contains("near_share"), "{seals}");
    assert_eq!((&valves["parameters"]["near_share"], &valves["start"]), (&1.3.into(), &"set-by-hand".into()));
    assert_eq!(valves["guide"][0]["clause"], "二（一）5");
    assert!(valves["guide"][0]["simulated"].as_f64().unwrap() > 0.0);
    let kept = hypocaust::io::open(path("kept.hypocaust.json").as_ref()).unwrap().network;
    let after = kept.with_scenario("control-valves").unwrap();
    assert!(after.links().all(|view| view.consumer().is_none_or(|one| one.hand_opening.is_none())));
    assert!(!after.same_as(&kept.with_scenario("control-valves-before").unwrap()));
    let (code, out, _) = hypocaust(&["retrofit", "--technology", "mixing"], "");
    assert!(code == 0 && out.contains("三（四）5") && out.contains("top_margin_pa"), "{out}");
    let (code, _, said) = hypocaust(&["retrofit", &file, "--technology", "magic"], "");
    assert!(code == 1 && said.contains("magic") && said.contains("control-valves"), "{said}");
}
