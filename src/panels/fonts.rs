//! The font that is there on every machine: a subset of Noto Sans CJK SC, compiled in.
//!
//! It leads the proportional family, so that Latin, digits and Chinese come from one design; egui's own fonts follow for
//! the few signs it lacks.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily, Id};

/// The font file.
pub use crate::io::report::FONT as CJK;

/// The families the program draws text with.
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    fonts.font_data.insert("noto-cjk".to_owned(), Arc::new(FontData::from_static(CJK)));
    if let Some(family) = fonts.families.get_mut(&FontFamily::Proportional) {
        family.insert(0, "noto-cjk".to_owned());
    }
    if let Some(family) = fonts.families.get_mut(&FontFamily::Monospace) {
        family.push("noto-cjk".to_owned());
    }
    fonts
}

/// Gives the fonts to a context, once; they are there from the next frame on.
pub fn install_once(ctx: &Context) {
    let id = Id::new("hypocaust-fonts");
    if !ctx.data(|data| data.get_temp::<bool>(id).unwrap_or(false)) {
        ctx.data_mut(|data| data.insert_temp(id, true));
        ctx.set_fonts(definitions());
    }
}
