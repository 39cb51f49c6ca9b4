//! Two-pipe networks of any size for measuring solvers: a street grid with arterials, loops of a chosen share, one
//! lateral a substation. Bare hydraulics: no buildings, valves or map.
//!
//! Mechanism: a grid of street nodes about 160 m apart; shortest-path trees from the plants (arterials count as shorter)
//! become mains, single ties join the trees, further street edges close loops; flows of the trees size the pipes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::dice::{Dice, Noise};
use super::sizing::{self, Limits};
use super::{inserted, rounded};
use crate::network::catalogue::NominalPipe;
use crate::network::{
    Consumer, Demand, Network, Node, NodeId, Pipe, PipeDetails, Settings, Side, Source, SourceControl,
};

/// How many loops a bench network has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GridLoops {
    /// Independent loops on each side, as a share of the street nodes (0.02: nearly a tree; 0.12: a usual city).
    Share(f64),
    /// A pipe in every street of the grid: about one loop a street node, the hardest case for a factorisation.
    Meshed,
}

/// What the consumers of a bench network ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GridDemand {
    MassFlow,
    Heat,
}

/// Wishes for a bench network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GridParameters {
    /// Pipes of both sides together; met exactly (rounded down to an even number, at least 8).
    pub pipes: usize,
    pub loops: GridLoops,
    pub seed: u64,
    /// Number of sources; 0: one for every 8 000 pipes, 1 to 12.
    pub sources: usize,
    pub demand: GridDemand,
}

impl GridParameters {
    /// A network of so many pipes with loops at this share of the street nodes.
    pub fn new(pipes: usize, loops: GridLoops, seed: u64) -> GridParameters {
        GridParameters { pipes, loops, seed, sources: 0, demand: GridDemand::MassFlow }
    }
}

/// Distance of street nodes.
const SPACING_M: f64 = 160.0;
/// Every so many rows and columns of the grid is an arterial.
const ARTERIAL_EVERY: usize = 6;
/// Friction loss from a plant to its farthest station and back that the sizing aims at.
const DESIGN_LOSS_PA: f64 = 350_000.0;
const SUPPLY_C: f64 = 90.0;
const RETURN_C: f64 = 50.0;

#[derive(Clone, Copy)]
struct Street {
    ends: [u32; 2],
    arterial: bool,
    length_m: f64,
}

/// Builds the bench network.
pub fn grid(parameters: &GridParameters) -> Network {
    let side_pipes = (parameters.pipes / 2).max(4);
    let wanted = if parameters.sources == 0 { parameters.pipes / 8000 } else { parameters.sources };
    let source_count = wanted.clamp(1, 12.min(side_pipes / 4));
    let mut dice = Dice::new(parameters.seed, 1);

    // Street nodes: about 1.2 for every station with few loops, 0.65 in a full grid.
    let per_node = match parameters.loops {
        GridLoops::Share(share) => 1.82 + share.clamp(0.0, 0.8),
        GridLoops::Meshed => 3.5,
    };
    let node_count = (((side_pipes + 1 - source_count) as f64 / per_node) as usize).max(2);
    let columns = (1..).find(|w| w * w >= node_count).unwrap_or(1);
    let height = Noise::new(parameters.seed ^ 0x5eed, 2500.0);
    let places: Vec<[f64; 3]> = (0..node_count)
        .map(|i| {
            let x = (i % columns) as f64 * SPACING_M + dice.between(-20.0, 20.0);
            let y = (i / columns) as f64 * SPACING_M + dice.between(-20.0, 20.0);
            [rounded(x), rounded(y), rounded(60.0 * height.at(x, y))]
        })
        .collect();
    let streets = streets(node_count, columns, &places, &mut dice);

    let plants = plants(source_count, node_count, columns);
    let forest = Forest::grow(node_count, &streets, &plants);
    let loops = match parameters.loops {
        GridLoops::Share(share) => (share.clamp(0.0, 0.8) * node_count as f64).round() as usize,
        GridLoops::Meshed => usize::MAX,
    };
    let built = forest.close_loops(&streets, loops, &mut dice);
    let street_pipes = built.iter().filter(|&&b| b).count();
    let station_count = side_pipes.saturating_sub(plants.len() + street_pipes).max(1);

    // Stations: every street node in random order, then again.
    let mut order: Vec<usize> = (0..node_count).collect();
    dice.shuffle(&mut order);
    let stations: Vec<(usize, f64)> =
        (0..station_count).map(|i| (order[i % node_count], rounded(dice.between(1.2, 3.5)))).collect();

    let mut flow = vec![0.0; node_count];
    for &(node, mass_flow) in &stations {
        flow[node] += mass_flow;
    }
    let flow = forest.accumulate(flow);
    let longest_m = forest.distance_m.iter().copied().fold(SPACING_M, f64::max);
    let limits =
        Limits { loss_pa_m: (DESIGN_LOSS_PA / (2.0 * longest_m)).clamp(8.0, 60.0), velocity_m_s: 3.5, smallest_dn: 50 };

    let mut draft = Draft::new(parameters);
    let street_nodes: Vec<[NodeId; 2]> = places.iter().map(|&place| draft.node(place)).collect();
    let mut loss_to = vec![0.0; node_count];
    let mut size_of = vec![None; streets.len()];
    for &node in forest.order.iter().skip(plants.len()) {
        let (street, parent) = (forest.street[node], forest.parent[node]);
        let size = sizing::smallest_within(flow[node], limits);
        loss_to[node] = loss_to[parent] + sizing::specific_loss_pa_m(flow[node], &size) * streets[street].length_m;
        size_of[street] = Some(size);
    }
    for (index, street) in streets.iter().enumerate().filter(|&(index, _)| built[index]) {
        let [a, b] = street.ends.map(|end| end as usize);
        // A closing pipe carries a part of what passes its weaker end.
        let size = size_of[index].unwrap_or_else(|| sizing::smallest_within(0.3 * flow[a].min(flow[b]), limits));
        let zeta = [0.0, 1.5, 3.0][dice.below(3)];
        draft.trench(street_nodes[a], street_nodes[b], street.length_m, &size, zeta);
    }
    let lateral = Limits { loss_pa_m: 300.0, velocity_m_s: 3.5, smallest_dn: 50 };
    let mut worst_pa: f64 = 0.0;
    for &(node, mass_flow) in &stations {
        let size = sizing::smallest_within(mass_flow, lateral);
        let length_m = rounded(dice.between(20.0, 90.0));
        let place = places[node];
        let end = draft.node([
            rounded(place[0] + dice.between(-0.7, 0.7) * length_m),
            rounded(place[1] + dice.between(-0.7, 0.7) * length_m),
            place[2],
        ]);
        draft.trench(street_nodes[node], end, length_m, &size, 3.0);
        draft.consumer(end, mass_flow);
        worst_pa =
            worst_pa.max(2.0 * (loss_to[node] + sizing::specific_loss_pa_m(mass_flow, &size) * (length_m + 30.0)));
    }
    let rise_pa = (1.3 * worst_pa / 1e4).ceil() * 1e4 + 100_000.0;
    let highest_m = places.iter().map(|place| place[2]).fold(0.0, f64::max);
    for &plant in &plants {
        let place = places[plant];
        let end = draft.node([rounded(place[0] + 60.0), rounded(place[1] + 60.0), place[2]]);
        let size = sizing::smallest_within(flow[plant], limits);
        draft.trench(end, street_nodes[plant], 90.0, &size, 0.0);
        // High enough that the return stays above 50 kPa on the highest hill, losses aside.
        let return_pa = ((highest_m - place[2]) * 9530.0 / 1e4).ceil() * 1e4 + 300_000.0;
        draft.source(end, return_pa, rise_pa);
    }
    draft.network
}

/// Streets between neighbours of the grid.
fn streets(count: usize, columns: usize, places: &[[f64; 3]], dice: &mut Dice) -> Vec<Street> {
    let mut streets = Vec::with_capacity(2 * count);
    for i in 0..count {
        let (column, row) = (i % columns, i / columns);
        let mut street = |other: usize, line: usize| {
            if other < count {
                let [dx, dy] = [0, 1].map(|axis| places[other][axis] - places[i][axis]);
                let length_m = rounded((dx * dx + dy * dy).sqrt() * dice.between(1.0, 1.05));
                let arterial = line % ARTERIAL_EVERY == ARTERIAL_EVERY / 2;
                streets.push(Street { ends: [i as u32, other as u32], arterial, length_m });
            }
        };
        if column + 1 < columns {
            street(i + 1, row);
        }
        street(i + columns, column);
    }
    streets
}

/// Street nodes where the plants stand: spread over a coarse grid, on crossings of arterials where there are any.
fn plants(wanted: usize, count: usize, columns: usize) -> Vec<usize> {
    let rows = count.div_ceil(columns);
    let across = (1..).find(|n| n * n >= wanted).unwrap_or(1);
    let down = wanted.div_ceil(across);
    let middle = |part: usize, parts: usize, whole: usize| {
        let line = (2 * part + 1) * whole / (2 * parts);
        let crossing = line / ARTERIAL_EVERY * ARTERIAL_EVERY + ARTERIAL_EVERY / 2;
        if crossing < whole { crossing } else { line }
    };
    let mut plants: Vec<usize> = (0..wanted)
        .map(|k| middle(k / across, down, rows) * columns + middle(k % across, across, columns))
        .map(|node| node.min(count - 1))
        .collect();
    plants.sort_unstable();
    plants.dedup();
    plants
}

/// Shortest-path trees from the plants over the streets.
struct Forest {
    parent: Vec<usize>,
    street: Vec<usize>,
    /// Plants first, then every node after its parent.
    order: Vec<usize>,
    root: Vec<usize>,
    distance_m: Vec<f64>,
}

impl Forest {
    fn grow(count: usize, streets: &[Street], plants: &[usize]) -> Forest {
        let mut at = vec![Vec::new(); count];
        for (index, street) in streets.iter().enumerate() {
            for end in street.ends {
                at[end as usize].push(index);
            }
        }
        let mut forest = Forest {
            parent: (0..count).collect(),
            street: vec![usize::MAX; count],
            order: Vec::with_capacity(count),
            root: (0..count).collect(),
            distance_m: vec![0.0; count],
        };
        // Whole decimetres as cost: no tie is broken by rounding.
        let mut cost = vec![u64::MAX; count];
        let mut done = vec![false; count];
        let mut heap = BinaryHeap::new();
        for &plant in plants {
            cost[plant] = 0;
            heap.push(Reverse((0, plant)));
        }
        while let Some(Reverse((so_far, node))) = heap.pop() {
            if std::mem::replace(&mut done[node], true) {
                continue;
            }
            if forest.parent[node] != node {
                let parent = forest.parent[node];
                forest.root[node] = forest.root[parent];
                forest.distance_m[node] = forest.distance_m[parent] + streets[forest.street[node]].length_m;
            }
            forest.order.push(node);
            for &index in &at[node] {
                let street = &streets[index];
                let other = (street.ends[0] + street.ends[1]) as usize - node;
                let decimetres = (street.length_m * 10.0) as u64;
                let reached = so_far + if street.arterial { decimetres / 2 } else { decimetres };
                if !done[other] && reached < cost[other] {
                    cost[other] = reached;
                    forest.parent[other] = node;
                    forest.street[other] = index;
                    heap.push(Reverse((reached, other)));
                }
            }
        }
        forest
    }

    /// Which streets get pipes: the trees, single ties between them, and so many loops.
    fn close_loops(&self, streets: &[Street], loops: usize, dice: &mut Dice) -> Vec<bool> {
        let mut built = vec![false; streets.len()];
        for &street in self.street.iter().filter(|&&street| street != usize::MAX) {
            built[street] = true;
        }
        let mut rest: Vec<usize> = (0..streets.len()).filter(|&street| !built[street]).collect();
        dice.shuffle(&mut rest);
        // Closing pipes lie in arterials first, as ties do.
        rest.sort_by_key(|&street| !streets[street].arterial);
        let mut joined: Vec<usize> = (0..self.root.len()).collect();
        fn head(joined: &mut [usize], mut node: usize) -> usize {
            while joined[node] != node {
                joined[node] = joined[joined[node]];
                node = joined[node];
            }
            node
        }
        for &street in &rest {
            let [a, b] = streets[street].ends.map(|end| head(&mut joined, self.root[end as usize]));
            if a != b {
                joined[a.max(b)] = a.min(b);
                built[street] = true;
            }
        }
        let free: Vec<usize> = rest.into_iter().filter(|&street| !built[street]).collect();
        let mut in_order = free.iter();
        for number in 0..loops.min(free.len()) {
            // Every other loop anywhere, so that they are not all found along arterials.
            let mut street = free[dice.below(free.len())];
            if number % 2 == 0 || built[street] {
                street = in_order.find(|&&street| !built[street]).copied().unwrap_or(street);
            }
            built[street] = true;
        }
        built
    }

    /// Flow through the pipe above each node from the flow drawn at the nodes.
    fn accumulate(&self, mut flow: Vec<f64>) -> Vec<f64> {
        for &node in self.order.iter().rev() {
            if self.parent[node] != node {
                flow[self.parent[node]] += flow[node];
            }
        }
        flow
    }
}

/// The network under construction, with counters for ids.
struct Draft {
    network: Network,
    demand: GridDemand,
    nodes: usize,
    pipes: usize,
    consumers: usize,
    sources: usize,
}

impl Draft {
    fn new(parameters: &GridParameters) -> Draft {
        let mut network = Network::new();
        network.set_settings(Settings {
            title: format!("Bench network of {} pipes, seed {}", parameters.pipes, parameters.seed),
            ..Settings::default()
        });
        Draft { network, demand: parameters.demand, nodes: 0, pipes: 0, consumers: 0, sources: 0 }
    }

    /// Supply and return node at a place.
    fn node(&mut self, [x_m, y_m, z_m]: [f64; 3]) -> [NodeId; 2] {
        let number = self.nodes;
        self.nodes += 1;
        let supply = Node { side: Side::Supply, x_m, y_m, z_m, ..Node::default() };
        let back = Node { side: Side::Return, x_m: x_m + 1.0, y_m: y_m - 1.0, z_m, ..Node::default() };
        [
            inserted(self.network.insert_node(format!("S{number}"), supply)),
            inserted(self.network.insert_node(format!("R{number}"), back)),
        ]
    }

    /// Supply pipe a → b and return pipe b → a.
    fn trench(&mut self, a: [NodeId; 2], b: [NodeId; 2], length_m: f64, size: &NominalPipe, zeta: f64) {
        let number = self.pipes;
        self.pipes += 1;
        for (side, other, from, to) in [("PS", "PR", a[0], b[0]), ("PR", "PS", b[1], a[1])] {
            let details = PipeDetails {
                dn: Some(size.dn),
                pair: Some(format!("{other}{number}").into()),
                ..PipeDetails::default()
            };
            let pipe = Pipe {
                length_m,
                inner_diameter_m: size.inner_diameter_m(),
                outer_diameter_m: size.outer_diameter_m,
                roughness_m: sizing::ROUGHNESS_M,
                zeta,
                u_w_m2k: Some(0.8),
                details: details.into(),
                ..Pipe::default()
            };
            inserted(self.network.insert_link(format!("{side}{number}"), from, to, pipe));
        }
    }

    fn consumer(&mut self, [supply, back]: [NodeId; 2], mass_flow_kg_s: f64) {
        let demand = match self.demand {
            GridDemand::MassFlow => Demand::MassFlow { mass_flow_kg_s },
            GridDemand::Heat => {
                Demand::Heat { heat_w: (mass_flow_kg_s * sizing::HEAT_CAPACITY_J_KGK * (SUPPLY_C - RETURN_C)).round() }
            }
        };
        let consumer = Consumer { demand, return_temperature_c: RETURN_C, ..Consumer::default() };
        let number = self.consumers;
        self.consumers += 1;
        inserted(self.network.insert_link(format!("C{number}"), supply, back, consumer));
    }

    fn source(&mut self, [supply, back]: [NodeId; 2], return_pressure_pa: f64, pressure_rise_pa: f64) {
        let number = self.sources;
        self.sources += 1;
        let control = if number == 0 {
            SourceControl::Reference { return_pressure_pa, pressure_rise_pa }
        } else {
            SourceControl::PressureRise { pressure_rise_pa }
        };
        let source = Source { control, supply_temperature_c: SUPPLY_C, ..Source::default() };
        inserted(self.network.insert_link(format!("H{number}"), back, supply, source));
    }
}
