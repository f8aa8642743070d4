//! Scripts that are carried out without a server: what comes out, in the words of `create`.

use realign_model::{Database, Origin};
use realign_planner::{Dialect as _, Interpreted, SchemaScript};

use crate::MYSQL;
use crate::facts::offline;

fn run(version: &str, text: &str) -> Interpreted {
    let facts = offline(version).expect("a known engine");
    let script = SchemaScript {
        path: "schema.sql",
        text,
    };
    MYSQL
        .interpret()
        .interpret(&script, Database::default(), &facts)
}

/// The statements that make the schema, and no complaint.
fn made(version: &str, text: &str) -> Vec<String> {
    let read = run(version, text);
    assert_eq!(read.diagnostics, [], "{text}");
    let facts = offline(version).expect("a known engine");
    MYSQL
        .create(&read.database, &facts)
        .into_iter()
        .flat_map(|step| step.statements)
        .map(|statement| statement.sql)
        .collect()
}

/// A long script: what goes leaves its place, and is found again when it comes anew.
#[test]
fn what_goes_and_comes_again_is_found() {
    let make = |at: usize| {
        let parent = at / 2;
        format!(
            "CREATE TABLE t{at} (id INT PRIMARY KEY, r INT, CONSTRAINT f{at} FOREIGN KEY (r) REFERENCES t{parent} (id));
             CREATE VIEW v{at} AS SELECT id FROM t{at};
             CREATE TRIGGER g{at} BEFORE INSERT ON t{at} FOR EACH ROW SET NEW.r = {at};\n"
        )
    };
    let mut text = String::new();
    for at in 0..12 {
        text += &make(at);
    }
    text += "SET foreign_key_checks = 0;\n";
    for at in (1..12).step_by(2).map(|at: usize| at.to_string()) {
        text += &["DROP VIEW v", &at, "; DROP TABLE t", &at, ";\n"].concat();
    }
    let second = text.len();
    for at in (1..12).step_by(2) {
        text += &make(at);
    }
    text += "DROP TRIGGER g4; DROP VIEW v4; RENAME TABLE t2 TO u2, v6 TO w6;
             ALTER TABLE u2 RENAME COLUMN id TO number;
             CREATE TRIGGER g4 BEFORE INSERT ON t4 FOR EACH ROW SET NEW.r = 40;";
    let version = "mysql-8.0.31";
    let whole = run(version, &text);
    assert_eq!(whole.diagnostics, []);
    let tables: Vec<&str> = (whole.database.tables.iter())
        .map(|table| table.name.name.text.as_str())
        .collect();
    let expected = "t0 u2 t4 t6 t8 t10 t1 t3 t5 t7 t9 t11";
    assert_eq!(tables.join(" "), expected);
    assert_eq!(whole.database.views.len(), 11);
    assert_eq!(whole.database.triggers.len(), 12);
    for child in ["t4", "t5"] {
        let key = &whole.database.table(child).expect("there").foreign_keys[0];
        let target = (key.ref_table.to_string(), key.ref_columns[0].to_string());
        assert_eq!(target, ("u2".to_owned(), "number".to_owned()), "{child}");
    }
    let on = |table: &str| {
        let on = |t: &&realign_model::Trigger| t.table.name.text == table;
        whole.database.triggers.iter().filter(on).count()
    };
    assert_eq!((on("u2"), on("t2"), on("t5")), (1, 0, 1));
    // In two parts it is the same.
    let facts = offline(version).expect("a known engine");
    let read = |text: &str, onto: Database| {
        let path = "schema.sql";
        let script = SchemaScript { path, text };
        MYSQL.interpret().interpret(&script, onto, &facts)
    };
    let (first, rest) = text.split_at(second);
    let half = read(first, Database::default()).database;
    let rest = format!("SET foreign_key_checks = 0; {rest}");
    let mut both = read(&rest, half).database;
    let mut whole = whole.database;
    both.forget_origins();
    whole.forget_origins();
    assert_eq!(both, whole);
    let refused = run(
        version,
        "CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (r INT REFERENCES a (id), FOREIGN KEY (r) REFERENCES a (id)); DROP TABLE a;",
    );
    assert_eq!(refused.diagnostics.len(), 1);
    assert!(refused.diagnostics[0].message.contains("of b points at it"));
}

#[test]
fn names_that_nobody_gave_are_the_servers() {
    let script = "
        CREATE TABLE p (id INT PRIMARY KEY, k INT UNIQUE);
        CREATE TABLE c (
            a INT REFERENCES p (id), b INT, c INT CHECK (c > 0),
            FOREIGN KEY named (b) REFERENCES p (k),
            CONSTRAINT con FOREIGN KEY (a, b) REFERENCES p (id, k) ON DELETE CASCADE,
            KEY (b), KEY (b, c), UNIQUE (c), CHECK (a > b), CHECK (a > 1)
        );";
    assert_eq!(
        made("mariadb-10.11", script),
        [
            "CREATE TABLE p (id INT NOT NULL, k INT DEFAULT NULL, UNIQUE INDEX k (k), PRIMARY KEY(id))",
            "CREATE TABLE c (a INT DEFAULT NULL, b INT DEFAULT NULL, c INT DEFAULT NULL CHECK (c > 0), INDEX con (a, b), INDEX b (b), INDEX b_2 (b, c), UNIQUE INDEX c (c), CONSTRAINT CONSTRAINT_1 CHECK (a > b), CONSTRAINT CONSTRAINT_2 CHECK (a > 1))",
            "ALTER TABLE c ADD CONSTRAINT c_ibfk_1 FOREIGN KEY (a) REFERENCES p (id)",
            "ALTER TABLE c ADD CONSTRAINT named FOREIGN KEY (b) REFERENCES p (k)",
            "ALTER TABLE c ADD CONSTRAINT con FOREIGN KEY (a, b) REFERENCES p (id, k) ON DELETE CASCADE",
        ]
    );
    let mysql = made("mysql-8.0.31", script);
    assert_eq!(
        mysql[1],
        "CREATE TABLE c (a INT DEFAULT NULL, b INT DEFAULT NULL, c INT DEFAULT NULL, INDEX con (a, b), INDEX b (b), INDEX b_2 (b, c), UNIQUE INDEX c (c), CONSTRAINT c_chk_1 CHECK (c > 0), CONSTRAINT c_chk_2 CHECK (a > b), CONSTRAINT c_chk_3 CHECK (a > 1))"
    );
    assert_eq!(
        mysql[2],
        "ALTER TABLE c ADD CONSTRAINT c_ibfk_1 FOREIGN KEY (b) REFERENCES p (k)"
    );
}

#[test]
fn an_index_for_a_foreign_key_goes_once_another_serves() {
    let script = "
        CREATE TABLE p (id INT PRIMARY KEY);
        CREATE TABLE c (a INT, b INT, CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id));
        ALTER TABLE c ADD INDEX both_of_them (a, b);";
    assert!(made("mariadb-10.11", script)[1].ends_with("INDEX both_of_them (a, b))"));
    let kept = script.replace("(a, b)", "(b, a)");
    assert!(made("mariadb-10.11", &kept)[1].contains("INDEX f (a), INDEX both_of_them (b, a)"));
}

#[test]
fn clauses_of_one_alter_are_seen_together() {
    let script = "
        CREATE TABLE t (a INT, b INT NOT NULL DEFAULT 5, c INT, z INT, KEY k (a), KEY l (c), PRIMARY KEY (b));
        ALTER TABLE t ADD KEY k (c), DROP KEY k, DROP COLUMN a, DROP PRIMARY KEY,
            CHANGE b c VARCHAR(5) CHARACTER SET ascii NOT NULL FIRST, CHANGE c b INT AFTER c,
            ADD (d INT PRIMARY KEY, e INT), ALTER z SET DEFAULT 7, RENAME KEY l TO m,
            ADD COLUMN f DATETIME ON UPDATE NOW() COMMENT 'x' AFTER c, COMMENT='y', ENGINE MyISAM;
        RENAME TABLE t TO u;";
    assert_eq!(
        made("mysql-8.0.31", script),
        [
            "CREATE TABLE u (c VARCHAR(5) CHARACTER SET ascii NOT NULL COLLATE `ascii_general_ci`, f DATETIME DEFAULT NULL ON UPDATE NOW() COMMENT 'x', b INT DEFAULT NULL, z INT DEFAULT 7, d INT NOT NULL, e INT DEFAULT NULL, INDEX m (b), INDEX k (c), PRIMARY KEY(d)) ENGINE = MyISAM COMMENT = 'y' "
        ]
    );
}

#[test]
fn character_sets_come_from_where_the_server_takes_them() {
    let script = "
        CREATE DATABASE IF NOT EXISTS shop CHARACTER SET latin1;
        USE shop;
        CREATE TABLE a (x TEXT, y VARCHAR(3) COLLATE latin1_swedish_ci, z CHAR(2) BINARY, j JSON);
        CREATE TABLE b (x TEXT, y VARCHAR(3) CHARACTER SET binary) DEFAULT CHARSET=utf8;
        ALTER TABLE b DEFAULT CHARACTER SET ascii, ADD z CHAR;
        ALTER TABLE shop.a CONVERT TO CHARACTER SET utf8mb4;";
    assert_eq!(
        made("mysql-8.0.31", script),
        [
            "CREATE TABLE a (x MEDIUMTEXT DEFAULT NULL, y VARCHAR(3) DEFAULT NULL, z CHAR(2) DEFAULT NULL, j JSON DEFAULT NULL) DEFAULT CHARACTER SET utf8mb4 COLLATE `utf8mb4_0900_ai_ci`",
            "CREATE TABLE b (x TEXT CHARACTER SET utf8mb3 DEFAULT NULL COLLATE `utf8mb3_general_ci`, y VARBINARY(3) DEFAULT NULL, z CHAR(1) DEFAULT NULL) DEFAULT CHARACTER SET ascii COLLATE `ascii_general_ci`",
        ]
    );
}

#[test]
fn old_servers_fill_in_timestamps() {
    let script = "CREATE TABLE t (a TIMESTAMP, b TIMESTAMP NOT NULL, c TIMESTAMP NULL)";
    assert_eq!(
        made("mysql-5.7.40", script),
        [
            "CREATE TABLE t (a TIMESTAMP DEFAULT current_timestamp() ON UPDATE current_timestamp() NOT NULL, b TIMESTAMP DEFAULT '0000-00-00 00:00:00' NOT NULL, c TIMESTAMP NULL DEFAULT NULL)"
        ]
    );
    assert_eq!(
        made("mysql-8.0.31", script),
        [
            "CREATE TABLE t (a TIMESTAMP NULL DEFAULT NULL, b TIMESTAMP NOT NULL, c TIMESTAMP NULL DEFAULT NULL)"
        ]
    );
}

#[test]
fn a_dump_with_its_placeholders_is_read_in_order() {
    let script = "
        /*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='ANSI_QUOTES' */;
        DROP TABLE IF EXISTS `t`;
        /*!50001 CREATE TABLE `v` (`a` tinyint NOT NULL) ENGINE=MyISAM */;
        CREATE TABLE \"t\" (\"a b\" int(11) NOT NULL /*!80023 INVISIBLE */, KEY `x` (`a b`) /*!80000 INVISIBLE */);
        INSERT INTO t VALUES (1),(2);
        /*!50001 DROP TABLE IF EXISTS `v`*/;
        /*!50001 CREATE ALGORITHM=UNDEFINED */ /*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */
        /*!50001 VIEW `v` AS select `t`.`a b` AS `a` from `t` */ /*!50002 WITH CASCADED CHECK OPTION */;
        /*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
        DELIMITER ;;
        /*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER `g` AFTER INSERT ON `t` FOR EACH ROW BEGIN SET @a = 1; END */;;
        DELIMITER ;";
    let read = run("mysql-8.0.31", script);
    assert_eq!(read.diagnostics, []);
    assert_eq!((read.data_statements, read.skipped_bytes), (1, 0));
    let database = &read.database;
    let names = |table: &realign_model::Table| table.name.to_string();
    assert_eq!(database.tables.iter().map(names).collect::<Vec<_>>(), ["t"]);
    assert!(database.tables[0].columns[0].invisible && database.tables[0].indexes[0].invisible);
    assert_eq!(
        database.views[0].options,
        [
            "ALGORITHM=UNDEFINED",
            "DEFINER=root@localhost",
            "SQL SECURITY DEFINER",
            "WITH CASCADED CHECK OPTION"
        ]
    );
    assert_eq!(
        database.views[0].query.text,
        "select `t`.`a b` AS `a` from `t`"
    );
    assert_eq!(
        database.triggers[0].source_text.text,
        "CREATE DEFINER=`root`@`%` TRIGGER `g` AFTER INSERT ON `t` FOR EACH ROW BEGIN SET @a = 1; END"
    );
}

#[test]
fn partitions_are_kept_and_maintained() {
    let script = "
        CREATE TABLE t (a INT, b DATE) PARTITION BY RANGE (a) (
            PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB, PARTITION p1 VALUES LESS THAN (20) COMMENT 'x',
            PARTITION rest VALUES LESS THAN (MAXVALUE));
        ALTER TABLE t REORGANIZE PARTITION rest INTO (PARTITION p2 VALUES LESS THAN (30), PARTITION rest VALUES LESS THAN MAXVALUE);
        ALTER TABLE t DROP PARTITION p0, p1;
        ALTER TABLE t TRUNCATE PARTITION p2;
        CREATE TABLE h (a INT) PARTITION BY HASH (a) PARTITIONS 3;
        ALTER TABLE h ADD PARTITION PARTITIONS 2;
        ALTER TABLE h COALESCE PARTITION 3;";
    assert_eq!(
        made("mysql-8.0.31", script),
        [
            "CREATE TABLE t (a INT DEFAULT NULL, b DATE DEFAULT NULL) PARTITION BY RANGE (a) (PARTITION `p2` VALUES LESS THAN (30), PARTITION `rest` VALUES LESS THAN MAXVALUE)",
            "CREATE TABLE h (a INT DEFAULT NULL) PARTITION BY HASH (a) PARTITIONS 2",
        ]
    );
}

#[test]
fn what_is_not_understood_has_its_place() {
    let read = run(
        "mariadb-10.11",
        "CREATE TABLE a (x INT);\n\nCREATE TABLE b (\n  x INT,\n  y INT FROBNICATE 3\n);\nCREATE TABLE c (z INT);",
    );
    assert_eq!(read.database.tables.len(), 2);
    assert_eq!(read.diagnostics.len(), 1);
    let problem = &read.diagnostics[0];
    assert_eq!(problem.code, "S001");
    assert!(
        problem.message.contains("FROBNICATE"),
        "{}",
        problem.message
    );
    match &problem.origin {
        Origin::File { line, column, .. } => assert_eq!((*line, *column), (5, 9)),
        other => panic!("{other:?}"),
    }
    assert!(read.skipped_bytes > 30);
}

#[test]
fn what_does_not_fit_is_said() {
    for (script, expected) in [
        ("ALTER TABLE t ADD a INT", "there is no table t"),
        (
            "CREATE TABLE t (a INT); CREATE TABLE t (a INT)",
            "t is there already",
        ),
        ("CREATE TABLE t (a INT, a INT)", "has a column a already"),
        ("CREATE TABLE t (a INT, KEY (b))", "has no column b"),
        (
            "CREATE TABLE t (a INT); ALTER TABLE t DROP b",
            "has no column b",
        ),
        ("DROP VIEW v", "there is no view v"),
        (
            "CREATE TABLE p (a INT PRIMARY KEY); CREATE TABLE c (a INT, FOREIGN KEY (a) REFERENCES p (a)); DROP TABLE p",
            "a foreign key of c points at it",
        ),
    ] {
        let read = run("mariadb-10.11", script);
        assert_eq!(read.diagnostics.len(), 1, "{script}");
        assert_eq!(read.diagnostics[0].code, "S002", "{script}");
        assert!(
            read.diagnostics[0].message.contains(expected),
            "{script}: {}",
            read.diagnostics[0].message
        );
    }
    let quiet = "DROP TABLE IF EXISTS t; CREATE TABLE IF NOT EXISTS t (a INT); CREATE TABLE IF NOT EXISTS t (b INT); SET foreign_key_checks=0; DROP VIEW IF EXISTS v; GRANT SELECT ON *.* TO x; COMMIT; SELECT 1; CREATE TEMPORARY TABLE x (a INT)";
    let read = run("mariadb-10.11", quiet);
    assert_eq!((read.diagnostics.len(), read.skipped_bytes), (0, 0));
    assert_eq!(read.database.tables[0].columns[0].name.text, "a");
}

/// A statement of one clause works on the table itself: one that is refused has to leave it alone.
#[test]
fn what_is_refused_changes_nothing() {
    let table = "CREATE TABLE p (id INT PRIMARY KEY);
        CREATE TABLE t (a INT PRIMARY KEY, b INT, c TEXT, d TIMESTAMP NULL, CONSTRAINT k CHECK (b > 0),
        KEY i (b), CONSTRAINT f FOREIGN KEY (b) REFERENCES p (id));";
    let refused = [
        "ADD b INT",
        "ADD e INT AFTER z",
        "ADD e INT PRIMARY KEY",
        "ADD e INT, ADD f INT AFTER e, DROP z",
        "ADD e INT, ADD KEY (z)",
        "ADD KEY i (a)",
        "ADD KEY (z)",
        "ADD PRIMARY KEY (b)",
        "ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id)",
        "ADD CONSTRAINT k CHECK (a > 0)",
        "MODIFY z INT",
        "MODIFY c INT AFTER z",
        "MODIFY c INT AFTER c",
        "CHANGE b e INT PRIMARY KEY",
        "RENAME COLUMN z TO y",
        "RENAME COLUMN b TO e, DROP KEY z",
        "RENAME KEY z TO y",
        "ALTER z SET DEFAULT 1",
        "DROP z",
        "DROP KEY z",
        "DROP FOREIGN KEY z",
        "DROP CONSTRAINT z",
        "DROP b, DROP z",
        "CONVERT TO CHARACTER SET latin1, DROP z",
    ];
    for version in ["mysql-8.0.31", "mariadb-10.11"] {
        let before = run(version, table).database;
        for clauses in refused {
            let text = format!("{table} ALTER TABLE t {clauses};");
            let read = run(version, &text);
            assert_eq!(read.diagnostics.len(), 1, "{version}: {clauses}");
            assert_eq!(read.diagnostics[0].code, "S002", "{version}: {clauses}");
            assert_eq!(read.database, before, "{version}: {clauses}");
        }
    }
}

/// The columns of a wide table are found by their names, wherever they went.
#[test]
fn a_wide_table_grows_and_shrinks_column_by_column() {
    let mut text = "CREATE TABLE t (a INT) DEFAULT CHARSET latin1;".to_owned();
    let mut expected = vec!["A".to_owned()];
    for at in 0..90 {
        text.extend([
            format!("ALTER TABLE t ADD c{at} VARCHAR(3) CHARACTER SET latin1;"),
            format!("ALTER TABLE t ADD COLUMN IF NOT EXISTS C{at} INT;"),
        ]);
        expected.push(format!("c{at}"));
    }
    text += "ALTER TABLE t DROP c7; ALTER TABLE t ADD c90 INT AFTER c3; ALTER TABLE t ADD c7 TEXT;
        ALTER TABLE t RENAME COLUMN a TO A; ALTER TABLE t RENAME COLUMN c8 TO c91;
        ALTER TABLE t ADD c8 INT; ALTER TABLE t MODIFY c91 INT FIRST; ALTER TABLE t ADD c92 INT, ADD c93 INT;
        ALTER TABLE t DROP c92; ALTER TABLE t ADD c92 INT;";
    expected.retain(|name| name != "c7" && name != "c8");
    expected.insert(0, "c91".to_owned());
    let after = expected.iter().position(|name| name == "c3").unwrap();
    expected.insert(after + 1, "c90".to_owned());
    expected.extend(["c7", "c8", "c93", "c92"].map(str::to_owned));
    let read = run("mariadb-10.11", &text);
    assert_eq!(read.diagnostics, []);
    let columns = &read.database.tables[0].columns;
    let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, expected);
    // The table's own character set is none of the column's.
    assert!(columns.iter().all(|c| c.charset.is_none()));
    let twice = run("mariadb-10.11", &(text + "ALTER TABLE t ADD C50 INT;"));
    assert_eq!(twice.diagnostics.len(), 1);
}

#[test]
fn a_setting_of_the_whole_server_is_not_the_sessions() {
    let default = |set: &str| {
        let text = format!("{set} = 'ANSI_QUOTES'; CREATE TABLE t (a VARCHAR(3) DEFAULT \"x\");");
        run("mysql-8.0.31", &text).database.tables[0].columns[0]
            .default
            .clone()
    };
    let usual = default("SET @a");
    assert_ne!(default("SET sql_mode"), usual);
    for set in [
        "SET GLOBAL sql_mode",
        "SET @@GLOBAL.sql_mode",
        "SET @@PERSIST.sql_mode",
    ] {
        assert_eq!(default(set), usual, "{set}");
    }
}
