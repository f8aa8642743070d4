//! laravel-doctrine's layout: a line a sentence.

use std::fmt::Write as _;

use realign::planner::Statement;

use super::super::document::{CheckStatus, MappingDocument, SyncDocument};
use super::super::style::{BAD, CARE, GOOD, paint};
use super::{
    ASKED_FOR, HARMLESS, Mode, PLEASE, UNREADABLE, Work, more, queries_were, would_execute,
};

const ATTENTION: &str =
    "ATTENTION: This operation should not be executed in a production environment.";

/// What each command says before anything else.
pub(super) fn heading(work: Work, mode: Mode) -> String {
    let mut text = String::new();
    let warned = match work {
        Work::Create => !mode.dump,
        Work::Update => !mode.dump && !mode.force,
        Work::Drop => true,
    };
    if warned {
        // Writing into a String cannot fail, here and below.
        let _ = writeln!(text, "{}", paint(CARE, ATTENTION));
        if work == Work::Update {
            text.push_str(
                "Use the incremental update to detect changes during development and use\n\
                 the SQL DDL provided to manually update your database in production.\n",
            );
        }
    }
    text.push_str(match work {
        // Nothing is created, and the original has no such answer.
        Work::Create if !mode.dump && !mode.force => "",
        Work::Create => "Creating database schema for default entity manager...\n",
        Work::Update => {
            "\nChecking if database connected to default entity manager needs updating...\n"
        }
        Work::Drop => "\nChecking scheme for default entity manager...\n",
    });
    text
}

/// What would be executed, and how.
pub(super) fn planned(name: &str, work: Work, mode: Mode, queries: usize) -> String {
    let mut text = heading(work, mode);
    let _ = writeln!(text, "{}", would_execute(queries));
    if work == Work::Create {
        let _ = writeln!(text, "{ASKED_FOR}");
    }
    let _ = write!(
        text,
        "\n{PLEASE}\n    realign {name} --force to execute the command\n    \
         realign {name} --sql to dump the SQL statements to the screen\n"
    );
    text
}

/// The statements as one block: five blanks in front of the first, a semicolon and five
/// blanks after each but the last.
pub(super) fn script<'a>(statements: impl IntoIterator<Item = &'a Statement>) -> String {
    let all: Vec<&str> = statements
        .into_iter()
        .map(|statement| statement.sql.trim_end().trim_end_matches(';'))
        .collect();
    if all.is_empty() {
        return String::new();
    }
    format!("     {}\n", all.join(";     \n"))
}

/// Before the first statement is executed.
pub(super) fn begin(work: Work, mode: Mode) -> String {
    // With the statements the heading was told already.
    let mut text = if mode.dump {
        String::new()
    } else {
        heading(work, mode)
    };
    if work != Work::Create {
        let _ = writeln!(text, "{} database schema...", work.doing());
    }
    text
}

/// After the last one.
pub(super) fn done(work: Work, queries: usize) -> String {
    let sentence = format!("Database schema {} successfully!", work.done());
    let sentence = paint(GOOD, &sentence);
    match work {
        Work::Update => format!(
            "{sentence} \"{queries}\" {} executed\n",
            queries_were(queries)
        ),
        Work::Create | Work::Drop => format!("{sentence}\n"),
    }
}

/// The verdict of `validate`. The two lines about what was skipped begin without their
/// bracket, as they do there.
pub(super) fn verdict(
    mapping: &MappingDocument,
    sync: &SyncDocument,
    statements: Option<&[&Statement]>,
) -> String {
    let mut text = "\nValidating for default entity manager...\n".to_owned();
    for class in &mapping.warned {
        let _ = writeln!(
            text,
            "[Mapping]  {} - Doctrine calls the mapping of the entity-class '{}' invalid; {HARMLESS}:\n",
            paint(CARE, "WARN"),
            class.class
        );
        for problem in &class.problems {
            let _ = writeln!(text, "* {}", problem.message);
        }
    }
    match mapping.status {
        CheckStatus::Ok => {
            let _ = writeln!(
                text,
                "[Mapping]  {}",
                paint(GOOD, "OK - The mapping files are correct.")
            );
        }
        CheckStatus::Skipped => text.push_str("Mapping]  Skipped mapping check.\n"),
        CheckStatus::Fail if mapping.invalid.is_empty() => {
            let _ = writeln!(text, "[Mapping]  {} - {UNREADABLE}", paint(BAD, "FAIL"));
        }
        CheckStatus::Fail => {
            for class in &mapping.invalid {
                let _ = writeln!(
                    text,
                    "[Mapping]  {} - The entity-class '{}' mapping is invalid:\n",
                    paint(BAD, "FAIL"),
                    class.class
                );
                for problem in &class.problems {
                    let _ = writeln!(text, "* {}", problem.message);
                }
            }
        }
    }
    match sync.status {
        CheckStatus::Ok => {
            let _ = writeln!(
                text,
                "[Database] {}",
                paint(
                    GOOD,
                    "OK - The database schema is in sync with the mapping files."
                )
            );
        }
        CheckStatus::Skipped => {
            text.push_str("Database] SKIPPED - The database was not checked for synchronicity.\n");
        }
        CheckStatus::Fail => {
            let _ = writeln!(
                text,
                "[Database] {} - The database schema is not in sync with the current mapping file.",
                paint(BAD, "FAIL")
            );
            if let Some(statements) = statements {
                for statement in statements {
                    let sql = statement.sql.trim_end().trim_end_matches(';');
                    let _ = writeln!(text, "    {sql};");
                }
            }
            let _ = writeln!(text, "{}", more(sync));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use realign::planner::Statement;

    use super::script;

    #[test]
    fn statements_are_one_block() {
        let statements = [
            Statement::new("CREATE TABLE a (b)"),
            Statement::new("DROP c;"),
        ];
        assert_eq!(
            script(&statements),
            "     CREATE TABLE a (b);     \nDROP c\n"
        );
        assert_eq!(script(&[]), "");
    }
}
