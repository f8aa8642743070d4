//! The same for what stands beside tables.

use crate::engines::{ALL, MYSQL, NOT_MYSQL, NOT_POSTGRES, NOT_SQLITE, POSTGRES};
use crate::fields_absent::FieldAbsent;

pub(crate) const OBJECTS_ABSENT: &[FieldAbsent] = &[
    ("views.source_text", NOT_SQLITE, "only its query is read"),
    (
        "options",
        ALL,
        "each table has its own, and that is compared",
    ),
    (
        "options.",
        ALL,
        "each table has its own, and that is compared",
    ),
    (
        "opaque",
        ALL,
        "not compared on purpose: what can't be read is told",
    ),
    (
        "opaque.",
        ALL,
        "not compared on purpose: what can't be read is told",
    ),
    ("domains", NOT_POSTGRES, "there are no domains"),
    ("domains.", NOT_POSTGRES, "there are no domains"),
    (
        "domains.base",
        POSTGRES,
        "a domain over another type is another domain",
    ),
    (
        "domains.collation",
        POSTGRES,
        "a domain over another collation is another domain",
    ),
    ("enums", NOT_POSTGRES, "an enum is a type of a column"),
    ("enums.", NOT_POSTGRES, "an enum is a type of a column"),
    ("extensions", NOT_POSTGRES, "there are no extensions"),
    ("extensions.", NOT_POSTGRES, "there are no extensions"),
    (
        "extensions",
        POSTGRES,
        "an installation has one version of each",
    ),
    (
        "extensions.",
        POSTGRES,
        "an installation has one version of each",
    ),
    (
        "namespaces",
        NOT_POSTGRES,
        "a database has no schemas in it",
    ),
    ("events", NOT_MYSQL, "there are no events"),
    ("events.", NOT_MYSQL, "there are no events"),
    ("routines", &["sqlite"], "there are no routines"),
    ("routines.", &["sqlite"], "there are no routines"),
    (
        "routines.kind",
        POSTGRES,
        "a procedure is another thing than a function",
    ),
    (
        "routines.signature",
        POSTGRES,
        "a function of other arguments is another function",
    ),
    (
        "routines.kind",
        MYSQL,
        "a procedure is another thing than a function",
    ),
    (
        "routines.signature",
        MYSQL,
        "there is one of a name, whatever its arguments",
    ),
    (
        "routines.legacy",
        MYSQL,
        "rights and comments are kept apart from the routine",
    ),
    (
        "routines.legacy",
        POSTGRES,
        "not compared on purpose: owner and privileges",
    ),
    ("comments", NOT_POSTGRES, "each has its comment with it"),
    ("comments.", NOT_POSTGRES, "each has its comment with it"),
    (
        "comments",
        POSTGRES,
        "not compared on purpose: comments of routines, types, sequences and schemas",
    ),
    (
        "comments.",
        POSTGRES,
        "not compared on purpose: comments of routines, types, sequences and schemas",
    ),
    ("sequences", &["sqlite", "mysql"], "there are no sequences"),
    ("sequences.", &["sqlite", "mysql"], "there are no sequences"),
    (
        "namespaces",
        POSTGRES,
        "not compared on purpose: empty schemas",
    ),
    (
        "sequences.data_type",
        &["mariadb"],
        "all sequences are of one type",
    ),
    (
        "sequences.unlogged",
        &["mariadb"],
        "no sequence is unlogged",
    ),
    ("sequences.owned_by", &["mariadb"], "no column owns one"),
    ("sequences.loose", &["mariadb"], "no column owns one"),
    (
        "views.settings",
        MYSQL,
        "not compared on purpose: character set and collation of the session that made a view or body",
    ),
    (
        "views.columns",
        ALL,
        "names of columns are read as a part of its query",
    ),
    (
        "views.materialized",
        NOT_POSTGRES,
        "no view is materialized",
    ),
    (
        "views.options",
        NOT_POSTGRES,
        "not compared on purpose: definer and algorithm",
    ),
    (
        "views.options",
        POSTGRES,
        "not compared on purpose: options of a view",
    ),
    (
        "sequences.owned_by",
        POSTGRES,
        "not compared on purpose: owner of a sequence",
    ),
    (
        "sequences.loose",
        POSTGRES,
        "not compared on purpose: owner of a sequence",
    ),
];
