//! Words that have to be quoted.

use std::sync::LazyLock;

/// The reserved words of DBAL's list, in order; DBAL quotes a name that is one of them.
const RESERVED: &[&str] = &[
    "ALL",
    "ANALYSE",
    "ANALYZE",
    "AND",
    "ANY",
    "ARRAY",
    "AS",
    "ASC",
    "ASYMMETRIC",
    "AUTHORIZATION",
    "BINARY",
    "BOTH",
    "CASE",
    "CAST",
    "CHECK",
    "COLLATE",
    "COLLATION",
    "COLUMN",
    "CONCURRENTLY",
    "CONSTRAINT",
    "CREATE",
    "CROSS",
    "CURRENT_CATALOG",
    "CURRENT_DATE",
    "CURRENT_ROLE",
    "CURRENT_SCHEMA",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "CURRENT_USER",
    "DEFAULT",
    "DEFERRABLE",
    "DESC",
    "DISTINCT",
    "DO",
    "ELSE",
    "END",
    "EXCEPT",
    "FALSE",
    "FETCH",
    "FOR",
    "FOREIGN",
    "FREEZE",
    "FROM",
    "FULL",
    "GRANT",
    "GROUP",
    "HAVING",
    "ILIKE",
    "IN",
    "INITIALLY",
    "INNER",
    "INTERSECT",
    "INTO",
    "IS",
    "ISNULL",
    "JOIN",
    "LATERAL",
    "LEADING",
    "LEFT",
    "LIKE",
    "LIMIT",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "NATURAL",
    "NOT",
    "NOTNULL",
    "NULL",
    "OFFSET",
    "ON",
    "ONLY",
    "OR",
    "ORDER",
    "OUTER",
    "OVERLAPS",
    "PLACING",
    "PRIMARY",
    "REFERENCES",
    "RETURNING",
    "RIGHT",
    "SELECT",
    "SESSION_USER",
    "SIMILAR",
    "SOME",
    "SYMMETRIC",
    // Reserved by the server and missing in DBAL's list: unquoted they are a syntax error.
    "SYSTEM_USER",
    "TABLE",
    "TABLESAMPLE",
    "THEN",
    "TO",
    "TRAILING",
    "TRUE",
    "UNION",
    "UNIQUE",
    "USER",
    "USING",
    "VARIADIC",
    "VERBOSE",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
];

/// The words by their first letter: this is asked for every name of a schema, many times.
static BY_LETTER: LazyLock<[&[&str]; 26]> = LazyLock::new(|| {
    std::array::from_fn(|letter| {
        let letter = b'A' + u8::try_from(letter).unwrap_or_default();
        let start = RESERVED.partition_point(|word| word.as_bytes()[0] < letter);
        let end = RESERVED.partition_point(|word| word.as_bytes()[0] <= letter);
        &RESERVED[start..end]
    })
});

/// True for a word that can't be a name without quotes, letter case aside.
pub(crate) fn is_reserved(word: &str) -> bool {
    let Some(letter) = word.bytes().next().filter(u8::is_ascii_alphabetic) else {
        return false;
    };
    let letter = usize::from(letter.to_ascii_uppercase() - b'A');
    let mut words = BY_LETTER.get(letter).copied().unwrap_or_default().iter();
    words.any(|reserved| reserved.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::{RESERVED, is_reserved};

    #[test]
    fn the_list_is_in_order_and_found_in_any_case() {
        assert!(RESERVED.is_sorted());
        assert!(is_reserved("user"));
        assert!(is_reserved("User"));
        assert!(!is_reserved("timestamp"));
        assert!(!is_reserved("over"));
    }
}
