//! Statements that define a schema, read into plain data by recursive descent.
//!
//! What is read here is what was written; what the server makes of it is [`crate::interpret`]'s
//! business. A reader stops at the first token that it does not know, with the place.

mod alter;
mod ast;
mod column;
mod constraint;
mod event;
mod option;
mod partition;
mod program;
mod routine;
mod sequence;
mod session;
mod statement;
mod table;
mod text;
mod view;

use realign_model::{Ident, ObjectName};
use realign_planner::Facts;

use crate::lexer::{Cursor, TokenKind, name_value, string_value};
pub(crate) use ast::{
    Action, AlterTable, CheckDef, ColumnDef, CreateTable, Dropped, KeyDef, KeyKind, Placed,
    Position, References, Statement,
};
pub(crate) use option::TableOption;
pub(crate) use partition::{MOST_PARTITIONS, PartitionBy, PartitionChange, numbered};
pub(crate) use program::{
    AlterEvent, AlterRoutine, Characteristics, CreateEvent, CreateRoutine, CreateSequence,
    CreateTrigger, CreateView, EventClauses, Limit, Parameter, Schedule, SequenceClauses,
};
pub(crate) use session::{Setting, SettingValue};
pub(crate) use text::{Plain, plain};

/// A text that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// What is wrong, with what was expected.
    pub(crate) message: String,
    /// The byte of the plain text.
    pub(crate) at: usize,
}

/// The result of a reader.
pub(crate) type Read<T> = Result<T, Problem>;

/// A reader over the tokens of one statement.
pub(crate) struct Parser<'a> {
    pub(crate) cursor: Cursor<'a>,
    pub(crate) facts: &'a Facts,
}

impl<'a> Parser<'a> {
    /// A reader of a plain text.
    pub(crate) fn new(text: &'a str, facts: &'a Facts) -> Self {
        Self {
            cursor: Cursor::new(text),
            facts,
        }
    }

    /// The problem at the next token.
    fn problem(&self, expected: &str) -> Problem {
        let found = if self.cursor.is_at_end() {
            "the statement ends".to_owned()
        } else {
            let shown: String = self.cursor.rest().chars().take(40).collect();
            let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("found \"{shown}\"")
        };
        Problem {
            message: format!("{expected} expected, {found}"),
            at: self.cursor.offset(),
        }
    }

    fn fail<T>(&self, expected: &str) -> Read<T> {
        Err(self.problem(expected))
    }

    fn word(&mut self, word: &str) -> Read<()> {
        if self.cursor.eat_word(word) {
            Ok(())
        } else {
            self.fail(word)
        }
    }

    fn symbol(&mut self, symbol: &str) -> Read<()> {
        if self.cursor.eat_symbol(symbol) {
            Ok(())
        } else {
            self.fail(symbol)
        }
    }

    /// A name: bare, in backticks.
    fn ident(&mut self) -> Read<Ident> {
        let name = match self.cursor.peek() {
            Some((kind @ (TokenKind::Word | TokenKind::Quoted), text)) => name_value(kind, text),
            // A name may start with digits where it can be no number.
            Some((TokenKind::Number, text)) => return self.digits_first(text),
            _ => None,
        };
        let Some(name) = name else {
            return self.fail("a name");
        };
        self.cursor.take();
        Ok(Ident::new(name))
    }

    /// `2fa_codes`: a number and a word without anything between.
    fn digits_first(&mut self, digits: &'a str) -> Read<Ident> {
        let mark = self.cursor.mark();
        let start = self.cursor.offset();
        self.cursor.take();
        if digits.bytes().all(|b| b.is_ascii_alphanumeric())
            && self.cursor.offset() == start + digits.len()
            && let Some((TokenKind::Word, rest)) = self.cursor.peek()
        {
            self.cursor.take();
            return Ok(Ident::new(format!("{digits}{rest}")));
        }
        self.cursor.back_to(mark);
        self.fail("a name")
    }

    /// A name with or without the schema's in front.
    fn object(&mut self) -> Read<ObjectName> {
        // `.t` is the current schema's.
        self.cursor.eat_symbol(".");
        let first = self.ident()?;
        if self.cursor.eat_symbol(".") {
            return Ok(ObjectName::new(Some(first), self.ident()?));
        }
        Ok(ObjectName::new(None, first))
    }

    /// Names with commas between.
    fn objects(&mut self) -> Read<Vec<ObjectName>> {
        let mut names = vec![self.object()?];
        while self.cursor.eat_symbol(",") {
            names.push(self.object()?);
        }
        Ok(names)
    }

    /// Names in parentheses.
    fn ident_list(&mut self) -> Read<Vec<Ident>> {
        self.symbol("(")?;
        let mut names = vec![self.ident()?];
        while self.cursor.eat_symbol(",") {
            names.push(self.ident()?);
        }
        self.symbol(")")?;
        Ok(names)
    }

    fn if_exists(&mut self) -> bool {
        self.cursor.eat_words(&["IF", "EXISTS"])
    }

    fn if_not_exists(&mut self) -> bool {
        self.cursor.eat_words(&["IF", "NOT", "EXISTS"])
    }

    /// The value of a string.
    fn string(&mut self) -> Read<String> {
        if self.cursor.peek_word().is_some_and(|w| w.starts_with('_')) {
            self.cursor.take();
        }
        let value = match self.cursor.peek() {
            Some((TokenKind::String, literal)) => string_value(literal),
            _ => None,
        };
        let Some(value) = value else {
            return self.fail("a string");
        };
        self.cursor.take();
        Ok(value)
    }

    /// What is in parentheses, as written.
    fn group(&mut self) -> Read<&'a str> {
        match self.cursor.eat_group() {
            Some(text) => Ok(text),
            None => self.fail("("),
        }
    }

    /// All that is left, as written, without the delimiter that may still be there.
    fn rest(&mut self) -> String {
        let rest = self.cursor.rest().trim_end().trim_end_matches(';');
        let rest = rest.trim_end().to_owned();
        while self.cursor.take().is_some() {}
        rest
    }

    /// Nothing may follow.
    fn end(&self) -> Read<()> {
        if self.cursor.is_at_end() || self.cursor.rest().trim_matches([';', ' ', '\n']).is_empty() {
            Ok(())
        } else {
            self.fail("the end of the statement")
        }
    }
}

/// Reads one statement from its plain text.
pub(crate) fn statement(text: &str, facts: &Facts) -> Read<Statement> {
    let mut parser = Parser::new(text, facts);
    let read = parser.statement()?;
    parser.end()?;
    Ok(read)
}

/// Reads a clause `PARTITION BY …`.
pub(crate) fn partitions(text: &str, facts: &Facts) -> Read<PartitionBy> {
    let mut parser = Parser::new(text, facts);
    let read = parser.partition_by()?;
    parser.end()?;
    Ok(read)
}
