//! Every release step of IXP Manager, with rows in each table.

use realign_testkit::{
    Live, Server, fill, mariadb, mariadb_with, mysql_or_say, postgres, sqlite_file,
};

use crate::layout::Corpus;
use crate::scenario::step;

/// Where an index's name is the schema's: with the mappings that give each its own.
fn portable<D: Live>(database: impl Fn() -> D, from: &str, to: &str) {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let from = corpus.portable_mapping("ixp-manager", from);
    let to = corpus.portable_mapping("ixp-manager", to);
    step(database, |live| fill(live, 3), from.path(), to.path(), &[]);
}

fn on_server(server: &'static Server, from: &str, to: &str) {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let from = corpus.mapping("ixp-manager", from);
    let to = corpus.mapping("ixp-manager", to);
    step(
        || server.database(),
        |database| fill(database, 3),
        &from,
        &to,
        &[],
    );
}

fn on_mysql(from: &str, to: &str) {
    if let Some(server) = mysql_or_say() {
        on_server(server, from, to);
    }
}

/// A server that is set up otherwise than most.
fn lenient() -> &'static Server {
    mariadb_with(&["--sql-mode=", "--lower-case-table-names=1"])
}

macro_rules! steps {
    ($($sqlite:ident, $mariadb:ident, $mysql:ident, $postgresql:ident: $from:literal => $to:literal;)*) => {$(
        #[test]
        fn $sqlite() {
            portable(sqlite_file, $from, $to);
        }

        #[test]
        fn $mariadb() {
            on_server(mariadb(), $from, $to);
        }

        #[test]
        fn $mysql() {
            on_mysql($from, $to);
        }

        #[test]
        fn $postgresql() {
            portable(|| postgres().database(), $from, $to);
        }
    )*};
}

steps! {
    sqlite_4_4_8_to_4_6_0, mariadb_4_4_8_to_4_6_0, mysql_4_4_8_to_4_6_0, postgresql_4_4_8_to_4_6_0:
        "v4.4.8" => "v4.6.0";
    sqlite_4_6_0_to_4_7_0, mariadb_4_6_0_to_4_7_0, mysql_4_6_0_to_4_7_0, postgresql_4_6_0_to_4_7_0:
        "v4.6.0" => "v4.7.0";
    sqlite_4_7_0_to_4_7_3, mariadb_4_7_0_to_4_7_3, mysql_4_7_0_to_4_7_3, postgresql_4_7_0_to_4_7_3:
        "v4.7.0" => "v4.7.3";
    sqlite_4_7_3_to_4_8_0, mariadb_4_7_3_to_4_8_0, mysql_4_7_3_to_4_8_0, postgresql_4_7_3_to_4_8_0:
        "v4.7.3" => "v4.8.0";
    sqlite_4_8_0_to_4_9_0, mariadb_4_8_0_to_4_9_0, mysql_4_8_0_to_4_9_0, postgresql_4_8_0_to_4_9_0:
        "v4.8.0" => "v4.9.0";
    sqlite_4_9_0_to_4_9_3, mariadb_4_9_0_to_4_9_3, mysql_4_9_0_to_4_9_3, postgresql_4_9_0_to_4_9_3:
        "v4.9.0" => "v4.9.3";
    sqlite_4_4_8_to_4_9_3, mariadb_4_4_8_to_4_9_3, mysql_4_4_8_to_4_9_3, postgresql_4_4_8_to_4_9_3:
        "v4.4.8" => "v4.9.3";
}

#[test]
fn lenient_mariadb_4_4_8_to_4_9_3() {
    on_server(lenient(), "v4.4.8", "v4.9.3");
}

#[test]
fn lenient_mariadb_4_8_0_to_4_9_0() {
    on_server(lenient(), "v4.8.0", "v4.9.0");
}
