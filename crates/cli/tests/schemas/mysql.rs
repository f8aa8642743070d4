//! Schemas of real applications on MariaDB and MySQL. A run of everything tries each file and each
//! pair of releases; the usual one a few.

use realign_testkit::{Live, TestDatabase, corpus, mariadb, mysql_or_say};

use super::{pair, read, realign, whole};

/// What every run tries, below `schemas` of the corpus.
const USUAL: &[&str] = &[
    "sakila/mysql.sql",
    "employees/employees_partitioned.sql",
    "icingadb/schema/mysql/schema.sql",
];

/// The others that are there.
const MORE: &[&str] = &[
    "chinook/mysql.sql",
    "employees/employees.sql",
    "icinga-director/releases/v1.11.0/mysql.sql",
    "icinga-director/releases/v1.5.0/mysql.sql",
    "icinga-director/releases/v1.8.0/mysql.sql",
    "icinga-director/schema/mysql.sql",
    "icingadb/releases/v1.0.0/mysql.sql",
    "icingadb/releases/v1.1.1/mysql.sql",
    "icingadb/releases/v1.2.1/mysql.sql",
    "icingadb/releases/v1.4.0/mysql.sql",
    "icingadb/releases/v1.5.1/mysql.sql",
    "roundcube/SQL/mysql.initial.sql",
    "roundcube/releases/1.0.0/mysql.initial.sql",
    "roundcube/releases/1.2.0/mysql.initial.sql",
    "roundcube/releases/1.3.0/mysql.initial.sql",
    "roundcube/releases/1.4.0/mysql.initial.sql",
    "roundcube/releases/1.5.0/mysql.initial.sql",
    "roundcube/releases/1.6.0/mysql.initial.sql",
    "roundcube/releases/v0.9.5/mysql.initial.sql",
];

/// Releases of each application, oldest first.
const RELEASES: &[&[&str]] = &[
    &[
        "roundcube/releases/v0.9.5/mysql.initial.sql",
        "roundcube/releases/1.0.0/mysql.initial.sql",
        "roundcube/releases/1.1.0/mysql.initial.sql",
        "roundcube/releases/1.2.0/mysql.initial.sql",
        "roundcube/releases/1.3.0/mysql.initial.sql",
        "roundcube/releases/1.4.0/mysql.initial.sql",
        "roundcube/releases/1.5.0/mysql.initial.sql",
        "roundcube/releases/1.6.0/mysql.initial.sql",
        "roundcube/SQL/mysql.initial.sql",
    ],
    &[
        "icingadb/releases/v1.0.0/mysql.sql",
        "icingadb/releases/v1.1.0/mysql.sql",
        "icingadb/releases/v1.1.1/mysql.sql",
        "icingadb/releases/v1.2.0/mysql.sql",
        "icingadb/releases/v1.2.1/mysql.sql",
        "icingadb/releases/v1.3.0/mysql.sql",
        "icingadb/releases/v1.4.0/mysql.sql",
        "icingadb/releases/v1.5.0/mysql.sql",
        "icingadb/releases/v1.5.1/mysql.sql",
        "icingadb/schema/mysql/schema.sql",
    ],
    &[
        "icinga-director/releases/v1.5.0/mysql.sql",
        "icinga-director/releases/v1.8.0/mysql.sql",
        "icinga-director/releases/v1.11.0/mysql.sql",
        "icinga-director/schema/mysql.sql",
    ],
];

/// True when everything that there is to try is tried.
fn full() -> bool {
    std::env::var_os("REALIGN_PAIRS").is_some()
}

/// False, with a word, for a file that this server refuses.
fn loads(database: &TestDatabase, path: &str) -> bool {
    let Some(corpus) = corpus() else {
        return false;
    };
    let file = corpus.join("schemas").join(path);
    let loads = database.try_client(&read(&file)).is_ok();
    if !loads {
        println!("{path} does not load here");
    }
    loads
}

#[test]
fn each_schema_on_mariadb() {
    for path in USUAL.iter().chain(MORE.iter().filter(|_| full())) {
        whole(|| mariadb().database(), path);
    }
}

#[test]
fn each_schema_on_mysql() {
    let Some(server) = mysql_or_say() else {
        return;
    };
    let usual = &USUAL[..1];
    for path in usual.iter().chain(MORE.iter().filter(|_| full())) {
        if usual.contains(path) || loads(&server.database(), path) {
            whole(|| server.database(), path);
        }
    }
}

#[test]
fn each_release_becomes_the_next_on_mariadb() {
    if !full() {
        // These change the format of rows, and a routine.
        let (roundcube, icingadb) = (RELEASES[0], RELEASES[1]);
        pair(|| mariadb().database(), roundcube[6], roundcube[7]);
        pair(|| mariadb().database(), icingadb[3], icingadb[9]);
        return;
    }
    for releases in RELEASES {
        for step in releases.windows(2) {
            pair(|| mariadb().database(), step[0], step[1]);
        }
        if let [first, .., last] = releases {
            pair(|| mariadb().database(), first, last);
        }
    }
}

#[test]
fn what_only_the_engine_reads_is_equal_with_a_scratch_database() {
    let text = "CREATE TABLE t (id INT PRIMARY KEY, d DECIMAL(12,4) UNSIGNED ZEROFILL DEFAULT 1.5);
        CREATE VIEW j AS SELECT t.id, o.x FROM t, JSON_TABLE('[1,2]', '$[*]' COLUMNS (x INT PATH '$')) AS o;
        CREATE VIEW w AS SELECT id, row_number() OVER (ORDER BY d) AS n FROM t;
        CREATE VIEW r AS WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5) SELECT n FROM c;
        CREATE VIEW v AS SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS x;";
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("schema.sql");
    std::fs::write(&path, text).expect("written");
    let database = mariadb().database();
    database.client(text);
    let source = format!("sql:{}", path.display());
    let url = database.url();
    let words = [
        "schema",
        "diff",
        &source,
        &url,
        "--exit-code",
        "--scratch",
        "auto",
    ];
    realign(&url, &words, None).ends(0);
}
