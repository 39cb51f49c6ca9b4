//! From the network to pipes in time: masses, walls, losses, ground, and the state they start from.

use std::f64::consts::PI;

use super::enthalpy::Enthalpy;
use super::film::FilmData;
use super::pipe::{Pipe, PipeData};
use crate::network::{Laying, LinkKind, Network};
use crate::physics::ground::GroundClimate;
use crate::physics::pipe_wall::{FilmWater, WallMaterial, film_w_mk, turbulent_mixing_m2_s};
use crate::physics::water;
use crate::solver::Solution;
use crate::solver::fluid::Fluid;
use crate::solver::problem::{NONE, Problem};
use crate::solver::thermal::HeatProblem;

/// Cover where none is given, m; the same as the loss is computed with.
const DEPTH_M: f64 = 1.2;
/// Parcels a pipe starts with at most.
const START_PARCELS: usize = 8;
/// Difference along a pipe that is worth a parcel of its own at the start, K.
const START_DIFFERENCE_K: f64 = 0.05;
/// Pressure at which the conductivity of water is taken, Pa; it changes by 0.05 % per MPa.
const PROPERTY_PRESSURE_PA: f64 = 1e6;

/// What surrounds a pipe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Around {
    /// Ground at a depth.
    Ground {
        depth_m: f64,
    },
    Air,
}

/// Where the temperature of the ground comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Ground {
    /// That of the network's settings, always.
    #[default]
    Settings,
    /// By depth and season.
    Seasonal(GroundClimate),
}

/// Two pipe rows in one trench and by how much each feels the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PairRows {
    pub rows: [u32; 2],
    pub share: [f64; 2],
}

/// How the network starts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Start {
    /// As the steady solver leaves it.
    #[default]
    Steady,
    /// Water and walls at one temperature everywhere.
    Uniform { temperature_c: f64 },
}

/// Every pipe of the network, by rising link.
pub(super) fn pipes(
    network: &Network,
    problem: &Problem,
    heat: &HeatProblem,
    mean_c: impl Fn(usize) -> f64,
) -> Vec<PipeData> {
    let mut rows = Vec::new();
    for (link, &handle) in problem.link_handles.iter().enumerate() {
        let Some(LinkKind::Pipe(pipe)) = network.link(handle).map(|link| &link.kind) else { continue };
        let area_m2 = PI / 4.0 * pipe.inner_diameter_m * pipe.inner_diameter_m;
        let length_m = pipe.length_m * problem.length_share(link);
        let water_kg = area_m2 * length_m * problem.fluid.density_kg_m3(mean_c(link));
        // Nonsense in the data (reported by validation) is a pipe without content: it passes water on.
        let water_kg = if water_kg > 0.0 && water_kg.is_finite() { water_kg } else { 0.0 };
        let wall = WallMaterial::named(&pipe.details.material);
        let wall_j_k = wall.capacity_j_mk(pipe.inner_diameter_m, pipe.outer_diameter_m) * length_m;
        rows.push(PipeData {
            link: link as u32,
            length_m,
            inner_diameter_m: pipe.inner_diameter_m,
            water_kg,
            wall_j_k: if water_kg > 0.0 && wall_j_k.is_finite() { wall_j_k } else { 0.0 },
            loss_w_k: heat.loss_w_k[link],
        });
    }
    rows
}

pub(super) fn around(network: &Network, problem: &Problem, pipes: &[Pipe]) -> Vec<Around> {
    let one = |pipe: &Pipe| match network.link(problem.link_handles[pipe.data.link as usize]).map(|link| &link.kind) {
        Some(LinkKind::Pipe(pipe)) if pipe.details.laying == Laying::Overhead => Around::Air,
        Some(LinkKind::Pipe(pipe)) => {
            Around::Ground { depth_m: pipe.details.depth_m.filter(|depth| *depth > 0.0).unwrap_or(DEPTH_M) }
        }
        _ => Around::Ground { depth_m: DEPTH_M },
    };
    pipes.iter().map(one).collect()
}

pub(super) fn pairs(heat: &HeatProblem, pipe_of_link: &[u32]) -> Vec<PairRows> {
    heat.pairs
        .iter()
        .filter_map(|pair| {
            let rows = pair.links.map(|link| pipe_of_link[link as usize]);
            (rows[0] != NONE && rows[1] != NONE).then_some(PairRows { rows, share: pair.share })
        })
        .collect()
}

/// The station between zones each consumer is the primary side of; NONE for what is none.
pub(super) fn isolation_of_consumer(problem: &Problem) -> Vec<u32> {
    let mut of = vec![NONE; problem.consumers.len()];
    for (at, exchanger) in problem.exchangers.iter().enumerate() {
        of[exchanger.consumer as usize] = at as u32;
    }
    of
}

/// (share of the length, enthalpy) from `from` to `to` of a pipe in the steady state.
pub(super) fn steady_content(
    solution: &Solution,
    problem: &Problem,
    link: usize,
    around_c: f64,
    enthalpy: &Enthalpy,
) -> Vec<(f64, f64)> {
    let state = &solution.links[problem.link_handles[link].index()];
    let (inlet_c, outlet_c) = (state.inlet_temperature_c, state.outlet_temperature_c);
    if state.mass_flow_kg_s == 0.0 || !inlet_c.is_finite() || !outlet_c.is_finite() {
        let rest_c = if outlet_c.is_finite() { outlet_c } else { around_c };
        return vec![(1.0, enthalpy.of(rest_c))];
    }
    let count = (((inlet_c - outlet_c).abs() / START_DIFFERENCE_K) as usize + 1).min(START_PARCELS);
    // The excess over the surroundings falls by the same factor over every metre.
    let ratio = (outlet_c - around_c) / (inlet_c - around_c);
    let rate = if ratio > 0.0 && ratio.is_finite() { ratio.ln() } else { 0.0 };
    let mut content: Vec<(f64, f64)> = (0..count)
        .map(|part| {
            let (a, b) = (part as f64 / count as f64, (part + 1) as f64 / count as f64);
            let mean_share =
                if rate.abs() < 1e-9 { 1.0 } else { ((rate * b).exp() - (rate * a).exp()) / (rate * (b - a)) };
            (1.0 / count as f64, enthalpy.of(around_c + (inlet_c - around_c) * mean_share))
        })
        .collect();
    if state.mass_flow_kg_s < 0.0 {
        content.reverse();
    }
    content
}

/// How water and wall exchange heat at this flow; `None` where there is no wall or no water.
pub(super) fn film(pipe: &Pipe, flow_kg_s: f64, fluid: &Fluid, enthalpy: &Enthalpy) -> Option<FilmData> {
    let mean_c = pipe.mean_c();
    let heat_capacity_j_kgk = enthalpy.heat_capacity_j_kgk(mean_c);
    let data = &pipe.data;
    if data.wall_j_k <= 0.0 || data.water_kg <= 0.0 {
        return None;
    }
    let area_m2 = PI / 4.0 * data.inner_diameter_m * data.inner_diameter_m;
    let density_kg_m3 = data.water_kg / (area_m2 * data.length_m);
    let velocity_m_s = flow_kg_s.abs() / (density_kg_m3 * area_m2);
    let water = FilmWater {
        density_kg_m3,
        viscosity_pa_s: fluid.viscosity_pa_s(mean_c),
        heat_capacity_j_kgk,
        conductivity_w_mk: water::conductivity_w_mk(mean_c, PROPERTY_PRESSURE_PA),
    };
    let film_w_k = film_w_mk(&water, velocity_m_s, data.inner_diameter_m) * data.length_m;
    let relaxation_1_s = film_w_k * (1.0 / (data.water_kg * heat_capacity_j_kgk) + 1.0 / data.wall_j_k);
    let per_metre = data.water_kg / data.length_m;
    let wall_time_s = data.wall_j_k / film_w_k;
    let cells = if velocity_m_s > 0.0 { 4.0 * data.length_m / (velocity_m_s * wall_time_s) } else { 64.0 };
    Some(FilmData {
        relaxation_1_s,
        mixing_kg2_s: per_metre * per_metre * turbulent_mixing_m2_s(&water, velocity_m_s, data.inner_diameter_m),
        cells: cells.clamp(8.0, 256.0) as usize,
    })
}
