//! What one element of a random network has to obey, from its data and the published laws, not from the solver's arrays.
//!
//! Every element becomes a [`Rule`]: a rising law between two limits of flow, or a held value. How far a solved state is
//! from it is the judge's business.

use crate::network::{
    Demand, FrictionModel, LinkKind, LinkView, Network, NodeId, Pipe, PipeState, SourceControl, Valve, ValveKind,
};
use crate::physics::calendar::HOUR_S;
use crate::physics::friction::{FrictionLaw, PipeInFluid, PressureDrop};
use crate::physics::power_law::{
    HAZEN_WILLIAMS_EXPONENT, PowerLaw, chezy_manning_head_coefficient, hazen_williams_head_coefficient,
    pressure_coefficient,
};
use crate::physics::pump::PumpGroup;
use crate::physics::pump_curve::HeadCurve;
use crate::physics::valve::{
    OpeningCharacteristic, ValveBuild, kv_of_zeta_m3_h, resistance_of_kv_pa_s2_kg2, resistance_of_zeta_pa_s2_kg2,
};

/// Slope the solver documents for elements without resistance of their own and for held values, Pa s/kg.
pub(super) const SLIGHT_PA_S_KG: f64 = 1e-3;

/// Law m ↦ pressure lost from → to.
#[derive(Clone, Debug)]
pub(super) enum Law {
    Pipe {
        pipe: PipeInFluid,
        law: FrictionLaw,
    },
    Powers(Vec<PowerLaw>),
    /// (kg/s, Pa) from the origin on.
    Table(Vec<[f64; 2]>),
    Pump {
        curve: HeadCurve,
        group: PumpGroup,
        density_kg_m3: f64,
        gravity_m_s2: f64,
    },
    /// The greater of a fixed drop and a law.
    AtLeast(f64, Box<Law>),
}

impl Law {
    pub(super) fn drop(&self, flow_kg_s: f64) -> PressureDrop {
        match self {
            Law::Pipe { pipe, law } => match pipe.resistance() {
                Some(resistance) => resistance.pressure_drop(*law, flow_kg_s),
                None => PressureDrop { drop_pa: f64::NAN, slope_pa_s_kg: f64::NAN },
            },
            Law::Powers(laws) => laws.iter().fold(PressureDrop { drop_pa: 0.0, slope_pa_s_kg: 0.0 }, |sum, law| {
                let one = law.pressure_drop(flow_kg_s);
                PressureDrop {
                    drop_pa: sum.drop_pa + one.drop_pa,
                    slope_pa_s_kg: sum.slope_pa_s_kg + one.slope_pa_s_kg,
                }
            }),
            Law::Table(points) => {
                let flow = flow_kg_s.abs();
                let at = points.iter().skip(1).position(|point| point[0] >= flow).unwrap_or(points.len() - 2);
                let ([m0, p0], [m1, p1]) = (points[at], points[at + 1]);
                let slope_pa_s_kg = (p1 - p0) / (m1 - m0);
                PressureDrop { drop_pa: (p0 + slope_pa_s_kg * (flow - m0)).copysign(flow_kg_s), slope_pa_s_kg }
            }
            Law::Pump { curve, group, density_kg_m3, gravity_m_s2 } => {
                let (rise_pa, slope) = group.pressure_rise(curve, flow_kg_s, *density_kg_m3, *gravity_m_s2);
                PressureDrop { drop_pa: -rise_pa, slope_pa_s_kg: -slope }
            }
            Law::AtLeast(held_pa, law) => {
                let open = Law::drop(law, flow_kg_s);
                let held_pa = held_pa + SLIGHT_PA_S_KG * flow_kg_s;
                let held = PressureDrop { drop_pa: held_pa, slope_pa_s_kg: SLIGHT_PA_S_KG };
                if open.drop_pa >= held_pa { open } else { held }
            }
        }
    }
}

/// A pressure, or a difference of two, that a controller holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sensed {
    pub(super) plus: NodeId,
    pub(super) minus: Option<NodeId>,
    pub(super) set_pa: f64,
    /// +1: more flow raises it; −1: more flow lowers it.
    pub(super) sense: f64,
}

/// What an element obeys.
#[derive(Clone, Debug)]
pub(super) enum Rule {
    /// Nothing passes.
    Closed,
    /// A law between two limits.
    Law { law: Law, low_kg_s: f64, high_kg_s: f64 },
    /// A controller: throttles a law so that it holds what it senses; no flow back.
    Throttle { law: Law, sensed: Sensed },
    /// A given flow.
    Flow(f64),
    /// p(to) − p(from), without heights.
    Rise(f64),
    /// p(to).
    SupplyPressure(f64),
    /// Rise is free; the least available pressure at consumers that draw is held.
    WorstPoint(f64),
}

/// The rule of a link with water of this density and viscosity in it. `None` where its numbers are none.
pub(super) fn rule(network: &Network, view: &LinkView<'_>, density_kg_m3: f64, viscosity_pa_s: f64) -> Option<Rule> {
    let gravity_m_s2 = network.settings().gravity_m_s2;
    let free = |law| Rule::Law { law, low_kg_s: f64::NEG_INFINITY, high_kg_s: f64::INFINITY };
    Some(match &view.link.kind {
        LinkKind::Pipe(pipe) if pipe.state == PipeState::Closed => Rule::Closed,
        LinkKind::Pipe(pipe) => {
            let law = pipe_law(network.settings().friction, pipe, density_kg_m3, viscosity_pa_s, gravity_m_s2)?;
            let low_kg_s = if pipe.state == PipeState::OneWay { 0.0 } else { f64::NEG_INFINITY };
            Rule::Law { law, low_kg_s, high_kg_s: f64::INFINITY }
        }
        LinkKind::Valve(valve) => valve_rule(network, view, valve, density_kg_m3)?,
        LinkKind::Pump(pump) if !pump.running || pump.parallel == 0 => Rule::Closed,
        LinkKind::Pump(pump) => {
            let points: Vec<(f64, f64)> = pump.curve.iter().map(|p| (p.flow_m3_h / HOUR_S, p.head_m)).collect();
            let curve = match pump.power_w {
                // The solver takes the density at the sources' temperature here; random heated networks have no such pump.
                Some(power_w) => HeadCurve::constant_power(power_w / (density_kg_m3 * gravity_m_s2))?,
                None => HeadCurve::from_points(&points).ok()?,
            };
            let group = PumpGroup { speed: pump.speed, parallel: u32::from(pump.parallel) };
            let low_kg_s = if pump.check_valve { 0.0 } else { f64::NEG_INFINITY };
            Rule::Law {
                law: Law::Pump { curve, group, density_kg_m3, gravity_m_s2 },
                low_kg_s,
                high_kg_s: f64::INFINITY,
            }
        }
        LinkKind::Source(source) if !source.running => Rule::Closed,
        LinkKind::Source(source) => match &source.control {
            SourceControl::Reference { pressure_rise_pa, .. } | SourceControl::PressureRise { pressure_rise_pa } => {
                Rule::Rise(*pressure_rise_pa)
            }
            SourceControl::MassFlow { mass_flow_kg_s } => Rule::Flow(*mass_flow_kg_s),
            SourceControl::SupplyPressure { supply_pressure_pa } => Rule::SupplyPressure(*supply_pressure_pa),
            SourceControl::WorstPoint { available_pressure_pa, .. } => Rule::WorstPoint(*available_pressure_pa),
            // Not drawn.
            SourceControl::Speed { .. } => return None,
        },
        LinkKind::Consumer(consumer) if consumer.shut => Rule::Closed,
        LinkKind::Consumer(consumer) => {
            let kv_m3_h = consumer.kv_open_m3_h.map(|kv| kv * consumer.hand_opening.unwrap_or(1.0));
            let law = match kv_m3_h {
                Some(kv) => Law::Powers(vec![PowerLaw::quadratic(resistance_of_kv_pa_s2_kg2(kv, density_kg_m3))?]),
                None => Law::Powers(vec![PowerLaw::new(SLIGHT_PA_S_KG, 1.0)?]),
            };
            match consumer.demand {
                _ if consumer.hand_opening.is_some() => Rule::Law { law, low_kg_s: 0.0, high_kg_s: f64::INFINITY },
                Demand::MassFlow { mass_flow_kg_s } if mass_flow_kg_s < 0.0 => Rule::Flow(mass_flow_kg_s),
                Demand::MassFlow { mass_flow_kg_s } => Rule::Law { law, low_kg_s: 0.0, high_kg_s: mass_flow_kg_s },
                // How much a demand for heat draws is a matter of temperatures; at least it never draws more than opens.
                Demand::Heat { .. } => Rule::Law { law, low_kg_s: 0.0, high_kg_s: f64::NAN },
            }
        }
    })
    .map(|rule| match rule {
        Rule::Law { law: Law::Powers(list), .. } if list.is_empty() => free(Law::Powers(list)),
        rule => rule,
    })
}

fn pipe_law(
    friction: FrictionModel,
    pipe: &Pipe,
    density_kg_m3: f64,
    viscosity_pa_s: f64,
    gravity_m_s2: f64,
) -> Option<Law> {
    let head_law = |coefficient: f64, exponent: f64| {
        let mut laws =
            vec![PowerLaw::new(pressure_coefficient(coefficient, exponent, density_kg_m3, gravity_m_s2), exponent)?];
        if pipe.zeta > 0.0 {
            let fittings = resistance_of_zeta_pa_s2_kg2(pipe.zeta, pipe.inner_diameter_m, density_kg_m3);
            laws.push(PowerLaw::quadratic(fittings)?);
        }
        Some(Law::Powers(laws))
    };
    let law = match friction {
        FrictionModel::HazenWilliams => {
            let c = pipe.details.hazen_williams_c?;
            let coefficient = hazen_williams_head_coefficient(pipe.length_m, pipe.inner_diameter_m, c);
            return head_law(coefficient, HAZEN_WILLIAMS_EXPONENT);
        }
        FrictionModel::ChezyManning => {
            let n = pipe.details.manning_n?;
            return head_law(chezy_manning_head_coefficient(pipe.length_m, pipe.inner_diameter_m, n), 2.0);
        }
        FrictionModel::Colebrook => FrictionLaw::Colebrook,
        FrictionModel::ColebrookEverywhere => FrictionLaw::ColebrookEverywhere,
        FrictionModel::SwameeJain => FrictionLaw::SwameeJain,
        FrictionModel::Altshul => FrictionLaw::Altshul,
        FrictionModel::Shifrinson => FrictionLaw::Shifrinson,
        FrictionModel::Nikuradse => FrictionLaw::Nikuradse,
    };
    let pipe = PipeInFluid {
        length_m: pipe.length_m,
        inner_diameter_m: pipe.inner_diameter_m,
        roughness_m: pipe.roughness_m,
        zeta: pipe.zeta,
        density_kg_m3,
        viscosity_pa_s,
    };
    pipe.resistance().map(|_| Law::Pipe { pipe, law })
}

fn valve_rule(network: &Network, view: &LinkView<'_>, valve: &Valve, density_kg_m3: f64) -> Option<Rule> {
    use crate::network::Characteristic;
    let characteristic = match &valve.characteristic {
        Characteristic::Linear => OpeningCharacteristic::Linear,
        Characteristic::EqualPercentage { rangeability } => {
            OpeningCharacteristic::EqualPercentage { rangeability: *rangeability }
        }
        Characteristic::QuickOpening => OpeningCharacteristic::QuickOpening,
        Characteristic::Table { .. } => return None,
    };
    let share = characteristic.share(valve.opening);
    if share <= 0.0 {
        return Some(Rule::Closed);
    }
    let kv_m3_h = match (valve.kv_m3_h, valve.zeta, valve.diameter_m) {
        (Some(kv), _, _) => Some(kv),
        (None, Some(zeta), Some(diameter_m)) => Some(kv_of_zeta_m3_h(zeta, diameter_m)),
        (None, None, Some(diameter_m)) => Some(kv_of_zeta_m3_h(ValveBuild::Globe.open_zeta(), diameter_m)),
        (None, _, None) => None,
    };
    let open = || {
        Some(Law::Powers(vec![match kv_m3_h {
            Some(kv) => PowerLaw::quadratic(resistance_of_kv_pa_s2_kg2(kv * share, density_kg_m3))?,
            None => PowerLaw::new(SLIGHT_PA_S_KG / share, 1.0)?,
        }]))
    };
    let limits = |law, low_kg_s, high_kg_s| Some(Rule::Law { law, low_kg_s, high_kg_s });
    let throttle = |law, plus, minus, sense| {
        let sensed = Sensed { plus, minus, set_pa: valve.set_pressure_pa?, sense };
        Some(Rule::Throttle { law, sensed })
    };
    let (none, all) = (f64::NEG_INFINITY, f64::INFINITY);
    match valve.kind {
        ValveKind::Sectioning
        | ValveKind::Isolating
        | ValveKind::Control
        | ValveKind::Balancing
        | ValveKind::Bypass => limits(open()?, none, all),
        ValveKind::Check => limits(open()?, 0.0, all),
        ValveKind::Flow => limits(open()?, none, valve.set_flow_kg_s?),
        ValveKind::PressureReducing => throttle(open()?, view.to, None, 1.0),
        ValveKind::PressureSustaining => throttle(open()?, view.from, None, -1.0),
        ValveKind::DifferentialPressure if valve.sensing_nodes.is_some() => {
            let [high, low] = valve.sensing_nodes.as_ref()?;
            throttle(open()?, network.node_id(high)?, Some(network.node_id(low)?), 1.0)
        }
        ValveKind::PressureBreaking | ValveKind::DifferentialPressure => {
            limits(Law::AtLeast(valve.set_pressure_pa?, Box::new(open()?)), 0.0, all)
        }
        // Not drawn.
        ValveKind::Turbine => None,
        ValveKind::GeneralPurpose => {
            let weight_n_m3 = density_kg_m3 * network.settings().gravity_m_s2;
            let mut points = vec![[0.0, 0.0]];
            points.extend(
                valve.loss_curve.iter().map(|[flow, head]| [flow / HOUR_S * density_kg_m3, head * weight_n_m3]),
            );
            limits(Law::Table(points), none, all)
        }
    }
}
