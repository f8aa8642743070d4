//! What is changed on PostgreSQL beside tables.

use realign::planner::Aspect;

use crate::trial::Row;

/// Views, triggers, routines, types, sequences, and keys that are checked late.
pub(crate) const ROWS: &[Row] = &[
    ("DROP VIEW names", "view names", Aspect::Existence),
    (
        "DROP TRIGGER counted ON link",
        "trigger counted",
        Aspect::Existence,
    ),
    (
        "DROP TRIGGER counted ON link; CREATE TRIGGER counted AFTER INSERT ON link FOR EACH ROW EXECUTE FUNCTION counts()",
        "trigger counted",
        Aspect::Body,
    ),
    (
        "DROP TRIGGER counted ON link; CREATE TRIGGER counted BEFORE INSERT ON wide FOR EACH ROW EXECUTE FUNCTION counts()",
        "trigger counted",
        Aspect::Existence,
    ),
    (
        "CREATE OR REPLACE FUNCTION counts() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.two := 2; RETURN NEW; END'",
        "function counts()",
        Aspect::Body,
    ),
    (
        "ALTER FUNCTION counts() STABLE",
        "function counts()",
        Aspect::Body,
    ),
    (
        "ALTER FUNCTION counts() SECURITY DEFINER",
        "function counts()",
        Aspect::Body,
    ),
    (
        "ALTER TYPE mood ADD VALUE 'odd' BEFORE 'bad'",
        "type mood",
        Aspect::Type,
    ),
    (
        "ALTER TYPE mood RENAME VALUE 'bad' TO 'awful'",
        "type mood",
        Aspect::Type,
    ),
    (
        "ALTER DOMAIN positive DROP NOT NULL",
        "domain positive",
        Aspect::Type,
    ),
    (
        "ALTER DOMAIN positive SET DEFAULT 3",
        "domain positive",
        Aspect::Type,
    ),
    (
        "ALTER DOMAIN positive DROP DEFAULT",
        "domain positive",
        Aspect::Type,
    ),
    (
        "ALTER DOMAIN positive DROP CONSTRAINT positive_check",
        "domain positive",
        Aspect::Type,
    ),
    (
        "ALTER DOMAIN positive DROP CONSTRAINT positive_check; ALTER DOMAIN positive ADD CONSTRAINT positive_check CHECK (VALUE > -1)",
        "domain positive",
        Aspect::Type,
    ),
    (
        "ALTER DOMAIN positive DROP CONSTRAINT positive_check; ALTER DOMAIN positive ADD CONSTRAINT positive_check CHECK (VALUE > 0) NOT VALID",
        "domain positive",
        Aspect::Type,
    ),
    (
        "ALTER SEQUENCE free_seq SET UNLOGGED",
        "sequence free_seq",
        Aspect::Options,
    ),
    (
        "ALTER TABLE late DROP CONSTRAINT late_a, ADD CONSTRAINT late_a UNIQUE (a) DEFERRABLE",
        "late index late_a",
        Aspect::Deferrability,
    ),
    (
        "ALTER TABLE late DROP CONSTRAINT late_a, ADD CONSTRAINT late_a UNIQUE (a) DEFERRABLE INITIALLY DEFERRED",
        "late index late_a",
        Aspect::Deferrability,
    ),
    (
        "ALTER TABLE late DROP CONSTRAINT late_pkey, ADD PRIMARY KEY (id) DEFERRABLE",
        "late primary key",
        Aspect::Deferrability,
    ),
    (
        "ALTER TABLE late DROP CONSTRAINT late_pkey, ADD PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED",
        "late primary key",
        Aspect::Deferrability,
    ),
    (
        "ALTER SEQUENCE free_seq AS INT",
        "sequence free_seq",
        Aspect::Options,
    ),
    (
        "ALTER SEQUENCE free_seq MINVALUE -3",
        "sequence free_seq",
        Aspect::Options,
    ),
    (
        "ALTER SEQUENCE free_seq MAXVALUE 300",
        "sequence free_seq",
        Aspect::Options,
    ),
    (
        "ALTER SEQUENCE free_seq CACHE 7",
        "sequence free_seq",
        Aspect::Options,
    ),
    (
        "ALTER SEQUENCE free_seq CYCLE",
        "sequence free_seq",
        Aspect::Options,
    ),
    (
        "ALTER SEQUENCE free_seq START 5",
        "sequence free_seq",
        Aspect::Options,
    ),
    (
        "DROP VIEW names; CREATE MATERIALIZED VIEW names AS SELECT id, two FROM link",
        "view names",
        Aspect::Body,
    ),
];
