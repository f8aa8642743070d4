//! Schemas written in SQL: what is read from a file equals what the server shows after its own
//! client has loaded it.

use std::fs;
use std::path::{Path, PathBuf};

use realign_model::Database;
use realign_mysql::MYSQL;
use realign_planner::{Dialect as _, Facts, Interpreted, Policy, SchemaScript, create_plan, diff};
use realign_testkit::{Server, mariadb};

use crate::shop::Shop;

/// Carries a script out on a schema.
pub(crate) fn read(path: &str, text: &str, onto: Database, facts: &Facts) -> Interpreted {
    MYSQL
        .interpret()
        .interpret(&SchemaScript { path, text }, onto, facts)
}

/// What differs, a line each, in both directions; undeclared objects count.
pub(crate) fn differences(a: &Database, b: &Database, facts: &Facts) -> Vec<String> {
    let policy = Policy {
        complete: true,
        ..Policy::default()
    };
    let mut lines = Vec::new();
    for (is, wish, way) in [(a, b, "->"), (b, a, "<-")] {
        let found = diff(is, wish, &MYSQL, facts, &policy);
        for finding in found.findings {
            let side = |side: Option<realign_planner::Side>| side.map(|side| side.written);
            lines.push(format!(
                "{way} {:?} {} {:?} {} | declared {:?} | database {:?}",
                finding.weight,
                finding.object,
                finding.aspect,
                finding.reason,
                side(finding.declared),
                side(finding.database)
            ));
        }
        if lines.is_empty() {
            lines.extend(
                found
                    .changes
                    .iter()
                    .map(|change| format!("{way} {change:?}")),
            );
        }
    }
    lines
}

/// Every `.sql` file below a folder that a MySQL client can load as it is.
fn schemas(corpus: &Path) -> Vec<PathBuf> {
    let folder = corpus.join("schemas");
    let mut files = vec![
        folder.join("chinook/mysql.sql"),
        folder.join("employees/employees.sql"),
        folder.join("employees/employees_partitioned.sql"),
        folder.join("icinga-director/schema/mysql.sql"),
        folder.join("icingadb/schema/mysql/schema.sql"),
        folder.join("roundcube/SQL/mysql.initial.sql"),
        folder.join("sakila/mysql.sql"),
    ];
    for (set, name) in [
        ("icinga-director", "mysql.sql"),
        ("icingadb", "mysql.sql"),
        ("roundcube", "mysql.initial.sql"),
    ] {
        let mut releases: Vec<PathBuf> = fs::read_dir(folder.join(set).join("releases"))
            .expect("the corpus can be read")
            .map(|entry| entry.expect("the corpus can be read").path().join(name))
            .filter(|path| path.is_file())
            .collect();
        releases.sort();
        files.extend(releases);
    }
    files
}

/// A file that no server takes: it names a column twice.
fn is_broken(path: &Path) -> bool {
    path.ends_with("icinga-director/releases/v1.10.0/mysql.sql")
}

fn load(path: &Path, server: &'static Server) -> (Shop, String) {
    let text = fs::read_to_string(path).expect("a schema is text");
    let shop = Shop::on(server, &text);
    (shop, text)
}

#[test]
fn what_is_read_is_what_the_server_shows() {
    let Some(corpus) = realign_testkit::corpus() else {
        return;
    };
    let mut wrong = Vec::new();
    for path in schemas(&corpus) {
        if is_broken(&path) {
            continue;
        }
        let (shop, text) = load(&path, mariadb());
        let found = shop.inspect();
        let name = path
            .strip_prefix(&corpus)
            .expect("below it")
            .display()
            .to_string();
        let read = read(&name, &text, Database::default(), &found.facts);
        assert_eq!(read.skipped_bytes, 0, "{name}");
        for problem in &read.diagnostics {
            wrong.push(format!("{name}: {} {}", problem.message, problem.origin));
        }
        for line in differences(&found.database, &read.database, &found.facts) {
            wrong.push(format!("{name}: {line}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// True when both sides are the same but for the character set that stands before a text in a
/// view: `information_schema.VIEWS` leaves it out, so that nobody can write it again.
fn only_introducers(differences: &str) -> bool {
    let side = |mark: char| {
        let lines = differences.lines().filter(|line| line.starts_with(mark));
        let mut lines: Vec<String> = lines
            .map(|line| {
                line[1..]
                    .replace("_utf8mb3'", "'")
                    .replace("_utf8mb4'", "'")
            })
            .collect();
        lines.sort();
        lines
    };
    side('-') == side('+')
}

#[test]
fn what_is_shown_makes_the_same_again() {
    let Some(corpus) = realign_testkit::corpus() else {
        return;
    };
    let mut wrong = Vec::new();
    // The present ones; what they hold is what their releases hold.
    for path in schemas(&corpus).into_iter().take(7) {
        let (shop, _) = load(&path, mariadb());
        let found = shop.inspect();
        let again = Shop::on(mariadb(), "");
        let mut connection = again.connection();
        for statement in create_plan(&found.database, &MYSQL, &found.facts).statements() {
            if let Err(error) = connection.query(&statement.sql) {
                wrong.push(format!("{}: {error}: {}", path.display(), statement.sql));
            }
        }
        let left = again.outside().differences(&shop.outside());
        if !only_introducers(&left) {
            wrong.push(format!("{}: {left}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
