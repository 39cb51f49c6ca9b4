//! What the map does not say and the neighbours do: diameters and elevations.

use std::collections::BTreeSet;

use super::draft::Draft;
use super::elements::{self, Bore};
use super::fields::Field;
use super::read::Item;
use super::report::Report;
use super::topology::Topology;

impl Draft {
    /// Nodes without elevation get that of their neighbours, so that a few surveyed points lift the whole map.
    pub(super) fn fill_elevations(&mut self, report: &mut Report) {
        let mut waiting: Vec<usize> = (0..self.nodes.len()).filter(|at| self.nodes[*at].at.z.is_none()).collect();
        if waiting.is_empty() {
            return;
        }
        let arguments = [("count", waiting.len().to_string()), ("all", self.nodes.len().to_string())];
        let none = waiting.len() == self.nodes.len();
        report.guessed("", if none { "gis-note-no-elevations" } else { "gis-note-elevations" }, &arguments);
        while !waiting.is_empty() {
            let found: Vec<(usize, f64)> = waiting
                .iter()
                .filter_map(|&at| {
                    let links = self.incident[at].iter().map(|link| &self.links[*link]);
                    let others = links.map(|link| if link.from == at { link.to } else { link.from });
                    let mut known: Vec<f64> = others.filter_map(|other| self.nodes[other].at.z).collect();
                    known.sort_by(f64::total_cmp);
                    (!known.is_empty()).then(|| (at, known.iter().sum::<f64>() / known.len() as f64))
                })
                .collect();
            if found.is_empty() {
                break;
            }
            found.into_iter().for_each(|(at, z)| self.nodes[at].at.z = Some(z));
            waiting.retain(|at| self.nodes[*at].at.z.is_none());
        }
    }

    /// Diameters of all pieces; unknown ones are those of their neighbours.
    pub(super) fn bores(&self, topology: &Topology, items: &[Item], lines: &[usize], report: &mut Report) -> Vec<Bore> {
        let mut bores: Vec<Option<Bore>> =
            topology.pieces.iter().map(|piece| elements::bore(&items[lines[piece.line]].fields)).collect();
        let mut at_node: Vec<Vec<usize>> = vec![Vec::new(); topology.junctions.len()];
        for (at, piece) in topology.pieces.iter().enumerate() {
            at_node[piece.from].push(at);
            at_node[piece.to].push(at);
        }
        let unknown: Vec<usize> = (0..bores.len()).filter(|at| bores[*at].is_none()).collect();
        let mut waiting = unknown.clone();
        while !waiting.is_empty() {
            let found: Vec<(usize, Bore)> = waiting
                .iter()
                .filter_map(|&at| {
                    let piece = &topology.pieces[at];
                    let mut near: Vec<Bore> = [piece.from, piece.to]
                        .iter()
                        .flat_map(|node| &at_node[*node])
                        .filter_map(|&o| bores[o])
                        .collect();
                    near.sort_by(|a, b| a.inner_m.total_cmp(&b.inner_m));
                    // The lower median: a branch rather takes after the branch than after the main.
                    near.get(near.len().saturating_sub(1) / 2).map(|bore| (at, *bore))
                })
                .collect();
            if found.is_empty() {
                break;
            }
            found.iter().for_each(|(at, bore)| bores[*at] = Some(*bore));
            waiting.retain(|at| bores[*at].is_none());
        }
        let mut told = BTreeSet::new();
        for at in unknown {
            let bore = bores[at].unwrap_or_else(|| Bore::nominal(elements::DEFAULT_DN));
            let item = &items[lines[topology.pieces[at].line]];
            if told.insert(topology.pieces[at].line) {
                let size = bore.dn.map_or_else(|| format!("{:.0} mm", bore.inner_m * 1e3), |dn| format!("DN{dn}"));
                let unreadable = item.fields.text(Field::Diameter).unwrap_or_default();
                let key = if unreadable.is_empty() { "gis-note-no-diameter" } else { "gis-note-bad-diameter" };
                report.guessed(&item.id, key, &[("size", size), ("got", unreadable)]);
            }
        }
        bores.into_iter().map(|bore| bore.unwrap_or_else(|| Bore::nominal(elements::DEFAULT_DN))).collect()
    }
}
