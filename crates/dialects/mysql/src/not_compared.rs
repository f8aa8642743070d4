//! What is not compared on purpose, on MySQL and MariaDB.

use realign_planner::NotCompared;

const ALL: &str = "all versions of MySQL and MariaDB";

/// Aspect, versions, reason. Each row is tried out on real servers.
pub(crate) const ROWS: &[NotCompared] = &[
    NotCompared {
        aspect: "order of columns",
        versions: ALL,
        reason: "no statement that names its columns depends on it, and changing it copies the table",
    },
    NotCompared {
        aspect: "order of indexes",
        versions: ALL,
        reason: "the optimizer chooses among all of them, whatever their order",
    },
    NotCompared {
        aspect: "direction of the columns of a primary key",
        versions: ALL,
        reason: "it refuses the same rows, and changing it copies the table",
    },
    NotCompared {
        aspect: "display width of an integer",
        versions: "all versions of MariaDB, MySQL before 8.0.19",
        reason: "it pads what a client prints with ZEROFILL, which is compared; TINYINT(1), which means a boolean, is told apart",
    },
    NotCompared {
        aspect: "AUTO_INCREMENT counter of a table",
        versions: ALL,
        reason: "it belongs to the rows, not to the schema",
    },
    NotCompared {
        aspect: "name of a foreign key",
        versions: ALL,
        reason: "keys are told apart by what they tie together; generated names changed between Doctrine's versions",
    },
    NotCompared {
        aspect: "RESTRICT instead of NO ACTION",
        versions: ALL,
        reason: "both refuse at once, as no check is ever deferred here",
    },
    NotCompared {
        aspect: "method of an index that InnoDB makes a B-tree",
        versions: ALL,
        reason: "InnoDB has no other, whatever USING says",
    },
    NotCompared {
        aspect: "storage attributes of a column",
        versions: "all versions of MySQL",
        reason: "COLUMN_FORMAT, STORAGE and ENGINE_ATTRIBUTE change where values lie, not what they are",
    },
    NotCompared {
        aspect: "compression of a column",
        versions: "all versions of MariaDB",
        reason: "it changes how values lie on the disk, not what they are",
    },
    NotCompared {
        aspect: "collation of a JSON column",
        versions: "all versions of MariaDB",
        reason: "a JSON column has no collation that a mapping could declare",
    },
    NotCompared {
        aspect: "table options that are not declared",
        versions: ALL,
        reason: "what is not declared never differs; administrators tune them per table",
    },
    NotCompared {
        aspect: "partitions of a partitioned table",
        versions: ALL,
        reason: "they come and go with time; that a table is partitioned at all is compared where declared",
    },
    NotCompared {
        aspect: "definer and algorithm of a view",
        versions: ALL,
        reason: "the account that creates the view is its definer, and differs from machine to machine; which algorithm is possible is up to the server",
    },
    NotCompared {
        aspect: "definer of a trigger",
        versions: ALL,
        reason: "the account that creates the trigger decides it, and it differs from machine to machine",
    },
    NotCompared {
        aspect: "definer of a routine or event",
        versions: ALL,
        reason: "the account that creates it decides it, and it differs from machine to machine",
    },
    NotCompared {
        aspect: "start of a recurring event",
        versions: ALL,
        reason: "without a word it is the moment at which the event was made",
    },
    NotCompared {
        aspect: "character set and collation of the session that made a view or body",
        versions: ALL,
        reason: "each client has its own; both are kept when it is made anew, and printed where they are not the usual ones",
    },
    NotCompared {
        aspect: "default character set of the database",
        versions: ALL,
        reason: "each table has its own, and that is compared",
    },
];
