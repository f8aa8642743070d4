//! Lines and columns of bytes that come in ascending order.

use realign_model::{FileName, Origin, Span};

/// Counts lines from the last place on, not from the start of the file.
#[derive(Debug)]
pub(super) struct Places {
    path: FileName,
    last: Place,
    /// Where the statement at hand begins.
    begin: Place,
}

/// A place: a byte, its line and its column.
#[derive(Debug, Clone, Copy)]
struct Place {
    byte: usize,
    line: u32,
    column: u32,
}

/// The beginning of a text.
const FIRST: Place = Place {
    byte: 0,
    line: 1,
    column: 1,
};

impl Places {
    pub(super) fn new(path: &str) -> Self {
        Self {
            path: path.into(),
            last: FIRST,
            begin: FIRST,
        }
    }

    /// A statement begins: the places that are asked for next are behind it.
    pub(super) fn stand_at(&mut self, text: &str, byte: usize) {
        self.go_to(text, byte);
        self.begin = self.last;
    }

    fn go_to(&mut self, text: &str, byte: usize) {
        if byte < self.last.byte {
            self.last = if byte < self.begin.byte {
                FIRST
            } else {
                self.begin
            };
        }
        let mut passed = text
            .as_bytes()
            .get(self.last.byte..byte)
            .unwrap_or_default();
        if let Some(end) = passed.iter().rposition(|b| *b == b'\n') {
            let breaks = passed.split(|b| *b == b'\n').count() - 1;
            self.last.line = self.last.line.saturating_add(number(breaks));
            self.last.column = 1;
            passed = &passed[end + 1..];
        }
        // Bytes that continue a character are none of their own.
        let characters = passed.iter().filter(|b| (**b & 0xC0) != 0x80).count();
        self.last.column = self.last.column.saturating_add(number(characters));
        self.last.byte = byte;
    }

    /// The place of a byte.
    pub(super) fn at(&mut self, text: &str, byte: usize) -> Origin {
        let byte = byte.min(text.len());
        self.go_to(text, byte);
        Origin::File {
            path: self.path.clone(),
            line: self.last.line,
            column: self.last.column,
            span: Span::new(byte, byte),
        }
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
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
