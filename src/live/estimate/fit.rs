//! The fit: weighted least squares with the balances of water and heat as exact conditions.
//!
//! Minimised is Σ((z − h)/σ)² over instruments and assumptions, plus the squares of what laws of links, cooling and
//! unmeasured losses are taken to be wrong by, under the balances at every node. With multipliers of the balances this is
//! one symmetric system (the augmented form of Gjelsvik, Aam and Holten, 1985, with the errors of laws eliminated):
//! pressures, flows, temperatures and multipliers of one place form a block, the pattern is that of the network, and one
//! step costs hardly more than a step of the hydraulic solver. Newton steps on laws and fits alternate in one iteration;
//! densities follow the temperatures. The advection of temperatures by flows is taken as given within a step.

use crate::physics::heat_loss;
use crate::solver::problem::NONE;

use super::instrument::Gradient;
use super::model::{FLOW, HEAT, InputKind, Model, OUTLET, PRESSURE, Part, System, TEMPERATURE, WATER};
use super::options::Options;
use super::state::State;

/// Steps at most, and the change of pressure, Pa, flow (share of circulation) and temperature, K, at which it has settled.
const MOST_STEPS: u32 = 25;
const SETTLED_PA: f64 = 0.5;
const SETTLED_FLOW_SHARE: f64 = 1e-7;
const SETTLED_K: f64 = 1e-3;
/// Steps in which densities and viscosities follow the temperatures at once, and then by half; afterwards they stay, or
/// the weight of the water in a pipe with next to no flow could swing with its direction for ever.
const WATER_FOLLOWS: u32 = 3;
const WATER_FOLLOWS_HALF: u32 = 8;
/// Next to nothing: weights that keep parts without any instrument regular.
const LOOSE_PA: f64 = 1e10;
const LOOSE_K: f64 = 1e8;
const LEAST_LOSS_SHARE: f64 = 1e-9;
/// A link whose law is flatter than this lets water pass as if it were not there, Pa s/kg.
const FLATTEST: f64 = 1e-3;
/// Flows below this share of circulation carry no temperature.
const RESTING_SHARE: f64 = 1e-9;

/// One line of the least-squares sum.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub value: f64,
    pub deviation: f64,
    pub reads: RowReads,
    /// Taken out of the sum; its residual is still told.
    pub out: bool,
}

/// What a line speaks of.
#[derive(Clone, Copy, Debug)]
pub enum RowReads {
    /// Position among the instruments.
    Instrument(usize),
    /// Set pressure: position among the model's held pressures.
    Held(usize),
    /// What is known beforehand of an input: its flow, or its outlet temperature.
    InputFlow(u32),
    InputOutlet(u32),
}

impl RowReads {
    /// Whether it is no measurement.
    pub const fn is_assumption(self) -> bool {
        !matches!(self, RowReads::Instrument(_))
    }
}

/// What is known of the loss of water at a node: mean and variance, kg/s.
#[derive(Clone, Debug, Default)]
pub struct Losses {
    pub mean_kg_s: Vec<f64>,
    pub variance: Vec<f64>,
}

/// A fit at work: system, right-hand side and what was linearised.
#[derive(Clone, Debug)]
pub struct Fit {
    pub system: System,
    right: Vec<f64>,
    /// Flow per pressure of each link that has a law, kg/(s·Pa), and variance of the law's flow.
    pub conductance: Vec<f64>,
    pub law_variance: Vec<f64>,
    expected_flow: Vec<f64>,
    pub iterations: u32,
    pub converged: bool,
    pub instruments: Vec<super::instrument::Instrument>,
    inflow: Vec<f64>,
}

impl Fit {
    pub fn new(model: &Model, instruments: Vec<super::instrument::Instrument>) -> Fit {
        let mut pairs: Vec<[u32; 2]> = instruments.iter().filter_map(|instrument| instrument.pair()).collect();
        pairs.extend(model.held.iter().filter(|held| held.low != NONE).map(|held| [held.high, held.low]));
        Fit {
            system: model.system(&pairs),
            right: Vec::new(),
            conductance: vec![0.0; model.links()],
            law_variance: vec![0.0; model.links()],
            expected_flow: vec![0.0; model.links()],
            iterations: 0,
            converged: false,
            instruments,
            inflow: Vec::new(),
        }
    }

    /// What a line should read in this state.
    pub fn value(&self, model: &Model, state: &State, reads: RowReads) -> f64 {
        match reads {
            RowReads::Instrument(at) => self.instruments[at].value(model, state),
            RowReads::Held(at) => {
                let held = model.held[at];
                let low = if held.low == NONE { 0.0 } else { state.pressure_pa[held.low as usize] };
                state.pressure_pa[held.high as usize] - low
            }
            RowReads::InputFlow(input) => state.input_flow_kg_s[input as usize],
            RowReads::InputOutlet(input) => state.input_outlet_c[input as usize],
        }
    }

    /// How a line answers to the unknowns.
    pub fn gradient(&self, model: &Model, state: &State, reads: RowReads) -> Gradient {
        match reads {
            RowReads::Instrument(at) => self.instruments[at].gradient(model, state, &self.conductance),
            RowReads::Held(at) => {
                let held = model.held[at];
                let high = (model.of_node(held.high, PRESSURE), 1.0);
                if held.low == NONE {
                    Gradient::of(&[high])
                } else {
                    Gradient::of(&[high, (model.of_node(held.low, PRESSURE), -1.0)])
                }
            }
            RowReads::InputFlow(input) => Gradient::of(&[(model.of_input(input, FLOW), 1.0)]),
            RowReads::InputOutlet(input) => Gradient::of(&[(model.of_input(input, OUTLET), 1.0)]),
        }
    }

    /// Steps until the state has settled; at most `most` of them.
    pub fn settle(
        &mut self,
        model: &mut Model,
        state: &mut State,
        rows: &[Row],
        losses: &Losses,
        options: &Options,
        most: Option<u32>,
    ) {
        self.converged = false;
        self.iterations = 0;
        for _ in 0..most.unwrap_or(MOST_STEPS) {
            let share = match self.iterations {
                steps if steps < WATER_FOLLOWS => 1.0,
                steps if steps < WATER_FOLLOWS_HALF => 0.5,
                _ => 0.0,
            };
            warm_water(model, state, share);
            self.assemble(model, state, rows, losses, options, 1.0);
            self.system.factorise();
            let change = self.step(model, state, losses);
            self.iterations += 1;
            self.converged = change < 1.0;
            if self.converged {
                break;
            }
        }
    }

    /// Lays down the linear system at this state. `assumed`: by how much the variance of every assumption is multiplied.
    pub fn assemble(
        &mut self,
        model: &mut Model,
        state: &mut State,
        rows: &[Row],
        losses: &Losses,
        options: &Options,
        assumed: f64,
    ) {
        model.refresh_laws();
        self.system.clear();
        self.right.clear();
        self.right.resize(self.system.size(), 0.0);
        self.add_water(model, state, losses, options);
        self.add_heat(model, state, options);
        for row in rows.iter().filter(|row| !row.out) {
            let factor = if row.reads.is_assumption() { assumed } else { 1.0 };
            let weight = 1.0 / (factor * row.deviation * row.deviation);
            let gradient = self.gradient(model, state, row.reads);
            let rest = row.value - self.value(model, state, row.reads);
            let entries = gradient.entries();
            for (at, &(scalar, value)) in entries.iter().enumerate() {
                self.right[scalar] += weight * value * rest;
                for &(other, factor) in &entries[..=at] {
                    self.system.add(scalar, other, weight * value * factor);
                }
            }
        }
        self.pad(model);
    }

    /// Components that stand for nothing.
    fn pad(&mut self, model: &Model) {
        for number in 0..model.inputs.len() as u32 {
            for component in [2, 3] {
                let scalar = model.of_input(number, component);
                self.system.add(scalar, scalar, 1.0);
            }
        }
    }

    fn add_water(&mut self, model: &Model, state: &State, losses: &Losses, options: &Options) {
        let problem = &model.problem;
        for node in 0..model.nodes() as u32 {
            let at = node as usize;
            let (pressure, water) = (model.of_node(node, PRESSURE), model.of_node(node, WATER));
            self.system.add(pressure, pressure, 1.0 / (LOOSE_PA * LOOSE_PA));
            let least = LEAST_LOSS_SHARE * model.circulation_kg_s;
            self.system.add(water, water, -(losses.variance[at] + least * least));
            self.right[water] += problem.demand_kg_s[at] + losses.mean_kg_s[at];
        }
        for link in 0..model.links() {
            let (from, to) = (problem.from[link], problem.to[link]);
            let flow = state.law_flow_kg_s[link];
            let Some(drop) = model.drop(link, flow) else { continue };
            let conductance = 1.0 / drop.slope_pa_s_kg.max(FLATTEST);
            let gravity = crate::solver::hydraulic::gravity_pa(problem, link);
            let between = state.pressure_pa[from as usize] - state.pressure_pa[to as usize] + gravity;
            let expected = flow + conductance * (between - drop.drop_pa);
            let variance = (options.law_share * flow).powi(2);
            (self.conductance[link], self.law_variance[link], self.expected_flow[link]) =
                (conductance, variance, expected);
            // Balance: Σin − Σout − loss = 0.
            for (node, sign) in [(from, -1.0), (to, 1.0)] {
                let water = model.of_node(node, WATER);
                self.right[water] -= sign * expected;
                self.system.add(water, model.of_node(from, PRESSURE), sign * conductance);
                self.system.add(water, model.of_node(to, PRESSURE), -sign * conductance);
                self.system.add(water, water, -variance);
            }
            self.system.add(model.of_node(from, WATER), model.of_node(to, WATER), variance);
        }
        for (number, input) in model.inputs.iter().enumerate() {
            let flow = model.of_input(number as u32, FLOW);
            for (node, sign) in [(input.from, -1.0), (input.to, 1.0)] {
                if node != NONE {
                    let water = model.of_node(node, WATER);
                    self.right[water] -= sign * state.input_flow_kg_s[number];
                    self.system.add(water, flow, sign);
                }
            }
        }
    }

    fn add_heat(&mut self, model: &Model, state: &mut State, options: &Options) {
        let nodes = model.nodes();
        let resting = RESTING_SHARE * model.circulation_kg_s;
        self.inflow.clear();
        self.inflow.resize(nodes, 0.0);
        let streams = streams(model, state, resting);
        for stream in &streams {
            self.inflow[stream.node as usize] += stream.weight;
        }
        for node in 0..nodes as u32 {
            let (temperature, heat) = (model.of_node(node, TEMPERATURE), model.of_node(node, HEAT));
            self.system.add(temperature, temperature, 1.0 / (LOOSE_K * LOOSE_K));
            self.system.add(heat, temperature, -1.0);
            let own_c = state.temperature_c[node as usize];
            self.right[heat] += own_c;
            let spread = options.mixing_k;
            if self.inflow[node as usize] > 0.0 {
                self.system.add(heat, heat, -spread * spread);
            } else {
                // Water at rest takes the temperature around it, some time.
                self.right[heat] -= model.heat.ambient_c;
                self.system.add(heat, heat, -30.0 * 30.0);
            }
        }
        for stream in &streams {
            let share = stream.weight / self.inflow[stream.node as usize];
            let heat = model.of_node(stream.node, HEAT);
            self.right[heat] -= share * stream.temperature_c;
            match stream.of {
                Of::Node { node, kept, cooling_k } => {
                    self.system.add(heat, model.of_node(node, TEMPERATURE), share * kept);
                    let spread = share * options.cooling_share * cooling_k;
                    self.system.add(heat, heat, -spread * spread);
                }
                Of::Input(input) => self.system.add(heat, model.of_input(input, OUTLET), share),
            }
        }
        // Controllers and make-ups have no outlet temperature of their own, inputs without any line neither.
        for number in 0..model.inputs.len() as u32 {
            let outlet = model.of_input(number, OUTLET);
            self.system.add(outlet, outlet, 1.0 / (LOOSE_K * LOOSE_K));
            let flow = model.of_input(number, FLOW);
            let loose = 1e3 * model.circulation_kg_s;
            self.system.add(flow, flow, 1.0 / (loose * loose));
        }
    }

    /// The step that the system laid down asks for, without taking it.
    pub fn change(&self) -> Vec<f64> {
        self.system.solve(&self.right)
    }

    /// Solves and moves the state; gives the largest change in units of what counts as settled.
    fn step(&mut self, model: &Model, state: &mut State, losses: &Losses) -> f64 {
        let problem = &model.problem;
        let found = self.system.solve(&self.right);
        let mut largest: f64 = 0.0;
        let mut meet = |change: f64, settled: f64| {
            let ratio = change.abs() / settled;
            if ratio > largest || ratio.is_nan() {
                largest = ratio;
            }
        };
        let settled_kg_s = SETTLED_FLOW_SHARE * model.circulation_kg_s;
        for node in 0..model.nodes() as u32 {
            let at = node as usize;
            let change = found[model.of_node(node, PRESSURE)];
            state.pressure_pa[at] += change;
            meet(change, SETTLED_PA);
            let change = found[model.of_node(node, TEMPERATURE)];
            state.temperature_c[at] += change;
            meet(change, SETTLED_K);
            state.water[at] = found[model.of_node(node, WATER)];
            state.heat[at] = found[model.of_node(node, HEAT)];
            state.loss_kg_s[at] = losses.mean_kg_s[at] + losses.variance[at] * state.water[at];
        }
        for number in 0..model.inputs.len() as u32 {
            let at = number as usize;
            let change = found[model.of_input(number, FLOW)];
            state.input_flow_kg_s[at] += change;
            meet(change, settled_kg_s);
            state.input_outlet_c[at] += found[model.of_input(number, OUTLET)];
        }
        for link in 0..model.links() {
            match model.parts[link] {
                Part::Law => {
                    let (from, to) = (problem.from[link], problem.to[link]);
                    let moved = found[model.of_node(from, PRESSURE)] - found[model.of_node(to, PRESSURE)];
                    let flow = self.expected_flow[link] + self.conductance[link] * moved;
                    meet(flow - state.law_flow_kg_s[link], settled_kg_s);
                    state.law_flow_kg_s[link] = flow;
                    let wrong = self.law_variance[link] * (state.water[from as usize] - state.water[to as usize]);
                    state.flow_kg_s[link] = flow + wrong;
                }
                Part::Input(input) => state.flow_kg_s[link] = state.input_flow_kg_s[input as usize],
                Part::Shut => state.flow_kg_s[link] = 0.0,
            }
        }
        largest
    }

    /// Variance of what a gradient reads, after the selected inverse.
    pub fn variance(&self, gradient: &Gradient) -> f64 {
        let entries = gradient.entries();
        let mut sum = 0.0;
        for (at, &(a, fa)) in entries.iter().enumerate() {
            for (other, &(b, fb)) in entries.iter().enumerate().take(at + 1) {
                let both = if other == at { 1.0 } else { 2.0 };
                sum += both * fa * fb * self.system.inverse(a, b).unwrap_or(0.0);
            }
        }
        sum.max(0.0)
    }

    /// Variance of the flow through a link, after the selected inverse.
    pub fn flow_variance(&self, model: &Model, link: usize) -> f64 {
        let (from, to) = (model.problem.from[link], model.problem.to[link]);
        match model.parts[link] {
            Part::Shut => 0.0,
            Part::Input(input) => self.variance(&Gradient::of(&[(model.of_input(input, FLOW), 1.0)])),
            Part::Law => {
                let pressures = [model.of_node(from, PRESSURE), model.of_node(to, PRESSURE)];
                let waters = [model.of_node(from, WATER), model.of_node(to, WATER)];
                let between = |rows: [usize; 2], columns: [usize; 2]| {
                    let entry = |a: usize, b: usize| self.system.inverse(rows[a], columns[b]).unwrap_or(0.0);
                    entry(0, 0) - entry(0, 1) - entry(1, 0) + entry(1, 1)
                };
                // What the law is wrong by is ε = s²(λ_from − λ_to): its variance is s² + s⁴·∂²…, its covariance with the
                // pressures s²·(K⁻¹)_λp.
                let (g, s) = (self.conductance[link], self.law_variance[link]);
                let by_pressure = g * g * between(pressures, pressures);
                let by_both = 2.0 * g * s * between(waters, pressures);
                let by_law = s + s * s * between(waters, waters);
                (by_pressure + by_both + by_law).max(0.0)
            }
        }
    }
}

/// Where the water of a stream has its temperature from.
#[derive(Clone, Copy)]
enum Of {
    Node { node: u32, kept: f64, cooling_k: f64 },
    Input(u32),
}

/// Water that enters a node.
#[derive(Clone, Copy)]
struct Stream {
    node: u32,
    /// Flow times heat capacity.
    weight: f64,
    temperature_c: f64,
    of: Of,
}

/// All streams into nodes; notes the outlet temperature of every link.
fn streams(model: &Model, state: &mut State, resting: f64) -> Vec<Stream> {
    let problem = &model.problem;
    let mut out = Vec::with_capacity(model.links() + model.make_ups.len());
    for link in 0..model.links() {
        let flow = state.flow_kg_s[link];
        if flow.abs() <= resting {
            state.outlet_c[link] = state.surroundings_c[link];
            continue;
        }
        let (up, down) =
            if flow > 0.0 { (problem.from[link], problem.to[link]) } else { (problem.to[link], problem.from[link]) };
        let inlet_c = state.temperature_c[up as usize];
        let (outlet_c, of) = match model.parts[link] {
            Part::Input(input) if flow > 0.0 && model.inputs[input as usize].kind != InputKind::Controller => {
                (state.input_outlet_c[input as usize], Of::Input(input))
            }
            _ => {
                let around_c = state.surroundings_c[link];
                let outlet_c = cooled(model, link, inlet_c, around_c, flow.abs());
                let kept = if (inlet_c - around_c).abs() > 1e-6 {
                    ((outlet_c - around_c) / (inlet_c - around_c)).clamp(0.0, 1.0)
                } else {
                    1.0
                };
                (outlet_c, Of::Node { node: up, kept, cooling_k: (inlet_c - outlet_c).abs() })
            }
        };
        state.outlet_c[link] = outlet_c;
        let capacity = model.fluid.mean_heat_capacity_j_kgk(outlet_c, state.temperature_c[down as usize]);
        out.push(Stream { node: down, weight: flow.abs() * capacity, temperature_c: outlet_c, of });
    }
    for &(node, input) in &model.make_ups {
        let flow = state.input_flow_kg_s[input as usize];
        if flow > resting {
            let outlet_c = state.input_outlet_c[input as usize];
            let capacity = model.fluid.mean_heat_capacity_j_kgk(outlet_c, state.temperature_c[node as usize]);
            out.push(Stream { node, weight: flow * capacity, temperature_c: outlet_c, of: Of::Input(input) });
        }
    }
    out
}

/// Outlet temperature of a pipe.
fn cooled(model: &Model, link: usize, inlet_c: f64, around_c: f64, flow_kg_s: f64) -> f64 {
    let loss_w_k = model.heat.loss_w_k[link];
    if loss_w_k == 0.0 {
        return inlet_c;
    }
    let mut outlet_c = inlet_c;
    for _ in 0..3 {
        let capacity = model.fluid.mean_heat_capacity_j_kgk(inlet_c, outlet_c);
        outlet_c = heat_loss::outlet(inlet_c, around_c, loss_w_k, 1.0, capacity, flow_kg_s).outlet_c;
    }
    outlet_c
}

/// Moves density and viscosity of the water in each link, and what the pipes of a trench give each other, this share of
/// the way to what the temperatures say.
fn warm_water(model: &mut Model, state: &mut State, share: f64) {
    if share == 0.0 {
        return;
    }
    let resting = RESTING_SHARE * model.circulation_kg_s;
    let inlet = |state: &State, link: usize| {
        let flow = state.flow_kg_s[link];
        if flow.abs() <= resting {
            return state.surroundings_c[link];
        }
        let up = if flow > 0.0 { model.problem.from[link] } else { model.problem.to[link] };
        state.temperature_c[up as usize]
    };
    let means: Vec<[f64; 2]> = model
        .heat
        .pairs
        .iter()
        .map(|pair| pair.links.map(|link| 0.5 * (inlet(state, link as usize) + state.outlet_c[link as usize])))
        .collect();
    let ends: Vec<[f64; 2]> = (0..model.links()).map(|link| [inlet(state, link), state.outlet_c[link]]).collect();
    for (pair, mean_c) in model.heat.pairs.iter().zip(means) {
        for (own, other) in [(0, 1), (1, 0)] {
            let around_c = pair.ground_c + pair.share[own] * (mean_c[other] - pair.ground_c);
            let place = &mut state.surroundings_c[pair.links[own] as usize];
            *place += share * (around_c - *place);
        }
    }
    for (link, [inlet_c, outlet_c]) in ends.into_iter().enumerate() {
        let density = 0.5 * (model.fluid.density_kg_m3(inlet_c) + model.fluid.density_kg_m3(outlet_c));
        let viscosity = model.fluid.viscosity_pa_s(0.5 * (inlet_c + outlet_c));
        for (value, wanted) in
            [(&mut model.problem.density_kg_m3[link], density), (&mut model.problem.viscosity_pa_s[link], viscosity)]
        {
            *value += share * (wanted - *value);
        }
    }
}
