//! Who loses heat: hospitals and schools first, or by what is left.

use egui::{Id, Label, RichText, Ui, vec2};

use super::super::look::Look;
use super::super::widgets::weak;
use super::{rgb, sentences};
use crate::emergency::impact::{ConsumerImpact, Loss};
use crate::io::emergency::{Part, part_sentences, priority_text};
use crate::network::Priority;
use crate::session::Command;
use crate::session::emergency::{Answer, colours};
use crate::units::Quantity;

/// Rows shown at most; the rest is counted.
const MOST_ROWS: usize = 120;

pub fn draw(ui: &mut Ui, look: &Look, answer: &Answer, commands: &mut Vec<Command>) {
    let Some(impact) = answer.response.impact.as_ref().filter(|impact| !impact.consumers.is_empty()) else {
        let key = if answer.response.before.converged { "alarm-nobody" } else { "emergency-not-solved" };
        ui.add(Label::new(look.t(key)).wrap());
        return;
    };
    if let Some(mut whole) = part_sentences(&answer.network, &answer.response, look.language, look.units, Part::Users) {
        whole.notes.clear();
        sentences(ui, look, &whole, false);
    }
    let id = Id::new("emergency-users-by-share");
    let mut by_share = ui.data(|data| data.get_temp::<bool>(id)).unwrap_or(false);
    ui.horizontal_wrapped(|ui| {
        ui.selectable_value(&mut by_share, false, look.t("alarm-sort-priority"));
        ui.selectable_value(&mut by_share, true, look.t("alarm-sort-share"));
    });
    ui.data_mut(|data| data.insert_temp(id, by_share));
    let mut rows: Vec<&ConsumerImpact> = impact.consumers.iter().collect();
    if by_share {
        rows.sort_by(|a, b| a.share.total_cmp(&b.share).then(b.before_w.total_cmp(&a.before_w)));
    }
    for consumer in rows.iter().take(MOST_ROWS) {
        row(ui, look, answer, consumer, commands);
    }
    if rows.len() > MOST_ROWS {
        weak(ui, look.with("problems-more", &[("count", (rows.len() - MOST_ROWS).to_string())]));
    }
}

fn row(ui: &mut Ui, look: &Look, answer: &Answer, consumer: &ConsumerImpact, commands: &mut Vec<Command>) {
    let element = answer.network.link_ref(consumer.consumer);
    let name = answer.network.link(consumer.consumer).map_or("", |link| link.name());
    let first = consumer.priority < Priority::Residential;
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(12.0, 12.0), egui::Sense::hover());
        let colour = if consumer.loss == Loss::CutOff { colours::UNFED } else { colours::WATCH };
        ui.painter().rect_filled(rect, 2.0, rgb(colour));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.label(look.number(Quantity::Heat, consumer.before_w));
            weak(ui, look.number(Quantity::Share, consumer.share));
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                let label = if name.is_empty() { element.id.to_string() } else { format!("{} {name}", element.id) };
                let mut text = RichText::new(label);
                if first {
                    text = text.strong().color(look.colours.strong_text.egui());
                }
                let why = look.t(match consumer.loss {
                    Loss::CutOff => "emergency-loss-cut-off",
                    Loss::PressureShort => "emergency-loss-pressure",
                    Loss::TooCold => "emergency-loss-cold",
                    Loss::HeatShort => "emergency-loss-heat",
                });
                let kind = priority_text(&answer.network, consumer.priority, look.language, look.units);
                let response = ui.add(Label::new(text).sense(egui::Sense::click()).truncate());
                if response.on_hover_text(format!("{kind} · {why}")).clicked() {
                    commands.push(Command::Select(element.clone()));
                    commands.push(Command::FlyTo(element.clone()));
                }
                if first {
                    ui.add(Label::new(RichText::new(kind).small()).truncate());
                }
            });
        });
    });
}
