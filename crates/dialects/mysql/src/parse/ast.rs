//! Statements about tables as plain data.

use realign_model::{Expr, Ident, IndexPart, MatchKind, ObjectName, RefAction};

use super::program::{
    AlterEvent, AlterRoutine, CreateEvent, CreateRoutine, CreateSequence, CreateTrigger,
    CreateView, SequenceClauses,
};
use super::{PartitionBy, PartitionChange, Setting, TableOption};
use crate::clauses::Definition;

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Statement {
    /// CREATE TABLE.
    CreateTable(Box<CreateTable>),
    /// ALTER TABLE, CREATE INDEX, DROP INDEX.
    AlterTable(AlterTable),
    /// DROP TABLE.
    DropTables(Dropped),
    /// RENAME TABLE, which also renames views.
    RenameTables(Vec<(ObjectName, ObjectName)>),
    /// CREATE VIEW, ALTER VIEW.
    CreateView(Box<CreateView>),
    /// DROP VIEW.
    DropViews(Dropped),
    /// CREATE TRIGGER.
    CreateTrigger(CreateTrigger),
    /// DROP TRIGGER.
    DropTrigger(Dropped),
    /// CREATE FUNCTION, CREATE PROCEDURE.
    CreateRoutine(CreateRoutine),
    /// ALTER FUNCTION, ALTER PROCEDURE.
    AlterRoutine(AlterRoutine),
    /// DROP FUNCTION, DROP PROCEDURE.
    DropRoutine {
        /// A function, not a procedure.
        function: bool,
        /// Which.
        dropped: Dropped,
    },
    /// CREATE EVENT.
    CreateEvent(CreateEvent),
    /// ALTER EVENT.
    AlterEvent(AlterEvent),
    /// DROP EVENT.
    DropEvent(Dropped),
    /// CREATE SEQUENCE.
    CreateSequence(CreateSequence),
    /// ALTER SEQUENCE: the clauses that it gives.
    AlterSequence {
        /// Which.
        name: ObjectName,
        /// `IF EXISTS`.
        if_exists: bool,
        /// What it says.
        clauses: SequenceClauses,
    },
    /// DROP SEQUENCE.
    DropSequences(Dropped),
    /// CREATE DATABASE, ALTER DATABASE.
    Database {
        /// Which; none is the current one.
        name: Option<String>,
        /// Its defaults.
        options: Vec<TableOption>,
    },
    /// DROP DATABASE.
    DropDatabase {
        /// Which.
        name: String,
    },
    /// USE.
    Use(String),
    /// SET.
    Set(Vec<Setting>),
    /// Something that declares nothing: rights, transactions, questions.
    Nothing,
}

/// What a DROP names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dropped {
    /// The objects.
    pub(crate) names: Vec<ObjectName>,
    /// `IF EXISTS`.
    pub(crate) if_exists: bool,
}

/// CREATE TABLE.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateTable {
    /// Its name.
    pub(crate) name: ObjectName,
    /// `OR REPLACE`.
    pub(crate) or_replace: bool,
    /// `IF NOT EXISTS`.
    pub(crate) if_not_exists: bool,
    /// `LIKE` another table.
    pub(crate) like: Option<ObjectName>,
    /// Columns, keys, checks and options, as what they add to an empty table.
    pub(crate) actions: Vec<Placed>,
    /// The columns come from a query as well.
    pub(crate) from_query: bool,
}

/// ALTER TABLE.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AlterTable {
    /// Its name.
    pub(crate) name: ObjectName,
    /// `IF EXISTS` behind TABLE.
    pub(crate) if_exists: bool,
    /// What is changed, in order.
    pub(crate) actions: Vec<Placed>,
}

/// A clause with the byte at which it starts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Placed {
    /// The byte in the plain text.
    pub(crate) at: usize,
    /// The clause.
    pub(crate) action: Action,
}

/// Where a column goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Position {
    /// Behind all others, or where it was.
    Unsaid,
    /// Before all others.
    First,
    /// Behind this one.
    After(Ident),
}

/// One clause of ALTER TABLE, and each item of CREATE TABLE.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    /// ADD COLUMN.
    AddColumn {
        /// The column.
        column: Box<ColumnDef>,
        /// `IF NOT EXISTS`.
        if_not_exists: bool,
        /// Where it goes.
        position: Position,
    },
    /// MODIFY and CHANGE: the old name and the new column.
    ChangeColumn {
        /// The present name.
        from: Ident,
        /// The column.
        column: Box<ColumnDef>,
        /// `IF EXISTS`.
        if_exists: bool,
        /// Where it goes.
        position: Position,
    },
    /// RENAME COLUMN.
    RenameColumn {
        /// Present name.
        from: Ident,
        /// New name.
        to: Ident,
        /// `IF EXISTS`.
        if_exists: bool,
    },
    /// ALTER COLUMN … SET DEFAULT, DROP DEFAULT.
    AlterDefault {
        /// Which.
        name: Ident,
        /// The new default; none drops it.
        default: Option<Expr>,
        /// `IF EXISTS`.
        if_exists: bool,
    },
    /// ALTER COLUMN … SET INVISIBLE, SET VISIBLE.
    AlterColumnVisibility {
        /// Which.
        name: Ident,
        /// Hidden or not.
        invisible: bool,
    },
    /// DROP COLUMN.
    DropColumn {
        /// Which.
        name: Ident,
        /// `IF EXISTS`.
        if_exists: bool,
    },
    /// ADD INDEX, ADD UNIQUE, ADD PRIMARY KEY, ADD FOREIGN KEY.
    AddKey(Box<KeyDef>),
    /// ADD CHECK.
    AddCheck(CheckDef),
    /// DROP INDEX.
    DropIndex {
        /// Which.
        name: Ident,
        /// `IF EXISTS`.
        if_exists: bool,
    },
    /// DROP PRIMARY KEY.
    DropPrimaryKey {
        /// `IF EXISTS`.
        if_exists: bool,
    },
    /// DROP FOREIGN KEY.
    DropForeignKey {
        /// Which.
        name: Ident,
        /// `IF EXISTS`.
        if_exists: bool,
    },
    /// DROP CHECK, DROP CONSTRAINT.
    DropConstraint {
        /// Which.
        name: Ident,
        /// `IF EXISTS`.
        if_exists: bool,
        /// Only a check is meant.
        check_only: bool,
    },
    /// ALTER CHECK … [NOT] ENFORCED.
    EnforceCheck {
        /// Which.
        name: Ident,
        /// Enforced or not.
        enforced: bool,
    },
    /// RENAME INDEX.
    RenameIndex {
        /// Present name.
        from: Ident,
        /// New name.
        to: Ident,
        /// `IF EXISTS`.
        if_exists: bool,
    },
    /// ALTER INDEX … VISIBLE and its like.
    AlterIndexVisibility {
        /// Which.
        name: Ident,
        /// Hidden or not.
        invisible: bool,
        /// `IF EXISTS`.
        if_exists: bool,
    },
    /// RENAME TO.
    RenameTo(ObjectName),
    /// CONVERT TO CHARACTER SET.
    Convert {
        /// The character set; none is the default.
        charset: Option<String>,
        /// The collation.
        collation: Option<String>,
    },
    /// A table option.
    Option(TableOption),
    /// PARTITION BY.
    PartitionBy(Box<PartitionBy>),
    /// ADD PARTITION and its like.
    ChangePartitions(PartitionChange),
    /// System versioning goes on or off: such tables are opaque.
    Versioning(bool),
    /// A period of MariaDB's temporal tables: such tables are opaque.
    Period {
        /// Its name.
        name: Ident,
        /// The columns of its begin and end.
        columns: Vec<Ident>,
    },
    /// A period goes.
    DropPeriod(Ident),
    /// Changes nothing that is declared: ORDER BY, DISABLE KEYS, ALGORITHM, FORCE.
    Nothing,
}

/// A column with its name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ColumnDef {
    /// What its text says.
    pub(crate) definition: Definition,
}

/// What a foreign key points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct References {
    /// The table.
    pub(crate) table: ObjectName,
    /// Its columns; empty where none are named.
    pub(crate) columns: Vec<Ident>,
    /// `MATCH`.
    pub(crate) match_kind: MatchKind,
    /// `ON DELETE`.
    pub(crate) on_delete: Option<RefAction>,
    /// `ON UPDATE`.
    pub(crate) on_update: Option<RefAction>,
}

/// What a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Primary,
    Unique,
    Plain,
    Fulltext,
    Spatial,
    Foreign(References),
}

/// A key or an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyDef {
    /// What it is.
    pub(crate) kind: KeyKind,
    /// The name behind CONSTRAINT.
    pub(crate) constraint: Option<Ident>,
    /// The name of the index.
    pub(crate) name: Option<Ident>,
    /// `IF NOT EXISTS`.
    pub(crate) if_not_exists: bool,
    /// `OR REPLACE` (CREATE INDEX on MariaDB).
    pub(crate) or_replace: bool,
    /// Its parts.
    pub(crate) parts: Vec<IndexPart>,
    /// `USING`.
    pub(crate) method: Option<String>,
    /// Full-text parser.
    pub(crate) parser: Option<String>,
    /// Comment.
    pub(crate) comment: Option<String>,
    /// Not used by the optimizer.
    pub(crate) invisible: bool,
}

impl KeyDef {
    /// A key of this kind without anything else.
    pub(crate) fn new(kind: KeyKind) -> Self {
        Self {
            kind,
            constraint: None,
            name: None,
            if_not_exists: false,
            or_replace: false,
            parts: Vec::new(),
            method: None,
            parser: None,
            comment: None,
            invisible: false,
        }
    }
}

/// A check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CheckDef {
    /// Its name.
    pub(crate) name: Option<Ident>,
    /// `IF NOT EXISTS`.
    pub(crate) if_not_exists: bool,
    /// The condition.
    pub(crate) expr: Expr,
    /// False for `NOT ENFORCED`.
    pub(crate) enforced: bool,
}
