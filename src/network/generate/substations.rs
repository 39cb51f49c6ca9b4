//! Substations: which houses each one heats, where it stands, from which street it is fed and what it needs.
//!
//! Houses of each river bank are halved again and again along the longer axis until every part is one substation's;
//! the substation then stands in the house of its part that is central and near a street.

use super::dice::Dice;
use super::geometry::{Point, add, between, distance, distance_to_segment, foot, scaled};
use super::houses::{House, Usage};
use super::plan::Plan;
use super::{Parameters, SUPPLY_C, rounded, sizing};
use crate::network::Priority;

/// A substation before it has an id.
#[derive(Clone, Debug)]
pub(super) struct Substation {
    pub(super) at: Point,
    /// The house it stands in.
    pub(super) house: usize,
    /// Houses it heats, rising.
    pub(super) houses: Vec<usize>,
    /// Street of its lateral, and the share of the way from the street's first end.
    pub(super) street: usize,
    pub(super) share: f64,
    pub(super) area_m2: f64,
    pub(super) heat_w: f64,
    pub(super) return_c: f64,
    pub(super) mass_flow_kg_s: f64,
    pub(super) required_pa: f64,
    pub(super) priority: Priority,
    pub(super) households: u32,
    pub(super) people: u32,
}

/// The substations of a city; never more than there are houses.
pub(super) fn substations(plan: &Plan, houses: &[House], parameters: &Parameters) -> Vec<Substation> {
    let mut dice = Dice::new(parameters.seed, 30);
    let mut groups = Vec::new();
    for (part, count) in banks(plan, houses, parameters.stations) {
        halve(part, count, houses, &mut dice, &mut groups);
    }
    groups.into_iter().filter_map(|group| settle(plan, houses, group, &mut dice)).collect()
}

/// Houses by river bank with the number of substations each bank gets.
fn banks(plan: &Plan, houses: &[House], wanted: usize) -> Vec<(Vec<usize>, usize)> {
    let mut bank = vec![usize::MAX; plan.crossings.len()];
    let mut count = 0;
    for start in 0..plan.crossings.len() {
        if bank[start] != usize::MAX {
            continue;
        }
        let mut open = vec![start];
        bank[start] = count;
        while let Some(crossing) = open.pop() {
            for &street in plan.streets_at[crossing].iter().filter(|&&street| !plan.streets[street].bridge) {
                for end in plan.streets[street].ends {
                    if bank[end] == usize::MAX {
                        bank[end] = count;
                        open.push(end);
                    }
                }
            }
        }
        count += 1;
    }
    let bank_of_block = |block: usize| {
        let sides = plan.blocks[block].sides.iter().flatten();
        sides.filter(|&&street| !plan.streets[street].bridge).map(|&street| bank[plan.streets[street].ends[0]]).next()
    };
    let mut parts = vec![Vec::new(); count];
    let mut area = vec![0.0; count];
    for (index, house) in houses.iter().enumerate() {
        if let Some(bank) = bank_of_block(house.block) {
            parts[bank].push(index);
            area[bank] += house.area_m2;
        }
    }
    let total: f64 = area.iter().sum();
    let Some(largest) = (0..count).max_by(|&a, &b| area[a].total_cmp(&area[b]).then(b.cmp(&a))) else {
        return Vec::new();
    };
    // A bank too small for a substation of its own is heated from the largest one.
    let mut counts: Vec<usize> =
        area.iter().map(|area| (wanted as f64 * area / total.max(1.0)).round() as usize).collect();
    for bank in (0..count).filter(|&bank| bank != largest) {
        counts[bank] = counts[bank].min(parts[bank].len());
        if counts[bank] == 0 {
            let lost = std::mem::take(&mut parts[bank]);
            parts[largest].extend(lost);
        }
    }
    let others: usize = (0..count).filter(|&bank| bank != largest).map(|bank| counts[bank]).sum();
    counts[largest] = wanted.saturating_sub(others).min(parts[largest].len());
    parts.into_iter().zip(counts).filter(|(_, count)| *count > 0).collect()
}

/// Splits houses into so many parts of about equal floor area.
fn halve(mut part: Vec<usize>, count: usize, houses: &[House], dice: &mut Dice, groups: &mut Vec<Vec<usize>>) {
    if count <= 1 {
        part.sort_unstable();
        groups.push(part);
        return;
    }
    let spread = |axis: usize| {
        let range = part.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &house| {
            let at = houses[house].centre[axis];
            (low.min(at), high.max(at))
        });
        range.1 - range.0
    };
    let axis = usize::from(spread(1) > spread(0));
    part.sort_unstable_by(|&a, &b| houses[a].centre[axis].total_cmp(&houses[b].centre[axis]).then(a.cmp(&b)));
    let first = count / 2;
    let total: f64 = part.iter().map(|&house| houses[house].area_m2).sum();
    let target = total * first as f64 / count as f64 * dice.between(0.82, 1.18);
    let mut so_far = 0.0;
    let cut = part
        .iter()
        .position(|&house| {
            so_far += houses[house].area_m2;
            so_far >= target
        })
        .unwrap_or(part.len())
        .clamp(first, part.len() - (count - first));
    let rest = part.split_off(cut);
    halve(part, first, houses, dice, groups);
    halve(rest, count - first, houses, dice, groups);
}

/// Finds the house and the street of one substation and adds up its needs. `None` where no street is near.
fn settle(plan: &Plan, houses: &[House], group: Vec<usize>, dice: &mut Dice) -> Option<Substation> {
    let area_m2: f64 = group.iter().map(|&house| houses[house].area_m2).sum();
    let centre = scaled(
        group.iter().fold([0.0; 2], |sum, &house| add(sum, scaled(houses[house].centre, houses[house].area_m2))),
        1.0 / area_m2.max(1.0),
    );
    let mut best: Option<(f64, usize, usize)> = None;
    for &house in &group {
        let House { centre: at, block, .. } = houses[house];
        for &street in plan.blocks[block].sides.iter().flatten() {
            let line = &plan.streets[street];
            if line.bridge {
                continue;
            }
            let [a, b] = line.ends.map(|end| plan.crossings[end]);
            let minor = if line.is_main() { 0.0 } else { 25.0 };
            let score = distance(at, centre) + 2.5 * distance_to_segment(at, a, b) + minor;
            if best.is_none_or(|(least, _, _)| score < least) {
                best = Some((score, house, street));
            }
        }
    }
    let (_, house, street) = best?;
    let [a, b] = plan.streets[street].ends.map(|end| plan.crossings[end]);
    let share = foot(houses[house].centre, a, b).clamp(0.15, 0.85);
    // The plant room is on the street side of the house.
    let at = between(houses[house].centre, between(a, b, share), 0.08).map(rounded);
    let heat_w = group.iter().map(|&h| houses[h].area_m2 * houses[h].heat_index_w_m2()).sum::<f64>();
    let heat_w = (heat_w / 100.0).round() * 100.0;
    let return_c = dice.between(45.0, 55.0).round();
    let has = |usage: Usage| group.iter().any(|&house| houses[house].usage == usage);
    let commercial_m2: f64 =
        group.iter().filter(|&&h| houses[h].usage == Usage::Commercial).map(|&h| houses[h].area_m2).sum();
    let works_m2: f64 = group.iter().filter(|&&h| houses[h].usage == Usage::Works).map(|&h| houses[h].area_m2).sum();
    let priority = if has(Usage::Hospital) {
        Priority::Hospital
    } else if has(Usage::School) {
        Priority::School
    } else if works_m2 > 0.5 * area_m2 {
        Priority::Industrial
    } else if commercial_m2 > 0.5 * area_m2 {
        Priority::Commercial
    } else {
        Priority::Residential
    };
    Some(Substation {
        at,
        house,
        street,
        share,
        area_m2,
        heat_w,
        return_c,
        mass_flow_kg_s: heat_w / (sizing::HEAT_CAPACITY_J_KGK * (SUPPLY_C - return_c)),
        required_pa: 1000.0 * [50.0, 60.0, 70.0, 80.0, 100.0][dice.below(5)],
        priority,
        households: group.iter().map(|&house| houses[house].households).sum(),
        people: group.iter().map(|&house| houses[house].people()).sum(),
        houses: group,
    })
}
