//! Sequences (MariaDB).

use super::{CreateSequence, Limit, Parser, Read, SequenceClauses, Statement};
use crate::lexer::TokenKind;

impl Parser<'_> {
    pub(super) fn create_sequence(&mut self, or_replace: bool) -> Read<Statement> {
        self.word("SEQUENCE")?;
        let if_not_exists = self.if_not_exists();
        Ok(Statement::CreateSequence(CreateSequence {
            name: self.object()?,
            or_replace,
            if_not_exists,
            clauses: self.sequence_clauses()?,
        }))
    }

    pub(super) fn alter_sequence(&mut self) -> Read<Statement> {
        self.word("SEQUENCE")?;
        let if_exists = self.if_exists();
        Ok(Statement::AlterSequence {
            name: self.object()?,
            if_exists,
            clauses: self.sequence_clauses()?,
        })
    }

    fn sequence_clauses(&mut self) -> Read<SequenceClauses> {
        let mut said = SequenceClauses::default();
        loop {
            if self.cursor.eat_word("AS") {
                if crate::types::read(&mut self.cursor, self.facts).is_none() {
                    return self.fail("a type");
                }
            } else if self.cursor.eat_word("START") {
                self.cursor.eat_word("WITH");
                said.start = Some(self.integer()?);
            } else if self.cursor.eat_word("INCREMENT") {
                self.cursor.eat_word("BY");
                said.increment = Some(self.integer()?);
            } else if self.cursor.eat_word("MINVALUE") {
                said.min = Some(Limit::At(self.integer()?));
            } else if self.cursor.eat_word("MAXVALUE") {
                said.max = Some(Limit::At(self.integer()?));
            } else if self.cursor.eat_words(&["NO", "MINVALUE"])
                || self.cursor.eat_word("NOMINVALUE")
            {
                said.min = Some(Limit::No);
            } else if self.cursor.eat_words(&["NO", "MAXVALUE"])
                || self.cursor.eat_word("NOMAXVALUE")
            {
                said.max = Some(Limit::No);
            } else if self.cursor.eat_words(&["NO", "CACHE"]) || self.cursor.eat_word("NOCACHE") {
                said.cache = Some(0);
            } else if self.cursor.eat_word("CACHE") {
                said.cache = u64::try_from(self.integer()?).ok();
            } else if self.cursor.eat_words(&["NO", "CYCLE"]) || self.cursor.eat_word("NOCYCLE") {
                said.cycle = Some(false);
            } else if self.cursor.eat_word("CYCLE") {
                said.cycle = Some(true);
            } else if self.cursor.eat_word("RESTART") {
                // The counter is no part of the schema.
                self.cursor.eat_word("WITH");
                if matches!(self.cursor.peek(), Some((TokenKind::Number, _)))
                    || self.cursor.at_symbol("=")
                {
                    self.integer()?;
                }
            } else if self.cursor.is_at_end() || self.cursor.at_symbol(";") {
                return Ok(said);
            } else {
                self.table_option()?;
            }
        }
    }

    fn integer(&mut self) -> Read<i128> {
        self.cursor.eat_symbol("=");
        let negative = self.cursor.eat_symbol("-");
        let number = match self.cursor.peek() {
            Some((TokenKind::Number, text)) => text.parse::<i128>().ok(),
            _ => None,
        };
        let Some(number) = number else {
            return self.fail("a whole number");
        };
        self.cursor.take();
        Ok(if negative { -number } else { number })
    }
}
