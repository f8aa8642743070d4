//! Columns, calls, and CASE.

use super::expr::{call, operator};
use super::read::Reader;
use super::tree::{Call, Expr, Over};

impl Reader<'_> {
    /// A column, or a call.
    pub(super) fn named(&mut self) -> Option<Expr> {
        let mut path = vec![self.name()?];
        while self.take_symbol(".") {
            if self.take_symbol("*") {
                return Some(Expr::Star(path));
            }
            path.push(self.name()?);
        }
        if !self.take_symbol("(") {
            return (path.len() <= 3).then_some(Expr::Column(path));
        }
        if path.first().is_some_and(|schema| schema == "pg_catalog") {
            path.remove(0);
        }
        let mut found = Call {
            name: path.join("."),
            distinct: false,
            arguments: Vec::new(),
            order: Vec::new(),
            filter: None,
            over: None,
        };
        found.distinct = self.take("distinct");
        if !found.distinct {
            self.take("all");
        }
        while !self.take_symbol(")") {
            if self.take_all(&["order", "by"]) {
                found.order = self.ordered()?;
                if !self.take_symbol(")") {
                    return None;
                }
                break;
            }
            if self.word_at(0, "variadic") {
                return None;
            }
            let argument = self.expr()?;
            found
                .arguments
                .push(if self.take_symbol("=>") || self.take_symbol(":=") {
                    operator("=>", vec![argument, self.expr()?])
                } else {
                    argument
                });
            let more = self.take_symbol(",");
            if !more && !self.sees_symbol(")") && !self.word_at(0, "order") {
                return None;
            }
        }
        if self.word_at(0, "within") {
            return None;
        }
        if self.take("filter") {
            if !self.take_symbol("(") || !self.take("where") {
                return None;
            }
            found.filter = Some(self.expr()?);
            if !self.take_symbol(")") {
                return None;
            }
        }
        if self.take("over") {
            found.over = Some(self.over()?);
        }
        Some(Expr::Call(Box::new(found)))
    }

    pub(super) fn over(&mut self) -> Option<Over> {
        if !self.take_symbol("(") {
            return None;
        }
        let mut over = Over {
            partition: Vec::new(),
            order: Vec::new(),
            frame: String::new(),
        };
        if self.take_all(&["partition", "by"]) {
            loop {
                over.partition.push(self.expr()?);
                if !self.take_symbol(",") {
                    break;
                }
            }
        }
        if self.take_all(&["order", "by"]) {
            over.order = self.ordered()?;
        }
        while !self.take_symbol(")") {
            let token = self.peek()?;
            over.frame.push(' ');
            over.frame.push_str(&token.text.to_lowercase());
            self.at += 1;
        }
        Some(over)
    }

    pub(super) fn case(&mut self) -> Option<Expr> {
        let mut parts = Vec::new();
        let simple = !self.word_at(0, "when");
        if simple {
            parts.push(self.expr()?);
        }
        while self.take("when") {
            parts.push(self.expr()?);
            if !self.take("then") {
                return None;
            }
            parts.push(self.expr()?);
        }
        if self.take("else") {
            parts.push(self.expr()?);
        } else {
            parts.push(Expr::Word("null".to_owned()));
        }
        self.take("end")
            .then(|| call(if simple { "CASE OF" } else { "CASE" }, parts))
    }
}
