//! Names that stand for two things at once.

use std::collections::HashMap;

use realign_model::{Database, Origin};

use crate::{Diagnostic, Dialect, Facts, NameKind, Namespacing};

/// Finds every name of a declaration that is used twice in one namespace of the
/// engine. Such a schema can be printed, but not made.
pub fn name_collisions(wish: &Database, dialect: &dyn Dialect, facts: &Facts) -> Vec<Diagnostic> {
    let compare = dialect.compare();
    let mut found = Vec::new();
    let mut tables: HashMap<String, (String, Origin)> = HashMap::new();
    for (name, origin) in wish
        .tables
        .iter()
        .map(|t| (&t.name, &t.origin))
        .chain(wish.views.iter().map(|v| (&v.name, &v.origin)))
    {
        let text = name.to_string();
        let key = compare.fold(NameKind::Table, &text, facts);
        if let Some((other, place)) = tables.get(&key) {
            found.push(collision("table", &text, other, &text, origin, place));
        } else {
            tables.insert(key, (text, origin.clone()));
        }
    }
    let mut indexes: HashMap<String, (String, Origin)> = HashMap::new();
    let mut keys: HashMap<String, (String, Origin)> = HashMap::new();
    for table in &wish.tables {
        let owner = table.name.to_string();
        let schema = table.name.schema.as_ref().map_or("", |s| s.as_str());
        for index in table.indexes.iter().filter(|i| i.name.is_some()) {
            let folded = compare.fold(NameKind::Index, index.name_str(), facts);
            let namespacing = compare.index_names(facts);
            let key = match namespacing {
                Namespacing::Table => format!("{owner}\0{folded}"),
                Namespacing::Schema | Namespacing::SchemaWithTables => {
                    format!("{schema}\0{folded}")
                }
            };
            let holder = format!("index on {owner}");
            if let Some((other, place)) = indexes.get(&key) {
                found.push(collision(
                    "index",
                    index.name_str(),
                    other,
                    &holder,
                    &index.origin,
                    place,
                ));
                continue;
            }
            if namespacing == Namespacing::SchemaWithTables {
                let as_table = compare.fold(NameKind::Table, index.name_str(), facts);
                if let Some((other, place)) = tables.get(&as_table) {
                    let other = format!("table {other}");
                    found.push(collision(
                        "index",
                        index.name_str(),
                        &other,
                        &holder,
                        &index.origin,
                        place,
                    ));
                }
            }
            indexes.insert(key, (holder, index.origin.clone()));
        }
        for foreign_key in table.foreign_keys.iter().filter(|k| k.name.is_some()) {
            let folded = compare.fold(NameKind::Constraint, foreign_key.name_str(), facts);
            let key = match compare.foreign_key_names(facts) {
                Namespacing::Table => format!("{owner}\0{folded}"),
                Namespacing::Schema | Namespacing::SchemaWithTables => {
                    format!("{schema}\0{folded}")
                }
            };
            let holder = format!("foreign key of {owner}");
            if let Some((other, place)) = keys.get(&key) {
                found.push(collision(
                    "foreign key",
                    foreign_key.name_str(),
                    other,
                    &holder,
                    &foreign_key.origin,
                    place,
                ));
            } else {
                keys.insert(key, (holder, foreign_key.origin.clone()));
            }
        }
    }
    found
}

fn collision(
    kind: &str,
    name: &str,
    first: &str,
    second: &str,
    second_origin: &Origin,
    first_origin: &Origin,
) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(
        "D090",
        format!("the {kind} name {name} is used twice in one namespace: {first}, {second}"),
    )
    .at(second_origin.clone());
    if !first_origin.is_none() {
        diagnostic = diagnostic.with_note(format!("first used at {first_origin}"));
    }
    if !second_origin.is_none() {
        diagnostic = diagnostic.with_note(format!("used again at {second_origin}"));
    }
    if kind == "index" {
        diagnostic.with_help(
            "give one of them another name, or let the table's name go in front: index_names = \"qualified\" (--index-names qualified)",
        )
    } else {
        diagnostic.with_help("give one of them another name")
    }
}
