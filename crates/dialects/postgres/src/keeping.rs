//! How tables, columns and indexes are kept: clauses of ALTER TABLE and options of indexes that
//! change no row. What is usual for a type is never said.

use realign_model::{Column, DataType, Ident, Index, ObjectName, Table, TableOptions};

use crate::render::{beside, ident, object_name, string_literal};
use crate::types;

/// The beginning of every clause about a column.
fn of_column(column: &Ident) -> String {
    format!("ALTER COLUMN {} SET ", ident(column))
}

/// What is said of how a column is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// `STORAGE`.
    Storage,
    /// `COMPRESSION`.
    Compression,
    /// `STATISTICS`.
    Statistics,
}

impl Said {
    fn word(self) -> &'static str {
        match self {
            Self::Storage => "STORAGE",
            Self::Compression => "COMPRESSION",
            Self::Statistics => "STATISTICS",
        }
    }
}

/// The clause for one thing that is said of a column.
pub(crate) fn clause(column: &Ident, said: Said, value: &str) -> String {
    format!("{}{} {value}", of_column(column), said.word())
}

/// The clause for an attribute option of a column, which is `name=value`.
pub(crate) fn option_clause(column: &Ident, option: &str) -> String {
    format!("{}({option})", of_column(column))
}

/// Takes what a column says of that out of the clauses.
pub(crate) fn forget(clauses: &mut Vec<String>, column: &Ident, said: Said) {
    let start = format!("{}{} ", of_column(column), said.word());
    clauses.retain(|clause| !clause.starts_with(&start));
}

/// Takes an attribute option of a column out of the clauses.
pub(crate) fn forget_option(clauses: &mut Vec<String>, column: &Ident, name: &str) {
    let start = format!("{}({name}=", of_column(column));
    clauses.retain(|clause| !clause.starts_with(&start));
}

/// Takes everything that is said of a column out of the clauses.
pub(crate) fn forget_column(clauses: &mut Vec<String>, column: &Ident) {
    let start = of_column(column);
    clauses.retain(|clause| !clause.starts_with(&start));
}

/// Lets the clauses of a column follow its new name.
pub(crate) fn rename_column(clauses: &mut [String], old: &Ident, new: &Ident) {
    let (from, to) = (of_column(old), of_column(new));
    for clause in clauses {
        if let Some(rest) = clause.strip_prefix(&from) {
            *clause = format!("{to}{rest}");
        }
    }
}

/// Lets the clauses that name an index follow its new name; without one they go.
pub(crate) fn rename_index(clauses: &mut Vec<String>, old: &Ident, new: Option<&Ident>) {
    let from = ident(old);
    let own = |clause: &String| {
        clause
            .strip_prefix("CLUSTER ON ")
            .or_else(|| clause.strip_prefix("REPLICA IDENTITY USING INDEX "))
            .is_some_and(|name| name == from)
    };
    match new {
        None => clauses.retain(|clause| !own(clause)),
        Some(new) => {
            for clause in clauses.iter_mut().filter(|clause| own(clause)) {
                let kept = clause.len() - from.len();
                clause.truncate(kept);
                clause.push_str(&ident(new));
            }
        }
    }
}

/// The clauses of a table.
pub(crate) fn clauses(table: &Table) -> &[String] {
    match &table.options {
        TableOptions::Postgres(options) => &options.clauses,
        TableOptions::None | TableOptions::MySql(_) | TableOptions::Sqlite(_) => &[],
    }
}

/// The clauses that a declaration has and a table has not.
pub(crate) fn missing<'a>(is: &Table, wish: &'a Table) -> Vec<&'a String> {
    let live = clauses(is);
    let declared = clauses(wish).iter();
    declared.filter(|clause| !live.contains(clause)).collect()
}

/// The clauses that have to be said again once a column has another type.
pub(crate) fn said_again(table: &Table, column: &Ident) -> Vec<String> {
    let starts = [Said::Storage, Said::Compression]
        .map(|said| format!("{}{} ", of_column(column), said.word()));
    let own = |clause: &&String| starts.iter().any(|start| clause.starts_with(start));
    clauses(table).iter().filter(own).cloned().collect()
}

/// True when two indexes are kept alike, in whatever order that is said.
pub(crate) fn same_storage(is: &Index, wish: &Index) -> bool {
    let sorted = |index: &Index| {
        let mut options: Vec<String> = index.storage.clone();
        options.sort();
        options
    };
    sorted(is) == sorted(wish)
}

/// The statements that carry clauses out.
pub(crate) fn statements<'a>(
    table: &ObjectName,
    clauses: impl IntoIterator<Item = &'a String>,
) -> Vec<String> {
    let name = object_name(table);
    // A part of a table is kept in a way of its own.
    let only = |clause: &str| {
        if clause.starts_with("ALTER COLUMN") {
            "ONLY "
        } else {
            ""
        }
    };
    clauses
        .into_iter()
        .map(|clause| format!("ALTER TABLE {}{name} {clause}", only(clause)))
        .collect()
}

/// How the values of a type are kept when nobody says it; none when the type tells nothing.
pub(crate) fn usual_storage(column: &Column) -> Option<&'static str> {
    match types::normal(&column.data_type) {
        DataType::Int { .. }
        | DataType::Float { .. }
        | DataType::Boolean
        | DataType::Date
        | DataType::DateTime { .. }
        | DataType::Timestamp { .. }
        | DataType::Time { .. }
        | DataType::Interval
        | DataType::Uuid => Some("PLAIN"),
        DataType::Decimal { .. } => Some("MAIN"),
        DataType::Char { .. }
        | DataType::Varchar { .. }
        | DataType::Text { .. }
        | DataType::Binary { .. }
        | DataType::Varbinary { .. }
        | DataType::Blob { .. }
        | DataType::Json { .. }
        | DataType::Bit { .. }
        | DataType::Array(_) => Some("EXTENDED"),
        DataType::Enum { .. } | DataType::Set { .. } | DataType::Year | DataType::Native(_) => None,
    }
}

/// What an option of an index tells of the statistics of one of its columns.
fn statistics(option: &str) -> Option<(&str, &str)> {
    option.strip_prefix("statistics of ")?.split_once('=')
}

/// The option that tells of the statistics of an index's column.
pub(crate) fn index_statistics(column: &str, target: &str) -> String {
    format!("statistics of {column}={target}")
}

/// The parameters of an index as its WITH clause; nothing without any.
pub(crate) fn with_clause(storage: &[String]) -> String {
    let parameters: Vec<&str> = storage
        .iter()
        .map(String::as_str)
        .filter(|option| statistics(option).is_none())
        .collect();
    if parameters.is_empty() {
        String::new()
    } else {
        format!(" WITH ({})", parameters.join(", "))
    }
}

/// The statements that CREATE INDEX has no clause for.
pub(crate) fn index_statements(table: &ObjectName, index: &Index) -> Vec<String> {
    let Some(name) = &index.name else {
        return Vec::new();
    };
    let targets = index.storage.iter().filter_map(|option| statistics(option));
    let targets = targets.map(|(column, target)| {
        format!(
            "ALTER INDEX {} ALTER COLUMN {column} SET STATISTICS {target}",
            beside(table, name)
        )
    });
    let comment = index
        .comment
        .as_deref()
        .map(|text| comment_on(table, name, text));
    targets.chain(comment).collect()
}

fn comment_on(table: &ObjectName, index: &Ident, text: &str) -> String {
    let index = beside(table, index);
    format!("COMMENT ON INDEX {index} IS {}", string_literal(text))
}

/// The statements that give an index the options that are declared for it.
pub(crate) fn change_index(table: &ObjectName, is: &Index, wish: &Index) -> Vec<String> {
    let name = beside(table, is.name.as_ref().unwrap_or(&Ident::new("")));
    let mut found = Vec::new();
    let declared: Vec<&str> = wish
        .storage
        .iter()
        .filter(|option| statistics(option).is_none() && !is.storage.contains(option))
        .map(String::as_str)
        .collect();
    if !declared.is_empty() {
        found.push(format!("ALTER INDEX {name} SET ({})", declared.join(", ")));
    }
    let key = |option: &String| option.split('=').next().unwrap_or_default().to_owned();
    let wanted: Vec<String> = wish.storage.iter().map(key).collect();
    for option in &is.storage {
        let own = key(option);
        if wanted.contains(&own) {
            continue;
        }
        found.push(match statistics(option) {
            Some((column, _)) => {
                format!("ALTER INDEX {name} ALTER COLUMN {column} SET STATISTICS -1")
            }
            None => format!("ALTER INDEX {name} RESET ({own})"),
        });
    }
    if let (Some(own), Some(text)) = (&is.name, &wish.comment)
        && is.comment != wish.comment
    {
        found.push(comment_on(table, own, text));
    }
    let targets = wish.storage.iter().filter(|o| !is.storage.contains(o));
    for (column, target) in targets.filter_map(|option| statistics(option)) {
        found.push(format!(
            "ALTER INDEX {name} ALTER COLUMN {column} SET STATISTICS {target}"
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use realign_model::{Ident, Index, ObjectName};

    use super::*;

    #[test]
    fn clauses_follow_the_names_that_stand_in_them() {
        let (old, new) = (Ident::new("a"), Ident::quoted("A b"));
        let mut clauses = vec![
            clause(&old, Said::Statistics, "500"),
            option_clause(&old, "n_distinct=-0.5"),
            "CLUSTER ON i".to_owned(),
            "REPLICA IDENTITY USING INDEX i2".to_owned(),
        ];
        rename_column(&mut clauses, &old, &new);
        rename_index(&mut clauses, &Ident::new("i"), Some(&Ident::new("j")));
        assert_eq!(
            clauses,
            [
                "ALTER COLUMN \"A b\" SET STATISTICS 500",
                "ALTER COLUMN \"A b\" SET (n_distinct=-0.5)",
                "CLUSTER ON j",
                "REPLICA IDENTITY USING INDEX i2",
            ]
        );
        forget(&mut clauses, &new, Said::Statistics);
        forget_option(&mut clauses, &new, "n_distinct");
        rename_index(&mut clauses, &Ident::new("i2"), None);
        assert_eq!(clauses, ["CLUSTER ON j"]);
    }

    #[test]
    fn an_index_gets_what_is_declared_and_loses_what_is_not() {
        let mut is = Index::over(Some(Ident::new("i")), [Ident::new("a")], false);
        let mut wish = is.clone();
        is.storage = vec!["fillfactor=50".to_owned(), index_statistics("1", "7")];
        wish.storage = vec!["fillfactor=70".to_owned()];
        assert_eq!(
            change_index(&ObjectName::bare("t"), &is, &wish),
            [
                "ALTER INDEX i SET (fillfactor=70)",
                "ALTER INDEX i ALTER COLUMN 1 SET STATISTICS -1"
            ]
        );
        assert_eq!(with_clause(&is.storage), " WITH (fillfactor=50)");
    }
}
