//! Who extends whom. Doctrine asks PHP; the mapping says it only in part.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use realign_planner::Diagnostic;

use crate::codes;
use crate::declared::{Declared, Inheritance, Kind};
use crate::naming::qualified;

/// More levels than any real hierarchy.
const MAX_LEVELS: usize = 32;

/// The parent of every class that has one.
#[derive(Debug, Default)]
pub(crate) struct Hierarchy {
    parents: HashMap<String, String>,
}

impl Hierarchy {
    /// Takes declared parents first; a class without one that stands in the discriminator
    /// map of a root is a child of that root.
    pub(crate) fn of(declared: &IndexMap<String, Declared>, said: &mut Vec<Diagnostic>) -> Self {
        let mut parents: HashMap<String, String> = HashMap::new();
        for class in declared.values() {
            let Some((parent, origin)) = &class.extends else {
                continue;
            };
            let parent = qualified(parent, &class.name);
            if declared.contains_key(&parent) {
                parents.insert(class.name.clone(), parent);
            } else {
                let message = format!("{} extends {parent}, which is not mapped", class.name);
                said.push(Diagnostic::error(codes::EXTENDS, message).at(origin.clone()));
            }
        }
        for root in declared.values() {
            let hierarchy = matches!(
                root.inheritance,
                Some(Inheritance::SingleTable | Inheritance::Joined)
            );
            if !hierarchy {
                continue;
            }
            for entry in root.discriminator_map.iter().flatten() {
                let class = qualified(&entry.class, &root.name);
                if class != root.name
                    && declared.contains_key(&class)
                    && !parents.contains_key(&class)
                    && !leads_to(&parents, &root.name, &class)
                {
                    parents.insert(class, root.name.clone());
                }
            }
        }
        let mut hierarchy = Self { parents };
        hierarchy.cut(declared, said);
        hierarchy.warn_of_childless(declared, said);
        hierarchy
    }

    /// The parent of a class.
    pub(crate) fn parent(&self, class: &str) -> Option<&str> {
        self.parents.get(class).map(String::as_str)
    }

    /// The ancestors of a class, nearest first.
    pub(crate) fn ancestors<'h>(&'h self, class: &'h str) -> impl Iterator<Item = &'h str> {
        std::iter::successors(self.parent(class), |name| self.parent(name))
    }

    /// Takes out links that close a circle or make a tower.
    fn cut(&mut self, declared: &IndexMap<String, Declared>, said: &mut Vec<Diagnostic>) {
        // A class whose way up is known to end, and after how many steps.
        let mut known: HashMap<String, usize> = HashMap::new();
        for class in declared.values() {
            let mut way = vec![class.name.clone()];
            let mut on_way: HashSet<String> = way.iter().cloned().collect();
            let mut levels = 0;
            while let Some(parent) = way.last().and_then(|name| self.parents.get(name)).cloned() {
                if let Some(above) = known.get(&parent) {
                    levels = above + 1;
                    break;
                }
                if !on_way.insert(parent.clone()) {
                    let message = format!("{} is its own ancestor", class.name);
                    said.push(Diagnostic::error(codes::EXTENDS, message).at(origin_of(class)));
                    if let Some(last) = way.last() {
                        self.parents.remove(last);
                    }
                    break;
                }
                way.push(parent);
            }
            for name in way.iter().rev() {
                if levels >= MAX_LEVELS {
                    self.parents.remove(name);
                    let message = format!("{name} has more than {MAX_LEVELS} ancestors");
                    let origin = declared.get(name).map(origin_of).unwrap_or_default();
                    said.push(Diagnostic::error(codes::TOO_MANY_CLASSES, message).at(origin));
                    levels = 0;
                }
                known.insert(name.clone(), levels);
                levels += 1;
            }
        }
    }

    fn warn_of_childless(&self, declared: &IndexMap<String, Declared>, said: &mut Vec<Diagnostic>) {
        let with_children: HashSet<&str> = self.parents.values().map(String::as_str).collect();
        for class in declared.values() {
            if class.kind == Kind::MappedSuperclass && !with_children.contains(class.name.as_str())
            {
                said.push(
                    Diagnostic::warning(
                        codes::NO_CHILDREN,
                        format!("no class is known to extend {}", class.name),
                    )
                    .at(class.origin.clone())
                    .with_note("only the PHP code says which classes do; without it their tables lack its columns")
                    .with_help(format!(
                        "say it on each of them: <entity … extends=\"{}\">, or in a namespace of its own where the file is checked against Doctrine's schema",
                        class.name
                    )),
                );
            }
        }
    }
}

fn origin_of(class: &Declared) -> realign_model::Origin {
    class
        .extends
        .as_ref()
        .map_or_else(|| class.origin.clone(), |(_, origin)| origin.clone())
}

/// True when going up from `from` comes past `to`.
fn leads_to(parents: &HashMap<String, String>, from: &str, to: &str) -> bool {
    let mut at = from;
    // A circle in declared parents is reported elsewhere; here the walk has to end.
    for _ in 0..=MAX_LEVELS {
        if at == to {
            return true;
        }
        match parents.get(at) {
            Some(parent) => at = parent,
            None => return false,
        }
    }
    false
}
