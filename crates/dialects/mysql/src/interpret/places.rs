//! Lines and columns of bytes that come in ascending order.

use std::sync::Arc;

use realign_model::{Origin, Span};

/// Counts lines from the last place on, not from the start of the file.
#[derive(Debug)]
pub(super) struct Places {
    path: Arc<str>,
    byte: usize,
    line: u32,
    /// First byte of that line.
    line_start: usize,
}

impl Places {
    pub(super) fn new(path: &str) -> Self {
        Self {
            path: path.into(),
            byte: 0,
            line: 1,
            line_start: 0,
        }
    }

    /// The place of a byte.
    pub(super) fn at(&mut self, text: &str, byte: usize) -> Origin {
        let byte = byte.min(text.len());
        if byte < self.byte {
            (self.byte, self.line, self.line_start) = (0, 1, 0);
        }
        let passed = text.as_bytes().get(self.byte..byte).unwrap_or_default();
        for (offset, _) in passed.iter().enumerate().filter(|(_, b)| **b == b'\n') {
            self.line = self.line.saturating_add(1);
            self.line_start = self.byte + offset + 1;
        }
        self.byte = byte;
        let before = text
            .as_bytes()
            .get(self.line_start..byte)
            .unwrap_or_default();
        // Bytes that continue a character are none of their own.
        let column = before.iter().filter(|b| (**b & 0xC0) != 0x80).count() + 1;
        Origin::File {
            path: Arc::clone(&self.path),
            line: self.line,
            column: u32::try_from(column).unwrap_or(u32::MAX),
            span: Span {
                start: byte,
                end: byte,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(places: &mut Places, text: &str, byte: usize) -> (u32, u32) {
        match places.at(text, byte) {
            Origin::File { line, column, .. } => (line, column),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn lines_and_columns_are_those_of_an_editor() {
        let text = "é a\n\n  b";
        let mut places = Places::new("x.sql");
        for (word, expected) in [("a", (1, 3)), ("b", (3, 3)), ("a", (1, 3))] {
            let byte = text.find(word).unwrap();
            assert_eq!(place(&mut places, text, byte), expected, "{word}");
        }
        assert_eq!(place(&mut places, text, 99), (3, 4));
    }
}
