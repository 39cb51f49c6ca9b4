//! The one typeface of the report: signs to glyphs, widths, and what to show for signs it does not have.
//!
//! The program's own subset of Noto Sans CJK SC is used, so that a report looks the same on a machine without any fonts.
//! Chinese and Latin need no shaping: one glyph a sign, in the order of the text.

use std::borrow::Cow;

/// The typeface as it is compiled in.
pub static FONT: &[u8] = include_bytes!("../../../assets/fonts/NotoSansCJKsc-Subset.otf");

/// Advance taken where the typeface cannot be read; keeps layout finite.
const SOME_ADVANCE: f32 = 0.5;

/// The typeface, opened.
pub struct Face {
    face: Option<ttf_parser::Face<'static>>,
    units_per_em: f32,
}

/// Measures of the whole typeface, in thousandths of its size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    pub ascent: f32,
    pub descent: f32,
    pub cap_height: f32,
    pub bounds: [f32; 4],
}

impl Face {
    pub fn open() -> Face {
        let face = ttf_parser::Face::parse(FONT, 0).ok();
        let units_per_em = face.as_ref().map_or(1000.0, |face| f32::from(face.units_per_em()));
        Face { face, units_per_em }
    }

    /// Glyph of a sign.
    pub fn glyph(&self, sign: char) -> Option<u16> {
        self.face.as_ref()?.glyph_index(sign).map(|glyph| glyph.0)
    }

    /// Advance of a glyph over the type size.
    pub fn advance(&self, glyph: u16) -> f32 {
        let advance = self.face.as_ref().and_then(|face| face.glyph_hor_advance(ttf_parser::GlyphId(glyph)));
        advance.map_or(SOME_ADVANCE, |advance| f32::from(advance) / self.units_per_em)
    }

    /// Width of a text that [`Face::shown`] has passed.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        let advance = |sign: char| self.glyph(sign).map_or(SOME_ADVANCE, |glyph| self.advance(glyph));
        size * text.chars().map(advance).sum::<f32>()
    }

    pub fn measures(&self) -> Measures {
        let Some(face) = &self.face else {
            return Measures {
                ascent: 880.0,
                descent: -120.0,
                cap_height: 733.0,
                bounds: [0.0, -120.0, 1000.0, 880.0],
            };
        };
        let scale = |value: i16| 1000.0 * f32::from(value) / self.units_per_em;
        let bounds = face.global_bounding_box();
        Measures {
            ascent: scale(face.ascender()),
            descent: scale(face.descender()),
            cap_height: scale(face.capital_height().unwrap_or(733)),
            bounds: [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(scale),
        }
    }

    /// The outlines alone, as the subsetter leaves them for embedding: the table `CFF ` of a font file.
    pub fn outlines(file: &[u8]) -> Option<&[u8]> {
        ttf_parser::RawFace::parse(file, 0).ok()?.table(ttf_parser::Tag::from_bytes(b"CFF "))
    }

    /// A text of signs that can be shown: blanks for control signs, nothing for signs without a shape of their own, and
    /// the number of a sign that is not in the typeface (`[U+9F98]`), so that it can be looked up.
    pub fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if text.chars().all(|sign| !sign.is_control() && self.glyph(sign).is_some()) {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        for sign in text.chars() {
            match sign {
                '\n' => out.push('\n'),
                _ if sign.is_control() || sign.is_whitespace() => out.push(' '),
                // Joiners, marks of direction, choice of variants.
                '\u{ad}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}' => {}
                _ if self.glyph(sign).is_some() => out.push(sign),
                // CO₂ reads as CO2.
                '₀'..='₉' => out.extend(char::from_digit(u32::from(sign) - u32::from('₀'), 10)),
                _ => out.push_str(&format!("[U+{:04X}]", u32::from(sign))),
            }
        }
        Cow::Owned(out)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic in a test is its report")]
    use super::*;

    #[test]
    fn every_sign_of_the_translations_has_a_shape() {
        let face = Face::open();
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/translations");
        let mut missing = std::collections::BTreeSet::new();
        for language in ["en", "zh-CN"] {
            for entry in std::fs::read_dir(folder.join(language)).unwrap() {
                let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
                missing.extend(text.chars().filter(|sign| face.shown(&sign.to_string()).starts_with("[U+")));
            }
        }
        assert!(missing.is_empty(), "run make_subset.py in assets/fonts: {missing:?}");
    }

    #[test]
    fn signs_the_typeface_lacks_are_named() {
        let face = Face::open();
        assert_eq!(face.shown("阀门 V1 – 12 °C"), "阀门 V1 – 12 °C");
        assert_eq!(face.shown("a\tb\u{200d}\u{1F525}"), "a b[U+1F525]");
        assert!(face.width("阀门", 10.0) > 19.0);
        assert!(face.measures().ascent > 500.0 && face.measures().descent < 0.0);
    }
}
