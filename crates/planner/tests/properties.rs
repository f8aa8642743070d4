//! What holds of every pair of databases.

mod support;

use proptest::prelude::*;
use realign_model::{Column, DataType, Database, Ident, Index, IntWidth, ObjectName, Table};
use realign_planner::{Change, Diff, Policy};
use support::{compare, complete, database};

prop_compose! {
    fn any_table(name: String)(
        columns in proptest::collection::btree_map("[a-f]", (any::<bool>(), 0..3_u8), 1..6),
        indexes in proptest::collection::btree_map("[a-f]{1,2}", any::<bool>(), 0..3),
    ) -> Table {
        let mut table = Table::new(ObjectName::bare(name.clone()));
        for (name, (nullable, width)) in &columns {
            let width = [IntWidth::W16, IntWidth::W32, IntWidth::W64][usize::from(*width)];
            table.columns.push(Column {
                nullable: *nullable,
                ..Column::new(Ident::new(name), DataType::int(width))
            });
        }
        let names: Vec<Ident> = table.columns.iter().map(|c| c.name.clone()).collect();
        for (at, (suffix, unique)) in indexes.into_iter().enumerate() {
            let columns = names.iter().cycle().skip(at).take(1 + at % names.len()).cloned();
            table.indexes.push(Index::over(Some(Ident::new(format!("{name}_{suffix}"))), columns, unique));
        }
        table
    }
}

fn any_database() -> impl Strategy<Value = Database> {
    proptest::collection::btree_set("[p-s]", 0..4)
        .prop_flat_map(|names| names.into_iter().map(any_table).collect::<Vec<_>>())
        .prop_map(database)
}

/// What the database would be: the changes carried out on the model.
fn applied(is: &Database, diff: &Diff) -> Database {
    let mut result = is.clone();
    for change in &diff.changes {
        match change {
            Change::CreateTable(table) => result.tables.push(table.clone()),
            Change::DropTable(table) => result.tables.retain(|t| t.name != table.name),
            Change::AlterTable(change) => {
                for table in &mut result.tables {
                    if table.name == change.is.name {
                        *table = change.target.clone();
                    }
                }
            }
            other => panic!("unexpected {other:?}"),
        }
    }
    result
}

proptest! {
    #[test]
    fn a_database_never_differs_from_itself(a in any_database()) {
        for policy in [Policy::default(), complete()] {
            let found = compare(&a, &a, &policy);
            prop_assert!(found.changes.is_empty() && found.findings.is_empty(), "{found:?}");
        }
    }

    #[test]
    fn carrying_the_changes_out_leaves_nothing_to_do(a in any_database(), b in any_database()) {
        for policy in [Policy::default(), complete()] {
            let after = applied(&a, &compare(&a, &b, &policy));
            let left = compare(&after, &b, &policy);
            prop_assert!(left.in_sync() && left.changes.is_empty(), "{:?}", left.findings);
        }
    }

    #[test]
    fn plain_update_takes_no_column_and_no_table_away(a in any_database(), b in any_database()) {
        let after = applied(&a, &compare(&a, &b, &Policy::default()));
        for table in &a.tables {
            let kept = after.table(table.name.name.as_str());
            prop_assert!(kept.is_some());
            for column in &table.columns {
                prop_assert!(kept.is_some_and(|t| t.column(column.name.as_str()).is_some()));
            }
        }
    }
}
