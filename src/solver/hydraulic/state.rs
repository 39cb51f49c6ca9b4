//! Flows and pressures as the hydraulics leave them: dense arrays in the order of the problem.

use crate::network::Finding;

/// Result of one hydraulic solve.
#[derive(Clone, Debug, Default)]
pub struct HydraulicState {
    /// Whether every well-posed part was solved to tolerance and no ill-posed part asks for water.
    pub converged: bool,
    /// Newton steps of this call.
    pub iterations: u32,
    /// Gauge pressure by dense node; NaN where the node has no way to a pressure reference.
    pub pressure_pa: Vec<f64>,
    /// By dense link, positive from → to; exactly 0 where nothing passes.
    pub mass_flow_kg_s: Vec<f64>,
    /// p(from) − p(to) + ρ g (z(from) − z(to)) by dense link: lost to friction and fittings (negative: gained in a pump or
    /// source). Sources: p(from) − p(to). NaN where a pressure is.
    pub drop_pa: Vec<f64>,
    /// Water lost through each hole, by row of the problem's leaks; 0 where the pipe is cut off.
    pub leak_kg_s: Vec<f64>,
    /// Largest |inflow − outflow − demand| over nodes whose pressure is not given.
    pub max_mass_imbalance_kg_s: f64,
    /// Largest |drop − law| over links that follow a law.
    pub max_momentum_residual_pa: f64,
    /// Largest |mass flow| over all links.
    pub largest_flow_kg_s: f64,
    /// Islands, contradictions, saturation: what the hydraulics have to say.
    pub findings: Vec<Finding>,
}
