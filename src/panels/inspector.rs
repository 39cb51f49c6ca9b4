//! Everything about the selected element, in groups, editable where it can be changed.

use egui::{CollapsingHeader, RichText, ScrollArea, Ui};

use super::control;
use super::editor;
use super::live;
use super::look::Look;
use super::moment;
use super::widgets::{command_button, weak};
use crate::network::ElementKind;
use crate::session::Command;
use crate::session::emergency::EmergencyCommand;
use crate::session::view::{Group, Row, inspector};

pub fn draw(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.set_min_width(ui.available_width());
    ui.add_space(4.0);
    let Some(element) = look.session.selection() else {
        ui.heading(look.t("inspector-title"));
        ui.add(egui::Label::new(RichText::new(look.t("inspector-nothing")).weak()).wrap());
        return;
    };
    let Some(view) = inspector(look.session, element) else { return };
    let heading = if element.id.is_empty() { look.element(element) } else { element.id.to_string() };
    ui.horizontal_wrapped(|ui| {
        ui.heading(heading);
        if !element.id.is_empty() {
            weak(ui, look.t(&format!("element-{}", element.kind.word())));
        }
    });
    if !view.name.is_empty() {
        ui.add(egui::Label::new(&view.name).wrap());
    }
    ui.horizontal_wrapped(|ui| {
        command_button(ui, look, Command::FlyTo(element.clone()), true, commands);
        if element.kind == ElementKind::Consumer {
            command_button(ui, look, Command::DiagramTo(Some(element.clone())), true, commands);
        }
        if matches!(element.kind, ElementKind::Pipe | ElementKind::Valve | ElementKind::Pump) {
            command_button(ui, look, Command::Emergency(EmergencyCommand::BurstHere), true, commands);
        }
    });
    let outdated = match look.session {
        session if session.shows_time() => session.timeline_is_stale(),
        session => !session.shows_live() && !session.solution_is_current(),
    };
    if outdated && look.session.solution().is_some() {
        weak(ui, look.t("inspector-outdated"));
    }
    ui.separator();
    ScrollArea::vertical().id_salt("inspector").auto_shrink(false).show(ui, |ui| {
        control::of_element(ui, look, element, commands);
        live::of_element(ui, look, element);
        moment::draw(ui, look, element, commands);
        let mut rest = view.rows.as_slice();
        while let Some(first) = rest.first() {
            let end = rest.iter().position(|row| row.group != first.group).unwrap_or(rest.len());
            let (rows, after) = rest.split_at(end);
            group(ui, look, first.group, rows, element, commands);
            rest = after;
        }
    });
}

fn group(
    ui: &mut Ui,
    look: &Look,
    group: Group,
    rows: &[Row],
    element: &crate::network::ElementRef,
    commands: &mut Vec<Command>,
) {
    let title = RichText::new(look.t(group.key())).strong();
    CollapsingHeader::new(title).id_salt(group.key()).default_open(true).show_unindented(ui, |ui| {
        for row in rows {
            editor::row(ui, look, element, row, commands);
        }
        ui.add_space(4.0);
    });
}
