//! The emergency at the right: headline, what to close, whom it hits, how long rooms last, what else can be done.
//!
//! Every figure is read from the answer ([`Answer`](crate::session::emergency::Answer)); sentences that the printed sheet
//! has as well come from there. A rehearsal has a panel of its own ([`drill`]).

mod assumptions;
pub mod banner;
mod close;
mod drill;
mod log;
mod others;
mod rooms;
mod users;

use egui::{Label, RichText, ScrollArea, Ui};

use super::look::Look;
use super::widgets::{command_button, weak};
use crate::io::emergency::{Part, Section, part_sentences};
use crate::session::emergency::{Answer, Card, Emergency, EmergencyCommand, Standing};
use crate::session::view::{Headline, headline};
use crate::session::{Command, Panel};
use crate::units::{Quantity, hours_minutes};

pub fn draw(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.set_min_width(ui.available_width());
    ui.add_space(4.0);
    let Some(emergency) = look.session.emergency() else {
        ui.heading(look.t("alarm-title"));
        ui.add(Label::new(RichText::new(look.t("alarm-nothing")).weak()).wrap());
        command_button(ui, look, ask(EmergencyCommand::BurstHere), true, commands);
        command_button(ui, look, ask(EmergencyCommand::RehearseAny), true, commands);
        ui.add_space(6.0);
        ui.add(Label::new(RichText::new(look.t("alarm-open-log")).weak()).wrap());
        command_button(ui, look, Command::ShowPanel(Panel::Open), true, commands);
        return;
    };
    ui.horizontal_wrapped(|ui| {
        let rehearsal = emergency.drill().is_some();
        ui.heading(look.t(if rehearsal { "alarm-rehearsal" } else { "alarm-title" }));
        for command in
            [EmergencyCommand::Frame, EmergencyCommand::ToggleBanner, EmergencyCommand::Report, EmergencyCommand::Close]
        {
            command_button(ui, look, ask(command), true, commands);
        }
    });
    for place in emergency.places() {
        let position = look.number(Quantity::Share, place.position);
        let arguments = [("element", look.element(&place.element)), ("position", position)];
        weak(ui, look.with("alarm-place", &arguments));
    }
    if let Some(fault) = emergency.fault() {
        let text = RichText::new(fault.text(look.language)).color(look.colours.error.egui());
        ui.add(Label::new(text).wrap());
    }
    if let Some(drill) = emergency.drill() {
        drill::draw(ui, look, emergency, drill, commands);
        return;
    }
    assumptions::draw(ui, look, emergency, commands);
    let Some(answer) = emergency.answer() else {
        if emergency.is_waiting() {
            ui.horizontal(|ui| {
                ui.label(look.t("alarm-working"));
            });
        }
        return;
    };
    plan(ui, look, emergency, answer, commands);
}

fn plan(ui: &mut Ui, look: &Look, emergency: &Emergency, answer: &Answer, commands: &mut Vec<Command>) {
    let figures = headline(&answer.network, &answer.response);
    ui.add(
        Label::new(RichText::new(sentence(look, &figures)).size(15.5).color(look.colours.strong_text.egui())).wrap(),
    );
    standing(ui, look, commands);
    ui.add_space(2.0);
    tabs(ui, look, emergency.card(), commands);
    ui.separator();
    egui::Panel::bottom("emergency-foot").show_separator_line(true).show(ui, |ui| footer(ui, look, answer));
    ScrollArea::vertical().id_salt(("emergency", emergency.card().word())).auto_shrink(false).show(ui, |ui| {
        card(ui, look, emergency, answer, emergency.card(), commands);
    });
}

pub(super) fn card(
    ui: &mut Ui,
    look: &Look,
    emergency: &Emergency,
    answer: &Answer,
    card: Card,
    commands: &mut Vec<Command>,
) {
    match card {
        Card::Close => close::draw(ui, look, emergency, answer, commands),
        Card::Users => users::draw(ui, look, answer, commands),
        Card::Rooms => rooms::draw(ui, look, answer, commands),
        Card::Resupply => others::resupply(ui, look, emergency, answer, commands),
        Card::Restore => sheet(ui, look, answer, Part::Restore, true),
        Card::Others => others::alternatives(ui, look, emergency, answer, commands),
        Card::Log => log::draw(ui, look, emergency, commands),
    }
}

pub(super) fn ask(command: EmergencyCommand) -> Command {
    Command::Emergency(command)
}

fn tabs(ui: &mut Ui, look: &Look, open: Card, commands: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| {
        // Seven of them in one row, in every language.
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.spacing_mut().button_padding.x = 4.0;
        for card in Card::ALL {
            let text = look.t(&format!("alarm-card-{}", card.word()));
            if ui.selectable_label(open == card, text).clicked() && open != card {
                commands.push(ask(EmergencyCommand::Show(card)));
            }
        }
    });
}

/// Whether the plan still belongs to the network, and the button that makes it true.
fn standing(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| match look.session.emergency_standing() {
        Some(Standing::Current) => command_button(ui, look, ask(EmergencyCommand::CarryOut), true, commands),
        Some(Standing::CarriedOut { steps }) => {
            let text = match steps {
                0 => look.t("alarm-carried-out"),
                _ => look.with("alarm-carried-out-steps", &[("steps", steps.to_string())]),
            };
            ui.label(RichText::new("●").color(look.colours.good.egui()));
            ui.label(RichText::new(text).color(look.colours.good.egui()));
            command_button(ui, look, Command::Undo, true, commands);
        }
        Some(Standing::Stale) => {
            ui.label(RichText::new("▲").color(look.colours.warning.egui()));
            ui.label(RichText::new(look.t("alarm-stale")).color(look.colours.warning.egui()));
            command_button(ui, look, ask(EmergencyCommand::Replan), true, commands);
        }
        None => {}
    });
}

/// No turning wheel: it would keep a machine without graphics card busy drawing while it works the answer out.
fn footer(ui: &mut Ui, look: &Look, answer: &Answer) {
    ui.horizontal_wrapped(|ui| {
        let seconds = format!("{:.2}", answer.milliseconds / 1e3);
        let key = if answer.complete { "alarm-answered" } else { "alarm-answered-first" };
        weak(ui, look.with(key, &[("seconds", seconds)]));
    });
}

/// The figures as one sentence.
fn sentence(look: &Look, figures: &Headline) -> String {
    let mut parts = vec![if figures.valves + figures.stops == 0 {
        look.t("alarm-nothing-feeds")
    } else {
        let key = if figures.stops > 0 { "alarm-close-and-stop" } else { "alarm-close" };
        let arguments = [
            ("valves", figures.valves.to_string()),
            ("stops", figures.stops.to_string()),
            ("time", hours_minutes(figures.shut_s)),
        ];
        look.with(key, &arguments)
    }];
    if figures.users == Some((0, 0)) {
        parts.push(look.t("alarm-nobody"));
    } else if let Some((cut_off, short)) = figures.users {
        let arguments = [
            ("cutoff", cut_off.to_string()),
            ("short", short.to_string()),
            ("heat", look.number(Quantity::Heat, figures.lost_w)),
        ];
        parts.push(look.with("alarm-users", &arguments));
    } else {
        parts.push(look.t("emergency-not-solved"));
    }
    if let Some(first_s) = figures.first_below_s {
        let arguments = [
            ("first", duration(look, first_s)),
            ("repair", duration(look, figures.repair_s)),
            ("count", figures.too_cold.to_string()),
        ];
        parts.push(look.with("alarm-first-rooms", &arguments));
    }
    parts.join(" ")
}

/// `9 h 40 min`.
pub(super) fn duration(look: &Look, seconds: f64) -> String {
    let minutes = (seconds / 60.0).round().max(0.0) as u64;
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let arguments = [("hours", hours.to_string()), ("minutes", minutes.to_string())];
    match (hours, minutes) {
        (0, _) => look.with("alarm-minutes", &arguments),
        (_, 0) => look.with("alarm-hours", &arguments),
        _ => look.with("alarm-hours-minutes", &arguments),
    }
}

/// A part of the printed sheet: its sentences, without its table.
pub(super) fn sheet(ui: &mut Ui, look: &Look, answer: &Answer, part: Part, titled: bool) {
    let Some(section) = part_sentences(&answer.network, &answer.response, look.language, look.units, part) else {
        return;
    };
    sentences(ui, look, &section, titled);
}

pub(super) fn sentences(ui: &mut Ui, look: &Look, section: &Section, titled: bool) {
    if titled {
        ui.add_space(6.0);
        ui.label(RichText::new(&section.title).strong().color(look.colours.strong_text.egui()));
    }
    for line in &section.lines {
        ui.add(Label::new(line).wrap());
    }
    for note in &section.notes {
        ui.add(Label::new(RichText::new(note).weak()).wrap());
    }
}

/// A colour of the emergency.
pub(super) fn rgb([r, g, b]: [u8; 3]) -> egui::Color32 {
    egui::Color32::from_rgb(r, g, b)
}
