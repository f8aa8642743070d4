use super::*;
use realign_model::{Check, DataType, IntWidth, Origin, PrimaryKey, RefAction, SqliteTable};

fn facts() -> Facts {
    crate::facts::offline("sqlite").expect("this engine")
}

fn key() -> ForeignKey {
    ForeignKey {
        name: Some(Ident::new("FK_X")),
        columns: vec![Ident::new("a")],
        ref_table: ObjectName::bare("u"),
        ref_columns: vec![Ident::new("id")],
        on_delete: Some(RefAction::Cascade),
        on_update: None,
        deferrable: false,
        initially_deferred: false,
        match_kind: realign_model::MatchKind::Simple,
        set_columns: Vec::new(),
        origin: Origin::None,
    }
}

#[test]
fn a_table_as_doctrine_writes_it() {
    let mut table = Table::new(ObjectName::bare("t"));
    let mut id = Column::new(Ident::new("id"), DataType::int(IntWidth::W32));
    id.identity = Some(Identity::AutoIncrement);
    let mut a = Column::new(Ident::new("a"), DataType::int(IntWidth::W32));
    a.nullable = true;
    table.columns = vec![id, a];
    table.primary_key = Some(Box::new(PrimaryKey::over([Ident::new("id")])));
    table.foreign_keys.push(key());
    table.indexes.push(Index::over(
        Some(Ident::new("IDX_A")),
        [Ident::new("a")],
        false,
    ));
    insta::assert_snapshot!(create_with_indexes(&table, &facts()).join("\n"), @r"
    CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, a INTEGER DEFAULT NULL, CONSTRAINT FK_X FOREIGN KEY (a) REFERENCES u (id) ON DELETE CASCADE NOT DEFERRABLE INITIALLY IMMEDIATE)
    CREATE INDEX IDX_A ON t (a)
    ");
}

#[test]
fn everything_else_a_table_can_have() {
    let mut table = Table::new(ObjectName::new(None, Ident::quoted("order")));
    let mut a = Column::new(Ident::new("key"), DataType::Native("My Type".to_owned()));
    a.default = Some(Expr::new("1 + 1"));
    a.comment = Some("text".to_owned());
    a.type_mark = Some("json".to_owned());
    table.columns = vec![a];
    table.primary_key = Some(Box::new(PrimaryKey::over([Ident::new("key")])));
    let mut unique = Index::over(Some(Ident::new("u")), [Ident::new("key")], true);
    unique.constraint = true;
    let mut index = Index::over(Some(Ident::new("i")), [Ident::new("key")], true);
    index.parts[0].order = SortOrder::Desc;
    index.parts[0].collation = Some("NOCASE".to_owned());
    index.predicate = Some(Expr::new("\"key\" > 1"));
    table.indexes = vec![unique, index];
    let mut deferred = key();
    deferred.deferrable = true;
    deferred.initially_deferred = true;
    deferred.on_update = Some(RefAction::SetNull);
    table.foreign_keys.push(deferred);
    table.checks.push(Check {
        name: None,
        expr: Expr::new("\"key\" > 0"),
        column: None,
        enforced: true,
        origin: Origin::None,
    });
    table.comment = Some("about".to_owned());
    table.options = TableOptions::Sqlite(SqliteTable {
        strict: true,
        without_rowid: true,
        conflicts: vec!["PRIMARY KEY ON CONFLICT REPLACE".to_owned()],
    });
    insta::assert_snapshot!(create_with_indexes(&table, &facts()).join("\n"), @r#"
    CREATE TABLE "order" --about
    ("key" My Type DEFAULT (1 + 1) NOT NULL --text(DC2Type:json)
    , CONSTRAINT u UNIQUE ("key"), PRIMARY KEY("key") ON CONFLICT REPLACE, CONSTRAINT FK_X FOREIGN KEY (a) REFERENCES u (id) ON UPDATE SET NULL ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, CHECK ("key" > 0)) STRICT, WITHOUT ROWID
    CREATE UNIQUE INDEX i ON "order" ("key" COLLATE NOCASE DESC) WHERE "key" > 1
    "#);
}
