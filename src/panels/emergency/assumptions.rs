//! What the plan assumes and a team may know better: how large the hole is, how many crews there are.

use egui::{DragValue, Id, Ui};

use super::super::look::Look;
use super::ask;
use crate::emergency::burst::Hole;
use crate::session::Command;
use crate::session::emergency::{Emergency, EmergencyCommand, MOST_CREWS, diameter_m, hole_of};
use crate::units::Quantity;

/// Offered first where a pipe is not torn off, m.
const FIRST_M: f64 = 0.05;
const LARGEST_M: f64 = 1.6;

pub fn draw(ui: &mut Ui, look: &Look, emergency: &Emergency, commands: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| {
        for (at, place) in emergency.places().iter().enumerate() {
            hole(ui, look, at, place.hole, commands);
            ui.add_space(8.0);
        }
        crews(ui, look, emergency.crews(), commands);
    });
}

/// Torn off, or a diameter: taken once the hand lets go of it.
fn hole(ui: &mut Ui, look: &Look, at: usize, now: Hole, commands: &mut Vec<Command>) {
    let label = ui.label(look.t("alarm-hole"));
    let torn = now == Hole::FullBore;
    let set = |hole: Hole| ask(EmergencyCommand::SetHole(at, hole));
    let response = ui.selectable_label(torn, look.t("alarm-torn"));
    if response.on_hover_text(set(Hole::FullBore).tip(look.language)).clicked() && !torn {
        commands.push(set(Hole::FullBore));
    }
    let unit = look.units.unit(Quantity::Diameter);
    let shown = |metres: f64| look.units.to_shown(Quantity::Diameter, metres);
    // What is being dragged or typed stays here until it is taken.
    let id = Id::new(("emergency-hole", at));
    let known = diameter_m(now).map_or_else(|| shown(FIRST_M), shown);
    let mut value = ui.data(|data| data.get_temp::<f64>(id)).unwrap_or(known);
    let field = DragValue::new(&mut value)
        .range(shown(0.001)..=shown(LARGEST_M))
        .speed(0.01 * shown(FIRST_M))
        .max_decimals(unit.digits)
        .suffix(format!(" {}", unit.symbol));
    let response = ui.add(field).labelled_by(label.id);
    let done = response.drag_stopped() || response.lost_focus();
    if done {
        ui.data_mut(|data| data.remove_temp::<f64>(id));
        let hole = hole_of(Some(look.units.to_si(Quantity::Diameter, value)));
        if (value - known).abs() > 1e-9 || torn {
            commands.push(set(hole));
        }
    } else if response.changed() || response.dragged() || response.has_focus() {
        ui.data_mut(|data| data.insert_temp(id, value));
    }
}

fn crews(ui: &mut Ui, look: &Look, count: usize, commands: &mut Vec<Command>) {
    let tip = ask(EmergencyCommand::SetCrews(count)).tip(look.language);
    ui.label(look.t("alarm-crews")).on_hover_text(&tip);
    let mut set = |ui: &mut Ui, text: &str, to: usize| {
        let enabled = (1..=MOST_CREWS).contains(&to);
        if ui.add_enabled(enabled, egui::Button::new(text).small()).on_hover_text(&tip).clicked() {
            commands.push(ask(EmergencyCommand::SetCrews(to)));
        }
    };
    set(ui, "−", count.saturating_sub(1));
    ui.label(count.to_string());
    set(ui, "+", count + 1);
}
