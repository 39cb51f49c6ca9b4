//! How warm the flats of one building are, by their place: under the roof, over the ground, at the gable, in the middle.
//!
//! Position factors (位置系数): specific heat need of a flat by its place, as published for a six-storey house with two
//! stairs and four flats a floor (Wuzhong, heat metering practice). They are not normalised: their mean over that house
//! is 0.915, so heat billed by them as they stand would not sum to the house's. [`FlatGrid`] turns them into room
//! temperatures: loss by factor, heat by emitters sized for it or not, exchange with neighbours through walls and slabs.
//! All linear in the excess over outdoors, so one solution serves every weather. Not here: what a flat's valves do.

/// Place of a flat in its storey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlatColumn {
    /// 西边户
    West,
    /// 中间户
    Inner,
    /// 东边户
    East,
}

/// Place of a storey in the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlatLevel {
    /// 顶层
    Top,
    /// 中间层
    Middle,
    /// 底层
    Bottom,
}

/// Rows: top, middle, bottom storey; columns: west end, inner, east end.
pub const POSITION_FACTORS: [[f64; 3]; 3] = [[1.518, 1.028, 1.446], [0.970, 0.687, 0.924], [1.150, 0.816, 1.096]];

/// The published factor of a place.
pub const fn position_factor(level: FlatLevel, column: FlatColumn) -> f64 {
    POSITION_FACTORS[level as usize][match column {
        FlatColumn::West => 0,
        FlatColumn::Inner => 1,
        FlatColumn::East => 2,
    }]
}

/// The flats of a house as a grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlatGrid {
    pub storeys: usize,
    pub flats_per_storey: usize,
    /// 1: emitters sized and flows set for each flat's own loss (all equally warm); 0: the same heat for all.
    pub sizing_share: f64,
    /// Heat conductance to the flat above or below, over the mean loss of a flat; about 1 for bare concrete slabs.
    pub vertical_coupling: f64,
    /// The same to the flat beside; about 0.4.
    pub horizontal_coupling: f64,
}

impl FlatGrid {
    /// Factor of a flat, storeys counted from the ground, flats from the west. A single storey is top and bottom at once,
    /// a single flat both ends: their surcharges add.
    pub fn factor(&self, storey: usize, flat: usize) -> f64 {
        let by_level = |level: FlatLevel| {
            let at = |column| position_factor(level, column);
            let (first, last) = (flat == 0, flat + 1 >= self.flats_per_storey);
            match (first, last) {
                (true, true) => at(FlatColumn::West) + at(FlatColumn::East) - at(FlatColumn::Inner),
                (true, false) => at(FlatColumn::West),
                (false, true) => at(FlatColumn::East),
                (false, false) => at(FlatColumn::Inner),
            }
        };
        let (ground, roof) = (storey == 0, storey + 1 >= self.storeys);
        match (ground, roof) {
            (true, true) => by_level(FlatLevel::Top) + by_level(FlatLevel::Bottom) - by_level(FlatLevel::Middle),
            (true, false) => by_level(FlatLevel::Bottom),
            (false, true) => by_level(FlatLevel::Top),
            (false, false) => by_level(FlatLevel::Middle),
        }
    }

    /// Excess of each flat over outdoors, relative to the building's mean weighted with the losses (so that the
    /// building's heat balance is the sum of its flats'): storey by storey from the ground, from west to east.
    ///
    /// Gauss–Seidel on (f + Σh) r − Σ h r_neighbour = s to 1e-13; the matrix is diagonally dominant.
    pub fn relative_excess(&self) -> Vec<f64> {
        let (rows, columns) = (self.storeys, self.flats_per_storey);
        let count = rows * columns;
        if count == 0 {
            return Vec::new();
        }
        let factors: Vec<f64> = (0..count).map(|at| self.factor(at / columns, at % columns)).collect();
        let mean = factors.iter().sum::<f64>() / count as f64;
        let sizing = self.sizing_share.clamp(0.0, 1.0);
        let (up, side) = (self.vertical_coupling.max(0.0) * mean, self.horizontal_coupling.max(0.0) * mean);
        let mut excess = vec![1.0; count];
        for _ in 0..20_000 {
            let mut moved = 0.0_f64;
            for at in 0..count {
                let (row, column) = (at / columns, at % columns);
                let (mut weight, mut sum) = (factors[at], mean + sizing * (factors[at] - mean));
                let mut neighbour = |other: usize, conductance: f64| {
                    weight += conductance;
                    sum += conductance * excess[other];
                };
                if row > 0 {
                    neighbour(at - columns, up);
                }
                if row + 1 < rows {
                    neighbour(at + columns, up);
                }
                if column > 0 {
                    neighbour(at - 1, side);
                }
                if column + 1 < columns {
                    neighbour(at + 1, side);
                }
                let new = sum / weight;
                moved = moved.max((new - excess[at]).abs());
                excess[at] = new;
            }
            if moved < 1e-13 {
                break;
            }
        }
        excess
    }

    /// Room temperatures of the flats where the building's room temperature (its one mass) and outdoors are known, °C.
    pub fn room_temperatures_c(&self, building_c: f64, outdoor_c: f64) -> Vec<f64> {
        self.relative_excess().into_iter().map(|share| outdoor_c + share * (building_c - outdoor_c)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUSE: FlatGrid = FlatGrid {
        storeys: 6,
        flats_per_storey: 4,
        sizing_share: 0.0,
        vertical_coupling: 0.0,
        horizontal_coupling: 0.0,
    };

    #[test]
    fn factors_of_the_published_house() {
        // Flats 101…104, 301, 601…604 as printed.
        let printed =
            [(0, [1.15, 0.816, 0.816, 1.096]), (2, [0.97, 0.687, 0.687, 0.924]), (5, [1.518, 1.028, 1.028, 1.446])];
        for (storey, row) in printed {
            for (flat, factor) in row.into_iter().enumerate() {
                assert_eq!(HOUSE.factor(storey, flat), factor);
            }
        }
        let sum: f64 = (0..24).map(|at| HOUSE.factor(at / 4, at % 4)).sum();
        assert!((sum - 21.97).abs() < 1e-12 && (sum / 24.0 - 0.9154).abs() < 1e-4);
    }

    #[test]
    fn without_exchange_the_excess_goes_against_the_factor() {
        let excess = HOUSE.relative_excess();
        let mean = 21.97 / 24.0;
        assert!((excess[20] - mean / 1.518).abs() < 1e-12);
        assert!((excess[5] - mean / 0.687).abs() < 1e-12);
    }

    #[test]
    fn emitters_sized_for_each_flat_make_all_equal() {
        let sized = FlatGrid { sizing_share: 1.0, vertical_coupling: 1.0, horizontal_coupling: 0.4, ..HOUSE };
        assert!(sized.relative_excess().iter().all(|share| (share - 1.0).abs() < 1e-12));
        assert!(sized.room_temperatures_c(18.0, -9.0).iter().all(|t| (t - 18.0).abs() < 1e-10));
    }

    #[test]
    fn neighbours_even_out_and_the_balance_stays_the_building() {
        let coupled = FlatGrid { sizing_share: 0.8, vertical_coupling: 1.0, horizontal_coupling: 0.4, ..HOUSE };
        let (bare, with) = (FlatGrid { sizing_share: 0.8, ..HOUSE }.relative_excess(), coupled.relative_excess());
        let spread = |list: &[f64]| {
            list.iter().copied().fold(f64::MIN, f64::max) - list.iter().copied().fold(f64::MAX, f64::min)
        };
        assert!(spread(&with) < 0.8 * spread(&bare), "{} {}", spread(&with), spread(&bare));
        let balance: f64 = with.iter().enumerate().map(|(at, share)| coupled.factor(at / 4, at % 4) * share).sum();
        assert!((balance - 21.97).abs() < 1e-9);
        // The top corner to the west is the coldest, an inner flat of the middle the warmest.
        let coldest = with.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
        let warmest = with.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
        assert_eq!(coldest, 20);
        assert!((4..20).contains(&warmest) && (1..3).contains(&(warmest % 4)));
    }

    #[test]
    fn small_houses_are_defined() {
        let hut = FlatGrid { storeys: 1, flats_per_storey: 1, ..HOUSE };
        assert_eq!(hut.relative_excess().len(), 1);
        assert!((hut.relative_excess()[0] - 1.0).abs() < 1e-12);
        assert!(FlatGrid { storeys: 0, ..HOUSE }.relative_excess().is_empty());
    }
}
