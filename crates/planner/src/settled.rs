//! A declaration in the engine's own words, once an engine has read it.

use std::collections::HashMap;

use realign_model::{Check, Database, Expr, Index, IndexTarget, Table};

use crate::{Dialect, Facts, NameKind};

/// The declaration with every expression, query and body as the engine prints it, taken from a
/// database that was made from that very declaration. Nothing else of it changes: what it leaves
/// open stays open, and what can't be matched keeps its own words.
///
/// Two texts that come from one engine are the same exactly when they are equal, so that a
/// comparison with such a declaration leaves nothing untold.
pub fn settled(
    wish: &Database,
    loaded: &Database,
    dialect: &dyn Dialect,
    facts: &Facts,
) -> Database {
    let fold = |kind: NameKind, name: &str| dialect.compare().fold(kind, name, facts);
    let table = |name: &dyn std::fmt::Display| fold(NameKind::Table, &name.to_string());
    let other = |name: &dyn std::fmt::Display| fold(NameKind::Other, &name.to_string());
    let mut settled = wish.clone();
    let tables: HashMap<String, &Table> =
        loaded.tables.iter().map(|t| (table(&t.name), t)).collect();
    for wish in &mut settled.tables {
        if let Some(made) = tables.get(&table(&wish.name)) {
            within(wish, made, &fold);
        }
    }
    let views: HashMap<String, _> = loaded.views.iter().map(|v| (table(&v.name), v)).collect();
    for view in &mut settled.views {
        if let Some(made) = views.get(&table(&view.name)) {
            view.query.clone_from(&made.query);
            view.columns.clone_from(&made.columns);
        }
    }
    for trigger in &mut settled.triggers {
        let made = loaded.triggers.iter().find(|made| {
            fold(NameKind::Trigger, made.name.name.as_str())
                == fold(NameKind::Trigger, trigger.name.name.as_str())
                && table(&made.table) == table(&trigger.table)
        });
        if let Some(made) = made {
            trigger.source_text.clone_from(&made.source_text);
        }
    }
    for routine in &mut settled.routines {
        let mut named = loaded.routines.iter().filter(|made| {
            made.kind == routine.kind
                && other(&made.name) == other(&routine.name)
                && (routine.signature.is_none() || made.signature == routine.signature)
        });
        // Overloads that can't be told apart keep their own words.
        if let (Some(made), None) = (named.next(), named.next()) {
            routine.source_text.clone_from(&made.source_text);
            routine.signature.clone_from(&made.signature);
        }
    }
    for event in &mut settled.events {
        let made = loaded
            .events
            .iter()
            .find(|made| other(&made.name) == other(&event.name));
        if let Some(made) = made {
            event.source_text.clone_from(&made.source_text);
        }
    }
    for domain in &mut settled.domains {
        let made = loaded
            .domains
            .iter()
            .find(|made| other(&made.name) == other(&domain.name));
        if let Some(made) = made {
            same_words(&mut domain.default, made.default.as_ref());
            if domain.checks.len() == made.checks.len() {
                domain.checks.clone_from(&made.checks);
            }
        }
    }
    let on = |table: &Option<realign_model::ObjectName>| table.as_ref().map(|name| other(name));
    for opaque in &mut settled.opaque {
        let made = loaded.opaque.iter().find(|made| {
            made.kind == opaque.kind
                && other(&made.name) == other(&opaque.name)
                && on(&made.table) == on(&opaque.table)
        });
        if let Some(made) = made.filter(|made| !made.text.is_empty()) {
            opaque.text.clone_from(&made.text);
        }
    }
    settled
}

fn same_words(wish: &mut Option<Expr>, made: Option<&Expr>) {
    if let (Some(wish), Some(made)) = (wish, made) {
        wish.clone_from(made);
    }
}

fn within(wish: &mut Table, made: &Table, fold: &impl Fn(NameKind, &str) -> String) {
    for column in &mut wish.columns {
        let name = fold(NameKind::Column, column.name.as_str());
        let made = made
            .columns
            .iter()
            .find(|made| fold(NameKind::Column, made.name.as_str()) == name);
        let Some(made) = made else {
            continue;
        };
        same_words(&mut column.default, made.default.as_ref());
        let Some(rare) = column.rare.said_mut() else {
            continue;
        };
        same_words(&mut rare.on_update, made.on_update.as_ref());
        if let (Some(wish), Some(made)) = (&mut rare.generated, &made.generated) {
            wish.expr.clone_from(&made.expr);
        }
    }
    checks(&mut wish.checks, &made.checks, fold);
    for index in &mut wish.indexes {
        let name = fold(NameKind::Index, index.name_str());
        let made = made
            .indexes
            .iter()
            .find(|made| index.name.is_some() && fold(NameKind::Index, made.name_str()) == name);
        if let Some(made) = made {
            parts(index, made);
        }
    }
    let Some(rare) = wish.rare.said_mut() else {
        return;
    };
    for line in &mut rare.opaque {
        // Its kind and its name come first.
        let head = |text: &str| {
            let words: Vec<String> = text.split(' ').take(2).map(str::to_lowercase).collect();
            words.join(" ")
        };
        let mut alike = made.opaque.iter().filter(|other| head(other) == head(line));
        if let (Some(one), None) = (alike.next(), alike.next()) {
            line.clone_from(one);
        }
    }
    if let (Some(wish), Some(made)) = (&mut rare.partitioning, &made.partitioning) {
        wish.clause.clone_from(&made.clause);
    }
}

fn parts(wish: &mut Index, made: &Index) {
    if let Some(rare) = wish.rare.said_mut() {
        same_words(&mut rare.predicate, made.predicate.as_ref());
    }
    if wish.parts.len() != made.parts.len() {
        return;
    }
    for (wish, made) in wish.parts.iter_mut().zip(&made.parts) {
        if let (IndexTarget::Expr(wish), IndexTarget::Expr(made)) = (&mut wish.target, &made.target)
        {
            wish.clone_from(made);
        }
    }
}

/// Checks by their names; those without are told apart by what they say only, so that any
/// order among them is right.
fn checks(wish: &mut [Check], made: &[Check], fold: &impl Fn(NameKind, &str) -> String) {
    let key = |check: &Check| fold(NameKind::Constraint, check.name_str());
    let mut rest: Vec<&Check> = Vec::new();
    for made in made {
        let named = wish
            .iter_mut()
            .find(|wish| wish.name.is_some() && key(wish) == key(made));
        match named {
            Some(wish) => wish.expr.clone_from(&made.expr),
            None => rest.push(made),
        }
    }
    let unnamed: Vec<&mut Check> = wish.iter_mut().filter(|wish| wish.name.is_none()).collect();
    if unnamed.len() == rest.len() {
        for (wish, made) in unnamed.into_iter().zip(rest) {
            wish.expr.clone_from(&made.expr);
        }
    }
}

#[cfg(test)]
mod tests {
    use realign_model::{Check, Expr, Ident, Origin};

    use super::checks;

    fn check(name: Option<&str>, text: &str) -> Check {
        Check {
            name: name.map(Ident::new),
            expr: Expr::new(text),
            column: None,
            enforced: true,
            origin: Origin::None,
        }
    }

    #[test]
    fn checks_are_matched_by_name_and_else_as_a_whole() {
        let mut wish = [
            check(None, "a>0"),
            check(Some("C"), "b>0"),
            check(None, "c>0"),
        ];
        let made = [
            check(Some("t_1"), "(c > 0)"),
            check(Some("c"), "(b > 0)"),
            check(Some("t_2"), "(a > 0)"),
        ];
        checks(&mut wish, &made, &|_, name: &str| name.to_lowercase());
        let texts: Vec<&str> = wish.iter().map(|check| check.expr.as_str()).collect();
        assert_eq!(texts, ["(c > 0)", "(b > 0)", "(a > 0)"]);
    }
}
