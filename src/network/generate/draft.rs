//! The network under construction: counters for ids, and the four things mains are made of: junctions, trenches, valve
//! pairs and chambers. Everything comes in twos, supply and return.

use super::dice::Dice;
use super::geometry::{Point, add, distance, right_of, scaled, sub, unit};
use super::sizing::{self, Limits};
use super::{inserted, rounded};
use crate::network::catalogue::NominalPipe;
use crate::network::{
    Chamber, Drive, Insulation, Laying, Link, LinkKind, Name, Network, Node, NodeId, Notes, Pipe, PipeDetails, Side,
    Terrain, Valve, ValveCondition, ValveKind,
};

/// Limits of the design code CJJ/T 34: branches.
pub(super) const LATERAL: Limits = Limits { loss_pa_m: 240.0, velocity_m_s: 3.0, smallest_dn: 65 };

/// A point of the trench: supply and return node.
#[derive(Clone, Debug)]
pub(super) struct Junction {
    pub(super) nodes: [NodeId; 2],
    pub(super) at: Point,
    z_m: f64,
    chamber: Option<Name>,
}

/// What a trench is like besides its size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trench {
    pub(super) size: NominalPipe,
    pub(super) zeta: f64,
    pub(super) year: u16,
    pub(super) bridge: bool,
}

pub(super) struct Draft<'a> {
    pub(super) network: Network,
    pub(super) terrain: &'a Terrain,
    pub(super) dice: Dice,
    nodes: usize,
    pipes: usize,
    valves: usize,
    chambers: usize,
}

impl<'a> Draft<'a> {
    pub(super) fn new(terrain: &'a Terrain, seed: u64) -> Draft<'a> {
        let dice = Dice::new(seed, 50);
        Draft { network: Network::new(), terrain, dice, nodes: 0, pipes: 0, valves: 0, chambers: 0 }
    }

    pub(super) fn ground_m(&self, [x_m, y_m]: Point) -> f64 {
        rounded(self.terrain.elevation_m(x_m, y_m).unwrap_or(0.0))
    }

    pub(super) fn chamber(&mut self, at: Point, name: String, depth_m: f64) -> Name {
        self.chambers += 1;
        let id: Name = format!("J{:04}", self.chambers).into();
        let chamber = Chamber {
            name,
            x_m: at[0],
            y_m: at[1],
            z_m: self.ground_m(at),
            depth_m: Some(depth_m),
            compensators: (self.dice.chance(0.3)).then_some(2),
            drain: self.dice.chance(0.4),
            vent: self.dice.chance(0.4),
            ..Chamber::default()
        };
        inserted(self.network.insert_chamber(id.clone(), chamber));
        id
    }

    /// Supply and return node beside each other, the supply to the right of `along`.
    pub(super) fn junction(&mut self, at: Point, along: Point, z_m: f64, chamber: Option<Name>) -> Junction {
        self.nodes += 1;
        let number = self.nodes;
        let aside = scaled(right_of(unit(along)), 0.6);
        let nodes = [(Side::Supply, "S", 1.0), (Side::Return, "R", -1.0)].map(|(side, prefix, sign)| {
            let [x_m, y_m] = add(at, scaled(aside, sign)).map(rounded);
            let node = Node { side, x_m, y_m, z_m, chamber: chamber.clone(), ..Node::default() };
            inserted(self.network.insert_node(format!("{prefix}{number:04}"), node))
        });
        Junction { nodes, at, z_m, chamber }
    }

    /// Supply pipe a → b and return pipe b → a, side by side.
    pub(super) fn trench(&mut self, a: &Junction, b: &Junction, trench: Trench) {
        self.pipes += 1;
        let number = self.pipes;
        let along = unit(sub(b.at, a.at));
        let plan_m = distance(a.at, b.at);
        let rise_m = b.z_m - a.z_m;
        let length_m = rounded((plan_m * plan_m + rise_m * rise_m).sqrt().max(1.0));
        let size = trench.size;
        let (insulation, laying) = insulation(&size, trench.year, trench.bridge);
        // Centre to centre: two casings and a hand's breadth between them.
        let spacing_m = size.outer_diameter_m + 2.0 * insulation.thickness_m + 0.35;
        for (side, other, sign) in [("PS", "PR", 0.5), ("PR", "PS", -0.5)] {
            let aside = scaled(right_of(along), sign * spacing_m);
            let inset_m = (0.25 * plan_m).min(2.5);
            let mut route_m = [(a, inset_m), (b, -inset_m)].map(|(end, inset)| {
                let [x, y] = add(end.at, add(scaled(along, inset), aside)).map(rounded);
                [x, y, end.z_m]
            });
            let (from, to) = if side == "PS" {
                (a.nodes[0], b.nodes[0])
            } else {
                route_m.reverse();
                (b.nodes[1], a.nodes[1])
            };
            let details = PipeDetails {
                dn: Some(size.dn),
                nominal_pressure_pa: Some(if size.dn >= 500 { 2.5e6 } else { 1.6e6 }),
                insulation: Some(Box::new(insulation.clone())),
                depth_m: (!trench.bridge).then(|| rounded(0.9 + 0.5 * size.outer_diameter_m + insulation.thickness_m)),
                laying,
                material: if size.dn >= 250 { "Q235B" } else { "20#" }.to_owned(),
                year_laid: Some(trench.year),
                pair: Some(format!("{other}{number:04}").into()),
                route_m: route_m.to_vec(),
                ..PipeDetails::default()
            };
            let pipe = Pipe {
                length_m,
                inner_diameter_m: (size.inner_diameter_m() * 1e4).round() / 1e4,
                outer_diameter_m: size.outer_diameter_m,
                roughness_m: sizing::ROUGHNESS_M,
                zeta: trench.zeta,
                details: details.into(),
                ..Pipe::default()
            };
            inserted(self.network.insert_link(format!("{side}{number:04}"), from, to, pipe));
        }
    }

    /// Id of the supply pipe laid last.
    pub(super) fn last_supply_pipe(&self) -> Name {
        format!("PS{:04}", self.pipes).into()
    }

    /// A valve on each side right behind a junction; returns the junction beyond the valves.
    pub(super) fn valves(&mut self, at: &Junction, towards: Point, kind: ValveKind, dn: u16) -> Junction {
        let along = unit(sub(towards, at.at));
        let beyond = add(at.at, scaled(along, 2.0)).map(rounded);
        let behind = self.junction(beyond, along, at.z_m, at.chamber.clone());
        self.valves += 1;
        let number = self.valves;
        let drive = if dn >= 400 { Drive::Electric } else { Drive::Manual };
        for (prefix, from, to) in [("VS", at.nodes[0], behind.nodes[0]), ("VR", behind.nodes[1], at.nodes[1])] {
            let condition = if self.dice.chance(0.02) { ValveCondition::Unknown } else { ValveCondition::Operable };
            let valve = Valve {
                kind,
                diameter_m: Some(f64::from(dn) * 1e-3),
                drive,
                closing_time_s: Some(if drive == Drive::Electric {
                    0.3 * f64::from(dn)
                } else {
                    0.5 * f64::from(dn) + 60.0
                }),
                condition,
                ..Valve::default()
            };
            self.valve(format!("{prefix}{number:04}"), [from, to], valve, at.chamber.clone());
        }
        behind
    }

    pub(super) fn valve(&mut self, id: String, ends: [NodeId; 2], valve: Valve, chamber: Option<Name>) {
        let notes = chamber.map(|chamber| Box::new(Notes { chamber: Some(chamber), ..Notes::default() }));
        let link = Link { kind: LinkKind::Valve(Box::new(valve)), notes };
        inserted(self.network.insert_link(id, ends[0], ends[1], link));
    }
}

/// Insulation and laying by size and age: mineral wool in ducts before 1995, polyurethane buried since.
fn insulation(size: &NominalPipe, year: u16, bridge: bool) -> (Insulation, Laying) {
    let thick = match size.dn {
        ..=100 => 0.035,
        101..=250 => 0.045,
        251..=500 => 0.06,
        _ => 0.075,
    };
    let age = f64::from(2025u16.saturating_sub(year));
    let ageing_factor = (100.0 * (1.0 + 0.01 * age)).round() / 100.0;
    if bridge {
        (Insulation { thickness_m: 0.1, conductivity_w_mk: 0.042, ageing_factor }, Laying::Overhead)
    } else if year < 1995 {
        (Insulation { thickness_m: 2.0 * thick, conductivity_w_mk: 0.048, ageing_factor }, Laying::Duct)
    } else {
        (Insulation { thickness_m: thick, conductivity_w_mk: 0.033, ageing_factor }, Laying::Buried)
    }
}
