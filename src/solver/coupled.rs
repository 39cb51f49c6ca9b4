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
//! other's. It is blended over a flow too small to matter (`standing`), so that F is continuous but for places where
//! everything that arrives hardly moves, and maps a bounded set of densities and flows into itself: x = F(x) has a
//! solution (Brouwer), if need be with the water of a pipe standing between both. That it is found is not guaranteed:
//! heights and heat make F no contraction, and a loop may have several states, of which the one found depends on nothing
//! but the network (every solve begins with the same guesses). So the passes are counted. Where the largest change has not
//! been halved for a while, the lines that anticipate are made firm, which lets flows move but a little from pass to pass,
//! or secants again, in turn; where a pass has no answer at all, the next goes half way back to what had one (`known`). Who needs
//! an answer soon need not wait for water that hardly moves ([`AtRest`](super::options::AtRest)).
//! What has not settled when the passes are used up is named: the loop whose weight swings (`swing`), or else the element
//! with the largest change.

use super::hydraulic::{Hydraulics, LAW_TOLERANCE};
use super::options::Options;
use super::problem::{Changes, Element, Problem};
use super::thermal::{HeatBalance, HeatProblem, Temperatures};
use crate::network::{Code, Finding, Network, Severity};
use crate::solver::fluid::Fluid;
use crate::units::Quantity;

mod demand;
mod exchangers;
mod known;
mod relax;
mod standing;
mod swing;

use demand::Demands;
use known::Known;
use relax::Relax;
use standing::Standing;
use swing::Swing;

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
/// Passes without the largest change being halved, after which lines are made firm, or are secants again.
const PATIENCE: u32 = 16;
const HALVED: f64 = 0.5;
/// Last passes that are watched for what swings.
const WATCHED: u32 = 12;
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
    known: Known,
    swing: Swing,
    standing: Standing,
}

/// How exactly the flows of a pass are found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effort {
    /// As weak loops need them.
    Exact,
    /// As the options say: where more is not to be had.
    Usual,
}

/// How a coupled solve ended. Flows and pressures are in the hydraulics' state.
#[derive(Clone, Debug, Default)]
pub struct Coupled {
    pub settled: bool,
    pub passes: u32,
    /// Newton steps of all passes.
    pub iterations: u32,
    /// Newton steps of the pass that took most.
    pub hardest_pass: u32,
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
        let mut out = Coupled::default();
        let mut worst = Residual { change_k: f64::INFINITY, link: 0 };
        self.known.forget();
        let (mut early, mut retreated, mut retreats, mut effort) = (true, false, 0, Effort::Exact);
        self.swing.restart();
        if !rigid {
            self.standing.begin(problem, &heat);
        }
        let (mut best_k, mut best_pass, mut firm) = (f64::INFINITY, 1, false);
        let most_passes = options.max_coupling_passes.max(1);
        for pass in 1..=most_passes {
            out.passes = pass;
            let tolerance = match effort {
                _ if early => EARLY_TOLERANCE,
                Effort::Exact => options.tolerance * WEAK_SHARE,
                Effort::Usual => options.tolerance,
            };
            if !early && !retreated {
                hydraulics.anticipate(problem, firm);
            }
            let state = hydraulics.solve(network, problem, &Options { tolerance, ..*options });
            out.iterations += state.iterations;
            out.hardest_pass = out.hardest_pass.max(state.iterations);
            let unsolved = if early {
                only_unsolved(&state.findings)
            } else {
                state.findings.iter().any(|finding| finding.code == Code::NotConverged)
            };
            if !state.converged && unsolved {
                // What a rough answer leaves may break a law, flows may not come out as exactly as weak loops would like,
                // and what lies between two passes may have no answer at all.
                if !early {
                    effort = Effort::Usual;
                }
                if early || self.known.retreat(problem, hydraulics, &mut retreats) {
                    hydraulics.take_as_given();
                    (early, retreated) = (false, true);
                    continue;
                }
            }
            (early, retreated) = (false, false);
            self.known.keep(problem, hydraulics);
            let state = hydraulics.state();
            let flows = &state.mass_flow_kg_s;
            let around_k = self.temperatures.step(problem, &heat, flows);
            // What the hydraulics could not solve has temperatures at its flows all the same, but nothing to settle.
            if !state.converged {
                break;
            }
            worst = Residual { change_k: around_k, link: worst.link };
            let largest = state.largest_flow_kg_s;
            let at_rest = options.at_rest.filter(|at_rest| pass > at_rest.after_passes);
            let asked_kg_s = at_rest.map_or(0.0, |at_rest| at_rest.share * largest);
            if !rigid {
                self.properties(problem, &heat, flows, [largest, asked_kg_s], firm, &mut worst);
            }
            self.demands(problem, &nominal, flows, [largest, asked_kg_s], firm, &mut worst);
            exchangers::pass_heat(problem, &mut heat, &self.temperatures, flows, &nominal, &mut worst);
            let residual_pa = state.max_momentum_residual_pa;
            let largest_pa = || state.pressure_pa.iter().fold(0.0, |largest: f64, p| largest.max(p.abs()));
            let lawful = residual_pa <= ANTICIPATED_PA || residual_pa <= LAW_TOLERANCE * largest_pa();
            if worst.change_k < HALVED * best_k {
                (best_k, best_pass) = (worst.change_k, pass);
            }
            if pass > best_pass + PATIENCE {
                // The other way; it has to do better than this.
                (firm, best_k, best_pass) = (!firm, worst.change_k, pass);
            }
            if pass + WATCHED > most_passes {
                self.swing.meet(problem, flows);
            }
            if worst.change_k <= options.temperature_tolerance_k && tolerance <= options.tolerance {
                out.settled =
                    lawful || (at_rest.is_some() && self.finish(network, problem, hydraulics, &heat, options));
                if out.settled {
                    break;
                }
            }
        }
        hydraulics.take_as_given();
        out.balance = self.temperatures.balance(problem, &heat, &hydraulics.state().mass_flow_kg_s);
        if !out.settled && hydraulics.state().converged {
            let element = problem.link_handles.get(worst.link).map(|&handle| network.link_ref(handle));
            out.finding = self.swing.finding(network, problem).or_else(|| {
                let limit_k = options.temperature_tolerance_k;
                Some(
                    Finding::new(Code::CouplingNotSettled, element?)
                        .physical("change", Quantity::TemperatureDifference, worst.change_k)
                        .physical("limit", Quantity::TemperatureDifference, limit_k),
                )
            });
        }
        out
    }

    /// Flows and pressures of the densities there are, with nothing anticipated, and their temperatures: whether there are such.
    fn finish(
        &mut self,
        network: &Network,
        problem: &mut Problem,
        hydraulics: &mut Hydraulics,
        heat: &HeatProblem,
        options: &Options,
    ) -> bool {
        hydraulics.take_as_given();
        let state = hydraulics.solve(network, problem, options);
        self.temperatures.step(problem, heat, &state.mass_flow_kg_s);
        state.converged
    }

    /// Density and viscosity of every link at the temperatures just found. What flows less than `asked_kg_s` need not settle.
    fn properties(
        &mut self,
        problem: &mut Problem,
        heat: &HeatProblem,
        flow_kg_s: &[f64],
        [largest_kg_s, asked_kg_s]: [f64; 2],
        firm: bool,
        worst: &mut Residual,
    ) {
        let fluid = problem.fluid.clone();
        let undecided = UNDECIDED_SHARE * largest_kg_s;
        let temperatures = &self.temperatures;
        self.standing.find(problem, heat, temperatures, flow_kg_s, undecided);
        // No shortened approach leads to water lighter than the hottest or heavier than the coldest there is.
        let (mut coldest_c, mut hottest_c) = (heat.ambient_c, heat.ambient_c);
        for &temperature_c in temperatures.node_c.iter().chain(&temperatures.outlet_c) {
            (coldest_c, hottest_c) = (coldest_c.min(temperature_c), hottest_c.max(temperature_c));
        }
        let range = [fluid.density_kg_m3(hottest_c), fluid.density_kg_m3(coldest_c)];
        let (lightest, heaviest) = (range[0].min(range[1]), range[0].max(range[1]));
        for (link, &flow) in flow_kg_s.iter().enumerate() {
            let (inlet_c, outlet_c) = (temperatures.inlet_c[link], temperatures.outlet_c[link]);
            let mean_c = 0.5 * (inlet_c + outlet_c);
            let density = self
                .standing
                .density_kg_m3(link)
                .unwrap_or_else(|| 0.5 * (fluid.density_kg_m3(inlet_c) + fluid.density_kg_m3(outlet_c)));
            let residual = density - problem.density_kg_m3[link];
            let decided = flow.abs() >= undecided;
            let asked = flow.abs() >= asked_kg_s;
            let (from, to) = (problem.from[link] as usize, problem.to[link] as usize);
            // Water that hardly moves and lies level moves nothing.
            if asked && (decided || problem.elevation_m[from] != problem.elevation_m[to]) {
                worst.meet(residual.abs() / DENSITY_PER_K, link);
            }
            let mut next = self.density.next(link, problem.density_kg_m3[link], density);
            if firm && !matches!(problem.elements[link], Element::Plain(_)) {
                // Nothing anticipates the weight of these.
                next = problem.density_kg_m3[link] + 0.5 * residual;
            }
            // What the temperatures themselves say may always be: water is heaviest at 4 °C, not where it is coldest.
            problem.density_kg_m3[link] = next.max(lightest.min(density)).min(heaviest.max(density));
            let viscosity = fluid.viscosity_pa_s(mean_c);
            let change = (viscosity / problem.viscosity_pa_s[link] - 1.0).abs();
            if asked && decided {
                worst.meet(change / VISCOSITY_SHARE_PER_K, link);
            }
            problem.viscosity_pa_s[link] = viscosity;
        }
    }

    /// Set flows of the consumers that ask for heat. Those with less than `asked_kg_s` need not settle.
    fn demands(
        &mut self,
        problem: &mut Problem,
        nominal_kg_s: &[f64],
        flow_kg_s: &[f64],
        [largest_kg_s, asked_kg_s]: [f64; 2],
        firm: bool,
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
            if served && flow.abs() >= asked_kg_s {
                worst.meet(missing.abs() * (inlet_c - consumer.return_temperature_c).abs().max(1.0), link);
            }
            problem.consumers[row].set_flow_kg_s = if firm { 0.5 * (consumer.set_flow_kg_s + wanted) } else { wanted };
        }
    }
}

/// Whether nothing is known against a network but that it was not solved.
fn only_unsolved(findings: &[Finding]) -> bool {
    let against = |finding: &&Finding| finding.severity == Severity::Error || finding.code == Code::SetValueNotHeld;
    let mut codes = findings.iter().filter(against).map(|finding| finding.code).peekable();
    codes.peek().is_some() && codes.all(|code| code == Code::NotConverged)
}
