//! The incident's file and its entries, newest first: what was done here, and what others have added.

use egui::{Label, RichText, Ui};

use super::super::look::Look;
use super::super::widgets::{command_button, weak};
use super::ask;
use crate::io::emergency::entry_line;
use crate::session::Command;
use crate::session::emergency::{Emergency, EmergencyCommand};

/// Entries shown.
const MOST_ROWS: usize = 60;

pub fn draw(ui: &mut Ui, look: &Look, emergency: &Emergency, commands: &mut Vec<Command>) {
    match emergency.file() {
        Some(file) => {
            let path = file.path.display().to_string();
            ui.add(Label::new(look.with("alarm-log-file", &[("path", path)])).wrap());
            if file.under_way() > 0 {
                weak(ui, look.with("alarm-log-under-way", &[("count", file.under_way().to_string())]));
            }
        }
        None if emergency.drill().is_some() => {
            ui.add(Label::new(RichText::new(look.t("alarm-log-rehearsal")).weak()).wrap());
        }
        None => {
            ui.add(Label::new(RichText::new(look.t("alarm-log-not-kept")).weak()).wrap());
            command_button(ui, look, ask(EmergencyCommand::KeepLog), true, commands);
        }
    }
    ui.separator();
    let entries = emergency.incident().entries();
    for entry in entries.iter().rev().take(MOST_ROWS) {
        ui.add(Label::new(entry_line(entry, Some(look.session.network()), look.language)).wrap());
    }
    if entries.len() > MOST_ROWS {
        weak(ui, look.with("alarm-log-more", &[("count", (entries.len() - MOST_ROWS).to_string())]));
    }
}
