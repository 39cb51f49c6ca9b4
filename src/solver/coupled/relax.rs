//! Shortens a slow approach: where the residual of a component shrinks by the same factor from pass to pass, its limit is
//! known (Aitken's Δ², component by component).

/// Factors worth shortening; a faster approach needs no help, a slower one is not trusted.
const FACTORS: std::ops::Range<f64> = 0.3..0.97;
/// Two factors closer than this are the same.
const SAME: f64 = 0.1;

#[derive(Clone, Copy, Debug, Default)]
struct Memory {
    residual: f64,
    factor: f64,
}

/// Memory of all components.
#[derive(Clone, Debug, Default)]
pub struct Relax {
    memory: Vec<Memory>,
}

impl Relax {
    /// Forgets everything.
    pub fn restart(&mut self, components: usize) {
        self.memory.clear();
        self.memory.resize(components, Memory::default());
    }

    /// Next value of a component that was x and was mapped to `mapped`.
    pub fn next(&mut self, component: usize, x: f64, mapped: f64) -> f64 {
        let memory = &mut self.memory[component];
        let residual = mapped - x;
        let factor = residual / memory.residual;
        let steady = FACTORS.contains(&factor) && (factor - memory.factor).abs() < SAME;
        *memory = if steady { Memory::default() } else { Memory { residual, factor } };
        if steady { x + residual / (1.0 - factor) } else { mapped }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_approach_is_shortened() {
        let mut relax = Relax::default();
        relax.restart(1);
        let mut x = 0.0;
        for _ in 0..8 {
            x = relax.next(0, x, 10.0 + 0.9 * (x - 10.0));
        }
        assert!((x - 10.0f64).abs() < 1e-9, "{x}");
    }
}
