//! Seeded chance: the same numbers on every machine.
//!
//! ChaCha8 gives the bits; only exactly rounded arithmetic turns them into numbers (no functions of the system's
//! mathematical library), so that a seed means the same network everywhere.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of chance.
#[derive(Clone, Debug)]
pub(super) struct Dice {
    stream: ChaCha8Rng,
}

impl Dice {
    /// A stream of its own for one purpose: drawing more numbers for one purpose leaves the others as they were.
    pub(super) fn new(seed: u64, purpose: u64) -> Dice {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        stream.set_stream(purpose);
        Dice { stream }
    }

    /// Uniform in 0 ≤ x < 1, 53 bits.
    pub(super) fn share(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 53) as f64;
        (self.stream.next_u64() >> 11) as f64 * STEP
    }

    /// Uniform in low ≤ x < high.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    /// Uniform whole number in 0 ≤ x < count; 0 for an empty range.
    pub(super) fn below(&mut self, count: usize) -> usize {
        ((self.share() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// Random order.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }
}

/// Smooth chance over the plane in 0…1: values at the corners of a square lattice, joined by cubic steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noise {
    seed: u64,
    cell_m: f64,
}

impl Noise {
    pub(super) fn new(seed: u64, cell_m: f64) -> Noise {
        Noise { seed, cell_m }
    }

    pub(super) fn at(&self, x_m: f64, y_m: f64) -> f64 {
        let (x, y) = (x_m / self.cell_m, y_m / self.cell_m);
        let (column, row) = (x.floor(), y.floor());
        let ease = |t: f64| t * t * (3.0 - 2.0 * t);
        let (u, v) = (ease(x - column), ease(y - row));
        let corner = |i: i64, j: i64| lattice(self.seed, column as i64 + i, row as i64 + j);
        (corner(0, 0) * (1.0 - u) + corner(1, 0) * u) * (1.0 - v) + (corner(0, 1) * (1.0 - u) + corner(1, 1) * u) * v
    }
}

/// One lattice value by mixing seed and place (finaliser of SplitMix64).
fn lattice(seed: u64, i: i64, j: i64) -> f64 {
    let mut bits = seed
        ^ (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ (j as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f).rotate_left(31);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((bits ^ (bits >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_these_numbers_on_every_machine() {
        let mut dice = Dice::new(7, 3);
        let first: Vec<u64> = (0..3).map(|_| (dice.share() * 1e12) as u64).collect();
        let mut again = Dice::new(7, 3);
        assert_eq!(first, (0..3).map(|_| (again.share() * 1e12) as u64).collect::<Vec<_>>());
        assert_ne!(first[0], (Dice::new(7, 4).share() * 1e12) as u64);
        assert_ne!(first[0], (Dice::new(8, 3).share() * 1e12) as u64);
    }

    #[test]
    fn noise_is_continuous_and_bounded() {
        let noise = Noise::new(5, 100.0);
        for step in -500..500 {
            let x = f64::from(step);
            let (a, b) = (noise.at(x, 0.3 * x), noise.at(x + 1.0, 0.3 * x));
            assert!((0.0..=1.0).contains(&a) && (a - b).abs() < 0.02);
        }
    }
}
