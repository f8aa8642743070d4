//! The command line with no more commands than were typed.
//!
//! Each command takes every global option, and a parser that knows all of them all is a third of
//! the time that a short command takes.

use std::ffi::OsString;

use clap::{ArgMatches, Args as _, Command, Subcommand as _};

/// Commands that have others below them.
const GROUPS: [&str; 6] = [
    "schema",
    "migrations",
    "repeatable",
    "backup",
    "cache",
    "upgrade",
];

/// What these words mean; none where they are no whole command line, of which the parser that
/// knows everything has more to say.
pub(crate) fn read(words: &[OsString]) -> Option<ArgMatches> {
    let typed = |command: &&Command| {
        let mut names = std::iter::once(command.get_name()).chain(command.get_all_aliases());
        names.any(|name| words.iter().any(|word| word == name))
    };
    let all = super::Command::augment_subcommands(Command::new("realign"));
    let some = all.get_subcommands().filter(typed).map(|command| {
        let Some(group) = GROUPS.iter().find(|group| **group == command.get_name()) else {
            return command.clone();
        };
        Command::new(*group)
            .disable_help_subcommand(true)
            .subcommand_required(true)
            .subcommands(command.get_subcommands().filter(typed).cloned())
    });
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
            assert_eq!(outer.has_subcommands(), GROUPS.contains(&outer.get_name()));
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
