//! A password is seen nowhere: no output, no file, no list of processes.

use std::fmt::Write as _;

use crate::program::Folder;
use crate::servers::{Place, on_mariadb, on_mysql, on_postgres};

/// Everything that has a meaning in a URL, in SQL, in JSON or in a shell. In whatever way it is
/// escaped, or cut, the word between its signs would be left.
const PASSWORD: &str = "Sesam@Sesam/Sesam%Sesam:Sesam'Sesam\"Sesam`Sesam\\Sesam?Sesam#Sesam&Sesam+Sesam $Sesam=Sesam\u{fc}";
const WORD: &str = "Sesam";

/// With every sign as a percent code.
fn coded(text: &str) -> String {
    let mut coded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            coded.push(char::from(byte));
        } else {
            let _ = write!(coded, "%{byte:02x}");
        }
    }
    coded
}

/// How a password is given, and the files in which it stands then.
struct Way {
    folder: Folder,
    options: Vec<String>,
    own: &'static [&'static str],
    /// The person put it into the environment or the command line.
    is_open: bool,
}

fn ways(place: &Place, password: &str) -> Vec<(&'static str, Way)> {
    let host = "127.0.0.1";
    let bare = place.url("", host, "");
    let whole = place.url(&coded(password), host, "");
    let text = format!("{password:?}").replace("\\'", "'");
    let with = |lines: &str, own: &'static [&'static str]| Way {
        folder: Folder::new(lines),
        options: Vec::new(),
        own,
        is_open: false,
    };
    let file = &["realign.toml"][..];
    let line = |key: &str| format!("url = \"{bare}\"\n{key}");
    let mut variable = with("", &[]);
    variable.folder.variable("REALIGN_DATABASE_URL", &whole);
    let mut option = with("", &[]);
    option.options = vec!["--database-url".to_owned(), whole.clone()];
    let mut named = with(&line("password = \"${SECRET}\""), &[]);
    named.folder.variable("SECRET", password);
    let piece = place.url("${SECRET}", host, "");
    let mut inside = with(&format!("url = \"{piece}\""), &[]);
    inside.folder.variable("SECRET", password);
    for way in [&mut variable, &mut option, &mut named, &mut inside] {
        way.is_open = true;
    }
    let kept = with(&line("password_file = \"secret\""), &["secret"]);
    let asked = r#"password_command = ["sh", "-c", "sleep 0.1; cat secret"]"#;
    let asked = with(&line(asked), &["secret"]);
    for way in [&kept, &asked] {
        way.folder
            .write("secret", &format!("{password}\nsecond line\n"));
    }
    vec![
        ("the URL in the environment", variable),
        ("the URL as an option", option),
        (
            "the URL in the file",
            with(&format!("url = \"{whole}\""), file),
        ),
        (
            "a key of the file",
            with(&line(&format!("password = {text}")), file),
        ),
        ("a variable", named),
        ("a variable in the URL", inside),
        ("a file", kept),
        ("a command", asked),
    ]
}

impl Way {
    /// Runs a command; nothing that it says, shows or leaves has the password.
    #[track_caller]
    fn runs(&self, command: &[&str], code: i32) {
        let options = self.options.iter().map(String::as_str);
        let words: Vec<&str> = options.chain(command.iter().copied()).collect();
        let (run, seen) = self.folder.watched(&words);
        let run = run.exits(code).hides(WORD);
        assert!(
            self.is_open || !seen.contains(WORD),
            "{}\n{seen}",
            run.told()
        );
        let left = self.folder.files_but(self.own);
        assert!(!left.contains(WORD), "a file has it after {}", run.told());
    }
}

fn is_seen_nowhere(place: &Place) {
    for (name, way) in ways(place, PASSWORD) {
        println!("{} by {name}", place.engine);
        way.runs(&["schema", "validate"], 2);
        way.runs(&["-vv", "schema", "validate"], 2);
        way.runs(&["--format", "json", "schema", "validate"], 2);
        way.runs(&["-v", "doctor"], 0);
        way.runs(&["--format", "json", "doctor"], 0);
        way.runs(&["schema", "inspect", "--format", "json"], 0);
        let kept = ["--write-plan", "plan.json", "--write-sql", "plan.sql"];
        way.runs(&[&["schema", "update"][..], &kept].concat(), 0);
        assert!(way.folder.files_but(&[]).contains("CREATE TABLE"));
        way.runs(&["-v", "schema", "apply", "plan.json"], 0);
        way.runs(&["schema", "validate"], 0);
        way.runs(&["schema", "drop", "--force", "--allow", "destructive"], 0);
    }
}

/// Errors of the driver and of the server are shown to the person; with another password than
/// the account's, by each way.
fn is_in_no_refusal(place: &Place) {
    let wrong = format!("{PASSWORD}Sesam");
    for (name, way) in ways(place, &wrong) {
        println!("{} by {name}, refused", place.engine);
        way.runs(&["schema", "validate"], 69);
        way.runs(&["-vv", "--format", "json", "schema", "validate"], 69);
        way.runs(&["-vv", "doctor"], 1);
        let kept = ["schema", "update", "--write-plan", "plan.json"];
        way.runs(&kept, 69);
    }
}

/// A person who forgot the percent codes gets an error that has no piece of it.
fn is_in_no_broken_address(place: &Place) {
    for password in [
        PASSWORD,
        "Sesam@Sesam",
        "12/Sesam@Sesam",
        "12?Sesam",
        "Sesam#1",
        "%zzSesam",
    ] {
        let mut folder = Folder::new("");
        let url = place.url(password, "127.0.0.1", "?timeout=1");
        folder.variable("REALIGN_DATABASE_URL", &url);
        for command in [&["schema", "validate"][..], &["-v", "doctor"]] {
            let run = folder.run(command).hides(WORD);
            assert!(!run.told().contains("exit 0"), "{}", run.told());
        }
        // The same as a source of a comparison.
        for format in ["text", "json"] {
            let diff = [
                "--format",
                format,
                "schema",
                "diff",
                &url,
                "doctrine-xml:mapping",
            ];
            folder.run(&diff).hides(WORD);
        }
    }
}

/// The address of a source is shown without it as well.
fn is_in_no_source(place: &Place) {
    let mut folder = Folder::new("");
    let url = place.url(&coded(PASSWORD), "127.0.0.1", "");
    folder.variable("DATABASE_URL", &url);
    for command in [
        &["schema", "diff", &url, "doctrine-xml:mapping"][..],
        &[
            "--format",
            "json",
            "schema",
            "diff",
            "doctrine-xml:mapping",
            &url,
        ],
        &["--format", "json", "schema", "inspect", &url],
        &["--schema", &url, "doctor"],
        &["--schema", &url, "-v", "schema", "validate"],
    ] {
        folder.run(command).exits(0).hides(WORD);
    }
    // With a slash less it is no URL, and still has a password.
    let broken = url.replace("://", ":/");
    for command in [
        &["schema", "diff", &broken, "doctrine-xml:mapping"][..],
        &["--schema", &broken, "schema", "validate"],
        &["--schema", &broken, "doctor"],
        &["--database-url", &broken, "schema", "validate"],
    ] {
        folder.run(command).hides(WORD);
    }
}

fn all(place: &Place) {
    is_in_no_source(place);
    is_seen_nowhere(place);
    is_in_no_refusal(place);
    is_in_no_broken_address(place);
}

#[test]
fn a_password_on_mariadb_is_seen_nowhere() {
    all(&on_mariadb(PASSWORD));
}

#[test]
fn a_password_on_mysql_is_seen_nowhere() {
    if let Some(place) = on_mysql(PASSWORD) {
        all(&place);
    }
}

#[test]
fn a_password_on_postgres_is_seen_nowhere() {
    all(&on_postgres(PASSWORD));
}

/// The check itself can fail: what a person typed openly is seen.
#[test]
fn a_password_in_the_environment_would_be_found() {
    let place = on_mariadb(PASSWORD);
    let ways = ways(&place, PASSWORD);
    let (_, way) = ways.first().expect("there are ways");
    let (_, seen) = way.folder.watched(&["schema", "validate"]);
    assert!(seen.contains(WORD));
}
