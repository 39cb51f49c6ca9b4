//! Free attributes: everything a utility records about an element that no law of the solver reads.
//!
//! The tables of appendices A–D of the provincial standard for smart heating (DB22/T) name several hundred such items.
//! Those the program computes with are fields of the elements; the others live here under the key of the data
//! dictionary, so that nothing read from a file is lost.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};

/// One recorded value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Attribute {
    Flag(bool),
    Number(f64),
    Text(String),
}

/// Attributes by key, sorted so that files stay stable. Few elements have any; without them it is one empty pointer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Table", into = "Table")]
pub struct Attributes(Option<Box<Table>>);

type Table = BTreeMap<String, Attribute>;

static NONE: Table = Table::new();

impl Deref for Attributes {
    type Target = Table;

    fn deref(&self) -> &Table {
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl DerefMut for Attributes {
    fn deref_mut(&mut self) -> &mut Table {
        self.0.get_or_insert_default()
    }
}

impl PartialEq for Attributes {
    fn eq(&self, other: &Attributes) -> bool {
        **self == **other
    }
}

impl From<Table> for Attributes {
    fn from(table: Table) -> Attributes {
        Attributes((!table.is_empty()).then(|| Box::new(table)))
    }
}

impl From<Attributes> for Table {
    fn from(attributes: Attributes) -> Table {
        attributes.0.map(|table| *table).unwrap_or_default()
    }
}

impl FromIterator<(String, Attribute)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (String, Attribute)>>(attributes: I) -> Attributes {
        Table::from_iter(attributes).into()
    }
}

impl IntoIterator for Attributes {
    type Item = (String, Attribute);
    type IntoIter = std::collections::btree_map::IntoIter<String, Attribute>;

    fn into_iter(self) -> Self::IntoIter {
        Table::from(self).into_iter()
    }
}

/// In files it is nothing but a table.
impl schemars::JsonSchema for Attributes {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        Table::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Table::json_schema(generator)
    }
}
