//! Who is to blame when relations are broken.
//!
//! An instrument that is off breaks every relation it takes part in and no other. So the one that stands in most broken
//! relations, and among those in fewest that hold, is accused; its relations are explained then, and the search goes on
//! among what is left. Where several fit equally well, all of them are doubted and none is named.

use std::collections::BTreeMap;

use super::relation::Relation;
use crate::live::TagId;

/// An accused instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accused {
    pub tag: TagId,
    /// A broken relation it stands in.
    pub relation: usize,
    /// Nobody else fits as well.
    pub alone: bool,
}

/// The instruments to blame, in the order of their handles.
pub fn accused(relations: &[Relation]) -> Vec<Accused> {
    let mut broken: Vec<usize> = (0..relations.len()).filter(|&at| relations[at].broken).collect();
    if broken.is_empty() {
        return Vec::new();
    }
    let mut holding: BTreeMap<TagId, u32> = BTreeMap::new();
    for relation in relations.iter().filter(|relation| !relation.broken && relation.known() && relation.check.acquits())
    {
        for &tag in relation.members() {
            *holding.entry(tag).or_default() += 1;
        }
    }
    let mut out: Vec<Accused> = Vec::new();
    // Balances over a whole network stand aside as witnesses: they accuse nobody by themselves.
    while broken.iter().any(|&at| relations[at].check.accuses()) {
        // By tag: broken relations that may accuse, all broken ones, one of them.
        let mut counts: BTreeMap<TagId, (u32, u32, usize)> = BTreeMap::new();
        for &at in &broken {
            let accuses = u32::from(relations[at].check.accuses());
            for &tag in relations[at].members() {
                let entry = counts.entry(tag).or_insert((0, 0, at));
                if entry.0 == 0 && accuses == 1 {
                    entry.2 = at;
                }
                entry.0 += accuses;
                entry.1 += 1;
            }
        }
        let rank = |tag: TagId, count: &(u32, u32, usize)| {
            let held = holding.get(&tag).copied().unwrap_or(0);
            (count.0.min(1), count.1, u32::MAX - held)
        };
        let Some(best) = counts.iter().map(|(tag, count)| rank(*tag, count)).max() else { break };
        let most: Vec<(TagId, usize)> = counts
            .iter()
            .filter(|(tag, count)| rank(**tag, count) == best)
            .map(|(tag, count)| (*tag, count.2))
            .collect();
        // Those tied may belong to different faults; only such as share a broken relation cast doubt on each other.
        for &(tag, relation) in &most {
            let shares = |other: TagId| {
                broken.iter().any(|&at| {
                    relations[at].check.accuses()
                        && relations[at].members().contains(&tag)
                        && relations[at].members().contains(&other)
                })
            };
            let alone = most.iter().all(|&(other, _)| other == tag || !shares(other));
            out.push(Accused { tag, relation, alone });
        }
        broken.retain(|&at| !most.iter().any(|(tag, _)| relations[at].members().contains(tag)));
    }
    out.sort_by_key(|accused| accused.tag);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::screening::cause::Check;
    use crate::live::screening::relation::Law;

    fn relation(check: Check, first: u32, second: u32, off: f64) -> Relation {
        let mut relation = Relation::new(check, Law::Same { first: TagId(first), second: TagId(second) });
        for _ in 0..10 {
            relation.take(off);
        }
        relation
    }

    #[test]
    fn the_one_in_every_broken_relation_is_named() {
        let relations =
            [relation(Check::Same, 0, 1, 20.0), relation(Check::Same, 1, 2, 20.0), relation(Check::Same, 0, 2, 0.0)];
        assert_eq!(accused(&relations), [Accused { tag: TagId(1), relation: 0, alone: true }]);
    }

    #[test]
    fn two_that_fit_equally_are_doubted_and_none_is_named() {
        let relations = [relation(Check::Same, 0, 1, 20.0)];
        let named: Vec<(u32, bool)> = accused(&relations).iter().map(|it| (it.tag.0, it.alone)).collect();
        assert_eq!(named, [(0, false), (1, false)]);
    }

    #[test]
    fn what_holds_elsewhere_acquits() {
        let relations = [relation(Check::Same, 0, 1, 20.0), relation(Check::Same, 1, 2, 0.0)];
        let named: Vec<(u32, bool)> = accused(&relations).iter().map(|it| (it.tag.0, it.alone)).collect();
        assert_eq!(named, [(0, true)]);
    }

    #[test]
    fn two_faults_far_apart_are_both_named() {
        let relations = [
            relation(Check::Same, 0, 1, 20.0),
            relation(Check::Same, 1, 2, 0.0),
            relation(Check::Same, 5, 6, 20.0),
            relation(Check::Same, 6, 7, 0.0),
        ];
        let named: Vec<(u32, bool)> = accused(&relations).iter().map(|it| (it.tag.0, it.alone)).collect();
        assert_eq!(named, [(0, true), (5, true)]);
    }

    #[test]
    fn the_balance_of_a_network_accuses_nobody() {
        assert!(accused(&[relation(Check::Network, 0, 1, 20.0)]).is_empty());
    }
}
