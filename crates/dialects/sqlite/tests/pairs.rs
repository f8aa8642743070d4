//! Random pairs of tables with rows: the database gets from one to the other and keeps every
//! common value, or is refused before the first statement and stays as it is.

mod database;

use database::{Live, complete, facts, listing};
use proptest::prelude::*;
use realign_model::{
    Check, Column, DataType, Database, Expr, FloatWidth, ForeignKey, Generated, GeneratedKind,
    Ident, Identity, Index, IndexPart, IndexTarget, IntWidth, MatchKind, ObjectName, Origin,
    PrimaryKey, RefAction, SortOrder, SqliteTable, Table, TableOptions, TextSize,
};
use realign_planner::{Dialect, create_plan};
use realign_sqlite::SQLITE;

fn data_type() -> impl Strategy<Value = DataType> {
    prop_oneof![
        Just(DataType::int(IntWidth::W32)),
        Just(DataType::int(IntWidth::W64)),
        Just(DataType::unsigned(IntWidth::W16)),
        Just(DataType::Boolean),
        Just(DataType::Decimal {
            precision: Some(10),
            scale: Some(2),
            unsigned: false
        }),
        Just(DataType::Float {
            width: FloatWidth::Double,
            unsigned: false,
            digits: None
        }),
        Just(DataType::varchar(20)),
        Just(DataType::Char { len: Some(5) }),
        Just(DataType::Text {
            size: TextSize::Long
        }),
        Just(DataType::DateTime { precision: None }),
        Just(DataType::Native("Point Thing".to_owned())),
    ]
}

fn column(name: &'static str) -> impl Strategy<Value = Column> {
    (
        data_type(),
        any::<bool>(),
        prop_oneof![
            3 => Just(None),
            1 => Just(Some("1")),
            1 => Just(Some("'a''b'")),
            1 => Just(Some("CURRENT_TIMESTAMP")),
            1 => Just(Some("1 + 2")),
        ],
        prop_oneof![3 => Just(None), 1 => Just(Some("NOCASE"))],
        prop_oneof![3 => Just(None), 1 => Just(Some("note")), 1 => Just(Some("two\nlines"))],
        prop_oneof![3 => Just(""), 1 => Just("json")],
        0..8_u8,
    )
        .prop_map(
            move |(data_type, nullable, default, collation, comment, mark, generated)| {
                let mut column = Column::new(Ident::new(name), data_type);
                column.nullable = nullable;
                column.default = default.map(Expr::new);
                column.collation = collation.map(str::to_owned);
                column.comment = comment.map(str::to_owned);
                column.type_mark = Some(mark.to_owned());
                if generated == 0 {
                    column.default = None;
                    column.nullable = true;
                    column.generated = Some(Generated {
                        expr: Expr::new("id + 1"),
                        kind: GeneratedKind::Stored,
                    });
                }
                column
            },
        )
}

fn part(name: &str, desc: bool) -> IndexPart {
    let mut part = IndexPart::column(Ident::new(name));
    if desc {
        part.order = SortOrder::Desc;
    }
    part
}

prop_compose! {
    fn table()(
        columns in proptest::sample::subsequence(vec!["a", "b", "order", "two words"], 1..=4),
        a in column("a"),
        b in column("b"),
        order in column("order"),
        words in column("two words"),
        identity in 0..3_u8,
        index in 0..4_u8,
        desc in any::<bool>(),
        unique in prop::bool::weighted(0.2),
        constraint in prop::bool::weighted(0.2),
        check in prop::bool::weighted(0.3),
        reference in 0..4_u8,
        deferred in any::<bool>(),
        without_rowid in prop::bool::weighted(0.2),
        comment in prop::option::weighted(0.3, Just("the table")),
    ) -> Table {
        let mut table = Table::new(ObjectName::bare("t"));
        let mut id = Column::new(Ident::new("id"), DataType::int(IntWidth::W32));
        id.type_mark = Some(String::new());
        if identity == 0 && !without_rowid {
            id.identity = Some(Identity::AutoIncrement);
        }
        table.columns.push(id);
        table.primary_key = Some(Box::new(PrimaryKey::over([Ident::new("id")])));
        for column in [a, b, order, words] {
            if columns.contains(&column.name.as_str()) {
                table.columns.push(column);
            }
        }
        let first = table.columns[1].name.text.clone();
        if index > 0 {
            let mut made = Index::over(Some(Ident::new("idx")), [], unique);
            made.parts = vec![part(&first, desc)];
            if index == 2 {
                made.parts.push(part("id", false));
                made.predicate = Some(Expr::new("id > 0"));
            }
            if index == 3 {
                made.parts.push(IndexPart {
                    target: IndexTarget::Expr(Expr::new("abs(id)")),
                    ..part("id", desc)
                });
            }
            table.indexes.push(made);
        }
        if constraint {
            let mut made = Index::over(None, [Ident::new("id"), Ident::new(&first)], true);
            made.constraint = true;
            table.indexes.push(made);
        }
        if check {
            table.checks.push(Check {
                name: Some(Ident::new("positive")),
                expr: Expr::new("id > 0"),
                column: None,
                enforced: true,
                origin: Origin::None,
            });
        }
        if reference == 0 {
            table.foreign_keys.push(ForeignKey {
                name: Some(Ident::new("fk")),
                columns: vec![Ident::new(&first)],
                ref_table: ObjectName::bare("parent"),
                ref_columns: vec![Ident::new("id")],
                on_delete: Some(RefAction::SetNull),
                on_update: None,
                deferrable: deferred,
                initially_deferred: deferred,
                match_kind: MatchKind::Simple,
                set_columns: Vec::new(),
                origin: Origin::None,
            });
        }
        table.comment = comment.map(str::to_owned);
        table.options = TableOptions::Sqlite(SqliteTable { strict: false, without_rowid, conflicts: Vec::new() });
        table
    }
}

fn database(table: Table) -> Database {
    let mut parent = Table::new(ObjectName::bare("parent"));
    parent
        .columns
        .push(Column::new(Ident::new("id"), DataType::int(IntWidth::W32)));
    parent.primary_key = Some(Box::new(PrimaryKey::over([Ident::new("id")])));
    parent.options = TableOptions::Sqlite(SqliteTable::default());
    Database {
        tables: vec![parent, table],
        ..Database::default()
    }
}

fn created(database: &Database) -> Vec<String> {
    create_plan(database, &SQLITE, &facts())
        .steps
        .iter()
        .flat_map(|step| &step.statements)
        .map(|statement| statement.sql.clone())
        .collect()
}

fn quoted(column: &Column) -> String {
    SQLITE.quote(&column.name, &facts())
}

/// Rows that the table takes; what it refuses is left out.
fn fill(live: &mut Live, table: &Table, rows: &[(Option<i64>, bool)]) {
    live.run("INSERT INTO parent (id) VALUES (1), (2)");
    for (number, (value, text)) in rows.iter().enumerate() {
        let mut names = vec!["id".to_owned()];
        let mut values = vec![(number + 1).to_string()];
        for column in table.columns.iter().skip(1) {
            if column.generated.is_some() {
                continue;
            }
            names.push(quoted(column));
            values.push(match value {
                Some(value) if *text => format!("'v{value}'"),
                Some(value) => value.to_string(),
                None => "NULL".to_owned(),
            });
        }
        live.accepts(&format!(
            "INSERT INTO t ({}) VALUES ({})",
            names.join(", "),
            values.join(", ")
        ));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_is_what_is_read(table in table()) {
        let wish = database(table);
        let mut live = Live::after(&created(&wish));
        let found = live.diff(&wish, &complete());
        prop_assert!(found.findings.is_empty(), "{:#?}\n{:#?}", live.texts(), found.findings);
    }

    #[test]
    fn one_table_becomes_the_other_or_nothing_happens(
        old in table(),
        new in table(),
        rows in prop::collection::vec((prop::option::of(1..3_i64), any::<bool>()), 0..4),
    ) {
        let (is, wish) = (database(old.clone()), database(new.clone()));
        let mut live = Live::after(&created(&is));
        fill(&mut live, &old, &rows);
        let common: Vec<String> = old
            .columns
            .iter()
            .filter(|c| c.generated.is_none())
            .filter(|c| new.column(c.name.as_str()).is_some_and(|n| n.generated.is_none()))
            .map(|c| format!("CAST({} AS TEXT)", quoted(c)))
            .collect();
        let values = format!("SELECT {} FROM t ORDER BY id", common.join(", "));
        let before = live.rows(&values);
        let texts = live.texts();
        let plan = live.plan(&wish, &complete());
        if !live.refused(&plan).is_empty() {
            prop_assert_eq!(live.texts(), texts);
            prop_assert_eq!(live.rows(&values), before);
            return Ok(());
        }
        let ran = live.apply(&plan);
        prop_assert!(ran.is_ok(), "{:?}\n{}", ran, listing(&plan));
        let left = live.diff(&wish, &complete());
        prop_assert!(left.findings.is_empty(), "{}\n{:#?}", listing(&plan), left.findings);
        // Numbers that were whole stay so whatever their column is called.
        let plain = |rows: Vec<String>| -> Vec<String> {
            rows.into_iter().map(|row| row.replace(".0", "")).collect()
        };
        prop_assert_eq!(plain(live.rows(&values)), plain(before), "{}", listing(&plan));
        prop_assert!(live.accepts("PRAGMA integrity_check"));
        prop_assert_eq!(live.rows("PRAGMA foreign_key_check"), Vec::<String>::new(), "{}\n{:?}", listing(&plan), texts);
        let fresh = Live::after(&created(&wish)).texts();
        let sorted = |texts: Vec<String>| -> Vec<Vec<u8>> {
            texts.into_iter().map(|t| { let mut bytes = t.into_bytes(); bytes.sort_unstable(); bytes }).collect()
        };
        prop_assert_eq!(sorted(live.texts()), sorted(fresh), "{}", listing(&plan));
    }
}
