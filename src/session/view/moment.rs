//! An element at the instant shown, and over all hours computed: rooms and why they are as warm as they are, water on its way.

use crate::network::{Building, ElementKind, ElementRef, LinkId};
use crate::session::Session;
use crate::session::timeline::instant::Place;
use crate::units::Quantity;

/// Points of a curve at most.
const MOST_POINTS: usize = 360;

/// What a curve is of, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurveKind {
    Room,
    Set,
    Supply,
    Return,
}

/// A curve over the hours.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    pub kind: CurveKind,
    /// Translation key of its name.
    pub label: &'static str,
    /// (calendar s, °C).
    pub points: Vec<[f64; 2]>,
}

/// An element in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// Room temperature at the instant and the one of the design, °C.
    pub room_c: Option<(f64, f64)>,
    /// Why the rooms are as warm as they are, in the language of the session.
    pub why: Option<String>,
    /// The substation, where the element is a building.
    pub station: Option<ElementRef>,
    /// Translation key, quantity, SI value.
    pub rows: Vec<(&'static str, Quantity, f64)>,
    pub curves: Vec<Curve>,
    pub start_s: f64,
    pub end_s: f64,
    pub playhead_s: f64,
}

/// The element while hours are shown; `None` for elements of which nothing is recorded.
pub fn moment(session: &Session, element: &ElementRef) -> Option<Moment> {
    let timeline = session.timeline().filter(|_| session.shows_time())?;
    let place = session.shown_place()?;
    let mut out = Moment {
        room_c: None,
        why: None,
        station: None,
        rows: Vec::new(),
        curves: Vec::new(),
        start_s: timeline.start_s(),
        end_s: timeline.end_s(),
        playhead_s: timeline.playhead_s(),
    };
    let mut curve = |kind: CurveKind, label: &'static str, value: &dyn Fn(&Place<'_>) -> Option<f64>| {
        let points = timeline.series(MOST_POINTS, value);
        if points.len() > 1 {
            out.curves.push(Curve { kind, label, points });
        }
    };
    let network = place.part.network();
    match element.kind {
        ElementKind::Consumer => {
            let link = network.find_link(element)?;
            let station = place.station(link)?;
            curve(CurveKind::Room, "room-now", &|place| Some(place.station(link)?.room_c));
            curve(CurveKind::Set, "room-design", &|place| Some(place.station(link)?.design_room_c));
            out.room_c = Some((station.room_c, station.design_room_c));
            out.why = Some(station.why(session.language()));
            station_rows(&mut out, &place, link);
        }
        ElementKind::Building => {
            let consumer = network.buildings().get(&element.id)?.consumer.as_ref()?;
            let behind = |building: &&Building| building.consumer.as_ref() == Some(consumer);
            let own = network.buildings().get(&element.id)?;
            let at = network.buildings().values().filter(behind).position(|building| std::ptr::eq(building, own))?;
            let link = network.link_id(consumer)?;
            let (station, building) = (place.station(link)?, *place.buildings(link).get(at)?);
            curve(CurveKind::Room, "room-now", &|place| Some(place.room_of(link, at)));
            curve(CurveKind::Set, "room-design", &|place| Some(place.station(link)?.design_room_c));
            out.room_c = Some((building.room_c, station.design_room_c));
            out.why = Some(station.why(session.language()));
            out.station = Some(network.link_ref(link));
            out.rows = vec![
                ("room-heat", Quantity::Heat, building.heat_w),
                ("room-loss", Quantity::Heat, building.loss_w),
                ("room-gain", Quantity::Heat, building.gain_w),
                ("room-outdoor", Quantity::Temperature, station.outdoor_c),
                ("room-secondary-supply", Quantity::Temperature, station.secondary_supply_c),
                ("room-set-supply", Quantity::Temperature, station.set_supply_c),
            ];
        }
        ElementKind::Node => {
            let node = network.node_id(&element.id)?;
            curve(CurveKind::Supply, "result-temperature", &|place| place.node_temperature_c(node));
        }
        ElementKind::Pipe => {
            let link = network.find_link(element)?;
            curve(CurveKind::Supply, "field-from", &|place| place.cells(link).next());
            curve(CurveKind::Return, "field-to", &|place| place.cells(link).last());
        }
        ElementKind::Source => {
            let view = network.link_view(network.find_link(element)?)?;
            curve(CurveKind::Supply, "diagram-supply", &|place| place.node_temperature_c(view.to));
            curve(CurveKind::Return, "diagram-return", &|place| place.node_temperature_c(view.from));
        }
        _ => return None,
    }
    Some(out)
}

fn station_rows(out: &mut Moment, place: &Place<'_>, link: LinkId) {
    let Some(at) = place.station(link) else { return };
    out.rows = vec![
        ("room-heat", Quantity::Heat, at.heat_w),
        ("room-loss", Quantity::Heat, at.loss_w),
        ("room-solar", Quantity::Heat, at.solar_w),
        ("room-internal", Quantity::Heat, at.internal_w),
        ("room-outdoor", Quantity::Temperature, at.outdoor_c),
        ("room-primary-supply", Quantity::Temperature, at.primary_supply_c),
        ("room-primary-return", Quantity::Temperature, at.primary_return_c),
        ("room-flow", Quantity::MassFlow, at.primary_flow_kg_s),
        ("room-wanted", Quantity::MassFlow, at.wanted_flow_kg_s),
        ("room-secondary-supply", Quantity::Temperature, at.secondary_supply_c),
        ("room-set-supply", Quantity::Temperature, at.set_supply_c),
        ("room-secondary-return", Quantity::Temperature, at.secondary_return_c),
        ("room-opening", Quantity::Share, at.valve_opening),
    ];
}
