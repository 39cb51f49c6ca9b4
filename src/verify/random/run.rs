//! Runs cases on all cores and collects what happened.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::{Expectation, expected, judge};
use crate::network::generate::{RandomNetwork, Shape, Sizes, random};
use crate::network::{Code, Finding, Network};
use crate::solver::{Mode, Options, Solution, Solver};

/// Newton steps a hydraulic solve may take, all rounds together; with temperatures in the mean of all passes, each of which
/// is a hydraulic solve.
pub const MOST_ITERATIONS: u32 = 60;

/// How a case ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Well-posed and solved.
    Solved,
    /// Solved; controllers that cannot hold their value are named.
    NotHeld,
    /// Ill-posed and refused by name; the code of the first reason.
    Refused(Code),
    /// What is wrong.
    Failed(Vec<String>),
}

/// What is kept of a case.
#[derive(Clone, Debug)]
pub struct CaseResult {
    pub seed: u64,
    pub shape: Shape,
    pub heat: bool,
    pub planted: Option<&'static str>,
    /// What stands in it that makes solving hard.
    pub features: Vec<&'static str>,
    pub nodes: usize,
    pub links: usize,
    /// Newton steps, all passes together.
    pub iterations: u32,
    pub passes: u32,
    /// Newton steps of the pass that took most.
    pub hardest_pass: u32,
    /// Largest relative residuals of mass and laws, where it was solved.
    pub mass: f64,
    pub law: f64,
    pub verdict: Verdict,
    /// A state was given out as solved that breaks a law or should have been refused.
    pub accepted_wrongly: bool,
}

/// All cases of a run, in their order.
#[derive(Clone, Debug)]
pub struct RandomRun {
    pub seed: u64,
    pub cases: Vec<CaseResult>,
}

impl RandomRun {
    pub fn passed(&self) -> bool {
        self.failures().next().is_none()
    }

    pub fn failures(&self) -> impl Iterator<Item = &CaseResult> {
        self.cases.iter().filter(|case| matches!(case.verdict, Verdict::Failed(_)))
    }
}

/// Seed of the case with this number in a run (finaliser of SplitMix64): what `--case` takes.
pub fn case_seed(seed: u64, number: u64) -> u64 {
    let mut bits = seed.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Runs `count` cases on all cores; `progress` hears how many are done.
pub fn run_cases(seed: u64, count: u64, sizes: Sizes, progress: impl Fn(usize) + Sync) -> RandomRun {
    let done = AtomicUsize::new(0);
    let cases = (0..count)
        .into_par_iter()
        .map(|number| {
            let result = run_case(case_seed(seed, number), sizes);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
            result
        })
        .collect();
    RandomRun { seed, cases }
}

/// Draws, solves and judges one case.
pub fn run_case(seed: u64, sizes: Sizes) -> CaseResult {
    let drawn = catch_unwind(|| random(seed, sizes));
    let Ok(drawn) = drawn else {
        return CaseResult {
            seed,
            shape: Shape::Tree,
            heat: false,
            planted: None,
            features: Vec::new(),
            nodes: 0,
            links: 0,
            iterations: 0,
            passes: 0,
            hardest_pass: 0,
            mass: 0.0,
            law: 0.0,
            verdict: Verdict::Failed(vec!["the generator panicked".to_owned()]),
            accepted_wrongly: false,
        };
    };
    let mut result = CaseResult {
        seed,
        shape: drawn.shape,
        heat: drawn.heat,
        planted: drawn.planted.as_ref().map(|planted| planted.defect.word()),
        features: features(&drawn.network),
        nodes: drawn.network.node_count(),
        links: drawn.network.link_count(),
        iterations: 0,
        passes: 0,
        hardest_pass: 0,
        mass: 0.0,
        law: 0.0,
        verdict: Verdict::Solved,
        accepted_wrongly: false,
    };
    let mode = if drawn.heat { Mode::Thermal } else { Mode::Hydraulic };
    let options = Options { mode, ..Options::default() };
    let judged = catch_unwind(AssertUnwindSafe(|| {
        let solution = Solver::new().solve(&drawn.network, &options);
        result.iterations = solution.report.iterations;
        result.passes = solution.report.coupling_passes;
        result.hardest_pass = solution.report.hardest_pass_iterations;
        verdict(&drawn, &solution, &mut result)
    }));
    result.verdict = judged.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Verdict::Failed(vec![format!("panic: {}", text.unwrap_or_default())])
    });
    result
}

/// What stands in a network that makes solving hard.
fn features(network: &Network) -> Vec<&'static str> {
    use crate::network::{LinkKind, SourceControl, ValveKind};
    let mut out: Vec<&'static str> = network
        .links()
        .filter_map(|view| match &view.link.kind {
            LinkKind::Pump(_) => Some("pump"),
            LinkKind::Consumer(_) => None,
            LinkKind::Pipe(_) => None,
            LinkKind::Source(source) => Some(match source.control {
                SourceControl::Reference { .. } | SourceControl::PressureRise { .. } => "pressure-rise",
                SourceControl::MassFlow { .. } => "source-flow",
                SourceControl::SupplyPressure { .. } => "supply-pressure",
                SourceControl::WorstPoint { .. } => "worst-point",
                SourceControl::Speed { .. } => "source-speed",
            }),
            LinkKind::Valve(valve) => match valve.kind {
                ValveKind::Check => Some("check"),
                ValveKind::Flow => Some("flow-limiter"),
                ValveKind::PressureReducing | ValveKind::PressureSustaining => Some("pressure-controller"),
                ValveKind::DifferentialPressure if valve.sensing_nodes.is_some() => Some("sensing-controller"),
                ValveKind::DifferentialPressure | ValveKind::PressureBreaking => Some("overflow"),
                _ => None,
            },
        })
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

fn verdict(drawn: &RandomNetwork, solution: &Solution, result: &mut CaseResult) -> Verdict {
    let mut wrong = Vec::new();
    let named = |codes: &[Code], elements: &[crate::network::ElementRef]| {
        solution.findings.iter().any(|finding| codes.contains(&finding.code) && names(finding, elements))
    };
    let mut refusals: Vec<Expectation> = Vec::new();
    let mut unusable = false;
    if let Some(planted) = &drawn.planted {
        let codes = planted.defect.codes();
        unusable =
            matches!(codes, [Code::NotFinite | Code::MissingSetValue | Code::PumpCurve | Code::DanglingReference]);
        let expectation = Expectation { codes, elements: planted.elements.clone() };
        if planted.defect.solvable() {
            if !named(codes, &expectation.elements)
                && !named(&[Code::NoPressureReference], &[crate::network::ElementRef::network()])
            {
                wrong.push(format!("planted {}: nothing said", planted.defect.word()));
            }
        } else {
            refusals.push(expectation);
        }
    }
    let mut undecided = false;
    if !unusable {
        let expected = expected(&drawn.network);
        undecided = expected.undecided;
        refusals.extend(expected.errors);
    }
    // Without any reference there is one thing to say, and it is said of the whole network.
    let nothing_fixed = refusals.iter().any(|refusal| refusal.codes == [Code::NoPressureReference]);
    for refusal in &refusals {
        let whole = nothing_fixed && named(&[Code::NoPressureReference], &[crate::network::ElementRef::network()]);
        if !whole && !named(refusal.codes, &refusal.elements) {
            let names: Vec<String> = refusal.elements.iter().take(4).map(ToString::to_string).collect();
            wrong.push(format!("no {} at {}", refusal.codes[0].word(), names.join(" or ")));
        }
    }
    let mut not_held = false;
    if solution.converged {
        if !refusals.is_empty() {
            wrong.push(format!("accepted in spite of {}", refusals[0].codes[0].word()));
        }
        let judgement = judge(&drawn.network, solution, drawn.heat);
        (result.mass, result.law) = (judgement.mass, judgement.law);
        wrong.extend(judgement.broken.into_iter().take(5));
        for element in judgement.not_held {
            not_held = true;
            if !named(&[Code::SetValueNotHeld], std::slice::from_ref(&element)) {
                wrong.push(format!("{element} does not hold its value, and nobody says so"));
            }
        }
    } else if refusals.is_empty() {
        let reason = |finding: &&Finding| {
            matches!(finding.code, Code::FlowNotBalanced | Code::SetValueNotHeld | Code::DemandUnserved)
        };
        let out_of_reach = |finding: &&Finding| {
            finding.code == Code::SetValueNotHeld
                && super::probe::out_of_reach(&drawn.network, &finding.element, drawn.heat)
        };
        if let Some(reason) = solution.findings.iter().find(out_of_reach) {
            return Verdict::Refused(reason.code);
        }
        if undecided && let Some(reason) = solution.findings.iter().find(reason) {
            return Verdict::Refused(reason.code);
        }
        // Which loop has several or no steady states only time could tell; that it is named is all that can be asked.
        if drawn.heat && solution.findings.iter().any(|finding| finding.code == Code::WeakLoop) {
            return Verdict::Refused(Code::WeakLoop);
        }
        let reasons: Vec<String> = solution
            .findings
            .iter()
            .filter(|finding| {
                finding.severity == crate::network::Severity::Error || finding.code == Code::SetValueNotHeld
            })
            .take(4)
            .map(|finding| format!("{} {}", finding.code.word(), finding.element))
            .collect();
        wrong.push(format!("not solved: {}", reasons.join(", ")));
    }
    result.accepted_wrongly = solution.converged && !wrong.is_empty();
    let most = if drawn.heat { MOST_ITERATIONS * result.passes.max(1) } else { MOST_ITERATIONS };
    if result.iterations > most {
        wrong.push(format!("{} iterations", result.iterations));
    }
    match refusals.first() {
        _ if !wrong.is_empty() => Verdict::Failed(wrong),
        Some(refusal) => {
            let first = solution.findings.iter().find(|finding| refusal.codes.contains(&finding.code));
            Verdict::Refused(first.map_or(refusal.codes[0], |finding| finding.code))
        }
        None if not_held => Verdict::NotHeld,
        None => Verdict::Solved,
    }
}

/// Whether a finding names one of the elements, first or among the others.
fn names(finding: &Finding, elements: &[crate::network::ElementRef]) -> bool {
    elements.iter().any(|element| finding.element == *element || finding.others.contains(element))
}
