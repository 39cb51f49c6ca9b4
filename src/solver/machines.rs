//! What pumps, stations and turbines do at the state found: head, speed, efficiency, power, suction, mixture.
//!
//! A pump whose speed is varied (by its control, its source or its station) turns as fast as its duty asks (affinity laws);
//! efficiency and NPSH required are read off its curves at the flow that belongs to the duty at rated speed. What a curve
//! does not tell is NaN. Whether a figure is good enough is for the rules to say.

use crate::network::{Connection, LinkId, LinkKind, LinkView, Network, Pump, PumpControl, Side};
use crate::physics::calendar::HOUR_S;
use crate::physics::property_table::PropertyTable;
use crate::physics::pump::{PumpGroup, npsh_available_m, shaft_power_w};
use crate::physics::pump_curve::HeadCurve;
use crate::physics::station::mixed_temperature_c;
use crate::physics::water::{ATMOSPHERE_PA, saturation_pressure_pa};

use super::problem::{Hold, Problem, PumpRow, StationRow};
use super::solution::{PumpState, Solution, StationState, TurbineState};

/// Duty beyond what a pump gives by less than this share of its head is rounding.
const SLACK: f64 = 1e-6;
/// Efficiency of a turbine with generator where none is given: pumps running as turbines reach 0.6…0.8.
const TURBINE_EFFICIENCY: f64 = 0.7;

/// Adds the states of all machines to a solution. Reads nothing of links that have none.
pub fn add(network: &Network, problem: &Problem, solution: &mut Solution) {
    let machines = Machines { network, problem, solution };
    let mut pumps: Vec<PumpState> = problem.pumps.iter().filter_map(|row| machines.pump(row)).collect();
    pumps.extend(problem.stations.iter().filter_map(|row| machines.station_pump(row)));
    pumps.sort_by_key(|state| state.link);
    let stations = problem.stations.iter().filter_map(|row| machines.station(row)).collect();
    let turbines = problem.turbines.iter().filter_map(|&link| machines.turbine(link as usize)).collect();
    (solution.pumps, solution.stations, solution.turbines) = (pumps, stations, turbines);
}

struct Machines<'a> {
    network: &'a Network,
    problem: &'a Problem,
    solution: &'a Solution,
}

impl<'a> Machines<'a> {
    fn view(&self, link: usize) -> Option<LinkView<'a>> {
        self.network.link_view(self.problem.link_handles[link])
    }

    /// A pump of its own, or those of a source.
    fn pump(&self, row: &PumpRow) -> Option<PumpState> {
        let link = row.link as usize;
        let view = self.view(link)?;
        let (pump, varied) = match &view.link.kind {
            LinkKind::Pump(pump) => (&**pump, pump.control != PumpControl::Speed),
            LinkKind::Source(source) => {
                let at_speed = self
                    .problem
                    .sources
                    .iter()
                    .any(|source| source.link == row.link && matches!(source.hold, Hold::Speed(_)));
                (source.pumps.as_deref()?, !at_speed)
            }
            _ => return None,
        };
        let state = self.solution.link(view.handle)?;
        let duty = self.duty(link, state.mass_flow_kg_s, -state.pressure_drop_pa);
        let mut out = duty.state(view.handle, pump, &row.curve, &row.group, varied);
        self.suction(&view, self.solution.node(view.from)?.pressure_pa, &mut out);
        Some(out)
    }

    fn station_pump(&self, row: &StationRow) -> Option<PumpState> {
        let pump_row = row.pump.as_ref()?;
        let link = self.problem.consumers[row.consumer as usize].link as usize;
        let view = self.view(link)?;
        let consumer = view.consumer()?;
        let pump = consumer.station.as_ref()?.pump.as_ref()?;
        let state = self.solution.link(view.handle)?;
        let [supply_pa, return_pa] =
            [view.from, view.to].map(|end| self.solution.node(end).map(|node| node.pressure_pa));
        let (supply_pa, return_pa) = (supply_pa?, return_pa?);
        let square = state.mass_flow_kg_s * state.mass_flow_kg_s;
        let (valve_pa, circuit_pa) = (row.valve_pa_s2_kg2 * square, row.circuit_pa_s2_kg2 * square);
        let lacking_pa = valve_pa + circuit_pa - (supply_pa - return_pa);
        let rise_pa = match consumer.connection {
            Connection::MixingBypassPump => circuit_pa,
            // The mixing point stands at the return pressure or below: the pump drives the whole circuit in any case.
            Connection::MixingSupplyPump | Connection::MixingReturnPump => lacking_pa.max(circuit_pa),
            _ => lacking_pa.max(0.0),
        };
        let duty = self.duty(link, pump_row.flow_ratio * state.mass_flow_kg_s, rise_pa);
        let mut out = duty.state(view.handle, pump, &pump_row.curve, &pump_row.group, true);
        // Pumps in the return stand behind the circuit, where pressure is lowest; the others see the mixing point.
        let suction_pa = match consumer.connection {
            Connection::MixingReturnPump => return_pa - rise_pa,
            Connection::MixingBypassPump => return_pa,
            Connection::MixingSupplyPump => return_pa - (rise_pa - circuit_pa),
            _ => supply_pa - valve_pa,
        };
        self.suction(&view, suction_pa, &mut out);
        Some(out)
    }

    fn duty(&self, link: usize, mass_flow_kg_s: f64, rise_pa: f64) -> Duty {
        let (density_kg_m3, gravity_m_s2) = (self.problem.density_kg_m3[link], self.problem.gravity_m_s2);
        Duty {
            flow_m3_s: mass_flow_kg_s / density_kg_m3,
            head_m: rise_pa / (density_kg_m3 * gravity_m_s2),
            density_kg_m3,
            gravity_m_s2,
        }
    }

    /// Pressure at the suction against that at which its water boils.
    fn suction(&self, view: &LinkView<'_>, pressure_pa: f64, out: &mut PumpState) {
        let problem = self.problem;
        let Some(link) = problem.link(view.handle) else { return };
        let known = self.solution.node(view.from).map(|node| node.temperature_c).filter(|t| t.is_finite());
        let side = self.network.node(view.from).map(|node| node.side);
        let temperature_c = known.unwrap_or(match side {
            Some(Side::Return) => problem.return_c(problem.from[link]),
            _ => problem.supply_c(problem.from[link]),
        });
        let vapour_pa = saturation_pressure_pa(temperature_c);
        let absolute_pa = pressure_pa + ATMOSPHERE_PA;
        out.suction_above_vapour_pa = absolute_pa - vapour_pa;
        // Without a known bore the velocity head is left out: on the safe side by some 0.2 m.
        out.npsh_available_head_m =
            npsh_available_m(absolute_pa, vapour_pa, 0.0, problem.density_kg_m3[link], problem.gravity_m_s2);
    }

    fn station(&self, row: &StationRow) -> Option<StationState> {
        let consumer = &self.problem.consumers[row.consumer as usize];
        let handle = self.problem.link_handles[consumer.link as usize];
        let state = self.solution.link(handle)?;
        if row.mixing_ratio == 0.0 {
            return None;
        }
        let inlet_c = state.inlet_temperature_c;
        let supply_c = if inlet_c.is_finite() {
            inlet_c
        } else {
            self.problem.supply_c(self.problem.from[consumer.link as usize])
        };
        let square = state.mass_flow_kg_s * state.mass_flow_kg_s;
        Some(StationState {
            link: handle,
            mixed_flow_kg_s: (1.0 + row.mixing_ratio) * state.mass_flow_kg_s,
            mixed_temperature_c: mixed_temperature_c(supply_c, consumer.return_temperature_c, row.mixing_ratio),
            circuit_drop_pa: row.circuit_pa_s2_kg2 * square,
        })
    }

    fn turbine(&self, link: usize) -> Option<TurbineState> {
        let view = self.view(link)?;
        let valve = view.valve()?;
        let state = self.solution.link(view.handle)?;
        let duty = self.duty(link, state.mass_flow_kg_s, state.pressure_drop_pa);
        let efficiency = valve.efficiency.unwrap_or(TURBINE_EFFICIENCY);
        let hydraulic_power_w = state.mass_flow_kg_s / duty.density_kg_m3 * state.pressure_drop_pa;
        Some(TurbineState {
            link: view.handle,
            flow_m3_h: duty.flow_m3_s * HOUR_S,
            head_m: duty.head_m,
            efficiency,
            recovered_power_w: efficiency * hydraulic_power_w,
        })
    }
}

/// What is asked of a pump group.
struct Duty {
    flow_m3_s: f64,
    head_m: f64,
    density_kg_m3: f64,
    gravity_m_s2: f64,
}

impl Duty {
    /// Speed, efficiency and powers; what depends on the suction is for the caller.
    fn state(&self, link: LinkId, pump: &Pump, curve: &HeadCurve, group: &PumpGroup, varied: bool) -> PumpState {
        let speed = if !varied {
            pump.speed
        } else if self.head_m <= 0.0 {
            // A duty without rise needs no speed at all.
            0.0
        } else {
            group.speed_at(curve, self.flow_m3_s, self.head_m * (1.0 - SLACK), pump.speed).unwrap_or(pump.speed)
        };
        let at_speed = PumpGroup { speed, ..*group };
        let hydraulic_power_w = self.density_kg_m3 * self.gravity_m_s2 * self.flow_m3_s * self.head_m;
        let efficiency = efficiency(pump, &at_speed, self.flow_m3_s);
        let shaft = match pump.power_w {
            Some(_) => None,
            None if hydraulic_power_w == 0.0 => Some(0.0),
            None => shaft_power_w(self.flow_m3_s, self.head_m, efficiency, self.density_kg_m3, self.gravity_m_s2),
        };
        let shaft_power_w = shaft.unwrap_or(f64::NAN);
        PumpState {
            link,
            flow_m3_h: self.flow_m3_s * HOUR_S,
            head_m: self.head_m,
            greatest_head_m: group.head(curve, self.flow_m3_s).head_m,
            speed,
            efficiency,
            hydraulic_power_w,
            shaft_power_w,
            electric_power_w: pump
                .motor_efficiency
                .filter(|eta| *eta > 0.0)
                .map_or(f64::NAN, |eta| shaft_power_w / eta),
            suction_above_vapour_pa: f64::NAN,
            npsh_available_head_m: f64::NAN,
            npsh_required_head_m: npsh_required_m(pump, &at_speed, self.flow_m3_s),
        }
    }
}

/// Efficiency at a flow of the group; NaN where no point of the curve tells one.
fn efficiency(pump: &Pump, group: &PumpGroup, flow_m3_s: f64) -> f64 {
    let points = pump.curve.iter().filter_map(|point| Some((point.flow_m3_h / HOUR_S, point.efficiency?)));
    let rows: Vec<(f64, f64)> = points.collect();
    PropertyTable::new(&rows).map_or(f64::NAN, |table| group.efficiency(&table, flow_m3_s))
}

/// NPSH the pump needs at a flow of the group; NaN where nothing tells it.
fn npsh_required_m(pump: &Pump, group: &PumpGroup, flow_m3_s: f64) -> f64 {
    let rows: Vec<(f64, f64)> = pump.npsh_curve.iter().map(|[flow, head]| (flow / HOUR_S, *head)).collect();
    let at_rated = match PropertyTable::new(&rows) {
        Ok(table) => table.value(group.nominal_flow_m3_s(flow_m3_s)),
        Err(_) => pump.npsh_required_head_m.unwrap_or(f64::NAN),
    };
    group.npsh_required_m(at_rated)
}
