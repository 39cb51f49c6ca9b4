//! Stations of consumers as rows: what of them the primary pressure has to drive, and what their pumps add to it.
//!
//! At a fixed mixing ratio every part of a station loses pressure with the square of the primary flow, so that valve and
//! circuit are one resistance; a pump adds its falling head. The law of the station stays monotone, and its numbers in the
//! network those of an ordinary consumer.

use crate::network::{Connection, Consumer, Finding, LinkView, Station};
use crate::physics::station::jet_pump_drop_pa;
use crate::physics::valve::resistance_of_kv_pa_s2_kg2;

use super::{ConsumerRow, Problem, StationPump, StationRow};

/// Δp = 10⁵·3600²/(1000·ρ·Kv²)·m²: what stands above ρ·Kv².
const KV_CONSTANT: f64 = 1.296e9;

impl Problem {
    /// Adds the row of a station and puts its resistance into the consumer's.
    pub(super) fn station(
        &mut self,
        view: &LinkView<'_>,
        consumer: &Consumer,
        station: &Station,
        row: &mut ConsumerRow,
        findings: &mut Vec<Finding>,
    ) {
        let connection = consumer.connection;
        let not_negative = |value: f64| if value > 0.0 && value.is_finite() { value } else { 0.0 };
        let mixing_ratio = if connection.mixes() { not_negative(station.mixing_ratio) } else { 0.0 };
        let density = self.density_kg_m3[row.link as usize];
        let valve_pa_s2_kg2 =
            if row.kv_open_m3_h.is_finite() { resistance_of_kv_pa_s2_kg2(row.kv_open_m3_h, density) } else { 0.0 };
        let carries = connection.mixes() || connection == Connection::Direct;
        let flow = not_negative(station.circuit_flow_kg_s);
        let circuit_pa_s2_kg2 = if carries && flow > 0.0 {
            let ratio = (1.0 + mixing_ratio) / flow;
            not_negative(station.circuit_drop_pa) * ratio * ratio
        } else {
            0.0
        };
        let driven = match connection {
            Connection::JetPump => jet_pump_drop_pa(circuit_pa_s2_kg2, mixing_ratio),
            _ => circuit_pa_s2_kg2,
        };
        let total = valve_pa_s2_kg2 + driven;
        row.kv_open_m3_h = if total > 0.0 { (KV_CONSTANT / (density * total)).sqrt() } else { f64::INFINITY };
        let pump = match connection {
            // The jet is its own pump.
            Connection::JetPump => None,
            _ => station.pump.as_ref().and_then(|pump| self.pump_row(row.link, view, pump, findings)),
        };
        let (flow_ratio, boosts) = match connection {
            Connection::MixingBypassPump => (mixing_ratio, false),
            _ => (1.0 + mixing_ratio, true),
        };
        let pump = pump.map(|pump| StationPump { curve: pump.curve, group: pump.group, flow_ratio, boosts });
        row.station = self.stations.len() as u32;
        let consumer = self.consumers.len() as u32;
        self.stations.push(StationRow { consumer, valve_pa_s2_kg2, circuit_pa_s2_kg2, mixing_ratio, pump });
    }
}
