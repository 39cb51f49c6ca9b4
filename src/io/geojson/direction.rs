//! Which way pumps and valves with a direction work: supply flows away from the sources, return towards them.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::draft::{Draft, DraftKind, VALVE_LENGTH_M};
use super::read::Item;
use super::report::Report;
use crate::network::{Side, ValveKind};

impl Draft {
    /// Turns pumps and valves with a direction so that supply flows away from the sources and return towards them.
    pub(super) fn direct(&mut self, items: &[Item], report: &mut Report) {
        let distances = self.distances();
        for at in 0..self.links.len() {
            let link = &self.links[at];
            let directed = match &link.kind {
                DraftKind::Pipe(_) => false,
                DraftKind::Pump(_) => true,
                DraftKind::Valve(valve) => matches!(
                    valve.kind,
                    ValveKind::Check | ValveKind::PressureReducing | ValveKind::PressureSustaining | ValveKind::Flow
                ),
            };
            if !directed {
                continue;
            }
            let outwards = distances[link.from].total_cmp(&distances[link.to]);
            let towards = self.nodes[link.from].side == Side::Return;
            if (outwards == Ordering::Greater) != towards && outwards != Ordering::Equal {
                let link = &mut self.links[at];
                (link.from, link.to) = (link.to, link.from);
            }
            report.guessed(&items[self.links[at].item].id, "gis-note-direction", &[]);
        }
    }

    /// Length of the way from the nearest source to every node; infinite where there is none.
    fn distances(&self) -> Vec<f64> {
        let mut ways: Vec<Vec<(usize, f64)>> = vec![Vec::new(); self.nodes.len()];
        for link in &self.links {
            let length_m = if let DraftKind::Pipe(pipe) = &link.kind { pipe.length_m } else { VALVE_LENGTH_M };
            ways[link.from].push((link.to, length_m));
            ways[link.to].push((link.from, length_m));
        }
        let mut distances = vec![f64::INFINITY; self.nodes.len()];
        let mut queue = BinaryHeap::new();
        for terminal in self.terminals.iter().filter(|terminal| terminal.source) {
            for node in [Some(terminal.supply), terminal.returns].into_iter().flatten() {
                distances[node] = 0.0;
                queue.push(Near(0.0, node));
            }
        }
        while let Some(Near(distance, node)) = queue.pop() {
            if distance > distances[node] {
                continue;
            }
            for &(next, length_m) in &ways[node] {
                let through = distance + length_m;
                if through < distances[next] {
                    distances[next] = through;
                    queue.push(Near(through, next));
                }
            }
        }
        distances
    }
}

/// A node in the queue; the nearest comes first.
struct Near(f64, usize);

impl PartialEq for Near {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Near {}

impl PartialOrd for Near {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Near {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.total_cmp(&self.0).then(other.1.cmp(&self.1))
    }
}
