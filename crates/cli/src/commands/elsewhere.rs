//! Words of other tools, answered with what they are here. A parser that guesses takes
//! `rollback` for `rollup`.

use clap::Command;

use super::planned::hidden;
use crate::exit;

const UP: &str = "`realign migrate` runs what is new, `realign migrate next` the next one only";
const BACK: &str = "`realign migrate prev` takes the last one back, `realign migrations execute VERSION --down` a certain one";
const ALL_BACK: &str = "`realign migrate first --allow destructive` takes all of them back";
const AGAIN: &str = "`realign migrate prev` and then `realign migrate next` take the last one back and run it again";
const NEW: &str = "`realign migrations generate NAME` writes an empty one, `realign migrations diff NAME` one of what differs";
const LOOK: &str = "`realign migrations status` and `realign migrations list` show how they stand";
const RECORD: &str = "`realign migrations version VERSION --add` records one as executed without running it, --all all of them";
const MEND: &str = "`realign migrations verify` shows what changed since it ran; `realign migrations forget VERSION` takes what stands half-way out of the books";
const COMPARE: &str = "`realign migrations verify` compares the files with what ran, `realign schema validate` the database with what is declared";
const DUMP: &str = "`realign migrations dump-schema` writes the present schema as a migration, `realign schema inspect --format sql` prints it";

/// Words after `migrations`.
const MIGRATIONS: &[(&str, &str)] = &[
    ("up", UP),
    ("run", UP),
    ("apply", UP),
    ("down", BACK),
    ("rollback", BACK),
    ("undo", BACK),
    ("redo", AGAIN),
    ("reset", ALL_BACK),
    ("refresh", ALL_BACK),
    ("fresh", ALL_BACK),
    ("clean", ALL_BACK),
    ("new", NEW),
    ("create", NEW),
    ("make", NEW),
    ("info", LOOK),
    ("show", LOOK),
    ("baseline", RECORD),
    ("repair", MEND),
    ("validate", COMPARE),
    ("dump", DUMP),
];

/// Words of the first level.
const COMMANDS: &[(&str, &str)] = &[
    ("rollback", BACK),
    ("undo", BACK),
    ("redo", AGAIN),
    ("new", NEW),
    ("info", LOOK),
    ("baseline", RECORD),
    ("repair", MEND),
    ("validate", COMPARE),
    ("dump", DUMP),
];

/// The command line with these words accepted, whatever follows them.
pub(crate) fn accept(command: Command) -> Command {
    let with = |command: Command, words: &[(&'static str, &str)]| {
        words.iter().fold(command, |command, (name, _)| {
            command.subcommand(hidden(name))
        })
    };
    with(command, COMMANDS).mut_subcommand("migrations", |inner| with(inner, MIGRATIONS))
}

/// The answer to such a word, if it was one.
pub(crate) fn answer(matches: &clap::ArgMatches) -> Option<anyhow::Error> {
    let (name, matches) = matches.subcommand()?;
    let (typed, words) = if name == "migrations" {
        let (inner, _) = matches.subcommand()?;
        (inner, MIGRATIONS)
    } else {
        (name, COMMANDS)
    };
    let (_, help) = words.iter().find(|(word, _)| *word == typed)?;
    let whole = if name == typed {
        name.to_owned()
    } else {
        format!("{name} {typed}")
    };
    Some(exit::usage(
        format!("`realign {whole}` is no command here"),
        *help,
    ))
}
