//! Routines, events and what is only shown: whether two are the same, and their steps.

use realign_model::{Database, Opaque, Table, View};
use realign_planner::{Facts, Object, Phase, Policy, Step, Verdict, Weight, diff};

use crate::MySql;
use crate::interpret::{is_shown_table, shown_table};
use crate::lexer::{TokenKind, tokens};
use crate::{create, program, settings};

/// Whether two objects of one kind and name say the same.
pub(crate) fn same(is: &Object, wish: &Object, facts: &Facts) -> Verdict {
    match (is, wish) {
        (Object::Routine(is), Object::Routine(wish)) => program::same(
            (&is.source_text, &is.settings),
            (&wish.source_text, &wish.settings),
            facts,
        ),
        (Object::Event(is), Object::Event(wish)) => program::same(
            (&is.source_text, &is.settings),
            (&wish.source_text, &wish.settings),
            facts,
        ),
        (Object::Opaque(is), Object::Opaque(wish)) if is_shown_table(&is.kind) => {
            shown(is, wish, facts)
        }
        (Object::Opaque(is), Object::Opaque(wish)) => Verdict::from_equal(is.text == wish.text),
        // Another kind, or one that this engine does not have.
        (_, _) => Verdict::Different,
    }
}

/// Tables that are only shown are the same when their statements make the same.
fn shown(is: &Opaque, wish: &Opaque, facts: &Facts) -> Verdict {
    let (Some(mut a), Some(mut b)) = (shown_table(&is.text, facts), shown_table(&wish.text, facts))
    else {
        return Verdict::Unknown;
    };
    if periods(&mut a) != periods(&mut b) {
        return Verdict::Different;
    }
    let alone = |table| Database {
        tables: vec![table],
        ..Database::default()
    };
    let (a, b) = (alone(a), alone(b));
    let policy = Policy {
        complete: true,
        ..Policy::default()
    };
    let found = diff(&a, &b, &MySql, facts, &policy);
    if !found.in_sync() {
        return Verdict::Different;
    }
    if found.of(Weight::CannotTell).next().is_none() {
        Verdict::Same
    } else {
        Verdict::Unknown
    }
}

/// The periods of a table, in an order of their own.
fn periods(table: &mut Table) -> Vec<String> {
    let all = std::mem::take(&mut table.opaque);
    let mut found: Vec<String> = all
        .into_iter()
        .filter(|text| text.starts_with("PERIOD FOR "))
        .map(|text| text.to_lowercase())
        .collect();
    found.sort();
    found
}

fn alone(object: &Object) -> Database {
    let mut database = Database::default();
    object.clone().put_into(&mut database);
    database
}

/// The steps that make an object.
pub(crate) fn create(object: &Object, facts: &Facts) -> Vec<Step> {
    create::create(&alone(object), facts)
}

/// The steps that take an object away.
pub(crate) fn drop(object: &Object, facts: &Facts) -> Vec<Step> {
    create::drop(&alone(object), facts)
}

/// The steps that make an object anew: gone only for a moment.
pub(crate) fn replace(is: &Object, wish: &Object, facts: &Facts) -> Vec<Step> {
    // What is only shown is nobody's to take away.
    if matches!(wish, Object::Opaque(_)) {
        return Vec::new();
    }
    let mut steps = drop(is, facts);
    for step in &mut steps {
        step.phase = Phase::DropDependents;
    }
    let mut wish = wish.clone();
    match (is, &mut wish) {
        (Object::Routine(is), Object::Routine(wish)) => {
            settings::keep(&is.settings, &mut wish.settings);
            let (old, new) = (&is.source_text, &wish.source_text);
            wish.source_text = program::of_the_same(old, new, facts);
        }
        (Object::Event(is), Object::Event(wish)) => {
            settings::keep(&is.settings, &mut wish.settings);
            let (old, new) = (&is.source_text, &wish.source_text);
            wish.source_text = program::of_the_same(old, new, facts);
        }
        _ => {}
    }
    steps.extend(create(&wish, facts));
    steps
}

/// A view that is made anew keeps what it does not say of itself: its definer, whose rights it
/// runs with, and its algorithm.
pub(crate) fn view_of_the_same(is: &View, mut wish: View) -> View {
    settings::keep(&is.settings, &mut wish.settings);
    for word in ["SQL SECURITY ", "DEFINER=", "ALGORITHM="] {
        let starts = |option: &&String| option.starts_with(word);
        if !wish.options.iter().any(|option| starts(&option))
            && let Some(kept) = is.options.iter().find(starts)
        {
            wish.options.insert(0, kept.clone());
        }
    }
    wish
}

/// Every name that stands in a text, keywords among them.
pub(crate) fn names_in(sql: &str) -> Vec<String> {
    tokens(sql)
        .into_iter()
        .filter_map(|token| {
            let text = &sql[token.span];
            match token.kind {
                TokenKind::Word => Some(text.to_owned()),
                TokenKind::Quoted => Some(text.trim_matches('`').replace("``", "`")),
                TokenKind::Blank
                | TokenKind::Comment
                | TokenKind::String
                | TokenKind::Number
                | TokenKind::Symbol => None,
            }
        })
        .collect()
}
