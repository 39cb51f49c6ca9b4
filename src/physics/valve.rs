//! Valves: the Kv law, opening characteristics, conversion between ζ and Kv, and resistances of open valves.
//!
//! Kv is the flow in m³/h of water (1000 kg/m³) that loses 1 bar (IEC 60534-1). A characteristic maps the opening
//! (0 closed … 1 open) to the share of the full Kv; every characteristic gives exactly 0 at 0 and 1 at 1 and rises
//! strictly in between, so a closed valve is closed and a controller can invert it. Not here: what a controller
//! wants, check valves, drives.

use super::power_law::PowerLaw;

/// Share of Kv over opening.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum OpeningCharacteristic {
    /// Share = opening.
    #[default]
    Linear,
    /// Share = R^(h − 1) with rangeability R (usually 30…50), IEC 60534-2-4. The printed law leaves 1/R at h = 0; below
    /// h = 1/ln R its tangent through the origin is used, which closes fully and keeps value and slope continuous.
    /// R ≤ e has no such tangent and behaves as linear.
    EqualPercentage { rangeability: f64 },
    /// Share = √h: flat disc valves.
    QuickOpening,
    /// Measured points, straight lines between them.
    Table(CharacteristicTable),
}

/// Points of a measured characteristic from (0, 0) to (1, 1), strictly rising in both columns.
#[derive(Clone, Debug, PartialEq)]
pub struct CharacteristicTable {
    points: Vec<(f64, f64)>,
}

/// Why points are no characteristic; rows count from 0 in the order given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CharacteristicError {
    /// Fewer than two points.
    TooFew,
    /// A number is not finite or outside 0…1.
    OutOfRange { row: usize },
    /// Opening or share is not above that of the row before.
    NotRising { row: usize },
}

impl CharacteristicTable {
    /// From rows (opening 0…1, share of Kv 0…1) with both columns rising; (0, 0) and (1, 1) are added where missing.
    /// A first row with a share above 0 at opening 0 is refused as not rising: a closed valve lets nothing through.
    pub fn new(rows: &[(f64, f64)]) -> Result<Self, CharacteristicError> {
        if rows.len() < 2 {
            return Err(CharacteristicError::TooFew);
        }
        let mut points = vec![(0.0, 0.0)];
        for (row, &(opening, share)) in rows.iter().enumerate() {
            if !(0.0..=1.0).contains(&opening) || !(0.0..=1.0).contains(&share) {
                return Err(CharacteristicError::OutOfRange { row });
            }
            if row == 0 && opening == 0.0 && share == 0.0 {
                continue;
            }
            let last = points[points.len() - 1];
            if opening <= last.0 || share <= last.1 {
                return Err(CharacteristicError::NotRising { row });
            }
            points.push((opening, share));
        }
        let last = points[points.len() - 1];
        if last != (1.0, 1.0) {
            if last.0 >= 1.0 || last.1 >= 1.0 {
                return Err(CharacteristicError::NotRising { row: rows.len() - 1 });
            }
            points.push((1.0, 1.0));
        }
        Ok(Self { points })
    }

    /// Rows from (0, 0) to (1, 1).
    pub fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    fn interpolate(&self, at: f64, from: impl Fn(&(f64, f64)) -> f64, to: impl Fn(&(f64, f64)) -> f64) -> f64 {
        let above = self.points.partition_point(|point| from(point) < at).clamp(1, self.points.len() - 1);
        let (low, high) = (&self.points[above - 1], &self.points[above]);
        to(low) + (at - from(low)) / (from(high) - from(low)) * (to(high) - to(low))
    }
}

impl OpeningCharacteristic {
    /// Share of the full Kv, 0…1, at an opening (clamped to 0…1; NaN counts as closed).
    pub fn share(&self, opening: f64) -> f64 {
        let h = within_unit(opening);
        match self {
            Self::Linear => h,
            Self::EqualPercentage { rangeability } => match tangent_point(*rangeability) {
                None => h,
                Some(joint) if h >= joint => rangeability.powf(h - 1.0),
                Some(joint) => h / joint * rangeability.powf(joint - 1.0),
            },
            Self::QuickOpening => h.sqrt(),
            Self::Table(table) => table.interpolate(h, |p| p.0, |p| p.1),
        }
    }

    /// Opening at which the share of Kv is reached; the inverse of [`Self::share`].
    pub fn opening(&self, share: f64) -> f64 {
        let y = within_unit(share);
        match self {
            Self::Linear => y,
            Self::EqualPercentage { rangeability } => match tangent_point(*rangeability) {
                None => y,
                Some(joint) => {
                    let at_joint = rangeability.powf(joint - 1.0);
                    if y >= at_joint { 1.0 + y.ln() / rangeability.ln() } else { y / at_joint * joint }
                }
            },
            Self::QuickOpening => y * y,
            Self::Table(table) => table.interpolate(y, |p| p.1, |p| p.0),
        }
    }
}

fn within_unit(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) }
}

/// Opening at which the tangent of R^(h−1) passes through the origin: 1/ln R, if it lies below 1.
fn tangent_point(rangeability: f64) -> Option<f64> {
    let logarithm = rangeability.ln();
    (logarithm > 1.0 && logarithm.is_finite()).then(|| 1.0 / logarithm)
}

/// S of Δp = S·m|m|, Pa s²/kg²: Δp\[bar\] = (Q\[m³/h\]/Kv)²·ρ/1000 gives S = 10⁵·3600²/(1000·ρ·Kv²).
/// Infinite for Kv = 0: a closed valve has no law, the solver removes it.
pub fn resistance_of_kv_pa_s2_kg2(kv_m3_h: f64, density_kg_m3: f64) -> f64 {
    1.296e9 / (density_kg_m3 * kv_m3_h * kv_m3_h)
}

/// S of Δp = S·m|m|, Pa s²/kg², of a loss coefficient related to the velocity in a bore: S = ζ/(2ρA²).
pub fn resistance_of_zeta_pa_s2_kg2(zeta: f64, bore_diameter_m: f64, density_kg_m3: f64) -> f64 {
    let area_m2 = bore_area_m2(bore_diameter_m);
    zeta / (2.0 * density_kg_m3 * area_m2 * area_m2)
}

/// Kv, m³/h, of a loss coefficient; independent of the density.
pub fn kv_of_zeta_m3_h(zeta: f64, bore_diameter_m: f64) -> f64 {
    bore_area_m2(bore_diameter_m) * (2.592e9 / zeta).sqrt()
}

/// Loss coefficient, related to the velocity in the bore, of a Kv.
pub fn zeta_of_kv(kv_m3_h: f64, bore_diameter_m: f64) -> f64 {
    let share = bore_area_m2(bore_diameter_m) / kv_m3_h;
    2.592e9 * share * share
}

fn bore_area_m2(bore_diameter_m: f64) -> f64 {
    0.25 * std::f64::consts::PI * bore_diameter_m * bore_diameter_m
}

/// Law of a valve with full Kv and share of opening; `None` where it lets nothing through.
pub fn law(kv_m3_h: f64, share: f64, density_kg_m3: f64) -> Option<PowerLaw> {
    PowerLaw::quadratic(resistance_of_kv_pa_s2_kg2(kv_m3_h * share, density_kg_m3))
}

/// Build of a valve, for a resistance when neither Kv nor ζ is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValveBuild {
    Ball,
    Gate,
    Butterfly,
    Globe,
    SwingCheck,
    LiftCheck,
}

impl ValveBuild {
    /// Loss coefficient of the fully open valve, related to the velocity in its nominal bore.
    ///
    /// Middle values of what handbooks and makers print (Idelchik, *Handbook of Hydraulic Resistance*, ch. 9): full-bore ball 0.05…0.15, gate 0.1…0.5, butterfly 0.2…1.2 falling with diameter, globe
    /// 4…8, swing check 1…3, lift check 5…9. They scatter by a factor of two: a Kv from the nameplate always wins.
    pub fn open_zeta(self) -> f64 {
        match self {
            Self::Ball => 0.1,
            Self::Gate => 0.2,
            Self::Butterfly => 0.6,
            Self::Globe => 6.0,
            Self::SwingCheck => 2.0,
            Self::LiftCheck => 7.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn kv_is_the_flow_at_one_bar_of_cold_water() {
        let law = law(25.0, 1.0, 1000.0).expect("open valve");
        let mass_flow_kg_s = 25.0 * 1000.0 / 3600.0;
        assert!((law.pressure_drop(mass_flow_kg_s).drop_pa - 1e5).abs() < 1e-6);
        // Hot water, 40 m³/h through Kv 63: (40/63)²·0.943 = 0.3802 bar.
        let hot = super::law(63.0, 1.0, 943.0).expect("open valve");
        assert!((hot.pressure_drop(40.0 * 943.0 / 3600.0).drop_pa - 38_014.6).abs() < 0.5);
    }

    #[test]
    fn zeta_and_kv_are_inverse_and_agree_in_pressure() {
        let kv = kv_of_zeta_m3_h(6.0, 0.1);
        // ζ = d⁴[mm]/(626.3·Kv²) in the makers' rounded form.
        assert!((1e8 / (626.3 * kv * kv) / 6.0 - 1.0).abs() < 2e-3, "{kv}");
        assert!((zeta_of_kv(kv, 0.1) - 6.0).abs() < 1e-12);
        let by_zeta = resistance_of_zeta_pa_s2_kg2(6.0, 0.1, 960.0);
        assert!((resistance_of_kv_pa_s2_kg2(kv, 960.0) / by_zeta - 1.0).abs() < 1e-12);
    }

    #[test]
    fn closed_is_closed_for_every_characteristic() {
        let table = CharacteristicTable::new(&[(0.2, 0.05), (0.6, 0.5)]).expect("table");
        for characteristic in [
            OpeningCharacteristic::Linear,
            OpeningCharacteristic::EqualPercentage { rangeability: 50.0 },
            OpeningCharacteristic::EqualPercentage { rangeability: 1.0 },
            OpeningCharacteristic::QuickOpening,
            OpeningCharacteristic::Table(table),
        ] {
            assert_eq!(characteristic.share(0.0), 0.0);
            assert_eq!(characteristic.share(f64::NAN), 0.0);
            assert!((characteristic.share(1.0) - 1.0).abs() < 1e-15);
            assert!(law(100.0, characteristic.share(0.0), 970.0).is_none());
        }
    }

    #[test]
    fn equal_percentage_gains_the_same_factor_per_step() {
        let characteristic = OpeningCharacteristic::EqualPercentage { rangeability: 50.0 };
        assert!((characteristic.share(0.5) - 50f64.powf(-0.5)).abs() < 1e-15);
        let ratio = characteristic.share(0.9) / characteristic.share(0.8);
        assert!((characteristic.share(0.6) / characteristic.share(0.5) - ratio).abs() < 1e-12);
        let joint = 1.0 / 50f64.ln();
        let slope = |h: f64| (characteristic.share(h + 1e-7) - characteristic.share(h - 1e-7)) / 2e-7;
        assert!((slope(joint - 1e-6) / slope(joint + 1e-6) - 1.0).abs() < 1e-4);
    }

    #[test]
    fn wrong_tables_are_named() {
        assert_eq!(CharacteristicTable::new(&[(0.5, 0.5)]), Err(CharacteristicError::TooFew));
        assert_eq!(CharacteristicTable::new(&[(0.0, 0.1), (1.0, 1.0)]), Err(CharacteristicError::NotRising { row: 0 }));
        assert_eq!(
            CharacteristicTable::new(&[(0.1, 0.1), (0.5, f64::NAN)]),
            Err(CharacteristicError::OutOfRange { row: 1 })
        );
        assert_eq!(
            CharacteristicTable::new(&[(0.1, 0.3), (0.5, 0.2), (1.0, 1.0)]),
            Err(CharacteristicError::NotRising { row: 1 })
        );
        assert_eq!(CharacteristicTable::new(&[(0.1, 0.3), (1.0, 0.9)]), Err(CharacteristicError::NotRising { row: 1 }));
    }

    proptest! {
        #[test]
        fn characteristics_rise_strictly_and_invert(h in 0.001..0.999_f64, step in 1e-4..1e-3_f64, rangeability in 1.0..100.0_f64) {
            let table = CharacteristicTable::new(&[(0.0, 0.0), (0.3, 0.1), (0.7, 0.5), (1.0, 1.0)]).expect("table");
            for characteristic in [
                OpeningCharacteristic::Linear,
                OpeningCharacteristic::EqualPercentage { rangeability },
                OpeningCharacteristic::QuickOpening,
                OpeningCharacteristic::Table(table),
            ] {
                let share = characteristic.share(h);
                prop_assert!(characteristic.share(h + step) > share);
                prop_assert!((characteristic.opening(share) - h).abs() < 1e-9);
            }
        }
    }
}
