//! How elements are named: by handle inside the program, by kind and id towards people and files.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The id an element has in files and on screens. Unique among its [`Namespace`](ElementKind): nodes have one, all links
/// share one, chambers, buildings and sensors have one each.
pub type Name = Arc<str>;

/// Handle of a node. Stays valid while the node exists; an undo of its removal gives the same handle back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

/// Handle of a link. Stays valid while the link exists; an undo of its removal gives the same handle back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub(super) u32);

impl NodeId {
    /// Position in arrays of length [`Network::node_bound`](super::Network::node_bound).
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl LinkId {
    /// Position in arrays of length [`Network::link_bound`](super::Network::link_bound).
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ElementKind {
    Node,
    Pipe,
    Valve,
    Pump,
    Source,
    Consumer,
    Chamber,
    Building,
    Sensor,
    /// The network as a whole: its settings.
    Network,
}

impl ElementKind {
    /// Every kind, in the order lists show them.
    pub const ALL: [ElementKind; 10] = [
        ElementKind::Network,
        ElementKind::Source,
        ElementKind::Consumer,
        ElementKind::Pipe,
        ElementKind::Valve,
        ElementKind::Pump,
        ElementKind::Node,
        ElementKind::Chamber,
        ElementKind::Building,
        ElementKind::Sensor,
    ];

    /// Whether elements of this kind are links of the graph.
    pub const fn is_link(self) -> bool {
        matches!(
            self,
            ElementKind::Pipe | ElementKind::Valve | ElementKind::Pump | ElementKind::Source | ElementKind::Consumer
        )
    }

    /// The word in files, messages and translation keys: `pipe`, `consumer` …
    pub const fn word(self) -> &'static str {
        match self {
            ElementKind::Node => "node",
            ElementKind::Pipe => "pipe",
            ElementKind::Valve => "valve",
            ElementKind::Pump => "pump",
            ElementKind::Source => "source",
            ElementKind::Consumer => "consumer",
            ElementKind::Chamber => "chamber",
            ElementKind::Building => "building",
            ElementKind::Sensor => "sensor",
            ElementKind::Network => "network",
        }
    }
}

/// An element by kind and id: what findings, edits and messages carry, valid across files and sessions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ElementRef {
    pub kind: ElementKind,
    #[schemars(with = "String")]
    pub id: Name,
}

impl ElementRef {
    pub fn new(kind: ElementKind, id: impl Into<Name>) -> Self {
        ElementRef { kind, id: id.into() }
    }

    /// The network as a whole.
    pub fn network() -> Self {
        ElementRef::new(ElementKind::Network, "")
    }
}

impl fmt::Display for ElementRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.id.is_empty() { f.write_str(self.kind.word()) } else { write!(f, "{} {}", self.kind.word(), self.id) }
    }
}
