//! A place in a list of tokens, and the small parts that several readers share.

use realign_model::RefAction;

use crate::tokens::{Kind, Token, tokens};

/// Why a text could not be read.
pub(crate) type Unreadable = String;

/// A place in a text.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    sql: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start of a text.
    pub(crate) fn new(sql: &'a str) -> Result<Self, Unreadable> {
        Ok(Self {
            sql,
            tokens: tokens(sql)?,
            at: 0,
        })
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &'a str {
        self.sql
    }

    /// The next token.
    pub(crate) fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    /// The token after the next.
    pub(crate) fn second(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at + 1)
    }

    /// True when the next token is that word.
    pub(crate) fn sees(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is(word))
    }

    /// True when the next token is that symbol.
    pub(crate) fn sees_symbol(&self, symbol: &str) -> bool {
        self.peek().is_some_and(|token| token.is_symbol(symbol))
    }

    /// Goes past that word, if it is next.
    pub(crate) fn take(&mut self, word: &str) -> bool {
        let found = self.sees(word);
        self.at += usize::from(found);
        found
    }

    /// Goes past these words, if they are next.
    pub(crate) fn take_all(&mut self, words: &[&str]) -> bool {
        let found = words.iter().enumerate().all(|(offset, word)| {
            self.tokens
                .get(self.at + offset)
                .is_some_and(|token| token.is(word))
        });
        if found {
            self.at += words.len();
        }
        found
    }

    /// Goes past that symbol, if it is next.
    pub(crate) fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.sees_symbol(symbol);
        self.at += usize::from(found);
        found
    }

    /// Goes past one token.
    pub(crate) fn skip(&mut self) {
        self.at += 1;
    }

    /// Goes past that word or fails.
    pub(crate) fn expect(&mut self, word: &str) -> Result<(), Unreadable> {
        if self.take(word) {
            Ok(())
        } else {
            Err(self.unexpected(word))
        }
    }

    /// Goes past that symbol or fails.
    pub(crate) fn expect_symbol(&mut self, symbol: &str) -> Result<(), Unreadable> {
        if self.take_symbol(symbol) {
            Ok(())
        } else {
            Err(self.unexpected(symbol))
        }
    }

    /// The name that comes next.
    pub(crate) fn name(&mut self) -> Result<String, Unreadable> {
        match self.peek().and_then(Token::name) {
            Some(name) => {
                self.skip();
                Ok(name)
            }
            None => Err(self.unexpected("a name")),
        }
    }

    /// What is wrong here.
    pub(crate) fn unexpected(&self, wanted: &str) -> Unreadable {
        match self.peek() {
            Some(token) => format!(
                "`{}` stands at byte {} where {wanted} was expected",
                token.text, token.start
            ),
            None => format!("the text ends where {wanted} was expected"),
        }
    }

    /// True at the end; one final semicolon does not count.
    pub(crate) fn at_end(&self) -> bool {
        self.tokens[self.at.min(self.tokens.len())..]
            .iter()
            .all(|token| token.is_symbol(";"))
    }

    /// One past the last byte that means something: a final semicolon does not.
    pub(crate) fn end(&self) -> usize {
        let mut tokens = self.tokens.iter().rev();
        let last = tokens.find(|token| !token.is_symbol(";"));
        last.map_or(self.sql.len(), |token| token.end)
    }

    /// The first byte of the token gone past last.
    pub(crate) fn start_of_last(&self) -> usize {
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        last.map_or(0, |token| token.start)
    }

    /// The first byte of the next token.
    pub(crate) fn start(&self) -> usize {
        self.peek().map_or(self.sql.len(), |token| token.start)
    }

    /// The number of tokens gone past.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// Goes back to a position.
    pub(crate) fn back(&mut self, position: usize) {
        self.at = position;
    }

    /// The text between two positions, without blanks around it.
    pub(crate) fn between(&self, from: usize, to: usize) -> &'a str {
        if from >= to {
            return "";
        }
        match (self.tokens.get(from), self.tokens.get(to - 1)) {
            (Some(first), Some(last)) => &self.sql[first.start..last.end],
            _ => "",
        }
    }

    /// Everything from here on.
    pub(crate) fn rest(&self) -> &'a str {
        let end = if self.tokens.last().is_some_and(|t| t.is_symbol(";")) {
            self.tokens.len() - 1
        } else {
            self.tokens.len()
        };
        self.between(self.at, end)
    }

    /// Goes past `( … )`; the answer is what is inside.
    pub(crate) fn parenthesised(&mut self) -> Result<&'a str, Unreadable> {
        self.expect_symbol("(")?;
        let start = self.at;
        let mut depth = 1_usize;
        while let Some(token) = self.peek() {
            if token.is_symbol("(") {
                depth += 1;
            } else if token.is_symbol(")") {
                depth -= 1;
                if depth == 0 {
                    let inner = self.between(start, self.at);
                    self.skip();
                    return Ok(inner);
                }
            }
            self.skip();
        }
        Err(self.unexpected("`)`"))
    }

    /// Goes past `(a, b)`; the answer is the names.
    pub(crate) fn names(&mut self) -> Result<Vec<String>, Unreadable> {
        self.expect_symbol("(")?;
        let mut names = vec![self.name()?];
        while self.take_symbol(",") {
            names.push(self.name()?);
        }
        self.expect_symbol(")")?;
        Ok(names)
    }

    /// Goes past the words of a referential action.
    pub(crate) fn action(&mut self) -> Result<RefAction, Unreadable> {
        for (words, action) in [
            (&["SET", "NULL"][..], RefAction::SetNull),
            (&["SET", "DEFAULT"], RefAction::SetDefault),
            (&["CASCADE"], RefAction::Cascade),
            (&["RESTRICT"], RefAction::Restrict),
            (&["NO", "ACTION"], RefAction::NoAction),
        ] {
            if self.take_all(words) {
                return Ok(action);
            }
        }
        Err(self.unexpected("a referential action"))
    }

    /// Goes past a literal value, sign included; the answer is its text.
    pub(crate) fn literal(&mut self) -> Result<&'a str, Unreadable> {
        let start = self.at;
        if self.sees_symbol("+") || self.sees_symbol("-") {
            self.skip();
        }
        match self.peek().map(|token| token.kind) {
            Some(Kind::Symbol) | None => Err(self.unexpected("a value")),
            Some(_) => {
                self.skip();
                Ok(self.between(start, self.at))
            }
        }
    }

    /// Line comments in the gap before the token at a position, each with whether a line
    /// break stands before it.
    pub(crate) fn comments_before(&self, position: usize) -> Vec<LineComment<'a>> {
        let from = position
            .checked_sub(1)
            .and_then(|before| self.tokens.get(before))
            .map_or(0, |token| token.end);
        let to = self
            .tokens
            .get(position)
            .map_or(self.sql.len(), |token| token.start);
        if to <= from + 1 {
            // No room for one.
            return Vec::new();
        }
        line_comments(&self.sql[from..to])
    }
}

/// A comment from `--` to the end of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineComment<'a> {
    /// The text after the dashes.
    pub(crate) text: &'a str,
    /// True when it begins on a line of its own.
    pub(crate) own_line: bool,
}

/// The line comments of a text that has no tokens.
fn line_comments(gap: &str) -> Vec<LineComment<'_>> {
    let mut found = Vec::new();
    let mut rest = gap;
    let mut own_line = false;
    loop {
        let trimmed = rest.trim_start();
        own_line |= rest[..rest.len() - trimmed.len()].contains('\n');
        if let Some(comment) = trimmed.strip_prefix("--") {
            let (text, after) = comment.split_once('\n').unwrap_or((comment, ""));
            found.push(LineComment { text, own_line });
            own_line = true;
            rest = after;
        } else if let Some(comment) = trimmed.strip_prefix("/*") {
            let (text, after) = comment.split_once("*/").unwrap_or((comment, ""));
            own_line |= text.contains('\n');
            rest = after;
        } else {
            return found;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_gives_its_line_comments() {
        let found = line_comments(" --a\n/* b */ --c\n\n --d");
        let texts: Vec<(&str, bool)> = found.iter().map(|c| (c.text, c.own_line)).collect();
        assert_eq!(texts, [("a", false), ("c", true), ("d", true)]);
    }

    #[test]
    fn parentheses_are_matched() {
        let mut reader = Reader::new("(a, (b), ')') x").expect("reads");
        assert_eq!(reader.parenthesised().expect("closed"), "a, (b), ')'");
        assert!(reader.take("X"));
        assert!(reader.at_end());
    }
}
