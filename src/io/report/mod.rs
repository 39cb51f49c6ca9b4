//! The report of a break or an incident as a PDF to print: plan, valves with their chambers, maps, who loses heat, the rooms'
//! clock, other supply, restoring, the incident's timeline, and the emergency information base.
//!
//! [`print`] sets the same sheets that the command line shows ([`super::emergency`]) on A4: text in a column ([`flow`],
//! [`lines`]), tables ([`table`]), maps ([`map`]) on pages that become a file ([`paper`], [`face`]). Under each part stands how its
//! numbers were found. The same input, times included, gives the same bytes. No number is made here.

mod alternatives;
mod face;
mod flow;
mod labels;
mod lines;
mod map;
mod paper;
mod plain;
mod symbols;
mod table;

pub use alternatives::{AlternativesPage, print_alternatives};
pub use face::FONT;
pub use paper::{PAGE_HEIGHT, PAGE_WIDTH, Placed};
pub use plain::{PlainReport, print_sheet};

use super::IoError;
use super::emergency::{
    Section, Sheet, base_sections, frozen_sheet, incident_sections, incident_standing, report_sheet, short,
};
use super::file;
use crate::emergency::Response;
use crate::emergency::incident::{Incident, Moment};
use crate::network::Network;
use crate::text::{Argument, Language};
use crate::units::{DisplayUnits, Quantity};
use flow::{ACCENT, BOTTOM, Flow, GREY, LEFT, RIGHT, RULE, WIDTH};
use paper::{Colour, Paper, Style};

/// Rows of the long tables; the rest is counted.
const MOST_ROWS: usize = 250;
const SHADE: Colour = [0.985, 0.955, 0.95];

/// What is printed. Parts that are not there are left out.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    pub network: Option<&'a Network>,
    /// The answer on this network; without one, the one frozen last in the incident.
    pub response: Option<&'a Response>,
    pub incident: Option<&'a Incident>,
    pub language: Language,
    pub units: &'a DisplayUnits,
    pub made: Moment,
    /// Who answers for it.
    pub who: &'a str,
}

/// A printed report.
#[derive(Clone, Debug, PartialEq)]
pub struct Printed {
    /// The PDF.
    pub bytes: Vec<u8>,
    pub pages: usize,
    /// Every piece of text with its place, for whoever checks the layout.
    pub placed: Vec<Placed>,
}

/// Prints a report. An error only where the network has numbers no file can hold.
pub fn print(report: &Report<'_>) -> Result<Printed, IoError> {
    let revision = report.network.map(file::revision).transpose()?;
    let printing = Printing { report, revision };
    let mut flow = Flow::new();
    let sheet = printing.sheet();
    let title = printing.front(&mut flow, &sheet);
    printing.body(&mut flow, sheet);
    let mut paper = flow.paper;
    printing.edges(&mut paper, &title);
    let (pages, placed) = (paper.page_count(), paper.placed().to_vec());
    let bytes = paper.into_pdf(&title, report.who, report.language.tag(), report.made);
    Ok(Printed { bytes, pages, placed })
}

struct Printing<'a> {
    report: &'a Report<'a>,
    /// Of the network printed.
    revision: Option<String>,
}

/// The answer's sheet, and the revision it was frozen with where it is an old one.
struct Answer {
    sheet: Sheet,
    frozen: Option<String>,
}

impl Printing<'_> {
    fn word(&self, key: &str) -> String {
        self.report.language.texts().get(key).into_owned()
    }

    fn sentence(&self, key: &str, arguments: &[(&str, Argument<'_>)]) -> String {
        self.report.language.texts().with(key, arguments)
    }

    fn sheet(&self) -> Answer {
        let report = self.report;
        if let (Some(network), Some(response)) = (report.network, report.response) {
            let sheet = report_sheet(network, response, report.language, report.units, MOST_ROWS);
            return Answer { sheet, frozen: None };
        }
        match report.incident.and_then(|incident| frozen_sheet(incident, report.language)) {
            Some((sheet, revision)) => Answer { sheet, frozen: Some(revision) },
            None => Answer { sheet: Sheet::default(), frozen: None },
        }
    }

    /// Title, what it is about, and the sentences for somebody who reads nothing else.
    fn front(&self, flow: &mut Flow, answer: &Answer) -> String {
        let report = self.report;
        let state = report.incident.map(Incident::state);
        let drill = state.as_ref().is_some_and(|state| state.is_drill());
        let title = match state.as_ref().and_then(|state| state.opening) {
            Some(opening) => self.sentence("report-title-incident", &[("id", opening.id.clone().into())]),
            None => self.word("emergency-title"),
        };
        flow.y = 44.0;
        flow.title(&title, paper::BLACK);
        if drill {
            flow.text(&self.word("report-drill"), Style::strong(11.0).coloured(ACCENT), LEFT, WIDTH, false);
        }
        flow.space(4.0);
        self.facts(flow, answer, state.as_ref());
        flow.space(8.0);
        // The title stands among the facts.
        let opening = state.as_ref().and_then(|state| Some(state.opening?.network.clone()));
        let title_of = report.network.map(|network| network.settings().title.clone()).or(opening).unwrap_or_default();
        let lines: Vec<&String> =
            answer.sheet.lines.iter().filter(|line| **line != title_of && !line.is_empty()).collect();
        if !lines.is_empty() {
            self.summary(flow, &lines);
        }
        if let (Some(incident), Some(_)) = (report.incident, &state) {
            flow.heading(&self.word("report-standing"));
            let lines = incident_standing(incident, report.network, report.made, report.language);
            for line in lines.iter().filter(|line| **line != title_of) {
                flow.item(line);
            }
        }
        title
    }

    fn facts(&self, flow: &mut Flow, answer: &Answer, state: Option<&crate::emergency::incident::State<'_>>) {
        let report = self.report;
        let mut facts: Vec<(&str, String)> = Vec::new();
        let network = report.network.map(|network| network.settings().title.clone());
        let network = network.or_else(|| state.and_then(|state| Some(state.opening?.network.clone())));
        facts.push(("report-network", network.filter(|title| !title.is_empty()).unwrap_or_else(|| "–".to_owned())));
        if let Some(opened) = state.and_then(|state| state.opened) {
            facts.push(("report-opened", opened.to_string()));
        }
        facts.push(("report-made", report.made.to_string()));
        if !report.who.is_empty() {
            facts.push(("report-who", report.who.to_owned()));
        }
        if let Some(response) = report.response {
            facts.push(("report-weather", report.units.text(Quantity::Temperature, response.outdoor_c)));
        }
        if let Some(revision) = self.revision.as_ref().or(answer.frozen.as_ref()) {
            facts.push(("report-revision", short(revision).to_owned()));
        }
        let style = Style::plain(9.5);
        let labels: Vec<String> = facts.iter().map(|(key, _)| self.word(key)).collect();
        let width = labels.iter().map(|label| flow.paper.width(label, style.size)).fold(0.0, f32::max).min(0.4 * WIDTH);
        for ((_, value), label) in facts.iter().zip(&labels) {
            let y = flow.y;
            flow.text(label, style.coloured(GREY), LEFT, width + 2.0, false);
            let after = flow.y;
            flow.y = y;
            flow.text(value, style, LEFT + width + 14.0, WIDTH - width - 14.0, false);
            flow.y = flow.y.max(after);
        }
        if let Some(frozen) =
            self.last_frozen().filter(|frozen| self.revision.as_ref().is_some_and(|now| now != frozen))
        {
            let other = [("revision", short(&frozen).to_owned().into())];
            flow.text(&self.sentence("report-other-revision", &other), style.coloured(ACCENT), LEFT, WIDTH, false);
        }
        if answer.frozen.is_some() && report.response.is_none() {
            flow.text(&self.word("report-frozen"), style.coloured(ACCENT), LEFT, WIDTH, false);
        }
    }

    fn last_frozen(&self) -> Option<String> {
        frozen_sheet(self.report.incident?, self.report.language).map(|(_, revision)| revision)
    }

    /// The summary on a shaded ground, larger than the rest.
    fn summary(&self, flow: &mut Flow, sentences: &[&String]) {
        let style = Style::plain(10.5);
        let (x, width) = (LEFT + 20.0, WIDTH - 30.0);
        let count: usize =
            sentences.iter().map(|line| lines::lines(&flow.paper.face, line, style.size, width).len()).sum();
        let height = count as f32 * style.size * flow::LEADING + 3.0 * sentences.len() as f32 + 11.0;
        if flow.y + height < BOTTOM {
            flow.paper.rectangle(LEFT, flow.y, WIDTH, height, SHADE);
            flow.paper.rectangle(LEFT, flow.y, 3.0, height, ACCENT);
        }
        flow.space(7.0);
        for sentence in sentences {
            flow.text(sentence, style, x, width, true);
            flow.space(3.0);
        }
        flow.space(4.0);
    }

    fn body(&self, flow: &mut Flow, answer: Answer) {
        let report = self.report;
        let mut sections = answer.sheet.sections;
        // What the crews need stands before everything else.
        let valves = self.word("emergency-valves");
        if let Some(at) = sections.iter().position(|section| section.title == valves) {
            let valves = sections.remove(at);
            self.section(flow, &valves);
        }
        if let (Some(network), Some(response)) = (report.network, report.response) {
            let state = report.incident.map(Incident::state);
            let subject = map::Subject { network, response, state: state.as_ref(), language: report.language };
            if !map::maps(flow, &subject) {
                flow.heading(&self.word("report-map-near"));
                flow.paragraph(&self.word("report-no-map"));
            }
        }
        for section in &sections {
            self.section(flow, section);
        }
        if report.response.is_some() {
            flow.heading(&self.word("report-method"));
            flow.paragraph(&self.word("report-method-text"));
        }
        if let Some(incident) = report.incident {
            for section in incident_sections(incident, report.network, report.language) {
                self.section(flow, &section);
            }
        }
        let base = report.network.map(|network| base_sections(network, report.language)).unwrap_or_default();
        if !base.is_empty() {
            flow.new_page();
            flow.title(&self.word("base-title"), paper::BLACK);
        }
        for section in &base {
            self.section(flow, section);
        }
    }

    fn section(&self, flow: &mut Flow, section: &Section) {
        plain::print_section(flow, section, self.report.language);
    }

    /// Head and foot of every page.
    fn edges(&self, paper: &mut Paper, title: &str) {
        let report = self.report;
        let pages = paper.page_count();
        let drill = report.incident.is_some_and(|incident| incident.state().is_drill());
        let style = Style::plain(7.5).coloured(GREY);
        let made = format!("{title}  ·  {} {}", report.made.date(), report.made.time_of_day());
        let room = 0.6 * WIDTH;
        let made = lines::lines(&paper.face, &made, style.size, room).into_iter().next().unwrap_or_default();
        for page in 0..pages {
            paper.go_to(page);
            if page > 0 && drill {
                let text = self.word("report-drill");
                let text = lines::lines(&paper.face, &text, 8.0, WIDTH).into_iter().next().unwrap_or_default();
                paper.text(LEFT, 36.0, Style::strong(8.0).coloured(ACCENT), &text);
            }
            paper.line([LEFT, BOTTOM + 14.0], [RIGHT, BOTTOM + 14.0], 0.4, RULE);
            paper.text(LEFT, BOTTOM + 25.0, style, &made);
            let number = self.sentence("report-page", &[("page", (page + 1).into()), ("pages", pages.into())]);
            let width = paper.width(&number, style.size);
            paper.text(RIGHT - width, BOTTOM + 25.0, style, &number);
        }
    }
}
