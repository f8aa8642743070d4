//! What is not compared on purpose, on SQLite.

use realign_planner::NotCompared;

const ALL: &str = "all versions";

/// Aspect, versions, reason. Each row is tried out on a real database.
pub(crate) const ROWS: &[NotCompared] = &[
    NotCompared {
        aspect: "order of columns",
        versions: ALL,
        reason: "no statement that names its columns depends on it, and changing it rebuilds the table",
    },
    NotCompared {
        aspect: "AUTOINCREMENT counter of a table",
        versions: ALL,
        reason: "it belongs to the rows, not to the schema",
    },
    NotCompared {
        aspect: "name of a foreign key",
        versions: ALL,
        reason: "keys are told apart by what they tie together, and no statement can name one here",
    },
    NotCompared {
        aspect: "name of a primary key",
        versions: ALL,
        reason: "no statement can name it here",
    },
    NotCompared {
        aspect: "direction and collation of the columns of a primary key",
        versions: ALL,
        reason: "no mapping has words for them, and changing them rebuilds the table",
    },
    NotCompared {
        aspect: "spelling of a type with the same meaning",
        versions: ALL,
        reason: "letter case and synonyms give a column the same affinity",
    },
    NotCompared {
        aspect: "DEFERRABLE without INITIALLY DEFERRED",
        versions: ALL,
        reason: "only both together defer anything, as there is no SET CONSTRAINTS",
    },
    NotCompared {
        aspect: "MATCH of a foreign key",
        versions: ALL,
        reason: "SQLite reads the clause and always matches simply",
    },
    NotCompared {
        aspect: "statistics of ANALYZE",
        versions: ALL,
        reason: "they are tables of the engine's own",
    },
    NotCompared {
        aspect: "application and user version of the file",
        versions: ALL,
        reason: "they are the application's own numbers, and no part of the schema",
    },
];
