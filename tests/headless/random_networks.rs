//! A thousand small random networks, the same every run; `hypocaust verify --random 100000` shows many more.
//!
//! What must never happen is a panic or a wrong state given out as solved. A few networks of regulators that pull against
//! each other, worst points that hardly answer and controllers with heat are still refused without need or take more
//! steps than they should; their number may only fall.

use hypocaust::network::generate::{Sizes, random};
use hypocaust::solver::{Mode, Options, Solver};
use hypocaust::verify::random::{CaseResult, TOLERANCE, Verdict, run_case, run_cases};

/// Cases of a thousand that may fail.
const MOST_FAILURES: usize = 20;

#[test]
fn a_thousand_small_networks() {
    let run = run_cases(1, 1000, Sizes::Small, |_| ());
    let describe = |case: &CaseResult| format!("--small --case {}: {:?}", case.seed, case.verdict);
    let panicked = |case: &&CaseResult| matches!(&case.verdict, Verdict::Failed(why) if why[0].starts_with("panic"));
    let broken: Vec<String> =
        run.cases.iter().filter(|case| case.accepted_wrongly || panicked(case)).map(describe).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    let failed: Vec<String> = run.failures().map(describe).collect();
    assert!(failed.len() <= MOST_FAILURES, "{}: {failed:#?}", failed.len());
    let solved: Vec<&CaseResult> = run.cases.iter().filter(|case| case.verdict == Verdict::Solved).collect();
    assert!(solved.len() > 550, "{} solved", solved.len());
    assert!(solved.iter().all(|case| case.mass <= TOLERANCE && case.law <= TOLERANCE));
    let refused = run.cases.iter().filter(|case| matches!(case.verdict, Verdict::Refused(_))).count();
    assert!(refused > 250, "{refused} refused");
}

#[test]
fn a_case_is_repeated_by_its_number() {
    let run = run_cases(7, 5, Sizes::Small, |_| ());
    for case in run.cases {
        let again = run_case(case.seed, Sizes::Small);
        assert_eq!((case.iterations, &case.verdict), (again.iterations, &again.verdict));
        assert_eq!((case.mass, case.law), (again.mass, again.law));
    }
}

/// Water at rest behind what is shut drifted to 1e18 Pa here, and that was given out as solved; in the last one a flow
/// was missing at a node.
#[test]
fn no_state_is_solved_with_pressures_from_nowhere_or_missing_water() {
    for seed in [17776163441634973648, 15189749880195160474, 3002011790962328333, 15951080013437242114] {
        let drawn = random(seed, Sizes::All);
        let mode = if drawn.heat { Mode::Thermal } else { Mode::Hydraulic };
        let solution = Solver::new().solve(&drawn.network, &Options { mode, ..Options::default() });
        let highest = solution.nodes.iter().map(|node| node.pressure_pa.abs()).fold(0.0, f64::max);
        assert!(!solution.converged || highest < 1e12, "{seed}: {highest} Pa");
        assert!(!solution.converged || run_case(seed, Sizes::All).mass <= TOLERANCE, "{seed}");
    }
}
