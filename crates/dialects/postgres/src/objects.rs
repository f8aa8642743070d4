//! Routines, types, extensions and what is only shown: whether two are the same, and their steps.

mod domains;
mod enums;

use realign_model::{Database, Routine, RoutineKind};
use realign_planner::{Change, Facts, Object, Phase, Statement, Step, Verdict};

use crate::compare::code;
use crate::lexer::{TokenKind, tokens};
use crate::lower::{Scene, step};
use crate::parse::RoutineText;
use crate::{create, render};
pub(crate) use enums::{is_of_type, says_new, swaps};

/// Whether two objects of one kind and name say the same.
pub(crate) fn same(is: &Object, wish: &Object, facts: &Facts) -> Verdict {
    match (is, wish) {
        (Object::Enum(is), Object::Enum(wish)) => Verdict::from_equal(is.values == wish.values),
        (Object::Extension(is), Object::Extension(wish)) => {
            let open = is.version.is_none() || wish.version.is_none();
            Verdict::from_equal(open || is.version == wish.version)
        }
        (Object::Routine(is), Object::Routine(wish)) => code::routine(is, wish, facts),
        (Object::Domain(is), Object::Domain(wish)) => code::domain(is, wish),
        (Object::Opaque(is), Object::Opaque(wish)) => code::opaque(is, wish, facts),
        (_, _) => Verdict::Different,
    }
}

fn alone(object: &Object) -> Database {
    let mut database = Database::default();
    object.clone().put_into(&mut database);
    database
}

/// The steps that make an object in its schema.
pub(crate) fn create(object: &Object, facts: &Facts) -> Vec<Step> {
    create::within_schemas(&alone(object), facts)
}

/// The steps that make what tables and other objects are made of, each after what it is made of
/// itself: extensions, collations and types.
pub(crate) fn create_types<'a>(
    changes: impl IntoIterator<Item = &'a Change>,
    facts: &Facts,
) -> Vec<Step> {
    let mut together = Database::default();
    for change in changes {
        if let Change::CreateObject(object) = change
            && is_type(object)
        {
            object.clone().put_into(&mut together);
        }
    }
    create::within_schemas(&together, facts)
}

/// True for what [`create_types`] makes.
pub(crate) fn is_type(object: &Object) -> bool {
    match object {
        Object::Enum(_) | Object::Domain(_) | Object::Extension(_) => true,
        Object::Opaque(opaque) => opaque.kind == "collation" || opaque.kind.ends_with(" type"),
        Object::Routine(_) | Object::Event(_) => false,
    }
}

/// The steps that take an object away.
pub(crate) fn drop(object: &Object, facts: &Facts) -> Vec<Step> {
    create::drop(&alone(object), facts)
}

/// The steps that change an object: in place where the server can, else it is made anew.
pub(crate) fn replace(is: &Object, wish: &Object, scene: &Scene<'_>) -> Vec<Step> {
    match (is, wish) {
        (Object::Enum(is), Object::Enum(wish)) => enums::change(is, wish, scene),
        (Object::Domain(is), Object::Domain(wish)) => domains::change(is, wish),
        (Object::Extension(_), Object::Extension(wish)) => {
            let to = wish.version.as_deref().map_or_else(String::new, |version| {
                format!(" TO {}", render::string_literal(version))
            });
            vec![step(
                Phase::Prepare,
                format!("extension {}", wish.name),
                format!("ALTER EXTENSION {} UPDATE{to}", render::ident(&wish.name)),
            )]
        }
        (Object::Routine(is), Object::Routine(wish)) if in_place(is, wish) => {
            let mut made = create::create_routine(wish, Phase::CreateDependents);
            made.undo = vec![is.source_text.text.clone()];
            vec![made]
        }
        (Object::Opaque(is), Object::Opaque(wish)) => create::replace_opaque(is, wish),
        (Object::Opaque(_), _) => Vec::new(),
        (is, wish) => {
            let mut steps = drop(is, scene.facts);
            for step in &mut steps {
                step.phase = Phase::DropDependents;
            }
            let mut made = create(wish, scene.facts);
            if let (Object::Routine(is), [only]) = (is, made.as_mut_slice()) {
                let legacy = is.legacy.iter().map(Statement::new);
                only.statements.extend(legacy);
                for step in &mut steps {
                    step.undo.extend(is.legacy.iter().cloned());
                }
            }
            steps.append(&mut made);
            steps
        }
    }
}

/// True when CREATE OR REPLACE can make one routine the other: same kind, result and names of
/// arguments, and no default taken away.
fn in_place(is: &Routine, wish: &Routine) -> bool {
    let texts = (
        RoutineText::read(is.source_text.as_str()),
        RoutineText::read(wish.source_text.as_str()),
    );
    let (Some(live), Some(declared)) = texts else {
        return false;
    };
    let result = |text: &RoutineText| {
        let returns = text.returns.as_ref();
        let outputs = text.arguments.iter().filter(|a| a.mode != "IN");
        (
            returns.map(|(set, t)| (*set, crate::types::normal(t))),
            text.table.clone(),
            outputs.cloned().collect::<Vec<_>>(),
        )
    };
    let kept = live
        .arguments
        .iter()
        .zip(&declared.arguments)
        .all(|(a, b)| {
            (a.name.is_none() || a.name == b.name) && (a.default.is_none() || b.default.is_some())
        });
    is.kind == wish.kind
        && is.kind != RoutineKind::Aggregate
        && result(&live) == result(&declared)
        && kept
}

/// Every name that stands in a text, keywords among them.
pub(crate) fn names_in(sql: &str) -> Vec<String> {
    let found = tokens(sql)
        .into_iter()
        .filter_map(|token| match token.kind {
            TokenKind::Word => Some(token.text.to_lowercase()),
            TokenKind::Quoted => Some(token.text.into_owned()),
            TokenKind::String | TokenKind::Number | TokenKind::Symbol => None,
        });
    found.collect()
}
