//! The way to a balance: prescribe, lower, set, check.

use std::collections::BTreeMap;

use serde_json::json;

use super::imbalance::Imbalance;
use super::lower::{spares, zones};
use super::obstacle::{self, Way};
use super::power::{PumpPower, pump_powers, total_w};
use super::prescribed::{Prescribed, as_wished};
use super::reach::Reach;
use super::settle;
use super::{Balance, BalanceError, MET_SHARE, Setting, SettingKind, Unmet, Wishes, Zone};
use crate::network::edit::Edit;
use crate::network::{Demand, LinkId, Network, SourceControl};
use crate::solver::{Options, Solution, Solver};

/// Tries for the share of the wanted flows that the power of before allows.
const MOST_LEVELS: usize = 16;
/// Levels nearer than this are one.
const LEVEL_STEP: f64 = 0.002;
/// Power may be this share above that of before: rounding.
const POWER_SLACK: f64 = 1e-9;

/// One balance for one share of the wanted flows.
struct Attempt {
    zones: Vec<Zone>,
    settings: Vec<Setting>,
    /// Wanted flows and those found, by consumer.
    wanted_kg_s: Vec<(LinkId, f64)>,
    found_kg_s: Vec<f64>,
    unmet: Vec<Unmet>,
    by_hand: usize,
}

/// Balances a network. It is not changed: the answer's edits do that.
///
/// Errors: [`BalanceError::Unsolved`] and [`BalanceError::NoState`] with the solver's reasons, [`BalanceError::Nobody`] where
/// no consumer asks for anything.
pub fn balance(network: &Network, wishes: &Wishes) -> Result<Balance, BalanceError> {
    let (wished, start) = as_wished(network, wishes)?;
    let options = Options { mode: wishes.mode, ..Options::default() };
    let mut solver = Solver::new();
    let solution_before = solver.solve(&wished, &options);
    if !solution_before.converged {
        return Err(BalanceError::Unsolved(solution_before.findings));
    }
    let power_before = pump_powers(&wished, &solution_before);
    let most_w = total_w(&power_before);
    let most_allowed_w = if wishes.more_power { f64::INFINITY } else { most_w * (1.0 + POWER_SLACK) };
    let mut level = 1.0;
    // Greatest level known to be within the power and least known not to be.
    let (mut within, mut beyond): (Option<Tried>, Option<(f64, f64)>) = (None, None);
    for _ in 0..MOST_LEVELS {
        let tried = tried(network, &wished, wishes, &start, level, &options, &mut solver)?;
        let drawn_w = total_w(&tried.power);
        if drawn_w <= most_allowed_w || tried.attempt.by_hand == 0 {
            within = Some(tried);
        } else {
            beyond = Some((level, drawn_w));
        }
        let Some((high, high_w)) = beyond else { break };
        let next = match &within {
            // With given flows and pressures that go with their square, power goes with the third power of the flows.
            None => (high * (most_w / high_w).cbrt()).min(0.98 * high),
            Some(low) if high - low.level <= LEVEL_STEP => break,
            Some(low) => 0.5 * (low.level + high),
        };
        level = next;
    }
    let Some(Tried { attempt, edits, solution, power, level }) = within else { return Err(BalanceError::NoLevel) };
    let after = Imbalance::of(&attempt.wanted_kg_s, &solution);
    let pairs = after.stations.iter().zip(&attempt.found_kg_s);
    let gap = pairs.map(|(station, found)| (station.flow_kg_s - found).abs() / station.wanted_kg_s).fold(0.0, f64::max);
    Ok(Balance {
        gap,
        before: Imbalance::of(&attempt.wanted_kg_s, &solution_before),
        after,
        zones: attempt.zones,
        settings: attempt.settings,
        unmet: attempt.unmet,
        power_before,
        power_after: power,
        level,
        news: solution.news_since(&solution_before),
        edits,
        solution_before,
        solution_after: solution,
    })
}

/// A level with the state it leads to.
struct Tried {
    level: f64,
    attempt: Attempt,
    edits: Vec<Edit>,
    solution: Solution,
    power: Vec<PumpPower>,
}

fn tried(
    network: &Network,
    wished: &Network,
    wishes: &Wishes,
    start: &[Edit],
    level: f64,
    options: &Options,
    solver: &mut Solver,
) -> Result<Tried, BalanceError> {
    let attempt = attempt(wished, wishes, level)?;
    let edits = all_edits(network, start, &attempt.settings);
    let mut after = network.clone();
    for edit in &edits {
        edit.apply(&mut after)?;
    }
    let solution = solver.solve(&after, options);
    if !solution.converged {
        return Err(BalanceError::NoState(solution.findings));
    }
    let power = pump_powers(&after, &solution);
    Ok(Tried { level, attempt, edits, solution, power })
}

fn attempt(wished: &Network, wishes: &Wishes, level: f64) -> Result<Attempt, BalanceError> {
    let mut prescribed = Prescribed::new(wished, wishes, level)?;
    let reach = Reach::new(wished);
    prescribed.widen(&settle::settable(&prescribed, &reach))?;
    let mut solver = Solver::new();
    let first = prescribed.solve(&mut solver)?;
    let mut spare = spares(&prescribed, &first);
    let zones = zones(&prescribed, &reach, &first, &spare);
    for zone in &zones {
        let part = zone.sources.first().and_then(|&link| wished.ends(link)).map(|(from, _)| reach.zone(from));
        for (station, spare) in prescribed.stations.iter().zip(&mut spare) {
            if Some(reach.zone(station.ends[0])) == part {
                spare.alone_pa -= zone.lowered_pa;
                spare.pumped_pa -= zone.lowered_pa;
            }
        }
    }
    // Stations keep following the wanted flows while the network is set around them.
    let mut settings: Vec<Setting> =
        zones.iter().flat_map(|zone| settle::sources(wished, &prescribed, &first, zone)).collect();
    let held = prescribed.network.clone();
    settings.extend(settle::branches(wished, &prescribed, &reach, &first, &mut spare));
    let mut set = prescribed.clone();
    set.network = held;
    for edit in settings.iter().flat_map(|setting| &setting.edits) {
        edit.apply(&mut set.network)?;
    }
    // Sources that follow the worst loop have a plain rise here.
    for zone in &zones {
        lower_followers(wished, &mut set.network, zone)?;
    }
    let second = set.solve(&mut solver)?;
    settings.extend(zones.iter().flat_map(|zone| settle::followers(wished, &set, &second, zone)));
    let short: Vec<bool> = spares(&set, &second).iter().map(|spare| spare.short).collect();
    settings.extend(settle::stations(wished, &set, &second, &short));
    order(wished, &second, &mut settings);

    let flow = |link: LinkId| second.link(link).map_or(0.0, |state| state.mass_flow_kg_s);
    let found_kg_s: Vec<f64> = set.stations.iter().map(|station| flow(station.link)).collect();
    let wanted_kg_s: Vec<(LinkId, f64)> = set
        .stations
        .iter()
        .zip(&short)
        .map(|(station, &short)| {
            // One that regulates itself wants what it takes, where it can have it.
            let by_itself = !station.by_hand && !short && !wishes.flows_kg_s.contains_key(&station.link);
            if by_itself {
                return (station.link, flow(station.link));
            }
            // With the heat that is missing, at the temperatures there; nothing where nothing flows.
            let own = wished.link_view(station.link).and_then(|view| view.consumer()).map(|consumer| consumer.demand);
            let served_w = second.consumer(station.link).map_or(0.0, |state| state.heat_w);
            match own {
                Some(Demand::Heat { heat_w })
                    if !station.by_hand && !wishes.flows_kg_s.contains_key(&station.link) && served_w > 0.0 =>
                {
                    (station.link, flow(station.link) * heat_w / served_w)
                }
                _ => (station.link, station.wanted_kg_s),
            }
        })
        .collect();
    let missed: Vec<LinkId> = wanted_kg_s
        .iter()
        .zip(&found_kg_s)
        .filter(|((_, wanted), found)| **found < (1.0 - MET_SHARE) * wanted)
        .map(|((link, _), _)| *link)
        .collect();
    let unmet =
        if missed.is_empty() { Vec::new() } else { obstacle::unmet(&prescribed, wished, &reach, &missed, &first)? };
    let by_hand = set.stations.iter().filter(|station| station.by_hand).count();
    Ok(Attempt { zones, settings, wanted_kg_s, found_kg_s, unmet, by_hand })
}

/// Lowers sources whose control was replaced by a plain rise.
fn lower_followers(wished: &Network, set: &mut Network, zone: &Zone) -> Result<(), BalanceError> {
    for &link in &zone.sources {
        let follows = wished
            .link_view(link)
            .and_then(|view| view.source())
            .is_some_and(|source| matches!(source.control, SourceControl::WorstPoint { .. }));
        let Some(view) = set.link_view(link).filter(|_| follows) else { continue };
        let control = view.source().map(|source| &source.control);
        let Some(lower) = control.and_then(|control| control.raised_by(-zone.lowered_pa)) else { continue };
        Edit::set(view.element(), "control", json!(lower)).apply(set)?;
    }
    Ok(())
}

/// Near to far; what serves more before what serves less at the same place; sources last, when nobody can fall short by it.
fn order(network: &Network, solution: &Solution, settings: &mut [Setting]) {
    let way = Way::new(network, solution);
    let mut distance: BTreeMap<LinkId, f64> = BTreeMap::new();
    for setting in settings.iter() {
        distance.entry(setting.link).or_insert_with(|| way.distance_m(network, setting.link));
    }
    let last = |kind: SettingKind| matches!(kind, SettingKind::SourcePressure | SettingKind::SourceSpeed);
    settings.sort_by(|a, b| {
        let far = |setting: &Setting| distance.get(&setting.link).copied().unwrap_or(f64::INFINITY);
        last(a.kind)
            .cmp(&last(b.kind))
            .then(far(a).total_cmp(&far(b)))
            .then(b.stations.cmp(&a.stations))
            .then(a.link.cmp(&b.link))
            .then(a.kind.cmp(&b.kind))
    });
}

/// Edits that lead from the network as it is to the balanced one; what changes nothing is left out.
fn all_edits(network: &Network, start: &[Edit], settings: &[Setting]) -> Vec<Edit> {
    let set: Vec<&Edit> = settings.iter().flat_map(|setting| &setting.edits).collect();
    let again = |edit: &Edit| {
        let Edit::Set { element, field, .. } = edit else { return false };
        set.iter().any(|other| matches!(other, Edit::Set { element: e, field: f, .. } if e == element && f == field))
    };
    let changes = |edit: &&Edit| {
        let Edit::Set { element, field, value } = edit else { return true };
        crate::network::fields::get(network, element, field).as_ref() != Some(value)
    };
    start.iter().filter(|edit| !again(edit)).chain(set.iter().copied()).filter(changes).cloned().collect()
}
