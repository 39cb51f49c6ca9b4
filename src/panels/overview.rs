//! The network at a glance: one line of figures below the menus.

use egui::{RichText, Sense, Ui};

use super::look::Look;
use crate::session::view::summary;
use crate::session::{Command, Panel};
use crate::units::Quantity;

pub fn draw(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    let s = summary(look.session);
    ui.add_space(2.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        let figure = |ui: &mut Ui, key: &str, text: String, colour: Option<egui::Color32>| {
            ui.label(RichText::new(look.t(key)).weak().small());
            let text = RichText::new(text).color(colour.unwrap_or(look.colours.strong_text.egui()));
            let response = ui.add(egui::Label::new(text).sense(Sense::click()));
            ui.add_space(12.0);
            response
        };
        figure(ui, "overview-heat", look.number(Quantity::Heat, s.source_heat_w), None);
        figure(ui, "overview-flow", look.number(Quantity::MassFlow, s.flow_kg_s), None);
        let temperatures = format!(
            "{} / {}",
            look.units.number(Quantity::Temperature, s.supply_temperature_c),
            look.number(Quantity::Temperature, s.return_temperature_c)
        );
        figure(ui, "overview-temperatures", temperatures, None);
        let loss = match s.loss_w / s.source_heat_w {
            share if share.is_finite() => {
                format!("{}  {}", look.number(Quantity::Heat, s.loss_w), look.number(Quantity::Share, share))
            }
            _ => look.number(Quantity::Heat, s.loss_w),
        };
        figure(ui, "overview-loss", loss, None);
        if let Some((element, available_pa)) = &s.worst {
            let text = format!("{}  {}", element.id, look.number(Quantity::PressureDifference, *available_pa));
            let colour = if *available_pa < 0.0 { look.colours.error } else { look.colours.strong_text };
            let response = figure(ui, "overview-worst", text, Some(colour.egui()));
            if response.on_hover_text(Command::SelectWorst.tip(look.language)).clicked() {
                commands.push(Command::SelectWorst);
            }
        }
        let short = if s.unsatisfied > 0 { look.colours.warning } else { look.colours.strong_text };
        figure(
            ui,
            "overview-consumers",
            format!("{} / {}", s.consumers - s.unsatisfied, s.consumers),
            Some(short.egui()),
        );
        live(ui, look, commands);
    });
    ui.add_space(1.0);
}

/// Whether the figures are those of the field, when they were true, and what is wrong with it; a click leads to the list.
fn live(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    let Some(field) = look.session.live() else { return };
    let (text, colour) = match field.picture() {
        _ if field.fault().is_some() => (look.t("live-not-read"), look.colours.error),
        None => (look.t("live-connecting"), look.colours.weak_text),
        Some(_) if !look.session.shows_live() && field.is_following() && !look.session.is_field_state() => {
            (look.t("live-state-scenario"), look.colours.warning)
        }
        Some(picture) => {
            let (answering, all) = picture.devices_answering();
            let arguments = [
                ("time", picture.time_of_day()),
                ("answering", answering.to_string()),
                ("all", all.to_string()),
                ("alarms", picture.alarms.active().to_string()),
            ];
            let shown = if look.session.shows_live() { "live-state" } else { "live-state-calculated" };
            let colour = if picture.alarms.unacknowledged() > 0 { look.colours.warning } else { look.colours.good };
            (look.with(shown, &arguments), colour)
        }
    };
    let text = RichText::new(text).color(colour.egui());
    let response = ui.add(egui::Label::new(text).sense(Sense::click()));
    if response.on_hover_text(Command::TogglePanel(Panel::Alarms).tip(look.language)).clicked() {
        commands.push(Command::ShowPanel(Panel::Alarms));
    }
    ui.add_space(12.0);
}
