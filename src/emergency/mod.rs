//! L4: a main bursts: what to close, who is cut off, how long their rooms stay warm, how to feed them otherwise.
//!
//! [`respond`] makes the whole [`Response`] to one or several [`Break`]s: the state before anyone acts ([`burst`]), the
//! valves to close with their order, times and surge ([`isolation`], [`closing`]), whom that leaves without heat
//! ([`impact`]), the rooms' clock against the repair ([`cooldown`], [`repair`]), what brings heat back sooner
//! ([`resupply`]), and how the pipe comes back into service ([`restore`]). [`criticality`] does the first three for every
//! part that valves can shut off; [`rehearsal`] holds somebody's own choice of valves against the plan. Tracing ([`ways`])
//! says who *can* be fed; who *is* fed comes from a solve. Plain data out; no files, no sentences, no window.

pub mod burst;
mod choices;
pub mod closing;
pub mod cooldown;
pub mod criticality;
pub mod impact;
pub mod incident;
pub mod isolation;
mod minimum_cut;
pub mod parts;
pub mod rehearsal;
pub mod repair;
pub mod response;
pub mod restore;
pub mod resupply;
pub mod shedding;
pub mod waves;
pub mod ways;

pub use burst::{Break, BurstState};
pub use isolation::{Isolation, IsolationFault};
pub use response::{Request, Response, add_resupply, first_response, respond};
pub use ways::Ways;
