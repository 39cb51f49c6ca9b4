//! L0: every sentence a person reads, in every language.
//!
//! The sentences live in Fluent files under `assets/translations/LANGUAGE/`, compiled into the binary: the program must
//! speak both languages on a machine without network or installation. Code asks for a sentence by key
//! ([`Texts::get`], [`Texts::with`]). What does not live here: numbers (see `units`) and layout.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde::{Deserialize, Serialize};

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
}

impl Language {
    /// All languages, in the order a menu shows them.
    pub const ALL: [Language; 2] = [Language::Chinese, Language::English];

    /// The BCP 47 tag: `zh-CN` or `en`.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh-CN",
        }
    }

    /// The language named by a tag or a locale setting (`zh_CN.UTF-8`, `en-GB`); `None` for any other language.
    pub fn from_tag(tag: &str) -> Option<Language> {
        let primary = tag.split(['-', '_', '.']).next().unwrap_or("").to_ascii_lowercase();
        match primary.as_str() {
            "zh" => Some(Language::Chinese),
            "en" | "c" | "posix" => Some(Language::English),
            _ => None,
        }
    }

    /// The sentences of this language.
    pub fn texts(self) -> &'static Texts {
        static ENGLISH: LazyLock<Texts> = LazyLock::new(|| Texts::load(Language::English));
        static CHINESE: LazyLock<Texts> = LazyLock::new(|| Texts::load(Language::Chinese));
        match self {
            Language::English => &ENGLISH,
            Language::Chinese => &CHINESE,
        }
    }
}

/// One translation file in both languages. Add a line here for a new file.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name,
            include_str!(concat!("../../assets/translations/en/", $name, ".ftl")),
            include_str!(concat!("../../assets/translations/zh-CN/", $name, ".ftl")),
        )),*]
    };
}

/// (file name, English, Chinese)
const FILES: &[(&str, &str, &str)] = files![
    "alarm",
    "alternatives",
    "balance",
    "calibrate",
    "cli",
    "commands",
    "compare",
    "dispatch",
    "curve",
    "elements",
    "emergency",
    "energy",
    "estimate",
    "field",
    "fields",
    "files",
    "findings",
    "forecast",
    "heat",
    "historian",
    "import",
    "incident",
    "live",
    "live-window",
    "orders",
    "meter",
    "modbus",
    "panels",
    "report",
    "response",
    "retrofit",
    "time",
    "twin",
    "verify"
];

/// An argument of a sentence.
pub type Argument<'a> = FluentValue<'a>;

/// The sentences of one language.
pub struct Texts {
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    fn load(language: Language) -> Texts {
        // A malformed tag cannot occur: both are constants checked by the tests below.
        let tag = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Isolation marks are for mixed-direction text; here they would only show up as boxes in fonts without them.
        bundle.set_use_isolating(false);
        for (_, english, chinese) in FILES {
            let source = if language == Language::English { *english } else { *chinese };
            // Fluent keeps what it could parse; the tests refuse files with errors.
            let resource = match FluentResource::try_new(source.to_owned()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            bundle.add_resource_overriding(resource);
        }
        Texts { bundle }
    }

    /// The sentence for `key`; the key itself where there is none (a test makes sure that this never ships).
    /// `key` may name an attribute: `message.help`.
    pub fn get<'a>(&'a self, key: &'a str) -> Cow<'a, str> {
        self.format(key, None)
    }

    /// The sentence for `key` with its arguments filled in.
    pub fn with<'a>(&'a self, key: &'a str, arguments: &[(&str, Argument<'_>)]) -> String {
        let mut args = FluentArgs::with_capacity(arguments.len());
        for (name, value) in arguments {
            args.set(name.to_string(), value.clone());
        }
        self.format(key, Some(&args)).into_owned()
    }

    /// Whether this language has the sentence.
    pub fn has(&self, key: &str) -> bool {
        let (message, attribute) = split(key);
        self.bundle.get_message(message).is_some_and(|m| match attribute {
            Some(name) => m.get_attribute(name).is_some(),
            None => m.value().is_some(),
        })
    }

    fn format<'a>(&'a self, key: &'a str, args: Option<&FluentArgs<'_>>) -> Cow<'a, str> {
        let (message, attribute) = split(key);
        let pattern = self.bundle.get_message(message).and_then(|m| match attribute {
            Some(name) => m.get_attribute(name).map(|a| a.value()),
            None => m.value(),
        });
        match pattern {
            Some(pattern) => Cow::Owned(self.bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned()),
            None => Cow::Borrowed(key),
        }
    }
}

fn split(key: &str) -> (&str, Option<&str>) {
    key.split_once('.').map_or((key, None), |(message, attribute)| (message, Some(attribute)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys of a file: messages and their attributes, in order.
    fn keys(source: &str) -> Vec<String> {
        let mut out = Vec::new();
        let mut message = String::new();
        for line in source.lines() {
            if let Some((name, _)) = line.split_once(" =").or_else(|| line.split_once('=')) {
                let name = name.trim_end();
                if let Some(attribute) = name.trim_start().strip_prefix('.') {
                    out.push(format!("{message}.{attribute}"));
                } else if !name.starts_with([' ', '#', '[', '*', '}']) && !name.is_empty() {
                    message = name.to_owned();
                    out.push(message.clone());
                }
            }
        }
        out
    }

    #[test]
    fn files_parse_and_both_languages_have_the_same_keys() {
        for (name, english, chinese) in FILES {
            for (language, source) in [("en", english), ("zh-CN", chinese)] {
                if let Err((_, errors)) = FluentResource::try_new((*source).to_owned()) {
                    panic!("{name}.ftl ({language}): {errors:?}");
                }
            }
            let mut left = keys(english);
            let mut right = keys(chinese);
            left.sort();
            right.sort();
            assert_eq!(left, right, "{name}.ftl: keys differ between the languages");
            left.dedup();
            assert_eq!(left.len(), right.len(), "{name}.ftl: a key stands twice");
        }
    }

    #[test]
    fn no_key_stands_in_two_files() {
        let mut all: Vec<String> = FILES.iter().flat_map(|(_, english, _)| keys(english)).collect();
        all.sort();
        let twice: Vec<_> = all.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn language_is_read_from_locale_settings() {
        assert_eq!(Language::from_tag("zh_CN.UTF-8"), Some(Language::Chinese));
        assert_eq!(Language::from_tag("en-GB"), Some(Language::English));
        assert_eq!(Language::from_tag("fr"), None);
    }
}
