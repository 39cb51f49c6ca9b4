//! How much drawing a machine can bear: full on a graphics card, lean on a software adapter.

use bevy::prelude::*;
use bevy::winit::{UpdateMode, WinitSettings};
use std::time::Duration;

/// Chosen once at the start, from the kind of adapter.
#[derive(Resource, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quality {
    /// Four samples a pixel.
    pub multisampled: bool,
    /// Flow arrows move, which keeps the picture busy.
    pub animated: bool,
    /// Drawing takes the processors from who computes.
    pub by_processor: bool,
}

impl Quality {
    /// A graphics card.
    pub const FULL: Quality = Quality { multisampled: true, animated: true, by_processor: false };
    /// Mesa's llvmpipe and the like: about 5 µs a triangle and nothing for free.
    pub const LEAN: Quality = Quality { multisampled: false, animated: false, by_processor: true };
    /// One picture, as good as it gets, at rest.
    pub const STILL: Quality = Quality { multisampled: true, animated: false, by_processor: true };

    pub fn msaa(self) -> Msaa {
        if self.multisampled { Msaa::Sample4 } else { Msaa::Off }
    }

    /// When the window redraws: always where arrows move, else only when something happens.
    pub fn updates(self) -> WinitSettings {
        if self.animated {
            WinitSettings {
                focused_mode: UpdateMode::reactive(Duration::from_millis(33)),
                unfocused_mode: UpdateMode::reactive_low_power(Duration::from_millis(200)),
            }
        } else {
            WinitSettings {
                focused_mode: UpdateMode::reactive_low_power(Duration::from_secs(5)),
                unfocused_mode: UpdateMode::reactive_low_power(Duration::from_secs(30)),
            }
        }
    }
}
