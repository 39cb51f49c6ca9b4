//! What pumps do at the state found: head, speed, efficiency, power, and the pressure at their suction.
//!
//! A pump whose control varies its speed turns as fast as its duty asks (affinity laws); efficiency and NPSH required are
//! read off its curves at the flow that belongs to the duty at rated speed. What a curve does not tell is NaN. Whether a
//! figure is good enough is for the rules to say.

use crate::network::{LinkId, Network, Pump, PumpControl, Side};
use crate::physics::property_table::PropertyTable;
use crate::physics::pump::{PumpGroup, npsh_available_m, shaft_power_w};
use crate::physics::water::{ATMOSPHERE_PA, saturation_pressure_pa};

use super::problem::{Problem, PumpRow};
use super::solution::{PumpState, Solution};

const HOUR_S: f64 = 3600.0;
/// Duty beyond what a pump gives by less than this share of its head is rounding.
const SLACK: f64 = 1e-6;

/// States of all pumps that are switched on, in slot order.
pub fn pumps(network: &Network, problem: &Problem, solution: &Solution) -> Vec<PumpState> {
    let state = |row: &PumpRow| {
        let link = row.link as usize;
        let handle = problem.link_handles[link];
        let view = network.link_view(handle)?;
        let link_state = solution.link(handle)?;
        let (density, gravity) = (problem.density_kg_m3[link], problem.gravity_m_s2);
        let flow_m3_s = link_state.mass_flow_kg_s / density;
        let duty = Duty {
            flow_m3_s,
            head_m: -link_state.pressure_drop_pa / (density * gravity),
            density_kg_m3: density,
            gravity_m_s2: gravity,
        };
        let mut out = duty.state(handle, view.pump()?, row);
        let suction = solution.node(view.from)?;
        let temperature_c = if suction.temperature_c.is_finite() {
            suction.temperature_c
        } else {
            match network.node(view.from)?.side {
                Side::Return => problem.return_temperature_c,
                Side::Supply | Side::Single => problem.supply_temperature_c,
            }
        };
        let vapour_pa = saturation_pressure_pa(temperature_c);
        let absolute_pa = suction.pressure_pa + ATMOSPHERE_PA;
        out.suction_above_vapour_pa = absolute_pa - vapour_pa;
        // Without a known bore the velocity head is left out: on the safe side by some 0.2 m.
        out.npsh_available_head_m = npsh_available_m(absolute_pa, vapour_pa, 0.0, density, gravity);
        Some(out)
    };
    problem.pumps.iter().filter_map(state).collect()
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
    fn state(&self, link: LinkId, pump: &Pump, row: &PumpRow) -> PumpState {
        let speed = match pump.control {
            PumpControl::Speed => pump.speed,
            // A duty without rise needs no speed at all; one out of reach the greatest.
            _ if self.head_m <= 0.0 => 0.0,
            _ => row
                .group
                .speed_at(&row.curve, self.flow_m3_s, self.head_m * (1.0 - SLACK), pump.speed)
                .unwrap_or(pump.speed),
        };
        let group = PumpGroup { speed, ..row.group };
        let hydraulic_power_w = self.density_kg_m3 * self.gravity_m_s2 * self.flow_m3_s * self.head_m;
        let efficiency = efficiency(pump, &group, self.flow_m3_s);
        let shaft = if pump.power_w.is_some() {
            None
        } else {
            shaft_power_w(self.flow_m3_s, self.head_m, efficiency, self.density_kg_m3, self.gravity_m_s2)
        };
        let shaft_power_w = shaft.unwrap_or(f64::NAN);
        PumpState {
            link,
            flow_m3_h: self.flow_m3_s * HOUR_S,
            head_m: self.head_m,
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
            npsh_required_head_m: npsh_required_m(pump, &group, self.flow_m3_s),
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
