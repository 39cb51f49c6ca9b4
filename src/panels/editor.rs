//! One row of the inspector: label left, value right, with the widget that fits the value.
//!
//! Dragging sends begin, update and commit, which the session keeps as one undo step; typing sends one edit. Numbers are
//! shown and typed in the user's unit; the edit carries SI.

use egui::{
    Align, ComboBox, DragValue, Id, Label, Layout, Response, RichText, Slider, SliderClamping, TextEdit, Ui, vec2,
};
use serde_json::Value;

use super::look::Look;
use super::widgets::element_link;
use crate::network::ElementRef;
use crate::network::edit::Edit;
use crate::session::Command;
use crate::session::view::{Row, RowValue, choice_value, number_value, suggestion};
use crate::units::Quantity;

/// Share of the width that labels get.
const LABEL_SHARE: f32 = 0.46;

pub fn row(ui: &mut Ui, look: &Look, element: &ElementRef, row: &Row, commands: &mut Vec<Command>) {
    let text = if row.label.starts_with("field-") || row.label.starts_with("result-") {
        look.t(&row.label)
    } else {
        row.label.clone()
    };
    let width = ui.available_width();
    ui.horizontal(|ui| {
        ui.set_min_height(ui.spacing().interact_size.y);
        let label_width = width * LABEL_SHARE;
        let label = ui
            .allocate_ui_with_layout(
                vec2(label_width, ui.spacing().interact_size.y),
                Layout::left_to_right(Align::Center),
                |ui| {
                    ui.set_min_width(label_width);
                    ui.add(Label::new(RichText::new(&text).weak()).wrap())
                },
            )
            .inner;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            value(ui, look, element, row, &label, commands);
        });
    });
    if row.slider
        && let (RowValue::Number { quantity, si }, Some(field)) = (&row.value, &row.field)
    {
        slider(ui, look, element, field, &text, (*quantity, *si, row.range), commands);
    }
}

fn value(ui: &mut Ui, look: &Look, element: &ElementRef, row: &Row, label: &Response, commands: &mut Vec<Command>) {
    match (&row.value, &row.field) {
        (RowValue::Number { quantity, si }, Some(field)) => {
            let response = number(ui, look, element, field, (*quantity, *si, row.range), commands);
            let response = response.labelled_by(label.id);
            clear_menu(&response, look, element, field, commands);
        }
        (RowValue::Number { quantity, si }, None) => {
            ui.label(RichText::new(look.number(*quantity, *si)).color(look.colours.strong_text.egui()));
        }
        (RowValue::Unset { quantity }, Some(field)) => {
            let si = suggestion(field);
            let response = ui.button(look.t("value-unset")).labelled_by(label.id);
            let offer = look.with("value-set", &[("value", look.number(*quantity, si))]);
            if response.on_hover_text(offer).clicked() {
                commands.push(Command::Edit(Edit::set(element.clone(), field.clone(), number_value(field, si))));
            }
        }
        (RowValue::Flag(on), Some(field)) => {
            let mut flag = *on;
            let text = look.t(if flag { "value-yes" } else { "value-no" });
            if ui.toggle_value(&mut flag, text).labelled_by(label.id).changed() {
                commands.push(Command::Edit(Edit::set(element.clone(), field.clone(), flag)));
            }
        }
        (RowValue::Flag(on), None) => {
            let (key, colour) = if *on { ("value-yes", look.colours.good) } else { ("value-no", look.colours.warning) };
            ui.label(RichText::new(look.t(key)).color(colour.egui()));
        }
        (RowValue::Choice { word, choices }, Some(field)) => {
            choice(ui, look, element, field, word, choices, label, commands);
        }
        (RowValue::Text(text), Some(field)) => {
            if let Some(new) = text_field(ui, element, field, text, label) {
                let value = if new.is_empty() { Value::Null } else { Value::from(new) };
                commands.push(Command::Edit(Edit::set(element.clone(), field.clone(), value)));
            }
        }
        (RowValue::Element(other), _) => element_link(ui, look, other, commands),
        (RowValue::Count(count), _) => {
            ui.label(look.with("value-count", &[("count", count.to_string())]));
        }
        (RowValue::Choice { word, .. }, None) => {
            // The only choice nobody edits: what a sensor measures.
            ui.add(Label::new(look.or(&format!("quantity-{word}"), word)).truncate());
        }
        (RowValue::Text(text), None) => {
            ui.add(Label::new(text).truncate());
        }
        (RowValue::Unset { .. }, None) => {}
    }
}

/// (quantity, SI value, SI range) of a number.
type Number = (Quantity, f64, (f64, f64));

fn number(
    ui: &mut Ui,
    look: &Look,
    element: &ElementRef,
    field: &str,
    (quantity, si, range): Number,
    commands: &mut Vec<Command>,
) -> Response {
    let unit = look.units.unit(quantity);
    let mut shown = look.units.to_shown(quantity, si);
    let low = look.units.to_shown(quantity, range.0);
    let high = look.units.to_shown(quantity, range.1);
    let whole = number_value(field, 1.0).is_i64();
    let digits = if whole { 0 } else { unit.digits };
    // A drag over the width of the panel roughly doubles the value; shares run their whole range.
    let speed = match quantity {
        Quantity::Share => 0.5,
        _ if whole => 0.05,
        _ => (shown.abs() * 0.005).max(10f64.powi(-(digits as i32))),
    };
    let suffix = if unit.symbol.is_empty() || quantity == Quantity::Number {
        String::new()
    } else {
        format!(" {}", unit.symbol)
    };
    let response = ui.add(
        DragValue::new(&mut shown)
            .speed(speed)
            .range(low..=high)
            .clamp_existing_to_range(false)
            // Typed numbers keep what was typed; shown ones are rounded to what carries meaning.
            .custom_formatter(move |number, _| trimmed(number, if whole { 0 } else { digits.max(3) }))
            .suffix(suffix)
            .update_while_editing(false),
    );
    let moved = shown != look.units.to_shown(quantity, si);
    let si = if moved { look.units.to_si(quantity, shown) } else { si };
    send(&response, moved, Edit::set(element.clone(), field, number_value(field, si)), commands);
    response.on_hover_text(look.t("value-hint"))
}

fn slider(
    ui: &mut Ui,
    look: &Look,
    element: &ElementRef,
    field: &str,
    text: &str,
    (quantity, si, range): Number,
    commands: &mut Vec<Command>,
) {
    let mut shown = look.units.to_shown(quantity, si);
    let span = look.units.to_shown(quantity, range.0)..=look.units.to_shown(quantity, range.1);
    let wide = ui.available_width();
    ui.spacing_mut().slider_width = wide - 4.0;
    let step = if look.units.unit(quantity).symbol == "%" { 1.0 } else { 0.01 };
    // Values are kept as they are until somebody moves them: rounding to the step would be an edit nobody asked for.
    let response =
        ui.add(Slider::new(&mut shown, span).clamping(SliderClamping::Edits).show_value(false).step_by(step));
    let name = look.with("slider-name", &[("field", text.to_owned())]);
    response.widget_info(|| egui::WidgetInfo::slider(true, shown, name.clone()));
    let moved = shown != look.units.to_shown(quantity, si);
    let si = look.units.to_si(quantity, shown);
    send(&response, moved, Edit::set(element.clone(), field, number_value(field, si)), commands);
}

/// Turns what a widget did into drag commands or one edit.
///
/// `moved` says whether the number is another one: a text field also calls every key typed into it a change.
fn send(response: &Response, moved: bool, edit: Edit, commands: &mut Vec<Command>) {
    if response.drag_started() {
        commands.push(Command::BeginDrag);
    }
    if response.changed() && moved {
        let dragging = response.dragged() || response.drag_started() || response.drag_stopped();
        commands.push(if dragging { Command::UpdateDrag(edit) } else { Command::Edit(edit) });
    }
    if response.drag_stopped() {
        commands.push(Command::CommitDrag);
    }
}

/// Right click: take the value away, where the field may be unset.
fn clear_menu(response: &Response, look: &Look, element: &ElementRef, field: &str, commands: &mut Vec<Command>) {
    if !crate::session::view::is_optional(element.kind, field) {
        return;
    }
    response.context_menu(|ui| {
        if ui.button(look.t("value-clear")).clicked() {
            commands.push(Command::Edit(Edit::set(element.clone(), field, Value::Null)));
            ui.close();
        }
    });
}

fn choice(
    ui: &mut Ui,
    look: &Look,
    element: &ElementRef,
    field: &str,
    word: &str,
    choices: &[&str],
    label: &Response,
    commands: &mut Vec<Command>,
) {
    let leaf = field.rsplit('.').next().unwrap_or(field);
    let text = |word: &str| look.or(&format!("choice-{leaf}-{word}"), word);
    let response = ComboBox::from_id_salt((element, field))
        .selected_text(text(word))
        .width(ui.available_width() - 8.0)
        .truncate()
        .show_ui(ui, |ui| {
            for each in choices {
                if ui.selectable_label(*each == word, text(each)).clicked() && *each != word {
                    let value = choice_value(look.session.network(), element, field, each);
                    commands.push(Command::Edit(Edit::set(element.clone(), field, value)));
                }
            }
        })
        .response;
    response.labelled_by(label.id);
}

/// A text being typed lives in egui's memory until Enter or a click elsewhere.
fn text_field(ui: &mut Ui, element: &ElementRef, field: &str, text: &str, label: &Response) -> Option<String> {
    let id = Id::new(("text", element, field));
    let mut typed = ui.data(|data| data.get_temp::<String>(id)).unwrap_or_else(|| text.to_owned());
    let response = ui.add(TextEdit::singleline(&mut typed).id(id.with("edit")).desired_width(f32::INFINITY));
    let response = response.labelled_by(label.id);
    if response.has_focus() {
        ui.data_mut(|data| data.insert_temp(id, typed));
        return None;
    }
    ui.data_mut(|data| data.remove::<String>(id));
    (response.lost_focus() && typed != text).then_some(typed)
}

/// A number with at most so many digits and no idle zeros.
fn trimmed(number: f64, digits: usize) -> String {
    if !number.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{number:.digits$}");
    if !text.contains('.') {
        return text;
    }
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_shown_without_idle_zeros() {
        assert_eq!(super::trimmed(12.500, 3), "12.5");
        assert_eq!(super::trimmed(100.0, 3), "100");
        assert_eq!(super::trimmed(-0.0001, 3), "0");
        assert_eq!(super::trimmed(120.0, 0), "120");
    }
}
