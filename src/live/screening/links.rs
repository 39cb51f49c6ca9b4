//! Which instruments should tell alike: relations found in the table of tags and in the network.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::Check;
use super::relation::{Flow, Law, Relation};
use crate::live::{Observed, TagId, TagTable};
use crate::network::{ElementKind, ElementRef, LinkKind, LinkView, Network, NodeId, Side};
use crate::units::Quantity;

/// Supply water at 110 °C and return water at 55 °C, kg/m³.
const SUPPLY_KG_M3: f64 = 951.0;
const RETURN_KG_M3: f64 = 986.0;

type ByObserved = BTreeMap<Observed, Vec<TagId>>;

/// Tags by element and by what they tell.
struct Index<'a> {
    tags: &'a TagTable,
    by_element: BTreeMap<&'a ElementRef, ByObserved>,
}

impl<'a> Index<'a> {
    fn new(tags: &'a TagTable) -> Index<'a> {
        let mut by_element: BTreeMap<&ElementRef, ByObserved> = BTreeMap::new();
        for (id, tag) in tags.iter() {
            if let Some(element) = &tag.element {
                by_element.entry(element).or_default().entry(tag.observed).or_default().push(id);
            }
        }
        // Of several the one with the shortest name first: `HS1.F` is the plant's, `HS1.B1.F` that of its first boiler.
        for tags_of in by_element.values_mut().flat_map(BTreeMap::values_mut) {
            tags_of.sort_by_key(|id| (tags.get(*id).map_or(usize::MAX, |tag| tag.name.len()), *id));
        }
        Index { tags, by_element }
    }

    fn first(&self, element: &ElementRef, observed: Observed) -> Option<TagId> {
        self.by_element.get(element)?.get(&observed)?.first().copied()
    }

    /// Its flow meter: by mass, else by volume.
    fn flow(&self, element: &ElementRef) -> Option<TagId> {
        self.first(element, Observed::MassFlow).or_else(|| self.first(element, Observed::VolumeFlow))
    }

    fn flow_in_balance(&self, element: &ElementRef, sign: f64) -> Option<Flow> {
        let tag = self.flow(element)?;
        let volume = self.tags.get(tag).is_some_and(|tag| tag.quantity == Quantity::VolumeFlow);
        let thermometer = self
            .first(element, Observed::ReturnTemperature)
            .or_else(|| self.first(element, Observed::Temperature))
            .filter(|_| volume);
        Some(Flow { tag, sign, thermometer })
    }
}

/// Every relation between these instruments.
pub fn relations(tags: &TagTable, network: Option<&Network>) -> Vec<Relation> {
    let index = Index::new(tags);
    let mut out = Vec::new();
    for (element, observed) in &index.by_element {
        doubles(tags, observed, &mut out);
        within(element, observed, network, &mut out);
    }
    outdoors(tags, &mut out);
    if let Some(network) = network {
        same_place(&index, network, &mut out);
        heads(&index, network, &mut out);
        along_pipes(&index, network, &mut out);
        at_nodes(&index, network, &mut out);
        whole_network(&index, network, &mut out);
    }
    out
}

/// Of these an element has one only: two instruments measure the same.
const SINGLE: [Observed; 18] = [
    Observed::Pressure,
    Observed::Temperature,
    Observed::MassFlow,
    Observed::VolumeFlow,
    Observed::SupplyPressure,
    Observed::ReturnPressure,
    Observed::SupplyTemperature,
    Observed::ReturnTemperature,
    Observed::TemperatureDifference,
    Observed::PressureDifference,
    Observed::Heat,
    Observed::SecondarySupplyTemperature,
    Observed::SecondaryReturnTemperature,
    Observed::SecondarySupplyPressure,
    Observed::SecondaryReturnPressure,
    Observed::SecondaryVolumeFlow,
    Observed::MakeUpFlow,
    Observed::Level,
];

/// The same told by different devices (a controller and a heat meter). Within one device a second tag of a kind belongs
/// to a part of the plant: a boiler, a second circuit.
fn doubles(table: &TagTable, observed: &ByObserved, out: &mut Vec<Relation>) {
    let device = |id: TagId| table.get(id).map(|tag| tag.device.clone());
    for kind in SINGLE {
        let mut firsts: Vec<TagId> = Vec::new();
        for &tag in observed.get(&kind).into_iter().flatten() {
            if firsts.iter().all(|&other| device(other) != device(tag)) {
                firsts.push(tag);
            }
        }
        // Neighbours only: three instruments in a chain already tell which one is off.
        for pair in firsts.windows(2) {
            out.push(Relation::new(Check::Same, Law::Same { first: pair[0], second: pair[1] }));
        }
    }
}

/// Thermometers outside, wherever they hang.
fn outdoors(tags: &TagTable, out: &mut Vec<Relation>) {
    let outside: Vec<TagId> =
        tags.iter().filter(|(_, tag)| tag.observed == Observed::OutdoorTemperature).map(|(id, _)| id).collect();
    for pair in outside.windows(2) {
        out.push(Relation::new(Check::Same, Law::Same { first: pair[0], second: pair[1] }));
    }
}

/// Relations within one source or substation.
fn within(element: &ElementRef, observed: &ByObserved, network: Option<&Network>, out: &mut Vec<Relation>) {
    let get = |kind: Observed| observed.get(&kind).and_then(|tags| tags.first().copied());
    let flow = get(Observed::MassFlow).or_else(|| get(Observed::VolumeFlow));
    let link = network.and_then(|network| network.link_view(network.find_link(element)?));
    let pumped = link.and_then(|link| link.consumer()).is_some_and(|consumer| consumer.has_pump());
    let standing = link.and_then(|link| link.source()).is_some_and(|source| !source.running);
    let station = matches!(element.kind, ElementKind::Source | ElementKind::Consumer);

    if let (Some(supply), Some(back)) = (get(Observed::SupplyPressure), get(Observed::ReturnPressure)) {
        if let Some(difference) = get(Observed::PressureDifference) {
            out.push(Relation::new(Check::Difference, Law::Difference { supply, back, difference }));
        }
        if station && !pumped && !standing {
            out.push(Relation::new(Check::Above, Law::Above { greater: supply, less: back, flow }));
        }
    }
    if let (Some(supply), Some(back)) = (get(Observed::SupplyTemperature), get(Observed::ReturnTemperature)) {
        if station {
            out.push(Relation::new(Check::Hotter, Law::Above { greater: supply, less: back, flow }));
        }
        if let Some(difference) = get(Observed::TemperatureDifference) {
            out.push(Relation::new(Check::Spread, Law::Difference { supply, back, difference }));
        }
        if let (Some(heat), Some(flow)) = (get(Observed::Heat), flow) {
            out.push(Relation::new(Check::Heat, Law::Heat { heat, flow, supply, back }));
        }
    }
    if let (Some(mass), Some(volume)) = (get(Observed::MassFlow), get(Observed::VolumeFlow)) {
        let thermometer = get(Observed::ReturnTemperature).or_else(|| get(Observed::Temperature));
        out.push(Relation::new(Check::Density, Law::Density { mass, volume, thermometer }));
    }
    let secondary = get(Observed::SecondaryVolumeFlow);
    for (check, supply, back) in [
        (Check::Hotter, Observed::SecondarySupplyTemperature, Observed::SecondaryReturnTemperature),
        (Check::Above, Observed::SecondarySupplyPressure, Observed::SecondaryReturnPressure),
    ] {
        if let (Some(greater), Some(less)) = (get(supply), get(back)) {
            out.push(Relation::new(check, Law::Above { greater, less, flow: secondary }));
        }
    }
}

/// Node where the supply and the return of a source or a substation are connected.
fn connections(link: &LinkView<'_>) -> Option<(NodeId, NodeId)> {
    match &link.link.kind {
        LinkKind::Source(_) => Some((link.to, link.from)),
        LinkKind::Consumer(_) => Some((link.from, link.to)),
        _ => None,
    }
}

/// A point of the network that has instruments of its own and those of what is connected there.
fn same_place(index: &Index<'_>, network: &Network, out: &mut Vec<Relation>) {
    for link in network.links() {
        let Some((supply, back)) = connections(&link) else { continue };
        let element = link.element();
        for (node, pressure, temperature) in [
            (supply, Observed::SupplyPressure, Some(Observed::SupplyTemperature)),
            // What a station gives back mixes at the node with what passes it; pressure is the same all the same.
            (back, Observed::ReturnPressure, None),
        ] {
            let node = network.node_ref(node);
            let pairs = [
                index.first(&element, pressure).zip(index.first(&node, Observed::Pressure)),
                temperature
                    .and_then(|kind| index.first(&element, kind))
                    .filter(|_| matches!(link.link.kind, LinkKind::Consumer(_)))
                    .zip(index.first(&node, Observed::Temperature)),
            ];
            for (first, second) in pairs.into_iter().flatten() {
                out.push(Relation::new(Check::Same, Law::Same { first, second }));
            }
        }
    }
}

/// Parts of the network joined by these links: for each node the least node of its part.
fn parts(network: &Network, joined: impl Fn(&LinkView<'_>) -> bool) -> Vec<u32> {
    let mut part: Vec<u32> = (0..network.node_bound() as u32).collect();
    fn root(part: &mut [u32], node: u32) -> u32 {
        let mut at = node;
        while part[at as usize] != at {
            part[at as usize] = part[part[at as usize] as usize];
            at = part[at as usize];
        }
        at
    }
    for link in network.links().filter(|link| joined(link)) {
        let a = root(&mut part, link.from.index() as u32);
        let b = root(&mut part, link.to.index() as u32);
        let (least, most) = (a.min(b), a.max(b));
        part[most as usize] = least;
    }
    (0..part.len() as u32).map(|node| root(&mut part, node)).collect()
}

/// What a part of pipes and valves knows about its pressures.
#[derive(Default)]
struct Part {
    /// Instruments at the sources, with their heights.
    ends: Vec<(TagId, f64)>,
    /// Instruments elsewhere.
    points: Vec<(TagId, f64)>,
    /// A source without instrument, or a booster pump: nothing can be said.
    open: bool,
}

/// Pressure falls away from the sources in the supply and towards them in the return.
fn heads(index: &Index<'_>, network: &Network, out: &mut Vec<Relation>) {
    let part = parts(network, |link| matches!(link.link.kind, LinkKind::Pipe(_) | LinkKind::Valve(_)));
    let height = |node: NodeId| network.node(node).map_or(0.0, |node| node.z_m);
    // By part, and within it: what is fed by sources (supply) and what flows back to them.
    let mut supply: BTreeMap<u32, Part> = BTreeMap::new();
    let mut back: BTreeMap<u32, Part> = BTreeMap::new();
    for link in network.links() {
        if link.pump().is_some() {
            for node in [link.from, link.to] {
                supply.entry(part[node.index()]).or_default().open = true;
                back.entry(part[node.index()]).or_default().open = true;
            }
        }
        let Some((hot, cold)) = connections(&link) else { continue };
        let element = link.element();
        for (node, kind, side) in
            [(hot, Observed::SupplyPressure, &mut supply), (cold, Observed::ReturnPressure, &mut back)]
        {
            let entry = side.entry(part[node.index()]).or_default();
            let tag = index.first(&element, kind).map(|tag| (tag, height(node)));
            match (link.source(), tag) {
                (Some(_), Some(tag)) => entry.ends.push(tag),
                (Some(source), None) => entry.open |= source.running,
                (None, tag) => entry.points.extend(tag),
            }
        }
    }
    let mut seen: BTreeSet<TagId> = BTreeSet::new();
    for (node, _, of) in network.nodes() {
        let own = index.first(&network.node_ref(node), Observed::Pressure);
        // A chamber tells of the first node of each side in it.
        let chamber = of.chamber.as_ref().map(|name| ElementRef::new(ElementKind::Chamber, name.clone()));
        let kind = match of.side {
            Side::Supply => Some(Observed::SupplyPressure),
            Side::Return => Some(Observed::ReturnPressure),
            Side::Single => None,
        };
        let tags = [own, chamber.zip(kind).and_then(|(chamber, kind)| index.first(&chamber, kind))];
        for tag in tags.into_iter().flatten().filter(|tag| seen.insert(*tag)) {
            for side in [&mut supply, &mut back] {
                if let Some(entry) = side.get_mut(&part[node.index()]) {
                    entry.points.push((tag, of.z_m));
                }
            }
        }
    }
    for (side, check, below, density_kg_m3) in
        [(supply, Check::SupplyFalls, true, SUPPLY_KG_M3), (back, Check::ReturnFalls, false, RETURN_KG_M3)]
    {
        for part in side.into_values().filter(|part| !part.open && !part.ends.is_empty()) {
            for point in part.points {
                let law = Law::Head { point, ends: part.ends.clone(), below, density_kg_m3 };
                out.push(Relation::new(check, law));
            }
        }
    }
}

/// Pipes with a flow meter and a manometer at either end.
fn along_pipes(index: &Index<'_>, network: &Network, out: &mut Vec<Relation>) {
    for link in network.links().filter(|link| link.pipe().is_some()) {
        let Some(flow) = index.flow(&link.element()) else { continue };
        let end = |node: NodeId| {
            let tag = index.first(&network.node_ref(node), Observed::Pressure)?;
            Some((tag, network.node(node)?.z_m))
        };
        if let (Some(first), Some(second)) = (end(link.from), end(link.to)) {
            let law = Law::Along { first, second, flow, density_kg_m3: 0.5 * (SUPPLY_KG_M3 + RETURN_KG_M3) };
            out.push(Relation::new(Check::Along, law));
        }
    }
}

/// Nodes all of whose links have flow meters.
fn at_nodes(index: &Index<'_>, network: &Network, out: &mut Vec<Relation>) {
    for (handle, _, node) in network.nodes() {
        if node.demand_kg_s != 0.0 || node.boundary.is_some() {
            continue;
        }
        let links = network.links_at(handle);
        if links.len() < 2 {
            continue;
        }
        let flows: Option<Vec<Flow>> = links
            .into_iter()
            .map(|link| {
                let view = network.link_view(link)?;
                index.flow_in_balance(&view.element(), if view.to == handle { 1.0 } else { -1.0 })
            })
            .collect();
        if let Some(flows) = flows {
            out.push(Relation::new(Check::Node, Law::Sum { flows }));
        }
    }
}

/// What the sources of a network give, its stations take.
fn whole_network(index: &Index<'_>, network: &Network, out: &mut Vec<Relation>) {
    let part = parts(network, |_| true);
    // Flows, and whether something that carries water has no meter.
    let mut sums: BTreeMap<u32, (Vec<Flow>, bool)> = BTreeMap::new();
    for link in network.links() {
        let (flows, open) = sums.entry(part[link.from.index()]).or_default();
        let (sign, works) = match &link.link.kind {
            LinkKind::Source(source) => (1.0, source.running),
            LinkKind::Consumer(consumer) => (-1.0, !consumer.shut),
            _ => {
                // A bypass takes water from supply to return without a meter.
                let side = |node: NodeId| network.node(node).map(|node| node.side);
                *open |= side(link.from) != side(link.to);
                continue;
            }
        };
        if works {
            match index.flow_in_balance(&link.element(), sign) {
                Some(flow) => flows.push(flow),
                None => *open = true,
            }
        }
    }
    for (flows, open) in sums.into_values() {
        let both = [1.0, -1.0].iter().all(|sign| flows.iter().any(|flow| flow.sign == *sign));
        if both && !open {
            out.push(Relation::new(Check::Network, Law::Sum { flows }));
        }
    }
}
