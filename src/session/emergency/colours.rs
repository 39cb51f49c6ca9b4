//! Colours of an emergency, for picture, legend and panel alike.
//!
//! Grey is what needs nobody; a colour asks for something. The four hues are those of Okabe and Ito's set that people with
//! any kind of colour vision tell apart, and differ in lightness as well.

/// Act: the break, what drains, valves to close, rooms that will be too cold.
pub const ALARM: [u8; 3] = [0xe2, 0x4a, 0x12];
/// Watch: short of heat, valves that do not move, rooms below 16 °C.
pub const WATCH: [u8; 3] = [0xf2, 0xb1, 0x1f];
/// Without heat.
pub const UNFED: [u8; 3] = [0x3d, 0x93, 0xe0];
/// Less heat, warm all the same.
pub const SPARED: [u8; 3] = [0xa9, 0xc9, 0xea];
/// Done.
pub const DONE: [u8; 3] = [0x2f, 0x9e, 0x77];
