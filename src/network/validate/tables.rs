//! Tables and set values: water properties, valve characteristics, loss curves, pump curves, controllers.

use super::numbers::number_finding;
use crate::network::{
    Characteristic, Code, Consumer, ElementRef, Finding, LinkKind, Network, Pump, Severity, SourceControl, Valve,
    ValveKind, WaterModel,
};
use crate::physics::property_table::PropertyTable;
use crate::physics::pump_curve::{CurveFault, HeadCurve};
use crate::physics::valve::CharacteristicTable;

/// Checks every table of the network.
pub(super) fn check(network: &Network, findings: &mut Vec<Finding>) {
    water(network, findings);
    for view in network.links() {
        match &view.link.kind {
            LinkKind::Valve(valve) => check_valve(valve, || view.element(), findings),
            LinkKind::Pump(pump) => check_pump(pump, || view.element(), findings),
            LinkKind::Source(source) => {
                match &source.pumps {
                    Some(pumps) => check_pump(pumps, || view.element(), findings),
                    None if matches!(source.control, SourceControl::Speed { .. }) => {
                        findings.push(Finding::new(Code::MissingValue, view.element()).text("field", "pumps"));
                    }
                    None => {}
                }
                if source.store.is_some() && !matches!(source.control, SourceControl::MassFlow { .. }) {
                    let missing = Finding::new(Code::MissingSetValue, view.element());
                    findings.push(missing.text("field", "control.mass-flow.mass_flow_kg_s"));
                }
            }
            LinkKind::Consumer(consumer) => check_station(consumer, || view.element(), findings),
            _ => {}
        }
    }
}

fn bad_table(element: ElementRef, field: &'static str) -> Finding {
    Finding::new(Code::BadTable, element).text("field", field)
}

fn water(network: &Network, findings: &mut Vec<Finding>) {
    let WaterModel::Table { density_kg_m3, viscosity_pa_s, heat_capacity_j_kgk } = &network.settings().water else {
        return;
    };
    let tables = [
        ("water.table.density_kg_m3", density_kg_m3, 100.0, 5000.0),
        ("water.table.viscosity_pa_s", viscosity_pa_s, 1e-6, 10.0),
        ("water.table.heat_capacity_j_kgk", heat_capacity_j_kgk, 100.0, 20_000.0),
    ];
    for (field, points, low, high) in tables {
        let rows: Vec<(f64, f64)> = points.iter().map(|point| (point.temperature_c, point.value)).collect();
        if PropertyTable::new(&rows).is_err() {
            findings.push(bad_table(ElementRef::network(), field));
        } else if let Some(&(_, value)) = rows.iter().find(|(_, value)| !(low..=high).contains(value)) {
            findings.extend(number_finding(ElementRef::network(), field, value, low, high));
        }
    }
}

fn check_valve(valve: &Valve, element: impl Fn() -> ElementRef, findings: &mut Vec<Finding>) {
    match &valve.characteristic {
        Characteristic::Table { points } => {
            let rows: Vec<(f64, f64)> = points.iter().map(|point| (point[0], point[1])).collect();
            if CharacteristicTable::new(&rows).is_err() {
                findings.push(bad_table(element(), "characteristic.table.points"));
            }
        }
        Characteristic::EqualPercentage { rangeability } => {
            let field = "characteristic.equal-percentage.rangeability";
            findings.extend(number_finding(element(), field, *rangeability, 1.0, 1e4));
        }
        Characteristic::Linear | Characteristic::QuickOpening => {}
    }
    let missing = match valve.kind {
        ValveKind::DifferentialPressure
        | ValveKind::PressureReducing
        | ValveKind::PressureSustaining
        | ValveKind::PressureBreaking
            if valve.set_pressure_pa.is_none() =>
        {
            Some("set_pressure_pa")
        }
        ValveKind::Flow if valve.set_flow_kg_s.is_none() => Some("set_flow_kg_s"),
        _ => None,
    };
    findings.extend(missing.map(|field| Finding::new(Code::MissingSetValue, element()).text("field", field)));
    let curve_wanted = match valve.kind {
        ValveKind::GeneralPurpose => true,
        ValveKind::Turbine => !valve.loss_curve.is_empty(),
        _ => false,
    };
    if curve_wanted {
        let curve = &valve.loss_curve;
        // The origin belongs to every curve whether it is written or not.
        let mut points = curve.iter().filter(|point| **point != [0.0, 0.0]).peekable();
        let mut last = [0.0, 0.0];
        let sound = points.peek().is_some()
            && points.all(|&[flow, head]| {
                let rises = flow > last[0] && head > last[1] && flow.is_finite() && head.is_finite();
                last = [flow, head];
                rises
            });
        if !sound {
            findings.push(bad_table(element(), "loss_curve"));
        }
    }
}

fn check_station(consumer: &Consumer, element: impl Fn() -> ElementRef, findings: &mut Vec<Finding>) {
    let Some(station) = &consumer.station else { return };
    if let Some(pump) = &station.pump {
        check_pump(pump, &element, findings);
    }
    // A loss without the flow it was told at is none.
    if station.circuit_drop_pa > 0.0 && station.circuit_flow_kg_s <= 0.0 {
        findings.push(Finding::new(Code::MissingValue, element()).text("field", "station.circuit_flow_kg_s"));
    }
}

fn check_pump(pump: &Pump, element: impl Fn() -> ElementRef, findings: &mut Vec<Finding>) {
    let fault = |phrase: &'static str| Finding::new(Code::PumpCurve, element()).phrase("reason", phrase, &[]);
    if pump.running && pump.parallel == 0 {
        findings.push(fault("finding-pump-curve-none-in-parallel"));
    }
    if pump.power_w.is_some() {
        if pump.power_w == Some(0.0) {
            findings.push(fault("finding-pump-curve-power"));
        }
        return;
    }
    let points: Vec<(f64, f64)> = pump.curve.iter().map(|p| (p.flow_m3_h / 3600.0, p.head_m)).collect();
    match HeadCurve::from_points(&points) {
        Err(CurveFault::Empty) => findings.push(fault("finding-pump-curve-empty")),
        Err(CurveFault::Invalid { .. }) => findings.push(fault("finding-pump-curve-invalid")),
        Err(CurveFault::FlowNotRising { .. }) => findings.push(fault("finding-pump-curve-flow")),
        // Solvable: the curve was straightened so that one flow belongs to each head.
        Ok(curve) if !curve.raised_points().is_empty() => {
            findings.push(fault("finding-pump-curve-head").severe(Severity::Warning));
        }
        Ok(_) => {}
    }
    let mut last_m3_h = f64::NEG_INFINITY;
    let npsh_rises = pump.npsh_curve.iter().all(|&[flow_m3_h, head_m]| {
        let good = flow_m3_h > last_m3_h && head_m >= 0.0 && head_m.is_finite();
        last_m3_h = flow_m3_h;
        good
    });
    if !npsh_rises {
        findings.push(bad_table(element(), "npsh_curve"));
    }
    let efficiencies = pump.curve.iter().filter_map(|point| point.efficiency);
    if let Some(value) = efficiencies.into_iter().find(|value| !(0.0..=1.0).contains(value)) {
        findings.extend(number_finding(element(), "curve.efficiency", value, 0.0, 1.0));
    }
}
