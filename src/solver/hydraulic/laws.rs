//! Laws of single links at the present state of the water: Δp and slope over mass flow.
//!
//! *Two-way* laws are odd and strictly rising. *Limited* laws are two-way laws, pump curves or fixed drops with a lowest
//! and a highest flow at which the law turns vertical: a check valve has lowest flow 0, a flow limiter a highest, a
//! consumer both. Not here: laws that look at pressures elsewhere (`controllers`).

use std::f64::consts::PI;

use super::super::problem::{
    Control, Element, HeadLossRow, Hold, Problem, PumpHold, Resistance, StationPump, ValveRow,
};
use crate::physics::friction::{FrictionLaw, PipeInFluid, PipeResistance, PressureDrop};
use crate::physics::power_law::{PowerLaw, pressure_coefficient};
use crate::physics::valve::resistance_of_kv_pa_s2_kg2;

/// Slope of a consumer that needs no pressure and of limiters between their limits, Pa s/kg: nothing beside the network,
/// but enough to share flow between equals.
pub const SMALL_SLOPE_PA_S_KG: f64 = 1e-3;

/// A law that stops everything: stands in where numbers overflow, e.g. a Kv of 1e-160.
const ALMOST_SHUT: PowerLaw = PowerLaw { coefficient: 1e15, exponent: 1.0, linear_below_kg_s: 1.0 };

/// Flow typical for a pipe, at which its law is replaced by a straight line to begin with: that of about 60 Pa/m, for
/// which mains are built (2.5 m/s in a bore of 1 m, less in narrower ones as its square root) in water of 80 °C.
#[inline(always)]
pub fn typical_pipe_flow_kg_s(reynolds_per_kg_s: f64) -> f64 {
    const VISCOSITY_PA_S: f64 = 3.5e-4;
    const DENSITY_KG_M3: f64 = 972.0;
    let diameter_m = 4.0 / (PI * VISCOSITY_PA_S * reynolds_per_kg_s);
    let velocity_m_s = 2.5 * diameter_m.sqrt();
    DENSITY_KG_M3 * 0.25 * PI * diameter_m * diameter_m * velocity_m_s
}

/// Odd, strictly rising law.
#[derive(Clone, Copy, Debug)]
pub enum TwoWay {
    Pipe(PipeResistance, FrictionLaw),
    Power(PowerLaw),
    /// Wall friction and fittings of a pipe with a head-loss formula.
    Pair(PowerLaw, PowerLaw),
    /// Row of loss curve; density, weight per volume (ρ g).
    Curve {
        row: u32,
        density_kg_m3: f64,
        weight_n_m3: f64,
    },
}

impl TwoWay {
    pub fn new(problem: &Problem, link: usize, resistance: Resistance) -> TwoWay {
        let density_kg_m3 = problem.density_kg_m3[link];
        let quadratic = |kv| PowerLaw::quadratic(resistance_of_kv_pa_s2_kg2(kv, density_kg_m3)).unwrap_or(ALMOST_SHUT);
        match resistance {
            Resistance::Pipe(row) => match pipe_resistance(problem, link, row) {
                Some(resistance) => TwoWay::Pipe(resistance, problem.friction),
                None => TwoWay::Power(ALMOST_SHUT),
            },
            Resistance::Kv(kv) => TwoWay::Power(quadratic(kv)),
            Resistance::Linear(slope) => TwoWay::Power(PowerLaw::new(slope, 1.0).unwrap_or(ALMOST_SHUT)),
            Resistance::Head(row) => {
                let HeadLossRow { coefficient, exponent, fittings_kv_m3_h } = problem.head_losses[row as usize];
                let coefficient = pressure_coefficient(coefficient, exponent, density_kg_m3, problem.gravity_m_s2);
                let wall = PowerLaw::new(coefficient, exponent).unwrap_or(ALMOST_SHUT);
                if fittings_kv_m3_h.is_finite() {
                    TwoWay::Pair(wall, quadratic(fittings_kv_m3_h))
                } else {
                    TwoWay::Power(wall)
                }
            }
            Resistance::Curve(row) => {
                TwoWay::Curve { row, density_kg_m3, weight_n_m3: density_kg_m3 * problem.gravity_m_s2 }
            }
        }
    }

    pub fn drop(&self, problem: &Problem, mass_flow_kg_s: f64) -> PressureDrop {
        match self {
            TwoWay::Pipe(resistance, law) => resistance.pressure_drop(*law, mass_flow_kg_s),
            TwoWay::Power(law) => law.pressure_drop(mass_flow_kg_s),
            TwoWay::Pair(wall, fittings) => {
                let (a, b) = (wall.pressure_drop(mass_flow_kg_s), fittings.pressure_drop(mass_flow_kg_s));
                PressureDrop { drop_pa: a.drop_pa + b.drop_pa, slope_pa_s_kg: a.slope_pa_s_kg + b.slope_pa_s_kg }
            }
            TwoWay::Curve { row, density_kg_m3, weight_n_m3 } => {
                let curve = &problem.loss_curves[*row as usize];
                let flow_m3_s = mass_flow_kg_s.abs() / density_kg_m3;
                let above = curve.partition_point(|point| point[0] <= flow_m3_s).clamp(1, curve.len() - 1);
                let (low, high) = (curve[above - 1], curve[above]);
                let slope = (high[1] - low[1]) / (high[0] - low[0]);
                let head_m = low[1] + slope * (flow_m3_s - low[0]);
                PressureDrop {
                    drop_pa: (weight_n_m3 * head_m).copysign(mass_flow_kg_s),
                    slope_pa_s_kg: weight_n_m3 * slope / density_kg_m3,
                }
            }
        }
    }

    /// A flow typical for the element, at which its law is replaced by a straight line to begin with: see
    /// [`typical_pipe_flow_kg_s`] for pipes, 10 kPa elsewhere.
    pub fn typical_flow_kg_s(&self) -> f64 {
        const TYPICAL_DROP_PA: f64 = 1e4;
        match self {
            TwoWay::Pipe(resistance, _) => typical_pipe_flow_kg_s(resistance.reynolds_per_kg_s),
            TwoWay::Power(law) | TwoWay::Pair(law, _) => (TYPICAL_DROP_PA / law.coefficient).powf(1.0 / law.exponent),
            TwoWay::Curve { .. } => 10.0,
        }
    }
}

/// A pipe in its water.
#[inline]
pub fn pipe_in_fluid(problem: &Problem, link: usize, row: u32) -> PipeInFluid {
    let pipe = &problem.pipes[row as usize];
    PipeInFluid {
        length_m: pipe.length_m,
        inner_diameter_m: pipe.inner_diameter_m,
        roughness_m: pipe.roughness_m,
        zeta: pipe.zeta,
        density_kg_m3: problem.density_kg_m3[link],
        viscosity_pa_s: problem.viscosity_pa_s[link],
    }
}

/// Resistance of a pipe in its water; `None` where a density or viscosity is not a positive number.
pub fn pipe_resistance(problem: &Problem, link: usize, row: u32) -> Option<PipeResistance> {
    pipe_in_fluid(problem, link, row).resistance()
}

/// Law between its limits.
#[derive(Clone, Copy, Debug)]
enum Between {
    TwoWay(TwoWay),
    /// The greater of a fixed drop and the open valve.
    AtLeast(f64, TwoWay),
    /// Row in the pumps; density.
    Pump(u32, f64),
    /// Resistance of a station less the head of its pump: row in the stations; density.
    Station(TwoWay, u32, f64),
}

/// Pump of a station that helps the primary pressure.
fn boost(problem: &Problem, station: u32) -> Option<&StationPump> {
    problem.stations.get(station as usize)?.pump.as_ref().filter(|pump| pump.boosts)
}

/// A law with limits.
#[derive(Clone, Copy, Debug)]
pub struct Limited {
    between: Between,
    pub low_kg_s: f64,
    pub high_kg_s: f64,
}

impl Limited {
    /// The law of a special link; `None` for links that are not special.
    pub fn new(problem: &Problem, link: usize) -> Option<Limited> {
        let two_way = |resistance| Between::TwoWay(TwoWay::new(problem, link, resistance));
        let at_least = |set_pa, resistance| Between::AtLeast(set_pa, TwoWay::new(problem, link, resistance));
        let (between, low_kg_s, high_kg_s) = match problem.elements[link] {
            Element::Valve(row) => {
                let ValveRow { resistance, control } = problem.valves[row as usize];
                match control {
                    Control::Check => (two_way(resistance), 0.0, f64::INFINITY),
                    Control::FlowLimit { set_flow_kg_s } => (two_way(resistance), f64::NEG_INFINITY, set_flow_kg_s),
                    Control::PressureBreaking { set_pa } | Control::Overflow { set_pa } => {
                        (at_least(set_pa, resistance), 0.0, f64::INFINITY)
                    }
                    Control::PressureReducing { .. }
                    | Control::PressureSustaining { .. }
                    | Control::DifferentialPressure { .. } => return None,
                }
            }
            Element::Pump(row) => {
                let pump = &problem.pumps[row as usize];
                let low = if pump.check_valve { 0.0 } else { f64::NEG_INFINITY };
                let high = match pump.hold {
                    PumpHold::DifferentialPressure { .. } => return None,
                    PumpHold::MassFlow(set_flow_kg_s) => set_flow_kg_s,
                    PumpHold::Speed | PumpHold::Rise(_) | PumpHold::Source => f64::INFINITY,
                };
                (Between::Pump(row, problem.density_kg_m3[link]), low, high)
            }
            Element::Consumer(row) => {
                let consumer = &problem.consumers[row as usize];
                let resistance = if consumer.kv_open_m3_h.is_finite() {
                    Resistance::Kv(consumer.kv_open_m3_h)
                } else {
                    Resistance::Linear(SMALL_SLOPE_PA_S_KG)
                };
                let between = match boost(problem, consumer.station) {
                    Some(_) => Between::Station(
                        TwoWay::new(problem, link, resistance),
                        consumer.station,
                        problem.density_kg_m3[link],
                    ),
                    None => two_way(resistance),
                };
                (between, 0.0, consumer.set_flow_kg_s)
            }
            Element::Source(row) => match problem.sources[row as usize].hold {
                Hold::Speed(pump) => (Between::Pump(pump, problem.density_kg_m3[link]), 0.0, f64::INFINITY),
                _ => return None,
            },
            Element::Closed | Element::Plain(_) => return None,
        };
        Some(Limited { between, low_kg_s, high_kg_s })
    }

    /// A resistance open both ways.
    pub fn open(problem: &Problem, link: usize, resistance: Resistance) -> Limited {
        let between = Between::TwoWay(TwoWay::new(problem, link, resistance));
        Limited { between, low_kg_s: f64::NEG_INFINITY, high_kg_s: f64::INFINITY }
    }

    /// A pump at its greatest speed.
    pub fn pump(problem: &Problem, link: usize, row: u32) -> Limited {
        let between = Between::Pump(row, problem.density_kg_m3[link]);
        Limited { between, low_kg_s: f64::NEG_INFINITY, high_kg_s: f64::INFINITY }
    }

    /// A make-up: next to no resistance up to its capacity.
    pub fn make_up(capacity_kg_s: f64) -> Limited {
        let law = PowerLaw::new(SMALL_SLOPE_PA_S_KG, 1.0).unwrap_or(ALMOST_SHUT);
        Limited { between: Between::TwoWay(TwoWay::Power(law)), low_kg_s: f64::NEG_INFINITY, high_kg_s: capacity_kg_s }
    }

    /// A hole of this effective area Cd·A: m = Cd·A·√(2ρΔp), and nothing enters.
    pub fn leak(effective_area_m2: f64, density_kg_m3: f64) -> Limited {
        let resistance = 1.0 / (2.0 * density_kg_m3 * effective_area_m2 * effective_area_m2);
        let law = PowerLaw::quadratic(resistance).unwrap_or(ALMOST_SHUT);
        Limited { between: Between::TwoWay(TwoWay::Power(law)), low_kg_s: 0.0, high_kg_s: f64::INFINITY }
    }

    /// Drop and slope of the law between the limits, continued beyond them.
    pub fn drop(&self, problem: &Problem, mass_flow_kg_s: f64) -> PressureDrop {
        match &self.between {
            Between::TwoWay(law) => law.drop(problem, mass_flow_kg_s),
            Between::AtLeast(set_pa, law) => {
                let open = law.drop(problem, mass_flow_kg_s);
                let held_pa = set_pa + SMALL_SLOPE_PA_S_KG * mass_flow_kg_s;
                if open.drop_pa >= held_pa {
                    open
                } else {
                    PressureDrop { drop_pa: held_pa, slope_pa_s_kg: SMALL_SLOPE_PA_S_KG }
                }
            }
            Between::Station(law, row, density_kg_m3) => {
                let open = law.drop(problem, mass_flow_kg_s);
                let Some(pump) = boost(problem, *row) else { return open };
                let (rise_pa, slope) = pump.group.pressure_rise(
                    &pump.curve,
                    pump.flow_ratio * mass_flow_kg_s,
                    *density_kg_m3,
                    problem.gravity_m_s2,
                );
                PressureDrop {
                    drop_pa: open.drop_pa - rise_pa,
                    slope_pa_s_kg: open.slope_pa_s_kg + (-slope * pump.flow_ratio).max(0.0),
                }
            }
            Between::Pump(row, density_kg_m3) => {
                let pump = &problem.pumps[*row as usize];
                let (rise_pa, slope) =
                    pump.group.pressure_rise(&pump.curve, mass_flow_kg_s, *density_kg_m3, problem.gravity_m_s2);
                if let PumpHold::Rise(set_pa) = pump.hold {
                    let held_pa = set_pa - SMALL_SLOPE_PA_S_KG * mass_flow_kg_s;
                    if held_pa < rise_pa {
                        return PressureDrop { drop_pa: -held_pa, slope_pa_s_kg: SMALL_SLOPE_PA_S_KG };
                    }
                }
                PressureDrop { drop_pa: -rise_pa, slope_pa_s_kg: (-slope).max(SMALL_SLOPE_PA_S_KG) }
            }
        }
    }

    pub fn typical_flow_kg_s(&self, problem: &Problem) -> f64 {
        let typical = match &self.between {
            Between::TwoWay(law) | Between::AtLeast(_, law) | Between::Station(law, ..) => law.typical_flow_kg_s(),
            Between::Pump(row, density_kg_m3) => {
                let pump = &problem.pumps[*row as usize];
                let largest = pump.curve.largest_flow_m3_s();
                let half = if largest.is_finite() { 0.5 * largest } else { 0.1 };
                half * density_kg_m3 * pump.group.speed * f64::from(pump.group.parallel)
            }
        };
        typical.clamp(self.low_kg_s.max(-1e12), self.high_kg_s.min(1e12))
    }
}
