//! What a value of each kind may do before it is doubted, and why.
//!
//! Every figure is a starting point for a network without history; a tag's own range and deviation come first. Figures
//! without a source are chosen so that what a healthy network does (a front of hot water, a pump that starts, a burst)
//! passes.

use crate::live::{Observed, Range};
use crate::network::{ElementKind, ElementRef};

/// What a number is by its nature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// An instrument on water, air or current: its last digit moves.
    Measured,
    /// Set or switched: may stand still for a winter (set-points, openings, speeds, states, contacts).
    Held,
    /// A running total: stands or rises.
    Total,
}

/// What a value may do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    pub nature: Nature,
    /// What is physically possible, read where the tag names no range of its own.
    pub possible: Range,
    /// Fastest change, per second; `None`: it may jump.
    pub most_per_s: Option<f64>,
    /// A single value nearer than this to its neighbours is no spike; `None`: it may jump.
    pub least_spike: Option<f64>,
    /// Nor is one nearer than this share of its neighbours' size.
    pub spike_share: f64,
    /// Whether an instrument that does not move is broken.
    pub sticks: bool,
    /// Zero is a state of rest (no flow, no heat), not a stuck instrument.
    pub rests_at_zero: bool,
    /// Older than this a value is worth nothing.
    pub too_old_ms: i64,
}

/// Kinds of temperature differ in how fast they can change.
const WATER: Range = Range { least: -20.0, most: 200.0 };
const AIR: Range = Range { least: -60.0, most: 60.0 };
/// Vacuum to more than any heating network's nominal pressure.
const PRESSURE: Range = Range { least: -101_325.0, most: 6.4e6 };
const ANY: Range = Range { least: f64::MIN, most: f64::MAX };
const STATE: Range = Range { least: 0.0, most: 1.0 };
const MINUTE_MS: i64 = 60_000;

impl Parameters {
    /// Those of a kind of number measured at an element.
    ///
    /// Too old: sources and stations must be sent on within 10 min, the network within 120 min, users within 60 min
    /// (DB22/T urban smart heating, clause 6.1.1); what has not come in that time is worth nothing.
    pub fn of(observed: Observed, element: Option<&ElementRef>) -> Parameters {
        let too_old_ms = match element.map(|element| element.kind) {
            Some(ElementKind::Building) => 60 * MINUTE_MS,
            Some(ElementKind::Node | ElementKind::Pipe | ElementKind::Valve | ElementKind::Chamber) => 120 * MINUTE_MS,
            _ => 10 * MINUTE_MS,
        };
        let measured = |possible: Range, most_per_s: Option<f64>, least_spike: Option<f64>| Parameters {
            nature: Nature::Measured,
            possible,
            most_per_s,
            least_spike,
            spike_share: 0.0,
            sticks: true,
            rests_at_zero: false,
            too_old_ms,
        };
        // A pump started doubles a flow at once and stays; what doubles for one reading only is a spike.
        let flow = |possible: Range, least: f64| Parameters {
            rests_at_zero: true,
            spike_share: 0.5,
            ..measured(possible, None, Some(least))
        };
        let held =
            |possible: Range| Parameters { nature: Nature::Held, sticks: false, ..measured(possible, None, None) };
        let total = Parameters { nature: Nature::Total, sticks: false, ..measured(ANY, None, None) };
        match observed {
            // A front 60 K high reaches a pocket with a time constant of 15 s: 4 K/s.
            Observed::Temperature
            | Observed::SupplyTemperature
            | Observed::ReturnTemperature
            | Observed::SecondarySupplyTemperature
            | Observed::SecondaryReturnTemperature => measured(WATER, Some(5.0), Some(5.0)),
            Observed::TemperatureDifference => measured(Range { least: -200.0, most: 200.0 }, Some(5.0), Some(5.0)),
            // Weather fronts: some kelvins in minutes; the sun leaving a badly placed sensor is still slower than this.
            Observed::OutdoorTemperature => measured(AIR, Some(0.1), Some(3.0)),
            Observed::RoomTemperature => measured(AIR, Some(0.05), Some(2.0)),
            // A pressure wave rises by ρ·a·Δv: 1.2 MPa for 1 m/s stopped at once. Only faster than a valve of a metre a
            // second in a whole second is impossible; what a burst does must pass.
            Observed::Pressure
            | Observed::SupplyPressure
            | Observed::ReturnPressure
            | Observed::SecondarySupplyPressure
            | Observed::SecondaryReturnPressure => measured(PRESSURE, Some(1.2e6), Some(100e3)),
            Observed::PressureDifference => Parameters {
                rests_at_zero: true,
                ..measured(Range { least: -6.4e6, most: 6.4e6 }, Some(1.2e6), Some(100e3))
            },
            Observed::MassFlow | Observed::VolumeFlow | Observed::SecondaryVolumeFlow => {
                flow(Range { least: -1e5, most: 1e5 }, 1.0)
            }
            // A trickle that most meters show in steps far coarser than it moves.
            Observed::MakeUpFlow => Parameters { sticks: false, ..flow(Range { least: 0.0, most: 1e4 }, 1.0) },
            Observed::Heat => flow(Range { least: -5e9, most: 5e9 }, 50e3),
            Observed::Power => flow(Range { least: -1e9, most: 1e9 }, 5e3),
            Observed::Current => flow(Range { least: 0.0, most: 1e5 }, 10.0),
            // A tank loses no more than centimetres a second; a wave on the water is not a spike of this size.
            Observed::Level => {
                Parameters { rests_at_zero: true, ..measured(Range { least: -1.0, most: 50.0 }, Some(0.1), Some(0.3)) }
            }
            Observed::Energy | Observed::Volume | Observed::MakeUpVolume | Observed::Electricity => total,
            Observed::Opening => held(Range { least: -0.05, most: 1.05 }),
            Observed::Speed => held(Range { least: -0.05, most: 2.0 }),
            Observed::SupplyTemperatureSetting | Observed::SecondarySupplyTemperatureSetting => held(WATER),
            Observed::MakeUpPressure => held(PRESSURE),
            Observed::Running | Observed::Fault | Observed::Automatic | Observed::Contact => held(STATE),
            Observed::Other => held(ANY),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_never_sticks_and_what_flows_may_rest() {
        for observed in [Observed::Opening, Observed::Running, Observed::SupplyTemperatureSetting, Observed::Contact] {
            assert!(!Parameters::of(observed, None).sticks);
            assert_eq!(Parameters::of(observed, None).nature, Nature::Held, "{observed:?}");
        }
        assert!(Parameters::of(Observed::Heat, None).rests_at_zero);
        assert!(!Parameters::of(Observed::SupplyPressure, None).rests_at_zero);
    }
}
