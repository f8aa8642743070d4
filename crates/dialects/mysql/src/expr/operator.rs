//! Operators and how strongly they bind.

use super::canonical::Parser;
use crate::lexer::TokenKind;

/// Binding strengths, weakest first, as MySQL's grammar has them.
pub(super) const OR: u8 = 1;
pub(super) const XOR: u8 = 2;
pub(super) const AND: u8 = 3;
pub(super) const NOT: u8 = 4;
pub(super) const COMPARE: u8 = 5;
pub(super) const BIT_OR: u8 = 6;
pub(super) const BIT_AND: u8 = 7;
pub(super) const SHIFT: u8 = 8;
pub(super) const SUM: u8 = 9;
pub(super) const PRODUCT: u8 = 10;
pub(super) const POWER: u8 = 11;

/// An operator between operands or behind one.
pub(super) enum Operator {
    Two(&'static str),
    Test { word: &'static str, not: bool },
    Is,
    Collate,
}

impl Parser<'_> {
    /// The next operator with its strength, if it binds at least this strongly.
    pub(super) fn operator(&mut self, strength: u8) -> Option<(Operator, u8)> {
        let mark = self.cursor.mark();
        let (kind, text) = self.cursor.take()?;
        let found = match kind {
            TokenKind::Word => self.word_operator(text),
            TokenKind::Symbol => self
                .symbols(text)
                .map(|(operator, binds)| (Operator::Two(operator), binds)),
            _ => None,
        };
        match found {
            Some((operator, binds)) if binds >= strength => Some((operator, binds)),
            _ => {
                self.cursor.back_to(mark);
                None
            }
        }
    }

    fn word_operator(&mut self, text: &str) -> Option<(Operator, u8)> {
        let test = |word, not| Some((Operator::Test { word, not }, COMPARE));
        match text.to_ascii_lowercase().as_str() {
            "or" => Some((Operator::Two("or"), OR)),
            "xor" => Some((Operator::Two("xor"), XOR)),
            "and" => Some((Operator::Two("and"), AND)),
            "is" => Some((Operator::Is, COMPARE)),
            "in" => test("in", false),
            "between" => test("between", false),
            "like" => test("like", false),
            "regexp" | "rlike" => test("regexp", false),
            "div" => Some((Operator::Two("div"), PRODUCT)),
            "mod" => Some((Operator::Two("%"), PRODUCT)),
            "collate" => Some((Operator::Collate, POWER)),
            "not" => match self.cursor.take()?.1.to_ascii_lowercase().as_str() {
                "in" => test("in", true),
                "between" => test("between", true),
                "like" => test("like", true),
                "regexp" | "rlike" => test("regexp", true),
                _ => None,
            },
            _ => None,
        }
    }

    fn symbols(&mut self, first: &str) -> Option<(&'static str, u8)> {
        let two = |this: &mut Self, second: &str| this.cursor.eat_symbol(second);
        Some(match first {
            "=" => ("=", COMPARE),
            "<" if two(self, "=") => {
                if two(self, ">") {
                    ("<=>", COMPARE)
                } else {
                    ("<=", COMPARE)
                }
            }
            "<" if two(self, ">") => ("<>", COMPARE),
            "<" if two(self, "<") => ("<<", SHIFT),
            "<" => ("<", COMPARE),
            ">" if two(self, "=") => (">=", COMPARE),
            ">" if two(self, ">") => (">>", SHIFT),
            ">" => (">", COMPARE),
            "!" if two(self, "=") => ("<>", COMPARE),
            "&" if two(self, "&") => ("and", AND),
            "&" => ("&", BIT_AND),
            "|" if two(self, "|") => {
                // OR or concatenation: a mode of the server decides.
                self.certain = false;
                ("or", OR)
            }
            "|" => ("|", BIT_OR),
            "+" => ("+", SUM),
            "-" if two(self, ">") => {
                if two(self, ">") {
                    ("->>", POWER)
                } else {
                    ("->", POWER)
                }
            }
            "-" => ("-", SUM),
            "*" => ("*", PRODUCT),
            "/" => ("/", PRODUCT),
            "%" => ("%", PRODUCT),
            "^" => ("^", POWER),
            _ => return None,
        })
    }
}
