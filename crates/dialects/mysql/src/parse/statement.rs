//! The first words of a statement: what it is about.

use super::{Dropped, Parser, Read, Statement};

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Read<Statement> {
        let Some(first) = self.cursor.peek_word().map(str::to_ascii_uppercase) else {
            self.rest();
            return Ok(Statement::Nothing);
        };
        match first.as_str() {
            "CREATE" => self.create(),
            "ALTER" => self.alter(),
            "DROP" => self.drop(),
            "RENAME" => self.rename(),
            "USE" => {
                self.cursor.take();
                Ok(Statement::Use(self.ident()?.text))
            }
            "SET" => self.set(),
            _ => {
                self.rest();
                Ok(Statement::Nothing)
            }
        }
    }

    fn create(&mut self) -> Read<Statement> {
        self.word("CREATE")?;
        let or_replace = self.cursor.eat_words(&["OR", "REPLACE"]);
        if self.cursor.eat_word("TEMPORARY") {
            // Of the session, not of the schema.
            self.rest();
            return Ok(Statement::Nothing);
        }
        match self
            .cursor
            .peek_word()
            .map(str::to_ascii_uppercase)
            .as_deref()
        {
            Some("TABLE") => self.create_table(or_replace),
            Some("DATABASE" | "SCHEMA") => self.database(),
            Some("SEQUENCE") => self.create_sequence(or_replace),
            Some("ONLINE" | "OFFLINE" | "UNIQUE" | "FULLTEXT" | "SPATIAL" | "INDEX" | "KEY") => {
                self.create_index(or_replace)
            }
            Some("ALGORITHM" | "DEFINER" | "SQL" | "VIEW") => self.create_program(or_replace),
            Some("TRIGGER" | "PROCEDURE" | "FUNCTION" | "EVENT" | "AGGREGATE") => {
                self.create_program(or_replace)
            }
            // Accounts and servers are no part of a schema.
            Some(
                "USER" | "ROLE" | "SERVER" | "TABLESPACE" | "LOGFILE" | "UNDO" | "RESOURCE"
                | "SPATIAL_REF_SYS",
            ) => {
                self.rest();
                Ok(Statement::Nothing)
            }
            _ => self.fail("something to create"),
        }
    }

    fn alter(&mut self) -> Read<Statement> {
        self.word("ALTER")?;
        self.cursor.eat_any(&["ONLINE", "OFFLINE"]);
        let ignore = self.cursor.eat_word("IGNORE");
        match self
            .cursor
            .peek_word()
            .map(str::to_ascii_uppercase)
            .as_deref()
        {
            Some("TABLE") => self.alter_table(),
            _ if ignore => self.fail("TABLE"),
            Some("DATABASE" | "SCHEMA") => self.database(),
            Some("SEQUENCE") => self.alter_sequence(),
            Some("ALGORITHM" | "DEFINER" | "SQL" | "VIEW" | "PROCEDURE" | "FUNCTION" | "EVENT") => {
                self.alter_program()
            }
            Some(
                "USER" | "ROLE" | "SERVER" | "TABLESPACE" | "LOGFILE" | "UNDO" | "RESOURCE"
                | "INSTANCE",
            ) => {
                self.rest();
                Ok(Statement::Nothing)
            }
            _ => self.fail("something to alter"),
        }
    }

    fn drop(&mut self) -> Read<Statement> {
        self.word("DROP")?;
        let temporary = self.cursor.eat_word("TEMPORARY");
        let Some(kind) = self.cursor.peek_word().map(str::to_ascii_uppercase) else {
            return self.fail("something to drop");
        };
        match kind.as_str() {
            "TABLE" | "TABLES" | "VIEW" | "SEQUENCE" => {
                self.cursor.take();
                let if_exists = self.if_exists();
                let names = self.objects()?;
                if !self.cursor.eat_any(&["RESTRICT", "CASCADE"]) && self.cursor.eat_word("WAIT") {
                    self.cursor.take();
                }
                self.cursor.eat_word("NOWAIT");
                let dropped = Dropped { names, if_exists };
                Ok(match kind.as_str() {
                    _ if temporary => Statement::Nothing,
                    "VIEW" => Statement::DropViews(dropped),
                    "SEQUENCE" => Statement::DropSequences(dropped),
                    _ => Statement::DropTables(dropped),
                })
            }
            "TRIGGER" | "PROCEDURE" | "FUNCTION" | "EVENT" => {
                self.cursor.take();
                let if_exists = self.if_exists();
                let dropped = Dropped {
                    names: vec![self.object()?],
                    if_exists,
                };
                Ok(match kind.as_str() {
                    "TRIGGER" => Statement::DropTrigger(dropped),
                    "EVENT" => Statement::DropEvent(dropped),
                    kind => Statement::DropRoutine {
                        function: kind == "FUNCTION",
                        dropped,
                    },
                })
            }
            "INDEX" | "ONLINE" | "OFFLINE" => self.drop_index(),
            "DATABASE" | "SCHEMA" => {
                self.cursor.take();
                self.if_exists();
                Ok(Statement::DropDatabase {
                    name: self.ident()?.text,
                })
            }
            "USER" | "ROLE" | "SERVER" | "TABLESPACE" | "LOGFILE" | "UNDO" | "RESOURCE"
            | "PREPARE" => {
                self.rest();
                Ok(Statement::Nothing)
            }
            _ => self.fail("something to drop"),
        }
    }

    fn rename(&mut self) -> Read<Statement> {
        self.word("RENAME")?;
        if self.cursor.eat_word("USER") {
            self.rest();
            return Ok(Statement::Nothing);
        }
        if !self.cursor.eat_any(&["TABLE", "TABLES"]) {
            return self.fail("TABLE");
        }
        self.if_exists();
        let mut pairs = Vec::new();
        loop {
            let from = self.object()?;
            self.word("TO")?;
            pairs.push((from, self.object()?));
            if !self.cursor.eat_symbol(",") {
                return Ok(Statement::RenameTables(pairs));
            }
        }
    }

    /// The defaults of a database.
    fn database(&mut self) -> Read<Statement> {
        self.cursor.take();
        self.if_not_exists();
        let starts = [
            "DEFAULT",
            "CHARACTER",
            "CHARSET",
            "COLLATE",
            "COMMENT",
            "ENCRYPTION",
            "READ",
        ];
        let named = self
            .cursor
            .peek_word()
            .is_none_or(|word| !starts.iter().any(|start| start.eq_ignore_ascii_case(word)));
        let name = if named {
            Some(self.ident()?.text)
        } else {
            None
        };
        let mut options = Vec::new();
        while !self.cursor.is_at_end() && !self.cursor.at_symbol(";") {
            options.push(self.table_option()?);
        }
        Ok(Statement::Database { name, options })
    }
}
