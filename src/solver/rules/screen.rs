//! Which elements deserve an exact look: of a good solution hardly any.
//!
//! Mechanism: the solver keeps what the rules need of every element in columns ([`Figures`]) beside flows and pressures
//! in columns. One sweep over nodes and one over links compares them with limits that are a little too strict (rounding,
//! fittings, the hottest water of all instead of each node's own), so that whatever breaks a rule is among the suspects;
//! the exact checks then look at suspects alone and decide. The findings are the same as those of [`super::judge`], which
//! suspects everything.

use super::{Rules, pipes, pressures};
use crate::network::{Boundary, LinkId, LinkKind, Network, NodeId, Side};
use crate::solver::Solution;
use crate::solver::hydraulic::HydraulicState;
use crate::solver::problem::Problem;
use crate::solver::problem::figures::Figures;

/// Elements compared before it is asked whether any was suspect.
const CHUNK: usize = 256;

/// Wider than the rounding of the screen's columns.
const MARGIN: f64 = 1.0 - 1e-6;

/// What the exact checks look at, each list in slot order.
#[derive(Debug, Default)]
pub(super) struct Suspects {
    pub nodes: Vec<NodeId>,
    pub links: Vec<LinkId>,
    /// Rows of [`Solution::consumers`].
    pub consumers: Vec<usize>,
    /// Every pump, and every make-up with limited capacity: there are few.
    pub pumps: Vec<LinkId>,
    pub limited_make_ups: Vec<NodeId>,
    /// Largest flow of all.
    pub largest_kg_s: f64,
    /// Hottest supply and return as given, for where a solve of the hydraulics alone left no temperatures.
    pub given_c: [Option<f64>; 2],
}

impl Suspects {
    /// Everybody.
    pub fn all(network: &Network, solution: &Solution) -> Suspects {
        let is_limited = |node: &crate::network::Node| {
            matches!(node.boundary(), Some(Boundary::MakeUp { capacity_kg_s: Some(_), .. }))
        };
        Suspects {
            nodes: network.nodes().map(|(handle, ..)| handle).collect(),
            links: network.links().map(|view| view.handle).collect(),
            consumers: (0..solution.consumers.len()).collect(),
            pumps: network.links().filter(|view| view.pump().is_some()).map(|view| view.handle).collect(),
            limited_make_ups: network.nodes().filter(|node| is_limited(node.2)).map(|(handle, ..)| handle).collect(),
            largest_kg_s: solution.links.iter().map(|link| link.mass_flow_kg_s.abs()).fold(0.0, f64::max),
            given_c: given_temperatures_c(network),
        }
    }

    /// Those that may break a rule. `state` and `problem` are what `solution` was made of; `hottest_c`: no node is hotter
    /// (negatively infinite where no temperatures were solved for).
    pub fn screen(
        problem: &Problem,
        state: &HydraulicState,
        hottest_c: f64,
        solution: &Solution,
        rules: &Rules,
    ) -> Suspects {
        let figures = &problem.figures;
        let given_c = [figures.hottest_supply_c, figures.hottest_return_c];
        let node = |&dense: &u32| problem.node_handles[dense as usize];
        Suspects {
            nodes: nodes(problem, state, hottest_c, rules, given_c),
            links: links(problem, state, rules),
            consumers: consumers(figures, solution, hottest_c > f64::NEG_INFINITY, rules),
            pumps: figures.pumps.iter().map(|&dense| problem.link_handles[dense as usize]).collect(),
            limited_make_ups: figures.limited_make_ups.iter().map(node).collect(),
            largest_kg_s: largest_kg_s(problem, state),
            given_c,
        }
    }
}

fn nodes(
    problem: &Problem,
    state: &HydraulicState,
    hottest_c: f64,
    rules: &Rules,
    given_c: [Option<f64>; 2],
) -> Vec<NodeId> {
    let least_pa = |given_c: Option<f64>| {
        let temperature_c = given_c.unwrap_or(f64::NEG_INFINITY).max(hottest_c);
        if temperature_c == f64::NEG_INFINITY {
            return temperature_c;
        }
        let limit_pa = pressures::least_pa(temperature_c, rules);
        if limit_pa.is_nan() { f64::INFINITY } else { limit_pa + 1.0 }
    };
    // By `Side as usize`.
    let limits_pa = [least_pa(given_c[0]), least_pa(given_c[1]).max(rules.return_pressure_pa.value), least_pa(None)];
    let limit_pa = limits_pa[0].max(limits_pa[1]).max(limits_pa[2]);
    let mut suspects = Vec::new();
    let columns = state.pressure_pa.chunks(CHUNK).zip(problem.figures.side.chunks(CHUNK));
    for ((pressures, sides), handles) in columns.zip(problem.node_handles.chunks(CHUNK)) {
        // Most chunks have nobody near the strictest limit.
        if pressures.iter().fold(false, |low, &pressure_pa| low | (pressure_pa < limit_pa)) {
            let low = |(&pressure_pa, &side): (&f64, &Side)| pressure_pa < limits_pa[side as usize];
            let found = pressures.iter().zip(sides).zip(handles).filter(|(column, _)| low(*column));
            suspects.extend(found.map(|(_, &handle)| handle));
        }
    }
    suspects
}

/// Largest flow of all links as drawn.
fn largest_kg_s(problem: &Problem, state: &HydraulicState) -> f64 {
    if problem.leaks.is_empty() {
        return state.largest_flow_kg_s;
    }
    state.mass_flow_kg_s[..problem.drawn_links].iter().map(|flow| flow.abs()).fold(0.0, f64::max)
}

fn links(problem: &Problem, state: &HydraulicState, rules: &Rules) -> Vec<LinkId> {
    let figures = &problem.figures;
    let standing_kg_s = pipes::STANDING_SHARE * largest_kg_s(problem, state);
    let velocity_m_s = MARGIN * rules.velocity_m_s.value;
    let loss_pa_m = MARGIN * rules.specific_loss_pa_m.value;
    let greatest_pa = state.pressure_pa.iter().fold(f64::NEG_INFINITY, |most, &p| if p > most { p } else { most });
    let pressure = |node: u32| state.pressure_pa[node as usize];
    let mut suspects = Vec::new();
    let mut start = 0;
    while start < problem.drawn_links {
        let range = start..(start + CHUNK).min(problem.drawn_links);
        start = range.end;
        let laws = state.mass_flow_kg_s[range.clone()].iter().zip(&state.drop_pa[range.clone()]);
        let bores = figures.bore_area_m2[range.clone()].iter().zip(&problem.density_kg_m3[range.clone()]);
        let lengths = &figures.length_m[range.clone()];
        // Without a branch, so that several links are compared at once; a length of NaN (not a pipe) compares with nothing.
        let suspect = |((&flow, &drop), (&area_m2, &density)): ((&f64, &f64), (&f64, &f64)), length_m: f32| {
            let (flow, length_m) = (flow.abs(), f64::from(length_m));
            let standing = (flow <= standing_kg_s) & (length_m >= 0.0);
            let fast = (flow > velocity_m_s * density * area_m2) & !length_m.is_nan();
            standing | fast | (drop.abs() > loss_pa_m * length_m.abs())
        };
        let columns = || laws.clone().zip(bores.clone()).zip(lengths);
        let any = columns().fold(false, |any, (column, &length_m)| any | suspect(column, length_m));
        let rated = &figures.nominal_pressure_pa[range.clone()];
        let least_rated_pa = rated.iter().fold(f32::INFINITY, |least, &p| if p < least { p } else { least });
        let high = greatest_pa > MARGIN * f64::from(least_rated_pa);
        if !(any || high) {
            continue;
        }
        for (at, ((column, &length_m), &limit_pa)) in columns().zip(rated).enumerate() {
            let link = range.start + at;
            let ends = || pressure(problem.from[link]).max(pressure(problem.to[link]));
            let high = limit_pa < f32::INFINITY && ends() > MARGIN * f64::from(limit_pa);
            if suspect(column, length_m) || high {
                suspects.push(problem.link_handles[link]);
            }
        }
    }
    if !problem.leaks.is_empty() {
        // Of a pipe that is cut at its holes the columns have only a piece.
        suspects.extend(problem.leaks.iter().map(|leak| problem.link_handles[leak.link as usize]));
        suspects.sort_unstable();
        suspects.dedup();
    }
    suspects
}

fn consumers(figures: &Figures, solution: &Solution, heated: bool, rules: &Rules) -> Vec<usize> {
    let share = rules.served_share.value;
    let mut suspects = Vec::new();
    let cold = |link: LinkId, return_c: f64| {
        heated && solution.link(link).is_some_and(|link| link.inlet_temperature_c <= return_c)
    };
    for (row, (state, figures)) in solution.consumers.iter().zip(&figures.consumers).enumerate() {
        let served = if figures.asks_heat { state.heat_w } else { state.mass_flow_kg_s };
        // Negated, so that NaN is suspect.
        let enough = served >= share * figures.asked
            && (state.available_pressure_pa >= figures.required_pressure_pa || figures.required_pressure_pa.is_nan())
            && state.available_pressure_pa >= 0.0
            && !cold(state.link, figures.return_temperature_c);
        if figures.asked > 0.0 && !enough {
            suspects.push(row);
        }
    }
    suspects
}

/// Hottest supply and return where a solve of the hydraulics alone left no temperatures.
fn given_temperatures_c(network: &Network) -> [Option<f64>; 2] {
    let mut hottest = [None, None];
    let mut raise = |side: usize, temperature_c: f64| {
        if temperature_c.is_finite() && hottest[side].is_none_or(|known| temperature_c > known) {
            hottest[side] = Some(temperature_c);
        }
    };
    for view in network.links() {
        match &view.link.kind {
            LinkKind::Source(source) if source.running => raise(0, source.supply_temperature_c),
            LinkKind::Consumer(consumer) if !consumer.shut => raise(1, consumer.return_temperature_c),
            _ => {}
        }
    }
    hottest
}
