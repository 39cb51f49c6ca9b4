//! The text of an INP file as sections of lines of words.
//!
//! As EPANET does it: a semicolon starts a comment, words are separated by blanks, a quoted word may hold blanks, a
//! section is known by the beginning of its name in either case, `[END]` ends the file. Sections EPANET does not know
//! are kept by name so that they can be reported. Nothing is interpreted here.

use std::path::Path;

use super::super::{IoError, Problem};

macro_rules! sections {
    ($($name:ident $word:literal $start:literal;)*) => {
        /// A section of the file.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Section { $($name),* }

        impl Section {
            const ALL: &[Section] = &[$(Section::$name),*];

            /// Its name between the brackets.
            pub(super) const fn word(self) -> &'static str {
                match self { $(Section::$name => $word),* }
            }

            /// Fewest letters that tell it from the others; older programs write no more than these.
            const fn start(self) -> &'static str {
                match self { $(Section::$name => $start),* }
            }
        }
    };
}

sections! {
    Title "TITLE" "TITL";
    Junctions "JUNCTIONS" "JUNC";
    Reservoirs "RESERVOIRS" "RESE";
    Tanks "TANKS" "TANK";
    Pipes "PIPES" "PIPE";
    Pumps "PUMPS" "PUMP";
    Valves "VALVES" "VALV";
    Controls "CONTROLS" "CONT";
    Rules "RULES" "RULE";
    Demands "DEMANDS" "DEMA";
    Sources "SOURCES" "SOUR";
    Emitters "EMITTERS" "EMIT";
    Leakage "LEAKAGE" "LEAK";
    Patterns "PATTERNS" "PATT";
    Curves "CURVES" "CURV";
    Quality "QUALITY" "QUAL";
    Status "STATUS" "STAT";
    Roughness "ROUGHNESS" "ROUG";
    Energy "ENERGY" "ENER";
    Reactions "REACTIONS" "REAC";
    Mixing "MIXING" "MIXI";
    Report "REPORT" "REPO";
    Times "TIMES" "TIME";
    Options "OPTIONS" "OPTI";
    Coordinates "COORDINATES" "COOR";
    Vertices "VERTICES" "VERT";
    Labels "LABELS" "LABE";
    Backdrop "BACKDROP" "BACK";
    Tags "TAGS" "TAGS";
}

/// A line with at least one word.
#[derive(Clone, Debug)]
pub(super) struct Line<'a> {
    /// Counted from 1.
    pub(super) number: usize,
    pub(super) section: Section,
    pub(super) words: Vec<&'a str>,
    /// The line without its comment, trimmed.
    pub(super) text: &'a str,
}

/// A section EPANET does not know.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unknown<'a> {
    pub(super) name: &'a str,
    pub(super) line: usize,
}

/// The file, cut up.
#[derive(Clone, Debug)]
pub(super) struct Scanned<'a> {
    by_section: Vec<Vec<Line<'a>>>,
    pub(super) unknown: Vec<Unknown<'a>>,
}

impl<'a> Scanned<'a> {
    /// Lines of a section in file order; a section may stand in several places.
    pub(super) fn lines(&self, section: Section) -> &[Line<'a>] {
        &self.by_section[section as usize]
    }
}

/// Cuts the text up. The only error is a text without any section.
pub(super) fn scan<'a>(text: &'a str, file: &Path) -> Result<Scanned<'a>, IoError> {
    let mut scanned = Scanned { by_section: vec![Vec::new(); Section::ALL.len()], unknown: Vec::new() };
    let mut seen = false;
    let mut section = None;
    for (index, raw) in text.lines().enumerate() {
        let number = index + 1;
        let text = raw.split(';').next().unwrap_or("").trim();
        if let Some(name) = text.strip_prefix('[') {
            let name = name.split(']').next().unwrap_or("").trim();
            seen = true;
            if starts(name, "END") {
                break;
            }
            section = Section::ALL.iter().copied().find(|known| starts(name, known.start()));
            if section.is_none() {
                scanned.unknown.push(Unknown { name, line: number });
            }
            continue;
        }
        let Some(section) = section else { continue };
        let words = split(text);
        if !words.is_empty() {
            scanned.by_section[section as usize].push(Line { number, section, words, text });
        }
    }
    if seen { Ok(scanned) } else { Err(Problem::new(file, "inp-no-sections").into()) }
}

/// Words of a line; a word that begins with a quote ends at the next one.
fn split(mut text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    loop {
        text = text.trim_start();
        if text.is_empty() {
            return words;
        }
        if let Some(quoted) = text.strip_prefix('"') {
            let end = quoted.find('"').unwrap_or(quoted.len());
            words.push(&quoted[..end]);
            text = quoted.get(end + 1..).unwrap_or("");
        } else {
            let end = text.find(char::is_whitespace).unwrap_or(text.len());
            words.push(&text[..end]);
            text = &text[end..];
        }
    }
}

/// Whether a word begins with a keyword, in either case: how EPANET compares.
pub(super) fn starts(word: &str, keyword: &str) -> bool {
    word.get(..keyword.len()).is_some_and(|start| start.eq_ignore_ascii_case(keyword))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_words_comments_and_quotes() {
        let text = "x\n[junc]\n 1 2;c\n;only\n[PIPES] ; p\n\"a b\" c\t\"open\n[WHAT]\n9\n[END]\n[TANKS]\n8\n";
        let scanned = scan(text, Path::new("f")).expect("scanned");
        assert_eq!(scanned.lines(Section::Junctions)[0].words, ["1", "2"]);
        assert_eq!(scanned.lines(Section::Junctions)[0].number, 3);
        assert_eq!(scanned.lines(Section::Pipes)[0].words, ["a b", "c", "open"]);
        assert_eq!(scanned.unknown, [Unknown { name: "WHAT", line: 7 }]);
        assert!(scanned.lines(Section::Tanks).is_empty(), "nothing is read after [END]");
        assert!(scan("no section here", Path::new("f")).is_err());
    }

    #[test]
    fn every_section_is_found_by_its_full_name_and_its_start() {
        for section in Section::ALL {
            for name in [section.word(), section.start()] {
                assert_eq!(Section::ALL.iter().find(|known| starts(name, known.start())), Some(section));
            }
        }
    }
}
