//! Changes of domains.

use realign_model::Domain;
use realign_planner::{Phase, Statement, Step, Verdict};

use crate::render::{catalog_name, ident, object_name};
use crate::{create, defaults, expr, types};

/// The steps that change a domain in place. One over another type or collation can't be: nothing
/// is done then, and the difference stays and is told.
pub(super) fn change(is: &Domain, wish: &Domain) -> Vec<Step> {
    if types::normal(&is.base) != types::normal(&wish.base) || is.collation != wish.collation {
        return Vec::new();
    }
    let name = object_name(&wish.name);
    let mut statements = Vec::new();
    let same_default = match (&is.default, &wish.default) {
        (None, None) => true,
        (Some(a), Some(b)) => {
            defaults::compare_texts(a.as_str(), b.as_str(), &wish.base) == Verdict::Same
        }
        _ => false,
    };
    if !same_default {
        statements.push(match &wish.default {
            Some(default) => format!("ALTER DOMAIN {name} SET DEFAULT {default}"),
            None => format!("ALTER DOMAIN {name} DROP DEFAULT"),
        });
    }
    if is.nullable != wish.nullable {
        let word = if wish.nullable { "DROP" } else { "SET" };
        statements.push(format!("ALTER DOMAIN {name} {word} NOT NULL"));
    }
    let own = |name: &Option<realign_model::Ident>| name.as_ref().map(catalog_name);
    let same = |a: &realign_model::Expr, b: &realign_model::Expr| {
        expr::compare(a.as_str(), b.as_str()) == Verdict::Same
    };
    for (check, text) in &is.checks {
        let stays = wish
            .checks
            .iter()
            .any(|(other, wanted)| own(other) == own(check) && same(text, wanted));
        if let (false, Some(check)) = (stays, check) {
            statements.push(format!(
                "ALTER DOMAIN {name} DROP CONSTRAINT {}",
                ident(check)
            ));
        }
    }
    let clauses = create::domain_checks(wish);
    for ((check, text), clause) in wish.checks.iter().zip(clauses) {
        let there = is
            .checks
            .iter()
            .any(|(other, live)| own(other) == own(check) && same(live, text));
        let held = |of: &Domain| {
            let is_it = |n: &realign_model::Ident| Some(catalog_name(n)) == own(check);
            !of.unproven.iter().any(is_it)
        };
        if !there {
            let unproven = if held(wish) { "" } else { " NOT VALID" };
            statements.push(format!("ALTER DOMAIN {name} ADD {clause}{unproven}"));
        } else if let (true, false, Some(check)) = (held(wish), held(is), check) {
            statements.push(format!(
                "ALTER DOMAIN {name} VALIDATE CONSTRAINT {}",
                ident(check)
            ));
        }
    }
    let mut step = Step::new(
        Phase::Prepare,
        format!("domain {}", wish.name),
        statements.into_iter().map(Statement::new).collect(),
    );
    step.origin = wish.origin.clone();
    vec![step]
}
