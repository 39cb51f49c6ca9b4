//! Small pieces several panels use.

use egui::{Align, Button, Color32, Label, Layout, Response, RichText, Sense, Ui, vec2};

use super::look::Look;
use crate::network::{ElementRef, Severity};
use crate::session::{Command, Panel};

/// A button for a command: its text, its explanation when hovered, its shortcut in the explanation.
pub fn command_button(ui: &mut Ui, look: &Look, command: Command, enabled: bool, commands: &mut Vec<Command>) {
    let response = ui.add_enabled(enabled, Button::new(command.text(look.language)));
    if with_tip(response, look, &command).clicked() {
        commands.push(command);
    }
}

/// A menu entry for a command, ticked where `on` says so.
pub fn menu_entry(ui: &mut Ui, look: &Look, command: Command, on: Option<bool>, commands: &mut Vec<Command>) {
    let mut button = Button::new(command.text(look.language));
    if let Some(shortcut) = command.shortcut() {
        button = button.shortcut_text(shortcut.text());
    }
    if let Some(on) = on {
        button = button.selected(on);
    }
    let response = ui.add(button);
    if response.on_hover_text(command.tip(look.language)).clicked() {
        commands.push(command);
        ui.close();
    }
}

/// Adds the explanation of a command to whatever triggers it.
pub fn with_tip(response: Response, look: &Look, command: &Command) -> Response {
    let tip = command.tip(look.language);
    let text = match command.shortcut() {
        Some(shortcut) => format!("{tip}\n{}", shortcut.text()),
        None => tip,
    };
    response.on_hover_text(&text).on_disabled_hover_text(&text)
}

/// The tabs of the left panel.
pub fn tabs(ui: &mut Ui, look: &Look, open: Panel, commands: &mut Vec<Command>) {
    ui.add_space(4.0);
    ui.horizontal_wrapped(|ui| {
        let problems = look.session.problems().len();
        let alarms = look.session.live_picture().map_or(0, |picture| picture.alarms.unacknowledged());
        for (panel, key) in [
            (Panel::Elements, "tab-elements"),
            (Panel::Problems, "tab-problems"),
            (Panel::Scenarios, "tab-scenarios"),
            (Panel::Live, "tab-live"),
            (Panel::Alarms, "tab-alarms"),
        ] {
            let is_field = matches!(panel, Panel::Live | Panel::Alarms);
            if is_field && look.session.live().is_none() && open != panel {
                continue;
            }
            let mut text = look.t(key);
            let count = match panel {
                Panel::Problems => problems,
                Panel::Alarms => alarms,
                _ => 0,
            };
            if count > 0 {
                text = format!("{text} {count}");
            }
            let response = ui.selectable_label(open == panel, text);
            if response.clicked() && open != panel {
                commands.push(Command::ShowPanel(panel));
            }
        }
    });
}

/// The colour a severity is shown in.
pub fn severity_colour(look: &Look, severity: Severity) -> Color32 {
    match severity {
        Severity::Error => look.colours.error.egui(),
        Severity::Warning => look.colours.warning.egui(),
        Severity::Info => look.colours.info.egui(),
    }
}

/// A sign for a severity that does not rest on colour alone: square, triangle, disc.
pub fn severity_mark(ui: &mut Ui, look: &Look, severity: Severity) -> Response {
    let sign = match severity {
        Severity::Error => "■",
        Severity::Warning => "▲",
        Severity::Info => "●",
    };
    ui.add(Label::new(RichText::new(sign).color(severity_colour(look, severity)).size(12.0)))
}

/// A row of a list: text left, value right; reacts to clicks over its whole width. The text gives way to the value.
pub fn list_row(ui: &mut Ui, text: &str, value: &str, selected: bool) -> Response {
    let height = ui.spacing().interact_size.y;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    response.widget_info(|| {
        egui::WidgetInfo::selected(egui::WidgetType::SelectableLabel, true, selected, format!("{text} {value}"))
    });
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let visuals = ui.style().interact_selectable(&response, selected);
    if selected || response.hovered() || response.has_focus() {
        let fill = if selected { ui.visuals().selection.bg_fill } else { visuals.weak_bg_fill };
        ui.painter().rect_filled(rect, visuals.corner_radius, fill);
    }
    let (text_colour, value_colour) = if selected {
        (ui.visuals().selection.stroke.color, ui.visuals().selection.stroke.color)
    } else {
        (ui.visuals().text_color(), ui.visuals().weak_text_color())
    };
    let mut inner = ui.new_child(
        egui::UiBuilder::new().max_rect(rect.shrink2(vec2(6.0, 0.0))).layout(Layout::right_to_left(Align::Center)),
    );
    if !value.is_empty() {
        inner.add(Label::new(RichText::new(value).color(value_colour)));
    }
    inner.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.add(Label::new(RichText::new(text).color(text_colour)).truncate());
    });
    response
}

/// A link to another element: click selects, double click flies there.
pub fn element_link(ui: &mut Ui, look: &Look, element: &ElementRef, commands: &mut Vec<Command>) {
    let text = RichText::new(&*element.id).color(look.colours.link.egui());
    let response = ui.add(Label::new(text).sense(Sense::click()).truncate()).on_hover_text(look.element(element));
    if response.clicked() {
        commands.push(Command::Select(element.clone()));
    }
    if response.double_clicked() {
        commands.push(Command::FlyTo(element.clone()));
    }
}

/// A plot that only shows: nothing to drag, to zoom or to read off.
pub fn still(plot: egui_plot::Plot<'_>) -> egui_plot::Plot<'_> {
    plot.show_grid(false)
        .show_background(false)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .show_x(false)
        .show_y(false)
}

/// Weak text.
pub fn weak(ui: &mut Ui, text: impl Into<String>) -> Response {
    ui.label(RichText::new(text).weak())
}
