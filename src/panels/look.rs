//! What every panel needs at hand: the session, its language, its units and the colours of its theme.

use super::theme::{Colours, colours};
use crate::network::ElementRef;
use crate::network::finding::element_text;
use crate::session::Session;
use crate::text::{Argument, Language, Texts};
use crate::units::{DisplayUnits, Quantity};

/// A view on the session for one frame.
pub struct Look<'a> {
    pub session: &'a Session,
    pub language: Language,
    pub units: &'a DisplayUnits,
    pub colours: &'static Colours,
    texts: &'static Texts,
}

impl<'a> Look<'a> {
    pub fn new(session: &'a Session) -> Look<'a> {
        let language = session.language();
        Look { session, language, units: session.units(), colours: colours(session.theme()), texts: language.texts() }
    }

    /// The sentence for a key.
    pub fn t(&self, key: &str) -> String {
        self.texts.get(key).into_owned()
    }

    /// The sentence for a key with arguments.
    pub fn with(&self, key: &str, arguments: &[(&str, String)]) -> String {
        let arguments: Vec<(&str, Argument<'_>)> =
            arguments.iter().map(|(name, value)| (*name, Argument::from(value.as_str()))).collect();
        self.texts.with(key, &arguments)
    }

    /// The sentence for a key, or `otherwise` where there is none: free attributes have keys nobody translated.
    pub fn or(&self, key: &str, otherwise: &str) -> String {
        if self.texts.has(key) { self.t(key) } else { otherwise.to_owned() }
    }

    /// A number with its unit, in the user's unit.
    pub fn number(&self, quantity: Quantity, si: f64) -> String {
        self.units.text(quantity, si)
    }

    /// `pipe P7`.
    pub fn element(&self, element: &ElementRef) -> String {
        element_text(element, self.language)
    }
}
