//! Everything that a database can differ in: the aspects, and the fields of the model.
//!
//! The lists are held to the types by the compiler: a variant or a field that is not here is an
//! error.

use realign::model::{self, DataType};
use realign::planner::Aspect;

macro_rules! aspects {
    ($($name:ident)*) => {
        /// Every aspect.
        pub(crate) const ASPECTS: &[Aspect] = &[$(Aspect::$name),*];
        const _: fn(Aspect) = |aspect| match aspect { $(Aspect::$name => {})* };
    };
}

aspects! {
    Existence Name Type Nullability Default Identity Generated OnUpdate Collation Comment TypeMark
    Visibility Columns Uniqueness Kind Predicate Target Actions Deferrability Expression Engine
    Options Partitioning Body Opaque
}

macro_rules! fields {
    ($($path:literal $kind:ident { $($field:ident)* } $(with $rare:ident)?)*) => {
        /// Every field of every part of the model, as its path in the schema document.
        pub(crate) const FIELDS: &[&str] = &[$($(concat!($path, stringify!($field))),*),*];
        $(const _: fn(model::$kind) = |model::$kind { $($field: _,)* $($rare: _)? }| {};)*
    };
}

fields! {
    "" Database {
        options namespaces extensions enums domains sequences tables views routines triggers
        events opaque comments
    }
    "comments." Comment { on text origin }
    "options." DatabaseOptions { charset collation }
    "namespaces." Namespace { name }
    "extensions." Extension { name schema version origin }
    "enums." EnumType { name values origin }
    "domains." Domain { name base collation nullable default checks unproven origin }
    "sequences." Sequence {
        name data_type start increment min max cache cycle unlogged owned_by loose origin
    }
    "views." View { name query columns materialized options source_text settings origin }
    "triggers." Trigger { name table source_text settings origin }
    "routines." Routine { name kind signature source_text settings legacy origin }
    "events." Event { name source_text settings origin }
    "opaque." Opaque { kind name table text origin }
    "tables." Table {
        name columns primary_key indexes foreign_keys checks options source_text origin
    } with rare
    "tables." TableRest { comment partitioning renamed_from opaque }
    "tables.columns." Column {
        name data_type nullable default identity type_mark origin
    } with rare
    "tables.columns." ColumnRest {
        generated on_update charset collation comment invisible definition renamed_from
    }
    "tables.columns.generated." Generated { expr kind }
    "tables.primary_key." PrimaryKey { name parts deferrable initially_deferred origin }
    "tables.primary_key.parts." IndexPart { target order } with rare
    "tables.primary_key.parts." IndexPartRest { prefix nulls_first collation operator_class }
    "tables.indexes." Index {
        name parts unique constraint source_text origin
    } with rare
    "tables.indexes." IndexRest {
        kind predicate include invisible nulls_not_distinct storage deferrable
        initially_deferred comment
    }
    "tables.indexes.parts." IndexPart { target order } with rare
    "tables.indexes.parts." IndexPartRest { prefix nulls_first collation operator_class }
    "tables.foreign_keys." ForeignKey {
        name columns ref_table ref_columns on_delete on_update deferrable initially_deferred
        match_kind set_columns origin
    }
    "tables.checks." Check { name expr column enforced origin }
    "tables.options.my-sql." MySqlTable {
        engine charset collation collation_implied row_format auto_increment verbatim partition
        extra
    }
    "tables.options.sqlite." SqliteTable { strict without_rowid conflicts }
    "tables.options.postgres." PostgresTable {
        unlogged storage inherits partition_of clauses own_words
    }
    "tables.options.postgres.partition_of." PartitionOf { parent bound }
}

macro_rules! types {
    ($($variant:ident $tag:literal { $($field:ident)* })* + $($bare:ident)* + $($held:ident)*) => {
        /// Every part of every type of a column, likewise.
        pub(crate) const TYPES: &[&str] = &[
            $($(concat!("tables.columns.data_type.", $tag, ".", stringify!($field))),*),*
        ];
        const _: fn(DataType) = |found| match found {
            $(DataType::$variant { $($field: _),* } => {})*
            $(DataType::$bare => {})*
            $(DataType::$held(_) => {})*
        };
    };
}

types! {
    Int "int" { width unsigned display zerofill }
    Decimal "decimal" { precision scale unsigned }
    Float "float" { width unsigned digits }
    Char "char" { len }
    Varchar "varchar" { len }
    Text "text" { size }
    Binary "binary" { len }
    Varbinary "varbinary" { len }
    Blob "blob" { size }
    Time "time" { precision zone }
    DateTime "date-time" { precision }
    Timestamp "timestamp" { precision }
    Json "json" { binary }
    Bit "bit" { len varying }
    Enum "enum" { values }
    Set "set" { values }
    + Boolean Date Year Interval Uuid
    + Array Native
}
