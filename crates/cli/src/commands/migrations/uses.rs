//! The order of scripts that use what others of them make.

use realign::planner::Effect;
use realign::runtime::migrate::Loaded;

/// A script, as far as the order asks.
struct Script {
    /// Names of what it makes.
    makes: Vec<String>,
    /// All that it says.
    says: String,
}

/// Puts scripts behind those that make what they name; else, and in a circle, the order stays.
pub(super) fn ordered(loaded: Vec<Loaded>) -> Vec<Loaded> {
    let scripts: Vec<Script> = loaded.iter().map(Script::of).collect();
    let mut left: Vec<Option<Loaded>> = loaded.into_iter().map(Some).collect();
    order(&scripts)
        .into_iter()
        .filter_map(|at| left.get_mut(at).and_then(Option::take))
        .collect()
}

impl Script {
    fn of(loaded: &Loaded) -> Self {
        let mut makes = Vec::new();
        let mut says = String::new();
        for statement in &loaded.unit.statements {
            says.push_str(&statement.sql.to_lowercase());
            says.push('\n');
            for effect in &statement.nature.effects {
                if let Effect::Object(object, true) = effect {
                    makes.push(object.name.to_lowercase());
                }
            }
        }
        Self { makes, says }
    }

    /// True when it names something that only the other makes.
    fn uses(&self, other: &Self) -> bool {
        other
            .makes
            .iter()
            .any(|name| !self.makes.contains(name) && names(&self.says, name))
    }
}

/// Each place once: the first of those that are left and use nothing that is left.
fn order(scripts: &[Script]) -> Vec<usize> {
    let mut left: Vec<usize> = (0..scripts.len()).collect();
    let mut order = Vec::with_capacity(scripts.len());
    while !left.is_empty() {
        let free = left.iter().position(|&at| {
            let waits = |&other: &usize| other != at && scripts[at].uses(&scripts[other]);
            !left.iter().any(waits)
        });
        order.push(left.remove(free.unwrap_or(0)));
    }
    order
}

/// True when the text has this name as a word of its own.
fn names(text: &str, name: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + name.len()..].chars().next();
            !before.is_some_and(inside) && !after.is_some_and(inside)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(makes: &str, says: &str) -> Script {
        Script {
            makes: vec![makes.to_owned()],
            says: says.to_owned(),
        }
    }

    #[test]
    fn what_is_used_comes_first() {
        let scripts = [
            script("a", "create view a as select * from c join \"b\""),
            script("b", "create view b as select * from t"),
            script("c", "create view c as select * from b, ab, b_a"),
        ];
        assert_eq!(order(&scripts), [1, 2, 0]);
    }

    #[test]
    fn a_circle_stays_as_it_is() {
        let scripts = [
            script("a", "create function a() as select b()"),
            script("b", "create function b() as select a()"),
            script("c", "create view c as select 1"),
        ];
        assert_eq!(order(&scripts), [2, 0, 1]);
        let same = [script("a", "create a"), script("a", "create a")];
        assert_eq!(order(&same), [0, 1]);
    }
}
