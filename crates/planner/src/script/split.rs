//! Cutting a script: the walk that all engines share, over what each one's lexer says.

use std::ops::Range;

use realign_model::{Origin, Span};

use super::places::Places;
use super::{LexKind, Line, Script, ScriptRows, ScriptStatement, rows};
use crate::Diagnostic;

/// What an engine's scripts look like.
pub trait Cutter {
    /// The piece that the text has at this place: its kind and its length in bytes, at least 1.
    /// A backslash that is a blank is one that the client takes out before it sends the statement.
    fn piece(&self, text: &str, at: usize) -> (LexKind, usize);

    /// True when the piece at this place is never closed.
    fn is_open(&self, text: &str, span: Range<usize>, kind: LexKind) -> bool;

    /// The line at this place, when it is one of the client's own commands: lines begin outside
    /// of any statement. None for SQL.
    fn command(&self, line: &str) -> Option<Command>;

    /// What a word opens or closes within the statement that these words began.
    fn nesting(&self, seen: &Seen<'_>, word: &str) -> Nesting;

    /// True when a semicolon in parentheses ends no statement.
    fn parentheses_hold(&self) -> bool;

    /// True when rows follow this statement in the script, up to a line `\.`.
    fn takes_rows(&self, statement: &str) -> bool;
}

/// A line of a script that the engine's own client keeps for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// What ends a statement from here on.
    Delimiter(String),
    /// Nothing that the database would see.
    Harmless,
    /// Something that a statement can't say: why it is not done here.
    Problem(String),
}

/// What a word does to the depth of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// Nothing.
    Same,
    /// A body, or a part of one, begins.
    Open,
    /// The innermost one ends.
    Close,
}

/// What was seen of a statement so far.
#[derive(Debug, Default)]
pub struct Seen<'a> {
    /// Its first words as written, at most twelve.
    pub head: Vec<&'a str>,
    /// The piece before: its kind and text.
    pub last: Option<(LexKind, &'a str)>,
    /// The piece before that.
    pub before: Option<(LexKind, &'a str)>,
    /// The text after the word.
    pub rest: &'a str,
    /// How deep it is in bodies.
    pub depth: usize,
    /// How deep it is in parentheses.
    pub parentheses: usize,
}

impl Seen<'_> {
    /// True when the words so far begin with one of these.
    pub fn begins(&self, first: &str) -> bool {
        let word = self.head.first();
        word.is_some_and(|word| word.eq_ignore_ascii_case(first))
    }

    /// True when one of the first words is this.
    pub fn has(&self, word: &str) -> bool {
        self.head.iter().any(|seen| seen.eq_ignore_ascii_case(word))
    }

    /// The piece before, when it is a bare word: in upper case.
    pub fn last_word(&self) -> Option<String> {
        match self.last {
            Some((LexKind::Word, text)) => Some(text.to_ascii_uppercase()),
            _ => None,
        }
    }

    /// True when the piece before is this mark.
    pub fn after_mark(&self, mark: &str) -> bool {
        self.last == Some((LexKind::Mark, mark))
    }

    /// True behind the end of a body: `END`, and `END IF` where that is all of it.
    fn after_body(&self) -> bool {
        let is_end = |piece: Option<(LexKind, &str)>| matches!(piece, Some((LexKind::Word, text)) if text.eq_ignore_ascii_case("END"));
        is_end(self.last) || is_end(self.before)
    }

    /// True when the next piece after the word is this.
    pub fn next_is(&self, text: &str) -> bool {
        let rest = self.rest.trim_start();
        rest.get(..text.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(text))
            && !rest[text.len()..]
                .starts_with(|c: char| text.ends_with(char::is_alphanumeric) && is_word(c))
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

const HEAD: usize = 12;

/// Cuts a script.
pub fn split(script: &str, cutter: &dyn Cutter) -> Script {
    let mut statements = Vec::new();
    let problems = each(script, cutter, |statement| statements.push(statement));
    Script {
        statements,
        problems,
    }
}

/// The same for a script of which one statement is looked at after the other: all of them at once
/// would take more room than the script. What can't be read is told in the end.
pub fn each(
    script: &str,
    cutter: &dyn Cutter,
    mut taken: impl FnMut(ScriptStatement),
) -> Vec<Diagnostic> {
    let mut walk = Walk::new(script, cutter, None);
    while walk.between() {
        if let Some(statement) = walk.statement() {
            taken(statement);
        }
    }
    walk.problems
}

/// Asks about each line of a script that begins outside of everything that may hold any text, as
/// [`Scripts::lines`](super::Scripts::lines) says.
pub fn lines(
    script: &str,
    cutter: &dyn Cutter,
    ask: &mut dyn FnMut(usize) -> Line,
) -> Option<usize> {
    let mut walk = Walk::new(script, cutter, Some(ask));
    while walk.between() {
        walk.statement();
    }
    walk.open
}

struct Walk<'a> {
    script: &'a str,
    cutter: &'a dyn Cutter,
    at: usize,
    delimiter: String,
    places: Places,
    problems: Vec<Diagnostic>,
    /// Who is asked about lines.
    ask: Option<&'a mut dyn FnMut(usize) -> Line>,
    /// Nothing but blanks is before the present place on its line.
    line_begins: bool,
    /// Where the first thing begins that is never closed.
    open: Option<usize>,
}

impl<'a> Walk<'a> {
    fn new(
        script: &'a str,
        cutter: &'a dyn Cutter,
        ask: Option<&'a mut dyn FnMut(usize) -> Line>,
    ) -> Self {
        Self {
            script,
            cutter,
            at: if script.starts_with('\u{feff}') { 3 } else { 0 },
            delimiter: ";".to_owned(),
            places: Places::default(),
            problems: Vec::new(),
            ask,
            line_begins: true,
            open: None,
        }
    }

    /// Asks about the line that begins here, if one does, and goes past it if it is not the
    /// script's.
    fn ask(&mut self) -> Line {
        let Some(ask) = self.ask.as_mut().filter(|_| self.line_begins) else {
            return Line::Text;
        };
        let line = ask(self.at);
        if line != Line::Text {
            let rest = &self.script[self.at..];
            self.at += rest.find('\n').map_or(rest.len(), |end| end + 1);
        }
        if line == Line::Break {
            ";".clone_into(&mut self.delimiter);
        }
        line
    }

    /// Goes past a piece.
    fn pass(&mut self, kind: LexKind, length: usize) {
        let text = &self.script[self.at..self.at + length];
        self.at += length;
        self.line_begins = match kind {
            LexKind::Blank => self.line_begins || text.contains('\n'),
            LexKind::Comment => text.ends_with('\n'),
            LexKind::Bracket
            | LexKind::Word
            | LexKind::Name
            | LexKind::Text
            | LexKind::Number
            | LexKind::Mark => false,
        };
    }

    /// Goes to the next statement; false when there is none.
    fn between(&mut self) -> bool {
        let mut fresh = self.at == 0 || self.script[..self.at].ends_with(['\n', '\u{feff}']);
        while self.at < self.script.len() {
            if self.ask() != Line::Text {
                fresh = true;
                continue;
            }
            if fresh {
                let line = self.line();
                if let Some(command) = self.cutter.command(line) {
                    self.obey(command, line);
                    self.at += line.len();
                    self.line_begins = false;
                    fresh = false;
                    continue;
                }
            }
            if self.script[self.at..].starts_with(&self.delimiter) {
                self.at += self.delimiter.len();
                self.line_begins = false;
                fresh = false;
                continue;
            }
            let (kind, length) = self.cutter.piece(self.script, self.at);
            let text = &self.script[self.at..self.at + length];
            match kind {
                LexKind::Blank => fresh |= text.contains('\n'),
                LexKind::Comment => {
                    self.report_open(self.at..self.at + length, kind);
                    fresh = text.ends_with('\n');
                }
                _ => return true,
            }
            self.pass(kind, length);
        }
        false
    }

    fn line(&self) -> &'a str {
        let rest = &self.script[self.at..];
        let line = rest.split('\n').next().unwrap_or(rest);
        line.strip_suffix('\r').unwrap_or(line)
    }

    fn obey(&mut self, command: Command, line: &str) {
        match command {
            Command::Delimiter(text) => self.delimiter = text,
            Command::Harmless => {}
            Command::Problem(why) => {
                let whole = self.at..self.at + line.trim_end().len();
                self.problem("S101", why, whole, None);
            }
        }
    }

    /// Takes one statement.
    fn statement(&mut self) -> Option<ScriptStatement> {
        let start = self.at;
        let mut end = start;
        let mut seen = Seen::default();
        let mut word = String::new();
        // Whether it had a body, how deep it is in brackets, and what the client takes out.
        let mut bodied = false;
        let mut brackets = 0_usize;
        let mut taken_out = Vec::new();
        let mut ended = false;
        while self.at < self.script.len() {
            if seen.depth == 0 && brackets == 0 {
                match self.ask() {
                    Line::Text => {}
                    Line::Own => continue,
                    Line::Break => return None,
                }
            }
            let here = self.at;
            let free = seen.depth == 0
                && (seen.parentheses == 0 || !self.cutter.parentheses_hold())
                || self.delimiter != ";";
            if free && self.script[here..].starts_with(&self.delimiter) {
                self.at += self.delimiter.len();
                self.line_begins = false;
                ended = true;
                break;
            }
            let (kind, length) = self.piece(here);
            let span = here..here + length;
            let text = &self.script[span.clone()];
            self.pass(kind, length);
            match kind {
                LexKind::Blank => {
                    if text == "\\" {
                        taken_out.push(span);
                    }
                    continue;
                }
                LexKind::Comment => {
                    self.report_open(span, kind);
                    continue;
                }
                LexKind::Bracket => {
                    brackets = if text.ends_with('/') {
                        brackets.saturating_sub(1)
                    } else {
                        brackets + 1
                    };
                    end = self.at;
                    continue;
                }
                LexKind::Word => {
                    seen.rest = &self.script[self.at..];
                    word.clear();
                    word.push_str(text);
                    word.make_ascii_uppercase();
                    match self.cutter.nesting(&seen, &word) {
                        Nesting::Same => {}
                        Nesting::Open => {
                            seen.depth += 1;
                            bodied = true;
                        }
                        Nesting::Close => seen.depth = seen.depth.saturating_sub(1),
                    }
                    if seen.head.len() < HEAD {
                        seen.head.push(text);
                    }
                }
                LexKind::Mark => match text {
                    "(" => seen.parentheses += 1,
                    ")" => seen.parentheses = seen.parentheses.saturating_sub(1),
                    // Several statements may stand before a delimiter of one's own: the client
                    // sends them together, and the server ends each at its semicolon.
                    ";" if self.delimiter != ";"
                        && seen.depth == 0
                        && brackets == 0
                        && (!bodied || seen.after_body()) =>
                    {
                        ended = true;
                        break;
                    }
                    _ => {}
                },
                LexKind::Name | LexKind::Text | LexKind::Number => {
                    self.report_open(span, kind);
                }
            }
            end = self.at;
            seen.before = seen.last;
            seen.last = Some((kind, text));
        }
        if !ended && (seen.depth > 0 || brackets > 0) {
            self.open.get_or_insert(start);
        }
        (end > start).then(|| self.taken(start..end, &taken_out))
    }

    /// The piece at this place, up to a delimiter of one's own: the client looks for that one in
    /// words and marks as well, `END$$`.
    fn piece(&self, at: usize) -> (LexKind, usize) {
        let (kind, length) = self.cutter.piece(self.script, at);
        let text = &self.script[at..at + length];
        // In quotes nobody looks, and there are numbers in quotes.
        let searched =
            matches!(kind, LexKind::Word | LexKind::Mark | LexKind::Number) && !text.contains('\'');
        if !searched || self.delimiter == ";" {
            return (kind, length);
        }
        let end = text.find(&self.delimiter);
        (kind, end.filter(|end| *end > 0).unwrap_or(length))
    }

    fn taken(&mut self, span: Range<usize>, taken_out: &[Range<usize>]) -> ScriptStatement {
        let mut sql = String::with_capacity(span.len());
        let mut from = span.start;
        for gap in taken_out.iter().filter(|gap| gap.end <= span.end) {
            sql.push_str(&self.script[from..gap.start]);
            from = gap.end;
        }
        sql.push_str(&self.script[from..span.end]);
        let (line, column) = self.places.of(self.script, span.start);
        let rows = self.cutter.takes_rows(&sql).then(|| self.rows());
        ScriptStatement {
            sql,
            span,
            line,
            column,
            rows,
        }
    }

    /// The rows after the present line, up to `\.`.
    fn rows(&mut self) -> ScriptRows {
        let rest = &self.script[self.at..];
        let start = self.at + rest.find('\n').map_or(rest.len(), |end| end + 1);
        self.report_behind(start);
        let (length, whole) = rows::length(&self.script[start..]);
        self.at = start + whole;
        self.line_begins = true;
        if whole == length {
            self.open.get_or_insert(start);
        }
        ScriptRows {
            text: self.script[start..start + length].to_owned(),
            start,
            line: self.places.of(self.script, start).0,
        }
    }

    /// The client would run what stands behind a statement with rows on its line after the rows.
    fn report_behind(&mut self, line_end: usize) {
        let mut at = self.at;
        while at < line_end {
            let (kind, length) = self.cutter.piece(self.script, at);
            let is_nothing = match kind {
                LexKind::Blank => true,
                LexKind::Comment => at + length <= line_end,
                _ => self.script[at..].starts_with(&self.delimiter),
            };
            if !is_nothing {
                self.problem(
                    "S103",
                    "behind a statement with rows nothing else can stand on its line".to_owned(),
                    at..line_end,
                    Some("put it behind the line \\. that ends the rows"),
                );
                return;
            }
            at += length;
        }
    }

    fn report_open(&mut self, span: Range<usize>, kind: LexKind) {
        if !self.cutter.is_open(self.script, span.clone(), kind) {
            return;
        }
        self.open.get_or_insert(span.start);
        let what = match kind {
            LexKind::Comment => "a comment",
            LexKind::Name => "a quoted name",
            _ => "a string",
        };
        let message = format!("{what} that begins here is never closed");
        self.problem("S102", message, span, None);
    }

    /// Tells of a problem with its place in the script; whoever reads a file gives its path.
    fn problem(&mut self, code: &str, message: String, span: Range<usize>, help: Option<&str>) {
        let (line, column) = self.places.of(self.script, span.start);
        let cut = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let mut problem = Diagnostic::error(code, message).at(Origin::File {
            path: "".into(),
            line: cut(line),
            column: cut(column),
            span: Span::new(span.start, span.end),
        });
        problem.help = help.map(str::to_owned);
        self.problems.push(problem);
    }
}
