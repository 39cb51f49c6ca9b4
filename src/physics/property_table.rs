//! Tabulated properties over temperature: a user's own table (linear between rows) and a fast table of liquid water.
//!
//! Mechanism: `PropertyTable` holds rows as given and interpolates linearly, end values beyond. `LiquidWater`
//! samples the IAPWS formulas of `water` once for one pressure every 2 K from 0 to 200 °C and interpolates by cubic
//! Hermite polynomials; its deviation from the formulas is below 1e-6 relative, while the pressure itself changes
//! density by 0.05 % per MPa. Not here: reading files, mixing, anything that depends on pressure at run time.

use super::water;

/// Rows of temperature and value; linear in between, end values beyond.
#[derive(Clone, Debug, PartialEq)]
pub struct PropertyTable {
    temperatures_c: Vec<f64>,
    values: Vec<f64>,
}

/// Why rows are no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyTableError {
    /// No row at all.
    Empty,
    /// Row (counted from 0) holds a number that is not finite.
    NotFinite { row: usize },
    /// Two rows, after sorting, hold the same temperature; `row` counts in the order given.
    SameTemperature { row: usize },
}

impl PropertyTable {
    /// Table from (temperature °C, value) rows in any order.
    pub fn new(rows: &[(f64, f64)]) -> Result<Self, PropertyTableError> {
        if rows.is_empty() {
            return Err(PropertyTableError::Empty);
        }
        if let Some(row) = rows.iter().position(|(t, v)| !t.is_finite() || !v.is_finite()) {
            return Err(PropertyTableError::NotFinite { row });
        }
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|&a, &b| rows[a].0.total_cmp(&rows[b].0));
        if let Some(pair) = order.windows(2).find(|pair| rows[pair[0]].0 >= rows[pair[1]].0) {
            return Err(PropertyTableError::SameTemperature { row: pair[0].max(pair[1]) });
        }
        Ok(Self {
            temperatures_c: order.iter().map(|&row| rows[row].0).collect(),
            values: order.iter().map(|&row| rows[row].1).collect(),
        })
    }

    /// The same value at every temperature.
    pub fn constant(value: f64) -> Self {
        Self { temperatures_c: vec![0.0], values: vec![value] }
    }

    /// Row temperatures, °C, ascending.
    pub fn temperatures_c(&self) -> &[f64] {
        &self.temperatures_c
    }

    /// Values at [`Self::temperatures_c`].
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Value at a temperature.
    pub fn value(&self, temperature_c: f64) -> f64 {
        self.value_and_slope(temperature_c).0
    }

    /// Value and derivative per kelvin; beyond the ends the slope is 0, at a row that of the interval above.
    pub fn value_and_slope(&self, temperature_c: f64) -> (f64, f64) {
        let above = self.temperatures_c.partition_point(|&t| t <= temperature_c);
        if above == 0 {
            return (self.values[0], 0.0);
        }
        if above == self.values.len() {
            return (self.values[above - 1], 0.0);
        }
        let below = above - 1;
        let slope =
            (self.values[above] - self.values[below]) / (self.temperatures_c[above] - self.temperatures_c[below]);
        (self.values[below] + slope * (temperature_c - self.temperatures_c[below]), slope)
    }
}

/// Spacing and end of the water table, °C.
const STEP_K: f64 = 2.0;
const INTERVALS: usize = 100;

/// Cubic Hermite interpolation over 0…200 °C: per node the value and the slope times the spacing.
#[derive(Clone, Debug, PartialEq)]
struct UniformCubic {
    nodes: Vec<[f64; 2]>,
}

impl UniformCubic {
    fn sample(formula: impl Fn(f64) -> f64) -> Self {
        let node = |index: usize| {
            let temperature_c = STEP_K * index as f64;
            // One-sided at 0 °C, where the formulas end; second order either way, error below 1e-8 relative.
            const WIDTH_K: f64 = 1e-3;
            let slope = if index == 0 {
                (-3.0 * formula(0.0) + 4.0 * formula(WIDTH_K) - formula(2.0 * WIDTH_K)) / (2.0 * WIDTH_K)
            } else {
                (formula(temperature_c + WIDTH_K) - formula(temperature_c - WIDTH_K)) / (2.0 * WIDTH_K)
            };
            [formula(temperature_c), slope * STEP_K]
        };
        Self { nodes: (0..=INTERVALS).map(node).collect() }
    }

    #[inline]
    fn value(&self, temperature_c: f64) -> f64 {
        let position = (temperature_c / STEP_K).clamp(0.0, INTERVALS as f64);
        // A NaN temperature casts to interval 0 and stays NaN in `s`.
        let index = (position as usize).min(INTERVALS - 1);
        let s = position - index as f64;
        let [v0, d0] = self.nodes[index];
        let [v1, d1] = self.nodes[index + 1];
        let rise = v1 - v0;
        v0 + s * (d0 + s * (3.0 * rise - 2.0 * d0 - d1 + s * (d0 + d1 - 2.0 * rise)))
    }
}

/// Liquid water at one pressure, 0…200 °C (beyond: end values, enthalpy with the slope of its end), a few nanoseconds a property.
#[derive(Clone, Debug, PartialEq)]
pub struct LiquidWater {
    pressure_pa: f64,
    density: UniformCubic,
    heat_capacity: UniformCubic,
    viscosity: UniformCubic,
    conductivity: UniformCubic,
    enthalpy: UniformCubic,
}

impl LiquidWater {
    /// Tabulates the IAPWS formulas at an absolute pressure (clamped to 0.1…4 MPa, the tested range); about 0.3 ms.
    pub fn new(pressure_pa: f64) -> Self {
        let pressure_pa = if pressure_pa.is_finite() { pressure_pa.clamp(1e5, 4e6) } else { 1e6 };
        Self {
            pressure_pa,
            density: UniformCubic::sample(|t| water::density_kg_m3(t, pressure_pa)),
            heat_capacity: UniformCubic::sample(|t| water::heat_capacity_j_kgk(t, pressure_pa)),
            viscosity: UniformCubic::sample(|t| water::viscosity_pa_s(t, pressure_pa)),
            conductivity: UniformCubic::sample(|t| water::conductivity_w_mk(t, pressure_pa)),
            enthalpy: UniformCubic::sample(|t| water::enthalpy_j_kg(t, pressure_pa)),
        }
    }

    /// Absolute pressure of the table, Pa.
    pub fn pressure_pa(&self) -> f64 {
        self.pressure_pa
    }

    #[inline]
    pub fn density_kg_m3(&self, temperature_c: f64) -> f64 {
        self.density.value(temperature_c)
    }

    #[inline]
    pub fn heat_capacity_j_kgk(&self, temperature_c: f64) -> f64 {
        self.heat_capacity.value(temperature_c)
    }

    /// Dynamic viscosity.
    #[inline]
    pub fn viscosity_pa_s(&self, temperature_c: f64) -> f64 {
        self.viscosity.value(temperature_c)
    }

    /// Thermal conductivity.
    #[inline]
    pub fn conductivity_w_mk(&self, temperature_c: f64) -> f64 {
        self.conductivity.value(temperature_c)
    }

    /// Specific enthalpy, zero for liquid at the triple point. Beyond the table it goes on with the heat capacity of its
    /// end: water that a pipe in the open cools below 0 °C (frozen, in truth) must still weigh in a mixture, and heat that
    /// is lost must be missing somewhere.
    #[inline]
    pub fn enthalpy_j_kg(&self, temperature_c: f64) -> f64 {
        const END_C: f64 = STEP_K * INTERVALS as f64;
        let within = self.enthalpy.value(temperature_c);
        if (0.0..=END_C).contains(&temperature_c) {
            return within;
        }
        within + self.heat_capacity.value(temperature_c) * (temperature_c - temperature_c.clamp(0.0, END_C))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enthalpy_goes_on_beyond_the_table() {
        let water = LiquidWater::new(1e6);
        for (end_c, beyond_c) in [(0.0, -21.0), (200.0, 230.0)] {
            let heat_j_kg = water.enthalpy_j_kg(beyond_c) - water.enthalpy_j_kg(end_c);
            assert!((heat_j_kg / (beyond_c - end_c) - water.heat_capacity_j_kgk(end_c)).abs() < 1e-6);
        }
        assert!(water.enthalpy_j_kg(f64::NAN).is_nan());
    }

    #[test]
    fn rows_are_sorted_and_joined_by_straight_lines() {
        let table = PropertyTable::new(&[(80.0, 972.0), (20.0, 998.0), (50.0, 988.0)]).expect("rows");
        assert_eq!(table.value(20.0), 998.0);
        assert_eq!(table.value(35.0), 993.0);
        assert_eq!(table.value(-40.0), 998.0);
        assert_eq!(table.value(200.0), 972.0);
        assert_eq!(table.value_and_slope(60.0).1, -16.0 / 30.0);
        assert_eq!(PropertyTable::constant(4190.2).value(77.0), 4190.2);
    }

    #[test]
    fn rows_that_are_no_table_are_named() {
        assert_eq!(PropertyTable::new(&[]), Err(PropertyTableError::Empty));
        assert_eq!(PropertyTable::new(&[(1.0, 2.0), (f64::NAN, 1.0)]), Err(PropertyTableError::NotFinite { row: 1 }));
        let twice = PropertyTable::new(&[(50.0, 1.0), (20.0, 1.0), (50.0, 2.0)]);
        assert_eq!(twice, Err(PropertyTableError::SameTemperature { row: 2 }));
    }

    #[test]
    fn water_table_stays_within_a_millionth_of_the_formulas() {
        for pressure_pa in [1e5, 1.6e6, 4e6] {
            let table = LiquidWater::new(pressure_pa);
            let mut worst: f64 = 0.0;
            for step in 0..=2000 {
                let t = 0.1 * f64::from(step) + 0.013 * f64::from(step % 3);
                let t = t.min(200.0);
                for (fast, exact) in [
                    (table.density_kg_m3(t), water::density_kg_m3(t, pressure_pa)),
                    (table.heat_capacity_j_kgk(t), water::heat_capacity_j_kgk(t, pressure_pa)),
                    (table.viscosity_pa_s(t), water::viscosity_pa_s(t, pressure_pa)),
                    (table.conductivity_w_mk(t), water::conductivity_w_mk(t, pressure_pa)),
                ] {
                    worst = worst.max((fast / exact - 1.0).abs());
                }
                assert!((table.enthalpy_j_kg(t) - water::enthalpy_j_kg(t, pressure_pa)).abs() < 0.5);
            }
            assert!(worst < 1e-6, "largest relative deviation {worst:e} at {pressure_pa} Pa");
        }
    }

    #[test]
    fn water_table_takes_end_values_beyond_its_range() {
        let table = LiquidWater::new(1e6);
        assert_eq!(table.density_kg_m3(-20.0), table.density_kg_m3(0.0));
        assert_eq!(table.density_kg_m3(500.0), table.density_kg_m3(200.0));
        assert!(LiquidWater::new(f64::NAN).density_kg_m3(50.0).is_finite());
    }
}
