use super::*;

fn read(text: &str, env: Option<&str>) -> Result<Config, Error> {
    Config::parse(text.to_owned(), Path::new("realign.toml"), env)
}

#[test]
fn the_contracts_example() {
    let config = read(
        r#"
[database]
url = "mysql://ixp:${DB_PASSWORD}@localhost/ixp"
[schema]
sources = ["doctrine-xml:database/xml", "sql:tools/sql/views.sql"]
doctrine = "2"
naming = "doctrine-default"
table_prefix = ""
ignore = ["tmp_*"]
[migrations]
dir = "migrations"
table = "realign_migrations"
transaction = "per-migration"
[upgrade]
app = "ixp-manager"
root = "."
versions = "git-tags"
path = "each-minor"
user = "www-data"
steps = "upgrade/"
cache = ["memcached://127.0.0.1:11211", "redis://127.0.0.1/0?prefix=ixp:"]
"#,
        None,
    )
    .expect("valid");
    let url = config.document.database.url.as_ref().expect("a url");
    assert_eq!(config.place(url), "realign.toml:3");
    assert_eq!(config.document.upgrade.app.as_deref(), Some("ixp-manager"));
}

#[test]
fn an_unknown_key_names_the_nearest_and_the_line() {
    let error = read("[schema]\nsorces = []\n", None).expect_err("unknown");
    assert_eq!(error.message, "unknown key `sorces`");
    assert_eq!(error.notes, ["at realign.toml:2:1"]);
    assert_eq!(error.help.as_deref(), Some("did you mean `sources`?"));
    let error = read("[databse]\nurl = 'x'\n", None).expect_err("unknown");
    assert_eq!(error.help.as_deref(), Some("did you mean `database`?"));
    let error = read("[env.test.schema]\nzzz = 1\n", None).expect_err("unknown");
    assert!(
        error
            .help
            .expect("help")
            .starts_with("keys that go here: sources")
    );
}

#[test]
fn a_broken_file_never_shows_its_line() {
    let error = read("[database]\nurl = \"mysql://u:geheim@h/d\n", None).expect_err("broken");
    assert!(
        error.message.starts_with("realign.toml:2:"),
        "{}",
        error.message
    );
    assert!(!format!("{error:?}").contains("geheim"));
    let error = read(
        "[database]\nsslmode = true\npassword = [\"geheim\"]\n",
        None,
    )
    .expect_err("types");
    assert!(!format!("{error:?}").contains("geheim"));
}

#[test]
fn what_belongs_somewhere_is_said_without_what_stands_there() {
    for (text, told) in [
        ("[database]\npassword = 4711\n", "2:12: a text in quotes"),
        ("[schema]\nsources = \"4711\"\n", "2:11: a list in [ ]"),
        ("[lock]\nwait = -4711\n", "2:8: a whole number from 0 on"),
        ("[env]\nx = 4711\n", "2:5: a table"),
        (
            "[database]\nenv_file = 4711\n",
            "2:12: a text in quotes, or a list of them,",
        ),
    ] {
        let error = read(text, None).expect_err(text).message;
        assert_eq!(error, format!("realign.toml:{told} belongs here"));
    }
}

#[test]
fn overrides() {
    let text = "[database]\nurl='sqlite:a'\npassword_file='p'\n[schema]\nnaming='laravel'\n\
                [env.test.database]\nurl='sqlite:b'\n";
    let config = read(text, Some("test")).expect("valid");
    let database = &config.document.database;
    assert_eq!(
        database.url.as_ref().map(|u| u.get_ref().as_str()),
        Some("sqlite:b")
    );
    assert!(database.password_file.is_none());
    assert_eq!(config.document.schema.naming, Some(Naming::Laravel));
    let error = read(text, Some("tset")).expect_err("no such env");
    assert_eq!(error.help.as_deref(), Some("did you mean `test`?"));
}

#[test]
fn the_published_schema_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/realign.schema.json");
    let fresh = json_schema();
    if std::env::var_os("REALIGN_BLESS").is_some() {
        std::fs::write(&path, &fresh).expect("docs/ can be written");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == fresh,
        "docs/realign.schema.json is stale; `REALIGN_BLESS=1 cargo test -p realign-cli` writes it"
    );
}
