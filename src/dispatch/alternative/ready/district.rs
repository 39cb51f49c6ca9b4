//! A new district of consumers at a place of the network.
//!
//! A pair of mains leads away from the city to a row of substations. Pipes are the smallest of the catalogue that lose no more
//! than 70 Pa/m at design (CJJ/T 34, mains), by the rough law that designers use; insulation, depth and roughness are those of a
//! pipe at the node. Substations are like the mean of the network's.

use super::{ReadyError, pair_at, range};
use crate::dispatch::alternative::Alternative;
use crate::network::catalogue::{NOMINAL_PIPES, NominalPipe};
use crate::network::edit::{Edit, LinkData};
use crate::network::{Consumer, Demand, Name, Network, Node, NodeId, Pipe, Side};
use crate::simulation::equip::HEAT_CAPACITY_J_KGK;
use crate::solver::problem::Problem;

const MOST_LOSS_PA_M: f64 = 70.0;
const ROUGHNESS_M: f64 = 0.0005;
const DENSITY_KG_M3: f64 = 965.0;
/// Between two substations along the row, m.
const SPACING_M: f64 = 150.0;
const REQUIRED_PA: f64 = 50_000.0;

/// What is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct District {
    /// A node of either side, where supply and return lie side by side.
    pub node: Name,
    pub stations: usize,
    pub heat_each_w: f64,
    /// Main from the node to the first substation.
    pub distance_m: f64,
}

impl District {
    /// Five substations, a twentieth of the city's heat together, half a kilometre beyond the end of a main that could carry them,
    /// the farthest from the middle of the sources. `None` without consumers of heat, or without such a main.
    pub fn usual(network: &Network) -> Option<District> {
        let heats = network.links().filter_map(|view| match view.consumer()?.demand {
            Demand::Heat { heat_w } => Some(heat_w),
            Demand::MassFlow { .. } => None,
        });
        let all_w: f64 = heats.sum();
        let middle = middle(network)?;
        let heat_each_w = (0.01 * all_w / 1e4).round() * 1e4;
        let problem = Problem::new(network).ok()?;
        let spread_k = (problem.supply_temperature_c - problem.return_temperature_c).max(5.0);
        let needed = pipe_for(5.0 * heat_each_w / (HEAT_CAPACITY_J_KGK * spread_k));
        let mains = network.links().filter(|view| {
            view.pipe().is_some_and(|pipe| pipe.inner_diameter_m >= needed.inner_diameter_m())
                && network.node(view.from).is_some_and(|node| node.side == Side::Supply)
        });
        let mut best: Option<(f64, NodeId)> = None;
        for end in mains.flat_map(|view| [view.from, view.to]) {
            let Some(data) = network.node(end) else { continue };
            let far_m = (data.x_m - middle[0]).hypot(data.y_m - middle[1]);
            if best.is_none_or(|(most_m, _)| far_m > most_m) && pair_at(network, end).is_some() {
                best = Some((far_m, end));
            }
        }
        let node = network.node_name(best?.1);
        (heat_each_w > 0.0).then_some(District { node, stations: 5, heat_each_w, distance_m: 500.0 })
    }
}

/// Mean place of the sources.
fn middle(network: &Network) -> Option<[f64; 2]> {
    let mut sum = [0.0; 3];
    for view in network.links().filter(|view| view.source().is_some()) {
        let node = network.node(view.from)?;
        sum = [sum[0] + node.x_m, sum[1] + node.y_m, sum[2] + 1.0];
    }
    (sum[2] > 0.0).then(|| [sum[0] / sum[2], sum[1] / sum[2]])
}

/// Smallest pipe for a flow: fully rough friction after Shifrinson, λ = 0.11 (k/d)^0.25.
fn pipe_for(flow_kg_s: f64) -> NominalPipe {
    let loss_pa_m = |pipe: &NominalPipe| {
        let d = pipe.inner_diameter_m();
        let lambda = 0.11 * (ROUGHNESS_M / d).powf(0.25);
        let velocity = flow_kg_s / (DENSITY_KG_M3 * 0.25 * std::f64::consts::PI * d * d);
        lambda / d * 0.5 * DENSITY_KG_M3 * velocity * velocity
    };
    let fits = NOMINAL_PIPES.iter().copied().find(|pipe| loss_pa_m(pipe) <= MOST_LOSS_PA_M);
    fits.unwrap_or(NOMINAL_PIPES[NOMINAL_PIPES.len() - 1])
}

/// A name that the network does not have yet.
fn free(network: &Network, stem: &str) -> String {
    let taken = |name: &str| network.node_id(name).is_some() || network.link_id(name).is_some();
    let mut name = stem.to_owned();
    let mut number = 1;
    while taken(&name) {
        number += 1;
        name = format!("{stem}-{number}");
    }
    name
}

/// The network with the district.
pub fn new_district(network: &Network, district: &District) -> Result<Alternative, ReadyError> {
    range("the number of substations", district.stations as f64, 1.0, 200.0)?;
    range("the heat of a substation, W,", district.heat_each_w, 1e3, 1e8)?;
    range("the distance, m,", district.distance_m, 1.0, 20_000.0)?;
    let missing = || ReadyError::NoNode(district.node.to_string());
    let node = network.node_id(&district.node).ok_or_else(missing)?;
    let pair = pair_at(network, node).ok_or_else(|| ReadyError::NoPartner(district.node.to_string()))?;
    let supply_c = Problem::new(network).map_err(ReadyError::Network)?.supply_temperature_c;
    let (mut back_c, mut count) = (0.0, 0.0);
    for consumer in network.links().filter_map(|view| view.consumer()) {
        (back_c, count) = (back_c + consumer.return_temperature_c, count + 1.0);
    }
    let back_c = if count > 0.0 { (back_c / count * 10.0_f64).round() / 10.0 } else { 50.0 };
    let each_kg_s = district.heat_each_w / (HEAT_CAPACITY_J_KGK * (supply_c - back_c).max(5.0));
    // Fully open it draws its flow at half of what it requires.
    let kv = 3.6 * each_kg_s / DENSITY_KG_M3 * 1000.0 / (0.5 * REQUIRED_PA / 1e5).sqrt();
    let consumer = Consumer {
        demand: Demand::Heat { heat_w: district.heat_each_w },
        return_temperature_c: back_c,
        kv_open_m3_h: Some((kv * 10.0).round() / 10.0),
        required_pressure_pa: Some(REQUIRED_PA),
        heated_area_m2: Some((district.heat_each_w / 45.0).round()),
        ..Consumer::default()
    };
    let row = Row::new(network, pair).ok_or_else(missing)?;
    let mut edits = Vec::new();
    let mut ends = [network.node_name(pair.0), network.node_name(pair.1)];
    let mut length_m = district.distance_m;
    let mut at_m = 0.0;
    for number in 1..=district.stations {
        at_m += length_m;
        let nominal = pipe_for(each_kg_s * (district.stations + 1 - number) as f64);
        let names = ["S", "R"].map(|side| Name::from(free(network, &format!("ND-{side}{number:03}"))));
        for (side, name) in [Side::Supply, Side::Return].into_iter().zip(&names) {
            let node = Node { side, ..row.place(side, at_m) };
            edits.push(Edit::AddNode { id: name.clone(), node: Box::new(node) });
        }
        let pipes = ["PS", "PR"].map(|side| Name::from(free(network, &format!("ND-{side}{number:03}"))));
        for side in 0..2 {
            let mut pipe = row.pipe.clone();
            pipe.length_m = length_m;
            (pipe.inner_diameter_m, pipe.outer_diameter_m) = (nominal.inner_diameter_m(), nominal.outer_diameter_m);
            pipe.details.dn = Some(nominal.dn);
            pipe.details.pair = Some(pipes[1 - side].clone());
            let [from, to] = if side == 0 { [&ends[0], &names[0]] } else { [&names[1], &ends[1]] }.map(Name::clone);
            let link = Box::new(LinkData { pipe: Some(pipe), ..LinkData::default() });
            edits.push(Edit::AddLink { id: pipes[side].clone(), from, to, link });
        }
        let link = Box::new(LinkData { consumer: Some(consumer.clone()), ..LinkData::default() });
        let id = Name::from(free(network, &format!("ND-ST{number:03}")));
        edits.push(Edit::AddLink { id, from: names[0].clone(), to: names[1].clone(), link });
        ends = names;
        length_m = SPACING_M;
    }
    let heat_mw = 1e-6 * district.heat_each_w * district.stations as f64;
    let name = format!("district of {heat_mw:.1} MW at {}", district.node);
    let note = format!("{} substations", district.stations);
    Ok(Alternative { note, ..Alternative::of_edits(name, edits) })
}

/// Where the row lies and what its pipes are made of.
struct Row {
    start: [Node; 2],
    /// Away from the middle of the sources.
    direction: [f64; 2],
    pipe: Pipe,
}

impl Row {
    fn new(network: &Network, pair: (NodeId, NodeId)) -> Option<Row> {
        let start = [network.node(pair.0)?.clone(), network.node(pair.1)?.clone()];
        let [x_m, y_m] = middle(network).unwrap_or([start[0].x_m - 1.0, start[0].y_m]);
        let away = [start[0].x_m - x_m, start[0].y_m - y_m];
        let length_m = away[0].hypot(away[1]);
        let direction = if length_m > 1e-6 { away.map(|part| part / length_m) } else { [1.0, 0.0] };
        let beside = network.links_at(pair.0).into_iter().find_map(|link| network.link_view(link)?.pipe().cloned());
        let any = || network.links().find_map(|view| view.pipe().cloned());
        let mut pipe = beside.or_else(any)?;
        pipe.roughness_m = ROUGHNESS_M;
        pipe.zeta = 1.0;
        pipe.leaks = None;
        pipe.state = crate::network::PipeState::default();
        pipe.details.route_m.clear();
        Some(Row { start, direction, pipe })
    }

    fn place(&self, side: Side, at_m: f64) -> Node {
        let start = &self.start[usize::from(side == Side::Return)];
        Node {
            x_m: start.x_m + self.direction[0] * at_m,
            y_m: start.y_m + self.direction[1] * at_m,
            z_m: start.z_m,
            ..Node::default()
        }
    }
}
