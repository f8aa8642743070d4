//! Expressions: what two texts have to share to mean the same.
//!
//! A server rewrites the expressions that it keeps: parentheses, letter case, character set
//! introducers, `!=` for `<>`. Both sides are brought to one canonical form by a small parser.
//! What it can't read is only the same when the texts are, and otherwise nobody's guess.

mod canonical;
mod functions;
mod literal;
mod node;
mod operator;
mod query;
mod scope;

use realign_model::Expr;
use realign_planner::{Facts, Verdict};

use crate::facts::is_mariadb;
use crate::lexer::{Cursor, TokenKind, name_value};
pub(crate) use canonical::canonical;
pub(crate) use literal::{Default, default_of};
pub(crate) use query::{canonical_query, columns_of};
pub(crate) use scope::Columns;

/// An expression as the server keeps it, with the escapes undone that MySQL's catalogue puts
/// around quotes.
pub(crate) fn stored(text: &str, facts: &Facts) -> String {
    if is_mariadb(facts) || !text.contains('\\') {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.extend(chars.next()),
            c => plain.push(c),
        }
    }
    plain
}

/// Whether two expressions mean the same.
pub(crate) fn same(is: &Expr, wish: &Expr) -> Verdict {
    if is.text.trim() == wish.text.trim() {
        return Verdict::Same;
    }
    match (canonical(&is.text), canonical(&wish.text)) {
        (Some(a), Some(b)) if a.text == b.text => Verdict::Same,
        // Each operator was understood, so that the difference is one of meaning.
        (Some(a), Some(b)) if a.certain && b.certain => Verdict::Different,
        _ if tokens(&is.text) == tokens(&wish.text) => Verdict::Same,
        _ => Verdict::Unknown,
    }
}

/// Whether two whole queries are the same text, quotes and letter case of words aside.
pub(crate) fn same_query(is: &Expr, wish: &Expr) -> Verdict {
    if tokens(&is.text) == tokens(&wish.text) {
        Verdict::Same
    } else {
        Verdict::Unknown
    }
}

/// Whether two statements that the server keeps as they were written are the same.
pub(crate) fn same_statement(is: &Expr, wish: &Expr) -> Verdict {
    Verdict::from_equal(tokens(&is.text) == tokens(&wish.text))
}

/// The tokens of a text: names without their quotes, words in lower case.
fn tokens(text: &str) -> Vec<(bool, String)> {
    let mut cursor = Cursor::new(text.trim().trim_end_matches(';'));
    let mut list = Vec::new();
    while let Some((kind, text)) = cursor.take() {
        list.push(match kind {
            TokenKind::Word | TokenKind::Quoted => (
                false,
                name_value(kind, text)
                    .unwrap_or_else(|| text.to_owned())
                    .to_lowercase(),
            ),
            TokenKind::String => (true, text.to_owned()),
            _ => (false, text.to_lowercase()),
        });
    }
    list
}

/// True for the check by which MariaDB makes a text column JSON.
pub(crate) fn is_json_check(check: &Expr, column: &str) -> bool {
    let mut cursor = Cursor::new(&check.text);
    let mut depth = 0;
    while cursor.eat_symbol("(") {
        depth += 1;
    }
    let name = cursor.eat_word("json_valid").then(|| {
        cursor.eat_symbol("(").then_some(())?;
        let (kind, text) = cursor.take()?;
        cursor.eat_symbol(")").then_some(())?;
        name_value(kind, text)
    });
    while depth > 0 && cursor.eat_symbol(")") {
        depth -= 1;
    }
    cursor.is_at_end()
        && name
            .flatten()
            .is_some_and(|name| name.eq_ignore_ascii_case(column))
}

/// An expression with another name for a column; what is qualified is the column as well.
pub(crate) fn renamed(expr: &Expr, from: &str, to: &str) -> Expr {
    let mut text = String::with_capacity(expr.text.len());
    let tokens = crate::lexer::tokens(&expr.text);
    for (at, token) in tokens.iter().enumerate() {
        let written = &expr.text[token.span.clone()];
        let is_name = matches!(token.kind, TokenKind::Word | TokenKind::Quoted)
            && name_value(token.kind, written).is_some_and(|name| name.eq_ignore_ascii_case(from));
        // `year(year)`: a call keeps its name.
        let called = token.kind == TokenKind::Word
            && tokens
                .get(at + 1)
                .is_some_and(|next| &expr.text[next.span.clone()] == "(");
        if is_name && !called {
            text.push_str(&crate::render::quote_ident(to));
        } else {
            text.push_str(written);
        }
    }
    Expr::new(text)
}

/// True when an expression names this column.
pub(crate) fn mentions(expr: &Expr, column: &str) -> bool {
    let mut cursor = Cursor::new(&expr.text);
    while let Some((kind, text)) = cursor.take() {
        if matches!(kind, TokenKind::Word | TokenKind::Quoted)
            && name_value(kind, text).is_some_and(|name| name.eq_ignore_ascii_case(column))
        {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(is: &str, wish: &str) -> Verdict {
        same(&Expr::new(is), &Expr::new(wish))
    }

    #[test]
    fn a_server_may_rewrite_an_expression() {
        for (is, wish) in [
            ("`number` * 2", "number * 2"),
            ("(`number` * 2)", "number*2"),
            ("((`a` > 0) and (`b` < 3))", "a > 0 AND b < 3"),
            ("`a` <> 1", "a != 1"),
            ("(`s` = _utf8mb4'x')", "s = 'x'"),
            ("concat(`a`,' ',`b`)", "CONCAT(a, ' ', b)"),
            ("(`a` between 1 and 10)", "a BETWEEN 1 AND 10"),
            ("`k` in ('a','b')", "k IN ('a', 'b')"),
            ("(`n` is not null)", "n IS NOT NULL"),
            ("((`a` and `b`) and `c`)", "a AND b AND c"),
            (
                "(case when (`a` > 1) then 'x' else 'y' end)",
                "CASE WHEN a > 1 THEN 'x' ELSE 'y' END",
            ),
            (
                "cast(`a` as char(10) charset utf8mb4)",
                "CAST(a AS CHAR(10) CHARSET utf8mb4)",
            ),
            (
                "json_unquote(json_extract(`d`,_utf8mb4'$.a'))",
                "json_unquote(json_extract(d, '$.a'))",
            ),
        ] {
            assert_eq!(verdict(is, wish), Verdict::Same, "{is} / {wish}");
        }
    }

    #[test]
    fn another_meaning_is_seen() {
        for (is, wish) in [
            ("`number` * 3", "number * 2"),
            ("`a` > 0", "a >= 0"),
            ("(`a` + `b`) * 2", "a + b * 2"),
            ("'X'", "'x'"),
            ("`a` in (1,2)", "a in (1,2,3)"),
        ] {
            assert_eq!(verdict(is, wish), Verdict::Different, "{is} / {wish}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_judged() {
        assert_eq!(
            verdict("a match against b", "b match against a"),
            Verdict::Unknown
        );
        assert_eq!(verdict("~`a`", "a = 0"), Verdict::Unknown);
        assert_eq!(verdict("", "a"), Verdict::Unknown);
    }

    #[test]
    fn a_json_check_is_known_in_any_dress() {
        let check = Expr::new("json_valid(`meta`)");
        assert!(is_json_check(&check, "meta"));
        assert!(!is_json_check(&check, "other"));
        assert!(is_json_check(&Expr::new("(JSON_VALID(meta))"), "meta"));
        assert!(!is_json_check(&Expr::new("json_valid(`a`) and 1"), "a"));
    }
}
