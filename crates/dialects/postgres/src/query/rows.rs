//! Rows in sight: what they are called, and which column is whose.

use realign_model::Table;

use super::columns::{Source, figure};
use super::tree::{Alias, Expr, From};
use super::write::{Writer, list, shown};
use crate::types;

impl<'a> Writer<'a> {
    /// Every column of the rows in sight, or of some of them.
    pub(super) fn star(&self, path: &[String], from: &[From]) -> Option<Vec<(String, String)>> {
        let merges = |from: &From| matches!(from, From::Join { kind, using, .. } if !using.is_empty() || kind.starts_with("NATURAL"));
        if path.is_empty() && from.iter().any(|item| any(item, &merges)) {
            return None;
        }
        let scope = self.scopes.last()?;
        let is_meant = |source: &&Source<'_>| path.last().is_none_or(|name| *name == source.name);
        let meant: Vec<_> = scope.iter().filter(is_meant).collect();
        if !path.is_empty() && meant.len() != 1 {
            return None;
        }
        let mut found = Vec::new();
        for source in meant {
            for column in source.columns.as_ref()? {
                found.push((format!("{}.{}", source.id, shown(column)), column.clone()));
            }
        }
        Some(found)
    }

    /// The rows that a name stands for: the innermost of it, none when there are two of them.
    pub(super) fn rows(&self, name: &str) -> Option<&Source<'a>> {
        for scope in self.scopes.iter().rev() {
            let mut own = scope.iter().filter(|source| source.name == name);
            if let Some(source) = own.next() {
                return own.next().is_none().then_some(source);
            }
        }
        None
    }

    /// Rows written down, and put in sight.
    pub(super) fn from(&mut self, from: &From) -> Option<String> {
        match from {
            From::Relation {
                only,
                schema,
                name,
                alias,
            } => {
                let named = self.named.iter().rev().find(|(own, _)| own == name);
                let named = named.filter(|_| schema.is_none());
                // A table may have the name of a query of a WITH.
                let mark = if named.is_some() { "with " } else { "" };
                let (columns, table) = match named {
                    Some((_, columns)) => (columns.clone(), None),
                    None => self.columns_of(schema.as_deref(), name),
                };
                let schema = schema.as_deref().filter(|schema| *schema != self.usual);
                let full = schema.map_or_else(
                    || shown(name),
                    |schema| format!("{}.{}", shown(schema), shown(name)),
                );
                let own = alias.name.clone().unwrap_or_else(|| name.clone());
                let id = self.push(own, columns, alias, table);
                let only = if *only { "only " } else { "" };
                Some(format!("{only}{mark}{full} {id}"))
            }
            From::Query {
                lateral,
                query,
                alias,
            } => {
                // Without LATERAL it does not see what stands beside it.
                let hidden = if *lateral { None } else { self.scopes.pop() };
                let written = self.query(query, &alias.columns);
                self.scopes.extend(hidden);
                let (text, outputs) = written?;
                let id = self.push(alias.name.clone()?, outputs, &Alias::default(), None);
                let lateral = if *lateral { "lateral " } else { "" };
                Some(format!("{lateral}({text}) {id}"))
            }
            From::Function {
                call,
                ordinality,
                alias,
            } => {
                let text = self.expr(call)?;
                let own = alias.name.clone().unwrap_or_else(|| figure(call).0);
                // One name for its one column, or nobody knows how many there are.
                let columns = match alias.columns.as_slice() {
                    [] => None,
                    some => Some(some.to_vec()),
                };
                let id = self.push(own, columns, &Alias::default(), None);
                let ordinality = if *ordinality { " ordinality" } else { "" };
                Some(format!("{text}{ordinality} {id}({})", list(&alias.columns)))
            }
            From::Join {
                kind,
                left,
                right,
                on,
                using,
            } => {
                let left = self.from(left)?;
                let right = self.from(right)?;
                let on = match on {
                    Some(on) => self.expr(on)?,
                    None => String::new(),
                };
                Some(format!(
                    "({left} {kind} {right} on {on} using {})",
                    list(using)
                ))
            }
        }
    }

    /// Puts rows in sight, under a name by their place.
    pub(super) fn push(
        &mut self,
        name: String,
        columns: Option<Vec<String>>,
        alias: &Alias,
        table: Option<&'a Table>,
    ) -> String {
        self.count += 1;
        let id = format!("r{}", self.count);
        let mut columns = columns;
        if let Some(columns) = &mut columns {
            for (column, new) in columns.iter_mut().zip(&alias.columns) {
                column.clone_from(new);
            }
        }
        let source = Source {
            name,
            id: id.clone(),
            columns,
            // Columns under other names are not found in the table.
            table: table.filter(|_| alias.columns.is_empty()),
        };
        if let Some(scope) = self.scopes.last_mut() {
            scope.push(source);
        }
        id
    }

    /// The columns of a table or a view.
    pub(super) fn columns_of(
        &self,
        schema: Option<&str>,
        name: &str,
    ) -> (Option<Vec<String>>, Option<&'a Table>) {
        let is = |own: &realign_model::ObjectName| {
            super::columns::is_named(own, schema, name, self.usual)
        };
        if let Some(table) = self.db.tables.iter().find(|t| is(&t.name)) {
            let columns = table.columns.iter();
            let columns = columns
                .map(|c| crate::render::catalog_name(&c.name))
                .collect();
            return (Some(columns), Some(table));
        }
        let Some(view) = self.db.views.iter().find(|v| is(&v.name)) else {
            return (None, None);
        };
        // What a view gives is told by its own query; one that looks at itself tells nothing.
        let outputs = super::read::read(view.query.as_str()).and_then(|query| {
            let columns: Vec<String> = view
                .columns
                .iter()
                .map(crate::render::catalog_name)
                .collect();
            super::columns::outputs(&query, &columns)
        });
        (outputs, None)
    }

    /// A column under the rows that it belongs to.
    pub(super) fn column(&self, path: &[String]) -> Option<String> {
        let column = match path {
            [column] => column,
            [owner, column] => {
                return Some(format!("{}.{}", self.rows(owner)?.id, shown(column)));
            }
            [_, owner, column] => {
                // A schema before it could mean rows further out.
                let mut all = self.scopes.iter().flatten();
                let alike = all.by_ref().filter(|source| source.name == *owner).count();
                let rows = self.rows(owner).filter(|_| alike == 1)?;
                return Some(format!("{}.{}", rows.id, shown(column)));
            }
            _ => return None,
        };
        for (depth, scope) in self.scopes.iter().enumerate().rev() {
            let has =
                |source: &&Source<'_>| source.columns.as_ref().is_some_and(|c| c.contains(column));
            let known: Vec<_> = scope.iter().filter(has).collect();
            let open: Vec<_> = scope.iter().filter(|s| s.columns.is_none()).collect();
            match (known.as_slice(), open.as_slice()) {
                ([one], []) => return Some(format!("{}.{}", one.id, shown(column))),
                ([], []) => {}
                // There is nowhere else that it could come from, but for the rows as a whole.
                ([], [one]) if depth == 0 && scope.len() == 1 && self.rows(column).is_none() => {
                    return Some(format!("{}.{}", one.id, shown(column)));
                }
                _ => return None,
            }
        }
        // No column anywhere: whole rows.
        Some(format!("{}.*", self.rows(column)?.id))
    }

    /// The type of a column of a table, as far as it is known.
    pub(super) fn type_of(&self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::Column(path) => {
                let resolved = self.column(path)?;
                let (id, column) = resolved.split_once('.')?;
                let mut sources = self.scopes.iter().flatten();
                let table = sources.find(|source| source.id == id)?.table?;
                let column = table.columns.iter().find(|c| c.name.text == column)?;
                let bare = crate::parse::without_length(&column.data_type);
                Some(types::render(&types::normal(&bare)).to_lowercase())
            }
            Expr::Cast(_, name) => Some(name.clone()),
            _ => None,
        }
    }

    /// True for a column of text.
    pub(super) fn is_string(&self, expr: &Expr) -> bool {
        matches!(self.type_of(expr).as_deref(), Some("text" | "varchar"))
    }
}

/// True when this holds of a FROM or of a join in it.
fn any(from: &From, of: &dyn Fn(&From) -> bool) -> bool {
    of(from) || matches!(from, From::Join { left, right, .. } if any(left, of) || any(right, of))
}
