//! What the state estimation finds out, in the list of devices: leaks, what stands
//! otherwise than drawn, instruments not to be believed, residuals.

use egui::{Label, RichText, Sense, Ui};
use egui_plot::{Bar, BarChart, Plot, VLine};

use super::live::age;
use super::look::Look;
use super::widgets::{element_link, still, weak};
use crate::live::estimate::{Estimate, Leak, Standing, Suspect, Taken};
use crate::network::ElementRef;
use crate::session::Command;
use crate::session::live::Picture;
use crate::units::Quantity;

/// Half the width of the histogram, standard deviations; what lies beyond is counted in its last bars.
const REACH: f64 = 4.0;
/// Bars to each standard deviation.
const FINENESS: f64 = 2.0;
const HEIGHT: f32 = 70.0;
/// Candidates of a leak shown.
const CANDIDATES: usize = 3;

pub fn draw(ui: &mut Ui, look: &Look, picture: &Picture, commands: &mut Vec<Command>) {
    let Some(shown) = &picture.estimate else { return };
    let estimate = &*shown.estimate;
    ui.label(RichText::new(look.t("live-estimate-title")).strong());
    if !estimate.converged {
        ui.add(Label::new(RichText::new(look.t("live-estimate-unsettled")).color(look.colours.warning.egui())).wrap());
    }
    if let Some(leak) = &estimate.leak {
        self::leak(ui, look, picture, leak, commands);
    }
    for standing in &shown.standing {
        self::standing(ui, look, picture, standing, commands);
    }
    for suspect in &estimate.suspects {
        self::suspect(ui, look, picture, suspect, commands);
    }
    let share = |[known, all]: [usize; 2]| if all == 0 { 1.0 } else { known as f64 / all as f64 };
    let observed = [
        ("pressures", look.number(Quantity::Share, share(estimate.observed_nodes))),
        ("flows", look.number(Quantity::Share, share(estimate.observed_links))),
    ];
    ui.add(Label::new(RichText::new(look.with("live-estimate-observed", &observed)).weak().small()).wrap());
    residuals(ui, look, estimate);
}

fn leak(ui: &mut Ui, look: &Look, picture: &Picture, leak: &Leak, commands: &mut Vec<Command>) {
    let arguments = [
        ("flow", look.number(Quantity::MassFlow, leak.mass_flow_kg_s)),
        ("deviation", look.units.number(Quantity::MassFlow, leak.deviation_kg_s)),
        ("age", age(look, Some(picture.now.ms_since(leak.since) as f64 / 1e3))),
    ];
    let text = RichText::new(look.with("live-estimate-leak", &arguments)).color(look.colours.error.egui());
    ui.add(Label::new(text).wrap());
    for candidate in leak.candidates.iter().take(CANDIDATES) {
        // The document may have lost the pipe since.
        if look.session.network().link(candidate.link).is_none() {
            continue;
        }
        let element = look.session.network().link_ref(candidate.link);
        ui.horizontal(|ui| {
            element_link(ui, look, &element, commands);
            weak(ui, look.number(Quantity::Share, candidate.probability));
        });
    }
}

fn standing(ui: &mut Ui, look: &Look, picture: &Picture, standing: &Standing, commands: &mut Vec<Command>) {
    let text = RichText::new(standing.text(&picture.points.tags, look.language, look.units));
    let text = if standing.taken == Taken::Yes { text } else { text.color(look.colours.warning.egui()) };
    leads_to(ui, look, text, &standing.element, commands);
}

fn suspect(ui: &mut Ui, look: &Look, picture: &Picture, suspect: &Suspect, commands: &mut Vec<Command>) {
    let text = picture.suspicion(suspect, look.language, look.units);
    let text = RichText::new(text).color(look.colours.warning.egui());
    match picture.points.shown_at(suspect.tag) {
        Some(element) => leads_to(ui, look, text, element, commands),
        None => {
            ui.add(Label::new(text).wrap());
        }
    }
}

/// A sentence about an element: a click leads there.
fn leads_to(ui: &mut Ui, look: &Look, text: RichText, element: &ElementRef, commands: &mut Vec<Command>) {
    let response = ui.add(Label::new(text).wrap().sense(Sense::click()));
    if response.on_hover_text(look.t("problems-hint")).clicked() {
        commands.push(Command::Select(element.clone()));
        commands.push(Command::FlyTo(element.clone()));
    }
}

/// Distribution of the normalised residuals: most between −2 and 2 where instruments are as good as is taken for granted.
fn residuals(ui: &mut Ui, look: &Look, estimate: &Estimate) {
    let bars = (2.0 * REACH * FINENESS) as usize;
    let mut counts = vec![0_usize; bars];
    for residual in &estimate.residuals {
        if residual.normalised.is_finite() {
            let at = ((residual.normalised + REACH) * FINENESS).floor().clamp(0.0, bars as f64 - 1.0);
            counts[at as usize] += 1;
        }
    }
    if counts.iter().all(|count| *count == 0) {
        return;
    }
    weak(ui, look.t("live-estimate-residuals")).on_hover_text(look.t("live-estimate-residuals-tip"));
    let width = 1.0 / FINENESS;
    let bar = |(at, count): (usize, &usize)| {
        Bar::new(-REACH + (at as f64 + 0.5) * width, *count as f64)
            .width(width * 0.9)
            .fill(look.colours.accent.egui())
            .stroke(egui::Stroke::NONE)
    };
    let chart = BarChart::new("", counts.iter().enumerate().map(bar).collect());
    still(Plot::new("residuals")).height(HEIGHT).show_axes([true, false]).show(ui, |plot| {
        plot.bar_chart(chart);
        plot.vline(VLine::new("", 0.0).color(look.colours.line.egui()));
    });
}
