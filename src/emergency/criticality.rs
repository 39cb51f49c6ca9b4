//! What fails worst: every part that valves can shut off, every source, in turn (N−1), and the valves whose failure widens
//! an outage most.
//!
//! A **segment** is what one ring of valves encloses: the nodes and pipes between which no closable valve stands (Walski
//! 1993). Failing it means closing its ring ([`Isolator::nearest`] from any of its pipes) and solving the network without it.
//! A valve's weight is the heat that is lost beyond the worse of its two segments when it does not close. All states are solved
//! as a batch on all processors; the same bits whatever their number.

use std::collections::BTreeMap;

use super::closing::place_m;
use super::cooldown::{Conditions, room_clocks};
use super::impact::{losses, plan_edits, totals, with_hand_overs};
use super::isolation::{Broken, Isolation, Isolator, cut_off};
use super::repair::RepairNorm;
use super::ways::{Passage, Reliance, Ways};
use crate::network::edit::Edit;
use crate::network::{LinkId, LinkKind, Network};
use crate::solver::batch::Batch;
use crate::solver::{Mode, Options, Solution, Solver};

/// A part that one ring of valves shuts off.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Pipes (and pumps, and valves that do not close) in it, in slot order.
    pub links: Vec<LinkId>,
    /// Length of its pipes, m.
    pub length_m: f64,
    /// Closable valves at its edge.
    pub valves: Vec<LinkId>,
}

/// What fails.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    Segment(Segment),
    Source(LinkId),
}

/// Two failures at once (N−2).
#[derive(Clone, Debug, PartialEq)]
pub struct PairOutage {
    /// Places of the two in [`Criticality::outages`].
    pub of: [usize; 2],
    /// The outage of both; its `failure` is that of the first.
    pub outage: Outage,
    /// Heat lost beyond what the two lose one by one: what the city leans on the one for when the other is gone. Negative
    /// where both cut off the same consumers.
    pub beyond_w: f64,
}

/// The outage of one failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Outage {
    pub failure: Failure,
    /// Valves to close.
    pub closed: Vec<LinkId>,
    pub stopped_sources: Vec<LinkId>,
    /// Consumers that get less than all, and of them those cut off.
    pub consumers: usize,
    pub cut_off: usize,
    pub below_accident_share: usize,
    pub people: u64,
    pub households: u64,
    pub lost_w: f64,
    pub hospitals: usize,
    /// Buildings below 12 °C before the repair ends; `None` where the clocks were not asked for.
    pub too_cold: Option<usize>,
    pub repair_s: f64,
    /// The state could be solved; otherwise the figures are those of tracing alone.
    pub solved: bool,
}

impl Outage {
    /// As tracing alone tells it, of a failure to be filled in.
    fn traced(cut_off: usize, lost_w: f64) -> Outage {
        Outage {
            failure: Failure::Segment(Segment { links: Vec::new(), length_m: 0.0, valves: Vec::new() }),
            closed: Vec::new(),
            stopped_sources: Vec::new(),
            consumers: cut_off,
            cut_off,
            below_accident_share: cut_off,
            people: 0,
            households: 0,
            lost_w,
            hospitals: 0,
            too_cold: None,
            repair_s: 0.0,
            solved: false,
        }
    }
}

/// A valve and what its failure costs.
#[derive(Clone, Debug, PartialEq)]
pub struct CriticalValve {
    pub valve: LinkId,
    /// Heat lost beyond the worse of the outages on its two sides, by tracing.
    pub widens_w: f64,
    pub widens_consumers: usize,
}

/// A pipe in which a new valve would help most.
#[derive(Clone, Debug, PartialEq)]
pub struct MissingValve {
    pub pipe: LinkId,
    /// Place on the map, m.
    pub place_m: Option<[f64; 2]>,
    /// Fall of the heat that a break in this segment cuts off, averaged over its length, W.
    pub saves_w: f64,
}

/// The ranking.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Criticality {
    /// Worst first: by heat lost.
    pub outages: Vec<Outage>,
    pub critical_valves: Vec<CriticalValve>,
    pub missing_valves: Vec<MissingValve>,
    /// Two failures at once, as far as they were asked for; worst first.
    pub pairs: Vec<PairOutage>,
    /// Share of its heat that the city keeps in the mean over all segments, weighted by length.
    pub kept_share: f64,
}

/// What to look at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Study {
    pub reliance: Reliance,
    pub repair_norm: RepairNorm,
    /// Rooms' clocks at this outdoor temperature; `None`: leave them out.
    pub outdoor_c: Option<f64>,
    /// Fail the worst so many single failures two at a time.
    pub pairs: usize,
    /// Fail what these pipes, valves or sources belong to two at a time, besides.
    pub pairs_of: Vec<LinkId>,
    /// 0: as many as there are processors.
    pub threads: usize,
}

/// The parts of a network between its closable valves, in slot order of their first pipe. Parts without any pipe are left out.
pub fn segments(network: &Network, ways: &Ways) -> Vec<Segment> {
    let mut part = vec![usize::MAX; ways.node_bound()];
    let mut out: Vec<Segment> = Vec::new();
    let mut open = Vec::new();
    for view in network.links() {
        if view.pipe().is_none() || ways.passage(view.handle) == Passage::Shut || part[view.from.index()] != usize::MAX
        {
            continue;
        }
        let number = out.len();
        let mut segment = Segment { links: Vec::new(), length_m: 0.0, valves: Vec::new() };
        part[view.from.index()] = number;
        open.push(view.from.index());
        while let Some(node) = open.pop() {
            for &link in ways.links_at(node) {
                match ways.passage(link) {
                    Passage::Closable => segment.valves.push(link),
                    Passage::Shut | Passage::Source => {}
                    Passage::Open | Passage::OneWay => {
                        let next = ways.across(link, node);
                        segment.links.push(link);
                        if part[next] == usize::MAX {
                            part[next] = number;
                            open.push(next);
                        }
                    }
                }
            }
        }
        for list in [&mut segment.links, &mut segment.valves] {
            list.sort_unstable();
            list.dedup();
        }
        segment
            .links
            .retain(|&link| network.link(link).is_some_and(|link| !matches!(link.kind, LinkKind::Consumer(_))));
        segment.length_m =
            segment.links.iter().filter_map(|&link| Some(network.link_view(link)?.pipe()?.length_m)).sum();
        out.push(segment);
    }
    out
}

/// How every state is solved.
const HYDRAULIC: Options = Options {
    mode: Mode::Hydraulic,
    tolerance: 1e-8,
    max_iterations: 60,
    temperature_tolerance_k: 1e-6,
    max_coupling_passes: 1,
    at_rest: None,
    judge: false,
};

/// Fails every segment and every source of a network in turn. `progress` is called after each solve, from several threads.
pub fn criticality(network: &Network, study: &Study, progress: impl Fn() + Sync) -> Criticality {
    let ways = Ways::new(network, &study.reliance);
    let before = Solver::new().solve(network, &HYDRAULIC);
    let mut lent = network.clone();
    let mut cases: Vec<Case> = segments(network, &ways)
        .into_iter()
        .filter_map(|segment| segment_case(&mut lent, &ways, segment, study, &before))
        .collect();
    for view in network.links().filter(|view| view.source().is_some_and(|source| source.running)) {
        cases.extend(source_case(&mut lent, &ways, view.handle, &before));
    }
    let mut outages = solve_all(network, &mut cases, study, &before, &progress);
    let all_w: f64 = before.consumers.iter().map(|state| state.heat_w.max(0.0)).sum();
    let kept_share = kept_share(&outages, all_w);
    let critical_valves = critical_valves(network, &ways, &cases, &before);
    let missing_valves = missing_valves(network, &ways, &outages, &before);
    outages.sort_by(|a, b| b.lost_w.total_cmp(&a.lost_w).then(b.people.cmp(&a.people)));
    let pairs = pairs(&mut lent, &ways, &outages, study, &before, &progress);
    Criticality { outages, critical_valves, missing_valves, pairs, kept_share }
}

/// The outage of every case: solved on all processors, or as traced where it has no solution.
fn solve_all(
    network: &Network,
    cases: &mut [Case],
    study: &Study,
    before: &Solution,
    progress: &(impl Fn() + Sync),
) -> Vec<Outage> {
    let edits: Vec<Vec<Edit>> = cases.iter_mut().map(|case| std::mem::take(&mut case.edits)).collect();
    let cases = &*cases;
    let batch = Batch { options: HYDRAULIC, threads: study.threads };
    let solved = if before.converged {
        batch.solve(
            network,
            &edits,
            |number, network, solution| weigh(network, &cases[number], study, before, solution),
            progress,
        )
    } else {
        Vec::new()
    };
    let mut solved = solved.into_iter();
    cases
        .iter()
        .map(|case| solved.next().and_then(Result::ok).flatten().unwrap_or_else(|| case.traced.clone()))
        .collect()
}

/// The first pipe of a failure, to break it by.
fn pipe_of(network: &Network, failure: &Failure) -> Option<LinkId> {
    let Failure::Segment(segment) = failure else { return None };
    segment.links.iter().copied().find(|&link| network.link_view(link).is_some_and(|view| view.pipe().is_some()))
}

/// Two failures at a time, of the worst single ones and of those that were asked for by name.
fn pairs(
    network: &mut Network,
    ways: &Ways,
    outages: &[Outage],
    study: &Study,
    before: &Solution,
    progress: &(impl Fn() + Sync),
) -> Vec<PairOutage> {
    let named = |outage: &Outage| match &outage.failure {
        Failure::Source(link) => study.pairs_of.contains(link),
        Failure::Segment(segment) => {
            segment.links.iter().chain(&segment.valves).any(|link| study.pairs_of.contains(link))
        }
    };
    let chosen: Vec<usize> =
        (0..outages.len()).filter(|&place| place < study.pairs || named(&outages[place])).collect();
    let mut places: Vec<[usize; 2]> = Vec::new();
    let mut cases: Vec<Case> = Vec::new();
    for (number, &first) in chosen.iter().enumerate() {
        for &second in &chosen[number + 1..] {
            if let Some(case) = pair_case(network, ways, [&outages[first], &outages[second]], before) {
                places.push([first, second]);
                cases.push(case);
            }
        }
    }
    let solved = solve_all(network, &mut cases, study, before, progress);
    let mut out: Vec<PairOutage> = places
        .into_iter()
        .zip(solved)
        .map(|(of, outage)| {
            let beyond_w = outage.lost_w - of.map(|place| outages[place].lost_w).iter().sum::<f64>();
            PairOutage { of, outage, beyond_w }
        })
        .collect();
    out.sort_by(|a, b| b.outage.lost_w.total_cmp(&a.outage.lost_w).then(a.of.cmp(&b.of)));
    out
}

/// Both failures in one network: one ring around both breaks, and the sources off.
fn pair_case(network: &mut Network, ways: &Ways, both: [&Outage; 2], before: &Solution) -> Option<Case> {
    let pipes: Vec<LinkId> = both.iter().filter_map(|outage| pipe_of(network, &outage.failure)).collect();
    let sources: Vec<LinkId> = both
        .iter()
        .filter_map(|outage| match outage.failure {
            Failure::Source(link) => Some(link),
            Failure::Segment(_) => None,
        })
        .collect();
    let mut plan = if pipes.is_empty() {
        Isolation { zone: vec![false; ways.node_bound()], ..Isolation::default() }
    } else {
        let broken = Broken::new(network, &pipes).ok()?;
        Isolator::new(network, ways, &broken).nearest(&|_| true)
    };
    let mut edits = match Broken::new(network, &pipes) {
        Ok(broken) => plan_edits(network, &broken, &plan),
        Err(_) => Vec::new(),
    };
    for &source in sources.iter().filter(|source| !plan.stopped_sources.contains(source)) {
        edits.push(Edit::set(network.link_ref(source), "running", false));
    }
    plan.stopped_sources.extend(sources);
    plan.stopped_sources.sort_unstable();
    plan.stopped_sources.dedup();
    plan.unfed = unfed(network, ways, &plan);
    let (edits, _) = with_hand_overs(network, edits, before)?;
    let (cut_off, lost_w) = cut_off(network, &plan, before);
    let traced = Outage {
        failure: both[0].failure.clone(),
        closed: plan.valves,
        stopped_sources: plan.stopped_sources,
        repair_s: both[0].repair_s.max(both[1].repair_s),
        ..Outage::traced(cut_off, lost_w)
    };
    Some(Case { traced, pipe: None, edits })
}

/// By node slot, whether no water gets there any more: the drained zone left out, the plan's valves shut, its sources off.
fn unfed(network: &Network, ways: &Ways, plan: &Isolation) -> Vec<bool> {
    let off = |link: LinkId| plan.stopped_sources.contains(&link);
    let feeds = |node: usize| {
        let mut here =
            ways.links_at(node).iter().copied().filter(|&link| ways.passage(link) == Passage::Source).peekable();
        here.peek().is_none() || here.any(|link| !off(link))
    };
    let consumers = |link: LinkId| network.link_view(link).is_some_and(|view| view.consumer().is_some());
    let stops = |link: LinkId| consumers(link) || plan.valves.contains(&link) || plan.optional.contains(&link);
    ways.downstream(feeds, &plan.zone, stops).into_iter().map(|fed| !fed).collect()
}

/// One failure with what tracing says of it and the edits that make it.
struct Case {
    traced: Outage,
    /// The pipe that breaks; `None` where a source fails.
    pipe: Option<LinkId>,
    edits: Vec<Edit>,
}

fn segment_case(
    network: &mut Network,
    ways: &Ways,
    segment: Segment,
    study: &Study,
    before: &Solution,
) -> Option<Case> {
    let mut diameter_m = 0.0f64;
    let mut pipe = None;
    for &link in &segment.links {
        if let Some(found) = network.link_view(link).and_then(|view| view.pipe()) {
            diameter_m = diameter_m.max(found.outer_diameter_m);
            pipe = pipe.or(Some(link));
        }
    }
    let broken = Broken::new(network, &[pipe?]).ok()?;
    let plan = Isolator::new(network, ways, &broken).nearest(&|_| true);
    let (edits, _) = with_hand_overs(network, plan_edits(network, &broken, &plan), before)?;
    let (cut_off, lost_w) = cut_off(network, &plan, before);
    let traced = Outage {
        failure: Failure::Segment(segment),
        closed: plan.valves,
        stopped_sources: plan.stopped_sources,
        repair_s: study.repair_norm.total_s(diameter_m),
        ..Outage::traced(cut_off, lost_w)
    };
    Some(Case { traced, pipe, edits })
}

fn source_case(network: &mut Network, ways: &Ways, source: LinkId, before: &Solution) -> Option<Case> {
    let off = Edit::set(network.link_ref(source), "running", false);
    let (edits, _) = with_hand_overs(network, vec![off], before)?;
    let others = |node: usize| {
        !ways.ends(source).contains(&node)
            || ways.links_at(node).iter().any(|&link| link != source && ways.passage(link) == Passage::Source)
    };
    let consumers = |link: LinkId| network.link_view(link).is_some_and(|view| view.consumer().is_some());
    let fed = ways.downstream(others, &vec![false; ways.node_bound()], consumers);
    let unfed = fed.into_iter().map(|fed| !fed).collect();
    let plan = Isolation { stopped_sources: vec![source], unfed, ..Isolation::default() };
    let (cut_off, lost_w) = cut_off(network, &plan, before);
    let traced =
        Outage { failure: Failure::Source(source), stopped_sources: vec![source], ..Outage::traced(cut_off, lost_w) };
    Some(Case { traced, pipe: None, edits })
}

/// What a solved failure costs; `None` where it could not be solved.
fn weigh(network: &Network, case: &Case, study: &Study, before: &Solution, solution: &Solution) -> Option<Outage> {
    if !solution.converged {
        return None;
    }
    let consumers = losses(network, before, solution);
    let totals = totals(network, &consumers);
    let too_cold = study.outdoor_c.map(|outdoor_c| {
        let repair_s = case.traced.repair_s;
        let clocks = room_clocks(network, &consumers, Conditions { outdoor_c, repair_s });
        clocks.iter().filter(|clock| clock.too_cold(repair_s)).count()
    });
    Some(Outage {
        consumers: totals.consumers,
        cut_off: totals.cut_off,
        below_accident_share: totals.below_accident_share,
        people: totals.people,
        households: totals.households,
        lost_w: totals.lost_w,
        hospitals: totals.hospitals,
        too_cold,
        solved: true,
        ..case.traced.clone()
    })
}

fn kept_share(outages: &[Outage], all_w: f64) -> f64 {
    let (mut kept, mut length_m) = (0.0, 0.0);
    for outage in outages {
        if let Failure::Segment(segment) = &outage.failure {
            kept += segment.length_m * (1.0 - outage.lost_w / all_w);
            length_m += segment.length_m;
        }
    }
    if length_m > 0.0 && all_w > 0.0 { kept / length_m } else { 1.0 }
}

/// Valves by what their failure adds to the worse of the outages beside them.
fn critical_valves(network: &Network, ways: &Ways, cases: &[Case], before: &Solution) -> Vec<CriticalValve> {
    let mut beside: BTreeMap<LinkId, Vec<&Case>> = BTreeMap::new();
    for case in cases {
        for &valve in &case.traced.closed {
            beside.entry(valve).or_default().push(case);
        }
    }
    let mut out: Vec<CriticalValve> = Vec::new();
    for (valve, sides) in beside {
        let Some(pipe) = sides.first().and_then(|side| side.pipe) else { continue };
        let worse = sides.iter().map(|side| side.traced.cut_off).max().unwrap_or(0);
        let worse_w = sides.iter().map(|side| side.traced.lost_w).fold(0.0, f64::max);
        let Ok(broken) = Broken::new(network, &[pipe]) else { continue };
        let wide = Isolator::new(network, ways, &broken).nearest(&|other| other != valve);
        let (lost, lost_w) = cut_off(network, &wide, before);
        if lost > worse {
            out.push(CriticalValve { valve, widens_w: lost_w - worse_w, widens_consumers: lost - worse });
        }
    }
    out.sort_by(|a, b| b.widens_w.total_cmp(&a.widens_w).then(a.valve.cmp(&b.valve)));
    out
}

/// Segments examined for missing valves, and suggestions given.
const EXAMINED: usize = 10;

/// Where one more valve on a pipe would cut the outages of the worst segments most. A pipe helps only where it is a bridge of
/// its segment: then a break on either side leaves the other to be fed from beyond.
fn missing_valves(network: &Network, ways: &Ways, outages: &[Outage], before: &Solution) -> Vec<MissingValve> {
    let mut worst: Vec<&Outage> =
        outages.iter().filter(|outage| matches!(outage.failure, Failure::Segment(_))).collect();
    worst.sort_by(|a, b| b.lost_w.total_cmp(&a.lost_w));
    let mut out = Vec::new();
    for outage in worst.into_iter().take(EXAMINED) {
        let Failure::Segment(segment) = &outage.failure else { continue };
        let pipes: Vec<(LinkId, f64)> =
            segment.links.iter().filter_map(|&link| Some((link, network.link_view(link)?.pipe()?.length_m))).collect();
        let base_w = pipes.first().map_or(0.0, |&(link, _)| lost_with(network, ways, link, None, before));
        let mut best: Option<MissingValve> = None;
        for &(pipe, _) in &pipes {
            // Breaks of the pipes on both sides, weighted by their length, with this pipe shut like a valve.
            let mut saved = 0.0;
            for end in 0..2 {
                let side = ways.upstream([ways.ends(pipe)[end]], |link, _| {
                    link == pipe || ways.passage(link) == Passage::Closable
                });
                if side[ways.ends(pipe)[1 - end]] {
                    saved = 0.0;
                    break;
                }
                let there: Vec<&(LinkId, f64)> =
                    pipes.iter().filter(|(link, _)| *link != pipe && side[ways.ends(*link)[0]]).collect();
                let Some(&&(probe, _)) = there.first() else { continue };
                let lost_w = lost_with(network, ways, probe, Some(pipe), before);
                saved += there.iter().map(|(_, length_m)| length_m).sum::<f64>() * (base_w - lost_w);
            }
            let saves_w = saved / segment.length_m;
            if saves_w > 0.0 && best.as_ref().is_none_or(|known| saves_w > known.saves_w) {
                best = Some(MissingValve { pipe, place_m: place_m(network, pipe), saves_w });
            }
        }
        out.extend(best);
    }
    out.sort_by(|a, b| b.saves_w.total_cmp(&a.saves_w).then(a.pipe.cmp(&b.pipe)));
    out
}

/// Heat a break of `pipe` cuts off, with another pipe shut as if it had a valve.
fn lost_with(network: &Network, ways: &Ways, pipe: LinkId, shut: Option<LinkId>, before: &Solution) -> f64 {
    let Ok(mut broken) = Broken::new(network, &[pipe]) else { return 0.0 };
    broken.links.extend(shut);
    let plan = Isolator::new(network, ways, &broken).nearest(&|_| true);
    cut_off(network, &plan, before).1
}
