//! Dense kernels of the fronts: columns minus multiples of columns, four at a time.
//!
//! Plain loops in a fixed order and without fused multiply–add: the same bits on every machine. They are compiled for the
//! widest registers by the caller.

/// `target −= Σ share(p) · column(p)`, where column p of `panel` (columns of length `height`) is read from row `row` on and
/// share(p) is its number at `row` times `pivots[p]`.
#[inline(always)]
pub fn subtract(target: &mut [f64], panel: &[f64], height: usize, row: usize, pivots: &[f64]) {
    let length = target.len();
    let column = |p: usize| &panel[p * height + row..p * height + row + length];
    let mut p = 0;
    while p + 4 <= pivots.len() {
        let (a, b, c, d) = (column(p), column(p + 1), column(p + 2), column(p + 3));
        let shares = [a[0] * pivots[p], b[0] * pivots[p + 1], c[0] * pivots[p + 2], d[0] * pivots[p + 3]];
        for ((((t, a), b), c), d) in target.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *t -= (shares[0] * a + shares[1] * b) + (shares[2] * c + shares[3] * d);
        }
        p += 4;
    }
    while p < pivots.len() {
        let a = column(p);
        let share = a[0] * pivots[p];
        for (t, a) in target.iter_mut().zip(a) {
            *t -= share * a;
        }
        p += 1;
    }
}

/// Σ a·b in four lanes.
#[inline(always)]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (a_fours, b_fours) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a_fours.remainder().iter().zip(b_fours.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_fours.zip(b_fours) {
        for lane in 0..4 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}
