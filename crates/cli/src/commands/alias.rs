//! Doctrine's own command lines, read as the commands here: `doctrine:schema:update --force`.

use std::ffi::OsString;

/// A command of Doctrine's tools, and the words for it here.
const COMMANDS: &[(&str, &[&str])] = &[
    ("doctrine:schema:create", &["schema", "create"]),
    ("doctrine:schema:update", &["schema", "update"]),
    ("doctrine:schema:drop", &["schema", "drop"]),
    ("doctrine:schema:validate", &["schema", "validate"]),
    ("orm:schema-tool:create", &["schema", "create"]),
    ("orm:schema-tool:update", &["schema", "update"]),
    ("orm:schema-tool:drop", &["schema", "drop"]),
    ("orm:validate-schema", &["schema", "validate"]),
];

/// Beginnings of further commands, all of them planned.
const FAMILIES: &[(&str, &str)] = &[
    ("doctrine:migrations:", "migrations"),
    ("migrations:", "migrations"),
    ("doctrine:generate:", "generate"),
    ("orm:generate", "generate"),
];

/// laravel-doctrine's words for options. Its `--clean` only says what is the rule here: what
/// is not declared is left alone.
const OPTIONS: &[(&str, Option<&str>)] = &[
    ("--sql", Some("--dump-sql")),
    ("--full", Some("--full-database")),
    ("--clean", None),
];

/// The arguments with a command of Doctrine's replaced by the one here.
pub(crate) fn resolve(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut alias = false;
    for argument in arguments {
        let text = argument.to_str().unwrap_or_default();
        if !alias {
            if let Some((_, command)) = COMMANDS.iter().find(|(name, _)| *name == text) {
                words.extend(command.iter().map(OsString::from));
                alias = true;
                continue;
            }
            if let Some((_, command)) = FAMILIES.iter().find(|(start, _)| text.starts_with(start)) {
                words.push(OsString::from(command));
                alias = true;
                continue;
            }
        } else if let Some((_, option)) = OPTIONS.iter().find(|(name, _)| *name == text) {
            words.extend(option.map(OsString::from));
            continue;
        }
        words.push(argument);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> String {
        let words = resolve(line.split(' ').map(OsString::from));
        let texts: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
        texts.join(" ")
    }

    #[test]
    fn doctrines_commands_are_the_ones_here() {
        for (typed, meant) in [
            (
                "realign doctrine:schema:update --force",
                "realign schema update --force",
            ),
            (
                "realign -n doctrine:schema:update --sql",
                "realign -n schema update --dump-sql",
            ),
            (
                "realign orm:validate-schema --skip-sync",
                "realign schema validate --skip-sync",
            ),
            (
                "realign doctrine:schema:drop --full --sql",
                "realign schema drop --full-database --dump-sql",
            ),
            (
                "realign doctrine:schema:update --clean --force",
                "realign schema update --force",
            ),
            ("realign doctrine:migrations:status", "realign migrations"),
            ("realign schema update --sql", "realign schema update --sql"),
        ] {
            assert_eq!(words(typed), meant);
        }
    }
}
