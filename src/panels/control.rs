//! Commands to the field, in the inspector: what may be written at an element, in two steps, and what came of it.
//!
//! Nothing here decides: the panel shows the desk as the engine tells it and asks for the next step. What is typed stays in
//! egui's memory until it is selected.

use egui::{CollapsingHeader, Frame, Id, Label, RichText, TextEdit, Ui};

use super::look::Look;
use super::widgets::{command_button, weak};
use crate::live::access::Right;
use crate::live::control::{Permit, Selection};
use crate::live::{Tag, TagId};
use crate::network::ElementRef;
use crate::session::live::{ControlCommand, ControlDesk, End, LiveCommand, Picture, Told};
use crate::session::{Command, Panel};
use crate::units::hours_minutes;

/// Width of the field a value is typed into.
const VALUE_WIDTH: f32 = 84.0;

/// What may be written at the element selected.
pub fn of_element(ui: &mut Ui, look: &Look, element: &ElementRef, commands: &mut Vec<Command>) {
    let Some(picture) = look.session.live_picture() else { return };
    let desk = &*picture.control;
    let writable: Vec<(TagId, &Permit, &Tag)> = picture
        .points
        .of(element)
        .iter()
        .filter_map(|id| Some((*id, desk.permits.get(id)?, picture.points.tags.get(*id)?)))
        .collect();
    if writable.is_empty() {
        return;
    }
    let title = RichText::new(look.t("control-title")).strong();
    CollapsingHeader::new(title).id_salt("control").default_open(true).show_unindented(ui, |ui| {
        let ready = readiness(ui, look, picture, desk, commands);
        // Who may not command sees what others do.
        let concerned = |id: TagId| {
            let chosen = desk.selection.as_ref().is_some_and(|selection| selection.tag == id);
            chosen || desk.selecting == Some(id) || desk.under_way.contains(&id) || desk.told.contains_key(&id)
        };
        for (id, permit, tag) in writable {
            if ready || concerned(id) {
                point(ui, look, picture, (id, permit, tag), ready, commands);
            }
        }
        ui.add_space(4.0);
    });
}

fn ask(command: ControlCommand) -> Command {
    Command::Live(LiveCommand::Control(command))
}

/// What is still missing before a command can be given, with the step that leads on; whether nothing is.
pub(super) fn readiness(
    ui: &mut Ui,
    look: &Look,
    picture: &Picture,
    desk: &ControlDesk,
    commands: &mut Vec<Command>,
) -> bool {
    let said = |ui: &mut Ui, text: String| {
        ui.add(Label::new(RichText::new(text).weak()).wrap());
    };
    if let Some(off) = &desk.off {
        said(ui, off.text(look.language));
        return false;
    }
    let Some(seat) = desk.seat.as_ref().filter(|seat| !seat.locked) else {
        command_button(ui, look, Command::ShowPanel(Panel::SignIn), true, commands);
        return false;
    };
    if !desk.on {
        said(ui, look.t("control-switched-off"));
        if desk.may(Right::EnableWriting) {
            command_button(ui, look, ask(ControlCommand::Switch(true)), true, commands);
        }
        return false;
    }
    if !desk.may(Right::Write) {
        said(ui, look.with("control-role-may-not", &[("role", look.t(seat.role.key()))]));
        return false;
    }
    let left_ms = seat.armed_until.map_or(0, |until| until.ms_since(picture.now));
    if left_ms <= 0 {
        command_button(ui, look, ask(ControlCommand::Arm), true, commands);
        return false;
    }
    ui.horizontal_wrapped(|ui| {
        // Minutes and seconds, in the form of hours and minutes.
        let time = hours_minutes(60.0 * left_ms as f64 / 1e3);
        let text = look.with("control-armed", &[("time", time)]);
        ui.label(RichText::new(text).color(look.colours.warning.egui()));
        command_button(ui, look, ask(ControlCommand::Disarm), true, commands);
    });
    true
}

/// One point that may be written: the value to be, its bounds, the step that comes next, what came of the last command.
fn point(
    ui: &mut Ui,
    look: &Look,
    picture: &Picture,
    (id, permit, tag): (TagId, &Permit, &Tag),
    ready: bool,
    commands: &mut Vec<Command>,
) {
    let desk = &*picture.control;
    ui.add_space(4.0);
    ui.horizontal_wrapped(|ui| {
        ui.label(&*tag.name);
        weak(ui, look.t(tag.observed.key()));
    });
    let number = |si: f64| look.number(tag.quantity, si);
    match &desk.selection {
        Some(selection) if selection.tag == id => second_step(ui, look, picture, tag, selection, commands),
        _ if desk.selecting == Some(id) => {
            weak(ui, look.t("control-selecting"));
        }
        _ if desk.under_way.contains(&id) => {
            weak(ui, look.t("control-under-way"));
        }
        _ => first_step(ui, look, picture, (id, permit, tag), ready, commands),
    }
    if let Some(told) = desk.told.get(&id) {
        outcome(ui, look, told, number(told.value));
    }
}

fn first_step(
    ui: &mut Ui,
    look: &Look,
    picture: &Picture,
    (id, permit, tag): (TagId, &Permit, &Tag),
    ready: bool,
    commands: &mut Vec<Command>,
) {
    let unit = look.units.unit(tag.quantity);
    let kept = Id::new(("set-point", id.index()));
    let present = picture.latest.get(id.index()).map(|latest| latest.value).filter(|value| value.is_finite());
    let typed: Option<String> = ui.data(|data| data.get_temp(kept));
    let mut text = typed.clone().unwrap_or_else(|| {
        present.map_or_else(String::new, |si| format!("{:.*}", unit.digits, look.units.to_shown(tag.quantity, si)))
    });
    let value = text.trim().parse::<f64>().ok().filter(|shown| shown.is_finite());
    ui.horizontal_wrapped(|ui| {
        let name = look.with("control-value", &[("tag", tag.name.to_string())]);
        let response = ui.add_enabled(ready, TextEdit::singleline(&mut text).desired_width(VALUE_WIDTH));
        response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, ready, name.clone()));
        if response.changed() {
            ui.data_mut(|data| data.insert_temp(kept, text.clone()));
        }
        // An empty label would let the button stand on the field.
        if !unit.symbol.is_empty() {
            weak(ui, unit.symbol);
        }
        if let Some(shown) = value {
            let value = look.units.to_si(tag.quantity, shown);
            command_button(ui, look, ask(ControlCommand::Select { tag: id, value }), ready, commands);
        } else if ready {
            ui.label(RichText::new(look.t("control-no-number")).color(look.colours.error.egui()));
        }
    });
    let bounds = [
        ("least", look.units.number(tag.quantity, permit.range.least)),
        ("most", look.number(tag.quantity, permit.range.most)),
        ("step", look.number(tag.quantity.of_difference(), permit.most_step)),
    ];
    ui.add(Label::new(RichText::new(look.with("control-range", &bounds)).weak().small()).wrap());
}

/// What would be written, where, and what the model expects: whoever goes on has seen it.
fn second_step(
    ui: &mut Ui,
    look: &Look,
    picture: &Picture,
    tag: &Tag,
    selection: &Selection,
    commands: &mut Vec<Command>,
) {
    Frame::group(ui.style()).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        let place = [("tag", tag.name.to_string()), ("device", selection.device.to_string())];
        ui.add(Label::new(look.with("control-selected", &place)).wrap());
        let change =
            [("old", look.number(tag.quantity, selection.old)), ("new", look.number(tag.quantity, selection.new))];
        let text = RichText::new(look.with("control-change", &change)).size(17.0).strong();
        ui.add(Label::new(text.color(look.colours.strong_text.egui())).wrap());
        for told in &selection.predicted {
            let arguments =
                [("what", told.what.clone()), ("before", told.before.clone()), ("after", told.after.clone())];
            ui.add(Label::new(RichText::new(look.with("control-predicted", &arguments)).weak().small()).wrap());
        }
        if selection.predicted.is_empty() {
            ui.add(Label::new(RichText::new(look.t("control-not-predicted")).weak().small()).wrap());
        }
        let seconds = (selection.until.ms_since(picture.now).max(0) / 1000).to_string();
        weak(ui, look.with("control-left", &[("seconds", seconds)]));
        ui.horizontal_wrapped(|ui| {
            let operate = ask(ControlCommand::Operate { number: selection.number });
            command_button(ui, look, operate, true, commands);
            command_button(ui, look, ask(ControlCommand::Cancel), true, commands);
        });
    });
}

/// What came of the last command to a point: shape and words, not colour alone.
fn outcome(ui: &mut Ui, look: &Look, told: &Told, value: String) {
    let reason = told.why.as_ref().map_or_else(String::new, |why| why.text(look.language));
    let arguments = [("value", value), ("user", told.user.clone()), ("reason", reason)];
    let (sign, text, colour) = match told.end {
        End::Confirmed => ("●", look.with("control-told-confirmed", &arguments), look.colours.good),
        End::Refused => ("▲", look.with("control-told-refused", &arguments), look.colours.warning),
        End::NotConfirmed => ("■", look.with("control-told-not-confirmed", &arguments), look.colours.error),
    };
    ui.add(Label::new(RichText::new(format!("{sign} {text}")).color(colour.egui())).wrap());
}
