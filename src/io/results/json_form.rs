//! The JSON form of a result.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::rows::{self, Named};
use crate::io::IoError;
use crate::io::json_lines::Lines;
use crate::network::{Finding, Name, Network};
use crate::solver::{Report, Solution};
use crate::text::Language;
use crate::units::DisplayUnits;

/// A result as JSON text with a final newline. Elements stand in the order of the network; what is not known is `null`.
pub fn json(network: &Network, solution: &Solution, language: Language) -> String {
    text(&Document {
        converged: solution.converged,
        report: ReportForm::from(&solution.report),
        nodes: Rows(|| rows::nodes(network, solution)),
        links: Rows(|| rows::links(network, solution)),
        consumers: Rows(|| rows::consumers(network, solution)),
        sources: Rows(|| rows::sources(network, solution)),
        pumps: named(rows::pumps(network, solution)),
        stations: named(rows::stations(network, solution)),
        turbines: named(rows::turbines(network, solution)),
        leaks: rows::leaks(network, solution).map(|Named { id, row }| LeakForm { pipe: id, row }).collect(),
        problems: solution.findings.iter().map(|finding| ProblemForm::of_finding(finding, language)).collect(),
    })
}

/// The result of a network that was not solved because of what a check found.
pub fn json_refused(findings: &[Finding], language: Language) -> String {
    refused(findings.iter().map(|finding| ProblemForm::of_finding(finding, language)).collect())
}

/// The result of a file that could not be read: the same form, its problems placed by file and line.
pub fn json_unreadable(error: &IoError, language: Language) -> String {
    let problems = error.problems.iter().map(|problem| ProblemForm {
        severity: "error",
        code: "unreadable",
        element: problem.element.as_ref().map(|element| element.id.clone()).unwrap_or_default(),
        kind: problem.element.as_ref().map_or("network", |element| element.kind.word()),
        message: problem.message(language),
        help: problem.help(language),
        others: Vec::new(),
        file: Some(problem.file.display().to_string()),
        line: problem.line,
        column: problem.column,
    });
    refused(problems.collect())
}

fn refused(problems: Vec<ProblemForm>) -> String {
    let nothing = std::iter::empty::<Named<rows::NodeRow>>;
    text(&Document {
        converged: false,
        report: ReportForm::from(&Report::default()),
        nodes: Rows(nothing),
        links: Rows(nothing),
        consumers: Rows(nothing),
        sources: Rows(nothing),
        pumps: Few::default(),
        stations: Few::default(),
        turbines: Few::default(),
        leaks: Vec::new(),
        problems,
    })
}

/// Rows of a kind that many networks have none of, and none many.
fn named<T>(rows: impl Iterator<Item = Named<T>>) -> Few<T> {
    Few(rows.collect())
}

fn text<T: Serialize>(document: &T) -> String {
    // Only maps with text keys and numbers: nothing here can fail.
    let mut out = Vec::new();
    let written = document.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Lines::new(2, 0)));
    debug_assert!(written.is_ok(), "{written:?}");
    out.push(b'\n');
    String::from_utf8(out).unwrap_or_default()
}

#[derive(serde::Serialize)]
struct Document<N: Serialize, L: Serialize, C: Serialize, S: Serialize> {
    converged: bool,
    report: ReportForm,
    nodes: N,
    links: L,
    consumers: C,
    sources: S,
    #[serde(skip_serializing_if = "Few::is_empty")]
    pumps: Few<rows::PumpRow>,
    #[serde(skip_serializing_if = "Few::is_empty")]
    stations: Few<rows::StationRow>,
    #[serde(skip_serializing_if = "Few::is_empty")]
    turbines: Few<rows::TurbineRow>,
    /// A list and not a map: a pipe may have several holes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    leaks: Vec<LeakForm>,
    problems: Vec<ProblemForm>,
}

#[derive(serde::Serialize)]
struct LeakForm {
    pipe: Name,
    #[serde(flatten)]
    row: rows::LeakRow,
}

#[derive(serde::Serialize)]
struct ReportForm {
    iterations: u32,
    coupling_passes: u32,
    max_mass_imbalance_kg_s: f64,
    max_momentum_residual_pa: f64,
    energy_imbalance_w: f64,
}

impl From<&Report> for ReportForm {
    fn from(report: &Report) -> Self {
        ReportForm {
            iterations: report.iterations,
            coupling_passes: report.coupling_passes,
            max_mass_imbalance_kg_s: report.max_mass_imbalance_kg_s,
            max_momentum_residual_pa: report.max_momentum_residual_pa,
            energy_imbalance_w: report.energy_imbalance_w,
        }
    }
}

#[derive(serde::Serialize)]
struct ProblemForm {
    severity: &'static str,
    code: &'static str,
    /// Id; empty where the whole network is meant.
    element: Name,
    kind: &'static str,
    message: String,
    help: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

impl ProblemForm {
    fn of_finding(finding: &Finding, language: Language) -> ProblemForm {
        let units = DisplayUnits::default();
        ProblemForm {
            severity: finding.severity.word(),
            code: finding.code.word(),
            element: finding.element.id.clone(),
            kind: finding.element.kind.word(),
            message: finding.message(language, &units),
            help: finding.help(language, &units),
            others: finding.others.iter().map(|other| other.id.clone()).collect(),
            file: None,
            line: None,
            column: None,
        }
    }
}

/// A map from id to row, left out where it is empty.
struct Few<T>(Vec<Named<T>>);

impl<T> Few<T> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Few(Vec::new())
    }
}

impl<T: Serialize> Serialize for Few<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for Named { id, row } in &self.0 {
            map.serialize_entry(&**id, row)?;
        }
        map.end()
    }
}

/// Rows made while they are written: a map from id to row.
struct Rows<F>(F);

impl<F, I, T> Serialize for Rows<F>
where
    F: Fn() -> I,
    I: Iterator<Item = Named<T>>,
    T: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for Named { id, row } in (self.0)() {
            map.serialize_entry(&*id, &row)?;
        }
        map.end()
    }
}
