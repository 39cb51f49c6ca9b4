//! The heat a building stores: one mass, or air and structure as two.
//!
//! Mechanism: linear equations with constant inputs over a step, solved exactly (exponential of the one or two rates),
//! with the mean over the step beside the end, so that heat in, loss and stored heat close to the last bits at any
//! step. One mass: C dT/dt = P − U (T − T_w). Two: air C_a with loss U_a and coupling H to the structure C_m with its own
//! loss U_m. ISO 13790 / VDI 6007 use the same networks. Not here: what makes P.

/// The thermal masses of a building and its losses at no wind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThermalMass {
    /// Heat capacity of what follows the room temperature at once: everything with one mass, air and furniture with two,
    /// J/K.
    pub capacity_j_k: f64,
    /// Loss of the room to outdoors (all of it with one mass; windows and air exchange with two), W/K.
    pub loss_w_k: f64,
    /// Further loss by wind through gaps, W/K per m/s.
    pub wind_loss_w_k_per_m_s: f64,
    /// The second mass.
    pub structure: Option<StructureMass>,
}

/// Walls and slabs as a mass of their own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StructureMass {
    /// J/K.
    pub capacity_j_k: f64,
    /// To the room, W/K.
    pub coupling_w_k: f64,
    /// To outdoors, W/K.
    pub loss_w_k: f64,
}

/// Temperatures of the masses, °C; without a structure both are equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MassState {
    pub room_c: f64,
    pub structure_c: f64,
}

/// Where the masses are after a step, and on average over it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MassStep {
    pub end: MassState,
    pub mean: MassState,
}

/// Share of the excess left after x time constants, and the mean share over the way there.
fn decay(x: f64) -> (f64, f64) {
    let left = (-x).exp();
    (left, if x < 1e-8 { 1.0 - 0.5 * x } else { -(-x).exp_m1() / x })
}

impl ThermalMass {
    /// One mass from what is known of a building: its loss at design and its time constant, s.
    pub fn single(loss_w_k: f64, time_constant_s: f64) -> ThermalMass {
        ThermalMass { capacity_j_k: loss_w_k * time_constant_s, loss_w_k, wind_loss_w_k_per_m_s: 0.0, structure: None }
    }

    /// Whether capacities and losses are positive and finite (wind and structure's own loss may be 0).
    pub fn is_valid(&self) -> bool {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let not_negative = |value: f64| value >= 0.0 && value.is_finite();
        positive(self.capacity_j_k)
            && positive(self.loss_w_k)
            && not_negative(self.wind_loss_w_k_per_m_s)
            && self.structure.is_none_or(|mass| {
                positive(mass.capacity_j_k) && positive(mass.coupling_w_k) && not_negative(mass.loss_w_k)
            })
    }

    /// Loss of the room at a wind speed, W/K.
    pub fn room_loss_w_k(&self, wind_m_s: f64) -> f64 {
        self.loss_w_k + self.wind_loss_w_k_per_m_s * wind_m_s.max(0.0)
    }

    /// Loss in the long run per kelvin between room and outdoors without wind, W/K: the structure's way in series.
    pub fn steady_loss_w_k(&self) -> f64 {
        let through_structure =
            self.structure.map_or(0.0, |mass| mass.coupling_w_k * mass.loss_w_k / (mass.coupling_w_k + mass.loss_w_k));
        self.loss_w_k + through_structure
    }

    /// Slowest time constant without wind, s.
    pub fn time_constant_s(&self) -> f64 {
        match self.structure {
            None => self.capacity_j_k / self.loss_w_k,
            Some(mass) => {
                let (mean, half) = self.rates(mass, self.loss_w_k);
                1.0 / (mean - half)
            }
        }
    }

    /// Heat stored above 0 °C, J.
    pub fn stored_j(&self, state: MassState) -> f64 {
        self.capacity_j_k * state.room_c + self.structure.map_or(0.0, |mass| mass.capacity_j_k * state.structure_c)
    }

    /// Loss to outdoors at given (mean) temperatures, W.
    pub fn loss_w(&self, at: MassState, outdoor_c: f64, wind_m_s: f64) -> f64 {
        self.room_loss_w_k(wind_m_s) * (at.room_c - outdoor_c)
            + self.structure.map_or(0.0, |mass| mass.loss_w_k * (at.structure_c - outdoor_c))
    }

    /// Half sum and half difference of the two decay rates, 1/s; both rates are positive.
    fn rates(&self, mass: StructureMass, room_loss_w_k: f64) -> (f64, f64) {
        let a = (room_loss_w_k + mass.coupling_w_k) / self.capacity_j_k;
        let d = (mass.loss_w_k + mass.coupling_w_k) / mass.capacity_j_k;
        let product = mass.coupling_w_k * mass.coupling_w_k / (self.capacity_j_k * mass.capacity_j_k);
        (0.5 * (a + d), (0.25 * (a - d) * (a - d) + product).sqrt())
    }

    /// One step with constant heat to room and structure (W), outdoor temperature and wind; exact for any seconds ≥ 0.
    /// With one mass the heat to the structure goes to the room.
    pub fn step(
        &self,
        state: MassState,
        room_heat_w: f64,
        structure_heat_w: f64,
        outdoor_c: f64,
        wind_m_s: f64,
        seconds: f64,
    ) -> MassStep {
        let loss_w_k = self.room_loss_w_k(wind_m_s);
        let Some(mass) = self.structure else {
            let steady_c = outdoor_c + (room_heat_w + structure_heat_w) / loss_w_k;
            let (left, average) = decay(seconds * loss_w_k / self.capacity_j_k);
            let (end_c, mean_c) =
                (steady_c + (state.room_c - steady_c) * left, steady_c + (state.room_c - steady_c) * average);
            return MassStep {
                end: MassState { room_c: end_c, structure_c: end_c },
                mean: MassState { room_c: mean_c, structure_c: mean_c },
            };
        };
        // Steady state of both: two linear equations.
        let (room_sum, structure_sum) = (loss_w_k + mass.coupling_w_k, mass.loss_w_k + mass.coupling_w_k);
        let determinant = room_sum * structure_sum - mass.coupling_w_k * mass.coupling_w_k;
        let room_steady_c =
            outdoor_c + (room_heat_w * structure_sum + mass.coupling_w_k * structure_heat_w) / determinant;
        let structure_steady_c =
            outdoor_c + (room_sum * structure_heat_w + mass.coupling_w_k * room_heat_w) / determinant;
        let (x, y) = (state.room_c - room_steady_c, state.structure_c - structure_steady_c);
        // The excess in the two modes: f(A)·v = ½(f(r₁)+f(r₂)) v + (f(r₁)−f(r₂))/(r₁−r₂)·(A − r̄) v.
        let (rate, half) = self.rates(mass, loss_w_k);
        let (slow, fast) = (decay((rate - half) * seconds), decay((rate + half) * seconds));
        let (room_rate, structure_rate) = (room_sum / self.capacity_j_k, structure_sum / mass.capacity_j_k);
        let turned = (
            (room_rate - rate) * x - mass.coupling_w_k / self.capacity_j_k * y,
            (structure_rate - rate) * y - mass.coupling_w_k / mass.capacity_j_k * x,
        );
        let combine = |f_slow: f64, f_fast: f64| {
            // The coupling is positive, so the two rates never meet.
            let (mean, slope) = (0.5 * (f_slow + f_fast), (f_fast - f_slow) / (2.0 * half));
            (mean * x + slope * turned.0, mean * y + slope * turned.1)
        };
        let (end, mean) = (combine(slow.0, fast.0), combine(slow.1, fast.1));
        let at = |excess: (f64, f64)| MassState {
            room_c: room_steady_c + excess.0,
            structure_c: structure_steady_c + excess.1,
        };
        MassStep { end: at(end), mean: at(mean) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::building::RoomCooling;

    const TWO: ThermalMass = ThermalMass {
        capacity_j_k: 2.0e7,
        loss_w_k: 600.0,
        wind_loss_w_k_per_m_s: 20.0,
        structure: Some(StructureMass { capacity_j_k: 4.0e8, coupling_w_k: 5000.0, loss_w_k: 900.0 }),
    };

    fn both(temperature_c: f64) -> MassState {
        MassState { room_c: temperature_c, structure_c: temperature_c }
    }

    #[test]
    fn one_mass_cools_as_the_closed_form() {
        for (share, hours, to_c) in [(0.0, 16.7, 12.0), (0.55, 41.7, 12.0)] {
            let mass = ThermalMass::single(1000.0, 100.0 * 3600.0);
            let end = mass.step(both(18.0), share * 39_100.0, 0.0, -21.1, 0.0, hours * 3600.0).end;
            let closed = RoomCooling {
                start_c: 18.0,
                normal_c: 18.0,
                outdoor_c: -21.1,
                supplied_share: share,
                time_constant_h: 100.0,
            };
            assert!((end.room_c - closed.temperature_c(hours)).abs() < 1e-10);
            assert!((end.room_c - to_c).abs() < 0.02);
        }
    }

    #[test]
    fn splitting_a_step_changes_nothing_and_energy_closes() {
        for mass in [ThermalMass::single(1000.0, 3.6e5), TWO] {
            let start = MassState { room_c: 19.0, structure_c: if mass.structure.is_some() { 15.0 } else { 19.0 } };
            let whole = mass.step(start, 20_000.0, 5_000.0, -10.0, 3.0, 7200.0);
            let mut state = start;
            for _ in 0..9 {
                state = mass.step(state, 20_000.0, 5_000.0, -10.0, 3.0, 800.0).end;
            }
            assert!((state.room_c - whole.end.room_c).abs() < 1e-10, "{mass:?}");
            assert!((state.structure_c - whole.end.structure_c).abs() < 1e-10);
            let stored = mass.stored_j(whole.end) - mass.stored_j(start);
            let net = (25_000.0 - mass.loss_w(whole.mean, -10.0, 3.0)) * 7200.0;
            assert!((stored - net).abs() < 1e-9 * 25_000.0 * 7200.0, "{stored} {net}");
        }
    }

    #[test]
    fn two_masses_agree_with_small_explicit_steps() {
        let mut state = MassState { room_c: 22.0, structure_c: 14.0 };
        let exact = TWO.step(state, 15_000.0, 8_000.0, -5.0, 0.0, 5000.0).end;
        let mass = TWO.structure.unwrap();
        for _ in 0..500_000 {
            let flow = mass.coupling_w_k * (state.room_c - state.structure_c);
            let room = (15_000.0 - 600.0 * (state.room_c + 5.0) - flow) / TWO.capacity_j_k;
            let structure = (8_000.0 - 900.0 * (state.structure_c + 5.0) + flow) / mass.capacity_j_k;
            state = MassState { room_c: state.room_c + 0.01 * room, structure_c: state.structure_c + 0.01 * structure };
        }
        assert!((state.room_c - exact.room_c).abs() < 2e-4, "{state:?} {exact:?}");
        assert!((state.structure_c - exact.structure_c).abs() < 2e-4);
    }

    #[test]
    fn long_steps_end_in_the_steady_state() {
        let end = TWO.step(both(30.0), 30_000.0, 0.0, -10.0, 0.0, 1e9).end;
        assert!((TWO.steady_loss_w_k() * (end.room_c + 10.0) - 30_000.0).abs() < 1e-6);
        let warm = ThermalMass::single(1000.0, 3.6e5).step(both(5.0), 28_000.0, 0.0, -10.0, 0.0, 1e9);
        assert!((warm.end.room_c - 18.0).abs() < 1e-12 && (warm.mean.room_c - 18.0).abs() < 0.01);
    }

    #[test]
    fn wind_raises_the_loss() {
        assert!((TWO.room_loss_w_k(5.0) - 700.0).abs() < 1e-12 && (TWO.room_loss_w_k(-1.0) - 600.0).abs() < 1e-12);
        let (still, windy) = (
            TWO.step(both(20.0), 0.0, 0.0, -10.0, 0.0, 3600.0).end.room_c,
            TWO.step(both(20.0), 0.0, 0.0, -10.0, 8.0, 3600.0).end.room_c,
        );
        assert!(windy < still);
        assert!(TWO.is_valid() && !ThermalMass::single(0.0, 1e5).is_valid());
        assert!((TWO.time_constant_s() / 3600.0 - 80.0).abs() < 20.0, "{}", TWO.time_constant_s() / 3600.0);
    }
}
