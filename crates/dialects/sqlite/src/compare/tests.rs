use super::*;
use realign_model::{DataType, Ident, IntWidth, ObjectName, SqliteTable};

fn facts() -> Facts {
    crate::facts::offline("sqlite").expect("this engine")
}

fn aspects(is: &Column, wish: &Column) -> Vec<Aspect> {
    let table = Table::new(ObjectName::bare("t"));
    COMPARE
        .column((is, &table), (wish, &table), &facts(), &mut Vec::new())
        .into_iter()
        .map(|difference| difference.aspect)
        .collect()
}

#[test]
fn both_sides_are_given_as_written_and_as_compared() {
    let mut wish = Column::new(Ident::new("c"), DataType::int(IntWidth::W32));
    wish.default = Some(Expr::new("'0'"));
    let mut is = Column::new(Ident::new("c"), DataType::Native("bigint".to_owned()));
    is.default = Some(Expr::new("0.0"));
    let table = Table::new(ObjectName::bare("t"));
    let found = COMPARE.column((&is, &table), (&wish, &table), &facts(), &mut Vec::new());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].database, Side::new("bigint", "BIGINT"));
    assert_eq!(found[0].declared, Side::plain("INTEGER"));
}

#[test]
fn an_undeclared_option_is_a_note() {
    let mut is = Table::new(ObjectName::bare("t"));
    is.options = TableOptions::Sqlite(SqliteTable {
        strict: true,
        without_rowid: false,
        conflicts: Vec::new(),
    });
    let unset = Table::new(ObjectName::bare("t"));
    let mut plain = unset.clone();
    plain.options = TableOptions::Sqlite(SqliteTable::default());
    let mut notes = Vec::new();
    assert!(COMPARE.table(&is, &unset, &facts(), &mut notes).is_empty());
    assert_eq!(notes.len(), 1);
    assert_eq!(COMPARE.table(&is, &plain, &facts(), &mut notes).len(), 1);
}

#[test]
fn a_definition_that_is_not_read_is_compared_as_text() {
    let mut wish = Column::new(Ident::new("c"), DataType::Native(String::new()));
    wish.definition = Some("VARCHAR(5) SOMETHING (x)".to_owned());
    let mut table = Table::new(ObjectName::bare("t"));
    table.source_text = Some("CREATE TABLE t (c varchar(5)  NOT NULL)".to_owned());
    let is = Column::new(Ident::new("c"), DataType::varchar(5));
    let found = COMPARE.column((&is, &table), (&wish, &table), &facts(), &mut Vec::new());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].database.written, "varchar(5)  NOT NULL");
    assert_eq!(aspects(&is, &is), []);
}

#[test]
fn triggers_and_views_are_compared_without_blanks() {
    let trigger = |text: &str| Trigger {
        name: ObjectName::bare("tr"),
        table: ObjectName::bare("t"),
        source_text: Expr::new(text),
        settings: realign_model::SessionSettings::new(),
        origin: realign_model::Origin::None,
    };
    let one = trigger("CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END");
    let same =
        trigger("create trigger if not exists TR after insert on \"t\"\nBEGIN select 1; END;");
    let other = trigger("CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 2; END");
    assert_eq!(COMPARE.trigger(&one, &same, &facts()), Verdict::Same);
    assert_eq!(COMPARE.trigger(&one, &other, &facts()), Verdict::Different);
}
