use proptest::prelude::*;
use realign_model::{Database, Ident, Identity, TableOptions};
use realign_planner::{Facts, Interpret, Interpreted, SchemaScript, Severity};

use crate::POSTGRES;
use crate::facts::offline;

fn facts() -> Facts {
    offline("postgresql-15").expect("known")
}

fn onto(database: Database, text: &str) -> Interpreted {
    let script = SchemaScript {
        path: "schema.sql",
        text,
    };
    POSTGRES.interpret(&script, database, &facts())
}

fn read(text: &str) -> Database {
    let made = onto(Database::default(), text);
    let errors: Vec<_> = made
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    made.database
}

fn problems(text: &str) -> Vec<String> {
    let made = onto(Database::default(), text);
    let told = made
        .diagnostics
        .iter()
        .map(|d| format!("{} {} {}", d.code, d.origin, d.message));
    told.collect()
}

fn names(database: &Database) -> Vec<String> {
    let mut found = Vec::new();
    for table in &database.tables {
        let key = table.primary_key.as_deref().and_then(|k| k.name.as_ref());
        found.extend(key.map(ToString::to_string));
        found.extend(table.indexes.iter().map(|i| i.name_str().to_owned()));
        found.extend(table.foreign_keys.iter().map(|k| k.name_str().to_owned()));
        found.extend(table.checks.iter().map(|c| c.name_str().to_owned()));
    }
    found.extend(database.sequences.iter().map(|s| s.name.to_string()));
    found
}

#[test]
fn unnamed_things_get_the_names_that_the_server_gives() {
    let made = read(
        "CREATE TABLE t (id serial PRIMARY KEY, a int UNIQUE CHECK (a > 0), b int, \
         c int REFERENCES t, UNIQUE (a, b), CHECK (a < b), CHECK (b > 1), CHECK (b < 9));\
         CREATE INDEX ON t (b); CREATE INDEX ON t (b); CREATE INDEX ON t (lower(a::text), (a + b));",
    );
    assert_eq!(
        names(&made),
        [
            "t_pkey",
            "t_a_key",
            "t_a_b_key",
            "t_b_idx",
            "t_b_idx1",
            "t_lower_expr_idx",
            "t_c_fkey",
            "t_a_check",
            "t_check",
            "t_b_check",
            "t_b_check1",
            "t_id_seq"
        ]
    );
    let long = "x".repeat(70);
    let made = read(&format!(
        "CREATE TABLE {long} (id int PRIMARY KEY, {long} int UNIQUE)"
    ));
    let own = &names(&made)[1];
    assert_eq!(own.len(), 63);
    assert!(own.ends_with("_key"));
}

#[test]
fn a_chain_of_statements_ends_in_the_last_state() {
    let made = read(
        "CREATE TABLE a (id int NOT NULL, old text, gone int);\n\
         ALTER TABLE a ADD CONSTRAINT a_pk PRIMARY KEY (id), DROP COLUMN gone, ADD COLUMN IF NOT EXISTS id int;\n\
         CREATE INDEX a_old ON a (old) WHERE old <> '';\n\
         ALTER TABLE a RENAME old TO fresh;\n\
         CREATE TABLE b (a_id int CONSTRAINT b_a REFERENCES a ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);\n\
         ALTER TABLE a RENAME TO c;\n\
         ALTER TABLE c ALTER fresh TYPE varchar(10), ALTER fresh SET DEFAULT 'x', ALTER fresh SET NOT NULL;\n\
         DROP TABLE IF EXISTS nothing; DROP INDEX IF EXISTS nothing;",
    );
    let [c, b] = made.tables.as_slice() else {
        panic!("{:?}", made.tables)
    };
    assert_eq!(c.name.to_string(), "c");
    let fresh = c.column("fresh").expect("renamed");
    assert_eq!(crate::types::render(&fresh.data_type), "VARCHAR(10)");
    assert!(!fresh.nullable);
    assert_eq!(
        c.indexes[0].predicate.as_ref().expect("partial").as_str(),
        "fresh <> ''"
    );
    assert_eq!(b.foreign_keys[0].ref_table.to_string(), "c");
    assert!(b.foreign_keys[0].initially_deferred);
    assert_eq!(
        c.primary_key
            .as_deref()
            .and_then(|k| k.name.clone())
            .expect("named")
            .text,
        "a_pk"
    );
}

#[test]
fn a_counter_is_a_serial_however_it_is_written() {
    for text in [
        "CREATE TABLE t (id serial)",
        "CREATE SEQUENCE t_id_seq AS integer; CREATE TABLE t (id integer DEFAULT nextval('t_id_seq') NOT NULL); ALTER SEQUENCE t_id_seq OWNED BY t.id",
        "CREATE TABLE public.t (id integer NOT NULL); CREATE SEQUENCE public.t_id_seq AS integer OWNED BY t.id; ALTER TABLE ONLY public.t ALTER COLUMN id SET DEFAULT nextval('public.t_id_seq'::regclass)",
    ] {
        let made = read(text);
        let id = &made.tables[0].columns[0];
        assert_eq!(id.identity, Some(Identity::Serial), "{text}");
        assert_eq!(id.default, None, "{text}");
        assert!(!id.nullable, "{text}");
        let sequence = &made.sequences[0];
        assert!(sequence.owned_by.is_some() && !sequence.loose, "{text}");
    }
    let made = read(
        "CREATE SEQUENCE mine; CREATE TABLE t (id integer DEFAULT nextval('mine'::regclass) NOT NULL)",
    );
    assert!(made.sequences[0].loose);
    assert_eq!(
        made.tables[0].columns[0]
            .default
            .as_ref()
            .expect("named")
            .as_str(),
        "nextval('mine'::regclass)"
    );
}

#[test]
fn names_are_found_along_the_search_path() {
    let made = read(
        "CREATE SCHEMA app; SET search_path = app, public; CREATE TYPE mood AS ENUM ('a');\n\
         CREATE TABLE t (m mood); SELECT pg_catalog.set_config('search_path', '', false);\n\
         CREATE TABLE public.u (m app.mood[]); ALTER TABLE app.t ADD n int; RESET search_path;\n\
         CREATE TABLE v (a int);",
    );
    let shown: Vec<String> = made.tables.iter().map(|t| t.name.to_string()).collect();
    assert_eq!(shown, ["app.t", "u", "v"]);
    let data_type = &made.tables[0].columns[0].data_type;
    assert_eq!(crate::types::render(data_type), "app.mood");
    assert_eq!(made.tables[0].columns.len(), 2);
}

#[test]
fn types_follow_their_changes() {
    let made = read(
        "CREATE TYPE mood AS ENUM ('a', 'c'); ALTER TYPE mood ADD VALUE 'b' BEFORE 'c';\n\
         ALTER TYPE mood ADD VALUE IF NOT EXISTS 'a'; ALTER TYPE mood RENAME VALUE 'c' TO 'd';\n\
         CREATE TABLE t (m mood, l mood[]); ALTER TYPE mood RENAME TO feeling;\n\
         CREATE DOMAIN d AS int CHECK (VALUE > 0); ALTER DOMAIN d SET NOT NULL;",
    );
    assert_eq!(made.enums[0].values, ["a", "b", "d"]);
    let shown: Vec<String> = made.tables[0]
        .columns
        .iter()
        .map(|c| crate::types::render(&c.data_type))
        .collect();
    assert_eq!(shown, ["feeling", "feeling[]"]);
    assert_eq!(
        made.domains[0].checks[0].0.as_ref().expect("named").text,
        "d_check"
    );
    assert!(!made.domains[0].nullable);
}

#[test]
fn a_domain_has_its_collation_and_what_is_unproven() {
    let made = read(
        "CREATE DOMAIN a AS text COLLATE \"C\"; CREATE DOMAIN b AS text COLLATE \"default\";\n\
         ALTER DOMAIN a ADD CONSTRAINT c CHECK (VALUE <> '') NOT VALID;\n\
         ALTER DOMAIN a ADD CONSTRAINT d CHECK (VALUE <> 'x') NOT VALID;\n\
         ALTER DOMAIN a ADD CONSTRAINT e CHECK (VALUE <> 'y') NOT VALID;\n\
         ALTER DOMAIN a RENAME CONSTRAINT c TO f; ALTER DOMAIN a VALIDATE CONSTRAINT d;\n\
         ALTER DOMAIN a DROP CONSTRAINT e;",
    );
    let [a, b] = made.domains.as_slice() else {
        panic!("{:?}", made.domains);
    };
    assert_eq!(a.collation.as_deref(), Some("C"));
    assert_eq!(b.collation, None);
    assert_eq!(a.unproven, [Ident::new("f")]);
    assert_eq!(a.checks.len(), 2);
}

#[test]
fn sequences_are_logged_as_their_tables() {
    let made = read(
        "CREATE UNLOGGED SEQUENCE a; CREATE SEQUENCE b; ALTER SEQUENCE b SET UNLOGGED;\n\
         CREATE SEQUENCE c; CREATE UNLOGGED TABLE t (d serial, n int NOT NULL);\n\
         ALTER TABLE t ALTER n ADD GENERATED ALWAYS AS IDENTITY, ADD e serial;\n\
         CREATE TABLE u (f serial, g int DEFAULT nextval('c')); ALTER TABLE u SET UNLOGGED;\n\
         CREATE UNLOGGED TABLE v (h serial); ALTER TABLE v SET LOGGED;",
    );
    let unlogged = made.sequences.iter().filter(|s| s.unlogged);
    let names: Vec<String> = unlogged.map(|s| s.name.to_string()).collect();
    assert_eq!(
        names,
        ["a", "b", "t_d_seq", "t_n_seq", "t_e_seq", "u_f_seq"]
    );
    // A serial says all there is to say of its sequence.
    let plain = |table: &str| {
        let columns = &made.table(table).expect("there").columns;
        columns[0].default.is_none()
    };
    assert!(plain("t") && plain("u") && plain("v"));
}

#[test]
fn parts_and_heirs_have_the_columns_of_their_parents() {
    let made = read(
        "CREATE TABLE p (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\n\
         CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');\n\
         CREATE TABLE h (extra text) INHERITS (p1);\n\
         CREATE TABLE late (id int NOT NULL, at date NOT NULL, CONSTRAINT late_pk PRIMARY KEY (id, at));\n\
         ALTER TABLE p ATTACH PARTITION late DEFAULT; ALTER TABLE p ADD n int;",
    );
    for table in &made.tables {
        assert!(table.column("n").is_some(), "{}", table.name);
    }
    let late = made.table("late").expect("there");
    assert!(late.is_partition() && late.primary_key.is_none());
    let TableOptions::Postgres(options) = &made.table("p1").expect("there").options else {
        panic!("options of PostgreSQL")
    };
    let part = options.partition_of.as_ref().expect("a part");
    assert_eq!(
        part.bound.as_str(),
        "FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')"
    );
}

#[test]
fn routines_are_told_apart_by_their_arguments() {
    let made = read(
        "CREATE FUNCTION f(a int, VARIADIC b text[]) RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;\n\
         CREATE OR REPLACE FUNCTION f(a integer, VARIADIC text[]) RETURNS int AS 'SELECT 2' LANGUAGE 'sql' IMMUTABLE STRICT;\n\
         CREATE FUNCTION f(character varying(9)) RETURNS SETOF record LANGUAGE plpgsql COST 100 SET search_path = a, b AS $body$BEGIN END$body$;\n\
         ALTER FUNCTION f(varchar) RENAME TO g; ALTER FUNCTION g STABLE;",
    );
    let shown: Vec<String> = made
        .routines
        .iter()
        .map(|r| format!("{}({})", r.name, r.signature.clone().unwrap_or_default()))
        .collect();
    assert_eq!(shown, ["f(int, text[])", "g(varchar)"]);
    let g = made.routines[1].source_text.as_str();
    assert!(
        g.contains("STABLE") && g.contains("SET search_path TO 'a', 'b'"),
        "{g}"
    );
    assert!(!g.contains("COST"), "{g}");
}

#[test]
fn what_is_not_understood_or_does_not_fit_is_told_with_its_place() {
    assert_eq!(
        problems("CREATE TABLE t (a int);\nALTER TABLE t\n  FROBNICATE a;"),
        ["S001 schema.sql:3 `FROBNICATE` is not understood"]
    );
    assert_eq!(
        problems("ALTER TABLE missing ADD a int;"),
        ["S002 schema.sql:1 there is no table missing"]
    );
    assert_eq!(
        problems("CREATE TABLE t (a int, b int REFERENCES nowhere);"),
        ["S002 schema.sql:1 there is no table nowhere"]
    );
    assert_eq!(
        problems(
            "DO $$ BEGIN IF now() > '2020-01-01' THEN CREATE TABLE t (a int); END IF; END $$;"
        ),
        ["S001 schema.sql:1 what this block defines depends on how it runs"]
    );
    assert!(problems("BEGIN; CREATE TABLE t (a int); ROLLBACK;")[0].starts_with("S002"));
    let made = onto(
        Database::default(),
        "INSERT INTO t VALUES (1);\nCOPY t FROM stdin;\n1\n\\.\n",
    );
    assert_eq!(made.data_statements, 2);
    assert_eq!(made.skipped_bytes, 0);
}

#[test]
fn what_says_nothing_about_the_schema_passes() {
    let made = read(
        "SET client_encoding = 'UTF8'; BEGIN; GRANT ALL ON t TO x; SELECT setval('s', 1); COMMIT;\n\
         CREATE TEMP TABLE tmp (a int); ALTER TABLE tmp ADD b int; DROP TABLE tmp;\n\
         ANALYZE; CREATE ROLE r; DO $$ BEGIN RAISE NOTICE 'x'; END $$;\n\
         DO $$ BEGIN CREATE TYPE m AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n\
         DO $$ BEGIN CREATE TYPE m AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;",
    );
    assert!(made.tables.is_empty());
    assert_eq!(made.enums.len(), 1);
}

#[test]
fn a_block_that_asks_the_catalogue_first_is_carried_out() {
    let made = read(
        "DO LANGUAGE 'plpgsql' $$ BEGIN\n\
           IF ( NOT EXISTS (SELECT extname FROM pg_extension WHERE extname = 'btree_gin') ) THEN\n\
             CREATE EXTENSION btree_gin;\n\
           END IF;\n\
         END $$;\n\
         CREATE TABLE t (a int);\n\
         DO $$ BEGIN\n\
           IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE column_name = 'a') THEN\n\
             ALTER TABLE t ADD a int; ALTER TABLE t ADD never int;\n\
           END IF;\n\
           IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'm') THEN CREATE TYPE m AS ENUM ('a'); END IF;\n\
         END $$;",
    );
    assert_eq!(made.extensions.len(), 1);
    assert_eq!(made.tables[0].columns.len(), 1);
    assert_eq!(made.enums.len(), 1);
}

#[test]
fn a_table_made_from_a_query_may_pass() {
    let passes = "CREATE TABLE a (id int); CREATE TABLE b AS SELECT * FROM a; CREATE INDEX i ON b (id);\n\
         ALTER TABLE b ADD PRIMARY KEY (id); ALTER TABLE b RENAME TO c; DROP TABLE c;";
    assert_eq!(read(passes).tables.len(), 1);
    assert_eq!(
        problems(
            "CREATE TABLE a (id int); CREATE TABLE b AS SELECT * FROM a;\nALTER TABLE b RENAME TO c;"
        ),
        ["S001 schema.sql:1 the columns that table c gets from its query are not known"]
    );
}

#[test]
fn what_a_called_routine_defines_is_warned_of() {
    let script = "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN %; END $$; SELECT f(); CALL p();";
    for (body, warned) in [("CREATE TABLE t (a int)", 2), ("PERFORM 1", 1)] {
        let read = onto(Database::default(), &script.replace('%', body));
        assert_eq!(read.diagnostics.len(), warned, "{:?}", read.diagnostics);
    }
}

const WORDS: &[&str] = &[
    "CREATE",
    "ALTER",
    "DROP",
    "TABLE",
    "INDEX",
    "TYPE",
    "AS",
    "ENUM",
    "(",
    ")",
    ",",
    ";",
    "t",
    "a",
    "int",
    "text",
    "[]",
    "NOT",
    "NULL",
    "DEFAULT",
    "'x'",
    "1",
    "CHECK",
    "UNIQUE",
    "PRIMARY",
    "KEY",
    "REFERENCES",
    "ON",
    "SEQUENCE",
    "FUNCTION",
    "RETURNS",
    "LANGUAGE",
    "$$ $$",
    "TRIGGER",
    "BEFORE",
    "INSERT",
    "EXECUTE",
    "VIEW",
    "SELECT",
    "ADD",
    "COLUMN",
    "SET",
    "RENAME",
    "TO",
    "PARTITION",
    "OF",
    "FOR",
    "VALUES",
    "IN",
    "INHERITS",
    "DOMAIN",
    "COMMENT",
    "IS",
    "POLICY",
    "RULE",
    "OPERATOR",
    ".",
    "CAST",
    "EXCLUDE",
    "USING",
    "WITH",
    "=",
    "GENERATED",
    "ALWAYS",
    "IDENTITY",
    "serial",
    "OWNED",
    "BY",
    "\"",
    "'",
    "--",
    "/*",
    "é",
    "SCHEMA",
    "EXTENSION",
    "DO",
    "LIKE",
    "INCLUDING",
    "ALL",
];

proptest! {
    #[test]
    fn no_words_in_any_order_panic(words in proptest::collection::vec(0..WORDS.len(), 0..40)) {
        let text: Vec<&str> = words.iter().map(|at| WORDS[*at]).collect();
        let base = "CREATE TABLE t (a int); CREATE TYPE m AS ENUM ('x');";
        onto(Database::default(), &format!("{base}{}", text.join(" ")));
    }
}

#[test]
fn a_new_table_has_no_rows_that_a_condition_was_never_held_to() {
    let made = read(
        "CREATE TABLE u (id int PRIMARY KEY);
         CREATE TABLE t (a int, CONSTRAINT c CHECK (a > 0) NOT VALID, CONSTRAINT k FOREIGN KEY (a) REFERENCES u NOT VALID);",
    );
    assert_eq!(made.tables[1].opaque, Vec::<String>::new());
    let made =
        read("CREATE TABLE t (a int); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;");
    assert_eq!(made.tables[0].opaque.len(), 1);
}

#[test]
fn what_moves_into_a_schema_finds_its_name_free_there() {
    let begin = "CREATE SCHEMA s; CREATE TABLE s.t (id int); CREATE TABLE t (id int); CREATE SEQUENCE s.q; CREATE SEQUENCE q;";
    for (statement, name) in [
        ("ALTER TABLE t SET SCHEMA s", "t"),
        ("ALTER SEQUENCE q SET SCHEMA s", "q"),
        ("ALTER TABLE q SET SCHEMA s", "q"),
    ] {
        let told = problems(&format!("{begin} {statement};"));
        let [problem] = told.as_slice() else {
            panic!("{statement}: {told:?}");
        };
        assert!(
            problem.ends_with(&format!("{name} is there already")),
            "{problem}"
        );
    }
    let made = read(&format!(
        "{begin} ALTER TABLE t SET SCHEMA public; ALTER TABLE s.t SET SCHEMA s;"
    ));
    assert_eq!(made.tables.len(), 2);
}
