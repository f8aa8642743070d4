//! Changes that need more than one statement: views around a type, keys around a key, rows.

use realign_model::{
    Column, DataType, Database, Expr, Ident, Identity, Index, IntWidth, ObjectName, PrimaryKey,
    Table,
};
use realign_planner::{Expectation, Policy, Renames, create_plan};
use realign_postgres::POSTGRES;
use realign_runtime::{ErrorKind, Stop, apply, precheck};

use realign_testkit::{certificates, postgres_with};

use crate::support::{TestDatabase, script, target, wish_of};

/// The wish that another script makes.
fn wish(sql: &str) -> Database {
    wish_of(&TestDatabase::with(sql))
}

/// Goes from one script's schema to another's and proves it from outside.
pub(crate) fn goes(from: &str, to: &str) -> TestDatabase {
    let database = TestDatabase::with(from);
    let target = TestDatabase::with(to);
    let wish = wish_of(&target);
    let complete = Policy {
        complete: true,
        ..Policy::default()
    };
    let plan = database
        .update(&wish, &complete)
        .unwrap_or_else(|e| panic!("{from}\n-> {to}\n{e}"));
    let again = database.plan(&wish, &complete);
    assert!(again.is_empty(), "{}", script(&again));
    assert_eq!(database.dump(), target.dump(), "{}", script(&plan));
    database
}

/// What the data refuses, by code.
pub(crate) fn refusals(from: &str, to: &str) -> Vec<String> {
    let database = TestDatabase::with(from);
    let before = database.dump();
    let plan = database.plan(&wish(to), &Policy::default());
    let found = precheck(&mut database.open(), &plan).expect("prechecks run");
    assert_eq!(database.dump(), before);
    found.refusals.iter().map(|r| r.code.clone()).collect()
}

#[test]
fn views_are_taken_down_around_a_type_and_put_up_again() {
    let database = TestDatabase::with(
        "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(10)); INSERT INTO t VALUES (1, 'x');
         CREATE VIEW v WITH (security_barrier=true) AS SELECT id, a FROM t;
         CREATE VIEW w AS SELECT v.a || '!' AS b FROM v;
         CREATE MATERIALIZED VIEW m AS SELECT a FROM t; CREATE INDEX m_a ON m (a);
         CREATE ROLE realign_reader_of_views; GRANT SELECT ON v TO realign_reader_of_views; COMMENT ON VIEW v IS 'it''s';
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER tr AFTER UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f();",
    );
    let before = database.dump();
    let mut wish = wish_of(&database);
    wish.tables[0].columns[1].data_type = DataType::varchar(20);
    database
        .update(&wish, &Policy::default())
        .expect("possible");
    let after: Vec<String> = database
        .dump()
        .iter()
        .map(|s| s.replace("character varying(20)", "character varying(10)"))
        .collect();
    assert_eq!(after, before);
    assert_eq!(database.run("SELECT b FROM w").trim(), "x!");
    assert_eq!(
        database.run("SELECT obj_description('v'::regclass)").trim(),
        "it's"
    );
    database.run("DROP OWNED BY realign_reader_of_views; DROP ROLE realign_reader_of_views;");
}

#[test]
fn a_view_on_a_column_that_goes_is_named_first() {
    let from = "CREATE TABLE t (id INT PRIMARY KEY, a INT); CREATE VIEW v AS SELECT a FROM t;";
    let database = TestDatabase::with(from);
    let mut wish = wish_of(&database);
    wish.tables[0].columns.truncate(1);
    let complete = Policy {
        complete: true,
        ..Policy::default()
    };
    let plan = database.plan(&wish, &complete);
    let found = precheck(&mut database.open(), &plan).expect("prechecks run");
    assert_eq!(found.refusals.len(), 1);
    assert_eq!(found.refusals[0].code, "R210");
    assert_eq!(found.refusals[0].samples.len(), 1);
}

#[test]
fn foreign_keys_make_room_for_their_key_and_come_back() {
    goes(
        "CREATE TABLE u (id INT PRIMARY KEY, k VARCHAR(9) NOT NULL UNIQUE); INSERT INTO u VALUES (1, '7');
         CREATE TABLE t (id INT PRIMARY KEY, u_id INT REFERENCES u (id), k VARCHAR(9) REFERENCES u (k)); INSERT INTO t VALUES (1, 1, '7');",
        "CREATE TABLE u (id VARCHAR(9) PRIMARY KEY, k VARCHAR(9) NOT NULL UNIQUE);
         CREATE TABLE t (id INT PRIMARY KEY, u_id VARCHAR(9) REFERENCES u (id), k VARCHAR(9) REFERENCES u (k));",
    );
    goes(
        "CREATE TABLE u (id INT CONSTRAINT own PRIMARY KEY, b INT NOT NULL); CREATE TABLE t (u_id INT CONSTRAINT fk REFERENCES u (id));",
        "CREATE TABLE u (id INT NOT NULL, b INT NOT NULL, PRIMARY KEY (id, b)); CREATE TABLE t (u_id INT);",
    );
}

#[test]
fn values_go_along_with_their_type() {
    let database = goes(
        "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(9) DEFAULT '3', b BOOLEAN DEFAULT true NOT NULL, c INT DEFAULT 1 NOT NULL, d JSON, e TEXT, f BYTEA, g TIMESTAMP(0));
         INSERT INTO t VALUES (1, '12', true, 0, '{}', '2020-01-02', 'ab', '2020-01-01 10:00:00');",
        "CREATE TABLE t (id BIGINT PRIMARY KEY, a INT DEFAULT 3, b SMALLINT DEFAULT 1 NOT NULL, c BOOLEAN DEFAULT true NOT NULL, d JSONB, e DATE, f TEXT, g TIMESTAMP(0) WITH TIME ZONE);",
    );
    assert_eq!(
        database.run("SELECT id, a, b, c, d, e, f FROM t").trim(),
        "1|12|1|f|{}|2020-01-02|ab"
    );
}

#[test]
fn a_counter_goes_on_behind_the_rows() {
    let serial = "CREATE TABLE t (id SERIAL PRIMARY KEY, a INT);";
    let identity = "CREATE TABLE t (id INT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, a INT);";
    let plain = "CREATE TABLE t (id INT PRIMARY KEY, a INT); INSERT INTO t VALUES (41, 1);";
    for to in [serial, identity] {
        let database = goes(plain, to);
        database.run("INSERT INTO t (a) VALUES (2)");
        assert_eq!(database.run("SELECT max(id) FROM t").trim(), "42");
    }
    // An empty table begins at 1.
    let database = goes("CREATE TABLE t (id INT PRIMARY KEY, a INT);", serial);
    database.run("INSERT INTO t (a) VALUES (2)");
    assert_eq!(database.run("SELECT max(id) FROM t").trim(), "1");
    goes(serial, "CREATE TABLE t (id BIGSERIAL PRIMARY KEY, a INT);");
    // A sequence beside the table that was lost comes back behind its rows.
    let database = TestDatabase::with(plain);
    let wish = wish(
        "CREATE SEQUENCE t_id_seq INCREMENT BY 1 MINVALUE 1 START 1; CREATE TABLE t (id INT PRIMARY KEY, a INT);",
    );
    database
        .update(&wish, &Policy::default())
        .expect("possible");
    assert_eq!(database.run("SELECT nextval('t_id_seq')").trim(), "42");
}

#[test]
fn a_required_column_gets_the_zero_of_its_type_or_is_refused() {
    let from = "CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1);";
    let database = goes(
        from,
        "CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL, s VARCHAR(9) NOT NULL, b BOOLEAN NOT NULL);",
    );
    assert_eq!(database.run("SELECT n, s, b FROM t").trim(), "0||f");
    let to = "CREATE TABLE t (id INT PRIMARY KEY, d DATE NOT NULL);";
    assert_eq!(refusals(from, to), ["R207"]);
    goes("CREATE TABLE t (id INT PRIMARY KEY);", to);
}

#[test]
fn what_the_data_refuses_is_found_before_the_first_statement() {
    for (from, to, codes) in [
        (
            "CREATE TABLE t (id INT PRIMARY KEY, a INT); INSERT INTO t VALUES (1, NULL);",
            "CREATE TABLE t (id INT PRIMARY KEY, a INT NOT NULL);",
            vec!["R201"],
        ),
        (
            "CREATE TABLE t (id INT PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'abcdef');",
            "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(3));",
            vec!["R202"],
        ),
        (
            "CREATE TABLE t (id INT PRIMARY KEY, a BIGINT); INSERT INTO t VALUES (1, 3000000000);",
            "CREATE TABLE t (id INT PRIMARY KEY, a INT);",
            vec!["R203"],
        ),
        (
            "CREATE TABLE t (id INT PRIMARY KEY, a INT); INSERT INTO t VALUES (1, 5), (2, 5), (3, NULL), (4, NULL);",
            "CREATE TABLE t (id INT PRIMARY KEY, a INT); CREATE UNIQUE INDEX u ON t (a);",
            vec!["R204"],
        ),
        (
            "CREATE TABLE u (id INT PRIMARY KEY); CREATE TABLE t (id INT PRIMARY KEY, a INT); INSERT INTO t VALUES (1, 5);",
            "CREATE TABLE u (id INT PRIMARY KEY); CREATE TABLE t (id INT PRIMARY KEY, a INT REFERENCES u (id));",
            vec!["R205"],
        ),
        (
            "CREATE TABLE t (id INT PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'x'), (2, '99999999999'), (3, ' 7 ');",
            "CREATE TABLE t (id INT PRIMARY KEY, a INT);",
            vec!["R206"],
        ),
        (
            "CREATE TABLE t (id INT PRIMARY KEY, a INT); INSERT INTO t VALUES (1, -5);",
            "CREATE TABLE t (id INT PRIMARY KEY, a INT CHECK (a > 0));",
            vec!["R208"],
        ),
        (
            "CREATE TABLE t (id INT PRIMARY KEY, a TIMESTAMP); INSERT INTO t VALUES (1, '2020-01-01 00:00:00.5');",
            "CREATE TABLE t (id INT PRIMARY KEY, a TIMESTAMP(0));",
            vec!["R209"],
        ),
        (
            "CREATE TABLE t (a INT, b INT); INSERT INTO t VALUES (1, 1), (1, 2), (NULL, 3);",
            "CREATE TABLE t (a INT NOT NULL, b INT, PRIMARY KEY (a));",
            vec!["R201", "R201", "R204"],
        ),
        (
            "CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1), (2);",
            "CREATE TABLE t (id INT PRIMARY KEY, a INT NOT NULL); CREATE UNIQUE INDEX u ON t (a);",
            vec!["R204"],
        ),
    ] {
        assert_eq!(refusals(from, to), codes, "{from} -> {to}");
    }
}

#[test]
fn renames_keep_rows_and_everything_on_them() {
    let database = TestDatabase::with(
        "CREATE TABLE old (id INT PRIMARY KEY, a INT NOT NULL); INSERT INTO old VALUES (1, 7);
         CREATE INDEX i ON old (a); CREATE TABLE r (x INT CONSTRAINT fk REFERENCES old (id));",
    );
    let wish = wish(
        "CREATE TABLE new (id INT PRIMARY KEY, b BIGINT NOT NULL); CREATE UNIQUE INDEX i ON new (b);
         CREATE TABLE r (x INT CONSTRAINT fk REFERENCES new (id));",
    );
    let policy = Policy {
        renames: Renames {
            tables: vec![("old".to_owned(), "new".to_owned())],
            columns: vec![("new".to_owned(), "a".to_owned(), "b".to_owned())],
        },
        ..Policy::default()
    };
    database.update(&wish, &policy).expect("possible");
    assert_eq!(database.run("SELECT id, b FROM new").trim(), "1|7");
}

#[test]
fn names_of_indexes_are_swapped_in_a_ring() {
    goes(
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT); CREATE INDEX x ON t (a); CREATE INDEX y ON t (b);",
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT); CREATE INDEX y ON t (a); CREATE INDEX x ON t (b);",
    );
}

#[test]
fn schemas_of_others_are_left_alone_and_declared_ones_made() {
    let database = TestDatabase::with(
        "CREATE SCHEMA theirs; CREATE TABLE theirs.t (id INT); CREATE SEQUENCE theirs.s; CREATE TABLE own (id INT PRIMARY KEY);",
    );
    let mut wish = wish("CREATE SCHEMA side; CREATE TABLE side.t (id INT PRIMARY KEY, own_id INT REFERENCES public.own (id)); ".replace("REFERENCES public.own (id)", "").as_str());
    wish.tables.push(
        database
            .inspect()
            .database
            .tables
            .iter()
            .find(|t| t.name.schema.is_none())
            .expect("own")
            .clone(),
    );
    let complete = Policy {
        complete: true,
        ..Policy::default()
    };
    let plan = database.update(&wish, &complete).expect("possible");
    let text = script(&plan);
    assert!(text.contains("CREATE SCHEMA side"), "{text}");
    assert!(!text.contains("theirs"), "{text}");
    assert_eq!(database.run("SELECT count(*) FROM theirs.t").trim(), "0");
}

#[test]
fn a_declaration_is_made_from_nothing() {
    let mut table = Table::new(ObjectName::bare("User"));
    let mut id = Column::new(Ident::new("id"), DataType::int(IntWidth::W32));
    id.identity = Some(Identity::Serial);
    let mut name = Column::new(Ident::new("firstName"), DataType::varchar(40));
    name.default = Some(Expr::new("'it''s'"));
    let mut group = Column::new(Ident::quoted("Group"), DataType::Boolean);
    group.nullable = true;
    group.comment = Some("a group".to_owned());
    table.columns = vec![id, name, group];
    table.primary_key = Some(Box::new(PrimaryKey::over([Ident::new("id")])));
    table.indexes = vec![Index::over(
        Some(Ident::new("IDX_1")),
        [Ident::new("firstName"), Ident::quoted("Group")],
        true,
    )];
    let wish = Database {
        tables: vec![table],
        ..Database::default()
    };
    let database = TestDatabase::new();
    let facts = database.inspect().facts;
    let plan = create_plan(&wish, &POSTGRES, &facts);
    apply(&mut database.open(), &plan, &mut (), &Stop::default()).expect("possible");
    let diff = database.diff(&wish, &Policy::default());
    assert!(diff.in_sync(), "{:#?}", diff.findings);
    assert_eq!(
        database.run("SELECT column_name FROM information_schema.columns WHERE table_name = 'User' ORDER BY ordinal_position").lines().collect::<Vec<_>>(),
        ["id", "firstname", "Group"]
    );
}

#[test]
fn a_failing_plan_leaves_nothing_behind() {
    let database = TestDatabase::with("CREATE TABLE t (id INT PRIMARY KEY);");
    let before = database.dump();
    let mut plan = database.plan(
        &wish("CREATE TABLE t (id INT PRIMARY KEY, a INT); CREATE TABLE u (id INT PRIMARY KEY);"),
        &Policy::default(),
    );
    assert!(plan.atomic);
    let last = plan.steps.last_mut().expect("steps");
    last.statements.push(realign_planner::Statement::expecting(
        "SELECT 1/0",
        Expectation::True,
    ));
    apply(&mut database.open(), &plan, &mut (), &Stop::default()).expect_err("it fails");
    assert_eq!(database.dump(), before);
}

#[test]
fn a_statement_goes_between_others_in_one_message() {
    let database = TestDatabase::with("CREATE TABLE t (id INT PRIMARY KEY);");
    let mut connection = database.open();
    let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let opening = words(&["BEGIN", "SET LOCAL lock_timeout = 1000"]);
    let closing = words(&["SELECT 1, 2", "COMMIT"]);
    let mut between = |sql: &str| {
        connection
            .run_between(&opening, sql, &closing)
            .expect("connected")
    };
    let answer = between("INSERT INTO t VALUES (1), (2) RETURNING id -- the rest is a comment");
    let answer = answer.expect("done");
    assert_eq!(answer.affected, 2);
    assert_eq!(answer.rows.columns, ["id"]);
    let nothing = between("-- nothing but a comment").expect("done");
    assert_eq!((nothing.affected, nothing.rows.rows.len()), (0, 0));
    let refused = between("INSERT INTO t VALUES (3), (1)").expect_err("it is there");
    assert_eq!(refused.code, "23505");
    let mut connection = database.open();
    let count = connection.scalar("SELECT COUNT(*) FROM t").expect("counts");
    assert_eq!(count.as_int(), Some(2));
}

#[test]
fn a_refusal_keeps_the_session_and_a_wrong_login_is_unreachable() {
    let database = TestDatabase::new();
    let mut connection = database.open();
    let refusal = connection
        .run("SELECT nothing")
        .expect("still connected")
        .expect_err("refused");
    assert_eq!(refusal.code, "42703");
    connection.run("BEGIN").expect("connected").expect("done");
    connection
        .run("SELECT 1/0")
        .expect("connected")
        .expect_err("refused");
    let failed = connection
        .run("SELECT 1")
        .expect("connected")
        .expect_err("still failed");
    assert_eq!(failed.code, "25P02");
    connection
        .run("ROLLBACK")
        .expect("connected")
        .expect("done");
    let answer = connection
        .run("DO $$ BEGIN RAISE WARNING 'careful'; END $$")
        .expect("connected")
        .expect("done");
    assert_eq!(answer.warnings[0].message, "careful");
    assert!(connection.server_id().is_some());
    let broken = connection
        .run("SELECT pg_terminate_backend(pg_backend_pid())")
        .expect_err("gone");
    assert_eq!(broken.kind, ErrorKind::Unreachable);
    let mut target = database.target();
    target.database = "nowhere".to_owned();
    let connect = realign_postgres::live::connect(&target).expect("complete");
    let error = connect.connect(&mut || ()).err().expect("no such database");
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(error.help.is_some());
}

#[test]
fn the_number_of_queries_is_the_same_and_they_are_quick() {
    use std::fmt::Write as _;
    let mut sql = String::new();
    for table in 0..1000 {
        let columns: Vec<String> = (0..11)
            .map(|c| format!("c{c} VARCHAR(50) DEFAULT NULL"))
            .collect();
        let _ = writeln!(
            sql,
            "CREATE TABLE t{table} (id SERIAL NOT NULL, {}, PRIMARY KEY(id)); CREATE INDEX i{table} ON t{table} (c1);",
            columns.join(", ")
        );
    }
    let database = TestDatabase::with(&format!("BEGIN; {sql} COMMIT; ANALYZE;"));
    let wish = wish_of(&database);
    let mut connection = database.open();
    let facts = realign_runtime::facts(
        &mut connection,
        &POSTGRES,
        realign_planner::Profile::default(),
    )
    .expect("facts");
    let mut times = Vec::new();
    for _ in 0..3 {
        let began = std::time::Instant::now();
        for query in realign_planner::Dialect::catalog(&POSTGRES, &facts) {
            let one = std::time::Instant::now();
            connection.query(&query.sql).expect("readable");
            println!("{}: {:?}", query.name, one.elapsed());
        }
        let raw = began.elapsed();
        let began = std::time::Instant::now();
        let found = realign_runtime::inspect(
            &mut connection,
            &POSTGRES,
            realign_planner::Profile::default(),
        )
        .expect("readable");
        let diff = realign_planner::diff(
            &found.database,
            &wish,
            &POSTGRES,
            &found.facts,
            &Policy::default(),
        );
        times.push((raw, began.elapsed()));
        assert!(diff.in_sync());
    }
    println!("raw queries and the whole, 1,000 tables: {times:?}");
}

#[test]
fn an_encrypted_line_is_to_the_right_server_or_none() {
    let certificates = certificates();
    let options = certificates.postgres_options();
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let database = postgres_with(&options).database();
    let open = |host: &str, parameters: &[(&str, String)]| {
        let mut target = target(&database);
        host.clone_into(&mut target.host);
        target.parameters = parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        let connect = realign_postgres::live::connect(&target)?;
        let mut connection = realign_runtime::Connection::open(connect.as_ref())?;
        connection.scalar("SELECT ssl::int FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    };
    let text = |path: std::path::PathBuf| path.display().to_string();
    let (own, other) = (
        text(certificates.authority()),
        text(certificates.stranger()),
    );
    let mode = |word: &str| ("sslmode", word.to_owned());
    let authority = |file: &str| ("sslrootcert", file.to_owned());
    for (host, parameters, expected) in [
        ("127.0.0.1", vec![], Some("0")),
        ("127.0.0.1", vec![mode("prefer")], Some("1")),
        ("127.0.0.1", vec![mode("require")], Some("1")),
        ("localhost", vec![authority(&own)], Some("1")),
        ("localhost", vec![authority(&other)], None),
        (
            "127.0.0.1",
            vec![mode("verify-full"), authority(&own)],
            None,
        ),
        (
            "127.0.0.1",
            vec![mode("verify-ca"), authority(&own)],
            Some("1"),
        ),
        (
            "127.0.0.1",
            vec![mode("verify-ca"), authority(&other)],
            None,
        ),
        ("localhost", vec![mode("verify-full")], None),
    ] {
        let found = open(host, &parameters);
        match (&found, expected) {
            (Ok(value), Some(expected)) => assert_eq!(value.as_str(), Some(expected)),
            (Err(error), None) => assert_eq!(error.kind, ErrorKind::Unreachable),
            _ => panic!("{host} {parameters:?}: {found:?}"),
        }
    }
}
