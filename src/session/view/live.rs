//! What the field says of an element, beside what is estimated and what is calculated.

use crate::live::screening::Remark;
use crate::live::{Observed, Origin, Quality, TagId, Timestamp, reading};
use crate::network::ElementRef;
use crate::session::Session;
use crate::session::live::{Picture, TrendPoint};
use crate::units::Quantity;

/// One tag of an element.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub tag: TagId,
    pub name: std::sync::Arc<str>,
    pub observed: Observed,
    pub quantity: Quantity,
    /// SI; `None` where none has ever come.
    pub value: Option<f64>,
    pub origin: Origin,
    pub quality: Quality,
    /// What speaks against the value; `None` where nothing does.
    pub remark: Option<Remark>,
    /// Since its source time, s; `None` where none has ever come.
    pub age_s: Option<f64>,
    /// By the state estimation, with its standard deviation.
    pub estimated: Option<[f64; 2]>,
    /// By the calculation of the network as drawn.
    pub calculated: Option<f64>,
}

/// The tags of an element, of a source or substation also those at its connections, in the order of the device map.
pub fn readings(session: &Session, element: &ElementRef) -> Vec<Reading> {
    let Some(picture) = session.live_picture() else { return Vec::new() };
    picture.points.of(element).iter().filter_map(|&tag| one(session, picture, tag)).collect()
}

/// The last half hour of a tag.
pub fn curve(session: &Session, tag: TagId) -> Vec<TrendPoint> {
    session.live_picture().map_or_else(Vec::new, |picture| picture.curve(tag))
}

fn one(session: &Session, picture: &Picture, id: TagId) -> Option<Reading> {
    let (tag, latest) = picture.tag(id)?;
    let came = latest.source_time > Timestamp::from_ms(i64::MIN);
    let estimate = picture.estimate.as_ref();
    let calculated = session
        .steady_solution()
        .filter(|solution| solution.converged && session.solution_is_current())
        .and_then(|solution| reading(session.network(), solution, tag));
    Some(Reading {
        tag: id,
        name: tag.name.clone(),
        observed: tag.observed,
        quantity: tag.quantity,
        value: latest.value.is_finite().then_some(latest.value),
        origin: picture.origin(tag, latest),
        quality: latest.quality,
        remark: picture.remark(id),
        age_s: came.then(|| picture.now.ms_since(latest.source_time) as f64 / 1e3),
        estimated: estimate.and_then(|estimate| estimate.of_tag(id)),
        calculated,
    })
}
