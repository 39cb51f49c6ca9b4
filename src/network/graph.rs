//! The network itself: nodes and links in a petgraph graph, everything else in tables by id.

use std::collections::BTreeMap;
use std::sync::Arc;

use petgraph::Directed;
use petgraph::stable_graph::{EdgeIndex, NodeIndex, StableGraph};
use petgraph::visit::{EdgeRef, IntoEdgeReferences, IntoNodeReferences};

use super::elements::SharedDetails;
use super::history::{Change, History};
use super::names::Names;
use super::{
    Backdrop, Building, Chamber, Consumer, ElementKind, ElementRef, EmergencyBase, Link, LinkId, LinkKind, Name, Node,
    NodeId, Pipe, Pump, Scenario, Sensor, Settings, Source, Valve,
};

#[derive(Clone, Debug, PartialEq)]
struct NodeSlot {
    id: Name,
    node: Node,
}

#[derive(Clone, Debug, PartialEq)]
struct LinkSlot {
    id: Name,
    link: Link,
}

/// A district heating network (or a water network imported for comparison).
///
/// Iteration is always in slot order: the order of insertion, with holes where elements were removed. Nothing depends on
/// hash order.
#[derive(Clone, Debug, Default)]
pub struct Network {
    graph: Graph,
    nodes_by_id: Names,
    links_by_id: Names,
    settings: Settings,
    pub(super) chambers: BTreeMap<Name, Chamber>,
    pub(super) buildings: BTreeMap<Name, Building>,
    pub(super) sensors: BTreeMap<Name, Sensor>,
    pub(super) scenarios: BTreeMap<Name, Scenario>,
    backdrop: Arc<Backdrop>,
    emergency_base: Arc<EmergencyBase>,
    /// Counts changes of topology: a solver keeps its symbolic work while this stays the same.
    topology: u64,
    history: History,
    /// Some pipe has a nominal pressure, or had, or may have got one: while none has, nobody need look for it.
    rated: bool,
}

type Graph = StableGraph<NodeSlot, LinkSlot, Directed, u32>;

fn id_of_node(graph: &Graph, slot: u32) -> &str {
    graph.node_weight(NodeIndex::from(slot)).map_or("", |slot| &slot.id)
}

fn id_of_link(graph: &Graph, slot: u32) -> &str {
    graph.edge_weight(EdgeIndex::from(slot)).map_or("", |slot| &slot.id)
}

/// Why an element could not be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InsertError {
    #[error("the id '{id}' is taken by another {kind}; choose another id", kind = kind.word())]
    Taken { kind: ElementKind, id: Name },
    #[error("the id is empty; give the element an id")]
    Empty,
    #[error("'{link}' ends at node '{node}', which does not exist; add the node first or correct the end")]
    NoSuchNode { link: Name, node: Name },
}

impl Network {
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives back memory that growing has left unused, and lets pipes share equal details and the text of each other's
    /// ids: for a network that is complete. Its contents stay the same.
    pub fn compact(&mut self) {
        let mut shared = SharedDetails::default();
        for slot in 0..self.link_bound() as u32 {
            let edge = EdgeIndex::from(slot);
            let Some(LinkKind::Pipe(pipe)) = self.graph.edge_weight(edge).map(|slot| &slot.link.kind) else { continue };
            let pair = pipe.details.pair.as_deref().and_then(|pair| self.link_id(pair));
            let name = pair.map(|pair| self.link_name(pair));
            if let Some(LinkKind::Pipe(pipe)) = self.graph.edge_weight_mut(edge).map(|slot| &mut slot.link.kind) {
                shared.share(&mut pipe.details);
                if name.is_some() {
                    pipe.details.pair = name;
                }
            }
        }
        self.graph.shrink_to_fit();
        let graph = &self.graph;
        self.nodes_by_id.shrink_to_fit(|slot| id_of_node(graph, slot));
        self.links_by_id.shrink_to_fit(|slot| id_of_link(graph, slot));
    }

    // ---- nodes -----------------------------------------------------------------------------------------------------

    /// Adds a node.
    pub fn insert_node(&mut self, id: impl Into<Name>, node: Node) -> Result<NodeId, InsertError> {
        let id = id.into();
        if id.is_empty() {
            return Err(InsertError::Empty);
        }
        if self.node_id(&id).is_some() {
            return Err(InsertError::Taken { kind: ElementKind::Node, id });
        }
        let handle = NodeId(self.graph.add_node(NodeSlot { id, node }).index() as u32);
        let graph = &self.graph;
        self.nodes_by_id.insert(handle.0, |slot| id_of_node(graph, slot));
        self.reshape();
        Ok(handle)
    }

    /// Takes a node out; its links must be gone. `None` where the handle is dead or links remain.
    pub(super) fn remove_node(&mut self, node: NodeId) -> Option<(Name, Node)> {
        let index = NodeIndex::new(node.index());
        if self.graph.edges_directed(index, petgraph::Direction::Outgoing).next().is_some()
            || self.graph.edges_directed(index, petgraph::Direction::Incoming).next().is_some()
        {
            return None;
        }
        let slot = self.graph.remove_node(index)?;
        self.nodes_by_id.remove(node.0, &slot.id);
        self.reshape();
        Some((slot.id, slot.node))
    }

    /// The node with this handle, `None` if it was removed.
    pub fn node(&self, node: NodeId) -> Option<&Node> {
        self.graph.node_weight(NodeIndex::new(node.index())).map(|slot| &slot.node)
    }

    /// A node to be changed.
    pub(super) fn node_mut(&mut self, node: NodeId) -> Option<&mut Node> {
        self.history.note(Change::Node(node));
        self.graph.node_weight_mut(NodeIndex::new(node.index())).map(|slot| &mut slot.node)
    }

    /// Id of a node; empty for a dead handle.
    pub fn node_name(&self, node: NodeId) -> Name {
        self.graph.node_weight(NodeIndex::new(node.index())).map_or_else(|| Name::from(""), |slot| slot.id.clone())
    }

    pub fn node_id(&self, id: &str) -> Option<NodeId> {
        self.nodes_by_id.find(id, |slot| id_of_node(&self.graph, slot)).map(NodeId)
    }

    /// All nodes in slot order.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Name, &Node)> + Clone {
        self.graph.node_references().map(|(index, slot)| (NodeId(index.index() as u32), &slot.id, &slot.node))
    }

    pub fn node_count(&self) -> usize {
        self.graph.node_count()
    }

    /// One more than the greatest node slot: the length of arrays indexed by [`NodeId::index`].
    pub fn node_bound(&self) -> usize {
        self.graph.node_indices().next_back().map_or(0, |index| index.index() + 1)
    }

    // ---- links -----------------------------------------------------------------------------------------------------

    /// Adds a link between two nodes given by handle.
    pub fn insert_link(
        &mut self,
        id: impl Into<Name>,
        from: NodeId,
        to: NodeId,
        link: impl Into<Link>,
    ) -> Result<LinkId, InsertError> {
        let id = id.into();
        let link = link.into();
        if id.is_empty() {
            return Err(InsertError::Empty);
        }
        if self.link_id(&id).is_some() {
            return Err(InsertError::Taken { kind: link.kind.element_kind(), id });
        }
        for end in [from, to] {
            if self.node(end).is_none() {
                return Err(InsertError::NoSuchNode { link: id, node: Name::from(format!("#{}", end.0)) });
            }
        }
        self.rated |= matches!(&link.kind, LinkKind::Pipe(pipe) if pipe.details.nominal_pressure_pa.is_some());
        let edge = self.graph.add_edge(NodeIndex::new(from.index()), NodeIndex::new(to.index()), LinkSlot { id, link });
        let handle = LinkId(edge.index() as u32);
        let graph = &self.graph;
        self.links_by_id.insert(handle.0, |slot| id_of_link(graph, slot));
        self.reshape();
        Ok(handle)
    }

    /// Adds a link between two nodes given by id.
    pub fn insert_link_between(
        &mut self,
        id: impl Into<Name>,
        from: &str,
        to: &str,
        link: impl Into<Link>,
    ) -> Result<LinkId, InsertError> {
        let id = id.into();
        let find = |node: &str| {
            self.node_id(node).ok_or_else(|| InsertError::NoSuchNode { link: id.clone(), node: Name::from(node) })
        };
        let (from, to) = (find(from)?, find(to)?);
        self.insert_link(id, from, to, link)
    }

    pub(super) fn remove_link(&mut self, link: LinkId) -> Option<(Name, NodeId, NodeId, Link)> {
        let (from, to) = self.ends(link)?;
        let slot = self.graph.remove_edge(EdgeIndex::new(link.index()))?;
        self.links_by_id.remove(link.0, &slot.id);
        self.reshape();
        Some((slot.id, from, to, slot.link))
    }

    pub fn link(&self, link: LinkId) -> Option<&Link> {
        self.graph.edge_weight(EdgeIndex::new(link.index())).map(|slot| &slot.link)
    }

    /// A link to be changed.
    pub(super) fn link_mut(&mut self, link: LinkId) -> Option<&mut Link> {
        self.history.note(Change::Link(link));
        self.rated = true;
        self.graph.edge_weight_mut(EdgeIndex::new(link.index())).map(|slot| &mut slot.link)
    }

    /// Id of a link; empty for a dead handle.
    pub fn link_name(&self, link: LinkId) -> Name {
        self.graph.edge_weight(EdgeIndex::new(link.index())).map_or_else(|| Name::from(""), |slot| slot.id.clone())
    }

    pub fn link_id(&self, id: &str) -> Option<LinkId> {
        self.links_by_id.find(id, |slot| id_of_link(&self.graph, slot)).map(LinkId)
    }

    /// (from, to) of a link.
    pub fn ends(&self, link: LinkId) -> Option<(NodeId, NodeId)> {
        self.graph
            .edge_endpoints(EdgeIndex::new(link.index()))
            .map(|(from, to)| (NodeId(from.index() as u32), NodeId(to.index() as u32)))
    }

    /// All links in slot order.
    pub fn links(&self) -> impl Iterator<Item = LinkView<'_>> + Clone {
        self.graph.edge_references().map(|edge| LinkView {
            handle: LinkId(edge.id().index() as u32),
            id: &edge.weight().id,
            from: NodeId(edge.source().index() as u32),
            to: NodeId(edge.target().index() as u32),
            link: &edge.weight().link,
        })
    }

    /// One link with its id and ends.
    pub fn link_view(&self, link: LinkId) -> Option<LinkView<'_>> {
        let index = EdgeIndex::new(link.index());
        let slot = self.graph.edge_weight(index)?;
        let (from, to) = self.graph.edge_endpoints(index)?;
        Some(LinkView {
            handle: link,
            id: &slot.id,
            from: NodeId(from.index() as u32),
            to: NodeId(to.index() as u32),
            link: &slot.link,
        })
    }

    /// `false`: no pipe has a nominal pressure.
    pub fn may_have_nominal_pressures(&self) -> bool {
        self.rated
    }

    pub fn link_count(&self) -> usize {
        self.graph.edge_count()
    }

    /// One more than the greatest link slot: the length of arrays indexed by [`LinkId::index`].
    pub fn link_bound(&self) -> usize {
        self.graph.edge_indices().next_back().map_or(0, |index| index.index() + 1)
    }

    /// Links that touch a node, sorted by slot.
    pub fn links_at(&self, node: NodeId) -> Vec<LinkId> {
        let index = NodeIndex::new(node.index());
        let mut out: Vec<LinkId> = [petgraph::Direction::Outgoing, petgraph::Direction::Incoming]
            .into_iter()
            .flat_map(|direction| self.graph.edges_directed(index, direction))
            .map(|edge| LinkId(edge.id().index() as u32))
            .collect();
        out.sort_unstable();
        // A link from a node to itself is met twice.
        out.dedup();
        out
    }

    // ---- the rest --------------------------------------------------------------------------------------------------

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Replaces the settings while a network is being built; a change people see is an edit.
    pub fn set_settings(&mut self, settings: Settings) {
        *self.settings_mut() = settings;
    }

    /// The settings to be changed.
    pub(super) fn settings_mut(&mut self) -> &mut Settings {
        self.history.restart();
        &mut self.settings
    }

    pub fn chambers(&self) -> &BTreeMap<Name, Chamber> {
        &self.chambers
    }

    pub fn buildings(&self) -> &BTreeMap<Name, Building> {
        &self.buildings
    }

    pub fn sensors(&self) -> &BTreeMap<Name, Sensor> {
        &self.sensors
    }

    pub fn scenarios(&self) -> &BTreeMap<Name, Scenario> {
        &self.scenarios
    }

    pub fn backdrop(&self) -> &Backdrop {
        &self.backdrop
    }

    /// Replaces the backdrop (terrain, streets). Not undoable: it is a map, not the network.
    pub fn set_backdrop(&mut self, backdrop: Backdrop) {
        self.backdrop = Arc::new(backdrop);
    }

    /// Whom to call, what stands where, what was agreed.
    pub fn emergency_base(&self) -> &EmergencyBase {
        &self.emergency_base
    }

    /// Replaces the emergency information base while building; people's changes are [`Edit`](super::edit::Edit)s.
    pub fn set_emergency_base(&mut self, base: EmergencyBase) {
        self.emergency_base = Arc::new(base);
    }

    /// Adds or replaces a chamber while building.
    pub fn insert_chamber(&mut self, id: impl Into<Name>, chamber: Chamber) -> Result<(), InsertError> {
        insert_unique(&mut self.chambers, ElementKind::Chamber, id.into(), chamber)
    }

    pub fn insert_building(&mut self, id: impl Into<Name>, building: Building) -> Result<(), InsertError> {
        insert_unique(&mut self.buildings, ElementKind::Building, id.into(), building)
    }

    pub fn insert_sensor(&mut self, id: impl Into<Name>, sensor: Sensor) -> Result<(), InsertError> {
        insert_unique(&mut self.sensors, ElementKind::Sensor, id.into(), sensor)
    }

    pub fn insert_scenario(&mut self, id: impl Into<Name>, scenario: Scenario) {
        self.scenarios.insert(id.into(), scenario);
    }

    /// Number that changes whenever nodes or links are added or removed.
    pub fn topology(&self) -> u64 {
        self.topology
    }

    fn reshape(&mut self) {
        self.topology += 1;
        self.history.restart();
    }

    /// Number of this state of nodes, links and settings. Two networks with the same number have the same, clones
    /// among them; after a change the number is one that no network had before.
    pub fn revision(&self) -> u64 {
        self.history.revision()
    }

    /// Nodes and links that may differ from what they were at an earlier revision (some more than once), oldest change
    /// first; all others and the settings are the same. `None`: not known, take everything as changed.
    pub fn changes_since(&self, revision: u64) -> Option<impl Iterator<Item = Change> + '_> {
        self.history.since(revision)
    }

    // ---- by reference ----------------------------------------------------------------------------------------------

    /// The reference of a link handle.
    pub fn link_ref(&self, link: LinkId) -> ElementRef {
        match self.link_view(link) {
            Some(view) => ElementRef { kind: view.link.kind.element_kind(), id: view.id.clone() },
            None => ElementRef::new(ElementKind::Pipe, ""),
        }
    }

    /// The reference of a node handle.
    pub fn node_ref(&self, node: NodeId) -> ElementRef {
        ElementRef { kind: ElementKind::Node, id: self.node_name(node) }
    }

    /// The link an element reference means, if it exists and is of that kind.
    pub fn find_link(&self, element: &ElementRef) -> Option<LinkId> {
        let link = self.link_id(&element.id)?;
        (self.link(link)?.kind.element_kind() == element.kind).then_some(link)
    }

    /// Whether the element exists.
    pub fn contains(&self, element: &ElementRef) -> bool {
        match element.kind {
            ElementKind::Network => true,
            ElementKind::Node => self.node_id(&element.id).is_some(),
            ElementKind::Chamber => self.chambers.contains_key(&element.id),
            ElementKind::Building => self.buildings.contains_key(&element.id),
            ElementKind::Sensor => self.sensors.contains_key(&element.id),
            _ => self.find_link(element).is_some(),
        }
    }

    /// Whether two networks are the same for every purpose of a user: same elements with the same ids and data.
    /// Slot numbers and history do not count.
    pub fn same_as(&self, other: &Network) -> bool {
        let nodes = |n: &Network| n.nodes().map(|(_, id, node)| (id.clone(), node.clone())).collect::<BTreeMap<_, _>>();
        let links = |n: &Network| {
            n.links()
                .map(|v| (v.id.clone(), (n.node_name(v.from), n.node_name(v.to), v.link.clone())))
                .collect::<BTreeMap<_, _>>()
        };
        self.settings == other.settings
            && self.chambers == other.chambers
            && self.buildings == other.buildings
            && self.sensors == other.sensors
            && self.scenarios == other.scenarios
            && self.backdrop == other.backdrop
            && self.emergency_base == other.emergency_base
            && nodes(self) == nodes(other)
            && links(self) == links(other)
    }
}

fn insert_unique<T>(table: &mut BTreeMap<Name, T>, kind: ElementKind, id: Name, value: T) -> Result<(), InsertError> {
    if id.is_empty() {
        return Err(InsertError::Empty);
    }
    if table.contains_key(&id) {
        return Err(InsertError::Taken { kind, id });
    }
    table.insert(id, value);
    Ok(())
}

/// A link as it stands in the network.
#[derive(Clone, Copy, Debug)]
pub struct LinkView<'a> {
    pub handle: LinkId,
    pub id: &'a Name,
    pub from: NodeId,
    pub to: NodeId,
    pub link: &'a Link,
}

impl<'a> LinkView<'a> {
    pub fn element(&self) -> ElementRef {
        ElementRef { kind: self.link.kind.element_kind(), id: self.id.clone() }
    }

    pub fn pipe(&self) -> Option<&'a Pipe> {
        if let LinkKind::Pipe(pipe) = &self.link.kind { Some(pipe) } else { None }
    }

    pub fn valve(&self) -> Option<&'a Valve> {
        if let LinkKind::Valve(valve) = &self.link.kind { Some(valve) } else { None }
    }

    pub fn pump(&self) -> Option<&'a Pump> {
        if let LinkKind::Pump(pump) = &self.link.kind { Some(pump) } else { None }
    }

    pub fn source(&self) -> Option<&'a Source> {
        if let LinkKind::Source(source) = &self.link.kind { Some(source) } else { None }
    }

    pub fn consumer(&self) -> Option<&'a Consumer> {
        if let LinkKind::Consumer(consumer) = &self.link.kind { Some(consumer) } else { None }
    }
}
