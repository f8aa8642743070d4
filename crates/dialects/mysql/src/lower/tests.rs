//! Changes in, statements out.

use std::collections::BTreeMap;

use realign_model::{
    Column, DataType, Database, Expr, ForeignKey, Ident, Identity, Index, IntWidth, MatchKind,
    MySqlTable, ObjectName, Origin, PrimaryKey, RefAction, Table, TableOptions, View,
};
use realign_planner::{Facts, Lowering, Phase, Policy, Risk, Step, diff};

use super::lower;
use crate::MYSQL;
use crate::facts::offline;

fn int(name: &str) -> Column {
    Column::new(Ident::new(name), DataType::int(IntWidth::W32))
}

fn table(name: &str, columns: Vec<Column>) -> Table {
    let mut table = Table::new(ObjectName::bare(name));
    table.columns = columns;
    table.primary_key = Some(Box::new(PrimaryKey::over([Ident::new("id")])));
    table.options = TableOptions::MySql(Box::new(MySqlTable {
        engine: Some("InnoDB".to_owned()),
        ..MySqlTable::default()
    }));
    table
}

fn index(name: &str, columns: &[&str], unique: bool) -> Index {
    Index::over(
        Some(Ident::new(name)),
        columns.iter().map(|c| Ident::new(*c)),
        unique,
    )
}

fn key(name: &str, column: &str, target: &str) -> ForeignKey {
    ForeignKey {
        name: Some(Ident::new(name)),
        columns: vec![Ident::new(column)],
        ref_table: ObjectName::bare(target),
        ref_columns: vec![Ident::new("id")],
        on_delete: Some(RefAction::Restrict),
        on_update: Some(RefAction::Restrict),
        deferrable: false,
        initially_deferred: false,
        match_kind: MatchKind::Simple,
        set_columns: Vec::new(),
        origin: Origin::Server,
    }
}

/// `child.parent_id` refers to `parent.id`, through an index of its own.
fn family() -> Database {
    let mut child = table("child", vec![int("id"), int("parent_id"), int("n")]);
    child.indexes.push(index("idx", &["parent_id"], false));
    child.foreign_keys.push(key("fk", "parent_id", "parent"));
    Database {
        tables: vec![table("parent", vec![int("id"), int("n")]), child],
        ..Database::default()
    }
}

fn facts(version: &str) -> Facts {
    offline(version).expect("a known engine")
}

fn steps_on(version: &str, is: &Database, wish: &Database) -> Vec<Step> {
    let facts = facts(version);
    let policy = Policy {
        complete: true,
        ..Policy::default()
    };
    let found = diff(is, wish, &MYSQL, &facts, &policy);
    let sizes = BTreeMap::new();
    let mut steps = lower(
        &found.changes,
        &Lowering {
            is,
            wish,
            facts: &facts,
            sizes: &sizes,
        },
    );
    steps.sort_by_key(|step| step.phase);
    steps
}

fn steps(change: impl Fn(&mut Database)) -> Vec<Step> {
    let is = family();
    let mut wish = is.clone();
    change(&mut wish);
    steps_on("mariadb-10.11", &is, &wish)
}

fn sql(steps: &[Step]) -> Vec<&str> {
    steps
        .iter()
        .flat_map(|step| &step.statements)
        .map(|statement| statement.sql.as_str())
        .collect()
}

#[test]
fn columns_of_a_table_change_in_one_statement() {
    let steps = steps(|wish| {
        let child = &mut wish.tables[1];
        child.columns[2].nullable = true;
        child
            .columns
            .push(Column::new(Ident::new("text"), DataType::varchar(9)));
    });
    assert_eq!(
        sql(&steps),
        ["ALTER TABLE child ADD text VARCHAR(9) NOT NULL, CHANGE n n INT DEFAULT NULL"]
    );
    assert_eq!(steps[0].risk, Risk::Breaking, "old code can't insert");
    assert_eq!(
        steps[0].undo,
        ["ALTER TABLE child DROP text, CHANGE n n INT NOT NULL"]
    );
}

#[test]
fn foreign_keys_stand_aside_while_a_type_changes() {
    let steps = steps(|wish| {
        wish.tables[0].columns[0].data_type = DataType::int(IntWidth::W64);
        wish.tables[1].columns[1].data_type = DataType::int(IntWidth::W64);
    });
    assert_eq!(
        sql(&steps),
        [
            "ALTER TABLE child DROP FOREIGN KEY fk",
            "ALTER TABLE parent CHANGE id id BIGINT NOT NULL",
            "ALTER TABLE child CHANGE parent_id parent_id BIGINT NOT NULL",
            "ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (parent_id) REFERENCES parent (id)",
        ]
    );
    assert!(steps[3].prechecks[0].count_sql.contains("NOT EXISTS"));
}

#[test]
fn a_key_that_could_not_come_back_is_a_refusal() {
    let steps = steps(|wish| {
        wish.tables[0].columns[0].data_type = DataType::int(IntWidth::W64);
    });
    let codes: Vec<_> = steps
        .iter()
        .flat_map(|step| &step.prechecks)
        .map(|p| p.code.as_str())
        .collect();
    assert!(codes.contains(&"R212"), "{codes:?}");
}

#[test]
fn an_index_that_a_key_needs_is_replaced_in_one_statement() {
    let steps = steps(|wish| {
        wish.tables[1].indexes[0] = index("idx", &["parent_id", "n"], true);
    });
    assert_eq!(
        sql(&steps),
        ["ALTER TABLE child DROP INDEX idx, ADD UNIQUE INDEX idx (parent_id, n)"]
    );
    assert_eq!(steps[0].prechecks[0].code, "R204");
}

#[test]
fn an_index_that_no_key_needs_goes_and_comes_as_doctrine_does_it() {
    let mut is = family();
    is.tables[1].indexes.push(index("other", &["n"], false));
    let mut wish = is.clone();
    wish.tables[1].indexes[1] = index("other", &["n", "id"], false);
    assert_eq!(
        sql(&steps_on("mariadb-10.11", &is, &wish)),
        [
            "DROP INDEX other ON child",
            "CREATE INDEX other ON child (n, id)"
        ]
    );
    wish.tables[1].indexes[1] = index("another", &["n"], true);
    assert_eq!(
        sql(&steps_on("mariadb-10.11", &is, &wish)),
        ["ALTER TABLE child DROP INDEX other, ADD UNIQUE INDEX another (n)"]
    );
    wish.tables[1].indexes[1] = index("another", &["n"], false);
    assert_eq!(
        sql(&steps_on("mysql-8.0.31", &is, &wish)),
        ["ALTER TABLE child RENAME INDEX other TO another"]
    );
}

#[test]
fn the_primary_key_changes_together_with_its_columns() {
    let steps = steps(|wish| {
        let child = &mut wish.tables[1];
        child.columns[0].name = Ident::new("no");
        child.columns[0].identity = Some(Identity::AutoIncrement);
        child.primary_key = Some(Box::new(PrimaryKey::over([Ident::new("no")])));
    });
    assert_eq!(
        sql(&steps),
        [
            "ALTER TABLE child ADD no INT AUTO_INCREMENT NOT NULL, DROP id, DROP PRIMARY KEY, ADD PRIMARY KEY (no)"
        ]
    );
    assert_eq!(steps[0].risk, Risk::Destructive);
    assert_eq!(steps[0].losses[0].object, "column child.id");
    assert!(
        steps[0].prechecks.is_empty(),
        "AUTO_INCREMENT gives each row its own value"
    );
}

#[test]
fn a_new_auto_increment_column_brings_its_index_along() {
    let steps = steps(|wish| {
        let child = &mut wish.tables[1];
        let mut serial = int("serial");
        serial.identity = Some(Identity::AutoIncrement);
        child.columns.push(serial);
        child.indexes.push(index("by_serial", &["serial"], true));
    });
    assert_eq!(
        sql(&steps),
        [
            "ALTER TABLE child ADD serial INT AUTO_INCREMENT NOT NULL, ADD UNIQUE INDEX by_serial (serial)"
        ]
    );
}

#[test]
fn renames_keep_values_and_questions_use_the_present_names() {
    let steps = steps(|wish| {
        let child = &mut wish.tables[1];
        child.name = ObjectName::bare("kid");
        child.renamed_from = vec![ObjectName::bare("child")];
        child.columns[2].name = Ident::new("number");
        child.columns[2].renamed_from = vec![Ident::new("n")];
        child.columns[2].data_type = DataType::int(IntWidth::W16);
        child.foreign_keys.clear();
        child.indexes.clear();
        child.indexes.push(index("u", &["number"], true));
    });
    assert_eq!(
        sql(&steps),
        [
            "ALTER TABLE child RENAME TO kid",
            "ALTER TABLE kid RENAME COLUMN n TO number",
            "ALTER TABLE kid DROP FOREIGN KEY fk",
            "DROP INDEX idx ON kid",
            "ALTER TABLE kid CHANGE number number SMALLINT NOT NULL",
            "CREATE UNIQUE INDEX u ON kid (number)",
        ]
    );
    let asked: Vec<_> = steps
        .iter()
        .flat_map(|step| &step.prechecks)
        .map(|p| p.count_sql.as_str())
        .collect();
    assert_eq!(
        asked,
        [
            "SELECT COUNT(*) FROM `child` WHERE `n` < -32768 OR `n` > 32767",
            "SELECT COUNT(*) FROM (SELECT 1 FROM `child` GROUP BY `n` HAVING COUNT(*) > 1) AS t",
        ]
    );
    assert!(steps[0].risk == Risk::Breaking && steps[1].risk == Risk::Breaking);
}

#[test]
fn a_view_that_loses_a_column_is_named() {
    let mut is = family();
    is.views.push(View {
        name: ObjectName::bare("v"),
        query: Expr::new("select `child`.`n` AS `n` from `child`"),
        columns: Vec::new(),
        materialized: false,
        options: Vec::new(),
        source_text: None,
        settings: realign_model::SessionSettings::new(),
        origin: Origin::Server,
    });
    let mut wish = is.clone();
    wish.tables[1].columns.pop();
    let steps = steps_on("mariadb-10.11", &is, &wish);
    assert_eq!(sql(&steps), ["ALTER TABLE child DROP n"]);
    assert!(
        steps[0]
            .reasons
            .iter()
            .any(|reason| reason.text.contains("view v mentions child.n"))
    );
}

#[test]
fn a_dropped_table_goes_last_and_its_keys_first() {
    let steps = steps(|wish| {
        wish.tables.pop();
        wish.tables[0].columns.push(int("more"));
    });
    assert_eq!(
        sql(&steps),
        [
            "ALTER TABLE child DROP FOREIGN KEY fk",
            "ALTER TABLE parent ADD more INT NOT NULL",
            "DROP TABLE child"
        ]
    );
    assert_eq!(steps[2].phase, Phase::Drop);
}

#[test]
fn mysql_lets_keys_stand_aside_for_less() {
    let is = family();
    let mut wish = is.clone();
    wish.tables[0].columns[0].identity = Some(Identity::AutoIncrement);
    let count = |version| {
        sql(&steps_on(version, &is, &wish))
            .iter()
            .filter(|sql| sql.contains("FOREIGN KEY"))
            .count()
    };
    assert_eq!(count("mariadb-10.11"), 0);
    assert_eq!(count("mysql-8.0.31"), 2);
}

#[test]
fn old_servers_rebuild_for_what_new_ones_do_at_once() {
    let is = family();
    let mut wish = is.clone();
    let mut more = int("more");
    more.nullable = true;
    wish.tables[0].columns.push(more);
    let risk = |version| steps_on(version, &is, &wish)[0].risk;
    assert_eq!(risk("mysql-5.7.40"), Risk::Rewriting);
    assert_eq!(risk("mysql-8.0.31"), Risk::Safe);
    assert_eq!(risk("mariadb-10.11"), Risk::Safe);
}

#[test]
fn a_conversion_keeps_what_it_would_widen() {
    let mut is = family();
    let options = |charset: &str, collation: &str| {
        TableOptions::MySql(Box::new(MySqlTable {
            engine: Some("InnoDB".to_owned()),
            charset: Some(charset.to_owned()),
            collation: Some(collation.to_owned()),
            ..MySqlTable::default()
        }))
    };
    let mut text = Column::new(
        Ident::new("body"),
        DataType::Text {
            size: realign_model::TextSize::Normal,
        },
    );
    text.nullable = true;
    is.tables[0].columns.push(text);
    is.tables[0].options = options("latin1", "latin1_swedish_ci");
    let mut wish = is.clone();
    wish.tables[0].options = options("utf8mb4", "utf8mb4_unicode_ci");
    assert_eq!(
        sql(&steps_on("mariadb-10.11", &is, &wish)),
        [
            "ALTER TABLE parent CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci, CHANGE body body TEXT DEFAULT NULL"
        ]
    );
}
