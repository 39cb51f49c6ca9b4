//! Motor of a control valve: how far it gets in a time.

/// A motor that travels at constant speed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Actuator {
    /// From closed to open, s; 0: at once.
    pub travel_time_s: f64,
    /// Smallest change it answers to, as share of the travel: keeps a real motor from hunting.
    pub dead_band: f64,
}

/// A movement during a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Travel {
    pub end: f64,
    /// Mean opening over the step.
    pub mean: f64,
}

impl Actuator {
    /// From an opening towards another (0…1) during some seconds.
    pub fn travel(&self, opening: f64, wanted: f64, seconds: f64) -> Travel {
        let wanted = wanted.clamp(0.0, 1.0);
        let way = wanted - opening;
        if way.abs() <= self.dead_band || seconds <= 0.0 {
            return Travel { end: opening, mean: opening };
        }
        if self.travel_time_s <= 0.0 {
            return Travel { end: wanted, mean: wanted };
        }
        let reach = seconds / self.travel_time_s;
        if way.abs() > reach {
            let end = opening + reach.copysign(way);
            return Travel { end, mean: 0.5 * (opening + end) };
        }
        // Arrives on the way; the rest of the time it stands.
        let moving = way.abs() / reach;
        Travel { end: wanted, mean: moving * 0.5 * (opening + wanted) + (1.0 - moving) * wanted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn travels_no_faster_than_its_motor() {
        let motor = Actuator { travel_time_s: 120.0, dead_band: 0.01 };
        let on_the_way = motor.travel(0.2, 0.9, 60.0);
        assert!((on_the_way.end - 0.7).abs() < 1e-12 && (on_the_way.mean - 0.45).abs() < 1e-12);
        let arrived = motor.travel(0.5, 0.25, 60.0);
        assert!((arrived.end - 0.25).abs() < 1e-12);
        assert!((arrived.mean - (0.5 * 0.375 + 0.5 * 0.25)).abs() < 1e-12);
        assert_eq!(motor.travel(0.5, 0.505, 60.0).end, 0.5);
        assert_eq!(Actuator { travel_time_s: 0.0, dead_band: 0.0 }.travel(0.1, 2.0, 1.0).end, 1.0);
    }
}
