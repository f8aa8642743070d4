//! Rows for real applications' tables.

use realign_testkit::{Live, Shape, corpus, fill, fill_densely, mariadb, rows, sqlite_file};

/// Every table of the recorded schemas takes rows, and two databases of one script are the same.
fn takes_rows<D: Live>(new: impl Fn() -> D, platform: &str) {
    let Some(corpus) = corpus() else { return };
    for release in [
        "ixp-manager/v4.4.8",
        "ixp-manager/v4.9.3",
        "mautic/5.0.4",
        "mautic/5.1.1",
    ] {
        let folder = corpus.join(release).join("expected").join(platform);
        let portable = folder.join("create-portable.sql");
        let file = if portable.exists() {
            portable
        } else {
            folder.join("create.sql")
        };
        let script = std::fs::read_to_string(&file).expect("a recording");
        let refused = std::fs::read_to_string(folder.join("create.errors.txt")).unwrap_or_default();
        let script: String = script
            .lines()
            .filter(|line| !refused.contains(line))
            .flat_map(|line| [line, "\n"])
            .collect::<String>()
            .replace("\\n", "\n");
        let (one, two) = (new(), new());
        one.client(&script);
        two.client(&script);
        fill(&one, 3);
        fill_densely(&two, 4);
        let (sparse, dense) = (rows(&one), rows(&two));
        assert!(sparse.len() > 40, "{release}: {} tables", sparse.len());
        assert!(
            sparse.values().all(|table| table.values.len() == 3),
            "{release}"
        );
        assert!(
            dense.values().all(|table| table.values.len() == 4),
            "{release}"
        );
        assert_eq!(
            Shape::of(&one).differences(&Shape::of(&two)),
            "",
            "{release}"
        );
    }
}

#[test]
fn mariadb_tables_take_rows() {
    takes_rows(|| mariadb().database(), "mariadb");
}

#[test]
fn sqlite_tables_take_rows() {
    takes_rows(sqlite_file, "sqlite");
}
