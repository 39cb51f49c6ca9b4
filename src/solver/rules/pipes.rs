//! Velocity and specific friction loss of pipes, and pipes in which water stands.

use super::screen::Suspects;
use super::{Rules, list};
use crate::network::{Code, Finding, Network, PipeState};
use crate::solver::Solution;
use crate::units::Quantity;

/// Flows below this share of the largest count as none.
pub(super) const STANDING_SHARE: f64 = 1e-9;
/// Standing pipes named with the finding.
const NAMED: usize = 20;

pub(super) fn check(
    network: &Network,
    solution: &Solution,
    rules: &Rules,
    suspects: &Suspects,
    findings: &mut Vec<Finding>,
) {
    let largest = suspects.largest_kg_s;
    let (mut fast, mut steep, mut standing) = (Vec::new(), Vec::new(), Vec::new());
    let mut standing_count = 0;
    for view in suspects.links.iter().filter_map(|&link| network.link_view(link)) {
        let (Some(pipe), Some(state)) = (view.pipe(), solution.link(view.handle)) else { continue };
        if state.mass_flow_kg_s.abs() <= STANDING_SHARE * largest {
            if pipe.state != PipeState::Closed {
                standing_count += 1;
                if standing.len() < NAMED {
                    standing.push(view.element());
                }
            }
            continue;
        }
        let velocity = state.velocity_m_s.abs();
        if velocity > rules.velocity_m_s.value {
            fast.push((velocity, (view.handle, velocity)));
        }
        // Fittings lose ζ·ρv²/2, and ρv = m/A.
        let area_m2 = 0.25 * std::f64::consts::PI * pipe.inner_diameter_m * pipe.inner_diameter_m;
        let fittings_pa = 0.5 * pipe.zeta * velocity * state.mass_flow_kg_s.abs() / area_m2;
        let loss_pa_m = (state.pressure_drop_pa.abs() - fittings_pa) / pipe.length_m;
        if pipe.length_m > 0.0 && loss_pa_m > rules.specific_loss_pa_m.value {
            steep.push((loss_pa_m, (view.handle, loss_pa_m)));
        }
    }
    list(fast, findings, Code::VelocityHigh, |&(link, velocity)| {
        Finding::new(Code::VelocityHigh, network.link_ref(link))
            .severe(rules.velocity_m_s.severity)
            .physical("velocity", Quantity::Velocity, velocity)
            .physical("limit", Quantity::Velocity, rules.velocity_m_s.value)
    });
    list(steep, findings, Code::SpecificLossHigh, |&(link, loss_pa_m)| {
        Finding::new(Code::SpecificLossHigh, network.link_ref(link))
            .severe(rules.specific_loss_pa_m.severity)
            .physical("loss", Quantity::SpecificLoss, loss_pa_m)
            .physical("limit", Quantity::SpecificLoss, rules.specific_loss_pa_m.value)
    });
    if let Some(first) = standing.first().cloned() {
        findings.push(Finding::new(Code::Stagnant, first).count("count", standing_count).others(standing));
    }
}
