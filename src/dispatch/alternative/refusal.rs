//! Why an alternative has no assessment.

use crate::dispatch::optimise::propose;
use crate::dispatch::optimise::terms::TermsError;
use crate::network::Finding;
use crate::network::edit::EditError;

/// Each names its alternative, as far as it is one that is to blame.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("alternative '{alternative}', edit {number}: {error}")]
    Edit { alternative: String, number: usize, error: Box<EditError> },
    /// The network cannot be solved; the findings say where and what to do.
    #[error("alternative '{alternative}': the network so changed cannot be solved ({})", codes(findings))]
    Network { alternative: String, findings: Vec<Finding> },
    #[error("alternative '{alternative}': {}", joined(errors))]
    Prices { alternative: String, errors: Vec<TermsError> },
    #[error("alternative '{alternative}' is to run optimised, which needs prices: give a file of prices")]
    NeedsPrices { alternative: String },
    #[error("alternative '{alternative}': there is no plan for its sources ({})", plan(refusal))]
    Plan { alternative: String, refusal: Box<propose::Refusal> },
    #[error("{0}")]
    Conditions(&'static str),
    #[error("stopped before the end")]
    Cancelled,
}

fn joined<T: ToString>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn codes(findings: &[Finding]) -> String {
    let named = |finding: &Finding| format!("{}: {}", finding.element, finding.code.word());
    findings.iter().take(5).map(named).collect::<Vec<_>>().join(", ")
}

fn plan(refusal: &propose::Refusal) -> String {
    match refusal {
        propose::Refusal::Terms(errors) => joined(errors),
        propose::Refusal::Model(faults) => joined(faults),
        propose::Refusal::Network(findings) => codes(findings),
    }
}
