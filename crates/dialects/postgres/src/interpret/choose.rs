//! The names that the server chooses.

use std::collections::HashSet;

use realign_model::{Ident, IndexPart, IndexTarget, ObjectName, Table};

use super::stage::Stage;
use crate::lexer::{TokenKind, tokens};
use crate::parse::{NAME_BYTES, clip, fold};
use crate::render::{catalog_name, live_ident};

/// Names in use.
#[derive(Debug, Default)]
pub(super) struct Names {
    relations: HashSet<String>,
    constraints: HashSet<String>,
}

impl Stage {
    /// Gathers the names in use, before a table is taken out of its place.
    pub(super) fn gather_names(&mut self) {
        self.names();
    }

    /// Whether a relation may be called so, in the form that all spellings share.
    pub(super) fn is_relation_name(&mut self, key: &str) -> bool {
        self.names().relations.contains(key)
    }

    fn names(&mut self) -> &mut Names {
        if self.names.is_none() {
            let mut names = Names::default();
            let db = &self.db;
            names
                .relations
                .extend(db.sequences.iter().map(|s| self.key(&s.name)));
            names
                .relations
                .extend(db.views.iter().map(|v| self.key(&v.name)));
            for table in &db.tables {
                self.add_names(&mut names, table);
            }
            self.names = Some(names);
        }
        self.names.get_or_insert_with(Names::default)
    }

    fn add_names(&self, names: &mut Names, table: &Table) {
        names.relations.insert(self.key(&table.name));
        let full = |name: &Ident| self.key(&Self::beside(&table.name, &catalog_name(name)));
        for name in table.indexes.iter().filter_map(|i| i.name.as_ref()) {
            names.relations.insert(full(name));
        }
        let primary = table.primary_key.iter().filter_map(|k| k.name.as_ref());
        for name in primary {
            names.relations.insert(full(name));
            names.constraints.insert(full(name));
        }
        let keys = table.foreign_keys.iter().filter_map(|k| k.name.as_ref());
        let checks = table.checks.iter().filter_map(|c| c.name.as_ref());
        for name in keys.chain(checks) {
            names.constraints.insert(full(name));
        }
    }

    /// Remembers the names of a new table.
    pub(super) fn note_names(&mut self, table: &Table) {
        if let Some(mut names) = self.names.take() {
            self.add_names(&mut names, table);
            self.names = Some(names);
        }
    }

    /// Remembers a name of a relation.
    pub(super) fn note_relation(&mut self, key: String) {
        if let Some(names) = &mut self.names {
            names.relations.insert(key);
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
        let mut pass = 0_u32;
        loop {
            let label = match pass {
                0 => label.to_owned(),
                n => format!("{label}{n}"),
            };
            let name = put_together(first, middle, &label);
            let key = self.key(&Self::beside(table, &name));
            let names = self.names();
            let taken = (is_relation && names.relations.contains(&key))
                || (is_constraint && names.constraints.contains(&key));
            if !taken {
                if is_relation {
                    names.relations.insert(key.clone());
                }
                if is_constraint {
                    names.constraints.insert(key);
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
