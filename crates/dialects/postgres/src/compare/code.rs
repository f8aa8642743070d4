//! Routines, triggers, domains, and what is kept as text.

use realign_model::{Domain, Opaque, Routine, Sequence, Trigger};
use realign_planner::{Aspect, AspectDifference, Facts, Side, Verdict, counting};

use super::difference;
use crate::facts::{default_schema, since};
use crate::lexer::{Token, TokenKind, tokens};
use crate::parse::{Argument, Path, RoutineText, TriggerText, without_length};
use crate::render::catalog_name;
use crate::{defaults, expr, types};

/// The worse of two verdicts: one difference is enough.
pub(super) fn worse(a: Verdict, b: Verdict) -> Verdict {
    match (a, b) {
        (Verdict::Different, _) | (_, Verdict::Different) => Verdict::Different,
        (Verdict::Unknown, _) | (_, Verdict::Unknown) => Verdict::Unknown,
        (Verdict::Same, Verdict::Same) => Verdict::Same,
    }
}

/// A name as it is compared: where it stands tells nothing, and neither does the usual schema.
fn settled(path: &Path, facts: &Facts) -> (Option<String>, String) {
    let schema = path
        .schema
        .clone()
        .filter(|schema| schema != default_schema(facts) && schema != "pg_catalog");
    (schema, path.name.clone())
}

/// Whether two texts are the same words, qualifiers of the usual schema aside.
pub(super) fn same_text(is: &str, wish: &str, facts: &Facts) -> bool {
    words(is, facts) == words(wish, facts)
}

fn words(text: &str, facts: &Facts) -> Vec<(bool, String)> {
    let all = tokens(text.trim().trim_end_matches(';'));
    let usual = default_schema(facts);
    // Under a WITH the name without its schema may be another thing.
    let hidden = names_queries(&all);
    let mut found = Vec::with_capacity(all.len());
    let mut at = 0;
    while let Some(token) = all.get(at) {
        let qualifies = !hidden
            && all.get(at + 1).is_some_and(|t| t.is_symbol("."))
            && (named(token, usual) || named(token, "pg_catalog"))
            && !at
                .checked_sub(1)
                .is_some_and(|before| all[before].is_symbol("."));
        if qualifies {
            at += 2;
            continue;
        }
        let text = if token.kind == TokenKind::Word {
            token.text.to_lowercase()
        } else {
            token.text.to_string()
        };
        found.push((token.kind == TokenKind::String, text));
        at += 1;
    }
    found
}

/// True when a WITH gives names to queries: `WITH a AS (…)`, `WITH RECURSIVE a (b) AS (…)`.
fn names_queries(all: &[Token<'_>]) -> bool {
    all.iter().enumerate().any(|(at, token)| {
        let after = at + 1 + usize::from(all.get(at + 1).is_some_and(|t| t.is_word("recursive")));
        let is_name = |t: &Token| {
            t.kind == TokenKind::Quoted || (t.kind == TokenKind::Word && !t.is_word("check"))
        };
        token.is_word("with")
            && all.get(after).is_some_and(is_name)
            && (all.get(after + 1)).is_some_and(|t| t.is_word("as") || t.is_symbol("("))
    })
}

fn named(token: &Token<'_>, name: &str) -> bool {
    match token.kind {
        TokenKind::Word => token.text.eq_ignore_ascii_case(name),
        TokenKind::Quoted => token.text == name,
        TokenKind::String | TokenKind::Number | TokenKind::Symbol => false,
    }
}

/// Whether two triggers do the same.
pub(super) fn trigger(is: &Trigger, wish: &Trigger, facts: &Facts) -> Verdict {
    let (Some(mut live), Some(mut declared)) = (
        TriggerText::read(is.source_text.as_str()),
        TriggerText::read(wish.source_text.as_str()),
    ) else {
        return if same_text(is.source_text.as_str(), wish.source_text.as_str(), facts) {
            Verdict::Same
        } else {
            Verdict::Unknown
        };
    };
    let when = match (live.when.take(), declared.when.take()) {
        (None, None) => Verdict::Same,
        (Some(a), Some(b)) => expr::compare(&a, &b),
        _ => return Verdict::Different,
    };
    if settled(&live.function, facts) != settled(&declared.function, facts) {
        return Verdict::Different;
    }
    live.function.clone_from(&declared.function);
    // Each stands on the table that it was found by.
    live.table.clone_from(&declared.table);
    live.replace = declared.replace;
    live.timing.not_valid = declared.timing.not_valid;
    worse(when, Verdict::from_equal(live == declared))
}

/// Whether two routines are the same.
pub(crate) fn routine(is: &Routine, wish: &Routine, facts: &Facts) -> Verdict {
    let (Some(mut live), Some(mut declared)) = (
        RoutineText::read(is.source_text.as_str()),
        RoutineText::read(wish.source_text.as_str()),
    ) else {
        return if same_text(is.source_text.as_str(), wish.source_text.as_str(), facts) {
            Verdict::Same
        } else {
            Verdict::Unknown
        };
    };
    let arguments = arguments(&live.arguments, &declared.arguments);
    let bodies = match (live.sql_body.take(), declared.sql_body.take()) {
        (None, None) => Verdict::Same,
        (Some(a), Some(b)) if same_text(&a, &b, facts) => Verdict::Same,
        // It is kept as a tree and printed from it.
        (Some(_), Some(_)) => Verdict::Unknown,
        _ => return Verdict::Different,
    };
    live.arguments.clone_from(&declared.arguments);
    let result = |text: &RoutineText| {
        let table = text
            .table
            .iter()
            .map(|(name, t)| (name.clone(), without_length(t)));
        let table: Vec<_> = table.collect();
        (
            text.returns
                .as_ref()
                .map(|(set, t)| (*set, without_length(t))),
            table,
        )
    };
    if !same_result(&live, &declared, result(&live) == result(&declared)) {
        return Verdict::Different;
    }
    live.returns.clone_from(&declared.returns);
    live.table.clone_from(&declared.table);
    live.name.clone_from(&declared.name);
    live.replace = declared.replace;
    let options = |text: &RoutineText| {
        let options = text.options.iter().map(|option| {
            option
                .replace(&format!("={}.", default_schema(facts)), "=")
                .replace("=pg_catalog.", "=")
                .to_lowercase()
        });
        let options = options.map(|option| match option.split_once('=') {
            Some(("stype" | "mstype", value)) => {
                format!(
                    "stype={}",
                    types::render(&types::parse(value)).to_lowercase()
                )
            }
            // The old word for the same.
            Some(("sfunc1", value)) => format!("sfunc={value}"),
            Some(("parallel", "unsafe")) => String::new(),
            _ => option,
        });
        let mut options: Vec<String> = options.filter(|o| !o.is_empty()).collect();
        options.sort();
        options
    };
    if options(&live) != options(&declared) {
        return Verdict::Different;
    }
    live.options.clone_from(&declared.options);
    let rest = Verdict::from_equal(live == declared);
    worse(worse(arguments, bodies), rest)
}

/// A function of OUT arguments returns them, whether that is said or not; a set of them is said.
fn same_result(live: &RoutineText, declared: &RoutineText, equal: bool) -> bool {
    let gives = |text: &RoutineText| {
        text.arguments
            .iter()
            .any(|a| matches!(a.mode.as_str(), "OUT" | "INOUT"))
    };
    let set = |text: &RoutineText| text.returns.as_ref().is_some_and(|(set, _)| *set);
    equal
        || (!set(live)
            && !set(declared)
            && (live.returns.is_none() || declared.returns.is_none())
            && gives(declared)
            && live.table.is_empty()
            && declared.table.is_empty())
}

fn arguments(is: &[Argument], wish: &[Argument]) -> Verdict {
    if is.len() != wish.len() {
        return Verdict::Different;
    }
    let mut verdict = Verdict::Same;
    for (live, declared) in is.iter().zip(wish) {
        let types_differ = crate::parse::types_of([&live.data_type])
            != crate::parse::types_of([&declared.data_type]);
        if live.mode != declared.mode || live.name != declared.name || types_differ {
            return Verdict::Different;
        }
        verdict = worse(
            verdict,
            match (&live.default, &declared.default) {
                (None, None) => Verdict::Same,
                (Some(a), Some(b)) => {
                    defaults::compare_texts(a.as_str(), b.as_str(), &declared.data_type)
                }
                _ => Verdict::Different,
            },
        );
    }
    verdict
}

/// Whether two domains are the same.
pub(crate) fn domain(is: &Domain, wish: &Domain) -> Verdict {
    let other_values =
        types::normal(&is.base) != types::normal(&wish.base) || is.collation != wish.collation;
    // What values from before were held to is held by all: that can't be taken back.
    let unproven = is.unproven.iter().any(|name| {
        let own = catalog_name(name);
        !wish.unproven.iter().any(|n| catalog_name(n) == own)
    });
    if other_values || unproven || is.nullable != wish.nullable {
        return Verdict::Different;
    }
    let mut verdict = match (&is.default, &wish.default) {
        (None, None) => Verdict::Same,
        (Some(a), Some(b)) => defaults::compare_texts(a.as_str(), b.as_str(), &wish.base),
        _ => return Verdict::Different,
    };
    if is.checks.len() != wish.checks.len() {
        return Verdict::Different;
    }
    for (name, check) in &wish.checks {
        let wanted = name.as_ref().map(catalog_name);
        let same = is
            .checks
            .iter()
            .find(|(other, _)| wanted.is_none() || other.as_ref().map(catalog_name) == wanted);
        let Some((_, live)) = same else {
            return Verdict::Different;
        };
        verdict = worse(verdict, expr::compare(live.as_str(), check.as_str()));
    }
    verdict
}

/// Whether two objects that are kept as text have the same one. Where the server prints it from
/// a tree, another text may mean the same.
pub(crate) fn opaque(is: &Opaque, wish: &Opaque, facts: &Facts) -> Verdict {
    if is.text.is_empty() || wish.text.is_empty() || same_text(&is.text, &wish.text, facts) {
        return Verdict::Same;
    }
    match is.kind.as_str() {
        "policy" => policy(&is.text, &wish.text, facts),
        // Since version 16 the server keeps a locale as a language tag, whatever was written.
        "collation" if since(facts, 16) && [is, wish].iter().any(|o| o.text.contains('@')) => {
            Verdict::Unknown
        }
        "composite type" | "range type" | "collation" | "text search configuration" => {
            Verdict::Different
        }
        _ => Verdict::Unknown,
    }
}

/// Two policies, by what they say of themselves and by their conditions.
fn policy(is: &str, wish: &str, facts: &Facts) -> Verdict {
    use crate::opaque::policy_conditions;
    let (Some(is), Some(wish)) = (policy_conditions(is), policy_conditions(wish)) else {
        return Verdict::Unknown;
    };
    if !same_text(is.0, wish.0, facts) {
        return Verdict::Different;
    }
    let condition = |is: Option<&str>, wish: Option<&str>| match (is, wish) {
        (Some(is), Some(wish)) => expr::compare(is, wish),
        (None, None) => Verdict::Same,
        (_, _) => Verdict::Different,
    };
    worse(condition(is.1, wish.1), condition(is.2, wish.2))
}

/// In what two sequences differ. A declaration that names no type says only how it counts.
pub(super) fn sequence(is: &Sequence, wish: &Sequence) -> Vec<AspectDifference> {
    let Some(data_type) = &wish.data_type else {
        return counting(is, wish);
    };
    let mut found = counting(is, wish);
    let live_type = is.data_type.as_ref();
    let same_type = live_type.is_none_or(|t| types::normal(t) == types::normal(data_type));
    let open = |declared: Option<i128>, live: Option<i128>| declared.is_none() || declared == live;
    let cache = wish.cache.is_none() || wish.cache == is.cache;
    if same_type
        && open(wish.min, is.min)
        && open(wish.max, is.max)
        && cache
        && is.cycle == wish.cycle
        && is.unlogged == wish.unlogged
    {
        return found;
    }
    let side = |sequence: &Sequence| {
        let number = |n: Option<i128>| n.map_or_else(|| "default".to_owned(), |n| n.to_string());
        let data_type = sequence.data_type.as_ref();
        Side::plain(format!(
            "{}AS {} MINVALUE {} MAXVALUE {} CACHE {}{}",
            if sequence.unlogged { "UNLOGGED " } else { "" },
            data_type.map_or_else(|| "bigint".to_owned(), types::render),
            number(sequence.min),
            number(sequence.max),
            sequence.cache.unwrap_or(1),
            if sequence.cycle { " CYCLE" } else { "" }
        ))
    };
    found.push(difference(Aspect::Options, side(wish), side(is)));
    found
}

#[cfg(test)]
mod tests {
    use realign_model::{Expr, ObjectName, Origin, Routine, RoutineKind, SessionSettings};
    use realign_planner::{Facts, Verdict};

    use super::{routine, same_text};

    #[test]
    fn a_qualifier_tells_something_under_a_with() {
        let same = |is: &str, wish: &str| same_text(is, wish, &Facts::default());
        assert!(same("SELECT 1 FROM public.t", "select 1 from t"));
        assert!(!same(
            "WITH t AS (SELECT 2) SELECT 1 FROM public.t",
            "WITH t AS (SELECT 2) SELECT 1 FROM t"
        ));
        assert!(same(
            "CREATE POLICY p ON public.t WITH CHECK (true)",
            "CREATE POLICY p ON t WITH CHECK (true)"
        ));
    }

    #[test]
    fn one_row_is_not_a_set_of_them() {
        let text = |returns: &str| {
            format!(
                "CREATE FUNCTION f(OUT a integer, OUT b integer) {returns} LANGUAGE sql AS 'SELECT 1, 2'"
            )
        };
        let compare = |is: &str, wish: &str| {
            let of = |returns: &str| Routine {
                name: ObjectName::bare("f"),
                kind: RoutineKind::Function,
                signature: None,
                source_text: Expr::new(text(returns)),
                settings: SessionSettings::new(),
                legacy: Vec::new(),
                origin: Origin::None,
            };
            routine(&of(is), &of(wish), &Facts::default())
        };
        assert_eq!(compare("RETURNS record", ""), Verdict::Same);
        assert_eq!(compare("RETURNS SETOF record", ""), Verdict::Different);
        assert_eq!(compare("", "RETURNS SETOF record"), Verdict::Different);
    }
}
