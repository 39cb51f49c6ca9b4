//! What the import of a map mended, guessed and refused, by feature.

use std::collections::BTreeMap;

use crate::network::{Code, ElementKind, ElementRef, Finding, Severity};

/// Findings of one kind listed one by one; a map with ten thousand pipes without diameter needs no ten thousand lines.
const LISTED: usize = 100;

/// Collects findings while a map is read.
#[derive(Default)]
pub(super) struct Report {
    entries: Vec<Entry>,
}

struct Entry {
    code: Code,
    severity: Severity,
    /// Id of the feature; empty where the whole map is meant.
    feature: String,
    kind: Option<ElementKind>,
    key: &'static str,
    arguments: Vec<(&'static str, String)>,
}

impl Report {
    pub(super) fn mended(&mut self, feature: &str, key: &'static str, arguments: &[(&'static str, String)]) {
        self.add(Code::ImportMended, Severity::Info, feature, key, arguments);
    }

    pub(super) fn guessed(&mut self, feature: &str, key: &'static str, arguments: &[(&'static str, String)]) {
        self.add(Code::ImportGuessed, Severity::Warning, feature, key, arguments);
    }

    /// The feature is left out; the rest is imported.
    pub(super) fn refused(&mut self, feature: &str, key: &'static str, arguments: &[(&'static str, String)]) {
        self.add(Code::ImportRefused, Severity::Warning, feature, key, arguments);
    }

    fn add(
        &mut self,
        code: Code,
        severity: Severity,
        feature: &str,
        key: &'static str,
        arguments: &[(&'static str, String)],
    ) {
        let (feature, arguments) = (feature.to_owned(), arguments.to_vec());
        self.entries.push(Entry { code, severity, feature, kind: None, key, arguments });
    }

    /// Findings by kind and then by feature, in an order that does not depend on the order of the file. `kinds` gives
    /// what each feature became.
    pub(super) fn findings(mut self, kinds: &BTreeMap<String, ElementKind>) -> Vec<Finding> {
        for entry in &mut self.entries {
            entry.kind = kinds.get(&entry.feature).copied();
        }
        self.entries.sort_by(|a, b| {
            (a.severity, a.code, a.key, &a.feature, &a.arguments).cmp(&(
                b.severity,
                b.code,
                b.key,
                &b.feature,
                &b.arguments,
            ))
        });
        let mut findings = Vec::new();
        let mut start = 0;
        while start < self.entries.len() {
            let key = self.entries[start].key;
            let end = start + self.entries[start..].iter().take_while(|entry| entry.key == key).count();
            for entry in self.entries[start..end].iter().take(LISTED) {
                findings.push(finding(entry));
            }
            if end - start > LISTED {
                let first = &self.entries[start];
                let more = [("count", (end - start - LISTED).to_string())];
                findings.push(Finding::new(first.code, ElementRef::network()).severe(first.severity).phrase(
                    "text",
                    "gis-note-more",
                    &more,
                ));
            }
            start = end;
        }
        findings
    }
}

fn finding(entry: &Entry) -> Finding {
    // A feature that became no element is named in the sentence itself.
    let (element, prefix) = match entry.kind {
        Some(kind) => (ElementRef::new(kind, entry.feature.as_str()), String::new()),
        None if entry.feature.is_empty() => (ElementRef::network(), String::new()),
        None => (ElementRef::network(), format!("«{}» ", entry.feature)),
    };
    let mut arguments = entry.arguments.clone();
    arguments.push(("feature", prefix));
    Finding::new(entry.code, element).severe(entry.severity).phrase("text", entry.key, &arguments)
}
