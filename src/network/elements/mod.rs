//! The elements of a network, one kind a file. Plain data: no behaviour beyond what the data alone can answer.
//!
//! All derive their file form from these types (unit in every name, unknown fields refused), so that memory, native file
//! and inspector can never disagree about what an element has.

mod building;
mod consumer;
mod emergency;
mod heat;
mod link;
mod node;
mod pipe;
mod pump;
mod site;
mod source;
mod valve;

pub use building::*;
pub use consumer::*;
pub use emergency::*;
pub use heat::*;
pub use link::*;
pub use node::*;
pub use pipe::*;
pub use pump::*;
pub use site::*;
pub use source::*;
pub use valve::*;

/// Skips `false` in files.
pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}

/// Skips 0 in files.
pub(crate) fn is_zero(value: &f64) -> bool {
    *value == 0.0 && value.is_sign_positive()
}

/// Skips a value equal to its default in files.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
