//! Named lists of edits: keep what was changed, apply what was kept.

use egui::{Id, ScrollArea, TextEdit, Ui};

use super::look::Look;
use super::widgets::weak;
use crate::session::Command;

pub fn draw(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    let id = Id::new("scenario-name");
    let mut name = ui.data(|data| data.get_temp::<String>(id)).unwrap_or_default();
    let changes = look.session.document().history().edits().len();
    weak(ui, look.with("scenario-changes", &[("count", changes.to_string())]));
    ui.horizontal(|ui| {
        let keep = look.t("scenario-keep");
        let button = ui.text_style_height(&egui::TextStyle::Button) * keep.chars().count() as f32 + 24.0;
        let width = (ui.available_width() - button).max(80.0);
        ui.add(TextEdit::singleline(&mut name).hint_text(look.t("scenario-name")).desired_width(width));
        let ready = changes > 0 && !name.trim().is_empty();
        if ui.add_enabled(ready, egui::Button::new(keep)).clicked() {
            commands.push(Command::KeepScenario(name.trim().to_owned()));
            name.clear();
        }
    });
    ui.data_mut(|data| data.insert_temp(id, name));
    ui.separator();
    let scenarios = look.session.network().scenarios();
    if scenarios.is_empty() {
        ui.add(egui::Label::new(egui::RichText::new(look.t("scenario-none")).weak()).wrap());
    }
    ScrollArea::vertical().id_salt("scenarios").auto_shrink(false).show(ui, |ui| {
        for (name, scenario) in scenarios {
            ui.strong(&**name);
            let mut about = look.with("scenario-edits", &[("count", scenario.edits.len().to_string())]);
            if let Some(parent) = &scenario.parent {
                about = format!("{about} · {}", look.with("scenario-parent", &[("name", parent.to_string())]));
            }
            weak(ui, about);
            if !scenario.note.is_empty() {
                ui.add(egui::Label::new(&scenario.note).wrap());
            }
            let command = Command::ApplyScenario(name.to_string());
            if ui.button(command.text(look.language)).on_hover_text(command.tip(look.language)).clicked() {
                commands.push(command);
            }
            ui.separator();
        }
    });
}
