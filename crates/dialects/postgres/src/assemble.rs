//! From the answers of the catalogue to the model. Never fails: an answer that is short or
//! odd leaves a gap, and what has no place in the model is kept as text.

mod keys;
mod objects;

use std::collections::HashMap;

use realign_model::{
    Column, DataType, Expr, Generated, GeneratedKind, Ident, Identity, ObjectName, Opaque, Origin,
    PartitionOf, Partitioning, PostgresTable, Table, TableOptions, split_mark,
};
use realign_planner::{Assembled, Diagnostic, Facts, Rows, TableSize, Value};

use crate::catalog::at;
use crate::facts::default_schema;
use crate::interpret::{FORCED, SECURE};
use crate::keeping::{self, Said};
use crate::render::{ident, live_ident, live_object, quote_ident};
use crate::{defaults, types};

/// One answered row, read by position.
#[derive(Clone, Copy)]
struct Row<'a>(&'a [Value]);

impl<'a> Row<'a> {
    fn opt(self, at: usize) -> Option<&'a str> {
        self.0.get(at).and_then(Value::as_str)
    }

    fn text(self, at: usize) -> &'a str {
        self.opt(at).unwrap_or_default()
    }

    fn int(self, at: usize) -> i64 {
        self.0.get(at).and_then(Value::as_int).unwrap_or_default()
    }

    fn flag(self, at: usize) -> bool {
        self.int(at) != 0
    }
}

fn rows(answers: &[Rows], at: usize) -> impl Iterator<Item = Row<'_>> {
    answers
        .get(at)
        .map(|answer| answer.rows.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|row| Row(row))
}

/// What is being put together.
struct Assembly {
    out: Assembled,
    schema: String,
    /// Table by its number.
    tables: HashMap<i64, usize>,
    /// Column by the numbers of its table and itself, with its collation.
    columns: HashMap<(i64, i64), (usize, i64)>,
    names: Names,
    /// Comments by the numbers of a relation and its column, which is 0 for the relation's own.
    comments: HashMap<(i64, i64), String>,
}

/// What others refer to by number.
#[derive(Default)]
struct Names {
    /// By number and modifier.
    types: HashMap<(i64, i64), Kind>,
    collations: HashMap<i64, String>,
    /// Operator classes that are not the default of their type.
    classes: HashMap<i64, String>,
}

/// A type as a column has it, and what a column of it has unless it says otherwise.
struct Kind {
    data_type: DataType,
    collation: i64,
    storage: String,
}

impl Names {
    fn read(answers: &[Rows], default: &str) -> Self {
        let mut names = Self::default();
        for row in rows(answers, at::NAMES) {
            let (number, name, schema) = (row.int(1), row.text(3), row.text(4));
            let usual = schema == "pg_catalog" || schema == default;
            match (row.text(0), usual) {
                ("type", _) => {
                    let kind = Kind {
                        data_type: types::parse(name),
                        collation: row.int(5),
                        storage: row.text(6).to_owned(),
                    };
                    names.types.insert((number, row.int(2)), kind);
                }
                ("collation", true) => {
                    names.collations.insert(number, name.to_owned());
                }
                ("collation", false) => {
                    let name = format!("{schema}.{}", quote_ident(name));
                    names.collations.insert(number, name);
                }
                (_, true) => {
                    names.classes.insert(number, ident(&live_ident(name)));
                }
                (_, false) => {
                    let name = ObjectName::new(Some(live_ident(schema)), live_ident(name));
                    names.classes.insert(number, live_object(&name));
                }
            }
        }
        names
    }
}

/// Comments that are told by number.
fn comments_by_number(answers: &[Rows]) -> HashMap<(i64, i64), String> {
    rows(answers, at::COMMENTS)
        .filter(|row| row.text(0).is_empty())
        .map(|row| ((row.int(1), row.int(2)), row.text(3).to_owned()))
        .collect()
}

/// The model from the answers to [`crate::catalog::queries`], in their order, and to
/// [`crate::catalog::details`].
pub(crate) fn assemble(mut answers: Vec<Rows>, facts: &Facts) -> Assembled {
    let schema = default_schema(facts).to_owned();
    let mut assembly = Assembly {
        out: Assembled::default(),
        tables: HashMap::new(),
        columns: HashMap::new(),
        names: Names::read(&answers, &schema),
        comments: comments_by_number(&answers),
        schema,
    };
    // Columns are most of the answers: each row is freed once it is read.
    let columns = answers.get_mut(at::COLUMNS).map(std::mem::take);
    let answers = answers.as_slice();
    assembly.relations(answers);
    assembly.parents(answers);
    assembly.read_columns(columns.unwrap_or_default().rows);
    assembly.indexes(answers);
    assembly.constraints(answers);
    assembly.sequences(answers);
    assembly.views(answers);
    assembly.routines(answers);
    assembly.types(answers);
    assembly.schemas(answers);
    assembly.others(answers);
    assembly.comments(answers);
    crate::serials::settle(&mut assembly.out.database, facts);
    assembly.out
}

impl Assembly {
    /// A name; that of the default schema has none.
    fn name(&self, schema: &str, name: &str) -> ObjectName {
        ObjectName::new(
            (schema != self.schema).then(|| live_ident(schema)),
            live_ident(name),
        )
    }

    fn table(&mut self, oid: i64) -> Option<&mut Table> {
        let at = *self.tables.get(&oid)?;
        self.out.database.tables.get_mut(at)
    }

    /// Adds a clause that tells how a table is kept.
    fn clause(&mut self, oid: i64, clause: String) {
        if let Some(table) = self.table(oid)
            && let TableOptions::Postgres(options) = &mut table.options
        {
            options.clauses.push(clause);
            options.clauses.sort();
        }
    }

    /// The name of a column by number.
    fn column_name(&self, oid: i64, number: i64) -> Option<Ident> {
        let table = self.out.database.tables.get(*self.tables.get(&oid)?)?;
        let (at, _) = self.columns.get(&(oid, number))?;
        Some(table.columns.get(*at)?.name.clone())
    }

    /// Names of columns from numbers with blanks between.
    fn column_names(&self, oid: i64, numbers: &str) -> Vec<Ident> {
        numbers
            .split_whitespace()
            .filter_map(|n| self.column_name(oid, n.parse().ok()?))
            .collect()
    }

    fn relations(&mut self, answers: &[Rows]) {
        for row in rows(answers, at::RELATIONS) {
            let name = self.name(row.text(1), row.text(2));
            if row.text(3) == "f" {
                self.out.database.opaque.push(Opaque {
                    kind: "foreign table".to_owned(),
                    name,
                    table: None,
                    text: String::new(),
                    origin: Origin::Server,
                });
                continue;
            }
            let size = TableSize {
                // Negative means that nobody has counted yet.
                rows: u64::try_from(row.int(7)).ok(),
                bytes: u64::try_from(row.int(8)).ok(),
            };
            self.out.sizes.insert(name.to_string(), size);
            let mut table = Table::new(name);
            table.origin = Origin::Server;
            let comment = self.comments.remove(&(row.int(0), 0));
            table.rare.put(comment, |rare| &mut rare.comment);
            table.options = TableOptions::Postgres(Box::new(PostgresTable {
                unlogged: row.text(4) == "u",
                storage: row
                    .opt(5)
                    .map(|list| list.split(", ").map(str::to_owned).collect())
                    .unwrap_or_default(),
                own_words: true,
                clauses: row
                    .opt(13)
                    .map(|how| vec![format!("REPLICA IDENTITY {how}")])
                    .unwrap_or_default(),
                ..PostgresTable::default()
            }));
            let partitioning = row.opt(6).map(|clause| Partitioning {
                clause: Expr::new(format!("PARTITION BY {clause}")),
            });
            table.rare.put(partitioning, |rare| &mut rare.partitioning);
            if row.flag(9) {
                self.out.remarks.push(Diagnostic::note(
                    "C301",
                    format!(
                        "{} has row level security: its policies are compared with a script alone, \
                         as no mapping has words for them",
                        table.name
                    ),
                ));
            }
            for (on, line) in [(row.flag(9), SECURE), (row.flag(12), FORCED)] {
                if on {
                    table.opaque.push(line.to_owned());
                }
            }
            self.tables
                .insert(row.int(0), self.out.database.tables.len());
            self.out.database.tables.push(table);
        }
    }

    /// What a table has from others: their columns, or a part of their rows.
    fn parents(&mut self, answers: &[Rows]) {
        for row in rows(answers, at::RELATIONS) {
            let Some(numbers) = row.opt(10) else { continue };
            let names: Vec<ObjectName> = numbers
                .split_whitespace()
                .filter_map(|number| self.tables.get(&number.parse().ok()?))
                .filter_map(|at| self.out.database.tables.get(*at))
                .map(|table| table.name.clone())
                .collect();
            let Some(table) = self.table(row.int(0)) else {
                continue;
            };
            let TableOptions::Postgres(options) = &mut table.options else {
                continue;
            };
            match (row.opt(11), names.first()) {
                (Some(bound), Some(parent)) => {
                    options.partition_of = Some(PartitionOf {
                        parent: parent.clone(),
                        bound: Expr::new(bound),
                    });
                }
                _ => options.inherits = names,
            }
        }
    }

    fn read_columns(&mut self, mut rows: Vec<Vec<Value>>) {
        rows.sort_by_cached_key(|row| (Row(row).int(0), Row(row).int(1)));
        let of_one_table = |a: &Vec<Value>, b: &Vec<Value>| Row(a).int(0) == Row(b).int(0);
        let sizes: Vec<usize> = rows.chunk_by(of_one_table).map(<[_]>::len).collect();
        self.columns.reserve(rows.len());
        let mut rows = rows.into_iter();
        for size in sizes {
            for (at, row) in rows.by_ref().take(size).enumerate() {
                let row = Row(&row);
                let (oid, number, collation) = (row.int(0), row.int(1), row.int(6));
                let Some(table) = self.tables.get(&oid) else {
                    continue;
                };
                let Some(table) = self.out.database.tables.get_mut(*table) else {
                    continue;
                };
                table.columns.reserve_exact(size - at);
                let kind = self.names.types.get(&(row.int(3), row.int(4)));
                let rest = Rest::read(row.text(9));
                let mut column = column(row, kind, &rest);
                if kind.is_some_and(|kind| kind.collation != collation) {
                    let collation = self.names.collations.get(&collation).cloned();
                    column.rare.put(collation, |rare| &mut rare.collation);
                }
                if let Some(comment) = self.comments.get(&(oid, number)) {
                    let (comment, mark) = split_mark(comment);
                    column.rare.put(comment, |rare| &mut rare.comment);
                    column.type_mark = mark;
                }
                let usual = kind.map_or("", |kind| kind.storage.as_str());
                let storage = Some(row.text(7)).filter(|storage| *storage != usual);
                keep_column(table, &column.name, storage, &rest);
                self.columns
                    .insert((oid, number), (table.columns.len(), collation));
                table.columns.push(column);
            }
        }
    }
}

/// What most columns do not have.
#[derive(Default)]
struct Rest<'a> {
    identity: &'a str,
    generated: &'a str,
    compression: &'a str,
    statistics: &'a str,
    options: &'a str,
}

impl<'a> Rest<'a> {
    fn read(text: &'a str) -> Self {
        let mut parts = text.split('\u{1e}');
        let mut next = || parts.next().unwrap_or_default();
        Self {
            identity: next(),
            generated: next(),
            compression: next(),
            statistics: next(),
            options: next(),
        }
    }
}

/// What is said of how a column is kept.
fn keep_column(table: &mut Table, column: &Ident, storage: Option<&str>, rest: &Rest<'_>) {
    let TableOptions::Postgres(options) = &mut table.options else {
        return;
    };
    let storage = storage.map(|letter| match letter {
        "p" => "PLAIN",
        "e" => "EXTERNAL",
        "m" => "MAIN",
        _ => "EXTENDED",
    });
    let compression = match rest.compression {
        "" => None,
        "l" => Some("lz4"),
        _ => Some("pglz"),
    };
    let target = Some(rest.statistics).filter(|target| !target.is_empty());
    let said = [
        (Said::Storage, storage),
        (Said::Compression, compression),
        (Said::Statistics, target),
    ];
    for (said, value) in said {
        let clause = value.map(|value| keeping::clause(column, said, value));
        options.clauses.extend(clause);
    }
    // Some builds of version 17 write a mark of their own there, `pg_attver=…`.
    let own = |option: &&str| !option.is_empty() && !option.starts_with("pg_");
    let set = rest.options.split('\u{1f}').filter(own);
    let set = set.map(|option| keeping::option_clause(column, option));
    options.clauses.extend(set);
    options.clauses.sort();
}

fn column(row: Row<'_>, kind: Option<&Kind>, rest: &Rest<'_>) -> Column {
    // Of a type that is gone nothing is known, and nothing equals it.
    let data_type = kind.map_or_else(
        || DataType::Native(format!("type {}", row.int(3))),
        |kind| kind.data_type.clone(),
    );
    let mut column = Column::new(live_ident(row.text(2)), data_type);
    column.origin = Origin::Server;
    column.nullable = !row.flag(5);
    column.identity = match rest.identity {
        "a" => Some(Identity::Identity { always: true }),
        "d" => Some(Identity::Identity { always: false }),
        _ => None,
    };
    let default = row.opt(8).map(str::to_owned);
    match (rest.generated, default) {
        ("", Some(text)) => {
            if column.data_type.is_integer() && defaults::sequence_of(&text).is_some() {
                column.identity = Some(Identity::Serial);
                column.default = Some(Expr::new(text));
            } else if column.nullable || !defaults::is_null(&text) {
                // The NULL that a length was coerced to is kept, to be made again: it matters to
                // nobody but who compares dumps.
                column.default = Some(Expr::new(text));
            }
        }
        (kind, Some(text)) => {
            column.generated = Some(Generated {
                expr: Expr::new(text),
                kind: if kind == "v" {
                    GeneratedKind::Virtual
                } else {
                    GeneratedKind::Stored
                },
            });
        }
        (_, None) => {}
    }
    column
}

#[cfg(test)]
mod tests {
    use realign_planner::{Facts, Rows};

    use super::assemble;

    #[test]
    fn missing_answers_are_an_empty_database() {
        let found = assemble(vec![Rows::default()], &Facts::default());
        assert!(found.database.tables.is_empty());
    }
}
