//! What the estimation has to say in sentences: the same in the window, in the terminal and in lists.

use crate::live::{TagId, TagTable, Timestamp};
use crate::text::Language;
use crate::units::{DisplayUnits, Quantity};

use super::belief::{Error, Suspect};

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
