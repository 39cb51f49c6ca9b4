//! Properties of liquid water from the formulations of IAPWS: density, enthalpy, heat capacity, viscosity, thermal
//! conductivity, and the saturation line.
//!
//! Mechanism: IAPWS-IF97 region 1 (dimensionless Gibbs energy and its derivatives) and region 4; viscosity from IAPWS
//! R12-08 without its critical enhancement (exactly 1 away from the critical point); conductivity from IAPWS R15-11
//! without its critical term, which would add about 1 % at 200 °C and less below. Range: 0…200 °C, saturation pressure…4 MPa
//! is what heating needs and what the tests cover; the formulas hold to 350 °C and 100 MPa. Below the saturation
//! pressure region 1 continues smoothly into superheated liquid: whether water boils is a check, not a property.
//! Temperatures outside 0…350 °C take the value at the nearer end. Not here: fast tables (`property_table`).

/// Lowest and highest temperature the formulas are evaluated at, °C.
pub const TEMPERATURE_RANGE_C: (f64, f64) = (0.0, 350.0);
/// Standard atmosphere: gauge pressures count from here.
pub const ATMOSPHERE_PA: f64 = 101_325.0;
const ZERO_CELSIUS_K: f64 = 273.15;
/// Specific gas constant of IF97, J/(kg K).
const GAS_CONSTANT_J_KGK: f64 = 461.526;
const REGION_1_PRESSURE_PA: f64 = 16.53e6;
const REGION_1_TEMPERATURE_K: f64 = 1386.0;
/// Reference point of both transport formulations: the critical point.
const CRITICAL_TEMPERATURE_K: f64 = 647.096;
const CRITICAL_DENSITY_KG_M3: f64 = 322.0;

/// IF97 table 2: exponents I, J and coefficient n of γ = Σ n (7.1 − π)^I (τ − 1.222)^J.
const REGION_1: [(i32, i32, f64); 34] = [
    (0, -2, 0.146_329_712_131_67),
    (0, -1, -0.845_481_871_691_14),
    (0, 0, -0.375_636_036_720_40e1),
    (0, 1, 0.338_551_691_683_85e1),
    (0, 2, -0.957_919_633_878_72),
    (0, 3, 0.157_720_385_132_28),
    (0, 4, -0.166_164_171_995_01e-1),
    (0, 5, 0.812_146_299_835_68e-3),
    (1, -9, 0.283_190_801_238_04e-3),
    (1, -7, -0.607_063_015_658_74e-3),
    (1, -1, -0.189_900_682_184_19e-1),
    (1, 0, -0.325_297_487_705_05e-1),
    (1, 1, -0.218_417_171_754_14e-1),
    (1, 3, -0.528_383_579_699_30e-4),
    (2, -3, -0.471_843_210_732_67e-3),
    (2, 0, -0.300_017_807_930_26e-3),
    (2, 1, 0.476_613_939_069_87e-4),
    (2, 3, -0.441_418_453_308_46e-5),
    (2, 17, -0.726_949_962_975_94e-15),
    (3, -4, -0.316_796_448_450_54e-4),
    (3, 0, -0.282_707_979_853_12e-5),
    (3, 6, -0.852_051_281_201_03e-9),
    (4, -5, -0.224_252_819_080_00e-5),
    (4, -2, -0.651_712_228_956_01e-6),
    (4, 10, -0.143_417_299_379_24e-12),
    (5, -8, -0.405_169_968_601_17e-6),
    (8, -11, -0.127_343_017_416_41e-8),
    (8, -6, -0.174_248_712_306_34e-9),
    (21, -29, -0.687_621_312_955_31e-18),
    (23, -31, 0.144_783_078_285_21e-19),
    (29, -38, 0.263_357_816_627_95e-22),
    (30, -39, -0.119_476_226_400_71e-22),
    (31, -40, 0.182_280_945_814_04e-23),
    (32, -41, -0.935_370_872_924_58e-25),
];

/// IF97 table 34, n₁…n₁₀ of the saturation line.
const REGION_4: [f64; 10] = [
    0.116_705_214_527_67e4,
    -0.724_213_167_032_06e6,
    -0.170_738_469_400_92e2,
    0.120_208_247_024_70e5,
    -0.323_255_503_223_33e7,
    0.149_151_086_135_30e2,
    -0.482_326_573_615_91e4,
    0.405_113_405_420_57e6,
    -0.238_555_575_678_49,
    0.650_175_348_447_98e3,
];

/// R12-08 table 1: H_i of the dilute-gas viscosity.
const VISCOSITY_DILUTE: [f64; 4] = [1.677_52, 2.204_62, 0.636_656_4, -0.241_605];
/// R12-08 table 2: (i, j, H_ij).
const VISCOSITY_DENSE: [(i32, i32, f64); 21] = [
    (0, 0, 5.200_94e-1),
    (1, 0, 8.508_95e-2),
    (2, 0, -1.083_74),
    (3, 0, -2.895_55e-1),
    (0, 1, 2.225_31e-1),
    (1, 1, 9.991_15e-1),
    (2, 1, 1.887_97),
    (3, 1, 1.266_13),
    (5, 1, 1.205_73e-1),
    (0, 2, -2.813_78e-1),
    (1, 2, -9.068_51e-1),
    (2, 2, -7.724_79e-1),
    (3, 2, -4.898_37e-1),
    (4, 2, -2.570_40e-1),
    (0, 3, 1.619_13e-1),
    (1, 3, 2.573_99e-1),
    (0, 4, -3.253_72e-2),
    (3, 4, 6.984_52e-2),
    (4, 5, 8.721_02e-3),
    (3, 6, -4.356_73e-3),
    (5, 6, -5.932_64e-4),
];

/// R15-11 table 1: L_k of the dilute-gas conductivity.
const CONDUCTIVITY_DILUTE: [f64; 5] = [2.443_221e-3, 1.323_095e-2, 6.770_357e-3, -3.454_586e-3, 4.096_266e-4];
/// R15-11 table 2: L_ij, rows i = 0…4, columns j = 0…5.
const CONDUCTIVITY_DENSE: [[f64; 6]; 5] = [
    [1.603_973_57, -0.646_013_523, 0.111_443_906, 0.102_997_357, -0.050_412_363_4, 0.006_098_592_58],
    [2.337_718_42, -2.788_437_78, 1.536_161_67, -0.463_045_512, 0.083_282_701_9, -0.007_192_012_45],
    [2.196_505_29, -4.545_807_85, 3.557_772_44, -1.409_449_78, 0.275_418_278, -0.020_593_881_6],
    [-1.210_513_78, 1.608_129_89, -0.621_178_141, 0.071_637_322_4, 0.0, 0.0],
    [-2.720_337_0, 4.575_863_31, -3.183_692_45, 1.116_834_8, -0.192_683_05, 0.012_913_842],
];

fn kelvin(temperature_c: f64) -> f64 {
    temperature_c.clamp(TEMPERATURE_RANGE_C.0, TEMPERATURE_RANGE_C.1) + ZERO_CELSIUS_K
}

/// Density, kg/m³, at °C and absolute pressure in Pa. IF97 region 1: v = R T/p · π γ_π. Uncertainty 0.003 %.
pub fn density_kg_m3(temperature_c: f64, pressure_pa: f64) -> f64 {
    let temperature_k = kelvin(temperature_c);
    let a = 7.1 - pressure_pa / REGION_1_PRESSURE_PA;
    let b = REGION_1_TEMPERATURE_K / temperature_k - 1.222;
    let slope: f64 = REGION_1
        .iter()
        .filter(|(i, _, _)| *i > 0)
        .map(|&(i, j, n)| -n * f64::from(i) * a.powi(i - 1) * b.powi(j))
        .sum();
    REGION_1_PRESSURE_PA / (GAS_CONSTANT_J_KGK * temperature_k * slope)
}

/// Specific enthalpy, J/kg (zero for liquid at the triple point). IF97 region 1: h = R T τ γ_τ.
pub fn enthalpy_j_kg(temperature_c: f64, pressure_pa: f64) -> f64 {
    let temperature_k = kelvin(temperature_c);
    let a = 7.1 - pressure_pa / REGION_1_PRESSURE_PA;
    let b = REGION_1_TEMPERATURE_K / temperature_k - 1.222;
    let slope: f64 = REGION_1.iter().map(|&(i, j, n)| n * a.powi(i) * f64::from(j) * b.powi(j - 1)).sum();
    GAS_CONSTANT_J_KGK * REGION_1_TEMPERATURE_K * slope
}

/// Isobaric heat capacity, J/(kg K). IF97 region 1: cp = −R τ² γ_ττ. Uncertainty 0.1 %.
pub fn heat_capacity_j_kgk(temperature_c: f64, pressure_pa: f64) -> f64 {
    let temperature_k = kelvin(temperature_c);
    let tau = REGION_1_TEMPERATURE_K / temperature_k;
    let a = 7.1 - pressure_pa / REGION_1_PRESSURE_PA;
    let b = tau - 1.222;
    let curvature: f64 = REGION_1.iter().map(|&(i, j, n)| n * a.powi(i) * f64::from(j * (j - 1)) * b.powi(j - 2)).sum();
    -GAS_CONSTANT_J_KGK * tau * tau * curvature
}

/// Pressure, Pa absolute, at which water boils at a temperature; IF97 region 4, equation 30, 0…350 °C.
pub fn saturation_pressure_pa(temperature_c: f64) -> f64 {
    let temperature_k = kelvin(temperature_c);
    let n = &REGION_4;
    let theta = temperature_k + n[8] / (temperature_k - n[9]);
    let a = theta * theta + n[0] * theta + n[1];
    let b = n[2] * theta * theta + n[3] * theta + n[4];
    let c = n[5] * theta * theta + n[6] * theta + n[7];
    (2.0 * c / (-b + (b * b - 4.0 * a * c).sqrt())).powi(4) * 1e6
}

/// Temperature, °C, at which water boils at an absolute pressure; IF97 region 4, equation 31.
/// Pressures outside 611.213 Pa…16.529 MPa (0…350 °C) take the nearer end.
pub fn saturation_temperature_c(pressure_pa: f64) -> f64 {
    let beta = (pressure_pa.clamp(611.213, 16.529e6) * 1e-6).powf(0.25);
    let n = &REGION_4;
    let e = beta * beta + n[2] * beta + n[5];
    let f = n[0] * beta * beta + n[3] * beta + n[6];
    let g = n[1] * beta * beta + n[4] * beta + n[7];
    let d = 2.0 * g / (-f - (f * f - 4.0 * e * g).sqrt());
    let sum = n[9] + d;
    0.5 * (sum - (sum * sum - 4.0 * (n[8] + n[9] * d)).sqrt()) - ZERO_CELSIUS_K
}

/// Dynamic viscosity, Pa s, of liquid water. R12-08 at the density of IF97; uncertainty 1 %.
pub fn viscosity_pa_s(temperature_c: f64, pressure_pa: f64) -> f64 {
    viscosity_at_density_pa_s(kelvin(temperature_c), density_kg_m3(temperature_c, pressure_pa))
}

/// R12-08 equations 10 to 12 with μ₂ = 1.
fn viscosity_at_density_pa_s(temperature_k: f64, density_kg_m3: f64) -> f64 {
    let t = temperature_k / CRITICAL_TEMPERATURE_K;
    let r = density_kg_m3 / CRITICAL_DENSITY_KG_M3;
    let dilute: f64 = (0..).zip(VISCOSITY_DILUTE).map(|(i, h)| h / t.powi(i)).sum();
    let dense: f64 = VISCOSITY_DENSE.iter().map(|&(i, j, h)| h * (1.0 / t - 1.0).powi(i) * (r - 1.0).powi(j)).sum();
    100.0 * t.sqrt() / dilute * (r * dense).exp() * 1e-6
}

/// Thermal conductivity, W/(m K), of liquid water. R15-11 at the density of IF97, without the critical term.
pub fn conductivity_w_mk(temperature_c: f64, pressure_pa: f64) -> f64 {
    conductivity_at_density_w_mk(kelvin(temperature_c), density_kg_m3(temperature_c, pressure_pa))
}

/// R15-11 equations 15 to 17 with λ₂ = 0.
fn conductivity_at_density_w_mk(temperature_k: f64, density_kg_m3: f64) -> f64 {
    let t = temperature_k / CRITICAL_TEMPERATURE_K;
    let r = density_kg_m3 / CRITICAL_DENSITY_KG_M3;
    let dilute: f64 = (0..).zip(CONDUCTIVITY_DILUTE).map(|(k, l)| l / t.powi(k)).sum();
    let row = |coefficients: &[f64; 6]| coefficients.iter().rev().fold(0.0, |sum, l| sum * (r - 1.0) + l);
    let dense: f64 = (0..).zip(&CONDUCTIVITY_DENSE).map(|(i, l)| (1.0 / t - 1.0).powi(i) * row(l)).sum();
    t.sqrt() / dilute * (r * dense).exp() * 1e-3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agrees(value: f64, published: f64, digits: i32) {
        assert!((value / published - 1.0).abs() < 0.6 * 10f64.powi(1 - digits), "{value} instead of {published}");
    }

    #[test]
    fn region_1_reproduces_table_5_of_if97() {
        for (t_k, p_mpa, volume, enthalpy_kj, cp_kj) in [
            (300.0, 3.0, 0.100_215_168e-2, 0.115_331_273e3, 0.417_301_218e1),
            (300.0, 80.0, 0.971_180_894e-3, 0.184_142_828e3, 0.401_008_987e1),
            (500.0, 3.0, 0.120_241_800e-2, 0.975_542_239e3, 0.465_580_682e1),
        ] {
            let (t_c, p_pa) = (t_k - 273.15, p_mpa * 1e6);
            agrees(1.0 / density_kg_m3(t_c, p_pa), volume, 9);
            agrees(enthalpy_j_kg(t_c, p_pa) / 1e3, enthalpy_kj, 9);
            agrees(heat_capacity_j_kgk(t_c, p_pa) / 1e3, cp_kj, 9);
        }
    }

    #[test]
    fn saturation_line_reproduces_tables_35_and_36_of_if97() {
        for (t_k, p_mpa) in [(300.0, 0.353_658_941e-2), (500.0, 0.263_889_776e1), (600.0, 0.123_443_146e2)] {
            agrees(saturation_pressure_pa(t_k - 273.15) / 1e6, p_mpa, 9);
        }
        for (p_mpa, t_k) in [(0.1, 0.372_755_919e3), (1.0, 0.453_035_632e3), (10.0, 0.584_149_488e3)] {
            agrees(saturation_temperature_c(p_mpa * 1e6) + 273.15, t_k, 9);
        }
    }

    #[test]
    fn viscosity_reproduces_table_4_of_r12_08() {
        for (t_k, density, micro_pa_s) in [
            (298.15, 998.0, 889.735_100),
            (298.15, 1200.0, 1_437.649_467),
            (373.15, 1000.0, 307.883_622),
            (433.15, 1.0, 14.538_324),
            (433.15, 1000.0, 217.685_358),
            (873.15, 1.0, 32.619_287),
            (873.15, 100.0, 35.802_262),
            (873.15, 600.0, 77.430_195),
            (1173.15, 1.0, 44.217_245),
            (1173.15, 100.0, 47.640_433),
            (1173.15, 400.0, 64.154_608),
        ] {
            agrees(viscosity_at_density_pa_s(t_k, density) * 1e6, micro_pa_s, 8);
        }
    }

    #[test]
    fn conductivity_reproduces_table_4_of_r15_11() {
        for (t_k, density, milli_w_mk) in [
            (298.15, 0.0, 18.434_188_3),
            (298.15, 998.0, 607.712_868),
            (298.15, 1200.0, 799.038_144),
            (873.15, 0.0, 79.103_465_9),
        ] {
            agrees(conductivity_at_density_w_mk(t_k, density) * 1e3, milli_w_mk, 9);
        }
    }

    #[test]
    fn heat_capacity_gives_the_published_temperature_drops() {
        // R package pipenostics, dropt(): 250 t/h at 0.588399 MPa, 1 km losing 348 kcal/(m h) at 130 °C and 369 at 150 °C.
        for (t_c, loss_kcal_h, drop_k) in [(130.0, 348e3, 1.366_806), (150.0, 369e3, 1.433_84)] {
            let drop = loss_kcal_h * 4186.8 / (250e3 * heat_capacity_j_kgk(t_c, 588_399.0));
            assert!((drop - drop_k).abs() < 1e-6, "{drop}");
        }
    }

    #[test]
    fn heat_capacity_is_the_slope_of_enthalpy() {
        for t_c in [5.0, 60.0, 110.0, 180.0] {
            let numeric = (enthalpy_j_kg(t_c + 0.01, 1.6e6) - enthalpy_j_kg(t_c - 0.01, 1.6e6)) / 0.02;
            assert!((heat_capacity_j_kgk(t_c, 1.6e6) / numeric - 1.0).abs() < 1e-7);
        }
    }

    #[test]
    fn outside_the_range_the_nearer_end_counts() {
        assert_eq!(density_kg_m3(-5.0, 1e6), density_kg_m3(0.0, 1e6));
        assert!(saturation_temperature_c(0.0).abs() < 1e-3);
        assert!(viscosity_pa_s(1e9, 1e6).is_finite());
    }
}
