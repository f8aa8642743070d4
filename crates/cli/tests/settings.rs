//! The command line as a whole: help, exit codes, and that secrets stay secret.

mod session;

use session::Session;

#[test]
fn help_fits_a_page() {
    let app = Session::new();
    for line in ["-h", "schema -h", "schema update -h", "init -h"] {
        let help = app.run(line).ended(0);
        assert!(help.out.lines().count() <= 50, "{}", help.shown());
        assert!(
            help.out.lines().all(|line| line.chars().count() <= 100),
            "{}",
            help.shown()
        );
    }
    insta::assert_snapshot!(app.run("-h").shown());
    let long = app.run("schema validate --help").ended(0).out;
    for option in [
        "--schema",
        "--doctrine",
        "--naming",
        "--table-prefix",
        "--ignore",
        "--charset",
        "--collation",
        "--index-names",
        "--server-version",
        "--migrations-dir",
        "--migrations-table",
        "--config",
        "--env",
        "--database-url",
        "--format",
        "--no-interaction",
        "--quiet",
        "--verbose",
        "--color",
    ] {
        assert!(long.contains(option), "{option}");
    }
}

#[test]
fn what_makes_no_sense_exits_64_and_says_what_would() {
    let app = Session::new();
    let mut all = String::new();
    for line in [
        "shcema validate",
        "schema updat",
        "schema update --frce",
        "schema validate --naming camel",
        "schema validate --doctrine 7",
        "schema validate --config none.toml",
        "schema validate --env prod",
        "schema validate --database-url app.db --schema doctrine-xml:x",
        "generate",
        "migrations status --anything",
        "schema lint a b",
        "migrate -n",
    ] {
        all.push_str(&app.run(line).ended(64).shown());
    }
    insta::assert_snapshot!(all);
}

#[test]
fn with_json_every_failure_is_one_document() {
    let app = Session::new();
    app.write("text.db", "this is no database at all, and long enough");
    app.write("broken.toml", "[database]\nulr = \"sqlite:a.db\"\n");
    let nobody = "--database-url mysql://u:geheim@127.0.0.1:1/x";
    for (line, code) in [
        ("shcema validate --format json".to_owned(), 64),
        ("--format=json schema update --frce".to_owned(), 64),
        ("schema apply --format json".to_owned(), 64),
        ("schema lint a b --format json".to_owned(), 64),
        (
            "schema validate --config none.toml --format json".to_owned(),
            64,
        ),
        (
            "schema validate --config broken.toml --format json".to_owned(),
            64,
        ),
        ("init nowhere --format json".to_owned(), 64),
        ("demo --format json".to_owned(), 64),
        ("status --format json".to_owned(), 64),
        ("down --format json".to_owned(), 64),
        ("cache clear --format json".to_owned(), 64),
        (
            "status --format json --database-url sqlite:text.db".to_owned(),
            69,
        ),
        (
            "history --format json --database-url sqlite:none.db".to_owned(),
            69,
        ),
        (format!("unlock --format json {nobody}"), 69),
        (format!("backup create --format json {nobody}"), 69),
        (format!("schema inspect --format json {nobody}"), 69),
        (format!("migrate --format json {nobody}"), 69),
    ] {
        let answer = app.run(&line).ended(code);
        let document: serde_json::Value =
            serde_json::from_str(&answer.out).unwrap_or_else(|e| panic!("{e}: {}", answer.shown()));
        assert_eq!(document["exit_code"], code, "{}", answer.shown());
        let message = document["error"]["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty(), "{}", answer.shown());
        assert!(!message.contains("os error"), "{}", answer.shown());
        assert!(!answer.out.contains("geheim"), "{}", answer.shown());
    }
}

#[test]
fn version_and_completions() {
    let app = Session::new();
    assert!(app.run("--version").ended(0).out.starts_with("realign "));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(
            app.run(&format!("completions {shell}"))
                .ended(0)
                .out
                .contains("validate")
        );
    }
    app.run("man pages").ended(0);
    let page = app.read("pages/realign-schema-update.1");
    assert!(page.contains("dump\\-sql"), "{page}");
    let schema = app.run("config-schema").ended(0).out;
    assert!(serde_json::from_str::<serde_json::Value>(&schema).is_ok());
}

#[test]
fn the_published_description_of_a_plan_is_that_of_plans() {
    let app = Session::new();
    let text = app.run("plan-schema").ended(0).out;
    let published =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/plan.schema.json");
    assert_eq!(
        text,
        std::fs::read_to_string(published).unwrap_or_default(),
        "write it anew: realign plan-schema > docs/plan.schema.json"
    );
    let schema: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    app.write("m/V.dcm.xml", "<doctrine-mapping><entity name=\"V\" table=\"v\"><id name=\"id\" type=\"integer\"/></entity></doctrine-mapping>");
    app.write("app.db", "");
    app.run(
        "schema update --write-plan plan.json --schema doctrine-xml:m --database-url sqlite:app.db",
    )
    .ended(0);
    let plan: serde_json::Value = serde_json::from_str(&app.read("plan.json")).expect("JSON");
    let step = &plan["steps"][0];
    for (object, described) in [
        (&plan, &schema["properties"]),
        (step, &schema["$defs"]["Step"]["properties"]),
        (
            &step["statements"][0],
            &schema["$defs"]["Statement"]["properties"],
        ),
        (&plan["facts"], &schema["$defs"]["Facts"]["properties"]),
        (&plan["policy"], &schema["$defs"]["Policy"]["properties"]),
    ] {
        for key in object.as_object().expect("an object").keys() {
            assert!(described.get(key).is_some(), "{key} is not described");
        }
    }
}

#[test]
fn options_go_before_and_after_the_command() {
    let app = Session::new();
    app.write("m/V.dcm.xml", "<doctrine-mapping><entity name=\"V\" table=\"v\"><id name=\"id\" type=\"integer\"/></entity></doctrine-mapping>");
    let before = app
        .run("--schema doctrine-xml:m --server-version sqlite schema create --dump-sql")
        .ended(0);
    let after = app
        .run("schema create --dump-sql --schema doctrine-xml:m --server-version sqlite")
        .ended(0);
    assert!(before.out.contains("CREATE TABLE v"), "{}", before.shown());
    assert_eq!(before.out, after.out);
}

#[test]
fn a_mistake_in_the_configuration_names_its_line() {
    let app = Session::new();
    app.write(
        "realign.toml",
        "[database]\nurl = \"sqlite:app.db\"\n\n[schema]\nsorces = [\"doctrine-xml:m\"]\n",
    );
    let mut all = app.run("schema validate").ended(64).shown();
    app.write(
        "realign.toml",
        "[database]\nurl = \"mysql://u:${NO_SUCH_PASSWORD}@localhost/d\"\n",
    );
    all.push_str(
        &app.run("schema validate --schema doctrine-xml:m")
            .ended(64)
            .shown(),
    );
    app.write("realign.toml", "[schema]\nnaming = \"camel\"\n");
    all.push_str(&app.run("schema validate").ended(64).shown());
    insta::assert_snapshot!(all);
}

#[test]
fn a_configuration_is_found_from_below() {
    let app = Session::new();
    app.write(
        "realign.toml",
        "[database]\nurl = \"sqlite:app.db\"\n[schema]\nsorces = []\n",
    );
    std::fs::create_dir_all(app.path("a/b")).expect("made");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_realign"))
        .args(["schema", "validate"])
        .current_dir(app.path("a/b"))
        .output()
        .expect("realign runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.contains("../../realign.toml:4"), "{err}");
}

#[test]
fn a_password_is_in_no_output() {
    let mut app = Session::new();
    app.variable("APP_PASSWORD", "hunter2geheim");
    app.write("m/V.dcm.xml", "<doctrine-mapping><entity name=\"V\" table=\"v\"><id name=\"id\" type=\"integer\"/></entity></doctrine-mapping>");
    app.write("secret", "hunter2geheim\n");
    let files = [
        // Nobody listens on port 1.
        "[database]\nurl = \"mysql://u:${APP_PASSWORD}@127.0.0.1:1/d\"\n",
        "[database]\nurl = \"mysql://u@127.0.0.1:1/d\"\npassword_file = \"secret\"\n",
        "[database]\nurl = \"mysql://u@127.0.0.1:1/d\"\npassword_command = [\"cat\", \"secret\"]\n",
        "[database]\nurl = \"mysql://u:hunter2geheim@127.0.0.1:1/d\"\n",
        "[database]\nurl = \"mysql://u:hunter2geheim@127.0.0.1:x/d\"\n",
        "[database]\nurl = \"mysql://u:hunter2geheim/x@127.0.0.1/d\"\n",
        "[database]\nurl = \"mysqk://u:hunter2geheim@127.0.0.1/d\"\n",
        "[database]\nurl = \"mysql://u:hunter2geheim@127.0.0.1/d\nsslmode = 3\n",
        "[database]\npassword = [\"hunter2geheim\"]\n",
    ];
    for file in files {
        app.write(
            "realign.toml",
            &format!("{file}\n[schema]\nsources = [\"doctrine-xml:m\"]\n"),
        );
        for line in [
            "schema validate -vv",
            "schema validate --format json",
            "schema update -vv",
            "schema inspect --format json",
            "doctor -vv",
            "doctor --format json",
        ] {
            let answer = app.run(line);
            assert!(
                !answer.all().contains("geheim"),
                "{file}\n{}",
                answer.shown()
            );
            assert!(
                [1, 64, 69].contains(&answer.code),
                "{file}\n{}",
                answer.shown()
            );
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let app = Session::new();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_realign"))
        .args(["completions", "bash"])
        .current_dir(app.root())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("realign runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ended");
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn doctrines_own_command_lines_work() {
    let app = Session::new();
    app.write(
        "m/V.dcm.xml",
        "<doctrine-mapping><entity name=\"V\" table=\"v\"><id name=\"id\" type=\"integer\"/></entity></doctrine-mapping>",
    );
    app.write(
        "realign.toml",
        "[database]\nurl = \"sqlite:app.db\"\n[schema]\nsources = [\"doctrine-xml:m\"]\n",
    );
    app.run("doctrine:schema:create --force").ended(0);
    app.run("doctrine:schema:validate").ended(0);
    let nothing = app.run("doctrine:schema:update --sql").ended(0);
    assert!(!nothing.out.contains("CREATE"), "{}", nothing.shown());
    app.run("orm:schema-tool:update --force").ended(0);
    let none = app.run("doctrine:migrations:migrate -n").ended(1);
    assert!(
        none.out.contains("there are no registered migrations"),
        "{}",
        none.shown()
    );
}
