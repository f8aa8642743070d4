//! `upgrade plan`: the whole way, and not one byte written.

use crate::app::App;

#[test]
fn the_way_its_steps_and_the_sql_of_each_release() {
    let app = App::new("");
    let before = app.files();
    let plan = app.run("upgrade plan").ended(0);
    assert!(
        plan.out
            .starts_with("v1.0.0 -> v1.1.0 -> v1.2.0   2 releases, recipe generic"),
        "{}",
        plan.out
    );
    for text in [
        "v1.0.0 is checked out in git",
        "left out, as they are no final releases: v1.2.1-rc1",
        "never used, as their names are those of options: `--upload-pack=x`",
        "checkout v1.1.0",
        "schema update: ",
        "CREATE TABLE",
        "Next: realign upgrade run --to v1.2.0",
    ] {
        assert!(plan.out.contains(text), "no `{text}` in\n{}", plan.out);
    }
    let sql = app.run("upgrade plan --dump-sql").ended(0).out;
    let (first, second) = sql.split_once("-- v1.2.0\n").expect("both releases");
    assert!(first.starts_with("-- v1.1.0\n") && first.contains("CREATE TABLE tag"));
    assert!(!second.contains("CREATE TABLE tag ") && second.contains("CREATE TABLE"));
    let json = app.run("upgrade plan --format json").ended(0).out;
    let document: serde_json::Value = serde_json::from_str(&json).expect("one document");
    assert_eq!(document["from"], "v1.0.0");
    assert_eq!(document["releases"][1]["release"], "v1.2.0");
    assert!(document["releases"][0]["statements"][0].is_string());
    assert_eq!(app.files(), before, "a plan writes nothing");
}

#[test]
fn the_sql_of_the_plan_is_what_brings_the_database_there() {
    let app = App::new("");
    let sql = app.run("upgrade plan --dump-sql").ended(0).out;
    app.sql(&sql);
    app.git(&["checkout", "-q", "v1.2.0"]);
    app.run("schema validate").ended(0);
}

#[test]
fn where_it_can_not_go() {
    let app = App::new("");
    app.run("upgrade plan --to v9.9.9")
        .ended(64)
        .says("there is no release `v9.9.9` among the tags");
    app.run("upgrade plan --to v2.0.0")
        .ended(64)
        .says("another major release")
        .says("--allow-major");
    let plan = app.run("upgrade plan --to v2.0.0 --allow-major").ended(0);
    assert!(
        plan.out.starts_with("v1.0.0 -> v1.1.0 -> v1.2.0 -> v2.0.0"),
        "{}",
        plan.out
    );
    app.run("upgrade plan --to=--upload-pack=x")
        .ended(64)
        .says("there is no release `--upload-pack=x`");
    app.git(&["checkout", "-q", "v1.2.0"]);
    app.run("upgrade plan")
        .ended(0)
        .says("there is no newer release");
    app.run("upgrade plan --to v1.0.0")
        .ended(64)
        .says("is older than");
}

#[test]
fn what_stands_in_the_way_is_told_at_once() {
    let app = App::new("services = [\"x\"]\n");
    app.write("app/VERSION", "mine");
    app.write("app/only-v1.1.0.txt", "mine as well");
    app.sql("UPDATE customer SET shortname = 'same'");
    let before = app.files();
    app.run("upgrade plan")
        .ended(1)
        .says("1 file of the checkout is changed by hand\n  VERSION")
        .says("1 file that a release brings lies there already")
        .says("only-v1.1.0.txt")
        .says("things in the way; nothing was changed");
    assert_eq!(app.files(), before);
}

#[test]
fn a_cache_that_makes_no_sense_is_told_before_anything() {
    let app = App::new("cache = [\"memcached:nonsense\"]\n");
    app.run("upgrade plan")
        .ended(64)
        .says("the address of a memcached makes no sense");
}

#[test]
fn a_journal_inside_of_the_tree_is_refused() {
    let app = App::new("");
    let text = std::fs::read_to_string(app.path("realign.toml")).expect("written");
    app.write("realign.toml", &text.replace("\"state\"", "\"app/state\""));
    app.run("upgrade plan")
        .ended(1)
        .says("inside of the tree that git changes");
}

#[test]
fn a_source_at_a_revision_is_compared_like_any_other() {
    let app = App::new("");
    app.run("schema diff git:v1.0.0#doctrine-xml:app/mapping doctrine-xml:app/mapping --exit-code --server-version sqlite-3.40")
        .ended(0);
    app.run("schema diff git:v1.0.0#doctrine-xml:app/mapping git:v1.1.0#doctrine-xml:app/mapping --exit-code --server-version sqlite-3.40")
        .ended(1)
        .says("tag");
    app.run(
        "schema inspect git:--upload-pack=x#doctrine-xml:app/mapping --server-version sqlite-3.40",
    )
    .ended(64)
    .says("no name of a revision");
    app.run("schema inspect git:v9#doctrine-xml:app/mapping --server-version sqlite-3.40")
        .ended(64)
        .says("there is no revision `v9`");
}
