//! What a solve has to do, in numbers: for benches that hold the time against what the memory could deliver.
//!
//! Bytes are counted as if every array were read and written once wherever a sweep uses it, which is the least a machine
//! without caches would move. Fronts at work and blocks of pipes live in the first-level cache and count once.

use super::Hydraulics;

/// Sizes of the last solve's core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// Links that need no iteration.
    pub leaves: usize,
    /// Pipes and valves in chains: evaluated in every iteration.
    pub pieces: usize,
    /// Chains and links with corners.
    pub core_links: usize,
    pub unknowns: usize,
    /// Numbers in the factor, and those passed from front to front.
    pub factor_numbers: usize,
    pub passed_numbers: usize,
    /// Bytes one Newton step touches.
    pub bytes_per_iteration: usize,
    /// Bytes the passes before and after the iteration touch in a first solve.
    pub bytes_around: usize,
}

impl Hydraulics {
    /// Sizes of the last solve's core.
    pub fn work(&self) -> Work {
        let reduction = &self.structure.reduction;
        let (factor_numbers, passed_numbers) = self.structure.factor.numbers();
        let (links, nodes) = (self.structure.roles.roles.len(), self.structure.contraction.representative.len());
        let mut work = Work {
            leaves: reduction.leaves.len(),
            pieces: reduction.pieces.len(),
            core_links: reduction.ends.len(),
            unknowns: self.structure.unknowns,
            factor_numbers,
            passed_numbers,
            bytes_per_iteration: 0,
            bytes_around: 0,
        };
        // Laws: four constants, chain, sign, offset; flow, drop and slope written and read again; one more look at the
        // Reynolds number for slow flow.
        let piece = 4 * 8 + 4 + 2 * 8 + 3 * 16 + 16;
        // Flow, start and step of the search, conductance, residual, drop, slope, constant, ends, edges, slots.
        let core_link = 2 * (7 * 8) + 8 + 3 * 8 + 4;
        // Diagonal, right side, its place, scratch, potential.
        let unknown = 2 * (4 * 8) + 2 * 4;
        // Zeros, the eliminated columns, and both halves of the solution.
        let number = 8 + 16 + 16;
        work.bytes_per_iteration = work.pieces * piece
            + work.core_links * core_link
            + work.unknowns * unknown
            + factor_numbers * number
            + passed_numbers * 32;
        // By link: roles (written, read four times), ends (copied, read five times), element twice, density, viscosity,
        // head, flow, drop (written, read twice), geometry. By node: representative, joint, elevation, demand, injection,
        // pressure, balance, each written and read. Leaves and pieces are written once and read three times.
        work.bytes_around = links * (5 + 7 * 8 + 2 * 16 + 3 * 8 + 3 * 24 + 32)
            + nodes * (2 * (4 + 12) + 2 * 8 + 3 * 16)
            + work.leaves * 4 * 12
            + work.pieces * (4 * 8 + piece);
        work
    }
}
