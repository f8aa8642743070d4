//! What a change costs: which lock, for how long, whether the table is written anew.

use realign_model::{Column, DataType, Identity};
use realign_planner::{Risk, Step};

/// A rule: its code, its class, its words.
pub(crate) struct Rule {
    code: &'static str,
    class: Risk,
    text: &'static str,
}

impl Rule {
    /// Puts the rule's class and reason on a step.
    pub(crate) fn on(&self, step: &mut Step) {
        step.raise(self.class, self.code, self.text);
    }
}

const fn rule(code: &'static str, class: Risk, text: &'static str) -> Rule {
    Rule { code, class, text }
}

/// CREATE INDEX on a table that is there.
pub(crate) const BUILDS_INDEX: Rule = rule(
    "R101",
    Risk::Locking,
    "SHARE lock: readers go on, writers wait until the index is built",
);
/// A type that is stored otherwise.
pub(crate) const REWRITES: Rule = rule(
    "R102",
    Risk::Rewriting,
    "ACCESS EXCLUSIVE lock: readers and writers wait while the table and its indexes are written anew",
);
/// SET NOT NULL.
pub(crate) const SCANS_FOR_NULLS: Rule = rule(
    "R103",
    Risk::Locking,
    "ACCESS EXCLUSIVE lock: readers and writers wait while all rows are read for NULLs",
);
/// ADD FOREIGN KEY.
pub(crate) const CHECKS_KEY: Rule = rule(
    "R105",
    Risk::Locking,
    "SHARE ROW EXCLUSIVE lock on both tables: writers wait while all rows are checked",
);
/// ADD CHECK.
pub(crate) const CHECKS_ROWS: Rule = rule(
    "R106",
    Risk::Locking,
    "ACCESS EXCLUSIVE lock: readers and writers wait while all rows are checked",
);
/// ADD PRIMARY KEY.
pub(crate) const BUILDS_KEY: Rule = rule(
    "R107",
    Risk::Locking,
    "ACCESS EXCLUSIVE lock: readers and writers wait until the key's index is built",
);
/// A new name.
pub(crate) const RENAMES: Rule = rule(
    "R110",
    Risk::Breaking,
    "code that uses the old name fails from then on",
);
/// A new NOT NULL column without a default.
pub(crate) const REQUIRED_COLUMN: Rule = rule(
    "R111",
    Risk::Breaking,
    "inserts of old code, which doesn't know the column, fail from then on",
);
/// DROP COLUMN, DROP TABLE, DROP SEQUENCE.
pub(crate) const LOSES: Rule = rule("R120", Risk::Destructive, "what it holds is gone");
/// A stored view that is filled again.
pub(crate) const REFILLS: Rule = rule(
    "R108",
    Risk::Locking,
    "its query runs again while the transaction holds its locks",
);

/// True when a change of type only changes the catalogue.
pub(crate) fn keeps_rows(is: &DataType, wish: &DataType) -> bool {
    use DataType::{DateTime, Decimal, Text, Time, Timestamp, Varchar};
    let wider = |is: &Option<u32>, wish: &Option<u32>| match (is, wish) {
        (_, None) => true,
        (Some(is), Some(wish)) => wish >= is,
        (None, Some(_)) => false,
    };
    match (is, wish) {
        (is, wish) if is == wish => true,
        (Varchar { .. }, Text { .. }) | (Text { .. }, Varchar { len: None }) => true,
        (Varchar { len: is }, Varchar { len: wish }) => wider(is, wish),
        (
            Decimal {
                precision: is,
                scale,
                ..
            },
            Decimal {
                precision: wish,
                scale: wish_scale,
                ..
            },
        ) => wish.is_none() || (scale == wish_scale && wider(is, wish)),
        (DateTime { precision: is }, DateTime { precision: wish })
        | (Timestamp { precision: is }, Timestamp { precision: wish }) => wider(is, wish),
        (
            Time {
                precision: is,
                zone,
            },
            Time {
                precision: wish,
                zone: wish_zone,
            },
        ) => zone == wish_zone && wider(is, wish),
        _ => false,
    }
}

/// True when a new column's values have to be computed row by row.
pub(crate) fn fills_rows(column: &Column) -> bool {
    if column.identity.is_some() || column.generated.is_some() {
        return true;
    }
    column.default.as_ref().is_some_and(|default| {
        let text = default.text.to_ascii_lowercase();
        // The moment of the transaction is one value for all rows.
        let stable = ["now()", "current_", "localtime"];
        text.contains('(') && !stable.iter().any(|word| text.contains(word))
    })
}

/// True for a column whose inserts need a value.
pub(crate) fn is_required(column: &Column) -> bool {
    !column.nullable
        && column.default.is_none()
        && column.generated.is_none()
        && !matches!(
            column.identity,
            Some(Identity::Serial | Identity::Identity { .. } | Identity::AutoIncrement)
        )
}

#[cfg(test)]
mod tests {
    use super::keeps_rows;
    use crate::types::parse;

    #[test]
    fn only_a_wider_type_of_the_same_kind_keeps_the_rows() {
        for (is, wish, expected) in [
            ("varchar(10)", "varchar(20)", true),
            ("varchar(20)", "varchar(10)", false),
            ("varchar(20)", "text", true),
            ("text", "varchar(20)", false),
            ("integer", "bigint", false),
            ("numeric(5,2)", "numeric(9,2)", true),
            ("numeric(5,2)", "numeric(9,3)", false),
            ("timestamp(0)", "timestamp", true),
            ("timestamp(6)", "timestamp(0)", false),
        ] {
            assert_eq!(
                keeps_rows(&parse(is), &parse(wish)),
                expected,
                "{is} {wish}"
            );
        }
    }
}
