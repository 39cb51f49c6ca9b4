//! A network lent out with edits applied and given back as it was.

use super::Network;
use super::edit::{Edit, EditError};

impl Network {
    /// Applies edits, shows the network so changed, and takes the edits back: afterwards contents and revision are those
    /// from before, so that a solver which knew the network still knows it. On error (of the edit with that place in the
    /// list) nothing was shown.
    pub fn what_if<T>(&mut self, edits: &[Edit], look: impl FnOnce(&Network) -> T) -> Result<T, (usize, EditError)> {
        let (history, topology) = (self.history().clone(), self.topology());
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
        let mut undone = true;
        for back in inverse.iter().rev() {
            // The inverse of an edit just applied cannot fail: nothing happened in between.
            undone &= back.apply(self).is_ok();
        }
        debug_assert!(undone);
        // An element taken out and put back is the same, but its slot may have a new neighbour in the order of free ones:
        // then the network keeps its new revision, which costs a rebuild and nothing else.
        if undone && self.topology() == topology {
            self.set_history(history);
        }
        shown
    }
}
