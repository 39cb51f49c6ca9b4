//! What the estimation has to say in sentences: the same in the window, in the terminal and in lists.

use crate::live::{TagId, TagTable, Timestamp};
use crate::network::ElementKind;
use crate::text::Language;
use crate::units::{DisplayUnits, Quantity};

use super::belief::{Error, Suspect};
use super::follow::{Standing, Taken};
use super::standing::Position;

impl Suspect {
    /// What is wrong with the instrument, as a sentence told at this time.
    pub fn text(&self, tags: &TagTable, now: Timestamp, language: Language, units: &DisplayUnits) -> String {
        let name = |tag: TagId| tags.get(tag).map_or_else(String::new, |tag| tag.name.to_string());
        let quantity = tags.get(self.tag).map_or(Quantity::Number, |tag| tag.quantity);
        let texts = language.texts();
        let tag = ("tag", name(self.tag).into());
        match self.error {
            Error::Offset(offset) => {
                let key = if offset > 0.0 { "live-estimate-reads-more" } else { "live-estimate-reads-less" };
                texts.with(key, &[tag, ("offset", units.text(quantity.of_difference(), offset.abs()).into())])
            }
            Error::Stuck(since) => {
                let age = units.text(Quantity::Duration, now.ms_since(since) as f64 / 1e3);
                texts.with("live-estimate-stuck", &[tag, ("age", age.into())])
            }
            Error::Swapped(other) => texts.with("live-estimate-swapped", &[tag, ("other", name(other).into())]),
        }
    }
}

impl Position {
    /// In words: open, shut, at 40 % …
    fn text(self, language: Language, units: &DisplayUnits) -> String {
        let texts = language.texts();
        let with = |key: &str, share: f64| texts.with(key, &[("share", units.text(Quantity::Share, share).into())]);
        let plain = |key: &str| texts.get(key).into_owned();
        match self {
            Position::Opening(share) if share <= 0.0 => plain("position-shut"),
            Position::Opening(share) if share >= 1.0 => plain("position-open"),
            Position::Opening(share) => with("position-part", share),
            Position::Speed(share) if share <= 0.0 => plain("position-stopped"),
            Position::Speed(share) => with("position-turning", share),
            Position::InOperation(true) => plain("position-in-operation"),
            Position::InOperation(false) => plain("position-out-of-operation"),
        }
    }
}

impl Standing {
    /// How it stands and is drawn, as a sentence, and why the estimate does not reckon with it where it does not.
    pub fn text(&self, tags: &TagTable, language: Language, units: &DisplayUnits) -> String {
        let texts = language.texts();
        let key = match self.element.kind {
            ElementKind::Pump => "standing-pump",
            ElementKind::Source => "standing-source",
            ElementKind::Consumer => "standing-substation",
            _ => "standing-valve",
        };
        let line = texts.with(
            key,
            &[
                ("element", self.element.id.to_string().into()),
                ("field", self.field.text(language, units).into()),
                ("drawn", self.drawn.text(language, units).into()),
            ],
        );
        match self.taken {
            Taken::Yes => line,
            Taken::Waits => texts.with("standing-waits", &[("line", line.into())]),
            Taken::Impossible => texts.with("standing-impossible", &[("line", line.into())]),
            Taken::Against(tag) => {
                let name = tags.get(tag).map_or_else(String::new, |tag| tag.name.to_string());
                texts.with("standing-against", &[("line", line.into()), ("tag", name.into())])
            }
        }
    }
}
