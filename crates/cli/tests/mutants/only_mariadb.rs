//! What is changed on MariaDB alone.

use realign::planner::Aspect;

use crate::trial::Row;

/// The schema of both with what only MariaDB has.
pub(crate) const SCHEMA_ON_MARIADB: &str = concat!(
    include_str!("mysql.sql"),
    "\nCREATE SEQUENCE counter START WITH 10 INCREMENT BY 5 MINVALUE 5 MAXVALUE 900 CACHE 7 CYCLE;\n"
);

/// What only MariaDB has.
pub(crate) const MARIADB: &[Row] = &[
    // MySQL wants a unique index where a foreign key points.
    (
        "ALTER TABLE customer ADD INDEX spare (short), DROP INDEX customer_short",
        "customer index customer_short",
        Aspect::Uniqueness,
    ),
    (
        "ALTER TABLE customer MODIFY active TINYINT(4) NOT NULL DEFAULT 1",
        "customer.active",
        Aspect::Type,
    ),
    (
        "ALTER TABLE customer MODIFY meta LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL",
        "customer.meta",
        Aspect::Type,
    ),
    (
        "ALTER TABLE customer ALTER INDEX customer_name IGNORED",
        "customer index customer_name",
        Aspect::Visibility,
    ),
    (
        "ALTER TABLE invoice MODIFY number INT UNSIGNED NOT NULL CHECK (number > 0)",
        "invoice check ",
        Aspect::Existence,
    ),
    (
        "ALTER SEQUENCE counter INCREMENT BY 6",
        "sequence counter",
        Aspect::Options,
    ),
    (
        "ALTER SEQUENCE counter START WITH 15",
        "sequence counter",
        Aspect::Options,
    ),
    (
        "ALTER SEQUENCE counter MINVALUE 6",
        "sequence counter",
        Aspect::Options,
    ),
    (
        "ALTER SEQUENCE counter MAXVALUE 901",
        "sequence counter",
        Aspect::Options,
    ),
    (
        "ALTER SEQUENCE counter CACHE 8",
        "sequence counter",
        Aspect::Options,
    ),
    (
        "ALTER SEQUENCE counter NOCYCLE",
        "sequence counter",
        Aspect::Options,
    ),
    (
        "DROP SEQUENCE counter",
        "sequence counter",
        Aspect::Existence,
    ),
];

/// What is told and can't be compared.
pub(crate) const OPAQUE_ON_MARIADB: Row = (
    "DROP TABLE parted; CREATE TABLE parted (id INT) WITH SYSTEM VERSIONING",
    "parted",
    Aspect::Opaque,
);
