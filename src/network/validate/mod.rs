//! Checks before anything is solved: lists all findings, not the first.
//!
//! Three passes: [`numbers`] looks at every element by itself (finite, in range, tables, set values, ends),
//! [`references`] follows every id that names another element, [`zones`] asks which parts have a pressure reference,
//! which have two that cannot both hold, and which are cut off. One pass over nodes and links each, no solving; the
//! order of the findings depends on the order of elements alone. Not here: rules about results (pressure, velocity).

mod collect;
mod ends;
mod numbers;
mod pressure;
mod references;
mod set_points;
mod tables;
mod thermal;
mod zones;

use super::{Code, ElementRef, Finding, Network};

/// Everything that is wrong or doubtful about a network, errors first, then in element order.
pub fn validate(network: &Network) -> Vec<Finding> {
    let mut findings = Vec::new();
    if network.link_count() == 0 {
        findings.push(Finding::new(Code::EmptyNetwork, ElementRef::network()));
    }
    numbers::check(network, &mut findings);
    thermal::check(network, &mut findings);
    tables::check(network, &mut findings);
    references::check(network, &mut findings);
    if network.link_count() > 0 {
        ends::check(network, &mut findings);
        zones::check(network, &mut findings);
        pressure::check(network, &mut findings);
        set_points::check(network, &mut findings);
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}
