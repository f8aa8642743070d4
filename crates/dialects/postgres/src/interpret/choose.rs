//! The names that the server chooses.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use realign_model::{Ident, IndexPart, IndexTarget, ObjectName, Table};

use super::stage::Stage;
use crate::lexer::{TokenKind, tokens};
use crate::parse::{NAME_BYTES, clip, fold};
use crate::render::{catalog_name, live_ident};

/// What has the name of a relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Holder {
    /// A table, a view, a sequence, or an index of a view.
    Other,
    /// An index of this table, or a name that was chosen for something of it.
    Of(Arc<str>),
}

/// Names in use.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Of relations; with that of an index stands its table.
    relations: HashMap<String, Holder>,
    /// Of constraints, with the tables that have one of that name: nearly always one.
    constraints: HashMap<String, (Arc<str>, Vec<Arc<str>>)>,
}

impl Names {
    fn add_constraint(&mut self, key: String, table: &Arc<str>) {
        match self.constraints.entry(key) {
            Entry::Vacant(place) => {
                place.insert((Arc::clone(table), Vec::new()));
            }
            Entry::Occupied(mut place) => {
                let (first, more) = place.get_mut();
                if first != table && !more.contains(table) {
                    more.push(Arc::clone(table));
                }
            }
        }
    }

    fn remove_constraint(&mut self, key: &str, table: &str) {
        let Some((first, more)) = self.constraints.get_mut(key) else {
            return;
        };
        if let Some(at) = more.iter().position(|other| **other == *table) {
            more.swap_remove(at);
        } else if **first == *table {
            match more.pop() {
                Some(other) => *first = other,
                None => {
                    self.constraints.remove(key);
                }
            }
        }
    }
}

impl Stage {
    /// Gathers the names in use, before a table is taken out of its place.
    pub(super) fn gather_names(&mut self) {
        self.names();
    }

    /// Whether a relation may be called so, in the form that all spellings share; and of which
    /// table it is an index.
    pub(super) fn held_name(&mut self, key: &str) -> Option<Holder> {
        self.names().relations.get(key).cloned()
    }

    fn names(&mut self) -> &mut Names {
        if self.names.is_none() {
            let mut names = Names::default();
            let db = &self.db;
            let sequences = db.sequences.iter().map(|s| self.key(&s.name));
            let views = db.views.iter().map(|v| self.key(&v.name));
            names
                .relations
                .extend(sequences.chain(views).map(|key| (key, Holder::Other)));
            for view in db.views.iter().filter(|view| view.materialized) {
                for (index, _) in crate::compare::view::indexes(view) {
                    let key = self.key(&Self::beside(&view.name, index.name_str()));
                    names.relations.insert(key, Holder::Other);
                }
            }
            for table in &db.tables {
                self.add_names(&mut names, table);
            }
            self.names = Some(names);
        }
        self.names.get_or_insert_with(Names::default)
    }

    fn add_names(&self, names: &mut Names, table: &Table) {
        let own = self.key(&table.name);
        let owner: Arc<str> = own.as_str().into();
        names.relations.insert(own, Holder::Other);
        let (indexes, constraints) = self.names_of(table);
        for key in indexes {
            names.relations.insert(key, Holder::Of(Arc::clone(&owner)));
        }
        for key in constraints {
            names.add_constraint(key, &owner);
        }
    }

    /// The names that a table brings along: of indexes, and of constraints.
    fn names_of(&self, table: &Table) -> (Vec<String>, Vec<String>) {
        let full = |name: &Ident| self.key(&Self::beside(&table.name, &catalog_name(name)));
        let primary = || table.primary_key.iter().filter_map(|k| k.name.as_ref());
        let indexes = table.indexes.iter().filter_map(|i| i.name.as_ref());
        let own = table.indexes.iter().filter(|i| i.constraint);
        let unique = own.filter_map(|i| i.name.as_ref());
        let keys = table.foreign_keys.iter().filter_map(|k| k.name.as_ref());
        let checks = table.checks.iter().filter_map(|c| c.name.as_ref());
        (
            indexes.chain(primary()).map(full).collect(),
            primary()
                .chain(unique)
                .chain(keys)
                .chain(checks)
                .map(full)
                .collect(),
        )
    }

    /// Remembers the names of a new table.
    pub(super) fn note_names(&mut self, table: &Table) {
        if let Some(mut names) = self.names.take() {
            self.add_names(&mut names, table);
            self.names = Some(names);
        }
    }

    /// Forgets the names of a table that goes or changes.
    pub(super) fn unnote_names(&mut self, table: &Table) {
        let Some(mut names) = self.names.take() else {
            return;
        };
        let own = self.key(&table.name);
        let (indexes, constraints) = self.names_of(table);
        for key in indexes {
            names.relations.remove(&key);
        }
        for key in constraints {
            names.remove_constraint(&key, &own);
        }
        names.relations.remove(&own);
        self.names = Some(names);
    }

    /// The same around a change of a table in its place.
    pub(super) fn unnote_names_at(&mut self, at: usize) {
        let table = std::mem::replace(&mut self.db.tables[at], Table::new(ObjectName::bare("")));
        self.unnote_names(&table);
        self.db.tables[at] = table;
    }

    /// The same afterwards.
    pub(super) fn note_names_at(&mut self, at: usize) {
        let table = std::mem::replace(&mut self.db.tables[at], Table::new(ObjectName::bare("")));
        self.note_names(&table);
        self.db.tables[at] = table;
    }

    /// Remembers a name of a relation, and the table of an index.
    pub(super) fn note_relation(&mut self, key: String, table: Option<&ObjectName>) {
        let holder = table.map_or(Holder::Other, |table| Holder::Of(self.key(table).into()));
        if let Some(names) = &mut self.names {
            names.relations.insert(key, holder);
        }
    }

    /// Forgets a name of a relation.
    pub(super) fn unnote_relation(&mut self, key: &str) {
        if let Some(names) = &mut self.names {
            names.relations.remove(key);
        }
    }

    /// A free name for an index, a sequence or a key: what the server would take.
    pub(super) fn choose_relation(
        &mut self,
        table: &ObjectName,
        table_name: &str,
        middle: Option<&str>,
        label: &str,
        is_constraint: bool,
    ) -> Ident {
        self.choose(table, table_name, middle, label, true, is_constraint)
    }

    /// A free name for a foreign key or a check.
    pub(super) fn choose_constraint(
        &mut self,
        table: &ObjectName,
        middle: Option<&str>,
        label: &str,
    ) -> Ident {
        let own = catalog_name(&table.name);
        self.choose(table, &own, middle, label, false, true)
    }

    fn choose(
        &mut self,
        table: &ObjectName,
        first: &str,
        middle: Option<&str>,
        label: &str,
        is_relation: bool,
        is_constraint: bool,
    ) -> Ident {
        let owner: Arc<str> = self.key(table).into();
        let mut pass = 0_u32;
        loop {
            let label = match pass {
                0 => label.to_owned(),
                n => format!("{label}{n}"),
            };
            let name = put_together(first, middle, &label);
            let key = self.key(&Self::beside(table, &name));
            let names = self.names();
            let taken = (is_relation && names.relations.contains_key(&key))
                || (is_constraint && names.constraints.contains_key(&key));
            if !taken {
                if is_relation {
                    names
                        .relations
                        .insert(key.clone(), Holder::Of(Arc::clone(&owner)));
                }
                if is_constraint {
                    names.add_constraint(key, &owner);
                }
                return live_ident(&name);
            }
            pass += 1;
        }
    }
}

/// `first_middle_label`, cut so that it fits: the longer of the first two gives way.
pub(crate) fn put_together(first: &str, middle: Option<&str>, label: &str) -> String {
    let overhead = label.len() + 1 + usize::from(middle.is_some());
    let room = NAME_BYTES.saturating_sub(overhead);
    let mut a = first.len();
    let mut b = middle.map_or(0, str::len);
    while a + b > room {
        if a > b {
            a -= 1;
        } else if b > 0 {
            b -= 1;
        } else {
            break;
        }
    }
    match middle {
        Some(middle) => format!("{}_{}_{label}", clip(first, a), clip(middle, b)),
        None => format!("{}_{label}", clip(first, a)),
    }
}

/// Names of columns with a line between, as far as a name can take them.
pub(super) fn joined<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let mut text = String::new();
    for name in names {
        if !text.is_empty() {
            text.push('_');
        }
        text.push_str(name);
        if text.len() > NAME_BYTES {
            break;
        }
    }
    clip(&text, NAME_BYTES).to_owned()
}

/// What the server calls the columns of an index when it has to name it.
pub(super) fn part_names(parts: &[IndexPart], include: &[Ident]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let own = parts.iter().map(|part| match &part.target {
        IndexTarget::Column(name) => catalog_name(name),
        IndexTarget::Expr(expr) => figure(expr.as_str()),
    });
    let all: Vec<String> = own.chain(include.iter().map(catalog_name)).collect();
    for name in all {
        let mut candidate = name.clone();
        let mut number = 1;
        while found.contains(&candidate) {
            let digits = number.to_string();
            candidate = format!("{}{digits}", clip(&name, NAME_BYTES - digits.len()));
            number += 1;
        }
        found.push(candidate);
    }
    found
}

/// The word by which the server calls an expression: its function, its column, or `expr`.
fn figure(text: &str) -> String {
    let all = tokens(text);
    let mut all = all.as_slice();
    // Parentheses around the whole, and a cast behind it, change nothing.
    while let [open, inner @ .., close] = all {
        if !open.is_symbol("(") || !close.is_symbol(")") || !closes_at_end(all) {
            break;
        }
        all = inner;
    }
    let is_name = |kind: &TokenKind| matches!(kind, TokenKind::Word | TokenKind::Quoted);
    let mut at = 0;
    while all.get(at + 1).is_some_and(|t| t.is_symbol("."))
        && all.get(at).is_some_and(|t| is_name(&t.kind))
    {
        at += 2;
    }
    let Some(first) = all.get(at).filter(|t| is_name(&t.kind)) else {
        return "expr".to_owned();
    };
    let name = match first.kind {
        TokenKind::Word => fold(&first.text),
        _ => first.text.to_string(),
    };
    let mut next = at + 1;
    if all.get(next).is_some_and(|t| t.is_symbol("(")) {
        let mut depth = 0_usize;
        while let Some(token) = all.get(next) {
            next += 1;
            if token.is_symbol("(") {
                depth += 1;
            } else if token.is_symbol(")") {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
        }
    }
    match all.get(next) {
        None => name,
        Some(token) if token.is_symbol("::") => name,
        Some(_) if name == "case" => name,
        Some(_) => "expr".to_owned(),
    }
}

fn closes_at_end(all: &[crate::lexer::Token<'_>]) -> bool {
    let mut depth = 0_usize;
    for (at, token) in all.iter().enumerate() {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at + 1 == all.len();
            }
        }
    }
    false
}

/// The one column of the table that an expression reads; none when it is not just one.
pub(super) fn only_column<'t>(table: &'t Table, text: &str) -> Option<&'t Ident> {
    let all = tokens(text);
    let mut found: Option<&Ident> = None;
    for (at, token) in all.iter().enumerate() {
        let name = match token.kind {
            TokenKind::Word => fold(&token.text),
            TokenKind::Quoted => token.text.to_string(),
            _ => continue,
        };
        let calls =
            token.kind == TokenKind::Word && all.get(at + 1).is_some_and(|t| t.is_symbol("("));
        let casts = at > 0 && all[at - 1].is_symbol("::");
        if calls || casts {
            continue;
        }
        let Some(column) = table
            .columns
            .iter()
            .find(|column| catalog_name(&column.name) == name)
        else {
            continue;
        };
        match found {
            Some(other) if other != &column.name => return None,
            _ => found = Some(&column.name),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{figure, put_together};

    #[test]
    fn long_names_give_way_to_one_another() {
        assert_eq!(put_together("t", Some("a"), "key"), "t_a_key");
        assert_eq!(put_together("t", None, "pkey"), "t_pkey");
        let long = "x".repeat(60);
        let name = put_together(&long, Some("column"), "fkey");
        assert_eq!(name.len(), 63);
        assert!(name.ends_with("_column_fkey"));
        let both = put_together(&long, Some(&"y".repeat(60)), "idx");
        assert_eq!(both.len(), 63);
        assert!(both.starts_with(&"x".repeat(29)) && both.contains(&"y".repeat(29)));
        assert_eq!(put_together("ééé", Some(&"y".repeat(60)), "idx").len(), 63);
    }

    #[test]
    fn an_expression_is_called_by_its_function() {
        assert_eq!(figure("lower(a)"), "lower");
        assert_eq!(figure("(lower((a)::text))"), "lower");
        assert_eq!(figure("a || b"), "expr");
        assert_eq!(figure("a::text"), "a");
        assert_eq!(figure("'x'"), "expr");
        assert_eq!(figure("s.f(a, g(b))"), "f");
    }
}
