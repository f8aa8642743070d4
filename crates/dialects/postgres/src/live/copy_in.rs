//! What a server says of rows on their way into a table.

/// The line of the rows that the server's words name. What it was at stands on a line each, the
/// COPY last: `COPY t, line 3, column a: "x"`, in the language of the server.
pub(super) fn row(context: &str) -> Option<u32> {
    let (number, _) = place(context)?;
    number.parse().ok()
}

/// The column and its value, where those words name them.
pub(super) fn column(context: &str) -> Option<&str> {
    let (_, rest) = place(context)?;
    let rest = rest.strip_prefix(", ")?;
    (!rest.is_empty()).then_some(rest)
}

/// The digits of the line, and what stands behind them.
fn place(context: &str) -> Option<(&str, &str)> {
    let said = context
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("COPY "))?;
    // The name of the table is anything.
    said.match_indices(", ").find_map(|(at, comma)| {
        let (_, behind) = said[at + comma.len()..].split_once(' ')?;
        let digits = behind
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(behind.len());
        let ends = behind[digits..].is_empty() || behind[digits..].starts_with([',', ':']);
        (digits > 0 && ends).then(|| behind.split_at(digits))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_in_the_servers_words() {
        for (context, line, at) in [
            ("COPY t, line 3", Some(3), None),
            ("COPY t, line 3: \"x, line 9\"", Some(3), None),
            (
                "COPY t, line 12, column a: \"x\"",
                Some(12),
                Some("column a: \"x\""),
            ),
            (
                "COPY t, Zeile 2, Spalte a: »x«",
                Some(2),
                Some("Spalte a: »x«"),
            ),
            ("COPY a, b c, line 7", Some(7), None),
            (
                "PL/pgSQL function f() line 3 at RAISE\nCOPY t, line 2",
                Some(2),
                None,
            ),
            ("PL/pgSQL function f() line 3 at RAISE", None, None),
            ("COPY t", None, None),
        ] {
            assert_eq!((row(context), column(context)), (line, at), "{context}");
        }
    }
}
