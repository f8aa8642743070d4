//! What migrations would have done to the database, for who only looks.

use std::collections::HashSet;

use realign_model::Database;
use realign_planner::{SchemaScript, Severity, StatementKind};

use super::Loaded;
use crate::kernel::{Site, UnitStatement};
use crate::{Connection, Error, inspect_known};

/// The statements that a run would have sent by now, and the schema as they leave it on paper.
#[derive(Debug, Default)]
pub(super) struct Ahead<'l> {
    statements: Vec<&'l UnitStatement>,
    /// Names of what they change, in lower case.
    changed: HashSet<String>,
    /// What one of them changes nobody knows.
    anything: bool,
    paper: Paper,
}

/// True when a text has this name in it as a whole word.
fn names(text: &str, name: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let after = text.get(at + name.len()..).unwrap_or_default();
            let before = text.get(..at).unwrap_or_default();
            !before.ends_with(goes_on) && !after.starts_with(goes_on)
        })
}

#[derive(Debug, Default)]
enum Paper {
    /// Not asked for yet.
    #[default]
    Blank,
    Drawn(Drawn),
    /// One of them can't be read.
    Unreadable,
}

/// The schema behind some of the statements.
#[derive(Debug)]
struct Drawn {
    schema: Database,
    /// How many of them.
    done: usize,
    /// Those of them that say how the rest is read, as a script.
    settings: String,
}

impl<'l> Ahead<'l> {
    /// A migration would run.
    pub(super) fn passes(&mut self, migration: &'l Loaded) {
        for statement in &migration.unit.statements {
            match statement.nature.kind {
                StatementKind::Query | StatementKind::Transaction => continue,
                StatementKind::Other => self.anything = true,
                StatementKind::Definition | StatementKind::Data | StatementKind::Session => {}
            }
            let touched = statement.nature.touches.iter();
            self.changed
                .extend(touched.map(|object| object.name.to_lowercase()));
            self.statements.push(statement);
        }
    }

    /// The last of them may be left out: what the schema is behind it nobody knows.
    pub(super) fn may_be_left_out(&mut self) {
        self.paper = Paper::Unreadable;
    }

    /// Nothing has been left to run so far.
    pub(super) fn is_nothing(&self) -> bool {
        self.statements.is_empty()
    }

    /// True when the answer of this query may be another one once they have run.
    pub(super) fn changes(&self, query: &str) -> bool {
        let query = query.to_lowercase();
        self.anything || self.changed.iter().any(|name| names(&query, name))
    }

    /// The schema as they leave it; none where that can't be told.
    pub(super) fn schema(
        &mut self,
        connection: &mut Connection,
        site: &Site,
    ) -> Result<Option<&Database>, Error> {
        let mut drawn = match std::mem::replace(&mut self.paper, Paper::Unreadable) {
            Paper::Blank => Drawn {
                schema: inspect_known(connection, site.dialect, site.facts.clone())?.database,
                done: 0,
                settings: String::new(),
            },
            Paper::Drawn(drawn) => drawn,
            Paper::Unreadable => return Ok(None),
        };
        for statement in self.statements.iter().skip(drawn.done) {
            match drawn.with(site, statement) {
                Some(next) => drawn = next,
                None => return Ok(None),
            }
        }
        self.paper = Paper::Drawn(drawn);
        Ok(match &self.paper {
            Paper::Drawn(drawn) => Some(&drawn.schema),
            Paper::Blank | Paper::Unreadable => None,
        })
    }
}

impl Drawn {
    /// What the next statement makes of it; none where it can't be read.
    fn with(mut self, site: &Site, statement: &UnitStatement) -> Option<Self> {
        self.done += 1;
        match statement.nature.kind {
            StatementKind::Definition => {}
            StatementKind::Other => return None,
            StatementKind::Session if statement.nature.plain_setting => {
                self.settings.push_str(&statement.sql);
                self.settings.push_str("\n;\n");
                return Some(self);
            }
            StatementKind::Data
            | StatementKind::Session
            | StatementKind::Query
            | StatementKind::Transaction => return Some(self),
        }
        let text = format!("{}{}", self.settings, statement.sql);
        let script = SchemaScript {
            path: "",
            text: &text,
        };
        let interpreter = site.dialect.interpret();
        let read = interpreter.interpret(&script, self.schema, &site.facts);
        let mut told = read.diagnostics.iter();
        let fails = read.skipped_bytes > 0 || told.any(|told| told.severity == Severity::Error);
        self.schema = read.database;
        (!fails).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_name_counts_as_a_whole_word() {
        for text in ["select 1 from a", "from \"a\"", "a.b", "count(a)", "x, a"] {
            assert!(names(text, "a"), "{text}");
        }
        for text in ["select max(b) from table", "a_b", "ä a1", ""] {
            assert!(!names(text, "a"), "{text}");
        }
    }
}
