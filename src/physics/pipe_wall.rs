//! What the wall of a pipe does to a temperature front: its heat capacity, the film between water and wall, and the
//! mixing of turbulent flow along the pipe.
//!
//! Mechanism: a wall that takes up heat delays a front by the ratio of its heat capacity to the water's; the film between
//! both and the turbulent mixing widen it. All three follow from geometry and flow; nothing is fitted. Resistance of
//! the layers around the wall is in `heat_loss`.

use std::f64::consts::PI;

/// Density and specific heat capacity of a wall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WallMaterial {
    pub density_kg_m3: f64,
    pub heat_capacity_j_kgk: f64,
}

impl WallMaterial {
    /// Carbon steel of heating mains (EN 10217-2 grades near 50 °C).
    pub const STEEL: WallMaterial = WallMaterial { density_kg_m3: 7850.0, heat_capacity_j_kgk: 480.0 };
    pub const COPPER: WallMaterial = WallMaterial { density_kg_m3: 8960.0, heat_capacity_j_kgk: 385.0 };
    /// Crosslinked polyethylene (EN ISO 15875).
    pub const POLYETHYLENE: WallMaterial = WallMaterial { density_kg_m3: 940.0, heat_capacity_j_kgk: 2300.0 };
    pub const CAST_IRON: WallMaterial = WallMaterial { density_kg_m3: 7100.0, heat_capacity_j_kgk: 540.0 };

    /// The material a word in a pipe's data means; unknown and empty words mean steel, of which heating mains are.
    pub fn named(word: &str) -> WallMaterial {
        let word = word.to_ascii_lowercase();
        let has = |part: &str| word.contains(part);
        if has("copper") || word == "cu" || has("铜") {
            Self::COPPER
        } else if has("pex") || has("pe-") || has("polyethylene") || has("pert") || has("聚乙烯") {
            Self::POLYETHYLENE
        } else if has("cast") || has("ductile") || has("铸铁") {
            Self::CAST_IRON
        } else {
            Self::STEEL
        }
    }

    /// Heat capacity per metre of pipe, J/(m K); 0 where the diameters leave no wall.
    pub fn capacity_j_mk(self, inner_diameter_m: f64, outer_diameter_m: f64) -> f64 {
        let area_m2 = PI / 4.0 * (outer_diameter_m * outer_diameter_m - inner_diameter_m * inner_diameter_m);
        (area_m2 * self.density_kg_m3 * self.heat_capacity_j_kgk).max(0.0)
    }
}

/// Water at the temperature of a film.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FilmWater {
    pub density_kg_m3: f64,
    pub viscosity_pa_s: f64,
    pub heat_capacity_j_kgk: f64,
    pub conductivity_w_mk: f64,
}

/// Below this Reynolds number flow is laminar, above the other turbulent; in between Nusselt numbers are blended
/// linearly (VDI Heat Atlas G1).
const LAMINAR_RE: f64 = 2300.0;
const TURBULENT_RE: f64 = 1e4;
/// Fully developed laminar flow at constant wall temperature.
const LAMINAR_NUSSELT: f64 = 3.66;

/// Reynolds number of a flow in a round pipe; velocity's sign is irrelevant.
pub fn reynolds(water: &FilmWater, velocity_m_s: f64, inner_diameter_m: f64) -> f64 {
    water.density_kg_m3 * velocity_m_s.abs() * inner_diameter_m / water.viscosity_pa_s
}

/// Friction factor of a smooth pipe as Gnielinski's formula uses it: (1.8 lg Re − 1.5)^−2.
fn smooth_friction(reynolds: f64) -> f64 {
    (1.8 * reynolds.log10() - 1.5).powi(-2)
}

/// Heat transfer between water and wall per metre of pipe, W/(m K): Nu λ π, Nu after Gnielinski 1976/1995 (turbulent),
/// 3.66 (laminar), blended in between. Valid for Pr 0.5…2000 and Re < 1e6; rough pipes have more.
pub fn film_w_mk(water: &FilmWater, velocity_m_s: f64, inner_diameter_m: f64) -> f64 {
    let re = reynolds(water, velocity_m_s, inner_diameter_m);
    let prandtl = water.viscosity_pa_s * water.heat_capacity_j_kgk / water.conductivity_w_mk;
    let turbulent = |re: f64| {
        let f = smooth_friction(re) / 8.0;
        f * re * prandtl / (1.0 + 12.7 * f.sqrt() * (prandtl.powf(2.0 / 3.0) - 1.0))
    };
    let nusselt = if re <= LAMINAR_RE {
        LAMINAR_NUSSELT
    } else if re >= TURBULENT_RE {
        turbulent(re)
    } else {
        let share = (re - LAMINAR_RE) / (TURBULENT_RE - LAMINAR_RE);
        (1.0 - share) * LAMINAR_NUSSELT + share * turbulent(TURBULENT_RE)
    };
    nusselt * water.conductivity_w_mk * PI
}

/// Mixing along the pipe by turbulent flow, m²/s: 10.1 r u*, u* the friction velocity (Taylor 1954). Laminar flow is
/// given the value at the end of the laminar range: its own mixing needs lengths that heating pipes do not have.
pub fn turbulent_mixing_m2_s(water: &FilmWater, velocity_m_s: f64, inner_diameter_m: f64) -> f64 {
    let re = reynolds(water, velocity_m_s, inner_diameter_m).max(LAMINAR_RE);
    10.1 * 0.5 * inner_diameter_m * velocity_m_s.abs() * (smooth_friction(re) / 8.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WARM: FilmWater = FilmWater {
        density_kg_m3: 988.0,
        viscosity_pa_s: 5.47e-4,
        heat_capacity_j_kgk: 4181.0,
        conductivity_w_mk: 0.641,
    };

    #[test]
    fn wall_of_the_liege_pipe_by_hand() {
        // π/4·(0.0603² − 0.05248²)·7850·480 = 6.927e-4 m² · 3.768e6.
        let capacity = WallMaterial::STEEL.capacity_j_mk(0.05248, 0.0603);
        assert!((capacity - 2610.0).abs() < 2.0, "{capacity}");
        assert_eq!(WallMaterial::STEEL.capacity_j_mk(0.06, 0.05), 0.0);
    }

    #[test]
    fn nusselt_number_of_the_heat_atlas() {
        // Re 1e4, Pr 1: Gnielinski gives f/8·Re = 0.03146/8·1e4 = 39.3… with Pr = 1 the denominator is 1.
        let pr_one = FilmWater { viscosity_pa_s: 1e-3, heat_capacity_j_kgk: 1000.0, conductivity_w_mk: 1.0, ..WARM };
        let velocity = 1e4 * 1e-3 / (988.0 * 0.05);
        let nusselt = film_w_mk(&pr_one, velocity, 0.05) / PI;
        assert!((nusselt - 1e4 * (5.7f64).powi(-2) / 8.0).abs() < 1e-9, "{nusselt}");
        assert_eq!(film_w_mk(&WARM, 0.0, 0.05), LAMINAR_NUSSELT * 0.641 * PI);
    }

    #[test]
    fn film_is_continuous_over_the_regimes() {
        for re in [LAMINAR_RE, TURBULENT_RE] {
            let velocity = |re: f64| re * WARM.viscosity_pa_s / (WARM.density_kg_m3 * 0.1);
            let (below, above) = (
                film_w_mk(&WARM, velocity(re * (1.0 - 1e-9)), 0.1),
                film_w_mk(&WARM, velocity(re * (1.0 + 1e-9)), 0.1),
            );
            assert!((above / below - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn words_for_materials() {
        assert_eq!(WallMaterial::named("Copper EN 1057"), WallMaterial::COPPER);
        assert_eq!(WallMaterial::named("PEX"), WallMaterial::POLYETHYLENE);
        assert_eq!(WallMaterial::named("Q235B"), WallMaterial::STEEL);
    }
}
