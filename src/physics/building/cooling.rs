//! Room temperature of a building whose heat supply fails or is reduced: one thermal mass, first order.
//!
//! t(z) = t_s + (t_0 − t_s)·e^(−z/τ), t_s = t_w + φ (t_n − t_w): τ the time constant of the building, φ the share of the design
//! heat still supplied at this outdoor temperature. Sun, people and wind are not in it; τ is per building class or
//! fitted to a building's own data. The outdoor temperature is constant over the time looked at.

/// Conditions of a cool-down (or warm-up).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoomCooling {
    /// t_0, room temperature when the supply changes, °C.
    pub start_c: f64,
    /// t_n, room temperature that the full supply holds, °C.
    pub normal_c: f64,
    /// t_w, °C.
    pub outdoor_c: f64,
    /// φ: share of the heat for t_n at t_w still supplied; 0 nothing, 1 all.
    pub supplied_share: f64,
    /// τ in hours, > 0; 50 h light, 100 h brick, 190 h heavy.
    pub time_constant_h: f64,
}

impl RoomCooling {
    /// t_s, the room temperature that is reached at last.
    pub fn steady_c(&self) -> f64 {
        self.outdoor_c + self.supplied_share * (self.normal_c - self.outdoor_c)
    }

    /// Room temperature after hours ≥ 0.
    pub fn temperature_c(&self, hours: f64) -> f64 {
        let steady_c = self.steady_c();
        steady_c + (self.start_c - steady_c) * (-hours / self.time_constant_h).exp()
    }

    /// Hours until a temperature is reached; 0 if the room starts on it, `None` if it never is (beyond or at the steady
    /// temperature, or on the other side of the start).
    pub fn hours_to(&self, temperature_c: f64) -> Option<f64> {
        let steady_c = self.steady_c();
        if temperature_c == self.start_c {
            return Some(0.0);
        }
        let ratio = (self.start_c - steady_c) / (temperature_c - steady_c);
        (ratio > 1.0 && ratio.is_finite()).then(|| self.time_constant_h * ratio.ln())
    }
}

/// Time constant, hours, from heat capacity (J/K) and loss coefficient (W/K).
pub fn time_constant_h(heat_capacity_j_k: f64, loss_w_k: f64) -> f64 {
    heat_capacity_j_k / loss_w_k / 3600.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cooling(supplied_share: f64, time_constant_h: f64) -> RoomCooling {
        RoomCooling { start_c: 18.0, normal_c: 18.0, outdoor_c: -21.1, supplied_share, time_constant_h }
    }

    #[test]
    fn hours_without_heat_to_16_14_and_12_degrees() {
        for (tau, expected) in [
            (50.8, [2.7, 5.5, 8.5]),
            (97.5, [5.1, 10.5, 16.2]),
            (100.0, [5.3, 10.8, 16.7]),
            (191.0, [10.0, 20.6, 31.8]),
        ] {
            for (temperature, hours) in [16.0, 14.0, 12.0].into_iter().zip(expected) {
                let found = cooling(0.0, tau).hours_to(temperature).expect("reached");
                // The table is rounded to 0.1 h.
                assert!((found - hours).abs() < 0.0501, "τ {tau} to {temperature}: {found}");
            }
        }
    }

    #[test]
    fn hours_to_12_degrees_with_part_of_the_heat() {
        for (share, tau, hours) in [
            (0.40, 50.0, 14.8),
            (0.40, 100.0, 29.5),
            (0.55, 50.0, 20.9),
            (0.55, 100.0, 41.7),
            (0.65, 50.0, 28.9),
            (0.65, 100.0, 57.7),
        ] {
            let found = cooling(share, tau).hours_to(12.0).expect("reached");
            assert!((found - hours).abs() < 0.0501, "φ {share} τ {tau}: {found}");
        }
    }

    #[test]
    fn steady_room_temperatures() {
        for (share, temperature) in [(0.40, -5.5), (0.55, 0.4), (0.65, 4.3), (0.80, 10.2)] {
            assert!((cooling(share, 100.0).steady_c() - temperature).abs() < 0.0501);
        }
    }

    #[test]
    fn never_reached_is_said() {
        assert_eq!(cooling(0.8, 100.0).hours_to(10.0), None);
        assert_eq!(cooling(0.0, 100.0).hours_to(20.0), None);
        assert_eq!(cooling(1.0, 100.0).hours_to(12.0), None);
        assert_eq!(cooling(0.4, 100.0).hours_to(18.0), Some(0.0));
    }

    #[test]
    fn temperature_and_hours_are_inverse_also_when_warming() {
        let warming = RoomCooling { start_c: 8.0, supplied_share: 1.2, ..cooling(1.2, 80.0) };
        let hours = warming.hours_to(18.0).expect("reached");
        assert!((warming.temperature_c(hours) - 18.0).abs() < 1e-12);
        assert!((time_constant_h(3.6e8, 1000.0) - 100.0).abs() < 1e-12);
    }
}
