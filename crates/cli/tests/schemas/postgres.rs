//! Schemas of real applications on PostgreSQL. A run of everything tries each file that there is;
//! the usual one a few.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use realign_testkit::{
    Live, PostgresDatabase, Shape, TableRows, corpus, fill_what_fits, postgres, rows,
};
use serde_json::Value;

use super::{bare, has_become, read, realign};

/// What every run tries, below `schemas` of the corpus.
const USUAL: &[&str] = &[
    "danbooru/head/structure.sql",
    "icingadb/schema/pgsql/schema.sql",
    "roundcube/SQL/postgres.initial.sql",
    "sakila/postgresql.sql",
];

/// Files of whole schemas, by the end of their path.
const WHOLE: &[&str] = &[
    "/structure.sql",
    "pgsql.sql",
    "pgsql/schema.sql",
    "postgres.initial.sql",
    "postgresql.sql",
];

/// The file itself, or one in a folder that any server can load. Up to 2020 danbooru kept a text
/// search parser in a library of its own (`$libdir/test_parser`), which no package has: its
/// configuration gets the server's own parser, and all the rest of the dump stays.
fn loadable(path: &Path, folder: &Path) -> PathBuf {
    const PARSER: &str = "CREATE TEXT SEARCH PARSER public.testparser ";
    let text = read(path);
    if !text.contains(PARSER) {
        return path.to_owned();
    }
    let of_library = |statement: &&str| {
        let own = statement.trim_start();
        let own = own
            .lines()
            .find(|line| !line.is_empty() && !line.starts_with("--"));
        own.is_some_and(|line| {
            line.starts_with("CREATE FUNCTION public.testprs_") || line.starts_with(PARSER)
        })
    };
    let parts: Vec<&str> = text.split_inclusive(";\n").collect();
    let kept: Vec<&str> = (parts.iter().copied())
        .filter(|part| !of_library(part))
        .collect();
    assert_eq!(kept.len() + 5, parts.len(), "{}", path.display());
    let with = kept.concat().replace(
        "PARSER = public.testparser",
        "PARSER = pg_catalog.\"default\"",
    );
    let made = folder.join(path.to_string_lossy().replace('/', "-"));
    std::fs::write(&made, with).expect("written");
    made
}

/// Loads a file as its own client does. Dumps name roles, which need not be there.
fn loaded(text: &str) -> Option<PostgresDatabase> {
    let database = postgres().database();
    let of_roles = |line: &&str| {
        let rights = ["GRANT ", "REVOKE "]
            .iter()
            .any(|word| line.starts_with(word));
        rights || (line.starts_with("ALTER ") && line.contains(" OWNER TO "))
    };
    let without: Vec<&str> = text.lines().filter(|line| !of_roles(line)).collect();
    let without = without.join("\n");
    database.try_client(&without).ok().map(|_| database)
}

/// Every expression and body of a schema document.
fn expressions(document: &Value) -> usize {
    let of = |name: &str| document[name].as_array().map_or(0, Vec::len);
    let mut count = of("views") + of("routines") + of("triggers") + of("opaque");
    let held = |value: &Value, name: &str| usize::from(!value[name].is_null());
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    for table in list(document, "tables") {
        count += list(&table, "checks").len() + list(&table, "opaque").len();
        for column in list(&table, "columns") {
            count += held(&column, "default") + held(&column, "generated");
        }
        for index in list(&table, "indexes") {
            let parts = list(&index, "parts");
            let written = parts
                .iter()
                .filter(|part| !part["target"]["expr"].is_null());
            count += written.count() + held(&index, "predicate");
        }
    }
    count
}

/// A file read is what its engine makes of it, offline and asked; and what is printed of that
/// makes the same again.
/// How many expressions it has; none when the file does not load here.
fn is_read_as_it_is_loaded(path: &Path) -> Option<usize> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = &loadable(path, folder.path());
    let live = loaded(&read(path))?;
    let (url, source) = (live.url(), format!("sql:{}", path.display()));
    let diff = ["schema", "diff", &source, &url, "--exit-code"];
    let (server, _) = url.rsplit_once('/').expect("a URL ends with the database");
    for scratch in ["auto", &format!("{server}/postgres")] {
        realign(&url, &[&diff[..], &["--scratch", scratch]].concat(), None).ends(0);
    }
    let back = [
        "schema",
        "diff",
        &url,
        &source,
        "--exit-code",
        "--scratch",
        "auto",
    ];
    realign(&url, &back, None).ends(0);

    let document = realign(&url, &["schema", "inspect", "--format", "json"], None).ends(0);
    let told = realign(
        &url,
        &["schema", "diff", "json:-", &url, "--exit-code"],
        Some(&document.out),
    );
    told.ends(0);
    let schema: Value = serde_json::from_str(&document.out).expect("one document");
    let offline = realign(&url, &[&diff[..], &["--format", "json"]].concat(), None);
    let told: Value = serde_json::from_str(&offline.out).expect("one document");
    assert_eq!(told["skipped_bytes"], 0);
    assert_eq!(told["differences"].as_array().map(Vec::len), Some(0));
    let open = told["cannot_tell"].as_array().map_or(0, Vec::len);
    let all = expressions(&schema["database"]);
    assert!(
        open * 100 <= all,
        "{open} of {all} expressions can't be told"
    );

    let printed = realign(&url, &["schema", "inspect", "--format", "sql"], None).ends(0);
    let again = postgres().database();
    again.client(&printed.out);
    let differences = Shape::of(&live).differences(&Shape::of(&again));
    assert!(differences.is_empty(), "{}: {differences}", path.display());
    Some(all)
}

/// The files to try, each with its path in the corpus.
fn files() -> Vec<(String, std::path::PathBuf)> {
    let Some(folder) = corpus().map(|corpus| corpus.join("schemas")) else {
        return Vec::new();
    };
    let mut open = vec![folder.clone()];
    let mut found = Vec::new();
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).expect("readable").flatten() {
            let path = entry.path();
            let name = path
                .strip_prefix(&folder)
                .expect("below")
                .display()
                .to_string();
            if path.is_dir() {
                open.push(path);
            } else if WHOLE.iter().any(|end| name.ends_with(end)) {
                found.push((name, path));
            }
        }
    }
    found.sort();
    assert!(
        USUAL
            .iter()
            .all(|usual| found.iter().any(|(name, _)| name == usual))
    );
    found
}

#[test]
fn what_postgres_loads_is_what_is_read() {
    for (name, path) in files() {
        if USUAL.contains(&name.as_str()) {
            let all = is_read_as_it_is_loaded(&path);
            assert!(all.is_some_and(|all| all > 0), "{name}: {all:?}");
        }
    }
}

#[test]
fn every_other_file_that_postgres_loads_is_what_is_read() {
    if std::env::var_os("REALIGN_PAIRS").is_none() {
        println!("the usual run tries a few files: ./test --full tries all");
        return;
    }
    let mut others = files();
    others.retain(|(name, _)| !USUAL.contains(&name.as_str()));
    let count = others.len();
    let mut loaded = 0;
    for (name, path) in &others {
        if let Some(all) = is_read_as_it_is_loaded(path) {
            println!("{name}: {all} expressions");
            loaded += 1;
        } else {
            println!("{name} does not load here");
        }
    }
    assert!(
        loaded * 10 >= count * 9,
        "most of {count} files do not load"
    );
}

/// Two releases of one schema, one after the other; the first pair is for every run.
const PAIRS: &[(&str, &str)] = &[
    (
        "icinga-director/releases/v1.10.0/pgsql.sql",
        "icinga-director/releases/v1.11.0/pgsql.sql",
    ),
    (
        "icinga-director/releases/v1.5.0/pgsql.sql",
        "icinga-director/releases/v1.8.0/pgsql.sql",
    ),
    (
        "icinga-director/releases/v1.8.0/pgsql.sql",
        "icinga-director/releases/v1.10.0/pgsql.sql",
    ),
    (
        "icinga-director/releases/v1.11.0/pgsql.sql",
        "icinga-director/schema/pgsql.sql",
    ),
    (
        "icingadb/releases/v1.0.0/pgsql.sql",
        "icingadb/releases/v1.2.0/pgsql.sql",
    ),
    (
        "icingadb/releases/v1.2.0/pgsql.sql",
        "icingadb/schema/pgsql/schema.sql",
    ),
    (
        "roundcube/releases/v0.9.5/postgres.initial.sql",
        "roundcube/releases/1.3.0/postgres.initial.sql",
    ),
    (
        "roundcube/releases/1.3.0/postgres.initial.sql",
        "roundcube/SQL/postgres.initial.sql",
    ),
    ("danbooru/2018/structure.sql", "danbooru/2020/structure.sql"),
    ("danbooru/2020/structure.sql", "danbooru/2022/structure.sql"),
    ("danbooru/2022/structure.sql", "danbooru/2024/structure.sql"),
    ("danbooru/2024/structure.sql", "danbooru/head/structure.sql"),
];

fn between_releases(pairs: &[(&str, &str)]) {
    let Some(folder) = corpus().map(|corpus| corpus.join("schemas")) else {
        return;
    };
    for (from, to) in pairs {
        println!("{from} to {to}");
        let parts = tempfile::tempdir().expect("a folder");
        let [from, to] = [from, to].map(|path| loadable(&folder.join(path), parts.path()));
        let (Some(live), Some(fresh)) = (loaded(&read(&from)), loaded(&read(&to))) else {
            println!("does not load here");
            continue;
        };
        bare(&live);
        // Checks forbid some of our rows; psql goes on without them.
        fill_what_fits(&live, 2, "\\set ON_ERROR_STOP off");
        let all = rows(&live);
        let filled = all.values().filter(|rows| !rows.values.is_empty()).count();
        println!("rows in {filled} of {} tables", all.len());
        assert!(filled * 3 > all.len(), "most tables are empty");
        let before = until_it_is_taken(&live, &to, &fresh);
        has_become(&live, &before, &fresh, &to);
    }
}

/// Updates a database, and gives the rows that it had before. Where some of them have no value for
/// what the next release asks for, that is said before the first statement: their tables are emptied.
/// So is it where something that only the older one declares can't be made over a column's new type:
/// then everything that is not declared goes, and only the rows of the tables of both are given.
fn until_it_is_taken(
    live: &PostgresDatabase,
    to: &Path,
    fresh: &PostgresDatabase,
) -> BTreeMap<String, TableRows> {
    let source = format!("sql:{}", to.display());
    let update = ["--schema", &source, "--scratch", "auto", "schema", "update"];
    let mut consents = vec!["--force"];
    loop {
        let (mut before, shape) = (rows(live), Shape::of(live));
        let run = realign(&live.url(), &[&update[..], &consents[..]].concat(), None);
        if run.code == 0 {
            let declared = rows(fresh);
            let all = consents.len() == 1;
            before.retain(|name, _| all || declared.contains_key(name));
            return before;
        }
        assert_eq!(rows(live), before, "something was changed: {}", run.err);
        let changed = shape.differences(&Shape::of(live));
        assert!(changed.is_empty(), "{changed}");
        let in_the_way = run.err.lines().find(|l| l.starts_with("error[R223]"));
        if let Some(line) = in_the_way.filter(|_| consents.len() == 1) {
            println!("{line}");
            assert!(
                run.err.contains("help: `--complete` drops what"),
                "{}",
                run.err
            );
            consents.extend(["--complete", "--allow", "destructive", "--no-quarantine"]);
            continue;
        }
        let refused = run.err.lines().filter_map(|line| {
            let (_, object) = line.strip_prefix("error[R2")?.split_once("]: ")?;
            object.split(['.', ' ']).next()
        });
        let refused: Vec<&str> = refused.collect();
        println!("refused in advance: {}", refused.join(", "));
        for table in &refused {
            let filled = before
                .get(*table)
                .is_some_and(|rows| !rows.values.is_empty());
            assert!(filled, "{}", run.err);
            live.client(&format!("TRUNCATE {} CASCADE;", live.quoted(table)));
        }
        assert!(!refused.is_empty(), "{}", run.err);
    }
}

#[test]
fn an_old_release_with_rows_becomes_the_next_on_postgres() {
    between_releases(&PAIRS[..1]);
}

#[test]
fn every_old_release_with_rows_becomes_the_next_on_postgres() {
    if std::env::var_os("REALIGN_PAIRS").is_none() {
        println!("the usual run tries one pair: ./test --full tries all");
        return;
    }
    between_releases(&PAIRS[1..]);
}
