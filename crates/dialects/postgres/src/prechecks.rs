//! Questions to the data: would it refuse a step, or be changed by it?
//!
//! They run before the first statement, so that they use the names of before.

use realign_model::{ForeignKey, Ident, ObjectName, Origin};
use realign_planner::Precheck;

use crate::render::{ident, idents, object_name, string_literal};

/// A table as it is before anything runs.
#[derive(Debug, Clone)]
pub(crate) struct Before {
    /// Its present name.
    pub(crate) table: ObjectName,
    /// Its key's columns, which let a person find a row.
    pub(crate) key: Vec<Ident>,
}

impl Before {
    fn name(&self) -> String {
        object_name(&self.table)
    }

    /// The columns of a sample: the key's, and these.
    fn shown(&self, columns: &[String]) -> String {
        let mut list: Vec<String> = self.key.iter().map(ident).collect();
        for column in columns {
            if !list.contains(column) {
                list.push(column.clone());
            }
        }
        list.join(", ")
    }

    /// A precheck over the rows of which a condition is true.
    pub(crate) fn rows(
        &self,
        code: &str,
        condition: &str,
        column: &Ident,
        message: String,
        count_text: &str,
    ) -> Precheck {
        Precheck {
            code: code.to_owned(),
            message,
            count_text: count_text.to_owned(),
            count_sql: format!("SELECT count(*) FROM {} WHERE {condition}", self.name()),
            sample_sql: format!(
                "SELECT {} FROM {} WHERE {condition} LIMIT 5",
                self.shown(&[ident(column)]),
                self.name()
            ),
            help: String::new(),
            lossy: false,
            refused_with: Vec::new(),
            origin: Origin::None,
        }
    }

    /// NULLs where none may be.
    pub(crate) fn nulls(&self, column: &Ident) -> Precheck {
        let mut check = self.rows(
            "R201",
            &format!("{} IS NULL", ident(column)),
            column,
            format!("{}.{column} can't become NOT NULL", self.table),
            "{n} rows hold NULL",
        );
        check.help = format!(
            "give these rows a value: UPDATE {} SET {} = … WHERE {} IS NULL",
            self.name(),
            ident(column),
            ident(column)
        );
        check
    }

    /// Rows that a new NOT NULL column would leave without a value.
    pub(crate) fn no_value(&self, column: &Ident) -> Precheck {
        Precheck {
            code: "R207".to_owned(),
            message: format!(
                "{}.{column} is NOT NULL without a default, and no value is right for present rows",
                self.table
            ),
            count_text: "{n} rows would have none".to_owned(),
            count_sql: format!("SELECT count(*) FROM {}", self.name()),
            sample_sql: format!(
                "SELECT {} FROM {} LIMIT 5",
                if self.key.is_empty() {
                    "*".to_owned()
                } else {
                    idents(&self.key)
                },
                self.name()
            ),
            help: "declare a default, or make it nullable, fill it, and then NOT NULL".to_owned(),
            lossy: false,
            refused_with: Vec::new(),
            origin: Origin::None,
        }
    }

    /// The table, with columns that are not there yet: the name of each, and the value that
    /// present rows will have in it.
    fn with(&self, new: &[(String, String)]) -> String {
        if new.is_empty() {
            return self.name();
        }
        let added: Vec<String> = new
            .iter()
            .map(|(name, value)| format!("{value} AS {name}"))
            .collect();
        format!("(SELECT *, {} FROM {}) q", added.join(", "), self.name())
    }

    /// Values that stand more than once. `columns` are those that are there before; a unique
    /// index over none of them has room for one row.
    pub(crate) fn duplicates(
        &self,
        columns: &[String],
        named: &str,
        nulls_alike: bool,
        predicate: Option<&str>,
        new: &[(String, String)],
    ) -> Precheck {
        let table = self.with(new);
        let filter = predicate.map(|p| format!("({p})"));
        let message = format!("{}.{named} can't become unique", self.table);
        let (count_sql, sample_sql) = if columns.is_empty() {
            let rows = filter.map_or_else(String::new, |f| format!(" WHERE {f}"));
            (
                format!(
                    "SELECT CASE WHEN count(*) > 1 THEN count(*) ELSE 0 END FROM {table}{rows}"
                ),
                format!("SELECT * FROM {table}{rows} LIMIT 5"),
            )
        } else {
            let mut conditions: Vec<String> = if nulls_alike {
                Vec::new()
            } else {
                columns.iter().map(|c| format!("{c} IS NOT NULL")).collect()
            };
            conditions.extend(filter);
            let rows = if conditions.is_empty() {
                String::new()
            } else {
                format!(" WHERE {}", conditions.join(" AND "))
            };
            let list = columns.join(", ");
            let groups = format!("FROM {table}{rows} GROUP BY {list} HAVING count(*) > 1");
            (
                format!("SELECT count(*) FROM (SELECT 1 {groups}) d"),
                format!("SELECT {list}, count(*) AS rows {groups} LIMIT 5"),
            )
        };
        let check = Precheck {
            code: "R204".to_owned(),
            message,
            count_text: "{n} values stand more than once".to_owned(),
            count_sql,
            sample_sql,
            help: "merge or rename these rows, then run it again".to_owned(),
            lossy: false,
            refused_with: Vec::new(),
            origin: Origin::None,
        };
        if columns.is_empty() {
            check.of_new_columns()
        } else {
            check
        }
    }

    /// Rows that refer to nothing. `target` is none when the referenced table is new, and so
    /// holds no row; `as_text` compares values of two types by their text.
    pub(crate) fn orphans(
        &self,
        key: &ForeignKey,
        columns: &[Ident],
        target: Option<(&ObjectName, &[Ident])>,
        as_text: bool,
    ) -> Precheck {
        let table = self.name();
        let set: Vec<String> = columns
            .iter()
            .map(|c| format!("t.{} IS NOT NULL", ident(c)))
            .collect();
        let cast = if as_text { "::text" } else { "" };
        let found = target.map(|(other, theirs)| {
            let pairs: Vec<String> = columns
                .iter()
                .zip(theirs)
                .map(|(mine, theirs)| {
                    format!("r.{}{cast} = t.{}{cast}", ident(theirs), ident(mine))
                })
                .collect();
            format!(
                " AND NOT EXISTS (SELECT 1 FROM {} r WHERE {})",
                object_name(other),
                pairs.join(" AND ")
            )
        });
        let from = format!(
            "FROM {table} t WHERE {}{}",
            set.join(" AND "),
            found.unwrap_or_default()
        );
        let shown: Vec<String> = columns.iter().map(ident).collect();
        let shown: Vec<String> = self
            .shown(&shown)
            .split(", ")
            .map(|c| format!("t.{c}"))
            .collect();
        Precheck {
            code: "R205".to_owned(),
            message: format!(
                "{} ({}) can't refer to {}",
                self.table,
                columns
                    .iter()
                    .map(Ident::as_str)
                    .collect::<Vec<_>>()
                    .join(", "),
                key.ref_table
            ),
            count_text: "{n} rows refer to nothing".to_owned(),
            count_sql: format!("SELECT count(*) {from}"),
            sample_sql: format!("SELECT {} {from} LIMIT 5", shown.join(", ")),
            help: "delete these rows, add what they refer to, or set the columns to NULL"
                .to_owned(),
            lossy: false,
            refused_with: Vec::new(),
            origin: key.origin.clone(),
        }
    }

    /// Rows that a new check would refuse.
    pub(crate) fn violations(&self, name: &str, condition: &str) -> Precheck {
        Precheck {
            code: "R208".to_owned(),
            message: format!("{} can't get the check {name}", self.table),
            count_text: "{n} rows do not meet it".to_owned(),
            count_sql: format!(
                "SELECT count(*) FROM {} WHERE NOT ({condition})",
                self.name()
            ),
            sample_sql: format!(
                "SELECT * FROM {} WHERE NOT ({condition}) LIMIT 5",
                self.name()
            ),
            help: "mend these rows first".to_owned(),
            lossy: false,
            refused_with: Vec::new(),
            origin: Origin::None,
        }
    }

    /// Views that use a column which goes, or the whole table: they could not be made again.
    /// `gone` are views that go by themselves.
    pub(crate) fn views_on(&self, column: Option<&Ident>, gone: &[String]) -> Precheck {
        let mut from = format!(
            "FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid \
             JOIN pg_class v ON v.oid = r.ev_class \
             WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass \
             AND d.refobjid = {}::regclass AND v.oid <> d.refobjid",
            string_literal(&self.name()),
        );
        if let Some(column) = column {
            from.push_str(&of_column(column));
        }
        if !gone.is_empty() {
            let names: Vec<String> = gone.iter().map(|name| string_literal(name)).collect();
            from.push_str(" AND v.relname NOT IN (");
            from.push_str(&names.join(", "));
            from.push(')');
        }
        let object = column.map_or_else(
            || self.table.to_string(),
            |column| format!("{}.{column}", self.table),
        );
        Precheck {
            code: "R210".to_owned(),
            message: format!("{object} can't go"),
            count_text: "{n} views use it".to_owned(),
            count_sql: format!("SELECT count(DISTINCT v.oid) {from}"),
            sample_sql: format!("SELECT DISTINCT v.oid::regclass::text AS view {from} LIMIT 5"),
            help: "drop these views, or make them without it, then run it again".to_owned(),
            lossy: false,
            refused_with: Vec::new(),
            origin: Origin::None,
        }
    }

    /// Policies that use a column which goes: they are only shown, and never dropped.
    pub(crate) fn policies_on(&self, column: &Ident) -> Precheck {
        let from = format!(
            "FROM pg_depend d JOIN pg_policy p ON p.oid = d.objid \
             WHERE d.classid = 'pg_policy'::regclass AND d.refclassid = 'pg_class'::regclass \
             AND d.refobjid = {}::regclass{}",
            string_literal(&self.name()),
            of_column(column)
        );
        Precheck {
            code: "R221".to_owned(),
            message: format!("{}.{column} can't go", self.table),
            count_text: "{n} policies use it".to_owned(),
            count_sql: format!("SELECT count(DISTINCT p.oid) {from}"),
            sample_sql: format!(
                "SELECT DISTINCT p.polname AS policy, p.polrelid::regclass::text AS \"table\" {from} LIMIT 5"
            ),
            help: "drop these policies, or make them without it, then run it again".to_owned(),
            lossy: false,
            refused_with: Vec::new(),
            origin: Origin::None,
        }
    }
}

/// What depends on this column of a table, and not only on the table.
fn of_column(column: &Ident) -> String {
    format!(
        " AND d.refobjsubid = (SELECT a.attnum FROM pg_attribute a \
         WHERE a.attrelid = d.refobjid AND a.attname = {})",
        string_literal(&column.text)
    )
}

#[cfg(test)]
mod tests {
    use realign_model::{Ident, ObjectName};

    use super::Before;

    fn before() -> Before {
        Before {
            table: ObjectName::bare("cust"),
            key: vec![Ident::new("id")],
        }
    }

    #[test]
    fn duplicates_leave_nulls_out_as_the_server_does() {
        let check = before().duplicates(&["a".to_owned()], "a", false, None, &[]);
        assert_eq!(
            check.count_sql,
            "SELECT count(*) FROM (SELECT 1 FROM cust WHERE a IS NOT NULL GROUP BY a HAVING count(*) > 1) d"
        );
        let check = before().duplicates(&[], "a", false, Some("b > 1"), &[]);
        assert!(check.count_sql.contains("WHERE (b > 1)"));
    }

    #[test]
    fn a_sample_shows_the_key_once() {
        let check = before().nulls(&Ident::new("id"));
        assert_eq!(
            check.sample_sql,
            "SELECT id FROM cust WHERE id IS NULL LIMIT 5"
        );
    }
}
