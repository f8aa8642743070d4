//! Fields of tables that an engine does not have, or does not compare, each with the reason.

use crate::engines::{
    ALL, MYSQL, MYSQL_AND_SQLITE, NOT_MARIADB, NOT_MYSQL, NOT_MYSQL_ALONE, NOT_POSTGRES,
    NOT_SQLITE, POSTGRES, SQLITE,
};
use crate::objects_absent::OBJECTS_ABSENT;

/// Path, engines, reason. A path that ends with a dot stands for all below it, one that begins
/// with `*.` for every field of that name.
pub(crate) type FieldAbsent = (&'static str, &'static [&'static str], &'static str);

/// All of them: those of tables first.
pub(crate) fn fields_absent() -> impl Iterator<Item = &'static FieldAbsent> {
    TABLES_ABSENT.iter().chain(OBJECTS_ABSENT)
}

const TABLES_ABSENT: &[FieldAbsent] = &[
    ("*.name", ALL, "a thing of another name is another thing"),
    ("*.origin", ALL, "only a declaration has a place"),
    (
        "*.renamed_from",
        ALL,
        "only a declaration tells of a rename",
    ),
    (
        "*.definition",
        ALL,
        "only a declaration has a columnDefinition",
    ),
    (
        "*.source_text",
        &["sqlite"],
        "the text is kept to be printed; its parts are compared",
    ),
    (
        "tables.source_text",
        NOT_SQLITE,
        "only SQLite keeps the text of a table",
    ),
    (
        "tables.options.postgres.own_words",
        POSTGRES,
        "it tells how a table is printed",
    ),
    (
        "tables.indexes.storage",
        NOT_POSTGRES,
        "how an index is kept is told on PostgreSQL alone",
    ),
    (
        "tables.foreign_keys.set_columns",
        NOT_POSTGRES,
        "only PostgreSQL empties some columns of a key",
    ),
    (
        "tables.indexes.deferrable",
        NOT_POSTGRES,
        "no key of its own is ever checked late",
    ),
    (
        "tables.indexes.initially_deferred",
        NOT_POSTGRES,
        "no key of its own is ever checked late",
    ),
    (
        "tables.primary_key.deferrable",
        NOT_POSTGRES,
        "no key of its own is ever checked late",
    ),
    (
        "tables.primary_key.initially_deferred",
        NOT_POSTGRES,
        "no key of its own is ever checked late",
    ),
    ("tables.options.sqlite.", NOT_SQLITE, "an option of SQLite"),
    ("tables.options.my-sql.", NOT_MYSQL, "an option of MySQL"),
    (
        "tables.options.postgres.",
        NOT_POSTGRES,
        "an option of PostgreSQL",
    ),
    (
        "tables.options.my-sql.auto_increment",
        MYSQL,
        "not compared on purpose: the counter",
    ),
    (
        "tables.options.my-sql.collation_implied",
        MYSQL,
        "only a declaration implies one",
    ),
    (
        "tables.options.my-sql.verbatim",
        MYSQL,
        "only a declaration has words of its own",
    ),
    (
        "tables.partitioning",
        &["sqlite"],
        "there are no partitions",
    ),
    (
        "tables.options.my-sql.partition",
        MYSQL,
        "only a declaration has it among its options",
    ),
    (
        "tables.opaque",
        &["sqlite", "mariadb"],
        "not compared on purpose: what can't be read is told",
    ),
    ("*.settings", NOT_MYSQL, "no session is kept with an object"),
    (
        "tables.indexes.source_text",
        NOT_SQLITE,
        "only SQLite keeps the text of an index",
    ),
    (
        "tables.columns.data_type.bit.varying",
        MYSQL_AND_SQLITE,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.time.zone",
        MYSQL_AND_SQLITE,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.json.binary",
        MYSQL_AND_SQLITE,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.bit.len",
        SQLITE,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.date-time.precision",
        SQLITE,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.time.precision",
        SQLITE,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.timestamp.precision",
        SQLITE,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.float.width",
        SQLITE,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.binary.len",
        NOT_MYSQL,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.blob.size",
        NOT_MYSQL,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.decimal.unsigned",
        NOT_MYSQL,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.enum.values",
        NOT_MYSQL,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.float.digits",
        NOT_MYSQL,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.float.unsigned",
        NOT_MYSQL,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.int.display",
        NOT_MYSQL,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.int.unsigned",
        NOT_MYSQL,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.int.zerofill",
        NOT_MYSQL,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.set.values",
        NOT_MYSQL,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.text.size",
        NOT_MYSQL,
        "no type there has it",
    ),
    (
        "tables.columns.data_type.varbinary.len",
        NOT_MYSQL,
        "no type there has it",
    ),
    (
        "tables.columns.charset",
        NOT_MYSQL,
        "only MySQL has one for a column",
    ),
    (
        "tables.columns.on_update",
        NOT_MYSQL,
        "only MySQL has ON UPDATE of a column",
    ),
    (
        "tables.columns.invisible",
        NOT_MYSQL,
        "no column is invisible",
    ),
    (
        "tables.columns.generated.kind",
        POSTGRES,
        "up to 17 each is stored",
    ),
    (
        "tables.checks.column",
        NOT_MARIADB,
        "a check is one of its table",
    ),
    (
        "tables.checks.enforced",
        NOT_MYSQL_ALONE,
        "each check is enforced",
    ),
    (
        "tables.foreign_keys.match_kind",
        MYSQL,
        "MATCH is read and ignored",
    ),
    (
        "tables.foreign_keys.match_kind",
        &["sqlite"],
        "not compared on purpose: MATCH",
    ),
    (
        "tables.foreign_keys.deferrable",
        MYSQL,
        "no check is ever deferred",
    ),
    (
        "tables.foreign_keys.initially_deferred",
        MYSQL,
        "no check is ever deferred",
    ),
    (
        "tables.indexes.comment",
        &["sqlite"],
        "an index has no comment",
    ),
    (
        "tables.indexes.comment",
        POSTGRES,
        "not compared on purpose: its comment",
    ),
    (
        "tables.indexes.constraint",
        NOT_POSTGRES,
        "a unique constraint is its index",
    ),
    (
        "tables.indexes.constraint",
        POSTGRES,
        "not compared on purpose: constraint or index",
    ),
    (
        "tables.indexes.include",
        NOT_POSTGRES,
        "no index includes columns",
    ),
    (
        "tables.indexes.nulls_not_distinct",
        NOT_POSTGRES,
        "NULLs are always distinct",
    ),
    (
        "tables.indexes.predicate",
        MYSQL,
        "there are no partial indexes",
    ),
    (
        "tables.indexes.invisible",
        &["sqlite"],
        "nothing is invisible there",
    ),
    (
        "tables.indexes.kind",
        &["sqlite"],
        "there is one kind of index",
    ),
    (
        "tables.indexes.parts.prefix",
        NOT_MYSQL,
        "only MySQL indexes a beginning",
    ),
    (
        "tables.indexes.parts.nulls_first",
        NOT_POSTGRES,
        "there is no such choice",
    ),
    (
        "tables.indexes.parts.operator_class",
        NOT_POSTGRES,
        "there are no operator classes",
    ),
    (
        "tables.indexes.parts.collation",
        MYSQL,
        "an index has that of its column",
    ),
    (
        "tables.primary_key.parts.prefix",
        NOT_MYSQL,
        "only MySQL indexes a beginning",
    ),
    (
        "tables.primary_key.parts.nulls_first",
        ALL,
        "no part of it is ever NULL",
    ),
    (
        "tables.primary_key.parts.operator_class",
        ALL,
        "it has those of the columns",
    ),
    (
        "tables.primary_key.parts.collation",
        NOT_SQLITE,
        "it has those of the columns",
    ),
    (
        "tables.primary_key.parts.collation",
        &["sqlite"],
        "not compared on purpose",
    ),
    (
        "tables.primary_key.parts.order",
        POSTGRES,
        "it has no direction",
    ),
    (
        "tables.primary_key.parts.order",
        NOT_POSTGRES,
        "not compared on purpose",
    ),
];
