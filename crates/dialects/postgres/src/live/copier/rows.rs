//! Reads a dump as it goes by: counts its rows, and lets schemas be there already.

use std::io::{self, BufRead, BufReader, Read, Write};

use realign_runtime::backup::{RowHash, Tally};

/// How the line begins that is followed by rows.
const COPY: &[u8] = b"COPY ";
/// How it ends.
const FROM: &[u8] = b" FROM stdin;";
/// The line behind the last row.
const END: &[u8] = b"\\.";
/// As much of the end as is needed to know that it is one.
const TAIL: usize = 512;
/// The schema whose name nobody writes.
const USUAL: &str = "public.";

/// Passes a dump on and counts its rows: a line each between COPY and its end.
pub(super) struct Rows<'a> {
    out: &'a mut dyn Write,
    tally: Tally,
    /// The table whose rows pass by.
    table: Option<String>,
    /// The line so far, as long as it may be one that begins rows.
    line: Vec<u8>,
    /// The rest of this line is of no interest.
    idle: bool,
    row: RowHash,
    /// The first bytes of a row, to know its end from a row.
    start: Vec<u8>,
    /// The last bytes.
    tail: Vec<u8>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self {
            out,
            tally: Tally::default(),
            table: None,
            line: Vec::new(),
            idle: false,
            row: RowHash::default(),
            start: Vec::new(),
            tail: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Tally {
        self.tally
    }

    /// True when the program has said that it came to its end.
    pub(super) fn is_whole(&self) -> bool {
        String::from_utf8_lossy(&self.tail).contains("-- PostgreSQL database dump complete")
    }

    fn take(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            match piece.strip_suffix(b"\n") {
                Some(end) => {
                    self.piece(end);
                    self.line_ended();
                }
                None => self.piece(piece),
            }
        }
    }

    fn piece(&mut self, bytes: &[u8]) {
        if self.table.is_some() {
            self.row.put(bytes);
            let room = (END.len() + 1).saturating_sub(self.start.len());
            self.start.extend(&bytes[..bytes.len().min(room)]);
        } else if !self.idle {
            self.line.extend(bytes);
            let known = self.line.len().min(COPY.len());
            if self.line[..known] != COPY[..known] {
                self.idle = true;
                self.line.clear();
            }
        }
    }

    fn line_ended(&mut self) {
        match &self.table {
            Some(_) if self.start == END => self.table = None,
            Some(table) => {
                let row = std::mem::take(&mut self.row);
                self.tally.table(table).add(row);
            }
            None => {
                let from = self.line.strip_prefix(COPY);
                if let Some(head) = from.and_then(|head| head.strip_suffix(FROM)) {
                    let table = name(&String::from_utf8_lossy(head));
                    self.tally.table(&table);
                    self.table = Some(table);
                }
            }
        }
        self.row = RowHash::default();
        self.start.clear();
        self.line.clear();
        self.idle = false;
    }
}

impl Write for Rows<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.take(&bytes[..count]);
        self.tail.extend(&bytes[count.saturating_sub(TAIL)..count]);
        self.tail.drain(..self.tail.len().saturating_sub(TAIL));
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The table's name, before the list of columns.
fn name(head: &str) -> String {
    let mut quoted = false;
    let end = head
        .char_indices()
        .find(|(_, c)| {
            quoted ^= *c == '"';
            !quoted && *c == ' '
        })
        .map_or(head.len(), |(at, _)| at);
    let name = &head[..end];
    name.strip_prefix(USUAL).unwrap_or(name).to_owned()
}

/// How a schema is made.
const SCHEMA: &[u8] = b"CREATE SCHEMA ";

/// A dump in which a schema that is there already is no fault: the one that Realign's lock is in
/// stays. Only what stands before the first table is looked at.
pub(super) struct Schemas<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    given: usize,
    begun: bool,
}

impl<R: Read> Schemas<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input: BufReader::with_capacity(256 * 1024, input),
            line: Vec::new(),
            given: 0,
            begun: false,
        }
    }
}

impl<R: Read> Read for Schemas<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.begun && self.given == self.line.len() {
            return self.input.read(buffer);
        }
        if self.given == self.line.len() {
            self.line.clear();
            self.given = 0;
            self.input.read_until(b'\n', &mut self.line)?;
            if self.line.starts_with(SCHEMA) {
                self.line
                    .splice(SCHEMA.len()..SCHEMA.len(), *b"IF NOT EXISTS ");
            }
            self.begun = [&b"CREATE TABLE "[..], b"CREATE FUNCTION ", b"COPY "]
                .iter()
                .any(|head| self.line.starts_with(head));
        }
        let left = &self.line[self.given..];
        let count = left.len().min(buffer.len());
        buffer[..count].copy_from_slice(&left[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const DUMP: &str = "\
CREATE SCHEMA app;\n\
CREATE TABLE public.a (id integer);\n\
CREATE SCHEMA not_one;\n\
COPY public.a (id, \"te xt\") FROM stdin;\n\
1\tx\n\
2\tCOPY public.b (id) FROM stdin;\n\
\\\\.\t\\N\n\
\n\
\\.\n\
COPY app.\"B c\" (id) FROM stdin;\n\
\\.\n\
COPY public.c  FROM stdin;\n\
\n\
\\.\n";

    fn tally(pieces: usize) -> Tally {
        let mut out = Vec::new();
        let mut rows = Rows::new(&mut out);
        for piece in DUMP.as_bytes().chunks(pieces) {
            rows.write_all(piece).unwrap();
        }
        let tally = rows.finish();
        assert_eq!(out, DUMP.as_bytes());
        tally
    }

    #[test]
    fn rows_are_counted_whatever_is_in_them() {
        let whole = tally(DUMP.len());
        assert_eq!(whole.counted(), BTreeMap::from([("a", 4), ("c", 1)]));
        assert!(whole.0.contains_key("app.\"B c\""));
        for pieces in [1, 2, 3, 7, 16, 50] {
            assert_eq!(tally(pieces), whole, "in pieces of {pieces}");
        }
    }

    #[test]
    fn a_schema_may_be_there() {
        let mut out = String::new();
        Schemas::new(DUMP.as_bytes())
            .read_to_string(&mut out)
            .unwrap();
        let expected = DUMP.replacen("CREATE SCHEMA app", "CREATE SCHEMA IF NOT EXISTS app", 1);
        assert_eq!(out, expected);
    }
}
