//! Rows behind a statement, as an engine's own client reads them in a script.

/// The line that ends rows.
const END: &str = "\\.";

/// The rows that a text begins with: their length, and that of all up to and with the line that
/// ends them. Without such a line they go to the end.
pub(super) fn length(text: &str) -> (usize, usize) {
    let mut length = 0;
    for line in text.split_inclusive('\n') {
        let plain = line.strip_suffix('\n').unwrap_or(line);
        if plain.strip_suffix('\r').unwrap_or(plain) == END {
            return (length, length + line.len());
        }
        length += line.len();
    }
    (length, length)
}

/// A statement and its rows as a part of a script, without the end of its last line.
pub fn with_rows(sql: &str, rows: &str) -> String {
    let mut text = String::with_capacity(sql.len() + rows.len() + 8);
    text.push_str(sql.trim_end().trim_end_matches(';'));
    text.push_str(";\n");
    text.push_str(rows);
    // All lines of the rows have to end in the same way, and this one counts as one of them.
    let first = rows.split_inclusive('\n').next().unwrap_or_default();
    let returns = first.ends_with("\r\n");
    if !rows.is_empty() && !rows.ends_with('\n') {
        text.push_str(if returns { "\r\n" } else { "\n" });
    }
    text.push_str(END);
    if returns {
        text.push('\r');
    }
    text
}

/// True for a text that [`with_rows`] made: nothing more is put behind it on its line.
pub fn ends_with_rows(text: &str) -> bool {
    let text = text.strip_suffix('\r').unwrap_or(text);
    text.strip_suffix(END)
        .is_some_and(|before| before.ends_with('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_end_at_a_line_of_their_own() {
        assert_eq!(length("1\n\\.\nSELECT 1"), (2, 5));
        assert_eq!(length("1\r\n\\.\r\n"), (3, 7));
        assert_eq!(length("\\.\\.\n\\. \nx\\."), (12, 12));
        assert_eq!(length("\\."), (0, 2));
        assert_eq!(length(""), (0, 0));
    }

    #[test]
    fn a_script_is_made_of_them_again() {
        for (rows, script) in [
            ("1\n2\n", "COPY t FROM stdin;\n1\n2\n\\."),
            ("1\n2", "COPY t FROM stdin;\n1\n2\n\\."),
            ("1\r\n2\r\n", "COPY t FROM stdin;\n1\r\n2\r\n\\.\r"),
            ("1\r\n2", "COPY t FROM stdin;\n1\r\n2\r\n\\.\r"),
            ("", "COPY t FROM stdin;\n\\."),
        ] {
            assert_eq!(with_rows("COPY t FROM stdin", rows), script);
            assert!(ends_with_rows(script));
        }
        assert!(!ends_with_rows("SELECT '\\.'"));
    }
}
