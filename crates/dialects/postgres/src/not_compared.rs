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
        aspect: "tablespace, storage and statistics",
        versions: ALL,
        reason: "they say where and how values lie, not what they are; administrators tune them",
    },
    NotCompared {
        aspect: "replica identity and clustering",
        versions: ALL,
        reason: "they belong to the installation, and no row changes by them",
    },
    NotCompared {
        aspect: "name of a foreign key",
        versions: ALL,
        reason: "keys are told apart by what they tie together; generated names changed between Doctrine's versions",
    },
    NotCompared {
        aspect: "rules of a table",
        versions: ALL,
        reason: "they are not managed in this version; no mapping has words for them",
    },
    NotCompared {
        aspect: "functions",
        versions: ALL,
        reason: "they are shown by inspect, and not managed in this version",
    },
];
