//! The catalogue: a fixed number of queries, and the model from their answers.

use std::collections::{BTreeMap, HashMap, HashSet};

use realign_model::{
    Database, Expr, Ident, Index, IndexPart, ObjectName, Opaque, Origin, Table, Trigger, View,
};
use realign_planner::{Assembled, CatalogQuery, Diagnostic, Rows, Value};

use crate::assemble;
use crate::{keywords, stored};

/// The kind of an opaque object.
pub(crate) const VIRTUAL_TABLE: &str = "virtual table";

/// The queries, in the order that [`assemble`] takes their answers in.
pub(crate) fn queries() -> Vec<CatalogQuery> {
    // Asking a pragma about a virtual table needs the module that made it.
    const TABLES: &str = "FROM sqlite_schema m, {pragma} \
        WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'";
    let of_tables = |name, columns: &str, pragma: &str| CatalogQuery {
        name,
        sql: format!("SELECT {columns} {}", TABLES.replace("{pragma}", pragma)),
        optional: false,
        setting: false,
    };
    vec![
        CatalogQuery {
            name: "objects",
            sql: "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid".to_owned(),
            optional: false,
            setting: false,
        },
        CatalogQuery {
            name: "shadow tables",
            sql: "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'"
                .to_owned(),
            optional: false,
            setting: false,
        },
        of_tables(
            "columns",
            "m.name, x.name, x.type, x.\"notnull\", x.dflt_value, x.pk, x.hidden",
            "pragma_table_xinfo(m.name) x",
        ),
        of_tables(
            "indexes",
            "m.name, l.name, l.\"unique\", l.origin, x.name, x.\"desc\", x.coll",
            "pragma_index_list(m.name) l, pragma_index_xinfo(l.name) x",
        )
        .with(" AND x.key ORDER BY m.rowid, l.seq DESC, x.seqno"),
        of_tables(
            "foreign keys",
            "m.name, f.id, f.\"table\", f.\"from\", f.\"to\", f.on_update, f.on_delete",
            "pragma_foreign_key_list(m.name) f",
        )
        .with(" ORDER BY m.rowid, f.id DESC, f.seq"),
    ]
}

trait With {
    fn with(self, more: &str) -> Self;
}

impl With for CatalogQuery {
    fn with(mut self, more: &str) -> Self {
        self.sql.push_str(more);
        self
    }
}

/// A column as the engine lists it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListedColumn<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// The text of its type.
    pub(crate) type_text: &'a str,
    /// `NOT NULL`, also where only the key implies it.
    pub(crate) not_null: bool,
    /// The text of its default.
    pub(crate) default: Option<&'a str>,
    /// Its place in the primary key, from 1; 0 outside.
    pub(crate) key: i64,
    /// 2 and 3 are generated columns.
    pub(crate) hidden: i64,
}

/// A part of an index as the engine lists it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListedPart<'a> {
    /// The column; none for an expression.
    pub(crate) column: Option<&'a str>,
    /// Descending.
    pub(crate) desc: bool,
    /// The collation that is used.
    pub(crate) collation: &'a str,
}

/// An index as the engine lists it.
#[derive(Debug, Clone)]
pub(crate) struct ListedIndex<'a> {
    /// Its name, the engine's own for a constraint.
    pub(crate) name: &'a str,
    /// Unique.
    pub(crate) unique: bool,
    /// `c` for an index, `u` for a UNIQUE constraint, `pk` for a primary key.
    pub(crate) origin: &'a str,
    /// Its parts.
    pub(crate) parts: Vec<ListedPart<'a>>,
}

/// A column of a foreign key as the engine lists it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListedKey<'a> {
    /// Number of the key within its table.
    pub(crate) id: i64,
    /// Referenced table.
    pub(crate) table: &'a str,
    /// Referencing column.
    pub(crate) from: &'a str,
    /// Referenced column; none means the primary key.
    pub(crate) to: Option<&'a str>,
    /// `ON UPDATE`.
    pub(crate) on_update: &'a str,
    /// `ON DELETE`.
    pub(crate) on_delete: &'a str,
}

/// Everything that the engine lists of one table.
#[derive(Debug, Default)]
pub(crate) struct Listed<'a> {
    /// Its columns.
    pub(crate) columns: Vec<ListedColumn<'a>>,
    /// Its indexes.
    pub(crate) indexes: Vec<ListedIndex<'a>>,
    /// Its foreign keys, one entry a column.
    pub(crate) keys: Vec<ListedKey<'a>>,
}

/// The model from the answers to [`queries`].
pub(crate) fn assemble(answers: Vec<Rows>) -> Assembled {
    let mut answers = answers.into_iter().map(|answer| answer.rows);
    let mut answer = || answers.next().unwrap_or_default();
    let (objects, shadows) = (answer(), answer());
    let mut lists = by_table([answer(), answer(), answer()]);
    let (indexes, objects): (Vec<_>, Vec<_>) = objects
        .into_iter()
        .partition(|row| text(row, 0) == Some("index"));
    let shadows: HashSet<&str> = shadows.iter().filter_map(|row| text(row, 0)).collect();
    let virtuals: Vec<String> = objects
        .iter()
        .filter(|row| text(row, 0) == Some("table") && is_virtual(text(row, 3).unwrap_or("")))
        .filter_map(|row| text(row, 1))
        .map(|name| format!("{}_", name.to_ascii_lowercase()))
        .collect();
    let index_texts: HashMap<&str, &str> = indexes
        .iter()
        .filter_map(|row| Some((text(row, 1)?, text(row, 3)?)))
        .collect();
    let mut database = Database::default();
    let mut remarks = Vec::new();
    for row in objects {
        let (Some(kind), Some(name)) = (text(&row, 0), text(&row, 1)) else {
            continue;
        };
        let sql = text(&row, 3).unwrap_or_default();
        if is_engines_own(name) {
            continue;
        }
        match kind {
            "table" if is_virtual(sql) => {
                database.opaque.push(opaque(VIRTUAL_TABLE, name, sql));
            }
            // The tables behind a virtual table come and go with it, and hold what it shows.
            "table" if shadows.contains(name) || is_shadow(name, &virtuals) => {}
            "table" => {
                let [columns, indexes, keys] = lists.remove(name).unwrap_or_default();
                let listed = listed(&columns, &indexes, &keys);
                let table = assemble::table(name, sql, &listed, &index_texts);
                for note in &table.opaque {
                    remarks.push(Diagnostic::note(
                        "C001",
                        format!("table {name} has something that is not understood: {note}"),
                    ));
                }
                database.tables.push(table);
            }
            "view" => match view(name, sql) {
                Ok(view) => database.views.push(view),
                Err(reason) => {
                    remarks.push(unread("view", name, &reason));
                    database.opaque.push(opaque("view", name, sql));
                }
            },
            "trigger" => database.triggers.push(Trigger {
                name: ObjectName::bare(name),
                table: ObjectName::bare(text(&row, 2).unwrap_or_default()),
                source_text: Expr::new(sql),
                settings: realign_model::SessionSettings::new(),
                origin: Origin::Server,
            }),
            // Indexes belong to their tables.
            _ => {}
        }
    }
    resolve_targets(&mut database);
    Assembled {
        database,
        sizes: BTreeMap::new(),
        remarks,
    }
}

/// Rows of the three lists, in their order.
type Lists = [Vec<Vec<Value>>; 3];

/// The lists, table by table: each can then be freed with its table.
fn by_table(lists: Lists) -> HashMap<String, Lists> {
    let mut tables: HashMap<String, Lists> = HashMap::new();
    for (at, rows) in lists.into_iter().enumerate() {
        for row in rows {
            let Some(table) = text(&row, 0) else {
                continue;
            };
            if let Some(lists) = tables.get_mut(table) {
                lists[at].push(row);
            } else {
                let mut lists = Lists::default();
                let table = table.to_owned();
                lists[at].push(row);
                tables.insert(table, lists);
            }
        }
    }
    tables
}

/// What the rows of one table tell.
fn listed<'a>(
    columns: &'a [Vec<Value>],
    indexes: &'a [Vec<Value>],
    keys: &'a [Vec<Value>],
) -> Listed<'a> {
    let mut table = Listed::default();
    for row in columns {
        let Some(name) = text(row, 1) else {
            continue;
        };
        table.columns.push(ListedColumn {
            name,
            type_text: text(row, 2).unwrap_or_default(),
            not_null: number(row, 3) != 0,
            default: text(row, 4),
            key: number(row, 5),
            hidden: number(row, 6),
        });
    }
    for row in indexes {
        let Some(name) = text(row, 1) else {
            continue;
        };
        let part = ListedPart {
            column: text(row, 4),
            desc: number(row, 5) != 0,
            collation: text(row, 6).unwrap_or("BINARY"),
        };
        match table.indexes.last_mut() {
            Some(last) if last.name == name => last.parts.push(part),
            _ => table.indexes.push(ListedIndex {
                name,
                unique: number(row, 2) != 0,
                origin: text(row, 3).unwrap_or("c"),
                parts: vec![part],
            }),
        }
    }
    for row in keys {
        let (Some(target), Some(from)) = (text(row, 2), text(row, 3)) else {
            continue;
        };
        table.keys.push(ListedKey {
            id: number(row, 1),
            table: target,
            from,
            to: text(row, 4),
            on_update: text(row, 5).unwrap_or_default(),
            on_delete: text(row, 6).unwrap_or_default(),
        });
    }
    table
}

fn view(name: &str, sql: &str) -> Result<View, String> {
    let (columns, query) = stored::view(sql)?;
    Ok(View {
        name: ObjectName::bare(name),
        query: Expr::new(query),
        columns: columns.into_iter().map(Ident::new).collect(),
        materialized: false,
        options: Vec::new(),
        source_text: Some(sql.to_owned()),
        settings: realign_model::SessionSettings::new(),
        origin: Origin::Server,
    })
}

/// An index from the engine's list and, for expressions and predicates, its text.
pub(crate) fn index(
    listed: &ListedIndex<'_>,
    sql: Option<&str>,
    table: &Table,
) -> Result<Index, String> {
    let own_collation = |column: &str| {
        table
            .column_ignoring_case(column)
            .and_then(|c| c.collation.as_deref())
            .unwrap_or("BINARY")
    };
    let plain = listed.parts.iter().all(|part| part.column.is_some());
    // Only a WHERE can hide behind plain columns; the word alone is a cheap sign of it.
    let has_where = sql.is_some_and(|sql| sql.to_ascii_uppercase().contains("WHERE"));
    let (written, predicate) = match sql {
        Some(sql) if !plain || has_where => stored::index(sql)?,
        _ => (Vec::new(), None),
    };
    let mut parts = Vec::with_capacity(listed.parts.len());
    for (at, part) in listed.parts.iter().enumerate() {
        let mut made = if let Some(column) = part.column {
            let mut made = IndexPart::column(Ident::new(column));
            if !part.collation.eq_ignore_ascii_case(own_collation(column)) {
                made.collation = Some(part.collation.to_owned());
            }
            made
        } else {
            let text = written
                .get(at)
                .ok_or_else(|| "an expression has no text".to_owned())?;
            let mut made = IndexPart::column(Ident::new(""));
            made.target = realign_model::IndexTarget::Expr(Expr::new(&text.text));
            let collation = text.collation.clone();
            made.rare.put(collation, |rare| &mut rare.collation);
            made
        };
        if part.desc {
            made.order = realign_model::SortOrder::Desc;
        }
        parts.push(made);
    }
    let mut made = Index::over(Some(Ident::new(listed.name)), [], listed.unique);
    made.parts = parts;
    let predicate = predicate.map(Expr::new);
    made.rare.put(predicate, |rare| &mut rare.predicate);
    made.source_text = sql.map(|sql| sql.trim_end().to_owned());
    made.origin = Origin::Server;
    Ok(made)
}

/// A foreign key without target columns means the primary key of its target.
pub(crate) fn resolve_targets(database: &mut Database) {
    let keys: HashMap<String, Vec<Ident>> = database
        .tables
        .iter()
        .filter_map(|table| {
            let key = table.primary_key.as_deref()?;
            let name = table.name.name.text.to_ascii_lowercase();
            Some((name, key.columns().cloned().collect()))
        })
        .collect();
    for key in database
        .tables
        .iter_mut()
        .flat_map(|table| &mut table.foreign_keys)
        .filter(|key| key.ref_columns.is_empty())
    {
        let target = key.ref_table.name.text.to_ascii_lowercase();
        if let Some(columns) = keys.get(&target).filter(|c| c.len() == key.columns.len()) {
            key.ref_columns.clone_from(columns);
        }
    }
}

/// True for tables and indexes that the engine made for itself.
pub(crate) fn is_engines_own(name: &str) -> bool {
    name.get(..7)
        .is_some_and(|start| start.eq_ignore_ascii_case("sqlite_"))
}

fn is_virtual(sql: &str) -> bool {
    sql.get(..14)
        .is_some_and(|start| start.eq_ignore_ascii_case("CREATE VIRTUAL"))
}

/// A table of a virtual table whose module this process does not know.
fn is_shadow(name: &str, virtuals: &[String]) -> bool {
    if virtuals.is_empty() {
        return false;
    }
    let name = name.to_ascii_lowercase();
    virtuals.iter().any(|prefix| name.starts_with(prefix))
}

fn opaque(kind: &str, name: &str, sql: &str) -> Opaque {
    Opaque {
        kind: kind.to_owned(),
        name: ObjectName::bare(name),
        table: None,
        text: sql.to_owned(),
        origin: Origin::Server,
    }
}

fn unread(kind: &str, name: &str, reason: &str) -> Diagnostic {
    Diagnostic::note(
        "C002",
        format!(
            "the text of {kind} {} can't be read",
            keywords::always(name)
        ),
    )
    .with_note(reason)
}

fn text(row: &[Value], at: usize) -> Option<&str> {
    row.get(at).and_then(Value::as_str)
}

fn number(row: &[Value], at: usize) -> i64 {
    row.get(at).and_then(Value::as_int).unwrap_or(0)
}
