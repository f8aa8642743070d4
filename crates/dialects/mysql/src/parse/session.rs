//! SET: what changes the meaning of the statements behind it.

use super::{Parser, Read, Statement};
use crate::lexer::{TokenKind, name_value, string_value};
use crate::settings::{CLIENT, COLLATION};

/// One assignment of SET.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The variable in lower case; those of the user begin with `@`.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: SettingValue,
}

/// The value of an assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SettingValue {
    /// A word, a number or a text.
    Text(String),
    /// The value of another variable, named as in [`Setting::name`].
    Of(String),
    /// What the server starts with.
    Default,
    /// Computed: only a server could tell.
    Unknown,
}

impl Parser<'_> {
    /// Never fails: what is no assignment is passed over.
    pub(super) fn set(&mut self) -> Read<Statement> {
        self.word("SET")?;
        let mut settings = Vec::new();
        if self.cursor.eat_word("NAMES") || self.cursor.eat_words(&["CHARACTER", "SET"]) {
            settings.extend(self.names());
        }
        loop {
            self.cursor.eat_any(&["SESSION", "LOCAL"]);
            if self.is_for_all() {
                break;
            }
            let Some(name) = self.variable() else {
                break;
            };
            self.cursor.eat_symbol(":");
            if !self.cursor.eat_symbol("=") {
                break;
            }
            let value = self.setting_value();
            settings.push(Setting { name, value });
            if !self.cursor.eat_symbol(",") {
                break;
            }
        }
        self.rest();
        Ok(Statement::Set(settings))
    }

    /// `SET NAMES utf8mb4 COLLATE utf8mb4_bin`, behind the first word.
    fn names(&mut self) -> Vec<Setting> {
        let set = |name: &str, value: SettingValue| Setting {
            name: name.to_owned(),
            value,
        };
        let mut settings = vec![set(CLIENT, self.setting_word())];
        if self.cursor.eat_word("COLLATE") {
            settings.push(set(COLLATION, self.setting_word()));
        }
        self.cursor.eat_symbol(",");
        settings
    }

    /// A word or a text.
    fn setting_word(&mut self) -> SettingValue {
        let word = self
            .cursor
            .take()
            .and_then(|(kind, text)| name_value(kind, text));
        match word {
            Some(word) if word.eq_ignore_ascii_case("DEFAULT") => SettingValue::Default,
            Some(word) => SettingValue::Text(word.to_ascii_lowercase()),
            None => SettingValue::Unknown,
        }
    }

    /// True at a setting that is not the session's: `GLOBAL x`, `@@GLOBAL.x`, `@@PERSIST.x`.
    fn is_for_all(&mut self) -> bool {
        let mark = self.cursor.mark();
        if self.cursor.eat_symbol("@") {
            self.cursor.eat_symbol("@");
        }
        let found = ["GLOBAL", "PERSIST", "PERSIST_ONLY"]
            .iter()
            .any(|word| self.cursor.at_word(word));
        self.cursor.back_to(mark);
        found
    }

    /// `sql_mode`, `@@session.sql_mode`, `@old_sql_mode`.
    fn variable(&mut self) -> Option<String> {
        let mut own = false;
        if self.cursor.eat_symbol("@") {
            if self.cursor.eat_symbol("@") {
                if self.cursor.eat_any(&["SESSION", "LOCAL", "GLOBAL"]) {
                    self.cursor.eat_symbol(".").then_some(())?;
                }
            } else {
                own = true;
            }
        }
        let (kind, text) = self.cursor.peek()?;
        let name = name_value(kind, text)?.to_ascii_lowercase();
        self.cursor.take();
        Some(if own { format!("@{name}") } else { name })
    }

    fn setting_value(&mut self) -> SettingValue {
        let mark = self.cursor.mark();
        let value = match self.cursor.peek() {
            Some((TokenKind::String, text)) => string_value(text).map(SettingValue::Text),
            Some((TokenKind::Number, text)) => Some(SettingValue::Text(text.to_owned())),
            Some((TokenKind::Word, text)) if text.eq_ignore_ascii_case("DEFAULT") => {
                Some(SettingValue::Default)
            }
            Some((TokenKind::Word, text)) => Some(SettingValue::Text(text.to_owned())),
            Some((TokenKind::Symbol, "@")) => {
                let name = self.variable();
                return match name {
                    Some(name) if self.at_end_of_value() => SettingValue::Of(name),
                    _ => self.skip_value(mark),
                };
            }
            _ => None,
        };
        self.cursor.take();
        match value {
            Some(value) if self.at_end_of_value() => value,
            _ => self.skip_value(mark),
        }
    }

    fn at_end_of_value(&self) -> bool {
        self.cursor.is_at_end() || self.cursor.at_symbol(",") || self.cursor.at_symbol(";")
    }

    /// Passes over an expression.
    fn skip_value(&mut self, mark: usize) -> SettingValue {
        self.cursor.back_to(mark);
        while !self.at_end_of_value() {
            if self.cursor.at_symbol("(") {
                if self.cursor.eat_group().is_none() {
                    self.rest();
                }
            } else {
                self.cursor.take();
            }
        }
        SettingValue::Unknown
    }
}
