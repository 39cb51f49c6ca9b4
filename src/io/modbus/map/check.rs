//! A device map held against a network: whether what is measured exists, and can have what is measured at it.

use super::DeviceMap;
use crate::live::Observed;
use crate::network::{Code, ElementKind, Finding, Network};

impl DeviceMap {
    /// What does not fit the network, in the order of the points.
    pub fn check(&self, network: &Network) -> Vec<Finding> {
        let mut findings = Vec::new();
        for point in &self.points {
            let Some(element) = &point.element else { continue };
            let finding = |code| {
                let finding = Finding::new(code, element.clone());
                finding.text("tag", &*point.tag).text("device", &*point.device)
            };
            if !network.contains(element) {
                findings.push(finding(Code::MeasuredNowhere));
            } else if !fits(element.kind, point.observed) {
                findings.push(finding(Code::MeasuredOddly).text("observed", super::points::word_of(point.observed)));
            }
        }
        findings
    }
}

/// Whether an element of this kind has such a thing.
fn fits(kind: ElementKind, observed: Observed) -> bool {
    use ElementKind as Kind;
    match observed {
        Observed::Pressure | Observed::Temperature => matches!(kind, Kind::Node | Kind::Chamber | Kind::Sensor),
        Observed::MassFlow | Observed::VolumeFlow => kind.is_link() || matches!(kind, Kind::Sensor | Kind::Building),
        Observed::SupplyPressure
        | Observed::ReturnPressure
        | Observed::SupplyTemperature
        | Observed::ReturnTemperature
        | Observed::SupplyTemperatureSetting
        | Observed::Heat => matches!(kind, Kind::Source | Kind::Consumer | Kind::Chamber | Kind::Building),
        Observed::PressureDifference | Observed::TemperatureDifference => kind != Kind::Network,
        Observed::SecondarySupplyTemperature
        | Observed::SecondarySupplyTemperatureSetting
        | Observed::SecondaryReturnTemperature
        | Observed::SecondarySupplyPressure
        | Observed::SecondaryReturnPressure
        | Observed::SecondaryVolumeFlow => matches!(kind, Kind::Consumer | Kind::Building),
        Observed::RoomTemperature => matches!(kind, Kind::Building | Kind::Consumer),
        Observed::Opening => matches!(kind, Kind::Valve | Kind::Consumer | Kind::Source),
        Observed::Speed => matches!(kind, Kind::Pump | Kind::Consumer | Kind::Source),
        // Counters, motors, tanks and contacts stand anywhere.
        _ => true,
    }
}
