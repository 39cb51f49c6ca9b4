//! The device map of a network: a controller at each source and substation, a unit at each chamber with measuring points,
//! a meter at the heat entrance of some buildings and a thermometer in a room of each, as the templates of the data
//! dictionary offer them.
//!
//! Tags the network's own sensors name keep their name and noise. Sources and substations answer at an address each;
//! chambers and buildings stand behind gateways, many units at one address. Register layouts differ by make ([`layout`](super::layout)).
//! Limits follow from the steady state the network is in. Nothing here opens a port.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::layout::{FAMILIES, Registers};
use crate::io::modbus::map::{Device, DeviceMap, Point, WritePermit, unit_named};
use crate::live::dictionary::{DeviceKind, Form, OfferedTag, When, dictionary};
use crate::live::{Limits, Observed, Range, reading_of};
use crate::network::thermal::Served;
use crate::network::{ElementKind, ElementRef, LinkKind, Network, Sensor, Source, SourceKind};
use crate::solver::Solution;
use crate::units::{Quantity, Unit};

/// Chambers, or devices in buildings, behind one gateway.
const UNITS_OF_A_GATEWAY: usize = 8;
/// What stands behind the name of a building in that of its thermometer.
const ROOM: &str = ".ROOM";
/// Buildings are read more seldom than plants by this factor; clause 6.1.1 asks for less than half an hour.
const USERS_SLOWER: u32 = 12;
const USERS_SLOWEST_MS: u32 = 1_799_000;
/// Digits a running total tells.
const TOTAL_STEP: f64 = 0.01;
/// Steps in which limits and deviations are told, in the unit of the register.
const LIMIT_STEP: f64 = 1e-3;
pub(super) const DEVIATION_STEP: f64 = 1e-5;
/// Water of the return, to turn the noise of a mass flow into that of a volume flow, kg/m³.
const RETURN_DENSITY_KG_M3: f64 = 985.0;

/// How to lay out the devices of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct MapOptions {
    pub host: String,
    /// Port of the first device, each further one on the next; 0: ports are given when the field starts.
    pub port_base: u16,
    /// Wanted time between two readings of every point, ms. Clause 6.1.1 asks for less than a minute at sources and
    /// substations.
    pub period_ms: u32,
    /// Buildings of each substation with a meter at the entrance and a thermometer in a room, so far as the network has
    /// them.
    pub users: usize,
}

impl Default for MapOptions {
    fn default() -> Self {
        MapOptions { host: "127.0.0.1".to_owned(), port_base: 0, period_ms: 5000, users: 0 }
    }
}

/// The devices of a network whose steady state is known. Points whose noise depends on the size of the plant and that the
/// steady state does not know have none yet.
pub fn device_map(network: &Network, steady: &Solution, options: &MapOptions) -> DeviceMap {
    let mut draft =
        Draft { network, steady, options, sensors: BTreeMap::new(), map: DeviceMap::default(), addresses: 0 };
    for (id, sensor) in network.sensors() {
        let tag = if sensor.tag.is_empty() { &**id } else { sensor.tag.as_str() };
        draft.sensors.insert(tag, sensor);
    }
    let mut made = 0;
    for view in network.links() {
        let kind = match &view.link.kind {
            LinkKind::Source(_) => DeviceKind::Source,
            LinkKind::Consumer(_) => DeviceKind::Station,
            LinkKind::Pipe(_) | LinkKind::Valve(_) | LinkKind::Pump(_) => continue,
        };
        draft.plant(kind, view.element(), made);
        made += 1;
    }
    draft.chambers();
    draft.users();
    draft.map
}

/// Whether a device of this name is the thermometer of a building, and not the meter at its entrance.
pub(super) fn is_room(device: &str) -> bool {
    device.ends_with(ROOM)
}

struct Draft<'a> {
    network: &'a Network,
    steady: &'a Solution,
    options: &'a MapOptions,
    /// Those no device has taken yet, by tag.
    sensors: BTreeMap<&'a str, &'a Sensor>,
    map: DeviceMap,
    /// Addresses given out so far.
    addresses: u16,
}

impl Draft<'_> {
    fn address(&mut self) -> u16 {
        self.addresses += 1;
        if self.options.port_base == 0 { 0 } else { self.options.port_base.saturating_add(self.addresses - 1) }
    }

    /// A source or substation.
    fn plant(&mut self, kind: DeviceKind, element: ElementRef, made: usize) {
        let family = FAMILIES[made % FAMILIES.len()];
        let port = self.address();
        let name: Arc<str> = element.id.clone();
        let mut device = Device::tcp(name.clone(), self.options.host.clone(), port, 1);
        family.apply(&mut device);
        self.map.devices.push(device);
        let mut registers = Registers::new(family);
        for offered in dictionary().offered(kind) {
            if self.has(offered, &element) {
                let tag = format!("{name}.{}", offered.tag);
                let sensor = self.sensors.remove(tag.as_str());
                let mut point = self.point(&name, tag, offered, element.clone(), &mut registers);
                if let Some(deviation_si) = sensor.and_then(|sensor| noise_of(sensor, point.quantity)) {
                    point.deviation_si = Some(tidy(&point.unit, deviation_si, 0.0, DEVIATION_STEP));
                }
                self.map.points.push(point);
            }
        }
    }

    /// Whether this source or substation has such a thing at all.
    fn has(&self, offered: &OfferedTag, element: &ElementRef) -> bool {
        let link = self.network.find_link(element).and_then(|link| self.network.link(link));
        let source = link.and_then(|link| if let LinkKind::Source(source) = &link.kind { Some(source) } else { None });
        match offered.when {
            Some(When::Combustion) => source.is_some_and(|source| burns(source)),
            Some(When::Recovery) => {
                source.and_then(|source| source.plant.as_ref()).is_some_and(|p| p.flue_recovery_approach_k.is_some())
            }
            // Only who holds the pressure can be told which.
            None if offered.observed == Observed::MakeUpPressure && source.is_some() => {
                self.read(element, offered.observed, Quantity::Pressure).is_some()
            }
            None => true,
        }
    }

    fn read(&self, element: &ElementRef, observed: Observed, quantity: Quantity) -> Option<f64> {
        reading_of(self.network, self.steady, element, observed, quantity)
    }

    fn point(
        &self,
        device: &Arc<str>,
        tag: String,
        offered: &OfferedTag,
        element: ElementRef,
        registers: &mut Registers,
    ) -> Point {
        let (quantity, unit) = unit_of(offered);
        let (least, most) = (offered.least.unwrap_or(0.0), offered.most.unwrap_or(f64::MAX));
        let resolution = if offered.unit.is_empty() { 1.0 } else { step_of(offered) };
        let slot = registers.slot(offered.form, least, most, resolution);
        let si = |shown: f64| unit.to_si(shown);
        let design = self.read(&element, offered.observed, quantity);
        let range = offered.least.zip(offered.most).map(|(least, most)| Range { least: si(least), most: si(most) });
        let share = offered.deviation_share.zip(design).map(|(share, value)| share * value.abs());
        Point {
            table: slot.table,
            kind: slot.kind,
            order: slot.order,
            scale: slot.scale,
            unit,
            quantity,
            observed: offered.observed,
            limits: tidy_limits(&unit, self.limits(offered, &element, design)),
            element: Some(element),
            range,
            deviation_si: offered
                .deviation
                .map(|deviation| deviation / unit.scale)
                .or(share)
                .map(|deviation| tidy(&unit, deviation, 0.0, DEVIATION_STEP)),
            write: (offered.form == Form::Setting).then(|| WritePermit {
                least: si(least),
                most: si(most),
                most_step: None,
                least_interval_s: 2.0,
            }),
            period_ms: self.options.period_ms,
            ..Point::new(tag, device.clone(), slot.register, slot.kind)
        }
    }

    /// Limits of what the standard wants watched; further ones are the plant's own business.
    fn limits(&self, offered: &OfferedTag, element: &ElementRef, design: Option<f64>) -> Limits {
        let around = |low: f64, high: f64| {
            design.map_or(Limits::default(), |value| Limits {
                high_high: Some(value + 1.6 * high),
                high: Some(value + high),
                low: Some(value - low),
                low_low: Some(value - 1.6 * low),
            })
        };
        let fixed = |low_low: f64, low: f64, high: Option<f64>| Limits {
            high_high: None,
            high,
            low: Some(low),
            low_low: Some(low_low),
        };
        match (offered.device, offered.tag.as_str()) {
            (DeviceKind::Source, "T1") => around(15.0, 6.0),
            (DeviceKind::Source, "P1") => around(100_000.0, 60_000.0),
            (DeviceKind::Source, "P2") => around(60_000.0, 60_000.0),
            (DeviceKind::Network, "T1") => around(20.0, 6.0),
            (DeviceKind::Network, "T2") => around(20.0, 12.0),
            (DeviceKind::Network, "P1" | "PE1") => self.between_rest_and_design(element, design, true),
            (DeviceKind::Network, "P2" | "PE2") => self.between_rest_and_design(element, design, false),
            (DeviceKind::Station, "P4") => fixed(120_000.0, 180_000.0, Some(480_000.0)),
            (DeviceKind::Source | DeviceKind::Station, "LT") => fixed(0.3, 0.6, Some(1.9)),
            (DeviceKind::User | DeviceKind::Room, "BAT") => fixed(0.1, 0.2, None),
            _ => Limits::default(),
        }
    }

    /// In the supply pressure rises from its design value up to that of the source at the same height while the flow
    /// falls; in the return it falls down to it. A little beyond on either side is a limit.
    fn between_rest_and_design(&self, element: &ElementRef, design: Option<f64>, supply: bool) -> Limits {
        const BEYOND_PA: f64 = 60_000.0;
        const FAR_BEYOND_PA: f64 = 120_000.0;
        let Some(design) = design else { return Limits::default() };
        let height_m = |node| self.network.node(node).map(|node| node.z_m);
        let own_m = self.network.node_id(&element.id).and_then(height_m);
        let weight_pa_m = 1000.0 * self.network.settings().gravity_m_s2;
        let at_rest =
            self.network.links().filter(|view| view.source().is_some_and(|source| source.running)).filter_map(|view| {
                let node = if supply { view.to } else { view.from };
                let drop_m = own_m.zip(height_m(node)).map_or(0.0, |(own, source)| own - source);
                Some(self.steady.node(node)?.pressure_pa - weight_pa_m * drop_m)
            });
        let (low, high) = at_rest.fold((design, design), |(low, high), rest| (low.min(rest), high.max(rest)));
        Limits {
            high_high: Some(high + FAR_BEYOND_PA),
            high: Some(high + BEYOND_PA),
            low: Some(low - BEYOND_PA),
            low_low: Some(low - FAR_BEYOND_PA),
        }
    }

    /// Units at the places whose sensors no plant has taken: what stands before the last dot of the tag is the place.
    fn chambers(&mut self) {
        let mut places: BTreeMap<&str, Vec<(&str, &Sensor)>> = BTreeMap::new();
        for (tag, sensor) in std::mem::take(&mut self.sensors) {
            let place = tag.rsplit_once('.').map_or(tag, |(place, _)| place);
            places.entry(place).or_default().push((tag, sensor));
        }
        let mut port = 0;
        for (at, (place, sensors)) in places.into_iter().enumerate() {
            if at % UNITS_OF_A_GATEWAY == 0 {
                port = self.address();
            }
            let family = FAMILIES[(at / UNITS_OF_A_GATEWAY) % FAMILIES.len()];
            let name: Arc<str> =
                if self.map.device(place).is_some() { format!("{place}.+") } else { place.to_owned() }.into();
            let unit_id = (at % UNITS_OF_A_GATEWAY + 1) as u8;
            self.map.devices.push(Device::tcp(name.clone(), self.options.host.clone(), port, unit_id));
            let mut registers = Registers::new(family);
            for (tag, sensor) in sensors {
                let offered = offered_of(tag, sensor, self.network);
                let mut point = self.point(&name, tag.to_owned(), &offered, sensor.element.clone(), &mut registers);
                let known = noise_of(sensor, point.quantity);
                point.deviation_si =
                    known.map(|deviation| tidy(&point.unit, deviation, 0.0, DEVIATION_STEP)).or(point.deviation_si);
                self.map.points.push(point);
            }
        }
    }

    /// Meters and thermometers in the first buildings of each substation.
    fn users(&mut self) {
        let served = Served::new(self.network);
        let mut buildings: Vec<Arc<str>> = Vec::new();
        for view in self.network.links() {
            if let LinkKind::Consumer(_) = &view.link.kind {
                let ids = served.building_ids(&view.element().id).take(self.options.users);
                buildings.extend(ids.map(Arc::from));
            }
        }
        let both = |id: Arc<str>| {
            let room: Arc<str> = format!("{id}{ROOM}").into();
            [(DeviceKind::User, id.clone(), id.clone()), (DeviceKind::Room, id, room)]
        };
        // A building named like a plant would be taken for it.
        let devices: Vec<_> =
            buildings.into_iter().flat_map(both).filter(|(.., name)| self.map.device(name).is_none()).collect();
        let period_ms = self.options.period_ms.saturating_mul(USERS_SLOWER).min(USERS_SLOWEST_MS);
        let mut port = 0;
        for (at, (kind, id, name)) in devices.into_iter().enumerate() {
            if at % UNITS_OF_A_GATEWAY == 0 {
                port = self.address();
            }
            let family = FAMILIES[(at / UNITS_OF_A_GATEWAY) % FAMILIES.len()];
            let unit_id = (at % UNITS_OF_A_GATEWAY + 1) as u8;
            self.map.devices.push(Device::tcp(name.clone(), self.options.host.clone(), port, unit_id));
            let element = ElementRef::new(ElementKind::Building, &*id);
            let mut registers = Registers::new(family);
            for offered in dictionary().offered(kind) {
                let tag = format!("{name}.{}", offered.tag);
                let point = self.point(&name, tag, offered, element.clone(), &mut registers);
                self.map.points.push(Point { period_ms, ..point });
            }
        }
    }
}

/// What a sensor of the network offers: the template of its suffix where that measures the same, else what its quantity
/// says.
fn offered_of(tag: &str, sensor: &Sensor, network: &Network) -> OfferedTag {
    let suffix = tag.rsplit_once('.').map_or(tag, |(_, suffix)| suffix);
    let at_node = sensor.element.kind == ElementKind::Node;
    let by_quantity = match sensor.quantity {
        Quantity::Pressure if at_node => Observed::Pressure,
        Quantity::Temperature if at_node => Observed::Temperature,
        Quantity::PressureDifference => Observed::PressureDifference,
        Quantity::TemperatureDifference => Observed::TemperatureDifference,
        Quantity::MassFlow => Observed::MassFlow,
        Quantity::VolumeFlow => Observed::VolumeFlow,
        Quantity::Heat => Observed::Heat,
        Quantity::Energy => Observed::Energy,
        Quantity::Share if matches!(sensor.element.kind, ElementKind::Valve | ElementKind::Consumer) => {
            Observed::Opening
        }
        Quantity::Share if sensor.element.kind == ElementKind::Pump => Observed::Speed,
        Quantity::Pressure => Observed::Pressure,
        Quantity::Temperature => Observed::Temperature,
        _ => Observed::Other,
    };
    let known = dictionary().offered_tag(DeviceKind::Network, suffix).filter(|_| at_node);
    let unit = sensor.quantity.units()[0];
    let side = sensor.element.id.as_ref();
    let is_return = network
        .node_id(side)
        .and_then(|node| network.node(node))
        .is_some_and(|node| node.side == crate::network::Side::Return);
    let tag = match (sensor.quantity, is_return) {
        (Quantity::Pressure, false) => "P1",
        (Quantity::Pressure, true) => "P2",
        (Quantity::Temperature, false) => "T1",
        (Quantity::Temperature, true) => "T2",
        _ => suffix,
    };
    let model = dictionary().offered_tag(DeviceKind::Network, tag);
    match known.or(model) {
        Some(model) if matches!(sensor.quantity, Quantity::Pressure | Quantity::Temperature) => {
            OfferedTag { observed: by_quantity, ..model.clone() }
        }
        _ => OfferedTag {
            device: DeviceKind::Network,
            tag: suffix.to_owned(),
            clause: String::new(),
            row: String::new(),
            observed: by_quantity,
            unit: unit.symbol.to_owned(),
            form: Form::Measure,
            least: None,
            most: None,
            deviation: None,
            deviation_share: Some(0.01),
            when: None,
        },
    }
}

/// The noise a sensor of the network is known to have, in the unit of the register's quantity.
fn noise_of(sensor: &Sensor, quantity: Quantity) -> Option<f64> {
    let deviation_si = sensor.deviation_si?;
    match (sensor.quantity, quantity) {
        (own, wanted) if own == wanted => Some(deviation_si),
        (Quantity::MassFlow, Quantity::VolumeFlow) => Some(deviation_si * 3600.0 / RETURN_DENSITY_KG_M3),
        _ => None,
    }
}

/// Kind of number and unit of an offered tag. Units no map can name are pure numbers.
fn unit_of(offered: &OfferedTag) -> (Quantity, Unit) {
    let plain = (Quantity::Number, Quantity::Number.units()[0]);
    unit_named(offered.observed, &offered.unit).unwrap_or(plain)
}

/// The smallest step a display of this unit tells.
fn step_of(offered: &OfferedTag) -> f64 {
    if offered.form == Form::Total {
        return TOTAL_STEP;
    }
    match offered.unit.as_str() {
        "MPa" | "MW" => 0.001,
        "°C" | "K" | "m³/h" | "kW" | "A" | "%" | "kPa" | "m/s" => 0.1,
        "m" | "Hz" => 0.01,
        "V" | "W/m²" | "mg/m³" => 1.0,
        _ => 0.01,
    }
}

/// A number as people write it in this unit, to so many of its parts, so that a file of the map says the same. `offset` is
/// the unit's, or 0 for differences.
pub(super) fn tidy(unit: &Unit, si: f64, offset: f64, step: f64) -> f64 {
    let shown = ((si * unit.scale + offset) / step).round() * step;
    // Through text and back, as the file has it: 0.515 and not 0.5150000000000001.
    let shown: f64 = format!("{shown:.6}").parse().unwrap_or(shown);
    (shown - offset) / unit.scale
}

fn tidy_limits(unit: &Unit, limits: Limits) -> Limits {
    let one = |limit: Option<f64>| limit.map(|si| tidy(unit, si, unit.offset, LIMIT_STEP));
    Limits {
        high_high: one(limits.high_high),
        high: one(limits.high),
        low: one(limits.low),
        low_low: one(limits.low_low),
    }
}

fn burns(source: &Source) -> bool {
    matches!(
        source.kind,
        SourceKind::CombinedHeatAndPower | SourceKind::CoalBoiler | SourceKind::GasBoiler | SourceKind::BiomassBoiler
    )
}
