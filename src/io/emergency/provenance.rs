//! Where the numbers of each part of a sheet come from: which solve, how well it closed, what was traced, what was assumed.

use super::parts::Part;
use super::sheet::{Sheet, Writer};
use crate::emergency::Response;
use crate::solver::Solution;
use crate::text::Language;

/// One solve in a few words: name, mode, steps, what is left of the equations.
fn solve(writer: &Writer<'_>, name: &str, solution: &Solution) -> String {
    let report = &solution.report;
    let key = if solution.converged { "found-solve" } else { "found-not-solved" };
    writer.sentence(
        key,
        &[
            ("name", writer.word(name).into()),
            ("mode", writer.word(if solution.has_heat() { "found-thermal" } else { "found-hydraulic" }).into()),
            ("steps", report.iterations.into()),
            ("pressure", format!("{:.1e}", report.max_momentum_residual_pa).into()),
            ("mass", format!("{:.1e}", report.max_mass_imbalance_kg_s).into()),
        ],
    )
}

/// Writes into each part how its numbers were found.
pub(super) fn mark(writer: &Writer<'_>, response: &Response, sheet: &mut Sheet) {
    let before = || solve(writer, "found-before", &response.before);
    let impact = || response.impact.as_ref().map(|impact| solve(writer, "found-plan", &impact.solution));
    for section in &mut sheet.sections {
        let Some(part) = section.part else { continue };
        let mut how: Vec<String> = Vec::new();
        match part {
            Part::Burst => {
                how.push(before());
                let state = response.burst.as_ref();
                let spills =
                    state.map(|state| [("found-at-once", &state.at_once), ("found-exhausted", &state.exhausted)]);
                for (name, spill) in spills.into_iter().flatten() {
                    how.extend(spill.as_ref().map(|spill| solve(writer, name, &spill.solution)));
                }
            }
            Part::Valves => {
                how.push(writer.word("found-valves"));
                let at_once = response.burst.as_ref().and_then(|state| state.at_once.as_ref());
                how.extend(at_once.map(|spill| solve(writer, "found-at-once", &spill.solution)));
            }
            Part::Fallbacks | Part::Alternatives => {
                how.push(writer.word("found-traced"));
                how.push(before());
            }
            Part::Users => how.extend(impact()),
            Part::Clock => {
                let assumed = response.clocks.iter().filter(|clock| clock.assumed).count();
                let arguments = [("assumed", assumed.into()), ("count", response.clocks.len().into())];
                how.push(writer.sentence("found-clock", &arguments));
                how.extend(impact());
            }
            Part::Resupply => {
                how.push(writer.sentence("found-resupply", &[("solves", response.resupply.solves.into())]));
                let last = response.resupply.steps.last();
                how.extend(last.map(|step| solve(writer, "found-resupplied", &step.after.solution)));
            }
            Part::Shedding => {
                let found = response.shedding.as_ref();
                how.extend(found.map(|found| writer.sentence("found-shedding", &[("solves", found.solves.into())])));
                how.extend(found.map(|found| solve(writer, "found-shed", &found.after.solution)));
            }
            Part::Restore => {
                how.push(writer.word("found-restore"));
                how.push(before());
            }
        }
        section.found = how.join(if writer.language == Language::Chinese { "" } else { " " });
    }
}
