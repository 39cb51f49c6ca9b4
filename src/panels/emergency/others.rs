//! What else can be done: other ways of feeding, other ways of shutting off.

use egui::{CornerRadius, Frame, Label, Margin, RichText, Stroke, Ui};

use super::super::look::Look;
use super::super::widgets::{command_button, weak};
use super::{ask, sheet};
use crate::emergency::response::Merit;
use crate::io::emergency::{Part, action_text};
use crate::session::emergency::{Answer, Emergency, EmergencyCommand, Standing};
use crate::units::{Quantity, hours_minutes};

fn framed(ui: &mut Ui, look: &Look, chosen: bool, contents: impl FnOnce(&mut Ui)) {
    let line = if chosen { look.colours.accent.egui() } else { look.colours.line.egui() };
    Frame::new()
        .fill(look.colours.inset.egui())
        .stroke(Stroke::new(1.0, line))
        .corner_radius(CornerRadius::same(5))
        .inner_margin(Margin::symmetric(7, 5))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            contents(ui);
        });
}

/// Actions that bring heat back, in order; each can be carried out with those before it.
pub fn resupply(
    ui: &mut Ui,
    look: &Look,
    emergency: &Emergency,
    answer: &Answer,
    commands: &mut Vec<crate::session::Command>,
) {
    if !answer.complete && emergency.is_waiting() {
        ui.horizontal(|ui| {
            ui.label(look.t("alarm-searching"));
        });
        return;
    }
    let done = match look.session.emergency_standing() {
        Some(Standing::CarriedOut { steps }) => steps,
        _ => 0,
    };
    let stale = look.session.emergency_standing() == Some(Standing::Stale);
    for (at, step) in answer.response.resupply.steps.iter().enumerate() {
        framed(ui, look, at < done, |ui| {
            let action = action_text(&answer.network, &step.action, look.language, look.units);
            let text = RichText::new(format!("{}. {action}", at + 1)).color(look.colours.strong_text.egui());
            ui.add(Label::new(text).wrap());
            let arguments = [
                ("heat", look.number(Quantity::Heat, step.regained_w)),
                ("left", step.after.totals.cut_off.to_string()),
            ];
            ui.add(Label::new(look.with("alarm-step-gains", &arguments)).wrap());
            let command = ask(EmergencyCommand::CarryOutSteps(at + 1));
            command_button(ui, look, command, at >= done && !stale, commands);
        });
    }
    sheet(ui, look, answer, Part::Resupply, false);
    if answer.response.resupply.solves > 0 {
        weak(ui, look.with("alarm-solves", &[("count", answer.response.resupply.solves.to_string())]));
    }
}

/// Other plans to choose from.
pub fn alternatives(
    ui: &mut Ui,
    look: &Look,
    emergency: &Emergency,
    answer: &Answer,
    commands: &mut Vec<crate::session::Command>,
) {
    for alternative in &answer.response.alternatives {
        let chosen = alternative.plan.valves == answer.response.plan.valves;
        framed(ui, look, chosen, |ui| {
            let merits: Vec<String> = alternative.merits.iter().map(|merit| look.t(key(*merit))).collect();
            ui.add(
                Label::new(RichText::new(merits.join(" · ")).strong().color(look.colours.strong_text.egui())).wrap(),
            );
            let arguments = [
                ("valves", alternative.plan.valves.len().to_string()),
                ("time", hours_minutes(alternative.shut_s)),
                ("cutoff", alternative.cut_off.to_string()),
                ("heat", look.number(Quantity::Heat, alternative.cut_off_w)),
                ("water", format!("{:.0}", alternative.drained_m3)),
            ];
            ui.add(Label::new(look.with("alarm-alternative", &arguments)).wrap());
            let names: Vec<String> =
                alternative.plan.valves.iter().map(|&link| answer.network.link_name(link).to_string()).collect();
            ui.add(Label::new(RichText::new(names.join(", ")).weak()).wrap());
            match alternative.merits.first() {
                Some(_) if chosen => {
                    ui.label(RichText::new(look.t("alarm-this-plan")).color(look.colours.good.egui()));
                }
                Some(merit) => {
                    let command = ask(EmergencyCommand::Choose(*merit));
                    command_button(ui, look, command, *merit != emergency.merit(), commands);
                }
                None => {}
            }
        });
    }
    sheet(ui, look, answer, Part::Fallbacks, false);
}

const fn key(merit: Merit) -> &'static str {
    match merit {
        Merit::FewestUsers => "emergency-fewest-users",
        Merit::FewestValves => "emergency-fewest-valves",
        Merit::Soonest => "emergency-soonest",
        Merit::IfUnknownHold => "emergency-if-unknown-hold",
    }
}
