//! A column's definition as a person writes it: a type, and clauses in any order.

use realign_model::{DataType, Expr, Generated, GeneratedKind, Identity, IntWidth};

use crate::lexer::{Token, TokenKind, tokens};
use crate::types;

/// What a definition says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Definition {
    /// The type.
    pub(crate) data_type: DataType,
    /// `NOT NULL`, or a primary key.
    pub(crate) not_null: bool,
    /// `DEFAULT`.
    pub(crate) default: Option<Expr>,
    /// Values from the engine.
    pub(crate) identity: Option<Identity>,
    /// Computed.
    pub(crate) generated: Option<Generated>,
    /// `COLLATE`.
    pub(crate) collation: Option<String>,
    /// Clauses that make objects of their own: `UNIQUE`, `CHECK`, `REFERENCES`.
    pub(crate) beside: Vec<String>,
}

/// Reads a definition; none when it is no type followed by known clauses.
pub(crate) fn parse(text: &str) -> Option<Definition> {
    let all = tokens(text);
    let (data_type, serial, mut at) = read_type(&all)?;
    let mut found = Definition {
        data_type,
        not_null: serial,
        default: None,
        identity: serial.then_some(Identity::Serial),
        generated: None,
        collation: None,
        beside: Vec::new(),
    };
    while let Some(token) = all.get(at) {
        if token.kind != TokenKind::Word {
            return None;
        }
        let next_is =
            |offset: usize, word: &str| all.get(at + offset).is_some_and(|t| t.is_word(word));
        match token.text.to_ascii_lowercase().as_str() {
            "not" if next_is(1, "null") => {
                found.not_null = true;
                at += 2;
            }
            "null" => at += 1,
            "default" => {
                let end = expression_end(&all, at + 1);
                let value = source(text, &all, at + 1, end)?;
                if !value.eq_ignore_ascii_case("null") {
                    found.default = Some(Expr::new(value));
                }
                at = end;
            }
            "collate" => {
                let name = all.get(at + 1)?;
                found.collation = match name.kind {
                    TokenKind::Quoted => Some(name.text.to_string()),
                    TokenKind::Word => Some(name.text.to_lowercase()),
                    _ => return None,
                };
                at += 2;
            }
            "primary" if next_is(1, "key") => {
                found.not_null = true;
                found.beside.push("PRIMARY KEY".to_owned());
                at += 2;
            }
            "generated" => at = read_generated(text, &all, at, &mut found)?,
            // A name for the clause that follows.
            "constraint" => at += 2,
            "unique" | "check" | "references" => {
                let end = clause_end(&all, at + 1);
                found.beside.push(source(text, &all, at, end)?);
                at = end;
            }
            _ => return None,
        }
    }
    Some(found)
}

/// The type, and whether it is one of the serial pseudo-types.
fn read_type(all: &[Token<'_>]) -> Option<(DataType, bool, usize)> {
    let serial = match all.first()?.text.to_ascii_lowercase().as_str() {
        "serial" | "serial4" => Some(IntWidth::W32),
        "bigserial" | "serial8" => Some(IntWidth::W64),
        "smallserial" | "serial2" => Some(IntWidth::W16),
        _ => None,
    };
    if let Some(width) = serial {
        return Some((DataType::int(width), true, 1));
    }
    let (data_type, taken) = types::read(all)?;
    Some((data_type, false, taken))
}

/// `GENERATED ALWAYS AS (…) STORED`, `GENERATED … AS IDENTITY (…)`.
fn read_generated(
    text: &str,
    all: &[Token<'_>],
    at: usize,
    found: &mut Definition,
) -> Option<usize> {
    let is = |at: usize, word: &str| all.get(at).is_some_and(|t| t.is_word(word));
    let (always, mut at) = if is(at + 1, "always") {
        (true, at + 2)
    } else if is(at + 1, "by") && is(at + 2, "default") {
        (false, at + 3)
    } else {
        return None;
    };
    if !is(at, "as") {
        return None;
    }
    at += 1;
    let open = |at: usize| all.get(at).is_some_and(|t| t.is_symbol("("));
    if is(at, "identity") {
        found.identity = Some(Identity::Identity { always });
        found.not_null = true;
        at += 1;
        return Some(if open(at) { group_end(all, at) } else { at });
    }
    if !open(at) || !always {
        return None;
    }
    let end = group_end(all, at);
    let expr = source(text, all, at + 1, end.checked_sub(1)?)?;
    let kind = if is(end, "stored") {
        GeneratedKind::Stored
    } else {
        GeneratedKind::Virtual
    };
    found.generated = Some(Generated {
        expr: Expr::new(expr),
        kind,
    });
    Some(if is(end, "stored") || is(end, "virtual") {
        end + 1
    } else {
        end
    })
}

/// The text between two tokens, the second left out.
fn source(text: &str, all: &[Token<'_>], from: usize, to: usize) -> Option<String> {
    let start = all.get(from)?.start;
    let end = all.get(to.checked_sub(1)?)?.end;
    (start < end).then(|| text[start..end].trim().to_owned())
}

/// One past the parenthesis that closes this one.
fn group_end(all: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in all.iter().enumerate().skip(open) {
        if token.is_symbol("(") || token.is_symbol("[") {
            depth += 1;
        } else if token.is_symbol(")") || token.is_symbol("]") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at + 1;
            }
        }
    }
    all.len()
}

/// Where a default ends: before the next clause of the column.
fn expression_end(all: &[Token<'_>], from: usize) -> usize {
    let mut at = from;
    while let Some(token) = all.get(at) {
        if token.is_symbol("(") || token.is_symbol("[") {
            at = group_end(all, at);
            continue;
        }
        let clause = [
            "not",
            "null",
            "collate",
            "primary",
            "unique",
            "check",
            "references",
            "generated",
            "constraint",
        ];
        if at > from && token.kind == TokenKind::Word && clause.iter().any(|w| token.is_word(w)) {
            return at;
        }
        at += 1;
    }
    at
}

/// Where a clause with words of its own ends.
fn clause_end(all: &[Token<'_>], from: usize) -> usize {
    let mut at = from;
    while let Some(token) = all.get(at) {
        if token.is_symbol("(") {
            at = group_end(all, at);
            continue;
        }
        // `ON DELETE SET NULL` and `SET DEFAULT` are part of a reference.
        let after_set = at > 0 && all[at - 1].is_word("set");
        let ends = [
            "not", "null", "default", "collate", "primary", "unique", "check",
        ]
        .iter()
        .any(|word| token.is_word(word));
        if ends && !after_set {
            return at;
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use realign_model::{DataType, Identity, IntWidth};

    use super::parse;

    #[test]
    fn reads_a_type_and_its_clauses() {
        let found = parse("VARCHAR(10) DEFAULT 'a b' NOT NULL COLLATE \"C\"").expect("readable");
        assert_eq!(found.data_type, DataType::varchar(10));
        assert_eq!(found.default.expect("given").text, "'a b'");
        assert!(found.not_null);
        assert_eq!(found.collation.as_deref(), Some("C"));
        let found = parse("timestamp without time zone DEFAULT (now() + interval '1 day')")
            .expect("readable");
        assert_eq!(
            found.default.expect("given").text,
            "(now() + interval '1 day')"
        );
        let found = parse("BIGSERIAL").expect("readable");
        assert_eq!(found.data_type, DataType::int(IntWidth::W64));
        assert_eq!(found.identity, Some(Identity::Serial));
        let found = parse("INT GENERATED ALWAYS AS (a * 2) STORED").expect("readable");
        assert_eq!(found.generated.expect("given").expr.text, "a * 2");
        let found = parse("INT REFERENCES u (id) ON DELETE SET NULL NOT NULL").expect("readable");
        assert!(found.not_null);
        assert_eq!(found.beside, ["REFERENCES u (id) ON DELETE SET NULL"]);
        assert!(parse("(1)").is_none());
        assert!(parse("INT WHATEVER").is_none());
    }

    proptest! {
        #[test]
        fn no_definition_panics(text in "\\PC{0,60}") {
            let _ = parse(&text);
        }
    }
}
