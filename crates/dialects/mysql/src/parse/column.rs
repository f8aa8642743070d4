//! Columns.

use realign_model::MatchKind;

use super::{ColumnDef, Parser, Position, Read, References};
use crate::clauses;

impl Parser<'_> {
    /// A column with its name, up to what is no part of it.
    pub(super) fn column(&mut self) -> Read<ColumnDef> {
        let name = self.ident()?;
        self.column_named(name)
    }

    /// A column whose name was read already.
    pub(super) fn column_named(&mut self, name: realign_model::Ident) -> Read<ColumnDef> {
        if self.cursor.is_at_end() {
            return self.fail("a type");
        }
        let (definition, known) = clauses::read(&mut self.cursor, &name, self.facts);
        if !known {
            return self.fail("a type");
        }
        Ok(ColumnDef { definition })
    }

    /// `FIRST`, `AFTER x`, or nothing.
    pub(super) fn position(&mut self) -> Read<Position> {
        if self.cursor.eat_word("FIRST") {
            Ok(Position::First)
        } else if self.cursor.eat_word("AFTER") {
            Ok(Position::After(self.ident()?))
        } else {
            Ok(Position::Unsaid)
        }
    }

    /// What stands behind REFERENCES.
    pub(super) fn references(&mut self) -> Read<References> {
        self.word("REFERENCES")?;
        let mut references = References {
            table: self.object()?,
            columns: Vec::new(),
            match_kind: MatchKind::Simple,
            on_delete: None,
            on_update: None,
        };
        if self.cursor.at_symbol("(") {
            references.columns = self.ident_list()?;
        }
        match clauses::read_rules(&mut self.cursor, &mut references) {
            Some(()) => Ok(references),
            None => self.fail("an action"),
        }
    }
}
