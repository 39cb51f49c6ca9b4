//! Every field, choice, quantity and group has a name in both languages, and no sentence hides in the code.

use hypocaust::network::{Building, Chamber, Consumer, ElementKind, Node, Pipe, Pump, Sensor, Settings, Source, Valve};
use hypocaust::text::Language;
use serde_json::Value;

/// Names of all properties of a type, inner types included.
fn properties(schema: &Value, defs: &Value, seen: &mut Vec<String>, out: &mut Vec<String>) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("properties", Value::Object(fields)) => {
                        for (name, inner) in fields {
                            out.push(name.clone());
                            properties(inner, defs, seen, out);
                        }
                    }
                    ("$ref", Value::String(target)) => {
                        let name = target.rsplit('/').next().unwrap_or_default().to_owned();
                        if !seen.contains(&name) {
                            seen.push(name.clone());
                            properties(&defs[&name], defs, seen, out);
                        }
                    }
                    ("$defs", _) => {}
                    _ => properties(value, defs, seen, out),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, defs, seen, out)),
        _ => {}
    }
}

fn fields_of<T: schemars::JsonSchema>() -> Vec<String> {
    let schema = serde_json::to_value(schemars::schema_for!(T)).unwrap();
    let mut out = Vec::new();
    properties(&schema, &schema["$defs"], &mut Vec::new(), &mut out);
    out
}

#[test]
fn every_field_of_every_element_has_a_name_in_both_languages() {
    let all = [
        fields_of::<Node>(),
        fields_of::<Pipe>(),
        fields_of::<Valve>(),
        fields_of::<Pump>(),
        fields_of::<Source>(),
        fields_of::<Consumer>(),
        fields_of::<Chamber>(),
        fields_of::<Building>(),
        fields_of::<Sensor>(),
        fields_of::<Settings>(),
    ]
    .concat();
    assert!(all.len() > 80, "the walk over the types found only {all:?}");
    let mut missing: Vec<&String> = Vec::new();
    for name in &all {
        // Words of enums with numbers (`reference`, `worst-point`) are choices, tested below.
        let variant = name.contains('-')
            || ["heat", "reference", "table", "constant", "reservoir", "tank", "iapws"].contains(&name.as_str());
        let known = Language::ALL.iter().all(|language| language.texts().has(&format!("field-{name}")));
        if !variant && !known && !missing.contains(&name) {
            missing.push(name);
        }
    }
    assert!(missing.is_empty(), "fields.ftl lacks {missing:?}");
}

#[test]
fn every_choice_has_a_word_in_both_languages() {
    for kind in ElementKind::ALL {
        for (field, words) in hypocaust::session::view::all_choices(kind) {
            let leaf = field.rsplit('.').next().unwrap();
            for word in words {
                for language in Language::ALL {
                    let key = format!("choice-{leaf}-{word}");
                    assert!(language.texts().has(&key), "{language:?}: {key}");
                }
            }
        }
    }
}

/// Every key asked for in the sources of the panels exists; every sentence stands in a translation file.
#[test]
fn panels_ask_only_for_keys_that_exist_and_hold_no_sentences() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/panels");
    let mut asked = 0;
    let folder = |path: std::path::PathBuf| std::fs::read_dir(path).unwrap().map(|file| file.unwrap().path());
    let files = folder(root).flat_map(|path| if path.is_dir() { folder(path).collect() } else { vec![path] });
    for path in files {
        let source = std::fs::read_to_string(&path).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap();
        for (number, line) in code.lines().enumerate() {
            let place = format!("{}:{}", path.display(), number + 1);
            for call in ["look.t(\"", "look.with(\"", "look.or(\""] {
                for rest in line.split(call).skip(1) {
                    let key = rest.split('"').next().unwrap();
                    asked += 1;
                    for language in Language::ALL {
                        assert!(language.texts().has(key), "{place}: {language:?} lacks {key}");
                    }
                }
            }
            if line.trim_start().starts_with("//")
                || ["assert", "expect", "Error::custom"].iter().any(|word| line.contains(word))
            {
                continue;
            }
            for (i, literal) in line.split('"').enumerate() {
                // Two words with a space between them, outside of format placeholders, are a sentence.
                let sentence = i % 2 == 1
                    && literal
                        .split_whitespace()
                        .filter(|w| w.chars().count() > 1 && w.chars().all(char::is_alphabetic))
                        .count()
                        > 1;
                assert!(!sentence, "{place}: \"{literal}\" belongs in a translation file");
            }
        }
    }
    assert!(asked > 50, "the walk over the sources found only {asked} keys");
}
