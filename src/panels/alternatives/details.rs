//! The column looked at: what it consists of, sources, the worst loop, the coldest rooms, rules broken.

use egui::{Grid, Label, RichText, ScrollArea, Ui};

use super::super::look::Look;
use super::super::widgets::{element_link, severity_mark, weak};
use crate::dispatch::alternative::{Assessment, MoneyKind};
use crate::network::{ElementKind, ElementRef};
use crate::session::Command;
use crate::session::alternatives::Alternatives;
use crate::session::timeline::order::time_text;
use crate::units::Quantity;

/// Rules broken that are listed.
const MOST_BREACHES: usize = 40;

pub fn draw(ui: &mut Ui, look: &Look, alternatives: &Alternatives, commands: &mut Vec<Command>) {
    let Some(assessment) = alternatives.chosen_assessment() else {
        ui.add(Label::new(RichText::new(look.t("alternatives-not-compared")).weak()).wrap());
        return;
    };
    ScrollArea::vertical().id_salt("alternatives-details").auto_shrink(false).show(ui, |ui| {
        ui.label(RichText::new(&assessment.name).strong().color(look.colours.strong_text.egui()));
        if !assessment.note.is_empty() {
            ui.add(Label::new(&assessment.note).wrap());
        }
        sources(ui, look, assessment);
        money(ui, look, assessment);
        places(ui, look, assessment, commands);
        breaches(ui, look, assessment, commands);
    });
}

fn title(ui: &mut Ui, look: &Look, key: &str) {
    ui.add_space(6.0);
    ui.label(RichText::new(look.t(key)).strong().color(look.colours.strong_text.egui()));
}

fn sources(ui: &mut Ui, look: &Look, assessment: &Assessment) {
    title(ui, look, "alternatives-sources");
    Grid::new("alternatives-sources").num_columns(5).spacing([14.0, 3.0]).striped(true).show(ui, |ui| {
        for key in ["source", "heat", "peak", "supply", "return"] {
            weak(ui, look.t(&format!("alternatives-source-{key}")));
        }
        ui.end_row();
        for source in &assessment.figures.sources {
            ui.label(&*source.id);
            ui.label(look.number(Quantity::Energy, source.heat_j));
            ui.label(look.number(Quantity::Heat, source.peak_heat_w));
            ui.label(look.number(Quantity::Temperature, source.supply_c));
            ui.label(look.number(Quantity::Temperature, source.return_c));
            ui.end_row();
        }
    });
}

fn money(ui: &mut Ui, look: &Look, assessment: &Assessment) {
    let Some(money) = assessment.figures.money else { return };
    title(ui, look, "alternatives-money");
    Grid::new("alternatives-money").num_columns(2).spacing([14.0, 3.0]).striped(true).show(ui, |ui| {
        for kind in MoneyKind::ALL {
            if money.of(kind) != 0.0 {
                ui.label(look.t(&format!("compare-money-{}", kind.word())));
                ui.label(format!("{:.0}", money.of(kind)));
                ui.end_row();
            }
        }
    });
}

fn places(ui: &mut Ui, look: &Look, assessment: &Assessment, commands: &mut Vec<Command>) {
    let figures = &assessment.figures;
    title(ui, look, "alternatives-places");
    if let Some(worst) = &figures.worst_loop {
        let element = ElementRef { kind: ElementKind::Consumer, id: worst.consumer.clone() };
        let arguments = [
            ("margin", look.number(Quantity::PressureDifference, worst.margin_pa)),
            ("time", time_text(worst.calendar_s)),
        ];
        place(ui, look, &element, look.with("alternatives-worst-loop", &arguments), commands);
    }
    if let Some((element, room_c, calendar_s)) = &figures.cold.coldest {
        let arguments =
            [("temperature", look.number(Quantity::Temperature, *room_c)), ("time", time_text(*calendar_s))];
        place(ui, look, element, look.with("alternatives-coldest", &arguments), commands);
    }
    if let Some((element, unmet_kh)) = &figures.cold.worst {
        let text = look.with("alternatives-worst-served", &[("amount", format!("{unmet_kh:.1}"))]);
        place(ui, look, element, text, commands);
    }
}

fn place(ui: &mut Ui, look: &Look, element: &ElementRef, text: String, commands: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| {
        element_link(ui, look, element, commands);
        ui.label(text);
    });
}

fn breaches(ui: &mut Ui, look: &Look, assessment: &Assessment, commands: &mut Vec<Command>) {
    title(ui, look, "alternatives-breaches");
    let all = &assessment.figures.breaches;
    if all.is_empty() {
        ui.label(RichText::new(look.t("alternatives-no-breach")).color(look.colours.good.egui()));
        return;
    }
    for breach in all.iter().take(MOST_BREACHES) {
        ui.horizontal(|ui| {
            severity_mark(ui, look, breach.finding.severity);
            element_link(ui, look, &breach.element, commands);
            let arguments =
                [("time", time_text(breach.first_calendar_s)), ("hours", format!("{:.1}", breach.duration_s / 3600.0))];
            let message = breach.finding.message(look.language, look.units);
            let text = format!("{message} {}", look.with("alternatives-breach-time", &arguments));
            ui.add(Label::new(text).wrap());
        });
    }
    if all.len() > MOST_BREACHES {
        weak(ui, look.with("alternatives-more", &[("count", (all.len() - MOST_BREACHES).to_string())]));
    }
}
