//! What lies over the scene: colours of values, marks, labels.

pub mod furniture;
pub mod labels;
pub mod mark;
pub mod paint;
