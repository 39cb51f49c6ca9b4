//! What the field complains about, on the map: alarms by priority, devices that do not answer, values in doubt.
//!
//! Drawn in pixels over the scene, beside the sign of the element. Shape and number say what the colour says, and nothing
//! is drawn where all is well: what is seen asks for something.

use bevy_egui::egui::{self, Align2, Color32, FontId, Pos2, Rect, Shape, Stroke, pos2, vec2};

use super::labels::Inks;
use crate::panels::theme::{Colours, colours};
use crate::session::Session;
use crate::session::live::Concern;
use crate::twin::camera::Eye;
use crate::twin::picking::shown_at;
use crate::twin::scene::Picture;

/// Half the size of a mark, px.
const HALF: f32 = 9.0;

/// Draws the marks; names keep clear of them.
pub fn draw(painter: &egui::Painter, session: &Session, picture: &Picture, eye: &Eye, taken: &mut Vec<Rect>) {
    let Some(field) = session.live_picture().filter(|_| session.is_field_state()) else { return };
    if field.concerns.is_empty() {
        return;
    }
    let colours = colours(session.theme());
    let halo = Inks::of(session.theme()).halo;
    let exaggeration = session.view().pipe_exaggeration as f32;
    let clip = painter.clip_rect();
    // The gravest last, so that it lies on top.
    let mut marks: Vec<(Concern, Pos2)> = Vec::new();
    for sign in &picture.signs {
        let Some(&concern) = field.concerns.get(&sign.element) else { continue };
        let Some((_, depth)) = eye.now.project(sign.position, eye.aspect()) else { continue };
        let Some(half_px) = sign.half_px(eye.pixel_m(depth), true) else { continue };
        let shown = shown_at(eye, sign.position, sign.lateral, sign.widest_m, half_px * 1.04, exaggeration);
        let Some((at, _)) = shown else { continue };
        let at = pos2(at.x + half_px + 2.0, at.y - half_px - 2.0);
        if clip.contains(at) {
            marks.push((concern, at));
        }
    }
    marks.sort_by_key(|(concern, _)| std::cmp::Reverse(*concern));
    for (concern, at) in marks {
        painter.circle_filled(at, HALF + 3.0, halo);
        mark(painter, concern, at, colours);
        taken.push(Rect::from_center_size(at, vec2(2.0 * HALF + 4.0, 2.0 * HALF + 4.0)));
    }
}

/// Square, triangle, disc with the number of the priority; a ring with a stroke for silence; an empty triangle for doubt.
fn mark(painter: &egui::Painter, concern: Concern, at: Pos2, colours: &Colours) {
    match concern {
        Concern::Alarm { priority, unacknowledged } => {
            let colour = match priority {
                1 => colours.error,
                2 => colours.warning,
                _ => colours.info,
            }
            .egui();
            match priority {
                1 => painter.rect_filled(Rect::from_center_size(at, vec2(HALF, HALF) * 1.8), 1.0, colour),
                2 => painter.add(triangle(at, colour, Stroke::NONE)),
                _ => painter.circle_filled(at, HALF * 0.95, colour),
            };
            if unacknowledged {
                painter.circle_stroke(at, HALF + 3.0, Stroke::new(2.0, colour));
            }
            let at = if priority == 2 { at + vec2(0.0, 2.0) } else { at };
            painter.text(at, Align2::CENTER_CENTER, priority.to_string(), FontId::proportional(12.0), Color32::BLACK);
        }
        Concern::Silent => {
            let stroke = Stroke::new(2.2, colours.weak_text.egui());
            painter.circle_stroke(at, HALF - 1.5, stroke);
            let reach = vec2(HALF, -HALF) * 0.62;
            painter.line_segment([at - reach, at + reach], stroke);
        }
        Concern::Doubt => {
            painter.add(triangle(at, Color32::TRANSPARENT, Stroke::new(2.0, colours.warning.egui())));
        }
    }
}

fn triangle(at: Pos2, fill: Color32, stroke: Stroke) -> Shape {
    let corners = vec![at + vec2(0.0, -HALF), at + vec2(HALF, HALF * 0.8), at + vec2(-HALF, HALF * 0.8)];
    Shape::convex_polygon(corners, fill, stroke)
}
