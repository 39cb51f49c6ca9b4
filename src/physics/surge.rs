//! Pressure surge of a sudden change of velocity: wave speed, Joukowsky, reflection time, slow closure.
//!
//! For the quick estimate and for checking a transient calculation ([`super::characteristics`]). Not here: the wave itself, column
//! separation.

/// How a pipe is held lengthwise; decides how much the wall yields (Wylie & Streeter, *Fluid Transients*, §1-2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restraint {
    /// Expansion joints throughout: c₁ = 1.
    #[default]
    ExpansionJoints,
    /// Held at the upstream end only: c₁ = 1 − μ/2.
    UpstreamOnly,
    /// No lengthwise movement (buried bonded pipe): c₁ = 1 − μ².
    Anchored,
}

/// Poisson's ratio of steel.
pub const POISSON_STEEL: f64 = 0.3;
/// Bulk modulus of hot water without gas, Pa.
pub const BULK_MODULUS_WATER_PA: f64 = 2.0e9;
/// Modulus of elasticity of pipe steel, Pa.
pub const ELASTICITY_STEEL_PA: f64 = 206e9;

/// Speed of a pressure wave, m/s: a = √(K/ρ)/√(1 + c₁ K d/(E e)), thin wall (d/e > 25).
///
/// K bulk modulus of the water (2.0…2.3 GPa; a per mille of gas lowers it by a multiple), d inner diameter, e wall.
pub fn wave_speed_m_s(
    density_kg_m3: f64,
    bulk_modulus_pa: f64,
    inner_diameter_m: f64,
    wall_m: f64,
    elasticity_pa: f64,
    restraint: Restraint,
) -> f64 {
    let yielding = match restraint {
        Restraint::ExpansionJoints => 1.0,
        Restraint::UpstreamOnly => 1.0 - 0.5 * POISSON_STEEL,
        Restraint::Anchored => 1.0 - POISSON_STEEL * POISSON_STEEL,
    };
    let wall_share = yielding * bulk_modulus_pa * inner_diameter_m / (elasticity_pa * wall_m);
    (bulk_modulus_pa / density_kg_m3 / (1.0 + wall_share)).sqrt()
}

/// Joukowsky's pressure rise, Pa, of a velocity stopped faster than the reflection time: Δp = ρ a Δv.
pub fn joukowsky_pa(density_kg_m3: f64, wave_speed_m_s: f64, velocity_change_m_s: f64) -> f64 {
    density_kg_m3 * wave_speed_m_s * velocity_change_m_s
}

/// Time, s, in which the wave returns from the far end: 2 L/a.
pub fn reflection_time_s(length_m: f64, wave_speed_m_s: f64) -> f64 {
    2.0 * length_m / wave_speed_m_s
}

/// Pressure rise, Pa, of a closure at constant rate within a time: Joukowsky up to the reflection time, beyond it
/// Michaud's ρ Δv·2L/t; continuous where both meet.
pub fn closure_pa(
    density_kg_m3: f64,
    wave_speed_m_s: f64,
    velocity_change_m_s: f64,
    length_m: f64,
    closure_time_s: f64,
) -> f64 {
    let reflection_s = reflection_time_s(length_m, wave_speed_m_s);
    let sudden = joukowsky_pa(density_kg_m3, wave_speed_m_s, velocity_change_m_s);
    if closure_time_s <= reflection_s { sudden } else { sudden * reflection_s / closure_time_s }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_heating_pipes() {
        // ρ 950 kg/m³, K 2.0 GPa, E 206 GPa; DN 1020×12 and 520×8.
        for (outer, wall, speed, kilopascal) in [(1.020, 0.012, 1080.0, 1026.0), (0.520, 0.008, 1143.0, 1086.0)] {
            let inner = outer - 2.0 * wall;
            let a = wave_speed_m_s(950.0, 2.0e9, inner, wall, ELASTICITY_STEEL_PA, Restraint::ExpansionJoints);
            assert!((a - speed).abs() < 0.5, "{a}");
            assert!((joukowsky_pa(950.0, a, 1.0) / 1e3 - kilopascal).abs() < 0.5, "{a}");
        }
    }

    #[test]
    fn a_held_pipe_is_stiffer() {
        let speed = |restraint| wave_speed_m_s(950.0, 2.0e9, 0.996, 0.012, ELASTICITY_STEEL_PA, restraint);
        let (free, upstream, anchored) =
            (speed(Restraint::ExpansionJoints), speed(Restraint::UpstreamOnly), speed(Restraint::Anchored));
        assert!(free < anchored && anchored < upstream);
    }

    #[test]
    fn slow_closure_falls_from_joukowsky_without_a_step() {
        let reflection = reflection_time_s(1000.0, 1000.0);
        assert!((reflection - 2.0).abs() < 1e-12);
        let at = |time| closure_pa(950.0, 1000.0, 2.0, 1000.0, time);
        assert!((at(0.0) - 1.9e6).abs() < 1e-6);
        assert!((at(2.0) - at(2.0 + 1e-9)).abs() < 1e-2);
        assert!((at(20.0) - 950.0 * 2.0 * 2.0 * 1000.0 / 20.0).abs() < 1e-6);
    }
}
