//! SQL cut into tokens, so that two spellings of one definition read the same.

/// Words, numbers, strings, marks and comments of a SQL text, in their order. A quoted name reads
/// like an unquoted one; blanks are gone. A comment stays, as SQLite keeps meaning in them.
pub fn tokens(sql: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = sql.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => quoted(rest, '\''),
            '"' | '`' => quoted(rest, first),
            '[' => rest.find(']').map_or(rest.len(), |end| end + 1),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(match first {
            '"' | '`' => unquoted(token, first),
            '[' => token
                .trim_start_matches('[')
                .trim_end_matches(']')
                .to_owned(),
            _ => token.trim_end().to_owned(),
        });
        rest = after.trim_start();
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$' || c == '.'
}

/// Length of a quoted text with its quotes; a doubled quote is part of it.
fn quoted(text: &str, quote: char) -> usize {
    let mut from = 1;
    while let Some(end) = text[from..].find(quote) {
        from += end + 1;
        if !text[from..].starts_with(quote) {
            return from;
        }
        from += 1;
    }
    text.len()
}

fn unquoted(token: &str, quote: char) -> String {
    let inner = token.strip_prefix(quote).unwrap_or(token);
    let inner = inner.strip_suffix(quote).unwrap_or(inner);
    inner.replace(&format!("{quote}{quote}"), &quote.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_blanks_make_no_difference() {
        let one = tokens("CREATE TABLE \"t\" (`a`  INT, b VARCHAR(3) DEFAULT 'x''y' --(n)\n, c)");
        let two = tokens("CREATE TABLE t(a INT,b VARCHAR(3)DEFAULT 'x''y' --(n)\n,c)");
        assert_eq!(one, two);
        assert!(one.contains(&"'x''y'".to_owned()));
        assert!(one.contains(&"--(n)".to_owned()));
    }
}
