//! Rank, variables, passwords and paths.

use clap::Parser as _;

use realign::runtime::Secret;

use super::*;
use crate::args::Cli;

/// Settings from words, variables and a file in a folder of its own.
fn resolve(
    words: &[&str],
    variables: &[(&str, &str)],
    file: Option<&str>,
) -> (tempfile::TempDir, Result<Settings, Error>) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut all = vec!["realign".to_owned(), "doctor".to_owned()];
    if let Some(text) = file {
        let path = folder.path().join("realign.toml");
        std::fs::write(&path, text).expect("written");
        all.extend(["--config".to_owned(), path.display().to_string()]);
    }
    all.extend(words.iter().map(|word| (*word).to_owned()));
    let cli = Cli::parse_from(all);
    let environment = Environment {
        variables: variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        folder: folder.path().to_path_buf(),
    };
    let settings = Settings::resolve(&cli.options, &environment);
    (folder, settings)
}

fn target(words: &[&str], variables: &[(&str, &str)], file: Option<&str>) -> Target {
    let (_folder, settings) = resolve(words, variables, file);
    settings.expect("settings").target().expect("a target")
}

const FILE: &str = "[database]\nurl = \"mysql://file@h/d\"\n[schema]\nsources = [\"doctrine-xml:x\"]\n\
                    doctrine = \"2\"\nnaming = \"laravel\"\nignore = [\"a*\"]\n";

#[test]
fn an_option_outranks_the_environment_and_that_the_file() {
    let user = |words: &[&str], variables: &[(&str, &str)]| {
        target(words, variables, Some(FILE))
            .user
            .unwrap_or_default()
    };
    let (own, general) = (
        ("REALIGN_DATABASE_URL", "mysql://own@h/d"),
        ("DATABASE_URL", "mysql://general@h/d"),
    );
    assert_eq!(user(&[], &[]), "file");
    assert_eq!(user(&[], &[general]), "general");
    assert_eq!(user(&[], &[general, own]), "own");
    assert_eq!(
        user(&["--database-url", "mysql://typed@h/d"], &[general, own]),
        "typed"
    );
    assert_eq!(user(&[], &[("DATABASE_URL", "")]), "file");
}

#[test]
fn typed_keys_outrank_the_file() {
    let (_folder, settings) = resolve(&[], &[], Some(FILE));
    let settings = settings.expect("settings");
    assert_eq!(settings.sources[0].text, "doctrine-xml:x");
    assert!(settings.sources[0].place.ends_with("realign.toml:4"));
    assert_eq!(settings.profile.value.dbal, (2, 13));
    assert_eq!(settings.naming, Naming::Laravel);
    let words = [
        "--schema",
        "json:a",
        "--schema",
        "json:b",
        "--doctrine",
        "4",
        "--naming",
        "underscore",
        "--ignore",
        "b*",
    ];
    let (_folder, settings) = resolve(&words, &[], Some(FILE));
    let settings = settings.expect("settings");
    let texts: Vec<&str> = settings.sources.iter().map(|s| s.text.as_str()).collect();
    assert_eq!(texts, ["json:a", "json:b"]);
    assert_eq!(settings.profile.value.dbal, (4, 2));
    assert_eq!(settings.naming, Naming::Underscore);
    assert_eq!(settings.ignore, ["b*"]);
}

#[test]
fn a_variable_inside_a_url_is_a_piece_of_text() {
    let file = "[database]\nurl = \"mysql://u:${P}@h/d\"\n";
    let found = target(&[], &[("P", "a@b/c:d%#")], Some(file));
    assert_eq!(
        found.password.as_ref().map(Secret::expose),
        Some("a@b/c:d%#")
    );
    assert_eq!(found.host, "h");
    let whole = target(
        &[],
        &[("U", "mysql://u:p%40@h/d")],
        Some("[database]\nurl = \"${U}\"\n"),
    );
    assert_eq!(whole.password.as_ref().map(Secret::expose), Some("p@"));
}

#[test]
fn a_missing_variable_names_key_and_line_and_only_when_it_is_needed() {
    let file = "[database]\nurl = \"mysql://u:${NO_SUCH}@h/d\"\n";
    let (_folder, settings) = resolve(&[], &[], Some(file));
    let error = settings
        .expect("not needed yet")
        .target()
        .expect_err("missing");
    assert_eq!(
        error.message,
        "`database.url` needs the variable NO_SUCH, which is not set"
    );
    assert!(
        error.notes[0].ends_with("realign.toml:2"),
        "{:?}",
        error.notes
    );
    assert_eq!(error.kind, ErrorKind::Usage);
}

#[test]
fn ways_to_a_password() {
    let with = |line: &str| format!("[database]\nurl = \"mysql://u@h/d\"\n{line}\n");
    let (folder, settings) = resolve(&[], &[], Some(&with("password_file = \"secret\"")));
    std::fs::write(folder.path().join("secret"), "from file\nsecond line\n").expect("written");
    let found = settings.expect("settings").target().expect("a target");
    assert_eq!(
        found.password.as_ref().map(Secret::expose),
        Some("from file")
    );

    let found = target(
        &[],
        &[],
        Some(&with("password_command = [\"printf\", \"a b\"]")),
    );
    assert_eq!(found.password.as_ref().map(Secret::expose), Some("a b"));
    let (_folder, settings) = resolve(&[], &[], Some(&with("password_command = [\"false\"]")));
    let error = settings.expect("settings").target().expect_err("it failed");
    assert!(error.message.contains("`false` failed"), "{error}");

    let found = target(&[], &[("P", "x")], Some(&with("password = \"${P}\"")));
    assert_eq!(found.password.as_ref().map(Secret::expose), Some("x"));
}

#[test]
fn the_applications_own_env_file_is_behind_the_environment() {
    let file =
        "[database]\nurl = \"mysql://u:${P}@${H}/d\"\nenv_file = [\".env\", \".env.local\"]\n";
    let (folder, settings) = resolve(&[], &[("H", "real")], Some(file));
    std::fs::write(folder.path().join(".env"), "P=one\nH=dotenv\n").expect("written");
    std::fs::write(folder.path().join(".env.local"), "P=two\n").expect("written");
    let found = settings.expect("settings").target().expect("a target");
    assert_eq!(found.password.as_ref().map(Secret::expose), Some("two"));
    assert_eq!(found.host, "real");
    assert!(!format!("{found:?} {found}").contains("two"));
}

#[test]
fn paths_start_at_the_file() {
    let (folder, settings) = resolve(&[], &[], Some("[database]\nurl = \"sqlite:var/app.db\"\n"));
    let settings = settings.expect("settings");
    let file = folder.path().join("var/app.db");
    assert_eq!(
        settings.target().expect("a target").database,
        file.display().to_string()
    );
    let symfony = "[database]\nurl = \"sqlite:///%kernel.project_dir%/var/app.db\"\n";
    let (folder, settings) = resolve(&[], &[], Some(symfony));
    let root = folder.path().canonicalize().expect("a path");
    assert_eq!(
        settings
            .expect("settings")
            .target()
            .expect("a target")
            .database,
        root.join("var/app.db").display().to_string()
    );
}

#[test]
fn overrides_of_an_environment() {
    let file = format!("{FILE}[env.test.database]\nurl = \"sqlite:t.db\"\n");
    let (_folder, settings) = resolve(&["--env", "test"], &[], Some(&file));
    let settings = settings.expect("settings");
    assert_eq!(settings.target().expect("a target").scheme, "sqlite");
    assert_eq!(settings.naming, Naming::Laravel);
    let (_folder, settings) = resolve(&["--env", "test"], &[], None);
    assert!(
        settings
            .expect_err("no file")
            .message
            .contains("--env needs")
    );
}

#[test]
fn renames_say_what_they_rename() {
    let file = "[renames]\nold = \"new\"\n\"t.a\" = \"b\"\n\"t.c\" = \"t.d\"\n";
    let (_folder, settings) = resolve(&[], &[], Some(file));
    let renames = settings.expect("settings").renames;
    assert_eq!(renames.tables, [("old".to_owned(), "new".to_owned())]);
    assert_eq!(renames.columns.len(), 2);
    let (_folder, settings) = resolve(&[], &[], Some("[renames]\n\"t.a\" = \"u.b\"\n"));
    assert!(settings.expect_err("two tables").notes[0].ends_with("realign.toml:2"));
}
