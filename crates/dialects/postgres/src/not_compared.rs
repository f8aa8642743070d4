//! What is not compared on purpose, on PostgreSQL.

use realign_planner::NotCompared;

const ALL: &str = "all versions";

/// Aspect, versions, reason. Each row is tried out on a real server.
pub(crate) const ROWS: &[NotCompared] = &[
    NotCompared {
        aspect: "order of columns",
        versions: ALL,
        reason: "no statement that names its columns depends on it, and changing it makes the table anew",
    },
    NotCompared {
        aspect: "value of a sequence",
        versions: ALL,
        reason: "it belongs to the rows, not to the schema",
    },
    NotCompared {
        aspect: "owner and privileges",
        versions: ALL,
        reason: "they belong to the installation, and differ from machine to machine",
    },
    NotCompared {
        aspect: "tablespace, and storage and statistics that nothing declares",
        versions: ALL,
        reason: "they say where and how values lie, not what they are; administrators tune them",
    },
    NotCompared {
        aspect: "replica identity and clustering that nothing declares",
        versions: ALL,
        reason: "they belong to the installation, and no row changes by them",
    },
    NotCompared {
        aspect: "name of a foreign key",
        versions: ALL,
        reason: "keys are told apart by what they tie together; generated names changed between Doctrine's versions",
    },
    NotCompared {
        aspect: "an identity on a key that the mapping fills",
        versions: ALL,
        reason: "values that are given are kept, and a database that another generation of Doctrine made counts so; GENERATED ALWAYS is compared",
    },
    NotCompared {
        aspect: "a default of NULL that is written out",
        versions: ALL,
        reason: "a column without a default has NULL as well",
    },
    NotCompared {
        aspect: "owner of a sequence",
        versions: ALL,
        reason: "who takes it away tells nothing about its values; what a column takes its values from is compared with the column",
    },
    NotCompared {
        aspect: "comments of routines, types, sequences and schemas",
        versions: ALL,
        reason: "they are shown by inspect and made with their object; nothing depends on them",
    },
    NotCompared {
        aspect: "comment of an index that nothing declares",
        versions: ALL,
        reason: "no mapping has words for it, and no row depends on it",
    },
    NotCompared {
        aspect: "unique constraint instead of a unique index",
        versions: ALL,
        reason: "both refuse the same rows; Doctrine makes the one for some declarations and the other for others",
    },
    NotCompared {
        aspect: "schemas with nothing in them",
        versions: ALL,
        reason: "a schema is made for what is declared in it, and nothing else needs it",
    },
    NotCompared {
        aspect: "options of a view that nothing declares",
        versions: ALL,
        reason: "no mapping has words for them; the administrator decides who may see what",
    },
    NotCompared {
        aspect: "MATCH of a foreign key of one column",
        versions: ALL,
        reason: "it means the same in each spelling; of several columns it is compared",
    },
];
