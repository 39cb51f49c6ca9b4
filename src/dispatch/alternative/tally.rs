//! What one run adds up, step by step.
//!
//! Heat is what the water says. Pumps and rules are looked at whenever the hydraulics were solved anew, and at least every
//! quarter of an hour; what was found then holds until the next look. Rules are those of the solver for pressures, velocities, flows
//! and machines, and for consumers: pressure below what they require, and less flow than they ask for. What a consumer asks for is
//! what its controller wants at that moment, not its design.

use std::collections::BTreeMap;

use super::bill::Prices;
use super::differences::Extremes;
use super::figures::{Breach, Figures, HeatFigures, Money, MoneyKind, SourceFigures, WorstLoop};
use super::steer::Steering;
use crate::dispatch::balance::{USUAL_EFFICIENCY, pump_powers_at};
use crate::network::thermal::Served;
use crate::network::{
    Code, Connection, ElementKind, ElementRef, Finding, LinkId, LinkKind, Name, Network, PumpRole, Severity,
};
use crate::physics::source::GRID_CO2_KG_J;
use crate::simulation::{Ledger, PlantTotals, Simulation, StepReport, Weather};
use crate::solver::rules::{Rules, judge};
use crate::units::Quantity;

/// Rules and pumps are looked at no less often than this, s.
const LOOK_S: f64 = 900.0;
/// A consumer that gets less of what it asks for is short.
const SERVED_SHARE: f64 = 0.98;
/// A source is at its capacity from this much below it on.
const FULL_SHARE: f64 = 0.01;
/// A source with less flow stands still, kg/s.
const STANDING_KG_S: f64 = 1e-3;

/// Where electricity of a pump belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Plant(usize),
    Network,
    Substation,
}

/// A source by its row in the simulation.
struct SourceRow {
    link: LinkId,
    /// Passes heat of another zone on: neither heat nor temperature of it counts.
    between: bool,
    capacity_w: f64,
    figures: SourceFigures,
    supply_c_kg: f64,
    return_c_kg: f64,
    flow_kg: f64,
    was_on: Option<bool>,
    before: PlantTotals,
}

/// A consumer by its row in the simulation.
struct ConsumerRow {
    link: LinkId,
    id: Name,
    required_pa: f64,
    /// Its own pump makes up for pressure the network lacks.
    has_pump: bool,
    /// Its pump in the network's data is the circulation pump of its circuit: the station's own is not counted again.
    counted_by_network: bool,
    between: bool,
    /// Elements the buildings are called by, and K s each was too cold.
    buildings: Vec<(ElementRef, f64)>,
    electricity_j: f64,
    booster_j: f64,
    make_up_kg: f64,
}

/// Sums of a run.
pub(super) struct Tally {
    figures: Figures,
    money: Money,
    sources: Vec<SourceRow>,
    consumers: Vec<ConsumerRow>,
    start: Ledger,
    solves_before: u32,
    outdoor_c_s: f64,
    wanted_kg: f64,
    got_kg: f64,
    rules: Rules,
    looked_at_s: f64,
    pumps: Vec<(Place, f64)>,
    leaking_kg_s: f64,
    active: Vec<(Code, ElementRef)>,
    breaches: BTreeMap<(Code, ElementRef), Breach>,
    extremes: Extremes,
}

impl Tally {
    /// From this moment of a simulation on.
    pub fn new(network: &Network, simulation: &Simulation, prices: Option<&Prices>) -> Tally {
        let problem = simulation.problem();
        let served = Served::new(network);
        let mut sources = Vec::new();
        for (row, (model, _)) in simulation.sources().enumerate() {
            let link = problem.link_handles[problem.sources[row].link as usize];
            let id = network.link_name(link);
            let capacity_w = network.link_view(link).and_then(|view| view.source()?.capacity_w);
            sources.push(SourceRow {
                link,
                between: problem.passes_on(row),
                capacity_w: capacity_w.unwrap_or(f64::INFINITY),
                was_on: prices.and_then(|prices| prices.was_on(&id)),
                figures: SourceFigures { id, ..SourceFigures::default() },
                supply_c_kg: 0.0,
                return_c_kg: 0.0,
                flow_kg: 0.0,
                before: model.plant().copied().unwrap_or_default(),
            });
        }
        let mut consumers = Vec::new();
        for (row, (model, _)) in simulation.consumers().enumerate() {
            let link = problem.link_handles[problem.consumers[row].link as usize];
            let id = network.link_name(link);
            let own = network.link_view(link).and_then(|view| view.consumer());
            let station = model.station();
            let mut buildings: Vec<(ElementRef, f64)> =
                served.building_ids(&id).map(|id| (ElementRef::new(ElementKind::Building, id), 0.0)).collect();
            if buildings.is_empty() {
                buildings.push((ElementRef::new(ElementKind::Consumer, id.clone()), 0.0));
            }
            if station.is_none() {
                buildings.clear();
            }
            let pumped = own.and_then(|own| own.station.as_ref()?.pump.as_ref()).is_some_and(|pump| pump.running);
            let circuit = own.is_some_and(|own| own.connection.mixes() || own.connection == Connection::Direct);
            consumers.push(ConsumerRow {
                link,
                id,
                required_pa: own.and_then(|own| own.required_pressure_pa).unwrap_or(0.0),
                has_pump: own.is_some_and(|own| own.has_pump()),
                counted_by_network: pumped && circuit,
                between: simulation.isolates(link),
                buildings,
                electricity_j: model.electricity_j(),
                booster_j: station.map_or(0.0, |station| station.booster_electricity_j()),
                make_up_kg: station.map_or(0.0, |station| station.make_up_kg()),
            });
        }
        Tally {
            figures: Figures::default(),
            money: Money::default(),
            sources,
            consumers,
            start: *simulation.total(),
            solves_before: simulation.solves(),
            outdoor_c_s: 0.0,
            wanted_kg: 0.0,
            got_kg: 0.0,
            rules: Rules::default(),
            looked_at_s: f64::NEG_INFINITY,
            pumps: Vec::new(),
            leaking_kg_s: 0.0,
            active: Vec::new(),
            breaches: BTreeMap::new(),
            extremes: Extremes::default(),
        }
    }

    /// The step that has just been taken: `number` from the start of what is counted.
    pub fn add(
        &mut self,
        network: &Network,
        simulation: &Simulation,
        report: &StepReport,
        weather: Weather,
        number: usize,
        prices: Option<&Prices>,
        steering: Option<&Steering>,
    ) {
        let step_s = simulation.options.step_s;
        let calendar_s = simulation.options.start_calendar_s + simulation.time_s();
        self.figures.duration_s += step_s;
        self.outdoor_c_s += step_s * weather.temperature_c;
        self.figures.unsolved_steps += u64::from(!report.converged);
        if report.solved || simulation.time_s() - self.looked_at_s >= LOOK_S * (1.0 - 1e-9) {
            self.looked_at_s = simulation.time_s();
            let usual = prices.map_or(USUAL_EFFICIENCY, Prices::pump_efficiency);
            self.look(network, simulation, report.converged, calendar_s, usual);
        }
        for key in &self.active {
            if let Some(breach) = self.breaches.get_mut(key) {
                breach.duration_s += step_s;
            }
        }
        self.sources(simulation, step_s, number, prices, steering);
        self.pumps(step_s, number, prices);
        self.consumers(simulation, calendar_s, step_s, number, prices);
    }

    fn sources(
        &mut self,
        simulation: &Simulation,
        step_s: f64,
        number: usize,
        prices: Option<&Prices>,
        steering: Option<&Steering>,
    ) {
        let since_s = number as f64 * step_s;
        let mut all_w = 0.0;
        for (own, (_, passed)) in self.sources.iter_mut().zip(simulation.sources()) {
            if own.between {
                continue;
            }
            all_w += passed.heat_w;
            let figures = &mut own.figures;
            let heat_j = step_s * passed.heat_w;
            let tanks = steering.map_or(0.0, |steering| steering.tank_share(own.link, since_s));
            let made_j = heat_j * (1.0 - tanks);
            figures.heat_j += heat_j;
            figures.made_j += made_j;
            figures.peak_heat_w = figures.peak_heat_w.max(passed.heat_w);
            let flow_kg = step_s * passed.mass_flow_kg_s.max(0.0);
            if flow_kg > 0.0 {
                own.flow_kg += flow_kg;
                own.supply_c_kg += flow_kg * passed.outlet_c;
                own.return_c_kg += flow_kg * passed.inlet_c;
            }
            let flows = passed.mass_flow_kg_s > STANDING_KG_S;
            let on = steering.and_then(|steering| steering.runs(own.link, since_s)).unwrap_or(flows);
            let started = on && own.was_on == Some(false);
            own.was_on = Some(on);
            figures.running_s += if on { step_s } else { 0.0 };
            if passed.heat_w >= (1.0 - FULL_SHARE) * own.capacity_w {
                figures.at_capacity_s += step_s;
            }
            figures.starts += u32::from(started);
            if let Some(prices) = prices {
                let taken = prices.made(&mut self.money, &figures.id, number, made_j);
                prices.ran(&mut self.money, &figures.id, if on { step_s } else { 0.0 }, started);
                figures.fuel_j += taken.fuel_j;
                figures.electricity_j += taken.electricity_j;
                figures.sold_electricity_j += taken.sold_j;
                self.figures.carbon_kg += taken.carbon_kg;
            }
        }
        self.figures.peak_heat_w = self.figures.peak_heat_w.max(all_w);
    }

    fn pumps(&mut self, step_s: f64, number: usize, prices: Option<&Prices>) {
        let mut all_j = 0.0;
        for (place, power_w) in &self.pumps {
            let used_j = step_s * power_w;
            all_j += used_j;
            match place {
                Place::Plant(row) => {
                    self.sources[*row].figures.pumps_j += used_j;
                    self.figures.electricity.plants_j += used_j;
                }
                Place::Network => self.figures.electricity.network_j += used_j,
                Place::Substation => self.figures.electricity.substations_j += used_j,
            }
        }
        self.figures.leaked_kg += step_s * self.leaking_kg_s;
        self.figures.carbon_kg += match prices {
            Some(prices) => prices.electricity(&mut self.money, MoneyKind::Pumps, number, all_j),
            None => all_j * GRID_CO2_KG_J,
        };
    }

    fn consumers(
        &mut self,
        simulation: &Simulation,
        calendar_s: f64,
        step_s: f64,
        number: usize,
        prices: Option<&Prices>,
    ) {
        let mut used_j = 0.0;
        let problem = simulation.problem();
        for (row, (own, (model, passed))) in self.consumers.iter_mut().zip(simulation.consumers()).enumerate() {
            let wanted_kg_s = problem.consumers[row].set_flow_kg_s;
            if wanted_kg_s > 0.0 && wanted_kg_s.is_finite() && !problem.consumers[row].by_hand {
                self.wanted_kg += step_s * wanted_kg_s;
                self.got_kg += step_s * passed.mass_flow_kg_s.clamp(0.0, wanted_kg_s);
            }
            let Some(station) = model.station().filter(|_| !own.between) else { continue };
            let (all_j, boosters_j) = (model.electricity_j(), station.booster_electricity_j());
            let booster_j = boosters_j - own.booster_j;
            let pump_j = if own.counted_by_network { 0.0 } else { (all_j - own.electricity_j - booster_j).max(0.0) };
            (own.electricity_j, own.booster_j) = (all_j, boosters_j);
            self.figures.electricity.boosters_j += booster_j;
            self.figures.electricity.secondary_j += pump_j;
            used_j += booster_j + pump_j;
            self.figures.secondary_make_up_kg += station.make_up_kg() - own.make_up_kg;
            own.make_up_kg = station.make_up_kg();
            let target_c = station.instant().design_room_c;
            for ((element, cold_k_s), building) in own.buildings.iter_mut().zip(station.buildings()) {
                let short_k = target_c - building.room_c;
                if short_k > 0.0 {
                    *cold_k_s += step_s * short_k;
                }
                let coldest = &mut self.figures.cold.coldest;
                if coldest.as_ref().is_none_or(|(_, least_c, _)| building.room_c < *least_c) {
                    *coldest = Some((element.clone(), building.room_c, calendar_s));
                }
            }
        }
        self.figures.carbon_kg += match prices {
            Some(prices) => prices.electricity(&mut self.money, MoneyKind::Substations, number, used_j),
            None => used_j * GRID_CO2_KG_J,
        };
    }

    /// Pumps, holes, rules and the worst loop at this moment.
    fn look(
        &mut self,
        network: &Network,
        simulation: &Simulation,
        converged: bool,
        calendar_s: f64,
        usual_efficiency: f64,
    ) {
        let solution = simulation.solution_with_machines(network);
        if converged {
            self.extremes.add(&solution);
        }
        self.leaking_kg_s = solution.leaks.iter().map(|leak| leak.mass_flow_kg_s.max(0.0)).sum();
        self.pumps.clear();
        for power in pump_powers_at(network, &solution, usual_efficiency) {
            let Some(view) = network.link_view(power.link) else { continue };
            let place = match &view.link.kind {
                LinkKind::Source(_) => match self.sources.iter().position(|own| own.link == power.link) {
                    Some(row) if !self.sources[row].between => Place::Plant(row),
                    _ => Place::Network,
                },
                LinkKind::Pump(pump) => match pump.role {
                    PumpRole::Distributed | PumpRole::Mixing => Place::Substation,
                    PumpRole::Circulation | PumpRole::Booster | PumpRole::MakeUp => Place::Network,
                },
                _ => Place::Substation,
            };
            if power.power_w.is_finite() {
                self.pumps.push((place, power.power_w));
            }
        }
        let mut found = if converged {
            judge(network, &solution, &self.rules)
        } else {
            let told = &simulation.hydraulics().state().findings;
            told.iter().filter(|finding| finding.severity == Severity::Error).cloned().collect()
        };
        found.retain(|finding| finding.severity != Severity::Info);
        found.extend(self.short(network, simulation, calendar_s));
        self.active.clear();
        for finding in found {
            let key = (finding.code, finding.element.clone());
            self.breaches.entry(key.clone()).or_insert_with(|| Breach {
                code: finding.code,
                element: finding.element.clone(),
                first_calendar_s: calendar_s,
                duration_s: 0.0,
                finding,
            });
            self.active.push(key);
        }
    }

    /// Consumers with too little pressure or flow, and the worst loop.
    fn short(&mut self, network: &Network, simulation: &Simulation, calendar_s: f64) -> Vec<Finding> {
        let mut found = Vec::new();
        let problem = simulation.problem();
        for (row, (own, (model, passed))) in self.consumers.iter().zip(simulation.consumers()).enumerate() {
            let wanted_kg_s = problem.consumers[row].set_flow_kg_s;
            if wanted_kg_s.is_nan() || wanted_kg_s <= 0.0 || problem.consumers[row].by_hand {
                continue;
            }
            let element = || network.link_ref(own.link);
            let available_pa = passed.pressure_difference_pa;
            if !own.has_pump && available_pa.is_finite() {
                let margin_pa = available_pa - own.required_pa;
                if self.figures.worst_loop.as_ref().is_none_or(|worst| margin_pa < worst.margin_pa) {
                    let worst = WorstLoop { consumer: own.id.clone(), margin_pa, calendar_s };
                    self.figures.worst_loop = Some(worst);
                }
                if margin_pa < 0.0 {
                    let short = Finding::new(Code::PressureShort, element());
                    let short = short.physical("available", Quantity::PressureDifference, available_pa);
                    found.push(short.physical("required", Quantity::PressureDifference, own.required_pa));
                }
            }
            let flow_kg_s = passed.mass_flow_kg_s;
            if flow_kg_s < SERVED_SHARE * wanted_kg_s - model.slack_kg_s() {
                let short = Finding::new(Code::ConsumerShort, element());
                let short = short.physical("demand", Quantity::MassFlow, wanted_kg_s);
                found.push(short.physical("served", Quantity::MassFlow, flow_kg_s.max(0.0)));
            }
        }
        found
    }

    /// The figures of everything added.
    pub fn finish(mut self, simulation: &Simulation, priced: bool) -> (Figures, Extremes) {
        let mut out = std::mem::take(&mut self.figures);
        out.heat = HeatFigures::from(&since(simulation.total(), &self.start));
        out.hydraulic_solves = simulation.solves() - self.solves_before;
        out.outdoor_mean_c = self.outdoor_c_s / out.duration_s;
        out.served_share = if self.wanted_kg > 0.0 { self.got_kg / self.wanted_kg } else { 1.0 };
        let (mut flow_kg, mut supply_c_kg, mut return_c_kg) = (0.0, 0.0, 0.0);
        for (mut own, (model, _)) in self.sources.into_iter().zip(simulation.sources()) {
            if own.between {
                continue;
            }
            flow_kg += own.flow_kg;
            supply_c_kg += own.supply_c_kg;
            return_c_kg += own.return_c_kg;
            own.figures.supply_c = own.supply_c_kg / own.flow_kg;
            own.figures.return_c = own.return_c_kg / own.flow_kg;
            if let Some(plant) = model.plant()
                && !priced
            {
                own.figures.fuel_j = plant.fuel_j - own.before.fuel_j;
                own.figures.electricity_j = plant.electricity_j - own.before.electricity_j;
                own.figures.sold_electricity_j = plant.sold_electricity_j - own.before.sold_electricity_j;
                own.figures.starts = plant.starts - own.before.starts;
                out.carbon_kg += plant.co2_kg - own.before.co2_kg;
            }
            out.electricity.heat_j += own.figures.electricity_j;
            out.electricity.sold_j += own.figures.sold_electricity_j;
            out.sources.push(own.figures);
        }
        (out.supply_c, out.return_c) = (supply_c_kg / flow_kg, return_c_kg / flow_kg);
        let cold = &mut out.cold;
        for (element, k_s) in self.consumers.iter().flat_map(|own| &own.buildings) {
            let unmet_kh = k_s / 3600.0;
            cold.buildings += 1;
            cold.unmet_kh += unmet_kh;
            if unmet_kh > 0.0 && cold.worst.as_ref().is_none_or(|(_, most)| unmet_kh > *most) {
                cold.worst = Some((element.clone(), unmet_kh));
            }
        }
        let rooms: Vec<f64> = simulation
            .consumers()
            .filter_map(|(model, _)| model.station())
            .flat_map(|station| station.buildings())
            .map(|building| building.room_c)
            .collect();
        cold.mean_room_c = rooms.iter().sum::<f64>() / rooms.len() as f64;
        out.breaches = self.breaches.into_values().collect();
        out.money = priced.then_some(self.money);
        (out, self.extremes)
    }
}

fn since(now: &Ledger, start: &Ledger) -> Ledger {
    Ledger {
        supplied_j: now.supplied_j - start.supplied_j,
        consumed_j: now.consumed_j - start.consumed_j,
        lost_j: now.lost_j - start.lost_j,
        fed_j: now.fed_j - start.fed_j,
        drawn_j: now.drawn_j - start.drawn_j,
        stored_j: now.stored_j - start.stored_j,
        open_j: now.open_j - start.open_j,
    }
}
