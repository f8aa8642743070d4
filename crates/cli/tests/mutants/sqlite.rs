//! What is changed on SQLite, where most of it takes a table made anew: the mutant is made from
//! a script with one text replaced.

use realign::planner::Aspect;

use crate::trial::Mutant;

/// A schema with something of everything, and rows.
pub(crate) const SCHEMA: &str = "
CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, code VARCHAR(10) NOT NULL);
CREATE UNIQUE INDEX code_uniq ON parent (code);
CREATE TABLE t --a table\n(id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, a VARCHAR(50) DEFAULT 'x' NOT NULL, b INTEGER DEFAULT 0 NOT NULL, c NUMERIC(10, 2) DEFAULT NULL --hello(DC2Type:json)\n, d VARCHAR(10) DEFAULT NULL COLLATE \"NOCASE\", e INTEGER GENERATED ALWAYS AS (b + 1) STORED, p INTEGER DEFAULT NULL, CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE NOT DEFERRABLE INITIALLY IMMEDIATE, CONSTRAINT positive CHECK (b >= 0));
CREATE INDEX plain ON t (a, b DESC);
CREATE INDEX part ON t (b) WHERE b > 5;
CREATE INDEX ex ON t (lower(a), b);
CREATE UNIQUE INDEX uniq ON t (a, p);
CREATE TABLE s (id INTEGER NOT NULL, v TEXT DEFAULT NULL, PRIMARY KEY(id)) STRICT;
CREATE TABLE w (id VARCHAR(5) NOT NULL, v INTEGER DEFAULT NULL, PRIMARY KEY(id)) WITHOUT ROWID;
CREATE TABLE wide (id INTEGER NOT NULL, one INTEGER NOT NULL, two INTEGER NOT NULL, letter CHAR(5) DEFAULT NULL, share DOUBLE PRECISION DEFAULT NULL, price NUMERIC(8, 2) DEFAULT NULL, raw BLOB DEFAULT NULL, at DATETIME DEFAULT NULL, PRIMARY KEY(id, one));
CREATE UNIQUE INDEX wide_one ON wide (one);
CREATE UNIQUE INDEX wide_two ON wide (two);
CREATE TABLE link (id INTEGER NOT NULL, one INTEGER NOT NULL, two INTEGER NOT NULL, PRIMARY KEY(id), CONSTRAINT link_one FOREIGN KEY (one) REFERENCES wide (one) NOT DEFERRABLE INITIALLY IMMEDIATE);
CREATE TABLE kept (id INTEGER NOT NULL, a CLOB NOT NULL ON CONFLICT IGNORE, b CLOB DEFAULT NULL, UNIQUE (b) ON CONFLICT FAIL, UNIQUE (a, b), PRIMARY KEY(id) ON CONFLICT REPLACE);
CREATE VIEW names AS SELECT id, a FROM t;
CREATE TRIGGER counted AFTER INSERT ON link BEGIN UPDATE link SET two = one; END;
INSERT INTO parent (id, code) VALUES (1, 'p');
INSERT INTO t (id, a, b, p) VALUES (7, 'one', 1, 1);
";

/// The text that is replaced, the new one, what is named for it, and in what it differs.
const ROWS: &[(&str, &str, &str, Aspect)] = &[
    (
        "DEFAULT 'x' NOT NULL",
        "DEFAULT 'y' NOT NULL",
        "t.a",
        Aspect::Default,
    ),
    ("DEFAULT 'x' NOT NULL", "NOT NULL", "t.a", Aspect::Default),
    (
        "b INTEGER DEFAULT 0 NOT NULL",
        "b INTEGER DEFAULT 0",
        "t.b",
        Aspect::Nullability,
    ),
    ("a VARCHAR(50)", "a VARCHAR(40)", "t.a", Aspect::Type),
    ("c NUMERIC(10, 2)", "c NUMERIC(10, 3)", "t.c", Aspect::Type),
    (
        "b INTEGER DEFAULT 0",
        "b BIGINT DEFAULT 0",
        "t.b",
        Aspect::Type,
    ),
    (" COLLATE \"NOCASE\"", "", "t.d", Aspect::Collation),
    (
        "p INTEGER DEFAULT NULL",
        "p INTEGER DEFAULT NULL COLLATE RTRIM",
        "t.p",
        Aspect::Collation,
    ),
    (
        "AS (b + 1) STORED",
        "AS (b + 2) STORED",
        "t.e",
        Aspect::Generated,
    ),
    (
        "AS (b + 1) STORED",
        "AS (b + 1) VIRTUAL",
        "t.e",
        Aspect::Generated,
    ),
    (
        "t --a table\n(id INTEGER PRIMARY KEY AUTOINCREMENT",
        "t --a table\n(id INTEGER PRIMARY KEY",
        "t.id",
        Aspect::Identity,
    ),
    ("--hello(", "--hallo(", "t.c", Aspect::Comment),
    ("(DC2Type:json)", "(DC2Type:array)", "t.c", Aspect::TypeMark),
    ("(DC2Type:json)", "", "t.c", Aspect::TypeMark),
    (
        " ON DELETE CASCADE",
        "",
        "t foreign key fk",
        Aspect::Actions,
    ),
    (
        " ON DELETE CASCADE",
        " ON DELETE SET NULL",
        "t foreign key fk",
        Aspect::Actions,
    ),
    (
        " ON DELETE CASCADE",
        " ON UPDATE CASCADE ON DELETE CASCADE",
        "t foreign key fk",
        Aspect::Actions,
    ),
    (
        "NOT DEFERRABLE INITIALLY IMMEDIATE",
        "DEFERRABLE INITIALLY DEFERRED",
        "t foreign key fk",
        Aspect::Deferrability,
    ),
    (
        " CHECK (b >= 0)",
        " CHECK (b >= 1)",
        "t check positive",
        Aspect::Expression,
    ),
    (
        ", CONSTRAINT positive CHECK (b >= 0)",
        "",
        "t check positive",
        Aspect::Existence,
    ),
    (
        "PRIMARY KEY(id)) WITHOUT",
        "PRIMARY KEY(id, v)) WITHOUT",
        "w primary key",
        Aspect::Columns,
    ),
    (
        "plain ON t (a, b DESC)",
        "plain ON t (b DESC, a)",
        "t index plain",
        Aspect::Columns,
    ),
    (
        "plain ON t (a, b DESC)",
        "plain ON t (a, b)",
        "t index plain",
        Aspect::Columns,
    ),
    (
        "plain ON t (a, b DESC)",
        "plain ON t (a COLLATE NOCASE, b DESC)",
        "t index plain",
        Aspect::Columns,
    ),
    (
        "WHERE b > 5",
        "WHERE b > 6",
        "t index part",
        Aspect::Predicate,
    ),
    (" WHERE b > 5", "", "t index part", Aspect::Predicate),
    (
        "(lower(a), b)",
        "(upper(a), b)",
        "t index ex",
        Aspect::Columns,
    ),
    (
        "CREATE UNIQUE INDEX uniq",
        "CREATE INDEX uniq",
        "t index uniq",
        Aspect::Uniqueness,
    ),
    (
        "INDEX plain",
        "INDEX another",
        "t index plain",
        Aspect::Name,
    ),
    (") STRICT", ")", "s", Aspect::Options),
    (") WITHOUT ROWID", ")", "w", Aspect::Options),
    ("--a table", "--another", "t", Aspect::Comment),
    (
        "letter CHAR(5)",
        "letter CHAR(6)",
        "wide.letter",
        Aspect::Type,
    ),
    (
        "price NUMERIC(8, 2)",
        "price NUMERIC(9, 2)",
        "wide.price",
        Aspect::Type,
    ),
    (
        "share DOUBLE PRECISION",
        "share NUMERIC(10, 2)",
        "wide.share",
        Aspect::Type,
    ),
    ("raw BLOB", "raw CLOB", "wide.raw", Aspect::Type),
    ("at DATETIME", "at DATE", "wide.at", Aspect::Type),
    (
        "PRIMARY KEY(id, one)",
        "PRIMARY KEY(id, two)",
        "wide primary key",
        Aspect::Columns,
    ),
    (
        "REFERENCES wide (one)",
        "REFERENCES wide (two)",
        "link foreign key link_one",
        Aspect::Existence,
    ),
    (
        "REFERENCES wide (one)",
        "REFERENCES parent (id)",
        "link foreign key link_one",
        Aspect::Existence,
    ),
    (
        "FOREIGN KEY (one)",
        "FOREIGN KEY (two)",
        "link foreign key link_one",
        Aspect::Existence,
    ),
    (
        "KEY(id) ON CONFLICT REPLACE",
        "KEY(id) ON CONFLICT FAIL",
        "kept",
        Aspect::Options,
    ),
    (
        "NOT NULL ON CONFLICT IGNORE",
        "NOT NULL",
        "kept",
        Aspect::Options,
    ),
    (
        "UNIQUE (b) ON CONFLICT FAIL",
        "UNIQUE (b) ON CONFLICT ABORT",
        "kept",
        Aspect::Options,
    ),
    (
        "UNIQUE (a, b)",
        "UNIQUE (a, b) ON CONFLICT ROLLBACK",
        "kept",
        Aspect::Options,
    ),
    (
        "CREATE UNIQUE INDEX wide_two ON wide (two)",
        "SELECT 1",
        "wide index wide_two",
        Aspect::Existence,
    ),
    (
        "SELECT id, a FROM t",
        "SELECT id, d AS a FROM t",
        "view names",
        Aspect::Body,
    ),
    (
        "CREATE VIEW names AS SELECT id, a FROM t",
        "SELECT 1",
        "view names",
        Aspect::Existence,
    ),
    (
        "SET two = one;",
        "SET two = one + 1;",
        "trigger counted",
        Aspect::Body,
    ),
    (
        "AFTER INSERT ON link",
        "AFTER INSERT ON wide",
        "trigger counted",
        Aspect::Body,
    ),
];

/// What is told and can't be compared.
const OPAQUE: (&str, &str, &str, Aspect) = (
    "CREATE TABLE w (id VARCHAR(5) NOT NULL, v INTEGER DEFAULT NULL, PRIMARY KEY(id)) WITHOUT ROWID",
    "CREATE VIRTUAL TABLE w USING fts5(id, v)",
    "w",
    Aspect::Opaque,
);

/// The mutants.
pub(crate) fn mutants() -> Vec<Mutant> {
    let opaque = Mutant::rewritten(&OPAQUE).told_alone();
    let rows = ROWS.iter().map(Mutant::rewritten);
    rows.chain([opaque]).collect()
}
