//! Text into lines of a width: between Chinese signs anywhere, in Latin text at blanks and behind joining signs.
//!
//! Signs that close (，。）) never begin a line and signs that open (（《) never end one (line-breaking rules of GB/T 15834 and
//! Unicode UAX 14, the part of them that names, addresses and sentences need). A piece wider than the line is cut between
//! any two signs: nothing is ever left out.

use super::face::Face;

const CLOSING: &str = "，。、；：！？）】》〉」』”’…％℃,.;:!?)]}%°";
const OPENING: &str = "（【《〈「『“‘([{";

fn is_wide(sign: char) -> bool {
    matches!(u32::from(sign), 0x2E80..=0x9FFF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF)
}

/// Whether a line may end between these two.
fn may_break(before: char, after: char) -> bool {
    if after == ' ' || CLOSING.contains(after) || OPENING.contains(before) {
        return false;
    }
    before == ' ' || is_wide(before) || is_wide(after) || "-–/,;_→".contains(before)
}

/// The pieces of a text that are never parted, in order.
fn pieces(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, sign) in text.char_indices() {
        if before.is_some_and(|before| may_break(before, sign)) {
            out.push(&text[start..at]);
            start = at;
        }
        before = Some(sign);
    }
    if start < text.len() {
        out.push(&text[start..]);
    }
    out
}

/// Lines no wider than `width`, at least one. A sign alone may be wider than a very narrow line.
pub fn lines(face: &Face, text: &str, size: f32, width: f32) -> Vec<String> {
    let mut out = Vec::new();
    for paragraph in face.shown(text).split('\n') {
        let mut line = String::new();
        for piece in pieces(paragraph) {
            let together = face.width(line.trim_end(), size).max(0.0);
            let blank = face.width(&line, size) - together;
            if !line.is_empty() && together + blank + face.width(piece.trim_end(), size) > width {
                out.push(std::mem::take(&mut line).trim_end().to_owned());
            }
            if face.width(piece.trim_end(), size) <= width {
                line.push_str(piece);
                continue;
            }
            for sign in piece.chars() {
                let mut longer = line.clone();
                longer.push(sign);
                if !line.is_empty() && face.width(longer.trim_end(), size) > width {
                    out.push(std::mem::take(&mut line));
                    line.push(sign);
                } else {
                    line = longer;
                }
            }
        }
        out.push(line.trim_end().to_owned());
    }
    out
}

/// The widest piece that is never parted, but no wider than `most`.
pub fn least_width(face: &Face, text: &str, size: f32, most: f32) -> f32 {
    let shown = face.shown(text);
    let widths = shown.split('\n').flat_map(pieces).map(|piece| face.width(piece.trim_end(), size));
    widths.fold(0.0, f32::max).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_nothing_is_too_wide() {
        let face = Face::open();
        for text in [
            "Close 4 valves; the break is shut off 1:05 h after the alarm.",
            "关闭 4 个阀门；接警后 1:05 h 完成隔断（详见下表），不得拖延。",
            "VS0012-a-very-long-identifier_without_any_blank_that_is_wider_than_the_line_itself",
            "",
            "  two   blanks ",
        ] {
            for width in [12.0, 40.0, 90.0, 400.0] {
                let found = lines(&face, text, 9.0, width);
                let bare = |text: &str| text.chars().filter(|sign| *sign != ' ').collect::<String>();
                assert_eq!(bare(&found.concat()), bare(text));
                assert!(found.iter().all(|line| face.width(line, 9.0) <= width + 0.01), "{found:?}");
            }
        }
    }

    #[test]
    fn closing_signs_do_not_begin_a_line() {
        let face = Face::open();
        for width in 20..120 {
            let found = lines(&face, "关闭阀门，泄水。（先回水后供水）完成后报告。", 9.0, width as f32);
            assert!(found.iter().skip(1).all(|line| !line.starts_with(['，', '。', '）'])), "{found:?}");
        }
    }
}
