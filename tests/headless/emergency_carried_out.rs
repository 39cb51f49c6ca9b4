//! A plan carried out: the network as it then stands, weak loops and starved ends and all, has a steady state with heat, found
//! with the exactness of every other solve.

use hypocaust::emergency::burst::Hole;
use hypocaust::emergency::impact::plan_edits;
use hypocaust::emergency::isolation::{Broken, Isolator};
use hypocaust::emergency::{Break, Request, Ways, first_response};
use hypocaust::network::generate::demo_city;
use hypocaust::network::{LinkId, Network};
use hypocaust::solver::{Options, Solution, Solver};

/// The state once these edits are made.
fn carried_out(network: &mut Network, edits: &[hypocaust::network::edit::Edit]) -> Solution {
    network.what_if(edits, |network| Solver::new().solve(network, &Options::default())).unwrap()
}

fn assert_settled(state: &Solution, what: &str) {
    assert!(state.converged, "{what}: {} passes, {:?}", state.report.coupling_passes, state.findings.first());
    assert!(state.report.coupling_passes < Options::default().max_coupling_passes, "{what}");
}

/// Plans beside the plants of the demo city and in its middle, with valves that do not move: one plant stands still or feeds
/// nobody, the other starves what is far away.
#[test]
fn plans_that_stop_a_plant_leave_a_state_with_heat() {
    let mut network = demo_city();
    let before = Solver::new().solve(&network, &Options::default());
    for (pipe, stuck) in [("PS0057", Some("VS0007")), ("PS0226", Some("VS0119")), ("PS0001", None), ("PS0051", None)] {
        let link = network.link_id(pipe).unwrap();
        let breaks = vec![Break { link, position: 0.5, hole: Hole::FullBore }];
        let mut request = Request { breaks, without_resupply: true, ..Request::default() };
        request.reliance.unusable = stuck.iter().map(|id| network.link_id(id).unwrap()).collect();
        let response = first_response(&mut network, &request, Some(before.clone()), &mut Solver::new()).unwrap();
        let impact = response.impact.unwrap();
        assert!(impact.solution.converged && impact.solution.report.coupling_passes > 1, "{pipe}: asked for with heat");
        let state = carried_out(&mut network, &impact.edits);
        assert_settled(&state, pipe);
        // The answer a team gets at once does not wait for water that hardly moves, and is that of the whole truth.
        for (soon, exact) in impact.solution.consumers.iter().zip(&state.consumers) {
            let off_w = (soon.heat_w - exact.heat_w).abs();
            assert!(off_w <= 1e-3 * exact.heat_w.abs() + 2e3, "{pipe}: {} {} W", network.link_name(soon.link), off_w);
        }
        // Heat is kept: what the plants give is what consumers and ground take.
        let given_w: f64 = state.sources.iter().map(|source| source.heat_w).sum();
        assert!(state.report.energy_imbalance_w.abs() < 1e-6 * given_w, "{pipe}: {}", state.report.energy_imbalance_w);
    }
}

/// Pipes all over the demo city.
#[test]
fn every_plan_of_the_demo_city_leaves_a_state_with_heat() {
    let mut network = demo_city();
    let pipes: Vec<LinkId> = network.links().filter(|view| view.pipe().is_some()).map(|view| view.handle).collect();
    for &link in pipes.iter().step_by(23) {
        let ways = Ways::new(&network, &Request::default().reliance);
        let broken = Broken::new(&network, &[link]).unwrap();
        let plan = Isolator::new(&network, &ways, &broken).nearest(&|_| true);
        if plan.needs_stops() {
            continue;
        }
        let edits = plan_edits(&network, &broken, &plan);
        let state = carried_out(&mut network, &edits);
        assert_settled(&state, &network.link_name(link));
    }
}
