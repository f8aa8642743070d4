//! CREATE TRIGGER.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Cursor, Path, Reading, Timing};
use crate::render::{ident, live_ident, string_literal};

/// A trigger as it is written, in a form in which two spellings of one are equal but for the
/// expression of WHEN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TriggerText {
    /// Its name.
    pub(crate) name: String,
    /// `OR REPLACE`.
    pub(crate) replace: bool,
    /// `CONSTRAINT`.
    pub(crate) constraint: bool,
    /// BEFORE, AFTER or INSTEAD OF.
    pub(crate) moment: String,
    /// INSERT, DELETE, TRUNCATE, and UPDATE with its columns.
    pub(crate) events: BTreeSet<String>,
    /// The columns of UPDATE OF.
    pub(crate) columns: Vec<String>,
    /// The table.
    pub(crate) table: Path,
    /// `FROM`.
    pub(crate) from: Option<String>,
    /// When a constraint's trigger is checked.
    pub(crate) timing: Timing,
    /// `OLD TABLE` and `NEW TABLE` with their names.
    pub(crate) referencing: BTreeSet<String>,
    /// FOR EACH ROW.
    pub(crate) each_row: bool,
    /// WHEN, without its parentheses.
    pub(crate) when: Option<String>,
    /// The function.
    pub(crate) function: Path,
    /// Its arguments as text.
    pub(crate) arguments: Vec<String>,
}

impl Cursor<'_> {
    /// A whole CREATE TRIGGER.
    pub(crate) fn trigger(&mut self) -> Reading<TriggerText> {
        self.expect("create")?;
        let replace = self.take_all(&["or", "replace"]);
        let constraint = self.take("constraint");
        self.expect("trigger")?;
        let name = self.text_name()?;
        let moment = if self.take("before") {
            "BEFORE"
        } else if self.take("after") {
            "AFTER"
        } else if self.take_all(&["instead", "of"]) {
            "INSTEAD OF"
        } else {
            return Err(self.expected("BEFORE, AFTER or INSTEAD OF"));
        };
        let mut events = BTreeSet::new();
        let mut columns = Vec::new();
        loop {
            let event = ["insert", "update", "delete", "truncate"]
                .into_iter()
                .find(|event| self.take(event))
                .ok_or_else(|| self.expected("INSERT, UPDATE, DELETE or TRUNCATE"))?;
            events.insert(event.to_uppercase());
            if event == "update" && self.take("of") {
                columns.push(self.text_name()?);
                while self.take_symbol(",") {
                    columns.push(self.text_name()?);
                }
            }
            if !self.take("or") {
                break;
            }
        }
        self.expect("on")?;
        let table = self.path()?;
        let mut found = TriggerText {
            name,
            replace,
            constraint,
            moment: moment.to_owned(),
            events,
            columns,
            table,
            from: None,
            timing: Timing::default(),
            referencing: BTreeSet::new(),
            each_row: false,
            when: None,
            function: Path {
                schema: None,
                name: String::new(),
                at: 0,
            },
            arguments: Vec::new(),
        };
        if self.take("from") {
            let path = self.path()?;
            found.from = Some(path.name);
        }
        found.timing = self.timing();
        if self.take("referencing") {
            while self.sees_any(&["old", "new"]) {
                let side = if self.take("old") { "OLD" } else { "NEW" };
                if side == "NEW" {
                    self.expect("new")?;
                }
                self.expect("table")?;
                self.take("as");
                let name = self.text_name()?;
                found.referencing.insert(format!("{side} TABLE AS {name}"));
            }
        }
        if self.take("for") {
            self.take("each");
            found.each_row = self.take("row");
            if !found.each_row {
                self.expect("statement")?;
            }
        }
        if self.take("when") {
            found.when = Some(self.group()?.to_owned());
        }
        self.expect("execute")?;
        if !self.take("function") {
            self.expect("procedure")?;
        }
        found.function = self.path()?;
        self.expect_symbol("(")?;
        while !self.sees_symbol(")") {
            match self.peek() {
                Some(token) => found.arguments.push(token.text.to_string()),
                None => return Err(self.expected(")")),
            }
            self.skip();
            self.take_symbol(",");
        }
        self.expect_symbol(")")?;
        self.expect_end()?;
        Ok(found)
    }
}

impl TriggerText {
    /// The trigger of a text.
    pub(crate) fn read(text: &str) -> Option<Self> {
        Cursor::new(text.trim().trim_end_matches(';'))
            .trigger()
            .ok()
    }

    /// The whole statement, as the server prints it.
    pub(crate) fn render(&self) -> String {
        let mut text = String::from("CREATE ");
        if self.constraint {
            text.push_str("CONSTRAINT ");
        }
        let name = |name: &str| ident(&live_ident(name));
        let _ = write!(text, "TRIGGER {} {} ", name(&self.name), self.moment);
        let events: Vec<String> = ["INSERT", "DELETE", "UPDATE", "TRUNCATE"]
            .into_iter()
            .filter(|event| self.events.contains(*event))
            .map(|event| {
                if event == "UPDATE" && !self.columns.is_empty() {
                    let columns: Vec<String> = self.columns.iter().map(|c| name(c)).collect();
                    format!("UPDATE OF {}", columns.join(", "))
                } else {
                    event.to_owned()
                }
            })
            .collect();
        let _ = write!(text, "{} ON {}", events.join(" OR "), self.table.render());
        if let Some(from) = &self.from {
            let _ = write!(text, " FROM {}", name(from));
        }
        if self.constraint {
            text.push_str(match (self.timing.deferrable, self.timing.deferred) {
                (false, _) => " NOT DEFERRABLE INITIALLY IMMEDIATE",
                (true, false) => " DEFERRABLE INITIALLY IMMEDIATE",
                (true, true) => " DEFERRABLE INITIALLY DEFERRED",
            });
        }
        if !self.referencing.is_empty() {
            let tables: Vec<&str> = self.referencing.iter().map(String::as_str).collect();
            let _ = write!(text, " REFERENCING {}", tables.join(" "));
        }
        text.push_str(if self.each_row {
            " FOR EACH ROW"
        } else {
            " FOR EACH STATEMENT"
        });
        if let Some(when) = &self.when {
            let _ = write!(text, " WHEN ({when})");
        }
        let arguments: Vec<String> = self.arguments.iter().map(|a| string_literal(a)).collect();
        let _ = write!(
            text,
            " EXECUTE FUNCTION {}({})",
            self.function.render(),
            arguments.join(", ")
        );
        text
    }
}
