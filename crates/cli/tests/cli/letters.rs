//! Letters that the encoding of a database lacks.

use std::fs;
use std::process::{Command, Stdio};

use realign_testkit::{Live, PostgresDatabase, postgres};
use tempfile::TempDir;

const FIRST: &str = "CREATE TABLE a (name VARCHAR(20));\nINSERT INTO a VALUES ('déjà');\n";

/// Migrations on a database that holds the letters of Western Europe.
struct Site {
    folder: TempDir,
    database: PostgresDatabase,
}

impl Site {
    fn new(second: &str) -> Self {
        let folder = TempDir::with_prefix("session-").expect("a folder");
        let site = Self {
            folder,
            database: postgres().database_with("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"),
        };
        site.write("20240101000000_a.sql", FIRST);
        site.write("20240102000000_b.sql", second);
        site
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join("migrations").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// What is said, and the exit code.
    fn run(&self, line: &str) -> (String, Option<i32>) {
        let ended = Command::new(env!("CARGO_BIN_EXE_realign"))
            .args(line.split(' '))
            .current_dir(self.folder.path())
            .env_clear()
            .env("REALIGN_DATABASE_URL", self.database.url())
            .stdin(Stdio::null())
            .output()
            .expect("realign runs");
        let mut text = String::from_utf8_lossy(&ended.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&ended.stderr));
        (text, ended.status.code())
    }
}

/// They are told with their place before anything runs, wherever in the file they stand.
#[test]
fn letters_that_a_database_lacks_are_told_first() {
    for (second, letter, place) in [
        (
            "SELECT 1;\nINSERT INTO a\n  VALUES ('5 €');\n",
            "€ (U+20AC)",
            ":3:14",
        ),
        (
            "SELECT 1;\n-- realign:down\nDELETE FROM a WHERE name = 'Łódź';\n",
            "Ł (U+0141)",
            ":3:29",
        ),
        ("COPY a FROM stdin;\né\n€\n\\.\n", "€ (U+20AC)", ":3:1"),
        (
            "INSERT INTO a /* kept: 日 */ VALUES ('b');\n",
            "日 (U+65E5)",
            ":1:24",
        ),
        (
            "-- realign:skip-if \"ĳ\" table a is missing\nSELECT 1;\n",
            "ĳ (U+0133)",
            ":1:21",
        ),
        ("SELECT '${word}';\n", "ő (U+0151)", ":1:1"),
    ] {
        let site = Site::new(second);
        for line in ["migrate -n --dry-run", "migrate -n"] {
            let line = format!("{line} --set word=ő");
            let (said, code) = site.run(&line);
            assert_eq!(code, Some(1), "{line}: {said}");
            let told =
                format!("error[M006]: the database is in LATIN1, which has no letter {letter}");
            assert!(said.contains(&told), "{line}: {said}");
            let place = format!("20240102000000_b.sql{place}\n");
            assert!(said.contains(&place), "{line}: {said}");
        }
        let made = site.database.rows("SELECT to_regclass('a')");
        assert_eq!(made, [["NULL"]], "{second}");
    }
}

/// A comment that is no part of a statement is neither sent nor kept.
#[test]
fn letters_that_a_database_has_are_taken() {
    let site = Site::new("-- 5 €\nINSERT INTO a VALUES ('naïve'); -- Łódź\n");
    site.write(
        "repeatable/view.sql",
        "CREATE OR REPLACE VIEW v AS SELECT 'ÿ' AS y;\n",
    );
    let (said, code) = site.run("migrate -n");
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        site.database.rows("SELECT name FROM a ORDER BY 1"),
        [["déjà"], ["naïve"]]
    );
    let (said, code) = site.run("repeatable run");
    assert_eq!(code, Some(0), "{said}");
    site.write(
        "repeatable/view.sql",
        "CREATE OR REPLACE VIEW v AS SELECT '€' AS y;\n",
    );
    let (said, code) = site.run("repeatable run");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("repeatable/view.sql:1:37"), "{said}");
}

/// So are those of a declaration, before its plan is begun.
#[test]
fn letters_of_a_declaration_are_told_first() {
    let site = Site::new("SELECT 1;");
    let declared = |letter: &str| {
        let text = format!("CREATE TABLE q (a INT);\nCOMMENT ON TABLE q IS 'x {letter}';\n");
        fs::write(site.folder.path().join("s.sql"), text).expect("written");
        site.run("schema update --schema sql:s.sql --force")
    };
    let (said, code) = declared("€");
    assert_eq!(code, Some(1), "{said}");
    let told = "error[R225]: q: the database is in LATIN1, which has no letter € (U+20AC)";
    assert!(said.contains(told) && said.contains("s.sql:1"), "{said}");
    let (looked, code) = site.run("schema update --schema sql:s.sql");
    assert_eq!(code, Some(1), "{looked}");
    assert!(looked.contains(told), "{looked}");
    let runs = "SELECT count(*) FROM realign_runs";
    assert!(site.database.try_client(runs).is_err() || site.database.rows(runs) == [["0"]]);
    let (said, code) = declared("é");
    assert_eq!(code, Some(0), "{said}");
}
