//! What depends on what: views and triggers that mention a table or a column.

use std::collections::HashSet;

use realign_model::{Database, Trigger, View};
use realign_planner::Change;

use crate::tokens::{Kind, Token, is_keyword, tokens};

/// True when a text has that name in it, letter case and quotes aside.
pub(crate) fn mentions(sql: &str, name: &str) -> bool {
    tokens(sql).is_ok_and(|found| found.iter().any(|token| token.is_name(name)))
}

/// Every name that stands in a text, keywords among them.
pub(crate) fn names_in(sql: &str) -> Vec<String> {
    let found = tokens(sql).unwrap_or_default();
    let names = found
        .iter()
        .filter(|token| matches!(token.kind, Kind::Word | Kind::Quoted));
    names
        .filter_map(Token::name)
        .map(|name| name.to_ascii_lowercase())
        .collect()
}

/// True when a text has `name.` in it.
pub(crate) fn qualifies_with(sql: &str, name: &str) -> bool {
    tokens(sql).is_ok_and(|found| {
        found.windows(2).any(|pair| {
            pair[1].is_symbol(".") && pair[0].name().is_some_and(|n| n.eq_ignore_ascii_case(name))
        })
    })
}

/// The triggers of a table.
pub(crate) fn triggers_of<'d>(
    database: &'d Database,
    table: &str,
) -> impl Iterator<Item = &'d Trigger> {
    database
        .triggers
        .iter()
        .filter(move |trigger| trigger.table.name.text.eq_ignore_ascii_case(table))
}

/// Views of a database that mention a column of a table.
pub(crate) fn views_with<'d>(
    database: &'d Database,
    table: &str,
    column: &str,
) -> impl Iterator<Item = &'d View> {
    database.views.iter().filter(move |view| {
        let text = view.source_text.as_deref().unwrap_or_default();
        mentions(text, table) && mentions(text, column)
    })
}

/// Words that the engine could not make sense of: a name of nothing that will be there.
///
/// A rename makes the engine read every view and trigger again, and one that is broken,
/// wherever it is, refuses the rename. Such texts are taken away and put back around it.
#[derive(Debug)]
pub(crate) struct Known {
    names: HashSet<String>,
}

impl Known {
    /// Every name of the database that these changes leave in place.
    pub(crate) fn of(database: &Database, changes: &[Change]) -> Self {
        let mut names: HashSet<String> = HashSet::new();
        let mut add = |name: &str| {
            names.insert(name.to_ascii_lowercase());
        };
        for word in ["rowid", "oid", "_rowid_", "new", "old", "main", "excluded"] {
            add(word);
        }
        for table in &database.tables {
            let target = changes.iter().find_map(|change| match change {
                Change::AlterTable(c) if c.is.name == table.name => Some(&c.target),
                _ => None,
            });
            let goes = changes
                .iter()
                .any(|c| matches!(c, Change::DropTable(t) if t.name == table.name));
            if !goes {
                add(&table.name.name.text);
                let columns = target.map_or(&table.columns, |t| &t.columns);
                for column in columns {
                    add(&column.name.text);
                }
                // What gets a new name still has the old one when the engine reads.
                if target.is_some() {
                    for change in changes {
                        if let Change::AlterTable(c) = change
                            && c.is.name == table.name
                        {
                            for item in &c.items {
                                if let realign_planner::TableItem::RenameColumn { from, .. } = item
                                {
                                    add(&from.text);
                                }
                            }
                        }
                    }
                }
            }
        }
        for view in &database.views {
            add(&view.name.name.text);
            for column in &view.columns {
                add(&column.text);
            }
        }
        for opaque in &database.opaque {
            add(&opaque.name.name.text);
        }
        Self { names }
    }

    /// True when a text names something that is not known and that it does not define itself.
    pub(crate) fn doubts(&self, sql: &str, own_name: &str) -> bool {
        let Ok(found) = tokens(sql) else {
            return true;
        };
        let is_name = |token: &Token<'_>| {
            token.kind == Kind::Quoted || (token.kind == Kind::Word && !is_keyword(token.text))
        };
        let mut defined: HashSet<String> = HashSet::new();
        for (at, token) in found.iter().enumerate() {
            let before = at.checked_sub(1).map(|b| &found[b]);
            let alias = before.is_some_and(|b| b.is("AS") || is_name(b) || b.is_symbol(")"));
            if is_name(token) && alias {
                defined.extend(token.name().map(|n| n.to_ascii_lowercase()));
            }
            // `WITH x AS (`
            let cte = found.get(at + 1).is_some_and(|n| n.is("AS"))
                || before.is_some_and(|b| b.is("WITH") || b.is("RECURSIVE"));
            if is_name(token) && cte {
                defined.extend(token.name().map(|n| n.to_ascii_lowercase()));
            }
        }
        found.iter().enumerate().any(|(at, token)| {
            let Some(name) = token.name().filter(|_| is_name(token)) else {
                return false;
            };
            let function = found.get(at + 1).is_some_and(|next| next.is_symbol("("));
            let collation = at
                .checked_sub(1)
                .is_some_and(|before| found[before].is("COLLATE"));
            let name = name.to_ascii_lowercase();
            !function
                && !collation
                && name != own_name.to_ascii_lowercase()
                && !self.names.contains(&name)
                && !defined.contains(&name)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::is_keyword;
    use realign_model::{Column, DataType, Ident, IntWidth, ObjectName, Table};

    fn database() -> Database {
        let mut table = Table::new(ObjectName::bare("cust"));
        for name in ["id", "name"] {
            table
                .columns
                .push(Column::new(Ident::new(name), DataType::int(IntWidth::W32)));
        }
        Database {
            tables: vec![table],
            ..Database::default()
        }
    }

    #[test]
    fn words_of_the_grammar_are_no_names() {
        for word in ["select", "CREATE", "View", "trigger"] {
            assert!(is_keyword(word), "{word}");
        }
        for word in [
            "cust",
            "größe",
            "",
            "an_extremely_long_word_that_is_no_keyword",
        ] {
            assert!(!is_keyword(word), "{word}");
        }
    }

    #[test]
    fn only_unknown_names_are_doubted() {
        let known = Known::of(&database(), &[]);
        for (sql, expected) in [
            ("CREATE VIEW v AS SELECT id, name FROM cust", false),
            (
                "CREATE VIEW v AS SELECT c.id AS x FROM cust c ORDER BY x",
                false,
            ),
            (
                "CREATE VIEW v AS WITH w AS (SELECT id AS a FROM cust) SELECT a FROM w",
                false,
            ),
            ("CREATE VIEW v AS SELECT lower(name) FROM cust", false),
            ("CREATE VIEW v AS SELECT status FROM cust", true),
            ("CREATE VIEW v AS SELECT id FROM gone", true),
            (
                "CREATE TRIGGER v AFTER INSERT ON cust BEGIN UPDATE cust SET name = NEW.id; END",
                false,
            ),
        ] {
            assert_eq!(known.doubts(sql, "v"), expected, "{sql}");
        }
    }

    #[test]
    fn mentions_are_names() {
        assert!(mentions("SELECT \"Cust\".id", "cust"));
        assert!(!mentions("SELECT 'cust'", "cust"));
        assert!(qualifies_with("CHECK (t.a > 0)", "T"));
        assert!(!qualifies_with("CHECK (a > 0)", "t"));
    }
}
