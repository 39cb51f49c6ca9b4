//! Pressure-isolation stations: what passes from one zone of the network to another.
//!
//! After each pass the flows and inlet temperatures on both sides are known. The warming side gets the flow that brings
//! the warmed water to its set temperature, found on the exchanger's own curve, as far as it may; both outlets follow
//! from the flow it has. Between passes nothing changes but these three numbers, and the heat that leaves one zone is
//! exactly what the other receives.

use super::Residual;
use crate::physics::exchanger::Stream;
use crate::physics::root;
use crate::solver::problem::Problem;
use crate::solver::thermal::{HeatProblem, Temperatures};

/// Accuracy of the flow found, relative to the most allowed: far below what temperatures are settled to.
const FLOW_SHARE: f64 = 1e-13;

/// Brings flows and outlets of all exchangers up to date. `most_kg_s` by consumer row.
pub fn pass_heat(
    problem: &mut Problem,
    heat: &mut HeatProblem,
    temperatures: &Temperatures,
    flow_kg_s: &[f64],
    most_kg_s: &[f64],
    worst: &mut Residual,
) {
    for row in 0..problem.exchangers.len() {
        let exchanger = problem.exchangers[row];
        let source = problem.sources[exchanger.source as usize];
        let consumer = problem.consumers[exchanger.consumer as usize];
        let (warmed, warming) = (source.link as usize, consumer.link as usize);
        let most_kg_s = most_kg_s[exchanger.consumer as usize];
        let stream = |link: usize, mass_flow_kg_s: f64, inlet_c: f64| Stream {
            mass_flow_kg_s,
            inlet_c,
            heat_capacity_j_kgk: problem.fluid.mean_heat_capacity_j_kgk(inlet_c, heat.set_outlet_c[link]),
        };
        // Where nothing flows yet there is no water to judge by.
        let primary_c = if flow_kg_s[warming] > 0.0 {
            temperatures.inlet_c[warming]
        } else {
            temperatures.inlet_c[warming].max(problem.supply_c(problem.from[warming]))
        };
        let secondary = stream(warmed, flow_kg_s[warmed].max(0.0), temperatures.inlet_c[warmed]);
        let primary = |flow: f64| stream(warming, flow, primary_c);
        let short_k = |flow: f64| {
            exchanger.plate.exchange(primary(flow), secondary).secondary_outlet_c - source.supply_temperature_c
        };
        let idle = secondary.mass_flow_kg_s == 0.0 || secondary.inlet_c >= source.supply_temperature_c;
        let wanted = if idle { 0.0 } else { root::between(0.0, most_kg_s, FLOW_SHARE * most_kg_s, short_k) };
        // What the pressure does not bring is missing.
        let served = flow_kg_s[warming] >= consumer.set_flow_kg_s * (1.0 - 1e-9);
        let flow = if served { wanted } else { wanted.min(flow_kg_s[warming].max(0.0)) };
        let out = exchanger.plate.exchange(primary(flow), secondary);
        let outlets = [(warming, out.primary_outlet_c), (warmed, out.secondary_outlet_c)];
        for (link, outlet_c) in outlets {
            worst.meet((outlet_c - heat.set_outlet_c[link]).abs(), link);
            heat.set_outlet_c[link] = outlet_c;
        }
        if served && most_kg_s > 0.0 {
            worst.meet(
                (wanted - consumer.set_flow_kg_s).abs() / most_kg_s * (primary_c - out.primary_outlet_c),
                warming,
            );
        }
        let consumer = &mut problem.consumers[exchanger.consumer as usize];
        consumer.set_flow_kg_s = wanted;
        consumer.return_temperature_c = out.primary_outlet_c;
    }
}
