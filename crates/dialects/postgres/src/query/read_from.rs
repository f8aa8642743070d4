//! Where rows come from.

use super::read::Reader;
use super::tree::{Alias, From};

impl Reader<'_> {
    /// One FROM with all its joins.
    pub(super) fn from(&mut self) -> Option<From> {
        self.deeper(|reader| {
            let mut left = reader.one()?;
            loop {
                let kind = reader.join()?;
                if kind.is_empty() {
                    return Some(left);
                }
                let right = reader.one()?;
                let (mut on, mut using) = (None, Vec::new());
                if reader.take("on") {
                    on = Some(reader.expr()?);
                } else if reader.take("using") {
                    using = reader.names()?;
                    if reader.word_at(0, "as") {
                        return None;
                    }
                }
                reader.higher()?;
                left = From::Join {
                    kind,
                    left: Box::new(left),
                    right: Box::new(right),
                    on,
                    using,
                };
            }
        })
    }

    /// The words of a join, empty when none follows.
    pub(super) fn join(&mut self) -> Option<String> {
        let natural = self.take("natural");
        let kind = if self.take("cross") {
            "CROSS JOIN"
        } else if self.take("left") {
            "LEFT JOIN"
        } else if self.take("right") {
            "RIGHT JOIN"
        } else if self.take("full") {
            "FULL JOIN"
        } else if self.take("inner") || self.word_at(0, "join") {
            "JOIN"
        } else {
            return (!natural).then(String::new);
        };
        self.take("outer");
        if !self.take("join") {
            return None;
        }
        let natural = if natural { "NATURAL " } else { "" };
        Some(format!("{natural}{kind}"))
    }

    /// One FROM without its joins.
    pub(super) fn one(&mut self) -> Option<From> {
        let lateral = self.take("lateral");
        if self.sees_symbol("(") {
            let mark = self.at;
            self.at += 1;
            let is_query = self.sees_query(0);
            if is_query || self.sees_symbol("(") {
                if let Some(query) = self.query()
                    && self.take_symbol(")")
                {
                    let alias = self.alias()?;
                    return Some(From::Query {
                        lateral,
                        query: Box::new(query),
                        alias,
                    });
                }
                if is_query {
                    return None;
                }
                self.at = mark + 1;
            }
            let inner = self.from()?;
            if !self.take_symbol(")") || lateral {
                return None;
            }
            // A join with a name of its own hides the names in it.
            return (!self.word_at(0, "as")).then_some(inner);
        }
        if self.take_all(&["rows", "from"]) {
            return None;
        }
        let only = self.take("only");
        let mark = self.at;
        let first = self.name()?;
        let (mut schema, mut name) = (None, first);
        while self.take_symbol(".") {
            schema = Some(name);
            name = self.name()?;
        }
        if self.sees_symbol("(") && !only {
            self.at = mark;
            let call = self.prefix()?;
            let ordinality = self.take_all(&["with", "ordinality"]);
            let alias = self.alias()?;
            return Some(From::Function {
                call,
                ordinality,
                alias,
            });
        }
        self.take_symbol("*");
        if self.word_at(0, "tablesample") || lateral {
            return None;
        }
        let alias = self.alias()?;
        Some(From::Relation {
            only,
            schema,
            name,
            alias,
        })
    }

    /// The name that rows get, and those of their columns.
    pub(super) fn alias(&mut self) -> Option<Alias> {
        let name = if self.take("as") {
            Some(self.name()?)
        } else {
            self.bare_alias()
        };
        // A list of types is a definition of columns, which only a record has.
        let columns = if name.is_some() {
            self.names()?
        } else {
            Vec::new()
        };
        Some(Alias { name, columns })
    }
}
