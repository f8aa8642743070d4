//! A column as the server makes it.

use realign_model::{Check, Column, DataType, Expr, Ident, Origin, Table};

use super::charset::{binary_collation, charset_name, collation_name, usual_collation};
use super::session::Session;
use crate::clauses::Definition;
use crate::compare::mysql_options;
use crate::facts::{Capability, can, is_mariadb};
use crate::parse::CheckDef;
use crate::types;

/// The column of a definition, with what the server fills in, its collation aside.
pub(super) fn column(definition: &Definition, origin: &Origin, session: &Session) -> Column {
    let mut column = definition.column.clone();
    column.origin = origin.clone();
    if column.identity.is_some() {
        column.nullable = false;
    }
    match &mut column.data_type {
        // Blanks at the end of a word are not kept.
        DataType::Enum { values } | DataType::Set { values } => {
            for value in values {
                value.truncate(value.trim_end_matches(' ').len());
            }
        }
        // So many zeros are filled in.
        DataType::Int {
            width,
            display: display @ None,
            zerofill: true,
            ..
        } => *display = Some(types::default_display(*width, true)),
        DataType::Timestamp { .. }
            if !session.explicit_timestamps() && !definition.nullability_said =>
        {
            column.nullable = false;
        }
        // A lenient MySQL warns, and keeps none; a strict one refuses the statement.
        DataType::Text { .. } | DataType::Blob { .. } | DataType::Json { .. }
            if !is_mariadb(&session.facts)
                && (column.default.as_ref()).is_some_and(|default| is_text(&default.text)) =>
        {
            column.default = None;
        }
        _ => {}
    }
    column
}

/// True for a string without anything around it.
fn is_text(default: &str) -> bool {
    default.starts_with(['\'', '"']) && default.ends_with(['\'', '"'])
}

/// Gives the TIMESTAMPs of old servers the defaults that nobody said: the first of a statement
/// follows the clock, the others are zero.
pub(super) fn old_timestamps<'c>(
    columns: impl Iterator<Item = (&'c mut Column, &'c Definition)>,
    session: &Session,
) {
    if session.explicit_timestamps() {
        return;
    }
    let mut first = true;
    for (column, definition) in columns {
        let DataType::Timestamp { precision } = column.data_type else {
            continue;
        };
        let follows = std::mem::replace(&mut first, false);
        let unsaid = !definition.default_said
            && column.on_update.is_none()
            && column.generated.is_none()
            && !column.nullable;
        if !unsaid {
            continue;
        }
        if follows {
            let now = Expr::new(match precision {
                Some(digits) => format!("current_timestamp({digits})"),
                None => "current_timestamp()".to_owned(),
            });
            column.default = Some(now.clone());
            column.on_update = Some(now);
        } else {
            column.default = Some(Expr::new("'0000-00-00 00:00:00'"));
        }
    }
}

/// The checks that a column's definition makes: the column's own on MariaDB.
pub(super) fn checks(definition: &Definition, session: &Session) -> Vec<CheckDef> {
    if can(&session.facts, Capability::Checks) {
        definition.checks.clone()
    } else {
        Vec::new()
    }
}

/// The check by which MariaDB makes a column JSON.
pub(super) fn json_check(column: &Column, session: &Session) -> Option<Check> {
    let json = matches!(column.data_type, DataType::Json { .. });
    (json && is_mariadb(&session.facts)).then(|| Check {
        name: None,
        expr: Expr::new(format!(
            "json_valid({})",
            crate::render::quote_ident(&column.name.text)
        )),
        column: Some(column.name.clone()),
        enforced: true,
        origin: Origin::None,
    })
}

/// Gives the text columns of a table, from the `first` on, their collations: names as the server
/// has them, both character set and collation where they are not the table's. `binary` names the
/// columns that said BINARY.
pub(super) fn settle_collations(
    table: &mut Table,
    first: usize,
    binary: &[Ident],
    session: &Session,
) {
    let facts = &session.facts;
    let options = mysql_options(table);
    let table_collation = options.and_then(|options| options.collation.clone());
    let table_charset = options.and_then(|options| options.charset.clone());
    for column in table.columns.iter_mut().skip(first) {
        let by_code = binary
            .iter()
            .any(|name| name.text.eq_ignore_ascii_case(&column.name.text));
        let own_charset = column.charset.as_deref().map(charset_name);
        let own = match (&own_charset, &column.collation) {
            (charset, Some(name)) => Some(collation_name(
                name,
                charset.as_deref().or(table_charset.as_deref()),
            )),
            (Some(charset), None) if by_code => Some(binary_collation(charset)),
            (Some(charset), None) => Some(usual_collation(charset, facts)),
            (None, None) if by_code => table_charset.as_deref().map(binary_collation),
            (None, None) => None,
        };
        let charset = own.as_deref().map(crate::assemble::charset_of);
        let effective = charset.clone().or_else(|| table_charset.clone());
        if effective.as_deref() == Some("binary") {
            column.data_type = bytes(&column.data_type);
        }
        if !column.data_type.is_text() || own == table_collation {
            if let Some(rare) = column.rare.said_mut() {
                rare.charset = None;
                rare.collation = None;
                column.rare.settle();
            }
        } else if own.is_some() {
            column.charset = charset;
            column.collation = own;
        }
    }
}

/// A text type in the character set `binary`: bytes.
fn bytes(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Char { len } => DataType::Binary { len: *len },
        DataType::Varchar { len } => DataType::Varbinary { len: *len },
        DataType::Text { size } => DataType::Blob { size: *size },
        other => other.clone(),
    }
}
