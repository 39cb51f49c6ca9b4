//! What heat needs to know about a network besides the flows.

use crate::network::{Boundary, Laying, LinkKind, Network, Pipe, PipeDetails, Settings};
use crate::physics::heat_loss;

use super::super::problem::{Element, Hold, NONE, Problem};

/// Temperature of water that enters where nothing tells it: cold mains water, the usual design figure in northern China.
const COLD_WATER_C: f64 = 10.0;
/// Conductivity of moist soil at heating depth, W/(m·K); handbooks give 1.2 (dry) to 1.8 (wet).
const SOIL_CONDUCTIVITY_W_MK: f64 = 1.5;
/// Resistance between soil and air, m²·K/W (EN 13941).
const GROUND_SURFACE_M2_K_W: f64 = 0.0685;
/// Cover where none is given: below the frost line of most of northern China.
const DEPTH_M: f64 = 1.2;
/// Conductivity of polyurethane foam in preinsulated pipes after some years, W/(m·K) (GB/T 29047 allows 0.033 new).
const FOAM_CONDUCTIVITY_W_MK: f64 = 0.033;
/// Film coefficients, W/(m²·K): still air in ducts and tunnels, moving air outdoors.
const DUCT_FILM_W_M2K: f64 = 10.0;
const OUTDOOR_FILM_W_M2K: f64 = 23.0;
/// Clear distance of the two casings in a trench where the pair's axes are not known (CJJ/T 81 asks for 0.15…0.25 m).
const CASING_GAP_M: f64 = 0.2;

/// How heat leaves the network, over the dense indices of a [`Problem`].
#[derive(Clone, Debug)]
pub struct HeatProblem {
    /// Heat lost per kelvin above the surroundings, U′·L, by link; 0 for all that is no pipe.
    pub loss_w_k: Vec<f64>,
    /// Temperature of the surroundings by link.
    pub surroundings_c: Vec<f64>,
    /// Temperature of water entering from outside by node (make-up, reservoir, negative demand).
    pub feed_temperature_c: Vec<f64>,
    /// Whether the pressure of the node is given, so that water may enter or leave there.
    pub open_node: Vec<bool>,
    /// Temperature of nodes without any inflow.
    pub ambient_c: f64,
    /// Outlet temperature of running sources and consumers by link; NaN for all others.
    pub set_outlet_c: Vec<f64>,
    /// Links at each node: `incident[start[n]..start[n + 1]]`.
    pub(super) start: Vec<u32>,
    pub(super) incident: Vec<u32>,
    /// Pipes that warm each other.
    pub pairs: Vec<Pair>,
}

/// Two pipes in one trench.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    pub links: [u32; 2],
    /// By how much the surroundings of each warm per kelvin of the other above the ground: U_m/U_own.
    pub share: [f64; 2],
    pub ground_c: f64,
}

impl HeatProblem {
    pub fn new(network: &Network, problem: &Problem) -> HeatProblem {
        let (nodes, links) = (problem.node_count(), problem.link_count());
        let settings = network.settings();
        let mut heat = HeatProblem {
            loss_w_k: vec![0.0; links],
            surroundings_c: vec![settings.ambient_temperature_c; links],
            feed_temperature_c: vec![COLD_WATER_C; nodes],
            open_node: vec![false; nodes],
            ambient_c: settings.ambient_temperature_c,
            set_outlet_c: vec![f64::NAN; links],
            start: Vec::new(),
            incident: Vec::new(),
            pairs: Vec::new(),
        };
        heat.add_feeds(network, problem);
        heat.add_links(network, problem);
        heat.add_incidence(problem);
        heat
    }

    fn add_feeds(&mut self, network: &Network, problem: &Problem) {
        for row in &problem.boundaries {
            let node = row.node as usize;
            self.open_node[node] = true;
            let given = network.node(problem.node_handles[node]).and_then(|node| node.boundary.as_deref());
            if let Some(
                Boundary::MakeUp { temperature_c, .. }
                | Boundary::Reservoir { temperature_c, .. }
                | Boundary::Tank { temperature_c, .. },
            ) = given
                && temperature_c.is_finite()
            {
                self.feed_temperature_c[node] = *temperature_c;
            }
        }
        for leak in &problem.leaks {
            self.open_node[leak.node as usize] = true;
        }
        for source in &problem.sources {
            let link = source.link as usize;
            let charges =
                matches!(source.hold, Hold::MassFlow(flow) if flow < 0.0) && source.store_return_c.is_finite();
            self.set_outlet_c[link] = if charges { source.store_return_c } else { source.supply_temperature_c };
            if source.return_pressure_pa.is_some() {
                self.open_node[problem.from[link] as usize] = true;
            }
            if matches!(source.hold, Hold::SupplyPressure(_)) {
                self.open_node[problem.to[link] as usize] = true;
            }
        }
        for consumer in &problem.consumers {
            self.set_outlet_c[consumer.link as usize] = consumer.return_temperature_c;
        }
    }

    fn add_links(&mut self, network: &Network, problem: &Problem) {
        let settings = network.settings();
        for (link, &handle) in problem.link_handles.iter().enumerate() {
            let Some(LinkKind::Pipe(pipe)) = network.link(handle).map(|link| &link.kind) else { continue };
            let surroundings_c = surroundings_c(pipe, settings);
            self.surroundings_c[link] = surroundings_c;
            self.loss_w_k[link] = match pipe.u_w_m2k {
                Some(u_w_m2k) => heat_loss::u_per_metre_w_mk(u_w_m2k, pipe.outer_diameter_m) * pipe.length_m,
                None => self.computed_loss_w_k(network, problem, link, pipe, surroundings_c),
            };
            if !problem.pieces.is_empty() {
                self.loss_w_k[link] *= problem.length_share(link);
            }
            // Nonsense in the data (reported by validation) must not spread as NaN.
            if !(self.loss_w_k[link] > 0.0 && self.loss_w_k[link].is_finite()) {
                self.loss_w_k[link] = 0.0;
            }
        }
    }

    /// U′·L from insulation, laying and depth; registers the pair where both pipes of a trench are computed.
    fn computed_loss_w_k(
        &mut self,
        network: &Network,
        problem: &Problem,
        link: usize,
        pipe: &Pipe,
        ground_c: f64,
    ) -> f64 {
        let resistance = resistance_m_k_w(pipe);
        let alone = pipe.length_m / resistance;
        let Some((other, partner)) = buried_partner(network, problem, link, pipe) else { return alone };
        let casing_m = casing_diameter_m(pipe);
        let distance_m = 0.5 * (casing_m + casing_diameter_m(partner)) + CASING_GAP_M;
        let depth_m = heat_loss::equivalent_depth_m(depth_m(pipe), SOIL_CONDUCTIVITY_W_MK, GROUND_SURFACE_M2_K_W);
        let pair = heat_loss::BuriedPair {
            supply_resistance_m_k_w: resistance,
            return_resistance_m_k_w: resistance_m_k_w(partner),
            mutual_resistance_m_k_w: heat_loss::mutual_resistance_m_k_w(depth_m, distance_m, SOIL_CONDUCTIVITY_W_MK),
        };
        let Some((own, theirs, mutual)) = pair.coefficients_w_mk() else { return alone };
        if link < other {
            let links = [link as u32, other as u32];
            self.pairs.push(Pair { links, share: [mutual / own, mutual / theirs], ground_c });
        }
        own * pipe.length_m
    }

    fn add_incidence(&mut self, problem: &Problem) {
        let nodes = problem.node_count();
        let mut start = vec![0u32; nodes + 1];
        for (&from, &to) in problem.from.iter().zip(&problem.to) {
            start[from as usize + 1] += 1;
            start[to as usize + 1] += 1;
        }
        for node in 0..nodes {
            start[node + 1] += start[node];
        }
        let mut next = start.clone();
        let mut incident = vec![0u32; 2 * problem.link_count()];
        for link in 0..problem.link_count() {
            for end in [problem.from[link], problem.to[link]] {
                let place = &mut next[end as usize];
                incident[*place as usize] = link as u32;
                *place += 1;
            }
        }
        (self.start, self.incident) = (start, incident);
    }

    /// Links at a node.
    #[inline]
    pub fn at(&self, node: usize) -> &[u32] {
        &self.incident[self.start[node] as usize..self.start[node + 1] as usize]
    }
}

fn surroundings_c(pipe: &Pipe, settings: &Settings) -> f64 {
    match pipe.details.laying {
        Laying::Overhead => settings.outdoor_temperature_c,
        Laying::Buried | Laying::Duct | Laying::UtilityTunnel => settings.ambient_temperature_c,
    }
}

fn depth_m(pipe: &Pipe) -> f64 {
    pipe.details.depth_m.filter(|depth_m| *depth_m > 0.0).unwrap_or(DEPTH_M)
}

/// Thickness and conductivity of the insulation, aged. Unknown insulation: foam of the thickness usual for the diameter
/// in preinsulated pipes (GB/T 29047).
fn insulation(pipe: &Pipe) -> (f64, f64) {
    match &pipe.details.insulation {
        Some(insulation) if insulation.thickness_m > 0.0 && insulation.conductivity_w_mk > 0.0 => {
            let ageing = if insulation.ageing_factor > 0.0 { insulation.ageing_factor } else { 1.0 };
            (insulation.thickness_m, insulation.conductivity_w_mk * ageing)
        }
        _ => {
            let thickness_m = match pipe.outer_diameter_m {
                d if d < 0.1 => 0.030,
                d if d < 0.25 => 0.035,
                d if d < 0.45 => 0.040,
                d if d < 0.65 => 0.050,
                d if d < 0.95 => 0.060,
                _ => 0.080,
            };
            (thickness_m, FOAM_CONDUCTIVITY_W_MK)
        }
    }
}

fn casing_diameter_m(pipe: &Pipe) -> f64 {
    pipe.outer_diameter_m + 2.0 * insulation(pipe).0
}

/// Resistance between water and surroundings, K·m/W; steel and the film inside are negligible.
fn resistance_m_k_w(pipe: &Pipe) -> f64 {
    let casing_m = casing_diameter_m(pipe);
    let layer = heat_loss::layer_resistance_m_k_w(pipe.outer_diameter_m, casing_m, insulation(pipe).1);
    let outside = match pipe.details.laying {
        Laying::Buried => {
            let depth_m = heat_loss::equivalent_depth_m(depth_m(pipe), SOIL_CONDUCTIVITY_W_MK, GROUND_SURFACE_M2_K_W);
            heat_loss::soil_resistance_m_k_w(depth_m, casing_m, SOIL_CONDUCTIVITY_W_MK)
        }
        Laying::Duct | Laying::UtilityTunnel => heat_loss::surface_resistance_m_k_w(casing_m, DUCT_FILM_W_M2K),
        Laying::Overhead => heat_loss::surface_resistance_m_k_w(casing_m, OUTDOOR_FILM_W_M2K),
    };
    layer + outside
}

/// The other pipe of the trench, where its loss is computed too and both name each other.
fn buried_partner<'a>(network: &'a Network, problem: &Problem, link: usize, pipe: &Pipe) -> Option<(usize, &'a Pipe)> {
    let is_buried = |details: &PipeDetails| details.laying == Laying::Buried;
    let name = pipe.details.pair.as_ref().filter(|_| is_buried(&pipe.details))?;
    let handle = network.link_id(name)?;
    let LinkKind::Pipe(partner) = &network.link(handle)?.kind else { return None };
    let dense = *problem.link_of_slot.get(handle.index())?;
    let mutual = partner.details.pair.as_ref() == Some(&network.link_name(problem.link_handles[link]));
    let usable = mutual
        && dense != NONE
        && dense as usize != link
        && partner.u_w_m2k.is_none()
        && is_buried(&partner.details)
        && problem.elements[dense as usize] != Element::Closed
        // A pipe cut by a hole has several temperatures to give its neighbour; for as long as it leaks they are alone.
        && problem.length_share(link) == 1.0
        && problem.length_share(dense as usize) == 1.0;
    usable.then_some((dense as usize, partner))
}
