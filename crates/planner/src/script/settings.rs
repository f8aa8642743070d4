//! The settings that a statement makes for its session.

use super::{LexKind, Lexeme};

/// A setting, and what it is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<'l> {
    /// Its name in lower case; a variable of the user's begins with `@`, and `names` and
    /// `character set` are those of `SET NAMES` and `SET CHARACTER SET`.
    pub name: String,
    /// Its value; empty for one that is taken back or only asked for.
    pub value: &'l [Lexeme<'l>],
}

/// The settings that this statement makes; none of a statement that does anything else as well,
/// or says something that is not read.
pub fn settings<'l>(lexemes: &'l [Lexeme<'l>]) -> Option<Vec<Setting<'l>>> {
    let (first, rest) = lexemes.split_first()?;
    if first.is("PRAGMA") {
        return pragma(rest).map(|setting| vec![setting]);
    }
    if first.is("RESET") {
        let [name] = rest else {
            return None;
        };
        let name = name.name()?.to_ascii_lowercase();
        return (name != "all").then(|| vec![Setting { name, value: &[] }]);
    }
    if !first.is("SET") {
        return None;
    }
    let end = rest.iter().rposition(|lexeme| !lexeme.is_mark(";"))? + 1;
    // The values of a list of names are no assignments of their own.
    parts(&rest[..end])
        .into_iter()
        .map(assignment)
        .collect::<Option<Vec<_>>>()
        .or_else(|| {
            let only = assignment(&rest[..end])?;
            let assigns = only.value.iter().any(|lexeme| lexeme.is_mark("="));
            (!assigns).then(|| vec![only])
        })
}

/// What stands between commas that are in no brackets.
fn parts<'l>(lexemes: &'l [Lexeme<'l>]) -> Vec<&'l [Lexeme<'l>]> {
    let mut depth = 0_usize;
    lexemes
        .split(|lexeme| {
            if lexeme.is_mark("(") {
                depth += 1;
            } else if lexeme.is_mark(")") {
                depth = depth.saturating_sub(1);
            }
            depth == 0 && lexeme.is_mark(",")
        })
        .collect()
}

fn assignment<'l>(lexemes: &'l [Lexeme<'l>]) -> Option<Setting<'l>> {
    let (name, rest) = named(lexemes)?;
    let value = match rest {
        _ if matches!(name.as_str(), "names" | "character set") => rest,
        [colon, equals, value @ ..] if colon.is_mark(":") && equals.is_mark("=") => value,
        [sign, value @ ..] if sign.is_mark("=") || sign.is_mark(":=") || sign.is("TO") => value,
        _ => return None,
    };
    (!value.is_empty()).then_some(Setting { name, value })
}

/// The name of a setting, and what stands behind it.
fn named<'l>(lexemes: &'l [Lexeme<'l>]) -> Option<(String, &'l [Lexeme<'l>])> {
    let mut rest = lexemes;
    let mut marks = 0;
    while let [first, behind @ ..] = rest {
        let count = first.text.len();
        if first.kind != LexKind::Mark || first.text.bytes().any(|byte| byte != b'@') {
            break;
        }
        marks += count;
        rest = behind;
    }
    if marks != 1
        && let [first, behind @ ..] = rest
        && first.is_one_of(&["SESSION", "LOCAL"])
    {
        rest = match behind {
            [dot, behind @ ..] if marks == 2 && dot.is_mark(".") => behind,
            _ if marks == 0 => behind,
            _ => return None,
        };
    }
    let [first, behind @ ..] = rest else {
        return None;
    };
    let name = first.name()?.to_ascii_lowercase();
    Some(match (marks, name.as_str(), behind) {
        (1, _, _) => (format!("@{name}"), behind),
        (0, "charset", _) => ("character set".to_owned(), behind),
        (0, "character", [second, behind @ ..]) if second.is("SET") => {
            ("character set".to_owned(), behind)
        }
        (0 | 2, _, _) => (name, behind),
        _ => return None,
    })
}

/// `PRAGMA schema.name = value`, `PRAGMA name(value)`, `PRAGMA name`.
fn pragma<'l>(lexemes: &'l [Lexeme<'l>]) -> Option<Setting<'l>> {
    let (first, rest) = lexemes.split_first()?;
    let (name, rest) = match rest {
        [dot, name, rest @ ..] if dot.is_mark(".") => (name, rest),
        rest => (first, rest),
    };
    let value = match rest {
        [] => rest,
        [sign, value @ ..] if sign.is_mark("=") => value,
        [open, value @ .., close] if open.is_mark("(") && close.is_mark(")") => value,
        _ => return None,
    };
    Some(Setting {
        name: name.name()?.to_ascii_lowercase(),
        value,
    })
}
