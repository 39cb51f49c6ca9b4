//! A network lent out with edits applied and given back as it was.

use super::Network;
use super::edit::{Edit, EditError};

impl Network {
    /// Applies edits, shows the network so changed, and takes the edits back: afterwards the contents are those from
    /// before. A solver follows both ways by the journal. On error (of the edit with that place in the list) nothing was
    /// shown.
    pub fn what_if<T>(&mut self, edits: &[Edit], look: impl FnOnce(&Network) -> T) -> Result<T, (usize, EditError)> {
        let mut inverse = Vec::with_capacity(edits.len());
        let mut refused = None;
        for (place, edit) in edits.iter().enumerate() {
            match edit.apply(self) {
                Ok(back) => inverse.push(back),
                Err(error) => {
                    refused = Some((place, error));
                    break;
                }
            }
        }
        let shown = match refused {
            None => Ok(look(self)),
            Some(refused) => Err(refused),
        };
        for back in inverse.iter().rev() {
            // The inverse of an edit just applied cannot fail: nothing happened in between.
            let undone = back.apply(self);
            debug_assert!(undone.is_ok(), "inverse refused: {undone:?}");
        }
        shown
    }
}
