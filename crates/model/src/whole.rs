//! Parts of the model with every field at its place: what is printed and read of them.

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::rare::{Unsaid, whole};
use crate::{
    Check, DataType, Expr, ForeignKey, Generated, Ident, Identity, IndexKind, IndexTarget,
    ObjectName, Origin, Partitioning, PrimaryKey, SortOrder, TableOptions,
};

/// A column.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub(crate) struct Column<'a> {
    /// Its name.
    name: Cow<'a, Ident>,
    /// Its type.
    data_type: Cow<'a, DataType>,
    /// NULL is allowed.
    nullable: bool,
    /// The default as SQL; none when there is none (or only the implied NULL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default: Option<Cow<'a, Expr>>,
    /// Values come from the engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity: Option<Cow<'a, Identity>>,
    /// Computed from other columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    generated: Option<Cow<'a, Generated>>,
    /// MySQL's `ON UPDATE CURRENT_TIMESTAMP`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_update: Option<Cow<'a, Expr>>,
    /// Character set; none is not declared, so that the table's holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    charset: Option<Cow<'a, str>>,
    /// Collation; none is not declared, so that the table's holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    collation: Option<Cow<'a, str>>,
    /// Comment, without any type mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<Cow<'a, str>>,
    /// Doctrine's type mark, the word in `(DC2Type:word)`.
    ///
    /// In a wish: none means that the profile writes no marks (DBAL 4, or marks
    /// turned off) and nothing is compared; the empty word means that this
    /// column has to have none. In a live schema: the mark that was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    type_mark: Option<Cow<'a, str>>,
    /// Left out of `SELECT *`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    invisible: bool,
    /// Doctrine's `columnDefinition`: everything after the name, printed as it
    /// stands. The other fields then hold what the dialect could read from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    definition: Option<Cow<'a, str>>,
    /// Former names, declared by the person: the column is renamed, not made anew.
    #[serde(default, skip_serializing_if = "is_empty")]
    renamed_from: Cow<'a, [Ident]>,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    origin: Cow<'a, Origin>,
}

whole!(Column of ColumnRest { name one, data_type one, nullable value, default maybe, identity maybe, type_mark text, origin one } and { generated maybe, on_update maybe, charset text, collation text, comment text, invisible value, definition text, renamed_from list });

/// One part of an index.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub(crate) struct IndexPart<'a> {
    /// Column or expression.
    target: Cow<'a, IndexTarget>,
    /// Prefix length in characters or bytes (MySQL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prefix: Option<u32>,
    /// Direction.
    #[serde(default)]
    order: SortOrder,
    /// Where NULLs go when it is not the engine's default: true is first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nulls_first: Option<bool>,
    /// Collation of the part when it is not the column's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    collation: Option<Cow<'a, str>>,
    /// Operator class (PostgreSQL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operator_class: Option<Cow<'a, str>>,
}

whole!(IndexPart of IndexPartRest {
    target one, order value,
} and {
    prefix value, nulls_first value, collation text, operator_class text,
});

/// An index, unique or not.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub(crate) struct Index<'a> {
    /// The name; none lets the engine choose, or is an engine's own for a constraint.
    name: Option<Cow<'a, Ident>>,
    /// The parts, in order.
    parts: Cow<'a, [crate::IndexPart]>,
    /// No two rows alike.
    unique: bool,
    /// Its kind.
    #[serde(default)]
    kind: Cow<'a, IndexKind>,
    /// Predicate of a partial index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    predicate: Option<Cow<'a, Expr>>,
    /// Columns carried along, not part of the key.
    #[serde(default, skip_serializing_if = "is_empty")]
    include: Cow<'a, [Ident]>,
    /// Declared as a table constraint, not as an index.
    #[serde(default)]
    constraint: bool,
    /// Not used by the planner of the engine.
    #[serde(default)]
    invisible: bool,
    /// Two NULLs count as alike (PostgreSQL 15).
    #[serde(default)]
    nulls_not_distinct: bool,
    /// How it is kept, as PostgreSQL's words: `fillfactor=70`, `statistics of 1=500`.
    #[serde(default, skip_serializing_if = "is_empty")]
    storage: Cow<'a, [String]>,
    /// As a constraint, may be checked at the end of a transaction (PostgreSQL).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    deferrable: bool,
    /// Is checked there unless the transaction says otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    initially_deferred: bool,
    /// Comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<Cow<'a, str>>,
    /// The whole statement that makes it, where the engine keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source_text: Option<Cow<'a, str>>,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    origin: Cow<'a, Origin>,
}

whole!(Index of IndexRest { name maybe, parts list, unique value, constraint value, source_text text, origin one } and { kind one, predicate maybe, include list, invisible value, nulls_not_distinct value, storage list, deferrable value, initially_deferred value, comment text });

/// A table.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub(crate) struct Table<'a> {
    /// Its name.
    name: Cow<'a, ObjectName>,
    /// Columns in declared order. Order never makes a difference.
    columns: Cow<'a, [crate::Column]>,
    /// Primary key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    primary_key: Option<Cow<'a, PrimaryKey>>,
    /// Indexes and unique keys, without the primary key.
    #[serde(default, skip_serializing_if = "is_empty")]
    indexes: Cow<'a, [crate::Index]>,
    /// Foreign keys.
    #[serde(default, skip_serializing_if = "is_empty")]
    foreign_keys: Cow<'a, [ForeignKey]>,
    /// CHECK constraints.
    #[serde(default, skip_serializing_if = "is_empty")]
    checks: Cow<'a, [Check]>,
    /// Comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<Cow<'a, str>>,
    /// What one engine has.
    #[serde(default)]
    options: Cow<'a, TableOptions>,
    /// Partitions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partitioning: Option<Cow<'a, Partitioning>>,
    /// Former names, declared by the person.
    #[serde(default, skip_serializing_if = "is_empty")]
    renamed_from: Cow<'a, [ObjectName]>,
    /// What the engine said of the table that no field above holds: kept, shown,
    /// and never equal to anything by accident.
    #[serde(default, skip_serializing_if = "is_empty")]
    opaque: Cow<'a, [String]>,
    /// The stored text of the table where the engine keeps it (SQLite).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source_text: Option<Cow<'a, str>>,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    origin: Cow<'a, Origin>,
}

whole!(Table of TableRest { name one, columns list, primary_key boxed, indexes list, foreign_keys list, checks list, options one, source_text text, origin one } and { comment text, partitioning maybe, renamed_from list, opaque list });

/// True for a list without anything.
fn is_empty<T>(list: &[T]) -> bool {
    list.is_empty()
}
