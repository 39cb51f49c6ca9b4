//! The law of a single link at the present state of its water: Δp and slope over mass flow, for those who linearise a
//! network themselves (state estimation).

use super::hydraulic::{Limited, TwoWay};
use super::problem::{Control, Element, Hold, Problem, PumpHold};
use crate::physics::friction::PressureDrop;

/// What lies between the pressures at a link's ends.
#[derive(Clone, Copy, Debug)]
pub struct LinkLaw(Kind);

#[derive(Clone, Copy, Debug)]
enum Kind {
    TwoWay(TwoWay),
    Limited(Limited),
}

impl LinkLaw {
    /// The law of a link whose flow follows from the pressures at its own ends alone: pipes, valves, check valves taken as
    /// open, pumps at their speed. `None` for links that are shut, hold something elsewhere, or follow a demand.
    pub fn new(problem: &Problem, link: usize) -> Option<LinkLaw> {
        match problem.elements[link] {
            Element::Plain(resistance) => Some(LinkLaw(Kind::TwoWay(TwoWay::new(problem, link, resistance)))),
            Element::Valve(row) => {
                let valve = problem.valves[row as usize];
                let free = matches!(valve.control, Control::Check);
                free.then(|| LinkLaw(Kind::TwoWay(TwoWay::new(problem, link, valve.resistance))))
            }
            Element::Pump(row) if matches!(problem.pumps[row as usize].hold, PumpHold::Speed) => {
                Limited::new(problem, link).map(|law| LinkLaw(Kind::Limited(law)))
            }
            Element::Source(row) if matches!(problem.sources[row as usize].hold, Hold::Speed(_)) => {
                Limited::new(problem, link).map(|law| LinkLaw(Kind::Limited(law)))
            }
            _ => None,
        }
    }

    /// Pressure lost at this flow and its slope.
    pub fn drop(&self, problem: &Problem, mass_flow_kg_s: f64) -> PressureDrop {
        match &self.0 {
            Kind::TwoWay(law) => law.drop(problem, mass_flow_kg_s),
            Kind::Limited(law) => law.drop(problem, mass_flow_kg_s),
        }
    }
}
