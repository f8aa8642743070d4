//! `schema create --dump-sql` against the recordings, byte for byte.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use realign_testkit::{Live, Shape, mariadb, postgres, sqlite_file};

use crate::layout::{Corpus, printed, read, recorded};
use crate::program::Program;
use crate::scenario::settled;

/// Platforms with recordings, and the server version that means them.
const PLATFORMS: [(&str, &str); 5] = [
    ("sqlite", "sqlite"),
    ("mariadb", "mariadb-10.11"),
    ("mysql57", "mysql-5.7.40"),
    ("mysql80", "mysql-8.0.31"),
    ("postgresql", "postgresql-15"),
];

/// Statements that only one side has, as often as it has them more than the other.
fn differences(expected: &[String], found: &[String]) -> String {
    let mut counts: BTreeMap<&String, i32> = BTreeMap::new();
    for statement in expected {
        *counts.entry(statement).or_default() -= 1;
    }
    for statement in found {
        *counts.entry(statement).or_default() += 1;
    }
    counts.retain(|_, count| *count != 0);
    let lines = counts.iter().map(|(statement, count)| {
        let side = if *count < 0 { "recorded" } else { "ours    " };
        format!("{side} {statement}\n")
    });
    lines.collect()
}

/// Compares one release on every platform that it was recorded for.
fn create_equals_the_recordings(application: &str, release: &str) {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let mut faults = String::new();
    let mut compared = 0;
    for (platform, server_version) in PLATFORMS {
        let recording = corpus.expected(application, release, platform);
        let portable = corpus.portable_mapping(application, release);
        let cases = [
            ("create.sql", corpus.mapping(application, release)),
            ("create-portable.sql", portable.path().to_owned()),
        ];
        for (file, mapping) in cases {
            if !recording.join(file).exists() {
                continue;
            }
            compared += 1;
            let run = Program::offline(server_version, &mapping)
                .run(&["schema", "create", "--dump-sql"])
                .exits(0);
            let expected = recorded(&read(&recording.join(file)));
            let found = differences(&expected, &printed(&run.out));
            if !found.is_empty() {
                let _ = write!(faults, "{platform} {file}:\n{found}");
            }
        }
    }
    assert!(compared >= 3, "{compared} recordings");
    assert!(faults.is_empty(), "{application} {release}\n{faults}");
}

/// A name that SQLite has no two places for.
fn collisions_are_told(application: &str, release: &str, names: &[&str]) {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let file = sqlite_file();
    collisions_are_told_on(&file, "sqlite", application, release, names);
    // Where every table has names of its own the same mapping is fine.
    let mapping = corpus.mapping(application, release);
    Program::new(mariadb().database().url(), &mapping).create();
}

/// A name that the engine has no two places for: printed, told, refused, and made qualified.
fn collisions_are_told_on(
    database: &impl Live,
    platform: &str,
    application: &str,
    release: &str,
    names: &[&str],
) {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let mapping = corpus.mapping(application, release);
    let program = Program::new(database.url(), &mapping);
    let dumped = program.run(&["schema", "create", "--dump-sql"]).exits(0);
    let recording = corpus
        .expected(application, release, platform)
        .join("create.sql");
    assert_eq!(
        differences(&recorded(&read(&recording)), &printed(&dumped.out)),
        ""
    );
    let refused = program.run(&["schema", "create", "--force"]).exits(1);
    for name in names {
        for told in [&dumped, &refused] {
            let places = told.err.matches(".dcm.xml:").count();
            assert!(
                told.err.contains(name) && places >= 2,
                "{name}\n{}",
                told.told()
            );
        }
    }
    assert_eq!(
        Shape::of(database).names().next(),
        None,
        "something is made"
    );
    let qualified = program.with(&["--index-names", "qualified"]);
    qualified.create();
    settled(&qualified);
}

macro_rules! releases {
    ($($test:ident, $collision:ident, $on_postgres:ident: $application:literal $release:literal [$($name:literal),*];)*) => {$(
        #[test]
        fn $test() {
            create_equals_the_recordings($application, $release);
        }

        #[test]
        fn $collision() {
            let names: &[&str] = &[$($name),*];
            if !names.is_empty() {
                collisions_are_told($application, $release, names);
            }
        }

        #[test]
        fn $on_postgres() {
            let names: &[&str] = &[$($name),*];
            if !names.is_empty() {
                let database = postgres().database();
                collisions_are_told_on(&database, "postgresql", $application, $release, names);
            }
        }
    )*};
}

releases! {
    ixp_4_4_8_create, ixp_4_4_8_collision, ixp_4_4_8_collision_on_postgresql: "ixp-manager" "v4.4.8" [];
    ixp_4_6_0_create, ixp_4_6_0_collision, ixp_4_6_0_collision_on_postgresql: "ixp-manager" "v4.6.0" ["vlan_address"];
    ixp_4_7_0_create, ixp_4_7_0_collision, ixp_4_7_0_collision_on_postgresql: "ixp-manager" "v4.7.0" ["vlan_address"];
    ixp_4_7_3_create, ixp_4_7_3_collision, ixp_4_7_3_collision_on_postgresql: "ixp-manager" "v4.7.3" ["vlan_address"];
    ixp_4_8_0_create, ixp_4_8_0_collision, ixp_4_8_0_collision_on_postgresql: "ixp-manager" "v4.8.0" ["vlan_address"];
    ixp_4_9_0_create, ixp_4_9_0_collision, ixp_4_9_0_collision_on_postgresql: "ixp-manager" "v4.9.0" ["vlan_address"];
    ixp_4_9_3_create, ixp_4_9_3_collision, ixp_4_9_3_collision_on_postgresql: "ixp-manager" "v4.9.3" ["vlan_address"];
    mautic_5_0_4_create, mautic_5_0_4_collision, mautic_5_0_4_collision_on_postgresql: "mautic" "5.0.4"
        ["focus_type", "favorite_count_index", "retweet_count_index", "campaign_leads", "integration_last_sync_date"];
    mautic_5_1_1_create, mautic_5_1_1_collision, mautic_5_1_1_collision_on_postgresql: "mautic" "5.1.1"
        ["focus_type", "favorite_count_index", "retweet_count_index", "campaign_leads", "integration_last_sync_date"];
}
