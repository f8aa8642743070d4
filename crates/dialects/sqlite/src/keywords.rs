//! Words that are quoted when they are names.

use realign_model::Ident;

/// A name as SQL: in quotes when it was declared so, when the words below ask for it,
/// or when it would not be read as one name otherwise.
pub(crate) fn quote(name: &Ident) -> String {
    if name.quoted || is_reserved(&name.text) || !is_plain(&name.text) {
        always(&name.text)
    } else {
        name.text.clone()
    }
}

/// A name in quotes.
pub(crate) fn always(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// True for a word that Doctrine quotes on this platform, or that the engine itself
/// does not take as a name.
fn is_reserved(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    DOCTRINE.binary_search(&upper.as_str()).is_ok() || ENGINE.contains(&upper.as_str())
}

fn is_plain(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|b| b == b'_' || b.is_ascii_alphabetic() || !b.is_ascii())
        && bytes.all(|b| b == b'_' || b == b'$' || b.is_ascii_alphanumeric() || !b.is_ascii())
}

/// Reserved by the engine and not in the list below.
const ENGINE: &[&str] = &["NOTHING", "RETURNING"];

/// The words of Doctrine's platform, sorted. Some of them (`QUERY`, `ACTION`, `KEY`) are plain
/// names to the engine.
const DOCTRINE: &[&str] = &[
    "ABORT",
    "ACTION",
    "ADD",
    "AFTER",
    "ALL",
    "ALTER",
    "ANALYZE",
    "AND",
    "AS",
    "ASC",
    "ATTACH",
    "AUTOINCREMENT",
    "BEFORE",
    "BEGIN",
    "BETWEEN",
    "BY",
    "CASCADE",
    "CASE",
    "CAST",
    "CHECK",
    "COLLATE",
    "COLUMN",
    "COMMIT",
    "CONFLICT",
    "CONSTRAINT",
    "CREATE",
    "CROSS",
    "CURRENT_DATE",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "DATABASE",
    "DEFAULT",
    "DEFERRABLE",
    "DEFERRED",
    "DELETE",
    "DESC",
    "DETACH",
    "DISTINCT",
    "DROP",
    "EACH",
    "ELSE",
    "END",
    "ESCAPE",
    "EXCEPT",
    "EXCLUSIVE",
    "EXISTS",
    "EXPLAIN",
    "FAIL",
    "FOR",
    "FOREIGN",
    "FROM",
    "FULL",
    "GLOB",
    "GROUP",
    "HAVING",
    "IF",
    "IGNORE",
    "IMMEDIATE",
    "IN",
    "INDEX",
    "INDEXED",
    "INITIALLY",
    "INNER",
    "INSERT",
    "INSTEAD",
    "INTERSECT",
    "INTO",
    "IS",
    "ISNULL",
    "JOIN",
    "KEY",
    "LEFT",
    "LIKE",
    "LIMIT",
    "MATCH",
    "NATURAL",
    "NO",
    "NOT",
    "NOTNULL",
    "NULL",
    "OF",
    "OFFSET",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "PLAN",
    "PRAGMA",
    "PRIMARY",
    "QUERY",
    "RAISE",
    "REFERENCES",
    "REGEXP",
    "REINDEX",
    "RELEASE",
    "RENAME",
    "REPLACE",
    "RESTRICT",
    "RIGHT",
    "ROLLBACK",
    "ROW",
    "SAVEPOINT",
    "SELECT",
    "SET",
    "TABLE",
    "TEMP",
    "TEMPORARY",
    "THEN",
    "TO",
    "TRANSACTION",
    "TRIGGER",
    "UNION",
    "UNIQUE",
    "UPDATE",
    "USING",
    "VACUUM",
    "VALUES",
    "VIEW",
    "VIRTUAL",
    "WHEN",
    "WHERE",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_for_the_search() {
        assert!(DOCTRINE.is_sorted());
    }

    #[test]
    fn names_are_quoted_where_needed() {
        for (name, expected) in [
            ("cust", "cust"),
            ("user", "user"),
            ("timestamp", "timestamp"),
            ("action", "\"action\""),
            ("Query", "\"Query\""),
            ("returning", "\"returning\""),
            ("two words", "\"two words\""),
            ("1st", "\"1st\""),
            ("a\"b", "\"a\"\"b\""),
            ("größe", "größe"),
            ("", "\"\""),
        ] {
            assert_eq!(quote(&Ident::new(name)), expected);
        }
        assert_eq!(quote(&Ident::quoted("cust")), "\"cust\"");
    }
}
