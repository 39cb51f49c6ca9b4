//! Undo and redo: pairs of edit and inverse, and the drag in progress.
//!
//! Knows nothing of the network; [`Document`](super::Document) applies what this hands out.

use crate::network::edit::Edit;

/// One step that can be taken back.
#[derive(Clone, Debug)]
struct Step {
    /// Names the state after this step; never used twice.
    state: u64,
    undo: Edit,
    redo: Edit,
}

/// Steps done and taken back.
#[derive(Clone, Debug, Default)]
pub struct History {
    done: Vec<Step>,
    undone: Vec<Step>,
    drag: Option<Option<(Edit, Edit)>>,
    last_state: u64,
}

impl History {
    /// Number of the present state: 0 as opened; the same number again after undo and redo.
    pub fn state(&self) -> u64 {
        // A drag that has moved something is a state nobody has saved.
        if let Some(Some(_)) = self.drag { u64::MAX } else { self.done.last().map_or(0, |step| step.state) }
    }

    pub fn can_undo(&self) -> bool {
        !self.done.is_empty() || matches!(self.drag, Some(Some(_)))
    }

    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// The edit undo would take back.
    pub fn last_done(&self) -> Option<&Edit> {
        self.done.last().map(|step| &step.redo)
    }

    /// The edit redo would do again.
    pub fn last_undone(&self) -> Option<&Edit> {
        self.undone.last().map(|step| &step.redo)
    }

    /// Every step done, oldest first: what makes the present state out of the opened one.
    pub fn edits(&self) -> Vec<Edit> {
        self.done.iter().map(|step| step.redo.clone()).collect()
    }

    pub(super) fn push(&mut self, undo: Edit, redo: Edit) {
        self.last_state += 1;
        self.done.push(Step { state: self.last_state, undo, redo });
        self.undone.clear();
    }

    pub(super) fn undo_edit(&self) -> Option<Edit> {
        self.done.last().map(|step| step.undo.clone())
    }

    pub(super) fn undone(&mut self, redo: Edit) {
        if let Some(step) = self.done.pop() {
            self.undone.push(Step { redo, ..step });
        }
    }

    pub(super) fn redo_edit(&self) -> Option<Edit> {
        self.undone.last().map(|step| step.redo.clone())
    }

    pub(super) fn redone(&mut self, undo: Edit) {
        if let Some(step) = self.undone.pop() {
            self.done.push(Step { undo, ..step });
        }
    }

    pub(super) fn begin_drag(&mut self) {
        self.commit_drag();
        self.drag = Some(None);
    }

    pub(super) fn is_dragging(&self) -> bool {
        self.drag.is_some()
    }

    /// Takes (inverse, edit) of the drag out for replacement.
    pub(super) fn take_drag(&mut self) -> Option<(Edit, Edit)> {
        self.drag.as_mut().and_then(Option::take)
    }

    pub(super) fn set_drag(&mut self, inverse: Edit, edit: Edit) {
        self.drag = Some(Some((inverse, edit)));
    }

    pub(super) fn abandon_drag(&mut self) -> Option<(Edit, Edit)> {
        self.drag.take().flatten()
    }

    pub(super) fn commit_drag(&mut self) {
        // A drag that ended where it began is no step.
        if let Some((inverse, edit)) = self.abandon_drag()
            && inverse != edit
        {
            self.push(inverse, edit);
        }
    }
}
