//! What counts as the same, case by case.

use realign_model::{
    Check, Column, DataType, Expr, ForeignKey, Generated, GeneratedKind, Ident, Identity, Index,
    IndexKind, IntWidth, MatchKind, MySqlTable, ObjectName, Origin, PrimaryKey, RefAction,
    SortOrder, Table, TableOptions, TextSize,
};
use realign_planner::{Aspect, Compare, Facts, NameKind, Verdict};

use super::COMPARE;
use crate::facts::offline;

fn facts(version: &str) -> Facts {
    offline(version).expect("a known engine")
}

fn table(collation: &str, implied: bool) -> Table {
    let mut table = Table::new(ObjectName::bare("t"));
    table.options = TableOptions::MySql(Box::new(MySqlTable {
        engine: Some("InnoDB".to_owned()),
        charset: Some(crate::assemble::charset_of(collation)),
        collation: Some(collation.to_owned()),
        collation_implied: implied,
        ..MySqlTable::default()
    }));
    table
}

fn column(text: &str, facts: &Facts) -> Column {
    Column::new(Ident::new("c"), crate::types::parse(text, facts))
}

/// The aspects in which a changed copy of a column differs from it, the change being live.
fn aspects(version: &str, data_type: &str, change: impl Fn(&mut Column)) -> Vec<Aspect> {
    let facts = facts(version);
    let wish = column(data_type, &facts);
    let mut is = wish.clone();
    change(&mut is);
    let tables = (
        table("utf8mb4_unicode_ci", false),
        table("utf8mb4_unicode_ci", true),
    );
    let mut unknown = Vec::new();
    COMPARE
        .column((&is, &tables.0), (&wish, &tables.1), &facts, &mut unknown)
        .into_iter()
        .chain(unknown)
        .map(|difference| difference.aspect)
        .collect()
}

#[test]
fn each_aspect_of_a_column_is_seen_alone() {
    let seen = |change: fn(&mut Column)| aspects("mariadb-10.11", "varchar(20)", change);
    assert_eq!(seen(|_| {}), []);
    assert_eq!(seen(|c| c.nullable = true), [Aspect::Nullability]);
    assert_eq!(
        seen(|c| c.data_type = DataType::varchar(21)),
        [Aspect::Type]
    );
    assert_eq!(
        seen(|c| c.default = Some(Expr::new("'x'"))),
        [Aspect::Default]
    );
    assert_eq!(
        seen(|c| c.identity = Some(Identity::AutoIncrement)),
        [Aspect::Identity]
    );
    assert_eq!(
        seen(|c| c.on_update = Some(Expr::new("current_timestamp()"))),
        [Aspect::OnUpdate]
    );
    assert_eq!(
        seen(|c| c.collation = Some("utf8mb4_bin".to_owned())),
        [Aspect::Collation]
    );
    assert_eq!(seen(|c| c.invisible = true), [Aspect::Visibility]);
    assert_eq!(
        seen(|c| c.generated = Some(Generated {
            expr: Expr::new("1"),
            kind: GeneratedKind::Stored
        })),
        [Aspect::Generated]
    );
}

#[test]
fn types_are_compared_as_the_server_keeps_them() {
    for (version, is, wish, same) in [
        ("mariadb-10.11", "int(11)", "INT", true),
        ("mysql-8.0.31", "int", "INT(11)", true),
        ("mariadb-10.11", "tinyint(1)", "TINYINT(1)", true),
        ("mariadb-10.11", "tinyint(4)", "TINYINT(1)", false),
        ("mysql-8.0.31", "tinyint", "TINYINT(1)", false),
        ("mysql-5.7.40", "tinyint(4)", "TINYINT(1)", false),
        ("mariadb-10.11", "int(5)", "INT", true),
        ("mariadb-10.11", "int(11)", "INT(5)", false),
        ("mysql-8.0.31", "int", "INT(5)", true),
        ("mariadb-10.11", "int(10) unsigned", "INT UNSIGNED", true),
        ("mariadb-10.11", "int(10) unsigned", "INT", false),
        ("mariadb-10.11", "bigint(20)", "INT", false),
        ("mariadb-10.11", "decimal(10,0)", "NUMERIC", true),
        ("mariadb-10.11", "decimal(10,2)", "NUMERIC(10, 3)", false),
        ("mariadb-10.11", "datetime", "DATETIME", true),
        ("mariadb-10.11", "datetime(6)", "DATETIME", false),
        ("mariadb-10.11", "mediumtext", "LONGTEXT", false),
        ("mariadb-10.11", "enum('a','b')", "ENUM('a', 'b')", true),
        ("mariadb-10.11", "enum('a','b')", "ENUM('a')", false),
        ("mariadb-10.11", "varchar(36)", "CHAR(36)", false),
        ("mariadb-10.11", "double", "DOUBLE PRECISION", true),
        ("mariadb-10.11", "point", "POINT", true),
    ] {
        let facts = facts(version);
        let (is, wish) = (column(is, &facts), column(wish, &facts));
        let tables = (
            Table::new(ObjectName::bare("t")),
            Table::new(ObjectName::bare("t")),
        );
        let found = COMPARE.column(
            (&is, &tables.0),
            (&wish, &tables.1),
            &facts,
            &mut Vec::new(),
        );
        assert_eq!(found.is_empty(), same, "{version}: {is:?} / {wish:?}");
    }
}

#[test]
fn json_on_mariadb_is_a_text_with_a_check() {
    let facts = facts("mariadb-10.11");
    let json = Column::new(Ident::new("c"), DataType::Json { binary: false });
    let mut text = Column::new(
        Ident::new("c"),
        DataType::Text {
            size: TextSize::Long,
        },
    );
    let t = table("utf8mb4_unicode_ci", true);
    let differs = |is: &Column, wish: &Column| {
        !COMPARE
            .column((is, &t), (wish, &t), &facts, &mut Vec::new())
            .is_empty()
    };
    assert!(!differs(&json, &json));
    assert!(differs(&text, &json), "nothing checks the values");
    assert!(differs(&json, &text), "the check would refuse plain text");
    text.type_mark = Some("json".to_owned());
    assert!(!differs(&json, &text), "the application writes JSON anyway");
}

#[test]
fn a_collation_is_that_of_the_live_table_unless_one_is_declared() {
    let facts = facts("mariadb-10.11");
    let differs =
        |live_table: &Table, live: Option<&str>, wish_table: &Table, wish: Option<&str>| {
            let mut is = column("varchar(9)", &facts);
            let mut declared = is.clone();
            is.collation = live.map(str::to_owned);
            declared.collation = wish.map(str::to_owned);
            !COMPARE
                .column(
                    (&is, live_table),
                    (&declared, wish_table),
                    &facts,
                    &mut Vec::new(),
                )
                .is_empty()
        };
    let (latin, utf8) = (
        table("latin1_swedish_ci", false),
        table("utf8mb4_unicode_ci", true),
    );
    let declared = table("utf8mb4_unicode_ci", false);
    assert!(!differs(&latin, None, &utf8, None));
    assert!(differs(&latin, Some("utf8mb4_unicode_ci"), &utf8, None));
    assert!(!differs(
        &latin,
        Some("utf8mb4_unicode_ci"),
        &declared,
        None
    ));
    assert!(
        !differs(&latin, None, &declared, None),
        "the table's own difference covers it"
    );
    assert!(differs(&latin, None, &utf8, Some("utf8mb4_bin")));
    let old = table("utf8mb3_general_ci", false);
    assert!(
        !differs(&old, None, &utf8, Some("utf8_general_ci")),
        "an old name"
    );
}

#[test]
fn a_table_differs_in_what_is_declared_for_it() {
    let facts = facts("mariadb-10.11");
    let live = table("latin1_swedish_ci", false);
    let mut notes = Vec::new();
    assert!(
        COMPARE
            .table(
                &live,
                &table("utf8mb4_unicode_ci", true),
                &facts,
                &mut notes
            )
            .is_empty()
    );
    assert_eq!(notes.len(), 1, "what is only implied is a note");
    let found = COMPARE.table(
        &live,
        &table("utf8mb4_unicode_ci", false),
        &facts,
        &mut notes,
    );
    assert_eq!(found[0].aspect, Aspect::Collation);
    let mut wish = live.clone();
    wish.options = TableOptions::MySql(Box::new(MySqlTable {
        engine: Some("MyISAM".to_owned()),
        row_format: Some("COMPRESSED".to_owned()),
        ..MySqlTable::default()
    }));
    let mut live = live;
    if let TableOptions::MySql(options) = &mut live.options {
        options.row_format = Some("DYNAMIC".to_owned());
    }
    let aspects: Vec<_> = COMPARE
        .table(&live, &wish, &facts, &mut notes)
        .iter()
        .map(|d| d.aspect)
        .collect();
    assert_eq!(aspects, [Aspect::Engine, Aspect::Options]);
}

fn index(columns: &[&str]) -> Index {
    Index::over(
        Some(Ident::new("i")),
        columns.iter().map(|name| Ident::new(*name)),
        false,
    )
}

fn with_columns(columns: &[(&str, DataType)]) -> Table {
    let mut table = table("utf8mb4_unicode_ci", false);
    table.columns = columns
        .iter()
        .map(|(name, data_type)| Column::new(Ident::new(*name), data_type.clone()))
        .collect();
    table
}

#[test]
fn each_aspect_of_an_index_is_seen_alone() {
    let facts = facts("mariadb-10.11");
    let t = with_columns(&[("a", DataType::varchar(50)), ("b", DataType::varchar(50))]);
    let seen = |change: fn(&mut Index)| -> Vec<Aspect> {
        let wish = index(&["a", "b"]);
        let mut is = wish.clone();
        change(&mut is);
        COMPARE
            .index(&is, &wish, (&t, &t), &facts, &mut Vec::new())
            .iter()
            .map(|d| d.aspect)
            .collect()
    };
    assert_eq!(seen(|_| {}), []);
    assert_eq!(seen(|i| i.unique = true), [Aspect::Uniqueness]);
    assert_eq!(
        seen(|i| i.kind = IndexKind::Fulltext { parser: None }),
        [Aspect::Kind]
    );
    assert_eq!(seen(|i| i.parts.reverse()), [Aspect::Columns]);
    assert_eq!(seen(|i| i.parts[0].prefix = Some(10)), [Aspect::Columns]);
    assert_eq!(seen(|i| i.parts[0].prefix = Some(50)), []);
    assert_eq!(
        seen(|i| i.parts[1].order = SortOrder::Desc),
        [Aspect::Columns]
    );
    assert_eq!(seen(|i| i.invisible = true), [Aspect::Visibility]);
}

#[test]
fn an_index_that_the_server_shortened_is_the_declared_one() {
    let facts = facts("mariadb-10.11");
    let of = |size: TextSize| with_columns(&[("url", DataType::Text { size })]);
    let mut t = of(TextSize::Long);
    let same = |t: &Table, live: u32, wish: Option<u32>, unique: bool| {
        let (mut a, mut b) = (index(&["url"]), index(&["url"]));
        a.parts[0].prefix = Some(live);
        b.parts[0].prefix = wish;
        (a.unique, b.unique) = (unique, unique);
        COMPARE
            .index(&a, &b, (t, t), &facts, &mut Vec::new())
            .is_empty()
    };
    assert!(same(&t, 768, None, false), "3072 bytes are 768 characters");
    assert!(same(&t, 768, Some(1000), false));
    assert!(!same(&t, 100, None, false), "somebody chose that prefix");
    assert!(!same(&t, 768, Some(100), false));
    assert!(
        !same(&t, 768, None, true),
        "a unique key is never shortened"
    );
    t = of(TextSize::Tiny);
    assert!(same(&t, 255, None, false), "that is all of it");
    assert!(!same(&t, 254, None, false));
}

fn key(on_delete: Option<RefAction>, origin: Origin) -> ForeignKey {
    ForeignKey {
        name: Some(Ident::new("fk")),
        columns: vec![Ident::new("a")],
        ref_table: ObjectName::bare("p"),
        ref_columns: vec![Ident::new("id")],
        on_delete,
        on_update: Some(RefAction::Restrict),
        deferrable: false,
        initially_deferred: false,
        match_kind: MatchKind::Simple,
        set_columns: Vec::new(),
        origin,
    }
}

#[test]
fn to_restrict_is_to_do_nothing() {
    let facts = facts("mariadb-10.11");
    let same = |is: Option<RefAction>, origin: Origin, wish: Option<RefAction>| {
        COMPARE
            .foreign_key(&key(is, origin), &key(wish, Origin::None), &facts)
            .is_empty()
    };
    let (restrict, no_action) = (Some(RefAction::Restrict), Some(RefAction::NoAction));
    assert!(same(restrict, Origin::Server, None));
    assert!(same(no_action, Origin::Server, restrict));
    assert!(!same(restrict, Origin::Server, Some(RefAction::Cascade)));
    assert!(!same(Some(RefAction::SetNull), Origin::Server, None));
    assert!(!same(None, Origin::None, Some(RefAction::Cascade)));
    assert!(
        same(None, Origin::Server, Some(RefAction::Cascade)),
        "what an account may not see is not judged"
    );
}

#[test]
fn mariadb_takes_set_default_and_keeps_restrict() {
    let wish = key(Some(RefAction::SetDefault), Origin::None);
    let same = |version: &str, is: RefAction| {
        COMPARE
            .foreign_key(&key(Some(is), Origin::Server), &wish, &facts(version))
            .is_empty()
    };
    assert!(same("mariadb-10.11", RefAction::Restrict));
    assert!(!same("mariadb-10.11", RefAction::Cascade));
    assert!(!same("mysql-8.0", RefAction::Restrict));
    assert!(same("mysql-8.0", RefAction::SetDefault));
}

#[test]
fn an_index_is_implied_while_it_alone_backs_a_key() {
    let facts = facts("mariadb-10.11");
    let mut t = with_columns(&[
        ("id", DataType::int(IntWidth::W32)),
        ("a", DataType::int(IntWidth::W32)),
    ]);
    t.foreign_keys.push(key(None, Origin::Server));
    assert!(COMPARE.is_implied_index(&index(&["a"]), &t, &facts));
    assert!(!COMPARE.is_implied_index(&index(&["id"]), &t, &facts));
    let mut unique = index(&["a"]);
    unique.unique = true;
    assert!(!COMPARE.is_implied_index(&unique, &t, &facts));
    let mut other = index(&["a", "id"]);
    other.name = Some(Ident::new("other"));
    t.indexes.push(other);
    assert!(!COMPARE.is_implied_index(&index(&["a"]), &t, &facts));
    t.indexes.clear();
    t.primary_key = Some(Box::new(PrimaryKey::over([
        Ident::new("a"),
        Ident::new("id"),
    ])));
    assert!(!COMPARE.is_implied_index(&index(&["a"]), &t, &facts));
}

#[test]
fn the_check_of_a_json_column_is_no_object_of_its_own() {
    let check = Check {
        name: None,
        expr: Expr::new("json_valid(`c`)"),
        column: Some(Ident::new("c")),
        enforced: true,
        origin: Origin::Server,
    };
    let json = with_columns(&[("c", DataType::Json { binary: false })]);
    let text = with_columns(&[("c", DataType::varchar(9))]);
    let mariadb = facts("mariadb-10.11");
    assert!(COMPARE.is_implied_check(&check, &json, &mariadb));
    assert!(!COMPARE.is_implied_check(&check, &text, &mariadb));
    assert!(!COMPARE.is_implied_check(&check, &json, &facts("mysql-8.0.31")));
}

#[test]
fn a_check_that_is_not_enforced_is_another() {
    let facts = facts("mysql-8.0.31");
    let check = |text: &str, enforced| Check {
        name: None,
        expr: Expr::new(text),
        column: None,
        enforced,
        origin: Origin::None,
    };
    let verdict = |a: &Check, b: &Check| COMPARE.check(a, b, &facts);
    assert_eq!(
        verdict(&check("(`a` > 0)", true), &check("a > 0", true)),
        Verdict::Same
    );
    assert_eq!(
        verdict(&check("a > 0", false), &check("a > 0", true)),
        Verdict::Different
    );
    assert_eq!(
        verdict(&check("a > 1", true), &check("a > 0", true)),
        Verdict::Different
    );
}

#[test]
fn names_fold_as_the_server_folds_them() {
    let mut facts = facts("mariadb-10.11");
    assert_eq!(COMPARE.fold(NameKind::Column, "Abc", &facts), "abc");
    assert_eq!(COMPARE.fold(NameKind::Table, "Abc", &facts), "Abc");
    facts
        .settings
        .insert("lower_case_table_names".to_owned(), "1".to_owned());
    assert_eq!(COMPARE.fold(NameKind::Table, "Abc", &facts), "abc");
}
