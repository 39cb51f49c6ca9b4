//! Compression heat pumps: air, ground, sewage, waste heat.
//!
//! COP = share · COP of Lorenz's cycle between the mean temperatures of sink and source (logarithmic, in kelvin): the
//! cycle that Carnot's becomes when both sides glide. Shares of 0.4…0.6 are what machines reach (H. Lund et al.,
//! Energy 2014; 0.5 usual for large ones). Capacity falls with the source temperature; air machines defrost around
//! 0 °C. Not here: refrigerants, compressors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const KELVIN: f64 = 273.15;

/// Logarithmic mean of two temperatures given in °C, in K.
pub fn log_mean_kelvin(one_c: f64, other_c: f64) -> f64 {
    let (a, b) = (one_c + KELVIN, other_c + KELVIN);
    let e = a / b - 1.0;
    // Near equality the series of e/ln(1 + e).
    if e.abs() < 1e-4 { b * (1.0 + e * (0.5 - e / 12.0)) } else { (a - b) / (a / b).ln() }
}

/// COP between water heated (in, out) and a source cooled (in, out), °C. Never below 1; 25 at most, where the lift
/// nearly vanishes and no machine would run.
pub fn lorenz_cop(share: f64, sink_c: (f64, f64), source_c: (f64, f64)) -> f64 {
    let (hot_k, cold_k) = (log_mean_kelvin(sink_c.0, sink_c.1), log_mean_kelvin(source_c.0, source_c.1));
    let lift_k = hot_k - cold_k;
    if lift_k <= 0.0 {
        return 25.0;
    }
    (share * hot_k / lift_k).clamp(1.0, 25.0)
}

/// What a heat pump takes its heat from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HeatPumpSource {
    // 空气
    #[default]
    Air,
    // 地埋管、地下水
    Ground,
    // 污水
    Sewage,
    // 工业余热
    WasteHeat,
}

/// A heat pump.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeatPump {
    pub source: HeatPumpSource,
    /// Heat at the design source temperature, W.
    pub design_heat_w: f64,
    pub design_source_c: f64,
    /// Change of capacity per kelvin of source temperature, share of design (0.02 usual).
    pub capacity_slope_1_k: f64,
    pub lorenz_share: f64,
    /// The source is cooled by this, K.
    pub source_spread_k: f64,
    /// It stops below this source temperature, °C.
    pub lowest_source_c: f64,
    /// It cannot heat beyond this, °C.
    pub highest_sink_c: f64,
}

/// What a heat pump can do now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeatPumpHeat {
    pub capacity_w: f64,
    pub cop: f64,
}

impl HeatPump {
    /// Usual constants for a source; temperatures of the source are those of the provincial guide (sewage 14 → 9 °C).
    pub fn usual(source: HeatPumpSource, design_heat_w: f64) -> HeatPump {
        let (design_source_c, capacity_slope_1_k, lorenz_share, source_spread_k, lowest_source_c) = match source {
            HeatPumpSource::Air => (-20.0, 0.022, 0.42, 5.0, -35.0),
            HeatPumpSource::Ground => (8.0, 0.025, 0.45, 4.0, -2.0),
            HeatPumpSource::Sewage => (14.0, 0.025, 0.45, 5.0, 6.0),
            HeatPumpSource::WasteHeat => (30.0, 0.02, 0.5, 8.0, 10.0),
        };
        HeatPump {
            source,
            design_heat_w,
            design_source_c,
            capacity_slope_1_k,
            lorenz_share,
            source_spread_k,
            lowest_source_c,
            highest_sink_c: 85.0,
        }
    }

    /// Share of the heat that defrosting takes from an air machine: a hump of a tenth between −7 and 7 °C, where air
    /// still carries water and coils freeze.
    fn defrost_share(&self, source_c: f64) -> f64 {
        if self.source == HeatPumpSource::Air { 0.1 * (1.0 - (source_c / 7.0).powi(2)).max(0.0) } else { 0.0 }
    }

    /// Capacity and COP at a source temperature and water heated from–to, °C. Nothing where source or sink is out of
    /// reach.
    pub fn at(&self, source_c: f64, sink_c: (f64, f64)) -> HeatPumpHeat {
        let reachable = source_c >= self.lowest_source_c && sink_c.1 <= self.highest_sink_c;
        let kept = 1.0 - self.defrost_share(source_c);
        let cop = (lorenz_cop(self.lorenz_share, sink_c, (source_c, source_c - self.source_spread_k)) * kept).max(1.0);
        let share = (1.0 + self.capacity_slope_1_k * (source_c - self.design_source_c)).clamp(0.0, 1.5);
        HeatPumpHeat { capacity_w: if reachable { self.design_heat_w * share * kept } else { 0.0 }, cop }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lorenz_by_hand() {
        // 40 → 60 °C from 12 → 7 °C: means 323.05 K and 282.64 K, 323.05/40.41 = 7.99.
        let ideal = lorenz_cop(1.0, (40.0, 60.0), (12.0, 7.0));
        assert!((ideal - 7.99).abs() < 0.01, "{ideal}");
        // Without glide it is Carnot's.
        assert!((lorenz_cop(1.0, (50.0, 50.0), (10.0, 10.0)) - 323.15 / 40.0).abs() < 1e-12);
        assert_eq!(lorenz_cop(0.5, (10.0, 12.0), (40.0, 35.0)), 25.0);
        assert!((log_mean_kelvin(20.0, 20.0 + 1e-7) - 293.15).abs() < 1e-6);
    }

    #[test]
    fn within_the_ranges_of_the_provincial_guide() {
        // Air 1.5…2.5 (−20 °C, 45/55), ground 4.0…4.5 and sewage 3.5…5.0 (floor heating 35/45).
        let air = HeatPump::usual(HeatPumpSource::Air, 1e6).at(-20.0, (45.0, 55.0));
        assert!((1.5..2.5).contains(&air.cop), "{air:?}");
        let ground = HeatPump::usual(HeatPumpSource::Ground, 1e6).at(10.0, (35.0, 45.0));
        assert!((4.0..4.5).contains(&ground.cop), "{ground:?}");
        for sink in [(35.0, 45.0), (45.0, 55.0)] {
            let sewage = HeatPump::usual(HeatPumpSource::Sewage, 1e6).at(14.0, sink);
            assert!((3.5..5.0).contains(&sewage.cop), "{sewage:?}");
        }
    }

    #[test]
    fn colder_sources_and_hotter_sinks_give_less() {
        let air = HeatPump::usual(HeatPumpSource::Air, 1e6);
        assert!(air.at(-20.0, (45.0, 55.0)).cop < air.at(-10.0, (45.0, 55.0)).cop);
        assert!(air.at(-20.0, (45.0, 65.0)).cop < air.at(-20.0, (45.0, 55.0)).cop);
        assert!((air.at(-20.0, (45.0, 55.0)).capacity_w - 1e6).abs() < 1e-6);
        assert_eq!(air.at(-36.0, (45.0, 55.0)).capacity_w, 0.0);
        assert_eq!(air.at(-10.0, (45.0, 90.0)).capacity_w, 0.0);
        // Defrosting bites at zero.
        let dip = air.at(0.0, (45.0, 55.0)).capacity_w / (1e6 * 1.44);
        assert!((dip - 0.9).abs() < 1e-9, "{dip}");
    }
}
