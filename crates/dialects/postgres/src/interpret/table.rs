//! CREATE TABLE.

use realign_model::{
    Column, Expr, Ident, Identity, Index, ObjectName, Partitioning, PostgresTable, Table,
    TableOptions,
};

use super::stage::{Relation, Stage, column_of, missing};
use crate::parse::{
    ColumnText, ConstraintKind, ConstraintText, Cursor, Path, Reading, SequenceText, StorageOf,
    Trouble,
};
use crate::render::catalog_name;
use crate::serials::is_unlogged;

/// What `LIKE` takes along.
#[derive(Debug, Clone, Copy, Default)]
struct Including {
    comments: bool,
    constraints: bool,
    defaults: bool,
    generated: bool,
    identity: bool,
    indexes: bool,
}

/// A table while its parts are read.
struct Draft {
    table: Table,
    constraints: Vec<ConstraintText>,
    /// Indexes that `LIKE` takes along: they get names of their own.
    copied: Vec<Index>,
}

impl Stage {
    /// What follows `CREATE TABLE`.
    pub(super) fn create_table(
        &mut self,
        cursor: &mut Cursor<'_>,
        temporary: bool,
        unlogged: bool,
    ) -> Reading<()> {
        let may_exist = cursor.if_not_exists();
        let path = cursor.path()?;
        if temporary
            || path
                .schema
                .as_deref()
                .is_some_and(|s| s.starts_with("pg_temp"))
        {
            self.push_passing(&path);
            return Ok(());
        }
        let name = self.new_name(&path);
        if self.relation_named(&name).is_some() {
            return if may_exist {
                Ok(())
            } else {
                Err(there_already(&path))
            };
        }
        if cursor.sees("as") {
            self.push_unknown(&path);
            return Ok(());
        }
        self.touched();
        let mut table = Table::new(name);
        table.origin = self.origin_at(path.at);
        let mut options = PostgresTable {
            unlogged,
            own_words: true,
            ..PostgresTable::default()
        };
        let mut draft = Draft {
            table,
            constraints: Vec::new(),
            copied: Vec::new(),
        };
        if cursor.take_all(&["partition", "of"]) {
            self.partition_of(cursor, &mut draft.table, &mut options)?;
            if cursor.take_symbol("(") {
                self.elements(cursor, &mut draft, true)?;
            }
            if let Some(part) = &mut options.partition_of {
                part.bound = Expr::new(super::partition::bound(cursor)?);
            }
        } else if cursor.sees("of") {
            return Err(cursor.unknown());
        } else if cursor.sees_symbol("(") {
            cursor.skip();
            self.elements(cursor, &mut draft, false)?;
        } else {
            return Err(cursor.expected("("));
        }
        self.table_tail(cursor, &mut draft, &mut options)?;
        draft.table.options = TableOptions::Postgres(Box::new(options));
        self.complete(draft)
    }

    /// Constraints and indexes of a table whose columns are all there.
    fn complete(&mut self, draft: Draft) -> Reading<()> {
        let Draft {
            mut table,
            mut constraints,
            copied,
        } = draft;
        // The server makes keys before it looks at what refers to them.
        constraints.sort_by_key(|c| match c.kind {
            ConstraintKind::PrimaryKey { .. } => 0,
            ConstraintKind::Unique { .. } | ConstraintKind::UsingIndex(..) => 1,
            ConstraintKind::Exclude(_) => 2,
            ConstraintKind::Check { .. } | ConstraintKind::NotNull(_) => 3,
            ConstraintKind::ForeignKey { .. } => 4,
        });
        for mut constraint in constraints {
            // A new table has no rows that could be otherwise.
            constraint.timing.not_valid = false;
            self.add_constraint(&mut table, constraint)?;
        }
        fold_twins(&mut table);
        for index in copied {
            let named = self.named_index(&table.name, index);
            table.indexes.push(named);
        }
        if is_unlogged(&table.options) {
            self.follow_logging(&table.name, true);
        }
        self.push_table(table);
        Ok(())
    }

    fn elements(
        &mut self,
        cursor: &mut Cursor<'_>,
        draft: &mut Draft,
        is_partition: bool,
    ) -> Reading<()> {
        if cursor.take_symbol(")") {
            return Ok(());
        }
        loop {
            if cursor.sees_table_constraint() {
                draft.constraints.push(cursor.table_constraint()?);
            } else if cursor.take("like") {
                self.like(cursor, draft)?;
            } else if is_partition {
                Self::partition_column(cursor, draft)?;
            } else {
                let column = cursor.column()?;
                let made = self.make_column(&draft.table.name, column, &mut draft.constraints);
                draft.table.columns.push(made);
            }
            if !cursor.take_symbol(",") {
                break;
            }
        }
        cursor.expect_symbol(")")
    }

    /// Clauses that a partition adds to a column.
    fn partition_column(cursor: &mut Cursor<'_>, draft: &mut Draft) -> Reading<()> {
        let at = cursor.place();
        let name = cursor.ident()?;
        let Some(found) = column_of(&draft.table, &name) else {
            return Err(no_column(at, &draft.table.name, &name));
        };
        let mut text = ColumnText {
            name,
            data_type: draft.table.columns[found].data_type.clone(),
            collation: None,
            not_null: false,
            default: None,
            generated: None,
            storage: StorageOf::Rows,
            constraints: Vec::new(),
            at,
        };
        cursor.clauses_of(&mut text)?;
        let column = &mut draft.table.columns[found];
        column.nullable &= !text.not_null;
        if text.default.is_some() {
            column.default = text.default;
        }
        if text.generated.is_some() {
            column.generated = text.generated;
        }
        draft.constraints.extend(text.constraints);
        Ok(())
    }

    fn like(&mut self, cursor: &mut Cursor<'_>, draft: &mut Draft) -> Reading<()> {
        let path = cursor.path()?;
        let Some(at) = self.table(&path, false)? else {
            return Err(missing("table", &path));
        };
        let mut take = Including::default();
        while cursor.sees_any(&["including", "excluding"]) {
            let on = cursor.take("including") || {
                cursor.take("excluding");
                false
            };
            match cursor.text_name()?.as_str() {
                "comments" => take.comments = on,
                "constraints" => take.constraints = on,
                "defaults" => take.defaults = on,
                "generated" => take.generated = on,
                "identity" => take.identity = on,
                "indexes" => take.indexes = on,
                "all" => {
                    take = Including {
                        comments: on,
                        constraints: on,
                        defaults: on,
                        generated: on,
                        identity: on,
                        indexes: on,
                    }
                }
                _ => {}
            }
        }
        let source = self.db.tables[at].clone();
        for column in &source.columns {
            let mut copy = column.clone();
            let identity = copy.identity.take();
            if !take.comments {
                copy.comment = None;
                copy.type_mark = None;
            }
            if !take.generated {
                copy.generated = None;
            }
            if take.defaults {
                if identity == Some(Identity::Serial) {
                    copy.identity = Some(Identity::Serial);
                    let shared = self.sequence_of(&source, column);
                    copy.default = copy.default.or(shared);
                }
            } else {
                copy.default = None;
            }
            if let (true, Some(Identity::Identity { always })) = (take.identity, identity) {
                let name = self.choose_sequence(&draft.table.name, &copy.name);
                self.own_sequence(&draft.table.name, &copy, name, &SequenceText::default());
                copy.identity = Some(Identity::Identity { always });
            }
            draft.table.columns.push(copy);
        }
        if take.constraints {
            draft.table.checks.extend(source.checks.iter().cloned());
        }
        if take.indexes {
            if let Some(key) = &source.primary_key {
                draft.constraints.push(ConstraintText {
                    name: None,
                    kind: ConstraintKind::PrimaryKey {
                        columns: key.columns().cloned().collect(),
                        include: Vec::new(),
                        storage: Vec::new(),
                    },
                    timing: crate::parse::Timing::default(),
                    at: path.at,
                });
            }
            draft.copied.extend(source.indexes.iter().map(|index| {
                let mut index = index.clone();
                index.name = None;
                if !take.comments && index.comment.is_some() {
                    index.comment = None;
                }
                index
            }));
        }
        Ok(())
    }

    /// A column from its text; its sequence is made along, its constraints are handed back.
    pub(super) fn make_column(
        &mut self,
        table: &ObjectName,
        text: ColumnText,
        constraints: &mut Vec<ConstraintText>,
    ) -> Column {
        let mut column = Column::new(text.name, self.resolve_type(text.data_type));
        column.origin = self.origin_at(text.at);
        column.nullable = !text.not_null;
        column.rare.put(text.generated, |rare| &mut rare.generated);
        let collation = text.collation.map(|name| self.resolve_collation(&name));
        column.rare.put(collation, |rare| &mut rare.collation);
        if let Some(default) = text.default {
            self.set_default(table, &mut column, default);
        }
        match text.storage {
            StorageOf::Rows => {}
            StorageOf::Serial => {
                column.identity = Some(Identity::Serial);
                let name = self.choose_sequence(table, &column.name);
                self.own_sequence(table, &column, name, &SequenceText::default());
            }
            StorageOf::Identity(identity, options) => {
                column.identity = Some(identity);
                let name = match &options.name {
                    Some(path) => self.new_name(path),
                    None => self.choose_sequence(table, &column.name),
                };
                self.own_sequence(table, &column, name, &options);
            }
        }
        constraints.extend(text.constraints);
        column
    }

    /// What follows the parts of a table.
    fn table_tail(
        &mut self,
        cursor: &mut Cursor<'_>,
        draft: &mut Draft,
        options: &mut PostgresTable,
    ) -> Reading<()> {
        loop {
            if cursor.take("inherits") {
                cursor.expect_symbol("(")?;
                loop {
                    let path = cursor.path()?;
                    self.inherit(&path, &mut draft.table, options)?;
                    if !cursor.take_symbol(",") {
                        break;
                    }
                }
                cursor.expect_symbol(")")?;
            } else if cursor.take_all(&["partition", "by"]) {
                let mark = cursor.mark();
                cursor.text_name()?;
                cursor.skip_group()?;
                draft.table.partitioning = Some(Partitioning {
                    clause: Expr::new(format!("PARTITION BY {}", cursor.since(mark))),
                });
            } else if cursor.take("using") {
                cursor.text_name()?;
            } else if cursor.take("with") {
                options.storage = cursor.options()?;
                options
                    .storage
                    .retain(|option| !option.starts_with("oids="));
            } else if cursor.take_all(&["without", "oids"]) {
            } else if cursor.take_all(&["on", "commit"]) {
                cursor.skip();
                cursor.take("rows");
            } else if cursor.take("tablespace") {
                cursor.text_name()?;
            } else {
                return cursor.expect_end();
            }
        }
    }

    /// Takes the columns of a parent over.
    pub(super) fn inherit(
        &mut self,
        path: &Path,
        table: &mut Table,
        options: &mut PostgresTable,
    ) -> Reading<()> {
        let Some(Relation::Table(at)) = self.relation(path) else {
            return Err(missing("table", path));
        };
        self.note_parent(&self.db.tables[at].name.clone());
        let parent = &self.db.tables[at];
        options.inherits.push(parent.name.clone());
        let mut columns: Vec<Column> = Vec::new();
        for column in &parent.columns {
            let own = table
                .columns
                .iter()
                .position(|c| catalog_name(&c.name) == catalog_name(&column.name));
            columns.push(match own {
                Some(at) => {
                    let mut own = table.columns.remove(at);
                    own.nullable &= column.nullable;
                    if own.default.is_none() {
                        own.default.clone_from(&column.default);
                    }
                    own
                }
                None => Column {
                    // An identity is not inherited.
                    identity: column
                        .identity
                        .clone()
                        .filter(|i| matches!(i, Identity::Serial)),
                    ..column.clone()
                },
            });
        }
        columns.append(&mut table.columns);
        table.columns = columns;
        Ok(())
    }
}

/// Of two unique constraints that one statement asks for over the same columns, and of one over
/// those of the primary key, the server makes just one.
fn fold_twins(table: &mut Table) {
    let key = table.primary_key.as_deref().map(|key| key.parts.clone());
    let mut kept: Vec<Index> = Vec::new();
    for index in std::mem::take(&mut table.indexes) {
        let is_twin = |parts: &[realign_model::IndexPart]| {
            parts == index.parts && index.include.is_empty() && !index.deferrable
        };
        let of_key = key.as_deref().is_some_and(is_twin) && !index.nulls_not_distinct;
        let of_other = kept.iter().any(|other| {
            is_twin(&other.parts)
                && other.include.is_empty()
                && !other.deferrable
                && other.nulls_not_distinct == index.nulls_not_distinct
        });
        if !(index.constraint && (of_key || of_other)) {
            kept.push(index);
        }
    }
    table.indexes = kept;
}

/// Something of that name is there.
pub(super) fn there_already(path: &Path) -> Trouble {
    Trouble::DoesNotFit {
        at: path.at,
        what: format!("{} is there already", path.render()),
    }
}

/// A column is not there.
pub(super) fn no_column(at: usize, table: &ObjectName, name: &Ident) -> Trouble {
    Trouble::DoesNotFit {
        at,
        what: format!("{table} has no column {name}"),
    }
}
