//! What can go wrong with a historian, as located problems with a remedy (`historian.ftl`).

use std::path::Path;

use crate::io::{IoError, Problem};

/// A check sum does not hold. `part` is the ending of the sentence's key: `segment`, `log`, `names`, `link`.
pub fn damaged(path: &Path, part: &'static str) -> IoError {
    damage(path, part).into()
}

/// The same as a problem.
pub fn damage(path: &Path, part: &'static str) -> Problem {
    let key = match part {
        "segment" => "historian-damaged-segment",
        "names" => "historian-damaged-names",
        "link" => "historian-damaged-link",
        _ => "historian-damaged-log",
    };
    Problem::new(path, key)
}

/// Adds what another error holds.
pub fn gather(into: &mut IoError, other: IoError) {
    into.further += other.further;
    other.problems.into_iter().for_each(|problem| into.push(problem));
}
