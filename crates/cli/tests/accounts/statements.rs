//! Which statements change nothing but their own session.

/// How statements begin that only read, or only set something of their session.
const READING: [&str; 13] = [
    "SELECT",
    "WITH",
    "SHOW",
    "SET SESSION",
    "SET NAMES",
    "SET STANDARD_CONFORMING_STRINGS",
    "SET LOCK_TIMEOUT",
    "SET LOCAL JIT",
    "SET LOCAL LOCK_TIMEOUT",
    "SET DATESTYLE",
    "SET INTERVALSTYLE",
    "SET SEARCH_PATH",
    "EXPLAIN",
];

/// Words that have no place in such a statement, wherever they stand: a query can write too.
const WRITING: [&str; 22] = [
    "INSERT",
    "UPDATE",
    "DELETE",
    "REPLACE",
    "CREATE",
    "ALTER",
    "DROP",
    "TRUNCATE",
    "RENAME",
    "GRANT",
    "REVOKE",
    "CALL",
    "DO",
    "LOAD",
    "LOCK",
    "INTO",
    "ANALYZE",
    "OPTIMIZE",
    "GET_LOCK",
    "SETVAL",
    "NEXTVAL",
    "SET_CONFIG",
];

/// Why a message is more than statements that read, or nothing.
pub(crate) fn fault(message: &str) -> Option<String> {
    without_texts(message)
        .to_ascii_uppercase()
        .split(';')
        .filter(|statement| !statement.trim().is_empty())
        .find_map(|statement| fault_of_one(statement, message))
}

fn fault_of_one(plain: &str, message: &str) -> Option<String> {
    let words: Vec<&str> = plain
        .split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '@' | '.'))
        .filter(|word| !word.is_empty())
        .collect();
    let begins = words.join(" ");
    if !READING
        .iter()
        .any(|start| begins == *start || begins.starts_with(&format!("{start} ")))
    {
        return Some(format!("no reading statement: {message}"));
    }
    // `SHOW CREATE TABLE t` reads, whatever its second word is.
    let rest = if words[0] == "SHOW" { &[] } else { &words[..] };
    rest.iter()
        .find(|word| WRITING.contains(word) || word.contains("ADVISORY"))
        .map(|word| format!("{word} in {message}"))
}

/// The statement without what stands in quotes and comments.
fn without_texts(statement: &str) -> String {
    let mut plain = String::new();
    let mut quote = None;
    for c in statement.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '\'' | '"' | '`') => {
                quote = Some(c);
                plain.push(' ');
            }
            None => plain.push(c),
        }
    }
    plain
}

/// All that arrived only read; a query of the catalogue is among it, so that the log is the
/// right one.
#[track_caller]
pub(crate) fn only_read(statements: &[String], catalogue: &str, what: &str) {
    let faults: Vec<String> = statements.iter().filter_map(|text| fault(text)).collect();
    assert!(faults.is_empty(), "{what}:\n{}", faults.join("\n"));
    assert!(
        statements.iter().any(|text| text.contains(catalogue)),
        "{what}: none of {} statements in the log is a query of {catalogue}",
        statements.len()
    );
}

/// What arrived is more than reading: the log would have shown it before.
#[track_caller]
pub(crate) fn wrote(statements: &[String], word: &str) {
    assert!(
        statements
            .iter()
            .any(|text| fault(text).is_some() && text.contains(word)),
        "the log has no {word}: {statements:#?}"
    );
}

#[test]
fn what_writes_is_told_from_what_reads() {
    for text in [
        "SELECT table_name FROM information_schema.tables WHERE x = 'DROP TABLE t'",
        "SHOW CREATE TABLE `update`",
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES'",
        "SET lock_timeout = '10s'",
        "SELECT @@SESSION.sql_mode",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "SET LOCAL jit = off; SELECT ';'; SELECT 2;",
    ] {
        assert_eq!(fault(text), None);
    }
    for text in [
        "CREATE TABLE t (id INT)",
        "SET GLOBAL sql_mode = ''",
        "SELECT 1 INTO OUTFILE 'x'",
        "SELECT nextval('s')",
        "SELECT GET_LOCK('x', 1)",
        "SELECT pg_advisory_lock(1)",
        "WITH a AS (DELETE FROM t RETURNING 1) SELECT * FROM a",
        "START TRANSACTION",
        "SELECT 1; DROP TABLE t",
        "SET LOCAL jit = off; SET LOCAL role = 'x'; SELECT 1",
        "SELECT id FROM t FOR UPDATE",
    ] {
        assert!(fault(text).is_some(), "{text}");
    }
}
