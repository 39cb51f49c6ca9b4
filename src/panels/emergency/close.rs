//! The valves to close, in order, with what crews report of them.

use egui::{CornerRadius, Frame, Label, Margin, RichText, Stroke, Ui};

use super::super::look::Look;
use super::super::widgets::{command_button, weak};
use super::{ask, rgb, sheet};
use crate::emergency::closing::ClosingTask;
use crate::io::emergency::{Part, part_sentences};
use crate::network::Side;
use crate::session::Command;
use crate::session::emergency::{Answer, Emergency, EmergencyCommand, colours};
use crate::units::hours_minutes;

pub fn draw(ui: &mut Ui, look: &Look, emergency: &Emergency, answer: &Answer, commands: &mut Vec<Command>) {
    // Plants that have to stop, and who holds the pressure then: before any valve.
    let valves = part_sentences(&answer.network, &answer.response, look.language, look.units, Part::Valves);
    for line in valves.iter().flat_map(|section| &section.lines) {
        ui.horizontal_top(|ui| {
            ui.label(RichText::new("■").color(rgb(colours::ALARM)));
            ui.add(Label::new(RichText::new(line).color(look.colours.strong_text.egui())).wrap());
        });
    }
    let (needed, optional): (Vec<&ClosingTask>, Vec<&ClosingTask>) =
        answer.response.tasks.iter().partition(|task| !task.optional);
    for (number, task) in needed.into_iter().enumerate() {
        row(ui, look, emergency, answer, task, Some(number + 1), commands);
    }
    if !optional.is_empty() {
        ui.add_space(4.0);
        ui.add(Label::new(RichText::new(look.t("alarm-optional")).weak()).wrap());
        for task in optional {
            row(ui, look, emergency, answer, task, None, commands);
        }
    }
    reported(ui, look, emergency, answer, commands);
    for note in valves.iter().flat_map(|section| &section.notes) {
        ui.add(Label::new(RichText::new(note).weak()).wrap());
    }
    fallbacks(ui, look, answer);
    sheet(ui, look, answer, Part::Burst, true);
}

fn row(
    ui: &mut Ui,
    look: &Look,
    emergency: &Emergency,
    answer: &Answer,
    task: &ClosingTask,
    number: Option<usize>,
    commands: &mut Vec<Command>,
) {
    let element = answer.network.link_ref(task.valve);
    let shut = emergency.is_shut(&element.id);
    let selected = look.session.selection() == Some(&element);
    let colour = if shut { rgb(colours::DONE) } else { rgb(colours::ALARM) };
    let line = if selected { look.colours.accent.egui() } else { look.colours.line.egui() };
    let frame = Frame::new()
        .fill(look.colours.inset.egui())
        .stroke(Stroke::new(1.0, line))
        .corner_radius(CornerRadius::same(5))
        .inner_margin(Margin::symmetric(7, 4));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            if let Some(number) = number {
                badge(ui, &number.to_string(), if shut { colour } else { rgb(colours::ALARM) });
            }
            let name = RichText::new(&*element.id).size(15.0).strong().color(look.colours.strong_text.egui());
            let response = ui.add(Label::new(name).sense(egui::Sense::click()).truncate());
            if response.on_hover_text(look.element(&element)).clicked() {
                commands.push(Command::Select(element.clone()));
                commands.push(Command::FlyTo(element.clone()));
            }
            let view = answer.network.link_view(task.valve);
            let side = view.and_then(|view| answer.network.node(view.from)).map(|node| node.side);
            weak(
                ui,
                look.t(match side {
                    Some(Side::Supply) => "emergency-supply",
                    Some(Side::Return) => "emergency-return",
                    _ => "emergency-single",
                }),
            );
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let text = RichText::new(hours_minutes(task.shut_s)).size(15.0).color(look.colours.strong_text.egui());
                ui.label(text).on_hover_text(look.t("alarm-shut-at"));
            });
        });
        let chamber = task.chamber.as_ref().map(|id| {
            let name = answer.network.chambers().get(id).map_or("", |chamber| &chamber.name);
            if name.is_empty() { id.to_string() } else { format!("{id} {name}") }
        });
        let by = match task.crew {
            Some(crew) => {
                let arguments = [("crew", (crew + 1).to_string()), ("time", hours_minutes(task.begins_s))];
                look.with("alarm-by-crew", &arguments)
            }
            None => look.t("alarm-by-remote"),
        };
        let place = chamber.map_or(by.clone(), |chamber| format!("{chamber} · {by}"));
        ui.add(Label::new(RichText::new(place).weak()).truncate());
        ui.horizontal_wrapped(|ui| {
            if shut {
                ui.label(RichText::new(look.t("alarm-state-shut")).color(look.colours.good.egui()));
                command_button(ui, look, ask(EmergencyCommand::TakeBack(element.clone())), true, commands);
            } else {
                command_button(ui, look, ask(EmergencyCommand::IsShut(element.clone())), true, commands);
                command_button(ui, look, ask(EmergencyCommand::DoesNotMove(element.clone())), true, commands);
            }
            command_button(ui, look, Command::FlyTo(element), true, commands);
        });
    });
}

/// Valves that were reported and are not in the plan: stuck ones, and shut ones that are not needed any more.
fn reported(ui: &mut Ui, look: &Look, emergency: &Emergency, answer: &Answer, commands: &mut Vec<Command>) {
    let planned =
        |id: &str| answer.network.link_id(id).is_some_and(|link| answer.response.tasks.iter().any(|t| t.valve == link));
    let stuck = emergency.stuck().map(|id| (id, "alarm-state-stuck"));
    let spare = emergency.shut().filter(|id| !planned(id)).map(|id| (id, "alarm-state-spare"));
    let all: Vec<_> = stuck.chain(spare).collect();
    if all.is_empty() {
        return;
    }
    ui.add_space(4.0);
    for (id, key) in all {
        let Some(link) = answer.network.link_id(id) else { continue };
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new("▲").color(look.colours.warning.egui()));
            ui.label(RichText::new(&**id).strong());
            ui.label(look.t(key));
            let element = answer.network.link_ref(link);
            command_button(ui, look, ask(EmergencyCommand::TakeBack(element)), true, commands);
        });
    }
}

fn fallbacks(ui: &mut Ui, look: &Look, answer: &Answer) {
    if answer.response.fallbacks.is_empty() {
        return;
    }
    ui.add_space(6.0);
    ui.label(RichText::new(look.t("emergency-fallbacks")).strong().color(look.colours.strong_text.egui()));
    for fallback in &answer.response.fallbacks {
        let valve = answer.network.link_name(fallback.valve).to_string();
        let instead = match fallback.instead.is_empty() {
            true if fallback.stops_sources => look.t("emergency-stop-plant"),
            true => look.t("emergency-none-needed"),
            false => {
                let names: Vec<String> =
                    fallback.instead.iter().map(|&link| answer.network.link_name(link).to_string()).collect();
                names.join(", ")
            }
        };
        let heat = look.number(crate::units::Quantity::Heat, fallback.more_cut_off_w);
        let arguments =
            [("valve", valve), ("instead", instead), ("more", fallback.more_cut_off.to_string()), ("heat", heat)];
        ui.add(Label::new(look.with("alarm-fallback", &arguments)).wrap());
    }
}

/// A number in a disc.
fn badge(ui: &mut Ui, text: &str, colour: egui::Color32) {
    let (rect, _) = ui.allocate_exact_size(egui::vec2(24.0, 24.0), egui::Sense::hover());
    ui.painter().circle_filled(rect.center(), 12.0, colour);
    let font = egui::FontId::proportional(14.0);
    ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, text, font, egui::Color32::WHITE);
}
