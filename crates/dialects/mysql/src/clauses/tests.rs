use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};
use realign_model::{Column, DataType, GeneratedKind, Ident, Identity, IntWidth, RefAction};

use super::{Definition, parse};
use crate::facts::offline;
use crate::no_table;
use crate::render::column_body;

fn read(definition: &str) -> Definition {
    parse(
        &Ident::new("c"),
        definition,
        &offline("mariadb-10.11").unwrap(),
    )
}

fn column(definition: &str) -> Column {
    let parsed = read(definition);
    assert_eq!(parsed.unread, None, "{definition}");
    parsed.column
}

/// What is written, and the same in Doctrine's order and spelling.
#[test]
fn clauses_in_any_order_come_to_the_same() {
    let facts = offline("mariadb-10.11").unwrap();
    for (written, same) in [
        ("int not null auto_increment", "INT AUTO_INCREMENT NOT NULL"),
        ("INT(10) UNSIGNED", "INT UNSIGNED DEFAULT NULL"),
        ("int null default null", "INT DEFAULT NULL"),
        (
            "varchar(40) character set utf8 collate utf8_bin default 'a''b' not null comment 'x'",
            "VARCHAR(40) CHARACTER SET utf8 DEFAULT 'a''b' NOT NULL COLLATE `utf8_bin` COMMENT 'x'",
        ),
        (
            "char(2) charset `ascii` not null",
            "CHAR(2) CHARACTER SET ascii NOT NULL",
        ),
        (
            "timestamp not null default current_timestamp() on update current_timestamp()",
            "TIMESTAMP DEFAULT current_timestamp() ON UPDATE current_timestamp() NOT NULL",
        ),
        (
            "datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)",
            "DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) NOT NULL",
        ),
        ("int default -1 not null", "INT DEFAULT -1 NOT NULL"),
        (
            "bit(1) not null default b'0'",
            "BIT(1) DEFAULT b'0' NOT NULL",
        ),
        (
            "varchar(9) default _utf8mb4'x' 'y'",
            "VARCHAR(9) DEFAULT _utf8mb4'x' 'y'",
        ),
        (
            "char(36) default (uuid()) not null",
            "CHAR(36) DEFAULT (uuid()) NOT NULL",
        ),
        (
            "int default 1 + 2 * (3) not null",
            "INT DEFAULT 1 + 2 * (3) NOT NULL",
        ),
        (
            "date default date '2020-01-01'",
            "DATE DEFAULT date '2020-01-01'",
        ),
        (
            "int generated always as (a + 1) stored",
            "INT GENERATED ALWAYS AS (a + 1) STORED",
        ),
        (
            "int as (a) persistent",
            "INT GENERATED ALWAYS AS (a) STORED",
        ),
        ("int as (a)", "INT GENERATED ALWAYS AS (a) VIRTUAL"),
        ("int not null invisible", "INT NOT NULL INVISIBLE"),
        ("timestamp null", "TIMESTAMP NULL DEFAULT NULL"),
        ("/* c */ INT /*!80023 INVISIBLE */ NOT NULL", "INT NOT NULL"),
        (
            "varchar(3) comment \"say \\\"hi\\\"\"",
            "VARCHAR(3) DEFAULT NULL COMMENT 'say \"hi\"'",
        ),
        ("point not null srid 4326", "POINT NOT NULL"),
        ("enum('a','b') default 'a'", "ENUM('a', 'b') DEFAULT 'a'"),
    ] {
        assert_eq!(
            column_body(&column(written), &no_table(), &facts),
            same,
            "{written}"
        );
    }
}

#[test]
fn keys_checks_and_references_are_told() {
    let parsed = read(
        "int not null unique key primary key check (c > 0) references u (id) on delete set null",
    );
    assert!(parsed.unique && parsed.primary);
    assert_eq!(parsed.checks[0].expr.text, "c > 0");
    let references = parsed.references.as_ref().unwrap();
    assert_eq!(references.table.to_string(), "u");
    assert_eq!(references.columns, [Ident::new("id")]);
    assert_eq!(references.on_delete, Some(RefAction::SetNull));
    assert_eq!(parsed.unread, None);

    let parsed = read("SERIAL");
    assert!(parsed.unique);
    assert_eq!(parsed.column.data_type, DataType::unsigned(IntWidth::W64));
    assert_eq!(parsed.column.identity, Some(Identity::AutoIncrement));
    assert!(!parsed.column.nullable);

    let parsed = read("int constraint positive check (c > 0) not enforced");
    assert_eq!((parsed.checks.len(), parsed.unread), (1, None));
    assert!(!read("int primary key").column.nullable);
}

#[test]
fn what_is_not_understood_is_named() {
    for (written, rest) in [
        ("int what ever not null", "what ever not null"),
        ("int default", "default"),
        ("int not null default )", "default )"),
        ("", ""),
        ("(", "("),
        ("int on delete cascade", "on delete cascade"),
        ("int comment x", "comment x"),
        ("int generated always as (a", "generated always as (a"),
    ] {
        assert_eq!(read(written).unread.as_deref(), Some(rest), "{written}");
    }
}

#[test]
fn generated_columns_keep_their_expression() {
    let generated = column("varchar(9) generated always as (concat(a,')')) virtual");
    let generated = generated.generated.as_ref().unwrap();
    assert_eq!(generated.expr.text, "concat(a,')')");
    assert_eq!(generated.kind, GeneratedKind::Virtual);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>()) {
        let _ = read(&text);
    }

    #[test]
    fn words_in_any_order_are_read_without_a_panic(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "int", "varchar(3)", "not", "null", "default", "'x'", "(", ")", "on", "update",
                "now()", "comment", "as", "check", "references", "collate", "unique", "key",
                "constraint", "-", "+", "1", "`a`", "generated", "always", ",", "primary", "--",
            ]),
            0..12,
        )
    ) {
        let text = words.join(" ");
        let parsed = read(&text);
        if let Some(rest) = &parsed.unread {
            prop_assert!(text.ends_with(rest.as_str()) || text.contains("--"));
        }
    }

    #[test]
    fn what_is_rendered_is_read_back(
        nullable in any::<bool>(),
        default in proptest::option::of("[ -~]{0,8}"),
        comment in proptest::option::of("[a-z '\\\\]{1,8}"),
        collation in proptest::option::of("utf8mb4_[a-z]{2,4}"),
    ) {
        let facts = offline("mysql-8.0.31").unwrap();
        let mut made = Column::new(Ident::new("c"), DataType::varchar(9));
        made.nullable = nullable;
        made.default = default.map(|text| realign_model::Expr::new(
            crate::render::string_literal(&text),
        ));
        made.comment = comment;
        made.collation = collation;
        let text = column_body(&made, &no_table(), &facts);
        prop_assert_eq!(parse(&made.name, &text, &facts).column, made);
    }
}
