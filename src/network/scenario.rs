//! Scenarios: named lists of edits on top of the network as saved, each with an optional parent.

use super::edit::{Edit, EditError};
use super::{Name, Network};

/// Why a scenario cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ScenarioError {
    #[error("there is no scenario '{name}'; the network has {known}")]
    Missing { name: String, known: String },
    #[error("scenario '{name}' is its own ancestor; give it another parent")]
    Cycle { name: String },
    #[error("scenario '{name}', edit {number}: {error}")]
    Edit { name: String, number: usize, error: Box<EditError> },
}

impl Network {
    /// All edits that lead from the network as saved to this scenario: those of its ancestors first, each with the
    /// name of the scenario it belongs to and its number there, counted from 1.
    pub fn scenario_edits(&self, name: &str) -> Result<Vec<(Name, usize, &Edit)>, ScenarioError> {
        let mut chain = Vec::new();
        let mut next = Some(Name::from(name));
        while let Some(name) = next {
            let scenario = self.scenarios.get(&name).ok_or_else(|| ScenarioError::Missing {
                name: name.to_string(),
                known: match self.scenarios.len() {
                    0 => "none".to_owned(),
                    _ => self.scenarios.keys().map(|key| &**key).collect::<Vec<_>>().join(", "),
                },
            })?;
            if chain.len() > self.scenarios.len() {
                return Err(ScenarioError::Cycle { name: name.to_string() });
            }
            next = scenario.parent.clone();
            chain.push((name, scenario));
        }
        Ok(chain
            .into_iter()
            .rev()
            .flat_map(|(name, scenario)| {
                scenario.edits.iter().enumerate().map(move |(i, edit)| (name.clone(), i + 1, edit))
            })
            .collect())
    }

    /// The network as this scenario has it.
    pub fn with_scenario(&self, name: &str) -> Result<Network, ScenarioError> {
        let mut network = self.clone();
        for (name, number, edit) in self.scenario_edits(name)? {
            edit.apply(&mut network).map_err(|error| ScenarioError::Edit {
                name: name.to_string(),
                number,
                error: Box::new(error),
            })?;
        }
        Ok(network)
    }
}
