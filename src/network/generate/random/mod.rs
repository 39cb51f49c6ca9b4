//! Random small networks to try a solver on: everything that can be built, sound or not, drawn from a seed.
//!
//! Not cities: shapes (trees, loops, meshes, two-pipe and one-pipe), every control mode of sources, pumps side by side
//! and in a row, controllers in a row and side by side, check valves, closed valves, consumers that ask for nothing,
//! islands, and sizes far apart in one network (DN15 beside DN1400, grams beside tonnes per second, heights to ±200 m).
//! Half of the networks are *sized* (diameters fit the flows), half are thrown together. Some carry a planted
//! [`Defect`], so that whoever judges a solver knows what it has to say. Others are ill-posed by chance; to find those
//! out is the judge's business, not the generator's.
//!
//! One file an idea: `shapes` (places and trenches), `parts` (what is drawn into them), `defects`.

mod defects;
mod parts;
mod shapes;

pub use defects::{Defect, Planted};

use super::dice::Dice;
use crate::network::{FrictionModel, Link, Network, Node, NodeId, Settings, Side, WaterModel};
use crate::physics::elementary;

/// How the places of a network hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    Tree,
    Loops,
    Meshed,
    /// One pipe instead of supply and return, with reservoirs, tanks and demands at nodes.
    OnePipe,
}

impl Shape {
    pub const ALL: [Shape; 4] = [Shape::Tree, Shape::Loops, Shape::Meshed, Shape::OnePipe];

    /// Stable word, also the key of its name.
    pub const fn word(self) -> &'static str {
        match self {
            Shape::Tree => "tree",
            Shape::Loops => "loops",
            Shape::Meshed => "meshed",
            Shape::OnePipe => "one-pipe",
        }
    }
}

/// Sizes drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sizes {
    /// Two to nine places: for tests without optimisation.
    Small,
    /// Mostly two to sixty places, one in a hundred several hundred.
    All,
}

/// A random network.
#[derive(Clone, Debug)]
pub struct RandomNetwork {
    pub network: Network,
    pub shape: Shape,
    /// Whether it was made to be solved with temperatures.
    pub heat: bool,
    pub planted: Option<Planted>,
}

/// The random network of a seed.
pub fn random(seed: u64, sizes: Sizes) -> RandomNetwork {
    let mut dice = Dice::new(seed, 60);
    let shape = [Shape::Tree, Shape::Loops, Shape::Loops, Shape::Meshed, Shape::OnePipe][dice.below(5)];
    let heat = shape != Shape::OnePipe && dice.chance(0.15);
    let places = match sizes {
        Sizes::Small => 2 + dice.below(8),
        Sizes::All if dice.chance(0.01) => 100 + dice.below(500),
        Sizes::All => 2 + (58.0 * dice.share() * dice.share()) as usize,
    };
    let settings = settings(&mut dice, shape, heat);
    let sized = dice.chance(0.5);
    let flow_kg_s = dice.log_between(1e-2, if sized { 30.0 } else { 1e2 });
    let mut draft = Draft {
        network: Network::new(),
        heat,
        sized,
        flow_kg_s,
        fittings: [0.0, 0.05, 0.15, 0.4][dice.below(4)],
        closed: [0.0, 0.0, 0.02, 0.1][dice.below(4)],
        dice,
        nodes: 0,
        links: 0,
    };
    draft.network.set_settings(settings);
    shapes::grow(&mut draft, shape, places);
    // Temperatures are no business of a defect; the heated ones stay sound but for what happens by chance.
    let planted = if draft.dice.chance(0.2) { defects::plant(&mut draft, shape) } else { None };
    RandomNetwork { network: draft.network, shape, heat, planted }
}

fn settings(dice: &mut Dice, shape: Shape, heat: bool) -> Settings {
    use FrictionModel::{Altshul, ChezyManning, Colebrook, HazenWilliams, Nikuradse, Shifrinson, SwameeJain};
    let friction = match shape {
        Shape::OnePipe => [Colebrook, SwameeJain, HazenWilliams, ChezyManning][dice.below(4)],
        _ => [Colebrook, Colebrook, SwameeJain, Altshul, Shifrinson, Nikuradse][dice.below(6)],
    };
    let water = match heat {
        true => WaterModel::Iapws,
        false => WaterModel::Constant {
            density_kg_m3: dice.between(900.0, 1000.0),
            viscosity_pa_s: dice.between(2e-4, 1.3e-3),
            heat_capacity_j_kgk: 4190.0,
        },
    };
    Settings { friction, water, ..Settings::default() }
}

/// The network under construction.
struct Draft {
    network: Network,
    dice: Dice,
    heat: bool,
    /// Whether diameters fit the flows.
    sized: bool,
    /// Flow of a typical consumer.
    flow_kg_s: f64,
    /// Share of trenches with something in a row with the pipe, and share of closed pipes.
    fittings: f64,
    closed: f64,
    nodes: usize,
    links: usize,
}

impl Draft {
    /// A new node of a side.
    fn node(&mut self, side: Side, z_m: f64) -> NodeId {
        self.node_with(Node { side, z_m, ..Node::default() })
    }

    fn node_with(&mut self, node: Node) -> NodeId {
        let letter = match node.side {
            Side::Supply => 'S',
            Side::Return => 'R',
            Side::Single => 'N',
        };
        let id = format!("{letter}{}", self.nodes);
        self.nodes += 1;
        super::inserted(self.network.insert_node(id, node))
    }

    /// Adds a link; the letter begins its id.
    fn link(&mut self, letter: char, from: NodeId, to: NodeId, link: impl Into<Link>) -> String {
        let id = format!("{letter}{}", self.links);
        self.links += 1;
        super::inserted(self.network.insert_link(id.clone(), from, to, link));
        id
    }

    fn height_m(&self, node: NodeId) -> f64 {
        self.network.node(node).map_or(0.0, |node| node.z_m)
    }
}

impl Dice {
    /// Between two positive numbers, all orders of magnitude alike.
    fn log_between(&mut self, low: f64, high: f64) -> f64 {
        low * elementary::exp(elementary::ln(high / low) * self.share())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_network_and_another_another() {
        for seed in 0..50 {
            let (a, b) = (random(seed, Sizes::Small), random(seed, Sizes::Small));
            assert!(a.network.same_as(&b.network), "{seed}");
            assert!(!a.network.same_as(&random(seed + 1000, Sizes::Small).network), "{seed}");
        }
    }

    #[test]
    fn all_shapes_and_defects_are_drawn() {
        let all: Vec<RandomNetwork> = (0..3000).map(|seed| random(seed, Sizes::Small)).collect();
        for shape in Shape::ALL {
            assert!(all.iter().any(|one| one.shape == shape), "{shape:?}");
        }
        for defect in Defect::ALL {
            let planted = |one: &&RandomNetwork| one.planted.as_ref().is_some_and(|planted| planted.defect == *defect);
            assert!(all.iter().any(|one| planted(&one)), "{defect:?}");
        }
        assert!(all.iter().any(|one| one.heat));
    }
}
