//! Units of an INP file and their way into SI.
//!
//! The factors are EPANET's own (types.h of EPANET 2.3): they differ from exact ones in the fifth digit, and only with
//! them its results are met. EPANET computes in feet and cubic feet a second; from there the foot of 0.3048 m is exact.

use super::scan::starts;

/// EPANET's gravity, 32.2 ft/s².
pub(super) const GRAVITY_M_S2: f64 = 32.2 * FOOT_M;
/// Kinematic viscosity of water at 20 °C as EPANET takes it, 1.1e-5 ft²/s.
pub(super) const VISCOSITY_M2_S: f64 = 1.1e-5 * FOOT_M * FOOT_M;
pub(super) const FOOT_M: f64 = 0.3048;
const CUBIC_FOOT_M3: f64 = FOOT_M * FOOT_M * FOOT_M;
/// EPANET's K of H = K/Q for one horsepower, ft⁴/s.
const POWER_FT4_S_HP: f64 = 8.814;
const KW_PER_HP: f64 = 0.7457;
const PSI_PER_FT: f64 = 0.4333;
const KPA_PER_PSI: f64 = 6.895;
const BAR_PER_PSI: f64 = 0.068_948;

/// Unit of flows; it decides whether all else is in feet or metres.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FlowUnit {
    Cfs,
    Gpm,
    Mgd,
    Imgd,
    Afd,
    Lps,
    Lpm,
    Mld,
    Cmh,
    Cmd,
    Cms,
}

/// All flow units: (unit, word, units in one cubic foot a second).
const FLOW_UNITS: [(FlowUnit, &str, f64); 11] = [
    (FlowUnit::Cfs, "CFS", 1.0),
    (FlowUnit::Gpm, "GPM", 448.831),
    (FlowUnit::Mgd, "MGD", 0.646_32),
    (FlowUnit::Imgd, "IMGD", 0.5382),
    (FlowUnit::Afd, "AFD", 1.9837),
    (FlowUnit::Lps, "LPS", 28.317),
    (FlowUnit::Lpm, "LPM", 1699.0),
    (FlowUnit::Mld, "MLD", 2.4466),
    (FlowUnit::Cmh, "CMH", 101.94),
    (FlowUnit::Cmd, "CMD", 2446.6),
    (FlowUnit::Cms, "CMS", 0.028_317),
];

/// What `UNITS` may say, for messages.
pub(super) const FLOW_WORDS: &str = "CFS, GPM, MGD, IMGD, AFD, LPS, LPM, MLD, CMH, CMD, CMS";

impl FlowUnit {
    /// From the word of the `UNITS` option; `SI` means litres a second.
    pub(super) fn of_word(word: &str) -> Option<FlowUnit> {
        if starts(word, "SI") {
            return Some(FlowUnit::Lps);
        }
        FLOW_UNITS.iter().find(|(_, name, _)| starts(word, name)).map(|(unit, ..)| *unit)
    }

    fn per_cubic_foot_s(self) -> f64 {
        FLOW_UNITS.iter().find(|(unit, ..)| *unit == self).map_or(1.0, |(_, _, factor)| *factor)
    }

    pub(super) const fn is_metric(self) -> bool {
        !matches!(self, FlowUnit::Cfs | FlowUnit::Gpm | FlowUnit::Mgd | FlowUnit::Imgd | FlowUnit::Afd)
    }
}

/// Unit of pressures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PressureUnit {
    Psi,
    Kpa,
    Metres,
    Bar,
    Feet,
}

impl PressureUnit {
    pub(super) fn of_word(word: &str) -> Option<PressureUnit> {
        [
            ("PSI", PressureUnit::Psi),
            ("KPA", PressureUnit::Kpa),
            ("METERS", PressureUnit::Metres),
            ("BAR", PressureUnit::Bar),
            ("FEET", PressureUnit::Feet),
        ]
        .into_iter()
        .find(|(name, _)| starts(word, name))
        .map(|(_, unit)| unit)
    }
}

/// All units of one file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Units {
    pub(super) flow: FlowUnit,
    /// `None`: psi or metres, as the flow unit says.
    pub(super) pressure: Option<PressureUnit>,
    pub(super) specific_gravity: f64,
}

impl Units {
    pub(super) const fn metric(&self) -> bool {
        self.flow.is_metric()
    }

    /// Density the flows are turned into masses with. EPANET knows only volumes; 1000 times the specific gravity makes
    /// heads and pressures agree.
    pub(super) fn density_kg_m3(&self) -> f64 {
        1000.0 * self.specific_gravity
    }

    /// Weight of a column of water, Pa/m.
    pub(super) fn weight_pa_m(&self) -> f64 {
        self.density_kg_m3() * GRAVITY_M_S2
    }

    /// Lengths, elevations, heads and levels: feet or metres.
    pub(super) fn length_m(&self, value: f64) -> f64 {
        if self.metric() { value } else { value * FOOT_M }
    }

    /// Diameters of pipes and valves: inches or millimetres.
    pub(super) fn diameter_m(&self, value: f64) -> f64 {
        if self.metric() { value / 1000.0 } else { value / 12.0 * FOOT_M }
    }

    /// Darcy–Weisbach roughness: thousandths of a foot or millimetres.
    pub(super) fn roughness_m(&self, value: f64) -> f64 {
        self.length_m(value / 1000.0)
    }

    pub(super) fn flow_m3_s(&self, value: f64) -> f64 {
        value / self.flow.per_cubic_foot_s() * CUBIC_FOOT_M3
    }

    pub(super) fn mass_flow_kg_s(&self, value: f64) -> f64 {
        self.flow_m3_s(value) * self.density_kg_m3()
    }

    /// In the file's flow unit.
    pub(super) fn flow_of_kg_s(&self, mass_flow_kg_s: f64) -> f64 {
        mass_flow_kg_s / self.density_kg_m3() / CUBIC_FOOT_M3 * self.flow.per_cubic_foot_s()
    }

    /// In the file's flow unit.
    pub(super) fn flow_of_m3_s(&self, flow_m3_s: f64) -> f64 {
        flow_m3_s / CUBIC_FOOT_M3 * self.flow.per_cubic_foot_s()
    }

    /// Pressure as head.
    pub(super) fn pressure_head_m(&self, value: f64) -> f64 {
        let default = if self.metric() { PressureUnit::Metres } else { PressureUnit::Psi };
        let per_foot = match self.pressure.unwrap_or(default) {
            PressureUnit::Psi => PSI_PER_FT * self.specific_gravity,
            PressureUnit::Kpa => KPA_PER_PSI * PSI_PER_FT * self.specific_gravity,
            PressureUnit::Metres => FOOT_M,
            PressureUnit::Bar => BAR_PER_PSI * PSI_PER_FT * self.specific_gravity,
            PressureUnit::Feet => 1.0,
        };
        value / per_foot * FOOT_M
    }

    pub(super) fn pressure_pa(&self, value: f64) -> f64 {
        self.pressure_head_m(value) * self.weight_pa_m()
    }

    /// Power of a POWER pump such that ρ g H Q equals it with EPANET's H = K/Q.
    ///
    /// EPANET 2.3 divides kilowatts by 0.7457 twice on their way to K (input1.c, then validate.c); its results for
    /// metric files are only met by doing the same.
    pub(super) fn power_w(&self, value: f64) -> f64 {
        let horsepower = if self.metric() { value / (KW_PER_HP * KW_PER_HP) } else { value };
        horsepower * POWER_FT4_S_HP * FOOT_M.powi(4) * self.weight_pa_m()
    }

    /// Inverse of [`Self::power_w`].
    pub(super) fn power_of_w(&self, power_w: f64) -> f64 {
        let horsepower = power_w / (POWER_FT4_S_HP * FOOT_M.powi(4) * self.weight_pa_m());
        if self.metric() { horsepower * KW_PER_HP * KW_PER_HP } else { horsepower }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(flow: FlowUnit) -> Units {
        Units { flow, pressure: None, specific_gravity: 1.0 }
    }

    #[test]
    fn every_flow_unit_means_about_what_it_says() {
        let litres =
            [28.3168, 0.0630902, 43.8126, 52.6168, 14.2764, 1.0, 1.0 / 60.0, 11.5741, 1.0 / 3.6, 1.0 / 86.4, 1e3];
        for ((unit, word, _), litre_s) in FLOW_UNITS.into_iter().zip(litres) {
            let here = units(unit).flow_m3_s(1.0) * 1000.0;
            assert!((here / litre_s - 1.0).abs() < 2e-4, "{word}: {here} {litre_s}");
            assert_eq!(FlowUnit::of_word(word), Some(unit));
            assert!((units(unit).flow_of_m3_s(units(unit).flow_m3_s(7.0)) - 7.0).abs() < 1e-12);
        }
    }

    #[test]
    fn constants_are_epanets() {
        assert!((GRAVITY_M_S2 - 9.81456).abs() < 1e-12);
        assert!((VISCOSITY_M2_S - 1.021933e-6).abs() < 1e-12);
        assert!((units(FlowUnit::Gpm).pressure_head_m(0.4333) - 0.3048).abs() < 1e-15);
        assert!((units(FlowUnit::Lps).pressure_head_m(20.0) - 20.0).abs() < 1e-12);
        let back = units(FlowUnit::Lps).power_of_w(units(FlowUnit::Lps).power_w(50.0));
        assert!((back - 50.0).abs() < 1e-12);
    }
}
