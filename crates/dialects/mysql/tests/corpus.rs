//! Mappings of real applications: the statements that Doctrine itself was recorded to make.

use std::fs;
use std::path::{Path, PathBuf};

use realign_mysql::MYSQL;
use realign_planner::{Dialect, Facts};
use realign_sources::{DoctrineOptions, SourceFile, load_doctrine_xml};

fn facts(server: &str) -> Facts {
    let mut facts = MYSQL.offline_facts(server).expect("names this engine");
    facts.doctrine = "orm-2.14/dbal-3.6".parse().expect("a profile");
    facts
}

/// Folders below a folder that hold mappings, in order.
fn releases(folder: &Path) -> Vec<PathBuf> {
    let mut releases: Vec<_> = fs::read_dir(folder)
        .expect("the corpus can be read")
        .map(|entry| entry.expect("the corpus can be read").path())
        .filter(|path| path.join("mappings").is_dir())
        .collect();
    releases.sort();
    releases
}

fn mapping_files(folder: &Path) -> Vec<SourceFile> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the corpus can be read")
        .map(|entry| entry.expect("the corpus can be read").path())
        .map(|path| SourceFile {
            text: fs::read_to_string(&path).expect("a mapping is text"),
            path: path.display().to_string(),
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// The statements that are only on one side, marked with the side.
fn differences(ours: &[String], recorded: &[String]) -> Vec<String> {
    let only = |these: &[String], those: &[String], mark: &str| {
        let mut rest = those.to_vec();
        these
            .iter()
            .filter(
                |statement| match rest.iter().position(|r| r == *statement) {
                    Some(at) => {
                        rest.swap_remove(at);
                        false
                    }
                    None => true,
                },
            )
            .map(|statement| format!("{mark} {statement}"))
            .collect::<Vec<_>>()
    };
    let mut all = only(ours, recorded, "ours:    ");
    all.extend(only(recorded, ours, "recorded:"));
    all
}

/// Number of recordings that were compared.
fn compare(application: &str, platforms: &[(&str, &str)]) -> usize {
    let Some(corpus) = realign_testkit::corpus() else {
        return 0;
    };
    let mut compared = 0;
    for release in releases(&corpus.join(application)) {
        let files = mapping_files(&release.join("mappings"));
        for (platform, server) in platforms {
            let recording = release.join("expected").join(platform).join("create.sql");
            let Ok(recorded) = fs::read_to_string(&recording) else {
                continue;
            };
            let recorded: Vec<String> = recorded
                .lines()
                .map(|line| line.trim_end_matches(';').to_owned())
                .filter(|line| !line.is_empty())
                .collect();
            let facts = facts(server);
            let mapping = load_doctrine_xml(
                &files,
                &DoctrineOptions::default(),
                MYSQL.doctrine(),
                &facts,
            );
            assert!(!mapping.has_errors(), "{:#?}", mapping.diagnostics);
            let ours: Vec<String> = MYSQL
                .create(&mapping.database, &facts)
                .into_iter()
                .flat_map(|step| step.statements)
                .map(|statement| statement.sql)
                .collect();
            let differences = differences(&ours, &recorded);
            assert!(
                differences.is_empty(),
                "{}: {} differences\n{}",
                recording.display(),
                differences.len(),
                differences[..differences.len().min(6)].join("\n")
            );
            compared += 1;
        }
    }
    compared
}

#[test]
fn ixp_manager_is_created_as_recorded() {
    let compared = compare(
        "ixp-manager",
        &[
            ("mariadb", "mariadb-10.11"),
            ("mysql57", "mysql-5.7.40"),
            ("mysql80", "mysql-8.0.31"),
        ],
    );
    println!("{compared} recordings compared");
}

#[test]
fn mautic_is_created_as_recorded() {
    let compared = compare(
        "mautic",
        &[("mariadb", "mariadb-10.11"), ("mysql80", "mysql-8.0.31")],
    );
    println!("{compared} recordings compared");
}
