//! The headline over the whole width, to be read from five metres: figures 40 px high, a word below each.
//!
//! Letters are read at a distance of about two hundred times their height; 40 px on a wall of 55 inches are 25 mm.

use egui::{Align, Color32, FontId, Label, Layout, RichText, Ui, vec2};

use super::super::look::Look;
use super::rgb;
use crate::network::Side;
use crate::session::emergency::{Emergency, Standing, colours};
use crate::session::view::{Headline, Size, headline};
use crate::units::{Quantity, hours_minutes};

/// Height of the figures and of the words.
const FIGURE: f32 = 40.0;
const WORD: f32 = 17.0;

pub fn draw(ui: &mut Ui, look: &Look) {
    let Some(emergency) = look.session.emergency() else { return };
    let room = ui.available_width();
    let scale = (room / 1500.0).clamp(0.62, 1.4);
    ui.add_space(3.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 22.0 * scale;
        match emergency.drill().filter(|drill| !drill.is_over()) {
            Some(drill) => rehearsal(ui, look, drill, scale),
            None => plan(ui, look, emergency, scale),
        }
    });
    ui.add_space(2.0);
}

/// A figure with its word.
fn cell(ui: &mut Ui, look: &Look, figure: &str, word: &str, colour: Color32, scale: f32) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add(Label::new(RichText::new(figure).font(FontId::proportional(FIGURE * scale)).color(colour)).extend());
        let word = RichText::new(word).font(FontId::proportional(WORD * scale)).color(look.colours.text.egui());
        ui.add(Label::new(word).extend());
    });
}

/// A red sign with the word for what is going on.
fn sign(ui: &mut Ui, text: &str, colour: Color32, scale: f32) {
    let font = FontId::proportional(FIGURE * scale);
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, Color32::WHITE);
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(28.0, 14.0) * scale, egui::Sense::hover());
    ui.painter().rect_filled(rect, 6.0, colour);
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, Color32::WHITE);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Label, true, text));
}

fn plan(ui: &mut Ui, look: &Look, emergency: &Emergency, scale: f32) {
    let strong = look.colours.strong_text.egui();
    let Some(answer) = emergency.shown() else {
        sign(ui, &look.t("alarm-burst"), rgb(colours::ALARM), scale);
        let key = if emergency.is_waiting() { "alarm-working" } else { "alarm-no-plan" };
        cell(ui, look, "…", &look.t(key), strong, scale);
        return;
    };
    let figures = headline(&answer.network, &answer.response);
    let over = emergency.drill().is_some();
    let colour = if over { look.colours.accent.egui() } else { rgb(colours::ALARM) };
    sign(ui, &title(look, &figures, over), colour, scale);
    let valves =
        if figures.stops > 0 { format!("{}+{}", figures.valves, figures.stops) } else { figures.valves.to_string() };
    let key = if figures.stops > 0 { "banner-valves-and-plants" } else { "banner-valves" };
    cell(ui, look, &valves, &look.t(key), strong, scale);
    cell(ui, look, &hours_minutes(figures.shut_s), &look.t("banner-shut"), strong, scale);
    if let Some((cut_off, short)) = figures.users {
        cell(ui, look, &cut_off.to_string(), &look.t("banner-cut-off"), blue(look), scale);
        if short > 0 {
            cell(ui, look, &short.to_string(), &look.t("banner-short"), strong, scale);
        }
        let first = figures.hospitals + figures.schools + figures.care_homes;
        if first > 0 && ui.available_width() > 520.0 * scale {
            cell(ui, look, &first.to_string(), &look.t("banner-first"), strong, scale);
        }
    }
    if let Some(first_s) = figures.first_below_s {
        let cold = if first_s < figures.repair_s { look.colours.error.egui() } else { strong };
        cell(ui, look, &hours_minutes(first_s), &look.t("banner-first-cold"), cold, scale);
    }
    cell(ui, look, &hours_minutes(figures.repair_s), &look.t("banner-repair"), strong, scale);
    if figures.too_cold > 0 && ui.available_width() > 120.0 * scale {
        cell(ui, look, &figures.too_cold.to_string(), &look.t("banner-too-cold"), look.colours.error.egui(), scale);
    }
    if ui.available_width() > 150.0 * scale {
        let (key, colour) = match look.session.emergency_standing() {
            Some(Standing::CarriedOut { .. }) => ("banner-carried-out", look.colours.good.egui()),
            Some(Standing::Stale) => ("banner-stale", look.colours.warning.egui()),
            _ => return,
        };
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(RichText::new(look.t(key)).font(FontId::proportional(WORD * scale)).color(colour));
        });
    }
}

fn blue(look: &Look) -> Color32 {
    look.colours.link.egui()
}

/// `DN800 burst, supply`.
fn title(look: &Look, figures: &Headline, over: bool) -> String {
    let key = if over { "alarm-rehearsal" } else { "alarm-burst" };
    let mut text = look.t(key);
    if let [(size, side)] = figures.breaks.as_slice() {
        let size = match size {
            Size::Nominal(dn) => format!("DN{dn}"),
            Size::Inner(inner_m) => look.number(Quantity::Diameter, *inner_m),
            Size::None => String::new(),
        };
        let side = match side {
            Some(Side::Supply) => look.t("emergency-supply"),
            Some(Side::Return) => look.t("emergency-return"),
            _ => String::new(),
        };
        let parts: Vec<String> = [size, side, text].into_iter().filter(|part| !part.is_empty()).collect();
        text = parts.join(" ");
    } else if figures.breaks.len() > 1 {
        text = look.with("alarm-bursts", &[("count", figures.breaks.len().to_string())]);
    }
    text
}

fn rehearsal(ui: &mut Ui, look: &Look, drill: &crate::session::emergency::Drill, scale: f32) {
    let strong = look.colours.strong_text.egui();
    sign(ui, &look.t("alarm-rehearsal"), look.colours.accent.egui(), scale);
    cell(ui, look, &hours_minutes(drill.clock_s()), &look.t("banner-clock"), strong, scale);
    cell(ui, look, &drill.orders().len().to_string(), &look.t("banner-orders"), strong, scale);
    let shut = drill.orders().iter().filter(|order| order.moves && order.shut_s <= drill.clock_s()).count();
    cell(ui, look, &shut.to_string(), &look.t("banner-closed"), strong, scale);
}
