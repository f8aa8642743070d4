//! Triggers and routines.

use super::view::Prologue;
use super::{
    AlterRoutine, Characteristics, CreateRoutine, CreateTrigger, Parameter, Parser, Read, Statement,
};

impl Parser<'_> {
    pub(super) fn create_trigger(
        &mut self,
        prologue: Prologue,
        or_replace: bool,
    ) -> Read<Statement> {
        self.word("TRIGGER")?;
        let if_not_exists = self.if_not_exists();
        let name = self.object()?;
        let Some(timing) = self.one_of(&["BEFORE", "AFTER"]) else {
            return self.fail("BEFORE or AFTER");
        };
        let Some(event) = self.one_of(&["INSERT", "UPDATE", "DELETE"]) else {
            return self.fail("INSERT, UPDATE or DELETE");
        };
        self.word("ON")?;
        let table = self.object()?;
        self.word("FOR")?;
        self.word("EACH")?;
        self.word("ROW")?;
        let order = match self.one_of(&["FOLLOWS", "PRECEDES"]) {
            Some(word) => Some((word == "FOLLOWS", self.ident()?)),
            None => None,
        };
        let body = self.rest();
        if body.is_empty() {
            return self.fail("a statement");
        }
        Ok(Statement::CreateTrigger(CreateTrigger {
            name,
            or_replace,
            if_not_exists,
            definer: prologue.definer,
            timing,
            event,
            table,
            order,
            body,
        }))
    }

    /// Takes the first of these words that is next.
    pub(super) fn one_of(&mut self, words: &[&'static str]) -> Option<&'static str> {
        words
            .iter()
            .find(|word| self.cursor.eat_word(word))
            .copied()
    }

    pub(super) fn create_routine(
        &mut self,
        prologue: Prologue,
        or_replace: bool,
    ) -> Read<Statement> {
        let function = self.cursor.eat_word("FUNCTION");
        if !function {
            self.word("PROCEDURE")?;
        }
        let if_not_exists = self.if_not_exists();
        let name = self.object()?;
        if function && self.cursor.at_word("RETURNS") {
            // A function of a library (`RETURNS STRING SONAME …`) is the server's.
            self.rest();
            return Ok(Statement::Nothing);
        }
        self.symbol("(")?;
        let mut parameters = Vec::new();
        while !self.cursor.eat_symbol(")") {
            parameters.push(self.parameter()?);
            if !self.cursor.eat_symbol(",") && !self.cursor.at_symbol(")") {
                return self.fail(") or ,");
            }
        }
        let returns = if function {
            self.word("RETURNS")?;
            Some(self.type_text()?)
        } else {
            None
        };
        let characteristics = self.characteristics()?;
        let body = self.rest();
        if body.is_empty() {
            return self.fail("a statement");
        }
        Ok(Statement::CreateRoutine(CreateRoutine {
            function,
            name,
            or_replace,
            if_not_exists,
            definer: prologue.definer,
            parameters,
            returns,
            characteristics,
            body,
        }))
    }

    fn parameter(&mut self) -> Read<Parameter> {
        let mark = self.cursor.mark();
        let mut mode = self.one_of(&["INOUT", "IN", "OUT"]);
        if mode.is_some() && (self.cursor.at_symbol(",") || self.cursor.at_symbol(")")) {
            self.cursor.back_to(mark);
            mode = None;
        }
        Ok(Parameter {
            mode,
            name: self.ident()?,
            data_type: self.type_text()?,
        })
    }

    /// A type with character set and collation, as written.
    fn type_text(&mut self) -> Read<String> {
        let mark = self.cursor.mark();
        if self.cursor.eat_words(&["TYPE", "OF"]) || self.cursor.eat_words(&["ROW", "TYPE", "OF"]) {
            self.object()?;
            if self.cursor.eat_symbol(".") {
                self.ident()?;
            }
            return Ok(self.cursor.text_since(mark).to_owned());
        }
        if crate::types::read(&mut self.cursor, self.facts).is_none() {
            return self.fail("a type");
        }
        loop {
            let named = self.cursor.eat_any(&["CHARSET", "COLLATE"])
                || self.cursor.eat_words(&["CHARACTER", "SET"])
                || self.cursor.eat_words(&["CHAR", "SET"]);
            if named {
                self.ident()?;
            } else if !self.cursor.eat_any(&["BINARY", "ASCII", "UNICODE", "BYTE"]) {
                return Ok(self.cursor.text_since(mark).to_owned());
            }
        }
    }

    fn characteristics(&mut self) -> Read<Characteristics> {
        let mut said = Characteristics::default();
        loop {
            if self.cursor.eat_word("DETERMINISTIC") {
                said.deterministic = Some(true);
            } else if self.cursor.eat_words(&["NOT", "DETERMINISTIC"]) {
                said.deterministic = Some(false);
            } else if self.cursor.eat_words(&["CONTAINS", "SQL"]) {
                said.data_access = Some("CONTAINS SQL");
            } else if self.cursor.eat_words(&["NO", "SQL"]) {
                said.data_access = Some("NO SQL");
            } else if self.cursor.eat_words(&["READS", "SQL", "DATA"]) {
                said.data_access = Some("READS SQL DATA");
            } else if self.cursor.eat_words(&["MODIFIES", "SQL", "DATA"]) {
                said.data_access = Some("MODIFIES SQL DATA");
            } else if self.cursor.eat_words(&["SQL", "SECURITY"]) {
                said.security = self.one_of(&["DEFINER", "INVOKER"]);
                if said.security.is_none() {
                    return self.fail("DEFINER or INVOKER");
                }
            } else if self.cursor.eat_word("COMMENT") {
                said.comment = Some(self.string()?);
            } else if !self.cursor.eat_words(&["LANGUAGE", "SQL"]) {
                return Ok(said);
            }
        }
    }

    pub(super) fn alter_routine(&mut self) -> Read<Statement> {
        let function = self.cursor.eat_word("FUNCTION");
        if !function {
            self.word("PROCEDURE")?;
        }
        Ok(Statement::AlterRoutine(AlterRoutine {
            function,
            name: self.object()?,
            characteristics: self.characteristics()?,
        }))
    }
}
