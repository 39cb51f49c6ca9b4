//! The network being worked on, where it is kept, and which state of it was saved.

use std::path::PathBuf;
use std::sync::Arc;

use super::history::History;
use crate::network::edit::{Edit, EditError};
use crate::network::{Finding, Network};

/// One open network with its history.
///
/// The network sits behind an [`Arc`] so that a worker can hold a snapshot; a change while it does copies the network
/// once, element handles stay the same.
#[derive(Clone, Debug, Default)]
pub struct Document {
    network: Arc<Network>,
    /// File it was read from or last saved to; `None`: never saved.
    pub path: Option<PathBuf>,
    /// What reading the file had to mend or guess.
    pub import_findings: Vec<Finding>,
    history: History,
    saved_state: u64,
}

impl Document {
    pub fn new(network: Network, path: Option<PathBuf>, import_findings: Vec<Finding>) -> Document {
        Document { network: Arc::new(network), path, import_findings, history: History::default(), saved_state: 0 }
    }

    pub fn network(&self) -> &Network {
        &self.network
    }

    /// A snapshot for another thread.
    pub fn snapshot(&self) -> Arc<Network> {
        self.network.clone()
    }

    pub fn history(&self) -> &History {
        &self.history
    }

    /// Whether there is something to save.
    pub fn is_dirty(&self) -> bool {
        self.history.state() != self.saved_state
    }

    /// The state saving now would save; give it to [`Document::mark_saved`] when the file is written.
    pub fn state(&self) -> u64 {
        self.history.state()
    }

    /// Records that the given state is in the file.
    pub fn mark_saved(&mut self, path: PathBuf, state: u64) {
        self.path = Some(path);
        self.saved_state = state;
    }

    /// Name for the title bar: the network's title, else the file's name.
    pub fn title(&self) -> String {
        let title = &self.network.settings().title;
        if !title.is_empty() {
            return title.clone();
        }
        self.path.as_ref().and_then(|path| path.file_name()).map_or_else(String::new, |n| n.to_string_lossy().into())
    }

    /// Applies an edit as one undo step.
    pub fn edit(&mut self, edit: &Edit) -> Result<(), EditError> {
        self.history.commit_drag();
        let inverse = edit.apply(Arc::make_mut(&mut self.network))?;
        self.history.push(inverse, edit.clone());
        Ok(())
    }

    /// Starts a drag; whatever follows until its end is one undo step.
    pub fn begin_drag(&mut self) {
        self.history.begin_drag();
    }

    pub fn is_dragging(&self) -> bool {
        self.history.is_dragging()
    }

    /// Replaces what the drag has done so far by `edit`. On error the network keeps the last good value.
    pub fn update_drag(&mut self, edit: &Edit) -> Result<(), EditError> {
        if !self.history.is_dragging() {
            self.history.begin_drag();
        }
        let network = Arc::make_mut(&mut self.network);
        let before = self.history.take_drag();
        if let Some((inverse, _)) = &before {
            inverse.apply(network)?;
        }
        match edit.apply(network) {
            Ok(inverse) => {
                self.history.set_drag(inverse, edit.clone());
                Ok(())
            }
            Err(error) => {
                if let Some((_, last)) = before
                    && let Ok(inverse) = last.apply(network)
                {
                    self.history.set_drag(inverse, last);
                }
                Err(error)
            }
        }
    }

    /// Ends the drag, keeping what it did.
    pub fn commit_drag(&mut self) {
        self.history.commit_drag();
    }

    /// Ends the drag, taking back what it did; whether anything changed.
    pub fn cancel_drag(&mut self) -> bool {
        let Some((inverse, _)) = self.history.abandon_drag() else { return false };
        // The inverse of the last edit applied cannot fail: nothing happened in between.
        inverse.apply(Arc::make_mut(&mut self.network)).is_ok()
    }

    /// Takes the last step back; whether there was one.
    pub fn undo(&mut self) -> bool {
        self.history.commit_drag();
        let Some(inverse) = self.history.undo_edit() else { return false };
        let Ok(redo) = inverse.apply(Arc::make_mut(&mut self.network)) else { return false };
        self.history.undone(redo);
        true
    }

    /// Does the last step taken back again; whether there was one.
    pub fn redo(&mut self) -> bool {
        self.history.commit_drag();
        let Some(edit) = self.history.redo_edit() else { return false };
        let Ok(inverse) = edit.apply(Arc::make_mut(&mut self.network)) else { return false };
        self.history.redone(inverse);
        true
    }

    /// Adds or replaces a scenario of the network.
    pub fn insert_scenario(&mut self, name: String, scenario: crate::network::Scenario) {
        Arc::make_mut(&mut self.network).insert_scenario(name, scenario);
    }
}
