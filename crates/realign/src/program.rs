//! A program whose output is a schema.

use std::path::Path;
use std::time::Duration;

use realign_runtime::process::{Account, Process, Streams};
use realign_runtime::{Error, ErrorKind, Stop};

use crate::files;

/// What a program printed on its standard output.
///
/// It runs in our own environment, as the account that is named, without a shell, a terminal or
/// anything to read; when its time is up all that it has started is ended.
pub(crate) fn output(
    words: &[String],
    folder: &Path,
    account: Option<&Account>,
    limit: Duration,
    stop: &Stop,
) -> Result<Vec<u8>, Error> {
    let mut process = Process::of(words)?.inheriting().limit(Some(limit));
    if let Some(account) = account {
        process = process.account(account.clone());
    }
    if folder != Path::new("") {
        process = process.folder(folder);
    }
    let mut printed = Bounded {
        bytes: Vec::new(),
        most: files::most_script_bytes(),
    };
    let streams = Streams {
        input: None,
        output: Some(&mut printed),
    };
    let finished = process.run_with(streams, stop, &mut |_, _| {})?;
    let command = finished.command.clone();
    finished.success().map_err(|error| {
        error
            .with_note("it was run as a source of the schema, and what it printed is not used")
            .with_help("run it by hand in the same folder; `exec:` takes no shell syntax")
    })?;
    if printed.bytes.iter().all(u8::is_ascii_whitespace) {
        // An empty schema would make everything in the database undeclared.
        return Err(Error::new(
            ErrorKind::Failed,
            format!("`{command}` printed nothing, so that it declares no schema"),
        )
        .with_help("it has to print statements or a schema document on its standard output"));
    }
    Ok(printed.bytes)
}

/// Bytes up to a bound.
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
}

impl std::io::Write for Bounded {
    fn write(&mut self, more: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + more.len() > self.most {
            return Err(std::io::Error::other(format!(
                "more than {} MiB of output",
                self.most / 1024 / 1024
            )));
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Takes what stands before the first statement out of a program's output: tools like to say
/// what they are about to print. The answer is how many lines those were.
pub(crate) fn without_preamble(text: &mut String) -> usize {
    const STATEMENTS: [&str; 12] = [
        "CREATE", "ALTER", "DROP", "SET", "BEGIN", "START", "COMMENT", "INSERT", "PRAGMA",
        "RENAME", "USE", "SELECT",
    ];
    let mut blank = 0;
    let mut lines = 0;
    for line in text.split_inclusive('\n') {
        let start = line.trim_start_matches('\u{feff}').trim();
        let word: String = start
            .chars()
            .take_while(char::is_ascii_alphabetic)
            .collect();
        let begins = STATEMENTS
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known));
        if begins || start.starts_with("--") || start.starts_with("/*") {
            text.replace_range(..blank, "");
            return lines;
        }
        lines += usize::from(!start.is_empty());
        blank += line.len();
    }
    0
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use realign_runtime::Stop;

    use super::{output, without_preamble};

    fn run(words: &[&str], limit: u64) -> Result<Vec<u8>, realign_runtime::Error> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        output(
            &words,
            Path::new(""),
            None,
            Duration::from_secs(limit),
            &Stop::new(),
        )
    }

    #[test]
    fn what_a_program_prints_is_the_source() {
        let bytes = run(&["printf", "CREATE TABLE %s (a INT);", "$HOME"], 60).unwrap();
        assert_eq!(bytes, b"CREATE TABLE $HOME (a INT);");
    }

    #[test]
    fn a_failure_shows_what_the_program_said() {
        let error = run(&["sh", "-c", "echo half; echo no config >&2; exit 3"], 60).unwrap_err();
        assert!(error.message.contains("exit code 3"), "{error:?}");
        let notes = error.notes.join("\n");
        assert!(notes.contains("no config"), "{notes}");
        let silent = run(&["true"], 60).unwrap_err();
        assert!(silent.message.contains("printed nothing"), "{silent:?}");
    }

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let error = run(&["sleep", "600"], 1).unwrap_err();
        assert!(error.message.contains("was ended after 1"), "{error:?}");
    }

    #[test]
    fn what_tools_say_before_the_first_statement_goes() {
        let mut text =
            "\n The following SQL statements will be executed:\n\n     CREATE TABLE a (b INT);\n"
                .to_owned();
        assert_eq!(without_preamble(&mut text), 1);
        assert_eq!(text.trim(), "CREATE TABLE a (b INT);");
        let mut none = "nothing at all\n".to_owned();
        assert_eq!(without_preamble(&mut none), 0);
        assert_eq!(none, "nothing at all\n");
    }
}
