//! Checks before anything is solved: lists all findings, not the first.

use super::{Code, ElementRef, Finding, Network};

/// Everything that is wrong or doubtful about a network, errors first, then in element order.
pub fn validate(network: &Network) -> Vec<Finding> {
    let mut findings = Vec::new();
    if network.link_count() == 0 {
        findings.push(Finding::new(Code::EmptyNetwork, ElementRef::network()));
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}
