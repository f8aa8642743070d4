//! One works, takes over and is fenced also behind a pooler and on the nodes of a cluster.

use std::time::Duration;

use realign_testkit::{Cluster, Pooler, postgres};
use rustix::process::Signal;

use crate::app::{App, MARIADB, POSTGRES, Way};
use crate::program::Running;
use crate::tally;

/// Runs twenty at once by these addresses in turn; one of them does the work.
fn twenty(app: &App, urls: &[String]) {
    let running: Vec<_> = (0..20)
        .map(|number| {
            let url = &urls[number % urls.len()];
            let wait = if number % 2 == 0 { 100 } else { 0 };
            app.program(&format!(
                "--database-url {url} migrate -n --allow-no-migration --lock-wait {wait}"
            ))
            .start()
        })
        .collect();
    let mut worked = 0;
    for (number, ended) in running.into_iter().map(Running::ended).enumerate() {
        match ended.code() {
            0 => worked += usize::from(ended.text.contains("4 migrations executed")),
            75 if number % 2 == 1 => {}
            code => panic!("exit {code}: {}", ended.text),
        }
    }
    assert_eq!(worked, 1, "one does the work");
}

/// Halts a run of the first address at places with these words; one of the second takes over.
fn halted(apps: &dyn Fn() -> App, urls: &dyn Fn(&App) -> [String; 2], words: &[&str]) {
    let undisturbed = apps();
    let file = undisturbed.path("places.txt");
    let url = &urls(&undisturbed)[0];
    let forward = format!("--database-url {url} migrate -n");
    undisturbed
        .program(&forward)
        .counting_into(&file)
        .run()
        .with(0);
    std::thread::sleep(SETTLES);
    let wanted = undisturbed.state();
    let passed = std::fs::read_to_string(&file).expect("the program writes its places down");
    // Each waits for a lease to run out.
    let tried = if tally::full() { words.len() } else { 1 };
    println!(
        "halted at {tried} of {} places between statements; a full run tries all",
        words.len()
    );
    for word in words.iter().rev().take(tried) {
        let at = passed.lines().position(|line| line.contains(word));
        let at = at.unwrap_or_else(|| panic!("no place `{word}` in\n{passed}")) + 1;
        let app = apps();
        app.leases(5);
        let [one, other] = urls(&app);
        let mut first = app
            .program(&format!("--database-url {one} migrate -n"))
            .halting_at(at)
            .start();
        assert!(first.halted(), "{}", first.said());
        let second = app.program(&format!("--database-url {other} migrate -n"));
        let second = second.run().with(0);
        assert!(
            second.text.contains("has been taken over"),
            "{}",
            second.text
        );
        std::thread::sleep(SETTLES);
        app.stands_as(&wanted, &|| format!("halted at {word}\n{}", app.outputs()));
        first.signal(Signal::CONT);
        let first = first.ended();
        assert_ne!(first.code(), 0, "{}", first.text);
        std::thread::sleep(SETTLES);
        app.stands_as(&wanted, &|| format!("went on from {word}: {}", first.text));
    }
}

/// How long another node of a cluster may take to show what one has committed.
const SETTLES: Duration = Duration::from_millis(500);

#[test]
fn behind_pgbouncer() {
    let pooler = Pooler::before(postgres());
    let apps = || {
        let database = postgres().database();
        App::new(POSTGRES.name, Box::new(database), Way::Migrate)
    };
    let url = |app: &App| {
        let name = app.database.url();
        let name = name.rsplit('/').next().expect("a URL names a database");
        pooler.url(name)
    };
    let app = apps();
    twenty(&app, &[url(&app)]);
    let through = |app: &App| [url(app), url(app)];
    let words = [
        "after UPDATE account",
        "before /* realign 1 */ CREATE INDEX CONCURRENTLY",
        "before COMMIT",
    ];
    halted(&apps, &through, &words);
    // The next client of the pool finds no setting of ours.
    let left = |setting: &str| pooler_says(&app, &url(&app), setting);
    assert_eq!(left("lock_timeout"), "0", "it stayed in a session");
    // Nor one of a migration's, once it has ended.
    app.write(
        "migrations/20260401000000_dump.sql",
        "SELECT pg_catalog.set_config('search_path', '', false);
         CREATE TABLE public.dumped (id INT);
         COPY public.dumped FROM stdin;\n1\n2\n\\.\n",
    );
    app.program(&format!("--database-url {} migrate -n", url(&app)))
        .run()
        .with(0);
    assert_eq!(left("search_path"), "\"$user\", public");
    assert_eq!(app.database.rows("SELECT COUNT(*) FROM dumped"), [["2"]]);
}

/// A setting that a client of the pool finds.
fn pooler_says(app: &App, url: &str, setting: &str) -> String {
    let output = std::process::Command::new("psql")
        .args([url, "-X", "-A", "-t", "-c"])
        .arg(format!("SHOW {setting}"))
        .current_dir(app.folder())
        .output()
        .expect("psql runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn on_a_cluster() {
    let cluster = Cluster::start();
    let nodes = cluster.nodes();
    let apps = || App::new(MARIADB.name, Box::new(nodes[0].database()), Way::Migrate);
    let urls = |app: &App| -> Vec<String> {
        let url = app.database.url();
        let name = url.rsplit('/').next().expect("a URL names a database");
        nodes.iter().map(|node| node.url(name)).collect()
    };
    let app = apps();
    twenty(&app, &urls(&app));
    let two = |app: &App| {
        let urls = urls(app);
        [urls[1].clone(), urls[2].clone()]
    };
    let words = [
        "after UPDATE account",
        "before ALTER TABLE person",
        "before COMMIT",
    ];
    halted(&apps, &two, &words);
    // A holder that was killed is taken over on another node once its lease has run out.
    let app = apps();
    app.leases(5);
    let [one, other] = two(&app);
    let mut first = app
        .program(&format!("--database-url {one} migrate -n"))
        .halting_at(30)
        .start();
    assert!(first.halted(), "{}", first.said());
    assert!(first.kill());
    app.program(&format!("--database-url {other} migrate -n"))
        .run()
        .with(0);
}
