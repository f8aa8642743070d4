//! Reads a dump as it goes by: counts its rows, and puts its events to rest.
//!
//! It knows the few forms that the dump programs write: `CREATE TABLE` and `INSERT INTO` at the start of a line with
//! names in backquotes and strings escaped by backslash, and `DELIMITER` around bodies.

use std::io::{self, BufRead, BufReader, Read, Write};

use realign_runtime::backup::{RowHash, Tally};

/// How a statement that brings rows begins.
const INSERT: &[u8] = b"INSERT INTO `";
/// How one begins that makes a table, which is there even without rows.
const CREATE: &[u8] = b"CREATE TABLE `";
/// How bodies are surrounded, in which nothing is a statement of the dump.
const DELIMITER: &[u8] = b"DELIMITER ";
/// As much of the end as is needed to know that it is one.
const TAIL: usize = 256;
/// As much of a line as is needed to know what it is.
const HEAD: usize = 16;

/// Passes a dump on and counts its rows.
pub(super) struct Rows<'a> {
    out: &'a mut dyn Write,
    tally: Tally,
    table: String,
    state: State,
    /// The first bytes of the line.
    head: Vec<u8>,
    in_body: bool,
    has_values: bool,
    /// The name that is read is that of a new table.
    is_made: bool,
    row: RowHash,
    name: Vec<u8>,
    /// The last bytes.
    tail: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Somewhere in a line that is none of ours.
    Line,
    /// In the name of a table; the flag: just after a backquote.
    Name(bool),
    /// In the list of columns; the flag: in a name.
    Columns(bool),
    /// Between the name and the first row, or between rows.
    Between,
    /// In a row.
    Row,
    /// In a string of a row; the flag: just after a backslash.
    Text(bool),
}

impl<'a> Rows<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self {
            out,
            tally: Tally::default(),
            table: String::new(),
            state: State::Line,
            head: Vec::new(),
            in_body: false,
            has_values: false,
            is_made: false,
            row: RowHash::default(),
            name: Vec::new(),
            tail: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Tally {
        self.tally
    }

    /// True when the last statement is the one that every dump ends with: it gives back a setting
    /// that the first ones have kept.
    pub(super) fn is_whole(&self) -> bool {
        let tail = String::from_utf8_lossy(&self.tail);
        let last = tail.trim_end().lines().next_back().unwrap_or_default();
        last.ends_with("*/;") && last.contains("=@OLD_")
    }

    fn take(&mut self, bytes: &[u8]) {
        let mut at = 0;
        while at < bytes.len() {
            at += match self.state {
                State::Line => self.line(&bytes[at..]),
                State::Name(closing) => self.name(bytes[at], closing),
                State::Columns(quoted) => self.columns(bytes[at], quoted),
                State::Between => self.between(bytes[at]),
                State::Row => self.row(&bytes[at..]),
                State::Text(escaped) => self.text(&bytes[at..], escaped),
            };
        }
    }

    /// Takes a line's first bytes, or the rest of one that is none of ours.
    fn line(&mut self, bytes: &[u8]) -> usize {
        if self.head.len() >= HEAD {
            let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
                return bytes.len();
            };
            self.head.clear();
            return end + 1;
        }
        let byte = bytes[0];
        if byte == b'\n' {
            if let Some(word) = self.head.strip_prefix(DELIMITER) {
                self.in_body = word != b";";
            }
            self.head.clear();
            return 1;
        }
        self.head.push(byte);
        if !self.in_body && (self.head == INSERT || self.head == CREATE) {
            self.is_made = self.head == CREATE;
            self.head.clear();
            self.name.clear();
            self.state = State::Name(false);
        }
        1
    }

    fn name(&mut self, byte: u8, closing: bool) -> usize {
        match (byte, closing) {
            (b'`', false) => self.state = State::Name(true),
            (b'`', true) => {
                self.name.push(b'`');
                self.state = State::Name(false);
            }
            (_, true) => {
                self.table = String::from_utf8_lossy(&self.name).into_owned();
                self.tally.table(&self.table);
                self.has_values = false;
                if self.is_made {
                    self.state = State::Line;
                    return 0;
                }
                // What follows the name may be all that stands there.
                self.state = State::Between;
                return 0;
            }
            (byte, false) => self.name.push(byte),
        }
        1
    }

    /// Between a name and its rows may stand a list of columns.
    fn between(&mut self, byte: u8) -> usize {
        match byte {
            b'V' => self.has_values = true,
            b'(' if self.has_values => {
                self.row = RowHash::default();
                self.state = State::Row;
            }
            b'(' => self.state = State::Columns(false),
            b';' => self.state = State::Line,
            _ => {}
        }
        1
    }

    fn columns(&mut self, byte: u8, quoted: bool) -> usize {
        match byte {
            b'`' => self.state = State::Columns(!quoted),
            b')' if !quoted => self.state = State::Between,
            _ => {}
        }
        1
    }

    fn row(&mut self, bytes: &[u8]) -> usize {
        let end = bytes
            .iter()
            .position(|byte| matches!(byte, b'\'' | b')'))
            .unwrap_or(bytes.len());
        self.row.put(&bytes[..end]);
        match bytes.get(end) {
            None => return end,
            Some(b'\'') => {
                self.row.put(b"'");
                self.state = State::Text(false);
            }
            Some(_) => {
                let row = std::mem::take(&mut self.row);
                self.tally.table(&self.table).add(row);
                self.state = State::Between;
            }
        }
        end + 1
    }

    fn text(&mut self, bytes: &[u8], escaped: bool) -> usize {
        if escaped {
            self.row.put(&bytes[..1]);
            self.state = State::Text(false);
            return 1;
        }
        let end = bytes
            .iter()
            .position(|byte| matches!(byte, b'\'' | b'\\'))
            .unwrap_or(bytes.len());
        self.row.put(&bytes[..end]);
        let Some(byte) = bytes.get(end) else {
            return end;
        };
        self.row.put(&[*byte]);
        self.state = if *byte == b'\\' {
            State::Text(true)
        } else {
            State::Row
        };
        end + 1
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

/// How the line begins that makes an event.
const EVENT: &[u8] = b"/*!50106 CREATE*/";
/// What stands in it, before anything of the event's own, when the event is to run.
const RUNS: [&[u8]; 2] = [
    b" ON COMPLETION NOT PRESERVE ENABLE ",
    b" ON COMPLETION PRESERVE ENABLE ",
];

/// A dump with its events at rest: in a scratch database nothing may happen by itself.
pub(super) struct AtRest<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    given: usize,
}

impl<R: Read> AtRest<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input: BufReader::with_capacity(256 * 1024, input),
            line: Vec::new(),
            given: 0,
        }
    }
}

impl<R: Read> Read for AtRest<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.line.len() {
            self.line.clear();
            self.given = 0;
            self.input.read_until(b'\n', &mut self.line)?;
            if self.line.starts_with(EVENT) {
                rest(&mut self.line);
            }
        }
        let left = &self.line[self.given..];
        let count = left.len().min(buffer.len());
        buffer[..count].copy_from_slice(&left[..count]);
        self.given += count;
        Ok(count)
    }
}

/// Puts the event of this line to rest.
fn rest(line: &mut Vec<u8>) {
    let found = RUNS
        .iter()
        .filter_map(|runs| {
            let at = line.windows(runs.len()).position(|part| part == *runs)?;
            Some(at + runs.len() - b"ENABLE ".len())
        })
        .min();
    if let Some(at) = found {
        line.splice(at..at + b"ENABLE".len(), *b"DISABLE");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const DUMP: &str = "\
/*!40000 ALTER TABLE `a` DISABLE KEYS */;\n\
INSERT INTO `a` VALUES (1,'x)\\'(,;','INSERT INTO `b` VALUES (1)'),(2,NULL,0xFF00);\n\
INSERT INTO `a` VALUES\n(3,'\\\\',''),\n(4,'a\\nb','c');\n\
INSERT INTO `we``ird` (`i)d`, `V`) VALUES (1,-2.5e10);\n\
DELIMITER ;;\n\
CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW BEGIN\n\
INSERT INTO `log` VALUES (1);\n\
END ;;\n\
DELIMITER ;\n\
CREATE TABLE `em``pty` (\n  `id` int(11) NOT NULL,\n  `a` text DEFAULT 'CREATE TABLE `c` ('\n) ENGINE=InnoDB;\n\
CREATE TABLE `b` (\n  `id` int(11) NOT NULL\n);\n\
INSERT INTO `b` VALUES (1);\n";

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
        let expected = BTreeMap::from([("a", 4), ("b", 1), ("we`ird", 1)]);
        assert_eq!(whole.counted(), expected);
        let names: Vec<&str> = whole.0.keys().map(String::as_str).collect();
        assert_eq!(names, ["a", "b", "em`pty", "we`ird"]);
        for pieces in [1, 2, 3, 7, 16, 50] {
            assert_eq!(tally(pieces), whole, "in pieces of {pieces}");
        }
    }

    #[test]
    fn events_are_put_to_rest_and_nothing_else_changes() {
        let event = "/*!50106 CREATE*/ /*!50117 DEFINER=`u`@`%`*/ /*!50106 EVENT `e` ON SCHEDULE EVERY 1 DAY \
                     ON COMPLETION NOT PRESERVE ENABLE DO SELECT ' ON COMPLETION PRESERVE ENABLE ' */ ;;\n";
        let input = format!("{DUMP}{event}{DUMP}");
        let mut out = String::new();
        AtRest::new(input.as_bytes())
            .read_to_string(&mut out)
            .unwrap();
        let rested = event.replace("NOT PRESERVE ENABLE", "NOT PRESERVE DISABLE");
        assert_eq!(out, format!("{DUMP}{rested}{DUMP}"));
    }
}
