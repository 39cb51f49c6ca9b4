//! How far a solved state is from what it has to obey, computed from the network and the answer alone.
//!
//! Mass: at every node without given pressure, relative to the largest flow. Laws: pressure difference against the law
//! of the element at its flow, relative to the largest pressure (gauge pressures have no zero of their own: at least
//! 1 bar), or to the element's own loss where that is greater. Limits: one-way elements pass nothing back, limiters no
//! more than their set value, controllers hold it or are fully open or shut on the right side of it.

use super::element::{Law, Rule, SLIGHT_PA_S_KG, rule};
use crate::network::{Boundary, LinkKind, LinkView, Network, NodeId, SourceControl};
use crate::solver::Solution;
use crate::solver::fluid::Fluid;

/// What counts as solved: mass relative to the largest flow, laws relative to the largest pressure.
pub const TOLERANCE: f64 = 1e-9;
/// Least scale of pressures.
const LEAST_PRESSURE_PA: f64 = 1e5;
/// Least scale of flows: below it nothing flows.
const LEAST_FLOW_KG_S: f64 = 1e-9;
/// Error of held values and of corners, Pa.
const HELD_PA: f64 = 2e-3;
/// A worst-point source is settled to a tenth of a pascal.
const WORST_POINT_PA: f64 = 0.2;
/// With temperatures: what densities that settled to a thousandth of a millikelvin leave.
const HEATED_PA: f64 = 0.05;

/// Figures of a solved state.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// Largest mass imbalance relative to the largest flow.
    pub mass: f64,
    /// Largest residual of a law relative to its scale.
    pub law: f64,
    /// What is broken, by element; empty: sound.
    pub broken: Vec<String>,
    /// Controllers, and sources that hold a value, beyond their set value on the wrong side.
    pub not_held: Vec<crate::network::ElementRef>,
}

struct State<'a> {
    network: &'a Network,
    solution: &'a Solution,
    fluid: Fluid,
    heat: bool,
    pressure_pa: f64,
    flow_kg_s: f64,
}

impl State<'_> {
    fn p(&self, node: NodeId) -> f64 {
        self.solution.node(node).map_or(f64::NAN, |state| state.pressure_pa)
    }

    /// Density and viscosity in a link, and how far its density may be from that, where the flow is next to nothing.
    fn water(&self, view: &LinkView<'_>) -> (f64, f64, f64) {
        if !self.heat {
            return (self.fluid.density_kg_m3(60.0), self.fluid.viscosity_pa_s(60.0), 0.0);
        }
        let Some(state) = self.solution.link(view.handle) else { return (f64::NAN, f64::NAN, 0.0) };
        let (inlet, outlet) = (state.inlet_temperature_c, state.outlet_temperature_c);
        let density = 0.5 * (self.fluid.density_kg_m3(inlet) + self.fluid.density_kg_m3(outlet));
        // Within a millionth of the largest flow its water may be that of either end.
        let undecided = state.mass_flow_kg_s.abs() <= 1.01e-6 * self.flow_kg_s;
        (density, self.fluid.viscosity_pa_s(0.5 * (inlet + outlet)), if undecided { 100.0 } else { 0.0 })
    }
}

/// Judges a state that claims to be solved.
pub fn judge(network: &Network, solution: &Solution, heat: bool) -> Judgement {
    let mut out = Judgement::default();
    let Ok(fluid) = Fluid::new(&network.settings().water) else {
        out.broken.push("water without properties was accepted".to_owned());
        return out;
    };
    let largest = |values: &mut dyn Iterator<Item = f64>, least: f64| {
        values.filter(|value| value.is_finite()).fold(least, |most, value| most.max(value.abs()))
    };
    let state = State {
        network,
        solution,
        fluid,
        heat,
        pressure_pa: largest(&mut solution.nodes.iter().map(|node| node.pressure_pa), LEAST_PRESSURE_PA),
        flow_kg_s: largest(&mut solution.links.iter().map(|link| link.mass_flow_kg_s), LEAST_FLOW_KG_S),
    };
    let mut balance = vec![0.0; network.node_bound()];
    for view in network.links() {
        let flow = solution.link(view.handle).map_or(f64::NAN, |link| link.mass_flow_kg_s);
        if !flow.is_finite() {
            out.broken.push(format!("{}: its flow is no number", view.element()));
            continue;
        }
        balance[view.from.index()] -= flow;
        balance[view.to.index()] += flow;
        let dead = !state.p(view.from).is_finite() || !state.p(view.to).is_finite();
        if dead {
            if flow != 0.0 {
                out.broken.push(format!("{}: {flow} kg/s without pressure", view.element()));
            }
            continue;
        }
        link(&state, &view, flow, &mut out);
    }
    nodes(&state, &balance, &mut out);
    out
}

/// Records |residual| against a scale; a residual within the digits of the flow is none.
fn law(out: &mut Judgement, state: &State<'_>, view: &LinkView<'_>, residual_pa: f64, at: (f64, f64), slack_pa: f64) {
    let (drop_pa, slope) = at;
    let scale_pa = state.pressure_pa.max(drop_pa.abs());
    let digits_pa = 32.0 * f64::EPSILON * state.flow_kg_s * slope;
    let beyond = (residual_pa.abs() - slack_pa - digits_pa).max(0.0) / scale_pa;
    out.law = out.law.max(beyond);
    if beyond > TOLERANCE || beyond.is_nan() {
        out.broken.push(format!("{}: {residual_pa:.3e} Pa beside its law ({beyond:.1e})", view.element()));
    }
}

fn link(state: &State<'_>, view: &LinkView<'_>, flow: f64, out: &mut Judgement) {
    let (density, viscosity, unsure) = state.water(view);
    let Some(rule) = rule(state.network, view, density, viscosity) else {
        out.broken.push(format!("{}: unusable numbers were accepted", view.element()));
        return;
    };
    let z = |node: NodeId| state.network.node(node).map_or(0.0, |node| node.z_m);
    let gravity = state.network.settings().gravity_m_s2 * (z(view.from) - z(view.to));
    let (from, to) = (state.p(view.from), state.p(view.to));
    let difference = from - to + density * gravity;
    let mut slack = unsure * gravity.abs();
    if state.heat {
        slack += HEATED_PA;
    }
    let least = TOLERANCE * state.flow_kg_s;
    let corner_pa = TOLERANCE * state.pressure_pa + HELD_PA + slack;
    let mut broken = |text: String| out.broken.push(format!("{}: {text}", view.element()));
    match rule {
        Rule::Closed => {
            if flow != 0.0 {
                broken(format!("shut and passes {flow:.3e} kg/s"));
            }
        }
        Rule::Flow(set) => {
            if (flow - set).abs() > least {
                broken(format!("{flow} kg/s instead of {set}"));
            }
        }
        Rule::Law { law: rising, low_kg_s, high_kg_s } => {
            let high_kg_s = if high_kg_s.is_nan() { flow.max(0.0) } else { high_kg_s };
            if flow < low_kg_s - least || flow > high_kg_s + least {
                broken(format!("{flow:.6e} kg/s outside {low_kg_s:.6e}…{high_kg_s:.6e}"));
                return;
            }
            let at = rising.drop(flow);
            let residual = difference - at.drop_pa;
            // At a limit the difference may be anything on its far side.
            let bound =
                if matches!(view.link.kind, LinkKind::Consumer(_)) { corner_pa.max(HELD_PA) } else { corner_pa };
            let at_low = flow <= low_kg_s + least && residual <= bound;
            let at_high = flow >= high_kg_s - least && residual >= -bound;
            if !at_low && !at_high {
                // What is unsure of the density is unsure of a head.
                let slack = slack + unsure / 900.0 * at.drop_pa.abs();
                law(out, state, view, residual, (at.drop_pa, at.slope_pa_s_kg), slack);
            }
        }
        Rule::Throttle { law: rising, sensed } => {
            if flow < -least {
                broken(format!("{flow:.3e} kg/s back through a controller"));
                return;
            }
            throttle(state, view, flow, difference, &rising, sensed, corner_pa, slack, out);
        }
        Rule::Rise(rise) => {
            let error = to - from - rise;
            law(out, state, view, error, (rise, 0.0), 0.0);
        }
        Rule::SupplyPressure(set) => {
            if (to - set).abs() > corner_pa + SLIGHT_PA_S_KG * flow.abs() {
                out.not_held.push(view.element());
            }
        }
        Rule::WorstPoint(available) => {
            let worst = state.solution.consumers.iter().filter(|consumer| {
                let asks =
                    state.network.link_view(consumer.link).and_then(|view| view.consumer()).is_some_and(super::asks);
                asks && consumer.available_pressure_pa.is_finite()
            });
            let least = worst.map(|consumer| consumer.available_pressure_pa).min_by(f64::total_cmp);
            if least.is_some_and(|least| (least - available).abs() > WORST_POINT_PA + corner_pa) {
                out.not_held.push(view.element());
            }
        }
    }
}

fn throttle(
    state: &State<'_>,
    view: &LinkView<'_>,
    flow: f64,
    difference: f64,
    rising: &Law,
    sensed: super::element::Sensed,
    corner_pa: f64,
    slack: f64,
    out: &mut Judgement,
) {
    let value = state.p(sensed.plus) - sensed.minus.map_or(0.0, |node| state.p(node));
    // Positive: it would like more flow.
    let wanted = sensed.sense * (sensed.set_pa - value);
    let held = SLIGHT_PA_S_KG * flow.abs() + corner_pa;
    let at = rising.drop(flow);
    let still = flow <= TOLERANCE * state.flow_kg_s;
    if still && difference <= at.drop_pa + corner_pa {
        // Nothing passes back: the pressure behind keeps it shut, whatever it senses.
    } else if !value.is_finite() || wanted.abs() <= held {
        // Holds: it may only throttle.
        if difference < at.drop_pa - corner_pa {
            law(out, state, view, difference - at.drop_pa, (at.drop_pa, at.slope_pa_s_kg), slack);
        }
    } else if wanted > 0.0 {
        // Fully open.
        let residual = difference - at.drop_pa;
        if residual > corner_pa && still {
            out.not_held.push(view.element());
        } else {
            law(out, state, view, residual, (at.drop_pa, at.slope_pa_s_kg), slack);
        }
    } else if !still {
        // It would like less and passes water all the same.
        out.not_held.push(view.element());
    }
}

fn nodes(state: &State<'_>, balance: &[f64], out: &mut Judgement) {
    let mut fixed = vec![None; balance.len()];
    for view in state.network.links() {
        let Some(source) = view.source().filter(|source| source.running) else { continue };
        if let SourceControl::Reference { return_pressure_pa: pressure_pa, .. }
        | SourceControl::WorstPoint { return_pressure_pa: Some(pressure_pa), .. } = source.control
        {
            fixed[view.from.index()] = Some(pressure_pa);
        }
    }
    let gravity_m_s2 = state.network.settings().gravity_m_s2;
    for (handle, _, node) in state.network.nodes() {
        let pressure_pa = state.p(handle);
        if !pressure_pa.is_finite() {
            continue;
        }
        let fed = node.demand_kg_s - balance[handle.index()];
        let tolerance_pa = TOLERANCE * state.pressure_pa;
        let element = state.network.node_ref(handle);
        let mut given = fixed[handle.index()];
        match node.boundary.as_deref() {
            Some(Boundary::MakeUp { pressure_pa: set, capacity_kg_s: Some(capacity), .. }) if given.is_none() => {
                let least = TOLERANCE * state.flow_kg_s;
                let held = (pressure_pa - set).abs() <= tolerance_pa + HELD_PA + SLIGHT_PA_S_KG * fed.abs();
                if fed > capacity + least || !(held || fed >= capacity - least && pressure_pa <= set + HELD_PA) {
                    out.broken.push(format!("{element}: feeds {fed} of {capacity} kg/s at {pressure_pa} of {set} Pa"));
                }
                continue;
            }
            Some(Boundary::MakeUp { pressure_pa: set, .. }) => given = given.or(Some(*set)),
            Some(Boundary::Reservoir { head_m, temperature_c }) => {
                given = Some(state.fluid.density_kg_m3(*temperature_c) * gravity_m_s2 * (head_m - node.z_m));
            }
            Some(Boundary::Tank { level_m, temperature_c, .. }) => {
                given = Some(state.fluid.density_kg_m3(*temperature_c) * gravity_m_s2 * level_m);
            }
            None => {}
        }
        match given {
            Some(given) if (pressure_pa - given).abs() > tolerance_pa => {
                out.broken.push(format!("{element}: {pressure_pa} Pa instead of the given {given}"));
            }
            Some(_) => {}
            None => {
                let relative = fed.abs() / state.flow_kg_s;
                out.mass = out.mass.max(relative);
                if relative > TOLERANCE {
                    out.broken.push(format!("{element}: {fed:.3e} kg/s are missing ({relative:.1e})"));
                }
            }
        }
    }
}
