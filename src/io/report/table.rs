//! Tables: columns as wide as their content needs, cells in several lines, heads again on every page.
//!
//! A column gets at least its widest piece that is never parted and at most what it asks for in one line; what is between is shared by
//! how much each still wants. Columns of numbers end on one line, the others begin on one. A row is kept together unless
//! it is higher than a page; then it goes on at the head of the next.

use super::flow::{BOTTOM, Flow, GREY, LEADING, LEFT, RIGHT, RULE, TOP, WIDTH};
use super::lines::{least_width, lines};
use super::paper::{Colour, Paper, Style};
use crate::io::emergency::SheetTable;

const SIZE: f32 = 8.5;
/// Type of tables that are too wide for the page otherwise.
const SMALLER: f32 = 7.2;
const GAP: f32 = 8.0;
const PADDING: f32 = 2.6;
const SHADE: Colour = [0.955, 0.96, 0.965];
/// Cells and heads up to this width stay in one line.
const SHORT: f32 = 62.0;
const SHORT_HEAD: f32 = 30.0;
/// A piece wider than this is parted rather than crowding out the other columns.
const WIDEST_PIECE: f32 = 0.3 * WIDTH;

/// Columns as set: left edge, width, whether they end on one line.
struct Columns {
    x: Vec<f32>,
    width: Vec<f32>,
    right: Vec<bool>,
    size: f32,
}

fn is_number(cell: &str) -> bool {
    cell.is_empty() || cell.starts_with(|sign: char| sign.is_ascii_digit() || "–-+·".contains(sign))
}

/// Short and numeric: an id such as `12 Lake Street` begins with a digit, too, and is no number.
fn ends_right(table: &SheetTable, column: usize) -> bool {
    let cells = || table.rows.iter().filter_map(move |row| row.get(column));
    column > 0
        && cells().all(|cell| is_number(cell) && cell.chars().count() <= 12)
        && cells().any(|cell| cell.chars().any(|sign| sign.is_ascii_digit()))
}

fn columns(paper: &Paper, table: &SheetTable) -> Columns {
    let count = table.heads.len().max(1);
    // Widest unparted piece; what the cells ask for with heads in two lines; the same with heads in one.
    let measure = |size: f32| {
        let mut least = vec![0.0f32; count];
        let mut wanted = vec![0.0f32; count];
        let mut full = vec![0.0f32; count];
        for (number, row) in std::iter::once(&table.heads).chain(&table.rows).enumerate() {
            for (column, cell) in row.iter().enumerate().take(count) {
                let piece = least_width(&paper.face, cell, size, WIDEST_PIECE) + 0.5;
                let width = paper.width(cell, size) + 0.5;
                // Names and times are not parted for a few points.
                least[column] = least[column].max(piece.max(width.min(if number == 0 { SHORT_HEAD } else { SHORT })));
                wanted[column] = wanted[column].max(if number == 0 { (0.55 * width).max(piece) } else { width });
                full[column] = full[column].max(width);
            }
        }
        [least, wanted, full]
    };
    let room = WIDTH - GAP * (count - 1) as f32;
    let sum = |widths: &[f32]| widths.iter().sum::<f32>();
    let (mut size, mut steps) = (SIZE, measure(SIZE));
    if sum(&steps[0]) > room {
        size = SMALLER;
        steps = measure(size);
    }
    // From one step to the next as far as there is room.
    let between = |from: &[f32], to: &[f32]| -> Vec<f32> {
        let share = ((room - sum(from)) / (sum(to) - sum(from)).max(f32::EPSILON)).clamp(0.0, 1.0);
        from.iter().zip(to).map(|(from, to)| from + share * (to - from)).collect()
    };
    let [least, wanted, full] = &steps;
    let width = if sum(least) > room {
        least.iter().map(|least| least * room / sum(&steps[0])).collect()
    } else if sum(wanted) > room {
        between(least, wanted)
    } else {
        between(wanted, full)
    };
    let right: Vec<bool> = (0..count).map(|column| ends_right(table, column)).collect();
    // A narrow table is spread a little, but columns that belong together are not torn apart.
    let used = sum(&width);
    let gap = (GAP + (room - used) / count as f32).clamp(GAP, 22.0);
    let mut x = Vec::with_capacity(count);
    let mut at = LEFT;
    for width in &width {
        x.push(at);
        at += width + gap;
    }
    Columns { x, width, right, size }
}

impl Columns {
    fn right_edge(&self) -> f32 {
        self.x.last().zip(self.width.last()).map_or(RIGHT, |(x, width)| x + width)
    }

    fn cells(&self, paper: &Paper, row: &[String]) -> Vec<Vec<String>> {
        self.width
            .iter()
            .enumerate()
            .map(|(column, width)| {
                lines(&paper.face, row.get(column).map_or("", String::as_str), self.size, *width + 0.4)
            })
            .collect()
    }

    /// Lines `from..to` of each cell.
    fn draw(&self, flow: &mut Flow, cells: &[Vec<String>], from: usize, to: usize, style: Style, foot: bool) {
        let leading = self.size * 1.28;
        let most = cells.iter().map(Vec::len).max().unwrap_or(0);
        for (column, cell) in cells.iter().enumerate() {
            // Heads stand on their last line.
            let skip = if foot { most - cell.len() } else { 0 };
            for (number, line) in cell.iter().enumerate().take(to).skip(from) {
                let mut x = self.x[column];
                if self.right[column] {
                    x += self.width[column] - flow.paper.width(line, self.size);
                }
                let baseline = flow.y + PADDING + self.size + (number + skip - from) as f32 * leading;
                flow.paper.text(x, baseline, style, line);
            }
        }
    }
}

/// Sets a table.
pub fn table(flow: &mut Flow, table: &SheetTable) {
    if table.heads.is_empty() {
        return;
    }
    let columns = columns(&flow.paper, table);
    let heads = columns.cells(&flow.paper, &table.heads);
    let leading = columns.size * 1.28;
    let height = |lines: usize| 2.0 * PADDING + columns.size * (LEADING - 1.28) + lines as f32 * leading;
    let head_lines = heads.iter().map(Vec::len).max().unwrap_or(1);
    let right = columns.right_edge();
    let set_heads = |flow: &mut Flow| {
        columns.draw(flow, &heads, 0, head_lines, Style::strong(columns.size).coloured(GREY), true);
        flow.y += height(head_lines);
        flow.paper.line([LEFT, flow.y], [right, flow.y], 0.7, GREY);
    };
    flow.ensure(height(head_lines) + height(2));
    set_heads(flow);
    for (number, row) in table.rows.iter().enumerate() {
        let cells = columns.cells(&flow.paper, row);
        let all = cells.iter().map(Vec::len).max().unwrap_or(1);
        let mut from = 0;
        while from < all {
            let mut rest = all - from;
            if flow.y + height(rest) > BOTTOM {
                let whole_page = BOTTOM - TOP - height(head_lines);
                let fits = ((flow.left_over() - height(0)) / leading).floor().max(0.0) as usize;
                if height(rest) <= whole_page || fits < 3 {
                    flow.new_page();
                    set_heads(flow);
                    let fits = ((flow.left_over() - height(0)) / leading).floor().max(1.0) as usize;
                    rest = rest.min(fits);
                } else {
                    rest = rest.min(fits);
                }
            }
            let tall = height(rest);
            if number % 2 == 1 {
                flow.paper.rectangle(LEFT - 3.0, flow.y, right - LEFT + 6.0, tall, SHADE);
            }
            columns.draw(flow, &cells, from, from + rest, Style::plain(columns.size), false);
            flow.y += tall;
            from += rest;
        }
    }
    flow.paper.line([LEFT, flow.y], [right, flow.y], 0.4, RULE);
    flow.space(4.0);
}
