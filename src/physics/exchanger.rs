//! Counterflow plate heat exchanger by effectiveness and number of transfer units.
//!
//! Mechanism: UA falls with either flow, because the film coefficients go with the flow to the power 0.7 or so, and
//! with fouling; ε(NTU, C_r) is written without the cancellation of the textbook form at equal capacity streams and is
//! defined at zero flow on either side. Counterflow over the whole plate pack (end channels neglected, below 2 % from
//! 20 plates on). Not here: what a controller wants, storage, domestic hot water.

/// Thermal data of an exchanger at one known working point (nameplate or measured, clean).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlateExchanger {
    /// UA at the design flows, clean, W/K.
    pub design_ua_w_k: f64,
    pub design_primary_kg_s: f64,
    pub design_secondary_kg_s: f64,
    /// Share 0…1 of the whole resistance that plates and gaskets make at design (0.1 usual); the rest is halved between
    /// the films after weighting with the flows.
    pub wall_share: f64,
    /// Exponent of the flow in a film coefficient; 0.6…0.8 for corrugated plates (VDI Heat Atlas N6), 0.7 usual.
    pub film_exponent: f64,
    /// Added resistance of deposits on the whole surface, K/W: R_f″/A. 0 when clean.
    pub fouling_k_w: f64,
}

/// One side's stream into the exchanger.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stream {
    pub mass_flow_kg_s: f64,
    pub inlet_c: f64,
    pub heat_capacity_j_kgk: f64,
}

impl Stream {
    fn capacity_w_k(&self) -> f64 {
        // `max` also turns NaN into standstill.
        (self.mass_flow_kg_s * self.heat_capacity_j_kgk).max(0.0)
    }
}

/// What leaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exchange {
    /// Heat from primary to secondary, W; negative when the secondary comes in warmer.
    pub heat_w: f64,
    pub primary_outlet_c: f64,
    pub secondary_outlet_c: f64,
    /// ε = heat / (C_min·(difference of the inlets)), 0…1.
    pub effectiveness: f64,
    pub ua_w_k: f64,
}

/// ε of a counterflow exchanger, C_r = C_min/C_max in 0…1, NTU = UA/C_min ≥ 0 (Kays & London; VDI Heat Atlas C1).
///
/// Written as ε = NTU·f/(1 + C_r·NTU·f), f = (1 − e^(−x))/x, x = NTU (1 − C_r): the textbook form and its limit
/// NTU/(1 + NTU) at C_r = 1 in one smooth expression.
pub fn counterflow_effectiveness(transfer_units: f64, capacity_ratio: f64) -> f64 {
    let ratio = capacity_ratio.clamp(0.0, 1.0);
    if transfer_units == f64::INFINITY {
        return 1.0;
    }
    let x = transfer_units * (1.0 - ratio);
    let f = if x < 1e-8 { 1.0 - 0.5 * x } else { -(-x).exp_m1() / x };
    let product = transfer_units * f;
    // Rounding may leave it a bit above one where one flow is hundreds of times the other.
    (product / (1.0 + ratio * product)).min(1.0)
}

/// UA, W/K, of a counterflow exchanger that passes a heat flow with given end temperatures: heat over the logarithmic
/// mean of the two terminal differences. `None` where a difference or the heat is not positive.
pub fn ua_from_design_w_k(heat_w: f64, warm_end_k: f64, cold_end_k: f64) -> Option<f64> {
    if !(heat_w > 0.0 && warm_end_k > 0.0 && cold_end_k > 0.0) {
        return None;
    }
    let ratio = warm_end_k / cold_end_k;
    // Close to equal ends the series of (r − 1)/ln r replaces 0/0.
    let e = ratio - 1.0;
    let mean_k = if e.abs() < 1e-4 { cold_end_k * (1.0 + e * (0.5 - e / 12.0)) } else { cold_end_k * e / ratio.ln() };
    Some(heat_w / mean_k)
}

impl PlateExchanger {
    /// Whether all data are positive and finite and shares lie in 0…1.
    pub fn is_valid(&self) -> bool {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        positive(self.design_ua_w_k)
            && positive(self.design_primary_kg_s)
            && positive(self.design_secondary_kg_s)
            && (0.0..1.0).contains(&self.wall_share)
            && (0.0..=1.0).contains(&self.film_exponent)
            && self.fouling_k_w >= 0.0
            && self.fouling_k_w.is_finite()
    }

    /// UA at given flows, W/K: 1/UA = wall + fouling + films; each film resistance goes with flow^(−n). At the design
    /// flows the two films share their part as their flows to the power −n ask (equal channels on both sides). 0 when a side stands.
    pub fn ua_w_k(&self, primary_kg_s: f64, secondary_kg_s: f64) -> f64 {
        if !(primary_kg_s > 0.0 && secondary_kg_s > 0.0) {
            return 0.0;
        }
        let n = self.film_exponent;
        let (p, s) = (self.design_primary_kg_s.powf(-n), self.design_secondary_kg_s.powf(-n));
        let films_at_design = (1.0 - self.wall_share) / self.design_ua_w_k;
        let films = films_at_design * (primary_kg_s.powf(-n) + secondary_kg_s.powf(-n)) / (p + s);
        1.0 / (self.wall_share / self.design_ua_w_k + self.fouling_k_w + films)
    }

    /// Heat and outlet temperatures. A standing side passes no heat; its water takes the other side's inlet temperature
    /// (the limit of a vanishing flow), the flowing side leaves as it came.
    pub fn exchange(&self, primary: Stream, secondary: Stream) -> Exchange {
        let (c1, c2) = (primary.capacity_w_k(), secondary.capacity_w_k());
        let difference_k = primary.inlet_c - secondary.inlet_c;
        let (smaller, larger) = (c1.min(c2), c1.max(c2));
        if smaller <= 0.0 {
            return Exchange {
                heat_w: 0.0,
                primary_outlet_c: if c1 > 0.0 { primary.inlet_c } else { secondary.inlet_c },
                secondary_outlet_c: if c2 > 0.0 { secondary.inlet_c } else { primary.inlet_c },
                effectiveness: if larger > 0.0 { 1.0 } else { 0.0 },
                ua_w_k: 0.0,
            };
        }
        let ua_w_k = self.ua_w_k(primary.mass_flow_kg_s, secondary.mass_flow_kg_s);
        let effectiveness = counterflow_effectiveness(ua_w_k / smaller, smaller / larger);
        let heat_w = effectiveness * smaller * difference_k;
        Exchange {
            heat_w,
            primary_outlet_c: primary.inlet_c - heat_w / c1,
            secondary_outlet_c: secondary.inlet_c + heat_w / c2,
            effectiveness,
            ua_w_k,
        }
    }

    /// Primary flow, kg/s, that passes a heat flow to the secondary stream; bisection, heat rises strictly with the flow.
    ///
    /// `primary.mass_flow_kg_s` is the largest flow allowed. `None` when even that flow does not pass the heat; 0 for
    /// no heat.
    pub fn primary_flow_for_heat_kg_s(&self, heat_w: f64, primary: Stream, secondary: Stream) -> Option<f64> {
        if heat_w <= 0.0 {
            return Some(0.0);
        }
        let heat_at = |flow: f64| self.exchange(Stream { mass_flow_kg_s: flow, ..primary }, secondary).heat_w;
        let reached = heat_at(primary.mass_flow_kg_s) >= heat_w;
        if !reached {
            return None;
        }
        let (mut low, mut high) = (0.0, primary.mass_flow_kg_s);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if heat_at(middle) < heat_w { low = middle } else { high = middle }
        }
        Some(high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EXCHANGER: PlateExchanger = PlateExchanger {
        design_ua_w_k: 100_000.0,
        design_primary_kg_s: 5.0,
        design_secondary_kg_s: 12.0,
        wall_share: 0.1,
        film_exponent: 0.7,
        fouling_k_w: 0.0,
    };

    fn stream(mass_flow_kg_s: f64, inlet_c: f64) -> Stream {
        Stream { mass_flow_kg_s, inlet_c, heat_capacity_j_kgk: 4190.0 }
    }

    #[test]
    fn effectiveness_is_the_textbook_form_and_its_limits() {
        for (ntu, ratio) in [(0.5_f64, 0.2), (2.0, 0.7), (6.0, 0.99)] {
            let e = (-ntu * (1.0 - ratio)).exp();
            let textbook = (1.0 - e) / (1.0 - ratio * e);
            assert!((counterflow_effectiveness(ntu, ratio) - textbook).abs() < 1e-12);
        }
        assert!((counterflow_effectiveness(3.0, 1.0) - 0.75).abs() < 1e-15);
        assert!((counterflow_effectiveness(3.0, 1.0 - 1e-10) - 0.75).abs() < 1e-9);
        assert!((counterflow_effectiveness(2.0, 0.0) - (1.0 - (-2.0_f64).exp())).abs() < 1e-15);
        assert_eq!(counterflow_effectiveness(0.0, 0.5), 0.0);
        assert_eq!(counterflow_effectiveness(f64::INFINITY, 1.0), 1.0);
        for ntu in [40.0, 333.3, 1234.5, 5e4] {
            assert!(counterflow_effectiveness(ntu, 0.0018) <= 1.0);
        }
    }

    #[test]
    fn design_point_reproduces_its_ua_and_heat() {
        assert!(EXCHANGER.is_valid());
        assert!((EXCHANGER.ua_w_k(5.0, 12.0) / 1e5 - 1.0).abs() < 1e-14);
        let out = EXCHANGER.exchange(stream(5.0, 120.0), stream(12.0, 45.0));
        let ua = ua_from_design_w_k(out.heat_w, 120.0 - out.secondary_outlet_c, out.primary_outlet_c - 45.0);
        assert!((ua.expect("positive ends") / 1e5 - 1.0).abs() < 1e-10);
        assert!((out.heat_w - 5.0 * 4190.0 * (120.0 - out.primary_outlet_c)).abs() < 1e-6);
    }

    #[test]
    fn fouling_lowers_ua() {
        let fouled = PlateExchanger { fouling_k_w: 2e-6, ..EXCHANGER };
        assert!((1.0 / fouled.ua_w_k(5.0, 12.0) - 1.2e-5).abs() < 1e-17);
    }

    #[test]
    fn standing_sides_are_defined() {
        let out = EXCHANGER.exchange(stream(0.0, 120.0), stream(12.0, 45.0));
        assert_eq!((out.heat_w, out.primary_outlet_c, out.secondary_outlet_c), (0.0, 45.0, 45.0));
        let creeping = EXCHANGER.exchange(stream(1e-9, 120.0), stream(12.0, 45.0));
        assert!((creeping.primary_outlet_c - 45.0).abs() < 1e-6);
        let both = EXCHANGER.exchange(stream(0.0, 120.0), stream(0.0, 45.0));
        assert_eq!(both.heat_w, 0.0);
        assert!(EXCHANGER.exchange(stream(f64::NAN, 120.0), stream(1.0, 45.0)).heat_w == 0.0);
    }

    #[test]
    fn equal_terminal_differences_have_a_mean() {
        assert_eq!(ua_from_design_w_k(1e5, 10.0, 10.0), Some(1e4));
        let near = ua_from_design_w_k(1e5, 10.0 + 2e-3, 10.0).expect("positive");
        assert!((near - 1e5 / 10.001).abs() < 1e-3);
        assert_eq!(ua_from_design_w_k(1e5, -1.0, 10.0), None);
    }

    #[test]
    fn flow_for_heat_inverts_exchange() {
        let heat_w = EXCHANGER.exchange(stream(2.5, 110.0), stream(9.0, 40.0)).heat_w;
        let flow = EXCHANGER.primary_flow_for_heat_kg_s(heat_w, stream(20.0, 110.0), stream(9.0, 40.0));
        assert!((flow.expect("reached") - 2.5).abs() < 1e-9);
        assert_eq!(EXCHANGER.primary_flow_for_heat_kg_s(1e9, stream(20.0, 110.0), stream(9.0, 40.0)), None);
        assert_eq!(EXCHANGER.primary_flow_for_heat_kg_s(0.0, stream(20.0, 110.0), stream(9.0, 40.0)), Some(0.0));
    }

    proptest! {
        #[test]
        fn heat_rises_with_either_flow_and_never_exceeds_the_possible(
            m1 in 0.01..50.0_f64, m2 in 0.01..50.0_f64, hot in 60.0..130.0_f64, cold in 10.0..55.0_f64, more in 1.001..2.0_f64,
        ) {
            let out = EXCHANGER.exchange(stream(m1, hot), stream(m2, cold));
            prop_assert!(out.effectiveness > 0.0 && out.effectiveness <= 1.0);
            prop_assert!(out.primary_outlet_c >= cold - 1e-9 && out.secondary_outlet_c <= hot + 1e-9);
            // With one flow a thousandth of the other the heat is at its ceiling and only its last digits move.
            let least_w = out.heat_w * (1.0 - 1e-12);
            prop_assert!(EXCHANGER.exchange(stream(m1 * more, hot), stream(m2, cold)).heat_w >= least_w);
            prop_assert!(EXCHANGER.exchange(stream(m1, hot), stream(m2 * more, cold)).heat_w >= least_w);
        }
    }
}
