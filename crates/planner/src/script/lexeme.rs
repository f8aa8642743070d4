//! What a script is made of, as each engine's lexer cuts it.

use std::borrow::Cow;
use std::ops::Range;

/// What a piece of a script is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LexKind {
    /// Blanks and line breaks.
    Blank,
    /// A comment that means nothing to the engine.
    Comment,
    /// A mark that surrounds text for some versions of an engine only: that of an executable
    /// comment. What stands between is cut like any other text.
    Bracket,
    /// A bare word.
    Word,
    /// A name in quotes.
    Name,
    /// A string, in whatever quotes the engine has for one.
    Text,
    /// A number.
    Number,
    /// An operator or a mark.
    Mark,
}

/// A piece of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lexeme<'a> {
    /// What it is: no blank, comment or bracket.
    pub kind: LexKind,
    /// Of names and strings the value, of all others what is written.
    pub text: Cow<'a, str>,
    /// Its bytes.
    pub span: Range<usize>,
}

impl Lexeme<'_> {
    /// True for that bare word, letter case aside.
    pub fn is(&self, word: &str) -> bool {
        self.kind == LexKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// True for one of these bare words.
    pub fn is_one_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// True for that mark.
    pub fn is_mark(&self, mark: &str) -> bool {
        self.kind == LexKind::Mark && self.text == mark
    }

    /// The name that it is: quoted, or a bare word.
    pub fn name(&self) -> Option<&str> {
        matches!(self.kind, LexKind::Word | LexKind::Name).then_some(self.text.as_ref())
    }
}
