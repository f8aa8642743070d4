//! Types, extensions, and what is kept as text.

use std::collections::HashSet;
use std::fmt::Write as _;

use realign_model::{Database, Domain, Opaque};
use realign_planner::{Phase, Statement, Step};

use crate::lower::step;
use crate::objects::names_in;
use crate::render::{self, ident, live_object, object_name, string_literal};
use crate::types;

/// Kinds that tables may be made of.
pub(super) fn is_early(kind: &str) -> bool {
    matches!(
        kind,
        "collation"
            | "composite type"
            | "range type"
            | "operator"
            | "cast"
            | "text search dictionary"
            | "text search configuration"
    )
}

/// Extensions bring types, functions and operators.
pub(super) fn extensions(database: &Database) -> Vec<Step> {
    let mut steps = Vec::new();
    for extension in &database.extensions {
        let schema = extension
            .schema
            .as_ref()
            .map_or_else(String::new, |schema| {
                format!(" WITH SCHEMA {}", ident(schema))
            });
        steps.push(step(
            Phase::Prepare,
            format!("extension {}", extension.name),
            format!(
                "CREATE EXTENSION IF NOT EXISTS {}{schema}",
                ident(&extension.name)
            ),
        ));
    }
    steps
}

/// Collations first, then all types, each after those in its own text.
pub(super) fn types(database: &Database) -> Vec<Step> {
    let mut steps = Vec::new();
    let is_type = |o: &&Opaque| o.kind.ends_with(" type");
    let of_opaque = |o: &Opaque| {
        let statements = create_opaque(o)?;
        Some(step(
            Phase::Prepare,
            format!("{} {}", o.kind, o.name),
            statements,
        ))
    };
    let collations = database.opaque.iter().filter(|o| o.kind == "collation");
    steps.extend(collations.filter_map(of_opaque));
    for words in &database.enums {
        let values: Vec<String> = words.values.iter().map(|v| string_literal(v)).collect();
        steps.push(step(
            Phase::Prepare,
            format!("type {}", words.name),
            format!(
                "CREATE TYPE {} AS ENUM ({})",
                object_name(&words.name),
                values.join(", ")
            ),
        ));
    }
    // Domains and composite types may be made of one another.
    let mut open: Vec<(String, Step)> = database
        .domains
        .iter()
        .map(|domain| (domain.name.name.text.clone(), create_domain(domain)))
        .collect();
    open.extend(
        database
            .opaque
            .iter()
            .filter(is_type)
            .filter_map(|o| Some((o.name.name.text.clone(), of_opaque(o)?))),
    );
    while !open.is_empty() {
        let waiting: HashSet<String> = open.iter().map(|(name, _)| name.clone()).collect();
        let ready = open.iter().position(|(own, step)| {
            let mut names = step.statements.iter().flat_map(|s| names_in(&s.sql));
            !names.any(|name| name != *own && waiting.contains(&name))
        });
        let (_, step) = open.remove(ready.unwrap_or_default());
        steps.push(step);
    }
    steps
}

fn create_domain(domain: &Domain) -> Step {
    let mut text = format!(
        "CREATE DOMAIN {} AS {}",
        object_name(&domain.name),
        types::render(&domain.base)
    );
    if let Some(collation) = &domain.collation {
        let _ = write!(text, " COLLATE {}", render::collation(collation));
    }
    if let Some(default) = &domain.default {
        let _ = write!(text, " DEFAULT {default}");
    }
    if !domain.nullable {
        text.push_str(" NOT NULL");
    }
    // CREATE DOMAIN has no word for those that not all values are held to.
    let mut later = Vec::new();
    for ((name, _), check) in domain.checks.iter().zip(domain_checks(domain)) {
        if name
            .as_ref()
            .is_some_and(|name| domain.unproven.contains(name))
        {
            later.push(Statement::new(format!(
                "ALTER DOMAIN {} ADD {check} NOT VALID",
                object_name(&domain.name)
            )));
        } else {
            let _ = write!(text, " {check}");
        }
    }
    let mut made = step(Phase::Prepare, format!("domain {}", domain.name), text);
    made.statements.extend(later);
    made
}

/// The checks of a domain as clauses.
pub(crate) fn domain_checks(domain: &Domain) -> Vec<String> {
    let clause = |(name, check): &(Option<realign_model::Ident>, realign_model::Expr)| {
        let name = name
            .as_ref()
            .map_or_else(String::new, |name| format!("CONSTRAINT {} ", ident(name)));
        format!("{name}CHECK ({check})")
    };
    domain.checks.iter().map(clause).collect()
}

/// Objects that are kept as text, those that tables may need or the others.
pub(super) fn opaque(database: &Database, early: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    let kinds = database.opaque.iter().filter(|o| {
        o.kind != "collation" && !o.kind.ends_with(" type") && is_early(&o.kind) == early
    });
    // Configurations are made of dictionaries.
    let mut kinds: Vec<&Opaque> = kinds.collect();
    kinds.sort_by_key(|opaque| opaque.kind == "text search configuration");
    for opaque in kinds {
        let Some(statements) = again(opaque) else {
            continue;
        };
        let phase = if early {
            Phase::Prepare
        } else {
            Phase::CreateDependents
        };
        let title = match &opaque.table {
            Some(table) => format!("{} {} on {table}", opaque.kind, opaque.name.name),
            None => format!("{} {}", opaque.kind, opaque.name),
        };
        let statements = statements.into_iter().map(Statement::new).collect();
        let mut made = Step::new(phase, title, statements);
        made.origin = opaque.origin.clone();
        steps.push(made);
    }
    steps
}

/// Every statement that makes it again; none when its text is none.
pub(super) fn again(opaque: &Opaque) -> Option<Vec<String>> {
    let mut statements = vec![create_opaque(opaque)?];
    if opaque.kind == "text search configuration" {
        statements.extend(mappings(opaque));
    }
    Some(statements)
}

/// The statement that makes an object that is kept as text; none when its text is none.
pub(crate) fn create_opaque(opaque: &Opaque) -> Option<String> {
    let name = live_object(&opaque.name);
    let text = opaque.text.trim().trim_end_matches(';');
    match opaque.kind.as_str() {
        "collation" => Some(format!("CREATE COLLATION {name} ({text})")),
        "operator" => {
            let sign = opaque.name.name.text.split(' ').next()?;
            let schema = opaque
                .name
                .schema
                .as_ref()
                .map_or_else(String::new, |s| format!("{}.", ident(s)));
            Some(format!("CREATE OPERATOR {schema}{sign} ({text})"))
        }
        "text search dictionary" => Some(format!("CREATE TEXT SEARCH DICTIONARY {name} ({text})")),
        "text search configuration" => {
            let parser = text.lines().next()?.strip_prefix("PARSER = ")?;
            Some(format!(
                "CREATE TEXT SEARCH CONFIGURATION {name} (PARSER = {})",
                ident(&realign_model::Ident::quoted(parser))
            ))
        }
        _ => text
            .get(..7)
            .filter(|w| w.eq_ignore_ascii_case("create "))
            .map(|_| text.to_owned()),
    }
}

fn mappings(opaque: &Opaque) -> Vec<String> {
    let name = live_object(&opaque.name);
    opaque
        .text
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .map(|(token, dictionaries)| {
            format!(
                "ALTER TEXT SEARCH CONFIGURATION {name} ADD MAPPING FOR {} WITH {dictionaries}",
                crate::render::quote_ident(token)
            )
        })
        .collect()
}
