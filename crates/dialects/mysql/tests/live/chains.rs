//! Chains of migrations, carried out without a server, against the database they were run on.

use std::fs;
use std::path::{Path, PathBuf};

use realign_model::Database;
use realign_testkit::{Live as _, mariadb};

use crate::interpret::{differences, read};
use crate::shop::Shop;

/// The files of a folder whose numbers are above a number, in order.
fn newer(folder: &Path, above: u64) -> Vec<PathBuf> {
    let mut files: Vec<(u64, PathBuf)> = fs::read_dir(folder)
        .expect("the corpus can be read")
        .map(|entry| entry.expect("the corpus can be read").path())
        .filter_map(|path| {
            let digits: String = path
                .file_stem()?
                .to_str()?
                .chars()
                .filter(char::is_ascii_digit)
                .collect();
            Some((digits.parse().ok()?, path))
        })
        .filter(|(number, _)| *number > above)
        .collect();
    files.sort();
    files.into_iter().map(|(_, path)| path).collect()
}

/// Runs a release and then its upgrades, by the server's client and by our reading: both end in
/// the same. From the release as a server shows it, too.
fn ends_in_the_same(release: &Path, upgrades: &[PathBuf]) {
    let text = |path: &Path| fs::read_to_string(path).expect("a script is text");
    let shop = Shop::on(mariadb(), &text(release));
    let old = shop.inspect();
    let mut of_file = read("old.sql", &text(release), Database::default(), &old.facts).database;
    let mut of_server = old.database;
    let mut wrong = Vec::new();
    for path in upgrades {
        let script = text(path);
        // What such a script does to rows is no matter here, and some speak of rows that a new
        // installation has not.
        shop.database
            .try_client(&script)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for onto in [&mut of_file, &mut of_server] {
            let read = read("up.sql", &script, std::mem::take(onto), &old.facts);
            assert_eq!(read.skipped_bytes, 0, "{}", path.display());
            for problem in &read.diagnostics {
                wrong.push(format!("{}: {}", path.display(), problem.message));
            }
            *onto = read.database;
        }
    }
    let new = shop.inspect();
    for (way, model) in [("file", &of_file), ("server", &of_server)] {
        for line in differences(&new.database, model, &new.facts) {
            wrong.push(format!("onto {way}: {line}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n{}",
        release.display(),
        wrong.join("\n")
    );
}

#[test]
fn roundcube_from_its_first_release() {
    let Some(corpus) = realign_testkit::corpus() else {
        return;
    };
    let folder = corpus.join("schemas/roundcube");
    ends_in_the_same(
        &folder.join("releases/v0.9.5/mysql.initial.sql"),
        &newer(&folder.join("SQL/mysql"), 2_013_011_700),
    );
}

#[test]
fn icinga_director_from_version_149() {
    let Some(corpus) = realign_testkit::corpus() else {
        return;
    };
    let folder = corpus.join("schemas/icinga-director");
    ends_in_the_same(
        &folder.join("releases/v1.5.0/mysql.sql"),
        &newer(&folder.join("schema/mysql-migrations"), 149),
    );
}

#[test]
fn icingadb_from_release_to_release() {
    let Some(corpus) = realign_testkit::corpus() else {
        return;
    };
    let folder = corpus.join("schemas/icingadb");
    let upgrades = |after: &str| {
        let number = |text: &str| -> Vec<u32> {
            text.split('.')
                .filter_map(|part| part.parse().ok())
                .collect()
        };
        let mut found: Vec<(Vec<u32>, PathBuf)> =
            fs::read_dir(folder.join("schema/mysql/upgrades"))
                .expect("the corpus can be read")
                .map(|entry| entry.expect("the corpus can be read").path())
                .filter_map(|path| Some((number(path.file_stem()?.to_str()?), path)))
                .filter(|(version, _)| *version > number(after))
                .collect();
        found.sort();
        found.into_iter().map(|(_, path)| path).collect::<Vec<_>>()
    };
    for release in ["1.0.0", "1.2.0"] {
        ends_in_the_same(
            &folder.join(format!("releases/v{release}/mysql.sql")),
            &upgrades(release),
        );
    }
}
