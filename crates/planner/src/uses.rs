//! What uses what, told by the names in texts: the order in which views, routines and triggers
//! are made and dropped.
//!
//! A text that has a name in it may use what is called so. That finds every use and, now and
//! then, one that is none, which costs nothing but an order that was not needed.

use std::collections::{HashMap, HashSet};

use realign_model::Database;

use crate::{Dialect, Facts, NameKind, Phase, Step};

/// Of each view and routine, how many others have to be there before it: what is used has a
/// smaller number than what uses it.
#[derive(Debug, Clone, Default)]
pub struct Uses {
    ranks: HashMap<String, usize>,
}

impl Uses {
    /// Looks into the texts of a database.
    pub fn of(database: &Database, dialect: &dyn Dialect, facts: &Facts) -> Self {
        let fold = |name: &str| dialect.compare().fold(NameKind::Table, name, facts);
        let mut names: Vec<String> = Vec::new();
        let mut texts: Vec<&str> = Vec::new();
        for view in &database.views {
            names.push(fold(view.name.name.as_str()));
            texts.push(view.query.as_str());
        }
        for routine in &database.routines {
            names.push(fold(routine.name.name.as_str()));
            texts.push(routine.source_text.as_str());
        }
        let known: HashSet<&str> = names.iter().map(String::as_str).collect();
        let uses: Vec<HashSet<String>> = texts
            .iter()
            .map(|text| {
                let words = dialect.names_in(text).into_iter().map(|name| fold(&name));
                words.filter(|name| known.contains(name.as_str())).collect()
            })
            .collect();
        Self {
            ranks: ranks(&names, &uses),
        }
    }

    /// The number of an object of that folded name; none for tables, triggers, and whatever
    /// nothing can use.
    pub fn rank(&self, folded: &str) -> Option<usize> {
        self.ranks.get(folded).copied()
    }
}

/// Numbers in the given order, except that what is used comes first. Rings (routines that call
/// each other) are taken as given.
fn ranks(names: &[String], uses: &[HashSet<String>]) -> HashMap<String, usize> {
    let mut users: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut waits: Vec<usize> = vec![0; names.len()];
    let there: HashSet<&str> = names.iter().map(String::as_str).collect();
    for (at, used) in uses.iter().enumerate() {
        for name in used {
            if name != &names[at] && there.contains(name.as_str()) {
                users.entry(name).or_default().push(at);
            }
        }
    }
    // Overloads share a name: each use waits for all of them.
    for name in names {
        for user in users.get(name.as_str()).into_iter().flatten() {
            waits[*user] += 1;
        }
    }
    let mut ready: std::collections::BTreeSet<usize> =
        (0..names.len()).filter(|at| waits[*at] == 0).collect();
    let mut left: std::collections::BTreeSet<usize> = (0..names.len()).collect();
    let mut ranks: HashMap<String, usize> = HashMap::new();
    let mut next = 0;
    while let Some(at) = ready.pop_first().or_else(|| left.first().copied()) {
        if !left.remove(&at) {
            continue;
        }
        ranks
            .entry(names[at].clone())
            .and_modify(|rank| *rank = next)
            .or_insert(next);
        next += 1;
        for user in users.get(names[at].as_str()).into_iter().flatten() {
            waits[*user] = waits[*user].saturating_sub(1);
            if waits[*user] == 0 && left.contains(user) {
                ready.insert(*user);
            }
        }
    }
    ranks
}

/// Puts the steps of views, routines and triggers into the order of use: made after what they
/// use, dropped before it. Every other step stays where it is.
pub(crate) fn order(
    steps: &mut [Step],
    is: &Database,
    wish: &Database,
    dialect: &dyn Dialect,
    facts: &Facts,
) {
    let of_dependents = |step: &Step| {
        matches!(
            step.phase,
            Phase::DropDependents | Phase::CreateDependents | Phase::Drop
        )
    };
    if !steps.iter().any(of_dependents) {
        return;
    }
    let (before, after) = (Uses::of(is, dialect, facts), Uses::of(wish, dialect, facts));
    let folded = |step: &Step| {
        // What stands on something goes by its own name.
        let own = step.object.split(" on ").next().unwrap_or_default();
        let name = own.rsplit([' ', '.']).next().unwrap_or_default();
        dialect.compare().fold(NameKind::Table, name, facts)
    };
    // Without a number: triggers and events. They come last and go first.
    let last = usize::MAX;
    sort_within(
        steps,
        |step| step.phase == Phase::CreateDependents,
        |step| {
            let name = folded(step);
            after
                .rank(&name)
                .or_else(|| before.rank(&name))
                .unwrap_or(last)
        },
    );
    sort_within(
        steps,
        |step| step.phase == Phase::DropDependents,
        |step| last - before.rank(&folded(step)).unwrap_or(last),
    );
    // Here tables and types go as well, whose place among the others the dialect has chosen. A
    // trigger is called by its table's name.
    let is_ranked = |step: &Step| {
        let first = step.statements.first();
        let is_trigger = first.is_some_and(|s| s.sql.starts_with("DROP TRIGGER "));
        step.phase == Phase::Drop && !is_trigger && before.rank(&folded(step)).is_some()
    };
    sort_within(steps, is_ranked, |step| {
        last - before.rank(&folded(step)).unwrap_or(last)
    });
}

/// Sorts these steps among the places that they have.
fn sort_within(steps: &mut [Step], these: impl Fn(&Step) -> bool, key: impl Fn(&Step) -> usize) {
    let places: Vec<usize> = (0..steps.len()).filter(|at| these(&steps[*at])).collect();
    let mut sorted: Vec<Step> = Vec::with_capacity(places.len());
    for at in &places {
        let empty = Step::new(steps[*at].phase, "", Vec::new());
        sorted.push(std::mem::replace(&mut steps[*at], empty));
    }
    sorted.sort_by_cached_key(|step| key(step));
    for (at, step) in places.into_iter().zip(sorted) {
        steps[at] = step;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::ranks;

    fn order(list: &[(&str, &[&str])]) -> Vec<String> {
        let names: Vec<String> = list.iter().map(|(name, _)| (*name).to_owned()).collect();
        let uses: Vec<HashSet<String>> = list
            .iter()
            .map(|(_, used)| used.iter().map(|name| (*name).to_owned()).collect())
            .collect();
        let found = ranks(&names, &uses);
        let mut ordered = names.clone();
        ordered.sort_by_key(|name| found[name]);
        ordered
    }

    #[test]
    fn what_is_used_comes_first_and_the_rest_stays() {
        assert_eq!(
            order(&[
                ("top", &["mid"]),
                ("alone", &[]),
                ("mid", &["low"]),
                ("low", &[])
            ]),
            ["alone", "low", "mid", "top"]
        );
        assert_eq!(order(&[("b", &[]), ("a", &[])]), ["b", "a"]);
    }

    #[test]
    fn a_ring_ends() {
        assert_eq!(
            order(&[("a", &["b"]), ("b", &["a"]), ("c", &["a"])]),
            ["a", "b", "c"]
        );
    }
}
