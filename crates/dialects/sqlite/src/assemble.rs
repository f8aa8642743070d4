//! One table of the model, from what the engine lists of it and from its stored text.

use std::collections::HashMap;

use realign_model::{
    Check, Column, DataType, Expr, ForeignKey, Generated, GeneratedKind, Ident, Index, IndexPart,
    IndexTarget, MatchKind, ObjectName, Origin, PrimaryKey, RefAction, SortOrder, SqliteTable,
    Table, TableOptions, split_mark,
};

use crate::catalog::{self, Listed};
use crate::doctrine::read_into;
use crate::stored::{self, ConstraintKind, StoredColumn, StoredKey, StoredPart, StoredTable};
use crate::types;

/// What stands before the reason in the note of a table whose text can't be read.
pub(crate) const UNREADABLE: &str = "text not read: ";

/// The table of a name. What its text does not tell comes from the list; a text that can't be
/// read, or that does not fit the list, leaves a note.
pub(crate) fn table(
    name: &str,
    sql: &str,
    listed: &Listed<'_>,
    index_texts: &HashMap<&str, &str>,
) -> Table {
    let mut table = Table::new(ObjectName::bare(name));
    table.origin = Origin::Server;
    table.source_text = Some(sql.to_owned());
    let read = stored::table(sql).and_then(|read| fits(&read, listed).map(|()| read));
    match read {
        Ok(read) => from_text(&mut table, &read, &Known::listed(&read, listed)),
        Err(reason) => {
            from_list(&mut table, listed);
            table.opaque.push(format!("{UNREADABLE}{reason}"));
        }
    }
    for index in listed.indexes.iter().filter(|index| index.origin == "c") {
        match catalog::index(index, index_texts.get(index.name).copied(), &table) {
            Ok(index) => table.indexes.push(index),
            Err(reason) => table
                .opaque
                .push(format!("{UNREADABLE}index {}: {reason}", index.name)),
        }
    }
    table
}

/// The text of a table, when it says what the model says: somebody may have changed one of both.
pub(crate) fn own_text(table: &Table) -> Option<&str> {
    let text = table.source_text.as_deref()?;
    if table.opaque.iter().any(|note| note.starts_with(UNREADABLE)) {
        return Some(text);
    }
    let read = stored::table(text).ok()?;
    let mut told = Table::new(table.name.clone());
    from_text(&mut told, &read, &Known::told(&read));
    let columns = |table: &Table| -> Vec<Column> {
        let bare = table.columns.iter().map(|column| Column {
            origin: Origin::None,
            ..column.clone()
        });
        bare.collect()
    };
    let rest = |table: &Table| {
        let key = table.primary_key.as_deref().map(|key| key.parts.clone());
        let checks: Vec<Expr> = table.checks.iter().map(|c| c.expr.clone()).collect();
        let unique = table.indexes.iter().filter(|index| index.constraint);
        let unique: Vec<Vec<IndexPart>> = unique.map(|index| index.parts.clone()).collect();
        let keys = table.foreign_keys.iter().map(|key| {
            let columns = (key.columns.clone(), key.ref_table.clone());
            let actions = (key.on_delete, key.on_update, key.initially_deferred);
            (columns, actions)
        });
        let keys: Vec<_> = keys.collect();
        let options = (table.options.clone(), table.opaque.clone());
        (key, checks, unique, keys, options, table.comment.clone())
    };
    (columns(&told) == columns(table) && rest(&told) == rest(table)).then_some(text)
}

/// The text has to name the columns that the engine lists; anything else was misread.
fn fits(read: &StoredTable, listed: &Listed<'_>) -> Result<(), String> {
    let same = read.columns.len() == listed.columns.len()
        && read
            .columns
            .iter()
            .zip(&listed.columns)
            .all(|(a, b)| a.name == b.name && (a.not_null == b.not_null || b.not_null));
    if same {
        Ok(())
    } else {
        Err("its columns are not those that the engine lists".to_owned())
    }
}

/// What the text of a table does not say by itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// Of each column: it is never NULL, also where only the key implies it.
    pub(crate) not_null: Vec<bool>,
    /// The key is the row's own number.
    pub(crate) row_number: bool,
}

impl Known {
    fn listed(read: &StoredTable, listed: &Listed<'_>) -> Self {
        Self {
            not_null: listed.columns.iter().map(|c| c.not_null).collect(),
            // Exactly when no index backs the key.
            row_number: !read.without_rowid
                && !listed.indexes.iter().any(|index| index.origin == "pk"),
        }
    }

    /// What the engine would list of a table with this text.
    pub(crate) fn told(read: &StoredTable) -> Self {
        let key = read.constraints.iter().find_map(|c| match &c.kind {
            ConstraintKind::Primary(parts) => Some(parts),
            ConstraintKind::Unique(_) | ConstraintKind::Check(..) | ConstraintKind::Foreign(_) => {
                None
            }
        });
        let in_key = |name: &str| {
            key.is_some_and(|parts| {
                parts
                    .iter()
                    .filter_map(|part| part.column.as_deref())
                    .any(|column| column.eq_ignore_ascii_case(name))
            })
        };
        let row_number = !read.without_rowid
            && key.is_some_and(|parts| match parts.as_slice() {
                [part] => read.columns.iter().any(|column| {
                    part.column
                        .as_deref()
                        .is_some_and(|name| name.eq_ignore_ascii_case(&column.name))
                        && column.type_text.eq_ignore_ascii_case("INTEGER")
                        && !column.descending_key
                }),
                _ => false,
            });
        Self {
            not_null: read
                .columns
                .iter()
                .map(|column| {
                    let by_key = (read.without_rowid || (read.strict && !row_number))
                        && in_key(&column.name);
                    column.not_null || by_key
                })
                .collect(),
            row_number,
        }
    }
}

/// Puts what a text says into a table.
pub(crate) fn from_text(table: &mut Table, read: &StoredTable, known: &Known) {
    let comment = read.comment.clone();
    table.rare.put(comment, |rare| &mut rare.comment);
    table.options = TableOptions::Sqlite(SqliteTable {
        strict: read.strict,
        without_rowid: read.without_rowid,
        conflicts: {
            let mut all = read.conflicts.clone();
            all.sort();
            all.dedup();
            all
        },
    });
    table.columns.reserve_exact(read.columns.len());
    for (column, not_null) in read.columns.iter().zip(&known.not_null) {
        let mut made = column_from(column);
        // WITHOUT ROWID makes the columns of the key NOT NULL without a word.
        made.nullable &= !not_null;
        table.columns.push(made);
    }
    for constraint in &read.constraints {
        let name = constraint.name.as_deref().map(Ident::new);
        match &constraint.kind {
            ConstraintKind::Primary(parts) => {
                table.primary_key = Some(Box::new(PrimaryKey {
                    name,
                    parts: parts.iter().map(part).collect(),
                    deferrable: false,
                    initially_deferred: false,
                    origin: Origin::Server,
                }));
            }
            ConstraintKind::Unique(parts) => {
                let mut index = Index::over(name, [], true);
                index.parts = parts.iter().map(part).collect();
                index.constraint = true;
                index.origin = Origin::Server;
                table.indexes.push(index);
            }
            ConstraintKind::Check(text, column) => table.checks.push(Check {
                name,
                expr: Expr::new(text),
                column: column.as_deref().map(Ident::new),
                enforced: true,
                origin: Origin::Server,
            }),
            ConstraintKind::Foreign(key) => table.foreign_keys.push(foreign_key(name, key)),
        }
    }
    // Most tables have one key of a kind, and a list makes room for four.
    table.indexes.shrink_to_fit();
    table.foreign_keys.shrink_to_fit();
    table.checks.shrink_to_fit();
    // The row's own number is never NULL.
    if known.row_number
        && let Some(key) = &table.primary_key
        && let Some(name) = key.columns().next().cloned()
        && let Some(column) = table
            .columns
            .iter_mut()
            .find(|c| c.name.text.eq_ignore_ascii_case(&name.text))
    {
        column.nullable = false;
    }
}

fn column_from(read: &StoredColumn) -> Column {
    let unread = DataType::Native(String::new());
    let mut column = Column::new(Ident::new(&read.name), unread);
    read_into(&mut column, read);
    let (comment, mark) = split_mark(read.comment.as_deref().unwrap_or_default());
    column.rare.put(comment, |rare| &mut rare.comment);
    column.type_mark = mark;
    column.origin = Origin::Server;
    column
}

fn part(read: &StoredPart) -> IndexPart {
    let mut part = IndexPart::column(Ident::new(read.column.as_deref().unwrap_or_default()));
    if read.column.is_none() {
        part.target = IndexTarget::Expr(Expr::new(&read.text));
    }
    let collation = read.collation.clone();
    part.rare.put(collation, |rare| &mut rare.collation);
    part.order = read.order;
    part
}

fn foreign_key(name: Option<Ident>, read: &StoredKey) -> ForeignKey {
    let idents = |names: &[String]| names.iter().map(Ident::new).collect();
    ForeignKey {
        name,
        columns: idents(&read.columns),
        ref_table: ObjectName::bare(&read.table),
        ref_columns: idents(&read.targets),
        on_delete: read.on_delete,
        on_update: read.on_update,
        deferrable: read.deferrable,
        initially_deferred: read.deferred,
        match_kind: match read.match_word.as_deref().map(str::to_ascii_uppercase) {
            Some(word) if word == "FULL" => MatchKind::Full,
            Some(word) if word == "PARTIAL" => MatchKind::Partial,
            _ => MatchKind::Simple,
        },
        set_columns: Vec::new(),
        origin: Origin::Server,
    }
}

/// The table as far as the pragmas tell it.
fn from_list(table: &mut Table, listed: &Listed<'_>) {
    let mut key: Vec<(i64, &str)> = Vec::new();
    for column in &listed.columns {
        let mut made = Column::new(Ident::new(column.name), types::parse(column.type_text));
        made.nullable = !column.not_null;
        made.default = column
            .default
            .filter(|text| !text.eq_ignore_ascii_case("NULL"))
            .map(Expr::new);
        made.generated = match column.hidden {
            2 => Some(GeneratedKind::Virtual),
            3 => Some(GeneratedKind::Stored),
            _ => None,
        }
        .map(|kind| Generated {
            expr: Expr::new(""),
            kind,
        });
        made.origin = Origin::Server;
        if column.key > 0 {
            key.push((column.key, column.name));
        }
        table.columns.push(made);
    }
    key.sort_unstable();
    if !key.is_empty() {
        table.primary_key = Some(Box::new(PrimaryKey::over(
            key.into_iter().map(|(_, name)| Ident::new(name)),
        )));
    }
    for index in listed.indexes.iter().filter(|index| index.origin == "u") {
        let mut made = Index::over(None, [], true);
        made.constraint = true;
        made.parts = index
            .parts
            .iter()
            .map(|part| {
                let mut made = IndexPart::column(Ident::new(part.column.unwrap_or_default()));
                if part.desc {
                    made.order = SortOrder::Desc;
                }
                made
            })
            .collect();
        table.indexes.push(made);
    }
    let mut last = None;
    for listed in &listed.keys {
        if last == Some(listed.id) {
            if let Some(key) = table.foreign_keys.last_mut() {
                key.columns.push(Ident::new(listed.from));
                key.ref_columns.extend(listed.to.map(Ident::new));
            }
            continue;
        }
        last = Some(listed.id);
        table.foreign_keys.push(ForeignKey {
            name: None,
            columns: vec![Ident::new(listed.from)],
            ref_table: ObjectName::bare(listed.table),
            ref_columns: listed.to.map(Ident::new).into_iter().collect(),
            on_delete: RefAction::from_sql(listed.on_delete),
            on_update: RefAction::from_sql(listed.on_update),
            deferrable: false,
            initially_deferred: false,
            match_kind: MatchKind::Simple,
            set_columns: Vec::new(),
            origin: Origin::Server,
        });
    }
}
