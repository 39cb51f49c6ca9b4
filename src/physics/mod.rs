//! Formulas in SI.
