//! JSON laid out for people and for version control: the outer levels one entry a line, everything inside on one line.

use std::io::{Result, Write};

use serde_json::ser::Formatter;

/// Objects and lists of the outermost `broken` levels have one entry a line, the rest stands on one line with a blank
/// behind each comma and colon.
pub struct Lines {
    broken: usize,
    indent: usize,
    depth: usize,
    empty: bool,
}

impl Lines {
    /// `indent`: how deep the value itself already stands.
    pub fn new(broken: usize, indent: usize) -> Lines {
        Lines { broken, indent, depth: 0, empty: true }
    }

    fn open<W: Write + ?Sized>(&mut self, writer: &mut W, bracket: &[u8]) -> Result<()> {
        self.depth += 1;
        self.empty = true;
        writer.write_all(bracket)
    }

    fn entry<W: Write + ?Sized>(&mut self, writer: &mut W, first: bool, blank: &[u8]) -> Result<()> {
        self.empty = false;
        if !first {
            writer.write_all(b",")?;
        }
        if self.depth <= self.broken {
            self.line(writer, self.indent + self.depth)
        } else {
            writer.write_all(if first { blank } else { b" " })
        }
    }

    fn close<W: Write + ?Sized>(&mut self, writer: &mut W, bracket: &[u8], blank: &[u8]) -> Result<()> {
        self.depth -= 1;
        if !self.empty {
            if self.depth < self.broken {
                self.line(writer, self.indent + self.depth)?;
            } else {
                writer.write_all(blank)?;
            }
        }
        self.empty = false;
        writer.write_all(bracket)
    }

    fn line<W: Write + ?Sized>(&self, writer: &mut W, levels: usize) -> Result<()> {
        writer.write_all(b"\n")?;
        (0..levels).try_for_each(|_| writer.write_all(b"  "))
    }
}

impl Formatter for Lines {
    fn begin_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> Result<()> {
        self.close(writer, b"}", b" ")
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        self.entry(writer, first, b" ")
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> Result<()> {
        writer.write_all(b": ")
    }

    fn begin_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> Result<()> {
        self.close(writer, b"]", b"")
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        self.entry(writer, first, b"")
    }
}
