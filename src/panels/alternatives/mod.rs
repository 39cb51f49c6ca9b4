//! Alternatives at the right: what is set side by side, under which conditions, the sheet, a plot, and their orders.
//!
//! Everything shown is read from the session ([`Alternatives`]); figures are made into text by the view of the sheet.

mod add;
mod details;
mod plot;
mod sheet;

use egui::{Button, ComboBox, DragValue, Id, Label, ProgressBar, RichText, ScrollArea, TextEdit, Ui};

use super::look::Look;
use super::run_dialog::{weather_name, weather_word};
use super::widgets::{command_button, weak, with_tip};
use crate::io::weather::EXAMPLE_WINTERS;
use crate::session::alternatives::{Alternatives, AlternativesCommand, Card, HOURS, running_key};
use crate::session::timeline::WeatherChoice;
use crate::session::timeline::order::{parse_time, time_text};
use crate::session::{Command, Panel};

pub fn draw(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.set_min_width(ui.available_width());
    ui.add_space(4.0);
    let alternatives = look.session.alternatives();
    ui.horizontal_wrapped(|ui| {
        ui.heading(look.t("alternatives-title"));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let close = Command::ClosePanel(Panel::Alternatives);
            if ui.small_button("×").on_hover_text(close.tip(look.language)).clicked() {
                commands.push(close);
            }
        });
    });
    conditions(ui, look, alternatives, commands);
    list(ui, look, alternatives, commands);
    ui.horizontal_wrapped(|ui| {
        add::menu(ui, look, commands);
        match alternatives.progress() {
            Some(_) => command_button(ui, look, ask(AlternativesCommand::Stop), true, commands),
            None => {
                let enabled = !alternatives.list().is_empty();
                command_button(ui, look, ask(AlternativesCommand::Compare), enabled, commands);
            }
        }
        let compared = alternatives.sheet().is_some();
        command_button(ui, look, ask(AlternativesCommand::Print(Default::default())), compared, commands);
        if !alternatives.list().is_empty() {
            command_button(ui, look, ask(AlternativesCommand::Clear), true, commands);
        }
    });
    if alternatives.is_making() {
        weak(ui, look.t("alternatives-making"));
    }
    if let Some(share) = alternatives.progress() {
        // Without animation: it would keep a machine without graphics card busy drawing while it simulates.
        ui.add(ProgressBar::new(share as f32).desired_height(8.0));
        weak(ui, look.t("alternatives-working"));
    }
    if let Some(fault) = alternatives.fault() {
        let text = RichText::new(fault.text(look.language)).color(look.colours.error.egui());
        ui.add(Label::new(text).wrap());
    }
    ui.separator();
    tabs(ui, look, alternatives, commands);
    cards(ui, look, alternatives, commands);
}

pub(super) fn ask(command: AlternativesCommand) -> Command {
    Command::Alternatives(command)
}

/// Weather, start and length of what all live through.
fn conditions(ui: &mut Ui, look: &Look, alternatives: &Alternatives, commands: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| {
        ui.label(look.t("run-weather"));
        let now = alternatives.weather().clone();
        let mut all = vec![WeatherChoice::Fitting];
        all.extend(EXAMPLE_WINTERS.map(|winter| WeatherChoice::Winter(winter.name)));
        all.push(WeatherChoice::AsSet);
        ComboBox::from_id_salt("alternatives-weather").selected_text(weather_name(look, &now)).width(150.0).show_ui(
            ui,
            |ui| {
                for choice in all {
                    if ui.selectable_label(choice == now, weather_name(look, &choice)).clicked() && choice != now {
                        commands.push(ask(AlternativesCommand::SetWeather(choice)));
                    }
                }
            },
        );
        let label = ui.label(look.t("run-start"));
        start(ui, look, alternatives, commands, label.id);
        let label = ui.label(look.t("run-hours"));
        let mut hours = alternatives.hours();
        let field = DragValue::new(&mut hours).range(HOURS[0]..=HOURS[1]).speed(0.25).max_decimals(0).suffix(" h");
        if ui.add(field).labelled_by(label.id).changed() {
            commands.push(ask(AlternativesCommand::SetHours(hours)));
        }
    });
}

/// The start as typed; empty: the coldest day.
fn start(ui: &mut Ui, look: &Look, alternatives: &Alternatives, commands: &mut Vec<Command>, label: Id) {
    let id = Id::new("alternatives-start");
    let shown = alternatives.start_calendar_s().map(time_text).unwrap_or_default();
    let mut typed = ui.data(|data| data.get_temp::<String>(id)).unwrap_or_else(|| shown.clone());
    let field = TextEdit::singleline(&mut typed).hint_text(look.t("alternatives-start-coldest")).desired_width(130.0);
    let response = ui.add(field).labelled_by(label).on_hover_text(look.t("run-start-hint"));
    let wanted = parse_time(typed.trim());
    let wrong = !typed.trim().is_empty() && wanted.is_none();
    if wrong && !response.has_focus() {
        ui.label(RichText::new("▲").color(look.colours.error.egui())).on_hover_text(look.t("run-bad-start"));
    }
    if response.lost_focus() && !wrong && wanted != alternatives.start_calendar_s() {
        commands.push(ask(AlternativesCommand::SetStart(wanted)));
    }
    ui.data_mut(|data| data.insert_temp(id, typed));
}

/// One line for each alternative.
fn list(ui: &mut Ui, look: &Look, alternatives: &Alternatives, commands: &mut Vec<Command>) {
    if alternatives.list().is_empty() {
        ui.add(Label::new(RichText::new(look.t("alternatives-none")).weak()).wrap());
        return;
    }
    ScrollArea::vertical().id_salt("alternatives-list").max_height(132.0).auto_shrink([false, true]).show(ui, |ui| {
        for (at, alternative) in alternatives.list().iter().enumerate() {
            ui.horizontal(|ui| {
                let remove = ask(AlternativesCommand::Remove(at));
                let response = ui.add(Button::new("×").small());
                if with_tip(response, look, &remove).clicked() {
                    commands.push(remove);
                }
                let about = match alternative.edits.len() {
                    0 => look.t(&running_key(alternative.running)),
                    count => look.with("alternatives-edits", &[("count", count.to_string())]),
                };
                let about = if about == alternative.name { String::new() } else { about };
                let chosen = alternatives.chosen() == at + 1;
                if super::widgets::list_row(ui, &alternative.name, &about, chosen).clicked() {
                    commands.push(ask(AlternativesCommand::Choose(at + 1)));
                }
            });
        }
    });
}

fn tabs(ui: &mut Ui, look: &Look, alternatives: &Alternatives, commands: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| {
        for card in Card::ALL {
            let text = look.t(&format!("alternatives-card-{}", card.word()));
            if ui.selectable_label(alternatives.card() == card, text).clicked() && alternatives.card() != card {
                commands.push(ask(AlternativesCommand::Show(card)));
            }
        }
    });
}

fn cards(ui: &mut Ui, look: &Look, alternatives: &Alternatives, commands: &mut Vec<Command>) {
    if alternatives.card() == Card::Orders {
        super::orders::draw(ui, look, commands);
        return;
    }
    let Some(result) = alternatives.sheet() else {
        if alternatives.progress().is_none() {
            ui.add(Label::new(RichText::new(look.t("alternatives-not-compared")).weak()).wrap());
        }
        return;
    };
    if !look.session.sheet_is_current() {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new("▲").color(look.colours.warning.egui()));
            ui.label(RichText::new(look.t("alternatives-stale")).color(look.colours.warning.egui()));
        });
    }
    egui::Panel::bottom("alternatives-foot").show_separator_line(true).show(ui, |ui| {
        let arguments = [
            ("weather", weather_word(look, &result.weather_name)),
            ("start", time_text(result.conditions.start_calendar_s)),
            ("hours", format!("{:.0}", result.conditions.hours)),
            ("seconds", format!("{:.1}", result.wall_s)),
        ];
        ui.add(Label::new(RichText::new(look.with("alternatives-foot", &arguments)).weak()).wrap());
        if let Some(reason) = &result.without_prices {
            let text = look.with("alternatives-without-prices", &[("reason", reason.clone())]);
            ui.add(Label::new(RichText::new(text).color(look.colours.warning.egui())).wrap());
        }
    });
    match alternatives.card() {
        Card::Sheet => sheet::draw(ui, look, alternatives, result, commands),
        Card::Plot => plot::draw(ui, look, alternatives, result, commands),
        Card::Details | Card::Orders => details::draw(ui, look, alternatives, commands),
    }
}
