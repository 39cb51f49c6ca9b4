//! What a solution has to satisfy besides physics: pressures, velocities, capacities, and consumers that get their due.
//!
//! Limits are data ([`Rules`], default from `assets/rules.json`): value, clause and severity, so that a city can set its
//! own. Each check collects the elements that break it; of very many only the worst are listed, with the count of the
//! rest, so that a hopeless state does not bury its reader. Nothing here changes a solution.

mod consumers;
mod machines;
mod pipes;
mod pressures;
mod screen;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::Solution;
use super::hydraulic::HydraulicState;
use super::problem::Problem;
use crate::network::{Code, ElementRef, Finding, Network, Severity};

pub use consumers::is_satisfied;
use screen::Suspects;

/// Findings listed of one kind.
const LISTED: usize = 200;

/// One limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub value: f64,
    /// Where it is written; empty for one of our own.
    pub clause: String,
    pub severity: Severity,
}

/// All limits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Least pressure above vapour pressure at any point of the running network.
    pub vapour_margin_pa: Rule,
    /// Least gauge pressure of the return.
    pub return_pressure_pa: Rule,
    /// Greatest velocity.
    pub velocity_m_s: Rule,
    /// Greatest friction loss per metre of pipe, fittings apart.
    pub specific_loss_pa_m: Rule,
    /// Least absolute pressure at the suction of a pump above vapour pressure.
    pub suction_margin_pa: Rule,
    /// Least NPSH available above NPSH required.
    pub npsh_margin_head_m: Rule,
    /// Share of its demand a consumer must get.
    pub served_share: Rule,
}

impl Default for Rules {
    fn default() -> Self {
        static SHIPPED: LazyLock<Option<Rules>> =
            LazyLock::new(|| serde_json::from_str(include_str!("../../../assets/rules.json")).ok());
        SHIPPED.clone().unwrap_or_else(|| {
            // Cannot happen: a test reads the same text.
            let rule = |value, severity| Rule { value, clause: String::new(), severity };
            Rules {
                vapour_margin_pa: rule(30e3, Severity::Error),
                return_pressure_pa: rule(50e3, Severity::Warning),
                velocity_m_s: rule(3.5, Severity::Warning),
                specific_loss_pa_m: rule(300.0, Severity::Info),
                suction_margin_pa: rule(50e3, Severity::Warning),
                npsh_margin_head_m: rule(0.5, Severity::Warning),
                served_share: rule(0.999, Severity::Warning),
            }
        })
    }
}

/// Everything about a solution that breaks a rule, in the order of the checks; without what the solution's findings say
/// already. An unsolved network has no state to judge.
pub fn judge(network: &Network, solution: &Solution, rules: &Rules) -> Vec<Finding> {
    examine(network, solution, rules, &Suspects::all(network, solution))
}

/// The same for a solution just made of `problem` and `state`, without walking over the network. No node is hotter than
/// `hottest_c`; negatively infinite where no temperatures were solved for.
pub(super) fn judge_fresh(
    network: &Network,
    problem: &Problem,
    state: &HydraulicState,
    hottest_c: f64,
    solution: &Solution,
    rules: &Rules,
) -> Vec<Finding> {
    let suspects = Suspects::screen(problem, state, hottest_c, solution, rules);
    let findings = examine(network, solution, rules, &suspects);
    debug_assert_eq!(findings, judge(network, solution, rules), "the screen missed something");
    findings
}

fn examine(network: &Network, solution: &Solution, rules: &Rules, suspects: &Suspects) -> Vec<Finding> {
    let mut findings = Vec::new();
    pressures::check(network, solution, rules, suspects, &mut findings);
    pipes::check(network, solution, rules, suspects, &mut findings);
    consumers::check(network, solution, rules, suspects, &mut findings);
    machines::check(network, solution, rules, suspects, &mut findings);
    findings.retain(|finding| {
        solution.findings.iter().all(|known| known.code != finding.code || known.element != finding.element)
    });
    findings
}

/// Lists the worst of what was found, in the order found, and counts the rest.
fn list<T>(mut found: Vec<(f64, T)>, findings: &mut Vec<Finding>, code: Code, finding: impl Fn(&T) -> Finding) {
    let count = found.len();
    if count > LISTED {
        let mut badness: Vec<f64> = found.iter().map(|(badness, _)| *badness).collect();
        badness.sort_by(|a, b| b.total_cmp(a));
        let least = badness[LISTED - 1];
        let mut room = LISTED;
        found.retain(|(badness, _)| {
            let keep = *badness >= least && room > 0;
            room -= usize::from(keep);
            keep
        });
    }
    findings.extend(found.iter().map(|(_, what)| finding(what)));
    if count > LISTED {
        findings.push(
            Finding::new(Code::MoreOfTheSame, ElementRef::network())
                .count("count", count - LISTED)
                .text("code", code.word()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_rules_are_read() {
        let rules: Rules = serde_json::from_str(include_str!("../../../assets/rules.json")).unwrap();
        assert_eq!(rules, Rules::default());
        assert!(rules.vapour_margin_pa.clause.starts_with("GB"));
    }

    #[test]
    fn of_very_many_the_worst_are_listed_and_the_rest_counted() {
        let found: Vec<(f64, usize)> = (0..1000).map(|i| (((i * 37) % 1000) as f64, i)).collect();
        let mut findings = Vec::new();
        list(found, &mut findings, Code::VelocityHigh, |i| {
            Finding::new(Code::VelocityHigh, ElementRef::network()).count("i", *i)
        });
        assert_eq!(findings.len(), LISTED + 1);
        let crate::network::finding::FindingValue::Count(first) = findings[0].arguments[0].1 else { panic!() };
        assert!((first * 37) % 1000 >= 800);
        assert_eq!(findings[LISTED].code, Code::MoreOfTheSame);
    }
}
