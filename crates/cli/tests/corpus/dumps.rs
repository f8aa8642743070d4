//! The project's own dumps of each release: databases with a history.

use realign_testkit::{Server, Shape, mariadb, mysql_or_say, rows};

use crate::layout::Corpus;
use crate::program::Program;
use crate::scenario::{kept, settled};

/// Loads a release's dump and brings it in line with the release's mapping.
fn a_real_dump_is_brought_in_line(server: &'static Server, release: &str) {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let database = server.database();
    database.client(&corpus.file("ixp-manager", release, "real-dump/ci_test_db.sql"));
    let before = rows(&database);
    // Other tools' tables, views, and views that were restored as tables: declared nowhere.
    let shape = Shape::of(&database);
    let foreign: Vec<String> = shape
        .names()
        .filter(|name| name.ends_with(" migrations") || name.contains(" view_"))
        .map(str::to_owned)
        .collect();
    assert!(foreign.len() >= 3, "{foreign:?}");
    let program = Program::new(database.url(), &corpus.mapping("ixp-manager", release));
    program.update();
    settled(&program);
    kept(&before, &database);
    let after = Shape::of(&database);
    let differences = shape.differences(&after);
    for name in foreign {
        assert!(
            !differences.lines().any(|line| line.ends_with(&name)),
            "{differences}"
        );
    }
}

macro_rules! dumps {
    ($($mariadb:ident, $mysql:ident: $release:literal;)*) => {$(
        #[test]
        fn $mariadb() {
            a_real_dump_is_brought_in_line(mariadb(), $release);
        }

        #[test]
        fn $mysql() {
            if let Some(server) = mysql_or_say() {
                a_real_dump_is_brought_in_line(server, $release);
            }
        }
    )*};
}

dumps! {
    real_dump_4_4_8, real_dump_on_mysql_4_4_8: "v4.4.8";
    real_dump_4_6_0, real_dump_on_mysql_4_6_0: "v4.6.0";
    real_dump_4_7_0, real_dump_on_mysql_4_7_0: "v4.7.0";
    real_dump_4_7_3, real_dump_on_mysql_4_7_3: "v4.7.3";
    real_dump_4_8_0, real_dump_on_mysql_4_8_0: "v4.8.0";
    real_dump_4_9_0, real_dump_on_mysql_4_9_0: "v4.9.0";
    real_dump_4_9_3, real_dump_on_mysql_4_9_3: "v4.9.3";
}
