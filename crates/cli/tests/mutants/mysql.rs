//! What is changed on MariaDB and MySQL.

use realign::planner::Aspect;

use crate::only_mariadb::{MARIADB, OPAQUE_ON_MARIADB};
use crate::trial::{Mutant, Row};

/// A schema with something of everything, and rows.
pub(crate) const SCHEMA: &str = include_str!("mysql.sql");

/// What both have.
const BOTH: &[Row] = &[
    (
        "ALTER TABLE customer MODIFY name VARCHAR(101) NOT NULL COMMENT 'as on the invoice'",
        "customer.name",
        Aspect::Type,
    ),
    (
        "ALTER TABLE customer MODIFY name VARCHAR(100) DEFAULT NULL COMMENT 'as on the invoice'",
        "customer.name",
        Aspect::Nullability,
    ),
    (
        "ALTER TABLE customer MODIFY name VARCHAR(100) NOT NULL COMMENT 'other'",
        "customer.name",
        Aspect::Comment,
    ),
    (
        "ALTER TABLE customer MODIFY name VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'as on the invoice'",
        "customer.name",
        Aspect::Collation,
    ),
    (
        "ALTER TABLE customer MODIFY name VARCHAR(100) NOT NULL INVISIBLE DEFAULT 'x' COMMENT 'as on the invoice'",
        "customer.name",
        Aspect::Visibility,
    ),
    (
        "ALTER TABLE customer MODIFY code VARCHAR(10) DEFAULT NULL",
        "customer.code",
        Aspect::Collation,
    ),
    (
        "ALTER TABLE customer MODIFY kind ENUM('a','b','c') NOT NULL DEFAULT 'a'",
        "customer.kind",
        Aspect::Type,
    ),
    (
        "ALTER TABLE customer ALTER active SET DEFAULT 0",
        "customer.active",
        Aspect::Default,
    ),
    (
        "ALTER TABLE customer ALTER active DROP DEFAULT",
        "customer.active",
        Aspect::Default,
    ),
    (
        "ALTER TABLE customer MODIFY active TINYINT UNSIGNED NOT NULL DEFAULT 1",
        "customer.active",
        Aspect::Type,
    ),
    (
        "ALTER TABLE customer DROP tax, MODIFY balance DECIMAL(10,3) NOT NULL DEFAULT 0, ADD tax INT GENERATED ALWAYS AS (balance * 2) STORED",
        "customer.balance",
        Aspect::Type,
    ),
    (
        "ALTER TABLE customer MODIFY created DATETIME(6) NOT NULL DEFAULT current_timestamp(6)",
        "customer.created",
        Aspect::Type,
    ),
    (
        "ALTER TABLE customer MODIFY created DATETIME NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()",
        "customer.created",
        Aspect::OnUpdate,
    ),
    (
        "ALTER TABLE customer MODIFY changed DATETIME DEFAULT NULL",
        "customer.changed",
        Aspect::OnUpdate,
    ),
    (
        "ALTER TABLE customer MODIFY note MEDIUMTEXT DEFAULT NULL",
        "customer.note",
        Aspect::Type,
    ),
    (
        "ALTER TABLE customer MODIFY tax INT GENERATED ALWAYS AS (balance * 3) STORED",
        "customer.tax",
        Aspect::Generated,
    ),
    (
        "ALTER TABLE customer DROP tax, ADD tax INT GENERATED ALWAYS AS (balance * 2) VIRTUAL",
        "customer.tax",
        Aspect::Generated,
    ),
    (
        "ALTER TABLE customer DROP tax, ADD tax INT",
        "customer.tax",
        Aspect::Generated,
    ),
    (
        "SET foreign_key_checks = 0; ALTER TABLE customer MODIFY id INT NOT NULL",
        "customer.id",
        Aspect::Identity,
    ),
    (
        "ALTER TABLE invoice DROP FOREIGN KEY invoice_customer; SET foreign_key_checks = 0; ALTER TABLE customer MODIFY id BIGINT NOT NULL AUTO_INCREMENT",
        "customer.id",
        Aspect::Type,
    ),
    (
        "ALTER TABLE customer DROP note",
        "customer.note",
        Aspect::Existence,
    ),
    (
        "ALTER TABLE customer ADD extra INT",
        "customer.extra",
        Aspect::Existence,
    ),
    (
        "ALTER TABLE customer DROP INDEX customer_name, ADD UNIQUE INDEX customer_name (name)",
        "customer index customer_name",
        Aspect::Uniqueness,
    ),
    (
        "ALTER TABLE customer DROP INDEX customer_name, ADD INDEX customer_name (name(5))",
        "customer index customer_name",
        Aspect::Columns,
    ),
    (
        "ALTER TABLE customer DROP INDEX customer_name, ADD INDEX customer_name (name DESC)",
        "customer index customer_name",
        Aspect::Columns,
    ),
    (
        "ALTER TABLE customer DROP INDEX customer_name, ADD FULLTEXT INDEX customer_name (name)",
        "customer index customer_name",
        Aspect::Kind,
    ),
    (
        "ALTER TABLE customer DROP INDEX customer_created, ADD INDEX customer_created (active, created)",
        "customer index customer_created",
        Aspect::Columns,
    ),
    (
        "ALTER TABLE customer RENAME INDEX customer_name TO other_name",
        "customer index customer_name",
        Aspect::Name,
    ),
    (
        "DROP INDEX customer_name ON customer",
        "customer index customer_name",
        Aspect::Existence,
    ),
    (
        "CREATE INDEX extra ON customer (kind)",
        "customer index extra",
        Aspect::Existence,
    ),
    (
        "CREATE UNIQUE INDEX extra ON customer (created, name)",
        "customer index extra",
        Aspect::Existence,
    ),
    (
        "ALTER TABLE invoice DROP INDEX invoice_customer, ADD INDEX invoice_customer (customer_id, number)",
        "invoice index invoice_customer",
        Aspect::Columns,
    ),
    (
        "ALTER TABLE invoice DROP INDEX invoice_customer, ADD UNIQUE INDEX only_here (customer_id, id)",
        "invoice index only_here",
        Aspect::Existence,
    ),
    (
        "ALTER TABLE invoice DROP FOREIGN KEY invoice_customer",
        "invoice foreign key invoice_customer",
        Aspect::Existence,
    ),
    (
        "ALTER TABLE invoice DROP FOREIGN KEY invoice_customer; ALTER TABLE invoice ADD CONSTRAINT invoice_customer FOREIGN KEY (customer_id) REFERENCES customer (id)",
        "invoice foreign key invoice_customer",
        Aspect::Actions,
    ),
    (
        "ALTER TABLE invoice DROP FOREIGN KEY invoice_short; ALTER TABLE invoice ADD CONSTRAINT invoice_short FOREIGN KEY (short) REFERENCES customer (short)",
        "invoice foreign key invoice_short",
        Aspect::Actions,
    ),
    (
        "ALTER TABLE invoice ADD CONSTRAINT extra FOREIGN KEY (id) REFERENCES customer (id) ON DELETE CASCADE",
        "invoice foreign key extra",
        Aspect::Existence,
    ),
    (
        "ALTER TABLE customer DROP CONSTRAINT customer_balance",
        "customer check customer_balance",
        Aspect::Existence,
    ),
    (
        "ALTER TABLE customer DROP CONSTRAINT customer_balance; ALTER TABLE customer ADD CONSTRAINT customer_balance CHECK (balance > -999)",
        "customer check customer_balance",
        Aspect::Expression,
    ),
    (
        "ALTER TABLE customer ADD CONSTRAINT extra CHECK (active >= 0)",
        "customer check extra",
        Aspect::Existence,
    ),
    (
        "ALTER TABLE invoice DROP PRIMARY KEY, ADD PRIMARY KEY (id, number)",
        "invoice primary key",
        Aspect::Columns,
    ),
    (
        "ALTER TABLE customer COMMENT = 'other'",
        "customer",
        Aspect::Comment,
    ),
    (
        "ALTER TABLE customer DEFAULT CHARACTER SET latin1 COLLATE latin1_swedish_ci",
        "customer",
        Aspect::Collation,
    ),
    (
        "ALTER TABLE invoice DROP FOREIGN KEY invoice_short; ALTER TABLE invoice CONVERT TO CHARACTER SET latin1",
        "invoice",
        Aspect::Collation,
    ),
    (
        "ALTER TABLE customer ROW_FORMAT = COMPRESSED",
        "customer",
        Aspect::Options,
    ),
    (
        "CREATE TABLE extra (id INT PRIMARY KEY)",
        "extra",
        Aspect::Existence,
    ),
    (
        "ALTER TABLE wide MODIFY id BINARY(5) NOT NULL",
        "wide.id",
        Aspect::Type,
    ),
    (
        "ALTER TABLE wide MODIFY bits BIT(4) DEFAULT NULL",
        "wide.bits",
        Aspect::Type,
    ),
    (
        "ALTER TABLE wide MODIFY picture MEDIUMBLOB DEFAULT NULL",
        "wide.picture",
        Aspect::Type,
    ),
    (
        "ALTER TABLE wide MODIFY letter CHAR(6) DEFAULT NULL",
        "wide.letter",
        Aspect::Type,
    ),
    (
        "ALTER TABLE wide MODIFY share FLOAT DEFAULT NULL",
        "wide.share",
        Aspect::Type,
    ),
    (
        "ALTER TABLE wide MODIFY share DOUBLE UNSIGNED DEFAULT NULL",
        "wide.share",
        Aspect::Type,
    ),
    (
        "ALTER TABLE wide MODIFY share DOUBLE(10,2) DEFAULT NULL",
        "wide.share",
        Aspect::Type,
    ),
    (
        "ALTER TABLE wide MODIFY flags SET('a','b','c') DEFAULT NULL",
        "wide.flags",
        Aspect::Type,
    ),
    (
        "ALTER TABLE wide MODIFY clock TIME(3) DEFAULT NULL",
        "wide.clock",
        Aspect::Type,
    ),
    (
        "ALTER TABLE wide MODIFY moment TIMESTAMP(3) NULL DEFAULT NULL",
        "wide.moment",
        Aspect::Type,
    ),
    (
        "ALTER TABLE wide MODIFY hash VARBINARY(8) DEFAULT NULL",
        "wide.hash",
        Aspect::Type,
    ),
    (
        "ALTER TABLE wide MODIFY price DECIMAL(9,2) DEFAULT NULL",
        "wide.price",
        Aspect::Type,
    ),
    (
        "ALTER TABLE wide MODIFY price DECIMAL(8,2) UNSIGNED DEFAULT NULL",
        "wide.price",
        Aspect::Type,
    ),
    (
        "ALTER TABLE wide MODIFY number INT DEFAULT NULL",
        "wide.number",
        Aspect::Type,
    ),
    (
        "ALTER TABLE wide MODIFY number INT UNSIGNED ZEROFILL DEFAULT NULL",
        "wide.number",
        Aspect::Type,
    ),
    (
        "ALTER TABLE wide MODIFY phone VARCHAR(9) DEFAULT NULL COMMENT '(DC2Type:fax)'",
        "wide.phone",
        Aspect::TypeMark,
    ),
    (
        "ALTER TABLE link DROP FOREIGN KEY link_one; ALTER TABLE wide ENGINE = MyISAM",
        "wide",
        Aspect::Engine,
    ),
    (
        "ALTER TABLE wide STATS_PERSISTENT = 0",
        "wide",
        Aspect::Options,
    ),
    (
        "ALTER TABLE parted REMOVE PARTITIONING",
        "parted",
        Aspect::Partitioning,
    ),
    (
        "ALTER TABLE wide DROP PRIMARY KEY, ADD PRIMARY KEY (id(2))",
        "wide primary key",
        Aspect::Columns,
    ),
    (
        "ALTER TABLE wide DROP PRIMARY KEY, ADD PRIMARY KEY (one)",
        "wide primary key",
        Aspect::Columns,
    ),
    (
        "ALTER TABLE wide DROP INDEX wide_letter, ADD INDEX wide_letter (letter) COMMENT 'other'",
        "wide index wide_letter",
        Aspect::Comment,
    ),
    (
        "ALTER TABLE link DROP FOREIGN KEY link_one; ALTER TABLE link ADD CONSTRAINT link_one FOREIGN KEY (one) REFERENCES wide (two)",
        "link foreign key link_one",
        Aspect::Existence,
    ),
    (
        "ALTER TABLE link DROP FOREIGN KEY link_one; ALTER TABLE link ADD CONSTRAINT link_one FOREIGN KEY (one) REFERENCES customer (id)",
        "link foreign key link_one",
        Aspect::Existence,
    ),
    (
        "ALTER TABLE link DROP FOREIGN KEY link_one; ALTER TABLE link ADD CONSTRAINT link_one FOREIGN KEY (two) REFERENCES wide (one)",
        "link foreign key link_one",
        Aspect::Existence,
    ),
    ("DROP VIEW names", "view names", Aspect::Existence),
    (
        "CREATE OR REPLACE VIEW names AS SELECT id, short AS name FROM customer",
        "view names",
        Aspect::Body,
    ),
    ("DROP FUNCTION twice", "function twice", Aspect::Existence),
    (
        "DROP FUNCTION twice; CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC NO SQL RETURN n * 3",
        "function twice",
        Aspect::Body,
    ),
    (
        "CREATE PROCEDURE extra() SELECT 1",
        "procedure extra",
        Aspect::Existence,
    ),
    ("DROP EVENT nightly", "event nightly", Aspect::Existence),
    (
        "ALTER EVENT nightly DO DELETE FROM wide WHERE id = 2",
        "event nightly",
        Aspect::Body,
    ),
    (
        "CREATE VIEW extra AS SELECT id FROM customer",
        "view extra",
        Aspect::Existence,
    ),
    (
        "DROP TRIGGER counted; CREATE TRIGGER counted BEFORE INSERT ON link FOR EACH ROW SET NEW.two = NEW.one + 1",
        "trigger counted",
        Aspect::Body,
    ),
    (
        "DROP TRIGGER counted; CREATE TRIGGER counted BEFORE INSERT ON wide FOR EACH ROW SET NEW.two = NEW.one",
        "trigger counted",
        Aspect::Body,
    ),
    ("DROP TRIGGER counted", "trigger counted", Aspect::Existence),
    (
        "SET sql_mode = 'ANSI_QUOTES'; DROP TRIGGER counted; CREATE TRIGGER counted BEFORE INSERT ON link FOR EACH ROW SET NEW.two = NEW.one",
        "trigger counted",
        Aspect::Body,
    ),
    (
        "SET sql_mode = ''; DROP FUNCTION twice; CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC NO SQL RETURN n * 2",
        "function twice",
        Aspect::Body,
    ),
    (
        "SET time_zone = '+03:00'; ALTER EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 02:00:00'",
        "event nightly",
        Aspect::Body,
    ),
];

/// What only MySQL has.
const MYSQL: &[Row] = &[
    (
        "ALTER TABLE wide MODIFY place POINT DEFAULT NULL SRID 4326",
        "wide.place",
        Aspect::Type,
    ),
    (
        "ALTER TABLE customer ALTER INDEX customer_name INVISIBLE",
        "customer index customer_name",
        Aspect::Visibility,
    ),
    (
        "ALTER TABLE customer ALTER CHECK customer_balance NOT ENFORCED",
        "customer check customer_balance",
        Aspect::Expression,
    ),
    (
        "ALTER TABLE customer MODIFY meta LONGTEXT DEFAULT NULL",
        "customer.meta",
        Aspect::Type,
    ),
    (
        "ALTER TABLE customer DROP INDEX customer_note; ALTER TABLE customer ADD FULLTEXT INDEX customer_note (note) WITH PARSER ngram",
        "customer index customer_note",
        Aspect::Kind,
    ),
    (
        "CREATE INDEX extra ON customer ((LOWER(name)))",
        "customer index extra",
        Aspect::Existence,
    ),
];

/// What is told and can't be compared.
const OPAQUE_ON_MYSQL: Row = (
    "ALTER TABLE wide MODIFY number INT UNSIGNED DEFAULT NULL NOT SECONDARY",
    "wide",
    Aspect::Opaque,
);

/// The mutants of MariaDB.
pub(crate) fn on_mariadb() -> Vec<Mutant> {
    with_the_uncertain(&[BOTH, MARIADB].concat(), &[OPAQUE_ON_MARIADB])
}

/// The mutants of MySQL.
pub(crate) fn on_mysql() -> Vec<Mutant> {
    with_the_uncertain(&[BOTH, MYSQL].concat(), &[OPAQUE_ON_MYSQL])
}

fn with_the_uncertain(rows: &[Row], more: &[Row]) -> Vec<Mutant> {
    let uncertain = more.iter().map(Mutant::uncertain);
    rows.iter().map(Mutant::run).chain(uncertain).collect()
}
