//! The right that a refused statement lacks, as the GRANT that gives it.

/// The code of a refusal for want of a right.
pub(super) const MISSING: &str = "42501";

/// What an administrator can do about it, from the server's words and the statement.
pub(super) fn mend(words: &str, statement: &str, account: &str) -> Option<String> {
    let account = quoted(account);
    if let Some(object) = words.strip_prefix("must be owner of ") {
        return Some(format!(
            "only the owner of {object} may do this: GRANT the role that owns it TO {account}"
        ));
    }
    let (kind, name) = words
        .strip_prefix("permission denied for ")?
        .split_once(' ')?;
    let verb = statement.split_whitespace().next().unwrap_or_default();
    let verb = verb.to_ascii_uppercase();
    let right = match (kind, verb.as_str()) {
        ("schema", "CREATE" | "ALTER") => "CREATE",
        ("schema", _) => "USAGE",
        ("database", _) => "CREATE",
        ("sequence", "SELECT") => "USAGE, SELECT",
        ("sequence", _) => "USAGE",
        ("table" | "view", "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "TRUNCATE") => &verb,
        // A foreign key to a table of somebody else.
        ("table", "ALTER" | "CREATE") => "REFERENCES",
        ("function" | "procedure", _) => "EXECUTE",
        ("type" | "language", _) => "USAGE",
        _ => return None,
    };
    // A view is granted as the table that it looks like.
    let place = match kind {
        "table" | "view" => String::new(),
        other => format!("{} ", other.to_uppercase()),
    };
    Some(format!(
        "GRANT {right} ON {place}{} TO {account}",
        quoted(name)
    ))
}

/// A name as SQL has to have it.
fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') && name.chars().all(plain) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::mend;

    #[test]
    fn a_refusal_comes_with_the_grant() {
        for (words, statement, mended) in [
            (
                "permission denied for schema public",
                "CREATE TABLE t (id INT)",
                "GRANT CREATE ON SCHEMA public TO app",
            ),
            (
                "permission denied for table Cust",
                "UPDATE \"Cust\" SET a = 1",
                "GRANT UPDATE ON \"Cust\" TO app",
            ),
            (
                "permission denied for table cust",
                "ALTER TABLE note ADD FOREIGN KEY (a) REFERENCES cust (id)",
                "GRANT REFERENCES ON cust TO app",
            ),
            (
                "must be owner of table note",
                "DROP TABLE note",
                "only the owner of table note may do this: GRANT the role that owns it TO app",
            ),
        ] {
            assert_eq!(mend(words, statement, "app").as_deref(), Some(mended));
        }
        assert_eq!(
            mend("relation \"x\" does not exist", "SELECT 1", "app"),
            None
        );
    }
}
