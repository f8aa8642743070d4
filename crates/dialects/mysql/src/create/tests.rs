use realign_model::{
    Check, Column, DataType, Database, Expr, ForeignKey, Generated, GeneratedKind, Ident, Identity,
    Index, IndexKind, IndexPart, IndexTarget, IntWidth, MatchKind, MySqlTable, ObjectName, Origin,
    PrimaryKey, RefAction, SortOrder, Table, TableOptions, Trigger, View,
};
use realign_planner::{Facts, Phase, Risk, Step};

use super::{create, drop};
use crate::facts::offline;
use crate::render::{create_index, describe_column, describe_index, foreign_key, ident};

fn facts(server: &str, profile: &str) -> Facts {
    let mut facts = offline(server).unwrap();
    facts.doctrine = profile.parse().unwrap();
    facts
}

fn key(name: &str, columns: &[&str], target: &str) -> ForeignKey {
    ForeignKey {
        name: Some(Ident::new(name)),
        columns: columns.iter().copied().map(Ident::new).collect(),
        ref_table: ObjectName::bare(target),
        ref_columns: vec![Ident::new("id")],
        on_delete: None,
        on_update: None,
        deferrable: false,
        initially_deferred: false,
        match_kind: MatchKind::Simple,
        set_columns: Vec::new(),
        origin: Origin::None,
    }
}

fn table(name: &str, engine: &str) -> Table {
    let mut id = Column::new(Ident::new("id"), DataType::int(IntWidth::W32));
    id.identity = Some(Identity::AutoIncrement);
    let mut up = Column::new(Ident::new("key"), DataType::int(IntWidth::W32));
    up.nullable = true;
    let mut table = Table::new(ObjectName::bare(name));
    table.columns = vec![id, up];
    table.primary_key = Some(Box::new(PrimaryKey::over([Ident::new("id")])));
    table.indexes = vec![
        Index::over(Some(Ident::new("IDX_1")), [Ident::new("key")], false),
        Index::over(
            Some(Ident::new("u")),
            [Ident::new("key"), Ident::new("id")],
            true,
        ),
    ];
    let mut parent = key("FK_1", &["key"], name);
    parent.on_delete = Some(RefAction::SetNull);
    table.foreign_keys = vec![parent];
    table.options = TableOptions::MySql(Box::new(MySqlTable {
        engine: Some(engine.to_owned()),
        ..MySqlTable::default()
    }));
    table
}

fn sql(steps: &[Step]) -> Vec<&str> {
    steps
        .iter()
        .flat_map(|step| &step.statements)
        .map(|statement| statement.sql.as_str())
        .collect()
}

#[test]
fn tables_come_first_then_their_keys_then_what_reads_them() {
    let facts = facts("mysql-8.0.31", "orm-2.14/dbal-3.6");
    let database = Database {
        tables: vec![table("t", "InnoDB"), table("system", "MyISAM")],
        views: vec![View {
            name: ObjectName::bare("v"),
            query: Expr::new("SELECT 1 AS a"),
            columns: vec![Ident::new("a")],
            materialized: false,
            options: Vec::new(),
            source_text: None,
            settings: realign_model::SessionSettings::new(),
            origin: Origin::None,
        }],
        triggers: vec![Trigger {
            name: ObjectName::bare("tr"),
            table: ObjectName::bare("t"),
            source_text: Expr::new("CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET @a = 1"),
            settings: realign_model::SessionSettings::new(),
            origin: Origin::None,
        }],
        ..Database::default()
    };
    let steps = create(&database, &facts);
    assert_eq!(
        sql(&steps),
        [
            "CREATE TABLE t (id INT AUTO_INCREMENT NOT NULL, `key` INT DEFAULT NULL, \
             INDEX IDX_1 (`key`), UNIQUE INDEX u (`key`, id), PRIMARY KEY(id)) ENGINE = InnoDB",
            "CREATE TABLE `system` (id INT AUTO_INCREMENT NOT NULL, `key` INT DEFAULT NULL, \
             INDEX IDX_1 (`key`), UNIQUE INDEX u (`key`, id), PRIMARY KEY(id)) ENGINE = MyISAM",
            "ALTER TABLE t ADD CONSTRAINT FK_1 FOREIGN KEY (`key`) REFERENCES t (id) ON DELETE SET NULL",
            "CREATE VIEW v (a) AS SELECT 1 AS a",
            "SET @realign_sql_mode = @@SESSION.sql_mode, SESSION sql_mode = @@GLOBAL.sql_mode",
            "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET @a = 1",
            "SET SESSION sql_mode = @realign_sql_mode",
        ]
    );
    assert!(steps.windows(2).all(|pair| pair[0].phase <= pair[1].phase));

    // DBAL 4 does not ask for the engine.
    let with_4 = create(&database, &self::facts("mysql-8.0.31", "orm-3.3/dbal-4.2"));
    assert_eq!(
        with_4
            .iter()
            .filter(|s| s.phase == Phase::AddForeignKeys)
            .count(),
        2
    );

    let steps = drop(&database, &facts);
    assert_eq!(
        sql(&steps),
        [
            "ALTER TABLE t DROP FOREIGN KEY FK_1",
            "DROP TRIGGER tr",
            "DROP VIEW v",
            "DROP TABLE t",
            "DROP TABLE `system`",
        ]
    );
    assert!(steps.windows(2).all(|pair| pair[0].phase <= pair[1].phase));
    let last = steps.last().unwrap();
    assert_eq!(last.risk, Risk::Destructive);
    assert_eq!(last.losses[0].count_sql, "SELECT COUNT(*) FROM `system`");
    assert_eq!(steps[2].undo, ["CREATE VIEW v (a) AS SELECT 1 AS a"]);
}

#[test]
fn names_are_quoted_when_they_have_to_be() {
    let facts = facts("mariadb-10.11", "orm-2.14/dbal-3.6");
    for (name, expected) in [
        (Ident::new("user"), "user"),
        (Ident::quoted("user"), "`user`"),
        (Ident::new("order"), "`order`"),
        (Ident::new("a b"), "`a b`"),
        (Ident::new("1st"), "`1st`"),
        (Ident::new("größe"), "größe"),
        (Ident::new("a`b"), "`a``b`"),
        (Ident::new(""), "``"),
    ] {
        assert_eq!(ident(&name, &facts), expected);
    }
}

#[test]
fn a_key_in_another_database_names_it() {
    let facts = facts("mysql-8.0.31", "orm-2.14/dbal-3.6");
    let mut key = key("FK_1", &["a", "b"], "u");
    key.ref_table.schema = Some(Ident::new("order"));
    key.ref_columns = vec![Ident::new("x"), Ident::new("y")];
    key.on_update = Some(RefAction::Cascade);
    key.on_delete = Some(RefAction::NoAction);
    assert_eq!(
        foreign_key(&key, &facts),
        "FOREIGN KEY (a, b) REFERENCES `order`.u (x, y) ON UPDATE CASCADE ON DELETE NO ACTION"
    );
}

#[test]
fn indexes_of_every_kind_are_printed() {
    let mysql = facts("mysql-8.0.31", "orm-2.14/dbal-3.6");
    let table = ObjectName::bare("t");
    let mut index = Index::over(Some(Ident::new("i")), [Ident::new("a")], false);
    index.parts.push(IndexPart {
        target: IndexTarget::Expr(Expr::new("lower(b)")),
        order: SortOrder::Desc,
        ..IndexPart::column(Ident::new("unused"))
    });
    index.parts[0].prefix = Some(10);
    index.invisible = true;
    index.comment = Some("c".to_owned());
    assert_eq!(
        create_index(&table, &index, &mysql),
        "CREATE INDEX i ON t (a(10), (lower(b)) DESC) COMMENT 'c' INVISIBLE"
    );
    assert_eq!(
        describe_index(&index, &facts("mariadb-10.11", "3")),
        "INDEX (a(10), (lower(b)) DESC) COMMENT 'c' IGNORED"
    );
    index = Index::over(None, [Ident::new("a")], false);
    index.kind = IndexKind::Fulltext {
        parser: Some("ngram".to_owned()),
    };
    assert_eq!(
        create_index(&table, &index, &mysql),
        "ALTER TABLE t ADD FULLTEXT INDEX (a) WITH PARSER `ngram`"
    );
    index.kind = IndexKind::Method("hash".to_owned());
    assert_eq!(describe_index(&index, &mysql), "INDEX (a) USING HASH");
    index.unique = true;
    index.kind = IndexKind::Plain;
    assert_eq!(describe_index(&index, &mysql), "UNIQUE (a)");
}

#[test]
fn a_generated_column_has_its_collation_before_the_expression() {
    let mut column = Column::new(Ident::new("c"), DataType::varchar(9));
    column.collation = Some("utf8mb4_bin".to_owned());
    column.comment = Some("x".to_owned());
    column.generated = Some(Generated {
        expr: Expr::new("lower(a)"),
        kind: GeneratedKind::Stored,
    });
    assert_eq!(
        describe_column(&column, &facts("mysql-8.0.31", "3")),
        "VARCHAR(9) COLLATE `utf8mb4_bin` GENERATED ALWAYS AS (lower(a)) STORED NOT NULL COMMENT 'x'"
    );
    assert_eq!(
        describe_column(&column, &facts("mariadb-10.11", "3")),
        "VARCHAR(9) COLLATE `utf8mb4_bin` GENERATED ALWAYS AS (lower(a)) STORED COMMENT 'x'"
    );
}

#[test]
fn checks_stand_before_the_primary_key() {
    let mut table = table("t", "InnoDB");
    table.foreign_keys.clear();
    table.indexes.clear();
    table.checks = vec![Check {
        name: Some(Ident::new("positive")),
        expr: Expr::new("id > 0"),
        column: None,
        enforced: false,
        origin: Origin::None,
    }];
    let database = Database {
        tables: vec![table],
        ..Database::default()
    };
    assert_eq!(
        sql(&create(&database, &facts("mysql-8.0.31", "3"))),
        [
            "CREATE TABLE t (id INT AUTO_INCREMENT NOT NULL, `key` INT DEFAULT NULL, \
          CONSTRAINT positive CHECK (id > 0) NOT ENFORCED, PRIMARY KEY(id)) ENGINE = InnoDB"
        ]
    );
}

#[test]
fn a_body_with_semicolons_has_delimiters_for_the_client() {
    let facts = facts("mariadb-10.11", "3");
    let script = realign_planner::SchemaScript {
        path: "t.sql",
        text: "CREATE TABLE t (a INT);\nDELIMITER //\nCREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.a = 1; END//\nCREATE FUNCTION f() RETURNS INT RETURN 1//",
    };
    let read = realign_planner::Dialect::interpret(&crate::MYSQL).interpret(
        &script,
        Database::default(),
        &facts,
    );
    let steps = create(&read.database, &facts);
    let lines: Vec<Option<String>> = steps
        .iter()
        .flat_map(|step| &step.statements)
        .map(|statement| statement.client.clone())
        .collect();
    let told = "DELIMITER ;;\nCREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW BEGIN SET NEW.a = 1; END\n;;\nDELIMITER ;";
    assert_eq!(
        lines.iter().flatten().collect::<Vec<_>>(),
        [&told.to_owned()]
    );
}
