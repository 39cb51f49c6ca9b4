//! Which streets get mains, and how much each carries at design load.
//!
//! Shortest-path trees from the plants (arterials count as shorter, so mains gather there) are cut back to what the
//! substations need; ties join the trees of different plants, further streets close loops. Flows come from a walk up
//! the trees; ties and loops are given a share of what passes their weaker end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Parameters;
use super::dice::Dice;
use super::plan::Plan;
use super::plants::Plant;
use super::substations::Substation;

/// What lies in a street.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Laid {
    /// Nothing, or a stub to the substations only.
    Stub,
    /// Part of a tree.
    Tree,
    /// Joins the areas of two plants.
    Tie,
    /// Closes a loop.
    Loop,
}

/// Mains of a city.
#[derive(Clone, Debug)]
pub(super) struct Mains {
    /// By street.
    pub(super) laid: Vec<Laid>,
    /// End of each street its substations are fed from.
    pub(super) fed_from: Vec<usize>,
    /// Substations by street, in the order water meets them.
    pub(super) along: Vec<Vec<usize>>,
    /// Crossings with mains, every one after the one that feeds it; plants' crossings first.
    pub(super) order: Vec<usize>,
    /// The street that feeds a crossing; `None` at the plants.
    pub(super) feeder: Vec<Option<usize>>,
    /// The crossing that feeds a crossing; itself at the plants.
    pub(super) parent: Vec<usize>,
    /// Design flow arriving at a crossing through its feeder.
    pub(super) arriving_kg_s: Vec<f64>,
    /// Design flow that enters each street at the end it is fed from.
    pub(super) entering_kg_s: Vec<f64>,
    /// Design flow of ties and loops from end to end, whichever way.
    pub(super) through_kg_s: Vec<f64>,
    /// Farthest way from a plant to a crossing.
    pub(super) longest_m: f64,
}

struct Trees {
    parent: Vec<usize>,
    feeder: Vec<Option<usize>>,
    cost: Vec<u64>,
    way_m: Vec<f64>,
    order: Vec<usize>,
}

/// Shortest ways from the plants to every crossing.
fn grow(plan: &Plan, plants: &[Plant]) -> Trees {
    let count = plan.crossings.len();
    let mut trees = Trees {
        parent: (0..count).collect(),
        feeder: vec![None; count],
        cost: vec![u64::MAX; count],
        way_m: vec![0.0; count],
        order: Vec::new(),
    };
    let mut heap = BinaryHeap::new();
    for (number, plant) in plants.iter().enumerate() {
        // The first plant carries the base load and reaches farther than the others. Whole decimetres: no ties by
        // rounding.
        let handicap = if number == 0 { 0 } else { (plan.radius_m.min(3000.0) * 1.2) as u64 };
        trees.cost[plant.crossing] = handicap;
        heap.push(Reverse((handicap, plant.crossing)));
    }
    let mut done = vec![false; count];
    while let Some(Reverse((so_far, crossing))) = heap.pop() {
        if std::mem::replace(&mut done[crossing], true) {
            continue;
        }
        trees.order.push(crossing);
        if let Some(street) = trees.feeder[crossing] {
            trees.way_m[crossing] = trees.way_m[trees.parent[crossing]] + plan.streets[street].length_m;
        }
        for &index in &plan.streets_at[crossing] {
            let street = &plan.streets[index];
            let other = street.ends[0] + street.ends[1] - crossing;
            let weight = if street.is_main() { 5.0 } else { 10.0 };
            let reached = so_far + (street.length_m * weight) as u64 + if street.bridge { 600 } else { 0 };
            if !done[other] && reached < trees.cost[other] {
                trees.cost[other] = reached;
                trees.parent[other] = crossing;
                trees.feeder[other] = Some(index);
                heap.push(Reverse((reached, other)));
            }
        }
    }
    trees
}

/// Lays the mains.
pub(super) fn mains(plan: &Plan, plants: &[Plant], stations: &[Substation], parameters: &Parameters) -> Mains {
    let trees = grow(plan, plants);
    let is_feeder = |street: usize| {
        let [a, b] = plan.streets[street].ends;
        [a, b].into_iter().find(|&end| trees.feeder[end] == Some(street))
    };
    let mut along = vec![Vec::new(); plan.streets.len()];
    for (index, station) in stations.iter().enumerate() {
        along[station.street].push(index);
    }
    let fed_from: Vec<usize> = (0..plan.streets.len())
        .map(|street| {
            let [a, b] = plan.streets[street].ends;
            match is_feeder(street) {
                Some(child) => a + b - child,
                None if trees.cost[b] < trees.cost[a] => b,
                None => a,
            }
        })
        .collect();
    let mut needed = vec![false; plan.crossings.len()];
    for street in (0..plan.streets.len()).filter(|&street| !along[street].is_empty()) {
        mark(&trees, &mut needed, fed_from[street]);
    }
    for plant in plants {
        mark(&trees, &mut needed, plant.crossing);
    }
    let mut laid = vec![Laid::Stub; plan.streets.len()];
    tie(plan, &trees, &mut needed, &mut laid);

    let (arriving, entering) = flows(plan, &trees, &needed, &along, &fed_from, stations);
    let mut dice = Dice::new(parameters.seed, 40);
    close_loops(plan, &trees, &mut needed, &mut laid, &arriving, parameters.loops, &mut dice);

    let mut mains = Mains {
        laid,
        order: trees.order.iter().copied().filter(|&crossing| needed[crossing]).collect(),
        longest_m: (0..needed.len()).filter(|&c| needed[c]).map(|c| trees.way_m[c]).fold(0.0, f64::max),
        feeder: trees.feeder,
        parent: trees.parent,
        arriving_kg_s: arriving,
        entering_kg_s: entering,
        through_kg_s: vec![0.0; plan.streets.len()],
        fed_from: Vec::new(),
        along: Vec::new(),
    };
    for &crossing in &mains.order {
        if let Some(street) = mains.feeder[crossing] {
            mains.laid[street] = Laid::Tree;
        }
    }
    for street in 0..plan.streets.len() {
        let [a, b] = plan.streets[street].ends;
        if matches!(mains.laid[street], Laid::Tie | Laid::Loop) {
            let through = 0.55 * mains.arriving_kg_s[a].min(mains.arriving_kg_s[b]);
            mains.through_kg_s[street] = through;
        }
        let forward = fed_from[street] == a;
        along[street].sort_by(|&p, &q| {
            let order = stations[p].share.total_cmp(&stations[q].share).then(p.cmp(&q));
            if forward { order } else { order.reverse() }
        });
    }
    Mains { fed_from, along, ..mains }
}

/// Marks a crossing and everything between it and its plant.
fn mark(trees: &Trees, needed: &mut [bool], mut crossing: usize) {
    while !std::mem::replace(&mut needed[crossing], true) && trees.parent[crossing] != crossing {
        crossing = trees.parent[crossing];
    }
}

/// Joins the trees: for every pair of neighbouring plant areas the street that is nearest to both plants, and a second
/// one at some distance.
fn tie(plan: &Plan, trees: &Trees, needed: &mut [bool], laid: &mut [Laid]) {
    let mut root: Vec<usize> = (0..plan.crossings.len()).collect();
    for &crossing in &trees.order {
        root[crossing] = if trees.parent[crossing] == crossing { crossing } else { root[trees.parent[crossing]] };
    }
    let mut candidates: Vec<(u64, usize)> = (0..plan.streets.len())
        .filter(|&street| {
            let [a, b] = plan.streets[street].ends;
            root[a] != root[b] && trees.cost[a] != u64::MAX && trees.cost[b] != u64::MAX
        })
        .map(|street| {
            let [a, b] = plan.streets[street].ends;
            let unlaid = [a, b].iter().filter(|&&end| !needed[end]).count() as u64;
            let minor = if plan.streets[street].is_main() { 0 } else { 4000 };
            (trees.cost[a] + trees.cost[b] + 9000 * unlaid + minor, street)
        })
        .collect();
    candidates.sort_unstable();
    let mut ties: std::collections::BTreeMap<[usize; 2], Vec<usize>> = std::collections::BTreeMap::new();
    for (_, street) in candidates {
        let [a, b] = plan.streets[street].ends;
        let pair = [root[a].min(root[b]), root[a].max(root[b])];
        let of_pair = ties.entry(pair).or_default();
        let far = of_pair.iter().all(|&other| {
            let [p, q] = [street, other].map(|s| plan.crossings[plan.streets[s].ends[0]]);
            super::geometry::distance(p, q) > 450.0
        });
        if of_pair.len() < 2 && far {
            of_pair.push(street);
            laid[street] = Laid::Tie;
            mark(trees, needed, a);
            mark(trees, needed, b);
        }
    }
}

/// Design flow arriving at each crossing and entering each street.
fn flows(
    plan: &Plan,
    trees: &Trees,
    needed: &[bool],
    along: &[Vec<usize>],
    fed_from: &[usize],
    stations: &[Substation],
) -> (Vec<f64>, Vec<f64>) {
    let mut entering: Vec<f64> =
        along.iter().map(|list| list.iter().map(|&station| stations[station].mass_flow_kg_s).sum()).collect();
    let mut arriving = vec![0.0; plan.crossings.len()];
    for &crossing in trees.order.iter().rev().filter(|&&crossing| needed[crossing]) {
        // Everything fed through this crossing: tree streets below it were closed before, stubs are whole.
        arriving[crossing] = plan.streets_at[crossing]
            .iter()
            .filter(|&&street| fed_from[street] == crossing)
            .map(|&street| entering[street])
            .sum();
        if let Some(feeder) = trees.feeder[crossing] {
            entering[feeder] += arriving[crossing];
        }
    }
    (arriving, entering)
}

/// Closes so many loops as this share of the crossings with mains: between laid crossings before new ones, arterials
/// with strong ends first, every third anywhere among the better half.
fn close_loops(
    plan: &Plan,
    trees: &Trees,
    needed: &mut [bool],
    laid: &mut [Laid],
    arriving: &[f64],
    share: f64,
    dice: &mut Dice,
) {
    let mut candidates: Vec<(usize, bool, f64, usize)> = (0..plan.streets.len())
        .filter(|&street| laid[street] == Laid::Stub)
        .filter(|&street| {
            // A street of a tree closes nothing, and what hangs together with no plant cannot.
            plan.streets[street]
                .ends
                .iter()
                .all(|&end| trees.feeder[end] != Some(street) && trees.cost[end] != u64::MAX)
        })
        .map(|street| {
            let [a, b] = plan.streets[street].ends;
            let new = [a, b].iter().filter(|&&end| !needed[end]).count();
            (new, !plan.streets[street].is_main(), -arriving[a].min(arriving[b]), street)
        })
        .collect();
    candidates.sort_by(|p, q| (p.0, p.1).cmp(&(q.0, q.1)).then(p.2.total_cmp(&q.2)).then(p.3.cmp(&q.3)));
    let wanted = (share.clamp(0.0, 1.0) * needed.iter().filter(|&&n| n).count() as f64).round() as usize;
    let wanted = wanted.min(candidates.len());
    let better = (2 * wanted).min(candidates.len());
    let mut in_order = candidates.iter().map(|candidate| candidate.3);
    for number in 0..wanted {
        let mut street = candidates[dice.below(better)].3;
        if number % 3 != 2 || laid[street] == Laid::Loop {
            street = in_order.find(|&street| laid[street] == Laid::Stub).unwrap_or(street);
        }
        laid[street] = Laid::Loop;
        for end in plan.streets[street].ends {
            mark(trees, needed, end);
        }
    }
}
