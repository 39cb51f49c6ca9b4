//! The state that is estimated, by dense index, and its first value.

use crate::solver::Solution;

use super::model::{InputKind, Model, Part};

/// Unknowns and what follows from them.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub pressure_pa: Vec<f64>,
    pub temperature_c: Vec<f64>,
    /// Multipliers of the balances of water, (kg/s)⁻¹, and of heat, K⁻¹: how much the fit would gain if water (or warmth)
    /// could come or go there.
    pub water: Vec<f64>,
    pub heat: Vec<f64>,
    /// Flow by the law of each link that has one.
    pub law_flow_kg_s: Vec<f64>,
    /// The same with what the fit takes the law to be wrong by; flow of the input for all others.
    pub flow_kg_s: Vec<f64>,
    /// Temperature at the downstream end of each link, and around it.
    pub outlet_c: Vec<f64>,
    pub surroundings_c: Vec<f64>,
    /// By input.
    pub input_flow_kg_s: Vec<f64>,
    pub input_outlet_c: Vec<f64>,
    /// Water lost by node.
    pub loss_kg_s: Vec<f64>,
}

impl State {
    /// The state by the network's own data.
    pub fn new(model: &Model, solution: &Solution) -> State {
        let problem = &model.problem;
        let number = |value: Option<f64>, other: f64| value.filter(|value| value.is_finite()).unwrap_or(other);
        let node = |at: usize| problem.node_handles.get(at).and_then(|&handle| solution.node(handle));
        let link = |at: usize| problem.link_handles.get(at).and_then(|&handle| solution.link(handle));
        let (nodes, links) = (model.nodes(), model.links());
        let ambient_c = model.heat.ambient_c;
        let flow_kg_s: Vec<f64> = (0..links)
            .map(|at| match model.parts[at] {
                Part::Shut => 0.0,
                _ => number(link(at).map(|state| state.mass_flow_kg_s), 0.0),
            })
            .collect();
        let make_up = |input: &super::model::Input| input.kind == InputKind::MakeUp;
        State {
            pressure_pa: (0..nodes).map(|at| number(node(at).map(|state| state.pressure_pa), 0.0)).collect(),
            temperature_c: (0..nodes).map(|at| number(node(at).map(|state| state.temperature_c), ambient_c)).collect(),
            water: vec![0.0; nodes],
            heat: vec![0.0; nodes],
            law_flow_kg_s: flow_kg_s.clone(),
            outlet_c: (0..links)
                .map(|at| number(link(at).map(|state| state.outlet_temperature_c), ambient_c))
                .collect(),
            surroundings_c: model.heat.surroundings_c.clone(),
            input_flow_kg_s: model
                .inputs
                .iter()
                .map(|input| if make_up(input) { input.flow_kg_s } else { flow_kg_s[input.link as usize] })
                .collect(),
            input_outlet_c: model
                .inputs
                .iter()
                .map(|input| {
                    let at = (!make_up(input)).then_some(input.link as usize);
                    number(at.and_then(link).map(|state| state.outlet_temperature_c), input.outlet_c)
                })
                .collect(),
            flow_kg_s,
            loss_kg_s: vec![0.0; nodes],
        }
    }
}
