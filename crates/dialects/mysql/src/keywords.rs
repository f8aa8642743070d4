//! Reserved words: they decide what is printed in backticks.
//!
//! Two reasons to quote a word. DBAL's platform of the profile lists it: then Doctrine quotes
//! it, needed or not, and so do we, or the text would not be the same. Or the server itself
//! reserves it, whatever DBAL knows: then Doctrine's own statement would be refused.

use std::collections::HashSet;
use std::sync::LazyLock;

use realign_planner::{Facts, Profile};

use crate::facts::is_mariadb;
use crate::platform::PlatformClass;

/// True when this word has to be quoted for the server and the profile of these facts.
pub(crate) fn is_reserved(word: &str, facts: &Facts) -> bool {
    let word = word.to_ascii_uppercase();
    let word = word.as_str();
    let class = PlatformClass::of(facts);
    listed_by_dbal(word, class, facts.doctrine) || reserved_by_server(word, facts)
}

fn listed_by_dbal(word: &str, class: PlatformClass, profile: Profile) -> bool {
    let base = BASE.contains(word);
    match class {
        PlatformClass::MySql => {
            (base && !NOT_IN_MYSQL.contains(&word))
                || IN_MYSQL.contains(&word)
                || (profile.dbal_at_least(2, 6) && IN_MYSQL_SINCE_2_6.contains(&word))
        }
        PlatformClass::MySql57 => base || (!profile.dbal_at_least(2, 6) && word == "NONBLOCKING"),
        PlatformClass::MySql80 => base || in_mysql_80(word, profile),
        PlatformClass::MySql84 => {
            (base && !NOT_IN_MYSQL_84.contains(&word))
                || in_mysql_80(word, profile)
                || IN_MYSQL_84.contains(&word)
        }
        PlatformClass::MariaDb => {
            base || IN_MARIADB.contains(&word) || (profile.dbal_at_least(3, 3) && word == "OFFSET")
        }
    }
}

fn in_mysql_80(word: &str, profile: Profile) -> bool {
    IN_MYSQL_80.contains(word)
        && (profile.dbal_at_least(2, 10) || !IN_MYSQL_80_SINCE_2_10.contains(&word))
}

/// Words that the server refuses as bare names and that some list of DBAL does not have.
fn reserved_by_server(word: &str, facts: &Facts) -> bool {
    if is_mariadb(facts) {
        return MARIADB_ITSELF.iter().any(|(since, words)| {
            facts.version.at_least(since.0, since.1, since.2) && words.contains(&word)
        });
    }
    MYSQL_ITSELF.iter().any(|(since, words)| {
        facts.version.at_least(since.0, since.1, since.2) && words.contains(&word)
    })
}

/// Words with the version from which they are reserved.
type Since = ((u32, u32, u32), &'static [&'static str]);

const MYSQL_ITSELF: &[Since] = &[
    (
        (5, 7, 0),
        &["GENERATED", "GET", "OPTIMIZER_COSTS", "STORED", "VIRTUAL"],
    ),
    (
        (8, 0, 2),
        &[
            "CUBE",
            "CUME_DIST",
            "DENSE_RANK",
            "EMPTY",
            "EXCEPT",
            "FIRST_VALUE",
            "FUNCTION",
            "GROUPING",
            "GROUPS",
            "JSON_TABLE",
            "LAG",
            "LAST_VALUE",
            "LEAD",
            "NTH_VALUE",
            "NTILE",
            "OF",
            "OVER",
            "PERCENT_RANK",
            "RANK",
            "RECURSIVE",
            "ROW",
            "ROWS",
            "ROW_NUMBER",
            "SYSTEM",
            "WINDOW",
        ],
    ),
    ((8, 0, 14), &["LATERAL"]),
    ((8, 0, 31), &["INTERSECT"]),
    ((8, 4, 0), &["MANUAL", "PARALLEL", "QUALIFY", "TABLESAMPLE"]),
];

const MARIADB_ITSELF: &[Since] = &[
    (
        (10, 3, 0),
        &[
            "ACCESSIBLE",
            "CURRENT_ROLE",
            "DELETE_DOMAIN_ID",
            "DO_DOMAIN_IDS",
            "EXCEPT",
            "IGNORE_DOMAIN_IDS",
            "INTERSECT",
            "LINEAR",
            "MASTER_SSL_VERIFY_SERVER_CERT",
            "MAXVALUE",
            "OVER",
            "PAGE_CHECKSUM",
            "PARSE_VCOL_EXPR",
            "PARTITION",
            "READ_WRITE",
            "RECURSIVE",
            "REF_SYSTEM_ID",
            "RESIGNAL",
            "RETURNING",
            "ROWS",
            "SIGNAL",
            "STATS_AUTO_RECALC",
            "STATS_PERSISTENT",
            "STATS_SAMPLE_PAGES",
        ],
    ),
    ((10, 4, 3), &["PORTION"]),
    ((10, 6, 0), &["OFFSET"]),
    ((10, 7, 1), &["ROW_NUMBER"]),
    (
        (10, 10, 1),
        &["MASTER_DEMOTE_TO_REPLICA", "MASTER_DEMOTE_TO_SLAVE"],
    ),
    ((11, 3, 0), &["SQL_AFTER_GTIDS", "SQL_BEFORE_GTIDS"]),
    ((11, 6, 0), &["VECTOR"]),
];

const NOT_IN_MYSQL: &[&str] = &[
    "GENERATED",
    "GET",
    "IO_AFTER_GTIDS",
    "IO_BEFORE_GTIDS",
    "MASTER_BIND",
    "OPTIMIZER_COSTS",
    "STORED",
    "VIRTUAL",
];

const IN_MYSQL: &[&str] = &["CONNECTION", "GOTO", "LABEL", "RAID0", "SONAME", "X509"];

const IN_MYSQL_SINCE_2_6: &[&str] = &[
    "GENERAL",
    "IGNORE_SERVER_IDS",
    "MASTER_HEARTBEAT_PERIOD",
    "RECURSIVE",
    "ROWS",
    "SLOW",
];

const IN_MARIADB: &[&str] = &[
    "EXCEPT",
    "GENERAL",
    "IGNORE_SERVER_IDS",
    "INTERSECT",
    "MASTER_HEARTBEAT_PERIOD",
    "OVER",
    "RECURSIVE",
    "RETURNING",
    "ROWS",
    "SLOW",
    "WINDOW",
];

const IN_MYSQL_80_SINCE_2_10: &[&str] = &["ARRAY", "LATERAL", "MEMBER"];

const NOT_IN_MYSQL_84: &[&str] = &["MASTER_BIND", "MASTER_SSL_VERIFY_SERVER_CERT"];

const IN_MYSQL_84: &[&str] = &[
    "AUTO",
    "BERNOULLI",
    "GTIDS",
    "LOG",
    "MANUAL",
    "PARALLEL",
    "PARSE_TREE",
    "QUALIFY",
    "S3",
    "TABLESAMPLE",
];

/// What MySQL 8.0 adds.
static IN_MYSQL_80: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "
    ADMIN ARRAY CUBE CUME_DIST DENSE_RANK EMPTY EXCEPT FIRST_VALUE FUNCTION GROUPING GROUPS
    JSON_TABLE LAG LAST_VALUE LATERAL LEAD MEMBER NTH_VALUE NTILE OF OVER PERCENT_RANK
    PERSIST PERSIST_ONLY RANK RECURSIVE ROW ROWS ROW_NUMBER SYSTEM WINDOW
",
    )
});

/// The reserved words of MySQL 5.7: what all lists have in common.
static BASE: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "
    ACCESSIBLE ADD ALL ALTER ANALYZE AND AS ASC ASENSITIVE BEFORE BETWEEN BIGINT BINARY BLOB
    BOTH BY CALL CASCADE CASE CHANGE CHAR CHARACTER CHECK COLLATE COLUMN CONDITION
    CONSTRAINT CONTINUE CONVERT CREATE CROSS CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP
    CURRENT_USER CURSOR DATABASE DATABASES DAY_HOUR DAY_MICROSECOND DAY_MINUTE DAY_SECOND
    DEC DECIMAL DECLARE DEFAULT DELAYED DELETE DESC DESCRIBE DETERMINISTIC DISTINCT
    DISTINCTROW DIV DOUBLE DROP DUAL EACH ELSE ELSEIF ENCLOSED ESCAPED EXISTS EXIT EXPLAIN
    FALSE FETCH FLOAT FLOAT4 FLOAT8 FOR FORCE FOREIGN FROM FULLTEXT GENERATED GET GRANT
    GROUP HAVING HIGH_PRIORITY HOUR_MICROSECOND HOUR_MINUTE HOUR_SECOND IF IGNORE IN INDEX
    INFILE INNER INOUT INSENSITIVE INSERT INT INT1 INT2 INT3 INT4 INT8 INTEGER INTERVAL INTO
    IO_AFTER_GTIDS IO_BEFORE_GTIDS IS ITERATE JOIN KEY KEYS KILL LEADING LEAVE LEFT LIKE
    LIMIT LINEAR LINES LOAD LOCALTIME LOCALTIMESTAMP LOCK LONG LONGBLOB LONGTEXT LOOP
    LOW_PRIORITY MASTER_BIND MASTER_SSL_VERIFY_SERVER_CERT MATCH MAXVALUE MEDIUMBLOB
    MEDIUMINT MEDIUMTEXT MIDDLEINT MINUTE_MICROSECOND MINUTE_SECOND MOD MODIFIES NATURAL NOT
    NO_WRITE_TO_BINLOG NULL NUMERIC ON OPTIMIZE OPTIMIZER_COSTS OPTION OPTIONALLY OR ORDER
    OUT OUTER OUTFILE PARTITION PRECISION PRIMARY PROCEDURE PURGE RANGE READ READS
    READ_WRITE REAL REFERENCES REGEXP RELEASE RENAME REPEAT REPLACE REQUIRE RESIGNAL
    RESTRICT RETURN REVOKE RIGHT RLIKE SCHEMA SCHEMAS SECOND_MICROSECOND SELECT SENSITIVE
    SEPARATOR SET SHOW SIGNAL SMALLINT SPATIAL SPECIFIC SQL SQLEXCEPTION SQLSTATE SQLWARNING
    SQL_BIG_RESULT SQL_CALC_FOUND_ROWS SQL_SMALL_RESULT SSL STARTING STORED STRAIGHT_JOIN
    TABLE TERMINATED THEN TINYBLOB TINYINT TINYTEXT TO TRAILING TRIGGER TRUE UNDO UNION
    UNIQUE UNLOCK UNSIGNED UPDATE USAGE USE USING UTC_DATE UTC_TIME UTC_TIMESTAMP VALUES
    VARBINARY VARCHAR VARCHARACTER VARYING VIRTUAL WHEN WHERE WHILE WITH WRITE XOR
    YEAR_MONTH ZEROFILL
",
    )
});

fn words(text: &'static str) -> HashSet<&'static str> {
    text.split_ascii_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::is_reserved;
    use crate::facts::offline;

    fn reserved(version: &str, profile: &str, word: &str) -> bool {
        let mut facts = offline(version).unwrap();
        facts.doctrine = profile.parse().unwrap();
        is_reserved(word, &facts)
    }

    #[test]
    fn words_differ_by_platform() {
        for (word, mariadb, mysql57, mysql80) in [
            ("key", true, true, true),
            ("Order", true, true, true),
            ("system", false, false, true),
            ("rank", false, false, true),
            ("member", false, false, true),
            ("offset", true, false, false),
            ("window", true, false, true),
            ("rows", true, false, true),
            ("general", true, false, false),
            ("user", false, false, false),
            ("timestamp", false, false, false),
            ("type", false, false, false),
            ("option", true, true, true),
        ] {
            let profile = "orm-2.14/dbal-3.6";
            assert_eq!(reserved("mariadb-10.11", profile, word), mariadb, "{word}");
            assert_eq!(reserved("mysql-5.7.40", profile, word), mysql57, "{word}");
            assert_eq!(reserved("mysql-8.0.31", profile, word), mysql80, "{word}");
        }
    }

    #[test]
    fn words_differ_by_release_of_dbal() {
        assert!(!reserved("mysql-8.4.0", "orm-2.14/dbal-3.6", "log"));
        assert!(reserved("mysql-8.4.0", "orm-2.20/dbal-3.9", "log"));
        assert!(!reserved("mysql-8.4.0", "orm-3.0/dbal-4.0", "log"));
        assert!(reserved("mysql-8.4.0", "orm-3.3/dbal-4.2", "log"));
        assert!(!reserved("mysql-8.0.10", "orm-2.7/dbal-2.9", "member"));
        assert!(reserved("mysql-8.0.10", "orm-2.7/dbal-2.10", "member"));
        // Before DBAL 2.7 MariaDB is taken for an old MySQL.
        assert!(reserved("mariadb-10.11", "orm-2.5/dbal-2.5", "connection"));
        assert!(!reserved(
            "mariadb-10.11",
            "orm-2.8/dbal-2.13",
            "connection"
        ));
    }

    #[test]
    fn what_the_server_itself_reserves_is_quoted_in_any_case() {
        assert!(reserved("mysql-8.4.0", "orm-2.14/dbal-3.6", "qualify"));
        assert!(reserved("mariadb-10.11", "orm-2.14/dbal-3.6", "row_number"));
        assert!(!reserved("mariadb-10.11", "orm-2.14/dbal-3.6", "vector"));
        assert!(reserved("mariadb-11.8", "orm-2.14/dbal-3.6", "vector"));
        assert!(reserved("mariadb-10.11", "orm-2.5/dbal-2.5", "partition"));
        assert!(reserved("mysql-8.0.31", "orm-2.5/dbal-2.5", "rank"));
    }
}
