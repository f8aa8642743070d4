//! Tokens of MySQL's SQL, loss-free: their spans cover the input without a gap.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Blanks and line breaks.
    Blank,
    /// A comment, markers included. The text of `/*! … */` is a comment too.
    Comment,
    /// A bare word: keyword or identifier.
    Word,
    /// An identifier in backticks.
    Quoted,
    /// A string in `'` or `"`, its introducer (`_utf8mb4`) not included.
    String,
    /// A number, `0x1F`, `b'01'` and `x'1F'` included.
    Number,
    /// One character of anything else.
    Symbol,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: TokenKind,
    /// Its bytes.
    pub(crate) span: Range<usize>,
}

/// All tokens of a text, blanks and comments included.
pub(crate) fn tokens(_text: &str) -> Vec<Token> {
    Vec::new()
}
