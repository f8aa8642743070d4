//! Expressions of the shape that nearly all have: names, values and what is done to them.
//!
//! What is told here the grammar accepts for certain. Queries, cases, windows and whatever else an
//! expression can be are left to it.

use crate::tokens::{Kind, Token, is_keyword};

/// How deep parentheses may stand in each other.
const DEEPEST: usize = 24;

/// True for tokens that are one plain expression.
pub(super) fn is_plain(found: &[Token<'_>]) -> bool {
    let mut walk = Walk { found, at: 0 };
    walk.expression(0).is_some() && walk.at == found.len()
}

struct Walk<'t, 'a> {
    found: &'t [Token<'a>],
    at: usize,
}

impl Walk<'_, '_> {
    fn take(&mut self, word: &str) -> bool {
        let found = self.found.get(self.at).is_some_and(|token| token.is(word));
        self.at += usize::from(found);
        found
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let token = self.found.get(self.at);
        let found = token.is_some_and(|token| token.is_symbol(symbol));
        self.at += usize::from(found);
        found
    }

    /// Comparisons that AND and OR hold together.
    fn expression(&mut self, depth: usize) -> Option<()> {
        loop {
            self.take("NOT");
            self.comparison(depth)?;
            if !(self.take("AND") || self.take("OR")) {
                return Some(());
            }
        }
    }

    /// Values with marks between them, and one test at most behind them.
    fn comparison(&mut self, depth: usize) -> Option<()> {
        self.values(depth)?;
        if self.take("IS") {
            self.take("NOT");
            return if self.take("NULL") {
                Some(())
            } else {
                self.value(depth)
            };
        }
        let not = self.take("NOT");
        if self.take("IN") {
            self.take_symbol("(").then_some(())?;
            return self.list(depth);
        }
        if self.take("LIKE") || self.take("GLOB") {
            return self.value(depth);
        }
        if self.take("BETWEEN") {
            self.value(depth)?;
            self.take("AND").then_some(())?;
            return self.value(depth);
        }
        (!not).then_some(())
    }

    fn values(&mut self, depth: usize) -> Option<()> {
        const MARKS: [&str; 17] = [
            "=", "==", "<", ">", "<=", ">=", "<>", "!=", "+", "-", "*", "/", "%", "||", "&", "|",
            "<<",
        ];
        loop {
            self.value(depth)?;
            if !MARKS.iter().any(|mark| self.take_symbol(mark)) {
                return Some(());
            }
        }
    }

    /// A literal, a column, the call of a function, or an expression in parentheses.
    fn value(&mut self, depth: usize) -> Option<()> {
        let _ = self.take_symbol("-") || self.take_symbol("+");
        if self.take_symbol("(") {
            (depth < DEEPEST).then_some(())?;
            self.expression(depth + 1)?;
            return self.take_symbol(")").then_some(());
        }
        let token = self.found.get(self.at)?;
        match token.kind {
            Kind::Number | Kind::Text | Kind::Blob => self.at += 1,
            Kind::Word if is_value(token) => self.at += 1,
            Kind::Word | Kind::Quoted => {
                self.name()?;
                if token.kind == Kind::Word && self.take_symbol("(") {
                    return self.list(depth);
                }
                // A table or a schema may stand in front, and no more.
                for _ in 0..2 {
                    if self.take_symbol(".") {
                        self.name()?;
                    }
                }
            }
            Kind::Symbol => return None,
        }
        Some(())
    }

    /// What stands in parentheses, one at least.
    fn list(&mut self, depth: usize) -> Option<()> {
        (depth < DEEPEST).then_some(())?;
        loop {
            self.expression(depth + 1)?;
            if !self.take_symbol(",") {
                return self.take_symbol(")").then_some(());
            }
        }
    }

    fn name(&mut self) -> Option<()> {
        let token = self.found.get(self.at)?;
        let named = match token.kind {
            Kind::Word => !is_keyword(token.text),
            Kind::Quoted => true,
            Kind::Text | Kind::Number | Kind::Blob | Kind::Symbol => false,
        };
        self.at += usize::from(named);
        named.then_some(())
    }
}

fn is_value(token: &Token<'_>) -> bool {
    let words = ["NULL", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"];
    words.iter().any(|word| token.is(word))
}
