//! Views: their query, what is said of them, and the indexes of those that are stored.

use realign_model::{Database, Ident, Index, ObjectName, Table, View};
use realign_planner::{Compare, Facts, Verdict};

use super::COMPARE;
use super::code::{same_text, worse};
use crate::facts::default_schema;
use crate::parse::Cursor;
use crate::query;

/// In what two views of one name differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sides {
    /// The query, and whether it is stored.
    pub(crate) query: Verdict,
    /// The options that the declaration names.
    pub(crate) options: Verdict,
    /// The indexes that the declaration names.
    pub(crate) indexes: Verdict,
}

impl Sides {
    /// All of it.
    pub(crate) fn verdict(self) -> Verdict {
        worse(worse(self.query, self.options), self.indexes)
    }
}

/// Compares two views, part by part. The server prints a query from its tree, so that of two
/// texts only sameness is certain, and that they give other columns.
pub(crate) fn sides(
    (is, is_db): (&View, &Database),
    (wish, wish_db): (&View, &Database),
    facts: &Facts,
) -> Sides {
    let query = if is.materialized != wish.materialized {
        Verdict::Different
    } else if is.columns == wish.columns && same_text(&is.query.text, &wish.query.text, facts) {
        Verdict::Same
    } else {
        query::compare(
            (is.query.as_str(), &is.columns, is_db),
            (wish.query.as_str(), &wish.columns, wish_db),
            default_schema(facts),
        )
    };
    let declared = options(wish);
    let options = declared.is_empty() || declared == self::options(is);
    Sides {
        query,
        options: Verdict::from_equal(options),
        indexes: indexes_of(is, wish, facts),
    }
}

/// What stands in WITH, each as `name=value`, sorted.
pub(crate) fn options(view: &View) -> Vec<String> {
    let with = view.options.iter().find(|o| o.starts_with("WITH ("));
    let Some(text) = with.map(|o| &o["WITH ".len()..]) else {
        return Vec::new();
    };
    let mut found = Cursor::new(text).options().unwrap_or_default();
    for option in &mut found {
        let switch = option.split_once('=').map(|(name, value)| {
            let value = match value.to_ascii_lowercase().as_str() {
                "on" | "yes" | "1" => "true".to_owned(),
                "off" | "no" | "0" => "false".to_owned(),
                other => other.to_owned(),
            };
            format!("{name}={value}")
        });
        *option = switch.unwrap_or_default();
    }
    found.sort();
    found
}

/// The indexes of a stored view.
pub(crate) fn indexes(view: &View) -> Vec<(Index, &str)> {
    let lines = view.options.iter().map(String::as_str);
    let read = |line| Some((index(line)?, line));
    lines.filter_map(read).collect()
}

/// An index by the statement that makes it; none when it is another statement.
fn index(line: &str) -> Option<Index> {
    let mut cursor = Cursor::new(line);
    cursor.expect("create").ok()?;
    let unique = cursor.take("unique");
    cursor.expect("index").ok()?;
    let text = cursor.index(unique).ok()?;
    let mut index = Index::over(text.name, std::iter::empty::<Ident>(), text.unique);
    index.parts = text.parts;
    index.kind = text.kind;
    index.predicate = text.predicate;
    index.include = text.include;
    index.nulls_not_distinct = text.nulls_not_distinct;
    index.storage = text.storage;
    index.storage.sort();
    Some(index)
}

/// True when nothing differs in two indexes of stored views.
pub(crate) fn same_index(is: &Index, wish: &Index, facts: &Facts) -> bool {
    let table = Table::new(ObjectName::bare(""));
    let tables = (&table, &table);
    COMPARE
        .index(is, wish, tables, facts, &mut Vec::new())
        .is_empty()
}

/// Whether every declared index is there. One that nothing declares does no harm.
fn indexes_of(is: &View, wish: &View, facts: &Facts) -> Verdict {
    let live = indexes(is);
    let table = Table::new(ObjectName::bare(""));
    let mut verdict = Verdict::Same;
    for (declared, _) in indexes(wish) {
        let Some((own, _)) = live.iter().find(|(own, _)| own.name == declared.name) else {
            return Verdict::Different;
        };
        let mut unknown = Vec::new();
        let found = COMPARE.index(own, &declared, (&table, &table), facts, &mut unknown);
        if !found.is_empty() {
            return Verdict::Different;
        }
        if !unknown.is_empty() {
            verdict = Verdict::Unknown;
        }
    }
    verdict
}

#[cfg(test)]
mod tests {
    use realign_model::{Database, Expr, ObjectName, Origin, View};
    use realign_planner::{Facts, Verdict};

    use super::sides;

    fn view(options: &[&str]) -> View {
        View {
            name: ObjectName::bare("v"),
            query: Expr::new("SELECT 1 AS a"),
            columns: Vec::new(),
            materialized: true,
            options: options.iter().map(|o| (*o).to_owned()).collect(),
            source_text: None,
            settings: realign_model::SessionSettings::new(),
            origin: Origin::None,
        }
    }

    #[test]
    fn an_option_counts_once_it_is_declared() {
        let compare = |is: &[&str], wish: &[&str]| {
            sides(
                (&view(is), &Database::default()),
                (&view(wish), &Database::default()),
                &Facts::default(),
            )
            .options
        };
        let (live, none): (&[&str], &[&str]) = (&["WITH (security_barrier=true)"], &[]);
        assert_eq!(compare(live, none), Verdict::Same);
        assert_eq!(compare(none, live), Verdict::Different);
        assert_eq!(
            compare(live, &["WITH (security_barrier=on)"]),
            Verdict::Same
        );
    }

    #[test]
    fn an_index_is_the_same_in_the_servers_words() {
        let live = "CREATE UNIQUE INDEX i ON s.v USING btree (a, lower(b))";
        let compare = |is: &[&str], wish: &[&str]| {
            sides(
                (&view(is), &Database::default()),
                (&view(wish), &Database::default()),
                &Facts::default(),
            )
            .indexes
        };
        assert_eq!(
            compare(&[live], &["CREATE UNIQUE INDEX i ON v (a, lower(b))"]),
            Verdict::Same
        );
        assert_eq!(
            compare(&[live], &["CREATE INDEX i ON v (a, lower(b))"]),
            Verdict::Different
        );
        assert_eq!(compare(&[], &[live]), Verdict::Different);
        assert_eq!(compare(&[live], &[]), Verdict::Same);
    }
}
