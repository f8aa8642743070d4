//! Statements that change definitions.

use super::nature::repeatable;
use super::words::Words;
use super::{Effect, Nature, ObjectKind, ObjectRef, StatementKind};

/// A statement of this kind that commits as definitions do on the engine.
pub(super) fn of(words: &Words<'_>, kind: StatementKind) -> Nature {
    Nature {
        commits: words.rules().definitions_commit,
        ..Nature::of(kind)
    }
}

/// A definition statement after which this object is there.
pub(super) fn made(words: &Words<'_>, object: Option<ObjectRef>) -> Nature {
    let mut nature = of(words, StatementKind::Definition);
    if let Some(object) = object {
        nature.effects.push(Effect::Object(object.clone(), true));
        nature.touches.push(object);
    }
    nature
}

fn kind(word: &str) -> Option<ObjectKind> {
    Some(match word {
        "TABLE" => ObjectKind::Table,
        "VIEW" => ObjectKind::View,
        "TRIGGER" => ObjectKind::Trigger,
        "PROCEDURE" => ObjectKind::Procedure,
        "FUNCTION" | "AGGREGATE" | "ROUTINE" => ObjectKind::Function,
        "EVENT" => ObjectKind::Event,
        "SEQUENCE" => ObjectKind::Sequence,
        "INDEX" => ObjectKind::Index,
        "TYPE" | "DOMAIN" => ObjectKind::Type,
        "SCHEMA" | "DATABASE" => ObjectKind::Schema,
        "EXTENSION" => ObjectKind::Extension,
        _ => return None,
    })
}

/// Goes to the word that says what kind of object it is: what stands before it says how.
fn object_kind(words: &mut Words<'_>) -> (Option<ObjectKind>, Vec<String>) {
    let mut modifiers = Vec::new();
    // `DEFINER = name@host SQL SECURITY INVOKER` is the longest.
    for _ in 0..24 {
        let Some(lexeme) = words.peek() else {
            break;
        };
        if lexeme.is_mark("(") {
            break;
        }
        if let Some(word) = words.upper() {
            if let Some(kind) = kind(&word) {
                words.skip();
                // MySQL's `CREATE AGGREGATE FUNCTION`, PostgreSQL's `CREATE EVENT TRIGGER`.
                if word == "AGGREGATE" && words.take("FUNCTION") {
                    return (Some(ObjectKind::Function), modifiers);
                }
                if word == "EVENT" && words.take("TRIGGER") {
                    return (None, modifiers);
                }
                return (Some(kind), modifiers);
            }
            modifiers.push(word);
        }
        words.skip();
    }
    (None, modifiers)
}

/// `CREATE …`, the first word taken.
pub(super) fn create(mut words: Words<'_>) -> Nature {
    let start = words.clone();
    let (kind, modifiers) = object_kind(&mut words);
    let has = |word: &str| modifiers.iter().any(|modifier| modifier == word);
    let Some(kind) = kind else {
        // A user, a role, a policy: of no catalogue that is looked at.
        return of(&start, StatementKind::Other);
    };
    let twice = has("OR") && has("REPLACE");
    words.take("CONCURRENTLY");
    let unless = words.take_all(&["IF", "NOT", "EXISTS"]);
    let mut nature = if kind == ObjectKind::Index {
        create_index(words)
    } else if has("TEMPORARY") || has("TEMP") {
        // It goes with the session, as the session's settings do.
        Nature::of(StatementKind::Session)
    } else {
        let object = words.object(kind);
        Nature {
            quick: kind == ObjectKind::Table && object.is_some() && is_empty_table(&words),
            ..made(&words, object)
        }
    };
    nature.repeatable = twice || unless;
    nature
}

/// True when nothing after a table's name lets it begin with rows or ties it to another table,
/// whose rows would be looked through or whose columns would be merged.
fn is_empty_table(words: &Words<'_>) -> bool {
    const TIED: [&str; 8] = [
        "SELECT", "AS", "TABLE", "VALUES", "EXECUTE", "OF", "USING", "INHERITS",
    ];
    !TIED.iter().any(|word| words.has(word))
}

fn create_index(mut words: Words<'_>) -> Nature {
    let name = if words.sees("ON") {
        None
    } else {
        words.object(ObjectKind::Index)
    };
    while !words.at_end() && !words.take("ON") {
        words.skip();
    }
    words.take("ONLY");
    let table = words.object(ObjectKind::Table);
    let mut nature = of(&words, StatementKind::Definition);
    index_effect(&mut nature, &words, name, table, true);
    nature
}

fn index_effect(
    nature: &mut Nature,
    words: &Words<'_>,
    name: Option<ObjectRef>,
    table: Option<ObjectRef>,
    exists: bool,
) {
    if words.rules().indexes_are_objects {
        if let Some(name) = name {
            // It stands in its table's schema.
            let schema = name
                .schema
                .clone()
                .or_else(|| table.as_ref().and_then(|table| table.schema.clone()));
            let name = ObjectRef { schema, ..name };
            nature.effects.push(Effect::Object(name.clone(), exists));
            nature.touches.push(name);
        }
    } else if let (Some(name), Some(table)) = (name, &table) {
        nature.effects.push(Effect::Index {
            table: table.clone(),
            index: name.name,
            exists,
        });
    }
    nature.touches.extend(table);
}

/// `DROP …`, the first word taken.
pub(super) fn drop(mut words: Words<'_>) -> Nature {
    let start = words.clone();
    let (kind, modifiers) = object_kind(&mut words);
    let Some(kind) = kind else {
        return of(&start, StatementKind::Other);
    };
    if modifiers.iter().any(|word| word == "TEMPORARY") {
        return repeatable(Nature::of(StatementKind::Session));
    }
    words.take("CONCURRENTLY");
    let if_exists = words.take_all(&["IF", "EXISTS"]);
    let mut nature = of(&words, StatementKind::Definition);
    nature.repeatable = if_exists;
    while let Some(object) = words.object(kind) {
        if words.sees_mark("(") {
            words.skip_group();
        }
        if kind == ObjectKind::Index && words.take("ON") {
            let table = words.object(ObjectKind::Table);
            index_effect(&mut nature, &words, Some(object), table, false);
            break;
        }
        nature.effects.push(Effect::Object(object.clone(), false));
        nature.touches.push(object);
        if words.take("ON") {
            nature.touches.extend(words.object(ObjectKind::Table));
        }
        if !words.take_mark(",") {
            break;
        }
    }
    nature
}

/// `RENAME TABLE a TO b, …`, the first word taken.
pub(super) fn rename(mut words: Words<'_>) -> Nature {
    let mut nature = of(&words, StatementKind::Definition);
    if !words.take("TABLE") && !words.take("TABLES") {
        return of(&words, StatementKind::Other);
    }
    words.take_all(&["IF", "EXISTS"]);
    while let Some(from) = words.object(ObjectKind::Table) {
        if words.take("WAIT") || words.take("NOWAIT") {
            while !words.at_end() && !words.sees("TO") {
                words.skip();
            }
        }
        if !words.take("TO") {
            break;
        }
        let Some(to) = words.object(ObjectKind::Table) else {
            break;
        };
        renamed(&mut nature, from, to);
        if !words.take_mark(",") {
            break;
        }
    }
    nature
}

fn renamed(nature: &mut Nature, from: ObjectRef, to: ObjectRef) {
    // Of a name that is used twice, the last word counts.
    nature.effects.retain(
        |effect| !matches!(effect, Effect::Object(object, _) if *object == from || *object == to),
    );
    nature.effects.push(Effect::Object(from.clone(), false));
    nature.effects.push(Effect::Object(to.clone(), true));
    for object in [from, to] {
        if !nature.touches.contains(&object) {
            nature.touches.push(object);
        }
    }
}

/// `ALTER …`, the first word taken.
pub(super) fn alter(mut words: Words<'_>) -> Nature {
    let start = words.clone();
    let (kind, _) = object_kind(&mut words);
    let Some(kind) = kind else {
        return of(&start, StatementKind::Other);
    };
    words.take_all(&["IF", "EXISTS"]);
    words.take("ONLY");
    let Some(object) = words.object(kind) else {
        return of(&words, StatementKind::Definition);
    };
    words.take_mark("*");
    let mut nature = of(&words, StatementKind::Definition);
    nature.touches.push(object.clone());
    if kind != ObjectKind::Table {
        if words.take_all(&["RENAME", "TO"])
            && let Some(name) = words.name()
        {
            let to = ObjectRef {
                name,
                ..object.clone()
            };
            renamed(&mut nature, object, to);
        }
        return nature;
    }
    let mut told = true;
    loop {
        told &= clause(&mut words, &object, &mut nature);
        if !words.next_clause() {
            break;
        }
    }
    if !told {
        nature.effects.clear();
    }
    nature
}

/// One clause of ALTER TABLE; false when existence does not tell all of what it does.
fn clause(words: &mut Words<'_>, table: &ObjectRef, nature: &mut Nature) -> bool {
    let column = |column: String, exists: bool| Effect::Column {
        table: table.clone(),
        column,
        exists,
    };
    let index = |index: String, exists: bool| Effect::Index {
        table: table.clone(),
        index,
        exists,
    };
    if words.take("RENAME") {
        if words.take("COLUMN") {
            return two_names(words, &column, nature);
        }
        if words.take_one_of(&["INDEX", "KEY"]) {
            return two_names(words, &index, nature);
        }
        if words.sees_one_of(&["CONSTRAINT"]) {
            return false;
        }
        words.take_one_of(&["TO", "AS"]);
        let before = words.clone();
        let Some(to) = words.object(ObjectKind::Table) else {
            return false;
        };
        if words.sees("TO") {
            // `RENAME a TO b` of a column, without the word.
            *words = before;
            return two_names(words, &column, nature);
        }
        let to = ObjectRef {
            schema: to.schema.or_else(|| table.schema.clone()),
            ..to
        };
        renamed(nature, table.clone(), to);
        return true;
    }
    if words.take("ADD") {
        if words.take_one_of(&["INDEX", "KEY"]) {
            words.take_all(&["IF", "NOT", "EXISTS"]);
            return match words.name() {
                Some(name) => {
                    nature.effects.push(index(name, true));
                    true
                }
                None => false,
            };
        }
        let not_column = [
            "UNIQUE",
            "PRIMARY",
            "FULLTEXT",
            "SPATIAL",
            "CONSTRAINT",
            "FOREIGN",
            "CHECK",
            "PARTITION",
            "PERIOD",
            "SYSTEM",
            "EXCLUDE",
            "VALUE",
            "GENERATED",
        ];
        if words.sees_one_of(&not_column) || words.sees_mark("(") {
            return false;
        }
        words.take("COLUMN");
        words.take_all(&["IF", "NOT", "EXISTS"]);
        return match words.name() {
            Some(name) => {
                nature.effects.push(column(name, true));
                true
            }
            None => false,
        };
    }
    if words.take("DROP") {
        if words.take_one_of(&["INDEX", "KEY"]) {
            words.take_all(&["IF", "EXISTS"]);
            return match words.name() {
                Some(name) => {
                    nature.effects.push(index(name, false));
                    true
                }
                None => false,
            };
        }
        if words.sees_one_of(&[
            "PRIMARY",
            "FOREIGN",
            "CONSTRAINT",
            "CHECK",
            "PARTITION",
            "SYSTEM",
            "PERIOD",
        ]) {
            return false;
        }
        words.take("COLUMN");
        words.take_all(&["IF", "EXISTS"]);
        return match words.name() {
            Some(name) => {
                nature.effects.push(column(name, false));
                true
            }
            None => false,
        };
    }
    false
}

fn two_names(
    words: &mut Words<'_>,
    effect: &dyn Fn(String, bool) -> Effect,
    nature: &mut Nature,
) -> bool {
    let Some(from) = words.name() else {
        return false;
    };
    if !words.take("TO") {
        return false;
    }
    let Some(to) = words.name() else {
        return false;
    };
    nature.effects.push(effect(from, false));
    nature.effects.push(effect(to, true));
    true
}
