//! ALTER TABLE.

use realign_model::{Expr, Ident};

use super::{Action, AlterTable, Parser, Placed, Position, Read, Statement, TableOption};
use crate::lexer::TokenKind;

impl Parser<'_> {
    pub(super) fn alter_table(&mut self) -> Read<Statement> {
        self.word("TABLE")?;
        let if_exists = self.if_exists();
        let mut alter = AlterTable {
            name: self.object()?,
            if_exists,
            actions: Vec::new(),
        };
        if self.cursor.eat_word("WAIT") {
            self.cursor.take();
        }
        self.cursor.eat_word("NOWAIT");
        while !self.cursor.is_at_end() && !self.cursor.at_symbol(";") {
            let at = self.cursor.offset();
            self.alter_clause(at, &mut alter.actions)?;
            // Table options may stand side by side without commas.
            self.cursor.eat_symbol(",");
        }
        Ok(Statement::AlterTable(alter))
    }

    fn alter_clause(&mut self, at: usize, actions: &mut Vec<Placed>) -> Read<()> {
        let Some(word) = self.cursor.peek_word().map(str::to_ascii_uppercase) else {
            return self.fail("a clause of ALTER TABLE");
        };
        let action = match word.as_str() {
            "ADD" => return self.add(at, actions),
            "DROP" => self.drop_clause()?,
            "CHANGE" => {
                self.cursor.take();
                self.cursor.eat_word("COLUMN");
                let if_exists = self.if_exists();
                let from = self.ident()?;
                let column = Box::new(self.column()?);
                Action::ChangeColumn {
                    from,
                    column,
                    if_exists,
                    position: self.position()?,
                }
            }
            "MODIFY" => {
                self.cursor.take();
                self.cursor.eat_word("COLUMN");
                let if_exists = self.if_exists();
                let from = self.ident()?;
                let column = Box::new(self.column_named(from.clone())?);
                Action::ChangeColumn {
                    from,
                    column,
                    if_exists,
                    position: self.position()?,
                }
            }
            "ALTER" => self.alter_item()?,
            "RENAME" => self.rename_clause()?,
            "CONVERT" => self.convert()?,
            "PARTITION" if self.by_follows() => Action::PartitionBy(Box::new(self.partition_by()?)),
            "ORDER" => {
                self.cursor.take();
                self.word("BY")?;
                self.order_by()?;
                Action::Nothing
            }
            "ENABLE" | "DISABLE" => {
                self.cursor.take();
                self.word("KEYS")?;
                Action::Nothing
            }
            "FORCE" => {
                self.cursor.take();
                Action::Nothing
            }
            "ALGORITHM" | "LOCK" | "WAIT" | "NOWAIT" => {
                self.online_options()?;
                Action::Nothing
            }
            "WITH" | "WITHOUT" if self.validation() => Action::Nothing,
            "SECONDARY_LOAD" | "SECONDARY_UNLOAD" => {
                self.cursor.take();
                Action::Nothing
            }
            "DISCARD" | "IMPORT" if !self.partition_follows() => {
                self.cursor.take();
                self.word("TABLESPACE")?;
                Action::Nothing
            }
            _ => match self.partition_change()? {
                Some(change) => Action::ChangePartitions(change),
                None => match self.table_option()? {
                    TableOption::SystemVersioning => Action::Versioning(true),
                    option => Action::Option(option),
                },
            },
        };
        actions.push(Placed { at, action });
        Ok(())
    }

    fn by_follows(&mut self) -> bool {
        let mark = self.cursor.mark();
        let found = self.cursor.eat_words(&["PARTITION", "BY"]);
        self.cursor.back_to(mark);
        found
    }

    fn partition_follows(&mut self) -> bool {
        let mark = self.cursor.mark();
        self.cursor.take();
        let found = self.cursor.at_word("PARTITION");
        self.cursor.back_to(mark);
        found
    }

    /// `WITH VALIDATION`, `WITHOUT VALIDATION`.
    fn validation(&mut self) -> bool {
        self.cursor.eat_words(&["WITH", "VALIDATION"])
            || self.cursor.eat_words(&["WITHOUT", "VALIDATION"])
    }

    fn add(&mut self, at: usize, actions: &mut Vec<Placed>) -> Read<()> {
        self.word("ADD")?;
        if self.cursor.at_word("PARTITION") {
            let action = Action::ChangePartitions(self.add_partition()?);
            actions.push(Placed { at, action });
            return Ok(());
        }
        if self.cursor.eat_words(&["SYSTEM", "VERSIONING"]) {
            let action = Action::Versioning(true);
            actions.push(Placed { at, action });
            return Ok(());
        }
        if self.at_constraint() {
            let action = self.constraint()?;
            actions.push(Placed { at, action });
            return Ok(());
        }
        if let Some(action) = self.period()? {
            actions.push(Placed { at, action });
            return Ok(());
        }
        self.cursor.eat_word("COLUMN");
        let if_not_exists = self.if_not_exists();
        if self.cursor.eat_symbol("(") {
            // Several at once, with keys among them.
            loop {
                let at = self.cursor.offset();
                let action = if self.at_constraint() {
                    self.constraint()?
                } else {
                    Action::AddColumn {
                        column: Box::new(self.column()?),
                        if_not_exists,
                        position: Position::Unsaid,
                    }
                };
                actions.push(Placed { at, action });
                if !self.cursor.eat_symbol(",") {
                    break;
                }
            }
            return self.symbol(")");
        }
        let column = Box::new(self.column()?);
        let action = Action::AddColumn {
            column,
            if_not_exists,
            position: self.position()?,
        };
        actions.push(Placed { at, action });
        Ok(())
    }

    fn drop_clause(&mut self) -> Read<Action> {
        let mark = self.cursor.mark();
        self.word("DROP")?;
        if self.cursor.at_word("PARTITION") {
            self.cursor.back_to(mark);
            return match self.partition_change()? {
                Some(change) => Ok(Action::ChangePartitions(change)),
                None => self.fail("partitions"),
            };
        }
        if self.cursor.eat_words(&["SYSTEM", "VERSIONING"]) {
            return Ok(Action::Versioning(false));
        }
        if self.cursor.eat_words(&["PERIOD", "FOR"]) {
            return Ok(Action::DropPeriod(self.ident()?));
        }
        if self.cursor.eat_words(&["PRIMARY", "KEY"]) {
            return Ok(Action::DropPrimaryKey { if_exists: false });
        }
        if self.cursor.eat_words(&["FOREIGN", "KEY"]) {
            let if_exists = self.if_exists();
            return Ok(Action::DropForeignKey {
                name: self.ident()?,
                if_exists,
            });
        }
        let check_only = self.cursor.at_word("CHECK");
        if self.cursor.eat_any(&["CONSTRAINT", "CHECK"]) {
            let if_exists = self.if_exists();
            return Ok(Action::DropConstraint {
                name: self.ident()?,
                if_exists,
                check_only,
            });
        }
        if self.cursor.eat_any(&["INDEX", "KEY"]) {
            let if_exists = self.if_exists();
            let name = self.ident()?;
            return Ok(if name.text.eq_ignore_ascii_case("PRIMARY") {
                Action::DropPrimaryKey { if_exists }
            } else {
                Action::DropIndex { name, if_exists }
            });
        }
        self.cursor.eat_word("COLUMN");
        let if_exists = self.if_exists();
        let name = self.ident()?;
        self.cursor.eat_any(&["RESTRICT", "CASCADE"]);
        Ok(Action::DropColumn { name, if_exists })
    }

    fn alter_item(&mut self) -> Read<Action> {
        self.word("ALTER")?;
        if self.cursor.eat_any(&["INDEX", "KEY"]) {
            let if_exists = self.if_exists();
            let name = self.ident()?;
            let not = self.cursor.eat_word("NOT");
            let invisible = if self.cursor.eat_any(&["INVISIBLE", "IGNORED"]) {
                !not
            } else {
                self.word("VISIBLE")?;
                false
            };
            return Ok(Action::AlterIndexVisibility {
                name,
                invisible,
                if_exists,
            });
        }
        if self.cursor.eat_any(&["CHECK", "CONSTRAINT"]) {
            let name = self.ident()?;
            let enforced = !self.cursor.eat_word("NOT");
            self.word("ENFORCED")?;
            return Ok(Action::EnforceCheck { name, enforced });
        }
        self.cursor.eat_word("COLUMN");
        let if_exists = self.if_exists();
        let name = self.ident()?;
        if self.cursor.eat_words(&["DROP", "DEFAULT"]) {
            return Ok(Action::AlterDefault {
                name,
                default: None,
                if_exists,
            });
        }
        self.word("SET")?;
        if self.cursor.eat_word("DEFAULT") {
            let default = self.value()?;
            return Ok(Action::AlterDefault {
                name,
                default: Some(default),
                if_exists,
            });
        }
        let invisible = self.cursor.eat_word("INVISIBLE");
        if !invisible {
            self.word("VISIBLE")?;
        }
        Ok(Action::AlterColumnVisibility { name, invisible })
    }

    /// A literal, a call or an expression in parentheses.
    fn value(&mut self) -> Read<Expr> {
        match crate::clauses::read_value(&mut self.cursor) {
            Some(value) => Ok(value),
            None => self.fail("a value"),
        }
    }

    fn rename_clause(&mut self) -> Read<Action> {
        self.word("RENAME")?;
        let index = self.cursor.eat_any(&["INDEX", "KEY"]);
        if index || self.cursor.eat_word("COLUMN") {
            let if_exists = self.if_exists();
            let from = self.ident()?;
            self.word("TO")?;
            let to = self.ident()?;
            return Ok(if index {
                Action::RenameIndex {
                    from,
                    to,
                    if_exists,
                }
            } else {
                Action::RenameColumn {
                    from,
                    to,
                    if_exists,
                }
            });
        }
        if !self.cursor.eat_any(&["TO", "AS"]) {
            self.cursor.eat_symbol("=");
        }
        Ok(Action::RenameTo(self.object()?))
    }

    fn convert(&mut self) -> Read<Action> {
        self.cursor.take();
        if self.cursor.eat_word("PARTITION") || self.cursor.at_word("TABLE") {
            return self.fail("TO CHARACTER SET");
        }
        self.word("TO")?;
        if !self.cursor.eat_word("CHARSET") {
            if !self.cursor.eat_any(&["CHARACTER", "CHAR"]) {
                return self.fail("CHARACTER SET");
            }
            self.word("SET")?;
        }
        let charset = self.charset_value()?;
        let collation = if self.cursor.eat_word("COLLATE") {
            self.charset_value()?
        } else {
            None
        };
        Ok(Action::Convert { charset, collation })
    }

    fn order_by(&mut self) -> Read<()> {
        loop {
            self.column_of_order()?;
            self.cursor.eat_any(&["ASC", "DESC"]);
            // A comma may also begin the next clause: only a name follows in a list.
            let mark = self.cursor.mark();
            if !self.cursor.eat_symbol(",") {
                return Ok(());
            }
            if self.begins_clause() {
                self.cursor.back_to(mark);
                return Ok(());
            }
        }
    }

    fn column_of_order(&mut self) -> Read<Ident> {
        let mut name = self.ident()?;
        while self.cursor.eat_symbol(".") {
            name = self.ident()?;
        }
        Ok(name)
    }

    fn begins_clause(&self) -> bool {
        matches!(self.cursor.peek(), Some((TokenKind::Word, _)))
            && [
                "ADD",
                "DROP",
                "CHANGE",
                "MODIFY",
                "ALTER",
                "RENAME",
                "CONVERT",
                "ENGINE",
                "ALGORITHM",
                "LOCK",
            ]
            .iter()
            .any(|word| self.cursor.at_word(word))
    }
}
