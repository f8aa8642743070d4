//! Keys, indexes and constraints of a table.

use serde::{Deserialize, Serialize};

use crate::{Expr, Ident, ObjectName, Origin, Rare};

/// The primary key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct PrimaryKey {
    /// The constraint's name where the engine keeps one.
    pub name: Option<Ident>,
    /// Its columns, in order. Prefix lengths and directions are kept.
    pub parts: Vec<IndexPart>,
    /// May be checked at the end of a transaction (PostgreSQL).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deferrable: bool,
    /// Is checked there unless the transaction says otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub initially_deferred: bool,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}

impl PrimaryKey {
    /// A key over plain columns.
    pub fn over(columns: impl IntoIterator<Item = Ident>) -> Self {
        Self {
            name: None,
            parts: columns.into_iter().map(IndexPart::column).collect(),
            deferrable: false,
            initially_deferred: false,
            origin: Origin::None,
        }
    }

    /// The names of its columns.
    pub fn columns(&self) -> impl Iterator<Item = &Ident> {
        self.parts.iter().filter_map(IndexPart::as_column)
    }
}

/// What an index part covers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum IndexTarget {
    /// A column.
    Column(Ident),
    /// An expression over the row.
    Expr(Expr),
}

/// Direction of an index part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SortOrder {
    /// Ascending, the default everywhere.
    #[default]
    Asc,
    /// Descending.
    Desc,
}

/// One part of an index. What few parts have reads and writes as if it were the part's own.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IndexPart {
    /// Column or expression.
    pub target: IndexTarget,
    /// Direction.
    pub order: SortOrder,
    /// What few parts have.
    pub rare: Rare<IndexPartRest>,
}

/// What few parts have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct IndexPartRest {
    /// Prefix length in characters or bytes (MySQL).
    pub prefix: Option<u32>,
    /// Where NULLs go when it is not the engine's default: true is first.
    pub nulls_first: Option<bool>,
    /// Collation of the part when it is not the column's.
    pub collation: Option<String>,
    /// Operator class (PostgreSQL).
    pub operator_class: Option<String>,
}

impl IndexPartRest {
    /// Nothing of it.
    pub(crate) const NOTHING: Self = Self {
        prefix: None,
        nulls_first: None,
        collation: None,
        operator_class: None,
    };
}

impl IndexPart {
    /// An ascending part over a whole column.
    pub fn column(name: Ident) -> Self {
        Self {
            target: IndexTarget::Column(name),
            order: SortOrder::Asc,
            rare: Rare::new(),
        }
    }

    /// The column, unless the part is an expression.
    pub fn as_column(&self) -> Option<&Ident> {
        match &self.target {
            IndexTarget::Column(name) => Some(name),
            IndexTarget::Expr(_) => None,
        }
    }
}

/// The kind of an index.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum IndexKind {
    /// The engine's default (a B-tree).
    #[default]
    Plain,
    /// Full-text search (MySQL).
    Fulltext {
        /// The parser plug-in when it is not the default.
        parser: Option<String>,
    },
    /// Spatial (MySQL).
    Spatial,
    /// An access method by name (`hash`, `gin`, `gist`, `brin`, …).
    Method(String),
}

/// An index, unique or not. What few indexes have reads and writes as if it were the index's own.
#[derive(Clone, PartialEq, Eq)]
pub struct Index {
    /// The name; none lets the engine choose, or is an engine's own for a constraint.
    pub name: Option<Ident>,
    /// The parts, in order.
    pub parts: Vec<IndexPart>,
    /// No two rows alike.
    pub unique: bool,
    /// Declared as a table constraint, not as an index.
    pub constraint: bool,
    /// The whole statement that makes it, where the engine keeps it.
    pub source_text: Option<String>,
    /// What few indexes have.
    pub rare: Rare<IndexRest>,
    /// Where it was declared.
    pub origin: Origin,
}

/// What few indexes have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexRest {
    /// Its kind.
    pub kind: IndexKind,
    /// Predicate of a partial index.
    pub predicate: Option<Expr>,
    /// Columns carried along, not part of the key.
    pub include: Vec<Ident>,
    /// Not used by the planner of the engine.
    pub invisible: bool,
    /// Two NULLs count as alike (PostgreSQL 15).
    pub nulls_not_distinct: bool,
    /// How it is kept, as PostgreSQL's words: `fillfactor=70`, `statistics of 1=500`.
    pub storage: Vec<String>,
    /// As a constraint, may be checked at the end of a transaction (PostgreSQL).
    pub deferrable: bool,
    /// Is checked there unless the transaction says otherwise.
    pub initially_deferred: bool,
    /// Comment.
    pub comment: Option<String>,
}

impl IndexRest {
    /// Nothing of it.
    pub(crate) const NOTHING: Self = Self {
        kind: IndexKind::Plain,
        predicate: None,
        include: Vec::new(),
        invisible: false,
        nulls_not_distinct: false,
        storage: Vec::new(),
        deferrable: false,
        initially_deferred: false,
        comment: None,
    };
}

impl Index {
    /// A plain index over columns.
    pub fn over(
        name: Option<Ident>,
        columns: impl IntoIterator<Item = Ident>,
        unique: bool,
    ) -> Self {
        Self {
            name,
            parts: columns.into_iter().map(IndexPart::column).collect(),
            unique,
            constraint: false,
            source_text: None,
            rare: Rare::new(),
            origin: Origin::None,
        }
    }

    /// The plain columns among its parts.
    pub fn columns(&self) -> impl Iterator<Item = &Ident> {
        self.parts.iter().filter_map(IndexPart::as_column)
    }

    /// The name as text, empty when the engine chooses it.
    pub fn name_str(&self) -> &str {
        self.name.as_ref().map_or("", Ident::as_str)
    }
}

/// What happens to a referencing row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RefAction {
    /// Refuse at the end of the statement, or of the transaction if deferred.
    #[default]
    NoAction,
    /// Refuse at once.
    Restrict,
    /// Follow.
    Cascade,
    /// Set the columns to NULL.
    SetNull,
    /// Set the columns to their defaults.
    SetDefault,
}

impl RefAction {
    /// The SQL words.
    pub fn sql(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        }
    }

    /// The action of these SQL words, letter case and blanks aside.
    pub fn from_sql(words: &str) -> Option<Self> {
        let words = words
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_ascii_uppercase();
        Some(match words.as_str() {
            "NO ACTION" => Self::NoAction,
            "RESTRICT" => Self::Restrict,
            "CASCADE" => Self::Cascade,
            "SET NULL" => Self::SetNull,
            "SET DEFAULT" => Self::SetDefault,
            _ => return None,
        })
    }
}

/// `MATCH` of a foreign key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MatchKind {
    /// The default.
    #[default]
    Simple,
    /// `MATCH FULL`.
    Full,
    /// `MATCH PARTIAL`.
    Partial,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ForeignKey {
    /// The constraint's name.
    pub name: Option<Ident>,
    /// Referencing columns.
    pub columns: Vec<Ident>,
    /// Referenced table.
    pub ref_table: ObjectName,
    /// Referenced columns, as many as `columns`; empty means the primary key.
    pub ref_columns: Vec<Ident>,
    /// `ON DELETE`; none is not declared.
    pub on_delete: Option<RefAction>,
    /// `ON UPDATE`; none is not declared.
    pub on_update: Option<RefAction>,
    /// May be deferred.
    #[serde(default)]
    pub deferrable: bool,
    /// Is deferred unless the transaction says otherwise.
    #[serde(default)]
    pub initially_deferred: bool,
    /// `MATCH`.
    #[serde(default)]
    pub match_kind: MatchKind,
    /// The columns that SET NULL or SET DEFAULT on delete touches; all of the key when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_columns: Vec<Ident>,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}

impl ForeignKey {
    /// The name as text, empty when there is none.
    pub fn name_str(&self) -> &str {
        self.name.as_ref().map_or("", Ident::as_str)
    }
}

/// A CHECK constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Check {
    /// The constraint's name; none where the engine keeps none.
    pub name: Option<Ident>,
    /// The condition.
    pub expr: Expr,
    /// The column it was written at, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<Ident>,
    /// False for `NOT ENFORCED`.
    pub enforced: bool,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}

impl Check {
    /// The name as text, empty when there is none.
    pub fn name_str(&self) -> &str {
        self.name.as_ref().map_or("", Ident::as_str)
    }
}
