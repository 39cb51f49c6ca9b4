//! EPANET's objects as one file gives them: checked, linked by index, still in the units of the file.
//!
//! [`Reader`] collects what is wrong so that one pass over the file names all of it. The sections are read by `options`,
//! `nodes`, `links` and `controls`; here are patterns, curves and what all of them share.

use std::path::Path;

use rustc_hash::FxHashMap;

use super::super::{IoError, Problem};
use super::controls::{self, Controls};
use super::links::{self, LinkData};
use super::nodes::{self, NodeData};
use super::options::{self, Options};
use super::scan::{Line, Scanned, Section};

/// Collects problems while sections are read.
pub(super) struct Reader<'f> {
    file: &'f Path,
    pub(super) error: IoError,
}

impl Reader<'_> {
    fn problem(&self, line: &Line<'_>, key: &'static str) -> Problem {
        Problem::new(self.file, key).line(line.number).with("section", line.section.word())
    }

    /// The line has fewer words than it needs.
    pub(super) fn too_short(&mut self, line: &Line<'_>, wanted: &str) {
        let problem = self.problem(line, "inp-too-short").with("count", line.words.len()).with("wanted", wanted);
        self.error.push(problem);
    }

    /// A word is not one of those wanted.
    pub(super) fn bad_word(&mut self, line: &Line<'_>, field: &str, got: &str, wanted: &str) {
        let problem = self.problem(line, "inp-bad-word").with("field", field).with("got", got).with("wanted", wanted);
        self.error.push(problem);
    }

    /// A name that stands nowhere.
    pub(super) fn unknown(&mut self, line: &Line<'_>, field: &str, got: &str, sections: &str) {
        let problem =
            self.problem(line, "inp-unknown-name").with("field", field).with("got", got).with("sections", sections);
        self.error.push(problem);
    }

    /// An id for the second time.
    pub(super) fn duplicate(&mut self, line: &Line<'_>, id: &str, first_line: usize) {
        let problem = self.problem(line, "inp-duplicate").with("id", id).with("first", first_line);
        self.error.push(problem);
    }

    /// A link whose two ends are one node.
    pub(super) fn same_ends(&mut self, line: &Line<'_>, id: &str) {
        let problem = self.problem(line, "inp-same-ends").with("id", id);
        self.error.push(problem);
    }

    /// The word at `index` as a number that satisfies `valid`; `None`, with a problem, where it does not.
    pub(super) fn number_if(
        &mut self,
        line: &Line<'_>,
        index: usize,
        field: &str,
        wanted: &'static str,
        valid: impl Fn(f64) -> bool,
    ) -> Option<f64> {
        let word = line.words.get(index).copied().unwrap_or("");
        if let Some(value) = finite(word).filter(|value| valid(*value)) {
            return Some(value);
        }
        self.bad_word(line, field, word, wanted);
        None
    }

    /// Any finite number.
    pub(super) fn number(&mut self, line: &Line<'_>, index: usize, field: &str) -> Option<f64> {
        self.number_if(line, index, field, "a number", |_| true)
    }

    /// A number ≥ 0.
    pub(super) fn not_negative(&mut self, line: &Line<'_>, index: usize, field: &str) -> Option<f64> {
        self.number_if(line, index, field, "a number of at least 0", |value| value >= 0.0)
    }

    /// A number > 0, and not so small that a conversion of units makes it 0.
    pub(super) fn positive(&mut self, line: &Line<'_>, index: usize, field: &str) -> Option<f64> {
        self.number_if(line, index, field, "a number above 0", |value| value > 1e-30)
    }
}

/// A number, written in any way C and Fortran programs write them. Beyond this no quantity of a network lies, and
/// conversions of units would run over.
pub(super) fn finite(word: &str) -> Option<f64> {
    word.parse().ok().filter(|value: &f64| value.abs() <= 1e15)
}

/// Ids with their index and the line that defined them.
#[derive(Clone, Debug, Default)]
pub(super) struct Index<'a> {
    entries: FxHashMap<&'a str, (usize, usize)>,
}

impl<'a> Index<'a> {
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.entries.get(id).map(|(index, _)| *index)
    }

    /// Adds an id; an empty or second one is a problem and `false`.
    pub(super) fn add(&mut self, reader: &mut Reader<'_>, line: &Line<'a>, id: &'a str, index: usize) -> bool {
        if id.is_empty() {
            reader.bad_word(line, "id", id, "a name");
            return false;
        }
        if let Some((_, first)) = self.entries.get(id) {
            reader.duplicate(line, id, *first);
            return false;
        }
        self.entries.insert(id, (index, line.number));
        true
    }
}

/// All objects of one file.
#[derive(Clone, Debug)]
pub(super) struct Model<'a> {
    pub(super) title: Vec<&'a str>,
    pub(super) options: Options<'a>,
    pub(super) patterns: FxHashMap<&'a str, Vec<f64>>,
    pub(super) curves: FxHashMap<&'a str, Vec<[f64; 2]>>,
    pub(super) nodes: Vec<NodeData<'a>>,
    pub(super) links: Vec<LinkData<'a>>,
    pub(super) controls: Controls<'a>,
}

impl<'a> Model<'a> {
    /// Reads all sections that bear on the steady state at hour 0; patterns and controls are applied.
    pub(super) fn read(scanned: &Scanned<'a>, file: &Path) -> Result<Model<'a>, IoError> {
        let mut reader = Reader { file, error: IoError::default() };
        let title = scanned.lines(Section::Title).iter().map(|line| line.text).collect();
        let options = options::read(scanned, &mut reader);
        let mut model = Model {
            title,
            options,
            patterns: patterns(scanned, &mut reader),
            curves: curves(scanned, &mut reader),
            nodes: Vec::new(),
            links: Vec::new(),
            controls: Controls::default(),
        };
        let nodes = nodes::read(&mut model, scanned, &mut reader);
        let links = links::read(&mut model, &nodes, scanned, &mut reader);
        controls::read(&mut model, &nodes, &links, scanned, &mut reader);
        // Sections were read by meaning, not by place.
        reader.error.problems.sort_by_key(|problem| problem.line);
        reader.error.into_result()?;
        Ok(model)
    }

    /// Factor of a pattern at hour 0; of the default pattern where none is named, 1 where that does not exist.
    pub(super) fn factor(&self, pattern: Option<&str>) -> f64 {
        let named = pattern.unwrap_or(self.options.default_pattern);
        let Some(factors) = self.patterns.get(named).filter(|factors| !factors.is_empty()) else { return 1.0 };
        factors[self.options.pattern_period() % factors.len()]
    }
}

fn patterns<'a>(scanned: &Scanned<'a>, reader: &mut Reader<'_>) -> FxHashMap<&'a str, Vec<f64>> {
    let mut patterns: FxHashMap<&'a str, Vec<f64>> = FxHashMap::default();
    for line in scanned.lines(Section::Patterns) {
        if line.words.len() < 2 {
            reader.too_short(line, "id multiplier …");
            continue;
        }
        let factors = patterns.entry(line.words[0]).or_default();
        for index in 1..line.words.len() {
            factors.extend(reader.number(line, index, "multiplier"));
        }
    }
    patterns
}

fn curves<'a>(scanned: &Scanned<'a>, reader: &mut Reader<'_>) -> FxHashMap<&'a str, Vec<[f64; 2]>> {
    let mut curves: FxHashMap<&'a str, Vec<[f64; 2]>> = FxHashMap::default();
    for line in scanned.lines(Section::Curves) {
        if line.words.len() < 3 {
            reader.too_short(line, "id x y");
            continue;
        }
        let (x, y) = (reader.number(line, 1, "x"), reader.number(line, 2, "y"));
        if let (Some(x), Some(y)) = (x, y) {
            curves.entry(line.words[0]).or_default().push([x, y]);
        }
    }
    curves
}
