//! One case, and all of a run.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::dispatch::balance::{MET_SHARE, Wishes, balance, pump_powers, total_w};
use crate::network::generate::{Spoilt, UnbalancedCity, unbalanced};
use crate::network::{Demand, LinkId, Network, SourceControl};
use crate::solver::fluid::Fluid;
use crate::solver::{Options, Solution, Solver};
use crate::verify::random::case_seed;

/// What is kept of a case.
#[derive(Clone, Debug)]
pub struct BalanceCase {
    pub seed: u64,
    pub stations: usize,
    /// Of them those that regulate themselves, and those named as unable to have their flow.
    pub regulated: usize,
    pub unmet: usize,
    pub sources: usize,
    pub station_pumps: bool,
    pub spoilt: Vec<Spoilt>,
    /// Stations spoilt on purpose that are named.
    pub named: usize,
    pub spoilt_stations: usize,
    /// Least and greatest x before; after, of the stations that are not named.
    pub before: (f64, f64),
    pub after: (f64, f64),
    /// Largest |x − 1| after, of the stations not named.
    pub worst: f64,
    /// Share of the wanted flows that the power of before allows.
    pub level: f64,
    pub power_before_w: f64,
    pub power_after_w: f64,
    /// Largest difference of a flow from what the balance expected, as share of it.
    pub gap: f64,
    /// What is wrong; empty: passed.
    pub failures: Vec<String>,
}

/// All cases, in their order.
#[derive(Clone, Debug)]
pub struct BalanceRun {
    pub seed: u64,
    pub cases: Vec<BalanceCase>,
}

impl BalanceRun {
    pub fn passed(&self) -> bool {
        self.cases.iter().all(|case| case.failures.is_empty())
    }
}

/// Balances and judges `count` cities on all cores; `progress` hears how many are done.
pub fn balance_cases(seed: u64, count: u64, most_stations: usize, progress: impl Fn(usize) + Sync) -> BalanceRun {
    let done = AtomicUsize::new(0);
    let cases = (0..count)
        .into_par_iter()
        .map(|number| {
            let case = balance_case(case_seed(seed, number), most_stations);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
            case
        })
        .collect();
    BalanceRun { seed, cases }
}

/// The case of a seed.
pub fn balance_case(seed: u64, most_stations: usize) -> BalanceCase {
    let city = unbalanced(seed, most_stations);
    let mut case = BalanceCase {
        seed,
        stations: 0,
        regulated: 0,
        unmet: 0,
        sources: city.network.links().filter(|view| view.source().is_some()).count(),
        station_pumps: city.station_pumps,
        spoilt: city.spoilt.iter().map(|(what, _)| *what).collect(),
        named: 0,
        spoilt_stations: 0,
        before: (f64::NAN, f64::NAN),
        after: (f64::NAN, f64::NAN),
        worst: f64::NAN,
        level: f64::NAN,
        power_before_w: f64::NAN,
        power_after_w: f64::NAN,
        gap: f64::NAN,
        failures: Vec::new(),
    };
    if catch_unwind(AssertUnwindSafe(|| judged(&city, &mut case))).is_err() {
        case.failures.push("panicked".to_owned());
    }
    case
}

/// Flow a demand asks for at the supply temperature of design, kg/s.
fn asked_kg_s(network: &Network, link: LinkId, fluid: &Fluid) -> Option<f64> {
    let consumer = network.link_view(link)?.consumer()?;
    let supply_c = network
        .links()
        .filter_map(|view| view.source())
        .map(|source| source.supply_temperature_c)
        .fold(f64::NAN, f64::max);
    Some(match consumer.demand {
        Demand::MassFlow { mass_flow_kg_s } => mass_flow_kg_s,
        Demand::Heat { heat_w } => heat_w / fluid.heat_between_j_kg(supply_c, consumer.return_temperature_c),
    })
}

fn solve(network: &Network) -> Solution {
    Solver::new().solve(network, &Options::default())
}

fn judged(city: &UnbalancedCity, case: &mut BalanceCase) {
    let network = &city.network;
    let mut wrong = Vec::new();
    let before = solve(network);
    if !before.converged {
        let reasons: Vec<String> = before
            .findings
            .iter()
            .take(4)
            .map(|finding| format!("{} {}", finding.code.word(), finding.element))
            .collect();
        case.failures.push(format!("the city as drawn is not solved: {}", reasons.join(", ")));
        return;
    }
    let answer = match balance(network, &Wishes::default()) {
        Ok(answer) => answer,
        Err(error) => {
            case.failures.push(format!("not balanced: {error}"));
            return;
        }
    };
    let mut changed = network.clone();
    let mut back = Vec::new();
    for edit in &answer.edits {
        match edit.apply(&mut changed) {
            Ok(inverse) => back.push(inverse),
            Err(error) => wrong.push(format!("an edit is refused: {error}")),
        }
    }
    let after = solve(&changed);
    if !after.converged {
        wrong.push("the balanced city is not solved".to_owned());
    }
    let Ok(fluid) = Fluid::new(&network.settings().water) else { return };
    case.level = answer.level;
    case.gap = answer.gap;
    let range = |range: &mut (f64, f64), x: f64| *range = (range.0.min(x), range.1.max(x));
    case.worst = 0.0;
    for state in &after.consumers {
        let Some(consumer) = changed.link_view(state.link).and_then(|view| view.consumer()) else { continue };
        case.stations += 1;
        let named = answer.unmet.iter().any(|unmet| unmet.consumer == state.link);
        case.unmet += usize::from(named);
        if consumer.hand_opening.is_none() {
            // It regulates itself: served or named is all there is to ask.
            case.regulated += 1;
            let asked_w = match consumer.demand {
                Demand::Heat { heat_w } => heat_w,
                Demand::MassFlow { .. } => f64::NAN,
            };
            // NaN is not served.
            let served = state.heat_w >= (1.0 - MET_SHARE) * asked_w;
            if !named && !served {
                wrong.push(format!("{} regulates itself, is short and not named", network.link_ref(state.link)));
            }
            continue;
        }
        let Some(asked) = asked_kg_s(network, state.link, &fluid).map(|asked| asked * answer.level) else { continue };
        let flow = |solution: &Solution| solution.consumer(state.link).map_or(f64::NAN, |state| state.mass_flow_kg_s);
        range(&mut case.before, flow(&before) / asked);
        let x = flow(&after) / asked;
        if named {
            unable(network, &changed, state.link, x, &mut wrong);
            continue;
        }
        range(&mut case.after, x);
        case.worst = case.worst.max((x - 1.0).abs());
        let met = (x - 1.0).abs() <= MET_SHARE;
        if !met {
            wrong.push(format!("{} has {x:.4} of its flow and is not named", network.link_ref(state.link)));
        }
    }
    let names: Vec<_> = answer.unmet.iter().map(|unmet| network.link_name(unmet.consumer)).collect();
    let on_purpose = city.spoilt.iter().filter_map(|(_, station)| station.as_ref());
    (case.spoilt_stations, case.named) =
        on_purpose.fold((0, 0), |(all, named), station| (all + 1, named + usize::from(names.contains(station))));
    case.power_before_w = total_w(&pump_powers(network, &before));
    case.power_after_w = total_w(&pump_powers(&changed, &after));
    // A watt and a millionth: what two solves of the same state may differ by.
    let no_more = case.power_after_w <= case.power_before_w * (1.0 + 1e-6) + 1.0;
    if !no_more {
        wrong.push(format!("pumps draw {:.0} W, before {:.0} W", case.power_after_w, case.power_before_w));
    }
    for inverse in back.iter().rev() {
        if inverse.apply(&mut changed).is_err() {
            wrong.push("an edit cannot be undone".to_owned());
        }
    }
    if !changed.same_as(network) {
        wrong.push("undone, the city is not as before".to_owned());
    }
    case.failures = wrong;
}

/// A station named as unable: it must indeed fall short, with its own valve open, its pump at full speed, and sources that give no
/// less than before.
fn unable(network: &Network, changed: &Network, link: LinkId, x: f64, wrong: &mut Vec<String>) {
    let element = network.link_ref(link);
    if x >= 1.0 - MET_SHARE {
        wrong.push(format!("{element} is named and has {x:.4} of its flow"));
    }
    let Some(consumer) = changed.link_view(link).and_then(|view| view.consumer()) else { return };
    if consumer.hand_opening != Some(1.0) {
        wrong.push(format!("{element} is named and its valve stands at {:?}", consumer.hand_opening));
    }
    let pump = consumer.station.as_ref().and_then(|station| station.pump.as_ref());
    if pump.is_some_and(|pump| !pump.running || pump.speed < 1.0 - 1e-6) {
        wrong.push(format!("{element} is named and its pump does not turn at full speed"));
    }
    for view in network.links() {
        let (Some(was), Some(is)) = (view.source(), changed.link_view(view.handle).and_then(|view| view.source()))
        else {
            continue;
        };
        let rise = |control: &SourceControl| match control {
            SourceControl::Reference { pressure_rise_pa, .. } | SourceControl::PressureRise { pressure_rise_pa } => {
                Some(*pressure_rise_pa)
            }
            _ => None,
        };
        if rise(&is.control) < rise(&was.control) {
            wrong.push(format!("{element} is named and {} gives less than before", view.element()));
        }
    }
}
