//! What a step is said to cost is asked of the server: it accepts what was forecast and refuses
//! the next better way.

use crate::shop::Shop;
use realign_planner::{Policy, Scope, Step};
use realign_testkit::{Live as _, Server, mariadb, mysql_or_say};

const BEFORE: &str = "
CREATE TABLE p (id INT NOT NULL AUTO_INCREMENT, PRIMARY KEY (id)) ENGINE=InnoDB;
CREATE TABLE t (
  id INT NOT NULL AUTO_INCREMENT, a INT NOT NULL, b INT DEFAULT NULL,
  short VARCHAR(20) NOT NULL, long_text VARCHAR(200) NOT NULL, kind ENUM('a','b') NOT NULL, body TEXT NOT NULL,
  p_id INT DEFAULT NULL, PRIMARY KEY (id), KEY by_a (a), KEY by_p (p_id)
) ENGINE=InnoDB;
INSERT INTO p VALUES (1);
INSERT INTO t (a, b, short, long_text, kind, body, p_id) VALUES (1, 1, 'x', 'y', 'a', 'z', 1);
";

/// One change each.
const CHANGES: &[&str] = &[
    "ALTER TABLE t ADD c INT DEFAULT NULL",
    "ALTER TABLE t ADD c INT DEFAULT 5 NOT NULL",
    "ALTER TABLE t ADD c INT GENERATED ALWAYS AS (a + 1) STORED",
    "ALTER TABLE t DROP b",
    "ALTER TABLE t MODIFY a INT DEFAULT NULL",
    "ALTER TABLE t MODIFY b INT NOT NULL",
    "ALTER TABLE t MODIFY a INT NOT NULL DEFAULT 3",
    "ALTER TABLE t MODIFY a INT NOT NULL COMMENT 'x'",
    "ALTER TABLE t MODIFY a BIGINT NOT NULL",
    "ALTER TABLE t MODIFY short VARCHAR(40) NOT NULL",
    "ALTER TABLE t MODIFY short VARCHAR(10) NOT NULL",
    "ALTER TABLE t MODIFY long_text VARCHAR(250) NOT NULL",
    "ALTER TABLE t MODIFY short VARCHAR(100) NOT NULL",
    "ALTER TABLE t MODIFY kind ENUM('a','b','c') NOT NULL",
    "ALTER TABLE t MODIFY kind ENUM('b','a') NOT NULL",
    "ALTER TABLE t MODIFY body LONGTEXT NOT NULL",
    "ALTER TABLE t MODIFY short VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL",
    "CREATE INDEX extra ON t (b)",
    "CREATE UNIQUE INDEX extra ON t (b, id)",
    "CREATE FULLTEXT INDEX extra ON t (body)",
    "DROP INDEX by_a ON t",
    "ALTER TABLE t RENAME INDEX by_a TO by_another",
    "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, a)",
    "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (p_id) REFERENCES p (id)",
    "ALTER TABLE t ADD CONSTRAINT chk CHECK (a > 0)",
    "ALTER TABLE t ROW_FORMAT = COMPRESSED",
];

/// The words of a forecast and those of the next better one.
const LADDER: &[(&str, &str, &str)] = &[
    ("ALGORITHM=INSTANT", "ALGORITHM=INSTANT", ""),
    (
        "the table is rebuilt",
        "ALGORITHM=INPLACE, LOCK=NONE",
        "ALGORITHM=INSTANT",
    ),
    (
        "ALGORITHM=INPLACE, LOCK=NONE",
        "ALGORITHM=INPLACE, LOCK=NONE",
        "ALGORITHM=INSTANT",
    ),
    (
        "LOCK=SHARED",
        "ALGORITHM=INPLACE, LOCK=SHARED",
        "ALGORITHM=INPLACE, LOCK=NONE",
    ),
    ("ALGORITHM=COPY", "ALGORITHM=COPY", "ALGORITHM=INPLACE"),
];

fn with(sql: &str, words: &str) -> String {
    if sql.starts_with("ALTER") {
        format!("{sql}, {words}")
    } else {
        format!("{sql} {}", words.replace(',', ""))
    }
}

/// The worst forecast among the reasons of a step.
fn forecast(step: &Step) -> Option<&'static (&'static str, &'static str, &'static str)> {
    let found = step.reasons.iter().filter_map(|reason| {
        LADDER
            .iter()
            .position(|(words, ..)| reason.text.contains(words))
    });
    found.max().map(|at| &LADDER[at])
}

fn try_all(server: &'static Server) {
    let mut failures = Vec::new();
    for change in CHANGES {
        let wished = Shop::on(server, BEFORE);
        wished.database.client(change);
        let wish = wished.inspect().database;
        let shop = Shop::on(server, BEFORE);
        let policy = Policy {
            complete: true,
            scope: Scope::ALL,
            ..Policy::default()
        };
        let plan = shop.plan(&wish, &policy);
        for step in &plan.steps {
            let sql = &step.statements[0].sql;
            let Some((_, expected, better)) = forecast(step) else {
                shop.database.client(sql);
                continue;
            };
            if !better.is_empty() && shop.database.try_client(&with(sql, better)).is_ok() {
                failures.push(format!("{change}: {better} works too: {sql}"));
                continue;
            }
            if let Err(problem) = shop.database.try_client(&with(sql, expected)) {
                failures.push(format!("{change}: not {expected}: {problem}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn mariadb_does_what_was_forecast_and_nothing_better() {
    try_all(mariadb());
}

#[test]
fn mysql_does_what_was_forecast_and_nothing_better() {
    if let Some(server) = mysql_or_say() {
        try_all(server);
    }
}
