//! What hours to compute: weather, start, length, scenario.

use std::path::PathBuf;

use egui::{ComboBox, DragValue, Grid, Id, RichText, TextEdit, Ui};

use super::dialogs::title;
use super::look::Look;
use super::widgets::weak;
use crate::io::weather::EXAMPLE_WINTERS;
use crate::session::timeline::order::{MOST_HOURS, parse_time};
use crate::session::timeline::{RunOrder, TimeCommand, WeatherChoice};
use crate::session::{Command, Panel};

/// What has been typed so far.
#[derive(Clone, Debug, Default)]
struct Form {
    order: RunOrder,
    start: String,
    path: String,
}

pub fn draw(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.set_width(460.0);
    title(ui, look, "run-title", Panel::Run, commands);
    let id = Id::new("run-form");
    let mut form: Form = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    Grid::new("run").num_columns(2).spacing([20.0, 8.0]).show(ui, |ui| {
        weather(ui, look, &mut form);
        let label = ui.label(look.t("run-start"));
        let hint =
            if matches!(form.order.weather, WeatherChoice::AsSet) { "run-start-hint" } else { "run-start-coldest" };
        let field = TextEdit::singleline(&mut form.start).hint_text(look.t(hint)).desired_width(250.0);
        ui.add(field).labelled_by(label.id).on_hover_text(look.t("run-start-hint"));
        ui.end_row();
        let label = ui.label(look.t("run-hours"));
        let hours =
            DragValue::new(&mut form.order.hours).range(1.0..=MOST_HOURS).speed(0.25).max_decimals(1).suffix(" h");
        ui.add(hours).labelled_by(label.id);
        ui.end_row();
        scenario(ui, look, &mut form);
    });
    ui.add_space(4.0);
    ui.add(egui::Label::new(RichText::new(look.t("run-note")).weak()).wrap());
    let typed = form.start.trim();
    let start_s = parse_time(typed);
    let wrong = !typed.is_empty() && start_s.is_none();
    if wrong {
        ui.label(RichText::new(look.t("run-bad-start")).color(look.colours.error.egui()));
    }
    ui.add_space(6.0);
    let mut order = form.order.clone();
    order.start_calendar_s = start_s;
    if let WeatherChoice::File(path) = &mut order.weather {
        *path = PathBuf::from(form.path.trim());
    }
    let nameless = matches!(&order.weather, WeatherChoice::File(path) if path.as_os_str().is_empty());
    let run = Command::Time(TimeCommand::Run(order));
    let button = egui::Button::new(run.text(look.language));
    if ui.add_enabled(!wrong && !nameless, button).on_hover_text(run.tip(look.language)).clicked() {
        commands.extend([Command::ClosePanel(Panel::Run), run]);
    }
    ui.data_mut(|data| data.insert_temp(id, form));
}

/// What a choice of weather is called.
pub(super) fn weather_name(look: &Look, choice: &WeatherChoice) -> String {
    match choice {
        WeatherChoice::Fitting => look.t("run-weather-fitting"),
        WeatherChoice::Winter(name) => weather_word(look, name),
        WeatherChoice::File(_) => look.t("run-weather-file"),
        WeatherChoice::AsSet => look.t("run-weather-as-set"),
    }
}

/// What the weather found is called: an example winter, a file, or the network's own temperature.
pub(super) fn weather_word(look: &Look, name: &str) -> String {
    match name {
        "" => look.t("run-weather-as-set"),
        name => look.or(&format!("run-weather-{name}"), name),
    }
}

fn weather(ui: &mut Ui, look: &Look, form: &mut Form) {
    let name = |choice: &WeatherChoice| weather_name(look, choice);
    ui.label(look.t("run-weather"));
    let mut all = vec![WeatherChoice::Fitting];
    all.extend(EXAMPLE_WINTERS.map(|winter| WeatherChoice::Winter(winter.name)));
    all.extend([WeatherChoice::File(PathBuf::new()), WeatherChoice::AsSet]);
    let now = form.order.weather.clone();
    ComboBox::from_id_salt("run-weather").selected_text(name(&now)).width(250.0).show_ui(ui, |ui| {
        for choice in all {
            if ui.selectable_label(choice == now, name(&choice)).clicked() {
                form.order.weather = choice;
            }
        }
    });
    ui.end_row();
    if matches!(form.order.weather, WeatherChoice::File(_)) {
        let label = ui.label(look.t("run-weather-path"));
        ui.add(TextEdit::singleline(&mut form.path).desired_width(250.0)).labelled_by(label.id);
        ui.end_row();
    }
}

fn scenario(ui: &mut Ui, look: &Look, form: &mut Form) {
    let scenarios: Vec<String> = look.session.network().scenarios().keys().map(ToString::to_string).collect();
    if scenarios.is_empty() {
        form.order.scenario = None;
        return;
    }
    ui.label(look.t("run-scenario"));
    let none = look.t("run-scenario-none");
    let shown = form.order.scenario.clone().unwrap_or_else(|| none.clone());
    ComboBox::from_id_salt("run-scenario").selected_text(shown).width(250.0).show_ui(ui, |ui| {
        if ui.selectable_label(form.order.scenario.is_none(), none).clicked() {
            form.order.scenario = None;
        }
        for name in scenarios {
            let chosen = form.order.scenario.as_ref() == Some(&name);
            if ui.selectable_label(chosen, &name).clicked() {
                form.order.scenario = Some(name);
            }
        }
    });
    ui.end_row();
    weak(ui, "");
    ui.end_row();
}
