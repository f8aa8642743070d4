//! IXP Manager with its views and its trigger, which live in a script beside the mapping.

use realign_testkit::{Live as _, TestDatabase, fill, mariadb, rows};

use crate::layout::Corpus;
use crate::program::Program;
use crate::scenario::{completely_settled, kept, settled};

const VIEW: &str = "view_vlaninterface_details_by_custid";

/// The program with mapping and views of a release.
fn program(corpus: &Corpus, database: &TestDatabase, release: &str) -> Program {
    let mapping = corpus.mapping("ixp-manager", release);
    let source = format!("sql:{}", mapping.with_file_name("views.sql").display());
    Program::new(database.url(), &mapping).with(&["--schema", &source])
}

/// How the server shows a view, the database's own name aside.
fn shown(database: &TestDatabase, view: &str) -> String {
    let text = database.rows(&format!("SHOW CREATE VIEW {view}"))[0][1].clone();
    text.replace(&format!("`{}`.", database.name()), "")
}

#[test]
fn a_view_that_was_dropped_by_hand_is_found_and_made() {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let database = mariadb().database();
    let program = program(&corpus, &database, "v4.9.3");
    program.create();
    settled(&program);
    let before = shown(&database, VIEW);
    database.client(&format!(
        "DROP VIEW {VIEW}; DROP TRIGGER bgp_sessions_update"
    ));
    let found = program.validate(&["--skip-mapping"]).exits(2);
    assert!(found.out.contains(VIEW), "{}", found.told());
    assert!(
        found.out.contains("bgp_sessions_update"),
        "{}",
        found.told()
    );
    program.update();
    settled(&program);
    assert_eq!(shown(&database, VIEW), before);
}

/// 4.7 drops columns that a view of 4.6 shows.
#[test]
fn views_are_right_after_a_release_that_drops_their_columns() {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let fresh = mariadb().database();
    let new = program(&corpus, &fresh, "v4.7.0");
    new.create();

    let database = mariadb().database();
    program(&corpus, &database, "v4.6.0").create();
    fill(&database, 3);
    let before = rows(&database);
    let new = program(&corpus, &database, "v4.7.0");
    new.update();
    settled(&new);
    kept(&before, &database);
    for row in database.rows("SHOW FULL TABLES WHERE Table_type = 'VIEW'") {
        // An invalid view is refused here.
        database.rows(&format!("SELECT COUNT(*) FROM {}", row[0]));
    }
    new.update_complete();
    completely_settled(&new);
    assert_eq!(shown(&database, VIEW), shown(&fresh, VIEW));
}

/// Dumps that were restored carelessly hold tables where views were.
#[test]
fn a_view_that_is_a_table_is_named_and_put_right() {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let database = mariadb().database();
    let program = program(&corpus, &database, "v4.9.3");
    program.create();
    let before = shown(&database, VIEW);
    database.client(&format!(
        "CREATE TABLE held AS SELECT * FROM {VIEW}; DROP VIEW {VIEW}; RENAME TABLE held TO {VIEW}"
    ));
    let found = program.validate(&["--skip-mapping", "-v"]);
    assert!(found.out.contains(VIEW), "{}", found.told());
    program.update_complete();
    completely_settled(&program);
    assert_eq!(shown(&database, VIEW), before);
}
