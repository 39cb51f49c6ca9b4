//! What lies over the scene: colours of values, marks, labels.

mod alarm;
pub mod emergency;
pub mod field;
pub mod furniture;
pub mod labels;
pub mod mark;
pub mod paint;
