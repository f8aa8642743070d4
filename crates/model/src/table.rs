//! Tables and their columns.

use serde::{Deserialize, Serialize};

use crate::{
    Check, DataType, Expr, ForeignKey, Ident, Index, ObjectName, Origin, PrimaryKey, Rare,
};

/// Whether a generated column is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum GeneratedKind {
    /// Computed when read.
    Virtual,
    /// Computed when written.
    Stored,
}

/// The expression of a generated column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Generated {
    /// What it computes.
    pub expr: Expr,
    /// Stored or not.
    pub kind: GeneratedKind,
}

/// How the engine itself gives a column its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    /// MySQL's `AUTO_INCREMENT`; SQLite's `INTEGER PRIMARY KEY AUTOINCREMENT`.
    AutoIncrement,
    /// PostgreSQL's `serial`: a sequence owned by the column, as its default.
    Serial,
    /// The standard's identity column.
    Identity {
        /// `GENERATED ALWAYS` instead of `BY DEFAULT`.
        always: bool,
    },
}

/// A column. What few columns have reads and writes as if it were the column's own.
#[derive(Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub data_type: DataType,
    /// NULL is allowed.
    pub nullable: bool,
    /// The default as SQL; none when there is none (or only the implied NULL).
    pub default: Option<Expr>,
    /// Values come from the engine.
    pub identity: Option<Identity>,
    /// Doctrine's type mark, the word in `(DC2Type:word)`.
    ///
    /// In a wish: none means that the profile writes no marks (DBAL 4, or marks
    /// turned off) and nothing is compared; the empty word means that this
    /// column has to have none. In a live schema: the mark that was found.
    pub type_mark: Option<String>,
    /// What few columns have.
    pub rare: Rare<ColumnRest>,
    /// Where it was declared.
    pub origin: Origin,
}

/// What few columns have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnRest {
    /// Computed from other columns.
    pub generated: Option<Generated>,
    /// MySQL's `ON UPDATE CURRENT_TIMESTAMP`.
    pub on_update: Option<Expr>,
    /// Character set; none is not declared, so that the table's holds.
    pub charset: Option<String>,
    /// Collation; none is not declared, so that the table's holds.
    pub collation: Option<String>,
    /// Comment, without any type mark.
    pub comment: Option<String>,
    /// Left out of `SELECT *`.
    pub invisible: bool,
    /// Doctrine's `columnDefinition`: everything after the name, printed as it
    /// stands. The other fields then hold what the dialect could read from it.
    pub definition: Option<String>,
    /// Former names, declared by the person: the column is renamed, not made anew.
    pub renamed_from: Vec<Ident>,
}

impl ColumnRest {
    /// Nothing of it.
    pub(crate) const NOTHING: Self = Self {
        generated: None,
        on_update: None,
        charset: None,
        collation: None,
        comment: None,
        invisible: false,
        definition: None,
        renamed_from: Vec::new(),
    };
}

impl Column {
    /// A NOT NULL column with nothing else.
    pub fn new(name: Ident, data_type: DataType) -> Self {
        Self {
            name,
            data_type,
            nullable: false,
            default: None,
            identity: None,
            type_mark: None,
            rare: Rare::new(),
            origin: Origin::None,
        }
    }

    /// True when an INSERT that does not name the column still works.
    pub fn can_be_left_out(&self) -> bool {
        self.nullable
            || self.default.is_some()
            || self.identity.is_some()
            || self.generated.is_some()
    }
}

/// Options of a table that only MySQL and MariaDB have. None is not declared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct MySqlTable {
    /// Storage engine.
    pub engine: Option<String>,
    /// Default character set.
    pub charset: Option<String>,
    /// Default collation.
    pub collation: Option<String>,
    /// The character set and collation above are only what a new table gets:
    /// nobody declared them for this table, so a difference is a note.
    pub collation_implied: bool,
    /// `ROW_FORMAT`.
    pub row_format: Option<String>,
    /// First value of the counter, as declared; a live value is never compared.
    pub auto_increment: Option<u64>,
    /// Doctrine's `table_options`, which replace all of the above when printed.
    pub verbatim: Option<String>,
    /// Doctrine's `partition_options`, printed after everything else.
    pub partition: Option<String>,
    /// Other `CREATE_OPTIONS`, as the server prints them.
    pub extra: Vec<String>,
}

/// Options of a table that only SQLite has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SqliteTable {
    /// `STRICT`.
    pub strict: bool,
    /// `WITHOUT ROWID`.
    pub without_rowid: bool,
    /// What its constraints do with a row that they refuse, where that is not the usual: in an
    /// order of their own, as `UNIQUE (a, b) ON CONFLICT IGNORE`, `NOT NULL (a) ON CONFLICT FAIL`
    /// or `PRIMARY KEY ON CONFLICT REPLACE`, the names in small letters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
}

/// Options of a table that only PostgreSQL has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct PostgresTable {
    /// `UNLOGGED`.
    pub unlogged: bool,
    /// Storage parameters, as `name=value`.
    pub storage: Vec<String>,
    /// Tables whose columns it has by inheritance.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inherits: Vec<ObjectName>,
    /// The table of which it holds a part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition_of: Option<PartitionOf>,
    /// How it and its columns are kept where that is not the usual way, as clauses of
    /// ALTER TABLE: `ALTER COLUMN a SET STORAGE EXTERNAL`, `REPLICA IDENTITY FULL`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<String>,
    /// Declared in the engine's own words: a column without a default has none, not even NULL.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub own_words: bool,
}

/// Which part of another table's rows a table holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct PartitionOf {
    /// The table whose rows they are.
    pub parent: ObjectName,
    /// The rows, as the engine prints it: `FOR VALUES IN (1)`.
    pub bound: Expr,
}

/// Options that one engine has; typed, so that the compiler shows who forgot one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TableOptions {
    /// Nothing is said.
    #[default]
    None,
    /// MySQL and MariaDB.
    MySql(Box<MySqlTable>),
    /// SQLite.
    Sqlite(SqliteTable),
    /// PostgreSQL.
    Postgres(Box<PostgresTable>),
}

/// Partitioning, as the engine prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Partitioning {
    /// The clause from `PARTITION BY` on.
    pub clause: Expr,
}

/// A table. What few tables have reads and writes as if it were the table's own.
#[derive(Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: ObjectName,
    /// Columns in declared order. Order never makes a difference.
    pub columns: Vec<Column>,
    /// Primary key.
    pub primary_key: Option<Box<PrimaryKey>>,
    /// Indexes and unique keys, without the primary key.
    pub indexes: Vec<Index>,
    /// Foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// CHECK constraints.
    pub checks: Vec<Check>,
    /// What one engine has.
    pub options: TableOptions,
    /// The stored text of the table where the engine keeps it (SQLite).
    pub source_text: Option<String>,
    /// What few tables have.
    pub rare: Rare<TableRest>,
    /// Where it was declared.
    pub origin: Origin,
}

/// What few tables have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableRest {
    /// Comment.
    pub comment: Option<String>,
    /// Partitions.
    pub partitioning: Option<Partitioning>,
    /// Former names, declared by the person.
    pub renamed_from: Vec<ObjectName>,
    /// What the engine said of the table that no field above holds: kept, shown,
    /// and never equal to anything by accident.
    pub opaque: Vec<String>,
}

impl TableRest {
    /// Nothing of it.
    pub(crate) const NOTHING: Self = Self {
        comment: None,
        partitioning: None,
        renamed_from: Vec::new(),
        opaque: Vec::new(),
    };
}

impl Table {
    /// A table with nothing in it.
    pub fn new(name: ObjectName) -> Self {
        Self {
            name,
            columns: Vec::new(),
            primary_key: None,
            indexes: Vec::new(),
            foreign_keys: Vec::new(),
            checks: Vec::new(),
            options: TableOptions::None,
            source_text: None,
            rare: Rare::new(),
            origin: Origin::None,
        }
    }

    /// True for a table that only holds a part of another one's rows, and comes and goes with it.
    pub fn is_partition(&self) -> bool {
        matches!(&self.options, TableOptions::Postgres(options) if options.partition_of.is_some())
    }

    /// True when the table was declared in the engine's own words, or found in a database.
    pub fn is_in_own_words(&self) -> bool {
        matches!(&self.options, TableOptions::Postgres(options) if options.own_words)
    }

    /// The column of exactly that spelling.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name.text == name)
    }

    /// The column of that name, ASCII case aside.
    pub fn column_ignoring_case(&self, name: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|c| c.name.text.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use std::mem::size_of;

    use crate::{Column, Index, IndexPart, Table};

    /// A schema of ten thousand tables has a hundred thousand columns, in memory twice: what few
    /// of them have belongs into a box.
    #[test]
    fn the_parts_of_a_schema_stay_small() {
        assert!(size_of::<Table>() <= 264);
        assert!(size_of::<Column>() <= 160);
        assert!(size_of::<Index>() <= 128);
        assert!(size_of::<IndexPart>() <= 48);
    }
}
