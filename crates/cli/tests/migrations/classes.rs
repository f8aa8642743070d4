//! Classes of the scenario as SQL files.

use std::fmt::Write as _;

use serde_json::Value;

/// The namespaces of the scenario and their folders.
pub(crate) const FOLDERS: [(&str, &str); 3] = [
    ("DoctrineMigrations", "migrations"),
    ("Extra\\Migrations", "extra"),
    ("Mautic\\Migrations", "mautic"),
];

/// Where the file of a class lies.
pub(crate) fn path(class: &str) -> String {
    let (namespace, name) = class.rsplit_once('\\').expect("a namespace");
    let (_, folder) = FOLDERS
        .iter()
        .find(|(known, _)| *known == namespace)
        .expect("a folder");
    format!("{folder}/{name}.sql")
}

/// What the file of a class says.
pub(crate) fn text(class: &Value, engine: &str) -> String {
    let mut text = String::new();
    let description = class["description"].as_str().unwrap_or_default();
    let _ = writeln!(text, "-- realign:description {description}");
    if class["transactional"] == Value::Bool(false) {
        text.push_str("-- realign:transaction off\n");
    }
    let down = &class["down"];
    if let Some(irreversible) = down.get(0).and_then(|first| first.get("irreversible")) {
        match irreversible.as_str() {
            Some(why) => drop(writeln!(text, "-- realign:irreversible \"{why}\"")),
            None => text.push_str("-- realign:irreversible\n"),
        }
    }
    for (key, section) in [
        ("preUp", "pre-up"),
        ("up", "up"),
        ("postUp", "post-up"),
        ("down", "down"),
    ] {
        let Some(actions) = class[key].as_array() else {
            continue;
        };
        if key == "down"
            && actions
                .iter()
                .any(|action| action.get("irreversible").is_some())
        {
            continue;
        }
        let _ = writeln!(text, "-- realign:{section}");
        text.push_str(&directives(actions));
        // Doctrine runs what comes from the schema object after everything else.
        let (schema, plain): (Vec<&Value>, Vec<&Value>) = actions
            .iter()
            .partition(|action| action.get("createTable").is_some());
        for action in plain.into_iter().chain(schema) {
            if let Some(sql) = statement(action, engine) {
                let _ = writeln!(text, "{sql};");
            }
        }
    }
    text
}

fn directives(actions: &[Value]) -> String {
    let mut text = String::new();
    for action in actions {
        let message = action["message"].as_str().unwrap_or_default();
        for (key, word) in [
            ("skipIf", "skip-if"),
            ("abortIf", "abort-if"),
            ("warnIf", "warn-if"),
        ] {
            if action[key] == Value::Bool(true) {
                let _ = writeln!(text, "-- realign:{word} \"{message}\" SELECT 1");
            }
        }
        if let Some(line) = action["write"].as_str() {
            let _ = writeln!(text, "-- realign:note \"{line}\"");
        }
    }
    text
}

fn statement(action: &Value, engine: &str) -> Option<String> {
    if let Some(sql) = action["connection"].as_str() {
        return Some(sql.to_owned());
    }
    if let Some(table) = action["createTable"].as_str() {
        let end = if engine == "mariadb" {
            " DEFAULT CHARACTER SET utf8 COLLATE `utf8_unicode_ci` ENGINE = InnoDB"
        } else {
            ""
        };
        let id = if engine == "sqlite" { "INTEGER" } else { "INT" };
        return Some(format!(
            "CREATE TABLE {table} (id {id} NOT NULL, name VARCHAR(255) NOT NULL, PRIMARY KEY(id)){end}"
        ));
    }
    let sql = action["sql"].as_str()?;
    Some(match &action["params"] {
        Value::Array(values) => values.iter().fold(sql.to_owned(), |sql, value| {
            sql.replacen('?', &literal(value), 1)
        }),
        Value::Object(values) => values.iter().fold(sql.to_owned(), |sql, (name, value)| {
            // Only in VALUES: the columns have the same names.
            sql.replace(&format!(":{name}"), &literal(value))
        }),
        _ => sql.to_owned(),
    })
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{}'", text.replace('\'', "''")),
        other => other.to_string(),
    }
}
