//! Why there is no plan, as a sentence.

use crate::emergency::IsolationFault;
use crate::network::finding::element_text;
use crate::text::Language;

/// What is wrong and what to do, in the reader's language.
pub fn fault_text(fault: &IsolationFault, language: Language) -> String {
    let texts = language.texts();
    match fault {
        IsolationFault::Unknown(id) => texts.with("emergency-no-element", &[("id", id.clone().into())]),
        IsolationFault::NotBreakable(element) => {
            texts.with("emergency-not-breakable", &[("element", element_text(element, language).into())])
        }
        IsolationFault::Nothing => texts.get("emergency-no-break").into_owned(),
        IsolationFault::EmptyNetwork => texts.get("emergency-empty-network").into_owned(),
    }
}
