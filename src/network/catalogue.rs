//! Nominal diameters: inner and outer diameters of the steel pipes used in Chinese heating networks.
//!
//! Outer diameters and wall thicknesses of spiral and seamless steel pipe after CJJ/T 81 / GB/T 8163 practice; a city
//! with other pipes gives its diameters in the file, which always win over this table.

/// One nominal diameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NominalPipe {
    /// Nominal diameter, mm.
    pub dn: u16,
    pub outer_diameter_m: f64,
    pub wall_m: f64,
}

impl NominalPipe {
    pub fn inner_diameter_m(&self) -> f64 {
        self.outer_diameter_m - 2.0 * self.wall_m
    }
}

const fn row(dn: u16, outer_mm: f64, wall_mm: f64) -> NominalPipe {
    NominalPipe { dn, outer_diameter_m: outer_mm * 1e-3, wall_m: wall_mm * 1e-3 }
}

/// DN15 … DN1400, rising.
pub const NOMINAL_PIPES: [NominalPipe; 24] = [
    row(15, 21.3, 2.8),
    row(20, 26.9, 2.8),
    row(25, 33.7, 3.2),
    row(32, 42.4, 3.5),
    row(40, 48.0, 3.5),
    row(50, 57.0, 3.5),
    row(65, 76.0, 3.5),
    row(80, 89.0, 4.0),
    row(100, 108.0, 4.0),
    row(125, 133.0, 4.5),
    row(150, 159.0, 4.5),
    row(200, 219.0, 6.0),
    row(250, 273.0, 6.0),
    row(300, 325.0, 7.0),
    row(350, 377.0, 7.0),
    row(400, 426.0, 7.0),
    row(450, 478.0, 7.0),
    row(500, 529.0, 8.0),
    row(600, 630.0, 8.0),
    row(700, 720.0, 9.0),
    row(800, 820.0, 10.0),
    row(1000, 1020.0, 12.0),
    row(1200, 1220.0, 14.0),
    row(1400, 1420.0, 16.0),
];

/// The catalogue pipe of a nominal diameter.
pub fn by_dn(dn: u16) -> Option<NominalPipe> {
    NOMINAL_PIPES.iter().copied().find(|pipe| pipe.dn == dn)
}

/// The smallest catalogue pipe whose inner diameter is at least this; the largest where none is.
pub fn at_least(inner_diameter_m: f64) -> NominalPipe {
    NOMINAL_PIPES
        .iter()
        .copied()
        .find(|pipe| pipe.inner_diameter_m() >= inner_diameter_m)
        .unwrap_or(NOMINAL_PIPES[NOMINAL_PIPES.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diameters_rise_with_dn_and_walls_leave_room() {
        for pair in NOMINAL_PIPES.windows(2) {
            assert!(pair[0].dn < pair[1].dn && pair[0].inner_diameter_m() < pair[1].inner_diameter_m());
        }
        assert_eq!(by_dn(500).map(|p| (p.inner_diameter_m() * 1e3).round()), Some(513.0));
        assert_eq!(at_least(0.2).dn, 200);
        assert_eq!(at_least(5.0).dn, 1400);
    }
}
