//! From the network to the flat problem, in one walk over nodes and one over links.
//!
//! The temperatures that densities and set flows are first taken at are known only after that walk; sources, consumers
//! and pumps, which need them, are looked at once more, and densities are filled in at the end.

use crate::network::{
    Boundary, Code, Consumer, Demand, ElementRef, Finding, FrictionModel, LinkKind, LinkView, Network, Node, Side,
    Source, SourceControl,
};
use crate::physics::exchanger::PlateExchanger;
use crate::physics::friction::FrictionLaw;
use crate::physics::valve::resistance_of_kv_pa_s2_kg2;

use super::super::fluid::{BadTable, Fluid};
use super::figures::{ConsumerFigures, Figures};
use super::zone_temperatures;
use super::{BoundaryRow, Changes, ConsumerRow, Element, ExchangerRow, Hold, NONE, Problem, SourceRow};

/// Share of the plates in the resistance of an exchanger, and exponent of the flow in its films: usual for corrugated
/// plates (VDI Heat Atlas N6).
const WALL_SHARE: f64 = 0.1;
const FILM_EXPONENT: f64 = 0.7;
/// Pressure no network has: what a consumer set by hand would draw at it stands in for no limit at all, Pa.
const MOST_BY_HAND_PA: f64 = 1e8;
/// Water temperature where no source tells one: cold mains water.
const COLD_WATER_C: f64 = 10.0;

impl Problem {
    /// The problem of a network, or every finding that makes its numbers unusable.
    pub fn new(network: &Network) -> Result<Problem, Vec<Finding>> {
        let mut problem = Problem::blank();
        problem.rebuild(network)?;
        Ok(problem)
    }

    /// A problem of nothing.
    fn blank() -> Problem {
        Problem {
            changes: Changes::default(),
            topology: 0,
            node_handles: Vec::new(),
            node_of_slot: Vec::new(),
            link_handles: Vec::new(),
            link_of_slot: Vec::new(),
            elevation_m: Vec::new(),
            demand_kg_s: Vec::new(),
            from: Vec::new(),
            to: Vec::new(),
            elements: Vec::new(),
            density_kg_m3: Vec::new(),
            viscosity_pa_s: Vec::new(),
            pipes: Vec::new(),
            head_losses: Vec::new(),
            valves: Vec::new(),
            consumers: Vec::new(),
            sources: Vec::new(),
            shut_pipes: Vec::new(),
            standing_sources: Vec::new(),
            pumps: Vec::new(),
            stations: Vec::new(),
            exchangers: Vec::new(),
            turbines: Vec::new(),
            loss_curves: Vec::new(),
            boundaries: Vec::new(),
            leaks: Vec::new(),
            pieces: Vec::new(),
            drawn_nodes: 0,
            drawn_links: 0,
            figures: Figures::default(),
            friction: FrictionLaw::Colebrook,
            gravity_m_s2: 0.0,
            fluid: Fluid::Constant { density_kg_m3: 1000.0, viscosity_pa_s: 1e-3, heat_capacity_j_kgk: 4190.0 },
            supply_temperature_c: COLD_WATER_C,
            return_temperature_c: COLD_WATER_C,
            zone_temperatures_c: Vec::new(),
        }
    }

    /// Becomes the problem of this network whatever it was before; only memory is kept. After an error its contents are
    /// good for nothing but another rebuild.
    pub fn rebuild(&mut self, network: &Network) -> Result<(), Vec<Finding>> {
        let settings = network.settings();
        self.clear();
        self.changes = Changes::everything();
        self.fluid = Fluid::new(&settings.water).map_err(|BadTable(field)| {
            vec![Finding::new(Code::BadTable, ElementRef::network()).text("field", field)]
        })?;
        self.topology = network.topology();
        self.friction = match settings.friction {
            FrictionModel::SwameeJain => FrictionLaw::SwameeJain,
            FrictionModel::Altshul => FrictionLaw::Altshul,
            FrictionModel::Shifrinson => FrictionLaw::Shifrinson,
            FrictionModel::Nikuradse => FrictionLaw::Nikuradse,
            FrictionModel::ColebrookEverywhere => FrictionLaw::ColebrookEverywhere,
            // The two water-supply laws are written into each pipe.
            FrictionModel::Colebrook | FrictionModel::HazenWilliams | FrictionModel::ChezyManning => {
                FrictionLaw::Colebrook
            }
        };
        self.gravity_m_s2 = settings.gravity_m_s2;
        let (nodes, links) = (network.node_count(), network.link_count());
        (self.drawn_nodes, self.drawn_links) = (nodes, links);
        self.node_handles.reserve(nodes);
        self.elevation_m.reserve(nodes);
        self.demand_kg_s.reserve(nodes);
        for list in [&mut self.from, &mut self.to] {
            list.reserve(links);
        }
        self.link_handles.reserve(links);
        self.elements.reserve(links);
        if self.pipes.capacity() == 0 {
            // Not every link is a pipe; what is too much is given back below.
            self.pipes.reserve(links);
        }
        self.figures.reserve(nodes, links);
        self.node_of_slot.resize(network.node_bound(), NONE);
        self.link_of_slot.resize(network.link_bound(), NONE);
        let mut findings = Vec::new();
        self.add_nodes(network, &mut findings);
        let (late, leaking) = self.add_links(network, &mut findings);
        self.take_temperatures(network, &late);
        self.add_late(network, &late, &mut findings);
        self.split_leaking(network, &leaking, &mut findings);
        self.pipes.shrink_to(self.pipes.len() + self.pipes.len() / 64);
        for row in 0..self.sources.len() {
            self.resolve_worst_point(network, row, &mut findings);
            self.resolve_exchanger(network, row, &mut findings);
        }
        if findings.iter().any(|finding| finding.severity == crate::network::Severity::Error) {
            return Err(findings);
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.node_handles.clear();
        self.node_of_slot.clear();
        self.link_handles.clear();
        self.link_of_slot.clear();
        self.elevation_m.clear();
        self.demand_kg_s.clear();
        self.from.clear();
        self.to.clear();
        self.elements.clear();
        self.density_kg_m3.clear();
        self.viscosity_pa_s.clear();
        self.pipes.clear();
        self.head_losses.clear();
        self.valves.clear();
        self.consumers.clear();
        self.sources.clear();
        self.shut_pipes.clear();
        self.standing_sources.clear();
        self.pumps.clear();
        self.loss_curves.clear();
        self.boundaries.clear();
        self.stations.clear();
        self.turbines.clear();
        self.exchangers.clear();
        self.zone_temperatures_c.clear();
        self.leaks.clear();
        self.pieces.clear();
        self.figures.clear();
    }

    fn add_nodes(&mut self, network: &Network, findings: &mut Vec<Finding>) {
        for (handle, _, node) in network.nodes() {
            let dense = self.node_handles.len() as u32;
            self.node_of_slot[handle.index()] = dense;
            self.node_handles.push(handle);
            self.elevation_m.push(node.z_m);
            self.demand_kg_s.push(node.demand_kg_s);
            self.figures.add_node(dense, node);
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
    }

    pub(super) fn boundary(&self, node: u32, data: &Node, boundary: &Boundary) -> BoundaryRow {
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

    /// Ends of all links, and the laws of those that need no temperature. Gives the links that do, and the pipes that
    /// have holes.
    fn add_links(&mut self, network: &Network, findings: &mut Vec<Finding>) -> (Vec<u32>, Vec<u32>) {
        let friction = network.settings().friction;
        let rated = network.may_have_nominal_pressures();
        let (mut late, mut leaking) = (Vec::new(), Vec::new());
        for view in network.links() {
            let dense = self.link_handles.len() as u32;
            let (from, to) = (self.node_of_slot[view.from.index()], self.node_of_slot[view.to.index()]);
            self.link_of_slot[view.handle.index()] = dense;
            self.link_handles.push(view.handle);
            self.from.push(from);
            self.to.push(to);
            self.figures.add_link(dense, &view.link.kind, rated);
            let element = match &view.link.kind {
                LinkKind::Pump(_) | LinkKind::Source(_) | LinkKind::Consumer(_) => {
                    late.push(dense);
                    Element::Closed
                }
                // A link from a node to itself moves no water anywhere else; validation reports it.
                _ if from == to => Element::Closed,
                LinkKind::Pipe(pipe) => {
                    if pipe.leaks.is_some() {
                        leaking.push(dense);
                    }
                    self.pipe(&view, pipe, friction, findings)
                }
                LinkKind::Valve(valve) => self.valve(network, &view, valve, findings),
            };
            self.elements.push(element);
        }
        (late, leaking)
    }

    /// Temperatures for the first densities: mean supply temperature of running sources, mean return temperature of
    /// consumers that are not shut. All temperatures come from `late`.
    fn take_temperatures(&mut self, network: &Network, late: &[u32]) {
        let (mut supply, mut sources, mut back, mut consumers) = (0.0, 0.0, 0.0, 0.0);
        let mut zones = false;
        for &link in late {
            match network.link(self.link_handles[link as usize]).map(|link| &link.kind) {
                Some(LinkKind::Source(source)) if source.running && source.supply_temperature_c.is_finite() => {
                    supply += source.supply_temperature_c;
                    sources += 1.0;
                    zones |= source.exchanger.is_some();
                    self.figures.meet_supply_c(source.supply_temperature_c);
                }
                Some(LinkKind::Consumer(consumer)) if !consumer.shut && consumer.return_temperature_c.is_finite() => {
                    back += consumer.return_temperature_c;
                    consumers += 1.0;
                    self.figures.meet_return_c(consumer.return_temperature_c);
                }
                _ => {}
            }
        }
        self.supply_temperature_c = if sources > 0.0 { supply / sources } else { COLD_WATER_C };
        self.return_temperature_c = if consumers > 0.0 { back / consumers } else { self.supply_temperature_c };
        if zones {
            let whole_c = [self.supply_temperature_c, self.return_temperature_c];
            self.zone_temperatures_c = zone_temperatures::by_node(network, &self.node_of_slot, whole_c);
        }
        let sides = self.side_properties();
        let (side, zones) = (&self.figures.side, &self.zone_temperatures_c);
        let of = |from: &u32| {
            let side = usize::from(side[*from as usize] == Side::Return);
            match zones.get(*from as usize) {
                None => sides[side],
                Some(zone) => (self.fluid.density_kg_m3(zone[side]), self.fluid.viscosity_pa_s(zone[side])),
            }
        };
        self.density_kg_m3.extend(self.from.iter().map(|from| of(from).0));
        self.viscosity_pa_s.extend(self.from.iter().map(|from| of(from).1));
    }

    /// Density and viscosity of the supply and of the return side.
    pub(super) fn side_properties(&self) -> [(f64, f64); 2] {
        [self.supply_temperature_c, self.return_temperature_c]
            .map(|temperature_c| (self.fluid.density_kg_m3(temperature_c), self.fluid.viscosity_pa_s(temperature_c)))
    }

    /// Elements of the links whose laws need temperatures.
    fn add_late(&mut self, network: &Network, late: &[u32], findings: &mut Vec<Finding>) {
        for &dense in late {
            let link = dense as usize;
            let Some(view) = network.link_view(self.link_handles[link]) else { continue };
            if self.from[link] == self.to[link] {
                continue;
            }
            self.elements[link] = match &view.link.kind {
                LinkKind::Pump(pump) => self.pump(network, dense, &view, pump, findings),
                LinkKind::Source(source) if !source.running => {
                    self.standing_sources.push(dense);
                    Element::Closed
                }
                LinkKind::Source(source) => {
                    let mut row = source_row(dense, &view, source, findings);
                    let pumps = source.pumps.as_ref().and_then(|pump| self.pump_row(dense, &view, pump, findings));
                    let pumping = pumps.is_some();
                    self.pumps.extend(pumps);
                    if let Hold::Speed(pump) = &mut row.hold {
                        if !pumping {
                            // Without running pumps it stands.
                            self.standing_sources.push(dense);
                            continue;
                        }
                        *pump = self.pumps.len() as u32 - 1;
                    }
                    self.sources.push(row);
                    Element::Source(self.sources.len() as u32 - 1)
                }
                LinkKind::Consumer(consumer) => {
                    let row = self.consumer(&view, dense, consumer, findings);
                    if !row.set_flow_kg_s.is_finite() {
                        findings.push(Finding::new(Code::NotFinite, view.element()).text("field", "demand"));
                    }
                    self.consumers.push(row);
                    self.figures.consumers.push(ConsumerFigures::new(consumer));
                    Element::Consumer(self.consumers.len() as u32 - 1)
                }
                LinkKind::Pipe(_) | LinkKind::Valve(_) => continue,
            };
        }
    }

    /// A consumer with the flow its heat asks for at the supply temperature of the sources.
    pub(super) fn consumer(
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
                let start = self.from[link as usize];
                let each = self.fluid.heat_between_j_kg(self.supply_c(start), consumer.return_temperature_c);
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
            by_hand: false,
            asked_kg_s: set_flow_kg_s,
        };
        if let Some(opening) = consumer.hand_opening.filter(|_| !consumer.shut) {
            self.by_hand(view, opening, &mut row, findings);
        }
        if let Some(station) = consumer.station.as_deref().filter(|_| !consumer.shut) {
            self.station(view, consumer, station, &mut row, findings);
        }
        row
    }

    /// A consumer whose valve stands where a hand left it.
    fn by_hand(&self, view: &LinkView<'_>, opening: f64, row: &mut ConsumerRow, findings: &mut Vec<Finding>) {
        if !row.kv_open_m3_h.is_finite() {
            findings.push(Finding::new(Code::MissingSetValue, view.element()).text("field", "kv_open_m3_h"));
            return;
        }
        row.heat_w = None;
        row.set_flow_kg_s = 0.0;
        // NaN counts as shut.
        let kv_m3_h = row.kv_open_m3_h * opening.clamp(0.0, 1.0);
        if kv_m3_h > 0.0 {
            row.by_hand = true;
            row.kv_open_m3_h = kv_m3_h;
            let resistance = resistance_of_kv_pa_s2_kg2(kv_m3_h, self.density_kg_m3[row.link as usize]);
            row.set_flow_kg_s = (MOST_BY_HAND_PA / resistance).sqrt();
        }
    }

    /// Joins the source of a pressure-isolation station with its consumer in the primary zone, whose flow then follows the
    /// source instead of its own demand.
    fn resolve_exchanger(&mut self, network: &Network, row: usize, findings: &mut Vec<Finding>) {
        let Some(view) = network.link_view(self.link_handles[self.sources[row].link as usize]) else { return };
        let Some(exchanger) = view.source().and_then(|source| source.exchanger.as_deref()) else { return };
        let plate = PlateExchanger {
            design_ua_w_k: exchanger.ua_w_k,
            design_primary_kg_s: exchanger.primary_flow_kg_s,
            design_secondary_kg_s: exchanger.secondary_flow_kg_s,
            wall_share: WALL_SHARE,
            film_exponent: FILM_EXPONENT,
            fouling_k_w: exchanger.fouling_k_w,
        };
        if !plate.is_valid() {
            findings.push(Finding::new(Code::NotFinite, view.element()).text("field", "exchanger"));
            return;
        }
        match self.consumer_row(network, &exchanger.primary) {
            Some(consumer) => {
                self.consumers[consumer].heat_w = None;
                self.exchangers.push(ExchangerRow { source: row as u32, consumer: consumer as u32, plate });
            }
            None => findings.push(
                Finding::new(Code::DanglingReference, view.element())
                    .severe(crate::network::Severity::Error)
                    .text("field", "exchanger.primary")
                    .text("target", exchanger.primary.as_ref()),
            ),
        }
    }

    /// Row of a consumer by its id.
    fn consumer_row(&self, network: &Network, name: &str) -> Option<usize> {
        let link = self.link(network.link_id(name)?)? as u32;
        self.consumers.binary_search_by_key(&link, |consumer| consumer.link).ok()
    }

    /// Looks up the consumer that a source watches, once all consumers have their rows.
    pub(super) fn resolve_worst_point(&mut self, network: &Network, row: usize, findings: &mut Vec<Finding>) {
        let Hold::WorstPoint { available_pa, .. } = self.sources[row].hold else { return };
        let handle = self.link_handles[self.sources[row].link as usize];
        let Some(view) = network.link_view(handle) else { return };
        let Some(SourceControl::WorstPoint { consumer: Some(name), .. }) = view.source().map(|s| &s.control) else {
            return;
        };
        match self.consumer_row(network, name) {
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

/// A running source.
pub(super) fn source_row(link: u32, view: &LinkView<'_>, source: &Source, findings: &mut Vec<Finding>) -> SourceRow {
    let (hold, return_pressure_pa) = match &source.control {
        SourceControl::Reference { return_pressure_pa, pressure_rise_pa } => {
            (Hold::Rise(*pressure_rise_pa), Some(*return_pressure_pa))
        }
        SourceControl::PressureRise { pressure_rise_pa } => (Hold::Rise(*pressure_rise_pa), None),
        SourceControl::MassFlow { mass_flow_kg_s } => (Hold::MassFlow(*mass_flow_kg_s), None),
        SourceControl::SupplyPressure { supply_pressure_pa } => (Hold::SupplyPressure(*supply_pressure_pa), None),
        // The row of its pumps is told later.
        SourceControl::Speed { return_pressure_pa } => (Hold::Speed(NONE), *return_pressure_pa),
        SourceControl::WorstPoint { available_pressure_pa, return_pressure_pa, .. } => {
            (Hold::WorstPoint { available_pa: *available_pressure_pa, consumer: None }, *return_pressure_pa)
        }
    };
    let value = match hold {
        Hold::Rise(value)
        | Hold::MassFlow(value)
        | Hold::SupplyPressure(value)
        | Hold::WorstPoint { available_pa: value, .. } => value,
        Hold::Speed(_) => 0.0,
    };
    if !value.is_finite() || return_pressure_pa.is_some_and(|pressure| !pressure.is_finite()) {
        findings.push(Finding::new(Code::NotFinite, view.element()).text("field", "control"));
    }
    SourceRow {
        link,
        hold,
        return_pressure_pa,
        supply_temperature_c: source.supply_temperature_c,
        store_return_c: source.store.as_ref().map_or(f64::NAN, |store| store.lower_temperature_c),
    }
}
