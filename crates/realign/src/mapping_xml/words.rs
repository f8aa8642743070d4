//! The words of a mapping: names, types, options.

use realign_model::{Column, DataType, Ident, Index, IndexTarget, IntWidth};

/// `patch_panel port` as `PatchPanelPort`.
pub(super) fn studly(name: &str) -> String {
    let mut made = String::new();
    for word in name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
    {
        let mut letters = word.chars();
        made.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        made.push_str(letters.as_str());
    }
    if !made.starts_with(char::is_alphabetic) {
        made.insert(0, 'T');
    }
    made
}

/// The same with a small first letter.
pub(super) fn camel(name: &str) -> String {
    let studly = studly(name);
    let mut letters = studly.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.collect::<String>() + letters.as_str()
}

/// The columns of an index that has nothing else.
pub(super) fn columns(index: &Index) -> Option<Vec<String>> {
    let columns = index.parts.iter().map(|part| match &part.target {
        IndexTarget::Column(name) => Some(quoted(name)),
        IndexTarget::Expr(_) => None,
    });
    columns.collect()
}

/// What a column has beside its type.
pub(super) fn column_options(column: &Column) -> Vec<(&'static str, String)> {
    let mut options = Vec::new();
    let unsigned = matches!(
        column.data_type,
        DataType::Int { unsigned: true, .. }
            | DataType::Decimal { unsigned: true, .. }
            | DataType::Float { unsigned: true, .. }
    );
    if unsigned {
        options.push(("unsigned", "true".to_owned()));
    }
    if matches!(
        column.data_type,
        DataType::Char { .. } | DataType::Binary { .. }
    ) {
        options.push(("fixed", "true".to_owned()));
    }
    if let Some(default) = &column.default {
        options.push(("default", value(&default.text)));
    }
    options.extend(column.comment.clone().map(|comment| ("comment", comment)));
    options.extend(
        column
            .collation
            .clone()
            .map(|collation| ("collation", collation)),
    );
    options
}

/// The value that a literal stands for.
pub(super) fn value(sql: &str) -> String {
    let bare = sql.trim();
    let inner = bare
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    inner.map_or_else(|| bare.to_owned(), |inner| inner.replace("''", "'"))
}

/// Doctrine's type that is nearest.
pub(super) fn doctrine_type(kind: &DataType) -> &'static str {
    match kind {
        DataType::Int { width, .. } => match width {
            IntWidth::W8 | IntWidth::W16 => "smallint",
            IntWidth::W24 | IntWidth::W32 => "integer",
            IntWidth::W64 => "bigint",
        },
        DataType::Boolean => "boolean",
        DataType::Decimal { .. } => "decimal",
        DataType::Float { .. } => "float",
        DataType::Text { .. } => "text",
        DataType::Binary { .. } | DataType::Varbinary { .. } => "binary",
        DataType::Blob { .. } => "blob",
        DataType::Date => "date",
        DataType::Time { .. } => "time",
        DataType::DateTime { .. } => "datetime",
        DataType::Timestamp { .. } => "datetimetz",
        DataType::Json { .. } => "json",
        DataType::Uuid => "guid",
        DataType::Year => "smallint",
        DataType::Char { .. }
        | DataType::Varchar { .. }
        | DataType::Interval
        | DataType::Bit { .. }
        | DataType::Enum { .. }
        | DataType::Set { .. }
        | DataType::Array(_)
        | DataType::Native(_) => "string",
    }
}

/// A name in the quotes of a mapping where it has to have some.
pub(super) fn quoted(name: &Ident) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.quoted || !name.text.chars().all(plain) {
        format!("`{}`", name.text)
    } else {
        name.text.clone()
    }
}

/// A text within an attribute or an element.
pub(super) fn escaped(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => made.push_str("&amp;"),
            '<' => made.push_str("&lt;"),
            '>' => made.push_str("&gt;"),
            '"' => made.push_str("&quot;"),
            '\n' => made.push_str("&#10;"),
            c if c.is_control() => made.push(' '),
            c => made.push(c),
        }
    }
    made
}
