//! Reading definitions: a cursor over the tokens of one statement, and the parts that several
//! statements share.
//!
//! The reader descends only where the grammar itself nests a fixed number of times. Expressions
//! and queries are taken as text between balanced parentheses, so that no input, however deep,
//! costs more than a walk over its tokens.

mod column;
mod constraint;
mod index;
mod routine;
mod sequence;
mod trigger;

use realign_model::{DataType, Ident};

use crate::lexer::{Token, TokenKind, tokens};
use crate::render::{ident, live_ident};
use crate::types;

pub(crate) use column::{ColumnText, StorageOf, is_null};
pub(crate) use constraint::{ConstraintKind, ConstraintText, References, Timing};
pub(crate) use routine::{Argument, RoutineText, types_of, without_length};
pub(crate) use sequence::{Said, SequenceText, is_usual};
pub(crate) use trigger::TriggerText;

/// Why a statement was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The text is not understood from this byte of the statement on.
    NotUnderstood {
        /// The byte.
        at: usize,
        /// What was expected or seen.
        what: String,
    },
    /// The text is clear, and the schema so far does not allow it.
    DoesNotFit {
        /// The byte.
        at: usize,
        /// What is missing or in the way.
        what: String,
    },
}

/// What a part of a statement reads as.
pub(crate) type Reading<T> = Result<T, Trouble>;

/// The longest name that the server keeps, in bytes.
pub(crate) const NAME_BYTES: usize = 63;

/// A name with up to three parts, the last one its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    /// The schema, when it is written.
    pub(crate) schema: Option<String>,
    /// The name.
    pub(crate) name: String,
    /// Where it stands.
    pub(crate) at: usize,
}

impl Path {
    /// The name as SQL.
    pub(crate) fn render(&self) -> String {
        let name = ident(&live_ident(&self.name));
        match &self.schema {
            Some(schema) => format!("{}.{name}", ident(&live_ident(schema))),
            None => name,
        }
    }
}

/// A place in a statement.
pub(crate) struct Cursor<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// At the beginning of a text.
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            tokens: tokens(text),
            at: 0,
        }
    }

    /// The token here.
    pub(crate) fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    /// The token after so many others.
    pub(crate) fn ahead(&self, offset: usize) -> Option<&Token<'a>> {
        self.tokens.get(self.at + offset)
    }

    /// True at the end.
    pub(crate) fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The byte where the next token begins.
    pub(crate) fn place(&self) -> usize {
        self.peek().map_or(self.text.len(), |token| token.start)
    }

    /// The number of the next token, to come back to.
    pub(crate) fn mark(&self) -> usize {
        self.at
    }

    /// Goes back to a place that was marked.
    pub(crate) fn back(&mut self, mark: usize) {
        self.at = mark;
    }

    /// Leaves one token out.
    pub(crate) fn skip(&mut self) {
        self.at += usize::from(self.at < self.tokens.len());
    }

    /// True when that word is next.
    pub(crate) fn sees(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is_word(word))
    }

    /// True when these words are next.
    pub(crate) fn sees_all(&self, words: &[&str]) -> bool {
        words
            .iter()
            .enumerate()
            .all(|(offset, word)| self.ahead(offset).is_some_and(|t| t.is_word(word)))
    }

    /// True when one of these words is next.
    pub(crate) fn sees_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.sees(word))
    }

    /// True when that mark is next.
    pub(crate) fn sees_symbol(&self, symbol: &str) -> bool {
        self.peek().is_some_and(|token| token.is_symbol(symbol))
    }

    /// Takes that word, if it is next.
    pub(crate) fn take(&mut self, word: &str) -> bool {
        let found = self.sees(word);
        self.at += usize::from(found);
        found
    }

    /// Takes these words, if they are next.
    pub(crate) fn take_all(&mut self, words: &[&str]) -> bool {
        let found = self.sees_all(words);
        if found {
            self.at += words.len();
        }
        found
    }

    /// Takes that mark, if it is next.
    pub(crate) fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.sees_symbol(symbol);
        self.at += usize::from(found);
        found
    }

    /// Takes that word.
    pub(crate) fn expect(&mut self, word: &str) -> Reading<()> {
        if self.take(word) {
            Ok(())
        } else {
            Err(self.expected(&word.to_uppercase()))
        }
    }

    /// Takes that mark.
    pub(crate) fn expect_symbol(&mut self, symbol: &str) -> Reading<()> {
        if self.take_symbol(symbol) {
            Ok(())
        } else {
            Err(self.expected(symbol))
        }
    }

    /// Takes the end of the statement.
    pub(crate) fn expect_end(&self) -> Reading<()> {
        if self.is_done() {
            Ok(())
        } else {
            Err(self.unknown())
        }
    }

    /// What stands here is not what has to stand here.
    pub(crate) fn expected(&self, what: &str) -> Trouble {
        Trouble::NotUnderstood {
            at: self.place(),
            what: format!("expected {what}, found {}", self.shown()),
        }
    }

    /// What stands here is not known.
    pub(crate) fn unknown(&self) -> Trouble {
        Trouble::NotUnderstood {
            at: self.place(),
            what: format!("{} is not understood", self.shown()),
        }
    }

    /// The token here, for a message.
    fn shown(&self) -> String {
        const LONGEST: usize = 40;
        match self.peek() {
            None => "the end of the statement".to_owned(),
            Some(token) => {
                let text = self.text.get(token.start..token.end).unwrap_or_default();
                let mut shown: String = text.chars().take(LONGEST).collect();
                if shown.len() < text.len() {
                    shown.push('…');
                }
                format!("`{shown}`")
            }
        }
    }

    /// True when one of these words stands anywhere from here on.
    pub(crate) fn has_word(&self, words: &[&str]) -> bool {
        self.tokens
            .iter()
            .skip(self.at)
            .any(|token| words.iter().any(|word| token.is_word(word)))
    }

    /// One word or quoted name, in the catalogue's spelling.
    pub(crate) fn text_name(&mut self) -> Reading<String> {
        let found = match self.peek() {
            Some(token) if token.kind == TokenKind::Word => fold(&token.text),
            Some(token) if token.kind == TokenKind::Quoted => cut(&token.text),
            _ => return Err(self.expected("a name")),
        };
        self.at += 1;
        Ok(found)
    }

    /// A name.
    pub(crate) fn ident(&mut self) -> Reading<Ident> {
        Ok(live_ident(&self.text_name()?))
    }

    /// A name with its schema.
    pub(crate) fn path(&mut self) -> Reading<Path> {
        let at = self.place();
        let mut parts = vec![self.text_name()?];
        while parts.len() < 3 && self.sees_symbol(".") {
            self.at += 1;
            parts.push(self.text_name()?);
        }
        let name = parts.pop().unwrap_or_default();
        Ok(Path {
            schema: parts.pop(),
            name,
            at,
        })
    }

    /// `IF EXISTS`.
    pub(crate) fn if_exists(&mut self) -> bool {
        self.take_all(&["if", "exists"])
    }

    /// `IF NOT EXISTS`.
    pub(crate) fn if_not_exists(&mut self) -> bool {
        self.take_all(&["if", "not", "exists"])
    }

    /// A string's value.
    pub(crate) fn string(&mut self) -> Reading<String> {
        match self.peek() {
            Some(token) if token.kind == TokenKind::String => {
                let text = token.text.clone();
                self.at += 1;
                Ok(text.into_owned())
            }
            _ => Err(self.expected("a string")),
        }
    }

    /// A whole number with its sign.
    pub(crate) fn integer(&mut self) -> Reading<i128> {
        let mark = self.mark();
        let negative = self.take_symbol("-");
        if !negative {
            self.take_symbol("+");
        }
        let found = self
            .peek()
            .filter(|token| token.kind == TokenKind::Number)
            .and_then(|token| token.text.replace('_', "").parse::<i128>().ok());
        if let Some(number) = found {
            self.at += 1;
            return Ok(if negative { -number } else { number });
        }
        self.back(mark);
        Err(self.expected("a whole number"))
    }

    /// Names in parentheses.
    pub(crate) fn names(&mut self) -> Reading<Vec<Ident>> {
        self.expect_symbol("(")?;
        let mut found = vec![self.ident()?];
        while self.take_symbol(",") {
            found.push(self.ident()?);
        }
        self.expect_symbol(")")?;
        Ok(found)
    }

    /// A data type, without any of the pseudo-types that make a sequence.
    pub(crate) fn data_type(&mut self) -> Reading<DataType> {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let setof = usize::from(rest.first().is_some_and(|t| t.is_word("setof")));
        match types::read(rest.get(setof..).unwrap_or_default()) {
            Some((data_type, taken)) => {
                self.at += setof + taken;
                Ok(data_type)
            }
            None => Err(self.expected("a data type")),
        }
    }

    /// The text within the parentheses that open here.
    pub(crate) fn group(&mut self) -> Reading<&'a str> {
        let open = self.at;
        self.skip_group()?;
        let start = self.tokens.get(open).map_or(0, |token| token.end);
        let end = self.tokens.get(self.at - 1).map_or(0, |token| token.start);
        Ok(self.text.get(start..end).unwrap_or_default().trim())
    }

    /// Goes past the parentheses that open here.
    pub(crate) fn skip_group(&mut self) -> Reading<()> {
        if !self.sees_symbol("(") && !self.sees_symbol("[") {
            return Err(self.expected("("));
        }
        let mut depth = 0_usize;
        let mut at = self.at;
        while let Some(token) = self.tokens.get(at) {
            at += 1;
            if token.is_symbol("(") || token.is_symbol("[") {
                depth += 1;
            } else if token.is_symbol(")") || token.is_symbol("]") {
                depth -= 1;
                if depth == 0 {
                    self.at = at;
                    return Ok(());
                }
            }
        }
        Err(Trouble::NotUnderstood {
            at: self.place(),
            what: "the parenthesis is never closed".to_owned(),
        })
    }

    /// The text from a marked token up to here.
    pub(crate) fn since(&self, mark: usize) -> &'a str {
        let start = self.tokens.get(mark).map_or(self.text.len(), |t| t.start);
        let end = self
            .at
            .checked_sub(1)
            .filter(|last| *last >= mark)
            .and_then(|last| self.tokens.get(last))
            .map_or(start, |token| token.end);
        self.text.get(start..end).unwrap_or_default()
    }

    /// The text from here to the end.
    pub(crate) fn rest(&mut self) -> &'a str {
        let start = self.place();
        self.at = self.tokens.len();
        self.text.get(start..).unwrap_or_default().trim()
    }

    /// The text of an expression that ends before one of these words, a comma or a closing
    /// parenthesis, outside of parentheses and of CASE; its first token belongs to it whatever
    /// it is.
    pub(crate) fn expression(&mut self, stops: &[&str]) -> Reading<&'a str> {
        let from = self.at;
        let mut cases = 0_usize;
        while let Some(token) = self.peek() {
            if token.is_symbol("(") || token.is_symbol("[") {
                self.skip_group()?;
                continue;
            }
            if token.is_symbol(")") || token.is_symbol("]") || token.is_symbol(",") {
                break;
            }
            if token.is_word("case") {
                cases += 1;
            } else if token.is_word("end") && cases > 0 {
                cases -= 1;
            } else if self.at > from
                && cases == 0
                && token.kind == TokenKind::Word
                && stops.iter().any(|stop| token.is_word(stop))
            {
                break;
            }
            self.at += 1;
        }
        if self.at == from {
            return Err(self.expected("an expression"));
        }
        Ok(self.since(from))
    }

    /// Words and values of options in parentheses, as `name=value`: `(fillfactor = 70)`.
    pub(crate) fn options(&mut self) -> Reading<Vec<String>> {
        self.expect_symbol("(")?;
        let mut found = Vec::new();
        loop {
            let mut name = self.text_name()?;
            while self.take_symbol(".") {
                name = format!("{name}.{}", self.text_name()?);
            }
            if self.take_symbol("=") {
                let mark = self.at;
                let value = match self.peek() {
                    Some(token) if token.kind == TokenKind::String => {
                        let value = token.text.to_string();
                        self.at += 1;
                        value
                    }
                    Some(_) => {
                        self.expression(&[])?;
                        self.since(mark).to_lowercase()
                    }
                    None => return Err(self.expected("a value")),
                };
                found.push(format!("{name}={value}"));
            } else {
                found.push(format!("{name}=true"));
            }
            if !self.take_symbol(",") {
                break;
            }
        }
        self.expect_symbol(")")?;
        Ok(found)
    }
}

/// An unquoted name as the catalogue keeps it.
pub(crate) fn fold(name: &str) -> String {
    cut(&name.to_lowercase())
}

/// A name of at most the length that the server keeps.
pub(crate) fn cut(name: &str) -> String {
    clip(name, NAME_BYTES).to_owned()
}

/// The longest beginning of whole characters within so many bytes.
pub(crate) fn clip(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
