//! Flows and temperatures that fit each other.
//!
//! What the hydraulics take from the temperatures is a vector x: density and viscosity of the water in every pipe, and the
//! flow of every consumer that asks for heat. Solving hydraulics and then temperatures maps x to F(x); wanted is
//! x = F(x). In most networks F hardly depends on x and a few passes suffice. Two things make it steep, and both are
//! anticipated by what the last pass taught: heights in a weak loop (colder water is heavier; the hydraulics'
//! [`anticipate`](Hydraulics::anticipate)) and long thin laterals (less flow arrives colder and must be more; `demand`).
//! A slow approach is shortened (`relax`).
//!
//! Where a weak loop's flow changes direction, the density of its pipes would jump from that of one end's water to the
//! other's. It is blended over a flow too small to matter, so that F is continuous and x = F(x) has a solution: a pipe in
//! which the water stands between both. That a solution exists is all that is guaranteed: heights and heat make F no
//! contraction, a loop may have several states of which the one found depends on nothing but the network (every solve
//! begins with the same guesses), and the passes may circle. If no state is found within the allowed passes, the element with the largest
//! change is named; the loop ends in any case.

use super::hydraulic::Hydraulics;
use super::options::Options;
use super::problem::{Changes, Problem};
use super::thermal::{HeatBalance, HeatProblem, Temperatures};
use crate::network::{Code, Finding, Network};
use crate::solver::fluid::Fluid;
use crate::units::Quantity;

mod demand;
mod exchangers;
mod relax;

use demand::Demands;
use relax::Relax;

/// Flows below this share of the largest count as undecided between two directions.
const UNDECIDED_SHARE: f64 = 1e-6;
/// A consumer cannot ask for more than this many times the flow its heat takes at the sources' temperature: beyond that
/// no station gets its heat, however wide its valve is open.
const MOST_FLOW: f64 = 10.0;
/// Flow error of the first pass, whose temperatures are guesses anyway.
const EARLY_TOLERANCE: f64 = 1e-3;
/// The tolerance of flows is relative to the largest; a weak loop with a hundredth of a per mille of it needs its own
/// flow exactly, or its temperature would not settle.
const WEAK_SHARE: f64 = 1e-2;
/// Pressure that the anticipation of densities may leave in the laws at the end, Pa.
const ANTICIPATED_PA: f64 = 0.01;
/// Where the largest flow is below this, nothing flows, kg/s.
const LEAST_FLOW_KG_S: f64 = 1e-6;
/// Change of density and viscosity per kelvin (water near 80 °C), to compare them with a temperature tolerance.
const DENSITY_PER_K: f64 = 0.6;
const VISCOSITY_SHARE_PER_K: f64 = 0.013;

/// State of a coupled solve that is kept for the next one.
#[derive(Clone, Debug, Default)]
pub struct Coupling {
    temperatures: Temperatures,
    density: Relax,
    demands: Demands,
}

/// How a coupled solve ended. Flows and pressures are in the hydraulics' state.
#[derive(Clone, Debug)]
pub struct Coupled {
    pub settled: bool,
    pub passes: u32,
    /// Newton steps of all passes.
    pub iterations: u32,
    pub balance: HeatBalance,
    /// What did not settle.
    pub finding: Option<Finding>,
}

/// The largest residual, in kelvins, and where it is.
#[derive(Clone, Copy, Debug, Default)]
struct Residual {
    change_k: f64,
    link: usize,
}

impl Residual {
    fn meet(&mut self, change_k: f64, link: usize) {
        // A NaN must stop nothing from being seen.
        if change_k > self.change_k || change_k.is_nan() {
            *self = Residual { change_k, link };
        }
    }
}

impl Coupling {
    /// Temperatures of the last solve.
    pub fn temperatures(&self) -> &Temperatures {
        &self.temperatures
    }

    /// Solves hydraulics and temperatures together; density, viscosity and set flows of `problem` end as those of the
    /// state found.
    pub fn solve(
        &mut self,
        network: &Network,
        problem: &mut Problem,
        hydraulics: &mut Hydraulics,
        options: &Options,
    ) -> Coupled {
        // Densities and set flows are about to change from pass to pass.
        problem.changes = Changes::default();
        let mut heat = HeatProblem::new(network, problem);
        let nominal: Vec<f64> = problem.consumers.iter().map(|consumer| consumer.set_flow_kg_s).collect();
        let rigid = matches!(problem.fluid, Fluid::Constant { .. });
        self.temperatures.begin(problem, &heat);
        self.density.restart(problem.link_count());
        self.demands.restart(problem.consumers.len());
        let mut out =
            Coupled { settled: false, passes: 0, iterations: 0, balance: HeatBalance::default(), finding: None };
        let mut worst = Residual { change_k: f64::INFINITY, link: 0 };
        for pass in 1..=options.max_coupling_passes.max(1) {
            out.passes = pass;
            let tolerance = if pass == 1 { EARLY_TOLERANCE } else { options.tolerance * WEAK_SHARE };
            if pass > 1 {
                hydraulics.anticipate(problem);
            }
            let state = hydraulics.solve(network, problem, &Options { tolerance, ..*options });
            out.iterations += state.iterations;
            let flows = &state.mass_flow_kg_s;
            let around_k = self.temperatures.step(problem, &heat, flows);
            // What the hydraulics could not solve has temperatures at its flows all the same, but nothing to settle.
            if !state.converged {
                break;
            }
            worst = Residual { change_k: around_k, link: worst.link };
            let largest = state.largest_flow_kg_s;
            if !rigid {
                self.properties(problem, &heat, flows, largest, &mut worst);
            }
            self.demands(problem, &nominal, flows, largest, &mut worst);
            exchangers::pass_heat(problem, &mut heat, &self.temperatures, flows, &nominal, &mut worst);
            let anticipated_pa = state.max_momentum_residual_pa;
            if worst.change_k <= options.temperature_tolerance_k
                && tolerance <= options.tolerance
                && anticipated_pa <= ANTICIPATED_PA
            {
                out.settled = true;
                break;
            }
        }
        hydraulics.take_as_given();
        out.balance = self.temperatures.balance(problem, &heat, &hydraulics.state().mass_flow_kg_s);
        if !out.settled && hydraulics.state().converged {
            let element = problem.link_handles.get(worst.link).map(|&handle| network.link_ref(handle));
            out.finding = element.map(|element| {
                Finding::new(Code::CouplingNotSettled, element)
                    .physical("change", Quantity::TemperatureDifference, worst.change_k)
                    .physical("limit", Quantity::TemperatureDifference, options.temperature_tolerance_k)
            });
        }
        out
    }

    /// Density and viscosity of every link at the temperatures just found.
    fn properties(
        &mut self,
        problem: &mut Problem,
        heat: &HeatProblem,
        flow_kg_s: &[f64],
        largest_kg_s: f64,
        worst: &mut Residual,
    ) {
        let fluid = problem.fluid.clone();
        let undecided = UNDECIDED_SHARE * largest_kg_s;
        let temperatures = &self.temperatures;
        // No water is lighter than the hottest or heavier than the coldest there is.
        let (mut coldest_c, mut hottest_c) = (heat.ambient_c, heat.ambient_c);
        for &temperature_c in temperatures.node_c.iter().chain(&temperatures.outlet_c) {
            (coldest_c, hottest_c) = (coldest_c.min(temperature_c), hottest_c.max(temperature_c));
        }
        let range = [fluid.density_kg_m3(hottest_c), fluid.density_kg_m3(coldest_c)];
        let (lightest, heaviest) = (range[0].min(range[1]), range[0].max(range[1]));
        for (link, &flow) in flow_kg_s.iter().enumerate() {
            let (inlet_c, outlet_c) = (temperatures.inlet_c[link], temperatures.outlet_c[link]);
            let mut density = 0.5 * (fluid.density_kg_m3(inlet_c) + fluid.density_kg_m3(outlet_c));
            let mean_c = 0.5 * (inlet_c + outlet_c);
            if flow.abs() < undecided {
                // Near rest the far end holds the water around the pipe, the near end that of either node.
                let rest = fluid.density_kg_m3(temperatures.rest_c(heat, link));
                let end = |node: u32| 0.5 * (fluid.density_kg_m3(temperatures.node_c[node as usize]) + rest);
                let forward = 0.5 * (1.0 + flow / undecided);
                let (from, to) = (end(problem.from[link]), end(problem.to[link]));
                density = forward * from + (1.0 - forward) * to;
            }
            let residual = density - problem.density_kg_m3[link];
            worst.meet(residual.abs() / DENSITY_PER_K, link);
            let next = self.density.next(link, problem.density_kg_m3[link], density);
            problem.density_kg_m3[link] = next.max(lightest).min(heaviest);
            let viscosity = fluid.viscosity_pa_s(mean_c);
            let change = (viscosity / problem.viscosity_pa_s[link] - 1.0).abs();
            if flow.abs() >= undecided {
                worst.meet(change / VISCOSITY_SHARE_PER_K, link);
            }
            problem.viscosity_pa_s[link] = viscosity;
        }
    }

    /// Set flows of the consumers that ask for heat.
    fn demands(
        &mut self,
        problem: &mut Problem,
        nominal_kg_s: &[f64],
        flow_kg_s: &[f64],
        largest_kg_s: f64,
        worst: &mut Residual,
    ) {
        for (row, nominal_kg_s) in nominal_kg_s.iter().enumerate() {
            let consumer = problem.consumers[row];
            let link = consumer.link as usize;
            let Some(heat_w) = consumer.heat_w.filter(|heat_w| *heat_w > 0.0) else { continue };
            // Where nothing flows there is no water to judge by; a node at rest says nothing about the supply.
            if flow_kg_s[link].abs() <= 1e-12 * largest_kg_s.max(LEAST_FLOW_KG_S) {
                continue;
            }
            let inlet_c = self.temperatures.inlet_c[link];
            let each = problem.fluid.heat_between_j_kg(inlet_c, consumer.return_temperature_c);
            let most = MOST_FLOW * nominal_kg_s;
            let flow = flow_kg_s[link];
            let wanted = self.demands.flow_kg_s(row, heat_w, flow, each, most);
            // A share of the heat is that share of the temperature difference at the consumer; one that takes all the
            // flow it may has nothing left to change.
            let missing =
                if wanted < most { 1.0 - flow * each / heat_w } else { wanted / consumer.set_flow_kg_s - 1.0 };
            let served = flow >= consumer.set_flow_kg_s * (1.0 - 1e-9);
            if served {
                worst.meet(missing.abs() * (inlet_c - consumer.return_temperature_c).abs().max(1.0), link);
            }
            problem.consumers[row].set_flow_kg_s = wanted;
        }
    }
}
