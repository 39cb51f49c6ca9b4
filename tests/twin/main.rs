//! The window worked from outside by mouse and keyboard, and pictures without a window.
//!
//! Needs a graphics adapter (Mesa's software Vulkan will do), Xvfb, xdotool and ImageMagick; a machine without them fails
//! these tests and says which packages bring them. Nothing sleeps for luck: the window writes a line of JSON for every
//! quiet state (see `src/twin/trace.rs`), and the tests wait for the line they expect. Pictures stay in
//! `CARGO_TARGET_TMPDIR` for a person to look at.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic in a test is its report")]

mod alternatives;
mod burst;
mod desktop;
mod live;
mod offscreen;
mod picture;
mod time;
mod valve;
mod write;
