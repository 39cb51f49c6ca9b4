//! Any sheet as a PDF to print: title, facts, sentences, sections with their tables. No number is made here.

use super::flow::{ACCENT, BOTTOM, Flow, GREY, LEFT, RIGHT, RULE, WIDTH};
use super::paper::{self, Paper, Style};
use super::{Printed, lines, table};
use crate::emergency::incident::Moment;
use crate::io::emergency::{Section, Sheet};
use crate::text::Language;

/// What is printed.
#[derive(Clone, Copy, Debug)]
pub struct PlainReport<'a> {
    pub sheet: &'a Sheet,
    /// What stands under the title: a word and what it says.
    pub facts: &'a [(String, String)],
    pub language: Language,
    pub made: Moment,
    /// Who answers for it.
    pub who: &'a str,
}

/// Prints a sheet. The same input gives the same bytes.
pub fn print_sheet(report: &PlainReport<'_>) -> Printed {
    let mut flow = Flow::new();
    flow.y = 44.0;
    flow.title(&report.sheet.title, paper::BLACK);
    flow.space(4.0);
    facts(&mut flow, report.facts);
    flow.space(8.0);
    for line in report.sheet.lines.iter().filter(|line| !line.is_empty()) {
        flow.paragraph(line);
    }
    for section in &report.sheet.sections {
        print_section(&mut flow, section, report.language);
    }
    let mut paper = flow.paper;
    edges(&mut paper, report);
    let (pages, placed) = (paper.page_count(), paper.placed().to_vec());
    let bytes = paper.into_pdf(&report.sheet.title, report.who, report.language.tag(), report.made);
    Printed { bytes, pages, placed }
}

fn facts(flow: &mut Flow, facts: &[(String, String)]) {
    let style = Style::plain(9.5);
    let widths = facts.iter().map(|(label, _)| flow.paper.width(label, style.size));
    let width = widths.fold(0.0, f32::max).min(0.4 * WIDTH);
    for (label, value) in facts {
        let y = flow.y;
        flow.text(label, style.coloured(GREY), LEFT, width + 2.0, false);
        let after = flow.y;
        flow.y = y;
        flow.text(value, style, LEFT + width + 14.0, WIDTH - width - 14.0, false);
        flow.y = flow.y.max(after);
    }
}

/// A titled part, with how its numbers were found below it.
pub(super) fn print_section(flow: &mut Flow, section: &Section, language: Language) {
    flow.heading(&section.title);
    for line in &section.lines {
        flow.paragraph(line);
    }
    if let Some(table) = &section.table {
        flow.space(2.0);
        table::table(flow, table);
    }
    for note in &section.notes {
        flow.remark(note);
    }
    if !section.found.is_empty() {
        flow.small(&language.texts().with("report-found", &[("how", section.found.clone().into())]));
    }
}

/// Foot of every page.
fn edges(paper: &mut Paper, report: &PlainReport<'_>) {
    let pages = paper.page_count();
    let style = Style::plain(7.5).coloured(GREY);
    let made = format!("{}  ·  {} {}", report.sheet.title, report.made.date(), report.made.time_of_day());
    let made = lines::lines(&paper.face, &made, style.size, 0.6 * WIDTH).into_iter().next().unwrap_or_default();
    for page in 0..pages {
        paper.go_to(page);
        if page > 0 {
            paper.line([LEFT, 46.0], [RIGHT, 46.0], 0.4, ACCENT);
        }
        paper.line([LEFT, BOTTOM + 14.0], [RIGHT, BOTTOM + 14.0], 0.4, RULE);
        paper.text(LEFT, BOTTOM + 25.0, style, &made);
        let arguments = [("page", (page + 1).into()), ("pages", pages.into())];
        let number = report.language.texts().with("report-page", &arguments);
        let width = paper.width(&number, style.size);
        paper.text(RIGHT - width, BOTTOM + 25.0, style, &number);
    }
}
