use indexmap::IndexMap;
use realign_model::{Ident, IndexKind, Origin, TableOptions};
use realign_planner::{DoctrineIndex, DoctrinePlatform, OptionValue, TableDefaults};

use super::{D25, D29, D36, D42, D213, MYSQL80, PLATFORM, facts, text};
use crate::no_table;
use crate::render::{create_index, index_inline, table_options};

fn index(flags: &[&str], unique: bool, options: &[(&str, OptionValue)]) -> DoctrineIndex {
    DoctrineIndex {
        name: Ident::new("ft"),
        columns: vec![Ident::new("s"), Ident::new("id")],
        unique,
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        options: options
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
        origin: Origin::None,
    }
}

fn list(values: &[&str]) -> OptionValue {
    OptionValue::Map(
        values
            .iter()
            .enumerate()
            .map(|(at, value)| (at.to_string(), text(value)))
            .collect(),
    )
}

#[test]
fn indexes_honour_flags_and_lengths() {
    let facts = facts(MYSQL80, D42);
    let mut remarks = Vec::new();
    let mut inline =
        |index: &DoctrineIndex| index_inline(&PLATFORM.index(index, &facts, &mut remarks), &facts);
    assert_eq!(
        inline(&index(&["fulltext"], false, &[])),
        "FULLTEXT INDEX ft (s, id)"
    );
    assert_eq!(
        inline(&index(&["spatial"], false, &[])),
        "SPATIAL INDEX ft (s, id)"
    );
    assert_eq!(
        inline(&index(&["fulltext"], true, &[])),
        "UNIQUE INDEX ft (s, id)"
    );
    assert_eq!(
        inline(&index(&[], false, &[("lengths", list(&["10"]))])),
        "INDEX ft (s(10), id)"
    );
    assert_eq!(
        inline(&index(&[], false, &[("lengths", list(&["", "7"]))])),
        "INDEX ft (s, id(7))"
    );
    assert!(remarks.is_empty());
}

#[test]
fn what_an_index_can_not_have_is_said() {
    let mut remarks = Vec::new();
    let partial = index(&[], true, &[("where", text("a > 1"))]);
    let made = PLATFORM.index(&partial, &facts(MYSQL80, D36), &mut remarks);
    assert!(made.predicate.is_none());
    let lengths = index(&[], false, &[("lengths", list(&["x", "3"]))]);
    let made = PLATFORM.index(&lengths, &facts(MYSQL80, D36), &mut remarks);
    assert_eq!(made.parts[1].prefix, Some(3));
    let made = PLATFORM.index(&lengths, &facts(MYSQL80, D25), &mut remarks);
    assert_eq!(made.parts[1].prefix, None);
    assert_eq!(made.kind, IndexKind::Plain);
    let codes: Vec<_> = remarks.iter().map(|r| r.code.as_str()).collect();
    assert_eq!(codes, ["D064"; 3]);
    assert_eq!(
        create_index(
            &realign_model::ObjectName::bare("t"),
            &made,
            &facts(MYSQL80, D36)
        ),
        "CREATE INDEX ft ON t (s, id)"
    );
}

fn suffix(options: &[(&str, &str)], defaults: &TableDefaults, profile: &str) -> String {
    let facts = facts(MYSQL80, profile);
    let options = options
        .iter()
        .map(|(name, value)| ((*name).to_owned(), text(value)))
        .collect();
    let mut table = no_table();
    (table.options, table.comment) = PLATFORM.table_options(&options, defaults, &facts);
    table_options(&table, &facts)
}

#[test]
fn table_options_follow_the_release() {
    let none = TableDefaults::default();
    let usual = " DEFAULT CHARACTER SET utf8mb4 COLLATE `utf8mb4_unicode_ci` ENGINE = InnoDB";
    for (options, profile, expected) in [
        (&[][..], D36, usual),
        (
            &[],
            D29,
            " DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ENGINE = InnoDB",
        ),
        (&[], D42, ""),
        (
            &[("charset", "utf8")],
            D213,
            " DEFAULT CHARACTER SET utf8 COLLATE `utf8_unicode_ci` ENGINE = InnoDB",
        ),
        (
            &[("charset", "latin1")],
            D36,
            " DEFAULT CHARACTER SET latin1 ENGINE = InnoDB",
        ),
        (
            &[("collate", "latin1_bin"), ("engine", "MyISAM")],
            D36,
            " DEFAULT CHARACTER SET latin1 COLLATE `latin1_bin` ENGINE = MyISAM",
        ),
        (
            &[("collation", "utf8mb4_bin")],
            D36,
            " DEFAULT CHARACTER SET utf8mb4 COLLATE `utf8mb4_bin` ENGINE = InnoDB",
        ),
        // DBAL 2 does not know this name of the option, DBAL 4 not the other.
        (&[("collation", "utf8mb4_bin")], D213, usual),
        (&[("collate", "utf8mb4_bin")], D42, ""),
        (
            &[("collation", "utf8mb4_bin")],
            D42,
            " COLLATE `utf8mb4_bin`",
        ),
        (
            &[
                ("comment", "it's"),
                ("row_format", "DYNAMIC"),
                ("auto_increment", "100"),
                ("partition_options", "PARTITION BY HASH (id)"),
            ],
            D36,
            " DEFAULT CHARACTER SET utf8mb4 COLLATE `utf8mb4_unicode_ci` ENGINE = InnoDB \
             AUTO_INCREMENT = 100 COMMENT = 'it''s'  ROW_FORMAT = DYNAMIC PARTITION BY HASH (id)",
        ),
        (
            &[("comment", "c"), ("engine", "InnoDB")],
            D42,
            " ENGINE = InnoDB COMMENT = 'c' ",
        ),
        (
            &[("comment", "'c'")],
            D29,
            " DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ENGINE = InnoDB COMMENT = 'c' ",
        ),
        (
            &[
                ("table_options", "ENGINE=Aria CHARSET=latin1"),
                ("engine", "InnoDB"),
            ],
            D36,
            " ENGINE=Aria CHARSET=latin1",
        ),
    ] {
        assert_eq!(
            suffix(options, &none, profile),
            expected,
            "{options:?} {profile}"
        );
    }
}

#[test]
fn what_the_configuration_says_is_declared() {
    let defaults = TableDefaults {
        charset: Some("utf8".to_owned()),
        collation: Some("utf8_general_ci".to_owned()),
        engine: Some("Aria".to_owned()),
    };
    assert_eq!(
        suffix(&[], &defaults, D36),
        " DEFAULT CHARACTER SET utf8 COLLATE `utf8_general_ci` ENGINE = Aria"
    );
    assert_eq!(
        suffix(&[("charset", "utf8mb4")], &defaults, D36),
        " DEFAULT CHARACTER SET utf8mb4 COLLATE `utf8mb4_unicode_ci` ENGINE = Aria"
    );
    assert_eq!(
        suffix(&[], &defaults, D42),
        " DEFAULT CHARACTER SET utf8 COLLATE `utf8_general_ci` ENGINE = Aria"
    );
    let implied = |defaults: &TableDefaults| match PLATFORM
        .table_options(&IndexMap::new(), defaults, &facts(MYSQL80, D36))
        .0
    {
        TableOptions::MySql(options) => options.collation_implied,
        other => panic!("{other:?}"),
    };
    assert!(implied(&TableDefaults::default()));
    assert!(!implied(&defaults));
}

#[test]
fn a_collation_that_only_goes_with_a_character_set_is_printed_and_not_declared() {
    let options = [("charset".to_owned(), text("utf8mb4"))]
        .into_iter()
        .collect();
    let facts = facts(MYSQL80, D36);
    let (made, _) = PLATFORM.table_options(&options, &TableDefaults::default(), &facts);
    let TableOptions::MySql(made) = made else {
        panic!("{made:?}")
    };
    assert_eq!(made.charset.as_deref(), Some("utf8mb4"));
    assert_eq!((made.collation, made.collation_implied), (None, false));
}

#[test]
fn verbatim_options_are_read_for_comparison() {
    let options = [(
        "table_options".to_owned(),
        text("DEFAULT CHARSET=latin1, ENGINE = `Aria` x=1"),
    )]
    .into_iter()
    .collect();
    let (made, _) =
        PLATFORM.table_options(&options, &TableDefaults::default(), &facts(MYSQL80, D36));
    let TableOptions::MySql(made) = made else {
        panic!("{made:?}")
    };
    assert_eq!(made.engine.as_deref(), Some("Aria"));
    assert_eq!(made.charset.as_deref(), Some("latin1"));
}
