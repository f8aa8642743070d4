//! Constraints, of a table and of a column.

use realign_model::{Expr, Ident, MatchKind, RefAction};

use super::{Cursor, Path, Reading};

/// What a constraint asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConstraintKind {
    /// `PRIMARY KEY`, with the columns carried along.
    PrimaryKey {
        /// Its columns.
        columns: Vec<Ident>,
        /// `INCLUDE`.
        include: Vec<Ident>,
        /// `WITH`.
        storage: Vec<String>,
    },
    /// `UNIQUE`.
    Unique {
        /// Its columns.
        columns: Vec<Ident>,
        /// `INCLUDE`.
        include: Vec<Ident>,
        /// `WITH`.
        storage: Vec<String>,
        /// `NULLS NOT DISTINCT`.
        nulls_not_distinct: bool,
    },
    /// `PRIMARY KEY USING INDEX` (true) or `UNIQUE USING INDEX`.
    UsingIndex(bool, Ident),
    /// `FOREIGN KEY`.
    ForeignKey {
        /// Its columns.
        columns: Vec<Ident>,
        /// What it refers to.
        references: References,
    },
    /// `CHECK`.
    Check {
        /// The condition.
        expr: Expr,
        /// `NO INHERIT`.
        no_inherit: bool,
    },
    /// `EXCLUDE`, as it is written.
    Exclude(String),
    /// `NOT NULL column`, as version 18 writes it.
    NotNull(Ident),
}

/// The target of a foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct References {
    /// The table.
    pub(crate) table: Path,
    /// The columns; none for its primary key.
    pub(crate) columns: Vec<Ident>,
    /// `MATCH`.
    pub(crate) match_kind: MatchKind,
    /// `ON DELETE`.
    pub(crate) on_delete: RefAction,
    /// The columns that `ON DELETE SET …` touches; all of the key when there are none.
    pub(crate) set_columns: Vec<Ident>,
    /// `ON UPDATE`.
    pub(crate) on_update: RefAction,
}

/// When a constraint is checked, and whether.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Timing {
    /// `DEFERRABLE`.
    pub(crate) deferrable: bool,
    /// `INITIALLY DEFERRED`.
    pub(crate) deferred: bool,
    /// `NOT VALID`.
    pub(crate) not_valid: bool,
    /// `NOT ENFORCED`.
    pub(crate) not_enforced: bool,
}

/// A constraint as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConstraintText {
    /// Its name, when given.
    pub(crate) name: Option<Ident>,
    /// What it asks for.
    pub(crate) kind: ConstraintKind,
    /// When.
    pub(crate) timing: Timing,
    /// Where it stands.
    pub(crate) at: usize,
}

impl Cursor<'_> {
    /// True when a constraint of a table begins here.
    pub(crate) fn sees_table_constraint(&self) -> bool {
        self.sees("constraint")
            || self.sees_all(&["primary", "key"])
            || self.sees_all(&["foreign", "key"])
            || (self.sees_any(&["unique", "check", "exclude"])
                && self.ahead(1).is_some_and(|t| {
                    t.is_symbol("(")
                        || t.is_word("using")
                        || t.is_word("nulls")
                        || t.is_word("where")
                }))
            || (self.sees_all(&["not", "null"]) && self.ahead(2).is_some())
    }

    /// A constraint of a table.
    pub(crate) fn table_constraint(&mut self) -> Reading<ConstraintText> {
        let at = self.place();
        let name = if self.take("constraint") {
            Some(self.ident()?)
        } else {
            None
        };
        let kind = if self.take_all(&["primary", "key"]) {
            if self.take_all(&["using", "index"]) {
                ConstraintKind::UsingIndex(true, self.ident()?)
            } else {
                let columns = self.names()?;
                let (include, storage) = self.index_tail()?;
                ConstraintKind::PrimaryKey {
                    columns,
                    include,
                    storage,
                }
            }
        } else if self.take("unique") {
            if self.take_all(&["using", "index"]) {
                ConstraintKind::UsingIndex(false, self.ident()?)
            } else {
                let nulls_not_distinct = self.nulls_not_distinct();
                let columns = self.names()?;
                let (include, storage) = self.index_tail()?;
                ConstraintKind::Unique {
                    columns,
                    include,
                    storage,
                    nulls_not_distinct,
                }
            }
        } else if self.take("check") {
            self.check()?
        } else if self.sees("exclude") {
            let mark = self.mark();
            self.skip();
            while !self.is_done()
                && !self.sees_symbol(",")
                && !self.sees_symbol(")")
                && !self.sees_any(&["deferrable", "initially"])
                && !self.sees_all(&["not", "deferrable"])
            {
                if self.sees_symbol("(") {
                    self.skip_group()?;
                } else {
                    self.skip();
                }
            }
            ConstraintKind::Exclude(self.since(mark).to_owned())
        } else if self.take_all(&["foreign", "key"]) {
            let columns = self.names()?;
            self.expect("references")?;
            ConstraintKind::ForeignKey {
                columns,
                references: self.references()?,
            }
        } else if self.take_all(&["not", "null"]) {
            let column = self.ident()?;
            self.take_all(&["no", "inherit"]);
            ConstraintKind::NotNull(column)
        } else {
            return Err(self.expected("a constraint"));
        };
        Ok(ConstraintText {
            name,
            kind,
            timing: self.timing(),
            at,
        })
    }

    /// What follows CHECK.
    pub(crate) fn check(&mut self) -> Reading<ConstraintKind> {
        let expr = Expr::new(self.group()?);
        Ok(ConstraintKind::Check {
            expr,
            no_inherit: self.take_all(&["no", "inherit"]),
        })
    }

    /// `NULLS NOT DISTINCT`, or the default.
    pub(crate) fn nulls_not_distinct(&mut self) -> bool {
        if self.take_all(&["nulls", "not", "distinct"]) {
            return true;
        }
        self.take_all(&["nulls", "distinct"]);
        false
    }

    /// What may follow the columns of a key: the columns carried along, and how the index is
    /// kept. Where it lies is not told.
    pub(crate) fn index_tail(&mut self) -> Reading<(Vec<Ident>, Vec<String>)> {
        let include = if self.take("include") {
            self.names()?
        } else {
            Vec::new()
        };
        let mut storage = Vec::new();
        if self.sees("with") && self.ahead(1).is_some_and(|t| t.is_symbol("(")) {
            self.skip();
            storage = self.options()?;
        }
        if self.take_all(&["using", "index", "tablespace"]) {
            self.text_name()?;
        }
        Ok((include, storage))
    }

    /// What follows REFERENCES.
    pub(crate) fn references(&mut self) -> Reading<References> {
        let table = self.path()?;
        let columns = if self.sees_symbol("(") {
            self.names()?
        } else {
            Vec::new()
        };
        let mut found = References {
            table,
            columns,
            match_kind: MatchKind::Simple,
            on_delete: RefAction::NoAction,
            on_update: RefAction::NoAction,
            set_columns: Vec::new(),
        };
        loop {
            if self.take("match") {
                found.match_kind = if self.take("full") {
                    MatchKind::Full
                } else if self.take("partial") {
                    MatchKind::Partial
                } else if self.take("simple") {
                    MatchKind::Simple
                } else {
                    return Err(self.expected("FULL or SIMPLE"));
                };
            } else if self.take_all(&["on", "delete"]) {
                found.on_delete = self.action()?;
                let sets = matches!(found.on_delete, RefAction::SetNull | RefAction::SetDefault);
                if sets && self.sees_symbol("(") {
                    found.set_columns = self.names()?;
                }
            } else if self.take_all(&["on", "update"]) {
                found.on_update = self.action()?;
            } else {
                return Ok(found);
            }
        }
    }

    fn action(&mut self) -> Reading<RefAction> {
        let action = if self.take_all(&["no", "action"]) {
            RefAction::NoAction
        } else if self.take("restrict") {
            RefAction::Restrict
        } else if self.take("cascade") {
            RefAction::Cascade
        } else if self.take_all(&["set", "null"]) {
            RefAction::SetNull
        } else if self.take_all(&["set", "default"]) {
            RefAction::SetDefault
        } else {
            return Err(self.expected("what happens to the rows"));
        };
        Ok(action)
    }

    /// When and whether a constraint is checked.
    pub(crate) fn timing(&mut self) -> Timing {
        let mut timing = Timing::default();
        loop {
            if self.take_all(&["not", "deferrable"]) {
                timing.deferrable = false;
            } else if self.take("deferrable") {
                timing.deferrable = true;
            } else if self.take_all(&["initially", "deferred"]) {
                timing.deferrable = true;
                timing.deferred = true;
            } else if self.take_all(&["initially", "immediate"]) {
                timing.deferred = false;
            } else if self.take_all(&["not", "valid"]) {
                timing.not_valid = true;
            } else if self.take_all(&["not", "enforced"]) {
                timing.not_enforced = true;
            } else if !self.take("enforced") {
                return timing;
            }
        }
    }
}
