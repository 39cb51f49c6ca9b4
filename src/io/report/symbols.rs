//! Marks of the map and of its legend.

use super::paper::{BLACK, Colour, Paper, Style, WHITE};
use crate::emergency::incident::ValveStage;

const CUT_OFF: Colour = [0.45, 0.03, 0.12];
const BELOW: Colour = [0.9, 0.42, 0.03];
const LESS: Colour = [0.97, 0.8, 0.25];
const SHUT: Colour = [0.1, 0.36, 0.2];
const ORDERED: Colour = [0.8, 0.82, 0.85];
const STUCK: Colour = [0.72, 0.05, 0.08];
const PLANT: Colour = [0.1, 0.32, 0.6];

/// How much heat a consumer keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    CutOff,
    /// Less than an accident should leave.
    Below,
    Less,
}

/// An item of the legend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sample {
    Burst,
    /// Colour, width, dashed.
    Line(Colour, f32, bool),
    Valve(ValveStage),
    Mark(Mark),
    Ring,
    Plant,
    Frame,
}

/// A square, a triangle or a disc, each with its colour.
pub fn mark(paper: &mut Paper, mark: Mark, [x, y]: [f32; 2], size: f32) {
    let line = Some((0.35, WHITE));
    match mark {
        Mark::CutOff => {
            let s = 0.9 * size;
            paper.area(&[[x - s, y - s], [x + s, y - s], [x + s, y + s], [x - s, y + s]], CUT_OFF, line);
        }
        Mark::Below => {
            let s = 1.15 * size;
            paper.area(&[[x, y - s], [x + s, y + 0.8 * s], [x - s, y + 0.8 * s]], BELOW, line);
        }
        Mark::Less => paper.disc([x, y], size, LESS, Some((0.4, BLACK))),
    }
}

/// Round a consumer that comes first.
pub fn ring(paper: &mut Paper, [x, y]: [f32; 2], radius: f32) {
    let points: Vec<[f32; 2]> = (0..=24)
        .map(|step| {
            let (sin, cos) = (step as f32 * std::f32::consts::TAU / 24.0).sin_cos();
            [x + radius * cos, y + radius * sin]
        })
        .collect();
    paper.polyline(&points, 0.9, BLACK, &[]);
}

/// The break: a cross in a white disc.
pub fn burst(paper: &mut Paper, [x, y]: [f32; 2], radius: f32) {
    paper.disc([x, y], radius, WHITE, Some((1.6, STUCK)));
    let arm = 0.52 * radius;
    paper.line([x - arm, y - arm], [x + arm, y + arm], 1.8, STUCK);
    paper.line([x - arm, y + arm], [x + arm, y - arm], 1.8, STUCK);
}

/// A numbered valve, as it stands.
pub fn valve(paper: &mut Paper, [x, y]: [f32; 2], radius: f32, number: &str, stage: ValveStage) {
    let (fill, ink, outline) = match stage {
        ValveStage::Planned | ValveStage::Reopened => (WHITE, BLACK, BLACK),
        ValveStage::Ordered => (ORDERED, BLACK, BLACK),
        ValveStage::Confirmed => (SHUT, WHITE, SHUT),
        ValveStage::Stuck => (WHITE, STUCK, STUCK),
    };
    paper.disc([x, y], radius, fill, Some((0.9, outline)));
    if stage == ValveStage::Stuck {
        let arm = 0.72 * radius;
        paper.line([x - arm, y - arm], [x + arm, y + arm], 0.9, outline);
        paper.line([x - arm, y + arm], [x + arm, y - arm], 0.9, outline);
        return;
    }
    let size = if number.len() > 2 { radius } else { 1.3 * radius };
    let width = paper.width(number, size);
    paper.text(x - 0.5 * width, y + 0.36 * size, Style::strong(size).coloured(ink), number);
}

pub fn plant(paper: &mut Paper, [x, y]: [f32; 2]) {
    let s = 4.6;
    paper.area(&[[x, y - s], [x + s, y], [x, y + s], [x - s, y]], PLANT, Some((0.7, WHITE)));
}

pub fn north(paper: &mut Paper, [x, y]: [f32; 2]) {
    paper.area(&[[x, y - 10.0], [x + 5.0, y + 5.0], [x, y + 2.0]], BLACK, None);
    paper.area(&[[x, y - 10.0], [x - 5.0, y + 5.0], [x, y + 2.0]], WHITE, Some((0.6, BLACK)));
    let style = Style::strong(8.0);
    let width = paper.width("N", style.size);
    paper.text(x - 0.5 * width, y + 14.5, style, "N");
}

/// A mark in the legend, in the middle of its place.
pub fn sample(paper: &mut Paper, sample: Sample, [x, y]: [f32; 2]) {
    match sample {
        Sample::Burst => burst(paper, [x, y], 5.0),
        Sample::Line(colour, width, dashed) => {
            let dashes: &[f32] = if dashed { &[3.0, 3.4] } else { &[] };
            paper.polyline(&[[x - 7.0, y], [x + 7.0, y]], width, colour, dashes);
        }
        Sample::Valve(stage) => valve(paper, [x, y], 5.0, "1", stage),
        Sample::Mark(kind) => mark(paper, kind, [x, y], 3.2),
        Sample::Ring => {
            mark(paper, Mark::CutOff, [x, y], 2.4);
            ring(paper, [x, y], 5.0);
        }
        Sample::Plant => plant(paper, [x, y]),
        Sample::Frame => paper.frame(x - 6.0, y - 4.0, 12.0, 8.0, 0.8, BLACK),
    }
}
