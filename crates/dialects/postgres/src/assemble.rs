//! From the answers of the catalogue to the model. Never fails: an answer that is short or
//! odd leaves a gap, and what has no place in the model is kept as text.

mod keys;
mod objects;

use std::collections::HashMap;

use realign_model::{
    Column, Expr, Generated, GeneratedKind, Ident, Identity, ObjectName, Opaque, Origin,
    PartitionOf, Partitioning, PostgresTable, Table, TableOptions, split_mark,
};
use realign_planner::{Assembled, Diagnostic, Facts, Rows, TableSize, Value};

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
    collations: HashMap<i64, String>,
    classes: HashMap<i64, String>,
}

/// The model from the answers to [`crate::catalog::queries`], in their order.
pub(crate) fn assemble(mut answers: Vec<Rows>, facts: &Facts) -> Assembled {
    let mut assembly = Assembly {
        out: Assembled::default(),
        schema: default_schema(facts).to_owned(),
        tables: HashMap::new(),
        columns: HashMap::new(),
        collations: HashMap::new(),
        classes: HashMap::new(),
    };
    // Columns are most of the answers: each row is freed once it is read.
    let columns = answers.get_mut(1).map(std::mem::take).unwrap_or_default();
    let answers = answers.as_slice();
    for row in rows(answers, 9) {
        let (name, schema) = (row.text(2).to_owned(), row.text(3));
        match row.text(0) {
            "collation" if schema == "pg_catalog" || schema == assembly.schema => {
                assembly.collations.insert(row.int(1), name);
            }
            "collation" => {
                let name = format!("{schema}.{}", quote_ident(&name));
                assembly.collations.insert(row.int(1), name);
            }
            _ if schema == "pg_catalog" || schema == assembly.schema => {
                assembly
                    .classes
                    .insert(row.int(1), ident(&live_ident(&name)));
            }
            _ => {
                let name = ObjectName::new(Some(live_ident(schema)), live_ident(&name));
                assembly.classes.insert(row.int(1), live_object(&name));
            }
        }
    }
    assembly.relations(answers);
    assembly.parents(answers);
    assembly.read_columns(columns.rows);
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
        for row in rows(answers, 0) {
            let name = self.name(row.text(1), row.text(2));
            if row.text(3) == "f" {
                self.out.database.opaque.push(Opaque {
                    kind: "foreign table".to_owned(),
                    name,
                    text: String::new(),
                    origin: Origin::Server,
                });
                continue;
            }
            let size = TableSize {
                // Negative means that nobody has counted yet.
                rows: u64::try_from(row.int(8)).ok(),
                bytes: u64::try_from(row.int(9)).ok(),
            };
            self.out.sizes.insert(name.to_string(), size);
            let mut table = Table::new(name);
            table.origin = Origin::Server;
            table.comment = row.opt(5).map(str::to_owned);
            table.options = TableOptions::Postgres(PostgresTable {
                unlogged: row.text(4) == "u",
                storage: row
                    .opt(6)
                    .map(|list| list.split(", ").map(str::to_owned).collect())
                    .unwrap_or_default(),
                own_words: true,
                clauses: row
                    .opt(14)
                    .map(|how| vec![format!("REPLICA IDENTITY {how}")])
                    .unwrap_or_default(),
                ..PostgresTable::default()
            });
            table.partitioning = row.opt(7).map(|clause| Partitioning {
                clause: Expr::new(format!("PARTITION BY {clause}")),
            });
            if row.flag(10) {
                self.out.remarks.push(Diagnostic::note(
                    "C301",
                    format!(
                        "{} has row level security: its policies are compared with a script alone, \
                         as no mapping has words for them",
                        table.name
                    ),
                ));
            }
            for (on, line) in [(row.flag(10), SECURE), (row.flag(13), FORCED)] {
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
        for row in rows(answers, 0) {
            let Some(numbers) = row.opt(11) else { continue };
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
            match (row.opt(12), names.first()) {
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

    fn read_columns(&mut self, rows: Vec<Vec<Value>>) {
        let of_one_table = |a: &Vec<Value>, b: &Vec<Value>| Row(a).int(0) == Row(b).int(0);
        let sizes: Vec<usize> = rows.chunk_by(of_one_table).map(<[_]>::len).collect();
        self.columns.reserve(rows.len());
        let mut rows = rows.into_iter();
        for size in sizes {
            for (at, row) in rows.by_ref().take(size).enumerate() {
                let row = Row(&row);
                let oid = row.int(0);
                let collation = row.opt(9).map(|_| {
                    self.collations
                        .get(&row.int(9))
                        .cloned()
                        .unwrap_or_default()
                });
                let Some(table) = self.tables.get(&oid) else {
                    continue;
                };
                let Some(table) = self.out.database.tables.get_mut(*table) else {
                    continue;
                };
                table.columns.reserve_exact(size - at);
                let column = column(row, collation);
                keep_column(table, &column.name, row);
                self.columns
                    .insert((oid, row.int(1)), (table.columns.len(), row.int(10)));
                table.columns.push(column);
            }
        }
    }
}

/// What is said of how a column is kept.
fn keep_column(table: &mut Table, column: &Ident, row: Row<'_>) {
    let TableOptions::Postgres(options) = &mut table.options else {
        return;
    };
    let storage = row.opt(11).map(|letter| match letter {
        "p" => "PLAIN",
        "e" => "EXTERNAL",
        "m" => "MAIN",
        _ => "EXTENDED",
    });
    let compression = row.opt(12).map(|letter| match letter {
        "l" => "lz4",
        _ => "pglz",
    });
    let target = row.0.get(13).and_then(Value::as_int);
    let said = [
        (Said::Storage, storage.map(str::to_owned)),
        (Said::Compression, compression.map(str::to_owned)),
        (Said::Statistics, target.map(|target| target.to_string())),
    ];
    for (said, value) in said {
        let clause = value.map(|value| keeping::clause(column, said, &value));
        options.clauses.extend(clause);
    }
    // Some builds of version 17 write a mark of their own there, `pg_attver=…`.
    let own = |option: &&str| !option.is_empty() && !option.starts_with("pg_");
    let set = row.text(14).split('\u{1f}').filter(own);
    let set = set.map(|option| keeping::option_clause(column, option));
    options.clauses.extend(set);
    options.clauses.sort();
}

fn column(row: Row<'_>, collation: Option<String>) -> Column {
    let mut column = Column::new(live_ident(row.text(2)), types::parse(row.text(3)));
    column.origin = Origin::Server;
    column.nullable = !row.flag(4);
    column.collation = collation.filter(|c| !c.is_empty());
    column.identity = match row.text(5) {
        "a" => Some(Identity::Identity { always: true }),
        "d" => Some(Identity::Identity { always: false }),
        _ => None,
    };
    let default = row.opt(7).map(str::to_owned);
    match (row.text(6), default) {
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
    let (comment, mark) = split_mark(row.text(8));
    column.comment = comment;
    column.type_mark = mark;
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
