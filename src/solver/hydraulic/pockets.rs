//! Pockets: parts of the core that hang on no given pressure while some links are pinned to their flow.
//!
//! Their flows are determined and their level is not, within what the pinned links around them allow. Once the branches
//! are found the level is kept as it is, by one node of each that does not move; nothing has to leak for that, and the
//! matrix keeps its digits.

use super::super::problem::Problem;
use super::core::Core;
use super::reduction::NONE;
use super::specials::Regime;
use super::structure::Structure;
use crate::network::sets::Sets;

/// A controller that lacks less than this keeps shut because nothing pushes, Pa.
const MOST_FIT_PA: f64 = 1e3;
/// Rounds of fitting pockets to their neighbours, beyond one for each.
const MOST_FITTINGS: usize = 4;

/// One unknown of every pocket.
#[derive(Clone, Debug, Default)]
pub struct Pockets {
    pub anchors: Vec<u32>,
    sets: Sets,
    /// Anchor of every unknown (the ground where it hangs on that), and of the ground last.
    root: Vec<u32>,
}

impl Pockets {
    /// Finds them at the present regimes.
    pub fn find(&mut self, structure: &Structure, core: &Core) {
        let chains = structure.reduction.chain_count();
        let ground = structure.unknowns as u32;
        self.sets.restart(structure.unknowns + 1);
        for (link, edge) in structure.edges.iter().enumerate() {
            let pinned = link >= chains && core.specials[link - chains].pinned().is_some();
            if structure.dead[link] || pinned {
                continue;
            }
            let [a, b] = edge.map(|node| if node == NONE { ground } else { node });
            // The ground is the last and goes on standing for its part.
            self.sets.join_under_greatest(a, b);
        }
        self.root.clear();
        self.root.extend((0..=ground).map(|node| self.sets.of(node)));
        self.anchors.clear();
        self.anchors.extend((0..ground).filter(|&node| self.root[node as usize] == node));
    }

    /// Moves every pocket no farther than the pinned links around it demand, where they allow any level.
    pub fn fit(&self, problem: &Problem, structure: &Structure, core: &mut Core) {
        if self.anchors.is_empty() {
            return;
        }
        let chains = structure.reduction.chain_count();
        let ground = structure.unknowns;
        // By unknown, at the anchors: how far its pocket may move down and up.
        let mut room = vec![[f64::NEG_INFINITY, f64::INFINITY]; ground + 1];
        for _ in 0..self.anchors.len() + MOST_FITTINGS {
            room.fill([f64::NEG_INFINITY, f64::INFINITY]);
            for (at, special) in core.specials.iter().enumerate() {
                let link = chains + at;
                let Some(pinned) = special.pinned().filter(|_| !structure.dead[link]) else { continue };
                let [from, to] = structure.edges[link]
                    .map(|node| self.root[if node == NONE { ground } else { node as usize }] as usize);
                if from == to {
                    continue;
                }
                let ends = structure.reduction.ends[link].map(|node| node as usize);
                let difference = core.potential[ends[0]] - core.potential[ends[1]] + core.constant[link];
                let spare =
                    special.law(problem, pinned, None).drop_pa + core.feedback.of_special(at, pinned).0 - difference;
                // At its least flow the difference may rise by what is to spare, at its greatest it may fall to it.
                if special.regime == Regime::High {
                    room[from][0] = room[from][0].max(spare);
                    room[to][1] = room[to][1].min(-spare);
                } else if special.controller().is_none() || spare > -MOST_FIT_PA {
                    room[from][1] = room[from][1].min(spare);
                    room[to][0] = room[to][0].max(-spare);
                }
            }
            let mut moved = false;
            for (node, unknown) in structure.unknown_of.iter().enumerate() {
                if *unknown == NONE {
                    continue;
                }
                let pocket = self.root[*unknown as usize] as usize;
                let [low, high] = room[pocket];
                if pocket == ground || low > high || low <= 0.0 && high >= 0.0 {
                    continue;
                }
                let by = if low > 0.0 { low } else { high };
                core.potential[node] += by;
                moved = true;
            }
            if !moved {
                return;
            }
        }
    }
}
