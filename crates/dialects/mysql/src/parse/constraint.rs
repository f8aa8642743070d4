//! Keys, indexes and checks.

use realign_model::{Expr, IndexPart, IndexTarget, SortOrder};

use super::{Action, CheckDef, KeyDef, KeyKind, Parser, Read};
use crate::lexer::TokenKind;

/// Words with which an item of a table begins that is no column.
const STARTS: &[&str] = &[
    "CONSTRAINT",
    "PRIMARY",
    "UNIQUE",
    "KEY",
    "INDEX",
    "FULLTEXT",
    "SPATIAL",
    "FOREIGN",
    "CHECK",
];

impl Parser<'_> {
    /// True when a key, an index or a check begins here, not a column.
    pub(super) fn at_constraint(&self) -> bool {
        STARTS.iter().any(|word| self.cursor.at_word(word))
    }

    /// A key, an index or a check.
    pub(super) fn constraint(&mut self) -> Read<Action> {
        let mut name = None;
        if self.cursor.eat_word("CONSTRAINT") {
            let if_not_exists = self.if_not_exists();
            if !self.at_constraint() || self.next_is_name() {
                name = Some(self.ident()?);
            }
            if if_not_exists && self.cursor.at_word("CHECK") {
                return self.check(name, true);
            }
        }
        if self.cursor.at_word("CHECK") {
            return self.check(name, false);
        }
        let mut key = KeyDef::new(KeyKind::Plain);
        key.constraint = name;
        if self.cursor.eat_word("FOREIGN") {
            self.word("KEY")?;
            key.if_not_exists = self.if_not_exists();
            if !self.cursor.at_symbol("(") {
                key.name = Some(self.ident()?);
            }
            let columns = self.ident_list()?;
            key.parts = columns.into_iter().map(IndexPart::column).collect();
            key.kind = KeyKind::Foreign(self.references()?);
            return Ok(Action::AddKey(Box::new(key)));
        }
        key.kind = if self.cursor.eat_word("PRIMARY") {
            self.word("KEY")?;
            KeyKind::Primary
        } else if self.cursor.eat_word("UNIQUE") {
            self.cursor.eat_any(&["KEY", "INDEX"]);
            KeyKind::Unique
        } else if self.cursor.eat_word("FULLTEXT") {
            self.cursor.eat_any(&["KEY", "INDEX"]);
            KeyKind::Fulltext
        } else if self.cursor.eat_word("SPATIAL") {
            self.cursor.eat_any(&["KEY", "INDEX"]);
            KeyKind::Spatial
        } else if self.cursor.eat_any(&["KEY", "INDEX"]) {
            KeyKind::Plain
        } else {
            return self.fail("a key or a check");
        };
        key.if_not_exists = self.if_not_exists();
        if !self.cursor.at_symbol("(") && !self.cursor.at_word("USING") && !self.at_type_word() {
            key.name = Some(self.ident()?);
        }
        self.key_tail(&mut key)?;
        Ok(Action::AddKey(Box::new(key)))
    }

    /// `CONSTRAINT check CHECK (…)`: a word of the grammar that is a name here.
    fn next_is_name(&mut self) -> bool {
        let mark = self.cursor.mark();
        self.cursor.take();
        let named =
            self.at_constraint() && !(self.cursor.at_word("KEY") || self.cursor.at_word("INDEX"));
        self.cursor.back_to(mark);
        named
    }

    /// `TYPE BTREE (…)`, the old word for USING; TYPE alone is a name.
    fn at_type_word(&mut self) -> bool {
        let mark = self.cursor.mark();
        let found = self.cursor.eat_word("TYPE")
            && (self.cursor.eat_any(&["BTREE", "HASH", "RTREE"]) && self.cursor.at_symbol("("));
        self.cursor.back_to(mark);
        found
    }

    /// Method, parts and options of a key, from behind its name on.
    pub(super) fn key_tail(&mut self, key: &mut KeyDef) -> Read<()> {
        self.key_method(key)?;
        key.parts = self.index_parts()?;
        self.key_options(key)
    }

    pub(super) fn key_method(&mut self, key: &mut KeyDef) -> Read<()> {
        while self.cursor.eat_any(&["USING", "TYPE"]) {
            key.method = Some(self.ident()?.text.to_ascii_lowercase());
        }
        Ok(())
    }

    /// The parts of an index in parentheses.
    pub(super) fn index_parts(&mut self) -> Read<Vec<IndexPart>> {
        self.symbol("(")?;
        let mut parts = Vec::new();
        loop {
            parts.push(self.index_part()?);
            // What MariaDB asks of a period, which stands last; of a column it can't be said.
            self.cursor.eat_words(&["WITHOUT", "OVERLAPS"]);
            if !self.cursor.eat_symbol(",") {
                break;
            }
        }
        self.symbol(")")?;
        Ok(parts)
    }

    fn index_part(&mut self) -> Read<IndexPart> {
        let mut part = if self.cursor.at_symbol("(") {
            let expr = self.group()?;
            let mut part = IndexPart::column("".into());
            part.target = IndexTarget::Expr(Expr::new(expr));
            part
        } else {
            IndexPart::column(self.ident()?)
        };
        if self.cursor.eat_symbol("(") {
            let length = match self.cursor.peek() {
                Some((TokenKind::Number, text)) => text.parse().ok(),
                _ => None,
            };
            if length.is_none() {
                return self.fail("a length");
            }
            part.rare.put(length, |rare| &mut rare.prefix);
            self.cursor.take();
            self.symbol(")")?;
        }
        if self.cursor.eat_word("DESC") {
            part.order = SortOrder::Desc;
        } else {
            self.cursor.eat_word("ASC");
        }
        Ok(part)
    }

    pub(super) fn key_options(&mut self, key: &mut KeyDef) -> Read<()> {
        loop {
            let Some(word) = self.cursor.peek_word().map(str::to_ascii_uppercase) else {
                return Ok(());
            };
            match word.as_str() {
                "USING" | "TYPE" => self.key_method(key)?,
                "COMMENT" => {
                    self.cursor.take();
                    self.cursor.eat_symbol("=");
                    key.comment = Some(self.string()?);
                }
                "WITH" => {
                    self.cursor.take();
                    self.word("PARSER")?;
                    key.parser = Some(self.ident()?.text);
                }
                "VISIBLE" => {
                    self.cursor.take();
                    key.invisible = false;
                }
                "INVISIBLE" | "IGNORED" => {
                    self.cursor.take();
                    key.invisible = true;
                }
                "NOT" => {
                    self.cursor.take();
                    self.word("IGNORED")?;
                    key.invisible = false;
                }
                // Where it lies and how, which the catalogue does not tell.
                "KEY_BLOCK_SIZE"
                | "CLUSTERING"
                | "ENGINE_ATTRIBUTE"
                | "SECONDARY_ENGINE_ATTRIBUTE"
                | "BLOCK_SIZE" => {
                    self.cursor.take();
                    self.cursor.eat_symbol("=");
                    if self.cursor.take().is_none() {
                        return self.fail("a value");
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    fn check(&mut self, name: Option<realign_model::Ident>, if_not_exists: bool) -> Read<Action> {
        self.word("CHECK")?;
        let expr = Expr::new(self.group()?);
        let enforced = !self.cursor.eat_words(&["NOT", "ENFORCED"]);
        if enforced {
            self.cursor.eat_word("ENFORCED");
        }
        Ok(Action::AddCheck(CheckDef {
            name,
            if_not_exists,
            expr,
            enforced,
        }))
    }
}
