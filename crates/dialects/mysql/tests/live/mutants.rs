//! Each aspect changed alone in a real server: it is seen, named and mended, and an outside
//! view of the database finds nothing left of it.

use crate::shop::Shop;
use realign_planner::{Aspect, Policy, Scope, Weight};
use realign_testkit::{Live as _, Server, mariadb, mysql_or_say};

/// A schema with something of everything, and rows.
const SHOP: &str = "
CREATE TABLE customer (
  id INT NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL COMMENT 'as on the invoice',
  short VARCHAR(20) DEFAULT NULL,
  kind ENUM('a','b') NOT NULL DEFAULT 'a',
  active TINYINT(1) NOT NULL DEFAULT 1,
  balance DECIMAL(10,2) NOT NULL DEFAULT 0.00,
  created DATETIME NOT NULL DEFAULT current_timestamp(),
  changed DATETIME DEFAULT NULL ON UPDATE current_timestamp(),
  note TEXT DEFAULT NULL,
  meta JSON DEFAULT NULL,
  code VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL,
  tax INT GENERATED ALWAYS AS (balance * 2) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY customer_short (short),
  KEY customer_name (name),
  KEY customer_created (created, active),
  FULLTEXT KEY customer_note (note),
  CONSTRAINT customer_balance CHECK (balance > -1000)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC COMMENT='who pays';
CREATE TABLE invoice (
  id INT NOT NULL AUTO_INCREMENT,
  customer_id INT NOT NULL,
  short VARCHAR(20) DEFAULT NULL,
  number INT UNSIGNED NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY invoice_number (number, customer_id),
  KEY invoice_customer (customer_id),
  KEY invoice_short (short),
  CONSTRAINT invoice_customer FOREIGN KEY (customer_id) REFERENCES customer (id) ON DELETE CASCADE,
  CONSTRAINT invoice_short FOREIGN KEY (short) REFERENCES customer (short) ON UPDATE CASCADE
) ENGINE=InnoDB;
INSERT INTO customer (name, short, note, meta) VALUES ('Ann', 'ann', 'x', '{}'), ('Bob', NULL, NULL, NULL), ('Cat', NULL, NULL, NULL);
INSERT INTO invoice (customer_id, short, number) VALUES (1, 'ann', 1), (2, NULL, 1), (2, 'ann', 2);
";

/// What is changed, the object that is named for it, and the aspect.
type Mutant = (&'static str, &'static str, Aspect);

/// What both vendors have.
const MUTANTS: &[Mutant] = &[
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
];

/// What only MariaDB has.
const MARIADB: &[Mutant] = &[
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
];

/// What only MySQL has.
const MYSQL_ONLY: &[Mutant] = &[
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
        "CREATE INDEX extra ON customer ((LOWER(name)))",
        "customer index extra",
        Aspect::Existence,
    ),
];

/// Makes each mutant in a database of its own.
fn each(server: &'static Server, mutants: &[Mutant]) {
    let failures: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = mutants
            .chunks(mutants.len().div_ceil(4))
            .map(|part| {
                scope.spawn(move || {
                    part.iter()
                        .filter_map(|(mutation, object, aspect)| {
                            one(server, mutation, object, *aspect)
                                .err()
                                .map(|problem| format!("{mutation}\n{problem}"))
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic while a mutant is made"))
            .collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

fn one(
    server: &'static Server,
    mutation: &str,
    object: &str,
    aspect: Aspect,
) -> Result<(), String> {
    let shop = Shop::on(server, SHOP);
    let before = shop.outside();
    let wish = shop.inspect();
    let policy = Policy {
        complete: true,
        scope: Scope::ALL,
        ..Policy::default()
    };
    let clean = shop.differences(&wish.database, &policy);
    if !clean.findings.is_empty() {
        return Err(format!("the undisturbed database: {clean:#?}"));
    }
    shop.database.try_client(mutation)?;
    let found = shop.differences(&wish.database, &policy);
    let named = found
        .findings
        .iter()
        .any(|f| f.weight == Weight::Differs && f.object == object && f.aspect == aspect);
    if !named {
        return Err(format!("not named: {:#?}", found.findings));
    }
    shop.update(&wish.database, &policy)?;
    // Rows of what was dropped are gone; the structure has to be as it was.
    let left = before.differences(&shop.outside());
    if left.is_empty() {
        Ok(())
    } else {
        Err(format!("left: {left}"))
    }
}

#[test]
fn every_mutant_is_seen_named_and_mended_on_mariadb() {
    each(mariadb(), MUTANTS);
    each(mariadb(), MARIADB);
}

#[test]
fn every_mutant_is_seen_named_and_mended_on_mysql() {
    if let Some(server) = mysql_or_say() {
        each(server, MUTANTS);
        each(server, MYSQL_ONLY);
    }
}
