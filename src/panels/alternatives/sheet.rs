//! The sheet: figures down, alternatives across.

use egui::{Align, Button, Color32, Frame, Label, Layout, Margin, RichText, ScrollArea, Ui, vec2};

use super::super::look::Look;
use super::super::widgets::command_button;
use super::ask;
use crate::session::Command;
use crate::session::alternatives::{Alternatives, AlternativesCommand, Sheet};
use crate::session::view::{SheetCell, Tone, figure_key, sheet_rows};

/// Width of the names of figures, and of a column.
const LABEL: f32 = 156.0;
const COLUMN: f32 = 100.0;

pub fn draw(ui: &mut Ui, look: &Look, alternatives: &Alternatives, sheet: &Sheet, commands: &mut Vec<Command>) {
    actions(ui, look, alternatives, commands);
    let rows = sheet_rows(sheet, look.units);
    ScrollArea::both().id_salt("alternatives-sheet").auto_shrink(false).show(ui, |ui| {
        line(ui, false, look, |ui| heads(ui, look, alternatives, sheet, commands));
        for (at, row) in rows.iter().enumerate() {
            line(ui, at % 2 == 0, look, |ui| {
                let unit = if row.unit.is_empty() { String::new() } else { format!(" ({})", row.unit) };
                let name = format!("{}{unit}", look.t(&figure_key(row.figure)));
                field(ui, LABEL, Align::Min, |ui| {
                    ui.add(Label::new(name).wrap());
                });
                for one in &row.cells {
                    field(ui, COLUMN, Align::Max, |ui| cell(ui, look, one));
                }
            });
        }
        for (name, row) in sheet.names.iter().zip(&sheet.rows) {
            if let Err(reason) = row {
                ui.label(RichText::new(format!("{name}: {reason}")).color(look.colours.error.egui()));
            }
        }
        ui.add_space(4.0);
        let width = ui.available_width().min(LABEL + 3.0 * COLUMN);
        field(ui, width, Align::Min, |ui| {
            ui.add(Label::new(RichText::new(look.t("alternatives-spread-note")).weak()).wrap());
        });
    });
}

/// A line over all columns, every other one on a ground of its own.
fn line(ui: &mut Ui, marked: bool, look: &Look, contents: impl FnOnce(&mut Ui)) {
    let fill = if marked { look.colours.inset.egui() } else { Color32::TRANSPARENT };
    Frame::new().fill(fill).inner_margin(Margin::symmetric(4, 2)).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 10.0;
            contents(ui);
        });
    });
}

/// A place in a line, as wide as its column.
fn field(ui: &mut Ui, width: f32, align: Align, contents: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(align), |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = 0.0;
        contents(ui);
    });
}

/// What can be done with the column looked at.
fn actions(ui: &mut Ui, look: &Look, alternatives: &Alternatives, commands: &mut Vec<Command>) {
    let chosen = alternatives.chosen_assessment().is_some() && alternatives.chosen() > 0;
    ui.horizontal_wrapped(|ui| {
        let map = ask(AlternativesCommand::ToggleMap);
        let button = Button::new(map.text(look.language)).selected(alternatives.on_map());
        let response = ui.add_enabled(chosen || alternatives.on_map(), button);
        if super::super::widgets::with_tip(response, look, &map).clicked() {
            commands.push(map);
        }
        command_button(ui, look, ask(AlternativesCommand::MakeItSo), chosen, commands);
        let field = look.session.live().is_some();
        command_button(ui, look, ask(AlternativesCommand::Issue), chosen && field, commands);
    });
}

fn heads(ui: &mut Ui, look: &Look, alternatives: &Alternatives, sheet: &Sheet, commands: &mut Vec<Command>) {
    field(ui, LABEL, Align::Min, |_| {});
    for (at, name) in sheet.names.iter().enumerate() {
        field(ui, COLUMN, Align::Max, |ui| {
            let best = sheet.best.get(at) == Some(&true);
            let text = RichText::new(name).strong().color(look.colours.strong_text.egui());
            let chosen = alternatives.chosen() == at;
            let response = ui.add(Button::selectable(chosen, text).wrap_mode(egui::TextWrapMode::Wrap));
            if response.clicked() {
                commands.push(ask(AlternativesCommand::Choose(at)));
            }
            if best {
                let text = RichText::new(format!("◆ {}", look.t("alternatives-best-short"))).small().color(good(look));
                ui.label(text).on_hover_text(look.t("alternatives-best"));
            }
        });
    }
}

fn good(look: &Look) -> Color32 {
    look.colours.good.egui()
}

fn cell(ui: &mut Ui, look: &Look, cell: &SheetCell) {
    let mut value = egui::text::LayoutJob::default();
    let format = |size: f32, colour: Color32| egui::TextFormat {
        font_id: egui::FontId::proportional(size),
        color: colour,
        ..Default::default()
    };
    value.append(&cell.value, 0.0, format(13.5, look.colours.strong_text.egui()));
    if !cell.spread.is_empty() {
        value.append(&cell.spread, 4.0, format(11.5, look.colours.weak_text.egui()));
    }
    ui.add(Label::new(value).wrap_mode(egui::TextWrapMode::Extend));
    if !cell.change.is_empty() {
        let colour = match cell.tone {
            Tone::Better => good(look),
            Tone::Worse => look.colours.warning.egui(),
            Tone::Neutral => look.colours.weak_text.egui(),
        };
        ui.label(RichText::new(&cell.change).size(12.0).color(colour));
    }
}
