//! What a technician finds on the way: the settings carried out one after the other, each with the flow to be read there.
//!
//! The order is that of the settings: near to far, the valve of a branch before the stations behind it, pumps last. While the nearer
//! stations are being throttled the farther ones gain, so the flow read right after a step is not yet the wanted one; it is what the
//! network as set so far gives.

use super::{Balance, BalanceError, SettingKind, Wishes};
use crate::network::edit::Edit;
use crate::network::{LinkId, Network};
use crate::solver::{Mode, Options, Solver};

use super::prescribed::as_wished;

/// One step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Place in the settings of the balance.
    pub setting: usize,
    pub link: LinkId,
    pub kind: SettingKind,
    /// Flow through it right after this step, kg/s, and when all is done.
    pub read_kg_s: f64,
    pub final_kg_s: f64,
}

/// The steps with the flows to be read. One hydraulic solve a step.
pub fn commissioning(network: &Network, wishes: &Wishes, balance: &Balance) -> Result<Vec<Step>, BalanceError> {
    let (mut network, _) = as_wished(network, wishes)?;
    let options = Options { mode: Mode::Hydraulic, judge: false, ..Options::default() };
    let mut solver = Solver::new();
    solver.solve(&network, &options);
    let mut steps = Vec::new();
    for (place, setting) in balance.settings.iter().enumerate() {
        for edit in &setting.edits {
            Edit::apply(edit, &mut network)?;
        }
        let solution = solver.solve(&network, &options);
        let flow = |state: Option<&crate::solver::LinkState>| state.map_or(f64::NAN, |state| state.mass_flow_kg_s);
        steps.push(Step {
            setting: place,
            link: setting.link,
            kind: setting.kind,
            read_kg_s: if solution.converged { flow(solution.link(setting.link)) } else { f64::NAN },
            final_kg_s: flow(balance.solution_after.link(setting.link)),
        });
    }
    Ok(steps)
}
