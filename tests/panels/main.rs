//! Panels driven by label without a window: what people see, what their clicks ask for, and that both languages are whole.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a panic in a test is its report"
)]

mod alternatives;
mod control;
mod desk;
mod editing;
mod emergency;
mod languages;
mod layout;
mod live;
mod monkey;
mod time;
mod words;
