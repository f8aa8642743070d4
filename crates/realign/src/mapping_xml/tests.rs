//! What is written of a schema, and what is said of the rest.

use std::collections::BTreeMap;

use realign_model::{
    Check, Column, DataType, Database, Expr, ForeignKey, Ident, Index, IntWidth, MatchKind,
    ObjectName, Origin, PrimaryKey, RefAction, Routine, RoutineKind, SortOrder, Table, Trigger,
};

use super::doctrine_xml;

fn written(database: &Database) -> String {
    let (engine, facts) = crate::offline("mariadb-10.11").expect("a known server");
    doctrine_xml(database, engine.dialect, &facts)
}

fn names(names: &[&str]) -> Vec<Ident> {
    names.iter().map(|name| Ident::new(*name)).collect()
}

fn table(name: &str, columns: &[&str], key: &[&str]) -> Table {
    let mut table = Table::new(ObjectName::bare(name));
    let number = DataType::int(IntWidth::W32);
    let columns = names(columns).into_iter();
    table.columns = columns
        .map(|name| Column::new(name, number.clone()))
        .collect();
    table.primary_key = Some(Box::new(PrimaryKey::over(names(key))));
    table
}

fn key(columns: &[&str], target: &str, referred: &[&str]) -> ForeignKey {
    ForeignKey {
        name: None,
        columns: names(columns),
        ref_table: ObjectName::bare(target),
        ref_columns: names(referred),
        on_delete: None,
        on_update: None,
        deferrable: false,
        initially_deferred: false,
        match_kind: MatchKind::Simple,
        set_columns: Vec::new(),
        origin: Origin::None,
    }
}

#[test]
fn a_key_of_several_columns_is_no_id() {
    for own in [&["a", "b"][..], &["a", "c"]] {
        let mut line = table("line", &["a", "b", "c"], own);
        line.foreign_keys
            .push(key(&["a", "b"], "bill", &["a", "b"]));
        let database = Database {
            tables: vec![table("bill", &["a", "b"], &["a", "b"]), line],
            ..Database::default()
        };
        let text = written(&database);
        assert!(!text.contains("association-key"), "{text}");
        assert!(!text.contains("many-to-one"), "{text}");
        assert!(
            text.contains("the foreign key (a, b) to bill is none that a mapping can declare"),
            "{text}"
        );
        // Every column is there by itself.
        let line = text.split_once("table=\"line\"").expect("the entity").1;
        assert_eq!(line.matches("<id name=").count(), 2, "{text}");
        assert_eq!(line.matches("<field name=").count(), 1, "{text}");
    }
}

#[test]
fn a_key_of_one_column_is_an_id_and_another_of_several_an_association() {
    let mut line = table("line", &["id", "a", "b"], &["id"]);
    line.foreign_keys.push(key(&["id"], "note", &["id"]));
    line.foreign_keys
        .push(key(&["a", "b"], "bill", &["a", "b"]));
    let database = Database {
        tables: vec![
            table("bill", &["a", "b"], &["a", "b"]),
            table("note", &["id"], &["id"]),
            line,
        ],
        ..Database::default()
    };
    let text = written(&database);
    assert_eq!(text.matches("association-key").count(), 1, "{text}");
    assert_eq!(text.matches("<many-to-one").count(), 2, "{text}");
    assert!(!text.contains("<!--"), "{text}");
}

#[test]
fn what_has_no_words_is_told() {
    let mut own = table("own", &["id", "other"], &["id"]);
    own.checks.push(Check {
        name: Some(Ident::new("small")),
        expr: Expr::new("other < 3 ---2"),
        column: None,
        enforced: true,
        origin: Origin::None,
    });
    let mut index = Index::over(Some(Ident::new("latest")), names(&["other"]), false);
    index.parts[0].order = SortOrder::Desc;
    own.indexes.push(index);
    let mut to_other = key(&["other"], "other", &["id"]);
    to_other.on_update = Some(RefAction::Cascade);
    own.foreign_keys.push(to_other);
    let database = Database {
        tables: vec![own, table("other", &["id"], &["id"])],
        routines: vec![Routine {
            name: ObjectName::bare("total"),
            kind: RoutineKind::Procedure,
            signature: None,
            source_text: Expr::new("CREATE PROCEDURE total() SELECT 1"),
            settings: BTreeMap::default(),
            legacy: Vec::new(),
            origin: Origin::None,
        }],
        triggers: vec![Trigger {
            name: ObjectName::bare("own_bi"),
            table: ObjectName::bare("own"),
            source_text: Expr::new(
                "CREATE TRIGGER own_bi BEFORE INSERT ON own FOR EACH ROW SET @a = 1",
            ),
            settings: BTreeMap::default(),
            origin: Origin::None,
        }],
        ..Database::default()
    };
    let text = written(&database);
    for said in [
        "the check small (other < 3 - - -2) has no words in a mapping",
        "the index latest is more than a mapping can say: other DESC",
        "the foreign key (other) to other is more than a mapping can say: ON UPDATE CASCADE",
        "the procedure total has no words in a mapping",
        "the trigger own_bi on own has no words in a mapping",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
}
