//! Two columns of numbers and how far they may lie apart.

use serde::{Deserialize, Serialize};

/// What is compared, with the unit it is compared in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    Pressure,
    PressureKilopascal,
    Head,
    Flow,
    VolumeFlow,
    FlowLitres,
    FlowTonnes,
    Velocity,
    Temperature,
    Heat,
    SpecificLoss,
    LossPerMetre,
    Share,
    Hours,
    Speed,
    ErrorRms,
    Density,
    Enthalpy,
    HeatCoefficient,
    Energy,
    SpecificEnergy,
    Area,
    Money,
}

impl Quantity {
    pub const ALL: [Quantity; 23] = [
        Quantity::Pressure,
        Quantity::PressureKilopascal,
        Quantity::Head,
        Quantity::Flow,
        Quantity::VolumeFlow,
        Quantity::FlowLitres,
        Quantity::FlowTonnes,
        Quantity::Velocity,
        Quantity::Temperature,
        Quantity::Heat,
        Quantity::SpecificLoss,
        Quantity::LossPerMetre,
        Quantity::Share,
        Quantity::Hours,
        Quantity::Speed,
        Quantity::ErrorRms,
        Quantity::Density,
        Quantity::Enthalpy,
        Quantity::HeatCoefficient,
        Quantity::Energy,
        Quantity::SpecificEnergy,
        Quantity::Area,
        Quantity::Money,
    ];

    /// Unit of expected, computed and deviation; those of the source, so that its figures are recognised.
    pub const fn unit(self) -> &'static str {
        match self {
            Quantity::Pressure => "Pa",
            Quantity::PressureKilopascal => "kPa",
            Quantity::Head => "m",
            Quantity::Flow => "kg/s",
            Quantity::VolumeFlow => "m³/h",
            Quantity::FlowLitres => "L/s",
            Quantity::FlowTonnes => "t/h",
            Quantity::Velocity | Quantity::Speed => "m/s",
            Quantity::Temperature => "°C",
            Quantity::Heat => "W",
            Quantity::SpecificLoss => "Pa/m",
            Quantity::LossPerMetre => "W/m",
            Quantity::Share => "–",
            Quantity::Hours => "h",
            Quantity::ErrorRms => "K",
            Quantity::Density => "kg/m³",
            Quantity::Enthalpy => "kJ/kg",
            Quantity::HeatCoefficient => "MJ/(m³ K)",
            Quantity::Energy => "GJ",
            Quantity::SpecificEnergy => "GJ/m²",
            Quantity::Area => "m²",
            Quantity::Money => "¥",
        }
    }

    /// Unit of a difference.
    pub const fn difference_unit(self) -> &'static str {
        if matches!(self, Quantity::Temperature) { "K" } else { self.unit() }
    }

    /// The stable word in the JSON answer and, after `verify-quantity-`, the key of its name.
    pub const fn word(self) -> &'static str {
        match self {
            Quantity::Pressure | Quantity::PressureKilopascal => "pressure",
            Quantity::Head => "head",
            Quantity::Flow | Quantity::FlowLitres | Quantity::FlowTonnes | Quantity::VolumeFlow => "flow",
            Quantity::Velocity => "velocity",
            Quantity::Temperature => "temperature",
            Quantity::Heat => "heat",
            Quantity::SpecificLoss => "specific-loss",
            Quantity::LossPerMetre => "loss-per-metre",
            Quantity::Share => "share",
            Quantity::Hours => "duration",
            Quantity::Speed => "wave-speed",
            Quantity::ErrorRms => "error-rms",
            Quantity::Density => "density",
            Quantity::Enthalpy => "enthalpy",
            Quantity::HeatCoefficient => "heat-coefficient",
            Quantity::Energy => "energy",
            Quantity::SpecificEnergy => "specific-energy",
            Quantity::Area => "area",
            Quantity::Money => "money",
        }
    }
}

/// How far a computed value may lie from the expected one: the sum of its parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tolerance {
    /// In the unit of the quantity.
    pub absolute: f64,
    /// Of the expected value.
    pub relative: f64,
    /// Of the largest expected value of the comparison.
    pub of_largest: f64,
}

impl Tolerance {
    pub const fn absolute(absolute: f64) -> Self {
        Tolerance { absolute, relative: 0.0, of_largest: 0.0 }
    }

    pub const fn relative(relative: f64) -> Self {
        Tolerance { absolute: 0.0, relative, of_largest: 0.0 }
    }

    pub const fn of_largest(of_largest: f64) -> Self {
        Tolerance { absolute: 0.0, relative: 0.0, of_largest }
    }

    fn allowed(self, expected: f64, largest: f64) -> f64 {
        self.absolute + self.relative * expected.abs() + self.of_largest * largest
    }
}

/// One value beside its expectation.
#[derive(Clone, Debug, PartialEq)]
pub struct Deviation {
    /// Where: an element's id, or the words of an oracle.
    pub element: String,
    pub expected: f64,
    pub computed: f64,
    /// Greatest |computed − expected| allowed here.
    pub allowed: f64,
}

impl Deviation {
    /// |computed − expected|; infinite where either is no number.
    pub fn size(&self) -> f64 {
        let size = (self.computed - self.expected).abs();
        if size.is_nan() { f64::INFINITY } else { size }
    }

    /// Deviation over what is allowed; above 1 it fails. No deviation is 0 even where none is allowed.
    pub fn share(&self) -> f64 {
        let size = self.size();
        let share = if size == 0.0 { 0.0 } else { size / self.allowed };
        if share.is_nan() { f64::INFINITY } else { share }
    }
}

/// One quantity of one case: the value that used most of its tolerance stands for all.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    pub quantity: Quantity,
    pub tolerance: Tolerance,
    /// Why this tolerance, where its source says it.
    pub reason: String,
    /// How many values were compared.
    pub values: usize,
    /// The value that used most of its tolerance; `None` where nothing was compared.
    pub worst: Option<Deviation>,
}

impl Comparison {
    /// Compares rows of (where, expected, computed). Of equal shares the first row stands.
    pub fn new(quantity: Quantity, tolerance: Tolerance, rows: Vec<(String, f64, f64)>) -> Comparison {
        let largest = rows.iter().map(|row| row.1.abs()).fold(0.0, f64::max);
        let values = rows.len();
        let mut worst: Option<Deviation> = None;
        for (element, expected, computed) in rows {
            let allowed = tolerance.allowed(expected, largest);
            let deviation = Deviation { element, expected, computed, allowed };
            if worst.as_ref().is_none_or(|known| deviation.share() > known.share()) {
                worst = Some(deviation);
            }
        }
        Comparison { quantity, tolerance, reason: String::new(), values, worst }
    }

    pub fn because(mut self, reason: impl Into<String>) -> Comparison {
        self.reason = reason.into();
        self
    }

    /// Share of the tolerance used by the worst value.
    pub fn share(&self) -> f64 {
        self.worst.as_ref().map_or(0.0, Deviation::share)
    }

    /// Whether every value lies within its tolerance. Comparing nothing proves nothing and does not pass.
    pub fn passed(&self) -> bool {
        self.values > 0 && self.share() <= 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_no_number_fails() {
        for (expected, computed) in [(1.0, f64::NAN), (f64::NAN, 1.0)] {
            let rows = vec![("A".to_owned(), 2.0, 2.0), ("B".to_owned(), expected, computed)];
            assert!(!Comparison::new(Quantity::Flow, Tolerance::absolute(1.0), rows).passed());
        }
        assert!(!Comparison::new(Quantity::Flow, Tolerance::absolute(1.0), Vec::new()).passed());
    }

    #[test]
    fn the_worst_value_is_the_one_nearest_its_own_limit() {
        let rows = vec![("A".to_owned(), 100.0, 100.5), ("B".to_owned(), 1.0, 1.009)];
        let comparison = Comparison::new(Quantity::Flow, Tolerance::relative(0.01), rows);
        assert_eq!(comparison.worst.as_ref().unwrap().element, "B");
        assert!((comparison.share() - 0.9).abs() < 1e-9 && comparison.passed());
    }
}
