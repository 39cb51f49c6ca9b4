//! What instruments make of the truth: noise, and what is wrong with them.

use super::fault::{Fault, FaultKind};
use super::world::suffix;
use crate::io::modbus::map::{DeviceMap, Point};
use crate::io::modbus::value::WordOrder;
use crate::live::Observed;
use crate::simulation::chance::Chance;

/// One showing in so many is a spike, where a tag has them.
const SPIKE_CHANCE: f64 = 0.05;

/// What a register is to say: its raw number and the order its words come in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown {
    pub raw: f64,
    pub order: WordOrder,
}

/// One instrument.
#[derive(Clone, Debug, Default)]
struct Instrument {
    /// What it showed last.
    last_si: f64,
    /// The point at the other pipe, where the device has one.
    partner: Option<usize>,
    /// Running totals and states have no noise.
    deviation_si: f64,
    /// Rows of the list of faults that are about it or its device.
    faults: Vec<usize>,
}

/// The instruments of all points of a map.
#[derive(Clone, Debug)]
pub struct Instruments {
    all: Vec<Instrument>,
    faults: Vec<Fault>,
    noise: Chance,
    spikes: Chance,
}

impl Instruments {
    /// `noise` multiplies the deviation of every point.
    pub fn new(map: &DeviceMap, seed: u64, noise: f64) -> Instruments {
        let named = |device: &str, suffix: &str| {
            let tag = format!("{device}.{suffix}");
            map.points.iter().position(|point| *point.tag == *tag)
        };
        let instrument = |point: &Point| {
            let partner = match suffix(point) {
                "T1" => Some("T2"),
                "T2" => Some("T1"),
                "P1" => Some("P2"),
                "P2" => Some("P1"),
                _ => None,
            };
            Instrument {
                partner: partner.and_then(|suffix| named(&point.device, suffix)),
                deviation_si: noise * point.deviation_si.filter(|_| point.write.is_none()).unwrap_or(0.0),
                ..Instrument::default()
            }
        };
        Instruments {
            all: map.points.iter().map(instrument).collect(),
            faults: Vec::new(),
            noise: Chance::new(seed, 2),
            spikes: Chance::new(seed, 3),
        }
    }

    /// From now on these faults, and no others.
    pub fn suffer(&mut self, map: &DeviceMap, faults: &[Fault]) {
        self.faults = faults.to_vec();
        for (instrument, point) in self.all.iter_mut().zip(&map.points) {
            let about = |fault: &Fault| {
                let device_too = matches!(fault.kind, FaultKind::Order(_) | FaultKind::Swapped);
                fault.target == *point.tag || device_too && fault.target == *point.device
            };
            instrument.faults = (0..faults.len()).filter(|&row| about(&faults[row])).collect();
        }
    }

    /// What all points show at a time, in their order. The same number of draws whatever is wrong, so that faults leave the
    /// noise of all others as it was.
    pub fn show(&mut self, map: &DeviceMap, time_s: f64, truth: impl Fn(usize) -> f64) -> Vec<Shown> {
        let (faults, noise, spikes) = (&self.faults, &mut self.noise, &mut self.spikes);
        let one = |(row, (instrument, point)): (usize, (&mut Instrument, &Point))| {
            let chance = noise.normal();
            let mut from = row;
            let mut order = point.order;
            let (mut off_si, mut strength, mut held, mut fixed) = (0.0, 1.0, false, None);
            for fault in instrument.faults.iter().filter_map(|&at| faults.get(at)).filter(|fault| fault.holds(time_s)) {
                let si = |shown: f64| shown / point.unit.scale;
                match fault.kind {
                    FaultKind::Stuck => held = true,
                    FaultKind::Drift(an_hour) => off_si += si(an_hour) * (time_s - fault.from_s) / 3600.0,
                    FaultKind::Bias(shown) => off_si += si(shown),
                    FaultKind::Spikes(shown) => off_si += if spikes.share() < SPIKE_CHANCE { si(shown) } else { 0.0 },
                    FaultKind::Noise(times) => strength *= times,
                    FaultKind::NotANumber => fixed = Some(f64::NAN),
                    FaultKind::Contact => fixed = Some(1.0),
                    FaultKind::Order(wrong) => order = wrong,
                    FaultKind::Swapped => from = instrument.partner.unwrap_or(row),
                    _ => {}
                }
            }
            let true_si = truth(from);
            let mut si = true_si + off_si + strength * instrument.deviation_si * chance;
            // Beyond its range an instrument shows its end; counters have no range.
            if let Some(range) = point.range.filter(|_| point.observed != Observed::Energy) {
                si = si.clamp(range.least, range.most);
            }
            if let Some(fixed) = fixed {
                si = fixed;
            }
            if held {
                si = instrument.last_si;
            }
            instrument.last_si = si;
            Shown { raw: point.raw_of_si(si), order }
        };
        self.all.iter_mut().zip(&map.points).enumerate().map(one).collect()
    }
}
