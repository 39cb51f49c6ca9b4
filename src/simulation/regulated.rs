//! A plant whose supply temperature follows the outdoor temperature as dispatchers order it: by a curve, anew every few
//! hours, reached at a bounded rate.
//!
//! Orders are given ahead, for the weather expected until the next one ([`RegulatedSupply::ordered`]); without any, for the
//! weather at their time. The curve is that of quality regulation (`physics::heating_curve`) through the design point of the network. Between two
//! orders the set temperature stays: every order sends a front through the mains. Capacity limits as in
//! [`FixedSupply`](super::FixedSupply). Not here: fuel, start times, ramps of power.

use std::sync::Arc;

use super::terminal::{Moment, Passed, Source};
use crate::physics::heating_curve::HeatingCurve;

/// Room temperature the curve ends at, °C, and exponent of the radiators at the end of the chain.
const ROOM_C: f64 = 18.0;
const EMITTER_EXPONENT: f64 = 0.3;
/// Primary water is kept at least this warm, °C, for the sake of hot tap water and of the exchangers.
const LEAST_SUPPLY_C: f64 = 70.0;
/// Time between two orders, s.
pub const ORDER_INTERVAL_S: f64 = 4.0 * 3600.0;
/// Change of the supply temperature that mains are spared to exceed, K/s (1 K a minute).
const MOST_CHANGE_K_S: f64 = 1.0 / 60.0;
/// Smallest change worth an order, K.
const LEAST_ORDER_K: f64 = 0.5;

/// Supply temperature by outdoor temperature, in orders.
#[derive(Clone, Debug, PartialEq)]
pub struct RegulatedSupply {
    pub curve: HeatingCurve,
    pub capacity_w: f64,
    pub order_interval_s: f64,
    /// Never ordered below, °C.
    pub least_supply_c: f64,
    /// Ordered at present, and reached so far.
    set_c: f64,
    reached_c: f64,
    ordered_at_s: f64,
    /// (calendar s, outdoor temperature expected until the next, °C), rising.
    orders: Arc<[(f64, f64)]>,
}

impl RegulatedSupply {
    /// Through a design point; starts as ordered for `outdoor_now_c`. `None` where the numbers make no curve.
    pub fn from_design(
        supply_c: f64,
        return_c: f64,
        design_outdoor_c: f64,
        outdoor_now_c: f64,
        capacity_w: f64,
    ) -> Option<RegulatedSupply> {
        let curve = HeatingCurve {
            room_c: ROOM_C,
            design_outdoor_c,
            design_supply_c: supply_c,
            design_return_c: return_c,
            emitter_exponent: EMITTER_EXPONENT,
        };
        let mut source = RegulatedSupply {
            curve,
            capacity_w,
            order_interval_s: ORDER_INTERVAL_S,
            least_supply_c: LEAST_SUPPLY_C,
            set_c: supply_c,
            reached_c: supply_c,
            ordered_at_s: f64::NEG_INFINITY,
            orders: Arc::new([]),
        };
        if !curve.is_valid() || !outdoor_now_c.is_finite() {
            return None;
        }
        source.set_c = source.order_c(outdoor_now_c);
        source.reached_c = source.set_c;
        Some(source)
    }

    /// Takes orders given ahead: (calendar s, outdoor temperature expected until the next, °C), rising.
    #[must_use]
    pub fn ordered(mut self, orders: Arc<[(f64, f64)]>) -> RegulatedSupply {
        self.orders = orders;
        self
    }

    /// Never orders below this, in place of the usual 70 °C.
    #[must_use]
    pub fn at_least(mut self, supply_c: f64, outdoor_now_c: f64) -> RegulatedSupply {
        self.least_supply_c = supply_c;
        self.set_c = self.order_c(outdoor_now_c);
        self.reached_c = self.set_c;
        self
    }

    /// What the curve asks for at an outdoor temperature; never above the design supply.
    pub fn order_c(&self, outdoor_c: f64) -> f64 {
        let highest_c = self.curve.design_supply_c;
        self.curve.at_outdoor(outdoor_c, 1.0).supply_c.clamp(self.least_supply_c.min(highest_c), highest_c)
    }

    /// Goes on from what another one has reached.
    pub fn continuing(mut self, reached_c: f64) -> RegulatedSupply {
        self.reached_c = reached_c;
        self
    }

    /// Temperature at the end of a step.
    fn next_c(&self, step_s: f64) -> f64 {
        let most_k = MOST_CHANGE_K_S * step_s;
        self.reached_c + (self.set_c - self.reached_c).clamp(-most_k, most_k)
    }
}

impl Source for RegulatedSupply {
    fn supply_c(&self, now: &Moment, mass_flow_kg_s: f64, before: &Passed) -> f64 {
        let supply_c = 0.5 * (self.reached_c + self.next_c(now.step_s));
        let stream_w_k = mass_flow_kg_s * before.heat_capacity_j_kgk;
        if stream_w_k > 0.0 && self.capacity_w.is_finite() {
            supply_c.min(before.inlet_c + self.capacity_w / stream_w_k)
        } else {
            supply_c
        }
    }

    fn settle(&mut self, now: &Moment, _passed: &Passed) {
        self.reached_c = self.next_c(now.step_s);
        let end_s = now.calendar_s + now.step_s;
        let given = self.orders.partition_point(|(at_s, _)| *at_s <= end_s + 1e-3);
        let expected_c = match given.checked_sub(1).and_then(|at| self.orders.get(at)) {
            Some((at_s, outdoor_c)) => (*at_s > self.ordered_at_s).then_some((*at_s, *outdoor_c)),
            None => (end_s - self.ordered_at_s >= self.order_interval_s * (1.0 - 1e-9))
                .then_some((end_s, now.weather.temperature_c)),
        };
        if let Some((at_s, outdoor_c)) = expected_c {
            self.ordered_at_s = at_s;
            let order_c = self.order_c(outdoor_c);
            if (order_c - self.set_c).abs() >= LEAST_ORDER_K {
                self.set_c = order_c;
            }
        }
    }

    fn boxed_clone(&self) -> Box<dyn Source> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::weather::Weather;

    fn moment(time_s: f64, temperature_c: f64) -> Moment {
        let weather = Weather { temperature_c, wind_m_s: 0.0, solar_w_m2: 0.0 };
        Moment { time_s, step_s: 60.0, calendar_s: time_s, weather }
    }

    #[test]
    fn an_order_holds_for_its_hours_and_is_reached_at_a_kelvin_a_minute() {
        let mut source = RegulatedSupply::from_design(110.0, 48.0, -20.0, -5.0, f64::INFINITY).unwrap();
        let first_c = source.reached_c;
        assert!((70.0..110.0).contains(&first_c));
        source.settle(&moment(0.0, -5.0), &Passed::default());
        for minute in 1..480 {
            source.settle(&moment(f64::from(minute) * 60.0, -20.0), &Passed::default());
            let at_c = source.reached_c;
            match minute {
                ..240 => assert_eq!(at_c, first_c, "minute {minute}"),
                250 => assert!((at_c - first_c - 10.0).abs() < 1e-9, "{at_c} after {first_c}"),
                300.. => assert_eq!(at_c, 110.0),
                _ => {}
            }
        }
    }

    #[test]
    fn orders_given_ahead_are_followed_at_their_time() {
        let source = RegulatedSupply::from_design(110.0, 48.0, -20.0, -5.0, f64::INFINITY).unwrap();
        let wanted_c = source.order_c(-15.0);
        let mut source = source.ordered(Arc::new([(0.0, -5.0), (3600.0, -15.0)]));
        let first_c = source.reached_c;
        for minute in 0..59 {
            source.settle(&moment(f64::from(minute) * 60.0, 3.0), &Passed::default());
        }
        assert_eq!(source.reached_c, first_c, "the weather has no say");
        for minute in 59..120 {
            source.settle(&moment(f64::from(minute) * 60.0, 3.0), &Passed::default());
        }
        assert_eq!(source.reached_c, wanted_c);
    }

    #[test]
    fn capacity_limits_the_supply() {
        let source = RegulatedSupply::from_design(110.0, 48.0, -20.0, -20.0, 1e6).unwrap();
        let before = Passed { inlet_c: 50.0, heat_capacity_j_kgk: 4200.0, ..Passed::default() };
        let supply_c = source.supply_c(&moment(0.0, -20.0), 10.0, &before);
        assert!((supply_c - (50.0 + 1e6 / 42_000.0)).abs() < 1e-9);
    }

    #[test]
    fn a_return_warmer_than_the_supply_is_no_curve() {
        assert_eq!(RegulatedSupply::from_design(50.0, 60.0, -20.0, 0.0, 1e6), None);
    }
}
