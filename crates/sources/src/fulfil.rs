//! When one index does the work of another: DBAL's `Schema\Index`.

use realign_model::Origin;
use realign_planner::OptionValue;

use crate::declared::Options;
use crate::names::normalized;

/// An index of a table under construction.
#[derive(Debug, Clone)]
pub(crate) struct TableIndex {
    /// As written or generated.
    pub(crate) name: String,
    /// As handed in, quotes included.
    pub(crate) columns: Vec<String>,
    /// The same, normalised: comparisons are many.
    pub(crate) keys: Vec<String>,
    pub(crate) unique: bool,
    pub(crate) primary: bool,
    pub(crate) flags: Vec<String>,
    pub(crate) options: Options,
    pub(crate) origin: Origin,
}

impl TableIndex {
    /// A plain index over columns as handed in.
    pub(crate) fn over(name: String, columns: Vec<String>, origin: Origin) -> Self {
        Self {
            name,
            keys: columns.iter().map(|column| normalized(column)).collect(),
            columns,
            unique: false,
            primary: false,
            flags: Vec::new(),
            options: Options::new(),
            origin,
        }
    }

    /// `isFulfilledBy`. Flags are not considered; `lengths` are, from DBAL 2.9 on.
    pub(crate) fn is_fulfilled_by(&self, other: &Self, compare_lengths: bool) -> bool {
        if self.columns.len() != other.columns.len()
            || !self.starts(other)
            || !self.same_predicate(other)
            || (compare_lengths && lengths(&self.options) != lengths(&other.options))
        {
            return false;
        }
        (!self.unique && !self.primary)
            || (self.primary == other.primary && self.unique == other.unique)
    }

    /// `overrules`: the other one begins with these columns, and this one is unique.
    pub(crate) fn overrules(&self, other: &Self) -> bool {
        !other.primary
            && (self.primary || self.unique)
            && self.starts(other)
            && self.same_predicate(other)
    }

    /// `spansColumns`: every column of this one stands at the same place in the other.
    fn starts(&self, other: &Self) -> bool {
        other.keys.starts_with(&self.keys)
    }

    fn same_predicate(&self, other: &Self) -> bool {
        self.options.get("where") == other.options.get("where")
    }
}

/// The prefix lengths, by position, without the empty ones.
fn lengths(options: &Options) -> Vec<(&str, &str)> {
    match options.get("lengths") {
        Some(OptionValue::Map(lengths)) => lengths
            .iter()
            .filter_map(|(position, length)| Some((position.as_str(), length.as_str()?)))
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(columns: &[&str], unique: bool, primary: bool) -> TableIndex {
        let columns = columns.iter().map(|&c| c.to_owned()).collect();
        TableIndex {
            unique,
            primary,
            ..TableIndex::over("i".into(), columns, Origin::None)
        }
    }

    #[test]
    fn a_plain_index_is_fulfilled_by_any_of_the_same_columns() {
        let plain = index(&["a"], false, false);
        assert!(plain.is_fulfilled_by(&index(&["`A`"], true, false), true));
        assert!(plain.is_fulfilled_by(&index(&["a"], true, true), true));
        assert!(!plain.is_fulfilled_by(&index(&["a", "b"], false, false), true));
        assert!(
            !index(&["a", "b"], false, false)
                .is_fulfilled_by(&index(&["b", "a"], false, false), true)
        );
        assert!(!index(&["a"], true, false).is_fulfilled_by(&plain, true));
        assert!(!index(&["a"], true, true).is_fulfilled_by(&index(&["a"], true, false), true));
    }

    #[test]
    fn predicates_and_lengths_must_agree() {
        let plain = index(&["a"], false, false);
        let mut partial = plain.clone();
        partial
            .options
            .insert("where".into(), OptionValue::Text("x".into()));
        assert!(!plain.is_fulfilled_by(&partial, true));
        let mut prefix = plain.clone();
        prefix.options.insert(
            "lengths".into(),
            OptionValue::Map([("0".to_owned(), OptionValue::Text("10".into()))].into()),
        );
        assert!(!plain.is_fulfilled_by(&prefix, true));
        assert!(plain.is_fulfilled_by(&prefix, false));
    }

    #[test]
    fn a_primary_key_overrules_what_begins_with_it() {
        let key = index(&["id"], true, true);
        assert!(key.overrules(&index(&["id", "x"], false, false)));
        assert!(key.overrules(&index(&["id"], true, false)));
        assert!(!key.overrules(&index(&["x", "id"], false, false)));
        assert!(!index(&["id", "x"], true, true).overrules(&index(&["id"], false, false)));
    }
}
