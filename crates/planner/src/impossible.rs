//! What an engine can't hold, whatever the rows.

use std::collections::HashMap;

use realign_model::{
    Database, ForeignKey, Ident, Index, IndexPart, ObjectName, Origin, PrimaryKey, Table,
};

use crate::{Change, Diagnostic, Dialect, Facts, NameKind, NameLimit, Severity, TableItem};

/// Finds every index and foreign key that these changes ask for and that the engine can't have,
/// and every declared name that it refuses. Such a schema can be printed, but not made.
pub(crate) fn impossible(
    changes: &[Change],
    (is, wish): (&Database, &Database),
    dialect: &dyn Dialect,
    facts: &Facts,
) -> Vec<Diagnostic> {
    let made = changes.iter().flat_map(made_by);
    refused(made, wish.tables.iter().chain(&is.tables), dialect, facts)
        .into_iter()
        .chain(refused_names(wish, dialect, facts))
        .collect()
}

/// The same of a schema that is made in an empty database.
pub(crate) fn impossible_anew(
    wish: &Database,
    dialect: &dyn Dialect,
    facts: &Facts,
) -> Vec<Diagnostic> {
    let made = wish.tables.iter().flat_map(all_of);
    refused(made, &wish.tables, dialect, facts)
        .into_iter()
        .chain(refused_names(wish, dialect, facts))
        .collect()
}

/// Something that is made at a table.
enum Made<'t> {
    Index(&'t Table, &'t Index),
    Key(&'t Table, &'t ForeignKey),
}

/// What of all that is made the engine can't have. What keeps the values apart to which a key
/// refers may be in the declared table or in the live one.
fn refused<'t>(
    made: impl Iterator<Item = Made<'t>>,
    tables: impl IntoIterator<Item = &'t Table>,
    dialect: &dyn Dialect,
    facts: &Facts,
) -> Vec<Diagnostic> {
    let fold = |name: &ObjectName| {
        let compare = dialect.compare();
        compare.fold(NameKind::Table, &name.to_string(), facts)
    };
    let mut by_name: HashMap<String, Vec<&Table>> = HashMap::new();
    for table in tables {
        by_name.entry(fold(&table.name)).or_default().push(table);
    }
    made.filter_map(|made| match made {
        Made::Index(table, index) => dialect.cannot_index(index, table, facts),
        Made::Key(table, key) => {
            let targets = by_name.get(&fold(&key.ref_table));
            dialect.cannot_refer(key, table, targets.map_or(&[], Vec::as_slice), facts)
        }
    })
    .collect()
}

/// The columns that a foreign key refers to, in its target.
pub fn referred<'k>(key: &'k ForeignKey, target: &'k Table) -> Vec<&'k Ident> {
    if key.ref_columns.is_empty() {
        target
            .primary_key
            .as_deref()
            .into_iter()
            .flat_map(PrimaryKey::columns)
            .collect()
    } else {
        key.ref_columns.iter().collect()
    }
}

/// True when the primary key or a unique index of the table is over exactly these columns, in
/// whatever order, and over all rows and whole values.
pub fn is_key(table: &Table, columns: &[&Ident]) -> bool {
    let covers = |parts: &[IndexPart]| {
        parts.len() == columns.len()
            && parts.iter().all(|part| {
                part.prefix.is_none()
                    && part.as_column().is_some_and(|name| {
                        columns
                            .iter()
                            .any(|wanted| wanted.text.eq_ignore_ascii_case(&name.text))
                    })
            })
    };
    table
        .primary_key
        .as_deref()
        .is_some_and(|primary| covers(&primary.parts))
        || table
            .indexes
            .iter()
            .any(|index| index.unique && index.predicate.is_none() && covers(&index.parts))
}

/// All indexes and foreign keys of a table that is made.
fn all_of(table: &Table) -> Vec<Made<'_>> {
    let indexes = table.indexes.iter().map(|index| Made::Index(table, index));
    let keys = table.foreign_keys.iter().map(|key| Made::Key(table, key));
    indexes.chain(keys).collect()
}

/// The indexes and foreign keys that a change makes: new ones, and indexes over columns that
/// become others.
fn made_by(change: &Change) -> Vec<Made<'_>> {
    match change {
        Change::CreateTable(table) => all_of(table),
        Change::AlterTable(change) => {
            let table = &change.target;
            let modified = |index: &Index| {
                change.items.iter().any(|item| match item {
                    TableItem::ModifyColumn { wish, .. } => {
                        index.columns().any(|name| name.text == wish.name.text)
                    }
                    _ => false,
                })
            };
            let indexes: Vec<&Index> = change
                .items
                .iter()
                .filter_map(|item| match item {
                    TableItem::AddIndex(index) | TableItem::ReplaceIndex { wish: index, .. } => {
                        Some(index)
                    }
                    _ => None,
                })
                .collect();
            let covering = table
                .indexes
                .iter()
                .filter(|index| modified(index) && !indexes.contains(index));
            let keys = change.items.iter().filter_map(|item| match item {
                TableItem::AddForeignKey(key) | TableItem::ReplaceForeignKey { wish: key, .. } => {
                    Some(Made::Key(table, key))
                }
                _ => None,
            });
            indexes
                .iter()
                .copied()
                .chain(covering)
                .map(|index| Made::Index(table, index))
                .chain(keys)
                .collect()
        }
        _ => Vec::new(),
    }
}

fn refused_names(
    wish: &Database,
    dialect: &dyn Dialect,
    facts: &Facts,
) -> impl Iterator<Item = Diagnostic> {
    long_names(wish, dialect, facts)
        .into_iter()
        .filter(|remark| remark.severity == Severity::Error)
}

/// Every declared name that is longer than the engine keeps one: an error where it refuses such
/// a name, a warning where it cuts it, and an error again where two become one by that.
pub fn long_names(wish: &Database, dialect: &dyn Dialect, facts: &Facts) -> Vec<Diagnostic> {
    let Some(limit) = dialect.name_limit(facts) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut look = |what: &str, name: &Ident, origin: &Origin| {
        found.extend(too_long(what, name, limit).map(|remark| remark.at(origin.clone())));
    };
    for table in &wish.tables {
        look("table", &table.name.name, &table.origin);
        for column in &table.columns {
            look("column", &column.name, &column.origin);
        }
        for index in &table.indexes {
            index
                .name
                .iter()
                .for_each(|name| look("index", name, &index.origin));
        }
        for key in &table.foreign_keys {
            key.name
                .iter()
                .for_each(|name| look("foreign key", name, &key.origin));
        }
    }
    for view in &wish.views {
        look("view", &view.name.name, &view.origin);
    }
    for sequence in &wish.sequences {
        look("sequence", &sequence.name.name, &sequence.origin);
    }
    if limit.cuts {
        found.extend(run_together(wish, dialect, facts, limit));
    }
    found
}

/// Tables, views and sequences of which the server keeps the same beginning: it would refuse the
/// second.
fn run_together(
    wish: &Database,
    dialect: &dyn Dialect,
    facts: &Facts,
    limit: NameLimit,
) -> Vec<Diagnostic> {
    let tables = wish.tables.iter().map(|t| ("table", &t.name, &t.origin));
    let views = wish.views.iter().map(|v| ("view", &v.name, &v.origin));
    let sequences = wish.sequences.iter();
    let sequences = sequences.map(|s| ("sequence", &s.name, &s.origin));
    let mut kept: HashMap<String, (&str, &ObjectName)> = HashMap::new();
    let mut found = Vec::new();
    for (what, name, origin) in tables.chain(views).chain(sequences) {
        let cut = Ident {
            text: beginning(&name.name.text, limit).to_owned(),
            quoted: name.name.quoted,
        };
        let short = ObjectName::new(name.schema.clone(), cut);
        let key = dialect
            .compare()
            .fold(NameKind::Table, &short.to_string(), facts);
        let Some((other, taken)) = kept.get(&key) else {
            kept.insert(key, (what, name));
            continue;
        };
        if too_long(what, &name.name, limit).is_some()
            || too_long(other, &taken.name, limit).is_some()
        {
            let message = format!(
                "the server keeps {} of the {what} {}, and the {other} {} is called so as well",
                beginning(&name.name.text, limit),
                name.name.text,
                taken.name.text
            );
            found.push(
                Diagnostic::error("D094", message)
                    .with_help(format!("give the {what} a shorter name"))
                    .at(origin.clone()),
            );
        }
    }
    found
}

/// What the server keeps of a name.
fn beginning(name: &str, limit: NameLimit) -> &str {
    let fits = |(at, c): (usize, char), count: usize| {
        let length = if limit.in_bytes {
            at + c.len_utf8()
        } else {
            count + 1
        };
        length <= limit.most
    };
    let end = name
        .char_indices()
        .enumerate()
        .find(|(count, place)| !fits(*place, *count));
    end.map_or(name, |(_, (at, _))| &name[..at])
}

fn too_long(what: &str, name: &Ident, limit: NameLimit) -> Option<Diagnostic> {
    let (length, unit) = if limit.in_bytes {
        (name.text.len(), "bytes")
    } else {
        (name.text.chars().count(), "characters")
    };
    if length <= limit.most {
        return None;
    }
    let begin: String = name.text.chars().take(40).collect();
    let most = limit.most;
    let told = format!("the name of the {what} {begin}… has {length} {unit}");
    Some(if limit.cuts {
        Diagnostic::warning("D094", format!("{told}; the server keeps the first {most}"))
    } else {
        Diagnostic::error("D094", format!("{told}, and {most} is the most here"))
            .with_help("give it a shorter one")
    })
}
