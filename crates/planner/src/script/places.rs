//! Lines and columns of a script.

/// Lines and columns of places that only grow.
#[derive(Debug)]
pub(super) struct Places {
    offset: usize,
    line: usize,
    column: usize,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            offset: 0,
            line: 1,
            column: 1,
        }
    }
}

impl Places {
    /// The line and the column of a byte.
    pub(super) fn of(&mut self, text: &str, offset: usize) -> (usize, usize) {
        if offset < self.offset {
            *self = Self::default();
        }
        // From the last place on: a script may be one long line.
        let mut since = &text[self.offset..offset];
        if let Some(end) = since.rfind('\n') {
            let breaks = since.bytes().filter(|byte| *byte == b'\n').count();
            self.line += breaks;
            self.column = 1;
            since = &since[end + 1..];
        }
        if self.column == 1 {
            since = since.trim_start_matches('\u{feff}');
        }
        self.column += since.chars().count();
        self.offset = offset;
        (self.line, self.column)
    }
}
