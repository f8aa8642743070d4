//! Real schemas and recordings of the real Doctrine. Without the corpus each says so and passes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use realign_planner::{Policy, Weight};
use realign_testkit::corpus;

use crate::support::{TestDatabase, differences, mapping, script, wish_of};

const VERSIONS: [&str; 7] = [
    "v4.4.8", "v4.6.0", "v4.7.0", "v4.7.3", "v4.8.0", "v4.9.0", "v4.9.3",
];

/// What a version's mapping makes, as Doctrine printed it.
fn create_script(folder: &Path) -> String {
    let portable = folder.join("expected/postgresql/create-portable.sql");
    let path = if portable.is_file() {
        portable
    } else {
        folder.join("expected/postgresql/create.sql")
    };
    fs::read_to_string(path).expect("a recording")
}

/// Three rows in each table, with the keys of the tables that they refer to.
fn fill(database: &TestDatabase) {
    let found = database.inspect().database;
    let mut sql = String::from("SET session_replication_role = replica;\n");
    for table in &found.tables {
        for row in 1..=3 {
            let columns: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
            let values: Vec<String> = table
                .columns
                .iter()
                .map(|c| value(&c.data_type, row))
                .collect();
            let _ = writeln!(
                sql,
                "INSERT INTO \"{}\" (\"{}\") VALUES ({});",
                table.name.name,
                columns.join("\", \""),
                values.join(", ")
            );
        }
    }
    database.run(&sql);
}

fn value(data_type: &realign_model::DataType, row: u32) -> String {
    use realign_model::DataType as T;
    match data_type {
        T::Int { .. } | T::Decimal { .. } | T::Float { .. } => row.to_string(),
        T::Boolean => (if row == 1 { "true" } else { "false" }).to_owned(),
        T::Date => format!("'2020-01-0{row}'"),
        T::DateTime { .. } | T::Timestamp { .. } => format!("'2020-01-0{row} 00:00:00'"),
        T::Time { .. } => format!("'0{row}:00:00'"),
        T::Json { .. } => format!("'[{row}]'"),
        T::Uuid => format!("'00000000-0000-0000-0000-00000000000{row}'"),
        T::Blob { .. } => format!("'\\x0{row}'"),
        _ => format!("'{row}'"),
    }
}

/// Values by table and column, in an order of their own.
fn contents(database: &TestDatabase) -> BTreeMap<String, String> {
    let found = database.inspect().database;
    let mut sql = String::new();
    for table in &found.tables {
        for column in &table.columns {
            let _ = writeln!(
                sql,
                "SELECT '{0}.{1}', string_agg(\"{1}\"::text, '|' ORDER BY \"{1}\"::text) FROM \"{0}\";",
                table.name.name, column.name
            );
        }
    }
    database
        .run(&sql)
        .lines()
        .filter_map(|line| line.split_once('|'))
        .map(|(place, values)| (place.to_owned(), values.to_owned()))
        .collect()
}

#[test]
fn every_drift_is_judged_and_mended() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("ixp-manager/v4.8.0");
    let create = create_script(&folder);
    let pristine = TestDatabase::with(&create);
    let wish = wish_of(&pristine);
    let expected = pristine.dump();
    let mut drifts: Vec<_> = fs::read_dir(folder.join("expected/postgresql"))
        .expect("recordings")
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.join("drift.sql").is_file())
        .collect();
    drifts.sort();
    assert_eq!(drifts.len(), 54);
    let mut trouble = Vec::new();
    for drift in drifts {
        let name = drift
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let database = TestDatabase::copy_of(&pristine);
        let sql = fs::read_to_string(drift.join("drift.sql")).expect("a drift");
        database.run(&sql);
        let plain = database.diff(&wish, &Policy::default());
        let verdict = differences(&plain);
        let notes: Vec<_> = plain
            .of(Weight::Note)
            .chain(plain.of(Weight::CannotTell))
            .map(|f| f.object.clone())
            .collect();
        let doctrine =
            fs::read_to_string(drift.join("expected.sql")).unwrap_or_else(|_| "throws".to_owned());
        println!(
            "{name}: {verdict:?} notes {notes:?}; Doctrine: {}",
            doctrine.lines().next().unwrap_or("nothing")
        );
        if let Err(left) = database.update(&wish, &Policy::default()) {
            trouble.push(format!("{name}: {left}"));
            continue;
        }
        let complete = Policy {
            complete: true,
            ..Policy::default()
        };
        if let Err(left) = database.update(&wish, &complete) {
            trouble.push(format!("{name} --complete: {left}"));
            continue;
        }
        // What a mapping can't declare stays: views, types, schemas of others; what only the
        // engine could use (a counter on a key that is filled otherwise) is left alone.
        let tolerated = [
            "drift-extra-view",
            "drift-other-schema",
            "drift-enum-column",
            "drift-enum-in-extra-table",
            "drift-identity-id",
            "drift-serial-id",
            "drift-fk-renamed",
            // The name of the new table's primary key is still held by the renamed one.
            "drift-renamed-table",
        ];
        let dump = database.dump();
        if dump != expected && !tolerated.contains(&name.as_str()) {
            let more: Vec<_> = dump.iter().filter(|d| !expected.contains(d)).collect();
            let less: Vec<_> = expected.iter().filter(|d| !dump.contains(d)).collect();
            trouble.push(format!("{name}: pg_dump more {more:#?} less {less:#?}"));
        }
    }
    assert!(trouble.is_empty(), "{}", trouble.join("\n\n"));
}

#[test]
fn every_step_keeps_the_rows() {
    let Some(corpus) = corpus() else { return };
    for pair in VERSIONS.windows(2) {
        let folder = |version: &str| corpus.join("ixp-manager").join(version);
        let new = TestDatabase::with(&create_script(&folder(pair[1])));
        let wish = wish_of(&new);
        let old = TestDatabase::with(&create_script(&folder(pair[0])));
        fill(&old);
        let before = contents(&old);
        let plan = old
            .update(&wish, &Policy::default())
            .unwrap_or_else(|e| panic!("{} to {}: {e}", pair[0], pair[1]));
        let again = old.plan(&wish, &Policy::default());
        assert!(again.is_empty(), "{}", script(&again));
        let after = contents(&old);
        for (place, rows) in &before {
            assert_eq!(after.get(place), Some(rows), "{place:?}\n{}", script(&plan));
        }
        // The same through the engine's own client.
        let piped = TestDatabase::with(&create_script(&folder(pair[0])));
        fill(&piped);
        let text = script(&piped.plan(&wish, &Policy::default()));
        piped.run(&text);
        assert_eq!(piped.dump(), old.dump());
        // Without what the old release leaves behind, it is the new release.
        let complete = Policy {
            complete: true,
            ..Policy::default()
        };
        old.update(&wish, &complete)
            .unwrap_or_else(|e| panic!("{} to {}: {e}", pair[0], pair[1]));
        assert_eq!(old.dump(), new.dump(), "{} to {}", pair[0], pair[1]);
    }
}

#[test]
fn the_mapping_itself_is_in_sync_with_what_doctrine_made() {
    let Some(corpus) = corpus() else { return };
    let mapping_of = |version: &str| {
        let folder = corpus.join("ixp-manager").join(version);
        mapping(&[&folder.join("mappings"), &folder.join("mappings-portable")])
    };
    for pair in VERSIONS.windows(2) {
        let wish = mapping_of(pair[1]);
        let made = TestDatabase::with(&create_script(&corpus.join("ixp-manager").join(pair[1])));
        let diff = made.diff(&wish, &Policy::default());
        assert!(
            diff.findings.is_empty(),
            "{}: {:#?}",
            pair[1],
            diff.findings
        );
        let old = TestDatabase::with(&create_script(&corpus.join("ixp-manager").join(pair[0])));
        fill(&old);
        let before = contents(&old);
        let complete = Policy {
            complete: true,
            ..Policy::default()
        };
        old.update(&wish, &Policy::default())
            .unwrap_or_else(|e| panic!("{} to {}: {e}", pair[0], pair[1]));
        assert!(old.plan(&wish, &Policy::default()).is_empty());
        let after = contents(&old);
        for (place, rows) in &before {
            assert_eq!(after.get(place), Some(rows), "{place:?}");
        }
        old.update(&wish, &complete)
            .unwrap_or_else(|e| panic!("{} to {}: {e}", pair[0], pair[1]));
        assert_eq!(old.dump(), made.dump(), "{} to {}", pair[0], pair[1]);
    }
}

#[test]
fn what_another_tool_made_is_read_whole() {
    let Some(corpus) = corpus() else { return };
    for file in [
        "schemas/chinook/postgresql.sql",
        "schemas/danbooru/head/structure.sql",
        "schemas/icinga-director/schema/pgsql.sql",
        "schemas/icingadb/schema/pgsql/schema.sql",
        "schemas/musicbrainz/structure.sql",
        "schemas/roundcube/SQL/postgres.initial.sql",
        "schemas/sakila/postgresql.sql",
    ] {
        let sql = fs::read_to_string(corpus.join(file)).expect("a schema");
        let database = TestDatabase::new();
        // Some need extensions that are not installed; what loads is what is read.
        database.load(&sql);
        let wish = database.inspect().database;
        assert!(!wish.tables.is_empty(), "{file}");
        let diff = database.diff(&wish, &Policy::default());
        assert!(diff.in_sync(), "{file}: {:#?}", diff.findings);
        println!(
            "{file}: {} tables, {} views",
            wish.tables.len(),
            wish.views.len()
        );
    }
}
