//! Regulation (运行调节): which temperatures and flows an outdoor temperature asks for, on both sides of a station's exchanger, and what a
//! source has to send out for that, ahead by the time its water takes.
//!
//! Secondary side, emitters with q ∝ Δt^(1+b), Q̄ relative load, Ḡ relative flow (贺平, 孙刚 et al., 供热工程, ch. 10; CN102003736A):
//! t_g,h = t_n + ½(t_g′ + t_h′ − 2 t_n)·Q̄^(1/(1+b)) ± ½(t_g′ − t_h′)·Q̄/Ḡ. Quality regulation keeps Ḡ = 1 and follows with t_g; quantity
//! regulation keeps t_g = t_g′, which gives Ḡ; both together is Ḡ = Q̄^m (m = ⅓ usual); in stages Ḡ goes down in steps. Primary side: the exchanger needs
//! Q = ε·C_min·(τ₁ − t_h), with ε from its UA at the flows of both sides (NTU method), so that τ₁ = t_h + Q/(ε·C_min) and τ₂ = τ₁ − Q/C₁; where the primary side is
//! regulated by quantity, the flow for a given τ₁ is found by bisection. Where primary water itself goes to the emitters, both
//! sides are one. A source sends what its stations need when its water arrives: τ(t) is the mean of the τ₁ of the stations for the outdoor
//! temperatures at t + delay, weighted with their heat, plus what is lost on the way.
//!
//! Not here: weather forecasts, limits of plants, absorption exchangers and heat pumps (no curve by formula).

mod network;

pub use network::{Regulated, regulated, supplied};

use crate::physics::exchanger::{PlateExchanger, counterflow_effectiveness};
use crate::physics::heating_curve::{HeatingCurve, SupplyAndReturn};

/// What follows the weather.
#[derive(Clone, Debug, PartialEq)]
pub enum Regulation {
    /// 质调节: the temperature, at the flow of design.
    Quality,
    /// 量调节: the flow, at the supply temperature of design.
    Quantity,
    /// 质量并调: relative flow = relative load to this power, 0…1.
    Both { exponent: f64 },
    /// 分阶段变流量的质调节: the least of these relative flows that is not below the relative load.
    Staged { flows: Vec<f64> },
}

impl Regulation {
    /// Relative flow on the secondary side at a relative load, at least `least`. Quantity regulation holds the supply
    /// temperature of design where that flow allows it.
    pub fn relative_flow(&self, curve: &HeatingCurve, load: f64, least: f64) -> f64 {
        let flow = match self {
            Regulation::Quality => 1.0,
            Regulation::Quantity => {
                let middle_c = 0.5 * (curve.design_supply_c + curve.design_return_c);
                let excess_k = (middle_c - curve.room_c) * load.max(0.0).powf(1.0 / (1.0 + curve.emitter_exponent));
                let half_spread_k = 0.5 * (curve.design_supply_c - curve.design_return_c);
                half_spread_k * load / (curve.design_supply_c - curve.room_c - excess_k)
            }
            Regulation::Both { exponent } => load.max(0.0).powf(*exponent),
            Regulation::Staged { flows } => {
                let enough = flows.iter().copied().filter(|flow| *flow >= load);
                enough.fold(f64::INFINITY, f64::min).min(1.0)
            }
        };
        // NaN (no load at no spread) counts as least.
        flow.max(least).min(load.max(1.0))
    }
}

/// A station to regulate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegulatedStation {
    pub curve: HeatingCurve,
    /// At design.
    pub heat_w: f64,
    pub heat_capacity_j_kgk: f64,
    /// `None`: the primary water itself goes to the emitters.
    pub exchanger: Option<PlateExchanger>,
    /// Return water mixed into each part of primary water where there is no exchanger; 0: connected directly.
    pub mixing_ratio: f64,
    pub primary_supply_c: f64,
}

/// What a station runs at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StationPoint {
    pub outdoor_c: f64,
    pub relative_load: f64,
    pub heat_w: f64,
    pub secondary: SupplyAndReturn,
    pub secondary_kg_s: f64,
    pub primary: SupplyAndReturn,
    pub primary_kg_s: f64,
}

/// How the two sides follow, and what they may not go below.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    pub secondary: Regulation,
    pub primary: Regulation,
    /// Least relative flow of either side.
    pub least_flow: f64,
    /// Least primary supply temperature.
    pub least_supply_c: f64,
}

/// Halvings of the flow that is looked for.
const HALVINGS: usize = 80;

impl RegulatedStation {
    /// Temperatures and flows at an outdoor temperature. With less load than the least flows and temperatures pass, the primary side stays
    /// at its least supply temperature and its valve takes less flow.
    pub fn at(&self, outdoor_c: f64, rules: &Rules) -> StationPoint {
        let load = self.curve.relative_load(outdoor_c);
        let flow = rules.secondary.relative_flow(&self.curve, load, rules.least_flow);
        let secondary = self.curve.at_load(load, flow);
        let heat_w = load * self.heat_w;
        let spread_k = self.curve.design_supply_c - self.curve.design_return_c;
        let secondary_kg_s = flow * self.heat_w / (self.heat_capacity_j_kgk * spread_k);
        let mut point = StationPoint {
            outdoor_c,
            relative_load: load,
            heat_w,
            secondary,
            secondary_kg_s,
            primary: secondary,
            primary_kg_s: secondary_kg_s,
        };
        let Some(exchanger) = &self.exchanger else {
            // t_g is what τ₁ and u parts of t_h mix to.
            let ratio = self.mixing_ratio;
            point.primary.supply_c = secondary.supply_c + ratio * (secondary.supply_c - secondary.return_c);
            point.primary_kg_s = secondary_kg_s / (1.0 + ratio);
            return point;
        };
        let design_kg_s = exchanger.design_primary_kg_s;
        if heat_w <= 0.0 {
            point.primary_kg_s = 0.0;
            point.primary = SupplyAndReturn { supply_c: rules.least_supply_c, return_c: secondary.return_c };
            return point;
        }
        let before = point;
        let supply_at = |primary_kg_s: f64| self.primary_supply_for(exchanger, heat_w, &before, primary_kg_s);
        let flow_for = |supply_c: f64| {
            // More flow needs less supply: the least flow that does.
            let (mut low, mut high) = (0.0, 2.0 * design_kg_s * load.max(1.0));
            for _ in 0..HALVINGS {
                let middle = 0.5 * (low + high);
                if supply_at(middle) > supply_c { low = middle } else { high = middle }
            }
            high
        };
        let wanted_kg_s = match &rules.primary {
            Regulation::Quantity => flow_for(self.primary_supply_c).max(rules.least_flow * design_kg_s),
            other => other.relative_flow(&self.curve, load, rules.least_flow) * design_kg_s,
        };
        let mut supply_c = supply_at(wanted_kg_s);
        point.primary_kg_s = wanted_kg_s;
        if supply_c < rules.least_supply_c {
            supply_c = rules.least_supply_c;
            point.primary_kg_s = flow_for(supply_c);
        }
        let return_c = supply_c - heat_w / (point.primary_kg_s * self.heat_capacity_j_kgk);
        point.primary = SupplyAndReturn { supply_c, return_c };
        point
    }

    /// Primary supply temperature at which the exchanger passes the heat at a flow.
    fn primary_supply_for(
        &self,
        exchanger: &PlateExchanger,
        heat_w: f64,
        point: &StationPoint,
        primary_kg_s: f64,
    ) -> f64 {
        let primary_w_k = primary_kg_s * self.heat_capacity_j_kgk;
        let secondary_w_k = point.secondary_kg_s * self.heat_capacity_j_kgk;
        let (smaller, larger) = (primary_w_k.min(secondary_w_k), primary_w_k.max(secondary_w_k));
        if smaller.is_nan() || smaller <= 0.0 {
            return f64::INFINITY;
        }
        let ua_w_k = exchanger.ua_w_k(primary_kg_s, point.secondary_kg_s);
        let effectiveness = counterflow_effectiveness(ua_w_k / smaller, smaller / larger);
        point.secondary.return_c + heat_w / (effectiveness * smaller)
    }
}

/// A station as its source sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Supplied {
    pub station: RegulatedStation,
    /// Time water takes to it, s, and what it cools on the way at design, as share of its excess over the ground.
    pub delay_s: f64,
    pub cooling_share: f64,
}

/// An order for a source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SourcePoint {
    /// Seconds from the first.
    pub time_s: f64,
    pub outdoor_c: f64,
    /// Mean of what the stations need when the water arrives, and what the one that needs most does.
    pub supply_c: f64,
    pub highest_c: f64,
    pub flow_kg_s: f64,
    pub heat_w: f64,
}

/// What a source sends out at a time, for outdoor temperatures over time (s); never above the design supply of the network and no less than
/// the least supply temperature. Delays shrink and grow with the flow, which is taken as that of design over the relative flow now.
pub fn source_point(
    stations: &[Supplied],
    rules: &Rules,
    ground_c: f64,
    time_s: f64,
    outdoor_c: impl Fn(f64) -> f64,
) -> SourcePoint {
    let design_kg_s: f64 = stations.iter().filter_map(|it| it.station.exchanger.map(|e| e.design_primary_kg_s)).sum();
    let now: f64 = stations.iter().map(|it| it.station.at(outdoor_c(time_s), rules).primary_kg_s).sum();
    let slower = if design_kg_s > 0.0 && now > 0.0 { design_kg_s / now } else { 1.0 };
    let (mut weight, mut sum, mut highest_c, mut flow_kg_s, mut heat_w) = (0.0, 0.0, f64::NEG_INFINITY, 0.0, 0.0);
    let mut most_c = f64::NEG_INFINITY;
    for it in stations {
        let delay_s = it.delay_s * slower;
        let then = it.station.at(outdoor_c(time_s + delay_s), rules);
        // What is left of the excess over the ground at arrival falls with the time on the way.
        let kept = (1.0 - it.cooling_share).max(0.1).powf(slower);
        let sent_c = ground_c + (then.primary.supply_c - ground_c) / kept;
        let share = it.station.heat_w;
        weight += share;
        sum += share * sent_c;
        highest_c = highest_c.max(sent_c);
        most_c = most_c.max(it.station.primary_supply_c);
        flow_kg_s += then.primary_kg_s;
        heat_w += then.heat_w;
    }
    let supply_c = (sum / weight).min(most_c.max(rules.least_supply_c));
    SourcePoint { time_s, outdoor_c: outdoor_c(time_s), supply_c, highest_c, flow_kg_s, heat_w }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::exchanger::{Stream, ua_from_design_w_k};

    fn station() -> RegulatedStation {
        let curve = HeatingCurve {
            room_c: 18.0,
            design_outdoor_c: -21.1,
            design_supply_c: 75.0,
            design_return_c: 50.0,
            emitter_exponent: 0.3,
        };
        let heat_w = 1e6;
        let exchanger = PlateExchanger {
            design_ua_w_k: ua_from_design_w_k(heat_w, 110.0 - 75.0, 55.0 - 50.0).unwrap(),
            design_primary_kg_s: heat_w / (4200.0 * 55.0),
            design_secondary_kg_s: heat_w / (4200.0 * 25.0),
            wall_share: 0.1,
            film_exponent: 0.7,
            fouling_k_w: 0.0,
        };
        RegulatedStation {
            curve,
            heat_w,
            heat_capacity_j_kgk: 4200.0,
            exchanger: Some(exchanger),
            mixing_ratio: 0.0,
            primary_supply_c: 110.0,
        }
    }

    fn rules(secondary: Regulation, primary: Regulation) -> Rules {
        Rules { secondary, primary, least_flow: 0.05, least_supply_c: 20.0 }
    }

    #[test]
    fn quality_regulation_reproduces_the_published_table() {
        let found = station().at(-5.0, &rules(Regulation::Quality, Regulation::Quality));
        assert!((found.secondary.supply_c - 54.94).abs() < 0.0051 && (found.secondary.return_c - 40.23).abs() < 0.0051);
        let design = station().at(-21.1, &rules(Regulation::Quality, Regulation::Quality));
        assert!((design.primary.supply_c - 110.0).abs() < 1e-9 && (design.primary.return_c - 55.0).abs() < 1e-9);
    }

    #[test]
    fn quantity_regulation_keeps_the_supply_and_every_point_passes_its_heat() {
        let all = [
            Regulation::Quality,
            Regulation::Quantity,
            Regulation::Both { exponent: 1.0 / 3.0 },
            Regulation::Staged { flows: vec![1.0, 0.75] },
        ];
        for secondary in &all {
            for primary in &all {
                for outdoor_c in [-21.1, -10.0, -2.0, 4.0] {
                    let station = station();
                    let at = station.at(outdoor_c, &rules(secondary.clone(), primary.clone()));
                    let spread_k = at.secondary.supply_c - at.secondary.return_c;
                    assert!((at.secondary_kg_s * 4200.0 * spread_k / at.heat_w - 1.0).abs() < 1e-9);
                    if *secondary == Regulation::Quantity {
                        assert!((at.secondary.supply_c - 75.0).abs() < 1e-9, "{at:?}");
                    }
                    if *primary == Regulation::Quantity {
                        assert!((at.primary.supply_c - 110.0).abs() < 1e-6, "{at:?}");
                    }
                    // The exchanger of the physics, run at these inlets, agrees.
                    let stream =
                        |mass_flow_kg_s, inlet_c| Stream { mass_flow_kg_s, inlet_c, heat_capacity_j_kgk: 4200.0 };
                    let out = station.exchanger.unwrap().exchange(
                        stream(at.primary_kg_s, at.primary.supply_c),
                        stream(at.secondary_kg_s, at.secondary.return_c),
                    );
                    assert!((out.heat_w / at.heat_w - 1.0).abs() < 1e-6, "{secondary:?} {primary:?} {outdoor_c}");
                    assert!((out.secondary_outlet_c - at.secondary.supply_c).abs() < 1e-3);
                    assert!((out.primary_outlet_c - at.primary.return_c).abs() < 1e-3);
                }
            }
        }
    }

    #[test]
    fn stages_and_powers_give_their_flows() {
        let curve = station().curve;
        let staged = Regulation::Staged { flows: vec![1.0, 0.75, 0.5] };
        assert_eq!([0.9, 0.75, 0.6, 0.4].map(|load| staged.relative_flow(&curve, load, 0.0)), [1.0, 0.75, 0.75, 0.5]);
        let both = Regulation::Both { exponent: 0.5 };
        assert!((both.relative_flow(&curve, 0.25, 0.0) - 0.5).abs() < 1e-12);
        assert_eq!(both.relative_flow(&curve, 0.01, 0.3), 0.3);
    }

    #[test]
    fn the_least_supply_is_kept_by_less_flow() {
        let warm = Rules { least_supply_c: 70.0, ..rules(Regulation::Quality, Regulation::Quality) };
        let at = station().at(5.0, &warm);
        assert_eq!(at.primary.supply_c, 70.0);
        assert!(at.primary_kg_s < station().exchanger.unwrap().design_primary_kg_s);
        assert!((at.primary_kg_s * 4200.0 * (70.0 - at.primary.return_c) / at.heat_w - 1.0).abs() < 1e-9);
        assert_eq!(station().at(25.0, &warm).primary_kg_s, 0.0);
    }

    #[test]
    fn a_source_orders_for_the_weather_at_arrival() {
        let rules = rules(Regulation::Quality, Regulation::Quality);
        let supplied = Supplied { station: station(), delay_s: 3600.0, cooling_share: 0.0 };
        // It turns cold in an hour: the water sent now arrives then.
        let outdoor = |time_s: f64| if time_s < 3600.0 { 0.0 } else { -15.0 };
        let order = source_point(&[supplied], &rules, 5.0, 0.0, outdoor);
        assert!((order.supply_c - station().at(-15.0, &rules).primary.supply_c).abs() < 1e-9);
        let lossy = Supplied { cooling_share: 0.02, ..supplied };
        let warmer = source_point(&[lossy], &rules, 5.0, 0.0, outdoor);
        assert!((0.98 * (warmer.supply_c - 5.0) + 5.0 - order.supply_c).abs() < 1e-9);
    }
}
