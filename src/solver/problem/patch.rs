//! A problem follows a network that changed in a few elements: their rows are written anew, everything else stays.
//!
//! The rule is that a patched problem equals a rebuilt one bit for bit. Whatever could move other rows (a pipe that
//! becomes a check valve and so gains a row, a source that starts, a temperature that goes into the mean of its side)
//! is therefore not patched but left to a rebuild, and so is every finding. Elements are made by the very functions that
//! build a problem: those append their rows, which then move to the place of the old ones.

use crate::network::{Change, LinkId, LinkKind, LinkView, Network, NodeId, Pipe, PipeState, Side};

use super::build::source_row;
use super::figures::ConsumerFigures;
use super::{Changes, Element, Hold, NONE, Problem, Resistance, ShutPipeRow};

impl Problem {
    /// Becomes the problem of this network, which differs from that of the problem in nothing but `changes`. `false`: that
    /// takes a rebuild; the contents are good for nothing else.
    pub fn patch(&mut self, network: &Network, changes: impl Iterator<Item = Change>) -> bool {
        let mut changes: Vec<Change> = changes.collect();
        changes.sort_unstable();
        changes.dedup();
        if changes.is_empty() {
            return true;
        }
        // Zones that heat each other have temperatures of their own, and rows that belong together.
        if !self.exchangers.is_empty() {
            return false;
        }
        let Changes { version, mut nodes, mut links, .. } = std::mem::take(&mut self.changes);
        nodes.clear();
        links.clear();
        for change in changes {
            let done = match change {
                Change::Node(node) => self.patch_node(network, node, &mut nodes, &mut links),
                Change::Link(link) => self.patch_link(network, link, &mut links),
            };
            if done.is_none() {
                return false;
            }
        }
        links.sort_unstable();
        links.dedup();
        self.changes = Changes { since: version, nodes, links, ..Changes::everything() };
        true
    }

    fn patch_node(
        &mut self,
        network: &Network,
        handle: NodeId,
        nodes: &mut Vec<u32>,
        links: &mut Vec<u32>,
    ) -> Option<()> {
        let node = network.node(handle)?;
        let dense = self.node(handle)?;
        nodes.push(dense as u32);
        if !(node.z_m.is_finite() && node.demand_kg_s.is_finite()) {
            return None;
        }
        self.elevation_m[dense] = node.z_m;
        self.demand_kg_s[dense] = node.demand_kg_s;
        let row = self.boundaries.binary_search_by_key(&(dense as u32), |row| row.node);
        match (row, &node.boundary) {
            (Err(_), None) => {}
            (Ok(row), Some(boundary)) => {
                let new = self.boundary(dense as u32, node, boundary);
                if !new.pressure_pa.is_finite() {
                    return None;
                }
                self.boundaries[row] = new;
            }
            _ => return None,
        }
        let turned = (self.figures.side[dense] == Side::Return) != (node.side == Side::Return);
        if !self.figures.set_node(dense as u32, node) {
            return None;
        }
        if turned && !self.stations.is_empty() {
            // Their resistances were made with the density of their side.
            return None;
        }
        let (density, viscosity) = self.side_properties()[usize::from(node.side == Side::Return)];
        for link in network.links_at(handle) {
            let link = self.link(link)?;
            if self.is_split(link) {
                return None;
            }
            links.push(link as u32);
            if turned && self.from[link] as usize == dense {
                self.density_kg_m3[link] = density;
                self.viscosity_pa_s[link] = viscosity;
            }
        }
        Some(())
    }

    fn patch_link(&mut self, network: &Network, handle: LinkId, links: &mut Vec<u32>) -> Option<()> {
        let view = network.link_view(handle)?;
        let link = self.link(handle)?;
        links.push(link as u32);
        self.figures.set_link(link as u32, &view.link.kind, true);
        if self.from[link] == self.to[link] {
            // Closed for ever; but its temperature may go into the mean of its side.
            return matches!(view.link.kind, LinkKind::Pipe(_) | LinkKind::Valve(_) | LinkKind::Pump(_)).then_some(());
        }
        let mut findings = Vec::new();
        let old = self.elements[link];
        let turbines = self.turbines.len();
        let new = match &view.link.kind {
            LinkKind::Pipe(pipe) if pipe.leaks.is_some() || self.is_split(link) => return None,
            LinkKind::Pipe(pipe) if pipe.state != PipeState::OneWay && !matches!(old, Element::Valve(_)) => {
                return self.patch_pipe(network, &view, pipe, link);
            }
            LinkKind::Pipe(pipe) => self.pipe(&view, pipe, network.settings().friction, &mut findings),
            LinkKind::Valve(valve) => self.valve(network, &view, valve, &mut findings),
            LinkKind::Pump(pump) => self.pump(network, link as u32, &view, pump, &mut findings),
            LinkKind::Source(_) => return self.patch_source(network, &view, old),
            LinkKind::Consumer(_) => return self.patch_consumer(link, &view, old),
        };
        let is_turbine = self.turbines.len() != turbines || self.turbines.binary_search(&(link as u32)).is_ok();
        if is_turbine || !findings.is_empty() {
            return None;
        }
        self.elements[link] = self.settle(old, new)?;
        Some(())
    }

    /// A pipe that is open or shut, and was.
    fn patch_pipe(&mut self, network: &Network, view: &LinkView<'_>, pipe: &Pipe, link: usize) -> Option<()> {
        let place = self.shut_pipes.binary_search_by_key(&(link as u32), |shut| shut.link);
        let before = match (self.elements[link], place) {
            (Element::Plain(resistance), _) => resistance,
            (Element::Closed, Ok(place)) => self.shut_pipes[place].resistance,
            _ => return None,
        };
        let mut findings = Vec::new();
        let (after, open) = match self.pipe(view, pipe, network.settings().friction, &mut findings) {
            Element::Plain(resistance) => (resistance, true),
            _ => (self.shut_pipes.pop()?.resistance, false),
        };
        let resistance = self.settle_resistance(Some(before), after)?;
        match (place, open) {
            (Ok(place), true) => {
                self.shut_pipes.remove(place);
            }
            (Err(place), false) => self.shut_pipes.insert(place, ShutPipeRow { link: link as u32, resistance }),
            _ => {}
        }
        self.elements[link] = if open { Element::Plain(resistance) } else { Element::Closed };
        findings.is_empty().then_some(())
    }

    /// Whether a pipe has holes: its numbers are in several places.
    fn is_split(&self, link: usize) -> bool {
        self.leaks.binary_search_by_key(&(link as u32), |leak| leak.link).is_ok()
    }

    /// Moves the rows just appended for `new` to the place of those of `old`; `None` where these are not of the same kind.
    fn settle(&mut self, old: Element, new: Element) -> Option<Element> {
        Some(match (old, new) {
            (Element::Valve(row), Element::Valve(_)) => {
                let before = self.valves[row as usize];
                let mut after = self.valves.pop()?;
                after.resistance = self.settle_resistance(Some(before.resistance), after.resistance)?;
                self.valves[row as usize] = after;
                old
            }
            (Element::Pump(row), Element::Pump(_)) => {
                self.pumps[row as usize] = self.pumps.pop()?;
                old
            }
            (Element::Plain(before), Element::Plain(after)) => {
                Element::Plain(self.settle_resistance(Some(before), after)?)
            }
            (Element::Closed, Element::Plain(after)) => Element::Plain(self.settle_resistance(None, after)?),
            (Element::Plain(Resistance::Kv(_) | Resistance::Linear(_)) | Element::Closed, Element::Closed) => new,
            _ => return None,
        })
    }

    fn settle_resistance(&mut self, old: Option<Resistance>, new: Resistance) -> Option<Resistance> {
        let rowless = matches!(old, None | Some(Resistance::Kv(_) | Resistance::Linear(_)));
        match (old, new) {
            (_, Resistance::Kv(_) | Resistance::Linear(_)) => rowless.then_some(new),
            (Some(Resistance::Pipe(row)), Resistance::Pipe(_)) => {
                self.pipes[row as usize] = self.pipes.pop()?;
                old
            }
            (Some(Resistance::Head(row)), Resistance::Head(_)) => {
                self.head_losses[row as usize] = self.head_losses.pop()?;
                old
            }
            (Some(Resistance::Curve(row)), Resistance::Curve(_)) => {
                self.loss_curves[row as usize] = self.loss_curves.pop()?;
                old
            }
            _ => None,
        }
    }

    fn patch_source(&mut self, network: &Network, view: &LinkView<'_>, old: Element) -> Option<()> {
        let source = view.source()?;
        // Pumps and stores have rows and temperatures of their own; what stands may have had a part in the mean supply
        // temperature or not.
        let plain = source.pumps.is_none() && source.store.is_none() && source.exchanger.is_none();
        let (Element::Source(row), true, true) = (old, source.running, plain) else { return None };
        let mut findings = Vec::new();
        let before = self.sources[row as usize];
        let after = source_row(before.link, view, source, &mut findings);
        let same_supply = after.supply_temperature_c.to_bits() == before.supply_temperature_c.to_bits();
        let pumped = self.pumps.binary_search_by_key(&before.link, |pump| pump.link).is_ok();
        if !same_supply || pumped || !before.store_return_c.is_nan() || matches!(after.hold, Hold::Speed(_)) {
            return None;
        }
        self.sources[row as usize] = after;
        self.resolve_worst_point(network, row as usize, &mut findings);
        findings.is_empty().then_some(())
    }

    fn patch_consumer(&mut self, link: usize, view: &LinkView<'_>, old: Element) -> Option<()> {
        let (Element::Consumer(row), Some(consumer)) = (old, view.consumer()) else { return None };
        let before = self.consumers[row as usize];
        // Without heat and flow it may have been shut, and a shut one has no part in the mean return temperature.
        let in_service = before.heat_w.is_some() || before.set_flow_kg_s != 0.0;
        let same_return = before.return_temperature_c.to_bits() == consumer.return_temperature_c.to_bits();
        if consumer.station.is_some() || before.station != NONE {
            return None;
        }
        let mut findings = Vec::new();
        let after = self.consumer(view, link as u32, consumer, &mut findings);
        if !findings.is_empty() || consumer.shut || !in_service || !same_return || !after.set_flow_kg_s.is_finite() {
            return None;
        }
        self.consumers[row as usize] = after;
        self.figures.consumers[row as usize] = ConsumerFigures::new(consumer);
        Some(())
    }
}
