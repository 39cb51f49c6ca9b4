//! Which history a file belongs to.
//!
//! Every history has a number of its own, drawn at random when it is begun and kept with the names of its tags. It goes
//! into every check sum, so that a log or a segment of another history, put here by mistake, is told as damage: its numbers
//! of tags mean other tags there.

/// The number of a history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Identity(pub u64);

impl Identity {
    /// One that no other history has. Where the system has no random numbers it is 0: then only foreign files go unnoticed.
    pub fn any() -> Identity {
        Identity(getrandom::u64().unwrap_or(0))
    }

    /// What check sums begin with.
    pub fn seed(self) -> u32 {
        crc32c::crc32c(&self.0.to_le_bytes())
    }
}
