//! What is changed on PostgreSQL and does no harm, or can't be compared.

use realign::planner::Aspect;

use crate::trial::Row;

/// What is told, and is either harmless or can't be compared.
pub(crate) const ROWS: &[Row] = &[
    (
        "ALTER TABLE wide ADD CONSTRAINT apart EXCLUDE USING btree (two WITH =)",
        "wide",
        Aspect::Opaque,
    ),
    (
        "CREATE OR REPLACE VIEW names AS SELECT id, two + 1 AS two FROM link",
        "view names",
        Aspect::Body,
    ),
    (
        "ALTER TABLE wide SET (fillfactor = 70)",
        "wide",
        Aspect::Options,
    ),
    (
        "ALTER TABLE split DETACH PARTITION part_0; ALTER TABLE split ATTACH PARTITION part_0 FOR VALUES WITH (MODULUS 4, REMAINDER 0)",
        "part_0",
        Aspect::Partitioning,
    ),
    (
        "ALTER TABLE split DETACH PARTITION part_0; ALTER TABLE split_too ATTACH PARTITION part_0 FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "part_0",
        Aspect::Partitioning,
    ),
    ("ALTER TABLE heir NO INHERIT base", "heir", Aspect::Options),
    (
        "DROP TABLE parted; CREATE TABLE parted (id INT NOT NULL, PRIMARY KEY(id))",
        "parted",
        Aspect::Partitioning,
    ),
];
