//! Sequences (MariaDB).

use std::fmt::Write as _;

use realign_model::Sequence;
use realign_planner::{Aspect, AspectDifference, Facts, Side};

use crate::render::object_name;

/// Values kept in memory when nothing is said.
const USUAL_CACHE: u64 = 1000;

/// The bounds of a sequence that names none: all of BIGINT but its last values.
fn usual_bounds(increment: i128) -> (i128, i128) {
    let last = i128::from(i64::MAX) - 1;
    if increment < 0 {
        (-last - 1, -1)
    } else {
        (1, last)
    }
}

/// Takes away what a server takes anyway.
pub(crate) fn leave_out_what_is_usual(sequence: &mut Sequence) {
    let (min, max) = usual_bounds(sequence.increment);
    sequence.min = sequence.min.filter(|value| *value != min);
    sequence.max = sequence.max.filter(|value| *value != max);
    sequence.cache = sequence.cache.filter(|value| *value != USUAL_CACHE);
}

/// Every way in which two sequences count differently.
pub(crate) fn differences(is: &Sequence, wish: &Sequence, facts: &Facts) -> Vec<AspectDifference> {
    let side = |sequence: &Sequence| {
        let text = altered(sequence, facts);
        let (_, counts) = text.split_once(" START ").unwrap_or_default();
        Side::plain(format!("START {counts}"))
    };
    let (declared, database) = (side(wish), side(is));
    if declared.normalised == database.normalised {
        return Vec::new();
    }
    vec![AspectDifference {
        aspect: Aspect::Options,
        declared,
        database,
    }]
}

/// What stands behind CREATE SEQUENCE.
pub(crate) fn clause(sequence: &Sequence, facts: &Facts) -> String {
    let mut sql = format!(
        "{} START WITH {} INCREMENT BY {}",
        object_name(&sequence.name, facts),
        sequence.start,
        sequence.increment
    );
    for (word, value) in [("MINVALUE", sequence.min), ("MAXVALUE", sequence.max)] {
        if let Some(value) = value {
            let _ = write!(sql, " {word} {value}");
        }
    }
    match sequence.cache {
        Some(0) => sql.push_str(" NOCACHE"),
        Some(number) => {
            let _ = write!(sql, " CACHE {number}");
        }
        None => {}
    }
    if sequence.cycle {
        sql.push_str(" CYCLE");
    }
    sql
}

/// What stands behind ALTER SEQUENCE: everything, as what is not said stays as it was.
pub(crate) fn altered(sequence: &Sequence, facts: &Facts) -> String {
    let (min, max) = usual_bounds(sequence.increment);
    let whole = Sequence {
        min: sequence.min.or(Some(min)),
        max: sequence.max.or(Some(max)),
        cache: sequence.cache.or(Some(USUAL_CACHE)),
        ..sequence.clone()
    };
    let cycle = if sequence.cycle { "" } else { " NOCYCLE" };
    format!("{}{cycle}", clause(&whole, facts))
}

#[cfg(test)]
mod tests {
    use realign_model::{ObjectName, Origin};

    use super::*;
    use crate::facts::offline;

    fn sequence() -> Sequence {
        Sequence {
            name: ObjectName::bare("s"),
            data_type: None,
            start: 1,
            increment: 1,
            min: None,
            max: None,
            cache: None,
            cycle: false,
            unlogged: false,
            owned_by: None,
            loose: false,
            origin: Origin::None,
        }
    }

    #[test]
    fn what_is_usual_differs_from_nothing() {
        let facts = offline("mariadb-10.11").unwrap();
        let said = Sequence {
            min: Some(1),
            max: Some(9_223_372_036_854_775_806),
            cache: Some(1000),
            ..sequence()
        };
        assert_eq!(differences(&said, &sequence(), &facts), []);
        let mut bare = said;
        leave_out_what_is_usual(&mut bare);
        assert_eq!(bare, sequence());
        let other = Sequence {
            cycle: true,
            ..sequence()
        };
        assert_eq!(differences(&other, &sequence(), &facts).len(), 1);
    }

    #[test]
    fn an_altered_one_says_everything() {
        let facts = offline("mariadb-10.11").unwrap();
        assert_eq!(
            altered(&sequence(), &facts),
            "s START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775806 CACHE 1000 NOCYCLE"
        );
    }
}
