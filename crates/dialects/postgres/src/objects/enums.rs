//! Changes of enumerated types.

use realign_model::{DataType, Database, EnumType, Ident, IndexTarget, ObjectName, Table};
use realign_planner::{Phase, Precheck, Statement, Step};

use crate::lexer::{TokenKind, tokens};
use crate::lower::Scene;
use crate::prechecks::Before;
use crate::render::{ident, live_object, object_name, string_literal};

/// The steps that give a type other words: added in their places where that is all, else the
/// type is swapped under the columns that have it.
pub(super) fn change(is: &EnumType, wish: &EnumType, scene: &Scene<'_>) -> Vec<Step> {
    if swaps(is, wish, scene.wish) {
        swap(is, wish, scene)
    } else {
        add(is, wish)
    }
}

/// True when something declared uses a word that the type does not have yet: the server lets
/// nobody use a word in the transaction that adds it.
fn uses_new(is: &EnumType, wish: &EnumType, declared: &Database) -> bool {
    let says = |text: &str| says_new(is, wish, text);
    let text = live_object(&wish.name);
    let has_it = |table: &&Table| {
        let mut columns = table.columns.iter();
        columns.any(|column| of_type(&column.data_type, &text).is_some())
    };
    let tables: Vec<&Table> = declared.tables.iter().filter(has_it).collect();
    let in_table = |table: &&Table| {
        let generated = table.columns.iter().filter_map(|c| c.generated.as_ref());
        let predicates = table.indexes.iter().filter_map(|i| i.predicate.as_ref());
        let defaults = table.columns.iter().filter_map(|c| c.default.as_ref());
        let parts = table.indexes.iter().flat_map(|index| &index.parts);
        let expressions = parts.filter_map(|part| match &part.target {
            IndexTarget::Expr(expr) => Some(expr),
            IndexTarget::Column(_) => None,
        });
        generated
            .map(|generated| &generated.expr)
            .chain(predicates)
            .chain(defaults)
            .chain(expressions)
            .chain(table.checks.iter().map(|check| &check.expr))
            .any(|expr| says(expr.as_str()))
    };
    let names: Vec<&str> = tables.iter().map(|t| t.name.name.text.as_str()).collect();
    let in_view = |query: &str| {
        let words = crate::objects::names_in(query);
        says(query) && words.iter().any(|word| names.contains(&word.as_str()))
    };
    tables.iter().any(in_table)
        || (declared.views.iter()).any(|view| in_view(view.query.as_str()))
        || (declared.opaque.iter()).any(|opaque| in_view(&opaque.text))
}

/// True when a text says one of the words that are added.
pub(crate) fn says_new(is: &EnumType, wish: &EnumType, text: &str) -> bool {
    let is_new = |word: &str| {
        let has = |kind: &EnumType| kind.values.iter().any(|value| value == word);
        has(wish) && !has(is)
    };
    let mut found = tokens(text).into_iter();
    found.any(|token| token.kind == TokenKind::String && is_new(&token.text))
}

/// `[]` for an array of this type, nothing for the type itself.
fn of_type(data_type: &DataType, text: &str) -> Option<&'static str> {
    let is_it = |own: &DataType| matches!(own, DataType::Native(name) if name == text);
    match data_type {
        DataType::Array(inner) if is_it(inner) => Some("[]"),
        own if is_it(own) => Some(""),
        _ => None,
    }
}

/// True for a column of this type, or of an array of it.
pub(crate) fn is_of_type(data_type: &DataType, text: &str) -> bool {
    of_type(data_type, text).is_some()
}

/// True when adding words is not enough: some go or change their order, or are used at once.
pub(crate) fn swaps(is: &EnumType, wish: &EnumType, declared: &Database) -> bool {
    let kept = wish.values.iter().filter(|v| is.values.contains(v));
    !is.values.iter().eq(kept) || uses_new(is, wish, declared)
}

fn add(is: &EnumType, wish: &EnumType) -> Vec<Step> {
    let mut statements = Vec::new();
    for (at, value) in wish.values.iter().enumerate() {
        if is.values.contains(value) {
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| wish.values.get(at));
        let place = match (before, is.values.first()) {
            // The end is where a new word goes by itself.
            (Some(_), _) if at + 1 == wish.values.len() => String::new(),
            (Some(before), _) => format!(" AFTER {}", string_literal(before)),
            (None, Some(first)) => format!(" BEFORE {}", string_literal(first)),
            (None, None) => String::new(),
        };
        statements.push(Statement::new(format!(
            "ALTER TYPE {} ADD VALUE {}{place}",
            object_name(&wish.name),
            string_literal(value)
        )));
    }
    let mut step = Step::new(Phase::Prepare, format!("type {}", wish.name), statements);
    step.origin = wish.origin.clone();
    vec![step]
}

fn swap(is: &EnumType, wish: &EnumType, scene: &Scene<'_>) -> Vec<Step> {
    let name = object_name(&is.name);
    let old = Ident::new(format!("{}_before", is.name.name.text));
    let old_name = object_name(&ObjectName::new(is.name.schema.clone(), old.clone()));
    let values: Vec<String> = wish.values.iter().map(|v| string_literal(v)).collect();
    let mut statements = vec![
        format!("ALTER TYPE {name} RENAME TO {}", ident(&old)),
        format!("CREATE TYPE {name} AS ENUM ({})", values.join(", ")),
    ];
    let gone: Vec<&String> = is
        .values
        .iter()
        .filter(|v| !wish.values.contains(v))
        .collect();
    let mut prechecks = Vec::new();
    let text = live_object(&is.name);
    for table in &scene.is.tables {
        for column in &table.columns {
            let Some(array) = of_type(&column.data_type, &text) else {
                continue;
            };
            // A part has its columns changed along with the whole, and so has an heir.
            if table.is_partition() || scene.is_from_above(table, &column.name) {
                continue;
            }
            let owner = object_name(&table.name);
            let own = ident(&column.name);
            if column.default.is_some() {
                statements.push(format!("ALTER TABLE {owner} ALTER {own} DROP DEFAULT"));
            }
            statements.push(format!(
                "ALTER TABLE {owner} ALTER {own} TYPE {name}{array} USING {own}::text{array}::{name}{array}"
            ));
            if let Some(default) = &column.default
                && !scene.changes_default(table, &column.name)
            {
                statements.push(format!(
                    "ALTER TABLE {owner} ALTER {own} SET DEFAULT {default}"
                ));
            }
            if !gone.is_empty() {
                prechecks.push(uses(table, &column.name, array, &gone));
            }
        }
    }
    statements.push(format!("DROP TYPE {old_name}"));
    let mut made = Step::new(
        Phase::Prepare,
        format!("type {}", wish.name),
        statements.into_iter().map(Statement::new).collect(),
    );
    made.prechecks = prechecks;
    made.origin = wish.origin.clone();
    crate::risk::REWRITES.on(&mut made);
    vec![made]
}

/// Rows that have a word which goes.
fn uses(table: &Table, column: &Ident, array: &str, gone: &[&String]) -> Precheck {
    let words: Vec<String> = gone.iter().map(|v| string_literal(v)).collect();
    let list = words.join(", ");
    let own = ident(column);
    let condition = if array.is_empty() {
        format!("{own}::text IN ({list})")
    } else {
        format!("{own}::text[] && ARRAY[{list}]")
    };
    let key = table
        .primary_key
        .as_deref()
        .into_iter()
        .flat_map(realign_model::PrimaryKey::columns);
    let before = Before {
        table: table.name.clone(),
        key: key.cloned().collect(),
    };
    let mut check = before.rows(
        "R219",
        &condition,
        column,
        format!("{}.{column} can't lose the words {list}", table.name),
        "{n} rows have one of them",
    );
    "give these rows another word, or keep the words in the declared type"
        .clone_into(&mut check.help);
    check
}
