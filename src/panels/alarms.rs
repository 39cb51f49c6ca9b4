//! The alarm list: what has to be done, by priority; a click leads there, two buttons answer it. Below it what happened, and
//! what happens most often.

use egui::{Align, CollapsingHeader, Label, Layout, RichText, ScrollArea, Sense, Ui};

use super::live::age;
use super::look::Look;
use super::widgets::{command_button, weak};
use crate::live::access::Right;
use crate::live::alarm::Kind;
use crate::session::Command;
use crate::session::live::{AlarmBoard, AlarmLine, LiveCommand, Picture, event_text};

/// Alarms shown at most; what lies beyond is counted.
const SHOWN: usize = 200;
/// A shelved alarm comes back by itself after this time.
const SHELVED_MINUTES: u32 = 30;

pub fn draw(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    let Some(picture) = look.session.live_picture() else {
        ui.add(Label::new(RichText::new(look.t("live-none")).weak()).wrap());
        return;
    };
    let board = &picture.alarms;
    ui.horizontal_wrapped(|ui| {
        for (priority, count) in board.counts().iter().enumerate() {
            let priority = priority as u8 + 1;
            let text = format!("{} {count}", sign(priority));
            let colour = if *count > 0 { colour(look, priority) } else { look.colours.weak_text.egui() };
            ui.label(RichText::new(text).color(colour).size(15.0))
                .on_hover_text(look.with("live-alarms-priority", &[("priority", priority.to_string())]));
        }
        let waiting = board.unacknowledged() > 0 && look.session.may(Right::Acknowledge);
        command_button(ui, look, Command::Live(LiveCommand::AcknowledgeAll), waiting, commands);
    });
    if board.flood.is_some() {
        let text = RichText::new(look.t("live-alarms-flood")).color(look.colours.error.egui());
        ui.add(Label::new(text).wrap());
    }
    ui.separator();
    ScrollArea::vertical().id_salt("alarms").auto_shrink(false).show(ui, |ui| {
        if board.lines.is_empty() {
            weak(ui, look.t("live-alarms-none"));
        }
        for line in board.lines.iter().take(SHOWN) {
            row(ui, look, picture, line, commands);
            ui.separator();
        }
        if board.lines.len() > SHOWN {
            weak(ui, look.with("live-alarms-more", &[("count", (board.lines.len() - SHOWN).to_string())]));
        }
        if !board.aside.is_empty() {
            let title = look.with("live-alarms-aside", &[("count", board.aside.len().to_string())]);
            CollapsingHeader::new(title).id_salt("aside").show_unindented(ui, |ui| {
                for line in board.aside.iter().take(SHOWN) {
                    row(ui, look, picture, line, commands);
                    ui.separator();
                }
            });
        }
        sequence(ui, look, picture, commands);
        frequent(ui, look, board);
    });
}

/// What happened to alarms, the latest first, to the millisecond.
fn sequence(ui: &mut Ui, look: &Look, picture: &Picture, commands: &mut Vec<Command>) {
    let events = &picture.alarms.events;
    if events.is_empty() {
        return;
    }
    CollapsingHeader::new(look.t("live-alarms-events")).id_salt("events").show_unindented(ui, |ui| {
        for event in events.iter() {
            ui.horizontal(|ui| {
                weak(ui, event.at.local_text());
                let ink = if event.from == event.to { look.colours.weak_text } else { look.colours.strong_text };
                let text = RichText::new(event.subject()).color(ink.egui());
                let response = ui.add(Label::new(text).truncate().sense(Sense::click()));
                let tag = picture.points.tags.id(event.subject());
                if response.on_hover_text(look.t("problems-hint")).clicked()
                    && let Some(element) = tag.and_then(|tag| picture.points.shown_at(tag))
                {
                    commands.push(Command::Select(element.clone()));
                    commands.push(Command::FlyTo(element.clone()));
                }
            });
            let text = format!("{}: {}", look.t(event.kind.key()), event_text(event, look.language, look.units));
            ui.add(Label::new(RichText::new(text).weak()).wrap());
            ui.add_space(4.0);
        }
    });
}

/// What keeps a person busy, so that somebody mends it.
fn frequent(ui: &mut Ui, look: &Look, board: &AlarmBoard) {
    if board.frequent.is_empty() {
        return;
    }
    let title = look.with("live-alarms-frequent", &[("count", board.of_the_day.to_string())]);
    CollapsingHeader::new(title).id_salt("frequent").show_unindented(ui, |ui| {
        for bad in &board.frequent {
            ui.horizontal(|ui| {
                weak(ui, format!("{}×", bad.count));
                ui.add(Label::new(format!("{} {}", bad.subject, look.t(bad.kind))).truncate());
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    weak(ui, format!("{:.0} %", bad.share * 100.0));
                });
            });
        }
    });
}

fn row(ui: &mut Ui, look: &Look, picture: &Picture, line: &AlarmLine, commands: &mut Vec<Command>) {
    let row = &line.row;
    let quiet = row.state.is_hidden() || !row.active;
    let colour = if quiet { look.colours.weak_text.egui() } else { colour(look, line.priority()) };
    ui.horizontal_top(|ui| {
        ui.label(RichText::new(sign(line.priority())).color(colour).size(15.0)).on_hover_text(look.t(row.state.key()));
        ui.vertical(|ui| {
            ui.horizontal(|ui| {
                // What waits for an answer stands out; what has been answered steps back.
                let ink = if line.waits() { look.colours.strong_text } else { look.colours.weak_text };
                let text = RichText::new(line.subject()).strong().color(ink.egui());
                let response = ui.add(Label::new(text).truncate().sense(Sense::click()));
                let element = row.tag.and_then(|tag| picture.points.shown_at(tag)).or(row.element.as_ref());
                if response.on_hover_text(look.t("problems-hint")).clicked()
                    && let Some(element) = element
                {
                    commands.push(Command::Select(element.clone()));
                    commands.push(Command::FlyTo(element.clone()));
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let since = row.raised.map(|raised| picture.now.ms_since(raised) as f64 / 1e3);
                    weak(ui, age(look, since));
                });
            });
            // Of a doubted value the reason says more than the name of the alarm.
            let reason = row.tag.filter(|_| row.kind == Kind::Quality).and_then(|tag| picture.remark(tag));
            let text = match reason {
                Some(remark) => remark.text(&picture.points.tags, look.language, look.units),
                None => line.text(look.language, look.units),
            };
            ui.add(Label::new(text).wrap()).on_hover_text(look.t(&format!("{}.help", row.kind.key())));
            ui.horizontal_wrapped(|ui| {
                let id = row.alarm;
                if line.waits() {
                    let may = look.session.may(Right::Acknowledge);
                    command_button(ui, look, Command::Live(LiveCommand::Acknowledge(id)), may, commands);
                }
                if row.shelf.is_some() {
                    let may = look.session.may(Right::Shelve);
                    command_button(ui, look, Command::Live(LiveCommand::Unshelve(id)), may, commands);
                } else if row.active {
                    let shelve = LiveCommand::Shelve { alarm: id, minutes: SHELVED_MINUTES };
                    command_button(ui, look, Command::Live(shelve), look.session.may(Right::Shelve), commands);
                }
            });
        });
    });
}

/// Square, triangle, disc, ring with the number of the priority: never colour alone.
fn sign(priority: u8) -> String {
    let shape = match priority {
        1 => "■",
        2 => "▲",
        3 => "●",
        _ => "○",
    };
    format!("{shape}{priority}")
}

fn colour(look: &Look, priority: u8) -> egui::Color32 {
    match priority {
        1 => look.colours.error.egui(),
        2 => look.colours.warning.egui(),
        _ => look.colours.info.egui(),
    }
}
