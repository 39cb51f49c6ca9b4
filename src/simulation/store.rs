//! The water in one pipe as parcels in a row, each with the enthalpy it has now.
//!
//! All water in a pipe cools by the same law, so that cooling is not done to each parcel: a parcel keeps the
//! value it came with and the pipe keeps one line h = scale·value + offset for all of them. A step costs the parcels
//! that enter and leave, however many lie between. Two neighbours are merged (mass and heat kept) where
//! they hardly differ, and where there are too many; the largest difference ever lost that way is known.

use std::collections::VecDeque;

/// Parcels a pipe may hold before neighbours are merged, and how many are left then.
const MOST_PARCELS: usize = 512;
const KEPT_PARCELS: usize = 400;
/// Neighbours that differ less are one parcel, J/kg (0.5 mK).
const SAME_J_KG: f64 = 2.0;
/// The scale is taken into the values before it loses digits.
const SMALLEST_SCALE: f64 = 0.5;

/// Water of one enthalpy. Its mass includes the wall as the mass of water with the same heat capacity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parcel {
    pub mass_kg: f64,
    value: f64,
}

/// Which end of a pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    From,
    To,
}

/// The parcels of a pipe from its `from` end to its `to` end.
#[derive(Clone, Debug)]
pub struct Store {
    parcels: VecDeque<Parcel>,
    scale: f64,
    offset_j_kg: f64,
    /// Σ mass and Σ mass·value, kept up to date.
    mass_kg: f64,
    sum: f64,
    /// Half of the largest difference between two parcels that were merged, J/kg.
    pub largest_merge_j_kg: f64,
}

impl Store {
    /// Filled with (mass, enthalpy) in order from the `from` end.
    pub fn new(content: impl IntoIterator<Item = (f64, f64)>) -> Store {
        let mut store = Store {
            parcels: VecDeque::new(),
            scale: 1.0,
            offset_j_kg: 0.0,
            mass_kg: 0.0,
            sum: 0.0,
            largest_merge_j_kg: 0.0,
        };
        for (mass_kg, enthalpy_j_kg) in content {
            store.push(End::To, mass_kg, enthalpy_j_kg);
        }
        store
    }

    #[inline]
    pub fn mass_kg(&self) -> f64 {
        self.mass_kg
    }

    /// Heat of all parcels above 0 °C, J.
    #[inline]
    pub fn heat_j(&self) -> f64 {
        self.scale * self.sum + self.offset_j_kg * self.mass_kg
    }

    pub fn len(&self) -> usize {
        self.parcels.len()
    }

    pub fn is_empty(&self) -> bool {
        self.parcels.is_empty()
    }

    /// (mass, enthalpy) from the `from` end on.
    pub fn content(&self) -> impl DoubleEndedIterator<Item = (f64, f64)> + '_ {
        self.parcels.iter().map(|parcel| (parcel.mass_kg, self.scale * parcel.value + self.offset_j_kg))
    }

    /// Enthalpy of the water at an end.
    pub fn at(&self, end: End) -> Option<f64> {
        let parcel = match end {
            End::From => self.parcels.front(),
            End::To => self.parcels.back(),
        }?;
        Some(self.scale * parcel.value + self.offset_j_kg)
    }

    /// All water moves towards `around_j_kg`, keeping this share of its excess.
    #[inline]
    pub fn decay(&mut self, kept_share: f64, around_j_kg: f64) {
        self.scale *= kept_share;
        self.offset_j_kg = kept_share * self.offset_j_kg + (1.0 - kept_share) * around_j_kg;
        if self.scale < SMALLEST_SCALE {
            self.take_scale_in();
        }
    }

    fn take_scale_in(&mut self) {
        (self.mass_kg, self.sum) = (0.0, 0.0);
        for parcel in &mut self.parcels {
            parcel.value = self.scale * parcel.value + self.offset_j_kg;
            self.mass_kg += parcel.mass_kg;
            self.sum += parcel.mass_kg * parcel.value;
        }
        (self.scale, self.offset_j_kg) = (1.0, 0.0);
    }

    /// Puts water in at an end.
    #[inline]
    pub fn push(&mut self, end: End, mass_kg: f64, enthalpy_j_kg: f64) {
        if mass_kg <= 0.0 {
            return;
        }
        let value = (enthalpy_j_kg - self.offset_j_kg) / self.scale;
        self.mass_kg += mass_kg;
        self.sum += mass_kg * value;
        let neighbour = match end {
            End::From => self.parcels.front_mut(),
            End::To => self.parcels.back_mut(),
        };
        if let Some(parcel) = neighbour {
            let difference_j_kg = ((parcel.value - value) * self.scale).abs();
            if difference_j_kg < SAME_J_KG {
                let share = mass_kg / (parcel.mass_kg + mass_kg);
                parcel.value += share * (value - parcel.value);
                parcel.mass_kg += mass_kg;
                self.largest_merge_j_kg = self.largest_merge_j_kg.max(0.5 * difference_j_kg);
                return;
            }
        }
        let parcel = Parcel { mass_kg, value };
        match end {
            End::From => self.parcels.push_front(parcel),
            End::To => self.parcels.push_back(parcel),
        }
        if self.parcels.len() > MOST_PARCELS {
            self.merge();
        }
    }

    /// Takes at most `mass_kg` out at an end, calling `each(mass, enthalpy)` in the order the water leaves.
    #[inline]
    pub fn pop(&mut self, end: End, mass_kg: f64, mut each: impl FnMut(f64, f64)) {
        let mut missing_kg = mass_kg;
        // What rounding leaves behind is no parcel.
        let nothing_kg = 1e-12 * self.mass_kg;
        while missing_kg > nothing_kg {
            let parcel = match end {
                End::From => self.parcels.front_mut(),
                End::To => self.parcels.back_mut(),
            };
            let Some(parcel) = parcel else { break };
            let whole = parcel.mass_kg <= missing_kg + nothing_kg;
            let taken_kg = if whole { parcel.mass_kg } else { missing_kg };
            let value = parcel.value;
            parcel.mass_kg -= taken_kg;
            if whole {
                match end {
                    End::From => self.parcels.pop_front(),
                    End::To => self.parcels.pop_back(),
                };
            }
            missing_kg -= taken_kg;
            self.mass_kg -= taken_kg;
            self.sum -= taken_kg * value;
            each(taken_kg, self.scale * value + self.offset_j_kg);
        }
        if self.parcels.is_empty() {
            (self.mass_kg, self.sum) = (0.0, 0.0);
            (self.scale, self.offset_j_kg) = (1.0, 0.0);
        }
    }

    /// Merges the neighbours whose merging costs least (mass-weighted square of the difference), each at most with one
    /// other, until few enough are left.
    fn merge(&mut self) {
        self.take_scale_in();
        let parcels = self.parcels.make_contiguous();
        let cost = |a: &Parcel, b: &Parcel| {
            let difference = a.value - b.value;
            a.mass_kg * b.mass_kg / (a.mass_kg + b.mass_kg) * difference * difference
        };
        let mut pairs: Vec<(f64, u32)> =
            parcels.windows(2).enumerate().map(|(at, pair)| (cost(&pair[0], &pair[1]), at as u32)).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut into_next = [false; MOST_PARCELS + 2];
        let mut busy = [false; MOST_PARCELS + 2];
        let mut surplus = parcels.len() - KEPT_PARCELS;
        for (_, at) in pairs {
            let at = at as usize;
            if surplus == 0 {
                break;
            }
            if !busy[at] && !busy[at + 1] {
                (busy[at], busy[at + 1], into_next[at]) = (true, true, true);
                surplus -= 1;
            }
        }
        let mut kept = 0;
        let mut at = 0;
        while at < parcels.len() {
            let mut parcel = parcels[at];
            if into_next[at] {
                let next = parcels[at + 1];
                let mass_kg = parcel.mass_kg + next.mass_kg;
                self.largest_merge_j_kg = self.largest_merge_j_kg.max(0.5 * (parcel.value - next.value).abs());
                parcel.value += next.mass_kg / mass_kg * (next.value - parcel.value);
                parcel.mass_kg = mass_kg;
                at += 1;
            }
            parcels[kept] = parcel;
            kept += 1;
            at += 1;
        }
        self.parcels.truncate(kept);
        // The sums are those of before but for rounding; taken anew so that it does not add up.
        self.take_scale_in();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_in_order_from_either_end() {
        let mut store = Store::new([(1.0, 100.0), (2.0, 200.0), (3.0, 300.0)]);
        let mut out = Vec::new();
        store.pop(End::To, 4.0, |mass, enthalpy| out.push((mass, enthalpy)));
        assert_eq!(out, [(3.0, 300.0), (1.0, 200.0)]);
        store.pop(End::From, 1.5, |mass, enthalpy| out.push((mass, enthalpy)));
        assert_eq!(out[2..], [(1.0, 100.0), (0.5, 200.0)]);
        assert!((store.mass_kg() - 0.5).abs() < 1e-12 && (store.heat_j() - 100.0).abs() < 1e-9);
    }

    #[test]
    fn merging_keeps_mass_and_heat_and_a_front() {
        let mut store = Store::new([]);
        let mut heat_j = 0.0;
        for index in 0..2000 {
            // A gentle slope with one step of 80 000 J/kg in it.
            let enthalpy = 1e5 + 15.0 * f64::from(index) + if index < 1900 { 0.0 } else { 8e4 };
            store.push(End::From, 2.0, enthalpy);
            heat_j += 2.0 * enthalpy;
        }
        assert!(store.len() <= MOST_PARCELS);
        assert!((store.mass_kg() - 4000.0).abs() < 1e-9 && (store.heat_j() / heat_j - 1.0).abs() < 1e-13);
        let steepest = store.content().zip(store.content().skip(1)).map(|(a, b)| (a.1 - b.1).abs()).fold(0.0, f64::max);
        assert!(steepest > 7.9e4, "the front was smeared to {steepest}");
        assert!(store.largest_merge_j_kg < 1500.0, "{}", store.largest_merge_j_kg);
    }

    #[test]
    fn decay_is_one_law_for_all() {
        let mut store = Store::new([(1.0, 400.0), (1.0, 100.0)]);
        for _ in 0..100 {
            store.decay(0.9, 50.0);
        }
        let share = 0.9f64.powi(100);
        let content: Vec<_> = store.content().collect();
        assert!((content[0].1 - (50.0 + 350.0 * share)).abs() < 1e-9);
        assert!((content[1].1 - (50.0 + 50.0 * share)).abs() < 1e-9);
        store.push(End::To, 1.0, 77.0);
        assert!((store.at(End::To).unwrap() - 77.0).abs() < 1e-12);
    }
}
