//! The historian: what goes in comes out bit for bit, whatever happens to the program, the power and the disk.

mod answers;
mod disk;
mod faults;
mod forward;
mod kills;
mod model;
mod rot;
mod store;

pub use disk::QuickDisk;
