//! How long `schema validate` takes when all is in sync, beside the queries that it sends.
//!
//! Run it with `cargo bench --bench validate`. "Raw" opens a session and fetches the very queries
//! that `validate` sends, through the same driver, and looks at none of the answers. Both run
//! in turn on the same machine; a number is the median of seven.

#![allow(clippy::print_stdout, reason = "a benchmark prints its numbers")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use realign::planner::Profile;
use realign::runtime::{Connection, Secret, Target, facts};
use realign_testkit::{Server, TestDatabase, mariadb, sqlite_file};
use tempfile::TempDir;

const TABLES: usize = 1000;
const ROUNDS: usize = 7;

fn main() {
    let many = mapping(TABLES);
    let one = mapping(1);
    println!("validate in sync, medians of {ROUNDS}, {TABLES} tables x 12 columns");

    let file = sqlite_file();
    let target = Target {
        scheme: "sqlite".to_owned(),
        database: file.path().display().to_string(),
        ..Target::default()
    };
    compare("SQLite", &file.url(), &target, many.path());

    let database = mariadb().database();
    compare(
        "MariaDB",
        &database.url(),
        &on_server(mariadb(), &database),
        many.path(),
    );

    let empty = sqlite_file();
    let times: Vec<Duration> = (0..ROUNDS)
        .map(|_| timed(&empty.url(), one.path(), 2))
        .collect();
    println!("SQLite, empty: validate {}", shown(median(times)));
    let size = fs::metadata(env!("CARGO_BIN_EXE_realign")).map_or(0, |binary| binary.len());
    println!("binary: {:.1} MB", to_mega(size));
}

#[allow(clippy::cast_precision_loss, reason = "a size to look at")]
fn to_mega(bytes: u64) -> f64 {
    bytes as f64 / 1_000_000.0
}

fn compare(engine: &str, url: &str, target: &Target, mapping: &Path) {
    let created = run(url, mapping, &["create", "--force"]);
    assert!(created.0 == Some(0), "{}", created.1);
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        raw.push(queries(target));
        ours.push(timed(url, mapping, 0));
    }
    let (ours, raw) = (median(ours), median(raw));
    let limit = Duration::from_millis(50) + raw * 3 / 2;
    let verdict = if ours <= limit { "within" } else { "OVER" };
    println!(
        "{engine}: validate {}, raw queries {}, {verdict} the limit of {} (50 ms + 1.5 x raw)",
        shown(ours),
        shown(raw),
        shown(limit)
    );
}

/// `realign schema validate` as a process of its own, from start to end.
fn timed(url: &str, mapping: &Path, code: i32) -> Duration {
    let begun = Instant::now();
    let (exit, told) = run(url, mapping, &["validate"]);
    let took = begun.elapsed();
    assert!(exit == Some(code), "{told}");
    took
}

fn run(url: &str, mapping: &Path, command: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_realign"))
        .args(["--database-url", url, "--schema"])
        .arg(format!("doctrine-xml:{}", mapping.display()))
        .arg("schema")
        .args(command)
        .output()
        .expect("the binary runs");
    let told = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&told).into_owned(),
    )
}

/// The queries of an inspection, fetched and dropped.
fn queries(target: &Target) -> Duration {
    let engine = realign::engine(target).expect("a known engine");
    let begun = Instant::now();
    let connect = engine.connect(target).expect("an address");
    let mut session = Connection::open(connect.as_ref()).expect("a session");
    let facts = facts(&mut session, engine.dialect, Profile::default()).expect("facts");
    for query in engine.dialect.catalog(&facts) {
        session.query(&query.sql).expect("a catalogue query");
    }
    begun.elapsed()
}

fn on_server(server: &Server, database: &TestDatabase) -> Target {
    let url = server.url(database.name());
    let account = url
        .split("//")
        .nth(1)
        .and_then(|rest| rest.split('@').next());
    let (user, password) = account
        .and_then(|text| text.split_once(':'))
        .unwrap_or_default();
    Target {
        scheme: "mariadb".to_owned(),
        host: "127.0.0.1".to_owned(),
        port: Some(server.port()),
        user: Some(user.to_owned()),
        password: Some(Secret::new(password)),
        database: database.name().to_owned(),
        ..Target::default()
    }
}

/// Mapping files of so many entities with twelve columns, one of them a reference.
fn mapping(entities: usize) -> TempDir {
    let folder = TempDir::new().expect("the temporary folder can be written");
    for n in 0..entities {
        let mut fields = String::new();
        let kinds = [
            "string", "integer", "text", "datetime", "boolean", "decimal", "date",
        ];
        for (place, kind) in kinds.iter().cycle().take(10).enumerate() {
            let options = match *kind {
                "string" => "length=\"80\" nullable=\"true\"",
                "decimal" => "precision=\"10\" scale=\"2\"",
                _ => "",
            };
            let _ = writeln!(
                fields,
                "<field name=\"f{place}\" type=\"{kind}\" {options}/>"
            );
        }
        let target = n / 2;
        let xml = format!(
            "<doctrine-mapping><entity name=\"App\\Thing{n}\" table=\"thing_{n}\">\n\
             <indexes><index name=\"idx_{n}\" columns=\"f1,f3\"/></indexes>\n\
             <id name=\"id\" type=\"integer\"><generator strategy=\"AUTO\"/></id>\n{fields}\
             <many-to-one field=\"other\" target-entity=\"App\\Thing{target}\"/>\n\
             </entity></doctrine-mapping>\n"
        );
        fs::write(folder.path().join(format!("App.Thing{n}.dcm.xml")), xml).expect("a new file");
    }
    folder
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn shown(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
