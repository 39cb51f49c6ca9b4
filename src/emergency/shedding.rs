//! When the plants left cannot heat everybody: who is turned down how far, in which order, and where a boiler on wheels helps.
//!
//! Hospitals, schools and care homes keep all of their heat. All others are turned down alike, as long as each keeps the
//! share that an accident should leave (40, 55 or 65 %, [`super::repair::accident_share`]). Where that is not enough, those
//! who come last (industry, then commerce, public buildings, homes) go down to nothing one class after another, the last of
//! them only as far as needed; and at the very end the protected are turned down alike. Each part of the network with plants
//! of its own is settled for itself. The answer is a list of edits of set-points, solved: what the plants give then is
//! held against what they can. Not here: turning down by supply temperature, and who turns which valve.

use serde_json::{Value, json};

use super::impact::{EXACT_ENOUGH, Impact, Loss, impact};
use super::parts::Parts;
use super::repair::accident_share;
use crate::network::edit::Edit;
use crate::network::{Demand, LinkId, Network, Priority};
use crate::solver::{Mode, Options, Solution, Solver};

/// Rounds in which the reductions are corrected by what the network itself loses.
const ROUNDS: usize = 4;
/// A part whose plants are asked for less than this beyond what they can give is in balance.
const BALANCED_SHARE: f64 = 1e-3;

/// A consumer that is turned down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reduction {
    pub consumer: LinkId,
    pub priority: Priority,
    /// Heat it is to draw over heat it drew before.
    pub share: f64,
    pub before_w: f64,
}

/// Who is turned down, and the state after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shedding {
    /// Those who come last first, then by id.
    pub reductions: Vec<Reduction>,
    /// The share that an accident should leave.
    pub accident_share: f64,
    /// Some have to go below it.
    pub below_accident_share: bool,
    /// The set-points, as edits on top of those of the accident.
    pub edits: Vec<Edit>,
    pub after: Impact,
    /// The plants of every part can give what they are asked for then.
    pub balanced: bool,
    /// What the plants of those parts give then, and what they can.
    pub given_w: f64,
    pub capacity_w: f64,
    /// States solved.
    pub solves: usize,
}

/// A boiler on wheels worth bringing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TemporaryBoiler {
    /// The consumer that has lost most of those it would heat: it is connected there.
    pub at: LinkId,
    /// How many consumers it reaches through the mains between them.
    pub consumers: usize,
    /// Heat that is missing there.
    pub missing_w: f64,
    /// Heat that brings each of them to the share an accident should leave.
    pub least_w: f64,
    /// Hospitals, schools and care homes among them.
    pub protected: usize,
}

/// Whether a priority keeps all of its heat as long as it can.
pub const fn is_protected(priority: Priority) -> bool {
    matches!(priority, Priority::Hospital | Priority::School | Priority::Care)
}

/// A consumer of a part that is short of heat.
#[derive(Clone, Copy, Debug)]
struct User {
    link: LinkId,
    priority: Priority,
    before_w: f64,
}

/// Shares of the heat before, such that all users together draw `allowed_w`, in the order of `users`.
fn shares_of(users: &[User], allowed_w: f64, least: f64) -> Vec<f64> {
    let sum = |of: &dyn Fn(&User) -> bool| users.iter().filter(|user| of(user)).map(|user| user.before_w).sum::<f64>();
    let all_w = sum(&|_| true);
    if allowed_w >= all_w {
        return vec![1.0; users.len()];
    }
    let protected_w = sum(&|user| is_protected(user.priority));
    let others_w = all_w - protected_w;
    let left_w = (allowed_w - protected_w).max(0.0);
    if others_w > 0.0 && left_w >= least * others_w {
        let share = left_w / others_w;
        return users.iter().map(|user| if is_protected(user.priority) { 1.0 } else { share }).collect();
    }
    // Not enough for the least share of all: who comes last gives way first.
    let mut share: Vec<f64> = users.iter().map(|user| if is_protected(user.priority) { 1.0 } else { least }).collect();
    let mut over_w = protected_w + least * others_w - allowed_w;
    let mut classes: Vec<Priority> =
        users.iter().map(|user| user.priority).filter(|&priority| !is_protected(priority)).collect();
    classes.sort_unstable();
    classes.dedup();
    for &class in classes.iter().rev() {
        let class_w = least * sum(&|user| user.priority == class);
        if over_w <= 0.0 || class_w <= 0.0 {
            continue;
        }
        let keep = (1.0 - over_w / class_w).max(0.0);
        for (user, share) in users.iter().zip(&mut share).filter(|(user, _)| user.priority == class) {
            debug_assert!(!is_protected(user.priority));
            *share = least * keep;
        }
        over_w -= class_w.min(over_w);
    }
    if over_w > 0.0 && protected_w > 0.0 {
        let keep = (allowed_w / protected_w).min(1.0);
        for (_, share) in users.iter().zip(&mut share).filter(|(user, _)| is_protected(user.priority)) {
            *share = keep;
        }
    }
    share
}

/// The edits that make a consumer draw a share of what it drew.
fn turn_down(network: &Network, consumer: LinkId, share: f64, before_w: f64, flow_kg_s: f64) -> Option<Edit> {
    let element = network.link_ref(consumer);
    let demand = network.link_view(consumer)?.consumer()?.demand;
    if share <= 0.0 {
        return Some(Edit::set(element, "shut", true));
    }
    let demand: Value = match demand {
        Demand::Heat { .. } => json!({ "heat": { "heat_w": share * before_w } }),
        Demand::MassFlow { .. } => json!({ "mass-flow": { "mass_flow_kg_s": share * flow_kg_s } }),
    };
    Some(Edit::set(element, "demand", demand))
}

/// Turns consumers down where the plants of their part cannot give what is asked for under `accident` (solved with its
/// edits); `None` where nothing is short, or nothing could be solved.
pub fn shed(network: &mut Network, accident: &Impact, before: &Solution, solver: &mut Solver) -> Option<Shedding> {
    let options = Options { mode: Mode::Hydraulic, ..EXACT_ENOUGH };
    let least = accident_share(network.settings().design_outdoor_c());
    // Start from the flows alone, so that every round is held against the same kind of solve.
    let start = impact(network, accident.edits.clone(), before, options, solver)?;
    if !start.solution.converged {
        return None;
    }
    let parts = network.what_if(&accident.edits, Parts::new).ok()?;
    let balance = |network: &mut Network, state: &Impact, edits: &[Edit]| {
        network.what_if(edits, |network| parts.balance(network, &state.solution)).unwrap_or_default()
    };
    let asked = balance(network, &start, &accident.edits);
    let short: Vec<u32> = asked
        .iter()
        .filter(|(_, sum)| sum.asked_w > sum.capacity_w * (1.0 + BALANCED_SHARE))
        .map(|(&part, _)| part)
        .collect();
    if short.is_empty() {
        return None;
    }
    let mut members: Vec<(u32, Vec<User>)> = Vec::new();
    for &part in &short {
        let mut users = Vec::new();
        for was in before.consumers.iter().filter(|was| was.heat_w > 0.0) {
            let Some(view) = network.link_view(was.link) else { continue };
            let Some(consumer) = view.consumer().filter(|consumer| !consumer.shut) else { continue };
            let fed = start.solution.consumer(was.link).is_some_and(|now| now.mass_flow_kg_s > 0.0);
            if fed && parts.by_heat(view.from) == part {
                users.push(User { link: was.link, priority: consumer.priority, before_w: was.heat_w });
            }
        }
        members.push((part, users));
    }
    // What the plants may give to consumers: less than their capacity by what the pipes lose, found round by round.
    let mut allowed_w: Vec<f64> = short.iter().filter_map(|part| Some(asked.get(part)?.capacity_w)).collect();
    let (mut solves, mut last) = (1, None);
    for _ in 0..ROUNDS {
        let mut edits = Vec::new();
        let mut reductions = Vec::new();
        for ((_, users), &allowed_w) in members.iter().zip(&allowed_w) {
            for (user, share) in users.iter().zip(shares_of(users, allowed_w, least)) {
                if share < 1.0 {
                    let flow_kg_s = before.consumer(user.link).map_or(0.0, |was| was.mass_flow_kg_s);
                    edits.extend(turn_down(network, user.link, share, user.before_w, flow_kg_s));
                    let User { link: consumer, priority, before_w } = *user;
                    reductions.push(Reduction { consumer, priority, share, before_w });
                }
            }
        }
        let all: Vec<Edit> = accident.edits.iter().chain(&edits).cloned().collect();
        let after = impact(network, all.clone(), before, options, solver)?;
        solves += 1;
        let now = balance(network, &after, &all);
        let mut balanced = after.solution.converged;
        let (mut given_w, mut capacity_w) = (0.0, 0.0);
        for (part, allowed_w) in short.iter().zip(&mut allowed_w) {
            let Some(sum) = now.get(part) else { continue };
            given_w += sum.asked_w;
            capacity_w += sum.capacity_w;
            if sum.asked_w > sum.capacity_w * (1.0 + BALANCED_SHARE) {
                balanced = false;
                *allowed_w = (*allowed_w - (sum.asked_w - sum.capacity_w)).max(0.0);
            }
        }
        reductions.sort_by(|a, b| b.priority.cmp(&a.priority).then(a.consumer.cmp(&b.consumer)));
        let below_accident_share = reductions.iter().any(|reduction| reduction.share < least - 1e-9);
        last = Some(Shedding {
            reductions,
            accident_share: least,
            below_accident_share,
            edits,
            after,
            balanced,
            given_w,
            capacity_w,
            solves,
        });
        if balanced {
            break;
        }
    }
    last
}

/// Boilers worth bringing to those whom `left` (the last state that could be reached) leaves without any heat: one for every
/// part that hangs together, at the consumer with the greatest loss; those in the drained `zone` each alone. Greatest
/// first among those that come first.
pub fn temporary_boilers(network: &mut Network, left: &Impact, zone: &[bool]) -> Vec<TemporaryBoiler> {
    let least = accident_share(network.settings().design_outdoor_c());
    let Ok(parts) = network.what_if(&left.edits, Parts::new) else { return Vec::new() };
    let mut groups: std::collections::BTreeMap<(u32, Option<LinkId>), TemporaryBoiler> =
        std::collections::BTreeMap::new();
    let mut most: std::collections::BTreeMap<(u32, Option<LinkId>), f64> = std::collections::BTreeMap::new();
    for consumer in left.consumers.iter().filter(|consumer| consumer.loss == Loss::CutOff && consumer.before_w > 0.0) {
        let Some((from, to)) = network.ends(consumer.consumer) else { continue };
        let drained = zone[from.index()] || zone[to.index()];
        let key = (parts.by_heat(from), drained.then_some(consumer.consumer));
        let boiler = groups.entry(key).or_insert(TemporaryBoiler {
            at: consumer.consumer,
            consumers: 0,
            missing_w: 0.0,
            least_w: 0.0,
            protected: 0,
        });
        boiler.consumers += 1;
        boiler.missing_w += consumer.before_w;
        let protected = is_protected(consumer.priority);
        boiler.least_w += consumer.before_w * if protected { 1.0 } else { least };
        boiler.protected += usize::from(protected);
        let greatest = most.entry(key).or_insert(0.0);
        if consumer.before_w > *greatest {
            (*greatest, boiler.at) = (consumer.before_w, consumer.consumer);
        }
    }
    let mut boilers: Vec<TemporaryBoiler> = groups.into_values().collect();
    boilers.sort_by(|a, b| {
        let first = |boiler: &TemporaryBoiler| boiler.protected == 0;
        first(a).cmp(&first(b)).then(b.missing_w.total_cmp(&a.missing_w)).then(a.at.cmp(&b.at))
    });
    boilers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(list: &[(Priority, f64)]) -> Vec<User> {
        let mut network = Network::new();
        for id in ["a", "b"] {
            network.insert_node(id, crate::network::Node::default()).unwrap();
        }
        let link = network.insert_link_between("c", "a", "b", crate::network::Consumer::default()).unwrap();
        list.iter().map(|&(priority, before_w)| User { link, priority, before_w }).collect()
    }

    #[test]
    fn who_comes_last_gives_way_first() {
        use Priority::{Commercial, Hospital, Industrial, Residential};
        let all = users(&[(Hospital, 1.0), (Residential, 4.0), (Commercial, 2.0), (Industrial, 3.0)]);
        let drawn = |share: &[f64]| all.iter().zip(share).map(|(user, share)| user.before_w * share).sum::<f64>();
        // Enough for everybody.
        assert_eq!(shares_of(&all, 10.0, 0.4), [1.0; 4]);
        // 5.5 for 9 of the unprotected: alike, above 40 %.
        let alike = shares_of(&all, 6.5, 0.4);
        assert_eq!(alike[0], 1.0);
        assert!(alike[1..].iter().all(|share| (share - 5.5 / 9.0).abs() < 1e-12));
        // 40 % of the unprotected would be 3.6 with 1 for the hospital; 4.0 is not enough: industry gives 0.6 of its 1.2.
        let tight = shares_of(&all, 4.0, 0.4);
        assert_eq!(tight[..3], [1.0, 0.4, 0.4]);
        assert!((tight[3] - 0.2).abs() < 1e-12);
        // Industry and commerce gone, homes still at 40 % in part; then the hospital alone; then it, too.
        let dire = shares_of(&all, 2.0, 0.4);
        assert_eq!((dire[0], dire[2], dire[3]), (1.0, 0.0, 0.0));
        assert!((dire[1] - 0.25).abs() < 1e-12);
        let last = shares_of(&all, 0.5, 0.4);
        assert_eq!(last, [0.5, 0.0, 0.0, 0.0]);
        for allowed in [0.5, 2.0, 4.0, 4.6, 6.5, 9.9] {
            assert!((drawn(&shares_of(&all, allowed, 0.4)) - allowed).abs() < 1e-9, "{allowed}");
        }
    }
}
