//! The field: what an element's instruments say (a part of the inspector), and the list of devices (a tab).

use egui::{Align, CollapsingHeader, Color32, Label, Layout, RichText, ScrollArea, Sense, Ui, vec2};
use egui_plot::{Line, Plot, PlotPoints};

use super::look::Look;
use super::widgets::{still, weak};
use crate::live::{Origin, Quality, Timestamp};
use crate::network::ElementRef;
use crate::session::live::DeviceLine;
use crate::session::view::{Reading, live_curve, readings};
use crate::session::{Command, live::LiveCommand};
use crate::units::Quantity;

/// Readings that are always in view; of a substation's fifty the rest comes at a click, unless something is wrong with it.
const FIRST_READINGS: usize = 6;
/// Height of the curve of one tag.
const CURVE_HEIGHT: f32 = 56.0;

/// What instruments say of the element selected.
pub fn of_element(ui: &mut Ui, look: &Look, element: &ElementRef) {
    let rows = readings(look.session, element);
    if rows.is_empty() {
        return;
    }
    let title = RichText::new(look.t("live-readings")).strong();
    CollapsingHeader::new(title).id_salt("live").default_open(true).show_unindented(ui, |ui| {
        let in_view = |place: usize, row: &Reading| {
            place < FIRST_READINGS || row.remark.is_some() || !row.quality.is_good() || row.origin == Origin::Stale
        };
        let (first, further): (Vec<_>, Vec<_>) = rows.iter().enumerate().partition(|(place, row)| in_view(*place, row));
        for (_, row) in first {
            reading(ui, look, row);
        }
        if !further.is_empty() {
            let title = look.with("live-further-readings", &[("count", further.len().to_string())]);
            CollapsingHeader::new(title).id_salt("live-further").show_unindented(ui, |ui| {
                for (_, row) in further {
                    reading(ui, look, row);
                }
            });
        }
        ui.add_space(4.0);
    });
}

/// A measured value in large letters with its mark and age; below it, weak, the estimated and the calculated value.
fn reading(ui: &mut Ui, look: &Look, row: &Reading) {
    let response = ui
        .horizontal(|ui| {
            quality_mark(ui, look, row.quality, row.origin);
            ui.add(Label::new(RichText::new(look.t(row.observed.key())).weak()).truncate());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                weak(ui, age(look, row.age_s));
                let text = row.value.map_or_else(|| "–".to_owned(), |value| look.number(row.quantity, value));
                let colour = if row.origin == Origin::Measured && row.quality.is_good() {
                    look.colours.strong_text
                } else {
                    look.colours.weak_text
                };
                let text = RichText::new(text).color(colour.egui()).size(15.0);
                ui.label(if row.origin == Origin::Stale { text.strikethrough() } else { text });
            });
        })
        .response;
    let hover = format!("{}\n{}\n{}", row.name, look.t(row.quality.key()), look.t(row.origin.key()));
    response.on_hover_text(hover);
    if let (Some(remark), Some(picture)) = (&row.remark, look.session.live_picture()) {
        let text = remark.text(&picture.points.tags, look.language, look.units);
        ui.add(Label::new(RichText::new(text).color(look.colours.warning.egui()).small()).wrap());
    }
    let mut said = Vec::new();
    if let Some([value, deviation]) = row.estimated {
        let spread = if deviation.is_finite() {
            format!(" ± {}", look.units.number(row.quantity.of_difference(), deviation))
        } else {
            String::new()
        };
        said.push(format!("{} {}{spread}", look.t("live-estimated"), look.number(row.quantity, value)));
    }
    if let Some(value) = row.calculated {
        said.push(format!("{} {}", look.t("live-model"), look.number(row.quantity, value)));
    }
    if !said.is_empty() {
        ui.add(Label::new(RichText::new(said.join("   ")).weak().small()).wrap());
    }
    curve(ui, look, row);
}

fn curve(ui: &mut Ui, look: &Look, row: &Reading) {
    let points = live_curve(look.session, row.tag);
    let Some(last) = points.last().map(|point| point.time) else { return };
    if points.len() < 3 {
        return;
    }
    let unit = look.units.unit(row.quantity);
    let mut lines: Vec<Vec<[f64; 2]>> = vec![Vec::new()];
    for point in &points {
        if point.value.is_nan() {
            lines.push(Vec::new());
        } else if let Some(line) = lines.last_mut() {
            let minutes = -last.ms_since(point.time) as f64 / 60e3;
            line.push([minutes, unit.to_shown(point.value)]);
        }
    }
    still(Plot::new(("curve", row.tag.index())))
        .height(CURVE_HEIGHT)
        .show_axes(false)
        .include_x(-30.0)
        .include_x(0.0)
        .show(ui, |plot| {
            for line in lines {
                plot.line(Line::new("", PlotPoints::new(line)).color(look.colours.accent.egui()).width(1.2));
            }
        });
}

/// A sign that does not rest on colour alone: disc good, triangle uncertain, square bad, ring stale.
pub fn quality_mark(ui: &mut Ui, look: &Look, quality: Quality, origin: Origin) {
    let (sign, colour) = match (quality, origin) {
        (Quality::Bad(_), _) => ("■", look.colours.error),
        (_, Origin::Stale) => ("○", look.colours.warning),
        (Quality::Uncertain(_), _) => ("▲", look.colours.warning),
        (Quality::Good, _) => ("●", look.colours.good),
    };
    ui.add(Label::new(RichText::new(sign).color(colour.egui()).size(11.0)));
}

/// Time since, in the unit that fits.
pub fn age(look: &Look, age_s: Option<f64>) -> String {
    match age_s {
        None => look.t("live-never"),
        Some(s) if s < 100.0 => look.with("live-age-s", &[("seconds", format!("{:.0}", s.max(0.0)))]),
        Some(s) if s < 6000.0 => look.with("live-age-min", &[("minutes", format!("{:.0}", s / 60.0))]),
        Some(s) => look.with("live-age-h", &[("hours", format!("{:.0}", s / 3600.0))]),
    }
}

/// The tab: how the field is read, then device by device, those that do not answer first.
pub fn devices(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    let Some(live) = look.session.live() else {
        ui.add(Label::new(RichText::new(look.t("live-none")).weak()).wrap());
        return;
    };
    if let Some(fault) = live.fault() {
        let text = RichText::new(fault.text(look.language)).color(look.colours.error.egui());
        ui.add(Label::new(text).wrap());
    }
    let Some(picture) = live.picture() else {
        weak(ui, look.t("live-connecting"));
        return;
    };
    let (answering, all) = picture.devices_answering();
    let figure = |ui: &mut Ui, key: &str, text: String| {
        ui.horizontal(|ui| {
            weak(ui, look.t(key));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.label(RichText::new(text).color(look.colours.strong_text.egui()));
            });
        });
    };
    let counts = [("answering", answering.to_string()), ("all", all.to_string())];
    figure(ui, "live-devices", look.with("live-devices-answering", &counts));
    if let Some(score) = &picture.score {
        figure(ui, "live-quality", look.number(Quantity::Share, score.score));
        let counts = [
            ("good", score.good.to_string()),
            ("uncertain", score.uncertain.to_string()),
            ("bad", score.bad.to_string()),
        ];
        figure(ui, "live-tags", look.with("live-tags-by-quality", &counts));
    }
    figure(ui, "live-samples", picture.samples.to_string());
    if picture.dropped > 0 {
        let text = look.with("live-samples-dropped", &[("count", picture.dropped.to_string())]);
        ui.label(RichText::new(text).color(look.colours.warning.egui()));
    }
    super::widgets::command_button(ui, look, Command::Live(LiveCommand::ToggleFollow), true, commands);
    ui.separator();
    super::estimate::draw(ui, look, picture, commands);
    ui.separator();
    let mut lines: Vec<&DeviceLine> = picture.devices.iter().collect();
    lines.sort_by_key(|device| (device.answers, device.good_share >= 1.0));
    ScrollArea::vertical().id_salt("devices").auto_shrink(false).show_rows(ui, 40.0, lines.len(), |ui, shown| {
        for device in lines.get(shown).unwrap_or_default() {
            device_row(ui, look, device, picture.now, commands);
        }
    });
}

fn device_row(ui: &mut Ui, look: &Look, device: &DeviceLine, now: Timestamp, commands: &mut Vec<Command>) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 38.0), Sense::click());
    let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(rect).layout(Layout::top_down(Align::Min)));
    let (sign, colour): (&str, Color32) = match device {
        device if !device.answers => ("■", look.colours.error.egui()),
        device if device.good_share < 1.0 => ("▲", look.colours.warning.egui()),
        _ => ("●", look.colours.good.egui()),
    };
    inner.horizontal(|ui| {
        ui.label(RichText::new(sign).color(colour).size(11.0));
        ui.add(Label::new(RichText::new(&*device.name).strong()).truncate());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let Some([median, _]) = device.latency_ms {
                weak(ui, look.with("live-device-latency", &[("median", format!("{median:.1}"))]));
            }
        });
    });
    let said = match device.last_answer {
        None if !device.answers => look.t("live-device-never"),
        Some(at) if !device.answers => {
            let since = age(look, Some(now.ms_since(at) as f64 / 1e3));
            look.with("live-device-silent", &[("time", since)])
        }
        _ => {
            let good = (device.good_share * device.tags as f64).round();
            look.with("live-device-tags", &[("tags", device.tags.to_string()), ("good", format!("{good}"))])
        }
    };
    inner.add(Label::new(RichText::new(said).weak().small()).truncate());
    let response = response.on_hover_text(&device.address);
    if let Some(element) = device.element.as_ref().filter(|_| response.clicked()) {
        commands.push(Command::Select(element.clone()));
        commands.push(Command::FlyTo(element.clone()));
    }
}
