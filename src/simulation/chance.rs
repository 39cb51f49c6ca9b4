//! Seeded chance: the same numbers for the same seed, one stream for each purpose.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of chance.
#[derive(Clone, Debug)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// Drawing more numbers for one purpose leaves those of others as they were.
    pub fn new(seed: u64, purpose: u64) -> Chance {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        stream.set_stream(purpose);
        Chance(stream)
    }

    /// Uniform in 0 ≤ x < 1.
    pub fn share(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 53) as f64;
        (self.0.next_u64() >> 11) as f64 * STEP
    }

    /// Normal with mean 0 and deviation 1, up to ±4: the sum of twelve uniform numbers of 32 bits, less six.
    pub fn normal(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 32) as f64;
        let pair = |bits: u64| ((bits >> 32) as f64 + (bits & 0xFFFF_FFFF) as f64) * STEP;
        let sum: f64 = (0..6).map(|_| pair(self.0.next_u64())).sum();
        (sum - 6.0).clamp(-4.0, 4.0)
    }
}

/// A number that wanders about 0 and forgets where it was (Ornstein–Uhlenbeck).
#[derive(Clone, Copy, Debug, Default)]
pub struct Walk {
    pub value: f64,
}

impl Walk {
    /// One step: deviation in the long run, time after which it has forgotten, time gone by.
    pub fn step(&mut self, chance: &mut Chance, deviation: f64, memory_s: f64, step_s: f64) {
        let kept = (-step_s / memory_s).exp();
        self.value = kept * self.value + deviation * (1.0 - kept * kept).sqrt() * chance.normal();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_are_normal_and_walks_stay_near_nought() {
        let mut chance = Chance::new(1, 2);
        let many: Vec<f64> = (0..20_000).map(|_| chance.normal()).collect();
        let mean = many.iter().sum::<f64>() / 20_000.0;
        let spread = (many.iter().map(|x| x * x).sum::<f64>() / 20_000.0).sqrt();
        assert!(mean.abs() < 0.03 && (spread - 1.0).abs() < 0.03, "{mean} {spread}");
        let mut walk = Walk::default();
        let (mut square, mut steps) = (0.0, 0.0);
        for _ in 0..20_000 {
            walk.step(&mut chance, 2.0, 50.0, 10.0);
            square += walk.value * walk.value;
            steps += 1.0;
        }
        let spread = (square / steps).sqrt();
        assert!((spread - 2.0).abs() < 0.2, "{spread}");
        assert_eq!(Chance::new(1, 2).normal(), many[0]);
        assert_ne!(Chance::new(1, 3).normal(), many[0]);
    }
}
