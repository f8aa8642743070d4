//! The definition of a column.

use realign_model::{DataType, Expr, Generated, GeneratedKind, Ident, Identity, IntWidth};

use super::{ConstraintKind, ConstraintText, Cursor, Reading, SequenceText};

/// Words that end the expression of a default.
const CLAUSES: &[&str] = &[
    "constraint",
    "not",
    "null",
    "check",
    "default",
    "generated",
    "unique",
    "primary",
    "references",
    "collate",
    "deferrable",
    "initially",
    "storage",
    "compression",
];

/// Where the values of a column come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StorageOf {
    /// The rows, or a default.
    Rows,
    /// One of the serial pseudo-types.
    Serial,
    /// An identity, with the options of its sequence.
    Identity(Identity, Box<SequenceText>),
}

/// A column as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnText {
    /// Its name.
    pub(crate) name: Ident,
    /// Its type.
    pub(crate) data_type: DataType,
    /// `COLLATE`.
    pub(crate) collation: Option<String>,
    /// `NOT NULL`.
    pub(crate) not_null: bool,
    /// `DEFAULT`.
    pub(crate) default: Option<Expr>,
    /// `GENERATED ALWAYS AS`.
    pub(crate) generated: Option<Generated>,
    /// Who counts.
    pub(crate) storage: StorageOf,
    /// Constraints that stand at the column.
    pub(crate) constraints: Vec<ConstraintText>,
    /// Where it stands.
    pub(crate) at: usize,
}

impl Cursor<'_> {
    /// A column with its name, type and clauses.
    pub(crate) fn column(&mut self) -> Reading<ColumnText> {
        let at = self.place();
        let name = self.ident()?;
        let (data_type, serial) = match self.serial() {
            Some(width) => (DataType::int(width), true),
            None => (self.data_type()?, false),
        };
        let mut column = ColumnText {
            name,
            data_type,
            collation: None,
            not_null: serial,
            default: None,
            generated: None,
            storage: if serial {
                StorageOf::Serial
            } else {
                StorageOf::Rows
            },
            constraints: Vec::new(),
            at,
        };
        while !self.is_done() && !self.sees_symbol(",") && !self.sees_symbol(")") {
            self.clause(&mut column)?;
        }
        Ok(column)
    }

    /// The clauses of a column of a typed table or a partition, which has its type elsewhere.
    pub(crate) fn clauses_of(&mut self, column: &mut ColumnText) -> Reading<()> {
        self.take_all(&["with", "options"]);
        while !self.is_done() && !self.sees_symbol(",") && !self.sees_symbol(")") {
            self.clause(column)?;
        }
        Ok(())
    }

    fn serial(&mut self) -> Option<IntWidth> {
        let word = self.peek()?;
        let width = if word.is_word("serial") || word.is_word("serial4") {
            IntWidth::W32
        } else if word.is_word("bigserial") || word.is_word("serial8") {
            IntWidth::W64
        } else if word.is_word("smallserial") || word.is_word("serial2") {
            IntWidth::W16
        } else {
            return None;
        };
        self.skip();
        Some(width)
    }

    fn clause(&mut self, column: &mut ColumnText) -> Reading<()> {
        let at = self.place();
        let name = if self.take("constraint") {
            Some(self.ident()?)
        } else {
            None
        };
        let kind = if self.take_all(&["not", "null"]) {
            column.not_null = true;
            self.take_all(&["no", "inherit"]);
            return Ok(());
        } else if self.take("null") {
            return Ok(());
        } else if self.take("default") {
            let text = self.expression(CLAUSES)?;
            column.default = Some(Expr::new(text));
            return Ok(());
        } else if self.take("collate") {
            column.collation = Some(self.collation()?);
            return Ok(());
        } else if self.take("storage") || self.take("compression") {
            self.skip();
            return Ok(());
        } else if self.take("generated") {
            return self.generated(column);
        } else if self.take_all(&["primary", "key"]) {
            column.not_null = true;
            let (include, storage) = self.index_tail()?;
            ConstraintKind::PrimaryKey {
                columns: vec![column.name.clone()],
                include,
                storage,
            }
        } else if self.take("unique") {
            let nulls_not_distinct = self.nulls_not_distinct();
            let (include, storage) = self.index_tail()?;
            ConstraintKind::Unique {
                columns: vec![column.name.clone()],
                include,
                storage,
                nulls_not_distinct,
            }
        } else if self.take("check") {
            self.check()?
        } else if self.take("references") {
            ConstraintKind::ForeignKey {
                columns: vec![column.name.clone()],
                references: self.references()?,
            }
        } else {
            return Err(self.unknown());
        };
        let mut timing = self.timing();
        if matches!(kind, ConstraintKind::Check { .. }) {
            timing.deferrable = false;
            timing.deferred = false;
        }
        column.constraints.push(ConstraintText {
            name,
            kind,
            timing,
            at,
        });
        Ok(())
    }

    /// What follows GENERATED.
    fn generated(&mut self, column: &mut ColumnText) -> Reading<()> {
        let always = if self.take("always") {
            true
        } else if self.take_all(&["by", "default"]) {
            false
        } else {
            return Err(self.expected("ALWAYS or BY DEFAULT"));
        };
        self.expect("as")?;
        if self.take("identity") {
            let mut options = SequenceText::default();
            if self.take_symbol("(") {
                options = self.sequence_options()?;
                self.expect_symbol(")")?;
            }
            column.not_null = true;
            column.storage = StorageOf::Identity(Identity::Identity { always }, Box::new(options));
            return Ok(());
        }
        let expr = Expr::new(self.group()?);
        // PostgreSQL 18 takes VIRTUAL where nothing is said, and prints nothing for it; before it
        // STORED had to be said.
        let kind = if self.take("stored") {
            GeneratedKind::Stored
        } else {
            self.take("virtual");
            GeneratedKind::Virtual
        };
        column.generated = Some(Generated { expr, kind });
        Ok(())
    }

    /// The name of a collation: in the form that the catalogue's reader gives it.
    pub(crate) fn collation(&mut self) -> Reading<String> {
        let path = self.path()?;
        Ok(collation_name(path.schema.as_deref(), &path.name))
    }
}

/// A collation's name, with its schema when it is one of the application's own.
pub(crate) fn collation_name(schema: Option<&str>, name: &str) -> String {
    match schema {
        None | Some("pg_catalog") => name.to_owned(),
        Some(schema) => format!("{schema}.{}", crate::render::quote_ident(name)),
    }
}

/// True for the default that is none.
pub(crate) fn is_null(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text == "null" || text.starts_with("null::")
}
