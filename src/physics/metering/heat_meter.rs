//! The heat meter: E = ∫ K(θ) · Δθ dV.
//!
//! K = ρ·Δh/Δθ with the density at the place of the flow sensor and the enthalpies of both pipes (EN 1434-1, OIML R 75,
//! CJ 128 / GB/T 32224: the same definition), from IAPWS-IF97 at the pressure the standards fix (1.6 MPa; CJ 128 has a
//! second table for 0.6 MPa). Not here: meter errors, pulses.

use crate::physics::water;

/// Where the flow sensor sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowSensor {
    Supply,
    Return,
}

/// Pressure at which EN 1434-1 and CJ 128 (working pressure above 1 MPa) take the water's properties, Pa.
pub const STANDARD_PRESSURE_PA: f64 = 1.6e6;

/// K, J/(m³ K). At equal temperatures the limit ρ·cp.
pub fn heat_coefficient_j_m3k(supply_c: f64, return_c: f64, sensor: FlowSensor, pressure_pa: f64) -> f64 {
    let at_c = match sensor {
        FlowSensor::Supply => supply_c,
        FlowSensor::Return => return_c,
    };
    let density = water::density_kg_m3(at_c, pressure_pa);
    let difference_k = supply_c - return_c;
    // Below a millikelvin the difference of enthalpies has lost its digits.
    if difference_k.abs() < 1e-3 {
        return density * water::heat_capacity_j_kgk(at_c, pressure_pa);
    }
    density * (water::enthalpy_j_kg(supply_c, pressure_pa) - water::enthalpy_j_kg(return_c, pressure_pa)) / difference_k
}

/// Heat of a volume of water, J.
pub fn heat_j(volume_m3: f64, supply_c: f64, return_c: f64, sensor: FlowSensor, pressure_pa: f64) -> f64 {
    heat_coefficient_j_m3k(supply_c, return_c, sensor, pressure_pa) * (supply_c - return_c) * volume_m3
}

/// A reading of a meter's counters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    pub time_s: f64,
    /// Counter, m³.
    pub volume_m3: f64,
    pub supply_c: f64,
    pub return_c: f64,
}

/// What is wrong with a series of readings, by the later reading's place (from 0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ReadingFault {
    /// Time does not rise: the interval is left out.
    TimeNotRising,
    /// The counter went back (exchanged or reset): the interval is left out.
    CounterBack { by_m3: f64 },
    /// Supply colder than return: the interval counts nothing, as a heat meter does.
    Reversed { by_k: f64 },
    /// Temperature difference below the meter's smallest: counted, but uncertain.
    SmallDifference { k: f64 },
    /// A value that is not finite, or a temperature outside 0…180 °C: left out.
    NotPlausible,
}

/// Heat of a series of readings.
#[derive(Clone, Debug, PartialEq)]
pub struct Integrated {
    pub heat_j: f64,
    pub volume_m3: f64,
    /// Seconds that count.
    pub seconds: f64,
    pub faults: Vec<(usize, ReadingFault)>,
}

/// Smallest temperature difference of a heat meter, K (EN 1434: 3 K).
pub const SMALLEST_DIFFERENCE_K: f64 = 3.0;

/// Integrates readings: between two of them the mean temperatures act on the volume between the counters.
pub fn integrate(readings: &[Reading], sensor: FlowSensor, pressure_pa: f64) -> Integrated {
    let mut sum = Integrated { heat_j: 0.0, volume_m3: 0.0, seconds: 0.0, faults: Vec::new() };
    let plausible = |reading: &Reading| {
        reading.time_s.is_finite()
            && reading.volume_m3.is_finite()
            && [reading.supply_c, reading.return_c].iter().all(|t| (0.0..=180.0).contains(t))
    };
    // Against the last good reading: one bad line must not cost two intervals.
    let mut last: Option<&Reading> = None;
    for (at, reading) in readings.iter().enumerate() {
        if !plausible(reading) {
            sum.faults.push((at, ReadingFault::NotPlausible));
            continue;
        }
        let Some(before) = last.replace(reading) else { continue };
        if reading.time_s <= before.time_s {
            sum.faults.push((at, ReadingFault::TimeNotRising));
            continue;
        }
        let volume_m3 = reading.volume_m3 - before.volume_m3;
        if volume_m3 < 0.0 {
            sum.faults.push((at, ReadingFault::CounterBack { by_m3: -volume_m3 }));
            continue;
        }
        let supply_c = 0.5 * (before.supply_c + reading.supply_c);
        let return_c = 0.5 * (before.return_c + reading.return_c);
        sum.seconds += reading.time_s - before.time_s;
        sum.volume_m3 += volume_m3;
        let difference_k = supply_c - return_c;
        if difference_k < 0.0 && volume_m3 > 0.0 {
            sum.faults.push((at, ReadingFault::Reversed { by_k: -difference_k }));
            continue;
        }
        if difference_k < SMALLEST_DIFFERENCE_K && volume_m3 > 0.0 {
            sum.faults.push((at, ReadingFault::SmallDifference { k: difference_k }));
        }
        sum.heat_j += heat_j(volume_m3, supply_c, return_c, sensor, pressure_pa);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CJ 128 annex A, table for 0.6 MPa: °C, kg/m³, kJ/kg.
    const TABLE: [(f64, f64, f64); 12] = [
        (1.0, 1000.2, 4.7841),
        (5.0, 1000.2, 21.616),
        (14.0, 999.48, 59.367),
        (20.0, 998.44, 84.476),
        (30.0, 995.87, 126.28),
        (51.0, 987.80, 214.03),
        (60.0, 983.41, 251.67),
        (70.0, 977.98, 293.53),
        (81.0, 971.39, 339.65),
        (101.0, 957.86, 423.76),
        (120.0, 943.31, 504.09),
        (130.0, 935.01, 546.61),
    ];

    #[test]
    fn water_as_in_the_tables_of_the_heat_meter_standard() {
        for (temperature_c, density, enthalpy) in TABLE {
            let found = water::density_kg_m3(temperature_c, 0.6e6);
            // The table has five digits and an older formulation of water.
            assert!((found / density - 1.0).abs() < 2e-4, "{temperature_c} °C: {found}");
            let found = water::enthalpy_j_kg(temperature_c, 0.6e6) / 1000.0;
            assert!((found - enthalpy).abs() < 0.08, "{temperature_c} °C: {found}");
        }
    }

    #[test]
    fn coefficient_as_the_table_gives_it() {
        // 81/51 °C, sensor in the return: 987.80·(339.65 − 214.03)/30 kJ/(m³ K).
        let by_table = 987.80 * (339.65 - 214.03) / 30.0 * 1000.0;
        let found = heat_coefficient_j_m3k(81.0, 51.0, FlowSensor::Return, 0.6e6);
        // 0.05 %: the table's enthalpies are those of the formulation before IAPWS-IF97.
        assert!((found / by_table - 1.0).abs() < 6e-4, "{found} {by_table}");
        let in_supply = heat_coefficient_j_m3k(81.0, 51.0, FlowSensor::Supply, 0.6e6);
        assert!((in_supply / found - 971.39 / 987.80).abs() < 1e-4);
    }

    #[test]
    fn equal_temperatures_have_the_limit() {
        let limit = heat_coefficient_j_m3k(60.0, 60.0, FlowSensor::Return, STANDARD_PRESSURE_PA);
        let near = heat_coefficient_j_m3k(60.01, 60.0, FlowSensor::Return, STANDARD_PRESSURE_PA);
        assert!((limit / near - 1.0).abs() < 1e-6);
        assert_eq!(heat_j(5.0, 60.0, 60.0, FlowSensor::Return, STANDARD_PRESSURE_PA), 0.0);
    }

    #[test]
    fn readings_sum_and_faults_are_told() {
        let reading = |hour: f64, volume_m3: f64, supply_c: f64, return_c: f64| Reading {
            time_s: hour * 3600.0,
            volume_m3,
            supply_c,
            return_c,
        };
        let readings = [
            reading(0.0, 100.0, 70.0, 45.0),
            reading(1.0, 101.0, 70.0, 45.0),
            reading(2.0, 102.0, 500.0, 45.0),
            reading(3.0, 103.0, 70.0, 45.0),
            reading(4.0, 2.0, 70.0, 45.0),
            reading(5.0, 3.0, 46.0, 70.0),
            reading(6.0, 4.0, 46.0, 45.0),
            reading(6.0, 5.0, 46.0, 45.0),
        ];
        let sum = integrate(&readings, FlowSensor::Return, STANDARD_PRESSURE_PA);
        // 0→1, 1→3 (2 m³ over the bad line) and 4→5 at 58/57.5 °C count.
        let unit = heat_j(1.0, 70.0, 45.0, FlowSensor::Return, STANDARD_PRESSURE_PA);
        let small = heat_j(1.0, 58.0, 57.5, FlowSensor::Return, STANDARD_PRESSURE_PA);
        assert!((sum.heat_j - 3.0 * unit - small).abs() < 1.0, "{sum:?}");
        assert_eq!(sum.volume_m3, 5.0);
        let kinds: Vec<usize> = sum.faults.iter().map(|fault| fault.0).collect();
        assert_eq!(kinds, [2, 4, 5, 6, 7]);
        assert!(matches!(sum.faults[3].1, ReadingFault::Reversed { by_k } if (by_k - 11.5).abs() < 1e-9));
    }
}
