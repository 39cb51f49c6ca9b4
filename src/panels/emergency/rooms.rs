//! The rooms' clock against the end of the repair.

use egui::{Label, RichText, Ui, vec2};
use egui_plot::{Line, Plot, PlotPoints, VLine};

use super::super::look::Look;
use super::super::widgets::weak;
use super::{rgb, sentences};
use crate::emergency::cooldown::{BuildingClock, WATCHED_C};
use crate::io::emergency::{Part, part_sentences};
use crate::network::{ElementKind, ElementRef};
use crate::session::Command;
use crate::session::emergency::{Answer, Fare, colours};
use crate::units::{Quantity, hours_minutes};

const MOST_ROWS: usize = 100;
const PLOT_HEIGHT: f32 = 150.0;

pub fn draw(ui: &mut Ui, look: &Look, answer: &Answer, commands: &mut Vec<Command>) {
    let response = &answer.response;
    let Some(mut whole) = part_sentences(&answer.network, response, look.language, look.units, Part::Clock) else {
        ui.add(Label::new(look.t("alarm-no-rooms")).wrap());
        return;
    };
    let note = whole.notes.pop();
    whole.notes.clear();
    sentences(ui, look, &whole, false);
    key(ui, look);
    plot(ui, look, answer);
    for clock in response.clocks.iter().take(MOST_ROWS) {
        row(ui, look, answer, clock, commands);
    }
    if response.clocks.len() > MOST_ROWS {
        weak(ui, look.with("problems-more", &[("count", (response.clocks.len() - MOST_ROWS).to_string())]));
    }
    if let Some(note) = note {
        ui.add(Label::new(RichText::new(note).weak()).wrap());
    }
}

/// Colours of the three limits, coldest last.
const COLOURS: [[u8; 3]; 3] = [colours::UNFED, colours::WATCH, colours::ALARM];

fn key(ui: &mut Ui, look: &Look) {
    ui.horizontal_wrapped(|ui| {
        for (limit_c, colour) in WATCHED_C.into_iter().zip(COLOURS) {
            let (rect, _) = ui.allocate_exact_size(vec2(16.0, 12.0), egui::Sense::hover());
            ui.painter().hline(rect.x_range(), rect.center().y, egui::Stroke::new(2.5, rgb(colour)));
            let limit = look.number(Quantity::Temperature, limit_c);
            ui.label(RichText::new(look.with("alarm-buildings-below", &[("limit", limit)])).small());
        }
    });
}

/// Buildings below each limit over the hours, as stairs.
fn plot(ui: &mut Ui, look: &Look, answer: &Answer) {
    let response = &answer.response;
    let end_h = (response.repair_s / 3600.0 * 1.25).max(1.0);
    Plot::new("emergency-rooms")
        .height(PLOT_HEIGHT)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .grid_color(look.colours.line.egui())
        .include_x(0.0)
        .include_x(end_h)
        .include_y(0.0)
        .include_y(4.0)
        .x_axis_formatter(|mark, _| format!("{:.0} h", mark.value))
        .y_axis_formatter(
            |mark, _| if mark.value.fract() == 0.0 { format!("{:.0}", mark.value) } else { String::new() },
        )
        .label_formatter(|_| None)
        .show(ui, |plot| {
            for (at, colour) in COLOURS.into_iter().enumerate() {
                let mut crossings: Vec<f64> =
                    response.clocks.iter().filter_map(|clock| clock.crosses_s[at]).map(|s| s / 3600.0).collect();
                crossings.retain(|hours| *hours <= end_h);
                crossings.sort_unstable_by(f64::total_cmp);
                let mut points = vec![[0.0, 0.0]];
                for (count, hours) in crossings.into_iter().enumerate() {
                    points.push([hours, count as f64]);
                    points.push([hours, count as f64 + 1.0]);
                }
                let last = points.last().map_or(0.0, |point| point[1]);
                points.push([end_h, last]);
                let name = look.number(Quantity::Temperature, WATCHED_C[at]);
                plot.line(Line::new(name, PlotPoints::from(points)).color(rgb(colour)).width(2.5));
            }
            let end = VLine::new(look.t("alarm-repair-ends"), response.repair_s / 3600.0);
            plot.vline(end.color(look.colours.strong_text.egui()).width(2.0));
        });
    let arguments = [("repair", hours_minutes(response.repair_s))];
    ui.add(Label::new(RichText::new(look.with("alarm-line-is-repair", &arguments)).small().weak()).wrap());
}

fn row(ui: &mut Ui, look: &Look, answer: &Answer, building: &BuildingClock, commands: &mut Vec<Command>) {
    let network = &answer.network;
    let known = network.buildings().get(&building.building);
    let name = known.map_or("", |known| &known.name);
    let element = match known {
        Some(_) => ElementRef::new(ElementKind::Building, building.building.clone()),
        None => network.link_ref(building.consumer),
    };
    let place = network.buildings().keys().position(|id| *id == building.building);
    let fare = place.and_then(|place| answer.fares.get(place).copied().flatten());
    let colour = match fare {
        Some(Fare::TooCold) => colours::ALARM,
        Some(Fare::Cold) => colours::WATCH,
        _ => colours::UNFED,
    };
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(12.0, 12.0), egui::Sense::hover());
        ui.painter().rect_filled(rect, 2.0, rgb(colour));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.label(look.number(Quantity::Temperature, building.at_repair_c))
                .on_hover_text(look.t("emergency-at-repair"));
            let crossings: Vec<String> =
                building.crosses_s.iter().map(|at| at.map_or_else(|| "–".to_owned(), hours_minutes)).collect();
            weak(ui, crossings.join(" · ")).on_hover_text(look.t("alarm-crossings"));
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                let text = format!("{} {name}", building.building);
                let response = ui.add(Label::new(text.trim_end()).sense(egui::Sense::click()).truncate());
                if response.clicked() {
                    commands.push(Command::Select(element.clone()));
                    commands.push(Command::FlyTo(element.clone()));
                }
            });
        });
    });
}
