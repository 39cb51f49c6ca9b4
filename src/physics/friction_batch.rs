//! Pressure drops of all pipes of a network at once, several pipes per instruction.
//!
//! Mechanism: the constants of all pipes lie in four columns. A first sweep evaluates the turbulent formula for every
//! pipe without a branch, so the compiler computes several pipes per instruction; a second sweep replaces those that
//! are laminar or in transition. Each operation is the one `friction` does, in the same order and without fused
//! multiply–add: results are equal bit for bit to a single pipe's and on every machine, at a quarter of its cost.

use super::friction::{FrictionLaw, LAMINAR_UNTIL, PipeInFluid, PipeResistance, TURBULENT_FROM};
use super::registers::widest_registers;

/// Columns of [`PipeInFluid`]: a block of pipes on its way to their resistances.
#[derive(Clone, Debug, Default)]
pub struct PipesInFluid {
    pub length_m: Vec<f64>,
    pub inner_diameter_m: Vec<f64>,
    pub roughness_m: Vec<f64>,
    pub zeta: Vec<f64>,
    pub density_kg_m3: Vec<f64>,
    pub viscosity_pa_s: Vec<f64>,
}

impl PipesInFluid {
    pub fn len(&self) -> usize {
        self.length_m.len()
    }

    pub fn is_empty(&self) -> bool {
        self.length_m.is_empty()
    }

    /// Changes the number of pipes; new ones have no law until they are filled in.
    pub fn resize(&mut self, pipes: usize) {
        for column in [
            &mut self.length_m,
            &mut self.inner_diameter_m,
            &mut self.roughness_m,
            &mut self.zeta,
            &mut self.density_kg_m3,
            &mut self.viscosity_pa_s,
        ] {
            column.resize(pipes, f64::NAN);
        }
    }

    #[inline]
    pub fn push(&mut self, pipe: PipeInFluid) {
        self.length_m.push(pipe.length_m);
        self.inner_diameter_m.push(pipe.inner_diameter_m);
        self.roughness_m.push(pipe.roughness_m);
        self.zeta.push(pipe.zeta);
        self.density_kg_m3.push(pipe.density_kg_m3);
        self.viscosity_pa_s.push(pipe.viscosity_pa_s);
    }
}

/// Columns of [`PipeResistance`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PipeResistances {
    reynolds_per_kg_s: Vec<f64>,
    relative_roughness: Vec<f64>,
    friction_pa_s2_kg2: Vec<f64>,
    minor_pa_s2_kg2: Vec<f64>,
}

impl FromIterator<PipeResistance> for PipeResistances {
    fn from_iter<I: IntoIterator<Item = PipeResistance>>(pipes: I) -> Self {
        let mut columns = Self::default();
        for pipe in pipes {
            columns.push(pipe);
        }
        columns
    }
}

impl PipeResistances {
    pub fn len(&self) -> usize {
        self.reynolds_per_kg_s.len()
    }

    pub fn is_empty(&self) -> bool {
        self.reynolds_per_kg_s.is_empty()
    }

    pub fn clear(&mut self) {
        self.reynolds_per_kg_s.clear();
        self.relative_roughness.clear();
        self.friction_pa_s2_kg2.clear();
        self.minor_pa_s2_kg2.clear();
    }

    pub fn push(&mut self, pipe: PipeResistance) {
        self.reynolds_per_kg_s.push(pipe.reynolds_per_kg_s);
        self.relative_roughness.push(pipe.relative_roughness);
        self.friction_pa_s2_kg2.push(pipe.friction_pa_s2_kg2);
        self.minor_pa_s2_kg2.push(pipe.minor_pa_s2_kg2);
    }

    /// Adds a block of pipes, equal bit for bit to [`PipeInFluid::resistance`]; `otherwise` for those without a law.
    pub fn extend_in_fluid(&mut self, pipes: &PipesInFluid, otherwise: PipeResistance) {
        let start = self.len();
        let count = pipes.len();
        for column in [
            &mut self.reynolds_per_kg_s,
            &mut self.relative_roughness,
            &mut self.friction_pa_s2_kg2,
            &mut self.minor_pa_s2_kg2,
        ] {
            column.resize(start + count, 0.0);
        }
        let out = [
            &mut self.reynolds_per_kg_s[start..],
            &mut self.relative_roughness[start..],
            &mut self.friction_pa_s2_kg2[start..],
            &mut self.minor_pa_s2_kg2[start..],
        ];
        widest_registers!(in_fluid(
            pipes: &PipesInFluid = pipes,
            otherwise: PipeResistance = otherwise,
            out: [&mut [f64]; 4] = out,
        ));
    }

    /// Reynolds number per mass flow (s/kg) by row.
    pub fn reynolds_per_kg_s(&self) -> &[f64] {
        &self.reynolds_per_kg_s
    }

    /// The pipe at a row below [`Self::len`]; `None` beyond.
    pub fn get(&self, row: usize) -> Option<PipeResistance> {
        (row < self.len()).then(|| self.row(row))
    }

    /// Replaces the pipe at a row; rows at or beyond [`Self::len`] answer `false`.
    pub fn set(&mut self, row: usize, pipe: PipeResistance) -> bool {
        if row >= self.len() {
            return false;
        }
        self.reynolds_per_kg_s[row] = pipe.reynolds_per_kg_s;
        self.relative_roughness[row] = pipe.relative_roughness;
        self.friction_pa_s2_kg2[row] = pipe.friction_pa_s2_kg2;
        self.minor_pa_s2_kg2[row] = pipe.minor_pa_s2_kg2;
        true
    }

    #[inline(always)]
    fn row(&self, row: usize) -> PipeResistance {
        PipeResistance {
            reynolds_per_kg_s: self.reynolds_per_kg_s[row],
            relative_roughness: self.relative_roughness[row],
            friction_pa_s2_kg2: self.friction_pa_s2_kg2[row],
            minor_pa_s2_kg2: self.minor_pa_s2_kg2[row],
        }
    }

    /// Pressure drop (Pa) and its slope (Pa s/kg) of every pipe at its mass flow; equal bit for bit to
    /// [`PipeResistance::pressure_drop`]. Works on the rows all slices and the columns have in common.
    pub fn pressure_drops(
        &self,
        law: FrictionLaw,
        mass_flows_kg_s: &[f64],
        drops_pa: &mut [f64],
        slopes_pa_s_kg: &mut [f64],
    ) {
        turbulent_sweep(self, law, mass_flows_kg_s, drops_pa, slopes_pa_s_kg);
        let rows = self.len().min(mass_flows_kg_s.len()).min(drops_pa.len()).min(slopes_pa_s_kg.len());
        for row in 0..rows {
            let reynolds = self.reynolds_per_kg_s[row] * mass_flows_kg_s[row].abs();
            // Shifrinson alone may stay in transition beyond Re 4000; the laws for comparison are not worth a loop of their own.
            let apart =
                matches!(law, FrictionLaw::Shifrinson | FrictionLaw::Nikuradse | FrictionLaw::ColebrookEverywhere);
            if reynolds < TURBULENT_FROM || apart {
                let exact = self.row(row).pressure_drop(law, mass_flows_kg_s[row]);
                drops_pa[row] = exact.drop_pa;
                slopes_pa_s_kg[row] = exact.slope_pa_s_kg;
            }
        }
    }
}

#[inline(always)]
fn in_fluid(pipes: &PipesInFluid, otherwise: PipeResistance, [reynolds, roughness, friction, minor]: [&mut [f64]; 4]) {
    let given = pipes
        .length_m
        .iter()
        .zip(&pipes.inner_diameter_m)
        .zip(&pipes.roughness_m)
        .zip(&pipes.zeta)
        .zip(&pipes.density_kg_m3)
        .zip(&pipes.viscosity_pa_s);
    let found = reynolds.iter_mut().zip(roughness).zip(friction).zip(minor);
    for (
        (((((&length_m, &inner_diameter_m), &roughness_m), &zeta), &density_kg_m3), &viscosity_pa_s),
        (((reynolds, roughness), friction), minor),
    ) in given.zip(found)
    {
        let (valid, law) = PipeInFluid { length_m, inner_diameter_m, roughness_m, zeta, density_kg_m3, viscosity_pa_s }
            .resistance_if_valid();
        let choose = |value: f64, other: f64| if valid { value } else { other };
        *reynolds = choose(law.reynolds_per_kg_s, otherwise.reynolds_per_kg_s);
        *roughness = choose(law.relative_roughness, otherwise.relative_roughness);
        *friction = choose(law.friction_pa_s2_kg2, otherwise.friction_pa_s2_kg2);
        *minor = choose(law.minor_pa_s2_kg2, otherwise.minor_pa_s2_kg2);
    }
}

/// The sweep compiled for the widest registers found at run time: 15 ns a pipe with SSE2, 8 ns with AVX2 (benches/friction.rs).
///
/// AVX-512 was measured at 6 ns; not worth a third copy of the loop.
fn turbulent_sweep(pipes: &PipeResistances, law: FrictionLaw, flows: &[f64], drops: &mut [f64], slopes: &mut [f64]) {
    widest_registers!(sweep_by_law(
        pipes: &PipeResistances = pipes,
        law: FrictionLaw = law,
        flows: &[f64] = flows,
        drops: &mut [f64] = drops,
        slopes: &mut [f64] = slopes,
    ));
}

#[inline(always)]
fn sweep_by_law(pipes: &PipeResistances, law: FrictionLaw, flows: &[f64], drops: &mut [f64], slopes: &mut [f64]) {
    match law {
        FrictionLaw::Colebrook => sweep::<0>(pipes, flows, drops, slopes),
        FrictionLaw::SwameeJain => sweep::<1>(pipes, flows, drops, slopes),
        FrictionLaw::Altshul => sweep::<2>(pipes, flows, drops, slopes),
        FrictionLaw::Shifrinson | FrictionLaw::Nikuradse | FrictionLaw::ColebrookEverywhere => {}
    }
}

#[inline(always)]
fn sweep<const LAW: u8>(pipes: &PipeResistances, flows: &[f64], drops: &mut [f64], slopes: &mut [f64]) {
    let law = match LAW {
        0 => FrictionLaw::Colebrook,
        1 => FrictionLaw::SwameeJain,
        _ => FrictionLaw::Altshul,
    };
    let columns = pipes
        .reynolds_per_kg_s
        .iter()
        .zip(&pipes.relative_roughness)
        .zip(&pipes.friction_pa_s2_kg2)
        .zip(&pipes.minor_pa_s2_kg2)
        .zip(flows)
        .zip(drops)
        .zip(slopes);
    for (
        (((((&reynolds_per_kg_s, &relative_roughness), &friction_pa_s2_kg2), &minor_pa_s2_kg2), &flow), drop),
        slope,
    ) in columns
    {
        let pipe = PipeResistance { reynolds_per_kg_s, relative_roughness, friction_pa_s2_kg2, minor_pa_s2_kg2 };
        let reynolds = (reynolds_per_kg_s * flow.abs()).max(LAMINAR_UNTIL);
        let result = pipe.with_friction(law.turbulent(reynolds, relative_roughness), flow);
        *drop = result.drop_pa;
        *slope = result.slope_pa_s_kg;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::friction::PipeInFluid;

    #[test]
    fn columns_answer_as_single_pipes_do_bit_for_bit() {
        let pipes: Vec<PipeResistance> = (0..2003)
            .map(|i| {
                let x = f64::from(i) / 2003.0;
                PipeInFluid {
                    length_m: 5.0 + 300.0 * x,
                    inner_diameter_m: 0.02 + 1.2 * (x * 7.0).fract(),
                    roughness_m: 5e-4 * (x * 13.0).fract(),
                    zeta: 3.0 * (x * 5.0).fract(),
                    density_kg_m3: 965.0,
                    viscosity_pa_s: 3.3e-4,
                }
                .resistance()
                .expect("valid pipe")
            })
            .collect();
        let flows: Vec<f64> = pipes
            .iter()
            .enumerate()
            .map(|(i, pipe)| {
                let magnitude = 10f64.powf(1.0 + 7.0 * (i as f64 * 0.618).fract()) / pipe.reynolds_per_kg_s;
                if i % 17 == 0 {
                    0.0
                } else if i % 2 == 0 {
                    magnitude
                } else {
                    -magnitude
                }
            })
            .collect();
        let columns: PipeResistances = pipes.iter().copied().collect();
        let (mut drops, mut slopes) = (vec![f64::NAN; pipes.len()], vec![f64::NAN; pipes.len()]);
        for law in [
            FrictionLaw::Colebrook,
            FrictionLaw::SwameeJain,
            FrictionLaw::Altshul,
            FrictionLaw::Shifrinson,
            FrictionLaw::Nikuradse,
            FrictionLaw::ColebrookEverywhere,
        ] {
            columns.pressure_drops(law, &flows, &mut drops, &mut slopes);
            for (row, pipe) in pipes.iter().enumerate() {
                let single = pipe.pressure_drop(law, flows[row]);
                assert_eq!(drops[row].to_bits(), single.drop_pa.to_bits(), "{law:?} row {row}");
                assert_eq!(slopes[row].to_bits(), single.slope_pa_s_kg.to_bits(), "{law:?} row {row}");
            }
        }
    }

    #[test]
    fn a_block_of_pipes_gets_the_resistances_of_single_ones() {
        let mut block = PipesInFluid::default();
        let good = PipeInFluid {
            length_m: 31.7,
            inner_diameter_m: 0.2074,
            roughness_m: 3e-4,
            zeta: 1.3,
            density_kg_m3: 951.3,
            viscosity_pa_s: 2.6e-4,
        };
        let pipes = [
            good,
            PipeInFluid { length_m: -1.0, ..good },
            PipeInFluid { viscosity_pa_s: f64::NAN, ..good },
            PipeInFluid { inner_diameter_m: 0.0013, ..good },
            PipeInFluid { zeta: f64::INFINITY, ..good },
        ];
        for pipe in pipes {
            block.push(pipe);
        }
        let otherwise = PipeResistance {
            reynolds_per_kg_s: 1.0,
            relative_roughness: 0.0,
            friction_pa_s2_kg2: 2.0,
            minor_pa_s2_kg2: 3.0,
        };
        let mut columns: PipeResistances = [otherwise].into_iter().collect();
        columns.extend_in_fluid(&block, otherwise);
        assert_eq!(columns.len(), 1 + pipes.len());
        for (row, pipe) in pipes.iter().enumerate() {
            assert_eq!(columns.get(1 + row), Some(pipe.resistance().unwrap_or(otherwise)), "row {row}");
        }
    }

    #[test]
    fn rows_can_be_read_and_replaced() {
        let pipe = PipeResistance {
            reynolds_per_kg_s: 1.0,
            relative_roughness: 0.0,
            friction_pa_s2_kg2: 2.0,
            minor_pa_s2_kg2: 3.0,
        };
        let mut columns: PipeResistances = [pipe, pipe].into_iter().collect();
        let other = PipeResistance { minor_pa_s2_kg2: 9.0, ..pipe };
        assert!(columns.set(1, other));
        assert!(!columns.set(2, other));
        assert_eq!((columns.get(0), columns.get(1), columns.get(2)), (Some(pipe), Some(other), None));
    }
}
