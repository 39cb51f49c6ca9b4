//! The column of text on a page: paragraphs and headings one below the other, a new page where the last is full.

use super::lines::lines;
use super::paper::{Colour, PAGE_HEIGHT, PAGE_WIDTH, Paper, Style};

pub const LEFT: f32 = 48.0;
pub const RIGHT: f32 = PAGE_WIDTH - 48.0;
pub const TOP: f32 = 60.0;
pub const BOTTOM: f32 = PAGE_HEIGHT - 54.0;
pub const WIDTH: f32 = RIGHT - LEFT;

/// Line distance over type size.
pub const LEADING: f32 = 1.42;
pub const GREY: Colour = [0.38, 0.4, 0.43];
pub const RULE: Colour = [0.78, 0.79, 0.81];
pub const ACCENT: Colour = [0.72, 0.11, 0.11];

const BODY: f32 = 9.5;
const HEADING: f32 = 12.5;
const REMARK: f32 = 9.0;
const SMALL: f32 = 8.0;

/// Where the next line goes.
pub struct Flow {
    pub paper: Paper,
    /// Upper edge of what comes next.
    pub y: f32,
}

impl Flow {
    pub fn new() -> Flow {
        Flow { paper: Paper::new(), y: TOP }
    }

    pub fn new_page(&mut self) {
        self.paper.new_page();
        self.y = TOP;
    }

    /// A new page where less than `height` is left of this one. What is higher than a page begins on a fresh one.
    pub fn ensure(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.new_page();
        }
    }

    /// Free height on this page.
    pub fn left_over(&self) -> f32 {
        BOTTOM - self.y
    }

    pub fn space(&mut self, height: f32) {
        self.y += height;
    }

    /// Lines of a text from `x` on; a bullet hangs before the first.
    pub fn text(&mut self, text: &str, style: Style, x: f32, width: f32, bullet: bool) {
        let leading = style.size * LEADING;
        for (number, line) in lines(&self.paper.face, text, style.size, width).into_iter().enumerate() {
            self.ensure(leading);
            let baseline = self.y + style.size;
            if bullet && number == 0 {
                self.paper.disc([x - 7.0, baseline - 0.34 * style.size], 0.13 * style.size, style.colour, None);
            }
            self.paper.text(x, baseline, style, &line);
            self.y += leading;
        }
    }

    pub fn title(&mut self, text: &str, colour: Colour) {
        self.text(text, Style::strong(20.0).coloured(colour), LEFT, WIDTH, false);
    }

    /// A heading that stays with what follows it.
    pub fn heading(&mut self, text: &str) {
        if self.y > TOP {
            self.space(12.0);
        }
        self.ensure(HEADING * LEADING + 70.0);
        self.text(text, Style::strong(HEADING), LEFT, WIDTH, false);
        self.paper.line([LEFT, self.y + 0.5], [RIGHT, self.y + 0.5], 0.6, ACCENT);
        self.space(5.0);
    }

    pub fn paragraph(&mut self, text: &str) {
        self.text(text, Style::plain(BODY), LEFT, WIDTH, false);
        self.space(2.0);
    }

    /// A sentence in a list.
    pub fn item(&mut self, text: &str) {
        self.text(text, Style::plain(BODY), LEFT + 12.0, WIDTH - 12.0, true);
        self.space(1.5);
    }

    /// A remark below a table.
    pub fn remark(&mut self, text: &str) {
        self.text(text, Style::plain(REMARK), LEFT, WIDTH, false);
        self.space(1.5);
    }

    /// Where numbers come from.
    pub fn small(&mut self, text: &str) {
        self.text(text, Style::plain(SMALL).coloured(GREY), LEFT, WIDTH, false);
        self.space(1.0);
    }
}

impl Default for Flow {
    fn default() -> Flow {
        Flow::new()
    }
}
