//! The menu of what can be set beside the network as it is.

use egui::{Button, Ui};

use super::super::look::Look;
use super::super::widgets::with_tip;
use super::ask;
use crate::dispatch::alternative::SourceRunning;
use crate::dispatch::retrofit::Technology;
use crate::session::Command;
use crate::session::alternatives::{AlternativesCommand, MOST, Recipe, running_key};

/// Differences of the supply temperature offered, K.
const SUPPLY_K: [f64; 4] = [-10.0, -5.0, 5.0, 10.0];

pub fn menu(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    let room = look.session.alternatives().list().len() < MOST;
    ui.add_enabled_ui(room, |ui| {
        ui.menu_button(look.t("alternatives-add"), |ui| contents(ui, look, commands));
    });
}

fn contents(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    let changes = look.session.document().history().edits().len();
    let take = ask(AlternativesCommand::TakeChanges(String::new()));
    let text = look.with("alternatives-add-changes", &[("count", changes.to_string())]);
    if with_tip(ui.add_enabled(changes > 0, Button::new(text)), look, &take).clicked() {
        commands.push(take);
        ui.close();
    }
    let scenarios: Vec<String> = look.session.network().scenarios().keys().map(ToString::to_string).collect();
    ui.add_enabled_ui(!scenarios.is_empty(), |ui| {
        ui.menu_button(look.t("alternatives-add-scenarios"), |ui| {
            for name in scenarios {
                let text = name.clone();
                entry(ui, look, text, AlternativesCommand::AddScenario(name), commands);
            }
        });
    });
    ui.separator();
    ui.menu_button(look.t("alternatives-add-runnings"), |ui| {
        for running in SourceRunning::ALL.into_iter().filter(|running| *running != SourceRunning::AsDrawn) {
            entry(ui, look, look.t(&running_key(running)), AlternativesCommand::AddRunning(running), commands);
        }
    });
    ui.menu_button(look.t("alternatives-add-source-out"), |ui| {
        let sources = look.session.network().links().filter(|view| view.source().is_some_and(|source| source.running));
        for view in sources {
            ready(ui, look, Recipe::SourceOut(view.id.clone()), commands);
        }
    });
    ui.menu_button(look.t("alternatives-add-supply"), |ui| {
        for difference_k in SUPPLY_K {
            ready(ui, look, Recipe::Supply(difference_k), commands);
        }
    });
    ready(ui, look, Recipe::Night, commands);
    ready(ui, look, Recipe::District, commands);
    ui.menu_button(look.t("alternatives-add-retrofit"), |ui| {
        for technology in Technology::ALL {
            ready(ui, look, Recipe::Retrofit(*technology), commands);
        }
    });
}

fn ready(ui: &mut Ui, look: &Look, recipe: Recipe, commands: &mut Vec<Command>) {
    let text = recipe.name(look.language, look.units);
    entry(ui, look, text, AlternativesCommand::AddReady(recipe), commands);
}

fn entry(ui: &mut Ui, look: &Look, text: String, command: AlternativesCommand, commands: &mut Vec<Command>) {
    let command = ask(command);
    if with_tip(ui.button(text), look, &command).clicked() {
        commands.push(command);
        ui.close();
    }
}
