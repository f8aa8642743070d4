//! FROM: what is joined, and how.

use super::super::canonical::Parser;
use super::super::scope::Source;
use crate::lexer::name_value;

/// What FROM holds.
pub(super) enum From {
    /// A table, view or query, with what it is called.
    Leaf(String),
    /// Plain joins, in order, with their conditions.
    Inner(Vec<From>, Vec<String>),
    /// An outer join, or one whose order is given.
    Other(&'static str, Box<From>, Box<From>, String),
}

impl From {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Leaf(text) => text.clone(),
            Self::Inner(parts, conditions) => {
                let parts: Vec<String> = parts.iter().map(Self::text).collect();
                format!("join({} on {})", parts.join(","), conditions.join(" and "))
            }
            Self::Other(word, left, right, condition) => {
                format!("{word}({},{} on {condition})", left.text(), right.text())
            }
        }
    }

    /// Two sides without anything said of rows that have no partner.
    fn joined(left: Self, right: Self, condition: String) -> Self {
        let (mut parts, mut conditions) = (Vec::new(), Vec::new());
        for side in [left, right] {
            match side {
                Self::Inner(inner, on) => {
                    parts.extend(inner);
                    conditions.extend(on);
                }
                other => parts.push(other),
            }
        }
        conditions.extend(Some(condition).filter(|text| !text.is_empty()));
        Self::Inner(parts, conditions)
    }
}

impl Parser<'_> {
    pub(super) fn from(&mut self) -> Option<From> {
        let mut left = self.joins()?;
        while self.cursor.eat_symbol(",") {
            let right = self.joins()?;
            left = From::joined(left, right, String::new());
        }
        Some(left)
    }

    /// A source and all that is joined to it.
    fn joins(&mut self) -> Option<From> {
        let first = self.sources();
        let mut left = self.source()?;
        loop {
            let natural = self.cursor.eat_word("natural");
            let outer = if self.cursor.eat_word("left") {
                self.cursor.eat_word("outer");
                Some("left")
            } else if self.cursor.eat_word("right") {
                self.cursor.eat_word("outer");
                Some("right")
            } else if self.cursor.at_word("straight_join") {
                Some("straight")
            } else {
                self.cursor.eat_any(&["inner", "cross"]);
                None
            };
            if !self.cursor.eat_any(&["join", "straight_join"]) {
                return (!natural && outer.is_none()).then_some(left);
            }
            let second = self.sources();
            let right = self.source()?;
            let condition = self.condition(natural, first, second)?;
            left = match outer {
                None => From::joined(left, right, condition),
                Some("right") => From::Other("left", Box::new(right), Box::new(left), condition),
                Some(word) => From::Other(word, Box::new(left), Box::new(right), condition),
            };
        }
    }

    fn sources(&self) -> usize {
        self.scopes.last().map_or(0, |scope| scope.sources.len())
    }

    /// ON, USING, or what NATURAL stands for, as a condition.
    fn condition(&mut self, natural: bool, first: usize, second: usize) -> Option<String> {
        let names = if natural {
            let (left, right) = self.both_sides(first, second)?;
            let mut names = Vec::new();
            for source in &left {
                for name in source.columns.as_ref()? {
                    for other in &right {
                        if other.columns.as_ref()?.contains(name) {
                            names.push(name.clone());
                        }
                    }
                }
            }
            names
        } else if self.cursor.eat_word("on") {
            return Some(self.operand(0)?.truth_text());
        } else if self.cursor.eat_word("using") {
            self.cursor.eat_symbol("(").then_some(())?;
            let mut names = Vec::new();
            loop {
                let (kind, name) = self.cursor.take()?;
                names.push(name_value(kind, name)?.to_lowercase());
                if !self.cursor.eat_symbol(",") {
                    break;
                }
            }
            self.cursor.eat_symbol(")").then_some(())?;
            names
        } else {
            return Some(String::new());
        };
        // `SELECT *` shows such a column once, which is not followed here.
        self.certain = false;
        let (left, right) = self.both_sides(first, second)?;
        let mut parts = Vec::new();
        for name in names {
            let owner = |sources: &[Source]| {
                let mut with = sources.iter().filter(|source| {
                    source
                        .columns
                        .as_ref()
                        .is_none_or(|columns| columns.contains(&name))
                });
                with.next().map(|source| source.alias.clone())
            };
            parts.push(format!(
                "({}.{name} = {}.{name})",
                owner(&left)?,
                owner(&right)?
            ));
        }
        Some(match parts.as_slice() {
            [] => String::new(),
            [only] => only.clone(),
            several => format!("[and {}]", several.join(", ")),
        })
    }

    fn both_sides(&self, first: usize, second: usize) -> Option<(Vec<Source>, Vec<Source>)> {
        let sources = &self.scopes.last()?.sources;
        Some((
            sources.get(first..second)?.to_vec(),
            sources.get(second..)?.to_vec(),
        ))
    }

    /// One table, view or query, or joins in parentheses.
    fn source(&mut self) -> Option<From> {
        if self.at_query_in_parentheses() {
            // A query of its own: it sees nothing of what it is joined to.
            let scope = self.scopes.pop()?;
            self.cursor.eat_symbol("(");
            let query = self.query();
            self.scopes.push(scope);
            let query = query?;
            self.cursor.eat_symbol(")").then_some(())?;
            self.cursor.eat_word("as");
            let (kind, name) = self.cursor.take()?;
            let alias = name_value(kind, name)?.to_lowercase();
            let names = query.columns.join(",");
            let text = format!("({}) {alias}({names})", query.text);
            self.scopes.last_mut()?.sources.push(Source {
                alias,
                columns: Some(query.columns),
            });
            return Some(From::Leaf(text));
        }
        if self.cursor.eat_symbol("(") {
            let inner = self.deeper(Self::from)?;
            return self.cursor.eat_symbol(")").then_some(inner);
        }
        let (kind, first) = self.cursor.take()?;
        let mut parts = vec![name_value(kind, first)?.to_lowercase()];
        while self.cursor.eat_symbol(".") {
            let (kind, name) = self.cursor.take()?;
            parts.push(name_value(kind, name)?.to_lowercase());
        }
        if let [schema, _] = parts.as_slice()
            && self.columns.is_some_and(|columns| columns.is_own(schema))
        {
            parts.remove(0);
        }
        let name = parts.join(".");
        let mut alias = parts.pop()?;
        if self.cursor.eat_word("as") || self.at_alias_of_table() {
            let (kind, text) = self.cursor.take()?;
            alias = name_value(kind, text)?.to_lowercase();
        }
        let common = self.common.iter().rev().find(|source| source.alias == name);
        let columns = match common {
            Some(source) => source.columns.clone(),
            None => self
                .columns
                .and_then(|columns| columns.named(&name, self.views)),
        };
        let text = format!("{name} {alias}");
        self.scopes
            .last_mut()?
            .sources
            .push(Source { alias, columns });
        Some(From::Leaf(text))
    }

    fn at_alias_of_table(&self) -> bool {
        const WORDS: [&str; 6] = ["use", "force", "ignore", "partition", "set", "tablesample"];
        self.at_alias() && !WORDS.iter().any(|word| self.cursor.at_word(word))
    }
}
