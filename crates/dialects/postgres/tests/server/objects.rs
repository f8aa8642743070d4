//! Domains, sequences and routines that change: what stands beside their definition stays.

use realign_planner::{Policy, Scope};
use realign_runtime::precheck;

use super::updates::{goes, refusals};
use crate::support::{TestDatabase, wish_of};

#[test]
fn a_domain_keeps_its_collation_and_what_is_unproven() {
    let bare = "CREATE DOMAIN d AS INT;";
    let unproven =
        "CREATE DOMAIN d AS INT; ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0) NOT VALID;";
    let proven = "CREATE DOMAIN d AS INT CONSTRAINT c CHECK (VALUE > 0);";
    goes(bare, unproven);
    goes(unproven, proven);
    // Values that were held to it once are held to it: nothing takes that back.
    let database = TestDatabase::with(proven);
    let wish = wish_of(&TestDatabase::with(unproven));
    assert!(database.plan(&wish, &Policy::default()).is_empty());
    let made = goes(
        "CREATE TABLE t (id INT PRIMARY KEY);",
        "CREATE TABLE t (id INT PRIMARY KEY); CREATE COLLATION own (locale = 'C');
         CREATE DOMAIN e AS TEXT COLLATE own NOT NULL CHECK (VALUE <> '');
         CREATE DOMAIN f AS VARCHAR(9) COLLATE \"POSIX\" DEFAULT 'x';
         ALTER DOMAIN f ADD CONSTRAINT g CHECK (VALUE < 'y') NOT VALID;",
    );
    // A domain of another collation is another one: that is told, and nothing is done.
    let mut other = wish_of(&made);
    other.domains[1].collation = None;
    let diff = made.diff(&other, &Policy::default());
    assert_eq!(diff.findings.len(), 1, "{:?}", diff.findings);
    assert!(made.plan(&other, &Policy::default()).is_empty());
}

#[test]
fn a_sequence_is_logged_as_it_says() {
    for (from, to) in [
        ("CREATE SEQUENCE s;", "CREATE UNLOGGED SEQUENCE s;"),
        ("CREATE UNLOGGED SEQUENCE s CACHE 3;", "CREATE SEQUENCE s;"),
        (
            "CREATE TABLE a (id INT);",
            "CREATE TABLE a (id INT); CREATE UNLOGGED SEQUENCE s START 5;
             CREATE UNLOGGED TABLE t (id SERIAL PRIMARY KEY, n INT GENERATED ALWAYS AS IDENTITY);
             CREATE UNLOGGED TABLE u (id SERIAL PRIMARY KEY, n INT GENERATED ALWAYS AS IDENTITY);
             ALTER SEQUENCE u_id_seq SET LOGGED; ALTER SEQUENCE u_n_seq SET LOGGED;",
        ),
    ] {
        goes(from, to);
    }
}

#[test]
fn a_routine_made_anew_keeps_its_rights() {
    let database = TestDatabase::with(
        "CREATE ROLE realign_caller; CREATE FUNCTION f(a INT) RETURNS INT LANGUAGE sql AS 'SELECT a';
         REVOKE EXECUTE ON FUNCTION f FROM PUBLIC; GRANT EXECUTE ON FUNCTION f TO realign_caller WITH GRANT OPTION;
         COMMENT ON FUNCTION f IS 'it''s mine'; CREATE FUNCTION g() RETURNS INT LANGUAGE sql AS 'SELECT 1';
         CREATE PROCEDURE p(a INT, b TEXT) LANGUAGE sql AS 'SELECT 1'; GRANT EXECUTE ON PROCEDURE p TO realign_caller;",
    );
    let rights = "SELECT proname, proacl, obj_description(oid, 'pg_proc') FROM pg_proc
         WHERE proname IN ('f', 'g', 'p') ORDER BY 1";
    let before = database.run(rights);
    assert!(before.contains("realign_caller"), "{before}");
    let wish = wish_of(&TestDatabase::with(
        "CREATE FUNCTION f(a INT) RETURNS BIGINT LANGUAGE sql AS 'SELECT a::BIGINT';
         CREATE FUNCTION g() RETURNS TEXT LANGUAGE sql AS 'SELECT ''1''';
         CREATE PROCEDURE p(x INT, b TEXT) LANGUAGE sql AS 'SELECT 2';",
    ));
    let done = database.update(&wish, &Policy::default());
    let after = database.run(rights);
    database.run("DROP OWNED BY realign_caller; DROP ROLE realign_caller;");
    done.expect("possible");
    assert_eq!(after, before);
}

#[test]
fn objects_are_made_in_schemas_that_are_there_and_in_new_ones() {
    let from = "CREATE SCHEMA app; CREATE TABLE app.t (id INT PRIMARY KEY);";
    goes(
        from,
        "CREATE SCHEMA app; CREATE TABLE app.t (id INT PRIMARY KEY); CREATE SCHEMA other;
         CREATE FUNCTION app.f() RETURNS INT LANGUAGE sql AS 'SELECT 1';
         CREATE TYPE app.e AS ENUM ('a'); CREATE DOMAIN other.d AS app.e CHECK (VALUE <> 'a');
         CREATE TYPE app.pair AS (a other.d, b TEXT); CREATE DOMAIN app.whole AS app.pair;
         CREATE COLLATION other.z (locale = 'C'); CREATE DOMAIN app.b AS TEXT COLLATE other.z;
         CREATE FUNCTION other.f() RETURNS INT LANGUAGE sql AS 'SELECT app.f()';
         CREATE TABLE other.u (d other.d, b app.b DEFAULT 'x');",
    );
}

#[test]
fn what_stands_in_the_way_is_put_aside_and_comes_back() {
    let before = "CREATE TABLE t (id INT PRIMARY KEY, a INT, b TEXT);";
    let after = "CREATE TABLE t (id INT PRIMARY KEY, a BIGINT, b TEXT);";
    for beside in [
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (a > 0);",
        "CREATE RULE r AS ON DELETE TO t WHERE old.a > 1 DO INSTEAD NOTHING;",
        "CREATE FUNCTION f() RETURNS NUMERIC LANGUAGE sql BEGIN ATOMIC SELECT sum(a) FROM t; END;
         CREATE VIEW v AS SELECT f() AS f;",
        "CREATE VIEW v AS SELECT id, a FROM t;
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER i INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION f();",
    ] {
        goes(&format!("{before} {beside}"), &format!("{after} {beside}"));
    }
    let calls = "CREATE VIEW v AS SELECT f(1) AS f; CREATE VIEW w AS SELECT v.f FROM v;";
    let function = "CREATE FUNCTION f(x INT) RETURNS";
    goes(
        &format!("{function} INT LANGUAGE sql AS 'SELECT x'; {calls}"),
        &format!("{function} BIGINT LANGUAGE sql AS 'SELECT x::BIGINT'; {calls}"),
    );
    let words = |words: &str| {
        format!(
            "CREATE TYPE e AS ENUM ({words}); CREATE TABLE t (id INT PRIMARY KEY, e e DEFAULT 'a', l e[]);
             CREATE FUNCTION f(x e) RETURNS INT LANGUAGE sql AS 'SELECT 1';
             CREATE VIEW v AS SELECT e, l FROM t; CREATE VIEW w AS SELECT f(e) AS f FROM v;"
        )
    };
    goes(&words("'a', 'b'"), &words("'a', 'c'"));
}

#[test]
fn a_word_is_added_and_used_at_once() {
    let table = "CREATE TABLE t (id INT PRIMARY KEY, e e NOT NULL";
    let before =
        format!("CREATE TYPE e AS ENUM ('a', 'b'); {table}); INSERT INTO t VALUES (1, 'b');");
    let more = "CREATE TYPE e AS ENUM ('z', 'a', 'm', 'b');";
    for after in [
        format!("{more} {table} DEFAULT 'm');"),
        format!("{more} {table} CHECK (e <> 'z'));"),
        format!("{more} {table}); CREATE INDEX i ON t (id) WHERE e = 'm';"),
        format!("{more} {table}); CREATE VIEW v AS SELECT id FROM t WHERE e = 'm';"),
        format!("{more} {table});"),
    ] {
        let database = goes(&before, &after);
        assert_eq!(database.run("SELECT e FROM t").trim(), "b");
    }
}

#[test]
fn what_takes_no_other_value_is_told_from_what_does() {
    let always = "CREATE TABLE t (id INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a INT);";
    let open = "CREATE TABLE t (id INT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, a INT);";
    let serial = "CREATE TABLE t (id SERIAL PRIMARY KEY, a INT);";
    let row = "INSERT INTO t (a) VALUES (1), (2);";
    for from in [open, serial] {
        let database = goes(&format!("{from} {row}"), always);
        database.run("INSERT INTO t (a) VALUES (3)");
        assert_eq!(database.run("SELECT max(id) FROM t").trim(), "3");
    }
    goes(&format!("{always} {row}"), open);
}

#[test]
fn a_part_changes_along_with_the_whole() {
    let parts = |columns: &str, more: &str| {
        format!(
            "CREATE TABLE p (id INT, d DATE NOT NULL{columns}) PARTITION BY RANGE (d);
             CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY LIST (id);
             CREATE TABLE p2 PARTITION OF p1 FOR VALUES IN (1, 2);
             CREATE TABLE above (a INT{columns}); CREATE TABLE heir (b INT) INHERITS (above); {more}"
        )
    };
    let before = parts(", old TEXT, n INT", "");
    let after = parts(
        ", n BIGINT DEFAULT 3 NOT NULL, new TEXT CONSTRAINT c CHECK (new <> '')",
        "CREATE TABLE p3 PARTITION OF p FOR VALUES FROM ('2021-01-01') TO ('2022-01-01'); CREATE INDEX i ON p (n);",
    );
    goes(&before, &after);
    let third = "CREATE TABLE p3 PARTITION OF p FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');";
    goes(&after, &parts(", old TEXT, n INT", third));
}

#[test]
fn what_calls_a_function_makes_room_when_it_is_made_anew() {
    let around = |result: &str| {
        format!(
            "CREATE FUNCTION f(a INT) RETURNS {result} LANGUAGE sql IMMUTABLE AS 'SELECT $1';
             CREATE DOMAIN d AS INT DEFAULT f(1) CONSTRAINT dc CHECK (f(VALUE) > 0);
             CREATE TABLE t (id INT PRIMARY KEY, a INT DEFAULT f(2), b INT, e d, CONSTRAINT c CHECK (f(b) > 0), CONSTRAINT o CHECK (a > 0));
             ALTER TABLE t ADD CONSTRAINT n CHECK (f(a) > 0) NOT VALID;
             CREATE INDEX i ON t (f(a)); CREATE UNIQUE INDEX p ON t (b) WHERE f(a) > 1; CREATE INDEX q ON t (b);
             CREATE VIEW v AS SELECT f(a) AS x FROM t;
             ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY pol ON t USING (f(b) > 0);"
        )
    };
    let rows = "INSERT INTO t VALUES (1, 2, 3, 4), (2, 1, 5, 6);";
    let made = goes(&format!("{} {rows}", around("INT")), &around("BIGINT"));
    assert_eq!(made.run("SELECT sum(x) FROM v").trim(), "3");
    // What goes or changes by the same plan only goes earlier.
    goes(
        &format!("{} {rows}", around("INT")),
        "CREATE FUNCTION f(a INT) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS 'SELECT $1';
         CREATE DOMAIN d AS INT;
         CREATE TABLE t (id INT PRIMARY KEY, a INT DEFAULT 7, b INT, e d, CONSTRAINT o CHECK (a > 0));
         CREATE INDEX q ON t (b); CREATE VIEW v AS SELECT f(a) AS x FROM t;
         ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY pol ON t USING (f(b) > 0);",
    );
}

#[test]
fn a_view_made_anew_keeps_the_rights_on_its_columns() {
    let database = TestDatabase::with(
        "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(10)); CREATE VIEW v AS SELECT id, a FROM t;
         CREATE ROLE realign_reader_of_columns;
         GRANT SELECT (id) ON v TO realign_reader_of_columns;
         GRANT SELECT (a), UPDATE (a) ON v TO realign_reader_of_columns WITH GRANT OPTION;",
    );
    let may = |right: &str| {
        let asked = format!(
            "SELECT has_column_privilege('realign_reader_of_columns', 'v', 'a', '{right}')"
        );
        assert_eq!(database.run(&asked).trim(), "t");
    };
    let mut wish = wish_of(&database);
    wish.tables[0].columns[1].data_type = realign_model::DataType::varchar(20);
    let around = database.update(&wish, &Policy::default());
    assert!(around.is_ok(), "{around:?}");
    may("UPDATE WITH GRANT OPTION");
    // The declared view of another query keeps the rights on what it still has.
    let query = "SELECT t.a FROM t WHERE t.a <> 'x'::text";
    wish.views[0].query = realign_model::Expr::new(query);
    let anew = database.update(&wish, &Policy::default());
    assert!(anew.is_ok(), "{anew:?}");
    may("UPDATE WITH GRANT OPTION");
    database.run("DROP OWNED BY realign_reader_of_columns; DROP ROLE realign_reader_of_columns;");
}

/// What is new of tables is made before other routines, but not before those that it calls.
#[test]
fn a_function_is_the_declared_one_before_something_new_calls_it() {
    let function = |name: &str, result: &str, kind: &str, body: &str| {
        format!("CREATE FUNCTION {name}(a INT) RETURNS {result} LANGUAGE sql {kind} AS '{body}';")
    };
    let both = |result: &str, kind: &str| {
        let inner = function("g", result, kind, "SELECT $1");
        // Since 17 an index is made with no search path but that of the catalogue.
        format!(
            "{inner} {}",
            function("f", result, kind, "SELECT public.g($1)")
        )
    };
    let table = "CREATE TABLE t (id INT PRIMARY KEY, a INT";
    let new = format!(
        "{table}, n BIGINT DEFAULT f(2) NOT NULL, CONSTRAINT c CHECK (f(a) > 0)); CREATE INDEX i ON t (f(a));
         CREATE TABLE u (k INT, o BIGINT GENERATED ALWAYS AS (f(k)) STORED);"
    );
    let rows = "INSERT INTO t VALUES (1, 2);";
    // Made anew, and changed in place.
    for before in [both("INT", "IMMUTABLE"), both("BIGINT", "VOLATILE")] {
        let made = goes(
            &format!("{before} {table}); {rows}"),
            &format!("{} {new}", both("BIGINT", "IMMUTABLE")),
        );
        assert_eq!(made.run("SELECT n FROM t").trim(), "2");
    }
    // One of the same name with other arguments.
    let other =
        "CREATE FUNCTION f(a INT, b INT) RETURNS INT LANGUAGE sql IMMUTABLE AS 'SELECT a + b';";
    goes(
        &format!("{} {table}); {rows}", both("INT", "IMMUTABLE")),
        &format!(
            "{} {other} {table}, n INT DEFAULT f(2, 3)); CREATE INDEX i ON t (f(a, 1));",
            both("INT", "IMMUTABLE")
        ),
    );
}

#[test]
fn what_can_make_no_room_is_told_before_the_first_statement() {
    let table = |result: &str| {
        format!(
            "CREATE FUNCTION f(a INT) RETURNS {result} LANGUAGE sql IMMUTABLE AS 'SELECT $1';
             CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT GENERATED ALWAYS AS (f(a)) STORED);"
        )
    };
    assert_eq!(refusals(&table("INT"), &table("BIGINT")), ["R222"]);
    let with = |column: &str| {
        format!(
            "CREATE TABLE t (id INT PRIMARY KEY, a INT{column}); ALTER TABLE t ENABLE ROW LEVEL SECURITY;"
        )
    };
    let policies = "CREATE POLICY p ON t USING (b > 0); CREATE POLICY q ON t USING (a > 0);";
    let from = format!("{}{policies}", with(", b INT"));
    let database = TestDatabase::with(&from);
    let complete = Policy {
        complete: true,
        ..Policy::default()
    };
    let wish = wish_of(&TestDatabase::with(&with("")));
    let plan = database.plan(&wish, &complete);
    let found = precheck(&mut database.open(), &plan).expect("prechecks run");
    let told: Vec<&str> = found.refusals.iter().map(|r| r.code.as_str()).collect();
    assert_eq!(told, ["R221"]);
    assert_eq!(found.refusals[0].samples.len(), 1);
}

/// What stands on a text of which the type changes: it is left alone where it can be made over the
/// new type, and told in advance where it can't.
#[test]
fn what_nobody_declares_is_told_where_it_can_t_be_made_over_a_new_type() {
    let from = "CREATE TABLE t (id INT PRIMARY KEY, a TEXT UNIQUE);";
    let to = "CREATE TABLE t (id INT PRIMARY KEY, a INT UNIQUE);";
    let function =
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';";
    let trigger = |when: &str| {
        format!(
            "{function} CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION f();"
        )
    };
    let (refused, made) = (
        trigger("OLD.a <> 'x'"),
        trigger("OLD.id <> NEW.id AND OLD.a IS NOT NULL"),
    );
    for in_the_way in [
        "CREATE INDEX i ON t (lower(a));",
        "CREATE INDEX i ON t (id) WHERE a <> 'x';",
        "CREATE INDEX i ON t (id, a text_pattern_ops);",
        "CREATE INDEX i ON t USING spgist (a);",
        "ALTER TABLE t ADD g TEXT GENERATED ALWAYS AS (lower(a)) STORED;",
        "CREATE POLICY p ON t USING (id > 1) WITH CHECK (a <> 'x');",
        "CREATE STATISTICS s ON (lower(a)), id FROM t;",
        "CREATE VIEW v AS SELECT t.a AS b FROM t; CREATE VIEW w AS SELECT lower(v.b) AS c FROM v;",
        &refused,
    ] {
        assert_eq!(
            refusals(&format!("{from}{in_the_way}"), to),
            ["R223"],
            "{in_the_way}"
        );
    }
    for beside in [
        "CREATE INDEX i ON t (id, a) INCLUDE (a) WHERE a IS NOT NULL;",
        "CREATE INDEX i ON t (length(a || 'x'));",
        "CREATE INDEX i ON t USING brin (a);",
        "CREATE POLICY p ON t USING (a IS NOT NULL);",
        "CREATE STATISTICS s ON id, a FROM t;",
        "CREATE VIEW v AS SELECT t.a AS b, count(*) AS n FROM t GROUP BY t.id;",
        &made,
    ] {
        let database = TestDatabase::with(&format!("{from}{beside}"));
        let plan = database.update(&wish_of(&TestDatabase::with(to)), &Policy::default());
        assert!(plan.is_ok(), "{beside}: {plan:?}");
    }
    let elsewhere = "CREATE TABLE u (b TEXT REFERENCES t (a));";
    assert_eq!(refusals(&format!("{from}{elsewhere}"), to), ["R224"]);
    let everything = Policy {
        complete: true,
        scope: Scope {
            routines: true,
            sequences: true,
        },
        ..Policy::default()
    };
    let atomic =
        "CREATE FUNCTION f() RETURNS TEXT LANGUAGE sql BEGIN ATOMIC SELECT lower(a) FROM t; END;";
    let indexes = "CREATE INDEX i ON t (id, a text_pattern_ops); CREATE INDEX j ON t (lower(a));";
    for gone in [indexes, elsewhere, &refused, atomic] {
        let database = TestDatabase::with(&format!("{from}{gone}"));
        let target = TestDatabase::with(to);
        let plan = database.update(&wish_of(&target), &everything);
        assert!(plan.is_ok(), "{gone}: {plan:?}");
        assert_eq!(database.dump(), target.dump(), "{gone}");
    }
}

#[test]
fn columns_that_can_t_refer_to_each_other_are_told_in_the_declaration() {
    let own =
        TestDatabase::with("CREATE TABLE k (id INT PRIMARY KEY); CREATE TABLE t (k VARCHAR(9));");
    let mut wish = wish_of(&TestDatabase::with(
        "CREATE TABLE k (id INT PRIMARY KEY); CREATE TABLE t (k INT REFERENCES k);",
    ));
    wish.tables[1].columns[0].data_type = realign_model::DataType::varchar(9);
    let plan = own.plan(&wish, &Policy::default());
    let told: Vec<String> = plan
        .refusals
        .iter()
        .map(|r| format!("{} {}", r.code, r.message))
        .collect();
    assert_eq!(
        told,
        ["D093 PostgreSQL can't have this foreign key of t: t.k is VARCHAR(9), and k.id is INT"]
    );
}

#[test]
fn a_trigger_goes_before_the_function_that_it_calls() {
    // Its table stays, or goes as well.
    for target in ["CREATE TABLE t (id INT PRIMARY KEY);", ""] {
        goes_with_its_function(&TestDatabase::with(target));
    }
}

fn goes_with_its_function(target: &TestDatabase) {
    let database = TestDatabase::with(
        "CREATE TABLE t (id INT PRIMARY KEY);
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();",
    );
    let everything = Policy {
        complete: true,
        scope: Scope {
            routines: true,
            sequences: true,
        },
        ..Policy::default()
    };
    let plan = database.update(&wish_of(target), &everything);
    assert!(plan.is_ok(), "{plan:?}");
    assert_eq!(database.dump(), target.dump());
}
