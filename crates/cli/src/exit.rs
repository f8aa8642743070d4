//! How the command ends: the exit codes of the contract, and what an error means.

use std::ffi::OsString;
use std::fmt;

use realign::runtime::{Error, ErrorKind};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or a positive answer.
    Done,
    /// Failed, refused, or a negative answer; for `validate`: the mapping is invalid.
    Failed,
    /// `validate`: not in sync; `schema diff --exit-code`: cannot tell.
    NotInSync,
    /// `validate`: mapping invalid and not in sync.
    InvalidAndNotInSync,
    /// The plan no longer fits the database.
    Stale,
    /// The command line or the configuration makes no sense.
    Usage,
    /// A database or service can't be reached, or refuses the login.
    Unreachable,
    /// Somebody else holds the lock.
    Locked,
    /// Stopped by SIGHUP, resumable.
    HungUp,
    /// Stopped by SIGINT, resumable.
    Interrupted,
    /// Stopped by SIGTERM, resumable.
    Terminated,
    /// What Doctrine's command of that name ends with.
    Doctrine(u8),
}

impl Exit {
    /// The code that a script sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::NotInSync => 2,
            Self::InvalidAndNotInSync => 3,
            Self::Stale => 4,
            Self::Usage => 64,
            Self::Unreachable => 69,
            Self::Locked => 75,
            Self::HungUp => 129,
            Self::Interrupted => 130,
            Self::Terminated => 143,
            Self::Doctrine(code) => code,
        }
    }

    /// The end that a signal means.
    pub(crate) fn by_signal(signal: u8) -> Self {
        match signal {
            1 => Self::HungUp,
            15 => Self::Terminated,
            _ => Self::Interrupted,
        }
    }

    /// The end that an error means.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        for cause in error.chain() {
            if let Some(error) = cause.downcast_ref::<Error>() {
                return match error.kind {
                    ErrorKind::Usage => Self::Usage,
                    ErrorKind::Unreachable => Self::Unreachable,
                    ErrorKind::Stale => Self::Stale,
                    ErrorKind::Locked => Self::Locked,
                    ErrorKind::Stopped(signal) => Self::by_signal(signal),
                    _ => Self::Failed,
                };
            }
        }
        Self::Failed
    }
}

/// True when the error is a reader that went away (`realign … | head`), which nobody
/// needs to hear of.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause
            .downcast_ref::<std::io::Error>()
            .map(std::io::Error::kind);
        // A document that could not be written hides its cause.
        let document = || cause.downcast_ref::<serde_json::Error>()?.io_error_kind();
        io.or_else(document) == Some(std::io::ErrorKind::BrokenPipe)
    })
}

/// True when the error is one of the system's that nobody has said a word about. What reads and
/// writes files says which.
pub(crate) fn is_of_output(error: &anyhow::Error) -> bool {
    matches!(error.chain().next(), Some(outermost) if outermost.is::<std::io::Error>())
}

/// An error as a person reads it: what happened, to what, and what to do next.
#[derive(Debug)]
pub(crate) struct Shown<'a>(pub &'a anyhow::Error);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", plain(&self.0.to_string()))?;
        let mut help = None;
        for cause in self.0.chain() {
            if let Some(error) = cause.downcast_ref::<Error>() {
                for note in &error.notes {
                    write!(f, "\n  {}", plain(note).replace('\n', "\n  "))?;
                }
                help = help.or(error.help.as_deref());
            }
        }
        for cause in self.0.chain().skip(1) {
            let text = cause.to_string();
            // A wrapped cause often repeats the message that it became.
            if !self.0.to_string().contains(&text) {
                write!(f, "\n  {}", plain(&text).replace('\n', "\n  "))?;
            }
        }
        match help {
            Some(help) => write!(f, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

/// A text in plain words: without the numbers of the operating system (`No such file or directory
/// (os error 2)` says nothing more with it), and without streams where a file is meant.
pub(crate) fn plain(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(" (os error ") {
        left.push_str(before);
        let number = after.trim_start_matches(|c: char| c.is_ascii_digit());
        rest = match number.strip_prefix(')') {
            Some(behind) if number.len() < after.len() => behind,
            _ => {
                left.push_str(" (os error ");
                after
            }
        };
    }
    left.push_str(rest);
    left.replace("stream did not contain valid UTF-8", "it is no UTF-8 text")
}

/// True when `--format json` stands among the words, understood or not.
pub(crate) fn asks_for_json(words: &[OsString]) -> bool {
    let follows = |pair: &[OsString]| pair[0] == "--format" && pair[1] == "json";
    words.iter().any(|word| word == "--format=json") || words.windows(2).any(follows)
}

/// The usage error of a command line that was not understood, from what is printed of it.
pub(crate) fn mistyped(printed: &str) -> anyhow::Error {
    let mut lines = printed.lines().map(str::trim).filter(|line| {
        // Its last line is the help below.
        !line.is_empty() && !line.starts_with("For more information")
    });
    let first = lines.next().unwrap_or_default();
    let message = first.strip_prefix("error: ").unwrap_or(first);
    let error = Error::new(ErrorKind::Usage, message);
    lines
        .fold(error, Error::with_note)
        .with_help("`realign --help` lists the commands, and `--help` behind one its options")
        .into()
}

/// A usage error with the next thing to do.
pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> anyhow::Error {
    Error::new(ErrorKind::Usage, message).with_help(help).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_went_away_is_known_behind_a_document() {
        struct Gone;
        impl std::io::Write for Gone {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let error = serde_json::to_writer(Gone, "x").expect_err("nobody reads");
        assert!(is_broken_pipe(&error.into()));
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        assert!(!is_broken_pipe(&full.into()));
    }

    #[test]
    fn what_has_a_word_about_it_is_not_the_output() {
        let full = || anyhow::Error::from(std::io::Error::from(std::io::ErrorKind::StorageFull));
        assert!(is_of_output(&full()));
        assert!(!is_of_output(&full().context("can't read the answer")));
    }

    #[test]
    fn an_error_shows_its_notes_and_the_next_thing() {
        let error: anyhow::Error = Error::new(ErrorKind::Unreachable, "can't reach the database")
            .with_note("url from realign.toml:2")
            .with_help("is the server up?")
            .into();
        assert_eq!(
            Shown(&error).to_string(),
            "error: can't reach the database\n  url from realign.toml:2\nhelp: is the server up?"
        );
        assert_eq!(Exit::of(&error).code(), 69);
    }

    #[test]
    fn numbers_of_the_system_are_left_out() {
        for (text, expected) in [
            ("gone (os error 2)", "gone"),
            ("a (os error 2): b (os error 13)", "a: b"),
            ("a (os error x) b", "a (os error x) b"),
            ("a (os error )", "a (os error )"),
            ("a (os error 12", "a (os error 12"),
            (
                "can't read a: stream did not contain valid UTF-8",
                "can't read a: it is no UTF-8 text",
            ),
        ] {
            assert_eq!(plain(text), expected);
        }
    }

    #[test]
    fn the_kind_is_found_below_a_context() {
        let error = anyhow::Error::from(Error::new(ErrorKind::Stale, "plan is stale"))
            .context("plan.json can't be applied");
        assert_eq!(Exit::of(&error), Exit::Stale);
        assert_eq!(
            Shown(&error).to_string(),
            "error: plan.json can't be applied\n  plan is stale"
        );
    }
}
