//! Elimination order with little fill: the approximate minimum degree ordering of faer.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::sparse::SymbolicSparseColMatRef;
use faer::sparse::linalg::amd;

/// `order[position] = unknown` for the graph whose neighbours below node k are `lower[start[k]..start[k + 1]]`, each
/// pair once.
pub fn minimum_degree(start: &[u32], lower: &[u32]) -> Vec<u32> {
    let size = start.len() - 1;
    let natural = || (0..size as u32).collect();
    if size < 3 {
        return natural();
    }
    let matrix = SymbolicSparseColMatRef::new_checked(size, size, start, None, lower);
    let mut order = vec![0u32; size];
    let mut inverse = vec![0u32; size];
    // Memory enough for the ordering, or none: any order is right, a good one is only faster.
    let Ok(mut memory) = MemBuffer::try_new(amd::order_maybe_unsorted_scratch::<u32>(size, lower.len())) else {
        return natural();
    };
    let stack = MemStack::new(&mut memory);
    match amd::order_maybe_unsorted(&mut order, &mut inverse, matrix, amd::Control::default(), stack) {
        Ok(_) => order,
        Err(_) => natural(),
    }
}
