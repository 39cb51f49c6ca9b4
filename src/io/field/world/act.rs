//! What acts on the world: values written to controllers, and faults of the plant. All of it is edits of the network.

use super::secondary::{SOURCE_PUMP_SPEED, Station};
use super::{World, design_heat_w};
use crate::io::field::fault::{Fault, FaultKind};
use crate::live::dictionary::DeviceKind;
use crate::live::{Observed, reading_of};
use crate::network::edit::{Edit, EditError};
use crate::network::{Demand, ElementKind, ElementRef, Leak, Leaks, LinkKind, Network, SourceControl};
use crate::units::Quantity;

/// Below this opening a valve is shut.
const SHUT: f64 = 1e-3;
/// A valve put by hand lets through what its opening and the pressure make; its consumer asks for more than that.
const MORE_THAN_ENOUGH: f64 = 20.0;
/// Cd of a sharp-edged hole, and density of the water in it, kg/m³.
const DISCHARGE: f64 = 0.6;
const DENSITY_KG_M3: f64 = 960.0;

/// What a written value turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knob {
    Valve(usize),
    Automatic(usize),
    StationSpeed(usize),
    StationSupply(usize),
    StationMakeUp(usize),
    SourceSupply(usize),
    SourceMakeUp(usize),
    SourceSpeed(usize),
}

/// The knob of a writable tag.
pub fn knob(kind: DeviceKind, row: usize, suffix: &str) -> Option<Knob> {
    Some(match (kind, suffix) {
        (DeviceKind::Station, "CV") => Knob::Valve(row),
        (DeviceKind::Station, "CV.AUTO") => Knob::Automatic(row),
        (DeviceKind::Station, "CP.HZ") => Knob::StationSpeed(row),
        (DeviceKind::Station, "T3.SET") => Knob::StationSupply(row),
        (DeviceKind::Station, "PM.SET") => Knob::StationMakeUp(row),
        (DeviceKind::Source, "T1.SET") => Knob::SourceSupply(row),
        (DeviceKind::Source, "PM.SET") => Knob::SourceMakeUp(row),
        (DeviceKind::Source, "CP.HZ") => Knob::SourceSpeed(row),
        _ => return None,
    })
}

/// The rise a source's control holds, where it holds one.
pub fn rise_pa(control: &SourceControl) -> Option<f64> {
    match control {
        SourceControl::Reference { pressure_rise_pa, .. } | SourceControl::PressureRise { pressure_rise_pa } => {
            Some(*pressure_rise_pa)
        }
        _ => None,
    }
}

impl World {
    /// A value written to a point, SI. It shows after the next step.
    pub fn write(&mut self, point: usize, value: f64) {
        let Some(knob) = self.channels.get(point).and_then(|channel| channel.knob) else { return };
        // Values come within their permits; a network that refuses one keeps what it had.
        let _ = match knob {
            Knob::Valve(row) => self.valve(row, Some(value)),
            Knob::Automatic(row) => {
                let opening = self.stations[row].now.opening;
                self.valve(row, (value < 0.5).then_some(opening))
            }
            Knob::StationSpeed(row) => self.station(row, |side| side.pump_speed = value),
            Knob::StationSupply(row) => self.station(row, |side| side.held_supply_c = Some(value)),
            Knob::StationMakeUp(row) => self.station(row, |side| side.make_up_pressure_pa = value),
            Knob::SourceSupply(row) => self.set_source(row, "supply_temperature_c", value.into()),
            Knob::SourceMakeUp(row) => self.control(row, Some(value), None),
            Knob::SourceSpeed(row) => self.source_speed(row, value),
        };
    }

    fn station(&mut self, row: usize, change: impl FnOnce(&mut Station)) -> Result<(), EditError> {
        change(&mut self.stations[row].side);
        Ok(())
    }

    /// Puts the control valve of a station by hand, or gives it back to its controller.
    fn valve(&mut self, row: usize, opening: Option<f64>) -> Result<(), EditError> {
        let station = &mut self.stations[row];
        station.side.opening = opening;
        let mut consumer = station.consumer.clone();
        if let Some(opening) = opening {
            let flow_kg_s = match consumer.demand {
                Demand::MassFlow { mass_flow_kg_s } => mass_flow_kg_s,
                Demand::Heat { .. } => design_heat_w(&consumer) / super::USUAL_HEAT_J_KG,
            };
            consumer.shut = opening < SHUT;
            let share = match &mut consumer.kv_open_m3_h {
                Some(kv) => {
                    *kv *= opening.max(SHUT);
                    MORE_THAN_ENOUGH
                }
                // Without a Kv the flow follows the opening.
                None => opening,
            };
            consumer.demand = Demand::MassFlow { mass_flow_kg_s: share * flow_kg_s };
        }
        let set = |field: &str, value: serde_json::Value| Edit::set(station.element.clone(), field, value);
        let demand = serde_json::to_value(consumer.demand).unwrap_or_default();
        Edit::Batch {
            label: String::new(),
            edits: vec![
                set("demand", demand),
                set("kv_open_m3_h", consumer.kv_open_m3_h.into()),
                set("shut", consumer.shut.into()),
            ],
        }
        .apply(&mut self.network)
        .map(|_| ())
    }

    fn set_source(&mut self, row: usize, field: &str, value: serde_json::Value) -> Result<(), EditError> {
        Edit::set(self.sources[row].element.clone(), field, value).apply(&mut self.network).map(|_| ())
    }

    /// Gives the control of a source another pressure to hold, or another rise.
    fn control(&mut self, row: usize, reference_pa: Option<f64>, rise_pa: Option<f64>) -> Result<(), EditError> {
        let source = self.network.link_view(self.sources[row].link).and_then(|view| view.source());
        let Some(mut control) = source.map(|source| source.control.clone()) else { return Ok(()) };
        match &mut control {
            SourceControl::Reference { return_pressure_pa, pressure_rise_pa } => {
                *return_pressure_pa = reference_pa.unwrap_or(*return_pressure_pa);
                *pressure_rise_pa = rise_pa.unwrap_or(*pressure_rise_pa);
            }
            SourceControl::PressureRise { pressure_rise_pa } => {
                *pressure_rise_pa = rise_pa.unwrap_or(*pressure_rise_pa);
            }
            SourceControl::Speed { return_pressure_pa } | SourceControl::WorstPoint { return_pressure_pa, .. } => {
                *return_pressure_pa = reference_pa.or(*return_pressure_pa);
            }
            SourceControl::MassFlow { .. } | SourceControl::SupplyPressure { .. } => {}
        }
        self.set_source(row, "control", serde_json::to_value(control).unwrap_or_default())
    }

    /// Pumps the network knows turn at the new speed; others lift by the square of it.
    fn source_speed(&mut self, row: usize, speed: f64) -> Result<(), EditError> {
        let source = self.network.link_view(self.sources[row].link).and_then(|view| view.source());
        if source.is_some_and(|source| source.pumps.is_some()) {
            return self.set_source(row, "pumps.speed", speed.into());
        }
        let Some(usual_pa) = self.sources[row].rise_pa else { return Ok(()) };
        self.sources[row].speed = speed;
        let share = speed / SOURCE_PUMP_SPEED;
        self.control(row, None, Some(usual_pa * share * share))
    }

    /// Whether the network has what a fault of the plant is about.
    pub fn knows(&self, fault: &Fault) -> bool {
        element_of(&self.network, fault).is_some()
    }

    /// Whether faults of the plant are to begin or end, though no time has passed.
    pub fn is_to_change(&self, faults: &[Fault]) -> bool {
        let holding = faults.iter().filter(|fault| fault.kind.is_of_plant() && fault.holds(self.time_s));
        holding.ne(self.wrong.iter().map(|(fault, _)| fault))
    }

    /// Lets faults of the plant begin and end as their times say.
    pub(super) fn go_wrong(&mut self, faults: &[Fault]) {
        let time_s = self.time_s();
        let is_over = |(fault, _): &(Fault, Edit)| !faults.contains(fault) || !fault.holds(time_s);
        if self.wrong.iter().any(is_over) {
            // All are taken back, last first, so that each finds what it left; those that go on are made again below.
            while let Some((_, back)) = self.wrong.pop() {
                let _ = back.apply(&mut self.network);
            }
        }
        for fault in faults.iter().filter(|fault| fault.kind.is_of_plant() && fault.holds(time_s)) {
            if self.wrong.iter().any(|(known, _)| known == fault) {
                continue;
            }
            if let Some(back) = self.edit_of(fault).and_then(|edit| edit.apply(&mut self.network).ok()) {
                self.wrong.push((fault.clone(), back));
            }
        }
    }

    fn edit_of(&self, fault: &Fault) -> Option<Edit> {
        let element = element_of(&self.network, fault)?;
        match fault.kind {
            FaultKind::Shut => Some(Edit::set(element, "opening", 0.0)),
            FaultKind::Trip => Some(Edit::set(element, "running", false)),
            FaultKind::Leak(share) => {
                let link = self.network.find_link(&element)?;
                let (from, to) = self.network.ends(link)?;
                let pressure = |node| Some(self.solution.node(node)?.pressure_pa);
                let (start, end) = (pressure(from)?, pressure(to)?);
                let inside_pa = start + fault.position * (end - start);
                let circulating_kg_s: f64 = self
                    .sources
                    .iter()
                    .filter_map(|row| {
                        let (network, solution) = (&self.network, &self.solution);
                        reading_of(network, solution, &row.element, Observed::MassFlow, Quantity::MassFlow)
                    })
                    .map(|flow| flow.max(0.0))
                    .sum();
                let speed_kg_s_m2 = DISCHARGE * (2.0 * DENSITY_KG_M3 * inside_pa.max(1.0)).sqrt();
                let hole = Leak {
                    position: fault.position,
                    hole_area_m2: Some(share * circulating_kg_s / speed_kg_s_m2),
                    hole_diameter_m: None,
                    discharge_coefficient: DISCHARGE,
                    outside_pressure_pa: 0.0,
                };
                let LinkKind::Pipe(pipe) = &self.network.link(link)?.kind else { return None };
                let mut leaks = pipe.leaks.as_deref().cloned().unwrap_or_default();
                leaks.0.push(hole);
                Some(Edit::set(element, "leaks", serde_json::to_value(Leaks(leaks.0)).ok()?))
            }
            _ => None,
        }
    }
}

fn element_of(network: &Network, fault: &Fault) -> Option<ElementRef> {
    let kinds: &[ElementKind] = match fault.kind {
        FaultKind::Leak(_) => &[ElementKind::Pipe],
        FaultKind::Shut => &[ElementKind::Valve],
        FaultKind::Trip => &[ElementKind::Source, ElementKind::Pump],
        _ => &[],
    };
    kinds.iter().map(|&kind| ElementRef::new(kind, fault.target.as_str())).find(|element| network.contains(element))
}
