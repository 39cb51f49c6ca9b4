//! The flow with which a consumer gets its heat.
//!
//! Heat is m·(h(T_in) − h(T_return)), and T_in rises with m: with more flow the water cools less on its way. How much it
//! rises is learnt from one pass to the next (never negative, fading by half each pass), and the flow follows from
//! m·(h + h′·(m − m_last)) = q, which has exactly one positive root.

/// Share of a slope that is kept for the next pass.
const KEPT: f64 = 0.5;

/// What one consumer has taught.
#[derive(Clone, Copy, Debug)]
struct Memory {
    flow_kg_s: f64,
    heat_j_kg: f64,
    /// dh/dm, J s/kg².
    slope: f64,
}

/// Memory of all consumers.
#[derive(Clone, Debug, Default)]
pub struct Demands {
    memory: Vec<Memory>,
}

impl Demands {
    /// Forgets everything.
    pub fn restart(&mut self, consumers: usize) {
        self.memory.clear();
        self.memory.resize(consumers, Memory { flow_kg_s: f64::NAN, heat_j_kg: f64::NAN, slope: 0.0 });
    }

    /// Flow for this heat, at most `most_kg_s`, after a pass in which `flow_kg_s` gave `heat_j_kg` a kilogram.
    pub fn flow_kg_s(&mut self, row: usize, heat_w: f64, flow_kg_s: f64, heat_j_kg: f64, most_kg_s: f64) -> f64 {
        let memory = &mut self.memory[row];
        let answered = (heat_j_kg - memory.heat_j_kg) / (flow_kg_s - memory.flow_kg_s);
        let kept = KEPT * memory.slope;
        // Neither the first pass (NaN) nor a flow that did not move (infinite) says anything.
        let slope = if answered.is_finite() { answered.max(kept) } else { kept };
        *memory = Memory { flow_kg_s, heat_j_kg, slope };
        // slope·m² + (h − slope·m_last)·m = q, by the form of the root that does not cancel.
        let linear = heat_j_kg - slope * flow_kg_s;
        let root = (linear * linear + 4.0 * slope * heat_w).sqrt();
        let wanted = if linear >= 0.0 { 2.0 * heat_w / (linear + root) } else { (root - linear) / (2.0 * slope) };
        // What is no flow (no heat at any) takes the most.
        if wanted > 0.0 && wanted < most_kg_s { wanted } else { most_kg_s }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_laterals_settle_in_a_few_passes() {
        // Water of 90 °C cools towards 5 °C on its way; wanted is heat at 50 °C. N = loss over heat capacity flow.
        for (loss_w_k, heat_w) in [(20.0, 1e5), (200.0, 2e4), (1500.0, 5e3), (4000.0, 1e5)] {
            let arriving = |m: f64| 4190.0 * (85.0 * (-loss_w_k / (4190.0 * m)).exp() - 45.0);
            let mut demands = Demands::default();
            demands.restart(1);
            let nominal = heat_w / (4190.0 * 40.0);
            let mut m = nominal;
            let mut count = 0;
            while (m * arriving(m) / heat_w - 1.0).abs() > 1e-9 && count < 40 {
                m = demands.flow_kg_s(0, heat_w, m, arriving(m), 1e3 * nominal);
                count += 1;
            }
            assert!(count < 20, "{loss_w_k}: {m} after {count}");
        }
    }

    #[test]
    fn heat_out_of_reach_takes_the_most() {
        let mut demands = Demands::default();
        demands.restart(1);
        assert_eq!(demands.flow_kg_s(0, 1e5, 1.0, -10.0, 7.0), 7.0);
    }
}
