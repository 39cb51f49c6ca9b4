//! Every colour of the panels, from the theme files, and the style of widgets made from them.
//!
//! Neutral greys, one accent; red, amber and green only where something is meant by them.

use std::sync::LazyLock;

use egui::{Color32, Context, CornerRadius, FontFamily, FontId, Margin, Stroke, TextStyle, Visuals, vec2};
use serde::{Deserialize, Deserializer};

use crate::session::Theme;

/// The colours of one theme.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Colours {
    pub panel: Colour,
    pub raised: Colour,
    pub hovered: Colour,
    pub pressed: Colour,
    pub inset: Colour,
    pub line: Colour,
    pub text: Colour,
    pub weak_text: Colour,
    pub strong_text: Colour,
    pub accent: Colour,
    pub accent_text: Colour,
    pub link: Colour,
    pub error: Colour,
    pub warning: Colour,
    pub info: Colour,
    pub good: Colour,
    pub diagram: DiagramColours,
}

/// Lines of the pressure diagram.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiagramColours {
    pub supply: Colour,
    pub back: Colour,
    pub ground: Colour,
    pub fixed: Colour,
    pub vapour: Colour,
    pub mark: Colour,
}

/// An sRGB colour with opacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub [u8; 4]);

impl Colour {
    pub fn egui(self) -> Color32 {
        let [r, g, b, a] = self.0;
        Color32::from_rgba_unmultiplied(r, g, b, a)
    }

    /// `#rrggbb` or `#rrggbbaa`.
    fn parse(text: &str) -> Option<Colour> {
        let digits = text.strip_prefix('#').filter(|d| d.is_ascii())?;
        let byte = |i: usize| digits.get(2 * i..2 * i + 2).and_then(|d| u8::from_str_radix(d, 16).ok());
        match digits.len() {
            6 => Some(Colour([byte(0)?, byte(1)?, byte(2)?, 255])),
            8 => Some(Colour([byte(0)?, byte(1)?, byte(2)?, byte(3)?])),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Colour, D::Error> {
        let text = String::deserialize(deserializer)?;
        Colour::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("'{text}' is no colour; write #rrggbb or #rrggbbaa")))
    }
}

/// The colours of a theme.
pub fn colours(theme: Theme) -> &'static Colours {
    static DARK: LazyLock<Colours> = LazyLock::new(|| load(include_str!("../../assets/themes/dark.json")));
    static LIGHT: LazyLock<Colours> = LazyLock::new(|| load(include_str!("../../assets/themes/light.json")));
    match theme {
        Theme::Dark => &DARK,
        Theme::Light => &LIGHT,
    }
}

#[expect(clippy::expect_used, reason = "both files are compiled in, and the test below reads them")]
fn load(text: &str) -> Colours {
    serde_json::from_str(text).expect("a shipped theme file is valid")
}

/// Sets style and colours; cheap when nothing changed.
pub fn apply(ctx: &Context, theme: Theme) {
    let id = egui::Id::new("hypocaust-theme");
    if ctx.data(|data| data.get_temp::<u8>(id)) == Some(theme as u8) {
        return;
    }
    ctx.data_mut(|data| data.insert_temp(id, theme as u8));
    let base = if theme == Theme::Dark { egui::Theme::Dark } else { egui::Theme::Light };
    ctx.set_theme(base);
    let colours = colours(theme);
    ctx.style_mut_of(base, |style| {
        style.text_styles =
            [(TextStyle::Small, 12.0), (TextStyle::Body, 13.5), (TextStyle::Button, 13.5), (TextStyle::Heading, 16.0)]
                .into_iter()
                .map(|(name, size)| (name, FontId::new(size, FontFamily::Proportional)))
                .chain([(TextStyle::Monospace, FontId::new(13.0, FontFamily::Monospace))])
                .collect();
        style.spacing.item_spacing = vec2(8.0, 5.0);
        style.spacing.button_padding = vec2(7.0, 3.0);
        style.spacing.interact_size.y = 24.0;
        style.spacing.window_margin = Margin::same(12);
        style.spacing.menu_margin = Margin::same(6);
        style.spacing.slider_width = 120.0;
        style.spacing.combo_height = 420.0;
        style.spacing.tooltip_width = 380.0;
        // Scroll areas inside dialogues may grow this far.
        style.spacing.default_area_size = vec2(680.0, 640.0);
        style.interaction.selectable_labels = false;
        style.visuals = visuals(colours, theme);
    });
}

fn visuals(c: &Colours, theme: Theme) -> Visuals {
    let mut v = if theme == Theme::Dark { Visuals::dark() } else { Visuals::light() };
    let corner = CornerRadius::same(4);
    v.panel_fill = c.panel.egui();
    v.window_fill = c.panel.egui();
    v.window_stroke = Stroke::new(1.0, c.line.egui());
    v.window_corner_radius = CornerRadius::same(6);
    v.menu_corner_radius = CornerRadius::same(6);
    v.extreme_bg_color = c.inset.egui();
    v.faint_bg_color = c.raised.egui().gamma_multiply(0.5);
    v.code_bg_color = c.inset.egui();
    v.hyperlink_color = c.link.egui();
    v.error_fg_color = c.error.egui();
    v.warn_fg_color = c.warning.egui();
    v.weak_text_color = Some(c.weak_text.egui());
    v.selection.bg_fill = c.accent.egui();
    v.selection.stroke = Stroke::new(1.0, c.accent_text.egui());
    v.striped = false;
    v.slider_trailing_fill = true;
    v.indent_has_left_vline = false;
    let widget = |fill: Color32, line: Color32, text: Color32| egui::style::WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, line),
        fg_stroke: Stroke::new(1.0, text),
        corner_radius: corner,
        expansion: 0.0,
    };
    v.widgets.noninteractive = widget(c.panel.egui(), c.line.egui(), c.text.egui());
    v.widgets.inactive = widget(c.raised.egui(), Color32::TRANSPARENT, c.text.egui());
    v.widgets.hovered = widget(c.hovered.egui(), c.line.egui(), c.strong_text.egui());
    v.widgets.active = widget(c.pressed.egui(), c.accent.egui(), c.strong_text.egui());
    v.widgets.open = widget(c.hovered.egui(), c.line.egui(), c.strong_text.egui());
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast of two opaque colours after WCAG 2.
    fn contrast(a: Colour, b: Colour) -> f64 {
        let luminance = |c: Colour| {
            let linear = |c: u8| {
                let c = f64::from(c) / 255.0;
                if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(c.0[0]) + 0.7152 * linear(c.0[1]) + 0.0722 * linear(c.0[2])
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_can_be_read_on_its_ground() {
        for theme in [Theme::Dark, Theme::Light] {
            let c = colours(theme);
            for (name, text) in [
                ("text", c.text),
                ("weak", c.weak_text),
                ("error", c.error),
                ("warning", c.warning),
                ("info", c.info),
                ("good", c.good),
                ("link", c.link),
            ] {
                for ground in [c.panel, c.inset] {
                    let ratio = contrast(text, ground);
                    assert!(ratio >= 4.5, "{theme:?}: {name} has contrast {ratio:.1}, WCAG AA asks for 4.5");
                }
            }
            assert!(contrast(c.accent_text, c.accent) >= 4.0, "{theme:?}: accent");
            assert!(contrast(c.text, c.raised) >= 4.5 && contrast(c.strong_text, c.hovered) >= 4.5);
        }
    }
}
