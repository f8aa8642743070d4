//! Routines, types, extensions and what is only shown: whether two are the same, and their steps.

use realign_model::Database;
use realign_planner::{Facts, Object, Phase, Step, Verdict};

use crate::lexer::{TokenKind, tokens};
use crate::{create, expr};

/// Whether two objects of one kind and name say the same.
pub(crate) fn same(is: &Object, wish: &Object) -> Verdict {
    match (is, wish) {
        (Object::Enum(is), Object::Enum(wish)) => Verdict::from_equal(is.values == wish.values),
        (Object::Extension(is), Object::Extension(wish)) => {
            Verdict::from_equal(wish.version.is_none() || is.version == wish.version)
        }
        (is, wish) if expr::same_words(&is.text(), &wish.text()) => Verdict::Same,
        // The server prints them from its tree, so that only sameness is certain.
        (Object::Routine(_) | Object::Domain(_), _) => Verdict::Unknown,
        (_, _) => Verdict::Different,
    }
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

/// The steps that make an object anew.
pub(crate) fn replace(is: &Object, wish: &Object, facts: &Facts) -> Vec<Step> {
    let mut steps = drop(is, facts);
    for step in &mut steps {
        step.phase = Phase::DropDependents;
    }
    steps.extend(create(wish, facts));
    steps
}

/// Every name that stands in a text, keywords among them.
pub(crate) fn names_in(sql: &str) -> Vec<String> {
    let found = tokens(sql)
        .into_iter()
        .filter_map(|token| match token.kind {
            TokenKind::Word => Some(token.text.to_lowercase()),
            TokenKind::Quoted => Some(token.text),
            TokenKind::String | TokenKind::Number | TokenKind::Symbol => None,
        });
    found.collect()
}
