//! The order of scripts that use what others of them make.

use std::collections::{BTreeSet, HashMap, HashSet};

use realign::planner::{Dialect, Effect};
use realign::runtime::migrate::Loaded;

/// A script, as far as the order asks.
struct Script {
    /// Names of what it makes.
    makes: HashSet<String>,
    /// All names in it.
    says: HashSet<String>,
}

/// Puts scripts behind those that make what they name; else, and in a circle, the order stays.
pub(super) fn ordered(loaded: Vec<Loaded>, dialect: &dyn Dialect) -> Vec<Loaded> {
    let scripts = loaded.iter().map(|one| Script::of(one, dialect));
    let scripts: Vec<Script> = scripts.collect();
    let mut left: Vec<Option<Loaded>> = loaded.into_iter().map(Some).collect();
    order(&scripts)
        .into_iter()
        .filter_map(|at| left.get_mut(at).and_then(Option::take))
        .collect()
}

impl Script {
    fn of(loaded: &Loaded, dialect: &dyn Dialect) -> Self {
        let mut makes = HashSet::new();
        let mut says = HashSet::new();
        for statement in &loaded.unit.statements {
            let names = dialect.names_in(&statement.sql).into_iter();
            says.extend(names.map(|name| name.to_lowercase()));
            // The body of a routine may be a string, whose names are no names of the statement.
            let text = statement.sql.to_lowercase();
            says.extend(text.split(is_between).map(str::to_owned));
            for effect in &statement.nature.effects {
                if let Effect::Object(object, true) = effect {
                    makes.insert(object.name.to_lowercase());
                }
            }
        }
        Self { makes, says }
    }
}

/// True for what ends a word.
fn is_between(c: char) -> bool {
    !(c.is_alphanumeric() || c == '_')
}

/// Each place once: the first of those that are left and use nothing that is left; in a circle
/// the first that is left.
fn order(scripts: &[Script]) -> Vec<usize> {
    let mut makers: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, script) in scripts.iter().enumerate() {
        for name in &script.makes {
            makers.entry(name).or_default().push(at);
        }
    }
    let mut waits: Vec<HashSet<usize>> = Vec::with_capacity(scripts.len());
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); scripts.len()];
    for (at, script) in scripts.iter().enumerate() {
        let used = script.says.difference(&script.makes);
        let others: HashSet<usize> = used
            .filter_map(|name| makers.get(name.as_str()))
            .flatten()
            .copied()
            .collect();
        for other in &others {
            users[*other].push(at);
        }
        waits.push(others);
    }
    let mut left: BTreeSet<usize> = (0..scripts.len()).collect();
    let free = |at: &usize| waits[*at].is_empty();
    let mut ready: BTreeSet<usize> = left.iter().copied().filter(free).collect();
    let mut order = Vec::with_capacity(scripts.len());
    while let Some(at) = ready.pop_first().or_else(|| left.first().copied()) {
        left.remove(&at);
        order.push(at);
        for user in &users[at] {
            waits[*user].remove(&at);
            if waits[*user].is_empty() && left.contains(user) {
                ready.insert(*user);
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(makes: &str, says: &str) -> Script {
        Script {
            makes: HashSet::from([makes.to_owned()]),
            says: says.split_whitespace().map(str::to_owned).collect(),
        }
    }

    #[test]
    fn what_is_used_comes_first() {
        let scripts = [
            script("a", "create view a as select * from c join b"),
            script("b", "create view b as select * from t"),
            script("c", "create view c as select * from b join ab"),
        ];
        assert_eq!(order(&scripts), [1, 2, 0]);
    }

    #[test]
    fn a_circle_stays_as_it_is() {
        let scripts = [
            script("a", "create function a as select b"),
            script("b", "create function b as select a"),
            script("c", "create view c as select 1"),
        ];
        assert_eq!(order(&scripts), [2, 0, 1]);
        let same = [script("a", "create a"), script("a", "create a")];
        assert_eq!(order(&same), [0, 1]);
    }
}
