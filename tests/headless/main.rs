//! Every test that needs no window, in one binary.

mod edit;
