//! A walk over the pieces of a statement.

use super::{LexKind, Lexeme, ObjectKind, ObjectRef, Rules};

/// A place in a statement.
#[derive(Debug, Clone)]
pub(super) struct Words<'a> {
    lexemes: &'a [Lexeme<'a>],
    at: usize,
    rules: &'a Rules,
}

impl<'a> Words<'a> {
    pub(super) fn new(lexemes: &'a [Lexeme<'a>], rules: &'a Rules) -> Self {
        Self {
            lexemes,
            at: 0,
            rules,
        }
    }

    pub(super) fn rules(&self) -> &'a Rules {
        self.rules
    }

    pub(super) fn peek(&self) -> Option<&'a Lexeme<'a>> {
        self.lexemes.get(self.at)
    }

    pub(super) fn at_end(&self) -> bool {
        self.at >= self.lexemes.len()
    }

    pub(super) fn skip(&mut self) {
        self.at += 1;
    }

    /// The next piece when it is a bare word, in upper case.
    pub(super) fn upper(&self) -> Option<String> {
        self.peek()
            .filter(|lexeme| lexeme.kind == LexKind::Word)
            .map(|lexeme| lexeme.text.to_ascii_uppercase())
    }

    pub(super) fn sees(&self, word: &str) -> bool {
        self.peek().is_some_and(|lexeme| lexeme.is(word))
    }

    pub(super) fn sees_one_of(&self, words: &[&str]) -> bool {
        self.peek().is_some_and(|lexeme| lexeme.is_one_of(words))
    }

    pub(super) fn sees_mark(&self, mark: &str) -> bool {
        self.peek().is_some_and(|lexeme| lexeme.is_mark(mark))
    }

    pub(super) fn take(&mut self, word: &str) -> bool {
        let found = self.sees(word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn take_one_of(&mut self, words: &[&str]) -> bool {
        let found = self.sees_one_of(words);
        self.at += usize::from(found);
        found
    }

    /// Takes these words in a row, or nothing.
    pub(super) fn take_all(&mut self, words: &[&str]) -> bool {
        let found = words.iter().enumerate().all(|(offset, word)| {
            self.lexemes
                .get(self.at + offset)
                .is_some_and(|lexeme| lexeme.is(word))
        });
        if found {
            self.at += words.len();
        }
        found
    }

    pub(super) fn take_mark(&mut self, mark: &str) -> bool {
        let found = self.sees_mark(mark);
        self.at += usize::from(found);
        found
    }

    /// True when the rest has this bare word somewhere.
    pub(super) fn has(&self, word: &str) -> bool {
        self.lexemes[self.at.min(self.lexemes.len())..]
            .iter()
            .any(|lexeme| lexeme.is(word))
    }

    /// Goes past what stands in parentheses here.
    pub(super) fn skip_group(&mut self) {
        let mut depth = 0_usize;
        while let Some(lexeme) = self.peek() {
            if lexeme.is_mark("(") {
                depth += 1;
            } else if lexeme.is_mark(")") {
                depth = depth.saturating_sub(1);
            }
            self.skip();
            if depth == 0 {
                return;
            }
        }
    }

    /// Goes to the next comma outside of parentheses, and past it; false when there is none.
    pub(super) fn next_clause(&mut self) -> bool {
        while !self.at_end() {
            if self.sees_mark("(") {
                self.skip_group();
            } else if self.take_mark(",") {
                return true;
            } else {
                self.skip();
            }
        }
        false
    }

    /// A name, folded.
    pub(super) fn name(&mut self) -> Option<String> {
        let lexeme = self.peek()?;
        let name = lexeme.name()?;
        let folded = (self.rules.fold)(name, lexeme.kind == LexKind::Name);
        self.skip();
        Some(folded)
    }

    /// A name that may have its schema in front.
    pub(super) fn object(&mut self, kind: ObjectKind) -> Option<ObjectRef> {
        let first = self.name()?;
        if self.take_mark(".") {
            let name = self.name()?;
            return Some(ObjectRef {
                kind,
                schema: Some(first),
                name,
            });
        }
        Some(ObjectRef {
            kind,
            schema: None,
            name: first,
        })
    }
}
