//! Pipes with holes, cut where the holes are.
//!
//! A pipe that loses water on its way carries two flows. Each hole gets a node of its own behind those of the network,
//! each further piece of the pipe a link behind its links; the pipe as drawn keeps its place as the first piece. Holes at
//! the very ends sit on the end nodes. Friction and local losses are shared out by length, heights along the straight
//! line between the ends.

use crate::network::{Code, Finding, Leak, LinkKind, Network};

use super::{Control, Element, HeadLossRow, LeakRow, PieceRow, PipeRow, Problem, Resistance, ValveRow};

/// Holes nearer than this share of the length to an end or to each other share a node.
const NEAR_SHARE: f64 = 1e-6;

impl Problem {
    /// Cuts the pipes of these links; those shut off lose nothing.
    pub(super) fn split_leaking(&mut self, network: &Network, leaking: &[u32], findings: &mut Vec<Finding>) {
        for &link in leaking {
            let handle = self.link_handles[link as usize];
            let Some(LinkKind::Pipe(pipe)) = network.link(handle).map(|link| &link.kind) else { continue };
            if matches!(self.elements[link as usize], Element::Closed) {
                continue;
            }
            let mut holes: Vec<&Leak> = pipe.leaks.iter().flat_map(|leaks| &leaks.0).collect();
            let sound = |leak: &Leak| {
                (0.0..=1.0).contains(&leak.position)
                    && leak.effective_area_m2().is_some_and(|area| area >= 0.0 && area.is_finite())
                    && leak.outside_pressure_pa.is_finite()
            };
            if !holes.iter().all(|leak| sound(leak)) {
                findings.push(Finding::new(Code::NotFinite, network.link_ref(handle)).text("field", "leaks"));
                continue;
            }
            // A hole of no size is none.
            holes.retain(|leak| leak.effective_area_m2().is_some_and(|area| area > 0.0));
            holes.sort_by(|a, b| a.position.total_cmp(&b.position));
            self.split(link as usize, &holes);
        }
        // Pieces were gathered pipe by pipe, first and further ones mixed.
        self.pieces.sort_by_key(|piece| piece.link);
    }

    fn split(&mut self, first: usize, holes: &[&Leak]) {
        let end = self.to[first];
        let whole = Whole::of(self, first);
        let heights_m = [self.from[first], end].map(|node| self.elevation_m[node as usize]);
        let (mut at, mut piece, mut start) = (self.from[first], first, 0.0);
        for hole in holes {
            let node = if hole.position - start <= NEAR_SHARE {
                at
            } else if 1.0 - hole.position <= NEAR_SHARE {
                end
            } else {
                let node = self.elevation_m.len() as u32;
                self.node_handles.push(self.node_handles[self.from[first] as usize]);
                self.elevation_m.push(heights_m[0] + hole.position * (heights_m[1] - heights_m[0]));
                self.demand_kg_s.push(0.0);
                self.finish_piece(piece, first, node, hole.position - start, &whole);
                piece = self.begin_piece(first, node, end);
                (at, start) = (node, hole.position);
                node
            };
            self.leaks.push(LeakRow {
                link: first as u32,
                node,
                position: hole.position,
                effective_area_m2: hole.effective_area_m2().unwrap_or(0.0),
                outside_pa: hole.outside_pressure_pa,
            });
        }
        if start > 0.0 {
            self.finish_piece(piece, first, end, 1.0 - start, &whole);
        }
    }

    /// A further piece from `node` on; its share of the length comes when its end is known.
    fn begin_piece(&mut self, first: usize, node: u32, end: u32) -> usize {
        let link = self.from.len();
        self.link_handles.push(self.link_handles[first]);
        self.from.push(node);
        self.to.push(end);
        self.elements.push(Element::Closed);
        self.density_kg_m3.push(self.density_kg_m3[first]);
        self.viscosity_pa_s.push(self.viscosity_pa_s[first]);
        link
    }

    fn finish_piece(&mut self, piece: usize, first: usize, to: u32, share: f64, whole: &Whole) {
        self.to[piece] = to;
        self.pieces.push(PieceRow { link: piece as u32, first: first as u32, share });
        let resistance = match (whole.resistance, whole.row) {
            // Rows of pipes stand in the order of their links: the first piece keeps its row, each further one gets the next.
            (Resistance::Pipe(own), Some(pipe)) => {
                let piece_row = PipeRow { length_m: pipe.length_m * share, zeta: pipe.zeta * share, ..pipe };
                if piece == first {
                    self.pipes[own as usize] = piece_row;
                    Resistance::Pipe(own)
                } else {
                    self.pipes.push(piece_row);
                    Resistance::Pipe(self.pipes.len() as u32 - 1)
                }
            }
            (Resistance::Head(own), _) => {
                let HeadLossRow { coefficient, exponent, fittings_kv_m3_h } = whole.head_loss;
                let piece_row = HeadLossRow {
                    coefficient: coefficient * share,
                    exponent,
                    fittings_kv_m3_h: fittings_kv_m3_h / share.sqrt(),
                };
                if piece == first {
                    self.head_losses[own as usize] = piece_row;
                    Resistance::Head(own)
                } else {
                    self.head_losses.push(piece_row);
                    Resistance::Head(self.head_losses.len() as u32 - 1)
                }
            }
            (other, _) => other,
        };
        // The check valve of a one-way pipe stands at its start.
        self.elements[piece] = match whole.valve {
            Some(row) if piece == first => {
                self.valves[row as usize] = ValveRow { resistance, control: Control::Check };
                Element::Valve(row)
            }
            _ => Element::Plain(resistance),
        };
    }
}

/// A pipe before it is cut.
struct Whole {
    resistance: Resistance,
    row: Option<PipeRow>,
    head_loss: HeadLossRow,
    /// Row of its check valve.
    valve: Option<u32>,
}

impl Whole {
    fn of(problem: &Problem, link: usize) -> Whole {
        let (resistance, valve) = match problem.elements[link] {
            Element::Valve(row) => (problem.valves[row as usize].resistance, Some(row)),
            Element::Plain(resistance) => (resistance, None),
            // Pipes are nothing else.
            _ => (Resistance::Linear(super::build_link::NEGLIGIBLE_PA_S_KG), None),
        };
        let none = HeadLossRow { coefficient: 0.0, exponent: 1.0, fittings_kv_m3_h: f64::INFINITY };
        let head_loss = match resistance {
            Resistance::Head(row) => problem.head_losses.get(row as usize).copied().unwrap_or(none),
            _ => none,
        };
        let row = match resistance {
            Resistance::Pipe(row) => problem.pipes.get(row as usize).copied(),
            _ => None,
        };
        Whole { resistance, row, head_loss, valve }
    }
}
