//! One network or formula with figures of somebody else.

use super::{Comparison, Picture};

/// A case after it was run.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Short and stable: `O1`, `n10_water_heat`, `epanet/Net1_si_dw`.
    pub name: String,
    /// Key of a title in the reader's language; empty where the name says enough.
    pub title: &'static str,
    /// Who computed or printed the expected figures.
    pub source: String,
    /// What was decided in taking the case over.
    pub notes: Vec<String>,
    pub outcome: Outcome,
    /// Curves, where the case is one in time.
    pub pictures: Vec<Picture>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Compared(Vec<Comparison>),
    /// There is nothing to compare: our solver gave no answer, or its data is broken.
    Failed(String),
    /// It was not tried, and why.
    NotRun(String),
}

impl From<Result<Vec<Comparison>, String>> for Outcome {
    fn from(result: Result<Vec<Comparison>, String>) -> Outcome {
        match result {
            Ok(comparisons) => Outcome::Compared(comparisons),
            Err(reason) => Outcome::Failed(reason),
        }
    }
}

impl Case {
    pub fn new(name: impl Into<String>, source: impl Into<String>, result: Result<Vec<Comparison>, String>) -> Case {
        Case {
            name: name.into(),
            title: "",
            source: source.into(),
            notes: Vec::new(),
            outcome: result.into(),
            pictures: Vec::new(),
        }
    }

    pub fn titled(mut self, title: &'static str) -> Case {
        self.title = title;
        self
    }

    pub fn pictured(mut self, picture: Option<Picture>) -> Case {
        self.pictures.extend(picture);
        self
    }

    pub fn comparisons(&self) -> &[Comparison] {
        match &self.outcome {
            Outcome::Compared(comparisons) => comparisons,
            Outcome::Failed(_) | Outcome::NotRun(_) => &[],
        }
    }

    /// `None` where it was not run.
    pub fn passed(&self) -> Option<bool> {
        match &self.outcome {
            Outcome::Compared(comparisons) => {
                Some(!comparisons.is_empty() && comparisons.iter().all(Comparison::passed))
            }
            Outcome::Failed(_) => Some(false),
            Outcome::NotRun(_) => None,
        }
    }
}
