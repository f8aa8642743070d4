//! The layout of Symfony's console: sections underlined, blocks with a mark in brackets,
//! one empty line between them. A sentence is never wrapped and never filled up with
//! blanks, so that a script finds it whole.

use std::fmt::Write as _;

use anstyle::Style;
use realign::planner::Statement;

use super::super::document::{CheckStatus, ClassDocument, MappingDocument, SyncDocument};
use super::super::style::{BAD, CARE, GOOD, paint};
use super::{
    ASKED_FOR, HARMLESS, Mode, PLEASE, UNREADABLE, Work, more, queries_were, would_execute,
};

const PRODUCTION: &str = "This operation should not be executed in a production environment!";

/// A text in the making. Its beginning counts as an empty line only where a page goes on.
struct Page(String);

impl Page {
    fn new() -> Self {
        Self(String::new())
    }

    /// One empty line before what follows.
    fn part(&mut self) {
        if self.0.is_empty() {
            self.0.push('\n');
        }
        while !self.0.ends_with("\n\n") && self.0 != "\n" {
            self.0.push('\n');
        }
    }

    /// A line that is not part of a block.
    fn line(&mut self, text: &str) {
        // Writing into a String cannot fail, here and below.
        let _ = writeln!(self.0, "{}", format!(" {text}").trim_end());
    }

    fn blank(&mut self) {
        self.0.push('\n');
    }

    /// Paragraphs behind a mark; `prefix` begins every line.
    fn block(&mut self, style: Style, prefix: &str, mark: &str, paragraphs: &[&str]) {
        self.part();
        let mark = format!("[{mark}]");
        let indent = " ".repeat(mark.len());
        for (index, paragraph) in paragraphs.iter().enumerate() {
            if index == 0 {
                let _ = writeln!(self.0, "{prefix}{} {paragraph}", paint(style, &mark));
            } else {
                let _ = writeln!(self.0, "{}", prefix.trim_end());
                let line = format!("{prefix}{indent} {paragraph}");
                let _ = writeln!(self.0, "{}", line.trim_end());
            }
        }
        self.blank();
    }

    fn good(&mut self, text: &str) {
        self.block(GOOD, " ", "OK", &[text]);
    }

    fn bad(&mut self, text: &str) {
        self.block(BAD, " ", "ERROR", &[text]);
    }

    fn caution(&mut self, paragraphs: &[&str]) {
        self.block(CARE, " ! ", "CAUTION", paragraphs);
    }

    fn section(&mut self, title: &str) {
        self.part();
        let _ = writeln!(self.0, "{title}\n{}\n", "-".repeat(title.len()));
    }

    /// Failed checks of a class below a sentence about it.
    fn class(&mut self, sentence: &str, class: &ClassDocument) {
        self.line(sentence);
        for problem in &class.problems {
            self.line(&format!("* {}", problem.message));
        }
        self.blank();
        self.blank();
    }
}

/// There is nothing to do.
pub(super) fn nothing(work: Work, mode: Mode, sentence: &str) -> String {
    let mut page = Page::new();
    if work == Work::Drop && !mode.dump && !mode.force {
        page.caution(&[PRODUCTION]);
    }
    page.good(sentence);
    page.0
}

/// What would be executed, and how.
pub(super) fn planned(name: &str, work: Work, _mode: Mode, queries: usize) -> String {
    let mut page = Page::new();
    match work {
        Work::Update => page.caution(&[
            PRODUCTION,
            "",
            "Use the incremental update to detect changes during development and use",
            "the SQL DDL provided to manually update your database in production.",
        ]),
        Work::Create | Work::Drop => page.caution(&[PRODUCTION]),
    }
    page.line(&would_execute(queries));
    if work == Work::Create {
        page.line(ASKED_FOR);
    }
    page.blank();
    page.line(PLEASE);
    page.blank();
    page.line(&format!("    {name} --force to execute the command"));
    page.line(&format!(
        "    {name} --dump-sql to dump the SQL statements to the screen"
    ));
    page.0
}

/// Before the first statement is executed.
pub(super) fn begin(work: Work, mode: Mode) -> String {
    let mut page = Page::new();
    if work == Work::Create && !mode.dump {
        page.caution(&[PRODUCTION]);
    } else if mode.dump {
        page.blank();
    }
    page.line(&format!("{} database schema...", work.doing()));
    page.blank();
    page.0
}

/// After the last one: goes on where [`begin`] ended.
pub(super) fn done(work: Work, queries: usize) -> String {
    let mut page = Page::new();
    if work == Work::Update {
        page.line(&format!("    {queries} {} executed", queries_were(queries)));
        page.good("Database schema updated successfully!");
    } else {
        page.good(&format!("Database schema {} successfully!", work.done()));
        // The empty line is there already.
        page.0.remove(0);
    }
    page.0
}

/// The verdict of `validate`.
pub(super) fn verdict(
    mapping: &MappingDocument,
    sync: &SyncDocument,
    statements: Option<&[&Statement]>,
) -> String {
    let mut page = Page::new();
    page.section("Mapping");
    for class in &mapping.warned {
        let sentence = format!(
            "{} Doctrine calls the mapping of the entity-class {} invalid; {HARMLESS}:",
            paint(CARE, "[WARN]"),
            class.class
        );
        page.class(&sentence, class);
    }
    match mapping.status {
        CheckStatus::Ok => page.good("The mapping files are correct."),
        CheckStatus::Skipped => page.line("[SKIPPED] The mapping was not checked."),
        CheckStatus::Fail if mapping.invalid.is_empty() => page.bad(UNREADABLE),
        CheckStatus::Fail => {
            for class in &mapping.invalid {
                let sentence = format!(
                    "{} The entity-class {} mapping is invalid:",
                    paint(BAD, "[FAIL]"),
                    class.class
                );
                page.class(&sentence, class);
            }
        }
    }
    page.section("Database");
    match sync.status {
        CheckStatus::Ok => page.good("The database schema is in sync with the mapping files."),
        CheckStatus::Skipped => {
            page.line("[SKIPPED] The database was not checked for synchronicity.");
        }
        CheckStatus::Fail => {
            page.bad("The database schema is not in sync with the current mapping file.");
            if let Some(statements) = statements {
                page.part();
                let _ = writeln!(
                    page.0,
                    " // {} schema diff(s) detected:\n",
                    statements.len()
                );
                for statement in statements {
                    let sql = statement.sql.trim_end().trim_end_matches(';');
                    page.line(&format!("    {sql};"));
                }
                page.blank();
            }
            page.line(&more(sync));
        }
    }
    page.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::plain;

    #[test]
    fn blocks_stand_one_empty_line_apart() {
        let mut page = Page::new();
        page.section("Mapping");
        page.good("Fine.");
        page.section("Database");
        page.bad("Not fine.");
        page.caution(&["One.", "", "Two."]);
        page.line("Three.");
        assert_eq!(
            plain(&page.0),
            "\nMapping\n-------\n\n [OK] Fine.\n\nDatabase\n--------\n\n [ERROR] Not fine.\n\n \
             ! [CAUTION] One.\n !\n !\n !\n !           Two.\n\n Three.\n"
        );
    }

    #[test]
    fn one_query_was_executed() {
        assert_eq!(
            plain(&done(Work::Update, 1)),
            "     1 query was executed\n\n [OK] Database schema updated successfully!\n\n"
        );
        assert_eq!(
            plain(&done(Work::Drop, 2)),
            " [OK] Database schema dropped successfully!\n\n"
        );
    }
}
