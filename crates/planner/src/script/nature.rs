//! What the text of a statement says, read in the shape that SQL has on every engine. What an
//! engine has of its own is in its [`Rules`].

use super::settings::{Setting, settings};
use super::words::Words;
use super::{Lexeme, Nature, ObjectKind, ObjectRef, StatementKind, definition};

/// What differs between engines.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Definition statements end an open transaction by themselves.
    pub definitions_commit: bool,
    /// An index has a name in the schema, not in its table.
    pub indexes_are_objects: bool,
    /// A procedure may end the transaction that calls it.
    pub calls_commit: bool,
    /// TRUNCATE is a definition and not a change of rows.
    pub truncate_defines: bool,
    /// The form of a name that all its spellings share; true for one in quotes.
    pub fold: fn(&str, bool) -> String,
    /// First words of statements that end an open transaction and are the same twice as once.
    pub maintenance: &'static [&'static str],
    /// What the engine knows better than the shape tells; none to go by the shape.
    pub own: fn(&[Lexeme<'_>]) -> Option<Nature>,
    /// The engine refuses this statement in a transaction, or does nothing.
    pub alone: fn(&[Lexeme<'_>]) -> bool,
    /// What this setting of a session means for definitions is known: [`Nature::plain_setting`].
    pub plain_setting: fn(&Setting<'_>) -> bool,
}

/// Reads a statement.
pub fn nature(lexemes: &[Lexeme<'_>], rules: &Rules) -> Nature {
    let mut nature = (rules.own)(lexemes).unwrap_or_else(|| read(lexemes, rules));
    nature.alone |= (rules.alone)(lexemes);
    if nature.kind == StatementKind::Session {
        let settings = settings(lexemes).unwrap_or_default();
        nature.plain_setting = !settings.is_empty() && settings.iter().all(rules.plain_setting);
    }
    nature
}

fn read(lexemes: &[Lexeme<'_>], rules: &Rules) -> Nature {
    let mut words = Words::new(lexemes, rules);
    while words.take_mark("(") {}
    let Some(first) = words.upper() else {
        return Nature::of(StatementKind::Other);
    };
    words.skip();
    match first.as_str() {
        "CREATE" => definition::create(words),
        "DROP" => definition::drop(words),
        "ALTER" => definition::alter(words),
        "RENAME" => definition::rename(words),
        "COMMENT" => repeatable(definition::of(&words, StatementKind::Definition)),
        "TRUNCATE" => truncate(words),
        "INSERT" | "REPLACE" => insert(words),
        "UPDATE" => update(words),
        "DELETE" => delete(words),
        "MERGE" | "LOAD" | "COPY" | "IMPORT" => into_table(words),
        "WITH" => with(words),
        "SELECT" | "VALUES" | "TABLE" | "SHOW" | "DESCRIBE" | "DESC" | "HELP" => query(words),
        "EXPLAIN" if !words.has("ANALYZE") => Nature::of(StatementKind::Query),
        "BEGIN" if words.sees("NOT") => alone(Nature::of(StatementKind::Other)),
        "BEGIN" | "START" | "COMMIT" | "ROLLBACK" | "SAVEPOINT" | "RELEASE" | "END" | "ABORT" => {
            Nature::of(StatementKind::Transaction)
        }
        "SET" if words.sees_one_of(&["GLOBAL", "PERSIST", "PERSIST_ONLY", "PASSWORD"]) => {
            repeatable(Nature::of(StatementKind::Other))
        }
        "SET" | "RESET" | "USE" | "DISCARD" | "PREPARE" | "DEALLOCATE" | "LISTEN" | "UNLISTEN" => {
            Nature::of(StatementKind::Session)
        }
        // Locks of a session, which end with the next transaction.
        "LOCK" | "UNLOCK" if rules.definitions_commit => Nature {
            commits: true,
            ..Nature::of(StatementKind::Transaction)
        },
        "CALL" | "EXECUTE" if rules.calls_commit => alone(Nature::of(StatementKind::Other)),
        "GRANT" => repeatable(definition::of(&words, StatementKind::Other)),
        "REVOKE" => definition::of(&words, StatementKind::Other),
        word if rules.maintenance.contains(&word) => repeatable(Nature {
            commits: rules.definitions_commit,
            ..Nature::of(StatementKind::Other)
        }),
        _ => Nature::of(StatementKind::Other),
    }
}

pub(super) fn repeatable(nature: Nature) -> Nature {
    Nature {
        repeatable: true,
        ..nature
    }
}

fn alone(nature: Nature) -> Nature {
    Nature {
        alone: true,
        ..nature
    }
}

fn data(touches: Vec<ObjectRef>) -> Nature {
    Nature {
        touches,
        ..Nature::of(StatementKind::Data)
    }
}

fn truncate(mut words: Words<'_>) -> Nature {
    words.take("TABLE");
    words.take("ONLY");
    let mut touches = Vec::new();
    while let Some(table) = words.object(ObjectKind::Table) {
        touches.push(table);
        if !words.take_mark(",") {
            break;
        }
    }
    let rules = words.rules();
    repeatable(if rules.truncate_defines {
        Nature {
            touches,
            commits: rules.definitions_commit,
            ..Nature::of(StatementKind::Definition)
        }
    } else {
        data(touches)
    })
}

const PRIORITIES: [&str; 5] = [
    "LOW_PRIORITY",
    "HIGH_PRIORITY",
    "DELAYED",
    "IGNORE",
    "QUICK",
];

fn priorities(words: &mut Words<'_>) {
    loop {
        if words.take("OR") {
            words.skip();
        } else if !words.take_one_of(&PRIORITIES) {
            return;
        }
    }
}

fn insert(mut words: Words<'_>) -> Nature {
    priorities(&mut words);
    words.take("INTO");
    data(words.object(ObjectKind::Table).into_iter().collect())
}

fn update(mut words: Words<'_>) -> Nature {
    priorities(&mut words);
    data(tables(words, &["SET"]))
}

fn delete(mut words: Words<'_>) -> Nature {
    priorities(&mut words);
    // The tables that rows go from, or their short names, and where they come from.
    if !words.take("FROM") {
        while !words.at_end() && !words.take("FROM") {
            words.skip();
        }
    }
    data(tables(words, &["WHERE", "ORDER", "LIMIT", "RETURNING"]))
}

/// Tables of a list with joins, up to one of these words.
fn tables(mut words: Words<'_>, ends: &[&str]) -> Vec<ObjectRef> {
    let mut touches = Vec::new();
    let mut expected = true;
    while !words.at_end() {
        if words.sees_one_of(ends) {
            break;
        }
        if expected {
            expected = false;
            words.take_one_of(&["ONLY", "LATERAL"]);
            if let Some(table) = words.object(ObjectKind::Table) {
                touches.push(table);
                continue;
            }
        }
        if words.sees_mark("(") {
            words.skip_group();
            continue;
        }
        expected = words.sees_mark(",") || words.sees_one_of(&["JOIN", "USING", "STRAIGHT_JOIN"]);
        words.skip();
    }
    touches
}

/// `MERGE INTO t`, `LOAD DATA … INTO TABLE t`, `COPY t FROM`.
fn into_table(mut words: Words<'_>) -> Nature {
    let start = words.clone();
    while !words.at_end() {
        if words.take("INTO") {
            words.take("TABLE");
            return data(words.object(ObjectKind::Table).into_iter().collect());
        }
        words.skip();
    }
    let mut words = start;
    let table = words.object(ObjectKind::Table);
    let mut reads = false;
    while !words.at_end() {
        if words.sees_mark("(") {
            words.skip_group();
            continue;
        }
        reads |= words.sees("TO");
        words.skip();
    }
    match table {
        Some(table) if !reads => data(vec![table]),
        _ => Nature::of(StatementKind::Other),
    }
}

/// The statement after the named queries; one of those may change rows, too.
fn with(mut words: Words<'_>) -> Nature {
    let changes = ["INSERT", "UPDATE", "DELETE", "MERGE"]
        .iter()
        .any(|word| words.has(word));
    while !words.at_end() {
        if words.sees_mark("(") {
            words.skip_group();
            continue;
        }
        let rest = words.clone();
        let Some(word) = words.upper() else {
            words.skip();
            continue;
        };
        words.skip();
        match word.as_str() {
            "INSERT" | "REPLACE" => return insert(words),
            "UPDATE" => return update(words),
            "DELETE" => return delete(words),
            "MERGE" => return into_table(words),
            "SELECT" | "VALUES" | "TABLE" => {
                return if changes {
                    data(Vec::new())
                } else {
                    query(rest)
                };
            }
            _ => {}
        }
    }
    Nature::of(StatementKind::Other)
}

/// A query reads, unless it writes what it found somewhere.
fn query(mut words: Words<'_>) -> Nature {
    while !words.at_end() {
        if words.sees_mark("(") {
            words.skip_group();
            continue;
        }
        if words.take("INTO") {
            return if words.sees_mark("@") {
                Nature::of(StatementKind::Session)
            } else if words.sees_one_of(&["OUTFILE", "DUMPFILE"]) {
                alone(Nature::of(StatementKind::Other))
            } else {
                words.take_one_of(&["TEMPORARY", "TEMP", "UNLOGGED", "TABLE"]);
                let table = words.object(ObjectKind::Table);
                definition::made(&words, table)
            };
        }
        words.skip();
    }
    Nature::of(StatementKind::Query)
}
