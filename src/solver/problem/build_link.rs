//! Pipes, valves and pumps of the network as elements of the problem.

use crate::network::elements::{Characteristic, PipeState, ValveKind};
use crate::network::{Code, Finding, FrictionModel, Name, Network, Pipe, Pump, PumpControl, Valve};
use crate::physics::calendar::HOUR_S;
use crate::physics::power_law::{
    HAZEN_WILLIAMS_EXPONENT, chezy_manning_head_coefficient, hazen_williams_head_coefficient,
};
use crate::physics::pump::{PumpGroup, SMALLEST_SPEED};
use crate::physics::pump_curve::{CurveFault, HeadCurve};
use crate::physics::valve::{CharacteristicTable, OpeningCharacteristic, ValveBuild, kv_of_zeta_m3_h};

use super::{Control, Element, HeadLossRow, PipeRow, Problem, PumpHold, PumpRow, Resistance, ShutPipeRow, ValveRow};

/// View of a link while the problem is built.
type View<'a> = crate::network::LinkView<'a>;

/// Resistance of an element that has none of its own, Pa s/kg: 1 Pa at 1000 kg/s. Nonzero, so that the flow through two
/// such elements side by side is defined.
pub const NEGLIGIBLE_PA_S_KG: f64 = 1e-3;
/// New cement-lined or plastic main, EPANET's usual default, where a pipe of a Hazen–Williams network tells no C.
const DEFAULT_HAZEN_WILLIAMS_C: f64 = 130.0;
/// Smooth concrete or clean steel, where a pipe of a Chézy–Manning network tells no n.
const DEFAULT_MANNING_N: f64 = 0.013;

impl Problem {
    pub(super) fn pipe(
        &mut self,
        view: &View<'_>,
        pipe: &Pipe,
        friction: FrictionModel,
        findings: &mut Vec<Finding>,
    ) -> Element {
        let shut = pipe.state == PipeState::Closed;
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let not_negative = |value: f64| value >= 0.0 && value.is_finite();
        for (good, field) in [
            (positive(pipe.length_m), "length_m"),
            (positive(pipe.inner_diameter_m), "inner_diameter_m"),
            (not_negative(pipe.roughness_m), "roughness_m"),
            (not_negative(pipe.zeta), "zeta"),
        ] {
            // The numbers of a shut pipe reach nothing.
            if !good && !shut {
                findings.push(Finding::new(Code::NotFinite, view.element()).text("field", field));
            }
        }
        let resistance = match friction {
            FrictionModel::HazenWilliams => {
                let c = pipe.details.hazen_williams_c.filter(|&c| positive(c)).unwrap_or(DEFAULT_HAZEN_WILLIAMS_C);
                self.head_loss(
                    pipe,
                    hazen_williams_head_coefficient(pipe.length_m, pipe.inner_diameter_m, c),
                    HAZEN_WILLIAMS_EXPONENT,
                )
            }
            FrictionModel::ChezyManning => {
                let n = pipe.details.manning_n.filter(|&n| positive(n)).unwrap_or(DEFAULT_MANNING_N);
                self.head_loss(pipe, chezy_manning_head_coefficient(pipe.length_m, pipe.inner_diameter_m, n), 2.0)
            }
            _ => {
                self.pipes.push(PipeRow {
                    length_m: pipe.length_m,
                    inner_diameter_m: pipe.inner_diameter_m,
                    roughness_m: pipe.roughness_m,
                    zeta: pipe.zeta,
                });
                Resistance::Pipe(self.pipes.len() as u32 - 1)
            }
        };
        match (pipe.state, self.link(view.handle)) {
            (PipeState::Open, _) => Element::Plain(resistance),
            (PipeState::OneWay, _) => self.valve_row(resistance, Control::Check),
            (PipeState::Closed, link) => {
                self.shut_pipes.extend(link.map(|link| ShutPipeRow { link: link as u32, resistance }));
                Element::Closed
            }
        }
    }

    pub(super) fn valve(
        &mut self,
        network: &Network,
        view: &View<'_>,
        valve: &Valve,
        findings: &mut Vec<Finding>,
    ) -> Element {
        let share = match characteristic(&valve.characteristic) {
            Some(characteristic) => characteristic.share(valve.opening),
            None => {
                findings.push(Finding::new(Code::BadTable, view.element()).text("field", "characteristic"));
                return Element::Closed;
            }
        };
        if share <= 0.0 {
            return Element::Closed;
        }
        let mut missing = |field: &'static str| {
            findings.push(Finding::new(Code::MissingSetValue, view.element()).text("field", field));
            Element::Closed
        };
        let set_pa = valve.set_pressure_pa.filter(|set| set.is_finite());
        let resistance = open_valve(valve, share);
        let control = match valve.kind {
            ValveKind::Sectioning
            | ValveKind::Isolating
            | ValveKind::Control
            | ValveKind::Balancing
            | ValveKind::Bypass => return Element::Plain(resistance),
            ValveKind::Check => Control::Check,
            ValveKind::Flow => match valve.set_flow_kg_s.filter(|set| set.is_finite() && *set >= 0.0) {
                Some(set_flow_kg_s) => Control::FlowLimit { set_flow_kg_s },
                None => return missing("set_flow_kg_s"),
            },
            ValveKind::PressureReducing => match set_pa {
                Some(set_pa) => Control::PressureReducing { set_pa },
                None => return missing("set_pressure_pa"),
            },
            ValveKind::PressureSustaining => match set_pa {
                Some(set_pa) => Control::PressureSustaining { set_pa },
                None => return missing("set_pressure_pa"),
            },
            ValveKind::PressureBreaking => match set_pa.filter(|set| *set >= 0.0) {
                Some(set_pa) => Control::PressureBreaking { set_pa },
                None => return missing("set_pressure_pa"),
            },
            ValveKind::DifferentialPressure => match (set_pa, &valve.sensing_nodes) {
                (None, _) => return missing("set_pressure_pa"),
                (Some(set_pa), None) => Control::Overflow { set_pa: set_pa.max(0.0) },
                (Some(set_pa), Some(nodes)) => match self.sensed(network, view, nodes) {
                    Ok([high, low]) => Control::DifferentialPressure { set_pa, high, low },
                    Err(finding) => {
                        findings.push(finding);
                        return Element::Closed;
                    }
                },
            },
            ValveKind::Turbine => {
                self.turbines.push(self.elements.len() as u32);
                let resistance = match (valve.loss_curve.is_empty(), loss_curve(&valve.loss_curve)) {
                    (true, _) => resistance,
                    (false, Some(curve)) => {
                        self.loss_curves.push(curve);
                        Resistance::Curve(self.loss_curves.len() as u32 - 1)
                    }
                    (false, None) => {
                        findings.push(Finding::new(Code::BadTable, view.element()).text("field", "loss_curve"));
                        return Element::Closed;
                    }
                };
                let control = set_pa.map_or(Control::Check, |set_pa| Control::PressureReducing { set_pa });
                return self.valve_row(resistance, control);
            }
            ValveKind::GeneralPurpose => {
                return match loss_curve(&valve.loss_curve) {
                    Some(curve) => {
                        self.loss_curves.push(curve);
                        Element::Plain(Resistance::Curve(self.loss_curves.len() as u32 - 1))
                    }
                    None => {
                        findings.push(Finding::new(Code::BadTable, view.element()).text("field", "loss_curve"));
                        Element::Closed
                    }
                };
            }
        };
        self.valve_row(resistance, control)
    }

    fn valve_row(&mut self, resistance: Resistance, control: Control) -> Element {
        self.valves.push(ValveRow { resistance, control });
        Element::Valve(self.valves.len() as u32 - 1)
    }

    fn head_loss(&mut self, pipe: &Pipe, coefficient: f64, exponent: f64) -> Resistance {
        let fittings_kv_m3_h =
            if pipe.zeta > 0.0 { kv_of_zeta_m3_h(pipe.zeta, pipe.inner_diameter_m) } else { f64::INFINITY };
        self.head_losses.push(HeadLossRow { coefficient, exponent, fittings_kv_m3_h });
        Resistance::Head(self.head_losses.len() as u32 - 1)
    }

    /// Dense nodes a controller senses.
    fn sensed(&self, network: &Network, view: &View<'_>, nodes: &[Name; 2]) -> Result<[u32; 2], Finding> {
        let find = |name| network.node_id(name).and_then(|node| self.node(node)).map(|node| node as u32);
        match (find(&nodes[0]), find(&nodes[1])) {
            (Some(high), Some(low)) => Ok([high, low]),
            (high, _) => {
                let target = if high.is_none() { &nodes[0] } else { &nodes[1] };
                Err(Finding::new(Code::DanglingReference, view.element())
                    .severe(crate::network::Severity::Error)
                    .text("field", "sensing_nodes")
                    .text("target", target.as_ref()))
            }
        }
    }

    pub(super) fn pump(
        &mut self,
        network: &Network,
        link: u32,
        view: &View<'_>,
        pump: &Pump,
        findings: &mut Vec<Finding>,
    ) -> Element {
        let Some(row) = self.pump_row(link, view, pump, findings) else { return Element::Closed };
        match self.pump_hold(network, view, pump) {
            Ok(hold) => {
                self.pumps.push(PumpRow { hold, ..row });
                Element::Pump(self.pumps.len() as u32 - 1)
            }
            Err(finding) => {
                findings.push(finding);
                Element::Closed
            }
        }
    }

    /// The row of a pump of a link; `None` where it stands, or its numbers are none, which is reported.
    pub(super) fn pump_row(
        &self,
        link: u32,
        view: &View<'_>,
        pump: &Pump,
        findings: &mut Vec<Finding>,
    ) -> Option<PumpRow> {
        if !pump.running || pump.parallel == 0 || pump.speed < SMALLEST_SPEED {
            return None;
        }
        let curve = match pump.power_w {
            // Hydraulic power, as in EPANET: efficiency of pump and motor is no part of it.
            Some(power_w) => {
                let weight = self.fluid.density_kg_m3(self.supply_temperature_c) * self.gravity_m_s2;
                HeadCurve::constant_power(power_w / weight).ok_or("the power must be above zero".to_owned())
            }
            None => {
                let points: Vec<(f64, f64)> =
                    pump.curve.iter().map(|point| (point.flow_m3_h / HOUR_S, point.head_m)).collect();
                HeadCurve::from_points(&points).map_err(|fault| match fault {
                    CurveFault::Empty => "it has neither curve nor power".to_owned(),
                    CurveFault::Invalid { point } => format!("point {} of its curve is invalid", point + 1),
                    CurveFault::FlowNotRising { point } => format!("the flow does not rise at point {}", point + 1),
                })
            }
        };
        match curve {
            Ok(curve) if pump.speed.is_finite() => {
                let group = PumpGroup { speed: pump.speed, parallel: u32::from(pump.parallel) };
                let hold = PumpHold::Source;
                Some(PumpRow { link, curve, group, check_valve: pump.check_valve, hold })
            }
            Ok(_) => {
                findings.push(Finding::new(Code::NotFinite, view.element()).text("field", "speed"));
                None
            }
            Err(reason) => {
                findings.push(Finding::new(Code::PumpCurve, view.element()).text("reason", reason));
                None
            }
        }
    }
}

impl Problem {
    fn pump_hold(&self, network: &Network, view: &View<'_>, pump: &Pump) -> Result<PumpHold, Finding> {
        let (hold, value) = match &pump.control {
            PumpControl::Speed => return Ok(PumpHold::Speed),
            PumpControl::MassFlow { mass_flow_kg_s } => (PumpHold::MassFlow(mass_flow_kg_s.max(0.0)), *mass_flow_kg_s),
            PumpControl::PressureRise { pressure_rise_pa } => (PumpHold::Rise(*pressure_rise_pa), *pressure_rise_pa),
            PumpControl::DifferentialPressure { set_pressure_pa, sensing_nodes } => {
                let [high, low] = self.sensed(network, view, sensing_nodes)?;
                (PumpHold::DifferentialPressure { set_pa: *set_pressure_pa, high, low }, *set_pressure_pa)
            }
        };
        if value.is_finite() {
            Ok(hold)
        } else {
            Err(Finding::new(Code::NotFinite, view.element()).text("field", "control"))
        }
    }
}

/// The law of a valve's opening; `None`: its table is no characteristic.
pub fn characteristic(characteristic: &Characteristic) -> Option<OpeningCharacteristic> {
    Some(match characteristic {
        Characteristic::Linear => OpeningCharacteristic::Linear,
        Characteristic::EqualPercentage { rangeability } => {
            OpeningCharacteristic::EqualPercentage { rangeability: *rangeability }
        }
        Characteristic::QuickOpening => OpeningCharacteristic::QuickOpening,
        Characteristic::Table { points } => {
            let rows: Vec<(f64, f64)> = points.iter().map(|point| (point[0], point[1])).collect();
            OpeningCharacteristic::Table(CharacteristicTable::new(&rows).ok()?)
        }
    })
}

/// Resistance of a valve with this share of its full Kv: by Kv, else by ζ and diameter, else by kind and diameter,
/// else next to nothing.
fn open_valve(valve: &Valve, share: f64) -> Resistance {
    let positive = |value: &f64| *value > 0.0 && value.is_finite();
    if let Some(kv) = valve.kv_m3_h.filter(positive) {
        return Resistance::Kv(kv * share);
    }
    let Some(diameter_m) = valve.diameter_m.filter(positive) else {
        return Resistance::Linear(NEGLIGIBLE_PA_S_KG / share);
    };
    let zeta = match valve.zeta {
        // EPANET's open valves often carry a loss coefficient of exactly zero.
        Some(zeta) if !positive(&zeta) => return Resistance::Linear(NEGLIGIBLE_PA_S_KG / share),
        Some(zeta) => zeta,
        None => match valve.kind {
            ValveKind::Sectioning | ValveKind::Isolating => ValveBuild::Butterfly,
            ValveKind::Check => ValveBuild::SwingCheck,
            _ => ValveBuild::Globe,
        }
        .open_zeta(),
    };
    Resistance::Kv(kv_of_zeta_m3_h(zeta, diameter_m) * share)
}

/// Rising points (m³/s, m) starting at the origin; `None` where they do not rise.
fn loss_curve(points: &[[f64; 2]]) -> Option<Vec<[f64; 2]>> {
    let mut curve = vec![[0.0, 0.0]];
    for &[flow_m3_h, head_m] in points {
        let point = [flow_m3_h / HOUR_S, head_m];
        if point == [0.0, 0.0] {
            continue;
        }
        let last = curve[curve.len() - 1];
        let rises = point[0] > last[0] && point[1] > last[1];
        if !rises || !point[0].is_finite() || !point[1].is_finite() {
            return None;
        }
        curve.push(point);
    }
    (curve.len() > 1).then_some(curve)
}
