//! The emergency information base: whom to call, what stands where, what was agreed; kept with the network so that it is
//! there when no line is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::is_zero;
use crate::network::Name;

/// Everything a team looks up at night. In the order it is to be read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EmergencyBase {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stores: Vec<Store>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mutual_aid: Vec<MutualAid>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plans: Vec<StandingPlan>,
}

/// Somebody to call.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Contact {
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub role: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
}

/// Equipment and stock.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    pub item: String,
    #[serde(skip_serializing_if = "is_zero")]
    pub count: f64,
    /// What is counted: sets, metres, vehicles.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// In words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// Plant or chamber it stands at.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub element: Option<Name>,
}

/// What others have promised to help with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MutualAid {
    pub organisation: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub offers: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub contact: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
}

/// A plan made before (应急预案): what to do in a kind of case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StandingPlan {
    pub title: String,
    /// One step a line.
    pub text: String,
}
