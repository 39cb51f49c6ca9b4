//! State estimation: the whole state of the network from the few points that are measured.
//!
//! [`Estimator`] is asked once a minute with the latest samples and answers with an [`Estimate`]: pressures, flows and
//! temperatures everywhere with their standard deviation and origin, residuals of all instruments, the instruments that
//! are wrong by name, and where water may be leaving. The order of the files: `options` (what is taken for granted),
//! `model` (the network as laws and inputs), `state`, `instrument` (what a tag reads, and its gradient), `fit` (weighted
//! least squares under the balances), `suspicion` (largest normalised residual), `leak`, `window` (the last samples of a
//! tag), `estimator` and `minute` (one minute after the other), `standing` and `follow` (openings and states that the field
//! tells otherwise than drawn), `answer`, `belief` and `words` (what is told), `calibrate` and `moments` (roughnesses,
//! openings and pump curves from history), `trial` and `summary` (how well all that works). Reads no clock, starts no
//! thread.

mod answer;
mod belief;
pub mod calibrate;
mod estimator;
mod fit;
mod follow;
mod instrument;
mod leak;
mod minute;
mod model;
pub mod moments;
mod options;
mod standing;
mod state;
pub mod summary;
mod suspicion;
mod tags;
pub mod trial;
mod window;
mod words;

pub use belief::{Belief, Candidate, Error, Estimate, Leak, LinkBelief, NodeBelief, Residual, Suspect};
pub use estimator::Estimator;
pub use follow::{Follower, Standing, Taken};
pub use leak::SEARCH_RADIUS_M;
pub use options::Options;
pub use standing::Position;
pub use tags::tags_of_sensors;
