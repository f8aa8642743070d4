//! Views, and what stands before the name of anything that has a definer.

use super::{CreateView, Parser, Read, Statement};
use crate::lexer::TokenKind;

/// What may stand between CREATE and the kind of object.
#[derive(Debug, Default)]
pub(super) struct Prologue {
    /// The account behind DEFINER, as written.
    pub(super) definer: Option<String>,
    /// `MERGE`, `TEMPTABLE` or `UNDEFINED`.
    pub(super) algorithm: Option<String>,
    /// `DEFINER` or `INVOKER`.
    pub(super) security: Option<String>,
}

impl Parser<'_> {
    /// CREATE of a view, trigger, routine or event.
    pub(super) fn create_program(&mut self, or_replace: bool) -> Read<Statement> {
        let prologue = self.prologue()?;
        self.cursor.eat_word("AGGREGATE");
        match self
            .cursor
            .peek_word()
            .map(str::to_ascii_uppercase)
            .as_deref()
        {
            Some("VIEW") => self.view(prologue, or_replace, false),
            Some("TRIGGER") => self.create_trigger(prologue, or_replace),
            Some("PROCEDURE" | "FUNCTION") => self.create_routine(prologue, or_replace),
            Some("EVENT") => self.create_event(prologue, or_replace),
            _ => self.fail("VIEW, TRIGGER, PROCEDURE, FUNCTION or EVENT"),
        }
    }

    /// ALTER of a view, routine or event.
    pub(super) fn alter_program(&mut self) -> Read<Statement> {
        let prologue = self.prologue()?;
        match self
            .cursor
            .peek_word()
            .map(str::to_ascii_uppercase)
            .as_deref()
        {
            Some("VIEW") => self.view(prologue, true, true),
            Some("PROCEDURE" | "FUNCTION") => self.alter_routine(),
            Some("EVENT") => self.alter_event(prologue),
            _ => self.fail("VIEW, PROCEDURE, FUNCTION or EVENT"),
        }
    }

    fn prologue(&mut self) -> Read<Prologue> {
        let mut prologue = Prologue::default();
        loop {
            if self.cursor.eat_word("ALGORITHM") {
                self.symbol("=")?;
                prologue.algorithm = Some(self.ident()?.text.to_ascii_uppercase());
            } else if self.cursor.eat_word("DEFINER") {
                self.symbol("=")?;
                prologue.definer = Some(self.account()?);
            } else if self.cursor.eat_words(&["SQL", "SECURITY"]) {
                prologue.security = Some(self.ident()?.text.to_ascii_uppercase());
            } else {
                return Ok(prologue);
            }
        }
    }

    /// An account in the catalogue's spelling: `root@localhost`, `CURRENT_USER`.
    fn account(&mut self) -> Read<String> {
        if self
            .cursor
            .eat_any(&["CURRENT_USER", "CURRENT_ROLE", "SESSION_USER", "USER"])
        {
            self.cursor.eat_group();
            return Ok("CURRENT_USER".to_owned());
        }
        let user = self.account_part()?;
        if !self.cursor.eat_symbol("@") {
            return Ok(format!("{user}@%"));
        }
        Ok(format!("{user}@{}", self.account_part()?))
    }

    fn account_part(&mut self) -> Read<String> {
        if self.cursor.eat_symbol("%") {
            return Ok("%".to_owned());
        }
        if let Some((TokenKind::String, _)) = self.cursor.peek() {
            return self.string();
        }
        // A bare host may have dots and dashes.
        let mut text = self.ident()?.text;
        while self.cursor.at_symbol(".") || self.cursor.at_symbol("-") {
            let Some((_, mark)) = self.cursor.take() else {
                break;
            };
            text.push_str(mark);
            text.push_str(&self.ident()?.text);
        }
        Ok(text)
    }

    fn view(&mut self, prologue: Prologue, or_replace: bool, alters: bool) -> Read<Statement> {
        self.word("VIEW")?;
        let if_not_exists = self.if_not_exists();
        let name = self.object()?;
        let columns = if self.cursor.at_symbol("(") {
            self.ident_list()?
        } else {
            Vec::new()
        };
        self.word("AS")?;
        let mut options = Vec::new();
        for (word, value) in [
            ("ALGORITHM=", prologue.algorithm),
            ("DEFINER=", prologue.definer),
            ("SQL SECURITY ", prologue.security),
        ] {
            options.extend(value.map(|value| format!("{word}{value}")));
        }
        let query = self.rest();
        if query.is_empty() {
            return self.fail("a query");
        }
        let (query, check_option) = without_check_option(&query);
        Ok(Statement::CreateView(Box::new(CreateView {
            name,
            or_replace,
            if_not_exists,
            alters,
            options,
            columns,
            query: query.to_owned(),
            check_option,
        })))
    }
}

/// Takes `WITH [CASCADED | LOCAL] CHECK OPTION` from the end of a query.
fn without_check_option(query: &str) -> (&str, Option<&'static str>) {
    for (words, option) in [
        (&["WITH", "LOCAL", "CHECK", "OPTION"][..], "LOCAL"),
        (&["WITH", "CASCADED", "CHECK", "OPTION"], "CASCADED"),
        (&["WITH", "CHECK", "OPTION"], "CASCADED"),
    ] {
        let mut rest = query;
        let all = words.iter().rev().all(|word| {
            rest = rest.trim_end();
            let Some(at) = rest.len().checked_sub(word.len()) else {
                return false;
            };
            match (rest.get(..at), rest.get(at..)) {
                (Some(before), Some(last)) if last.eq_ignore_ascii_case(word) => {
                    rest = before;
                    true
                }
                _ => false,
            }
        });
        if all && rest.ends_with(|c: char| c.is_whitespace() || c == ')' || c == '`') {
            return (rest.trim_end(), Some(option));
        }
    }
    (query, None)
}
