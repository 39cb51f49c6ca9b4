//! Pages of A4 to draw on, and the PDF they become (ISO 32000-1).
//!
//! Lengths are points (1/72 inch) from the upper left corner, y downwards. Text is set glyph by glyph in one embedded
//! typeface (a CID font with identity encoding), which is cut down to the glyphs used; a map back to characters goes with it, so that
//! the text can be searched and copied. Strong text is the same typeface with its outlines drawn over, because a
//! second typeface would double the program's fonts. The same drawing gives the same bytes: streams are packed by one
//! library at a fixed level, times are given. What was set where is kept as [`Placed`] for whoever checks a layout.

use std::collections::BTreeMap;

use pdf_writer::types::{
    CidFontType, FontFlags, LineCapStyle, LineJoinStyle, SystemInfo, TextRenderingMode, UnicodeCmap,
};
use pdf_writer::{Content, Date, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use subsetter::GlyphRemapper;

use super::face::Face;
use crate::emergency::incident::Moment;
use crate::physics::calendar::CivilTime;

pub const PAGE_WIDTH: f32 = 595.28;
pub const PAGE_HEIGHT: f32 = 841.89;

/// Level of deflate: near the smallest, still quick.
const PACKING: u8 = 6;
/// Outline drawn over strong text, over its size.
const STRONG_LINE: f32 = 0.035;

pub type Colour = [f32; 3];
pub const BLACK: Colour = [0.08, 0.08, 0.1];
pub const WHITE: Colour = [1.0, 1.0, 1.0];

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    pub size: f32,
    pub colour: Colour,
    pub strong: bool,
}

impl Style {
    pub const fn plain(size: f32) -> Style {
        Style { size, colour: BLACK, strong: false }
    }

    pub const fn strong(size: f32) -> Style {
        Style { size, colour: BLACK, strong: true }
    }

    pub const fn coloured(self, colour: Colour) -> Style {
        Style { colour, ..self }
    }
}

/// A piece of text on a page: its box from the upper left corner.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Counted from 0.
    pub page: usize,
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
    pub text: String,
}

/// The pages.
pub struct Paper {
    pub face: Face,
    pages: Vec<Content>,
    current: usize,
    glyphs: GlyphRemapper,
    /// Sign of each new glyph, in the order of the new glyphs.
    signs: BTreeMap<u16, char>,
    placed: Vec<Placed>,
}

impl Paper {
    /// One empty page.
    pub fn new() -> Paper {
        let mut paper = Paper {
            face: Face::open(),
            pages: Vec::new(),
            current: 0,
            glyphs: GlyphRemapper::new(),
            signs: BTreeMap::new(),
            placed: Vec::new(),
        };
        paper.new_page();
        paper
    }

    pub fn new_page(&mut self) {
        self.pages.push(Content::new());
        self.current = self.pages.len() - 1;
    }

    pub fn page_count(&self) -> usize {
        self.pages.len()
    }

    /// Draws on an earlier page again.
    pub fn go_to(&mut self, page: usize) {
        self.current = page.min(self.pages.len().saturating_sub(1));
    }

    pub fn placed(&self) -> &[Placed] {
        &self.placed
    }

    pub fn width(&self, text: &str, size: f32) -> f32 {
        self.face.width(&self.face.shown(text), size)
    }

    fn content(&mut self) -> &mut Content {
        // There is always a page: `new` makes the first, and `current` is only set to pages there are.
        &mut self.pages[self.current]
    }

    /// Sets one line with its foot at `baseline`.
    pub fn text(&mut self, x: f32, baseline: f32, style: Style, text: &str) {
        let shown = self.face.shown(text).replace('\n', " ");
        if shown.trim().is_empty() {
            return;
        }
        let mut codes = Vec::with_capacity(2 * shown.len());
        for sign in shown.chars() {
            // `shown` holds only signs that have a glyph.
            let Some(glyph) = self.face.glyph(sign) else { continue };
            let new = self.glyphs.remap(glyph);
            self.signs.entry(new).or_insert(sign);
            codes.extend(new.to_be_bytes());
        }
        let width = self.face.width(&shown, style.size);
        let [r, g, b] = style.colour;
        let content = self.content();
        content.begin_text().set_fill_rgb(r, g, b).set_font(Name(b"F"), style.size);
        if style.strong {
            content.set_stroke_rgb(r, g, b).set_line_width(STRONG_LINE * style.size);
            content.set_text_rendering_mode(TextRenderingMode::FillStroke);
        } else {
            content.set_text_rendering_mode(TextRenderingMode::Fill);
        }
        content.next_line(x, PAGE_HEIGHT - baseline).show(Str(&codes)).end_text();
        let (page, y) = (self.current, baseline - 0.8 * style.size);
        self.placed.push(Placed { page, x, y, width, height: style.size, text: shown });
    }

    /// A straight line.
    pub fn line(&mut self, from: [f32; 2], to: [f32; 2], width: f32, colour: Colour) {
        self.polyline(&[from, to], width, colour, &[]);
    }

    /// A line through points; `dashes` are lengths of strokes and gaps.
    pub fn polyline(&mut self, points: &[[f32; 2]], width: f32, colour: Colour, dashes: &[f32]) {
        let [r, g, b] = colour;
        let content = self.content();
        content.set_stroke_rgb(r, g, b).set_line_width(width);
        content.set_line_cap(LineCapStyle::RoundCap).set_line_join(LineJoinStyle::RoundJoin);
        content.set_dash_pattern(dashes.iter().copied(), 0.0);
        path(content, points);
        content.stroke();
        content.set_dash_pattern([], 0.0);
    }

    /// Several lines of one look, in one stroke.
    pub fn polylines<'p>(&mut self, lines: impl Iterator<Item = &'p [[f32; 2]]>, width: f32, colour: Colour) {
        let [r, g, b] = colour;
        let content = self.content();
        content.set_stroke_rgb(r, g, b).set_line_width(width);
        content.set_line_cap(LineCapStyle::RoundCap).set_line_join(LineJoinStyle::RoundJoin);
        for points in lines {
            path(content, points);
        }
        content.stroke();
    }

    /// A filled area, with an outline where a width is given.
    pub fn area(&mut self, points: &[[f32; 2]], fill: Colour, outline: Option<(f32, Colour)>) {
        let content = self.content();
        content.set_fill_rgb(fill[0], fill[1], fill[2]);
        if let Some((width, [r, g, b])) = outline {
            content.set_stroke_rgb(r, g, b).set_line_width(width).set_line_join(LineJoinStyle::MiterJoin);
            path(content, points);
            content.close_fill_nonzero_and_stroke();
        } else {
            path(content, points);
            content.close_path().fill_nonzero();
        }
    }

    pub fn rectangle(&mut self, x: f32, y: f32, width: f32, height: f32, fill: Colour) {
        let content = self.content();
        content.set_fill_rgb(fill[0], fill[1], fill[2]);
        content.rect(x, PAGE_HEIGHT - y - height, width, height).fill_nonzero();
    }

    pub fn frame(&mut self, x: f32, y: f32, width: f32, height: f32, line: f32, colour: Colour) {
        let content = self.content();
        content.set_stroke_rgb(colour[0], colour[1], colour[2]).set_line_width(line);
        content.set_line_join(LineJoinStyle::MiterJoin);
        content.rect(x, PAGE_HEIGHT - y - height, width, height).stroke();
    }

    pub fn disc(&mut self, [x, y]: [f32; 2], radius: f32, fill: Colour, outline: Option<(f32, Colour)>) {
        // Four cubic arcs; the handle length that comes nearest to a circle.
        let handle = 0.552_285 * radius;
        let y = PAGE_HEIGHT - y;
        let content = self.content();
        content.set_fill_rgb(fill[0], fill[1], fill[2]);
        content.move_to(x + radius, y);
        for ([ax, ay], [bx, by]) in
            [([1.0, 0.0], [0.0, 1.0]), ([0.0, 1.0], [-1.0, 0.0]), ([-1.0, 0.0], [0.0, -1.0]), ([0.0, -1.0], [1.0, 0.0])]
        {
            content.cubic_to(
                x + radius * ax + handle * bx,
                y + radius * ay + handle * by,
                x + radius * bx + handle * ax,
                y + radius * by + handle * ay,
                x + radius * bx,
                y + radius * by,
            );
        }
        match outline {
            Some((width, [r, g, b])) => {
                content.set_stroke_rgb(r, g, b).set_line_width(width);
                content.close_fill_nonzero_and_stroke();
            }
            None => {
                content.close_path().fill_nonzero();
            }
        }
    }

    /// Everything until [`Paper::unclip`] shows only inside this box.
    pub fn clip(&mut self, x: f32, y: f32, width: f32, height: f32) {
        let content = self.content();
        content.save_state();
        content.rect(x, PAGE_HEIGHT - y - height, width, height).clip_nonzero().end_path();
    }

    pub fn unclip(&mut self) {
        self.content().restore_state();
    }

    /// The file.
    pub fn into_pdf(self, title: &str, author: &str, language: &str, made: Moment) -> Vec<u8> {
        let mut refs = (1..).map(Ref::new);
        let mut next = || refs.next().unwrap_or(Ref::new(i32::MAX));
        let (catalog, tree, info) = (next(), next(), next());
        let font = FontRefs { font: next(), cid: next(), descriptor: next(), file: next(), unicode: next() };
        let pages: Vec<(Ref, Ref)> = self.pages.iter().map(|_| (next(), next())).collect();
        let mut pdf = Pdf::new();
        {
            let mut catalog = pdf.catalog(catalog);
            catalog.pages(tree).lang(TextStr(language));
            catalog.viewer_preferences().display_doc_title(true);
        }
        let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
        pdf.pages(tree).kids(pages.iter().map(|(page, _)| *page)).count(count);
        {
            let mut info = pdf.document_info(info);
            info.title(TextStr(title)).author(TextStr(author)).creation_date(date(made));
            info.producer(TextStr(concat!("Hypocaust ", env!("CARGO_PKG_VERSION"))));
        }
        for ((page, content), drawn) in pages.into_iter().zip(self.pages) {
            let mut page = pdf.page(page);
            page.media_box(Rect::new(0.0, 0.0, PAGE_WIDTH, PAGE_HEIGHT)).parent(tree).contents(content);
            page.resources().fonts().pair(Name(b"F"), font.font);
            page.finish();
            pdf.stream(content, &packed(drawn.finish().as_slice())).filter(Filter::FlateDecode);
        }
        embed(&mut pdf, &font, &self.face, &self.glyphs, &self.signs);
        pdf.finish()
    }
}

impl Default for Paper {
    fn default() -> Paper {
        Paper::new()
    }
}

fn path(content: &mut Content, points: &[[f32; 2]]) {
    let mut points = points.iter();
    let Some([x, y]) = points.next() else { return };
    content.move_to(*x, PAGE_HEIGHT - y);
    for [x, y] in points {
        content.line_to(*x, PAGE_HEIGHT - y);
    }
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, PACKING)
}

fn date(moment: Moment) -> Date {
    let local_s = moment.unix_s.saturating_add(60 * i64::from(moment.offset_min)) as f64;
    let civil = CivilTime::of(local_s);
    let second = civil.second_of_day as u32;
    let part = |value: u32| u8::try_from(value).unwrap_or(0);
    Date::new(u16::try_from(civil.year).unwrap_or(1970))
        .month(part(civil.month))
        .day(part(civil.day))
        .hour(part(second / 3600))
        .minute(part(second / 60 % 60))
        .second(part(second % 60))
        .utc_offset_hour(i8::try_from(moment.offset_min / 60).unwrap_or(0))
        .utc_offset_minute(part(u32::from(moment.offset_min.unsigned_abs() % 60)))
}

/// Objects of the typeface.
struct FontRefs {
    font: Ref,
    cid: Ref,
    descriptor: Ref,
    file: Ref,
    unicode: Ref,
}

fn embed(pdf: &mut Pdf, refs: &FontRefs, face: &Face, glyphs: &GlyphRemapper, signs: &BTreeMap<u16, char>) {
    const IDENTITY: SystemInfo<'_> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
    // Six letters before the name mark a subset (ISO 32000-1, 9.6.4).
    let base = Name(b"HYPCST+NotoSansCJKsc-Regular");
    pdf.type0_font(refs.font)
        .base_font(base)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(refs.cid)
        .to_unicode(refs.unicode);
    let mut cid = pdf.cid_font(refs.cid);
    cid.subtype(CidFontType::Type0).base_font(base).system_info(IDENTITY).font_descriptor(refs.descriptor);
    cid.default_width(1000.0);
    cid.widths().consecutive(0, glyphs.remapped_gids().map(|old| 1000.0 * face.advance(old)));
    cid.finish();
    let measures = face.measures();
    let [left, bottom, right, top] = measures.bounds;
    pdf.font_descriptor(refs.descriptor)
        .name(base)
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(left, bottom, right, top))
        .italic_angle(0.0)
        .ascent(measures.ascent)
        .descent(measures.descent)
        .cap_height(measures.cap_height)
        .stem_v(80.0)
        .font_file3(refs.file);
    // The typeface is our own and always lets itself be cut; if not, the whole of it goes in under its old glyph numbers'
    // order, which shows wrong signs rather than none. A test opens the subset.
    let subset = subsetter::subset(super::face::FONT, 0, glyphs).unwrap_or_else(|_| super::face::FONT.to_vec());
    let outlines = packed(Face::outlines(&subset).unwrap_or(&subset));
    pdf.stream(refs.file, &outlines).filter(Filter::FlateDecode).pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    let mut map = UnicodeCmap::new(Name(b"Custom"), IDENTITY);
    for (glyph, sign) in signs {
        map.pair(*glyph, *sign);
    }
    let map = map.finish();
    pdf.cmap(refs.unicode, &packed(map.as_slice())).filter(Filter::FlateDecode);
}
