//! Bodies of triggers, routines and events: where they begin and end, told from words alone.

use realign_planner::script::{LexKind, Nesting, Seen};

use crate::lexer;

/// What a word opens or closes.
pub(super) fn nesting(seen: &Seen<'_>, word: &str) -> Nesting {
    if seen.head.is_empty() {
        // MariaDB takes these without a routine around them; nothing else begins with such a word.
        let opens = match word {
            "BEGIN" => seen.next_is("NOT"),
            _ => COMPOUND.contains(&word),
        };
        return if opens { Nesting::Open } else { Nesting::Same };
    }
    if !is_program(seen) || seen.after_mark(".") || seen.after_mark("@") {
        return Nesting::Same;
    }
    let last = seen.last_word();
    let ends = last.as_deref() == Some("END");
    match word {
        "END" if seen.depth > 0 => Nesting::Close,
        _ if ends => Nesting::Same,
        "CASE" => Nesting::Open,
        "BEGIN" if seen.parentheses == 0 && (seen.depth == 0 || begins_statement(seen)) => {
            Nesting::Open
        }
        "IF" if begins_statement(seen) && !is_call(seen.rest) => Nesting::Open,
        "IF" if seen.depth == 0
            && seen.has("RETURNS")
            && !seen.next_is("(")
            && !seen.next_is("NOT")
            && !seen.next_is("EXISTS") =>
        {
            Nesting::Open
        }
        "REPEAT" if begins_statement(seen) && !is_call(seen.rest) => Nesting::Open,
        "LOOP" | "WHILE" | "FOR" if begins_statement(seen) => Nesting::Open,
        _ => Nesting::Same,
    }
}

const KINDS: [&str; 16] = [
    "TABLE",
    "VIEW",
    "INDEX",
    "DATABASE",
    "SCHEMA",
    "USER",
    "ROLE",
    "SEQUENCE",
    "SERVER",
    "TABLESPACE",
    "TRIGGER",
    "PROCEDURE",
    "FUNCTION",
    "EVENT",
    "PACKAGE",
    "LOGFILE",
];

/// Words that begin a compound statement.
pub(crate) const COMPOUND: [&str; 6] = ["CASE", "FOR", "IF", "LOOP", "REPEAT", "WHILE"];

/// True when the statement has a body of statements.
fn is_program(seen: &Seen<'_>) -> bool {
    if seen.begins("BEGIN") {
        return (seen.head.get(1)).is_some_and(|word| word.eq_ignore_ascii_case("NOT"))
            || seen.depth > 0;
    }
    if COMPOUND.iter().any(|word| seen.begins(word)) {
        return seen.depth > 0;
    }
    if !seen.begins("CREATE") && !seen.begins("ALTER") {
        return false;
    }
    let kind = seen.head.iter().find_map(|word| {
        let mut kinds = KINDS.iter();
        kinds.find(|kind| kind.eq_ignore_ascii_case(word))
    });
    kind.is_some_and(|kind| {
        matches!(
            *kind,
            "TRIGGER" | "PROCEDURE" | "FUNCTION" | "EVENT" | "PACKAGE"
        )
    })
}

/// True where a statement of a body begins.
fn begins_statement(seen: &Seen<'_>) -> bool {
    if seen.after_mark(";") || seen.after_mark(":") || after_conditions(seen) {
        return true;
    }
    let last = seen.last_word();
    if let Some(last) = &last
        && matches!(
            last.as_str(),
            "BEGIN" | "THEN" | "ELSE" | "DO" | "LOOP" | "REPEAT" | "ATOMIC"
        )
    {
        return true;
    }
    if seen.depth > 0 {
        return false;
    }
    let before = match seen.before {
        Some((LexKind::Word, text)) => text.to_ascii_uppercase(),
        _ => String::new(),
    };
    seen.after_mark(")")
        || matches!(before.as_str(), "FOLLOWS" | "PRECEDES" | "COMMENT")
        || last.is_some_and(|last| {
            matches!(
                last.as_str(),
                "ROW" | "DETERMINISTIC" | "SQL" | "DATA" | "INVOKER" | "DEFINER"
            )
        })
}

/// True behind `DECLARE … HANDLER FOR` and what it is for.
fn after_conditions(seen: &Seen<'_>) -> bool {
    if seen.depth == 0 {
        return false;
    }
    let before = |words: &[&str]| match seen.before {
        Some((LexKind::Word, text)) => words.iter().any(|word| text.eq_ignore_ascii_case(word)),
        Some((LexKind::Mark, mark)) => mark == ",",
        _ => false,
    };
    match seen.last {
        Some((LexKind::Text, _)) => before(&["SQLSTATE", "VALUE"]),
        Some((LexKind::Number | LexKind::Name, _)) => before(&["FOR"]),
        Some((LexKind::Word, text)) => {
            before(&["FOR"]) || (before(&["NOT"]) && text.eq_ignore_ascii_case("FOUND"))
        }
        _ => false,
    }
}

/// True when what follows is a list in parentheses: `IF(a, b, c)` and `REPEAT('x', 3)` are
/// functions, `IF (a) THEN` is a statement.
fn is_call(rest: &str) -> bool {
    let rest = rest.trim_start();
    if !rest.starts_with('(') {
        return false;
    }
    let mut depth = 0_usize;
    let bytes = rest.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return false;
                }
            }
            b',' if depth == 1 => return true,
            quote @ (b'\'' | b'"' | b'`') => {
                at += lexer::quoted_length(&rest[at..], quote, quote != b'`').max(1);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    false
}
