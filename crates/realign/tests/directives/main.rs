//! What looks like a directive in a migration, and what is one, as each engine reads it.

use realign::model::Origin;
use realign::planner::Diagnostic;
use realign::planner::migration::{MigrationFile, Phase};

const ENGINES: [&str; 4] = ["mysql-8.4", "mariadb-10.11", "postgresql-15", "sqlite-3.45"];

fn read(version: &str, text: &str) -> (MigrationFile, Vec<Diagnostic>) {
    let (engine, facts) = realign::offline(version).expect("a known engine");
    MigrationFile::read_for("m.sql", text, engine.dialect.scripts(), &facts)
}

/// What is left of a section's text when the file is read without a mistake.
fn section(version: &str, text: &str, phase: Phase) -> Option<String> {
    let (file, problems) = read(version, text);
    assert_eq!(problems, [], "{version}: {text}");
    file.section(phase).map(|section| section.text.clone())
}

/// True when the whole of a text is the section `up`.
fn is_data(version: &str, text: &str) {
    let whole = format!("-- realign:up\n{text}\n-- realign:down\nSELECT 2;\n");
    let up = section(version, &whole, Phase::Up);
    assert_eq!(up, Some(format!("{text}\n")), "{version}");
    let down = section(version, &whole, Phase::Down);
    assert_eq!(down.as_deref(), Some("SELECT 2;\n"), "{version}");
}

#[test]
fn quotes_and_comments_hold_any_line() {
    for version in ENGINES {
        for (open, close) in [("SELECT '", "'"), ("/*", "*/ SELECT 1")] {
            for line in ["-- realign:up", "  --realign:down", "-- realign:nonsense"] {
                is_data(version, &format!("{open}a\n{line}\n{line}\nb{close};"));
                is_data(version, &format!("{open}a\r\n{line}\r\nb{close}"));
            }
        }
    }
    is_data("sqlite-3.45", "SELECT 1 AS [a\n-- realign:down\n]");
    is_data("sqlite-3.45", "SELECT 1 AS \"a\n-- realign:down\n\"");
    is_data("mysql-8.4", "SELECT 'a\\'\n-- realign:down\n'");
    is_data("mariadb-10.11", "SELECT 1 AS `a\n-- realign:down\n`");
    is_data("mariadb-10.11", "/*!50001 SELECT\n-- realign:down\n1 */;");
    is_data("postgresql-15", "/* /* */\n-- realign:down\n*/ SELECT 1;");
    is_data("postgresql-15", "SELECT E'\\'\n-- realign:down\n';");
    is_data(
        "postgresql-15",
        "DO $a$ BEGIN $$\n-- realign:down\n$$; END $a$;",
    );
}

#[test]
fn bodies_hold_any_line() {
    is_data(
        "sqlite-3.45",
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n-- realign:down\nSELECT CASE 1 WHEN 1 THEN 2 END;\n-- realign:skip-if\nEND;",
    );
    is_data(
        "postgresql-15",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC\n-- realign:down\nSELECT 1; END;",
    );
    for version in ["mysql-8.4", "mariadb-10.11"] {
        let body = "CREATE PROCEDURE p() BEGIN\n-- realign:down\nIF 1 THEN\n-- realign:up\nSELECT 1; END IF; END";
        is_data(version, &format!("{body};"));
        is_data(version, &format!("DELIMITER $$\n{body}$$\nDELIMITER ;"));
        // A delimiter of one's own ends with its section.
        is_data(version, &format!("DELIMITER $$\n{body}$$"));
    }
}

#[test]
fn rows_hold_any_line() {
    is_data(
        "postgresql-15",
        "COPY t FROM STDIN;\n-- realign:down\n-- realign:note \"x\"\n\\.\nSELECT 1;",
    );
    is_data(
        "postgresql-15",
        "COPY t FROM STDIN WITH (FORMAT csv);\r\n\"a\r\n-- realign:up\r\n\"\r\n\\.\r\nCOPY u FROM STDIN;\r\n\\.\r",
    );
}

#[test]
fn between_the_pieces_of_a_statement_they_count() {
    for version in ENGINES {
        let text = concat!(
            "CREATE TABLE a (\n",
            "-- realign:note \"it's done\"\n",
            "id INT)\n",
            "--realign:down\n",
            "DROP TABLE a"
        );
        let (file, problems) = read(version, text);
        assert_eq!(problems, [], "{version}");
        let up = file.section(Phase::Up).expect("up");
        assert_eq!(up.checks.len(), 1);
        let words: Vec<&str> = up.text.split_whitespace().collect();
        assert_eq!(words.join(" "), "CREATE TABLE a ( id INT)");
        let down = file.section(Phase::Down).expect("down");
        assert_eq!(down.text, "DROP TABLE a");
        // A directive behind a statement on its line never was one.
        let up = section(version, "SELECT 1; -- realign:down\n", Phase::Up);
        assert_eq!(up.as_deref(), Some("SELECT 1; -- realign:down\n"));
    }
}

#[test]
fn what_is_never_closed_is_told_where_it_takes_in_a_directive() {
    let told = |version: &str, text: &str| -> Vec<(u32, String)> {
        let (_, problems) = read(version, text);
        problems
            .into_iter()
            .map(|problem| match problem.origin {
                Origin::File { line, .. } => (line, problem.message),
                Origin::None | Origin::Server => (0, problem.message),
            })
            .collect()
    };
    for (version, open) in [
        ("postgresql-15", "COPY t FROM STDIN;\n1"),
        ("postgresql-15", "SELECT 1, $a$\n$$"),
        ("mariadb-10.11", "SELECT 1;\nCREATE PROCEDURE p() BEGIN"),
        ("mysql-8.4", "SELECT 1\n, 'it's',"),
        ("sqlite-3.45", "SELECT 1\nAS [a"),
        ("sqlite-3.45", "CREATE TRIGGER t AFTER INSERT ON a\nBEGIN"),
        ("postgresql-15", "SELECT 1\n/* /* */"),
    ] {
        let text = format!("{open}\n-- realign:down\nSELECT 2;\n-- realign:upp\n");
        let found = told(version, &text);
        let [(3, message)] = found.as_slice() else {
            panic!("{version} {open}: {found:?}");
        };
        assert!(message.ends_with("and is never closed"), "{message}");
    }
    let found = told("sqlite-3.45", "SELECT 1;\nSELECT 'a\n\n-- realign:up\n");
    assert_eq!(
        found,
        [(
            4,
            "this line is in what begins in line 2 and is never closed".to_owned()
        )]
    );
}

#[test]
fn a_comment_that_was_meant_to_be_one_is_told() {
    let comments = [
        "-- realign down",
        "-- Realign:Down",
        "--- realign:down",
        "-- realign : down",
        "/* realign:down */",
        "-- migrate:down",
        "  -- migrate:up transaction:false\r",
        "-- +goose Down",
        "-- +migrate Up",
        "-- @down",
        "-- rambler down",
        "-- Down",
        "-- Down Migration",
        "--- DOWN ---",
        "# === rollback ===",
        "-- sql:down",
        "-- relign:down",
        "SELECT 1; -- realign:down",
        "SELECT 1;--realign:post-up",
    ];
    for version in ENGINES {
        for comment in comments {
            let text = format!("CREATE TABLE a (id INT);\n{comment}\nDROP TABLE a;\n");
            let (_, problems) = read(version, &text);
            assert_eq!(problems.len(), 1, "{version}: {comment}");
            // In a text it is what it stands in.
            is_data(version, &format!("SELECT 'a\n{comment}\n'"));
        }
        for data in [
            "-- down\nSELECT 1;\n",
            "SELECT 'a; -- realign:down\n\nb';\nSELECT 2;\n",
        ] {
            assert_eq!(read(version, data).1, [], "{version}: {data}");
        }
        for comment in [
            "-- Realign makes this one",
            "-- realign down to three columns",
            "-- migrate: see the notes",
            "-- migrate the rows up",
            "-- down",
            "-- @internal",
            "-- down to three columns",
            "SELECT '; -- realign:down';",
            "SELECT 1; -- realign:down is what follows",
            // What has a way back may be headed in any words.
            "SELECT 1;\n-- rollback",
        ] {
            is_data(version, &format!("{comment}\nSELECT 1;"));
        }
    }
}
