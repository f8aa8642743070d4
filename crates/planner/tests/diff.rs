//! What counts as a difference, and what is done about it.

mod support;

use realign_model::{Check, Column, Database, Expr, Ident, ObjectName, RefAction, View};
use realign_planner::{
    Aspect, Change, Diff, Facts, Policy, Renames, TableItem, Weight, name_collisions,
};
use support::{Plain, column, compare, complete, database, index, key, nullable, planned, table};

/// The single items of the single altered table.
fn items(diff: &Diff) -> &[TableItem] {
    match diff.changes.as_slice() {
        [Change::AlterTable(change)] => &change.items,
        other => panic!("expected one altered table, got {other:?}"),
    }
}

#[test]
fn a_missing_table_is_created_and_an_undeclared_one_is_a_note() {
    let is = database(vec![table("legacy", &["id"])]);
    let wish = database(vec![table("cust", &["id"])]);
    let found = compare(&is, &wish, &Policy::default());
    assert!(
        matches!(found.changes.as_slice(), [Change::CreateTable(t)] if t.name.to_string() == "cust")
    );
    let notes: Vec<_> = found.of(Weight::Note).map(|f| f.object.as_str()).collect();
    assert_eq!(notes, ["legacy"]);
    assert!(!found.in_sync());
}

#[test]
fn everything_undeclared_goes_when_asked_to_except_what_is_protected_or_ignored() {
    let is = database(vec![
        table("legacy", &["id"]),
        table("migrations", &["id"]),
        table("tmp_x", &["id"]),
        table("internal_rows", &["id"]),
    ]);
    let policy = Policy {
        protected: vec!["migrations".to_owned()],
        ignore: vec!["tmp_*".to_owned()],
        ..complete()
    };
    let found = compare(&is, &Database::default(), &policy);
    assert!(
        matches!(found.changes.as_slice(), [Change::DropTable(t)] if t.name.to_string() == "legacy")
    );
}

#[test]
fn an_undeclared_column_is_a_note_unless_inserts_would_fail() {
    let mut is = table("cust", &["id"]);
    is.columns.push(nullable("extra"));
    is.columns.push(Column {
        default: Some(Expr::new("7")),
        ..column("flag")
    });
    let wish = database(vec![table("cust", &["id"])]);
    let found = compare(&database(vec![is.clone()]), &wish, &Policy::default());
    assert!(found.in_sync(), "{:?}", found.findings);
    assert_eq!(found.of(Weight::Note).count(), 2);

    is.columns.push(column("must"));
    let found = compare(&database(vec![is.clone()]), &wish, &Policy::default());
    match items(&found) {
        [TableItem::ModifyColumn { is, wish, .. }] => {
            assert_eq!(is.name.as_str(), "must");
            assert!(wish.nullable);
        }
        other => panic!("expected one relaxed column, got {other:?}"),
    }
    let Change::AlterTable(change) = &found.changes[0] else {
        unreachable!()
    };
    let kept: Vec<_> = change
        .target
        .columns
        .iter()
        .map(|c| c.name.as_str())
        .collect();
    assert_eq!(
        kept,
        ["id", "extra", "flag", "must"],
        "nothing undeclared is lost in the target"
    );

    let found = compare(&database(vec![is]), &wish, &complete());
    assert_eq!(
        items(&found)
            .iter()
            .filter(|i| matches!(i, TableItem::DropColumn(_)))
            .count(),
        3
    );
}

#[test]
fn undeclared_unique_indexes_keys_and_checks_can_break_the_application_and_go() {
    let mut is = table("cust", &["id", "a"]);
    is.indexes.push(index("plain", &["a"], false));
    is.indexes.push(index("uniq", &["a", "id"], true));
    is.foreign_keys.push(key("fk", "a", "cust"));
    is.checks.push(Check {
        name: Some(Ident::new("positive")),
        expr: Expr::new("a > 0"),
        column: None,
        enforced: true,
        origin: realign_model::Origin::None,
    });
    let wish = database(vec![table("cust", &["id", "a"])]);
    let found = compare(&database(vec![is]), &wish, &Policy::default());
    let words: Vec<&str> = items(&found)
        .iter()
        .map(|item| match item {
            TableItem::DropIndex(i) => i.name_str(),
            TableItem::DropForeignKey(_) => "key",
            TableItem::DropCheck(_) => "check",
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(words, ["key", "uniq", "check"]);
    assert_eq!(
        found.of(Weight::Note).count(),
        1,
        "the plain index is a note"
    );
}

#[test]
fn the_index_that_backs_a_key_is_kept_with_it_and_dropped_with_it() {
    let mut is = table("cust", &["id", "a"]);
    is.indexes.push(index("fk", &["a"], false));
    is.foreign_keys.push(key("fk", "a", "cust"));
    let mut wish = table("cust", &["id", "a"]);
    wish.foreign_keys.push(key("fk", "a", "cust"));
    let found = compare(
        &database(vec![is.clone()]),
        &database(vec![wish]),
        &complete(),
    );
    assert!(
        found.in_sync() && found.findings.is_empty(),
        "{:?}",
        found.findings
    );

    let found = compare(
        &database(vec![is]),
        &database(vec![table("cust", &["id", "a"])]),
        &complete(),
    );
    assert!(matches!(
        items(&found),
        [TableItem::DropForeignKey(_), TableItem::DropIndex(_)]
    ));
}

#[test]
fn a_right_index_under_another_name_is_renamed_and_a_foreign_key_keeps_its_name() {
    let mut is = table("cust", &["id", "a"]);
    is.indexes.push(index("idx_old", &["a"], false));
    is.foreign_keys.push(key("my_own", "a", "cust"));
    let mut wish = table("cust", &["id", "a"]);
    wish.indexes.push(index("idx_new", &["a"], false));
    wish.foreign_keys.push(key("FK_1", "a", "cust"));
    let found = compare(
        &database(vec![is]),
        &database(vec![wish]),
        &Policy::default(),
    );
    assert!(
        matches!(items(&found), [TableItem::RenameIndex { .. }]),
        "{:?}",
        found.changes
    );
}

#[test]
fn a_plain_index_becomes_the_unique_one_over_its_columns() {
    let mut is = table("cust", &["id", "a"]);
    is.indexes.push(index("IDX_1", &["a"], false));
    let mut wish = table("cust", &["id", "a"]);
    wish.indexes.push(index("UNIQ_1", &["a"], true));
    let found = compare(
        &database(vec![is]),
        &database(vec![wish]),
        &Policy::default(),
    );
    assert!(
        matches!(items(&found), [TableItem::ReplaceIndex { .. }]),
        "{:?}",
        found.changes
    );
}

#[test]
fn a_changed_action_replaces_the_key() {
    let mut is = table("cust", &["id", "a"]);
    is.foreign_keys.push(key("fk", "a", "cust"));
    let mut wish = is.clone();
    wish.foreign_keys[0].on_delete = Some(RefAction::Cascade);
    let found = compare(
        &database(vec![is]),
        &database(vec![wish]),
        &Policy::default(),
    );
    assert!(matches!(
        items(&found),
        [TableItem::ReplaceForeignKey { .. }]
    ));
    assert_eq!(found.findings[0].aspect, Aspect::Actions);
}

#[test]
fn comments_and_type_marks() {
    let mut is = table("cust", &["id", "a"]);
    is.columns[1].comment = Some("by hand".to_owned());
    let wish = table("cust", &["id", "a"]);
    let (is, wish) = (database(vec![is]), database(vec![wish]));
    let found = compare(&is, &wish, &Policy::default());
    assert!(
        found.in_sync(),
        "an undeclared comment is a note: {:?}",
        found.findings
    );
    assert_eq!(found.of(Weight::Note).count(), 1);
    assert!(!compare(&is, &wish, &complete()).in_sync());

    let mut marked = wish.clone();
    marked.tables[0].columns[1].type_mark = Some("json".to_owned());
    let found = compare(&wish, &marked, &Policy::default());
    assert_eq!(found.findings[0].aspect, Aspect::TypeMark);
    let mut live = wish.clone();
    live.tables[0].columns[1].type_mark = Some("json".to_owned());
    assert!(
        compare(&live, &wish, &Policy::default()).in_sync(),
        "a profile without marks compares none"
    );
}

#[test]
fn a_modified_column_keeps_its_undeclared_comment() {
    let mut is = table("cust", &["id", "a"]);
    is.columns[1].comment = Some("by hand".to_owned());
    let mut wish = table("cust", &["id", "a"]);
    wish.columns[1].nullable = true;
    let found = compare(
        &database(vec![is]),
        &database(vec![wish]),
        &Policy::default(),
    );
    match items(&found) {
        [TableItem::ModifyColumn { wish, .. }] => {
            assert_eq!(wish.comment.as_deref(), Some("by hand"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn declared_renames_move_and_undeclared_ones_are_only_suggested() {
    let is = database(vec![table("old", &["id", "a", "b"])]);
    let wish = database(vec![table("new", &["id", "a", "b"])]);
    let found = compare(&is, &wish, &Policy::default());
    assert!(matches!(found.changes.as_slice(), [Change::CreateTable(_)]));
    assert!(
        found.findings[0]
            .reason
            .contains("old looks like its former name")
    );

    let policy = Policy {
        renames: Renames {
            tables: vec![("old".to_owned(), "new".to_owned())],
            columns: Vec::new(),
        },
        ..Policy::default()
    };
    let found = compare(&is, &wish, &policy);
    assert!(matches!(
        found.changes.as_slice(),
        [Change::RenameTable { .. }]
    ));
    assert!(
        compare(&wish, &wish, &policy).in_sync(),
        "one already carried out is nothing to do"
    );

    let both = database(vec![table("old", &["id"]), table("new", &["id", "a", "b"])]);
    assert_eq!(
        compare(&both, &wish, &policy).errors.len(),
        1,
        "both names present is an error"
    );
}

#[test]
fn declared_column_renames() {
    let is = database(vec![table("cust", &["id", "a"])]);
    let wish = database(vec![table("cust", &["id", "b"])]);
    let policy = Policy {
        renames: Renames {
            tables: Vec::new(),
            columns: vec![("cust".to_owned(), "a".to_owned(), "b".to_owned())],
        },
        ..Policy::default()
    };
    let found = compare(&is, &wish, &policy);
    assert!(matches!(items(&found), [TableItem::RenameColumn { .. }]));
    assert!(compare(&wish, &wish, &policy).in_sync());
}

#[test]
fn a_view_where_a_table_is_declared_is_left_alone() {
    let is = Database {
        views: vec![View {
            name: ObjectName::bare("cust"),
            query: Expr::new("SELECT 1"),
            columns: Vec::new(),
            materialized: false,
            options: Vec::new(),
            source_text: None,
            settings: realign_model::SessionSettings::new(),
            origin: realign_model::Origin::None,
        }],
        ..Database::default()
    };
    let wish = database(vec![table("cust", &["id"])]);
    let found = compare(&is, &wish, &complete());
    assert!(found.changes.is_empty(), "{:?}", found.changes);
    assert_eq!(found.of(Weight::Note).count(), 1);
}

#[test]
fn an_expression_that_only_the_engine_could_read_is_counted_and_never_planned() {
    let check = |text: &str| Check {
        name: Some(Ident::new("c")),
        expr: Expr::new(text),
        column: None,
        enforced: true,
        origin: realign_model::Origin::None,
    };
    let mut is = table("cust", &["id"]);
    is.checks.push(check("a ? b"));
    let mut wish = table("cust", &["id"]);
    wish.checks.push(check("a"));
    let found = compare(
        &database(vec![is]),
        &database(vec![wish]),
        &Policy::default(),
    );
    assert!(found.changes.is_empty());
    assert_eq!(found.of(Weight::CannotTell).count(), 1);
}

#[test]
fn names_that_an_undeclared_table_holds_are_freed_first() {
    let mut copy = table("cust_copy", &["id", "a"]);
    copy.indexes.push(index("idx_a", &["a"], false));
    copy.foreign_keys.push(key("fk_a", "a", "cust_copy"));
    let mut wish = table("cust", &["id", "a"]);
    wish.indexes.push(index("idx_a", &["a"], false));
    wish.foreign_keys.push(key("fk_a", "a", "cust"));
    let (is, wish) = (database(vec![copy]), database(vec![wish]));
    let found = compare(&is, &wish, &Policy::default());
    match found.changes.as_slice() {
        [Change::AlterTable(change), Change::CreateTable(_)] => {
            assert!(matches!(
                change.items.as_slice(),
                [
                    TableItem::RenameIndex { .. },
                    TableItem::ReplaceForeignKey { .. }
                ]
            ));
            assert_eq!(change.target.indexes[0].name_str(), "cust_copy_idx_a");
        }
        other => panic!("{other:?}"),
    }
    let plan = planned(&is, &wish, &complete());
    let order: Vec<_> = plan
        .steps
        .iter()
        .map(|s| s.statements[0].sql.as_str())
        .collect();
    assert_eq!(
        order,
        ["drop cust_copy", "create cust"],
        "a table in the way is dropped first"
    );
}

#[test]
fn a_name_used_twice_refuses_the_plan_and_names_both_places() {
    let mut a = table("a", &["id"]);
    a.indexes.push(index("same", &["id"], false));
    let mut b = table("b", &["id"]);
    b.indexes.push(index("SAME", &["id"], false));
    b.indexes.push(index("a", &["id"], false));
    let wish = database(vec![a, b]);
    let found = name_collisions(&wish, &Plain, &Facts::default());
    let messages: Vec<_> = found.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "the index name SAME is used twice in one namespace: index on a, index on b",
            "the index name a is used twice in one namespace: table a, index on b",
        ]
    );
    assert_eq!(
        planned(&Database::default(), &wish, &Policy::default())
            .refusals
            .len(),
        2
    );
}

#[test]
fn nothing_to_do_sends_nothing() {
    let wish = database(vec![table("cust", &["id"])]);
    let plan = planned(&wish, &wish, &complete());
    assert!(plan.is_empty());
    assert_eq!(plan.statements().count(), 0, "not even a BEGIN");
}

#[test]
fn indexes_and_keys_follow_a_rename() {
    let mut cust = table("cust", &["id", "a"]);
    cust.indexes.push(index("idx", &["a"], false));
    let mut port = table("port", &["id", "c"]);
    port.foreign_keys.push(key("fk", "c", "cust"));
    let is = database(vec![cust, port]);
    let mut member = table("member", &["id", "b"]);
    member.indexes.push(index("idx", &["b"], false));
    let mut port = table("port", &["id", "c"]);
    port.foreign_keys.push(key("fk", "c", "member"));
    let wish = database(vec![member, port]);
    let policy = Policy {
        renames: Renames {
            tables: vec![("cust".to_owned(), "member".to_owned())],
            columns: vec![("member".to_owned(), "a".to_owned(), "b".to_owned())],
        },
        ..Policy::default()
    };
    let found = compare(&is, &wish, &policy);
    match found.changes.as_slice() {
        [Change::RenameTable { .. }, Change::AlterTable(change)] => {
            assert!(matches!(
                change.items.as_slice(),
                [TableItem::RenameColumn { .. }]
            ));
            assert_eq!(change.is.name.to_string(), "member");
        }
        other => panic!("{other:?}"),
    }
    assert!(compare(&wish, &wish, &policy).changes.is_empty());
}
