//! CREATE TABLE, CREATE INDEX and DROP INDEX.

use super::{
    Action, AlterTable, CreateTable, KeyDef, KeyKind, Parser, Placed, Position, Read, Statement,
    TableOption,
};

impl Parser<'_> {
    pub(super) fn create_table(&mut self, or_replace: bool) -> Read<Statement> {
        self.word("TABLE")?;
        let if_not_exists = self.if_not_exists();
        let mut table = CreateTable {
            name: self.object()?,
            or_replace,
            if_not_exists,
            like: None,
            actions: Vec::new(),
            from_query: false,
        };
        if self.cursor.eat_word("LIKE") {
            table.like = Some(self.object()?);
            return Ok(Statement::CreateTable(Box::new(table)));
        }
        if self.cursor.at_symbol("(") {
            self.table_body(&mut table)?;
        }
        while table.like.is_none() && !self.cursor.is_at_end() && !self.cursor.at_symbol(";") {
            let at = self.cursor.offset();
            if self.cursor.eat_symbol(",") {
                continue;
            }
            if self.cursor.eat_any(&["REPLACE", "IGNORE"]) || self.at_query() {
                table.from_query = true;
                self.rest();
                break;
            }
            let action = if self.cursor.at_word("PARTITION") {
                Action::PartitionBy(Box::new(self.partition_by()?))
            } else {
                match self.table_option()? {
                    TableOption::SystemVersioning => Action::Versioning(true),
                    option => Action::Option(option),
                }
            };
            table.actions.push(Placed { at, action });
        }
        Ok(Statement::CreateTable(Box::new(table)))
    }

    /// True when the query of CREATE TABLE … SELECT begins here.
    fn at_query(&self) -> bool {
        ["AS", "SELECT", "VALUES", "WITH", "TABLE"]
            .iter()
            .any(|word| self.cursor.at_word(word))
            && !(self.cursor.at_word("WITH")
                && self.cursor.rest().to_ascii_uppercase().contains("SYSTEM"))
            || self.cursor.at_symbol("(")
    }

    /// What is in the parentheses behind the name.
    fn table_body(&mut self, table: &mut CreateTable) -> Read<()> {
        let mark = self.cursor.mark();
        self.symbol("(")?;
        if self.cursor.eat_word("LIKE") {
            table.like = Some(self.object()?);
            return self.symbol(")");
        }
        if self.cursor.at_word("SELECT") || self.cursor.at_symbol("(") {
            self.cursor.back_to(mark);
            return Ok(());
        }
        loop {
            let at = self.cursor.offset();
            let action = self.table_item()?;
            table.actions.push(Placed { at, action });
            if !self.cursor.eat_symbol(",") {
                break;
            }
        }
        self.symbol(")")
    }

    /// A column, a key or a check.
    fn table_item(&mut self) -> Read<Action> {
        if self.at_constraint() {
            return self.constraint();
        }
        if let Some(period) = self.period()? {
            return Ok(period);
        }
        Ok(Action::AddColumn {
            column: Box::new(self.column()?),
            if_not_exists: false,
            position: Position::Unsaid,
        })
    }

    /// `PERIOD FOR SYSTEM_TIME (a, b)`; a column may be called so as well.
    pub(super) fn period(&mut self) -> Read<Option<Action>> {
        if !self.cursor.eat_words(&["PERIOD", "FOR"]) {
            return Ok(None);
        }
        Ok(Some(Action::Period {
            name: self.ident()?,
            columns: self.ident_list()?,
        }))
    }

    pub(super) fn create_index(&mut self, or_replace: bool) -> Read<Statement> {
        self.cursor.eat_any(&["ONLINE", "OFFLINE"]);
        let at = self.cursor.offset();
        let kind = if self.cursor.eat_word("UNIQUE") {
            KeyKind::Unique
        } else if self.cursor.eat_word("FULLTEXT") {
            KeyKind::Fulltext
        } else if self.cursor.eat_word("SPATIAL") {
            KeyKind::Spatial
        } else {
            KeyKind::Plain
        };
        if !self.cursor.eat_any(&["INDEX", "KEY"]) {
            return self.fail("INDEX");
        }
        let mut key = KeyDef::new(kind);
        key.or_replace = or_replace;
        key.if_not_exists = self.if_not_exists();
        key.name = Some(self.ident()?);
        self.key_method(&mut key)?;
        self.word("ON")?;
        let name = self.object()?;
        self.key_tail(&mut key)?;
        self.online_options()?;
        Ok(Statement::AlterTable(AlterTable {
            name,
            if_exists: false,
            actions: vec![Placed {
                at,
                action: Action::AddKey(Box::new(key)),
            }],
        }))
    }

    pub(super) fn drop_index(&mut self) -> Read<Statement> {
        self.cursor.eat_any(&["ONLINE", "OFFLINE"]);
        let at = self.cursor.offset();
        self.word("INDEX")?;
        let if_exists = self.if_exists();
        let index = self.ident()?;
        self.word("ON")?;
        let name = self.object()?;
        self.online_options()?;
        let action = if index.text.eq_ignore_ascii_case("PRIMARY") {
            Action::DropPrimaryKey { if_exists }
        } else {
            Action::DropIndex {
                name: index,
                if_exists,
            }
        };
        Ok(Statement::AlterTable(AlterTable {
            name,
            if_exists: false,
            actions: vec![Placed { at, action }],
        }))
    }

    /// ALGORITHM, LOCK and how long to wait: how it is done, not what.
    pub(super) fn online_options(&mut self) -> Read<()> {
        loop {
            if self.cursor.eat_any(&["ALGORITHM", "LOCK"]) {
                self.cursor.eat_symbol("=");
                self.ident()?;
            } else if self.cursor.eat_word("WAIT") {
                self.cursor.take();
            } else if !self.cursor.eat_word("NOWAIT") {
                return Ok(());
            }
        }
    }
}
