//! Colours of pipes, substations and buildings in an emergency: grey but for what asks for something.

use bevy::math::{Vec3, Vec4};

use crate::network::{LinkId, NodeId};
use crate::session::Session;
use crate::session::emergency::{Answer, Fare, Role, colours};
use crate::twin::palette::{Palette, linear, with};

/// How far what is served as before steps back into the ground.
const STEP_BACK: f32 = 0.35;
/// How much of its colour a building shows: hundreds of them must not outshine what has to be closed.
const ROOM_TINT: f32 = 0.58;
/// Shares above this are whole.
const WHOLE: f32 = 0.999;

/// The colours of the emergency shown.
pub struct Alarm<'a> {
    answer: Option<&'a Answer>,
    broken: Vec<LinkId>,
    quiet: Vec3,
    consumer: Vec3,
}

fn rgb(colour: [u8; 3]) -> Vec3 {
    Vec3::from_array(colour.map(|channel| linear(f32::from(channel) / 255.0)))
}

impl<'a> Alarm<'a> {
    /// `None` while no emergency is shown.
    pub fn of(session: &'a Session, palette: &Palette) -> Option<Alarm<'a>> {
        let emergency = session.shown_emergency()?;
        let network = session.network();
        Some(Alarm {
            answer: emergency.shown().map(AsRef::as_ref),
            broken: emergency.places().iter().filter_map(|place| network.find_link(&place.element)).collect(),
            quiet: palette.unknown.lerp(palette.ground_low, STEP_BACK),
            consumer: palette.consumer.lerp(palette.ground_low, STEP_BACK),
        })
    }

    fn role(&self, link: LinkId) -> Role {
        if self.broken.contains(&link) {
            return Role::Broken;
        }
        self.answer.and_then(|answer| answer.roles.get(link.index()).copied()).unwrap_or_default()
    }

    pub fn pipe(&self, link: LinkId) -> Vec3 {
        match self.role(link) {
            Role::Broken | Role::Zone => rgb(colours::ALARM),
            Role::Unfed => rgb(colours::UNFED),
            Role::Served => self.quiet,
        }
    }

    /// A joint looks like what all its pipes are; at the edge of a zone it stays quiet.
    pub fn node(&self, node: NodeId) -> Vec3 {
        let Some(answer) = self.answer else { return self.quiet };
        let is = |flags: &[bool]| flags.get(node.index()).copied().unwrap_or(false);
        if is(&answer.response.plan.zone) {
            rgb(colours::ALARM)
        } else if is(&answer.response.plan.unfed) {
            rgb(colours::UNFED)
        } else {
            self.quiet
        }
    }

    /// A building by how it fares until the repair ends.
    pub fn block(&self, at: usize) -> Vec4 {
        match self.answer.and_then(|answer| answer.fares.get(at).copied().flatten()) {
            Some(Fare::TooCold) => with(rgb(colours::ALARM), ROOM_TINT),
            Some(Fare::Cold) => with(rgb(colours::WATCH), ROOM_TINT),
            Some(Fare::Short) => with(rgb(colours::SPARED), ROOM_TINT),
            None => Vec4::ZERO,
        }
    }

    /// A substation by what it keeps of its heat: two entries, as `symbol.wgsl` reads them.
    pub fn consumer(&self, link: LinkId) -> [Vec4; 2] {
        let share = self.answer.and_then(|answer| answer.shares.get(link.index()).copied()).unwrap_or(1.0);
        let (fill, keep) = match share {
            share if share <= 0.0 => (rgb(colours::UNFED), 1.0),
            share if share < WHOLE => (rgb(colours::WATCH), 1.0),
            _ => (self.consumer, 0.0),
        };
        [with(fill, keep), Vec4::new(1.0, 0.0, 0.0, 0.0)]
    }
}
