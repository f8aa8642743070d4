//! DDL text in Doctrine's spelling.

use std::fmt::Write as _;

use realign_model::{
    Check, Column, Expr, ForeignKey, GeneratedKind, Ident, Identity, Index, IndexPart, IndexTarget,
    ObjectName, SortOrder, Table, TableOptions,
};
use realign_planner::Facts;

use crate::assemble;
use crate::interpret::inner_name;
use crate::keywords::{always, quote};
use crate::reader::Reader;
use crate::{conflicts, expr, stored, types};

/// A table's or view's name.
pub(crate) fn object(name: &ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", quote(schema), quote(&name.name)),
        None => quote(&name.name),
    }
}

/// `CREATE TABLE`, without the indexes that have statements of their own.
pub(crate) fn create_table(table: &Table, facts: &Facts) -> String {
    let mut parts: Vec<String> = table
        .columns
        .iter()
        .map(|column| column_declaration(column, table, facts))
        .collect();
    for index in table.indexes.iter().filter(|index| index.constraint) {
        let columns = index.parts.iter().map(|part| match &part.target {
            IndexTarget::Column(name) => name.as_str(),
            IndexTarget::Expr(expr) => expr.as_str(),
        });
        parts.push(format!(
            "{}UNIQUE ({}){}",
            constraint(index.name.as_ref()),
            index_parts(&index.parts),
            conflicts::clause(table, &conflicts::unique(columns))
        ));
    }
    if let Some(key) = &table.primary_key
        && !has_autoincrement(table)
    {
        parts.push(format!(
            "PRIMARY KEY({}){}",
            index_parts(&key.parts),
            conflicts::clause(table, conflicts::PRIMARY)
        ));
    }
    for key in &table.foreign_keys {
        parts.push(foreign_key(key));
    }
    for check in table.checks.iter().filter(|c| !is_in_definition(c, table)) {
        parts.push(check_clause(check));
    }
    let comment = match table.comment.as_deref() {
        Some(text) => line_comment(text),
        None => String::new(),
    };
    let mut options = Vec::new();
    if let TableOptions::Sqlite(own) = &table.options {
        if own.strict {
            options.push("STRICT");
        }
        if own.without_rowid {
            options.push("WITHOUT ROWID");
        }
    }
    let options = if options.is_empty() {
        String::new()
    } else {
        format!(" {}", options.join(", "))
    };
    format!(
        "CREATE TABLE {} {comment}({}){options}",
        object(&table.name),
        parts.join(", ")
    )
}

/// The statements that make a table with its indexes.
pub(crate) fn create_with_indexes(table: &Table, facts: &Facts) -> Vec<String> {
    // The engine keeps the text as it gets it: what somebody wrote stays as it was written, also
    // clauses that the model has no words for.
    let as_written = assemble::own_text(table).map(str::to_owned);
    std::iter::once(as_written.unwrap_or_else(|| create_table(table, facts)))
        .chain(
            table
                .indexes
                .iter()
                .filter(|index| !index.constraint)
                .map(|index| create_index(index, &table.name)),
        )
        .collect()
}

/// True when the table's primary key stands at its column.
fn has_autoincrement(table: &Table) -> bool {
    table
        .columns
        .iter()
        .any(|column| column.identity == Some(Identity::AutoIncrement))
}

/// True when the check is printed as part of a column's own text.
fn is_in_definition(check: &Check, table: &Table) -> bool {
    check
        .column
        .as_ref()
        .and_then(|name| table.column_ignoring_case(name.as_str()))
        .is_some_and(|column| column.definition.is_some())
}

/// A column as it stands in `CREATE TABLE` and `ADD COLUMN`.
pub(crate) fn column_declaration(column: &Column, table: &Table, facts: &Facts) -> String {
    let key = column.identity == Some(Identity::AutoIncrement)
        && table.primary_key.as_deref().is_none_or(|key| {
            key.columns()
                .any(|name| name.text.eq_ignore_ascii_case(&column.name.text))
        });
    let own = Conflicts {
        key: conflicts::clause(table, conflicts::PRIMARY),
        not_null: conflicts::clause(table, &conflicts::not_null(column.name.as_str())),
    };
    let clauses = clauses_with(column, key, own, facts);
    format!("{} {clauses}", quote(&column.name))
}

/// What the constraints at a column do with rows that they refuse.
#[derive(Default, Clone, Copy)]
struct Conflicts<'t> {
    key: &'t str,
    not_null: &'t str,
}

/// A column's type and clauses. `key` prints the primary key along.
pub(crate) fn clauses(column: &Column, key: bool, facts: &Facts) -> String {
    clauses_with(column, key, Conflicts::default(), facts)
}

fn clauses_with(column: &Column, key: bool, conflicts: Conflicts<'_>, facts: &Facts) -> String {
    if let Some(definition) = &column.definition {
        return definition.clone();
    }
    let mut text = types::render(&column.data_type);
    if key {
        put(
            &mut text,
            format_args!(" PRIMARY KEY{} AUTOINCREMENT", conflicts.key),
        );
    }
    if column.charset.is_some() {
        // The engine has no character sets; DBAL leaves the blank before the missing clause.
        text.push(' ');
    }
    if let Some(generated) = &column.generated {
        let kind = match generated.kind {
            GeneratedKind::Virtual => "VIRTUAL",
            GeneratedKind::Stored => "STORED",
        };
        put(
            &mut text,
            format_args!(" GENERATED ALWAYS AS ({}) {kind}", generated.expr),
        );
    } else if let Some(default) = &column.default {
        put(
            &mut text,
            format_args!(" DEFAULT {}", default_value(default)),
        );
    } else if column.nullable {
        text.push_str(" DEFAULT NULL");
    }
    if !column.nullable {
        text.push_str(" NOT NULL");
        text.push_str(conflicts.not_null);
    }
    if let Some(collation) = &column.collation {
        // DBAL quotes it from 3.0 on.
        let collation = if facts.doctrine.dbal_at_least(3, 0) {
            always(collation)
        } else {
            quote(&Ident::new(collation))
        };
        put(&mut text, format_args!(" COLLATE {collation}"));
    }
    if let Some(comment) = column.stored_comment() {
        text.push(' ');
        text.push_str(&line_comment(&comment));
    }
    text
}

/// A default as it stands behind the word.
pub(crate) fn default_value(default: &Expr) -> String {
    if expr::is_literal(default.as_str()) {
        default.text.clone()
    } else {
        format!("({default})")
    }
}

fn line_comment(text: &str) -> String {
    format!("--{}\n", text.replace('\n', "\n--"))
}

/// The text of an index, when it says what the model says.
fn own_index_text<'i>(index: &'i Index, table: &ObjectName) -> Option<&'i str> {
    let text = index.source_text.as_deref()?;
    let head = stored::index_head(&mut Reader::new(text).ok()?).ok()?;
    let (parts, predicate) = stored::index(text).ok()?;
    let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    let same_part = |(read, part): (&stored::StoredPart, &IndexPart)| {
        let target = match &part.target {
            IndexTarget::Column(name) => {
                let inner = || inner_name(&read.text);
                let column = read.column.clone().or_else(inner);
                column.is_some_and(|column| same(&column, name.as_str()))
            }
            IndexTarget::Expr(expr) => read.column.is_none() && expr.text == read.text,
        };
        target && read.order == part.order && read.collation == part.collation
    };
    let says = head.0 == index.unique
        && same(&head.1, index.name_str())
        && same(&head.2, &table.name.text)
        && predicate.as_deref() == index.predicate.as_ref().map(Expr::as_str)
        && parts.len() == index.parts.len()
        && parts.iter().zip(&index.parts).all(same_part);
    (says && table.schema.is_none()).then_some(text)
}

/// `CREATE INDEX`.
pub(crate) fn create_index(index: &Index, table: &ObjectName) -> String {
    if let Some(text) = own_index_text(index, table) {
        return text.to_owned();
    }
    let unique = if index.unique { "UNIQUE " } else { "" };
    let predicate = match &index.predicate {
        Some(predicate) => format!(" WHERE {predicate}"),
        None => String::new(),
    };
    let name = index.name.clone().unwrap_or_else(|| Ident::new(""));
    let name = match &table.schema {
        Some(schema) => format!("{}.{}", quote(schema), quote(&name)),
        None => quote(&name),
    };
    format!(
        "CREATE {unique}INDEX {name} ON {} ({}){predicate}",
        quote(&table.name),
        index_parts(&index.parts)
    )
}

/// `DROP INDEX`.
pub(crate) fn drop_index(index: &Index) -> String {
    let name = index.name.clone().unwrap_or_else(|| Ident::new(""));
    format!("DROP INDEX {}", quote(&name))
}

/// The parts of an index or key.
pub(crate) fn index_parts(parts: &[IndexPart]) -> String {
    let texts: Vec<String> = parts
        .iter()
        .map(|part| {
            let mut text = match &part.target {
                IndexTarget::Column(name) => quote(name),
                IndexTarget::Expr(expr) => expr.text.clone(),
            };
            if let Some(collation) = &part.collation {
                put(
                    &mut text,
                    format_args!(" COLLATE {}", quote(&Ident::new(collation))),
                );
            }
            if part.order == SortOrder::Desc {
                text.push_str(" DESC");
            }
            text
        })
        .collect();
    texts.join(", ")
}

/// A foreign key with its name and all clauses.
pub(crate) fn foreign_key(key: &ForeignKey) -> String {
    let not = if key.deferrable { "" } else { "NOT " };
    let initially = if key.initially_deferred {
        "DEFERRED"
    } else {
        "IMMEDIATE"
    };
    format!(
        "{}{} {not}DEFERRABLE INITIALLY {initially}",
        constraint(key.name.as_ref()),
        foreign_key_core(key)
    )
}

/// A foreign key without name and deferrability.
pub(crate) fn foreign_key_core(key: &ForeignKey) -> String {
    let targets = if key.ref_columns.is_empty() {
        String::new()
    } else {
        format!(" ({})", names(&key.ref_columns))
    };
    let mut text = format!(
        "FOREIGN KEY ({}) REFERENCES {}{targets}",
        names(&key.columns),
        quote(&key.ref_table.name),
    );
    if let Some(action) = key.on_update {
        put(&mut text, format_args!(" ON UPDATE {}", action.sql()));
    }
    if let Some(action) = key.on_delete {
        put(&mut text, format_args!(" ON DELETE {}", action.sql()));
    }
    text
}

/// A check with its name.
pub(crate) fn check_clause(check: &Check) -> String {
    format!("{}CHECK ({})", constraint(check.name.as_ref()), check.expr)
}

fn constraint(name: Option<&Ident>) -> String {
    match name {
        Some(name) => format!("CONSTRAINT {} ", quote(name)),
        None => String::new(),
    }
}

/// Writing into a text cannot fail.
fn put(text: &mut String, more: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(more);
}

/// Names with commas between them.
pub(crate) fn names(names: &[Ident]) -> String {
    names.iter().map(quote).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
