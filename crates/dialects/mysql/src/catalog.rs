//! The catalogue: which queries tell a whole schema.
//!
//! Their number does not depend on the number of tables; only views and routines are asked for one by one, and partitions where there
//! are any: a look at all tables for them is one that opens each. `DATABASE()` in the conditions is
//! as good as a literal: MariaDB and MySQL fold it into the look-up of the directory, so that
//! other databases are not opened (measured with 3 x 1,000 tables: the same 10 to 30 ms a query).
//! Nothing is sorted by the server; see [`crate::assemble`].

use realign_planner::{CatalogQuery, Facts, Rows};

use crate::assemble::Row;
pub(crate) use crate::assemble::assemble;
use crate::facts::{Capability, can, is_mariadb};
use crate::render::{quote_ident, string_literal};

/// What a query asks for; the order is that of the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    Tables,
    Columns,
    Indexes,
    KeyColumns,
    KeyRules,
    Checks,
    Views,
    Triggers,
    Routines,
    Parameters,
    Events,
    Partitions,
}

impl Topic {
    /// All but those that are only asked for where there is something.
    const ALL: [Self; 11] = [
        Self::Tables,
        Self::Columns,
        Self::Indexes,
        Self::KeyColumns,
        Self::KeyRules,
        Self::Checks,
        Self::Views,
        Self::Triggers,
        Self::Routines,
        Self::Parameters,
        Self::Events,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Tables => "tables",
            Self::Columns => "columns",
            Self::Indexes => "indexes",
            Self::KeyColumns => "foreign key columns",
            Self::KeyRules => "foreign key rules",
            Self::Checks => "checks",
            Self::Views => "views",
            Self::Triggers => "triggers",
            Self::Routines => "routines",
            Self::Parameters => "parameters",
            Self::Events => "events",
            Self::Partitions => "partitions",
        }
    }
}

/// The topics that a server of these facts has, in the order of their queries.
pub(crate) fn topics(facts: &Facts) -> impl Iterator<Item = Topic> {
    let checks = can(facts, Capability::CheckCatalog);
    Topic::ALL
        .into_iter()
        .filter(move |topic| checks || *topic != Topic::Checks)
}

/// The catalogue queries.
pub(crate) fn queries(facts: &Facts) -> Vec<CatalogQuery> {
    topics(facts).map(|topic| query(topic, facts)).collect()
}

fn query(topic: Topic, facts: &Facts) -> CatalogQuery {
    CatalogQuery {
        name: topic.name(),
        sql: sql(topic, facts),
        optional: false,
        setting: false,
    }
}

/// True when one of the tables that the answers name is partitioned: then the last of the
/// details asks for partitions.
pub(crate) fn has_partitions(answers: &[Rows], facts: &Facts) -> bool {
    let mut answers = topics(facts).zip(answers);
    let tables = answers.find(|(topic, _)| *topic == Topic::Tables);
    tables.is_some_and(|(_, rows)| {
        let mut rows = rows.rows.iter().map(|values| Row(values));
        rows.any(is_partitioned)
    })
}

fn is_partitioned(table: Row<'_>) -> bool {
    table.text(9).contains("partitioned")
}

/// Queries for what the catalogue does not tell: how views and routines are written (it leaves
/// out character sets of literals and parameters), what a sequence counts, tables that are only shown or that may have a period,
/// those with full-text indexes, for their parsers, and partitioned ones, for what is left of a list.
pub(crate) fn details(answers: &[Rows], facts: &Facts) -> Vec<CatalogQuery> {
    let mut details = Vec::new();
    let mut sequences = Vec::new();
    let mut written = Vec::new();
    for (topic, rows) in topics(facts).zip(answers) {
        for row in rows.rows.iter().map(|values| Row(values)) {
            let name = quote_ident(row.text(0));
            match (topic, row.text(1)) {
                (Topic::Views, query) if !query.is_empty() => details.push(CatalogQuery {
                    name: "a view",
                    sql: format!("SHOW CREATE VIEW {name}"),
                    optional: true,
                    setting: false,
                }),
                (Topic::Routines, _) => {
                    let kind @ ("FUNCTION" | "PROCEDURE") = row.text(2) else {
                        continue;
                    };
                    details.push(CatalogQuery {
                        name: "a routine",
                        sql: format!("SHOW CREATE {kind} {name}"),
                        optional: true,
                        setting: false,
                    });
                }
                (Topic::Tables, "SYSTEM VERSIONED") => written.push(name),
                // A list may have a rest there, which the catalogue calls `0`.
                (Topic::Tables, _) if is_mariadb(facts) && is_partitioned(row) => {
                    written.push(name);
                }
                (Topic::Checks, _) if is_mariadb(facts) && may_be_a_period(row) => {
                    written.push(name);
                }
                (Topic::Indexes, _) if row.text(7) == "FULLTEXT" => written.push(name),
                (Topic::Tables, "SEQUENCE") => sequences.push(format!(
                    "SELECT {} AS sequence_name, start_value, increment, minimum_value, \
                     maximum_value, cache_size, cycle_option FROM {name}",
                    string_literal(row.text(0))
                )),
                _ => {}
            }
        }
    }
    written.sort();
    written.dedup();
    details.extend(written.into_iter().map(|name| CatalogQuery {
        name: "a table as it is written",
        sql: format!("SHOW CREATE TABLE {name}"),
        optional: true,
        setting: false,
    }));
    if !sequences.is_empty() {
        details.push(CatalogQuery {
            name: "sequences",
            sql: sequences.join(" UNION ALL "),
            optional: true,
            setting: false,
        });
    }
    if has_partitions(answers, facts) {
        details.push(query(Topic::Partitions, facts));
    }
    details
}

/// True for a check that says of two columns that the one is less: a period is told as such a one.
fn may_be_a_period(row: Row<'_>) -> bool {
    let is_column = |text: &str| {
        let inner = text.strip_prefix('`').and_then(|t| t.strip_suffix('`'));
        inner.is_some_and(|name| !name.replace("``", "").contains('`'))
    };
    let sides = row.text(4).split_once(" < ");
    row.text(2) == "Table" && sides.is_some_and(|(a, b)| is_column(a) && is_column(b))
}

fn sql(topic: Topic, facts: &Facts) -> String {
    let (columns, table, condition) = match topic {
        Topic::Tables => (
            "TABLE_NAME, TABLE_TYPE, ENGINE, ROW_FORMAT, TABLE_ROWS, DATA_LENGTH, INDEX_LENGTH, \
             AUTO_INCREMENT, TABLE_COLLATION, CREATE_OPTIONS, TABLE_COMMENT"
                .to_owned(),
            "TABLES",
            "TABLE_SCHEMA = DATABASE()",
        ),
        Topic::Columns => (
            format!(
                "TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, COLUMN_DEFAULT, IS_NULLABLE, \
                 COLUMN_TYPE, CHARACTER_SET_NAME, COLLATION_NAME, EXTRA, COLUMN_COMMENT, \
                 GENERATION_EXPRESSION, {}",
                if can(facts, Capability::SpatialReference) {
                    "SRS_ID"
                } else {
                    "NULL"
                }
            ),
            "COLUMNS",
            "TABLE_SCHEMA = DATABASE()",
        ),
        Topic::Indexes => (
            format!(
                "TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX, NON_UNIQUE, COLUMN_NAME, COLLATION, \
                 SUB_PART, INDEX_TYPE, INDEX_COMMENT, {}, {}",
                match (can(facts, Capability::InvisibleIndex), is_mariadb(facts)) {
                    (false, _) => "NULL",
                    (true, true) => "IGNORED",
                    (true, false) => "IF(IS_VISIBLE = 'NO', 'YES', 'NO')",
                },
                if can(facts, Capability::ExpressionIndex) {
                    "EXPRESSION"
                } else {
                    "NULL"
                }
            ),
            "STATISTICS",
            "TABLE_SCHEMA = DATABASE()",
        ),
        Topic::KeyColumns => (
            "TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION, COLUMN_NAME, \
             IF(REFERENCED_TABLE_SCHEMA = DATABASE(), NULL, REFERENCED_TABLE_SCHEMA), \
             REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME"
                .to_owned(),
            "KEY_COLUMN_USAGE",
            "TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL",
        ),
        Topic::KeyRules => (
            "TABLE_NAME, CONSTRAINT_NAME, UPDATE_RULE, DELETE_RULE".to_owned(),
            "REFERENTIAL_CONSTRAINTS",
            "CONSTRAINT_SCHEMA = DATABASE()",
        ),
        Topic::Checks if is_mariadb(facts) => (
            "TABLE_NAME, CONSTRAINT_NAME, LEVEL, 'YES', CHECK_CLAUSE".to_owned(),
            "CHECK_CONSTRAINTS",
            "CONSTRAINT_SCHEMA = DATABASE()",
        ),
        // MySQL keeps the table of a check elsewhere.
        Topic::Checks => (
            "t.TABLE_NAME, t.CONSTRAINT_NAME, 'Table', t.ENFORCED, c.CHECK_CLAUSE".to_owned(),
            "TABLE_CONSTRAINTS t JOIN information_schema.CHECK_CONSTRAINTS c \
             ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME",
            "t.TABLE_SCHEMA = DATABASE() AND t.CONSTRAINT_TYPE = 'CHECK'",
        ),
        Topic::Views => (
            format!(
                "TABLE_NAME, VIEW_DEFINITION, CHECK_OPTION, DEFINER, SECURITY_TYPE, {}, DATABASE(), \
                 CHARACTER_SET_CLIENT, COLLATION_CONNECTION",
                if is_mariadb(facts) {
                    "ALGORITHM"
                } else {
                    "NULL"
                }
            ),
            "VIEWS",
            "TABLE_SCHEMA = DATABASE()",
        ),
        Topic::Triggers => (
            "TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, EVENT_OBJECT_TABLE, \
             ACTION_STATEMENT, DEFINER, ACTION_ORDER, SQL_MODE, CHARACTER_SET_CLIENT, \
             COLLATION_CONNECTION"
                .to_owned(),
            "TRIGGERS",
            "TRIGGER_SCHEMA = DATABASE() AND EVENT_OBJECT_SCHEMA = DATABASE()",
        ),
        Topic::Routines => (
            "SPECIFIC_NAME, ROUTINE_NAME, ROUTINE_TYPE, DTD_IDENTIFIER, IS_DETERMINISTIC, \
             SQL_DATA_ACCESS, SECURITY_TYPE, ROUTINE_DEFINITION, DEFINER, ROUTINE_COMMENT, \
             SQL_MODE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION"
                .to_owned(),
            "ROUTINES",
            "ROUTINE_SCHEMA = DATABASE()",
        ),
        Topic::Parameters => (
            "SPECIFIC_NAME, ROUTINE_TYPE, ORDINAL_POSITION, PARAMETER_MODE, PARAMETER_NAME, \
             DTD_IDENTIFIER"
                .to_owned(),
            "PARAMETERS",
            "SPECIFIC_SCHEMA = DATABASE() AND ORDINAL_POSITION > 0",
        ),
        Topic::Events => (
            "EVENT_NAME, EVENT_TYPE, EXECUTE_AT, INTERVAL_VALUE, INTERVAL_FIELD, STARTS, ENDS, \
             ON_COMPLETION, STATUS, EVENT_COMMENT, EVENT_DEFINITION, DEFINER, SQL_MODE, \
             CHARACTER_SET_CLIENT, COLLATION_CONNECTION, TIME_ZONE"
                .to_owned(),
            "EVENTS",
            "EVENT_SCHEMA = DATABASE()",
        ),
        Topic::Partitions => (
            "TABLE_NAME, PARTITION_ORDINAL_POSITION, SUBPARTITION_ORDINAL_POSITION, \
             PARTITION_NAME, SUBPARTITION_NAME, PARTITION_METHOD, SUBPARTITION_METHOD, \
             PARTITION_EXPRESSION, SUBPARTITION_EXPRESSION, PARTITION_DESCRIPTION, \
             PARTITION_COMMENT"
                .to_owned(),
            "PARTITIONS",
            "TABLE_SCHEMA = DATABASE() AND PARTITION_NAME IS NOT NULL",
        ),
    };
    format!("SELECT {columns} FROM information_schema.{table} WHERE {condition}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::offline;

    fn all(version: &str) -> Vec<CatalogQuery> {
        queries(&offline(version).expect("a known engine"))
    }

    fn named<'q>(queries: &'q [CatalogQuery], name: &str) -> Option<&'q str> {
        queries
            .iter()
            .find(|query| query.name == name)
            .map(|query| query.sql.as_str())
    }

    #[test]
    fn mysql_57_is_not_asked_for_what_it_lacks() {
        let queries = all("mysql-5.7.40");
        assert_eq!(queries.len(), 10);
        assert_eq!(named(&queries, "checks"), None);
        let indexes = named(&queries, "indexes").expect("asked everywhere");
        assert!(!indexes.contains("EXPRESSION") && !indexes.contains("IS_VISIBLE"));
    }

    #[test]
    fn each_vendor_is_asked_in_its_own_words() {
        let mysql = all("mysql-8.0.31");
        let mariadb = all("mariadb-10.11");
        assert_eq!((mysql.len(), mariadb.len()), (11, 11));
        assert!(named(&mysql, "checks").is_some_and(|sql| sql.contains("t.ENFORCED")));
        assert!(named(&mariadb, "checks").is_some_and(|sql| sql.contains("LEVEL")));
        assert!(named(&mysql, "indexes").is_some_and(|sql| sql.contains("IS_VISIBLE")));
        assert!(named(&mariadb, "indexes").is_some_and(|sql| sql.contains("IGNORED")));
        assert!(named(&mysql, "indexes").is_some_and(|sql| sql.contains("EXPRESSION")));
    }
}
