//! Free attributes: everything a utility records about an element that no law of the solver reads.
//!
//! The tables of appendices A–D of the provincial standard for smart heating (DB22/T) name several hundred such items.
//! Those the program computes with are fields of the elements; the others live here under the key of the data
//! dictionary, so that nothing read from a file is lost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One recorded value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Attribute {
    Flag(bool),
    Number(f64),
    Text(String),
}

/// Attributes by key, sorted so that files stay stable.
pub type Attributes = BTreeMap<String, Attribute>;
