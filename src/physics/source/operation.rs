//! How fast a plant starts, rises and falls, and how little it can run at.
//!
//! Mechanism: off → starting (a time without heat) → running between minimum and capacity with limited ramps; within a
//! step the heat is piecewise linear and its mean exact. A wish below the minimum keeps it at the minimum; a wish of
//! zero takes it down and off. Not here: what the heat costs.

/// Limits of a plant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Operation {
    /// Smallest heat while running, W.
    pub minimum_w: f64,
    /// Greatest rise and fall, W/s; infinite where nothing limits.
    pub ramp_up_w_s: f64,
    pub ramp_down_w_s: f64,
    /// From the order to first heat, s.
    pub start_time_s: f64,
}

/// Where a plant is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum OperationState {
    #[default]
    Off,
    Starting {
        remaining_s: f64,
    },
    Running {
        heat_w: f64,
    },
}

/// What a step gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OperationStep {
    pub mean_heat_w: f64,
    pub end_heat_w: f64,
    /// Share of the step with fire.
    pub running_share: f64,
    pub started: bool,
}

impl Operation {
    /// Nothing limits.
    pub const FREE: Operation =
        Operation { minimum_w: 0.0, ramp_up_w_s: f64::INFINITY, ramp_down_w_s: f64::INFINITY, start_time_s: 0.0 };

    /// One step towards a wanted heat, W, with a capacity that may change with the weather.
    pub fn step(&self, state: &mut OperationState, wanted_w: f64, capacity_w: f64, seconds: f64) -> OperationStep {
        let wants = wanted_w > 0.0 && capacity_w > 0.0;
        let (mut left_s, mut started) = (seconds.max(0.0), false);
        let off = |state: &mut OperationState| {
            *state = OperationState::Off;
            OperationStep { mean_heat_w: 0.0, end_heat_w: 0.0, running_share: 0.0, started: false }
        };
        let minimum_w = self.minimum_w.clamp(0.0, capacity_w.max(0.0));
        let mut heat_w = match *state {
            OperationState::Running { heat_w } => heat_w.min(capacity_w.max(0.0)),
            _ if !wants => return off(state),
            OperationState::Off | OperationState::Starting { .. } => {
                let remaining_s = match *state {
                    OperationState::Starting { remaining_s } => remaining_s,
                    _ => self.start_time_s,
                };
                if remaining_s > left_s || (remaining_s == left_s && left_s > 0.0 && remaining_s > 0.0) {
                    *state = OperationState::Starting { remaining_s: remaining_s - left_s };
                    return OperationStep { mean_heat_w: 0.0, end_heat_w: 0.0, running_share: 0.0, started: false };
                }
                left_s -= remaining_s;
                started = true;
                minimum_w
            }
        };
        let running_s = left_s;
        let target_w = if wants { wanted_w.clamp(minimum_w, capacity_w) } else { minimum_w };
        let ramp = if target_w > heat_w { self.ramp_up_w_s } else { self.ramp_down_w_s };
        let way_w = target_w - heat_w;
        let needed_s = if way_w == 0.0 || ramp == f64::INFINITY { 0.0 } else { way_w.abs() / ramp.max(1e-12) };
        let (ramping_s, arrived) = if needed_s <= left_s { (needed_s, true) } else { (left_s, false) };
        let end_w = if arrived { target_w } else { heat_w + (ramp * left_s).copysign(way_w) };
        let mut energy_j = 0.5 * (heat_w + end_w) * ramping_s;
        heat_w = end_w;
        let mut fire_s = running_s;
        if arrived {
            if wants {
                energy_j += heat_w * (left_s - ramping_s);
            } else {
                // Down at the minimum: out.
                fire_s = ramping_s;
                heat_w = 0.0;
            }
        }
        *state = if arrived && !wants { OperationState::Off } else { OperationState::Running { heat_w } };
        let per_step = |value: f64| if seconds > 0.0 { value / seconds } else { 0.0 };
        OperationStep { mean_heat_w: per_step(energy_j), end_heat_w: heat_w, running_share: per_step(fire_s), started }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOILER: Operation = Operation { minimum_w: 3e6, ramp_up_w_s: 1e4, ramp_down_w_s: 2e4, start_time_s: 600.0 };

    #[test]
    fn start_then_ramp_within_one_step() {
        let mut state = OperationState::Off;
        // 600 s start, from 3 to 8 MW in 500 s, then 100 s at 8 MW.
        let out = BOILER.step(&mut state, 8e6, 10e6, 1200.0);
        assert!(out.started && (out.end_heat_w - 8e6).abs() < 1e-6);
        assert!((out.mean_heat_w - (5.5e6 * 500.0 + 8e6 * 100.0) / 1200.0).abs() < 1e-3);
        assert!((out.running_share - 0.5).abs() < 1e-12);
    }

    #[test]
    fn splitting_the_step_gives_the_same_energy() {
        let wanted = [(8e6, 1500.0), (1e6, 400.0), (0.0, 300.0), (5e6, 900.0)];
        let energy = |pieces: usize| {
            let (mut state, mut sum) = (OperationState::Off, 0.0);
            for (wanted_w, seconds) in wanted {
                for _ in 0..pieces {
                    let dt = seconds / pieces as f64;
                    sum += BOILER.step(&mut state, wanted_w, 10e6, dt).mean_heat_w * dt;
                }
            }
            sum
        };
        assert!((energy(1) / energy(10) - 1.0).abs() < 1e-9, "{} {}", energy(1), energy(10));
    }

    #[test]
    fn minimum_load_and_shut_down() {
        let mut state = OperationState::Running { heat_w: 8e6 };
        let low = BOILER.step(&mut state, 1e6, 10e6, 3600.0);
        assert_eq!(low.end_heat_w, 3e6);
        let down = BOILER.step(&mut state, 0.0, 10e6, 60.0);
        assert_eq!((state, down.end_heat_w, down.mean_heat_w), (OperationState::Off, 0.0, 0.0));
        let mut state = OperationState::Running { heat_w: 8e6 };
        let falling = BOILER.step(&mut state, 0.0, 10e6, 100.0);
        assert!((falling.end_heat_w - 6e6).abs() < 1e-6 && (falling.mean_heat_w - 7e6).abs() < 1e-6);
    }

    #[test]
    fn a_lost_capacity_is_lost_at_once() {
        let mut state = OperationState::Running { heat_w: 8e6 };
        assert_eq!(Operation::FREE.step(&mut state, 8e6, 5e6, 60.0).mean_heat_w, 5e6);
        assert_eq!(Operation::FREE.step(&mut state, 8e6, 0.0, 60.0).end_heat_w, 0.0);
        assert_eq!(state, OperationState::Off);
    }
}
