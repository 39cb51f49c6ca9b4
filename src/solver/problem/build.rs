//! From the network to the flat problem, in one walk over nodes and one over links.

use crate::network::{
    Boundary, Code, Consumer, Demand, ElementRef, Finding, FrictionModel, LinkKind, LinkView, Network, Node, Side,
    SourceControl,
};
use crate::physics::friction::FrictionLaw;

use super::super::fluid::{BadTable, Fluid};
use super::{BoundaryRow, ConsumerRow, Element, Hold, NONE, Problem, SourceRow};

/// Water temperature where no source tells one: cold mains water.
const COLD_WATER_C: f64 = 10.0;

impl Problem {
    /// The problem of a network, or every finding that makes its numbers unusable.
    pub fn new(network: &Network) -> Result<Problem, Vec<Finding>> {
        let settings = network.settings();
        let fluid = Fluid::new(&settings.water).map_err(|BadTable(field)| {
            vec![Finding::new(Code::BadTable, ElementRef::network()).text("field", field)]
        })?;
        let (supply_temperature_c, return_temperature_c) = side_temperatures_c(network);
        let (nodes, links) = (network.node_count(), network.link_count());
        let mut problem = Problem {
            topology: network.topology(),
            node_handles: Vec::with_capacity(nodes),
            node_of_slot: vec![NONE; network.node_bound()],
            link_handles: Vec::with_capacity(links),
            link_of_slot: vec![NONE; network.link_bound()],
            elevation_m: Vec::with_capacity(nodes),
            demand_kg_s: Vec::with_capacity(nodes),
            from: Vec::with_capacity(links),
            to: Vec::with_capacity(links),
            elements: Vec::with_capacity(links),
            density_kg_m3: Vec::with_capacity(links),
            viscosity_pa_s: Vec::with_capacity(links),
            pipes: Vec::with_capacity(links),
            head_losses: Vec::new(),
            valves: Vec::new(),
            consumers: Vec::new(),
            sources: Vec::new(),
            standing_sources: Vec::new(),
            pumps: Vec::new(),
            stations: Vec::new(),
            turbines: Vec::new(),
            loss_curves: Vec::new(),
            boundaries: Vec::new(),
            leaks: Vec::new(),
            pieces: Vec::new(),
            drawn_nodes: nodes,
            drawn_links: links,
            friction: match settings.friction {
                FrictionModel::SwameeJain => FrictionLaw::SwameeJain,
                FrictionModel::Altshul => FrictionLaw::Altshul,
                FrictionModel::Shifrinson => FrictionLaw::Shifrinson,
                FrictionModel::Nikuradse => FrictionLaw::Nikuradse,
                FrictionModel::ColebrookEverywhere => FrictionLaw::ColebrookEverywhere,
                // The two water-supply laws are written into each pipe.
                FrictionModel::Colebrook | FrictionModel::HazenWilliams | FrictionModel::ChezyManning => {
                    FrictionLaw::Colebrook
                }
            },
            gravity_m_s2: settings.gravity_m_s2,
            fluid,
            supply_temperature_c,
            return_temperature_c,
        };
        let mut findings = Vec::new();
        let on_return = problem.add_nodes(network, &mut findings);
        let leaking = problem.add_links(network, &on_return, &mut findings);
        problem.split_leaking(network, &leaking, &mut findings);
        problem.resolve_worst_points(network, &mut findings);
        if findings.iter().any(|finding| finding.severity == crate::network::Severity::Error) {
            return Err(findings);
        }
        Ok(problem)
    }

    /// Gives for every node whether it lies on the return side.
    fn add_nodes(&mut self, network: &Network, findings: &mut Vec<Finding>) -> Vec<bool> {
        let mut on_return = Vec::with_capacity(network.node_count());
        for (handle, _, node) in network.nodes() {
            let dense = self.node_handles.len() as u32;
            self.node_of_slot[handle.index()] = dense;
            self.node_handles.push(handle);
            self.elevation_m.push(node.z_m);
            self.demand_kg_s.push(node.demand_kg_s);
            on_return.push(node.side == Side::Return);
            for (value, field) in [(node.z_m, "z_m"), (node.demand_kg_s, "demand_kg_s")] {
                if !value.is_finite() {
                    findings.push(Finding::new(Code::NotFinite, network.node_ref(handle)).text("field", field));
                }
            }
            if let Some(boundary) = &node.boundary {
                let row = self.boundary(dense, node, boundary);
                if !row.pressure_pa.is_finite() {
                    findings.push(Finding::new(Code::NotFinite, network.node_ref(handle)).text("field", "boundary"));
                }
                self.boundaries.push(row);
            }
        }
        on_return
    }

    fn boundary(&self, node: u32, data: &Node, boundary: &Boundary) -> BoundaryRow {
        let weight = |temperature_c: f64| self.fluid.density_kg_m3(temperature_c) * self.gravity_m_s2;
        let open = |pressure_pa| BoundaryRow { node, pressure_pa, capacity_kg_s: f64::INFINITY, make_up: false };
        match boundary {
            Boundary::MakeUp { pressure_pa, capacity_kg_s, .. } => BoundaryRow {
                node,
                pressure_pa: *pressure_pa,
                // A negative or NaN capacity is no capacity; validation reports it.
                capacity_kg_s: capacity_kg_s.map_or(f64::INFINITY, |capacity| capacity.max(0.0)),
                make_up: true,
            },
            Boundary::Reservoir { head_m, temperature_c } => open(weight(*temperature_c) * (head_m - data.z_m)),
            Boundary::Tank { level_m, temperature_c, .. } => open(weight(*temperature_c) * level_m),
        }
    }

    /// Gives the pipes that have holes.
    fn add_links(&mut self, network: &Network, on_return: &[bool], findings: &mut Vec<Finding>) -> Vec<u32> {
        let mut leaking = Vec::new();
        let sides = [self.supply_temperature_c, self.return_temperature_c]
            .map(|temperature_c| (self.fluid.density_kg_m3(temperature_c), self.fluid.viscosity_pa_s(temperature_c)));
        let friction = network.settings().friction;
        for view in network.links() {
            let dense = self.link_handles.len() as u32;
            let (from, to) = (self.node_of_slot[view.from.index()], self.node_of_slot[view.to.index()]);
            self.link_of_slot[view.handle.index()] = dense;
            self.link_handles.push(view.handle);
            self.from.push(from);
            self.to.push(to);
            let (density_kg_m3, viscosity_pa_s) = sides[usize::from(on_return[from as usize])];
            self.density_kg_m3.push(density_kg_m3);
            self.viscosity_pa_s.push(viscosity_pa_s);
            let element = if from == to {
                // A link from a node to itself moves no water anywhere else; validation reports it.
                Element::Closed
            } else {
                match &view.link.kind {
                    LinkKind::Pipe(pipe) => {
                        if pipe.leaks.is_some() {
                            leaking.push(dense);
                        }
                        self.pipe(&view, pipe, friction, findings)
                    }
                    LinkKind::Valve(valve) => self.valve(network, &view, valve, findings),
                    LinkKind::Pump(pump) => self.pump(network, dense, &view, pump, findings),
                    LinkKind::Source(source) if !source.running => {
                        self.standing_sources.push(dense);
                        Element::Closed
                    }
                    LinkKind::Source(source) => {
                        let (hold, return_pressure_pa) = match &source.control {
                            SourceControl::Reference { return_pressure_pa, pressure_rise_pa } => {
                                (Hold::Rise(*pressure_rise_pa), Some(*return_pressure_pa))
                            }
                            SourceControl::PressureRise { pressure_rise_pa } => (Hold::Rise(*pressure_rise_pa), None),
                            SourceControl::MassFlow { mass_flow_kg_s } => (Hold::MassFlow(*mass_flow_kg_s), None),
                            SourceControl::SupplyPressure { supply_pressure_pa } => {
                                (Hold::SupplyPressure(*supply_pressure_pa), None)
                            }
                            // The row of its pumps is told below.
                            SourceControl::Speed { return_pressure_pa } => (Hold::Speed(NONE), *return_pressure_pa),
                            SourceControl::WorstPoint { available_pressure_pa, return_pressure_pa, .. } => {
                                let hold = Hold::WorstPoint { available_pa: *available_pressure_pa, consumer: None };
                                (hold, *return_pressure_pa)
                            }
                        };
                        let value = match hold {
                            Hold::Rise(value)
                            | Hold::MassFlow(value)
                            | Hold::SupplyPressure(value)
                            | Hold::WorstPoint { available_pa: value, .. } => value,
                            Hold::Speed(_) => 0.0,
                        };
                        let pumps = source.pumps.as_ref().and_then(|pump| self.pump_row(dense, &view, pump, findings));
                        let pumping = pumps.is_some();
                        self.pumps.extend(pumps);
                        let hold = match (hold, pumping) {
                            (Hold::Speed(_), true) => Hold::Speed(self.pumps.len() as u32 - 1),
                            (Hold::Speed(_), false) => {
                                // Without running pumps it stands.
                                self.standing_sources.push(dense);
                                self.elements.push(Element::Closed);
                                continue;
                            }
                            (other, _) => other,
                        };
                        if !value.is_finite() || return_pressure_pa.is_some_and(|pressure| !pressure.is_finite()) {
                            findings.push(Finding::new(Code::NotFinite, view.element()).text("field", "control"));
                        }
                        let supply_temperature_c = source.supply_temperature_c;
                        let store_return_c = source.store.as_ref().map_or(f64::NAN, |store| store.lower_temperature_c);
                        self.sources.push(SourceRow {
                            link: dense,
                            hold,
                            return_pressure_pa,
                            supply_temperature_c,
                            store_return_c,
                        });
                        Element::Source(self.sources.len() as u32 - 1)
                    }
                    LinkKind::Consumer(consumer) => {
                        let row = self.consumer(&view, dense, consumer, findings);
                        if !row.set_flow_kg_s.is_finite() {
                            findings.push(Finding::new(Code::NotFinite, view.element()).text("field", "demand"));
                        }
                        self.consumers.push(row);
                        Element::Consumer(self.consumers.len() as u32 - 1)
                    }
                }
            };
            self.elements.push(element);
        }
        leaking
    }

    /// A consumer with the flow its heat asks for at the supply temperature of the sources.
    fn consumer(
        &mut self,
        view: &LinkView<'_>,
        link: u32,
        consumer: &Consumer,
        findings: &mut Vec<Finding>,
    ) -> ConsumerRow {
        let (heat_w, set_flow_kg_s) = match consumer.demand {
            _ if consumer.shut => (None, 0.0),
            Demand::MassFlow { mass_flow_kg_s } => (None, mass_flow_kg_s),
            Demand::Heat { heat_w } => {
                let each = self.fluid.heat_between_j_kg(self.supply_temperature_c, consumer.return_temperature_c);
                // Water that is no warmer than the wanted return gives no heat, however much of it flows.
                (Some(heat_w), if each > 0.0 { heat_w / each } else { 0.0 })
            }
        };
        let kv_open_m3_h = consumer.kv_open_m3_h.filter(|&kv| kv > 0.0).unwrap_or(f64::INFINITY);
        let mut row = ConsumerRow {
            link,
            set_flow_kg_s,
            heat_w,
            return_temperature_c: consumer.return_temperature_c,
            kv_open_m3_h,
            station: NONE,
        };
        if let Some(station) = consumer.station.as_deref().filter(|_| !consumer.shut) {
            self.station(view, consumer, station, &mut row, findings);
        }
        row
    }

    /// Looks up the consumers that sources watch, once all consumers have their rows.
    fn resolve_worst_points(&mut self, network: &Network, findings: &mut Vec<Finding>) {
        for row in 0..self.sources.len() {
            let Hold::WorstPoint { available_pa, .. } = self.sources[row].hold else { continue };
            let handle = self.link_handles[self.sources[row].link as usize];
            let Some(view) = network.link_view(handle) else { continue };
            let Some(SourceControl::WorstPoint { consumer: Some(name), .. }) = view.source().map(|s| &s.control) else {
                continue;
            };
            let found = network
                .link_id(name)
                .and_then(|link| self.link(link))
                .and_then(|link| self.consumers.binary_search_by_key(&(link as u32), |consumer| consumer.link).ok());
            match found {
                Some(consumer) => {
                    self.sources[row].hold = Hold::WorstPoint { available_pa, consumer: Some(consumer as u32) };
                }
                None => findings.push(
                    Finding::new(Code::DanglingReference, view.element())
                        .text("field", "consumer")
                        .text("target", name.as_ref()),
                ),
            }
        }
    }
}

/// Temperatures for the first densities: mean supply temperature of running sources, mean return temperature of
/// consumers that are not shut.
fn side_temperatures_c(network: &Network) -> (f64, f64) {
    let (mut supply, mut sources, mut back, mut consumers) = (0.0, 0.0, 0.0, 0.0);
    for view in network.links() {
        match &view.link.kind {
            LinkKind::Source(source) if source.running && source.supply_temperature_c.is_finite() => {
                supply += source.supply_temperature_c;
                sources += 1.0;
            }
            LinkKind::Consumer(consumer) if !consumer.shut && consumer.return_temperature_c.is_finite() => {
                back += consumer.return_temperature_c;
                consumers += 1.0;
            }
            _ => {}
        }
    }
    let supply = if sources > 0.0 { supply / sources } else { COLD_WATER_C };
    (supply, if consumers > 0.0 { back / consumers } else { supply })
}
