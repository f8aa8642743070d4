//! `.env` files as Symfony and Laravel read them: values only, nothing is executed.

use std::collections::BTreeMap;

/// Reads a file's text over the variables known so far. Later lines win; lines that
/// are no assignment are skipped, as both frameworks' own readers would stop the
/// application and this tool only needs the database's variables.
pub(crate) fn read(text: &str, known: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut rest = text.trim_start_matches('\u{feff}');
    while !rest.is_empty() {
        let line_end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let line = &rest[..line_end];
        let Some((name, at)) = assignment(line) else {
            rest = &rest[line_end..];
            continue;
        };
        let lookup = |name: &str| found.get(name).or_else(|| known.get(name)).cloned();
        let (value, used) = value(&rest[at..], &lookup);
        found.insert(name.to_owned(), value);
        rest = &rest[at + used..];
        // Whatever follows a value on its line is a comment or a mistake.
        let line_end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        rest = &rest[line_end..];
    }
    found
}

/// The name before `=`, and where the value begins.
fn assignment(line: &str) -> Option<(&str, usize)> {
    let equals = line.find('=')?;
    let name = line[..equals].trim();
    let name = name
        .strip_prefix("export")
        .filter(|rest| rest.starts_with([' ', '\t']))
        .unwrap_or(name)
        .trim();
    let valid = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    let blanks =
        line[equals + 1..].len() - line[equals + 1..].trim_start_matches([' ', '\t']).len();
    valid.then_some((name, equals + 1 + blanks))
}

/// One value from the start of a text, and how many bytes it took.
fn value(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> (String, usize) {
    let mut out = String::new();
    let mut at = 0;
    // Pieces may follow each other as in a shell: 'a'"b"c.
    loop {
        let rest = &text[at..];
        let Some(first) = rest.chars().next() else {
            return (out, at);
        };
        match first {
            '\'' => {
                let body = &rest[1..];
                let end = body.find('\'').unwrap_or(body.len());
                out.push_str(&body[..end]);
                at += (end + 2).min(rest.len());
            }
            '"' => {
                let (piece, used) = double_quoted(&rest[1..]);
                out.push_str(&expand(&piece, lookup));
                at += 1 + used;
            }
            '\r' | '\n' => return (out, at),
            _ => {
                let end = bare_end(rest);
                out.push_str(&expand(rest[..end].trim_end(), lookup));
                at += end;
                if rest[end..].starts_with(['\r', '\n', '#']) || rest[end..].is_empty() {
                    return (out, at);
                }
            }
        }
    }
}

/// Where an unquoted piece ends: at its line's end or at a comment.
fn bare_end(text: &str) -> usize {
    let line = text.find(['\r', '\n']).unwrap_or(text.len());
    let mut previous = ' ';
    for (at, c) in text[..line].char_indices() {
        if c == '#' && previous.is_whitespace() {
            return at;
        }
        previous = c;
    }
    line
}

/// The inside of double quotes with its escapes undone, `$` marked where it was escaped.
fn double_quoted(text: &str) -> (String, usize) {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (out, at + 1),
            '\\' => match chars.next() {
                Some((_, 'n')) => out.push('\n'),
                Some((_, 'r')) => out.push('\r'),
                Some((_, 't')) => out.push('\t'),
                Some((_, '$')) => out.push(LITERAL_DOLLAR),
                Some((_, c @ ('"' | '\\' | '!' | '\'' | '`'))) => out.push(c),
                Some((_, c)) => {
                    out.push('\\');
                    out.push(c);
                }
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
    (out, text.len())
}

/// Stands for an escaped `$` until variables are expanded; no text contains it.
const LITERAL_DOLLAR: char = '\u{fdd0}';

/// Puts variables in: `${NAME}` and `${NAME:-default}` always; `$NAME`, which Symfony
/// knows and Laravel does not, only when that variable is known.
fn expand(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        out.push_str(&rest[..dollar]);
        let after = &rest[dollar + 1..];
        if let Some((inner, tail)) = after.strip_prefix('{').and_then(|a| a.split_once('}')) {
            let (name, default) = inner.split_once(":-").unwrap_or((inner, ""));
            let known = lookup(name).filter(|value| !value.is_empty());
            out.push_str(known.as_deref().unwrap_or(default));
            rest = tail;
            continue;
        }
        let end = after
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(after.len());
        if let Some(known) = lookup(&after[..end]).filter(|_| end > 0) {
            out.push_str(&known);
            rest = &after[end..];
        } else {
            out.push('$');
            rest = after;
        }
    }
    out.push_str(rest);
    out.replace(LITERAL_DOLLAR, "$")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> String {
        read(text, &BTreeMap::new()).remove("A").expect("A is set")
    }

    #[test]
    fn values_as_both_frameworks_write_them() {
        for (text, value) in [
            ("A=b", "b"),
            ("A=", ""),
            ("A=\nB=c", ""),
            ("export A=b", "b"),
            ("A = b ", "b"),
            ("A=b # comment", "b"),
            ("A=b#c", "b#c"),
            ("A= # comment", ""),
            ("A=\"b # c\" # comment", "b # c"),
            ("A='b $c \\n'", "b $c \\n"),
            ("A=\"b\\\"c\\\\d\\$e\"", "b\"c\\d$e"),
            ("A=\"two\nlines\"\nB=c", "two\nlines"),
            ("A=\"b\\!c\"", "b!c"),
            (
                "A=mysql://app:!ChangeMe!@127.0.0.1/app?serverVersion=8",
                "mysql://app:!ChangeMe!@127.0.0.1/app?serverVersion=8",
            ),
            ("A=pa$$word", "pa$$word"),
            ("A=b\r\nB=c\r\n", "b"),
            ("# A=x\nA=b", "b"),
            ("A=b\nA=c", "c"),
            ("A='b'\"c\"d", "bcd"),
        ] {
            assert_eq!(one(text), value, "{text:?}");
        }
    }

    #[test]
    fn variables() {
        let known = BTreeMap::from([("HOST".to_owned(), "db".to_owned())]);
        let found = read("U=me\nA=\"${U}@$HOST/${NONE:-x}${NONE}\"\nB='${U}'", &known);
        assert_eq!(found["A"], "me@db/x");
        assert_eq!(found["B"], "${U}");
    }

    #[test]
    fn nothing_makes_it_stop() {
        for text in [
            "=",
            "A",
            "A=\"",
            "A='",
            "A=\"\\",
            "A=${",
            "A=$",
            "\u{feff}A=b",
            "a b=c\n\n=",
        ] {
            let _ = read(text, &BTreeMap::new());
        }
        assert_eq!(one("\u{feff}A=b"), "b");
    }
}
