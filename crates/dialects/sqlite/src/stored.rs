//! Reading the text that the engine keeps of a table, an index, a view or a trigger.
//!
//! The pragmas leave out collations, checks, names and deferrability of foreign keys,
//! comments, expressions and AUTOINCREMENT; all of it is in the text.

use realign_model::{GeneratedKind, RefAction, SortOrder};

use crate::clauses::{clauses, conflict, deferrability, no_conflict, order, references};
use crate::conflicts;
use crate::reader::{Reader, Unreadable};
use crate::tokens::Token;

/// A table as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StoredTable {
    /// The comment between name and parenthesis.
    pub(crate) comment: Option<String>,
    /// Its columns.
    pub(crate) columns: Vec<StoredColumn>,
    /// Constraints of the table, and those of columns that read the same.
    pub(crate) constraints: Vec<Constraint>,
    /// `STRICT`.
    pub(crate) strict: bool,
    /// `WITHOUT ROWID`.
    pub(crate) without_rowid: bool,
    /// What its constraints do with rows that they refuse, as [`crate::conflicts`] spells it.
    pub(crate) conflicts: Vec<String>,
}

/// A column as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StoredColumn {
    /// Its name.
    pub(crate) name: String,
    /// The words of its type, one blank between them.
    pub(crate) type_text: String,
    /// `NOT NULL`.
    pub(crate) not_null: bool,
    /// The default as SQL.
    pub(crate) default: Option<String>,
    /// `COLLATE`.
    pub(crate) collation: Option<String>,
    /// Expression of a generated column.
    pub(crate) generated: Option<(String, GeneratedKind)>,
    /// `AUTOINCREMENT`.
    pub(crate) autoincrement: bool,
    /// The line comments behind it.
    pub(crate) comment: Option<String>,
    /// Everything after the name, comments left out at the end.
    pub(crate) definition: String,
    /// The key is written at this column, as a descending one.
    pub(crate) descending_key: bool,
    /// Its first byte in the text.
    pub(crate) start: usize,
}

/// A constraint as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Constraint {
    /// Its name.
    pub(crate) name: Option<String>,
    /// What it demands.
    pub(crate) kind: ConstraintKind,
}

/// What a constraint demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConstraintKind {
    /// `PRIMARY KEY`.
    Primary(Vec<StoredPart>),
    /// `UNIQUE`.
    Unique(Vec<StoredPart>),
    /// `CHECK`, with the column it was written at.
    Check(String, Option<String>),
    /// `FOREIGN KEY`.
    Foreign(StoredKey),
}

/// One part of an index or key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredPart {
    /// The column, or none for an expression.
    pub(crate) column: Option<String>,
    /// The text without collation and direction.
    pub(crate) text: String,
    /// `COLLATE`.
    pub(crate) collation: Option<String>,
    /// Direction.
    pub(crate) order: SortOrder,
}

/// A foreign key as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StoredKey {
    /// Referencing columns.
    pub(crate) columns: Vec<String>,
    /// Referenced table.
    pub(crate) table: String,
    /// Referenced columns; none means the primary key.
    pub(crate) targets: Vec<String>,
    /// `ON DELETE`.
    pub(crate) on_delete: Option<RefAction>,
    /// `ON UPDATE`.
    pub(crate) on_update: Option<RefAction>,
    /// `MATCH`.
    pub(crate) match_word: Option<String>,
    /// `DEFERRABLE` without `NOT`.
    pub(crate) deferrable: bool,
    /// `INITIALLY DEFERRED`.
    pub(crate) deferred: bool,
}

/// Reads `CREATE TABLE`.
pub(crate) fn table(sql: &str) -> Result<StoredTable, Unreadable> {
    let mut reader = Reader::new(sql)?;
    reader.expect("CREATE")?;
    let _ = reader.take("TEMP") || reader.take("TEMPORARY");
    reader.expect("TABLE")?;
    reader.take_all(&["IF", "NOT", "EXISTS"]);
    reader.name()?;
    if reader.take_symbol(".") {
        reader.name()?;
    }
    table_from(&mut reader)
}

/// Reads what follows the name in `CREATE TABLE`.
pub(crate) fn table_from(reader: &mut Reader<'_>) -> Result<StoredTable, Unreadable> {
    let mut table = StoredTable::default();
    let comments: Vec<&str> = reader
        .comments_before(reader.position())
        .iter()
        .map(|comment| comment.text)
        .collect();
    table.comment = joined(&comments);
    reader.expect_symbol("(")?;
    loop {
        if at_constraint(reader) {
            constraint(reader, &mut table)?;
            // The engine lets constraints of a table follow each other without a comma.
            if at_constraint(reader) {
                continue;
            }
        } else {
            let column = column(reader, &mut table)?;
            table.columns.push(column);
        }
        if reader.take_symbol(",") {
            continue;
        }
        reader.expect_symbol(")")?;
        break;
    }
    while !reader.at_end() {
        if reader.take_all(&["WITHOUT", "ROWID"]) {
            table.without_rowid = true;
        } else if reader.take("STRICT") {
            table.strict = true;
        } else if !reader.take_symbol(",") {
            return Err(reader.unexpected("an option of the table"));
        }
    }
    Ok(table)
}

fn at_constraint(reader: &Reader<'_>) -> bool {
    let opens = |words: &[&str], second: &str| {
        words.iter().any(|word| reader.sees(word))
            && reader
                .second()
                .is_some_and(|t| t.is(second) || t.is_symbol(second))
    };
    reader.sees("CONSTRAINT")
        || opens(&["PRIMARY", "FOREIGN"], "KEY")
        || opens(&["UNIQUE", "CHECK"], "(")
}

fn constraint(reader: &mut Reader<'_>, table: &mut StoredTable) -> Result<(), Unreadable> {
    let mut name = None;
    while reader.take("CONSTRAINT") {
        name = Some(reader.name()?);
    }
    let kind = if reader.take_all(&["PRIMARY", "KEY"]) {
        let (parts, autoincrement) = parts(reader)?;
        if autoincrement {
            let first = parts.first().and_then(|part| part.column.as_deref());
            if let Some(column) = table
                .columns
                .iter_mut()
                .find(|c| first.is_some_and(|f| c.name.eq_ignore_ascii_case(f)))
            {
                column.autoincrement = true;
            }
        }
        conflict(reader, conflicts::PRIMARY, table)?;
        ConstraintKind::Primary(parts)
    } else if reader.take("UNIQUE") {
        let (parts, _) = parts(reader)?;
        let columns = parts
            .iter()
            .map(|part| part.column.as_deref().unwrap_or(&part.text));
        conflict(reader, &conflicts::unique(columns), table)?;
        ConstraintKind::Unique(parts)
    } else if reader.take("CHECK") {
        let text = reader.parenthesised()?.to_owned();
        no_conflict(reader)?;
        ConstraintKind::Check(text, None)
    } else if reader.take_all(&["FOREIGN", "KEY"]) {
        let columns = reader.names()?;
        reader.expect("REFERENCES")?;
        let mut key = references(reader)?;
        deferrability(reader, &mut key)?;
        key.columns = columns;
        ConstraintKind::Foreign(key)
    } else {
        return Err(reader.unexpected("a constraint"));
    };
    table.constraints.push(Constraint { name, kind });
    Ok(())
}

/// Reads a column of a table, from its name on.
pub(crate) fn column(
    reader: &mut Reader<'_>,
    table: &mut StoredTable,
) -> Result<StoredColumn, Unreadable> {
    let first = reader.start();
    let name = reader.name()?;
    let start = reader.position();
    let mut column = clauses(reader, name, table)?;
    column.start = first;
    reader
        .between(start, reader.position())
        .clone_into(&mut column.definition);
    let end = reader.position();
    let mut comments: Vec<&str> = Vec::new();
    for position in start..=end {
        comments.extend(reader.comments_before(position).iter().map(|c| c.text));
    }
    // `a INTEGER, --text` is about the column before the comma.
    if reader.sees_symbol(",") {
        let behind = reader.comments_before(end + 1);
        if behind.first().is_some_and(|comment| !comment.own_line) {
            comments.extend(behind.iter().map(|c| c.text));
        }
    }
    column.comment = joined(&comments);
    Ok(column)
}

/// Reads a type and clauses that stand alone, as Doctrine's `columnDefinition` gives them.
pub(crate) fn definition(text: &str) -> Result<(StoredColumn, StoredTable), Unreadable> {
    let mut reader = Reader::new(text)?;
    let mut table = StoredTable::default();
    let column = clauses(&mut reader, String::new(), &mut table)?;
    if reader.at_end() {
        Ok((column, table))
    } else {
        Err(reader.unexpected("a clause of a column"))
    }
}

/// Goes past the parts of an index or key, parentheses included; true when `AUTOINCREMENT`
/// stands inside them.
fn parts(reader: &mut Reader<'_>) -> Result<(Vec<StoredPart>, bool), Unreadable> {
    reader.expect_symbol("(")?;
    let mut parts = Vec::new();
    loop {
        parts.push(part(reader)?);
        if reader.take_symbol(",") {
            continue;
        }
        let autoincrement = reader.take("AUTOINCREMENT");
        reader.expect_symbol(")")?;
        return Ok((parts, autoincrement));
    }
}

fn part(reader: &mut Reader<'_>) -> Result<StoredPart, Unreadable> {
    let start = reader.position();
    let mut depth = 0_usize;
    let mut column = reader.peek().and_then(Token::name);
    let mut end = start;
    let mut collation = None;
    let mut direction = SortOrder::Asc;
    while let Some(token) = reader.peek() {
        if depth == 0 && (token.is_symbol(",") || token.is_symbol(")")) {
            break;
        }
        if depth == 0 && token.is("AUTOINCREMENT") {
            break;
        }
        if depth == 0 && reader.position() > start {
            if token.is("COLLATE") {
                reader.skip();
                collation = Some(reader.name()?);
                continue;
            }
            if token.is("ASC") || token.is("DESC") {
                direction = order(reader);
                continue;
            }
        }
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth -= 1;
        }
        reader.skip();
        end = reader.position();
    }
    if end != start + 1 {
        column = None;
    }
    let text = reader.between(start, end).to_owned();
    if text.is_empty() {
        return Err(reader.unexpected("a column"));
    }
    Ok(StoredPart {
        column,
        text,
        collation,
        order: direction,
    })
}

/// Whether `CREATE INDEX` says UNIQUE, the name of the index, and that of its table.
pub(crate) fn index_head(reader: &mut Reader<'_>) -> Result<(bool, String, String), Unreadable> {
    reader.expect("CREATE")?;
    let unique = reader.take("UNIQUE");
    reader.expect("INDEX")?;
    reader.take_all(&["IF", "NOT", "EXISTS"]);
    let mut name = reader.name()?;
    if reader.take_symbol(".") {
        name = reader.name()?;
    }
    reader.expect("ON")?;
    Ok((unique, name, reader.name()?))
}

/// The parts and the predicate of `CREATE INDEX`.
pub(crate) fn index(sql: &str) -> Result<(Vec<StoredPart>, Option<String>), Unreadable> {
    let mut reader = Reader::new(sql)?;
    index_head(&mut reader)?;
    index_from(&mut reader)
}

/// The same from what follows the name of the table.
pub(crate) fn index_from(
    reader: &mut Reader<'_>,
) -> Result<(Vec<StoredPart>, Option<String>), Unreadable> {
    let (parts, _) = parts(reader)?;
    let predicate = if reader.take("WHERE") {
        Some(reader.rest().to_owned())
    } else {
        None
    };
    Ok((parts, predicate))
}

/// The column names and the query of `CREATE VIEW`.
pub(crate) fn view(sql: &str) -> Result<(Vec<String>, String), Unreadable> {
    let mut reader = Reader::new(sql)?;
    reader.expect("CREATE")?;
    let _ = reader.take("TEMP") || reader.take("TEMPORARY");
    reader.expect("VIEW")?;
    reader.take_all(&["IF", "NOT", "EXISTS"]);
    reader.name()?;
    if reader.take_symbol(".") {
        reader.name()?;
    }
    view_from(&mut reader)
}

/// The same from what follows the name.
pub(crate) fn view_from(reader: &mut Reader<'_>) -> Result<(Vec<String>, String), Unreadable> {
    let columns = if reader.sees_symbol("(") {
        reader.names()?
    } else {
        Vec::new()
    };
    reader.expect("AS")?;
    Ok((columns, reader.rest().to_owned()))
}

fn joined(comments: &[&str]) -> Option<String> {
    let text = comments.join("\n");
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests;
