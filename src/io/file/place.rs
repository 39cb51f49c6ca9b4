//! Where in a text something stands, and which known word somebody may have meant.

/// Line and character of a byte offset, both counted from 1.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let offset = floor(text, offset);
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.bytes().filter(|byte| *byte == b'\n').count() + 1, before[start..].chars().count() + 1)
}

/// Offset in `text` of a piece borrowed from it.
pub fn offset_of(text: &str, piece: &str) -> usize {
    (piece.as_ptr() as usize).saturating_sub(text.as_ptr() as usize).min(text.len())
}

/// The nearest offset at or before this one where a character begins.
fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Byte offset of a line and byte column counted from 1, as the JSON reader counts them.
pub fn offset_at(text: &str, line: usize, column: usize) -> usize {
    let start = match line {
        0 | 1 => 0,
        _ => text.bytes().enumerate().filter(|(_, b)| *b == b'\n').nth(line - 2).map_or(text.len(), |(at, _)| at + 1),
    };
    floor(text, start + column.saturating_sub(1))
}

/// The candidate nearest to `word`, if it is near enough to have been meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word_lower = word.to_lowercase();
    // A third of the letters wrong is a typing error; more is another word.
    let limit = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            // `length` for `length_m`: the unit was left off.
            let unit_missing = lower.strip_prefix(&word_lower).is_some_and(|rest| rest.starts_with('_'));
            if !unit_missing && lower.chars().count().abs_diff(word_lower.chars().count()) > limit {
                return None;
            }
            let distance = if unit_missing { 0 } else { distance(&word_lower, &lower) };
            (distance <= limit).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Letters to change, add, drop or swap with their neighbour (optimal string alignment, Damerau 1964).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1; b.len() + 1];
        for j in 0..b.len() {
            let changed = last[j] + usize::from(a[i] != b[j]);
            row[j + 1] = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                row[j + 1] = row[j + 1].min(before_last[j - 1] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_not_bytes() {
        let text = "管网\n{ \"名\": x }";
        let at = text.find('x').unwrap();
        assert_eq!(line_and_column(text, at), (2, 8));
        assert_eq!(line_and_column(text, 10_000).0, 2);
        assert_eq!(offset_at(text, 2, 1), 7);
    }

    #[test]
    fn typing_errors_find_their_word() {
        let known = ["length_m", "inner_diameter_m", "zeta"];
        assert_eq!(nearest("lenght_m", known), Some("length_m"));
        assert_eq!(nearest("length", known), Some("length_m"));
        assert_eq!(nearest("Zeta", known), Some("zeta"));
        assert_eq!(nearest("opne", ["open", "closed"]), Some("open"));
        assert_eq!(nearest("colour", known), None);
    }
}
