use proptest::prelude::*;
use realign_model::{Database, Ident};
use realign_planner::{Interpret, SchemaScript, Verdict};

use super::compare;

const TABLES: &str = "CREATE TABLE a (id int PRIMARY KEY, name varchar(20), kind text, price numeric(10, 2), day date, doc jsonb);
    CREATE TABLE b (id int, a_id int, name varchar(20), n int);
    CREATE TABLE w (s smallint, r real, c char(3));";

fn database() -> Database {
    let script = SchemaScript {
        path: "x.sql",
        text: TABLES,
    };
    let facts = crate::facts::offline("postgresql-15").expect("known");
    crate::POSTGRES
        .interpret(&script, Database::default(), &facts)
        .database
}

fn verdict(server: &str, declared: &str) -> Verdict {
    let db = database();
    let names = &[][..];
    compare((server, names, &db), (declared, names, &db), "public")
}

fn alike(server: &str, declared: &str) -> bool {
    verdict(server, declared) == Verdict::Same
}

#[test]
fn another_number_of_results_or_other_names_are_another_query() {
    let server = " SELECT a.id,\n    a.kind AS k\n   FROM a";
    for declared in [
        "SELECT id FROM a",
        "SELECT id, kind FROM a",
        "SELECT kind AS k, id FROM a",
        "SELECT id, kind AS k, lower(name) FROM a",
    ] {
        assert_eq!(verdict(server, declared), Verdict::Different, "{declared}");
    }
    for declared in [
        "SELECT id, name AS k FROM a",
        // What the server calls it is its own matter, and what * stands for that of the table.
        "SELECT id, lower(kind) FROM a",
        "SELECT id, a.* FROM a",
        "SELECT x.* FROM (SELECT id FROM a) x",
    ] {
        assert_eq!(verdict(server, declared), Verdict::Unknown, "{declared}");
    }
}

#[test]
fn what_the_server_prints_is_what_was_written() {
    for (server, declared) in [
        (
            " SELECT a.id,\n    a.name\n   FROM a;",
            "select id, name from a",
        ),
        (
            " SELECT a.id FROM a WHERE (a.id > 3)",
            "SELECT x.id FROM public.a AS x WHERE x.id > 3",
        ),
        (
            " SELECT a.id, a.name, a.kind, a.price, a.day, a.doc FROM a",
            "SELECT * FROM a",
        ),
        (
            " SELECT a.id, b.n FROM (a LEFT JOIN b ON ((b.a_id = a.id)))",
            "SELECT a.id, n FROM a LEFT OUTER JOIN b ON b.a_id = a.id",
        ),
        (
            " SELECT count(*) AS count, sum(a.price) AS total FROM a GROUP BY a.kind ORDER BY (sum(a.price)) DESC",
            "SELECT count(*), sum(price) AS total FROM a GROUP BY kind ORDER BY total DESC",
        ),
        (
            " SELECT a.kind, count(*) AS count FROM a GROUP BY a.kind",
            "SELECT kind, count(*) FROM a GROUP BY 1",
        ),
        (
            " SELECT a.id FROM a WHERE ((a.name)::text = 'x'::text)",
            "SELECT id FROM a WHERE name = 'x'",
        ),
        (
            " SELECT a.id FROM a WHERE ((a.name)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[]))",
            "SELECT id FROM a WHERE name IN ('x', 'y')",
        ),
        (
            " SELECT a.id FROM a WHERE ((a.day > '2020-01-01'::date) AND (a.price > (0)::numeric))",
            "SELECT id FROM a WHERE day > '2020-01-01' AND price > 0",
        ),
        (
            " SELECT a.id, ( SELECT max(b_1.n) AS max FROM b b_1 WHERE (b_1.a_id = a.id)) AS most FROM a, b",
            "SELECT a.id, (SELECT max(n) FROM b WHERE b.a_id = a.id) AS most FROM a, b",
        ),
        (
            " SELECT q.id FROM ( SELECT a.id FROM a UNION ALL SELECT NULL::integer AS int4 FROM b) q",
            "SELECT q.id FROM (SELECT id FROM a UNION ALL SELECT NULL::int FROM b) q",
        ),
        (
            " WITH t AS ( SELECT a.id FROM a ) SELECT t.id FROM t",
            "WITH t AS (SELECT id FROM a) SELECT id FROM t",
        ),
        (
            " SELECT row_number() OVER (PARTITION BY a.kind ORDER BY a.id DESC) AS rn, COALESCE(a.kind, 'n'::text) AS \"coalesce\" FROM a",
            "SELECT row_number() OVER (PARTITION BY kind ORDER BY id DESC) rn, coalesce(kind, 'n') FROM a",
        ),
        (
            " SELECT a.id FROM a WHERE (EXISTS ( SELECT 1 FROM b WHERE (b.a_id = a.id)))",
            "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE a_id = a.id)",
        ),
        (
            " SELECT (a.doc ->> 'x'::text) AS x FROM a",
            "SELECT doc ->> 'x' AS x FROM a",
        ),
        (
            " SELECT a.id FROM a WHERE (a.id IN ( SELECT b.id FROM b))",
            "SELECT id FROM a WHERE id IN ((SELECT id FROM b))",
        ),
        (
            " SELECT COALESCE(a.name, 'n'::character varying) AS x FROM a WHERE (NULLIF((a.name)::text, ''::text) IS NOT NULL)",
            "SELECT coalesce(name, 'n') AS x FROM a WHERE nullif(name, '') IS NOT NULL",
        ),
        (
            " SELECT x.id FROM a x WHERE (x.* IS NOT NULL)",
            "SELECT id FROM a x WHERE x IS NOT NULL",
        ),
        (
            " SELECT lower((a.name)::text) AS lower FROM a LIMIT 10",
            "SELECT lower(name) FROM a LIMIT 10",
        ),
    ] {
        assert!(alike(server, declared), "{server}\n{declared}");
    }
}

#[test]
fn another_query_is_never_the_same() {
    for (server, declared) in [
        (" SELECT a.id FROM a", "SELECT id AS other FROM a"),
        (" SELECT a.id FROM a", "SELECT id FROM b"),
        (" SELECT a.id FROM a", "SELECT DISTINCT id FROM a"),
        (" SELECT (a.id)::bigint AS id FROM a", "SELECT id FROM a"),
        (
            " SELECT (a.name)::text AS name FROM a",
            "SELECT name FROM a",
        ),
        (
            " SELECT a.id FROM (a LEFT JOIN b ON ((b.a_id = a.id)))",
            "SELECT a.id FROM a JOIN b ON b.a_id = a.id",
        ),
        (
            " SELECT a.id FROM a WHERE ((a.id)::text = '1'::text)",
            "SELECT id FROM a WHERE id = '1'",
        ),
        (
            " SELECT a.id FROM a ORDER BY a.id",
            "SELECT id FROM a ORDER BY id DESC",
        ),
        (
            " SELECT a.id FROM a WHERE ((a.id = 1) AND (a.id = 2))",
            "SELECT id FROM a WHERE id = 1 OR id = 2",
        ),
        (
            " SELECT (a.id - (b.n - 1)) AS x FROM a, b",
            "SELECT a.id - b.n - 1 AS x FROM a, b",
        ),
        (" SELECT x.id FROM a x, a y", "SELECT y.id FROM a x, a y"),
        (
            " SELECT a.id FROM a UNION SELECT b.id FROM b",
            "SELECT id FROM a UNION ALL SELECT id FROM b",
        ),
        (
            " SELECT a.price FROM a WHERE (a.price > 1.50)",
            "SELECT price FROM a WHERE price > 1.5",
        ),
        (" SELECT b.name FROM a, b", "SELECT name FROM a, b"),
        // A table beside a query of a WITH of the same name.
        (
            " WITH a AS ( SELECT b.id FROM b ) SELECT a.id FROM public.a",
            "WITH a AS (SELECT id FROM b) SELECT a.id FROM a",
        ),
        (
            " WITH RECURSIVE x AS ( SELECT b.id FROM public.b ), b AS ( SELECT a.id FROM a ) SELECT x.id FROM x",
            "WITH RECURSIVE x AS (SELECT b.id FROM b), b AS (SELECT id FROM a) SELECT id FROM x",
        ),
        // Names that stand for several rows, and a column of an odd name.
        (
            " SELECT a.id FROM a, other.a a_1",
            "SELECT a.id FROM a, other.a",
        ),
        (
            " SELECT ( SELECT 1 FROM b) AS one FROM a x",
            "SELECT (SELECT 1, x.* FROM b) AS one FROM a x",
        ),
        (
            " SELECT x.whole AS x FROM elsewhere x",
            "SELECT x FROM elsewhere x",
        ),
        (
            " SELECT ( SELECT n.id FROM b n) AS one FROM b",
            "SELECT (SELECT n FROM a n) AS one FROM b",
        ),
        // Numbers narrower than they are by themselves, and literals that nothing else types.
        (
            " SELECT (w.s + (1)::smallint) AS x FROM w",
            "SELECT s + 1 AS x FROM w",
        ),
        (
            " SELECT w.s FROM w WHERE (w.r > (0.1)::real)",
            "SELECT s FROM w WHERE r > 0.1",
        ),
        (
            " SELECT ((1)::numeric / (2)::numeric) AS x FROM w",
            "SELECT 1 / 2 AS x FROM w",
        ),
        (
            " SELECT w.s FROM w WHERE (w.c = 'ab'::character(1))",
            "SELECT s FROM w WHERE c = 'ab'",
        ),
        (
            " SELECT COALESCE((a.name)::text, 'n'::text) AS x FROM a",
            "SELECT coalesce(name, 'n') AS x FROM a",
        ),
        (
            " SELECT a.id FROM a WHERE (a.id = ( SELECT b.id FROM b))",
            "SELECT id FROM a WHERE id IN ((SELECT id FROM b))",
        ),
    ] {
        assert!(!alike(server, declared), "{server}\n{declared}");
    }
}

#[test]
fn the_names_of_a_view_are_those_of_its_results() {
    let db = database();
    let names = [Ident::new("k"), Ident::new("total")];
    let server = " SELECT a.kind AS k, sum(a.price) AS total FROM a GROUP BY a.kind";
    let declared = "SELECT kind, sum(price) FROM a GROUP BY kind";
    let same = |names| {
        let found = compare((server, &[], &db), (declared, names, &db), "public");
        found == Verdict::Same
    };
    assert!(same(&names[..]));
    assert!(!same(&[]));
}

#[test]
fn keys_take_the_names_that_results_had_before() {
    let db = database();
    let names = [Ident::new("name"), Ident::new("kind")];
    let swapped = "SELECT kind, name FROM a ORDER BY name";
    let by = |column: &str| {
        let server = format!("SELECT a.kind AS name, a.name AS kind FROM a ORDER BY a.{column}");
        let found = compare((&server, &[], &db), (swapped, &names, &db), "public");
        found == Verdict::Same
    };
    assert!(by("name"));
    assert!(!by("kind"));
    let server = "SELECT a.kind AS name, a.name AS kind FROM a UNION SELECT a.kind, a.name FROM a ORDER BY 1";
    let declared = "SELECT kind, name FROM a UNION SELECT kind, name FROM a ORDER BY name";
    let found = compare((server, &[], &db), (declared, &names, &db), "public");
    assert_ne!(found, Verdict::Same);
}

/// On less stack than any thread of the program has.
fn on_little_stack(ask: impl FnOnce() -> bool + Send + 'static) -> bool {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(ask);
    thread.expect("a thread").join().expect("no panic")
}

#[test]
fn what_is_chained_too_long_is_not_told() {
    for (first, link, last) in [
        ("SELECT 1", "+1", " AS x FROM a"),
        ("SELECT id", "::int", " AS x FROM a"),
        ("SELECT id FROM a", " UNION ALL SELECT id FROM a", ""),
        ("SELECT 1 AS x FROM a", " CROSS JOIN b", ""),
        ("SELECT id FROM a WHERE id", " BETWEEN 1 AND 2", ""),
    ] {
        let long = format!("{first}{}{last}", link.repeat(20_000));
        assert!(!on_little_stack(move || alike(&long, &long)), "{link}");
    }
    for (first, link, last) in [
        ("SELECT 1", "+1", " AS x FROM a"),
        ("SELECT id FROM a", " UNION ALL SELECT id FROM a", ""),
    ] {
        let long = format!("{first}{}{last}", link.repeat(450));
        assert!(on_little_stack(move || alike(&long, &long)), "{link}");
    }
    let flat = format!(
        "SELECT id FROM a WHERE id = 1{}",
        " OR id = 2".repeat(20_000)
    );
    assert!(on_little_stack(move || alike(&flat, &flat)));
    let nested = format!(
        "SELECT {}b{} FROM w",
        "(".repeat(25),
        " BETWEEN true AND false)".repeat(25)
    );
    assert!(!alike(&nested, &nested));
    // Each pair of parentheses may hold a query or a join.
    let either = "SELECT 1 FROM ((".repeat(28);
    assert!(!alike(&either, &either));
}

proptest! {
    #[test]
    fn no_text_panics(text in "(SELECT |FROM |WHERE |\\(|\\)|a|b|,|\\.|\\*|1|'x'|::text|AND |NOT |CASE |WHEN |END |JOIN |ON |WITH |AS |UNION |IN |= |ANY ){0,40}") {
        let _ = alike(&text, &text);
    }
}
