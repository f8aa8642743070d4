//! The model from the answers of the catalogue.
//!
//! Never fails: what can't be read becomes opaque, with a remark.

mod column;
mod detail;
mod key;
mod other;
mod row;

use std::collections::HashMap;

use realign_model::{
    Database, DatabaseOptions, Ident, MySqlTable, ObjectName, Opaque, Origin, Table, TableOptions,
};
use realign_planner::{Assembled, Facts, Rows, TableSize};

use crate::catalog::{Topic, has_partitions, topics};
pub(crate) use column::settle;
pub(crate) use row::Row;

/// The model from the answers, in the order of [`crate::catalog::queries`]
/// and [`crate::catalog::details`].
pub(crate) fn assemble(mut answers: Vec<Rows>, facts: &Facts) -> Assembled {
    let mut builder = Builder::new(facts);
    let mut details = answers.split_off(topics(facts).count().min(answers.len()));
    let partitions = has_partitions(&answers, facts).then(|| details.pop());
    for (topic, rows) in topics(facts).zip(answers) {
        if matches!(topic, Topic::Columns) {
            column::columns(&mut builder, rows.rows);
            continue;
        }
        let rows = || rows.rows.iter().map(|values| Row(values));
        match topic {
            Topic::Tables => rows().for_each(|row| builder.table(row)),
            Topic::Columns => {}
            Topic::Indexes => key::indexes(&mut builder, rows()),
            Topic::KeyColumns => key::foreign_keys(&mut builder, rows()),
            Topic::KeyRules => key::rules(&mut builder, rows()),
            Topic::Checks => key::checks(&mut builder, rows()),
            Topic::Views => rows().for_each(|row| other::view(&mut builder, row)),
            Topic::Triggers => other::triggers(&mut builder, rows()),
            Topic::Routines => other::routines(&mut builder, rows()),
            Topic::Parameters => other::parameters(&mut builder, rows()),
            Topic::Events => rows().for_each(|row| other::event(&mut builder, row)),
            Topic::Partitions => {}
        }
    }
    if let Some(Some(partitions)) = partitions {
        let rows = partitions.rows.iter().map(|values| Row(values));
        other::partitions(&mut builder, rows);
    }
    let mut out = builder.finish();
    for rows in &details {
        detail::read(&mut out.database, rows, facts);
    }
    out
}

/// The schema under construction.
struct Builder<'a> {
    facts: &'a Facts,
    out: Assembled,
    /// Where a table stands, by its name.
    at: HashMap<String, usize>,
    /// The columns of what is no table, by its name.
    view_columns: HashMap<String, Vec<Ident>>,
    /// Routines that wait for their parameters.
    routines: other::Routines,
}

impl<'a> Builder<'a> {
    fn new(facts: &'a Facts) -> Self {
        let setting = |name: &str| Some(facts.setting(name).to_owned()).filter(|v| !v.is_empty());
        Self {
            facts,
            out: Assembled {
                database: Database {
                    options: DatabaseOptions {
                        charset: setting("character_set_database"),
                        collation: setting("collation_database"),
                    },
                    ..Database::default()
                },
                ..Assembled::default()
            },
            at: HashMap::new(),
            view_columns: HashMap::new(),
            routines: other::Routines::default(),
        }
    }

    /// The table of that name; none for views and for what is opaque.
    fn find(&mut self, name: &str) -> Option<&mut Table> {
        let at = *self.at.get(name)?;
        self.out.database.tables.get_mut(at)
    }

    fn table(&mut self, row: Row<'_>) {
        let name = row.text(0);
        match row.text(1) {
            "BASE TABLE" => {}
            // Views have a query of their own; the others are of one session or of the server.
            "VIEW" | "SYSTEM VIEW" | "TEMPORARY" | "LOCAL TEMPORARY" => return,
            other => {
                self.out.database.opaque.push(Opaque {
                    kind: match other {
                        "SYSTEM VERSIONED" => "system-versioned table".to_owned(),
                        other => other.to_ascii_lowercase(),
                    },
                    name: ObjectName::bare(name),
                    table: None,
                    text: format!("{} {} {}", row.text(2), row.text(8), row.text(9))
                        .trim()
                        .to_owned(),
                    origin: Origin::Server,
                });
                return;
            }
        }
        let bytes = match (row.number(5), row.number(6)) {
            (None, None) => None,
            (data, index) => Some(data.unwrap_or(0) + index.unwrap_or(0)),
        };
        self.out.sizes.insert(
            name.to_owned(),
            TableSize {
                rows: row.number(4),
                bytes,
            },
        );
        let mut table = Table::new(ObjectName::bare(name));
        table.origin = Origin::Server;
        let comment = row.filled(10).map(str::to_owned);
        table.rare.put(comment, |rare| &mut rare.comment);
        let collation = row.filled(8);
        table.options = TableOptions::MySql(Box::new(MySqlTable {
            engine: row.filled(2).map(str::to_owned),
            charset: collation.map(charset_of),
            collation: collation.map(str::to_owned),
            row_format: row_format(row.text(2), row.text(3), row.text(9)),
            auto_increment: row.number(7),
            extra: create_options(row.text(9)),
            ..MySqlTable::default()
        }));
        self.at
            .insert(name.to_owned(), self.out.database.tables.len());
        self.out.database.tables.push(table);
    }

    fn finish(mut self) -> Assembled {
        self.routines.finish(&mut self.out.database);
        key::remark_unseen_rules(&mut self.out);
        other::name_columns(&mut self.out.database, &mut self.view_columns, self.facts);
        for table in &mut self.out.database.tables {
            column::settle(table, 0, self.facts);
        }
        self.out
    }
}

/// The character set that a collation belongs to: its first word.
pub(crate) fn charset_of(collation: &str) -> String {
    collation
        .split_once('_')
        .map_or(collation, |(charset, _)| charset)
        .to_owned()
}

/// The row format, unless it is the one that an engine takes when nothing is said.
fn row_format(engine: &str, format: &str, options: &str) -> Option<String> {
    let chosen = options.to_ascii_lowercase().contains("row_format=");
    let usual = !engine.eq_ignore_ascii_case("InnoDB") || format.eq_ignore_ascii_case("Dynamic");
    (!format.is_empty() && (chosen || !usual)).then(|| format.to_ascii_uppercase())
}

/// `CREATE_OPTIONS` without what has a field of its own. Values in quotes may hold blanks.
fn create_options(text: &str) -> Vec<String> {
    let mut options = Vec::new();
    let mut current = String::new();
    let mut quote = None;
    for c in text.chars().chain([' ']) {
        match (quote, c) {
            (Some(open), c) => {
                current.push(c);
                if c == open {
                    quote = None;
                }
            }
            (None, ' ') => {
                let option = std::mem::take(&mut current);
                let lower = option.to_ascii_lowercase();
                if !option.is_empty() && lower != "partitioned" && !lower.starts_with("row_format=")
                {
                    options.push(option);
                }
            }
            (None, c) => {
                if matches!(c, '\'' | '"' | '`') {
                    quote = Some(c);
                }
                current.push(c);
            }
        }
    }
    options
}

#[cfg(test)]
mod tests;
