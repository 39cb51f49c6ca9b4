//! The legend over the picture: what colours mean, with unit, range and distribution.

use egui::{
    Align2, Area, ComboBox, Context, CornerRadius, Frame, Id, Margin, Order, Rect, RichText, Sense, Ui, pos2, vec2,
};

use super::look::Look;
use super::widgets::{weak, with_tip};
use crate::session::Command;
use crate::session::colouring::{ColourBy, Coloured, NEUTRAL, RETURN, Ramp, Range, SINGLE, SUPPLY};
use crate::session::emergency::{Emergency, Fare, colours};

/// Width of the colour bar.
const WIDTH: f32 = 236.0;

/// Draws the card and says where it lies.
pub fn draw(ctx: &Context, look: &Look, central: Rect, commands: &mut Vec<Command>) -> Rect {
    let shown = Area::new(Id::new("legend"))
        .order(Order::Middle)
        .pivot(Align2::LEFT_BOTTOM)
        .fixed_pos(central.left_bottom() + vec2(12.0, -12.0))
        .constrain_to(central)
        .show(ctx, |ui| {
            Frame::new()
                .fill(look.colours.panel.egui().gamma_multiply(0.94))
                .stroke(egui::Stroke::new(1.0, look.colours.line.egui()))
                .corner_radius(CornerRadius::same(6))
                .inner_margin(Margin::symmetric(10, 8))
                .show(ui, |ui| contents(ui, look, commands));
        });
    shown.response.rect
}

fn contents(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.set_width(WIDTH);
    if let Some(emergency) = look.session.shown_emergency() {
        self::emergency(ui, look, emergency);
        return;
    }
    let coloured = look.session.coloured();
    let view = look.session.view();
    ui.horizontal(|ui| {
        let name = |by: ColourBy| look.t(&format!("colour-by-{}", by.word()));
        ComboBox::from_id_salt("colour-by").selected_text(name(coloured.by)).width(150.0).show_ui(ui, |ui| {
            for by in ColourBy::ALL {
                if ui.selectable_label(by == coloured.by, name(by)).clicked() && by != coloured.by {
                    commands.push(Command::ColourBy(by));
                }
            }
        });
        if coloured.by.is_continuous() {
            weak(ui, look.units.unit(coloured.quantity()).symbol);
            let mut locked = view.range_lock.is_some();
            let toggle = ui.toggle_value(&mut locked, look.t("legend-lock"));
            if with_tip(toggle, look, &Command::ToggleRangeLock).clicked() {
                commands.push(Command::ToggleRangeLock);
            }
        }
    });
    if coloured.is_change {
        let name = look.session.alternatives().chosen_alternative().map_or_else(String::new, |one| one.name.clone());
        let text = look.with("alternatives-map-legend", &[("name", name)]);
        ui.add(egui::Label::new(RichText::new(text).strong()).wrap());
    }
    if !coloured.by.is_continuous() {
        for (colour, key) in
            [(SUPPLY, "choice-side-supply"), (RETURN, "choice-side-return"), (SINGLE, "choice-side-single")]
        {
            swatch(ui, colour, &look.t(key));
        }
        return;
    }
    let range = coloured.range(view.range_lock);
    if !range.is_valid() {
        weak(ui, look.t("legend-no-values"));
        return;
    }
    bar(ui, look, &coloured, range);
    ui.horizontal(|ui| {
        swatch(ui, NEUTRAL, &look.t("legend-none"));
        let quantity = coloured.quantity();
        let full = format!(
            "{} – {}",
            look.units.number(quantity, coloured.full.low),
            look.units.number(quantity, coloured.full.high)
        );
        ui.label(RichText::new(look.with("legend-full", &[("range", full)])).weak().small());
    });
}

/// What the colours of an emergency mean.
fn emergency(ui: &mut Ui, look: &Look, emergency: &Emergency) {
    ui.label(RichText::new(look.t("alarm-legend")).strong());
    ui.spacing_mut().item_spacing.y = 2.0;
    let Some(answer) = emergency.shown() else {
        swatch(ui, colours::ALARM, &look.t("alarm-legend-break"));
        swatch(ui, NEUTRAL, &look.t("alarm-legend-served"));
        return;
    };
    // Only what there is to see.
    let fares = |wanted: Fare| answer.fares.contains(&Some(wanted));
    let short = answer.shares.iter().any(|share| *share > 0.0 && *share < 0.999);
    for (colour, key, seen) in [
        (colours::ALARM, "alarm-legend-zone", true),
        (colours::UNFED, "alarm-legend-unfed", answer.shares.contains(&0.0)),
        (colours::ALARM, "alarm-legend-too-cold", fares(Fare::TooCold)),
        (colours::WATCH, "alarm-legend-cold", fares(Fare::Cold) || short),
        (colours::SPARED, "alarm-legend-short", fares(Fare::Short)),
        (NEUTRAL, "alarm-legend-served", true),
    ] {
        if seen {
            swatch(ui, colour, &look.t(key));
        }
    }
    for (colour, sign, key, seen) in [
        (colours::ALARM, "1", "alarm-legend-todo", true),
        (colours::DONE, "●", "alarm-legend-done", emergency.shut().next().is_some()),
        (colours::WATCH, "×", "alarm-legend-stuck", emergency.stuck().next().is_some()),
    ] {
        if !seen {
            continue;
        }
        ui.horizontal(|ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(16.0, 16.0), Sense::hover());
            let [r, g, b] = colour;
            ui.painter().circle_filled(rect.center(), 8.0, egui::Color32::from_rgb(r, g, b));
            let font = egui::FontId::proportional(11.0);
            ui.painter().text(rect.center(), Align2::CENTER_CENTER, sign, font, egui::Color32::WHITE);
            ui.label(RichText::new(look.t(key)).small());
        });
    }
    if answer.response.tasks.iter().all(|task| task.crew.is_none()) {
        return;
    }
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(16.0, 14.0), Sense::hover());
        let ends = [rect.left_center(), rect.right_center()];
        let stroke = egui::Stroke::new(2.0, look.colours.text.egui());
        ui.painter().extend(egui::Shape::dashed_line(&ends, stroke, 4.0, 3.0));
        ui.label(RichText::new(look.t("alarm-legend-crew")).small());
    });
}

fn swatch(ui: &mut Ui, [r, g, b]: [u8; 3], text: &str) {
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
        ui.painter().rect_filled(rect, 2.0, egui::Color32::from_rgb(r, g, b));
        ui.label(RichText::new(text).small());
    });
}

/// Histogram, colour bar and five figures below it.
fn bar(ui: &mut Ui, look: &Look, coloured: &Coloured, range: Range) {
    let ramp: Ramp = coloured.ramp();
    let (rect, response) = ui.allocate_exact_size(vec2(WIDTH, 34.0), Sense::hover());
    let painter = ui.painter();
    let most = coloured.histogram.iter().copied().fold(0.0f32, f32::max);
    // The histogram is counted over the automatic range and would mislie over a locked one.
    if most > 0.0 && range == coloured.automatic {
        let step = WIDTH / coloured.histogram.len() as f32;
        for (i, share) in coloured.histogram.iter().enumerate() {
            let height = 18.0 * share / most;
            let x = rect.left() + step * i as f32;
            let column =
                Rect::from_min_max(pos2(x, rect.top() + 18.0 - height), pos2(x + step - 1.0, rect.top() + 18.0));
            painter.rect_filled(column, 0.0, look.colours.weak_text.egui().gamma_multiply(0.6));
        }
    }
    let bar = Rect::from_min_max(pos2(rect.left(), rect.top() + 20.0), rect.max);
    let columns = 118;
    for i in 0..columns {
        let share = |i: i32| i as f32 / columns as f32;
        let [r, g, b] = ramp.at(share(i) + 0.5 / columns as f32);
        let column = Rect::from_min_max(
            pos2(bar.left() + WIDTH * share(i), bar.top()),
            pos2(bar.left() + WIDTH * share(i + 1) + 0.5, bar.bottom()),
        );
        painter.rect_filled(column, 0.0, egui::Color32::from_rgb(r, g, b));
    }
    let quantity = coloured.quantity();
    let value_at = |share: f64| range.low + (range.high - range.low) * share;
    if let Some(at) = response.hover_pos() {
        let share = f64::from((at.x - rect.left()) / WIDTH).clamp(0.0, 1.0);
        response.on_hover_text(look.number(quantity, value_at(share)));
    }
    let (labels, _) = ui.allocate_exact_size(vec2(WIDTH, 14.0), Sense::hover());
    let font = egui::FontId::proportional(12.0);
    // Three figures where five would run into each other.
    let widest = look.units.number(quantity, range.high).len().max(look.units.number(quantity, range.low).len());
    let steps = if widest > 4 { 2 } else { 4 };
    for i in 0..=steps {
        let share = f64::from(i) / f64::from(steps);
        let align = match i {
            0 => Align2::LEFT_CENTER,
            i if i == steps => Align2::RIGHT_CENTER,
            _ => Align2::CENTER_CENTER,
        };
        let at = pos2(labels.left() + WIDTH * share as f32, labels.center().y);
        ui.painter().text(
            at,
            align,
            look.units.number(quantity, value_at(share)),
            font.clone(),
            look.colours.text.egui(),
        );
    }
}
