//! What makes a picture readable without the program: title, legend, scale bar, north arrow.

use bevy_egui::egui;

use super::labels::{Inks, haloed};
use crate::network::LinkKind;
use crate::session::colouring::{ColourBy, Coloured, RETURN, Range, SINGLE, SUPPLY};
use crate::session::timeline::order::time_text;
use crate::session::{Session, Theme};
use crate::text::{Argument, Texts};
use crate::twin::camera::Eye;
use crate::twin::palette::Palette;

const MARGIN: f32 = 16.0;

/// Scale bar at the lower left or right, north arrow at the upper right of the map.
pub fn scale_and_north(painter: &egui::Painter, area: egui::Rect, eye: &Eye, theme: Theme, on_the_right: bool) {
    let inks = Inks::of(theme);
    let pixel_m = eye.pixel_m(eye.now.distance_m);
    // The longest round length of at most 140 pixels.
    let length_m = round_down(140.0 * pixel_m);
    let length = length_m / pixel_m;
    let x = if on_the_right { area.max.x - MARGIN - length } else { area.min.x + MARGIN };
    let foot = egui::pos2(x, area.max.y - MARGIN);
    let text = if length_m >= 1000.0 { format!("{} km", length_m / 1000.0) } else { format!("{length_m} m") };
    let stroke = |width: f32, colour: egui::Color32| egui::Stroke::new(width, colour);
    for (width, colour) in [(4.5, inks.halo), (1.8, inks.text)] {
        let bar = [foot + egui::vec2(0.0, -6.0), foot, foot + egui::vec2(length, 0.0), foot + egui::vec2(length, -6.0)];
        painter.add(egui::Shape::line(bar.to_vec(), stroke(width, colour)));
    }
    let galley = painter.layout_no_wrap(text, egui::FontId::proportional(12.0), inks.text);
    let at = foot + egui::vec2((length - galley.size().x) / 2.0, -7.0 - galley.size().y);
    haloed(painter, at, galley, inks);

    // North as it lies in the picture, foreshortening left out.
    let centre = north(area);
    let (sin, cos) = (-eye.now.heading).sin_cos();
    let turn = |x: f32, y: f32| centre + egui::vec2(x * cos - y * sin, x * sin + y * cos);
    painter.circle(centre, 19.0, inks.card, stroke(1.0, inks.line));
    let red = egui::Color32::from_rgb(0xcf, 0x3b, 0x33);
    painter.add(egui::Shape::convex_polygon(
        vec![turn(0.0, -13.0), turn(5.0, 0.0), turn(-5.0, 0.0)],
        red,
        egui::Stroke::NONE,
    ));
    painter.add(egui::Shape::convex_polygon(
        vec![turn(0.0, 13.0), turn(-5.0, 0.0), turn(5.0, 0.0)],
        inks.quiet,
        egui::Stroke::NONE,
    ));
    let letter = turn(0.0, -26.0);
    let galley = painter.layout_no_wrap("N".to_owned(), egui::FontId::proportional(12.0), inks.text);
    haloed(painter, letter - galley.size() / 2.0, galley, inks);
}

/// Centre of the north arrow.
fn north(area: egui::Rect) -> egui::Pos2 {
    egui::pos2(area.max.x - MARGIN - 20.0, area.min.y + MARGIN + 22.0)
}

/// Where the north arrow lies, however it turns.
pub fn north_card(area: egui::Rect) -> egui::Rect {
    egui::Rect::from_center_size(north(area), egui::Vec2::splat(62.0))
}

/// 1, 2 or 5 times a power of ten, at most `value`.
fn round_down(value: f32) -> f32 {
    let power = 10.0_f32.powf(value.max(1e-3).log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|step| step * power).find(|step| *step <= value).unwrap_or(power)
}

/// Title and facts at the upper left; where their card lies.
pub fn title(painter: &egui::Painter, area: egui::Rect, session: &Session) -> egui::Rect {
    let texts = session.language().texts();
    let inks = Inks::of(session.theme());
    let network = session.network();
    let title = match network.settings().title.trim() {
        "" => session
            .document()
            .path
            .as_ref()
            .and_then(|path| path.file_name())
            .map_or_else(|| texts.get("twin-untitled").into_owned(), |name| name.to_string_lossy().into_owned()),
        title => title.to_owned(),
    };
    let count = |wanted: fn(&LinkKind) -> bool| network.links().filter(|view| wanted(&view.link.kind)).count();
    let facts = texts.with(
        "twin-facts",
        &[
            ("pipes", Argument::from(count(|kind| matches!(kind, LinkKind::Pipe(_))))),
            ("consumers", Argument::from(count(|kind| matches!(kind, LinkKind::Consumer(_))))),
            ("sources", Argument::from(count(|kind| matches!(kind, LinkKind::Source(_))))),
        ],
    );
    let heat_w: f64 = session.solution().map_or(0.0, |solution| {
        solution.sources.iter().map(|source| source.heat_w).filter(|heat| heat.is_finite()).sum()
    });
    let state = match session.solution() {
        Some(solution) if solution.converged && heat_w > 0.0 => {
            let heat = session.units().text(crate::units::Quantity::Heat, heat_w);
            texts.with("twin-heat", &[("heat", Argument::from(heat))])
        }
        Some(solution) if solution.converged => String::new(),
        _ => texts.get("twin-unsolved").into_owned(),
    };
    let moment = session.timeline().filter(|_| session.shows_time()).map_or_else(String::new, |timeline| {
        let calendar_s = timeline.playhead_s();
        let outdoor = session.units().text(crate::units::Quantity::Temperature, timeline.outdoor_c(calendar_s));
        let time = time_text(calendar_s);
        texts.with("time-of", &[("time", Argument::from(time)), ("outdoor", Argument::from(outdoor))])
    });
    let rows =
        [(title, 20.0, inks.text), (moment, 15.0, inks.text), (facts, 12.5, inks.quiet), (state, 12.5, inks.quiet)];
    let galleys: Vec<_> = rows
        .into_iter()
        .filter(|(text, ..)| !text.is_empty())
        .map(|(text, size, colour)| painter.layout_no_wrap(text, egui::FontId::proportional(size), colour))
        .collect();
    let width = galleys.iter().map(|galley| galley.size().x).fold(0.0, f32::max);
    let height: f32 = galleys.iter().map(|galley| galley.size().y + 2.0).sum();
    let card =
        egui::Rect::from_min_size(area.min + egui::vec2(MARGIN, MARGIN), egui::vec2(width + 24.0, height + 16.0));
    card_behind(painter, card, inks);
    let mut at = card.min + egui::vec2(12.0, 8.0);
    for galley in galleys {
        let step = galley.size().y + 2.0;
        painter.galley(at, galley, inks.text);
        at.y += step;
    }
    card
}

fn card_behind(painter: &egui::Painter, rect: egui::Rect, inks: Inks) {
    painter.rect(rect, 6.0, inks.card, egui::Stroke::new(1.0, inks.line), egui::StrokeKind::Inside);
}

/// Legend at the lower right: ramp with numbers and unit, lines and signs; where its card lies.
pub fn legend(painter: &egui::Painter, area: egui::Rect, session: &Session) -> egui::Rect {
    let texts = session.language().texts();
    let inks = Inks::of(session.theme());
    let coloured = session.coloured();
    let range = coloured.range(session.view().range_lock);
    let width = 268.0;
    let ramp_height = if coloured.by.is_continuous() { 66.0 } else { 26.0 };
    let size = egui::vec2(width + 28.0, ramp_height + 92.0);
    let card = egui::Rect::from_min_size(area.max - size - egui::vec2(MARGIN, MARGIN), size);
    card_behind(painter, card, inks);
    let left = card.min.x + 14.0;
    let mut y = card.min.y + 9.0;
    let symbol = session.units().unit(coloured.quantity()).symbol;
    let name = texts.get(heading_key(coloured.by)).into_owned();
    let heading = if symbol.is_empty() || !coloured.by.is_continuous() { name } else { format!("{name} ({symbol})") };
    text(painter, egui::pos2(left, y), egui::Align2::LEFT_TOP, &heading, 13.5, inks.text);
    y += 22.0;
    if coloured.by.is_continuous() {
        ramp(
            painter,
            egui::Rect::from_min_size(egui::pos2(left, y), egui::vec2(width, 14.0)),
            session,
            &coloured,
            range,
            inks,
        );
        y += 44.0;
    }
    signs(painter, egui::pos2(left, y), width, session.theme(), texts, &coloured, inks);
    card
}

/// Key of the quantity's name.
const fn heading_key(by: ColourBy) -> &'static str {
    match by {
        ColourBy::Pressure => "twin-legend-pressure",
        ColourBy::AvailableHead => "twin-legend-available-head",
        ColourBy::Temperature => "twin-legend-temperature",
        ColourBy::Velocity => "twin-legend-velocity",
        ColourBy::SpecificLoss => "twin-legend-specific-loss",
        ColourBy::Flow => "twin-legend-flow",
        ColourBy::Diameter => "twin-legend-diameter",
        ColourBy::Side => "twin-legend-side",
        ColourBy::Room => "twin-legend-room",
    }
}

fn ramp(painter: &egui::Painter, bar: egui::Rect, session: &Session, coloured: &Coloured, range: Range, inks: Inks) {
    let mut mesh = egui::Mesh::default();
    const STEPS: u32 = 64;
    for step in 0..=STEPS {
        let share = step as f32 / STEPS as f32;
        let [r, g, b] = coloured.ramp().at(share);
        let x = bar.min.x + bar.width() * share;
        for y in [bar.min.y, bar.max.y] {
            mesh.colored_vertex(egui::pos2(x, y), egui::Color32::from_rgb(r, g, b));
        }
        if step > 0 {
            let i = 2 * step;
            mesh.add_triangle(i - 2, i - 1, i);
            mesh.add_triangle(i - 1, i + 1, i);
        }
    }
    painter.add(mesh);
    painter.rect_stroke(bar, 0.0, egui::Stroke::new(1.0, inks.line), egui::StrokeKind::Outside);
    for step in 0..=4 {
        let share = f64::from(step) / 4.0;
        let x = bar.min.x + bar.width() * share as f32;
        painter.line_segment(
            [egui::pos2(x, bar.max.y), egui::pos2(x, bar.max.y + 4.0)],
            egui::Stroke::new(1.0, inks.quiet),
        );
        let value = range.low + (range.high - range.low) * share;
        let label = session.units().number(coloured.quantity(), value);
        let align = match step {
            0 => egui::Align2::LEFT_TOP,
            4 => egui::Align2::RIGHT_TOP,
            _ => egui::Align2::CENTER_TOP,
        };
        text(painter, egui::pos2(x, bar.max.y + 6.0), align, &label, 11.0, inks.text);
    }
}

/// Supply and return lines, and the signs of the map, in two columns.
fn signs(
    painter: &egui::Painter,
    at: egui::Pos2,
    width: f32,
    theme: Theme,
    texts: &Texts,
    coloured: &Coloured,
    inks: Inks,
) {
    let palette = Palette::of(theme);
    let colour = |c: bevy::math::Vec3| egui::Color32::from(egui::Rgba::from_rgb(c.x, c.y, c.z));
    let rgb = |[r, g, b]: [u8; 3]| egui::Color32::from_rgb(r, g, b);
    let by_side = coloured.by == ColourBy::Side;
    let middle = rgb(coloured.ramp().at(0.6));
    let (supply, back) = if by_side { (rgb(SUPPLY), rgb(RETURN)) } else { (middle, middle) };
    let single = coloured.nodes.iter().any(|value| by_side && (*value - 0.5).abs() < 0.1);
    let entries: [(&str, u8); 6] = [
        ("twin-legend-supply", 0),
        ("twin-legend-source", 2),
        ("twin-legend-return", 1),
        ("twin-legend-consumer", 3),
        ("twin-legend-valve-open", 4),
        ("twin-legend-valve-shut", 5),
    ];
    for (i, (key, kind)) in entries.into_iter().enumerate() {
        let centre = at + egui::vec2((i % 2) as f32 * width / 2.0 + 13.0, (i / 2) as f32 * 22.0 + 10.0);
        let ink = colour(palette.ink);
        let paper = colour(palette.paper);
        let alert = colour(palette.alert);
        let ends = |half: f32| [centre - egui::vec2(half, 0.0), centre + egui::vec2(half, 0.0)];
        match kind {
            0 => {
                painter.line_segment(ends(12.0), egui::Stroke::new(6.0, colour(palette.casing_supply)));
                painter.line_segment(ends(12.0), egui::Stroke::new(4.5, if single { rgb(SINGLE) } else { supply }));
            }
            1 => {
                painter.line_segment(ends(12.0), egui::Stroke::new(4.8, colour(palette.casing_return)));
                painter.line_segment(ends(12.0), egui::Stroke::new(3.0, back));
                painter.line_segment(ends(12.0), egui::Stroke::new(1.0, colour(palette.casing_return)));
            }
            2 => {
                painter.circle(centre, 8.0, colour(palette.source), egui::Stroke::new(1.5, ink));
                painter.circle_filled(centre, 2.8, paper);
            }
            3 => {
                let square = egui::Rect::from_center_size(centre, egui::vec2(13.0, 13.0));
                painter.rect(
                    square,
                    3.0,
                    colour(palette.consumer),
                    egui::Stroke::new(1.5, ink),
                    egui::StrokeKind::Inside,
                );
            }
            _ => {
                let shut = kind == 5;
                let (face, mark) = if shut { (alert, paper) } else { (paper, ink) };
                painter.circle(centre, 8.0, face, egui::Stroke::new(1.5, ink));
                for side in [-1.0, 1.0] {
                    let tie = vec![centre, centre + egui::vec2(5.0 * side, -3.4), centre + egui::vec2(5.0 * side, 3.4)];
                    let fill = if shut { mark } else { egui::Color32::TRANSPARENT };
                    painter.add(egui::Shape::convex_polygon(tie, fill, egui::Stroke::new(1.2, mark)));
                }
            }
        }
        let place = centre + egui::vec2(19.0, 0.0);
        text(painter, place, egui::Align2::LEFT_CENTER, &texts.get(key), 12.0, inks.text);
    }
}

fn text(painter: &egui::Painter, at: egui::Pos2, align: egui::Align2, text: &str, size: f32, colour: egui::Color32) {
    painter.text(at, align, text, egui::FontId::proportional(size), colour);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_bars_have_round_lengths() {
        assert_eq!([0.7, 3.0, 140.0, 999.0, 5200.0].map(round_down), [0.5, 2.0, 100.0, 500.0, 5000.0]);
    }
}
