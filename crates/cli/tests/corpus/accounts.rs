//! Accounts with fewer rights than an administrator has.

use realign_testkit::{Shape, TestDatabase, fill, mariadb};

use crate::layout::{Corpus, printed};
use crate::program::Program;
use crate::scenario::{made, settled};

const RELEASE: &str = "v4.8.0";

/// The program with an account that has just these privileges on the database.
fn with_rights(
    database: &TestDatabase,
    corpus: &Corpus,
    privileges: &str,
    release: &str,
) -> Program {
    let account = database
        .server()
        .user(&[&format!("{privileges} ON {}.*", database.name())]);
    let url = database.server().url_as(&account, database.name());
    Program::new(url, &corpus.mapping("ixp-manager", release))
}

#[test]
fn reading_is_enough_to_validate_and_to_plan() {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let (database, _) = made(
        mariadb().database(),
        &corpus.mapping("ixp-manager", RELEASE),
        &[],
    );
    fill(&database, 2);
    let before = Shape::of(&database);
    settled(&with_rights(&database, &corpus, "SELECT", RELEASE));
    let next = with_rights(&database, &corpus, "SELECT", "v4.9.0");
    next.validate(&[]).exits(2);
    let planned = next.dump(&[]);
    assert!(!printed(&planned).is_empty());
    let refused = next.run(&["schema", "update", "--force"]).exits(1);
    assert!(refused.err.contains("denied"), "{}", refused.told());
    assert_eq!(before.differences(&Shape::of(&database)), "");
}

#[test]
fn rights_on_one_database_are_enough_to_update_it() {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let (database, _) = made(
        mariadb().database(),
        &corpus.mapping("ixp-manager", RELEASE),
        &[],
    );
    fill(&database, 2);
    let next = with_rights(&database, &corpus, "ALL", "v4.9.0");
    next.update();
    settled(&next);
}
