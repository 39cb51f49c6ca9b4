//! L6: the program without a window: document, history, selection, units, language, views, and the work going on behind.
//!
//! One enum of everything that can be asked ([`Command`]), one function that does it ([`apply`]), an answer saying what
//! has to follow ([`Effects`]: solve, move the camera, read a file). Slow work is done by [`jobs::Jobs`] on threads of
//! its own; a finished solve becomes the solution only if it belongs to the revision shown. Hours of a run,
//! frame by frame, are a [`timeline::Timeline`]; what is shown then is the state at its playhead. A break being dealt with is
//! an [`emergency::Emergency`]. Ways of running set side by side are [`alternatives::Alternatives`]. The field, where one is connected, is a [`live::Live`]. What panels show is prepared
//! as plain data in [`view`], what the picture is coloured by in [`colouring`]. No widgets, no window, no Bevy here.
//!
//! One frame of a window: `jobs.poll(&mut session)`; for each command
//! `let effects = apply(&mut session, command); jobs.follow(&mut session, &effects);` then act on `effects.view`; while a
//! timeline plays, `session.advance(seconds)`, while a rehearsal runs, `session.advance_drill(seconds)`.

pub mod alternatives;
mod apply;
mod cache;
pub mod colouring;
mod command;
mod document;
mod effects;
pub mod emergency;
mod history;
pub mod jobs;
pub mod live;
mod message;
mod preferences;
mod search;
mod state;
pub mod timeline;
pub mod view;

pub use apply::apply;
pub use command::{Command, Panel, Shortcut};
pub use document::Document;
pub use effects::{Effects, ExportRequest, LoadRequest, SaveRequest, ViewRequest};
pub use history::History;
pub use message::{Message, Notification};
pub use preferences::Preferences;
pub use search::{Hit, search};
pub use state::{Session, SolveState, Theme, UnitSet, ViewSettings};
