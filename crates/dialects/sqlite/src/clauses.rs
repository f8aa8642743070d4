//! Clauses of columns and constraints, as they stand in a stored text.

use realign_model::{GeneratedKind, SortOrder};

use crate::reader::{Reader, Unreadable};
use crate::stored::{Constraint, ConstraintKind, StoredColumn, StoredKey, StoredPart, StoredTable};
use crate::tokens::{Kind, Token};
use crate::{conflicts, keywords};

pub(crate) fn clauses(
    reader: &mut Reader<'_>,
    name: String,
    table: &mut StoredTable,
) -> Result<StoredColumn, Unreadable> {
    let mut column = StoredColumn {
        type_text: type_text(reader)?,
        name,
        ..StoredColumn::default()
    };
    let mut constraint_name: Option<String> = None;
    let mut last_key: Option<usize> = None;
    loop {
        if reader.take("CONSTRAINT") {
            constraint_name = Some(reader.name()?);
            continue;
        }
        let own = || StoredPart {
            column: Some(column.name.clone()),
            text: column.name.clone(),
            collation: None,
            order: SortOrder::Asc,
        };
        let mut kind = None;
        if reader.take_all(&["PRIMARY", "KEY"]) {
            let mut part = own();
            part.order = order(reader);
            column.descending_key = part.order == SortOrder::Desc;
            conflict(reader, conflicts::PRIMARY, table)?;
            column.autoincrement = reader.take("AUTOINCREMENT");
            kind = Some(ConstraintKind::Primary(vec![part]));
        } else if reader.take_all(&["NOT", "NULL"]) {
            column.not_null = true;
            conflict(reader, &conflicts::not_null(&column.name), table)?;
        } else if reader.take("NULL") {
            no_conflict(reader)?;
        } else if reader.take("UNIQUE") {
            let part = own();
            conflict(reader, &conflicts::unique([column.name.as_str()]), table)?;
            kind = Some(ConstraintKind::Unique(vec![part]));
        } else if reader.take("CHECK") {
            let text = reader.parenthesised()?.to_owned();
            no_conflict(reader)?;
            kind = Some(ConstraintKind::Check(text, Some(column.name.clone())));
        } else if reader.take("DEFAULT") {
            column.default = Some(if reader.sees_symbol("(") {
                reader.parenthesised()?.to_owned()
            } else {
                default_literal(reader)?
            });
        } else if reader.take("COLLATE") {
            column.collation = Some(reader.name()?);
        } else if reader.take("REFERENCES") {
            let mut key = references(reader)?;
            key.columns = vec![column.name.clone()];
            last_key = Some(table.constraints.len());
            kind = Some(ConstraintKind::Foreign(key));
        } else if reader.sees("DEFERRABLE")
            || (reader.sees("NOT") && reader.second().is_some_and(|t| t.is("DEFERRABLE")))
        {
            let key = last_key.and_then(|at| table.constraints.get_mut(at));
            let Some(ConstraintKind::Foreign(key)) = key.map(|c| &mut c.kind) else {
                return Err(reader.unexpected("a clause of a column"));
            };
            deferrability(reader, key)?;
            continue;
        } else if reader.take_all(&["GENERATED", "ALWAYS"]) || reader.sees("AS") {
            reader.expect("AS")?;
            let text = reader.parenthesised()?.to_owned();
            let stored = reader.take("STORED");
            if !stored {
                reader.take("VIRTUAL");
            }
            column.generated = Some((
                text,
                if stored {
                    GeneratedKind::Stored
                } else {
                    GeneratedKind::Virtual
                },
            ));
        } else if reader.peek().is_none()
            || reader.sees_symbol(",")
            || reader.sees_symbol(")")
            || reader.sees_symbol(";")
        {
            return Ok(column);
        } else {
            return Err(reader.unexpected("a clause of a column"));
        }
        let name = constraint_name.take();
        if let Some(kind) = kind {
            table.constraints.push(Constraint { name, kind });
        }
    }
}

/// A bare word as default is a text to the engine, unless it is one of its own words.
pub(crate) fn default_literal(reader: &mut Reader<'_>) -> Result<String, Unreadable> {
    let bare = reader.peek().filter(|token| match token.kind {
        Kind::Quoted => true,
        Kind::Word => ![
            "NULL",
            "TRUE",
            "FALSE",
            "CURRENT_TIMESTAMP",
            "CURRENT_DATE",
            "CURRENT_TIME",
        ]
        .iter()
        .any(|word| token.is(word)),
        Kind::Text | Kind::Number | Kind::Blob | Kind::Symbol => false,
    });
    match bare.and_then(Token::name) {
        Some(text) => {
            reader.skip();
            Ok(keywords::literal(&text))
        }
        None => Ok(reader.literal()?.to_owned()),
    }
}

const TYPE_ENDS: &[&str] = &[
    "CONSTRAINT",
    "PRIMARY",
    "NOT",
    "NULL",
    "UNIQUE",
    "CHECK",
    "DEFAULT",
    "COLLATE",
    "REFERENCES",
    "AS",
    "DEFERRABLE",
    "ON",
];

pub(crate) fn type_text(reader: &mut Reader<'_>) -> Result<String, Unreadable> {
    let mut words: Vec<String> = Vec::new();
    let mut arguments = String::new();
    loop {
        let ends = reader.peek().is_none_or(|token| {
            !matches!(token.kind, Kind::Word | Kind::Quoted | Kind::Text)
                || TYPE_ENDS.iter().any(|word| token.is(word))
                || (token.is("GENERATED") && reader.second().is_some_and(|next| next.is("ALWAYS")))
        });
        if ends {
            break;
        }
        words.push(reader.name()?);
    }
    if !words.is_empty() && reader.sees_symbol("(") {
        arguments = format!("({})", reader.parenthesised()?);
    }
    Ok(words.join(" ") + &arguments)
}

pub(crate) fn order(reader: &mut Reader<'_>) -> SortOrder {
    if reader.take("DESC") {
        return SortOrder::Desc;
    }
    reader.take("ASC");
    SortOrder::Asc
}

pub(crate) fn conflict(
    reader: &mut Reader<'_>,
    of: &str,
    table: &mut StoredTable,
) -> Result<(), Unreadable> {
    if reader.take_all(&["ON", "CONFLICT"]) {
        let action = reader.name()?.to_ascii_uppercase();
        if action != "ABORT" {
            table.conflicts.push(conflicts::line(of, &action));
        }
    }
    Ok(())
}

/// The clause behind a constraint for which the engine reads it and does nothing.
pub(crate) fn no_conflict(reader: &mut Reader<'_>) -> Result<(), Unreadable> {
    if reader.take_all(&["ON", "CONFLICT"]) {
        reader.name()?;
    }
    Ok(())
}

pub(crate) fn references(reader: &mut Reader<'_>) -> Result<StoredKey, Unreadable> {
    let mut key = StoredKey {
        table: reader.name()?,
        ..StoredKey::default()
    };
    if reader.sees_symbol("(") {
        key.targets = reader.names()?;
    }
    loop {
        if reader.take_all(&["ON", "DELETE"]) {
            key.on_delete = Some(reader.action()?);
        } else if reader.take_all(&["ON", "UPDATE"]) {
            key.on_update = Some(reader.action()?);
        } else if reader.take_all(&["ON", "INSERT"]) {
            reader.action()?;
        } else if reader.take("MATCH") {
            key.match_word = Some(reader.name()?);
        } else {
            return Ok(key);
        }
    }
}

pub(crate) fn deferrability(
    reader: &mut Reader<'_>,
    key: &mut StoredKey,
) -> Result<(), Unreadable> {
    let not = reader.take_all(&["NOT", "DEFERRABLE"]);
    if not || reader.take("DEFERRABLE") {
        key.deferrable = !not;
        if reader.take("INITIALLY") {
            key.deferred = reader.take("DEFERRED");
            if !key.deferred {
                reader.expect("IMMEDIATE")?;
            }
        }
    }
    Ok(())
}
