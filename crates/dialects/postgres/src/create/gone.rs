//! What is kept as text, taken away: the statement for each kind, and when it may run.

use realign_model::{Database, ObjectName, Opaque};
use realign_planner::{Phase, Risk, Statement, Step};

use super::types;
use crate::lower::step;
use crate::render::{ident, live_object, object_name};

/// When something goes among everything else that does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Before what it stands on or calls.
    First,
    /// After tables, which may need it, and before the functions that it is made of.
    BeforeRoutines,
    /// After everything that may be made of it.
    Last,
}

/// When objects of a kind go; none for a kind that Realign can't make again.
fn turn(kind: &str) -> Option<Turn> {
    match kind {
        "policy" | "rule" | "statistics" | "event trigger" => Some(Turn::First),
        "operator" | "cast" => Some(Turn::BeforeRoutines),
        "collation"
        | "composite type"
        | "range type"
        | "text search configuration"
        | "text search dictionary" => Some(Turn::Last),
        _ => None,
    }
}

/// True when it can be dropped, and made again from its text.
pub(crate) fn lets_go(opaque: &Opaque) -> bool {
    turn(&opaque.kind).is_some()
        && removal(opaque, opaque.table.as_ref()).is_some()
        && types::create_opaque(opaque).is_some()
}

/// The statement that drops it, from the table that it stands on by now.
pub(crate) fn removal(opaque: &Opaque, table: Option<&ObjectName>) -> Option<String> {
    let name = live_object(&opaque.name);
    Some(match opaque.kind.as_str() {
        "policy" | "rule" => format!(
            "DROP {} {} ON {}",
            opaque.kind.to_uppercase(),
            ident(&opaque.name.name),
            object_name(table?)
        ),
        "composite type" | "range type" => format!("DROP TYPE {name}"),
        "operator" => {
            let (sign, sides) = opaque.name.name.text.split_once(' ')?;
            let schema = opaque.name.schema.as_ref();
            let schema = schema.map_or_else(String::new, |s| format!("{}.", ident(s)));
            format!("DROP OPERATOR {schema}{sign} {sides}")
        }
        "cast" => format!("DROP CAST ({})", opaque.name.name.text),
        "event trigger"
        | "statistics"
        | "collation"
        | "text search configuration"
        | "text search dictionary" => format!("DROP {} {name}", opaque.kind.to_uppercase()),
        _ => return None,
    })
}

/// The step that takes it away; none for what is only ever shown.
pub(crate) fn step_of(opaque: &Opaque, table: Option<&ObjectName>) -> Option<Step> {
    let turn = turn(&opaque.kind)?;
    let again = types::again(opaque)?;
    let phase = match turn {
        Turn::First => Phase::DropDependents,
        Turn::BeforeRoutines | Turn::Last => Phase::Drop,
    };
    let title = match table {
        Some(table) => format!("{} {} on {table}", opaque.kind, opaque.name.name),
        None => format!("{} {}", opaque.kind, opaque.name),
    };
    let mut gone = step(phase, title, removal(opaque, table)?);
    let (code, why) = reason(&opaque.kind);
    gone.raise(Risk::Destructive, code, why);
    gone.undo = again;
    Some(gone)
}

/// The steps that make one the other, where that takes nothing away: policies are made anew, and
/// configurations get other mappings. Whatever else differs is told, and never dropped for it.
pub(crate) fn replace(is: &Opaque, wish: &Opaque) -> Vec<Step> {
    let table = wish.table.as_ref();
    match wish.kind.as_str() {
        "policy" => {
            let (Some(mut gone), Some(text), Some(back)) = (
                step_of(is, table),
                types::create_opaque(wish),
                removal(wish, table),
            ) else {
                return Vec::new();
            };
            gone.risk = Risk::Safe;
            gone.reasons.clear();
            let mut made = step(Phase::CreateDependents, gone.object.clone(), text);
            let (code, why) = reason("policy");
            made.raise(Risk::Breaking, code, why);
            made.undo = vec![back];
            made.origin = wish.origin.clone();
            vec![gone, made]
        }
        "text search configuration" => {
            let name = live_object(&wish.name);
            let changes = |from: &Opaque, to: &Opaque| {
                crate::opaque::mapping_changes(&name, &from.text, &to.text)
            };
            let Some(statements) = changes(is, wish).filter(|found| !found.is_empty()) else {
                return Vec::new();
            };
            let statements = statements.into_iter().map(Statement::new).collect();
            let title = format!("{} {}", wish.kind, wish.name);
            let mut made = Step::new(Phase::Prepare, title, statements);
            made.undo = changes(wish, is).unwrap_or_default();
            made.origin = wish.origin.clone();
            vec![made]
        }
        _ => Vec::new(),
    }
}

fn reason(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "policy" => (
            "R121",
            "rows that it let through or held back are no longer: who may see what changes",
        ),
        "rule" | "event trigger" => ("R122", "what it did by itself is no longer done"),
        _ => (
            "R123",
            "nothing declares it; code that names it fails from then on",
        ),
    }
}

/// All of these objects that go at that time.
pub(super) fn steps(database: &Database, at: Turn) -> Vec<Step> {
    let mut found: Vec<&Opaque> = database
        .opaque
        .iter()
        .filter(|opaque| turn(&opaque.kind) == Some(at))
        .collect();
    // Configurations are made of dictionaries.
    found.sort_by_key(|opaque| opaque.kind == "text search dictionary");
    found
        .into_iter()
        .filter(|opaque| !opaque.kind.ends_with(" type") && opaque.kind != "collation")
        .filter_map(|opaque| step_of(opaque, opaque.table.as_ref()))
        .collect()
}

/// Domains and types in the order in which they can go: each before what it is made of,
/// collations last.
pub(crate) fn types_last_first(database: &Database) -> Vec<Step> {
    let of = |kind: &str, name: &str| {
        let mut own = database.opaque.iter();
        own.find(|o| o.kind == kind && o.name.to_string() == name)
            .and_then(|opaque| step_of(opaque, None))
    };
    let mut steps = Vec::new();
    for made in types::types(database).into_iter().rev() {
        let kinds = ["composite type", "range type", "collation"];
        let opaque = kinds.iter().find_map(|kind| {
            let name = made.object.strip_prefix(kind)?.trim_start();
            of(kind, name)
        });
        if let Some(gone) = opaque {
            steps.push(gone);
        } else if let Some(name) = made.object.strip_prefix("domain ") {
            let mut own = database.domains.iter();
            let Some(domain) = own.find(|d| d.name.to_string() == name) else {
                continue;
            };
            let sql = format!("DROP DOMAIN {}", object_name(&domain.name));
            let mut gone = step(Phase::Drop, made.object.clone(), sql);
            gone.undo = made.statements.into_iter().map(|s| s.sql).collect();
            steps.push(gone);
        } else if let Some(name) = made.object.strip_prefix("type ") {
            let mut own = database.enums.iter();
            let Some(words) = own.find(|e| e.name.to_string() == name) else {
                continue;
            };
            let sql = format!("DROP TYPE {}", object_name(&words.name));
            let mut gone = step(Phase::Drop, made.object.clone(), sql);
            gone.undo = made.statements.into_iter().map(|s| s.sql).collect();
            steps.push(gone);
        }
    }
    steps
}

/// The names that a removal has to follow when tables get new ones first.
pub(crate) fn stands_on_now<'t>(
    opaque: &'t Opaque,
    renames: &[(&ObjectName, &'t ObjectName)],
) -> Option<&'t ObjectName> {
    let table = opaque.table.as_ref()?;
    let renamed = renames.iter().find(|(from, _)| *from == table);
    Some(renamed.map_or(table, |(_, to)| *to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opaque(kind: &str, name: ObjectName, text: &str) -> Opaque {
        Opaque {
            kind: kind.to_owned(),
            name,
            table: None,
            text: text.to_owned(),
            origin: realign_model::Origin::None,
        }
    }

    #[test]
    fn each_kind_goes_by_its_own_statement() {
        let bare = |kind: &str, name: &str, text: &str| {
            let name = ObjectName::bare(name);
            step_of(&opaque(kind, name, text), None).map(|step| {
                let sql = step.statements[0].sql.clone();
                (sql, step.undo)
            })
        };
        let one = |kind, name, text| bare(kind, name, text).map(|(sql, _)| sql);
        assert_eq!(
            one(
                "operator",
                "=== (integer, none)",
                "FUNCTION = f, LEFTARG = integer"
            )
            .as_deref(),
            Some("DROP OPERATOR === (integer, none)")
        );
        assert_eq!(
            one(
                "cast",
                "text AS pair",
                "CREATE CAST (text AS pair) WITH INOUT"
            )
            .as_deref(),
            Some("DROP CAST (text AS pair)")
        );
        assert_eq!(
            bare(
                "text search configuration",
                "tags",
                "PARSER = default\nword: simple"
            ),
            Some((
                "DROP TEXT SEARCH CONFIGURATION tags".to_owned(),
                vec![
                    "CREATE TEXT SEARCH CONFIGURATION tags (PARSER = \"default\")".to_owned(),
                    "ALTER TEXT SEARCH CONFIGURATION tags ADD MAPPING FOR \"word\" WITH simple"
                        .to_owned(),
                ]
            ))
        );
        assert_eq!(one("publication", "p", ""), None);
        assert_eq!(
            one("statistics", "s", ""),
            None,
            "nothing would make it again"
        );
    }

    #[test]
    fn a_policy_is_dropped_from_the_table_of_now() {
        let mut policy = opaque(
            "policy",
            ObjectName::bare("own"),
            "CREATE POLICY own ON old USING (true)",
        );
        policy.table = Some(ObjectName::bare("old"));
        let (from, to) = (ObjectName::bare("old"), ObjectName::bare("new"));
        let renames = [(&from, &to)];
        let table = stands_on_now(&policy, &renames);
        let step = step_of(&policy, table).expect("a step");
        assert_eq!(step.statements[0].sql, "DROP POLICY own ON new");
        assert_eq!(step.object, "policy own on new");
    }

    #[test]
    fn a_type_goes_before_what_it_is_made_of() {
        let opaque = vec![
            opaque(
                "composite type",
                ObjectName::bare("a_part"),
                "CREATE TYPE a_part AS (n integer)",
            ),
            opaque(
                "composite type",
                ObjectName::bare("b_whole"),
                "CREATE TYPE b_whole AS (p a_part)",
            ),
            opaque(
                "collation",
                ObjectName::bare("german"),
                "locale = 'de', provider = icu",
            ),
        ];
        let database = Database {
            opaque,
            ..Database::default()
        };
        let order: Vec<String> = types_last_first(&database)
            .into_iter()
            .map(|s| s.object)
            .collect();
        assert_eq!(
            order,
            [
                "composite type b_whole",
                "composite type a_part",
                "collation german"
            ]
        );
    }
}
