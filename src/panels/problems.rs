//! What import, validation and solution found; a click leads to the element.

use egui::{Label, RichText, ScrollArea, Sense, Ui};

use super::look::Look;
use super::widgets::{severity_mark, weak};
use crate::session::Command;

/// Problems shown at most; what lies beyond is counted.
const SHOWN: usize = 300;

pub fn draw(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    let problems = look.session.problems();
    if problems.is_empty() {
        weak(ui, look.t("problems-none"));
        return;
    }
    ScrollArea::vertical().id_salt("problems").auto_shrink(false).show(ui, |ui| {
        for finding in problems.iter().take(SHOWN) {
            let response = ui
                .horizontal_top(|ui| {
                    severity_mark(ui, look, finding.severity);
                    ui.vertical(|ui| {
                        let message = finding.message(look.language, look.units);
                        let label = ui.add(Label::new(message).wrap().sense(Sense::click()));
                        ui.add(
                            Label::new(RichText::new(finding.help(look.language, look.units)).weak().small()).wrap(),
                        );
                        label
                    })
                    .inner
                })
                .inner;
            if response.on_hover_text(look.t("problems-hint")).clicked() {
                commands.push(Command::Select(finding.element.clone()));
                commands.push(Command::FlyTo(finding.element.clone()));
            }
            ui.separator();
        }
        if problems.len() > SHOWN {
            weak(ui, look.with("problems-more", &[("count", (problems.len() - SHOWN).to_string())]));
        }
    });
}
