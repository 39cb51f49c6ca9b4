//! The time bar: which moment is shown, how fast the hours go by, and what there is to do with them.
//!
//! Signs of the buttons are painted, not written, so that no font can lack them.

use egui::{
    Align, Color32, FontId, Layout, Pos2, Rect, Response, RichText, Sense, Shape, Spinner, Stroke, Ui, pos2, vec2,
};

use super::look::Look;
use super::widgets::{command_button, weak, with_tip};
use crate::session::timeline::order::{clock_text, time_text};
use crate::session::timeline::{SPEEDS, TimeCommand, Timeline};
use crate::session::{Command, Panel};
use crate::units::Quantity;

/// Height of the scrubber, curves and hours together.
const SCRUBBER: f32 = 46.0;
/// Room for the hours below the curves.
const HOURS: f32 = 16.0;
/// Points of a curve, about one every few pixels.
const CURVE_POINTS: usize = 300;

pub fn draw(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.add_space(3.0);
    match look.session.timeline().filter(|timeline| !timeline.is_empty()) {
        Some(timeline) => {
            ui.horizontal(|ui| controls(ui, look, timeline, commands));
            scrubber(ui, look, timeline, commands);
        }
        None => {
            ui.horizontal(|ui| nothing_yet(ui, look, commands));
        }
    }
    ui.add_space(3.0);
}

fn nothing_yet(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    if look.session.running().is_some() {
        ui.add(Spinner::new().size(14.0));
        ui.label(look.t("time-waiting"));
        command_button(ui, look, Command::Time(TimeCommand::Stop), true, commands);
        return;
    }
    weak(ui, look.t("time-none"));
    command_button(ui, look, Command::Time(TimeCommand::RunNight), true, commands);
    command_button(ui, look, Command::ShowPanel(Panel::Run), true, commands);
}

fn controls(ui: &mut Ui, look: &Look, timeline: &Timeline, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.x = 4.0;
    let play = if timeline.is_playing() { Sign::Pause } else { Sign::Play };
    for (sign, command) in [
        (play, TimeCommand::PlayPause),
        (Sign::ToStart, TimeCommand::ToStart),
        (Sign::Back, TimeCommand::StepBack),
        (Sign::Forward, TimeCommand::StepForward),
        (Sign::ToEnd, TimeCommand::ToEnd),
    ] {
        let name = match sign {
            Sign::Play => look.t("time-play"),
            Sign::Pause => look.t("time-pause"),
            _ => Command::Time(command.clone()).text(look.language),
        };
        let command = Command::Time(command);
        if with_tip(sign_button(ui, look, sign, &name), look, &command).clicked() {
            commands.push(command);
        }
    }
    ui.add_space(8.0);
    let playhead_s = timeline.playhead_s();
    let now = RichText::new(time_text(playhead_s)).size(16.0).color(look.colours.strong_text.egui());
    ui.label(now);
    ui.add_space(8.0);
    let heat_w: Option<f64> = timeline.solution().map(|solution| solution.sources.iter().map(|s| s.heat_w).sum());
    let c = &look.colours.diagram;
    // The signs before the names are those of the curves below.
    for (colour, key, text) in [
        (c.back, "time-outdoor", look.number(Quantity::Temperature, timeline.outdoor_c(playhead_s))),
        (c.supply, "time-heat", look.number(Quantity::Heat, heat_w.unwrap_or(f64::NAN))),
    ] {
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 12.0), Sense::hover());
        ui.painter().hline(rect.x_range(), rect.center().y, Stroke::new(2.0, colour.egui()));
        weak(ui, look.t(key));
        ui.label(text);
        ui.add_space(8.0);
    }
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let close = Command::Time(TimeCommand::Close);
        if with_tip(ui.small_button("×"), look, &close).clicked() {
            commands.push(close);
        }
        ui.add_space(6.0);
        for speed in SPEEDS.into_iter().rev() {
            let chosen = timeline.speed() == speed;
            let response = ui.selectable_label(chosen, format!("{speed:.0}×"));
            let command = Command::Time(TimeCommand::SetSpeed(speed));
            if response.on_hover_text(command.tip(look.language)).clicked() && !chosen {
                commands.push(command);
            }
        }
        ui.add_space(6.0);
        if let Some(share) = look.session.run_progress() {
            command_button(ui, look, Command::Time(TimeCommand::Stop), true, commands);
            ui.label(look.with("time-running", &[("share", format!("{:.0}", 100.0 * share))]));
            ui.add(Spinner::new().size(14.0));
        } else {
            command_button(ui, look, Command::Time(TimeCommand::RunAgain), true, commands);
            let stale = look.session.timeline_is_stale();
            if stale {
                command_button(ui, look, Command::Time(TimeCommand::RunOn), true, commands);
                ui.add(
                    egui::Label::new(RichText::new(look.t("time-stale")).color(look.colours.warning.egui())).truncate(),
                );
            }
        }
    });
}

/// The hours with their ticks, outdoor temperature and heat output behind them, and the playhead.
fn scrubber(ui: &mut Ui, look: &Look, timeline: &Timeline, commands: &mut Vec<Command>) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), SCRUBBER), Sense::click_and_drag());
    let (start_s, end_s) = (timeline.start_s(), timeline.end_s().max(timeline.start_s() + 60.0));
    let field = Rect::from_min_max(rect.min + vec2(8.0, 0.0), pos2(rect.right() - 8.0, rect.bottom() - HOURS));
    let x_of = |calendar_s: f64| {
        field.left() + field.width() * ((calendar_s - start_s) / (end_s - start_s)).clamp(0.0, 1.0) as f32
    };
    let time_at =
        |at: Pos2| start_s + (end_s - start_s) * f64::from(((at.x - field.left()) / field.width()).clamp(0.0, 1.0));
    let passed_h = (timeline.playhead_s() - start_s) / 3600.0;
    response.widget_info(|| egui::WidgetInfo::slider(true, passed_h, look.t("time-scrubber")));
    if let Some(at) =
        response.interact_pointer_pos().filter(|_| response.is_pointer_button_down_on() || response.clicked())
    {
        let wanted_s = time_at(at).min(timeline.computed_s());
        if (wanted_s - timeline.playhead_s()).abs() > 0.5 {
            commands.push(Command::Time(TimeCommand::Scrub(wanted_s)));
        }
    }
    let painter = ui.painter_at(rect.expand(1.0));
    let c = look.colours;
    painter.rect_filled(field, 3.0, c.inset.egui());
    let computed = Rect::from_min_max(field.min, pos2(x_of(timeline.computed_s()), field.bottom()));
    painter.rect_filled(computed, 3.0, c.raised.egui().gamma_multiply(0.7));
    hours(&painter, look, field, start_s, end_s, &x_of);
    curve(&painter, field, &timeline.heat_curve(CURVE_POINTS), &x_of, c.diagram.supply.egui().gamma_multiply(0.8), 1.0);
    let outdoor: Vec<[f64; 2]> = (0..=CURVE_POINTS)
        .map(|i| start_s + (end_s - start_s) * i as f64 / CURVE_POINTS as f64)
        .map(|calendar_s| [calendar_s, timeline.outdoor_c(calendar_s)])
        .collect();
    curve(&painter, field, &outdoor, &x_of, c.diagram.back.egui().gamma_multiply(0.9), 1.5);
    for part in timeline.parts().iter().skip(1) {
        let x = x_of(part.started.start_calendar_s);
        painter.vline(x, field.y_range(), Stroke::new(1.0, c.warning.egui()));
    }
    let x = x_of(timeline.playhead_s());
    painter.vline(x, field.top()..=field.bottom() + 3.0, Stroke::new(2.0, c.accent.egui()));
    painter.circle(pos2(x, field.bottom() + 1.0), 5.0, c.accent.egui(), Stroke::new(1.5, c.panel.egui()));
    if let Some(at) = response.hover_pos() {
        let calendar_s = time_at(at);
        let arguments = [
            ("time", time_text(calendar_s)),
            ("outdoor", look.number(Quantity::Temperature, timeline.outdoor_c(calendar_s))),
        ];
        response.on_hover_text_at_pointer(look.with("time-of", &arguments));
    }
}

fn hours(painter: &egui::Painter, look: &Look, field: Rect, start_s: f64, end_s: f64, x_of: &dyn Fn(f64) -> f32) {
    let hour_px = field.width() / ((end_s - start_s) / 3600.0) as f32;
    // A label where there is room for it: every hour, or every second, third, sixth, twelfth or twenty-fourth.
    let every = [1u32, 2, 3, 6, 12, 24].into_iter().find(|every| hour_px * *every as f32 >= 46.0).unwrap_or(24);
    let mut hour = (start_s / 3600.0).ceil();
    let mut last_right = f32::NEG_INFINITY;
    while hour * 3600.0 <= end_s {
        let x = x_of(hour * 3600.0);
        let of_day = hour.rem_euclid(24.0) as u32;
        let labelled = of_day.is_multiple_of(every);
        if labelled || hour_px >= 5.0 {
            let strength = if of_day == 0 { 1.0 } else { 0.5 };
            let top = if labelled { field.top() } else { field.bottom() - 4.0 };
            let colour = look.colours.line.egui().gamma_multiply(strength);
            painter.vline(x, top..=field.bottom(), Stroke::new(1.0, colour));
        }
        if labelled {
            let text = if of_day == 0 { time_text(hour * 3600.0)[5..10].to_owned() } else { clock_text(hour * 3600.0) };
            let galley = painter.layout_no_wrap(text, FontId::proportional(11.0), look.colours.weak_text.egui());
            let left = (x - galley.size().x / 2.0).clamp(field.left() - 6.0, field.right() + 6.0 - galley.size().x);
            if left > last_right + 6.0 {
                last_right = left + galley.size().x;
                painter.galley(pos2(left, field.bottom() + 3.0), galley, Color32::WHITE);
            }
        }
        hour += 1.0;
    }
}

/// A faint line over the height of the field.
fn curve(
    painter: &egui::Painter,
    field: Rect,
    points: &[[f64; 2]],
    x_of: &dyn Fn(f64) -> f32,
    colour: Color32,
    width: f32,
) {
    let values = || points.iter().map(|point| point[1]).filter(|value| value.is_finite());
    let (low, high) = values().fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return;
    }
    // A flat line lies in the middle instead of trembling over the whole height.
    let extent = (high - low).max(0.02 * high.abs().max(1.0));
    let middle = 0.5 * (low + high);
    let field = field.shrink2(vec2(0.0, 4.0));
    let y_of = |value: f64| field.center().y - field.height() * ((value - middle) / extent) as f32;
    let line: Vec<Pos2> = points
        .iter()
        .filter(|point| point[1].is_finite())
        .map(|[calendar_s, value]| pos2(x_of(*calendar_s), y_of(*value)))
        .collect();
    painter.add(Shape::line(line, Stroke::new(width, colour)));
}

#[derive(Clone, Copy, PartialEq)]
enum Sign {
    Play,
    Pause,
    ToStart,
    Back,
    Forward,
    ToEnd,
}

/// A button with a painted sign and a name for screen readers.
fn sign_button(ui: &mut Ui, look: &Look, sign: Sign, name: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(30.0, 24.0), Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, name));
    let visuals = ui.style().interact(&response);
    ui.painter().rect(rect, visuals.corner_radius, visuals.weak_bg_fill, visuals.bg_stroke, egui::StrokeKind::Inside);
    let colour = if sign == Sign::Play { look.colours.link.egui() } else { visuals.fg_stroke.color };
    let at = rect.center();
    let triangle = |centre: Pos2, half: f32| {
        let corners =
            vec![centre + vec2(-half, -half.abs()), centre + vec2(-half, half.abs()), centre + vec2(half, 0.0)];
        Shape::convex_polygon(corners, colour, Stroke::NONE)
    };
    let bar = |x: f32, width: f32| {
        let bar = Rect::from_center_size(at + vec2(x, 0.0), vec2(width, 12.0));
        Shape::rect_filled(bar, 0.5, colour)
    };
    let painter = ui.painter();
    match sign {
        Sign::Play => painter.extend([triangle(at + vec2(1.0, 0.0), 6.0)]),
        Sign::Pause => painter.extend([bar(-3.5, 3.5), bar(3.5, 3.5)]),
        Sign::ToStart => painter.extend([bar(-6.0, 2.0), triangle(at + vec2(1.0, 0.0), -5.0)]),
        Sign::ToEnd => painter.extend([bar(6.0, 2.0), triangle(at + vec2(-1.0, 0.0), 5.0)]),
        Sign::Back => painter.extend([bar(4.5, 2.0), triangle(at + vec2(-2.0, 0.0), -4.5)]),
        Sign::Forward => painter.extend([bar(-4.5, 2.0), triangle(at + vec2(2.0, 0.0), 4.5)]),
    }
    response
}
