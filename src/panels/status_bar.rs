//! The line at the bottom: what the solver does, what is wrong, where the pointer is.

use egui::{Align, Layout, RichText, Spinner, Ui};

use super::SceneInfo;
use super::look::Look;
use super::sign_in;
use super::widgets::{severity_colour, weak};
use crate::network::Severity;
use crate::session::{Command, Panel, SolveState};
use crate::units::Quantity;

pub fn draw(ui: &mut Ui, look: &Look, scene: &SceneInfo, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        solver(ui, look);
        ui.separator();
        problems(ui, look, commands);
        sign_in::sign(ui, look, commands);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let units = [Quantity::Pressure, Quantity::MassFlow, Quantity::Heat].map(|q| look.units.unit(q).symbol);
            let response = ui.small_button(units.join("   "));
            if response.on_hover_text(Command::ShowPanel(Panel::Units).tip(look.language)).clicked() {
                commands.push(Command::ShowPanel(Panel::Units));
            }
            if let Some([x, y, z]) = scene.cursor_m {
                ui.separator();
                weak(ui, format!("x {x:.0}  y {y:.0}  z {z:.1} m"));
            }
            if let Some(element) = look.session.hover() {
                ui.separator();
                ui.add(egui::Label::new(look.element(element)).truncate());
            }
        });
    });
}

fn solver(ui: &mut Ui, look: &Look) {
    if let Some(path) = look.session.loading() {
        ui.add(Spinner::new().size(14.0));
        let text = if path.is_empty() {
            look.t("status-loading-demo")
        } else {
            look.with("status-loading", &[("path", path.to_owned())])
        };
        ui.add(egui::Label::new(text).truncate());
        return;
    }
    match look.session.solve_state() {
        SolveState::Idle => {
            weak(ui, look.t("status-idle"));
        }
        SolveState::Running { .. } => {
            ui.add(Spinner::new().size(14.0));
            ui.label(look.t("status-solving"));
        }
        SolveState::Done { milliseconds } => {
            let Some(solution) = look.session.steady_solution() else { return };
            if solution.converged {
                ui.label(RichText::new("●").color(look.colours.good.egui()).size(12.0));
                let arguments = [
                    ("iterations", solution.report.iterations.to_string()),
                    ("milliseconds", format!("{milliseconds:.1}")),
                ];
                ui.label(look.with("status-solved", &arguments));
            } else {
                ui.label(RichText::new("■").color(look.colours.error.egui()).size(12.0));
                ui.label(RichText::new(look.t("status-unsolved")).color(look.colours.error.egui()));
            }
        }
    }
}

fn problems(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    let count = |severity: Severity| look.session.problems().iter().filter(|p| p.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let (text, colour) = if errors + warnings == 0 {
        (look.t("status-no-problems"), look.colours.weak_text.egui())
    } else {
        let arguments = [("errors", errors.to_string()), ("warnings", warnings.to_string())];
        let worst = if errors > 0 { Severity::Error } else { Severity::Warning };
        (look.with("status-problems", &arguments), severity_colour(look, worst))
    };
    let response = ui.small_button(RichText::new(text).color(colour));
    if response.on_hover_text(Command::TogglePanel(Panel::Problems).tip(look.language)).clicked() {
        commands.push(Command::ShowPanel(Panel::Problems));
    }
}
