//! The arrows between layers point down only: a walk over the sources names file, line and rule where one points up.

use std::fs;
use std::path::{Path, PathBuf};

/// Layers from the bottom up. A module may use itself and everything in lower rows; modules of one row do not know each
/// other, except where `SAME_ROW` says so.
const LAYERS: &[&[&str]] = &[
    &["units", "text"],
    &["physics"],
    &["network"],
    &["solver"],
    &["simulation"],
    &["emergency", "dispatch", "live"],
    &["io"],
    &["session", "verify"],
    &["cli", "panels"],
    &["twin"],
];

/// (user, used) pairs that are allowed against the table above.
const EXCEPTIONS: &[(&str, &str, &str)] =
    &[("cli", "twin", "the command line opens the window; main knows only the command line")];

/// Crates a module alone may use, so that they can be replaced without touching the rest.
const PRIVATE_CRATES: &[(&str, &[&str])] = &[
    ("petgraph", &["network", "session", "emergency"]),
    ("faer", &["solver"]),
    ("nalgebra", &["physics", "live", "dispatch"]),
    ("bevy", &["twin"]),
    ("bevy_egui", &["twin"]),
    ("egui", &["panels", "twin"]),
    ("egui_plot", &["panels"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("indicatif", &["cli"]),
    ("fluent_bundle", &["text"]),
    ("pdf_writer", &["io"]),
    ("subsetter", &["io"]),
    ("ttf_parser", &["io"]),
    ("tokio_modbus", &["io"]),
    ("serial2_tokio", &["io"]),
    ("tokio_rustls", &["io"]),
    ("tokio_postgres", &["io"]),
    ("rusqlite", &["io"]),
    ("parquet", &["io"]),
    ("argon2", &["io"]),
    ("jiff", &["live"]),
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&module))
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Module names used as `crate::NAME` in a line of code.
fn used_modules(line: &str) -> Vec<&str> {
    let word = |text: &'_ str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').count();
    let mut out = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            for item in list.split(['}', ';']).next().unwrap_or("").split(',') {
                let item = item.trim();
                out.push(&item[..item.chars().take(word(item)).map(char::len_utf8).sum()]);
            }
        } else {
            out.push(&rest[..rest.chars().take(word(rest)).map(char::len_utf8).sum()]);
        }
    }
    out
}

#[test]
fn arrows_point_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 10, "the walk found no sources");
    let mut broken = Vec::new();
    for file in files {
        let relative = file.strip_prefix(&root).unwrap().to_owned();
        let module = relative.components().next().unwrap().as_os_str().to_string_lossy().replace(".rs", "");
        if module == "main" || module == "lib" {
            continue;
        }
        let Some(own) = layer(&module) else {
            broken.push(format!("{}: module '{module}' has no layer; add it to the table", relative.display()));
            continue;
        };
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            for used in used_modules(code) {
                let Some(theirs) = layer(used) else { continue };
                let excepted = EXCEPTIONS.iter().any(|(user, use_, _)| *user == module && *use_ == used);
                if used != module && theirs >= own && !excepted {
                    broken.push(format!(
                        "{}:{}: '{module}' uses '{used}', which is not below it",
                        relative.display(),
                        number + 1
                    ));
                }
            }
            for (name, users) in PRIVATE_CRATES {
                let used = code.contains(&format!("use {name}::")) || code.contains(&format!(" {name}::"));
                if used && !users.contains(&module.as_str()) {
                    broken.push(format!(
                        "{}:{}: only {users:?} may use the crate '{name}'",
                        relative.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_walk_sees_an_upward_arrow() {
    assert_eq!(used_modules("use crate::session::Session;"), ["session"]);
    assert_eq!(used_modules("use crate::{io, session::x};"), ["io", "session"]);
    assert_eq!(used_modules("let x = crate::twin::run();"), ["twin"]);
    assert!(layer("session") > layer("io"));
}

#[test]
fn every_source_opens_with_its_header() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let bare: Vec<_> = files
        .iter()
        .filter(|file| !fs::read_to_string(file).unwrap().lines().take(3).any(|line| line.starts_with("//!")))
        .map(|file| file.display().to_string())
        .collect();
    assert!(bare.is_empty(), "no //! header in {bare:?}");
}

#[test]
fn files_stay_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let long: Vec<_> = files
        .iter()
        .map(|file| (file.display().to_string(), fs::read_to_string(file).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > 600)
        .collect();
    assert!(long.is_empty(), "past 600 lines, split them: {long:?}");
}
