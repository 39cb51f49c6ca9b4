//! How long a repair takes: the norm by pipe diameter, as data that a utility replaces with its own.
//!
//! The default is the Russian norm of repair times of damaged heat mains (hours for steps from isolation to refilling; the
//! sums 8, 13, 20, 24, 30 h are its own, the steps of the smallest class do not add up to its sum). A Chinese norm by diameter
//! was not found; the draft rules of Heilongjiang ask for 48 h at most. Not here: which crew is free.

use serde::{Deserialize, Serialize};

/// Repair time of pipes up to a diameter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepairClass {
    /// Greatest outer diameter of the class.
    pub to_diameter_m: f64,
    pub isolate_s: f64,
    pub total_s: f64,
}

/// Repair times by diameter, rising.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RepairNorm(pub Vec<RepairClass>);

/// Where a table of repair times cannot be read, or has no class at all (line 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NormFault {
    pub line: usize,
}

impl Default for RepairNorm {
    fn default() -> Self {
        let hours = |to_diameter_m: f64, isolate_h: f64, total_h: f64| RepairClass {
            to_diameter_m,
            isolate_s: 3600.0 * isolate_h,
            total_s: 3600.0 * total_h,
        };
        RepairNorm(vec![
            hours(0.219, 2.0, 8.0),
            hours(0.426, 2.0, 13.0),
            hours(0.720, 3.0, 20.0),
            hours(0.920, 3.0, 24.0),
            hours(f64::INFINITY, 4.0, 30.0),
        ])
    }
}

impl RepairNorm {
    /// The class of a pipe; `None` only of an empty norm or beyond its last class.
    pub fn class(&self, outer_diameter_m: f64) -> Option<&RepairClass> {
        self.0.iter().find(|class| outer_diameter_m <= class.to_diameter_m)
    }

    /// Reads a utility's own norm: a line with the heads `to_diameter_m,isolate_h,total_h`, then a class on each line, by
    /// rising diameter; an empty diameter stands for all that are greater.
    pub fn from_csv(text: &str) -> Result<RepairNorm, NormFault> {
        let mut classes: Vec<RepairClass> = Vec::new();
        for (number, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty()) {
            let fault = NormFault { line: number + 1 };
            let cells: Vec<&str> = line.split(',').map(str::trim).collect();
            let [diameter, isolate, total] = cells[..] else { return Err(fault) };
            let hours = |cell: &str| cell.parse::<f64>().ok().filter(|hours| hours.is_finite() && *hours >= 0.0);
            let to_diameter_m =
                if diameter.is_empty() { Some(f64::INFINITY) } else { hours(diameter).filter(|metres| *metres > 0.0) };
            let (Some(to_diameter_m), Some(isolate_h), Some(total_h)) = (to_diameter_m, hours(isolate), hours(total))
            else {
                return Err(fault);
            };
            if classes.last().is_some_and(|last| to_diameter_m <= last.to_diameter_m) {
                return Err(fault);
            }
            let class = RepairClass { to_diameter_m, isolate_s: 3600.0 * isolate_h, total_s: 3600.0 * total_h };
            classes.push(class);
        }
        if classes.is_empty() { Err(NormFault { line: 1 }) } else { Ok(RepairNorm(classes)) }
    }

    /// Time from the break to normal service; the longest class where the diameter is beyond all.
    pub fn total_s(&self, outer_diameter_m: f64) -> f64 {
        self.class(outer_diameter_m).or(self.0.last()).map_or(0.0, |class| class.total_s)
    }
}

/// Least share of the heat that a district should still get in an accident, by the design outdoor temperature
/// (事故工况供热量保证率, CJJ 34): 40 % above −10 °C, 55 % to −20 °C, 65 % below.
pub fn accident_share(design_outdoor_c: f64) -> f64 {
    if design_outdoor_c > -10.0 {
        0.40
    } else if design_outdoor_c >= -20.0 {
        0.55
    } else {
        0.65
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_utility_brings_its_own_table() {
        let norm = RepairNorm::from_csv("to_diameter_m,isolate_h,total_h\n0.3, 1, 6\n\n,2,12\n").unwrap();
        assert_eq!([0.2, 0.3, 0.5].map(|diameter_m| norm.total_s(diameter_m) / 3600.0), [6.0, 6.0, 12.0]);
        let line = |text: &str| RepairNorm::from_csv(text).unwrap_err().line;
        assert_eq!(line("to_diameter_m,isolate_h,total_h\n0.3,1,six\n"), 2);
        assert_eq!(line("to_diameter_m,isolate_h,total_h\n0.3,1,6\n0.2,1,4\n"), 3);
        assert_eq!(line("to_diameter_m,isolate_h,total_h\n0.3,1\n"), 2);
        assert_eq!(line(""), 1);
    }

    #[test]
    fn classes_and_shares_step_where_the_tables_do() {
        let norm = RepairNorm::default();
        let hours = |diameter_m: f64| norm.total_s(diameter_m) / 3600.0;
        assert_eq!([0.1, 0.219, 0.273, 0.72, 0.82, 1.42].map(hours), [8.0, 8.0, 13.0, 20.0, 24.0, 30.0]);
        assert_eq!(RepairNorm(Vec::new()).total_s(0.5), 0.0);
        assert_eq!([-5.0, -10.0, -15.0, -20.0, -21.1].map(accident_share), [0.40, 0.55, 0.55, 0.55, 0.65]);
    }
}
