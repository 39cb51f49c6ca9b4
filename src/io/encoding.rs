//! Text of files made by other programs: UTF-8, UTF-16 with its mark, or the encodings of old spreadsheets.
//!
//! Chinese Windows programs write GBK (read as its superset GB18030); western ones Windows-1252. A text that is valid
//! UTF-8 is UTF-8: other encodings practically never are. What does not live here: the native file, always UTF-8.

use std::path::Path;

use encoding_rs::{Encoding, GB18030, UTF_8, WINDOWS_1252};

use super::IoError;

/// The text and the name of the encoding it was in.
pub fn decode(bytes: &[u8]) -> (String, &'static str) {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(&bytes[mark..]);
        return (text.into_owned(), encoding.name());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.to_owned(), UTF_8.name());
    }
    if let Some(text) = GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
        return (text.into_owned(), "GBK");
    }
    (WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(), WINDOWS_1252.name())
}

/// Reads a text file in any of these encodings.
pub fn read(path: &Path) -> Result<String, IoError> {
    let bytes = std::fs::read(path).map_err(|error| IoError::system(path, &error))?;
    Ok(decode(&bytes).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_encodings_are_told_apart() {
        assert_eq!(decode("管径 DN".as_bytes()), ("管径 DN".to_owned(), "UTF-8"));
        assert_eq!(decode(b"\xef\xbb\xbfid"), ("id".to_owned(), "UTF-8"));
        assert_eq!(decode(&[0xb9, 0xdc, 0xbe, 0xb6]), ("管径".to_owned(), "GBK"));
        assert_eq!(decode(&[0xff, 0xfe, b'i', 0, b'd', 0]), ("id".to_owned(), "UTF-16LE"));
        assert_eq!(decode(b"L\xe4nge \xff"), ("Länge ÿ".to_owned(), "windows-1252"));
    }
}
