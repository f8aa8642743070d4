//! From tokens to the tree of a query. What is not known here ends the reading: then nothing is
//! said of the query.

use super::tree::{Body, Expr, Named, Ordered, Query, Select};
use crate::expr::powers::HIGHEST;
use crate::lexer::{Token, TokenKind, tokens};
use crate::parse::fold;

/// Deeper than any person nests queries and parentheses.
const DEEPEST: usize = 60;

/// Steps down for each token: parentheses are read twice where a query and a join begin alike,
/// and such ones inside each other would double the work with each.
const STEPS: usize = 200;

/// A reader of one query.
pub(super) struct Reader<'a> {
    pub(super) tokens: Vec<Token<'a>>,
    pub(super) at: usize,
    pub(super) depth: usize,
    /// How high what was read of this expression is at most.
    pub(super) height: usize,
    /// How often it may still go deeper.
    pub(super) steps: usize,
}

/// The tree of a query; none when there is something in it that is not known.
pub(super) fn read(text: &str) -> Option<Query> {
    let tokens = tokens(text.trim().trim_end_matches(';'));
    let mut reader = Reader {
        steps: tokens.len().saturating_mul(STEPS),
        tokens,
        at: 0,
        depth: 0,
        height: 0,
    };
    let query = reader.query()?;
    (reader.at == reader.tokens.len()).then_some(query)
}

/// Words that end an item, a table or an expression, so that they are no alias.
const ENDS: &[&str] = &[
    "from",
    "where",
    "group",
    "having",
    "order",
    "limit",
    "offset",
    "fetch",
    "for",
    "union",
    "intersect",
    "except",
    "window",
    "on",
    "using",
    "join",
    "inner",
    "left",
    "right",
    "full",
    "cross",
    "natural",
    "as",
    "and",
    "or",
    "then",
    "when",
    "else",
    "end",
    "is",
    "in",
    "not",
    "like",
    "ilike",
    "between",
    "similar",
    "collate",
    "asc",
    "desc",
    "nulls",
    "filter",
    "over",
    "with",
    "isnull",
    "notnull",
    "overlaps",
    "at",
    "tablesample",
    "returning",
    "within",
];

impl<'a> Reader<'a> {
    pub(super) fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    pub(super) fn word_at(&self, offset: usize, word: &str) -> bool {
        self.tokens
            .get(self.at + offset)
            .is_some_and(|t| t.is_word(word))
    }

    pub(super) fn take(&mut self, word: &str) -> bool {
        let found = self.word_at(0, word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn take_all(&mut self, words: &[&str]) -> bool {
        let mut pairs = words.iter().enumerate();
        let found = pairs.all(|(offset, word)| self.word_at(offset, word));
        self.at += if found { words.len() } else { 0 };
        found
    }

    pub(super) fn sees_symbol(&self, symbol: &str) -> bool {
        self.peek().is_some_and(|t| t.is_symbol(symbol))
    }

    pub(super) fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.sees_symbol(symbol);
        self.at += usize::from(found);
        found
    }

    /// Something with a limit on how deep it stands.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth == DEEPEST {
            return None;
        }
        self.steps = self.steps.checked_sub(1)?;
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    /// One link more over all that was read so far; none when that is too high.
    pub(super) fn higher(&mut self) -> Option<()> {
        self.height += 1;
        (self.height <= HIGHEST).then_some(())
    }

    /// A name, in the catalogue's spelling.
    pub(super) fn name(&mut self) -> Option<String> {
        let found = match self.peek()? {
            t if t.kind == TokenKind::Word => fold(&t.text),
            t if t.kind == TokenKind::Quoted => t.text.to_string(),
            _ => return None,
        };
        self.at += 1;
        Some(found)
    }

    pub(super) fn names(&mut self) -> Option<Vec<String>> {
        let mut found = Vec::new();
        if !self.take_symbol("(") {
            return Some(found);
        }
        loop {
            found.push(self.name()?);
            if !self.take_symbol(",") {
                break;
            }
        }
        self.take_symbol(")").then_some(found)
    }

    pub(super) fn query(&mut self) -> Option<Query> {
        self.deeper(Self::whole)
    }

    fn whole(&mut self) -> Option<Query> {
        let (mut with, mut recursive) = (Vec::new(), false);
        if self.take("with") {
            recursive = self.take("recursive");
            loop {
                with.push(self.with_query()?);
                if !self.take_symbol(",") {
                    break;
                }
            }
        }
        let body = self.set(0)?;
        let mut query = Query {
            recursive,
            with,
            body,
            order: Vec::new(),
            limit: None,
            offset: None,
        };
        if self.take_all(&["order", "by"]) {
            for (expr, how) in self.ordered()? {
                query.order.push(Ordered { expr, how });
            }
        }
        loop {
            if self.take("limit") {
                query.limit = Some(self.expr()?);
            } else if self.take("offset") {
                query.offset = Some(self.expr()?);
                if !self.take("rows") {
                    self.take("row");
                }
            } else {
                return Some(query);
            }
        }
    }

    fn with_query(&mut self) -> Option<Named> {
        let name = self.name()?;
        let columns = self.names()?;
        if !self.take("as") {
            return None;
        }
        let kept = if self.take_all(&["not", "materialized"]) {
            Some(false)
        } else {
            self.take("materialized").then_some(true)
        };
        if !self.take_symbol("(") {
            return None;
        }
        let query = self.query()?;
        self.take_symbol(")").then_some(Named {
            name,
            columns,
            kept,
            query,
        })
    }

    /// UNION and EXCEPT bind alike, INTERSECT more.
    fn set(&mut self, least: u8) -> Option<Body> {
        let mut left = self.part()?;
        loop {
            let (word, power) = if self.word_at(0, "union") {
                ("UNION", 1)
            } else if self.word_at(0, "except") {
                ("EXCEPT", 1)
            } else if self.word_at(0, "intersect") {
                ("INTERSECT", 2)
            } else {
                return Some(left);
            };
            if power <= least {
                return Some(left);
            }
            self.at += 1;
            let all = self.take("all");
            if !all {
                self.take("distinct");
            }
            let right = self.deeper(|reader| reader.set(power))?;
            self.higher()?;
            let word = format!("{word}{}", if all { " ALL" } else { "" });
            left = Body::Set(word, Box::new(plain(left)), Box::new(plain(right)));
        }
    }

    fn part(&mut self) -> Option<Body> {
        if self.take_symbol("(") {
            let query = self.query()?;
            if !self.take_symbol(")") {
                return None;
            }
            let bare = query.with.is_empty()
                && query.order.is_empty()
                && query.limit.is_none()
                && query.offset.is_none();
            // One with clauses of its own would need a place in the tree that nothing prints.
            return bare.then_some(query.body);
        }
        if self.take("values") {
            let mut rows = Vec::new();
            loop {
                if !self.take_symbol("(") {
                    return None;
                }
                rows.push(self.list(")")?);
                if !self.take_symbol(",") {
                    return Some(Body::Values(rows));
                }
            }
        }
        if !self.take("select") {
            return None;
        }
        Some(Body::Select(Box::new(self.select()?)))
    }

    fn select(&mut self) -> Option<Select> {
        let mut found = Select::default();
        if self.take("distinct") {
            let mut on = Vec::new();
            if self.take("on") {
                if !self.take_symbol("(") {
                    return None;
                }
                on = self.list(")")?;
            }
            found.distinct = Some(on);
        } else {
            self.take("all");
        }
        loop {
            let expr = self.expr()?;
            let alias = if self.take("as") {
                Some(self.name()?)
            } else {
                self.bare_alias()
            };
            found.items.push((expr, alias));
            if !self.take_symbol(",") {
                break;
            }
        }
        if self.take("from") {
            loop {
                found.from.push(self.from()?);
                if !self.take_symbol(",") {
                    break;
                }
            }
        }
        if self.take("where") {
            found.filter = Some(self.expr()?);
        }
        if self.take_all(&["group", "by"]) {
            loop {
                found.group.push(self.expr()?);
                if !self.take_symbol(",") {
                    break;
                }
            }
        }
        if self.take("having") {
            found.having = Some(self.expr()?);
        }
        // A named window is not followed.
        (!self.word_at(0, "window")).then_some(found)
    }

    /// An alias without AS.
    pub(super) fn bare_alias(&mut self) -> Option<String> {
        let token = self.peek()?;
        let is_name = match token.kind {
            TokenKind::Quoted => true,
            TokenKind::Word => !ENDS.iter().any(|word| token.is_word(word)),
            TokenKind::String | TokenKind::Number | TokenKind::Symbol => false,
        };
        if is_name { self.name() } else { None }
    }

    /// Sort keys.
    pub(super) fn ordered(&mut self) -> Option<Vec<(Expr, String)>> {
        let mut found = Vec::new();
        loop {
            let expr = self.expr()?;
            if self.word_at(0, "using") {
                return None;
            }
            let down = self.take("desc");
            if !down {
                self.take("asc");
            }
            let mut how = String::from(if down { "DESC" } else { "" });
            if self.take("nulls") {
                let first = self.take("first");
                if !first && !self.take("last") {
                    return None;
                }
                // NULL is the largest value.
                if first != down {
                    how.push_str(if first { " FIRST" } else { " LAST" });
                }
            }
            found.push((expr, how));
            if !self.take_symbol(",") {
                return Some(found);
            }
        }
    }
}

/// A part of a set as a query.
fn plain(body: Body) -> Query {
    Query {
        recursive: false,
        with: Vec::new(),
        body,
        order: Vec::new(),
        limit: None,
        offset: None,
    }
}
