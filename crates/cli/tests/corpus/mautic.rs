//! Mautic: 96 mappings, made by us and by the recorded statements.

use std::path::Path;

use realign_testkit::{
    Live, PostgresDatabase, Shape, fill, mariadb, mysql_or_say, postgres, rows, sqlite_file,
};

use crate::layout::{Corpus, read};
use crate::program::Program;
use crate::scenario::{accepted, kept, made, settled, step};

const QUALIFIED: [&str; 2] = ["--index-names", "qualified"];

/// One association's `inversed-by` names a field that is no association: Doctrine calls that
/// mapping invalid. No table hangs on it, so it may not stand in the way of a verdict.
#[test]
fn a_mapping_that_only_doctrine_minds_validates() {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    for release in crate::layout::MAUTIC {
        let (_database, program) = made(
            mariadb().database(),
            &corpus.mapping("mautic", release),
            &[],
        );
        let run = program.validate(&[]).exits(0);
        assert!(run.out.contains("DynamicContentLeadData"), "{}", run.told());
    }
}

#[track_caller]
fn made_by_us(database: impl Live, release: &str, options: &[&str]) {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    made_from(database, &corpus.mapping("mautic", release), options);
}

#[track_caller]
fn made_from(database: impl Live, mapping: &Path, options: &[&str]) {
    let (database, program) = made(database, mapping, options);
    settled(&program);
    fill(&database, 3);
    settled(&program);
}

/// Made by Doctrine's statements. `whole` when the engine takes all of them.
#[track_caller]
fn made_by_doctrine(database: impl Live, release: &str, platform: &str, options: &[&str]) {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let recording = corpus.expected("mautic", release, platform);
    let errors = recording.join("create.errors.txt");
    database.client(&accepted(&read(&recording.join("create.sql")), &errors));
    fill(&database, 3);
    let before = rows(&database);
    let program = Program::new(database.url(), &corpus.mapping("mautic", release)).with(options);
    if errors.exists() {
        // Indexes that Doctrine could not make are missing, and are made.
        program.validate(&["--skip-mapping"]).exits(2);
        program.update();
    }
    settled(&program);
    kept(&before, &database);
}

#[test]
fn sqlite_5_0_4_by_us() {
    made_by_us(sqlite_file(), "5.0.4", &QUALIFIED);
}

#[test]
fn sqlite_5_1_1_by_us() {
    made_by_us(sqlite_file(), "5.1.1", &QUALIFIED);
}

#[test]
fn mariadb_5_0_4_by_us() {
    made_by_us(mariadb().database(), "5.0.4", &[]);
}

#[test]
fn mariadb_5_1_1_by_us() {
    made_by_us(mariadb().database(), "5.1.1", &[]);
}

#[test]
fn mysql_5_0_4_by_us() {
    if let (Some(corpus), Some(server)) = (Corpus::found(), mysql_or_say()) {
        let mapping = corpus.mapping_for_mysql("mautic", "5.0.4");
        made_from(server.database(), mapping.path(), &[]);
    }
}

#[test]
fn postgresql_5_0_4_by_us() {
    made_by_us(postgres().database(), "5.0.4", &QUALIFIED);
}

#[test]
fn postgresql_5_1_1_by_us() {
    made_by_us(postgres().database(), "5.1.1", &QUALIFIED);
}

#[test]
fn postgresql_5_0_4_by_doctrine() {
    made_by_doctrine(postgres().database(), "5.0.4", "postgresql", &QUALIFIED);
}

#[test]
fn postgresql_5_1_1_by_doctrine() {
    made_by_doctrine(postgres().database(), "5.1.1", "postgresql", &QUALIFIED);
}

#[test]
fn sqlite_5_0_4_by_doctrine() {
    made_by_doctrine(sqlite_file(), "5.0.4", "sqlite", &QUALIFIED);
}

#[test]
fn mysql_5_1_1_by_us() {
    if let (Some(corpus), Some(server)) = (Corpus::found(), mysql_or_say()) {
        let mapping = corpus.mapping_for_mysql("mautic", "5.1.1");
        made_from(server.database(), mapping.path(), &[]);
    }
}

#[test]
fn sqlite_5_1_1_by_doctrine() {
    made_by_doctrine(sqlite_file(), "5.1.1", "sqlite", &QUALIFIED);
}

#[test]
fn mariadb_5_0_4_by_doctrine() {
    made_by_doctrine(mariadb().database(), "5.0.4", "mariadb", &[]);
}

#[test]
fn mariadb_5_1_1_by_doctrine() {
    made_by_doctrine(mariadb().database(), "5.1.1", "mariadb", &[]);
}

#[track_caller]
fn filled_step<D: Live>(database: impl Fn() -> D, options: &[&str]) {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let (from, to) = (
        corpus.mapping("mautic", "5.0.4"),
        corpus.mapping("mautic", "5.1.1"),
    );
    step(database, |database| fill(database, 3), &from, &to, options);
}

#[test]
fn sqlite_5_0_4_to_5_1_1() {
    filled_step(sqlite_file, &QUALIFIED);
}

#[test]
fn mariadb_5_0_4_to_5_1_1() {
    filled_step(|| mariadb().database(), &[]);
}

#[test]
fn postgresql_5_0_4_to_5_1_1() {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let (from, to) = (
        corpus.mapping("mautic", "5.0.4"),
        corpus.mapping("mautic", "5.1.1"),
    );
    // A number becomes a truth, and here a truth holds two values.
    let filled = |live: &PostgresDatabase| {
        fill(live, 3);
        live.client("UPDATE campaigns SET allow_restart = allow_restart % 2");
    };
    step(|| postgres().database(), filled, &from, &to, &QUALIFIED);
}

#[test]
fn mysql_5_0_4_to_5_1_1() {
    if let (Some(corpus), Some(server)) = (Corpus::found(), mysql_or_say()) {
        let (from, to) = (
            corpus.mapping_for_mysql("mautic", "5.0.4"),
            corpus.mapping_for_mysql("mautic", "5.1.1"),
        );
        let database = || server.database();
        step(database, |live| fill(live, 3), from.path(), to.path(), &[]);
    }
}

/// MariaDB shortens an index over a long text by itself, MySQL refuses it: told with its place
/// before anything is made, and no hindrance where somebody made it with a length.
#[test]
fn an_index_that_mysql_refuses_is_told_in_advance() {
    let (Some(corpus), Some(server)) = (Corpus::found(), mysql_or_say()) else {
        return;
    };
    let database = server.database();
    let mapping = corpus.mapping("mautic", "5.1.1");
    let program = Program::new(database.url(), &mapping);
    let refused = program.run(&["schema", "create", "--force"]).exits(1);
    for word in ["page_hit_url", "page_hits.url", "Hit.dcm.xml:9"] {
        assert!(refused.err.contains(word), "{word}\n{}", refused.told());
    }
    assert!(database.tables().is_empty());
    let mended = corpus.mapping_for_mysql("mautic", "5.1.1");
    program.mapped(mended.path()).create();
    settled(&program);
}

/// The way back makes `ip_id` NOT NULL in tables where it is NULL: refused, nothing changed.
#[track_caller]
fn refused_step(database: impl Live, options: &[&str]) {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let (old, new) = (
        corpus.mapping("mautic", "5.0.4"),
        corpus.mapping("mautic", "5.1.1"),
    );
    refused_way_back(database, &new, &old, options);
}

#[track_caller]
fn refused_way_back(database: impl Live, new: &Path, old: &Path, options: &[&str]) {
    let (database, new) = made(database, new, options);
    fill(&database, 3);
    let (before, shape) = (rows(&database), Shape::of(&database));
    let old = new.mapped(old);
    let refused = old.run(&["schema", "update", "--force"]).exits(1);
    for name in ["asset_downloads", "video_hits", "ip_id"] {
        assert!(
            refused.err.contains(name),
            "{name} is not named\n{}",
            refused.told()
        );
    }
    assert_eq!(shape.differences(&Shape::of(&database)), "");
    kept(&before, &database);
}

#[test]
fn sqlite_5_1_1_to_5_0_4_with_nulls_is_refused() {
    refused_step(sqlite_file(), &QUALIFIED);
}

#[test]
fn mariadb_5_1_1_to_5_0_4_with_nulls_is_refused() {
    refused_step(mariadb().database(), &[]);
}

#[test]
fn postgresql_5_1_1_to_5_0_4_with_nulls_is_refused() {
    refused_step(postgres().database(), &QUALIFIED);
}

#[test]
fn mysql_5_1_1_to_5_0_4_with_nulls_is_refused() {
    if let (Some(corpus), Some(server)) = (Corpus::found(), mysql_or_say()) {
        let (old, new) = (
            corpus.mapping_for_mysql("mautic", "5.0.4"),
            corpus.mapping_for_mysql("mautic", "5.1.1"),
        );
        refused_way_back(server.database(), new.path(), old.path(), &[]);
    }
}
