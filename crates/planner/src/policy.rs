//! What a comparison leaves alone.

use serde::{Deserialize, Serialize};

/// Which kinds of objects the sources of a declaration can declare at all. What they
/// cannot is never undeclared: a Doctrine mapping has no words for a view, so that
/// no view is dropped for its sake, not even when everything undeclared goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Scope {
    /// Views, triggers, routines and events.
    pub routines: bool,
    /// Sequences.
    pub sequences: bool,
}

impl Scope {
    /// What a Doctrine mapping declares: tables and sequences.
    pub const MAPPING: Self = Self {
        routines: false,
        sequences: true,
    };
    /// Everything: a live database, a schema document.
    pub const ALL: Self = Self {
        routines: true,
        sequences: true,
    };
}

/// Renames that the person declared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Renames {
    /// Tables: present name, new name.
    pub tables: Vec<(String, String)>,
    /// Columns: table (its new name), present column, new column.
    pub columns: Vec<(String, String, String)>,
}

/// What a comparison leaves alone, and what it may take away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Policy {
    /// Everything undeclared counts, and goes.
    pub complete: bool,
    /// Patterns (`*` and `?`) of tables, of columns and indexes (`table.name`), that are
    /// nobody's business.
    pub ignore: Vec<String>,
    /// Tables that are never touched: migration histories and Realign's own. Patterns too.
    pub protected: Vec<String>,
    /// Declared renames.
    pub renames: Renames,
    /// What the declaration can declare.
    pub scope: Scope,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            complete: false,
            ignore: Vec::new(),
            protected: Vec::new(),
            renames: Renames::default(),
            scope: Scope::MAPPING,
        }
    }
}

impl Policy {
    /// True for a table that is nobody's business or must not be touched.
    pub fn leaves_table(&self, table: &str) -> bool {
        self.ignore
            .iter()
            .chain(&self.protected)
            .any(|pattern| matches(pattern, table))
    }

    /// True for a column or index that is nobody's business.
    pub fn leaves_part(&self, table: &str, part: &str) -> bool {
        self.ignore.iter().any(|pattern| {
            pattern
                .rsplit_once('.')
                .is_some_and(|(t, p)| matches(t, table) && matches(p, part))
        })
    }

    /// True for an index that is nobody's business, by its own name or with its table's.
    pub fn leaves_index(&self, table: &str, index: &str) -> bool {
        self.leaves_part(table, index) || self.ignore.iter().any(|pattern| matches(pattern, index))
    }
}

/// Matches a name against a pattern of `*` and `?`, ASCII case aside. Linear in the
/// product of the lengths at worst: a star remembers one place to come back to.
fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().map(|c| c.to_ascii_lowercase()).collect();
    let name: Vec<char> = name.chars().map(|c| c.to_ascii_lowercase()).collect();
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((star_p, star_n)) = star else {
                    return false;
                };
                star = Some((star_p, star_n + 1));
                p = star_p + 1;
                n = star_n + 1;
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::{Policy, matches};

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, name, expected) in [
            ("tmp_*", "tmp_x", true),
            ("tmp_*", "tmp", false),
            ("*", "", true),
            ("a*b*c", "aXXbYYc", true),
            ("a*b*c", "aXXbYY", false),
            ("?ust", "CUST", true),
            ("cust", "customer", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_column_pattern_names_its_table() {
        let policy = Policy {
            ignore: vec!["leads.cf_*".to_owned()],
            ..Policy::default()
        };
        assert!(policy.leaves_part("leads", "cf_size"));
        assert!(!policy.leaves_part("companies", "cf_size"));
        assert!(!policy.leaves_table("leads"));
    }
}
