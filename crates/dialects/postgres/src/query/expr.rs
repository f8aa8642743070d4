//! Expressions of a query.

use super::read::Reader;
use super::tree::{Call, Expr, QueryBox};
use crate::expr::powers::{self, AND, IN, IS, NOT, OTHER, SIGN};
use crate::lexer::{Token, TokenKind};
use crate::types;

/// Words that are values of their own.
const WORDS: &[&str] = &[
    "null",
    "true",
    "false",
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "current_user",
    "session_user",
    "user",
    "current_role",
    "current_catalog",
    "current_schema",
    "default",
];

pub(super) fn operator(name: &str, operands: Vec<Expr>) -> Expr {
    Expr::Operator(name.to_owned(), operands)
}

pub(super) fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    Expr::Call(Box::new(Call {
        name: name.to_owned(),
        distinct: false,
        arguments,
        order: Vec::new(),
        filter: None,
        over: None,
    }))
}

impl Reader<'_> {
    pub(super) fn expr(&mut self) -> Option<Expr> {
        self.above(0)
    }

    fn above(&mut self, least: u8) -> Option<Expr> {
        self.deeper(|reader| {
            // What stands beside it makes it no higher.
            let beside = std::mem::take(&mut reader.height);
            let found = reader.chain(least);
            reader.height = beside.max(reader.height + 1);
            found
        })
    }

    fn chain(&mut self, least: u8) -> Option<Expr> {
        let start = self.at;
        let mut left = self.prefix()?;
        loop {
            let mark = self.at;
            // BETWEEN says its left side twice: one over another would double with each.
            let between = |token: &Token| token.is_word("between");
            let again = usize::from(self.word_at(0, "not"));
            if self.word_at(again, "between") && self.tokens.get(start..mark)?.iter().any(between) {
                return None;
            }
            match self.infix(left, least)? {
                (next, true) => left = next,
                (done, false) => {
                    self.at = mark;
                    return Some(done);
                }
            }
        }
    }

    /// Expressions with commas between, and what closes them.
    pub(super) fn list(&mut self, close: &str) -> Option<Vec<Expr>> {
        let mut found = Vec::new();
        if self.take_symbol(close) {
            return Some(found);
        }
        loop {
            found.push(self.expr()?);
            if self.take_symbol(close) {
                return Some(found);
            }
            if !self.take_symbol(",") {
                return None;
            }
        }
    }

    pub(super) fn sees_query(&self, offset: usize) -> bool {
        ["select", "with", "values"]
            .iter()
            .any(|word| self.word_at(offset, word))
    }

    /// A query in parentheses, as a value of this kind.
    fn query_value(&mut self, kind: &str) -> Option<Expr> {
        let query = self.query()?;
        let boxed = Box::new(QueryBox(query));
        self.take_symbol(")")
            .then(|| Expr::Query(kind.to_owned(), boxed))
    }

    pub(super) fn prefix(&mut self) -> Option<Expr> {
        let token = self.peek()?.clone();
        match token.kind {
            TokenKind::String => {
                self.at += 1;
                Some(Expr::Text(token.text.into_owned()))
            }
            TokenKind::Number => {
                self.at += 1;
                // Digits after the point tell the scale of a constant.
                Some(Expr::Number(token.text.into_owned()))
            }
            TokenKind::Symbol => {
                self.at += 1;
                match &*token.text {
                    "(" if self.sees_query(0) => self.query_value(""),
                    "(" => {
                        let mut found = self.list(")")?;
                        match found.len() {
                            1 => found.pop(),
                            0 => None,
                            _ => Some(call("row", found)),
                        }
                    }
                    "*" => Some(Expr::Star(Vec::new())),
                    "-" => Some(match self.above(SIGN)? {
                        Expr::Number(n) => Expr::Number(format!("-{n}")),
                        other => operator("-", vec![other]),
                    }),
                    "+" => self.above(SIGN),
                    "~" | "@" | "!!" | "|/" | "||/" => {
                        let inner = self.above(OTHER)?;
                        Some(operator(&token.text, vec![inner]))
                    }
                    _ => None,
                }
            }
            TokenKind::Quoted => self.named(),
            TokenKind::Word => self.keyword(&token.text.to_lowercase()),
        }
    }

    fn keyword(&mut self, word: &str) -> Option<Expr> {
        let open = self
            .tokens
            .get(self.at + 1)
            .is_some_and(|t| t.is_symbol("("));
        match word {
            "not" => {
                self.at += 1;
                Some(operator("NOT", vec![self.above(NOT)?]))
            }
            "case" => {
                self.at += 1;
                self.case()
            }
            "cast" if open => {
                self.at += 2;
                let inner = self.expr()?;
                if !self.take("as") {
                    return None;
                }
                let found = self.cast(inner)?;
                self.take_symbol(")").then_some(found)
            }
            "exists" if open && self.sees_query(2) => {
                self.at += 2;
                self.query_value("EXISTS")
            }
            "array" if open && self.sees_query(2) => {
                self.at += 2;
                self.query_value("ARRAY")
            }
            "array" if (self.tokens.get(self.at + 1)).is_some_and(|t| t.is_symbol("[")) => {
                self.at += 2;
                Some(call("ARRAY[]", self.list("]")?))
            }
            "extract" if open => {
                self.at += 2;
                let field = self.peek()?.text.to_lowercase();
                self.at += 1;
                if !self.take("from") {
                    return None;
                }
                let from = self.expr()?;
                self.take_symbol(")")
                    .then(|| call("extract", vec![Expr::Text(field), from]))
            }
            // Their arguments have words between them, which newer servers print otherwise.
            "substring" | "overlay" | "position" | "trim" | "normalize" | "xmlelement"
            | "xmlforest" | "xmlparse" | "xmlserialize" | "xmltable" | "json_table"
            | "collation" | "grouping" | "rollup" | "cube" | "interval"
                if open =>
            {
                None
            }
            "select" | "from" | "where" | "group" | "having" | "order" | "union" => None,
            _ if WORDS.contains(&word) && !open => {
                self.at += 1;
                if self.sees_symbol(".") {
                    return None;
                }
                Some(Expr::Word(word.to_owned()))
            }
            _ if (self.tokens.get(self.at + 1)).is_some_and(|t| t.kind == TokenKind::String) => {
                // `DATE '2020-01-01'` is a cast.
                let (data_type, taken) = types::read(self.tokens.get(self.at..)?)?;
                self.at += taken;
                let Expr::Text(text) = self.prefix()? else {
                    return None;
                };
                Some(Expr::Cast(
                    Box::new(Expr::Text(text)),
                    type_name(&data_type),
                ))
            }
            _ => self.named(),
        }
    }

    fn cast(&mut self, inner: Expr) -> Option<Expr> {
        let (data_type, taken) = types::read(self.tokens.get(self.at..)?)?;
        self.at += taken;
        Some(Expr::Cast(Box::new(inner), type_name(&data_type)))
    }

    /// What follows an operand; false when nothing that binds so strongly does.
    fn infix(&mut self, left: Expr, least: u8) -> Option<(Expr, bool)> {
        let Some(token) = self.peek().cloned() else {
            return Some((left, false));
        };
        let word = match token.kind {
            TokenKind::Word => token.text.to_lowercase(),
            TokenKind::Symbol => token.text.to_string(),
            TokenKind::Quoted | TokenKind::String | TokenKind::Number => {
                return Some((left, false));
            }
        };
        let negated = word == "not"
            && ["in", "like", "ilike", "between"]
                .iter()
                .any(|word| self.word_at(1, word));
        let key = if negated {
            self.tokens.get(self.at + 1)?.text.to_lowercase()
        } else {
            word
        };
        if matches!(key.as_str(), "similar" | "overlaps" | "at" | "operator") {
            return None;
        }
        let Some(power) = powers::power(&key, token.kind == TokenKind::Symbol) else {
            return Some((left, false));
        };
        if power <= least {
            return Some((left, false));
        }
        self.at += 1 + usize::from(negated);
        let made = self.operation(left, &key, negated, power)?;
        if power > AND {
            self.higher()?;
        }
        Some((made, true))
    }

    fn operation(&mut self, left: Expr, key: &str, negated: bool, power: u8) -> Option<Expr> {
        let negate = |made: Expr| {
            if negated {
                operator("NOT", vec![made])
            } else {
                made
            }
        };
        match key {
            "or" | "and" => {
                let right = self.above(power)?;
                let key = key.to_uppercase();
                let sides = |side: Expr| match side {
                    Expr::Operator(op, operands) if op == key => operands,
                    other => vec![other],
                };
                let mut all = sides(left);
                all.append(&mut sides(right));
                Some(Expr::Operator(key, all))
            }
            "isnull" => Some(operator("IS null", vec![left])),
            "notnull" => Some(operator("IS NOT null", vec![left])),
            "is" => {
                let not = if self.take("not") { "IS NOT" } else { "IS" };
                if self.take_all(&["distinct", "from"]) {
                    let right = self.above(IS)?;
                    return Some(operator(&format!("{not} distinct"), vec![left, right]));
                }
                let words = ["null", "true", "false", "unknown"];
                let what = words.into_iter().find(|word| self.take(word))?;
                Some(operator(&format!("{not} {what}"), vec![left]))
            }
            "in" => {
                if !self.take_symbol("(") {
                    return None;
                }
                if self.sees_query(0) {
                    let query = self.query_value("IN")?;
                    return Some(negate(operator("IN", vec![left, query])));
                }
                let mut items = self.list(")")?;
                if items.len() == 1 {
                    let one = items.remove(0);
                    // A query in two pairs of parentheses still gives many rows.
                    return Some(match one {
                        Expr::Query(kind, query) if kind.is_empty() => {
                            let many = Expr::Query("IN".to_owned(), query);
                            negate(operator("IN", vec![left, many]))
                        }
                        one => operator(if negated { "<>" } else { "=" }, vec![left, one]),
                    });
                }
                let (op, each) = if negated { ("<>", "all") } else { ("=", "any") };
                let list = call(each, vec![call("ARRAY[]", items)]);
                Some(operator(op, vec![left, list]))
            }
            "like" | "ilike" => {
                let op = match (key, negated) {
                    ("like", false) => "~~",
                    ("like", true) => "!~~",
                    (_, false) => "~~*",
                    (_, true) => "!~~*",
                };
                let right = self.above(IN)?;
                if self.word_at(0, "escape") {
                    return None;
                }
                Some(operator(op, vec![left, right]))
            }
            "between" => {
                if self.take("symmetric") {
                    return None;
                }
                let low = self.above(IN)?;
                if !self.take("and") {
                    return None;
                }
                let high = self.above(IN)?;
                let (join, first, second) = if negated {
                    ("OR", "<", ">")
                } else {
                    ("AND", ">=", "<=")
                };
                let sides = vec![
                    operator(first, vec![left.clone(), low]),
                    operator(second, vec![left, high]),
                ];
                Some(operator(join, sides))
            }
            "collate" => {
                let mut name = self.name()?;
                while self.take_symbol(".") {
                    name = self.name()?;
                }
                Some(operator("COLLATE", vec![left, Expr::Text(name)]))
            }
            "." => {
                let field = self.name()?;
                Some(operator(".", vec![left, Expr::Text(field)]))
            }
            "[" => {
                let index = self.expr()?;
                self.take_symbol("]")
                    .then(|| operator("[]", vec![left, index]))
            }
            "::" => self.cast(left),
            _ => {
                let key = if key == "!=" { "<>" } else { key };
                if ["any", "some", "all"]
                    .iter()
                    .any(|word| self.word_at(0, word))
                {
                    return self.each(left, key);
                }
                let right = self.above(power)?;
                Some(operator(key, vec![left, right]))
            }
        }
    }

    /// `= ANY (…)` and its like.
    fn each(&mut self, left: Expr, key: &str) -> Option<Expr> {
        let word = if self.take("all") { "all" } else { "any" };
        if word == "any" && !self.take("any") {
            self.take("some");
        }
        if !self.take_symbol("(") {
            return None;
        }
        if self.sees_query(0) {
            let query = self.query_value("IN")?;
            return Some(if word == "any" && key == "=" {
                operator("IN", vec![left, query])
            } else {
                operator(&format!("{key} {word}"), vec![left, query])
            });
        }
        let list = self.expr()?;
        self.take_symbol(")")
            .then(|| operator(key, vec![left, call(word, vec![list])]))
    }
}

/// A type in its one spelling.
fn type_name(data_type: &realign_model::DataType) -> String {
    types::render(&types::normal(data_type)).to_lowercase()
}
