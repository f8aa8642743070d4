//! Names of what columns and indexes refer to by number: asked once, for all of them.

use std::collections::BTreeSet;

use realign_planner::{CatalogQuery, Rows, Value};

use super::at;

/// One query for the numbers in these answers: types as columns have them, collations, and
/// operator classes that are not the default of their type.
pub(crate) fn details(answers: &[Rows]) -> Vec<CatalogQuery> {
    let mut types = BTreeSet::new();
    let mut collations = BTreeSet::new();
    let mut classes = BTreeSet::new();
    let mut last = (0, 0, 0);
    for row in rows(answers, at::COLUMNS) {
        let this = (number(row, 3), number(row, 4), number(row, 6));
        if this != last {
            types.insert((this.0, this.1));
            collations.insert(this.2);
            last = this;
        }
    }
    for row in rows(answers, at::INDEXES) {
        classes.extend(numbers(text(row, 10)));
        collations.extend(numbers(text(row, 11)));
    }
    for row in rows(answers, at::TYPES) {
        collations.insert(number(row, 8));
        // Those of the attributes of a composite type.
        for attribute in text(row, 3).split('\u{1f}') {
            collations.extend(
                attribute
                    .split('\u{1e}')
                    .nth(2)
                    .into_iter()
                    .flat_map(numbers),
            );
        }
    }
    vec![CatalogQuery {
        name: "names",
        sql: format!(
            "SELECT 'type', x.t, x.m, format_type(x.t, x.m), NULL, t.typcollation, \
             t.typstorage::text FROM unnest('{{{}}}'::oid[], '{{{}}}'::int[]) x(t, m) \
             LEFT JOIN pg_type t ON t.oid = x.t \
             UNION ALL SELECT 'collation', c.oid, NULL, c.collname, n.nspname, NULL, NULL \
             FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace \
             WHERE c.oid = ANY ('{{{}}}'::oid[]) \
             UNION ALL SELECT 'class', o.oid, NULL, o.opcname, n.nspname, NULL, NULL \
             FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace \
             WHERE NOT o.opcdefault AND o.oid = ANY ('{{{}}}'::oid[])",
            list(types.iter().map(|(number, _)| number)),
            list(types.iter().map(|(_, modifier)| modifier)),
            list(&collations),
            list(&classes),
        ),
        optional: false,
        setting: false,
    }]
}

fn rows(answers: &[Rows], at: usize) -> impl Iterator<Item = &[Value]> {
    let answer = answers.get(at).map(|answer| answer.rows.as_slice());
    answer.unwrap_or_default().iter().map(Vec::as_slice)
}

fn text(row: &[Value], at: usize) -> &str {
    row.get(at).and_then(Value::as_str).unwrap_or_default()
}

fn number(row: &[Value], at: usize) -> i64 {
    row.get(at).and_then(Value::as_int).unwrap_or_default()
}

/// Numbers with blanks between.
fn numbers(text: &str) -> impl Iterator<Item = i64> {
    text.split_whitespace().filter_map(|word| word.parse().ok())
}

fn list<'n>(numbers: impl IntoIterator<Item = &'n i64>) -> String {
    let words: Vec<String> = numbers.into_iter().map(i64::to_string).collect();
    words.join(",")
}

#[cfg(test)]
mod tests {
    use realign_planner::{Rows, Value};

    use super::details;
    use crate::catalog::at;

    fn answer(rows: &[&[&str]]) -> Rows {
        let value = |text: &&str| Value::Text((*text).to_owned());
        Rows {
            rows: rows
                .iter()
                .map(|row| row.iter().map(value).collect())
                .collect(),
            ..Rows::default()
        }
    }

    #[test]
    fn each_number_is_asked_for_once() {
        let mut answers = vec![Rows::default(); at::NAMES];
        answers[at::COLUMNS] = answer(&[
            &["16400", "1", "id", "23", "-1", "1", "0"],
            &["16400", "2", "name", "1043", "84", "0", "100"],
            &["16400", "3", "more", "1043", "84", "0", "100"],
            &["16401", "1", "id", "23", "-1", "1", "0"],
        ]);
        answers[at::TYPES] = answer(&[&[
            "public",
            "pair",
            "c",
            "a\u{1e}text\u{1e}950\u{1f}b\u{1e}integer\u{1e}",
        ]]);
        let query = &details(&answers)[0];
        assert!(
            query
                .sql
                .contains("unnest('{23,1043}'::oid[], '{-1,84}'::int[])"),
            "{}",
            query.sql
        );
        assert!(query.sql.contains("'{0,100,950}'::oid[]"), "{}", query.sql);
        assert_eq!(details(&[]).len(), 1, "as many for nothing as for all");
    }
}
