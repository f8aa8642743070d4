//! The command line with no more commands than were typed.
//!
//! Each command takes every global option, and a parser that knows all of them all is a third of
//! the time that a short command takes.

use std::ffi::OsString;

use clap::{ArgMatches, Args as _, Command, Subcommand};

use super::{
    BackupCommand, CacheCommand, MigrationsCommand, RepeatableCommand, SchemaCommand,
    UpgradeCommand,
};

/// A command that has others below it, and what puts them there.
type Group = (&'static str, fn(Command) -> Command);

/// All of these.
const GROUPS: [Group; 6] = [
    ("schema", SchemaCommand::augment_subcommands),
    ("migrations", MigrationsCommand::augment_subcommands),
    ("repeatable", RepeatableCommand::augment_subcommands),
    ("backup", BackupCommand::augment_subcommands),
    ("cache", CacheCommand::augment_subcommands),
    ("upgrade", UpgradeCommand::augment_subcommands),
];

/// What these words mean; none where they are no whole command line, of which the parser that
/// knows everything has more to say.
pub(crate) fn read(words: &[OsString]) -> Option<ArgMatches> {
    let typed = |command: &&Command| {
        let mut names = std::iter::once(command.get_name()).chain(command.get_all_aliases());
        names.any(|name| words.iter().any(|word| word == name))
    };
    let group = |(name, below): &Group| {
        let all = below(Command::new(*name));
        Command::new(*name)
            .disable_help_subcommand(true)
            .subcommand_required(true)
            .subcommands(all.get_subcommands().filter(typed).cloned())
    };
    // What comes first is the command; behind an option it may be that one's value.
    let first = GROUPS
        .iter()
        .find(|(name, _)| words.get(1).is_some_and(|word| word == name));
    let some = if let Some(first) = first {
        vec![group(first)]
    } else {
        let all = super::Command::augment_subcommands(Command::new("realign"));
        let narrow = |command: &Command| {
            let known = GROUPS.iter().find(|(name, _)| *name == command.get_name());
            known.map_or_else(|| command.clone(), group)
        };
        all.get_subcommands().filter(typed).map(narrow).collect()
    };
    let command = Command::new("realign")
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .subcommands(some);
    super::Options::augment_args(command)
        .try_get_matches_from(words)
        .ok()
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, FromArgMatches as _};

    use super::*;
    use crate::args::Cli;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    fn whole(line: &str) -> Option<ArgMatches> {
        Cli::command().try_get_matches_from(words(line)).ok()
    }

    fn meant(matches: Option<ArgMatches>) -> Option<String> {
        let cli = Cli::from_arg_matches(&matches?).ok()?;
        Some(format!("{cli:?}"))
    }

    #[test]
    fn every_command_means_the_same() {
        let mut command = Cli::command();
        command.build();
        let mut lines = vec!["realign".to_owned()];
        for outer in command.get_subcommands() {
            let group = GROUPS.iter().any(|(name, _)| *name == outer.get_name());
            assert_eq!(outer.has_subcommands(), group);
            lines.push(format!("realign {}", outer.get_name()));
            for inner in outer.get_subcommands() {
                lines.push(format!("realign {} {}", outer.get_name(), inner.get_name()));
            }
        }
        let mut understood = 0;
        for line in lines {
            for more in [
                "",
                " -q --env status",
                " x",
                " --database-url sqlite:a.db -n",
            ] {
                let line = format!("{line}{more}");
                let (narrow, whole) = (meant(read(&words(&line))), meant(whole(&line)));
                understood += usize::from(narrow.is_some());
                assert_eq!(narrow, whole, "{line}");
            }
        }
        assert!(understood > 60, "{understood}");
    }

    #[test]
    fn every_page_says_what_its_command_is_for() {
        let before = Cli::command();
        let mut built = Cli::command();
        built.build();
        for outer in built.get_subcommands() {
            let Some(listed) = before.find_subcommand(outer.get_name()) else {
                continue;
            };
            for inner in outer.get_subcommands() {
                let about = inner.get_about().map(ToString::to_string);
                let told = listed.find_subcommand(inner.get_name());
                if let Some(told) = told.and_then(clap::Command::get_about) {
                    assert_eq!(about, Some(told.to_string()), "{}", inner.get_name());
                }
            }
        }
        let verify = built
            .find_subcommand_mut("migrations")
            .and_then(|one| one.find_subcommand_mut("verify"))
            .map(|one| one.render_long_help().to_string());
        assert!(verify.is_some_and(|page| page.starts_with("Do the files still say")));
    }

    #[test]
    fn words_of_other_commands_are_values_where_they_stand() {
        for line in [
            "realign --env migrate migrations status --format json",
            "realign migrations list-migrations",
            "realign demo migrations",
            "realign migrate --dry-run current",
            "realign history 3 --limit 5 --env=schema",
            "realign migrations --migrations-dir status status -vv",
        ] {
            let narrow = meant(read(&words(line)));
            assert!(narrow.is_some(), "{line}");
            assert_eq!(narrow, meant(whole(line)), "{line}");
        }
    }

    #[test]
    fn what_needs_an_answer_is_left_to_the_whole() {
        for line in [
            "realign --help",
            "realign -V",
            "realign migrations",
            "realign migrations --help",
            "realign migrations stats",
            "realign schema lint",
            "realign status --format jsn",
            "realign migrate -q -v",
        ] {
            assert!(read(&words(line)).is_none(), "{line}");
        }
    }
}
