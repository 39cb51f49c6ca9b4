//! Menus, undo and redo, what is open, language and theme.

use egui::{Align, Layout, MenuBar, RichText, Ui};

use super::look::Look;
use super::widgets::{command_button, menu_entry, weak, with_tip};
use crate::network::edit::Edit;
use crate::session::alternatives::AlternativesCommand;
use crate::session::colouring::ColourBy;
use crate::session::emergency::EmergencyCommand;
use crate::session::live::LiveCommand;
use crate::session::timeline::TimeCommand;
use crate::session::{Command, Panel, UnitSet};
use crate::text::Language;

pub fn draw(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.add_space(2.0);
    MenuBar::new().ui(ui, |ui| {
        menus(ui, look, commands);
        ui.separator();
        let history = look.session.document().history();
        for (command, edit, can) in [
            (Command::Undo, history.last_done(), history.can_undo()),
            (Command::Redo, history.last_undone(), history.can_redo()),
        ] {
            let response = ui.add_enabled(can, egui::Button::new(command.text(look.language)));
            let response = match edit.and_then(|edit| what(look, edit)) {
                Some(what) => response.on_hover_text(look.with("undo-what", &[("what", what)])),
                None => response,
            };
            if with_tip(response, look, &command).clicked() {
                commands.push(command);
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let other = match look.language {
                Language::English => Language::Chinese,
                Language::Chinese => Language::English,
            };
            command_button(ui, look, Command::SetLanguage(other), true, commands);
            command_button(ui, look, Command::ToggleTheme, true, commands);
            command_button(ui, look, Command::ShowPanel(Panel::Palette), true, commands);
            ui.separator();
            title(ui, look);
        });
    });
    ui.add_space(1.0);
}

/// What an edit did, in a few words; `None` where that would take more.
fn what(look: &Look, edit: &Edit) -> Option<String> {
    match edit {
        Edit::Set { element, field, .. } => {
            let leaf = field.rsplit('.').next().unwrap_or(field);
            Some(format!("{}, {}", look.element(element), look.or(&format!("field-{leaf}"), leaf)))
        }
        Edit::Batch { label, .. } => Some(label.clone()),
        _ => None,
    }
}

fn title(ui: &mut Ui, look: &Look) {
    let document = look.session.document();
    let title = document.title();
    let shown = if title.is_empty() { look.t("title-unnamed") } else { title };
    if document.is_dirty() {
        weak(ui, look.t("title-unsaved"));
    }
    let response = ui.add(egui::Label::new(RichText::new(shown).strong()).truncate());
    if let Some(path) = &document.path {
        response.on_hover_text(path.display().to_string());
    }
}

fn menus(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.menu_button(look.t("menu-file"), |ui| {
        for command in [Command::ShowPanel(Panel::Open), Command::NewDemo] {
            menu_entry(ui, look, command, None, commands);
        }
        ui.separator();
        for command in [
            Command::Save,
            Command::ShowPanel(Panel::SaveAs),
            Command::ShowPanel(Panel::Export),
            Command::Screenshot(Default::default()),
        ] {
            menu_entry(ui, look, command, None, commands);
        }
        ui.separator();
        menu_entry(ui, look, Command::Quit, None, commands);
    });
    ui.menu_button(look.t("menu-edit"), |ui| {
        menu_entry(ui, look, Command::Undo, None, commands);
        menu_entry(ui, look, Command::Redo, None, commands);
        ui.separator();
        menu_entry(ui, look, Command::Solve, None, commands);
        menu_entry(ui, look, Command::SelectWorst, None, commands);
        menu_entry(ui, look, Command::DiagramTo(None), None, commands);
    });
    ui.menu_button(look.t("menu-view"), |ui| view_menu(ui, look, commands));
    ui.menu_button(look.t("menu-colour"), |ui| {
        let view = look.session.view();
        for by in ColourBy::ALL {
            menu_entry(ui, look, Command::ColourBy(by), Some(view.colour_by == by), commands);
        }
        ui.separator();
        menu_entry(ui, look, Command::ToggleRangeLock, Some(view.range_lock.is_some()), commands);
    });
    ui.menu_button(look.t("menu-time"), |ui| {
        for command in [
            Command::Time(TimeCommand::RunNight),
            Command::ShowPanel(Panel::Run),
            Command::Time(TimeCommand::RunAgain),
            Command::Time(TimeCommand::RunOn),
            Command::Time(TimeCommand::Stop),
            Command::Time(TimeCommand::Close),
        ] {
            menu_entry(ui, look, command, None, commands);
        }
        ui.separator();
        for command in TimeCommand::PALETTE.into_iter().filter(|command| command.shortcut().is_some()) {
            if command != TimeCommand::RunNight {
                menu_entry(ui, look, Command::Time(command), None, commands);
            }
        }
    });
    ui.menu_button(look.t("menu-emergency"), |ui| {
        menu_entry(ui, look, Command::TogglePanel(Panel::Emergency), None, commands);
        ui.separator();
        for command in EmergencyCommand::PALETTE {
            menu_entry(ui, look, Command::Emergency(command), None, commands);
        }
    });
    ui.menu_button(look.t("menu-alternatives"), |ui| {
        let shown = look.session.shows(Panel::Alternatives);
        menu_entry(ui, look, Command::TogglePanel(Panel::Alternatives), Some(shown), commands);
        ui.separator();
        for command in AlternativesCommand::palette() {
            let on = (command == AlternativesCommand::ToggleMap).then_some(look.session.alternatives().on_map());
            menu_entry(ui, look, Command::Alternatives(command), on, commands);
        }
    });
    ui.menu_button(look.t("menu-live"), |ui| {
        let following = look.session.live().is_some_and(|live| live.is_following());
        menu_entry(ui, look, Command::TogglePanel(Panel::Live), Some(look.session.shows(Panel::Live)), commands);
        menu_entry(ui, look, Command::TogglePanel(Panel::Alarms), Some(look.session.shows(Panel::Alarms)), commands);
        ui.separator();
        menu_entry(ui, look, Command::ShowPanel(Panel::SignIn), None, commands);
        for command in LiveCommand::palette() {
            let on = (command == LiveCommand::ToggleFollow).then_some(following);
            menu_entry(ui, look, Command::Live(command), on, commands);
        }
    });
    ui.menu_button(look.t("menu-units"), |ui| {
        for set in UnitSet::ALL {
            let on = set.units(look.units.style) == *look.units;
            menu_entry(ui, look, Command::SetUnits(set), Some(on), commands);
        }
        ui.separator();
        menu_entry(ui, look, Command::ToggleGrouping, None, commands);
        menu_entry(ui, look, Command::ShowPanel(Panel::Units), None, commands);
    });
    ui.menu_button(look.t("menu-help"), |ui| {
        for panel in [Panel::Palette, Panel::Keyboard, Panel::About] {
            menu_entry(ui, look, Command::ShowPanel(panel), None, commands);
        }
    });
}

fn view_menu(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    let view = look.session.view();
    for command in [Command::Fit, Command::North, Command::Top, Command::FlyToSelection] {
        menu_entry(ui, look, command, None, commands);
    }
    ui.separator();
    for (command, on) in [
        (Command::ToggleSupply, view.supply),
        (Command::ToggleReturn, view.return_side),
        (Command::ToggleTerrain, view.terrain),
        (Command::ToggleBuildings, view.buildings),
        (Command::ToggleLabels, view.labels),
        (Command::ToggleUnderground, view.underground),
    ] {
        menu_entry(ui, look, command, Some(on), commands);
    }
    ui.horizontal(|ui| {
        let label = ui.label(look.t("exaggeration-label"));
        let mut times = view.pipe_exaggeration;
        let slider = egui::Slider::new(&mut times, 1.0..=40.0).logarithmic(true).fixed_decimals(0).suffix(" ×");
        if ui
            .add(slider)
            .labelled_by(label.id)
            .on_hover_text(Command::PipeExaggeration(times).tip(look.language))
            .changed()
        {
            commands.push(Command::PipeExaggeration(times));
        }
    });
    ui.separator();
    for panel in Panel::ALL.into_iter().filter(|panel| !panel.is_dialog()) {
        menu_entry(ui, look, Command::TogglePanel(panel), Some(look.session.shows(panel)), commands);
    }
    ui.separator();
    menu_entry(ui, look, Command::ToggleTheme, None, commands);
    for language in Language::ALL {
        menu_entry(ui, look, Command::SetLanguage(language), Some(look.language == language), commands);
    }
}
