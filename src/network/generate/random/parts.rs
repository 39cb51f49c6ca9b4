//! Single elements, drawn.

use super::{Draft, shapes::names};
use crate::network::{
    Characteristic, Consumer, Demand, FrictionModel, NodeId, Pipe, PipeDetails, PipeState, Pump, PumpPoint, Source,
    SourceControl, Valve, ValveKind,
};

const DENSITY_KG_M3: f64 = 960.0;

impl Draft {
    /// A main between two nodes: a pipe, now and then with a fitting in a row with it.
    pub(super) fn main(&mut self, from: NodeId, to: NodeId, flow_kg_s: f64) {
        let length_m = self.length_m();
        if !self.dice.chance(self.fittings) {
            let mut pipe = self.pipe(length_m, flow_kg_s);
            if self.dice.chance(self.closed) {
                pipe.state = PipeState::Closed;
            } else if self.dice.chance(0.2 * self.fittings) {
                pipe.state = PipeState::OneWay;
            }
            self.link('P', from, to, pipe);
            return;
        }
        let side = self.network.node(from).map(|node| node.side).unwrap_or_default();
        let z_m = self.height_m(from);
        let middle = self.node(side, z_m);
        let pipe = self.pipe(length_m, flow_kg_s);
        if self.dice.chance(0.5) {
            self.link('P', from, middle, pipe);
            self.piece(middle, to, flow_kg_s, None);
        } else {
            self.piece(from, middle, flow_kg_s, None);
            self.link('P', middle, to, pipe);
        }
    }

    fn length_m(&mut self) -> f64 {
        if self.sized { self.dice.log_between(20.0, 1000.0) } else { self.dice.log_between(0.1, 5e4) }
    }

    /// A pipe of this length for this flow, or of any diameter.
    pub(super) fn pipe(&mut self, length_m: f64, flow_kg_s: f64) -> Pipe {
        let wild_m = self.dice.log_between(0.015, 1.4);
        let velocity_m_s = self.dice.log_between(0.3, 3.0);
        let fitting_m = (4.0 * flow_kg_s / (std::f64::consts::PI * DENSITY_KG_M3 * velocity_m_s)).sqrt();
        // Thrown together, but not faster than 30 m/s at the flow it is meant for: beyond lies no network.
        let narrowest_m = (4.0 * flow_kg_s / (std::f64::consts::PI * DENSITY_KG_M3 * 30.0)).sqrt();
        let inner_diameter_m = if self.sized { fitting_m } else { wild_m.max(narrowest_m) }.clamp(0.015, 1.4);
        let roughness_m = self.dice.log_between(1e-5, 2e-3);
        let zeta = if self.dice.chance(0.3) { self.dice.log_between(0.1, 50.0) } else { 0.0 };
        let friction = self.network.settings().friction;
        let hazen_williams_c = (friction == FrictionModel::HazenWilliams).then(|| self.dice.between(60.0, 150.0));
        let manning_n = (friction == FrictionModel::ChezyManning).then(|| self.dice.between(0.01, 0.02));
        Pipe {
            length_m,
            inner_diameter_m,
            outer_diameter_m: inner_diameter_m + 0.01,
            roughness_m,
            zeta,
            u_w_m2k: self.heat.then(|| self.dice.log_between(0.2, 5.0)),
            state: PipeState::Open,
            leaks: None,
            details: PipeDetails { hazen_williams_c, manning_n, ..PipeDetails::default() }.into(),
        }
    }

    /// Anything that may stand in a row with a pipe. `back`: return node that a controller may sense against.
    pub(super) fn piece(&mut self, from: NodeId, to: NodeId, flow_kg_s: f64, back: Option<NodeId>) {
        if self.dice.chance(0.1) {
            let head_m = self.dice.log_between(2.0, 60.0);
            let pump = self.pump(flow_kg_s.max(1e-3), head_m);
            self.link('U', from, to, pump);
            return;
        }
        if self.dice.chance(0.15) {
            let pipe = self.pipe(10.0, flow_kg_s);
            self.link('P', from, to, pipe);
            return;
        }
        let mut valve = self.valve(flow_kg_s);
        if let Some(back) = back
            && self.dice.chance(0.3)
        {
            // A differential-pressure controller that senses between what is behind it and the return.
            valve.kind = ValveKind::DifferentialPressure;
            valve.set_pressure_pa = Some(self.dice.log_between(1e4, 3e5));
            valve.sensing_nodes = Some(names(self, to, back));
        }
        self.link('V', from, to, valve);
    }

    /// A valve of any kind.
    fn valve(&mut self, flow_kg_s: f64) -> Valve {
        let kind = [
            ValveKind::Sectioning,
            ValveKind::Isolating,
            ValveKind::Control,
            ValveKind::Balancing,
            ValveKind::Check,
            ValveKind::Check,
            ValveKind::DifferentialPressure,
            ValveKind::Flow,
            ValveKind::PressureReducing,
            ValveKind::PressureSustaining,
            ValveKind::PressureBreaking,
            ValveKind::GeneralPurpose,
        ][self.dice.below(12)];
        let characteristic = match self.dice.below(4) {
            0 => Characteristic::EqualPercentage { rangeability: self.dice.between(20.0, 50.0) },
            1 => Characteristic::QuickOpening,
            _ => Characteristic::Linear,
        };
        let acts =
            matches!(kind, ValveKind::Control | ValveKind::Balancing | ValveKind::Sectioning | ValveKind::Isolating);
        let opening = if self.dice.chance(self.closed) {
            0.0
        } else if acts && self.dice.chance(0.3) {
            self.dice.log_between(1e-3, 1.0)
        } else {
            1.0
        };
        let flow_m3_h = 3600.0 * flow_kg_s.max(1e-3) / DENSITY_KG_M3;
        let set_pressure_pa = match kind {
            ValveKind::PressureReducing | ValveKind::PressureSustaining => Some(self.dice.between(0.0, 1.2e6)),
            ValveKind::PressureBreaking | ValveKind::DifferentialPressure => Some(self.dice.log_between(1e3, 5e5)),
            _ => None,
        };
        // One in ten has no Kv: next to no resistance.
        let kv_m3_h = (!self.dice.chance(0.1)).then(|| flow_m3_h * self.dice.log_between(0.3, 100.0));
        let head_m = self.dice.log_between(0.5, 50.0);
        let loss_curve = match kind {
            ValveKind::GeneralPurpose => {
                [0.3, 1.0, 3.0].map(|share: f64| [share * flow_m3_h, share * (0.3 + share) * head_m]).to_vec()
            }
            _ => Vec::new(),
        };
        Valve {
            kind,
            kv_m3_h,
            opening,
            characteristic,
            set_pressure_pa,
            set_flow_kg_s: (kind == ValveKind::Flow).then(|| flow_kg_s * self.dice.log_between(0.1, 10.0)),
            loss_curve,
            ..Valve::default()
        }
    }

    /// A pump group for about this flow and head, by any of the ways to describe one.
    pub(super) fn pump(&mut self, flow_kg_s: f64, head_m: f64) -> Pump {
        let parallel = 1 + self.dice.below(3) as u16;
        let flow_m3_h = 3600.0 * flow_kg_s / DENSITY_KG_M3 / f64::from(parallel);
        let point =
            |flow: f64, head: f64| PumpPoint { flow_m3_h: flow * flow_m3_h, head_m: head * head_m, efficiency: None };
        let curve = match self.dice.below(4) {
            0 => vec![point(0.0, 1.3), point(1.0, 1.0), point(1.8, 0.4)],
            1 => vec![point(0.0, 1.2), point(0.5, 1.15), point(1.0, 1.0), point(1.5, 0.7), point(2.0, 0.1)],
            _ => vec![point(1.0, 1.0)],
        };
        Pump {
            curve,
            power_w: (!self.heat && self.dice.chance(0.05)).then_some(9.81 * flow_kg_s * head_m),
            speed: if self.dice.chance(0.3) { self.dice.between(0.4, 1.1) } else { 1.0 },
            parallel,
            running: !self.dice.chance(0.05),
            check_valve: !self.dice.chance(0.2),
            ..Pump::default()
        }
    }

    pub(super) fn source(&mut self, from: NodeId, to: NodeId, control: SourceControl) -> String {
        let supply_temperature_c = self.dice.between(65.0, 130.0);
        self.link('H', from, to, Source { control, supply_temperature_c, ..Source::default() })
    }

    /// A consumer of about this flow.
    pub(super) fn consumer(&mut self, flow_kg_s: f64) -> Consumer {
        let demand = if self.heat && self.dice.chance(0.7) {
            Demand::Heat { heat_w: flow_kg_s * 4190.0 * 40.0 }
        } else {
            Demand::MassFlow { mass_flow_kg_s: flow_kg_s }
        };
        let flow_m3_h = 3600.0 * flow_kg_s.max(1e-3) / DENSITY_KG_M3;
        Consumer {
            demand,
            return_temperature_c: self.dice.between(25.0, 60.0),
            kv_open_m3_h: self.dice.chance(0.5).then(|| flow_m3_h * self.dice.log_between(0.5, 20.0)),
            shut: self.dice.chance(0.03),
            ..Consumer::default()
        }
    }
}
