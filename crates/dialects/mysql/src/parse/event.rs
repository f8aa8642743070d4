//! Scheduled events.

use super::view::Prologue;
use super::{AlterEvent, CreateEvent, EventClauses, Parser, Read, Schedule, Statement};

impl Parser<'_> {
    pub(super) fn create_event(&mut self, prologue: Prologue, or_replace: bool) -> Read<Statement> {
        self.word("EVENT")?;
        let if_not_exists = self.if_not_exists();
        let name = self.object()?;
        let mut clauses = EventClauses {
            definer: prologue.definer,
            ..EventClauses::default()
        };
        self.event_clauses(&mut clauses)?;
        if clauses.schedule.is_none() || clauses.body.is_none() {
            return self.fail("ON SCHEDULE and DO");
        }
        Ok(Statement::CreateEvent(CreateEvent {
            name,
            or_replace,
            if_not_exists,
            clauses,
        }))
    }

    pub(super) fn alter_event(&mut self, prologue: Prologue) -> Read<Statement> {
        self.word("EVENT")?;
        let mut alter = AlterEvent {
            name: self.object()?,
            rename_to: None,
            clauses: EventClauses {
                definer: prologue.definer,
                ..EventClauses::default()
            },
        };
        self.schedule(&mut alter.clauses)?;
        self.completion(&mut alter.clauses)?;
        if self.cursor.eat_words(&["RENAME", "TO"]) {
            alter.rename_to = Some(self.object()?);
        }
        self.event_clauses(&mut alter.clauses)?;
        Ok(Statement::AlterEvent(alter))
    }

    fn event_clauses(&mut self, clauses: &mut EventClauses) -> Read<()> {
        self.schedule(clauses)?;
        self.completion(clauses)?;
        if self.cursor.eat_word("ENABLE") {
            clauses.status = Some("ENABLE");
        } else if self.cursor.eat_word("DISABLE") {
            clauses.status = Some(if self.cursor.eat_word("ON") {
                if !self.cursor.eat_any(&["SLAVE", "REPLICA"]) {
                    return self.fail("SLAVE");
                }
                "DISABLE ON SLAVE"
            } else {
                "DISABLE"
            });
        }
        if self.cursor.eat_word("COMMENT") {
            clauses.comment = Some(self.string()?);
        }
        if self.cursor.eat_word("DO") {
            clauses.body = Some(self.rest());
        }
        Ok(())
    }

    fn schedule(&mut self, clauses: &mut EventClauses) -> Read<()> {
        if !self.cursor.eat_words(&["ON", "SCHEDULE"]) {
            return Ok(());
        }
        if self.cursor.eat_word("AT") {
            clauses.schedule = Some(Schedule::At(self.until_clause(&[])?));
            return Ok(());
        }
        self.word("EVERY")?;
        let mark = self.cursor.mark();
        if self.cursor.eat_group().is_none() {
            self.cursor.eat_symbol("-");
            if self.cursor.take().is_none() {
                return self.fail("an interval");
            }
        }
        let interval = self.cursor.text_since(mark).to_owned();
        let unit = self.ident()?.text.to_ascii_uppercase();
        let starts = if self.cursor.eat_word("STARTS") {
            Some(self.until_clause(&["ENDS"])?)
        } else {
            None
        };
        let ends = if self.cursor.eat_word("ENDS") {
            Some(self.until_clause(&[])?)
        } else {
            None
        };
        clauses.schedule = Some(Schedule::Every {
            interval,
            unit,
            starts,
            ends,
        });
        Ok(())
    }

    /// A moment: everything up to the next clause.
    fn until_clause(&mut self, further: &[&str]) -> Read<String> {
        const NEXT: [&str; 6] = ["ON", "ENABLE", "DISABLE", "COMMENT", "DO", "RENAME"];
        let mark = self.cursor.mark();
        while !self.cursor.is_at_end()
            && !NEXT
                .iter()
                .chain(further)
                .any(|word| self.cursor.at_word(word))
        {
            self.cursor.take();
        }
        if self.cursor.mark() == mark {
            return self.fail("a moment");
        }
        Ok(self.cursor.text_since(mark).to_owned())
    }

    fn completion(&mut self, clauses: &mut EventClauses) -> Read<()> {
        if !self.cursor.eat_words(&["ON", "COMPLETION"]) {
            return Ok(());
        }
        let not = self.cursor.eat_word("NOT");
        self.word("PRESERVE")?;
        clauses.preserve = Some(!not);
        Ok(())
    }
}
