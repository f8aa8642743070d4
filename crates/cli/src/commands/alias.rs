//! Doctrine's own command lines, read as the commands here: `doctrine:schema:update --force`.
//!
//! The library's names (`orm:…`) and the ones that Symfony and laravel-doctrine share
//! (`doctrine:schema:…`) become words of this program, and so do their options. How the
//! answer sounds is decided by [`Alias::speech`].

use std::ffi::OsString;
use std::path::Path;

use crate::exit;
use crate::report::doctrine::{Speech, Style};
use crate::settings::Settings;

/// A command of Doctrine's tools, and the word for it here, after `schema`.
const COMMANDS: &[(&str, &str)] = &[
    ("doctrine:schema:create", "create"),
    ("doctrine:schema:update", "update"),
    ("doctrine:schema:drop", "drop"),
    ("doctrine:schema:validate", "validate"),
    ("orm:schema-tool:create", "create"),
    ("orm:schema-tool:update", "update"),
    ("orm:schema-tool:drop", "drop"),
    ("orm:validate-schema", "validate"),
];

/// Commands of Doctrine Migrations, by the name that Symfony's bundle gives them; without the
/// first word they are the library's own.
const MIGRATIONS: &[&str] = &[
    "doctrine:migrations:current",
    "doctrine:migrations:diff",
    "doctrine:migrations:dump-schema",
    "doctrine:migrations:execute",
    "doctrine:migrations:generate",
    "doctrine:migrations:latest",
    "doctrine:migrations:list",
    "doctrine:migrations:migrate",
    "doctrine:migrations:rollup",
    "doctrine:migrations:status",
    "doctrine:migrations:sync-metadata-storage",
    "doctrine:migrations:up-to-date",
    "doctrine:migrations:version",
];
const BUNDLE: &str = "doctrine:";
const FAMILY: &str = "doctrine:migrations:";

/// Beginnings of further commands.
const FAMILIES: &[(&str, &str)] = &[
    (FAMILY, "migrations"),
    ("migrations:", "migrations"),
    ("doctrine:generate:", "generate"),
    ("orm:generate", "generate"),
];

/// laravel-doctrine's words for options, by command. `--clean` has no word here: what is
/// not declared goes only with `--complete`.
const LARAVEL: &[(&str, &str, Option<&str>)] = &[
    ("create", "--sql", Some("--dump-sql")),
    ("update", "--sql", Some("--dump-sql")),
    ("update", CLEAN, None),
    ("drop", "--sql", Some("--dump-sql")),
    ("drop", "--full", Some("--full-database")),
];
const CLEAN: &str = "--clean";

/// Options of every Symfony console. PHP's property types are never looked at here, so
/// that skipping them is the rule.
const CONSOLE: &[(&str, Option<&str>)] = &[
    ("--ansi", Some("--color=always")),
    ("--no-ansi", Some("--color=never")),
    ("--no-debug", None),
    ("--skip-property-types", None),
];

/// The one entity manager that there is.
const MANAGER: &str = "default";

/// A schema command of Doctrine's tools that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alias {
    /// `doctrine:schema:update`.
    name: &'static str,
    /// An option was typed that only laravel-doctrine has.
    laravel: bool,
    /// One of them was `--clean`.
    clean: bool,
    /// What `--em` named.
    manager: Option<String>,
}

impl Alias {
    /// How its answer sounds: as laravel-doctrine where one of its options was typed or
    /// an `artisan` file lies beside the configuration, else as Doctrine itself.
    pub(crate) fn speech(&self, settings: &Settings) -> anyhow::Result<Speech> {
        if let Some(manager) = &self.manager
            && manager != MANAGER
        {
            return Err(exit::usage(
                format!("there is no entity manager `{manager}`; the only one is `{MANAGER}`"),
                "leave --em out; a further database is an [env.NAME] of realign.toml, chosen with --env NAME",
            ));
        }
        let folder = settings.config.as_deref().and_then(Path::parent);
        let artisan = folder.unwrap_or(Path::new("")).join("artisan");
        let shared = self.name.starts_with("doctrine:");
        let style = if self.laravel || (shared && artisan.is_file()) {
            Style::Laravel
        } else {
            Style::Symfony
        };
        Ok(Speech {
            name: self.name,
            style,
            // ORM has told notices from results since 2.14; artisan never does.
            apart: style == Style::Symfony && settings.profile.value.orm_at_least(2, 14),
            clean: self.clean,
        })
    }
}

/// True for an option of ours whose value is the next argument: `--schema migrations:x`.
fn takes_value(word: &str) -> bool {
    let Some(name) = word.strip_prefix("--").filter(|name| !name.contains('=')) else {
        return false;
    };
    let command = <crate::args::Cli as clap::CommandFactory>::command();
    command
        .get_arguments()
        .any(|known| known.get_long() == Some(name) && known.get_action().takes_values())
}

/// The arguments with a command of Doctrine's replaced by the one here.
pub(crate) fn resolve(arguments: impl Iterator<Item = OsString>) -> (Vec<OsString>, Option<Alias>) {
    let mut words = Vec::new();
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        let text = argument.to_str().unwrap_or_default();
        if takes_value(text) {
            words.push(argument);
            words.extend(arguments.next());
            continue;
        }
        // After a command of our own nothing is one of Doctrine's: `schema diff migrations:x …`.
        if !text.starts_with('-') && !words.is_empty() && !text.contains(':') {
            words.push(argument);
            words.extend(arguments);
            return (words, None);
        }
        if let Some((name, word)) = COMMANDS.iter().find(|(name, _)| *name == text) {
            words.extend(["schema", word].map(OsString::from));
            let alias = options(name, word, arguments, &mut words);
            return (words, Some(alias));
        }
        if let Some(name) = migration(text) {
            let word = &name[FAMILY.len()..];
            words.extend(["migrations", word].map(OsString::from));
            let alias = options(name, word, arguments, &mut words);
            return (words, Some(alias));
        }
        if let Some((start, command)) = FAMILIES.iter().find(|(start, _)| text.starts_with(start)) {
            words.push(OsString::from(command));
            words.extend(text.strip_prefix(start).map(OsString::from));
            words.extend(arguments);
            break;
        }
        words.push(argument);
    }
    (words, None)
}

/// The migration command that a word is.
fn migration(text: &str) -> Option<&'static str> {
    MIGRATIONS
        .iter()
        .copied()
        .find(|name| *name == text || &name[BUNDLE.len()..] == text)
}

/// Puts the options of an alias into words of this program.
fn options(
    name: &'static str,
    command: &str,
    mut arguments: impl Iterator<Item = OsString>,
    words: &mut Vec<OsString>,
) -> Alias {
    let mut alias = Alias {
        name,
        laravel: false,
        clean: false,
        manager: None,
    };
    let shared = name.starts_with("doctrine:");
    while let Some(argument) = arguments.next() {
        let text = argument.to_str().unwrap_or_default();
        if let Some(manager) = text.strip_prefix("--em=").or(text.strip_prefix("--conn=")) {
            alias.manager = Some(manager.to_owned());
        } else if text == "--em" || text == "--conn" {
            let manager = arguments.next().unwrap_or_default();
            alias.manager = Some(manager.to_string_lossy().into_owned());
        } else if let Some((_, _, option)) = LARAVEL
            .iter()
            .find(|(of, option, _)| shared && *of == command && *option == text)
        {
            alias.laravel = true;
            alias.clean |= text == CLEAN;
            words.extend(option.map(OsString::from));
        } else if let Some((_, option)) = CONSOLE.iter().find(|(option, _)| *option == text) {
            words.extend(option.map(OsString::from));
        } else {
            words.push(argument);
        }
    }
    alias
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (String, Option<Alias>) {
        let (words, alias) = resolve(line.split(' ').map(OsString::from));
        let texts: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
        (texts.join(" "), alias)
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
                "realign orm:validate-schema --skip-sync --skip-property-types",
                "realign schema validate --skip-sync",
            ),
            (
                "realign doctrine:schema:drop --full --sql",
                "realign schema drop --full-database --dump-sql",
            ),
            (
                "realign doctrine:schema:update --clean --force --no-ansi",
                "realign schema update --force --color=never",
            ),
            (
                "realign orm:schema-tool:update --em default --complete -f",
                "realign schema update --complete -f",
            ),
            (
                "realign doctrine:migrations:status",
                "realign migrations status",
            ),
            (
                "realign migrations:migrate current-1 --no-debug --conn=default",
                "realign migrations migrate current-1",
            ),
            (
                "realign doctrine:migrations:nosuch",
                "realign migrations nosuch",
            ),
        ] {
            assert_eq!(read(typed).0, meant);
        }
    }

    #[test]
    fn an_option_is_read_only_where_it_belongs() {
        for line in [
            "realign schema update --sql",
            "realign schema validate --em=a --ansi",
        ] {
            assert_eq!(read(line), (line.to_owned(), None));
        }
        for (typed, meant) in [
            (
                "realign orm:schema-tool:update --sql",
                "realign schema update --sql",
            ),
            (
                "realign doctrine:schema:validate --clean",
                "realign schema validate --clean",
            ),
        ] {
            let (words, alias) = read(typed);
            assert_eq!(words, meant);
            assert!(!alias.expect("an alias").laravel);
        }
    }

    #[test]
    fn the_alias_keeps_what_has_no_word_here() {
        let (_, alias) = read("realign doctrine:schema:update --clean --em=main");
        let alias = alias.expect("an alias");
        assert_eq!(alias.name, "doctrine:schema:update");
        assert!(alias.laravel && alias.clean);
        assert_eq!(alias.manager.as_deref(), Some("main"));
        let (_, alias) = read("realign orm:validate-schema --em");
        assert_eq!(alias.expect("an alias").manager.as_deref(), Some(""));
    }
}
