//! What joins two nodes: the common part of pipes, valves, pumps, sources and consumers.

use super::{Consumer, Pipe, Pump, Source, Valve};
use crate::network::attributes::Attributes;
use crate::network::{ElementKind, Name};

/// A link without its id and ends (the network holds those).
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub kind: LinkKind,
    /// What seldom is set and no solver reads; boxed to keep links small in memory.
    pub notes: Option<Box<Notes>>,
}

/// What people record about any link.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notes {
    /// What people call it; empty means the id serves.
    pub name: String,
    /// The chamber (井室) it lies in.
    pub chamber: Option<Name>,
    pub attributes: Attributes,
}

/// The five kinds of link.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkKind {
    Pipe(Pipe),
    Valve(Box<Valve>),
    Pump(Box<Pump>),
    Source(Box<Source>),
    Consumer(Box<Consumer>),
}

impl LinkKind {
    pub const fn element_kind(&self) -> ElementKind {
        match self {
            LinkKind::Pipe(_) => ElementKind::Pipe,
            LinkKind::Valve(_) => ElementKind::Valve,
            LinkKind::Pump(_) => ElementKind::Pump,
            LinkKind::Source(_) => ElementKind::Source,
            LinkKind::Consumer(_) => ElementKind::Consumer,
        }
    }
}

impl Link {
    /// What people call it; empty where only the id is known.
    pub fn name(&self) -> &str {
        self.notes.as_ref().map_or("", |notes| &notes.name)
    }
}

macro_rules! from_kind {
    ($($kind:ident $wrap:expr;)*) => { $(
        impl From<$kind> for Link {
            fn from(element: $kind) -> Link {
                Link { kind: LinkKind::$kind($wrap(element)), notes: None }
            }
        }
    )* };
}

from_kind! {
    Pipe std::convert::identity;
    Valve Box::new;
    Pump Box::new;
    Source Box::new;
    Consumer Box::new;
}
