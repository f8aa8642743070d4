//! Views and triggers: made, replaced, taken away.

mod around;
mod callers;

use std::collections::{BTreeSet, HashMap, HashSet};

use realign_model::{Trigger, View};
use realign_planner::{Lowering, Phase, Risk, Statement, Step, Verdict};

pub(crate) use around::around;

use crate::compare::view as stored;
use crate::lexer::{TokenKind, tokens};
use crate::render::{beside, ident, object_name};
use crate::risk;

/// The statements that have to follow the making of a view: owner, rights, comment, indexes.
pub(crate) fn follow_ups(view: &View) -> Vec<String> {
    view.options
        .iter()
        .filter(|option| {
            ["ALTER ", "GRANT ", "COMMENT ", "CREATE "]
                .iter()
                .any(|word| option.starts_with(word))
        })
        .cloned()
        .collect()
}

/// What an older view leaves to the one that takes its place: its owner, its rights, its comment
/// when there is no other, and the indexes that nothing declares.
pub(crate) fn legacy(is: &View, wish: &View) -> Vec<String> {
    let says = |start: &str| wish.options.iter().any(|option| option.starts_with(start));
    let declared: Vec<_> = stored::indexes(wish)
        .into_iter()
        .map(|(i, _)| i.name)
        .collect();
    let undeclared: Vec<&str> = stored::indexes(is)
        .into_iter()
        .filter(|(index, _)| !declared.contains(&index.name))
        .map(|(_, line)| line)
        .collect();
    let kept = |option: &String| {
        (option.starts_with("ALTER ") && option.contains(" OWNER TO "))
            || option.starts_with("GRANT ")
            || (option.starts_with("COMMENT ") && !says("COMMENT "))
            || (wish.materialized && undeclared.contains(&option.as_str()))
    };
    follow_ups(is).into_iter().filter(kept).collect()
}

/// False for rights on a column that the declared view does not name.
fn has_granted(grant: &str, wish: &View) -> bool {
    let rights = grant.strip_prefix("GRANT ");
    let of_columns = rights.and_then(|text| text.split_once(") ON "));
    let Some((_, column)) = of_columns.and_then(|(text, _)| text.split_once(" (")) else {
        return true;
    };
    let words = names_in(&wish.query.text);
    names_in(column).iter().all(|name| {
        words.contains(name)
            || words.contains("*")
            || wish.columns.iter().any(|own| own.text == *name)
    })
}

/// Makes a view the declared one: in place when only its options or indexes differ, else anew.
pub(crate) fn replace_view(is: &View, wish: &View, lowering: &Lowering<'_>) -> Vec<Step> {
    let facts = lowering.facts;
    let sides = stored::sides((is, lowering.is), (wish, lowering.wish), facts);
    if sides.query == Verdict::Different || sides.verdict() != Verdict::Different {
        return anew(is, wish);
    }
    let mut statements = Vec::new();
    let mut undo = Vec::new();
    if sides.options == Verdict::Different {
        let name = object_name(&wish.name);
        let set = |view: &View| {
            format!(
                "ALTER {} {name} SET ({})",
                kind(view),
                stored::options(view).join(", ")
            )
        };
        statements.push(set(wish));
        let declared = stored::options(wish);
        let key = |option: &String| option.split('=').next().unwrap_or_default().to_owned();
        let wanted: Vec<String> = declared.iter().map(key).collect();
        let left: Vec<String> = stored::options(is)
            .iter()
            .map(key)
            .filter(|own| !wanted.contains(own))
            .collect();
        if !left.is_empty() {
            statements.push(format!(
                "ALTER {} {name} RESET ({})",
                kind(wish),
                left.join(", ")
            ));
        }
        undo.push(format!(
            "ALTER {} {name} RESET ({})",
            kind(wish),
            wanted.join(", ")
        ));
        if !stored::options(is).is_empty() {
            undo.push(set(is));
        }
    }
    let live = stored::indexes(is);
    for (index, line) in stored::indexes(wish) {
        let own = live.iter().find(|(own, _)| own.name == index.name);
        if own.is_some_and(|(own, _)| stored::same_index(own, &index, facts)) {
            continue;
        }
        let name = index
            .name
            .as_ref()
            .map_or_else(String::new, |name| beside(&wish.name, name));
        if let Some((_, before)) = own {
            statements.push(format!("DROP INDEX {name}"));
            undo.insert(0, (*before).to_owned());
        }
        statements.push(line.to_owned());
        undo.insert(0, format!("DROP INDEX {name}"));
    }
    let statements = statements.into_iter().map(Statement::new).collect();
    let mut step = Step::new(Phase::CreateDependents, wish.name.to_string(), statements);
    step.undo = undo;
    step.origin = wish.origin.clone();
    vec![step]
}

/// The declared view with what the older one leaves to it. Options that nothing declares decide
/// who may see what: they stay.
fn successor(is: &View, wish: &View) -> View {
    let mut view = wish.clone();
    view.options.extend(legacy(is, wish));
    view.options.retain(|option| has_granted(option, wish));
    if is.materialized == wish.materialized && stored::options(wish).is_empty() {
        let with = is.options.iter().filter(|o| o.starts_with("WITH ("));
        view.options.extend(with.cloned());
    }
    view
}

fn anew(is: &View, wish: &View) -> Vec<Step> {
    vec![
        drop_view(is, Phase::DropDependents),
        create_view(&successor(is, wish)),
    ]
}

fn kind(view: &View) -> &'static str {
    if view.materialized {
        "MATERIALIZED VIEW"
    } else {
        "VIEW"
    }
}

/// CREATE VIEW with its options.
fn create_sql(view: &View) -> String {
    let columns = if view.columns.is_empty() {
        String::new()
    } else {
        format!(" ({})", crate::render::idents(&view.columns))
    };
    let with = view
        .options
        .iter()
        .find(|option| option.starts_with("WITH ("))
        .map_or_else(String::new, |option| format!(" {option}"));
    let unfilled = if view.options.iter().any(|o| o == "WITH NO DATA") {
        " WITH NO DATA"
    } else {
        ""
    };
    format!(
        "CREATE {} {}{columns}{with} AS {}{unfilled}",
        kind(view),
        object_name(&view.name),
        view.query.text.trim().trim_end_matches(';')
    )
}

/// Makes a view, with all that belongs to it.
pub(crate) fn create_view(view: &View) -> Step {
    let mut statements = vec![Statement::new(create_sql(view))];
    statements.extend(follow_ups(view).into_iter().map(Statement::new));
    let mut step = Step::new(Phase::CreateDependents, view.name.to_string(), statements);
    if view.materialized {
        risk::REFILLS.on(&mut step);
    }
    step.undo = vec![format!("DROP {} {}", kind(view), object_name(&view.name))];
    step.origin = view.origin.clone();
    step
}

/// Takes a view away. It goes before everything it could read.
pub(crate) fn drop_view(view: &View, phase: Phase) -> Step {
    let mut step = Step::new(
        Phase::DropDependents,
        view.name.to_string(),
        vec![Statement::new(format!(
            "DROP {} {}",
            kind(view),
            object_name(&view.name)
        ))],
    );
    if phase == Phase::Drop {
        step.raise(
            Risk::Breaking,
            "R112",
            "code that reads the view fails from then on",
        );
    }
    step.undo = std::iter::once(create_sql(view))
        .chain(follow_ups(view))
        .collect();
    step
}

/// Makes a trigger.
pub(crate) fn create_trigger(trigger: &Trigger, phase: Phase) -> Step {
    let mut step = Step::new(
        phase,
        trigger.table.to_string(),
        vec![Statement::new(
            trigger.source_text.text.trim().trim_end_matches(';'),
        )],
    );
    step.undo = vec![drop_trigger_sql(trigger)];
    step
}

fn drop_trigger_sql(trigger: &Trigger) -> String {
    format!(
        "DROP TRIGGER {} ON {}",
        ident(&trigger.name.name),
        object_name(&trigger.table)
    )
}

/// Takes a trigger away.
pub(crate) fn drop_trigger(trigger: &Trigger, phase: Phase) -> Step {
    let mut step = Step::new(
        phase,
        trigger.table.to_string(),
        vec![Statement::new(drop_trigger_sql(trigger))],
    );
    step.undo = vec![trigger.source_text.text.clone()];
    step
}

/// Views in the order in which each can be made: what it reads is there.
pub(crate) fn in_order(views: Vec<&View>) -> Vec<&View> {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, view) in views.iter().enumerate() {
        let same = by_name.entry(view.name.name.text.as_str()).or_default();
        same.push(at);
    }
    let mut waits = vec![0_usize; views.len()];
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); views.len()];
    for (at, view) in views.iter().enumerate() {
        for name in names_in(&view.query.text) {
            let used = by_name.get(name.as_str()).into_iter().flatten();
            for other in used.filter(|other| **other != at) {
                waits[at] += 1;
                users[*other].push(at);
            }
        }
    }
    let mut ready: BTreeSet<usize> = (0..views.len()).filter(|at| waits[*at] == 0).collect();
    let mut left: BTreeSet<usize> = (0..views.len()).collect();
    let mut ordered = Vec::with_capacity(views.len());
    // Views can't read one another in a ring; names that only look so are taken as given.
    while let Some(at) = ready.pop_first().or_else(|| left.first().copied()) {
        if !left.remove(&at) {
            continue;
        }
        ordered.push(views[at]);
        for user in std::mem::take(&mut users[at]) {
            waits[user] -= 1;
            if waits[user] == 0 {
                ready.insert(user);
            }
        }
    }
    ordered
}

/// Every name in a text, and `*` for a whole row.
fn names_in(text: &str) -> HashSet<String> {
    tokens(text)
        .into_iter()
        .filter(|token| {
            matches!(token.kind, TokenKind::Word | TokenKind::Quoted) || token.text == "*"
        })
        .map(|token| token.text.into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use realign_model::{Expr, ObjectName, View};

    use super::{create_sql, successor};

    fn view(name: &str, query: &str) -> View {
        View {
            name: ObjectName::bare(name),
            query: Expr::new(query),
            columns: Vec::new(),
            materialized: false,
            options: Vec::new(),
            source_text: None,
            settings: realign_model::SessionSettings::new(),
            origin: realign_model::Origin::None,
        }
    }

    #[test]
    fn a_stored_view_keeps_its_state() {
        let mut stored = view("m", "SELECT 1;");
        stored.materialized = true;
        stored.options = vec!["WITH NO DATA".to_owned()];
        assert_eq!(
            create_sql(&stored),
            "CREATE MATERIALIZED VIEW m AS SELECT 1 WITH NO DATA"
        );
    }

    #[test]
    fn a_view_made_anew_keeps_the_options_that_nothing_declares() {
        let mut is = view("v", "SELECT 1 AS a");
        is.options = vec!["WITH (security_invoker=true)".to_owned()];
        let mut wish = view("v", "SELECT 2 AS a");
        assert_eq!(
            create_sql(&successor(&is, &wish)),
            "CREATE VIEW v WITH (security_invoker=true) AS SELECT 2 AS a"
        );
        wish.materialized = true;
        assert_eq!(
            create_sql(&successor(&is, &wish)),
            "CREATE MATERIALIZED VIEW v AS SELECT 2 AS a"
        );
        wish.materialized = false;
        wish.options = vec!["WITH (security_barrier=true)".to_owned()];
        assert_eq!(
            create_sql(&successor(&is, &wish)),
            "CREATE VIEW v WITH (security_barrier=true) AS SELECT 2 AS a"
        );
    }
}
