//! From byte offsets to lines and columns, quickly even in one endless line.

use realign_model::{FileName, Origin, Span};

/// Bytes between two remembered places.
const STRIDE: usize = 512;

/// The places of one text.
pub(crate) struct Places<'t> {
    text: &'t str,
    /// Line and column (both from 1) at every `STRIDE` bytes, moved back to the start of
    /// a character.
    marks: Vec<(usize, u32, u32)>,
}

impl<'t> Places<'t> {
    /// Walks the text once.
    pub(crate) fn of(text: &'t str) -> Self {
        let mut marks = Vec::with_capacity(text.len() / STRIDE + 1);
        let (mut line, mut column, mut next) = (1, 1, 0);
        for (offset, character) in text.char_indices() {
            if offset >= next {
                marks.push((offset, line, column));
                next = offset + STRIDE;
            }
            if character == '\n' {
                line += 1;
                column = 1;
            } else {
                column += 1;
            }
        }
        Self { text, marks }
    }

    /// Line and column of a byte.
    fn at(&self, offset: usize) -> (u32, u32) {
        let index = self.marks.partition_point(|mark| mark.0 <= offset);
        let (from, mut line, mut column) = match index.checked_sub(1) {
            Some(index) => self.marks[index],
            None => return (1, 1),
        };
        for (at, character) in self.text[from..].char_indices() {
            if from + at >= offset {
                break;
            }
            if character == '\n' {
                line += 1;
                column = 1;
            } else {
                column += 1;
            }
        }
        (line, column)
    }

    /// The byte of a line and column, both from 1; the end of the text when there is no
    /// such place.
    pub(crate) fn offset_of(&self, row: u32, column: u32) -> usize {
        let index = self
            .marks
            .partition_point(|mark| (mark.1, mark.2) <= (row, column));
        let Some((from, mut line, mut at)) = index.checked_sub(1).map(|i| self.marks[i]) else {
            return 0;
        };
        for (offset, character) in self.text[from..].char_indices() {
            if (line, at) >= (row, column) {
                return from + offset;
            }
            if character == '\n' {
                line += 1;
                at = 1;
            } else {
                at += 1;
            }
        }
        self.text.len()
    }

    /// The origin of a byte range.
    pub(crate) fn origin(&self, path: &FileName, start: usize, end: usize) -> Origin {
        let (line, column) = self.at(start);
        Origin::File {
            path: path.clone(),
            line,
            column,
            span: Span::new(start, end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_agree_with_a_plain_count() {
        let text = "ab\né".repeat(700);
        let places = Places::of(&text);
        let (mut line, mut column) = (1, 1);
        for (offset, character) in text.char_indices() {
            assert_eq!(places.at(offset), (line, column), "{offset}");
            assert_eq!(places.offset_of(line, column), offset);
            if character == '\n' {
                line += 1;
                column = 1;
            } else {
                column += 1;
            }
        }
        assert_eq!(Places::of("").at(0), (1, 1));
        assert_eq!(Places::of("").offset_of(3, 1), 0);
    }
}
