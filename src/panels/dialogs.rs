//! What lies over everything else: palette, opening and saving, units, keys, about. One at a time.

use egui::{ComboBox, Context, Frame, Grid, Id, Key, Margin, Modal, RichText, ScrollArea, Ui};

use super::look::Look;
use super::widgets::weak;
use super::{file_list, palette, run_dialog, sign_in};
use crate::session::{Command, Panel};
use crate::units::Quantity;

pub fn draw(ctx: &Context, look: &Look, commands: &mut Vec<Command>) {
    if !look.session.shows(Panel::SignIn) {
        sign_in::forget(ctx);
    }
    let Some(panel) = Panel::ALL.into_iter().find(|panel| panel.is_dialog() && look.session.shows(*panel)) else {
        return;
    };
    let frame = Frame::popup(&ctx.global_style()).inner_margin(Margin::same(14));
    let response = Modal::new(Id::new(("dialog", panel.word()))).frame(frame).show(ctx, |ui| match panel {
        Panel::SignIn => sign_in::draw(ui, look, commands),
        Panel::Palette => palette::draw(ui, look, commands),
        Panel::Open => file_list::open(ui, look, commands),
        Panel::SaveAs => file_list::save(ui, look, commands),
        Panel::Export => file_list::export(ui, look, commands),
        Panel::Run => run_dialog::draw(ui, look, commands),
        Panel::Units => units(ui, look, commands),
        Panel::Keyboard => keyboard(ui, look, commands),
        Panel::Unsaved => unsaved(ui, look, commands),
        _ => about(ui, look, commands),
    });
    let escape = ctx.input(|input| input.key_pressed(Key::Escape));
    if response.should_close() || escape {
        commands.push(Command::ClosePanel(panel));
    }
}

/// Title line with a button to close.
pub fn title(ui: &mut Ui, look: &Look, key: &str, panel: Panel, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.heading(look.t(key));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let close = Command::ClosePanel(panel);
            if ui.button(close.text(look.language)).clicked() {
                commands.push(close);
            }
        });
    });
    ui.separator();
}

fn units(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.set_width(320.0);
    title(ui, look, "units-title", Panel::Units, commands);
    Grid::new("units").num_columns(2).spacing([24.0, 6.0]).show(ui, |ui| {
        for quantity in Quantity::ALL {
            let units = quantity.units();
            if units.len() < 2 {
                continue;
            }
            ui.label(look.t(quantity_key(quantity)));
            let now = look.units.unit(quantity);
            let text = |symbol: &str| if symbol.is_empty() { look.t("unit-plain") } else { symbol.to_owned() };
            ComboBox::from_id_salt(("unit", quantity)).selected_text(text(now.symbol)).width(120.0).show_ui(ui, |ui| {
                for unit in units {
                    if ui.selectable_label(unit.symbol == now.symbol, text(unit.symbol)).clicked() {
                        commands.push(Command::SetUnit(quantity, unit.symbol));
                    }
                }
            });
            ui.end_row();
        }
    });
}

const fn quantity_key(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Length => "quantity-length",
        Quantity::Diameter => "quantity-diameter",
        Quantity::Pressure => "quantity-pressure",
        Quantity::PressureDifference => "quantity-pressure-difference",
        Quantity::SpecificLoss => "quantity-specific-loss",
        Quantity::Temperature => "quantity-temperature",
        Quantity::TemperatureDifference => "quantity-temperature-difference",
        Quantity::MassFlow => "quantity-mass-flow",
        Quantity::VolumeFlow => "quantity-volume-flow",
        Quantity::Velocity => "quantity-velocity",
        Quantity::Heat => "quantity-heat",
        Quantity::Energy => "quantity-energy",
        Quantity::Area => "quantity-area",
        Quantity::HeatTransfer => "quantity-heat-transfer",
        Quantity::Head => "quantity-head",
        Quantity::Share => "quantity-share",
        Quantity::Duration => "quantity-duration",
        Quantity::Density => "quantity-density",
        Quantity::Number => "quantity-number",
    }
}

fn keyboard(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.set_width(640.0);
    title(ui, look, "keyboard-title", Panel::Keyboard, commands);
    let mut keys: Vec<(String, String)> = ["pan", "orbit", "zoom", "pick", "fly"]
        .into_iter()
        .map(|word| (look.t(&format!("mouse-{word}")), look.t(&format!("mouse-{word}.tip"))))
        .collect();
    keys.extend(Command::palette().into_iter().filter_map(|c| c.shortcut().map(|s| (s.text(), c.text(look.language)))));
    let half = keys.len().div_ceil(2);
    ScrollArea::vertical().max_height(460.0).show(ui, |ui| {
        Grid::new("keys").num_columns(4).spacing([16.0, 5.0]).show(ui, |ui| {
            for row in 0..half {
                for (key, text) in [keys.get(row), keys.get(row + half)].into_iter().flatten() {
                    ui.label(RichText::new(key).color(look.colours.strong_text.egui()));
                    ui.label(text);
                }
                ui.end_row();
            }
        });
    });
}

fn unsaved(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.set_width(420.0);
    title(ui, look, "unsaved-title", Panel::Unsaved, commands);
    let count = look.session.document().history().edits().len();
    ui.add(egui::Label::new(look.with("unsaved-question", &[("count", count.to_string())])).wrap());
    ui.add_space(8.0);
    ui.horizontal_wrapped(|ui| {
        if ui.button(Command::Save.text(look.language)).on_hover_text(Command::Save.tip(look.language)).clicked() {
            commands.extend([Command::ClosePanel(Panel::Unsaved), Command::Save]);
        }
        let discard = Command::DiscardChanges;
        if ui.button(discard.text(look.language)).on_hover_text(discard.tip(look.language)).clicked() {
            commands.push(discard);
        }
    });
}

fn about(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.set_width(460.0);
    title(ui, look, "about-title", Panel::About, commands);
    ui.label(RichText::new(format!("Hypocaust {}", env!("CARGO_PKG_VERSION"))).strong());
    for key in ["about-purpose", "about-licence", "about-font"] {
        ui.add(egui::Label::new(look.t(key)).wrap());
    }
    ui.add_space(6.0);
    weak(ui, look.t("about-colours"));
}
