//! The panel of a rehearsal: its clock, the user's orders, and at the end both ways side by side.

use egui::{Grid, Label, RichText, ScrollArea, Ui};

use super::super::look::Look;
use super::super::widgets::{command_button, weak};
use super::{ask, card, tabs};
use crate::emergency::rehearsal::{Comparison, Outcome};
use crate::network::LinkId;
use crate::session::Command;
use crate::session::emergency::{Drill, Emergency, EmergencyCommand, SPEEDS};
use crate::units::{Quantity, hours_minutes};

pub fn draw(ui: &mut Ui, look: &Look, emergency: &Emergency, drill: &Drill, commands: &mut Vec<Command>) {
    if drill.is_over() {
        over(ui, look, emergency, drill, commands);
        return;
    }
    ui.horizontal(|ui| {
        ui.label(RichText::new(hours_minutes(drill.clock_s())).size(34.0).color(look.colours.strong_text.egui()));
        let key = if drill.runs() { "alarm-pause" } else { "alarm-play" };
        let play = ask(EmergencyCommand::PlayPause);
        if ui.button(look.t(key)).on_hover_text(play.tip(look.language)).clicked() {
            commands.push(play);
        }
        for minutes in SPEEDS {
            let text = format!("{} ×", (60.0 * minutes) as u32);
            let response = ui.selectable_label(drill.speed() == minutes, text);
            if response.on_hover_text(ask(EmergencyCommand::Speed(minutes)).tip(look.language)).clicked() {
                commands.push(ask(EmergencyCommand::Speed(minutes)));
            }
        }
    });
    ui.add(Label::new(look.t("alarm-rehearsal-hint")).wrap());
    command_button(ui, look, ask(EmergencyCommand::EndRehearsal), emergency.answer().is_some(), commands);
    ui.separator();
    ScrollArea::vertical().id_salt("drill").auto_shrink(false).show(ui, |ui| {
        if drill.orders().is_empty() {
            weak(ui, look.t("alarm-no-orders"));
        }
        for order in drill.orders() {
            let element = drill.network().link_ref(order.valve);
            let now_s = drill.clock_s();
            let (key, colour) = match () {
                () if now_s >= order.begins_s && !order.moves => ("alarm-order-stuck", look.colours.warning.egui()),
                () if now_s >= order.shut_s => ("alarm-order-shut", look.colours.good.egui()),
                () if now_s >= order.begins_s => ("alarm-order-turning", look.colours.text.egui()),
                () => ("alarm-order-under-way", look.colours.text.egui()),
            };
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new(&*element.id).size(15.0).strong().color(look.colours.strong_text.egui()));
                let by = match order.crew {
                    Some(crew) => look.with("alarm-crew", &[("crew", (crew + 1).to_string())]),
                    None => look.t("alarm-by-remote"),
                };
                weak(ui, by);
                let arguments = [("begins", hours_minutes(order.begins_s)), ("shut", hours_minutes(order.shut_s))];
                ui.label(RichText::new(look.with(key, &arguments)).color(colour));
                if order.begins_s > now_s {
                    let call_back = ask(EmergencyCommand::Order(element.clone()));
                    if ui.small_button(look.t("alarm-call-back")).clicked() {
                        commands.push(call_back);
                    }
                }
            });
        }
    });
}

fn over(ui: &mut Ui, look: &Look, emergency: &Emergency, drill: &Drill, commands: &mut Vec<Command>) {
    let (Some(comparison), Some(answer)) = (drill.comparison(), emergency.answer()) else {
        ui.horizontal(|ui| {
            ui.label(look.t("alarm-comparing"));
        });
        return;
    };
    verdict(ui, look, drill, comparison);
    table(ui, look, comparison);
    ui.horizontal_wrapped(|ui| {
        command_button(ui, look, ask(EmergencyCommand::RehearseAny), true, commands);
    });
    ui.add_space(6.0);
    ui.label(RichText::new(look.t("alarm-the-plan")).strong().color(look.colours.strong_text.egui()));
    tabs(ui, look, emergency.card(), commands);
    ScrollArea::vertical().id_salt(("drill-plan", emergency.card().word())).auto_shrink(false).show(ui, |ui| {
        card(ui, look, emergency, answer, emergency.card(), commands);
    });
}

fn names(drill: &Drill, valves: &[LinkId]) -> String {
    valves.iter().map(|&valve| drill.network().link_name(valve).to_string()).collect::<Vec<_>>().join(", ")
}

fn verdict(ui: &mut Ui, look: &Look, drill: &Drill, comparison: &Comparison) {
    let (text, colour) = match comparison.own.shut_s {
        Some(shut_s) => (look.with("alarm-verdict-shut", &[("time", hours_minutes(shut_s))]), look.colours.good.egui()),
        None => (look.t("alarm-verdict-open"), look.colours.error.egui()),
    };
    ui.add(Label::new(RichText::new(text).size(17.0).color(colour)).wrap());
    for (key, valves) in [("alarm-unnecessary", &comparison.unnecessary), ("alarm-missing", &comparison.missing)] {
        if !valves.is_empty() {
            let arguments = [("count", valves.len().to_string()), ("valves", names(drill, valves))];
            ui.add(Label::new(look.with(key, &arguments)).wrap());
        }
    }
}

/// One row a measure: own way, plan.
fn table(ui: &mut Ui, look: &Look, comparison: &Comparison) {
    type Measure<'a> = (&'static str, &'a dyn Fn(&Outcome) -> String);
    let heat = |outcome: &Outcome| look.number(Quantity::Heat, outcome.lost_w);
    let coldest = |outcome: &Outcome| {
        outcome.coldest_c.map_or_else(|| "–".to_owned(), |at| look.number(Quantity::Temperature, at))
    };
    let measures: [Measure<'_>; 8] = [
        ("alarm-measure-valves", &|outcome| outcome.valves.to_string()),
        ("alarm-measure-shut", &|outcome| outcome.shut_s.map_or_else(|| "–".to_owned(), hours_minutes)),
        ("alarm-measure-water", &|outcome| format!("{:.0} m³", outcome.lost_m3)),
        ("alarm-measure-plants", &|outcome| outcome.stopped_sources.to_string()),
        ("alarm-measure-users", &|outcome| format!("{} / {}", outcome.cut_off, outcome.consumers)),
        ("alarm-measure-heat", &heat),
        ("alarm-measure-coldest", &coldest),
        ("alarm-measure-too-cold", &|outcome| outcome.too_cold.to_string()),
    ];
    Grid::new("drill-table").num_columns(3).spacing([14.0, 5.0]).show(ui, |ui| {
        ui.label("");
        ui.label(RichText::new(look.t("alarm-own")).strong());
        ui.label(RichText::new(look.t("alarm-plan")).strong());
        ui.end_row();
        for (key, text) in measures {
            ui.label(look.t(key));
            ui.label(RichText::new(text(&comparison.own)).color(look.colours.strong_text.egui()));
            ui.label(text(&comparison.best));
            ui.end_row();
        }
    });
}
