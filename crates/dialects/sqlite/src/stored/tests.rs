use super::*;

#[test]
fn a_table_with_everything() {
    let read = table(
        "CREATE TABLE \"a b\" -- about it\n( -- not a column's\n [id] INTEGER PRIMARY KEY AUTOINCREMENT, -- the key\n \
         x VARCHAR ( 5 ) CONSTRAINT n NOT NULL ON CONFLICT FAIL DEFAULT -1 COLLATE nocase CHECK (x <> ')') /* no */,\n \
         y UNSIGNED BIG INT AS (x || 'a') STORED UNIQUE REFERENCES p ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,\n \
         z DEFAULT abc, UNIQUE (x COLLATE RTRIM DESC, y) CHECK (1)) STRICT, WITHOUT ROWID",
    )
    .expect("reads");
    assert_eq!(read.comment.as_deref(), Some(" about it"));
    assert!(read.strict && read.without_rowid);
    let [id, x, y, z] = read.columns.as_slice() else {
        panic!("{:#?}", read.columns)
    };
    assert!(id.autoincrement);
    assert_eq!(id.comment.as_deref(), Some(" the key"));
    assert_eq!(x.type_text, "VARCHAR(5)");
    assert_eq!(x.default.as_deref(), Some("-1"));
    assert_eq!(x.collation.as_deref(), Some("nocase"));
    assert_eq!(x.comment, None);
    assert_eq!(y.type_text, "UNSIGNED BIG INT");
    assert_eq!(
        y.generated,
        Some(("x || 'a'".to_owned(), realign_model::GeneratedKind::Stored))
    );
    assert_eq!(
        (z.type_text.as_str(), z.default.as_deref()),
        ("", Some("'abc'"))
    );
    assert_eq!(read.conflicts, ["NOT NULL (x) ON CONFLICT FAIL"]);
    let kinds: Vec<&str> = read
        .constraints
        .iter()
        .map(|c| match &c.kind {
            ConstraintKind::Primary(_) => "primary",
            ConstraintKind::Unique(_) => "unique",
            ConstraintKind::Check(..) => "check",
            ConstraintKind::Foreign(key) if key.deferred => "deferred key",
            ConstraintKind::Foreign(_) => "key",
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "primary",
            "check",
            "unique",
            "deferred key",
            "unique",
            "check"
        ]
    );
}

#[test]
fn what_is_not_understood_is_an_error() {
    for sql in [
        "CREATE TABLE t (a INTEGER, b",
        "CREATE TABLE t (a INTEGER %)",
        "CREATE TABLE t (a INTEGER) SIDEWAYS",
        "CREATE VIRTUAL TABLE t USING x(a)",
        "",
        "CREATE TABLE t AS SELECT 1",
        "CREATE TABLE t (a CHECK (()",
    ] {
        assert!(table(sql).is_err(), "{sql}");
    }
}

#[test]
fn indexes_and_views() {
    let (parts, predicate) = index(
        "CREATE UNIQUE INDEX i ON t (lower(a) COLLATE NOCASE DESC, \"b\") WHERE a > 'WHERE';",
    )
    .expect("reads");
    assert_eq!(parts[0].text, "lower(a)");
    assert_eq!(parts[0].order, SortOrder::Desc);
    assert_eq!(parts[1].column.as_deref(), Some("b"));
    assert_eq!(predicate.as_deref(), Some("a > 'WHERE'"));
    let (columns, query) = view("CREATE VIEW v(a, b) AS SELECT 1, 2").expect("reads");
    assert_eq!(columns, ["a", "b"]);
    assert_eq!(query, "SELECT 1, 2");
}
