//! Rows in, model out.

use realign_model::{
    DataType, Expr, Generated, GeneratedKind, Identity, IndexKind, RefAction, SortOrder,
    TableOptions,
};
use realign_planner::{Assembled, Facts, Rows, Value};

use super::{assemble, charset_of, create_options};
use crate::catalog::{Topic, has_partitions, topics};
use crate::facts::offline;

/// Answers of a server: one text a value, `NULL` for NULL, columns apart by `|`.
fn answer(version: &str, tables: &[(Topic, &[&str])]) -> Assembled {
    let facts: Facts = offline(version).expect("a known engine");
    let told = |topic: Topic| Rows {
        columns: Vec::new(),
        rows: tables
            .iter()
            .filter(|(t, _)| *t == topic)
            .flat_map(|(_, rows)| *rows)
            .map(|row| {
                row.split('|')
                    .map(|text| match text {
                        "NULL" => Value::Null,
                        text => Value::Text(text.to_owned()),
                    })
                    .collect()
            })
            .collect(),
    };
    let mut answers: Vec<Rows> = topics(&facts).map(told).collect();
    if has_partitions(&answers, &facts) {
        answers.push(told(Topic::Partitions));
    }
    assemble(answers, &facts)
}

const TABLE: (Topic, &[&str]) = (
    Topic::Tables,
    &["t|BASE TABLE|InnoDB|Dynamic|12|16384|0|7|utf8mb4_unicode_ci|row_format=DYNAMIC|a table"],
);

#[test]
fn a_table_with_its_options_and_size() {
    let found = answer("mariadb-10.11", &[TABLE]);
    let table = &found.database.tables[0];
    assert_eq!(table.comment.as_deref(), Some("a table"));
    let TableOptions::MySql(options) = &table.options else {
        panic!("options of another engine");
    };
    assert_eq!(options.engine.as_deref(), Some("InnoDB"));
    assert_eq!(options.charset.as_deref(), Some("utf8mb4"));
    assert_eq!(options.row_format.as_deref(), Some("DYNAMIC"));
    assert_eq!(options.auto_increment, Some(7));
    assert!(options.extra.is_empty());
    assert_eq!(found.sizes["t"].rows, Some(12));
    assert_eq!(found.sizes["t"].bytes, Some(16384));
}

#[test]
fn what_is_no_plain_table_is_opaque() {
    let found = answer(
        "mariadb-10.11",
        &[(
            Topic::Tables,
            &[
                "s|SEQUENCE|InnoDB|Fixed|1|1|0|NULL|utf8mb4_unicode_ci||",
                "v|SYSTEM VERSIONED|InnoDB|Dynamic|0|0|0|NULL|utf8mb4_unicode_ci||",
                "w|VIEW|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|VIEW",
            ],
        )],
    );
    let kinds: Vec<_> = found
        .database
        .opaque
        .iter()
        .map(|o| o.kind.as_str())
        .collect();
    assert_eq!(kinds, ["sequence", "system-versioned table"]);
    assert!(found.database.tables.is_empty());
}

#[test]
fn columns_of_mariadb() {
    let found = answer(
        "mariadb-10.11",
        &[
            TABLE,
            (
                Topic::Columns,
                &[
                    "t|2|name|NULL|YES|varchar(20)|utf8mb4|utf8mb4_unicode_ci|||NULL|NULL",
                    "t|1|id|NULL|NO|int(11)|NULL|NULL|auto_increment||NULL|NULL",
                    "t|3|kind|'it\\'s'|NO|varchar(9)|utf8mb4|utf8mb4_bin||said(DC2Type:guid)|NULL|NULL",
                    "t|4|at|current_timestamp()|NO|datetime|NULL|NULL|on update current_timestamp()||NULL|NULL",
                    "t|5|twice|NULL|YES|int(11)|NULL|NULL|STORED GENERATED||`id` * 2|NULL",
                    "t|6|meta|NULL|YES|longtext|utf8mb4|utf8mb4_bin|||NULL|NULL",
                ],
            ),
            (Topic::Checks, &["t|meta|Column|YES|json_valid(`meta`)"]),
        ],
    );
    let table = &found.database.tables[0];
    let names: Vec<_> = table.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["id", "name", "kind", "at", "twice", "meta"]);
    assert_eq!(table.columns[0].identity, Some(Identity::AutoIncrement));
    assert_eq!(table.columns[1].default, None);
    assert_eq!(table.columns[1].collation, None, "the table's own");
    let kind = &table.columns[2];
    assert_eq!(kind.default.as_ref().map(Expr::as_str), Some("'it\\'s'"));
    assert_eq!(kind.collation.as_deref(), Some("utf8mb4_bin"));
    assert_eq!(kind.comment.as_deref(), Some("said"));
    assert_eq!(kind.type_mark.as_deref(), Some("guid"));
    let at = &table.columns[3];
    assert_eq!(
        at.on_update.as_ref().map(Expr::as_str),
        Some("current_timestamp()")
    );
    assert_eq!(
        table.columns[4].generated,
        Some(Generated {
            expr: Expr::new("`id` * 2"),
            kind: GeneratedKind::Stored
        })
    );
    assert_eq!(table.columns[5].data_type, DataType::Json { binary: false });
    assert_eq!(table.columns[5].collation, None);
}

#[test]
fn defaults_of_mysql_get_their_quotes_back() {
    let found = answer(
        "mysql-8.0.31",
        &[
            TABLE,
            (
                Topic::Columns,
                &[
                    "t|1|a|NULL|YES|varchar(20)|utf8mb4|utf8mb4_unicode_ci|||NULL|NULL",
                    "t|2|b|NULL text|NO|varchar(20)|utf8mb4|utf8mb4_unicode_ci|||NULL|NULL",
                    "t|3|c|5|NO|int|NULL|NULL|||NULL|NULL",
                    "t|4|d|CURRENT_TIMESTAMP|NO|datetime|NULL|NULL|DEFAULT_GENERATED||NULL|NULL",
                    "t|5|e|uuid()|NO|varchar(36)|utf8mb4|utf8mb4_unicode_ci|DEFAULT_GENERATED||NULL|NULL",
                    "t|6|f|concat(_utf8mb4\\'a\\',`b`)|NO|varchar(36)|utf8mb4|utf8mb4_unicode_ci|DEFAULT_GENERATED||NULL|NULL",
                    "t|7|g|uuid()|NO|varchar(36)|utf8mb4|utf8mb4_unicode_ci|||NULL|NULL",
                ],
            ),
        ],
    );
    let defaults: Vec<_> = found.database.tables[0]
        .columns
        .iter()
        .map(|c| c.default.as_ref().map(|d| d.as_str().to_owned()))
        .collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        defaults,
        [
            None,
            text("'NULL text'"),
            text("5"),
            text("CURRENT_TIMESTAMP"),
            text("(uuid())"),
            text("(concat(_utf8mb4'a',`b`))"),
            text("'uuid()'"),
        ]
    );
}

#[test]
fn keys_in_the_order_of_their_parts() {
    let found = answer(
        "mysql-8.0.31",
        &[
            TABLE,
            (
                Topic::Indexes,
                &[
                    "t|i|2|1|b|D|NULL|BTREE||NO|NULL",
                    "t|i|1|1|a|A|10|BTREE|why|NO|NULL",
                    "t|PRIMARY|1|0|id|A|NULL|BTREE||NO|NULL",
                    "t|f|1|1|NULL|A|NULL|BTREE||YES|lower(`a`)",
                    "t|ft|1|1|a|NULL|NULL|FULLTEXT||NO|NULL",
                    "t|s|1|1|p|A|32|SPATIAL||NO|NULL",
                ],
            ),
            (
                Topic::KeyColumns,
                &[
                    "t|fk|2|b|NULL|p|y",
                    "t|fk|1|a|NULL|p|x",
                    "t|far|1|a|other|q|id",
                ],
            ),
            (Topic::KeyRules, &["t|fk|RESTRICT|CASCADE"]),
        ],
    );
    let table = &found.database.tables[0];
    assert!(table.primary_key.is_some());
    let index = |name: &str| {
        table
            .indexes
            .iter()
            .find(|i| i.name_str() == name)
            .expect("there")
    };
    let i = index("i");
    assert_eq!(i.parts[0].prefix, Some(10));
    assert_eq!(i.parts[1].order, SortOrder::Desc);
    assert_eq!(i.comment.as_deref(), Some("why"));
    let f = index("f");
    assert!(f.invisible && f.parts[0].as_column().is_none());
    assert_eq!(index("ft").kind, IndexKind::Fulltext { parser: None });
    assert_eq!(index("s").parts[0].prefix, None);
    let fk = table
        .foreign_keys
        .iter()
        .find(|k| k.name_str() == "fk")
        .expect("there");
    assert_eq!(fk.columns[0].as_str(), "a");
    assert_eq!(fk.ref_columns[1].as_str(), "y");
    assert_eq!(fk.on_delete, Some(RefAction::Cascade));
    assert_eq!(found.remarks.len(), 1, "one key's actions are hidden");
    assert_eq!(found.remarks[0].code, "C301");
}

#[test]
fn views_triggers_routines_events_and_partitions() {
    let found = answer(
        "mariadb-10.11",
        &[
            (
                Topic::Tables,
                &["t|BASE TABLE|InnoDB|Dynamic|0|0|0|NULL|utf8mb4_unicode_ci|partitioned|"],
            ),
            (
                Topic::Views,
                &[
                    "w|select `app`.`t`.`id` AS `id` from `app`.`t`|NONE|me@here|DEFINER|UNDEFINED|app",
                    "hidden||NONE|me@here|DEFINER|UNDEFINED|app",
                ],
            ),
            (Topic::Triggers, &["tr|BEFORE|INSERT|t|set new.id = 1"]),
            (
                Topic::Routines,
                &["p|p|PROCEDURE|NULL|NO|CONTAINS SQL|DEFINER|select a"],
            ),
            (Topic::Parameters, &["p|PROCEDURE|1|IN|a|int(11)"]),
            (
                Topic::Events,
                &["e|RECURRING|NULL|1|DAY|NULL|NULL|PRESERVE|ENABLED||select 1"],
            ),
            (
                Topic::Partitions,
                &[
                    "t|2|NULL|p1|NULL|RANGE|NULL|`id`|NULL|MAXVALUE|",
                    "t|1|NULL|p0|NULL|RANGE|NULL|`id`|NULL|10|old",
                ],
            ),
        ],
    );
    let database = &found.database;
    assert_eq!(
        database.views[0].query.as_str(),
        "select `t`.`id` AS `id` from `t`"
    );
    assert_eq!(database.opaque[0].kind, "view");
    assert_eq!(
        database.triggers[0].source_text.as_str(),
        "CREATE TRIGGER `tr` BEFORE INSERT ON `t` FOR EACH ROW set new.id = 1"
    );
    assert_eq!(
        database.routines[0].source_text.as_str(),
        "CREATE PROCEDURE `p` (IN `a` int(11)) CONTAINS SQL SQL SECURITY DEFINER select a"
    );
    assert_eq!(
        database.events[0].source_text.as_str(),
        "CREATE EVENT `e` ON SCHEDULE EVERY '1' DAY ON COMPLETION PRESERVE ENABLE DO select 1"
    );
    assert_eq!(
        database.tables[0]
            .partitioning
            .as_ref()
            .map(|p| p.clause.as_str()),
        Some(
            "PARTITION BY RANGE (`id`) (PARTITION `p0` VALUES LESS THAN (10) COMMENT = 'old', PARTITION `p1` VALUES LESS THAN MAXVALUE)"
        )
    );
}

#[test]
fn rubbish_is_no_reason_to_fail() {
    let found = answer(
        "mariadb-10.11",
        &[
            (Topic::Tables, &["", "x", "y|||||||||partitioned"]),
            (Topic::Columns, &["nowhere|1|a|NULL"]),
            (Topic::Indexes, &["nowhere|i"]),
            (Topic::KeyRules, &["nowhere|fk"]),
            (Topic::Partitions, &["nowhere"]),
        ],
    );
    assert!(found.database.tables.is_empty());
}

#[test]
fn create_options_keep_quoted_blanks_together() {
    assert_eq!(
        create_options("max_rows=10 row_format=DYNAMIC `page_compressed`='a b' partitioned"),
        ["max_rows=10", "`page_compressed`='a b'"]
    );
    assert!(create_options("").is_empty());
}

#[test]
fn a_collation_tells_its_character_set() {
    assert_eq!(charset_of("utf8mb4_unicode_ci"), "utf8mb4");
    assert_eq!(charset_of("binary"), "binary");
}
