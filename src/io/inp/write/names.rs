//! Ids as EPANET can read them: no blanks, quotes, semicolons, no bracket in front, at most 31 bytes, each one once.

use std::collections::{BTreeMap, BTreeSet};

use crate::network::attributes::{Attribute, Attributes};

/// EPANET's MAXID.
const LONGEST: usize = 31;

/// Written name of every id.
pub(super) struct Names {
    changed: BTreeMap<String, String>,
}

impl Names {
    /// Names for ids given in a fixed order; ids that can stay as they are do.
    pub(super) fn new<'a>(ids: impl Iterator<Item = &'a str> + Clone) -> Names {
        let mut taken: BTreeSet<String> = ids.clone().filter(|id| is_good(id)).map(str::to_owned).collect();
        let mut changed = BTreeMap::new();
        for id in ids.filter(|id| !is_good(id)) {
            let mut base: String = id.chars().map(|c| if is_bad(c) { '_' } else { c }).collect();
            // Room for a number behind it.
            while base.len() > LONGEST - 8 {
                base.pop();
            }
            let mut name = base.trim_start_matches('[').to_owned();
            for number in 2.. {
                if !name.is_empty() && taken.insert(name.clone()) {
                    break;
                }
                name = format!("{}_{number}", base.trim_start_matches('['));
            }
            changed.insert(id.to_owned(), name);
        }
        Names { changed }
    }

    pub(super) fn get<'a>(&'a self, id: &'a str) -> &'a str {
        self.changed.get(id).map_or(id, String::as_str)
    }
}

fn is_bad(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, ';' | '"')
}

fn is_good(id: &str) -> bool {
    !id.is_empty() && id.len() <= LONGEST && !id.starts_with('[') && !id.contains(is_bad)
}

/// The tag an element got from an INP file, as one word.
pub(super) fn tag(attributes: &Attributes) -> Option<String> {
    match attributes.get("tag") {
        Some(Attribute::Text(text)) if !text.is_empty() => Some(match text.contains(char::is_whitespace) {
            true => format!("\"{}\"", text.replace(['"', ';'], "_")),
            false => text.replace(['"', ';'], "_"),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_legal_and_differ() {
        let ids =
            ["a b", "a_b", "a;b", "一二三四五六七八九十一二三四五六", "一二三四五六七八九十一二三四五七", "[x", "ok"];
        let names = Names::new(ids.into_iter());
        let written: BTreeSet<&str> = ids.iter().map(|id| names.get(id)).collect();
        assert_eq!(written.len(), ids.len());
        assert!(written.iter().all(|name| is_good(name)), "{written:?}");
        assert_eq!(names.get("ok"), "ok");
        assert_eq!(names.get("a_b"), "a_b");
    }
}
